package site

import (
	"encoding/xml"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// urlset is a site map for programs (https://www.sitemaps.org/protocol.html),
// with the other languages of each page as xhtml:link.
type urlset struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	XHTML   string       `xml:"xmlns:xhtml,attr"`
	URLs    []siteMapURL `xml:"url"`
}

type siteMapURL struct {
	Loc     string        `xml:"loc"`
	LastMod string        `xml:"lastmod,omitempty"`
	Links   []siteMapLink `xml:"xhtml:link"`
}

type siteMapLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

type siteMapIndex struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Maps    []siteMapURL `xml:"sitemap"`
}

// siteMaps writes the site map at a: of a language its pages in the order of the
// address book, otherwise the index of the languages'.
func (d *deriver) siteMap(a address.Address) ([]byte, error) {
	root := d.in.Origin
	if root == "" {
		root = d.in.BasePath
	}
	if a.Lang == "" {
		var index siteMapIndex
		for b := range d.book.All() {
			if b.Kind == address.Index && b.Lang != "" {
				index.Maps = append(index.Maps, siteMapURL{Loc: root + b.Path})
			}
		}
		return xmlFile(index)
	}
	set := urlset{XHTML: "http://www.w3.org/1999/xhtml"}
	for b := range d.book.All() {
		if b.Lang != a.Lang || !b.Kind.IsPage() || unlisted[b.Kind] || b.Optional {
			continue
		}
		u := siteMapURL{Loc: root + b.Path, LastMod: d.lastMod(b)}
		twin := b.Twin()
		if _, has := d.book.Find(twin); !has {
			twin = ""
		}
		chinese := b.Path
		for _, l := range plan.Langs {
			path := b.Path
			if l != b.Lang {
				path = twin
			}
			if path == "" {
				continue
			}
			if l == plan.ZH {
				chinese = path
			}
			u.Links = append(u.Links, siteMapLink{"alternate", d.config.locale(l), root + path})
		}
		if b.Kind == address.Home {
			chinese = "/"
		}
		u.Links = append(u.Links, siteMapLink{"alternate", "x-default", root + chinese})
		set.URLs = append(set.URLs, u)
	}
	return xmlFile(set)
}

// unlisted are the pages that nobody should be led to.
var unlisted = map[address.Kind]bool{address.Lost: true, address.Moved: true, address.Components: true}

// lastMod is when a page was last changed, where a date is known: that of an
// update, and of the newest one of the list of updates.
func (d *deriver) lastMod(a address.Address) string {
	for _, u := range d.updates { // newest first
		if a.Kind == address.Updates || a.Kind == address.Update && a.Of == address.UpdateID(u.Name) {
			return u.Date.Format("2006-01-02")
		}
	}
	return ""
}

// robots lets every program read everything, and names the site map where the
// site's address is known.
func (d *deriver) robots() []byte {
	text := "User-agent: *\nAllow: /\n"
	if d.in.Origin != "" {
		text += "\nSitemap: " + d.in.Origin + "/sitemap.xml\n"
	}
	return []byte(text)
}
