package content

import (
	"strings"

	"minxi/generator/internal/address"
)

// Pages are the files that become pages or the text of one: ordinary pages,
// updates, and what hubs and lists are introduced with. One that cannot be read is
// among them: whoever links it is not at fault.
func (t *Tree) Pages() (list []address.Markdown) {
	for _, d := range t.documents {
		if d.IsMarkdown() && !d.InPlan() {
			list = append(list, d.Page())
		}
	}
	return list
}

// Page is a Markdown file as the address book knows it.
func (d *Document) Page() address.Markdown {
	name := strings.TrimSuffix(d.inner, ".md")
	p := address.Markdown{Name: strings.TrimSuffix(name, "."+string(d.Lang)), Lang: d.Lang, Draft: d.Value("draft") == "true"}
	if d.Unread() {
		return p
	}
	// Of headings without {#id} the ids are made from their words and change with
	// them, so nobody may link to them.
	for _, m := range d.Marks() {
		for _, a := range m.Attributes {
			if a.Name == "id" {
				p.Fragments = append(p.Fragments, a.Value)
			}
		}
	}
	return p
}
