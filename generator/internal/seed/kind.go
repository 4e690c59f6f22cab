package seed

import (
	"strings"

	"minxi/generator/internal/plan"
)

// kinds says what the units under a heading are for; what is not listed is a
// measure. A section's own heading goes before its chapter's.
var kinds = map[string]plan.Kind{
	"重要意义": plan.Context,
	"重大意义": plan.Context,
	"意义":   plan.Context,
	"背景":   plan.Context,
	"发展背景": plan.Context,
	"规划背景": plan.Context,
	"编制背景": plan.Context,
	"发展基础": plan.Context,
	"总体要求": plan.Guideline,
	"总体思路": plan.Guideline,
	"指导思想": plan.Guideline,
	"基本原则": plan.Guideline,
	"工作原则": plan.Guideline,
	"发展目标": plan.Target,
	"总体目标": plan.Target,
	"主要目标": plan.Target,
	"工作目标": plan.Target,
	"试点目标": plan.Target,
	"战略定位": plan.Target,
	"发展定位": plan.Target,
	"功能定位": plan.Target,
}

// kindOf finds the kind that a heading gives. A compound such as
// 指导思想和基本原则 counts as its first part if the table knows every part.
func kindOf(title string) (plan.Kind, bool) {
	if len(title) > 60 { // no entry is that long
		return plan.Measure, false
	}
	parts := strings.FieldsFunc(title, func(r rune) bool { return r == '和' || r == '与' || r == '、' })
	for _, p := range parts {
		if _, ok := kinds[p]; !ok {
			return plan.Measure, false
		}
	}
	if len(parts) == 0 {
		return plan.Measure, false
	}
	return kinds[parts[0]], true
}
