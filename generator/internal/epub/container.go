package epub

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// folder is where the book's files stand in the zip.
const folder = "EPUB/"

const container = `<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="` + folder + packageName + `" media-type="application/oebps-package+xml"/></rootfiles></container>
`

// pack makes the zip (EPUB 3.3, 4.2): first the type, as it is and without anything
// that would move it, so that programs find it at byte 38.
func pack(day time.Time, files []file, kept Kept) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	p := press{kept: kept}
	add := func(name string, method uint16, data []byte) error {
		h := &zip.FileHeader{Name: name, Method: method, CRC32: crc(data), UncompressedSize64: uint64(len(data))}
		if method == zip.Deflate {
			h.SetMode(0o644)
			h.ReaderVersion = 20 // of programs that know the method
			var err error
			if data, err = p.deflated(data); err != nil {
				return err
			}
		}
		h.CompressedSize64 = uint64(len(data)) // sizes stand here, and not in a descriptor behind the file
		// The older of a zip's two times: it has no time zone and no field of its own.
		//lint:ignore SA1019 Modified adds the field that the first file of an EPUB must not have
		h.ModifiedDate = uint16(day.Day() + int(day.Month())<<5 + (day.Year()-1980)<<9)
		w, err := z.CreateRaw(h)
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	}
	err := add("mimetype", zip.Store, []byte("application/epub+zip"))
	if err == nil {
		err = add("META-INF/container.xml", zip.Deflate, []byte(container))
	}
	for _, f := range files {
		if err == nil {
			err = add(folder+f.name, zip.Deflate, f.data)
		}
	}
	if err == nil {
		err = z.Close()
	}
	return b.Bytes(), err
}

// Kept keeps what was compressed by the hash of what it was made of.
type Kept interface {
	Get(name string) (data []byte, ok bool)
	Put(name string, data []byte)
}

// level of compression: the best is 9, for twice the time and a hundredth of the bytes.
const level = 7

// press compresses files.
type press struct {
	kept Kept
	w    *flate.Writer // one for all files: making one costs a megabyte
}

// deflated is a file of the book compressed. Most files are those of the book before.
func (p *press) deflated(data []byte) ([]byte, error) {
	name := fmt.Sprintf("%x", sha256.Sum256(data))
	if p.kept != nil {
		if done, ok := p.kept.Get(name); ok {
			return done, nil
		}
	}
	var b bytes.Buffer
	var err error
	if p.w == nil {
		p.w, err = flate.NewWriter(&b, level)
	} else {
		p.w.Reset(&b)
	}
	if err == nil {
		_, err = p.w.Write(data)
		err = errors.Join(err, p.w.Close())
	}
	if err == nil && p.kept != nil {
		p.kept.Put(name, b.Bytes())
	}
	return b.Bytes(), err
}
