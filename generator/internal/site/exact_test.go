package site

import (
	"strings"
	"testing"

	"minxi/generator/internal/plan"
)

// TestClauses divides sentences at their punctuation, and joins what is too short.
func TestClauses(t *testing.T) {
	for _, c := range []struct {
		lang plan.Lang
		text string
		want string
	}{
		{plan.ZH, "推广龙岩长汀水土流失治理经验，支持长汀、宁化等国家水土保持示范县建设。", "推广龙岩长汀水土流失治理经验|支持长汀、宁化等国家水土保持示范县建设"},
		{plan.ZH, "到2025年，环境质量明显改善，更好。", "到2025年|环境质量明显改善，更好"}, // six characters, and two at the end
		{plan.ZH, "支持龙岩创建世界地质公园。", "支持龙岩创建世界地质公园"},
		{plan.EN, "Advance the conservation of mountains, rivers, lakes, and grasslands, and deepen the river chief system. Step up the protection of rivers.", "Advance the conservation of mountains|rivers, lakes, and grasslands, and deepen the river chief system|Step up the protection of rivers"},
		{plan.EN, "By 2025, spend 1,000 yuan on the wool-spinning trade.", "By 2025, spend 1,000 yuan on the wool-spinning trade"},
	} {
		runes := []rune(c.text)
		var got []string
		for _, s := range clausesOf(c.text, c.lang) {
			got = append(got, string(runes[s.from:s.to]))
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.text, strings.Join(got, "|"), c.want)
		}
	}
}
