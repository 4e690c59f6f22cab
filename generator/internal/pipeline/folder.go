package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"

	"minxi/generator/internal/diag"
)

// marker stands in every folder that a build has made. A folder without it is
// somebody's own and is never replaced.
const (
	marker     = ".built-by-minxi"
	markerText = "每次构建都会整个替换这个文件夹，请不要把自己的东西放在这里。\n" +
		"Every build replaces this whole folder. Keep nothing of your own in it.\n"
)

// Folder is an Output on disk. Files go to a folder beside the target, which
// takes the target's place in one step when all of them are there. Until then,
// and whenever a build fails or is killed, the target stays as it was.
type Folder struct {
	target, stage, old string
	lock               *flock.Flock
	dirs               sync.Map // folders that exist in stage
}

// NewFolder prepares to replace target. It refuses a folder that holds
// something but was not made by a build, and a second build of the same target
// at the same time.
func NewFolder(target string) (*Folder, error) {
	target, err := filepath.Abs(target)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(target); err == nil {
		target = real
	}
	dir, base := filepath.Split(target)
	f := &Folder{
		target: target,
		stage:  filepath.Join(dir, "."+base+".stage"),
		old:    filepath.Join(dir, "."+base+".old"),
		lock:   flock.New(filepath.Join(dir, "."+base+".lock")),
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	got, err := f.lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !got {
		return nil, diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(target)}, Check: "output",
			Fact: diag.Text("另一个构建正在写这个文件夹", "another build is writing this folder"),
			Hint: diag.Text("等它结束再试，或用 --out 写到别处。", "Wait for it, or write somewhere else with --out.")}
	}
	if err := f.prepare(); err != nil {
		f.Abort()
		return nil, err
	}
	return f, nil
}

// prepare clears what a killed build has left and looks at the target.
func (f *Folder) prepare() error {
	if _, err := os.Lstat(f.target); errors.Is(err, fs.ErrNotExist) {
		// Killed between two renames, where the system has no exchange.
		if _, err := os.Lstat(f.old); err == nil {
			if err := os.Rename(f.old, f.target); err != nil {
				return err
			}
		}
	}
	entries, err := os.ReadDir(f.target)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(filepath.Join(f.target, marker)); err != nil && len(entries) > 0 {
		return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(f.target)}, Check: "output",
			Fact: diag.Text("这个文件夹里有别的东西，没有动它", "this folder holds something that no build has made; it was left alone"),
			Hint: diag.Text("换一个 --out，或自己清空它。", "Choose another --out, or empty it yourself.")}
	}
	if err := errors.Join(os.RemoveAll(f.stage), os.RemoveAll(f.old)); err != nil {
		return err
	}
	if err := os.Mkdir(f.stage, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.stage, marker), []byte(markerText), 0o644)
}

// Write puts one file into the unfinished tree.
func (f *Folder) Write(name string, data []byte) error {
	if !fs.ValidPath(name) {
		return fmt.Errorf("%q is not a path of the site", name)
	}
	file := filepath.Join(f.stage, filepath.FromSlash(name))
	dir := filepath.Dir(file)
	if _, made := f.dirs.Load(dir); !made {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		f.dirs.Store(dir, true)
	}
	return os.WriteFile(file, data, 0o644)
}

// Commit puts the finished tree in the target's place.
func (f *Folder) Commit() error {
	defer f.lock.Unlock()
	if _, err := os.Lstat(f.target); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(f.stage, f.target)
	}
	if err := exchange(f.stage, f.target); err == nil {
		return os.RemoveAll(f.stage) // now the tree before this one
	}
	// A reader may meet a missing folder between these two steps; a build killed
	// there is put right by the next one.
	if err := os.Rename(f.target, f.old); err != nil {
		return err
	}
	if err := os.Rename(f.stage, f.target); err != nil {
		return errors.Join(err, os.Rename(f.old, f.target))
	}
	return os.RemoveAll(f.old)
}

// Abort throws the unfinished tree away.
func (f *Folder) Abort() {
	os.RemoveAll(f.stage)
	f.lock.Unlock()
}

// Built reports whether a folder was made by a build.
func Built(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, marker))
	return err == nil && info.Mode().IsRegular()
}
