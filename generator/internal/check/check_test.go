package check

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

const source = "方案\n\n为此制定方案。\n\n一、绿色\n\n（一）长汀环境。保护环境。治理水土。\n\n二、民生\n\n（二）教育。办好教育。\n"

// sound is a small project without a finding.
func sound() fstest.MapFS {
	sum := sha256.Sum256([]byte(source))
	fsys := fstest.MapFS{}
	for name, data := range map[string]string{
		"seeds/x.txt":                           source,
		"content/termbase.csv":                  "zh,en,forbidden,kind,note,source\n",
		"content/plan/_index.zh.md":             "---\ntitle: 方案\nsource: seeds/x.txt\nsha256: " + hex.EncodeToString(sum[:]) + "\n---\n\n为此制定方案。\n{#p-1 kind=\"context\"}\n",
		"content/plan/_index.en.md":             "---\ntitle: Plan\n---\n",
		"content/plan/c1/_index.zh.md":          "---\ntitle: 绿色\nnumber: 1\n---\n",
		"content/plan/c1/_index.en.md":          "---\ntitle: Green\nnumber: 1\n---\n",
		"content/plan/c1/s1.zh.md":              "---\ntitle: 长汀环境\nnumber: 1\n---\n\n保护环境。\n{#s1-1 topics=\"ecology\"}\n\n治理水土。\n{#s1-2 topics=\"ecology\" places=\"changting\"}\n",
		"content/plan/c1/s1.en.md":              "---\ntitle: Environment of Changting\nnumber: 1\n---\n\nProtect it.\n{#s1-1}\n\nControl erosion.\n{#s1-2}\n",
		"content/plan/c2/_index.zh.md":          "---\ntitle: 民生\nnumber: 2\n---\n",
		"content/plan/c2/_index.en.md":          "---\ntitle: Livelihood\nnumber: 2\n---\n",
		"content/plan/c2/s2.zh.md":              "---\ntitle: 教育\nnumber: 2\n---\n\n办好教育。\n{#s2-1 topics=\"ecology\"}\n",
		"content/plan/c2/s2.en.md":              "---\ntitle: Education\nnumber: 2\n---\n",
		"content/topics/ecology/_index.zh.md":   "---\ntitle: 生态\ndescription: 生态\n---\n",
		"content/topics/ecology/_index.en.md":   "---\ntitle: Ecology\ndescription: Ecology\n---\n",
		"content/pages/about.zh.md":             "---\ntitle: 关于\n---\n",
		"content/pages/about.en.md":             "---\ntitle: About\n---\n", // says nothing yet that could differ
		"content/places/longyan/_index.zh.md":   "---\ntitle: 龙岩市\nname: 龙岩\nplace: city\n---\n",
		"content/places/longyan/_index.en.md":   "---\ntitle: Longyan City\nname: Longyan\n---\n",
		"content/places/changting/_index.zh.md": "---\ntitle: 长汀县\nname: 长汀\nplace: county\nparent: longyan\n---\n",
		"content/places/changting/_index.en.md": "---\ntitle: Changting County\nname: Changting\n---\n",
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	accept(fsys)
	return fsys
}

// accept writes a ledger that knows the project as it is.
func accept(fsys fstest.MapFS) {
	tree, _ := content.Load(fsys, "content")
	var rows plan.Ledger
	for u := range tree.Plan.Units() {
		e := plan.Entry{ID: u.ID, State: plan.Live, ZH: plan.Hash(u.Text.ZH), Text: plan.Text{ZH: u.Text.ZH}}
		if u.Text.EN != "" {
			e.EnglishOf = e.ZH
		}
		rows = append(rows, e)
	}
	fsys["content/ledger.csv"] = &fstest.MapFile{Data: content.FormatLedger(rows)}
}

func findings(fsys fstest.MapFS) string {
	tree, found := content.Load(fsys, "content")
	found = append(found, Run(Input{FS: fsys, Tree: tree})...)
	var b strings.Builder
	found.Sort().Print(&b, plan.EN)
	return b.String()
}

func TestSound(t *testing.T) {
	if got := findings(sound()); got != "" {
		t.Errorf("a sound project has findings:\n%s", got)
	}
}

// TestChecks breaks the sound project in one way at a time.
func TestChecks(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		{"fidelity: a character", "content/plan/c1/s1.zh.md", "保护环境", "保持环境", "content/plan/c1/s1.zh.md:6:1: s1-1 differs: here “保持环境。”, in the source “保护环境。”"},
		{"fidelity: a sentence", "content/plan/c1/s1.zh.md", "治理水土。", "治理水土。再治理。", "content/plan/c1/s1.zh.md:9:1: s1-2 differs"},
		{"fidelity: a title", "content/plan/c2/_index.zh.md", "民生", "民政", "content/plan/c2/_index.zh.md:2:8: the title is “民政”, the source says “民生”"},
		{"fidelity: the order", "content/plan/c1/s1.zh.md", "保护环境。\n{#s1-1 topics=\"ecology\"}\n\n治理水土。\n{#s1-2", "治理水土。\n{#s1-2 topics=\"ecology\"}\n\n保护环境。\n{#s1-1", "content/plan/c1/s1.zh.md:9:1: s1-1 stands in another order than in the source"},
		{"fidelity: the source", "seeds/x.txt", "保护", "保持", "content/plan/_index.zh.md:3:9: the checksum of seeds/x.txt does not match"},
		{"fidelity: no source", "content/plan/_index.zh.md", "seeds/x.txt", "seeds/y.txt", "content/plan/_index.zh.md:3:9: the source text seeds/y.txt cannot be read"},
		{"fidelity: outside", "content/plan/_index.zh.md", "seeds/x.txt", "../x.txt", "cannot be read"},
		{"parity: no English title", "content/plan/c2/s2.en.md", "title: Education", "title: ''", "content/plan/c2/s2.en.md:2:8: “title” is empty"},
		{"parity: order", "content/plan/c1/s1.en.md", "Protect it.\n{#s1-1}\n\nControl erosion.\n{#s1-2}", "Control erosion.\n{#s1-2}\n\nProtect it.\n{#s1-1}", "content/plan/c1/s1.en.md:6:1: s1-2 stands in another order"},
		{"tags: none", "content/plan/c1/s1.zh.md", "{#s1-1 topics=\"ecology\"}", "{#s1-1}", "content/plan/c1/s1.zh.md:7:1: s1-1 has no topic"},
		{"tags: unknown topic", "content/plan/c1/s1.zh.md", "{#s1-1 topics=\"ecology\"}", "{#s1-1 topics=\"ecologie\"}", "content/plan/c1/s1.zh.md:7:1: s1-1: there is no content/topics/ecologie"},
		{"tags: unknown place", "content/plan/c1/s1.zh.md", "changting", "changding", "s1-2: there is no content/places/changding"},
		{"tags: twice", "content/plan/c1/s1.zh.md", "changting", "changting changting", "content/plan/c1/s1.zh.md:10:1: s1-2: changting is named twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := sound()
			data := string(fsys[c.file].Data)
			if !strings.Contains(data, c.old) {
				t.Fatalf("%s has no %q", c.file, c.old)
			}
			fsys[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(data, c.old, c.new, 1))}
			if got := findings(fsys); !strings.Contains(got, c.want) {
				t.Errorf("no %q in:\n%s", c.want, got)
			}
		})
	}
	for name, want := range map[string]string{
		"content/plan/c2/s2.en.md":            "content/plan/c2/s2.zh.md:2:8: “教育” has no English title",
		"content/topics/ecology/_index.en.md": "content/topics/ecology/_index.zh.md:2:8: “生态” has no English title",
		"content/plan/c1/s1.zh.md":            "content/plan/c1/s1.en.md:1: this English file has no Chinese counterpart",
	} {
		fsys := sound()
		delete(fsys, name)
		if got := findings(fsys); !strings.Contains(got, want) {
			t.Errorf("without %s: no %q in:\n%s", name, want, got)
		}
	}
}

// TestConfiguration wants a misspelt name told with the one that was meant.
func TestConfiguration(t *testing.T) {
	for toml, want := range map[string]string{
		"[params.docment]\nreply = \"\"\n":           "hugo.toml:1:2: the site does not read “params.docment”: what stands there appears on no page\n    Did you mean params.document?",
		"[params]\ndocument.nmber.zh = \"x\"\n":      "hugo.toml:2:1: the site does not read “params.document.nmber.zh”",
		"[parms]\nicp = \"x\"\n":                     "hugo.toml:1:2: the site does not read “parms”: what stands there appears on no page\n    Did you mean params?",
		"[params]\nphone = \"x\"\n":                  "Names that are read: siteDomain, siteIDCode, icp,",
		"[params]\nICP = \"x\"\n[languages.zh]\nx=1": "",
		"[params\n": "",
	} {
		fsys := sound()
		fsys["hugo.toml"] = &fstest.MapFile{Data: []byte(toml)}
		if got := findings(fsys); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s says\n%s, want %q", toml, got, want)
		}
	}
}

// TestWithoutTermbase wants the cause alone.
func TestWithoutTermbase(t *testing.T) {
	fsys := realContent(t)
	delete(fsys, "content/termbase.csv")
	got := findings(fsys)
	if !strings.HasPrefix(got, "content/termbase.csv: there is no termbase") || strings.Count(got, "\n") > 3 {
		t.Errorf("got\n%s", got)
	}
}

// TestDocumented wants every check told apart and explained in both languages.
func TestDocumented(t *testing.T) {
	ids := map[string]bool{}
	for _, c := range All {
		if c.ID == "" || ids[c.ID] || c.Doc.ZH == "" || c.Doc.EN == "" || c.Severity == "" || c.Run == nil {
			t.Errorf("check %+v is incomplete", c.ID)
		}
		ids[c.ID] = true
	}
	if len(ids) != len(All) {
		t.Error(slices.Sorted(maps.Keys(ids)))
	}
}

// TestRealContent has no finding.
func TestRealContent(t *testing.T) {
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	tree, found := content.Load(os.DirFS(dir), "content")
	if found = append(found, Run(Input{FS: os.DirFS(dir), Tree: tree})...); len(found) > 0 {
		t.Error(found)
	}
	if n := tree.Plan.Count(); n != (plan.Counts{Chapters: 9, Sections: 22, Units: 118, Measures: 110}) {
		t.Errorf("the plan has %+v", n)
	}
}
