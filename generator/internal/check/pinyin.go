package check

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// pronounced wants the readings by which the Chinese index of terms is ordered.
// Which one a character has in a term, a table cannot know: 长汀 is Changting. So
// it proposes, and a person decides.
var pronounced = Check{
	ID: "pinyin",
	Doc: plan.Text{
		ZH: "术语表每个术语有读音（pinyin 一列），一个汉字一个音节，都是那个字的读音",
		EN: "each term of the termbase has its reading (column pinyin), a syllable for each Chinese character and one that this character has",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		for _, t := range in.Tree.Plan.Terms {
			characters, syllables := han(t.ZH), strings.Fields(t.Pinyin)
			if len(characters) == 0 && len(syllables) == 0 {
				continue
			}
			proposal, doubts := proposed(characters)
			hint := plan.Text{ZH: "pinyin 一列写 " + proposal + doubts.ZH + "。", EN: "Write " + proposal + " in the column pinyin" + doubts.EN + "."}
			pos := in.Tree.TermPos(t.ZH)
			switch {
			case len(syllables) == 0:
				report(pos, diag.Text("术语“%s”没有读音", "the term “%s” has no reading", t.ZH), hint)
				continue
			case len(syllables) != len(characters):
				report(pos, diag.Text("术语“%s”有 %d 个汉字，读音有 %d 个音节", "the term “%s” has %d Chinese characters and its reading %d syllables", t.ZH, len(characters), len(syllables)), hint)
				continue
			}
			for i, s := range syllables {
				if !readAs(characters[i], s) {
					report(pos, diag.Text("术语“%[1]s”的读音里，“%[2]s”不读 %[3]s", "in the reading of “%[1]s”, “%[2]s” is not read %[3]s", t.ZH, string(characters[i]), s), hint)
					break
				}
			}
		}
	},
}

func han(s string) (list []rune) {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			list = append(list, r)
		}
	}
	return list
}

// spoken are the readings of a character, the usual one first; none of one that the
// table does not have.
func spoken(c rune) []string {
	list := strings.Split(pinyin.PinyinDict[int(c)], ",")
	if list[0] == "" {
		return nil
	}
	return list
}

// readAs reports whether a character has a reading, whatever the tone: 一 and 不
// change theirs, and 子 loses it.
func readAs(c rune, syllable string) bool {
	plain, _ := plan.Syllable(syllable)
	for _, r := range plain {
		if (r < 'a' || r > 'z') && r != 'ü' {
			return false
		}
	}
	list := spoken(c)
	return list == nil || slices.ContainsFunc(list, func(s string) bool {
		one, _ := plan.Syllable(s)
		return one == plain
	})
}

// proposed is the usual reading of some characters, and a note on those that have
// others.
func proposed(characters []rune) (reading string, doubts plan.Text) {
	var usual, others []string
	for _, c := range characters {
		list := spoken(c)
		if list == nil {
			usual = append(usual, string(c))
			continue
		}
		if note := string(c) + " " + strings.Join(list, "/"); len(list) > 1 && !slices.Contains(others, note) {
			others = append(others, note)
		}
		usual = append(usual, list[0])
	}
	if len(others) > 0 {
		doubts = diag.Text("；多音字按词义选：%s", ", choosing by the sense where a character has several readings: %s", strings.Join(others, ", "))
	}
	return strings.Join(usual, " "), doubts
}
