package address

import (
	"strconv"
	"strings"

	"minxi/generator/internal/plan"
)

// Pages that list what grows with a plan are divided where it is much: the first
// part stays at the page's address and leads to the others, /zh/plan/part-2/ and
// so on. What is divided, and when:
//
//   - the whole plan, in one language and in both, with more than UnitsInPart
//     units: its pages list the chapters by name, ChaptersInPart on each, and the
//     text stands on the pages of chapters and sections. A chapter of more than
//     UnitsInPart units lists its sections by name. A section is never divided,
//     because its units have their permanent fragments there.
//   - the pages of topics, places, bodies and topics in places, those of topics and places
//     with both languages, and the measures that name no city or county:
//     UnitsInPart on each.
//   - the glossary: see glossary.go.
//
// The plan that the portal was made for is below all of these.
const (
	UnitsInPart    = 500
	ChaptersInPart = 100
)

// PartPath is the address of part n of a page that is divided, counted from 1.
func PartPath(page string, n int) string {
	if n < 2 {
		return page
	}
	return page + "part-" + strconv.Itoa(n) + "/"
}

// FirstPart is the address of the page that a part belongs to.
func FirstPart(part string) string {
	if i := strings.LastIndex(strings.TrimSuffix(part, "/"), "/part-"); i >= 0 {
		return part[:i+1]
	}
	return part
}

// partsOf is into how many parts a list of n goes; 0 if it is not divided.
func partsOf(n, most int) int {
	if n <= most {
		return 0
	}
	return (n + most - 1) / most
}

// divide adds a page and, if it is divided, its parts. The first has the
// fragments and what the page leads to.
func (b *Book) divide(a Address, parts int) {
	a.Parts = parts
	if parts > 0 {
		if a.Part = 1; a.Units != nil {
			a.Units, a.Fragments = nil, nil // each part has some of them
		}
	}
	b.add(a)
	for n := 2; n <= parts; n++ {
		b.add(Address{Path: PartPath(a.Path, n), Kind: a.Kind, Lang: a.Lang, Of: a.Of, Part: n, Parts: parts})
	}
}

// wholeParts is into how many parts the page of the whole plan goes.
func wholeParts(p *plan.Plan) int {
	if p.Count().Units <= UnitsInPart {
		return 0
	}
	return max(1, partsOf(len(p.Chapters), ChaptersInPart))
}

// Long reports whether a chapter's page lists its sections by name, because all of
// their text would be too much for a page.
func Long(c *plan.Chapter) bool {
	n := len(c.Units)
	for _, s := range c.Sections {
		n += len(s.Units)
	}
	return n > UnitsInPart
}
