package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Entry is what the ledger says of one id. The ledger has a row for every id
// that was ever published, so that an id can disappear, be reused or change its
// meaning only if somebody says so.
type Entry struct {
	ID    ID
	State EntryState
	To    []ID // what replaced a withdrawn unit; the one id that a moved unit forwards to

	ZH        string // hash of the Chinese, as last accepted
	EnglishOf string // hash of the Chinese that the English was made from; "" before the first translation
	Text      Text   // the Chinese as last accepted; the English of a withdrawn unit, for its page
	Why       string // in staff's words, for the last change of the row
}

// EntryState says what has become of an id.
type EntryState string

const (
	Live      EntryState = "live"
	Withdrawn EntryState = "withdrawn" // its page stays and says what it was
	Moved     EntryState = "moved"     // its page forwards
)

// EntryStates lists every state.
var EntryStates = []EntryState{Live, Withdrawn, Moved}

// Ledger is the ledger's rows, in any order.
type Ledger []Entry

// Find returns the entry of an id and whether there is one.
func (l Ledger) Find(id ID) (Entry, bool) {
	i := slices.IndexFunc(l, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return Entry{}, false
	}
	return l[i], true
}

// Sorted returns the rows in the order of ids: preamble, chapters, sections.
func (l Ledger) Sorted() Ledger {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Entry) int { return a.ID.Compare(b.ID) })
	return out
}

// Translation says how far the English of a unit can be trusted.
type Translation string

const (
	Current Translation = "current" // made from, or accepted for, the Chinese as it is
	Stale   Translation = "stale"   // the Chinese has changed since, and nobody has accepted the English
	Missing Translation = "missing"
)

// Hash is the SHA-256 of the UTF-8 text, in lower-case hexadecimal; "" of "".
func Hash(s string) string {
	if s == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// SetTranslations fills in every unit's Translation from the ledger. Without a
// ledger whatever English there is counts as current.
func (p *Plan) SetTranslations() {
	of := make(map[ID]string, len(p.Ledger))
	for _, e := range p.Ledger {
		of[e.ID] = e.EnglishOf
	}
	for u := range p.Units() {
		switch {
		case u.Text.EN == "":
			u.Translation = Missing
		case p.Ledger == nil || of[u.ID] == Hash(u.Text.ZH):
			u.Translation = Current
		default:
			u.Translation = Stale
		}
	}
}

// Similarity tells how much two sentences have in common, from 0 to 1: twice the
// number of shared pairs of neighbouring characters by the number of all (Dice's
// coefficient). A revised sentence of a plan stays above one half; another
// sentence hardly reaches a third.
func Similarity(a, b string) float64 {
	pairs := func(s string) (map[[2]rune]int, int) {
		m, n := map[[2]rune]int{}, 0
		var last rune
		for i, r := range []rune(s) {
			if i > 0 {
				m[[2]rune{last, r}]++
				n++
			}
			last = r
		}
		return m, n
	}
	x, nx := pairs(a)
	y, ny := pairs(b)
	if nx+ny == 0 {
		if a == b {
			return 1
		}
		return 0
	}
	shared := 0
	for p, n := range x {
		shared += min(n, y[p])
	}
	return 2 * float64(shared) / float64(nx+ny)
}
