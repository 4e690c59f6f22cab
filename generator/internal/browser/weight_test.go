package browser

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// budgets are the most that a page may weigh, in bytes: its HTML and its style
// sheets, each compressed with brotli at its best, as a reader without anything
// in the browser's cache receives them. What keeps within it compressed quickly
// keeps within it at its best, which takes ten times as long: only what does not, and
// the heaviest, which is told, are compressed so.
var budgets = []struct {
	what  string
	pages *regexp.Regexp
	bytes int
}{
	{"home", regexp.MustCompile(`^(zh|en)/index\.html$`), 16 << 10},
	{"whole plan", regexp.MustCompile(`^(zh|en)/plan/index\.html$`), 20 << 10},
	{"chapter", regexp.MustCompile(`^(zh|en)/plan/c\d+/index\.html$`), 16 << 10},
	{"section", regexp.MustCompile(`^(zh|en)/plan/s\d+/index\.html$`), 12 << 10},
	{"county", regexp.MustCompile(`^(zh|en)/places/(?:changting|shanghang|yongan|ninghua|xinluo|yongding|zhangping|wuping|liancheng|sanyuan|shaxian|mingxi|qingliu|datian|youxi|jiangle|taining|jianning)/index\.html$`), 14 << 10},
	{"city", regexp.MustCompile(`^(zh|en)/places/(?:longyan|sanming)/index\.html$`), 15 << 10},
	{"unit", regexp.MustCompile(`^(zh|en)/m/[^/]+/index\.html$`), 10 << 10}, // with all that quotes, cites and shares it
}

const scriptBudget = 6 << 10

// fontBudget is what a font may weigh.
const fontBudget = 160 << 10

// searchBudget is what the search page, its script and all that it searches may
// weigh together.
const searchBudget = 38 << 10

var stylesheet = regexp.MustCompile(`<link rel="?stylesheet"? href="?([^" >]+)`)

func TestWeight(t *testing.T) {
	w := open(t)
	styles := map[string]int{}
	for name, data := range w.files {
		if path.Ext(name) == ".css" {
			styles[path.Base(name)] = len(squeeze(data))
			t.Logf("%-44s %6d", name, styles[path.Base(name)])
		}
	}
	for _, b := range budgets {
		weight := func(name string, squeeze func([]byte) []byte) int {
			n := len(squeeze(w.files[name]))
			for _, link := range stylesheet.FindAllSubmatch(w.files[name], -1) {
				n += styles[path.Base(string(link[1]))]
			}
			return n
		}
		heaviest, at, pages := 0, "", 0
		for name, data := range w.files {
			if !b.pages.MatchString(name) || strings.Contains(name, "/m/s3-99/") {
				continue
			}
			pages++
			linked := stylesheet.FindAllSubmatch(data, -1)
			for _, link := range linked {
				if styles[path.Base(string(link[1]))] == 0 {
					t.Errorf("%s links %s, which is not there", name, link[1])
				}
			}
			if len(linked) < 1 || len(linked) > 2 {
				t.Errorf("%s links %d style sheets, want that of every page and perhaps that of hubs", name, len(linked))
			}
			n := weight(name, quick)
			if n > heaviest {
				heaviest, at = n, name
			}
			if n > b.bytes {
				if n = weight(name, squeeze); n > b.bytes {
					t.Errorf("%s weighs %d bytes with its style sheets, more than %d", name, n, b.bytes)
				}
			}
		}
		if pages == 0 {
			t.Errorf("no page of the kind %s", b.what)
			continue
		}
		t.Logf("%-10s heaviest of %3d: %6d of %6d bytes (%s)", b.what, pages, weight(at, squeeze), b.bytes, at)
	}
	// Fonts come after the text, once, and are kept: they are counted apart.
	for name, data := range w.files {
		if path.Ext(name) == ".woff2" {
			if t.Logf("%-44s %6d", name, len(data)); len(data) > fontBudget {
				t.Errorf("%s weighs %d bytes, more than %d", name, len(data), fontBudget)
			}
		}
	}
	scripts, search, names := 0, map[string]int{}, []string{}
	for name, data := range w.files {
		switch {
		case strings.HasPrefix(name, "assets/search") || strings.HasSuffix(name, "/search/index.html"):
			search[name] = len(squeeze(data))
		case path.Ext(name) == ".js":
			scripts += len(squeeze(data))
			names = append(names, name)
		}
	}
	if slices.Sort(names); scripts > scriptBudget || len(names) == 0 {
		t.Errorf("the scripts %v weigh %d bytes, and may weigh %d", names, scripts, scriptBudget)
	}
	t.Logf("scripts %v: %d of %d bytes", names, scripts, scriptBudget)
	both := 0
	for name, n := range search {
		if strings.HasPrefix(name, "assets/") {
			both += n
		}
		t.Logf("%-44s %6d", name, n)
	}
	for _, page := range []string{"zh/search/index.html", "en/search/index.html"} {
		if n := search[page] + both; n > searchBudget || len(search) != 4 {
			t.Errorf("%s with its script and data (%d files): %d bytes, and may weigh %d", page, len(search), n, searchBudget)
		}
	}
}
