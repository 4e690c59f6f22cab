package search

// How texts and words are made comparable. The page's script has the same rules;
// search_test.go holds the two together.

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func arabic(n int) string { return strconv.Itoa(n) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// simple is OpenCC's table: the simplified character for each traditional one.
var simple = sync.OnceValue(func() map[rune]rune {
	m := map[rune]rune{}
	for line := range strings.Lines(openCC) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), "\t")
		to, _, _ = strings.Cut(to, " ") // the usual one comes first
		if f, t := []rune(from), []rune(to); len(f) == 1 && len(t) == 1 && f[0] != t[0] {
			m[f[0]] = t[0]
		}
	}
	return m
})

// Words lists the words of a text as they are compared: folded, runs of Chinese
// each a word, apostrophes left out.
func Words(text string) (list []string) {
	var b strings.Builder
	chinese := false
	end := func() {
		if b.Len() > 0 {
			list = append(list, b.String())
			b.Reset()
		}
	}
	for _, r := range strings.ToLower(norm.NFKC.String(text)) {
		switch {
		case r >= 'a' && r <= 'z' && !chinese:
			b.WriteByte(byte(r))
		case r == ' ':
			end()
		case strings.ContainsRune("'‘’ʼ`´", r):
		case isHan(r):
			if s, has := simple()[r]; has {
				r = s
			}
			if !chinese {
				end()
			}
			chinese = true
			b.WriteRune(r)
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
			if chinese {
				end()
			}
			chinese = false
			b.WriteRune(r)
		default:
			end()
		}
	}
	end()
	return list
}

// isHan reports whether a character is a Chinese one; nearly all are in one block.
func isHan(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x80 && unicode.Is(unicode.Han, r)
}

var (
	ise    = regexp.MustCompile(`([iy])s(e[ds]?|ing)$`)
	tre    = regexp.MustCompile(`tre(s?)$`)
	mme    = regexp.MustCompile(`mme(s?)$`)
	nce    = regexp.MustCompile(`nce(s?)$`)
	ies    = regexp.MustCompile(`[^aeiou]ies$`)
	plural = regexp.MustCompile(`[^sui]s$`)
	ending = regexp.MustCompile(`^(.*[aeiouy].*)(?:ing|ed)$`)
	short  = regexp.MustCompile(`^([^aeiou]*[aeiouy][^aeiouwxy])$`)
	finalE = regexp.MustCompile(`e$`)
)

// Key is the same for the forms of an English word, in British and in American
// spelling. Keys are compared with keys only.
func Key(w string) string {
	w = strings.Replace(w, "isation", "ization", 1)
	w = ise.ReplaceAllString(w, "${1}z${2}")
	w = strings.Replace(w, "our", "or", 1)
	w = tre.ReplaceAllString(w, "ter${1}")
	w = mme.ReplaceAllString(w, "m${1}")
	w = strings.Replace(w, "ogue", "og", 1)
	w = nce.ReplaceAllString(w, "nse${1}")
	if ies.MatchString(w) {
		w = w[:len(w)-3] + "y"
	} else if plural.MatchString(w) && len(w) > 3 {
		w = w[:len(w)-1]
	}
	if root := ending.ReplaceAllString(w, "$1"); root != w {
		w = short.ReplaceAllString(root, "${1}e") // caring is care, not cars
	}
	if len(w) > 4 {
		w = finalE.ReplaceAllString(w, "")
	}
	if n := len(w); n > 1 && w[n-1] == w[n-2] && !strings.ContainsRune("aeiou", rune(w[n-1])) && w[n-1] < 0x80 {
		w = w[:n-1]
	}
	if strings.HasSuffix(w, "y") {
		w = w[:len(w)-1] + "i"
	}
	return w
}

// toneless is a syllable as it is typed: lv for lǚ.
func toneless(s string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(norm.NFD.String(s), "u\u0308", "v") {
		if r >= 'a' && r <= 'z' {
			b.WriteRune(r)
		}
	}
	return b.String()
}
