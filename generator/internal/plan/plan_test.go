package plan

import "testing"

func TestNumeral(t *testing.T) {
	for n, want := range map[int]string{
		1: "一", 9: "九", 10: "十", 11: "十一", 20: "二十", 22: "二十二", 99: "九十九",
		100: "一百", 101: "一百零一", 110: "一百一十", 1000: "一千", 1005: "一千零五", 1050: "一千零五十",
		10000: "一万", 10010: "一万零一十", 100000: "十万", 123456: "十二万三千四百五十六", 200003: "二十万零三",
		0: "", -1: "", 100_000_000: "",
	} {
		if got := Numeral(n); got != want {
			t.Errorf("Numeral(%d) = %q, want %q", n, got, want)
		}
	}
	for n := 1; n < 300_000; n += 7 {
		if got, ok := ParseNumeral(Numeral(n)); !ok || got != n {
			t.Fatalf("ParseNumeral(%q) = %d, %v; want %d", Numeral(n), got, ok, n)
		}
	}
	for _, s := range []string{"", "零", "一十二", "二二", "三明", "十十", "百", "一百一", "万", "两", "一百零", "壹"} {
		if n, ok := ParseNumeral(s); ok {
			t.Errorf("ParseNumeral(%q) = %d; it is not a heading's numeral", s, n)
		}
	}
}

func TestID(t *testing.T) {
	for _, c := range []struct {
		id    ID
		d     Division
		of, n int
	}{{"p-1", InPreamble, 0, 1}, {"c1-4", InChapter, 1, 4}, {"s22-6", InSection, 22, 6}} {
		d, of, n, err := c.id.Parse()
		if err != nil || d != c.d || of != c.of || n != c.n {
			t.Errorf("%s.Parse() = %c %d %d %v", c.id, d, of, n, err)
		}
		if got := NewID(d, of, n); got != c.id {
			t.Errorf("NewID(%c, %d, %d) = %s, want %s", d, of, n, got, c.id)
		}
	}
	for _, id := range []ID{"", "-", "p", "p-", "p-0", "p-01", "p1-1", "c-1", "c1", "x1-1", "s+1-1", "s1--1", "s1-1 ", "S1-1", "s1-1234567890"} {
		if _, _, _, err := id.Parse(); err == nil {
			t.Errorf("%q.Parse() gave no error", id)
		}
	}
}

func FuzzID(f *testing.F) {
	for _, s := range []string{"p-1", "c1-2", "s22-6", "s0-1", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, of, n, err := ID(s).Parse()
		if err == nil && NewID(d, of, n) != ID(s) {
			t.Errorf("%q parses, but is written %q", s, NewID(d, of, n))
		}
	})
}

func TestOfficial(t *testing.T) {
	u := func(s string, para bool) *Unit { return &Unit{Text: Text{ZH: s}, NewParagraph: para} }
	p := &Plan{
		Title:    Text{ZH: "方案"},
		Front:    Front{Cover: []string{"通知"}, Under: []string{"〔2022〕1号"}, Closing: []string{"国务院"}},
		Preamble: []*Unit{u("序。", false)},
		Chapters: []*Chapter{
			{Number: 1, Title: Text{ZH: "意义"}, Units: []*Unit{u("甲。", false), u("乙。", false), u("丙。", true)}},
			{Number: 2, Title: Text{ZH: "要求"}, Sections: []*Section{
				{Label: 1, Title: Text{ZH: "思想"}, Stop: "。", Units: []*Unit{u("丁。", false)}},
				{Label: 2, Title: Text{ZH: "原则"}, Units: []*Unit{u("戊。", false)}},
			}},
		},
	}
	const want = "通知\n方案\n〔2022〕1号\n序。\n一、意义\n甲。乙。\n丙。\n二、要求\n（一）思想。丁。\n（二）原则\n戊。\n国务院"
	if got := p.Official(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := p.Count(); n != (Counts{Chapters: 2, Sections: 2, Units: 6}) {
		t.Errorf("Count() = %+v", n)
	}
}
