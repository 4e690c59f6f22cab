package editor

import (
	"cmp"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// tally is how a part of the content stands.
type tally struct {
	Missing  int `json:"missing,omitempty"` // sentences without English
	Stale    int `json:"stale,omitempty"`   // whose English is of an earlier Chinese
	Errors   int `json:"errors,omitempty"`
	Warnings int `json:"warnings,omitempty"`
}

// divisionLine is a division of the plan in the overview.
type divisionLine struct {
	Name    string `json:"name"` // p, c1, s3
	Chapter int    `json:"chapter,omitempty"`
	Title   text   `json:"title"`
	Units   int    `json:"units"`
	tally
}

// pageLine is a page in the overview.
type pageLine struct {
	Name   string `json:"name"` // below the content folder, without language
	Kind   string `json:"kind"` // topics, places, bodies, updates, pages, or "" for what introduces a list
	Title  text   `json:"title"`
	Draft  bool   `json:"draft,omitempty"`
	Future string `json:"future,omitempty"`
	Lacks  string `json:"lacks,omitempty"` // the language that it does not have
	tally
}

type author struct {
	Name string `json:"name"`
	Said bool   `json:"said"`
}

func thisAuthor() author {
	name, said := edit.Author()
	return author{name, said}
}

// overview answers with everything that there is, and how it stands.
func (e *Editor) overview(*http.Request) (any, error) {
	tree := e.tree()
	p := tree.Plan
	parts, other := tallies(e.findings())
	var lines []divisionLine
	for _, d := range divisions(p) {
		line := divisionLine{Name: d.name, Chapter: d.chapter, Title: text(d.title), Units: len(d.units), tally: parts[d.name]}
		if d.name == "p" { // the plan's title stands above all
			line.Title = text{ZH: "序言", EN: "Preamble"}
		}
		delete(parts, d.name)
		for _, u := range d.units {
			switch {
			case u.Text.EN == "":
				line.Missing++
			case u.Translation == plan.Stale:
				line.Stale++
			}
		}
		lines = append(lines, line)
	}
	pages := e.pages(tree, parts)
	terms := struct {
		Count int `json:"count"`
		tally
	}{len(p.Terms), parts["termbase.csv"]}
	delete(parts, "termbase.csv")
	for _, d := range e.findings() {
		if d.Check == "encoding" { // what cannot be read is nowhere else
			other = append(diag.List{d}, other...)
			continue
		}
		if _, left := parts[partOf(d)]; left {
			other = append(other, d)
		}
	}
	return map[string]any{
		"author": thisAuthor(), "title": text(p.Title), "divisions": lines, "pages": pages, "terms": terms, "other": shown(other),
	}, nil
}

// partOf is the part of the content that a finding is about, as content.PartOf names it;
// "" for what stands elsewhere.
func partOf(d diag.Diagnostic) string {
	inner, inside := strings.CutPrefix(d.File, "content/")
	if !inside {
		return ""
	}
	return content.PartOf(inner)
}

// inFile are the findings about a file.
func inFile(list diag.List, file string) (here diag.List) {
	for _, d := range list {
		if d.File == file {
			here = append(here, d)
		}
	}
	return here
}

// tallies counts findings by the part of the content that they are about; other are
// those about something else.
func tallies(list diag.List) (parts map[string]tally, other diag.List) {
	parts = map[string]tally{}
	for _, d := range list {
		name := partOf(d)
		if name == "" {
			other = append(other, d)
			continue
		}
		t := parts[name]
		if d.Severity == diag.Warning {
			t.Warnings++
		} else {
			t.Errors++
		}
		parts[name] = t
	}
	return parts, other
}

// pages lists the Markdown files outside of the plan, both languages as one, and takes
// what is about them out of parts.
func (e *Editor) pages(tree *content.Tree, parts map[string]tally) []pageLine {
	byName := map[string]*pageLine{}
	langs := map[string]string{}
	today := time.Now().Format(time.DateOnly)
	var list []*pageLine
	for _, d := range tree.Documents() {
		if !d.IsMarkdown() || d.InPlan() {
			continue
		}
		page := d.Page()
		line := byName[page.Name]
		if line == nil {
			kind, _, _ := strings.Cut(page.Name, "/")
			if strings.Count(page.Name, "/") == 1 && path.Base(page.Name) == "_index" || page.Name == "_index" {
				kind = "" // it introduces a list, or is the home page
			}
			line = &pageLine{Name: page.Name, Kind: kind}
			part := content.PartOf(page.Name)
			line.tally = parts[part]
			delete(parts, part)
			byName[page.Name] = line
			list = append(list, line)
		}
		langs[page.Name] += string(d.Lang)
		title := plan.Text(line.Title)
		title.Set(d.Lang, d.Value("title"))
		line.Title = text(title)
		line.Draft = line.Draft || page.Draft
		if day := d.Value("date"); day > today {
			line.Future = day
		}
	}
	out := make([]pageLine, 0, len(list))
	for _, line := range list {
		switch langs[line.Name] {
		case "zh":
			line.Lacks = "en"
		case "en":
			line.Lacks = "zh"
		}
		out = append(out, *line)
	}
	slices.SortStableFunc(out, func(a, b pageLine) int {
		if a.Kind == "updates" && b.Kind == "updates" {
			return cmp.Compare(b.Name, a.Name) // newest first
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return out
}

// place answers with where in the editor something is changed: what stands at
// ?at=FILE:LINE:COL, or the site's page ?page=/zh/m/s3-2/.
func (e *Editor) place(r *http.Request) (any, error) {
	tree := e.tree()
	if at := r.FormValue("at"); at != "" {
		file, rest, _ := strings.Cut(at, ":")
		number, _, _ := strings.Cut(rest, ":")
		line, _ := strconv.Atoi(number)
		return map[string]string{"to": e.toFile(tree, file, line)}, nil
	}
	address, _, _ := strings.Cut(r.FormValue("page"), "?")
	address = strings.TrimSuffix(address, "index.html")
	lang, rest, _ := strings.Cut(strings.TrimPrefix(address, "/"), "/")
	rest = strings.TrimSuffix(rest, "/")
	parts := strings.Split(rest, "/")
	if parts[0] == "m" && len(parts) > 1 {
		if _, _, _, err := plan.ID(parts[1]).Parse(); err == nil {
			return map[string]string{"to": "/edit/" + parts[1] + "/en"}, nil
		}
	}
	if parts[0] == "plan" {
		if len(parts) > 1 && parts[1] != "parallel" && !strings.HasPrefix(parts[1], "part-") {
			return map[string]string{"to": "/edit/" + parts[1]}, nil
		}
		return map[string]string{"to": "/edit/p"}, nil
	}
	if parts[0] == "glossary" {
		return map[string]string{"to": "/edit/terms"}, nil
	}
	for _, d := range tree.Documents() {
		if d.IsMarkdown() && !d.InPlan() && string(d.Lang) == lang && d.Path() == address {
			return map[string]string{"to": "/edit/page/" + d.Page().Name + "?lang=" + lang}, nil
		}
	}
	if len(parts) > 1 && (parts[0] == "topics" || parts[0] == "places" || parts[0] == "bodies") { // a part of a hub
		return map[string]string{"to": "/edit/page/" + parts[0] + "/" + parts[1] + "/_index?lang=" + lang}, nil
	}
	return map[string]string{"to": "/edit/"}, nil
}

// toFile is where a line of a file is changed.
func (e *Editor) toFile(tree *content.Tree, file string, line int) string {
	d := tree.Document(file)
	switch {
	case d == nil:
		return "/edit/"
	case !d.IsMarkdown():
		if strings.HasSuffix(file, "termbase.csv") {
			return "/edit/terms"
		}
		return "/edit/"
	case !d.InPlan():
		return "/edit/page/" + d.Page().Name + "?lang=" + string(d.Lang)
	}
	to := content.PartOf(strings.TrimPrefix(file, "content/"))
	if id := unitAt(tree, tree.Plan.Units(), diag.Pos{File: file, Line: line}); id != "" {
		to = string(id) + "/en"
	}
	return "/edit/" + to
}
