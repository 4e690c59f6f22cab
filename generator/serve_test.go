package main

import (
	"bufio"
	"bytes"
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

	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
)

// TestServeRealProject edits a copy of the real project while it is served:
// Markdown, theme, termbase and configuration are followed, and a mistake is
// told with its place until it is mended.
func TestServeRealProject(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "project")
	if err := copyProject(dir); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var out, errw safeBuffer
	a := &app{lang: plan.EN, out: &out, err: &errw}
	var done sync.WaitGroup
	done.Go(func() {
		if err := a.serve(ctx, l, pipeline.Options{Dir: dir, Preview: true, Tolerant: true}); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })
	base := "http://" + l.Addr().String()

	res, err := http.Get(base + "/__preview/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	events := make(chan string, 16)
	go func() {
		defer close(events)
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			if data, ok := strings.CutPrefix(s.Text(), "data: "); ok {
				events <- data
			}
		}
	}()
	type state struct {
		Tree  int64
		Found []struct{ Where, Fact, Hint string }
	}
	// until reads states until one is as wanted; several saves may come as one.
	until := func(what string, wanted func(state) bool) state {
		t.Helper()
		timeout := time.After(60 * time.Second)
		for {
			select {
			case data := <-events:
				var s state
				if err := json.Unmarshal([]byte(data), &s); err != nil {
					t.Fatal(err)
				}
				if wanted(s) {
					return s
				}
			case <-timeout:
				t.Fatalf("%s: nothing came; the command said %s %s", what, &out, &errw)
			}
		}
	}
	page := func(path string) string {
		t.Helper()
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	edit := func(name, old, new string) {
		t.Helper()
		file := filepath.Join(dir, filepath.FromSlash(name))
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), old) {
			t.Fatalf("%s has no %q", name, old)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(data), old, new, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	s := until("start", func(s state) bool { return s.Tree > 0 })
	if !strings.Contains(page("/zh/m/s3-2/"), "推广龙岩长汀") {
		t.Error("the first page is not there")
	}
	follows := func(what, file, old, new, url, want string) {
		t.Helper()
		edit(file, old, new)
		s = until(what, func(n state) bool { return n.Tree != s.Tree && len(n.Found) == 0 })
		if !strings.Contains(page(url), want) {
			t.Errorf("%s: %s does not say %q", what, url, want)
		}
	}
	follows("English Markdown", "content/plan/c3/s3.en.md", "Longyan", "LONGYAN", "/en/plan/s3/", "LONGYAN")
	follows("a page", "content/pages/about.zh.md", "title: 关于本站", "title: 关于方案", "/zh/about/", "关于方案")
	follows("the theme", "themes/minxi/layouts/ordinary.html", "<article>", "<article class=\"edited\">", "/zh/about/", "edited")
	follows("a style", "themes/minxi/assets/css/1-base.css", "--red: #8c1a1a", "--main: #123456", "/zh/", "minxi.")
	follows("the configuration", "hugo.toml", `sponsor = ""`, `sponsor = "某单位"`, "/zh/", "某单位")
	follows("the termbase", "content/termbase.csv", "zh,en", "zh,en", "/zh/", "")

	// A mistake in the text: the page shows the edit, and what is wrong with it.
	edit("content/plan/c3/s3.zh.md", "推广龙岩长汀", "推广长汀龙岩")
	wrong := until("a wrong character", func(n state) bool { return len(n.Found) > 0 })
	if wrong.Found[0].Where == "" || wrong.Found[0].Hint == "" {
		t.Errorf("a finding without place or hint: %+v", wrong.Found[0])
	}
	if !strings.Contains(page("/zh/plan/s3/"), "推广长汀龙岩") {
		t.Error("the edit does not show")
	}
	edit("content/plan/c3/s3.zh.md", "推广长汀龙岩", "推广龙岩长汀")
	until("mended", func(n state) bool { return len(n.Found) == 0 })

	// A mistake in a template: the last good page stays.
	edit("themes/minxi/layouts/ordinary.html", "{{ .Content }}", "{{ .Content")
	wrong = until("a broken template", func(n state) bool { return len(n.Found) > 0 })
	if !strings.HasPrefix(wrong.Found[0].Where, "themes/minxi/layouts/ordinary.html:") {
		t.Errorf("found at %s", wrong.Found[0].Where)
	}
	if !strings.Contains(page("/zh/about/"), "关于方案") {
		t.Error("the last good page is gone")
	}
	edit("themes/minxi/layouts/ordinary.html", "{{ .Content", "{{ .Content }}")
	until("template mended", func(n state) bool { return len(n.Found) == 0 })
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
