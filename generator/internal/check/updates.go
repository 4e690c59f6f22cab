package check

import (
	"slices"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var updates = Check{
	ID: "updates",
	Doc: plan.Text{
		ZH: "每条动态都有中文和英文，写明它涉及的句子，而且这些句子在方案里",
		EN: "every update exists in both languages and names sentences that the plan has",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		p := in.Tree.Plan
		live := map[plan.ID]bool{}
		for u := range p.Units() {
			live[u.ID] = true
		}
		gone := map[plan.ID]plan.EntryState{}
		for _, e := range p.Ledger {
			gone[e.ID] = e.State
		}
		for _, u := range p.Updates {
			name := "updates/" + u.Name
			// A draft's English may be empty, but its file must be there.
			if u.Title.EN == "" && !(u.Draft && in.Tree.FilePos(name, plan.EN).File != "") {
				report(in.Tree.FilePos(name, plan.ZH), diag.Text("动态“%s”没有英文", "the update “%s” has no English", u.Title.ZH),
					diag.Text("建立 content/%s.en.md，写上 title 和正文；还不发布的，两个文件都写 draft: true。",
						"Create content/%s.en.md with a title and the text; while it is not to be published, put draft: true in both.", name))
			}
			if len(u.Units) == 0 {
				report(in.Tree.FilePos(name, plan.ZH), diag.Text("动态“%s”没有写涉及哪些句子", "the update “%s” names no sentence", u.Title.ZH),
					diag.Text("写上 measures: [s3-2, s3-5]，用方案里的编号。", "Add measures: [s3-2, s3-5], with the plan's ids."))
			}
			for i, id := range u.Units {
				pos := in.Tree.UpdatePos(u.Name)[i]
				switch {
				case slices.Index(u.Units, id) < i:
					report(pos, diag.Text("%s 写了两次", "%s is named twice", id), diag.Text("请删去一个。", "Remove one."))
				case live[id], in.causes().told(id):
				case gone[id] == plan.Withdrawn || gone[id] == plan.Moved:
					report(pos, diag.Text("%s 已不在方案里", "%s is no longer in the plan", id),
						diag.Text("content/ledger.csv 写着它去了哪里；请改用那个编号。", "content/ledger.csv says where it went: use that id."))
				default:
					report(pos, diag.Text("方案里没有 %s", "the plan has no %s", id),
						diag.Text("编号形如 s3-2，写在每句话下面的 {#…} 里。", "Ids look like s3-2 and stand below each sentence, in {#…}."))
				}
			}
		}
	},
}
