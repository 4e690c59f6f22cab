package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"minxi/generator/internal/diag"
)

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func tree(t *testing.T, target, page string) {
	t.Helper()
	f, err := NewFolder(target)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write("zh/index.html", []byte(page)); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
}

func shown(t *testing.T, target string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(target, "zh", "index.html"))
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestFolderSwap(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "deep", "public")
	tree(t, target, "one")
	tree(t, target, "two")
	if got := shown(t, target); got != "two" {
		t.Errorf("after two builds: %s", got)
	}
	if got := entries(t, filepath.Dir(target)); len(got) != 1 || got[0] != "public" {
		t.Errorf("left behind: %v", got)
	}
	// A file of the tree before is not in the new one.
	f, err := NewFolder(target)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, target); len(got) != 1 || got[0] != marker {
		t.Errorf("an empty tree holds %v", got)
	}
}

// TestFolderRemovesOnlyItsOwn builds over a tree in which somebody has put links, files and
// folders of his own: all of it goes, and nothing that links lead to.
func TestFolderRemovesOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	target, mine := filepath.Join(dir, "public"), filepath.Join(dir, "mine")
	build := func() {
		t.Helper()
		f, err := NewFolder(target)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"zh/index.html", "zh/m/s1-1/index.html", "zh/m/s1-1/index.md", "zh/m/s1/index.html", "zh.txt", "a"} {
			if err := f.Write(name, []byte(name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		if got := entries(t, dir); len(got) != 2 {
			t.Errorf("left behind: %v", got)
		}
		if got := entries(t, target); len(got) != 4 {
			t.Errorf("built: %v", got)
		}
		if err := CheckBuilt(target); err != nil {
			t.Error(err)
		}
	}
	put(t, filepath.Join(mine, "index.html"), "mine")
	put(t, filepath.Join(mine, "m", "s1", "index.html"), "mine")
	build()
	build()
	put(t, filepath.Join(target, "zh", "more", "x.txt"), "x")
	put(t, filepath.Join(target, "zh", "m", "s1-1", "x.txt"), "x")
	if err := os.Remove(filepath.Join(target, "a")); err != nil {
		t.Fatal(err)
	}
	build()
	if err := os.Rename(filepath.Join(target, "zh", "m"), filepath.Join(target, "zh", "n")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(mine, "m"), filepath.Join(target, "zh", "m")); err != nil {
		t.Logf("no links here: %v", err)
	}
	build()
	if err := os.RemoveAll(filepath.Join(target, "zh")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(mine, filepath.Join(target, "zh")); err != nil {
		t.Logf("no links here: %v", err)
	}
	build()
	for _, name := range []string{"index.html", "m/s1/index.html"} {
		if data, err := os.ReadFile(filepath.Join(mine, name)); err != nil || string(data) != "mine" {
			t.Errorf("%s: %q %v", name, data, err)
		}
	}
}

func TestFolderAbort(t *testing.T) {
	target := filepath.Join(t.TempDir(), "public")
	tree(t, target, "one")
	f, err := NewFolder(target)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write("zh/index.html", []byte("half")); err != nil {
		t.Fatal(err)
	}
	f.Abort()
	if got := shown(t, target); got != "one" {
		t.Errorf("after an aborted build: %s", got)
	}
}

func TestFolderOneBuildAtATime(t *testing.T) {
	target := filepath.Join(t.TempDir(), "public")
	first, err := NewFolder(target)
	if err != nil {
		t.Fatal(err)
	}
	var d diag.Diagnostic
	if _, err := NewFolder(target); !errors.As(err, &d) || d.Check != "output" {
		t.Errorf("a second build at the same time: %v", err)
	}
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	tree(t, target, "later")
}

func TestFolderIsSomebodysOwn(t *testing.T) {
	target := filepath.Join(t.TempDir(), "home")
	put(t, filepath.Join(target, "letter.txt"), "dear")
	if _, err := NewFolder(target); err == nil {
		t.Fatal("a folder with something of one's own would be replaced")
	}
	if data, err := os.ReadFile(filepath.Join(target, "letter.txt")); err != nil || string(data) != "dear" {
		t.Errorf("the letter: %q, %v", data, err)
	}
	// A link to such a folder is no better.
	link := filepath.Join(filepath.Dir(target), "link")
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	if _, err := NewFolder(link); err == nil {
		t.Error("a link to a folder with something of one's own would be replaced")
	}
}

// TestFolderAfterKill finds what a killed build may have left.
func TestFolderAfterKill(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "public")
	tree(t, target, "one")
	put(t, filepath.Join(dir, ".public.stage", "zh", "index.html"), "half")
	tree(t, target, "two")
	if got := shown(t, target); got != "two" {
		t.Error(got)
	}
	// Killed between two renames, on a system without exchange.
	if err := os.Rename(target, filepath.Join(dir, ".public.old")); err != nil {
		t.Fatal(err)
	}
	f, err := NewFolder(target)
	if err != nil {
		t.Fatal(err)
	}
	f.Abort()
	if got := shown(t, target); got != "two" {
		t.Errorf("the old tree did not come back: %s", got)
	}
}

// TestFolderRefusalLeavesNothing refuses what is somebody's own, and a second build.
func TestFolderRefusalLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "home", "letter.txt"), "dear")
	for _, target := range []string{"home", "home/letter.txt", "home/letter.txt/public"} {
		if _, err := NewFolder(filepath.Join(dir, target)); err == nil {
			t.Errorf("%s would be replaced", target)
		}
	}
	f, err := NewFolder(filepath.Join(dir, "new", "public"))
	if err != nil {
		t.Fatal(err)
	}
	f.Abort()
	if got := entries(t, dir); len(got) != 2 || len(entries(t, filepath.Join(dir, "new"))) != 0 || len(entries(t, filepath.Join(dir, "home"))) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

// TestManyBuildsOfOneFolder takes the lock again and again from several sides: two
// never hold it at once, though its file comes and goes.
func TestManyBuildsOfOneFolder(t *testing.T) {
	target := filepath.Join(t.TempDir(), "public")
	var holders, built atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				f, err := NewFolder(target)
				if err != nil {
					continue // another one holds it
				}
				if holders.Add(1) > 1 {
					t.Error("two builds hold the folder")
				}
				built.Add(1)
				_ = f.Write("zh/index.html", []byte("x"))
				holders.Add(-1)
				if err := f.Commit(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if built.Load() == 0 || CheckBuilt(target) != nil {
		t.Errorf("%d builds, %v", built.Load(), CheckBuilt(target))
	}
}

func TestCheckBuilt(t *testing.T) {
	target := filepath.Join(t.TempDir(), "public")
	tree(t, target, "one")
	page, list := filepath.Join(target, "zh", "index.html"), filepath.Join(target, marker)
	whole, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		do   func() error
		want string // "" for a tree that may be published
	}{
		{"as built", func() error { return nil }, ""},
		{"a file beside it", func() error { return os.WriteFile(filepath.Join(target, "verify.txt"), []byte("x"), 0o644) }, ""},
		{"gone", func() error { return os.Remove(page) }, "public/zh/index.html: it is gone since the build"},
		{"empty", func() error { return os.WriteFile(page, nil, 0o644) }, "public/zh/index.html: it is empty since the build"},
		{"changed", func() error { return os.WriteFile(page, []byte("onf"), 0o644) }, "public/zh/index.html: it was changed since the build"},
		{"no list", func() error { return os.WriteFile(list, []byte(markerText), 0o644) }, "it has no list of files"},
		{"no marker", func() error { return os.Remove(list) }, "public: there is no built site here"},
	} {
		put(t, page, "one")
		put(t, list, string(whole))
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		if err := CheckBuilt(target); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestFolderRefusesPaths(t *testing.T) {
	f, err := NewFolder(filepath.Join(t.TempDir(), "public"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	for _, name := range []string{"", "/etc/passwd", "../x", "a/../../x", "a//b", "."} {
		if err := f.Write(name, nil); err == nil {
			t.Errorf("%q was written", name)
		}
	}
}

func TestParseBase(t *testing.T) {
	for s, want := range map[string]Base{
		"":                            {Files: true},
		"/":                           {},
		"/a/b/":                       {Path: "/a/b"},
		"/a/b":                        {Path: "/a/b"},
		"https://example.org":         {Origin: "https://example.org"},
		"https://example.org/":        {Origin: "https://example.org"},
		"https://example.org:8080/a/": {Origin: "https://example.org:8080/a", Path: "/a"},
		"http://127.0.0.1/方案/":        {Origin: "http://127.0.0.1/%E6%96%B9%E6%A1%88", Path: "/%E6%96%B9%E6%A1%88"},
	} {
		if got, err := ParseBase(s); err != nil || got != want {
			t.Errorf("ParseBase(%q) = %+v, %v; want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"example.org", "ftp://example.org/", "//example.org/", "https://", "https://u:p@example.org/", "https://example.org/?q", "https://example.org/#f", "/a//b/", "/a/../b/", "a b", "https://example.org/<x>/"} {
		if got, err := ParseBase(s); err == nil {
			t.Errorf("ParseBase(%q) = %+v", s, got)
		}
	}
}
