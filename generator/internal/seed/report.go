package seed

import (
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Class is what became of a character of the source.
type Class int

const (
	UnitText Class = iota
	TitleText
	HeadingText
	Marks
	HeadingStops
	CoverText
	UnderText
	ClosingText
	ContentSpaces
	StraySpaces
	Margins
	Joined
	ParagraphEnds
	BlankLines
	PageNumbers
	FormFeeds
	CarriageReturns
	BOM
	classes int = iota
)

// classNames gives each class its name in JSON and its line in the account.
var classNames = [classes]struct {
	id    string
	label plan.Text
}{
	UnitText:        {"units", diag.Text("正文句子", "text of sentences")},
	TitleText:       {"title", diag.Text("标题", "title")},
	HeadingText:     {"headings", diag.Text("章节标题", "titles of chapters and sections")},
	Marks:           {"marks", diag.Text("章节编号及其标点", "numerals of headings and their marks")},
	HeadingStops:    {"stops", diag.Text("标题后的句号", "stops that close a heading")},
	CoverText:       {"cover", diag.Text("标题之前（印发通知）", "before the title (cover notice)")},
	UnderText:       {"under", diag.Text("标题之下（日期、文号）", "under the title (date, number)")},
	ClosingText:     {"closing", diag.Text("文末（署名、日期）", "after the text (signature, date)")},
	ContentSpaces:   {"contentSpaces", diag.Text("属于原文、保留的空格", "spaces that are content, kept")},
	StraySpaces:     {"straySpaces", diag.Text("数字和字母旁多余、去掉的空格", "stray spaces beside digits and letters, removed")},
	Margins:         {"margins", diag.Text("行首行尾的空白", "white space at the ends of lines")},
	Joined:          {"joined", diag.Text("段内接上的换行", "line breaks inside paragraphs, joined")},
	ParagraphEnds:   {"paragraphEnds", diag.Text("段末的换行", "line breaks that end a paragraph")},
	BlankLines:      {"blankLines", diag.Text("空行和页码行的换行", "line breaks of blank lines and page numbers")},
	PageNumbers:     {"pageNumbers", diag.Text("页码", "page numbers")},
	FormFeeds:       {"formFeeds", diag.Text("换页符", "form feeds")},
	CarriageReturns: {"carriageReturns", diag.Text("回车符（CRLF）", "carriage returns (CRLF)")},
	BOM:             {"byteOrderMark", diag.Text("字节序标记", "byte order mark")},
}

// Report accounts for every character of the source: each is in exactly one
// class, and the classes add up to the source.
type Report struct {
	Characters  int
	Count       [classes]int
	Inserted    int      // spaces put between two Latin words that stood on two lines
	HealedPages int      // page breaks inside a paragraph
	Around      []Around // what stands before, under and after the plan
	Notes       diag.List
}

// Around is a paragraph that is not the plan's own text but stands around it: a
// covering notice, a news lead-in, a signature. It stays in the front matter.
type Around struct {
	Line int       // of the source
	What plan.Text // what it looks like
	Text string
	at   int // byte offset in the source
}

// place finds the lines of what stands around the plan, in one walk over the text.
func (r *Report) place(text string) {
	from, line := 0, 1
	for i := range r.Around {
		a := &r.Around[i]
		line += position("", text[from:], a.at-from).Line - 1
		a.Line, from = line, a.at
	}
}

// MarshalJSON writes the classes by name, those without a character as well, so
// that a reader of the report need not know which can be missing.
func (r *Report) MarshalJSON() ([]byte, error) {
	count := make(map[string]int, classes)
	for c, n := range r.Count {
		count[classNames[c].id] = n
	}
	notes := r.Notes
	if notes == nil {
		notes = diag.List{}
	}
	type around struct {
		Line int    `json:"line"`
		What string `json:"what"`
		Text string `json:"text"`
	}
	layout := []around{}
	for _, a := range r.Around {
		layout = append(layout, around{a.Line, a.What.EN, a.Text})
	}
	return json.Marshal(struct {
		Characters  int            `json:"characters"`
		Count       map[string]int `json:"count"`
		Inserted    int            `json:"inserted"`
		HealedPages int            `json:"healedPages"`
		Around      []around       `json:"around"`
		Notes       diag.List      `json:"notes"`
	}{r.Characters, count, r.Inserted, r.HealedPages, layout, notes})
}

// Print writes the account in language l.
func (r *Report) Print(w io.Writer, l plan.Lang) {
	row := func(n int, label plan.Text) { fmt.Fprintf(w, "%10d  %s\n", n, label.In(l)) }
	for c, n := range r.Count {
		if n > 0 {
			row(n, classNames[c].label)
		}
	}
	row(r.Characters, diag.Text("合计，即原文全部字符", "in all: every character of the source"))
	if r.HealedPages > 0 {
		fmt.Fprintln(w, diag.Text("接上了 %d 处段落中间的分页", "page breaks inside paragraphs healed: %d", r.HealedPages).In(l))
	}
	if r.Inserted > 0 {
		fmt.Fprintln(w, diag.Text("在换行断开的外文词之间加了 %d 个空格", "spaces added between Latin words on two lines: %d", r.Inserted).In(l))
	}
	for _, a := range r.Around {
		text := []rune(a.Text)
		if len(text) > aroundShown {
			text = append(text[:aroundShown:aroundShown], '…')
		}
		fmt.Fprintln(w, diag.Text("方案之外，第 %d 行（%s）：%s", "around the plan, line %[1]d (%[2]s): %[3]s", a.Line, a.What.In(l), string(text)).In(l))
	}
	r.Notes.Print(w, l)
}

// aroundShown is how many characters of a paragraph around the plan are printed.
const aroundShown = 30

// tally counts the characters that are in the plan. Those that are not were
// counted where they fell away, so that [Report.balance] compares two accounts.
func (r *Report) tally(p *plan.Plan) {
	add := func(c Class, texts ...string) {
		for _, s := range texts {
			r.Count[c] += printed(s)
		}
	}
	add(TitleText, p.Title.ZH)
	add(CoverText, p.Front.Cover...)
	add(UnderText, p.Front.Under...)
	add(ClosingText, p.Front.Closing...)
	for u := range p.Units() {
		add(UnitText, u.Text.ZH)
	}
	heading := func(title, stop, whole string) {
		add(HeadingText, title)
		add(HeadingStops, stop)
		r.Count[Marks] += printed(whole) - printed(title) - printed(stop)
	}
	for _, c := range p.Chapters {
		heading(c.Title.ZH, c.Stop, c.Heading())
	}
	for s := range p.Sections() {
		heading(s.Title.ZH, s.Stop, s.Heading())
	}
}

// printed counts the characters of s that are not white space.
func printed(s string) int {
	n := utf8.RuneCountInString(s)
	for rest := s; ; {
		i := findSpace(rest)
		if i < 0 {
			return n
		}
		_, size := utf8.DecodeRuneInString(rest[i:])
		rest = rest[i+size:]
		n--
	}
}

// balance checks that the classes add up to the source.
func (r *Report) balance(name string) error {
	sum := 0
	for _, n := range r.Count {
		sum += n
	}
	if sum == r.Characters {
		return nil
	}
	return diag.List{{Pos: diag.Pos{File: name}, Check: check,
		Fact: diag.Text("原文有 %d 个字符，只交代了 %d 个", "the source has %d characters, but %d are accounted for", r.Characters, sum),
		Hint: diag.Text("这是程序的错误；请把原文交给维护者。", "This is a bug; give the source to the maintainers.")}}
}
