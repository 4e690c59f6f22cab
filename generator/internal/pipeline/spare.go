package pipeline

// The tree before the last, for large sites. To put a tree of a hundred thousand files
// together by second names of the files of the last one, and then to remove the old names,
// takes the system longer than all that is made anew where one sentence has changed. So a
// tree whose files are mostly those of the one that took its place is moved aside, into
// the cache, and the next build begins with it: what it has already is left where it is.

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// worthSparing reports whether that pays for a tree of so many files, of which the one
// before has so many, too: where it is large, and no space is taken by what only the other has.
func worthSparing(files, shared int) bool { return files >= 20_000 && 10*shared >= 9*files }

// had is a file that the stage had when the build began, and that may still be used.
type had struct {
	sum    [sha256.Size]byte
	size   int64
	shared int // 1 if it is the target's, too
}

// beginWith makes what was moved to this place the unfinished tree. It is gone from there:
// a build that is killed leaves nothing that the next one could take for whole. Of that
// tree only those files stay that are as its marker says, and no links, nor what somebody
// has put there.
func (f *Folder) beginWith(spare string) error {
	f.spare = spare
	if info, err := os.Lstat(spare); err != nil || !info.IsDir() {
		return nil
	}
	if err := os.Remove(f.stage); err != nil { // it is empty yet
		return err
	}
	if os.Rename(spare, f.stage) != nil { // somebody else's, or on another disk
		return os.Mkdir(f.stage, 0o755)
	}
	at := filepath.Join(f.stage, marker)
	var listed sums
	if info, err := os.Lstat(at); err == nil && info.Mode().IsRegular() {
		if list, err := os.ReadFile(at); err == nil {
			listed = sumsIn(string(list))
		}
	}
	f.there = make(map[string]had, len(listed))
	_, err := f.sift(f.stage, f.target, "", listed)
	return err
}

// sift goes through a folder of the stage, and tells how much it has left in it.
func (f *Folder) sift(dir, target, name string, listed sums) (left int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		at, beside, name := filepath.Join(dir, e.Name()), filepath.Join(target, e.Name()), path.Join(name, e.Name())
		switch want, has := listed[name]; {
		case e.IsDir():
			n, err := f.sift(at, beside, name, listed)
			if err != nil {
				return left, err
			}
			if n > 0 {
				left++
				continue
			}
		case has:
			if file, ok := f.own(at, beside, want); ok {
				f.there[name] = file
				left++
				continue
			}
		}
		if err := os.Remove(at); err != nil {
			return left, err
		}
	}
	if left > 0 {
		f.dirs.Store(dir, true)
	}
	return left, nil
}

// own reports whether a file of the stage is as it was written and has no names but here
// and in the target.
func (f *Folder) own(name, beside string, want [sha256.Size]byte) (file had, ok bool) {
	buffer, put := f.buffer()
	defer put()
	is, err := readRegular(name, buffer)
	if err != nil || is.mode != f.mode || sha256.Sum256(*buffer) != want {
		return file, false
	}
	file = had{sum: want, size: int64(len(*buffer))}
	if is.links == 2 {
		id, err := idOf(beside)
		file.shared = 1
		return file, err == nil && id == is.id
	}
	return file, is.links == 1
}

// has reports whether the stage has a file with these bytes already.
func (f *Folder) has(name string, sum [sha256.Size]byte) (file had, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file, ok = f.there[name]
	return file, ok && file.sum == sum
}

// replace removes what the stage had under a name, or in the way of it.
func (f *Folder) replace(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.there) == 0 {
		return nil
	}
	remove := func(name string) error {
		delete(f.there, name)
		return os.Remove(filepath.Join(f.stage, filepath.FromSlash(name)))
	}
	if _, has := f.there[name]; has {
		return remove(name)
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, has := f.there[dir]; has { // a file where there is to be a folder
			return remove(dir)
		}
	}
	at := filepath.Join(f.stage, filepath.FromSlash(name))
	if info, err := os.Lstat(at); err != nil || !info.IsDir() {
		return nil
	}
	for other := range f.there { // a folder where there is to be a file
		if strings.HasPrefix(other, name+"/") {
			delete(f.there, other)
		}
	}
	f.dirs.Range(func(dir, _ any) bool {
		if strings.HasPrefix(dir.(string)+string(filepath.Separator), at+string(filepath.Separator)) {
			f.dirs.Delete(dir)
		}
		return true
	})
	return os.RemoveAll(at)
}

// leave removes what the stage had and the finished tree has not.
func (f *Folder) leave() error {
	var gone []string
	for name := range f.there {
		if _, stays := f.now[name]; !stays {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	for _, name := range gone {
		at := filepath.Join(f.stage, filepath.FromSlash(name))
		if err := os.Remove(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for dir := filepath.Dir(at); dir != f.stage && os.Remove(dir) == nil; dir = filepath.Dir(dir) {
		}
	}
	return nil
}

// moveAside keeps the tree that stood in the target for the next build, if that pays.
func (f *Folder) moveAside(dir string) bool {
	if f.spare == "" || !f.worth(len(f.now), f.shared) {
		return false
	}
	if os.MkdirAll(filepath.Dir(f.spare), 0o755) != nil {
		return false
	}
	now := time.Now()
	return os.Chtimes(dir, now, now) == nil && os.Rename(dir, f.spare) == nil // on another disk it cannot be
}
