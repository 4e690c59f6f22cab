package optimize

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"

	"minxi/generator/internal/cache"
)

func unpack(t *testing.T, twin Twin) []byte {
	t.Helper()
	var r io.Reader = brotli.NewReader(bytes.NewReader(twin.Data))
	if strings.HasSuffix(twin.Path, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(twin.Data))
		if err != nil {
			t.Fatal(err)
		}
		if z.Name != "" || !z.ModTime.IsZero() {
			t.Errorf("%s says %q, %v", twin.Path, z.Name, z.ModTime)
		}
		r = z
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTwins(t *testing.T) {
	page := readFile(t, "testdata/page.html")
	for _, c := range []Compressor{
		{},
		{cache.Store{Dir: filepath.Join(t.TempDir(), "new", "cache")}},
		{cache.Store{Dir: "testdata/page.html"}}, // not a folder: a cache that always fails
	} {
		for range 2 {
			twins := c.Twins("zh/index.html", page)
			if len(twins) != 2 || twins[0].Path != "zh/index.html.br" || twins[1].Path != "zh/index.html.gz" {
				t.Fatalf("%v: %v", c, twins)
			}
			for _, twin := range twins {
				if len(twin.Data) >= len(page) || !bytes.Equal(unpack(t, twin), page) {
					t.Errorf("%v: %s, %d bytes, is not the page", c, twin.Path, len(twin.Data))
				}
			}
			if twins := c.Twins("a.txt", []byte("闽")); twins != nil {
				t.Errorf("a twin larger than the file: %v", twins)
			}
			if twins := c.Twins("a.txt", nil); twins != nil {
				t.Errorf("a twin of nothing: %v", twins)
			}
			if twins := c.Twins("a.woff2", page); twins != nil {
				t.Errorf("a twin of a font: %v", twins)
			}
		}
	}
}

func TestTwinsAreTheSame(t *testing.T) {
	page := readFile(t, "testdata/page.html")
	want := Compressor{}.Twins("a.html", page)
	c := Compressor{cache.Store{Dir: t.TempDir()}}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, twin := range c.Twins("a.html", page) {
				if !bytes.Equal(twin.Data, want[i].Data) {
					t.Errorf("%s differs", twin.Path)
				}
			}
		})
	}
	wg.Wait()
}

// What the cache holds damaged is made again, and replaced.
func TestDamagedCache(t *testing.T) {
	page := readFile(t, "testdata/page.html")
	c := Compressor{cache.Store{Dir: t.TempDir()}}
	want := c.Twins("a.html", page)
	entries, err := filepath.Glob(filepath.Join(c.Cache.Dir, "*", "*"))
	if err != nil || len(entries) != 2 {
		t.Fatal(entries, err)
	}
	good := readFile(t, entries[0])
	if err := os.WriteFile(entries[0], good[:len(good)-1], 0o644); err != nil {
		t.Fatal(err)
	}
	got := c.Twins("a.html", page)
	if len(got) != 2 || !bytes.Equal(got[0].Data, want[0].Data) || !bytes.Equal(got[1].Data, want[1].Data) {
		t.Error("taken for good")
	}
	if !bytes.Equal(readFile(t, entries[0]), good) {
		t.Error("not replaced")
	}
}

func BenchmarkTwins(b *testing.B) {
	src, err := New(Options{Minify: true}).File(pagePath, readFile(b, "testdata/page.html"))
	if err != nil {
		b.Fatal(err)
	}
	cached := Compressor{cache.Store{Dir: b.TempDir()}}
	brotli9 := &encoding{writers: sync.Pool{New: func() any { return brotli.NewWriterLevel(nil, 9) }}}
	for _, bench := range []struct {
		name string
		run  func() int
	}{
		{"brotli11", func() int { return len(encodings[0].encode(src)) }},
		{"brotli9", func() int { return len(brotli9.encode(src)) }},
		{"gzip9", func() int { return len(encodings[1].encode(src)) }},
		{"uncached", func() int { return len(Compressor{}.Twins("a.html", src)[0].Data) }},
		{"cached", func() int { return len(cached.Twins("a.html", src)[0].Data) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			var n int
			for b.Loop() {
				n = bench.run()
			}
			b.ReportMetric(float64(n)/float64(len(src)), "ofsize")
		})
	}
}
