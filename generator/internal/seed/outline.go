package seed

import (
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// outline puts the plan together, paragraph by paragraph.
type outline struct {
	source
	flow    flow
	numbers numbering
	plan    *plan.Plan
	report  *Report

	chapter   *plan.Chapter
	section   *plan.Section
	sections  int       // in the whole plan
	kind      plan.Kind // of the units to come
	inherited plan.Kind // of units in sections whose heading says nothing
	count     int       // units in this division
	heading   int       // where the last heading stands, in case no text follows
}

func (o *outline) read(lines []line) {
	start := 0
	for start < len(lines) && !startsBody(lines, start) {
		start++
	}
	end := start + closing(lines[start:])
	o.flow = measure(lines[afterTitle(lines[:start]):end])

	o.kind = plan.Context // of the preamble
	o.front(lines[:start])
	o.body(lines[start:end])
	if len(o.plan.Chapters) == 1 {
		o.fail(o.heading, oneChapter, wholePlan)
	}
	for _, l := range lines[end:] {
		o.plan.Front.Closing = append(o.plan.Front.Closing, join([]line{l}, o.report))
	}
}

// startsBody reports whether the line at i is the heading of chapter one.
func startsBody(lines []line, i int) bool {
	m, ok := chapterMark(lines[i].text)
	return ok && m.number == 1 && (i == 0 || !endsMidSentence(lines[i-1].text))
}

func lastRune(s string) string {
	_, n := utf8.DecodeLastRuneInString(s)
	return s[len(s)-n:]
}

func (o *outline) body(lines []line) {
	for i := 0; i < len(lines); {
		m, marked := markOf(lines[i].text)
		if marked {
			o.begin(lines[i], m)
		}
		g := gathering{heading: marked}
		g.add(&lines[i])
		end := i + 1
		for ; end < len(lines); end++ {
			b, after := &lines[end], (*line)(nil)
			if end+1 < len(lines) {
				after = &lines[end+1]
			}
			next, ok := markOf(b.text)
			expected := ok && o.numbers.expects(next)
			if ok && !expected && g.closed() {
				break // a wrong number where a heading may stand: begin will say so
			}
			if o.flow.parts(g, b, after, expected) {
				break
			}
			g.add(b)
		}
		o.paragraph(lines[i:end], m)
		i = end
	}
	o.close()
}

// begin checks the number of the heading that starts at l and opens its
// division.
func (o *outline) begin(l line, m mark) {
	if !o.numbers.expects(m) {
		fact, hint := o.numbers.complain(m, l.text[:m.size])
		o.fail(l.at, fact, hint)
	}
	if o.section != nil || o.chapter != nil && m.level == chapter {
		o.close()
	}
	o.numbers.take(m)
	o.count, o.heading = 0, l.at
	switch {
	case m.level == chapter:
		o.section = nil
		o.chapter = &plan.Chapter{Number: m.number}
		o.plan.Chapters = append(o.plan.Chapters, o.chapter)
	case o.chapter != nil:
		o.sections++
		o.section = &plan.Section{Number: o.sections, Label: m.number, Chapter: o.chapter.Number}
		o.chapter.Sections = append(o.chapter.Sections, o.section)
	}
}

// close checks that the division which ends here has text. A
// chapter has, if its sections do.
func (o *outline) close() {
	empty := o.section != nil && len(o.section.Units) == 0 ||
		o.section == nil && o.chapter != nil && len(o.chapter.Units) == 0 && len(o.chapter.Sections) == 0
	if empty {
		o.fail(o.heading, diag.Text("这个标题下面没有正文", "there is no text under this heading"),
			diag.Text("请对照原件补上正文。", "Restore the text from the original."))
	}
}

// longTitle is the length in bytes above which a title, or a heading that runs
// into its text, has probably lost the line break after it.
const longTitle = 60 * 3

// paragraph files one paragraph of the body; m is its mark, if it has one.
func (o *outline) paragraph(lines []line, m mark) {
	s := join(lines, o.report)
	first := lines[0]
	if isDate(s) {
		o.fail(first.at, diag.Text("日期之后还有正文：%s", "text follows the date of signature: %s", s),
			diag.Text("附件请删去，另行导入。", "Cut the annex off and import it by itself."))
	}
	for _, l := range lines {
		if isNumber(l.text) {
			o.fail(l.at, diag.Text("这一行只有数字 %s，像是页码", "this line is only the number %s, perhaps of a page", l.text),
				diag.Text("是页码就删去，或写成 — %s —。", "If it is a page number, delete it, or write it as — %s —.", l.text))
		}
	}
	if m.level == body || strings.Contains(s, "。") {
		o.doubt(lines, s)
	}
	if m.level == body {
		if inner, ok := strings.CutPrefix(s, "("); ok && numeralLen(inner) > 0 && strings.HasPrefix(inner[numeralLen(inner):], ")") {
			o.fail(first.at, diag.Text("节标题用了半角括号", "a section heading has ASCII brackets"),
				diag.Text("请改成全角：（一）。", "Make them full-width: （一）."))
		}
		o.addText(s, true)
		return
	}
	title, stop, rest := cutHeading(s[m.size:])
	if stop != "" && (len(title) > longTitle || len(lines) > 1 && m.size+len(title) >= len(first.text)) {
		o.note(first.at, diag.Text("这个标题延到下一行才有句号，也许它独占一行、后面是正文", "this heading has its full stop on a later line only; perhaps it stands alone and text follows"),
			diag.Text("请对照原件。", "Compare with the original."))
	}
	if title == "" {
		o.fail(first.at, diag.Text("编号后面没有标题", "there is no title after the number"), diag.Text("请对照原件补上。", "Restore it from the original."))
	}
	kind, known := kindOf(title)
	switch {
	case o.chapter == nil:
		return // a section before the first chapter: already reported
	case o.section == nil:
		o.chapter.Title.ZH, o.chapter.Stop = title, stop
		o.kind, o.inherited = kind, kind
	default:
		o.section.Title.ZH, o.section.Stop = title, stop
		if !known {
			kind = o.inherited
		}
		o.kind = kind
	}
	o.addText(rest, false)
}

// doubt notes what may be a line that was cut and not joined again.
func (o *outline) doubt(lines []line, s string) {
	if !isClosed(s) {
		o.note(lines[len(lines)-1].at, diag.Text("这一段的末尾没有标点，也许行被切断了", "this paragraph ends without a stop; perhaps a line is cut"),
			diag.Text("请对照原件。", "Compare with the original."))
	}
	if !balanced(s) {
		o.note(lines[0].at, diag.Text("这一段的引号或括号不成对，断句可能不准", "quotation marks or brackets in this paragraph do not pair up; it may be cut at the wrong places"),
			diag.Text("请对照原件。", "Compare with the original."))
	}
}

// addText cuts a paragraph into units of the division that is open.
func (o *outline) addText(s string, newParagraph bool) {
	d, of, list := plan.InPreamble, 0, &o.plan.Preamble
	u := plan.Unit{Kind: o.kind}
	if o.chapter != nil {
		d, of, list = plan.InChapter, o.chapter.Number, &o.chapter.Units
		u.Chapter = of
	}
	if o.section != nil {
		d, of, list = plan.InSection, o.section.Number, &o.section.Units
		u.Section = of
	}
	for sentence := range sentences(s) {
		unit := u
		o.count++
		unit.ID = plan.NewID(d, of, o.count)
		unit.NewParagraph = newParagraph && o.count > 1
		unit.Text.ZH = sentence
		*list = append(*list, &unit)
		newParagraph = false
	}
}
