package editor

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// entry is a change in the journal, as the script gets it.
type entry struct {
	ID     string    `json:"entry"`
	Time   time.Time `json:"time"`
	Who    string    `json:"who"`
	What   string    `json:"what"`
	To     string    `json:"to"` // where it is edited
	Before string    `json:"before"`
	After  string    `json:"after"`
	Why    string    `json:"why,omitempty"`
}

// pageful is how many entries a page of the history has.
const pageful = 50

// history answers with what was changed, newest first; ?from= is how many to leave out.
func (e *Editor) history(r *http.Request) (any, error) {
	from, _ := strconv.Atoi(r.FormValue("from"))
	all, found := e.o.Desk.History(edit.Ref{})
	out := []entry{}
	tree := e.tree()
	for i, t := range all {
		if i < from || len(out) == pageful {
			continue
		}
		one := entry{ID: t.ID, Time: t.Time, Who: t.Who, What: t.Ref.String(), Before: t.Before, After: t.After, Why: t.Why, To: "/edit/"}
		if t.Ref.ID != "" {
			one.To = "/edit/" + string(t.Ref.ID) + "/en"
		} else {
			one.To = e.toFile(tree, t.File, 1)
		}
		out = append(out, one)
	}
	return map[string]any{"entries": out, "more": len(all) > from+pageful, "findings": shown(found)}, nil
}

// undo puts back what stood there before a change. A piece that was changed since is
// not touched.
func (e *Editor) undo(r *http.Request) (any, error) {
	var in struct {
		Entry string `json:"entry"`
	}
	if err := take(r, 4<<10, &in); err != nil {
		return nil, err
	}
	all, err := e.o.Desk.Undo(r.Context(), in.Entry)
	if err != nil {
		return nil, err
	}
	e.changed()
	return outcomes(all, nil), nil
}

// here keeps for others where this person is, and answers with where they are.
func (e *Editor) here(r *http.Request) (any, error) {
	var in struct {
		Session string `json:"session"`
		What    string `json:"what"` // "" when the page is left
	}
	if err := take(r, 4<<10, &in); err != nil {
		return nil, err
	}
	if err := e.o.Desk.Here(in.Session, "", in.What); err != nil {
		return nil, diag.Diagnostic{Check: "edit", Fact: diag.Text("没有记下您在哪里：%v", "where you are was not noted: %v", err)}
	}
	others, err := e.o.Desk.Others(in.Session)
	if err != nil {
		return nil, err
	}
	type other struct {
		edit.Presence
		Called text `json:"called"`
	}
	out := []other{}
	for _, o := range others {
		out = append(out, other{o, text(e.called(o.What))})
	}
	return out, nil
}

// called is how people speak of what somebody is at: 第三节, section 3, a page by its
// title; nothing where no content is edited.
func (e *Editor) called(what string) plan.Text {
	tree := e.tree()
	if name, is := strings.CutPrefix(what, "page/"); is {
		title := diag.Text("“%s”", "“%s”", name)
		for _, l := range plan.Langs {
			if d := tree.Document("content/" + name + "." + string(l) + ".md"); d != nil && d.Value("title") != "" {
				title.Set(l, diag.Text("“%s”", "“%s”", d.Value("title")).In(l))
			}
		}
		return title
	}
	switch what {
	case "p":
		return diag.Text("序言", "the preamble")
	case "terms":
		return diag.Text("术语", "the terms")
	}
	for _, d := range divisions(tree.Plan) {
		if d.name != what {
			continue
		}
		n, _ := strconv.Atoi(d.name[1:])
		if d.name[0] == 'c' {
			return diag.Text("第%[1]s章", "chapter %[2]d", plan.Numeral(n), n)
		}
		return diag.Text("第%[1]s节", "section %[2]d", plan.Numeral(n), n)
	}
	return plan.Text{}
}
