package check

import (
	"maps"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var tags = Check{
	ID: "tags",
	Doc: plan.Text{
		ZH: "每条措施至少有一个主题；主题和地方都有自己的页面，且不重复",
		EN: "every measure has a topic; every topic and place has its hub and is named once",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		p := in.Tree.Plan
		topics, places := map[string]bool{}, map[string]bool{}
		for _, t := range p.Topics {
			topics[t.ID] = true
		}
		for _, pl := range p.Places {
			places[pl.ID] = true
		}
		why := in.causes()
		told := map[string]bool{}
		for hub, n := range why.missing {
			folder, pos := "content/"+hub, diag.Pos{File: "content/" + hub}
			kind, _, _ := strings.Cut(hub, "/")
			if none := kind == "topics" && len(topics) == 0 || kind == "places" && len(places) == 0; none {
				if told[kind] {
					continue
				}
				told[kind] = true
				folder, pos, n = "content/"+kind, diag.Pos{File: "content/" + kind}, 0
				for u := range p.Units() {
					if kind == "topics" && len(u.Topics) > 0 || kind == "places" && len(u.Places) > 0 {
						n++
					}
				}
			}
			report(pos, diag.Text("缺少 %[1]s，而 %[2]d 句有它的标签", "%[1]s is missing, and %[2]d sentences are tagged with it", folder, n),
				diag.Text("从版本记录里恢复这个文件夹。", "Restore the folder from the history."))
		}
		for u := range p.Units() {
			pos := in.Tree.TagPos(u.ID)
			if u.Kind == plan.Measure && len(u.Topics) == 0 && len(topics) > 0 {
				report(pos, diag.Text("%s 没有主题", "%s has no topic", u.ID),
					diag.Text(`请加上 topics="…"，本章的主题写在最前面。现有：%s`, `Add topics="…", its chapter's topic first. Topics: %s`, names(topics)))
			}
			for kind, list := range map[string][]string{"topics": u.Topics, "places": u.Places} {
				known := topics
				if kind == "places" {
					known = places
				}
				seen := map[string]bool{}
				for _, id := range list {
					if !known[id] && !why.hub(kind+"/"+id) {
						report(pos, diag.Text("%s：没有 content/%s/%s 这个文件夹", "%s: there is no content/%s/%s", u.ID, kind, id),
							diag.Text("请检查拼写，或先建立这个文件夹。现有：%s", "Check the spelling, or create that folder first. Known: %s", names(known)))
					}
					if seen[id] {
						report(pos, diag.Text("%s：%s 重复", "%s: %s is named twice", u.ID, id), diag.Text("请删去重复的一个。", "Remove one."))
					}
					seen[id] = true
				}
			}
		}
	},
}

func names(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}
