package check

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// completeness is a warning: a translator may have merged two things on purpose.
// It judges by three measures, each of which a sound wording leaves room for:
// the items of each enumeration, the joints of the whole sentence, and how many
// words there are for what is not a term.
var completeness = Check{
	ID: "completeness",
	Doc: plan.Text{
		ZH: "中文列举几项，英文就有几项；中文有几个分句，英文没有漏掉",
		EN: "the English has as many items as the Chinese enumerates, and leaves no clause out",
	},
	Severity: diag.Warning,
	Run:      sentences(judgeCompleteness),
}

func judgeCompleteness(_ Input, r *reading, report Report) {
	hint := diag.Text("请对照中文逐项核对，看是否漏译。", "Go through the Chinese item by item and see whether one is missing.")
	segments := r.segments()
	sizes := map[int][]int{}
	for i, l := range r.chineseLists() {
		short := l.short()
		series, known := sizes[short]
		if !known {
			series = englishSeries(segments, short)
			sizes[short] = series
		}
		if i < len(series) && series[i] >= len(l.items) {
			continue
		}
		report(r.enPos, r.about(diag.Text("中文列举了 %[2]d 项（%[1]s），英文没有列全", "the Chinese lists %[2]d things (%[1]s), and no list in the English is as long", l, len(l.items))), hint)
		return
	}
	zh, en := r.joints(segments)
	if en < zh {
		report(r.enPos, r.about(diag.Text("中文有 %[1]d 个并列成分，英文只有 %[2]d 个", "the Chinese has %[1]d parts and the English only %[2]d", zh+1, en+1)), hint)
		return
	}
	if zh, en := r.freeWords(); zh >= 10 && float64(en) < 0.45*float64(zh)-0.5 {
		report(r.enPos, r.about(diag.Text("术语以外，中文有 %[1]d 个字，英文只有 %[2]d 个词，偏少", "apart from terms, the Chinese has %[1]d characters and the English only %[2]d words", zh, en)), hint)
	}
}

// list is an enumeration in Chinese.
type list struct{ items []string }

// String shows the items between others, whose ends are known.
func (l list) String() string {
	return "…、" + strings.Join(l.items[1:len(l.items)-1], "、") + "、…"
}

// short is how many English words an item may have, judged by the items between
// others, whose ends are known.
func (l list) short() int {
	longest := 0
	for _, item := range l.items[1 : len(l.items)-1] {
		longest = max(longest, utf8.RuneCountInString(item))
	}
	return min(longest+3, 12)
}

// chineseLists finds enumerations of three things and more, the longest first.
// An item between two marks that itself joins or governs something is the end
// of one enumeration and the start of the next.
func (r *reading) chineseLists() (found []list) {
	s := r.text.ZH
	start := 0
	var items []string
	flush := func() {
		if len(items) >= 3 {
			found = append(found, list{items})
		}
		items = nil
	}
	for i := 0; i <= len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		end := i == len(s) || strings.ContainsRune("，；。：“”《》", c)
		if !end && (c != '、' || r.insideTerm(i)) {
			i += n
			continue
		}
		item := s[start:i]
		if items != nil || !end {
			items = append(items, item)
			if len(items) > 1 && !end && (governing.MatchString(item) || r.namesPlaceFirst(start, i)) {
				flush()
				items = []string{item}
			}
		}
		if end {
			flush()
		}
		if i == len(s) {
			break
		}
		i += n
		start = i
	}
	slices.SortStableFunc(found, func(a, b list) int { return cmp.Compare(len(b.items), len(a.items)) })
	return found
}

// namesPlaceFirst reports whether the Chinese from start to end is a place with
// something after it that the place does, as 三明发展林下经济.
func (r *reading) namesPlaceFirst(start, end int) bool {
	i := slices.IndexFunc(r.known, func(m match) bool { return m.start == start && m.place != nil })
	return i >= 0 && r.known[i].end < end
}

// governing is what an item does not have that stands between two others.
var governing = regexp.MustCompile(`[与和及并对在向把将的等]|以及`)

// segment is a stretch of an English text between two joints.
type segment struct {
	words   int
	starts  bool // says “such as” or the like, so that what follows it is enumerated
	mark    byte // before it: a comma, a semicolon, or 0
	and     bool // it begins with “and”
	heading bool // a full stop or colon stands before it
}

// segments divides the English at its joints outside of terms.
func (r *reading) segments() []segment {
	list := []segment{{heading: true}}
	for i, w := range r.words {
		lower := strings.ToLower(w.text)
		if i > 0 && !r.inside(i-1, i) {
			between := r.text.EN[r.words[i-1].end:w.start]
			next := segment{and: r.joins(i), heading: strings.ContainsAny(between, ".:")}
			if i := strings.IndexAny(between, ",;"); i >= 0 {
				next.mark = between[i]
			}
			if next.mark != 0 || next.and || next.heading {
				list = append(list, next)
			}
		}
		last := &list[len(list)-1]
		last.words++
		last.starts = last.starts || starter[lower] || lower == "as" && i > 0 && r.words[i-1].text == "such"
	}
	return list
}

// englishSeries are the sizes of the enumerations in English, the longest
// first. One ends with “and”. Its items have up to the given number of words:
// the first longer one on the way back holds the first item at its end. Where
// semicolons divide the items, they have commas of their own.
func englishSeries(segments []segment, short int) (sizes []int) {
	for t := 1; t < len(segments); t++ {
		if !segments[t].and || segments[t].heading {
			continue
		}
		mark := segments[t].mark
		if mark == 0 {
			mark = ','
		}
		size, words := 2, 0
		for k := t - 1; k > 0; k-- {
			s := segments[k]
			words += s.words
			if s.heading || s.starts || words > short || s.and && s.mark == mark {
				break
			} else if s.mark == mark {
				size++
				words = 0
			}
		}
		sizes = append(sizes, size)
	}
	slices.SortFunc(sizes, func(a, b int) int { return b - a })
	return sizes
}

var (
	joiner  = wordSet("and or plus nor")
	starter = wordSet("including namely like")
)

// joins reports whether “and” or the like stands at word i.
func (r *reading) joins(i int) bool {
	return joiner[strings.ToLower(r.words[i].text)] ||
		i+2 < len(r.words) && r.words[i].text == "as" && r.words[i+1].text == "well" && r.words[i+2].text == "as"
}

// inside reports whether both words belong to one term.
func (r *reading) inside(i, j int) bool { return r.owner[i] != nil && r.owner[i] == r.owner[j] }

// joints are the marks and words outside of terms that hold the parts of a
// sentence together. 与, and 和 where people do something together, may be “with”.
func (r *reading) joints(segments []segment) (zh, en int) {
	with := 0
	for _, m := range joint.FindAllStringSubmatchIndex(strings.TrimRight(r.text.ZH, "。"), -1) {
		if m[2] >= 0 || r.insideTerm(m[0]) {
			continue
		}
		zh++
		switch what := r.text.ZH[m[0]:m[1]]; {
		case strings.HasSuffix(what, "与"), strings.HasSuffix(what, "和") && togetherness.MatchString(r.text.ZH[m[1]:]):
			with++
		}
	}
	en = len(segments) - 1
	for _, w := range r.words {
		if strings.EqualFold(w.text, "with") && with > 0 {
			with--
			en++
		}
	}
	return zh, en
}

var togetherness = regexp.MustCompile(`合作|协作|对接|共建|联合|结合|衔接|交流`)

// joint finds joints; what the group has is none.
var joint = regexp.MustCompile(`(参与|指出，|明确，|提出，|强调，|要求，|认为，|和谐|和平|共和国|温和|缓和)|[、，；：][并和及与]?|以及|[和与及]`)

// freeWords counts what is not a term: Chinese characters but those that English
// does without, and English words but those that hold others together.
func (r *reading) freeWords() (zh, en int) {
	for i, c := range r.text.ZH {
		if unicode.Is(unicode.Han, c) && !r.insideTerm(i) {
			zh++
		}
	}
	for _, m := range weightless.FindAllStringIndex(r.text.ZH, -1) {
		if !r.insideTerm(m[0]) {
			zh -= utf8.RuneCountInString(r.text.ZH[m[0]:m[1]])
		}
	}
	for i, w := range r.words {
		if r.owner[i] == nil && !small[strings.ToLower(w.text)] {
			en++
		}
	}
	return zh, en
}

var weightless = regexp.MustCompile(`开展|建设|工作|方面|领域|进行|[等在与和及对把将的]`)

var small = wordSet("of and in to for on as by it at from with such that which be will is are or them they")
