package preview

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
)

// project is a folder whose "site" is one page with the text of content/x.md,
// and which fails to build while that text says broken.
type project struct {
	t    *testing.T
	dir  string
	base string
	addr string

	server *Server
}

// editor answers with what it was sent.
func editor(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Language", r.Header.Get("Accept-Language")) // what it is asked for
	if _, err := io.Copy(w, r.Body); err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	}
}

func start(t *testing.T, text string) *project {
	t.Helper()
	dir := t.TempDir()
	p := &project{t: t, dir: dir}
	p.save("content/x.md", text)
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	p.base = "http://" + p.addr
	s := &Server{Dir: dir, Lang: plan.ZH, Key: "the-key", Policy: "default-src 'self'", Editor: http.HandlerFunc(editor), Build: func(_ context.Context, out pipeline.Output) (*pipeline.Result, error) {
		text, err := os.ReadFile(filepath.Join(dir, "content", "x.md"))
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(text), "panic") {
			panic("of the program")
		}
		if strings.Contains(string(text), "broken") {
			return nil, diag.List{{Pos: diag.Pos{File: "content/x.md", Line: 3, Col: 1}, Check: "line",
				Fact: diag.Text("<b>坏了</b>", "it is broken"), Hint: diag.Text("修好它", "mend it")}}
		}
		for name, data := range map[string]string{
			"zh/index.html": "<!doctype html><html><body><p>" + string(text) + "</p></body></html>",
			"zh/404.html":   "<html><body>没有</body></html>",
			"a.css":         "p{}",
		} {
			if err := out.Write(name, []byte(data)); err != nil {
				return nil, err
			}
		}
		return &pipeline.Result{Marks: map[string]pipeline.Mark{"/zh/": {Draft: true}}}, nil
	}}
	p.server = s
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := s.Serve(ctx, l); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })
	return p
}

func (p *project) save(name, text string) {
	p.t.Helper()
	file := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// states reads the event stream.
func (p *project) states() <-chan state {
	p.t.Helper()
	res, err := http.Get(p.base + eventsPath)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { res.Body.Close() })
	out := make(chan state, 16)
	go func() {
		defer close(out)
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var s state
				if json.Unmarshal([]byte(data), &s) == nil {
					out <- s
				}
			}
		}
	}()
	return out
}

func next(t *testing.T, states <-chan state) state {
	t.Helper()
	select {
	case s := <-states:
		return s
	case <-time.After(20 * time.Second):
		t.Fatal("no event")
		return state{}
	}
}

func TestServe(t *testing.T) {
	p := start(t, "hello")
	_, port, _ := net.SplitHostPort(p.addr)
	for _, c := range []struct {
		path, host string
		status     int
		body, kind string
	}{
		{"/zh/", "", 200, "<p>hello</p><script src=\"/__preview/preview.js?" + ownSum + "\" data-tree=", "text/html; charset=utf-8"},
		{"/zh/index.html", "localhost:" + port, 200, "hello", "text/html; charset=utf-8"},
		{"/zh/", "LOCALHOST:" + port, 200, "hello", "text/html; charset=utf-8"},
		{"/zh/", "[::1]:" + port, 200, "hello", "text/html; charset=utf-8"},
		{"/zh/", "evil.example", 403, "403", ""},
		{"/zh/", "127.0.0.1", 403, "403", ""},
		{"/zh/", "127.0.0.1.evil.example:" + port, 403, "403", ""},
		{eventsPath, "evil.example:" + port, 403, "403", ""},
		{scriptPath, "evil.example:" + port, 403, "403", ""},
		{"/zh", "", 301, "", ""},
		{"/zh/nothing/", "", 404, "没有", "text/html; charset=utf-8"},
		{"/../../etc/passwd", "", 404, "", ""},
		{"/a.css", "", 200, "p{}", "text/css; charset=utf-8"},
		{scriptPath, "", 200, "EventSource", "text/javascript; charset=utf-8"},
		{statePath, "", 200, `"found":[]`, "application/json"},
		{statePath, "evil.example:" + port, 403, "403", ""},
	} {
		status, header, body := p.ask("GET", c.path, "", "Host: "+c.host)
		if status != c.status || !strings.Contains(body, c.body) || c.kind != "" && header.Get("Content-Type") != c.kind {
			t.Errorf("%s of %q: %d %s %q", c.path, c.host, status, header.Get("Content-Type"), body)
		}
		if header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", c.path)
		}
	}
	if _, header, _ := p.ask("GET", "/zh?x=1", ""); header.Get("Location") != "/zh/?x=1" {
		t.Errorf("redirected to %s", header.Get("Location"))
	}
}

func TestFollowsSaves(t *testing.T) {
	p := start(t, "one")
	states := p.states()
	first := next(t, states)
	if first.Tree == 0 || len(first.Found) > 0 {
		t.Fatalf("first state %+v", first)
	}
	p.save("content/x.md", "one\ntwo\nit is broken\n")
	wrong := next(t, states)
	if wrong.Tree != first.Tree || len(wrong.Found) != 1 || wrong.Found[0] != (finding{"content/x.md:3:1", "line", "it is broken", 0, text{"<b>坏了</b>", "it is broken"}, text{"修好它", "mend it"}, false}) {
		t.Fatalf("after a mistake: %+v", wrong)
	}
	if _, _, body := p.ask("GET", "/zh/", ""); !strings.Contains(body, "one") {
		t.Errorf("the last good page is gone: %s", body)
	}
	p.save("content/x.md", "two")
	mended := next(t, states)
	if mended.Tree == first.Tree || len(mended.Found) > 0 {
		t.Fatalf("after mending: %+v", mended)
	}
	if _, _, body := p.ask("GET", "/zh/", ""); !strings.Contains(body, "two") {
		t.Errorf("the new page is not there: %s", body)
	}
	// Files in folders that are made later count too; editors' own files do not.
	p.save("content/deep/er/y.md", "new")
	next(t, states)
	p.save("hugo.toml", "x")
	next(t, states)
	p.save("content/.x.md.swp", "x")
	p.save("content/x.md~", "x")
	select {
	case s := <-states:
		t.Errorf("an editor's own file caused a build: %+v", s)
	case <-time.After(300 * time.Millisecond):
	}
}

func TestNothingToShowYet(t *testing.T) {
	p := start(t, "broken")
	status, _, body := p.ask("GET", "/zh/", "")
	if status != 500 || !strings.Contains(body, "content/x.md:3:1") || !strings.Contains(body, "&lt;b&gt;坏了") || !strings.Contains(body, "修好它") {
		t.Errorf("%d %s", status, body)
	}
	states := p.states()
	next(t, states)
	p.save("content/x.md", "well")
	if s := next(t, states); s.Tree == 0 || len(s.Found) > 0 {
		t.Errorf("%+v", s)
	}
}
