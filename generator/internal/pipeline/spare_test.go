package pipeline

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/diag"
)

// treeOf reads a tree; what is no file and no folder is told as such.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(at, dir+string(filepath.Separator)))
		if !d.Type().IsRegular() {
			files[name] = d.Type().String()
			return nil
		}
		data, err := os.ReadFile(at)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSpare builds one tree after another, each of which begins with the one before the
// last, while somebody changes files, adds some, puts links into both, and builds are
// killed wherever they are. Each time the tree is the one that was wanted and nothing
// else, and what is not the build's is left as it was.
func TestSpare(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	dir := t.TempDir()
	target, spare, mine := filepath.Join(dir, "site", "public"), filepath.Join(dir, "trees", "x"), filepath.Join(dir, "mine")
	put(t, filepath.Join(mine, "index.html"), "mine")
	put(t, filepath.Join(mine, "a", "index.html"), "mine")
	text := func() string { return fmt.Sprint("text ", r.IntN(6)) }
	want := map[string]string{}
	for i := range 40 {
		want[fmt.Sprintf("zh/%c/%d/index.html", 'a'+i%3, i)] = text()
	}
	reused, spared, killed := 0, 0, 0
	// build stops after that many steps as if it were killed, and reports whether it did not.
	build := func(stop int) bool {
		f, err := NewFolder(target)
		if err != nil {
			t.Fatal(err)
		}
		defer f.release() // the system does it for who is killed
		f.worth = func(int, int) bool { return true }
		dies := func() bool { stop--; return stop == 0 }
		if err := f.beginWith(spare); err != nil {
			t.Fatal(err)
		}
		if reused += min(1, len(f.there)); dies() {
			return false
		}
		names := slices.Sorted(maps.Keys(want))
		r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, name := range names {
			data := []byte(want[name])
			if size, ok := f.Keep(name, sha256.Sum256(data)); ok && size != int64(len(data)) {
				t.Errorf("%s: %d bytes", name, size)
			} else if !ok {
				if err := f.Write(name, data); err != nil {
					t.Fatal(err)
				}
			}
			if dies() {
				return false
			}
		}
		if stop > 0 && r.IntN(2) == 0 {
			if err := f.leave(); err != nil {
				t.Fatal(err)
			}
			return false
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(spare); err == nil {
			spared++
		}
		return true
	}
	names := func(dir string) []string {
		if _, err := os.Lstat(dir); err != nil {
			return nil
		}
		return slices.Sorted(maps.Keys(treeOf(t, dir)))
	}
	for range 300 {
		for range r.IntN(3) { // the content changes
			switch all := slices.Sorted(maps.Keys(want)); r.IntN(5) {
			case 0:
				want[all[r.IntN(len(all))]] = text()
			case 1:
				if len(all) > 20 {
					delete(want, all[r.IntN(len(all))])
				}
			case 2:
				want[fmt.Sprintf("zh/%c/%d/index.html", 'a'+r.IntN(3), r.IntN(60))] = text()
			case 3: // a file where a folder was, or the other way round
				at := fmt.Sprintf("zh/n%d", r.IntN(3))
				if _, is := want[at]; is {
					delete(want, at)
					want[at+"/deep/index.html"] = text()
				} else {
					delete(want, at+"/deep/index.html")
					want[at] = text()
				}
			case 4:
				want["x.txt"] = text()
			}
		}
		tree := []string{target, spare}[r.IntN(2)]
		if all := names(tree); len(all) > 0 && r.IntN(2) == 0 { // somebody has been here
			name := all[r.IntN(len(all))]
			at := filepath.Join(tree, filepath.FromSlash(name))
			own := name == marker && tree == target // without it the folder is not ours
			switch kind := r.IntN(9); {
			case own:
			case kind == 0:
				os.WriteFile(at, []byte("changed in place"), 0o644)
			case kind == 1:
				os.Remove(at)
			case kind == 2:
				put(t, filepath.Join(filepath.Dir(at), "stranger.html"), "stranger")
			case kind == 3:
				os.Symlink(mine, filepath.Join(filepath.Dir(at), "zlink"))
			case kind == 4:
				os.Remove(filepath.Join(mine, "second"))
				os.Link(at, filepath.Join(mine, "second"))
			case kind == 5:
				os.Chmod(at, 0o600)
			case kind == 6:
				os.Truncate(at, 3)
			case kind == 7 && filepath.Base(filepath.Dir(at)) == "a" || filepath.Dir(at) != tree && kind == 8:
				os.RemoveAll(filepath.Dir(at))
				os.Symlink(mine, filepath.Dir(at))
			case kind == 8:
				os.Remove(at)
				os.Symlink(filepath.Join(mine, "index.html"), at)
			}
		}
		second, _ := os.ReadFile(filepath.Join(mine, "second"))
		before := treeOf(t, dir)
		if r.IntN(3) == 0 {
			if !build(r.IntN(len(want)+3) + 1) {
				killed++
				after := treeOf(t, dir)
				for name, text := range before {
					if strings.HasPrefix(name, "site/public/") && after[name] != text {
						t.Fatalf("a build that was killed has changed %s", name)
					}
				}
			}
		}
		build(0)
		got := treeOf(t, target)
		delete(got, marker)
		if !maps.Equal(got, want) {
			t.Fatalf("the tree is not the one that was wanted: %v\n%v", got, want)
		}
		if err := CheckBuilt(target); err != nil {
			t.Fatal(err)
		}
		if got := entries(t, filepath.Dir(target)); !slices.Equal(got, []string{"public"}) {
			t.Fatalf("left behind: %v", got)
		}
		for _, name := range []string{"index.html", "a/index.html"} {
			if data, err := os.ReadFile(filepath.Join(mine, name)); err != nil || string(data) != "mine" {
				t.Fatalf("%s: %q %v", name, data, err)
			}
		}
		if data, _ := os.ReadFile(filepath.Join(mine, "second")); string(data) != string(second) {
			t.Fatal("somebody's second name of a file has other bytes")
		}
		if own, err := os.Lstat(filepath.Join(mine, "second")); err == nil {
			for name := range want {
				if file, err := os.Lstat(filepath.Join(target, filepath.FromSlash(name))); err != nil || os.SameFile(own, file) {
					t.Fatalf("%s is somebody's file, too (%v)", name, err)
				}
			}
		}
	}
	t.Logf("%d builds began with a tree, %d left one, %d were killed", reused, spared, killed)
	if runtime.GOOS != "windows" && (reused < 100 || spared < 100 || killed < 10) {
		t.Errorf("%d builds began with a tree, %d left one, %d were killed", reused, spared, killed)
	}
}

// TestSpareTakesNoSpace puts a tree aside that has files of its own: it is not kept.
func TestSpareTakesNoSpace(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // no tree is put aside there
	}
	dir := t.TempDir()
	target, spare := filepath.Join(dir, "public"), filepath.Join(dir, "spare")
	shared := 0
	build := func(page string) {
		t.Helper()
		f, err := NewFolder(target)
		if err != nil {
			t.Fatal(err)
		}
		f.worth = func(_, n int) bool { shared = n; return n > 0 }
		if err := f.beginWith(spare); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{"a": []byte("a"), "index.html": []byte(page)} {
			if _, ok := f.Keep(name, sha256.Sum256(data)); ok {
				continue
			}
			if err := f.Write(name, data); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	kept := func(what string, want int) {
		t.Helper()
		if _, err := os.Lstat(spare); shared != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d files are shared, not %d; %v", what, shared, want, err)
		}
	}
	build("one")
	kept("the first build", 0)
	build("two")
	kept("the second", 1)
	build("three")
	kept("the third", 1)
	put(t, filepath.Join(dir, "copy"), "a")
	if err := os.Rename(filepath.Join(dir, "copy"), filepath.Join(target, "a")); err != nil {
		t.Fatal(err)
	}
	build("four")
	kept("after somebody has put a copy into the place of a file", 0)
}

// TestSpareOfASite is TestWarm for a folder that is built with the tree before the last.
func TestSpareOfASite(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dir := little(t, littleUpdate)
	e := &editor{t: t, dir: dir, r: rand.New(rand.NewPCG(seed, 3))}
	store := cache.Store{Dir: filepath.Join(t.TempDir(), "cache")}
	out := filepath.Join(t.TempDir(), "public")
	var states []map[string]string
	reused := 0
	for step := range 10 {
		c := changes[e.r.IntN(len(changes))]
		if step%3 > 0 { // two that change little after each that may change every page
			c = changes[1]
		}
		c.do(e)
		o := Options{Dir: dir, NoCheck: true, Version: "test", Base: Base{Files: true}}
		var cold Memory
		_, coldErr := Build(context.Background(), o, &cold)
		f, err := NewFolder(out)
		if err != nil {
			t.Fatal(err)
		}
		f.worth = func(int, int) bool { return true }
		o.Cache = store
		_, warmErr := Renew(context.Background(), o, f)
		reused += min(1, len(f.there))
		if (coldErr == nil) != (warmErr == nil) {
			t.Fatalf("step %d, %s: warm: %v, cold: %v", step, c.name, diag.From(warmErr), diag.From(coldErr))
		}
		if coldErr != nil {
			e.restore(states)
			continue
		}
		states = append(states, e.state())
		got := treeOf(t, out)
		if delete(got, marker); len(got) != len(cold.Files()) {
			t.Fatalf("step %d, %s: %d files, not %d", step, c.name, len(got), len(cold.Files()))
		}
		for name, data := range cold.Files() {
			if got[name] != string(data) {
				t.Fatalf("step %d, %s: %s is not what a cold build makes", step, c.name, name)
			}
		}
		if left := entries(t, filepath.Dir(out)); len(left) != 1 {
			t.Fatalf("left behind: %v", left)
		}
	}
	if runtime.GOOS != "windows" && reused < 2 {
		t.Errorf("%d builds began with a tree", reused)
	}
	if _, _, err := store.Clear(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(store.Dir, "trees", "*")); len(left) != 0 {
		t.Errorf("a cache that was emptied has %v", left)
	}
}
