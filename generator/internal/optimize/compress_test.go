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
	"time"

	"github.com/andybalholm/brotli"
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
		{Dir: filepath.Join(t.TempDir(), "new", "cache")},
		{Dir: "testdata/page.html"}, // not a folder: a cache that always fails
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
	c := Compressor{t.TempDir()}
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
	if left, _ := filepath.Glob(filepath.Join(c.Dir, "*"+aside)); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestDamagedCache(t *testing.T) {
	page := readFile(t, "testdata/page.html")
	c := Compressor{t.TempDir()}
	want := c.Twins("a.html", page)
	entries, err := filepath.Glob(filepath.Join(c.Dir, "*"))
	if err != nil || len(entries) != 2 {
		t.Fatal(entries, err)
	}
	for _, damage := range []struct {
		name string
		do   func(b []byte) []byte
	}{
		{"emptied", func(b []byte) []byte { return nil }},
		{"cut", func(b []byte) []byte { return b[:len(b)-1] }},
		{"one bit", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }},
		{"seal", func(b []byte) []byte { b[0] ^= 1; return b }},
		{"another's", func([]byte) []byte { b, _ := os.ReadFile(entries[1]); return b }},
	} {
		good := readFile(t, entries[0])
		if err := os.WriteFile(entries[0], damage.do(bytes.Clone(good)), 0o644); err != nil {
			t.Fatal(err)
		}
		got := c.Twins("a.html", page)
		if len(got) != 2 || !bytes.Equal(got[0].Data, want[0].Data) || !bytes.Equal(got[1].Data, want[1].Data) {
			t.Errorf("%s: taken for good", damage.name)
		}
		if !bytes.Equal(readFile(t, entries[0]), good) {
			t.Errorf("%s: not replaced", damage.name)
		}
	}
}

func TestPrune(t *testing.T) {
	if n, err := (Compressor{filepath.Join(t.TempDir(), "none")}).Prune(0); n != 0 || err != nil {
		t.Error(n, err)
	}
	c := Compressor{t.TempDir()}
	c.Twins("a.html", readFile(t, "testdata/page.html"))
	c.Twins("b.txt", []byte(strings.Repeat("b", 1000)))
	interrupted := strings.Repeat("0a", 32) + ".br11.123" + aside
	for _, name := range []string{"notes.txt", "0a.br11", interrupted} {
		if err := os.WriteFile(filepath.Join(c.Dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-40 * 24 * time.Hour)
	files, err := filepath.Glob(filepath.Join(c.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Chtimes(f, old, old); err != nil {
			t.Fatal(err)
		}
	}
	c.Twins("b.txt", []byte(strings.Repeat("b", 1000))) // a use
	if n, err := c.Prune(30 * 24 * time.Hour); n != 3 || err != nil {
		t.Errorf("removed %d, %v; want the page's two entries and what was interrupted", n, err)
	}
	if left, _ := filepath.Glob(filepath.Join(c.Dir, "*")); len(left) != 4 {
		t.Errorf("left: %v", left)
	}
}

func BenchmarkTwins(b *testing.B) {
	src, err := New(Options{Minify: true}).File(pagePath, readFile(b, "testdata/page.html"))
	if err != nil {
		b.Fatal(err)
	}
	cached := Compressor{b.TempDir()}
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
