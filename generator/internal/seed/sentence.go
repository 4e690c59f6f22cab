package seed

import (
	"iter"
	"strings"
	"unicode/utf8"
)

const (
	stops   = "。！？"
	closers = "”’」』》〉）〕】)]"
)

// pairs maps what opens a bracket or a quotation to what closes it.
var pairs = map[rune]rune{
	'（': '）', '(': ')', '“': '”', '‘': '’', '「': '」', '『': '』',
	'《': '》', '〈': '〉', '〔': '〕', '【': '】', '[': ']',
}

var closes = func() map[rune]bool {
	m := map[rune]bool{}
	for _, r := range pairs {
		m[r] = true
	}
	return m
}()

// depth counts open brackets and quotations. Where those of a paragraph do not
// pair up it stays at 0: one forgotten quote must not swallow a page.
type depth struct {
	level int
	blind bool
}

func depthOf(s string) depth { return depth{blind: !balanced(s)} }

func (d *depth) step(r rune) {
	if d.blind || r >= 0x4e00 && r <= 0x9fff {
		return
	}
	if _, opens := pairs[r]; opens {
		d.level++
	} else if closes[r] {
		d.level--
	}
}

// balanced reports whether brackets and quotations in s pair up.
func balanced(s string) bool {
	var open []rune
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0xe4 && c <= 0xe9 { // Han
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if want, ok := pairs[r]; ok {
			open = append(open, want)
		} else if closes[r] {
			if len(open) == 0 || open[len(open)-1] != r {
				return false
			}
			open = open[:len(open)-1]
		}
	}
	return len(open) == 0
}

// sentences cuts a paragraph. A sentence ends at a stop and the closing marks
// that follow it at once, outside brackets and quotations, and takes along a
// note in brackets behind the stop: 。（生态环境部负责）.
func sentences(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		d := depthOf(s)
		start := 0
		for i := 0; i < len(s); {
			c := s[i]
			if c >= 0xe4 && c <= 0xe9 { // Han
				i += 3
				continue
			}
			r, n := utf8.DecodeRuneInString(s[i:])
			i += n
			if !strings.ContainsRune(stops, r) {
				d.step(r)
				continue
			}
			after := i
			for i < len(s) {
				r, n := utf8.DecodeRuneInString(s[i:])
				if !strings.ContainsRune(stops, r) && !strings.ContainsRune(closers, r) {
					break
				}
				d.step(r)
				i += n
			}
			if d.level > 0 || i > after && goesOn(s[i:]) {
				continue
			}
			for {
				n := note(s[i:], d.blind)
				if n == 0 {
					break
				}
				i += n
				for i < len(s) {
					r, n := utf8.DecodeRuneInString(s[i:])
					if !strings.ContainsRune(stops, r) {
						break
					}
					i += n
				}
			}
			if !yield(s[start:i]) {
				return
			}
			start = i
		}
		if start < len(s) {
			yield(s[start:])
		}
	}
}

// goesOn reports whether s, which follows a quotation that ended with a stop,
// continues the sentence around it, as in “…。”的方针.
func goesOn(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune("，、；：的", r)
}

// startsNote reports whether a line begins with a note in brackets that the
// line itself need not close.
func startsNote(s string) bool {
	return note(s, true) > 0 || strings.HasPrefix(s, "（") && !strings.Contains(s, "）")
}

// maxNote bounds the search for a note's end in a paragraph whose brackets do
// not pair up, in bytes.
const maxNote = 1 << 10

// note returns the length of the bracketed note that s begins with: 0 if there
// is none, if its bracket is never closed, or if it is an enumerator such as
// （一） or （1）, which begins a sentence.
func note(s string, blind bool) int {
	if !strings.HasPrefix(s, "（") && !strings.HasPrefix(s, "(") {
		return 0
	}
	if blind { // brackets may never close, and looking for it must stay cheap
		s = s[:min(len(s), maxNote)]
	}
	level := 0
	for i, r := range s {
		switch r {
		case '（', '(':
			level++
		case '）', ')':
			if level--; level > 0 {
				continue
			}
			_, open := utf8.DecodeRuneInString(s)
			if inner := s[open:i]; isNumber(inner) || numeralLen(inner) == len(inner) {
				return 0
			}
			return i + utf8.RuneLen(r)
		}
	}
	return 0
}

// isClosed reports whether s ends a sentence: a stop, a colon or a semicolon,
// with closing marks behind it, or a note in brackets behind a stop.
func isClosed(s string) bool {
	for {
		t := strings.TrimRight(s, closers)
		if r, _ := utf8.DecodeLastRuneInString(t); t != "" && strings.ContainsRune("。！？；：…", r) {
			return true
		}
		if !strings.HasSuffix(s, "）") && !strings.HasSuffix(s, ")") {
			return false
		}
		i := strings.LastIndexAny(s, "（(")
		if i < 0 {
			return false
		}
		s = s[:i]
	}
}
