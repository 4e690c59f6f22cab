// Package cache keeps what was made, under the hash of everything that it was
// made from, in a folder outside the project that any number of processes may
// share.
//
//	store := cache.Store{Dir: dir}
//	made, ok := store.Get(entry)
//	if !ok {
//		made = …
//		store.Put(entry, made)
//	}
//
// The folder is a help and never a condition. If it cannot be read or written,
// if it was cut short, mixed up or filled by somebody else, the work is done
// again: an entry begins with a checksum of its name and its content, which is
// compared whenever it is read. So what comes out of a cache is what went in,
// and whether that is what would be made today is decided by the name alone.
package cache

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Store is a folder of entries. The zero Store keeps nothing.
type Store struct {
	Dir string
}

// Entry names what was made from parts: kind says what it is and how it was
// made, in lower-case letters and digits (br11, page). The same parts in the
// same order give the same name, and no other parts do.
func Entry(kind string, parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256(p)
		h.Write(sum[:]) // of one length each, so that no part can pass for two
	}
	return hex.EncodeToString(h.Sum(nil)) + "." + kind
}

// seal is what an entry begins with: a checksum of its name and its content, so
// that neither a torn nor a misplaced file is taken for good.
func seal(entry string, content []byte) []byte {
	h := sha256.New()
	io.WriteString(h, entry)
	h.Write(content)
	return h.Sum(nil)
}

// rest is how long an entry keeps its time of last use before a new use is
// written down, which spares the disk a write an entry on every build.
const rest = time.Hour

// file is where an entry stands: in one of 256 folders, because some systems
// are slow with folders of many thousand files.
func (s Store) file(entry string) string { return filepath.Join(s.Dir, entry[:2], entry) }

// Get returns the content of an entry, and whether it is there and whole.
func (s Store) Get(entry string) (content []byte, ok bool) {
	if s.Dir == "" {
		return nil, false
	}
	f, err := os.Open(s.file(entry))
	if err != nil {
		return nil, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() < sha256.Size {
		return nil, false
	}
	all := make([]byte, info.Size())
	if _, err := io.ReadFull(f, all); err != nil {
		return nil, false
	}
	content = all[sha256.Size:]
	if !bytes.Equal(seal(entry, content), all[:sha256.Size]) {
		return nil, false
	}
	if time.Since(info.ModTime()) > rest {
		now := time.Now()
		os.Chtimes(f.Name(), now, now)
	}
	return content, true
}

// Put keeps content. A reader finds all of it or nothing.
func (s Store) Put(entry string, content []byte) {
	if s.Dir == "" {
		return
	}
	s.whole(s.file(entry), func(w io.Writer) error {
		_, err := w.Write(append(seal(entry, content), content...))
		return err
	})
}

// whole writes a file aside and moves it to its name, so that a reader finds all of
// it or nothing.
func (s Store) whole(name string, write func(io.Writer) error) bool {
	dir, base := filepath.Split(name)
	f, err := os.CreateTemp(dir, base+".*"+aside)
	if errors.Is(err, fs.ErrNotExist) {
		if os.MkdirAll(dir, 0o755) != nil {
			return false
		}
		f, err = os.CreateTemp(dir, base+".*"+aside)
	}
	if err != nil {
		return false
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err == nil
}

const aside = ".tmp"

// Prune removes what was left half-written, the entries that nobody has used for
// the given time, and of the others those whose last use is longest ago until
// the rest take at most so many bytes. It returns how many files it removed, and
// touches only files that are named as entries are, in case the folder is not
// the one that was meant.
func (s Store) Prune(unused time.Duration, bytes int64) (removed int, err error) {
	type kept struct {
		name string
		size int64
		used time.Time
	}
	var list []kept
	var total int64
	remove := func(name string) {
		switch e := os.Remove(name); {
		case e == nil:
			removed++
		case !errors.Is(e, fs.ErrNotExist) && err == nil:
			err = e
		}
	}
	walk := s.each(func(name string, info fs.FileInfo) {
		age := time.Since(info.ModTime())
		if age > unused || strings.HasSuffix(name, aside) && age > rest {
			remove(name)
			return
		}
		list = append(list, kept{name, info.Size(), info.ModTime()})
		total += info.Size()
	})
	slices.SortFunc(list, func(a, b kept) int { return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.name, b.name)) })
	for _, k := range list {
		if total <= bytes {
			break
		}
		remove(k.name)
		total -= k.size
	}
	return removed, errors.Join(err, walk, s.pruneTrees(unused))
}

// What a store keeps of a site of ordinary size at most, and how long unless somebody uses it.
const (
	mostBytes = 1 << 30
	mostAge   = 30 * 24 * time.Hour
)

// Tidy prunes the store to these bounds, once a day: looking at every entry takes
// longer than a build that has nothing to do. Of a large site, which has so many bytes,
// there may be twice as much, or the next build would make again what this one made.
func (s Store) Tidy(site int64) {
	if s.Dir == "" {
		return
	}
	stamp := filepath.Join(s.Dir, "pruned")
	if info, err := os.Stat(stamp); err == nil && time.Since(info.ModTime()) < 24*time.Hour {
		return
	}
	if os.WriteFile(stamp, nil, 0o644) == nil {
		s.join()
		s.Prune(mostAge, max(mostBytes, 2*site))
	}
}

// trees is the folder of a store for what is moved there and away again as a whole.
const trees = "trees"

// Tree is a place in the store for a folder that goes by this name. Whoever needs it takes
// it by moving it away.
func (s Store) Tree(name string) string {
	return filepath.Join(s.Dir, trees, Entry("tree", []byte(name)))
}

// pruneTrees removes the trees that nobody has moved here for so long.
func (s Store) pruneTrees(unused time.Duration) error {
	entries, err := os.ReadDir(filepath.Join(s.Dir, trees))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if info, e2 := e.Info(); e2 == nil && isEntry(e.Name()) && time.Since(info.ModTime()) >= unused {
			err = errors.Join(err, os.RemoveAll(filepath.Join(s.Dir, trees, e.Name())))
		}
	}
	return err
}

// Size tells how many entries there are and their bytes.
func (s Store) Size() (entries int, bytes int64, err error) {
	err = s.each(func(_ string, info fs.FileInfo) {
		entries++
		bytes += info.Size()
	})
	return entries, bytes, err
}

// IsStore reports whether a folder holds nothing but what a store puts there.
func IsStore(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		b, err := hex.DecodeString(e.Name())
		return !slices.Contains([]string{"pruned", packs, trees}, e.Name()) && (err != nil || len(b) != 1 || !e.IsDir())
	})
}

// Clear removes every entry and returns how many there were and their bytes.
func (s Store) Clear() (removed int, bytes int64, err error) {
	walk := s.each(func(name string, info fs.FileInfo) {
		switch e := os.Remove(name); {
		case e == nil:
			removed++
			bytes += info.Size()
		case !errors.Is(e, fs.ErrNotExist) && err == nil:
			err = e
		}
	})
	return removed, bytes, errors.Join(err, walk, s.pruneTrees(0))
}

// each visits the files that are named as entries are. A folder or file that
// another process removes meanwhile is no error.
func (s Store) each(visit func(name string, info fs.FileInfo)) error {
	if s.Dir == "" {
		return nil
	}
	dirs, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, d := range dirs {
		b, err := hex.DecodeString(d.Name())
		if d.Name() != packs && (err != nil || len(b) != 1) || !d.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(s.Dir, d.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, f := range files {
			if !f.Type().IsRegular() || !isEntry(f.Name()) || d.Name() != packs && !strings.HasPrefix(f.Name(), d.Name()) {
				continue
			}
			if info, err := f.Info(); err == nil {
				visit(filepath.Join(s.Dir, d.Name(), f.Name()), info)
			}
		}
	}
	return nil
}

// isEntry reports whether a file is named as [Entry] names entries, or as what
// [Store.Put] leaves if it is interrupted.
func isEntry(name string) bool {
	sum, kind, _ := strings.Cut(name, ".")
	if b, err := hex.DecodeString(sum); err != nil || len(b) != sha256.Size {
		return false
	}
	if rest, interrupted := strings.CutSuffix(kind, aside); interrupted {
		kind, _, _ = strings.Cut(rest, ".")
	}
	return kind != "" && strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
