// Package pipeline is the straight line from the content folder to a finished
// tree: load, check, render, optimize, write. The build command runs it into a
// folder, the preview into memory; both get the same files.
//
//	content/ ─load─▶ plan ─check─▶ diagnostics
//	plan + themes/ ─site─▶ files ─optimize─▶ Output
//
// An [Output] shows nothing of a tree that was not finished, and none is finished
// before the content is found sound, so a mistake never reaches a reader.
package pipeline

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cache"
	"minxi/generator/internal/check"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/optimize"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/proof"
	"minxi/generator/internal/site"
)

// Options say what to build and for whom.
type Options struct {
	Dir      string // the project folder, absolute
	Base     Base
	Drafts   bool
	NoCheck  bool // do not run the checks; a plan that cannot be read still stops the work
	Tolerant bool // render in spite of findings, where the plan can be read at all: they come with the Result
	Preview  bool

	// Cache keeps finished pages from build to build; the zero Store keeps nothing.
	// Version tells the program that made them from every other.
	Cache   cache.Store
	Version string
	// Slice renders one part of the pages into Cache and nothing else; Parts are
	// caches that were filled in this way, on whatever machines.
	Slice Slice
	Parts []cache.Store

	// Verify renders a sample of the pages that were kept again and compares.
	Verify bool

	Key *proof.Key // signs the manifest of the release; nil for none

	// Twins, if set, makes the precompressed files that go beside the others.
	Twins *optimize.Compressor

	Stall    time.Duration             // see site.Input
	Progress func(files, expected int) // called after each rendered file
	Much     func()                    // called once if there is much to render; may be nil
}

// Slice is one of several parts of a site's pages: every Of-th page, from the
// Index-th on, counted from 1. The zero Slice is all of them.
type Slice struct{ Index, Of int }

// ParseSlice reads 2/5.
func ParseSlice(s string) (Slice, error) {
	var p Slice
	if n, err := fmt.Sscanf(s, "%d/%d", &p.Index, &p.Of); err != nil || n != 2 || p.Index < 1 || p.Index > p.Of || s != fmt.Sprintf("%d/%d", p.Index, p.Of) {
		return Slice{}, diag.Diagnostic{Check: "usage",
			Fact: diag.Text("--slice “%s”不是一份", "--slice “%s” is no part", s),
			Hint: diag.Text("五份里的第二份写成 2/5。", "The second of five parts is 2/5.")}
	}
	return p, nil
}

// has reports whether the n-th page, from 0, is in the slice.
func (s Slice) has(n int) bool { return s.Of == 0 || n%s.Of == s.Index-1 }

// Output takes the files of a tree, from several goroutines at once. Names are
// valid slash paths (fs.ValidPath), each given once.
type Output interface {
	Write(name string, data []byte) error
}

// Keeper is an Output that has the tree before, too.
type Keeper interface {
	// Keep takes a file over from it, if it is there with the content of this SHA-256,
	// and gives its size.
	Keep(name string, sum [sha256.Size]byte) (size int64, ok bool)
}

// Waiter is an Output of which somebody waits for some files.
type Waiter interface {
	// Waits gives the addresses of pages that are to be passed on before all other
	// files, and what is called when they are.
	Waits() (paths []string, ready func())
}

// Reader is an Output that gives back what it was given.
type Reader interface {
	Read(name string) ([]byte, error)
}

// Base is where a tree will be served.
type Base struct {
	Origin string // scheme, host and path without a final slash: https://example.org/a/b; "" if unknown
	Path   string // the path alone: "" or "/a/b"
	Files  bool   // also to be opened from a disk, so links name index.html
}

// ParseBase reads a --base-url: an http(s) URL, a path such as / or /a/b/, or
// nothing, which makes a tree that works in all three ways, from a disk too.
func ParseBase(s string) (Base, error) {
	if s == "" {
		return Base{Files: true}, nil
	}
	u, err := url.Parse(s)
	bad := diag.Diagnostic{Check: "usage",
		Fact: diag.Text("--base-url “%s”不是网址", "--base-url “%s” is not an address", s),
		Hint: diag.Text("写成 https://example.org/ 、https://example.org/a/b/ 或 /a/b/；留空则可从磁盘直接打开。", "Write https://example.org/, https://example.org/a/b/ or /a/b/; leave it empty to open the pages from a disk.")}
	switch {
	case err != nil, u.RawQuery != "", u.Fragment != "", u.User != nil, strings.ContainsAny(s, " \t\r\n<>\"'\\"):
		return Base{}, bad
	case u.Host == "" && u.Scheme == "" && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(s, "//"):
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
	default:
		return Base{}, bad
	}
	b := Base{Path: strings.TrimRight(u.EscapedPath(), "/")}
	if b.Path != "" && path.Clean(b.Path) != b.Path {
		return Base{}, bad
	}
	if u.Host != "" {
		b.Origin = u.Scheme + "://" + u.Host + b.Path
	}
	return b, nil
}

// Result is what a build did.
type Result struct {
	Pages     map[plan.Lang]int // HTML pages of each language
	Kept      int               // pages taken from the cache
	Drawn     int               // pictures that were not
	Verified  int               // of those, rendered again and found equal
	Files     int               // everything, without precompressed twins
	Rendered  int64             // bytes as rendered
	Written   int64             // bytes after minifying, of everything
	Reused    int64             // of these, bytes of what earlier builds have finished
	Twins     int               // precompressed files
	Plan      plan.Counts
	Missing   map[plan.Lang]int // units without a text in that language
	Published string            // the day on which the plan was made public; "" if unknown
	Unfilled  []string          // values of hugo.toml that the operator has left empty
	Nowhere   bool              // nobody has said where the site will stand

	Unrecorded int // sentences that say something else than their last version
	Stages     []Stage
	Standing   bool            // nothing was made: the tree is as an earlier build left it, which these numbers are of
	Marks      map[string]Mark // of a preview: what sets a page apart from what readers have, by path
	Found      diag.List       // warnings; with Tolerant or NoCheck also errors that did not stop the work

	source string // the file of the plan's text as received
	pages  int    // all, those without a language too
}

// Stage is a part of the work and how long it took.
type Stage struct {
	Name string
	Took time.Duration
}

// Stages of a build. Checks, optimizing and writing go on beside the rendering,
// and their times are part of Render's; those of the workers are added up.
const (
	Load     = "load"
	Check    = "check"
	Render   = "render"
	Optimize = "optimize"
	Write    = "write"
	Swap     = "swap"
)

// Build runs the whole line into out. The error is a diag.List where people's
// files are at fault; out then holds an unfinished tree that must be thrown away.
func Build(ctx context.Context, o Options, out Output) (*Result, error) {
	res := &Result{Pages: map[plan.Lang]int{}, Missing: map[plan.Lang]int{}}
	start := time.Now()
	stage := func(name string) {
		res.Stages = append(res.Stages, Stage{name, time.Since(start)})
		start = time.Now()
	}
	tree, found := content.Load(os.DirFS(o.Dir), "content")
	outside := outsiders(o.Dir)
	found = slices.DeleteFunc(found, func(d diag.Diagnostic) bool { // what such a file says is not ours
		return slices.ContainsFunc(outside, func(o diag.Diagnostic) bool { return o.File == d.File })
	})
	found = append(found, outside...).Sort()
	stage(Load)
	if found.HasErrors() && !usable(found) {
		return nil, found
	}
	// The checks go on beside the rendering: both only read, and a mistake in a
	// template and one in the content are then told together. Where somebody waits for
	// a page they begin when it is there.
	w := &writer{out: out, twins: o.Twins, res: res, optimizer: optimizer(o)}
	shown := make(chan struct{})
	w.shown = sync.OnceFunc(func() { close(shown) })
	if _, waits := out.(Waiter); !waits {
		w.shown()
	}
	checked := make(chan diag.List, 1)
	go func() {
		<-shown
		begin := time.Now()
		var list diag.List
		if !o.NoCheck {
			list = check.Run(check.Input{FS: os.DirFS(o.Dir), Tree: tree, Drafts: o.Drafts, Kept: shelf{o.Cache, "sound", o.Version}})
		}
		res.Stages = append(res.Stages, Stage{Check, time.Since(begin)})
		checked <- list
	}()
	if found.HasErrors() && !o.NoCheck && !o.Tolerant {
		w.shown()
		return nil, append(found, <-checked...).Sort()
	}
	res.Plan, res.source = tree.Plan.Count(), tree.Source.File
	if o.Preview {
		res.Marks = marks(tree, time.Now())
	}
	for u := range tree.Plan.Units() {
		for _, l := range plan.Langs {
			if u.Text.In(l) == "" {
				res.Missing[l]++
			}
		}
	}

	err := w.all(ctx, o, tree)
	w.shown()
	found = append(found, <-checked...).Sort()
	if found.HasErrors() && !o.NoCheck && !o.Tolerant {
		return nil, append(found, diag.From(err)...).Sort()
	}
	if err != nil {
		if len(found) > 0 { // the theme's mistakes do not hide those of the content
			err = append(found, diag.From(err)...).Sort()
		}
		return nil, err
	}
	res.Found = append(found, res.Found...).Sort()
	stage(Render)
	res.Stages = append(res.Stages,
		Stage{Optimize, time.Duration(w.optimizing.Load())},
		Stage{Write, time.Duration(w.writing.Load())})
	return res, nil
}

// shelf has one kind of things that this program has found or made, in a cache.
type shelf struct {
	cache.Store
	kind, version string
}

func (s shelf) entry(name string) string {
	return cache.Entry(s.kind, []byte(name), []byte(s.version))
}

func (s shelf) Get(name string) ([]byte, bool) { return s.Store.Get(s.entry(name)) }
func (s shelf) Put(name string, data []byte)   { s.Store.Put(s.entry(name), data) }

// usable reports whether the plan could be read in spite of what was found:
// then people may look at the result with --no-check.
func usable(found diag.List) bool {
	for _, d := range found {
		switch d.Check {
		case "structure", "encoding", "front-matter", "source":
			return false
		}
	}
	return true
}

// writer treats finished files and passes them on, from Hugo's workers.
type writer struct {
	out        Output
	optimizer  *optimize.Optimizer
	twins      *optimize.Compressor
	sizes      map[string]int // of files that are no pages
	before     finishedFiles  // those of the build before this one
	made       finishedFiles  // and of this one
	optimizing atomic.Int64   // nanoseconds, all workers together
	writing    atomic.Int64
	hashes     proof.List
	source     func(name string, line int) (diag.Pos, bool) // see site.Site.Source
	shown      func()                                       // the pages that somebody waits for are there, if they will be

	mu    sync.Mutex
	res   *Result
	names map[string]bool
}

// write treats a file that is no page, unless the build before has made one of the same
// bytes and it is still there. A name is taken once.
func (w *writer) write(name string, data []byte) error {
	if err := w.take(name); err != nil {
		return err
	}
	from := sha256.Sum256(data)
	if f := w.before[name]; f.From == from && w.keep(name, f.Sum) {
		w.sizes[name], w.made[name] = f.Size, f
		return nil
	}
	done, err := w.finish(name, data)
	if err != nil {
		return err
	}
	w.sizes[name], w.made[name] = len(done), finished{from, sha256.Sum256(done), len(done)}
	return w.put(name, done, int64(len(data)))
}

// take notes that a name is used.
func (w *writer) take(name string) error {
	if !fs.ValidPath(name) {
		return diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "address",
			Fact: diag.Text("网址越出了网站的文件夹", "the address leaves the site's folder"),
			Hint: diag.Text("请检查页面的文件名。", "Look at the name of the page’s file.")}
	}
	w.mu.Lock()
	taken := w.names[name]
	w.names[name] = true
	w.mu.Unlock()
	if taken {
		return diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "address",
			Fact: diag.Text("静态文件或数据文件与页面同名", "a static or data file has the address of a page"),
			Hint: diag.Text("请改掉其中一个的名字。", "Rename one of them.")}
	}
	return nil
}

// finish makes the bytes that readers get of what was rendered.
func (w *writer) finish(name string, data []byte) ([]byte, error) {
	t := time.Now()
	done, err := w.optimizer.File(name, data)
	if err != nil {
		return nil, w.broken(name, err)
	}
	w.optimizing.Add(int64(time.Since(t)))
	return done, nil
}

// put passes a finished file on.
func (w *writer) put(name string, done []byte, rendered int64) error {
	t := time.Now()
	if err := w.out.Write(name, done); err != nil {
		return err
	}
	w.writing.Add(int64(time.Since(t)))
	w.hashes.Add(name, done)
	twins := 0
	if w.twins != nil {
		for _, twin := range w.twins.Twins(name, done) {
			if err := w.out.Write(twin.Path, twin.Data); err != nil {
				return err
			}
			twins++
		}
	}
	w.count(name, int64(len(done)), rendered, twins)
	return nil
}

// keep takes a finished file over from the tree before, if it has the very bytes.
func (w *writer) keep(name string, sum [sha256.Size]byte) bool {
	keeper, has := w.out.(Keeper)
	if !has || w.twins != nil || w.hashes.SM3 {
		return false
	}
	size, ok := keeper.Keep(name, sum)
	if ok {
		w.hashes.Note(name, sum)
		w.count(name, size, 0, 0)
	}
	return ok
}

// count adds a file to the result; rendered is 0 of one that an earlier build has finished.
func (w *writer) count(name string, written, rendered int64, twins int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.res.Files++
	w.res.Twins += twins
	w.res.Rendered += rendered
	w.res.Written += written
	if rendered == 0 {
		w.res.Reused += written
	}
	if path.Ext(name) == ".html" {
		if lang, _, ok := strings.Cut(name, "/"); ok {
			w.res.Pages[plan.Lang(lang)]++
		}
	}
}

// files is how many were passed on.
func (w *writer) files() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.res.Files
}

// broken tells of a finished file that does not parse. The file is nobody's:
// what people can mend is the template, style sheet or static file that made it.
func (w *writer) broken(name string, err error) error {
	d := diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "output"}
	var bad *optimize.Error
	if errors.As(err, &bad) {
		d.Line, d.Col, err = bad.Line, bad.Col, bad.Err
	}
	if w.source != nil {
		if pos, has := w.source(name, d.Line); has {
			pos.Col = d.Col
			d.Pos = pos
			d.Fact = diag.Text("这里有错：%v", "there is a mistake here: %v", err)
			d.Hint = diag.Text("多半是少了或多了一个括号、引号或分号；改好后再运行一次。", "A bracket, a quotation mark or a semicolon is probably missing or too many; mend it and run again.")
			return d
		}
	}
	d.Fact = diag.Text("生成的文件有错：%v", "the generated file is broken: %v", err)
	d.Hint = diag.Text("请检查产生这个文件的模板或静态文件。", "Look at the template or static file that it comes from.")
	return d
}

// addresses says what the site has beside its plan.
func addresses(o Options, tree *content.Tree, static map[string]string) address.Options {
	a := address.Options{Pages: tree.Pages(), Drafts: o.Drafts, Components: o.Preview, Absolute: o.Base.Origin != "",
		Data: append(formats.Addresses(tree.Plan), o.proofs()...)}
	a.Cards = o.Base.Origin != "" && site.HasTypeface(os.DirFS(o.Dir)) // others ask for a picture by its whole address
	for _, name := range slices.Sorted(maps.Keys(static)) {
		a.Static = append(a.Static, "/"+name)
	}
	if keep, forget := o.kept(); keep || forget {
		a.Static = append(a.Static, address.WorkerFile)
	}
	return a
}

// beside writes what is no page: open data, site maps, style sheet, script, feeds
// and static files.
func (w *writer) beside(o Options, p *plan.Plan, book *address.Book, s *site.Site, static map[string]string) error {
	for _, f := range slices.Concat(formats.All, formats.ForPrograms) {
		for name, write := range f.Files(p, about(o, book, s)) {
			data, err := write()
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if err := w.write(name, data); err != nil {
				return err
			}
		}
	}
	for name, write := range s.Beside() {
		data, err := write()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := w.write(name, data); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(static)) {
		data, err := os.ReadFile(static[name])
		if err != nil {
			return err
		}
		if err := w.write(name, data); err != nil {
			return err
		}
	}
	return nil
}
