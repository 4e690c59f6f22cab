package exchange

import (
	"cmp"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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

// scanner reads inline Markdown by the algorithm of CommonMark's appendix, "A
// parsing strategy": marks are collected from left to right, links are settled
// at their closing bracket, emphasis by the delimiter stack.
type scanner struct {
	s        string
	marks    []mark
	pairs    int
	flaws    []flaw
	last     *run // top of the delimiter stack
	runs     []*run
	brackets []bracket
	noClose  map[int]bool // lengths of backtick runs that nothing closes from here on
}

// mark is a stretch of the text that is markup.
type mark struct {
	start, end int
	role       role
	kind       string
	pair       int
}

// run is a delimiter run: asterisks or underscores in a row.
type run struct {
	start, end       int // what is left of it
	length           int // as written
	char             byte
	canOpen, canShut bool
	prev, next       *run
}

// bracket is an opening bracket that may start a link.
type bracket struct {
	start  int
	image  bool
	inLink bool // a link was found after it, so it cannot be one (6.3: links may not contain links)
	below  *run // top of the delimiter stack when it was met
}

// parseInline splits s into pieces and says what is wrong with it, in order.
// The pieces make up s whether or not it is sound.
func parseInline(s string) ([]piece, []flaw) {
	p := &scanner{s: s}
	for i := 0; i < len(s); {
		i = p.step(i)
	}
	p.emphasis(nil)
	for _, r := range p.runs {
		// A run that could neither open nor close, as in 2 * 3, is text that
		// nobody takes for markup; the others are half of something.
		if r.start < r.end && (r.canOpen || r.canShut) {
			p.flaw(r.start, diag.Text("“%[1]s”没有配对", "“%[1]s” has no counterpart", s[r.start:r.end]),
				diag.Text("强调写成 *文字* 或 **文字**，星号紧贴文字；要显示这个符号就在前面加反斜杠。", "Write *words* or **words**, the marks touching the words; to show the mark itself, put a backslash before it."))
		}
	}
	slices.SortFunc(p.marks, func(a, b mark) int { return cmp.Compare(a.start, b.start) })
	slices.SortStableFunc(p.flaws, func(a, b flaw) int { return cmp.Compare(a.offset, b.offset) })
	var pieces []piece
	at := 0
	for _, m := range p.marks {
		if m.start > at {
			pieces = append(pieces, piece{role: words, text: s[at:m.start]})
		}
		pieces = append(pieces, piece{m.role, s[m.start:m.end], m.kind, m.pair})
		at = m.end
	}
	if at < len(s) {
		pieces = append(pieces, piece{role: words, text: s[at:]})
	}
	return pieces, p.flaws
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
		case p.kind == "escape":
			b.WriteString(p.text[1:])
		case p.kind == "entity":
			b.WriteString(html.UnescapeString(p.text))
		}
	}
	return b.String()
}

func (p *scanner) flaw(offset int, fact, hint plan.Text) {
	p.flaws = append(p.flaws, flaw{offset, fact, hint})
}

const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" // ASCII punctuation, section 2.1

// step reads what starts at i and returns where to go on.
func (p *scanner) step(i int) int {
	s := p.s
	switch c := s[i]; c {
	case '\\':
		if i+1 < len(s) && strings.IndexByte(punctuation, s[i+1]) >= 0 {
			p.marks = append(p.marks, mark{i, i + 2, single, "escape", 0})
			return i + 2
		}
		if i+1 == len(s) {
			p.flaw(i, diag.Text("句末多了一个反斜杠", "there is a backslash at the end"), diag.Text("请删去它。", "Remove it."))
		}
	case '`':
		return p.codeSpan(i)
	case '&':
		if m := entity.FindString(s[i:min(len(s), i+40)]); m != "" && html.UnescapeString(m) != m {
			p.marks = append(p.marks, mark{i, i + len(m), single, "entity", 0})
			return i + len(m)
		}
	case '<':
		if rawHTML.MatchString(s[i:min(len(s), i+2)]) {
			p.flaw(i, diag.Text("有 HTML 代码“%s”", "there is HTML code: “%s”", clip(s[i:])),
				diag.Text("句子里不用 HTML；网址写成 [文字](网址)，要显示 < 就写 \\<。", "A sentence holds no HTML; write a link as [words](address), and \\< to show the sign."))
		}
	case '*', '_':
		return p.delimiters(i)
	case '[':
		p.brackets = append(p.brackets, bracket{start: i, image: i > 0 && s[i-1] == '!' && !p.marked(i-1), below: p.last})
	case ']':
		return p.closeBracket(i)
	}
	return i + 1
}

var (
	entity  = regexp.MustCompile(`^&(?:[A-Za-z][A-Za-z0-9]{0,31}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});`)
	rawHTML = regexp.MustCompile(`^<[A-Za-z/!?]`) // 6.5 and 6.6: how an autolink or a tag starts
)

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

// marked reports whether the byte at i belongs to the last mark, as the second
// one of an escape does.
func (p *scanner) marked(i int) bool {
	return len(p.marks) > 0 && p.marks[len(p.marks)-1].end > i
}

// codeSpan reads a run of backticks and, if one of the same length follows, the
// code between them (6.1). Code binds tighter than any other markup.
func (p *scanner) codeSpan(i int) int {
	n := runLength(p.s, i)
	if !p.noClose[n] {
		for j := i + n; j < len(p.s); {
			k := strings.IndexByte(p.s[j:], '`')
			if k < 0 {
				break
			}
			j += k
			m := runLength(p.s, j)
			if m == n {
				p.marks = append(p.marks, mark{i, j + n, single, "code", 0})
				return j + n
			}
			j += m
		}
		if p.noClose == nil {
			p.noClose = map[int]bool{}
		}
		p.noClose[n] = true
	}
	p.flaw(i, diag.Text("代码的反引号没有收尾", "the backtick of a code has no counterpart"),
		diag.Text("代码写成 `代码`；要显示反引号就在前面加反斜杠。", "Write `code`; to show a backtick, put a backslash before it."))
	return i + n
}

func runLength(s string, i int) int {
	n := 1
	for i+n < len(s) && s[i+n] == s[i] {
		n++
	}
	return n
}

// delimiters reads a delimiter run and says whether it can open or close
// emphasis (6.2, rules 1 to 8).
func (p *scanner) delimiters(i int) int {
	s, end := p.s, i+runLength(p.s, i)
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[end:])
	blankBefore, blankAfter := i == 0 || unicode.IsSpace(before), end == len(s) || unicode.IsSpace(after)
	punctBefore, punctAfter := i > 0 && isPunct(before), end < len(s) && isPunct(after)
	left := !blankAfter && (!punctAfter || blankBefore || punctBefore)
	right := !blankBefore && (!punctBefore || blankAfter || punctAfter)
	r := &run{start: i, end: end, length: end - i, char: s[i], canOpen: left, canShut: right, prev: p.last}
	if s[i] == '_' { // not inside a word
		r.canOpen = left && (!right || punctBefore)
		r.canShut = right && (!left || punctAfter)
	}
	if p.last != nil {
		p.last.next = r
	}
	p.last = r
	p.runs = append(p.runs, r)
	return end
}

func isPunct(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// emphasis settles the delimiter runs above bottom ("process emphasis").
func (p *scanner) emphasis(bottom *run) {
	first := p.last
	for first != nil && first.prev != bottom {
		first = first.prev
	}
	// Below these no opener was found for a closer of this kind, so that a text
	// of nothing but asterisks is read in one pass.
	type kind struct {
		char    byte
		canOpen bool
		rest    int
	}
	floor := map[kind]*run{}
	for closer := first; closer != nil; {
		if !closer.canShut {
			closer = closer.next
			continue
		}
		k := kind{closer.char, closer.canOpen, closer.length % 3}
		stop, known := floor[k]
		if !known {
			stop = bottom
		}
		opener := closer.prev
		for opener != stop && opener != bottom && !pairs(opener, closer) {
			opener = opener.prev
		}
		if opener == stop || opener == bottom {
			floor[k] = closer.prev
			next := closer.next
			if !closer.canOpen {
				p.remove(closer)
			}
			closer = next
			continue
		}
		n, name := 1, "emphasis"
		if opener.end-opener.start >= 2 && closer.end-closer.start >= 2 {
			n, name = 2, "strong"
		}
		p.pairs++
		p.marks = append(p.marks,
			mark{opener.end - n, opener.end, opens, name, p.pairs},
			mark{closer.start, closer.start + n, closes, name, p.pairs})
		opener.end -= n
		closer.start += n
		opener.next, closer.prev = closer, opener // what stood between them can no longer be emphasis
		if opener.start == opener.end {
			p.remove(opener)
		}
		if closer.start == closer.end {
			next := closer.next
			p.remove(closer)
			closer = next
		}
	}
	p.last = bottom
	if bottom != nil {
		bottom.next = nil
	}
}

// pairs is the rule of three (6.2, rules 9 and 10).
func pairs(o, c *run) bool {
	if o.char != c.char || !o.canOpen {
		return false
	}
	return !o.canShut && !c.canOpen || (o.length+c.length)%3 != 0 || o.length%3 == 0 && c.length%3 == 0
}

func (p *scanner) remove(r *run) {
	if r.prev != nil {
		r.prev.next = r.next
	}
	if r.next != nil {
		r.next.prev = r.prev
	} else {
		p.last = r.prev
	}
}

var backslash = diag.Text(`要显示方括号本身，就在它前面加反斜杠：\[…\]。`, `To show the brackets themselves, put a backslash before them: \[…\].`)

// closeBracket settles the bracket that ] at i closes ("look for link or image").
func (p *scanner) closeBracket(i int) int {
	s := p.s
	follows := byte(0)
	if i+1 < len(s) {
		follows = s[i+1]
	}
	var open *bracket
	if n := len(p.brackets); n > 0 {
		top := p.brackets[n-1]
		open, p.brackets = &top, p.brackets[:n-1]
	}
	switch {
	case follows == '[' && open != nil:
		p.flaw(open.start, diag.Text("“[…][…]”形式的链接没有网址", "a link of the form […][…] has no address"), backslash)
		return i + 1
	case follows != '(':
		return i + 1 // text in brackets, such as [2021]
	case open == nil:
		p.flaw(i, diag.Text("链接的“](”前面没有“[”", "there is “](” of a link without its “[”"), backslash)
		return i + 1
	}
	address, end, ok := destination(s, i+2)
	write := diag.Text("链接写成 [文字](网址)，网址以 https:// 或 / 开头，里面没有空格。", "Write a link as [words](address), with an address that starts with https:// or / and has no spaces.")
	switch {
	case !ok:
		p.flaw(open.start, diag.Text("链接没有写完整", "a link is not complete"), write)
		return i + 1
	case open.image:
		p.flaw(open.start-1, diag.Text("句子里有图片", "there is a picture in the sentence"), diag.Text("句子里只有文字；图片请放在别的页面。", "A sentence is text only; pictures belong on other pages."))
		return end
	case open.inLink:
		p.flaw(open.start, diag.Text("链接里面还有链接", "there is a link inside a link"), write)
		return end
	case strings.TrimSpace(s[open.start+1:i]) == "":
		p.flaw(open.start, diag.Text("链接没有文字", "a link has no words"), write)
	case address == "":
		p.flaw(open.start, diag.Text("链接没有网址", "a link has no address"), write)
	case !leads(address):
		p.flaw(open.start, diag.Text("链接的网址“%s”不能用", "the link's address “%s” cannot be used", clip(address)), write)
	}
	p.emphasis(open.below)
	p.pairs++
	p.marks = append(p.marks,
		mark{open.start, open.start + 1, opens, "link", p.pairs},
		mark{i, end, closes, "link", p.pairs})
	for j := len(p.brackets) - 1; j >= 0 && !p.brackets[j].inLink; j-- {
		p.brackets[j].inLink = true // those below have been told
	}
	return end
}

// maxParens is how deep parentheses nest in an address. The standard lets a
// reader set a limit, and without one a text of "[a](" takes quadratic time.
const maxParens = 32

// destination reads a link's address and title up to the closing parenthesis
// (6.3), from just after the opening one. The address is decoded.
func destination(s string, i int) (address string, end int, ok bool) {
	blank := func() bool {
		from := i
		for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n') {
			i++
		}
		return i > from
	}
	blank()
	start, depth := i, 0
	if i < len(s) && s[i] == '<' {
		start++
		for i++; i < len(s) && s[i] != '>'; i++ {
			if s[i] == '<' || s[i] == '\n' {
				return "", 0, false
			}
			if s[i] == '\\' {
				i++
			}
		}
		if i >= len(s) {
			return "", 0, false
		}
		address = s[start:i]
		i++
	} else {
	plain:
		for ; i < len(s); i++ {
			switch c := s[i]; {
			case c == '\\' && i+1 < len(s) && strings.IndexByte(punctuation, s[i+1]) >= 0:
				i++
			case c == '(':
				if depth++; depth > maxParens {
					return "", 0, false
				}
			case c == ')' && depth == 0, c <= ' ', c == 0x7f:
				break plain
			case c == ')':
				depth--
			}
		}
		if depth != 0 {
			return "", 0, false
		}
		address = s[start:i]
	}
	if blank() && i < len(s) && s[i] != ')' {
		shut := map[byte]byte{'"': '"', '\'': '\'', '(': ')'}[s[i]]
		if shut == 0 {
			return "", 0, false
		}
		for i++; i < len(s) && s[i] != shut; i++ {
			if s[i] == '\\' {
				i++
			} else if s[i] == '(' && shut == ')' {
				return "", 0, false
			}
		}
		i++
		blank()
	}
	if i >= len(s) || s[i] != ')' {
		return "", 0, false
	}
	return html.UnescapeString(escaped.ReplaceAllString(address, "$1")), i + 1, true
}

var escaped = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")

// schemes lists what a link may start with; "" is an address on our site.
var schemes = []string{"", "http", "https", "mailto"}

// leads reports whether an address is one that a reader may be sent to. A
// browser drops tabs and line breaks from an address before it looks at it, so
// java&Tab;script: would be a script; nothing of the kind is let through.
func leads(address string) bool {
	if strings.ContainsFunc(address, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '\\' }) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && slices.Contains(schemes, strings.ToLower(u.Scheme)) && !strings.HasPrefix(address, "//")
}
