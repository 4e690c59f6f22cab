package site

import (
	"cmp"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/tulou"
)

// derivedFile is a file that exists for Hugo only, at a slash path below the
// project folder.
type derivedFile struct {
	name string
	data []byte
}

// derive makes what Hugo needs of the plan: data/plan.json, which templates
// read as hugo.Data.plan, and for each address of the plan a page with little more
// than its title. Facts stand in the data once; a page names its division or unit.
func derive(in Input) ([]derivedFile, error) {
	d := &deriver{data: newData(in), plan: in.Plan, words: readWords(in.Dir)}
	files := []derivedFile{}
	put := func(name string, v any) error {
		b, err := json.Marshal(v)
		files = append(files, derivedFile{name, b})
		return err
	}
	if err := put("data/plan.json", d.data); err != nil {
		return nil, err
	}
	page := func(name string, lang plan.Lang, f frontMatter) error {
		return put(path.Join(in.Content, name+"."+string(lang)+".md"), f)
	}
	for a := range in.Book.All() {
		make, is := derivedPages[a.Kind]
		if !is || a.Written || a.Kind == address.Lost && a.Lang != "" { // Hugo has a page of that kind itself
			continue
		}
		if err := page(sourceName(a), cmp.Or(a.Lang, plan.ZH), make(d, a)); err != nil {
			return nil, err
		}
	}
	for _, lang := range plan.Langs {
		// Folders that have no page of their own.
		hidden := []string{"m", "pages"}
		if len(d.data.Updates) == 0 {
			hidden = append(hidden, "updates")
		}
		for _, name := range hidden {
			if err := page(name+"/_index", lang, frontMatter{Title: name, Build: map[string]string{"render": "never", "list": "never"}}); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// deriver is what derived pages are made from.
type deriver struct {
	data  *data
	plan  *plan.Plan
	words words
}

// unlisted pages are in no list, and so in no site map.
var unlisted = map[string]string{"render": "always", "list": "never"}

// derivedPages makes the page of each kind that does not come from Markdown. A hub
// or an update without a file in a language shows what the other has.
var derivedPages = map[address.Kind]func(*deriver, address.Address) frontMatter{
	address.Root: func(d *deriver, a address.Address) frontMatter {
		return frontMatter{Title: d.plan.Title.ZH, URL: "/index.html", Layout: "root", Build: unlisted}
	},
	address.Lost: func(d *deriver, a address.Address) frontMatter {
		return frontMatter{Title: "404", URL: a.Path, Layout: "not-found", Build: unlisted}
	},
	address.Whole: func(d *deriver, a address.Address) frontMatter {
		return frontMatter{Title: d.title(a), Description: d.data.about(a.Lang, d.data.order), Weight: 1}
	},
	address.Chapter: (*deriver).division,
	address.Section: (*deriver).division,
	address.Parallel: func(d *deriver, a address.Address) frontMatter {
		if a.Of == string(address.Whole) {
			return frontMatter{Title: d.title(a), Description: d.data.about(a.Lang, d.data.order), Layout: "parallel"}
		}
		f := d.division(a)
		f.Layout, f.Weight = "parallel", 0
		return f
	},
	address.Topic: (*deriver).hub,
	address.Place: (*deriver).hub,
	address.Cross: func(d *deriver, a address.Address) frontMatter {
		c := d.data.Cross[slices.IndexFunc(d.data.Cross, func(c cross) bool { return address.CrossID(c.Topic, c.Place) == a.Of })]
		topic, place := d.data.Hubs[address.TopicID(c.Topic)], d.data.Hubs[address.PlaceID(c.Place)]
		return frontMatter{
			Title:       place.Name.in(a.Lang) + d.words.in(a.Lang, "colon") + topic.Title.in(a.Lang),
			Description: d.data.about(a.Lang, c.Units),
			Layout:      "cross", Params: map[string]any{"topic": c.Topic, "place": c.Place, "units": c.Units},
		}
	},
	address.Updates: func(d *deriver, a address.Address) frontMatter {
		return frontMatter{Title: d.words.in(a.Lang, "menu-updates")}
	},
	address.Update: func(d *deriver, a address.Address) frontMatter {
		for _, u := range d.data.Updates {
			if address.UpdateID(u.Name) == a.Of {
				return frontMatter{Title: u.Title.in(a.Lang), Date: u.Date}
			}
		}
		return frontMatter{}
	},
	address.SiteMap: func(d *deriver, a address.Address) frontMatter {
		return frontMatter{Title: d.words.in(a.Lang, "siteMap"), Layout: "sitemap"}
	},
	address.Components: func(d *deriver, a address.Address) frontMatter {
		return frontMatter{Title: d.words.in(a.Lang, "components"), Layout: "components", Build: unlisted}
	},
	address.Glossary: func(d *deriver, a address.Address) frontMatter {
		return frontMatter{Title: d.words.in(a.Lang, "glossary"), Layout: "glossary"}
	},
	address.Withdrawn: (*deriver).retired,
	address.Moved:     (*deriver).retired,
	address.Unit: func(d *deriver, a address.Address) frontMatter {
		u := d.data.Units[a.Of]
		text := u.Text.in(a.Lang)
		return frontMatter{Title: cut(text, 24), Description: cut(text, 110), Layout: "unit", Weight: u.Order, Params: map[string]any{"unit": a.Of}}
	},
}

// sourceName is the name of a derived page below the content folder, without
// language and ending.
func sourceName(a address.Address) string {
	switch a.Kind {
	case address.Root:
		return "root"
	case address.Lost:
		return "not-found"
	case address.Whole, address.Topic, address.Place, address.Updates:
		return strings.TrimPrefix(a.Path, address.In(a.Lang).Home()) + "_index"
	}
	return strings.Trim(strings.TrimPrefix(a.Path, address.In(a.Lang).Home()), "/")
}

func (d *deriver) title(a address.Address) string {
	t, _ := d.plan.Title.Or(a.Lang)
	return t
}

func (d *deriver) division(a address.Address) frontMatter {
	v := d.data.Byname[a.Of]
	layout := "chapter"
	if v.Chapter != "" {
		layout = "section-of-plan"
	}
	return frontMatter{
		Title: v.Title.in(a.Lang), Description: d.data.about(a.Lang, d.data.of(v)), Layout: layout, Weight: v.Number, Params: map[string]any{"division": v.ID},
	}
}

func (d *deriver) hub(a address.Address) frontMatter {
	return frontMatter{Title: d.data.Hubs[a.Of].Title.in(a.Lang)}
}

func (d *deriver) retired(a address.Address) frontMatter {
	r := d.data.Retired[a.Of]
	text := r.Text.in(a.Lang)
	f := frontMatter{Title: cut(text, 24), Description: cut(text, 110), Layout: string(r.State), Params: map[string]any{"retired": r.ID}}
	if r.State == plan.Moved {
		f.Build = unlisted
	}
	return f
}

type frontMatter struct {
	Title       string            `json:"title"`
	Description string            `json:"description,omitempty"`
	Layout      string            `json:"layout,omitempty"`
	URL         string            `json:"url,omitempty"`
	Date        string            `json:"date,omitempty"`
	Weight      int               `json:"weight,omitempty"`
	Build       map[string]string `json:"build,omitempty"`
	Params      map[string]any    `json:"params,omitempty"`
}

// The types below are hugo.Data.plan as templates see it. Names of divisions
// are those of the addresses: c3, s4; units go by their ids. Lists are in
// document order.
type data struct {
	Origin  string              `json:"origin"`  // in front of a page's path in absolute addresses; "" if unknown
	Root    string              `json:"root"`    // in front of a path in files whose links nobody rewrites (XML, text)
	Preview bool                `json:"preview"` // the site is shown by serve
	Title   bilingual           `json:"title"`
	Counts  plan.Counts         `json:"counts"`
	Front   plan.Front          `json:"front"`
	Main    []string            `json:"preamble"` // units of the preamble
	Byname  map[string]division `json:"divisions"`
	Units   map[string]unit     `json:"units"`
	Topics  []hub               `json:"topics"`
	Places  []hub               `json:"places"`
	Hubs    map[string]hub      `json:"hubs"` // topics/ecology, places/changting

	Retired  map[string]retired `json:"retired"` // withdrawn and moved ids
	Terms    []term             `json:"terms"`   // in the order of the Chinese collation
	Chapters []division         `json:"chapters"`
	Tulou    *tulou.Drawing     `json:"tulou,omitempty"` // nil for a plan too large to draw
	Zone     []string           `json:"zone"`            // measures that name no place
	Targets  []target           `json:"targets"`
	Updates  []update           `json:"updates"` // newest first
	Cross    []cross            `json:"cross"`
	Sections []division         `json:"-"`

	// At has the path of every page and data file by language and id: s3-2, c3,
	// c3/parallel, plan, topics, topics/ecology, topics/ecology/changting, updates/NAME,
	// glossary, sitemap, home, about, measures.json.
	At map[plan.Lang]map[string]string `json:"at"`

	order []string
}

// target is a year by which the plan wants something, with the unit that says so.
type target struct {
	Year int    `json:"year"`
	Unit string `json:"unit"`
}

// update is a published note on units; its text is the page updates/NAME.
type update struct {
	Name   string    `json:"name"`
	Title  bilingual `json:"title"`
	Text   bilingual `json:"summary"`
	Date   string    `json:"date"` // RFC 3339
	Source string    `json:"source,omitempty"`
	Units  []string  `json:"units"`
}

// cross is a topic and a place that share units.
type cross struct {
	Topic string   `json:"topic"`
	Place string   `json:"place"`
	Units []string `json:"units"`
}

type bilingual struct {
	ZH string `json:"zh"`
	EN string `json:"en,omitempty"`
}

func (b bilingual) in(l plan.Lang) string {
	s, _ := plan.Text(b).Or(l)
	return s
}

type division struct {
	ID       string    `json:"id"`      // c3 or s4
	Number   int       `json:"number"`  // in the address
	Label    int       `json:"label"`   // as printed
	Numeral  string    `json:"numeral"` // the label in Chinese: 三
	Title    bilingual `json:"title"`
	Stop     string    `json:"stop"`
	Chapter  string    `json:"chapter,omitempty"` // of a section
	Units    []string  `json:"units"`
	Sections []string  `json:"sections,omitempty"`
	Measures int       `json:"measures"` // in it and its sections
	Prev     string    `json:"prev,omitempty"`
	Next     string    `json:"next,omitempty"`
}

type unit struct {
	ID      string    `json:"id"`
	Number  string    `json:"number"` // within its division: "2" of s3-2
	Order   int       `json:"order"`  // in the plan, from 1
	Kind    plan.Kind `json:"kind"`
	Chapter string    `json:"chapter,omitempty"`
	Section string    `json:"section,omitempty"`
	Home    string    `json:"home"` // id of the page that it is read on: s3, c1, plan
	New     bool      `json:"new"`  // starts a paragraph of the official text
	Text    bilingual `json:"text"`
	Brief   bilingual `json:"brief"` // how it begins, for labels
	HTML    bilingual `json:"html"`
	Topics  []string  `json:"topics"`
	Places  []string  `json:"places"`
	Stale   bool      `json:"stale,omitempty"` // the Chinese has changed since it was translated
	Cell    *cell     `json:"cell,omitempty"`  // in the drawing of the plan
	Prev    string    `json:"prev,omitempty"`
	Next    string    `json:"next,omitempty"`
}

// cell is where a unit stands in the drawing, and its colour.
type cell struct {
	Ring int     `json:"ring"`
	Turn float64 `json:"turn"`
	Tone string  `json:"tone"`
}

// retired is an id that names no sentence of the plan any more.
type retired struct {
	ID    string          `json:"id"`
	State plan.EntryState `json:"state"`
	To    []string        `json:"to"`
	Text  bilingual       `json:"text"`
}

// term is a row of the termbase with the units that use it.
type term struct {
	ID    string   `json:"id"` // its fragment in the glossary
	ZH    string   `json:"zh"`
	EN    string   `json:"en"`
	Kind  string   `json:"kind"`
	Units []string `json:"units"`
}

// hub is a topic or a place with its units.
type hub struct {
	ID     string    `json:"id"`
	Title  bilingual `json:"title"`
	Name   bilingual `json:"name"`
	Kind   string    `json:"kind"`
	Parent string    `json:"parent,omitempty"`
	Main   bool      `json:"main,omitempty"`
	Tile   []int     `json:"tile,omitempty"` // column and row of a place on the schematic map
	Units  []string  `json:"units"`
	Terms  []int     `json:"terms,omitempty"` // of a topic: the terms that belong to it more than to others, by their place in data.terms
}

func newData(in Input) *data {
	p := in.Plan
	d := &data{
		Origin: in.Origin, Root: cmp.Or(in.Origin, in.BasePath), Preview: in.Preview, Title: bilingual(p.Title), Counts: p.Count(), Front: p.Front,
		Byname: map[string]division{}, Units: map[string]unit{}, Hubs: map[string]hub{}, Retired: map[string]retired{},
	}
	topics, places := map[string]bool{}, map[string]bool{}
	for _, t := range p.Topics {
		topics[t.ID] = true
	}
	for _, pl := range p.Places {
		places[pl.ID] = true
	}
	byTopic, byPlace := map[string][]string{}, map[string][]string{}
	for u := range p.Units() {
		id := string(u.ID)
		_, _, n, _ := u.ID.Parse()
		v := unit{
			ID: id, Number: strconv.Itoa(n), Order: len(d.order) + 1, Kind: u.Kind, Home: string(address.Whole),
			New: u.NewParagraph, Text: bilingual(u.Text),
			Brief: bilingual{ZH: cut(u.Text.ZH, 14), EN: cut(u.Text.EN, 24)}, HTML: bilingual(u.HTML),
			Topics: known(u.Topics, topics), Places: known(u.Places, places), Stale: u.Translation == plan.Stale,
		}
		if u.Chapter > 0 {
			v.Chapter = address.ChapterID(u.Chapter)
			v.Home = v.Chapter
		}
		if u.Section > 0 {
			v.Section = address.SectionID(u.Section)
			v.Home = v.Section
		}
		if n := len(d.order); n > 0 {
			v.Prev = d.order[n-1]
			last := d.Units[v.Prev]
			last.Next = id
			d.Units[v.Prev] = last
		}
		d.Units[id] = v
		d.order = append(d.order, id)
		if u.Kind == plan.Measure && len(v.Places) == 0 {
			d.Zone = append(d.Zone, id)
		}
		if u.Kind == plan.Target {
			if m := byYear.FindStringSubmatch(u.Text.ZH); m != nil {
				year, _ := strconv.Atoi(m[1])
				d.Targets = append(d.Targets, target{Year: year, Unit: id})
			}
		}
		for _, t := range v.Topics {
			byTopic[t] = append(byTopic[t], id)
		}
		for _, t := range v.Places {
			byPlace[t] = append(byPlace[t], id)
		}
	}
	d.Main = ids(p.Preamble)
	d.divisions(p)
	d.terms(p)
	for _, t := range p.Topics {
		h := hub{ID: t.ID, Title: bilingual(t.Title), Name: bilingual(t.Title), Kind: "topic", Main: t.Main, Units: orEmpty(byTopic[t.ID])}
		h.Terms = d.related(h.Units)
		d.Topics = append(d.Topics, h)
		d.Hubs[address.TopicID(t.ID)] = h
	}
	for _, pl := range p.Places {
		h := hub{ID: pl.ID, Title: bilingual(pl.Title), Name: bilingual(pl.Name), Kind: string(pl.Kind), Parent: pl.Parent, Units: orEmpty(byPlace[pl.ID])}
		if t := pl.Tile; t != nil {
			h.Tile = []int{t.Column, t.Row}
		}
		d.Places = append(d.Places, h)
		d.Hubs[address.PlaceID(pl.ID)] = h
	}
	d.gathered(in)
	if len(d.order) <= mostCells {
		drawing := tulou.Draw(p)
		d.Tulou = &drawing
		for _, c := range drawing.Cells {
			u := d.Units[string(c.ID)]
			u.Cell = &cell{Ring: c.Ring, Turn: c.Turn, Tone: d.tone(u)}
			d.Units[u.ID] = u
		}
	}
	for _, u := range p.Updates {
		if u.Draft && !in.Drafts {
			continue
		}
		v := update{Name: u.Name, Title: bilingual(u.Title), Text: bilingual(u.Summary), Date: u.Date.Format(time.RFC3339), Source: u.Source, Units: []string{}}
		for _, id := range u.Units {
			if _, live := d.Units[string(id)]; live {
				v.Units = append(v.Units, string(id))
			}
		}
		d.Updates = append(d.Updates, v)
	}
	return d
}

// byYear finds the year by which a target is to be reached.
var byYear = regexp.MustCompile(`到(\d{4})年`)

// idOf is how templates name an address.
func idOf(a address.Address) (id string, has bool) {
	switch a.Kind {
	case address.Parallel:
		return a.Of + "/parallel", true
	case address.Page:
		return strings.TrimPrefix(a.Of, "pages/"), true
	case address.Feed, address.Index, address.Robots, address.Alias, address.Asset, address.Static, address.Lost, address.Root:
		return "", false
	}
	return cmp.Or(a.Of, string(a.Kind)), true
}

// gathered takes from the book what is there once for both languages: topics and
// places that share units, and ids that name no sentence any more.
func (d *data) gathered(in Input) {
	d.At = map[plan.Lang]map[string]string{}
	for _, l := range plan.Langs {
		d.At[l] = map[string]string{}
	}
	for a := range in.Book.All() {
		for _, l := range plan.Langs {
			if id, has := idOf(a); has && (a.Lang == l || a.Lang == "") {
				d.At[l][id] = a.Path
			}
		}
		if a.Lang != plan.ZH {
			continue
		}
		switch a.Kind {
		case address.Cross:
			parts := strings.Split(a.Of, "/") // topics/TOPIC/PLACE
			d.Cross = append(d.Cross, cross{parts[1], parts[2], a.Units})
		case address.Withdrawn, address.Moved:
			e, _ := in.Plan.Ledger.Find(plan.ID(a.Of))
			d.Retired[a.Of] = retired{ID: a.Of, State: e.State, To: orEmpty(a.Units), Text: bilingual(e.Text)}
		}
	}
}

// tone is the class of the colour that a unit has in pictures: that of its first
// topic, quiet unless it is one of the main ones.
func (d *data) tone(u unit) string {
	if len(u.Topics) == 0 {
		return "t-none"
	}
	topic := d.Hubs[address.TopicID(u.Topics[0])]
	if topic.Main {
		return "t-" + topic.ID
	}
	return "t-" + topic.ID + " quiet"
}

// mostCells is how many sentences are drawn as cells: with more, cells would be
// too small to see or to point at.
const mostCells = 500

// relatedTerms is how many terms a topic's page shows.
const relatedTerms = 12

// related picks the terms that say what these units are about: used in at least
// two of them, and half as often again as chance would have it. Those that are
// used most beyond chance come first. Places are not among them: a hub lists its
// places anyway.
func (d *data) related(units []string) []int {
	in := make(map[string]bool, len(units))
	for _, id := range units {
		in[id] = true
	}
	share := float64(len(units)) / float64(max(1, len(d.order)))
	type scored struct {
		term  int
		score float64
	}
	var list []scored
	for i, t := range d.Terms {
		if t.Kind == "place" {
			continue
		}
		n := 0
		for _, id := range t.Units {
			if in[id] {
				n++
			}
		}
		expected := share * float64(len(t.Units))
		if n >= 2 && float64(n) >= 1.5*expected {
			list = append(list, scored{i, float64(n) - expected})
		}
	}
	slices.SortStableFunc(list, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var terms []int
	for _, s := range list[:min(len(list), relatedTerms)] {
		terms = append(terms, s.term)
	}
	return terms
}

// terms lists the termbase in the order of the Chinese collation (pinyin); the
// English page sorts by its own alphabet.
func (d *data) terms(p *plan.Plan) {
	uses := p.TermUses()
	fragments := address.Terms(p.Terms)
	for i, t := range p.Terms {
		v := term{ID: fragments[i], ZH: t.ZH, EN: t.EN, Kind: t.Kind, Units: []string{}}
		for _, id := range uses[t.ZH] {
			v.Units = append(v.Units, string(id))
		}
		d.Terms = append(d.Terms, v)
	}
	order := collate.New(language.Chinese)
	slices.SortStableFunc(d.Terms, func(a, b term) int { return order.CompareString(a.ZH, b.ZH) })
}

// divisions lists chapters and sections and links neighbours of a kind.
func (d *data) divisions(p *plan.Plan) {
	measures := func(units []*plan.Unit) (n int) {
		for _, u := range units {
			if u.Kind == plan.Measure {
				n++
			}
		}
		return n
	}
	for _, c := range p.Chapters {
		v := division{
			ID: address.ChapterID(c.Number), Number: c.Number, Label: c.Number, Numeral: plan.Numeral(c.Number),
			Title: bilingual(c.Title), Stop: c.Stop, Units: ids(c.Units), Measures: measures(c.Units),
		}
		for _, s := range c.Sections {
			sec := division{
				ID: address.SectionID(s.Number), Number: s.Number, Label: s.Label, Numeral: plan.Numeral(s.Label),
				Title: bilingual(s.Title), Stop: s.Stop, Chapter: v.ID, Units: ids(s.Units), Measures: measures(s.Units),
			}
			v.Sections = append(v.Sections, sec.ID)
			v.Measures += sec.Measures
			d.Sections = append(d.Sections, sec)
		}
		d.Chapters = append(d.Chapters, v)
	}
	for _, list := range [][]division{d.Chapters, d.Sections} {
		for i := range list {
			if i > 0 {
				list[i].Prev = list[i-1].ID
			}
			if i+1 < len(list) {
				list[i].Next = list[i+1].ID
			}
			d.Byname[list[i].ID] = list[i]
		}
	}
}

func ids(units []*plan.Unit) []string {
	out := make([]string, len(units))
	for i, u := range units {
		out[i] = string(u.ID)
	}
	return out
}

// of lists the units of a division, a chapter's sections included.
func (d *data) of(v division) []string {
	units := slices.Clone(v.Units)
	for _, s := range v.Sections {
		units = append(units, d.Byname[s].Units...)
	}
	return units
}

// about describes a page by the beginning of its text.
func (d *data) about(lang plan.Lang, units []string) string {
	if len(units) == 0 {
		return ""
	}
	return cut(d.Units[units[0]].Text.in(lang), 80)
}

// known leaves out tags without a hub: the checks tell of them, and a preview
// shows the rest of the page.
func known(tags []string, hubs map[string]bool) []string {
	out := []string{}
	for _, t := range tags {
		if hubs[t] {
			out = append(out, t)
		}
	}
	return out
}

// orEmpty makes an absent list an empty one, which templates can range over.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// cut shortens a sentence to about n Chinese characters (two Latin letters
// count as one), at the end of a clause or word where there is one.
func cut(s string, n int) string {
	width, end, clause := 0, 0, 0
	for i, r := range s {
		w := 2
		if r < 0x2E80 {
			w = 1
		}
		if width+w > 2*n {
			if clause > end/2 {
				end = clause
			}
			return strings.TrimRight(s[:end], " ,，、；;：:") + "…"
		}
		width += w
		end = i + len(string(r))
		if strings.ContainsRune("，；。、 ,;", r) {
			clause = end
		}
	}
	return strings.TrimRight(s, "。.")
}
