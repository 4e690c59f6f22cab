package content

import (
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	gtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// rawUnit is one paragraph with its attribute line, as written.
type rawUnit struct {
	id      plan.ID
	attrs   []attribute // without the id, in the order written
	text    string
	html    string
	source  string   // as written, without the attribute line
	pos     diag.Pos // of the sentence
	attrPos diag.Pos // of the attribute line
	at      Sentence
}

type attribute struct{ name, value string }

// attributeLines lets the last line of a paragraph carry the attributes of the
// whole paragraph, in the form that goldmark reads on headings.
type attributeLines struct{}

func (attributeLines) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithParagraphTransformers(util.Prioritized(attributeLines{}, 50)))
}

const attributeLine = "attributeLine" // holds the line's Span in the source, once it was understood

// Transform takes the attribute line off the paragraph, if it is one.
func (attributeLines) Transform(p *ast.Paragraph, reader gtext.Reader, _ parser.Context) {
	lines := p.Lines()
	last := lines.At(lines.Len() - 1)
	source := bytes.TrimSpace(last.Value(reader.Source()))
	if lines.Len() < 2 || !bytes.HasPrefix(source, []byte("{#")) {
		return
	}
	r := gtext.NewReader(source)
	attrs, ok := parser.ParseAttributes(r)
	if rest, _ := r.PeekLine(); !ok || len(bytes.TrimSpace(rest)) > 0 {
		return
	}
	for _, a := range attrs {
		p.SetAttribute(a.Name, a.Value)
	}
	start := last.Start + bytes.Index(last.Value(reader.Source()), source) - last.Padding
	p.SetAttribute([]byte(attributeLine), Span{start, start + len(source)})
	lines.SetSliced(0, lines.Len()-1)
	end := lines.At(lines.Len() - 1)
	lines.Set(lines.Len()-1, end.TrimRightSpace(reader.Source()))
}

// units reads the units of a file of the plan.
func (d *Document) units() (units []rawUnit, found diag.List) {
	parsed := d.parsed()
	body := parsed.body
	at := func(offset int) diag.Pos { return d.At(d.Body + offset) }
	bad := func(pos diag.Pos, check string, fact, hint plan.Text) {
		found = append(found, diag.Diagnostic{Pos: pos, Check: check, Fact: fact, Hint: hint})
	}
	for n := parsed.root.FirstChild(); n != nil; n = n.NextSibling() {
		p, ok := n.(*ast.Paragraph)
		if !ok {
			pos := diag.Pos{File: d.Name, Line: at(0).Line}
			if offset, known := startOf(n); known {
				pos = at(offset)
			}
			bad(pos, "structure",
				diag.Text("方案文件只能有句子，此处是%[1]s", "a file of the plan holds sentences only, but this is %[2]s", blockName(n).ZH, blockName(n).EN),
				diag.Text("每句一段，下一行写编号，如 {#s3-2}。标题写在文件开头的 title 里。", "One paragraph a sentence, its id on the next line, as in {#s3-2}. Headings belong in title at the top."))
			continue
		}
		start := p.Lines().At(0).Start
		pos := at(start)
		line, has := p.AttributeString(attributeLine)
		if !has {
			bad(pos, "unit-id", diag.Text("这一段没有编号", "this paragraph has no id"), missingIDHint(p, body))
			continue
		}
		tags := line.(Span)
		r := rawUnit{pos: pos, attrPos: at(tags.Start), at: Sentence{
			Text: Span{d.Body + start, d.Body + p.Lines().At(p.Lines().Len()-1).Stop},
			Tags: Span{d.Body + tags.Start, d.Body + tags.End}}}
		for _, a := range p.Attributes() {
			value, ok := a.Value.([]byte)
			switch name := string(a.Name); {
			case name == attributeLine:
			case !ok:
				bad(r.attrPos, "unit-attributes",
					diag.Text("“%s”的值要加引号", "the value of “%s” needs quotes", name),
					diag.Text(`写成 %s="…"`, `Write %s="…"`, name))
			case name == "id":
				r.id = plan.ID(value)
				r.at.ID = r.id
			default:
				r.attrs = append(r.attrs, attribute{name, string(value)})
			}
		}
		if html, where := findRawHTML(p); html {
			bad(at(where), "raw-html",
				diag.Text("%s：句子里有 HTML 代码", "%s: the sentence contains HTML code", r.id),
				diag.Text("方案的句子是纯文字，请删去尖括号里的代码；要显示尖括号就在前面加反斜杠。", "Sentences are plain text: remove the code; to show an angle bracket put a backslash before it."))
			continue
		}
		r.html, r.text = parsed.render(p)
		r.source = strings.TrimSpace(string(p.Lines().Value(body)))
		if strings.TrimSpace(r.text) == "" {
			bad(pos, "unit-id", diag.Text("编号 %s 前缺少句子", "there is no sentence above %s", r.id), diag.Text("请补上句子。", "Write the sentence."))
			continue
		}
		units = append(units, r)
	}
	return units, found
}

// missingIDHint says why the paragraph may have lost its id: an attribute line
// that cannot be read, or one set apart by a blank line.
func missingIDHint(p *ast.Paragraph, body []byte) plan.Text {
	lines := p.Lines()
	last := bytes.TrimSpace(lines.Value(body))
	if i := bytes.LastIndex(last, []byte("{#")); i == 0 {
		return diag.Text("编号行要紧接在句子下面，中间不空行。", "The id line stands directly under its sentence, without a blank line.")
	} else if i > 0 {
		return diag.Text(`编号行“%s”无法识别；正确的写法：{#s3-2 topics="ecology" places="changting"}`, `The id line “%s” cannot be read; write {#s3-2 topics="ecology" places="changting"}`, last[i:])
	}
	return diag.Text("在句子的下一行写编号，如 {#s3-2 topics=\"ecology\"}。", "Write its id on the next line, as in {#s3-2 topics=\"ecology\"}.")
}

// render gives the paragraph's content as inline HTML and as plain text.
func (p *parsed) render(n *ast.Paragraph) (inner, plain string) {
	var b bytes.Buffer
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if err := p.md.Renderer().Render(&b, p.body, c); err != nil {
			return "", "" // bytes.Buffer does not fail; an unknown node kind cannot arise here
		}
	}
	inner = strings.ReplaceAll(b.String(), "\n", " ") // a line break in the file is a space in English, and gone in Chinese
	if !strings.ContainsAny(inner, "<&") {
		return inner, inner
	}
	// goldmark escapes every < and > that is not markup, so tags end at the next >.
	var t strings.Builder
	for s := inner; ; {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			t.WriteString(s)
			break
		}
		t.WriteString(s[:i])
		j := strings.IndexByte(s[i:], '>')
		if j < 0 {
			break
		}
		s = s[i+j+1:]
	}
	return inner, html.UnescapeString(t.String())
}

func findRawHTML(p *ast.Paragraph) (found bool, offset int) {
	_ = ast.Walk(p, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if r, ok := n.(*ast.RawHTML); ok && entering && !found {
			found, offset = true, r.Segments.At(0).Start
		}
		return ast.WalkContinue, nil
	})
	return found, offset
}

// startOf is the offset of a block in the source, where it has one.
func startOf(n ast.Node) (int, bool) {
	for n != nil && n.Type() == ast.TypeBlock {
		if lines := n.Lines(); lines != nil && lines.Len() > 0 {
			return lines.At(0).Start, true
		}
		n = n.FirstChild()
	}
	return 0, false
}

var blockNames = map[ast.NodeKind]plan.Text{
	ast.KindHeading:         {ZH: "标题", EN: "a heading"},
	ast.KindList:            {ZH: "列表", EN: "a list"},
	ast.KindBlockquote:      {ZH: "引用", EN: "a quotation"},
	ast.KindCodeBlock:       {ZH: "缩进的代码", EN: "indented code"},
	ast.KindFencedCodeBlock: {ZH: "代码", EN: "code"},
	ast.KindHTMLBlock:       {ZH: "HTML 代码", EN: "HTML code"},
	ast.KindThematicBreak:   {ZH: "分隔线", EN: "a line across"},
}

func blockName(n ast.Node) plan.Text {
	if t, ok := blockNames[n.Kind()]; ok {
		return t
	}
	return plan.Text{ZH: "其他内容", EN: "something else"}
}
