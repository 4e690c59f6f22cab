package site

import (
	"encoding/json"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/plan"
)

// What a page is, for programs: JSON-LD with the vocabulary of schema.org. The plan
// and its parts are Legislation, down to the sentence; the way to a page is a
// BreadcrumbList; the data is a Dataset. It says what the page says, and no more: what
// other pages say of themselves is referred to by their addresses.

// thing is a node of JSON-LD. Keys are written in the order of the fields, and what
// is not known is left out.
type thing struct {
	Context  string `json:"@context,omitempty"`
	Type     string `json:"@type,omitempty"`
	ID       string `json:"@id,omitempty"`
	Position int    `json:"position,omitempty"`
	Name     string `json:"name,omitempty"`
	Headline string `json:"headline,omitempty"`
	Lang     string `json:"inLanguage,omitempty"`

	Identifier    string   `json:"legislationIdentifier,omitempty"`
	Own           string   `json:"identifier,omitempty"`
	Published     string   `json:"datePublished,omitempty"`
	Author        *thing   `json:"author,omitempty"`
	License       string   `json:"license,omitempty"`
	Description   string   `json:"description,omitempty"`
	Item          string   `json:"item,omitempty"`
	Content       string   `json:"contentUrl,omitempty"`
	Format        string   `json:"encodingFormat,omitempty"`
	Part          *thing   `json:"isPartOf,omitempty"`
	TranslationOf *thing   `json:"translationOfWork,omitempty"`
	About         *thing   `json:"about,omitempty"`
	Elements      []*thing `json:"itemListElement,omitempty"`
	Distribution  []*thing `json:"distribution,omitempty"`
	Graph         []*thing `json:"@graph,omitempty"`
}

const vocabulary = "https://schema.org"

// unlinked are the pages that are about nothing.
var unlinked = map[address.Kind]bool{address.Root: true, address.Lost: true, address.Moved: true, address.Components: true}

// linked writes what a page is as JSON that may stand in HTML as it is: the encoder
// escapes <, > and &. Without an origin things have names and no addresses.
func (l pageIn) linked(p *page) string {
	if unlinked[p.Kind] {
		return ""
	}
	about := l.subject(p)
	about.Context = vocabulary
	switch crumbs := l.breadcrumbs(p); {
	case crumbs == nil:
	case strings.HasSuffix(about.Type, "Page"):
		about = crumbs // which say all of it
		about.Context = vocabulary
	default:
		about.Context = ""
		about = &thing{Context: vocabulary, Graph: []*thing{about, crumbs}}
	}
	data, err := json.Marshal(about)
	if err != nil {
		return "" // strings and numbers always encode
	}
	return string(data)
}

// absolute is the absolute address of a path; "" where nobody has said where the site stands.
func (l pageIn) absolute(path string) string {
	if l.in.Origin == "" {
		return ""
	}
	return l.in.Origin + path
}

// subject is what the page is or is about.
func (l pageIn) subject(p *page) *thing {
	t := &thing{Type: "WebPage", ID: l.absolute(p.Path), Name: p.title}
	switch p.Kind {
	case address.Home:
		t.Type, t.Lang = "WebSite", l.Lang.Tag()
		t.Name, _ = l.in.Plan.SiteName().Or(l.Lang)
		t.About = l.work()
	case address.Whole:
		t = l.work()
	case address.Chapter, address.Section:
		t = l.workPart(l.divisions[p.Of])
		t.Lang = l.Lang.Tag()
	case address.Unit:
		u := l.units[plan.ID(p.Of)]
		t.Type, t.Lang, t.Own, t.Part = "Legislation", l.Lang.Tag(), p.Of, l.refer(l.work())
		if u.in != nil {
			t.Part = l.refer(l.workPart(u.in))
		}
		if l.Lang == plan.EN && u.Text.EN != "" {
			t.TranslationOf = &thing{Type: "Legislation", ID: l.absolute(address.In(plan.ZH).Unit(u.ID)), Lang: plan.ZH.Tag()}
		}
	case address.Edition:
		l.linkedVersion(p, t)
	case address.Update:
		t.Type, t.Headline, t.Name = "Article", p.title, ""
		if p.facts.Update != nil {
			t.Published, _, _ = strings.Cut(p.facts.Update.Date, "T")
		}
	case address.Glossary:
		t.Type = "DefinedTermSet"
	case address.Topics, address.Places, address.Topic, address.Place, address.Cross, address.Updates, address.Parallel:
		t.Type = "CollectionPage"
	case address.DataPage:
		l.dataSet(t)
	}
	return t
}

// linkedVersion describes a version of a sentence.
func (l pageIn) linkedVersion(p *page, t *thing) {
	id, _, _ := strings.Cut(p.Of, "/")
	t.Type, t.Lang, t.Own, t.Published = "Legislation", l.Lang.Tag(), p.Of, p.facts.Version.Date
	t.Part = &thing{Type: "Legislation", Name: p.facts.Version.Label}
	if a, has := l.book.Find(l.at().Unit(plan.ID(id))); has {
		t.Part = &thing{Type: "Legislation", ID: l.absolute(a.Path), Name: p.facts.Version.Label}
	}
}

// work is the plan.
func (l pageIn) work() *thing {
	t := &thing{Type: "Legislation", ID: l.absolute(l.at().Plan()), Lang: l.Lang.Tag(), Identifier: l.document.Number.ZH, Published: l.document.Published}
	t.Name, _ = l.in.Plan.Title.Or(l.Lang)
	if issuer, _ := l.document.Issuer.Or(l.Lang); issuer != "" {
		t.Author = &thing{Type: "GovernmentOrganization", Name: issuer}
	}
	return t
}

// refer is a thing by its address, where its own page says what it is; else by name.
func (l pageIn) refer(t *thing) *thing {
	if t.ID != "" {
		return &thing{ID: t.ID}
	}
	return &thing{Type: t.Type, Name: t.Name}
}

// workPart is a chapter or section with what it stands in.
func (l pageIn) workPart(v *plannedDivision) *thing {
	t := &thing{Type: "Legislation", ID: l.absolute(l.at().Division(v.id)), Own: v.id, Part: l.refer(l.work())}
	t.Name, _ = called(v.title, v.units).Or(l.Lang)
	if v.parent != nil {
		t.Part = l.refer(l.workPart(v.parent))
	}
	return t
}

// breadcrumbs are the way to a page from the home page of its language.
func (l pageIn) breadcrumbs(p *page) *thing {
	if len(p.facts.Crumbs) == 0 {
		return nil
	}
	t := &thing{Type: "BreadcrumbList"}
	for i, c := range p.facts.Crumbs {
		name := c.Title.in(l.Lang)
		switch {
		case c.Division != nil:
			v := l.divisions[c.Division.ID]
			name, _ = called(v.title, v.units).Or(l.Lang)
		case c.Word != "":
			name = l.words.say(l.Lang, c.Word)
		}
		t.Elements = append(t.Elements, &thing{Type: "ListItem", Position: i + 1, Name: name, Item: l.absolute(c.Href)})
	}
	t.Elements = append(t.Elements, &thing{Type: "ListItem", Position: len(t.Elements) + 1, Name: p.title})
	return t
}

// dataSet describes the data.
func (l pageIn) dataSet(t *thing) {
	t.Type, t.Description = "Dataset", l.words.say(l.Lang, "dataLead")
	t.License = l.config.text("dataLicense")
	t.About = l.work()
	t.Published = l.document.Published
	for _, f := range formats.All {
		t.Distribution = append(t.Distribution, &thing{Type: "DataDownload", Name: l.only(f.Title).in(l.Lang), Format: f.Type, Content: l.absolute("/" + f.Main())})
	}
}
