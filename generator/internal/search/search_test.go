package search

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/plan"
)

func sample() Input {
	p := &plan.Plan{
		Preamble: []*plan.Unit{{ID: "p-1", Kind: plan.Context, Text: plan.Text{ZH: "为长（汀）连（城）制定。", EN: "Made for Changting."}}},
		Chapters: []*plan.Chapter{{Number: 1, Title: plan.Text{ZH: "医疗", EN: "Healthcare"}, Units: []*plan.Unit{
			{ID: "c1-1", Kind: plan.Measure, Chapter: 1, Places: []string{"changting", "nowhere"}, Topics: []string{"ecology"}, Text: plan.Text{ZH: "发展铁路。", EN: "Develop the development of railways."}},
		}}},
		Topics: []*plan.Topic{{ID: "ecology", Title: plan.Text{ZH: "生态", EN: "Ecology"}}},
		Places: []*plan.Place{{ID: "changting", Title: plan.Text{ZH: "长汀县", EN: "Changting County"}, Name: plan.Text{ZH: "长汀", EN: "Changting"}}},
		Terms: []plan.Term{
			{Text: plan.Text{ZH: "铁路网", EN: "railway network"}, Forbidden: []string{"railways network", "iron road"}, Also: []plan.Alias{{Word: "火车", For: "铁路"}, {Word: "动车", For: "铁路"}, {Word: "trains", For: "铁路网"}}},
			{Text: plan.Text{ZH: "没有列出", EN: "not listed"}, Also: []plan.Alias{{Word: "无", For: "没有"}}},
		},
	}
	return Input{Plan: p, Others: []Other{{Kind: Term, Title: p.Terms[0].Text, Path: plan.Text{ZH: "glossary/3/#t-railway-network", EN: "glossary/7/#t-railway-network"}}}}
}

func TestData(t *testing.T) {
	got, err := New(sample()).Data()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := New(sample()).Data()
	if !bytes.Equal(got, again) {
		t.Error("not the same bytes twice")
	}
	for _, want := range []string{
		`minxiSearch({"units":[["p-1",-1,"为长（汀）连（城）制定。","Made for Changting.",[],[]],["c1-1",0,"发展铁路。","Develop the development of railways.",[0],[0]]],"context":[0]`,
		`"terms":"铁路网\trailway network\ttrains|iron road","pages":["3","7"]`, // without what is found anyway
		`"also":"火车|动车\t铁路"`,                                                 // of one meaning together
		`"stems":["develop development"]`,                                    // what endings do not tell
		"發发", "鐵铁", "chang长", "zhang长", "tie铁", "lu路",                        // as far as the plan has them
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	for _, not := range []string{"railways network", "没有列出", "龍龙", "long龙"} {
		if strings.Contains(string(got), not) {
			t.Errorf("%s is not of this plan", not)
		}
	}
}

// TestLists holds lists of units to what is read from them, in both ways to write
// them.
func TestLists(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{1, 7, 1000, 50_000} {
		for _, share := range []int{1, 2, 9, 500} {
			var list []uint32
			for i := range n {
				if random.IntN(share) == 0 {
					list = append(list, uint32(i))
				}
			}
			if got := decode(encode(list, n)); !slices.Equal(got, list) {
				t.Errorf("one in %d of %d: %d numbers become %d", share, n, len(list), len(got))
			}
		}
	}
}

func decode(s string) (list []uint32) {
	if bits, is := strings.CutPrefix(s, "~"); is {
		for i, c := range bits {
			v := strings.IndexRune(digits, c)
			for b := range 6 {
				if v>>b&1 == 1 {
					list = append(list, uint32(i*6+b))
				}
			}
		}
		return list
	}
	next, d := uint32(0), uint32(0)
	for _, c := range s {
		v := uint32(strings.IndexRune(digits, c))
		d = d<<5 | v&31
		if v&32 == 0 {
			list = append(list, next+d)
			next, d = next+d+1, 0
		}
	}
	return list
}
