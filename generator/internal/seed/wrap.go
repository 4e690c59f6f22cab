package seed

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// flow is how the text runs over its lines: whether a tool cut them at a width,
// and at which. Widths are in half cells.
type flow struct {
	wrapped bool
	byChars bool   // the tool counted characters, not cells
	width   int    // of a full line
	first   int    // of a paragraph's full first line whose indent a tool dropped
	margin  uint16 // indent that every line has
	gap     uint16 // blank lines between any two lines: 1 in double spacing
}

// A tool cuts lines at a width between these. A longer line is a paragraph, and
// a shorter one that ends open is a signature or the like.
const minWidth, maxWidth = 24, 240

// measure finds the flow of the plan's body. In clean text nearly every line
// ends a sentence or is a heading; where many end open, and do so at one width,
// a tool has cut them.
func measure(lines []line) flow {
	var f flow
	var gaps [8]int
	type sizes struct{ cells, chars histogram }
	var rest, first sizes
	considered, open, long := 0, 0, 0
	f.margin = math.MaxUint16
	for _, l := range lines {
		f.margin = min(f.margin, l.indent)
		gaps[min(int(l.blanks), len(gaps)-1)]++
		m, marked := markOf(l.text)
		if marked && !strings.Contains(l.text[m.size:], "。") {
			continue // a heading on its own line
		}
		if _, ok := itemOf(l.text); ok && !isClosed(l.text) && l.cells < minWidth*2 {
			continue // 1.加强生态修复
		}
		considered++
		if l.cells > maxWidth {
			long++
			continue
		}
		if isClosed(l.text) || l.cells < minWidth {
			continue
		}
		open++
		h := &rest
		if marked {
			h = &first
		}
		h.cells[l.cells]++
		h.chars[min(int(l.chars), maxWidth)]++
	}
	for n, most := range gaps {
		if most > gaps[f.gap] {
			f.gap = uint16(n)
		}
	}
	f.wrapped = open*5 > considered && long*10 <= open
	if !f.wrapped {
		return f
	}
	all := rest
	if rest.cells.total() == 0 {
		all = first
	}
	cells, chars := all.cells.full(), all.chars.full()
	// A tool that counts characters cuts anywhere, so that its full lines agree.
	f.byChars = all.chars[chars] > all.cells[cells] && all.chars[chars]*10 >= 9*all.chars.total()
	marks := &first.cells
	f.width = cells
	if f.byChars {
		f.width, marks = chars, &first.chars
	}
	// Paragraphs are indented by two characters; a tool may drop the indent, but
	// the line stays so much shorter. Where few first lines are known, suppose
	// that: a line that passes for full is joined to the next, one that passes
	// for short would cut a sentence.
	f.first = f.width - 4
	if marks.atLeast(f.width-2)*2 > marks.total() {
		f.first = f.width
	}
	return f
}

// histogram counts lines by width.
type histogram [maxWidth + 1]int

func (h *histogram) total() int { return h.atLeast(0) }

func (h *histogram) atLeast(w int) int {
	n := 0
	for _, k := range h[max(w, 0):] {
		n += k
	}
	return n
}

// full is the width that a full line has: the largest that a tenth of the lines
// reach, since a stop may hang over the end of a few.
func (h *histogram) full() int {
	n, total := 0, h.total()
	for w := maxWidth; w > 0; w-- {
		if n += h[w]; n > 0 && n*10 >= total {
			return w
		}
	}
	return 0
}

// room is how much more would have fitted on line a after the first word of the
// next line b: below zero on a full line, which says nothing about whether a
// paragraph ends there.
func (f *flow) room(a, b *line, isFirst bool) int {
	limit, have := f.width, int(a.cells)
	if f.byChars {
		have = int(a.chars)
	}
	switch indent := int(a.indent - f.margin); {
	case indent > 0:
		have += min(indent, 8)
	case isFirst:
		limit = f.first
	}
	word, _ := width(firstWord(b.text))
	if f.byChars {
		word = 2 // such a tool cuts anywhere
	}
	return limit - have - int(word)
}

// firstWord returns what a typesetter may not cut at the start of s: an opening
// bracket and what it opens on, a Latin word or a number, and the stops and
// closing marks that may not begin a line.
func firstWord(s string) string {
	i := 0
	step := func(ok func(r rune) bool) bool {
		r, n := utf8.DecodeRuneInString(s[i:])
		if n == 0 || i > 60 || !ok(r) {
			return false
		}
		i += n
		return true
	}
	for step(func(r rune) bool { _, opens := pairs[r]; return opens }) {
	}
	latin := func(r rune) bool { return r > ' ' && r < utf8.RuneSelf }
	if step(latin) {
		for step(latin) {
		}
	} else {
		step(func(rune) bool { return true })
	}
	for step(func(r rune) bool {
		return strings.ContainsRune("，。、；：？！…—％·", r) || strings.ContainsRune(closers, r)
	}) {
	}
	return s[:i]
}

// A paragraph that is being gathered, as far as the question needs it whether
// the next line belongs to it.
type gathering struct {
	last    *line
	isFirst bool  // last is its first line
	heading bool  // it begins with a mark, and no full stop has come yet
	depth   depth // brackets and quotations that are open after last
}

// How much room shows that a line was ended on purpose, in half cells. A line
// may be a cell short because of how a typesetter squeezes marks.
const (
	roomAfterStop = 2 // the sentence ended: little is at stake
	roomInside    = 6 // a sentence would be cut: be sure
)

// add takes l in as the last line.
func (g *gathering) add(l *line) {
	g.heading = g.heading && !strings.Contains(l.text, "。")
	g.last, g.isFirst = l, g.last == nil
	for _, r := range l.text {
		g.depth.step(r)
		g.depth.level = max(g.depth.level, 0)
	}
}

// closed reports whether the paragraph could end here: after a stop, and not
// inside a quotation.
func (g *gathering) closed() bool {
	return g.depth.level == 0 && isClosed(g.last.text)
}

// parts reports whether line b starts a new paragraph after g. That b bears the
// heading that must come next is told by the caller.
func (f *flow) parts(g gathering, b, after *line, heading bool) bool {
	a := g.last
	closed := g.closed()
	if r, _ := utf8.DecodeRuneInString(b.text); strings.ContainsRune("，。、；：？！的", r) || closes[r] {
		return false // no paragraph begins so
	}
	if !f.wrapped {
		// Each line is a paragraph, except where a page ended inside one, and
		// except a note in brackets, which belongs to the sentence above it.
		healed := b.page && !closed && !g.heading && !heading && a.cells > 40
		isNote := closed && !g.heading && note(b.text, true) > 0
		return !healed && !isNote
	}
	if heading && (closed || g.heading || !endsMidSentence(a.text)) {
		return true
	}
	room := f.room(a, b, g.isFirst)
	spaced := b.blanks > f.gap && !b.page
	switch {
	case closed && !spaced && (startsNote(b.text) || goesOn(b.text)):
		return false // the next line has （省发展改革委负责） or the rest of “…。”的方针
	case closed:
		return spaced || room >= roomAfterStop || strings.HasPrefix(b.text, "——") || b.indent >= f.margin+2
	case spaced:
		return room >= 0
	case !g.heading:
		return room >= roomInside
	case room < 0:
		return false
	case room >= 4:
		return true
	}
	// A heading that stops a word short of the margin: the next line is its end
	// if it is short and open itself, as 作用 is, and the text of it if not.
	_, marked := markOf(b.text)
	return marked || isClosed(b.text) || after != nil && f.room(b, after, false) < int(b.cells)
}

// endsMidSentence reports whether s ends where no paragraph can, so that 三、 at
// the start of the next line is no heading but goes on with 龙岩、 or with 第.
// Anything else before the very number that must come next is taken for a
// paragraph that lacks its stop: a heading is not swallowed.
func endsMidSentence(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	_, opens := pairs[r]
	return opens || strings.ContainsRune("，、第—零一二三四五六七八九十百千万", r)
}

// join makes one paragraph of lines: breaks go, and so do spaces that a tool
// put beside digits and Latin letters. Nothing comes in but a space between two
// Latin words that stood on two lines.
func join(lines []line, r *Report) string {
	if lines[len(lines)-1].broken {
		r.Count[ParagraphEnds]++
	}
	if len(lines) == 1 && findSpace(lines[0].text) < 0 {
		return lines[0].text // shares the source's memory
	}
	n := 0
	for _, l := range lines {
		n += len(l.text) + 1
	}
	var b strings.Builder
	b.Grow(n)
	last := rune(0)
	for i, l := range lines {
		first, _ := utf8.DecodeRuneInString(l.text)
		if i > 0 && joinsWords(last, first) {
			b.WriteByte(' ')
			r.Inserted++
		}
		for s := l.text; s != ""; {
			at := findSpace(s)
			if at < 0 {
				b.WriteString(s)
				break
			}
			b.WriteString(s[:at])
			rest := strings.TrimLeftFunc(s[at:], unicode.IsSpace)
			space := s[at : len(s)-len(rest)]
			left, _ := utf8.DecodeLastRuneInString(s[:at])
			right, _ := utf8.DecodeRuneInString(rest)
			if keepsSpace(left, right) {
				b.WriteString(space)
				r.Count[ContentSpaces] += utf8.RuneCountInString(space)
			} else {
				r.Count[StraySpaces] += utf8.RuneCountInString(space)
			}
			s = rest
		}
		last, _ = utf8.DecodeLastRuneInString(l.text)
		if i+1 < len(lines) && l.broken {
			r.Count[Joined]++
		}
		if i > 0 && l.page {
			r.HealedPages++
		}
	}
	return b.String()
}

// findSpace returns the offset of the first white space in s, or -1. It looks
// at bytes, since nearly all of them belong to Han characters.
func findSpace(s string) int {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= 0xe4 && c <= 0xe9:
			i += 3
		case c == ' ' || c == '\t':
			return i
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if unicode.IsSpace(r) {
				return i
			}
			i += n
		}
	}
	return -1
}

// script is what decides about a space between two characters.
type script int

const (
	neither script = iota // full-width marks and other characters
	han
	latin // letters, digits and ASCII marks
)

func scriptOf(r rune) script {
	switch {
	case r >= 0x4e00 && r <= 0x9fff: // nearly every character
		return han
	case r < utf8.RuneSelf || r >= 0xff10 && r <= 0xff5a && (unicode.IsLetter(r) || unicode.IsDigit(r)) || unicode.Is(unicode.Latin, r):
		return latin
	case unicode.Is(unicode.Han, r):
		return han
	}
	return neither
}

// keepsSpace reports whether a space between two characters is content: between
// two Han characters (风展红旗 如画三明) or two Latin words it is, elsewhere it
// is what a tool put where the script changes (2025 年).
func keepsSpace(left, right rune) bool {
	s := scriptOf(left)
	return s != neither && s == scriptOf(right)
}

// joinsWords reports whether a line break stood for the space between two Latin
// words.
func joinsWords(left, right rune) bool {
	return scriptOf(left) == latin && unicode.IsLetter(left) && scriptOf(right) == latin && unicode.IsLetter(right)
}
