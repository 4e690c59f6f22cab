package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// needed finds a program, or skips the test, except where everything must hold.
func needed(t *testing.T, name, debian string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed; CI needs the package %s", name, debian)
		}
		t.Skipf("%s is not installed (package %s)", name, debian)
	}
}

// TestPackageMembers looks into the zip of every platform.
func TestPackageMembers(t *testing.T) {
	project, err := projectMembers(fstest.MapFS{
		"hugo.toml": {Data: []byte("x")}, "content/a.md": {Data: []byte("甲")}, "content/.DS_Store": {}, "content/~$a.docx": {},
		"content/.git/config": {}, "public/index.html": {}, ".git/config": {}, "docs/guide.md": {Data: []byte("g")},
		"static/images/a.png": {Data: []byte("p")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range platforms {
		data, err := packageOf(p, []byte("program"), project)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := packageOf(p, []byte("program"), project); !bytes.Equal(data, again) {
			t.Errorf("%s: not the same bytes", p.name())
		}
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		top := "minxi-" + p.os + "-" + p.arch + "/"
		var names []string
		for _, f := range z.File {
			name, ok := strings.CutPrefix(f.Name, top)
			if !ok {
				t.Errorf("%s stands beside the folder", f.Name)
			}
			names = append(names, name)
			const utf8Names = 0x800 // APPNOTE 4.4.4, bit 11
			if strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f }) && f.Flags&utf8Names == 0 {
				t.Errorf("%s: the name does not say that it is UTF-8", f.Name)
			}
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			runs := name == p.program || strings.HasSuffix(name, ".sh") || strings.HasSuffix(name, ".command") || strings.HasSuffix(name, ".desktop")
			if got := f.Mode().Perm()&0o111 != 0; got != runs && p.os != "windows" {
				t.Errorf("%s: can be run: %v", f.Name, got)
			}
			switch filepath.Ext(name) {
			case ".cmd":
				if bytes.Count(body, []byte("\r\n")) != bytes.Count(body, []byte("\n")) || bytes.ContainsFunc(body, func(r rune) bool { return r > 0x7f }) {
					t.Errorf("%s: not ASCII with CRLF", f.Name)
				}
			case ".sh", ".command":
				cmd := exec.Command("sh", "-n")
				cmd.Stdin = bytes.NewReader(body)
				if said, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s: %v %s", f.Name, err, said)
				}
			}
		}
		want := append([]string{"先读我 README.txt", p.program, "project/content/a.md", "project/docs/guide.md", "project/hugo.toml", "project/static/images/a.png"}, startNames(p)...)
		slices.Sort(want)
		slices.Sort(names)
		if !slices.Equal(names, want) {
			t.Errorf("%s: %q, want %q", p.name(), names, want)
		}
	}
	if _, err := projectMembers(fstest.MapFS{"content/link.md": {Mode: os.ModeSymlink}}); len(diag.From(err)) != 1 || diag.From(err)[0].File != "content/link.md" {
		t.Errorf("a link: %v", err)
	}
}

func startNames(p platform) (names []string) {
	for _, m := range p.start {
		names = append(names, m.name)
	}
	return names
}

// TestDesktopFile lets freedesktop.org's own program judge the file to be clicked.
func TestDesktopFile(t *testing.T) {
	needed(t, "desktop-file-validate", "desktop-file-utils")
	name := filepath.Join(t.TempDir(), "open.desktop")
	if err := os.WriteFile(name, []byte(startLinux[1].data), 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("desktop-file-validate", name).CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
}

// unpack makes the package of a platform and unpacks it, in a folder whose name is as
// hard as people's are.
func unpack(t *testing.T, name string) string {
	t.Helper()
	needed(t, "unzip", "unzip")
	dir := filepath.Join(t.TempDir(), "张三的 文件 & (1)")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	a := &app{lang: plan.EN, quiet: true, out: io.Discard, err: os.Stderr}
	wanted, err := a.wantedPlatforms([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.makePackages("..", dir, "", wanted); err != nil {
		t.Fatal(err)
	}
	p := wanted[0]
	file := filepath.Join(dir, "minxi-"+p.os+"-"+p.arch+".zip")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(file + ".sha256")
	if want := fmt.Sprintf("%x  %s\n", sha256.Sum256(data), filepath.Base(file)); err != nil || string(sum) != want {
		t.Errorf("beside it stands %q, %v; want %q", sum, err, want)
	}
	if said, err := exec.Command("unzip", "-q", file, "-d", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	dir = strings.TrimSuffix(file, ".zip")
	info, err := os.Stat(filepath.Join(dir, p.program))
	if err != nil {
		t.Fatal(err)
	}
	const mostProgram, mostZip = 85e6, 30e6 // what a package promises, in bytes
	if info.Size() >= mostProgram || len(data) >= mostZip {
		t.Errorf("%s: the program has %d bytes, the zip %d", name, info.Size(), len(data))
	}
	return dir
}

// builtAlone builds the site of an unpacked package without a network and sums its files.
func builtAlone(t *testing.T, project string, command ...string) string {
	t.Helper()
	cmd := exec.Command(command[0], append(command[1:], "build", "--no-cache", "--lang", "en")...)
	cmd.Dir = project
	cmd.Env = append(os.Environ(), "HTTPS_PROXY=http://127.0.0.1:1", "HTTP_PROXY=http://127.0.0.1:1", "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return treeSum(filepath.Join(project, "public"))
}

// TestPackage is what somebody does who has got the zip for this computer.
func TestPackage(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := unpack(t, runtime.GOOS+"/"+runtime.GOARCH)
	project := filepath.Join(dir, "project")
	program := filepath.Join(dir, "generator")
	here := builtAlone(t, project, program)

	// A package made there, without Go, is of the program that runs, and no other.
	cmd := exec.Command(program, "package", "--out", "dist", "--lang", "en")
	cmd.Dir, cmd.Env = project, []string{"HOME=" + t.TempDir()}
	if said, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(said, []byte("wrote dist/minxi-")) {
		t.Errorf("%v\n%s", err, said)
	}
	cmd = exec.Command(program, "package", "all", "--out", "dist2", "--lang", "en")
	cmd.Dir, cmd.Env = project, []string{"HOME=" + t.TempDir()}
	if said, err := cmd.CombinedOutput(); err == nil || !bytes.Contains(said, []byte("without Go and the source")) {
		t.Errorf("%v\n%s", err, said)
	}

	if runtime.GOOS == "linux" {
		doubleClick(t, dir)
	}
	underWine(t, here)
}

// doubleClick runs what a double click runs, with a browser that notes where it is sent.
func doubleClick(t *testing.T, dir string) {
	t.Helper()
	bin, home := t.TempDir(), t.TempDir()
	opened := filepath.Join(bin, "opened")
	script := "#!/bin/sh\nprintf %s \"$1\" >'" + opened + ".part'\nmv '" + opened + ".part' '" + opened + "'\n"
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", filepath.Join(dir, "open-editor.sh"))
	cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + home, "LANG=zh_CN.UTF-8"}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	stop := endsAlone(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stop(); _ = cmd.Wait() }()
	for start := time.Now(); time.Since(start) < 3*time.Minute; time.Sleep(100 * time.Millisecond) {
		address, err := os.ReadFile(opened)
		if err != nil {
			continue
		}
		if !strings.HasPrefix(string(address), "http://127.0.0.1:") {
			t.Errorf("opened %q", address)
		}
		return
	}
	t.Errorf("no browser was opened\n%s", said.String())
}

// primitives is a library that Windows has and Debian's Wine 8 has not, and that every Go
// program needs: it leads on to the function of the same kind that Wine has.
const primitives = "LIBRARY bcryptprimitives.dll\nEXPORTS\nProcessPrng = ADVAPI32.SystemFunction036\n"

// underWine builds the site with the Windows program and wants the same bytes.
func underWine(t *testing.T, want string) {
	t.Helper()
	needed(t, "wine", "wine64 wine")
	needed(t, "x86_64-w64-mingw32-dlltool", "binutils-mingw-w64-x86-64")
	prefix := t.TempDir()
	t.Setenv("WINEPREFIX", prefix)
	t.Setenv("WINEDEBUG", "-all")
	t.Setenv("WINEDLLOVERRIDES", "mscoree,mshtml=")
	defer func() { _ = exec.Command("wineserver", "-k").Run() }()
	if said, err := exec.Command("wine", "wineboot", "--init").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	def := filepath.Join(prefix, "primitives.def")
	if err := os.WriteFile(def, []byte(primitives), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"x86_64-w64-mingw32-dlltool", "-d", def, "--output-exp", def + ".exp"},
		{"x86_64-w64-mingw32-ld", "-shared", "-e", "0", def + ".exp", "-o", filepath.Join(prefix, "drive_c/windows/system32/bcryptprimitives.dll")},
	} {
		if said, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
	}
	dir := unpack(t, "windows/amd64")
	project, program := filepath.Join(dir, "project"), filepath.Join(dir, "generator.exe")
	if got := builtAlone(t, project, "wine", program); got != want {
		t.Errorf("Windows builds another site: %s, not %s", got, want)
	}
	// A second build replaces the folder of the first.
	if got := builtAlone(t, project, "wine", program); got != want {
		t.Errorf("the second time Windows builds another site: %s, not %s", got, want)
	}
}
