// Package proof says what a release consists of, so that anybody can show that a
// copy of it, whole or one page, is what was published.
//
// A [List] gathers the hash of every finished file of a tree and writes it as the
// programs of GNU coreutils do: data/manifest.sha256, which "sha256sum -c" checks
// from the folder of the site, and, where it is asked for, data/manifest.sm3, which
// "cksum -a sm3 -c" checks. A [Key] signs the first of them as minisign does
// (https://jedisct1.github.io/minisign/): the signature of a file under a key is
// always the same, because its comment is made of the plan's data and not of the
// clock. [Check] holds a copy against a manifest.
//
// The manifest that package publish keeps is about something else: what a host holds,
// with the headers of each file and what is kept of older releases.
package proof

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/emmansun/gmsm/sm3"
)

// A List is the hashes of a tree's files, gathered while they are written. It may be
// used from several goroutines.
type List struct {
	SM3 bool // also by GB/T 32905-2016

	mu     sync.Mutex
	sha256 map[string][sha256.Size]byte
	sm3    map[string][sm3.Size]byte
}

// Add notes a finished file.
func (l *List) Add(name string, data []byte) {
	if l.SM3 {
		sum := sm3.Sum(data)
		l.mu.Lock()
		if l.sm3 == nil {
			l.sm3 = map[string][sm3.Size]byte{}
		}
		l.sm3[name] = sum
		l.mu.Unlock()
	}
	l.Note(name, sha256.Sum256(data))
}

// Note notes a file whose SHA-256 is known; it is not for lists with SM3.
func (l *List) Note(name string, sum [sha256.Size]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sha256 == nil {
		l.sha256 = map[string][sha256.Size]byte{}
	}
	l.sha256[name] = sum
}

// SHA256 is the manifest of what was noted, in the form of sha256sum.
func (l *List) SHA256() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(l.sha256)) {
		fmt.Fprintf(&b, "%x  %s\n", l.sha256[name], name)
	}
	return b.Bytes()
}

// SM3Text is the same by SM3, in the form of "cksum -a sm3", which needs no option to be
// checked but the algorithm.
func (l *List) SM3Text() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(l.sm3)) {
		fmt.Fprintf(&b, "SM3 (%s) = %x\n", name, l.sm3[name])
	}
	return b.Bytes()
}

// SM3 is the hash of a text by GB/T 32905-2016, hexadecimal; "" of "".
func SM3(s string) string {
	if s == "" {
		return ""
	}
	sum := sm3.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// A Manifest is the SHA-256 of each file of a release, hexadecimal, by its slash path.
type Manifest map[string]string

// Parse reads a manifest in the form of sha256sum. The error says which line is none.
func Parse(text []byte) (Manifest, error) {
	m := Manifest{}
	in := bufio.NewScanner(bytes.NewReader(text))
	n := 0
	for in.Scan() {
		n++
		sum, name, ok := strings.Cut(in.Text(), "  ")
		raw, err := hex.DecodeString(sum)
		if !ok || err != nil || len(raw) != sha256.Size || !fs.ValidPath(name) || name == "." || m[name] != "" {
			return nil, fmt.Errorf("line %d is no line of a manifest", n)
		}
		m[name] = strings.ToLower(sum)
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if len(m) == 0 {
		return nil, fmt.Errorf("it lists no file")
	}
	return m, nil
}
