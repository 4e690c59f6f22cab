package check

import (
	"slices"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/plan"
)

// entry is a Chinese expression that means something known.
type entry struct {
	zh    string
	term  *plan.Term  // nil if the term base does not have it
	place *plan.Place // set for the name or title of a place that has a hub
	forms []phrase    // English of which one must be there
	never []phrase    // English that must not be there

	inside []*plan.Place // places that a longer term names, as 龙（岩）龙（川）铁路 does
}

// isName reports whether the entry names a particular place, body or document
// (check “names”) rather than a thing (check “terms”).
func (e *entry) isName() bool {
	return e.place != nil || e.term != nil && nameKinds[e.term.Kind]
}

// samePlace reports whether both are names of one place.
func (e *entry) samePlace(other *entry) bool { return e.place != nil && e.place == other.place }

// nameKinds are the kinds of terms that name one particular thing.
var nameKinds = map[string]bool{"place": true, "institution": true, "document": true}

// lexicon finds entries in Chinese text.
type lexicon struct {
	byFirst map[rune][]*entry        // longest first
	english map[string][]placeByName // by the stem of the name's first word
}

// placeByName is a place as English text names it.
type placeByName struct {
	*plan.Place
	name phrase
}

// match is an entry found at the bytes from start to end of a text.
type match struct {
	*entry
	start, end int
}

// newLexicon knows the terms and places of p, and the abbreviations of places
// that the plan writes with brackets, as in 长（汀）连（城）武（平）.
func newLexicon(p *plan.Plan) *lexicon {
	known := map[string]*entry{}
	get := func(zh string) *entry {
		e := known[zh]
		if e == nil {
			e = &entry{zh: zh}
			known[zh] = e
		}
		return e
	}
	for _, pl := range p.Places {
		for _, zh := range pl.Homographs {
			if zh != "" {
				get(zh)
			}
		}
		for _, n := range []struct {
			zh    string
			forms []string
		}{
			{pl.Name.ZH, []string{pl.Name.EN}},
			{pl.Title.ZH, []string{pl.Title.EN, pl.Name.EN}},
			{bracketed(pl.Name.ZH), []string{pl.Name.EN}},
		} {
			if utf8.RuneCountInString(n.zh) < 2 {
				continue
			}
			e := get(n.zh)
			e.place = pl
			e.forms = phrases(n.forms)
		}
	}
	for i := range p.Terms {
		t := &p.Terms[i]
		e := get(t.ZH)
		e.term = t
		if own := phrases([]string{t.EN}); own != nil {
			e.forms = own // a person's choice goes before the hub's title
		}
		e.never = phrases(t.Forbidden)
	}
	l := &lexicon{byFirst: map[rune][]*entry{}, english: map[string][]placeByName{}}
	for _, pl := range p.Places {
		if name := newPhrase(pl.Name.EN); len(name.words) > 0 {
			l.english[name.words[0].stem] = append(l.english[name.words[0].stem], placeByName{pl, name})
		}
	}
	places := &lexicon{byFirst: map[rune][]*entry{}}
	for _, e := range known {
		if e.place != nil {
			places.add(e)
		}
	}
	places.order()
	for _, e := range known {
		if e.place == nil && e.term != nil {
			for _, m := range places.find(e.zh) {
				e.inside = append(e.inside, m.place)
			}
		}
		l.add(e)
	}
	l.order()
	return l
}

// bracketed is a place's name as an abbreviation spells it out: 长（汀）.
func bracketed(name string) string {
	_, n := utf8.DecodeRuneInString(name)
	if len(name) == n {
		return ""
	}
	return name[:n] + "（" + name[n:] + "）"
}

func (l *lexicon) add(e *entry) {
	r, _ := utf8.DecodeRuneInString(e.zh)
	l.byFirst[r] = append(l.byFirst[r], e)
}

func (l *lexicon) order() {
	for _, list := range l.byFirst {
		slices.SortFunc(list, func(a, b *entry) int { return len(b.zh) - len(a.zh) })
	}
}

// find gives the entries in s that do not overlap: at each place the longest.
// The entries that share a first character are few, so it is linear in s.
func (l *lexicon) find(s string) []match {
	var found []match
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		for _, e := range l.byFirst[r] {
			if strings.HasPrefix(s[i:], e.zh) {
				found = append(found, match{e, i, i + len(e.zh)})
				n = len(e.zh)
				break
			}
		}
		i += n
	}
	return found
}
