package pipeline

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minxi/generator/internal/address"
	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// keptByEditors is what WordPress leaves of a text of somebody who may not write any HTML, as far
// as a quotation uses it: $allowedposttags and safecss_filter_attr of its
// wp-includes/kses.php, read in November 2026.
var keptByEditors = map[string][]string{
	"blockquote": {"cite", "lang", "style"},
	"p":          {"style"},
	"a":          {"href", "style"},
	"br":         nil,
}

var keptProperties = []string{"background", "border-left", "color", "font-size", "margin", "padding"}

// TestEmbeds looks at the quotation that other people's pages may take: whole, exact, in
// HTML that their editors keep, and the same for people and for programs.
func TestEmbeds(t *testing.T) {
	files, _ := build(t, sharedAt+"/")
	tree, _ := content.Load(os.DirFS(projectDir), "content")
	n := 0
	for u := range tree.Plan.Units() {
		for _, l := range plan.Langs {
			n++
			page := address.In(l).Unit(u.ID)
			var said struct {
				Version, Type, Title, HTML string
				Width, Height              int
				Provider                   string `json:"provider_name"`
				Card                       string `json:"thumbnail_url"`
			}
			if err := json.Unmarshal(files[address.File(address.EmbedOf(page))], &said); err != nil {
				t.Fatal(page, err)
			}
			if said.Version != "1.0" || said.Type != "rich" || said.Title == "" || said.Provider == "" || said.Width < 300 || said.Height < 100 || said.Card != sharedAt+address.CardOf(page) {
				t.Errorf("%s: %+v", page, said)
			}
			doc, err := html.Parse(bytes.NewReader(files[address.File(page)]))
			if err != nil {
				t.Fatal(err)
			}
			link, offered := "", ""
			for n := range doc.Descendants() {
				if attribute(n, "type") == "application/json+oembed" {
					link = attribute(n, "href")
				}
				if n.Data == "pre" && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-html" }) {
					offered = n.FirstChild.Data
				}
			}
			if link != sharedAt+address.EmbedOf(page) {
				t.Errorf("%s leads programs to %s", page, link)
			}
			if offered != said.HTML {
				t.Errorf("%s offers %s\nand to programs %s", page, offered, said.HTML)
			}
			quotation(t, u, l, said.HTML)
		}
	}
	if n < 200 {
		t.Errorf("%d sentences", n)
	}
}

// quotation looks at the HTML of one.
func quotation(t *testing.T, u *plan.Unit, l plan.Lang, markup string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			text += n.Data + "\n"
		}
		if n.Type != html.ElementNode || n.Data == "html" || n.Data == "head" || n.Data == "body" {
			continue
		}
		attributes, kept := keptByEditors[n.Data]
		if !kept {
			t.Errorf("%s: editors take %s out", u.ID, n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(attributes, a.Key) {
				t.Errorf("%s: editors take the attribute %s out", u.ID, a.Key)
			}
			if a.Key != "style" {
				continue
			}
			for _, rule := range strings.Split(a.Val, ";") {
				if property, _, _ := strings.Cut(rule, ":"); !slices.Contains(keptProperties, property) {
					t.Errorf("%s: editors take the property %s out", u.ID, property)
				}
			}
		}
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if lines[0] != u.Text.In(l) || lines[len(lines)-1] != sharedAt+address.In(l).Unit(u.ID) || len(lines) != 3 {
		t.Errorf("%s: %q", u.ID, lines)
	}
}
