// Package cards draws what a page shows of itself where it is shared: a card of 1200 by
// 630 pixels, which messengers and social networks show beside a link, and a long
// picture of 750 pixels' width, which is sent to groups as it is and read on a phone.
//
//	face, err := cards.Open(woff2)
//	png, err := face.Card(cards.Card{…})
//	png, err := face.Sheet(cards.Sheet{…})
//
// A picture is a function of its value and the typeface, which is the one that the
// site has for its headings: the same on every system, to the byte, because nothing is
// computed in floating point that could be rounded in two ways. So it may be kept under
// a hash of these (Key), and nothing is drawn twice.
//
// Lines are set as Chinese typesetting wants (lines.go), in sixteen colours of the site
// (canvas.go). A text with a character that the typeface lacks is left out of a picture
// and never shown with a hole: the plan's words are official.
package cards

import (
	"encoding/json"
	"fmt"
)

// Version says how cards are drawn: another for every change that is seen.
const Version = "1"

// Card is what a card shows.
type Card struct {
	English bool
	Site    string // what the site is called
	Label   string // above the text, in the colour of the site: 措施 3-2
	Where   string // beside the label, in ink
	Text    string // the sentence, or the name of a hub
	About   string // below a name: what is to be found there
	Source  string // who issued the plan, and its number
	Note    string // beside the source: that a translation is not official
}

// Key is all that decides a card's bytes but the typeface.
func (c Card) Key() []byte { return key("card", c) }

func key(kind string, picture any) []byte {
	data, err := json.Marshal(picture)
	if err != nil {
		panic(err) // there are only texts in it
	}
	return fmt.Appendf(data, "%s %s", kind, Version)
}

// The size of a card, as Open Graph and Twitter's large cards have it, and its parts.
const (
	Width  = 1200
	Height = 630

	masthead = 104
	foot     = 76
	margin   = 72
)

// Sizes of a text, from large to small; English has more letters to a line.
var (
	textSizes = []int{72, 66, 60, 55, 50, 46, 42, 38, 35, 32, 29, 26, 23}
	nameSizes = []int{104, 92, 80, 72, 64, 56, 48, 40}
)

func lead(english bool) func(int) int {
	if english {
		return func(size int) int { return size * 132 / 100 }
	}
	return func(size int) int { return size * 156 / 100 }
}

// Card draws a card as PNG.
func (f *Face) Card(c Card) ([]byte, error) {
	for _, t := range []*string{&c.Site, &c.Where, &c.About, &c.Source, &c.Note, &c.Text} {
		if !f.has(*t) {
			*t = ""
		}
	}
	if c.Text == "" {
		c.Text, c.Label = c.Label, ""
	}
	p := newCanvas(Width, Height)
	p.masthead(f, c.Site, c.English, Width, masthead, margin, 34)

	room := Width - 2*margin
	top, bottom := masthead+34, Height-foot-16
	if c.Label != "" || c.Where != "" {
		s := setter{f, 34, c.English}
		x := margin
		if c.Label != "" {
			x += p.text(s, c.Label, x, top, redOnPaper) + 28
		}
		where := s.lines(c.Where, max(s.size, Width-margin-x))
		if len(where) == 1 {
			p.line(s, where[0], x, top, inkOnPaper)
		}
		top += s.size + 22
	}
	sizes := textSizes
	if c.About != "" {
		sizes = nameSizes
	}
	about := setter{f, 38, c.English}
	var below []line
	if c.About != "" {
		about, below = f.fit(c.About, c.English, []int{40, 36, 32, 28}, lead(c.English), room, 180)
		about.flush(below, widest(below))
	}
	aboutHeight := len(below) * lead(c.English)(about.size)
	s, text := f.fit(c.Text, c.English, sizes, lead(c.English), room, bottom-top-aboutHeight)
	step := lead(c.English)(s.size)
	s.flush(text, widest(text))
	y := top + (bottom-top-aboutHeight-len(text)*step)/2
	y = p.lines(s, text, margin, y, step, inkOnPaper)
	p.lines(about, below, margin, y+8, lead(c.English)(about.size), inkOnPaper)

	p.fill(margin, Height-foot, room, 2, ruleColour)
	s = setter{f, 26, c.English}
	y = Height - foot + 24
	if c.Note != "" {
		l := s.set([]rune(c.Note))
		p.line(s, l, Width-margin-l.width.Ceil(), y, redOnPaper)
		room -= l.width.Ceil() + 40
	}
	one := func(int) int { return 1 }
	s, text = f.fit(c.Source, c.English, []int{26, 24, 22, 20, 18}, one, room, 1)
	p.lines(s, text, margin, y, 26, inkOnPaper)
	return p.png()
}

// masthead draws the band that every picture begins with: the sign, the site's name,
// and at its end the walls of a round house. It is drawn once and then copied.
func (c canvas) masthead(f *Face, site string, english bool, width, height, margin, size int) {
	key := band{site, english, width, height, margin, size}
	drawn, has := f.bands.Load(key)
	if !has {
		of := newCanvas(width, height)
		of.band(f, key)
		drawn, _ = f.bands.LoadOrStore(key, of.Pix)
	}
	copy(c.Pix, drawn.([]uint8)) // both are as wide
}

// band is all that decides a masthead's pixels.
type band struct {
	site                        string
	english                     bool
	width, height, margin, size int
}

func (c canvas) band(f *Face, b band) {
	c.fill(0, 0, b.width, b.height, paperOnRed.ground())
	colour := func(alpha uint8) uint8 {
		if alpha > 127 {
			return ringColour
		}
		return paperOnRed.ground()
	}
	for r := 150; r <= 510; r += 90 { // clipped by the band
		c.ring((b.width-b.margin)*10, b.height*10+200, r*10/3, r*10/3+60, colour)
	}
	c.emblem(b.margin+b.height*3/10, b.height/2, b.height*6/10*10/7)
	x := b.margin + b.height*6/10 + b.height/4
	s, lines := f.fit(b.site, b.english, []int{b.size, b.size * 9 / 10, b.size * 8 / 10, b.size * 7 / 10, b.size * 6 / 10}, func(size int) int { return size * 120 / 100 }, b.width-x-b.margin, b.height-12)
	step := s.size * 120 / 100
	c.lines(s, lines, x, (b.height-len(lines)*step)/2, step, paperOnRed)
}
