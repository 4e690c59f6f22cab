package browser

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/png"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// wordsLink is a link to the exact words of a sentence.
type wordsLink struct{ id, path, words string }

var (
	linkedWords = regexp.MustCompile(`<a href="([^"]*):~:text=([^"]*)"`)
	ownWords    = regexp.MustCompile(`^(?:zh|en)/m/([a-z]+\d*-\d+)/index\.html$`)
)

// offered lists the links to exact words that the site offers. One to the page of a
// sentence and one to where it is read take turns, so that each opens a page anew: on the
// same page the marks of the one before would stay.
func offered(t *testing.T, w *website) (list []wordsLink) {
	for name, data := range w.files {
		m := ownWords.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		here := &url.URL{Path: "/" + strings.TrimSuffix(name, "index.html")}
		for _, link := range linkedWords.FindAllSubmatch(data, -1) {
			file, id, _ := strings.Cut(string(link[1]), "#")
			to, err := here.Parse(file)
			if err != nil {
				t.Fatal(err)
			}
			words, _, _ := strings.Cut(string(link[2]), ",")
			if words, err = url.PathUnescape(words); err != nil {
				t.Fatal(err)
			}
			list = append(list, wordsLink{m[1], to.Path + "#" + id + ":~:text=" + html.UnescapeString(string(link[2])), words})
		}
	}
	return list
}

// whereWords says where the words should be marked, as boxes in the window: in the sentence
// itself, on its page or where it is read.
const whereWords = `(id, words) => {
	const sentence = document.getElementById(id) || document.querySelector('.quote');
	const text = document.createTreeWalker(sentence, NodeFilter.SHOW_TEXT), nodes = [];
	let all = '';
	while (text.nextNode()) { nodes.push([all.length, text.currentNode]); all += text.currentNode.data; }
	const from = all.indexOf(words), range = document.createRange();
	if (from < 0) return null;
	const place = (at, end) => { for (const [start, node] of nodes) if (at >= start && (at < start + node.length || end && at == start + node.length)) return [node, at - start]; };
	range.setStart(...place(from)); range.setEnd(...place(from + words.length, true));
	return [...range.getClientRects()].filter(r => r.width > 1).map(r => [r.left, r.top, r.right, r.bottom]);
}`

// TestExactWords opens links to exact words in Chromium, two of twelve, or all of
// them where MINXI_WORDS is set (two minutes of a quiet machine). The browser's mark of the
// words that it has found is given a colour that nothing else has, on the letters too;
// on a picture of the window all of the words must have it, and nothing else.
func TestExactWords(t *testing.T) {
	b := newTab(t)
	b.size(800, 600)
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `addEventListener('DOMContentLoaded', () => {
		const marks = new CSSStyleSheet();
		marks.replaceSync('::target-text { background: #0f0 !important; color: #0f0 !important } * { scroll-behavior: auto !important; transition: none !important; animation: none !important }');
		document.adoptedStyleSheets = [...document.adoptedStyleSheets, marks];
	})`})
	links := offered(t, b.site)
	if len(links) < 1000 {
		t.Errorf("%d links to exact words", len(links))
	}
	failed, opened := 0, 0
	for i, l := range links {
		if i%12 > 1 && os.Getenv("MINXI_WORDS") == "" { // two, so that they go on taking turns
			continue
		}
		opened++
		if err := marked(b, l); err != nil {
			t.Errorf("%s: %v", l.path, err)
			if failed++; failed > 20 {
				t.Fatal("and so on")
			}
		}
	}
	t.Logf("%d of %d links to exact words", opened, len(links))
	// What the test would miss: words that are there, cut where no word ends.
	cut := wordsLink{"s3-2", "/zh/m/s3-2/#:~:text=土保持示范县建", "土保持示范县建"}
	if marked(b, cut) == nil {
		t.Error("words that Chromium does not find are marked")
	}
	other := wordsLink{"s3-2", "/zh/m/s3-2/#:~:text=国家水土保持示范县", "支持长汀"}
	if marked(b, other) == nil {
		t.Error("other words than those of the link are marked")
	}
}

// marked opens a link and looks whether its words are marked.
func marked(b *tab, l wordsLink) error {
	b.goTo(l.path)
	boxes := eval[[][]float64](b, fmt.Sprintf("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r((%s)(%q, %q)))))", whereWords, l.id, l.words))
	if len(boxes) == 0 {
		return fmt.Errorf("the sentence does not have %s", l.words)
	}
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: "png", OptimizeForSpeed: new(true)})
	picture, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		return err
	}
	var pixels []byte // four a pixel
	switch p := picture.(type) {
	case *image.RGBA:
		pixels = p.Pix
	case *image.NRGBA:
		pixels = p.Pix
	}
	width := picture.Bounds().Dx()
	var words, about []image.Rectangle
	for _, box := range boxes {
		rect := image.Rect(int(box[0]), int(box[1]), int(box[2]), int(box[3]))
		words, about = append(words, rect.Inset(2)), append(about, rect.Inset(-4))
	}
	in := func(list []image.Rectangle, p image.Point) bool {
		return slices.ContainsFunc(list, func(r image.Rectangle) bool { return p.In(r) })
	}
	inside, green, strays := 0, 0, 0
	var bounds image.Rectangle
	for _, r := range words {
		bounds = bounds.Union(r)
	}
	for i := 0; i < len(pixels); i += 4 {
		p := image.Pt(i/4%width, i/4/width)
		is := pixels[i] < 0x20 && pixels[i+1] > 0xe0 && pixels[i+2] < 0x20
		if !is && !p.In(bounds) {
			continue
		}
		switch {
		case in(words, p):
			if inside++; is {
				green++
			}
		case is && !in(about, p):
			strays++
		}
	}
	switch {
	case inside == 0:
		return fmt.Errorf("%s is not in the window: %v", l.words, boxes)
	case green == 0:
		return fmt.Errorf("%s is not marked", l.words)
	case green < inside*9/10 || strays > 0:
		return fmt.Errorf("%s is not what is marked: %d of %d pixels, %d elsewhere", l.words, green, inside, strays)
	}
	return nil
}
