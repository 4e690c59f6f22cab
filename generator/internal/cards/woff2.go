package cards

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/andybalholm/brotli"
)

// A WOFF2 file holds the tables of an OpenType font, one after the other, compressed
// as one stream (https://www.w3.org/TR/WOFF2/). The tables of a font with CFF outlines,
// as ours is, stand there as they are; those with TrueType outlines would be rewritten,
// and such a font is refused.

var errWOFF2 = errors.New("not a WOFF2 file with CFF outlines")

// knownTags are the names that a table's entry gives by number, as far as fonts with
// CFF outlines have them; WOFF2, section 4.1.
var knownTags = []string{"cmap", "head", "hhea", "hmtx", "maxp", "name", "OS/2", "post", "cvt ", "fpgm", "glyf", "loca", "prep",
	"CFF ", "VORG", "EBDT", "EBLC", "gasp", "hdmx", "kern", "LTSH", "PCLT", "VDMX", "vhea", "vmtx", "BASE", "GDEF", "GPOS", "GSUB"}

// Is reports whether a file looks like a typeface that [Open] reads.
func Is(file []byte) bool { return len(file) > headSize && string(file[:8]) == "wOF2OTTO" }

// headSize is the length of what a file begins with, before the list of its tables.
const headSize = 48

// unpack gives the OpenType font in a WOFF2 file.
func unpack(file []byte) ([]byte, error) {
	if !Is(file) {
		return nil, errWOFF2
	}
	n, size := int(binary.BigEndian.Uint16(file[12:])), int(binary.BigEndian.Uint32(file[20:]))
	type table struct {
		tag    string
		length int
	}
	r := bytes.NewReader(file[headSize:])
	var tables []table
	for range n {
		flags, err := r.ReadByte()
		if err != nil {
			return nil, errWOFF2
		}
		var t table
		if i := int(flags & 63); i < len(knownTags) {
			t.tag = knownTags[i]
		} else if tag := make([]byte, 4); i == 63 {
			if _, err := io.ReadFull(r, tag); err != nil {
				return nil, errWOFF2
			}
			t.tag = string(tag)
		}
		for range 5 { // a number in groups of seven bits
			b, err := r.ReadByte()
			if err != nil {
				return nil, errWOFF2
			}
			t.length = t.length<<7 | int(b&127)
			if b < 128 {
				break
			}
		}
		if t.tag == "" || t.tag == "glyf" || t.tag == "loca" || flags>>6 != 0 {
			return nil, errWOFF2
		}
		tables = append(tables, t)
	}
	packed := file[len(file)-r.Len():]
	if size > len(packed) {
		return nil, errWOFF2
	}
	data, err := io.ReadAll(io.LimitReader(brotli.NewReader(bytes.NewReader(packed[:size])), 64<<20))
	if err != nil {
		return nil, err
	}
	font := binary.BigEndian.AppendUint16([]byte("OTTO"), uint16(n))
	font = append(font, make([]byte, 6)...) // what helps to search the list, which nobody does
	var body []byte
	for _, t := range tables {
		if t.length > len(data) {
			return nil, errWOFF2
		}
		font = append(font, t.tag...)
		for _, v := range []int{0, 12 + 16*n + len(body), t.length} { // checksum, offset, length
			font = binary.BigEndian.AppendUint32(font, uint32(v))
		}
		body = append(body, data[:t.length]...)
		body = append(body, make([]byte, -len(body)&3)...) // each begins at a multiple of four
		data = data[t.length:]
	}
	return append(font, body...), nil
}
