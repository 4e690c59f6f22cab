package content

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Document is a file of the content folder, read once: everybody who wants to
// know what stands in it, and where, asks here. A Markdown file has front matter
// and a body; a table (.csv) has neither.
type Document struct {
	Name string    // project-relative slash path, such as content/pages/about.zh.md
	Lang plan.Lang // "" for a table
	Data []byte

	// Front is the mapping of the front matter; nil where there is none or it
	// cannot be read, which [Load] tells.
	Front *yaml.Node
	Head  Span // of the front matter, without its --- lines
	Body  int  // offset of what follows the front matter

	inner    string // its path below the content folder
	inPlan   bool
	unread   bool // see [Document.Unread]
	frontErr error
	lines    func() []int
	parsed   func() *parsed
}

// Span is a range of bytes of a document.
type Span struct{ Start, End int }

// newDocument reads src: name is the file's path, inner its path below the
// content folder.
func newDocument(name, inner string, src []byte) *Document {
	d := &Document{Name: name, Data: src, inner: inner, inPlan: strings.HasPrefix(inner, "plan/")}
	d.lines = sync.OnceValue(func() []int { return lineStarts(src) })
	d.parsed = sync.OnceValue(d.parse)
	if !strings.HasSuffix(inner, ".md") {
		d.Body = len(src)
		return d
	}
	d.Lang = plan.ZH
	if strings.HasSuffix(inner, ".en.md") {
		d.Lang = plan.EN
	}
	d.split()
	if head := src[d.Head.Start:d.Head.End]; len(bytes.TrimSpace(head)) > 0 {
		var root yaml.Node
		if d.frontErr = yaml.Load(head, &root); d.frontErr == nil && len(root.Content) > 0 && root.Content[0].Kind == yaml.MappingNode {
			d.Front = root.Content[0]
		}
	}
	return d
}

// passage is a text without front matter that is read like the plan's files.
func passage(lang plan.Lang, src []byte) *Document {
	d := &Document{Lang: lang, Data: src, inPlan: true}
	d.lines = sync.OnceValue(func() []int { return lineStarts(src) })
	d.parsed = sync.OnceValue(d.parse)
	return d
}

// IsMarkdown reports whether the document is not a table.
func (d *Document) IsMarkdown() bool { return d.Lang != "" }

// InPlan reports whether the document holds sentences of the plan.
func (d *Document) InPlan() bool { return d.inPlan }

// Unread reports that the file could not be read at all, for a reason that
// [Load] tells: what it seems to say and not to say is nobody's mistake.
func (d *Document) Unread() bool { return d.unread }

const bom = "\ufeff"

// split finds the front matter between --- lines; a file without any is all body.
func (d *Document) split() {
	start, fence := 0, 0
	i := len(d.Data) - len(bytes.TrimPrefix(d.Data, []byte(bom)))
	d.Body = i
	for i < len(d.Data) {
		end := len(d.Data)
		if n := bytes.IndexByte(d.Data[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		is := string(bytes.TrimRight(d.Data[i:end], " \t\r\n")) == "---"
		switch {
		case fence == 0 && !is:
			return
		case fence == 0:
			start, fence = end, 1
		case is:
			d.Head, d.Body = Span{start, i}, end
			return
		}
		i = end
	}
}

// hasHead reports whether front matter was begun and ended.
func (d *Document) hasHead() bool { return d.Head.Start > 0 }

// begun reports whether front matter was begun.
func (d *Document) begun() bool {
	line := firstLine(bytes.TrimPrefix(d.Data, []byte(bom)))
	return string(bytes.TrimRight(line, " \t\r")) == "---"
}

func lineStarts(src []byte) []int {
	lines := []int{0}
	for i, b := range src {
		if b == '\n' {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// At is the place of a byte.
func (d *Document) At(offset int) diag.Pos {
	lines := d.lines()
	line, found := slices.BinarySearch(lines, offset)
	if found {
		line++ // the line that starts here
	}
	start := lines[line-1]
	if line == 1 && bytes.HasPrefix(d.Data, []byte(bom)) && offset > 0 {
		start = len(bom)
	}
	return diag.Pos{File: d.Name, Line: line, Col: utf8.RuneCount(d.Data[start:offset]) + 1}
}

// Offset is the first byte of a place.
func (d *Document) Offset(pos diag.Pos) int {
	lines := d.lines()
	if pos.Line < 1 || pos.Line > len(lines) {
		return len(d.Data)
	}
	i := lines[pos.Line-1]
	for n := 1; n < pos.Col && i < len(d.Data); n++ {
		_, size := utf8.DecodeRune(d.Data[i:])
		i += size
	}
	return i
}

// Node is the place of a node of the front matter, which starts on the file's
// second line.
func (d *Document) Node(n *yaml.Node) diag.Pos {
	return diag.Pos{File: d.Name, Line: n.Line + 1, Col: n.Column}
}

// Value is what the front matter says under a name, as a text; "" where it does
// not have it or has more than one value.
func (d *Document) Value(name string) string {
	if value := d.value(name); value != nil {
		return value.Value
	}
	return ""
}

// ValuePos is where that stands, or the zero Pos.
func (d *Document) ValuePos(name string) diag.Pos {
	if value := d.value(name); value != nil {
		return d.Node(value)
	}
	return diag.Pos{}
}

func (d *Document) value(name string) *yaml.Node {
	if _, value, _ := d.pair(name); value != nil && value.Kind == yaml.ScalarNode {
		return value
	}
	return nil
}

// frontError is what is wrong with the front matter as YAML, and where.
func (d *Document) frontError() (pos diag.Pos, message string) {
	pos = diag.Pos{File: d.Name, Line: 2, Col: 1}
	var bad *yaml.LoadError
	if errors.As(d.frontErr, &bad) {
		if bad.Mark.Line > 0 {
			pos.Line, pos.Col = bad.Mark.Line+1, max(1, bad.Mark.Column)
		}
		return pos, bad.Message
	}
	return pos, d.frontErr.Error()
}
