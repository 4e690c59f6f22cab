package search

// A plan of more than [ScanMost] units is not sent whole. The page gets a table of
// the headings, hubs and terms, in which it looks as in a small plan, and asks for
// the rest by script elements, which work from a disk too:
//
//	data/search/s/17.js     lists of units by gram, for the grams that fall into shard 17
//	data/search/g/3.js      the list of a gram that many units have, alone
//	data/search/v/a.js      English words that begin with a
//	data/search/u/s3-2.js   a unit, to be compared with the query and shown
//
// Grams are the pairs of adjacent characters of the bare Chinese text, the keys of
// the words of both texts, and the tags. What is asked for has all of its grams, so
// the page takes the rarest two or three, puts their lists together and compares
// the texts of what is left: nothing is missed, and little is fetched. Lists are
// deltas or, where that is shorter, one bit a unit.

import (
	"hash/fnv"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// ScanMost is how many units a plan may have to be sent whole.
const ScanMost = 500

const (
	shards  = 2048
	soloOne = 64 // a gram that one unit in so many has is alone in its file
)

// File is a script that the page may ask for.
type File struct {
	Path string // below the root of the site
	Data func() ([]byte, error)
}

// dir is where the files stand; the page's script knows it too.
const dir = "data/search/"

// large is what the table has of a plan that is not sent whole.
type large struct {
	IDs  [][]any  `json:"ids"`  // of each division: its position, or -1, then how many units or their numbers
	Solo []string `json:"solo"` // grams that are alone, the rarest first
}

// index is the lists of a large plan.
type index struct {
	lists map[string][]uint32
	words map[string]bool
	n     int
}

func newIndex(p *plan.Plan) *index {
	x := &index{lists: map[string][]uint32{}, words: map[string]bool{}}
	keys := map[string]string{}
	for u := range p.Units() {
		n := uint32(x.n)
		add := func(gram string) {
			if l := x.lists[gram]; len(l) == 0 || l[len(l)-1] != n {
				x.lists[gram] = append(l, n)
			}
		}
		for _, text := range []string{u.Text.ZH, u.Text.EN} {
			last := ""
			for _, w := range Words(text) {
				if r, _ := utf8.DecodeRuneInString(w); isHan(r) {
					before := 0
					for i, c := range w {
						end := i + utf8.RuneLen(c)
						if add(w[i:end]); i > 0 {
							add(w[before:end])
						} else if last != "" { // of the word before this one
							add(last + w[:end])
						}
						before = i
					}
					last = w[before:]
					continue
				}
				last = ""
				if keys[w] == "" {
					keys[w] = Key(w)
				}
				add(keys[w])
				x.words[w] = true
			}
		}
		for _, t := range u.Topics {
			add("#" + address.TopicID(t))
		}
		for _, pl := range u.Places {
			add("#" + address.PlaceID(pl))
		}
		x.n++
	}
	return x
}

// alone lists the grams that many units have.
func (x *index) alone() []string {
	var list []string
	for gram, l := range x.lists {
		if len(l)*soloOne > x.n || strings.HasPrefix(gram, "#") {
			list = append(list, gram)
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		if d := len(x.lists[a]) - len(x.lists[b]); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return list
}

// Files yields what the page of a large plan may ask for; of a small one nothing.
func (s *Search) Files() iter.Seq[File] {
	return func(yield func(File) bool) {
		x := s.index
		if x == nil {
			return
		}
		give := func(path, function string, value any) bool {
			return yield(File{dir + path + ".js", func() ([]byte, error) { return script("minxiSearch."+function, value) }})
		}
		solo := x.alone()
		isAlone := map[string]bool{}
		for i, gram := range solo {
			isAlone[gram] = true
			if !give("g/"+arabic(i), "lists", map[string]string{gram: encode(x.lists[gram], x.n)}) {
				return
			}
		}
		shard := make([]map[string]string, shards)
		for gram, l := range x.lists {
			if isAlone[gram] {
				continue
			}
			h := shardOf(gram)
			if shard[h] == nil {
				shard[h] = map[string]string{}
			}
			shard[h][gram] = encode(l, x.n)
		}
		for i, lists := range shard {
			if lists == nil {
				lists = map[string]string{}
			}
			if !give("s/"+arabic(i), "lists", lists) {
				return
			}
		}
		by := map[string][]string{}
		for _, w := range sortedKeys(x.words) {
			if w[0] >= 'a' && w[0] <= 'z' {
				by[w[:1]] = append(by[w[:1]], w)
			}
		}
		for c := 'a'; c <= 'z'; c++ {
			if !give("v/"+string(c), "words", []any{string(c), strings.Join(by[string(c)], " ")}) {
				return
			}
		}
		for u := range s.plan.Units() {
			if !give("u/"+string(u.ID), "unit", []any{u.ID, u.Text.ZH, u.Text.EN}) {
				return
			}
		}
	}
}

// shardOf is where the list of a gram stands: FNV-1a of its UTF-8.
func shardOf(gram string) int {
	h := fnv.New32a()
	h.Write([]byte(gram))
	return int(h.Sum32() % shards)
}

// digits are those of lists: 64 that need no escape in a script.
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"

// encode writes an ascending list of numbers below n: the distance of each from the
// one before, five bits a digit, the higher ones first and marked; or, after a
// tilde, one bit a number, six a digit.
func encode(list []uint32, n int) string {
	var b strings.Builder
	next := uint32(0)
	for _, v := range list {
		d := v - next
		next = v + 1
		for shift := 30; shift > 0; shift -= 5 {
			if d>>shift != 0 {
				b.WriteByte(digits[d>>shift&31|32])
			}
		}
		b.WriteByte(digits[d&31])
	}
	if b.Len() <= n/6+1 {
		return b.String()
	}
	bits := make([]byte, (n+5)/6)
	for _, v := range list {
		bits[v/6] |= 1 << (v % 6)
	}
	for i, c := range bits {
		bits[i] = digits[c]
	}
	return "~" + string(bits)
}

// table is what a large plan has in place of its units.
func (c *collection) table(p *plan.Plan, x *index) *large {
	t := &large{Solo: x.alone()}
	list := func(at int, units []*plan.Unit) {
		if len(units) == 0 {
			return
		}
		row := []any{at}
		straight := true
		for i, u := range units {
			_, _, n, err := u.ID.Parse()
			row = append(row, n)
			straight = straight && err == nil && n == i+1
		}
		if straight {
			row = []any{at, len(units)}
		} else {
			row = []any{at, row[1:]}
		}
		t.IDs = append(t.IDs, row)
	}
	list(-1, p.Preamble)
	for _, ch := range p.Chapters {
		list(c.divisionAt[address.ChapterID(ch.Number)], ch.Units)
		for _, s := range ch.Sections {
			list(c.divisionAt[address.SectionID(s.Number)], s.Units)
		}
	}
	return t
}
