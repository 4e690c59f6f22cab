package seed

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// level is where a heading stands in the plan.
type level int

const (
	body level = iota
	chapter
	section
)

// mark is the numeral that a heading begins with, and its brackets or comma.
type mark struct {
	level  level
	number int
	size   int // bytes
}

// maxNumeral is the longest numeral that a heading can bear, in bytes.
const maxNumeral = 20 * 3

// numeralLen returns the length of the numeral that s begins with, 0 for none.
func numeralLen(s string) int {
	for i, r := range s {
		if i >= maxNumeral || !strings.ContainsRune("零一二三四五六七八九十百千万", r) {
			return min(i, maxNumeral)
		}
	}
	return len(s)
}

// chapterMark reads the mark 三、 at the start of s. It is none when another
// numeral follows, as in 一、二、三产业.
func chapterMark(s string) (mark, bool) {
	n := numeralLen(s)
	if n == 0 || !strings.HasPrefix(s[n:], "、") {
		return mark{}, false
	}
	number, ok := plan.ParseNumeral(s[:n])
	m := mark{chapter, number, n + len("、")}
	if !ok || numeralLen(s[m.size:]) > 0 {
		return mark{}, false
	}
	return m, true
}

// sectionMark reads the mark （三） at the start of s. Words in brackets, as in
// （汀） or （平台）, are none.
func sectionMark(s string) (mark, bool) {
	rest, ok := strings.CutPrefix(s, "（")
	if !ok {
		return mark{}, false
	}
	n := numeralLen(rest)
	if n == 0 || !strings.HasPrefix(rest[n:], "）") {
		return mark{}, false
	}
	number, ok := plan.ParseNumeral(rest[:n])
	if !ok {
		return mark{}, false
	}
	return mark{section, number, n + len("（）")}, true
}

// markOf reads the mark at the start of a line.
func markOf(s string) (mark, bool) {
	if m, ok := sectionMark(s); ok {
		return m, true
	}
	return chapterMark(s)
}

// item is the number of a numbered item inside a section, and how it is written.
type item struct {
	inBrackets bool // （1）, not 1.
	number     int
}

var itemStart = regexp.MustCompile(`^(?:([1-9][0-9]?)[.．、]|[（(]([1-9][0-9]?)[）)])[^0-9０-９]`)

// itemOf reads the number of an item at the start of a line: 1.…, 2、… or （3）….
// 1.5亿元 and 2、3号线 are none.
func itemOf(s string) (item, bool) {
	if s == "" || s[0] >= utf8.RuneSelf && !strings.HasPrefix(s, "（") {
		return item{}, false // as nearly every line
	}
	m := itemStart.FindStringSubmatch(s)
	if m == nil {
		return item{}, false
	}
	n, _ := strconv.Atoi(m[1] + m[2]) // one of them is empty
	return item{m[2] != "", n}, true
}

// items knows which numbers the items of a division may bear next: one more
// than the last of the kind, or one.
type items struct{ plain, inBrackets int }

func (i *items) last(it item) *int {
	if it.inBrackets {
		return &i.inBrackets
	}
	return &i.plain
}

func (i *items) expects(it item) bool { return it.number == 1 || it.number == *i.last(it)+1 }

// numbering knows which number each level must bear next. Sections count
// through the whole plan or begin anew in each chapter; the second chapter that
// has any shows which, and the rest must agree.
type numbering struct {
	chapter int
	label   int // of the last section
	inside  int // sections in this chapter
	anew    bool
	settled bool
}

// expects reports whether m bears the number that comes next.
func (n *numbering) expects(m mark) bool {
	switch {
	case m.level == chapter:
		return m.number == n.chapter+1
	case n.chapter == 0:
		return false
	case n.inside > 0 || n.label == 0 || n.settled && !n.anew:
		return m.number == n.label+1
	case n.settled:
		return m.number == 1
	}
	return m.number == 1 || m.number == n.label+1
}

// next names the mark that must come next on m's level.
func (n *numbering) next(m mark) string {
	if m.level == chapter {
		return plan.Numeral(n.chapter+1) + "、"
	}
	if n.inside == 0 && n.settled && n.anew {
		return "（一）"
	}
	return "（" + plan.Numeral(n.label+1) + "）"
}

// take goes on from m, also from a wrong one: one gap is one error.
func (n *numbering) take(m mark) {
	if m.level == chapter {
		n.chapter, n.inside = m.number, 0
		return
	}
	if n.inside == 0 && n.label > 0 && !n.settled {
		n.anew, n.settled = m.number == 1, true
	}
	n.label = m.number
	n.inside++
}

// complain says what is wrong with m, which is not expected.
func (n *numbering) complain(m mark, printed string) (fact, hint plan.Text) {
	want := n.next(m)
	hint = diag.Text("请对照原件：补上缺的，改正编号；目录和附件请删去。", "Compare with the original: restore what is missing or mend the number; cut off a table of contents or an annex.")
	last := n.chapter
	if m.level == section {
		last = n.label
	}
	switch {
	case m.level == section && n.chapter == 0:
		return diag.Text("节标题%s出现在第一章之前", "section heading %s stands before the first chapter", printed), hint
	case m.number <= last:
		return diag.Text("标题编号重复：%s，这里应是%s", "a heading number repeats: %s where %s should come", printed, want), hint
	}
	return diag.Text("标题编号不连续：%s，这里应是%s", "a gap in the headings: %s where %s should come", printed, want), hint
}

// cutHeading separates a heading that runs into its text, as in
// （三）巩固提升质量。坚持…, at the first full stop outside brackets and quotes.
func cutHeading(s string) (title, stop, rest string) {
	const full = "。"
	depth := depthOf(s)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == '。' && depth.level == 0 {
			return s[:i], full, s[i+n:]
		}
		depth.step(r)
		i += n
	}
	return s, "", ""
}
