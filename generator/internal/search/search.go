// Package search prepares what the search page looks through: the text of a plan
// in both languages with its headings, hubs, terms and pages, and tables that let
// a query be written as people write it. No I/O: a plan in, bytes out.
//
//	s := search.New(search.Input{Plan: p, Others: others})
//	data, err := s.Data()
//
// The page's script (assets/search/ of the theme) is given the bytes as
//
//	minxiSearch({"units":[…],"simplified":"…",…});
//
// a classic script that calls one function, so that it works from a disk and under
// a strict Content-Security-Policy. The script goes through the whole text at every
// key. What would cost it time is made here, and cut to what the text uses:
//
//   - simplified: the traditional form of each character, from OpenCC's table
//   - pinyin: readings of each character, from go-pinyin's table
//   - stems: English words of one stem that endings alone do not tell (snowball)
//   - also: other words for the terms of the termbase
//
// A plan of more than [ScanMost] units is too large to be sent whole: see shards.go.
package search

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kljensen/snowball/english"
	"github.com/mozillazg/go-pinyin"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// Input is what is searched.
type Input struct {
	Plan   *plan.Plan
	Others []Other // what a site has beside the plan's text, in the order of results
}

// Other is something that is found by its name or its text and has an address.
type Other struct {
	Kind  Kind
	Path  plan.Text // below the language's home: glossary/4/#t-ecology
	Title plan.Text
	Text  plan.Text
}

// Kind says what an Other is.
type Kind string

const (
	Term   Kind = "term"
	Body   Kind = "body"
	Update Kind = "update"
	Page   Kind = "page"
)

// data is what the script takes. Positions in one list name what stands in another.
type data struct {
	Units      [][]any  `json:"units"`      // id, division, zh, en, topics, places
	Context    []int    `json:"context"`    // the units that are no measures
	Divisions  [][]any  `json:"divisions"`  // id, labels, zh, en, the chapter of a section
	Topics     [][]any  `json:"topics"`     // id, zh, en, the summaries
	Places     [][]any  `json:"places"`     // id, zh, en, the short names
	Terms      string   `json:"terms"`      // lines of fields: zh, en, words that stand for it alone
	Pages      []string `json:"pages"`      // where each term stands in both glossaries: the page, or a path
	Bodies     []any    `json:"bodies"`     // the place that it is, or id, zh, en
	Others     [][]any  `json:"others"`     // kind, path, zh, en, texts
	Also       string   `json:"also"`       // lines of fields: words, terms or parts of terms that they stand for
	Stems      []string `json:"stems"`      // keys of words with one stem
	Simplified string   `json:"simplified"` // pairs: the traditional, the simplified
	Pinyin     string   `json:"pinyin"`     // each syllable before its characters
	Large      *large   `json:"large,omitempty"`
}

// Search is a plan made ready to be searched.
type Search struct {
	plan  *plan.Plan
	all   *collection
	index *index // of a plan that is too large to be sent whole
}

// New prepares the search of a plan.
func New(in Input) *Search {
	s := &Search{plan: in.Plan}
	if in.Plan.Count().Units > ScanMost {
		s.index = newIndex(in.Plan)
	}
	s.all = newCollection(in, s.index)
	return s
}

// Large reports whether the plan is too large to be sent whole.
func (s *Search) Large() bool { return s.index != nil }

// Data is the script that the page loads: all that a plan has or, of a large one,
// the table.
func (s *Search) Data() ([]byte, error) {
	c, d := s.all, data{Units: [][]any{}, Context: []int{}}
	d.Divisions, d.Topics, d.Places = c.divisions, c.topics, c.places
	if s.Large() {
		d.Large = c.table(s.plan, s.index)
	}
	for u := range s.plan.Units() {
		if s.Large() {
			break
		}
		d.Units = append(d.Units, []any{u.ID, c.divisionOf(u), u.Text.ZH, u.Text.EN, indexes(c.topicAt, u.Topics), indexes(c.placeAt, u.Places)})
		if u.Kind != plan.Measure {
			d.Context = append(d.Context, len(d.Units)-1)
		}
	}
	d.Terms, d.Bodies, d.Others, d.Also = fields(c.terms), c.bodies, c.others, fields(c.also)
	d.Pages = []string{strings.Join(c.pages.zh, " "), strings.Join(c.pages.en, " ")}
	d.Simplified, d.Pinyin = simplified(c.characters), readings(c.characters)
	d.Stems = stems(c.english)
	return script("minxiSearch", d)
}

// script is a call of a function with a value.
func script(function string, value any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(function + "(")
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return append(bytes.TrimRight(b.Bytes(), "\n"), ");\n"...), nil
}

// collection is what a plan and its site have to be found by.
type collection struct {
	divisions, topics, places, others [][]any
	terms, also                       [][]string
	divisionAt, topicAt, placeAt      map[string]int
	characters                        map[rune]bool // Chinese ones that occur
	english                           map[string]bool
	bodies                            []any
	pages                             struct{ zh, en []string }
}

// newCollection gathers this; x is the index of a large plan, which has the words of its
// units.
func newCollection(in Input, x *index) *collection {
	c := &collection{
		divisions: [][]any{}, topics: [][]any{}, places: [][]any{}, bodies: []any{}, others: [][]any{},
		divisionAt: map[string]int{}, topicAt: map[string]int{}, placeAt: map[string]int{}, characters: map[rune]bool{}, english: map[string]bool{},
	}
	p := in.Plan
	for u := range p.Units() {
		if x == nil {
			c.see(u.Text)
		} else {
			c.seeCharacters(u.Text.ZH)
		}
	}
	if x != nil {
		for w := range x.words {
			c.seeWord(w)
		}
	}
	for _, ch := range p.Chapters {
		id, numeral := address.ChapterID(ch.Number), plan.Numeral(ch.Number)
		chapter := c.division(id, plan.Text{ZH: "第" + numeral + "章 ", EN: "Chapter " + arabic(ch.Number) + ": "}, ch.Title)
		for _, s := range ch.Sections {
			at := c.division(address.SectionID(s.Number), plan.Text{ZH: "（" + plan.Numeral(s.Label) + "）", EN: "Section " + arabic(s.Label) + ": "}, s.Title)
			c.divisions[at] = append(c.divisions[at], chapter)
		}
	}
	for _, t := range p.Topics {
		c.topicAt[t.ID] = len(c.topics)
		c.topics = append(c.topics, []any{address.TopicID(t.ID), t.Title.ZH, t.Title.EN, t.Summary.ZH, t.Summary.EN})
		c.see(t.Title, t.Summary)
	}
	for _, pl := range p.Places {
		c.placeAt[pl.ID] = len(c.places)
		c.places = append(c.places, []any{address.PlaceID(pl.ID), pl.Title.ZH, pl.Title.EN, pl.Name.ZH, pl.Name.EN})
		c.see(pl.Title, pl.Name)
	}
	termAt := map[string]int{}
	for _, o := range in.Others {
		c.see(o.Title, o.Text)
		if o.Kind == Term {
			termAt[o.Title.ZH] = len(c.terms)
			c.term(o)
			continue
		}
		if o.Kind == Body {
			c.bodies = append(c.bodies, c.body(o))
			continue
		}
		c.others = append(c.others, []any{o.Kind, perLanguage(o.Path), o.Title.ZH, o.Title.EN, o.Text.ZH, o.Text.EN})
	}
	for _, a := range aliases(p.Terms, termAt) {
		c.see(plan.Text{ZH: a[0]})
		if at, err := strconv.Atoi(a[1]); err == nil && len(a) == 2 {
			c.terms[at] = append(c.terms[at], a[0])
			continue
		}
		c.also = append(c.also, a)
	}
	return c
}

// aliases lists the words for terms that are listed: words of the same terms
// together, with a bar between them, then each term by its place in the list or,
// where a part of it is meant, by that part.
func aliases(terms []plan.Term, listed map[string]int) [][]string {
	targets, order := map[string][]string{}, []string{}
	add := func(word, target string) {
		if _, known := targets[word]; !known {
			order = append(order, word)
		}
		if !slices.Contains(targets[word], target) {
			targets[word] = append(targets[word], target)
		}
	}
	for _, t := range terms {
		at, has := listed[t.ZH]
		if !has {
			continue
		}
		for _, a := range t.Also {
			if a.For == t.ZH {
				add(a.Word, strconv.Itoa(at))
			} else {
				add(a.Word, a.For)
			}
		}
		for _, word := range t.Forbidden {
			if !foundAnyway(word, t.EN) {
				add(word, strconv.Itoa(at))
			}
		}
	}
	var list [][]string
	same := map[string]int{}
	for _, word := range order {
		key := fmt.Sprintf("%q", targets[word])
		if i, has := same[key]; has {
			list[i][0] += "|" + word
			continue
		}
		same[key] = len(list)
		list = append(list, append([]string{word}, targets[word]...))
	}
	return list
}

// term adds a term and where it stands in each glossary: on which page, of which the
// script makes a path with the term's English, or, where another term has the same
// English, the path itself.
func (c *collection) term(o Other) {
	id := address.TermIDs([]plan.Term{{Text: o.Title}})[0]
	at := func(path string) string {
		page, below := strings.CutPrefix(path, string(address.Glossary)+"/")
		page, usual := strings.CutSuffix(page, "/#"+id)
		if _, err := strconv.Atoi(page); !below || !usual || err != nil {
			return path
		}
		return page
	}
	c.terms = append(c.terms, []string{o.Title.ZH, o.Title.EN})
	c.pages.zh, c.pages.en = append(c.pages.zh, at(o.Path.ZH)), append(c.pages.en, at(o.Path.EN))
}

// fields are lines of fields with tabs between them: shorter than lists of lists, and
// neither a term nor a word has either sign.
func fields(list [][]string) string {
	lines := make([]string, len(list))
	for i, of := range list {
		plain := make([]string, len(of))
		for j, s := range of {
			plain[j] = strings.NewReplacer("\t", " ", "\n", " ").Replace(s)
		}
		lines[i] = strings.Join(plain, "\t")
	}
	return strings.Join(lines, "\n")
}

// body is a body in the data: many are the government of a place, whose name they have.
func (c *collection) body(o Other) any {
	id := strings.TrimSuffix(strings.TrimPrefix(o.Path.ZH, "bodies/"), "/")
	if at, has := c.placeAt[id]; has && c.places[at][1] == o.Title.ZH && c.places[at][2] == o.Title.EN {
		return at
	}
	return []any{id, o.Title.ZH, o.Title.EN}
}

// perLanguage is a path that is the same in both languages, or one for each.
func perLanguage(p plan.Text) any {
	if p.ZH == p.EN {
		return p.ZH
	}
	return map[string]string{"zh": p.ZH, "en": p.EN}
}

func (c *collection) division(id string, label, title plan.Text) int {
	c.divisionAt[id] = len(c.divisions)
	c.divisions = append(c.divisions, []any{id, []string{label.ZH, label.EN}, title.ZH, title.EN})
	c.see(title)
	return len(c.divisions) - 1
}

// divisionOf is where a unit stands; -1 in the preamble.
func (c *collection) divisionOf(u *plan.Unit) int {
	switch {
	case u.Section > 0:
		return c.divisionAt[address.SectionID(u.Section)]
	case u.Chapter > 0:
		return c.divisionAt[address.ChapterID(u.Chapter)]
	}
	return -1
}

// see notes the characters and words of texts.
func (c *collection) see(texts ...plan.Text) {
	for _, t := range texts {
		c.seeCharacters(t.ZH)
		for _, w := range Words(t.ZH + " " + t.EN) {
			c.seeWord(w)
		}
	}
}

func (c *collection) seeCharacters(chinese string) {
	for _, r := range chinese {
		if isHan(r) {
			c.characters[r] = true
		}
	}
}

func (c *collection) seeWord(w string) {
	if w[0] < 0x80 {
		c.english[w] = true
	}
}

func indexes(at map[string]int, ids []string) []int {
	list := []int{}
	for _, id := range ids {
		if i, has := at[id]; has {
			list = append(list, i)
		}
	}
	return list
}

// foundAnyway reports whether a query finds a text without help: it has the same
// letters, or no other words.
func foundAnyway(query, text string) bool {
	asked, has := Words(query), Words(text)
	if strings.Join(asked, "") == strings.Join(has, "") {
		return true
	}
	for i := range has {
		has[i] = Key(has[i])
	}
	return !slices.ContainsFunc(asked, func(w string) bool { return !slices.Contains(has, Key(w)) })
}

//go:embed data/TSCharacters.txt
var openCC string

// simplified pairs every traditional character with the simplified one that is
// written for it, as far as it occurs.
func simplified(used map[rune]bool) string {
	var b strings.Builder
	for _, from := range slices.Sorted(maps.Keys(simple())) {
		if to := simple()[from]; used[to] {
			b.WriteRune(from)
			b.WriteRune(to)
		}
	}
	return b.String()
}

// polyphones are the characters of which people use a second reading today. The
// table lists the usual reading first and goes on to those of classical names, so
// of other characters the first is kept.
const polyphones = "长重行乐都会地得还着为中种发好数调分处传转便率担当藏曾强干间教量难朝参差背奔散降弹相省血系校应兴盛号石给和空落露模宁任塞少胜什识提通兴要与择占正只扎车单"

// readings lists the syllables, without tones and with v for ü, each with the
// characters that are read so.
func readings(used map[rune]bool) string {
	by := map[string][]rune{}
	for r := range used {
		all := strings.Split(pinyin.PinyinDict[int(r)], ",")
		if !strings.ContainsRune(polyphones, r) {
			all = all[:1]
		}
		for _, reading := range all[:min(len(all), 2)] {
			if s := toneless(reading); s != "" && !slices.Contains(by[s], r) {
				by[s] = append(by[s], r)
			}
		}
	}
	var b strings.Builder
	for _, s := range sortedKeys(by) {
		slices.Sort(by[s])
		b.WriteString(s + string(by[s]))
	}
	return b.String()
}

// stems lists the keys of words that have one stem and more than one key: what
// endings alone do not tell.
func stems(words map[string]bool) []string {
	by := map[string][]string{}
	for _, w := range sortedKeys(words) {
		stem, k := english.Stem(w, true), Key(w)
		if strings.ContainsFunc(w, unicode.IsDigit) || slices.Contains(by[stem], k) {
			continue
		}
		by[stem] = append(by[stem], k)
	}
	list := []string{}
	for _, stem := range sortedKeys(by) {
		if len(by[stem]) > 1 {
			list = append(list, strings.Join(by[stem], " "))
		}
	}
	return list
}
