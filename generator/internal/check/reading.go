package check

import (
	"slices"
	"sort"
	"strconv"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// reading is a Chinese text of the plan, a sentence or a heading, beside its
// English, with what is known in both. Texts without English have no reading.
type reading struct {
	unit  *plan.Unit // nil for a heading
	label plan.Text  // what findings call it
	text  plan.Text
	zhPos diag.Pos
	enPos diag.Pos

	key  sentenceKey // what it is known by, if it is found sound
	told bool        // a judgement had something to say of it

	lex   *lexicon
	known []match // in the Chinese
	words []word  // of the English
	owner []*entry
	found map[*entry]bool // which known entries have their English
}

// read reads the plan, but for sentences that are known to be sound; nothing while the
// termbase fails.
func read(in Input) []*reading {
	if in.withoutTermbase() {
		return nil
	}
	tree := in.Tree
	lex := newLexicon(tree.Plan)
	var all []*reading
	add := func(r *reading) {
		if r.text.ZH != "" && r.text.EN != "" && !in.derived().sound().knows(r) {
			all = append(all, r.with(lex))
		}
	}
	for _, h := range headingsIn(tree.Plan) {
		add(&reading{label: headingLabel, text: h.title, zhPos: tree.FilePos(h.name, plan.ZH), enPos: tree.FilePos(h.name, plan.EN)})
	}
	for u := range tree.Plan.Units() {
		add(&reading{unit: u, label: unitLabel(u), text: u.Text, zhPos: tree.UnitPos(u.ID, plan.ZH), enPos: tree.UnitPos(u.ID, plan.EN)})
	}
	return all
}

// with finds what lex knows in both texts.
func (r *reading) with(lex *lexicon) *reading {
	r.lex, r.known = lex, lex.find(r.text.ZH)
	r.words = wordsOf(r.text.EN)
	r.match()
	return r
}

// headingIn is a heading of the plan and the file it stands in, as
// [content.Tree.FilePos] names it.
type headingIn struct {
	name  string
	title plan.Text
}

// headingsIn lists the plan's headings in order.
func headingsIn(p *plan.Plan) []headingIn {
	list := []headingIn{{"plan/_index", p.Title}}
	for _, c := range p.Chapters {
		dir := "plan/c" + strconv.Itoa(c.Number)
		list = append(list, headingIn{dir + "/_index", c.Title})
		for _, s := range c.Sections {
			list = append(list, headingIn{dir + "/s" + strconv.Itoa(s.Number), s.Title})
		}
	}
	return slices.DeleteFunc(list, func(h headingIn) bool { return h.title.ZH == "" }) // an item without a heading
}

var headingLabel = plan.Text{ZH: "标题", EN: "title"}

func unitLabel(u *plan.Unit) plan.Text { return plan.Text{ZH: string(u.ID), EN: string(u.ID)} }

// match finds the English of the known entries. The longest goes first and
// takes its words, so that “Longyan University” is not also Longyan; but what
// stands for 长汀县 stands for 长汀 and 长（汀）, too.
func (r *reading) match() {
	r.owner = make([]*entry, len(r.words))
	r.found = map[*entry]bool{}
	for _, e := range r.entries() {
		taken := func(by *entry) bool { return by != nil && !by.samePlace(e) }
		for _, p := range e.forms {
			for i := range r.words {
				if taken(r.owner[i]) || !p.at(r.words[i:]) || slices.ContainsFunc(r.owner[i:i+len(p.words)], taken) {
					continue
				}
				if p.quoted && !inQuotes(r.text.EN, r.words[i], r.words[i+len(p.words)-1]) {
					continue
				}
				r.found[e] = true
				for j := range p.words {
					r.owner[i+j] = e
				}
			}
		}
	}
}

// entries are the known entries that have English, once each, the one with the
// longest English first.
func (r *reading) entries() []*entry {
	var list []*entry
	for _, m := range r.known {
		if len(m.forms) > 0 && !slices.Contains(list, m.entry) {
			list = append(list, m.entry)
		}
	}
	slices.SortStableFunc(list, func(a, b *entry) int { return len(b.forms[0].words) - len(a.forms[0].words) })
	return list
}

// insideTerm reports whether byte i of the Chinese belongs to a known term.
func (r *reading) insideTerm(i int) bool {
	n := sort.Search(len(r.known), func(n int) bool { return r.known[n].end > i })
	return n < len(r.known) && r.known[n].start <= i
}

// about puts the reading's label before a fact.
func (r *reading) about(fact plan.Text) plan.Text {
	return plan.Text{ZH: r.label.ZH + "：" + fact.ZH, EN: r.label.EN + ": " + fact.EN}
}
