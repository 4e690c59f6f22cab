// Package preview is the local server for the people who edit: it shows the
// site from memory, builds it again after every save, reloads the page, and
// puts what is wrong over it, with file and line, until it is mended.
//
// It listens on the loopback interface and answers only to its own names there,
// so that no web page that a person visits can read the preview through a host
// name of its own (DNS rebinding).
//
// A page and the server agree by number: each finished tree has one, the script
// in every page knows its tree's, and the event stream (one for all tabs of a
// browser) says the current one. A
// page that missed something, because the laptop slept or the server was
// restarted, therefore catches up by itself.
package preview

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"mime"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
)

// Server shows one project.
type Server struct {
	Dir   string                                                                      // the project folder, watched for saves
	Lang  plan.Lang                                                                   // of findings
	Build func(ctx context.Context, out pipeline.Output) (*pipeline.Result, error)    // makes the whole site
	Built func(res *pipeline.Result, found diag.List, took time.Duration, first bool) // told of every build; may be nil

	mu      sync.RWMutex
	number  int64 // of the tree that is shown; 0 before the first
	tree    *pipeline.Memory
	found   diag.List // of the last build, which may have failed
	changed chan struct{}
}

const (
	ours       = "/__preview/"
	scriptPath = ours + "preview.js"
	eventsPath = ours + "events"
	statePath  = ours + "state"
)

//go:embed preview.js
var script []byte

// Serve builds, answers on l and follows saves until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s.changed = make(chan struct{})
	saves, err := watch(ctx, s.Dir)
	if err != nil {
		return fmt.Errorf("watching %s: %w", s.Dir, err)
	}
	s.rebuild(ctx, true)
	go func() {
		for range saves {
			s.rebuild(ctx, false)
		}
	}()
	srv := &http.Server{
		Handler:           s.guard(l.Addr(), http.HandlerFunc(s.serve)),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	go func() {
		<-ctx.Done()
		bye, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = srv.Shutdown(bye) // the process is ending anyway
	}()
	if err := srv.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// rebuild makes the site anew. A build that failed leaves the tree before it on
// show, under what went wrong.
func (s *Server) rebuild(ctx context.Context, first bool) {
	start := time.Now()
	tree := &pipeline.Memory{Before: s.tree}
	res, err := s.Build(ctx, tree)
	tree.Before = nil // it may go
	if ctx.Err() != nil {
		return
	}
	found := diag.From(err)
	s.mu.Lock()
	if err == nil {
		found = res.Found
		s.tree = tree
		s.number = time.Now().UnixMilli() // so that a restarted server never repeats a number
	}
	s.found = found
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
	if s.Built != nil {
		s.Built(res, found, time.Since(start), first)
	}
}

// guard refuses requests that name another host than this server.
func (s *Server) guard(addr net.Addr, next http.Handler) http.Handler {
	_, port, _ := net.SplitHostPort(addr.String())
	allowed := map[string]bool{}
	for _, host := range []string{"127.0.0.1", "localhost", "::1"} {
		allowed[net.JoinHostPort(host, port)] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !allowed[strings.ToLower(r.Host)] {
			http.Error(w, "403: this preview answers to 127.0.0.1 and localhost only", http.StatusForbidden)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "405: the preview is only read", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case scriptPath:
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Write(script)
		return
	case eventsPath:
		s.events(w, r)
		return
	case statePath:
		s.mu.RLock()
		now := s.state()
		s.mu.RUnlock()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(now) // nobody is left to tell
		return
	}
	s.mu.RLock()
	tree, number, found := s.tree, s.number, s.found
	s.mu.RUnlock()
	if tree == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		w.Write(s.nothingYet(found))
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	data, ok := tree.File(name)
	if !ok {
		if _, folder := tree.File(name + "/index.html"); folder {
			to := *r.URL
			to.Path, to.RawPath, to.Scheme, to.Host = path.Clean("/"+name)+"/", "", "", ""
			http.Redirect(w, r, to.RequestURI(), http.StatusMovedPermanently)
			return
		}
		data, name = notFound(tree, name)
		w.Header().Set("Content-Type", contentType(name))
		w.WriteHeader(http.StatusNotFound)
	} else {
		w.Header().Set("Content-Type", contentType(name))
	}
	if path.Ext(name) == ".html" {
		data = withScript(data, number)
	}
	w.Write(data)
}

// notFound is the site's own page for unknown addresses, in the language asked for.
func notFound(tree *pipeline.Memory, name string) ([]byte, string) {
	lang, _, _ := strings.Cut(name, "/")
	for _, page := range []string{lang + "/404.html", "404.html"} {
		if data, ok := tree.File(page); ok {
			return data, page
		}
	}
	return []byte("404"), "404.txt"
}

// contentTypes of what a site is made of; the system's table differs from
// machine to machine and is asked last.
var contentTypes = map[string]string{
	".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
	".xml": "application/xml", ".svg": "image/svg+xml", ".txt": "text/plain", ".csv": "text/csv",
}

func contentType(name string) string {
	if t, ok := contentTypes[path.Ext(name)]; ok {
		return t + "; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// withScript puts the preview's script at the end of a page.
func withScript(page []byte, number int64) []byte {
	tag := fmt.Appendf(nil, `<script src="%s" data-tree="%d"></script>`, scriptPath, number)
	i := bytes.LastIndex(page, []byte("</body>"))
	if i < 0 {
		i = len(page)
	}
	return bytes.Join([][]byte{page[:i], tag, page[i:]}, nil)
}

// nothingYet is shown while no build has succeeded; it needs no script to say
// what is wrong.
func (s *Server) nothingYet(found diag.List) []byte {
	var b bytes.Buffer
	title := diag.Text("还不能预览", "Nothing to preview yet").In(s.Lang)
	fmt.Fprintf(&b, `<!DOCTYPE html><html lang="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s</title></head><body><h1>%s</h1><ul>`, s.Lang.Tag(), title, title)
	for _, d := range found {
		fmt.Fprintf(&b, "<li><p><code>%s</code></p><p>%s</p><p>%s</p></li>", html.EscapeString(d.Pos.String()), html.EscapeString(d.Fact.In(s.Lang)), html.EscapeString(d.Hint.In(s.Lang)))
	}
	b.WriteString("</ul></body></html>")
	return withScript(b.Bytes(), 0)
}

// state is what the event stream says.
type state struct {
	Tree  int64     `json:"tree"`
	Title string    `json:"title"`
	Found []finding `json:"found"`
}

type finding struct {
	Where   string `json:"where"`
	Fact    string `json:"fact"`
	Hint    string `json:"hint"`
	Warning bool   `json:"warning"`
}

// events is a stream of states (server-sent events): one at once, then one
// after each build.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	flusher, ok := w.(http.Flusher)
	if !ok {
		http.Error(w, "no streaming", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	alive := time.NewTicker(20 * time.Second)
	defer alive.Stop()
	for {
		s.mu.RLock()
		now, changed := s.state(), s.changed
		s.mu.RUnlock()
		data, err := json.Marshal(now)
		if err != nil {
			return
		}
		fmt.Fprintf(w, "data: %s\n\n", data)
		flusher.Flush()
	wait:
		for {
			select {
			case <-r.Context().Done():
				return
			case <-changed:
				break wait
			case <-alive.C:
				fmt.Fprint(w, ": alive\n\n")
				flusher.Flush()
			}
		}
	}
}

func (s *Server) state() state {
	st := state{Tree: s.number, Title: diag.Text("请改正：", "To mend:").In(s.Lang), Found: []finding{}}
	for _, d := range s.found {
		st.Found = append(st.Found, finding{d.Pos.String(), d.Fact.In(s.Lang), d.Hint.In(s.Lang), d.Severity == diag.Warning})
	}
	return st
}
