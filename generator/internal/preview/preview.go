// Package preview is the local server for the people who edit: it shows the
// site from memory, builds it again after every save, reloads the pages that have
// changed, and puts what is wrong over them, with file, line and the text concerned,
// until it is mended.
//
// Reading order: [Server] and the tree it shows in this file; who is answered, in
// guard.go; how saves are noticed, in watch.go; what pages are told, in state.go. What
// runs in the browser is in assets/: preview.js in every page, view.js around one that
// is looked at as on paper or on a phone.
//
// A page and the server agree by number: each finished tree has one, the script
// in every page knows its tree's, and the event stream (one for all tabs of a
// browser) says the current one. A page that missed something, because the laptop
// slept or the server was restarted, therefore catches up by itself.
package preview

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	"mime"
	"net"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
)

// Server shows one project.
type Server struct {
	Dir    string                                                                      // the project folder, watched for saves
	Lang   plan.Lang                                                                   // that is spoken until a person chooses in the editor
	Key    string                                                                      // of this start, see [NewKey]; without one nobody edits
	Policy string                                                                      // Content-Security-Policy of the site's pages, as their readers' browsers get it; "" for a strict one
	Editor http.Handler                                                                // what stands at /edit/; may be nil
	Build  func(ctx context.Context, out pipeline.Output) (*pipeline.Result, error)    // makes the whole site
	Built  func(res *pipeline.Result, found diag.List, took time.Duration, first bool) // told of every build; may be nil

	mu      sync.RWMutex
	number  int64 // of the tree that is shown; 0 before the first
	before  int64 // of the tree before it
	differ  []string
	tree    *pipeline.Memory
	ahead   *pipeline.Memory // of a tree that is being made, the pages that are looked at
	looked  []string         // addresses of the pages that were asked for last, the latest first
	marks   map[string]pipeline.Mark
	found   []finding     // of the last build, which may have failed
	giveUp  func()        // ends the build that goes on, once its pages ahead are shown
	whole   time.Time     // when a build was last at its end
	streams int           // that are open
	come    chan struct{} // closed when a tab has loaded again; nil while none is waited for
	changed chan struct{}
	saves   chan struct{}
	tickets sync.Map
}

const (
	ours       = "/__preview/"
	scriptPath = ours + "preview.js"
	stylePath  = ours + "preview.css"
	eventsPath = ours + "events"
	statePath  = ours + "state"
	startPath  = ours + "start"
	viewPath   = ours + "view"
	editPath   = "/edit/"
)

//go:embed assets
var assets embed.FS

// own are the preview's files, by their addresses.
var own = map[string]string{
	scriptPath:       "assets/preview.js",
	stylePath:        "assets/preview.css",
	viewPath:         "assets/view.html",
	ours + "view.js": "assets/view.js",
}

// ownSum tells the preview's files from those of another program; pages ask for the
// script by it.
var ownSum = func() string {
	sum := sha256.New()
	for _, file := range slices.Sorted(maps.Values(own)) {
		data, _ := assets.ReadFile(file) // it is in the program
		sum.Write(data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}()

// summed matches files that have digits of their content in their names. A page that
// loads again does not ask for them again.
var summed = regexp.MustCompile(`^assets/.*\.[0-9a-f]{12}\.[a-z0-9]+$`)

// forGood lets a browser keep a file, whatever the page that loads it becomes.
const forGood = "private, max-age=31536000, immutable"

// Serve builds, answers on l and follows saves until ctx ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	handler, err := newGuard(s, l.Addr(), http.HandlerFunc(s.serve))
	if err != nil {
		return err
	}
	s.changed, s.saves = make(chan struct{}), make(chan struct{}, 1)
	if err := watch(ctx, s.Dir, s.saved); err != nil {
		return fmt.Errorf("watching %s: %w", s.Dir, err)
	}
	s.rebuild(ctx, true)
	var following sync.WaitGroup
	defer following.Wait()
	following.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.saves:
				s.rebuild(ctx, false)
			}
		}
	})
	defer stop() // before waiting
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
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

// saved has the site built again: something that it is made from was saved.
func (s *Server) saved() {
	select {
	case s.saves <- struct{}{}:
	default: // a build is already due
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mayGiveUp()
}

// mostLate is how long saves may put off the end of a build.
const mostLate = 10 * time.Second

// mayGiveUp ends a build that has shown what is looked at, if another is due, which will
// show the same and more. It is called under the lock.
func (s *Server) mayGiveUp() {
	if s.giveUp != nil && len(s.saves) > 0 && time.Since(s.whole) < mostLate {
		s.giveUp()
	}
}

// mostDifferent is how many changed files pages are told by name. With more, all of
// them load again.
const mostDifferent = 400

// rebuild makes the site anew. A build that failed leaves the tree before it on
// show, under what went wrong.
func (s *Server) rebuild(ctx context.Context, first bool) {
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	start := time.Now()
	tree := &pipeline.Memory{Before: s.tree, First: s.lookedAt()}
	tree.Ready = func() {
		s.showAhead(ctx, tree)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.giveUp = giveUp
		s.mayGiveUp()
	}
	res, err := s.build(ctx, tree)
	tree.Before = nil // it may go
	list := diag.From(err)
	if err == nil {
		list = res.Found
	}
	found := s.findings(list)
	s.mu.Lock()
	s.giveUp = nil
	if ctx.Err() != nil {
		s.mu.Unlock()
		return
	}
	s.whole = time.Now()
	if err != nil && s.ahead != nil {
		s.ahead = nil
		s.next(nil) // back to the tree before
	}
	if err == nil {
		differ := s.differs(tree)
		s.tree, s.ahead, s.marks = tree, nil, res.Marks
		if len(differ) > 0 || s.number == 0 {
			s.next(differ)
		}
	}
	s.found = found
	s.mu.Unlock()
	if s.Built != nil { // before pages are told: the editor is asked by them
		s.Built(res, list, time.Since(start), first)
	}
	s.mu.Lock()
	s.told()
	s.mu.Unlock()
}

// told tells all who listen that there is something new. It is called under the lock.
func (s *Server) told() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// differs lists the files of a tree that are not what is shown. It is called under the lock.
func (s *Server) differs(tree *pipeline.Memory) []string {
	names := tree.Differ(s.tree)
	if s.ahead == nil {
		return names
	}
	names = slices.AppendSeq(names, maps.Keys(s.ahead.Files()))
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		early, has := s.ahead.File(name)
		now, _ := tree.File(name)
		return has && bytes.Equal(early, now)
	})
}

// file is a file as it is shown. It is called under the lock.
func (s *Server) file(name string) ([]byte, bool) {
	if s.ahead != nil {
		if data, has := s.ahead.File(name); has {
			return data, true
		}
	}
	return s.tree.File(name)
}

// next gives what is shown a number of its own. Pages that show one of these files load
// again, all of them if it is nil.
func (s *Server) next(differ []string) {
	s.before, s.number = s.number, max(time.Now().UnixMilli(), s.number+1) // so that a restarted server never repeats a number
	if s.differ = differ; len(differ) > mostDifferent {
		s.differ = nil
	}
}

// mostLookedAt is how many pages a build makes before all others.
const mostLookedAt = 3

// look notes that a page was asked for.
func (s *Server) look(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.looked, path); i >= 0 {
		s.looked = slices.Delete(s.looked, i, i+1)
	}
	s.looked = slices.Insert(s.looked, 0, path)
	s.looked = s.looked[:min(len(s.looked), mostLookedAt)]
}

func (s *Server) lookedAt() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.looked)
}

// addressOf is the address of a page by its file.
func addressOf(name string) string { return "/" + strings.TrimSuffix(name, "index.html") }

// loaded are the files that a page loads.
var loaded = regexp.MustCompile(`assets/[^"'\s]+`)

// mostWait is how long a build waits until a tab has loaded what it was told of.
const mostWait = 150 * time.Millisecond

// showAhead shows the pages that are looked at as soon as they are there, while the
// rest of their tree is being made; not those that load what the tree before does not
// have. The rest waits a moment for the browser, which has few processors to itself.
func (s *Server) showAhead(ctx context.Context, tree *pipeline.Memory) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tree == nil {
		return
	}
	ahead := &pipeline.Memory{}
	if s.ahead != nil { // of a build that was given up
		for name, data := range s.ahead.Files() {
			_ = ahead.Write(name, data) // it is in memory
		}
	}
	var differ []string
	for name, data := range tree.Files() {
		whole := !slices.ContainsFunc(loaded.FindAll(data, -1), func(file []byte) bool {
			_, has := s.tree.File(string(file))
			return !has
		})
		if was, _ := s.file(name); whole && !bytes.Equal(was, data) {
			_ = ahead.Write(name, data)
			differ = append(differ, name)
		}
	}
	if len(differ) == 0 {
		return
	}
	s.ahead = ahead
	s.next(differ)
	s.told()
	if s.streams == 0 {
		return
	}
	come := make(chan struct{})
	s.come = come
	s.mu.Unlock()
	select {
	case <-come:
	case <-time.After(mostWait):
	case <-ctx.Done():
	}
	s.mu.Lock()
	s.come = nil
}

// build makes the site. A program that fails is no reason to stop: what was saved
// last made it fail, and the next save may mend it.
func (s *Server) build(ctx context.Context, tree *pipeline.Memory) (res *pipeline.Result, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = diag.Diagnostic{Check: "program",
				Fact: diag.Text("程序自己出了错：%v", "the program has failed: %v", r),
				Hint: diag.Text("撤销刚才的改动就能继续；请把这一句和改动告诉维护的人。", "Undo the last change to go on, and tell whoever maintains the program this sentence and the change.")}
		}
	}()
	return s.Build(ctx, tree)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if file, is := own[r.URL.Path]; is {
		data, err := assets.ReadFile(file)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if file == own[viewPath] {
			data = bytes.ReplaceAll(data, []byte("LANGUAGE"), []byte(langOf(r)))
		}
		w.Header().Set("Content-Type", contentType(file))
		if r.URL.RawQuery == ownSum {
			w.Header().Set("Cache-Control", forGood)
		}
		w.Write(data)
		return
	}
	switch {
	case r.URL.Path == eventsPath:
		s.events(w, r)
		return
	case r.URL.Path == statePath:
		s.tell(w)
		return
	case s.Editor != nil && strings.HasPrefix(r.URL.Path, editPath):
		s.Editor.ServeHTTP(w, r)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	var data []byte
	var ok bool
	s.mu.RLock()
	tree, number, found := s.tree, s.number, s.found
	if tree != nil {
		data, ok = s.file(name)
	}
	s.mu.RUnlock()
	if tree == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		w.Write(s.nothingYet(found, langOf(r)))
		return
	}
	if ok && path.Base(name) == "index.html" {
		s.look(addressOf(name))
	}
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
	if ok && summed.MatchString(name) {
		w.Header().Set("Cache-Control", forGood)
	}
	if path.Ext(name) == ".html" {
		data = s.withScript(data, name, number, langOf(r))
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
func (s *Server) withScript(page []byte, name string, number int64, lang plan.Lang) []byte {
	edit := ""
	if s.Editor != nil {
		edit = editPath
	}
	tag := fmt.Appendf(nil, `<script src="%s?%s" data-tree="%d" data-file="%s" data-language="%s" data-edit="%s"></script>`, scriptPath, ownSum, number, html.EscapeString(name), lang, edit)
	i := bytes.LastIndex(page, []byte("</body>"))
	if i < 0 {
		i = len(page)
	}
	return bytes.Join([][]byte{page[:i], tag, page[i:]}, nil)
}

// nothingYet is shown while no build has succeeded; it needs no script to say
// what is wrong.
func (s *Server) nothingYet(found []finding, lang plan.Lang) []byte {
	var b bytes.Buffer
	title := diag.Text("还不能预览", "Nothing to preview yet").In(lang)
	fmt.Fprintf(&b, `<!DOCTYPE html><html lang="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s</title></head><body><h1>%s</h1><ul>`, lang.Tag(), title, title)
	for _, f := range found {
		fmt.Fprintf(&b, "<li><p><code>%s</code></p><p>%s</p><p>%s</p></li>", html.EscapeString(f.Where), html.EscapeString(plan.Text(f.Fact).In(lang)), html.EscapeString(plan.Text(f.Hint).In(lang)))
	}
	b.WriteString("</ul></body></html>")
	return s.withScript(b.Bytes(), "", 0, lang)
}
