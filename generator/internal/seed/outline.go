package seed

import (
	"slices"
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
	parts     int       // paragraphs in it, its heading's included
	items     items     // numbered in it: 1.…, （1）…
	all       int       // paragraphs of the body
	cut       []int     // where paragraphs of the body end without a stop
	heading   int       // where the last heading stands, in case no text follows
	late      bool      // its stop comes on a later line
}

func (o *outline) read(lines []line) {
	start := 0
	for start < len(lines) && !startsBody(lines, start) {
		start++
	}
	body, annex := cutAnnex(lines[start:])
	end := closing(body)
	body, tail := body[:end], body[end:]
	tail = slices.Concat(inlineCredit(body), tail)
	o.flow = measure(lines[afterTitle(lines[:start]) : start+end])

	o.kind = plan.Context // of the preamble
	o.front(lines[:start])
	if annex != nil {
		o.refuseAnnex(annex.at)
	}
	o.body(body)
	o.cutLines()
	if len(o.plan.Chapters) == 1 {
		o.fail(o.heading, oneChapter, wholePlan)
	}
	for _, l := range tail {
		o.plan.Front.Closing = append(o.plan.Front.Closing, o.around([]line{l}))
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
		if it, ok := itemOf(lines[i].text); ok && o.items.expects(it) {
			*o.items.last(it) = it.number
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
			if it, ok := itemOf(b.text); ok && o.items.expects(it) && (g.closed() || g.heading) {
				break
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
	o.longHeading()
}

// longHeading notes that the last heading has its stop on a later line, unless it
// turned out to be an item of one sentence.
func (o *outline) longHeading() {
	if o.late {
		o.note(o.heading, diag.Text("这个标题延到下一行才有句号，也许它独占一行、后面是正文", "this heading has its full stop on a later line only; perhaps it stands alone and text follows"),
			diag.Text("请对照原件。", "Compare with the original."))
	}
	o.late = false
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
	o.longHeading()
	o.numbers.take(m)
	o.count, o.parts, o.items, o.heading = 0, 0, items{}, l.at
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

// close settles the division which ends here. A chapter that has sections has
// its text there; else a heading with nothing below it is a sentence, if it ends
// as sentences do, and so is one that has notes in brackets only.
func (o *outline) close() {
	switch {
	case o.section != nil:
		o.settle(&o.section.Title.ZH, &o.section.Stop, &o.section.Units)
	case o.chapter != nil && len(o.chapter.Sections) == 0:
		o.settle(&o.chapter.Title.ZH, &o.chapter.Stop, &o.chapter.Units)
	}
}

// shortItem is the length in bytes up to which an item of one sentence may also
// be a heading that has lost its text.
const shortItem = 12 * 3

// settle makes an item of a heading without text: 二、同意设立示范区。 or
// （一）推进改革（负责部门：省发展改革委）. The number stands in front of the sentence,
// and no title is left.
func (o *outline) settle(title, stop *string, units *[]*plan.Unit) {
	s := *title + *stop
	if len(*units) == 0 && (!isClosed(s) || strings.HasSuffix(s, "：")) {
		o.fail(o.heading, diag.Text("这个标题下面没有正文", "there is no text under this heading"),
			diag.Text("请对照原件补上正文。", "Restore the text from the original."))
		return
	}
	for _, u := range *units {
		if note(u.Text.ZH, false) != len(u.Text.ZH) {
			return // a heading and its text
		}
		s += u.Text.ZH
	}
	if len(*units) == 0 && len(*title) <= shortItem && !strings.Contains(*title, "，") {
		o.note(o.heading, diag.Text("这一条只有短短一句，也许是标题而正文丢了", "this item is one short sentence; perhaps it is a heading that has lost its text"),
			diag.Text("请对照原件。", "Compare with the original."))
	}
	o.report.Count[ParagraphEnds] -= o.parts - 1 // the notes' lines are the sentence's
	o.report.Count[Joined] += o.parts - 1
	*title, *stop, *units, o.count, o.late = "", "", nil, 0, false
	o.addText(s, false)
}

// longTitle is the length in bytes above which a title, or a heading that runs
// into its text, has probably lost the line break after it.
const longTitle = 60 * 3

// paragraph files one paragraph of the body; m is its mark, if it has one.
func (o *outline) paragraph(lines []line, m mark) {
	s := join(lines, o.report)
	o.parts++
	o.all++
	first := lines[0]
	if isDate(s) {
		o.fail(first.at, diag.Text("日期之后还有正文：%s", "text follows the date of signature: %s", s),
			diag.Text("附件请删去，另行导入。", "Cut the annex off and import it by itself."))
	}
	for _, l := range lines {
		if isNumber(l.text) {
			o.fail(l.at, diag.Text("这一行只有数字，像是页码", "this line is only a number, perhaps of a page"),
				diag.Text("是页码就删去，或写成 — 12 — 的样子。", "If it is a page number, delete it, or write it with dashes: — 12 —."))
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
	o.late = stop != "" && (len(title) > longTitle || len(lines) > 1 && m.size+len(title) >= len(first.text))
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

// doubt notes what may be a line that was cut and not joined again. The heading
// of an item (1.加强生态修复) and a note in brackets end open by nature.
func (o *outline) doubt(lines []line, s string) {
	if _, item := itemOf(s); !isClosed(s) && !(item && !strings.ContainsAny(s, "，；")) && note(s, false) != len(s) {
		o.cut = append(o.cut, lines[len(lines)-1].at)
	}
	if !balanced(s) {
		o.note(lines[0].at, diag.Text("这一段的引号或括号不成对，断句可能不准", "quotation marks or brackets in this paragraph do not pair up; it may be cut at the wrong places"),
			diag.Text("请对照原件。", "Compare with the original."))
	}
}

// fewCut is how many paragraphs may end without a stop before the question is
// whether the lines were joined at all.
const fewCut = 5

// cutLines tells of paragraphs without a stop. Where they are more than a few, and
// a fifth of all, the text was not understood, which is one error and not as many
// warnings.
func (o *outline) cutLines() {
	if n := len(o.cut); n > fewCut && n*5 > o.all {
		o.fail(o.cut[0], diag.Text("%d 段中有 %d 段的末尾没有标点，这里是第一处：行被切断的方式认不出来", "%[2]d of %[1]d paragraphs end without a stop, the first of them here: how the lines were cut cannot be told", o.all, n),
			diag.Text("请把每段写成一行再导入；表格请删去。", "Put each paragraph on one line, remove tables, and import again."))
		return
	}
	for _, at := range o.cut {
		o.note(at, diag.Text("这一段的末尾没有标点，也许行被切断了", "this paragraph ends without a stop; perhaps a line is cut"),
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
