package compare

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// show writes spans as [-gone-]{+new+}.
func show(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.Op {
		case Same:
			b.WriteString(s.Text)
		case Gone:
			b.WriteString("[-" + s.Text + "-]")
		case New:
			b.WriteString("{+" + s.Text + "+}")
		}
	}
	return b.String()
}

func TestWords(t *testing.T) {
	terms := []string{"水土流失", "示范县", "长汀"}
	for _, c := range [][3]string{
		{"", "", ""},
		{"治理水土。", "治理水土。", "治理水土。"},
		{"", "治理水土。", "{+治理水土。+}"},
		{"治理水土。", "", "[-治理水土。-]"},
		{"治理水土。", "治理好水土。", "治理{+好+}水土。"},
		{"支持长汀建设。", "支持宁化建设。", "支持[-长汀-]{+宁化+}建设。"},
		{"推广水土流失治理经验", "推广水土保持治理经验", "推广[-水土流失-]{+水土保持+}治理经验"}, // a term is one word
		{"推广水土流失经验", "推广水土综合流失经验", "推广水土{+综合+}流失经验"},           // but not where it got longer
		{"建设示范县", "建设示范县市区", "建设示范县{+市区+}"},
		{"到2025年", "到2030年", "到[-2025-]{+2030+}年"},
		{"Support Changting in this.", "Support Ninghua in all of this.", "Support [-Changting-]{+Ninghua+} in{+ all of+} this."},
		{"Longyan’s counties", "Longyan counties", "[-Longyan’s-]{+Longyan+} counties"},
	} {
		if got := show(Words(c[0], c[1], terms)); got != c[2] {
			t.Errorf("%q, %q:\ngot  %s\nwant %s", c[0], c[1], got, c[2])
		}
	}
}

// TestManyWords goes beyond the numbers that are no characters.
func TestManyWords(t *testing.T) {
	var a strings.Builder
	for r := rune(0x3400); r < 0x3400+0xE000; r++ {
		if r < surrogates || r >= after {
			a.WriteRune(r)
		}
	}
	if got := Words(a.String(), a.String()+"末", nil); len(got) != 2 || got[1].Text != "末" {
		t.Errorf("%d spans", len(got))
	}
}

// FuzzWords wants both texts back out of the spans.
func FuzzWords(f *testing.F) {
	f.Add("治理水土。", "治理好水土。", "水土")
	f.Add("a b", "a c b", "")
	f.Fuzz(func(t *testing.T, old, new, term string) {
		if !utf8.ValidString(old) || !utf8.ValidString(new) || len(old)+len(new) > 2000 {
			return
		}
		var a, b strings.Builder
		spans := Words(old, new, []string{term})
		for _, s := range spans {
			if s.Op != New {
				a.WriteString(s.Text)
			}
			if s.Op != Gone {
				b.WriteString(s.Text)
			}
		}
		if a.String() != old || b.String() != new {
			t.Errorf("%q %q: %s", old, new, show(spans))
		}
		if slices.ContainsFunc(spans, func(s Span) bool { return s.Text == "" }) {
			t.Error("an empty span")
		}
	})
}
