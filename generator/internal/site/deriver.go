package site

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/tulou"
)

// Text is an ordinary Markdown file of the content folder: the text of a page, or
// the introduction of a hub or a list.
type Text struct {
	Name        string // below the content folder, without language: pages/about, topics/_index
	File        string // below the project folder
	Lang        plan.Lang
	Title       string
	Description string
	Cite        plan.ID           // a unit that the page shows how to cite; "" for none
	Verbs       bool              // the page ends with the verbs of the measures
	Body        string            // Markdown
	Line        int               // on which the body begins
	Links       map[string]string // where destinations in the body lead, if not to themselves

	// Plain is the body without what is not CommonMark, each link led to where to says.
	Plain func(to func(destination string) string) string `json:"-"`
}

// deriver makes pages of a plan: for each address of the book the facts that its
// page shows, and nothing else.
type deriver struct {
	in     Input
	own    *sentences
	book   *address.Book
	config operator
	words  words
	css    []string                  // the style sheet of every page
	more   map[address.Kind][]string // the style sheets of a kind that has more, all of them
	js     string
	search *searchFacts
	sizeOf func(address.Address) int // of a long picture

	order      []*plan.Unit
	units      map[plan.ID]*placed
	tagged     map[*plan.Unit]tagged
	divisions  map[string]*plannedDivision
	chapters   []*plannedDivision
	sections   []*plannedDivision
	hubs       map[string]*hub // topics/ecology, places/changting
	topics     []*hub
	places     []*hub
	bodies     []*hub
	cross      []*hub
	unplaced   []*plan.Unit
	targets    []*plan.Unit
	updates    []*plan.Update                      // that are shown, newest first
	terms      []plannedTerm                       // in the order of the Chinese index
	glossaries map[plan.Lang][]address.Terminology // of the terms above
	index      map[plan.Lang][]letter              // all of its letters
	termPages  map[plan.Lang][]string              // where each of them is explained
	termsOf    map[plan.ID][]int                   // the terms that a unit uses
	verbs      map[string][]plan.ID                // measures, by the ID of a verb
	versions   map[plan.ID][]plan.Version          // what each sentence said from when on
	ledger     map[plan.ID]plan.Entry
	happened   []plan.Event                   // since the plan was made public, oldest first
	heard      map[plan.Lang]map[string][]int // which of them the readers of a hub hear of; "" for all
	feeding    *feeding                       // the feed that was asked for last
	entries    map[told][]byte
	encoded    encoding // of entries
	segments   []string // expressions that are compared as a whole
	texts      map[textKey]Text
	kinds      map[address.Kind]kind
	drawing    *tulou.Drawing // nil for a plan that is not drawn, or too large
	document   plan.Document
	citing     *formats.Citing
	sites      map[plan.Lang]siteFacts // that every page of a language has
}

type textKey struct {
	name string
	lang plan.Lang
}

// placed is a unit with its neighbours and its place in the plan.
type placed struct {
	*plan.Unit
	index int
	in    *plannedDivision // section, else chapter; nil in the preamble
}

// tagged are the hubs that a unit is tagged with, each once, in the order of its tags.
type tagged struct{ topics, places []*hub }

// plannedDivision is a chapter or section with its neighbours.
type plannedDivision struct {
	id         string
	number     int
	label      int
	title      plan.Text
	parent     *plannedDivision // the chapter of a section
	units      []*plan.Unit
	sections   []*plannedDivision
	prev, next *plannedDivision
	index      int // among its kind
}

// hub is a topic, a place, a body or a topic in a place, with its units.
type hub struct {
	id       string // topics/ecology
	kind     string // topic, or the kind of place or body
	topic    *plan.Topic
	place    *plan.Place
	body     *plan.Body
	units    []*plan.Unit // all that are tagged with it
	measures int          // how many of them are measures
	mainly   int          // of a topic: how many measures have it first
	related  []int        // of a topic: terms
	acrossBy []*hub       // of a topic or place: the topics in places that it has
	topicHub *hub         // of a topic in a place
	placeHub *hub
}

type plannedTerm struct {
	plan.Term
	id    string
	units []plan.ID
}

// byYear finds the year by which a target is to be reached.
var byYear = regexp.MustCompile(`到(\d{4})年`)

// mostCells is how many sentences are drawn as cells: with more, cells would be
// too small to see or to point at.
const mostCells = 500

// mostTargets is how many targets a timeline shows. A plan with more has them in
// its text.
const mostTargets = 12

func newDeriver(in Input, w words, a assets) *deriver {
	p, own := ownUnits(in.Plan)
	in.Plan = p
	d := &deriver{
		in: in, own: own, book: in.Book, config: loadOperator(in.Project), words: w, js: a.js.Path,
		units: map[plan.ID]*placed{}, tagged: map[*plan.Unit]tagged{}, entries: map[told][]byte{}, divisions: map[string]*plannedDivision{}, hubs: map[string]*hub{}, texts: map[textKey]Text{}, kinds: pageKinds(),
		sites: map[plan.Lang]siteFacts{}, termsOf: map[plan.ID][]int{}, more: map[address.Kind][]string{},
	}
	for _, t := range in.Texts {
		d.texts[textKey{t.Name, t.Lang}] = t
	}
	for _, u := range p.Updates {
		if !u.Draft || in.Drafts {
			d.updates = append(d.updates, u)
		}
	}
	if a.css.Path != "" {
		d.css = []string{a.css.Path}
	}
	for kind, sheets := range sheetsOf {
		list := slices.Clone(d.css)
		for _, name := range sheets {
			if path := a.more[name].Path; path != "" {
				list = append(list, path)
			}
		}
		d.more[kind] = list
	}
	d.divide(p)
	d.gather(p)
	d.listTerms(p)
	for _, t := range in.Texts {
		if t.Verbs && d.verbs == nil {
			d.verbs = p.VerbUses()
		}
	}
	for _, h := range d.topics {
		h.related = d.related(h.units)
	}
	d.happened = p.Events(in.Drafts)
	d.listen()
	d.versions, d.segments, d.ledger = p.History.By(), segments(p), map[plan.ID]plan.Entry{}
	for _, e := range p.Ledger {
		d.ledger[e.ID] = e
	}
	d.document = d.config.document(p)
	d.citing = formats.NewCiting(p, d.document, in.Origin)
	if p.Drawing == "tulou" && len(d.order) <= mostCells {
		drawing := tulou.Draw(p)
		d.drawing = &drawing
	}
	for _, l := range plan.Langs {
		d.sites[l] = pageIn{d, l}.site()
	}
	return d
}

// divide lists units, chapters and sections and links neighbours of a kind.
func (d *deriver) divide(p *plan.Plan) {
	take := func(list []*plan.Unit, in *plannedDivision) {
		for _, u := range list {
			d.units[u.ID] = &placed{Unit: u, index: len(d.order), in: in}
			d.order = append(d.order, u)
		}
	}
	take(p.Preamble, nil)
	for _, c := range p.Chapters {
		chapter := &plannedDivision{id: address.ChapterID(c.Number), number: c.Number, label: c.Number, title: c.Title, units: c.Units}
		d.chapters = append(d.chapters, chapter)
		take(c.Units, chapter)
		for _, s := range c.Sections {
			section := &plannedDivision{id: address.SectionID(s.Number), number: s.Number, label: s.Label, title: s.Title, parent: chapter, units: s.Units}
			chapter.sections = append(chapter.sections, section)
			d.sections = append(d.sections, section)
			take(s.Units, section)
		}
	}
	for _, list := range [][]*plannedDivision{d.chapters, d.sections} {
		for i, v := range list {
			v.index = i
			if i > 0 {
				v.prev, list[i-1].next = list[i-1], v
			}
			d.divisions[v.id] = v
		}
	}
}

// gather sorts units into hubs. Tags without a hub are left out: the checks tell
// of them, and a preview shows the rest of the page.
func (d *deriver) gather(p *plan.Plan) {
	for _, t := range p.Topics {
		h := &hub{id: address.TopicID(t.ID), kind: "topic", topic: t}
		d.topics, d.hubs[h.id] = append(d.topics, h), h
	}
	for _, pl := range p.Places {
		h := &hub{id: address.PlaceID(pl.ID), kind: string(pl.Kind), place: pl}
		d.places, d.hubs[h.id] = append(d.places, h), h
	}
	for _, b := range p.Bodies {
		h := &hub{id: address.BodyID(b.ID), kind: string(b.Kind), body: b}
		d.bodies, d.hubs[h.id] = append(d.bodies, h), h
	}
	add := func(h *hub, u *plan.Unit) {
		h.units = append(h.units, u)
		if u.Kind == plan.Measure {
			h.measures++
		}
	}
	across := map[string]*hub{}
	for _, u := range d.order {
		topics, places := d.pick(u.Topics, address.TopicID), d.pick(u.Places, address.PlaceID)
		d.tagged[u] = tagged{topics, places}
		for _, h := range slices.Concat(topics, places, d.acting(u)) {
			add(h, u)
		}
		if u.Kind == plan.Measure {
			if len(topics) > 0 {
				topics[0].mainly++
			}
			for _, t := range topics {
				for _, pl := range places {
					id := address.CrossID(t.topic.ID, pl.place.ID)
					if across[id] == nil {
						across[id] = &hub{id: id, topicHub: t, placeHub: pl}
					}
					add(across[id], u)
				}
			}
			if len(places) == 0 {
				d.unplaced = append(d.unplaced, u)
			}
		}
		if u.Kind == plan.Target && byYear.MatchString(u.Text.ZH) {
			d.targets = append(d.targets, u)
		}
	}
	if len(d.targets) > mostTargets {
		d.targets = nil
	}
	for _, t := range d.topics {
		for _, pl := range d.places {
			if h := across[address.CrossID(t.topic.ID, pl.place.ID)]; h != nil {
				d.hubs[h.id] = h
				d.cross = append(d.cross, h)
				t.acrossBy = append(t.acrossBy, h)
				pl.acrossBy = append(pl.acrossBy, h)
			}
		}
	}
}

// tags are the hubs of a unit, each once, in the order of its tags.
func (d *deriver) tags(u *plan.Unit) (topics, places []*hub) {
	of := d.tagged[u]
	return of.topics, of.places
}

// acting are the hubs of the bodies that a unit makes act, each once.
func (d *deriver) acting(u *plan.Unit) []*hub { return d.pick(u.Bodies, address.BodyID) }

func (d *deriver) pick(tags []string, id func(string) string) (list []*hub) {
	for _, t := range tags {
		if h := d.hubs[id(t)]; h != nil && !slices.Contains(list, h) {
			list = append(list, h)
		}
	}
	return list
}

// listTerms lists the terms that the plan uses, and on which page of each language's
// glossary each stands. A term without a sentence is there for translators, and
// readers would find nothing behind it.
func (d *deriver) listTerms(p *plan.Plan) {
	uses, ids := p.TermUses(), address.TermIDs(p.Terms)
	var order []int
	for i, t := range p.Terms {
		if len(uses[t.ZH]) > 0 {
			order = append(order, i)
		}
	}
	plan.IndexOrder(plan.ZH, p.Terms, order)
	var terms []plan.Term
	for _, i := range order {
		terms = append(terms, p.Terms[i])
		for _, id := range uses[p.Terms[i].ZH] {
			d.termsOf[id] = append(d.termsOf[id], len(d.terms))
		}
		d.terms = append(d.terms, plannedTerm{p.Terms[i], ids[i], uses[p.Terms[i].ZH]})
	}
	d.glossaries, d.termPages, d.index = map[plan.Lang][]address.Terminology{}, map[plan.Lang][]string{}, map[plan.Lang][]letter{}
	for _, l := range plan.Langs {
		d.glossaries[l], d.termPages[l] = address.In(l).Glossary(terms), make([]string, len(terms))
		for _, page := range d.glossaries[l] {
			for _, i := range page.Terms {
				d.termPages[l][i] = page.Path
				d.index[l] = pageIn{d, l}.underLetter(d.index[l], i)
			}
		}
	}
}

// relatedTerms is how many terms a topic's page shows.
const relatedTerms = 12

// related picks the terms that say what these units are about: used in at least
// two of them, and half as often again as chance would have it. Those that are
// used most beyond chance come first. Places are not among them: a hub lists its
// places anyway.
func (d *deriver) related(units []*plan.Unit) []int {
	in := make(map[plan.ID]bool, len(units))
	for _, u := range units {
		in[u.ID] = true
	}
	share := float64(len(units)) / float64(max(1, len(d.order)))
	type scored struct {
		term  int
		score float64
	}
	var list []scored
	for i, t := range d.terms {
		if t.Kind == "place" {
			continue
		}
		n := 0
		for _, id := range t.units {
			if in[id] {
				n++
			}
		}
		expected := share * float64(len(t.units))
		if n >= 2 && float64(n) >= 1.5*expected {
			list = append(list, scored{i, float64(n) - expected})
		}
	}
	slices.SortStableFunc(list, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var terms []int
	for _, s := range list[:min(len(list), relatedTerms)] {
		terms = append(terms, s.term)
	}
	return terms
}

// page derives the page at an address. What an address book has beside pages is
// written elsewhere.
func (d *deriver) page(a address.Address) (page, bool) {
	kind, ok := d.kinds[a.Kind]
	if !ok {
		return page{}, false
	}
	l := pageIn{d, a.Lang}
	if l.Lang == "" {
		l.Lang = plan.ZH // the pages of no language stand in Hugo's first
	}
	p := page{Address: a, layout: kind.layout, facts: facts{Kind: a.Kind, Path: a.Path, Of: a.Of, Part: a.Part, Site: d.sites[l.Lang]}}
	if sheets := d.more[a.Kind]; sheets != nil {
		p.facts.Site.CSS = sheets
	}
	if twin := a.Twin(); twin != "" {
		if _, has := d.book.Find(twin); has {
			p.facts.Twin = twin
		}
	}
	if strings.HasSuffix(a.Path, "/") {
		if feed, has := d.book.Find(address.FeedOf(a.Path)); has {
			p.facts.Feed = feed.Path
		}
		if twin, has := d.book.Find(address.MarkdownOf(a.Path)); has {
			p.facts.Markdown = twin.Path
		}
	}
	p.facts.Column = "home"
	if column, _, below := strings.Cut(strings.TrimPrefix(a.Path, l.at().Home()), "/"); below {
		p.facts.Column = column
	}
	if t, has := d.texts[textKey{TextOf(a), l.Lang}]; has {
		p.title, p.description, p.body, p.line, p.file = t.Title, t.Description, t.Body, t.Line, t.File
		p.facts.Links = t.Links
		if t.Verbs {
			p.facts.Verbs = l.verbs()
		}
		if p.facts.Cite = l.citation(t.Cite); p.facts.Cite != nil {
			p.facts.Title = bilingual(d.in.Plan.Title)
		}
	}
	if a.Part > 1 {
		p.body = "" // the introduction stands on the first part
	}
	kind.fill(l, &p)
	if p.description == "" && p.facts.Hub == nil && a.Kind != address.Search { // that is weighed to the byte
		p.facts.Site.About = d.texts[textKey{"_index", l.Lang}].Description
	}
	p.facts.Card = l.cardOf(p.Path)
	p.facts.Linked = l.linked(&p)
	return p, true
}

// columns are the parts of the site in its menu, as far as they are there.
var columns = []address.Kind{address.Whole, address.Topics, address.Places, address.Updates, address.Glossary, "about"}

// site are the facts that every page of a language has.
func (l pageIn) site() siteFacts {
	s := siteFacts{
		Origin: l.in.Origin, CSS: l.css, JS: l.js, Preview: l.in.Preview, Offline: l.in.Offline, Homes: map[plan.Lang]string{},
		Name: l.only(l.in.Plan.SiteName()), Keywords: l.in.Plan.Keywords[l.Lang],
		Document: document{
			Issuer: l.only(l.document.Issuer), Number: l.only(l.document.Number),
			Published: l.document.Published, Signed: l.document.Signed, Reply: l.document.Reply, URL: l.document.URL,
		},
	}
	for _, lang := range plan.Langs {
		s.Homes[lang] = address.In(lang).Home()
	}
	known := func(path string) string {
		if _, has := l.book.Find(path); has {
			return path
		}
		return ""
	}
	at := l.at()
	s.At = places{
		Home: at.Home(), Plan: at.Plan(), Parallel: address.SideBySide(at.Plan()), SiteMap: at.List(address.SiteMap), Search: at.List(address.Search),
		Topics: known(at.List(address.Topics)), Places: known(at.List(address.Places)), Bodies: known(at.List(address.Bodies)),
		Updates: known(at.List(address.Updates)), Glossary: known(at.List(address.Glossary)), Data: known(at.List(address.DataPage)),
	}
	for _, t := range l.in.Texts {
		if t.Verbs && t.Lang == l.Lang {
			s.At.Verbs = known(address.Markdown{Name: t.Name, Lang: t.Lang}.Path())
		}
	}
	for _, c := range columns {
		if path := known(at.List(c)); path != "" {
			s.Menu = append(s.Menu, ref{ID: string(c), Href: path})
		}
	}
	return s
}

// TextOf is the Markdown file that has the text of a page, by its name below the
// content folder; there need not be one.
func TextOf(a address.Address) string {
	switch a.Kind {
	case address.Home:
		return "_index"
	case address.Topics, address.Places, address.Bodies, address.Updates, address.DataPage:
		return string(a.Kind) + "/_index"
	case address.Topic, address.Place, address.Body:
		return a.Of + "/_index"
	case address.Update, address.Page:
		return a.Of
	}
	return ""
}

// pageIn makes facts in the language of a page.
type pageIn struct {
	*deriver
	Lang plan.Lang
}

func (l pageIn) at() address.In { return address.In(l.Lang) }

// only is what a page in this language shows of a text: its own, or the Chinese.
func (l pageIn) only(t plan.Text) bilingual {
	if s := t.In(l.Lang); s != "" {
		var b bilingual
		(*plan.Text)(&b).Set(l.Lang, s)
		return b
	}
	return bilingual{ZH: t.ZH}
}

// unit is a sentence on a page that shows one language.
func (l pageIn) unit(u *plan.Unit) unit {
	v := unit{ID: string(u.ID), N: shortID(u.ID), Href: l.at().Unit(u.ID), Kind: u.Kind, New: u.NewParagraph}
	v.HTML = u.HTML.In(l.Lang)
	if v.HTML == "" {
		v.HTML, v.Missing = u.HTML.ZH, true
	}
	v.Stale = l.Lang == plan.EN && !v.Missing && u.Translation == plan.Stale
	return v
}

// both is a sentence on a page that shows both languages. Its HTML is in the
// page's language and empty where that has no text.
func (l pageIn) both(u *plan.Unit) unit {
	v := l.unit(u)
	v.HTML = u.HTML.In(l.Lang)
	v.Other = u.HTML.In(other(l.Lang))
	v.Stale = u.Translation == plan.Stale
	return v
}

// mostBeside is how many sentences of a chapter or section have the other language
// beside them. Phones get it too and do not show it; longer pages leave it to the page
// with both.
const mostBeside = 40

// sentence is how the pages of a chapter or section show their sentences.
func (l pageIn) sentence(v *plannedDivision) func(*plan.Unit) unit {
	if len(allOf(v)) > mostBeside {
		return l.unit
	}
	return l.beside
}

// beside is a sentence with the other language, for screens with room for it.
func (l pageIn) beside(u *plan.Unit) unit {
	v := l.unit(u)
	if !v.Missing {
		v.Other = u.HTML.In(other(l.Lang))
		v.Stale = u.Translation == plan.Stale
	}
	return v
}

// named is a sentence of which a page shows number and kind.
func (l pageIn) named(u *plan.Unit) *unit {
	return &unit{ID: string(u.ID), N: shortID(u.ID), Href: l.at().Unit(u.ID), Kind: u.Kind}
}

// numbered is a sentence as readers call it, with its kind: 措施 3-2; of one that the plan
// no longer has, the number alone.
func (l pageIn) numbered(id plan.ID) string {
	n := shortID(id)
	if u := l.units[id]; u != nil {
		n = l.words.say(l.Lang, "kind-"+string(u.Kind)) + " " + n
	}
	return n
}

// shortID is how readers call a unit: 3-2, c1-2, p-1.
func shortID(id plan.ID) string { return strings.TrimPrefix(string(id), "s") }

func other(l plan.Lang) plan.Lang {
	if l == plan.ZH {
		return plan.EN
	}
	return plan.ZH
}

func apply[T any](list []*plan.Unit, f func(*plan.Unit) T) []T {
	out := make([]T, len(list))
	for i, u := range list {
		out[i] = f(u)
	}
	return out
}

// division is a chapter or section as contents, crumbs and headings name it.
func (l pageIn) division(v *plannedDivision) *division {
	return &division{
		ID: v.id, Href: l.at().Division(v.id), Section: v.parent != nil, Number: v.number, Numeral: plan.Numeral(v.label),
		Title: l.only(called(v.title, v.units)),
	}
}

// called is the name of a division: its title or, of an item that is one sentence
// without a heading, how the sentence begins.
func called(title plan.Text, units []*plan.Unit) plan.Text {
	if title.ZH != "" || len(units) == 0 {
		return title
	}
	first := units[0].Text
	return plan.Text{ZH: cut(first.ZH, 24), EN: cut(first.EN, 24)}
}

// whole is a division with its text; sentence makes the sentences.
func (l pageIn) whole(v *plannedDivision, sentence func(*plan.Unit) unit) *division {
	w := l.division(v)
	w.Units = apply(v.units, sentence)
	for _, s := range v.sections {
		w.Sections = append(w.Sections, *l.whole(s, sentence))
	}
	return w
}

// groups puts units under the divisions that they stand in.
func (l pageIn) groups(units []*plan.Unit) []group { return l.grouped(units, l.unit) }

// rows are groups of units with the places and topics of each, except for those that
// the page is about.
func (l pageIn) rows(units []*plan.Unit, about ...*hub) []group {
	return l.grouped(units, func(u *plan.Unit) unit {
		v := l.unit(u)
		topics, places := l.tags(u)
		for _, h := range topics {
			if !slices.Contains(about, h) {
				v.Topics = append(v.Topics, l.name(h))
			}
		}
		for _, h := range places {
			if !slices.Contains(about, h) {
				v.Places = append(v.Places, l.name(h))
			}
		}
		return v
	})
}

// grouped puts units, which sentence makes, under the divisions that they stand in.
func (l pageIn) grouped(units []*plan.Unit, sentence func(*plan.Unit) unit) []group {
	var list []group
	at := &plannedDivision{} // none
	for _, u := range units {
		in := l.units[u.ID].in
		if len(list) == 0 || in != at {
			g := group{Href: l.at().Plan()}
			if in != nil {
				g.Division, g.Href = l.division(in), l.at().Division(in.id)
			}
			list = append(list, g)
			at = in
		}
		last := &list[len(list)-1]
		last.Units = append(last.Units, sentence(u))
	}
	return list
}

// ofKind are the units of one kind.
func ofKind(units []*plan.Unit, kind plan.Kind) (list []*plan.Unit) {
	for _, u := range units {
		if u.Kind == kind {
			list = append(list, u)
		}
	}
	return list
}

// others are the groups of what is no measure, which no number counts.
func (l pageIn) others(units []*plan.Unit) (list []ofKindGroups) {
	for _, kind := range plan.Kinds {
		if some := ofKind(units, kind); kind != plan.Measure && len(some) > 0 {
			list = append(list, ofKindGroups{kind, l.groups(some)})
		}
	}
	return list
}

// ref is a hub as lists name it.
func (l pageIn) ref(h *hub) ref {
	r := ref{Href: l.at().Hub(h.id), Kind: h.kind, Measures: h.measures}
	switch {
	case h.topic != nil:
		r.ID, r.Title, r.Main, r.Tone, r.Sign = h.topic.ID, l.only(h.topic.Title), h.topic.Main, toneOf(h), h.topic.Sign
		r.Mainly = h.mainly
	case h.place != nil:
		r.ID, r.Title, r.Name = h.place.ID, l.only(h.place.Title), l.only(h.place.Name)
	case h.body != nil:
		r.ID, r.Title = h.body.ID, l.only(h.body.Title)
	}
	return r
}

// toneOf is the class of a topic's colour.
func toneOf(h *hub) string { return "t-" + h.topic.ID }

// about is the beginning of the text of these units, which describes their page.
func (l pageIn) about(units []*plan.Unit) string {
	if len(units) == 0 {
		return ""
	}
	s, _ := units[0].Text.Or(l.Lang)
	return cut(s, 80)
}

// allOf are the units of a division, a chapter's sections included.
func allOf(v *plannedDivision) []*plan.Unit {
	units := slices.Clone(v.units)
	for _, s := range v.sections {
		units = append(units, s.units...)
	}
	return units
}

// updatesOn are the updates that name one of these units.
func (l pageIn) updatesOn(units []*plan.Unit) (list []update) {
	for _, u := range l.deriver.updates {
		if slices.ContainsFunc(units, func(v *plan.Unit) bool { return slices.Contains(u.Units, v.ID) }) {
			list = append(list, l.update(u))
		}
	}
	return list
}

func (l pageIn) update(u *plan.Update) update {
	return update{
		Href: l.at().Hub(address.UpdateID(u.Name)), Title: l.only(u.Title), Summary: u.Summary.In(l.Lang),
		Date: u.Date.Format(time.RFC3339), Source: u.Source,
	}
}

func (l pageIn) allUpdates() (list []update) {
	for _, u := range l.deriver.updates {
		list = append(list, l.update(u))
	}
	return list
}

// live are the units with these ids that the plan has.
func (d *deriver) live(ids []plan.ID) (list []*plan.Unit) {
	for _, id := range ids {
		if u := d.units[id]; u != nil {
			list = append(list, u.Unit)
		}
	}
	return list
}

// citation is how to cite a unit; nil where the plan has none of this id.
func (l pageIn) citation(id plan.ID) *citation {
	u := l.units[id]
	if u == nil {
		return nil
	}
	c := &citation{Unit: *l.named(u.Unit)}
	for _, r := range l.citing.References(u.Unit) {
		style, _ := r.Style.Or(l.Lang)
		c.References = append(c.References, reference{style, r.Lang.Tag(), r.Text, r.InText})
	}
	return c
}

// year is the year by which a target is to be reached.
func year(u *plan.Unit) int {
	n := 0
	if m := byYear.FindStringSubmatch(u.Text.ZH); m != nil { // it may be closed
		n, _ = strconv.Atoi(m[1])
	}
	return n
}
