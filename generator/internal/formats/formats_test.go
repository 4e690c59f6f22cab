package formats

import (
	"archive/zip"
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

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

// about is a site of the sample with a document of which all is known.
func about() Site {
	return Site{BasePath: "/a/b", Origin: "https://example.org/a/b", Document: plan.Document{
		Issuer: plan.Text{ZH: "某委", EN: "A Commission & Co."}, Number: plan.Text{ZH: "某发〔2022〕1号", EN: "Moufa [2022] No. 1"},
		Published: "2022-04-13", Abbreviation: "AC", Romanized: "Fang'an",
	}}
}

// TestGolden compares every file of every format with its like in testdata.
func TestGolden(t *testing.T) {
	known := map[string]bool{}
	for _, f := range All {
		for path, write := range f.Files(sample(), about()) {
			got, err := write()
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join("testdata", "golden", strings.ReplaceAll(path, "/", "-"))
			if f.Binary {
				name, got = name+".txt", unpacked(t, got)
			}
			known[name] = true
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
				t.Errorf("%s:\n%s\nwant:\n%s", path, got, want)
			}
		}
	}
	files, _ := filepath.Glob(filepath.Join("testdata", "golden", "*"))
	for _, name := range files {
		if !known[name] {
			t.Errorf("%s belongs to no format", name)
		}
	}
}

// unpacked is what a zip holds as one text, which can be read and compared.
func unpacked(t *testing.T, data []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var a txtar.Archive
	for _, f := range z.File {
		text, err := fs.ReadFile(z, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		a.Files = append(a.Files, txtar.File{Name: f.Name, Data: text})
	}
	return txtar.Format(&a)
}

func TestEmptyPlan(t *testing.T) {
	for _, f := range All {
		for path, write := range f.Files(&plan.Plan{}, Site{}) {
			if _, err := write(); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

// TestAbout wants every format to say what it is, in both languages.
func TestAbout(t *testing.T) {
	closed, at := map[plan.Text]bool{}, plan.Text{}
	for _, f := range All {
		if f.Group != at {
			if closed[f.Group] {
				t.Errorf("%s stands apart from its group", f.Path)
			}
			closed[at], at = true, f.Group
		}
	}
	for _, f := range All {
		for _, s := range []string{f.Path, f.Type, f.Title.ZH, f.Title.EN, f.About.ZH, f.About.EN, f.Group.ZH, f.Group.EN} {
			if s == "" {
				t.Errorf("%s does not say all of itself: %v %v %q", f.Path, f.Title, f.About, f.Type)
			}
		}
		if (f.Write == nil) == (f.Each == nil) || strings.Contains(f.Path, "*") != (f.Each != nil) {
			t.Errorf("%s has not one way to be written", f.Path)
		}
	}
}

func TestBadID(t *testing.T) {
	p := &plan.Plan{Preamble: []*plan.Unit{{ID: "nonsense"}}}
	if _, err := measuresJSON(p, Site{}); err == nil {
		t.Error("a unit without a proper id is written")
	}
}
