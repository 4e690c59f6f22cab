package check

import (
	"strconv"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var numbering = Check{
	ID: "numbering",
	Doc: plan.Text{
		ZH: "章、节的序号从一开始，连续编排",
		EN: "chapters and sections are numbered from one without a gap",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		if in.causes().anyDivision() {
			return // nobody knows the numbers of what is not there
		}
		hint := diag.Text("请检查文件夹名、文件名和 number。", "Check the names of folders and files, and number.")
		n := 0
		for i, c := range in.Tree.Plan.Chapters {
			if c.Number != i+1 {
				report(in.Tree.FilePos("plan/c"+strconv.Itoa(c.Number)+"/_index", plan.ZH),
					diag.Text("此处应为第%[1]s章，实为第%[2]s章", "chapter %[3]d is expected here, not chapter %[4]d", plan.Numeral(i+1), plan.Numeral(c.Number), i+1, c.Number), hint)
				return
			}
			for _, s := range c.Sections {
				if n++; s.Number != n {
					report(in.Tree.FilePos("plan/c"+strconv.Itoa(c.Number)+"/s"+strconv.Itoa(s.Number), plan.ZH),
						diag.Text("此处应为第 %d 节，实为第 %d 节", "section %d is expected here, not section %d", n, s.Number), hint)
					return
				}
			}
		}
	},
}
