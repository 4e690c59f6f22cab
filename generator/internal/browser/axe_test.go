package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A mode is a way to read a page: on puts it on, off takes it away again.
type mode struct {
	name    string
	on, off func(*tab)
}

// press ticks or unticks one of the reader's modes with its own control.
func press(id string) func(*tab) {
	return func(b *tab) {
		b.t.Helper()
		eval[bool](b, fmt.Sprintf(`(() => {
			const box = document.getElementById(%q);
			if (!box) return false;
			box.closest("details").open = true;
			box.click();
			box.closest("details").open = false;
			return true;
		})()`, id))
	}
}

func media(features ...string) func(*tab) { return func(b *tab) { b.media(features...) } }

var modes = []mode{
	{"light", media("prefers-color-scheme=light"), func(*tab) {}},
	{"dark", media("prefers-color-scheme=dark"), func(*tab) {}},
	{"high contrast", func(b *tab) { b.media(); press("mode-contrast")(b) }, press("mode-contrast")},
	{"high contrast, dark", func(b *tab) { b.media("prefers-color-scheme=dark"); press("mode-contrast")(b) }, press("mode-contrast")},
	{"large type", func(b *tab) { b.media(); press("mode-large")(b) }, press("mode-large")},
	{"320 px", func(b *tab) { b.size(320, 640) }, func(b *tab) { b.size(1280, 900) }},
	{"200% text", func(b *tab) { eval[string](b, `document.documentElement.style.fontSize = "200%"`) }, func(b *tab) { eval[string](b, `document.documentElement.style.fontSize = ""`) }},
	{"forced colors", media("forced-colors=active"), media()},
}

// both is how many of the modes are tried in both languages.
const both = 2

type violation struct {
	ID, Help, HelpURL string
	Nodes             []struct {
		Target         []any
		HTML           string
		FailureSummary string
	}
}

// TestAxe runs every rule of axe-core, best practices, the enhanced contrast of
// 7:1 and target sizes among them, over every kind of page. Light and dark are
// tried in both languages, the other modes in one of them by turns.
func TestAxe(t *testing.T) {
	source := axeCore(t)
	for i, path := range examples("zh", "en") {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			b := newTab(t)
			b.size(1280, 900)
			b.goTo(path)
			eval[chromedp.Void](b, source)
			for j, m := range modes {
				if j >= both && (i+j)%2 == 0 {
					continue
				}
				m.on(b)
				for _, v := range b.axe() {
					var where []string
					for _, n := range v.Nodes {
						where = append(where, fmt.Sprintf("  %v\n    %s\n    %s", n.Target, n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    ")))
					}
					t.Errorf("%s, %s: %s: %s (%s)\n%s", path, m.name, v.ID, v.Help, v.HelpURL, strings.Join(where[:min(4, len(where))], "\n"))
				}
				m.off(b)
			}
		})
	}
}

// contrasts lists the texts of the page's pictures, which axe-core does not look
// at, that stand out less than 7:1 from what they are drawn on.
const contrasts = `(() => {
	// A ground that is not opaque lets the paper through.
	const seen = (e) => {
		const style = getComputedStyle(e), share = +style.fillOpacity;
		const [above, below] = [style.fill, getComputedStyle(document.body).backgroundColor].map((c) => c.match(/[\d.]+/g).map(Number));
		return above.slice(0, 3).map((v, i) => share * v + (1 - share) * below[i]);
	};
	const light = (colour) => {
		const [r, g, b] = colour.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const found = new Set();
	for (const [text, ground] of [[".room text", ".tulou .wall"], [".hall text", ".hall path"], [".tulou .name text", ".tulou .yard"],
		[".map a:not(.lit) text", ".map a:not(.lit) rect"], [".map .lit text", ".map .lit rect"]]) {
		const [a, b] = [text, ground].map((s) => document.querySelector(s)).map((e) => e && light(seen(e)));
		if (a === null || b === null) continue;
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 7) found.add(text + " on " + ground + ": " + ratio.toFixed(1));
	}
	return [...found];
})()`

// TestPictureContrast holds the texts in the pictures to the contrast of all text,
// in every palette.
func TestPictureContrast(t *testing.T) {
	b := newTab(t)
	b.size(1280, 900)
	for _, path := range []string{"/zh/", "/en/places/changting/", "/zh/topics/ecology/", "/zh/topics/livelihood/", "/zh/topics/transport/"} {
		b.goTo(path)
		for _, m := range modes[:4] {
			m.on(b)
			for _, f := range eval[[]string](b, contrasts) {
				t.Errorf("%s, %s: %s", path, m.name, f)
			}
			m.off(b)
		}
	}
}

// TestForcedColors wants text on a ground of its own to be seen in the colours that
// a reader forces: browsers put the page's ground behind text that does not opt out.
func TestForcedColors(t *testing.T) {
	b := newTab(t)
	b.size(1280, 900)
	b.media("forced-colors=active")
	for _, path := range examples("zh") {
		b.goTo(path)
		for _, f := range eval[[]string](b, `[...document.querySelectorAll("body *")].filter((e) => {
			const style = getComputedStyle(e), ground = style.backgroundColor;
			return [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim()) && !/, 0\)$/.test(ground) &&
				ground !== getComputedStyle(document.body).backgroundColor && style.forcedColorAdjust !== "none";
		}).map((e) => e.outerHTML.slice(0, 80))`) {
			t.Errorf("%s: the text of %s is hidden by its ground", path, f)
		}
	}
}

// axeCore is the script of axe-core.
func axeCore(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(nodePackage(t, "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// axe runs the rules on the page that is open, where axe-core has been loaded.
func (b *tab) axe() (found []violation) {
	b.t.Helper()
	text := eval[string](b, `axe.run(document, {
		rules: Object.fromEntries(axe.getRules().map(r => [r.ruleId, {enabled: true}])),
		resultTypes: ["violations"],
	}).then(r => JSON.stringify(r.violations))`)
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	return found
}

// fits wants the page that is open, where axe-core has been loaded, to keep its rules and
// to need no sideways scrolling.
func (b *tab) fits(what string) {
	b.t.Helper()
	for _, v := range b.axe() {
		b.t.Errorf("%s: %s: %s %v", what, v.ID, v.Help, v.Nodes[0].HTML)
	}
	if wide := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		b.t.Errorf("%s: %d pixels too wide", what, wide)
	}
}
