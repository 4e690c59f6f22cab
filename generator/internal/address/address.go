// Package address is the address book of a site: every address that a plan's
// site has, what kind of page or file stands there, in which language, what it is
// about, which fragments it has and where it leads. Whoever makes pages (site),
// looks at links (check), writes data (formats) or compares a finished tree with
// what was promised asks it, so that an address is spelled in one place.
//
// [New] makes the [Book] of a plan from the plan and from what is known of the
// site beside it. The functions of spell.go give single addresses without a book;
// the book itself is written with them.
//
// Addresses are root-relative and not escaped: /zh/m/s3-2/, /data/measures.json.
package address

import (
	"iter"
	"regexp"
	"slices"
	"strings"

	"minxi/generator/internal/plan"
)

// Kind says what stands at an address.
type Kind string

const (
	Root       Kind = "root"       // the way into the languages: /
	Lost       Kind = "lost"       // what a host shows for an address that is not there
	Home       Kind = "home"       // of a language
	Whole      Kind = "plan"       // all of the plan; Of: plan
	Chapter    Kind = "chapter"    // Of: c3
	Section    Kind = "section"    // Of: s4
	Parallel   Kind = "parallel"   // both languages side by side; Of: plan, c3, s4, topics/ecology, places/changting
	Unit       Kind = "unit"       // one sentence; Of: s3-2
	Withdrawn  Kind = "withdrawn"  // a sentence that the plan once had
	Moved      Kind = "moved"      // an id that forwards to another
	Edition    Kind = "edition"    // a sentence as it stood from a day on; Of: s3-2/2022-04-13
	Topics     Kind = "topics"     // the list of them
	Places     Kind = "places"     // the list of them
	Bodies     Kind = "bodies"     // the list of them
	Topic      Kind = "topic"      // Of: topics/ecology
	Place      Kind = "place"      // Of: places/changting
	Body       Kind = "body"       // Of: bodies/fujian
	Cross      Kind = "cross"      // a topic in a place; Of: topics/ecology/changting
	Updates    Kind = "updates"    // the list of them
	Update     Kind = "update"     // Of: updates/2024-05-01-water
	Glossary   Kind = "glossary"   // its start page
	Terms      Kind = "terms"      // a page of the glossary; Of: glossary/3
	SiteMap    Kind = "sitemap"    // for people
	Search     Kind = "search"     //
	Components Kind = "components" // of the theme, in the preview only
	DataPage   Kind = "data"       // about the data files
	Page       Kind = "page"       // ordinary Markdown; Of: the file's name, pages/about
	Feed       Kind = "feed"       // Of: what the page beside it is about
	Plain      Kind = "markdown"   // the text of the page beside it as Markdown; Of: as the page's
	TimeMap    Kind = "timemap"    // the versions of a sentence (RFC 7089); Of: s3-2
	Index      Kind = "index"      // a site map for programs
	Robots     Kind = "robots"     //
	Data       Kind = "data-file"  // open data; Of: measures.json
	Asset      Kind = "asset"      // named after its content: no book lists these, Find knows them
	Static     Kind = "static"     // a file that goes into the site as it is
	Card       Kind = "card"       // the picture of a page that others show beside a link to it; Of, as the page
	Embed      Kind = "embed"      // a sentence for other people's pages: oEmbed; Of: s3-2
	Picture    Kind = "picture"    // the long picture of a topic or place; Of: topics/ecology, places/changting
)

// IsPage reports whether people read what stands there: HTML.
func (k Kind) IsPage() bool {
	switch k {
	case Feed, TimeMap, Plain, Index, Robots, Data, Asset, Static, Card, Embed, Picture:
		return false
	}
	return true
}

// HasMarkdown reports whether pages of the kind have their text as Markdown beside
// them: those that people come to for what they say. What only gathers or rearranges it
// for the eye (both languages side by side, a topic in a place, the index) has none.
func (k Kind) HasMarkdown() bool {
	switch k {
	case Whole, Chapter, Section, Unit, Withdrawn, Topics, Topic, Places, Place, Bodies, Body, Updates, Update, Page:
		return true
	}
	return false
}

// Address is one address of a site.
type Address struct {
	Path string    // root-relative; a page's ends in a slash, but for /404.html
	Kind Kind      //
	Lang plan.Lang // "" for what belongs to no language
	Of   string    // what it is about, see the kinds; "" where the kind says it all

	// Fragments are the places on a page that may be linked: units, divisions,
	// terms, and what ordinary pages give their headings.
	Fragments []string
	// Units are the ids of the units that the page gathers or forwards to, and Leads
	// the addresses of other pages that it exists to lead to, as a list to its hubs.
	// A page that does not lead to them is not the page that was meant.
	Units []string
	Leads []string
	// Part and Parts say which part of a divided page this is and how many there
	// are; 0 of a page that is whole.
	Part, Parts int
	// Written says that a file of Markdown has the page's text.
	Written bool
}

// Twin is the same address in the other language; "" if it has no language. Whether
// something is there, only the book knows.
func (a Address) Twin() string {
	rest, ok := strings.CutPrefix(a.Path, In(a.Lang).Home())
	if !ok || a.Lang == "" {
		return ""
	}
	if a.Lang == plan.ZH {
		return In(plan.EN).Home() + rest
	}
	return In(plan.ZH).Home() + rest
}

// File is the slash path of the file in a built tree.
func (a Address) File() string { return File(a.Path) }

// Options say what a site has beside the plan itself.
type Options struct {
	Pages      []Markdown // the Markdown of the content folder, without the plan's own
	Drafts     bool       // pages and updates marked draft are shown
	Components bool       // the page of the theme's components is shown
	Cards      bool       // pages have cards, and topics and places long pictures
	Data       []string   // paths of data files: /data/measures.json
	Static     []string   // paths of static files
	Absolute   bool       // it is known where the site will stand: files that are made of absolute addresses are there
}

// Markdown is a file of the content folder that becomes a page.
type Markdown struct {
	Name      string // below the content folder, without language: pages/about, topics/_index
	Lang      plan.Lang
	Draft     bool
	Fragments []string // ids that its headings are given
}

// Book is every address of a site.
type Book struct {
	list []Address
	at   map[string]int
}

// All yields every address: of each language in the order of the plan, then what
// belongs to no language.
func (b *Book) All() iter.Seq[Address] {
	return func(yield func(Address) bool) {
		for _, a := range b.list {
			if !yield(a) {
				return
			}
		}
	}
}

// Len is how many addresses there are.
func (b *Book) Len() int { return len(b.list) }

// fingerprinted is the path of a file named after its content: such addresses
// change with every edit and are promised to nobody.
var fingerprinted = regexp.MustCompile(`^/assets/[A-Za-z0-9._-]+\.[0-9a-f]{12}\.(?:css|js|woff2|pack)$`)

// searched is the path of a file that the search of a large plan asks for.
var searched = regexp.MustCompile(`^/data/search/[gsuv]/[a-z0-9-]+\.js$`)

// Find looks up a path. A page is also found by its index.html.
func (b *Book) Find(path string) (Address, bool) {
	if i, ok := b.at[strings.TrimSuffix(path, "index.html")]; ok {
		return b.list[i], true
	}
	if fingerprinted.MatchString(path) || searched.MatchString(path) {
		return Address{Path: path, Kind: Asset}, true
	}
	return Address{}, false
}

// New lists the addresses of a plan's site. Tags without a hub and, unless drafts
// are shown, drafts are left out.
func New(p *plan.Plan, o Options) *Book {
	most := 2 * len(plan.Langs) * (p.Count().Units + len(p.History)) // sentences and their versions, with their Markdown
	b := &Book{at: make(map[string]int, most), list: make([]Address, 0, most)}
	m := gather(p, o)
	for _, l := range plan.Langs {
		b.language(p, o, m, l)
	}
	if o.Cards {
		b.pictures(p)
	}
	b.add(Address{Path: "/", Kind: Root, Leads: homes()})
	b.add(Address{Path: "/404.html", Kind: Lost, Leads: homes()})
	b.add(Address{Path: SiteIndex, Kind: Index})
	b.add(Address{Path: RobotsFile, Kind: Robots})
	for _, d := range o.Data {
		b.add(Address{Path: d, Kind: Data, Of: d[strings.LastIndexByte(d, '/')+1:]})
	}
	for _, s := range o.Static {
		b.add(Address{Path: s, Kind: Static})
	}
	return b
}

func homes() (list []string) {
	for _, l := range plan.Langs {
		list = append(list, In(l).Home())
	}
	return list
}

// add puts an address into the book. What is there twice belongs to the first, with
// the fragments of both.
func (b *Book) add(a Address) {
	if i, has := b.at[a.Path]; has {
		b.list[i].Fragments = append(b.list[i].Fragments, a.Fragments...)
		b.list[i].Written = b.list[i].Written || a.Written
		return
	}
	b.at[a.Path] = len(b.list)
	b.list = append(b.list, a)
	if a.Kind.HasMarkdown() {
		b.add(Address{Path: MarkdownOf(a.Path), Kind: Plain, Lang: a.Lang, Of: a.Of})
	}
}

// language adds the addresses of one language.
func (b *Book) language(p *plan.Plan, o Options, m *gathered, lang plan.Lang) {
	l := In(lang)
	b.divisions(p, l)
	for u := range p.Units() {
		b.add(Address{Path: l.Unit(u.ID), Kind: Unit, Lang: lang, Of: string(u.ID)})
	}
	for _, r := range m.retired {
		b.add(Address{Path: l.Unit(plan.ID(r.of)), Kind: r.kind, Lang: lang, Of: r.of, Units: r.units})
	}
	b.versions(m, l, o.Absolute)
	here := []string{l.Plan()}  // what the site map leads to
	spared := map[string]bool{} // bodies, to whose list the search page leads, for its weight
	for _, list := range m.lists {
		a := Address{Path: l.List(list.kind), Kind: list.kind, Lang: lang}
		for _, h := range list.hubs {
			path := l.Hub(h.of)
			a.Leads = append(a.Leads, path)
			b.divide(Address{Path: path, Kind: h.kind, Lang: lang, Of: h.of, Units: h.units}, partsOf(len(h.units), UnitsInPart))
			if h.kind != Cross {
				b.feed(Address{Path: FeedOf(path), Kind: Feed, Lang: lang, Of: h.of}, m.events[lang][h.of])
			}
			if len(h.measures) > 0 {
				b.divide(Address{Path: SideBySide(path), Kind: Parallel, Lang: lang, Of: h.of, Units: h.measures, Fragments: h.measures}, partsOf(len(h.measures), UnitsInPart))
			}
		}
		here = append(append(here, a.Path), a.Leads...)
		for _, path := range a.Leads {
			spared[path] = list.kind == Bodies
		}
		b.divide(a, partsOf(list.units, UnitsInPart))
	}
	for _, c := range m.cross {
		b.divide(Address{Path: l.Hub(c.of), Kind: Cross, Lang: lang, Of: c.of, Units: c.units}, partsOf(len(c.units), UnitsInPart))
	}
	if len(m.updates) > 0 {
		a := Address{Path: l.List(Updates), Kind: Updates, Lang: lang}
		for _, u := range m.updates {
			path := l.Hub(u.of)
			a.Leads = append(a.Leads, path)
			b.add(Address{Path: path, Kind: Update, Lang: lang, Of: u.of, Units: u.units})
		}
		b.add(a)
		b.feed(Address{Path: FeedOf(a.Path), Kind: Feed, Lang: lang, Of: string(Updates)}, len(m.updates))
		here = append(here, a.Path)
	}
	if len(m.terms) > 0 {
		b.glossary(l, m)
		here = append(here, l.List(Glossary))
	}
	if len(o.Data) > 0 {
		b.add(Address{Path: l.List(DataPage), Kind: DataPage, Lang: lang})
		b.add(Address{Path: l.List(SiteMap), Kind: SiteMap, Lang: lang, Leads: append(slices.Clone(here), l.List(DataPage))})
	}
	b.add(Address{Path: l.List(SiteMap), Kind: SiteMap, Lang: lang, Leads: here})
	b.add(Address{Path: l.List(Search), Kind: Search, Lang: lang, Leads: slices.DeleteFunc(slices.Clone(here), func(path string) bool { return spared[path] })})
	if o.Components {
		b.add(Address{Path: l.List(Components), Kind: Components, Lang: lang})
	}
	home := Address{Path: l.Home(), Kind: Home, Lang: lang, Leads: []string{l.Plan()}}
	for _, list := range m.lists {
		if list.kind == Topics {
			home.Leads = append(home.Leads, l.List(Topics))
		}
	}
	b.add(home)
	b.feed(Address{Path: FeedOf(l.Home()), Kind: Feed, Lang: lang}, m.events[lang][""])
	b.add(Address{Path: l.Home() + "404.html", Kind: Lost, Lang: lang, Leads: []string{l.Home()}})
	b.add(Address{Path: l.Index(), Kind: Index, Lang: lang})
	for _, page := range m.pages {
		if page.Lang == lang {
			b.page(page)
		}
	}
}

// feed adds a feed with so many entries, and its archives: all but the newest entries.
func (b *Book) feed(a Address, entries int) {
	a.Parts = max(0, entries-1) / EntriesInFeed
	b.add(a)
	for n := 1; n <= a.Parts; n++ {
		part := a
		part.Path, part.Part = ArchiveOf(a.Path, n), n
		b.add(part)
	}
}

// versions adds what sentences said from when on.
func (b *Book) versions(m *gathered, l In, absolute bool) {
	for _, id := range m.recorded {
		for _, name := range m.versions[id] {
			if name != "" {
				b.add(Address{Path: l.Version(id, name), Kind: Edition, Lang: plan.Lang(l), Of: VersionID(id, name)})
			}
		}
		if absolute && strings.Join(m.versions[id], "") != "" {
			b.add(Address{Path: l.TimeMap(id), Kind: TimeMap, Lang: plan.Lang(l), Of: string(id)})
		}
	}
}

// page adds an ordinary page. Where the plan has a page already (a hub, a list),
// the file is that page's text.
func (b *Book) page(m Markdown) {
	path := m.Path()
	if _, known := b.at[path]; !known && strings.HasPrefix(m.Name, string(Updates)+"/") {
		return // of an update that is a draft in the other language
	}
	b.add(Address{Path: path, Kind: Page, Written: true, Lang: m.Lang, Of: m.Name, Fragments: m.Fragments})
	// Hugo lists the pages of a folder of their own, whether or not it has a file.
	if dir, _, nested := strings.Cut(m.Name, "/"); nested && dir != pagesDir {
		list := Markdown{Name: dir + "/_index", Lang: m.Lang}
		b.add(Address{Path: list.Path(), Kind: Page, Lang: m.Lang, Of: list.Name})
	}
}

// divisions adds the plan, its chapters and its sections, in one language and
// side by side.
func (b *Book) divisions(p *plan.Plan, l In) {
	text := func(path string, kind Kind, of string, fragments []string) {
		b.add(Address{Path: path, Kind: kind, Lang: plan.Lang(l), Of: of, Fragments: fragments})
		b.add(Address{Path: SideBySide(path), Kind: Parallel, Lang: plan.Lang(l), Of: of, Fragments: fragments})
	}
	whole := ids(p.Preamble)
	for _, c := range p.Chapters {
		whole = append(append(whole, ChapterID(c.Number)), inside(c)...)
	}
	parts := wholeParts(p)
	if parts > 0 {
		whole = whole[:len(p.Preamble)]
	}
	b.divide(Address{Path: l.Plan(), Kind: Whole, Lang: plan.Lang(l), Of: string(Whole), Fragments: whole}, parts)
	b.divide(Address{Path: SideBySide(l.Plan()), Kind: Parallel, Lang: plan.Lang(l), Of: string(Whole), Fragments: whole}, parts)
	for _, c := range p.Chapters {
		own := inside(c)
		if Long(c) {
			own = ids(c.Units)
			for _, s := range c.Sections {
				own = append(own, SectionID(s.Number))
			}
		}
		text(l.Division(ChapterID(c.Number)), Chapter, ChapterID(c.Number), own)
		for _, s := range c.Sections {
			text(l.Division(SectionID(s.Number)), Section, SectionID(s.Number), ids(s.Units))
		}
	}
}

// inside lists a chapter's units and sections in the order of the text.
func inside(c *plan.Chapter) []string {
	list := ids(c.Units)
	for _, s := range c.Sections {
		list = append(append(list, SectionID(s.Number)), ids(s.Units)...)
	}
	return list
}

func ids(units []*plan.Unit) []string {
	list := make([]string, len(units))
	for i, u := range units {
		list[i] = string(u.ID)
	}
	return list
}

// gathered is what the plan says in every language alike.
type gathered struct {
	lists    []list
	cross    []entry
	updates  []entry
	retired  []entry
	pages    []Markdown
	events   map[plan.Lang]map[string]int // how many concern a hub; "" for all
	recorded []plan.ID                    // sentences with a history, in its order
	versions map[plan.ID][]string         // their names
	terms    []plan.Term                  // that the glossary lists: those that a unit uses
	termIDs  []string                     // their fragments
}

// entry is a page about units.
type entry struct {
	kind     Kind
	of       string
	units    []string
	measures []string // of a topic or place: those units that are measures
}

// list is the list of the hubs of one kind.
type list struct {
	kind  Kind
	hubs  []entry
	units int // that it lists itself
}

func gather(p *plan.Plan, o Options) *gathered {
	m := &gathered{}
	uses := p.TermUses()
	for i, id := range TermIDs(p.Terms) {
		if len(uses[p.Terms[i].ZH]) > 0 {
			m.terms, m.termIDs = append(m.terms, p.Terms[i]), append(m.termIDs, id)
		}
	}
	live := map[plan.ID]bool{}
	about := map[string][]string{} // units by topics/ecology, places/changting and both: topics/ecology/changting
	measures := map[string][]string{}
	known := map[string]bool{}
	topics, places, bodies := list{kind: Topics}, list{kind: Places}, list{kind: Bodies}
	for _, t := range p.Topics {
		known[TopicID(t.ID)] = true
	}
	for _, pl := range p.Places {
		known[PlaceID(pl.ID)] = true
	}
	for _, b := range p.Bodies {
		known[BodyID(b.ID)] = true
	}
	for u := range p.Units() {
		live[u.ID] = true
		id := string(u.ID)
		if u.Kind == plan.Measure && !slices.ContainsFunc(u.Places, func(pl string) bool { return known[PlaceID(pl)] }) {
			places.units++
		}
		for _, pl := range u.Places {
			if known[PlaceID(pl)] {
				about[PlaceID(pl)] = append(about[PlaceID(pl)], id)
				if u.Kind == plan.Measure {
					measures[PlaceID(pl)] = append(measures[PlaceID(pl)], id)
				}
			}
		}
		for _, b := range u.Bodies {
			if known[BodyID(b)] {
				about[BodyID(b)] = append(about[BodyID(b)], id)
			}
		}
		for _, t := range u.Topics {
			if !known[TopicID(t)] {
				continue
			}
			about[TopicID(t)] = append(about[TopicID(t)], id)
			if u.Kind == plan.Measure {
				measures[TopicID(t)] = append(measures[TopicID(t)], id)
			}
			for _, pl := range u.Places {
				if known[PlaceID(pl)] && u.Kind == plan.Measure { // a topic in a place is about what is to be done there
					about[CrossID(t, pl)] = append(about[CrossID(t, pl)], id)
				}
			}
		}
	}
	for _, t := range p.Topics {
		topics.hubs = append(topics.hubs, entry{Topic, TopicID(t.ID), about[TopicID(t.ID)], measures[TopicID(t.ID)]})
		for _, pl := range p.Places {
			if of := CrossID(t.ID, pl.ID); len(about[of]) > 0 {
				m.cross = append(m.cross, entry{kind: Cross, of: of, units: about[of]})
			}
		}
	}
	for _, pl := range p.Places {
		places.hubs = append(places.hubs, entry{Place, PlaceID(pl.ID), about[PlaceID(pl.ID)], measures[PlaceID(pl.ID)]})
	}
	for _, b := range p.Bodies {
		bodies.hubs = append(bodies.hubs, entry{kind: Body, of: BodyID(b.ID), units: about[BodyID(b.ID)]})
	}
	for _, l := range []list{topics, places, bodies} {
		written := slices.ContainsFunc(o.Pages, func(f Markdown) bool { return f.Name == string(l.kind)+"/_index" })
		if len(l.hubs) > 0 || written {
			m.lists = append(m.lists, l)
		}
	}
	living := func(list []plan.ID) (ids []string) {
		for _, id := range list {
			if live[id] {
				ids = append(ids, string(id))
			}
		}
		return ids
	}
	for _, u := range p.Updates {
		if !u.Draft || o.Drafts {
			m.updates = append(m.updates, entry{kind: Update, of: UpdateID(u.Name), units: living(u.Units)})
		}
	}
	for _, e := range p.Ledger {
		to := living(e.To)
		switch {
		case live[e.ID] || e.State == plan.Live:
		case e.State == plan.Withdrawn:
			m.retired = append(m.retired, entry{kind: Withdrawn, of: string(e.ID), units: to})
		case e.State == plan.Moved && len(to) == 1:
			m.retired = append(m.retired, entry{kind: Moved, of: string(e.ID), units: to})
		}
	}
	m.events = map[plan.Lang]map[string]int{}
	for _, l := range plan.Langs {
		m.events[l] = map[string]int{}
	}
	for _, e := range p.Events(o.Drafts) {
		for _, l := range plan.Langs {
			if e.In(l) {
				for _, hub := range append(e.Hubs, "") {
					m.events[l][hub]++
				}
			}
		}
	}
	m.versions = map[plan.ID][]string{}
	by := p.History.By()
	for _, v := range p.History {
		if m.versions[v.ID] == nil {
			m.versions[v.ID] = plan.VersionNames(by[v.ID])
			m.recorded = append(m.recorded, v.ID)
		}
	}
	for _, f := range o.Pages {
		hidden := f.Name == pagesDir+"/_index" || f.Name == "m/_index" // these folders have no page
		if (!f.Draft || o.Drafts) && !hidden {
			m.pages = append(m.pages, f)
		}
	}
	return m
}
