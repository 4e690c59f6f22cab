package content

import (
	"cmp"
	"path"
	"slices"
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

// Path is the address at which the site shows a Markdown file. Sections of the plan
// are addressed without their chapter.
func (d *Document) Path() string {
	page := d.Page()
	if !d.InPlan() {
		return page.Path()
	}
	id := path.Base(strings.TrimSuffix(page.Name, "/_index"))
	if id == "plan" {
		return address.In(d.Lang).Plan()
	}
	return address.In(d.Lang).Division(id)
}

// Linked is the Markdown file that a link in from names from its own folder:
// about.en.md, or ../topics/ecology and the like without the language and .md.
func (t *Tree) Linked(from *Document, to string) *Document {
	if i := strings.IndexAny(to, "?#"); i >= 0 {
		to = to[:i]
	}
	if to == "" || strings.HasPrefix(to, "/") || strings.HasSuffix(to, "/") || strings.Contains(to, ":") {
		return nil
	}
	name, end := path.Join(path.Dir(from.Name), to), "."+string(from.Lang)+".md"
	stem := strings.TrimSuffix(strings.TrimSuffix(name, ".md"), "."+string(from.Lang))
	for _, file := range []string{name, stem + end, path.Join(stem, "_index"+end)} {
		if d := t.Document(file); d != nil && d.IsMarkdown() {
			return d
		}
	}
	return nil
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

// Plain is the body without attributes, which are not CommonMark, and with each link
// leading to what to makes of its destination.
func (d *Document) Plain(to func(destination string) string) string {
	type edit struct {
		Span
		with string
	}
	var edits []edit
	for _, m := range d.Marks() {
		switch {
		case m.Kind == Attributes, m.Kind == Heading && len(m.Attributes) > 0: // of a heading the span is theirs
			at := m.Span
			for at.Start > d.Body && strings.IndexByte(" \n", d.Data[at.Start-1]) >= 0 {
				at.Start--
			}
			edits = append(edits, edit{at, ""})
		case m.Kind == Definition || (m.Kind == Link || m.Kind == Image) && !m.ByName:
			at := Span{m.DestinationAt, m.DestinationAt + len(m.Destination)}
			if at.End <= len(d.Data) && string(d.Data[at.Start:at.End]) == m.Destination { // not written with escapes
				edits = append(edits, edit{at, to(m.Destination)})
			}
		}
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.Start, b.Start) })
	var b strings.Builder
	at := d.Body
	for _, e := range edits {
		if e.Start >= at {
			b.Write(d.Data[at:e.Start])
			b.WriteString(e.with)
			at = e.End
		}
	}
	b.Write(d.Data[at:])
	return b.String()
}
