package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cache"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/optimize"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/site"
)

// slice is how many pages are rendered at once: enough that starting Hugo costs
// little beside them, and few enough that memory does not grow with the plan.
const slice = 800

// evenly is how many pages there are in each of the slices of so many: the real site is
// one slice and not one and a rest.
func evenly(pages int) int {
	slices := max(1, (pages+slice/2)/slice)
	return max(1, (pages+slices-1)/slices)
}

// much is how many slices make a build that should spare memory (Options.Much).
const much = 5

// Open prepares a project's site, with its address book and its static files.
func Open(o Options, tree *content.Tree) (s *site.Site, book *address.Book, static map[string]string, err error) {
	return open(o, tree, map[string]int{})
}

// open is Open; sizes are those of files of data, as far as they are known.
func open(o Options, tree *content.Tree, sizes map[string]int) (s *site.Site, book *address.Book, static map[string]string, err error) {
	if static, err = staticFiles(o.Dir); err != nil {
		return nil, nil, nil, err
	}
	book = address.New(tree.Plan, addresses(o, tree, static))
	texts, lacks := texts(tree, o.Drafts)
	lacks = append(lacks, inTheWay(o.Dir, static, book)...)
	lacks = append(lacks, claimed(texts, book)...)
	resolve(texts, tree, book)
	s, err = site.New(site.Input{Project: os.DirFS(o.Dir), Plan: tree.Plan, Book: book, Texts: texts,
		Origin: o.Base.Origin, BasePath: o.Base.Path, Drafts: o.Drafts, Preview: o.Preview, PublicKey: o.Key.Public(), SM3: o.sm3(), Offline: o.register(),
		Size: func(f formats.Format) int {
			if _, known := sizes[f.Main()]; !known {
				sizes[f.Main()] = size(f, o, tree.Plan, about(o, book, s))
			}
			return sizes[f.Main()]
		}})
	if err != nil || len(lacks) > 0 {
		err = append(lacks, diag.From(err)...).Sort().Err()
	}
	return s, book, static, err
}

// about is what data about a plan says of its site.
func about(o Options, book *address.Book, s *site.Site) formats.Site {
	data := formats.Site{BasePath: o.Base.Path, Origin: o.Base.Origin, Book: book, Document: s.Document(), License: s.License()}
	if !o.Verify {
		data.Books = shelf{o.Cache, "deflated", o.Version}
	}
	return data
}

func optimizer(o Options) *optimize.Optimizer {
	return optimize.New(optimize.Options{Minify: true, IndexFile: o.Base.Files, BasePath: o.Base.Path})
}

// size is how many bytes readers get of the file of a data format. One that cannot be
// written has none, and is told when it is written.
func size(f formats.Format, o Options, p *plan.Plan, about formats.Site) int {
	data, err := f.Whole(p, about)
	if err == nil {
		data, err = optimizer(o).File(f.Main(), data)
	}
	if err != nil {
		return 0
	}
	return len(data)
}

// all makes every file of the tree.
func (w *writer) all(ctx context.Context, o Options, tree *content.Tree) error {
	w.sizes = map[string]int{}
	w.remember(o)
	s, book, static, err := open(o, tree, w.sizes)
	if err != nil {
		return err
	}
	w.names = make(map[string]bool, book.Len())
	w.res.Unfilled, w.res.Unrecorded = s.Unfilled(), len(tree.Plan.Unrecorded())
	w.res.Published = s.Document().Published
	w.res.Nowhere = o.Base.Origin == ""
	var packs []*cache.Packs
	for _, store := range append([]cache.Store{o.Cache}, o.Parts...) {
		p := store.Packs()
		defer p.Close()
		packs = append(packs, p)
	}
	p := newPictures(w, o, s, packs)
	defer p.close()
	s.SizePictures(p.size)
	if err := p.all(ctx); err != nil {
		return err
	}
	b := &batch{w: w, o: o, site: s, promise: s.Promise(), packs: packs, expect: map[string][]byte{}, early: map[string]bool{}, first: map[string]bool{}}
	if o.Slice.Of > 0 {
		return b.pages(ctx, book.Len()/o.Slice.Of)
	}
	w.source = s.Source
	if err := b.waitedFor(ctx, book); err != nil {
		return err
	}
	w.shown()
	w.hashes.SM3 = o.sm3()
	if err := w.beside(o, tree.Plan, book, s, static); err != nil {
		return err
	}
	if err := b.pages(ctx, book.Len()); err != nil {
		return err
	}
	if err := w.kept(o, s, book); err != nil {
		return err
	}
	err = w.proofs(o)
	w.keepFinished(o)
	return err
}

// pages passes on every page: what was kept as it is, the others rendered a slice
// at a time.
func (b *batch) pages(ctx context.Context, expected int) error {
	w, o, s := b.w, b.o, b.site
	proved := b.proved()
	if o.Progress != nil {
		b.progress = func() { o.Progress(w.files(), expected) }
	}
	most := evenly(s.Count() / max(1, o.Slice.Of))
	seen, n := 0, -1
	notes := site.ReadNotes(b.notes())
	for p, err := range s.Pages(notes) {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if n++; !o.Slice.has(n) {
			continue
		}
		w.res.pages++
		if err := w.take(p.File()); err != nil && !b.early[p.Path] {
			return err
		}
		if p.Markdown != nil && o.Slice.Of == 0 { // joining writes it: it costs no rendering
			if err := b.markdown(p); err != nil {
				return err
			}
		}
		if b.first[p.Path] {
			continue
		}
		// One page at least is rendered with a theme that Hugo has not seen yet: it
		// reads every template, and tells of mistakes in those of no page too.
		if kept, ok := b.kept(p); ok && (proved || n > 0) {
			seen++
			verify := o.Verify && seen%verifyEvery == 1
			done, err := b.take(p, kept, verify)
			if err != nil {
				return err
			}
			if done {
				continue
			}
		}
		if _, verify := b.expect[p.File()]; verify {
			p, err = s.Opened(p)
		} else {
			p, err = s.Whole(p)
		}
		if err != nil {
			return err
		}
		if b.waiting = append(b.waiting, p); len(b.waiting) == most {
			if err := b.render(ctx); err != nil {
				return err
			}
		}
	}
	if err := b.render(ctx); err != nil || o.Slice.Of > 0 {
		return err
	}
	o.Cache.Pack(b.twins)
	if data, err := notes.Bytes(); err == nil {
		o.Cache.Put(o.lastBuild("notes"), data)
	}
	return b.promise.Findings().Err()
}

// waitedFor passes on the pages that somebody waits for, before all else. Rendering them
// by themselves costs a start of Hugo, and spares the one who waits that of all others.
// What is wrong with them is told with all that is wrong, when they are rendered again.
func (b *batch) waitedFor(ctx context.Context, book *address.Book) error {
	waiter, is := b.w.out.(Waiter)
	if !is || !b.proved() {
		return nil
	}
	paths, ready := waiter.Waits()
	first := batch{w: b.w, o: b.o, site: b.site, promise: b.site.Promise(), packs: b.packs}
	for _, path := range paths {
		a, has := book.Find(path)
		if !has || !a.Kind.IsPage() || b.first[path] {
			continue
		}
		p, err := b.site.Page(a)
		if err != nil {
			return err
		}
		if err := b.w.take(p.File()); err != nil {
			return err
		}
		b.early[path], b.first[path] = true, true
		if kept, ok := b.kept(p); ok {
			if done, err := first.take(p, kept, false); err != nil {
				return err
			} else if done {
				continue
			}
		}
		first.waiting = append(first.waiting, p)
	}
	if err := first.render(ctx); err != nil {
		clear(b.first)
		return ctx.Err()
	}
	b.promise.Add(first.promise)
	if len(b.first) > 0 && ready != nil {
		ready()
	}
	return nil
}

// verifyEvery is how many kept pages there are to one that is rendered again.
const verifyEvery = 20

// batch is pages that wait to be rendered together.
type batch struct {
	w        *writer
	o        Options
	site     *site.Site
	promise  *site.Promise
	waiting  []site.Page
	early    map[string]bool // addresses of those that were to be passed on before all others
	first    map[string]bool // and that were
	slices   int             // that were rendered
	progress func()
	packs    []*cache.Packs    // what earlier builds, here or elsewhere, have finished
	twins    []cache.Item      // Markdown that the cache does not have yet
	expect   map[string][]byte // what was kept of those that are rendered to verify it
}

// proof is what is kept once Hugo has read a theme without a word.
func (b *batch) proof() string {
	return cache.Entry("theme", []byte(b.site.Theme()), []byte(b.o.Version))
}

// lastBuild is where something is kept of the last build of one kind, which the next one
// replaces: notes say what the facts of pages were made of, finished what became of other
// files.
func (o Options) lastBuild(kind string) string {
	return cache.Entry(kind, []byte(o.Version), []byte(o.Dir), fmt.Appendf(nil, "%+v %t %t", o.Base, o.Drafts, o.Preview))
}

func (b *batch) notes() []byte {
	data, _ := b.o.Cache.Get(b.o.lastBuild("notes"))
	return data
}

// key is the name of a page in the cache: all that decides its finished bytes.
func (b *batch) key(p site.Page) string {
	return cache.Entry("page", []byte(p.Key), []byte(b.o.Version), fmt.Append(nil, b.o.Base))
}

// markdown passes on the Markdown of a page: that of an earlier build, if the page is
// the same.
func (b *batch) markdown(p site.Page) error {
	name, entry := address.File(address.MarkdownOf(p.Path)), cache.Entry("markdown", []byte(b.key(p)), b.site.Twins())
	for _, packs := range b.packs {
		kept, ok := packs.Find(entry)
		if !ok {
			continue
		}
		if b.w.keep(name, kept.Sum) {
			kept.Use()
			return b.w.take(name)
		}
		if data, whole := kept.Read(); whole {
			kept.Use()
			return errors.Join(b.w.take(name), b.w.put(name, data, 0))
		}
	}
	data := p.Markdown()
	done, err := b.w.finish(name, data)
	if err != nil {
		return err
	}
	if b.o.Cache.Dir != "" {
		b.twins = append(b.twins, cache.Item{Entry: entry, Data: done})
	}
	if len(b.twins) == slice {
		b.o.Cache.Pack(b.twins)
		b.twins = nil
	}
	return errors.Join(b.w.take(name), b.w.put(name, done, int64(len(data))))
}

// kept is a page as an earlier build or another machine has finished it. Its note
// lists the files that it loads: one that is gone is told, though the page is the same.
func (b *batch) kept(p site.Page) (cache.Item, bool) {
	key := b.key(p)
	for _, packs := range b.packs {
		if item, ok := packs.Find(key); ok {
			return item, true
		}
	}
	return cache.Item{}, false
}

// take passes on a page that was kept. It is to be rendered where done is false: its
// bytes are not whole any more, or they are to be compared.
func (b *batch) take(p site.Page, kept cache.Item, verify bool) (done bool, err error) {
	if !verify && b.w.keep(p.File(), kept.Sum) {
		done = true
	} else if data, whole := kept.Read(); whole && verify {
		b.expect[p.File()] = data
	} else if whole {
		done, err = true, b.w.put(p.File(), data, 0)
	} else {
		return false, nil
	}
	kept.Use()
	b.w.res.Kept++
	b.promise.Keep(p.Address, strings.FieldsFunc(kept.Note, func(r rune) bool { return r == separator }))
	return done, err
}

// separator stands between the addresses of a note; no address has it.
const separator = '\x00'

// proved reports whether Hugo has read this theme without a word before.
func (b *batch) proved() bool {
	for _, store := range append([]cache.Store{b.o.Cache}, b.o.Parts...) {
		if _, ok := store.Get(b.proof()); ok {
			return true
		}
	}
	return false
}

// render renders what waits. Pages are kept only when Hugo had nothing to say
// about any of them.
func (b *batch) render(ctx context.Context) error {
	if b.slices++; b.slices == much && b.o.Much != nil {
		b.o.Much()
	}
	var mu sync.Mutex
	var finished []cache.Item
	var differ diag.List
	warnings, err := b.site.Render(ctx, b.waiting, site.Rendering{Stall: b.o.Stall, Emit: func(p site.Page, data []byte) error {
		loads := b.promise.Look(p.File(), data)
		done, err := b.w.finish(p.File(), data)
		if err != nil {
			return err
		}
		if b.progress != nil {
			defer b.progress()
		}
		mu.Lock()
		if kept, verify := b.expect[p.File()]; !verify && b.o.Cache.Dir != "" {
			finished = append(finished, cache.Item{Entry: b.key(p), Note: strings.Join(loads, string(separator)), Data: done})
		} else if verify {
			if b.w.res.Verified++; !bytes.Equal(kept, done) {
				differ = append(differ, differs(p.File()))
			}
		}
		mu.Unlock()
		return b.w.put(p.File(), done, int64(len(data)))
	}})
	if err == nil {
		err = append(differ, b.promise.Lacks()...).Sort().Err()
	}
	if err != nil {
		return err
	}
	b.w.res.Found = append(b.w.res.Found, warnings...)
	if len(b.waiting) > 0 && len(warnings) == 0 {
		b.o.Cache.Pack(finished)
		b.o.Cache.Put(b.proof(), nil)
	}
	b.waiting = b.waiting[:0]
	return nil
}

// differs tells of a page that was kept and is another one now.
func differs(file string) diag.Diagnostic {
	return diag.Diagnostic{Pos: diag.Pos{File: file}, Check: "cache",
		Fact: diag.Text("缓存里的这一页与重新渲染的不同", "this page in the cache is not what is rendered now"),
		Hint: diag.Text("请用 --no-cache 构建，并运行 cache clear 清空缓存；这是程序的错误，请告诉维护者。", "Build with --no-cache, and empty the cache with “cache clear”; this is a mistake of the program: tell its maintainers.")}
}

// texts are the ordinary Markdown of the content folder, as far as it could be
// read: the text of pages, hubs and lists.
func texts(tree *content.Tree, drafts bool) (list []site.Text, lacks diag.List) {
	for _, d := range tree.Documents() {
		if !d.IsMarkdown() || d.InPlan() || d.Unread() || d.Value("draft") == "true" && !drafts {
			continue
		}
		cite := plan.ID(d.Value("cite"))
		if cite != "" && !slices.ContainsFunc(slices.Collect(tree.Plan.Units()), func(u *plan.Unit) bool { return u.ID == cite }) {
			if e, has := tree.Plan.Ledger.Find(cite); has && e.State == plan.Live {
				continue // that the sentence is gone is told
			}
			lacks = append(lacks, diag.Diagnostic{Pos: d.ValuePos("cite"), Check: "cite",
				Fact: diag.Text("方案没有 cite 所写的 %s", "the plan has no %s, which cite names", cite),
				Hint: diag.Text("请改成方案里的一句，如 s3-2；不示范引用就删去这一行。", "Name a sentence of the plan, such as s3-2, or remove the line.")})
		}
		list = append(list, site.Text{
			Name: d.Page().Name, File: d.Name, Lang: d.Lang,
			Title: d.Value("title"), Description: d.Value("description"), Cite: cite, Verbs: d.Value("verbs") == "true",
			Body: string(d.Data[d.Body:]), Line: d.At(d.Body).Line, Links: map[string]string{}, Plain: d.Plain,
		})
	}
	return list, lacks
}

// inTheWay tells of static files where the site has something of its own: a page, a
// data file, or the folder of some.
func inTheWay(dir string, static map[string]string, book *address.Book) (lacks diag.List) {
	folders := map[string]bool{}
	for a := range book.All() {
		for at := path.Dir(a.Path); at != "/"; at = path.Dir(at) {
			folders[at] = true
		}
	}
	for name, file := range static {
		if a, has := book.Find("/" + name); has && a.Kind != address.Static || folders["/"+name] {
			if rel, err := filepath.Rel(dir, file); err == nil {
				file = filepath.ToSlash(rel)
			}
			lacks = append(lacks, diag.Diagnostic{Pos: diag.Pos{File: file}, Check: "address",
				Fact: diag.Text("网址 /%s 是网站自己的", "the address /%s is one of the site’s own", name),
				Hint: diag.Text("请给这个文件换一个名字。", "Give the file another name.")})
		}
	}
	return lacks
}

// claimed tells of texts whose address another page has, which would not show them.
func claimed(texts []site.Text, book *address.Book) (lacks diag.List) {
	files := map[string]string{} // by name and language
	for _, t := range texts {
		files[string(t.Lang)+" "+t.Name] = t.File
	}
	for _, t := range texts {
		a, has := book.Find(address.Markdown{Name: t.Name, Lang: t.Lang}.Path())
		if !has || site.TextOf(a) == t.Name {
			continue
		}
		fact := diag.Text("它的网址 %s 已是方案的一个页面", "its address %s belongs to a page of the plan", a.Path)
		if file := files[string(a.Lang)+" "+site.TextOf(a)]; file != "" {
			fact = diag.Text("它的网址 %s 已属于 %s", "its address %s belongs to %s", a.Path, file)
		}
		lacks = append(lacks, diag.Diagnostic{Pos: diag.Pos{File: t.File, Line: 1, Col: 1}, Check: "address", Fact: fact,
			Hint: diag.Text("请换一个文件名，网址随文件名而变；两个文件说的是同一件事，就并成一个。", "Give the file another name, which is its address; if both say the same, make one of them.")})
	}
	return lacks
}

// resolve says where the links in texts lead that are no addresses: ids of the
// plan, and names of files beside the one that has the link.
func resolve(texts []site.Text, tree *content.Tree, book *address.Book) {
	for _, t := range texts {
		from := tree.Document(t.File)
		for _, m := range from.Marks() {
			switch m.Kind {
			case content.Link, content.Image, content.Definition:
				if to, ok := leads(m.Destination, from, tree, book); ok {
					t.Links[m.Destination] = to
				}
			}
		}
	}
}

// leads says where a destination in a text leads, if it is not an address itself.
func leads(to string, from *content.Document, tree *content.Tree, book *address.Book) (string, bool) {
	l := address.In(from.Lang)
	for _, path := range []string{l.Unit(plan.ID(to)), l.Division(to)} {
		if a, has := book.Find(path); has && a.Of == to {
			return path, true
		}
	}
	if d := tree.Linked(from, to); d != nil {
		if _, has := book.Find(d.Path()); has {
			rest := ""
			if i := strings.IndexAny(to, "?#"); i >= 0 {
				rest = to[i:]
			}
			return d.Path() + rest, true
		}
	}
	return "", false
}
