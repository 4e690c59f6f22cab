package browser

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestForestChief finds 林长制 through the index of terms: its English and the
// sentences that have it, three taps from the home page.
func TestForestChief(t *testing.T) {
	for _, tt := range []struct{ lang, letter, term, other string }{
		{"zh", "L", "林长制", "forest chief system"},
		{"en", "F", "forest chief system", "林长制"},
	} {
		task := newTask(t, "/"+tt.lang+"/")
		task.tap(`.site-menu a[href$="glossary/"]`, "")
		task.tap(`.letters summary`, tt.letter)
		task.tap(`.letters details[open] a`, tt.term)
		task.find(`:target`, "")
		row := eval[string](task.tab, `document.querySelector(":target").innerText`)
		if !strings.Contains(row, tt.other) || !strings.Contains(row, "3-1") {
			t.Errorf("%s: the row says %q", tt.lang, row)
		}
		task.within(tt.lang+": 林长制 through the index", 3, 5)
		href := eval[string](task.tab, `document.querySelector(":target .refs a").getAttribute("href")`)
		if !strings.HasSuffix(href, "m/s3-1/") {
			t.Errorf("%s: the first sentence is %s", tt.lang, href)
		}
		// The search leads to the same row.
		row = eval[string](task.tab, `location.pathname + location.hash`)
		task.goTo("/" + tt.lang + "/search/?q=" + url.QueryEscape("林长制"))
		run(task.tab, chromedp.WaitReady(chromedp.CSS(`.found a[href$="#t-forest-chief-system"]`)))
		if found := eval[string](task.tab, `(({ pathname, hash }) => pathname + hash)(new URL(document.querySelector('.found a[href$="#t-forest-chief-system"]').href))`); found != row {
			t.Errorf("%s: the search leads to %s, the index to %s", tt.lang, found, row)
		}
	}
}

// TestIndexPages wants no page of the index over eight screens of a phone, whichever
// letter is open, and what links led to before it was divided to be found.
func TestIndexPages(t *testing.T) {
	b := newTab(t)
	b.size(360, 740)
	const most = 8 * 740
	for _, lang := range []string{"zh", "en"} {
		highest, pages := int64(0), 0
		for name := range b.site.files {
			if !strings.HasPrefix(name, lang+"/glossary/") || !strings.HasSuffix(name, ".html") {
				continue
			}
			b.goTo("/" + strings.TrimSuffix(name, "index.html"))
			heights := eval[[]int64](b, `[null, ...document.querySelectorAll(".letters details")].map((d) => {
				if (d) d.open = true;
				return document.documentElement.scrollHeight;
			})`)
			for _, h := range heights {
				if highest = max(highest, h); h > most {
					t.Errorf("%s is %d px high on a phone, want %d at most", name, h, most)
				}
			}
			pages++
		}
		if pages < 10 {
			t.Errorf("%s: only %d pages of the index", lang, pages)
		}
		t.Logf("%s: %d pages, the highest of %.1f screens", lang, pages, float64(highest)/740)
		b.goTo("/" + lang + "/glossary/#t-forest-chief-system")
		if found := eval[bool](b, `(() => {
			const e = document.querySelector(":target"), box = e.getBoundingClientRect();
			return e.matches("a[href]") && e.checkVisibility({contentVisibilityAuto: true}) && box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
		})()`); !found {
			t.Errorf("%s: an old link into the glossary does not find its term", lang)
		}
	}
	// On a wide screen all letters are open, and the columns of a row have one baseline.
	b.size(1280, 800)
	b.goTo("/zh/glossary/")
	if shut := eval[int](b, `[...document.querySelectorAll(".letters li a")].filter((a) => a.getBoundingClientRect().height === 0).length`); shut > 0 {
		t.Errorf("%d headwords are folded on a wide screen", shut)
	}
	if twice := eval[int](b, `[...document.querySelectorAll(".letters summary")].filter((s) => s.checkVisibility()).length`); twice > 0 {
		t.Errorf("%d letters are still to be opened on a wide screen", twice)
	}
	b.goTo("/zh/glossary/5/")
	if off := eval[[]string](b, `[...document.querySelectorAll(".glossary > div")].filter((row) => {
		const lines = [...row.children].map((e) => { const m = document.createElement("i"); m.style.display = "inline-block"; e.prepend(m); const y = m.getBoundingClientRect().bottom; m.remove(); return y; });
		return Math.max(...lines) - Math.min(...lines) > 1;
	}).map((row) => row.id)`); len(off) > 0 {
		t.Errorf("not on one baseline: %v", off)
	}
}

// TestPrintBoth prints red heritage in both languages: two taps from the home page,
// thirteen pairs without a picture.
func TestPrintBoth(t *testing.T) {
	const most = 3 // sheets
	for _, lang := range []string{"zh", "en"} {
		task := newTask(t, "/"+lang+"/")
		task.tap(`main a[href$="topics/red-heritage/"]`, "")
		task.tap(`.hub a[href$="parallel/"]`, "")
		run(task.tab, chromedp.WaitReady(chromedp.CSS(".pair")))
		task.within(lang+": red heritage in both languages", 2, 6)
		pdf := run(task.tab, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPaper(chromedp.PaperA4)))
		sheets := len(pdfPages.FindAll(pdf, -1))
		call(task.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		pairs := eval[[]int](task.tab, `[document.querySelectorAll(".pair").length, [...document.querySelectorAll("svg, img")].filter((e) => e.checkVisibility()).length]`)
		t.Logf("%s: %d pairs on %d sheets", lang, pairs[0], sheets)
		if sheets == 0 || sheets > most || pairs[0] != 13 || pairs[1] > 0 {
			t.Errorf("%s: %d pairs and %d pictures on %d sheets, want 13, none and %d at most", lang, pairs[0], pairs[1], sheets, most)
		}
	}
}

// TestMeasuresFirst wants the first measure of every topic within 700 pixels on a
// phone and on the first screen of a desktop, its introduction folded on the one and
// open on the other, and the map still in view in the midst of a long list.
func TestMeasuresFirst(t *testing.T) {
	b := newTab(t)
	for _, lang := range []string{"zh", "en"} {
		for name := range b.site.files {
			below, is := strings.CutPrefix(name, lang+"/topics/")
			topic, page := strings.CutSuffix(below, "/index.html")
			if !is || !page || strings.Contains(topic, "/") {
				continue
			}
			for _, screen := range []struct{ width, height, most int64 }{{360, 740, 700}, {1280, 800, 740}} {
				b.size(screen.width, screen.height)
				b.goTo("/" + lang + "/topics/" + topic + "/")
				top := eval[int64](b, `Math.round(document.querySelector(".unit").getBoundingClientRect().top + scrollY)`)
				t.Logf("%s %s: %d px at %d", lang, topic, top, screen.width)
				if top > screen.most {
					t.Errorf("%s %s: the first measure stands at %d px of a window of %d, want %d at most", lang, topic, top, screen.width, screen.most)
				}
			}
		}
		b.size(360, 740)
		b.goTo("/" + lang + "/topics/ecology/")
		const seen = `document.querySelector(".unfold p").checkVisibility({contentVisibilityAuto: true}) && document.querySelector(".unfold p").getBoundingClientRect().height > 0`
		if eval[bool](b, seen) {
			t.Errorf("%s: the introduction is open on a phone", lang)
		}
		b.size(1280, 800)
		if !eval[bool](b, seen) {
			t.Errorf("%s: the introduction is folded on a wide screen", lang)
		}
		if top := eval[float64](b, `((groups) => groups[groups.length >> 1].scrollIntoView())(document.querySelectorAll(".group")), document.querySelector(".map").getBoundingClientRect().top`); top < -1 || top > 700 {
			t.Errorf("%s: beside the middle of the list the map is at %.0f", lang, top)
		}
	}
}
