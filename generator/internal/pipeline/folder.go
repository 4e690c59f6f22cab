package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/held"
	"minxi/generator/internal/plan"
)

// marker stands in every folder that a build has made. A folder without it is
// somebody's own and is never replaced. After two lines for people it lists every
// file of the tree with its SHA-256, in the form of sha256sum.
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
	dirs               sync.Map                     // folders that exist in stage
	before             sums                         // what the target's marker lists
	mode               fs.FileMode                  // that the marker has, and every other file
	buffers            sync.Pool                    // of those who read
	spare              string                       // where the tree before may go, see spare.go
	worth              func(files, shared int) bool // whether it goes there

	mu     sync.Mutex
	there  map[string]had    // what the stage had when the build began
	now    sums              // of each file of the finished tree
	shared int               // how many of these the tree before has, too
	list   [sha256.Size]byte // SHA-256 of the marker that was written last
}

// regular is what is known of a file beside its bytes.
type regular struct {
	mode  fs.FileMode
	links int // how many names it has; 0 where that is not known
	id    fileID
}

// fileID tells a file from all others, whatever it is called: a device and a number on it.
type fileID [2]uint64

// sums are the SHA-256 of files by their names.
type sums map[string][sha256.Size]byte

// NewFolder prepares to replace target. It refuses a folder that holds
// something but was not made by a build, and a second build of the same target
// at the same time. A refusal leaves nothing behind.
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
		now:    sums{},
		worth:  worthSparing,
	}
	if err := f.replaceable(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := f.take(); err != nil {
		return nil, err
	}
	if err := f.prepare(); err != nil {
		f.Abort()
		return nil, err
	}
	if info, err := os.Lstat(filepath.Join(f.target, marker)); err == nil && info.Mode().IsRegular() {
		if list, err := os.ReadFile(filepath.Join(f.target, marker)); err == nil {
			f.before, f.mode = sumsIn(string(list)), info.Mode()
			f.now = make(sums, len(f.before))
		}
	}
	return f, nil
}

// take locks the target. The lock's file goes when the build ends, so whoever has
// locked a file that is gone by then tries again.
func (f *Folder) take() error {
	for {
		got, err := f.lock.TryLock()
		if err != nil {
			return err
		}
		if !got {
			return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(f.target)}, Check: "output",
				Fact: diag.Text("另一个构建正在写这个文件夹", "another build is writing this folder"),
				Hint: diag.Text("等它结束再试，或用 --out 写到别处。", "Wait for it, or write somewhere else with --out.")}
		}
		held, err := f.lock.Stat()
		there, statErr := os.Stat(f.lock.Path())
		if err != nil || statErr == nil && os.SameFile(held, there) {
			return err
		}
		if err := f.lock.Unlock(); err != nil {
			return err
		}
	}
}

// release removes the lock's file while it is still held; where the system does
// not remove open files, it stays, and does no harm.
func (f *Folder) release() error {
	os.Remove(f.lock.Path())
	return f.lock.Unlock()
}

// replaceable looks at the target, and changes nothing.
func (f *Folder) replaceable() error {
	entries, err := os.ReadDir(f.target)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Stat(filepath.Join(f.target, marker)); err != nil && len(entries) > 0 {
		return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(f.target)}, Check: "output",
			Fact: diag.Text("这个文件夹里有别的东西，没有动它", "this folder holds something that no build has made; it was left alone"),
			Hint: diag.Text("换一个 --out，或自己清空它。", "Choose another --out, or empty it yourself.")}
	}
	return nil
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
	if err := f.replaceable(); err != nil {
		return err
	}
	if err := errors.Join(held.RemoveAll(f.stage), held.RemoveAll(f.old)); err != nil {
		return err
	}
	return os.Mkdir(f.stage, 0o755)
}

// Write puts one file into the unfinished tree.
func (f *Folder) Write(name string, data []byte) error {
	if !fs.ValidPath(name) {
		return fmt.Errorf("%q is not a path of the site", name)
	}
	file, err := f.room(name)
	if err != nil {
		return err
	}
	f.note(name, sha256.Sum256(data), 0)
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // never a file that was taken over
	if err != nil {
		return err
	}
	_, err = out.Write(data)
	return errors.Join(err, out.Close())
}

// room is where a file of the unfinished tree goes, in a folder that is there.
func (f *Folder) room(name string) (string, error) {
	if err := f.replace(name); err != nil {
		return "", err
	}
	file := filepath.Join(f.stage, filepath.FromSlash(name))
	dir := filepath.Dir(file)
	if _, made := f.dirs.Load(dir); !made {
		if os.Mkdir(dir, 0o755) != nil { // its parent is mostly there; this asks for less
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return "", err
			}
		}
		f.dirs.Store(dir, true)
	}
	return file, nil
}

func (f *Folder) note(name string, sum [sha256.Size]byte, shared int) {
	f.mu.Lock()
	f.now[name] = sum
	f.shared += shared
	f.mu.Unlock()
}

// Keep takes a file over from the tree that stands in the target, if it is there
// with these bytes and nobody else has it under a name of his own. The two trees share
// it until the old one goes; nothing in either is opened to be written.
func (f *Folder) Keep(name string, sum [sha256.Size]byte) (size int64, ok bool) {
	if file, ok := f.has(name, sum); ok {
		f.note(name, sum, file.shared)
		return file.size, true
	}
	if was, has := f.before[name]; !has || was != sum {
		return 0, false
	}
	size, alone, ok := f.whole(name)
	if !ok || !alone {
		return 0, false
	}
	file, err := f.room(name)
	if err != nil || os.Link(filepath.Join(f.target, filepath.FromSlash(name)), file) != nil {
		return 0, false
	}
	f.note(name, sum, 1)
	return size, true
}

// Read is a file that was written.
func (f *Folder) Read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(f.stage, filepath.FromSlash(name)))
}

// whole reports whether a file of the target is as its marker says, its size, and whether
// it has one name only, as far as that is known.
func (f *Folder) whole(name string) (size int64, alone, ok bool) {
	buffer, put := f.buffer()
	defer put()
	is, err := readRegular(filepath.Join(f.target, filepath.FromSlash(name)), buffer)
	if err != nil || is.mode != f.mode {
		return 0, false, false
	}
	was, has := f.before[name]
	return int64(len(*buffer)), is.links == 1, has && was == sha256.Sum256(*buffer)
}

// buffer is room to read a file into, until put is called.
func (f *Folder) buffer() (buffer *[]byte, put func()) {
	buffer, _ = f.buffers.Get().(*[]byte)
	if buffer == nil {
		buffer = new([]byte)
	}
	return buffer, func() { f.buffers.Put(buffer) }
}

// Commit puts the finished tree in the target's place.
func (f *Folder) Commit() error {
	defer f.release()
	if err := f.leave(); err != nil {
		held.RemoveAll(f.stage)
		return err
	}
	list, names := []byte(markerText), slices.Sorted(maps.Keys(f.now))
	for _, name := range names {
		sum := f.now[name]
		list = append(hex.AppendEncode(list, sum[:]), "  "+name+"\n"...)
	}
	f.list = sha256.Sum256(list)
	if err := os.WriteFile(filepath.Join(f.stage, marker), list, 0o644); err != nil {
		held.RemoveAll(f.stage)
		return err
	}
	if _, err := os.Lstat(f.target); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(f.stage, f.target)
	}
	if err := exchange(f.stage, f.target); err == nil {
		return f.removeBefore(f.stage, names) // now the tree before this one
	}
	// A reader may meet a missing folder between these two steps; a build killed
	// there is put right by the next one.
	if err := held.Rename(f.target, f.old); err != nil {
		return err
	}
	if err := held.Rename(f.stage, f.target); err != nil {
		return errors.Join(err, held.Rename(f.old, f.target))
	}
	return f.removeBefore(f.old, names)
}

// removeBefore removes the tree that stood in the target from where it is now. Most of its
// files have the names of new ones, in this order: to remove those asks the system for half
// of what it takes to look for them first. What is left goes with the folder.
func (f *Folder) removeBefore(dir string, names []string) error {
	if f.moveAside(dir) {
		return nil
	}
	removeFiles(dir, slices.DeleteFunc(names, func(name string) bool { _, was := f.before[name]; return !was }))
	return held.RemoveAll(dir)
}

// Abort throws the unfinished tree away.
func (f *Folder) Abort() {
	held.RemoveAll(f.stage)
	f.release()
}

// CheckBuilt reports, as an error, that a folder was not made by a build, or is not
// any more what the build has made: files are missing, empty or changed.
func CheckBuilt(dir string) error {
	refuse := func(name string, fact plan.Text) diag.Diagnostic {
		return diag.Diagnostic{Pos: diag.Pos{File: path.Join(filepath.Base(dir), name)}, Check: "publish", Fact: fact,
			Hint: diag.Text("重新构建一次：go run ./generator。", "Build it again: go run ./generator.")}
	}
	info, err := os.Lstat(filepath.Join(dir, marker))
	if err != nil || !info.Mode().IsRegular() {
		d := refuse("", diag.Text("这里没有构建好的网站", "there is no built site here"))
		d.Hint = diag.Text("先运行 go run ./generator。", "Run go run ./generator first.")
		return d
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	list, err := root.ReadFile(marker)
	if err != nil {
		return err
	}
	lines, whole := strings.CutPrefix(string(list), markerText)
	if !whole || lines == "" {
		return refuse(marker, diag.Text("里面没有文件清单，不知道网站是否完整", "it has no list of files, so nobody knows whether the site is complete"))
	}
	var found diag.List
	for line := range strings.Lines(lines) {
		want, name := listedIn(line)
		switch got, size, err := sumOf(root, name); {
		case errors.Is(err, fs.ErrNotExist):
			found = append(found, refuse(name, diag.Text("构建后不见了", "it is gone since the build")))
		case err != nil:
			found = append(found, refuse(name, diag.Text("读不了：%v", "it cannot be read: %v", err)))
		case got != want && size == 0:
			found = append(found, refuse(name, diag.Text("构建后变成空的了", "it is empty since the build")))
		case got != want:
			found = append(found, refuse(name, diag.Text("构建后被改过", "it was changed since the build")))
		}
	}
	if more := len(found) - mostTold; more > 0 {
		found = append(found[:mostTold], refuse("", diag.Text("另有 %d 个文件也不对", "%d more files are not as they were built", more)))
	}
	return found.Err()
}

// listedIn is a line of a marker: the SHA-256 of a file, hexadecimal, and its name.
func listedIn(line string) (sum, name string) {
	sum, name, _ = strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
	return sum, name
}

// sumsIn are the files that a marker lists; a line that is none is left out.
func sumsIn(text string) sums {
	lines, _ := strings.CutPrefix(text, markerText)
	all := make(sums, strings.Count(lines, "\n"))
	for line := range strings.Lines(lines) {
		text, name := listedIn(line)
		var sum [sha256.Size]byte
		if len(text) != hex.EncodedLen(len(sum)) || !fs.ValidPath(name) {
			continue
		}
		if _, err := hex.Decode(sum[:], []byte(text)); err == nil {
			all[name] = sum
		}
	}
	return all
}

// mostTold is how many files are named that are not as they were built.
const mostTold = 10

// sumOf is the SHA-256 of a file, hexadecimal, and its size.
func sumOf(root *os.Root, name string) (string, int64, error) {
	file, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	h := sha256.New()
	n, err := io.Copy(h, file)
	return hex.EncodeToString(h.Sum(nil)), n, err
}
