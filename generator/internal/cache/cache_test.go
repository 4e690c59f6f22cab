package cache

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestEntry(t *testing.T) {
	seen := map[string][]string{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"a"}, {"ab"}, {"a", "b"}, {"b", "a"}, {"a", "", "b"}} {
		var b [][]byte
		for _, p := range parts {
			b = append(b, []byte(p))
		}
		e := Entry("page", b...)
		if !isEntry(e) {
			t.Errorf("%q: %s is not named as an entry", parts, e)
		}
		if first, has := seen[e]; has {
			t.Errorf("%q and %q have one name", first, parts)
		}
		seen[e] = parts
	}
	if Entry("page") == Entry("br11") {
		t.Error("two kinds have one name")
	}
}

func TestGetPut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	e := Entry("page", []byte("闽西"))
	for _, c := range []struct {
		name  string
		store Store
		keeps bool
	}{
		{"a folder", Store{filepath.Join(t.TempDir(), "new", "cache")}, true},
		{"none", Store{}, false},
		{"a file in the folder's place", Store{file}, false},
	} {
		if _, ok := c.store.Get(e); ok {
			t.Errorf("%s: has what nobody put", c.name)
		}
		for _, content := range []string{"", "龙岩"} {
			c.store.Put(e, []byte(content))
			got, ok := c.store.Get(e)
			if ok != c.keeps || ok && string(got) != content {
				t.Errorf("%s: %q came back as %q, %v", c.name, content, got, ok)
			}
		}
	}
}

func TestDamaged(t *testing.T) {
	s := Store{t.TempDir()}
	one, other := Entry("page", []byte("1")), Entry("page", []byte("2"))
	s.Put(one, []byte("what was made from one"))
	s.Put(other, []byte("what was made from two"))
	foreign, err := os.ReadFile(s.file(other))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(s.file(one))
	if err != nil {
		t.Fatal(err)
	}
	damaged := map[string][]byte{
		"emptied": nil, "another's": foreign, "lengthened": append(bytes.Clone(whole), '!'),
	}
	for n := range whole {
		damaged[fmt.Sprint("cut to ", n)] = whole[:n]
		flipped := bytes.Clone(whole)
		flipped[n] ^= 1
		damaged[fmt.Sprint("a bit of byte ", n)] = flipped
	}
	for name, b := range damaged {
		if err := os.WriteFile(s.file(one), b, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Get(one); ok {
			t.Errorf("%s: taken for good: %q", name, got)
		}
	}
	if err := os.Remove(s.file(one)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.file(one), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Get(one); ok {
		t.Error("a folder taken for an entry")
	}
	s.Put(one, []byte("again")) // must neither panic nor leave anything
	if left, _ := filepath.Glob(filepath.Join(s.Dir, "*", "*"+aside)); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// TestShared has several processes write and read the same entries while some
// of them are killed: whoever reads finds all of an entry or nothing.
func TestShared(t *testing.T) {
	if dir := os.Getenv("CACHE_TEST_DIR"); dir != "" {
		s := Store{dir}
		for {
			for i := range 8 {
				s.Put(Entry("page", []byte{byte(i)}), content(i))
			}
		}
	}
	s := Store{t.TempDir()}
	writers := func(n int) (list []*exec.Cmd) {
		for range n {
			cmd := exec.Command(os.Args[0], "-test.run=TestShared$")
			cmd.Env = append(os.Environ(), "CACHE_TEST_DIR="+s.Dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			list = append(list, cmd)
		}
		return list
	}
	found := 0
	for range 5 {
		running := writers(2)
		for deadline := time.Now().Add(200 * time.Millisecond); time.Now().Before(deadline); {
			for i := range 8 {
				if got, ok := s.Get(Entry("page", []byte{byte(i)})); ok {
					found++
					if !bytes.Equal(got, content(i)) {
						t.Fatalf("entry %d is not what was put", i)
					}
				}
			}
		}
		for _, cmd := range running {
			cmd.Process.Kill()
			var status *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &status) {
				t.Fatal(err)
			}
		}
	}
	for i := range 8 {
		s.Put(Entry("page", []byte{byte(i)}), content(i))
		if _, ok := s.Get(Entry("page", []byte{byte(i)})); ok {
			found++
		}
	}
	if found < 8 {
		t.Error("nothing was found")
	}
}

func content(i int) []byte { return bytes.Repeat([]byte{byte(i)}, 1<<(8+i)) }

func TestGoroutines(t *testing.T) {
	s := Store{t.TempDir()}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 8 {
				e := Entry("page", []byte{byte(i)})
				s.Put(e, content(i))
				if got, ok := s.Get(e); !ok || !bytes.Equal(got, content(i)) {
					t.Errorf("entry %d is not what was put", i)
				}
			}
		})
	}
	wg.Wait()
	if left, _ := filepath.Glob(filepath.Join(s.Dir, "*", "*"+aside)); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// A file of somebody else's in the cache's folder stays, whatever is asked.
var foreign = []string{"notes.txt", "0a/notes.txt", "0a/0a.page", "zz/" + strings.Repeat("0a", 32) + ".page",
	"0b/" + strings.Repeat("0a", 32) + ".page", "0a/" + strings.Repeat("0a", 32) + ".page.bak"}

func filled(t *testing.T, ages ...time.Duration) (Store, []string) {
	t.Helper()
	s := Store{t.TempDir()}
	for _, name := range foreign {
		name = filepath.Join(s.Dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(-1000 * time.Hour)
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	var entries []string
	for i, age := range ages {
		e := Entry("page", []byte{byte(i)})
		s.Put(e, make([]byte, 100-32))
		at := time.Now().Add(-age)
		if err := os.Chtimes(s.file(e), at, at); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return s, entries
}

func checkForeign(t *testing.T, s Store) {
	t.Helper()
	for _, name := range foreign {
		if _, err := os.Stat(filepath.Join(s.Dir, name)); err != nil {
			t.Errorf("touched what is not ours: %v", err)
		}
	}
}

func TestPrune(t *testing.T) {
	const h = time.Hour
	s, e := filled(t, 50*h, 40*h, 30*h, 20*h, 0)
	interrupted := filepath.Join(s.Dir, e[4][:2], e[4]+".123"+aside)
	if err := os.WriteFile(interrupted, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Prune(100*h, 1000); n != 0 || err != nil {
		t.Fatalf("removed %d, %v, where nothing is old or too much", n, err)
	}
	old := time.Now().Add(-2 * h)
	if err := os.Chtimes(interrupted, old, old); err != nil {
		t.Fatal(err)
	}
	s.Get(e[0]) // a use
	if n, err := s.Prune(35*h, 300); n != 3 || err != nil {
		t.Errorf("removed %d, %v; want what was interrupted, the one that is 40 hours old, and the oldest of the three that are left", n, err)
	}
	for i, want := range []bool{true, false, false, true, true} {
		if _, err := os.Stat(s.file(e[i])); (err == nil) != want {
			t.Errorf("entry %d: kept %v, want %v", i, err == nil, want)
		}
	}
	checkForeign(t, s)
	if n, err := (Store{filepath.Join(t.TempDir(), "none")}).Prune(0, 0); n != 0 || err != nil {
		t.Error(n, err)
	}
}

func TestClear(t *testing.T) {
	s, _ := filled(t, 0, time.Hour)
	if n, size, err := s.Clear(); n != 2 || size != 200 || err != nil {
		t.Errorf("cleared %d of %d bytes, %v", n, size, err)
	}
	if n, size, err := s.Clear(); n != 0 || size != 0 || err != nil {
		t.Errorf("cleared %d of %d bytes again, %v", n, size, err)
	}
	checkForeign(t, s)
}

// TestTrees moves folders into a store: the old ones go, and no others.
func TestTrees(t *testing.T) {
	s := Store{t.TempDir()}
	move := func(name string, age time.Duration) string {
		t.Helper()
		tree := s.Tree(name)
		if err := os.MkdirAll(filepath.Join(tree, "zh"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(tree, time.Now().Add(-age), time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
		return tree
	}
	old, young := move("/a/public", 40*time.Hour), move("/b/public", time.Hour)
	mine := filepath.Join(s.Dir, trees, "mine")
	if err := os.Mkdir(mine, 0o755); err != nil || !IsStore(s.Dir) || old == young {
		t.Fatal(err, old, young)
	}
	for _, c := range []struct {
		what string
		do   func() error
		want []bool // whether the old one, the young one and somebody's own are there
	}{
		{"pruned", func() error { _, err := s.Prune(35*time.Hour, 0); return err }, []bool{false, true, true}},
		{"cleared", func() error { _, _, err := s.Clear(); return err }, []bool{false, false, true}},
	} {
		if err := c.do(); err != nil {
			t.Fatal(c.what, err)
		}
		for i, name := range []string{old, young, mine} {
			if _, err := os.Stat(name); (err == nil) != c.want[i] {
				t.Errorf("%s: %s is there: %v", c.what, name, err == nil)
			}
		}
	}
}

func BenchmarkGet(b *testing.B) {
	s := Store{b.TempDir()}
	e := Entry("page", []byte("page"))
	s.Put(e, make([]byte, 20_000))
	b.SetBytes(20_000)
	for b.Loop() {
		if _, ok := s.Get(e); !ok {
			b.Fatal("gone")
		}
	}
}
