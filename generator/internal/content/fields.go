package content

// Changing a value of the front matter; see change.go.

import (
	"bytes"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

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
	if !slices.Contains(d.Fields(), name) {
		pos := d.ValuePos(name)
		if d.official(name) {
			return nil, d.wrong(pos, diag.Text("“%s”是方案自己的，在这里只读", "“%s” is the plan's own and read only here", name),
				diag.Text("方案的文字只通过 import 修订。", "The plan's text is revised by import only."))
		}
		return nil, d.wrong(pos, diag.Text("此处不能用“%s”", "“%s” is not used here", name), diag.Text("可用的有：%s。", "Use: %s.", strings.Join(d.Fields(), ", ")))
	}
	return d.setField(name, text)
}

func (d *Document) setField(name, text string) ([]byte, error) {
	text = strings.TrimSpace(lines(text))
	kind := keys[kindOf(d.inner)]
	k := slices.IndexFunc(kind, func(k key) bool { return k.name == name })
	if !d.hasHead() {
		return nil, d.wrong(diag.Pos{Line: 1, Col: 1}, diag.Text("文件开头没有由两行 --- 围起的说明", "the file does not begin with front matter between two --- lines"),
			diag.Text("第一行写 ---，然后 title: 标题，再写一行 ---。", "Start with ---, then title: …, then --- again."))
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
