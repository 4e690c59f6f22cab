// Package epub makes a plan a book for reading apps and e-readers: EPUB 3.3, in
// Chinese, in English, or in both languages sentence by sentence.
//
//	data, err := epub.Book{Plan: p, Langs: []plan.Lang{plan.ZH}, …}.Bytes()
//
// The book has a title page with what is known of the document, the text by chapters,
// each sentence with its permanent number as fragment (#s3-2), and an index by topic
// and place. There are no pages in it: text flows as the reader's screen and type size
// have it, in the reader's fonts.
//
// An EPUB is a zip of a few files (container.go), a package document that lists them and
// says what the book is (opf.go), and XHTML (text.go). The same plan gives the same
// bytes: dates are those of the document, and identifiers are made of its title.
package epub

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// Book is an edition of a plan.
type Book struct {
	Plan     *plan.Plan
	Langs    []plan.Lang // one language, or both: then every sentence has the other below it
	Document plan.Document
	Origin   string // of the site that has the permanent addresses, without a final slash; "" if unknown
	License  string // address of the licence of what is the site's own; "" if none is stated
	Kept     Kept   // of earlier books; nil for none
}

// Bytes are the book as a file.
func (b Book) Bytes() ([]byte, error) {
	e := &edition{Book: b, in: b.Langs[0]}
	e.divide()
	files := []file{
		{name: "style.css", kind: "text/css", data: []byte(style), id: "style"},
		{name: "cover.svg", kind: "image/svg+xml", data: e.cover(), id: "cover-image", properties: "cover-image"},
	}
	for _, d := range e.documents {
		f := file{name: d.name, kind: "application/xhtml+xml", data: d.write(e, d), id: strings.TrimSuffix(d.name, ".xhtml"), linear: true}
		if d.name == navigation {
			f.properties = "nav"
		}
		files = append(files, f)
	}
	return pack(e.moment(), append(files, file{name: packageName, data: e.packageDocument(files)}), b.Kept)
}

// file is a file of the book.
type file struct {
	name, kind, id, properties string
	data                       []byte
	linear                     bool // it is read, in order
}

// edition is a book that is being made.
type edition struct {
	Book
	in        plan.Lang // what the book is mainly in
	documents []document
	at        map[plan.ID]string // the document of a sentence
}

// document is an XHTML file of the book.
type document struct {
	name, title string
	chapter     *plan.Chapter
	sections    []*plan.Section
	write       func(e *edition, d document) []byte
	sub         []document // what the contents have below it: fragments of it, or documents
}

const (
	navigation  = "nav.xhtml"
	packageName = "package.opf"
)

// divide decides which documents there are: one a chapter, and one a section where a
// chapter is long. Reading systems lay a document out as a whole, and an old one takes
// long over a large one.
func (e *edition) divide() {
	e.at = map[plan.ID]string{}
	e.documents = []document{
		{name: "cover.xhtml", title: e.say(wordCover), write: (*edition).coverPage},
		{name: "title.xhtml", title: e.say(wordTitlePage), write: (*edition).titlePage},
		{name: navigation, title: e.say(wordContents), write: (*edition).navigation},
	}
	note := func(name string, units []*plan.Unit) {
		for _, u := range units {
			e.at[u.ID] = name
		}
	}
	if len(e.Plan.Preamble) > 0 {
		d := document{name: "preamble.xhtml", title: e.say(wordPreamble), write: (*edition).preamble}
		note(d.name, e.Plan.Preamble)
		e.documents = append(e.documents, d)
	}
	for _, c := range e.Plan.Chapters {
		id := address.ChapterID(c.Number)
		d := document{name: id + ".xhtml", title: e.heading(c, nil), chapter: c, write: (*edition).chapter}
		note(d.name, c.Units)
		var more []document
		for _, s := range c.Sections {
			name := address.SectionID(s.Number)
			if sub := (document{title: e.heading(nil, s), chapter: c, sections: []*plan.Section{s}, write: (*edition).section}); address.Long(c) {
				sub.name = name + ".xhtml"
				note(sub.name, s.Units)
				more = append(more, sub)
				d.sub = append(d.sub, sub)
			} else {
				note(d.name, s.Units)
				sub.name = d.name + "#" + name
				d.sections = append(d.sections, s)
				d.sub = append(d.sub, sub)
			}
		}
		e.documents = append(append(e.documents, d), more...)
	}
	for _, index := range indexes {
		if len(index.entries(e)) > 0 {
			e.documents = append(e.documents, document{name: index.name, title: e.say(index.title), write: func(e *edition, d document) []byte { return e.index(d, index) }})
		}
	}
	e.documents = append(e.documents, document{name: "about.xhtml", title: e.say(wordAbout), write: (*edition).about})
}

// both reports whether sentences stand in both languages.
func (e *edition) both() bool { return len(e.Langs) > 1 }

// say is a text of the book itself in its main language.
func (e *edition) say(t plan.Text) string { return t.In(e.in) }

// title is the plan's title in a language, or in Chinese.
func (e *edition) title() (string, plan.Lang) { return e.Plan.Title.Or(e.in) }

// moment is when the edition was made, as far as the document says: the day on which it
// was made public or, failing that, a day that stands for none.
func (e *edition) moment() time.Time {
	if day, err := time.Parse(time.DateOnly, e.Document.Published); err == nil {
		return day
	}
	return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // the first that a zip can tell
}

// identifier names the book wherever it is: a UUID of version 8 (RFC 9562) made of the
// plan's title and the edition's languages.
func (e *edition) identifier() string {
	h := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "minxi:epub:%s:%v", e.Plan.Title.ZH, e.Langs)))
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-8" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}

// version is a hash of what the book says, so that a reader can tell two copies apart:
// nobody knows when a sentence was corrected.
func (e *edition) version() string {
	h := sha256.New()
	for u := range e.Plan.Units() {
		fmt.Fprintf(h, "%s\x00%s\x00%s\x00", u.ID, u.Text.ZH, u.Text.EN)
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:12]
}
