package check

import (
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// emphasis finds asterisks and underscores that stay on the page. Most come
// from Chinese punctuation: in **“红色”**文化 the second pair stands between a
// mark and a letter, where CommonMark lets it only open, so nothing is bold, or
// what is bold is what stands between two such pairs.
// https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis
var emphasis = Check{
	ID: "emphasis",
	Doc: plan.Text{
		ZH: "加粗和强调的星号成对起作用，不会原样出现在网页上",
		EN: "the asterisks of emphasis take effect in pairs and none is left on the page",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		for _, f := range in.files().list {
			for _, m := range f.Marks() {
				if m.Kind == content.Stray || m.Nested {
					report(f.At(m.Start), diag.Text("此处的 %s 没有正确闭合，会原样显示，或使其他文字变粗", "this %s does not close the emphasis: it will be shown as it is, or other words will be bold", string(f.Data[m.Start])),
						diag.Text(`请让星号紧贴文字，标点放在星号外面，如 “**红色**”文化；要显示星号就写 \*。`, `Keep the asterisks beside letters and the marks outside, as in “**红色**”文化; to show one write \*.`))
				}
			}
		}
	},
}
