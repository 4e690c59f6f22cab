package plan

import (
	"slices"
	"testing"
)

// TestTermUses wants a term wherever its characters stand, once a unit, and not
// where they do not.
func TestTermUses(t *testing.T) {
	p := &Plan{
		Preamble: []*Unit{
			{ID: "p-1", Text: Text{ZH: "红色旅游公路和红色旅游，红色旅游。"}},
			{ID: "p-2", Text: Text{ZH: "红色公路。"}},
			{ID: "p-3", Text: Text{ZH: "长（汀）连（城）武（平）试验，公园（西段）。"}},
			{ID: "p-4", Text: Text{ZH: "长期连接城乡。"}},
		},
		Terms: []Term{{Text: Text{ZH: "红色旅游"}}, {Text: Text{ZH: "红色旅游公路"}}, {Text: Text{ZH: "公路"}}, {Text: Text{ZH: "铁路"}},
			{Text: Text{ZH: "连城"}}, {Text: Text{ZH: "长（汀）连（城）"}}, {Text: Text{ZH: "公园（西段）"}}, {Text: Text{ZH: "红色旅游"}}, {}},
	}
	uses := p.TermUses()
	for zh, want := range map[string][]ID{
		"红色旅游": {"p-1"}, "红色旅游公路": {"p-1"}, "公路": {"p-1", "p-2"}, "铁路": nil,
		"连城": {"p-3"}, "长（汀）连（城）": {"p-3"}, "公园（西段）": {"p-3"}, "": nil,
	} {
		if !slices.Equal(uses[zh], want) {
			t.Errorf("%s: %v, want %v", zh, uses[zh], want)
		}
	}
}

func TestSetTranslations(t *testing.T) {
	unit := func(id ID, zh, en string) *Unit { return &Unit{ID: id, Text: Text{zh, en}} }
	p := &Plan{Preamble: []*Unit{unit("p-1", "甲", "a"), unit("p-2", "乙", "b"), unit("p-3", "丙", ""), unit("p-4", "丁", "d")}}
	translations := func() (out []Translation) {
		p.SetTranslations()
		for _, u := range p.Preamble {
			out = append(out, u.Translation)
		}
		return out
	}
	if got := translations(); !slices.Equal(got, []Translation{Current, Current, Missing, Current}) {
		t.Errorf("without a ledger: %v", got)
	}
	p.Ledger = Ledger{{ID: "p-1", EnglishOf: Hash("甲")}, {ID: "p-2", EnglishOf: Hash("旧")}, {ID: "p-3", EnglishOf: Hash("丙")}}
	if got := translations(); !slices.Equal(got, []Translation{Current, Stale, Missing, Stale}) {
		t.Errorf("with a ledger: %v", got)
	}
}

func TestSimilarity(t *testing.T) {
	for _, c := range []struct {
		a, b      string
		low, high float64
	}{
		{"", "", 1, 1}, {"甲", "甲", 1, 1}, {"甲", "乙", 0, 0}, {"", "甲乙", 0, 0},
		{"推广龙岩长汀水土流失治理经验。", "推广龙岩长汀水土流失治理经验。", 1, 1},
		{"推广龙岩长汀水土流失治理经验，支持长汀、宁化等国家水土保持示范县建设。", "推广龙岩长汀水土流失治理的经验，支持长汀等国家水土保持示范县建设。", 0.8, 0.99},
		{"推广龙岩长汀水土流失治理经验，支持长汀、宁化等国家水土保持示范县建设。", "支持三明创建全国基础教育综合改革实验区。", 0, 0.2},
	} {
		if got := Similarity(c.a, c.b); got < c.low || got > c.high {
			t.Errorf("Similarity(%q, %q) = %.2f, want %.2f to %.2f", c.a, c.b, got, c.low, c.high)
		}
	}
}

func TestLedgerSorted(t *testing.T) {
	var ids []ID
	for _, e := range (Ledger{{ID: "s10-1"}, {ID: "s2-10"}, {ID: "c1-2"}, {ID: "s2-9"}, {ID: "p-1"}}).Sorted() {
		ids = append(ids, e.ID)
	}
	if want := []ID{"p-1", "c1-2", "s2-9", "s2-10", "s10-1"}; !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
}
