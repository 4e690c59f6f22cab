package formats

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"minxi/generator/internal/plan"
)

var update = flag.Bool("update", false, "write what the tests got as what they want")

func sample() *plan.Plan {
	p := &plan.Plan{
		Title:    plan.Text{ZH: "方案"},
		Preamble: []*plan.Unit{{ID: "p-1", Kind: plan.Context, Text: plan.Text{ZH: "序“言”<&>。"}}},
		Chapters: []*plan.Chapter{{Number: 3, Units: []*plan.Unit{{ID: "c3-1", Chapter: 3, Kind: plan.Guideline, Text: plan.Text{ZH: "甲。", EN: "A “b” <&>."}}},
			Sections: []*plan.Section{{Number: 12, Units: []*plan.Unit{{ID: "s12-7", Chapter: 3, Section: 12, Kind: plan.Measure,
				Text: plan.Text{ZH: "乙。", EN: "B."}, Topics: []string{"ecology", "livelihood"}, Places: []string{"longyan"}}}}}}},
		Terms: []plan.Term{
			{Text: plan.Text{ZH: "甲", EN: "A"}, Forbidden: []string{"first"}, Kind: "place", Note: "<note>", Source: "x"},
			{Text: plan.Text{ZH: "丙", EN: "C"}},
		},
	}
	p.SetTranslations()
	return p
}

// TestGolden compares every format with its file in testdata.
func TestGolden(t *testing.T) {
	for _, f := range All {
		got, err := f.Write(sample(), Site{BasePath: "/a/b"})
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join("testdata", filepath.Base(f.Path))
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s:\n%s\nwant:\n%s", f.Path, got, want)
		}
	}
}

func TestEmptyPlan(t *testing.T) {
	for _, f := range All {
		if _, err := f.Write(&plan.Plan{}, Site{}); err != nil {
			t.Errorf("%s: %v", f.Path, err)
		}
	}
}

func TestBadID(t *testing.T) {
	p := &plan.Plan{Preamble: []*plan.Unit{{ID: "nonsense"}}}
	if _, err := measuresJSON(p, Site{}); err == nil {
		t.Error("a unit without a proper id is written")
	}
}
