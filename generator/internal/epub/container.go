package epub

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"time"
)

// folder is where the book's files stand in the zip.
const folder = "EPUB/"

const container = `<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="` + folder + packageName + `" media-type="application/oebps-package+xml"/></rootfiles></container>
`

// pack makes the zip (EPUB 3.3, 4.2): first the type, as it is and without anything
// that would move it, so that programs find it at byte 38.
func pack(day time.Time, files []file) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	// One for all files, which come one after another: making one costs a megabyte. The
	// best level is 9, for twice the time and a hundredth of the bytes.
	deflate, err := flate.NewWriter(nil, 7)
	if err != nil {
		return nil, err
	}
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		deflate.Reset(w)
		return deflate, nil
	})
	add := func(name string, method uint16, data []byte) error {
		h := &zip.FileHeader{Name: name, Method: method}
		if method == zip.Deflate {
			h.SetMode(0o644)
		}
		// The older of a zip's two times: it has no time zone and no field of its own.
		//lint:ignore SA1019 Modified adds the field that the first file of an EPUB must not have
		h.ModifiedDate = uint16(day.Day() + int(day.Month())<<5 + (day.Year()-1980)<<9)
		if method == zip.Store { // without a descriptor behind it
			h.CRC32, h.CompressedSize64, h.UncompressedSize64 = crc(data), uint64(len(data)), uint64(len(data))
			w, err := z.CreateRaw(h)
			if err == nil {
				_, err = w.Write(data)
			}
			return err
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	}
	err = add("mimetype", zip.Store, []byte("application/epub+zip"))
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
