// Package check holds the rules that content must keep, each as a value in
// [All] with an id, a line of documentation, a severity and a function. The
// driver knows nothing about any particular rule, and a rule prints nothing:
// its findings serve the terminal, the preview and programs alike. A new rule
// is a new file and a new line in the list.
//
// What makes a file unreadable (front matter, ids, encoding) is told by package
// content, which reads them; these rules judge a plan that could be read.
package check

import (
	"io/fs"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Input is what a check may look at.
type Input struct {
	FS   fs.FS // the project folder
	Tree *content.Tree
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
	fidelity, numbering, parity, tags,
	ledger, staleness,
}

// Run runs every check and returns what they found, in order of place.
func Run(in Input) diag.List {
	var found diag.List
	for _, c := range All {
		c.Run(in, func(pos diag.Pos, fact, hint plan.Text) {
			found = append(found, diag.Diagnostic{Pos: pos, Check: c.ID, Severity: c.Severity, Fact: fact, Hint: hint})
		})
	}
	return found.Sort()
}
