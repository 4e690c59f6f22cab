package word

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
)

// Limits of an XML part beyond its size: encoding/xml keeps one token and the names
// of the open elements in memory.
const (
	maxToken = 4 << 20
	maxDepth = 256
)

// element is a start tag as read.
type element struct {
	xml.Name
	attr []xml.Attr
}

// get returns an attribute by its name, in whatever namespace: Word writes w:val,
// relationships plain Type.
func (e element) get(name string) string {
	for _, a := range e.attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// on reports whether a switch such as <w:b/> is set (ECMA-376, Part 1, 17.17.4).
func (e element) on() bool {
	switch e.get("val") {
	case "0", "false", "off", "none":
		return false
	}
	return true
}

// Namespaces of the text, in the transitional form that everybody writes and in the
// strict one.
const (
	transitional = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	strict       = "http://purl.oclc.org/ooxml/wordprocessingml/main"
	compatible   = "http://schemas.openxmlformats.org/markup-compatibility/2006"
	mathOld      = "http://schemas.openxmlformats.org/officeDocument/2006/math"
	mathStrict   = "http://purl.oclc.org/ooxml/officeDocument/math"
)

// word is the element's name if it is WordprocessingML; mc:… for a choice between two
// ways to say the same, m:… for a formula, and "" for anything else.
func (e element) word() string {
	switch e.Space {
	case transitional, strict:
		return e.Local
	case compatible:
		return "mc:" + e.Local
	case mathOld, mathStrict:
		return "m:" + e.Local
	}
	return ""
}

// decoder reads XML element by element.
type decoder struct {
	*xml.Decoder
	meter *meter
	depth int
}

// meter feeds the decoder and fails when one token takes too much.
type meter struct {
	*bytes.Reader
	left int
}

func (m *meter) ReadByte() (byte, error) {
	if m.left--; m.left < 0 {
		return 0, errLimit
	}
	return m.Reader.ReadByte()
}

// parse gives the outermost element to root, which reads it to its end. A document
// type is refused: none is ours, and encoding/xml would not expand its entities.
func parse(src []byte, root func(*decoder, element) error) error {
	d := &decoder{meter: &meter{Reader: bytes.NewReader(bytes.TrimPrefix(src, []byte("\ufeff")))}}
	d.Decoder = xml.NewDecoder(d.meter)
	for {
		tok, err := d.next()
		if err == io.EOF {
			return errKind
		}
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.Directive:
			return errors.New("a document type declaration")
		case xml.StartElement:
			return root(d, element{tok.Name, tok.Attr})
		}
	}
}

func (d *decoder) next() (xml.Token, error) {
	d.meter.left = maxToken
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok.(type) {
	case xml.StartElement:
		if d.depth++; d.depth > maxDepth {
			return nil, errLimit
		}
	case xml.EndElement:
		d.depth--
	}
	return tok, nil
}

// each reads the content of the element whose start tag was just read, up to its end
// tag. Each child goes to child, which must read it to its end; text goes to chars,
// unless that is nil.
func (d *decoder) each(child func(element) error, chars func(string)) error {
	for {
		tok, err := d.next()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if err := child(element{tok.Name, tok.Attr}); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		case xml.CharData:
			if chars != nil {
				chars(string(tok))
			}
		}
	}
}

// skip reads an element to its end without looking.
func (d *decoder) skip(element) error { return d.each(d.skip, nil) }
