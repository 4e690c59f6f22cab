package check

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// emphasis finds asterisks and underscores that stay on the page. Most come
// from Chinese punctuation: in **“红色”**文化 the second pair stands between a
// mark and a letter, where CommonMark lets it only open, so nothing is bold, or
// what is bold is what stands between two such pairs.
// https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis
var emphasis = Check{
	ID: "emphasis",
	Doc: plan.Text{
		ZH: "加粗和强调的星号成对起作用，不会原样出现在网页上",
		EN: "the asterisks of emphasis take effect in pairs and none is left on the page",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		for _, f := range in.files().list {
			if !f.isMarkdown() {
				continue
			}
			text := f.running()
			for start := f.body; start < len(text); {
				end := paragraphEnd(text, start)
				for _, i := range leftOver(text[start:end]) {
					report(f.at(start+i), diag.Text("这里的 %s 不能收尾，会原样显示或使别的字变粗", "this %s does not close what it should: it will be shown as it is, or other words will be bold", string(text[start+i])),
						diag.Text(`让星号紧贴文字、标点放在外面，如 “**红色**”文化；要显示星号就写 \*。`, `Keep the asterisks beside letters and the marks outside, as in “**红色**”文化; to show one write \*.`))
				}
				start = end
			}
		}
	},
}

// paragraphEnd is where the paragraph at start ends: after a blank line. Items
// of a list and rows of a table are paragraphs of their own.
func paragraphEnd(text []byte, start int) int {
	for i := start; i < len(text); {
		n := bytes.IndexByte(text[i:], '\n')
		if n < 0 {
			return len(text)
		}
		line, next := strings.TrimSpace(string(text[i:i+n])), i+n+1
		if line == "" || strings.HasPrefix(line, "#") || startsItem(text[next:]) {
			return next
		}
		i = next
	}
	return len(text)
}

func startsItem(line []byte) bool {
	line = bytes.TrimLeft(line, " \t")
	i := 0
	for i < len(line) && line[i] >= '0' && line[i] <= '9' {
		i++
	}
	if i > 0 {
		return i+1 < len(line) && (line[i] == '.' || line[i] == ')') && line[i+1] == ' '
	}
	return len(line) > 1 && (line[0] == '|' || strings.IndexByte("-+*#>", line[0]) >= 0 && line[1] == ' ')
}

// run is a delimiter run of CommonMark.
type run struct {
	char          byte
	at            int
	length        int // as written
	count         int // of what no partner has used
	opens, closes bool
}

// leftOver gives the places of the delimiters in a paragraph that could open or
// close and found no partner, or not the one that was meant.
func leftOver(text []byte) []int {
	var open []run        // that may still be closed
	var places []int      // of what is left
	like := map[run]int{} // how many open ones are alike
	kind := func(r run) run { return run{char: r.char, length: r.length} }
	drop := func(to int) {
		for _, r := range open[to:] {
			like[kind(r)]--
			if r.count > 0 {
				places = append(places, r.at)
			}
		}
		open = open[:to]
	}
	// How far down it is known that nothing matches such a run, so that a text
	// full of asterisks is not searched again for each of them.
	type likeness struct {
		char  byte
		opens bool
		third int
	}
	bottom := map[likeness]int{}
	for _, r := range runs(text) {
		search := likeness{r.char, r.opens, r.length % 3}
		for j := len(open) - 1; r.closes && j >= bottom[search] && r.count > 0; j-- {
			o := &open[j]
			// The rule of three keeps *a**b* from matching across.
			if o.char != r.char || (o.closes || r.opens) && (o.length+r.length)%3 == 0 && (o.length%3 != 0 || r.length%3 != 0) {
				continue
			}
			used := min(o.count, r.count)
			o.count -= used
			r.count -= used
			left := j + 1
			if o.count == 0 {
				left = j
			}
			drop(left)
			for k, n := range bottom {
				bottom[k] = min(n, left)
			}
			j = left
		}
		if r.closes && r.count > 0 {
			bottom[search] = len(open)
		}
		switch {
		case r.count == 0:
		case r.opens:
			if like[kind(r)] > 0 {
				places = append(places, r.at) // bold inside bold: this one was meant to close
			}
			like[kind(r)]++
			open = append(open, r)
		default:
			places = append(places, r.at)
		}
	}
	drop(0)
	slices.Sort(places)
	return slices.Compact(places)
}

// runs gives the delimiter runs that can open or close emphasis. One that can
// do neither, as in 2 * 3 or snake_case, is text and meant as text.
func runs(text []byte) []run {
	var found []run
	for i := 0; i < len(text); {
		c := text[i]
		if c != '*' && c != '_' {
			if c == '<' || c == '(' && i > 0 && text[i-1] == ']' {
				i = skipAddress(text, i)
			} else {
				i++
			}
			continue
		}
		n := runLength(text[i:], c)
		before, _ := utf8.DecodeLastRune(text[:i])
		after, _ := utf8.DecodeRune(text[i+n:])
		left := !space(after) && (!mark(after) || space(before) || mark(before))
		right := !space(before) && (!mark(before) || space(after) || mark(after))
		r := run{char: c, at: i, count: n, length: n, opens: left, closes: right}
		if c == '_' {
			r.opens, r.closes = left && (!right || mark(before)), right && (!left || mark(after))
		}
		if r.opens || r.closes {
			found = append(found, r)
		}
		i += n
	}
	return found
}

// skipAddress steps over an address in angle brackets or after a link's text.
func skipAddress(text []byte, i int) int {
	closing := byte('>')
	if text[i] == '(' {
		closing = ')'
	}
	if end := bytes.IndexByte(text[i:], closing); end > 0 && bytes.IndexByte(text[i:i+end], '\n') < 0 {
		return i + end + 1
	}
	return i + 1
}

// space and mark are CommonMark's whitespace and punctuation. The edge of the
// text decodes to RuneError and counts as space.
func space(r rune) bool { return r == utf8.RuneError || unicode.IsSpace(r) }

func mark(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }
