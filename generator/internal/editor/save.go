package editor

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"minxi/generator/internal/check"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// change is what a person saves of one piece.
type change struct {
	Ref    edit.Ref `json:"ref"`
	Text   string   `json:"text"`
	Base   string   `json:"base"`
	Accept bool     `json:"accept"`
	Words  string   `json:"words"` // that were read, of the name of a reading
}

// outcome is what has become of it: one of these.
type outcome struct {
	Saved    *edit.Saved    `json:"saved,omitempty"`
	Conflict *edit.Conflict `json:"conflict,omitempty"`
	Findings []finding      `json:"findings,omitempty"`
}

// save writes changes that belong together.
func (e *Editor) save(r *http.Request) (any, error) {
	var in struct {
		Changes []change `json:"changes"`
	}
	if err := take(r, maxText, &in); err != nil {
		return nil, err
	}
	list := make([]edit.Change, len(in.Changes))
	for i, c := range in.Changes {
		list[i] = edit.Change{Ref: c.Ref, Text: c.Text, Base: c.Base, Accept: c.Accept, Words: c.Words}
		if c.Accept {
			list[i].Why = "edited beside the Chinese"
		}
	}
	all, err := e.o.Desk.SaveAll(r.Context(), "", list...)
	if err != nil && len(all) < len(list) {
		return nil, err
	}
	e.changed()
	return outcomes(all, err), nil
}

// outcomes are what has become of changes; err is why some may not have been written.
func outcomes(all []edit.Outcome, err error) []outcome {
	out := make([]outcome, len(all))
	for i, one := range all {
		var conflict *edit.Conflict
		switch {
		case errors.As(one.Err, &conflict):
			out[i].Conflict = conflict
		case one.Err != nil:
			out[i].Findings = shown(diag.From(one.Err))
		case err != nil:
			out[i].Findings = shown(diag.From(err)) // whether it was written is told by reading it again
		default:
			out[i].Saved = &one.Saved
		}
	}
	return out
}

// accept enters the English of a sentence in the ledger as still right.
func (e *Editor) accept(r *http.Request) (any, error) {
	var in struct {
		ID  plan.ID `json:"id"`
		Why string  `json:"why"`
	}
	if err := take(r, maxText, &in); err != nil {
		return nil, err
	}
	done, err := e.o.Desk.Accept(r.Context(), []plan.ID{in.ID}, in.Why)
	if err != nil {
		return nil, err
	}
	e.changed()
	return map[string]any{"accepted": done, "time": time.Now()}, nil
}

// judge tells what the checks say of a text that was not saved.
func (e *Editor) judge(r *http.Request) (any, error) {
	var in struct {
		Ref  edit.Ref `json:"ref"`
		Text string   `json:"text"`
	}
	if err := take(r, maxText, &in); err != nil {
		return nil, err
	}
	text := strings.TrimSpace(strings.ReplaceAll(in.Text, "\r\n", "\n"))
	tree := e.tree()
	if in.Ref.ID != "" {
		return shown(judgeSentence(tree, in.Ref, text)), nil
	}
	return shown(e.judgePage(tree, in.Ref, text)), nil
}

func judgeSentence(tree *content.Tree, ref edit.Ref, text string) diag.List {
	if ref.Field != edit.English || text == "" {
		return nil
	}
	all := divisions(tree.Plan)
	i := slices.IndexFunc(all, func(d division) bool { return d.name == divisionName(string(ref.ID)) })
	if i < 0 {
		return nil
	}
	doc := tree.Document(all[i].file + ".en.md")
	if doc == nil {
		return nil
	}
	order := make([]plan.ID, len(all[i].units))
	for i, u := range all[i].units {
		order[i] = u.ID
	}
	data, err := doc.SetSentence(ref.ID, text, order)
	if err != nil {
		return diag.From(err)
	}
	return check.Sentence(tree, ref.ID, plan.EN, data)
}

// judgePage judges a page as a whole, with all of the content, because its links and its
// counterpart in the other language count.
func (e *Editor) judgePage(tree *content.Tree, ref edit.Ref, text string) diag.List {
	doc := tree.Document(ref.File)
	if doc == nil || !doc.IsMarkdown() || doc.InPlan() {
		return nil
	}
	var data []byte
	var err error
	if ref.Field == edit.Body {
		data, err = doc.SetProse(text)
	} else {
		data, err = doc.SetField(ref.Field, text)
	}
	if err != nil {
		return diag.From(err)
	}
	fsys := fstest.MapFS{}
	for _, d := range tree.Documents() {
		fsys[d.Name] = &fstest.MapFile{Data: d.Data}
	}
	fsys[doc.Name] = &fstest.MapFile{Data: data}
	changed, found := content.Load(fsys, "content")
	found = append(found, check.Run(check.Input{FS: over{fsys, os.DirFS(e.o.Dir)}, Tree: changed, Drafts: true})...).Sort()
	return inFile(found, doc.Name)
}
