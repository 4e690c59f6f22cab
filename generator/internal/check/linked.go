package check

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// linked compares pages, which are written in each language by themselves: what
// a page rests on is the sentences that it links. A page that one language does
// not have yet is work to come.
var linked = Check{
	ID: "linked-sentences",
	Doc: plan.Text{
		ZH: "同一页面的中文和英文链接到方案的相同句子、章节，依据在一种语言里有，在另一种语言里也有",
		EN: "a page links the same sentences, chapters and sections of the plan in both languages, so that what it rests on in one it rests on in the other",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		all := in.files()
		for _, zh := range all.list {
			name, isZH := strings.CutSuffix(zh.name, ".zh.md")
			en := all.byName[name+".en.md"]
			if !isZH || zh.isPlan() || en == nil || zh.empty() || en.empty() {
				continue
			}
			for _, a := range missingFrom(en, zh) {
				report(zh.at(a.toStart), diag.Text("这里链接 %s，英文页面没有链接它", "this links %s, which the English page does not link", a.to),
					diag.Text("在 %[1]s 里补上这一处，写成 [英文](%[2]s)；或从这里删去。", "Add it to %[1]s as [text](%[2]s), or remove it here.", en.name, a.to))
			}
			for _, a := range missingFrom(zh, en) {
				report(en.at(a.toStart), diag.Text("这里链接 %s，中文页面没有链接它", "this links %s, which the Chinese page does not link", a.to),
					diag.Text("在 %[1]s 里补上这一处，写成 [文字](%[2]s)；或从这里删去。", "Add it to %[1]s as [text](%[2]s), or remove it here.", zh.name, a.to))
			}
		}
	},
}

// empty reports that nothing follows the front matter.
func (f *file) empty() bool { return len(bytes.TrimSpace(f.data[f.body:])) == 0 }

// missingFrom lists the ids that file f links and other does not, each where f
// links it first.
func missingFrom(other, f *file) []reference {
	seen := map[string]bool{}
	for _, a := range other.planLinks() {
		seen[a.to] = true
	}
	var missing []reference
	for _, a := range f.planLinks() {
		if !seen[a.to] {
			seen[a.to] = true
			missing = append(missing, a)
		}
	}
	return missing
}

// inPlan is the address of the plan, of a chapter or section, or of a unit.
var inPlan = regexp.MustCompile(`^/(?:zh|en)/(?:plan|m)/(?:([^/]+)/)?$`)

// planLinks are the links of a page to sentences, chapters and sections of the
// plan, with their ids as destinations, however the links are written.
func (f *file) planLinks() []reference {
	var list []reference
	for _, a := range f.addresses() {
		to := strings.Map(printing, html.UnescapeString(a.to))
		if !a.isID(f, to) {
			target, fragment := f.leadsTo(to)
			m := inPlan.FindStringSubmatch(target)
			if m == nil {
				continue
			}
			if to = fragment; to == "" {
				to = m[1]
			}
			if !idLike.MatchString(to) {
				continue
			}
		}
		a.to = to
		list = append(list, a)
	}
	return list
}
