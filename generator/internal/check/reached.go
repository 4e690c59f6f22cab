package check

import (
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// unusedHub is about hubs that nothing leads into: begun and forgotten, or left
// after their last sentence got another tag. A county is a place for its readers
// even where the plan does not name it, and its page says what holds for it.
var unusedHub = Check{
	ID: "unused-hub",
	Doc: plan.Text{
		ZH: "每个主题都有句子；区外的地方和要做事的机构也是",
		EN: "every topic has a sentence, and so has every body and every place outside the zone",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		used, begun := map[string]bool{}, false
		for u := range in.Tree.Plan.Units() {
			begun = begun || len(u.Topics) > 0
			for kind, tags := range tagsOf(u) {
				for _, id := range tags {
					used[kind+"/"+id] = true
				}
			}
		}
		if !begun {
			return // told once, by tags
		}
		look := func(hub string, title plan.Text) {
			// One without a title is being written, which is told.
			if !used[hub] && title.ZH != "" && !in.causes().hub(hub) {
				kind, id, _ := strings.Cut(hub, "/")
				report(in.Tree.FilePos(hub+"/_index", plan.ZH), diag.Text("没有一句话有“%[1]s”的标签，它的页面是空的", "no sentence is tagged with “%[1]s”: its page has nothing to show", title.ZH),
					diag.Text(`在方案的句子下面加上 %[1]s="%[2]s"，或删去这个文件夹。`, `Add %[1]s="%[2]s" below sentences of the plan, or remove this folder.`, kind, id))
			}
		}
		for _, t := range in.Tree.Plan.Topics {
			look("topics/"+t.ID, t.Title)
		}
		for _, b := range in.Tree.Plan.Bodies {
			look("bodies/"+b.ID, b.Title)
		}
		for _, pl := range in.Tree.Plan.Places {
			if pl.Kind == plan.Outside {
				look("places/"+pl.ID, pl.Title)
			}
		}
	},
}

// oneLanguage is about ordinary pages: /en/ mirrors /zh/, and the switch of the
// language would lead home from a page without its counterpart.
var oneLanguage = Check{
	ID: "one-language",
	Doc: plan.Text{
		ZH: "每个普通页面都有中文和英文",
		EN: "every ordinary page exists in both languages",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		english := map[string]bool{}
		for _, p := range in.Tree.Pages() {
			english[p.Name] = english[p.Name] || p.Lang == plan.EN
		}
		for _, p := range in.Tree.Pages() {
			// English without Chinese is an error, told as the files are read.
			ordinary := strings.HasPrefix(p.Name, "pages/") && p.Lang == plan.ZH && (!p.Draft || in.Drafts)
			if !ordinary || english[p.Name] || in.Tree.Doubtful(p.Name, plan.ZH) {
				continue
			}
			report(in.Tree.FilePos(p.Name, plan.ZH), diag.Text("这个页面没有英文，缺少 content/%s.en.md", "this page has no English: there is no content/%s.en.md", p.Name),
				diag.Text("请建立这个文件；还没有译好的，在中文文件里写 draft: true。", "Create that file; while it is not ready, put draft: true in the Chinese one."))
		}
	},
}
