// Package offline makes of a finished site what is read without a network: a zip to be
// unpacked anywhere, whose pages open from a disk.
package offline

import (
	"archive/zip"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"minxi/generator/internal/optimize"
)

// Zip is a finished tree as one file. Its links lead to index.html, since nothing
// answers for a folder on a disk; that is a second pass over the finished pages, and no
// second rendering. The same tree gives the same bytes.
type Zip struct {
	Folder  string    // that everything lies in: a zip that is unpacked litters nothing
	Comment string    // of the zip
	Day     time.Time // that each file is of
	Leave   func(name string) bool

	// Seen is told of each file as it stands in the zip, and After adds what is written
	// when all else is there.
	Seen  func(name string, data []byte)
	After func(add func(name string, data []byte) error) error
}

// Write writes the zip of a tree.
func (z Zip) Write(w io.Writer, tree fs.FS) error {
	o := optimize.New(optimize.Options{})
	out := zip.NewWriter(w)
	if err := out.SetComment(z.Comment); err != nil {
		return err
	}
	add := func(name string, data []byte) error {
		z.Seen(name, data)
		h := &zip.FileHeader{Name: path.Join(z.Folder, name), Method: zip.Deflate}
		if packed[path.Ext(name)] {
			h.Method = zip.Store
		}
		h.SetMode(0o644)
		// The older of a zip's two times, which has no time zone: Modified would write both.
		//lint:ignore SA1019 the older of the two times has no time zone and no field of its own
		h.ModifiedDate = uint16(z.Day.Day() + int(z.Day.Month())<<5 + (z.Day.Year()-1980)<<9)
		f, err := out.CreateHeader(h)
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || z.Leave(name) {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		if err == nil {
			data, err = o.Unpacked(name, data)
		}
		if err != nil {
			return err
		}
		return add(name, data)
	})
	if err != nil {
		return err
	}
	if err := z.After(add); err != nil {
		return err
	}
	return out.Close()
}

// packed are files that do not become smaller.
var packed = map[string]bool{".epub": true, ".png": true, ".woff2": true, ".zip": true, ".pdf": true, ".pack": true}

// ForHosts reports whether a file of a tree is of use on a host alone: the pages for
// addresses that are not there, and compressed twins.
func ForHosts(tree fs.FS, name string) bool {
	if path.Base(name) == "404.html" || strings.HasPrefix(name, ".") {
		return true
	}
	for _, twin := range []string{".br", ".gz"} {
		if of, is := strings.CutSuffix(name, twin); is {
			_, err := fs.Stat(tree, of)
			return err == nil
		}
	}
	return false
}
