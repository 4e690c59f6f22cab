// Package held renames and removes what another program may hold open.
//
// On Windows a file that a program reads cannot be replaced, nor can a folder with such
// a file in it: a virus scanner, a search index, an editor or an Explorer window is
// enough. Mostly they let go within moments, so that it is tried again for a while.
// What is still held after that is told with the file and, as far as Windows knows,
// with the program. Elsewhere nothing is ever held, and this is package os.
package held

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"minxi/generator/internal/diag"
)

// How long it is tried again, and how long it waits at first.
const (
	patience = 5 * time.Second
	first    = 10 * time.Millisecond
)

// Rename is os.Rename that waits for whoever holds one of the two. If it is still held,
// the error is a [diag.Diagnostic] that names the file and the program.
func Rename(from, to string) error {
	return explain(again(patience, func() error { return os.Rename(from, to) }), from, to)
}

// RemoveAll is os.RemoveAll that waits in the same way.
func RemoveAll(name string) error {
	return explain(again(patience, func() error {
		err := os.RemoveAll(name)
		if errors.Is(err, unable) {
			return oneByOne(name)
		}
		return err
	}), name)
}

// oneByOne removes a tree by the names of its files, which every system can; the way of
// os.RemoveAll some network drives cannot, nor Wine 8.
func oneByOne(name string) error {
	var names []string
	err := filepath.WalkDir(name, func(file string, _ fs.DirEntry, err error) error {
		names = append(names, file)
		return err
	})
	for i := len(names) - 1; i >= 0 && err == nil; i-- {
		err = os.Remove(names[i])
	}
	return err
}

// again does work until it does not fail because something is held, or the time is up.
func again(limit time.Duration, work func() error) error {
	wait := first
	for start := time.Now(); ; wait = min(2*wait, time.Second/2) {
		err := work()
		if err == nil || !isHeld(err) || time.Since(start)+wait > limit {
			return err
		}
		time.Sleep(wait)
	}
}

// explain says which file is held, and by which programs.
func explain(err error, names ...string) error {
	if err == nil || !isHeld(err) {
		return err
	}
	for _, name := range names {
		file := holding(name)
		if file == "" {
			continue
		}
		programs := strings.Join(holders(file), ", ")
		d := diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(file)}, Check: "held",
			Fact: diag.Text("另一个程序正开着这个文件", "another program has this file open"),
			Hint: diag.Text("请关掉打开它的程序（编辑器、Word、资源管理器的预览），再运行一次。", "Close the program that has it open (an editor, Word, Explorer's preview), and run the command again.")}
		if programs != "" {
			d.Fact = diag.Text("%s 正开着这个文件", "%s has this file open", programs)
			d.Hint = diag.Text("请关掉它，再运行一次。", "Close it, and run the command again.")
		}
		return d
	}
	return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(names[len(names)-1])}, Check: "held",
		Fact: diag.Text("另一个程序正用着这个文件夹", "another program is using this folder"),
		Hint: diag.Text("请关掉停在这里的资源管理器窗口或命令行窗口，再运行一次。", "Close Explorer windows and terminals that stand in it, and run the command again.")}
}

// holding finds the first file at or below name that somebody holds, or "".
func holding(name string) (found string) {
	_ = filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // what cannot be looked at is not the one to be named
		}
		if isHeld(tryAlone(file)) {
			found = file
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// isHeld reports whether an error says that a file or folder is in use.
func isHeld(err error) bool {
	for _, code := range inUse {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}
