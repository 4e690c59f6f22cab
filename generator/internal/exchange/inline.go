package exchange

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// role is what a piece of inline Markdown is.
type role byte

const (
	words  role = iota // text
	opens              // the start of a pair: ** or [
	closes             // its end: ** or ](address)
	single             // a piece that stands for itself: `code`, \*, &amp;
)

// piece is a part of inline Markdown. All pieces in a row are the Markdown.
type piece struct {
	role role
	text string
	kind string // a key of kinds; "" for words
	pair int    // the same number at both ends of a pair, counted from 1
}

// kinds lists the markup that a sentence may hold, by the clause of CommonMark
// 0.31.2 that defines it, with the type and subType of its code in XLIFF 2.1
// (section 4.3.1, type and subType: xlf:b and xlf:i are the standard's own).
var kinds = map[string]struct{ typ, sub string }{
	"strong":   {"fmt", "xlf:b"},          // 6.2
	"emphasis": {"fmt", "xlf:i"},          // 6.2
	"link":     {"link", ""},              // 6.3
	"code":     {"fmt", "minxi:code"},     // 6.1
	"escape":   {"other", "minxi:escape"}, // 2.4
	"entity":   {"other", "minxi:entity"}, // 2.5
}

// flaw is why a text is not the inline Markdown that its writer meant.
type flaw struct {
	offset     int
	fact, hint plan.Text
}

// pieceOf says how a mark that a sentence may hold is written as pieces.
var pieceOf = map[content.MarkKind]struct {
	kind string
	pair bool
}{
	content.Strong: {"strong", true}, content.Emphasis: {"emphasis", true}, content.Link: {"link", true},
	content.Code: {"code", false}, content.Escape: {"escape", false}, content.Entity: {"entity", false},
}

// parseInline splits s into pieces and says what is wrong with it, in order.
// The pieces make up s whether or not it is sound; one that is too long to be a
// sentence is all words.
func parseInline(s string) ([]piece, []flaw) {
	if len(s) > maxSentence {
		return []piece{{role: words, text: s}}, nil
	}
	type cut struct {
		start, end int
		piece
	}
	var cuts []cut
	var flaws []flaw
	for i, m := range content.InlineMarks(s) {
		flaws = judgeMark(flaws, s, m)
		switch as := pieceOf[m.Kind]; {
		case as.kind == "":
		case as.pair:
			cuts = append(cuts, cut{m.Start, m.Text.Start, piece{role: opens, kind: as.kind, pair: i + 1}},
				cut{m.Text.End, m.End, piece{role: closes, kind: as.kind, pair: i + 1}})
		default:
			cuts = append(cuts, cut{m.Start, m.End, piece{role: single, kind: as.kind}})
		}
	}
	slices.SortStableFunc(cuts, func(a, b cut) int { return cmp.Compare(a.start, b.start) })
	var pieces []piece
	at := 0
	text := func(upTo int) {
		if at < upTo {
			pieces = append(pieces, piece{role: words, text: s[at:upTo]})
			flaws = judgeWords(flaws, s, at, upTo)
		}
	}
	for _, c := range cuts {
		text(c.start)
		c.text = s[c.start:c.end]
		pieces = append(pieces, c.piece)
		at = c.end
	}
	text(len(s))
	slices.SortStableFunc(flaws, func(a, b flaw) int { return cmp.Compare(a.offset, b.offset) })
	return pieces, flaws
}

var (
	write     = diag.Text("链接写成 [文字](网址)，网址以 https:// 或 / 开头，里面没有空格。", "Write a link as [words](address), with an address that starts with https:// or / and has no spaces.")
	backslash = diag.Text(`要显示方括号本身，就在它前面加反斜杠：\[…\]。`, `To show the brackets themselves, put a backslash before them: \[…\].`)
	noHTML    = diag.Text("句子里不用 HTML；网址写成 [文字](网址)，要显示 < 就写 \\<。", "A sentence holds no HTML; write a link as [words](address), and \\< to show the sign.")
)

// judgeMark says what is wrong with a mark.
func judgeMark(flaws []flaw, s string, m content.Mark) []flaw {
	bad := func(fact, hint plan.Text) []flaw { return append(flaws, flaw{m.Start, fact, hint}) }
	switch m.Kind {
	case content.Stray:
		return bad(diag.Text("“%[1]s”没有配对", "“%[1]s” has no counterpart", s[m.Start:m.End]),
			diag.Text("强调写成 *文字* 或 **文字**，星号紧贴文字；要显示这个符号就在前面加反斜杠。", "Write *words* or **words**, the marks touching the words; to show the mark itself, put a backslash before it."))
	case content.HTML, content.Autolink:
		return bad(diag.Text("有 HTML 代码“%s”", "there is HTML code: “%s”", clip(s[m.Start:])), noHTML)
	case content.Image:
		return bad(diag.Text("句子里有图片", "there is a picture in the sentence"), diag.Text("句子里只有文字；图片请放在别的页面。", "A sentence is text only; pictures belong on other pages."))
	case content.Link:
		switch {
		case strings.TrimSpace(s[m.Text.Start:m.Text.End]) == "":
			return bad(diag.Text("链接没有文字", "a link has no words"), write)
		case m.Destination == "":
			return bad(diag.Text("链接没有网址", "a link has no address"), write)
		case !leads(m.Destination):
			return bad(diag.Text("链接的网址“%s”不能用", "the link's address “%s” cannot be used", clip(m.Destination)), write)
		}
	}
	return flaws
}

// almost are signs of markup in what Markdown takes for words: its writer meant
// something that it is not.
var almost = []struct {
	sign       *regexp.Regexp
	fact, hint plan.Text
}{
	{regexp.MustCompile("`"), diag.Text("代码的反引号没有收尾", "the backtick of a code has no counterpart"),
		diag.Text("代码写成 `代码`；要显示反引号就在前面加反斜杠。", "Write `code`; to show a backtick, put a backslash before it.")},
	{regexp.MustCompile(`\]\(`), diag.Text("链接没有写完整", "a link is not complete"), write},
	{regexp.MustCompile(`\]\[`), diag.Text("“[…][…]”形式的链接没有网址", "a link of the form […][…] has no address"), backslash},
	{regexp.MustCompile(`<[A-Za-z/!?]`), diag.Text("有没写完的 HTML 代码", "there is unfinished HTML code"), noHTML}, // 6.5 and 6.6: how an autolink or a tag starts
}

func judgeWords(flaws []flaw, s string, from, upTo int) []flaw {
	for _, a := range almost {
		if at := a.sign.FindStringIndex(s[from:upTo]); at != nil {
			flaws = append(flaws, flaw{from + at[0], a.fact, a.hint})
		}
	}
	if upTo == len(s) && strings.HasSuffix(s[from:upTo], `\`) {
		flaws = append(flaws, flaw{len(s) - 1, diag.Text("句末多了一个反斜杠", "there is a backslash at the end"), diag.Text("请删去它。", "Remove it.")})
	}
	return flaws
}

// clip shortens s for a message and makes its invisible characters visible: it
// comes from somebody's file and goes to somebody's terminal.
func clip(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > 16 {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = '\uFFFD'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plainText is what a reader sees of the pieces.
func plainText(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		switch {
		case p.role == words:
			b.WriteString(p.text)
		case p.kind == "code": // 6.1: one space at both ends belongs to the marks
			code := strings.Trim(p.text, "`")
			if strings.HasPrefix(code, " ") && strings.HasSuffix(code, " ") && strings.Trim(code, " ") != "" {
				code = code[1 : len(code)-1]
			}
			b.WriteString(code)
		case p.kind == "escape", p.kind == "entity":
			b.WriteString(content.Meaning(p.text))
		}
	}
	return b.String()
}

// leads reports whether an address is one that a reader may be sent to. A
// browser drops tabs and line breaks from an address before it looks at it, so
// java&Tab;script: would be a script; nothing of the kind is let through.
func leads(address string) bool {
	if strings.ContainsFunc(address, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '\\' }) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "" || slices.Contains(content.Schemes, strings.ToLower(u.Scheme))) && !strings.HasPrefix(address, "//")
}
