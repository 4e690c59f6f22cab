// Package tulou draws a plan as a tulou, the round earthen house of western
// Fujian, seen from above: chapters are its sectors, sections its rooms, and
// every sentence is a cell of one room, in rings around a courtyard; in its north,
// across from the gate, is the ancestral hall, where the preamble stands. The gate
// is in the south, as in the house; from there the plan is read clockwise, in each
// room ring by ring from the wall to the courtyard. Chapters are named around the
// house.
//
// A [Drawing] is geometry and ids only; texts, colours and links are the
// theme's. Lengths are units of an SVG user space whose origin is the centre of
// the house, x to the right and y down; angles are degrees clockwise from the
// positive x axis, as SVG's rotate() takes them. All cells of a ring have one
// shape, so a cell is a ring and an angle, and a page with a hundred cells stays
// small.
package tulou

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"minxi/generator/internal/plan"
)

// Radii of the house, from the outside in.
const (
	eaves = 206 // outer edge of the roof
	outer = 197 // outer face of the wall, under the roof
	wall  = 182 // inner face of the wall
	court = 112 // where the cells end
	yard  = 105 // outer edge of the courtyard
	hall  = 13  // the ancestral hall
	label = 214 // where a chapter's name begins or ends
)

// Gaps in the rings, in widths of a cell.
const (
	betweenRooms    = 0.2
	betweenChapters = 0.65
	gate            = 2.2
)

// cellShape is the width of a cell in the middle ring divided by its depth that
// the number of rings is chosen for: rooms of a tulou are deeper than wide.
const cellShape = 0.55

// Drawing is a plan as a tulou.
type Drawing struct {
	Radius   int        `json:"radius"`   // of the whole
	Outer    int        `json:"outer"`    // outer radius of the wall; the roof is beyond it
	Wall     int        `json:"wall"`     // inner radius of the wall
	Yard     int        `json:"yard"`     // of the courtyard
	Rings    []string   `json:"rings"`    // the cell of each ring at angle 0, as SVG path data, from the outside
	Cells    []Cell     `json:"cells"`    // in document order, without the preamble
	Rooms    []Place    `json:"rooms"`    // one for each section, and for a chapter's own sentences
	Chapters []Place    `json:"chapters"` // their parts of the roof, with the places of their names
	Gate     string     `json:"gate"`     // the opening in the wall, as SVG path data
	Hall     []HallRoom `json:"hall"`     // the preamble, sentence by sentence
	HallY    int        `json:"hally"`    // of the middle of the hall
}

// Cell is where a unit stands: the shape of its ring, turned.
type Cell struct {
	ID   plan.ID `json:"id"`
	Ring int     `json:"ring"` // index of Drawing.Rings
	Turn float64 `json:"turn"` // degrees
}

// Place is a room or a sector: an outline to draw or to point at, and the
// middle of its label.
type Place struct {
	ID   string  `json:"id"` // as in addresses: s4, c3
	Path string  `json:"path"`
	X    float64 `json:"x"`
	Y    float64 `json:"y"`
	// Anchor is how a label beside the house is set: start, middle or end, as SVG's
	// text-anchor.
	Anchor string `json:"anchor,omitempty"`

	from, to float64 // degrees
}

// HallRoom is a unit of the preamble in the hall.
type HallRoom struct {
	ID   plan.ID `json:"id"`
	Path string  `json:"path"`
}

// room is a section, or what a chapter says before its first section.
type room struct {
	id      string
	units   []*plan.Unit
	chapter int // index
}

// Draw draws p. A plan without chapters is an empty house.
func Draw(p *plan.Plan) Drawing {
	var rooms []room
	for i, c := range p.Chapters {
		if len(c.Units) > 0 {
			rooms = append(rooms, room{"c" + strconv.Itoa(c.Number), c.Units, i})
		}
		for _, s := range c.Sections {
			rooms = append(rooms, room{"s" + strconv.Itoa(s.Number), s.Units, i})
		}
	}
	d := Drawing{Radius: eaves, Outer: outer, Wall: wall, Yard: yard, Hall: drawHall(p.Preamble), HallY: -hallNorth}
	rows := rings(rooms)
	width := 360 / columns(rooms, rows) // of a column, in degrees
	radius := radii(rows)
	for i := range rows {
		d.Rings = append(d.Rings, segment(radius[i+1], radius[i], -width/2, width/2))
	}
	south := 90.0
	d.Gate = segment(wall, eaves+1, south-gate/2*width, south+gate/2*width)

	at := south + gate/2*width
	for i, r := range rooms {
		if i > 0 && rooms[i-1].chapter == r.chapter {
			at += betweenRooms * width
		} else if i > 0 {
			at += betweenChapters * width
		}
		n := max(1, (len(r.units)+rows-1)/rows)
		for j, u := range r.units {
			d.Cells = append(d.Cells, Cell{ID: u.ID, Ring: j / n, Turn: round(math.Mod(at+(float64(j%n)+0.5)*width, 360))})
		}
		end := at + float64(n)*width
		d.Rooms = append(d.Rooms, place(r.id, wall, outer, (wall+outer)/2.0, at, end))
		at = end
	}
	for i, c := range p.Chapters {
		from, to := math.Inf(1), math.Inf(-1)
		for j, r := range rooms {
			if r.chapter == i {
				from, to = min(from, d.Rooms[j].from), max(to, d.Rooms[j].to)
			}
		}
		if from < to {
			d.Chapters = append(d.Chapters, named("c"+strconv.Itoa(c.Number), from, to))
		}
	}
	return d
}

// rings is the number of rings that makes cells most like rooms.
func rings(rooms []room) int {
	best, least := 1, math.Inf(1)
	for rows := 1; rows <= 9; rows++ {
		middle := float64(wall+court) / 2
		shape := 2 * math.Pi * middle / columns(rooms, rows) / (float64(wall-court) / float64(rows))
		if off := math.Abs(math.Log(shape / cellShape)); off < least {
			best, least = rows, off
		}
	}
	return best
}

// columns is the circle measured in cells, with the gaps.
func columns(rooms []room, rows int) float64 {
	n := gate
	for i, r := range rooms {
		n += float64(max(1, (len(r.units)+rows-1)/rows))
		switch {
		case i == 0:
		case rooms[i-1].chapter == r.chapter:
			n += betweenRooms
		default:
			n += betweenChapters
		}
	}
	return n
}

// radii divides the ring of cells into rows, from the outside: the result has one
// radius more than rows. Rows of one area would be much deeper inside, rows of one
// depth much smaller; this is halfway.
func radii(rows int) []float64 {
	r := make([]float64, rows+1)
	for i := range r {
		part := float64(i) / float64(rows)
		area := math.Sqrt(wall*wall - part*(wall*wall-court*court))
		depth := wall - part*(wall-court)
		r[i] = (area + depth) / 2
	}
	return r
}

// hallNorth is how far north of the middle the hall stands.
const hallNorth = yard - hall - 8

// drawHall divides the hall among the units of the preamble.
func drawHall(units []*plan.Unit) []HallRoom {
	var rooms []HallRoom
	for i, u := range units {
		turn := 360 / float64(len(units))
		// A whole circle is two halves: an arc from a point to itself is nothing.
		path := fmt.Sprintf("M%[1]d 0A%[1]d %[1]d 0 1 1-%[1]d 0A%[1]d %[1]d 0 1 1 %[1]d 0Z", hall)
		if len(units) > 1 {
			path = segment(0, hall, -90+float64(i)*turn, -90+float64(i+1)*turn)
		}
		rooms = append(rooms, HallRoom{u.ID, path})
	}
	return rooms
}

func place(id string, inner, outer, middle, from, to float64) Place {
	x, y := point(middle, (from+to)/2)
	return Place{ID: id, Path: segment(inner, outer, from, to), X: round(x), Y: round(y), from: from, to: to}
}

// named is a part of the roof with the place of a name beside it: to the right of
// the house names begin, to its left they end.
func named(id string, from, to float64) Place {
	p := place(id, outer, eaves, label, from, to)
	switch cos := math.Cos((from + to) / 2 * math.Pi / 180); {
	case cos > 0.1:
		p.Anchor = "start"
	case cos < -0.1:
		p.Anchor = "end"
	default:
		p.Anchor = "middle"
	}
	return p
}

// segment is a part of a ring as path data; with inner 0, of a disc.
func segment(inner, outer, from, to float64) string {
	large := "0"
	if to-from > 180 {
		large = "1"
	}
	var b strings.Builder
	move := func(command byte, r, angle float64) {
		x, y := point(r, angle)
		b.WriteByte(command)
		number(&b, x, false)
		number(&b, y, true)
	}
	arc := func(r float64, sweep string, angle float64) {
		x, y := point(r, angle)
		b.WriteByte('A')
		number(&b, r, false)
		number(&b, r, true)
		b.WriteString(" 0 " + large + " " + sweep)
		number(&b, x, true)
		number(&b, y, true)
	}
	if inner == 0 {
		b.WriteString("M0 0")
	} else {
		move('M', inner, from)
	}
	move('L', outer, from)
	arc(outer, "1", to)
	if inner > 0 {
		move('L', inner, to)
		arc(inner, "0", from)
	}
	b.WriteByte('Z')
	return b.String()
}

func point(r, angle float64) (x, y float64) {
	s, c := math.Sincos(angle * math.Pi / 180)
	return r * c, r * s
}

// round keeps one digit: a twentieth of a unit is less than any screen shows.
func round(v float64) float64 { return math.Round(v*10) / 10 }

func number(b *strings.Builder, v float64, after bool) {
	v = round(v)
	if v == 0 {
		v = 0 // never -0
	}
	if after && v >= 0 {
		b.WriteByte(' ')
	}
	b.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
}
