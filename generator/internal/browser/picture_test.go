package browser

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestPictures keeps pictures of every kind of page as artefacts, for people to
// look at: 375 and 1280 pixels wide, in both languages, and some in every mode.
func TestPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("pictures take a while")
	}
	b := newTab(t)
	shoot := func(path, suffix string, width int64, m mode) {
		t.Helper()
		b.size(width, 900)
		b.goTo(path)
		m.on(b)
		height := min(4000, eval[int64](b, `document.documentElement.scrollHeight`))
		shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: "png", CaptureBeyondViewport: new(true), OptimizeForSpeed: new(true),
			Clip: &page.Viewport{Width: float64(width), Height: float64(height), Scale: 1},
		})
		if len(shot.Data) < 1000 {
			t.Errorf("%s: a picture of %d bytes", path, len(shot.Data))
		}
		keep(t, fmt.Sprintf("%s%s-%d.png", fileName(strings.TrimSuffix(path, "?stay")), suffix, width), shot.Data)
		m.off(b)
	}
	for _, path := range examples("zh", "en") {
		shoot(path, "", 375, modes[0])
		shoot(path, "", 1280, modes[0])
	}
	for _, width := range []int64{375, 1280} {
		for _, path := range []string{"/zh/plan/s3/#s3-2", "/en/plan/s3/parallel/#s3-2"} {
			shoot(path, "", width, modes[0])
		}
	}
	for _, m := range modes[1:] {
		for _, path := range []string{"/zh/", "/zh/plan/s3/", "/en/topics/ecology/"} {
			if m.name == "320 px" {
				shoot(path, "", 320, modes[0])
				continue
			}
			name := "-" + strings.Join(strings.FieldsFunc(m.name, func(r rune) bool { return strings.ContainsRune(" ,%", r) }), "-")
			shoot(path, name, 1280, m)
			shoot(path, name, 375, m)
		}
	}
	dir, _ := artefacts()
	t.Logf("pictures are in %s", dir)
}

var pdfPages = regexp.MustCompile(`/Type\s*/Page[^s]`)

// TestPaper prints pages: the whole plan as one document, a section, a measure.
func TestPaper(t *testing.T) {
	b := newTab(t)
	for _, tt := range []struct {
		path     string
		min, max int // sheets of A4
	}{
		{"/zh/plan/", 6, 12}, {"/en/plan/", 10, 20}, {"/zh/plan/s3/", 1, 1}, {"/en/m/s3-2/", 1, 1}, {"/zh/plan/s3/parallel/", 1, 2}, {"/zh/", 2, 4},
		{"/zh/plan/c3/", 1, 3}, {"/zh/topics/red-heritage/parallel/", 2, 3}, {"/en/topics/red-heritage/parallel/", 2, 4}, {"/en/topics/ecology/", 2, 7}, {"/zh/places/changting/", 1, 3},
	} {
		b.goTo(tt.path)
		pdf := run(b, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPaper(chromedp.PaperA4)))
		if sheets := len(pdfPages.FindAll(pdf, -1)); !bytes.HasPrefix(pdf, []byte("%PDF")) || sheets < tt.min || sheets > tt.max {
			t.Errorf("%s prints on %d sheets, want %d to %d", tt.path, sheets, tt.min, tt.max)
		}
		keep(t, fileName(tt.path)+".pdf", pdf)
		// What is for the screen only stays off the paper.
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		left := eval[[]string](b, `[".site-menu", ".languages", ".modes", ".views", ".toc", ".neighbours", ".skip"].filter(s => {
			const e = document.querySelector(s);
			return e && getComputedStyle(e).display !== "none";
		})`)
		if len(left) > 0 {
			t.Errorf("%s: on paper there are still %v", tt.path, left)
		}
		// Every sheet names the edition and the address; the numbers stand in the
		// margin, the languages beside each other.
		for _, fault := range eval[[]string](b, `(() => {
			const data = document.documentElement.dataset, found = [];
			if (!/424/.test(data.edition) || data.address !== location.href) found.push("the sheets are marked " + data.edition + ", " + data.address);
			for (const n of document.querySelectorAll(".unit-number")) if (getComputedStyle(n).position !== "absolute") found.push("a number is not in the margin");
			for (const p of document.querySelectorAll(".pair")) if (getComputedStyle(p).display !== "grid") found.push("the languages do not stand beside each other");
			for (const s of document.querySelectorAll(".tulou")) if (s.checkVisibility()) found.push("an instrument is on paper");
			return [...new Set(found)];
		})()`) {
			t.Errorf("%s on paper: %s", tt.path, fault)
		}
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	}
}
