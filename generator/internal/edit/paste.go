package edit

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Pasted is what a piece of a document has become.
type Pasted struct {
	Markdown string      // cleaned, see [Clean]
	Notes    []plan.Text // what could not be taken along
}

// largestPaste is how much is read, in bytes of HTML, of which Word uses thirty for each
// character.
const largestPaste = 8 << 20

// FromHTML makes Markdown of the HTML that Word, WPS, Excel or a web page puts on the
// clipboard: headings (the highest of them as ##), lists, tables, bold, italics and
// links stay; fonts, colours and everything of the office programs' own goes; pictures
// stay behind, which a note says. Lists that are numbered otherwise than 1. 2. 3., as
// （一）, keep their numbers as text.
//
// The Markdown is written by a library; what is here makes ordinary HTML of that which
// the programs write.
func FromHTML(src string) (Pasted, error) {
	if len(src) > largestPaste {
		return Pasted{}, diag.Diagnostic{Check: "paste", Fact: diag.Text("粘贴的内容太大", "too much was pasted"),
			Hint: diag.Text("请分几次粘贴。", "Paste it in parts.")}
	}
	root, err := html.ParseWithOptions(strings.NewReader(strings.ToValidUTF8(src, "\ufffd")), html.ParseOptionEnableScripting(false))
	if err != nil {
		return Pasted{}, diag.Diagnostic{Check: "paste", Fact: diag.Text("读不懂粘贴的内容", "what was pasted cannot be read"),
			Hint: diag.Text("请粘贴为纯文本（Ctrl+Shift+V）。", "Paste it as plain text (Ctrl+Shift+V).")}
	}
	p := &paste{}
	body := find(root, "body")
	p.strip(body)
	p.lists(body)
	p.tables(body)
	p.headings(body)
	p.breaks(body)
	p.punctuation(body)
	out, err := markdownWriter().ConvertNode(body)
	if err != nil {
		return Pasted{}, err
	}
	text, _ := Clean(string(out), "")
	if !strings.Contains(text, "```") {
		text = loose.ReplaceAllString(text, "$1\n$2")
	}
	if p.pictures > 0 {
		p.notes = append(p.notes, diag.Text("有 %[1]d 张图片没有粘贴过来；请用“图片”按钮插入", "%[1]d pictures were left behind: insert them with the picture button", p.pictures))
	}
	return Pasted{strings.Trim(text, "\n"), p.notes}, nil
}

// loose is a blank line between an item and the list in it, which would make
// paragraphs of all items.
var loose = regexp.MustCompile(`(?m)^([ \t]*(?:-|\d+\.) .*)\n[ \t]*\n([ \t]+(?:-|\d+\.) )`)

var markdownWriter = sync.OnceValue(func() *converter.Converter {
	return converter.NewConverter(converter.WithPlugins(base.NewBasePlugin(),
		commonmark.NewCommonmarkPlugin(commonmark.WithStrongDelimiter("**"), commonmark.WithBulletListMarker("-"), commonmark.WithListEndComment(false),
			commonmark.WithLinkEmptyHrefBehavior(commonmark.LinkBehaviorSkip), commonmark.WithLinkEmptyContentBehavior(commonmark.LinkBehaviorSkip)),
		table.NewTablePlugin(table.WithHeaderPromotion(true), table.WithSpanCellBehavior(table.SpanBehaviorMirror), table.WithSkipEmptyRows(true),
			table.WithNewlineBehavior(table.NewlineBehaviorPreserve), table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal), table.WithPresentationTables(true))))
})

type paste struct {
	pictures int
	notes    []plan.Text
}

// gone are elements that no text comes from.
var gone = map[string]bool{"style": true, "script": true, "meta": true, "link": true, "title": true, "xml": true, "head": true, "object": true,
	"svg": true, "iframe": true, "noscript": true, "template": true, "button": true, "input": true, "select": true, "textarea": true, "video": true, "audio": true, "canvas": true, "del": true}

// kept are those that mean something; what is in others stays without them.
var kept = map[string]bool{"body": true, "p": true, "div": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "ul": true, "ol": true, "li": true,
	"table": true, "thead": true, "tbody": true, "tfoot": true, "tr": true, "td": true, "th": true, "caption": true, "strong": true, "em": true, "a": true, "br": true,
	"blockquote": true, "pre": true, "code": true, "hr": true, "section": true, "article": true, "dl": true, "dt": true, "dd": true}

var (
	bold      = regexp.MustCompile(`(?i)font-weight:\s*(bold|[6-9]00)`)
	light     = regexp.MustCompile(`(?i)font-weight:\s*(normal|[1-5]00)`)
	italic    = regexp.MustCompile(`(?i)font-style:\s*italic`)
	invisible = regexp.MustCompile(`(?i)display:\s*none|mso-hide:\s*all|visibility:\s*hidden`)
	outline   = regexp.MustCompile(`(?i)mso-outline-level:\s*([1-6])`)
	msoList   = regexp.MustCompile(`(?i)mso-list:\s*l\d+ level(\d)`)
	heading   = regexp.MustCompile(`(?i)^(?:mso)?heading\s?([1-6])`)
)

// strip takes out what means nothing, and gives what means something its usual element.
func (p *paste) strip(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		style := attr(c, "style")
		switch {
		case c.Type == html.TextNode:
		case c.Type != html.ElementNode, gone[c.Data], invisible.MatchString(style), strings.Contains(attr(c, "class"), "MsoFootnoteReference"):
			n.RemoveChild(c)
		case c.Data == "img" || strings.HasSuffix(c.Data, ":imagedata"):
			p.pictures++
			n.RemoveChild(c)
		case strings.Contains(strings.ReplaceAll(strings.ToLower(style), " ", ""), "mso-list:ignore"):
			// the number or bullet of a list, as the program shows it
			keep := &html.Node{Type: html.ElementNode, Data: "marker"}
			keep.AppendChild(&html.Node{Type: html.TextNode, Data: strings.TrimSpace(text(c))})
			n.InsertBefore(keep, c)
			n.RemoveChild(c)
		default:
			p.strip(c)
			p.element(n, c, style)
		}
		c = next
	}
}

// element gives one element its usual name, or takes it away around what it holds.
func (p *paste) element(parent, c *html.Node, style string) {
	switch c.Data {
	case "b", "strong", "em", "i":
		c.Data = map[string]string{"b": "strong", "strong": "strong", "i": "em", "em": "em"}[c.Data]
		if c.Data == "strong" && light.MatchString(style) {
			unwrap(parent, c)
			return
		}
	case "sup", "sub":
		for t := c.FirstChild; t != nil; t = t.NextSibling {
			if t.Type == html.TextNode {
				t.Data = raised(t.Data, c.Data)
			}
		}
	case "p", "div":
		level := ""
		if m := heading.FindStringSubmatch(attr(c, "class")); m != nil {
			level = m[1]
		} else if m := outline.FindStringSubmatch(style); m != nil {
			level = m[1]
		} else if strings.HasPrefix(attr(c, "class"), "MsoTitle") {
			level = "1"
		} else if attr(c, "role") == "heading" && len(attr(c, "aria-level")) == 1 {
			level = attr(c, "aria-level") // Word on the web
		}
		if level != "" && strings.TrimSpace(text(c)) != "" {
			c.Data = "h" + level
		}
	case "a":
		to := attr(c, "href")
		scheme, _, has := strings.Cut(to, ":")
		if !has && !strings.HasPrefix(to, "/") || has && !slices.Contains(content.Schemes, strings.ToLower(scheme)) {
			unwrap(parent, c)
			return
		}
		c.Attr = []html.Attribute{{Key: "href", Val: to}}
		c.DataAtom = atom.A
		return
	}
	list := msoList.FindStringSubmatch(style)
	spans := slices.DeleteFunc(slices.Clone(c.Attr), func(a html.Attribute) bool { return a.Key != "colspan" && a.Key != "rowspan" && a.Key != "start" })
	if list != nil {
		spans = append(spans, html.Attribute{Key: "level", Val: list[1]})
	}
	c.Attr, c.DataAtom = spans, atom.Lookup([]byte(c.Data))
	if kept[c.Data] {
		return
	}
	wrap := func(name string) {
		in := element(name)
		moveInto(in, c)
		c.AppendChild(in)
	}
	blank := strings.TrimSpace(text(c)) == ""
	if bold.MatchString(style) && !blank {
		wrap("strong")
	}
	if italic.MatchString(style) && !blank {
		wrap("em")
	}
	unwrap(parent, c)
}

// raised writes digits that were set above or below the line as characters of their own.
func raised(s, how string) string {
	to := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")
	if how == "sub" {
		to = []rune("₀₁₂₃₄₅₆₇₈₉")
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return to[r-'0']
		}
		return r
	}, s)
}

var (
	numbered = regexp.MustCompile(`^(\d{1,3})[.)、．]$`)
	bullet   = regexp.MustCompile(`^(?:[^\p{L}\p{N}]|[oOlnuqvØü§])$`) // letters of symbol fonts
)

// lists makes lists of paragraphs that Word has marked as their items, and gives the
// markers of others back to their text.
func (p *paste) lists(n *html.Node) {
	var open []*html.Node // the lists that the last item stands in
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) == "" {
			c = next
			continue
		}
		marker := find(c, "marker")
		level, _ := strconv.Atoi(attr(c, "level"))
		kind := ""
		if marker != nil && c.Type == html.ElementNode && (c.Data == "p" || c.Data == "div") {
			switch said := text(marker); {
			case numbered.MatchString(said):
				kind = "ol"
			case bullet.MatchString(said):
				kind = "ul"
			}
		}
		if kind == "" {
			open = nil
			if marker != nil && marker.Parent != nil {
				unwrap(marker.Parent, marker)
			}
			if c.Type == html.ElementNode && c.Data != "ul" && c.Data != "ol" {
				p.lists(c)
			}
			c = next
			continue
		}
		level = min(max(level, 1), len(open)+1)
		if len(open) >= level && open[level-1].Data != kind {
			open = open[:level-1]
		}
		open = open[:min(len(open), level)]
		if len(open) < level {
			list := element(kind)
			if kind == "ol" {
				list.Attr = []html.Attribute{{Key: "start", Val: numbered.FindStringSubmatch(text(marker))[1]}}
			}
			if level == 1 {
				n.InsertBefore(list, c)
			} else {
				open[level-2].LastChild.AppendChild(list)
			}
			open = append(open, list)
		}
		marker.Parent.RemoveChild(marker)
		item := element("li")
		n.RemoveChild(c)
		moveInto(item, c)
		open[level-1].AppendChild(item)
		c = next
	}
}

// tables makes each cell one line, and paragraphs of tables that only hold a frame.
func (p *paste) tables(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			p.tables(c)
			cells := all(c, "td", "th")
			switch {
			case c.Data == "table" && (len(cells) < 2 || len(all(c, "table")) > 1): // it has one cell, or a table in it
				for _, cell := range cells {
					for t := cell.FirstChild; t != nil; t = cell.FirstChild {
						cell.RemoveChild(t)
						n.InsertBefore(t, c)
					}
				}
				n.RemoveChild(c)
			case c.Data == "td" || c.Data == "th":
				oneLine(c)
			}
		}
		c = next
	}
}

// oneLine takes the blocks in a cell away, with a space where one ended.
func oneLine(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode {
			oneLine(c)
			switch c.Data {
			case "br":
				n.InsertBefore(&html.Node{Type: html.TextNode, Data: " "}, c)
				n.RemoveChild(c)
			case "strong", "em", "a", "code", "td", "th":
			default:
				if next != nil {
					n.InsertBefore(&html.Node{Type: html.TextNode, Data: " "}, next)
				}
				unwrap(n, c)
			}
		}
		c = next
	}
}

// headings lets the highest be of the second level, as the page's title is of the first,
// and none be bold besides.
func (p *paste) headings(n *html.Node) {
	top := 7
	list := all(n, "h1", "h2", "h3", "h4", "h5", "h6")
	for _, h := range list {
		top = min(top, int(h.Data[1]-'0'))
	}
	for _, h := range list {
		level := min(int(h.Data[1]-'0')-top+2, 6)
		h.Data, h.DataAtom = fmt.Sprintf("h%d", level), atom.Lookup(fmt.Appendf(nil, "h%d", level))
		for _, s := range all(h, "strong", "em", "br") {
			unwrap(s.Parent, s)
		}
	}
}

// breaks takes line breaks of the HTML out from between Chinese characters, where they
// are no spaces (CSS Text 3, 4.1.3).
func (p *paste) breaks(n *html.Node) {
	var texts []*html.Node
	walk(n, func(c *html.Node) {
		if c.Type == html.TextNode && (c.Parent == nil || c.Parent.Data != "pre" && c.Parent.Data != "code") {
			texts = append(texts, c)
		}
	})
	wide := func(r rune) bool { return han(r) || unicode.In(r, unicode.Hiragana, unicode.Katakana) }
	last := rune(0)
	for i, t := range texts {
		var b strings.Builder
		for rest := t.Data; rest != ""; {
			space := len(rest) - len(strings.TrimLeft(rest, " \t\r\n\u00a0"))
			if space == 0 {
				r, n := utf8.DecodeRuneInString(rest)
				b.WriteString(rest[:n])
				last, rest = r, rest[n:]
				continue
			}
			gap := rest[:space]
			rest = rest[space:]
			next, _ := utf8.DecodeRuneInString(rest)
			for j := i + 1; rest == "" && j < len(texts); j++ {
				if more := strings.TrimLeft(texts[j].Data, " \t\r\n\u00a0"); more != "" {
					next, _ = utf8.DecodeRuneInString(more)
					break
				}
			}
			if !strings.Contains(gap, "\n") || !wide(last) || !wide(next) {
				b.WriteByte(' ')
			}
		}
		t.Data = b.String()
	}
}

// punctuation puts marks at the edge of bold and italics outside, where Markdown would
// not see that they end: “**红色**”文化, not **“红色”**文化.
func (p *paste) punctuation(n *html.Node) {
	for _, s := range all(n, "strong", "em") {
		parent := s.Parent
		if s.FirstChild != nil && s.FirstChild.Type == html.TextNode {
			t := s.FirstChild
			rest := strings.TrimLeftFunc(t.Data, edge)
			if cut := t.Data[:len(t.Data)-len(rest)]; cut != "" && (rest != "" || t.NextSibling != nil) {
				parent.InsertBefore(&html.Node{Type: html.TextNode, Data: cut}, s)
				t.Data = rest
			}
		}
		if s.LastChild != nil && s.LastChild.Type == html.TextNode {
			t := s.LastChild
			rest := strings.TrimRightFunc(t.Data, edge)
			if cut := t.Data[len(rest):]; cut != "" && (rest != "" || t.PrevSibling != nil) {
				parent.InsertBefore(&html.Node{Type: html.TextNode, Data: cut}, s.NextSibling)
				t.Data = rest
			}
		}
		// Runs of one kind that touch are one.
		if before := s.PrevSibling; before != nil && before.Type == html.ElementNode && before.Data == s.Data {
			moveInto(before, s)
			parent.RemoveChild(s)
		}
	}
}

func edge(r rune) bool { return unicode.IsSpace(r) || r >= 0x80 && unicode.IsPunct(r) }

func element(name string) *html.Node {
	return &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name))}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// moveInto puts what from holds at the end of to.
func moveInto(to, from *html.Node) {
	for c := from.FirstChild; c != nil; c = from.FirstChild {
		from.RemoveChild(c)
		to.AppendChild(c)
	}
}

// unwrap puts what an element holds in its place.
func unwrap(parent, n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		parent.InsertBefore(c, n)
	}
	parent.RemoveChild(n)
}

func walk(n *html.Node, do func(*html.Node)) {
	do(n)
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		walk(c, do)
		c = next
	}
}

func all(n *html.Node, names ...string) (list []*html.Node) {
	walk(n, func(c *html.Node) {
		if c.Type == html.ElementNode && slices.Contains(names, c.Data) {
			list = append(list, c)
		}
	})
	return list
}

// find is the first element of that name in n, or nil.
func find(n *html.Node, name string) *html.Node {
	if list := all(n, name); len(list) > 0 {
		return list[0]
	}
	return nil
}

func text(n *html.Node) string {
	var b strings.Builder
	walk(n, func(c *html.Node) {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	})
	return b.String()
}
