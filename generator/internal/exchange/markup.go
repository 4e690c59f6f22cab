package exchange

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Limits of an XML file beyond its size. encoding/xml keeps one token and the
// names of the open elements in memory, so bounding both bounds the memory.
const (
	maxToken = 1 << 20
	maxDepth = 100
)

var (
	errToken = errors.New("a single tag or text of more than 1 MB")
	errDepth = errors.New("elements nested more than a hundred deep")
)

// element is a start tag as read.
type element struct {
	xml.Name
	attr []xml.Attr
	pos  diag.Pos
}

// get returns an attribute in no namespace, or "".
func (e element) get(name string) string { return e.in("", name) }

// in returns an attribute in a namespace, or "".
func (e element) in(space, name string) string {
	for _, a := range e.attr {
		if a.Name.Space == space && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// xmlNS is the namespace that the prefix xml is bound to (Namespaces in XML, section 3).
const xmlNS = "http://www.w3.org/XML/1998/namespace"

// document reads an XML document element by element. It is stricter than
// encoding/xml where that lets pass what the XML recommendation forbids: a
// second root, an attribute twice, text outside the root.
type document struct {
	*text
	dec   *xml.Decoder
	bytes *meter
	depth int
}

// meter feeds the decoder and fails when one token takes too much.
type meter struct {
	*bytes.Reader
	left int
}

func (m *meter) ReadByte() (byte, error) {
	if m.left--; m.left < 0 {
		return 0, errToken
	}
	return m.Reader.ReadByte()
}

// readDocument reads t: root gets the outermost element and reads it to its
// end. A document type declaration is allowed only if it is exactly doctype
// ("" allows none): encoding/xml expands no entity of a DTD, and with none
// declared nobody expects it to.
func readDocument(t *text, doctype string, root func(*document, element) error) error {
	d := &document{text: t, bytes: &meter{Reader: bytes.NewReader(t.data)}}
	d.dec = xml.NewDecoder(d.bytes)
	seen := false
	for {
		tok, pos, err := d.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return d.broken(err)
		}
		switch tok := tok.(type) {
		case xml.Directive:
			if strings.Join(strings.Fields(string(tok)), " ") != doctype || seen {
				return d.refuse(pos, "doctype",
					diag.Text("文件里有我们没有写过的文档类型声明（DTD）", "the file has a document type declaration that we did not write"),
					diag.Text("DTD 里的实体不予展开；请删去 <!DOCTYPE …> 这一段。", "Entities of a DTD are not expanded: remove the <!DOCTYPE …> part."))
			}
		case xml.CharData:
			if len(bytes.TrimSpace(tok)) > 0 {
				return d.malformed(pos, "text outside the outermost element")
			}
		case xml.StartElement:
			if seen {
				return d.malformed(pos, "a second outermost element")
			}
			seen = true
			if err := root(d, element{tok.Name, tok.Attr, pos}); err != nil {
				return d.broken(err)
			}
		}
	}
	if !seen {
		return d.malformed(d.at(0), "no element at all")
	}
	return nil
}

// next returns the next token and where it starts.
func (d *document) next() (xml.Token, diag.Pos, error) {
	start := int(d.dec.InputOffset())
	d.bytes.left = maxToken
	tok, err := d.dec.Token()
	if err != nil {
		return nil, diag.Pos{}, err
	}
	switch tok := tok.(type) {
	case xml.StartElement:
		if d.depth++; d.depth > maxDepth {
			return nil, diag.Pos{}, errDepth
		}
		if len(tok.Attr) > 1 {
			names := make(map[xml.Name]bool, len(tok.Attr))
			for _, a := range tok.Attr {
				if names[a.Name] {
					return nil, diag.Pos{}, d.malformed(d.at(start), fmt.Sprintf("the attribute %s twice in one tag", a.Name.Local))
				}
				names[a.Name] = true
			}
		}
	case xml.EndElement:
		d.depth--
	case xml.CharData, xml.Directive:
	default:
		return tok, diag.Pos{}, nil // comments and instructions: nobody asks where
	}
	return tok, d.at(start), nil
}

// each reads the content of the element whose start tag was just read, up to
// its end tag. Each child goes to elem, which must read it to its end (with
// each or skip); text goes to chars, unless that is nil.
func (d *document) each(elem func(element) error, chars func(string)) error {
	for {
		tok, pos, err := d.next()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if err := elem(element{tok.Name, tok.Attr, pos}); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		case xml.CharData:
			if chars != nil {
				chars(string(tok))
			}
		case xml.Directive:
			return d.malformed(pos, "a declaration inside an element")
		}
	}
}

// skip reads an element to its end without looking.
func (d *document) skip(element) error { return d.each(d.skip, nil) }

// broken places an error of the decoder where the decoder stopped; ours have a
// place already.
func (d *document) broken(err error) error {
	var known diag.Diagnostic
	if errors.As(err, &known) {
		return known
	}
	message := err.Error()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		message = syntax.Msg
	}
	return d.malformed(d.at(int(d.dec.InputOffset())), strings.TrimPrefix(message, "xml: "))
}

// inChinese says what encoding/xml and we say in English, for the mistakes that
// happen. The order is that of looking: the first part that fits counts.
var inChinese = []struct{ part, zh string }{
	{"unexpected EOF", "文件到这里断了，没有收尾"},
	{"closed by", "开始标签和结束标签不配对"},
	{"unexpected end element", "多了一个结束标签"},
	{"invalid character entity", "不认识的实体或单独的 &（应写作 &amp;）"},
	{"unescaped < inside", "引号里有 <（应写作 &lt;）"},
	{"unescaped ]]>", "正文里有 ]]>（应写作 ]]&gt;）"},
	{"illegal character code", "有 XML 不允许的控制字符"},
	{"expected element name", "< 后面不是标签名（单独的 < 应写作 &lt;）"},
	{"expected attribute name", "标签写得不完整"},
	{"attribute name without =", "属性后面缺等号"},
	{"unquoted or missing attribute", "属性值没有加引号"},
	{"expected /> in element", "标签写得不完整"},
	{"encoding", "声明的编码不是 UTF-8"},
	{"twice in one tag", "一个标签里同一属性写了两次"},
	{"outside the outermost", "最外层元素之外有文字"},
	{"second outermost", "有两个最外层元素"},
	{"no element at all", "文件里没有任何元素"},
	{"more than 1 MB", "单个标签或一段文字超过 1 MB"},
	{"hundred deep", "嵌套超过一百层"},
	{"declaration inside", "元素里面有声明"},
	{"invalid UTF-8", "不是 UTF-8"},
	{"invalid sequence", "注释里有 --"},
}

func (d *document) malformed(pos diag.Pos, message string) error {
	zh := message
	for _, c := range inChinese {
		if strings.Contains(message, c.part) {
			zh = c.zh
			break
		}
	}
	return d.refuse(pos, "malformed",
		diag.Text("XML 有错：%[1]s", "this is not well-formed XML: %[2]s", zh, message),
		diag.Text("请在翻译工具里重新导出；若是手改的，请看这一行前后的尖括号和引号。", "Export it again from your tool; if it was edited by hand, look at the angle brackets and quotes around this line."))
}

// notThis refuses a well-formed file of another kind.
func (d *document) notThis(e element, want string) error {
	return d.refuse(e.pos, "format",
		diag.Text("最外层元素是 <%[1]s>，不是%[2]s", "the outermost element is <%[1]s>, not that of %[2]s", e.Local, want),
		diag.Text("请以导出时的格式交回。", "Send the file back in the format in which it was exported."))
}

var (
	escapeText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	escapeAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;", `"`, "&quot;", "\n", "&#10;", "\t", "&#9;")
)

// tag writes a start tag. Attributes are pairs of name and value, in that
// order; one whose value is empty is left out.
func tag(b *bytes.Buffer, name string, attr ...string) {
	b.WriteByte('<')
	b.WriteString(name)
	for i := 0; i < len(attr); i += 2 {
		if attr[i+1] != "" {
			b.WriteString(" " + attr[i] + `="`)
			escapeAttr.WriteString(b, attr[i+1])
			b.WriteByte('"')
		}
	}
	b.WriteByte('>')
}

// line writes an element that holds text alone, on a line of its own, unless
// there is no text.
func line(b *bytes.Buffer, indent, name, content string, attr ...string) {
	if content == "" {
		return
	}
	b.WriteString(indent)
	tag(b, name, attr...)
	escapeText.WriteString(b, content)
	b.WriteString("</" + name + ">\n")
}

// titleLine is the document's title in both languages, as far as there is one.
func titleLine(t plan.Text) string {
	if t.ZH == "" || t.EN == "" {
		return t.ZH + t.EN
	}
	return t.ZH + " / " + t.EN
}
