package cards

import (
	"crypto/sha256"
	"image"
	"image/draw"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Face is a typeface that cards are drawn with. It may be used from several
// goroutines at once.
type Face struct {
	Sum  [sha256.Size]byte // of the file
	font *sfnt.Font

	mu    sync.RWMutex
	masks map[shape]*mask

	bands sync.Map // mastheads that were drawn: band to pixels
}

// shape is a character in a size, in pixels to the em.
type shape struct {
	r    rune
	size int
}

// mask is a character as it is drawn: how much of each pixel it covers, from where the
// pen is, how far the pen then moves, and how far the ink reaches, in 64ths.
type mask struct {
	*image.Alpha
	advance    fixed.Int26_6
	ink        fixed.Rectangle26_6
	sidewaysBy int // pixels from the pen to the left edge
	upwardsBy  int // pixels from the base line to the top edge, downwards
}

// Open reads a typeface from a WOFF2 file with CFF outlines.
func Open(woff2 []byte) (*Face, error) {
	data, err := unpack(woff2)
	if err != nil {
		return nil, err
	}
	f, err := sfnt.Parse(data)
	if err != nil {
		return nil, err
	}
	return &Face{Sum: sha256.Sum256(woff2), font: f, masks: map[shape]*mask{}}, nil
}

// Lacks are the characters of a text that the typeface does not have, each once.
func (f *Face) Lacks(text string) (lacks []rune) {
	var buf sfnt.Buffer
	seen := map[rune]bool{' ': true}
	for _, r := range text {
		if seen[r] {
			continue
		}
		seen[r] = true
		if i, err := f.font.GlyphIndex(&buf, r); err != nil || i == 0 {
			lacks = append(lacks, r)
		}
	}
	return lacks
}

// has reports whether the typeface has every character of a text.
func (f *Face) has(text string) bool { return len(f.Lacks(text)) == 0 }

// mask is how a character is drawn; one that the typeface lacks is a space.
func (f *Face) mask(r rune, size int) *mask {
	key := shape{r, size}
	f.mu.RLock()
	m := f.masks[key]
	f.mu.RUnlock()
	if m != nil {
		return m
	}
	m = f.draw(r, size)
	f.mu.Lock()
	f.masks[key] = m
	f.mu.Unlock()
	return m
}

func (f *Face) draw(r rune, size int) *mask {
	var buf sfnt.Buffer
	ppem := fixed.I(size)
	m := &mask{Alpha: &image.Alpha{}, advance: ppem / 4}
	i, err := f.font.GlyphIndex(&buf, r)
	if err != nil || i == 0 {
		return m
	}
	if a, err := f.font.GlyphAdvance(&buf, i, ppem, font.HintingNone); err == nil {
		m.advance = a
	}
	segments, err := f.font.LoadGlyph(&buf, i, ppem, nil)
	if err != nil || len(segments) == 0 {
		return m
	}
	m.ink = segments.Bounds()
	box := image.Rect(m.ink.Min.X.Floor(), m.ink.Min.Y.Floor(), m.ink.Max.X.Ceil(), m.ink.Max.Y.Ceil())
	m.sidewaysBy, m.upwardsBy = box.Min.X, box.Min.Y
	m.Alpha = image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	z.DrawOp = draw.Src
	outline(z, segments, fixed.P(-box.Min.X, -box.Min.Y))
	z.Draw(m.Alpha, m.Alpha.Rect, image.Opaque, image.Point{})
	return m
}

// outline draws a character's outline as lines between points that are made of whole
// numbers: curves in floating point would come out a little different from one kind of
// processor to another, and so would the file.
func outline(z *vector.Rasterizer, segments sfnt.Segments, by fixed.Point26_6) {
	var pen fixed.Point26_6
	float := func(p fixed.Point26_6) (float32, float32) { return float32(p.X) / 64, float32(p.Y) / 64 }
	line := func(p fixed.Point26_6) { z.LineTo(float(p)); pen = p }
	for _, s := range segments {
		a, b, c := s.Args[0].Add(by), s.Args[1].Add(by), s.Args[2].Add(by)
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			z.ClosePath()
			z.MoveTo(float(a))
			pen = a
		case sfnt.SegmentOpLineTo:
			line(a)
		case sfnt.SegmentOpQuadTo: // the same curve as a cubic
			b, c = fixed.Point26_6{X: (2*a.X + b.X) / 3, Y: (2*a.Y + b.Y) / 3}, b
			a = fixed.Point26_6{X: (pen.X + 2*a.X) / 3, Y: (pen.Y + 2*a.Y) / 3}
			fallthrough
		case sfnt.SegmentOpCubeTo:
			from := pen
			for t := int64(1); t <= steps; t++ {
				line(fixed.Point26_6{X: cubic(from.X, a.X, b.X, c.X, t), Y: cubic(from.Y, a.Y, b.Y, c.Y, t)})
			}
		}
	}
	z.ClosePath()
}

// steps is how many lines a curve is made of.
const steps = 8

// cubic is a Bézier curve of four points at t of steps.
func cubic(p0, p1, p2, p3 fixed.Int26_6, t int64) fixed.Int26_6 {
	u := steps - t
	sum := u*u*u*int64(p0) + 3*u*u*t*int64(p1) + 3*u*t*t*int64(p2) + t*t*t*int64(p3)
	return fixed.Int26_6((sum + steps*steps*steps/2) >> 9)
}
