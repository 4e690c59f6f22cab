package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/search"
)

// largePlan has so many units: clauses of the real plan put together anew, in
// sections of fifty, with its topics, places and terms.
func largePlan(t *testing.T, units int) (*plan.Plan, []string) {
	t.Helper()
	tree, found := content.Load(os.DirFS(projectDir), "content")
	if found.HasErrors() {
		t.Fatal(found)
	}
	var zh, en []string
	for u := range tree.Plan.Units() {
		zh = append(zh, strings.FieldsFunc(strings.TrimRight(u.Text.ZH, "。"), func(r rune) bool { return r == '，' || r == '、' })...)
		en = append(en, strings.FieldsFunc(u.Text.EN, func(r rune) bool { return r == ',' || r == '.' })...)
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list []string, n int, join string) string {
		var some []string
		for range n {
			some = append(some, strings.TrimSpace(list[random.IntN(len(list))]))
		}
		return strings.Join(some, join)
	}
	p := &plan.Plan{Title: tree.Plan.Title, Topics: tree.Plan.Topics, Places: tree.Plan.Places, Terms: tree.Plan.Terms}
	var texts []string
	var section *plan.Section
	var chapter *plan.Chapter
	for n := range units {
		if n%1000 == 0 {
			chapter = &plan.Chapter{Number: n/1000 + 1, Title: plan.Text{ZH: pick(zh, 1, ""), EN: pick(en, 1, "")}}
			p.Chapters = append(p.Chapters, chapter)
		}
		if n%50 == 0 {
			section = &plan.Section{Number: n/50 + 1, Label: n/50 + 1, Chapter: chapter.Number, Title: plan.Text{ZH: pick(zh, 1, ""), EN: pick(en, 1, "")}}
			chapter.Sections = append(chapter.Sections, section)
		}
		u := &plan.Unit{ID: plan.ID(fmt.Sprintf("s%d-%d", section.Number, n%50+1)), Kind: plan.Measure, Chapter: chapter.Number, Section: section.Number,
			Text: plan.Text{ZH: pick(zh, 4, "，") + "。", EN: pick(en, 4, ", ") + "."}, Topics: []string{p.Topics[n%len(p.Topics)].ID}, Places: []string{p.Places[n%len(p.Places)].ID}}
		section.Units = append(section.Units, u)
		texts = append(texts, u.Text.ZH)
	}
	return p, texts
}

// TestSearchLarge searches a plan of 10,000 units, or as many as MINXI_UNITS says, for
// 300 pieces of its text: none of the sentences that have one is missed, what is shown
// has it, a filter leaves exactly those that have its topic, place or chapter, and a
// first query asks for little.
func TestSearchLarge(t *testing.T) {
	const most = 30 << 10
	units := 10_000
	if n := os.Getenv("MINXI_UNITS"); n != "" {
		var err error
		if units, err = strconv.Atoi(n); err != nil {
			t.Fatal(err)
		}
	}
	b := newTab(t)
	p, texts := largePlan(t, units)
	in := search.Input{Plan: p}
	for _, term := range p.Terms {
		in.Others = append(in.Others, search.Other{Kind: search.Term, Title: term.Text, Path: plan.Text{ZH: "glossary/", EN: "glossary/"}})
	}
	s := search.New(in)
	if !s.Large() {
		t.Fatal("the plan counts as small")
	}
	files := map[string][]byte{}
	table, err := s.Data()
	if err != nil {
		t.Fatal(err)
	}
	files["assets/search-data.js"] = table
	total := 0
	for f := range s.Files() {
		data, err := f.Data()
		if err != nil {
			t.Fatal(err)
		}
		files[f.Path] = data
		total += len(data)
	}
	for name, data := range b.site.files {
		if strings.HasPrefix(name, "assets/search.") || path.Ext(name) == ".css" || strings.HasPrefix(name, "assets/minxi.") {
			files[name] = data
		}
	}
	large, err := os.ReadFile(filepath.Join(projectDir, "themes/minxi/assets/search/large.js"))
	if err != nil {
		t.Fatal(err)
	}
	files["assets/search-large.js"] = large
	html := regexp.MustCompile(`<script[^>]* src="?[^" >]*search-data\.[^" >]*"?[^>]*></script>`).
		ReplaceAllString(string(b.site.files["zh/search/index.html"]), `<script defer src="../../assets/search-large.js"></script><script defer src="../../assets/search-data.js"></script>`)
	files["zh/search/index.html"] = []byte(html)

	// What a first query asks for is weighed; what others do is only served.
	var mu sync.Mutex
	fetched, weighed := 0, false
	count := func(on bool) {
		mu.Lock()
		fetched, weighed = 0, on
		mu.Unlock()
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if strings.HasSuffix(name, "/") {
			name += "index.html"
		}
		data, ok := files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self'")
		w.Header().Set("Content-Type", map[string]string{".html": "text/html", ".js": "text/javascript", ".css": "text/css"}[path.Ext(name)])
		if strings.HasPrefix(name, "data/search/") {
			w.Header().Set("Content-Encoding", "br")
			mu.Lock()
			best := weighed
			mu.Unlock()
			if !best {
				w.Write(quick(data))
				return
			}
			data = squeeze(data)
			mu.Lock()
			fetched += len(data)
			mu.Unlock()
		}
		w.Write(data)
	}))
	defer server.Close()
	t.Logf("%d units: table %d bytes (brotli %d), %d files of %d bytes", units, len(table), len(squeeze(table)), len(files), total)

	filtered := func(q string, filters map[string]string) (answer struct{ All, Shown []string }) {
		chosen, err := json.Marshal(filters)
		if err != nil {
			t.Fatal(err)
		}
		text := within(b, func(ctx context.Context) (string, error) {
			return chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`new Promise(done => {
				minxiSearch.ask(%q, r => { if (!r.wait) done(JSON.stringify({ All: r.candidates?.() ?? [], Shown: r.items.filter(i => i.kind === "unit").map(i => i.id) })); }, %s);
			})`, q, chosen), chromedp.EvalAwaitPromise))
		})
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	ask := func(q string) struct{ All, Shown []string } { return filtered(q, map[string]string{}) }
	id := func(n int) string { return fmt.Sprintf("s%d-%d", n/50+1, n%50+1) }
	open := func() { run(b, chromedp.Navigate(server.URL+"/zh/search/")) }
	open()
	random := rand.New(rand.NewPCG(3, 4))
	heaviest, at, missed := 0, "", 0
	for i := range 300 {
		if i%30 == 0 {
			open() // a first query, with nothing kept by the page
		}
		r := []rune(strings.TrimRight(texts[random.IntN(len(texts))], "。"))
		n := 2 + random.IntN(9)
		from := random.IntN(len(r) - n)
		q := strings.Trim(string(r[from:from+n]), "，（）“”《》、 ")
		if len([]rune(q)) < 2 {
			q = "建设"
		}
		count(i%30 == 0)
		got := ask(q)
		mu.Lock()
		if i%30 == 0 && fetched > heaviest {
			heaviest, at = fetched, q
		}
		mu.Unlock()
		for n, text := range texts {
			if strings.Contains(text, q) && !slices.Contains(got.All, id(n)) {
				missed++
				t.Errorf("%q in %s is missed", q, id(n))
				break
			}
		}
		if len(got.Shown) == 0 {
			t.Errorf("%q: nothing is shown of %d", q, len(got.All))
		}
	}
	t.Logf("300 pieces, %d missed; the heaviest first query asks for %d bytes (%q)", missed, heaviest, at)
	for _, q := range []string{"建设", "发展", "支持", "soil erosion", "developmnt", "changting", "养老", "示范区建设"} {
		open()
		count(true)
		got := ask(q)
		mu.Lock()
		t.Logf("%-14s %5d candidates, %2d shown, %6d bytes", q, len(got.All), len(got.Shown), fetched)
		heaviest = max(heaviest, fetched)
		mu.Unlock()
		if len(got.Shown) == 0 {
			t.Errorf("%q finds nothing", q)
		}
	}
	for n := range 9 {
		u := random.IntN(units)
		hub, has := "topic", func(v int) bool { return v%len(p.Topics) == u%len(p.Topics) }
		value := "topics/" + p.Topics[u%len(p.Topics)].ID
		switch n % 3 {
		case 1:
			hub, value, has = "place", "places/"+p.Places[u%len(p.Places)].ID, func(v int) bool { return v%len(p.Places) == u%len(p.Places) }
		case 2:
			hub, value, has = "chapter", fmt.Sprintf("c%d", u/1000+1), func(v int) bool { return v/1000 == u/1000 }
		}
		open()
		count(true)
		got := filtered("支持", map[string]string{hub: value})
		mu.Lock()
		heaviest = max(heaviest, fetched)
		mu.Unlock()
		var want []string
		for v, text := range texts {
			if has(v) && strings.Contains(text, "支持") {
				want = append(want, id(v))
			}
		}
		if !slices.Equal(got.All, want) || len(got.Shown) == 0 {
			t.Errorf("支持 in %s: %d candidates, %d shown; %d sentences have it", value, len(got.All), len(got.Shown), len(want))
		}
	}
	if heaviest > most {
		t.Errorf("a first query asks for %d bytes, and may ask for %d", heaviest, most)
	}
}
