package edit

import "minxi/generator/internal/plan"

// Suggestion is a sign that the writer of a text may want otherwise.
type Suggestion struct {
	Start, End int // bytes of the cleaned text
	To         string
	Why        plan.Text
}

// Clean is a placeholder.
func Clean(text string, lang plan.Lang) (string, []Suggestion) { return text, nil }
