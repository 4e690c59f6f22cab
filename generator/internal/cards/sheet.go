package cards

import (
	"rsc.io/qr"
)

// Sheet is what a long picture shows.
type Sheet struct {
	English   bool
	Site      string
	Label     string // above the name: 主题
	Title     string
	About     string
	Groups    []Group
	RestTitle string
	Rest      []string // what is said below the groups, of what they do not have
	Source    string
	Note      string
	Address   string // of the page, complete: drawn as a QR code and in letters
	Invites   string // beside the code: what it leads to
}

// Group is measures under a heading.
type Group struct {
	Title string
	Items []Item
}

// Item is a measure: its number and its text.
type Item struct{ Label, Text string }

// Key is all that decides a long picture's bytes but the typeface.
func (s Sheet) Key() []byte { return key("sheet", s) }

// The measures of a long picture. A phone shows 750 pixels at about half their size, so
// a text of 34 is read at 17.
const (
	SheetWidth = 750

	sheetMargin = 45
	sheetHead   = 112
	itemSize    = 34
	englishSize = 30
	labelSize   = 30
	codePixel   = 6 // of a module
)

// Sheet draws a long picture as PNG. It is as long as its text.
func (f *Face) Sheet(s Sheet) ([]byte, error) {
	for _, t := range []*string{&s.Site, &s.Label, &s.About, &s.Source, &s.Note, &s.Invites} {
		if !f.has(*t) {
			*t = ""
		}
	}
	// Once to learn how long it is, once to draw.
	measured := canvas{nil}
	height := measured.sheet(f, s)
	p := newCanvas(SheetWidth, height)
	p.sheet(f, s)
	return p.png()
}

// sheet draws and returns the height; on a canvas of nothing it only measures.
func (c canvas) sheet(f *Face, s Sheet) int {
	drawn := c.Paletted != nil
	room, size := SheetWidth-2*sheetMargin, itemSize
	if s.English {
		size = englishSize
	}
	if drawn {
		c.masthead(f, s.Site, s.English, SheetWidth, sheetHead, sheetMargin, 31)
	}
	y := sheetHead + 40
	block := func(text string, size, gap int, colours ramp) {
		if text == "" || !f.has(text) {
			return
		}
		set := setter{f, size, s.English}
		list := set.lines(text, room)
		step := lead(s.English)(size)
		if set.flush(list, room); drawn {
			c.lines(set, list, sheetMargin, y, step, colours)
		}
		y += len(list)*step + gap
	}
	block(s.Label, labelSize, 0, redOnPaper)
	block(s.Title, 64, 6, inkOnPaper)
	block(s.About, labelSize, 10, inkOnPaper)
	for _, g := range s.Groups {
		if drawn {
			c.fill(sheetMargin, y+14, room, 3, redOnPaper.solid())
		}
		y += 30
		block(g.Title, size+2, 8, redOnPaper)
		for i, item := range g.Items {
			if i > 0 && drawn {
				c.fill(sheetMargin, y, room, 2, ruleColour)
			}
			y += 14
			block(item.Label, labelSize-2, 0, redOnPaper)
			block(item.Text, size, 18, inkOnPaper)
		}
	}
	if len(s.Rest) > 0 && drawn {
		c.fill(sheetMargin, y+14, room, 3, redOnPaper.solid())
	}
	if y += 30; len(s.Rest) > 0 {
		block(s.RestTitle, labelSize, 6, redOnPaper)
	}
	for _, rest := range s.Rest {
		block(rest, labelSize, 6, inkOnPaper)
	}
	return c.colophon(f, s, y+20)
}

// colophon draws the end of a long picture: where it comes from, and the code of the
// page that it was made of.
func (c canvas) colophon(f *Face, s Sheet, y int) int {
	drawn := c.Paletted != nil
	const quiet = 4 // modules of the ground around a code
	side := 0
	code, err := qr.Encode(s.Address, qr.M)
	if err == nil && s.Address != "" {
		side = code.Size * codePixel
	}
	if drawn {
		c.fill(0, y, SheetWidth, 4, redOnPaper.solid())
	}
	y += 32
	x, most := sheetMargin, SheetWidth-2*sheetMargin
	if side > 0 {
		if drawn {
			for my := range code.Size {
				for mx := range code.Size {
					if code.Black(mx, my) {
						c.fill(sheetMargin+mx*codePixel, y+my*codePixel, codePixel, codePixel, inkOnPaper.solid())
					}
				}
			}
		}
		x += side + (quiet+2)*codePixel
		most -= side + (quiet+2)*codePixel
	}
	top := y
	for _, part := range []struct {
		text    string
		colours ramp
	}{{s.Invites, redOnPaper}, {s.Address, inkOnPaper}, {s.Source, inkOnPaper}, {s.Note, inkOnPaper}} {
		if part.text == "" || !f.has(part.text) {
			continue
		}
		set := setter{f, 25, s.English || part.text == s.Address}
		step := lead(s.English)(25)
		list := set.lines(part.text, most)
		if drawn {
			c.lines(set, list, x, top, step, part.colours)
		}
		top += len(list)*step + 8
	}
	return max(top, y+side) + 40
}
