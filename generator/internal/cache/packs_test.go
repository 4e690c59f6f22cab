package cache

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func item(n int, text string) Item {
	return Item{Entry: Entry("page", []byte{byte(n)}), Note: fmt.Sprint("note ", n), Data: []byte(text)}
}

func checkItem(t *testing.T, s Store, n int, want string) {
	t.Helper()
	p := s.Packs()
	defer p.Close()
	i, ok := p.Find(item(n, "").Entry)
	if !ok {
		t.Errorf("%d is not there", n)
		return
	}
	if data, whole := i.Read(); !whole || string(data) != want || i.Note != fmt.Sprint("note ", n) {
		t.Errorf("%d is %q, %q, %v", n, data, i.Note, whole)
	}
}

func packFiles(t *testing.T, s Store) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.Dir, packs, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPacks(t *testing.T) {
	s := Store{filepath.Join(t.TempDir(), "new")}
	if s.Pack(nil) != "" || (Store{}).Pack([]Item{item(1, "x")}) != "" {
		t.Error("something was kept of nothing, or nowhere")
	}
	if len(s.Packs().items) != 0 || len((Store{}).Packs().items) != 0 {
		t.Error("something is there that nobody put")
	}
	s.Pack([]Item{item(2, "two"), item(1, ""), item(3, "三")})
	s.Pack([]Item{item(4, "four"), item(2, "later")})
	for n, want := range map[int]string{1: "", 2: "later", 3: "三", 4: "four"} {
		checkItem(t, s, n, want)
	}
	if !IsStore(s.Dir) {
		t.Error("a store with packs is taken for something else")
	}
	// A pack is one file to those who count, prune and clear.
	if n, _, err := s.Size(); n != 2 || err != nil {
		t.Errorf("%d packs, %v", n, err)
	}
	old := time.Now().Add(-1000 * time.Hour)
	first := packFiles(t, s)[0]
	if err := os.Chtimes(first, old, old); err != nil {
		t.Fatal(err)
	}
	p := s.Packs()
	if i, ok := p.Find(item(3, "").Entry); ok {
		i.Use()
	}
	p.Close()
	if n, err := s.Prune(100*time.Hour, 1<<20); n != 0 || err != nil {
		t.Errorf("%d packs that are used were removed, %v", n, err)
	}
	if err := os.Chtimes(first, old, old); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Prune(100*time.Hour, 1<<20); n != 1 || err != nil {
		t.Errorf("%d packs were removed, %v", n, err)
	}
	if n, _, err := s.Clear(); n != 1 || err != nil || len(packFiles(t, s)) != 0 {
		t.Errorf("%d packs were cleared, %v", n, err)
	}
}

// TestDamagedPack spoils a pack at every byte: what is found of it is what was put, or
// is not whole.
func TestDamagedPack(t *testing.T) {
	s := Store{t.TempDir()}
	s.Pack([]Item{item(1, "what was made from one"), item(2, "what was made from two")})
	name := packFiles(t, s)[0]
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	damaged := [][]byte{nil, append(bytes.Clone(whole), '!')}
	for n := range whole {
		flipped := bytes.Clone(whole)
		flipped[n] ^= 1
		damaged = append(damaged, whole[:n], flipped)
	}
	for _, b := range damaged {
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
		p := s.Packs()
		for n, want := range map[int]string{1: "what was made from one", 2: "what was made from two"} {
			i, ok := p.Find(item(n, "").Entry)
			if !ok {
				continue
			}
			if data, ok := i.Read(); ok && string(data) != want {
				t.Errorf("taken for good: %q", data)
			}
		}
		p.Close()
	}
}

func TestJoin(t *testing.T) {
	s := Store{t.TempDir()}
	for n := range 5 {
		s.Pack([]Item{item(n, fmt.Sprint("content ", n)), item(100, fmt.Sprint("last was ", n))})
	}
	large := bytes.Repeat([]byte("x"), smallPack)
	s.Pack([]Item{item(7, string(large))})
	broken := packFiles(t, s)[2]
	if err := os.Truncate(broken, 10); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(s.Dir, packs, "notes.txt")
	if err := os.WriteFile(foreign, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.Tidy(0)
	if names := packFiles(t, s); len(names) != 3 {
		t.Errorf("%d files after joining, not one of the small, the large and a stranger's: %v", len(names), names)
	}
	for _, n := range []int{0, 1, 3, 4} {
		checkItem(t, s, n, fmt.Sprint("content ", n))
	}
	checkItem(t, s, 100, "last was 4")
	checkItem(t, s, 7, string(large))
	s.join()
	if names := packFiles(t, s); len(names) != 3 {
		t.Errorf("joined again: %v", names)
	}
}
