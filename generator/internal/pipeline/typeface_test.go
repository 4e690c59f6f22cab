package pipeline

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"minxi/generator/internal/content"
)

var update = flag.Bool("update", false, "make the typeface of headings anew")

// The typeface of headings: what it is made of and what it is.
const (
	songSource = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc" // Debian's fonts-noto-cjk
	songFace   = "2"                                                    // its simplified Chinese
	songFont   = "themes/minxi/assets/fonts/minxi-song.woff2"
	songList   = "themes/minxi/assets/fonts/minxi-song.txt"
)

// TestTypeface wants every character of the plan, of the site's Chinese headings and of
// what else stands on cards in the typeface of headings. With -update it is made anew from the Song face of
// Debian's fonts-noto-cjk, by hb-subset (libharfbuzz-bin) and woff2_compress (woff2).
// That the font has the characters of its list is shown in a browser, by browser
// TestTypeface.
func TestTypeface(t *testing.T) {
	needs := typefaceNeeds(t)
	if *update {
		makeTypeface(t, needs)
	}
	list, err := os.ReadFile(filepath.Join(projectDir, songList))
	if err != nil {
		t.Fatal(err)
	}
	var lacks []rune
	for _, r := range needs {
		if !strings.ContainsRune(string(list), r) {
			lacks = append(lacks, r)
		}
	}
	if len(lacks) > 0 {
		t.Errorf("the typeface of headings lacks %d of %d characters: %s\nrun this test with -update", len(lacks), len(needs), string(lacks))
	}
}

// pictured are the interface texts that stand on cards and long pictures.
var pictured = regexp.MustCompile(`(?m)^(?:(?:kind|menu|picture|placeNot|source|chapter|section)[A-Za-z-]*|bodies|cardNote) = "(.*)"|(?m)^\[(?:measureCount|measuresHere|naming|unplaced|ownMeasures|otherMeasures|pictureLeft)\]\nother = "(.*)"`)

// typefaceNeeds lists the characters of the plan's text and of everything that the
// Chinese pages set in the typeface of headings, in order.
func typefaceNeeds(t *testing.T) []rune {
	needs := map[rune]bool{}
	add := func(text string) {
		for _, r := range text {
			if unicode.IsPrint(r) {
				needs[r] = true
			}
		}
	}
	tree, err := content.Load(os.DirFS(projectDir), "content")
	if err.HasErrors() {
		t.Fatal(err)
	}
	for u := range tree.Plan.Units() {
		add(u.Text.ZH)
	}
	for _, topic := range tree.Plan.Topics {
		add(topic.Summary.ZH)
	}
	for _, d := range tree.Documents() { // the card of the home page has its description
		if d.Name == "content/_index.zh.md" {
			add(d.Value("description"))
		}
	}
	texts, err2 := os.ReadFile(filepath.Join(projectDir, "themes/minxi/i18n/zh.toml"))
	if err2 != nil {
		t.Fatal(err2)
	}
	for _, m := range pictured.FindAllStringSubmatch(string(texts), -1) {
		add(m[1] + m[2])
	}
	files, _ := build(t, "")
	for name, data := range files {
		if !strings.HasPrefix(name, "zh/") || !strings.HasSuffix(name, ".html") {
			continue
		}
		doc, err := html.Parse(strings.NewReader(string(data)))
		if err != nil {
			t.Fatal(name, err)
		}
		for n := range doc.Descendants() {
			if n.Type == html.TextNode && inHeading(n) {
				add(n.Data)
			}
		}
	}
	for r := ' '; r <= '~'; r++ { // English, on cards
		add(string(r))
	}
	add("〔〕·—…")
	return slices.Sorted(maps.Keys(needs))
}

// inHeading reports whether a text is set in the typeface of headings.
func inHeading(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		switch p.Data {
		case "h1", "h2", "h3", "h4":
			return true
		case "p", "svg", "strong", "span":
			for _, a := range p.Attr {
				if a.Key == "class" && (a.Val == "site-name" || a.Val == "heads") {
					return true
				}
			}
			if p.Data == "svg" || p.Data == "strong" {
				return true
			}
		}
	}
	return false
}

func makeTypeface(t *testing.T, needs []rune) {
	dir := t.TempDir()
	list, otf := filepath.Join(dir, "minxi-song.txt"), filepath.Join(dir, "minxi-song.otf")
	write(t, list, string(needs))
	// The name of the copyright and of the licence stay in the font, that of the face
	// does not: a changed font may not have it.
	for _, args := range [][]string{
		{"hb-subset", songSource, "--face-index=" + songFace, "--text-file=" + list, "--no-hinting", "--desubroutinize", "--layout-features=halt,chws", "--name-IDs=0,13,14", "--output-file=" + otf},
		{"woff2_compress", otf},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v (apt-get install fonts-noto-cjk libharfbuzz-bin woff2): %s", err, out)
		}
	}
	font, err := os.ReadFile(strings.TrimSuffix(otf, ".otf") + ".woff2")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(projectDir, songFont), string(font))
	write(t, filepath.Join(projectDir, songList), string(needs)+"\n")
	t.Logf("%d characters, %d bytes", len(needs), len(font))
}
