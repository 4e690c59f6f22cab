package editor

import (
	"net/http"
	"path"
	"strings"
	"time"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// begin makes the two files of a new update, page, topic, place or body, as the command
// new does, and answers with where they are edited.
func (e *Editor) begin(r *http.Request) (any, error) {
	var in struct {
		Kind     string   `json:"kind"`
		Name     string   `json:"name"`
		Title    text     `json:"title"`
		Brief    text     `json:"brief"`
		Date     string   `json:"date"`
		Source   string   `json:"source"`
		Measures []string `json:"measures"`
		Sign     string   `json:"sign"`
		Place    string   `json:"place"`
		Parent   string   `json:"parent"`
		Body     string   `json:"body"`
	}
	if err := take(r, maxText, &in); err != nil {
		return nil, err
	}
	b := content.Beginning{Kind: in.Kind, Name: strings.TrimSpace(in.Name), Title: plan.Text(in.Title), Description: plan.Text(in.Brief), Source: in.Source, Sign: in.Sign,
		Place: plan.PlaceKind(in.Place), Parent: in.Parent, Body: plan.BodyKind(in.Body)}
	for _, id := range in.Measures {
		if id = strings.TrimSpace(id); id != "" {
			b.Measures = append(b.Measures, plan.ID(id))
		}
	}
	switch in.Kind {
	case "update":
		day, err := time.Parse(time.DateOnly, in.Date)
		if err != nil {
			return nil, refused(diag.Text("日期写成 2026-11-28，不是“%s”", "a date is written 2026-11-28, not “%s”", in.Date), diag.Text("请改日期。", "Change the date."))
		}
		if len(b.Measures) == 0 {
			return nil, refused(diag.Text("动态要写明涉及哪些句子", "an update names the sentences that it is about"), diag.Text("请选至少一句。", "Choose one at least."))
		}
		b.Date, b.Name = day, in.Date+"-"+b.Name
	case "place":
		b.Short = b.Title
	case "page", "topic", "body":
	default:
		return nil, notThere(in.Kind)
	}
	files, found := e.tree().New(b)
	if len(found) > 0 {
		return nil, found
	}
	changes := make([]edit.Change, len(files))
	for i, f := range files {
		name := path.Join("content", f.Name)
		if e.tree().Document(name) != nil {
			return nil, refused(diag.Text("已经有 %s", "there is a %s already", name), diag.Text("请换一个名称。", "Choose another name."))
		}
		changes[i] = edit.Change{Ref: edit.Ref{File: name, Field: edit.Whole}, Text: strings.TrimRight(string(f.Data), "\n"), Why: "new"}
	}
	all, err := e.o.Desk.SaveAll(r.Context(), "", changes...)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if one.Err != nil {
			return nil, one.Err
		}
	}
	e.changed()
	name := strings.TrimSuffix(files[0].Name, ".zh.md")
	return map[string]string{"to": "/edit/page/" + name + "?lang=" + string(e.lang(r))}, nil
}

// cities answers with those that a county may belong to.
func (e *Editor) cities(*http.Request) (any, error) {
	list := []hub{}
	for _, p := range e.tree().Plan.Places {
		if p.Kind == plan.City {
			list = append(list, hub{p.ID, text(p.Title)})
		}
	}
	return list, nil
}

func refused(fact, hint plan.Text) error {
	return diag.Diagnostic{Check: "new", Fact: fact, Hint: hint}
}
