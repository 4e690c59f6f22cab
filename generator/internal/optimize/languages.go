package optimize

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/html"
	"github.com/tdewolff/minify/v2/js"
	"github.com/tdewolff/minify/v2/svg"
	minifyxml "github.com/tdewolff/minify/v2/xml"
	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/buffer"
	parsejs "github.com/tdewolff/parse/v2/js"
)

const (
	mediaCSS  = "text/css"
	mediaHTML = "text/html"
	mediaJS   = "text/javascript"
	mediaSVG  = "image/svg+xml"
	mediaXML  = "text/xml"
)

// newMinifier sets up tdewolff's minifiers. Where a setting trades meaning or
// old browsers for bytes, we keep the meaning; after compression little is lost.
func newMinifier() *minify.M {
	m := minify.New()
	m.Add(mediaCSS, &css.Minifier{})
	m.Add(mediaSVG, &svg.Minifier{KeepNamespaces: []string{"xml"}}) // xml:lang
	m.Add(mediaXML, &minifyxml.Minifier{KeepWhitespace: true})
	m.Add(mediaJS, &js.Minifier{
		Version: 5, // no newer syntax than the author chose, such as ?? for old phones
	})

	// What is embedded in HTML has been treated when the HTML is, except for the
	// declarations in style attributes.
	embedded := minify.New()
	embedded.AddFunc(mediaCSS, func(m *minify.M, w io.Writer, r io.Reader, params map[string]string) error {
		if params["inline"] == "" {
			_, err := io.Copy(w, r)
			return err
		}
		return css.Minify(m, w, r, params)
	})
	page := &html.Minifier{
		KeepDefaultAttrVals: true, // style sheets select by them: [type=text]
		KeepDocumentTags:    true,
		KeepEndTags:         true,
		KeepQuotes:          true,
		KeepWhitespace:      true, // style sheets can set blocks in a line, and people copy text
	}
	m.AddFunc(mediaHTML, func(_ *minify.M, w io.Writer, r io.Reader, params map[string]string) error {
		return page.Minify(embedded, w, r, params)
	})
	return m
}

// minify runs one of the minifiers if the tree is to be minified, and returns
// src otherwise.
func (o *Optimizer) minify(media string, params map[string]string, src []byte) ([]byte, error) {
	if !o.opts.Minify {
		return src, nil
	}
	// The minifiers write to what they read. The spare byte is the room that
	// their lexer wants for a sentinel; without it, it would copy once more.
	in := append(make([]byte, 0, len(src)+1), src...)
	out := buffer.NewWriter(make([]byte, 0, len(src)))
	if err := o.minifier.MinifyMimetype([]byte(media), out, buffer.NewReader(in), params); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// script is a file of JavaScript.
func script(o *Optimizer, _ *place, src []byte) ([]byte, error) {
	return o.javaScript(src, nil)
}

// inlineScript is JavaScript inside HTML, where no string may come out as
// "</script>". (tdewolff sees to that itself, but not in <script type=module>.)
// The same few stand in every page, and are minified once.
func inlineScript(o *Optimizer, _ *place, src []byte) ([]byte, error) {
	if out, has := o.inline.Load(string(src)); has {
		return out.([]byte), nil
	}
	out, err := o.javaScript(src, map[string]string{"escape-html": "1"})
	if err == nil && o.inlines.Add(1) <= mostInline {
		o.inline.Store(string(src), bytes.Clone(out))
	}
	return out, err
}

// mostInline is how many inline scripts are remembered.
const mostInline = 32

func (o *Optimizer) javaScript(src []byte, params map[string]string) ([]byte, error) {
	out, err := o.minify(mediaJS, params, src)
	if !o.opts.Minify {
		_, err = parsejs.Parse(parse.NewInputBytes(bytes.Clone(src)), parsejs.Options{})
	}
	if e, ok := errors.AsType[*parse.Error](err); ok {
		return nil, faultf(offsetOf(src, e.Line, e.Column), "JavaScript: %s", e.Message)
	}
	return out, err
}

// offsetOf is the inverse of [parse.Position].
func offsetOf(src []byte, line, col int) int {
	return sort.Search(len(src), func(i int) bool {
		l, c, _ := parse.Position(bytes.NewReader(src), i)
		return l > line || l == line && c >= col
	})
}

// jsonText is JSON. It goes through the standard library: tdewolff lets a
// trailing comma and a line break in a string pass, and writes 1000000 as 1e6.
func jsonText(o *Optimizer, _ *place, src []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(src))
	if json.Compact(&out, src) != nil {
		// Compact counts no bytes; Unmarshal does, up to and with the wrong one.
		err := json.Unmarshal(src, new(json.RawMessage))
		offset := 0
		if e, ok := errors.AsType[*json.SyntaxError](err); ok {
			offset = max(int(e.Offset)-1, 0)
		}
		return nil, faultf(offset, "JSON: %w", err)
	}
	if !o.opts.Minify {
		return src, nil
	}
	return out.Bytes(), nil
}

// xmlText is XML of any vocabulary, such as a sitemap or a feed.
func xmlText(o *Optimizer, _ *place, src []byte) ([]byte, error) {
	if err := wellFormed(src); err != nil {
		return nil, err
	}
	return o.minifyXML(src)
}

// minifyXML takes one character of white space to mean as much as many, which a
// document can forbid and HTML inside it does forbid; then nothing is changed.
func (o *Optimizer) minifyXML(src []byte) ([]byte, error) {
	for _, mark := range []string{"xml:space", "<pre", "&lt;pre", ":pre"} {
		if bytes.Contains(src, []byte(mark)) {
			return src, nil
		}
	}
	return o.minify(mediaXML, nil, src)
}

// drawing is a file of SVG.
func drawing(o *Optimizer, at *place, src []byte) ([]byte, error) {
	if err := wellFormed(src); err != nil {
		return nil, err
	}
	out, err := relink(o, at, nil, src, true)
	if err != nil {
		return nil, err
	}
	return o.minifySVG(out, nil)
}

// minifySVG minifies an <svg> element. tdewolff's SVG minifier joins words of
// neighbouring text runs and drops metadata, where a licence may stand, so such
// drawings are minified as plain XML.
func (o *Optimizer) minifySVG(src []byte, params map[string]string) ([]byte, error) {
	for _, mark := range []string{"<text", "<foreignObject", "<metadata", "xml:space", ":text"} {
		if bytes.Contains(src, []byte(mark)) {
			return o.minifyXML(src)
		}
	}
	return o.minify(mediaSVG, params, src)
}

// wellFormed reads XML to its end and reports what a browser would stop at. The
// minifier's lexer closes what was left open and wants no root; encoding/xml
// itself does not mind several roots, repeated attributes or unknown prefixes.
func wellFormed(src []byte) error {
	body := bytes.TrimPrefix(src, []byte("\ufeff"))
	d := xml.NewDecoder(bytes.NewReader(body))
	fault := func(offset int64, format string, args ...any) error {
		return within(len(src)-len(body), faultf(int(offset), "XML: "+format, args...))
	}
	depth, roots := 0, 0
	for {
		start := d.InputOffset()
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if e, ok := errors.AsType[*xml.SyntaxError](err); ok {
			return fault(d.InputOffset(), "%s", e.Msg)
		} else if err != nil {
			return fault(d.InputOffset(), "%w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if roots > 1 {
				return fault(start, "a second element <%s> after the document's own", t.Name.Local)
			}
			depth++
			names := []xml.Name{t.Name}
			for _, a := range t.Attr {
				names = append(names, a.Name)
			}
			for i, n := range names {
				if i > 0 && slices.Contains(names[1:i], n) {
					return fault(start, "attribute %s twice in <%s>", n.Local, t.Name.Local)
				}
				// A declared prefix has been replaced by its namespace, a URI.
				if n.Space != "" && n.Space != "xmlns" && !strings.Contains(n.Space, ":") {
					return fault(start, "prefix of %s:%s is not declared", n.Space, n.Local)
				}
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				return fault(start, "text outside the document's element")
			}
		}
	}
	if roots == 0 {
		return fault(d.InputOffset(), "no element")
	}
	return nil
}
