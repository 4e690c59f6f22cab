package plan

// The order of a glossary: by the reading of a term in Chinese, by its words in
// English.

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Letters under which an index lists what begins with none.
const (
	Digits = "0-9"
	Unread = "other" // Chinese whose reading is not in the termbase
)

// toned are the vowels of pinyin with their marks, in the order of the four tones.
var toned = map[rune]string{'a': "āáǎà", 'e': "ēéěè", 'i': "īíǐì", 'o': "ōóǒò", 'u': "ūúǔù", 'ü': "ǖǘǚǜ"}

// marked says of a vowel with a mark which it is and which tone the mark is.
var marked = func() map[rune]mark {
	m := map[rune]mark{}
	for vowel, marks := range toned {
		for i, r := range []rune(marks) {
			m[r] = mark{vowel, i + 1}
		}
	}
	return m
}()

type mark struct {
	vowel rune
	tone  int
}

// Syllable is a syllable of pinyin without its mark, and its tone from 1 to 4; 0 for
// one without a mark. It is in lower case and has ü, which people also write as v.
func Syllable(s string) (plain string, tone int) {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		if r == 'v' {
			r = 'ü'
		} else if m, is := marked[r]; is {
			r, tone = m.vowel, m.tone
		}
		b.WriteRune(r)
	}
	return b.String(), tone
}

// Letter is the one under which an index in a language lists the term: A to Z,
// [Digits] or [Unread].
func (t Term) Letter(l Lang) string {
	key, _ := t.order(l)
	return letterOf(key)
}

func letterOf(key string) string {
	switch {
	case key == "" || key[0] > 'z':
		return Unread
	case key[0] >= 'a':
		return strings.ToUpper(key[:1])
	case key[0] >= '0' && key[0] <= '9':
		return Digits
	}
	return Unread
}

// IndexOrder sorts positions in a list of terms as an index in a language has them:
// digits, letters, and what cannot be read; in Chinese syllable by syllable, then
// by tone.
func IndexOrder(l Lang, terms []Term, list []int) {
	type sorted struct{ key, tones string }
	keys := make(map[int]sorted, len(list))
	for _, i := range list {
		key, tones := terms[i].order(l)
		keys[i] = sorted{key, tones}
	}
	slices.SortStableFunc(list, func(i, j int) int {
		a, b := keys[i], keys[j]
		return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.tones, b.tones), strings.Compare(terms[i].ZH, terms[j].ZH))
	})
}

// order is what a term is sorted by: its words or syllables in small letters with
// spaces between, and the tones.
func (t Term) order(l Lang) (key, tones string) {
	if l == EN {
		return strings.Join(strings.FieldsFunc(strings.ToLower(t.EN), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " "), ""
	}
	readings := strings.Fields(t.Pinyin)
	var words []string
	latin := false
	for _, r := range strings.ToLower(t.ZH) {
		switch {
		case unicode.Is(unicode.Han, r):
			word := string(r)
			if len(readings) > 0 {
				plain, tone := Syllable(readings[0])
				readings, word, tones = readings[1:], plain, tones+string(rune('0'+tone))
			}
			words = append(words, word)
			latin = false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if latin {
				words[len(words)-1] += string(r)
			} else {
				words = append(words, string(r))
			}
			latin = true
		default:
			latin = false
		}
	}
	return strings.Join(words, " "), tones
}
