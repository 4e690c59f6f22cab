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
	"encoding/csv"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

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
	units, _ := d.units()
	for _, u := range units {
		if u.id == id {
			return u.attribute(name)
		}
	}
	return ""
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
	units, _ := d.units()
	u := units[slices.IndexFunc(units, func(u rawUnit) bool { return u.id == id })]
	attrs := slices.DeleteFunc(slices.Clone(u.attrs), func(a attribute) bool { return a.name == name })
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

// Fields are the names that the front matter may have whose values staff decide: what
// the plan itself says in Chinese is not among them.
func (d *Document) Fields() (names []string) {
	kind := kindOf(d.inner)
	for _, k := range keys[kind] {
		if k.chinese && d.Lang != plan.ZH || d.official(k.name) {
			continue
		}
		names = append(names, k.name)
	}
	return names
}

// official reports whether a value of the front matter is the plan's own.
func (d *Document) official(name string) bool {
	if !d.inPlan {
		return false
	}
	if d.Lang == plan.EN {
		return name == "number"
	}
	return !slices.Contains([]string{"name", "keywords", "phrases", "drawing"}, name)
}

// Field is a value of the front matter as a text, one line for each item of a list; ""
// where it does not have it.
func (d *Document) Field(name string) string {
	_, value, _ := d.pair(name)
	if value == nil {
		return ""
	}
	return fieldText(value)
}

func fieldText(value *yaml.Node) string {
	if value.Kind != yaml.SequenceNode {
		return lines(value.Value)
	}
	items := make([]string, len(value.Content))
	for i, n := range value.Content {
		items[i] = n.Value
	}
	return strings.Join(items, "\n")
}

// pair finds a name of the front matter, its value, and which pair it is.
func (d *Document) pair(name string) (key, value *yaml.Node, index int) {
	if d.Front != nil {
		for i := 0; i+1 < len(d.Front.Content); i += 2 {
			if d.Front.Content[i].Value == name {
				return d.Front.Content[i], d.Front.Content[i+1], i
			}
		}
	}
	return nil, nil, -1
}

// SetField gives a value of the front matter another text: one line an item where it
// is a list. "" takes the name out. A value keeps the way it was written in: quotes,
// lists in one line or one item a line, comments.
func (d *Document) SetField(name, text string) ([]byte, error) {
	text = strings.TrimSpace(lines(text))
	kind := keys[kindOf(d.inner)]
	k := slices.IndexFunc(kind, func(k key) bool { return k.name == name })
	switch {
	case !d.hasHead():
		return nil, d.wrong(diag.Pos{Line: 1, Col: 1}, diag.Text("文件开头没有由两行 --- 围起的说明", "the file does not begin with front matter between two --- lines"),
			diag.Text("第一行写 ---，然后 title: 标题，再写一行 ---。", "Start with ---, then title: …, then --- again."))
	case !slices.Contains(d.Fields(), name):
		pos := d.ValuePos(name)
		if d.official(name) {
			return nil, d.wrong(pos, diag.Text("“%s”是方案自己的，在这里只读", "“%s” is the plan's own and read only here", name),
				diag.Text("方案的文字只通过 import 修订。", "The plan's text is revised by import only."))
		}
		return nil, d.wrong(pos, diag.Text("此处不能用“%s”", "“%s” is not used here", name), diag.Text("可用的有：%s。", "Use: %s.", strings.Join(d.Fields(), ", ")))
	}
	old, value, index := d.pair(name)
	if value != nil && fieldText(value) == text || value == nil && text == "" {
		return d.Data, nil
	}
	eol := d.ending()
	var data []byte
	switch {
	case value == nil:
		if d.Head.End > d.Head.Start { // as the line above it
			eol = d.endingAt(d.Head.End - 1)
		}
		line := d.pairText(name, d.fresh(kind[k].value, text), eol)
		data = d.replaced(Span{d.Head.End, d.Head.End}, line)
	case text == "":
		data = d.replaced(Span{d.lineOf(old), d.endOf(index)}, "")
	default:
		s, written := d.rewritten(value, d.endOf(index), kind[k].value, text, eol)
		data = d.replaced(s, written)
	}
	if !d.onlyField(d.again(data), name, text) {
		return nil, d.unsafe(d.ValuePos(name))
	}
	return data, nil
}

// fresh is a value that was not there.
func (d *Document) fresh(kind valueKind, text string) *yaml.Node {
	switch kind {
	case listValue, tileValue:
		return inLine(strings.Split(text, "\n"))
	case textValue:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	}
	return plainNode(text)
}

// plainNode is a value written without quotes, such as a date, a number, true.
func plainNode(text string) *yaml.Node {
	var root yaml.Node
	if yaml.Load([]byte(text), &root) == nil && len(root.Content) == 1 && root.Content[0].Kind == yaml.ScalarNode && root.Content[0].Value == text {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: root.Content[0].Tag, Value: text}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

// pairText writes a name and its value.
func (d *Document) pairText(name string, value *yaml.Node, eol string) string {
	out, err := yaml.Dump(map[string]any{name: value}, yaml.WithLineWidth(-1))
	if err != nil {
		return "" // nothing then says what was wanted, and it is refused
	}
	return strings.ReplaceAll(string(out), "\n", eol)
}

// lineOf is where the line of a node begins.
func (d *Document) lineOf(n *yaml.Node) int { return d.Offset(diag.Pos{Line: d.Node(n).Line, Col: 1}) }

// endOf is where the lines of a pair of the front matter end: blank lines and comments
// above the next name belong to that.
func (d *Document) endOf(index int) int {
	end := d.Head.End
	if index+2 < len(d.Front.Content) {
		end = d.lineOf(d.Front.Content[index+2])
	}
	for {
		line := bytes.LastIndexByte(bytes.TrimSuffix(d.Data[:end], []byte("\n")), '\n') + 1
		if t := bytes.TrimSpace(d.Data[line:end]); len(t) > 0 && d.Data[line] != '#' || line <= d.lineOf(d.Front.Content[index]) {
			return end
		}
		end = line
	}
}

// rewritten is another text for a value that is there, and what it replaces.
func (d *Document) rewritten(value *yaml.Node, end int, kind valueKind, text, eol string) (Span, string) {
	start := d.Offset(d.Node(value))
	if value.Kind == yaml.SequenceNode {
		if value.Style&yaml.FlowStyle == 0 && len(value.Content) > 0 {
			return d.items(value, end, strings.Split(text, "\n"), eol)
		}
		return d.oneLine(value, start, end, eol, strings.TrimSpace(strings.TrimPrefix(d.pairText("x", inLine(strings.Split(text, "\n")), ""), "x:")))
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: value.Style &^ yaml.TaggedStyle}
	if kind != textValue || n.Style == 0 && value.ShortTag() != "!!str" {
		n = plainNode(text)
	}
	return d.oneLine(value, start, end, eol, strings.TrimSpace(strings.TrimPrefix(d.pairText("x", n, eol), "x:")))
}

// oneLine finds what a value takes: the rest of its line but for a comment, or all its
// lines where it has several.
func (d *Document) oneLine(value *yaml.Node, start, end int, eol, text string) (Span, string) {
	line := d.Data[start:end]
	if n := bytes.IndexByte(line, '\n'); n >= 0 && len(bytes.TrimSpace(line[n:])) == 0 {
		line = line[:n]
	} else if n >= 0 {
		return Span{start, end}, text + eol
	}
	if value.LineComment != "" {
		if n := bytes.LastIndex(line, []byte(value.LineComment)); n >= 0 {
			line = line[:n]
		}
	}
	return Span{start, start + len(bytes.TrimRight(line, " \t\r\n"))}, text
}

// items writes a list that has an item a line. Items that stay keep their lines.
func (d *Document) items(value *yaml.Node, end int, want []string, eol string) (Span, string) {
	begin := d.lineOf(value.Content[0])
	indent := string(d.Data[begin:d.Offset(d.Node(value.Content[0]))]) // with the dash
	var have, full []string
	for i, n := range value.Content {
		upTo := end
		if i+1 < len(value.Content) {
			upTo = d.lineOf(value.Content[i+1])
		}
		have, full = append(have, n.Value), append(full, string(d.Data[d.lineOf(n):upTo]))
	}
	at := align(have, want)
	var b strings.Builder
	for j, item := range want {
		if at[j] >= 0 {
			line := full[at[j]]
			if !strings.HasSuffix(line, "\n") {
				line += eol
			}
			b.WriteString(line)
			continue
		}
		b.WriteString(indent + strings.TrimSpace(strings.TrimPrefix(d.pairText("x", plainNode(item), eol), "x:")) + eol)
	}
	return Span{begin, end}, b.String()
}

// onlyField reports whether another reading of the document differs from it in nothing
// but one value of the front matter.
func (d *Document) onlyField(other *Document, name, text string) bool {
	if other.frontErr != nil || other.Front == nil || other.Field(name) != text || !bytes.Equal(d.Data[d.Body:], other.Data[min(other.Body, len(other.Data)):]) {
		return false
	}
	left := func(d *Document) (list []*yaml.Node) {
		if d.Front == nil {
			return nil
		}
		for i := 0; i+1 < len(d.Front.Content); i += 2 {
			if d.Front.Content[i].Value != name {
				list = append(list, d.Front.Content[i], d.Front.Content[i+1])
			}
		}
		return list
	}
	return slices.EqualFunc(left(d), left(other), sameNode)
}

func sameNode(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Value == b.Value && a.Style == b.Style && slices.EqualFunc(a.Content, b.Content, sameNode)
}

// Row is a row of a table, with the places of its cells.
type Row struct {
	Span         // without the line break
	Cells []Cell // as many as the row has
	names []string
}

// Cell is a cell: what it says, and where that is written, with its quotes.
type Cell struct {
	Span
	Text string
}

// Cell is what the row has in a column, without white space around it; "" for none.
func (r Row) Cell(column string) string {
	i := slices.Index(r.names, column)
	if i < 0 || i >= len(r.Cells) {
		return ""
	}
	return strings.TrimSpace(r.Cells[i].Text)
}

// Columns are the names of the table's columns.
func (r Row) Columns() []string { return r.names }

// Rows are the rows of a table after its heading, as far as it can be read.
func (d *Document) Rows() []Row {
	_, rows := d.rows()
	return rows
}

// Heading are the names of a table's columns.
func (d *Document) Heading() []string {
	heading, _ := d.rows()
	return heading.names
}

func (d *Document) rows() (heading Row, rows []Row) {
	skip := len(d.Data) - len(bytes.TrimPrefix(d.Data, []byte(bom)))
	data := d.Data[skip:]
	starts := lineStarts(data)
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	for first := true; ; first = false {
		rec, err := r.Read()
		if err != nil {
			if err != io.EOF {
				return heading, rows // which Load tells
			}
			return heading, rows
		}
		end := int(r.InputOffset())
		end -= len(data[:end]) - len(bytes.TrimRight(data[:end], "\r\n"))
		row := Row{names: rec}
		for i, text := range rec {
			line, col := r.FieldPos(i)
			at := starts[line-1] + col - 1
			if i > 0 {
				row.Cells[i-1].End = skip + at - len(",")
			}
			row.Cells = append(row.Cells, Cell{Span: Span{skip + at, skip + end}, Text: text})
		}
		row.Span = Span{row.Cells[0].Start, skip + end}
		if first {
			heading = row
			continue
		}
		row.names = heading.names
		rows = append(rows, row)
	}
}

// RowChange is other values for cells of the row that has Key in the table's first
// column, by column. Where there is no such row, one is added behind the row After (the
// name of that column: behind the heading), or at the end. Without Values the row is
// taken out.
type RowChange struct {
	Key    string
	Values map[string]string
	After  string
}

// SetRows changes rows of a table. Cells that stay keep their bytes.
func (d *Document) SetRows(changes ...RowChange) ([]byte, error) {
	heading, rows := d.rows()
	if len(heading.names) == 0 {
		return nil, d.wrong(diag.Pos{Line: 1, Col: 1}, diag.Text("表格没有第一行", "the table has no first row"), restore)
	}
	at := map[string]int{}
	for i, r := range rows {
		at[r.Cell(heading.names[0])] = i
	}
	type splice struct {
		Span
		text string
	}
	var splices []splice
	touched := map[string]bool{}
	for _, c := range changes {
		for _, name := range slices.Sorted(maps.Keys(c.Values)) {
			if !slices.Contains(heading.names, name) {
				return nil, d.wrong(diag.Pos{Line: 1, Col: 1}, diag.Text("第一行没有“%s”列", "the first row has no column “%s”", name),
					diag.Text("第一行是 %s。", "The first row is %s.", strings.Join(heading.names, ",")))
			}
		}
		touched[c.Key] = true
		i, has := at[c.Key]
		switch {
		case !has && c.Values == nil:
		case c.Values == nil:
			s := rows[i].Span
			if n := bytes.IndexByte(d.Data[s.End:], '\n'); n >= 0 {
				s.End += n + 1
			} else { // the last line, whose break stands before it
				s.Start = len(bytes.TrimRight(d.Data[:s.Start], "\r\n"))
			}
			splices = append(splices, splice{s, ""})
		case !has:
			cells := make([]string, len(heading.names))
			for j, name := range heading.names {
				cells[j] = written(c.Values[name])
			}
			behind := heading
			if len(rows) > 0 {
				behind = rows[len(rows)-1]
			}
			if j, is := at[c.After]; is && c.After != "" {
				behind = rows[j]
			} else if c.After == heading.names[0] {
				behind = heading
			}
			splices = append(splices, splice{Span{behind.End, behind.End}, d.endingAt(behind.Start) + strings.Join(cells, ",")})
		default:
			for j, cell := range rows[i].Cells[:min(len(rows[i].Cells), len(heading.names))] {
				if want, is := c.Values[heading.names[j]]; is && want != strings.TrimSpace(cell.Text) {
					splices = append(splices, splice{cell.Span, written(want)})
				}
			}
		}
	}
	slices.SortStableFunc(splices, func(a, b splice) int { return cmp.Compare(a.Start, b.Start) })
	var out bytes.Buffer
	done := 0
	for _, s := range splices {
		if s.Start < done {
			return nil, d.unsafe(diag.Pos{}) // the same cell twice
		}
		out.Write(d.Data[done:s.Start])
		out.WriteString(s.text)
		done = s.End
	}
	out.Write(d.Data[done:])
	_, now := d.again(out.Bytes()).rows()
	left := func(rows []Row) (list []string) {
		for _, r := range rows {
			if !touched[r.Cell(heading.names[0])] {
				for _, c := range r.Cells {
					list = append(list, c.Text)
				}
				list = append(list, "\n")
			}
		}
		return list
	}
	clear(at)
	for i, r := range now {
		at[r.Cell(heading.names[0])] = i
	}
	for _, c := range changes {
		i, has := at[cmp.Or(c.Values[heading.names[0]], c.Key)]
		if has != (c.Values != nil) {
			return nil, d.unsafe(diag.Pos{})
		}
		for name, value := range c.Values {
			if now[i].Cell(name) != strings.TrimSpace(lines(value)) {
				return nil, d.unsafe(diag.Pos{})
			}
		}
	}
	if !slices.Equal(left(rows), left(now)) {
		return nil, d.unsafe(diag.Pos{})
	}
	return out.Bytes(), nil
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
	units, _ := d.units()
	for _, u := range units {
		if u.id == id {
			return u.text
		}
	}
	return ""
}

// written is a text as a cell.
func written(s string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{s}) // a strings.Builder takes everything
	w.Flush()
	s = strings.TrimSuffix(b.String(), "\n")
	if s == `""` {
		return "" // an empty row, of which this is only a cell
	}
	return s
}
