// Package compare tells which words of two versions of a text differ, so that a reader
// sees what changed and not merely that something did. It finds changes with
// sergi/go-diff (Myers' algorithm) on words: of English those between spaces, of Chinese
// the terms that the caller knows, and else characters.
package compare

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Op says where a piece of text stands.
type Op int

const (
	Same Op = iota // in both
	Gone           // in the old text alone
	New            // in the new text alone
)

// A Span is a piece of text. The spans that are not New make the old text, and those that
// are not Gone the new one.
type Span struct {
	Text string
	Op   Op
}

// Words compares two texts. terms are expressions that are marked as a whole where one of
// their characters changes; longer ones go before shorter.
func Words(old, new string, terms []string) []Span {
	index := map[string]rune{}
	var names []string
	number := func(text string) []rune {
		var out []rune
		for _, w := range split(text, terms) {
			r, has := index[w]
			if !has {
				r = place(len(names))
				index[w] = r
				names = append(names, w)
			}
			out = append(out, r)
		}
		return out
	}
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // the same texts give the same answer on every machine
	diffs := d.DiffMainRunes(number(old), number(new), false)
	diffs = d.DiffCleanupSemantic(diffs)
	var spans []Span
	for _, f := range diffs {
		var b strings.Builder
		for _, r := range f.Text {
			b.WriteString(names[at(r)])
		}
		op := map[diffmatchpatch.Operation]Op{diffmatchpatch.DiffEqual: Same, diffmatchpatch.DiffDelete: Gone, diffmatchpatch.DiffInsert: New}[f.Type]
		if n := len(spans); n > 0 && spans[n-1].Op == op {
			spans[n-1].Text += b.String()
		} else if b.Len() > 0 {
			spans = append(spans, Span{b.String(), op})
		}
	}
	return exact(spans)
}

// exact marks of a word that only got longer or shorter what it got or lost.
func exact(spans []Span) (out []Span) {
	for i := 0; i < len(spans); i++ {
		if i+1 == len(spans) || spans[i].Op != Gone || spans[i+1].Op != New {
			out = append(out, spans[i])
			continue
		}
		gone, added := []rune(spans[i].Text), []rune(spans[i+1].Text)
		n := min(len(gone), len(added))
		head, tail := 0, 0
		for head < n && gone[head] == added[head] {
			head++
		}
		for tail < n-head && gone[len(gone)-1-tail] == added[len(added)-1-tail] {
			tail++
		}
		latin := func(r []rune) bool {
			return slices.ContainsFunc(r, func(c rune) bool { return c < 0x2E80 && unicode.IsLetter(c) })
		}
		if head+tail < n || latin(gone) || latin(added) { // another word, or one that is read whole
			out = append(out, spans[i], spans[i+1])
		} else {
			for _, s := range []Span{{string(gone[:head]), Same}, {string(gone[head : len(gone)-tail]), Gone}, {string(added[head : len(added)-tail]), New}, {string(gone[len(gone)-tail:]), Same}} {
				if s.Text != "" {
					out = append(out, s)
				}
			}
		}
		i++
	}
	return out
}

// Words are numbered from 1 on, leaving out what is no character of Unicode.
const (
	surrogates = 0xD800
	after      = 0xE000
)

func place(n int) rune {
	r := rune(n + 1)
	if r >= surrogates {
		r += after - surrogates
	}
	return r
}

func at(r rune) int {
	if r >= after {
		r -= after - surrogates
	}
	return int(r) - 1
}

// split cuts a text into words: runs of letters or digits that are no Chinese, the
// terms, and single characters.
func split(text string, terms []string) (words []string) {
	for text != "" {
		n := 0
		for _, t := range terms {
			if len(t) > n && strings.HasPrefix(text, t) {
				n = len(t)
			}
		}
		if n == 0 {
			for i, r := range text {
				if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '’' || r >= 0x2E80 {
					break
				}
				n = i + utf8.RuneLen(r)
			}
		}
		if n == 0 {
			_, n = utf8.DecodeRuneInString(text)
		}
		words, text = append(words, text[:n]), text[n:]
	}
	return words
}
