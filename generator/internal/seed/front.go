package seed

import (
	"regexp"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// shape is what a paragraph before the first chapter, or after the last, looks
// like on its own.
type shape int

const (
	open      shape = iota // ends no sentence: a title or a signature
	text                   // ends a sentence
	date                   // 2018年12月25日, （2021年5月20日）
	docNumber              // 国办发〔2018〕128号
	notice                 // （此件公开发布）, （征求意见稿）
	annex                  // 附件：…
	addressee              // 各省、自治区、直辖市人民政府：
	leadIn                 // 新华社北京6月10日电　近日，国务院印发了《方案》，全文如下：
	credit                 // （来源：新华社）, 责任编辑：某某
)

// shapeNames is what the report calls the lines around a plan.
var shapeNames = map[shape]plan.Text{
	open:      diag.Text("标题或署名", "heading or signature"),
	text:      diag.Text("印发语", "text of the notice"),
	date:      diag.Text("日期", "date"),
	docNumber: diag.Text("文号", "document number"),
	notice:    diag.Text("公开说明", "note on publication"),
	annex:     diag.Text("附件目录", "list of annexes"),
	addressee: diag.Text("主送机关", "addressee"),
	leadIn:    diag.Text("新闻导语", "news lead-in"),
	credit:    diag.Text("来源、编辑", "source, editor"),
}

// CoveringNotice is what the report calls a notice whose annex is the plan.
var CoveringNotice = diag.Text("印发通知，方案是它的附件", "covering notice, whose annex is the plan")

var (
	creditLine = regexp.MustCompile(`^[（(]?(?:(?:文章|稿件|信息)?来源|责任编辑|责编|编辑|作者|记者|供稿|发布时间|发布日期)[：:][^。]*$`)
	// What a site puts before a document that it reprints. 现批复如下： and
	// 提出如下意见。 are the document's own words.
	dateline  = regexp.MustCompile(`^[（(]?据?[^，。：；]{2,16}[0-9０-９]+月[0-9０-９]+日[电讯]`)
	reprinted = regexp.MustCompile(`全文(?:公布|发布|刊发|刊登|转发)?如下[：。]?$`)
)

// noticeWords are in the brackets of a notice about the document itself.
var noticeWords = []string{"此件", "公开", "发布", "印发", "通过", "批准", "修订", "稿"}

// shapes is tried in order.
var shapes = []struct {
	shape shape
	is    func(s string) bool
}{
	{date, isDate},
	{docNumber, isDocNumber},
	{notice, func(s string) bool {
		return len(s) < 120 && strings.HasPrefix(s, "（") && note(s, false) == len(s) && slices.ContainsFunc(noticeWords, func(w string) bool { return strings.Contains(s, w) })
	}},
	{annex, func(s string) bool {
		return len(s) < 300 && strings.HasPrefix(s, "附件") && !strings.Contains(s, "。")
	}},
	{credit, func(s string) bool { return len(s) < 200 && creditLine.MatchString(s) }},
	{leadIn, func(s string) bool {
		return len(s) < 800 && (dateline.MatchString(s) || reprinted.MatchString(s))
	}},
	{addressee, func(s string) bool {
		return strings.HasSuffix(s, "：") && !strings.ContainsAny(s, "。！？；") && isOffice(strings.TrimSuffix(s, "："))
	}},
	{text, isClosed},
}

func shapeOf(s string) shape {
	for _, sh := range shapes {
		if sh.is(s) {
			return sh.shape
		}
	}
	return open
}

// isDocNumber reports whether s is a document number and nothing else: the
// short name of an office, a year in brackets, a number.
func isDocNumber(s string) bool {
	office, rest, _ := strings.Cut(s, "〔")
	year, number, found := strings.Cut(rest, "〕")
	number, numbered := strings.CutSuffix(strings.TrimSpace(number), "号")
	return found && numbered && len(office) <= 8*3 && isNumber(strings.TrimSpace(year)) && isNumber(strings.TrimSpace(number))
}

// isOffice reports whether s ends as the name of an office or a place does.
func isOffice(s string) bool {
	return strings.ContainsAny(lastRune(s), "府构委局部厅院办会门位司团关省市区县州校")
}

// isDate reports whether s is a date and nothing else, in digits or numerals.
func isDate(s string) bool {
	if len(s) > 80 || !strings.Contains(s, "年") || !strings.Contains(s, "月") {
		return false
	}
	return strings.Trim(s, "0123456789０１２３４５６７８９〇○零一二三四五六七八九十年月日（）() \u3000") == ""
}

// titleNouns end the title of a government document.
var titleNouns = []string{
	"方案", "规划", "意见", "通知", "批复", "纲要", "计划", "决定", "办法", "要点", "措施", "行动",
	"报告", "函", "公告", "通报", "若干政策", "的决议", "实施细则",
}

func endsLikeTitle(s string) bool {
	if strings.HasSuffix(s, "）") {
		s = s[:max(strings.LastIndex(s, "（"), 0)]
	}
	for _, n := range titleNouns {
		if strings.HasSuffix(s, n) {
			return true
		}
	}
	return false
}

// afterTitle returns where the lines of text may begin: after the last that is
// a title, a date or the like, whose width says nothing about the text's.
func afterTitle(lines []line) int {
	for i := len(lines); i > 0; i-- {
		if sh := shapeOf(lines[i-1].text); sh != text && (sh != open || endsLikeTitle(lines[i-1].text)) {
			return i
		}
	}
	return len(lines)
}

// block is a paragraph outside the chapters.
type block struct {
	lines []line
	text  string
	shape shape
}

// blocks joins the lines before the first chapter.
func (o *outline) blocks(lines []line) (blocks []block) {
	var scratch Report // the account is kept when the lines' places are known
	titled := false    // the title of this document is complete
	for i := 0; i < len(lines); {
		var g gathering
		g.add(&lines[i])
		end := i + 1
		for ; end < len(lines) && !o.partsFront(g, &lines[end], titled); end++ {
			g.add(&lines[end])
		}
		b := block{lines: lines[i:end], text: join(lines[i:end], &scratch)}
		b.shape = shapeOf(b.text)
		if b.shape == open {
			titled = endsLikeTitle(b.text) || titled && blocks[len(blocks)-1].shape == open
		}
		blocks = append(blocks, b)
		i = end
	}
	return blocks
}

// front reads what stands before the first chapter: a cover notice, the title,
// the lines under it, and the preamble. It works from the end, since the
// paragraphs of text before 一、 are the preamble, whatever stands above.
func (o *outline) front(lines []line) {
	blocks := o.blocks(lines)
	k := len(blocks)
	for k > 0 && (blocks[k-1].shape == text || blocks[k-1].shape == addressee && k == len(blocks)) {
		k--
	}
	preamble := blocks[k:]
	under := k
	for under > 0 && blocks[under-1].shape != open && blocks[under-1].shape != text {
		under--
	}
	top := under
	for top > 0 && blocks[top-1].shape == open &&
		(top == under || !blocks[top].lines[0].page && blocks[top].lines[0].blanks <= o.flow.gap) {
		top--
	}
	if top == under {
		at := 0
		if len(lines) > 0 {
			at = lines[0].at
		}
		o.fail(at, diag.Text("没有找到标题", "no title was found"),
			diag.Text("标题应自成一行，在引言和“一、”之前。", "The title stands on a line of its own, before the preamble and 一、."))
		return
	}
	// Lines after the one that ends as titles do name the issuer.
	for i := under - 1; i > top; i-- {
		if endsLikeTitle(blocks[i-1].text) && !endsLikeTitle(blocks[i].text) && !strings.HasPrefix(blocks[i].text, "的") {
			under = i
		}
	}
	for i := 0; i < top; i++ {
		notice := blocks[i].lines
		// A cover notice has a heading of its own, over two lines perhaps.
		for blocks[i].shape == open && i+1 < top && blocks[i+1].shape == open &&
			!endsLikeTitle(blocks[i].text) && endsLikeTitle(blocks[i+1].text) {
			i++
			notice = append(notice[:len(notice):len(notice)], blocks[i].lines...)
		}
		o.plan.Front.Cover = append(o.plan.Front.Cover, o.around(notice))
	}
	var title []line
	for _, b := range blocks[top:under] {
		title = append(title, b.lines...)
	}
	o.plan.Title.ZH = join(title, o.report)
	if o.isDoubtful(blocks[:top], blocks[under:k], len(title)) {
		o.fail(title[0].at, diag.Text("标题与引言分不开", "the title cannot be told from the preamble"),
			diag.Text("请在标题之后、引言之前各空一行，引言每段写成一行。", "Put a blank line after the title, and each paragraph of the preamble on one line."))
	}
	for _, b := range blocks[under:k] {
		o.plan.Front.Under = append(o.plan.Front.Under, o.around(b.lines))
	}
	for _, b := range preamble {
		o.doubt(b.lines, b.text)
		o.addText(join(b.lines, o.report), true)
	}
}

// around joins a paragraph that is layout around the plan, and names it in the
// report.
func (o *outline) around(lines []line) string {
	s := join(lines, o.report)
	what := shapeNames[shapeOf(s)]
	if shapeOf(s) == open && strings.HasSuffix(s, "通知") {
		what = CoveringNotice
	}
	o.report.Around = append(o.report.Around, Around{What: what, Text: s, at: lines[0].at})
	return s
}

// isDoubtful reports whether the title may be something else: where too few
// lines show that a tool cut them, the preamble can pass for a title of several
// lines, or for lines under it.
func (o *outline) isDoubtful(cover, under []block, lines int) bool {
	t := o.plan.Title.ZH
	if len(t) > longTitle || !balanced(t) || strings.ContainsAny(t, "。；") ||
		strings.ContainsAny(lastRune(t), "，、") || lines > 1 && strings.Contains(t, "，") {
		return true
	}
	for _, b := range under {
		if b.shape == open && (len(b.text) > 20*3 || !isOffice(b.text)) {
			return true
		}
	}
	// Under a title, or behind a notice with a title of its own, what does not
	// end as titles do is none.
	return !endsLikeTitle(t) && slices.ContainsFunc(cover, func(b block) bool { return b.shape == open && endsLikeTitle(b.text) })
}

// partsFront reports whether line b starts a new paragraph after g, before the
// first chapter. Titles are centred and cut at the sense, so that the width says
// little about them.
func (o *outline) partsFront(g gathering, b *line, titled bool) bool {
	special := func(sh shape) bool { return sh != open && sh != text }
	a, next := g.last, shapeOf(b.text)
	if special(next) && next != addressee {
		inside := o.flow.wrapped && !g.isFirst && !g.closed() && o.flow.room(a, b, false) < 0
		return !inside
	}
	if g.isFirst {
		if sh := shapeOf(a.text); special(sh) && (sh != leadIn || g.closed()) {
			return true
		}
		if !titled && endsLikeTitle(a.text) && !strings.ContainsAny(a.text, "，。；") && !strings.HasPrefix(b.text, "的") {
			return true
		}
	}
	return o.flow.parts(g, b, nil, false)
}

// closing returns where the lines after the plan's last sentence begin: its
// signature, its date, a note on publication.
func closing(lines []line) int {
	i := len(lines)
	for i > 0 {
		s := lines[i-1].text
		_, marked := markOf(s)
		_, item := itemOf(s)
		marked = marked || item
		sh := shapeOf(s)
		if marked || sh == text || sh == addressee || sh == open && (lines[i-1].cells > 80 || strings.HasPrefix(s, "（") || strings.ContainsAny(s, "，、；：。") || !balanced(s)) {
			break
		}
		i--
	}
	// The line above must end a sentence; if it does not, what looks like a
	// signature is the end of a paragraph without a stop.
	if i == 0 || i < len(lines) && !isClosed(lines[i-1].text) && !strings.HasSuffix(lines[i-1].text, "）") {
		return len(lines)
	}
	return i
}

// inlineCredit cuts a site's （来源：新华社） off the last line of the text, where it
// stands behind the last sentence. A note such as （资金来源：…） is the plan's.
func inlineCredit(lines []line) []line {
	if len(lines) == 0 {
		return nil
	}
	l := &lines[len(lines)-1]
	i := strings.LastIndex(l.text, "（来源：")
	if i <= 0 || note(l.text[i:], false) != len(l.text)-i || !isClosed(l.text[:i]) {
		return nil
	}
	tail := line{text: l.text[i:], at: l.at + i, broken: l.broken}
	l.text, l.broken = l.text[:i], false
	l.cells, l.chars = width(l.text)
	return []line{tail}
}

// annexLine heads an annex: 附件, 附件2.
var annexLine = regexp.MustCompile(`^附\s*件\s*[0-9一二三四五六七八九十]*$`)

// cutAnnex ends the lines of the body where an annex begins, which is another
// document, and returns its first line, nil for none: 附件 on a line, a list of
// annexes below the date, or a second 一、 after the date.
func cutAnnex(lines []line) ([]line, *line) {
	signed := 0 // the line after the last date
	for i, l := range lines {
		at := 0
		switch m, ok := chapterMark(l.text); {
		case i == 0:
		case ok && m.number == 1 && signed > 0:
			at = signed
		case strings.HasPrefix(l.text, "附") && (annexLine.MatchString(l.text) || signed == i && shapeOf(l.text) == annex):
			at = i
		case isDate(l.text):
			signed = i + 1
		}
		if at > 0 && at < len(lines)-1 {
			return lines[:at], &lines[at]
		}
	}
	return lines, nil
}

// refuseAnnex says that an annex begins at byte offset at.
func (o *outline) refuseAnnex(at int) {
	if strings.HasSuffix(o.plan.Title.ZH, "通知") {
		o.fail(at, diag.Text("这是带附件的印发通知：通知自己分章，附件从这里开始", "this is a covering notice with chapters of its own, and its annex begins here"),
			diag.Text("要导入的多半是附件：请把从这里起的内容另存为一个文件，再导入那个文件。", "The plan is probably the annex: save what follows as a file of its own, and import that."))
		return
	}
	o.fail(at, diag.Text("正文之后是附件", "an annex follows the text"),
		diag.Text("附件请删去，另行导入。", "Cut the annex off and import it by itself."))
}
