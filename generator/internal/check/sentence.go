package check

import (
	"slices"
	"strings"
	"testing/fstest"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Sentence judges one sentence as if its file, a document of tree, had other bytes: it
// tells what every check has to say of the lines where the sentence stands. What it
// reads beside that file is what sentences are judged by, its division in both
// languages, terms and hubs, so that it costs no more where a plan is longer.
func Sentence(tree *content.Tree, id plan.ID, lang plan.Lang, data []byte) diag.List {
	division := divisionOf(string(id))
	fsys := fstest.MapFS{}
	name := ""
	for _, d := range tree.Documents() {
		inner := strings.TrimPrefix(d.Name, contentDir+"/")
		part := content.PartOf(inner)
		switch {
		case !d.InPlan():
			folder, _, _ := strings.Cut(inner, "/")
			hub := slices.Contains([]string{"topics", "places", "bodies"}, folder) && d.IsMarkdown()
			if !hub && inner != "termbase.csv" {
				continue
			}
		case part == division && d.Lang == lang:
			name = d.Name
		case part != division && !strings.HasSuffix(inner, "/_index.zh.md") && !strings.HasSuffix(inner, "/_index.en.md"):
			continue
		}
		text := d.Data
		if part != division && d.IsMarkdown() {
			text = text[:d.Body] // what stands at its top
		}
		fsys[d.Name] = &fstest.MapFile{Data: text}
	}
	if name == "" {
		return nil // its file is not there, which is told by itself
	}
	fsys[name] = &fstest.MapFile{Data: data}
	alone, found := content.Load(fsys, contentDir)
	found = append(found, Run(Input{FS: fsys, Tree: alone, Drafts: true})...).Sort()
	first := alone.UnitPos(id, lang).Line
	last := first
	if d := alone.Document(name); d != nil && first > 0 {
		last = len(d.Data) // of the last sentence: beyond every line
		for u := range alone.Plan.Units() {
			if pos := alone.UnitPos(u.ID, lang); pos.File == name && pos.Line > first && pos.Line <= last {
				last = pos.Line - 1
			}
		}
	}
	return slices.DeleteFunc(found, func(d diag.Diagnostic) bool {
		return d.File != name || first > 0 && (d.Line < first || d.Line > last)
	})
}
