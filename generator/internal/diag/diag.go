// Package diag is how the generator tells people what is wrong: a [Diagnostic]
// names the place in their own file, the fact, and what to do, in Chinese and in
// English. Packages return values of it and print nothing; a command prints
// them for people, or as JSON for programs.
//
// The printed form is stable:
//
//	content/plan/c3/s3.en.md:12:1: s3-4: the English does not name Changting (长汀)
//	    Name it, or mark the unit for translation again.
package diag

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"minxi/generator/internal/plan"
)

// Pos is a place in a file. File is a slash path relative to the project, Line
// and Col count from 1 (Col in characters, not bytes); 0 means unknown.
type Pos struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"column,omitempty"`
}

// String gives file, file:line or file:line:col, as far as they are known.
func (p Pos) String() string {
	s := p.File
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
		if p.Col > 0 {
			s += ":" + strconv.Itoa(p.Col)
		}
	}
	return s
}

// Severity says whether a finding stops the work.
type Severity string

const (
	Error   Severity = "error"   // nothing is built or published
	Warning Severity = "warning" // printed, and the work goes on
)

// Diagnostic is one finding.
type Diagnostic struct {
	Pos
	Check    string   // id of the check that found it, such as "front-matter"
	Severity Severity // "" counts as Error
	Fact     plan.Text
	Hint     plan.Text // what to do; one line
}

// Text pairs a Chinese and an English format with the same arguments.
func Text(zh, en string, args ...any) plan.Text {
	if len(args) == 0 {
		return plan.Text{ZH: zh, EN: en}
	}
	return plan.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// Print writes d to w in language l.
func (d Diagnostic) Print(w io.Writer, l plan.Lang) {
	pos := d.Pos.String()
	if pos != "" {
		pos += ": "
	}
	if d.Severity == Warning {
		pos += Text("警告：", "warning: ").In(l)
	}
	fmt.Fprintf(w, "%s%s\n", pos, d.Fact.In(l))
	if hint := d.Hint.In(l); hint != "" {
		fmt.Fprintf(w, "    %s\n", hint)
	}
}

// Error gives the English form on one line, so that a Diagnostic can travel as
// an ordinary error.
func (d Diagnostic) Error() string {
	var b strings.Builder
	d.Print(&b, plan.EN)
	return strings.ReplaceAll(strings.TrimSpace(b.String()), "\n    ", " — ")
}

// MarshalJSON writes both languages, so that one report serves every reader.
func (d Diagnostic) MarshalJSON() ([]byte, error) {
	type text struct {
		ZH string `json:"zh"`
		EN string `json:"en"`
	}
	return json.Marshal(struct {
		Pos
		Check    string   `json:"check"`
		Severity Severity `json:"severity"`
		Fact     text     `json:"fact"`
		Hint     text     `json:"hint"`
	}{d.Pos, d.Check, orError(d.Severity), text(d.Fact), text(d.Hint)})
}

// List is a set of findings. As an error it is one that failed for all of them.
type List []Diagnostic

// Error gives every finding in English, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.Error()
	}
	return strings.Join(lines, "\n")
}

// HasErrors reports whether a finding stops the work.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity != Warning })
}

// Err returns l as an error if a finding stops the work, nil otherwise.
func (l List) Err() error {
	if l.HasErrors() {
		return l
	}
	return nil
}

// Sort orders findings by file, line, column, check and text, and drops exact
// repetitions, so that a report is the same from run to run.
func (l List) Sort() List {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.Check, b.Check), cmp.Compare(a.Fact.EN, b.Fact.EN))
	})
	return slices.Compact(l)
}

// Print writes every finding to w in language lang.
func (l List) Print(w io.Writer, lang plan.Lang) {
	for _, d := range l {
		d.Print(w, lang)
	}
}

// From turns any error into findings: a List or a Diagnostic inside err is
// taken as it is; an error of the system is explained at the file that it is about;
// another error becomes one finding without a place.
func From(err error) List {
	if err == nil {
		return nil
	}
	var list List
	if errors.As(err, &list) {
		return list
	}
	var d Diagnostic
	if errors.As(err, &d) {
		return List{d}
	}
	if d, ok := system(err); ok {
		return List{d}
	}
	return List{{Fact: Text("%s", "%s", err.Error())}}
}

// Nearest is the word of known that a person meant who wrote word: the one that
// takes fewest changed, missing or swapped letters, at most one in three; "" if
// there is none.
func Nearest(word string, known []string) string {
	best, fewest := "", len([]rune(word))/3+1
	for _, k := range known {
		if n := distance([]rune(word), []rune(k)); k != word && n < fewest {
			best, fewest = k, n
		}
	}
	return best
}

// distance is the number of edits between two words, a swap of neighbours being
// one (optimal string alignment).
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
