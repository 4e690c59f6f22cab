package check

import (
	"strconv"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var parity = Check{
	ID: "parity",
	Doc: plan.Text{
		ZH: "每个标题都有中文和英文，英文句子的顺序与中文相同",
		EN: "every heading exists in both languages, and the English sentences keep the order of the Chinese",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		p := in.Tree.Plan
		title := func(name string, t plan.Text) {
			// An English file without a title is told as it is read.
			if t.EN != "" || t.ZH == "" || in.Tree.Document(contentDir+"/"+name+".en.md") != nil {
				return
			}
			report(in.Tree.FilePos(name, plan.ZH), diag.Text("“%s”缺少英文标题", "“%s” has no English title", t.ZH),
				diag.Text("请建立同名的 .en.md 文件，在开头写上 title。", "Create the .en.md file of the same name with a title at its top."))
		}
		order := func(units []*plan.Unit) {
			line := 0
			for _, u := range units {
				pos := in.Tree.UnitPos(u.ID, plan.EN)
				if pos.Line == 0 {
					continue
				}
				if pos.Line < line {
					report(pos, diag.Text("%s 的英文顺序与中文不同", "%s stands in another order than in Chinese", u.ID),
						diag.Text("请按中文顺序排列。", "Put it where the Chinese has it."))
				}
				line = pos.Line
			}
		}
		title("plan/_index", p.Title)
		order(p.Preamble)
		for _, c := range p.Chapters {
			dir := "plan/c" + strconv.Itoa(c.Number)
			title(dir+"/_index", c.Title)
			order(c.Units)
			for _, s := range c.Sections {
				title(dir+"/s"+strconv.Itoa(s.Number), s.Title)
				order(s.Units)
			}
		}
		for _, t := range p.Topics {
			title("topics/"+t.ID+"/_index", t.Title)
		}
		for _, pl := range p.Places {
			title("places/"+pl.ID+"/_index", pl.Title)
		}
	},
}

// gaps is about files that are translated but for a sentence. A file in which
// nothing is translated yet is work to come, and shown as such on the site.
var gaps = Check{
	ID: "translation-gap",
	Doc: plan.Text{
		ZH: "已开始翻译的文件没有漏译的句子",
		EN: "a file that is being translated misses no sentence",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		gap := func(units []*plan.Unit) {
			if len(units) > 0 && (in.Tree.Doubtful(divisionOf(string(units[0].ID)), plan.EN) || in.causes().division(divisionOf(string(units[0].ID)))) {
				return
			}
			var last diag.Pos // of the translated sentence before, or of the first one
			for _, u := range units {
				if last = in.Tree.UnitPos(u.ID, plan.EN); last.Line > 0 {
					break
				}
			}
			for _, u := range units {
				if pos := in.Tree.UnitPos(u.ID, plan.EN); pos.Line > 0 {
					last = pos
				} else if last.Line > 0 {
					report(last, diag.Text("%s 缺少英文译文，本文件的其他句子已有", "%s has no English, though other sentences of this file have", u.ID),
						diag.Text("请在附近补上译文，并在下一行写 {#%s}。", "Add its translation near here, with {#%s} on the line below.", u.ID))
				}
			}
		}
		p := in.Tree.Plan
		gap(p.Preamble)
		for _, c := range p.Chapters {
			gap(c.Units)
			for _, s := range c.Sections {
				gap(s.Units)
			}
		}
	},
}
