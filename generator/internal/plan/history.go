package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Edition is a document by which the plan, or a revision of it, was made public. What is
// not known of it is empty, but for its date.
type Edition struct {
	Date   string // of publication: 2022-04-13
	Title  Text
	Number Text
}

// Change says what a version of a sentence changed.
type Change string

const (
	Revised    Change = "text"        // the document says something else, or says it for the first time
	Translated Change = "translation" // the English
	Erratum    Change = "erratum"     // a typing mistake of this site's, in either language: the document is the same
	Withdrew   Change = "withdrawn"   // the sentence went
	Renumbered Change = "moved"       // the sentence has another id
)

// Changes lists every kind of change.
var Changes = []Change{Revised, Translated, Erratum, Withdrew, Renumbered}

// Version is a sentence as it stood from a day on, or what became of it. Versions are
// only ever added: each keeps its address.
type Version struct {
	ID        ID
	Date      string // from when on: of a document its day, else when it was changed here
	Change    Change
	Edition   string   // the date of the edition that it belongs to
	Text      Text     // empty of a sentence that went
	EnglishOf string   // hash of the Chinese that the English was made from
	To        []ID     // what took its place
	Tags      []string // the hubs that it belonged to, as topics/ecology
	Why       string   // in staff's words
	Sum       string   // see Seal
}

// Retired reports whether the version says that the sentence went.
func (v Version) Retired() bool { return v.Change == Withdrew || v.Change == Renumbered }

// Stale reports whether the English was made from another Chinese.
func (v Version) Stale() bool { return v.Text.EN != "" && v.EnglishOf != Hash(v.Text.ZH) }

// Seal is the checksum of a version that follows one of the same sentence with the
// checksum before: SHA-256, hexadecimal. So a row that was edited, taken out or put
// elsewhere is seen.
func (v Version) Seal(before string) string {
	h := sha256.New()
	fields := []string{before, v.Date, string(v.ID), string(v.Change), v.Edition, v.Text.ZH, v.Text.EN, v.EnglishOf}
	for _, id := range v.To {
		fields = append(fields, "to:"+string(id))
	}
	for _, tag := range v.Tags {
		fields = append(fields, "tag:"+tag)
	}
	for _, f := range append(fields, v.Why) {
		h.Write([]byte(strconv.Quote(f) + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// History is the versions of all sentences, in the order in which they were added.
type History []Version

// By groups the versions by sentence, each in its order.
func (h History) By() map[ID][]Version {
	by := map[ID][]Version{}
	for _, v := range h {
		by[v.ID] = append(by[v.ID], v)
	}
	return by
}

// VersionNames are how the versions of one sentence are called in addresses: by their
// day, and from the second of a day on with a number. What only says that the sentence
// went has no text, and no name: "".
func VersionNames(versions []Version) []string {
	names := make([]string, len(versions))
	seen := map[string]int{}
	for i, v := range versions {
		if v.Retired() {
			continue
		}
		if seen[v.Date]++; seen[v.Date] > 1 {
			names[i] = v.Date + "-" + strconv.Itoa(seen[v.Date])
		} else {
			names[i] = v.Date
		}
	}
	return names
}

// Day reports whether s is a day, as 2022-04-13.
func Day(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// Recording says how what has changed is entered in a history.
type Recording struct {
	Today   string // the day on which it is entered
	Edition bool   // the last edition is new: sentences that changed have changed in the document
	Typing  bool   // changes of the English are corrections of typing mistakes
	Why     string
}

// Record gives the versions that a history lacks: sentences that it does not have, or
// that say something else than in their last version, and those that the ledger calls
// withdrawn or moved. Without an edition there is no day to which anything belongs, and
// nothing is recorded.
func (p *Plan) Record(r Recording) (added []Version) {
	if len(p.Editions) == 0 {
		return nil
	}
	edition := p.Editions[len(p.Editions)-1].Date
	by := p.History.By()
	ledger := make(map[ID]Entry, len(p.Ledger))
	for _, e := range p.Ledger {
		ledger[e.ID] = e
	}
	add := func(v Version) {
		before := ""
		if versions := by[v.ID]; len(versions) > 0 {
			last := versions[len(versions)-1]
			before = last.Sum
			v.Date = max(v.Date, last.Date) // days are in the order of their spelling
		}
		v.Edition = edition
		v.Sum = v.Seal(before)
		added = append(added, v)
	}
	live := map[ID]bool{}
	for u := range p.Units() {
		live[u.ID] = true
		versions := by[u.ID]
		v := Version{ID: u.ID, Date: r.Today, Text: u.Text, Tags: tagsOf(u), Why: r.Why}
		if e, has := ledger[u.ID]; v.Text.EN != "" {
			if v.EnglishOf = Hash(u.Text.ZH); has {
				v.EnglishOf = e.EnglishOf
			}
		}
		if len(versions) == 0 {
			v.Change, v.Date = Revised, edition
			if !r.Edition && len(p.History) > 0 { // a sentence that the document had, and this site had not
				v.Date = r.Today
			}
			add(v)
			continue
		}
		last := versions[len(versions)-1]
		switch {
		case last.Retired():
			continue // that it is used again is an error, and is told
		case last.Text.ZH != v.Text.ZH && r.Edition:
			v.Change = Revised
			if v.Date = r.Today; edition >= last.Date {
				v.Date = edition
			}
		case last.Text.ZH != v.Text.ZH:
			v.Change = Erratum
		case last.Text.EN != v.Text.EN && last.Text.EN != "" && r.Typing:
			v.Change = Erratum
		case last.Text.EN != v.Text.EN || last.EnglishOf != v.EnglishOf:
			v.Change = Translated
		default:
			continue
		}
		add(v)
	}
	for _, e := range p.Ledger.Sorted() {
		v := Version{ID: e.ID, Date: r.Today, Change: Withdrew, To: e.To, Why: e.Why}
		if e.State == Moved {
			v.Change = Renumbered
		}
		versions := by[e.ID]
		if e.State == Live || live[e.ID] || len(versions) > 0 && versions[len(versions)-1].Retired() {
			continue
		}
		if len(versions) > 0 {
			v.Tags = versions[len(versions)-1].Tags
			if r.Edition && edition >= versions[len(versions)-1].Date {
				v.Date = edition
			}
		}
		add(v)
	}
	return added
}

// Unrecorded are the sentences that say something else than in their last version. A plan
// without a history has none.
func (p *Plan) Unrecorded() (ids []ID) {
	if len(p.History) == 0 {
		return nil
	}
	for _, v := range p.Record(Recording{}) {
		ids = append(ids, v.ID)
	}
	return ids
}

// tagsOf are the hubs of a unit, as addresses call them.
func tagsOf(u *Unit) (tags []string) {
	for _, t := range u.Topics {
		tags = append(tags, "topics/"+t)
	}
	for _, t := range u.Places {
		tags = append(tags, "places/"+t)
	}
	for _, t := range u.Bodies {
		tags = append(tags, "bodies/"+t)
	}
	return slices.Compact(tags)
}

// Event is something that happened to the plan on a day, and that readers of a hub may
// want to hear of: an update, a new version of a sentence, or an edition.
type Event struct {
	Date    string
	Update  *Update
	Edition *Edition
	Version *Version
	First   bool     // the version is the sentence's first
	Name    string   // of the version, in addresses
	Was     Text     // what the sentence said before
	Hubs    []string // that it concerns, as topics/ecology
}

// In reports whether readers of a language hear of it: a change of the English alone is
// none in Chinese.
func (e Event) In(l Lang) bool {
	return l == EN || e.Version == nil || e.First || e.Version.Retired() || e.Version.Text.ZH != e.Was.ZH
}

// Events are what has happened since the plan was first made public, oldest first. A
// sentence that the plan has concerns the hubs that it has now, one that went those that
// it had.
func (p *Plan) Events(drafts bool) (list []Event) {
	units := map[ID]*Unit{}
	for u := range p.Units() {
		units[u.ID] = u
	}
	for _, u := range p.Updates {
		if u.Draft && !drafts {
			continue
		}
		e := Event{Date: u.Date.Format(time.DateOnly), Update: u}
		for _, id := range u.Units {
			if unit := units[id]; unit != nil {
				e.Hubs = append(e.Hubs, tagsOf(unit)...)
			}
		}
		list = append(list, e)
	}
	for i := range p.Editions {
		if i > 0 {
			list = append(list, Event{Date: p.Editions[i].Date, Edition: &p.Editions[i]})
		}
	}
	by := p.History.By()
	seen := map[ID]int{}
	names := map[ID][]string{}
	for i := range p.History {
		v := &p.History[i]
		n := seen[v.ID]
		seen[v.ID]++
		if n == 0 {
			names[v.ID] = VersionNames(by[v.ID])
			if len(p.Editions) > 0 && v.Date == p.Editions[0].Date {
				continue // it came with the plan
			}
		}
		e := Event{Date: v.Date, Version: v, First: n == 0, Name: names[v.ID][n], Hubs: slices.Clone(v.Tags)}
		if n > 0 {
			e.Was = by[v.ID][n-1].Text
		}
		if u := units[v.ID]; u != nil {
			e.Hubs = tagsOf(u)
		}
		list = append(list, e)
	}
	for i := range list {
		slices.Sort(list[i].Hubs)
		list[i].Hubs = slices.Compact(list[i].Hubs)
	}
	slices.SortStableFunc(list, func(a, b Event) int { return strings.Compare(a.Date, b.Date) })
	return list
}
