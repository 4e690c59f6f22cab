package epub

import (
	"encoding/xml"
	"strings"
	"time"

	"minxi/generator/internal/plan"
)

// packageDocument says what the book is, which files it has and in which order they are
// read (EPUB 3.3, 5). What it says of accessibility (EPUB Accessibility 1.1, 2.2) are
// facts about the file; that it conforms to a level is for a person to certify, and
// nobody has.
func (e *edition) packageDocument(files []file) []byte {
	var m markup
	m.WriteString(xml.Header)
	m.open("package", "xmlns", "http://www.idpf.org/2007/opf", "version", "3.0", "unique-identifier", "id", "xml:lang", e.in.Tag())
	m.open("metadata", "xmlns:dc", "http://purl.org/dc/elements/1.1/")
	m.text("dc:identifier", e.identifier(), "id", "id")
	title, lang := e.title()
	m.text("dc:title", title, "id", "main-title", "xml:lang", lang.Tag())
	m.text("meta", "main", "refines", "#main-title", "property", "title-type")
	for _, l := range e.Langs {
		if s := e.Plan.Title.In(l); l != lang && s != "" {
			m.text("dc:title", s, "id", "title-"+string(l), "xml:lang", l.Tag())
			m.text("meta", "subtitle", "refines", "#title-"+string(l), "property", "title-type")
		}
	}
	for _, l := range e.Langs {
		m.text("dc:language", l.Tag())
	}
	if issuer, l := e.Document.Issuer.Or(e.in); issuer != "" {
		m.text("dc:creator", issuer, "id", "issuer", "xml:lang", l.Tag())
		m.text("meta", "isb", "refines", "#issuer", "property", "role", "scheme", "marc:relators")
	}
	m.text("dc:date", e.Document.Published)
	m.text("dc:source", e.Document.Number.ZH)
	if e.Document.URL != "" {
		m.text("dc:source", e.Document.URL)
	}
	m.text("dc:description", e.standing())
	if e.License != "" {
		m.text("dc:rights", e.say(wordLicense)+e.License)
	}
	m.text("meta", e.moment().UTC().Format(time.RFC3339), "property", "dcterms:modified")
	m.text("meta", e.version(), "property", "schema:version")
	for _, property := range accessibility {
		for _, value := range strings.Fields(property.values) {
			m.text("meta", value, "property", "schema:"+property.name)
		}
	}
	m.text("meta", e.say(wordAccessible), "property", "schema:accessibilitySummary")
	m.empty("meta", "name", "cover", "content", "cover-image") // of EPUB 2, which many reading systems still look at
	m.end("metadata")
	m.open("manifest")
	for _, f := range files {
		m.empty("item", "id", f.id, "href", f.name, "media-type", f.kind, "properties", f.properties)
	}
	m.end("manifest")
	m.open("spine")
	for _, f := range files {
		if f.linear {
			m.empty("itemref", "idref", f.id)
		}
	}
	m.end("spine", "package")
	return m.Bytes()
}

// accessibility is what the files are, in the vocabulary of schema.org.
var accessibility = []struct{ name, values string }{
	{"accessMode", "textual visual"}, // the cover is a picture
	{"accessModeSufficient", "textual"},
	{"accessibilityFeature", "structuralNavigation tableOfContents readingOrder displayTransformability alternativeText index ARIA"},
	{"accessibilityHazard", "none"},
}

// standing says what sort of text this is.
func (e *edition) standing() string {
	switch {
	case e.both():
		return e.say(wordBothStanding)
	case e.in == plan.EN:
		return wordUnofficial.EN
	}
	return wordOfficial.ZH
}
