package check

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var invisible = Check{
	ID: "invisible",
	Doc: plan.Text{
		ZH: "没有看不见的字符：零宽字符、双向控制符、软连字符、变体选择符、控制字符、私用区字符、替换字符",
		EN: "no characters that cannot be seen: zero-width, bidirectional and control characters, soft hyphens, variation selectors, private use, replacement characters",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		for _, f := range in.files().list {
			for i := 0; i < len(f.Data); {
				if c := f.Data[i]; c < utf8.RuneSelf && !content.Control(rune(c)) {
					i++
					continue
				}
				r, n := utf8.DecodeRune(f.Data[i:])
				if what, bad := content.Unseen(r); bad && !(r == '\ufeff' && i == 0) {
					report(f.At(i), diag.Text("此处有不可见字符：%[2]s（%[1]s）", "there is a character here that cannot be seen: %[3]s (%[1]s)", fmt.Sprintf("U+%04X", r), what.ZH, what.EN),
						diag.Text("请删除；从其他文件复制的内容，请粘贴为纯文本。", "Delete it; paste text from elsewhere as plain text."))
				}
				i += n
			}
			for _, m := range entities(f) {
				for _, r := range content.Meaning(string(f.Data[m.Start:m.End])) {
					if what, bad := content.Unseen(r); bad {
						report(f.At(m.Start), diag.Text("此处的 %[4]s 是不可见字符：%[2]s（%[1]s）", "%[4]s is a character that cannot be seen: %[3]s (%[1]s)", fmt.Sprintf("U+%04X", r), what.ZH, what.EN, string(f.Data[m.Start:m.End])),
							diag.Text("请删除。", "Delete it."))
					}
				}
			}
		}
	},
}

// entities are the entities of a document that become characters on the page, in
// the text as well as in addresses and titles.
func entities(f *content.Document) []content.Mark {
	var list []content.Mark
	for _, m := range f.Marks() {
		switch m.Kind {
		case content.Entity:
			list = append(list, m)
		case content.Link, content.Image:
			list = append(list, f.Entities(content.Span{Start: m.Text.End, End: m.End})...)
		case content.Definition:
			list = append(list, f.Entities(content.Span{Start: m.Text.End, End: m.DestinationAt + lineLength(f.Data[m.DestinationAt:])})...)
		}
	}
	return list
}

func lineLength(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i
	}
	return len(b)
}

var lookalikes = Check{
	ID: "lookalikes",
	Doc: plan.Text{
		ZH: "没有形近混用的字符：拉丁词中的西里尔或希腊字母、部首和兼容汉字、全角字母和数字",
		EN: "no character that passes for another: Cyrillic or Greek letters in Latin words, radicals and compatibility ideographs, full-width letters and digits",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		for _, f := range in.files().list {
			word := -1 // start of the current run of letters
			for i := 0; i < len(f.Data); {
				if c := f.Data[i]; c < utf8.RuneSelf {
					if !isLatin(rune(c)) {
						word = -1
					} else if word < 0 {
						word = i
					}
					i++
					continue
				}
				r, n := utf8.DecodeRune(f.Data[i:])
				if !unicode.IsLetter(r) || unicode.Is(unicode.Han, r) {
					word = -1
				} else if word < 0 {
					word = i
				}
				if proper, is := passesFor(r); is {
					hint := diag.Text("请改用常用字符。", "Write the usual character.")
					if proper != 0 {
						hint = diag.Text("改为“%s”（%s）。", "Write “%s” (%s).", string(proper), fmt.Sprintf("U+%04X", proper))
					}
					report(f.At(i), diag.Text("“%s”（%s）不是常用字符，只是字形相同", "“%s” (%s) only looks like the usual character", string(r), fmt.Sprintf("U+%04X", r)), hint)
				} else if latin := latinTwins[r]; latin != 0 && latinWord(f.Data, word, i+n) {
					report(f.At(i), diag.Text("“%[1]s”（%[2]s）是%[4]s字母，看起来像拉丁字母 %[3]s", "“%[1]s” (%[2]s) is a %[5]s letter that looks like the Latin %[3]s",
						string(r), fmt.Sprintf("U+%04X", r), string(latin), alphabet(r).ZH, alphabet(r).EN),
						diag.Text("改为 %s。", "Write %s.", string(latin)))
				}
				i += n
			}
		}
	},
}

func isLatin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// latinWord reports whether the letters from start on, read past the one that
// ends at upTo, have a Latin one among them or are all twins of Latin letters.
func latinWord(data []byte, start, upTo int) bool {
	twins := 0
	for i := start; i >= 0 && i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if !unicode.IsLetter(r) || unicode.Is(unicode.Han, r) {
			return i >= upTo && twins > 1
		}
		switch {
		case unicode.Is(unicode.Latin, r):
			return true
		case latinTwins[r] == 0:
			return false // a word of another language
		}
		twins++
		i += n
	}
	return twins > 1
}

func alphabet(r rune) plan.Text {
	if unicode.Is(unicode.Greek, r) {
		return plan.Text{ZH: "希腊", EN: "Greek"}
	}
	return plan.Text{ZH: "西里尔", EN: "Cyrillic"}
}

// latinTwins are letters that no reader can tell from the Latin ones.
var latinTwins = pairUp(
	"АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιν",
	"ABESIJKMHOPCTYXaesijopcyxdhqwABEZHIKMNOPTYXoiv")

func pairUp(from, to string) map[rune]rune {
	m := map[rune]rune{}
	t := []rune(to)
	for i, r := range []rune(from) {
		m[r] = t[i]
	}
	return m
}

// radicals are the characters that U+2F00 to U+2FD5 pass for, in order.
const radicals = "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠"

// radicalOf is radicals by code point.
var radicalOf = func() map[rune]rune {
	m := map[rune]rune{}
	r := rune(0x2f00)
	for _, proper := range radicals {
		m[r] = proper
		r++
	}
	return m
}()

// passesFor reports whether r is a compatibility form of an ordinary character,
// and of which, where it is known.
func passesFor(r rune) (proper rune, is bool) {
	switch {
	case radicalOf[r] != 0:
		return radicalOf[r], true
	case r >= 0x2e80 && r <= 0x2ef3, // radicals supplement
		r >= 0xf900 && r <= 0xfaff && !strings.ContainsRune(unifiedInCompatibility, r),
		r >= 0x2f800 && r <= 0x2fa1f:
		return 0, true
	case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
		return r - 'Ａ' + 'A', true
	}
	return 0, false
}

// unifiedInCompatibility are the twelve ordinary ideographs among the
// compatibility ones (Unicode Standard, table 18-11).
const unifiedInCompatibility = "﨎﨏﨑﨓﨔﨟﨡﨣﨤﨧﨨﨩"
