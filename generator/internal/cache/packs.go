package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Item is something small that is kept beside thousands of others. Opening and
// renaming a file for each would cost more than what is in them.
type Item struct {
	Entry string // its name, as [Entry] makes it
	Note  string // one line that can be had without reading the content
	Sum   [sha256.Size]byte
	Data  []byte // nil where it was found and not yet read

	pack *pack
	at   int64
	size int
}

// packs is the folder of a store that has its packs: files of many items each. A
// pack begins with a line that has its format, the length of its list, and a checksum of that;
// then come the list, a line an item, and the items' content, one after the other.
const packs = "packs"

const packHead = "minxi pack 1 %10d %x\n"

// pack is a file of items.
type pack struct {
	name string
	open func() (*os.File, error) // once
	used sync.Once
}

// Packs are the items of a store as they were when it was opened.
type Packs struct {
	store Store
	items map[string]Item
	files []*pack
}

// Packs reads what the store's packs have; a pack that is not whole has nothing.
func (s Store) Packs() *Packs {
	p := &Packs{store: s, items: map[string]Item{}}
	if s.Dir == "" {
		return p
	}
	names, _ := filepath.Glob(filepath.Join(s.Dir, packs, "*.pack")) // older ones first: the last that has an item counts
	for _, name := range names {
		f := &pack{name: name, open: sync.OnceValues(func() (*os.File, error) { return os.Open(name) })}
		if items, err := f.list(); err == nil {
			for _, i := range items {
				p.items[i.Entry] = i
			}
		}
		p.files = append(p.files, f)
	}
	return p
}

// list reads what a pack has.
func (f *pack) list() ([]Item, error) {
	file, err := f.open()
	if err != nil {
		return nil, err
	}
	var size int
	var sum []byte
	head := make([]byte, len(fmt.Sprintf(packHead, 0, sha256.Sum256(nil))))
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Sscanf(string(head), packHead, &size, &sum); err != nil || int64(size) > info.Size() {
		return nil, io.ErrUnexpectedEOF
	}
	list := make([]byte, size)
	if _, err := file.ReadAt(list, int64(len(head))); err != nil {
		return nil, err
	}
	if s := sha256.Sum256(list); !bytes.Equal(s[:], sum) {
		return nil, io.ErrUnexpectedEOF
	}
	var items []Item
	at := int64(len(head) + size)
	for line := range strings.Lines(string(list)) {
		entry, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		hash, rest, _ := strings.Cut(rest, " ")
		length, note, whole := strings.Cut(rest, " ")
		i := Item{Entry: entry, Note: note, pack: f, at: at}
		i.size, err = strconv.Atoi(length)
		if n, e := hex.Decode(i.Sum[:], []byte(hash)); !whole || err != nil || e != nil || n != sha256.Size || i.size < 0 {
			return nil, io.ErrUnexpectedEOF
		}
		items = append(items, i)
		at += int64(i.size)
	}
	return items, nil
}

// Find looks for an item, and does not read its content.
func (p *Packs) Find(entry string) (Item, bool) {
	i, ok := p.items[entry]
	return i, ok
}

// Use notes that an item is still of use.
func (i Item) Use() {
	i.pack.used.Do(func() {
		if info, err := os.Stat(i.pack.name); err == nil && time.Since(info.ModTime()) > rest {
			now := time.Now()
			os.Chtimes(i.pack.name, now, now)
		}
	})
}

// Size is how many bytes an item that was found has.
func (i Item) Size() int { return i.size }

// Read gives the content of an item that was found, if it is whole.
func (i Item) Read() ([]byte, bool) {
	file, err := i.pack.open()
	if err != nil {
		return nil, false
	}
	data := make([]byte, i.size)
	if _, err := file.ReadAt(data, i.at); err != nil || sha256.Sum256(data) != i.Sum {
		return nil, false
	}
	return data, true
}

// Close lets go of the files.
func (p *Packs) Close() {
	for _, f := range p.files {
		if file, err := f.open(); err == nil {
			file.Close()
		}
	}
}

// Pack keeps items, which have name, note and content, as one file. It is written
// aside and moved to its name, so that a reader finds all of it or nothing; that name
// is returned, "" where it could not be kept.
func (s Store) Pack(items []Item) (file string) {
	if s.Dir == "" || len(items) == 0 {
		return ""
	}
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.Entry, b.Entry) })
	var list bytes.Buffer
	for _, i := range items {
		fmt.Fprintf(&list, "%s %x %d %s\n", i.Entry, sha256.Sum256(i.Data), len(i.Data), i.Note)
	}
	sum := sha256.Sum256(list.Bytes())
	file = filepath.Join(s.Dir, packs, fmt.Sprintf("%016x%x.pack", time.Now().UnixNano(), sum[8:]))
	if !s.whole(file, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, packHead, list.Len(), sum)
		if err == nil {
			_, err = w.Write(list.Bytes())
		}
		for _, i := range items {
			if err == nil {
				_, err = w.Write(i.Data)
			}
		}
		return err
	}) {
		return ""
	}
	return file
}

// join makes one pack of the small ones, of which every save in the preview leaves
// one, so that their lists need not be read one by one.
func (s Store) join() {
	p := s.Packs()
	defer p.Close()
	var small []*pack
	for _, f := range p.files {
		if info, err := os.Stat(f.name); err == nil && info.Size() < smallPack {
			small = append(small, f)
		}
	}
	if len(small) < 2 {
		return
	}
	var items []Item
	for _, i := range p.items {
		if slices.Contains(small, i.pack) {
			if data, ok := i.Read(); ok {
				i.Data = data
				items = append(items, i)
			}
		}
	}
	joined := s.Pack(items)
	for _, f := range small {
		if joined != "" && f.name != joined {
			os.Remove(f.name)
		}
	}
}

// smallPack is the size in bytes below which packs are joined.
const smallPack = 2 << 20
