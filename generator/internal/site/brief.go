package site

import "strings"

// How a sentence is told in brief: its beginning, up to where a reader may stop.

const (
	opening, closing = "“‘《（(", "”’》）)" // between them a sentence is cut only where nothing else is left
	clauseMarks      = "，；。,;."
)

// unfinished are English words that promise another one: no brief form ends with them.
var unfinished = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(`a an and among as at between both by for from in into it its
		no of on or such that than the their these this through to toward under upon which will should with within`) {
		words[word] = true
	}
	return words
}()

// cut is the beginning of a text for places that have room for n Chinese characters
// (two Latin letters count as one) and no more.
func cut(s string, n int) string { return brief(s, n, 0) }

// brief is the beginning of a text: n Chinese characters, or so many more when they end
// a clause or the text. It ends with the last clause that fits, if that is not much
// less than there is room for; else with the clause that is a little too long; else
// with a part of a list or a word; else anywhere.
func brief(s string, n, more int) string {
	var clause, late, part, last int // where the text may end, in bytes
	var clauseWidth, partWidth int
	width, depth := 0, 0
	for i, r := range s {
		if width <= 2*n {
			last = i
		}
		rest := s[i+len(string(r)):]
		switch {
		case strings.ContainsRune(opening, r):
			depth++
		case strings.ContainsRune(closing, r):
			depth--
		case depth > 0:
		case strings.ContainsRune(clauseMarks, r) && (r >= 0x2E80 || rest == "" || rest[0] == ' '):
			if width <= 2*n {
				clause, clauseWidth = i, width
			} else if late == 0 {
				late = i
			}
		case (r == '、' || r == ' ') && width <= 2*n && !unfinished[s[strings.LastIndexByte(s[:i], ' ')+1:i]]:
			part, partWidth = i, width
		}
		width++
		if r >= 0x2E80 {
			width++
		}
		if width > 2*(n+more)+2 { // and its mark
			break
		}
	}
	whole := strings.TrimRight(s, "。.")
	switch {
	case width <= 2*n || late == len(whole) || clause == len(whole):
		return whole
	case 5*clauseWidth >= 4*n:
		return s[:clause] + "…"
	case late > 0:
		return s[:late] + "…"
	case partWidth >= n:
		return strings.TrimRight(s[:part], clauseMarks) + "…"
	default:
		return s[:last] + "…"
	}
}
