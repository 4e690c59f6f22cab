package site

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

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
// read as hugo.Data.plan, and a page with little more than its title for each
// address of the plan. Facts stand in the data once; a page names its division
// or unit.
func derive(in Input) ([]derivedFile, error) {
	data := newData(in)
	var files []derivedFile
	put := func(name string, v any) error {
		b, err := json.Marshal(v)
		files = append(files, derivedFile{name, b})
		return err
	}
	if err := put("data/plan.json", data); err != nil {
		return nil, err
	}
	page := func(name string, lang plan.Lang, f frontMatter) error {
		return put(path.Join(in.Content, name+"."+string(lang)+".md"), f)
	}
	var errs []error
	add := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	hidden := map[string]string{"render": "never", "list": "never"}
	always := map[string]string{"render": "always", "list": "never"} // but in no list, and so in no sitemap
	for _, lang := range plan.Langs {
		// The folders m and pages have no page of their own.
		add(page("m/_index", lang, frontMatter{Title: "m", Build: hidden}))
		add(page("pages/_index", lang, frontMatter{Title: "pages", Build: hidden}))

		title, _ := in.Plan.Title.Or(lang)
		add(page("plan/_index", lang, frontMatter{Title: title, Description: data.about(lang, data.order), Weight: 1}))
		for _, c := range data.Chapters {
			add(page("plan/"+c.ID, lang, frontMatter{
				Title: c.Title.in(lang), Description: data.about(lang, data.of(c)), Layout: "chapter", Weight: c.Number, Params: map[string]any{"division": c.ID},
			}))
		}
		for _, s := range data.Sections {
			add(page("plan/"+s.ID, lang, frontMatter{
				Title: s.Title.in(lang), Description: data.about(lang, s.Units), Layout: "section-of-plan", Weight: s.Number, Params: map[string]any{"division": s.ID},
			}))
		}
		// Both languages sentence by sentence: the whole plan, a chapter, a section.
		add(page("plan/parallel", lang, frontMatter{Title: title, Description: data.about(lang, data.order), Layout: "parallel"}))
		for _, list := range [][]division{data.Chapters, data.Sections} {
			for _, v := range list {
				add(page("plan/"+v.ID+"/parallel", lang, frontMatter{
					Title: v.Title.in(lang), Description: data.about(lang, data.of(v)), Layout: "parallel", Params: map[string]any{"division": v.ID},
				}))
			}
		}
		for _, c := range data.Cross {
			topic, place := data.Hubs["topics/"+c.Topic], data.Hubs["places/"+c.Place]
			add(page("topics/"+c.Topic+"/"+c.Place, lang, frontMatter{
				Title:       place.Name.in(lang) + map[plan.Lang]string{plan.ZH: "：", plan.EN: ": "}[lang] + topic.Title.in(lang),
				Description: data.about(lang, c.Units),
				Layout:      "cross", Params: map[string]any{"topic": c.Topic, "place": c.Place, "units": c.Units},
			}))
		}
		if len(data.Updates) > 0 {
			add(page("updates/_index", lang, frontMatter{Title: map[plan.Lang]string{plan.ZH: "动态", plan.EN: "Updates"}[lang]}))
		} else {
			add(page("updates/_index", lang, frontMatter{Title: "updates", Build: hidden}))
		}
		add(page("sitemap", lang, frontMatter{Title: map[plan.Lang]string{plan.ZH: "网站地图", plan.EN: "Site map"}[lang], Layout: "sitemap"}))
		if in.Preview {
			add(page("components", lang, frontMatter{Title: "Components", Layout: "components", Build: always}))
		}
		if len(data.Terms) > 0 {
			add(page("glossary", lang, frontMatter{Title: map[plan.Lang]string{plan.ZH: "术语表", plan.EN: "Glossary and index"}[lang], Layout: "glossary"}))
		}
		for _, id := range slices.Sorted(maps.Keys(data.Retired)) {
			r := data.Retired[id]
			f := frontMatter{Title: cut(r.Text.in(lang), 24), Description: cut(r.Text.in(lang), 110), Layout: string(r.State), Params: map[string]any{"retired": id}}
			if r.State == plan.Moved {
				f.Build = always
			}
			add(page("m/"+id, lang, f))
		}
		for _, u := range data.order {
			text := data.Units[u].Text.in(lang)
			add(page("m/"+u, lang, frontMatter{
				Title: cut(text, 24), Description: cut(text, 110), Layout: "unit",
				Weight: data.Units[u].Order, Params: map[string]any{"unit": u},
			}))
		}
	}
	// The site's root and the page for unknown addresses outside any language.
	add(page("root", plan.ZH, frontMatter{Title: in.Plan.Title.ZH, URL: "/index.html", Layout: "root", Build: always}))
	add(page("not-found", plan.ZH, frontMatter{Title: "404", URL: "/404.html", Layout: "not-found", Build: always}))
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return files, nil
}

type frontMatter struct {
	Title       string            `json:"title"`
	Description string            `json:"description,omitempty"`
	Layout      string            `json:"layout,omitempty"`
	URL         string            `json:"url,omitempty"`
	Weight      int               `json:"weight,omitempty"`
	Build       map[string]string `json:"build,omitempty"`
	Params      map[string]any    `json:"params,omitempty"`
}

// The types below are hugo.Data.plan as templates see it. Names of divisions
// are those of the addresses: c3, s4; units go by their ids. Lists are in
// document order.
type data struct {
	Origin   string                 `json:"origin"`  // in front of a page's path in absolute addresses; "" if unknown
	Root     string                 `json:"root"`    // in front of a path in files whose links nobody rewrites (XML, text)
	Preview  bool                   `json:"preview"` // the site is shown by serve
	Title    bilingual              `json:"title"`
	Name     bilingual              `json:"name"` // of the site
	Keywords map[plan.Lang][]string `json:"keywords"`
	Phrases  []string               `json:"phrases"` // those before which a line of the title may end
	Document document               `json:"document"`
	Style    string                 `json:"style"` // the colours of topics and the outlines of counties
	Counts   plan.Counts            `json:"counts"`
	Front    plan.Front             `json:"front"`
	Main     []string               `json:"preamble"` // units of the preamble
	Byname   map[string]division    `json:"divisions"`
	Units    map[string]unit        `json:"units"`
	Topics   []hub                  `json:"topics"`
	Places   []hub                  `json:"places"`
	Hubs     map[string]hub         `json:"hubs"` // topics/ecology, places/changting

	Retired  map[string]retired `json:"retired"` // withdrawn and moved ids
	Terms    []term             `json:"terms"`   // in the order of the Chinese collation
	Chapters []division         `json:"chapters"`
	Tulou    *tulou.Drawing     `json:"tulou,omitempty"` // nil for a plan too large to draw
	Zone     []string           `json:"zone"`            // measures that name no place
	Targets  []target           `json:"targets"`
	Updates  []update           `json:"updates"` // newest first
	Cross    []cross            `json:"cross"`
	Sections []division         `json:"-"`
	order    []string
}

// document is what is known about the plan's document.
type document struct {
	Issuer    bilingual `json:"issuer"`
	Number    bilingual `json:"number"`
	Published string    `json:"published"`
	Signed    string    `json:"signed"`
	Reply     string    `json:"reply"`
	URL       string    `json:"url"`
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
	Home    string    `json:"home"` // path of the page that it is read on, below the language
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
	Broken bool      `json:"broken,omitempty"` // a city whose counties have broken outlines on the map
	Tile   []int     `json:"tile,omitempty"`   // column and row of a place on the schematic map
	Units  []string  `json:"units"`
	Terms  []int     `json:"terms,omitempty"` // of a topic: the terms that belong to it more than to others, by their place in data.terms
}

func newData(in Input) *data {
	p := in.Plan
	doc := knownDocument(in.Dir, p)
	d := &data{
		Origin: in.Origin, Root: cmp.Or(in.Origin, in.BasePath), Preview: in.Preview, Title: bilingual(p.Title), Name: bilingual(p.SiteName()),
		Keywords: p.Keywords, Phrases: orEmpty(p.Phrases), Style: style(p),
		Document: document{bilingual(doc.Issuer), bilingual(doc.Number), doc.Published, doc.Signed, doc.Reply, doc.URL}, Counts: p.Count(), Front: p.Front,
		Byname: map[string]division{}, Units: map[string]unit{}, Hubs: map[string]hub{}, Retired: map[string]retired{},
		// A plan may have none of these, and templates range over them.
		Topics: []hub{}, Places: []hub{}, Terms: []term{}, Chapters: []division{}, Zone: []string{}, Targets: []target{}, Updates: []update{}, Cross: []cross{},
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
			ID: id, Number: strconv.Itoa(n), Order: len(d.order) + 1, Kind: u.Kind, Home: "/plan/",
			New: u.NewParagraph, Text: bilingual(u.Text),
			Brief: bilingual{ZH: cut(u.Text.ZH, 14), EN: cut(u.Text.EN, 24)}, HTML: bilingual(u.HTML),
			Topics: known(u.Topics, topics), Places: known(u.Places, places), Stale: u.Translation == plan.Stale,
		}
		if u.Chapter > 0 {
			v.Chapter = "c" + strconv.Itoa(u.Chapter)
			v.Home = "/plan/" + v.Chapter + "/"
		}
		if u.Section > 0 {
			v.Section = "s" + strconv.Itoa(u.Section)
			v.Home = "/plan/" + v.Section + "/"
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
	for _, e := range p.Ledger {
		if e.State == plan.Live {
			continue
		}
		r := retired{ID: string(e.ID), State: e.State, To: []string{}, Text: bilingual(e.Text)}
		for _, id := range e.To {
			if _, live := d.Units[string(id)]; live {
				r.To = append(r.To, string(id))
			}
		}
		if _, live := d.Units[r.ID]; !live && (e.State == plan.Withdrawn || len(r.To) == 1) {
			d.Retired[r.ID] = r
		}
	}
	for _, t := range p.Topics {
		h := hub{ID: t.ID, Title: bilingual(t.Title), Name: bilingual(t.Title), Kind: "topic", Main: t.Main, Units: orEmpty(byTopic[t.ID])}
		h.Terms = d.related(h.Units)
		d.Topics = append(d.Topics, h)
		d.Hubs["topics/"+t.ID] = h
	}
	for _, pl := range p.Places {
		h := hub{ID: pl.ID, Title: bilingual(pl.Title), Name: bilingual(pl.Name), Kind: string(pl.Kind), Parent: pl.Parent, Broken: pl.Broken, Units: orEmpty(byPlace[pl.ID])}
		if t := pl.Tile; t != nil {
			h.Tile = []int{t.Column, t.Row}
		}
		d.Places = append(d.Places, h)
		d.Hubs["places/"+pl.ID] = h
	}
	d.cross()
	if p.Drawing == "tulou" && len(d.order) <= mostCells {
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

// cross lists the topics and places that share units, in the order of both.
func (d *data) cross() {
	for _, t := range d.Topics {
		for _, pl := range d.Places {
			var both []string
			for _, id := range t.Units {
				if slices.Contains(d.Units[id].Places, pl.ID) {
					both = append(both, id)
				}
			}
			if len(both) > 0 {
				d.Cross = append(d.Cross, cross{t.ID, pl.ID, both})
			}
		}
	}
}

// tone is the class of the colour that a unit has in pictures: that of its first
// topic, quiet unless it is one of the main ones.
func (d *data) tone(u unit) string {
	if len(u.Topics) == 0 {
		return "t-none"
	}
	topic := d.Hubs["topics/"+u.Topics[0]]
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
	seen := map[string]int{}
	for _, t := range p.Terms {
		v := term{ID: slug(t.EN), ZH: t.ZH, EN: t.EN, Kind: t.Kind, Units: []string{}}
		if seen[v.ID]++; seen[v.ID] > 1 {
			v.ID += "-" + strconv.Itoa(seen[v.ID])
		}
		for _, id := range uses[t.ZH] {
			v.Units = append(v.Units, string(id))
		}
		d.Terms = append(d.Terms, v)
	}
	order := collate.New(language.Chinese)
	slices.SortStableFunc(d.Terms, func(a, b term) int { return order.CompareString(a.ZH, b.ZH) })
}

// slug makes a fragment of a term's English: soil-and-water-conservation.
func slug(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return "t-" + strings.Join(words, "-")
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
			ID: "c" + strconv.Itoa(c.Number), Number: c.Number, Label: c.Number, Numeral: plan.Numeral(c.Number),
			Title: called(c.Title, c.Units), Stop: c.Stop, Units: ids(c.Units), Measures: measures(c.Units),
		}
		for _, s := range c.Sections {
			sec := division{
				ID: "s" + strconv.Itoa(s.Number), Number: s.Number, Label: s.Label, Numeral: plan.Numeral(s.Label),
				Title: called(s.Title, s.Units), Stop: s.Stop, Chapter: v.ID, Units: ids(s.Units), Measures: measures(s.Units),
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

// called is the name of a division: its title or, of an item that is one sentence
// without a heading, how the sentence begins.
func called(title plan.Text, units []*plan.Unit) bilingual {
	if title.ZH != "" || len(units) == 0 {
		return bilingual(title)
	}
	first := units[0].Text
	return bilingual{ZH: cut(first.ZH, 24), EN: cut(first.EN, 24)}
}

// style writes the rules of the style sheet that come from the content: the
// colour of each topic, and which counties have a broken outline on the map. A
// topic without a tone gets a quiet one that no other has, as long as there are.
func style(p *plan.Plan) string {
	used := map[string]bool{}
	for _, t := range p.Topics {
		used[t.Tone] = true
	}
	quiet := plan.Tones[plan.StrongTones:]
	free := slices.DeleteFunc(slices.Clone(quiet), func(tone string) bool { return used[tone] })
	if len(free) == 0 {
		free = quiet
	}
	var b strings.Builder
	b.WriteString("@layer base {\n")
	next := 0
	for _, t := range p.Topics {
		tone := t.Tone
		if tone == "" {
			tone = free[next%len(free)]
			next++
		}
		fmt.Fprintf(&b, "  .t-%s { --tone: var(--%s); }\n", t.ID, tone)
	}
	b.WriteString("}\n")
	for _, pl := range p.Places {
		if pl.Broken {
			fmt.Fprintf(&b, "@layer components { .map .%s { stroke-dasharray: 3 2; } }\n", pl.ID)
		}
	}
	return b.String()
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
