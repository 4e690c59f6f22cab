package check

import (
	"strings"
	"testing"
	"testing/fstest"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// TestDocument compares configurations with what a plan prints about itself.
func TestDocument(t *testing.T) {
	for _, c := range []struct{ name, config, want string }{
		{"nothing known", "plan = ''\nnumber.zh = ''\npublished = ''", ""},
		{"no such table", "", ""},
		{"this plan's", "plan = '批复'\nnumber.zh = '国函〔2018〕159号'\nissuer.zh = '国家发展和改革委员会'\nsigned = '2018-12-25'\npublished = '2018-12-27'", ""},
		{"a date of TOML's own", "plan = '批复'\nsigned = 2018-12-25", ""},
		{"in English only", "plan = '批复'\nnumber.en = 'Guohan [2018] No. 159'", ""},
		{"another plan's", "number.zh = '发改振兴〔2022〕424号'\nplan = '方案'", "hugo.toml:3:8: the facts here are about 《方案》, and the plan is 《批复》"},
		{"nobody's", "number.zh = '发改振兴〔2022〕424号'", "hugo.toml:2:13: the facts here are about 《？》"},
		{"another number", "plan = '批复'\nnumber.zh = '国函〔2018〕158号'", "hugo.toml:3:13: number.zh is “国函〔2018〕158号”, and the plan itself prints “国函〔2018〕159号”"},
		{"another day", "plan = '批复'\nsigned = 2018-12-26", "hugo.toml:3:10: signed is"},
		{"another issuer", "plan = '批复'\nissuer.zh = '国务院'", "hugo.toml:3:13: issuer.zh is"},
		{"not TOML", "plan = '", ""},
	} {
		p := &plan.Plan{Title: plan.Text{ZH: "批复"}, Front: plan.Front{Under: []string{"国函〔2018〕159号"}, Closing: []string{"国家发展改革委", "2018年12月25日"}}}
		found := document.on(p, "[params.document]\n"+c.config+"\n[markup]\nplan = '别的'\n")
		var b strings.Builder
		found.Print(&b, plan.EN)
		if c.want == "" && b.Len() > 0 || !strings.Contains(b.String(), c.want) || len(found) > 1 {
			t.Errorf("%s: got %q, want %q", c.name, &b, c.want)
		}
	}
}

// on runs the check on a plan and a configuration.
func (c Check) on(p *plan.Plan, config string) (found diag.List) {
	c.Run(Input{FS: fstest.MapFS{configFile: {Data: []byte(config)}}, Tree: &content.Tree{Plan: p}}, func(pos diag.Pos, fact, hint plan.Text) {
		found = append(found, diag.Diagnostic{Pos: pos, Check: c.ID, Severity: c.Severity, Fact: fact, Hint: hint})
	})
	return found
}

// TestTaggingBegins wants one finding for a plan of which nothing is tagged, and
// one for each measure that is left once it has begun.
func TestTaggingBegins(t *testing.T) {
	for tagged, want := range []int{1, 2, 1, 0} {
		p := &plan.Plan{Topics: []*plan.Topic{{ID: "a"}}, Chapters: []*plan.Chapter{{Number: 1}}}
		for i := range 3 {
			u := &plan.Unit{ID: plan.NewID(plan.InChapter, 1, i+1), Chapter: 1, Kind: plan.Measure}
			if i < tagged {
				u.Topics = []string{"a"}
			}
			p.Chapters[0].Units = append(p.Chapters[0].Units, u)
		}
		if found := tags.on(p, ""); len(found) != want {
			t.Errorf("%d of 3 measures tagged: %v, want %d findings", tagged, found, want)
		}
	}
	p := &plan.Plan{Chapters: []*plan.Chapter{{Number: 1, Units: []*plan.Unit{{ID: "c1-1", Kind: plan.Measure}, {ID: "c1-2", Kind: plan.Measure}}}}}
	if found := tags.on(p, ""); len(found) > 0 {
		t.Errorf("a plan without topics: %v", found)
	}
}
