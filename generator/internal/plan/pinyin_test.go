package plan

import (
	"slices"
	"testing"
)

func TestSyllable(t *testing.T) {
	for s, want := range map[string]struct {
		plain string
		tone  int
	}{"cháng": {"chang", 2}, "Lǜ": {"lü", 4}, "lv": {"lü", 0}, "de": {"de", 0}, "ān": {"an", 1}, "jiǔ": {"jiu", 3}} {
		if plain, tone := Syllable(s); plain != want.plain || tone != want.tone {
			t.Errorf("%s: %s %d", s, plain, tone)
		}
	}
}

// TestIndexOrder wants terms under the letters where people look for them: 长汀
// under C, and 绿 after 路.
func TestIndexOrder(t *testing.T) {
	terms := []Term{
		{Text: Text{ZH: "绿色", EN: "“Green”"}, Pinyin: "lǜ sè"},
		{Text: Text{ZH: "长汀", EN: "Changting"}, Pinyin: "cháng tīng"},
		{Text: Text{ZH: "5G场景", EN: "5G scenarios"}, Pinyin: "chǎng jǐng"},
		{Text: Text{ZH: "路线", EN: "line, green"}, Pinyin: "lù xiàn"},
		{Text: Text{ZH: "“长征”", EN: "Long March"}, Pinyin: "cháng zhēng"},
		{Text: Text{ZH: "无读音", EN: "é"}},
		{Text: Text{ZH: "厂庭", EN: "changting"}, Pinyin: "chǎng tīng"},
	}
	for lang, want := range map[Lang]struct{ order, letters []string }{
		ZH: {[]string{"5G场景", "长汀", "厂庭", "“长征”", "路线", "绿色", "无读音"}, []string{Digits, "C", "C", "C", "L", "L", Unread}},
		EN: {[]string{"5G scenarios", "changting", "Changting", "“Green”", "line, green", "Long March", "é"}, []string{Digits, "C", "C", "G", "L", "L", Unread}},
	} {
		list := []int{0, 1, 2, 3, 4, 5, 6}
		IndexOrder(lang, terms, list)
		var order, letters []string
		for _, i := range list {
			order = append(order, terms[i].In(lang))
			letters = append(letters, terms[i].Letter(lang))
		}
		if !slices.Equal(order, want.order) || !slices.Equal(letters, want.letters) {
			t.Errorf("%s: %v under %v", lang, order, letters)
		}
	}
}
