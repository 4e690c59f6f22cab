package site

// Versions of a sentence: what it said from which day on, how it differs from what it
// said before, and the list of all of them for programs.

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/compare"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/proof"
)

// shortHash is how much of a hash the page of a sentence shows.
const shortHash = 8

// segments are the expressions of a plan that are compared as one word: its terms and
// the names of places.
func segments(p *plan.Plan) (list []string) {
	for _, t := range p.Terms {
		list = append(list, t.ZH)
	}
	for _, pl := range p.Places {
		list = append(list, pl.Title.ZH, pl.Name.ZH)
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// spans are two texts as one, with what differs marked.
func (d *deriver) spans(old, new string) (list []changedSpan) {
	names := map[compare.Op]string{compare.Gone: "del", compare.New: "ins"}
	for _, s := range compare.Words(old, new, d.segments) {
		list = append(list, changedSpan{s.Text, names[s.Op]})
	}
	return list
}

// changed says which texts of a version differ from the one before, and where.
func (l pageIn) changed(old, new plan.Text) (list []changedText) {
	for _, lang := range []plan.Lang{l.Lang, other(l.Lang)} {
		if a, b := old.In(lang), new.In(lang); a != b && a != "" && b != "" {
			list = append(list, changedText{lang.Tag(), l.spans(a, b)})
		}
	}
	return list
}

// since marks what has changed in a sentence since its English was made; nil where that
// is current, or nobody knows the Chinese of then.
func (l pageIn) since(u *plan.Unit) []changedSpan {
	if u.Translation != plan.Stale {
		return nil
	}
	e, has := l.ledger[u.ID]
	if has && plan.Hash(e.Text.ZH) == e.EnglishOf {
		return l.spans(e.Text.ZH, u.Text.ZH)
	}
	for _, v := range slices.Backward(l.deriver.versions[u.ID]) {
		if plan.Hash(v.Text.ZH) == e.EnglishOf {
			return l.spans(v.Text.ZH, u.Text.ZH)
		}
	}
	return nil
}

// version is a version as lists name it; name is "" of one without an address.
func (l pageIn) version(v plan.Version, name string, first bool) versionFacts {
	f := versionFacts{Name: cmp.Or(name, v.Date), Date: v.Date, Change: v.Change, Why: v.Why}
	if first {
		f.Change = "first"
	}
	if name != "" {
		f.Href = l.at().Version(v.ID, name)
	}
	return f
}

// lastVersion is the newest version of a sentence that has a text; nil where there is no
// history.
func (l pageIn) lastVersion(id plan.ID) *versionFacts {
	versions := l.deriver.versions[id]
	names := plan.VersionNames(versions)
	for i, name := range slices.Backward(names) {
		if name != "" {
			v := versions[i]
			return &versionFacts{Href: l.at().Version(id, name), Name: name, Date: v.Date,
				Hash: bilingual{ZH: short(plan.Hash(v.Text.ZH)), EN: short(plan.Hash(v.Text.EN))}}
		}
	}
	return nil
}

func short(hash string) string { return hash[:min(len(hash), shortHash)] }

// edition is the page of a version.
func (l pageIn) edition(p *page) {
	of, name, _ := strings.Cut(p.Of, "/")
	id := plan.ID(of)
	versions := l.deriver.versions[id]
	names := plan.VersionNames(versions)
	n := slices.Index(names, name)
	v := versions[n]
	f := l.version(v, names[n], n == 0)
	f.Text, f.Stale = bilingual(v.Text), v.Stale()
	f.Hash = bilingual{ZH: plan.Hash(v.Text.ZH), EN: plan.Hash(v.Text.EN)}
	if l.in.SM3 {
		f.SM3 = bilingual{ZH: proof.SM3(v.Text.ZH), EN: proof.SM3(v.Text.EN)}
	}
	if n > 0 {
		f.Changed = l.changed(versions[n-1].Text, v.Text)
		f.Confirmed = versions[n-1].Text == v.Text
	}
	for _, e := range l.in.Plan.Editions {
		if e.Date == v.Edition {
			f.Title, f.Number, f.Made = l.only(e.Title), l.only(e.Number), e.Date
		}
	}
	f.Label = l.numbered(id)
	f.State = l.state(versions, n)
	if n+1 < len(versions) {
		next := l.version(versions[n+1], names[n+1], false)
		f.By = &next
	}
	if a, has := l.book.Find(l.at().Unit(id)); has {
		f.Unit = a.Path
	}
	if a, has := l.book.Find(l.at().TimeMap(id)); has {
		f.TimeMap = a.Path
	}
	for i, w := range versions {
		g := l.version(w, names[i], i == 0)
		g.Here = i == n
		f.Versions = append(f.Versions, g)
	}
	p.facts.Version = &f
	p.facts.Site.JS = "" // a record needs none, and its bytes do not follow the script's
	text, _ := v.Text.Or(l.Lang)
	p.title = l.words.fill(l.Lang, "versionTitle", map[string]any{"Unit": f.Label, "Date": f.Name})
	p.description = cut(text, 110)
	p.facts.Crumbs = []crumb{{Href: l.at().Plan(), Word: "wholePlan"}}
	if u := l.units[id]; u != nil && u.in != nil {
		for _, in := range []*plannedDivision{u.in.parent, u.in} {
			if in != nil {
				short := l.division(in)
				short.Title = bilingual{}
				p.facts.Crumbs = append(p.facts.Crumbs, crumb{Href: l.at().Division(in.id), Division: short})
			}
		}
	}
	if f.Unit != "" {
		p.facts.Crumbs = append(p.facts.Crumbs, crumb{Href: f.Unit, Title: bilingual{ZH: f.Label, EN: f.Label}})
	}
}

// state says what has become of the n-th version of a sentence.
func (l pageIn) state(versions []plan.Version, n int) string {
	last := versions[len(versions)-1]
	u := l.units[last.ID]
	switch {
	case n+1 < len(versions) && !versions[n+1].Retired():
		return "replaced"
	case last.Retired():
		return string(last.Change)
	case u == nil || u.Text != last.Text:
		return "unrecorded" // the content has moved on, and nobody has entered it yet
	}
	return "current"
}

// timeMap lists the versions of a sentence as RFC 7089 has it. A day begins in China.
func (l pageIn) timeMap(a address.Address) []byte {
	id := plan.ID(a.Of)
	versions := l.deriver.versions[id]
	type memento struct{ path, at string }
	var list []memento
	for i, name := range plan.VersionNames(versions) {
		if name == "" {
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, versions[i].Date, time.FixedZone("UTC+8", 8*60*60))
		if err != nil {
			continue // a check tells
		}
		list = append(list, memento{l.absolute(l.at().Version(id, name)), day.UTC().Format(http.TimeFormat)})
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%s>; rel=\"original\"", l.absolute(l.at().Unit(id)))
	if len(list) > 0 {
		fmt.Fprintf(&b, ",\n<%s>; rel=\"self\"; type=\"application/link-format\"; from=\"%s\"; until=\"%s\"", l.absolute(a.Path), list[0].at, list[len(list)-1].at)
	}
	for i, m := range list {
		rel := "memento"
		if i == len(list)-1 {
			rel = "last " + rel
		}
		if i == 0 {
			rel = "first " + rel
		}
		fmt.Fprintf(&b, ",\n<%s>; rel=\"%s\"; datetime=\"%s\"", m.path, rel, m.at)
	}
	b.WriteByte('\n')
	return b.Bytes()
}
