// Package optimize is the last thing that happens to a file of the site before
// it is written: bytes in, bytes out. It knows paths and file types and nothing
// of plans or pages.
//
//	o := optimize.New(optimize.Options{Minify: true})
//	out, err := o.File("zh/plan/s3/index.html", rendered)
//	twins := optimize.Compressor{Cache: store}.Twins("zh/plan/s3/index.html", out)
//
// # Three things to a file
//
// It is checked. JSON, CSS, JavaScript, SVG and XML that do not parse are an
// [*Error] with line and column, in files of their own and inside HTML alike,
// minified or not. Browsers pass over such mistakes in silence, and so does the
// minifier. HTML itself is taken as it comes: what is valid HTML is for the Nu
// checker to say.
//
// It is relinked, so that one tree works at a domain's root, below a path and
// from file://. Templates write root-relative URLs ("/zh/plan/s3/#s3-2"), which
// become relative to the file they stand in ("s3/#s3-2"). The exception is
// 404.html: a host shows it at any depth, so its links stay root-relative behind
// [Options.BasePath]. What counts as a link is the table in markup.go, and in
// style sheets url() and its kin. URLs inside JSON, XML and scripts are data and
// stay. A page that has <base href> is refused, because relative links would not
// mean what they say.
//
// It is minified (tdewolff/minify), with settings that cost a few bytes and keep
// the page's meaning: all tags and quotes stay, and so does white space wherever
// a browser would show it.
//
// # Precompression
//
// A [Compressor] makes the .br and .gz twins that a static host serves in place
// of a file. Brotli at its best is some hundred times slower than everything
// else here, so twins are kept in a [cache.Store] by content.
//
// Everything is safe for concurrent use; the worker pool is the caller's.
package optimize

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/tdewolff/minify/v2"
)

// Options say how a tree is going to be served.
type Options struct {
	// Minify makes files small. Checks and links are the same without it.
	Minify bool

	// IndexFile writes "s3/index.html" for "/zh/plan/s3/", for readers who open
	// the tree from a disk, where nothing answers for a folder.
	IndexFile bool

	// BasePath is where the tree's root is on its host, as it stands in a URL:
	// "" or "/a/b". Only 404.html needs to know.
	BasePath string
}

// An Optimizer treats the files of one tree.
type Optimizer struct {
	opts     Options
	minifier *minify.M
	inline   sync.Map // inline scripts, minified, by their text
	inlines  atomic.Int32
}

// New returns an Optimizer.
func New(opts Options) *Optimizer {
	if opts.BasePath = strings.Trim(opts.BasePath, "/"); opts.BasePath != "" {
		opts.BasePath = "/" + opts.BasePath
	}
	return &Optimizer{opts: opts, minifier: newMinifier()}
}

// A treatment checks, relinks and, where asked to, minifies one language. It
// must not write to src, and may return it.
type treatment func(o *Optimizer, at *place, src []byte) ([]byte, error)

// byExtension says which files are touched at all.
var byExtension = map[string]treatment{
	".css":         styleSheet,
	".htm":         page,
	".html":        page,
	".js":          script,
	".json":        jsonText,
	".md":          markdown,
	".mjs":         script,
	".svg":         drawing,
	".webmanifest": jsonText,
	".xml":         xmlText,
}

// byScriptType gives the language of a <script>, by its type in lower case.
// Scripts of other types are templates and data that only the page's own
// scripts understand.
var byScriptType = map[string]treatment{
	"":                       inlineScript,
	"module":                 inlineScript,
	"text/javascript":        inlineScript,
	"application/javascript": inlineScript,
	"application/json":       jsonText,
	"application/ld+json":    jsonText,
	"importmap":              jsonText,
	"speculationrules":       jsonText,
}

// File returns what to write at a slash path of the tree instead of src. Files
// of a type that is not treated come back as they are; src is never written to.
// The error is an [*Error].
func (o *Optimizer) File(name string, src []byte) ([]byte, error) {
	treat := byExtension[strings.ToLower(path.Ext(name))]
	if treat == nil {
		return src, nil
	}
	out, err := treat(o, o.place(name), src)
	if err != nil {
		return nil, locate(name, src, err)
	}
	return out, nil
}

// Unpacked returns what to write at a slash path of a tree for a disk, instead of a
// finished file of a tree for a host: links that lead to a folder name its index.html.
// A file of a tree that opens from a disk anyway comes back as it is.
func (o *Optimizer) Unpacked(name string, done []byte) ([]byte, error) {
	at := o.place(name)
	at.unpack = true
	ext := strings.ToLower(path.Ext(name))
	if at.rooted || ext != ".html" && ext != ".md" {
		return done, nil
	}
	if ext == ".md" {
		return unpackMarkdown(at, done), nil
	}
	out, err := unpackPage(o, at, done)
	if err != nil {
		return nil, locate(name, done, err)
	}
	return out, nil
}

// Error says where a file is broken. Line and Col count from 1, Col in
// characters; 0 means unknown.
type Error struct {
	Path      string
	Line, Col int
	Err       error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("%s:%d:%d: %v", e.Path, e.Line, e.Col, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// fault is an error at a byte of the text in hand. A treatment of a larger text
// moves it by where the smaller one begins, and [locate] counts the lines once,
// in the file as the caller knows it. (tdewolff's own positions of embedded
// languages count in a buffer that it has been rewriting, and are off.)
type fault struct {
	offset int
	err    error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func faultf(offset int, format string, args ...any) *fault {
	return &fault{offset, fmt.Errorf(format, args...)}
}

// within returns err as it is seen from a text in which the faulty one begins at
// the given offset.
func within(offset int, err error) error {
	if f, ok := err.(*fault); ok {
		return &fault{offset + f.offset, f.err}
	}
	return err
}

func locate(name string, src []byte, err error) *Error {
	e := &Error{Path: name, Err: err}
	if f, ok := errors.AsType[*fault](err); ok {
		e.Err = f.err
		before := src[:min(f.offset, len(src))]
		e.Line = 1 + bytes.Count(before, []byte("\n"))
		e.Col = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	}
	return e
}
