package content

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"golang.org/x/tools/txtar"

	"minxi/generator/internal/plan"
)

var update = flag.Bool("update", false, "write what the tests got as what they want")

// mapFS turns the files of an archive into a file system.
func mapFS(a *txtar.Archive) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, f := range a.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return fsys
}

// TestLoad reads each archive of testdata/load. Its last file, want, says what
// must be found, in both languages, and what the plan must look like.
func TestLoad(t *testing.T) {
	names, err := filepath.Glob("testdata/load/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no test data", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			last := &a.Files[len(a.Files)-1]
			if last.Name != "want" {
				a.Files = append(a.Files, txtar.File{Name: "want"})
				last = &a.Files[len(a.Files)-1]
			}
			tree, found := Load(mapFS(a), "content")
			var got strings.Builder
			found.Print(&got, plan.EN)
			found.Print(&got, plan.ZH)
			got.WriteString(outline(tree))
			if *update {
				last.Data = []byte(got.String())
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got.String() != string(last.Data) {
				t.Errorf("got:\n%s\nwant:\n%s", &got, last.Data)
			}
		})
	}
}

// outline tells everything that Load learned, in a form that a person can check.
func outline(t *Tree) string {
	var b strings.Builder
	unit := func(u *plan.Unit) {
		fmt.Fprintf(&b, "  %s %s", u.ID, u.Kind)
		if u.NewParagraph {
			b.WriteString(" new-paragraph")
		}
		fmt.Fprintf(&b, " topics=%v places=%v bodies=%v zh@%s en@%s\n    %s | %s\n", u.Topics, u.Places, u.Bodies,
			t.UnitPos(u.ID, plan.ZH), t.UnitPos(u.ID, plan.EN), u.Text.ZH, u.Text.EN)
		if u.HTML != u.Text {
			fmt.Fprintf(&b, "    html: %s | %s\n", u.HTML.ZH, u.HTML.EN)
		}
	}
	p := t.Plan
	fmt.Fprintf(&b, "plan %v %v source=%q\n", p.Title, p.Front, t.Source.File)
	for _, u := range p.Preamble {
		unit(u)
	}
	for _, c := range p.Chapters {
		fmt.Fprintf(&b, "c%d %v stop=%q\n", c.Number, c.Title, c.Stop)
		for _, u := range c.Units {
			unit(u)
		}
		for _, s := range c.Sections {
			fmt.Fprintf(&b, " s%d label=%d %v stop=%q\n", s.Number, s.Label, s.Title, s.Stop)
			for _, u := range s.Units {
				unit(u)
			}
		}
	}
	for _, h := range p.Topics {
		fmt.Fprintf(&b, "topic %s %v main=%v support=%v\n", h.ID, h.Title, h.Main, h.Support)
	}
	for _, h := range p.Places {
		fmt.Fprintf(&b, "place %s %s %s %v %v", h.ID, h.Kind, h.Parent, h.Title, h.Name)
		if h.Tile != nil {
			fmt.Fprintf(&b, " tile=%v", *h.Tile)
		}
		b.WriteString("\n")
	}
	for _, h := range p.Bodies {
		fmt.Fprintf(&b, "body %s %s %v %v place=%s names=%v homographs=%v\n", h.ID, h.Kind, h.Title, h.Summary, h.Place, h.Names, h.Homographs)
	}
	for _, term := range p.Terms {
		fmt.Fprintf(&b, "term %v\n", term)
	}
	return b.String()
}

func TestLoadNotUTF8(t *testing.T) {
	fsys := fstest.MapFS{
		"content/plan/_index.zh.md":    {Data: []byte("---\ntitle: 方案\n---\n\n一\xff二\n")},
		"content/plan/c1/_index.zh.md": {Data: []byte("---\ntitle: 一\nnumber: 1\n---\n\n有\x00。\n{#c1-1}\n")},
	}
	_, found := Load(fsys, "content")
	var got []string
	for _, d := range found {
		if d.Check == "encoding" {
			got = append(got, d.Pos.String())
		}
	}
	want := "content/plan/_index.zh.md:5:2 content/plan/c1/_index.zh.md:6:2"
	if strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestLoadNoFolder(t *testing.T) {
	if _, found := Load(fstest.MapFS{}, "content"); !found.HasErrors() {
		t.Error("a missing content folder is not told")
	}
}

// sentences that Markdown would read as something else.
var hostile = []string{
	"普通的一句话。", "1. 开头像列表。", "12) 也像列表。", "# 像标题", "- 像列表", "+ 像列表", "* 像列表", "> 像引用", "= 像标题线",
	"有*强调*和**加重**。", "有_下划线_。", "`代码`", "[链接](https://example.org)", "[2021]3号", "<b>标签</b>", "a < b > c", "&amp; 与 &#65;", "AT&T",
	`反斜杠\`, `\*`, "{#s1-1}", "结尾{#s9-9}", "两个  空格", "! 感叹", "![图](x.png)", "~~~", "```", "---", "***", "| 表 | 格 |", "https://example.org/a_b_c", "<https://example.org>",
	"“红色”**文化**", "第1条", "2022年。", "（一）", "x\u00a0y", "风展红旗 如画三明",
}

func TestFormatRoundTrip(t *testing.T) {
	for _, s := range hostile {
		roundTrip(t, s)
	}
}

func FuzzFormat(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// What an importer hands over: one line, no control characters, no space at either end.
		if s == "" || strings.TrimSpace(s) != s || strings.ToValidUTF8(s, "") != s ||
			strings.ContainsFunc(s, func(r rune) bool {
				return unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' || r == '\ufeff' ||
					(unicode.IsSpace(r) && r != ' ')
			}) {
			t.Skip()
		}
		roundTrip(t, s)
	})
}

func roundTrip(t *testing.T, s string) {
	t.Helper()
	title := s
	p := &plan.Plan{
		Title:    plan.Text{ZH: title},
		Front:    plan.Front{Cover: []string{s, "甲"}, Under: []string{s}, Closing: []string{s}},
		Preamble: []*plan.Unit{{ID: "p-1", Kind: plan.Context, Text: plan.Text{ZH: s}}},
		Chapters: []*plan.Chapter{{Number: 1, Title: plan.Text{ZH: s}, Stop: "。", Units: []*plan.Unit{{ID: "c1-1", Chapter: 1, Kind: plan.Measure, Text: plan.Text{ZH: s}, Topics: []string{"a", "b"}}},
			Sections: []*plan.Section{{Number: 1, Label: 3, Chapter: 1, Title: plan.Text{ZH: s}, Units: []*plan.Unit{
				{ID: "s1-1", Chapter: 1, Section: 1, Kind: plan.Target, Text: plan.Text{ZH: s}, Places: []string{"x"}, Bodies: []string{"y", "z"}},
				{ID: "s1-2", Chapter: 1, Section: 1, Kind: plan.Measure, NewParagraph: true, Text: plan.Text{ZH: s}},
			}}}}},
	}
	fsys := fstest.MapFS{}
	for _, f := range Format(p, Source{File: "seeds/x.txt", SHA256: "00"}) {
		fsys["content/"+f.Name] = &fstest.MapFile{Data: f.Data}
	}
	tree, found := Load(fsys, "content")
	if len(found) > 0 {
		t.Fatalf("%q: %v\n%s", s, found, fsys["content/plan/c1/s1.zh.md"].Data)
	}
	if got, want := tree.Plan.Official(), p.Official(); got != want {
		t.Errorf("%q was written as\n%s\nand read back as\n%q, want\n%q", s, fsys["content/plan/c1/s1.zh.md"].Data, got, want)
	}
	got := outline(tree)
	for _, want := range []string{"topics=[a b]", "places=[x]", "bodies=[y z]", "s1-1 target", "s1-2 measure new-paragraph", "s1 label=3", `source="seeds/x.txt"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q: %s lost in\n%s", s, want, got)
		}
	}
}

func FuzzLoad(f *testing.F) {
	names, _ := filepath.Glob("testdata/load/*.txtar")
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			f.Add(string(file.Data))
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<16 {
			t.Skip()
		}
		fsys := fstest.MapFS{}
		for _, name := range []string{"plan/_index.zh.md", "plan/c1/_index.zh.md", "plan/c1/s1.zh.md", "plan/c1/s1.en.md", "topics/a/_index.zh.md", "places/b/_index.zh.md", "places/b/_index.en.md", "places/c/_index.zh.md", "bodies/d/_index.zh.md", "bodies/d/_index.en.md", "termbase.csv", "pages/x.zh.md"} {
			fsys["content/"+name] = &fstest.MapFile{Data: []byte(s)}
		}
		_, found := Load(fsys, "content")
		for _, d := range found {
			if d.File == "" || d.Fact.ZH == "" || d.Fact.EN == "" {
				t.Errorf("a finding without a place or in one language only: %+v", d)
			}
		}
	})
}

func TestPlanImport(t *testing.T) {
	a, err := txtar.ParseFile("testdata/load/good.txtar")
	if err != nil {
		t.Fatal(err)
	}
	fsys := mapFS(a)
	read := func() *plan.Plan {
		tree, _ := Load(mapFS(a), "content")
		return tree.Plan
	}
	src := Source{File: "seeds/good.txt", SHA256: "ab"}
	same := PlanImport(fsys, "content", read(), src)
	if len(same.Differ) > 0 || len(same.Create) > 0 || len(same.Rewrite) > 0 || same.Unchanged == 0 {
		t.Errorf("importing what is there: %+v", same)
	}
	fresh := PlanImport(fstest.MapFS{}, "content", read(), src)
	if len(fresh.Create) != same.Unchanged || len(fresh.Differ) > 0 {
		t.Errorf("importing into nothing: %d files, %v", len(fresh.Create), fresh.Differ)
	}

	edited := read()
	edited.Chapters[0].Sections[0].Units[0].Text.ZH = "原文是另一句。"
	edited.Chapters[0].Title.ZH = "另一个标题"
	edited.Chapters[0].Sections[0].Units[1].ID = "s1-9"
	m := PlanImport(fsys, "content", edited, src)
	var got strings.Builder
	m.Differ.Print(&got, plan.EN)
	for _, want := range []string{"content/plan/c1/s1.zh.md:6:1: s1-1 differs", "the title is", "s1-9 is missing", "the source has no s1-2"} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("no %q in\n%s", want, &got)
		}
	}
	if len(m.Rewrite) != 2 {
		t.Fatalf("%d files would be rewritten, want 2", len(m.Rewrite))
	}
	if s := string(m.Rewrite[1].Data); !strings.Contains(s, `{#s1-1 topics="ecology" places="changting" bodies="fujian changting"}`) {
		t.Errorf("tags were lost:\n%s", s)
	}
}

// TestPlanImportTouches revises a plan whose files people have saved on Windows, with
// comments: what the revision changes differs, and nothing else.
func TestPlanImportTouches(t *testing.T) {
	a, err := txtar.ParseFile("testdata/load/good.txtar")
	if err != nil {
		t.Fatal(err)
	}
	const name = "content/plan/c1/s1.zh.md"
	fsys := mapFS(a)
	file := fsys[name]
	file.Data = bytes.ReplaceAll(bytes.Replace(file.Data, []byte("---\n"), []byte("---\n# 第一节\n"), 1), []byte("\n"), []byte("\r\n"))
	before := bytes.SplitAfter(file.Data, []byte("\n"))
	tree, _ := Load(fsys, "content")
	src := tree.Source
	for what, revise := range map[string]func(*plan.Section) (changed int){
		"a sentence": func(s *plan.Section) int { s.Units[0].Text.ZH = "原文是另一句。"; return 1 },
		"a kind":     func(s *plan.Section) int { s.Units[0].Kind = plan.Target; return 1 },
		"a title":    func(s *plan.Section) int { s.Title.ZH = "另一个标题：新"; return 1 },
		"all three": func(s *plan.Section) int {
			s.Units[0].Text.ZH, s.Units[0].Kind, s.Title.ZH = "原文是*另一句*。", plan.Context, "另"
			return 3
		},
	} {
		next, _ := Load(fsys, "content")
		n := revise(next.Plan.Chapters[0].Sections[0])
		m := PlanImport(fsys, "content", next.Plan, src)
		if len(m.Rewrite) != 1 {
			t.Fatalf("%s: %d files", what, len(m.Rewrite))
		}
		after := bytes.SplitAfter(m.Rewrite[0].Data, []byte("\n"))
		if len(after) != len(before) {
			t.Fatalf("%s:\n%s", what, m.Rewrite[0].Data)
		}
		for i := range before {
			if !bytes.Equal(before[i], after[i]) {
				n--
			}
		}
		if n != 0 {
			t.Errorf("%s: %d lines too few differ in\n%s", what, n, m.Rewrite[0].Data)
		}
	}
	// A sentence more and one less.
	next, _ := Load(fsys, "content")
	s := next.Plan.Chapters[0].Sections[0]
	s.Units = append(s.Units[1:], &plan.Unit{ID: "s1-9", Chapter: 1, Section: 1, Kind: plan.Measure, Text: plan.Text{ZH: "新的一句。"}})
	m := PlanImport(fsys, "content", next.Plan, src)
	if got := string(m.Rewrite[0].Data); !strings.Contains(got, "# 第一节\r\n") || !strings.HasSuffix(got, "新的一句。\r\n{#s1-9}\r\n") || strings.Contains(got, "{#s1-1") {
		t.Errorf("%s", got)
	}
}
