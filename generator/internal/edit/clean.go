package edit

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Suggestion is a sign that its writer may want otherwise. It is never made without
// being asked: what Start and End (bytes) take of the text would become To.
type Suggestion struct {
	Start int       `json:"start"`
	End   int       `json:"end"`
	To    string    `json:"to"`
	Why   plan.Text `json:"-"`
}

// UTF16 is where the suggestion stands as a browser counts: text is what it is about.
func (s Suggestion) UTF16(text string) (start, end int) {
	start = len(utf16.Encode([]rune(text[:s.Start])))
	return start, start + len(utf16.Encode([]rune(text[s.Start:s.End])))
}

// Apply makes suggestions about a text.
func Apply(text string, list []Suggestion) string {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Suggestion) int { return b.Start - a.Start })
	for _, s := range list {
		text = text[:s.Start] + s.To + text[s.End:]
	}
	return text
}

// Clean takes out of a text what nobody sees: zero-width characters, byte order marks,
// soft hyphens, directional and other controls. Spaces of other widths become ordinary
// ones, and line breaks \n. It keeps what may mean something and is to be looked at: a
// replacement character, private use. The suggestions are about the marks of the text
// that is returned, by the rules of its language: Chinese has “ ” and full-width marks,
// English “ ” and half-width ones. Markdown, addresses and code are let be. A text
// without language gets no suggestions.
func Clean(text string, lang plan.Lang) (string, []Suggestion) {
	text = strings.ToValidUTF8(text, "\ufffd")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028' || r == '\u2029' || r == '\v':
			return '\n'
		case r == '\n' || r == '\r' || r == '\t' || r == '\u3000':
			return r
		case unicode.Is(unicode.Zs, r):
			return ' '
		case r == '\ufffd' || unicode.Is(unicode.Co, r):
			return r
		}
		if _, is := content.Unseen(r); is || r == 0 {
			return -1
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
	text = strings.ReplaceAll(text, "\r", "\n")
	var list []Suggestion
	switch lang {
	case plan.ZH:
		list = suggest(text, chineseMarks)
	case plan.EN:
		list = suggest(text, englishMarks)
	}
	return text, list
}

// signs is a text as its rules see it.
type signs struct {
	text  string
	let   []content.Span // what is no words
	list  []Suggestion
	open  map[rune]bool // which straight quotation marks are open in this paragraph
	round []bool        // of the round brackets that are open, whether they are to change
}

// suggest lets the rule of a language look at the characters of a text one by one, with
// their neighbours; 0 is the edge of the text.
func suggest(text string, rule func(s *signs, at int, before, r, after rune)) []Suggestion {
	s := &signs{text: text, let: noWords(text), open: map[rune]bool{}}
	before := rune(0)
	for at, r := range text {
		after, n := utf8.DecodeRuneInString(text[at+utf8.RuneLen(r):])
		if n == 0 {
			after = 0
		}
		if r == '\n' && after == '\n' { // marks are not carried from one paragraph into the next
			clear(s.open)
			s.round = nil
		}
		if !s.isLet(at) {
			rule(s, at, before, r, after)
		}
		before = r
	}
	return s.list
}

func (s *signs) isLet(at int) bool {
	return slices.ContainsFunc(s.let, func(l content.Span) bool { return l.Start <= at && at < l.End })
}

func (s *signs) want(at, n int, to string, why plan.Text) {
	if s.text[at:at+n] != to {
		s.list = append(s.list, Suggestion{at, at + n, to, why})
	}
}

// Addresses that are written out, attributes in curly brackets, shortcodes, the numbers
// of a list, and the lines under the head of a table.
var letBe = regexp.MustCompile(`(?m)\b(?:https?|mailto|tel):\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\{\{.*?\}\}|\{[#.:][^}\n]*\}|^[ \t]*\d{1,9}[.)]|^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:-]*)*$`)

// noWords are the parts of a Markdown text that are no words.
func noWords(text string) (list []content.Span) {
	for _, m := range letBe.FindAllStringIndex(text, -1) {
		list = append(list, content.Span{Start: m[0], End: m[1]})
	}
	for _, m := range content.InlineMarks(text) {
		switch m.Kind {
		case content.Code, content.Autolink, content.HTML, content.Escape, content.Entity, content.Definition:
			list = append(list, m.Span)
		case content.Link, content.Image:
			list = append(list, content.Span{Start: m.Start, End: m.Text.Start}, content.Span{Start: m.Text.End, End: m.End})
		}
	}
	return list
}

var (
	quotesWhy = diag.Text("引号用弯的：“ ”和‘ ’", "quotation marks are curly: “ ” and ‘ ’")
	wideWhy   = diag.Text("中文用全角标点", "Chinese has full-width marks")
	narrowWhy = diag.Text("英文用半角标点", "English has half-width marks")
	widthWhy  = diag.Text("字母和数字用半角", "letters and digits are half-width")
)

// quote is a straight quotation mark as the pair to which it belongs.
func (s *signs) quote(r rune) string {
	s.open[r] = !s.open[r]
	switch {
	case r == '"' && s.open[r]:
		return "“"
	case r == '"':
		return "”"
	case s.open[r]:
		return "‘"
	}
	return "’"
}

// han reports whether a character is Chinese, or a mark that only stands in Chinese.
func han(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3001 && r <= 0x3017 || r >= 0xff01 && r <= 0xff0f || r >= 0xff1a && r <= 0xff1f || strings.ContainsRune("“”‘’—…", r)
}

var wide = map[rune]string{',': "，", ':': "：", ';': "；", '?': "？", '!': "！"}

func chineseMarks(s *signs, at int, before, r, after rune) {
	near := han(before) || han(after)
	latin := func(r rune) bool { return r < 0x250 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	switch {
	case r == '"':
		s.want(at, 1, s.quote(r), quotesWhy)
	case r == '\'' && !(latin(before) && (latin(after) || !s.open[r])):
		s.want(at, 1, s.quote(r), quotesWhy)
	case r == '(':
		closed := strings.IndexAny(s.text[at:], ")\n")
		inside := s.text[at:]
		if closed > 0 {
			inside = s.text[at : at+closed]
		}
		change := near || strings.ContainsFunc(inside, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		s.round = append(s.round, change)
		if change {
			s.want(at, 1, "（", wideWhy)
		}
	case r == ')':
		change := near
		if n := len(s.round); n > 0 {
			change = s.round[n-1]
			s.round = s.round[:n-1]
		}
		if change {
			s.want(at, 1, "）", wideWhy)
		}
	case wide[r] != "" && near && !(unicode.IsDigit(before) && unicode.IsDigit(after)):
		n := 1
		if after == ' ' { // the mark has its own space
			n = 2
		}
		s.want(at, n, wide[r], wideWhy)
	case r == '.' && strings.HasPrefix(s.text[at:], "...") && before != '.' && near:
		s.want(at, len(s.text[at:])-len(strings.TrimLeft(s.text[at:], ".")), "……", wideWhy)
	case r == '.' && (han(before) || before == '"' || before == '\'') && after != '.' && !latin(after):
		s.want(at, 1, "。", wideWhy)
	case r == '-' && strings.HasPrefix(s.text[at:], "--") && before != '-' && han(before):
		s.want(at, len(s.text[at:])-len(strings.TrimLeft(s.text[at:], "-")), "——", wideWhy)
	case r == '\u3000' && (before == 0 || before == '\n' || before == '\u3000'):
		s.want(at, len("\u3000"), "", diag.Text("段首不用空格，版式自有安排", "paragraphs are not indented by spaces: the style sheet does it"))
	case r >= '０' && r <= '９' || r >= 'Ａ' && r <= 'Ｚ' || r >= 'ａ' && r <= 'ｚ':
		s.want(at, utf8.RuneLen(r), string(r-0xfee0), widthWhy)
	}
}

// narrow are Chinese marks in English, with the space that English has around them.
var narrow = map[rune]string{
	'，': ", ", '。': ". ", '、': ", ", '：': ": ", '；': "; ", '？': "? ", '！': "! ", '（': " (", '）': ") ",
	'《': "“", '》': "”", '〈': "‘", '〉': "’", '「': "“", '」': "”", '『': "‘", '』': "’", '【': " [", '】': "] ", '〔': " [", '〕': "] ", '\u3000': " ",
}

func englishMarks(s *signs, at int, before, r, after rune) {
	word := unicode.IsLetter(before) || unicode.IsDigit(before)
	switch {
	case r == '"':
		to := "”"
		if before == 0 || unicode.IsSpace(before) || strings.ContainsRune("([{‘—–-（", before) {
			to = "“"
		}
		s.want(at, 1, to, quotesWhy)
	case r == '\'':
		to := "’" // also the apostrophe
		if !word && unicode.IsLetter(after) && (before == 0 || unicode.IsSpace(before) || strings.ContainsRune("([{“\"—–-（", before)) {
			to = "‘"
		}
		s.want(at, 1, to, quotesWhy)
	case r == '-' && strings.HasPrefix(s.text[at:], "--") && before != '-' && before != '\n' && before != 0 && !strings.HasPrefix(s.text[at:], "---"):
		s.want(at, 2, "—", diag.Text("破折号写作 —", "a dash is —"))
	case narrow[r] != "":
		to := narrow[r]
		if after == 0 || unicode.IsSpace(after) || unicode.IsPunct(after) {
			to = strings.TrimRight(to, " ")
		}
		if before == 0 || unicode.IsSpace(before) || strings.ContainsRune("([“‘", before) {
			to = strings.TrimLeft(to, " ")
		}
		if r == '\u3000' && to == "" {
			to = " "
		}
		s.want(at, utf8.RuneLen(r), to, narrowWhy)
	case r > 0xff00 && r < 0xff5f:
		why := narrowWhy
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			why = widthWhy
		}
		s.want(at, utf8.RuneLen(r), string(r-0xfee0), why)
	}
}
