package check

import (
	"slices"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// usual is how many English characters stand for one Chinese character. The
// plan's own sentences have 4.0 to 7.4, and long ones, in which a lost clause
// hides best, 4.1 to 6.6.
var usual = []band{
	{40, 3.8, 7.0},
	{12, 3.5, 8.4},
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
	Run: sentences(func(_ Input, r *reading, report Report) {
		zh, en := utf8.RuneCountInString(r.text.ZH), utf8.RuneCountInString(r.text.EN)
		i := slices.IndexFunc(usual, func(u band) bool { return zh >= u.from })
		if i < 0 {
			return
		}
		switch ratio := float64(en) / float64(zh); {
		case ratio < usual[i].low:
			report(r.enPos, r.about(diag.Text("英文只有 %[2]d 个字符，对 %[1]d 个汉字来说太短", "%[2]d English characters are few for %[1]d Chinese ones", zh, en)),
				diag.Text("看看是否漏译了半句。", "See whether a clause is missing."))
		case ratio > usual[i].high:
			report(r.enPos, r.about(diag.Text("英文有 %[2]d 个字符，对 %[1]d 个汉字来说太长", "%[2]d English characters are many for %[1]d Chinese ones", zh, en)),
				diag.Text("看看是否多写了中文没有的内容。", "See whether something was added that the Chinese does not say."))
		}
	}),
}
