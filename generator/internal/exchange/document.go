package exchange

import (
	"strings"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// Of gathers what translators get of the content.
func Of(tree *content.Tree) Document {
	p := tree.Plan
	doc := Document{Title: p.Title, Terms: p.Terms}
	add := func(units []*plan.Unit, note string, headings ...plan.Text) {
		for _, u := range units {
			s := Segment{ID: u.ID, Source: u.Text.ZH, Target: strings.Join(strings.Fields(tree.Markdown(u.ID, plan.EN)), " "), State: u.Translation, Note: note, Headings: headings}
			if u.Translation == plan.Stale {
				if e, ok := p.Ledger.Find(u.ID); ok {
					s.Before = e.Text.ZH
				}
			}
			doc.Segments = append(doc.Segments, s)
		}
	}
	add(p.Preamble, "序言 Preamble", plan.Text{ZH: "序言", EN: "Preamble"})
	for _, c := range p.Chapters {
		chapter := plan.Text{ZH: c.Heading(), EN: c.Title.EN}
		add(c.Units, c.Heading(), chapter)
		for _, s := range c.Sections {
			add(s.Units, c.Heading()+" › "+s.Heading(), chapter, plan.Text{ZH: s.Heading(), EN: s.Title.EN})
		}
	}
	return doc
}
