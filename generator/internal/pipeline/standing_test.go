package pipeline

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"minxi/generator/internal/cache"
)

// TestStanding builds again and again into one folder. Where nothing was changed the
// tree is left alone; whatever differs, in what goes in or in what came out, is built.
func TestStanding(t *testing.T) {
	dir := little(t, littleUpdate)
	target := filepath.Join(t.TempDir(), "public")
	o := Options{Dir: dir, NoCheck: true, Version: "test", Cache: cache.Store{Dir: filepath.Join(t.TempDir(), "cache")}}
	build := func(o Options) *Result {
		t.Helper()
		f, err := NewFolder(target)
		if err != nil {
			t.Fatal(err)
		}
		res, err := Renew(context.Background(), o, f)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckBuilt(target); err != nil {
			t.Error(err)
		}
		if left := entries(t, filepath.Dir(target)); len(left) != 1 {
			t.Errorf("left behind: %v", left)
		}
		return res
	}
	page := filepath.Join(target, "zh", "index.html")
	state := func() (time any) {
		info, err := os.Stat(page)
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	first := build(o)
	was := state()
	again := build(o)
	if first.Standing || !again.Standing || state() != was {
		t.Fatalf("standing %v, then %v", first.Standing, again.Standing)
	}
	if again.Files != first.Files || again.Written != first.Written || again.Plan != first.Plan ||
		!reflect.DeepEqual(again.Pages, first.Pages) || !reflect.DeepEqual(again.Found, first.Found) || again.Kept != first.pages {
		t.Errorf("%+v\nis told as\n%+v", first, again)
	}
	zh := filepath.Join(dir, "content", "plan", "_index.zh.md")
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"a page changed", func() { put(t, page, "x") }},
		{"a page gone", func() { must(os.Remove(page)) }},
		{"a page empty", func() { put(t, page, "") }},
		{"a file more", func() { put(t, filepath.Join(target, "zh", "x.txt"), "x") }},
		{"an empty folder more", func() { must(os.Mkdir(filepath.Join(target, "zh", "x"), 0o755)) }},
		{"a page that is a link", func() { must(os.Rename(page, page+"2")); must(os.Symlink(page+"2", page)) }},
		{"a page with other rights", func() { must(os.Chmod(page, 0o600)) }},
		{"no list", func() { put(t, filepath.Join(target, marker), markerText) }},
		{"the folder gone", func() { must(os.RemoveAll(target)) }},
		{"a sentence", func() { data, _ := os.ReadFile(zh); put(t, zh, string(data)+"\n") }},
		{"a file of the content more", func() { put(t, filepath.Join(dir, "content", "pages", "new.zh.md"), "---\ntitle: 新\n---\n") }},
		{"a folder of the content more", func() { must(os.MkdirAll(filepath.Join(dir, "content", "topics", "new"), 0o755)) }},
		{"a static file", func() { put(t, filepath.Join(dir, "static", "x.txt"), "x") }},
		{"a style", func() { put(t, filepath.Join(dir, "themes", "minxi", "static", "x.txt"), "y") }},
		{"the configuration", func() {
			data, _ := os.ReadFile(filepath.Join(dir, "hugo.toml"))
			put(t, filepath.Join(dir, "hugo.toml"), string(data)+"\n")
		}},
		{"drafts", func() { o.Drafts = true }},
		{"an address", func() { o.Base = Base{Origin: "https://example.org"} }},
		{"another program", func() { o.Version = "test2" }},
	} {
		c.do()
		if res := build(o); res.Standing {
			t.Errorf("%s: the tree was left standing", c.name)
		}
		if res := build(o); !res.Standing {
			t.Errorf("%s: built twice", c.name)
		}
	}
	var cold Memory
	if _, err := Build(context.Background(), Options{Dir: dir, NoCheck: true, Drafts: o.Drafts, Base: o.Base}, &cold); err != nil {
		t.Fatal(err)
	}
	for name, want := range cold.Files() {
		if got, err := os.ReadFile(filepath.Join(target, filepath.FromSlash(name))); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what a cold build makes, %v", name, err)
		}
	}
	// A cache that is spoilt, emptied or not there; a link in the project; a build that
	// compares.
	must(os.RemoveAll(o.Cache.Dir))
	if build(o).Standing || !build(o).Standing {
		t.Error("after the cache was emptied")
	}
	none, verify := o, o
	none.Cache, verify.Verify = cache.Store{}, true
	if build(none).Standing || build(verify).Standing {
		t.Error("nothing was built without a cache, or to compare")
	}
	must(os.Symlink("x.txt", filepath.Join(dir, "static", "y.txt")))
	if first, second := build(o), build(o); first.Standing || second.Standing {
		t.Error("a project with a link is taken for known")
	}
}
