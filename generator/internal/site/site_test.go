package site

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

func small() *plan.Plan {
	return &plan.Plan{
		Title:    plan.Text{ZH: "方案", EN: "Plan"},
		Preamble: []*plan.Unit{{ID: "p-1", Kind: plan.Context, Text: plan.Text{ZH: "序。", EN: "Preface."}, HTML: plan.Text{ZH: "序。", EN: "Preface."}}},
		Chapters: []*plan.Chapter{{Number: 1, Title: plan.Text{ZH: "绿色", EN: "Green"}, Sections: []*plan.Section{
			{Number: 1, Label: 1, Chapter: 1, Title: plan.Text{ZH: "环境", EN: "Environment"}, Units: []*plan.Unit{
				{ID: "s1-1", Chapter: 1, Section: 1, Kind: plan.Measure, Topics: []string{"ecology", "nowhere"}, Text: plan.Text{ZH: "保护。"}, HTML: plan.Text{ZH: "<em>保护</em>。"}},
			}}}}},
		Topics: []*plan.Topic{{ID: "ecology", Title: plan.Text{ZH: "生态", EN: "Ecology"}, Main: true}},
	}
}

// theme is the least that renders every derived page.
const theme = `
-- hugo.toml --
defaultContentLanguage = "zh"
defaultContentLanguageInSubdir = true
disableDefaultLanguageRedirect = true
disableKinds = ["taxonomy", "term", "rss", "sitemap", "404"]
[languages.zh]
weight = 1
[languages.en]
weight = 2
-- layouts/home.html --
home {{ hugo.Data.plan.origin }} {{ len hugo.Data.plan.units }}
-- layouts/page.html --
page {{ .Title }} {{ .Content }}
-- layouts/section.html --
section {{ .Title }}
-- layouts/unit.html --
{{ $u := index hugo.Data.plan.units .Params.unit }}unit {{ $u.id }} {{ $u.topics }} {{ or $u.html.en $u.html.zh | safeHTML }}
-- layouts/chapter.html --
chapter {{ .Title }}
-- layouts/section-of-plan.html --
division {{ .Title }}
-- layouts/root.html --
root
-- layouts/not-found.html --
404
-- content/plan/c1/s1.zh.md --
---
title: the generator reads this file itself
---
-- content/termbase.csv --
zh,en
-- content/note.zh.md --
---
title: note
---
words
`

func project(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		write(t, dir, f.Name, string(f.Data))
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func render(t *testing.T, dir string, change func(*Input)) (map[string]string, error) {
	t.Helper()
	var mu sync.Mutex
	files := map[string]string{}
	in := Input{Dir: dir, Plan: small(), Origin: "https://example.org", Emit: func(name string, data []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if _, twice := files[name]; twice {
			t.Errorf("%s was emitted twice", name)
		}
		files[name] = strings.TrimSpace(string(data))
		return nil
	}}
	if change != nil {
		change(&in)
	}
	err := Render(context.Background(), in)
	mu.Lock()
	defer mu.Unlock()
	return files, err
}

func TestRender(t *testing.T) {
	dir := project(t, theme)
	files, err := render(t, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"index.html":            "root",
		"404.html":              "404",
		"zh/index.html":         "home https://example.org 2",
		"zh/plan/index.html":    "section 方案",
		"en/plan/c1/index.html": "chapter Green",
		"zh/plan/s1/index.html": "division 环境",
		"zh/m/s1-1/index.html":  "unit s1-1 [ecology] <em>保护</em>。",
		"en/m/p-1/index.html":   "unit p-1 [] Preface.",
		"zh/note/index.html":    "page note <p>words</p>",
	} {
		if files[name] != want {
			t.Errorf("%s: %q, want %q", name, files[name], want)
		}
	}
	for name := range files {
		if strings.Contains(name, "c1/s1") || strings.Contains(name, "termbase") || strings.HasPrefix(name, "zh/m/index") || strings.Contains(name, "pages") {
			t.Errorf("%s should not be there", name)
		}
	}
	// Nothing is written into the project.
	var have []string
	_ = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, name)
			have = append(have, filepath.ToSlash(rel))
		}
		return nil
	})
	if len(have) != len(txtar.Parse([]byte(theme)).Files) {
		t.Errorf("the project now holds %v", have)
	}
}

func TestRenderFindings(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"two templates that do not parse", "layouts/page.html", "{{ if }}", "layouts/page.html:1:1: missing value for if"},
		{"a missing field", "layouts/chapter.html", "\n\n{{ .Nope }}", "layouts/chapter.html:3:3: "},
		{"a missing function", "layouts/page.html", "{{ nope }}", "layouts/page.html:1:"},
		{"a missing partial", "layouts/page.html", "x\n{{ partial \"nope.html\" . }}", "layouts/page.html:2:"},
		{"errorf", "layouts/page.html", "{{ errorf \"it is wrong\" }}", "it is wrong"},
		{"the configuration", "hugo.toml", "a = b", "hugo.toml:1:"},
		{"front matter", "content/note.zh.md", "---\ntitle: [\n---\n", "content/note.zh.md:"},
		{"a shortcode", "content/note.zh.md", "---\ntitle: x\n---\n\n{{< nope >}}\n", "content/note.zh.md:5:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := project(t, theme)
			write(t, dir, c.file, c.text)
			_, err := render(t, dir, nil)
			var list diag.List
			if !errors.As(err, &list) {
				t.Fatalf("got %v, want findings", err)
			}
			if !strings.Contains(list.Error(), c.want) {
				t.Errorf("no %q in\n%v", c.want, list)
			}
			if strings.Contains(list.Error(), dir) {
				t.Errorf("a finding names the machine's folders:\n%v", list)
			}
			for _, d := range list {
				if d.Hint.ZH == "" && d.Severity != diag.Warning && !strings.Contains(d.Fact.EN, "it is wrong") {
					t.Errorf("no hint: %v", d)
				}
			}
			// The next build in the same process is not marked by this one.
			if _, err := render(t, project(t, theme), nil); err != nil {
				t.Errorf("after it, a sound project fails: %v", err)
			}
		})
	}
}

// TestConfiguration breaks hugo.toml: Hugo's words stand at the file, with the line
// where it can be found, and ours follow.
func TestConfiguration(t *testing.T) {
	for _, c := range []struct{ old, new, want, hint string }{
		{"weight = 1", `weight = "first"`, "hugo.toml:6: ", "numbers stand without quotes"},
		{"weight = 1", "weight = 1\n[outputs]\nhome = [\"html\", \"atim\"]", "hugo.toml:8: ", "check the spelling"},
		{`defaultContentLanguage = "zh"`, `defaultContentLanguage = "zh"` + "\ntheme = \"minxy\"", "hugo.toml:2: ", "themes/ has no such theme"},
		{`defaultContentLanguage = "zh"`, `defaultContentLanguage = "zh"` + "\ntimeZone = \"Asia/Nowhere\"", "hugo.toml: ", "such as Asia/Shanghai"},
	} {
		dir := project(t, strings.Replace(theme, c.old, c.new, 1))
		_, err := render(t, dir, nil)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || !strings.Contains(err.Error(), c.hint) || strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
	long := clean("/x", "failed to decode: map[a:b c:map[d:e]]")
	if long != "failed to decode …" {
		t.Errorf("a dump is shown: %s", long)
	}
}

// TestLinkHook gives the theme's own template for links every kind of destination.
func TestLinkHook(t *testing.T) {
	hook, err := os.ReadFile("../../../themes/minxi/layouts/_markup/render-link.html")
	if err != nil {
		t.Fatal(err)
	}
	links := func(text string) (string, error) {
		dir := project(t, theme)
		write(t, dir, "layouts/_markup/render-link.html", string(hook))
		write(t, dir, "content/note.en.md", "---\ntitle: note\n---\n\nwords\n")
		write(t, dir, "content/pages/about.en.md", "---\ntitle: about\n---\n\n"+text+"\n")
		files, err := render(t, dir, func(in *Input) {
			in.Plan.Ledger = plan.Ledger{{ID: "s1-8", State: plan.Withdrawn}, {ID: "s1-9", State: plan.Live}}
			in.Content = "content"
		})
		return strings.TrimPrefix(files["en/pages/about/index.html"], "page about "), err
	}
	for text, want := range map[string]string{
		"[x](s1-1)":                   `<p><a href="/en/m/s1-1/" data-sentence="1-1">x</a></p>`,
		"[x](p-1), *[y](s1-1)*.":      `<p><a href="/en/m/p-1/" data-sentence="p-1">x</a>, <em><a href="/en/m/s1-1/" data-sentence="1-1">y</a></em>.</p>`,
		"[x](c1) [y](s1)":             `<p><a href="/en/plan/c1/">x</a> <a href="/en/plan/s1/">y</a></p>`,
		"[x][1]\n\n[1]: s1-1 \"a b\"": `<p><a href="/en/m/s1-1/" data-sentence="1-1" title="a b">x</a></p>`,
		"[x](s1-8)":                   `<p><a href="/en/m/s1-8/" data-sentence="1-8">x</a></p>`, // withdrawn: it has a page
		"[x](/en/m/s1-1/?a=b#c)":      `<p><a href="/en/m/s1-1/?a=b#c">x</a></p>`,
		"[x](#there)":                 `<p><a href="/en/pages/about/#there">x</a></p>`,
		"[x](../note.md#there)":       `<p><a href="/en/note/#there">x</a></p>`,
		"[x](https://a.org/s1-1)":     `<p><a href="https://a.org/s1-1">x</a></p>`,
		"[x](mailto:a@b.org)":         `<p><a href="mailto:a@b.org">x</a></p>`,
		"[x](javascript:alert%281)":   `<p><a href="#ZgotmplZ">x</a></p>`,
		"[x](s1-1.pdf)":               `<p><a href="s1-1.pdf">x</a></p>`,
		"<https://a.org>":             `<p><a href="https://a.org">https://a.org</a></p>`,
	} {
		if got, err := links(text); err != nil || got != want {
			t.Errorf("%s: %v\n%s, want\n%s", text, err, got, want)
		}
	}
	for _, id := range []string{"s1-2", "s1-9", "s01-1", "p-2", "c2", "s9"} {
		_, err := links("words\n\n[x](" + id + ")")
		if want := "content/pages/about.en.md:7:1: "; err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "the plan has no "+id) {
			t.Errorf("%s: no %q in %v", id, want, err)
		}
	}
}

func TestSeveralTemplates(t *testing.T) {
	dir := project(t, theme)
	write(t, dir, "layouts/page.html", "\n{{ if }}")
	write(t, dir, "layouts/chapter.html", "{{ range }}")
	write(t, dir, "layouts/unit.html", "\n\n{{ \"open }}")
	_, err := render(t, dir, nil)
	for _, want := range []string{"layouts/page.html:2:", "layouts/chapter.html:1:", "layouts/unit.html:3:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in %v", want, err)
		}
	}
}

func TestTwoPagesOneAddress(t *testing.T) {
	dir := project(t, theme)
	write(t, dir, "content/other.zh.md", "---\ntitle: other\nurl: /zh/note/\n---\n")
	_, err := render(t, dir, nil)
	if err == nil || !strings.Contains(err.Error(), "zh/note/index.html: two pages claim this address") {
		t.Errorf("got %v", err)
	}
}

func TestStall(t *testing.T) {
	dir := project(t, theme)
	write(t, dir, "layouts/page.html", "{{ range seq 30000 }}{{ range seq 3000 }}{{ end }}{{ end }}")
	start := time.Now()
	_, err := render(t, dir, func(in *Input) { in.Stall = 200 * time.Millisecond })
	if err == nil || !strings.Contains(err.Error(), "the render hangs") {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
}

// TestManyPagesFail breaks every page: Hugo gives up after ten, and still it is told
// why, without waiting for the render to stall.
func TestManyPagesFail(t *testing.T) {
	dir := project(t, theme)
	write(t, dir, "layouts/unit.html", "{{ .NoSuchField }}")
	_, err := render(t, dir, func(in *Input) {
		for n := 2; n < 200; n++ {
			s := in.Plan.Chapters[0].Sections[0]
			s.Units = append(s.Units, &plan.Unit{ID: plan.NewID(plan.InSection, 1, n), Chapter: 1, Section: 1, Text: plan.Text{ZH: "句。"}})
		}
	})
	if err == nil || !strings.Contains(err.Error(), "layouts/unit.html:1:3: ") || strings.Contains(err.Error(), "hangs") {
		t.Errorf("got %v", err)
	}
}

func TestEmitFails(t *testing.T) {
	full := errors.New("the disk is full")
	_, err := render(t, project(t, theme), func(in *Input) {
		in.Emit = func(string, []byte) error { return full }
	})
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func TestDrafts(t *testing.T) {
	dir := project(t, theme)
	write(t, dir, "content/draft.zh.md", "---\ntitle: draft\ndraft: true\n---\n")
	for _, drafts := range []bool{false, true} {
		files, err := render(t, dir, func(in *Input) { in.Drafts = drafts })
		if _, has := files["zh/draft/index.html"]; err != nil || has != drafts {
			t.Errorf("drafts %v: page is there: %v, %v", drafts, has, err)
		}
	}
}

// TestData looks at what templates are given.
func TestData(t *testing.T) {
	p := small()
	p.Places = []*plan.Place{{ID: "longyan", Kind: plan.City}, {ID: "changting", Kind: plan.County, Parent: "longyan", Tile: &plan.Tile{Row: 2}}}
	b, err := json.Marshal(newData(Input{Plan: p, BasePath: "/a"}.complete()))
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Root      string
		Units     map[string]struct{ Home, Prev, Next, Chapter, Section, Number string }
		Divisions map[string]struct {
			Numeral, Chapter string
			Sections         []string
			Measures         int
		}
		Hubs map[string]struct {
			Units []string
			Tile  []int
		}
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	u := d.Units["s1-1"]
	if d.Root != "/a" || u.Home != "s1" || u.Prev != "p-1" || u.Next != "" || u.Section != "s1" || u.Number != "1" || d.Units["p-1"].Next != "s1-1" || d.Units["p-1"].Home != "plan" {
		t.Errorf("%+v", d.Units)
	}
	if c := d.Divisions["c1"]; c.Numeral != "一" || !slices.Equal(c.Sections, []string{"s1"}) || c.Measures != 1 || d.Divisions["s1"].Chapter != "c1" {
		t.Errorf("%+v", d.Divisions)
	}
	if !slices.Equal(d.Hubs["topics/ecology"].Units, []string{"s1-1"}) || len(d.Hubs) != 3 {
		t.Errorf("%+v", d.Hubs)
	}
	if !slices.Equal(d.Hubs["places/changting"].Tile, []int{0, 2}) || d.Hubs["places/longyan"].Tile != nil {
		t.Errorf("%+v", d.Hubs)
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{
		{"短句。", 10, "短句"},
		{"支持龙岩、三明建设示范区，推动高质量发展。", 12, "支持龙岩、三明建设示范区…"},
		{"一二三四五六七八九十", 4, "一二三四…"},
		{"Support Longyan in building a model.", 10, "Support Longyan in…"},
	} {
		if got := cut(c.s, c.n); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}
