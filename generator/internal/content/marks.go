package content

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	gtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"minxi/generator/internal/plan"
)

// MarkKind is what a [Mark] is, by the clause of CommonMark 0.31.2.
type MarkKind byte

const (
	Strong     MarkKind = iota + 1 // 6.2
	Emphasis                       // 6.2
	Link                           // 6.3
	Image                          // 6.4
	Autolink                       // 6.5, and addresses that stand in the text without brackets
	Code                           // 6.1
	Escape                         // 2.4: a backslash and its character
	Entity                         // 2.5: &amp; and the like
	HTML                           // 4.6 and 6.6
	Stray                          // asterisks or underscores that could have been emphasis and are not
	Definition                     // 4.7: [label]: address
	Heading                        // 4.2 and 4.3
	Attributes                     // {#id .class name="value"} for a block, which is not CommonMark
	Shortcode                      // {{< name … >}} or {{% name … %}}, which is Hugo's
)

// Mark is a piece of Markdown that is more than words, with its place.
type Mark struct {
	Kind MarkKind
	Span      // all of it
	Text Span // what stands between the marks of a pair: of Strong, Emphasis, Link, Image; of a Heading its text

	Destination   string // of Link, Image, Autolink, Definition: as CommonMark understands it, escapes and entities resolved
	DestinationAt int
	ByName        bool // of Link, Image: the destination stands in a Definition

	Attributes []Attribute // of Heading and Attributes
	Name       string      // of Shortcode
	Nested     bool        // of Strong, Emphasis: inside another of its kind that another run of asterisks opened
}

// Schemes are those that an address may have. Others run code (javascript), carry
// their content with them (data), lead into the reader's own machine (file), or
// become nothing on the page.
var Schemes = []string{"http", "https", "mailto", "tel"}

// Attribute is a name and a value in curly brackets.
type Attribute struct{ Name, Value string }

// Marks are the marks of the body, in order, an outer one before what it holds.
func (d *Document) Marks() []Mark { return d.parsed().marks() }

// Words is the document with everything but the words of its body blanked out
// byte by byte: front matter, code, marks, addresses and ids are spaces, escapes
// and entities full stops. Line breaks stay, so that offsets and lines hold.
func (d *Document) Words() []byte {
	out := bytes.Repeat([]byte(" "), len(d.Data))
	for i, c := range d.Data {
		if c == '\n' {
			out[i] = '\n'
		}
	}
	p := d.parsed()
	_ = ast.Walk(p.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			copy(out[d.Body+n.Segment.Start:], p.body[n.Segment.Start:n.Segment.Stop])
		}
		return ast.WalkContinue, nil
	})
	for _, m := range d.Marks() {
		blank := map[MarkKind]byte{Escape: '.', Entity: '.', Shortcode: ' '}[m.Kind]
		for i := m.Start; i < m.End && blank != 0; i++ {
			out[i] = blank
		}
	}
	return out
}

// parsed is a body as goldmark sees it.
type parsed struct {
	md    goldmark.Markdown
	body  []byte // as parsed, from the document's Body on
	root  ast.Node
	marks func() []Mark
}

// The parsers. Each is safe for concurrent use.
var (
	planParsers = map[plan.Lang]goldmark.Markdown{
		// A line break inside a Chinese sentence is not a space.
		plan.ZH: newMarkdown(blockParsers, paragraphTransformers, attributeLines{}, extension.NewCJK(extension.WithEastAsianLineBreaks())),
		plan.EN: newMarkdown(blockParsers, paragraphTransformers, attributeLines{}),
	}
	// pageParser has what Hugo gives its pages: its defaults (markup/goldmark/
	// goldmark_config, Default) and [markup] of hugo.toml. TestPagesAsHugoSeesThem
	// of package pipeline compares.
	pageParser = newMarkdown(blockParsers, paragraphTransformers,
		extension.Table, extension.Strikethrough, extension.Linkify, extension.TaskList,
		extension.NewTypographer(), extension.DefinitionList, extension.NewFootnote(),
		extension.NewCJK(extension.WithEastAsianLineBreaks()), blockAttributes{})
	// lineParser reads every text as words of paragraphs, whatever it starts with.
	lineParser = newMarkdown(func() []util.PrioritizedValue {
		return []util.PrioritizedValue{util.Prioritized(parser.NewParagraphParser(), 1000)}
	}, func() []util.PrioritizedValue { return nil })

	blockParsers          = parser.DefaultBlockParsers
	paragraphTransformers = parser.DefaultParagraphTransformers
)

// newMarkdown is a goldmark whose inline parsers write down where their marks are.
func newMarkdown(blocks, transformers func() []util.PrioritizedValue, extensions ...goldmark.Extender) goldmark.Markdown {
	var inline []util.PrioritizedValue
	for _, p := range parser.DefaultInlineParsers() {
		inline = append(inline, util.Prioritized(watched{p.Value.(parser.InlineParser)}, p.Priority))
	}
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(blocks()...), parser.WithInlineParsers(inline...),
			parser.WithParagraphTransformers(transformers()...), parser.WithAttribute())),
		goldmark.WithExtensions(extensions...))
}

func (d *Document) parse() *parsed {
	md := pageParser
	if d.inPlan {
		md = planParsers[d.Lang]
	}
	body, shortcodes := d.Data[d.Body:], []Mark(nil)
	if !d.inPlan {
		body, shortcodes = withoutShortcodes(body)
	}
	return parseWith(md, body, d.Data, shortcodes)
}

// parseWith reads body, the end of whole; more are marks found before.
func parseWith(md goldmark.Markdown, body, whole []byte, more []Mark) *parsed {
	r := &record{}
	pc := parser.NewContext()
	pc.Set(recordKey, r)
	p := &parsed{md: md, body: body, root: md.Parser().Parse(gtext.NewReader(body), parser.WithContext(pc))}
	p.marks = sync.OnceValue(func() []Mark {
		marks := append(r.settle(p), more...)
		for i := range marks {
			marks[i].shift(len(whole) - len(body))
		}
		slices.SortStableFunc(marks, func(a, b Mark) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
		})
		nested(marks, whole)
		return marks
	})
	return p
}

func (m *Mark) shift(by int) {
	m.Start, m.End = m.Start+by, m.End+by
	m.Text = Span{m.Text.Start + by, m.Text.End + by}
	m.DestinationAt += by
}

// InlineMarks are the marks of a text that is one sentence, such as a
// translation that has not been taken yet.
func InlineMarks(s string) []Mark { return parseWith(lineParser, []byte(s), []byte(s), nil).marks() }

// goldmark tells what a piece is but seldom where its marks stand. A record is
// what its inline parsers were seen to read.
type record struct {
	marks []Mark
	runs  []*run
	nodes map[ast.Node]Span // the end of a link, from its ] on; all of another piece
}

var recordKey = parser.NewContextKey()

// watched is an inline parser of goldmark's that is looked at over the shoulder.
type watched struct{ parser.InlineParser }

func (w watched) Parse(parent ast.Node, block gtext.Reader, pc parser.Context) ast.Node {
	_, before := block.Position()
	n := w.InlineParser.Parse(parent, block, pc)
	if n == nil {
		return nil
	}
	r := pc.Get(recordKey).(*record)
	_, after := block.Position()
	switch n := n.(type) {
	case *parser.Delimiter:
		run := &run{start: before.Start, end: before.Start + n.OriginalLength, flanking: n.CanOpen || n.CanClose}
		n.Processor = &pairing{DelimiterProcessor: n.Processor, record: r, run: run}
		r.runs = append(r.runs, run)
	case *ast.Link, *ast.Image, *ast.AutoLink, *ast.CodeSpan, *ast.RawHTML:
		if r.nodes == nil {
			r.nodes = map[ast.Node]Span{}
		}
		r.nodes[n] = Span{before.Start, after.Start}
	}
	return n
}

// CloseBlock lets links that were begun and not ended be text.
func (w watched) CloseBlock(parent ast.Node, block gtext.Reader, pc parser.Context) {
	if c, ok := w.InlineParser.(parser.CloseBlocker); ok {
		c.CloseBlock(parent, block, pc)
	}
}

// run is a delimiter run: asterisks or underscores in a row.
type run struct {
	start, end int  // what is left of it
	flanking   bool // it could open or close emphasis
}

// pairing is a delimiter processor that takes from the runs what goldmark pairs:
// an opening run is used up from its end, a closing one from its start.
type pairing struct {
	parser.DelimiterProcessor
	record *record
	run    *run
	closer *run // that goldmark looks at
}

func (p *pairing) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	if c, ok := closer.Processor.(*pairing); ok {
		p.closer = c.run
	}
	return p.DelimiterProcessor.CanOpenCloser(opener, closer)
}

func (p *pairing) OnMatch(n int) ast.Node {
	kind := Emphasis
	if n == 2 {
		kind = Strong
	}
	o, c := p.run, p.closer
	p.record.marks = append(p.record.marks, Mark{Kind: kind, Span: Span{o.end - n, c.start + n}, Text: Span{o.end, c.start}})
	o.end -= n
	c.start += n
	return p.DelimiterProcessor.OnMatch(n)
}

// settle makes marks of what was recorded and of the finished tree.
func (r *record) settle(p *parsed) []Mark {
	marks := r.marks
	for _, run := range r.runs {
		if run.flanking && run.start < run.end {
			marks = append(marks, Mark{Kind: Stray, Span: Span{run.start, run.end}})
		}
	}
	_ = ast.Walk(p.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			if !n.IsRaw() {
				marks = p.signs(marks, Span{n.Segment.Start, n.Segment.Stop})
			}
		case *ast.CodeSpan:
			marks = append(marks, Mark{Kind: Code, Span: r.nodes[n]})
			return ast.WalkSkipChildren, nil
		case *ast.Link:
			marks = p.link(marks, Link, n.Pos(), 1, r.nodes[n], n.Destination, n.Reference != nil)
		case *ast.Image:
			marks = p.link(marks, Image, n.Pos(), 2, r.nodes[n], n.Destination, n.Reference != nil)
		case *ast.AutoLink:
			marks = append(marks, p.autolink(n, r.nodes[n]))
		case *ast.RawHTML:
			if n.Segments.Len() > 0 {
				marks = append(marks, Mark{Kind: HTML, Span: r.nodes[n]})
			}
		case *ast.HTMLBlock:
			if from, upTo := blockSpan(n); upTo > 0 {
				marks = append(marks, Mark{Kind: HTML, Span: Span{from, upTo}})
			}
		case *ast.LinkReferenceDefinition:
			marks = p.definition(marks, n)
		case *ast.Heading:
			marks = append(marks, p.heading(n))
		case *ast.FencedCodeBlock:
			marks = p.fence(marks, n)
		case *attributesNode:
			marks = append(marks, Mark{Kind: Attributes, Span: n.span, Attributes: attributesOf(n)})
		}
		return ast.WalkContinue, nil
	})
	return marks
}

// nested looks for emphasis inside emphasis of its kind whose opening asterisks
// stand close behind a word or its closing mark: they were meant to close, as in
// **“red”**and**“green”**. marks are in order; the text is that of the document.
func nested(marks []Mark, text []byte) {
	var open []*Mark
	for i := range marks {
		m := &marks[i]
		if m.Kind != Strong && m.Kind != Emphasis {
			continue
		}
		for len(open) > 0 && open[len(open)-1].End <= m.Start {
			open = open[:len(open)-1]
		}
		run := m.Start
		for run > 0 && text[run-1] == text[m.Start] {
			run--
		}
		before, _ := utf8.DecodeLastRune(text[:run])
		m.Nested = !unicode.IsSpace(before) && !unicode.In(before, unicode.Ps, unicode.Pi) && slices.ContainsFunc(open, func(o *Mark) bool {
			return o.Kind == m.Kind && o.Start < run
		})
		open = append(open, m)
	}
}

// signs finds the escapes and entities of a stretch of text, which goldmark
// leaves as they are for its renderer.
func (p *parsed) signs(marks []Mark, in Span) []Mark {
	text := p.body[in.Start:in.End]
	for i := 0; i < len(text); {
		n := 1
		switch text[i] {
		case '\\':
			if i+1 < len(text) && util.IsPunct(text[i+1]) {
				n = 2
				marks = append(marks, Mark{Kind: Escape, Span: Span{in.Start + i, in.Start + i + n}})
			}
		case '&':
			if e := entityAt(text[i:]); e > 0 {
				n = e
				marks = append(marks, Mark{Kind: Entity, Span: Span{in.Start + i, in.Start + i + n}})
			}
		default:
			if n = bytes.IndexAny(text[i:], `\&`); n < 0 {
				return marks
			}
		}
		i += n
	}
	return marks
}

// maxEntity is longer than any name of a character, and than any number of one.
const maxEntity = 40

// entityAt is the length of the entity that s starts with, or 0.
func entityAt(s []byte) int {
	end := bytes.IndexByte(s[:min(len(s), maxEntity)], ';')
	if end < 0 {
		return 0
	}
	e := s[:end+1]
	if bytes.Equal(resolve(e), e) {
		return 0
	}
	return len(e)
}

// resolve is a text with its escapes and entities resolved, as goldmark's
// renderer does it.
func resolve(s []byte) []byte {
	if bytes.IndexByte(s, '\\') < 0 && bytes.IndexByte(s, '&') < 0 {
		return s
	}
	return util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(s)))
}

// Entities are the entities of a stretch of the document that is no text, such
// as an address, each with its place.
func (d *Document) Entities(in Span) (list []Mark) {
	for i := in.Start; i < in.End; i++ {
		if d.Data[i] == '&' {
			if n := entityAt(d.Data[i:in.End]); n > 0 {
				list = append(list, Mark{Kind: Entity, Span: Span{i, i + n}})
			}
		}
	}
	return list
}

// Means is the character or characters that an entity or escape stands for.
func (d *Document) Means(m Mark) string { return Meaning(string(d.Data[m.Start:m.End])) }

// Meaning is a text with its escapes and entities resolved.
func Meaning(s string) string { return string(resolve([]byte(s))) }

// link is a link or image whose opening mark is n bytes long and whose closing
// one stands at shut.
func (p *parsed) link(marks []Mark, kind MarkKind, start, n int, shut Span, destination []byte, byName bool) []Mark {
	m := Mark{Kind: kind, Span: Span{start, shut.End}, Text: Span{start + n, shut.Start},
		Destination: string(resolve(destination)), DestinationAt: start, ByName: byName}
	if !byName {
		m.DestinationAt = p.find(shut.Start+len("]("), shut.End, destination)
	}
	return append(marks, m)
}

// find is where an address stands that begins after from, behind white space and <.
func (p *parsed) find(from, upTo int, address []byte) int {
	from = min(from, len(p.body))
	if i := bytes.Index(p.body[from:max(from, min(upTo, len(p.body)))], address); i >= 0 {
		return from + i
	}
	return from
}

func (p *parsed) autolink(n *ast.AutoLink, span Span) Mark {
	label := n.Label(p.body)
	m := Mark{Kind: Autolink, Span: span, Destination: string(n.URL(p.body)), DestinationAt: span.Start + len("<")}
	if span.End == 0 { // one without brackets, which is found by its extension
		m.DestinationAt = offsetIn(p.body, label)
		m.Span = Span{m.DestinationAt, m.DestinationAt + len(label)}
	}
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(m.Destination), "mailto:") {
		m.Destination = "mailto:" + m.Destination
	}
	return m
}

// offsetIn is where part, which was sliced from whole, stands in it.
func offsetIn(whole, part []byte) int { return cap(whole) - cap(part) }

func (p *parsed) definition(marks []Mark, n *ast.LinkReferenceDefinition) []Mark {
	from, upTo := blockSpan(n)
	if upTo == 0 {
		return marks
	}
	// goldmark leaves out the last line of some that have a title: the address
	// stands before it.
	start := from + bytes.IndexByte(p.body[from:], '[')
	return append(marks, Mark{Kind: Definition, Span: Span{start, upTo},
		Text:        Span{start + 1, min(start+1+len(n.Label), upTo)},
		Destination: string(resolve(n.Destination)), DestinationAt: p.find(start+1+len(n.Label)+len("]:"), len(p.body), n.Destination)})
}

func (p *parsed) heading(n *ast.Heading) Mark {
	from, upTo := blockSpan(n)
	if upTo == 0 {
		from, upTo = n.Pos(), n.Pos()
	}
	m := Mark{Kind: Heading, Span: Span{from, upTo}, Text: Span{from, upTo}, Attributes: attributesOf(n)}
	if len(m.Attributes) > 0 { // they stand on the same line, behind the text
		line := p.body[upTo:]
		if i := bytes.IndexByte(line, '{'); i >= 0 {
			m.Start = upTo + i
			m.End = m.Start
			if j := bytes.LastIndexByte(firstLine(line), '}'); j >= i {
				m.End = upTo + j + 1
			}
		}
	}
	return m
}

// fence finds the attributes of a block of code, which stand after its language.
func (p *parsed) fence(marks []Mark, n *ast.FencedCodeBlock) []Mark {
	if n.Info == nil {
		return marks
	}
	info := n.Info.Segment
	i := bytes.IndexByte(info.Value(p.body), '{')
	if i < 0 {
		return marks
	}
	at := info.Start + i
	list, ok := parser.ParseAttributes(gtext.NewReader(p.body[at:info.Stop]))
	if !ok {
		return marks
	}
	return append(marks, Mark{Kind: Attributes, Span: Span{at, info.Stop}, Attributes: namesAndValues(list)})
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return line
}

// blockSpan is from the first to the last byte of a block's lines.
func blockSpan(n ast.Node) (from, upTo int) {
	lines := n.Lines()
	if lines == nil || lines.Len() == 0 {
		return 0, 0
	}
	return lines.At(0).Start, lines.At(lines.Len() - 1).Stop
}

func attributesOf(n ast.Node) []Attribute {
	var list parser.Attributes
	for _, a := range n.Attributes() {
		list = append(list, parser.Attribute{Name: a.Name, Value: a.Value})
	}
	return namesAndValues(list)
}

func namesAndValues(list parser.Attributes) []Attribute {
	var all []Attribute
	for _, a := range list {
		value, ok := a.Value.([]byte)
		if !ok {
			value = fmt.Append(nil, a.Value)
		}
		all = append(all, Attribute{strings.ToLower(string(a.Name)), string(value)})
	}
	return all
}

// blockAttributes reads a line of attributes under a block, as Hugo does with
// markup.goldmark.parser.attribute.block (its own extension is internal). What
// they would do to the block is for Hugo to know; here they are only seen.
type blockAttributes struct{}

func (blockAttributes) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithBlockParsers(util.Prioritized(blockAttributes{}, 100)))
}

type attributesNode struct {
	ast.BaseBlock
	span Span
}

var kindAttributes = ast.NewNodeKind("MinxiAttributes")

// Kind implements ast.Node.
func (n *attributesNode) Kind() ast.NodeKind { return kindAttributes }

// Dump implements ast.Node.
func (n *attributesNode) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// Trigger implements parser.BlockParser.
func (blockAttributes) Trigger() []byte { return []byte{'{'} }

// Open implements parser.BlockParser.
func (blockAttributes) Open(_ ast.Node, reader gtext.Reader, _ parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	list, ok := parser.ParseAttributes(reader)
	if !ok {
		return nil, parser.RequireParagraph
	}
	start := segment.Start + bytes.IndexByte(line, '{')
	n := &attributesNode{span: Span{start, start + len(bytes.TrimSpace(line[bytes.IndexByte(line, '{'):]))}}
	for _, a := range list {
		n.SetAttribute(a.Name, a.Value)
	}
	return n, parser.NoChildren
}

// Continue implements parser.BlockParser.
func (blockAttributes) Continue(ast.Node, gtext.Reader, parser.Context) parser.State {
	return parser.Close
}

// Close implements parser.BlockParser.
func (blockAttributes) Close(ast.Node, gtext.Reader, parser.Context) {}

// CanInterruptParagraph implements parser.BlockParser.
func (blockAttributes) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (blockAttributes) CanAcceptIndentedLine() bool { return false }

// withoutShortcodes finds Hugo's shortcodes, which Hugo takes out of a page
// before it reads the Markdown, even in code, and puts letters in their place.
// One with a comment inside, {{</* name */>}}, is how a page shows a shortcode,
// and is words.
func withoutShortcodes(body []byte) ([]byte, []Mark) {
	var marks []Mark
	out := body
	for i := 0; ; {
		n := bytes.Index(body[i:], []byte("{{"))
		if n < 0 || i+n+3 > len(body) {
			return out, marks
		}
		i += n
		shut := map[byte]string{'<': ">}}", '%': "%}}"}[body[i+2]]
		if shut == "" {
			i += 2
			continue
		}
		end := len(body)
		if n := bytes.Index(body[i:], []byte(shut)); n >= 0 {
			end = i + n + len(shut)
			if &out[0] == &body[0] {
				out = slices.Clone(body)
			}
			for j := i; j < end; j++ {
				if out[j] != '\n' {
					out[j] = 'x'
				}
			}
		}
		if inside := string(body[i+3 : end]); !strings.HasPrefix(inside, "/*") {
			name := strings.FieldsFunc(inside, func(r rune) bool { return strings.ContainsRune(" \t\n/>%\"`", r) })
			marks = append(marks, Mark{Kind: Shortcode, Span: Span{i, end}, Name: strings.Join(name[:min(1, len(name))], "")})
		}
		i = end
	}
}
