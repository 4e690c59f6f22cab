package pipeline

import (
	"bytes"
	"context"
	"encoding/gob"
	"os"
	"path/filepath"
	"testing"

	"minxi/generator/internal/cache"
)

// TestFinished builds with what an earlier build has noted of files that are no pages, and
// with notes that are spoilt or of another file: these are finished again.
func TestFinished(t *testing.T) {
	dir := little(t, littleUpdate)
	o := Options{Dir: dir, NoCheck: true, Version: "test", Cache: cache.Store{Dir: filepath.Join(t.TempDir(), "cache")}}
	build := func(o Options, before *Memory) (*Result, *Memory) {
		t.Helper()
		out := &Memory{Before: before}
		res, err := Build(context.Background(), o, out)
		if err != nil {
			t.Fatal(err)
		}
		return res, out
	}
	first, tree := build(o, nil)
	entry := o.lastBuild("finished")
	noted, ok := o.Cache.Get(entry)
	var files finishedFiles
	if !ok || gob.NewDecoder(bytes.NewReader(noted)).Decode(&files) != nil || len(files) == 0 || first.Rendered == 0 {
		t.Fatalf("%d files noted, %d bytes rendered", len(files), first.Rendered)
	}
	mixed := finishedFiles{} // each has become what another one has
	for name, f := range files {
		for other, g := range files {
			if other != name && g.Sum != f.Sum {
				mixed[name] = finished{f.From, g.Sum, g.Size}
			}
		}
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(mixed); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(o.Cache.Dir, entry[:2], entry)
	for _, c := range []struct {
		name   string
		before *Memory
		spoil  func()
		verify bool
		spared bool // nothing is finished again
	}{
		{name: "as it is", before: tree, spared: true},
		{name: "no tree"},
		{name: "to be verified", before: tree, verify: true},
		{name: "gone", before: tree, spoil: func() { os.Remove(file) }},
		{name: "cut short", before: tree, spoil: func() { os.Truncate(file, 100) }},
		{name: "of nothing", before: tree, spoil: func() { o.Cache.Put(entry, nil) }},
		{name: "of other files", before: tree, spoil: func() { o.Cache.Put(entry, b.Bytes()) }},
	} {
		if o.Cache.Put(entry, noted); c.spoil != nil {
			c.spoil()
		}
		o := o
		o.Verify = c.verify
		res, got := build(o, c.before)
		if spared := res.Rendered == 0; spared != c.spared {
			t.Errorf("%s: %d bytes were finished again", c.name, res.Rendered)
		}
		if d := differ(tree.Files(), got.Files()); d != nil {
			t.Errorf("%s: %v differ", c.name, d)
		}
		again, _ := o.Cache.Get(entry)
		var files finishedFiles
		if gob.NewDecoder(bytes.NewReader(again)).Decode(&files) != nil || files["zh/feed.xml"].Size != len(tree.Files()["zh/feed.xml"]) {
			t.Errorf("%s: after it the notes are not mended", c.name)
		}
	}
}
