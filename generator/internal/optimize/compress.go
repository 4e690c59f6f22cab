package optimize

import (
	"bytes"
	"compress/gzip"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"

	"minxi/generator/internal/cache"
)

// compresses lists the types worth a twin. Pictures, woff2 and archives are
// compressed in themselves.
var compresses = set(".atom .bib .css .csv .geojson .htm .html .ics .js .json " +
	".jsonld .map .md .mjs .nt .otf .ris .rss .svg .tsv .ttf .ttl .txt .vcf .wasm " +
	".webmanifest .xml .xsl .yaml .yml")

// An encoding is one way to compress.
type encoding struct {
	ext string // of the twin
	key string // of its entries in the cache: the algorithm and its level
	// writers holds encoders to use again; brotli's takes megabytes to set up.
	writers sync.Pool
}

type encoder interface {
	io.WriteCloser
	Reset(io.Writer)
}

var encodings = []*encoding{
	{ext: ".br", key: "br11", writers: sync.Pool{New: func() any {
		return brotli.NewWriterLevel(nil, brotli.BestCompression)
	}}},
	{ext: ".gz", key: "gz9", writers: sync.Pool{New: func() any {
		w, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // no name, no time
		return w
	}}},
}

// encode compresses data; the same data gives the same bytes.
func (e *encoding) encode(data []byte) []byte {
	w := e.writers.Get().(encoder)
	defer e.writers.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	// Writing to memory does not fail, and neither encoder fails on its own.
	w.Write(data)
	w.Close()
	return out.Bytes()
}

// A Twin is the compressed form of a file, to be written beside it.
type Twin struct {
	Path string // the file's with ".br" or ".gz" behind it
	Data []byte
}

// A Compressor makes twins and keeps them. The zero Compressor keeps nothing.
type Compressor struct {
	Cache cache.Store
}

// Twins returns the twins of a file with this content: one for each encoding
// that makes it smaller, and none for types that are compressed in themselves.
func (c Compressor) Twins(name string, data []byte) []Twin {
	if !compresses[strings.ToLower(path.Ext(name))] {
		return nil
	}
	var twins []Twin
	for _, e := range encodings {
		entry := cache.Entry(e.key, data)
		packed, ok := c.Cache.Get(entry)
		if !ok {
			if packed = e.encode(data); len(packed) >= len(data) {
				packed = nil // remembered as such
			}
			c.Cache.Put(entry, packed)
		}
		if len(packed) > 0 {
			twins = append(twins, Twin{name + e.ext, packed})
		}
	}
	return twins
}
