package pipeline

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minxi/generator/internal/address"
	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// littlePlan is a plan with one of everything, whose pages are quick to render.
var littlePlan = map[string]string{
	"content/_index.zh.md":                  "---\ntitle: 方案\ndescription: 一份小方案。\n---\n",
	"content/_index.en.md":                  "---\ntitle: Plan\ndescription: A little plan.\n---\n",
	"content/plan/_index.zh.md":             "---\ntitle: 方案\n---\n\n为此制定方案。\n{#p-1 kind=\"context\"}\n",
	"content/plan/_index.en.md":             "---\ntitle: Plan\n---\n\nThis plan is made for that.\n{#p-1}\n",
	"content/plan/c1/_index.zh.md":          "---\ntitle: 绿色\nnumber: 1\n---\n\n坚持绿色。\n{#c1-1 kind=\"guideline\"}\n",
	"content/plan/c1/_index.en.md":          "---\ntitle: Green\nnumber: 1\n---\n\nKeep to green.\n{#c1-1}\n",
	"content/plan/c1/s1.zh.md":              "---\ntitle: 环境\nnumber: 1\n---\n\n到2025年，环境更好。\n{#s1-1 kind=\"target\" topics=\"ecology\"}\n\n治理长汀水土。\n{#s1-2 topics=\"ecology\" places=\"changting\"}\n",
	"content/plan/c1/s1.en.md":              "---\ntitle: Environment\nnumber: 1\n---\n\nBy 2025 it is better.\n{#s1-1}\n\nControl erosion in Changting.\n{#s1-2}\n",
	"content/plan/c2/_index.zh.md":          "---\ntitle: 民生\nnumber: 2\n---\n",
	"content/plan/c2/_index.en.md":          "---\ntitle: Livelihoods\nnumber: 2\n---\n",
	"content/plan/c2/s2.zh.md":              "---\ntitle: 教育\nnumber: 2\n---\n\n办好教育。\n{#s2-1 topics=\"schools ecology\" bodies=\"schools\"}\n",
	"content/plan/c2/s2.en.md":              "---\ntitle: Education\nnumber: 2\n---\n\nProvide good schools.\n{#s2-1}\n",
	"content/topics/_index.zh.md":           "---\ntitle: 主题\n---\n",
	"content/topics/_index.en.md":           "---\ntitle: Topics\n---\n",
	"content/topics/ecology/_index.zh.md":   "---\ntitle: 生态\ndescription: 绿水。\nmain: true\n---\n\n见[这一句](s1-2)。\n\n## 更多 {#more}\n\n完。\n",
	"content/topics/ecology/_index.en.md":   "---\ntitle: Ecology\ndescription: Green.\n---\n\nSee [this](s1-2).\n\n## More {#more}\n\nDone.\n",
	"content/topics/schools/_index.zh.md":   "---\ntitle: 学校\ndescription: 学校。\n---\n",
	"content/topics/schools/_index.en.md":   "---\ntitle: Schools\ndescription: Schools.\n---\n",
	"content/places/_index.zh.md":           "---\ntitle: 地方\n---\n",
	"content/places/_index.en.md":           "---\ntitle: Places\n---\n",
	"content/places/longyan/_index.zh.md":   "---\ntitle: 龙岩市\nname: 龙岩\nplace: city\n---\n",
	"content/places/longyan/_index.en.md":   "---\ntitle: Longyan City\nname: Longyan\n---\n",
	"content/places/changting/_index.zh.md": "---\ntitle: 长汀县\nname: 长汀\nplace: county\nparent: longyan\ntile: [0, 0]\n---\n",
	"content/places/changting/_index.en.md": "---\ntitle: Changting County\nname: Changting\n---\n",
	"content/bodies/county/_index.zh.md":    "---\ntitle: 长汀县\nbody: government\nplace: changting\n---\n",
	"content/bodies/county/_index.en.md":    "---\ntitle: Changting County\n---\n",
	"content/bodies/schools/_index.zh.md":   "---\ntitle: 学校\nbody: institution\n---\n",
	"content/bodies/schools/_index.en.md":   "---\ntitle: Schools\n---\n",
	"content/pages/about.zh.md":             "---\ntitle: 关于本站\n---\n\n见[方案](/zh/plan/)。\n\n## 引用 {#cite}\n\n按编号。\n",
	"content/pages/about.en.md":             "---\ntitle: About this site\n---\n\nSee [the plan](/en/plan/).\n\n## Citing {#cite}\n\nBy number.\n",
	"content/termbase.csv":                  "zh,en,forbidden,kind,note,source\n水土,soil and water,,policy-term,,\n教育,education,,policy-term,,\n",
}

var littleUpdate = map[string]string{
	"content/updates/2024-05-01-water.zh.md": "---\ntitle: 动态\ndate: 2024-05-01\nmeasures: [s1-2]\n---\n\n正文。\n",
	"content/updates/2024-05-01-water.en.md": "---\ntitle: An update\n---\n\nText.\n",
	"content/updates/2024-06-01-draft.zh.md": "---\ntitle: 草稿\ndate: 2024-06-01\nmeasures: [s2-1]\ndraft: true\n---\n\n正文。\n",
	"content/updates/2024-06-01-draft.en.md": "---\ntitle: A draft\ndraft: true\n---\n\nText.\n",
	"content/pages/later.zh.md":              "---\ntitle: 以后\ndraft: true\n---\n\n正文。\n",
}

// little writes the little plan and further files, with the project's own theme.
func little(t testing.TB, more ...map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	copyParts(t, dir, "themes", "hugo.toml")
	for _, files := range append([]map[string]string{littlePlan}, more...) {
		for name, text := range files {
			write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
		}
	}
	return dir
}

func copyParts(t testing.TB, dir string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if out, err := exec.Command("cp", "-r", filepath.Join(projectDir, part), dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestBook compares the address book with the built tree, both ways.
func TestBook(t *testing.T) {
	real, err := filepath.Abs(projectDir)
	if err != nil {
		t.Fatal(err)
	}
	retired := func(t *testing.T) string {
		dir := little(t)
		tree, _ := content.Load(os.DirFS(dir), "content")
		var rows plan.Ledger
		for u := range tree.Plan.Units() {
			rows = append(rows, plan.Entry{ID: u.ID, State: plan.Live, ZH: plan.Hash(u.Text.ZH), Text: plan.Text{ZH: u.Text.ZH}})
		}
		const was = "这一句撤销了。"
		for _, e := range []plan.Entry{
			{ID: "s1-7", State: plan.Withdrawn, To: []plan.ID{"s1-1", "s1-2"}},
			{ID: "s1-8", State: plan.Withdrawn},
			{ID: "s1-9", State: plan.Moved, To: []plan.ID{"s2-1"}},
		} {
			e.ZH, e.Text.ZH, e.Why = plan.Hash(was), was, "试验"
			rows = append(rows, e)
		}
		write(t, filepath.Join(dir, "content", "ledger.csv"), string(content.FormatLedger(rows)))
		return dir
	}
	static := map[string]string{"static/file/x.txt": "x", "content/data/_index.zh.md": "---\ntitle: 数据\n---\n\n说明。\n", "content/data/_index.en.md": "---\ntitle: Data\n---\n\nWhat it is.\n", "content/news/one.zh.md": "---\ntitle: 一\n---\n\n一。\n", "content/pages/sub/Two Words.zh.md": "---\ntitle: 二\n---\n\n二。\n", "content/pages/sub/Two Words.en.md": "---\ntitle: two\n---\n\nTwo.\n"}
	for _, c := range []struct {
		name string
		dir  func(*testing.T) string
		o    Options
		has  []string // addresses that this case is about
		not  []string
	}{
		{"the real plan", func(*testing.T) string { return real }, Options{}, []string{"/zh/topics/ecology/changting/", "/en/glossary/", "/zh/about/", "/en/verbs/", "/data/terms.json", "/icon.svg", "/zh/bodies/fujian/", "/en/bodies/ndrc/feed.xml"}, []string{"/zh/updates/", "/zh/components/", "/zh/m/"}},
		{"a little plan", func(t *testing.T) string { return little(t, static) }, Options{}, []string{"/zh/topics/ecology/changting/", "/file/x.txt", "/zh/news/", "/zh/news/one/"}, []string{"/zh/topics/schools/changting/"}},
		{"updates", func(t *testing.T) string { return little(t, littleUpdate) }, Options{}, []string{"/en/updates/2024-05-01-water/", "/zh/updates/feed.xml"}, []string{"/zh/updates/2024-06-01-draft/", "/zh/later/"}},
		{"drafts", func(t *testing.T) string { return little(t, littleUpdate) }, Options{Drafts: true}, []string{"/zh/updates/2024-06-01-draft/", "/zh/later/"}, []string{"/zh/components/"}},
		{"with an address", func(t *testing.T) string { return little(t) }, Options{Base: Base{Origin: "https://example.org"}}, []string{"/cards/zh.png", "/cards/en/m/s1-2.png", "/cards/zh/plan/s2.png", "/cards/zh/m/s1-2.json", "/cards/zh/bodies/schools.png", "/pictures/zh/topics/ecology.png", "/pictures/en/places/changting.png"}, []string{"/cards/zh/plan.png", "/pictures/zh/bodies/schools.png"}},
		{"the preview", func(t *testing.T) string { return little(t) }, Options{Preview: true, Tolerant: true}, []string{"/zh/components/"}, nil},
		{"retired ids", retired, Options{}, []string{"/zh/m/s1-7/", "/en/m/s1-8/", "/zh/m/s1-9/"}, nil},
		{"a hub in one language", func(t *testing.T) string {
			dir := little(t)
			if err := os.RemoveAll(filepath.Join(dir, "content", "topics", "schools", "_index.en.md")); err != nil {
				t.Fatal(err)
			}
			return dir
		}, Options{}, []string{"/en/topics/schools/"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := c.dir(t)
			o := c.o
			o.Dir, o.NoCheck = dir, dir != real
			out := &Memory{}
			if dir == real {
				out = &builtOnce(t, "").out
			} else if _, err := Build(context.Background(), o, out); err != nil {
				t.Fatal(err)
			}
			tree, _ := content.Load(os.DirFS(dir), "content")
			files, err := staticFiles(dir)
			if err != nil {
				t.Fatal(err)
			}
			book := address.New(tree.Plan, addresses(o, tree, files))
			for a := range book.All() {
				data, there := out.File(a.File())
				if !there {
					t.Errorf("%s (%s) is not built", a.Path, a.Kind)
					continue
				}
				of, _ := book.Find(strings.TrimSuffix(a.Path, "index.md")) // whose text it is
				if twin := a.Twin(); twin != "" && a.Kind != address.Page && of.Kind != address.Page {
					if b, has := book.Find(twin); !has || b.Kind != a.Kind || b.Twin() != a.Path {
						t.Errorf("%s (%s) has no twin", a.Path, a.Kind)
					}
				}
				if a.Kind.IsPage() {
					anchors(t, a, data)
				}
			}
			for name := range out.Files() {
				a, known := book.Find("/" + name)
				if !known {
					t.Errorf("%s is built, and the book does not know it", name)
				} else if a.File() != name {
					t.Errorf("%s is found as %s", name, a.Path)
				}
			}
			for _, path := range unreached(out, book) {
				// The words of a site name its data; those of the little plan do not.
				if a, _ := book.Find(path); a.Kind != address.Data || dir == real {
					t.Errorf("no link leads to %s", path)
				}
			}
			for _, path := range c.has {
				if _, has := book.Find(path); !has {
					t.Errorf("no %s", path)
				}
			}
			for _, path := range c.not {
				if a, has := book.Find(path); has {
					t.Errorf("%s is there: %v", path, a)
				}
			}
		})
	}
}

// unknocked are pages that people come to by their address alone.
var unknocked = map[address.Kind]bool{address.Root: true, address.Lost: true, address.Moved: true, address.Withdrawn: true, address.Components: true}

// unreached lists the pages and data files of a site to which no links lead from
// its root.
func unreached(out *Memory, book *address.Book) (list []string) {
	hrefs := regexp.MustCompile(`<a [^>]*?href="?([^"> #?]+)`)
	seen := map[string]bool{"/": true}
	for todo := []string{"/"}; len(todo) > 0; {
		at := todo[0]
		todo = todo[1:]
		page, _ := out.File(address.File(at))
		here := &url.URL{Path: at}
		for _, m := range hrefs.FindAllSubmatch(page, -1) {
			to, err := here.Parse(html.UnescapeString(string(m[1])))
			if err != nil || to.Host != "" || to.Scheme != "" {
				continue
			}
			if path := strings.TrimSuffix(to.Path, "index.html"); !seen[path] {
				seen[path] = true
				if a, has := book.Find(path); has && a.Kind.IsPage() {
					todo = append(todo, path)
				}
			}
		}
	}
	for a := range book.All() {
		if (a.Kind.IsPage() && !unknocked[a.Kind] || a.Kind == address.Data) && !seen[a.Path] {
			list = append(list, a.Path)
		}
	}
	return list
}

// TestLastModified compares the dates in the site maps for programs with what
// pages show: the newest of their updates, or the day of the update itself, and no
// date on any other.
func TestLastModified(t *testing.T) {
	dir := little(t, littleUpdate, map[string]string{
		"content/updates/2024-07-01-both.zh.md": "---\ntitle: 新\ndate: 2024-07-02\nmeasures: [s2-1, s1-2]\n---\n\n正文。\n",
		"content/updates/2024-07-01-both.en.md": "---\ntitle: New\n---\n\nText.\n",
		"content/updates/2023-01-01-old.zh.md":  "---\ntitle: 旧\ndate: 2023-01-01\nmeasures: [s1-1]\n---\n\n正文。\n",
		"content/updates/2023-01-01-old.en.md":  "---\ntitle: Old\n---\n\nText.\n",
	})
	var out Memory
	if _, err := Build(context.Background(), Options{Dir: dir, NoCheck: true}, &out); err != nil {
		t.Fatal(err)
	}
	listed := regexp.MustCompile(`<url><loc>([^<]*)</loc>(?:<lastmod>([^<]*)</lastmod>)?`)
	days := regexp.MustCompile(`<time[^>]* datetime="?(\d{4}-\d\d-\d\d)`)
	dated := map[string]string{}
	for _, l := range plan.Langs {
		data, _ := out.File(string(l) + "/sitemap.xml")
		for _, m := range listed.FindAllStringSubmatch(string(data), -1) {
			page, there := out.File(address.File(m[1]))
			if !there {
				t.Fatalf("%s is not built", m[1])
			}
			newest := ""
			for _, day := range days.FindAllStringSubmatch(string(page), -1) {
				newest = max(newest, day[1])
			}
			if m[2] != newest {
				t.Errorf("%s is of %q, and shows %q", m[1], m[2], newest)
			}
			dated[m[1]] = m[2]
		}
	}
	for path, want := range map[string]string{
		"/zh/": "2024-07-02", "/en/updates/": "2024-07-02", "/zh/updates/2024-05-01-water/": "2024-05-01", "/en/m/s1-1/": "2023-01-01",
		"/zh/m/s1-2/": "2024-07-02", "/zh/plan/s1/": "2024-07-02", "/zh/topics/schools/": "2024-07-02", "/zh/bodies/schools/": "2024-07-02", "/zh/bodies/county/": "", "/zh/places/changting/": "2024-07-02",
		"/zh/places/longyan/": "", "/zh/plan/": "", "/zh/plan/c1/": "", "/zh/about/": "", "/zh/plan/s1/parallel/": "", "/zh/topics/ecology/changting/": "",
	} {
		if got, has := dated[path]; !has || got != want {
			t.Errorf("%s is of %q (%v), not %q", path, got, has, want)
		}
	}
}

// anchors wants every fragment of a page once on it.
func anchors(t *testing.T, a address.Address, data []byte) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int{}
	for n := range doc.Descendants() {
		for _, attr := range n.Attr {
			if n.Type == html.ElementNode && attr.Key == "id" {
				ids[attr.Val]++
			}
		}
	}
	for _, f := range a.Fragments {
		if ids[f] != 1 {
			t.Errorf("%s: #%s is there %d times", a.Path, f, ids[f])
		}
	}
}
