package plan

import "strings"

// Heading returns how the official text prints a chapter's heading, with its
// numeral and, where it runs into the text, its closing stop: "三、巩固…".
func (c *Chapter) Heading() string {
	return Numeral(c.Number) + "、" + c.Title.ZH + c.Stop
}

// Heading returns how the official text prints a section's heading, with its
// numeral and, where it runs into the text, its closing stop: "（三）巩固…。".
func (s *Section) Heading() string {
	return "（" + Numeral(s.Label) + "）" + s.Title.ZH + s.Stop
}

// Official returns the Chinese text of the plan in its running order, headings
// and all, one printed paragraph a line. Without white space it equals the
// source without its white space and page numbers, character by character:
// that equation is how an import proves that it lost and added nothing, and how
// a check proves that an edition still says what was issued.
func (p *Plan) Official() string {
	var b strings.Builder
	size := 0
	for u := range p.Units() {
		size += len(u.Text.ZH)
	}
	b.Grow(size + size/8) // headings come to less than an eighth
	line := func(s string) {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(s)
	}
	// Text runs into a heading that has a stop, and into a number without a title.
	units := func(list []*Unit, runIn bool) {
		for i, u := range list {
			if u.NewParagraph || i == 0 && !runIn {
				line("")
			}
			b.WriteString(u.Text.ZH)
		}
	}
	for _, s := range p.Front.Cover {
		line(s)
	}
	line(p.Title.ZH)
	for _, s := range p.Front.Under {
		line(s)
	}
	units(p.Preamble, false)
	for _, c := range p.Chapters {
		line(c.Heading())
		units(c.Units, c.Stop != "" || c.Title.ZH == "")
		for _, s := range c.Sections {
			line(s.Heading())
			units(s.Units, s.Stop != "" || s.Title.ZH == "")
		}
	}
	for _, s := range p.Front.Closing {
		line(s)
	}
	return b.String()
}
