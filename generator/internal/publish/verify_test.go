package publish_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// webServer serves a place as a web server does; change may spoil an answer.
func webServer(t *testing.T, p hosttest.Place, change func(name string, h http.Header, body []byte) []byte) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/deep/")
		if name == "" {
			http.Redirect(w, r, "/deep/zh/", http.StatusFound)
			return
		}
		if strings.HasSuffix(name, "/") {
			name += "index.html"
		}
		data, header, err := p.Read(name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		for k, v := range header {
			w.Header().Set(k, v)
		}
		if change != nil {
			data = change(name, w.Header(), data)
		}
		if name == "404.html" {
			w.WriteHeader(http.StatusNotFound)
		}
		w.Write(data)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/deep"
}

// Verify fetches what readers get, from below a path, and tells what differs.
func TestVerifyAsReader(t *testing.T) {
	p := hosttest.DiskPlace(t.TempDir())
	h := p.Open(t)
	files := small().with("404.html", "not here").with("zh/名字 50%.html", "a name").with("_headers", "/*\n")
	must(t, h, files, quick)
	check := func(change func(string, http.Header, []byte) []byte) *publish.Checked {
		t.Helper()
		c, err := publish.Verify(context.Background(), h, webServer(t, p, change), quick)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := check(nil); c.Right != len(files)-1 || c.Skipped != 1 || len(c.Found) > 0 || !c.Readers {
		t.Errorf("%+v", c)
	}
	c := check(func(name string, h http.Header, body []byte) []byte {
		switch name {
		case "zh/a/index.html":
			return append(body, "<script src=advertisement.js></script>"...)
		case "zh/b/index.html":
			h.Set("Content-Type", "text/html")
		case "zh/c/index.html":
			h.Set("Content-Type", "text/html;charset=UTF-8") // means the same
		case "assets/x.1.css":
			h.Del("Cache-Control")
		}
		return body
	})
	var facts []string
	for _, d := range c.Found {
		facts = append(facts, d.File+": "+d.Fact.EN)
	}
	want := []string{
		"assets/x.1.css: the header Cache-Control is “” and should be “public, max-age=31536000, immutable”",
		"zh/a/index.html: its bytes are not those published",
		"zh/b/index.html: the header Content-Type is “text/html” and should be “text/html; charset=utf-8”",
	}
	if strings.Join(facts, "\n") != strings.Join(want, "\n") || c.Right != len(files)-4 {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(facts, "\n"), strings.Join(want, "\n"))
	}
	if err := p.Open(t).(publish.Store).Delete(context.Background(), "zh/a/index.html"); err != nil {
		t.Fatal(err)
	}
	if c := check(nil); len(c.Found) != 1 || c.Found[0].Fact.EN != "the file is missing (404 Not Found)" {
		t.Errorf("%+v", c)
	}
	if _, err := publish.Verify(context.Background(), h, "ftp://example.org", quick); err == nil {
		t.Error("an address that is none")
	}
}
