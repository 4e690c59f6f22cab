// Package check holds the rules that content must keep, each as a value in
// [All] with an id, a line of documentation, a severity and a function. The
// driver knows nothing about any particular rule, and a rule prints nothing:
// its findings serve the terminal, the preview and programs alike. A new rule
// is a new file and a new line in the list; docs/checks.md is written from it.
//
// What makes a file unreadable (front matter, ids, encoding) is told by package
// content, which reads them; these rules judge a plan that could be read, and
// the characters that files are made of.
//
// # Reading order
//
// The rules come in three families. About the plan's shape: fidelity.go,
// numbering.go, parity.go, tags.go, bodies.go. About what the two languages say: a
// [reading] (reading.go) is a Chinese text beside its English with the terms
// that lexicon.go knows in it and the words that english.go sees in it; names,
// terms, numbers, strength, length and suspicious judge readings. About what is
// written in the files: package content reads them into documents with positions;
// characters, punctuation, emphasis, markup, links, linked and front judge them.
//
// What is wrong because something else is wrong is not told (cause.go).
//
// Errors are what a person who reads both texts would call wrong. Where a
// person may have decided otherwise with good reason, it is a warning.
package check

import (
	"io/fs"
	"sync"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Input is what a check may look at.
type Input struct {
	FS     fs.FS // the project folder
	Tree   *content.Tree
	Drafts bool // pages marked draft are shown, and may be linked
	Kept   Kept // sentences that were found sound before; nil for none

	shared *shared
}

// Check is one rule.
type Check struct {
	ID       string
	Doc      plan.Text // what it demands, in one line
	Severity diag.Severity
	Run      func(Input, Report)
}

// Report takes a finding of the running check.
type Report func(pos diag.Pos, fact, hint plan.Text)

// All lists every check, in the order of the documentation.
var All = []Check{
	fidelity, document, numbering, parity, oneLanguage, untranslated, unwritten, gaps, tags,
	ledger, staleness, history, unrecorded,
	vocabulary, pronounced,
	naming, terms, numbers, strength, negation, completeness, translationLength, headings,
	suspiciousTag, suspiciousBody, support, unusedHub,
	updates,
	invisible, lookalikes,
	punctuation, script,
	emphasis,
	rawHTML, imageText, shortcode, attributes,
	links, linked,
	frontLimits,
	configuration, typeface,
}

// Run runs every check and returns what they found, in order of place.
func Run(in Input) diag.List {
	in.shared = share(in)
	var found diag.List
	for _, c := range All {
		c.Run(in, func(pos diag.Pos, fact, hint plan.Text) {
			found = append(found, diag.Diagnostic{Pos: pos, Check: c.ID, Severity: c.Severity, Fact: fact, Hint: hint})
		})
	}
	in.shared.sound().keep(in, in.readings())
	return in.causes().follow(found).Sort()
}

// shared is what several checks derive from an Input, each part made when a
// check first asks for it.
type shared struct {
	readings func() []*reading
	files    func() *files
	causes   func() *causes
	sound    func() *judgements
}

func share(in Input) *shared {
	s := &shared{}
	in.shared = s // what derives one part uses the others
	s.readings = sync.OnceValue(func() []*reading { return read(in) })
	s.files = sync.OnceValue(func() *files { return newFiles(in.Tree) })
	s.causes = sync.OnceValue(func() *causes { return findCauses(in) })
	s.sound = sync.OnceValue(func() *judgements { return knownToBeSound(in.Kept, in.Tree.Plan) })
	return s
}

func (in Input) derived() *shared {
	if in.shared == nil {
		return share(in) // a check that is run alone
	}
	return in.shared
}

func (in Input) readings() []*reading { return in.derived().readings() }
func (in Input) files() *files        { return in.derived().files() }
func (in Input) causes() *causes      { return in.derived().causes() }
