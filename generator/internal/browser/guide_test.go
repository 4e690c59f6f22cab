package browser

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

var update = flag.Bool("update", false, "take the pictures of the guide anew")

// guideStep is a step that the guide tells, in the editor, in the language of the tab.
type guideStep struct {
	picture string // its name in the guide
	to      string
	do      func(b *tab, l plan.Lang)
	height  int64                     // of the picture; 0 for what the page has, up to 860
	width   int64                     // 0 for 1100
	left    int64                     // what is left out of it at the left
	after   func(b *tab, l plan.Lang) // when the picture is taken
}

// pressText clicks the first button, link or summary of the page whose text begins so.
func pressText(b *tab, text string) {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf(`(x => { if (x) x.click(); return !!x; })([...document.querySelectorAll("main button, main a, main summary")].find(x => x.textContent.trim().startsWith(%q)))`, text)) {
		b.t.Fatalf("nothing to press says %s", text)
	}
}

// fill types into a field, as a person does.
func fill(b *tab, selector, text string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(x => { x.focus(); x.select(); return true; })(document.querySelector(%q))`, selector))
	typed(b, text)
}

var guideSteps = []guideStep{
	{picture: "overview", to: "/edit/", height: 700},
	{picture: "sentence", to: "/edit/s3-2/en", height: 460, do: func(b *tab, _ plan.Lang) {
		eval[bool](b, `(a => { const i = a.value.indexOf("Changting in "); a.setSelectionRange(i, i + 13); return true; })(`+field+`)`)
		typed(b, " ")
		waitFor(b, "the finding", `document.querySelector("#s3-2 .findings .how")`)
		eval[bool](b, `(scrollBy(0, document.querySelector("#s3-2").getBoundingClientRect().top - 52), true)`)
	}},
	{picture: "new", to: "/edit/new?kind=update", do: func(b *tab, _ plan.Lang) {
		fill(b, "#new-zh", "长汀水土流失治理有了新进展")
		fill(b, "#new-en", "New Progress in Soil and Water Conservation in Changting")
		fill(b, "#new-name", "changting-water")
		fill(b, "#new-source", "长汀县人民政府")
		eval[bool](b, `(d => { d.value = "2026-11-28"; return true; })(document.querySelector("#new-date"))`)
		fill(b, "#new-measure", "s3-2")
		waitFor(b, "the sentence", `document.querySelector(".hits button")`)
		eval[bool](b, `document.querySelector(".hits button").click() ?? true`)
	}, after: func(b *tab, l plan.Lang) {
		pressText(b, map[plan.Lang]string{plan.ZH: "建立，然后写正文", plan.EN: "Make it, then write the text"}[l])
		waitFor(b, "the new update", `location.pathname === "/edit/page/updates/2026-11-28-changting-water" && document.body?.dataset.ready === "yes"`)
	}},
	{picture: "update", to: "/edit/page/updates/2026-11-28-changting-water?lang=LANG", height: 620, do: func(b *tab, l plan.Lang) {
		text := map[plan.Lang][3]string{
			plan.ZH: {"长汀水土流失治理有了新进展", "一句话说明这条动态。", "在这里写正文。提到方案里的句子，就链接到它：[推广龙岩长汀水土流失治理经验](s3-2)。\n\n- 列表的第一行\n- **加粗**的第二行"},
			plan.EN: {"New Progress in Soil and Water Conservation in Changting", "What it is about, in a sentence.", "Write the text here. Where it speaks of a sentence of the plan, link to it: [soil and water conservation in Changting](s3-2).\n\n- The first line of a list\n- The second, with **bold** words"},
		}[l]
		for i, n := range []string{`[data-n="0"]`, `[data-n="1"]`, `[data-n="2"]`} {
			eval[bool](b, `(a => { [a[0], a[1], a.at(-1)].forEach((x, i) => { x.dataset.n = i; }); return true; })([...document.querySelectorAll(".form textarea")])`)
			fill(b, n, text[i])
		}
		waitFor(b, "shown", `document.querySelector(".shown ul")`)
		eval[bool](b, `(document.activeElement.blur(), scrollBy(0, document.getElementById("draft").getBoundingClientRect().top - 76), true)`)
	}},
	{picture: "word", to: "/edit/translators"},
	{picture: "publish", to: "/edit/publish", do: func(b *tab, l plan.Lang) {
		pressText(b, map[plan.Lang]string{plan.ZH: "检查并比较", plan.EN: "Check and compare"}[l])
		waitFor(b, "progress", `document.querySelector("progress")`)
		waitFor(b, "the summary", `document.querySelector(".headlines") && !document.querySelector("progress")`)
	}},
	{picture: "conflict", to: "/edit/s3", width: 1400, left: 640, height: 760, do: func(b *tab, _ plan.Lang) {
		eval[bool](b, `(a => { a.focus(); a.setSelectionRange(0, a.value.indexOf(" ")); return true; })(`+field+`)`)
		typed(b, "Promote")
		// Somebody else saves the same sentence, in another tab.
		eval[bool](b, `(async () => {
			const u = (await (await fetch("/edit/api/division/s3")).json()).rows.find((u) => u.id === "s3-2");
			const r = await fetch("/edit/api/save", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ changes: [{ ref: { id: "s3-2", field: "en" }, text: u.en.text.replace(/^\w+/, "Popularize"), base: u.en.hash }] }) });
			window.theirs = r.ok;
		})() && true`)
		waitFor(b, "the other save", `window.theirs`)
		key(b, "s", 83)
		waitFor(b, "three versions", `document.querySelectorAll("#s3-2 .conflict .versions > div").length === 3`)
		eval[bool](b, `(scrollBy(0, document.querySelector("#s3-2").getBoundingClientRect().top - 52), true)`)
	}},
	{picture: "history", to: "/edit/history", height: 420, do: func(b *tab, _ plan.Lang) {
		waitFor(b, "an entry", `document.querySelector("main .unit")`)
	}},
	// Pages whose labels the guide names, without a picture.
	{to: "/edit/new?kind=topic"}, {to: "/edit/terms", do: func(b *tab, _ plan.Lang) {
		eval[bool](b, `document.querySelector(".terms summary").click() ?? true`)
		waitFor(b, "a term", `document.querySelector(".terms .field")`)
	}},
	{to: "/edit/page/topics/ecology/_index?lang=LANG"},
	{to: "/edit/s3", do: func(b *tab, _ plan.Lang) {
		eval[bool](b, `document.querySelector(".tags summary").click() ?? true`)
		waitFor(b, "the tags", `document.querySelector(".tags fieldset")`)
	}},
}

var guideLabel = map[plan.Lang]*regexp.Regexp{plan.ZH: regexp.MustCompile(`「\*\*([^*]+)\*\*」`), plan.EN: regexp.MustCompile(`“\*\*([^*]+)\*\*”`)}

// TestGuidePictures goes the ways that the guide for editors tells, in the real editor in
// both languages. Every label that the guide names must have been seen there, and every
// picture of it must be there; with -update they are taken anew.
func TestGuidePictures(t *testing.T) {
	p := openPreview(t)
	before := p.read(t, s3en)
	put := func() {
		if err := os.WriteFile(filepath.Join(p.dir, s3en), []byte(before), 0o644); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(put)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir()) // whose name it is
	if err := edit.SetAuthor("张三"); err != nil {
		t.Fatal(err)
	}
	guide := filepath.Join(projectDir, "generator", "internal", "editor", "guide")
	for _, l := range plan.Langs {
		data, err := os.ReadFile(filepath.Join(guide, string(l)+".md"))
		if err != nil {
			t.Fatal(err)
		}
		b := emptyTab(t)
		b.size(1100, 900)
		b.media("prefers-color-scheme=light")
		p.enter(b, "/edit/")
		eval[bool](b, `(document.cookie = "minxi-language=`+string(l)+`; path=/", true)`)
		seen := map[string]bool{}
		for _, s := range guideSteps {
			eval[bool](b, `(Object.keys(localStorage).filter(k => k.startsWith("minxi-text:")).forEach(k => localStorage.removeItem(k)), true)`)
			b.size(cmp.Or(s.width, 1100), 900)
			p.enter(b, strings.Replace(s.to, "LANG", string(l), 1))
			eval[bool](b, `document.getElementById("others").hidden = true`) // other tabs of this test
			if s.do != nil {
				s.do(b, l)
			}
			if s.picture != "" {
				name := filepath.Join(guide, "pictures", string(l)+"-"+s.picture+".png")
				if *update {
					takePicture(b, name, s.left, cmp.Or(s.width, 1100), s.height)
				}
				if info, err := os.Stat(name); err != nil || info.Size() > 60<<10 {
					t.Errorf("%s: %v, or larger than 60 KB: go test ./generator/internal/browser -run TestGuidePictures -update", name, err)
				}
				if !bytes.Contains(data, []byte("(pictures/"+filepath.Base(name)+")")) {
					t.Errorf("%s.md does not show %s", l, filepath.Base(name))
				}
			}
			for _, text := range eval[[]string](b, `[...new Set([...document.querySelectorAll("button, a, label, legend, summary, h1, h2, h3, h4, .badge, b")].map(x => x.textContent.trim()))]`) {
				seen[text] = true
			}
			if s.after != nil {
				s.after(b, l)
			}
			if s.picture == "conflict" {
				eval[bool](b, `document.querySelectorAll("#s3-2 .conflict button")[1].click() ?? true`)
				put()
			}
		}
		for _, l := range plan.Langs {
			if err := os.Remove(filepath.Join(p.dir, "content", "updates", "2026-11-28-changting-water."+string(l)+".md")); err != nil {
				t.Error(err)
			}
		}
		// The next language begins without it.
		waitFor(b, "the update gone", `(() => { const r = new XMLHttpRequest(); r.open("GET", "/edit/api/overview", false); r.send(); return !r.responseText.includes("changting-water"); })()`)
		// What these steps do not come to stands in the scripts of these pages.
		scripts := eval[string](b, `(() => { let all = ""; for (const s of document.scripts) { const r = new XMLHttpRequest(); r.open("GET", s.src, false); r.send(); all += r.responseText; } return all; })()`)
		labels := guideLabel[l].FindAllStringSubmatch(string(data), -1)
		if len(labels) < 60 {
			t.Errorf("%s.md names %d labels only", l, len(labels))
		}
		unseen := 0
		for _, m := range labels {
			switch {
			case seen[m[1]]:
			case strings.Contains(scripts, fmt.Sprintf("%q", m[1])):
				unseen++
			case m[1] == "这样的字" || m[1] == "Words like these":
			default:
				t.Errorf("%s.md names “%s”, which the editor does not have", l, m[1])
			}
		}
		t.Logf("%s: %d labels, of which %d stand in the scripts only", l, len(labels), unseen)
	}
}

// takePicture writes what the tab shows as a PNG with a palette.
func takePicture(b *tab, name string, left, right, height int64) {
	b.t.Helper()
	if height == 0 {
		height = min(860, eval[int64](b, `Math.ceil(Math.max(...[...document.querySelectorAll("main > *")].map(x => x.getBoundingClientRect().bottom))) + 24`))
	}
	y := eval[float64](b, "scrollY")
	eval[bool](b, `document.activeElement.blur() ?? true`) // a caret blinks
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{Clip: &page.Viewport{X: float64(left), Y: y, Width: float64(right - left), Height: float64(height), Scale: 1}})
	img, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		b.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few(img, 32)); err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// few is a picture of a screen in at most n colours: the most frequent ones that are
// not nearly another.
func few(img image.Image, n int) image.Image {
	count := map[color.RGBA]int{}
	bounds := img.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	colours := make([]color.RGBA, 0, len(count))
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colours {
		near := slices.ContainsFunc(palette, func(p color.Color) bool {
			q := p.(color.RGBA)
			d := func(a, b uint8) int { return (int(a) - int(b)) * (int(a) - int(b)) }
			return d(c.R, q.R)+d(c.G, q.G)+d(c.B, q.B) < 500
		})
		if !near {
			palette = append(palette, c)
		}
		if len(palette) == n {
			break
		}
	}
	index := map[color.RGBA]uint8{}
	out := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := at(x, y)
			i, known := index[c]
			if !known {
				i = uint8(palette.Index(c))
				index[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}

// TestGuidePage looks at the guide itself, on a screen, in the dark and on a phone: rules
// of axe-core, no sideways scrolling, and its header leads to it from the editor.
func TestGuidePage(t *testing.T) {
	p := openPreview(t)
	source := axeCore(t)
	b := emptyTab(t)
	p.enter(b, "/edit/")
	eval[bool](b, `document.querySelector('.top a[href="/edit/guide/zh"]').click() ?? true`)
	waitFor(b, "the guide", `location.pathname === "/edit/guide/zh" && document.getElementById("encodings")`)
	for _, l := range plan.Langs {
		for _, m := range []struct {
			name, scheme  string
			width, height int64
		}{{"wide", "light", 1280, 900}, {"dark", "dark", 1280, 900}, {"phone", "light", 360, 740}} {
			b.size(m.width, m.height)
			b.media("prefers-color-scheme=" + m.scheme)
			run(b, chromedp.Navigate(p.base+"/edit/guide/"+string(l)))
			waitFor(b, "the guide", `document.getElementById("encodings")`)
			eval[bool](b, `(document.querySelectorAll("img").forEach((i) => { i.loading = "eager"; }), true)`)
			waitFor(b, "its pictures", `[...document.images].every((i) => i.complete && i.naturalWidth > 0)`)
			picture(b, "guide-"+string(l)+"-"+m.name)
			eval[chromedp.Void](b, source)
			b.fits(string(l) + ", " + m.name)
			eval[bool](b, `(document.getElementById("update").scrollIntoView(), true)`)
			picture(b, "guide-"+string(l)+"-"+m.name+"-update")
		}
	}
}
