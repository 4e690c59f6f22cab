package formats

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"net/url"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// The site maps for programs (sitemaps.org): one a language, with the counterpart of
// each page in the other, and one that names these. Pages stand in the order of the
// address book.

// unlisted are pages that nobody looks for: they forward, say that nothing is there, or
// what a sentence once said, to which its page leads.
var unlisted = map[address.Kind]bool{address.Edition: true, address.Root: true, address.Lost: true, address.Moved: true, address.Components: true}

func sitemap(lang plan.Lang) func(*plan.Plan, Site) ([]byte, error) {
	return func(p *plan.Plan, s Site) ([]byte, error) {
		days := modified(p, s.Book, lang)
		var b bytes.Buffer
		b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
		for a := range s.Book.All() {
			if a.Lang != lang || !a.Kind.IsPage() || unlisted[a.Kind] {
				continue
			}
			fmt.Fprintf(&b, "<url><loc>%s</loc>", s.absolute(a.Path))
			if day := days[shown(a)]; day != "" {
				fmt.Fprintf(&b, "<lastmod>%s</lastmod>", day)
			}
			chinese := ""
			for _, l := range plan.Langs {
				path := a.Path
				if l != lang {
					path = a.Twin()
					if _, has := s.Book.Find(path); !has {
						continue
					}
				}
				if l == plan.ZH {
					chinese = path
				}
				fmt.Fprintf(&b, `<xhtml:link rel="alternate" hreflang="%s" href="%s"/>`, l.Tag(), s.absolute(path))
			}
			if a.Kind == address.Home {
				chinese = "/" // which offers both
			}
			if chinese != "" {
				fmt.Fprintf(&b, `<xhtml:link rel="alternate" hreflang="x-default" href="%s"/>`, s.absolute(chinese))
			}
			b.WriteString("</url>\n")
		}
		b.WriteString("</urlset>\n")
		return b.Bytes(), nil
	}
}

// modified is when pages of a language were last changed, as far as that is known:
// an update has a date, and the pages that show updates change with the newest of
// them. All else has none. The plan's dates are no such dates: a page about a
// sentence that was signed in 2022 changes whenever its English, its tags or the
// theme do, and when that was no file says.
func modified(p *plan.Plan, book *address.Book, lang plan.Lang) map[string]string {
	days := map[string]string{}
	note := func(shown, day string) {
		if day > days[shown] {
			days[shown] = day
		}
	}
	units := map[plan.ID]*plan.Unit{}
	for u := range p.Units() {
		units[u.ID] = u
	}
	for _, u := range p.Updates {
		of := address.UpdateID(u.Name)
		if _, has := book.Find(address.In(lang).Hub(of)); !has || u.Date.IsZero() {
			continue
		}
		day := u.Date.Format(time.DateOnly)
		note(of, day)
		note(allUpdates, day)
		for _, id := range u.Units {
			unit := units[id]
			if unit == nil {
				continue
			}
			note(string(id), day)
			note(address.SectionID(unit.Section), day)
			for _, t := range unit.Topics {
				note(address.TopicID(t), day)
			}
			for _, place := range unit.Places {
				note(address.PlaceID(place), day)
			}
			for _, b := range unit.Bodies {
				note(address.BodyID(b), day)
			}
		}
	}
	return days
}

// allUpdates stands for those of the whole site.
const allUpdates = "updates"

// shown is whose updates a page shows; "" where it shows none.
func shown(a address.Address) string {
	switch a.Kind {
	case address.Home, address.Updates:
		return allUpdates
	case address.Update, address.Unit, address.Section, address.Topic, address.Place, address.Body:
		return a.Of
	}
	return ""
}

func sitemapIndex(_ *plan.Plan, s Site) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, l := range plan.Langs {
		fmt.Fprintf(&b, "<sitemap><loc>%s</loc></sitemap>\n", s.absolute(address.In(l).Index()))
	}
	b.WriteString("</sitemapindex>\n")
	return b.Bytes(), nil
}

// robots tells programs where the site map is, if the site knows where it stands.
func robots(_ *plan.Plan, s Site) ([]byte, error) {
	text := "User-agent: *\nAllow: /\n"
	if s.Origin != "" {
		text += "\nSitemap: " + s.absolute(address.SiteIndex) + "\n"
	}
	return []byte(text), nil
}

// absolute puts origin or base path in front of a path, as XML text.
func (s Site) absolute(path string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(cmp.Or(s.Origin, s.BasePath)+(&url.URL{Path: path}).EscapedPath())) // a buffer takes everything
	return b.String()
}
