package seed

import (
	"fmt"
	"strings"

	"minxi/generator/internal/plan"
)

// Outline writes the outline of a plan as the golden files and archives hold it:
// everything that the importer decides, and the first and last characters of
// each unit (all of it where full is set).
func Outline(p *plan.Plan, r *Report, full bool) string {
	var b strings.Builder
	n := p.Count()
	fmt.Fprintf(&b, "%d chapters, %d sections, %d units, %d measures\n", n.Chapters, n.Sections, n.Units, n.Measures)
	for c, n := range r.Count {
		if n > 0 && !full {
			fmt.Fprintf(&b, "count %s %d\n", classNames[c].id, n)
		}
	}
	for _, d := range r.Notes {
		fmt.Fprintf(&b, "note %d:%d %s\n", d.Line, d.Col, d.Fact.EN)
	}
	around := r.Around
	front := func(name string, lines []string) {
		for _, s := range lines {
			if around[0].Text != s {
				panic("the report names the lines around the plan in another order")
			}
			fmt.Fprintf(&b, "%s %d (%s) %s\n", name, around[0].Line, around[0].What.EN, s)
			around = around[1:]
		}
	}
	units := func(list []*plan.Unit) {
		for _, u := range list {
			s := u.Text.ZH
			if r := []rune(s); !full && len(r) > 24 {
				s = string(r[:12]) + " … " + string(r[len(r)-8:])
			}
			mark := " "
			if u.NewParagraph {
				mark = "¶"
			}
			fmt.Fprintf(&b, "  %s%s %s: %s\n", mark, u.ID, u.Kind, s)
		}
	}
	front("cover", p.Front.Cover)
	fmt.Fprintf(&b, "title %s\n", p.Title.ZH)
	front("under", p.Front.Under)
	units(p.Preamble)
	for _, c := range p.Chapters {
		fmt.Fprintf(&b, "c%d %s|%s\n", c.Number, strings.TrimSuffix(c.Heading(), c.Stop), c.Stop)
		units(c.Units)
		for _, s := range c.Sections {
			fmt.Fprintf(&b, "s%d %s|%s\n", s.Number, strings.TrimSuffix(s.Heading(), s.Stop), s.Stop)
			units(s.Units)
		}
	}
	front("closing", p.Front.Closing)
	return b.String()
}
