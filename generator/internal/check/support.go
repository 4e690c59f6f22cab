package check

import (
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// support is about the end of a topic's page: the measures that say who supports what
// it lists and how that is carried out are chosen by hand, as tags are.
var support = Check{
	ID: "support",
	Doc: plan.Text{
		ZH: "主题页末尾“谁来支持、怎样落实”所列的措施，方案里都有，属于写明 supports 的主题，且不重复",
		EN: "the measures that a topic names as saying who supports it and how it is carried out are in the plan, belong to a topic with supports, and are named once",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		p := in.Tree.Plan
		var supporting []string
		for _, t := range p.Topics {
			if t.Supports {
				supporting = append(supporting, t.ID)
			}
		}
		units := map[plan.ID]*plan.Unit{}
		for u := range p.Units() {
			units[u.ID] = u
		}
		for _, t := range p.Topics {
			at := in.Tree.SupportPos(t.ID)
			for i, id := range t.Support {
				u, entry := units[id], plan.Entry{}
				if u == nil {
					entry, _ = p.Ledger.Find(id)
				}
				switch {
				case i > 0 && t.Supports:
					// told with the first
				case t.Supports:
					report(at[i], diag.Text("%s 自己就是讲谁来支持的主题", "%s is itself a topic that says who supports the others", t.ID),
						diag.Text("supports 和 support 只写一个。", "Write supports or support, not both."))
				case slices.Index(t.Support, id) < i:
					report(at[i], diag.Text("%s 写了两次", "%s is named twice", id), diag.Text("请删去一个。", "Remove one."))
				case u == nil && entry.State != "" && entry.State != plan.Live:
					report(at[i], diag.Text("%s 已不在方案里", "%s is no longer in the plan", id), diag.Text("它的网页写着由什么代替。", "Its page says what has replaced it."))
				case u == nil:
					if !in.causes().told(id) {
						report(at[i], diag.Text("方案里没有 %s", "the plan has no %s", id), diag.Text("编号形如 s22-2，写在每句话下面的 {#…} 里。", "Ids look like s22-2 and stand below each sentence, in {#…}."))
					}
				case u.Kind != plan.Measure || len(u.Topics) == 0 || !slices.Contains(supporting, u.Topics[0]):
					report(at[i], diag.Text("%[1]s 不是讲谁来支持、怎样落实的措施", "%[1]s is no measure that says who supports or how it is carried out", id),
						diag.Text("只列首个主题是 %[1]s 的措施（那个主题的文件里写着 supports: true）。", "Name measures whose first topic is %[2]s, which has supports: true.",
							orNone(supporting, "（还没有）"), orNone(supporting, "one (there is none yet)")))
				}
			}
		}
	},
}

func orNone(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, " ")
}
