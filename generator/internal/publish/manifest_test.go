package publish

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func files(list ...File) func(func(File, error) bool) {
	return func(yield func(File, error) bool) {
		for _, f := range list {
			if !yield(f, nil) {
				return
			}
		}
	}
}

var someRelease = Release{ID: "20261124T101225Z-5f0c12ab", Created: time.Date(2026, 11, 24, 10, 12, 25, 0, time.UTC)}

func TestManifestRoundTrip(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	want := []File{
		{"a/名 字.html", 12, sum, Header{"Content-Type": "text/html; charset=utf-8"}, 0},
		{"a-b", 0, sum, Header{"Content-Type": "text/html; charset=utf-8"}, 2},
		{"b", 1 << 40, sum, Header{"Content-Type": "text/css", "Cache-Control": "immutable"}, 0},
	}
	m, err := writeManifest(someRelease, files(want...))
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	again, err := readManifest(m.reader())
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	var got []File
	for f, err := range again.all() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f)
	}
	if len(got) != 3 || again.Files != 3 || again.Bytes != 1<<40+12 || again.ID != someRelease.ID || !again.Created.Equal(someRelease.Created) {
		t.Errorf("%+v", again.Release)
	}
	for i := range got {
		if got[i].Path != want[i].Path || got[i].Size != want[i].Size || got[i].Age != want[i].Age || got[i].Header.String() != want[i].Header.String() {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	if len(again.headers) != 2 {
		t.Errorf("%d sets of headers, want 2", len(again.headers))
	}
}

// FuzzManifest: whatever a host gives for a manifest, it is read whole or refused
// as damaged, and no path in it leads out of the site.
func FuzzManifest(f *testing.F) {
	m, err := writeManifest(someRelease, files(File{"a/b", 1, strings.Repeat("0", 64), Header{"X": "y"}, 0}, File{"c", 2, strings.Repeat("f", 64), nil, 1}))
	if err != nil {
		f.Fatal(err)
	}
	var good bytes.Buffer
	_, _ = good.ReadFrom(m.reader())
	f.Add(good.Bytes())
	f.Add(bytes.ReplaceAll(good.Bytes(), []byte("a/b"), []byte("../b")))
	f.Add(good.Bytes()[:good.Len()-3])
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readManifest(bytes.NewReader(data))
		if err != nil {
			if !errors.Is(err, errDamaged) {
				t.Errorf("%v", err)
			}
			return
		}
		defer m.close()
		n := 0
		for f, err := range m.all() {
			if err != nil {
				t.Fatal(err)
			}
			if !fs.ValidPath(f.Path) || f.Path == "." || inArchive(f.Path) || len(f.SHA256) != 64 {
				t.Errorf("%+v", f)
			}
			n++
		}
		if n != m.Files {
			t.Errorf("%d files, want %d", n, m.Files)
		}
	})
}

// A walk through folders meets files in the order of comparePaths.
func TestComparePaths(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	parts := []string{"a", "a-b", "a.html", "a!", "b", "名", "a b", "0"}
	m := fstest.MapFS{}
	for range 400 {
		var name []string
		for range 1 + random.IntN(4) {
			name = append(name, parts[random.IntN(len(parts))])
		}
		p := path.Join(name...)
		isFolder := false
		for other := range m {
			isFolder = isFolder || strings.HasPrefix(other, p+"/") || strings.HasPrefix(p, other+"/")
		}
		if !isFolder {
			m[p] = &fstest.MapFile{}
		}
	}
	var walked []string
	_ = fs.WalkDir(m, ".", func(name string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			walked = append(walked, name)
		}
		return err
	})
	if sorted := slices.SortedFunc(slices.Values(walked), comparePaths); !slices.Equal(sorted, walked) || len(walked) < 50 {
		t.Errorf("sorted %q\nwalked %q", sorted, walked)
	}
}
