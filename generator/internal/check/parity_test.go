package check

import "testing"

// TestUnwritten holds what is no English against English that only sounds like it.
func TestUnwritten(t *testing.T) {
	for en, want := range map[string]bool{
		"TODO":                  true,
		"Support Longyan. TODO": true,
		"[to be translated]":    true,
		"tbd":                   true,
		"待译":                    true,
		"支持龙岩创建国家森林城市。":          true,
		"支持龙岩 as a forest city.": false, // foreign text inside English is told by itself
		"":                       false,
		"Support Longyan.":       false,
		"Select works to be translated into other languages.": false,
		"Protect the 永定 (Yongding) tulou.":                    false,
	} {
		if got := isUnwritten(en); got != want {
			t.Errorf("%q: %v", en, got)
		}
	}
}
