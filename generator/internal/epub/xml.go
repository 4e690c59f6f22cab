package epub

import (
	"bytes"
	"encoding/xml"
	"hash/crc32"
	"strings"
)

func crc(data []byte) uint32 { return crc32.ChecksumIEEE(data) }

// markup is XML that is being written.
type markup struct{ bytes.Buffer }

// open writes a start tag; attributes are pairs, and one without a value is left out.
func (m *markup) open(name string, attr ...string) {
	m.WriteString("<" + name)
	for i := 0; i < len(attr); i += 2 {
		if attr[i+1] != "" {
			m.WriteString(" " + attr[i] + `="` + escape(attr[i+1]) + `"`)
		}
	}
	m.WriteByte('>')
}

func (m *markup) end(names ...string) {
	for _, name := range names {
		m.WriteString("</" + name + ">\n")
	}
}

// empty writes an element without content.
func (m *markup) empty(name string, attr ...string) {
	m.open(name, attr...)
	m.Truncate(m.Len() - 1)
	m.WriteString("/>\n")
}

// text writes an element with a text; none of an empty one.
func (m *markup) text(name, text string, attr ...string) {
	if text == "" {
		return
	}
	m.open(name, attr...)
	m.WriteString(escape(text) + "</" + name + ">\n")
}

func escape(s string) string {
	if !strings.ContainsAny(s, "<>&\"'\t\n\r") {
		return s
	}
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}
