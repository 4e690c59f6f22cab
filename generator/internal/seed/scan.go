package seed

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// line is a printed line with text on it.
type line struct {
	text   string // without the white space around it
	at     int    // byte offset in the source
	cells  uint16 // width in half cells: 1 for ASCII, 2 for the rest
	chars  uint16 // width in characters, doubled, for tools that count those
	indent uint16 // width of the white space before it, in half cells
	blanks uint16 // blank lines before it
	page   bool   // a page ended before it
	broken bool   // a line break ends it (not a form feed, not the end of the text)
}

// pageGap is how many blank lines stand for a page break where a tool leaves
// neither a form feed nor a page number.
const pageGap = 3

// lineEnd returns the length of the line that s begins with, without its end.
func lineEnd(s string) int {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= '\r' && (c == '\n' || c == '\r' || c == '\f') {
			return i
		}
	}
	return len(s)
}

// scan cuts the text into lines. What is no text goes into the report's account
// here: the byte order mark, carriage returns, form feeds, margins, page
// numbers and the breaks of blank lines. The breaks that end a line with text
// are left to those who join lines or do not.
func scan(s string, r *Report) []line {
	lines := make([]line, 0, len(s)/80)
	var next line // gathers what stands before the next line
	fed := false  // nothing but white space since a form feed
	at := 0
	if strings.HasPrefix(s, byteOrderMark) {
		at = len(byteOrderMark)
		r.Count[BOM]++
	}
	for at < len(s) {
		end := at + lineEnd(s[at:])
		after, broken, feed := end, false, false
		if after < len(s) {
			switch {
			case s[after] == '\f':
				r.Count[FormFeeds]++
				feed = true
			case strings.HasPrefix(s[after:], "\r\n"):
				r.Count[CarriageReturns]++
				after++
				fallthrough
			default:
				broken = true
			}
			after++
		}
		raw := s[at:end]
		text := strings.TrimLeftFunc(raw, unicode.IsSpace)
		indent := raw[:len(raw)-len(text)]
		text = strings.TrimRightFunc(text, unicode.IsSpace)
		r.Count[Margins] += utf8.RuneCountInString(raw) - utf8.RuneCountInString(text)
		switch {
		case text == "":
			if broken {
				r.Count[BlankLines]++
				next.blanks = min(next.blanks, math.MaxUint16-1) + 1
			}
		case isPageNumber(text, fed || feed || feedFollows(s[end:])):
			for _, c := range text {
				if unicode.IsSpace(c) {
					r.Count[Margins]++
				} else {
					r.Count[PageNumbers]++
				}
			}
			if broken {
				r.Count[BlankLines]++
			}
			next.page = true
			fed = false
		default:
			next.text, next.at, next.broken = text, at+len(indent), broken
			next.cells, next.chars = width(text)
			next.indent, _ = width(indent)
			next.page = next.page || next.blanks >= pageGap
			lines = append(lines, next)
			next = line{}
			fed = false
		}
		if feed {
			next.page, fed = true, true
		}
		at = after
	}
	return lines
}

// width measures s in half cells and in doubled characters.
func width(s string) (cells, chars uint16) {
	all := 2 * utf8.RuneCountInString(s)
	n := all
	for i := 0; i < len(s); i++ {
		if s[i] < utf8.RuneSelf {
			n--
		}
	}
	return uint16(min(n, math.MaxUint16)), uint16(min(all, math.MaxUint16))
}

// isPageNumber reports whether a line is a page's foot: — 3 —, - 3 - or －３－,
// or, beside a form feed, a bare 3.
func isPageNumber(s string, besideFeed bool) bool {
	if len(s) > 40 {
		return false
	}
	digits := strings.TrimFunc(s, func(r rune) bool { return isDash(r) || unicode.IsSpace(r) })
	if !isNumber(digits) {
		return false
	}
	if digits == s {
		return besideFeed
	}
	dashed := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return isDash(r) })
	}
	head, tail, _ := strings.Cut(s, digits)
	return dashed(head) && dashed(tail)
}

// isNumber reports whether s is a number as pages bear it.
func isNumber(s string) bool {
	n := 0
	for _, r := range s {
		if n++; n > 5 || !(r >= '0' && r <= '9' || r >= '０' && r <= '９') {
			return false
		}
	}
	return n > 0
}

// feedFollows reports whether only white space stands between here and a form
// feed. Runs of white space do not overlap, so looking ahead stays linear.
func feedFollows(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	return strings.HasPrefix(s, "\f")
}

func isDash(r rune) bool { return unicode.Is(unicode.Dash, r) || r == '─' }
