package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullAndReadOnlyDisks gives commands a disk that fills up, and one that can only
// be read: each says so with the file, in both languages, and what was there stays.
func TestFullAndReadOnlyDisks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "project")
	if err := copyProject(dir); err != nil {
		t.Fatal(err)
	}
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=300k"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("a small disk cannot be mounted: %v", err)
		}
		t.Skip(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	t.Chdir(dir)
	keep := filepath.Join(disk, "keep")
	if err := os.WriteFile(keep, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	try := func(want, hint string, args ...string) {
		t.Helper()
		var out, errw bytes.Buffer
		if status := run(args, &out, &errw); status != 1 {
			t.Errorf("%v: status %d: %s", args, status, &errw)
		}
		if s := errw.String(); !strings.Contains(s, "disk/") || !strings.Contains(s, want) || !strings.Contains(s, hint) {
			t.Errorf("%v: no %q, %q in\n%s", args, want, hint, s)
		}
		if data, err := os.ReadFile(keep); err != nil || string(data) != "mine" {
			t.Errorf("%v: %q, %v", args, data, err)
		}
	}
	source := filepath.Join("seeds", "minxi-2022.txt")
	public, plan, po := filepath.Join(disk, "public"), filepath.Join(disk, "plan"), filepath.Join(disk, "export.xlf")
	try("the disk is full", "Make room", "--out", public, "--lang", "en")
	try("磁盘满了", "请腾出空间", "--out", public, "--lang", "zh")
	for _, name := range []string{public, filepath.Join(disk, ".public.stage"), filepath.Join(disk, ".public.lock")} {
		if _, err := os.Lstat(name); err == nil {
			t.Errorf("%s is left behind", name)
		}
	}
	if err := os.WriteFile(filepath.Join(disk, "fill"), make([]byte, 280_000), 0o644); err != nil {
		t.Fatal(err)
	}
	try("the disk is full", "Make room", "import", source, "--into", plan, "--lang", "en")
	try("the disk is full", "Make room", "translate", "export", po, "--lang", "en")

	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	try("can only be read", "Choose a folder", "--out", filepath.Join(disk, "new"), "--lang", "en")
	try("只读", "能写的文件夹", "import", source, "--into", filepath.Join(disk, "other"), "--lang", "zh")
	try("can only be read", "Choose a folder", "translate", "export", filepath.Join(disk, "other.xlf"), "--lang", "en")
}
