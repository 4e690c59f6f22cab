package word

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
)

// Part is a part of a file: its name in the zip and its bytes.
type Part struct{ Name, Data string }

// Pack makes a file of its parts. The same parts give the same bytes.
func Pack(parts []Part) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.Name, Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, p.Data); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
