package check

import (
	"bytes"
	"regexp"
	"strings"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// linked compares pages, which are written in each language by themselves: what
// a page rests on is the sentences that it links. A page that one language does
// not have yet is work to come.
var linked = Check{
	ID: "linked-sentences",
	Doc: plan.Text{
		ZH: "同一页面的中英文链接到方案的相同句子和章节，两种语言依据一致",
		EN: "a page links the same sentences, chapters and sections of the plan in both languages, so that what it rests on in one it rests on in the other",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		all := in.files()
		for _, zh := range all.list {
			name, isZH := strings.CutSuffix(zh.Name, ".zh.md")
			en := all.named(name + ".en.md")
			if !isZH || zh.InPlan() || en == nil || empty(zh) || empty(en) {
				continue
			}
			for _, a := range missingFrom(in.Tree, en, zh) {
				report(zh.At(a.DestinationAt), diag.Text("此处链接了 %s，英文页面没有这个链接", "this links %s, which the English page does not link", a.Destination),
					diag.Text("请在 %[1]s 中补上，写作 [英文](%[2]s)；或删去此处的链接。", "Add it to %[1]s as [text](%[2]s), or remove it here.", en.Name, a.Destination))
			}
			for _, a := range missingFrom(in.Tree, zh, en) {
				report(en.At(a.DestinationAt), diag.Text("此处链接了 %s，中文页面没有这个链接", "this links %s, which the Chinese page does not link", a.Destination),
					diag.Text("请在 %[1]s 中补上，写作 [文字](%[2]s)；或删去此处的链接。", "Add it to %[1]s as [text](%[2]s), or remove it here.", zh.Name, a.Destination))
			}
		}
	},
}

// empty reports that nothing follows the front matter.
func empty(f *content.Document) bool { return len(bytes.TrimSpace(f.Data[f.Body:])) == 0 }

// missingFrom lists the ids that file f links and other does not, each where f
// links it first.
func missingFrom(t *content.Tree, other, f *content.Document) []content.Mark {
	seen := map[string]bool{}
	for _, a := range planLinks(t, other) {
		seen[a.Destination] = true
	}
	var missing []content.Mark
	for _, a := range planLinks(t, f) {
		if !seen[a.Destination] {
			seen[a.Destination] = true
			missing = append(missing, a)
		}
	}
	return missing
}

// inPlan is the address of the plan, of a chapter or section, or of a unit.
var inPlan = regexp.MustCompile(`^/(?:zh|en)/(?:plan|m)/(?:([^/]+)/)?$`)

// planLinks are the links of a page to sentences, chapters and sections of the
// plan, with their ids as destinations, however the links are written.
func planLinks(t *content.Tree, f *content.Document) []content.Mark {
	var list []content.Mark
	for _, a := range addresses(f) {
		if a.outside() {
			continue
		}
		if !isID(f, a.Mark) {
			target, fragment := leadsTo(t, f, a.Destination)
			m := inPlan.FindStringSubmatch(target)
			if m == nil {
				continue
			}
			if a.Destination = fragment; fragment == "" {
				a.Destination = m[1]
			}
			if !idLike.MatchString(a.Destination) {
				continue
			}
		}
		list = append(list, a.Mark)
	}
	return list
}
