package check

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

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
		begun := translationBegun(p)
		title := func(name string, t plan.Text) {
			if t.EN != "" || t.ZH == "" { // an item without a heading
				return
			}
			if !begun && strings.HasPrefix(name, "plan/") {
				return // told once, by untranslated
			}
			if d := in.Tree.Document(contentDir + "/" + name + ".en.md"); d != nil {
				// A title that is not there is told as the file is read.
				if pos := in.Tree.FilePos(name, plan.EN); pos.Line > 1 && !d.Unread() {
					report(pos, diag.Text("“title”是空的", "“title” is empty"), diag.Text("请填写。", "Fill it in."))
				}
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
		for _, name := range []string{"_index", "topics/_index", "places/_index", "bodies/_index", "updates/_index"} {
			zh, en := in.Tree.Document(contentDir+"/"+name+".zh.md"), in.Tree.Document(contentDir+"/"+name+".en.md")
			if begun && zh != nil && en == nil && !zh.Unread() {
				title(name, plan.Text{ZH: zh.Value("title")})
			}
		}
		for _, t := range p.Topics {
			title("topics/"+t.ID+"/_index", t.Title)
		}
		for _, pl := range p.Places {
			title("places/"+pl.ID+"/_index", pl.Title)
		}
		for _, b := range p.Bodies {
			title("bodies/"+b.ID+"/_index", b.Title)
		}
	},
}

// untranslated tells of a plan that was imported and not translated yet, which is
// one thing to know and not as many as it has headings.
var untranslated = Check{
	ID: "untranslated",
	Doc: plan.Text{
		ZH: "方案已经开始翻译",
		EN: "somebody has begun to translate the plan",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		p := in.Tree.Plan
		if n := p.Count(); len(p.Chapters) > 0 && !translationBegun(p) {
			report(in.Tree.FilePos("plan/_index", plan.ZH), diag.Text("方案还没有英文：%d 句", "the plan has no English yet: %d sentences", n.Units),
				diag.Text("英文页面显示中文并注明。翻译时为每个 .zh.md 建立同名的 .en.md，先写 title。", "English pages show the Chinese and say so. To translate, create an .en.md beside each .zh.md, its title first."))
		}
	},
}

// translationBegun reports whether a sentence of the plan has English, or had.
func translationBegun(p *plan.Plan) bool {
	for u := range p.Units() {
		if u.Text.EN != "" {
			return true
		}
	}
	return slices.ContainsFunc(p.Ledger, func(e plan.Entry) bool { return e.EnglishOf != "" })
}

// unwritten is a cause: the places and terms that such a sentence does not name are
// not told beside it.
var unwritten = Check{
	ID: "unwritten",
	Doc: plan.Text{
		ZH: "英文是译文，不是待写的字样，也不是中文",
		EN: "English is a translation, neither a note that it is to be written nor Chinese",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		for u := range in.Tree.Plan.Units() {
			if isUnwritten(u.Text.EN) {
				report(in.Tree.UnitPos(u.ID, plan.EN), diag.Text("%s 的英文还没有写：“%s”", "%s has no English yet, but “%s”", u.ID, shorten(u.Text.EN)),
					diag.Text("请写上译文；还没有翻译的句子，只写在中文文件里。", "Write the translation; a sentence that is not translated yet stands in the Chinese file alone."))
			}
		}
	},
}

// isUnwritten reports whether what stands as a sentence's English is none.
func isUnwritten(en string) bool {
	han, letters := 0, 0
	for _, r := range en {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.IsLetter(r):
			letters++
		}
	}
	note := ""
	if han > 0 || mayFillIn(en) {
		note = toFillIn.FindString(en)
	}
	return han > letters || note != "" && (note == strings.ToUpper(note) || note == strings.Trim(en, " .…()[]"))
}

// mayFillIn reports whether an English text can have what toFillIn finds, which takes
// longer to find out.
func mayFillIn(en string) bool {
	en = strings.ToLower(en)
	return slices.ContainsFunc([]string{"todo", "tbd", "fixme", "lorem", "translat"}, func(s string) bool { return strings.Contains(en, s) })
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
