package site

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/tools/txtar"

	"minxi/generator/internal/address"
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

// plain is the least that renders every page: each shows its kind and what the
// test wants to see of its facts.
const plain = `
-- hugo.toml --
defaultContentLanguage = "zh"
defaultContentLanguageInSubdir = true
disableDefaultLanguageRedirect = true
[languages.zh]
weight = 1
[languages.en]
weight = 2
-- layouts/page.html --
{{ .Params.facts.kind }} {{ .Title }} {{ .Content }}
-- layouts/front.html --
home {{ .Params.facts.site.origin }}
-- layouts/unit.html --
{{ with .Params.facts.unit }}unit {{ .n }} {{ range .topics }}{{ .id }} {{ end }}{{ or .html .other | safeHTML }}{{ end }}
-- content/termbase.csv --
zh,en
`

func project(t *testing.T, archive string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return files
}

// opened is a site of the small plan with these ordinary texts.
func opened(t *testing.T, project fs.FS, change func(*Input), texts ...Text) (*Site, error) {
	t.Helper()
	in := Input{Project: project, Plan: small(), Origin: "https://example.org", Texts: texts}
	if change != nil {
		change(&in)
	}
	var pages []address.Markdown
	for _, text := range texts {
		pages = append(pages, address.Markdown{Name: text.Name, Lang: text.Lang})
	}
	in.Book = address.New(in.Plan, address.Options{Pages: pages, Drafts: in.Drafts, Components: in.Preview})
	return New(in)
}

// pagesOf are all pages of a site.
func pagesOf(t *testing.T, s *Site) (list []Page) {
	t.Helper()
	for p, err := range s.Pages(&Notes{}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// rendered renders pages, by their files.
func rendered(t *testing.T, s *Site, pages []Page, stall time.Duration) (map[string]string, error) {
	t.Helper()
	var mu sync.Mutex
	files := map[string]string{}
	_, err := s.Render(context.Background(), pages, Rendering{Stall: stall, Emit: func(p Page, data []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if _, twice := files[p.File()]; twice {
			t.Errorf("%s was emitted twice", p.File())
		}
		files[p.File()] = strings.TrimSpace(string(data))
		return nil
	}})
	mu.Lock()
	defer mu.Unlock()
	return files, err
}

func render(t *testing.T, project fs.FS, change func(*Input), texts ...Text) (map[string]string, error) {
	t.Helper()
	s, err := opened(t, project, change, texts...)
	if err != nil {
		return nil, err
	}
	return rendered(t, s, pagesOf(t, s), 0)
}

var note = Text{Name: "pages/note", File: "content/pages/note.zh.md", Lang: plan.ZH, Title: "note", Body: "words\n", Line: 4}

func TestRender(t *testing.T) {
	files, err := render(t, project(t, plain), nil, note)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"index.html":            "root 方案",
		"404.html":              "lost 404",
		"zh/index.html":         "home https://example.org",
		"zh/plan/index.html":    "plan 方案",
		"en/plan/c1/index.html": "chapter Green",
		"zh/plan/s1/index.html": "section 环境",
		"zh/m/s1-1/index.html":  "unit 1-1 ecology <em>保护</em>。",
		"en/m/p-1/index.html":   "unit p-1 Preface.",
		"zh/note/index.html":    "page note <p>words</p>",
	} {
		if files[name] != want {
			t.Errorf("%s: %q, want %q", name, files[name], want)
		}
	}
	s, err := opened(t, project(t, plain), nil, note)
	if err != nil {
		t.Fatal(err)
	}
	if pages := pagesOf(t, s); len(pages) != len(files) {
		t.Errorf("%d files of %d pages", len(files), len(pages))
	}
}

// TestSlices renders each page alone, and all together: a page asks for no other.
func TestSlices(t *testing.T) {
	s, err := opened(t, os.DirFS("../../.."), nil, note)
	if err != nil {
		t.Fatal(err)
	}
	all, err := rendered(t, s, pagesOf(t, s), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pagesOf(t, s) {
		one, err := rendered(t, s, []Page{p}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(one) != 1 || one[p.File()] != all[p.File()] {
			t.Errorf("%s is another page when it is rendered alone", p.File())
		}
	}
}

func TestRenderFindings(t *testing.T) {
	broken := note
	broken.Body = "\n{{< nope >}}\n"
	for _, c := range []struct {
		name, file, text, want string
		note                   Text
	}{
		{name: "a template that does not parse", file: "layouts/page.html", text: "{{ if }}", want: "layouts/page.html:1:1: missing value for if"},
		{name: "a missing field", file: "layouts/unit.html", text: "\n\n{{ .nope }}", want: "layouts/unit.html:3:3: "},
		{name: "a missing function", file: "layouts/page.html", text: "{{ nope }}", want: "layouts/page.html:1:"},
		{name: "a missing partial", file: "layouts/page.html", text: "x\n{{ partial \"nope.html\" . }}", want: "layouts/page.html:2"},
		{name: "errorf", file: "layouts/page.html", text: "{{ errorf \"it is wrong\" }}", want: "it is wrong"},
		{name: "the configuration", file: "hugo.toml", text: "a = b", want: "hugo.toml:1:"},
		{name: "a shortcode", want: "content/pages/note.zh.md:5:", note: broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := project(t, plain)
			if c.file != "" {
				p[c.file] = &fstest.MapFile{Data: []byte(c.text)}
			}
			texts := []Text{note}
			if c.note.Name != "" {
				texts = []Text{c.note}
			}
			_, err := render(t, p, nil, texts...)
			var list diag.List
			if !errors.As(err, &list) {
				t.Fatalf("got %v, want findings", err)
			}
			if !strings.Contains(list.Error(), c.want) {
				t.Errorf("no %q in\n%v", c.want, list)
			}
			if strings.Contains(list.Error(), root) {
				t.Errorf("a finding names folders that nobody has:\n%v", list)
			}
			for _, d := range list {
				if d.Hint.ZH == "" && d.Severity != diag.Warning {
					t.Errorf("no hint: %v", d)
				}
			}
			// The next build in the same process is not marked by this one.
			if _, err := render(t, project(t, plain), nil, note); err != nil {
				t.Errorf("after it, a sound project fails: %v", err)
			}
		})
	}
}

// TestLinkHook gives the theme's own template for links every kind of destination.
func TestLinkHook(t *testing.T) {
	hook, err := os.ReadFile("../../../themes/minxi/layouts/_markup/render-link.html")
	if err != nil {
		t.Fatal(err)
	}
	p := project(t, plain)
	p["layouts/_markup/render-link.html"] = &fstest.MapFile{Data: hook}
	links := map[string]string{"s1-1": "/en/m/s1-1/", "p-1": "/en/m/p-1/", "c1": "/en/plan/c1/", "../note.md#there": "/en/note/#there"}
	for text, want := range map[string]string{
		"[x](s1-1)":                   `<p><a href="/en/m/s1-1/" data-sentence="1-1">x</a></p>`,
		"[x](p-1), *[y](s1-1)*.":      `<p><a href="/en/m/p-1/" data-sentence="p-1">x</a>, <em><a href="/en/m/s1-1/" data-sentence="1-1">y</a></em>.</p>`,
		"[x](c1)":                     `<p><a href="/en/plan/c1/">x</a></p>`,
		"[x][1]\n\n[1]: s1-1 \"a b\"": `<p><a href="/en/m/s1-1/" data-sentence="1-1" title="a b">x</a></p>`,
		"[x](/en/m/s1-1/?a=b#c)":      `<p><a href="/en/m/s1-1/?a=b#c">x</a></p>`,
		"[x](#there)":                 `<p><a href="/en/about/#there">x</a></p>`,
		"[x](../note.md#there)":       `<p><a href="/en/note/#there">x</a></p>`,
		"[x](https://a.org/s1-1)":     `<p><a href="https://a.org/s1-1">x</a></p>`,
		"[x](mailto:a@b.org)":         `<p><a href="mailto:a@b.org">x</a></p>`,
		"[x](tel:+86-597-1)":          `<p><a href="tel:&#43;86-597-1">x</a></p>`,
		"[x](javascript:alert%281)":   `<p><a href="#ZgotmplZ">x</a></p>`,
		"[x](s1-1.pdf)":               `<p><a href="s1-1.pdf">x</a></p>`,
		"<https://a.org>":             `<p><a href="https://a.org">https://a.org</a></p>`,
	} {
		files, err := render(t, p, nil, Text{Name: "pages/about", File: "content/pages/about.en.md", Lang: plan.EN, Title: "about", Body: text + "\n", Line: 4, Links: links})
		if got := strings.TrimPrefix(files["en/about/index.html"], "page about "); err != nil || got != want {
			t.Errorf("%s: %v\n%s, want\n%s", text, err, got, want)
		}
	}
}

func TestSeveralTemplates(t *testing.T) {
	p := project(t, plain)
	for name, text := range map[string]string{"layouts/page.html": "\n{{ if }}", "layouts/chapter.html": "{{ range }}", "layouts/unit.html": "\n\n{{ \"open }}"} {
		p[name] = &fstest.MapFile{Data: []byte(text)}
	}
	_, err := render(t, p, nil)
	for _, want := range []string{"layouts/page.html:2:", "layouts/chapter.html:1:", "layouts/unit.html:3:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in %v", want, err)
		}
	}
}

func TestStall(t *testing.T) {
	p := project(t, plain)
	p["layouts/page.html"] = &fstest.MapFile{Data: []byte("{{ range seq 30000 }}{{ range seq 3000 }}{{ end }}{{ end }}")}
	s, err := opened(t, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = rendered(t, s, pagesOf(t, s), 200*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "the render hangs") {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
}

func TestEmitFails(t *testing.T) {
	full := errors.New("the disk is full")
	s, err := opened(t, project(t, plain), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Render(context.Background(), pagesOf(t, s), Rendering{Emit: func(Page, []byte) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// factsOf are the facts of a page as templates get them.
func factsOf(t *testing.T, s *Site, file string) (f map[string]any) {
	t.Helper()
	for _, p := range pagesOf(t, s) {
		if p.File() == file {
			var front struct {
				Params struct{ Facts map[string]any }
			}
			if err := json.NewDecoder(strings.NewReader(string(p.data))).Decode(&front); err != nil {
				t.Fatal(err)
			}
			return front.Params.Facts
		}
	}
	t.Fatalf("no page %s", file)
	return nil
}

// TestFacts looks at what templates are given: what a page shows, in its language,
// and nothing else.
func TestFacts(t *testing.T) {
	more := func(in *Input) {
		in.Plan.Places = []*plan.Place{{ID: "longyan", Kind: plan.City, Title: plan.Text{ZH: "龙岩市", EN: "Longyan City"}}, {ID: "changting", Kind: plan.County, Parent: "longyan", Tile: &plan.Tile{Row: 2}}}
		in.Plan.Chapters[0].Sections[0].Units[0].Text.EN = "Protect."
		in.Plan.Chapters[0].Sections[0].Units[0].HTML.EN = "Protect."
	}
	s, err := opened(t, project(t, plain), more)
	if err != nil {
		t.Fatal(err)
	}
	f := factsOf(t, s, "en/plan/index.html")
	text, _ := json.Marshal(f)
	for _, no := range []string{"保护", "环境", "序", "龙岩"} {
		if strings.Contains(string(text), no) {
			t.Errorf("the English page of the plan knows %s: %s", no, text)
		}
	}
	section := f["chapters"].([]any)[0].(map[string]any)["sections"].([]any)[0].(map[string]any)
	unit := section["units"].([]any)[0].(map[string]any)
	if unit["n"] != "1-1" || unit["href"] != "/en/m/s1-1/" || unit["html"] != "Protect." || unit["other"] != nil {
		t.Errorf("%v", unit)
	}
	// The page of a chapter or section has the other language of its sentences, and nothing else of it.
	f = factsOf(t, s, "en/plan/s1/index.html")
	unit = f["division"].(map[string]any)["units"].([]any)[0].(map[string]any)
	if text, _ := json.Marshal(f); unit["other"] != "<em>保护</em>。" || strings.Contains(string(text), "环境") {
		t.Errorf("%s", text)
	}
	own := factsOf(t, s, "zh/m/s1-1/index.html")
	unit = own["unit"].(map[string]any)
	if unit["html"] != "<em>保护</em>。" || unit["other"] != "Protect." || unit["home"] != "/zh/plan/s1/#s1-1" || own["twin"] != "/en/m/s1-1/" {
		t.Errorf("%v", own)
	}
	if prev := own["prev"].(map[string]any)["of"].(map[string]any); prev["n"] != "p-1" || own["next"] != nil {
		t.Errorf("%v", own)
	}
	places := factsOf(t, s, "zh/places/index.html")
	tiles := places["map"].(map[string]any)
	if tile := tiles["tiles"].([]any)[0].(map[string]any); tiles["rows"] != 3.0 || tile["href"] != "/zh/places/changting/" || tile["y"] != 2.0 {
		t.Errorf("%v", tiles)
	}
}

// TestFactsAreFew changes one Chinese sentence of the real plan's size and counts
// the pages whose key changes: those that show it.
func TestKeys(t *testing.T) {
	keysOf := func(project fs.FS, change func(*Input)) map[string]string {
		s, err := opened(t, project, change, note)
		if err != nil {
			t.Fatal(err)
		}
		keys := map[string]string{}
		for _, p := range pagesOf(t, s) {
			keys[p.File()] = p.Key
		}
		return keys
	}
	differ := func(a, b map[string]string) (list []string) {
		for name := range a {
			if a[name] != b[name] {
				list = append(list, name)
			}
		}
		slices.Sort(list)
		return list
	}
	before := keysOf(project(t, plain), nil)
	if after := keysOf(project(t, plain), nil); !maps.Equal(before, after) {
		t.Errorf("keys differ from run to run: %v", differ(before, after))
	}
	edit := func(file, text string) fs.FS {
		p := project(t, plain)
		p[file] = &fstest.MapFile{Data: []byte(text)}
		return p
	}
	for _, c := range []struct {
		name    string
		project fs.FS
		change  func(*Input)
		want    []string // files; nil for all
		not     []string
	}{
		{name: "the configuration", project: edit("hugo.toml", string(project(t, plain)["hugo.toml"].Data)+"\ntitle = \"x\"\n")},
		{name: "the address", project: project(t, plain), change: func(in *Input) { in.Origin = "https://example.com" }},
		{name: "a layout", project: edit("layouts/unit.html", "unit"), want: []string{"en/m/p-1/index.html", "en/m/s1-1/index.html", "zh/m/p-1/index.html", "zh/m/s1-1/index.html"}},
		{name: "a partial that nobody calls", project: edit("layouts/_partials/x.html", "x"), want: []string{}},
		{name: "a link hook", project: edit("layouts/_markup/render-link.html", "x")},
		{name: "an English sentence", project: project(t, plain), change: func(in *Input) {
			in.Plan.Preamble[0].Text.EN, in.Plan.Preamble[0].HTML.EN = "Other.", "Other."
		}, want: []string{"en/m/p-1/index.html", "en/m/s1-1/index.html", // which names its neighbour by its headline
			"en/plan/index.html", "en/plan/parallel/index.html", "en/search/index.html",
			"zh/m/p-1/index.html", "zh/plan/parallel/index.html", "zh/search/index.html"}}, // the search pages name the file that has all texts
	} {
		got := differ(before, keysOf(c.project, c.change))
		if c.want == nil && len(got) != len(before) || c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("%s: changed %v, want %v", c.name, got, c.want)
		}
	}
}

func themeOfProject(t *testing.T) theme {
	t.Helper()
	th, err := loadTheme(os.DirFS(filepath.Join("..", "..", "..")))
	if err != nil {
		t.Fatal(err)
	}
	return th
}
func TestBrief(t *testing.T) {
	for _, c := range []struct {
		s       string
		n, more int
		want    string
	}{
		{"短句。", 10, 0, "短句"},
		{"支持龙岩、三明建设示范区，推动高质量发展。", 12, 0, "支持龙岩、三明建设示范区…"},
		{"支持龙岩、三明建设示范区，推动高质量发展。", 10, 2, "支持龙岩、三明建设示范区…"},
		{"支持龙岩、三明建设示范区，推动高质量发展。", 10, 0, "支持龙岩、三明建设示…"},
		{"建设示范区、合作区等产业区域，推动发展。", 9, 2, "建设示范区…"},
		{"支持示范区高质量发展。", 9, 2, "支持示范区高质量发展"},
		{"加强宣传，提升龙岩“红古田”、“风展红旗”品牌影响力，做好工作。", 18, 0, "加强宣传，提升龙岩“红古田”…"},
		{"一二三四五六七八九十", 4, 0, "一二三四…"},
		{"Support Longyan in building a model.", 10, 0, "Support Longyan…"},
		{"Support Longyan, in line with 5,000 m. of it, in building.", 22, 0, "Support Longyan, in line with 5,000 m. of it…"},
		{"", 4, 2, ""},
	} {
		if got := brief(c.s, c.n, c.more); got != c.want {
			t.Errorf("brief(%q, %d, %d) = %q, want %q", c.s, c.n, c.more, got, c.want)
		}
	}
}
