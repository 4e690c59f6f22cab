package check

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a word of an English text. Words are compared by stem, so that
// “light alloys” is found in “light alloy industry”.
type word struct {
	text       string // as written, without a possessive ’s
	stem       string
	start, end int // byte offsets
}

// skipped words say nothing about which term is meant, and come and go with
// the grammar of the sentence.
var skipped = map[string]bool{"the": true, "a": true, "an": true, "its": true, "their": true}

// wordsOf splits s into words, at everything but letters, digits and
// apostrophes, so that a hyphen and a space are the same.
func wordsOf(s string) []word {
	words := make([]word, 0, len(s)/6)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			i += n
			continue
		}
		start := i
		for i < len(s) {
			r, n = utf8.DecodeRuneInString(s[i:])
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !isApostrophe(r) {
				break
			}
			i += n
		}
		text := strings.TrimRight(s[start:i], "'’")
		for _, possessive := range []string{"’s", "'s"} {
			text = strings.TrimSuffix(text, possessive)
		}
		w := word{text: text, stem: stem(text), start: start, end: start + len(text)}
		if !skipped[w.stem] {
			words = append(words, w)
		}
	}
	return words
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' }

// endings are tried in order; what remains must have three letters, so that
// short words stay themselves.
var endings = []struct{ from, to string }{
	{"ying", "y"}, {"ies", "y"}, {"ied", "y"}, {"ia", "ium"},
	{"ings", ""}, {"ing", ""}, {"es", ""}, {"ed", ""}, {"s", ""}, {"e", ""},
}

// stem takes off the endings that nouns and verbs change. It need not give a
// word, only the same for every form of one word.
func stem(s string) string {
	s = strings.ToLower(s)
	if strings.Contains(s, "’") {
		s = strings.ReplaceAll(s, "’", "'")
	}
	for _, e := range endings {
		base, ok := strings.CutSuffix(s, e.from)
		if !ok || len(base) < 3 || e.from == "s" && strings.HasSuffix(base, "s") { // pass, address
			continue
		}
		if n := len(base); e.to == "" && base[n-1] == base[n-2] && !strings.ContainsRune("lsz", rune(base[n-1])) {
			return base[:n-1] // stepping, setting
		}
		return base + e.to
	}
	return s
}

// phrase is an English expression that is looked for.
type phrase struct {
	text  string
	words []word
	// quoted: the expression is a name in quotation marks and keeps them.
	quoted bool
}

func newPhrase(s string) phrase {
	return phrase{text: s, words: wordsOf(s), quoted: strings.HasPrefix(s, "“") && strings.HasSuffix(s, "”")}
}

// phrases are the expressions that have a word to look for.
func phrases(list []string) []phrase {
	var found []phrase
	for _, s := range list {
		if p := newPhrase(s); len(p.words) > 0 {
			found = append(found, p)
		}
	}
	return found
}

// at reports whether the words begin with p. A capital that the term base
// writes must be a capital: it makes a name a name. A small letter may be a
// capital at the start of a sentence.
func (p phrase) at(words []word) bool {
	if len(p.words) == 0 || len(words) < len(p.words) {
		return false
	}
	for i, want := range p.words {
		if got := words[i]; want.stem != got.stem || !capitalsKept(want.text, got.text) {
			return false
		}
	}
	return true
}

// anyCase is at for expressions that are wrong in any spelling.
func (p phrase) anyCase(words []word) bool {
	if len(p.words) == 0 || len(words) < len(p.words) {
		return false
	}
	for i, want := range p.words {
		if want.stem != words[i].stem {
			return false
		}
	}
	return true
}

// in reports whether p stands anywhere among the words.
func (p phrase) in(words []word) bool {
	for i := range words {
		if p.at(words[i:]) {
			return true
		}
	}
	return false
}

func capitalsKept(want, got string) bool {
	w, n := utf8.DecodeRuneInString(want)
	if !unicode.IsUpper(w) {
		return true
	}
	if len(want) > n && strings.ToUpper(want) == want {
		return strings.HasPrefix(got, want) // CPC, UNESCO, TCM
	}
	g, _ := utf8.DecodeRuneInString(got)
	return unicode.IsUpper(g)
}

// inQuotes reports whether the words from first to last stand in quotation
// marks in s.
func inQuotes(s string, first, last word) bool {
	return strings.HasSuffix(s[:first.start], "“") && strings.HasPrefix(strings.TrimLeft(s[last.end:], ",.’s"), "”")
}
