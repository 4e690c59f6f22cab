package content

// Changing a file by one piece: a sentence, its tags, a value of the front matter, the
// body, cells of a table. Each Set… returns the bytes of the whole file, in which
// nothing but that piece differs: line endings, byte order mark, wrapping, blank lines,
// comments and the file's end stay as they are. The places come from the document; what
// was made is read again before it is returned, and refused where it would say anything
// else than was wanted. Nothing is written here.

import (
	"bytes"
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Sentence is where a unit stands in a document of the plan.
type Sentence struct {
	ID   plan.ID
	Text Span // its Markdown, as wrapped in the file
	Tags Span // its attribute line, from { to }
}

// Parse reads one file of the content folder dir: inner is its path below that folder.
// The findings are those that keep it from being read at all; such a document cannot be
// changed piece by piece.
func Parse(dir, inner string, src []byte) (*Document, diag.List) {
	l := &loader{dir: dir, tree: &Tree{dir: dir, doubt: map[string]bool{}}}
	d := newDocument(dir+"/"+inner, inner, src)
	if !l.unreadable(d) && d.IsMarkdown() {
		kind := kindOf(inner)
		if kind == noKind {
			kind = pageKind
		}
		d.unread = l.front(d, kind) == nil
		if !d.unread {
			l.found = nil // mistakes that do not keep anybody from mending them
		}
	}
	return d, l.found
}

// Sentences are the units of a document of the plan, in order. Those that cannot be
// told apart, which [Load] tells, are left out.
func (d *Document) Sentences() (list []Sentence) {
	if !d.inPlan || !d.IsMarkdown() {
		return nil
	}
	units, _ := d.units()
	for _, u := range units {
		list = append(list, u.at)
	}
	return list
}

// Sentence is where a unit stands, and whether it does.
func (d *Document) Sentence(id plan.ID) (Sentence, bool) {
	list := d.Sentences()
	i := slices.IndexFunc(list, func(s Sentence) bool { return s.ID == id })
	if i < 0 {
		return Sentence{}, false
	}
	return list[i], true
}

// Said is a stretch of the document as people read it: with \n for every line break.
func (d *Document) Said(s Span) string { return lines(string(d.Data[s.Start:s.End])) }

// lines is a text with \n for every line break.
func lines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// wrong is a change that cannot be made.
func (d *Document) wrong(pos diag.Pos, fact, hint plan.Text) error {
	if pos.File == "" {
		pos.File = d.Name
	}
	return diag.Diagnostic{Pos: pos, Check: "edit", Fact: fact, Hint: hint}
}

// unsafe is a change that would have changed something else, too. It should not
// happen, and it must not be written.
func (d *Document) unsafe(pos diag.Pos) error {
	return d.wrong(pos, diag.Text("这样改会连带改动文件的其他部分，没有写入", "this change would alter other parts of the file; nothing was written"),
		diag.Text("请在文本编辑器里打开这个文件来改。", "Open the file in a text editor to make it."))
}

// ending is how the lines of the document end: as most of them do.
func (d *Document) ending() string {
	crlf := bytes.Count(d.Data, []byte("\r\n"))
	if all := bytes.Count(d.Data, []byte("\n")); crlf*2 > all {
		return "\r\n"
	}
	return "\n"
}

// endingAt is how the line ends in which an offset stands, or else the document's.
func (d *Document) endingAt(offset int) string {
	n := bytes.IndexByte(d.Data[offset:], '\n')
	switch {
	case n < 0:
		return d.ending()
	case offset+n > 0 && d.Data[offset+n-1] == '\r':
		return "\r\n"
	}
	return "\n"
}

// replaced is the document's bytes with another text in place of s.
func (d *Document) replaced(s Span, text string) []byte {
	return slices.Concat(d.Data[:s.Start], []byte(text), d.Data[s.End:])
}

// again reads changed bytes of this document.
func (d *Document) again(data []byte) *Document { return newDocument(d.Name, d.inner, data) }

// SetSentence gives a unit another text, inline Markdown, or one where it has none, or
// takes it out where text is "". order is that of the units in the Chinese file: it
// says where a new sentence stands. A paragraph that is wrapped stays wrapped where its
// words stay.
func (d *Document) SetSentence(id plan.ID, text string, order []plan.ID) ([]byte, error) {
	text = strings.TrimSpace(lines(text))
	s, has := d.Sentence(id)
	pos := diag.Pos{}
	if has {
		pos = d.At(s.Text.Start)
	}
	if text != "" {
		one, bad := passage(d.Lang, []byte(text+"\n{#"+string(id)+"}\n")).units()
		if len(bad) > 0 || len(one) != 1 || one[0].id != id {
			return nil, d.wrong(pos, diag.Text("%s 的文字不能写成一段", "the text of %s cannot stand in one paragraph", id),
				diag.Text("请去掉标题、列表、空行和 HTML 代码。", "Remove headings, lists, blank lines and HTML code."))
		}
	}
	var data []byte
	switch {
	case !has && text == "":
		return d.Data, nil
	case !has:
		data = d.inserted(id, text, order)
	case text == "":
		data = d.removed(s)
	case text == d.Said(s.Text):
		return d.Data, nil
	default:
		eol := d.endingAt(s.Text.Start)
		data = d.replaced(s.Text, rewrapped(string(d.Data[s.Text.Start:s.Text.End]), text, eol))
	}
	if !d.onlySentence(d.again(data), id, text) {
		return nil, d.unsafe(pos)
	}
	return data, nil
}

// onlySentence reports whether another reading of the document differs from it in
// nothing but the text of a unit.
func (d *Document) onlySentence(other *Document, id plan.ID, text string) bool {
	was, badBefore := d.units()
	is, bad := other.units()
	if len(bad) > len(badBefore) || !bytes.Equal(d.Data[:d.Body], other.Data[:other.Body]) {
		return false
	}
	not := func(u rawUnit) bool { return u.id == id }
	var found string
	for _, u := range is {
		if u.id == id {
			found = u.source
		}
	}
	if strings.Join(strings.Fields(found), " ") != strings.Join(strings.Fields(text), " ") {
		return false
	}
	same := func(a, b rawUnit) bool {
		return a.id == b.id && a.source == b.source && a.html == b.html && slices.Equal(a.attrs, b.attrs)
	}
	return slices.EqualFunc(slices.DeleteFunc(slices.Clone(was), not), slices.DeleteFunc(slices.Clone(is), not), same)
}

// inserted is the document with a new unit, before the first that follows it in order.
func (d *Document) inserted(id plan.ID, text string, order []plan.ID) []byte {
	eol := d.ending()
	unit := strings.ReplaceAll(text, "\n", eol) + eol + "{#" + string(id) + "}"
	list := d.Sentences()
	rank := func(id plan.ID) int { return slices.Index(order, id) }
	before := -1 // the unit that the new one stands behind
	for i, s := range list {
		if rank(s.ID) >= 0 && rank(s.ID) < rank(id) {
			before = i
		}
	}
	switch {
	case before >= 0:
		at := list[before].Tags.End
		return d.replaced(Span{at, at}, eol+eol+unit)
	case len(list) > 0:
		at := list[0].Text.Start
		return d.replaced(Span{at, at}, unit+eol+eol)
	}
	end := len(bytes.TrimRight(d.Data, " \t\r\n"))
	if end < d.Body {
		end = d.Body
		return d.replaced(Span{end, end}, eol+unit+eol)
	}
	return slices.Concat(d.Data[:end], []byte(eol+eol+unit+eol))
}

// removed is the document without a unit and the blank lines above it.
func (d *Document) removed(s Sentence) []byte {
	start := len(bytes.TrimRight(d.Data[:s.Text.Start], " \t\r\n"))
	end := s.Tags.End
	if start < d.Body { // the first: what follows moves up
		start = s.Text.Start
		rest := d.Data[end:]
		end += len(rest) - len(bytes.TrimLeft(rest, " \t\r\n"))
		if end == len(d.Data) { // and the last
			start, end = d.Body, len(d.Data)
		}
	}
	return d.replaced(Span{start, end}, "")
}

// attributeOrder is how the attributes of a unit follow each other.
var attributeOrder = []string{"kind", "paragraph", "topics", "places", "bodies"}

// Tags are the names of the attributes of a sentence that staff decide.
var Tags = []string{"topics", "places", "bodies"}

// Tag is the value of an attribute of a unit; "" where it has none.
func (d *Document) Tag(id plan.ID, name string) string {
	return d.unit(id).attribute(name)
}

// unit is a unit as it was read; the zero one where the document does not have it.
func (d *Document) unit(id plan.ID) rawUnit {
	units, _ := d.units()
	for _, u := range units {
		if u.id == id {
			return u
		}
	}
	return rawUnit{}
}

func (u rawUnit) attribute(name string) string {
	for _, a := range u.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// SetTag gives one of the [Tags] of a unit the ids in value, which are separated by
// spaces; none takes it off.
func (d *Document) SetTag(id plan.ID, name, value string) ([]byte, error) {
	ids := strings.Fields(value)
	value = strings.Join(ids, " ")
	s, has := d.Sentence(id)
	if !has {
		return nil, d.wrong(diag.Pos{}, diag.Text("这里没有 %s", "there is no %s here", id), diag.Text("请检查编号。", "Check the id."))
	}
	pos := d.At(s.Tags.Start)
	for i, tag := range ids {
		if !hubID.MatchString(tag) || slices.Index(ids, tag) < i {
			return nil, d.wrong(pos, diag.Text("%[1]s：“%[2]s”不能作标签，或写了两次", "%[1]s: “%[2]s” cannot be a tag, or is written twice", id, tag),
				diag.Text("标签是 content 里主题、地方或主体的文件夹名，用空格隔开。", "Tags are names of folders of topics, places or bodies, with spaces between them."))
		}
	}
	line := string(d.Data[s.Tags.Start:s.Tags.End])
	old := d.Tag(id, name)
	written, whole := name+`="`+value+`"`, name+`="`+old+`"`
	var next string
	switch {
	case old == value:
		return d.Data, nil
	case strings.Count(line, " "+whole) == 1 && value == "":
		next = strings.Replace(line, " "+whole, "", 1)
	case strings.Count(line, " "+whole) == 1:
		next = strings.Replace(line, " "+whole, " "+written, 1)
	case old == "" && !strings.Contains(line, name+"="):
		at := len(line) - 1 // its closing brace
		for len(line) > at && at > 0 && line[at-1] == ' ' {
			at--
		}
		for _, later := range attributeOrder[slices.Index(attributeOrder, name)+1:] {
			if i := strings.Index(line, " "+later+"="); i >= 0 && i < at {
				at = i
			}
		}
		next = line[:at] + " " + written + line[at:]
	default: // written in another way than ours
		next = d.attributeLine(id, name, value)
	}
	data := d.replaced(s.Tags, next)
	if !d.onlyTag(d.again(data), id, name, value) {
		return nil, d.unsafe(pos)
	}
	return data, nil
}

// attributeLine writes the attribute line of a unit anew, with one other value.
func (d *Document) attributeLine(id plan.ID, name, value string) string {
	attrs := slices.DeleteFunc(slices.Clone(d.unit(id).attrs), func(a attribute) bool { return a.name == name })
	if value != "" {
		attrs = append(attrs, attribute{name, value})
	}
	slices.SortStableFunc(attrs, func(a, b attribute) int {
		return cmp.Compare(slices.Index(attributeOrder, a.name), slices.Index(attributeOrder, b.name))
	})
	line := "{#" + string(id)
	for _, a := range attrs {
		line += " " + a.name + `="` + a.value + `"`
	}
	return line + "}"
}

func (d *Document) onlyTag(other *Document, id plan.ID, name, value string) bool {
	was, _ := d.units()
	is, _ := other.units()
	return bytes.Equal(d.Data[:d.Body], other.Data[:other.Body]) && slices.EqualFunc(was, is, func(a, b rawUnit) bool {
		if a.id != b.id || a.source != b.source {
			return false
		}
		left := func(u rawUnit) map[string]string {
			m := map[string]string{}
			for _, x := range u.attrs {
				if u.id != id || x.name != name {
					m[x.name] = x.value
				}
			}
			return m
		}
		return maps.Equal(left(a), left(b)) && (a.id != id || b.attribute(name) == value)
	})
}

// Prose is the body of a document that is no plan, as people read it: with \n for
// line breaks, without blank lines around it.
func (d *Document) Prose() string { return strings.Trim(lines(string(d.Data[d.Body:])), "\n") }

// SetProse gives such a document another body. Lines that stay keep their bytes.
func (d *Document) SetProse(text string) ([]byte, error) {
	text = strings.Trim(lines(text), "\n")
	if text == d.Prose() {
		return d.Data, nil
	}
	body := d.Data[d.Body:]
	start := d.Body + len(body) - len(bytes.TrimLeft(body, "\r\n"))
	end := max(start, d.Body+len(bytes.TrimRight(body, "\r\n")))
	var data []byte
	switch eol := d.endingAt(start); {
	case start == end && text != "": // there was none
		head := d.Data[:d.Body]
		if d.Body > 0 && head[d.Body-1] != '\n' {
			head = append(slices.Clone(head), eol...)
		}
		data = slices.Concat(head, []byte(eol+strings.ReplaceAll(text, "\n", eol)+eol))
	default:
		data = d.replaced(Span{start, end}, relined(string(d.Data[start:end]), text, eol))
	}
	other := d.again(data)
	if other.Prose() != text || other.Head != d.Head || !bytes.Equal(other.Data[:d.Head.End], d.Data[:d.Head.End]) {
		return nil, d.unsafe(diag.Pos{})
	}
	return data, nil
}

// Word runs and the white space between them.
var wordOrSpace = regexp.MustCompile(`\s+|\S+`)

// rewrapped is the text to with the line breaks that from has between words that stay.
// Its other line breaks are eol.
func rewrapped(from, to, eol string) string {
	split := func(s string) (words, before []string) { // before: the white space in front of each word
		gap := ""
		for _, w := range wordOrSpace.FindAllString(s, -1) {
			if strings.TrimSpace(w) == "" {
				gap = w
				continue
			}
			words, before = append(words, w), append(before, gap)
			gap = ""
		}
		return words, before
	}
	was, gaps := split(from)
	is, newGaps := split(to)
	at := align(was, is)
	var b strings.Builder
	for j, word := range is {
		gap := strings.ReplaceAll(newGaps[j], "\n", eol)
		i := at[j] // the word of from whose gap could stand here
		if i < 0 && j > 0 && at[j-1] >= 0 && at[j-1]+1 < len(was) && !slices.Contains(at, at[j-1]+1) {
			i = at[j-1] + 1 // a word in place of another
		}
		if j > 0 && i > 0 && strings.Contains(gaps[i], "\n") {
			gap = gaps[i]
		} else if j > 0 && i > 0 && i == at[j] && at[j-1] == i-1 && lines(gaps[i]) == newGaps[j] {
			gap = gaps[i]
		}
		b.WriteString(gap + word)
	}
	return b.String()
}

// relined is the text to in which the lines that from has, too, have its bytes. Other
// lines end as the line did in whose place they stand, or else in eol.
func relined(from, to, eol string) string {
	split := func(s string) (text, full []string) {
		for line := range strings.Lines(s) {
			text, full = append(text, strings.TrimRight(line, "\r\n")), append(full, line)
		}
		return text, full
	}
	was, full := split(from)
	is := strings.Split(to, "\n")
	at := align(was, is)
	ending := func(i int) string {
		if i < 0 || i >= len(full) {
			return eol
		}
		if end := full[i][len(was[i]):]; end != "" {
			return end
		}
		return eol
	}
	var b strings.Builder
	next := 0 // of from, after the last line that stayed
	for j, line := range is {
		i := next
		if at[j] >= 0 {
			i = at[j]
		}
		b.WriteString(line)
		if j+1 < len(is) {
			b.WriteString(ending(i))
		}
		next = i + 1
	}
	return b.String()
}

// MergeLines puts together two texts that were both made from base, line by line. It is
// not ok where both have changed the same or neighbouring lines in different ways.
func MergeLines(base, mine, theirs string) (merged string, ok bool) {
	split := func(s string) []string { return strings.Split(lines(s), "\n") }
	b, m, t := split(base), split(mine), split(theirs)
	from := func(other []string) []int { // for each line of base, which of other it is
		at := slices.Repeat([]int{-1}, len(b))
		for j, i := range align(b, other) {
			if i >= 0 {
				at[i] = j
			}
		}
		return at
	}
	inM, inT := from(m), from(t)
	var out []string
	i, j, k := 0, 0, 0 // done of base, mine, theirs
	for i < len(b) || j < len(m) || k < len(t) {
		next := i // the next line that all have
		for next < len(b) && (inM[next] < 0 || inT[next] < 0) {
			next++
		}
		toM, toT := len(m), len(t)
		if next < len(b) {
			toM, toT = inM[next], inT[next]
		}
		was, my, their := b[i:next], m[j:toM], t[k:toT]
		switch {
		case slices.Equal(my, was), slices.Equal(my, their):
			out = append(out, their...)
		case slices.Equal(their, was):
			out = append(out, my...)
		default:
			return "", false
		}
		i, j, k = next, toM, toT
		if next < len(b) {
			out = append(out, b[next])
			i, j, k = i+1, j+1, k+1
		}
	}
	return strings.Join(out, "\n"), true
}

// align tells for each of b which of a it is, in a longest common subsequence; -1 for
// those that are new.
func align(a, b []string) []int {
	at := make([]int, len(b))
	for j := range at {
		at[j] = -1
	}
	lo, ah, bh := 0, len(a), len(b)
	for lo < ah && lo < bh && a[lo] == b[lo] {
		at[lo] = lo
		lo++
	}
	for ah > lo && bh > lo && a[ah-1] == b[bh-1] {
		ah, bh = ah-1, bh-1
		at[bh] = ah
	}
	n, m := ah-lo, bh-lo
	const most = 4 << 20 // cells: beyond it, what lies between counts as new
	if n == 0 || m == 0 || n*m > most {
		return at
	}
	length := make([][]int32, n+1)
	for i := range length {
		length[i] = make([]int32, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if a[lo+i] == b[lo+j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case a[lo+i] == b[lo+j]:
			at[lo+j] = lo + i
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return at
}

// SetText gives the whole file another text. Lines that stay keep their bytes.
func (d *Document) SetText(text string) []byte {
	text = lines(strings.TrimPrefix(text, bom))
	start := len(d.Data) - len(bytes.TrimPrefix(d.Data, []byte(bom)))
	if text == lines(string(d.Data[start:])) {
		return d.Data
	}
	from := string(d.Data[start:])
	end := strings.HasSuffix(text, "\n")
	out := relined(from, strings.TrimSuffix(text, "\n"), d.ending())
	if end {
		last := d.ending()
		if strings.HasSuffix(from, "\n") {
			last = d.endingAt(len(d.Data) - 1)
		}
		out += last
	}
	return slices.Concat(d.Data[:start], []byte(out))
}

// Wording is the text of a unit without markup, as [Load] has it; "" where it is not.
func (d *Document) Wording(id plan.ID) string {
	return d.unit(id).text
}
