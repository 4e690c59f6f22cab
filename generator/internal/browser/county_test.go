package browser

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// TestTaskCounty asks what concerns Ninghua, without scripts: one tap from the home
// page, and the county's measure and the first of the city's on the first two screens.
func TestTaskCounty(t *testing.T) {
	b := newTab(t)
	b.size(phoneWidth, phoneHeight)
	b.scripts(false)
	for _, lang := range []string{"zh", "en"} {
		b.goTo("/" + lang + "/")
		const tiles = `.map a:not(.city)`
		first := eval[at](b, place+`(document.querySelector(".map a"))`)
		if n := screens(first.Bottom); n > 2 {
			t.Errorf("%s: the first county is on screen %.1f", lang, n)
		}
		if small := eval[[]string](b, `[...document.querySelectorAll(".map a rect")].filter(r => r.getBoundingClientRect().width < 44 || r.getBoundingClientRect().height < 44).map(r => r.parentNode.textContent)`); len(small) > 0 {
			t.Errorf("%s: tiles smaller than 44 px: %q", lang, small)
		}
		if n := eval[int](b, `document.querySelectorAll("`+tiles+`").length`); n != 18 {
			t.Errorf("%s: %d counties to choose", lang, n)
		}
		b.tap(`.map a[href*="/ninghua/"], .map a[href^="places/ninghua"]`)
		if here := eval[string](b, `location.pathname`); !strings.HasSuffix(here, "/places/ninghua/") {
			t.Fatalf("%s: one tap leads to %s", lang, here)
		}
		own := eval[at](b, place+`(document.querySelector(".concern-own .unit"))`)
		city := eval[at](b, place+`(document.querySelector(".concern-city .unit"))`)
		t.Logf("%s: 1 tap, %.1f screens on the home page; the county's measure ends on screen %.1f, the city's first on %.1f", lang, screens(first.Bottom), screens(own.Bottom), screens(city.Bottom))
		if screens(own.Bottom) > 2 || screens(city.Bottom) > 2 || own.Bottom > city.Top {
			t.Errorf("%s: the county's measure ends on screen %.1f, the city's first on %.1f", lang, screens(own.Bottom), screens(city.Bottom))
		}
		if found := eval[[]string](b, overflow); len(found) > 0 {
			t.Errorf("%s: %s", lang, found[0])
		}
	}
}

// TestTopicFilter chooses topics on a county's page without scripts: as many measures
// are seen as the choice says, each of that topic, and the choice stays in view.
func TestTopicFilter(t *testing.T) {
	b := newTab(t)
	b.size(phoneWidth, phoneHeight)
	b.scripts(false)
	b.goTo("/zh/places/changting/")
	type row struct {
		Topic      string
		Says, Seen int
		Folded     int
	}
	rows := eval[int](b, `document.querySelectorAll(".share li").length`)
	choices := eval[[]string](b, `[...document.querySelectorAll(".by-topic input")].map(i => i.id)`)
	if len(choices) != 9 {
		t.Fatalf("choices: %v", choices)
	}
	for _, id := range append(choices[1:], choices[0]) {
		act(b, chromedp.Click(chromedp.CSS(fmt.Sprintf(`[id="%s"]`, id))))
		got := eval[row](b, fmt.Sprintf(`(() => {
			const i = document.getElementById(%q), all = [...document.querySelectorAll(".share li")];
			return {topic: i.id.slice(3), says: +i.parentNode.querySelector(".count").textContent,
				seen: all.filter(li => li.checkVisibility({contentVisibilityAuto: true})).length,
				folded: all.filter(li => getComputedStyle(li).display != "none" && !li.checkVisibility()).length};
		})()`, id))
		if got.Topic == "" { // all: unfolded or not
			got.Seen += got.Folded
			if got.Seen != rows {
				t.Errorf("all: %d of %d measures", got.Seen, rows)
			}
		}
		if got.Seen != got.Says || got.Says == 0 {
			t.Errorf("%+v", got)
		}
	}
	eval[chromedp.Void](b, `scrollTo(0, document.querySelector(".concern-unplaced").getBoundingClientRect().top + scrollY + 100)`)
	if top := eval[float64](b, `document.querySelector(".by-topic").getBoundingClientRect().top`); top < -1 || top > 1 {
		t.Errorf("the choice does not stay in view: it is at %.1f", top)
	}
}

// TestTaskWater looks for drinking water: by the home page's field, and by the topic.
func TestTaskWater(t *testing.T) {
	b := newTab(t)
	b.size(phoneWidth, phoneHeight)
	b.goTo("/zh/")
	field := eval[at](b, place+`(document.querySelector(".home-search input"))`)
	if n := screens(field.Bottom); n > 1 || field.Height < 44 {
		t.Errorf("the field ends on screen %.1f and is %.0f px high", n, field.Height)
	}
	act(b, chromedp.SendKeys(chromedp.CSS(`.home-search input`), "饮水"))
	b.tap(`.home-search button`)
	run(b, chromedp.WaitReady(chromedp.CSS(`[data-unit]`)))
	found := eval[[]string](b, listed)
	if len(found) == 0 || found[0] != "s3-5" {
		t.Errorf("饮水 finds %v", found)
	}
	answer := eval[at](b, place+`(document.querySelector("[data-unit]"))`)
	t.Logf("by search: 2 taps and a word, the measure ends on screen %.1f", screens(answer.Bottom))
	if screens(answer.Bottom) > 1.5 {
		t.Errorf("the measure ends on screen %.1f of the results", screens(answer.Bottom))
	}

	b.goTo("/zh/")
	topic := eval[at](b, place+`(document.querySelector(".topic-rows .t-livelihood a"))`)
	if n := screens(topic.Bottom); n > 3 || topic.Height < 44 {
		t.Errorf("the topic ends on screen %.1f of the home page and is %.0f px high", n, topic.Height)
	}
	b.tap(`.topic-rows .t-livelihood a`)
	answer = eval[at](b, place+`([...document.querySelectorAll(".unit")].find(u => /饮用水/.test(u.textContent)))`)
	t.Logf("by topic: 1 tap, the measure ends on screen %.1f of the topic", screens(answer.Bottom))
	if screens(answer.Bottom) > 8 {
		t.Errorf("the measure ends on screen %.1f of the topic", screens(answer.Bottom))
	}
}

// TestCountySheets prints every county and city: two sheets at most, with everything
// unfolded and the code of the address.
func TestCountySheets(t *testing.T) {
	tree, _ := content.Load(os.DirFS(projectDir), "content")
	b := newTab(t)
	sheets := map[int]int{}
	for _, p := range tree.Plan.Places {
		if p.Kind == plan.Outside {
			continue
		}
		for _, lang := range plan.Langs {
			path := fmt.Sprintf("/%s/places/%s/", lang, p.ID)
			b.goTo(path)
			pdf := run(b, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPaper(chromedp.PaperA4)))
			n := len(pdfPages.FindAll(pdf, -1))
			if sheets[n]++; n < 1 || n > 2 || !bytes.HasPrefix(pdf, []byte("%PDF")) {
				t.Errorf("%s prints on %d sheets", path, n)
			}
			if p.ID == "changting" {
				keep(t, fileName(path)+".pdf", pdf)
			}
		}
	}
	t.Logf("sheets: %v", sheets)
	b.goTo("/zh/places/changting/")
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if lost := eval[[]string](b, `[".qr", ...[...document.querySelectorAll(".share li")].keys()].filter(s => {
		const e = s === ".qr" ? document.querySelector(s) : document.querySelectorAll(".share li")[s];
		return !e.checkVisibility() || e.getBoundingClientRect().height < 8;
	}).map(String)`); len(lost) > 0 {
		t.Errorf("not on paper: %v", lost)
	}
}
