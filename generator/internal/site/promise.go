package site

// Whether a rendered site is the one that was promised. Hugo is content with less
// than readers are: where a layout is gone it takes another or writes nothing, and
// a text of the interface that is gone is shown as nothing.

import (
	"bytes"
	"html"
	"iter"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"minxi/generator/internal/address"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Promise compares finished files with the address book of the site: every page
// has a title, a heading and a text, a unit's page its sentence, a hub its units, a
// list its hubs, and the places that may be linked are there.
type Promise struct {
	theme theme
	book  *address.Book
	says  map[string]plan.Text // what the page of a unit or of a withdrawn one must show, by id

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
	foreign
	styled
)

var whats = map[what]plan.Text{
	everything:  diag.Text("是空的", "are empty"),
	itsTitle:    diag.Text("没有标题（title）", "have no title"),
	itsHeading:  diag.Text("没有大标题（h1）", "have no heading (h1)"),
	itsText:     diag.Text("没有正文（main）", "have no text (main)"),
	itsSentence: diag.Text("没有显示它的句子", "do not show their sentence"),
	itsPlaces:   diag.Text("缺少别处要链接的锚点", "lack places that others link to"),
	itsLinks:    diag.Text("没有列出应有的句子或页面", "do not lead to the sentences or pages that they are about"),
	foreign:     diag.Text("要从别的网站取文件", "load something from another site"),
	styled:      diag.Text("有 style 属性，浏览器按网页的安全策略不用它", "have style attributes, which browsers ignore because of the Content-Security-Policy"),
	idLinks:     diag.Text("里按编号写的链接没有变成网址", "have links by id that lead nowhere"),
}

// Promise prepares to look at the site's files.
func (s *Site) Promise() *Promise {
	p, book := s.plan, s.deriver.book
	promise := &Promise{theme: s.theme, book: book, says: map[string]plan.Text{}, seen: map[string]bool{}, heads: map[string]string{}}
	for u := range p.Units() {
		promise.says[string(u.ID)] = u.HTML
	}
	for id, versions := range p.History.By() {
		for i, name := range plan.VersionNames(versions) {
			promise.says[address.VersionID(id, name)] = plan.Text{ZH: html.EscapeString(versions[i].Text.ZH)}
		}
	}
	for _, e := range p.Ledger {
		if _, live := promise.says[string(e.ID)]; !live && e.State == plan.Withdrawn {
			promise.says[string(e.ID)] = plan.Text{ZH: html.EscapeString(e.Text.ZH)}
		}
	}
	return promise
}

// Keep notes that a page was taken from what was kept: it was looked at when it
// was made, from the same facts. What it loads may be gone since then.
func (p *Promise) Keep(a address.Address, loads []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.see(a, loads)
}

// Add takes over what another promise about the same site has seen.
func (p *Promise) Add(other *Promise) {
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.Copy(p.seen, other.seen)
	for to, page := range other.heads {
		if first, has := p.heads[to]; !has || page < first {
			p.heads[to] = page
		}
	}
}

// see notes that a page is there, and what it loads.
func (p *Promise) see(a address.Address, loads []string) {
	p.seen[a.Path] = true
	for _, to := range loads {
		if first, has := p.heads[to]; !has || a.Path < first {
			p.heads[to] = a.Path
		}
	}
}

// Look takes a finished file, as rendered: links are root-relative, attributes in
// quotation marks. It gives the files that the page loads. It may be called from
// several goroutines at once.
func (p *Promise) Look(name string, data []byte) (loads []string) {
	a, known := p.book.Find("/" + name)
	if !known {
		return nil
	}
	what, lacking := everything, len(bytes.TrimSpace(data)) == 0
	if !lacking && a.Kind.IsPage() {
		what, lacking = p.page(a, data)
		head, _, _ := bytes.Cut(data, []byte("</head>"))
		for value := range attributes(head, "href", "src") {
			to := string(value)
			at, known := p.book.Find(to)
			if strings.HasPrefix(to, "/") && !strings.ContainsAny(to, "\r\n\x00") && !(known && at.Kind.IsPage()) {
				loads = append(loads, to)
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.see(a, loads); lacking {
		p.lacks = append(p.lacks, lack{a, what})
	}
	return loads
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
	if says := p.says[a.Of]; a.Kind == address.Unit || a.Kind == address.Withdrawn || a.Kind == address.Edition {
		text, _ := says.Or(a.Lang)
		if !bytes.Contains(main, []byte(text)) {
			return itsSentence, true
		}
	}
	head, _, _ := bytes.Cut(data, []byte("</head>"))
	loads := []iter.Seq[[]byte]{attributes(data, "src")}
	for _, link := range bytes.Split(head, []byte("<link"))[1:] {
		if link, _, _ = bytes.Cut(link, []byte(">")); !bytes.Contains(link, []byte("canonical")) && !bytes.Contains(link, []byte("alternate")) {
			loads = append(loads, attributes(link, "href"))
		}
	}
	for _, list := range loads {
		for to := range list {
			if elsewhere.Match(to) {
				return foreign, true
			}
		}
	}
	if bytes.Contains(main, []byte(` style="`)) {
		return styled, true
	}
	if wanted := set(a.Fragments); len(wanted) > 0 {
		for id := range attributes(main, "id") {
			if wanted[string(id)] {
				delete(wanted, string(id))
			}
		}
		if len(wanted) > 0 {
			return itsPlaces, true
		}
	}
	wanted := set(a.Leads)
	for _, id := range a.Units {
		wanted[address.In(a.Lang).Unit(plan.ID(id))] = true
	}
	for to := range attributes(main, "href") {
		if byID.Match(to) && p.knows(a.Lang, string(to)) {
			return idLinks, true
		}
		if to, _, _ = bytes.Cut(to, []byte("#")); wanted[string(to)] {
			delete(wanted, string(to))
		}
	}
	if len(wanted) > 0 {
		return itsLinks, true
	}
	return 0, false
}

// elsewhere is the address of something that is not in the site.
var elsewhere = regexp.MustCompile(`(?i)^\s*(?:[a-z][a-z0-9+.-]*:)?//`)

// knows reports whether the plan has what an id names; a check tells of one that
// it does not have.
func (p *Promise) knows(l plan.Lang, id string) bool {
	for _, path := range []string{address.In(l).Unit(plan.ID(id)), address.In(l).Division(id)} {
		if _, has := p.book.Find(path); has {
			return true
		}
	}
	return false
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
	if open == "<main" {
		i = bytes.LastIndex(data, []byte(end))
	} else {
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

// attributes yields the values of attributes with these names, one name after another.
func attributes(markup []byte, names ...string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
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
				value := rest[:i]
				if bytes.IndexByte(value, '&') >= 0 {
					value = []byte(html.UnescapeString(string(value)))
				}
				if name != "id" && bytes.IndexByte(value, '%') >= 0 {
					if plain, err := url.PathUnescape(string(value)); err == nil {
						value = []byte(plain) // as the address book spells it
					}
				}
				if !yield(value) {
					return
				}
			}
		}
	}
}

func set(list []string) map[string]bool {
	s := make(map[string]bool, len(list))
	for _, e := range list {
		s[e] = true
	}
	return s
}

// madeBy is the layout of a page.
func madeBy(l lack) string {
	switch {
	case l.what == idLinks:
		return "_markup/render-link.html"
	case l.Kind == address.Lost && l.Lang == "":
		return "not-found.html"
	}
	return pageKinds()[l.Kind].layout + ".html"
}

// Lacks tells what the pages that were looked at lack.
func (p *Promise) Lacks() diag.List {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.blame().Sort()
}

// Findings tells what of a finished render is not as promised, by the file that
// people have to mend or to restore.
func (p *Promise) Findings() diag.List {
	p.mu.Lock()
	defer p.mu.Unlock()
	for a := range p.book.All() {
		if a.Kind.IsPage() && !p.seen[a.Path] {
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
			found = append(found, noLanguage(l))
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
	baseof := p.has("baseof.html")
	pages := map[cause][]string{}
	for _, l := range p.lacks {
		c := cause{madeBy(l), l.what}
		if table := "_markup/render-table.html"; l.what == styled && !p.has(table) {
			c.file = table // without it Hugo aligns columns by style attributes
		}
		if !baseof && strings.HasSuffix(c.file, ".html") && !slices.Contains([]address.Kind{address.Root, address.Moved}, l.Kind) && c.file != "not-found.html" {
			c = cause{"baseof.html", everything}
		}
		pages[c] = append(pages[c], l.Path)
	}
	for what := range whats { // what many layouts lack is the mistake of the one that they share
		of := slices.DeleteFunc(slices.Collect(maps.Keys(pages)), func(c cause) bool { return c.what != what || !p.has(c.file) })
		if len(of) < 5 {
			continue
		}
		base := cause{"baseof.html", what}
		for _, c := range of {
			if c != base {
				pages[base] = append(pages[base], pages[c]...)
				delete(pages, c)
			}
		}
	}
	for c, list := range pages {
		slices.Sort(list)
		d := diag.Diagnostic{Pos: diag.Pos{File: p.where(c.file)}, Check: "theme"}
		what := whats[c.what]
		if p.has(c.file) {
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

func (p *Promise) has(layout string) bool { _, has := p.theme.layout(layout); return has }

func (p *Promise) where(layout string) string { file, _ := p.theme.layout(layout); return file }

// static is where people look for a file of the theme that pages load.
func (p *Promise) static(address string) string { return path.Join(p.theme.home(), "static", address) }
