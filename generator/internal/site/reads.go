package site

// Which sentences a page shows. A page's key is a hash of its facts, and to derive the
// facts of every page takes longer than all else of a build in which one sentence has
// changed. So it is noted which sentences the facts of a page were made of; while
// these, and all that the plan has beside the text of sentences, are as they were, so
// are the facts.
//
// That the note is true does not depend on anybody's care. The deriver has units of its
// own, and while it derives the page of one of closedKinds, all of them but
// those that the page is known to show say nothing but their number. If the number of
// one turns up in the facts, that unit is opened and the page derived again. What the
// facts are made of is thus what the note says, and nothing else was to be had.

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// sentences are the deriver's own units, of which some are open.
type sentences struct {
	units []*plan.Unit
	said  []said
	sums  [][sha256.Size]byte
	index map[plan.ID]int
	all   bool  // open
	open  []int // those that are, if not all
}

// said is what a closed unit does not say.
type said struct {
	Text, HTML  plan.Text
	Translation plan.Translation
}

// ownUnits is a plan with units of its own, all of them open.
func ownUnits(p *plan.Plan) (*plan.Plan, *sentences) {
	s := &sentences{all: true, index: map[plan.ID]int{}}
	take := func(units []*plan.Unit) []*plan.Unit {
		own := make([]*plan.Unit, len(units))
		for i, u := range units {
			v := *u
			own[i] = &v
			s.index[u.ID] = len(s.units)
			s.units = append(s.units, &v)
			says := said{u.Text, u.HTML, u.Translation}
			s.said = append(s.said, says)
			s.sums = append(s.sums, sha256.Sum256(fmt.Appendf(nil, "%q", says)))
		}
		return own
	}
	own := *p
	own.Preamble = take(p.Preamble)
	own.Chapters = make([]*plan.Chapter, len(p.Chapters))
	for i, c := range p.Chapters {
		chapter := *c
		chapter.Units = take(c.Units)
		chapter.Sections = make([]*plan.Section, len(c.Sections))
		for j, sec := range c.Sections {
			section := *sec
			section.Units = take(sec.Units)
			chapter.Sections[j] = &section
		}
		own.Chapters[i] = &chapter
	}
	return &own, s
}

// unsaid stands before the number of a closed unit. It is a private-use character,
// which no text of a plan has; a page that has it for another reason is not closed.
const unsaid = "\uE000"

var closedUnit = regexp.MustCompile(unsaid + "([0-9]+)\uE001")

func (s *sentences) set(i int, open bool) {
	u := s.units[i]
	if open {
		u.Text, u.HTML, u.Translation = s.said[i].Text, s.said[i].HTML, s.said[i].Translation
		return
	}
	number := unsaid + strconv.Itoa(i) + "\uE001"
	u.Text, u.HTML, u.Translation = plan.Text{ZH: number, EN: number}, plan.Text{ZH: number, EN: number}, ""
}

// openAll opens every unit.
func (s *sentences) openAll() {
	if s.all {
		return
	}
	for i := range s.units {
		s.set(i, true)
	}
	s.all = true
}

// opened opens every unit until what it gives is called.
func (s *sentences) opened() (again func()) {
	if s.all {
		return func() {}
	}
	open := s.open
	s.openAll()
	return func() { s.openOnly(open) }
}

// openOnly opens these units and closes the others.
func (s *sentences) openOnly(open []int) {
	was := s.open
	if s.all {
		was = make([]int, len(s.units))
		for i := range was {
			was[i] = i
		}
	}
	for _, i := range was {
		s.set(i, false)
	}
	for _, i := range open {
		s.set(i, true)
	}
	s.all, s.open = false, open
}

// madeOf is a hash of all that the facts of a page are made of that shows these units;
// nil if they are of another plan. How large the picture of a page is depends on what the
// picture shows.
func (d *deriver) madeOf(frame [sha256.Size]byte, a address.Address, reads []int) []byte {
	h := sha256.New()
	h.Write(frame[:])
	fmt.Fprintf(h, "%q %d", a.Path, d.pictureKB(a.Path))
	for _, i := range reads {
		if i < 0 || i >= len(d.own.sums) {
			return nil
		}
		h.Write(d.own.sums[i][:])
	}
	return h.Sum(nil)
}

// closedKinds are the kinds of pages that are fixed by the sentences that they show and
// by what is no sentence. A page of such a kind asks nothing of a sentence that it does
// not show, such as how long it is or what words it has. The tests and `build --verify`
// compare them with what they are when every sentence is open.
var closedKinds = map[address.Kind]bool{
	address.Whole: true, address.Chapter: true, address.Section: true, address.Parallel: true, address.Unit: true, address.Edition: true,
	address.Topic: true, address.Place: true, address.Body: true, address.Cross: true,
	address.Glossary: true, address.Terms: true,
}

// mostRounds is how often a page is derived again because it shows what was closed.
const mostRounds = 4

// derived is a page with the units that its facts were made of.
type derived struct {
	page
	data   []byte // as Hugo reads it
	reads  []int  // in order
	closed bool   // and nothing of other units
}

// derive makes the page at an address; ok is false where there is none.
func (d *deriver) derive(a address.Address) (made derived, ok bool, err error) {
	if _, is := d.kinds[a.Kind]; !is {
		return derived{}, false, nil
	}
	if closedKinds[a.Kind] {
		reads := d.guess(a)
		for range mostRounds {
			d.own.openOnly(reads)
			made, err := d.open(a)
			more := d.own.shownClosed(made.data)
			if err != nil || more == nil && bytes.Contains(made.data, []byte(unsaid)) {
				break
			}
			if more == nil {
				made.reads, made.closed = reads, true
				return made, true, nil
			}
			reads = append(slices.Clone(reads), more...)
			slices.Sort(reads)
			reads = slices.Compact(reads)
		}
	}
	d.own.openAll()
	made, err = d.open(a)
	return made, true, err
}

// open makes a page with what is open.
func (d *deriver) open(a address.Address) (derived, error) {
	p, _ := d.page(a)
	data, err := p.encode()
	return derived{page: p, data: data}, err
}

// shownClosed lists the closed units whose numbers turn up.
func (s *sentences) shownClosed(data []byte) (list []int) {
	if !bytes.Contains(data, []byte(unsaid)) {
		return nil
	}
	for _, m := range closedUnit.FindAllSubmatch(data, -1) {
		if i, err := strconv.Atoi(string(m[1])); err == nil && i < len(s.units) {
			list = append(list, i)
		}
	}
	return list
}

// guess lists the units that a page probably shows, which spares it a second round. The
// page of a version shows whether its sentence still says so, and that of a sentence looks
// for its words in its section: these have to be listed.
func (d *deriver) guess(a address.Address) (list []int) {
	of, _, _ := strings.Cut(a.Of, "/") // s3-2 of s3-2/2022-04-13
	for _, ids := range [][]string{a.Units, a.Fragments, {of}} {
		for _, id := range ids {
			if i, is := d.own.index[plan.ID(id)]; is {
				list = append(list, i)
			}
		}
	}
	if u := d.units[plan.ID(a.Of)]; u != nil && a.Kind == address.Unit {
		topics, places := d.tags(u.Unit)
		near, _, _, _ := d.near(u, topics, places)
		for _, v := range near {
			list = append(list, d.own.index[v.ID])
		}
		for i := max(0, u.index-1); i <= min(u.index+1, len(d.order)-1); i++ {
			list = append(list, i)
		}
		before := d.in.Plan.Preamble
		if u.in != nil {
			before = u.in.units
		}
		for _, v := range before { // with which exact compares its words
			list = append(list, d.own.index[v.ID])
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// frame is a hash of all that facts may be made of but what units say.
func (d *deriver) frame(k keys) (sum [sha256.Size]byte, err error) {
	d.own.openOnly(nil)
	h := sha256.New()
	w := bufio.NewWriterSize(h, 1<<16)
	var uses [][]plan.ID
	var ids []string
	for _, t := range d.terms {
		uses, ids = append(uses, t.units), append(ids, t.id)
	}
	var targets []plan.ID
	for _, u := range d.targets {
		targets = append(targets, u.ID)
	}
	err = json.NewEncoder(w).Encode([]any{d.in, d.document, d.sites, d.more, d.config, uses, ids, targets, d.verbs, k.shared, k.words})
	for a := range d.book.All() {
		for _, s := range []string{a.Path, string(a.Kind), string(a.Lang), a.Of, strconv.Itoa(a.Part), strconv.Itoa(a.Parts), strconv.FormatBool(a.Written)} {
			w.WriteString(s)
			w.WriteByte(0)
		}
		for _, list := range [][]string{a.Fragments, a.Units, a.Leads} {
			for _, s := range list {
				w.WriteString(s)
				w.WriteByte(0)
			}
			w.WriteByte(1)
		}
	}
	w.Flush()
	h.Sum(sum[:0])
	return sum, err
}

// Notes say which units the facts of pages were made of. They hold for any build of any
// project, since all else that these were made of is part of them.
type Notes struct {
	before map[string]noted
	now    []noted
}

// noted is what is known of a page.
type noted struct {
	Path  string
	Made  []byte // a hash of all that the facts are made of
	Facts []byte // a hash of the facts
	Reads []int  // the units that they show, by their order in the plan
}

// ReadNotes reads notes; those that cannot be read are none.
func ReadNotes(data []byte) *Notes {
	n := &Notes{before: map[string]noted{}}
	var list []noted
	if gob.NewDecoder(bytes.NewReader(data)).Decode(&list) == nil {
		for _, v := range list {
			n.before[v.Path] = v
		}
	}
	return n
}

// Bytes are the notes of the build that was given these.
func (n *Notes) Bytes() ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(n.now)
	return b.Bytes(), err
}
