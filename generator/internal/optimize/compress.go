package optimize

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
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

// A Compressor makes twins and keeps them in a folder of its own outside the
// tree, which any number of processes may share. The folder is a help and
// never a condition: if it cannot be read or written, or what it holds is
// damaged, the work is done again. The zero Compressor has no folder.
type Compressor struct {
	Dir string
}

// Twins returns the twins of a file with this content: one for each encoding
// that makes it smaller, and none for types that are compressed in themselves.
func (c Compressor) Twins(name string, data []byte) []Twin {
	if !compresses[strings.ToLower(path.Ext(name))] {
		return nil
	}
	sum := sha256.Sum256(data)
	var twins []Twin
	for _, e := range encodings {
		entry := hex.EncodeToString(sum[:]) + "." + e.key
		packed, ok := c.load(entry)
		if !ok {
			if packed = e.encode(data); len(packed) >= len(data) {
				packed = nil // remembered as such
			}
			c.store(entry, packed)
		}
		if len(packed) > 0 {
			twins = append(twins, Twin{name + e.ext, packed})
		}
	}
	return twins
}

// seal is what an entry of the cache begins with: a checksum of its name and its
// content, so that neither a torn nor a misplaced file is taken for good.
func seal(entry string, packed []byte) []byte {
	h := sha256.New()
	io.WriteString(h, entry)
	h.Write(packed)
	return h.Sum(nil)
}

// rest is how long an entry keeps its time of last use before a new use is
// written down, which spares the disk a write an entry on every build.
const rest = time.Hour

func (c Compressor) load(entry string) (packed []byte, ok bool) {
	if c.Dir == "" {
		return nil, false
	}
	name := filepath.Join(c.Dir, entry)
	content, err := os.ReadFile(name)
	if err != nil || len(content) < sha256.Size {
		return nil, false
	}
	packed = content[sha256.Size:]
	if !bytes.Equal(seal(entry, packed), content[:sha256.Size]) {
		return nil, false
	}
	if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > rest {
		now := time.Now()
		os.Chtimes(name, now, now)
	}
	return packed, true
}

// store writes an entry aside and moves it to its name, so that a reader finds
// all of it or nothing.
func (c Compressor) store(entry string, packed []byte) {
	if c.Dir == "" || os.MkdirAll(c.Dir, 0o755) != nil {
		return
	}
	f, err := os.CreateTemp(c.Dir, entry+".*"+aside)
	if err != nil {
		return
	}
	_, err = f.Write(append(seal(entry, packed), packed...))
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(c.Dir, entry))
	}
	if err != nil {
		os.Remove(f.Name())
	}
}

const aside = ".tmp"

// Prune removes the entries that no build has used for the given time, and
// returns how many. It touches only files that are named as entries are, in case
// the folder is not the one that was meant.
func (c Compressor) Prune(unused time.Duration) (removed int, err error) {
	if c.Dir == "" {
		return 0, nil
	}
	files, err := os.ReadDir(c.Dir)
	if os.IsNotExist(err) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	for _, f := range files {
		if !f.Type().IsRegular() || !isEntry(f.Name()) {
			continue
		}
		info, err := f.Info()
		if os.IsNotExist(err) || err == nil && time.Since(info.ModTime()) <= unused {
			continue
		}
		if err == nil {
			err = os.Remove(filepath.Join(c.Dir, f.Name()))
		}
		if err != nil && !os.IsNotExist(err) {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// isEntry reports whether a file is named as [Compressor.Twins] names entries,
// or as what [Compressor.store] leaves if it is interrupted.
func isEntry(name string) bool {
	sum, key, _ := strings.Cut(name, ".")
	if b, err := hex.DecodeString(sum); err != nil || len(b) != sha256.Size {
		return false
	}
	if strings.HasSuffix(key, aside) {
		return true
	}
	for _, e := range encodings {
		if key == e.key {
			return true
		}
	}
	return false
}
