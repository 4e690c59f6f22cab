package publish

import (
	"maps"
	"slices"
	"strings"
)

// A File is one file of a release, as the host holds it and readers receive it.
type File struct {
	Path   string // slash path relative to the site's root
	Size   int64  // bytes as kept: compressed, if Header has Content-Encoding
	SHA256 string // of these bytes, 64 lower-case hex digits
	Header Header

	// Age is 0 for what belongs to the site. A fingerprinted asset that only older
	// releases use stays for pages that readers still have open; then Age says how
	// many releases ago it was last used.
	Age int
}

// A Header holds response headers by their canonical names (Content-Type), one
// value each. Headers that are the same share one map: do not change it.
type Header map[string]string

// names gives the names in order.
func (h Header) names() []string { return slices.Sorted(maps.Keys(h)) }

// String writes one header a line, in the order of their names.
func (h Header) String() string {
	var b strings.Builder
	for _, n := range h.names() {
		b.WriteString(n + ": " + h[n] + "\n")
	}
	return b.String()
}

// immutable reports whether the file's content can never change under its name,
// because the name holds a fingerprint of it.
func (f File) immutable() bool { return strings.Contains(f.Header["Cache-Control"], "immutable") }

// comparePaths orders paths as a walk through the folders meets them, file by
// file: a folder's name stands where the folder's files stand. That is the order
// of bytes, with the slash before every other character.
func comparePaths(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] == b[i] {
			continue
		}
		switch {
		case a[i] == '/':
			return -1
		case b[i] == '/':
			return 1
		case a[i] < b[i]:
			return -1
		}
		return 1
	}
	return len(a) - len(b)
}
