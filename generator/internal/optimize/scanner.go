package optimize

import (
	"bytes"

	xhtml "golang.org/x/net/html"
)

// A scanner cuts HTML into the tokens of golang.org/x/net/html. Text and tags, which a
// page is nearly all made of, it finds itself, since they have to be read to their
// attributes anyway; all else (comments, what scripts and style sheets end with, CDATA) it
// asks that tokenizer for.
type scanner struct {
	src        []byte
	start, end int         // of the token in hand
	raw        bool        // the token in hand is a tag behind which text without tags comes
	attrs      []attribute // of the tag in hand
}

// An attribute of the tag in hand. Its value is src[from:to], between the quotes
// if it has them; no value is an empty one.
type attribute struct {
	key      []byte // in lower case
	from, to int
	quoted   bool
}

// rawText has the elements whose text has no tags.
var rawText = set("iframe noembed noframes noscript plaintext script style textarea title xmp")

// next goes to the next token; the last one is an ErrorToken, from where the document
// ends or breaks off in a tag. Foreign says that it stands in a drawing or formula.
func (s *scanner) next(foreign bool) xhtml.TokenType {
	tag := s.start
	s.start = s.end
	if s.raw {
		z := xhtml.NewTokenizer(bytes.NewReader(s.src[tag:]))
		z.Next() // the tag again: it says where the text ends
		if s.raw = false; z.Next() == xhtml.TextToken {
			s.end += len(z.Raw())
			return xhtml.TextToken
		}
	}
	i := s.tagAt(s.start)
	switch {
	case i > s.start:
		s.end = i
		return xhtml.TextToken
	case i == len(s.src):
		return xhtml.ErrorToken
	case isLetter(s.src[i+1]):
		if !s.tag(i + 1) {
			return xhtml.ErrorToken
		}
		if last := len(s.attrs) - 1; s.src[s.end-2] == '/' && (last < 0 || s.attrs[last].to != s.end-1) {
			return xhtml.SelfClosingTagToken
		}
		return xhtml.StartTagToken
	case s.src[i+1] == '/' && i+2 < len(s.src) && isLetter(s.src[i+2]):
		if !s.tag(i + 2) {
			return xhtml.ErrorToken
		}
		return xhtml.EndTagToken
	}
	z := xhtml.NewTokenizer(bytes.NewReader(s.src[i:]))
	z.AllowCDATA(foreign)
	kind := z.Next()
	s.end += len(z.Raw())
	return kind
}

// tagAt is where the text that begins at i ends: before a tag or the like, or with the
// document.
func (s *scanner) tagAt(i int) int {
	for {
		n := bytes.IndexByte(s.src[i:], '<')
		if i += n; n < 0 || i+1 == len(s.src) {
			return len(s.src)
		}
		if c := s.src[i+1]; isLetter(c) || c == '/' || c == '!' || c == '?' {
			return i
		}
		i++
	}
}

// tag reads a tag from its name on, as
// https://html.spec.whatwg.org/#tag-name-state and the states after it say, and reports
// whether it ends.
func (s *scanner) tag(i int) bool {
	src := s.src
	s.attrs = s.attrs[:0]
	for i < len(src) && !isSpace(src[i]) && src[i] != '/' && src[i] != '>' {
		i++
	}
	skip := func() {
		for i < len(src) && isSpace(src[i]) {
			i++
		}
	}
	for {
		for i < len(src) && (isSpace(src[i]) || src[i] == '/') {
			i++
		}
		if i == len(src) {
			return false
		}
		if src[i] == '>' {
			s.end = i + 1
			return true
		}
		start := i
		for i++; i < len(src) && !isSpace(src[i]) && src[i] != '/' && src[i] != '=' && src[i] != '>'; {
			i++
		}
		a := attribute{key: lower(src[start:i])}
		if skip(); i < len(src) && src[i] == '=' {
			i++
			skip()
			a.from, a.to = i, i
			if i < len(src) && (src[i] == '"' || src[i] == '\'') {
				a.quoted = true
				a.from++
				n := bytes.IndexByte(src[a.from:], src[i])
				if n < 0 {
					return false
				}
				a.to = a.from + n
				i = a.to + 1
			} else {
				for i < len(src) && !isSpace(src[i]) && src[i] != '>' {
					i++
				}
				a.to = i
			}
		}
		s.attrs = append(s.attrs, a)
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
