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
		ZH: "每条措施至少有一个主题；主题、地方和要做事的机构都有自己的页面，且不重复",
		EN: "every measure has a topic; every topic, place and body has its hub and is named once",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		p := in.Tree.Plan
		known := hubsOf(p)
		topics := known["topics"]
		why := in.causes()
		told := map[string]bool{}
		for hub, n := range why.missing {
			folder, pos := "content/"+hub, diag.Pos{File: "content/" + hub}
			kind, _, _ := strings.Cut(hub, "/")
			if len(known[kind]) == 0 {
				if told[kind] {
					continue
				}
				told[kind] = true
				folder, pos, n = "content/"+kind, diag.Pos{File: "content/" + kind}, 0
				for u := range p.Units() {
					if len(tagsOf(u)[kind]) > 0 {
						n++
					}
				}
			}
			report(pos, diag.Text("缺少 %[1]s，而 %[2]d 句有它的标签", "%[1]s is missing, and %[2]d sentences are tagged with it", folder, n),
				diag.Text("从版本记录里恢复这个文件夹。", "Restore the folder from the history."))
		}
		for _, b := range p.Bodies {
			if b.Place != "" && !known["places"][b.Place] && !why.hub("places/"+b.Place) && len(known["places"]) > 0 {
				report(in.Tree.FilePos("bodies/"+b.ID+"/_index", plan.ZH),
					diag.Text("place 写的“%[1]s”不是 content/places 里的地方", "its place, “%[1]s”, is none of content/places", b.Place),
					diag.Text("写它是哪个地方的政府（文件夹名）；不是地方政府就删去这一行。", "Write the folder of the place that it governs, or take the line out."))
			}
		}
		tagged, measures := false, p.Count().Measures
		for u := range p.Units() {
			tagged = tagged || len(u.Topics) > 0
		}
		for u := range p.Units() {
			pos := in.Tree.TagPos(u.ID)
			switch {
			case u.Kind != plan.Measure || len(u.Topics) > 0 || len(topics) == 0:
			case !tagged && measures > 1: // tagging has not begun, which is one thing to know
				report(pos, diag.Text("%d 条措施都还没有主题，这是第一条", "none of %d measures has a topic; this is the first", measures),
					diag.Text(`每条加上 topics="…"。现有：%s`, `Add topics="…" to each. Topics: %s`, names(topics)))
				measures = 0
			case !tagged && measures == 0:
			default:
				report(pos, diag.Text("%s 没有主题", "%s has no topic", u.ID),
					diag.Text(`请加上 topics="…"，本章的主题写在最前面。现有：%s`, `Add topics="…", its chapter's topic first. Topics: %s`, names(topics)))
			}
			for kind, list := range tagsOf(u) {
				known := known[kind]
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

// hubsOf lists the hubs of a plan by their kind.
func hubsOf(p *plan.Plan) map[string]map[string]bool {
	known := map[string]map[string]bool{"topics": {}, "places": {}, "bodies": {}}
	for _, t := range p.Topics {
		known["topics"][t.ID] = true
	}
	for _, pl := range p.Places {
		known["places"][pl.ID] = true
	}
	for _, b := range p.Bodies {
		known["bodies"][b.ID] = true
	}
	return known
}

// tagsOf are the tags of a unit by the kind of their hubs.
func tagsOf(u *plan.Unit) map[string][]string {
	return map[string][]string{"topics": u.Topics, "places": u.Places, "bodies": u.Bodies}
}

func names(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}
