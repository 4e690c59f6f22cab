package epub

import (
	"fmt"
	"strings"

	"minxi/generator/internal/plan"
)

// cover is a drawing with the title: the masthead's red with the rings of a tulou, as
// the site has them. It is a vector, so that it is sharp on every screen and small.
func (e *edition) cover() []byte {
	var m markup
	m.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	title, lang := e.title()
	m.open("svg", "xmlns", "http://www.w3.org/2000/svg", "width", "1200", "height", "1600", "viewBox", "0 0 1200 1600", "xml:lang", lang.Tag())
	m.text("title", title)
	m.WriteString(`<rect width="1200" height="1600" fill="#8c1a1a"/>
<g fill="none" stroke="#fffdfa" stroke-opacity=".16"><circle cx="600" cy="1220" r="560" stroke-width="3"/><circle cx="600" cy="1220" r="430" stroke-width="48"/><circle cx="600" cy="1220" r="318" stroke-width="48"/><circle cx="600" cy="1220" r="206" stroke-width="48"/><circle cx="600" cy="1220" r="64" stroke-width="20"/></g>
`)
	y := 260
	for _, l := range e.Langs {
		text := e.Plan.Title.In(l)
		if text == "" {
			continue
		}
		size, width := 84, 11
		if l == plan.EN {
			size, width = 56, 36
		}
		if l != e.in {
			size, width, y = size*2/3, width*3/2, y+40
		}
		for _, line := range e.lines(text, l, width) {
			m.text("text", line, "x", "600", "y", fmt.Sprint(y), "text-anchor", "middle", "font-size", fmt.Sprint(size), "fill", "#fffdfa",
				"font-family", "'Songti SC', SimSun, 'Noto Serif CJK SC', 'Source Han Serif SC', Georgia, serif", "xml:lang", l.Tag())
			y += size * 3 / 2
		}
	}
	if issuer, l := e.Document.Issuer.Or(e.in); issuer != "" {
		m.text("text", issuer, "x", "600", "y", "1500", "text-anchor", "middle", "font-size", "36", "fill", "#fffdfa", "font-family", "sans-serif", "xml:lang", l.Tag())
	}
	m.end("svg")
	return m.Bytes()
}

// lines divides a title into lines of at most so many characters: a Chinese one before
// its phrases, where it names any.
func (e *edition) lines(text string, l plan.Lang, most int) (list []string) {
	pieces := strings.Fields(text)
	between := " "
	if l == plan.ZH {
		pieces, between = phrases(text, e.Plan.Phrases), ""
	}
	for _, p := range pieces {
		if n := len(list); n > 0 && len([]rune(list[n-1]))+len([]rune(p))+len(between) <= most {
			list[n-1] += between + p
		} else {
			list = append(list, p)
		}
	}
	return list
}

// phrases cuts a text before each of the phrases.
func phrases(text string, before []string) (list []string) {
	for text != "" {
		at := len(text)
		for _, p := range before {
			if i := strings.Index(text, p); i > 0 {
				at = min(at, i)
			}
		}
		list = append(list, text[:at])
		text = text[at:]
	}
	return list
}
