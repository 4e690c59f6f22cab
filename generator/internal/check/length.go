package check

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// usual is how many English characters stand for one Chinese character. The
// plan's own sentences have 4.0 to 7.4, and long ones 4.1 to 6.6; what is lost
// within these limits is for the check of completeness.
var usual = []band{
	{40, 3.8, 7.0},
	{12, 3.3, 8.4},
}

// band is the usual length of sentences that have at least some characters.
type band struct {
	from      int // Chinese characters
	low, high float64
}

var translationLength = Check{
	ID: "translation-length",
	Doc: plan.Text{
		ZH: "英文与中文的长度比在常见范围内，没有漏译或多译整段",
		EN: "the English is about as long as such Chinese usually becomes, so that no clause was lost or added",
	},
	Severity: diag.Warning,
	Run:      sentences(judgeLength),
}

func judgeLength(_ Input, r *reading, report Report) {
	zh, en := letters(r.text.ZH), utf8.RuneCountInString(r.text.EN)
	i := slices.IndexFunc(usual, func(u band) bool { return zh >= u.from })
	if i < 0 {
		return
	}
	switch ratio := float64(en) / float64(zh); {
	case ratio < usual[i].low:
		report(r.enPos, r.about(diag.Text("中文 %[1]d 字，英文只有 %[2]d 个字符，偏短", "%[2]d English characters are few for %[1]d Chinese ones", zh, en)),
			diag.Text("请看是否漏译。", "See whether a clause is missing."))
	case ratio > usual[i].high:
		report(r.enPos, r.about(diag.Text("中文 %[1]d 字，英文有 %[2]d 个字符，偏长", "%[2]d English characters are many for %[1]d Chinese ones", zh, en)),
			diag.Text("请看是否添加了中文没有的内容。", "See whether something was added that the Chinese does not say."))
	}
}

// letters counts characters but brackets: those of 长（汀）连（城） have no English.
func letters(s string) (n int) {
	for _, r := range s {
		if !unicode.In(r, unicode.Ps, unicode.Pe) {
			n++
		}
	}
	return n
}
