package optimize

import (
	"bytes"
	"html"
	"slices"
	"strings"
	"sync"

	"github.com/tdewolff/parse/v2/buffer"
	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A reader of an attribute's value appends what becomes of it to dst and reports
// whether it becomes anything. The value is as it is written, escapes and all.
type reader func(at *place, dst, value []byte) ([]byte, bool)

// links says which attributes hold URLs, and how. "data" and "content" do so on
// one element only.
var links = map[string]struct {
	read reader
	on   string
}{
	"action":     {read: (*place).appendURL},
	"cite":       {read: (*place).appendURL},
	"content":    {read: (*place).appendRefresh, on: "meta"},
	"data":       {read: (*place).appendURL, on: "object"},
	"formaction": {read: (*place).appendURL},
	"href":       {read: (*place).appendURL},
	"poster":     {read: (*place).appendURL},
	"src":        {read: (*place).appendURL},
	"srcset":     {read: (*place).appendCandidates},
	"xlink:href": {read: (*place).appendURL},
}

// appendURL reads one URL, with white space around it.
func (p *place) appendURL(dst, value []byte) ([]byte, bool) {
	return p.appendLink(dst, bytes.Trim(value, " \t\n\r\f"))
}

// appendCandidates reads srcset: URLs, each with a descriptor after it, between
// commas.
func (p *place) appendCandidates(dst, value []byte) ([]byte, bool) {
	changed := false
	for i := 0; i < len(value); {
		from := i
		for i < len(value) && (isSpace(value[i]) || value[i] == ',') {
			i++
		}
		dst = append(dst, value[from:i]...)
		from = i
		for i < len(value) && !isSpace(value[i]) {
			i++
		}
		url := bytes.TrimRight(value[from:i], ",")
		i = from + len(url)
		link, ok := p.appendLink(dst, url)
		if changed = changed || ok; ok {
			dst = link
		} else {
			dst = append(dst, url...)
		}
		from = i
		for depth := 0; i < len(value) && (value[i] != ',' || depth > 0); i++ {
			switch value[i] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		dst = append(dst, value[from:i]...)
	}
	return dst, changed
}

// appendRefresh reads the content of <meta http-equiv=refresh>: "0; url=/zh/".
func (p *place) appendRefresh(dst, value []byte) ([]byte, bool) {
	i := bytes.IndexAny(value, ";,") + 1
	if i == 0 {
		return dst, false
	}
	skip := func() {
		for i < len(value) && isSpace(value[i]) {
			i++
		}
	}
	skip()
	if before := i; len(value) >= i+3 && bytes.EqualFold(value[i:i+3], []byte("url")) {
		i += 3
		if skip(); i < len(value) && value[i] == '=' {
			i++
			skip()
		} else {
			i = before
		}
	}
	end := len(value)
	if i < end && (value[i] == '"' || value[i] == '\'') {
		i++
		if n := bytes.IndexByte(value[i:], value[i-1]); n >= 0 {
			end = i + n
		}
	}
	link, ok := p.appendURL(append(dst, value[:i]...), value[i:end])
	if !ok {
		return dst, false
	}
	return append(link, value[end:]...), true
}

// page is a file of HTML. What it returns is never src, which may be overwritten then.
func page(o *Optimizer, at *place, src []byte) ([]byte, error) {
	if !o.opts.Minify {
		return relink(o, at, nil, src, false)
	}
	d := desks.Get().(*desk)
	defer desks.Put(d)
	linked, err := relink(o, at, d.linked[:0], src, false)
	if err != nil {
		return nil, err
	}
	d.linked = append(linked, 0)[:len(linked)] // room for the sentinel of the minifiers' lexer
	small := buffer.NewWriter(d.small[:0])
	if err := o.minifier.MinifyMimetype([]byte(mediaHTML), small, buffer.NewReader(d.linked), nil); err != nil {
		return nil, err
	}
	d.small = small.Bytes()
	return bytes.Clone(d.small), nil
}

// A desk is where a page is worked on. One page after another has it, so that fresh
// memory is only what the finished page takes.
type desk struct{ linked, small []byte }

var desks = sync.Pool{New: func() any { return new(desk) }}

// unpackPage relinks a finished page for a disk. What stands between its tags was
// treated when it was made.
func unpackPage(o *Optimizer, at *place, src []byte) ([]byte, error) {
	m := &markup{Optimizer: o, at: at, scanner: scanner{src: src}, out: make([]byte, 0, len(src)+len(src)/8)}
	for {
		switch kind := m.next(false); kind {
		case xhtml.ErrorToken:
			m.copyTo(len(src))
			return m.out, nil
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			name := tagName(src[m.start+1 : m.end])
			if err := m.startTag(name, m.start); err != nil {
				return nil, err
			}
			m.raw = rawText[name] && name != "noscript" // its links are for readers without script
		}
	}
}

// A markup is a document on its way from src to out.
type markup struct {
	*Optimizer
	at *place
	scanner

	out     []byte
	copied  int // out is what became of src[:copied]
	scratch []byte
}

// copyTo copies what lies before src[to], and returns where out has got to.
func (m *markup) copyTo(to int) int {
	m.out = append(m.out, m.src[m.copied:to]...)
	m.copied = to
	return len(m.out)
}

// replace puts text in the place of src[from:to].
func (m *markup) replace(from, to int, text []byte) {
	m.copyTo(from)
	m.out = append(m.out, text...)
	m.copied = to
}

// An element is an open one in a drawing or formula, or the <svg> or <math>.
type element struct {
	name  string
	start int
	html  bool // its content is HTML again
}

// integrates lists the elements of drawings and formulas whose content is HTML.
var integrates = set("desc foreignobject title mi mn mo ms mtext")

// leavesForeign lists the tags that have an HTML parser take a drawing or
// formula for ended (https://html.spec.whatwg.org/#parsing-main-inforeign).
var leavesForeign = set("b big blockquote body br center code dd div dl dt em " +
	"embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby " +
	"s small span strong strike sub sup table tt u ul var")

func set(names string) map[string]bool {
	s := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		s[name] = true
	}
	return s
}

// relink appends to dst a document of HTML, or a drawing in an SVG file, with its links
// made relative and the style sheets, scripts and drawings inside HTML treated. All else
// stays byte for byte.
//
// It comes before the minifier and not after, although minified text is shorter
// to read: what is found broken is then where the author wrote it.
//
// In HTML the drawing's text is parsed by other rules than the page's, and the
// tokenizer wants to be told, so elements are tracked from <svg> or <math> on.
func relink(o *Optimizer, at *place, dst, src []byte, isSVG bool) ([]byte, error) {
	m := &markup{Optimizer: o, at: at, scanner: scanner{src: src}, out: slices.Grow(dst, len(src)+len(src)/8)}
	var (
		open  []element // from <svg> or <math> inwards
		treat treatment // of the text that comes next
		drawn = 0       // where the drawing begins in out
	)
	for {
		foreign := isSVG || len(open) > 0 && !open[len(open)-1].html
		kind := m.next(foreign)
		if kind == xhtml.ErrorToken {
			break
		}
		start, offset := m.start, m.end

		switch kind {
		case xhtml.TextToken:
			if treat == nil {
				continue
			}
			text := src[start:offset]
			if foreign {
				// Only here can the text of a style sheet be escaped. It is as
				// good as never, except for the wrapper that makes it needless.
				if cdata, ok := bytes.CutPrefix(text, []byte("<![CDATA[")); ok {
					start += len("<![CDATA[")
					text = bytes.TrimSuffix(cdata, []byte("]]>"))
				} else if bytes.IndexByte(text, '&') >= 0 {
					continue
				}
			}
			treated, err := treat(o, at, text)
			if err != nil {
				return nil, within(start, err)
			}
			m.replace(start, start+len(text), treated)
			if !foreign {
				treat = nil
			}

		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			name := tagName(src[start+1 : offset])
			if name == "svg" && len(open) == 0 {
				drawn = m.copyTo(start)
			}
			if err := m.startTag(name, start); err != nil {
				return nil, err
			}
			m.raw = rawText[name] && !foreign && name != "noscript" // its links are for readers without script
			treat = nil
			switch name {
			case "script":
				if !foreign {
					treat = byScriptType[m.attribute("type")]
				}
			case "style":
				if t := m.attribute("type"); t == "" || t == mediaCSS {
					treat = styleSheet
					if foreign {
						treat = foreignStyle
					}
				}
			}
			if isSVG {
				continue
			}
			if foreign {
				if leavesForeign[name] || name == "font" && (m.has("color") || m.has("face") || m.has("size")) {
					return nil, faultf(start, "HTML: <%s> stands in a drawing or formula, and ends it", name)
				}
			}
			if kind == xhtml.SelfClosingTagToken && (foreign || name == "svg" || name == "math") {
				continue
			}
			switch {
			case foreign:
				open = append(open, element{name, start, integrates[name]})
			case name == "svg" || name == "math":
				open = append(open, element{name: name, start: start})
			}

		case xhtml.EndTagToken:
			treat = nil
			if len(open) == 0 {
				continue
			}
			name := tagName(src[start+2 : offset])
			last := open[len(open)-1]
			if name != last.name {
				if last.html {
					continue // HTML, where end tags may be missing
				}
				return nil, faultf(start, "HTML: </%s> where <%s> is open", name, last.name)
			}
			if open = open[:len(open)-1]; len(open) > 0 || name != "svg" {
				continue
			}
			m.copyTo(offset)
			small, err := o.minifySVG(m.out[drawn:], map[string]string{"inline": "1"})
			if err != nil {
				return nil, &fault{last.start, err}
			}
			m.out = append(m.out[:drawn], small...)
		}
	}
	if len(open) > 0 {
		last := open[len(open)-1]
		return nil, faultf(last.start, "HTML: <%s> is not closed", last.name)
	}
	m.copyTo(len(src))
	return m.out, nil
}

// foreignStyle is the content of a <style> in a drawing, which is minified with
// the drawing.
func foreignStyle(_ *Optimizer, at *place, src []byte) ([]byte, error) {
	return relinkCSS(at, src, false)
}

// tagName reads the name that a tag begins with, in lower case.
func tagName(tag []byte) string {
	end := bytes.IndexAny(tag, " \t\n\r\f/>")
	if end < 0 {
		end = len(tag)
	}
	return atom.String(lower(tag[:end]))
}

// lower lowers A to Z and nothing else, as HTML does with names.
func lower(name []byte) []byte {
	upper := func(r rune) bool { return 'A' <= r && r <= 'Z' }
	if bytes.IndexFunc(name, upper) < 0 {
		return name
	}
	name = bytes.Clone(name)
	for i, c := range name {
		if upper(rune(c)) {
			name[i] += 'a' - 'A'
		}
	}
	return name
}

// has reports whether the tag in hand has an attribute.
func (m *markup) has(key string) bool {
	return slices.ContainsFunc(m.attrs, func(a attribute) bool { return string(a.key) == key })
}

// attribute returns the value of an attribute that is a keyword.
func (m *markup) attribute(key string) string {
	for _, a := range m.attrs {
		if string(a.key) == key {
			value := html.UnescapeString(string(m.src[a.from:a.to]))
			return strings.ToLower(strings.TrimSpace(value))
		}
	}
	return ""
}

// startTag relinks the attributes of the tag in hand, which begins at start.
func (m *markup) startTag(name string, start int) error {
	if name == "base" && m.has("href") {
		return faultf(start, "HTML: <base href> would change what relative links mean")
	}
	for _, a := range m.attrs {
		value := m.src[a.from:a.to]
		if string(a.key) == "style" {
			if err := m.styleAttribute(a); err != nil {
				return err
			}
			continue
		}
		link, ok := links[string(a.key)]
		if !ok || bytes.IndexByte(value, '/') < 0 || link.on != "" && link.on != name {
			continue
		}
		if name == "meta" && string(a.key) == "content" && m.attribute("http-equiv") != "refresh" {
			continue
		}
		m.scratch, ok = link.read(m.at, m.scratch[:0], value)
		if ok {
			m.replace(a.from, a.to, m.scratch)
		}
	}
	return nil
}

// styleAttribute relinks the declarations in a style attribute.
func (m *markup) styleAttribute(a attribute) error {
	value := m.src[a.from:a.to]
	plain := value
	if bytes.IndexByte(value, '&') >= 0 {
		plain = []byte(html.UnescapeString(string(value)))
	}
	linked, err := relinkCSS(m.at, plain, true)
	if err != nil {
		if len(plain) != len(value) {
			return &fault{a.from, err}
		}
		return within(a.from, err)
	}
	if bytes.Equal(linked, plain) {
		return nil
	}
	if len(plain) != len(value) {
		if !a.quoted {
			return nil
		}
		linked = []byte(html.EscapeString(string(linked)))
	}
	m.replace(a.from, a.to, linked)
	return nil
}
