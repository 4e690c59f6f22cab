package cards

import (
	"strings"
	"unicode"

	"golang.org/x/image/math/fixed"
)

// Lines of text, as the W3C's Requirements for Chinese Text Layout
// (https://www.w3.org/TR/clreq/) have them: no line begins with what closes and none
// ends with what opens, two marks that meet share their space, a mark at an end of a
// line gives its own up, dashes and words of Latin letters stay whole, and the ends of
// lines are flush. English is set ragged.

const (
	closing = "，。、；：？！）》〉〕”’】」』…％·,.;:?!)]}%"
	opening = "（《〈〔“‘【「『([{"
	// These have their ink in one half of their square.
	blankRight = "，。、；：）》〉〕”’】」』"
	blankLeft  = "（《〈〔“‘【「『"
)

// line is a line of text: its characters and where each is drawn.
type line struct {
	text  []rune
	at    []fixed.Int26_6
	width fixed.Int26_6
}

// isLatin reports whether a character belongs to a word with its neighbours.
func isLatin(r rune) bool { return r < 0x2E80 && !strings.ContainsRune("—…·“”‘’", r) }

// mayBreak reports whether a line may end between two characters.
func mayBreak(a, b rune, english bool) bool {
	switch {
	case a == ' ':
		return b != ' '
	case b == ' ', a == b && strings.ContainsRune("—…", a):
		return false
	case strings.ContainsRune(opening, a), strings.ContainsRune(closing, b):
		return false
	case english:
		return strings.ContainsRune("-–—/", a) && unicode.IsLetter(b)
	}
	return !isLatin(a) || !isLatin(b)
}

// setter sets texts in one size and language.
type setter struct {
	*Face
	size    int
	english bool
}

func (s setter) em() fixed.Int26_6 { return fixed.I(s.size) }

// advance is how far the pen moves for a character, and how much further to the left
// than usual it is drawn. The typeface has quotation marks as wide as a Chinese
// character, which they are not in English.
func (s setter) advance(r rune) (advance, shift fixed.Int26_6) {
	m := s.mask(r, s.size)
	if s.english && strings.ContainsRune("“”‘’", r) {
		side := s.em() / 20
		return m.ink.Max.X - m.ink.Min.X + 2*side, m.ink.Min.X - side
	}
	return m.advance, 0
}

// between is how much nearer (or, negative, further) two neighbours stand than their
// advances say.
func (s setter) between(a, b rune) fixed.Int26_6 {
	if s.english {
		return 0
	}
	right, left := strings.ContainsRune(blankRight, a), strings.ContainsRune(blankLeft, b)
	switch {
	case right && (left || strings.ContainsRune(blankRight, b)), left && strings.ContainsRune(blankLeft, a):
		return s.em() / 2
	case unicode.Is(unicode.Han, a) && isLatin(b) && b != ' ', isLatin(a) && a != ' ' && unicode.Is(unicode.Han, b):
		return -s.em() / 8
	}
	return 0
}

// set places the characters of one line from 0 on.
func (s setter) set(text []rune) line {
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	l := line{text: text, at: make([]fixed.Int26_6, len(text))}
	for i, r := range text {
		advance, shift := s.advance(r)
		if i > 0 {
			l.width -= s.between(text[i-1], r)
		} else if !s.english && strings.ContainsRune(blankLeft, r) {
			l.width -= s.em() / 2
		}
		l.at[i] = l.width - shift
		l.width += advance
	}
	if n := len(text); n > 0 && !s.english && strings.ContainsRune(blankRight, text[n-1]) {
		l.width -= s.em() / 2
	}
	return l
}

// lines breaks a text into lines of a width.
func (s setter) lines(text string, width int) (list []line) {
	rest := []rune(strings.TrimSpace(text))
	most := fixed.I(width)
	for len(rest) > 0 {
		end, broken := len(rest), 0
		var pen fixed.Int26_6
		for i, r := range rest {
			if i > 0 && mayBreak(rest[i-1], r, s.english) {
				broken = i
			}
			advance, _ := s.advance(r)
			if i > 0 {
				pen -= s.between(rest[i-1], r)
			}
			// Only a candidate that may be too wide is set to see.
			if pen += advance; pen > most && r != ' ' && s.set(rest[:i+1]).width > most && i > 0 {
				if end = broken; broken == 0 {
					end = i // a word that is wider than the line
				}
				break
			}
		}
		list = append(list, s.set(rest[:end]))
		rest = rest[end:]
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
	}
	return list
}

// even breaks a text into as few lines as a width allows, and these as short as that
// many lines may be, so that the last is not much shorter than the others.
func (s setter) even(text string, width int) []line {
	best := s.lines(text, width)
	for lo, hi := width/2, width; hi-lo > s.size/4; {
		middle := (lo + hi) / 2
		if try := s.lines(text, middle); len(try) <= len(best) {
			best, hi = try, middle
		} else {
			lo = middle
		}
	}
	return best
}

// flush moves the characters of all lines but the last so that their ends stand at a
// width, where they are no further from it than two characters: Chinese only.
func (s setter) flush(list []line, width int) {
	if s.english {
		return
	}
	for n := range list[:max(0, len(list)-1)] {
		l := &list[n]
		var gaps []int // before these characters
		for i := 1; i < len(l.text); i++ {
			if !isLatin(l.text[i-1]) || !isLatin(l.text[i]) {
				gaps = append(gaps, i)
			}
		}
		room := fixed.I(width) - l.width
		if len(gaps) == 0 || room <= 0 || room > 2*s.em() {
			continue
		}
		g := 0
		for i := range l.at {
			if g < len(gaps) && i >= gaps[g] {
				g++
			}
			l.at[i] += room * fixed.Int26_6(g) / fixed.Int26_6(len(gaps))
		}
		l.width += room
	}
}

// widest is the width of the widest line, in whole pixels.
func widest(list []line) (w int) {
	for _, l := range list {
		w = max(w, l.width.Ceil())
	}
	return w
}

// fit sets a text in the largest of some sizes, from large to small, in which it has
// room; the text is cut where even the smallest is too large.
func (f *Face) fit(text string, english bool, sizes []int, lead func(size int) int, width, height int) (setter, []line) {
	var s setter
	for _, size := range sizes {
		s = setter{f, size, english}
		if list := s.even(text, width); len(list)*lead(size) <= height {
			return s, list
		}
	}
	mark := "……"
	if english {
		mark = "..."
	}
	for runes := []rune(text); len(runes) > 0; runes = runes[:len(runes)-1] {
		if english && runes[len(runes)-1] != ' ' {
			continue // not within a word
		}
		if list := s.even(string(runes)+mark, width); len(list)*lead(s.size) <= height {
			return s, list
		}
	}
	return s, nil
}
