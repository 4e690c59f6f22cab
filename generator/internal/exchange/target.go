package exchange

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// targetRules lists what an English sentence must be to be taken. Every rule
// looks at every changed sentence, so that a translator is told all at once. A
// new rule is a function and a line.
var targetRules = []struct {
	check string
	find  func(s Segment, target string) (fact, hint plan.Text, bad bool)
}{
	{"length", tooLong},
	{"language", notEnglish},
	{"characters", invisible},
	{"lines", severalLines},
	{"block", startsBlock},
	{"markup", brokenMarkup},
}

// maxSentence is how many bytes a sentence may have, ten times the longest there
// is. Beyond it nothing is read: goldmark takes quadratic time for some texts
// that are nothing but brackets.
const maxSentence = 8 << 10

func tooLong(_ Segment, target string) (fact, hint plan.Text, bad bool) {
	if len(target) <= maxSentence {
		return
	}
	return diag.Text("译文有 %d 字节，最多 %d", "the translation has %d bytes, and may have %d", len(target), maxSentence),
		diag.Text("一条只译一句。", "One entry is one sentence."), true
}

// notEnglish finds a target that is the Chinese, mostly Chinese, or no words at
// all. A few characters are no mistake: an English sentence may explain a name.
func notEnglish(s Segment, target string) (fact, hint plan.Text, bad bool) {
	pieces, _ := parseInline(target)
	han, letters := 0, 0
	for _, r := range plainText(pieces) {
		if unicode.IsLetter(r) {
			letters++
			if unicode.Is(unicode.Han, r) {
				han++
			}
		}
	}
	hint = diag.Text("请写英文；还没有译就留空。", "Write English; leave it empty if it is not translated yet.")
	switch {
	case target == strings.TrimSpace(s.Source) || han*2 > letters:
		return diag.Text("译文是中文，不是英文", "the translation is Chinese, not English"), hint, true
	case letters == 0:
		return diag.Text("译文里没有一个词", "there is no word in the translation"), hint, true
	}
	return plan.Text{}, plan.Text{}, false
}

// unseen lists the characters that a reader cannot see and that change what he
// does see, or what a search finds: controls, bidirectional controls, zero
// widths, line separators, variation selectors, private use, unassigned.
var unseen = []*unicode.RangeTable{
	unicode.C, // Cc, Cf, Co, Cs: with U+FEFF, U+00AD and all bidirectional controls
	unicode.Zl, unicode.Zp,
	unicode.Other_Default_Ignorable_Code_Point, // fillers such as U+3164
	unicode.Variation_Selector,
	unicode.Noncharacter_Code_Point,
	{R16: []unicode.Range16{{Lo: 0x034F, Hi: 0x034F, Stride: 1}, {Lo: 0x2800, Hi: 0x2800, Stride: 1}, {Lo: 0xFFFD, Hi: 0xFFFD, Stride: 1}}}, // joiner, blank Braille, "there was a character here"
}

// invisible finds such a character, also behind an entity: &#x202E; is one on
// the page.
func invisible(_ Segment, target string) (fact, hint plan.Text, bad bool) {
	for _, text := range []string{target, html.UnescapeString(target)} {
		for _, r := range text {
			if r != '\n' && r != '\r' && unicode.In(r, unseen...) {
				return diag.Text("译文里有看不见的字符 %U", "there is an invisible character: %U", r),
					diag.Text("它多半是从别处粘贴来的；请删去它，或重新打这个词。", "It was probably pasted in: remove it, or type the word again."), true
			}
		}
	}
	return
}

// severalLines finds a line break: a unit is one sentence on one line, and a
// break could start anything (a heading, an id line) in the content file.
func severalLines(_ Segment, target string) (fact, hint plan.Text, bad bool) {
	if !strings.ContainsAny(target, "\n\r") {
		return
	}
	return diag.Text("译文不止一行", "the translation is more than one line"),
		diag.Text("一句写成一行，中间不换行。", "Write the sentence on one line."), true
}

// blocks lists how a paragraph starts that Markdown takes for something else
// (CommonMark 0.31.2, chapter 4 and 5), and the id line of our own format.
var blocks = []struct {
	start *regexp.Regexp
	name  plan.Text
}{
	{regexp.MustCompile(`^#{1,6}([ \t]|$)`), plan.Text{ZH: "标题", EN: "a heading"}},
	{regexp.MustCompile(`^>`), plan.Text{ZH: "引用", EN: "a quotation"}},
	{regexp.MustCompile(`^([-+*]|[0-9]{1,9}[.)])([ \t]|$)`), plan.Text{ZH: "列表", EN: "a list"}},
	{regexp.MustCompile("^(```|~~~)"), plan.Text{ZH: "代码块", EN: "a block of code"}},
	{regexp.MustCompile(`^((\*[ \t]*){3,}|(-[ \t]*){3,}|(_[ \t]*){3,})$`), plan.Text{ZH: "分隔线", EN: "a line across"}},
	{regexp.MustCompile(`^\[[^\]]+\]:`), plan.Text{ZH: "链接定义", EN: "the definition of a link"}},
	{regexp.MustCompile(`^\{#`), plan.Text{ZH: "编号行", EN: "the line of an id"}},
}

func startsBlock(_ Segment, target string) (fact, hint plan.Text, bad bool) {
	for _, b := range blocks {
		if b.start.MatchString(target) {
			return diag.Text("译文的开头“%[1]s”会变成%[2]s", "the start of the translation, “%[1]s”, would become %[3]s", clip(target), b.name.ZH, b.name.EN),
				diag.Text(`在这个符号前面加反斜杠，如 1\. 或 \#。`, `Put a backslash before the sign, as in 1\. or \#.`), true
		}
	}
	return
}

// brokenMarkup finds Markdown that would not become what its writer meant.
func brokenMarkup(_ Segment, target string) (fact, hint plan.Text, bad bool) {
	_, flaws := parseInline(target)
	if len(flaws) == 0 {
		return
	}
	return flaws[0].fact, flaws[0].hint, true
}
