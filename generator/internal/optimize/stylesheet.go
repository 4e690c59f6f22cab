package optimize

import (
	"bytes"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// styleSheet is a file of CSS or the content of a <style>.
func styleSheet(o *Optimizer, at *place, src []byte) ([]byte, error) {
	out, err := relinkCSS(at, src, false)
	if err != nil {
		return nil, err
	}
	return o.minify(mediaCSS, nil, out)
}

// takesURLs lists the functions and rules in which a string is a URL, as it is
// in url().
var takesURLs = map[string]bool{
	"@import":            true,
	"image-set(":         true,
	"-webkit-image-set(": true,
	"src(":               true,
}

// A block is something open in a style sheet: the sheet itself, a {block}, or
// what is in (parentheses) or [brackets].
type block struct {
	closer   css.TokenType
	start    int
	function []byte // such as "image-set("

	// rules says that it is a list of rules and declarations, as braces are
	// except in the value of a custom property.
	rules bool

	// What has been read of the present rule or declaration.
	words  int // tokens, white space and comments apart
	kind   css.TokenType
	word   []byte // the first of them, of that kind
	begins int
	colon  bool
}

// relinkCSS relinks a style sheet, or the value of a style attribute (inline),
// and finds what CSS has browsers skip in silence: blocks and strings that do
// not end, a stray brace, a declaration without its colon. It reads tokens
// alone, so that it has no opinion on rules newer than itself.
func relinkCSS(at *place, src []byte, inline bool) ([]byte, error) {
	var out []byte // src[:copied], relinked
	copied, offset := 0, 0
	open := []block{{rules: inline}}
	lexer := css.NewLexer(parse.NewInputBytes(bytes.Clone(src)))
	for {
		kind, data := lexer.Next()
		if kind == css.ErrorToken {
			break
		}
		start := offset
		offset += len(data)
		b := &open[len(open)-1]

		switch kind {
		case css.WhitespaceToken, css.CDOToken, css.CDCToken:
			continue
		case css.CommentToken:
			if len(data) < 4 || !bytes.HasSuffix(data, []byte("*/")) {
				return nil, faultf(start, "CSS: comment without its end")
			}
			continue
		case css.RightBraceToken, css.RightParenthesisToken, css.RightBracketToken:
			if len(open) == 1 || kind != b.closer {
				return nil, faultf(start, "CSS: %q closes nothing here", data)
			}
			ended := b.rules
			if err := b.end(); err != nil {
				return nil, err
			}
			open = open[:len(open)-1]
			if ended {
				open[len(open)-1].words = 0
			}
			continue
		case css.SemicolonToken:
			if err := b.end(); err != nil {
				return nil, err
			}
			if len(open) == 1 && !inline {
				if err := b.endRule(); err != nil {
					return nil, err
				}
			}
			continue
		case css.BadStringToken:
			return nil, faultf(start, "CSS: string without its closing quote")
		case css.BadURLToken:
			return nil, faultf(start, "CSS: broken url()")
		case css.StringToken:
			if _, _, ok := urlIn(data); !ok {
				return nil, faultf(start, "CSS: string without its closing quote")
			}
		case css.URLToken:
			if _, _, ok := urlIn(data); !ok {
				return nil, faultf(start, "CSS: broken url()")
			}
		}

		if kind == css.URLToken || kind == css.StringToken && takesURLs[b.context()] {
			from, to, _ := urlIn(data)
			if link, ok := at.appendLink(nil, data[from:to]); ok {
				out = append(append(out, src[copied:start+from]...), link...)
				copied = start + to
			}
		}

		if b.words++; b.words == 1 {
			b.kind, b.word, b.begins, b.colon = kind, data, start, false
		}
		switch kind {
		case css.ColonToken:
			b.colon = true
		case css.FunctionToken:
			open = append(open, block{closer: css.RightParenthesisToken, start: start, function: data})
		case css.LeftParenthesisToken:
			open = append(open, block{closer: css.RightParenthesisToken, start: start})
		case css.LeftBracketToken:
			open = append(open, block{closer: css.RightBracketToken, start: start})
		case css.LeftBraceToken:
			value := b.kind == css.CustomPropertyNameToken && b.colon
			open = append(open, block{
				closer: css.RightBraceToken,
				start:  start,
				rules:  !value && (b.rules || len(open) == 1),
			})
		}
	}

	b := &open[len(open)-1]
	if len(open) > 1 {
		return nil, faultf(b.start, "CSS: nothing closes what opens here")
	}
	if err := b.end(); err != nil {
		return nil, err
	}
	if !inline {
		if err := b.endRule(); err != nil {
			return nil, err
		}
	}
	if copied == 0 {
		return src, nil
	}
	return append(out, src[copied:]...), nil
}

// end is where a declaration ends, if b has such.
func (b *block) end() error {
	if !b.rules {
		return nil
	}
	if b.words > 0 && !b.colon && b.kind != css.AtKeywordToken {
		return faultf(b.begins, "CSS: declaration without a colon")
	}
	b.words = 0
	return nil
}

// endRule is where a rule of the sheet itself ends without a block, as only at
// rules do.
func (b *block) endRule() error {
	if b.words > 0 && b.kind != css.AtKeywordToken {
		return faultf(b.begins, "CSS: rule without a block")
	}
	b.words = 0
	return nil
}

// context names the function or rule whose words are being read.
func (b *block) context() string {
	name := b.function
	if name == nil && b.words == 1 && b.kind == css.AtKeywordToken {
		name = b.word
	}
	return strings.ToLower(string(name))
}

// urlIn finds the URL in url(x), url( "x" ) or "x", and reports whether the token
// is whole: at the end of a sheet the lexer returns what there is.
func urlIn(token []byte) (from, to int, ok bool) {
	to = len(token)
	if c := token[0]; c != '"' && c != '\'' {
		if token[to-1] != ')' {
			return 0, 0, false
		}
		from, to = bytes.IndexByte(token, '(')+1, to-1
		for from < to && isSpace(token[from]) {
			from++
		}
		for from < to && isSpace(token[to-1]) {
			to--
		}
	}
	if from < to && (token[from] == '"' || token[from] == '\'') {
		if to-from < 2 || token[to-1] != token[from] {
			return 0, 0, false
		}
		from, to = from+1, to-1
	}
	return from, to, true
}

// isSpace reports whether c is white space to HTML and CSS.
func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'
}
