package pipeline

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// What pages say of the plan is true: each number that stands on a page is held
// against the open data, and each label against the sentences below it.

// row is a sentence as data/measures.json gives it.
type row struct {
	ID, Kind, ZH           string
	Chapter                *int
	Topics, Places, Bodies []string
}

// facts is the open data of a built tree, and the tree.
type facts struct {
	*testing.T
	rows  []row
	pages map[string]*page
	files map[string][]byte
	plan  *plan.Plan
}

func readFacts(t *testing.T, files map[string][]byte) *facts {
	f := &facts{T: t, files: files, pages: map[string]*page{}}
	if err := json.Unmarshal(files["data/measures.json"], &f.rows); err != nil {
		t.Fatal(err)
	}
	root, _ := url.Parse("https://example.org/")
	for name, data := range files {
		if path.Ext(name) == ".html" {
			f.pages[name] = parsePage(t, root, name, data)
		}
	}
	tree, _ := content.Load(os.DirFS(projectDir), "content")
	f.plan = tree.Plan
	return f
}

// published is the real site, which is built once for all tests here.
func published(t *testing.T) *facts {
	once.Do(func() {
		files, _ := build(t, "https://example.org/")
		shared = readFacts(t, files)
	})
	if shared == nil {
		t.Fatal("the site was not built")
	}
	f := *shared
	f.T = t
	return &f
}

var (
	once   sync.Once
	shared *facts
)

// measures lists the measures of a topic, of a place, or of both.
func (f *facts) measures(topic, place string) (ids []string) {
	for _, r := range f.rows {
		if r.Kind == string(plan.Measure) && (topic == "" || slices.Contains(r.Topics, topic)) && (place == "" || slices.Contains(r.Places, place)) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// acts lists the measures that make a body act.
func (f *facts) acts(body string) (ids []string) {
	for _, r := range f.rows {
		if r.Kind == string(plan.Measure) && slices.Contains(r.Bodies, body) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// unplaced lists the measures without a place.
func (f *facts) unplaced() (ids []string) {
	for _, r := range f.rows {
		if r.Kind == string(plan.Measure) && len(r.Places) == 0 {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

var hubAddress = regexp.MustCompile(`^/(?:zh|en)/(topics|places|bodies)/([a-z-]+)/(?:([a-z-]+)/)?$`)

// of lists the measures that the page at an address is about, if it is a hub.
func (f *facts) of(address string) (ids []string, hub bool) {
	m := hubAddress.FindStringSubmatch(address)
	switch {
	case m == nil || m[2] == "parallel" || m[3] == "parallel":
		return nil, false
	case m[1] == "topics":
		return f.measures(m[2], m[3]), true
	case m[1] == "bodies":
		return f.acts(m[2]), true
	}
	return f.measures("", m[2]), true
}

// number is the only number in a text; what has none counts as 0.
func (f *facts) number(where, text string) int {
	found := regexp.MustCompile(`\d+`).FindAllString(text, -1)
	if len(found) == 0 {
		return 0
	}
	if len(found) > 1 {
		f.Errorf("%s: more than one number in %q", where, text)
	}
	n, _ := strconv.Atoi(found[0])
	return n
}

// both holds the numbers beside a topic against the data: how many measures have it
// first and how many concern it, or one number where these are the same. Only the
// measures for which among holds are counted; nil is all.
func (f *facts) both(where, text, topic string, among func(row) bool) {
	f.Helper()
	mainly, all := 0, 0
	for _, r := range f.rows {
		if r.Kind == string(plan.Measure) && slices.Contains(r.Topics, topic) && (among == nil || among(r)) {
			if all++; r.Topics[0] == topic {
				mainly++
			}
		}
	}
	want := []string{strconv.Itoa(mainly), strconv.Itoa(all)}
	if got := regexp.MustCompile(`\d+`).FindAllString(text, -1); !slices.Equal(got, slices.Compact(want)) {
		f.Errorf("%s: the numbers of %s are %v in %q, want %v", where, topic, got, text, want)
	}
}

func (f *facts) same(where, what string, got, want int) {
	f.Helper()
	if got != want {
		f.Errorf("%s: %s: %d, want %d", where, what, got, want)
	}
}

// find lists the elements below n for which is holds.
func find(n *html.Node, is func(*html.Node) bool) (found []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && is(d) {
			found = append(found, d)
		}
	}
	return found
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func class(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return slices.Contains(strings.Fields(attribute(n, "class")), name) }
}

func element(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name }
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// listed are the sentences that stand below n as a list, by their ids.
func listed(n *html.Node) (ids []string) {
	for _, a := range find(n, func(n *html.Node) bool { return class("unit-number")(n) || class("brief")(n) }) {
		ids = append(ids, path.Base(strings.TrimSuffix(attribute(a, "href"), "/")))
	}
	return ids
}

// under is the element whose heading has this id.
func under(p *page, id string) *html.Node {
	for _, s := range find(p.doc, element("section")) {
		if attribute(s, "aria-labelledby") == id {
			return s
		}
	}
	return nil
}

// TestCounts holds every number beside a link, at the head of a page, on a tile
// and in a heading against the data, on all pages of both languages.
func TestCounts(t *testing.T) {
	f := published(t)
	seen := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(f.pages)) {
		p := f.pages[name]
		own, isHub := f.of(p.url.Path)
		for _, head := range find(p.doc, class("hub")) {
			if isHub && strings.Contains(p.url.Path, "/places/") {
				break // the tally
			}
			f.same(name, "measures at its head", f.number(name, strings.Join(textsOf(find(head, class("count"))), " ")), len(own))
			seen["head"]++
		}
		// Links to hubs with a number, cards and tiles among them.
		for _, a := range find(p.doc, element("a")) {
			to, err := p.url.Parse(attribute(a, "href"))
			if err != nil {
				t.Fatal(err)
			}
			want, hub := f.of(to.Path)
			if !hub {
				continue
			}
			what := fmt.Sprintf("%q, which leads to %s", words(a), to.Path)
			for _, n := range find(a, class("count")) {
				if m := hubAddress.FindStringSubmatch(to.Path); m[1] == "topics" && m[3] == "" {
					f.both(name, words(n), m[2], nil)
					seen["topic link"]++
					continue
				}
				f.same(name, what, f.number(name, words(n)), len(want))
				seen["link"]++
			}
			if rects := find(a, element("rect")); len(rects) > 0 { // a tile
				topic := ""
				if m := hubAddress.FindStringSubmatch(p.url.Path); m != nil && m[1] == "topics" {
					topic = m[2]
				}
				place := path.Base(to.Path)
				n := len(f.measures(topic, place))
				f.same(name, what, f.number(name, strings.Join(textsOf(find(a, class("n"))), "")), n)
				if !class("city")(a) {
					f.tint(name, p, a, n)
				}
				seen["tile"]++
			}
		}
		for _, card := range find(p.doc, class("card")) {
			a := find(card, element("a"))[0]
			to, _ := p.url.Parse(attribute(a, "href"))
			f.both(name, words(find(card, class("count"))[0]), hubAddress.FindStringSubmatch(to.Path)[2], nil)
			seen["card"]++
		}
		for _, h := range find(p.doc, element("h2")) { // cities on the list of places
			a, n := find(h, element("a")), find(h, class("count"))
			if len(a) == 1 && len(n) == 1 {
				to, _ := p.url.Parse(attribute(a[0], "href"))
				want, _ := f.of(to.Path)
				f.same(name, words(a[0]), f.number(name, words(n[0])), len(want))
				seen["city"]++
			}
		}
		if len(find(p.doc, class("concerns"))) > 0 {
			f.concerns(name, p)
			seen["concerns"]++
		} else if s := under(p, "unplaced"); s != nil {
			want := f.unplaced()
			f.same(name, "the heading", f.number(name, words(find(s, element("h2"))[0])), len(want))
			if got := listed(s); !slices.Equal(got, want) {
				t.Errorf("%s: lists %v, want %v", name, got, want)
			}
			seen["unplaced"]++
		}
		if m, e := under(p, "measures"), under(p, "elsewhere"); m != nil {
			list := listed(m)
			f.same(name, "the first heading", f.number(name, words(find(m, element("h2"))[0])), len(list))
			if e != nil {
				f.same(name, "the second heading", f.number(name, words(find(e, element("h2"))[0])), len(listed(e)))
				list = append(list, listed(e)...)
			}
			if slices.Sort(list); !slices.Equal(list, slices.Sorted(slices.Values(own))) {
				t.Errorf("%s lists %v, want %v", name, list, own)
			}
			seen["topic"]++
		}
		if isHub {
			if at := find(p.doc, func(n *html.Node) bool { return attribute(n, "aria-current") == "page" && n.DataAtom == atom.Span }); len(at) > 0 {
				f.same(name, words(at[0]), f.number(name, words(at[0])), len(own))
				seen["filter"]++
			}
		}
		for _, m := range find(p.doc, class("map")) {
			caption := words(find(m, element("figcaption"))[0])
			if (len(find(m, class("here"))) > 0) != regexp.MustCompile("粗框|Thick").MatchString(caption) {
				t.Errorf("%s: the map has %d thick outlines, and its caption says %q", name, len(find(m, class("here"))), caption)
			}
			if topic := strings.Contains(p.url.Path, "/topics/"); topic != regexp.MustCompile("本主题中|of this topic").MatchString(caption) {
				t.Errorf("%s: the map's caption says %q", name, caption)
			}
			seen["map"]++
		}
		// The key to the drawing counts what it lights: the cells of a topic or place.
		for _, house := range find(p.doc, class("tulou")) {
			cells := find(find(house, class("links"))[0], func(n *html.Node) bool { return attribute(n, "tabindex") == "-1" && n.Data == "a" && !class("room")(n) })
			lights := func(id string) (n int) {
				for _, c := range cells {
					if !class("open")(c) && (class("t-"+id)(c) || slices.Contains(strings.Fields(attribute(c, "data-of")), id)) {
						n++
					}
				}
				return n
			}
			for _, label := range find(house, element("label")) {
				for _, input := range find(label, element("input")) {
					if topic := attribute(input, "value"); topic != "" {
						f.both(name, words(label), topic, nil)
						f.same(name, "lit cells of "+topic, lights(topic), len(f.measures(topic, "")))
						seen["key"]++
					}
				}
			}
			for _, option := range find(house, element("option")) {
				if id, is := strings.CutPrefix(attribute(option, "value"), "p-"); is {
					f.same(name, words(option), f.number(name, words(option)), len(f.measures("", id)))
					f.same(name, "lit cells of "+id, lights("p-"+id), len(f.measures("", id)))
					seen["place of the key"]++
				}
			}
			f.same(name, "cells", len(cells)+1, len(f.rows)) // and the preamble
			seen["house"]++
		}
	}
	for _, l := range plan.Langs {
		for _, c := range f.plan.Chapters {
			n, name := 0, fmt.Sprintf("%s/plan/c%d/index.html", l, c.Number)
			for _, r := range f.rows {
				if r.Chapter != nil && *r.Chapter == c.Number && r.Kind == string(plan.Measure) {
					n++
				}
			}
			got := 0
			for _, e := range find(f.pages[name].doc, class("count")) {
				got = f.number(name, words(e))
			}
			f.same(name, "measures", got, n)
		}
	}
	// So many at least, or the test looks at nothing.
	for what, least := range map[string]int{"head": 2 * 40, "link": 200, "topic link": 2 * 16, "tile": 2 * 20 * 18, "card": 2 * 8, "city": 4, "unplaced": 2, "concerns": 2 * 27, "topic": 16, "filter": 2 * 40, "house": 2, "key": 2 * 8, "place of the key": 2 * 8, "map": 2 * 40} {
		if seen[what] < least {
			t.Errorf("%d times %q on the pages, want %d", seen[what], what, least)
		}
	}
}

// tint holds a tile's tint against the key beside the map: its number is one of those
// that the key gives for it.
func (f *facts) tint(name string, p *page, tile *html.Node, n int) {
	f.Helper()
	for _, key := range find(p.doc, element("svg")) {
		if attribute(key, "class") == "" || !class(attribute(key, "class"))(tile) {
			continue
		}
		from, to, is := strings.Cut(words(key.Parent), "–")
		if !is {
			to = from
		}
		if n < f.number(name, from) || n > f.number(name, to) {
			f.Errorf("%s: the key says %q of the tint of %s, which has %d measures", name, words(key.Parent), words(tile), n)
		}
		return
	}
	f.Errorf("%s: the key does not have the tint of %s, %q", name, words(tile), attribute(tile, "class"))
}

// concerns holds what a place's page lists against the data: each measure that
// concerns it once, in its group and under its first topic, with every number there.
func (f *facts) concerns(name string, p *page) {
	place := path.Base(p.url.Path)
	own, city := f.measures("", place), f.measures("", f.parent(place))
	groups := []struct {
		id   string
		all  []string
		list []string // without those above
	}{{"own", own, own}}
	shown := slices.Clone(own)
	if len(city) > 0 {
		rest := slices.DeleteFunc(slices.Clone(city), func(id string) bool { return slices.Contains(own, id) })
		groups, shown = append(groups, struct {
			id        string
			all, list []string
		}{"city", city, rest}), append(shown, rest...)
	}
	if f.parent(place) != "none" || len(find(p.doc, class("map"))) > 0 { // in the zone
		groups, shown = append(groups, struct {
			id        string
			all, list []string
		}{"unplaced", f.unplaced(), f.unplaced()}), append(shown, f.unplaced()...)
	}
	topics := func(id string) []string {
		return f.rows[slices.IndexFunc(f.rows, func(r row) bool { return r.ID == id })].Topics
	}
	tally := find(find(p.doc, class("tally"))[0], element("a"))
	f.same(name, "numbers at its head", len(tally), len(groups))
	f.same(name, "groups", len(find(p.doc, class("concern"))), len(groups))
	for i, g := range groups {
		s := under(p, g.id)
		if s == nil {
			f.Errorf("%s: no group %s", name, g.id)
			continue
		}
		if attribute(tally[i], "href") != "#"+g.id {
			f.Errorf("%s: the number %d at the head leads to %s", name, i, attribute(tally[i], "href"))
		}
		f.same(name, "the number of "+g.id+" at the head", f.number(name, words(tally[i])), len(g.all))
		f.same(name, "the heading of "+g.id, f.number(name, words(find(s, element("h2"))[0])), len(g.all))
		list := listed(s)
		if slices.Sort(list); !slices.Equal(list, slices.Sorted(slices.Values(g.list))) {
			f.Errorf("%s: %s lists %v, want %v", name, g.id, list, g.list)
		}
		for _, share := range find(s, class("share")) {
			topic := strings.TrimPrefix(strings.Fields(attribute(share, "class"))[1], "t-")
			f.both(name, words(find(share, class("count"))[0]), topic, func(r row) bool { return slices.Contains(g.list, r.ID) })
			for _, id := range listed(share) {
				if topics(id)[0] != topic {
					f.Errorf("%s: %s stands under %s", name, id, topic)
				}
			}
			for _, li := range find(share, element("li")) {
				of := strings.Fields(strings.ReplaceAll(attribute(li, "class"), "t-", ""))
				if id := listed(li)[0]; !slices.Equal(of, topics(id)[1:]) {
					f.Errorf("%s: %s is filtered by %v", name, id, of)
				}
			}
		}
	}
	for i, label := range find(p.doc, element("label")) {
		if len(find(label, element("input"))) == 0 || attribute(find(label, element("input"))[0], "name") != "topic" {
			continue
		}
		topic := strings.TrimPrefix(attribute(find(label, element("input"))[0], "id"), "of-")
		want := 0
		for _, id := range shown {
			if topic == "" || slices.Contains(topics(id), topic) {
				want++
			}
		}
		f.same(name, fmt.Sprint("the choice ", i, ", ", topic), f.number(name, words(label)), want)
	}
}

func textsOf(nodes []*html.Node) (texts []string) {
	for _, n := range nodes {
		texts = append(texts, words(n))
	}
	return texts
}

// parent is the city of a county, or "none".
func (f *facts) parent(place string) string {
	for _, p := range f.plan.Places {
		if p.ID == place {
			return cmp.Or(p.Parent, "none")
		}
	}
	return "none"
}

// TestShape holds the numbers that people have written into pages against the
// plan's shape.
func TestShape(t *testing.T) {
	f := published(t)
	n := f.plan.Count()
	counties := 0
	for _, p := range f.plan.Places {
		if p.Kind == plan.County {
			counties++
		}
	}
	zh := plan.Numeral
	for name, wants := range map[string][]string{
		"zh/index.html":        {fmt.Sprint(n.Chapters, "章、", n.Sections, "节、", n.Measures, "条措施"), fmt.Sprint(counties, "个县（市、区）")},
		"en/index.html":        {fmt.Sprint(n.Chapters, " chapters, ", n.Sections, " sections, ", n.Measures, " measures"), fmt.Sprint(counties, " counties")},
		"zh/about/index.html":  {zh(n.Chapters) + "章", zh(n.Sections) + "节", zh(n.Measures) + "句是措施"},
		"en/about/index.html":  {"nine chapters", fmt.Sprint(n.Sections, " sections"), fmt.Sprint("The ", n.Measures, " sentences of sections 3 to 22 are measures")},
		"zh/places/index.html": {zh(counties) + "个县（市、区）"},
		"en/places/index.html": {fmt.Sprint(counties, " counties")},
	} {
		for _, want := range wants {
			if !strings.Contains(words(f.pages[name].doc), want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
	for _, r := range f.rows {
		number, err := strconv.Atoi(strings.TrimPrefix(strings.Split(r.ID, "-")[0], "s"))
		if (r.Kind == string(plan.Measure)) != (err == nil && number >= 3) {
			t.Errorf("%s is a %s: the pages about this site say which sentences are measures", r.ID, r.Kind)
		}
	}
}

// TestUnnamedPlaces holds what the pages of places say against the plan's words:
// a place that is not named is named nowhere, a county without measures shows its
// city's and those that name no city or county, and in these a place name stands
// as part of another name only, as the note beside them has it.
func TestUnnamedPlaces(t *testing.T) {
	f := published(t)
	notes := map[plan.Lang][2]string{
		plan.ZH: {"方案没有提到这里。", "机构、品牌、遗址、线路等名称中含有的地名，不算点明市县。"},
		plan.EN: {"The plan does not name this place.", "A place name that is only part of the name of an institution, brand, site, railway line, or the like is not counted."},
	}
	plain := strings.NewReplacer("（", "", "）", "")
	unnamed := 0
	for _, place := range f.plan.Places {
		named := slices.ContainsFunc(f.rows, func(r row) bool { return strings.Contains(plain.Replace(r.ZH), place.Name.ZH) })
		if !named {
			unnamed++
		}
		for lang, note := range notes {
			name := fmt.Sprintf("%s/places/%s/index.html", lang, place.ID)
			p := f.pages[name]
			text := words(find(p.doc, element("main"))[0])
			if strings.Contains(text, note[0]) == named {
				t.Errorf("%s: says that the plan does not name it: %v", name, !named)
			}
			zone := place.Kind != plan.Outside
			if (under(p, "unplaced") != nil) != zone || strings.Contains(text, note[1]) != zone {
				t.Errorf("%s: the measures without a place, with the note: want %v", name, zone)
			}
			if (under(p, "city") != nil) != (place.Kind == plan.County) {
				t.Errorf("%s: the city's measures", name)
			}
		}
	}
	f.same("places", "not named", unnamed, 7)
	for name, p := range f.pages {
		if !strings.Contains(name, "/") {
			continue // the root and the page for unknown addresses
		}
		if under(p, "unplaced") != nil != strings.Contains(words(p.doc), notes[plan.Lang(name[:2])][1]) {
			t.Errorf("%s: the note and the list do not stand together", name)
		}
		for _, claim := range []string{"同样适用", "面向整个示范区", "apply here", "zone-wide"} {
			if strings.Contains(words(p.doc), claim) {
				t.Errorf("%s claims %q, which the plan does not say", name, claim)
			}
		}
	}
	for _, r := range f.rows {
		if r.Kind != string(plan.Measure) || len(r.Places) > 0 {
			continue
		}
		rest := r.ZH
		for _, term := range f.plan.Terms {
			if term.Kind != "place" {
				rest = strings.ReplaceAll(rest, term.ZH, "·")
			}
		}
		for _, place := range f.plan.Places {
			if strings.Contains(rest, place.Name.ZH) {
				t.Errorf("%s names %s, and is listed as naming no city or county", r.ID, place.Name.ZH)
			}
		}
	}
}

// edited builds a copy of the project in which one file of the content differs.
func edited(t *testing.T, name, old, text string) (*Memory, error) {
	t.Helper()
	dir := t.TempDir()
	for _, part := range []string{"content", "themes", "seeds", "hugo.toml"} {
		if out, err := exec.Command("cp", "-r", filepath.Join(projectDir, part), dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	file := filepath.Join(dir, "content", filepath.FromSlash(name))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := regexp.MustCompile(old).ReplaceAllLiteral(data, []byte(text))
	if string(changed) == string(data) {
		t.Fatalf("%s has no %s", name, old)
	}
	put(t, file, string(changed))
	base, _ := ParseBase("https://example.org/")
	var out Memory
	_, err = Build(context.Background(), kept(Options{Dir: dir, Base: base, NoCheck: true}), &out)
	return &out, err
}

// TestBackground tags a sentence of the background with places: it is listed
// apart, and no number counts it.
func TestBackground(t *testing.T) {
	out, err := edited(t, "plan/c1/_index.zh.md", `\{#c1-1 kind="context"[^}]*\}`, `{#c1-1 kind="context" places="longyan sanming xinluo"}`)
	if err != nil {
		t.Fatal(err)
	}
	f, was := readFacts(t, out.Files()), published(t)
	for _, place := range []string{"longyan", "sanming", "xinluo"} {
		for _, lang := range plan.Langs {
			name := fmt.Sprintf("%s/places/%s/index.html", lang, place)
			apart := under(f.pages[name], string(plan.Context))
			if apart == nil || !slices.Contains(listed(apart), "c1-1") {
				t.Errorf("%s: c1-1 is not listed apart", name)
				continue
			}
			if got, want := textsOf(find(f.pages[name].doc, class("count"))), textsOf(find(was.pages[name].doc, class("count"))); !slices.Equal(got, want) {
				t.Errorf("%s: the counts are %v, and were %v", name, got, want)
			}
		}
	}
	for _, want := range []string{"方案的措施没有提到这里。", "背景"} {
		if !strings.Contains(words(f.pages["zh/places/xinluo/index.html"].doc), want) {
			t.Errorf("no %q on the page of Xinluo", want)
		}
	}
	for _, name := range []string{"zh/places/longyan/feed.xml", "zh/places/xinluo/feed.xml", "zh/places/index.html"} {
		numbers := regexp.MustCompile(`\d+条|<span class="?count"?>\d+`)
		if got, want := numbers.FindAllString(string(f.files[name]), -1), numbers.FindAllString(string(was.files[name]), -1); !slices.Equal(got, want) {
			t.Errorf("%s: the numbers are %v, and were %v", name, got, want)
		}
	}
}

// TestGlossary wants each term that stands in a sentence, with exactly the
// sentences in which it stands, in both languages.
func TestGlossary(t *testing.T) {
	f := published(t)
	data, err := os.Open(filepath.Join(projectDir, "content", "termbase.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	table, err := csv.NewReader(data).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer("（", "", "）", "")
	wants, hidden := map[string][]string{}, 0
	for _, line := range table[1:] {
		for _, r := range f.rows {
			if strings.Contains(r.ZH, line[0]) || strings.Contains(plain.Replace(r.ZH), line[0]) {
				wants[line[0]] = append(wants[line[0]], r.ID)
			}
		}
		if wants[line[0]] == nil {
			hidden++
		}
	}
	if hidden == 0 || !slices.Contains(wants["连城"], "s11-6") || !slices.Contains(wants["古田会议"], "s18-1") {
		t.Errorf("%d terms stand in no sentence; 连城 in %v, 古田会议 in %v", hidden, wants["连城"], wants["古田会议"])
	}
	if under := find(find(f.pages["zh/glossary/index.html"].doc, class("letters"))[0], func(n *html.Node) bool {
		return n.Data == "details" && words(find(n, element("summary"))[0]) == "C" && strings.Contains(words(n), "长汀")
	}); len(under) != 1 {
		t.Error("长汀 does not stand under C")
	}
	for _, lang := range plan.Langs {
		got, start := map[string][]string{}, string(lang)+"/glossary/index.html"
		listed := map[string]bool{} // on the start page, by where they lead
		for _, a := range find(find(f.pages[start].doc, class("letters"))[0], element("a")) {
			if attribute(a, "id") != "" {
				to, _ := f.pages[start].url.Parse(attribute(a, "href"))
				listed[to.Path+"#"+to.Fragment+" "+words(a)] = true
			}
		}
		for name, page := range f.pages {
			if !strings.HasPrefix(name, string(lang)+"/glossary/") || name == start {
				continue
			}
			for _, list := range find(page.doc, class("glossary")) {
				for _, entry := range find(list, element("div")) {
					zh, head := find(entry, element("dt"))[0], words(find(entry, element("dt"))[0])
					if lang == plan.EN {
						zh = find(entry, element("dd"))[0]
					}
					term := strings.TrimSpace(zh.FirstChild.Data)
					got[term] = []string{}
					for _, a := range find(find(entry, class("refs"))[0], element("a")) {
						got[term] = append(got[term], path.Base(strings.TrimSuffix(attribute(a, "href"), "/")))
					}
					entry := page.url.Path + "#" + attribute(entry, "id") + " " + head
					if !listed[entry] {
						t.Errorf("%s does not lead to %s", start, entry)
					}
					delete(listed, entry)
				}
			}
		}
		if len(listed) > 0 {
			t.Errorf("%s leads to what is not there: %v", start, listed)
		}
		for term := range wants {
			if !slices.Equal(got[term], wants[term]) {
				t.Errorf("%s: %s stands in %v, and is listed with %v", lang, term, wants[term], got[term])
			}
		}
		f.same(start, "terms", len(got), len(wants))
	}
}

// TestCitations wants the pages about this site to show a measure cited, in three
// styles and both languages.
func TestCitations(t *testing.T) {
	tree, _ := content.Load(os.DirFS(projectDir), "content")
	roman := "Minxi geming laoqu gao zhiliang fazhan shifanqu jianshe fang'an [" + tree.Plan.Title.EN + "]"
	for base, address := range map[string][2]string{
		"https://example.org/": {"https://example.org/zh/m/s3-2/", "https://example.org/en/m/s3-2/"},
		"":                     {"[永久网址]", "[permanent address]"},
	} {
		files, _ := build(t, base)
		for _, lang := range plan.Langs {
			doc, err := html.Parse(strings.NewReader(string(files[string(lang)+"/about/index.html"])))
			if err != nil {
				t.Fatal(err)
			}
			text := words(find(doc, class("cite"))[0])
			for _, want := range []string{
				"国家发展和改革委员会. 闽西革命老区高质量发展示范区建设方案: 发改振兴〔2022〕424号[EB/OL]. (2022-04-13)[访问日期]. " + address[0] + ".",
				"[1]三（三）",
				"National Development and Reform Commission. " + roman + ": Fagai Zhenxing [2022] No. 424[EB/OL]. (2022-04-13)[date of access]. " + address[1] + ".",
				"National Development and Reform Commission. (2022). " + roman + " (Fagai Zhenxing [2022] No. 424). " + address[1],
				"(NDRC, 2022, sec. 3, measure 3-2)",
				"National Development and Reform Commission, " + roman + ", Fagai Zhenxing [2022] No. 424, April 13, 2022, sec. 3, measure 3-2, " + address[1] + ".",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: no %q in %q", lang, want, text)
				}
			}
		}
	}
}

// TestCiteNothing wants an example that the plan does not have to be told with its
// file, and the page not to lose its citations in silence.
func TestCiteNothing(t *testing.T) {
	_, err := edited(t, "pages/about.zh.md", `cite: s3-2`, `cite: s3-99`)
	if err == nil || !strings.Contains(err.Error(), "content/pages/about.zh.md:4:7: the plan has no s3-99, which cite names") {
		t.Errorf("got %v", err)
	}
}

// TestDates wants no page to show an hour of a day whose hour nobody knows. The
// norm's PubDate has one, which programs read and readers do not see.
func TestDates(t *testing.T) {
	hour := regexp.MustCompile(`\d:\d\d`)
	dates := 0
	for name, p := range published(t).pages {
		if at := hour.FindString(words(p.doc)); at != "" {
			t.Errorf("%s shows an hour: %s", name, at)
		}
		for n := range p.doc.Descendants() {
			for _, a := range n.Attr {
				switch {
				case a.Key == "datetime" && !regexp.MustCompile(`^\d{4}-\d\d-\d\d$`).MatchString(a.Val):
					t.Errorf("%s: datetime=%q", name, a.Val)
				case n.DataAtom == atom.Meta && attribute(n, "name") == "PubDate" && a.Key == "content":
					dates++
					if a.Val != "2022-04-13 00:00" {
						t.Errorf("%s: PubDate %q is not in the norm's form", name, a.Val)
					}
				case hour.MatchString(a.Val):
					t.Errorf("%s: %s=%q shows an hour", name, a.Key, a.Val)
				}
			}
		}
	}
	if dates == 0 {
		t.Error("no page has a PubDate")
	}
}
