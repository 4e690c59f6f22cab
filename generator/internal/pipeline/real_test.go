package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/sample"
)

// The published plan is the fixture: these tests build the real content and
// follow every link of it, in each way that a tree can be served.

const projectDir = "../../.."

// bases are the ways to serve a tree, and where its root is then.
var bases = []struct{ name, flag, root string }{
	{"file", "", "file:///home/reader/site/"},
	{"file-at-root", "", "https://example.org/"},
	{"file-below", "", "https://example.org/a/b/"},
	{"root", "https://example.org/", "https://example.org/"},
	{"below", "https://example.org/a/b/", "https://example.org/a/b/"},
	{"path", "/a/b/", "https://example.org/a/b/"},
}

// A realSite is what a build of the real plan made, and what it said.
type realSite struct {
	out Memory
	res *Result
	err error
}

var realSites sync.Map // of base to func() *realSite

// build gives the real site for a base. It is built once for all tests, which only read it.
func build(t testing.TB, flag string) (map[string][]byte, *Result) {
	t.Helper()
	b := builtOnce(t, flag)
	return b.out.Files(), b.res
}

func builtOnce(t testing.TB, flag string) *realSite {
	t.Helper()
	once, _ := realSites.LoadOrStore(flag, sync.OnceValue(func() *realSite { return construct(flag) }))
	b := once.(func() *realSite)()
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b
}

func construct(flag string) *realSite {
	b := &realSite{}
	dir, err := filepath.Abs(projectDir)
	if err != nil {
		return &realSite{err: err}
	}
	base, err := ParseBase(flag)
	if err != nil {
		return &realSite{err: err}
	}
	b.res, b.err = Build(context.Background(), kept(Options{Dir: dir, Base: base}), &b.out)
	return b
}

// finishedPages keeps what builds of the real plan have finished, for those that build it
// again with something changed: pictures alone cost more than all pages.
var finishedPages cache.Store

func kept(o Options) Options {
	o.Cache, o.Version = finishedPages, "test"
	return o
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "minxi-finished")
	if err != nil {
		panic(err)
	}
	finishedPages.Dir = dir
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// page is a parsed page of the tree.
type page struct {
	name  string // zh/plan/index.html
	url   *url.URL
	doc   *html.Node
	ids   map[string]int
	links []link
}

type link struct{ element, attr, rel, hreflang, value string }

func TestRealSite(t *testing.T) {
	for _, b := range sample.Every(2, bases) {
		t.Run(b.name, func(t *testing.T) {
			files, res := build(t, b.flag)
			root, err := url.Parse(b.root)
			if err != nil {
				t.Fatal(err)
			}
			pages := map[string]*page{}
			for name, data := range files {
				if path.Ext(name) == ".html" {
					pages[name] = parsePage(t, root, name, data)
				}
			}
			checkPages(t, pages)
			checkLinks(t, root, files, pages)
			checkAlternates(t, root, files, pages)
			checkUnits(t, pages)
			checkSitemap(t, root, files, pages)
			checkFeeds(t, root, files)
			checkData(t, root, files, strings.TrimRight(b.flag, "/"))
			if res.Pages[plan.ZH] == 0 || res.Pages[plan.ZH] != res.Pages[plan.EN] {
				t.Errorf("%d Chinese pages, %d English", res.Pages[plan.ZH], res.Pages[plan.EN])
			}
		})
	}
}

func parsePage(t *testing.T, root *url.URL, name string, data []byte) *page {
	p := &page{name: name, ids: map[string]int{}}
	at := name
	if root.Scheme != "file" {
		at = strings.TrimSuffix(name, "index.html")
	}
	var err error
	if p.url, err = root.Parse(at); err != nil {
		t.Fatal(err)
	}
	if p.doc, err = html.Parse(bytes.NewReader(data)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for n := range p.doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		l := link{element: n.Data}
		for _, a := range n.Attr {
			switch a.Key {
			case "id":
				p.ids[a.Val]++
			case "href", "src", "action", "poster", "data":
				l.attr, l.value = a.Key, a.Val
			case "rel":
				l.rel = a.Val
			case "hreflang":
				l.hreflang = a.Val
			case "content":
				if _, to, ok := strings.Cut(a.Val, "url="); ok && n.DataAtom == atom.Meta {
					l.attr, l.value = a.Key, to
				}
			}
		}
		if l.attr != "" {
			p.links = append(p.links, l)
		}
	}
	for _, problem := range htmlProblems(data) {
		t.Errorf("%s: %s", name, problem)
	}
	return p
}

func checkPages(t *testing.T, pages map[string]*page) {
	titles := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		p := pages[name]
		h1, title, lang := 0, "", ""
		for n := range p.doc.Descendants() {
			switch n.DataAtom {
			case atom.H1:
				h1++
			case atom.Title:
				if n.Namespace == "" { // not a label in a picture
					title = n.FirstChild.Data
				}
			case atom.Html:
				for _, a := range n.Attr {
					if a.Key == "lang" {
						lang = a.Val
					}
				}
			}
		}
		want := "zh-Hans"
		if strings.HasPrefix(name, "en/") {
			want = "en"
		}
		if h1 != 1 || lang != want || strings.TrimSpace(title) == "" {
			t.Errorf("%s: %d h1, language %q, title %q", name, h1, lang, title)
		}
		if first, taken := titles[title]; taken {
			t.Errorf("%s and %s have the same title %q", first, name, title)
		}
		titles[title] = name
		for id, n := range p.ids {
			if n > 1 {
				t.Errorf("%s: id %s stands %d times", name, id, n)
			}
		}
	}
}

// target finds the file that a URL leads to, as a server or a disk would.
func target(root *url.URL, files map[string][]byte, u *url.URL) (string, bool) {
	if u.Scheme != root.Scheme || u.Host != root.Host || !strings.HasPrefix(u.Path, root.Path) {
		return u.String(), false
	}
	name := strings.TrimPrefix(u.Path, root.Path)
	if root.Scheme != "file" && (name == "" || strings.HasSuffix(name, "/")) {
		name += "index.html"
	}
	_, ok := files[name]
	return name, ok
}

func checkLinks(t *testing.T, root *url.URL, files map[string][]byte, pages map[string]*page) {
	for name, p := range pages {
		if path.Base(name) == "404.html" {
			continue // served at any depth: checked below
		}
		for _, l := range p.links {
			u, err := p.url.Parse(l.value)
			if err != nil {
				t.Errorf("%s: %s: %v", name, l.value, err)
				continue
			}
			to, ok := target(root, files, u)
			if !ok {
				t.Errorf("%s: <%s %s=%q> leads to %s, which is not there", name, l.element, l.attr, l.value, to)
				continue
			}
			u.Fragment, _, _ = strings.Cut(u.Fragment, ":~:") // words: see browser TestExactWords
			if u.Fragment != "" && (pages[to] == nil || pages[to].ids[u.Fragment] == 0) {
				t.Errorf("%s: %s has no #%s", name, to, u.Fragment)
			}
		}
	}
	// A host shows 404.html for any address below the root.
	for _, name := range []string{"404.html", "zh/404.html", "en/404.html"} {
		p := pages[name]
		if p == nil {
			t.Errorf("no %s", name)
			continue
		}
		if root.Scheme == "file" {
			continue
		}
		for _, deep := range []string{"nowhere", "zh/plan/s99/", "en/m/x/y/z"} {
			for _, l := range p.links {
				if strings.HasPrefix(l.value, "#") {
					continue
				}
				u, err := root.JoinPath(deep).Parse(l.value)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if to, ok := target(root, files, u); !ok && !(root.Path != "/" && strings.HasPrefix(l.value, "/") && !strings.HasPrefix(l.value, root.Path)) {
					t.Errorf("%s shown at %s: %q leads to %s", name, deep, l.value, to)
				}
			}
		}
	}
}

func checkAlternates(t *testing.T, root *url.URL, files map[string][]byte, pages map[string]*page) {
	alternates := map[string]map[string]string{}
	for name, p := range pages {
		if path.Base(name) == "404.html" {
			continue
		}
		alternates[name] = map[string]string{}
		canonical := 0
		for _, l := range p.links {
			u, _ := p.url.Parse(l.value)
			to, _ := target(root, files, u)
			switch l.rel {
			case "canonical":
				canonical++
				if to != name && name != "index.html" {
					t.Errorf("%s: canonical leads to %s", name, to)
				}
			case "alternate":
				if l.hreflang == "" { // a feed
					continue
				}
				alternates[name][l.hreflang] = to
			}
		}
		if canonical != 1 {
			t.Errorf("%s: %d canonical links", name, canonical)
		}
	}
	for name, alt := range alternates {
		if len(alt) != 3 {
			t.Errorf("%s: alternates %v, want zh-Hans, en and x-default", name, alt)
		}
		for lang, to := range alt {
			if lang == "x-default" || name == "index.html" {
				continue
			}
			if alternates[to][lang] != to || alternates[to]["zh-Hans"] != alt["zh-Hans"] || alternates[to]["en"] != alt["en"] {
				t.Errorf("%s names %s as %s, which does not answer: %v", name, to, lang, alternates[to])
			}
		}
	}
}

// checkUnits looks for every unit once in each language: its own page, and its
// anchor on the page where it is read.
func checkUnits(t *testing.T, pages map[string]*page) {
	tree, found := content.Load(os.DirFS(projectDir), "content")
	if found.HasErrors() {
		t.Fatal(found)
	}
	for u := range tree.Plan.Units() {
		for _, l := range plan.Langs {
			if pages[fmt.Sprintf("%s/m/%s/index.html", l, u.ID)] == nil {
				t.Errorf("%s has no page in %s", u.ID, l)
			}
			home := "plan/index.html"
			switch {
			case u.Section > 0:
				home = fmt.Sprintf("plan/s%d/index.html", u.Section)
			case u.Chapter > 0:
				home = fmt.Sprintf("plan/c%d/index.html", u.Chapter)
			}
			if p := pages[string(l)+"/"+home]; p == nil || p.ids[string(u.ID)] != 1 {
				t.Errorf("%s has no anchor on %s/%s", u.ID, l, home)
			}
		}
	}
	units := 0
	for name := range pages {
		if strings.Contains(name, "/m/") && !edition.MatchString(name) {
			units++
		}
	}
	if want := 2 * tree.Plan.Count().Units; units != want {
		t.Errorf("%d unit pages, want %d", units, want)
	}
}

// edition is a sentence as it stood from a day on: its page leads to it, the site map
// does not.
var edition = regexp.MustCompile(`/m/[a-z0-9-]+/\d{4}-\d\d-\d\d/index\.html$`)

func checkSitemap(t *testing.T, root *url.URL, files map[string][]byte, pages map[string]*page) {
	listed := map[string]int{}
	for _, l := range plan.Langs {
		var doc struct {
			URL []struct {
				Loc  string `xml:"loc"`
				Link []struct {
					Hreflang string `xml:"hreflang,attr"`
					Href     string `xml:"href,attr"`
				} `xml:"link"`
			} `xml:"url"`
		}
		if err := xml.Unmarshal(files[string(l)+"/sitemap.xml"], &doc); err != nil {
			t.Fatalf("%s/sitemap.xml: %v", l, err)
		}
		for _, e := range doc.URL {
			var langs []string
			for _, a := range e.Link {
				langs = append(langs, a.Hreflang)
			}
			if slices.Sort(langs); !slices.Equal(langs, []string{"en", "x-default", "zh-Hans"}) {
				t.Errorf("sitemap: %s has alternates %v", e.Loc, langs)
			}
			u, err := root.Parse(e.Loc)
			if err != nil {
				t.Errorf("sitemap: %v", err)
				continue
			}
			listed[strings.TrimPrefix(u.Path, root.Path)]++
		}
	}
	if root.Scheme == "file" || root.Path != "/" && strings.Contains(string(files["zh/sitemap.xml"]), "<loc>/zh/") {
		return // a tree that does not know where it stands lists paths from its root
	}
	for name := range pages {
		if !strings.HasSuffix(name, "/index.html") || edition.MatchString(name) {
			continue
		}
		want := 1
		if version.MatchString(name) {
			want = 0 // the page of the sentence leads to it
		}
		if n := listed[strings.TrimSuffix(name, "index.html")]; n != want {
			t.Errorf("%s stands %d times in the sitemap, want %d", name, n, want)
		}
		delete(listed, strings.TrimSuffix(name, "index.html"))
	}
	for name := range listed {
		t.Errorf("the sitemap lists %s, which is not there", name)
	}
}

// checkFeeds reads every feed as a program would (RFC 4287): ids are unique,
// times are times, and links lead to pages and to the feed itself.
func checkFeeds(t *testing.T, root *url.URL, files map[string][]byte) {
	type link struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	}
	ids := map[string]string{}
	feeds := 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Base(name) != "feed.xml" {
			continue
		}
		feeds++
		var feed struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			ID      string   `xml:"id"`
			Title   string   `xml:"title"`
			Updated string   `xml:"updated"`
			Author  string   `xml:"author>name"`
			Links   []link   `xml:"link"`

			Complete *struct{} `xml:"http://purl.org/syndication/history/1.0 complete"`
			Entries  []struct {
				ID      string `xml:"id"`
				Title   string `xml:"title"`
				Updated string `xml:"updated"`
				Links   []link `xml:"link"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal(files[name], &feed); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if feed.Complete == nil {
			t.Errorf("%s does not say that it has all entries", name)
		}
		if feed.Title == "" || feed.Author == "" || len(feed.Entries) == 0 {
			t.Errorf("%s: title %q, author %q, %d entries", name, feed.Title, feed.Author, len(feed.Entries))
		}
		seen := func(id, updated, title string) {
			if other, taken := ids[id]; taken || !strings.HasPrefix(id, "urn:uuid:") || len(id) != 45 || title == "" {
				t.Errorf("%s: id %q (also in %q), title %q", name, id, other, title)
			}
			ids[id] = name
			if _, err := time.Parse(time.RFC3339, updated); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		seen(feed.ID, feed.Updated, feed.Title)
		links := feed.Links
		for _, e := range feed.Entries {
			seen(e.ID, e.Updated, e.Title)
			links = append(links, e.Links...)
		}
		for _, l := range links {
			u, err := root.Parse(l.Href)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if root.Scheme == "file" || root.Path != "/" && !strings.HasPrefix(u.Path, root.Path) {
				continue // as in the sitemap, paths from a root that nobody named
			}
			to, ok := target(root, files, u)
			if !ok || l.Rel == "self" && to != name {
				t.Errorf("%s: %s leads to %s", name, l.Href, to)
			}
		}
	}
	if feeds == 0 {
		t.Error("no feeds")
	}
}

func checkData(t *testing.T, root *url.URL, files map[string][]byte, base string) {
	var rows []struct {
		ID, Kind, ZH, EN, Status, Translation string
		Chapter, Section                      *int
		Number                                int
		Topics, Places, Bodies                []string
		SHA256, URL                           struct{ ZH, EN string }
	}
	dec := json.NewDecoder(bytes.NewReader(files["data/measures.json"]))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&rows); err != nil {
		t.Fatalf("measures.json: %v", err)
	}
	if len(rows) != 118 || rows[0].ID != "p-1" || rows[0].Chapter != nil || rows[117].ID != "s22-6" || *rows[117].Section != 22 {
		t.Errorf("measures.json has %d rows", len(rows))
	}
	prefix := ""
	if u, err := url.Parse(base); err == nil {
		prefix = u.Path
	}
	for _, r := range rows {
		sum := sha256.Sum256([]byte(r.ZH))
		if r.SHA256.ZH != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: wrong sha256", r.ID)
		}
		if r.Topics == nil || r.Places == nil || r.Bodies == nil || (r.Translation == "missing") != (r.EN == "") {
			t.Errorf("%s: %+v", r.ID, r)
		}
		for lang, u := range map[string]string{"zh": r.URL.ZH, "en": r.URL.EN} {
			if want := prefix + "/" + lang + "/m/" + r.ID + "/"; u != want {
				t.Errorf("%s: url %s, want %s", r.ID, u, want)
			}
		}
	}
}

// TestRealSiteIsReproducible builds twice, in another folder, time zone and
// locale, and wants the same bytes.
func TestRealSiteIsReproducible(t *testing.T) {
	at := "/a/b/" // without pictures
	if sample.Whole() {
		at = "https://example.org/"
	}
	first, _ := build(t, at)
	copyDir := t.TempDir()
	for _, part := range []string{"content", "themes", "seeds", "hugo.toml"} {
		if out, err := exec.Command("cp", "-r", filepath.Join(projectDir, part), copyDir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	for name, value := range map[string]string{"TZ": "Pacific/Kiritimati", "LANG": "de_DE.UTF-8", "LC_ALL": "tr_TR.UTF-8", "HUGO_TITLE": "wrong", "HUGO_PARAMS_SPONSOR": "wrong", "HOME": t.TempDir()} {
		t.Setenv(name, value)
	}
	base, _ := ParseBase(at)
	var out Memory
	if _, err := Build(context.Background(), Options{Dir: copyDir, Base: base}, &out); err != nil {
		t.Fatal(err)
	}
	second := out.Files()
	if len(first) != len(second) {
		t.Errorf("%d files, then %d", len(first), len(second))
	}
	for name, data := range first {
		if !bytes.Equal(data, second[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

// TestContentSecurityPolicy holds the policy of netlify.toml against the pages:
// the one line of script in them is allowed by its hash, and there is no other
// script, style or handler in a page.
func TestContentSecurityPolicy(t *testing.T) {
	config, err := os.ReadFile(filepath.Join(projectDir, "netlify.toml"))
	if err != nil {
		t.Fatal(err)
	}
	files, _ := build(t, "https://example.org/")
	inline := 0
	for name, data := range files {
		if path.Ext(name) != ".html" {
			continue
		}
		doc, err := html.Parse(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.DataAtom == atom.Style {
				t.Errorf("%s: a style element, which the policy forbids", name)
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: <%s %s=%q>, which the policy forbids", name, n.Data, a.Key, a.Val)
				}
			}
			if n.DataAtom != atom.Script || n.FirstChild == nil || attribute(n, "type") == "application/ld+json" {
				continue // data is not script: browsers do not run it, and the policy does not ask for it
			}
			inline++
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			if hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(string(config), hash) {
				t.Errorf("%s: netlify.toml does not allow the script %q; its hash is %s", name, n.FirstChild.Data, hash)
			}
		}
	}
	if inline == 0 {
		t.Error("no page has the script that sets the modes")
	}
}

// TestNuHTMLChecker runs the W3C's Nu HTML checker over every page. It needs
// Java and the checker's jar, which .ci/run installs; there it must run.
func TestNuHTMLChecker(t *testing.T) {
	jar := os.Getenv("VNU_JAR")
	if jar == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("VNU_JAR is not set: this check must run in CI")
		}
		t.Skip("set VNU_JAR to the path of vnu.jar to run this check")
	}
	files, _ := build(t, "https://example.org/")
	dir := t.TempDir()
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// Its check of styles is older than container queries (CSS Containment 3) and does
	// not know vector-effect (SVG 2).
	younger := `.*CSS: (“container-type”|Unrecognized at-rule “@container”|“vector-effect”).*`
	out, err := exec.Command("java", "-Xss4m", "-jar", jar, "--skip-non-html", "--also-check-css", "--also-check-svg", "--Werror", "--filterpattern", younger, dir).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// BenchmarkBuildMemory is the whole line on the real plan, without the disk.
func BenchmarkBuildMemory(b *testing.B) {
	for b.Loop() {
		if built := construct("https://example.org/"); built.err != nil {
			b.Fatal(built.err)
		}
	}
}

// version is the page of a version of a sentence.
var version = regexp.MustCompile(`/m/[^/]+/[0-9-]+/index\.html$`)
