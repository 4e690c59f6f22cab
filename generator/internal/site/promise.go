package site

// Whether a rendered site is the one that was promised. Hugo is content with less
// than readers are: where a layout is gone it takes another or writes nothing, and
// a text of the interface that is gone is shown as nothing.

import (
	"bytes"
	"html"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template/parse"

	"minxi/generator/internal/address"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Promise compares finished files with the address book of the site: every page
// has a title, a heading and a text, a unit's page its sentence, a hub its units, a
// list its hubs, and the places that may be linked are there.
type Promise struct {
	dir  string
	book *address.Book
	says map[string]plan.Text // what the page of a unit or of a withdrawn one must show, by id

	mu    sync.Mutex
	seen  map[string]bool   // addresses that are there
	lacks []lack            // pages that are not as promised
	heads map[string]string // files that heads of pages load, with the first page
}

// lack is a page that is not as promised, and why.
type lack struct {
	address.Address
	what what
}

// what a page may lack; the first of a page is told.
type what int

const (
	everything what = iota // it is not there, or empty
	itsTitle
	itsHeading
	itsText
	itsSentence
	itsPlaces // anchors
	itsLinks
	idLinks
)

var whats = map[what]plan.Text{
	everything:  diag.Text("是空的", "are empty"),
	itsTitle:    diag.Text("没有标题（title）", "have no title"),
	itsHeading:  diag.Text("没有大标题（h1）", "have no heading (h1)"),
	itsText:     diag.Text("没有正文（main）", "have no text (main)"),
	itsSentence: diag.Text("没有显示它的句子", "do not show their sentence"),
	itsPlaces:   diag.Text("缺少别处要链接的锚点", "lack places that others link to"),
	itsLinks:    diag.Text("没有列出应有的句子或页面", "do not lead to the sentences or pages that they are about"),
	idLinks:     diag.Text("里按编号写的链接没有变成网址", "have links by id that lead nowhere"),
}

// NewPromise prepares to look at a site's files. Its plan may be dropped afterwards.
func NewPromise(dir string, p *plan.Plan, book *address.Book) *Promise {
	promise := &Promise{dir: dir, book: book, says: map[string]plan.Text{}, seen: map[string]bool{}, heads: map[string]string{}}
	for u := range p.Units() {
		promise.says[string(u.ID)] = u.HTML
	}
	for _, e := range p.Ledger {
		if _, live := promise.says[string(e.ID)]; !live && e.State == plan.Withdrawn {
			promise.says[string(e.ID)] = plan.Text{ZH: html.EscapeString(e.Text.ZH)}
		}
	}
	return promise
}

// Look takes a finished file, as rendered: links are root-relative, attributes in
// quotation marks. It may be called from several goroutines at once.
func (p *Promise) Look(name string, data []byte) {
	a, known := p.book.Find("/" + name)
	if !known {
		return
	}
	what, lacking := everything, len(bytes.TrimSpace(data)) == 0
	var heads []string
	if !lacking && a.Kind.IsPage() {
		what, lacking = p.page(a, data)
		head, _, _ := bytes.Cut(data, []byte("</head>"))
		heads = attributes(head, "href", "src")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[a.Path] = true
	if lacking {
		p.lacks = append(p.lacks, lack{a, what})
	}
	for _, to := range heads {
		if first, has := p.heads[to]; strings.HasPrefix(to, "/") && (!has || a.Path < first) {
			p.heads[to] = a.Path
		}
	}
}

// page says what a page lacks.
func (p *Promise) page(a address.Address, data []byte) (what, bool) {
	main, hasMain := between(data, "<main", "</main>")
	heading, _ := between(main, "<h1", "</h1>")
	title, _ := between(data, "<title", "</title>")
	switch {
	case !hasText(title):
		return itsTitle, true
	case !hasMain || !hasText(main):
		return itsText, true
	case !hasText(heading):
		return itsHeading, true
	}
	if says := p.says[a.Of]; a.Kind == address.Unit || a.Kind == address.Withdrawn {
		text, _ := says.Or(a.Lang)
		if !bytes.Contains(main, []byte(text)) {
			return itsSentence, true
		}
	}
	has := map[string]bool{}
	for _, id := range attributes(main, "id") {
		has[id] = true
	}
	for _, id := range a.Fragments {
		if !has[id] {
			return itsPlaces, true
		}
	}
	clear(has)
	for _, to := range attributes(main, "href") {
		if byID.MatchString(to) {
			return idLinks, true
		}
		to, _, _ = strings.Cut(to, "#")
		has[to] = true
	}
	for _, id := range a.Units {
		if !has[address.In(a.Lang).Unit(plan.ID(id))] {
			return itsLinks, true
		}
	}
	for _, to := range a.Leads {
		if !has[to] {
			return itsLinks, true
		}
	}
	return 0, false
}

// byID is a link as people write it in Markdown, before it is an address.
var byID = regexp.MustCompile(`^(?:p-[0-9]+|[cs][0-9]+(?:-[0-9]+)?)$`)

// between gives what stands between the end of a start tag and an end tag.
func between(data []byte, open, end string) ([]byte, bool) {
	i := bytes.Index(data, []byte(open))
	if i < 0 {
		return nil, false
	}
	data = data[i:]
	if i = bytes.IndexByte(data, '>'); i < 0 {
		return nil, false
	}
	data = data[i+1:]
	if i = bytes.LastIndex(data, []byte(end)); open != "<main" {
		i = bytes.Index(data, []byte(end))
	}
	if i < 0 {
		return nil, false
	}
	return data[:i], true
}

// hasText reports whether anything but tags and space is there.
func hasText(markup []byte) bool {
	tag := false
	for _, c := range markup {
		switch {
		case c == '<':
			tag = true
		case c == '>':
			tag = false
		case !tag && c > ' ':
			return true
		}
	}
	return false
}

// attributes lists the values of attributes with these names.
func attributes(markup []byte, names ...string) (values []string) {
	for _, name := range names {
		open := []byte(" " + name + `="`)
		for rest := markup; ; {
			i := bytes.Index(rest, open)
			if i < 0 {
				break
			}
			rest = rest[i+len(open):]
			if i = bytes.IndexByte(rest, '"'); i < 0 {
				break
			}
			values = append(values, html.UnescapeString(string(rest[:i])))
		}
	}
	return values
}

// layouts says which layout of the theme makes the pages of each kind.
var layouts = map[address.Kind]string{
	address.Root: "root.html", address.Lost: "404.html", address.Home: "home.html",
	address.Whole: "plan/section.html", address.Chapter: "plan/chapter.html", address.Section: "plan/section-of-plan.html",
	address.Parallel: "plan/parallel.html", address.Unit: "unit.html", address.Withdrawn: "withdrawn.html", address.Moved: "moved.html",
	address.Topics: "topics/section.html", address.Topic: "topics/section.html", address.Cross: "topics/cross.html",
	address.Places: "places/section.html", address.Place: "places/section.html",
	address.Updates: "updates/section.html", address.Update: "updates/page.html",
	address.Glossary: "glossary.html", address.SiteMap: "sitemap.html", address.Components: "components.html",
	address.Page: "page.html", address.Feed: "all.atom.xml",
}

// madeBy is the layout of a page.
func madeBy(l lack) string {
	switch {
	case l.what == idLinks:
		return "_markup/render-link.html"
	case l.Kind == address.Lost && l.Lang == "":
		return "not-found.html"
	case l.Kind == address.Page && path.Base(l.Of) == "_index":
		return "section.html"
	}
	return layouts[l.Kind]
}

// Theme tells what the theme lacks, as far as it shows without rendering: partials
// and interface texts that templates name, and templates that cannot be parsed.
func Theme(dir string) diag.List {
	found := append(readWords(dir).missing(dir), missingPartials(dir)...)
	if len(found) > 0 {
		found = append(found, templateMistakes(dir)...)
	}
	return found.Sort()
}

// Findings tells what of a finished render is not as promised, by the file that
// people have to mend or to restore.
func (p *Promise) Findings() diag.List {
	p.mu.Lock()
	defer p.mu.Unlock()
	for a := range p.book.All() {
		if (a.Kind.IsPage() || a.Kind == address.Feed) && !p.seen[a.Path] && !a.Optional {
			p.lacks = append(p.lacks, lack{a, everything})
		}
	}
	if found := p.languages(); len(found) > 0 {
		return found // the cause of all the rest
	}
	return append(p.blame(), p.loaded()...).Sort()
}

// languages tells of a language without a single page.
func (p *Promise) languages() (found diag.List) {
	for _, l := range plan.Langs {
		has := false
		for path := range p.seen {
			has = has || strings.HasPrefix(path, address.In(l).Home())
		}
		if !has {
			found = append(found, diag.Diagnostic{Pos: diag.Pos{File: "hugo.toml"}, Check: "theme",
				Fact: diag.Text("语言 %s 一个页面也没有", "there is no page in the language %s", string(l)),
				Hint: diag.Text("hugo.toml 里要有 [languages.%s]，名字一字不差。", "hugo.toml needs a table [languages.%s], under this very name.", string(l))})
		}
	}
	return found
}

// blame gathers what pages lack by the layout that makes them.
func (p *Promise) blame() (found diag.List) {
	type cause struct {
		file string
		what what
	}
	baseof := p.exists("baseof.html")
	pages := map[cause][]string{}
	for _, l := range p.lacks {
		c := cause{madeBy(l), l.what}
		if !baseof && strings.HasSuffix(c.file, ".html") && !slices.Contains([]address.Kind{address.Root, address.Moved}, l.Kind) && c.file != "not-found.html" {
			c = cause{"baseof.html", everything}
		}
		pages[c] = append(pages[c], l.Path)
	}
	for c, list := range pages {
		slices.Sort(list)
		d := diag.Diagnostic{Pos: diag.Pos{File: p.layout(c.file)}, Check: "theme"}
		what := whats[c.what]
		if p.exists(c.file) {
			d.Fact = diag.Text("用它做的 %[1]d 个页面%[2]s（如 %[4]s）", "%[1]d pages that it makes %[3]s (first: %[4]s)", len(list), what.ZH, what.EN, list[0])
			d.Hint = diag.Text("请检查这个模板和它用到的 partial；也可以用 git 看看最近改了什么。", "Look at this template and the partials that it uses, and at what was changed last.")
		} else {
			d.Fact = diag.Text("没有这个文件，%[1]d 个页面%[2]s（如 %[4]s）", "missing; without it %[1]d pages %[3]s (first: %[4]s)", len(list), what.ZH, what.EN, list[0])
			d.Hint = restore
		}
		found = append(found, d)
	}
	return found
}

// loaded tells which files the heads of pages ask for that the site does not have.
func (p *Promise) loaded() (found diag.List) {
	for to, first := range p.heads {
		if _, known := p.book.Find(to); known || p.seen[to] {
			continue
		}
		found = append(found, diag.Diagnostic{Pos: diag.Pos{File: p.static(to)}, Check: "theme",
			Fact: diag.Text("没有这个文件，页面的开头要用它（如 %s）", "missing; pages load it (first: %s)", first), Hint: restore})
	}
	return found
}

// exists reports whether a layout is in the theme or in the project.
func (p *Promise) exists(layout string) bool {
	return slices.ContainsFunc(layoutDirs(p.dir), func(root string) bool {
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(layout)))
		return err == nil
	})
}

// layout is where people look for a layout: where it is, or in the theme.
func (p *Promise) layout(name string) string {
	roots := layoutDirs(p.dir)
	for _, root := range slices.Backward(roots) {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err == nil {
			return path.Join(relative(p.dir, root), name)
		}
	}
	return path.Join(relative(p.dir, roots[0]), name)
}

func (p *Promise) static(address string) string {
	return path.Join(relative(p.dir, StaticDirs(p.dir)[0]), address)
}

// missingPartials tells which partials templates name that are not there, though
// no page may have asked for them this time.
func missingPartials(dir string) (found diag.List) {
	have := map[string]bool{}
	roots := layoutDirs(dir)
	for _, root := range roots {
		for _, folder := range []string{"_partials", "partials"} {
			_ = fs.WalkDir(os.DirFS(filepath.Join(root, folder)), ".", func(name string, e fs.DirEntry, err error) error {
				have[name] = true
				return nil
			})
		}
	}
	first := map[string]diag.Pos{}
	for file, t := range templates(dir) {
		commands(t.Root, func(c *parse.CommandNode) {
			if len(c.Args) < 2 || !isFunction(c.Args[0], "partial", "partialCached") {
				return
			}
			name, is := c.Args[1].(*parse.StringNode)
			if !is || have[name.Text] {
				return
			}
			pos := t.at(file, name)
			if was, has := first[name.Text]; !has || before(pos, was) {
				first[name.Text] = pos
			}
		})
	}
	for name, pos := range first {
		found = append(found, diag.Diagnostic{Pos: diag.Pos{File: path.Join(relative(dir, roots[0]), "_partials", name)}, Check: "theme",
			Fact: diag.Text("没有这个文件，用到它的是 %s", "missing; %s uses it", pos.String()), Hint: restore})
	}
	return found
}
