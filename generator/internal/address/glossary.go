package address

import (
	"slices"
	"strconv"
	"strings"

	"minxi/generator/internal/plan"
)

// The glossary of a language is a start page, which leads from letters and headwords
// to the numbered pages with the terms: /zh/glossary/3/. They are divided by count and
// not by letter, because a page of every number is there in both languages, while
// letters are a language's own: pinyin has no V.
//
// A letter has its place where its first term stands.
//
// A term's own place, #t-forest-chief-system, is on one of these. The start page has it,
// too, as the entry that leads there, because links led to it before the glossary was
// divided; beyond [TermsInIndex] terms that would be too much for a page.
const (
	TermsInIndex = 1000 // that the start page names
	TermsInPart  = 30
)

// Terminology is a page of a language's glossary with terms.
type Terminology struct {
	Path  string
	Terms []int // by their place in the list that was given
}

// Glossary puts terms into the order of the language, and divides them into pages.
func (l In) Glossary(terms []plan.Term) (pages []Terminology) {
	order := make([]int, len(terms))
	for i := range order {
		order[i] = i
	}
	plan.IndexOrder(plan.Lang(l), terms, order)
	for list := range slices.Chunk(order, TermsInPart) {
		pages = append(pages, Terminology{l.List(Glossary) + strconv.Itoa(len(pages)+1) + "/", list})
	}
	return pages
}

// LetterID is how a letter is called in fragments: letter-l.
func LetterID(letter string) string { return "letter-" + strings.ToLower(letter) }

// glossary adds the glossary of a language.
func (b *Book) glossary(l In, m *gathered) {
	start := Address{Path: l.List(Glossary), Kind: Glossary, Lang: plan.Lang(l)}
	if len(m.terms) <= TermsInIndex {
		start.Fragments = m.termIDs
	}
	var list []Address
	letter := ""
	for n, page := range l.Glossary(m.terms) {
		a := Address{Path: page.Path, Kind: Terms, Lang: plan.Lang(l), Of: string(Glossary) + "/" + strconv.Itoa(n+1)}
		for _, i := range page.Terms {
			if next := m.terms[i].Letter(plan.Lang(l)); next != letter {
				letter = next
				a.Fragments = append(a.Fragments, LetterID(letter))
				if !slices.Contains(start.Leads, page.Path) {
					start.Leads = append(start.Leads, page.Path)
				}
			}
			a.Fragments = append(a.Fragments, m.termIDs[i])
		}
		list = append(list, a)
	}
	b.add(start)
	for _, a := range list {
		b.add(a)
	}
}
