package epub

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// page begins an XHTML document, and done ends it.
func (e *edition) page(title, kind string) *markup {
	m := &markup{}
	m.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<!DOCTYPE html>\n")
	m.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "xmlns:epub", "http://www.idpf.org/2007/ops", "lang", e.in.Tag(), "xml:lang", e.in.Tag())
	m.WriteString("<head>\n<meta charset=\"utf-8\"/>\n")
	m.text("title", title)
	m.WriteString(`<link rel="stylesheet" type="text/css" href="style.css"/>` + "\n</head>\n")
	m.open("body", "epub:type", kind)
	m.WriteByte('\n')
	return m
}

func done(m *markup) []byte {
	m.end("body", "html")
	return m.Bytes()
}

// marked is a text with its language, where that is not the book's.
func (e *edition) marked(m *markup, name, text string, l plan.Lang, attr ...string) {
	m.text(name, text, e.inLanguage(l, attr...)...)
}

// inLanguage adds to attributes the language, where that is not the book's.
func (e *edition) inLanguage(l plan.Lang, attr ...string) []string {
	if l != e.in {
		attr = append(attr, "lang", l.Tag(), "xml:lang", l.Tag())
	}
	return attr
}

// heading is how a chapter or section is called in the book's main language, and
// headingIn in one that it is in.
func (e *edition) heading(c *plan.Chapter, s *plan.Section) string {
	text, _ := headingIn(c, s, e.in)
	return text
}

func headingIn(c *plan.Chapter, s *plan.Section, l plan.Lang) (string, plan.Lang) {
	var title plan.Text
	number := plan.Text{}
	if s != nil {
		title = s.Title
		number = plan.Text{ZH: "（" + plan.Numeral(s.Label) + "）", EN: "Section " + strconv.Itoa(s.Number)}
	} else {
		title = c.Title
		number = plan.Text{ZH: plan.Numeral(c.Number) + "、", EN: "Chapter " + strconv.Itoa(c.Number)}
	}
	text, in := title.Or(l)
	switch {
	case text == "" && l == plan.ZH:
		return strings.TrimSuffix(number.ZH, "、"), l
	case text == "":
		return number.EN, l
	case in == plan.EN:
		return number.EN + ": " + text, in
	}
	return number.ZH + text, in
}

// headings writes the heading of a chapter or section in each of the book's languages.
func (e *edition) headings(m *markup, level int, c *plan.Chapter, s *plan.Section, id string) {
	h := "h" + strconv.Itoa(level)
	text, in := headingIn(c, s, e.in)
	m.open(h, e.inLanguage(in, "id", id)...)
	m.WriteString(escape(text))
	for _, l := range e.Langs {
		if other, lang := headingIn(c, s, l); l != e.in && lang == l {
			m.WriteByte(' ')
			e.marked(m, "span", other, l, "class", "other")
		}
	}
	m.end(h)
}

// sentence writes a sentence: a paragraph with its number, or of a book in both
// languages two.
func (e *edition) sentence(m *markup, u *plan.Unit) {
	id, n := string(u.ID), strings.TrimPrefix(string(u.ID), "s")
	number := func() {
		if e.Origin == "" {
			m.text("span", n, "class", "n")
			return
		}
		m.open("span", "class", "n")
		m.text("a", n, "href", e.Origin+address.In(e.in).Unit(u.ID))
		m.end("span")
	}
	if !e.both() {
		text, in := u.Text.Or(e.in)
		m.open("p", "class", "s", "id", id)
		number()
		if in != e.in {
			e.marked(m, "span", text, in)
			m.text("span", e.say(wordMissing), "class", "note")
		} else {
			m.WriteString(escape(text))
		}
		e.stale(m, u)
		m.end("p")
		return
	}
	m.open("div", "class", "pair", "id", id)
	for i, l := range e.Langs {
		text := u.Text.In(l)
		if text == "" {
			m.text("p", e.say(wordMissing), "class", "note")
			continue
		}
		m.open("p", e.inLanguage(l)...)
		if i == 0 {
			number()
		}
		m.WriteString(escape(text))
		if l == plan.EN {
			e.stale(m, u)
		}
		m.end("p")
	}
	m.end("div")
}

// stale says that a translation is older than its Chinese.
func (e *edition) stale(m *markup, u *plan.Unit) {
	if u.Translation == plan.Stale && u.Text.EN != "" && (e.both() || e.in == plan.EN) {
		m.text("span", e.say(wordStale), "class", "note", "lang", e.in.Tag(), "xml:lang", e.in.Tag())
	}
}

func (e *edition) coverPage(d document) []byte {
	m := e.page(d.title, "cover")
	title, lang := e.title()
	m.open("p", "class", "cover")
	if lang != e.in {
		title += " (" + lang.Tag() + ")"
	}
	m.empty("img", "src", "cover.svg", "role", "doc-cover", "alt", e.say(wordCover)+e.say(plan.Text{ZH: "：", EN: ": "})+title)
	m.end("p")
	return done(m)
}

// titlePage has the title and what is known of the document.
func (e *edition) titlePage(d document) []byte {
	m := e.page(d.title, "frontmatter")
	m.open("section", "epub:type", "titlepage", "class", "title", "aria-labelledby", "title")
	title, lang := e.title()
	if lang == plan.ZH {
		m.open("h1", e.inLanguage(lang, "id", "title")...)
		for _, s := range phrases(title, e.Plan.Phrases) { // lines break between these only
			m.WriteString(`<span class="keep">` + escape(s) + `</span>`)
		}
		m.end("h1")
	} else {
		e.marked(m, "h1", title, lang, "id", "title")
	}
	for _, l := range e.Langs {
		if s := e.Plan.Title.In(l); l != lang && s != "" {
			e.marked(m, "p", s, l, "class", "other")
		}
	}
	m.text("p", e.editionName(), "class", "edition")
	m.open("dl")
	doc := e.Document
	issuer, il := doc.Issuer.Or(e.in)
	number, nl := doc.Number.Or(e.in)
	for _, f := range []struct {
		name  plan.Text
		value string
		lang  plan.Lang
	}{
		{wordIssuer, issuer, il}, {wordNumber, number, nl}, {wordPublished, e.day(doc.Published), e.in}, {wordSigned, e.day(doc.Signed), e.in}, {wordReply, doc.Reply, plan.ZH},
	} {
		if f.value != "" {
			m.text("dt", e.say(f.name))
			e.marked(m, "dd", f.value, f.lang)
		}
	}
	m.end("dl")
	m.text("p", e.standing(), "class", "standing")
	m.end("section")
	return done(m)
}

func (e *edition) editionName() string {
	switch {
	case e.both():
		return e.say(wordBilingual)
	case e.in == plan.EN:
		return e.say(wordEnglish)
	}
	return e.say(wordChinese)
}

// day is a date as the book's language writes it.
func (e *edition) day(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	switch {
	case err != nil:
		return s
	case e.in == plan.ZH:
		return t.Format("2006年1月2日")
	}
	return t.Format("2 January 2006")
}

func (e *edition) preamble(d document) []byte {
	m := e.page(d.title, "bodymatter")
	m.open("section", "role", "doc-introduction", "epub:type", "introduction", "aria-labelledby", "preamble")
	m.text("h1", d.title, "id", "preamble")
	for _, u := range e.Plan.Preamble {
		e.sentence(m, u)
	}
	m.end("section")
	return done(m)
}

// chapter writes a chapter, with its sections where these have no documents of their
// own.
func (e *edition) chapter(d document) []byte {
	m := e.page(d.title, "bodymatter")
	id := address.ChapterID(d.chapter.Number)
	m.open("section", "role", "doc-chapter", "epub:type", "chapter", "aria-labelledby", id)
	e.headings(m, 1, d.chapter, nil, id)
	for _, u := range d.chapter.Units {
		e.sentence(m, u)
	}
	for _, s := range d.sections {
		e.sectionText(m, 2, d.chapter, s)
	}
	m.end("section")
	return done(m)
}

// section writes a section of a long chapter.
func (e *edition) section(d document) []byte {
	m := e.page(d.title, "bodymatter")
	e.sectionText(m, 1, d.chapter, d.sections[0])
	return done(m)
}

func (e *edition) sectionText(m *markup, level int, c *plan.Chapter, s *plan.Section) {
	id := address.SectionID(s.Number)
	m.open("section", "aria-labelledby", id)
	e.headings(m, level, c, s, id)
	for _, u := range s.Units {
		e.sentence(m, u)
	}
	m.end("section")
}

// navigation is the contents: for people, as a document of the book, and for reading
// systems (EPUB 3.3, 7).
func (e *edition) navigation(d document) []byte {
	m := e.page(d.title, "frontmatter")
	m.open("nav", "epub:type", "toc", "role", "doc-toc", "aria-labelledby", "toc")
	m.text("h1", d.title, "id", "toc")
	m.open("ol")
	for _, v := range e.documents {
		if v.name == d.name || v.name == "cover.xhtml" || e.below(v) {
			continue
		}
		m.open("li")
		m.text("a", v.title, "href", v.name)
		if len(v.sub) > 0 {
			m.open("ol")
			for _, s := range v.sub {
				m.open("li")
				m.text("a", s.title, "href", s.name)
				m.end("li")
			}
			m.end("ol")
		}
		m.end("li")
	}
	m.end("ol", "nav")
	m.open("nav", "epub:type", "landmarks", "aria-labelledby", "landmarks", "hidden", "hidden")
	m.text("h2", e.say(wordLandmarks), "id", "landmarks")
	m.open("ol")
	for _, v := range []struct {
		kind, name string
		text       plan.Text
	}{{"cover", "cover.xhtml", wordCover}, {"toc", navigation, wordContents}, {"bodymatter", e.first(), wordText}} {
		m.open("li")
		m.text("a", e.say(v.text), "epub:type", v.kind, "href", v.name)
		m.end("li")
	}
	m.end("ol", "nav")
	return done(m)
}

// below reports whether the contents have a document below another.
func (e *edition) below(d document) bool {
	return len(d.sections) == 1 && !strings.HasPrefix(d.name, "c")
}

// first is the document in which the text begins.
func (e *edition) first() string {
	for _, d := range e.documents {
		if d.name == "preamble.xhtml" || d.chapter != nil {
			return d.name
		}
	}
	return "about.xhtml"
}

// index is a list of subjects with the numbers of their sentences.
type index struct {
	name    string
	title   plan.Text
	entries func(e *edition) []subject
}

type subject struct {
	title plan.Text
	units []*plan.Unit
}

var indexes = []index{
	{"topics.xhtml", wordByTopic, func(e *edition) (list []subject) {
		of := e.tagged(func(u *plan.Unit) []string { return u.Topics })
		for _, t := range e.Plan.Topics {
			list = append(list, subject{t.Title, of[t.ID]})
		}
		return list
	}},
	{"places.xhtml", wordByPlace, func(e *edition) (list []subject) {
		of := e.tagged(func(u *plan.Unit) []string { return u.Places })
		for _, p := range e.Plan.Places {
			list = append(list, subject{p.Title, of[p.ID]})
		}
		return list
	}},
	{"bodies.xhtml", wordByBody, func(e *edition) (list []subject) {
		of := e.tagged(func(u *plan.Unit) []string { return u.Bodies })
		for _, b := range e.Plan.Bodies {
			list = append(list, subject{b.Title, of[b.ID]})
		}
		return list
	}},
}

// tagged lists the units of each tag.
func (e *edition) tagged(tags func(*plan.Unit) []string) map[string][]*plan.Unit {
	of := map[string][]*plan.Unit{}
	for u := range e.Plan.Units() {
		for i, tag := range tags(u) {
			if !slices.Contains(tags(u)[:i], tag) {
				of[tag] = append(of[tag], u)
			}
		}
	}
	return of
}

func (e *edition) index(d document, x index) []byte {
	m := e.page(d.title, "backmatter")
	m.open("section", "role", "doc-index", "epub:type", "index", "aria-labelledby", "index")
	m.text("h1", d.title, "id", "index")
	m.text("p", e.say(wordIndexNote), "class", "standing")
	m.open("dl")
	for _, s := range x.entries(e) {
		name, lang := s.title.Or(e.in)
		m.open("dt")
		e.marked(m, "span", name, lang)
		for _, l := range e.Langs {
			if other := s.title.In(l); l != lang && other != "" {
				e.marked(m, "span", " "+other, l, "class", "other")
			}
		}
		m.end("dt")
		m.open("dd")
		if len(s.units) == 0 {
			m.WriteString(escape(e.say(wordNoMeasure)))
		}
		for i, u := range s.units {
			if i > 0 {
				m.WriteByte(' ')
			}
			m.text("a", strings.TrimPrefix(string(u.ID), "s"), "href", e.at[u.ID]+"#"+string(u.ID))
		}
		m.end("dd")
	}
	m.end("dl", "section")
	return done(m)
}

// about says what the book is and where its sentences are on the web.
func (e *edition) about(d document) []byte {
	m := e.page(d.title, "backmatter")
	m.open("section", "epub:type", "colophon", "role", "doc-colophon", "aria-labelledby", "about")
	m.text("h1", d.title, "id", "about")
	m.text("p", e.standing())
	m.text("p", e.say(wordNumbers))
	if e.Origin != "" {
		m.text("p", e.say(wordLinks))
	}
	m.text("p", e.say(wordAccessible))
	m.open("dl")
	fact := func(name plan.Text, value, href string) {
		if value == "" {
			return
		}
		m.text("dt", e.say(name))
		m.open("dd")
		if href != "" {
			m.text("a", value, "href", href)
		} else {
			m.WriteString(escape(value))
		}
		m.end("dd")
	}
	if e.Origin != "" {
		fact(wordSite, e.Origin+"/", e.Origin+"/")
	}
	fact(wordOriginal, e.Document.URL, e.Document.URL)
	fact(wordVersion, e.version(), "")
	m.end("dl")
	if e.License != "" {
		m.open("p")
		m.WriteString(escape(e.say(wordLicense)))
		m.text("a", e.License, "href", e.License)
		m.end("p")
	}
	m.end("section")
	return done(m)
}
