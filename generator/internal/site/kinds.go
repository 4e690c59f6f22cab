package site

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/plan"
)

// kind says which template a kind of page has and what it shows.
type kind struct {
	layout string
	fill   func(l pageIn, p *page)
}

func pageKinds() map[address.Kind]kind {
	return map[address.Kind]kind{
		address.Root:       {"root", pageIn.root},
		address.Lost:       {"lost", pageIn.lost},
		address.Home:       {"front", pageIn.home},
		address.Whole:      {"plan", pageIn.plan},
		address.Chapter:    {"chapter", pageIn.chapter},
		address.Section:    {"section-of-plan", pageIn.section},
		address.Parallel:   {"parallel", pageIn.parallel},
		address.Unit:       {"unit", pageIn.unitPage},
		address.Withdrawn:  {"withdrawn", pageIn.retired},
		address.Moved:      {"moved", pageIn.retired},
		address.Edition:    {"edition", pageIn.edition},
		address.Topics:     {"topics", pageIn.topicList},
		address.Topic:      {"topic", pageIn.topic},
		address.Places:     {"places", pageIn.placeList},
		address.Place:      {"place", pageIn.place},
		address.Bodies:     {"bodies", pageIn.bodyList},
		address.Body:       {"body", pageIn.body},
		address.Cross:      {"cross", pageIn.crossing},
		address.Updates:    {"updates", pageIn.updateList},
		address.Update:     {"update", pageIn.updatePage},
		address.Glossary:   {"glossary", pageIn.glossary},
		address.DataPage:   {"data", pageIn.dataPage},
		address.Terms:      {"terms", pageIn.terminology},
		address.SiteMap:    {"sitemap", pageIn.siteMapPage},
		address.Search:     {"search", pageIn.searchPage},
		address.Components: {"components", pageIn.components},
		address.Page:       {"ordinary", pageIn.ordinary},
	}
}

// A page of a larger plan shows no more than this; see address.PartsOf for the
// lists that are divided.
const (
	mostChapters = 40 // in contents beside a text, on the home page and on the site map
	nearby       = 2  // chapters or sections on either side, in contents that do not show all
	mostRefs     = 200

	saying = 48 // characters of a sentence, where it has to be clear what it says
	goal   = 66 // of what the plan wants by a year: no phrase of the real plan is cut off in English
)

func (l pageIn) root(p *page) {
	p.title = l.in.Plan.Title.ZH
	p.facts.Site.Phrases = l.in.Plan.Phrases
	p.facts.Title = bilingual(l.in.Plan.Title)
}

func (l pageIn) lost(p *page) {
	p.title = "404"
	if p.Lang != "" {
		p.facts.Ways = []way{l.way()}
		return
	}
	p.layout = "not-found"
	for _, lang := range plan.Langs {
		p.facts.Ways = append(p.facts.Ways, pageIn{l.deriver, lang}.way())
	}
}

func (l pageIn) home(p *page) {
	if p.title == "" {
		p.title, _ = l.in.Plan.Title.Or(l.Lang)
	}
	if len(l.deriver.chapters) <= mostChapters {
		for _, c := range l.deriver.chapters {
			p.facts.Chapters = append(p.facts.Chapters, *l.division(c))
		}
	}
	if l.Lang == plan.ZH {
		p.facts.Site.Phrases = l.in.Plan.Phrases
	}
	n := l.in.Plan.Count()
	p.facts.Shape = &shape{Chapters: n.Chapters, Sections: n.Sections, Measures: n.Measures}
	for _, h := range l.deriver.places {
		switch h.place.Kind {
		case plan.City:
			p.facts.Cities = append(p.facts.Cities, city{ref: l.name(h)})
		case plan.County:
			p.facts.Shape.Counties++
		}
	}
	p.facts.Map = l.tiles(nil, nil)
	for _, h := range l.deriver.topics {
		p.facts.Topics = append(p.facts.Topics, l.ref(h))
	}
	p.facts.Updates = l.allUpdates()
	for _, u := range l.deriver.targets {
		v := *l.titled(u)
		text, _ := u.Text.Or(l.Lang)
		v.Headline = brief(text, goal, goal/10)
		p.facts.Targets = append(p.facts.Targets, target{year(u), v})
	}
	p.facts.Tulou = l.house()
}

// contents lists chapters, those of the page with their sections: all of them
// while they are few, otherwise those near the one in hand. Of a page that is
// about no chapter all are listed with their sections.
func (l pageIn) contents(p *page, here *plannedDivision) []division {
	chapter := here
	if here != nil && here.parent != nil {
		chapter = here.parent
	}
	chapters := l.deriver.chapters
	if chapter != nil && len(chapters) > mostChapters {
		chapters = around(chapters, chapter.index)
		p.facts.More = l.at().Plan()
	}
	var list []division
	for _, c := range chapters {
		v := l.division(c)
		if c == here {
			v.Current = "page"
		} else if c == chapter && here != nil {
			v.Current = "true"
		}
		if here == nil || c == chapter {
			sections := c.sections
			if here != nil && len(sections) > mostChapters {
				i := 0
				if here.parent != nil {
					i = slices.Index(sections, here)
				}
				sections = around(sections, i)
			}
			for _, s := range sections {
				w := l.division(s)
				if s == here {
					w.Current = "page"
				}
				v.Sections = append(v.Sections, *w)
			}
		}
		list = append(list, *v)
	}
	return list
}

// around is the part of a list near its i-th item.
func around[T any](list []T, i int) []T {
	return list[max(0, i-nearby):min(len(list), i+nearby+1)]
}

// parts are the parts of a list that is divided, for its navigation; none of one
// that is not.
func (l pageIn) parts(p *page) (list []ref) {
	if p.Parts < 2 {
		return nil
	}
	first := p.Path
	if p.Part > 1 {
		first = address.FirstPart(p.Path)
	}
	for n := 1; n <= p.Parts; n++ {
		list = append(list, ref{Href: address.PartPath(first, n), Measures: n, Here: n == p.Part || n == 1 && p.Part == 0})
	}
	return list
}

// part is what the page shows of a list that is divided.
func part[T any](p *page, list []T, most int) []T {
	if p.Parts < 2 {
		return list
	}
	from := (max(1, p.Part) - 1) * most
	return list[min(from, len(list)):min(from+most, len(list))]
}

// text fills a page of the plan's text: the whole plan, in one language or both.
func (l pageIn) text(p *page, sentence func(*plan.Unit) unit) {
	p.title, _ = l.in.Plan.Title.Or(l.Lang)
	p.description = l.about(l.order)
	p.facts.Title = bilingual(l.in.Plan.Title)
	if l.Lang == plan.ZH {
		p.facts.Site.Phrases = l.in.Plan.Phrases
	}
	if p.Part < 2 {
		p.facts.Preamble = apply(l.in.Plan.Preamble, sentence)
	}
	if p.Parts == 0 {
		for _, c := range l.deriver.chapters {
			p.facts.Chapters = append(p.facts.Chapters, *l.whole(c, sentence))
		}
		return
	}
	// Too long for a page: the chapters by name, the text on pages of their own.
	for _, c := range part(p, l.deriver.chapters, address.ChaptersInPart) {
		v := l.division(c)
		for _, s := range c.sections {
			v.Sections = append(v.Sections, *l.division(s))
		}
		p.facts.Chapters = append(p.facts.Chapters, *v)
	}
	p.facts.Parts = l.parts(p)
}

func (l pageIn) plan(p *page) {
	l.text(p, l.unit)
	p.facts.Views = l.views(l.at().Plan(), false)
	for _, f := range formats.All {
		if len(f.Langs) > 0 {
			p.facts.Books = append(p.facts.Books, book{"/" + f.Main(), f.Langs})
		}
	}
}

// views are the ways to read the text at a path of this language.
func (l pageIn) views(path string, parallel bool) *views {
	rest := strings.TrimPrefix(path, l.at().Home())
	return &views{
		ZH: address.In(plan.ZH).Home() + rest, EN: address.In(plan.EN).Home() + rest,
		Both: address.SideBySide(path), Parallel: parallel,
	}
}

// divided fills a page about a chapter or section.
func (l pageIn) divided(p *page, v *plannedDivision, sentence func(*plan.Unit) unit) {
	p.title, _ = called(v.title, v.units).Or(l.Lang)
	units := allOf(v)
	p.description = l.about(units)
	p.facts.Measures = len(ofKind(units, plan.Measure))
	if len(units) > address.UnitsInPart && v.parent == nil {
		// Too long for a page: the sections by name.
		p.facts.Division = l.division(v)
		p.facts.Division.Units = apply(v.units, sentence)
		for _, s := range v.sections {
			p.facts.Division.Sections = append(p.facts.Division.Sections, *l.division(s))
		}
	} else {
		p.facts.Division = l.whole(v, sentence)
	}
	tail := func(v *plannedDivision) *ref {
		if v == nil {
			return nil
		}
		r := &ref{Href: l.at().Division(v.id), Label: l.division(v)}
		if p.Kind == address.Parallel {
			r.Href = address.SideBySide(r.Href)
		}
		return r
	}
	p.facts.Prev, p.facts.Next = tail(v.prev), tail(v.next)
}

func (l pageIn) chapter(p *page) {
	v := l.divisions[p.Of]
	l.divided(p, v, l.sentence(v))
	p.facts.Crumbs = []crumb{{Href: l.at().Plan(), Word: "wholePlan"}}
	p.facts.Views = l.views(p.Path, false)
	p.facts.Chapters = l.contents(p, v)
}

func (l pageIn) section(p *page) {
	v := l.divisions[p.Of]
	l.divided(p, v, l.sentence(v))
	p.facts.Crumbs = []crumb{{Href: l.at().Plan(), Word: "wholePlan"}, {Href: l.at().Division(v.parent.id), Division: l.division(v.parent)}}
	p.facts.Views = l.views(p.Path, false)
	p.facts.Chapters = l.contents(p, v)
	p.facts.Updates = l.updatesOn(v.units)
}

// parallel is the whole plan, a chapter, a section, or the measures of a hub in
// both languages.
func (l pageIn) parallel(p *page) {
	if h := l.hubs[p.Of]; h != nil {
		l.hubInBoth(p, h)
		return
	}
	v := l.divisions[p.Of]
	if v == nil {
		l.text(p, l.both)
		for i := range p.facts.Chapters {
			l.headings(&p.facts.Chapters[i], p.Parts > 0)
		}
		p.facts.Views = l.views(l.at().Plan(), true)
		return
	}
	l.divided(p, v, l.both)
	l.headings(p.facts.Division, len(allOf(v)) > address.UnitsInPart && v.parent == nil)
	p.facts.Crumbs = []crumb{{Href: address.SideBySide(l.at().Plan()), Word: "wholePlan"}}
	if v.parent != nil {
		p.facts.Crumbs = append(p.facts.Crumbs, crumb{Href: address.SideBySide(l.at().Division(v.parent.id)), Division: l.division(v.parent)})
	}
	p.facts.Views = l.views(l.at().Division(v.id), true)
}

// hubInBoth is the measures of a topic or place in both languages: those that its
// number counts.
func (l pageIn) hubInBoth(p *page, h *hub) {
	r := l.ref(h)
	measures := ofKind(h.units, plan.Measure)
	p.title, p.description = r.Title.in(l.Lang), l.about(measures)
	p.facts.Hub, p.facts.Measures = &r, h.measures
	if h.topic != nil {
		r.Title = bilingual(h.topic.Title)
		p.facts.Crumbs = []crumb{{Href: l.at().List(address.Topics), Word: "menu-topics"}}
	} else {
		r.Title = bilingual(h.place.Title)
		p.facts.Crumbs = []crumb{{Href: l.at().List(address.Places), Word: "menu-places"}}
	}
	p.facts.Crumbs = append(p.facts.Crumbs, crumb{Href: r.Href, Title: r.Title})
	p.facts.Groups = l.grouped(part(p, measures, address.UnitsInPart), l.both)
	for _, g := range p.facts.Groups {
		if g.Division != nil {
			l.headings(g.Division, false)
		}
	}
	p.facts.Views = l.views(r.Href, true)
	p.facts.Parts = l.parts(p)
}

// headings gives a division and its sections their titles in both languages and,
// where only their names are listed, the addresses of the pages with both.
func (l pageIn) headings(v *division, list bool) {
	w := l.divisions[v.ID]
	v.Title = bilingual(called(w.title, w.units))
	if list {
		v.Href = address.SideBySide(v.Href)
	}
	for i := range v.Sections {
		l.headings(&v.Sections[i], list)
	}
}

func (l pageIn) unitPage(p *page) {
	u := l.units[plan.ID(p.Of)]
	text, _ := u.Text.Or(l.Lang)
	p.title, p.description = l.headline(u.Unit), cut(text, 110)
	p.facts.Cite = l.ownCitation(u.ID)
	p.facts.Cite.Clauses = l.exact(u)
	p.facts.Cite.HTML = l.quoted(u.Unit)
	if a, has := l.book.Find(address.EmbedOf(p.Path)); has {
		p.facts.Cite.Embed = a.Path
	}
	v := l.both(u.Unit)
	v.Headline = p.title
	v.Home = l.at().Read(u.Unit) + "#" + p.Of
	v.Aside = address.SideBySide(l.at().Read(u.Unit)) + "#" + p.Of
	p.facts.Crumbs = []crumb{{Href: l.at().Plan(), Word: "wholePlan"}}
	if u.in != nil {
		v.In = l.division(u.in)
		for _, in := range []*plannedDivision{u.in.parent, u.in} {
			if in != nil {
				short := l.division(in)
				short.Title = bilingual{} // the number says where the sentence stands
				p.facts.Crumbs = append(p.facts.Crumbs, crumb{Href: l.at().Division(in.id), Division: short})
				if in.parent == nil {
					v.Chapter = short
				}
			}
		}
	}
	topics, places := l.tags(u.Unit)
	for _, h := range topics {
		v.Topics = append(v.Topics, l.name(h))
	}
	for _, h := range places {
		v.Places = append(v.Places, l.name(h))
	}
	v.Bodies = l.names(l.acting(u.Unit))
	p.facts.Unit = &v
	p.facts.Version, p.facts.Since = l.lastVersion(u.ID), l.since(u.Unit)
	p.facts.Updates = l.updatesOn([]*plan.Unit{u.Unit})
	l.around(p, u, topics, places)
}

// name is a hub as a sentence names it: without its number, which changes with
// every other sentence's tags.
func (l pageIn) name(h *hub) ref {
	r := l.ref(h)
	r.Measures, r.Mainly = 0, 0
	return r
}

func (l pageIn) names(hubs []*hub) (list []ref) {
	for _, h := range hubs {
		list = append(list, l.name(h))
	}
	return list
}

func (l pageIn) neighbour(u *plan.Unit) *ref {
	return &ref{Href: l.at().Unit(u.ID), Of: l.titled(u)}
}

// retired is the page of an id that names no sentence of the plan any more.
func (l pageIn) retired(p *page) {
	for _, e := range l.in.Plan.Ledger {
		if string(e.ID) != p.Of {
			continue
		}
		text, _ := e.Text.Or(l.Lang)
		p.title, p.description = cut(text, 24), cut(text, 110)
		p.facts.Unit = &unit{ID: p.Of, N: shortID(e.ID), Href: p.Path, Text: bilingual(e.Text)}
		p.facts.Version = l.lastVersion(e.ID)
		for _, u := range l.live(e.To) {
			p.facts.To = append(p.facts.To, *l.titled(u))
		}
	}
}

func (l pageIn) topicRefs(which func(*hub) bool) (list []ref) {
	for _, h := range l.deriver.topics {
		if which(h) {
			r := l.ref(h)
			r.About = h.topic.Summary.In(l.Lang)
			list = append(list, r)
		}
	}
	return list
}

func (l pageIn) topicList(p *page) {
	p.facts.Topics = l.topicRefs(func(*hub) bool { return true })
	if p.title == "" {
		p.title = l.words.say(l.Lang, "menu-topics")
	}
}

func (l pageIn) topic(p *page) {
	h := l.hubs[p.Of]
	l.aboutHub(p, h)
	p.facts.Crumbs = []crumb{{Href: l.at().List(address.Topics), Word: "menu-topics"}}
	for _, x := range h.acrossBy {
		r := l.ref(x.placeHub)
		r.Href, r.Measures = l.at().Hub(x.id), x.measures
		p.facts.Places = append(p.facts.Places, r)
	}
	if len(p.facts.Places) > 0 {
		p.facts.Map = l.tiles(h, nil)
	}
	if p.Parts > 0 {
		p.facts.Groups = l.rows(part(p, h.units, address.UnitsInPart), h)
		return
	}
	var own, further []*plan.Unit
	for _, u := range ofKind(h.units, plan.Measure) {
		if topics, _ := l.tags(u); topics[0] == h {
			own = append(own, u)
		} else {
			further = append(further, u)
		}
	}
	p.facts.Groups, p.facts.Further = l.rows(own, h), l.rows(further, h)
	p.facts.Others = l.others(h.units)
	p.facts.Who, p.facts.Support = l.who(h.units), l.support(h.topic)
	for _, i := range h.related {
		t := l.deriver.terms[i]
		p.facts.Terms = append(p.facts.Terms, term{ID: t.id, Href: l.termAt(i), bilingual: bilingual(t.Text)})
	}
	if h.topic.Main {
		p.facts.Targets = l.timeline()
	}
}

// aboutHub fills what the pages of all hubs have.
func (l pageIn) aboutHub(p *page, h *hub) {
	r := l.ref(h)
	r.Units = len(h.units)
	p.facts.Hub = &r
	p.facts.Measures = h.measures
	if h.measures > 0 {
		p.facts.Views = l.views(address.FirstPart(p.Path), false)
	}
	p.facts.Updates = l.updatesOn(h.units)
	p.facts.Parts = l.parts(p)
	if p.Part < 2 {
		p.facts.Picture = l.picture(p)
	}
	if p.title == "" {
		p.title = r.Title.in(l.Lang)
	}
}

func (l pageIn) timeline() (list []target) {
	for _, u := range l.deriver.targets {
		list = append(list, target{year(u), l.unit(u)})
	}
	return list
}

func (l pageIn) placeList(p *page) {
	if p.title == "" {
		p.title = l.words.say(l.Lang, "menu-places")
	}
	p.facts.Parts = l.parts(p)
	for _, h := range l.deriver.places {
		switch h.place.Kind {
		case plan.City:
			p.facts.Cities = append(p.facts.Cities, city{l.ref(h), l.counties(h)})
		case plan.Outside:
			p.facts.Outside = append(p.facts.Outside, l.ref(h))
		}
	}
	p.facts.Map = l.tiles(nil, nil)
	if len(l.deriver.unplaced) > 0 {
		p.facts.Unplaced = &unplaced{Count: len(l.deriver.unplaced), Groups: l.rows(part(p, l.deriver.unplaced, address.UnitsInPart))}
	}
}

func (l pageIn) counties(city *hub) []ref {
	list := []ref{}
	for _, h := range l.deriver.places {
		if h.place.Parent == city.place.ID {
			list = append(list, l.ref(h))
		}
	}
	return list
}

func (l pageIn) place(p *page) {
	h := l.hubs[p.Of]
	l.aboutHub(p, h)
	p.facts.Crumbs = []crumb{{Href: l.at().List(address.Places), Word: "menu-places"}}
	if above := l.hubs[address.PlaceID(h.place.Parent)]; above != nil {
		p.facts.Crumbs = append(p.facts.Crumbs, crumb{Href: l.at().Hub(above.id), Title: l.ref(above).Title})
	}
	if p.Parts > 0 {
		p.facts.Groups = l.rows(part(p, h.units, address.UnitsInPart), h)
	} else {
		if w := l.who(h.units); w != nil && len(w.Actors) > 0 {
			p.facts.Who = w
		}
		p.facts.Others = l.others(h.units)
	}
	if p.Part < 2 {
		l.concerns(p, h)
		p.facts.QR = qrCode(l.in.Origin, p.Path)
	}
	if h.place.Kind != plan.Outside {
		p.facts.Map = l.tiles(nil, h)
	}
	if h.place.Kind == plan.City {
		p.facts.Places = l.counties(h)
	}
}

// who lists the bodies that these measures make act, in the order of bodies, each
// with the measures; nil where there are none or nobody knows bodies.
func (l pageIn) who(units []*plan.Unit) *who {
	measures, of := ofKind(units, plan.Measure), map[*hub][]unit{}
	w := &who{}
	for _, u := range measures {
		acting := l.acting(u)
		if len(acting) == 0 {
			w.Unnamed++
		}
		for _, h := range acting {
			of[h] = append(of[h], *l.named(u))
		}
	}
	for _, h := range l.deriver.bodies {
		if len(of[h]) > 0 {
			w.Actors = append(w.Actors, actor{l.at().Hub(h.id), l.only(h.body.Title), of[h]})
		}
	}
	if len(l.deriver.bodies) == 0 || len(measures) == 0 {
		return nil
	}
	return w
}

// support lists the measures that somebody has chosen as saying who supports a topic.
func (l pageIn) support(t *plan.Topic) *support {
	units := l.live(t.Support)
	if len(units) == 0 {
		return nil
	}
	s := &support{}
	if topics, _ := l.tags(units[0]); len(topics) > 0 {
		s.Of = l.ref(topics[0])
	}
	for _, u := range units {
		v := *l.titled(u)
		text, in := u.Text.Or(l.Lang)
		n := saying
		if in == plan.EN {
			n += n / 2
		}
		v.Headline = cut(text, n)
		v.Bodies = l.names(l.acting(u))
		s.Units = append(s.Units, v)
	}
	return s
}

func (l pageIn) bodyList(p *page) {
	if p.title == "" {
		p.title = l.words.say(l.Lang, "bodies")
	}
	for _, h := range l.deriver.bodies {
		p.facts.Bodies = append(p.facts.Bodies, l.ref(h))
	}
}

func (l pageIn) body(p *page) {
	h := l.hubs[p.Of]
	l.aboutHub(p, h)
	p.title = l.words.say(l.Lang, "bodies") + l.words.say(l.Lang, "colon") + p.title // beside the place of this name
	p.facts.Crumbs = []crumb{{Href: l.at().List(address.Bodies), Word: "bodies"}}
	if above := l.hubs[address.PlaceID(h.body.Place)]; above != nil {
		r := l.ref(above)
		p.facts.Place = &r
	}
	if p.Parts > 0 {
		p.facts.Groups = l.groups(part(p, h.units, address.UnitsInPart))
		return
	}
	p.facts.Groups, p.facts.Others = l.groups(ofKind(h.units, plan.Measure)), l.others(h.units)
}

// filter lists the topics of a place, and first the place itself with all of them.
func (l pageIn) filter(place, topic *hub) (list []ref) {
	if len(place.acrossBy) == 0 {
		return nil
	}
	all := l.ref(place)
	all.Here = topic == nil
	list = append(list, all)
	for _, x := range place.acrossBy {
		r := l.ref(x.topicHub)
		r.Href, r.Measures, r.Mainly, r.Here = l.at().Hub(x.id), x.measures, 0, x.topicHub == topic
		list = append(list, r)
	}
	return list
}

func (l pageIn) crossing(p *page) {
	h := l.hubs[p.Of]
	topic, place := l.ref(h.topicHub), l.ref(h.placeHub)
	p.title = place.Name.in(l.Lang) + l.words.say(l.Lang, "colon") + topic.Title.in(l.Lang)
	p.description = l.about(h.units)
	p.facts.Hub, p.facts.Place = &topic, &place
	p.facts.Measures = h.measures
	p.facts.Crumbs = []crumb{{Href: l.at().List(address.Topics), Word: "menu-topics"}, {Href: topic.Href, Title: topic.Title}}
	p.facts.Filter = l.filter(h.placeHub, h.topicHub)
	p.facts.Map = l.tiles(h.topicHub, h.placeHub)
	p.facts.Groups = l.rows(part(p, h.units, address.UnitsInPart), h.topicHub, h.placeHub)
	p.facts.Parts = l.parts(p)
}

func (l pageIn) updateList(p *page) {
	if p.title == "" {
		p.title = l.words.say(l.Lang, "menu-updates")
	}
	p.facts.Updates = l.allUpdates()
}

func (l pageIn) updatePage(p *page) {
	for _, u := range l.deriver.updates {
		if address.UpdateID(u.Name) == p.Of {
			p.facts.Crumbs = []crumb{{Href: l.at().List(address.Updates), Word: "menu-updates"}}
			v := l.update(u)
			v.Groups = l.groups(l.live(u.Units))
			p.facts.Update = &v
			if p.title == "" {
				p.title, _ = u.Title.Or(l.Lang)
			}
			if p.title == "" {
				p.title = u.Name // a draft that nobody has named yet
			}
		}
	}
}

// glossary leads to the letters of the index of terms, by their headwords unless
// these are too many.
func (l pageIn) glossary(p *page) {
	p.title = l.words.say(l.Lang, "glossary")
	named := len(l.deriver.terms) <= address.TermsInIndex
	for _, page := range l.deriver.glossaries[l.Lang] {
		for _, i := range page.Terms {
			p.facts.Letters = l.underLetter(p.facts.Letters, i)
			if named {
				last, t := &p.facts.Letters[len(p.facts.Letters)-1], l.deriver.terms[i]
				last.Terms = append(last.Terms, term{ID: t.id, Href: l.termAt(i), bilingual: l.only(t.Text)})
			}
		}
	}
}

// underLetter adds the letter of a term to a list if it is not the last.
func (l pageIn) underLetter(list []letter, i int) []letter {
	id := l.deriver.terms[i].Letter(l.Lang)
	v := letter{ID: address.LetterID(id), Letter: id, Href: l.termPages[l.Lang][i] + "#" + address.LetterID(id)}
	switch id {
	case plan.Digits:
		v.Letter = "0–9"
	case plan.Unread:
		v.Letter = l.words.say(l.Lang, "letterOther")
	}
	if n := len(list); n > 0 && list[n-1].ID == v.ID {
		return list
	}
	return append(list, v)
}

// terminology is a page of the index: terms under their letters, each with the
// sentences that use it.
func (l pageIn) terminology(p *page) {
	start := l.at().List(address.Glossary)
	p.facts.Crumbs = []crumb{{Href: start, Word: "glossary"}}
	p.facts.Counterpart = address.In(other(l.Lang)).List(address.Glossary)
	pages := l.deriver.glossaries[l.Lang]
	n := slices.IndexFunc(pages, func(page address.Terminology) bool { return page.Path == p.Path })
	for _, i := range pages[n].Terms {
		p.facts.Letters = l.underLetter(p.facts.Letters, i)
		last := &p.facts.Letters[len(p.facts.Letters)-1]
		last.Terms = append(last.Terms, l.explained(i))
	}
	p.facts.Index = slices.Clone(l.deriver.index[l.Lang])
	for i, v := range p.facts.Index {
		p.facts.Index[i].Here = slices.ContainsFunc(p.facts.Letters, func(own letter) bool { return own.ID == v.ID })
	}
	name := p.facts.Letters[0].Letter
	if to := p.facts.Letters[len(p.facts.Letters)-1].Letter; to != name {
		name += "–" + to
	}
	p.title = fmt.Sprintf("%s %d/%d%s%s", l.words.say(l.Lang, "glossary"), n+1, len(pages), l.words.say(l.Lang, "colon"), name)
	if n > 0 {
		p.facts.Prev = &ref{Href: pages[n-1].Path}
	}
	if n+1 < len(pages) {
		p.facts.Next = &ref{Href: pages[n+1].Path}
	}
}

// explained is a term with both languages, its kind, and the sentences that use it.
func (l pageIn) explained(i int) term {
	t := l.deriver.terms[i]
	v := term{ID: t.id, bilingual: bilingual(t.Text), Pinyin: t.Pinyin, Kind: t.Kind}
	if len(t.units) <= mostRefs {
		for _, u := range l.live(t.units) {
			v.Units = append(v.Units, ref{Href: l.at().Unit(u.ID), Of: l.named(u)})
		}
		return v
	}
	// More than anybody goes through: the sections that they stand in.
	var last *plannedDivision
	for _, u := range l.live(t.units) {
		if in := l.units[u.ID].in; in != nil && in != last {
			v.Units = append(v.Units, ref{Href: l.at().Division(in.id), Label: l.division(in)})
			last = in
		}
	}
	return v
}

// termAt is the address of a term in this language's glossary.
func (l pageIn) termAt(i int) string {
	return l.deriver.termPages[l.Lang][i] + "#" + l.deriver.terms[i].id
}

// dataPage says what each data file is, so that nobody lands in one unprepared.
func (l pageIn) dataPage(p *page) {
	if p.title == "" {
		p.title = l.words.say(l.Lang, "data")
	}
	r := releaseFacts{Manifest: address.ManifestFile}
	if l.in.SM3 {
		r.SM3 = address.ManifestSM3File
	}
	if r.Key = l.in.PublicKey; r.Key != "" {
		r.Signature, r.KeyFile = address.ManifestFile+address.SignatureEnding, address.PublicKeyFile
	}
	p.facts.Release = &r
	for _, f := range formats.All {
		path := f.Main()
		v := dataFile{Href: "/" + path, Name: path[strings.LastIndexByte(path, '/')+1:], Title: l.only(f.Title), About: l.only(f.About)}
		if l.in.Size != nil {
			v.KB = (l.in.Size(f) + 1023) / 1024
		}
		if paths := f.Paths(l.in.Plan); len(paths)-1 <= mostChapters {
			for i, s := range paths[1:] {
				v.Sections = append(v.Sections, ref{Href: "/" + s, Label: l.division(l.deriver.sections[i])})
			}
		}
		if n := len(p.facts.Files); n == 0 || p.facts.Files[n-1].Title != l.only(f.Group) {
			p.facts.Files = append(p.facts.Files, dataFiles{Title: l.only(f.Group)})
		}
		last := &p.facts.Files[len(p.facts.Files)-1]
		last.Files = append(last.Files, v)
	}
}

// siteMapPage is the site map for people; sitemap.xml is the one for programs.
func (l pageIn) siteMapPage(p *page) {
	p.title = l.words.say(l.Lang, "siteMap")
	if len(l.deriver.chapters) <= mostChapters {
		p.facts.Chapters = l.contents(p, nil)
	}
	for _, h := range l.deriver.topics {
		p.facts.Topics = append(p.facts.Topics, l.ref(h))
	}
	for _, h := range l.deriver.places {
		p.facts.Places = append(p.facts.Places, l.ref(h))
	}
	for _, h := range l.deriver.bodies {
		p.facts.Bodies = append(p.facts.Bodies, l.ref(h))
	}
	p.facts.Pages = l.ordinaryPages("")
}

// ordinaryPages are the pages of a folder of the content, or all of them.
func (l pageIn) ordinaryPages(folder string) (list []ref) {
	for a := range l.book.All() {
		if a.Kind != address.Page || a.Lang != l.Lang || !strings.HasPrefix(a.Of, folder) || a.Of == folder+"_index" {
			continue
		}
		if t, has := l.texts[textKey{a.Of, a.Lang}]; has {
			list = append(list, ref{Href: a.Path, About: t.Title})
		} else if name, is := strings.CutSuffix(a.Of, "/_index"); is { // a folder that nobody has introduced
			list = append(list, ref{Href: a.Path, About: name})
		}
	}
	return list
}

// ordinary is a page of Markdown; that of a folder lists what is in it.
func (l pageIn) ordinary(p *page) {
	folder, is := strings.CutSuffix(p.Of, "_index")
	if !is {
		if p.title == "" {
			p.title = path.Base(p.Of) // a draft that nobody has named yet
		}
		return
	}
	p.facts.Pages = l.ordinaryPages(folder)
	if p.title == "" {
		p.title = strings.TrimSuffix(folder, "/")
	}
}

// verbs are the words of commitment that the plan's measures have, each with its
// shortest measure as the example.
func (l pageIn) verbs() (list []verb) {
	for _, v := range plan.Verbs {
		units := l.live(l.deriver.verbs[v.ID])
		if len(units) == 0 {
			continue
		}
		w := verb{ID: v.ID, ZH: v.ZH, EN: v.English(), Count: len(units)}
		w.Example = l.unit(slices.MinFunc(units, func(a, b *plan.Unit) int { return cmp.Compare(len(a.Text.ZH), len(b.Text.ZH)) }))
		if len(units) <= mostRefs {
			for _, u := range units {
				w.Units = append(w.Units, *l.named(u))
			}
		}
		list = append(list, w)
	}
	return list
}

// searchPage has the script and what it searches; without script it leads to the
// lists of what there is.
func (l pageIn) searchPage(p *page) {
	p.title = l.words.say(l.Lang, "search")
	p.facts.Search = l.search
	for _, h := range l.deriver.topics {
		p.facts.Topics = append(p.facts.Topics, l.name(h))
	}
	for _, h := range l.deriver.places {
		p.facts.Places = append(p.facts.Places, l.name(h))
	}
}

// components shows every component of the theme, with what other pages give it.
func (l pageIn) components(p *page) {
	p.title = l.words.say(l.Lang, "components")
	if len(l.order) == 0 {
		return
	}
	u := l.units["s3-2"]
	if u == nil {
		u = l.units[l.order[len(l.order)-1].ID]
	}
	show := func(kind address.Kind, of string) facts {
		for a := range l.book.All() {
			if a.Kind == kind && a.Lang == l.Lang && (of == "" || a.Of == of) {
				q, _ := l.page(a)
				return q.facts
			}
		}
		return facts{}
	}
	f := show(address.Unit, string(u.ID))
	topics, places := l.tags(u.Unit)
	if len(topics) > 0 {
		f.take(show(address.Topic, topics[0].id))
	}
	if len(places) > 0 {
		f.take(show(address.Place, places[0].id))
	}
	if u.in != nil && u.in.parent != nil {
		f.take(show(address.Section, u.in.id))
	}
	f.take(show(address.Topics, ""))
	f.take(show(address.Cross, ""))
	f.take(show(address.Home, ""))
	f.take(show(address.Parallel, "plan"))
	f.Kind, f.Path, f.Twin, f.Feed, f.Of, f.Site = p.facts.Kind, p.facts.Path, p.facts.Twin, "", "", p.facts.Site
	f.Markdown = ""
	p.facts = f
}

// take fills what f does not have from g.
func (f *facts) take(g facts) {
	if f.Division == nil {
		f.Division, f.Chapters, f.Prev, f.Next, f.Views = g.Division, g.Chapters, g.Prev, g.Next, g.Views
	}
	f.Hub = cmp.Or(f.Hub, g.Hub)
	f.Map = cmp.Or(f.Map, g.Map)
	f.Tulou = cmp.Or(f.Tulou, g.Tulou)
	f.Terms = longer(f.Terms, g.Terms)
	f.Topics = longer(f.Topics, g.Topics)
	f.Places = longer(f.Places, g.Places)
	f.Filter = longer(f.Filter, g.Filter)
	f.Who, f.Support = cmp.Or(f.Who, g.Who), cmp.Or(f.Support, g.Support)
	f.Targets = longer(f.Targets, g.Targets)
	f.Updates = longer(f.Updates, g.Updates)
	f.Preamble = longer(f.Preamble, g.Preamble)
}

func longer[T any](a, b []T) []T {
	if len(b) > len(a) {
		return b
	}
	return a
}
