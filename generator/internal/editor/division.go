package editor

import (
	"cmp"
	"iter"
	"net/http"
	"os"
	"slices"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/readings"
)

// row is a sentence as people edit it.
type row struct {
	ID       plan.ID                        `json:"id"`
	Kind     plan.Kind                      `json:"kind"`
	Chinese  string                         `json:"zh"`
	English  edit.Version                   `json:"en"`
	Tags     map[string]edit.Version        `json:"tags"`
	Names    map[readings.Role]edit.Version `json:"names,omitempty"`  // of who has read it as it stands, where names are asked for
	Words    string                         `json:"words,omitempty"`  // that they have read
	State    string                         `json:"state"`            // current, stale or missing
	Before   string                         `json:"before,omitempty"` // the Chinese that a stale English is of
	Terms    []text                         `json:"terms"`
	Findings []finding                      `json:"findings"`
}

// hub is what a sentence may be tagged with.
type hub struct {
	ID    string `json:"id"`
	Title text   `json:"title"`
}

// division answers with a preamble, chapter or section.
func (e *Editor) division(r *http.Request) (any, error) {
	name := divisionName(r.PathValue("name"))
	rules, badRules := readings.ReadRules(os.DirFS(e.o.Dir))
	if len(rules.Sentences) > 0 && e.behind(name) {
		e.changed()
	}
	tree := e.tree()
	p := tree.Plan
	all := divisions(p)
	i := slices.IndexFunc(all, func(d division) bool { return d.name == name })
	if i < 0 {
		var why diag.List // it cannot be read
		for _, d := range e.findings() {
			if partOf(d) == name {
				why = append(why, d)
			}
		}
		if len(why) > 0 {
			return nil, why
		}
		return nil, notThere(name)
	}
	d := all[i]
	heading, err := e.o.Desk.Read(edit.Ref{File: d.file + ".en.md", Field: "title"})
	if err != nil {
		heading = edit.Version{}
	}
	found := map[plan.ID]diag.List{}
	var rest diag.List
	for _, f := range e.findings() {
		if partOf(f) != name {
			continue
		}
		if id := unitAt(tree, slices.Values(d.units), f.Pos); id != "" {
			found[id] = append(found[id], f)
		} else {
			rest = append(rest, f)
		}
	}
	if badRules != nil {
		rest = append(rest, diag.From(badRules)...)
	}
	signed, err := readings.Read(tree.Document("content/" + readings.File))
	if err != nil {
		rest = append(rest, diag.From(err)...)
	}
	rows := make([]row, 0, len(d.units))
	terms := newTermFinder(p)
	for _, u := range d.units {
		unit, err := e.o.Desk.Unit(u.ID)
		if err != nil {
			return nil, err
		}
		one := row{ID: u.ID, Kind: u.Kind, Chinese: u.Text.ZH, English: unit.English, Tags: unit.Tags,
			State: string(u.Translation), Terms: terms.in(u.Text.ZH), Findings: shown(found[u.ID])}
		if len(rules.Sentences) > 0 {
			one.Words, one.Names = readings.Digest(u.Text), map[readings.Role]edit.Version{}
		}
		for _, role := range rules.Sentences {
			name := signed.Name(u.ID, one.Words, role)
			one.Names[role] = edit.Version{Ref: edit.Ref{ID: u.ID, Field: string(role)}, Text: name, Hash: plan.Hash(name)}
		}
		if entry, known := p.Ledger.Find(u.ID); known && u.Translation == plan.Stale {
			one.Before = entry.Text.ZH
		}
		rows = append(rows, one)
	}
	previous, next := "", ""
	if i > 0 {
		previous = all[i-1].name
	}
	if i+1 < len(all) {
		next = all[i+1].name
	}
	return map[string]any{
		"name": name, "title": text(d.title), "heading": heading, "file": d.file, "rows": rows,
		"previous": previous, "next": next, "findings": shown(rest), "hubs": hubs(p), "author": thisAuthor(), "roles": append([]readings.Role{}, rules.Sentences...),
	}, nil
}

// behind reports whether sentences of a division have other words on the disk than in the
// content as it was last read. A name stands for the words that are shown with it, and
// would be refused for others.
func (e *Editor) behind(name string) bool {
	for _, d := range divisions(e.tree().Plan) {
		for _, u := range d.units {
			if d.name != name {
				break
			}
			if words, err := e.o.Desk.Words(u.ID); err == nil && words != readings.Digest(u.Text) {
				return true
			}
		}
	}
	return false
}

// division is a part of the plan that is edited on a page of its own.
type division struct {
	name    string // p, c1, s3
	file    string // without language
	chapter int    // that a section stands in; 0 for all else
	title   plan.Text
	units   []*plan.Unit
}

// divisions lists those of a plan, in order.
func divisions(p *plan.Plan) []division {
	all := []division{{"p", "content/plan/_index", 0, p.Title, p.Preamble}}
	for _, c := range p.Chapters {
		name := address.ChapterID(c.Number)
		dir := "content/plan/" + name + "/"
		all = append(all, division{name, dir + "_index", 0, c.Title, c.Units})
		for _, s := range c.Sections {
			name := address.SectionID(s.Number)
			all = append(all, division{name, dir + name, c.Number, s.Title, s.Units})
		}
	}
	return all
}

// divisionName is the division of an id, which may be one itself: s3 of s3-2.
func divisionName(id string) string {
	name, _, _ := strings.Cut(id, "-")
	return name
}

// unitAt is the sentence of these in whose lines a place is, or "".
func unitAt(tree *content.Tree, units iter.Seq[*plan.Unit], pos diag.Pos) (id plan.ID) {
	best := 0
	for u := range units {
		for _, l := range plan.Langs {
			if at := tree.UnitPos(u.ID, l); at.File == pos.File && at.Line <= pos.Line && at.Line > best {
				best, id = at.Line, u.ID
			}
		}
	}
	return id
}

// hubs are what sentences may be tagged with, by the name of the tag.
func hubs(p *plan.Plan) map[string][]hub {
	all := map[string][]hub{}
	for _, t := range p.Topics {
		all["topics"] = append(all["topics"], hub{t.ID, text(t.Title)})
	}
	for _, pl := range p.Places {
		all["places"] = append(all["places"], hub{pl.ID, text(pl.Title)})
	}
	for _, b := range p.Bodies {
		all["bodies"] = append(all["bodies"], hub{b.ID, text(b.Title)})
	}
	return all
}

// termFinder finds the terms and names of places in a Chinese sentence.
type termFinder struct{ list []text }

func newTermFinder(p *plan.Plan) termFinder {
	var f termFinder
	for _, t := range p.Terms {
		f.list = append(f.list, text(t.Text))
	}
	for _, pl := range p.Places {
		f.list = append(f.list, text(pl.Name))
	}
	f.list = slices.DeleteFunc(f.list, func(t text) bool { return t.ZH == "" || t.EN == "" })
	slices.SortStableFunc(f.list, func(a, b text) int { return cmp.Compare(len(b.ZH), len(a.ZH)) })
	return f
}

// in lists those in a sentence, in the order in which they stand. A longer one takes
// its characters.
func (f termFinder) in(zh string) []text {
	at := map[text]int{}
	rest := zh
	for _, t := range f.list {
		i := strings.Index(rest, t.ZH)
		if i < 0 {
			continue
		}
		if _, twice := at[t]; !twice {
			at[t] = i
		}
		rest = strings.ReplaceAll(rest, t.ZH, strings.Repeat("\x00", len(t.ZH)))
	}
	out := make([]text, 0, len(at))
	for t := range at {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b text) int { return cmp.Or(cmp.Compare(at[a], at[b]), cmp.Compare(a.ZH, b.ZH)) })
	return out
}

// measures answers with sentences to link to: those whose number or text has ?q=.
func (e *Editor) measures(r *http.Request) (any, error) {
	q := strings.ToLower(strings.TrimSpace(r.FormValue("q")))
	type line struct {
		ID plan.ID `json:"id"`
		text
	}
	const most = 30
	list := []line{}
	for u := range e.tree().Plan.Units() {
		if strings.Contains(string(u.ID), q) || strings.Contains(strings.ToLower(u.Text.ZH), q) || strings.Contains(strings.ToLower(u.Text.EN), q) {
			if list = append(list, line{u.ID, text(u.Text)}); len(list) == most {
				break
			}
		}
	}
	return list, nil
}
