package editor

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"image/png"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// The guide for people who edit: guide/zh.md and guide/en.md, which say the same, with
// pictures that a browser test takes of this editor. Where it explains what a check
// finds, a line names the checks ("检查：`names`"), and findings lead there.

//go:embed guide
var guideFiles embed.FS

// chapter is a heading of the guide.
type chapter struct {
	Level     int
	ID, Title string
	Parts     []chapter
	checks    []string // that it explains
}

var (
	guideHeading = regexp.MustCompile(`^(##+) (.+) \{#([a-z-]+)\}$`)
	guideChecks  = regexp.MustCompile("^(?:检查：|Checks: )(`[a-z`\\- ]+`)$")
	guidePicture = regexp.MustCompile(`<img src="(pictures/[a-z-]+\.png)"`)
)

func guideText(l plan.Lang) (string, error) {
	data, err := guideFiles.ReadFile("guide/" + string(l) + ".md")
	return string(data), err
}

// guideChapters lists the chapters of a guide, each with its parts.
func guideChapters(text string) (list []chapter) {
	var last *chapter
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := guideHeading.FindStringSubmatch(line); m != nil {
			c := chapter{Level: len(m[1]), ID: m[3], Title: m[2]}
			if c.Level == 2 || len(list) == 0 {
				list = append(list, c)
				last = &list[len(list)-1]
			} else {
				parts := &list[len(list)-1].Parts
				*parts = append(*parts, c)
				last = &(*parts)[len(*parts)-1]
			}
		} else if m := guideChecks.FindStringSubmatch(line); m != nil && last != nil {
			last.checks = append(last.checks, strings.Fields(strings.ReplaceAll(m[1], "`", ""))...)
		}
	}
	return list
}

// explained is where the guide explains each check: the id of a heading.
var explained = sync.OnceValue(func() map[string]string {
	at := map[string]string{}
	text, _ := guideText(plan.ZH) // it is embedded
	for _, c := range guideChapters(text) {
		for _, part := range append(c.Parts, c) {
			for _, id := range part.checks {
				at[id] = part.ID
			}
		}
	}
	return at
})

var guidePage = template.Must(template.ParseFS(guideFiles, "guide/guide.html"))

// guide answers with the guide in the language of the address, or leads to one: with
// ?check= to where that check is explained.
func (e *Editor) guide(w http.ResponseWriter, r *http.Request) {
	l := plan.Lang(r.PathValue("lang"))
	if l != plan.ZH && l != plan.EN {
		to := "/edit/guide/" + string(e.lang(r))
		if check := r.FormValue("check"); check != "" {
			to += "#" + cmp.Or(explained()[check], "mend")
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	page, err := renderGuide(l)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page)
}

func renderGuide(l plan.Lang) ([]byte, error) {
	text, err := guideText(l)
	if err != nil {
		return nil, err
	}
	body, err := content.Show(text, func(to string) string { return to })
	if err != nil {
		return nil, err
	}
	body = guidePicture.ReplaceAllStringFunc(body, func(tag string) string {
		// Its size, so that nothing moves while pictures load.
		if f, err := guideFiles.Open("guide/" + guidePicture.FindStringSubmatch(tag)[1]); err == nil {
			defer f.Close()
			if c, err := png.DecodeConfig(f); err == nil {
				tag += fmt.Sprintf(` width="%d" height="%d"`, c.Width, c.Height)
			}
		}
		return tag + ` loading="lazy"`
	})
	var b bytes.Buffer
	err = guidePage.Execute(&b, map[string]any{
		"ZH": l == plan.ZH, "Lang": string(l), "Tag": l.Tag(), "Chapters": guideChapters(text), "Body": template.HTML(body), // made of our own Markdown
	})
	return b.Bytes(), err
}

func (e *Editor) guidePicture(w http.ResponseWriter, r *http.Request) {
	data, err := guideFiles.ReadFile(path.Join("guide/pictures", r.PathValue("name")))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Write(data)
}
