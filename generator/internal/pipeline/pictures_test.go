package pipeline

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cache"
	"minxi/generator/internal/content"
)

const sharedAt = "https://example.org/a/b"

// TestCards builds the real site with an address: every card has its size, weighs
// little and is legible for its text; every page says what others show of it.
func TestCards(t *testing.T) {
	files, res := build(t, sharedAt+"/")
	tree, _ := content.Load(os.DirFS(projectDir), "content")
	dir, err := filepath.Abs(projectDir)
	if err != nil {
		t.Fatal(err)
	}
	book := address.New(tree.Plan, addresses(Options{Dir: dir, Base: Base{Origin: sharedAt}}, tree, nil))
	pictures, heaviest := 0, 0
	for a := range book.All() {
		data := files[a.File()]
		switch {
		case a.Kind == address.Card || a.Kind == address.Picture:
			pictures++
			size, err := png.DecodeConfig(bytes.NewReader(data))
			if err != nil {
				t.Fatal(a.Path, err)
			}
			if a.Kind == address.Picture {
				if size.Width != 750 || size.Height < 600 || size.Height > 16000 || len(data) > 700<<10 {
					t.Errorf("%s is %d by %d, %d bytes", a.Path, size.Width, size.Height, len(data))
				}
				continue
			}
			if size.Width != 1200 || size.Height != 630 || len(data) > 60<<10 {
				t.Errorf("%s is %d by %d, %d bytes", a.Path, size.Width, size.Height, len(data))
			}
			heaviest = max(heaviest, len(data))
		case a.Kind.IsPage() && a.Kind != address.Root && a.Kind != address.Moved && a.Path != "/404.html":
			saidElsewhere(t, book, a, data)
		}
	}
	if pictures != res.Drawn || pictures == 0 {
		t.Errorf("%d pictures, %d drawn", pictures, res.Drawn)
	}
	t.Logf("%d pictures, the heaviest card has %d bytes", pictures, heaviest)
}

// saidElsewhere looks at what a page says to those who show a link to it.
func saidElsewhere(t *testing.T, book *address.Book, a address.Address, data []byte) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	says := map[string][]string{}
	for n := range doc.Descendants() {
		if n.Data == "meta" {
			for _, key := range []string{"property", "itemprop", "name"} {
				if name := attribute(n, key); name != "" {
					says[key+" "+strings.ToLower(name)] = append(says[key+" "+strings.ToLower(name)], attribute(n, "content"))
				}
			}
		}
	}
	for _, key := range []string{"property og:title", "property og:description", "property og:type", "property og:image", "property og:site_name", "itemprop name", "itemprop description", "itemprop image", "name description", "name twitter:card"} {
		if len(says[key]) != 1 || says[key][0] == "" {
			t.Errorf("%s says %s %d times: %q", a.Path, key, len(says[key]), says[key])
			return
		}
	}
	for _, pair := range [][2]string{{"property og:title", "itemprop name"}, {"property og:description", "itemprop description"}, {"property og:description", "name description"}, {"property og:image", "itemprop image"}} {
		if says[pair[0]][0] != says[pair[1]][0] {
			t.Errorf("%s: %s is %q, and %s is %q", a.Path, pair[0], says[pair[0]][0], pair[1], says[pair[1]][0])
		}
	}
	image, ours := strings.CutPrefix(says["property og:image"][0], sharedAt)
	if card, has := book.Find(image); !ours || !has || card.Kind != address.Card || a.Lang != "" && card.Lang != a.Lang {
		t.Errorf("%s shows %s", a.Path, image)
	}
	if _, own := book.Find(address.CardOf(a.Path)); own && image != address.CardOf(a.Path) {
		t.Errorf("%s has a card and shows %s", a.Path, image)
	}
	if a.Kind != address.Lost && (len(says["property og:url"]) != 1 || says["property og:url"][0] != sharedAt+a.Path) {
		t.Errorf("%s says that it is %q", a.Path, says["property og:url"])
	}
}

// TestDrawnOnce builds again and again: what is the same is not drawn again, and of a
// sentence that has changed only the pictures that show it are. Without an address
// there is no picture and no page that names one.
func TestDrawnOnce(t *testing.T) {
	dir := little(t)
	o := Options{Dir: dir, NoCheck: true, Base: Base{Origin: sharedAt, Path: "/a/b"}, Cache: cache.Store{Dir: t.TempDir()}, Version: "test"}
	drawn := func(want int, why string) map[string][]byte {
		t.Helper()
		var out Memory
		res, err := Build(context.Background(), o, &out)
		if err != nil {
			t.Fatal(err)
		}
		if res.Drawn != want {
			t.Errorf("%s: %d pictures are drawn, want %d", why, res.Drawn, want)
		}
		return out.Files()
	}
	n := 2 * (1 + 2 + 2 + 5 + 2*2 + 2*2 + 2) // home, chapters, sections, sentences, and topics and places twice, bodies
	cold := drawn(n, "the first build")
	warm := drawn(0, "the second")
	for name := range cold {
		if !bytes.Equal(cold[name], warm[name]) {
			t.Errorf("%s is not the same in a warm build", name)
		}
	}
	file := filepath.Join(dir, "content", "plan", "c1", "s1.zh.md")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.Replace(string(data), "治理长汀水土。", "治理长汀的水土。", 1))
	drawn(3, "a sentence of a topic and a county") // its card and their long pictures
	o.Version = "another"
	drawn(0, "another program that draws alike")
	o.Base = Base{Files: true}
	for name, data := range drawn(0, "without an address") {
		if strings.HasSuffix(name, ".png") || bytes.Contains(data, []byte("og:image")) {
			t.Errorf("%s, without an address", name)
		}
	}
}
