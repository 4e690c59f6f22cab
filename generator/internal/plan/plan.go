// Package plan is the model of a Chinese government plan as readers cite it:
// a title, a preamble, chapters (一、二、…), sections (（一）（二）…) and units,
// one unit for each sentence. Most units are measures; the others give context,
// guidelines or targets.
//
// The model is plain values without input or output. Package seed fills it from
// the text of a document as received, package content from Markdown; the site,
// the checks and the open data only read it. It imports nothing of ours.
//
// Reading order: [Plan] and its parts in this file, the permanent identifiers
// in id.go, Chinese numerals in numeral.go, and the official running text,
// against which every importer and every edition is proved, in official.go.
package plan

import (
	"iter"
	"time"
)

// Lang is a language of the portal.
type Lang string

const (
	ZH Lang = "zh" // simplified Chinese, the official text
	EN Lang = "en" // English, unofficial
)

// Langs lists the languages in the order in which the portal shows them.
var Langs = []Lang{ZH, EN}

// Tag is the language's BCP 47 tag, as it stands in a lang attribute.
func (l Lang) Tag() string {
	if l == ZH {
		return "zh-Hans"
	}
	return "en"
}

// Text is a text in both languages; an empty string means that the text does
// not exist in that language (yet).
type Text struct{ ZH, EN string }

// In returns the text in language l, or "".
func (t Text) In(l Lang) string {
	if l == EN {
		return t.EN
	}
	return t.ZH
}

// Set stores s as the text in language l.
func (t *Text) Set(l Lang, s string) {
	if l == EN {
		t.EN = s
	} else {
		t.ZH = s
	}
}

// Or returns the text in language l, or in Chinese where l has none, and the
// language of what it returns.
func (t Text) Or(l Lang) (string, Lang) {
	if s := t.In(l); s != "" {
		return s, l
	}
	return t.ZH, ZH
}

// Plan is one edition of a plan, with the topics, places, bodies and terms that its
// units refer to.
type Plan struct {
	Title    Text
	Name     Text              // what the site is called where that is shorter than the title
	Keywords map[Lang][]string // that the site is found by
	Phrases  []string          // those before which a line of the Chinese title may end
	Drawing  string            // the picture of the plan: "tulou", or "" for none
	Front    Front
	Preamble []*Unit
	Chapters []*Chapter

	Topics  []*Topic  // in the order in which hubs are listed
	Updates []*Update // newest first
	Places  []*Place  // zone first: cities, then their counties; then places outside
	Bodies  []*Body   // by kind, in the order of BodyKinds
	Terms   []Term
	Ledger  Ledger // nil where a plan has none yet

	Editions []Edition // the documents, oldest first; none where no day is known
	History  History   // what each sentence said from when on
}

// SiteName is what the site is called: the plan's name or else its title.
func (p *Plan) SiteName() Text {
	name := p.Title
	for _, l := range Langs {
		if s := p.Name.In(l); s != "" {
			name.Set(l, s)
		}
	}
	return name
}

// Front is what a document prints around its body and what belongs to no
// chapter: the notice that the plan came with, the lines under its title, and
// its signature. Each string is one printed line or paragraph, in Chinese.
type Front struct {
	Cover   []string // before the title: a covering notice, with its own heading and date
	Under   []string // between the title and the preamble: date, document number, addressee
	Closing []string // after the last chapter: issuing body, date, 此件公开发布
}

// Chapter is a first-level division, printed 一、二、….
type Chapter struct {
	Number   int     // 1 for 一
	Title    Text    // empty for an item that is a sentence under its number: 二、同意设立示范区。
	Stop     string  // what closes a heading that runs into its text: "" or "。"
	Units    []*Unit // text before the first section; all of it where there are no sections
	Sections []*Section
}

// Section is a second-level division, printed （一）（二）….
type Section struct {
	Number  int // position in the whole plan, from 1; part of the URL
	Label   int // the printed number; differs from Number where numbering restarts in each chapter
	Chapter int
	Title   Text   // empty as a chapter's may be
	Stop    string // what closes a heading that runs into its text: "。", or "" for a heading on its own line
	Units   []*Unit
}

// Kind says what a unit is for.
type Kind string

const (
	Measure   Kind = "measure"   // something to be done: the default
	Context   Kind = "context"   // why the plan exists
	Guideline Kind = "guideline" // how it is to be carried out
	Target    Kind = "target"    // what is to be reached, by when
)

// Kinds lists every kind.
var Kinds = []Kind{Measure, Context, Guideline, Target}

// Unit is one sentence of the plan: the smallest thing that has a permanent
// address. Its ID never changes and is never reused.
type Unit struct {
	ID           ID
	Kind         Kind
	Chapter      int  // 0 in the preamble
	Section      int  // Section.Number, 0 outside sections
	NewParagraph bool // the official text starts a new paragraph here (never set on the first unit of a division)
	Text         Text // plain text, without markup
	HTML         Text // the same as inline HTML; "" until a renderer fills it
	Topics       []string
	Places       []string
	Bodies       []string    // who the sentence itself says is to act, see Body
	Translation  Translation // of the English; see SetTranslations
}

// Topic is a hub that gathers units by subject.
type Topic struct {
	ID      string
	Title   Text
	Summary Text
	Weight  int    // order among topics
	Main    bool   // one of the hubs that lead the home page
	Tone    string // its colour, one of Tones; "" for a neutral that no other topic has
	Sign    string // one Chinese character that stands beside its colour; "" for none

	Headings []string // words of a chapter's or section's heading whose measures belong here first
	Words    []string // words of a measure that a reader of this hub would miss

	Supports bool // its measures say who supports the others and how they are carried out
	Support  []ID // measures of such a topic that say so of this one, in the order of the hub
}

// Tones are the colours of the theme's palette that a topic may have: eight of one
// lightness that can be told from each other, and neutrals.
var Tones = []string{"red", "green", "ochre", "slate", "plum", "teal", "stone", "indigo", "olive", "umber", "moss"}

// StrongTones is how many of Tones are no neutrals.
const StrongTones = 8

// PlaceKind says where a place stands.
type PlaceKind string

const (
	City    PlaceKind = "city"    // prefecture-level city of the zone
	County  PlaceKind = "county"  // district, county or county-level city of the zone
	Outside PlaceKind = "outside" // named by the plan, outside the zone
)

// Place is a city or county with a hub of its own.
type Place struct {
	ID     string // lower-case pinyin without the administrative word: changting
	Kind   PlaceKind
	Parent string // the city of a county, "" otherwise
	Weight int    // order among places of the same parent
	Title  Text   // full name: 长汀县, Changting County
	Name   Text   // short name, as the plan writes it: 长汀, Changting
	Tile   *Tile  // where it stands on the schematic map; nil if it is not on it

	Abbreviations []string // other Chinese by which a text may mean it: 沪
	Homographs    []string // expressions in which its characters stand by accident: 三明治
}

// Tile is a square of a schematic map, on which each place is one square of the
// same size and neighbours touch where they can. It says who is north and who
// is east of whom, and nothing about distances or borders.
type Tile struct {
	Column int // from the west, from 0
	Row    int // from the north, from 0
}

// BodyKind says what sort of body it is.
type BodyKind string

const (
	Central     BodyKind = "central"     // of the Party or the state, at the center
	Government  BodyKind = "government"  // of a province, city or county, and its departments
	Institution BodyKind = "institution" // a school, a hospital, an institute
	Enterprise  BodyKind = "enterprise"  // an enterprise or a bank
	People      BodyKind = "people"      // a group of people
)

// BodyKinds lists every kind in the order in which bodies are shown.
var BodyKinds = []BodyKind{Central, Government, Institution, Enterprise, People}

// Body is somebody who can be asked to act: an organ of the Party or the state, the
// government of a province, city or county, an institution, an enterprise, or a
// group of them or of people. A zone or a region is none. A unit has it as a tag
// where its sentence makes it do something: as the subject of a verb, as the one who
// is supported, encouraged, guided or pushed to do something, or as the one with
// whom it is done.
type Body struct {
	ID      string
	Kind    BodyKind
	Weight  int  // order among bodies of its kind
	Title   Text // in full
	Summary Text // what is to be known of the name; may be empty

	Place      string   // that it is the government of; its name counts where the sentence makes it act
	Names      []string // other Chinese by which the plan means it
	Homographs []string // expressions in which its names stand and it does not act
}

// Calls are the Chinese expressions by which a sentence may name the body; place is
// its place, or nil.
func (b *Body) Calls(place *Place) []string {
	calls := append([]string{b.Title.ZH}, b.Names...)
	if place != nil {
		calls = append(calls, place.Title.ZH, place.Name.ZH)
	}
	return calls
}

// Update is a dated note of news or progress on units of the plan. Its text is
// an ordinary page; the facts here are what the plan's pages say of it.
type Update struct {
	Name    string // of its file, and the end of its address: 2024-05-01-water
	Title   Text
	Summary Text
	Date    time.Time // of publication, in China's time (UTC+8)
	Source  string    // whose statement it is
	Units   []ID      // the measures it is about
	Draft   bool
}

// Term is one row of the bilingual termbase.
type Term struct {
	Text
	Pinyin             string   // how the Chinese is read, a syllable a character
	Forbidden          []string // English renderings that must not be used
	Also               []Alias  // what people say for it: the search finds it by these
	Kind, Note, Source string
}

// Alias is a word, in either language, that people use for a term or for a part of
// its Chinese: 看病 for the 医疗 of 医疗救助.
type Alias struct{ Word, For string }

// Units yields every unit in document order.
func (p *Plan) Units() iter.Seq[*Unit] {
	return func(yield func(*Unit) bool) {
		each := func(units []*Unit) bool {
			for _, u := range units {
				if !yield(u) {
					return false
				}
			}
			return true
		}
		if !each(p.Preamble) {
			return
		}
		for _, c := range p.Chapters {
			if !each(c.Units) {
				return
			}
			for _, s := range c.Sections {
				if !each(s.Units) {
					return
				}
			}
		}
	}
}

// Sections yields every section in document order.
func (p *Plan) Sections() iter.Seq[*Section] {
	return func(yield func(*Section) bool) {
		for _, c := range p.Chapters {
			for _, s := range c.Sections {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// Counts is the shape of a plan in numbers.
type Counts struct {
	Chapters int `json:"chapters"`
	Sections int `json:"sections"`
	Units    int `json:"units"`
	Measures int `json:"measures"`
}

// Count returns the shape of p.
func (p *Plan) Count() Counts {
	n := Counts{Chapters: len(p.Chapters)}
	for range p.Sections() {
		n.Sections++
	}
	for u := range p.Units() {
		n.Units++
		if u.Kind == Measure {
			n.Measures++
		}
	}
	return n
}
