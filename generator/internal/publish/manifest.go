package publish

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"time"
)

// A Release is what a manifest says of itself: its first line.
type Release struct {
	ID       string    `json:"release"` // time and a piece of the content's hash: 20261124T101225Z-5f0c12ab
	Created  time.Time `json:"created"`
	Previous string    `json:"previous,omitempty"` // the release that was live before
	Restores string    `json:"restores,omitempty"` // for a rollback, the release whose files these are
	Foreign  bool      `json:"foreign,omitempty"`  // no release of ours, but what stood there before the first
	Mixed    bool      `json:"mixed,omitempty"`    // of a journal: another was publishing at the same time, nothing is certain
	Files    int       `json:"files"`              // lines that follow
	Bytes    int64     `json:"bytes"`              // the sum of their sizes
	Tree     string    `json:"tree"`               // SHA-256 over path, hash and headers of all files of age 0
}

// A Manifest lists every file of a release that the host holds, in the order of
// comparePaths. It is a text of JSON lines, so that it can be read and compared
// without being held in memory:
//
//	{"minxi":1,"release":"20261124T101225Z-5f0c12ab",…,"headers":[{…},…]}
//	{"path":"zh/plan/s3/index.html","size":8123,"sha256":"…","h":2}
//
// A file's "h" is its place in the first line's list of headers, "age" is
// File.Age. The manifest stands in a temporary file of this machine.
type Manifest struct {
	Release
	headers []Header
	body    int64 // where the second line begins
	file    *os.File
	size    int64
}

const manifestVersion = 1

type manifestHead struct {
	Version int `json:"minxi"`
	Release
	Headers []Header `json:"headers"`
}

type manifestLine struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Header int    `json:"h"`
	Age    int    `json:"age,omitempty"`
}

// errDamaged says that a manifest is not one, or not all of one.
var errDamaged = errors.New("the manifest is damaged")

// writeManifest makes a manifest of files, which come in order.
func writeManifest(r Release, files iter.Seq2[File, error]) (*Manifest, error) {
	return manifestOf(files, func() (Release, error) { return r, nil })
}

// manifestOf asks what release it is when it has gone through the files.
func manifestOf(files iter.Seq2[File, error], release func() (Release, error)) (*Manifest, error) {
	lines, err := newSpool[manifestLine]()
	if err != nil {
		return nil, err
	}
	defer lines.close()
	var headers []Header
	known := map[string]int{}
	bytes := int64(0)
	for f, err := range files {
		if err != nil {
			return nil, err
		}
		key := f.Header.String()
		h, ok := known[key]
		if !ok {
			h = len(headers)
			known[key] = h
			headers = append(headers, f.Header)
		}
		bytes += f.Size
		if err := lines.add(manifestLine{f.Path, f.Size, f.SHA256, h, f.Age}); err != nil {
			return nil, err
		}
	}
	r, err := release()
	if err != nil {
		return nil, err
	}
	r.Files, r.Bytes = lines.len(), bytes
	out, err := temporary()
	if err != nil {
		return nil, err
	}
	w := bufio.NewWriterSize(out, 1<<16)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	text, err := lines.text()
	if err = errors.Join(err, enc.Encode(manifestHead{manifestVersion, r, headers})); err == nil {
		_, err = io.Copy(w, text)
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		out.Close()
		return nil, err
	}
	return openManifest(out)
}

// readManifest takes a manifest from a host and looks at all of it. The error is
// errDamaged if any of it is not as it should be.
func readManifest(from io.Reader) (*Manifest, error) {
	out, err := temporary()
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(out, from); err != nil {
		out.Close()
		return nil, err
	}
	m, err := openManifest(out)
	if err != nil {
		return nil, err
	}
	for _, err := range m.all() {
		if err != nil {
			m.close()
			return nil, err
		}
	}
	return m, nil
}

// openManifest reads the first line of what is in file, and owns the file.
func openManifest(file *os.File) (*Manifest, error) {
	fail := func(err error) (*Manifest, error) {
		discard(file)
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return fail(err)
	}
	line, err := bufio.NewReaderSize(io.NewSectionReader(file, 0, info.Size()), 1<<16).ReadBytes('\n')
	if err != nil {
		return fail(fmt.Errorf("%w: it has no first line", errDamaged))
	}
	var head manifestHead
	if err := json.Unmarshal(line, &head); err != nil {
		return fail(fmt.Errorf("%w: %v", errDamaged, err))
	}
	if head.Version != manifestVersion {
		return fail(fmt.Errorf("%w: its version is %d, not %d", errDamaged, head.Version, manifestVersion))
	}
	if !validRelease(head.ID) {
		return fail(fmt.Errorf("%w: it has no release", errDamaged))
	}
	return &Manifest{head.Release, head.Headers, int64(len(line)), file, info.Size()}, nil
}

// all gives the files in order. It fails with errDamaged where a line is not
// valid or out of order, or lines are missing.
func (m *Manifest) all() iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		if m == nil {
			return
		}
		last, n := "", 0
		for line, err := range records[manifestLine](io.NewSectionReader(m.file, m.body, m.size-m.body)) {
			if err == nil {
				err = line.check(last, len(m.headers))
			}
			if err != nil {
				yield(File{}, fmt.Errorf("%w: file %d: %v", errDamaged, n+1, err))
				return
			}
			last = line.Path
			n++
			if !yield(File{line.Path, line.Size, line.SHA256, m.headers[line.Header], line.Age}, nil) {
				return
			}
		}
		if n != m.Files {
			yield(File{}, fmt.Errorf("%w: it has %d files and should have %d", errDamaged, n, m.Files))
		}
	}
}

func (l manifestLine) check(last string, headers int) error {
	sum, err := hex.DecodeString(l.SHA256)
	switch {
	case !fs.ValidPath(l.Path) || l.Path == "." || inArchive(l.Path):
		return fmt.Errorf("%q is no path of a site", l.Path)
	case last != "" && comparePaths(last, l.Path) >= 0:
		return fmt.Errorf("%q is out of order", l.Path)
	case err != nil || len(sum) != 32 || l.Size < 0:
		return fmt.Errorf("%q has no size or hash", l.Path)
	case l.Header < 0 || l.Header >= headers || l.Age < 0:
		return fmt.Errorf("%q has no headers", l.Path)
	}
	return nil
}

// place is the manifest as a file of the host.
func (m *Manifest) place(name string) (File, Body, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, m.reader())
	return File{Path: name, Size: m.size, SHA256: hex.EncodeToString(sum.Sum(nil)), Header: keptHeader},
		func() (io.ReadCloser, error) { return io.NopCloser(m.reader()), nil }, err
}

// reader gives the manifest's text.
func (m *Manifest) reader() io.Reader { return io.NewSectionReader(m.file, 0, m.size) }

func (m *Manifest) close() {
	if m != nil {
		discard(m.file)
	}
}
