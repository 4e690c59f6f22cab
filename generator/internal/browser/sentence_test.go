package browser

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// touch makes the tab a phone or a tablet: no mouse points at anything.
func (b *tab) touch(on bool) {
	b.t.Helper()
	call(b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: on})
}

// TestHeader wants the header to be two rows at every width, and its columns, where
// they do not fit, to scroll: one sees that there are more, and the tab key shows
// the one that it comes to.
func TestHeader(t *testing.T) {
	b := newTab(t)
	for _, tt := range []struct {
		width  int64
		large  bool
		height float64
	}{{360, false, 88}, {360, true, 130}, {768, false, 110}, {1280, false, 110}, {1280, true, 145}} {
		b.size(tt.width, 740)
		highest, at := 0.0, ""
		paths := first()
		if tt.width == 360 {
			paths = examples("zh", "en")
		}
		for _, path := range paths {
			b.goTo(path)
			if !eval[bool](b, `!!document.querySelector(".site-header")`) {
				continue
			}
			if tt.large {
				eval[chromedp.Void](b, `document.documentElement.dataset.type = "large"`)
			}
			if h := eval[float64](b, `document.querySelector(".site-header").getBoundingClientRect().height`); h > highest {
				highest, at = h, path
			}
		}
		t.Logf("%4d px, large type %5v: %.0f px (%s)", tt.width, tt.large, highest, at)
		if highest > tt.height || highest < 60 {
			t.Errorf("at %d px (large type: %v) the header of %s is %.0f px high, want %.0f at most", tt.width, tt.large, at, highest, tt.height)
		}
	}
	b.size(360, 740)
	for _, path := range []string{"/zh/plan/s3/", "/en/plan/s3/", "/zh/m/s3-2/", "/en/"} {
		b.goTo(path)
		for _, fault := range eval[[]string](b, `(() => {
			const menu = document.querySelector(".site-menu"), links = [...menu.querySelectorAll("a")], found = [];
			const box = menu.getBoundingClientRect();
			const seen = (a) => { const r = a.getBoundingClientRect(); return r.left >= box.left - 1 && r.right <= box.right + 1; };
			if (menu.scrollWidth <= menu.clientWidth) found.push("all columns fit: nothing is tried");
			if (!getComputedStyle(menu).backgroundImage.includes("gradient")) found.push("no shade says that there are more columns");
			if (new Set(links.map((a) => a.getBoundingClientRect().top)).size > 1) found.push("the columns wrap");
			for (const a of [...links, ...links.toReversed()]) {
				a.focus();
				if (!seen(a)) found.push(a.textContent + " has the focus and is not seen");
			}
			for (const a of document.querySelectorAll(".site-header a, .site-header summary")) {
				const r = a.getBoundingClientRect();
				if (a.checkVisibility() && (r.height < 43.9 || r.width < 24)) found.push("only " + r.width + "×" + r.height + " px for " + a.outerHTML.slice(0, 60));
			}
			return found;
		})()`) {
			t.Errorf("%s: %s", path, fault)
		}
	}
}

// numbered are pages on which sentences stand with their numbers.
var numbered = []string{"plan/", "plan/s11/", "plan/c1/", "plan/s3/parallel/", "plan/parallel/"}

// TestAnchors wants every number to lead to its sentence's page and a sign beside it
// to the sentence here: on touch always there and large enough, with a mouse where it
// points. A number never breaks.
func TestAnchors(t *testing.T) {
	b := newTab(t)
	const signs = `(() => {
		const found = new Set(), units = [...document.querySelectorAll(".unit[id]")];
		if (units.length === 0) found.add("no sentence has an anchor");
		for (const u of units) {
			const n = u.querySelector(".unit-number"), a = u.querySelector(".unit-anchor"), r = a.getBoundingClientRect();
			if (!n.href.endsWith("/m/" + u.id + "/")) found.add("the number leads to " + n.href);
			if (a.hash !== "#" + u.id || a.pathname !== location.pathname) found.add("the sign leads to " + a.href);
			if (r.width < 44 || r.height < 32) found.add("the sign is " + r.width + "×" + r.height + " px");
			if (r.left < n.getBoundingClientRect().right - 1) found.add("the sign covers the number of " + u.id);
			if (getComputedStyle(a).opacity !== SEEN) found.add("the sign of a sentence: opacity " + getComputedStyle(a).opacity);
			if (!a.ariaLabel.includes(n.textContent)) found.add("the sign is called " + a.ariaLabel);
		}
		return [...found];
	})()`
	const broken = `[...document.querySelectorAll(".unit-number, .unit-anchor, .id, .refs a")].filter((e) => e.getClientRects().length > 1 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth).map((e) => e.outerHTML)`
	for _, width := range []int64{320, 360, 768, 1280, 1440} {
		b.size(width, 740)
		for _, lang := range []string{"zh", "en"} {
			for _, page := range numbered {
				path := "/" + lang + "/" + page
				for seen, touch := range map[string]bool{"1": true, "0": false} {
					b.touch(touch)
					b.goTo(path)
					for _, fault := range eval[[]string](b, strings.ReplaceAll(signs, "SEEN", fmt.Sprintf("%q", seen))) {
						t.Errorf("%s at %d px (touch: %v): %s", path, width, touch, fault)
					}
				}
				if list := eval[[]string](b, broken); len(list) > 0 {
					t.Errorf("%s at %d px: broken numbers: %q", path, width, list[:min(3, len(list))])
				}
			}
		}
	}
	b.touch(false)
	b.size(1280, 900)
	b.goTo("/zh/plan/s3/")
	eval[chromedp.Void](b, `document.querySelector("#s3-3 .unit-anchor").focus()`)
	act(b, chromedp.KeyEvent(kb.Shift)) // so that the focus comes from keys
	if got := eval[string](b, `getComputedStyle(document.querySelector("#s3-3 .unit-anchor")).opacity`); got != "1" {
		t.Errorf("the sign that has the focus: opacity %s", got)
	}
	// What is copied is the text and its number, without the sign.
	if text := eval[string](b, `(() => { const s = getSelection(); s.selectAllChildren(document.getElementById("s3-7")); return s.toString(); })()`); strings.Join(strings.Fields(text), "") != "3-7支持龙岩创建世界地质公园。" {
		t.Errorf("copied: %q", text)
	}
}

// TestSentencePage looks at the page of a sentence: what comes first, both languages
// in equal ink, the way to cite it beside the text or below it, and neighbours that
// keep their sides.
func TestSentencePage(t *testing.T) {
	b := newTab(t)
	for _, path := range []string{"/zh/m/s3-2/", "/en/m/s3-2/", "/zh/m/s22-4/", "/en/m/s16-5/"} {
		for _, width := range []int64{360, 1280} {
			b.size(width, 740)
			b.goTo(path)
			for _, fault := range eval[[]string](b, `(() => {
				const found = [], box = (s) => document.querySelector(s).getBoundingClientRect();
				const order = [".crumbs", ".kicker", "h1", ".quote", ".quote ~ .quote", ".facts", ".cite-share", "#context", "#terms", "#related", ".neighbours"];
				const all = [...document.querySelectorAll("*")], at = order.map((s) => all.indexOf(document.querySelector(s)));
				at.forEach((n, i) => { if (n < 0 || n <= at[i - 1]) found.push(order[i] + " is missing or too early"); });
				const column = innerWidth < 1000 ? order : order.filter((s) => s !== ".cite-share");
				column.forEach((s, i) => { if (i && box(s).top < box(column[i - 1]).top) found.push(s + " stands above " + column[i - 1]); });
				const beside = box(".cite-share").left >= box("article").right && box(".cite-share").top < box("h1").bottom;
				if (beside !== innerWidth >= 1000) found.push("how to cite stands " + (beside ? "beside" : "below") + " the text");
				const [a, b] = [...document.querySelectorAll(".quote")].map((q) => getComputedStyle(q)).map((s) => s.color + " " + s.fontSize);
				if (a !== b) found.push("the languages: " + a + " and " + b);
				if (document.querySelector(".quote").lang !== document.documentElement.lang) found.push("the page's language does not come first");
				if (box("h1").bottom > 330) found.push("the headline ends at " + box("h1").bottom + " px");
				return found;
			})()`) {
				t.Errorf("%s at %d px: %s", path, width, fault)
			}
		}
	}
	for path, want := range map[string]string{"/zh/m/p-1/": "next", "/en/m/s22-6/": "prev", "/zh/plan/s1/": "next", "/zh/plan/s3/": "prev next", "/zh/plan/c9/": "prev"} {
		b.goTo(path)
		sides := eval[[]string](b, `[...document.querySelectorAll(".neighbours a")].filter((a) => {
			const r = a.getBoundingClientRect(), all = a.closest("nav").getBoundingClientRect(), middle = (all.left + all.right) / 2;
			return a.rel === "prev" ? r.right <= middle : r.left >= middle;
		}).map((a) => a.rel)`)
		if got := strings.Join(sides, " "); got != want {
			t.Errorf("%s: on their sides are %q, want %q", path, got, want)
		}
	}
}

// TestWide wants contents, text and the other language beside each other from 1440
// px on, in this order, and only the text of the page's language below that and on
// paper.
func TestWide(t *testing.T) {
	b := newTab(t)
	const others = `[...document.querySelectorAll(".unit-other")].filter((e) => e.checkVisibility()).length`
	for _, path := range []string{"/zh/plan/s3/", "/en/plan/s11/", "/zh/plan/c1/", "/en/plan/c3/"} {
		for _, width := range []int64{1440, 1920} {
			b.size(width, 900)
			b.goTo(path)
			for _, fault := range eval[[]string](b, `(() => {
				const found = [], toc = document.querySelector(".toc").getBoundingClientRect();
				for (const u of document.querySelectorAll(".unit[id]")) {
					const number = u.querySelector(".unit-number").getBoundingClientRect(), [text, other] = [...u.querySelectorAll(":scope > span")].map((e) => e.getBoundingClientRect());
					if (!(toc.right <= number.left && number.right <= text.left && text.right <= other.left && other.right <= innerWidth)) found.push(u.id + ": contents, text and translation do not stand in a row");
					if (Math.abs(text.top - other.top) > 6) found.push(u.id + ": the languages begin at " + text.top + " and " + other.top);
					if (u.querySelector(".unit-other").lang === document.documentElement.lang) found.push(u.id + ": not the other language");
				}
				return found;
			})()`) {
				t.Errorf("%s at %d px: %s", path, width, fault)
			}
			if eval[int](b, others) == 0 {
				t.Errorf("%s at %d px: no other language", path, width)
			}
		}
		for _, width := range []int64{360, 1280, 1439} {
			b.size(width, 900)
			if n := eval[int](b, others); n > 0 {
				t.Errorf("%s at %d px: %d sentences in the other language", path, width, n)
			}
		}
		b.size(1440, 900)
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		if n := eval[int](b, others); n > 0 {
			t.Errorf("%s on paper: %d sentences in the other language", path, n)
		}
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	}
}

// TestLost comes to addresses that are not there, deep below the root, and finds a
// county and a sentence, without script.
func TestLost(t *testing.T) {
	b := newTab(t)
	b.scripts(false)
	b.size(360, 740)
	for _, path := range []string{"/zh/m/s3-2/no/such/page/", "/404.html", "/zh/404.html", "/en/404.html"} {
		langs := []string{"zh", "en"}
		if strings.HasSuffix(path, "/404.html") && len(path) > len("/404.html") {
			langs = []string{path[1:3]}
		}
		for _, lang := range langs {
			b.goTo(path)
			var counties []string
			for _, href := range eval[[]string](b, `[...document.querySelectorAll("main .tags a")].map((a) => new URL(a.href).pathname)`) {
				if strings.HasPrefix(href, "/"+lang+"/places/") && b.site.files[strings.TrimPrefix(href, "/")+"index.html"] != nil {
					counties = append(counties, href)
				}
			}
			if slices.Sort(counties); len(slices.Compact(counties)) != 18 {
				t.Errorf("%s leads to %d counties in %s", path, len(counties), lang)
			}
			act(b, chromedp.SendKeys(chromedp.CSS("#jump-"+lang), "3-2"+kb.Enter))
			run(b, chromedp.WaitReady(chromedp.CSS(`#search`)))
			to, err := url.Parse(eval[string](b, `location.href`))
			if err != nil || to.Path != "/"+lang+"/search/" || to.RawQuery != "q=3-2" {
				t.Errorf("%s: the field in %s leads to %s", path, lang, to)
			}
		}
	}
	b = newTab(t)
	b.goTo("/zh/search/?q=3-2")
	run(b, chromedp.WaitReady(chromedp.CSS(`[data-unit]`)))
	if first := eval[[]string](b, listed)[0]; first != "s3-2" {
		t.Errorf("3-2 finds %s first", first)
	}
}

// TestCiteInEnglish does one of the tasks that the site is judged by, on a phone:
// from the home page to a citation in English of what the plan says of the reform of
// healthcare in Sanming.
func TestCiteInEnglish(t *testing.T) {
	for lang, tt := range map[string]struct {
		query   string
		taps    int
		screens int // of the sentence's page, down to the end of the citation
	}{"en": {"Sanming healthcare reform", 2, 2}, "zh": {"三明医改", 3, 2}} {
		task := newPhone(t)
		b := task.tab
		b.goTo("/" + lang + "/")
		onHome := task.press(".to-search")
		run(b, chromedp.WaitReady(chromedp.CSS(`#search`)))
		act(b, chromedp.SendKeys(chromedp.CSS(`.site-search input`), tt.query+kb.Enter))
		run(b, chromedp.WaitReady(chromedp.CSS(`[data-unit="s16-5"]`)))
		onSearch := task.press(`[data-unit="s16-5"] .unit-number`)
		run(b, chromedp.WaitReady(chromedp.CSS(`.cite-share`)))
		eval[chromedp.Void](b, `[...document.querySelectorAll(".cite-share details")].find((d) => d.querySelector("summary").textContent.includes("APA")).id = "apa"`)
		const apa = `#apa`
		if !eval[bool](b, `document.querySelector(`+"`"+apa+"`"+`).open`) {
			task.press(apa + ` summary`)
		}
		ends := eval[float64](b, `document.querySelector("`+apa+` p").getBoundingClientRect().bottom + scrollY`)
		onPage := int(math.Ceil(ends / 740))
		text := eval[string](b, `document.querySelector("`+apa+`").innerText`)
		t.Logf("%s: %d taps and a word typed; screens gone through: %d + %d + %d; citation ends at %.0f px", lang, task.taps, onHome, onSearch, onPage, ends)
		if task.taps > tt.taps || onHome > 1 || onSearch > 1 || onPage > tt.screens {
			t.Errorf("%s: %d taps (want %d), screens %d, %d, %d", lang, task.taps, tt.taps, onHome, onSearch, onPage)
		}
		for _, want := range []string{"National Development and Reform Commission. (2022).", "[Plan for Building the Demonstration Zone", b.site.base + "/en/m/s16-5/", "(NDRC, 2022, sec. 16, measure 16-5)"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in %q", lang, want, text)
			}
		}
	}
}

// TestCopy copies each quotation and citation by one press, as it stands on the page,
// and wants no press where the browser does not let pages copy.
func TestCopy(t *testing.T) {
	b := newTab(t)
	b.goTo("/en/m/s3-2/")
	for _, fault := range eval[[]string](b, `(async () => {
		const found = [];
		const all = [...document.querySelectorAll(".cite-share details")].filter((d) => d.querySelector("pre, p"));
		if (all.length < 10) found.push(all.length + " texts");
		let got;
		navigator.clipboard.writeText = async (s) => { got = s; };
		navigator.clipboard.write = async ([item]) => {
			const html = await (await item.getType("text/html")).text();
			got = await (await item.getType("text/plain")).text();
			if (html !== got || !html.startsWith("<blockquote ")) found.push("as HTML: " + html);
		};
		for (const one of all) {
			const name = one.querySelector("summary").textContent, button = one.querySelector("button");
			one.open = true;
			if (button?.ariaLabel !== "Copy") { found.push(name + ": no button"); continue; }
			button.click();
			await new Promise((done) => setTimeout(done, "html" in one.querySelector("pre, p").dataset ? 200 : 0));
			if (!got || got !== one.querySelector("pre, p").textContent) found.push(name + ": copied " + got);
			if (button.ariaLabel !== "Copied") found.push(name + ": says " + button.ariaLabel);
			if (!getComputedStyle(button, "after").content.includes("Copied")) found.push(name + ": shows " + getComputedStyle(button, "after").content);
			got = "";
		}
		const both = all.find((d) => d.textContent.includes("both")).querySelector("pre").textContent;
		for (const part of ["推广龙岩", "Disseminate", "/zh/m/s3-2/", "/en/m/s3-2/", "发改振兴", "2022年4月13日", "13 April 2022"]) {
			if (!both.includes(part)) found.push("no " + part + " in both languages: " + both);
		}
		return found;
	})()`) {
		t.Error(fault)
	}
}
