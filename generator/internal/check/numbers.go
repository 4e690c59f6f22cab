package check

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var numbers = Check{
	ID: "numbers",
	Doc: plan.Text{
		ZH: "年份、数字和“十四五”“十九大”等序数，中英文一致，不多不少",
		EN: "years, figures and numbers in words such as 十四五 (14th) and 十九大 (19th) are the same in both languages, none lost and none added",
	},
	Severity: diag.Error,
	Run:      sentences(judgeNumbers),
}

func judgeNumbers(in Input, r *reading, report Report) {
	compareNumbers(r, report, func(i int) diag.Pos { return in.files().locate(r.enPos, r.text.EN, i) })
}

// compareNumbers tells what numbers one language has and the other does not; at
// is the place of a byte of the English.
func compareNumbers(r *reading, report Report, at func(int) diag.Pos) {
	zh, en := chineseNumbers(r), englishNumbers(r.text.EN, r.words)
	hint := diag.Text("请核对两种语言的数字和年份。", "Compare the numbers and years of the two languages.")
	for _, n := range zh {
		if n.demanded && !slices.ContainsFunc(en, n.same) {
			fact := diag.Text("英文缺少“%[1]s”中的数字 %[2]s", "the English has no %[2]s for %[1]s", n.text, n.value)
			if n.text == n.value {
				fact = diag.Text("英文缺少数字 %[1]s", "the English has no %[1]s", n.value)
			}
			report(r.enPos, r.about(fact), hint)
		}
	}
	for _, n := range en {
		if !slices.ContainsFunc(zh, n.same) {
			report(at(n.start), r.about(diag.Text("英文有“%s”，中文没有这个数字", "the English has “%s”, a number that the Chinese does not have", n.text)), hint)
		}
	}
}

// number is a number that a text says.
type number struct {
	value    string // in decimal digits; a letter that belongs to it follows, as in 5G
	text     string // as written
	start    int    // byte offset
	demanded bool   // in Chinese: the English must have it, rather than may
}

func (n number) same(m number) bool { return n.value == m.value }

// chineseFigures finds arabic figures with what multiplies them.
var chineseFigures = regexp.MustCompile(`([0-9]+(?:[,，][0-9]{3})*(?:\.[0-9]+)?)([A-Z]\b)?([十百千万亿]*)`)

// hanNumbers finds numerals in characters. The count word tells a number from
// characters that only look like one: 三个 counts, 三明 does not.
var hanNumbers = regexp.MustCompile(`([〇零一二两三四五六七八九十百千万亿双]+)(大|届|中全会|[年月日号天个项条种类家所座处批市县区省方级章节次倍成岁人亩吨元]|公里|平方)?`)

// chineseNumbers finds the numbers of a reading's Chinese. A numeral inside a
// term is part of its name and need not be a number in English, unless it is
// one of the congresses and five-year plans, which are.
func chineseNumbers(r *reading) []number {
	s := r.text.ZH
	var found []number
	if strings.ContainsAny(s, "0123456789") {
		for _, m := range chineseFigures.FindAllStringSubmatchIndex(s, -1) {
			value := noCommas.Replace(s[m[2]:m[3]])
			if m[4] >= 0 {
				value += s[m[4]:m[5]]
			}
			for _, c := range s[m[6]:m[7]] {
				value = shift(value, zeros[c])
			}
			found = append(found, number{value: value, text: s[m[0]:m[1]], start: m[0], demanded: true})
		}
	}
	for _, m := range hanNumbers.FindAllStringSubmatchIndex(s, -1) {
		digits, counted := s[m[2]:m[3]], ""
		if m[4] >= 0 {
			counted = s[m[4]:m[5]]
		}
		add := func(value int, demanded bool) {
			if value > 0 {
				found = append(found, number{value: strconv.Itoa(value), text: s[m[0]:m[1]], start: m[0], demanded: demanded})
			}
		}
		if ten, ok := strings.CutSuffix(digits, "五"); ok && hanValue(ten) > 10 && hanValue(digits) == 0 {
			add(hanValue(ten), true) // 十四五 is the fourteenth plan of five years
			add(5, false)
			continue
		}
		congress := counted == "大" && hanValue(digits) > 10 || counted == "届"
		if digits == "八一" {
			add(8, true) // August 1
			add(1, true)
			continue
		}
		value := hanValue(digits)
		add(value, congress || counted != "" && counted != "大" && value > 1 && !r.insideTerm(m[0]))
		for _, c := range digits {
			add(hanValue(string(c)), false)
		}
	}
	return found
}

var zeros = map[rune]int{'十': 1, '百': 2, '千': 3, '万': 4, '亿': 8}

// shift multiplies a decimal by ten to the n, digit by digit.
func shift(value string, n int) string {
	whole, part, _ := strings.Cut(value, ".")
	for ; n > 0; n-- {
		if part == "" {
			whole += "0"
			continue
		}
		whole, part = whole+part[:1], part[1:]
	}
	if part = strings.TrimRight(part, "0"); part != "" {
		part = "." + part
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	return whole + part
}

var (
	plainNumeral = strings.NewReplacer("〇", "零", "两", "二", "双", "二")
	noCommas     = strings.NewReplacer(",", "", "，", "")
)

// hanValue reads a numeral in characters, or a year written digit by digit; 0
// if s is neither.
func hanValue(s string) int {
	s = plainNumeral.Replace(s)
	if n, ok := plan.ParseNumeral(s); ok {
		return n
	}
	const digits = "零一二三四五六七八九"
	if utf8.RuneCountInString(s) != 4 {
		return 0
	}
	n := 0
	for _, r := range s {
		d := strings.IndexRune(digits, r)
		if d < 0 {
			return 0
		}
		n = 10*n + d/len("零")
	}
	return n
}

var (
	cardinals = strings.Fields("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty")
	ordinals  = strings.Fields("second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth")
	months    = strings.Fields("January February March April May June July August September October November December")
	scales    = map[string]int{"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}

	inWords      = withTens(numbered(2, cardinals, ordinals))
	inMonths     = numbered(1, months)
	englishDigit = regexp.MustCompile(`^([0-9]+)(st|nd|rd|th|s)?$`)
)

// numbered gives each word of each list its number, counting from first.
func numbered(first int, lists ...[]string) map[string]string {
	m := map[string]string{}
	for _, list := range lists {
		for i, w := range list {
			m[w] = strconv.Itoa(first + i)
		}
	}
	return m
}

// withTens adds thirty to ninety.
func withTens(m map[string]string) map[string]string {
	for i, w := range strings.Fields("thirty forty fifty sixty seventy eighty ninety") {
		m[w] = strconv.Itoa(30 + 10*i)
	}
	return m
}

// scaled multiplies a number by the million or the like that follows it.
func scaled(value string, after []word) string {
	if len(after) == 0 {
		return value
	}
	return shift(value, scales[after[0].text])
}

// englishNumbers finds the numbers of an English text. “One” and “first” are
// too common to be numbers; a month is one only beside figures.
func englishNumbers(text string, words []word) []number {
	var found []number
	hasDigit := func(i int) bool {
		return i >= 0 && i < len(words) && words[i].text != "" && words[i].text[0] >= '0' && words[i].text[0] <= '9'
	}
	for i := 0; i < len(words); i++ {
		w := words[i]
		n := number{text: w.text, start: w.start}
		switch {
		case hasDigit(i):
			n.value = w.text
			if m := englishDigit.FindStringSubmatch(w.text); m != nil {
				n.value = m[1]
			}
			// 1,000 and 2.5 are one number in several words.
			for i+1 < len(words) && hasDigit(i+1) && words[i+1].start == words[i].end+1 {
				if next := words[i+1].text; text[words[i].end] == ',' && len(next) == 3 {
					n.value += next
				} else if text[words[i].end] == '.' {
					n.value += "." + next
				} else {
					break
				}
				i++
			}
			n.value = scaled(n.value, words[i+1:])
		case inWords[strings.ToLower(w.text)] != "":
			n.value = inWords[strings.ToLower(w.text)]
			if tens, unit := strings.CutSuffix(n.value, "0"); unit && tens > "1" && i+1 < len(words) && text[w.end:words[i+1].start] == "-" {
				if v := inWords[words[i+1].text]; len(v) == 1 || words[i+1].text == "one" {
					n.value = tens + cmp.Or(v, "1") // thirty-five
					i++
				}
			}
			n.value = scaled(n.value, words[i+1:])
		case inMonths[w.text] != "" && (hasDigit(i-1) || hasDigit(i+1)):
			n.value = inMonths[w.text]
		default:
			continue
		}
		found = append(found, n)
	}
	return found
}
