package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRecord follows a plan through what may happen to its sentences.
func TestRecord(t *testing.T) {
	unit := func(id ID, zh, en string) *Unit {
		return &Unit{ID: id, Text: Text{ZH: zh, EN: en}, Topics: []string{"ecology"}}
	}
	a, b, c := unit("s1-1", "甲。", "A."), unit("s1-2", "乙。", "B."), unit("s1-3", "丙。", "")
	p := &Plan{Preamble: []*Unit{a, b, c}}
	step := func(name string, r Recording, want ...string) {
		t.Helper()
		added := p.Record(r)
		p.History = append(p.History, added...)
		var got []string
		for _, v := range added {
			got = append(got, fmt.Sprintf("%s %s %s", v.ID, v.Date, v.Change))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %s\nwant %s", name, strings.Join(got, ", "), strings.Join(want, ", "))
		}
	}
	step("no day is known", Recording{Today: "2022-05-01", Edition: true})
	p.Editions = []Edition{{Date: "2022-04-13"}}
	step("the first edition", Recording{Today: "2022-05-01", Edition: true}, "s1-1 2022-04-13 text", "s1-2 2022-04-13 text", "s1-3 2022-04-13 text")
	step("nothing", Recording{Today: "2022-05-02"})
	if p.Unrecorded() != nil {
		t.Error(p.Unrecorded())
	}
	c.Text.EN = "C."
	if got := p.Unrecorded(); !slices.Equal(got, []ID{"s1-3"}) {
		t.Error(got)
	}
	step("a first translation", Recording{Today: "2022-05-03", Typing: true}, "s1-3 2022-05-03 translation")
	b.Text.EN = "Bee."
	step("another translation", Recording{Today: "2022-05-04"}, "s1-2 2022-05-04 translation")
	b.Text.EN = "Be."
	step("a slip of its", Recording{Today: "2022-05-04", Typing: true}, "s1-2 2022-05-04 erratum")
	a.Text.ZH = "甲呀。"
	p.Ledger = Ledger{{ID: "s1-1", State: Live, EnglishOf: Hash("甲。")}}
	step("a slip of the Chinese", Recording{Today: "2022-05-05"}, "s1-1 2022-05-05 erratum")
	if v := p.History[len(p.History)-1]; !v.Stale() {
		t.Errorf("the English is current: %+v", v)
	}
	p.Ledger[0].EnglishOf = Hash("甲呀。")
	step("its English holds", Recording{Today: "2022-05-06"}, "s1-1 2022-05-06 translation")

	// A new edition that became known after a change that is younger than it.
	p.Editions = append(p.Editions, Edition{Date: "2022-05-05"})
	a.Text.ZH, c.Text.ZH = "甲甲。", "丙丙。"
	p.Preamble = append(p.Preamble, unit("s1-4", "丁。", ""))
	step("a new edition", Recording{Today: "2022-06-01", Edition: true}, "s1-1 2022-06-01 text", "s1-3 2022-05-05 text", "s1-4 2022-05-05 text")
	p.Preamble = append(p.Preamble, unit("s1-5", "戊。", ""))
	step("a sentence that was overlooked", Recording{Today: "2022-06-02"}, "s1-5 2022-06-02 text")
	step("a clock that goes wrong", Recording{Today: "2022-06-01"})
	a.Text.EN = "Aye."
	step("a clock that goes wrong", Recording{Today: "2022-01-01"}, "s1-1 2022-06-01 translation")

	p.Preamble = []*Unit{a}
	p.Ledger = append(p.Ledger, Entry{ID: "s1-2", State: Withdrawn, To: []ID{"s1-1"}, Why: "并入"}, Entry{ID: "s1-3", State: Moved, To: []ID{"s1-4"}, Why: "改号"})
	step("sentences that went", Recording{Today: "2022-07-01"}, "s1-2 2022-07-01 withdrawn", "s1-3 2022-07-01 moved")
	if v := p.History[len(p.History)-1]; v.Why != "改号" || !slices.Equal(v.Tags, []string{"topics/ecology"}) || !v.Retired() {
		t.Errorf("%+v", v)
	}
	step("nothing", Recording{Today: "2022-07-02"})

	// Each row follows from the one before of its sentence.
	for id, versions := range p.History.By() {
		before := ""
		for _, v := range versions {
			if v.Sum != v.Seal(before) {
				t.Errorf("%s of %s does not follow", id, v.Date)
			}
			before = v.Sum
		}
	}
	if got := VersionNames(p.History.By()["s1-2"]); !slices.Equal(got, []string{"2022-04-13", "2022-05-04", "2022-05-04-2", ""}) {
		t.Error(got)
	}
}

// TestSeal wants every field of a version to be part of its checksum.
func TestSeal(t *testing.T) {
	v := Version{ID: "s1-1", Date: "2022-04-13", Change: Revised, Edition: "2022-04-13", Text: Text{ZH: "甲", EN: "A"}, EnglishOf: "x", To: []ID{"s1-2"}, Tags: []string{"topics/a"}, Why: "y"}
	sums := map[string]string{}
	for name, change := range map[string]func(*Version){
		"nothing": func(*Version) {}, "id": func(v *Version) { v.ID = "s1-2" }, "date": func(v *Version) { v.Date = "2022-04-14" },
		"change": func(v *Version) { v.Change = Erratum }, "edition": func(v *Version) { v.Edition = "" }, "zh": func(v *Version) { v.Text.ZH = "乙" },
		"en": func(v *Version) { v.Text.EN = "B" }, "of": func(v *Version) { v.EnglishOf = "" }, "to": func(v *Version) { v.To = nil },
		"tags": func(v *Version) { v.Tags = []string{"topics/b"} }, "why": func(v *Version) { v.Why = "z" },
		"between": func(v *Version) { v.Text = Text{ZH: "甲A"} },
	} {
		w := v
		change(&w)
		sum := w.Seal("")
		if other, has := sums[sum]; has {
			t.Errorf("%s and %s have the same checksum", name, other)
		}
		sums[sum] = name
	}
	if v.Seal("") == v.Seal("x") {
		t.Error("what came before is no part of it")
	}
}
