package hosts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"minxi/generator/internal/publish"
)

// A disk is a file system that holds a site: this machine's, or one at the other
// end of a connection. Names are slash paths below the folder that the target
// names; "." is that folder. Every method may be called from several goroutines
// and stops early when its context ends.
//
// The error is fs.ErrNotExist where nothing has the name, or a part of the path is
// no folder.
type disk interface {
	// Size is that of a regular file. Everything else counts as nothing.
	Size(ctx context.Context, name string) (int64, error)

	// IsDir reports whether a folder has the name.
	IsDir(ctx context.Context, name string) (bool, error)

	// Open reads a regular file. Everything else counts as nothing.
	Open(ctx context.Context, name string) (io.ReadCloser, error)

	// Write makes a file of what body gives, which is size bytes or an error. What has
	// the name is replaced and never written into: it may be known by other names, too.
	// When it returns nil, the bytes are where a power cut leaves them, as far as the
	// disk can tell.
	Write(ctx context.Context, name string, size int64, body publish.Body) error

	// Mkdir makes one folder, and "." with all that it stands in. The error is
	// fs.ErrExist if it is there, and errNoFolder if something else is.
	Mkdir(ctx context.Context, name string) error

	// ReadDir lists what is directly in a folder.
	ReadDir(ctx context.Context, name string) ([]entry, error)

	// Rename moves a file or folder. A file takes the place of the one that is there.
	Rename(ctx context.Context, from, to string) error

	Remove(ctx context.Context, name string) error    // a file or link
	RemoveDir(ctx context.Context, name string) error // an empty folder
	Close() error
}

// A copier is a disk that makes a second file of one without the bytes coming here.
type copier interface {
	disk

	// Link gives a file a second name that is free, or copies it there. The error is
	// errors.ErrUnsupported where the disk cannot.
	Link(ctx context.Context, from, to string) error
}

// A linker is a disk that has links.
type linker interface {
	copier

	Symlink(ctx context.Context, target, name string) error
	Readlink(ctx context.Context, name string) (string, error) // errNoLink if it is none

	// Settle makes the renames in a folder last through a power cut, if it can.
	Settle(ctx context.Context, dir string)
}

// A stepper is a disk behind requests, of which it tells publish.Step itself.
type stepper interface {
	disk

	// Replaces reports whether Write leaves a name what it held until the new file is
	// whole, so that files are written under their own names.
	Replaces(ctx context.Context) (bool, error)
}

// A lostError says that the disk would have to be reached anew first.
type lostError struct{ error }

func (e *lostError) Unwrap() error { return e.error }

// An entry is a name in a folder. Links and the like are neither folder nor file.
type entry struct {
	name      string
	dir, file bool
}

var (
	// errNoFolder says that a file is where a folder is needed.
	errNoFolder = tell("该是文件夹的地方是一个文件", "a file is where a folder should be")

	// errNoLink says that what should be a link is none.
	errNoLink = errors.New("it is no link")
)

// tempSuffix ends the names of files that are not whole yet.
const tempSuffix = ".minxi-part"

// partName is the name beside a file under which it is written. It says which file
// and is short, however long that one's name is.
func partName(name string) string {
	dir, base := path.Split(name)
	sum := sha256.Sum256([]byte(base))
	return dir + hex.EncodeToString(sum[:8]) + tempSuffix
}

// A tree is the files of a site in one folder of a disk. A file is written beside
// its name and then renamed, so that the name never holds a part of it; or under its
// name, where the disk itself sees to that.
type tree struct {
	disk disk
	dir  string
}

func (t tree) at(name string) string { return path.Join(t.dir, name) }

// step is that of an operation of the disk.
func (t tree) step(ctx context.Context, op, on string) error {
	if _, tells := t.disk.(stepper); tells {
		return ctx.Err()
	}
	return publish.Step(ctx, op, on)
}

func (t tree) Stat(ctx context.Context, name string) (publish.Stat, error) {
	err := t.step(ctx, "stat", name)
	var n int64
	if err == nil {
		n, err = t.disk.Size(ctx, t.at(name))
	}
	return publish.Stat{Size: n}, failed("stat", name, err)
}

func (t tree) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	err := t.step(ctx, "read", name)
	var r io.ReadCloser
	if err == nil {
		r, err = t.disk.Open(ctx, t.at(name))
	}
	return r, failed("read", name, err)
}

// replaces reports whether files are written under their own names.
func (t tree) replaces(ctx context.Context) (bool, error) {
	if s, ok := t.disk.(stepper); ok {
		return s.Replaces(ctx)
	}
	return false, nil
}

func (t tree) Put(ctx context.Context, f publish.File, body publish.Body) error {
	part := partName(t.at(f.Path))
	whole, err := t.replaces(ctx)
	if err != nil {
		return failed("write", f.Path, err)
	}
	to := part
	if whole {
		to = t.at(f.Path)
	}
	err = t.inFolder(ctx, f.Path, func() error {
		if err := t.step(ctx, "write", f.Path); err != nil {
			return err
		}
		return t.disk.Write(ctx, to, f.Size, func() (io.ReadCloser, error) { return openFile(ctx, f, body) })
	})
	var lost *lostError
	switch {
	case whole:
		return t.noFile(ctx, "write", f.Path, err)
	case err == nil:
		return t.into(ctx, part, f.Path)
	case ctx.Err() == nil && !errors.As(err, &lost):
		_ = t.disk.Remove(ctx, part) // else it goes with the next Put or Delete
	}
	return failed("write", f.Path, err)
}

// copy makes a second file of one of the disk, if that can. Where a Write that is cut off
// leaves what a name held, a rename may not: there it is for new names only.
func (t tree) copy(ctx context.Context, from string, to publish.File) error {
	disk, copies := t.disk.(copier)
	if !copies {
		return errors.ErrUnsupported
	}
	part := partName(t.at(to.Path))
	if whole, err := t.replaces(ctx); err != nil {
		return failed("link", to.Path, err)
	} else if whole {
		if _, err := t.Stat(ctx, to.Path); !errors.Is(err, fs.ErrNotExist) {
			return cmp.Or(err, errors.ErrUnsupported)
		}
	}
	link := func() error {
		if err := t.step(ctx, "link", to.Path); err != nil {
			return err
		}
		return disk.Link(ctx, from, part)
	}
	err := t.inFolder(ctx, to.Path, link)
	if err != nil && ctx.Err() == nil && !errors.Is(err, fs.ErrNotExist) {
		// A process that was killed may have left the name behind.
		if err = t.remove(ctx, part); err == nil {
			err = link()
		}
	}
	if err == nil {
		err = t.into(ctx, part, to.Path)
	}
	if _, links := disk.(linker); links && err == nil {
		err = t.remove(ctx, part) // rename(2) does nothing if both are names of one file already
	}
	return failed("link", to.Path, err)
}

// inFolder does work, which makes something of that name, and makes the folders
// for it if it turns out that they are missing. Somebody who deletes may take them
// away again in between.
func (t tree) inFolder(ctx context.Context, name string, work func() error) error {
	err := work()
	for try := 0; try < 3 && errors.Is(err, fs.ErrNotExist); try++ {
		if err := t.mkdirAll(ctx, path.Dir(t.at(name))); err != nil {
			return err
		}
		err = work()
	}
	return err
}

// into renames a finished file to its name.
func (t tree) into(ctx context.Context, part, name string) error {
	err := t.step(ctx, "rename", name)
	if err == nil {
		err = t.disk.Rename(ctx, part, t.at(name))
	}
	return t.noFile(ctx, "rename", name, err)
}

// noFile is the error of an operation that was to make a file of that name.
func (t tree) noFile(ctx context.Context, op, name string, err error) error {
	if err == nil || ctx.Err() != nil {
		return failed(op, name, err)
	}
	if is, dirErr := t.disk.IsDir(ctx, t.at(name)); dirErr != nil || !is {
		return failed(op, name, err)
	}
	return publish.Final(tell("%[1]s 在主机上是文件夹，而这里应是文件：请先在主机上删掉它", "%[1]s is a folder on the host and should be a file: remove it there first", name))
}

func (t tree) mkdirAll(ctx context.Context, dir string) error {
	mkdir := func() error {
		err := t.step(ctx, "mkdir", dir)
		if err == nil {
			err = t.disk.Mkdir(ctx, dir)
		}
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	err := mkdir()
	if errors.Is(err, fs.ErrNotExist) && dir != "." {
		if err := t.mkdirAll(ctx, path.Dir(dir)); err != nil {
			return err
		}
		err = mkdir()
	}
	if errors.Is(err, errNoFolder) {
		return publish.Final(tell("%[1]s 在主机上是文件，而这里应是文件夹：请先在主机上删掉它", "%[1]s is a file on the host and should be a folder: remove it there first", dir))
	}
	return failed("mkdir", dir, err)
}

func (t tree) Delete(ctx context.Context, name string) error {
	for _, n := range []string{name, partName(name)} {
		if err := t.remove(ctx, t.at(n)); err != nil {
			// A folder is no file, and not what is to go.
			if is, dirErr := t.disk.IsDir(ctx, t.at(n)); dirErr != nil || !is {
				return failed("remove", n, err)
			}
		}
	}
	// Folders that became empty go, too; the first that is not empty stays.
	for dir := path.Dir(name); dir != "." && t.disk.RemoveDir(ctx, t.at(dir)) == nil; dir = path.Dir(dir) {
	}
	return nil
}

// remove removes a file of the disk, if there is one.
func (t tree) remove(ctx context.Context, name string) error {
	err := t.step(ctx, "remove", name)
	if err == nil {
		err = t.disk.Remove(ctx, name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (t tree) List(ctx context.Context, dir string) (names []string, err error) {
	var entries []entry
	if err = t.step(ctx, "list", dir); err == nil {
		entries, err = t.disk.ReadDir(ctx, t.at(dir))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if e.file && !strings.HasSuffix(e.name, tempSuffix) {
			names = append(names, path.Join(dir, e.name))
		}
	}
	return names, failed("list", dir, err)
}

// A flatHost shows every change at once: the files stand where readers get them.
type flatHost struct {
	tree
	traits publish.Traits
}

func newFlat(d disk, dir string, concurrency int) flatHost {
	return flatHost{tree{d, dir}, publish.Traits{Concurrency: concurrency, NameMax: publish.MostName}}
}

func (h flatHost) Traits() publish.Traits { return h.traits }
func (h flatHost) Close() error           { return h.disk.Close() }

// Copy makes a hard link where there are any: files are replaced and never written into.
func (h flatHost) Copy(ctx context.Context, from string, to publish.File) error {
	return h.copy(ctx, h.at(from), to)
}

// result is what work gives, done by do with a connection.
func result[C, T any](ctx context.Context, do func(context.Context, func(C) error) error, work func(C) (T, error)) (v T, err error) {
	err = do(ctx, func(c C) error {
		v, err = work(c)
		return err
	})
	return v, err
}

// failed says what failed and where, once, and that trying again cannot help where
// the right to do it is missing.
func failed(op, name string, err error) error {
	var said *opError
	if err == nil || errors.As(err, &said) {
		return err
	}
	err = &opError{op, name, err}
	if errors.Is(err, fs.ErrPermission) {
		err = publish.Final(err)
	}
	return err
}

type opError struct {
	op, name string
	err      error
}

func (e *opError) Error() string { return e.op + " " + e.name + ": " + e.err.Error() }
func (e *opError) Unwrap() error { return e.err }
