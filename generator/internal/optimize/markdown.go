package optimize

import "regexp"

// rootRelative is the address of a link of Markdown, or of the definition of one, that
// begins at the root.
var rootRelative = regexp.MustCompile(`(?m)(?:\]\(|^\[[^\]\n]+\]: )(/[^()\s]*)`)

// markdown relinks a text. It is not minified: what it says is as short as it gets.
func markdown(_ *Optimizer, at *place, src []byte) ([]byte, error) {
	var out []byte
	last := 0
	for _, m := range rootRelative.FindAllSubmatchIndex(src, -1) {
		out = append(out, src[last:m[2]]...)
		relinked, ok := at.appendLink(out, src[m[2]:m[3]])
		if !ok {
			relinked = append(out, src[m[2]:m[3]]...)
		}
		out, last = relinked, m[3]
	}
	if last == 0 {
		return src, nil
	}
	return append(out, src[last:]...), nil
}
