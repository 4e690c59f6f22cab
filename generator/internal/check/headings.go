package check

import (
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// headings is a warning where the same finding in a sentence is an error: a
// heading is not cited, and often shortened on purpose.
var headings = Check{
	ID: "headings",
	Doc: plan.Text{
		ZH: "标题的英文与中文标题的名称、术语、数字和动词相符",
		EN: "the English of a heading has the names, terms, numbers and verbs of the Chinese",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		for _, r := range in.readings() {
			if r.unit != nil {
				continue
			}
			for _, judge := range []judgement{judgeNames, judgeTerms, judgeNumbers, judgeStrength, judgeNegation} {
				judge(in, r, report)
			}
		}
	},
}

// judgement looks at one text in its two languages.
type judgement func(Input, *reading, Report)

// sentences lets a judgement run over every sentence of the plan.
func sentences(judge judgement) func(Input, Report) {
	return func(in Input, report Report) {
		for _, r := range in.readings() {
			if r.unit != nil {
				judge(in, r, func(pos diag.Pos, fact, hint plan.Text) {
					r.told = true
					report(pos, fact, hint)
				})
			}
		}
	}
}
