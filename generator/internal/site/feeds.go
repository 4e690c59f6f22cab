package site

import (
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// atom is a feed (RFC 4287).
type atom struct {
	XMLName xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string     `xml:"xml:lang,attr"`
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"`
	Author  string     `xml:"author>name"`
	Links   []atomLink `xml:"link"`
	// Complete says that the feed has all entries there are (RFC 5005, section 2), so
	// that an update which was taken back goes from readers' lists as well.
	Complete struct{}    `xml:"http://purl.org/syndication/history/1.0 complete"`
	Entries  []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary,omitempty"`
}

// feed writes the updates that name a unit of a hub, newest first; beside the
// home page and the list of updates, all of them. Its last entry is the
// publication of the plan, which is a fact, so no feed is empty. Ids do not
// depend on where the site stands: a move to another domain makes no entry new.
func (d *deriver) feed(a address.Address) ([]byte, error) {
	beside, _ := d.book.Find(strings.TrimSuffix(a.Path, "feed.xml"))
	of, ok := d.page(beside)
	if !ok {
		return nil, fmt.Errorf("%s: there is no page beside the feed", a.Path)
	}
	l := a.Lang
	root := d.in.Origin
	if root == "" {
		root = d.in.BasePath
	}
	name, _ := d.in.Plan.SiteName().Or(l)
	title := name
	if of.Kind != address.Home {
		title = of.title + " - " + name
	}
	published := ""
	if day := d.document.Published; day != "" {
		published = day + "T00:00:00+08:00" // the day is known in China's time, the hour is not
	}
	f := atom{
		Lang: d.config.locale(l), ID: uuid(of.Path), Title: title, Updated: published, Author: d.config.text("sponsor"),
		Links: []atomLink{{"self", "application/atom+xml", root + a.Path}, {"alternate", "text/html", root + of.Path}},
	}
	if f.Author == "" {
		f.Author = name
	}
	hub := d.hubs[a.Of]
	for _, u := range d.updates {
		if hub != nil && !slices.ContainsFunc(u.Units, func(id plan.ID) bool { return hub.has(id) }) {
			continue
		}
		title, _ := u.Title.Or(l)
		at := address.In(l).Hub(address.UpdateID(u.Name))
		f.Entries = append(f.Entries, atomEntry{
			ID: uuid(at), Title: title, Updated: u.Date.Format("2006-01-02T15:04:05Z07:00"),
			Link: atomLink{"alternate", "text/html", root + at}, Summary: u.Summary.In(l),
		})
	}
	if len(f.Entries) > 0 {
		f.Updated = f.Entries[0].Updated
	}
	if published != "" {
		first := d.words.say(l, "feedFirstSite")
		if hub != nil && hub.measures > 0 {
			first = d.words.say(l, "feedFirst", hub.measures)
		}
		f.Entries = append(f.Entries, atomEntry{
			ID: uuid(of.Path + "#published"), Title: first, Updated: published,
			Link: atomLink{"alternate", "text/html", root + of.Path}, Summary: of.description,
		})
	}
	if f.Updated == "" {
		f.Updated = "1970-01-01T00:00:00Z" // RFC 4287 wants one, and none is known
	}
	return xmlFile(f)
}

func (h *hub) has(id plan.ID) bool {
	return slices.ContainsFunc(h.units, func(u *plan.Unit) bool { return u.ID == id })
}

// uuid makes a URN of a text: the same text, the same UUID of version 8 (RFC 9562).
func uuid(s string) string {
	h := fmt.Sprintf("%x", sha256.Sum256([]byte("minxi:"+s)))
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-8" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}

// xmlFile writes an XML document.
func xmlFile(v any) ([]byte, error) {
	b, err := xml.Marshal(v)
	return append([]byte(xml.Header), b...), err
}
