// Package site makes the pages of the portal. It is the only package that knows
// Hugo: whoever calls it hands in a plan, its address book and the project, and
// receives finished files, one call each, while later pages are still being
// rendered.
//
//	plan + address book ──derive──▶ Page, Page, … ─┐
//	themes/, hugo.toml ────────────────────────────┴─▶ Hugo ─▶ sink ─▶ emit
//	plan + address book ──────────▶ feeds, style sheets, script
//
// A [Page] is a function of what it shows. deriver.go and kinds.go derive, for an
// address of the book, the facts that its page displays (facts.go); its template
// sees these, the interface texts, the operator's configuration and the names of
// the assets, and nothing of other pages. So pages can be rendered in any number
// and order, some today and some from what was kept of yesterday: [Page.Key] is a
// hash of everything that decides a page's bytes. Pages whose sentences are those of
// yesterday are not even derived (reads.go).
//
// Hugo reads one file system in memory (project.go) and writes into one that
// keeps nothing (sink.go), which passes each finished file to workers. What Hugo
// says about mistakes in templates and pages becomes diagnostics (errors.go). What
// needs no template is written here: feeds.go and assets.go.
//
// Hugo is configured from the project's hugo.toml alone: the environment, the
// clock, the user's cache and the network play no part, so the same input gives
// the same bytes. Its base URL is always "/"; the caller turns root-relative
// links into whatever the target needs.
package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gohugoio/hugo/common/hmaps"
	"github.com/gohugoio/hugo/common/loggers"
	"github.com/gohugoio/hugo/config"
	"github.com/gohugoio/hugo/config/allconfig"
	"github.com/gohugoio/hugo/deps"
	"github.com/gohugoio/hugo/hugofs"
	"github.com/gohugoio/hugo/hugolib"
	"github.com/spf13/afero"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cards"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/search"
)

// Input is everything that decides what the site contains.
type Input struct {
	Project  fs.FS `json:"-"` // the project folder
	Plan     *plan.Plan
	Book     *address.Book `json:"-"`
	Texts    []Text        // the ordinary Markdown of the content folder
	Origin   string        // scheme, host and base path in front of every page's path, without a final slash; "" if unknown
	BasePath string        // the path alone; "" or "/a/b", also known where the host is not
	Drafts   bool          // show updates marked draft
	Offline  string        // the script by which pages have the browser keep the site; "" for none
	Preview  bool          // tell templates that this is a preview

	PublicKey string // by which the signature of the release is checked; "" where it has none
	SM3       bool   // hashes are given by SM3, too

	// Size is how many bytes the main file of a data format has; nil or 0 where that
	// is not known.
	Size func(f formats.Format) int `json:"-"`
}

// Site is a plan's site before it is rendered.
type Site struct {
	plan    *plan.Plan
	deriver *deriver
	search  *search.Search
	theme   theme
	words   words
	assets  assets
	keys    keys
	twins   func() []byte
	face    *cards.Face // that pictures are drawn with; nil where the book has none
}

// New reads the project's theme and configuration. What these lack is a diag.List.
func New(in Input) (*Site, error) {
	t, err := loadTheme(in.Project)
	if err != nil {
		return nil, err
	}
	read, words := t.read(), t.words()
	assets, missing, err := loadAssets(in.Project, t)
	if err != nil {
		return nil, err
	}
	if found := slices.Concat(read.found, missing); len(found) > 0 {
		return nil, found.Sort()
	}
	assets.css = assets.css.and("minxi", toneRules(in.Plan))
	assets.more["hubs"] = assets.more["hubs"].and("hubs", filterRules(in.Plan))
	assets.more["home"] = assets.more["home"].and("home", lightRules(in.Plan))
	d := newDeriver(in, words, assets)
	searched := d.searched(in.Plan)
	data, err := searched.Data()
	if err != nil {
		return nil, err
	}
	assets.data = named("search-data", "js", data)
	d.search = &searchFacts{JS: assets.search.Path, Data: assets.data.Path}
	if searched.Large() {
		d.search.Large = assets.large.Path
	} else {
		assets.large = asset{}
	}
	s := &Site{plan: in.Plan, deriver: d, search: searched, theme: t, words: words, assets: assets, keys: newKeys(t, read), twins: sync.OnceValue(d.twins)}
	if _, has := in.Book.Find(address.CardOf(address.In(plan.ZH).Home())); has {
		s.face, err = openTypeface(in.Project)
	}
	return s, err
}

// SizePictures says how many bytes a long picture has, before pages are asked for.
func (s *Site) SizePictures(size func(address.Address) int) { s.deriver.sizeOf = size }

// Say is an interface text.
func (s *Site) Say(l plan.Lang, key string) string { return s.words.say(l, key) }

// Page is one page of the site, ready to be rendered.
type Page struct {
	address.Address
	Key string // a hash of all that decides the page's bytes: its facts and text, its templates, the configuration
	// Markdown writes the page's text as Markdown; nil of a page that has no such twin.
	Markdown func() []byte

	source string // the file that Hugo reads, below the project
	text   string // the file of the project that has the page's text; "" for none
	data   []byte
}

// Count is how many pages there are.
func (s *Site) Count() (n int) {
	for a := range s.deriver.book.All() {
		if a.Kind.IsPage() {
			n++
		}
	}
	return n
}

// Pages yields every page in the order of the address book, with its key. Those of
// which the notes know what their facts are made of, and that it is as it was, are not
// derived before [Site.Whole] is asked to. What is to be noted now is added to the notes.
func (s *Site) Pages(notes *Notes) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		d := s.deriver
		frame, err := d.frame(s.keys)
		if err != nil {
			yield(Page{}, err)
			return
		}
		for a := range d.book.All() {
			if n, is := notes.before[a.Path]; is && closedKinds[a.Kind] && bytes.Equal(n.Made, d.madeOf(frame, a, n.Reads)) {
				notes.now = append(notes.now, n)
				p := Page{Address: a, Key: s.keys.of(d.kinds[a.Kind].layout, a.Lang, n.Facts)}
				if _, has := d.book.Find(address.MarkdownOf(a.Path)); has {
					p.Markdown = func() []byte {
						made, _, _ := d.derive(a) // it was derived before
						return d.markdown(made.page)
					}
				}
				if !yield(p, nil) {
					return
				}
				continue
			}
			made, ok, err := d.derive(a)
			if !ok {
				continue
			}
			facts := sha256.Sum256(made.data)
			if made.closed && err == nil {
				notes.now = append(notes.now, noted{a.Path, d.madeOf(frame, a, made.reads), facts[:], made.reads})
			}
			if !yield(s.whole(made, s.keys.of(made.layout, a.Lang, facts[:])), err) {
				return
			}
		}
	}
}

// Twins is a hash of which pages have Markdown beside them, since it leads there.
func (s *Site) Twins() []byte { return s.twins() }

// Page derives the page at an address of the book.
func (s *Site) Page(a address.Address) (Page, error) {
	made, _, err := s.deriver.derive(a)
	facts := sha256.Sum256(made.data)
	return s.whole(made, s.keys.of(made.layout, a.Lang, facts[:])), err
}

// Opened derives a page while every sentence is open. Its key is that of the page as it
// was, unless its kind should not be closed.
func (s *Site) Opened(p Page) (Page, error) {
	s.deriver.own.openAll()
	made, err := s.deriver.open(p.Address)
	facts := sha256.Sum256(made.data)
	return s.whole(made, s.keys.of(made.layout, p.Lang, facts[:])), err
}

// Whole derives a page that was not.
func (s *Site) Whole(p Page) (Page, error) {
	if p.data != nil {
		return p, nil
	}
	made, _, err := s.deriver.derive(p.Address)
	return s.whole(made, p.Key), err
}

func (s *Site) whole(d derived, key string) Page {
	p := Page{Address: d.Address, Key: key, source: sourceOf(d.page), text: d.file, data: d.data}
	if d.facts.Markdown != "" {
		p.Markdown = func() []byte { return s.deriver.markdown(d.page) }
	}
	return p
}

// sourceOf is where Hugo finds a page: a file of its own for every page, because
// Hugo gives names such as _index.md a meaning.
func sourceOf(p page) string {
	name, lang := strings.TrimPrefix(p.Path, address.In(p.Lang).Home()), p.Lang
	if lang == "" {
		name, lang = "root/"+p.Path, plan.ZH
	}
	name = strings.ReplaceAll(strings.Trim(name, "/"), "/", "-")
	return path.Join("content", "pages", "p-"+strings.ReplaceAll(name, ".", "-")+"."+string(lang)+".md")
}

// Beside yields the files of the site that are neither pages nor data, by their
// slash paths: style sheets, scripts, what the search looks through, and feeds.
func (s *Site) Beside() iter.Seq2[string, func() ([]byte, error)] {
	d := s.deriver
	return func(yield func(string, func() ([]byte, error)) bool) {
		d.own.openAll() // a page that was made ahead has closed what it does not show
		for _, a := range s.assets.all() {
			if a.Path == "" {
				continue
			}
			if !yield(a.file(), func() ([]byte, error) { return a.data, nil }) {
				return
			}
		}
		for f := range s.search.Files() {
			if !yield(f.Path, f.Data) {
				return
			}
		}
		for a := range d.book.All() {
			if a.Kind == address.TimeMap && !yield(a.File(), func() ([]byte, error) { return pageIn{d, a.Lang}.timeMap(a), nil }) {
				return
			}
			if a.Kind == address.Feed && !yield(a.File(), func() ([]byte, error) { return d.feed(a) }) {
				return
			}
			if a.Kind == address.Embed && !yield(a.File(), func() ([]byte, error) { return d.embed(a) }) {
				return
			}
		}
	}
}

// Rendering says how pages are rendered.
type Rendering struct {
	// Emit receives each finished page. It is called from several goroutines at
	// once, once for each page. It must not keep data.
	Emit func(p Page, data []byte) error
	// Stall ends a render that has produced nothing for so long; 0 means two
	// minutes. Hugo cannot be interrupted, so its goroutines are left behind.
	Stall time.Duration
}

// Theme is a hash of all that Hugo reads beside pages, whether a page is made of it
// or not.
func (s *Site) Theme() string { return s.keys.all }

// Render renders pages. An error is a diag.List with every mistake that Hugo
// found, at its place in the project's files; what was emitted before it is not
// to be trusted. What templates warn of is no error.
func (s *Site) Render(ctx context.Context, pages []Page, r Rendering) (warnings diag.List, err error) {
	if len(pages) == 0 {
		return nil, nil
	}
	if r.Stall == 0 {
		r.Stall = 2 * time.Minute
	}
	fs, err := source(s.theme, pages)
	if err != nil {
		return nil, err
	}
	byFile := make(map[string]Page, len(pages))
	for _, p := range pages {
		byFile[p.File()] = p
	}
	out := newSink(func(name string, data []byte) error {
		if p, asked := byFile[name]; asked {
			return r.Emit(p, data)
		}
		return nil
	})
	log := &logCapture{}
	state, err := attempt(ctx, r.Stall, patience, fs, out, log)
	emitErr := out.finish(state != finished)
	if state == stuck {
		state, log, err = again(ctx, r.Stall, fs)
	}
	if state == stalled {
		return nil, diag.List{{Check: "render", Fact: diag.Text(
			"渲染停住了：%v 内没有生成任何文件（最后一个是 %s）", "the render hangs: no file was finished for %v (the last one was %s)", r.Stall, out.last()),
			Hint: diag.Text("多半是模板里有走不完的循环；请检查最近改过的模板。", "A template probably loops without end: look at the templates changed last.")}}
	}
	list := s.findings(pages, err, log)
	if list.HasErrors() {
		return nil, s.withTemplateMistakes(list).Sort()
	}
	return list.Sort(), emitErr
}

// state says how an attempt to render ended.
type state int

const (
	finished state = iota // with or without an error
	stalled               // nothing was produced for too long
	stuck                 // it gave up without coming to an end
)

// patience is how long Hugo may take to come home after it has given up.
const patience = 400 * time.Millisecond

// attempt runs Hugo, and waits for it or for it to stand still.
func attempt(ctx context.Context, stall, patience time.Duration, source afero.Fs, out *sink, log *logCapture) (state, error) {
	done, begun := make(chan error, 1), make(chan *hugolib.HugoSites, 1)
	go func() { done <- hugo(source, out, log, begun) }()
	tick := time.NewTicker(min(stall/4, 500*time.Millisecond))
	defer tick.Stop()
	last, since := out.count.Load(), time.Now()
	var sites *hugolib.HugoSites
	for {
		select {
		case err := <-done:
			return finished, err
		case sites = <-begun:
		case <-ctx.Done():
			return stuck, ctx.Err()
		case <-tick.C:
			if n := out.count.Load(); n != last {
				last, since = n, time.Now()
			} else if time.Since(since) > stall {
				return stalled, nil
			} else if sites != nil && time.Since(since) > patience && stopped(sites) {
				return stuck, nil
			}
		}
	}
}

// stopped reports whether Hugo has given up after errors.
func stopped(sites *hugolib.HugoSites) bool {
	select {
	case <-sites.Done():
		return true
	default:
		return false
	}
}

// manyWorkers is more than a site has pages, for most sites.
const manyWorkers = "4096"

// again renders once more, into nothing, to learn what is wrong. After ten errors
// Hugo's workers go home while it still wants to hand them pages, and it waits for
// them for ever with the errors in its hands; with a worker for every page nobody
// has to wait.
func again(ctx context.Context, stall time.Duration, source afero.Fs) (state, *logCapture, error) {
	log := &logCapture{}
	if ctx.Err() != nil {
		return finished, log, ctx.Err()
	}
	const workers = "HUGO_NUMWORKERMULTIPLIER"
	was, set := os.LookupEnv(workers)
	os.Setenv(workers, manyWorkers)
	defer func() {
		if os.Unsetenv(workers); set {
			os.Setenv(workers, was)
		}
	}()
	out := newSink(func(string, []byte) error { return nil })
	state, err := attempt(ctx, stall, stall, source, out, log) // it comes home, on a busy machine late
	_ = out.finish(state != finished)                          // nothing is written, so nothing can fail
	if state == stuck {
		state = stalled
	}
	return state, log, err
}

// noOther are the pages that Hugo would make of its own accord.
var noOther = []string{"home", "section", "taxonomy", "term", "rss", "404", "sitemap", "robotstxt"}

// hugo runs one build to its end.
func hugo(source afero.Fs, out *sink, log *logCapture, begun chan<- *hugolib.HugoSites) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("hugo panicked: %v", r)
		}
	}()
	flags := config.New()
	flags.Set("workingDir", root)
	flags.Set("contentDir", "content")
	flags.Set("baseURL", "/")
	flags.Set("cacheDir", filepath.Join(root, memoryDir, "cache"))
	flags.Set("resourceDir", filepath.Join(memoryDir, "resources"))
	flags.Set("disableKinds", noOther)
	flags.Set("printI18nWarnings", true)
	flags.Set("internal", hmaps.Params{})

	// Hugo counts errors in a process-wide logger too; each build starts afresh.
	logger := log.logger()
	loggers.Log().Reset()
	configs, err := allconfig.LoadConfig(allconfig.ConfigSourceDescriptor{
		Flags: flags, Fs: source, Logger: logger,
		Environment: "production",
		Environ:     []string{"HUGO_ENVIRONMENT=production"}, // and no variable of the person who runs it
	})
	if err != nil {
		return &configError{err}
	}
	fs := hugofs.NewFrom(source, configs.LoadingInfo.BaseConfig)
	fs.PublishDir, fs.PublishDirStatic, fs.PublishDirServer = out, out, out
	sites, err := hugolib.NewHugoSites(deps.DepsCfg{Configs: configs, Fs: fs, TestLogger: logger})
	if err != nil {
		return err
	}
	defer sites.Close()
	begun <- sites
	return sites.Build(hugolib.BuildCfg{NoBuildLock: true})
}

// memoryDir is where Hugo believes that its caches are; nothing is there on disk.
const memoryDir = ".memory"

// slashed turns a name that Hugo uses into the slash path that callers see.
func slashed(name string) string {
	return strings.TrimPrefix(filepath.ToSlash(filepath.Clean(name)), "/")
}

var _ afero.Fs = (*sink)(nil)
