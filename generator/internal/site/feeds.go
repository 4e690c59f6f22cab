package site

import (
	"bytes"
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
	// that an update which was taken back goes from readers' lists as well. Archive says
	// that it has older entries of a feed that is too long for that (section 4).
	Complete *struct{} `xml:"http://purl.org/syndication/history/1.0 complete"`
	Archive  *struct{} `xml:"http://purl.org/syndication/history/1.0 archive"`
	// Entries stand behind these, see with.
}

// with is the feed as a file with these entries, which were written before: they are
// nearly all of it, and the same ones are in many feeds.
func (f atom) with(entries [][]byte) ([]byte, error) {
	file, err := xmlFile(f)
	const end = "</feed>"
	parts := append([][]byte{bytes.TrimSuffix(file, []byte(end))}, entries...)
	return slices.Concat(append(parts, []byte(end))...), err
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	XMLName xml.Name `xml:"entry"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary,omitempty"`
}

// feeding is a feed with its archives, of which many have the same page and the same events.
type feeding struct {
	path   string
	of     page // beside it
	events []int
}

// feed writes what has happened that concerns a hub, newest first: updates, changes of
// the text, corrections, sentences that went; in English also changes of the translation.
// Beside the home page it is everything, beside the list of updates they alone. The last
// entry is the publication of the plan, which is a fact, so no feed is empty. Ids do not
// depend on where the site stands: a move to another domain makes no entry new.
//
// A long feed has its newest entries, and archives (RFC 5005, section 4) the others: each
// is full and stays as it is while new entries come.
func (d *deriver) feed(a address.Address) ([]byte, error) {
	main := a.Path
	if a.Part > 0 {
		main = strings.TrimSuffix(a.Path, address.ArchiveOf("feed.xml", a.Part)) + "feed.xml"
	}
	l := pageIn{d, a.Lang}
	if d.feeding == nil || d.feeding.path != main { // archives come after their feed
		beside, _ := d.book.Find(strings.TrimSuffix(main, "feed.xml"))
		of, ok := d.page(beside)
		if !ok {
			return nil, fmt.Errorf("%s: there is no page beside the feed", a.Path)
		}
		d.feeding = &feeding{main, of, l.events(a.Of)}
	}
	of, events := d.feeding.of, d.feeding.events
	root := d.in.Origin
	if root == "" {
		root = d.in.BasePath
	}
	name, _ := d.in.Plan.SiteName().Or(a.Lang)
	title := name
	if of.Kind != address.Home {
		title = of.title + " - " + name
	}
	link := func(rel, path string) atomLink { return atomLink{rel, "application/atom+xml", root + path} }
	f := atom{
		Lang: d.config.locale(a.Lang), ID: uuid(of.Path), Title: title, Author: d.config.text("sponsor"),
		Links: []atomLink{link("self", a.Path), {"alternate", "text/html", root + of.Path}},
	}
	if f.Author == "" {
		f.Author = name
	}
	from, to := 0, len(events)
	switch part := a.Part; {
	case a.Parts == 0:
		f.Complete = &struct{}{}
	case part == 0:
		from = a.Parts * address.EntriesInFeed
		f.Links = append(f.Links, link("prev-archive", address.ArchiveOf(main, a.Parts)))
	default:
		from, to = (part-1)*address.EntriesInFeed, part*address.EntriesInFeed
		f.Archive, f.ID = &struct{}{}, uuid(a.Path)
		f.Links = append(f.Links, link("current", main))
		if part > 1 {
			f.Links = append(f.Links, link("prev-archive", address.ArchiveOf(main, part-1)))
		}
		if part < a.Parts {
			f.Links = append(f.Links, link("next-archive", address.ArchiveOf(main, part+1)))
		}
	}
	f.Updated = "1970-01-01T00:00:00Z" // RFC 4287 wants one, and none is known
	var entries [][]byte
	for _, i := range slices.Backward(events[from:to]) {
		entry, err := l.entry(i, root)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	if to > from {
		f.Updated = updated(d.happened[events[to-1]])
	}
	day := d.document.Published
	if editions := d.in.Plan.Editions; len(editions) > 0 {
		day = editions[0].Date
	}
	if day != "" && from == 0 {
		first := d.words.say(a.Lang, "feedFirstSite")
		if hub := d.hubs[a.Of]; hub != nil && hub.measures > 0 {
			first = d.words.say(a.Lang, "feedFirst", hub.measures)
		}
		entry, err := xml.Marshal(atomEntry{
			ID: uuid(of.Path + "#published"), Title: first, Updated: midnight(day),
			Link: atomLink{"alternate", "text/html", root + of.Path}, Summary: of.description,
		})
		if err != nil {
			return nil, err
		}
		if entries = append(entries, entry); to == from {
			f.Updated = midnight(day)
		}
	}
	return f.with(entries)
}

// midnight is the beginning of a day in China; the hour of what happened is not known.
func midnight(day string) string { return day + "T00:00:00+08:00" }

// updated is when an event was, as feeds say it.
func updated(e plan.Event) string {
	if e.Update != nil {
		return e.Update.Date.Format("2006-01-02T15:04:05Z07:00")
	}
	return midnight(e.Date)
}

// events are what readers of a hub, in this language, hear of: oldest first.
func (l pageIn) events(of string) []int {
	if l.hubs[of] == nil && of != string(address.Updates) {
		of = "" // everything
	}
	return l.heard[l.Lang][of]
}

// listen lists for each language and hub which events its readers hear of.
func (d *deriver) listen() {
	d.heard = map[plan.Lang]map[string][]int{}
	for _, l := range plan.Langs {
		by := map[string][]int{}
		for i, e := range d.happened {
			if !e.In(l) {
				continue
			}
			by[""] = append(by[""], i)
			if e.Update != nil {
				by[string(address.Updates)] = append(by[string(address.Updates)], i)
			}
			for _, hub := range e.Hubs {
				by[hub] = append(by[hub], i)
			}
		}
		d.heard[l] = by
	}
}

// told is an event in a language.
type told struct {
	event int
	lang  plan.Lang
}

// entry is an event as feeds have it. It is made once for all feeds that have it.
func (l pageIn) entry(event int, root string) ([]byte, error) {
	if made, has := l.entries[told{event, l.Lang}]; has {
		return made, nil
	}
	e := l.happened[event]
	at := l.at().Plan()
	entry := atomEntry{Updated: updated(e)}
	switch {
	case e.Update != nil:
		at = l.at().Hub(address.UpdateID(e.Update.Name))
		entry.ID = uuid(at)
		entry.Title, _ = e.Update.Title.Or(l.Lang)
		entry.Summary = e.Update.Summary.In(l.Lang)
	case e.Edition != nil:
		entry.ID = uuid(at + "#" + e.Edition.Date)
		entry.Title = l.words.fill(l.Lang, "feedEdition", map[string]any{"Date": e.Edition.Date})
		entry.Summary, _ = e.Edition.Number.Or(l.Lang)
	default:
		v := e.Version
		at = l.at().Unit(v.ID)
		text := v.Text
		if e.Name != "" {
			at = l.at().Version(v.ID, e.Name)
		} else {
			text = e.Was
		}
		change := v.Change
		if e.First {
			change = "new"
		}
		entry.ID = uuid(at + "#" + string(v.Change) + v.Date)
		entry.Title = l.numbered(v.ID) + l.words.say(l.Lang, "colon") + l.words.say(l.Lang, "change-"+string(change))
		entry.Summary, _ = text.Or(l.Lang)
	}
	entry.Link = atomLink{"alternate", "text/html", root + at}
	made, err := l.encoded.one(entry)
	l.entries[told{event, l.Lang}] = made
	return made, err
}

// encoding writes many small elements with one encoder, whose room is larger than they are.
type encoding struct {
	room bytes.Buffer
	*xml.Encoder
}

// one is an element by itself, as xml.Marshal writes it.
func (e *encoding) one(element any) ([]byte, error) {
	if e.Encoder == nil {
		e.Encoder = xml.NewEncoder(&e.room)
	}
	e.room.Reset()
	err := e.Encode(element)
	return bytes.Clone(e.room.Bytes()), err
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
