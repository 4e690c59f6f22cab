// Package editor is what stands at /edit/ of the preview: people change the English of
// sentences, their tags, hubs, updates, pages and terms in the browser, see what the
// checks say at once, and never touch a file. The plan's Chinese is shown and cannot be
// changed.
//
// # How it is built
//
// Every address below /edit/ that is not data or a file of the editor answers with one
// page; its script (assets/, plain JavaScript, no framework) asks for JSON and shows it.
// What a person has typed is theirs: the script never replaces the text of a field that
// has the focus or was changed, keeps it in the browser until it is saved, and leaves
// undo, spelling and input methods to the browser, because fields are <textarea>s.
//
// Saving is package edit's: one piece at a time, with the hash of what the person saw.
// Findings beside a sentence come from one call of the checks on it (check.Sentence), not
// from a build. Who may ask at all is the preview's business (preview/guard.go).
//
// # Reading order
//
// The server in this file; what the overview shows in overview.go; a division with its
// sentences in division.go; pages, hubs and terms in page.go; saving and judging in
// save.go; the journal and who else is there in history.go; what has changed since a
// release, and recording it, in record.go; pictures in image.go; new
// pages in begin.go; what is pasted in paste.go; translators' files in translators.go;
// another edition of the plan in edition.go; publishing by button in publish.go; the
// guide, its texts and pictures (guide/) in guide.go.
package editor

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// Options say what an editor works on.
type Options struct {
	Dir  string
	Lang plan.Lang // in which it speaks where a request does not say
	Desk *edit.Desk

	Publisher Publisher // nil where nobody publishes from here
	Recorder  Recorder  // nil where nothing is compared and recorded
}

// Editor answers below /edit/.
type Editor struct {
	o     Options
	mux   *http.ServeMux
	job   job
	found struct {
		sync.Mutex
		list diag.List // of the last build
	}
	read struct {
		sync.Mutex
		tree *content.Tree // nil after a change
	}
}

//go:embed assets
var assets embed.FS

// maxText is how many bytes a request may bring that is no picture.
const maxText = 1 << 20

// New makes an editor.
func New(o Options) *Editor {
	e := &Editor{o: o, mux: http.NewServeMux()}
	e.mux.HandleFunc("GET /edit/", e.page)
	e.mux.HandleFunc("GET /edit/assets/{name}", e.asset)
	e.mux.HandleFunc("GET /edit/guide/{$}", e.guide)
	e.mux.HandleFunc("GET /edit/guide/{lang}", e.guide)
	e.mux.HandleFunc("GET /edit/guide/pictures/{name}", e.guidePicture)
	e.mux.HandleFunc("GET /edit/api/export", e.export)
	for path, answer := range map[string]func(*http.Request) (any, error){
		"GET /edit/api/overview":        e.overview,
		"GET /edit/api/division/{name}": e.division,
		"GET /edit/api/page":            e.pair,
		"GET /edit/api/terms":           e.terms,
		"GET /edit/api/measures":        e.measures,
		"GET /edit/api/cities":          e.cities,
		"GET /edit/api/place":           e.place,
		"GET /edit/api/history":         e.history,
		"POST /edit/api/restore":        e.restore,
		"GET /edit/api/record":          e.changedSince,
		"POST /edit/api/record":         e.record,
		"GET /edit/api/targets":         e.targets,
		"GET /edit/api/publish":         e.publishing,
		"POST /edit/api/publish":        e.publish,
		"POST /edit/api/undo":           e.undo,
		"POST /edit/api/here":           e.here,
		"POST /edit/api/save":           e.save,
		"POST /edit/api/accept":         e.accept,
		"POST /edit/api/judge":          e.judge,
		"POST /edit/api/show":           e.show,
		"POST /edit/api/author":         e.author,
		"POST /edit/api/image":          e.image,
		"POST /edit/api/edition":        e.edition,
		"POST /edit/api/new":            e.begin,
		"POST /edit/api/translated":     e.translated,
		"POST /edit/api/paste":          e.paste,
		"POST /edit/api/convert":        e.convert,
	} {
		e.mux.HandleFunc(path, answered(answer))
	}
	return e
}

func (e *Editor) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.mux.ServeHTTP(w, r) }

// Built takes what the last build has found.
func (e *Editor) Built(found diag.List) {
	e.found.Lock()
	e.found.list = found
	e.found.Unlock()
	e.changed()
}

// changed has the content read again when it is next asked for.
func (e *Editor) changed() {
	e.read.Lock()
	e.read.tree = nil
	e.read.Unlock()
}

// tree is the content as it stands.
func (e *Editor) tree() *content.Tree {
	e.read.Lock()
	defer e.read.Unlock()
	if e.read.tree == nil {
		e.read.tree, _ = e.sound() // what is wrong with it is among the findings
	}
	return e.read.tree
}

// findings are those of the last build.
func (e *Editor) findings() diag.List {
	e.found.Lock()
	defer e.found.Unlock()
	return e.found.list
}

// page is the one page of the editor; its script sees to the rest.
func (e *Editor) page(w http.ResponseWriter, r *http.Request) {
	data, err := assets.ReadFile("assets/editor.html")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	lang := e.lang(r)
	io.WriteString(w, strings.NewReplacer("LANGUAGE", string(lang), "TAG", lang.Tag()).Replace(string(data)))
}

// lang is the language of a request: the server before the editor writes there what a
// person has chosen.
func (e *Editor) lang(r *http.Request) plan.Lang {
	if l := plan.Lang(r.Header.Get("Accept-Language")); l == plan.ZH || l == plan.EN {
		return l
	}
	return cmp.Or(e.o.Lang, plan.ZH)
}

func (e *Editor) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	kinds := map[string]string{".js": "text/javascript", ".css": "text/css"}
	data, err := assets.ReadFile("assets/" + name)
	if err != nil || kinds[path.Ext(name)] == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kinds[path.Ext(name)]+"; charset=utf-8")
	w.Write(data)
}

// text is a text in both languages, as the script gets it.
type text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// finding is a diagnostic, as the script gets it.
type finding struct {
	Where   string `json:"where"`
	Check   string `json:"check"`
	Fact    text   `json:"fact"`
	Hint    text   `json:"hint"`
	Warning bool   `json:"warning"`
	Guide   string `json:"guide,omitempty"` // where the guide explains it
}

func shown(list diag.List) []finding {
	out := make([]finding, 0, len(list))
	for _, d := range list {
		out = append(out, finding{d.Pos.String(), d.Check, text(d.Fact), text(d.Hint), d.Severity == diag.Warning, explained()[d.Check]})
	}
	return out
}

// answered makes a handler of a function: its value is the answer, its error a list of
// findings with status 422, or 404 where something is not there.
func answered(answer func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := answer(r)
		status := http.StatusOK
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			status, err = http.StatusRequestEntityTooLarge, diag.Diagnostic{Check: "edit",
				Fact: diag.Text("内容太大，最多 %d KB", "this is too large: at most %d KB", tooLarge.Limit>>10),
				Hint: diag.Text("请分成几部分。", "Divide it.")}
		case errors.Is(err, errNotThere):
			status = http.StatusNotFound
		case err != nil:
			status = http.StatusUnprocessableEntity
		}
		if err != nil {
			v = map[string]any{"findings": shown(diag.From(err))}
		}
		data, err := json.Marshal(v)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		w.Write(data)
	}
}

// errNotThere is in the chain of errors about something that does not exist.
var errNotThere = errors.New("not there")

func notThere(what string) error {
	return fmt.Errorf("%w: %w", errNotThere, diag.Diagnostic{Check: "edit",
		Fact: diag.Text("没有“%s”", "there is no “%s”", what), Hint: diag.Text("请从总览进去。", "Start from the overview.")})
}

// take reads what a request brings.
func take(r *http.Request, limit int64, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, limit))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var tooLarge *http.MaxBytesError
	if err == nil || errors.As(err, &tooLarge) {
		return err
	}
	return diag.Diagnostic{Check: "edit", Fact: diag.Text("读不懂送来的内容：%v", "what was sent cannot be read: %v", err),
		Hint: diag.Text("请重新载入这一页；没有保存的文字会留着。", "Load this page again; text that was not saved is kept.")}
}
