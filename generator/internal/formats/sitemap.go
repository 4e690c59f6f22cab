package formats

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"net/url"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// The site maps for programs (sitemaps.org): one a language, with the counterpart of
// each page in the other, and one that names these. Pages stand in the order of the
// address book.

// unlisted are pages that nobody looks for: they forward, or say that nothing is there.
var unlisted = map[address.Kind]bool{address.Root: true, address.Lost: true, address.Moved: true, address.Components: true}

func sitemap(lang plan.Lang) func(*plan.Plan, Site) ([]byte, error) {
	return func(_ *plan.Plan, s Site) ([]byte, error) {
		var b bytes.Buffer
		b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
		for a := range s.Book.All() {
			if a.Lang != lang || !a.Kind.IsPage() || a.Optional || unlisted[a.Kind] {
				continue
			}
			fmt.Fprintf(&b, "<url><loc>%s</loc>", s.absolute(a.Path))
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
