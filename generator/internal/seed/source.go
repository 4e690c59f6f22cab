package seed

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

const byteOrderMark = "\uFEFF"

// source is the text that is being read and what was found in it.
type source struct {
	name  string
	text  string // all of it, with its byte order mark
	found diag.List
}

// report adds a finding at byte offset at.
func (s *source) report(at int, severity diag.Severity, fact, hint plan.Text) {
	if len(s.found) < maxFindings {
		s.found = append(s.found, diag.Diagnostic{Pos: position(s.name, s.text, at), Check: check, Severity: severity, Fact: fact, Hint: hint})
	}
}

func (s *source) fail(at int, fact, hint plan.Text) { s.report(at, diag.Error, fact, hint) }
func (s *source) note(at int, fact, hint plan.Text) { s.report(at, diag.Warning, fact, hint) }

// manyAlike is how many findings that say the same are told one by one.
const manyAlike = 5

// gather makes one finding of many that say the same: the first, which names the
// lines of the others.
func gather(found diag.List) diag.List {
	type saying struct {
		severity diag.Severity
		fact     plan.Text
	}
	alike := map[saying][]diag.Diagnostic{}
	for _, d := range found {
		alike[saying{d.Severity, d.Fact}] = append(alike[saying{d.Severity, d.Fact}], d)
	}
	var out diag.List
	for _, d := range found {
		all := alike[saying{d.Severity, d.Fact}]
		if len(all) <= manyAlike {
			out = append(out, d)
			continue
		}
		if all[0].Pos != d.Pos {
			continue
		}
		var lines []string
		for _, other := range all[1:] {
			if n := strconv.Itoa(other.Line); len(lines) == 0 || lines[len(lines)-1] != n {
				lines = append(lines, n)
			}
		}
		more := ""
		if len(lines) > 2*manyAlike {
			lines, more = lines[:2*manyAlike], "…"
		}
		d.Fact = diag.Text("%[1]s；这样的地方共 %[3]d 处，其余在第 %[4]s 行", "%[2]s; %[3]d places in all, the others on lines %[5]s",
			d.Fact.ZH, d.Fact.EN, len(all), strings.Join(lines, "、")+more, strings.Join(lines, ", ")+more)
		out = append(out, d)
	}
	return out
}

// position gives the line and column of byte offset at. A line ends at LF, CR
// LF or CR, as in an editor; a form feed ends none.
func position[text string | []byte](name string, s text, at int) diag.Pos {
	p := diag.Pos{File: name, Line: 1}
	start := 0
	for i := 0; i < at; i++ {
		if s[i] == '\n' || s[i] == '\r' && !(i+1 < len(s) && s[i+1] == '\n') {
			p.Line++
			start = i + 1
		}
	}
	head := string(s[start:at])
	p.Col = 1 + utf8.RuneCountInString(strings.TrimPrefix(head, byteOrderMark))
	return p
}

// open takes the bytes as text, or refuses them: what is no text, no UTF-8 or
// no plan at all is turned away before anything is built from it.
func (s *source) open(src []byte) error {
	if i := bytes.IndexByte(src, 0); i >= 0 || bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return s.refuse(src, max(i, 0),
			diag.Text("这不是文本文件", "this is not a text file"),
			diag.Text("PDF 或 UTF-16 文件请先转成 UTF-8 纯文本；Word 文件（.docx）可以直接导入。", "Turn a PDF or UTF-16 file into plain text in UTF-8 first; a Word file (.docx) can be imported as it is."))
	}
	if !utf8.Valid(src) {
		at := firstInvalid(src)
		if looksLikeGB(src[at:]) {
			return s.refuse(src, at,
				diag.Text("文件不是 UTF-8，像是 GB18030（GBK）编码", "the file is not UTF-8; it looks like GB18030 (GBK)"),
				diag.Text("请转换编码：iconv -f GB18030 -t UTF-8。", "Convert it: iconv -f GB18030 -t UTF-8."))
		}
		return s.refuse(src, at,
			diag.Text("文件从这里起不是 UTF-8 文本（字节 %#02x）", "from here the file is not UTF-8 text (byte %#02x)", src[at]),
			diag.Text("请另存为 UTF-8 纯文本。", "Save it as plain text in UTF-8."))
	}
	s.text = string(src)
	if strings.TrimSpace(strings.TrimPrefix(s.text, byteOrderMark)) == "" {
		return s.refuse(src, 0,
			diag.Text("文件是空的", "the file is empty"),
			diag.Text("请确认 PDF 里的文字能选中；扫描件要先做文字识别。", "Make sure that the PDF's text can be selected; a scan needs text recognition first."))
	}
	if err := s.glance(src); err != nil {
		return err
	}
	s.strangers()
	return gather(s.found).Err()
}

func (s *source) refuse(src []byte, at int, fact, hint plan.Text) error {
	return diag.List{{Pos: position(s.name, src, at), Check: check, Fact: fact, Hint: hint}}
}

func firstInvalid(src []byte) int {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(src)
}

// looksLikeGB reports whether bytes above 0x7f come in the pairs of GB18030:
// Chinese text in it hardly ever breaks the pattern, random bytes do at once.
func looksLikeGB(b []byte) bool {
	b = b[:min(len(b), 4096)]
	pairs, broken := 0, 0
	for i := 0; i < len(b); i++ {
		if b[i] < 0x80 {
			continue
		}
		if i+1 == len(b) {
			break
		}
		// GB 2312, in which plans are written, has both bytes from 0xa1 up.
		if b[i] >= 0xa1 && b[i] <= 0xf7 && b[i+1] >= 0xa1 && b[i+1] != 0xff {
			pairs++
			i++
		} else {
			broken++
		}
	}
	return pairs > 0 && broken*10 <= pairs
}

// glance looks only at how lines begin. It refuses noise and foreign genres
// before memory is spent on them, and says what a text is that is no plan.
func (s *source) glance(src []byte) error {
	first, later, articles, article := -1, false, 0, 0
	notice := "" // what a covering notice is about, or its heading
	for at := 0; at < len(s.text); {
		end := at + lineEnd(s.text[at:])
		head := strings.TrimLeftFunc(s.text[at:end], func(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' })
		switch m, ok := chapterMark(head); {
		case ok && m.number == 1 && first < 0:
			first = end - len(head)
		case ok && m.number > 1 && first >= 0:
			later = true
		case isArticle(head):
			if articles == 0 {
				article = at
			}
			articles++
		case notice == "" && first < 0 && len(head) < longTitle && strings.HasSuffix(strings.TrimSpace(head), "通知"):
			notice = strings.TrimSpace(head)
		}
		at = end + 1
	}
	switch {
	case first >= 0 && later:
		return nil
	case articles >= 2:
		return s.refuse(src, article,
			diag.Text("这是分条的法规（第一章、第一条），不是分章节的方案", "this is a regulation in articles (第一章, 第一条), not a plan in chapters"),
			diag.Text("导入只读“一、…（一）…”体例的方案。", "The importer reads plans in the form 一、… （一）… only."))
	case first < 0 && notice != "":
		return s.refuse(src, 0,
			diag.Text("这是印发通知，方案是它的附件，不在这个文件里", "this is a covering notice; the plan is its annex, which is not in this file"),
			diag.Text("请导入附件的全文：%s", "Import the annex itself: %s", notice))
	case first < 0:
		return s.refuse(src, 0,
			diag.Text("没有找到章标题“一、”", "no chapter heading 一、 was found"),
			wholePlan)
	}
	return s.refuse(src, first, oneChapter, wholePlan)
}

var (
	oneChapter = diag.Text("只有一章：“一、”之后没有“二、”", "there is only one chapter: no 二、 follows 一、")
	wholePlan  = diag.Text("请确认这是方案的全文，章标题在行首。", "Make sure that this is the whole plan and that chapter headings start a line.")
)

// isArticle reports whether a line begins like a regulation's: 第三章, 第十条.
func isArticle(s string) bool {
	rest, ok := strings.CutPrefix(s, "第")
	if !ok {
		return false
	}
	n := numeralLen(rest)
	if n == 0 {
		return false
	}
	rest = rest[n:]
	return strings.HasPrefix(rest, "章") || strings.HasPrefix(rest, "条") || strings.HasPrefix(rest, "节")
}

// strangers finds the characters that a printed plan cannot hold: an invisible
// one changes how text sorts, searches and reads without being seen.
func (s *source) strangers() {
	t := s.text
	start := len(byteOrderMark)
	if !strings.HasPrefix(t, byteOrderMark) {
		start = 0
	}
	base := false // there is a character that a combining mark can sit on
	for i := start; i < len(t) && len(s.found) < maxFindings; {
		c := t[i]
		switch {
		case c >= 0xe4 && c <= 0xe9: // U+4000 to U+9FFF, Han
			i, base = i+3, true
			continue
		case c >= 0x20 && c < 0x7f:
			i, base = i+1, c != ' '
			continue
		case c == '\n' || c == '\r' || c == '\f' || c == '\t':
			i, base = i+1, false
			continue
		}
		r, n := utf8.DecodeRuneInString(t[i:])
		for _, k := range strange {
			if k.is(r, base) {
				s.fail(i, plan.Text{
					ZH: fmt.Sprintf("这里有%s（U+%04X）", k.name.ZH, r),
					EN: fmt.Sprintf("there is %s (U+%04X) here", k.name.EN, r),
				}, k.hint)
				break
			}
		}
		i, base = i+n, !unicode.IsSpace(r)
	}
}

var deleteIt = diag.Text("请对照原件删去它。", "Compare with the original and delete it.")

// strange lists what may not stand in a plan; the first that applies is named.
var strange = []struct {
	name, hint plan.Text
	is         func(r rune, base bool) bool
}{
	{diag.Text("替换字符", "a replacement character"), diag.Text("转换编码时丢了字；请对照原件补上。", "A conversion lost a character; restore it from the original."),
		func(r rune, _ bool) bool { return r == utf8.RuneError }},
	{diag.Text("私用区字符", "a private-use character"), diag.Text("它只在某种字体里才显示得出来；请对照原件，换成通用的字。", "It can be seen in one font only; replace it with the real character."),
		func(r rune, _ bool) bool { return unicode.Is(unicode.Co, r) }},
	{diag.Text("看不见的格式字符", "an invisible formatting character"), deleteIt,
		func(r rune, _ bool) bool {
			return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || r == '\u2800' || r == '\u1160' || r == '\u115F'
		}},
	{diag.Text("控制字符", "a control character"), deleteIt,
		func(r rune, _ bool) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }},
	{diag.Text("没有依附的组合符号", "a combining mark with nothing to sit on"), deleteIt,
		func(r rune, base bool) bool { return !base && unicode.Is(unicode.M, r) }},
	{diag.Text("Unicode 里没有的字符", "a character that Unicode does not have"), deleteIt,
		func(r rune, _ bool) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) }},
}
