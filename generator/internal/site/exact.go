package site

import (
	"strings"
	"unicode"

	"minxi/generator/internal/plan"
)

// Links to the exact words (text fragments, https://wicg.github.io/scroll-to-text-fragment/).
// A browser looks for words as a whole, by its own segmentation, which cuts Chinese where
// a dictionary says: 土保持示范县建 is in the text, and not found. Only punctuation is a
// boundary for every one. So what is linked begins and ends at it, and a piece that is too
// short to say anything is joined to its neighbour. Browser TestExactWords opens every
// link that is offered.

// clause is a part of a sentence that can be linked.
type clause struct {
	Text string `json:"text"`
	// Own is where its words are on the page of the sentence, Read where they are in
	// the text around it.
	Own  string `json:"own"`
	Read string `json:"read"`
}

// A piece is as long as this, or it is joined to the next: Chinese characters, English words.
const (
	leastCharacters = 6
	leastWords      = 5
)

// clausesOf divides a sentence at its punctuation. What stands between two clauses is in
// neither.
func clausesOf(text string, l plan.Lang) (list []span) {
	ends := "，；：。！？"
	if l == plan.EN {
		ends = ",;:.—"
	}
	runes := []rune(text)
	last := span{}
	take := func(end int) {
		s := span{last.to, end}
		for s.from < s.to && (unicode.IsSpace(runes[s.from]) || strings.ContainsRune(ends, runes[s.from])) {
			s.from++
		}
		last.to = end
		if s.from == s.to {
			return
		}
		if n := len(list); n > 0 && list[n-1].short(runes, l) {
			list[n-1].to = s.to
			return
		}
		list = append(list, s)
	}
	for i, r := range runes {
		if strings.ContainsRune(ends, r) && (l == plan.ZH || endsHere(runes, i)) {
			take(i)
		}
	}
	take(len(runes))
	if n := len(list); n > 1 && list[n-1].short(runes, l) {
		list[n-2].to = list[n-1].to
		list = list[:n-1]
	}
	return list
}

// endsHere reports whether a mark of an English text ends a clause: 1,000 and No. 3 go
// on.
func endsHere(text []rune, i int) bool {
	if i+2 >= len(text) || text[i] == '—' {
		return true
	}
	return unicode.IsSpace(text[i+1]) && (text[i] != '.' || unicode.IsUpper(text[i+2]))
}

// span is a part of a text, in characters.
type span struct{ from, to int }

// short reports whether a piece says too little to be linked alone.
func (s span) short(text []rune, l plan.Lang) bool {
	if l == plan.EN {
		return len(strings.Fields(string(text[s.from:s.to]))) < leastWords
	}
	return s.to-s.from < leastCharacters
}

// exact lists the clauses of a sentence that can be linked: none where it has one only,
// and none whose words stand elsewhere on the pages, before these, with the same words
// behind them.
func (l pageIn) exact(u *placed) (list []clause) {
	text := u.Text.In(l.Lang)
	runes := []rune(text)
	spans := clausesOf(text, l.Lang)
	if len(spans) < 2 {
		return nil
	}
	before := l.standBefore(u)
	for i, s := range spans {
		// What follows the clause up to the end of another tells it from the same
		// words elsewhere; in the end the full stop does, which headings leave out.
		behind := ""
		found := unlike(before, string(runes[s.from:s.to]))
		for _, end := range l.endsAfter(runes, spans[i:]) {
			if found {
				break
			}
			behind = string(runes[s.to:end])
			found = unlike(before, string(runes[s.from:end]))
		}
		if !found {
			continue
		}
		words := string(runes[s.from:s.to])
		directive := ":~:text=" + fragmentText.Replace(words)
		if behind != "" {
			directive += ",-" + fragmentText.Replace(strings.TrimSpace(behind))
		}
		list = append(list, clause{words, l.at().Unit(u.ID) + "#" + directive, l.at().Read(u.Unit) + "#" + string(u.ID) + directive})
	}
	return list
}

// endsAfter are the places behind the first of some clauses where words end for every
// browser: in English each space, in Chinese the ends of clauses; last that of the text.
func (l pageIn) endsAfter(text []rune, spans []span) (ends []int) {
	for _, s := range spans[1:] {
		for i := s.from + 1; l.Lang == plan.EN && i < s.to; i++ {
			if text[i] == ' ' {
				ends = append(ends, i)
			}
		}
		ends = append(ends, s.to)
	}
	return append(ends, len(text))
}

// standBefore are the texts that may stand before a sentence on its page and on the one
// where it is read.
func (l pageIn) standBefore(u *placed) (list []string) {
	add := func(s string) { list = append(list, strings.ToLower(s)) }
	add(l.headline(u.Unit))
	for _, t := range []plan.Text{l.in.Plan.SiteName(), l.in.Plan.Title} {
		add(t.In(l.Lang))
	}
	units := l.in.Plan.Preamble
	if u.in != nil {
		units = u.in.units
		for v := u.in; v != nil; v = v.parent {
			add(v.title.In(l.Lang))
		}
	}
	for _, v := range units {
		if v == u.Unit {
			break
		}
		add(v.Text.In(l.Lang))
	}
	return list
}

// unlike reports whether none of some texts, in lower case, has these words.
func unlike(texts []string, words string) bool {
	words = strings.ToLower(words)
	for _, t := range texts {
		if strings.Contains(t, words) {
			return false
		}
	}
	return true
}

// fragmentText writes what a text directive gives a meaning, or an address may not have.
var fragmentText = strings.NewReplacer("%", "%25", "-", "%2D", ",", "%2C", "&", "%26", " ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", "#", "%23", "`", "%60", "{", "%7B", "}", "%7D", "[", "%5B", "]", "%5D", "|", "%7C", `\`, "%5C", "^", "%5E")
