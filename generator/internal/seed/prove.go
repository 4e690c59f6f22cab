package seed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Prove checks that p says exactly what the source says: the official text
// without its white space is the source without its layout, character by
// character; content spaces are kept, and no others; and the official text
// starts a line only where the source does. The plan may come from anywhere, for
// instance from Markdown that people edit. The first difference is returned as
// a [diag.List] with its place in the source.
//
// It shares no code with the importer that decides what is layout: it walks
// over the characters of both texts with its own idea of a page number, so that
// a mistake in the one is caught by the other. Only what a content space is has
// one definition.
func Prove(name string, src []byte, p *plan.Plan) error {
	src, err := plain(name, src)
	if err != nil {
		return err
	}
	if !utf8.Valid(src) {
		return diag.List{{Pos: position(name, src, firstInvalid(src)), Check: check,
			Fact: diag.Text("原文不是 UTF-8 文本", "the source is not UTF-8 text"),
			Hint: diag.Text("请另存为 UTF-8 纯文本。", "Save it as plain text in UTF-8.")}}
	}
	return prove(name, string(src), p)
}

func prove(name, src string, p *plan.Plan) error {
	want := walker{s: src, layout: true}
	have := walker{s: p.Official()}
	differ := func(at int, fact, hint plan.Text) error {
		return diag.List{{Pos: position(name, src, at), Check: check, Fact: fact, Hint: hint}}
	}
	compare := diag.Text("请与原文逐字核对。", "Compare it with the source, character by character.")
	for {
		w, gap := want.next()
		h, space := have.next()
		switch {
		case w == end && h == end:
			return nil
		case w == end:
			return differ(len(src), diag.Text("原文到此为止，方案还有“%s”", "the source ends here, but the plan goes on: “%s”", have.around()), compare)
		case h == end:
			return differ(want.at, diag.Text("方案缺少原文从这里起的“%s”", "the plan lacks what the source says from here: “%s”", want.around()), compare)
		case w != h:
			return differ(want.at, diag.Text("原文是“%s”，方案是“%s”", "the source says “%s”, the plan says “%s”", want.around(), have.around()), compare)
		}
		// A site's source line may hang on to the last sentence.
		credit := space == "\n" && gap == "" && strings.HasPrefix(src[want.at:], "（来源：")
		if ok := credit || sameGap(gap, space, want.last, w); !ok {
			return differ(want.at, diag.Text("“%s”之前的空格或换行与原文不符：原文 %q，方案 %q", "the space or line break before “%s” differs: %[2]q in the source, %[3]q in the plan",
				want.around(), gap, space), diag.Text("只有汉字之间、外文词之间的空格属于原文。", "Only a space between two Han characters or two Latin words is content."))
		}
		want.last = w
	}
}

// sameGap reports whether the plan has between two characters what it should,
// given the source's gap there.
func sameGap(source, plan string, left, right rune) bool {
	if source == "" || left == 0 {
		return plan == ""
	}
	breaks := strings.ContainsAny(source, "\n\r\f")
	switch {
	case plan == "\n":
		return breaks
	case breaks && joinsWords(left, right):
		return plan == " "
	case breaks || !keepsSpace(left, right):
		return plan == ""
	}
	return plan == source
}

// end is what a walker returns after the last character.
const end rune = -1

// walker steps from one printed character of a text to the next.
type walker struct {
	s      string
	layout bool // the text has page numbers, a byte order mark, form feeds
	at     int  // offset of the current character
	pos    int  // offset after it
	last   rune
	fed    bool // nothing but white space since a form feed
	inLine bool // a character of this line has been returned
}

// next returns the next printed character, and what stands before it.
func (w *walker) next() (r rune, gap string) {
	start := w.pos
	if start == 0 && w.layout && strings.HasPrefix(w.s, byteOrderMark) {
		w.pos = len(byteOrderMark)
	}
	for w.pos < len(w.s) {
		r, n := utf8.DecodeRuneInString(w.s[w.pos:])
		switch {
		case r == '\n' || r == '\r':
			w.inLine = false
		case r == '\f':
			w.inLine, w.fed = false, true
		case unicode.IsSpace(r):
		default:
			if w.layout && !w.inLine {
				if foot := w.pageNumber(); foot > 0 {
					w.pos += foot
					w.fed = false
					continue
				}
			}
			w.at, w.inLine, w.fed = w.pos, true, false
			gap = w.s[start:w.pos]
			w.pos += n
			return r, gap
		}
		w.pos += n
	}
	w.at = len(w.s)
	return end, w.s[start:]
}

// pageNumber returns the length of the page number that fills the line from
// here on, 0 if there is none. It reads dashes, digits, dashes; without dashes
// the number must stand beside a form feed.
func (w *walker) pageNumber() int {
	const before, number, after = 0, 1, 2
	state, dashes, digits := before, [3]int{}, 0
	for i, r := range w.s[w.pos:] {
		switch {
		case r == '\n' || r == '\r' || r == '\f':
			return w.foot(i, dashes[before], digits, dashes[after])
		case i > 40:
			return 0
		case unicode.Is(unicode.Dash, r) || r == '─':
			if state == number {
				state = after
			}
			dashes[state]++
		case r >= '0' && r <= '9' || r >= '０' && r <= '９':
			if state == before {
				state = number
			}
			if state == after || digits > 0 && spaceBefore(w.s, w.pos+i) {
				return 0
			}
			digits++
		case !unicode.IsSpace(r):
			return 0
		}
	}
	return w.foot(len(w.s)-w.pos, dashes[before], digits, dashes[after])
}

func (w *walker) foot(n, before, digits, after int) int {
	switch {
	case digits == 0 || digits > 5:
		return 0
	case before > 0 && after > 0:
		return n
	case before+after > 0:
		return 0
	}
	rest := strings.TrimLeft(w.s[w.pos+n:], " \t\r\n")
	if w.fed || strings.HasPrefix(rest, "\f") {
		return n
	}
	return 0
}

func spaceBefore(s string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:at])
	return unicode.IsSpace(r)
}

// around returns a few characters from the current one on.
func (w *walker) around() string {
	s := w.s[w.at:]
	n := 0
	for i, r := range s {
		if n++; n > 12 || r == '\n' || r == '\r' || r == '\f' {
			return s[:i]
		}
	}
	return s
}
