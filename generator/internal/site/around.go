package site

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// What the page of a sentence shows beside the sentence itself: its neighbours in
// the text, the terms that it uses, and measures near to it in subject. Each list
// is bounded, so that a page does not grow with the plan, and is found in the hubs
// of the sentence without going through the plan.

// mostRelated is how many measures of the same places and topic are named.
const mostRelated = 6

// headline is a sentence in brief, as the title of its page has it. English needs
// half as much room again to say as much.
func (l pageIn) headline(u *plan.Unit) string { return l.brief(u, 24) }

// brief is the beginning of a sentence: about so many Chinese characters.
func (l pageIn) brief(u *plan.Unit, most int) string {
	text, in := u.Text.Or(l.Lang)
	if in == plan.EN {
		most += most / 2
	}
	return brief(text, most, most/6)
}

// titled is a sentence of which a page shows number, kind and headline.
func (l pageIn) titled(u *plan.Unit) *unit {
	v := l.named(u)
	v.Headline, v.Missing = l.headline(u), u.Text.In(l.Lang) == ""
	return v
}

// around fills what stands around a sentence on its page.
func (l pageIn) around(p *page, u *placed, topics, places []*hub) {
	near := func(i int) *placed {
		if i < 0 || i >= len(l.order) {
			return nil
		}
		return l.units[l.order[i].ID]
	}
	before, after := near(u.index-1), near(u.index+1)
	if before != nil {
		p.facts.Prev = l.neighbour(before.Unit)
		if before.in == u.in {
			v := l.unit(before.Unit)
			p.facts.Before = &v
		}
	}
	if after != nil {
		p.facts.Next = l.neighbour(after.Unit)
		if after.in == u.in {
			v := l.unit(after.Unit)
			p.facts.After = &v
		}
	}
	p.facts.Terms = l.termsIn(u.Unit, places)
	p.facts.Related = l.alike(u, topics, places)
}

// alike lists the measures that a reader of this sentence may look for next:
// first those that name one of its places, then those of its first topic, the
// nearest in the text first. The sentences before and after it are on the page
// already.
func (l pageIn) alike(u *placed, topics, places []*hub) *related {
	units, hubs, byPlaces, byTopic := l.near(u, topics, places)
	if len(units) == 0 {
		return nil
	}
	r := related{Places: byPlaces, Topic: byTopic}
	for _, v := range units {
		r.Units = append(r.Units, *l.titled(v))
	}
	for _, h := range hubs {
		r.Hubs = append(r.Hubs, l.name(h))
	}
	return &r
}

// near picks these measures, and the hubs that they were found in.
func (d *deriver) near(u *placed, topics, places []*hub) (units []*plan.Unit, hubs []*hub, byPlaces, byTopic bool) {
	shown := map[*plan.Unit]bool{u.Unit: true}
	for i := max(0, u.index-1); i <= min(u.index+1, len(d.order)-1); i++ {
		if v := d.order[i]; d.units[v.ID].in == u.in {
			shown[v] = true
		}
	}
	take := func(in []*hub) (some bool) {
		var found []*plan.Unit
		for _, h := range in {
			found = append(found, d.nearest(h, u.index, mostRelated-len(units), shown)...)
		}
		slices.SortStableFunc(found, func(a, b *plan.Unit) int {
			i, j := d.units[a.ID].index, d.units[b.ID].index
			return cmp.Or(cmp.Compare(apart(i, u.index), apart(j, u.index)), cmp.Compare(i, j))
		})
		for _, v := range slices.Compact(found) {
			if len(units) < mostRelated {
				shown[v], some = true, true
				units = append(units, v)
			}
		}
		if some {
			hubs = append(hubs, in...)
		}
		return some
	}
	byPlaces = take(places)
	byTopic = take(topics[:min(1, len(topics))])
	return units, hubs, byPlaces, byTopic
}

func apart(i, j int) int { return max(i-j, j-i) }

// nearest picks up to n measures of a hub, the nearest to a place in the text
// first, without those that are shown already.
func (d *deriver) nearest(h *hub, index, n int, shown map[*plan.Unit]bool) (list []*plan.Unit) {
	at := func(i int) int { return d.units[h.units[i].ID].index }
	after, _ := slices.BinarySearchFunc(h.units, index, func(u *plan.Unit, to int) int { return cmp.Compare(d.units[u.ID].index, to) })
	before := after - 1
	for len(list) < n && (before >= 0 || after < len(h.units)) {
		var u *plan.Unit
		if after == len(h.units) || before >= 0 && index-at(before) <= at(after)-index {
			u = h.units[before]
			before--
		} else {
			u = h.units[after]
			after++
		}
		if u.Kind == plan.Measure && !shown[u] {
			list = append(list, u)
		}
	}
	return list
}

// termsIn lists the terms of the termbase that a sentence uses, in the order of its
// words: not those that only stand inside a longer one (医改 in 三明医改), nor names
// of places whose hubs the page leads to anyway.
func (l pageIn) termsIn(u *plan.Unit, places []*hub) (list []term) {
	type use struct{ term, start, end int }
	var uses []use
	text := u.Text.ZH
	for _, i := range l.deriver.termsOf[u.ID] {
		zh := l.deriver.terms[i].ZH
		if slices.ContainsFunc(places, func(h *hub) bool { return zh == h.place.Name.ZH || zh == h.place.Title.ZH }) {
			continue
		}
		if !strings.Contains(text, zh) {
			uses = append(uses, use{i, len(text), len(text)}) // shortened by brackets: 长（汀）
			continue
		}
		for from := 0; ; {
			at := strings.Index(text[from:], zh)
			if at < 0 {
				break
			}
			uses = append(uses, use{i, from + at, from + at + len(zh)})
			from += at + len(zh)
		}
	}
	slices.SortStableFunc(uses, func(a, b use) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) })
	end := 0
	seen := map[int]bool{}
	for _, x := range uses {
		if x.end <= end && x.start < len(text) || seen[x.term] {
			continue // inside the one before
		}
		end, seen[x.term] = max(end, x.end), true
		t := l.deriver.terms[x.term]
		list = append(list, term{ID: t.id, Href: l.termAt(x.term), bilingual: bilingual(t.Text)})
	}
	return list
}

// ownCitation is how to quote and cite a sentence on its own page: in the page's
// language first, and of the styles the Chinese standard last in English.
func (l pageIn) ownCitation(id plan.ID) *citation {
	c := l.citation(id)
	c.Paths = map[plan.Lang]string{}
	for _, lang := range plan.Langs {
		c.Paths[lang] = address.In(lang).Unit(id)
	}
	rank := func(r reference) (n int) {
		if r.Lang != l.Lang.Tag() {
			n = 2
		}
		if strings.HasPrefix(r.Style, "GB/T") {
			n++
		}
		return n
	}
	slices.SortStableFunc(c.References, func(a, b reference) int { return cmp.Compare(rank(a), rank(b)) })
	u := l.units[id].Unit
	for _, lang := range []plan.Lang{l.Lang, other(l.Lang)} {
		if text := l.citing.Quotation(u, lang); text != "" {
			c.Quotes = append(c.Quotes, quotation{lang, lang.Tag(), text})
		}
	}
	for _, e := range l.citing.Entries(u, l.Lang) {
		c.Entries = append(c.Entries, citeEntry{e.Name, e.Text, "/" + e.Path, path.Base(e.Path)})
	}
	return c
}

// gazetteer is the cities of the zone with their counties by their short names, as
// the page for unknown addresses lists them.
func (l pageIn) gazetteer() (list []city) {
	for _, h := range l.deriver.places {
		if h.place.Kind == plan.City {
			c := city{ref: l.name(h)}
			for _, county := range l.deriver.places {
				if county.place.Parent == h.place.ID {
					c.Counties = append(c.Counties, l.name(county))
				}
			}
			list = append(list, c)
		}
	}
	return list
}

// way is how a reader who is lost gets back into the site in one language.
func (l pageIn) way() way {
	return way{Lang: l.Lang, Home: l.at().Home(), Search: l.at().List(address.Search), Cities: l.gazetteer()}
}
