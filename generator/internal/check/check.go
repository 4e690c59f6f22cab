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
// numbering.go, parity.go, tags.go. About what the two languages say: a
// [reading] (reading.go) is a Chinese text beside its English with the terms
// that lexicon.go knows in it and the words that english.go sees in it; names,
// terms, numbers, strength, length and suspicious judge readings. About what is
// written in the files: file.go reads them and tells positions; characters,
// punctuation, emphasis, markup, links, linked and front judge them.
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
	fidelity, numbering, parity, gaps, tags,
	ledger, staleness,
	naming, terms, numbers, strength, translationLength, headings,
	suspiciousTag,
	updates,
	encoding, invisible, lookalikes,
	punctuation, script,
	emphasis,
	rawHTML, imageText,
	links, linked,
	frontLimits,
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
	return found.Sort()
}

// shared is what several checks derive from an Input, each part made when a
// check first asks for it.
type shared struct {
	readings func() []*reading
	files    func() *files
}

func share(in Input) *shared {
	return &shared{
		readings: sync.OnceValue(func() []*reading { return read(in.Tree) }),
		files:    sync.OnceValue(func() *files { return readFiles(in.FS) }),
	}
}

func (in Input) derived() *shared {
	if in.shared == nil {
		return share(in) // a check that is run alone
	}
	return in.shared
}

func (in Input) readings() []*reading { return in.derived().readings() }
func (in Input) files() *files        { return in.derived().files() }
