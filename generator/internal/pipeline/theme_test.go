package pipeline

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// notNeeded are the files of the theme that a build can do without: nothing that
// readers get is made with them.
var notNeeded = map[string]bool{
	"theme.toml":                   true, // about the theme, for people
	"layouts/components.html":      true, // in the preview only
	"layouts/section.html":         true, // of folders that people add under content/
	"layouts/updates/section.html": true, // section.html lists the updates too
}

// TestHarmlessThemeChanges must not be told of: a comment, a partial that nobody
// uses, a layout of the project's own over the theme's, a text that nobody asks for.
func TestHarmlessThemeChanges(t *testing.T) {
	dir := little(t, map[string]string{
		"themes/minxi/layouts/_partials/unused.html": "{{/* Nobody takes this. */}}x",
		"layouts/page.html":                          "{{ define \"main\" }}<h1>{{ .Title }}</h1>{{ .Content }}{{ end }}",
		"i18n/en.toml":                               "unused = \"x\"\n",
	})
	if err := os.Remove(filepath.Join(dir, "themes", "minxi", "layouts", "page.html")); err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(dir, "themes", "minxi", "layouts", "unit.html")
	data, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	write(t, unit, strings.Replace(string(data), "{{ define \"main\" }}", "{{ define \"main\" }}{{/* another comment */}}", 1))
	var out Memory
	if _, err := Build(context.Background(), Options{Dir: dir, NoCheck: true}, &out); err != nil {
		t.Error(err)
	}
}

// TestThemeMistakesHideNothing breaks the theme and the content at once: in the
// preview both are told.
func TestThemeMistakesHideNothing(t *testing.T) {
	dir := little(t)
	if err := os.RemoveAll(filepath.Join(dir, "content", "topics")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "themes", "minxi", "layouts", "page.html"), "{{ define \"main\" }}{{ .NoSuchField }}{{ end }}")
	var out Memory
	_, err := Build(context.Background(), Options{Dir: dir, Preview: true, Tolerant: true, Drafts: true}, &out)
	found := diag.From(err)
	for _, want := range []string{"content/topics", "themes/minxi/layouts/page.html:1:"} {
		if !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return strings.HasPrefix(d.Pos.String(), want) }) {
			t.Errorf("no finding at %s:\n%v", want, found)
		}
	}
}

// TestThemeFileGone deletes every file of the theme in turn. The build has to fail
// and to name the file, or the file is not needed.
func TestThemeFileGone(t *testing.T) {
	dir := little(t, littleUpdate)
	tree, _ := content.Load(os.DirFS(dir), "content")
	rows := plan.Ledger{{ID: "s1-7", State: plan.Withdrawn, ZH: plan.Hash("旧。"), Text: plan.Text{ZH: "旧。"}, Why: "试"}, {ID: "s1-8", State: plan.Moved, To: []plan.ID{"s1-1"}, ZH: plan.Hash("旧。"), Text: plan.Text{ZH: "旧。"}, Why: "试"}}
	for u := range tree.Plan.Units() {
		rows = append(rows, plan.Entry{ID: u.ID, State: plan.Live, ZH: plan.Hash(u.Text.ZH), Text: plan.Text{ZH: u.Text.ZH}})
	}
	write(t, filepath.Join(dir, "content", "ledger.csv"), string(content.FormatLedger(rows)))
	build := func() (diag.List, map[string][]byte) {
		var out Memory
		_, err := Build(context.Background(), Options{Dir: dir, NoCheck: true}, &out)
		return diag.From(err), out.Files()
	}
	found, whole := build()
	if len(found) > 0 {
		t.Fatal(found)
	}
	theme := filepath.Join(dir, "themes", "minxi")
	var files []string
	err := filepath.WalkDir(theme, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, name)
		}
		return err
	})
	if err != nil || len(files) < 90 {
		t.Fatal(len(files), err)
	}
	for _, name := range files {
		rel, _ := filepath.Rel(dir, name)
		rel = filepath.ToSlash(rel)
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		found, files := build()
		short := strings.TrimPrefix(rel, "themes/minxi/")
		switch {
		case notNeeded[short]:
			if len(found) > 0 || len(files) != len(whole) {
				t.Errorf("without %s, which nobody needs: %v", short, found)
			}
		case len(found) == 0:
			t.Errorf("without %s: built", short)
		case !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.File == rel && d.Hint.ZH != "" }):
			t.Errorf("without %s: the file is not named:\n%v", short, found)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
