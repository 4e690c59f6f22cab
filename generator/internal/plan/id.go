package plan

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// ID is the permanent identifier of a unit: "p-1" in the preamble, "c1-4" in a
// chapter outside its sections, "s22-6" in a section. The numbers are those of
// the first edition; a later edition adds ids and withdraws them, but never
// moves or reuses one, so a printed link holds.
type ID string

// Division is the part of a plan that an ID counts in.
type Division byte

const (
	InPreamble Division = 'p'
	InChapter  Division = 'c'
	InSection  Division = 's'
)

// NewID returns the identifier of sentence n (from 1) of division number of
// (from 1; ignored in the preamble).
func NewID(d Division, of, n int) ID {
	if d == InPreamble {
		return ID("p-" + strconv.Itoa(n))
	}
	return ID(string(rune(d)) + strconv.Itoa(of) + "-" + strconv.Itoa(n))
}

// Parse splits an identifier into its division, the division's number (0 in
// the preamble) and the sentence's number. It accepts only the form that
// [NewID] writes: no sign, no leading zero, at most nine digits.
func (id ID) Parse() (d Division, of, n int, err error) {
	bad := fmt.Errorf("%q is not a unit id such as p-1, c1-2 or s3-2", string(id))
	head, tail, found := strings.Cut(string(id), "-")
	if !found || head == "" {
		return 0, 0, 0, bad
	}
	d = Division(head[0])
	n, ok := parseOrdinal(tail)
	if !ok {
		return 0, 0, 0, bad
	}
	if d == InPreamble {
		if head != "p" {
			return 0, 0, 0, bad
		}
		return d, 0, n, nil
	}
	if d != InChapter && d != InSection {
		return 0, 0, 0, bad
	}
	if of, ok = parseOrdinal(head[1:]); !ok {
		return 0, 0, 0, bad
	}
	return d, of, n, nil
}

func parseOrdinal(s string) (int, bool) {
	if s == "" || len(s) > 9 || s[0] == '0' {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// Compare orders ids as the ledger has them: preamble, chapters, sections.
func (id ID) Compare(other ID) int {
	ad, aof, an, _ := id.Parse()
	bd, bof, bn, _ := other.Parse()
	return cmp.Or(cmp.Compare(divisionRank[ad], divisionRank[bd]), cmp.Compare(aof, bof), cmp.Compare(an, bn))
}

var divisionRank = map[Division]int{InPreamble: 0, InChapter: 1, InSection: 2}
