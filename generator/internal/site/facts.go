package site

import (
	"minxi/generator/internal/address"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/plan"
)

// page is one page of the site as a function of what it shows. Its bytes depend
// on this value, the templates, the interface texts, the configuration and the
// names of the assets, and on nothing else: a page never asks for another.
type page struct {
	address.Address
	layout      string // the template; "" for that of ordinary pages
	title       string
	description string // "" where the template makes one of the page's name
	facts       facts
	body        string // Markdown
	file        string // that has the body, below the project; "" for none
	line        int    // of the file on which the body begins; 0 without a body
}

// facts are what a page shows, as its templates see them in .Params.facts. Names
// are in lower case, because Hugo makes them so. Each page has those parts only
// that its template uses, and each part only what is shown of it: a page in one
// language knows the text of the other where it shows it.
type facts struct {
	Site siteFacts    `json:"site"`
	Kind address.Kind `json:"kind"`
	Path string       `json:"path"`
	Twin string       `json:"twin,omitempty"` // the same page in the other language, if there is one
	// Counterpart is where a reader who changes the language comes instead of the twin,
	// where that shows something else: other terms, under other letters.
	Counterpart string `json:"counterpart,omitempty"`
	Feed        string `json:"feed,omitempty"`     // the feed beside it, if there is one
	Markdown    string `json:"markdown,omitempty"` // the page's text as Markdown, if it has such a twin
	Of          string `json:"of,omitempty"`       // as in the address book: c3, s4, s3-2, topics/ecology
	Part        int    `json:"part"`               // of a page that is divided, from 1
	Column      string `json:"column"`             // that it belongs to: home, plan, topics, …
	Linked      string `json:"linked,omitempty"`   // what the page is, as JSON-LD
	Card        string `json:"card,omitempty"`     // the picture that stands for it elsewhere

	Title    bilingual  `json:"title,omitzero"` // of the plan, where it is shown
	Measures int        `json:"measures"`       // of what the page is about
	Crumbs   []crumb    `json:"crumbs,omitempty"`
	Division *division  `json:"division,omitempty"` // that the page is about, with its units
	Chapters []division `json:"chapters,omitempty"` // contents, or the whole plan
	More     string     `json:"more,omitempty"`     // where all chapters are listed, where Chapters are only those nearby
	Preamble []unit     `json:"preamble,omitempty"`
	Unit     *unit      `json:"unit,omitempty"` // that the page is about
	Before   *unit      `json:"before,omitempty"`
	After    *unit      `json:"after,omitempty"` // the sentences around it, in the same section
	Related  *related   `json:"related,omitempty"`
	To       []unit     `json:"to,omitempty"` // what has taken the place of a retired one
	Prev     *ref       `json:"prev,omitempty"`
	Next     *ref       `json:"next,omitempty"`
	Views    *views     `json:"views,omitempty"`

	Hub      *ref           `json:"hub,omitempty"`   // that the page is about
	Place    *ref           `json:"place,omitempty"` // of a topic in a place
	Groups   []group        `json:"groups,omitempty"`
	Further  []group        `json:"further,omitempty"`  // measures of a topic that have it besides another
	Others   []ofKindGroups `json:"others,omitempty"`   // what is no measure
	Concerns []concern      `json:"concerns,omitempty"` // what concerns a place, in groups
	ByTopic  []ref          `json:"bytopic,omitempty"`  // the topics that these may be filtered by
	Shown    int            `json:"shown,omitempty"`    // how many measures the groups list
	QR       *code          `json:"qr,omitempty"`       // of the page's address
	Picture  *pictureFacts  `json:"picture,omitempty"`  // of a topic or place: its long picture
	Unplaced *unplaced      `json:"unplaced,omitempty"` // measures that name no city or county
	Topics   []ref          `json:"topics,omitempty"`
	Places   []ref          `json:"places,omitempty"`
	Outside  []ref          `json:"outside,omitempty"`
	Bodies   []ref          `json:"bodies,omitempty"`
	Who      *who           `json:"who,omitempty"`     // of a topic or place: who its measures make act
	Support  *support       `json:"support,omitempty"` // of a topic: who supports it, how it is carried out
	Filter   []ref          `json:"filter,omitempty"`  // the topics of a place
	Shape    *shape         `json:"shape,omitempty"`   // of the plan, on the home page
	Cities   []city         `json:"cities,omitempty"`
	Map      *tiles         `json:"map,omitempty"`
	Tulou    *house         `json:"tulou,omitempty"`
	Terms    []term         `json:"terms,omitempty"`
	Letters  []letter       `json:"letters,omitempty"` // of the index of terms
	Index    []letter       `json:"index,omitempty"`   // all of its letters
	Targets  []target       `json:"targets,omitempty"`
	Updates  []update       `json:"updates,omitempty"`
	Update   *update        `json:"update,omitempty"`
	Pages    []ref          `json:"pages,omitempty"` // ordinary pages, on the site map
	Parts    []ref          `json:"parts,omitempty"` // of a list that is divided
	Cite     *citation      `json:"cite,omitempty"`
	Ways     []way          `json:"ways,omitempty"` // back into the site, on pages for unknown addresses
	Verbs    []verb         `json:"verbs,omitempty"`
	Search   *searchFacts   `json:"search,omitempty"`
	Files    []dataFiles    `json:"files,omitempty"` // the data
	Release  *releaseFacts  `json:"release,omitempty"`
	Books    []book         `json:"books,omitempty"`   // the plan as files to be read offline
	Version  *versionFacts  `json:"version,omitempty"` // that the page shows, or of a sentence the last that was recorded
	Since    []changedSpan  `json:"since,omitempty"`   // what has changed in the Chinese since the English was made

	// Links is where the destinations of a body's links lead, if not to themselves.
	Links map[string]string `json:"links,omitempty"`
}

// searchFacts are what the search page loads.
type searchFacts struct {
	JS    string `json:"js,omitempty"`
	Large string `json:"large,omitempty"` // of a plan that is not searched whole
	Data  string `json:"data,omitempty"`
}

// releaseFacts are the files that prove a copy of the site; those that it does not have
// are empty.
type releaseFacts struct {
	Manifest  string `json:"manifest"`
	SM3       string `json:"sm3,omitempty"`
	Signature string `json:"signature,omitempty"`
	KeyFile   string `json:"keyfile,omitempty"`
	Key       string `json:"key,omitempty"`
}

// versionFacts is a sentence as it stood from a day on. Lists of versions and the page
// of the sentence have the first part alone.
type versionFacts struct {
	Href   string      `json:"href,omitempty"`
	Name   string      `json:"name"` // in the address
	Date   string      `json:"date"`
	Change plan.Change `json:"change"` // "first" of the first
	Why    string      `json:"why,omitempty"`
	Here   bool        `json:"here,omitempty"`
	Hash   bilingual   `json:"hash,omitzero"` // SHA-256 of the texts; its beginning on the page of the sentence

	Label     string         `json:"label,omitempty"` // the sentence, as readers call it
	State     string         `json:"state,omitempty"` // current, replaced, unrecorded, withdrawn, moved
	By        *versionFacts  `json:"by,omitempty"`    // what came after it
	Text      bilingual      `json:"text,omitzero"`
	Stale     bool           `json:"stale,omitempty"`
	Changed   []changedText  `json:"changed,omitempty"`   // against the version before
	Confirmed bool           `json:"confirmed,omitempty"` // it says the same, and its English was found to hold
	SM3       bilingual      `json:"sm3,omitzero"`
	Title     bilingual      `json:"title,omitzero"` // of the document
	Number    bilingual      `json:"number,omitzero"`
	Made      string         `json:"made,omitempty"` // the day of the document
	Unit      string         `json:"unit,omitempty"` // the permanent address
	TimeMap   string         `json:"timemap,omitempty"`
	Versions  []versionFacts `json:"versions,omitempty"`
}

// changedText is a text with what has changed in it marked.
type changedText struct {
	Lang  string        `json:"lang"`
	Spans []changedSpan `json:"spans"`
}

// changedSpan is a piece of a text: op is "" for what stayed, "del", or "ins".
type changedSpan struct {
	Text string `json:"text"`
	Op   string `json:"op,omitempty"`
}

// dataFiles is a group of formats.
type dataFiles struct {
	Title bilingual  `json:"title"`
	Files []dataFile `json:"files"`
}

// dataFile is a format of the open data.
type dataFile struct {
	Href     string    `json:"href"`
	Name     string    `json:"name"` // of the file
	Title    bilingual `json:"title"`
	About    bilingual `json:"about"`
	KB       int       `json:"kb,omitempty"`
	Sections []ref     `json:"sections,omitempty"` // the files of sections, where a format has such and they are not too many
}

// book is the plan as a file that people read.
type book struct {
	Href  string      `json:"href"`
	Langs []plan.Lang `json:"langs"`
}

// siteFacts are the same on every page of a language.
type siteFacts struct {
	Origin  string               `json:"origin,omitempty"` // in front of a page's path in absolute addresses; "" if unknown
	CSS     []string             `json:"css,omitempty"`    // in order
	JS      string               `json:"js,omitempty"`
	Offline string               `json:"offline,omitempty"` // the script that has the browser keep the site
	At      places               `json:"at"`
	Homes   map[plan.Lang]string `json:"homes"`           // of every language
	Menu    []ref                `json:"menu"`            // the columns: plan, topics, places, updates, about
	About   string               `json:"about,omitempty"` // what the site is, on pages that do not say what they are about
	Preview bool                 `json:"preview,omitempty"`

	Name     bilingual `json:"name"`
	Keywords []string  `json:"keywords,omitempty"`
	Phrases  []string  `json:"phrases,omitempty"` // before which a line of the title may end, where it is a headline
	Document document  `json:"document"`
}

// places are the addresses of the pages that every page may lead to; "" where
// there is none.
type places struct {
	Home     string `json:"home"`
	Plan     string `json:"plan"`
	Parallel string `json:"parallel"`
	Topics   string `json:"topics,omitempty"`
	Places   string `json:"places,omitempty"`
	Bodies   string `json:"bodies,omitempty"`
	Verbs    string `json:"verbs,omitempty"`
	Updates  string `json:"updates,omitempty"`
	Glossary string `json:"glossary,omitempty"`
	SiteMap  string `json:"sitemap"`
	Search   string `json:"search"`
	Data     string `json:"data,omitempty"`
}

// bilingual is a text in the language of the page, or in both.
type bilingual struct {
	ZH string `json:"zh,omitempty"`
	EN string `json:"en,omitempty"`
}

func (b bilingual) in(l plan.Lang) string {
	s, _ := plan.Text(b).Or(l)
	return s
}

// ref is something with a name, a page and perhaps a number.
type ref struct {
	ID       string    `json:"id,omitempty"`
	Href     string    `json:"href"`
	Title    bilingual `json:"title,omitzero"`
	Name     bilingual `json:"name,omitzero"` // the short one, of a place
	Kind     string    `json:"kind,omitempty"`
	Tone     string    `json:"tone,omitempty"` // of a topic: the class of its colour
	Sign     string    `json:"sign,omitempty"` // of a topic: the character beside its colour
	Main     bool      `json:"main,omitempty"`
	Measures int       `json:"measures"`
	Mainly   int       `json:"mainly,omitempty"` // of a topic's: those that have it first
	Units    int       `json:"units,omitempty"`  // all, where also others than measures are shown
	About    string    `json:"about,omitempty"`  // in the page's language
	Here     bool      `json:"here,omitempty"`   // it is this page
	Label    *division `json:"label,omitempty"`  // of a division, instead of a title
	Of       *unit     `json:"of,omitempty"`     // of a unit, instead of a title
}

// crumb is a step of the way to a page: a division, or what has a text of its own.
type crumb struct {
	Href     string    `json:"href"`
	Word     string    `json:"word,omitempty"` // the key of an interface text
	Title    bilingual `json:"title,omitzero"`
	Division *division `json:"division,omitempty"`
}

// division is a chapter or section.
type division struct {
	ID       string     `json:"id"` // c3 or s4
	Href     string     `json:"href"`
	Section  bool       `json:"section,omitempty"`
	Number   int        `json:"number"`  // in the address
	Numeral  string     `json:"numeral"` // the printed number in Chinese: 三
	Title    bilingual  `json:"title,omitzero"`
	Current  string     `json:"current,omitempty"` // aria-current in contents: page or true
	Units    []unit     `json:"units,omitempty"`
	Sections []division `json:"sections,omitempty"`
}

// unit is one sentence, as far as a page shows it.
type unit struct {
	ID   string    `json:"id"`
	N    string    `json:"n"` // as readers call it: 3-2
	Href string    `json:"href"`
	Kind plan.Kind `json:"kind"`
	New  bool      `json:"new,omitempty"` // starts a paragraph of the official text
	// HTML is the text in the page's language, or in Chinese where it has none;
	// on pages with both languages Other is the other one.
	HTML    string    `json:"html,omitempty"`
	Missing bool      `json:"missing,omitempty"` // the page's language has no text
	Other   string    `json:"other,omitempty"`
	Stale   bool      `json:"stale,omitempty"` // the Chinese has changed since it was translated
	Brief   bilingual `json:"brief,omitzero"`  // how it begins, for labels
	Text    bilingual `json:"text,omitzero"`   // plain, of a withdrawn one
	// Headline is the sentence in brief, in the language of HTML.
	Headline string    `json:"headline,omitempty"`
	Home     string    `json:"home,omitempty"`  // where it is read
	Aside    string    `json:"aside,omitempty"` // where it is read beside the other language
	In       *division `json:"in,omitempty"`    // the division that it is read in; nil in the preamble
	Chapter  *division `json:"chapter,omitempty"`
	Topics   []ref     `json:"topics,omitempty"`
	Places   []ref     `json:"places,omitempty"`
	Bodies   []ref     `json:"bodies,omitempty"` // that it makes act
	Also     []string  `json:"also,omitempty"`   // the ids of its further topics, where it is listed under the first
}

// related is measures near to a sentence in subject: Places says that some of them
// name one of its places, Topic that some have its first topic. Hubs list the rest.
type related struct {
	Places bool   `json:"places,omitempty"`
	Topic  bool   `json:"topic,omitempty"`
	Units  []unit `json:"units"`
	Hubs   []ref  `json:"hubs"`
}

// way is how a reader who is lost gets back into the site in one language.
type way struct {
	Lang   plan.Lang `json:"lang"`
	Home   string    `json:"home"`
	Search string    `json:"search"`
	Cities []city    `json:"cities,omitempty"`
}

// group is units under the division that they stand in; nil for the preamble.
type group struct {
	Division *division `json:"division,omitempty"`
	Href     string    `json:"href"`
	Units    []unit    `json:"units"`
}

// ofKindGroups is groups of units of one kind.
type ofKindGroups struct {
	Kind   plan.Kind `json:"kind"`
	Groups []group   `json:"groups"`
}

// unplaced is the measures that name no city or county: all of them where they
// are listed, and where that is.
type unplaced struct {
	Href   string  `json:"href,omitempty"` // "" on the page that lists them
	Count  int     `json:"count"`
	Groups []group `json:"groups,omitempty"`
}

// who is the bodies that measures make act, and how many of these name nobody.
type who struct {
	Actors  []actor `json:"actors,omitempty"`
	Unnamed int     `json:"unnamed"`
}

// actor is a body with the measures in hand that make it act.
type actor struct {
	Href  string    `json:"href"`
	Title bilingual `json:"title"`
	Units []unit    `json:"units"`
}

// support is the measures that say who supports a topic and how it is carried out,
// and the topic that they belong to.
type support struct {
	Of    ref    `json:"of"`
	Units []unit `json:"units"`
}

// city is a city with its counties.
type city struct {
	ref
	Counties []ref `json:"counties,omitempty"`
}

// shape is how much a plan is, and for how many counties.
type shape struct {
	Chapters int `json:"chapters"`
	Sections int `json:"sections"`
	Measures int `json:"measures"`
	Counties int `json:"counties,omitempty"`
}

// letter is a letter of the index of terms, with those of its terms that a page shows.
type letter struct {
	ID     string `json:"id"`
	Letter string `json:"letter"`
	Href   string `json:"href"`
	Here   bool   `json:"here,omitempty"` // it is on this page
	Terms  []term `json:"terms,omitempty"`
}

// term is a row of the termbase with the units that use it.
type term struct {
	bilingual
	ID     string `json:"id"` // its fragment in the glossary
	Href   string `json:"href,omitempty"`
	Pinyin string `json:"pinyin,omitempty"`
	Kind   string `json:"kind,omitempty"`
	Units  []ref  `json:"units,omitempty"`
}

// verb is a word of commitment with the measures that have it.
type verb struct {
	ID      string `json:"id"`
	ZH      string `json:"zh"`
	EN      string `json:"en"` // how the site says it
	Count   int    `json:"count"`
	Example unit   `json:"example"`
	Units   []unit `json:"units,omitempty"` // all of them, unless they are more than anybody goes through
}

// target is a year by which the plan wants something, with the unit that says so.
type target struct {
	Year int  `json:"year"`
	Unit unit `json:"unit"`
}

// update is a published note on units; its text is a page of its own.
type update struct {
	Href    string    `json:"href"`
	Title   bilingual `json:"title"`
	Summary string    `json:"summary,omitempty"` // in the page's language
	Date    string    `json:"date"`              // RFC 3339
	Source  string    `json:"source,omitempty"`
	Groups  []group   `json:"groups,omitempty"`
}

// views are the ways to read a text: in one language, in both, in the other.
type views struct {
	ZH       string `json:"zh"`
	EN       string `json:"en"`
	Both     string `json:"both"`
	Parallel bool   `json:"parallel,omitempty"` // this page has both
}

// citation is a unit as an example of how to cite one.
type citation struct {
	Unit       unit        `json:"unit"`
	References []reference `json:"references"`
	// Paths are the sentence's addresses, on its own page.
	Paths   map[plan.Lang]string `json:"paths,omitempty"`
	Clauses []clause             `json:"clauses,omitempty"`
	// HTML is the sentence for other people's pages, and Embed where programs find it.
	HTML  string `json:"html,omitempty"`
	Embed string `json:"embed,omitempty"`
	// Quotes are the sentence with its source, and Entries what reference managers
	// take, to be copied from its own page.
	Quotes  []quotation `json:"quotes,omitempty"`
	Entries []citeEntry `json:"entries,omitempty"`
}

// quotation is a sentence with its source, as plain text.
type quotation struct {
	In   plan.Lang `json:"in"`
	Lang string    `json:"lang"` // its tag
	Text string    `json:"text"`
}

// citeEntry is an entry for reference managers, and the file that has it with its like.
type citeEntry struct {
	Name string        `json:"name"`
	Text formats.Spans `json:"text"`
	Href string        `json:"href"`
	File string        `json:"file"` // its name
}

// reference is a citation in one style.
type reference struct {
	Style  string        `json:"style"`
	Lang   string        `json:"lang"` // its tag
	Text   formats.Spans `json:"text"`
	InText formats.Spans `json:"intext,omitempty"`
}

// document is what is known about the plan's document.
type document struct {
	Issuer    bilingual `json:"issuer,omitzero"`
	Number    bilingual `json:"number,omitzero"`
	Published string    `json:"published,omitempty"` // 2022-04-13
	Signed    string    `json:"signed,omitempty"`
	Reply     string    `json:"reply,omitempty"`
	URL       string    `json:"url,omitempty"`
}
