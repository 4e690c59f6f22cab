package check

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// TestSentence judges sentences of the real plan alone, as they are and with a mistake,
// and wants what all checks say of the whole content there.
func TestSentence(t *testing.T) {
	project := os.DirFS("../../..")
	tree, found := content.Load(project, "content")
	if found.HasErrors() {
		t.Fatal(found)
	}
	begin, n := time.Now(), 0
	for u := range tree.Plan.Units() {
		doc := tree.Document(tree.UnitPos(u.ID, plan.EN).File)
		if found := Sentence(tree, u.ID, plan.EN, doc.Data); len(found) > 0 {
			t.Errorf("%s as it is: %v", u.ID, found)
		}
		if n++; n == 30 {
			break
		}
	}
	t.Logf("a sentence takes %v", time.Since(begin)/time.Duration(n))
	files := fstest.MapFS{}
	for _, d := range tree.Documents() {
		files[d.Name] = &fstest.MapFile{Data: d.Data}
	}
	for _, c := range []struct {
		id       plan.ID
		old, new string
	}{
		{"s3-2", "Changting in Longyan", "Longyan"},
		{"s3-2", "soil erosion", "soil\u200b erosion"},
		{"s3-2", "support the", "ensure the"},
		{"s3-2", "Changting and Ninghua", "Changting, Ninghua and Wuping"},
		{"s3-3", "Promote", "**Promote"},
		{"s3-3", "Promote", "Promote <b>x</b>"},
		{"s3-4", "Provide", "提供"},
		{"s3-5", "Longyan and Sanming", "Longyan and Sanming, 12 of them"},
		{"s3-5", "urban-rural water", "urban-rural, water"},
	} {
		pos := tree.UnitPos(c.id, plan.EN)
		doc := tree.Document(pos.File)
		start := doc.Offset(pos)
		data := append(bytes.Clone(doc.Data[:start]), strings.Replace(string(doc.Data[start:]), c.old, c.new, 1)...)
		if bytes.Equal(data, doc.Data) {
			t.Fatalf("%s has no %q", c.id, c.old)
		}
		files[doc.Name] = &fstest.MapFile{Data: data}
		whole, all := content.Load(files, "content")
		all = append(all, Run(Input{FS: files, Tree: whole, Drafts: true})...).Sort()
		files[doc.Name] = &fstest.MapFile{Data: doc.Data}
		var want diag.List
		for _, d := range all {
			if d.File == doc.Name && d.Line == pos.Line {
				want = append(want, d)
			}
		}
		if got := Sentence(tree, c.id, plan.EN, data); got.Error() != want.Error() {
			t.Errorf("%s, %q for %q: alone\n%v\nin the whole\n%v", c.id, c.new, c.old, got, want)
		}
	}
}
