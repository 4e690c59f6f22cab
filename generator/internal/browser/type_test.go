package browser

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
)

// TestTypeface wants the typeface of headings to draw every character of the list
// beside it, headings to ask for it on wide screens only, and no page to wait for it.
func TestTypeface(t *testing.T) {
	list, err := os.ReadFile(filepath.Join(projectDir, "themes/minxi/assets/fonts/minxi-song.txt"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSuffix(string(list), "\n")
	b := newTab(t)
	b.size(1280, 900)
	b.goTo("/zh/")
	if families := eval[string](b, `getComputedStyle(document.querySelector("h1")).fontFamily`); !strings.Contains(families, "Minxi Song") {
		t.Errorf("on a wide screen headings are set in %s", families)
	}
	if display := eval[string](b, `[...document.fonts].map(f => f.display).join()`); display != "optional" {
		t.Errorf("the typeface is %q, not optional", display)
	}
	if n := eval[int](b, `document.querySelectorAll("link[rel=preload]").length`); n > 0 {
		t.Errorf("%d files are asked for before the text", n)
	}
	b.size(360, 740)
	if families := eval[string](b, `getComputedStyle(document.querySelector("h1")).fontFamily`); strings.Contains(families, "Minxi Song") {
		t.Errorf("on a phone headings are set in %s", families)
	}
	eval[string](b, `(async () => {
		const faces = [...document.styleSheets].flatMap(s => [...s.cssRules].filter(r => r instanceof CSSFontFaceRule).map(r => [r, s.href]));
		const [rule, href] = faces[0];
		const path = rule.style.src.match(/url\("([^"]+)"\)/)[1];
		document.fonts.add(await new FontFace("Probe", "url(" + new URL(path, href) + ")", { weight: "700" }).load());
		document.body.insertAdjacentHTML("beforeend", "<p id=probe></p>");
		document.getElementById("probe").style.font = "700 20px Probe";
		document.getElementById("probe").textContent = `+quoted(text)+`;
		return path;
	})()`)
	call(b, dom.Enable, dom.EnableParams{})
	call(b, css.Enable, cdp.Empty{})
	root := call(b, dom.GetDocument, dom.GetDocumentParams{}).Root
	probe := call(b, dom.QuerySelector, dom.QuerySelectorParams{NodeID: root.NodeID, Selector: "#probe"})
	drawn := 0
	for _, f := range call(b, css.GetPlatformFontsForNode, css.GetPlatformFontsForNodeParams{NodeID: probe.NodeID}).Fonts {
		if !f.IsCustomFont {
			t.Errorf("%.0f characters of the list are drawn by %s", f.GlyphCount, f.FamilyName)
		}
		drawn += int(f.GlyphCount)
	}
	if want := utf8.RuneCountInString(text); drawn < want-2 || want < 250 { // blanks at the ends of lines are not drawn
		t.Errorf("%d characters are drawn of %d", drawn, want)
	}
}

// TestLines wants running text in Chinese justified where a line has more than 20
// characters, and nowhere a last line of one character.
func TestLines(t *testing.T) {
	b := newTab(t)
	for _, tt := range []struct {
		width   int64
		justify bool
	}{{320, false}, {360, false}, {768, true}, {1280, true}} {
		b.size(tt.width, 900)
		for _, path := range []string{"/zh/", "/zh/plan/", "/zh/about/", "/zh/m/s3-2/", "/zh/topics/ecology/", "/zh/plan/s3/parallel/"} {
			b.goTo(path)
			for _, fault := range eval[[]string](b, `(() => {
				const found = [];
				for (const p of document.querySelectorAll("main p:lang(zh)")) {
					const range = document.createRange();
					range.selectNodeContents(p);
					const boxes = [...range.getClientRects()].filter(r => r.width > 0 && r.height > 8);
					if (!boxes.length || !p.checkVisibility()) continue;
					const size = parseFloat(getComputedStyle(p).fontSize);
					const bottom = Math.max(...boxes.map(r => r.bottom));
					const last = boxes.filter(r => bottom - r.bottom < size);
					const lines = new Set(boxes.map(r => Math.round(r.bottom / size))).size;
					const wide = Math.max(...last.map(r => r.right)) - Math.min(...last.map(r => r.left));
					if (lines > 1 && wide < 1.6 * size && !p.closest(".count")) found.push("a last line of one character: " + p.textContent.trim().slice(0, 30) + " … " + wide);
				}
				const text = document.querySelector("p.unit:lang(zh), article > p:lang(zh), .quote p:lang(zh), .pair > p:lang(zh), p.lead:lang(zh)");
				if (text && (getComputedStyle(text).textAlign === "justify") !== `+map[bool]string{true: "true", false: "false"}[tt.justify]+`) found.push("text-align is " + getComputedStyle(text).textAlign);
				return found;
			})()`) {
				t.Errorf("%s at %d px: %s", path, tt.width, fault)
			}
		}
	}
}

// quoted is a text as a literal of JavaScript.
func quoted(s string) string {
	q, _ := json.Marshal(s) // a string always can be
	return string(q)
}
