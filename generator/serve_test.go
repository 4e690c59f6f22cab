package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/sample"
)

// served is a copy of the real project while it is served.
type served struct {
	t      *testing.T
	dir    string
	base   string
	events chan string
	out    safeBuffer
}

// shown is what pages are told.
type shown struct {
	Tree  int64
	Found []struct {
		Where, Text string
		Fact, Hint  plan.Text
	}
}

func serveProject(t *testing.T) *served {
	t.Helper()
	p := &served{t: t, dir: filepath.Join(t.TempDir(), "project"), events: make(chan string, 16)}
	if err := copyProject(p.dir); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	a := &app{lang: plan.EN, out: &p.out, err: &p.out}
	o := pipeline.Options{Dir: p.dir, Preview: true, Tolerant: true, Version: "test", Cache: cache.Store{Dir: sharedCache(t)}}
	var done sync.WaitGroup
	done.Go(func() {
		if err := a.serve(ctx, l, o, false); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })
	p.base = "http://" + l.Addr().String()
	res, err := http.Get(p.base + "/__preview/events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	go func() {
		defer close(p.events)
		for lines := bufio.NewReader(res.Body); ; {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				p.events <- data
			}
		}
	}()
	return p
}

// until reads states until one is as wanted; several saves may come as one.
func (p *served) until(what string, wanted func(shown) bool) shown {
	p.t.Helper()
	timeout := time.After(60 * time.Second)
	for {
		select {
		case data := <-p.events:
			var s shown
			if err := json.Unmarshal([]byte(data), &s); err != nil {
				p.t.Fatal(err)
			}
			if wanted(s) {
				return s
			}
		case <-timeout:
			p.t.Fatalf("%s: nothing came; the command said %s", what, &p.out)
		}
	}
}

func (p *served) page(path string) string {
	p.t.Helper()
	res, err := http.Get(p.base + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(body)
}

func (p *served) file(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

func (p *served) read(name string) []byte {
	p.t.Helper()
	data, err := os.ReadFile(p.file(name))
	if err != nil {
		p.t.Fatal(err)
	}
	return data
}

func (p *served) write(name string, data []byte) {
	p.t.Helper()
	if err := os.WriteFile(p.file(name), data, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *served) edit(name, old, new string) {
	p.t.Helper()
	data := string(p.read(name))
	if !strings.Contains(data, old) {
		p.t.Fatalf("%s has no %q", name, old)
	}
	p.write(name, []byte(strings.Replace(data, old, new, 1)))
}

// TestServeRealProject edits a copy of the real project while it is served:
// Markdown, theme, termbase and configuration are followed, and a mistake is
// told with its place until it is mended.
func TestServeRealProject(t *testing.T) {
	p := serveProject(t)
	until, page, edit := p.until, p.page, p.edit

	s := until("start", func(s shown) bool { return s.Tree > 0 })
	if !strings.Contains(page("/zh/m/s3-2/"), "推广龙岩长汀") {
		t.Error("the first page is not there")
	}
	follows := func(what, file, old, new, url, want string) {
		t.Helper()
		edit(file, old, new)
		s = until(what, func(n shown) bool { return n.Tree != s.Tree && len(n.Found) == 0 })
		// The pages that somebody looks at are shown first, the others a moment later.
		for end := time.Now().Add(time.Minute); !strings.Contains(page(url), want); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %s does not say %q", what, url, want)
			}
		}
	}
	follows("English Markdown", "content/plan/c3/s3.en.md", "Longyan", "LONGYAN", "/en/plan/s3/", "LONGYAN")
	follows("a page", "content/pages/about.zh.md", "title: 关于本站", "title: 关于方案", "/zh/about/", "关于方案")
	follows("the theme", "themes/minxi/layouts/ordinary.html", "<article>", "<article class=\"edited\">", "/zh/about/", "edited")
	follows("a style", "themes/minxi/assets/css/1-base.css", "--red: #8c1a1a", "--main: #123456", "/zh/", "minxi.")
	follows("the configuration", "hugo.toml", `sponsor = ""`, `sponsor = "某单位"`, "/zh/", "某单位")
	edit("content/termbase.csv", ",proposed,,mǐn", ",official,,mǐn") // which no page shows
	until("the termbase", func(shown) bool { return true })

	// A mistake in the text: the page shows the edit, and what is wrong with it.
	edit("content/plan/c3/s3.zh.md", "推广龙岩长汀", "推广长汀龙岩")
	wrong := until("a wrong character", func(n shown) bool { return len(n.Found) > 0 })
	if wrong.Found[0].Where == "" || wrong.Found[0].Hint.EN == "" || !strings.Contains(wrong.Found[0].Text, "推广长汀龙岩") {
		t.Errorf("a finding without place, text or hint: %+v", wrong.Found[0])
	}
	if !strings.Contains(page("/zh/plan/s3/"), "推广长汀龙岩") {
		t.Error("the edit does not show")
	}
	edit("content/plan/c3/s3.zh.md", "推广长汀龙岩", "推广龙岩长汀")
	until("mended", func(n shown) bool { return len(n.Found) == 0 })

	// A mistake in a template: the last good page stays.
	edit("themes/minxi/layouts/ordinary.html", "{{ .Content }}", "{{ .Content")
	wrong = until("a broken template", func(n shown) bool { return len(n.Found) > 0 })
	if !strings.HasPrefix(wrong.Found[0].Where, "themes/minxi/layouts/ordinary.html:") {
		t.Errorf("found at %s", wrong.Found[0].Where)
	}
	if !strings.Contains(page("/zh/about/"), "关于方案") {
		t.Error("the last good page is gone")
	}
	edit("themes/minxi/layouts/ordinary.html", "{{ .Content", "{{ .Content }}")
	until("template mended", func(n shown) bool { return len(n.Found) == 0 })
}

// TestServeSurvives saves what people and programs save by mistake. Each time the site
// is still there, what is wrong is told, and mending it is enough: nothing has to be
// started again.
func TestServeSurvives(t *testing.T) {
	p := serveProject(t)
	p.until("start", func(s shown) bool { return s.Tree > 0 && len(s.Found) == 0 })
	encoded := func(name string, e encoding.Encoding) func() {
		return func() {
			data, err := e.NewEncoder().Bytes(p.read(name))
			if err != nil {
				t.Fatal(err)
			}
			p.write(name, data)
		}
	}
	move := func(from, to string) func() {
		return func() {
			if err := os.Rename(p.file(from), p.file(to)); err != nil {
				t.Fatal(err)
			}
		}
	}
	const s3, s3en = "content/plan/c3/s3.zh.md", "content/plan/c3/s3.en.md"
	for _, c := range []struct {
		what   string
		file   string // that is put back as it was; or what puts it back
		damage func()
		mend   func()
	}{
		{what: "front matter that is being written", file: s3en, damage: func() { p.write(s3en, []byte("---\ntitle: Cons")) }},
		{what: "front matter that is no YAML", file: s3en, damage: func() { p.edit(s3en, "title: ", "title: [") }},
		{what: "an emptied file", file: s3, damage: func() { p.write(s3, nil) }},
		{what: "an emptied termbase", file: "content/termbase.csv", damage: func() { p.write("content/termbase.csv", nil) }},
		{what: "Word's quotation marks", file: s3, damage: func() { p.edit(s3, `topics="ecology"`, `topics=“ecology”`) }},
		{what: "GBK", file: s3, damage: encoded(s3, simplifiedchinese.GBK)},
		{what: "UTF-16", file: s3, damage: encoded(s3, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))},
		{what: "bytes that are no text", file: s3en, damage: func() { p.write(s3en, []byte{0, 0xff, 0xfe, 0, 'a', 0x80}) }},
		{what: "a renamed file", damage: move(s3en, "content/plan/c3/s3.en.bak.md"), mend: move("content/plan/c3/s3.en.bak.md", s3en)},
		{what: "a folder that is gone", damage: move("content/topics/ecology", "ecology"), mend: move("ecology", "content/topics/ecology")},
		{what: "all content gone", damage: move("content", "content.old"), mend: move("content.old", "content")},
		{what: "a configuration that is being written", file: "hugo.toml", damage: func() { p.edit("hugo.toml", "[params", "[params\n[") }},
	} {
		var before []byte
		if c.file != "" {
			before = p.read(c.file)
		}
		c.damage()
		s := p.until(c.what, func(s shown) bool { return len(s.Found) > 0 })
		if s.Found[0].Fact.EN == "" || s.Found[0].Hint.EN == "" {
			t.Errorf("%s: %+v", c.what, s.Found[0])
		}
		if !strings.Contains(p.page("/zh/"), "<main") {
			t.Errorf("%s: the site is gone", c.what)
		}
		if c.mend != nil {
			c.mend()
		} else {
			p.write(c.file, before)
		}
		p.until(c.what+", mended", func(s shown) bool { return len(s.Found) == 0 })
	}
	// Folders that were away are followed again.
	p.edit("content/topics/ecology/_index.zh.md", "title: ", "title: 新")
	p.until("after all", func(shown) bool { return true })
	if !strings.Contains(p.page("/zh/topics/"), "新") {
		t.Error("a folder that was away is not followed any more")
	}
}

// TestServeFlat saves again and again: memory does not grow. MINXI_REBUILDS says how
// often, such as a thousand times.
func TestServeFlat(t *testing.T) {
	rebuilds := sample.Times(30, 12)
	if n, err := strconv.Atoi(os.Getenv("MINXI_REBUILDS")); err == nil {
		rebuilds = n
	}
	p := serveProject(t)
	p.until("start", func(s shown) bool { return s.Tree > 0 })
	heap := func() uint64 {
		least := uint64(math.MaxUint64)
		for range 10 { // a build that goes on has a tree of its own
			var m runtime.MemStats
			runtime.GC()
			runtime.GC() // what has a finalizer goes in the second
			runtime.ReadMemStats(&m)
			least = min(least, m.HeapAlloc)
			time.Sleep(100 * time.Millisecond)
		}
		return least
	}
	var first uint64
	for n := range rebuilds {
		was := "Longyan"
		if n > 0 {
			was = fmt.Sprintf("Longyan%d", n-1)
		}
		p.edit("content/plan/c3/s3.en.md", was, fmt.Sprintf("Longyan%d", n))
		p.until("a save", func(shown) bool { return true })
		if n == rebuilds/3 {
			first = heap()
		}
	}
	last := heap()
	t.Logf("after %d saves %.1f MB, after %d %.1f MB", rebuilds/3, float64(first)/1e6, rebuilds, float64(last)/1e6)
	if last > first+first/4 {
		t.Errorf("memory grows: after %d saves %.1f MB, after %d %.1f MB", rebuilds/3, float64(first)/1e6, rebuilds, float64(last)/1e6)
	}
}

// safeBuffer may be read while it is written.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
