package optimize

import "regexp"

// rootRelative is the address of a link of Markdown, or of the definition of one, that
// begins at the root.
var rootRelative = regexp.MustCompile(`(?m)(?:\]\(|^\[[^\]\n]+\]: )(/[^()\s]*)`)

// led is the address of a link, wherever it leads.
var led = regexp.MustCompile(`(?m)(?:\]\(|^\[[^\]\n]+\]: )([^()\s<]+)`)

// markdown relinks a text. It is not minified: what it says is as short as it gets.
func markdown(_ *Optimizer, at *place, src []byte) ([]byte, error) {
	return relinked(at, src, rootRelative), nil
}

func unpackMarkdown(at *place, src []byte) []byte { return relinked(at, src, led) }

func relinked(at *place, src []byte, links *regexp.Regexp) []byte {
	var out []byte
	last := 0
	for _, m := range links.FindAllSubmatchIndex(src, -1) {
		out = append(out, src[last:m[2]]...)
		to, ok := at.appendLink(out, src[m[2]:m[3]])
		if !ok {
			to = append(out, src[m[2]:m[3]]...)
		}
		out, last = to, m[3]
	}
	if last == 0 {
		return src
	}
	return append(out, src[last:]...)
}
