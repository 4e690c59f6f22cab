package editor

import (
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"testing/fstest"

	"minxi/generator/internal/address"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// over is the content as it would be, over the project's other files.
type over struct {
	content fstest.MapFS
	rest    fs.FS
}

func (o over) Open(name string) (fs.File, error) {
	if name == "content" || strings.HasPrefix(name, "content/") {
		return o.content.Open(name)
	}
	return o.rest.Open(name)
}

// pair answers with a page in both languages: ?name= is its path below the content
// folder, without language.
func (e *Editor) pair(r *http.Request) (any, error) {
	name := r.FormValue("name")
	if !fs.ValidPath(name) || strings.HasPrefix(name, "plan/") {
		return nil, notThere(name)
	}
	tree := e.tree()
	files := map[plan.Lang]any{}
	findings := map[plan.Lang][]finding{}
	for _, l := range plan.Langs {
		file := "content/" + name + "." + string(l) + ".md"
		d := tree.Document(file)
		if d == nil {
			continue
		}
		page, err := e.o.Desk.Page(file)
		if err != nil {
			return nil, err
		}
		files[l] = map[string]any{"page": page, "url": d.Path(), "draft": d.Page().Draft}
		findings[l] = shown(inFile(e.findings(), file))
	}
	if len(files) == 0 {
		return nil, notThere(name)
	}
	kind, _, _ := strings.Cut(name, "/")
	return map[string]any{"name": name, "kind": kind, "files": files, "findings": findings, "author": thisAuthor()}, nil
}

// sentenceID is what a link by id looks like, as the site and the checks have it.
var sentenceID = regexp.MustCompile(`^(?:p-[0-9]+|[cs][0-9]+(?:-[0-9]+)?)$`)

// show answers with a body as readers will see it.
func (e *Editor) show(r *http.Request) (any, error) {
	var in struct {
		File string    `json:"file"`
		Lang plan.Lang `json:"lang"`
		Text string    `json:"text"`
	}
	if err := take(r, maxText, &in); err != nil {
		return nil, err
	}
	if in.Lang != plan.EN {
		in.Lang = plan.ZH
	}
	tree := e.tree()
	from := tree.Document(in.File)
	html, err := content.Show(in.Text, func(to string) string {
		if from != nil {
			if d := tree.Linked(from, to); d != nil {
				return d.Path()
			}
		}
		if !sentenceID.MatchString(to) {
			return to
		}
		if strings.Contains(to, "-") {
			return address.In(in.Lang).Unit(plan.ID(to))
		}
		return address.In(in.Lang).Division(to)
	})
	return map[string]string{"html": html}, err
}

// terms answers with the termbase, row by row.
func (e *Editor) terms(*http.Request) (any, error) {
	const file = "content/termbase.csv"
	d := e.tree().Document(file)
	if d == nil {
		return nil, notThere("termbase.csv")
	}
	columns := d.Heading()
	type line struct {
		Cells map[string]edit.Version `json:"cells"`
	}
	lines := []line{}
	for _, r := range d.Rows() {
		one := line{map[string]edit.Version{}}
		for _, c := range columns {
			text := r.Cell(c)
			one.Cells[c] = edit.Version{Ref: edit.Ref{File: file, Row: r.Cell(columns[0]), Field: c}, Text: text, Hash: plan.Hash(text)}
		}
		lines = append(lines, one)
	}
	return map[string]any{"columns": columns, "rows": lines, "findings": shown(inFile(e.findings(), file)), "author": thisAuthor(), "file": path.Base(file)}, nil
}

// author keeps the name of whoever works here.
func (e *Editor) author(r *http.Request) (any, error) {
	var in struct {
		Name string `json:"name"`
	}
	if err := take(r, 4<<10, &in); err != nil {
		return nil, err
	}
	if name := strings.TrimSpace(in.Name); name == "" || len(name) > 200 {
		return nil, diag.Diagnostic{Check: "edit", Fact: diag.Text("名字是空的或太长", "the name is empty or too long"), Hint: diag.Text("写您的姓名。", "Write your name.")}
	}
	if err := edit.SetAuthor(in.Name); err != nil {
		return nil, err
	}
	return thisAuthor(), nil
}
