package browser

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"minxi/generator/internal/search"
)

// listed are the results that the page shows, in order: ids of sentences and hubs.
const listed = `[...document.querySelectorAll("[data-unit], [data-hub]")].map(e => e.dataset.unit ?? e.dataset.hub)`

// everything asks the page and shows all results.
const everything = `async (q) => {
	const field = document.querySelector(".site-search").q;
	field.value = q;
	field.dispatchEvent(new Event("input"));
	await new Promise((done) => setTimeout(done)); // the page adds the later ones then
	for (let more; more = [...document.querySelectorAll(".found button")].find(b => !b.hidden); ) more.click();
	return ` + listed + `;
}`

// asks types a query into the page that is open, as a script does it.
func (b *tab) asks(q string) []string {
	b.t.Helper()
	return eval[[]string](b, fmt.Sprintf("(%s)(%q)", everything, q))
}

type judged struct {
	Group, Query  string
	Wanted, Top   []string
	got           []string
	recall, rank  float64
	inFirstThree  float64
	wantedNothing bool
}

func readJudged(t *testing.T) (list []*judged) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "search", "testdata", "judged.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		list = append(list, &judged{Group: r[0], Query: r[1], Wanted: strings.Fields(r[3]), Top: strings.Fields(r[4])})
	}
	return list
}

// score compares what was found with what readers want: how much of it was found,
// one over the place of the first of it, and how much of what they want on top is
// among the first three.
func (j *judged) score() {
	share := func(list, in []string) float64 {
		n := 0
		for _, id := range list {
			if slices.Contains(in, id) {
				n++
			}
		}
		return float64(n) / float64(max(1, len(list)))
	}
	if j.wantedNothing = len(j.Wanted) == 0; j.wantedNothing {
		if len(j.got) == 0 {
			j.recall, j.rank, j.inFirstThree = 1, 1, 1
		}
		return
	}
	j.recall = share(j.Wanted, j.got)
	j.inFirstThree = 1
	if len(j.Top) > 0 {
		j.inFirstThree = share(j.Top, j.got[:min(3, len(j.got))])
	}
	for i, id := range j.got {
		if slices.Contains(j.Wanted, id) {
			j.rank = 1 / float64(i+1)
			break
		}
	}
}

// TestSearchBodies wants a body found by its names, as a hub that leads to its page.
func TestSearchBodies(t *testing.T) {
	b := newTab(t)
	for lang, wants := range map[string]map[string]string{
		"zh": {"国家发展改革委": "bodies/ndrc", "福建省": "bodies/fujian", "中央企业": "bodies/central-enterprises", "zhongyangcaizheng": "bodies/central-finance"},
		"en": {"NDRC": "bodies/ndrc", "Fujian Province": "bodies/fujian", "overseas Chinese": "bodies/overseas-chinese"},
	} {
		b.goTo("/" + lang + "/search/")
		for q, hub := range wants {
			if got := b.asks(q); !slices.Contains(got, hub) {
				t.Errorf("%s: %s finds %v, not %s", lang, q, got, hub)
			}
			to := eval[string](b, fmt.Sprintf(`new URL(document.querySelector('[data-hub=%q] a')?.href ?? location).pathname`, hub))
			if want := "/" + lang + "/" + hub + "/"; to != want {
				t.Errorf("%s: %s leads to %s, want %s", lang, q, to, want)
			}
		}
	}
}

// TestSearchJudged asks the page what readers ask, and compares its answers with
// what somebody who had read the plan and not the code wants them to find.
func TestSearchJudged(t *testing.T) {
	b := newTab(t)
	b.goTo("/zh/search/")
	type sum struct{ n, recall, rank, top float64 }
	groups, names, all := map[string]*sum{}, []string{}, &sum{}
	list := readJudged(t)
	if len(list) < 150 {
		t.Errorf("%d judged queries, want at least 150", len(list))
	}
	nothing := 0
	for _, j := range list {
		j.got = b.asks(j.Query)
		j.score()
		if j.wantedNothing {
			nothing++
		}
		if groups[j.Group] == nil {
			groups[j.Group] = &sum{}
			names = append(names, j.Group)
		}
		for _, s := range []*sum{groups[j.Group], all} {
			s.n, s.recall, s.rank, s.top = s.n+1, s.recall+j.recall, s.rank+j.rank, s.top+j.inFirstThree
		}
		if j.recall < 1 || j.rank < 1 {
			t.Logf("%s %q: recall %.2f, first at 1/%.2f; found %v, wanted %v", j.Group, j.Query, j.recall, j.rank, j.got[:min(8, len(j.got))], j.Wanted)
		}
	}
	for _, name := range names {
		s := groups[name]
		t.Logf("%-14s %3.0f queries: recall %.3f, MRR %.3f, wanted on top among the first three %.3f", name, s.n, s.recall/s.n, s.rank/s.n, s.top/s.n)
	}
	t.Logf("all %.0f: recall %.3f, MRR %.3f, on top %.3f", all.n, all.recall/all.n, all.rank/all.n, all.top/all.n)
	if all.recall/all.n < 0.97 || all.rank/all.n < 0.93 {
		t.Errorf("recall %.3f and MRR %.3f, want at least 0.97 and 0.93", all.recall/all.n, all.rank/all.n)
	}
	if nothing < 5 {
		t.Errorf("%d queries that find nothing, want 5", nothing)
	}
}

// TestSearchSubstrings asks for every piece of two characters and more of the
// Chinese text, as far as eight, and for every run of words of the English up to
// six letters into a word, and wants each sentence that has it.
func TestSearchSubstrings(t *testing.T) {
	b := newTab(t)
	b.goTo("/zh/search/")
	report := eval[struct {
		Asked, English int
		Missed         []string
	}](b, `(() => {
		const units = minxiSearch.all().items.filter(i => i.kind === "unit");
		const where = new Map();
		const note = (s, u) => { const k = s.trim(); if (k.length < 2) return; if (!where.has(k)) where.set(k, new Set()); where.get(k).add(u.id); };
		for (const u of units) {
			const c = [...u.zh];
			for (let i = 0; i < c.length; i++) for (let n = 2; n <= 8 && i + n <= c.length; n++) note(c.slice(i, i + n).join(""), u);
		}
		const asked = where.size;
		for (const u of units) for (const m of u.en.matchAll(/(?<![\p{L}\p{N}’])\p{L}+/gu)) for (const n of [4, 9]) note(u.en.slice(m.index, m.index + n), u);
		const missed = [];
		for (const [s, ids] of where) {
			const got = new Set(minxiSearch.find(s).items.map(i => i.id));
			for (const id of ids) if (!got.has(id)) { missed.push(s + " in " + id); break; }
		}
		return { Asked: asked, English: where.size - asked, Missed: missed };
	})()`)
	t.Logf("%d pieces of the Chinese, %d of the English", report.Asked, report.English)
	if len(report.Missed) > 0 || report.Asked < 30000 {
		t.Errorf("%d of %d pieces are missed: %q", len(report.Missed), report.Asked+report.English, report.Missed[:min(10, len(report.Missed))])
	}
}

// TestSearchFolding holds the page's rules for words to those of package search,
// which prepares its tables by them, and asks for a sentence in every traditional
// form that the tables have, also those outside the basic plane.
func TestSearchFolding(t *testing.T) {
	b := newTab(t)
	b.goTo("/en/search/")
	keys := eval[map[string]string](b, `Object.fromEntries([...minxiSearch.tools.words(), "centre", "organisation", "labour", "theatre", "programme", "ageing", "caring", "cars", "policies", "analysed", "catalogue", "defence"].map(w => [w, minxiSearch.tools.key(w)]))`)
	for w, k := range keys {
		if got := search.Key(w); got != k {
			t.Errorf("the key of %s is %q in the generator and %q in the page", w, got, k)
		}
	}
	if len(keys) < 1000 {
		t.Errorf("%d words only", len(keys))
	}
	for _, pair := range [][2]string{{"centre", "center"}, {"organisation", "organization"}, {"labour", "labor"}, {"programme", "program"}, {"ageing", "aging"}, {"policies", "policy"}} {
		if search.Key(pair[0]) != search.Key(pair[1]) {
			t.Errorf("%s and %s have different keys", pair[0], pair[1])
		}
	}
	if search.Key("caring") == search.Key("cars") {
		t.Error("caring and cars have one key")
	}
	data := ""
	for name, d := range b.site.files {
		if strings.HasPrefix(name, "assets/search-data.") {
			data = string(d)
		}
	}
	_, rest, _ := strings.Cut(data, `simplified:"`)
	pairs, _, _ := strings.Cut(rest, `"`)
	outside := 0
	chars := []rune(pairs)
	for i := 0; i+1 < len(chars); i += 2 {
		if chars[i] > 0xFFFF {
			outside++
		}
	}
	if len(chars) < 200 {
		t.Errorf("%d characters in the table of traditional forms", len(chars))
	}
	if bad := eval[[]string](b, `(() => {
		const bad = [], text = minxiSearch.all().items.map(i => i.zh).join("");
		const pairs = [...`+fmt.Sprintf("%q", pairs)+`];
		for (let i = 0; i < pairs.length; i += 2) {
			if (!text.includes(pairs[i + 1])) continue; // in an alias only
			const a = minxiSearch.find(pairs[i]).items.map(x => x.n), b = minxiSearch.find(pairs[i + 1]).items.map(x => x.n);
			if (!a.length || a.join() !== b.join()) bad.push(pairs[i]);
		}
		return bad;
	})()`); len(bad) > 0 {
		t.Errorf("%d traditional forms find something else than the simplified ones: %v", len(bad), bad)
	}
	t.Logf("%d pairs, %d of them outside the basic plane", len(chars)/2, outside)
}

const statusLine = `document.querySelector("#search [role=status]").textContent`

// TestSearchPage uses the page as people do: from a field of another page, by
// keys, with filters, back and forth.
func TestSearchPage(t *testing.T) {
	for _, width := range []int64{1280, 375} {
		b := newTab(t)
		b.size(width, 800)
		b.goTo("/zh/plan/s3/")
		if width < 768 { // there the header leads to the field
			act(b, chromedp.Click(chromedp.CSS(`.to-search`)))
			run(b, chromedp.WaitReady(chromedp.CSS(`#search`)))
		}
		act(b, chromedp.SendKeys(chromedp.CSS(`.site-search input`), "水土流失"+kb.Enter))
		run(b, chromedp.WaitReady(chromedp.CSS(`[data-unit="s3-2"]`)))
		if at := eval[string](b, `location.pathname + decodeURIComponent(location.search)`); at != "/zh/search/?q=水土流失" {
			t.Errorf("the field leads to %s", at)
		}
		marked := eval[[]string](b, `[...document.querySelector("[data-unit=s3-2]").querySelectorAll("mark")].map(m => m.textContent)`)
		if !slices.Equal(marked, []string{"水土流失", "soil erosion control"}) {
			t.Errorf("marked: %q", marked)
		}
		if n := eval[string](b, statusLine); !strings.Contains(n, "1 句") {
			t.Errorf("the status says %q", n)
		}
		// Twenty, and the rest.
		act(b, chromedp.Click(chromedp.CSS(`h1`)))
		eval[bool](b, `document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true }))`)
		if focus := eval[string](b, `document.activeElement.name`); focus != "q" {
			t.Errorf("/ leads to %q", focus)
		}
		act(b, chromedp.KeyEvent("支持"+kb.Enter))
		shown := func() int {
			return eval[int](b, `new Promise((done) => setTimeout(() => done(document.querySelectorAll("[data-unit]").length)))`)
		}
		if n := shown(); n != 20 {
			t.Errorf("%d sentences at first, want 20", n)
		}
		act(b, chromedp.Click(chromedp.CSS(`.found button:not([hidden])`)))
		if n := shown(); n != 40 {
			t.Errorf("%d sentences after more, want 40", n)
		}
		// Filters.
		eval[chromedp.Void](b, `{ const s = document.querySelector("[name=place]"); s.value = "places/changting"; s.dispatchEvent(new Event("change", { bubbles: true })); }`)
		if got := eval[[]string](b, listed); !slices.Equal(got, []string{"s3-2", "s10-4", "s11-6", "s19-4"}) {
			sorted := slices.Sorted(slices.Values(got))
			if !slices.Equal(sorted, []string{"s10-4", "s11-6", "s19-4", "s3-2"}) {
				t.Errorf("in Changting: %v", got)
			}
		}
		eval[chromedp.Void](b, `{ const s = document.querySelector("[name=place]"); s.value = ""; s.dispatchEvent(new Event("change", { bubbles: true })); }`)
		// Arrows, Escape.
		run(b, chromedp.Focus(chromedp.CSS(`.site-search input`)))
		act(b, chromedp.KeyEvent(kb.ArrowDown))
		act(b, chromedp.KeyEvent(kb.ArrowDown))
		act(b, chromedp.KeyEvent(kb.ArrowUp))
		if at := eval[string](b, `document.activeElement.closest("li")?.dataset.unit ?? ""`); at != eval[[]string](b, listed)[0] {
			t.Errorf("the arrows lead to %q", at)
		}
		act(b, chromedp.KeyEvent(kb.Escape))
		if left := eval[string](b, `document.activeElement.name + document.activeElement.value + document.querySelectorAll(".found").length + location.search`); left != "q0" {
			t.Errorf("Escape leaves %q", left)
		}
		// What was submitted is a step to go back to; what was typed is none.
		act(b, chromedp.KeyEvent("医改"+kb.Enter))
		act(b, chromedp.KeyEvent("经验"))
		back := func(want string) {
			t.Helper()
			eval[chromedp.Void](b, `new Promise(done => { addEventListener("popstate", () => done(), { once: true }); history.back(); })`)
			if got := eval[string](b, `document.querySelector(".site-search").q.value`); got != want {
				t.Errorf("back leads to %q, want %q", got, want)
			}
		}
		back("支持")
		back("水土流失")
	}
}

// TestSearchComposition writes Chinese with an input method: nothing happens
// while it composes, and the Enter that ends it does not submit.
func TestSearchComposition(t *testing.T) {
	b := newTab(t)
	b.size(1280, 900)
	b.goTo("/zh/search/")
	run(b, chromedp.Focus(chromedp.CSS(`.site-search input`)))
	eval[chromedp.Void](b, `window.submitted = 0; document.querySelector(".site-search").addEventListener("submit", () => submitted++)`)
	state := func() string {
		return eval[string](b, `location.search + " " + document.querySelectorAll("[data-unit]").length + " " + submitted + " " + history.length`)
	}
	before := state()
	for _, s := range []string{"y", "yi", "yi g", "yi gai"} {
		call(b, input.ImeSetComposition, input.ImeSetCompositionParams{Text: s, SelectionStart: int64(len(s)), SelectionEnd: int64(len(s))})
		if now := state(); now != before {
			t.Errorf("while %q is being composed: %s, before %s", s, now, before)
		}
	}
	// The key that confirms, as browsers send it to the page: as number 229.
	eval[chromedp.Void](b, `document.querySelector(".site-search").q.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))
		&& document.querySelector(".site-search").requestSubmit()`)
	if now := state(); now != before {
		t.Errorf("the Enter that confirms: %s, before %s", now, before)
	}
	call(b, input.InsertText, input.InsertTextParams{Text: "医改"})
	if got := eval[[]string](b, listed); !slices.Contains(got, "s16-5") {
		t.Errorf("after the composition: %v", got)
	}
	if n := eval[int](b, `submitted`); n != 0 {
		t.Errorf("submitted %d times", n)
	}
	if q := eval[string](b, `decodeURIComponent(location.search)`); q != "?q=医改" {
		t.Errorf("the address has %q", q)
	}
}

// TestSearchWithoutScript wants the lists in place of results, and every page to
// have the field.
func TestSearchWithoutScript(t *testing.T) {
	b := newTab(t)
	b.scripts(false)
	b.size(375, 800)
	b.goTo("/en/search/?q=water")
	for _, href := range []string{"/en/glossary/", "/en/plan/", "/en/topics/ecology/", "/en/places/changting/", "/en/sitemap/"} {
		if !eval[bool](b, fmt.Sprintf(`[...document.querySelectorAll("main a")].some(a => a.pathname === %q)`, href)) {
			t.Errorf("the page does not lead to %s", href)
		}
	}
	if shown := eval[bool](b, `document.querySelector(".search-filters").checkVisibility()`); shown {
		t.Error("filters that do nothing are shown")
	}
	for name, data := range b.site.files {
		if strings.HasSuffix(name, ".html") && strings.Contains(string(data), `<header class="site-header">`) && strings.Count(string(data), `role="search"`) != 1 {
			t.Errorf("%s has no field", name)
		}
	}
}

// TestSearchFromDisk opens the page as a file.
func TestSearchFromDisk(t *testing.T) {
	b := newTab(t)
	dir := t.TempDir()
	for name, data := range b.site.files {
		if strings.HasPrefix(name, "assets/") || name == "zh/search/index.html" {
			file := filepath.Join(dir, "a b", filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	run(b, chromedp.Navigate((&url.URL{Scheme: "file", Path: filepath.Join(dir, "a b", "zh", "search", "index.html")}).String()+"?q="+url.QueryEscape("长汀")))
	got := eval[[]string](b, listed)
	if len(got) < 5 || got[0] != "places/changting" || !slices.Contains(got, "s11-6") {
		t.Errorf("from a disk: %v", got)
	}
	if after := b.asks("liancheng"); !slices.Contains(after, "s11-6") {
		t.Errorf("from a disk, typed: %v", after)
	}
}

// TestSearchAxe looks at results as axe-core does, and at how they fit.
func TestSearchAxe(t *testing.T) {
	source := axeCore(t)
	b := newTab(t)
	for _, path := range []string{"/zh/search/?q=" + url.QueryEscape("长汀"), "/en/search/?q=healthcare", "/zh/search/?q=" + url.QueryEscape("量子")} {
		b.size(1280, 900)
		b.goTo(path)
		eval[chromedp.Void](b, source)
		for _, m := range modes {
			m.on(b)
			for _, v := range b.axe() {
				t.Errorf("%s, %s: %s: %s %v", path, m.name, v.ID, v.Help, v.Nodes[0].HTML)
			}
			m.off(b)
		}
		b.size(320, 640)
		for _, size := range []string{"", "200%"} {
			eval[chromedp.Void](b, fmt.Sprintf(`document.documentElement.style.fontSize = %q`, size))
			if found := eval[[]string](b, overflow); len(found) > 0 {
				t.Errorf("%s at 320 px %s: %s", path, size, strings.Join(found[:min(4, len(found))], "\n  "))
			}
		}
	}
}

// TestSearchSpeed measures how long the page is busy after a key, and counts it six
// times, as for a phone. Of several runs the shortest counts: a machine that does
// other things too adds to the others.
func TestSearchSpeed(t *testing.T) {
	b := newTab(t)
	b.size(375, 800)
	file := func(prefix string) string {
		for name, data := range b.site.files {
			if strings.HasPrefix(name, prefix) {
				return string(data)
			}
		}
		t.Fatalf("no file %s…", prefix)
		return ""
	}
	_, main, _ := strings.Cut(file("zh/search/index.html"), "<main")
	_, main, _ = strings.Cut(main, ">")
	main, _, _ = strings.Cut(main, "</main>")
	inner, err := json.Marshal(main)
	if err != nil {
		t.Fatal(err)
	}
	first, keys := math.Inf(1), map[string]float64{}
	for range 6 {
		// The page without its scripts, which are run here to take their time.
		b.goTo("/zh/sitemap/?q=" + url.QueryEscape("支持"))
		eval[chromedp.Void](b, `document.querySelector("main").innerHTML = `+string(inner))
		eval[chromedp.Void](b, file("assets/search."))
		first = min(first, eval[float64](b, `{ const t = performance.now(); `+file("assets/search-data.")+`; document.body.offsetHeight; performance.now() - t }`))
		if n := eval[int](b, `new Promise((done) => setTimeout(() => done(document.querySelectorAll("[data-unit]").length)))`); n != 20 {
			t.Fatalf("%d results", n)
		}
		for _, q := range []string{"s", "su", "sup", "支", "支持", "三明", "shengtai wenming", "elderley", "农村养老怎么办", "a", "the plan"} {
			took := eval[float64](b, fmt.Sprintf(`(() => {
				const field = document.querySelector(".site-search").q;
				field.value = %q;
				const t = performance.now();
				field.dispatchEvent(new Event("input"));
				document.body.offsetHeight;
				return performance.now() - t;
			})()`, q))
			if last, has := keys[q]; !has || took < last {
				keys[q] = took
			}
		}
	}
	const slowdown = 6 // of a phone
	slowest, at := 0.0, ""
	for q, took := range keys {
		t.Logf("%-20s %3.0f ms", q, took*slowdown)
		if took > slowest {
			slowest, at = took, q
		}
	}
	t.Logf("on a phone: the slowest key %.0f ms (%s), from data to the first answer %.0f ms", slowest*slowdown, at, first*slowdown)
	// Aimed at are 50 and 300 ms; what fails is what no busy machine explains.
	if slowest*slowdown > 4*50 || first*slowdown > 4*300 {
		t.Errorf("a key takes %.0f ms (%s) and the first answer %.0f ms", slowest*slowdown, at, first*slowdown)
	}
}
