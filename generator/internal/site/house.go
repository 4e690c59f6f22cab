package site

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/tulou"
)

// The plan drawn as a tulou: what package tulou has measured, with names, links and
// what each cell is of, and the rules by which choosing a topic or place lights its
// cells without script.

// house is the plan drawn as a tulou.
type house struct {
	Drawing  tulou.Drawing `json:"drawing"` // what is not under Chapters and Hall
	Chapters []sector      `json:"chapters"`
	Hall     []room        `json:"hall,omitempty"`
	Measures int           `json:"measures"`
	Topics   []ref         `json:"topics,omitempty"`
	Cities   []city        `json:"cities,omitempty"` // places whose cells can be lit
}

// sector is a chapter: its part of the roof with its name beside it, its sections'
// rooms, and its sentences.
type sector struct {
	room
	Anchor string   `json:"anchor"`
	Lines  []string `json:"lines"` // of its name beside the house
	Rooms  []room   `json:"rooms,omitempty"`
	Cells  []cell   `json:"cells"`
}

type room struct {
	Href     string    `json:"href"`
	Path     string    `json:"path"`
	X        float64   `json:"x"`
	Y        float64   `json:"y"`
	Division *division `json:"division,omitempty"`
}

// cell is a sentence.
type cell struct {
	Ring     int     `json:"ring"`
	Turn     float64 `json:"turn"`
	Open     bool    `json:"open,omitempty"` // it is no measure
	Href     string  `json:"href"`
	N        string  `json:"n"`
	Headline string  `json:"headline"`
	Tone     string  `json:"tone,omitempty"` // of its first topic
	Of       string  `json:"of,omitempty"`   // further topics and places, as rules name them
}

// ofPlace is how a place is called where topics and places stand together.
func ofPlace(id string) string { return "p-" + id }

func (l pageIn) house() *house {
	if l.drawing == nil {
		return nil
	}
	h := &house{Drawing: *l.drawing}
	h.Drawing.Cells, h.Drawing.Rooms, h.Drawing.Chapters, h.Drawing.Hall = nil, nil, nil, nil
	at := map[*plannedDivision]int{}
	for _, c := range l.drawing.Chapters {
		v := l.divisions[c.ID]
		at[v] = len(h.Chapters)
		s := sector{room: l.room(c), Anchor: c.Anchor, Lines: wrap(l.roofName(v), nameWidth)}
		// Several lines stand above the house, beside it or below it.
		s.Y -= float64(len(s.Lines)-1) * nameLeading * (1 - c.Y/math.Hypot(c.X, c.Y)) / 2
		h.Chapters = append(h.Chapters, s)
	}
	chapterOf := func(v *plannedDivision) *sector {
		if v.parent != nil {
			v = v.parent
		}
		return &h.Chapters[at[v]]
	}
	for _, r := range l.drawing.Rooms {
		if v := l.divisions[r.ID]; v.parent != nil {
			c := chapterOf(v)
			c.Rooms = append(c.Rooms, l.room(r))
		}
	}
	for _, r := range l.drawing.Hall {
		h.Hall = append(h.Hall, room{Href: l.at().Unit(r.ID), Path: r.Path})
	}
	for _, c := range l.drawing.Cells {
		u := l.units[c.ID]
		v := cell{Ring: c.Ring, Turn: c.Turn, Open: u.Kind != plan.Measure, Href: l.at().Unit(u.ID), N: shortID(u.ID), Headline: l.saying(u.Unit)}
		topics, places := l.tags(u.Unit)
		var of []string
		for i, t := range topics {
			if i == 0 {
				v.Tone = toneOf(t)
			} else {
				of = append(of, t.topic.ID)
			}
		}
		for _, pl := range places {
			if pl.place.Kind != plan.Outside {
				of = append(of, ofPlace(pl.place.ID))
			}
		}
		v.Of = strings.Join(of, " ")
		if !v.Open {
			h.Measures++
		}
		sector := chapterOf(u.in)
		sector.Cells = append(sector.Cells, v)
	}
	h.Topics = l.topicRefs(func(*hub) bool { return true })
	for i := range h.Topics {
		h.Topics[i].About = ""
	}
	h.Cities = l.lightable()
	return h
}

// saying is a sentence in a few words: a hundred of them stand on one page.
func (l pageIn) saying(u *plan.Unit) string {
	text, in := u.Text.Or(l.Lang)
	if in == plan.EN {
		return cut(text, 30)
	}
	return cut(text, 18)
}

// room is a part of the house that leads to a division.
func (l pageIn) room(at tulou.Place) room {
	return room{Href: l.at().Division(at.ID), Path: at.Path, X: at.X, Y: at.Y, Division: l.division(l.divisions[at.ID])}
}

// lightable are the cities and counties that measures name.
func (l pageIn) lightable() (list []city) {
	for _, h := range l.deriver.places {
		if h.place.Kind != plan.City {
			continue
		}
		c := city{ref: l.ref(h)}
		for _, county := range l.counties(h) {
			if county.Measures > 0 {
				c.Counties = append(c.Counties, county)
			}
		}
		if c.Measures > 0 || len(c.Counties) > 0 {
			list = append(list, c)
		}
	}
	return list
}

// Names beside the house: a title that is longer than longest loses what follows
// its first clause; lines of English have nameWidth letters. A Chinese character
// takes the room of two letters.
const (
	longest     = 26
	nameWidth   = 22
	nameLeading = 11.25 // from line to line, in units of the drawing
)

func (l pageIn) roofName(v *plannedDivision) string {
	title, in := called(v.title, v.units).Or(l.Lang)
	if width(title) <= longest {
		return title
	}
	ends := []string{"，", "；"}
	if in == plan.EN {
		ends = []string{" and ", ", "}
	}
	for _, end := range ends {
		title, _, _ = strings.Cut(title, end)
	}
	return cut(title, nameWidth*3/2)
}

// wrap breaks a text between words.
func wrap(s string, most int) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && width(line)+1+width(word) > most {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

func width(s string) int { return (utf8.RuneCountInString(s) + len(s)) / 2 } // of Han, which have three bytes, two each

// lightRules are the rules of the second style sheet by which a topic or place that
// is chosen leaves the other cells faint.
func lightRules(p *plan.Plan) string {
	if p.Drawing != "tulou" {
		return ""
	}
	var b strings.Builder
	b.WriteString("@layer components {\n")
	rule := func(id, cells string) {
		fmt.Fprintf(&b, "  .tulou:has([value=\"%s\"]:checked) .cells a:not(%s) { fill-opacity: .14; }\n", id, cells)
	}
	for _, t := range p.Topics {
		rule(t.ID, fmt.Sprintf(".t-%[1]s, [data-of~=\"%[1]s\"]", t.ID))
	}
	for _, pl := range p.Places {
		if pl.Kind != plan.Outside {
			rule(ofPlace(pl.ID), fmt.Sprintf("[data-of~=\"%s\"]", ofPlace(pl.ID)))
		}
	}
	b.WriteString("}\n")
	return b.String()
}
