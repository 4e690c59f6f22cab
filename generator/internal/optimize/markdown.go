package optimize

import "bytes"

// markdown relinks a text. It is not minified: what it says is as short as it gets.
func markdown(_ *Optimizer, at *place, src []byte) ([]byte, error) {
	return relinked(at, src, func(url []byte) int {
		if url[0] != '/' {
			return 0
		}
		return until(url, "() \t\n\f\r")
	}), nil
}

func unpackMarkdown(at *place, src []byte) []byte {
	return relinked(at, src, func(url []byte) int { return until(url, "()< \t\n\f\r") })
}

// until is how many bytes come before any of these.
func until(text []byte, any string) int {
	if i := bytes.IndexAny(text, any); i >= 0 {
		return i
	}
	return len(text)
}

// relinked relinks the address of each link, which stands behind "](", and of each
// definition of one, which stands at the beginning of a line: "[label]: ". Length is how
// long the address is that a text begins with, 0 for none to relink.
func relinked(at *place, src []byte, length func([]byte) int) []byte {
	var out []byte
	copied, line := 0, 0 // src[:copied] is in out; where the line begins
	for i := 0; ; {
		n := bytes.IndexByte(src[i:], ']')
		if n < 0 {
			break
		}
		if last := bytes.LastIndexByte(src[i:i+n], '\n'); last >= 0 {
			line = i + last + 1
		}
		label := src[line : i+n]
		i += n + 1
		switch rest := src[i:]; {
		case bytes.HasPrefix(rest, []byte("(")):
			i++
		case bytes.HasPrefix(rest, []byte(": ")) && len(label) > 1 && label[0] == '[' && bytes.IndexByte(label, ']') < 0:
			i += 2
		default:
			continue
		}
		if i == len(src) {
			break
		}
		if n = length(src[i:]); n == 0 {
			continue
		}
		out = append(out, src[copied:i]...)
		to, ok := at.appendLink(out, src[i:i+n])
		if !ok {
			to = append(out, src[i:i+n]...)
		}
		i += n
		out, copied = to, i
	}
	if copied == 0 {
		return src
	}
	return append(out, src[copied:]...)
}
