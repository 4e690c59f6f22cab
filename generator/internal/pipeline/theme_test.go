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
