// Package seed reads the text of a Chinese government plan as it was received, clean,
// as a PDF-to-text tool gives it or as a Word file, into a [plan.Plan] in Chinese.
//
// # What it reads
//
// The genre has one shape, and this package knows no other:
//
//	cover notice          its own heading, document number, addressee, date
//	TITLE
//	（2021年5月20日）      lines under the title
//	为深入贯彻…。          preamble
//	一、重要意义           chapter; on its own line, or 一、紧扣定位。要按照…
//	（一）指导思想。以…     section; run into its text, or on its own line
//	国务院                 closing lines
//
// Everything between headings is cut into sentences, and each sentence becomes
// a [plan.Unit] with a permanent id. Regulations (第一章, 第一条), tables of
// contents and annexes are other genres; they are refused, never mis-filed.
//
// # How it reads
//
// The stages follow one another, one file each:
//
//	office.go     a Word file → its paragraphs, one a line
//	source.go     bytes → text: is this UTF-8, does it look like a plan at all?
//	scan.go       text → lines; page numbers, form feeds and margins fall away
//	wrap.go       lines → paragraphs: the width at which a tool cut the lines
//	front.go      what stands before 一、 and after the last sentence
//	heading.go    numerals and marks; which number must come next
//	sentence.go   paragraph → sentences
//	kind.go       what a unit is for, by its heading: a table
//	outline.go    the loop over paragraphs that puts the plan together
//	report.go     the account: every character of the source in one class
//	prove.go      the proof, which trusts none of the above
//
// A line break says nothing about a paragraph in hard-wrapped text, and there a
// paragraph's end is a guess where its last line happens to be full. The guess
// is safe: sentences are found by their stops, so it can move the start of a
// paragraph, but not the text or the number of a unit. What would change a
// unit, such as a heading with a number out of order or a title that cannot be
// told from the preamble, is an error with its line; a paragraph that ends
// without a stop, which may be a cut line, is a warning in the report.
//
// # What it promises
//
// A plan that [Read] returns has been proved ([Prove]): its official text is
// the source's, character by character, and paragraphs start only where the
// source breaks a line. Nothing is corrected: not a repeated stop, not a missing
// one. Time and memory grow in proportion to the source.
package seed

import (
	"slices"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Read reads the text of a plan. The name, a slash path, is what diagnostics
// call the source. A text that is not a plan, or that cannot be read without
// guessing, gives a [diag.List] with the place of every problem and no plan;
// the warnings of a text that was read are in the report's notes.
func Read(name string, src []byte) (*plan.Plan, *Report, error) {
	src, err := plain(name, src)
	if err != nil {
		return nil, nil, err
	}
	s := source{name: name}
	if err := s.open(src); err != nil {
		return nil, nil, err
	}
	o := outline{source: s, plan: new(plan.Plan), report: &Report{Characters: utf8.RuneCount(src)}}
	o.read(scan(s.text, o.report))
	o.found = gather(o.found.Sort())
	if o.found.HasErrors() {
		// What stops the import, alone: doubts about a text that is not read help nobody.
		return nil, nil, slices.DeleteFunc(o.found, func(d diag.Diagnostic) bool { return d.Severity != diag.Error })
	}
	o.report.Notes = o.found
	o.report.place(s.text)
	o.report.tally(o.plan)
	if err := o.report.balance(name); err != nil {
		return nil, nil, err
	}
	if err := prove(name, s.text, o.plan); err != nil {
		return nil, nil, append(diag.List{{Pos: diag.Pos{File: name}, Check: check,
			Fact: diag.Text("导入程序读出的文本与原文不一致，所以什么也没有导入", "what the importer read differs from the source, so nothing was imported"),
			Hint: diag.Text("这是程序的错误；请把原文交给维护者。", "This is a bug; give the source to the maintainers."),
		}}, diag.From(err)...)
	}
	return o.plan, o.report, nil
}

// check is the id of this package's findings.
const check = "import"

// maxFindings bounds a list of findings: a reader mends the first ones, and a
// hostile source must not fill the memory with them.
const maxFindings = 100
