package site

import (
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/search"
)

// searched is what the search page looks through: the plan, its terms and updates,
// and the ordinary pages.
func (d *deriver) searched(p *plan.Plan) *search.Search {
	below := func(path func(pageIn) string) (t plan.Text) {
		for _, lang := range plan.Langs {
			t.Set(lang, strings.TrimPrefix(path(pageIn{d, lang}), address.In(lang).Home()))
		}
		return t
	}
	in := search.Input{Plan: p}
	if _, has := d.book.Find(address.In(plan.ZH).List(address.Glossary)); has {
		for i, t := range d.terms {
			path := below(func(l pageIn) string { return l.termAt(i) })
			in.Others = append(in.Others, search.Other{Kind: search.Term, Path: path, Title: t.Text})
		}
	}
	for _, h := range d.bodies {
		path := below(func(l pageIn) string { return l.at().Hub(h.id) })
		in.Others = append(in.Others, search.Other{Kind: search.Body, Path: path, Title: h.body.Title, Text: h.body.Summary})
	}
	for _, u := range d.updates {
		path := below(func(l pageIn) string { return l.at().Hub(address.UpdateID(u.Name)) })
		in.Others = append(in.Others, search.Other{Kind: search.Update, Path: path, Title: u.Title, Text: u.Summary})
	}
	for a := range d.book.All() {
		t, has := d.texts[textKey{a.Of, plan.ZH}]
		if a.Kind != address.Page || a.Lang != plan.ZH || !has {
			continue
		}
		en := d.texts[textKey{a.Of, plan.EN}]
		in.Others = append(in.Others, search.Other{Kind: search.Page, Path: below(func(l pageIn) string {
			return l.at().Home() + strings.TrimPrefix(a.Path, address.In(plan.ZH).Home())
		}), Title: plan.Text{ZH: t.Title, EN: en.Title}, Text: plan.Text{ZH: t.Description, EN: en.Description}})
	}
	return search.New(in)
}
