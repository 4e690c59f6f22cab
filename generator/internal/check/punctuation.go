package check

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// punctuation is a warning: where the official text itself has a mark of the
// wrong width, fidelity comes first.
var punctuation = Check{
	ID: "punctuation",
	Doc: plan.Text{
		ZH: "方案的中文用全角标点，英文用半角标点和弯引号",
		EN: "the plan's Chinese has full-width punctuation, its English half-width punctuation and curly quotation marks",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		eachText(in, func(label plan.Text, pos diag.Pos, s string, lang plan.Lang) {
			found := func(i int, fact, hint plan.Text) {
				report(in.files().locate(pos, s, i), plan.Text{ZH: label.ZH + "：" + fact.ZH, EN: label.EN + ": " + fact.EN}, hint)
			}
			var before rune
			for i, r := range s {
				after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
				switch {
				case lang == plan.ZH && strings.ContainsRune(halfWidth, r) && (unicode.Is(unicode.Han, before) || unicode.Is(unicode.Han, after)):
					found(i, diag.Text("中文用了半角标点“%s”", "“%s” in Chinese is a half-width mark", string(r)),
						diag.Text("请改为全角的“%s”。", "Write the full-width %s.", fullWidth[r]))
				case lang == plan.EN && (r == '"' || r == '\''):
					found(i, diag.Text("英文用了直引号 %s", "a straight quotation mark %s in English", string(r)),
						diag.Text("请改用弯引号 “ ” 或 ‘ ’；撇号写作 ’。", "Write “ ” or ‘ ’; the apostrophe is ’."))
				case lang == plan.EN && isFullWidth(r):
					found(i, diag.Text("英文用了全角标点“%s”", "a full-width mark “%s” in English", string(r)),
						diag.Text("请改用半角标点。", "Write the half-width mark."))
				}
				before = r
			}
		})
	},
}

const halfWidth = `,.:;?!()"'`

var fullWidth = map[rune]string{
	',': "，", '.': "。", ':': "：", ';': "；", '?': "？", '!': "！", '(': "（", ')': "）", '"': "“”", '\'': "‘’",
}

func isFullWidth(r rune) bool {
	return r >= 0x3000 && r <= 0x303f || r >= 0xff01 && r <= 0xff0f || r >= 0xff1a && r <= 0xff20 || r >= 0xff3b && r <= 0xff40 || r >= 0xff5b && r <= 0xff65
}

var script = Check{
	ID: "script",
	Doc: plan.Text{
		ZH: "方案的英文没有汉字，名称后括号里的原文除外",
		EN: "the plan's English has no Chinese characters but in brackets after a name",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		eachText(in, func(label plan.Text, pos diag.Pos, s string, lang plan.Lang) {
			if lang != plan.EN {
				return
			}
			depth, allowed := 0, false
			var before [2]rune
			inRun := false
			for i, r := range s {
				switch {
				case r == '(':
					depth++
					allowed = unicode.IsLetter(before[0]) || before[0] == ' ' && (unicode.IsLetter(before[1]) || before[1] == '”' || before[1] == '’')
				case r == ')':
					depth--
				}
				han := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
				if han && !inRun && (depth <= 0 || !allowed) {
					report(in.files().locate(pos, s, i), diag.Text("%[1]s：英文中有汉字“%[2]s”", "%[3]s: Chinese “%[2]s” in the English", label.ZH, string(r), label.EN),
						diag.Text("请译成英文；需要注明原文时，写在名称后的括号里，如 Changting (长汀)。", "Translate it, or put it in brackets after a name, as in Changting (长汀)."))
				}
				inRun = han
				before[0], before[1] = r, before[0]
			}
		})
	},
}

// eachText calls f for every sentence and heading of the plan in each language.
func eachText(in Input, f func(label plan.Text, pos diag.Pos, s string, lang plan.Lang)) {
	one := func(label plan.Text, t plan.Text, zh, en diag.Pos) {
		f(label, zh, t.ZH, plan.ZH)
		f(label, en, t.EN, plan.EN)
	}
	for _, h := range headingsIn(in.Tree.Plan) {
		one(headingLabel, h.title, in.Tree.FilePos(h.name, plan.ZH), in.Tree.FilePos(h.name, plan.EN))
	}
	for u := range in.Tree.Plan.Units() {
		one(unitLabel(u), u.Text, in.Tree.UnitPos(u.ID, plan.ZH), in.Tree.UnitPos(u.ID, plan.EN))
	}
}
