package cards

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"sync"

	"golang.org/x/image/math/fixed"
)

// The colours of a card: those of the site in its light palette, and between some of
// them as many steps as the edges of characters need. Sixteen colours are half a byte a
// pixel.
var (
	paper = color.RGBA{0xff, 0xfd, 0xfa, 0xff}
	ink   = color.RGBA{0x1e, 0x19, 0x16, 0xff}
	red   = color.RGBA{0x8c, 0x1a, 0x1a, 0xff}
	rings = color.RGBA{0x9d, 0x35, 0x33, 0xff} // of the drawing on the masthead
	rule  = color.RGBA{0xd6, 0xc9, 0xba, 0xff}
)

// ramp is the colours from a ground to what is drawn on it.
type ramp struct{ from, steps uint8 }

// at is the colour of a pixel that is covered so far.
func (r ramp) at(alpha uint8) uint8 { return r.from + uint8((int(alpha)*int(r.steps)+127)/255) }

// solid is the colour of what is drawn.
func (r ramp) solid() uint8 { return r.from + r.steps }

// ground is the colour of what it is drawn on.
func (r ramp) ground() uint8 { return r.from }

// The palette: each ramp begins with its ground.
var (
	inkOnPaper = ramp{0, 5}
	redOnPaper = ramp{6, 3}
	paperOnRed = ramp{10, 3}
	ringColour = uint8(14)
	ruleColour = uint8(15)

	palette = func() (p color.Palette) {
		mix := func(a, b color.RGBA, i, n int) color.Color {
			m := func(x, y uint8) uint8 { return uint8((int(x)*(n-i) + int(y)*i + n/2) / n) }
			return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xff}
		}
		for _, r := range []struct {
			ramp
			from, to color.RGBA
		}{{inkOnPaper, paper, ink}, {redOnPaper, paper, red}, {paperOnRed, red, paper}} {
			for i := 0; i <= int(r.steps); i++ {
				p = append(p, mix(r.from, r.to, i, int(r.steps)))
			}
		}
		return append(p, rings, rule)
	}()
)

// canvas is a picture that is being drawn.
type canvas struct{ *image.Paletted }

func newCanvas(width, height int) canvas {
	return canvas{image.NewPaletted(image.Rect(0, 0, width, height), palette)}
}

// ColorIndexAt is the colour of a pixel of the picture; the encoder asks for each.
func (c canvas) ColorIndexAt(x, y int) uint8 { return c.Pix[y*c.Stride+x] }

// fill fills a rectangle.
func (c canvas) fill(x, y, width, height int, colour uint8) {
	box := image.Rect(x, y, x+width, y+height).Intersect(c.Rect)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := c.Pix[y*c.Stride+box.Min.X : y*c.Stride+box.Max.X]
		for i := range row {
			row[i] = colour
		}
	}
}

// line draws a line of text with its em box at x, y.
func (c canvas) line(s setter, l line, x, y int, colours ramp) {
	base := y + s.size*88/100
	for i, r := range l.text {
		m := s.mask(r, s.size)
		left, top := x+(l.at[i]+fixed.Int26_6(32)).Floor()+m.sidewaysBy, base+m.upwardsBy
		for dy := range m.Rect.Dy() {
			if top+dy < 0 || top+dy >= c.Rect.Max.Y {
				continue
			}
			row := c.Pix[(top+dy)*c.Stride:][:c.Stride]
			for dx, alpha := range m.Pix[dy*m.Stride:][:m.Rect.Dx()] {
				if at := left + dx; alpha > 0 && at >= 0 && at < len(row) {
					if v := colours.at(alpha); v > colours.ground() && (row[at] < v || row[at] > colours.solid() || row[at] < colours.ground()) {
						row[at] = v
					}
				}
			}
		}
	}
}

// lines draws lines of text, one below the other, and returns where the next would be.
func (c canvas) lines(s setter, list []line, x, y, lead int, colours ramp) int {
	for _, l := range list {
		c.line(s, l, x, y+(lead-s.size)/2, colours)
		y += lead
	}
	return y
}

// text draws one line of text.
func (c canvas) text(s setter, text string, x, y int, colours ramp) (width int) {
	l := s.set([]rune(text))
	c.line(s, l, x, y, colours)
	return l.width.Ceil()
}

// ring draws a ring, or with an inner radius of 0 a disc, in tenths of a pixel. Each
// pixel is looked at in four times four places.
func (c canvas) ring(x, y, inner, outer int, colour func(alpha uint8) uint8) {
	for py := (y - outer) / 10; py <= (y+outer)/10; py++ {
		for px := (x - outer) / 10; px <= (x+outer)/10; px++ {
			if !(image.Point{px, py}).In(c.Rect) {
				continue
			}
			n := 0
			for i := range 16 {
				dx, dy := 40*px+10*(i%4)+5-4*x, 40*py+10*(i/4)+5-4*y // in fortieths
				if d := dx*dx + dy*dy; d <= 16*outer*outer && d >= 16*inner*inner {
					n++
				}
			}
			if n > 0 {
				c.Pix[py*c.Stride+px] = colour(uint8(n * 255 / 16))
			}
		}
	}
}

// emblem draws the site's sign, a round house from above, on the masthead.
func (c canvas) emblem(x, y, size int) {
	u := size * 10 / 32 // a unit of the drawing, in tenths of a pixel
	c.ring(x*10, y*10, 10*u*825/1000, 10*u*1075/1000, paperOnRed.at)
	c.ring(x*10, y*10, 0, 10*u*35/100, paperOnRed.at)
}

// png encodes the picture.
func (c canvas) png() ([]byte, error) {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: &buffers}
	err := e.Encode(&b, c)
	return b.Bytes(), err
}

// buffers are used again from picture to picture.
var buffers pool

type pool struct{ p sync.Pool }

func (p *pool) Get() *png.EncoderBuffer  { b, _ := p.p.Get().(*png.EncoderBuffer); return b }
func (p *pool) Put(b *png.EncoderBuffer) { p.p.Put(b) }
