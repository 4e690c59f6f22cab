package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// overflow lists the elements that make a page scroll sideways or cut text off. What
// stands in a box that scrolls by itself may be outside, the box may not.
const overflow = `(() => {
	const width = document.documentElement.clientWidth;
	const found = [];
	if (document.documentElement.scrollWidth > width) found.push("the page is " + document.documentElement.scrollWidth + " px wide in a window of " + width);
	const scrolls = (e) => e && (getComputedStyle(e).overflowX === "auto" || scrolls(e.parentElement));
	for (const e of document.body.querySelectorAll("*")) {
		if (e.closest("svg, .skip, .hidden, input") || !e.checkVisibility() || scrolls(e.parentElement)) continue;
		const box = e.getBoundingClientRect(), style = getComputedStyle(e);
		if (box.right > width + 1 || box.left < -1) found.push("outside: " + e.outerHTML.slice(0, 120));
		else if (style.overflow !== "visible" && style.overflowX !== "auto" && e.scrollWidth > e.clientWidth + 1) found.push("cut off: " + e.outerHTML.slice(0, 120));
	}
	return found;
})()`

// TestReflow wants every page to fit a window of 320 CSS pixels (WCAG 1.4.10),
// also with text of twice the size (1.4.4) and with the spacing that readers may
// set (1.4.12).
func TestReflow(t *testing.T) {
	b := newTab(t)
	b.size(320, 640)
	for _, path := range examples("zh", "en") {
		b.goTo(path)
		for _, tt := range []struct{ name, do, undo string }{
			{"320 px", ``, ``},
			{"320 px and text of 200%", `document.documentElement.style.fontSize = "200%"`, `document.documentElement.style.fontSize = ""`},
			{"text spacing of WCAG 1.4.12", `{
				const s = new CSSStyleSheet();
				s.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }");
				document.adoptedStyleSheets = [s];
			}`, `document.adoptedStyleSheets = []`},
		} {
			eval[chromedp.Void](b, tt.do)
			if found := eval[[]string](b, overflow); len(found) > 0 {
				t.Errorf("%s, %s:\n  %s", path, tt.name, strings.Join(found[:min(4, len(found))], "\n  "))
			}
			eval[chromedp.Void](b, tt.undo)
		}
	}
}

// TestWithoutScript reads every kind of page with scripts forbidden, and wants
// the same text and links, the views and languages among them.
func TestWithoutScript(t *testing.T) {
	with, without := newTab(t), newTab(t)
	without.scripts(false)
	const text = `document.querySelector("main").innerText + "\n" + [...document.links].map(a => a.getAttribute("href") ?? a.href.baseVal).join("\n")`
	for _, path := range first() {
		with.goTo(path)
		without.goTo(path)
		a, b := eval[string](with, text), eval[string](without, text)
		if a != b {
			t.Errorf("%s reads differently without scripts", path)
		}
	}
	// Two columns are a plain link away, and so is one sentence in them.
	without.size(1280, 900)
	without.goTo("/zh/plan/s3/")
	act(without, chromedp.Click(chromedp.CSS(`.views a[href*="parallel"]`)))
	run(without, chromedp.WaitReady(chromedp.CSS(`.pair`)))
	columns := eval[[]float64](without, `[...document.querySelector("#s3-2").querySelectorAll("p")].map(p => p.getBoundingClientRect().left)`)
	if len(columns) != 2 || columns[1] <= columns[0]+200 {
		t.Errorf("the languages do not stand beside each other: %v", columns)
	}
	without.size(375, 800)
	if rows := eval[[]float64](without, `[...document.querySelector("#s3-2").querySelectorAll("p")].map(p => p.getBoundingClientRect().left)`); len(rows) != 2 || rows[0] != rows[1] {
		t.Errorf("on a phone the languages do not stand one above the other: %v", rows)
	}
	// A mode works on the page where it is ticked.
	without.goTo("/zh/plan/s3/")
	before := eval[float64](without, `parseFloat(getComputedStyle(document.body).fontSize)`)
	act(without, chromedp.Click(chromedp.CSS(`.modes summary`)))
	act(without, chromedp.Click(chromedp.CSS(`#mode-large`)))
	if after := eval[float64](without, `parseFloat(getComputedStyle(document.body).fontSize)`); after < 1.25*before {
		t.Errorf("large type: %.1f px after %.1f", after, before)
	}
	without.goTo("/zh/plan/s3/")
	act(without, chromedp.Click(chromedp.CSS(`.modes summary`)))
	act(without, chromedp.Click(chromedp.CSS(`#mode-dark`)))
	if scheme := eval[string](without, `getComputedStyle(document.documentElement).colorScheme`); scheme != "dark" {
		t.Errorf("dark: color-scheme %s", scheme)
	}
}

// TestNetwork watches what the browser asks for: nothing from anybody else, one
// document and one or two style sheets before the page is seen, no cookie, nothing kept
// without the reader's wish, nothing in the console, which is also where a
// breach of the content security policy would be told.
func TestNetwork(t *testing.T) {
	b := newTab(t)
	b.size(1280, 900)
	run(b, chromedp.Navigate("about:blank"))
	var mu sync.Mutex
	var asked, said []string
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	call(b, network.Enable, network.EnableParams{})
	requests := chromedp.Events(ctx, network.RequestWillBeSent)
	console := chromedp.Console(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		for e, err := range requests {
			if err != nil {
				return
			}
			mu.Lock()
			asked = append(asked, fmt.Sprintf("%s %s %s", e.Type, e.Request.InitialPriority, e.Request.URL))
			mu.Unlock()
		}
	})
	done.Go(func() {
		for m, err := range console {
			if err != nil {
				return
			}
			mu.Lock()
			said = append(said, fmt.Sprintf("%s: %s", m.Type, m.Text))
			mu.Unlock()
		}
	})
	for _, path := range first() {
		mu.Lock()
		asked, said = nil, nil
		mu.Unlock()
		call(b, network.ClearBrowserCache, cdp.Empty{})
		b.goTo(path)
		kept := eval[string](b, `JSON.stringify([localStorage, sessionStorage, document.cookie])`)
		if kept != `[{},{},""]` {
			t.Errorf("%s keeps %s in the reader's browser", path, kept)
		}
		// What blocks the first view: by the timing of the browser itself.
		blocking := eval[[]string](b, `performance.getEntriesByType("resource").filter(r => r.renderBlockingStatus === "blocking").map(r => r.name)`)
		sheets := eval[[]string](b, `[...document.querySelectorAll("link[rel=stylesheet]")].map(l => l.href)`)
		few := len(sheets) <= 3 || strings.HasSuffix(path, "/components/") // which shows what every page has
		if slices.Sort(blocking); len(sheets) < 1 || !few || !slices.Equal(blocking, slices.Sorted(slices.Values(sheets))) {
			t.Errorf("%s: before it is seen, the page waits for %v; want its style sheets alone, %v", path, blocking, sheets)
		}
		mu.Lock()
		for _, a := range asked {
			address := a[strings.LastIndex(a, " ")+1:]
			if !strings.HasPrefix(address, b.site.base+"/") {
				t.Errorf("%s asks for %s", path, a)
			}
		}
		wanted := "/404.html"
		for _, s := range said {
			if !(path[3:] == wanted && strings.Contains(s, "404")) {
				t.Errorf("%s: console: %s", path, s)
			}
		}
		t.Logf("%-40s %d requests", path, len(asked))
		mu.Unlock()
	}
	if cookies := call(b, storage.GetCookies, storage.GetCookiesParams{}); len(cookies.Cookies) > 0 {
		t.Errorf("cookies: %v", cookies.Cookies)
	}
	b.site.mu.Lock()
	defer b.site.mu.Unlock()
	if len(b.site.foreign) > 0 {
		t.Errorf("requests for other hosts: %v", b.site.foreign)
	}
	stop()
	done.Wait()
}

// TestModesPersist chooses modes on one page and finds them on the next, set
// before anything is drawn, and gone when they are taken back.
func TestModesPersist(t *testing.T) {
	b := newTab(t)
	b.size(1280, 900)
	b.goTo("/zh/")
	act(b, chromedp.Click(chromedp.CSS(`.modes summary`)))
	for _, id := range []string{"#mode-large", "#mode-contrast", "#mode-dark"} {
		act(b, chromedp.Click(chromedp.CSS(id)))
	}
	b.goTo("/en/plan/s3/")
	state := func() string {
		return eval[string](b, `JSON.stringify([{...document.documentElement.dataset, edition: undefined, address: undefined},
			["large", "contrast", "auto", "light", "dark"].filter(m => document.getElementById("mode-" + m).checked)])`)
	}
	if got, want := state(), `[{"type":"large","contrast":"more","theme":"dark"},["large","contrast","dark"]]`; got != want {
		t.Errorf("on the next page: %s, want %s", got, want)
	}
	if paper := eval[string](b, `getComputedStyle(document.body).backgroundColor`); paper != "rgb(0, 0, 0)" {
		t.Errorf("high contrast in the dark on %s", paper)
	}
	for _, id := range []string{"mode-large", "mode-contrast", "mode-auto"} {
		press(id)(b)
	}
	b.goTo("/zh/about/")
	if got, want := state(), `[{},["auto"]]`; got != want {
		t.Errorf("taken back: %s, want %s", got, want)
	}
	if kept := eval[int](b, `localStorage.length`); kept != 0 {
		t.Errorf("%d things are still kept", kept)
	}
}

// TestSameSentence follows one sentence through the languages and views.
func TestSameSentence(t *testing.T) {
	b := newTab(t)
	b.size(1280, 900)
	here := func(want string) {
		t.Helper()
		if got := eval[string](b, `location.pathname + location.hash`); got != want {
			t.Errorf("at %s, want %s", got, want)
		}
	}
	b.goTo("/zh/plan/s3/")
	const layout = `[...document.querySelectorAll(".reading > div *")].map(e => [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight].join()).join(" ")`
	before := eval[string](b, layout)
	act(b, chromedp.Click(chromedp.CSS(`#s3-2 .unit-anchor`)))
	here("/zh/plan/s3/#s3-2")
	if after := eval[string](b, layout); after != before {
		t.Error("the sentence that the link names moves something on the page")
	}
	colours := eval[[]string](b, `["s3-2", "s3-3"].map(id => getComputedStyle(document.getElementById(id)).backgroundColor)`)
	if colours[0] == colours[1] {
		t.Error("the sentence that the link names is not highlighted")
	}
	act(b, chromedp.Click(chromedp.CSS(`.languages a`)))
	run(b, chromedp.WaitReady(chromedp.CSS(`html[lang=en]`)))
	here("/en/plan/s3/#s3-2")
	act(b, chromedp.Click(chromedp.CSS(`.views a[href*="parallel"]`)))
	run(b, chromedp.WaitReady(chromedp.CSS(`.pair`)))
	here("/en/plan/s3/parallel/#s3-2")
	act(b, chromedp.Click(chromedp.CSS(`#s3-2 .unit-number`)))
	run(b, chromedp.WaitReady(chromedp.CSS(`.quote`)))
	here("/en/m/s3-2/")
	act(b, chromedp.Click(chromedp.CSS(`.languages a`)))
	run(b, chromedp.WaitReady(chromedp.CSS(`html[lang|=zh]`)))
	here("/zh/m/s3-2/")
}

// TestPlaceInContents wants the contents beside the whole plan to show the section
// in view, and its chapter, wherever a link or the reader leads.
func TestPlaceInContents(t *testing.T) {
	b := newTab(t)
	b.size(1280, 900)
	marked := func(want string) {
		t.Helper()
		const settled = `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(
			[...document.querySelectorAll(".toc [aria-current]")].map(a => a.getAttribute("href") + " " + a.getAttribute("aria-current")).join(", ")))))`
		if got := eval[string](b, settled); got != want {
			t.Errorf("marked in the contents: %q, want %q", got, want)
		}
	}
	b.goTo("/zh/plan/#s9-2")
	marked("#c4 true, #s9 location")
	if seen := eval[bool](b, `(() => {
		const box = document.querySelector(".toc").getBoundingClientRect(), at = document.querySelector(".toc [aria-current=location]").getBoundingClientRect();
		return at.top >= box.top && at.bottom <= box.bottom;
	})()`); !seen {
		t.Error("the mark is outside the part of the contents that is seen")
	}
	for _, tt := range []struct{ link, want string }{
		{"s16", "#c7 true, #s16 location"}, {"s21", "#c9 true, #s21 location"}, {"c1", "#c1 location"},
	} {
		act(b, chromedp.Click(chromedp.CSS(`.toc a[href="#`+tt.link+`"]`)))
		marked(tt.want)
	}
	eval[chromedp.Void](b, `scrollTo(0, document.documentElement.scrollHeight)`)
	marked("#c9 true, #s22 location")
	b.size(375, 800) // there the contents stand below the text
	marked("")
}

// focused describes the focused element: what it is, whether its focus is seen,
// and whether something covers it.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return null;
	const shape = e.ownerSVGElement ? e.querySelector("path, use, rect, circle") : e;
	const style = getComputedStyle(shape);
	const seen = e.ownerSVGElement ? style.strokeWidth !== "0px" && style.stroke !== "none" && parseFloat(style.strokeWidth) >= 3
		: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
	const rects = [...e.getClientRects()].filter(r => r.width > 0 && r.height > 0);
	let covered = rects.length === 0;
	for (const r of rects.slice(0, 1)) {
		const x = r.left + r.width / 2, y = r.top + r.height / 2;
		const top = document.elementFromPoint(x, y);
		// In a picture, the middle of a box is not always in the shape.
		covered = !e.ownerSVGElement && !(top && (e.contains(top) || top.contains(e) || top.closest("label")?.contains(e)));
		if (y < 0 || y > innerHeight) covered = true;
	}
	const all = [...document.querySelectorAll("*")];
	return {what: e.outerHTML.slice(0, 140), seen, covered, at: all.indexOf(e)};
})()`

type focus struct {
	What          string
	Seen, Covered bool
	At            int
}

// TestKeyboard walks through every kind of page with the tab key.
func TestKeyboard(t *testing.T) {
	for _, path := range first() {
		t.Run(path, func(t *testing.T) {
			b := newTab(t)
			b.size(1024, 700)
			b.goTo(path)
			last := -1
			for step := range 80 {
				act(b, chromedp.KeyEvent(kb.Tab))
				f := eval[*focus](b, focused)
				if f == nil {
					break // past the end of the page
				}
				if step == 0 && eval[int](b, `document.querySelectorAll("header").length`) > 0 {
					if !strings.Contains(f.What, `href="#main"`) {
						t.Errorf("the first stop is not the skip link: %s", f.What)
					}
				}
				if !f.Seen {
					t.Errorf("stop %d: the focus is not seen: %s", step, f.What)
				}
				if f.Covered {
					t.Errorf("stop %d: the focused element is covered or outside: %s", step, f.What)
				}
				if f.At <= last {
					t.Errorf("stop %d goes back in the page: %s", step, f.What)
				}
				last = f.At
			}
			if last < 0 {
				t.Error("nothing can be focused")
			}
		})
	}

	b := newTab(t)
	b.size(1280, 900)
	b.goTo("/zh/plan/s3/")
	act(b, chromedp.KeyEvent(kb.Tab))
	act(b, chromedp.KeyEvent(kb.Enter))
	if hash := eval[string](b, `location.hash`); hash != "#main" {
		t.Errorf("the skip link leads to %q", hash)
	}
	act(b, chromedp.KeyEvent(kb.Tab))
	if inside := eval[bool](b, `document.querySelector("main").contains(document.activeElement)`); !inside {
		t.Error("after the skip link, the next stop is not in the text")
	}
	// The panel of modes opens, is used and closes by keyboard.
	b.goTo("/zh/plan/s3/")
	eval[chromedp.Void](b, `document.querySelector(".modes summary").focus()`)
	act(b, chromedp.KeyEvent(kb.Enter))
	act(b, chromedp.KeyEvent(kb.Tab))
	act(b, chromedp.KeyEvent(" "))
	if !eval[bool](b, `document.querySelector(".modes").open && document.getElementById("mode-large").checked`) {
		t.Error("the modes cannot be used by keyboard")
	}
	act(b, chromedp.KeyEvent(kb.Escape))
	if !eval[bool](b, `!document.querySelector(".modes").open && document.activeElement === document.querySelector(".modes summary")`) {
		t.Error("Escape does not close the modes and go back to them")
	}
}

// TestStructure looks at headings and at the languages of texts.
func TestStructure(t *testing.T) {
	b := newTab(t)
	b.size(1280, 900)
	for _, path := range examples("zh", "en") {
		b.goTo(path)
		levels := eval[[]int](b, `[...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => +h.tagName[1])`)
		for i, level := range levels {
			if i == 0 && level != 1 || i > 0 && (level == 1 || level > levels[i-1]+1) {
				t.Errorf("%s: headings %v", path, levels)
				break
			}
		}
		// Hanzi below another language than Chinese, or Latin words below another
		// than English. Names of the site's files and ids have no language, nor has
		// the title of a page for both and HTML to be copied; pinyin is Chinese in Latin
		// letters.
		var wrong []string
		if err := json.Unmarshal([]byte(eval[string](b, `JSON.stringify((() => {
			const found = [];
			const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
			for (let n; n = walk.nextNode();) {
				if (n.parentElement.closest("script, style, [data-html]") || n.parentElement.matches("title") && document.querySelector("main.chooser")) continue;
				const lang = n.parentElement.closest("[lang]").lang;
				if (/\p{Script=Han}/u.test(n.data) && !lang.startsWith("zh")) found.push(lang + ": " + n.data.trim());
				if (/\b[a-z]{3,}\s+[a-z]{2,}\b/.test(n.data) && !lang.startsWith("en") && !lang.includes("Latn")) found.push(lang + ": " + n.data.trim());
			}
			return found;
		})())`)), &wrong); err != nil {
			t.Fatal(err)
		}
		// The page of components quotes the theme's comments.
		if len(wrong) > 0 && !strings.Contains(path, "components") {
			t.Errorf("%s: texts under the wrong language: %q", path, wrong[:min(5, len(wrong))])
		}
	}
}

// TestLanguagesSwitch wants the counterpart of every page in the other language.
func TestLanguagesSwitch(t *testing.T) {
	b := newTab(t)
	for _, path := range examples("zh") {
		if !strings.HasPrefix(path, "/zh/") || strings.HasSuffix(path, "404.html") {
			continue
		}
		b.goTo(path)
		to, err := url.Parse(eval[string](b, `document.querySelector(".languages a").href`))
		if err != nil {
			t.Fatal(err)
		}
		want := "/en/" + strings.TrimPrefix(path, "/zh/")
		if strings.HasPrefix(path, "/zh/glossary/") {
			want = "/en/glossary/" // other terms stand under the letters of its pages
		}
		if to.Path != want {
			t.Errorf("%s switches to %s, want %s", path, to.Path, want)
		}
		names := eval[[]string](b, `[...document.querySelectorAll(".languages li > *")].map(e => e.lang + " " + (e.hreflang ?? "") + " " + e.textContent)`)
		if want := []string{"zh-Hans  中文", "en en English"}; !slices.Equal(names, want) {
			t.Errorf("%s: languages %q, want %q", path, names, want)
		}
	}
}
