package editor

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// entry is a change in the journal, as the script gets it.
type entry struct {
	ID     string    `json:"entry"`
	Time   time.Time `json:"time"`
	Who    string    `json:"who"`
	What   text      `json:"what"`
	To     string    `json:"to"` // where it is edited
	Before string    `json:"before"`
	After  string    `json:"after"`
	Why    string    `json:"why,omitempty"`
}

// pageful is how many entries a page of the history has.
const pageful = 50

// of is what a history is of: a sentence, or a page in both languages by its name; all with "".
func (e *Editor) of(what string) (refs []edit.Ref) {
	if what == "" {
		return []edit.Ref{{}}
	}
	if _, _, _, err := plan.ID(what).Parse(); err == nil {
		return []edit.Ref{{ID: plan.ID(what)}}
	}
	for _, l := range plan.Langs {
		refs = append(refs, edit.Ref{File: "content/" + what + "." + string(l) + ".md"})
	}
	return refs
}

func (e *Editor) entries(what string) (list []edit.Entry, found diag.List) {
	for _, ref := range e.of(what) {
		var more []edit.Entry
		more, found = e.o.Desk.History(ref)
		list = append(list, more...)
	}
	slices.SortStableFunc(list, func(a, b edit.Entry) int { return b.Time.Compare(a.Time) })
	return list, found
}

// pieceNames are what people call pieces of a sentence, and of a page.
var pieceNames = map[string]plan.Text{
	edit.English: diag.Text("英文", "English"), "topics": diag.Text("主题", "topics"), "places": diag.Text("地方", "places"), "bodies": diag.Text("机构", "bodies"),
	"written": diag.Text("撰稿人", "who wrote it"), "checked": diag.Text("校对人", "who checked it"), "released": diag.Text("签发人", "who released it"),
	edit.Body: diag.Text("正文", "text"), "title": diag.Text("标题", "title"), "description": diag.Text("简介", "description"), "draft": diag.Text("草稿", "draft"),
	"date": diag.Text("日期", "date"), "source": diag.Text("来源", "source"), "measures": diag.Text("涉及的句子", "sentences"), edit.Whole: diag.Text("整个文件", "the whole file"),
	edit.Row: diag.Text("整行", "the whole row"),
}

// pieceName is how people speak of what a change is of: s3-2 的英文, “关于本站” 的正文.
func pieceName(tree *content.Tree, t edit.Entry) plan.Text {
	field, known := pieceNames[t.Ref.Field]
	if !known {
		field = diag.Text("%s", "%s", t.Ref.Field)
	}
	of := diag.Text("%s", "%s", t.File)
	switch d := tree.Document(t.File); {
	case t.Ref.ID != "":
		of = diag.Text("%[1]s ", "%[1]s", t.Ref.ID)
	case strings.HasSuffix(t.File, "/ledger.csv"):
		return diag.Text("确认 %s 的译文", "%s, translation accepted", t.Ref.Row)
	case t.Ref.Row != "":
		of = diag.Text("术语“%s”", "the term “%s”", t.Ref.Row)
	case d != nil && d.Value("title") != "":
		lang := map[plan.Lang]plan.Text{plan.ZH: diag.Text("中文", "Chinese"), plan.EN: diag.Text("英文", "English")}[d.Lang]
		of = diag.Text("“%[1]s”（%[2]s）", "“%[1]s” (%[3]s)", d.Value("title"), lang.ZH, lang.EN)
	}
	return diag.Text("%[1]s的%[2]s", "%[3]s, %[4]s", of.ZH, field.ZH, of.EN, field.EN)
}

func (e *Editor) shownEntry(tree *content.Tree, t edit.Entry) entry {
	one := entry{ID: t.ID, Time: t.Time, Who: t.Who, What: text(pieceName(tree, t)), Before: t.Before, After: t.After, Why: t.Why}
	if t.Ref.ID != "" {
		one.To = "/edit/" + string(t.Ref.ID) + "/en"
	} else {
		one.To = e.toFile(tree, t.File, 1)
	}
	return one
}

// history answers with what was changed, newest first, of all or of one thing (?of=);
// ?from= is how many to leave out.
func (e *Editor) history(r *http.Request) (any, error) {
	from, _ := strconv.Atoi(r.FormValue("from"))
	all, found := e.entries(r.FormValue("of"))
	out := []entry{}
	tree := e.tree()
	for i, t := range all {
		if i < from || len(out) == pageful {
			continue
		}
		out = append(out, e.shownEntry(tree, t))
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

// restore puts back what stood there at the end of a day, of all or of one thing. Unless
// Really is set it tells what it would put back, and writes nothing.
func (e *Editor) restore(r *http.Request) (any, error) {
	var in struct {
		Of     string `json:"of"`
		Day    string `json:"day"`
		Really bool   `json:"really"`
	}
	if err := take(r, 4<<10, &in); err != nil {
		return nil, err
	}
	day, err := time.ParseInLocation(time.DateOnly, in.Day, time.Local)
	if err != nil {
		return nil, diag.Diagnostic{Check: "edit", Fact: diag.Text("日期写成 2026-11-28，不是“%s”", "a date is written 2026-11-28, not “%s”", in.Day), Hint: diag.Text("请改日期。", "Change the date.")}
	}
	at := day.AddDate(0, 0, 1).Add(-time.Nanosecond)
	var refs []edit.Ref
	all, _ := e.entries(in.Of)
	for _, t := range all {
		if t.Time.After(at) && !slices.Contains(refs, t.Ref) {
			refs = append(refs, t.Ref)
		}
	}
	if len(refs) == 0 {
		return map[string]any{"entries": []entry{}}, nil
	}
	if in.Really {
		done, err := e.o.Desk.Restore(r.Context(), at, refs...)
		if err != nil {
			return nil, err
		}
		e.changed()
		return map[string]any{"done": outcomes(done, nil)}, nil
	}
	list, err := e.o.Desk.Restoring(at, refs...)
	if err != nil {
		return nil, err
	}
	out := []entry{}
	for _, t := range list {
		out = append(out, e.shownEntry(e.tree(), t))
	}
	return map[string]any{"entries": out}, nil
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
