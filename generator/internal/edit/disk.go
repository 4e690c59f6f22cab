package edit

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"time"

	"minxi/generator/internal/diag"
)

// disk is the project folder, as far as it is needed here. Names are slash paths below
// it; no name leads out of it, through a link neither.
type disk interface {
	ReadFile(name string) ([]byte, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	Lstat(name string) (fs.FileInfo, error)
	MkdirAll(name string, mode fs.FileMode) error
	// Create writes a file that must not be there yet, and waits until it is on the disk.
	Create(name string, data []byte, mode fs.FileMode) error
	// Append writes at the end of a file, in one piece, and waits until it is on the disk.
	Append(name string, data []byte) error
	Rename(from, to string) error
	Remove(name string) error
	Close() error
}

// folder is a disk.
type folder struct{ *os.Root }

func (f folder) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.FS(), name) }

func (f folder) Create(name string, data []byte, mode fs.FileMode) error {
	return f.put(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, data, mode)
}

func (f folder) Append(name string, data []byte) error {
	return f.put(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, data, 0o644)
}

func (f folder) put(name string, flag int, data []byte, mode fs.FileMode) error {
	file, err := f.OpenFile(filepath.FromSlash(name), flag, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil && flag&os.O_EXCL != 0 && runtime.GOOS != "windows" {
		err = file.Chmod(mode) // whatever the umask
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// Rename is done when it is on the disk, where the system can say so.
func (f folder) Rename(from, to string) error {
	if err := f.Root.Rename(from, to); err != nil || runtime.GOOS == "windows" {
		return err
	}
	if parent, err := f.Open(path.Dir(to)); err == nil {
		_ = parent.Sync() // some network folders cannot
		_ = parent.Close()
	}
	return nil
}

// Remove also removes where the system does not know the way in which Go removes files
// below a folder, as some network folders do not on Windows.
func (f folder) Remove(name string) error {
	err := f.Root.Remove(name)
	if err == nil || runtime.GOOS != "windows" || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, inside := f.Stat(path.Dir(name)); inside != nil {
		return err
	}
	return os.Remove(filepath.Join(f.Name(), filepath.FromSlash(name)))
}

// largest is the size of a file that is read as a text.
const largest = 64 << 20

// read reads a file that is a file: a link is refused, since a file put in its place
// would leave what it leads to as it was.
func read(d disk, name string) ([]byte, error) {
	info, err := d.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > largest {
		return nil, diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "edit",
			Fact: diag.Text("这不是普通文件，不能在这里修改", "this is no ordinary file and cannot be changed here"),
			Hint: diag.Text("链接请换成它所指的文件本身。", "Put the file itself in the place of a link.")}
	}
	return d.ReadFile(name)
}

// patience is how long a file is tried again that another program holds open: virus
// scanners, synchronizers and Word do, on Windows.
var patience = []time.Duration{20, 50, 100, 200, 400, 800, 1200}

// Files that are to take the place of others are called .edit-….tmp until then.
const tmpPrefix, tmpSuffix = ".edit-", ".tmp"

// replace puts data in the place of a file, in one step. Killed in between, the old file
// is there. A file is left beside it then, whose name begins with a dot, as content
// never does.
func replace(d disk, name string, data []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := d.Lstat(name); err == nil {
		mode = info.Mode().Perm()
	} else if err := d.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	tmp := fmt.Sprintf("%s/%s%x%s", path.Dir(name), tmpPrefix, id, tmpSuffix)
	if err := d.Create(tmp, data, mode); err != nil {
		_ = d.Remove(tmp)
		return named(err, name)
	}
	err := d.Rename(tmp, name)
	for _, wait := range patience {
		if err == nil || !busy(err) {
			break
		}
		time.Sleep(wait * time.Millisecond)
		err = d.Rename(tmp, name)
	}
	if err == nil {
		return nil
	}
	_ = d.Remove(tmp)
	if busy(err) {
		return diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "edit",
			Fact: diag.Text("另一个程序占用着这个文件，写不进去", "another program holds this file open, and it cannot be replaced"),
			Hint: diag.Text("请在 Word、WPS、Excel 或其他编辑器里关闭它，再保存一次。", "Close it in Word, WPS, Excel or another editor, and save again.")}
	}
	return named(err, name)
}

// named is an error about the file that people know, not the one beside it.
func named(err error, name string) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return &fs.PathError{Op: p.Op, Path: name, Err: p.Err}
	case errors.As(err, &l):
		return &fs.PathError{Op: l.Op, Path: name, Err: l.Err}
	}
	return err
}
