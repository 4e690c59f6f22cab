// Package word reads what a Word file (.docx) says, and packs the parts of one.
//
// A Word file is a zip of XML files (ECMA-376, Part 1, WordprocessingML). Read as
// here it is paragraphs and rows of tables in the order of reading, as they stand
// when every tracked change is accepted; which changes nobody has accepted yet is
// told beside the text, and so is what a text cannot carry: a picture, a footnote, a
// number that Word itself counts. What that means is for the callers to decide: a
// plan is refused for it, a translator's sentence too, a comment is passed on.
//
// The file may come from anybody. What is read of it is bounded (limits below), no
// entity is expanded, nothing is fetched, and other parts of the zip are not opened.
//
//	word.go   the values and how a file is opened
//	xml.go    XML with bounds
//	body.go   paragraphs, tables and runs
//	pack.go   the same parts, the same bytes
package word

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// File is what a Word file says, in the order of reading.
type File struct{ Blocks []Block }

// Block is a paragraph or, if Rows is not empty, a table.
type Block struct {
	Paragraph
	Rows []Row
}

// Row is a row of a table. Number counts the rows of the whole file from 1.
type Row struct {
	Number  int
	Cells   []Cell
	Pending []Change // that the row was added or removed, if nobody has accepted it
}

// Cell is a cell of a table.
type Cell struct {
	Paragraphs []Paragraph
	Merged     bool // with others, so that columns cannot be counted
}

// Paragraph is a paragraph: its text, with tabs and with \n for a line break.
type Paragraph struct {
	Style     string
	Text      string
	Bookmarks []string
	Pending   []Change
	Comments  []Comment
	Oddities  []Oddity
	continued bool // the break after it is taken out
}

// Change is a tracked change that nobody has accepted or rejected.
type Change struct {
	Kind   string // ins or del
	Author string
}

// Comment is what somebody wrote beside the text.
type Comment struct{ Author, Text string }

// Oddity is something in a paragraph that its text does not show.
type Oddity string

// The oddities, with what people call them.
const (
	Picture   Oddity = "picture"
	TextBox   Oddity = "textbox"
	Footnote  Oddity = "footnote"
	Symbol    Oddity = "symbol"
	Formula   Oddity = "formula"
	Hidden    Oddity = "hidden"
	Numbered  Oddity = "numbered"
	Nested    Oddity = "nested"
	Formatted Oddity = "formatted" // bold or italic
)

var oddityNames = map[Oddity]plan.Text{
	Picture:   {ZH: "图片或嵌入的对象", EN: "a picture or an embedded object"},
	TextBox:   {ZH: "文本框", EN: "a text box"},
	Footnote:  {ZH: "脚注或尾注", EN: "a footnote or endnote"},
	Symbol:    {ZH: "字体里的符号", EN: "a symbol out of a font"},
	Formula:   {ZH: "公式", EN: "a formula"},
	Hidden:    {ZH: "隐藏的文字", EN: "hidden text"},
	Numbered:  {ZH: "Word 自动编的号", EN: "a number that Word counts by itself"},
	Nested:    {ZH: "表格里的表格", EN: "a table inside a table"},
	Formatted: {ZH: "加粗或斜体", EN: "bold or italic type"},
}

// Name is what people call it.
func (o Oddity) Name() plan.Text { return oddityNames[o] }

// Text is the text of the cell, its paragraphs one a line, without empty ones at the
// end.
func (c Cell) Text() string {
	lines := make([]string, len(c.Paragraphs))
	for i, p := range c.Paragraphs {
		lines[i] = p.Text
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// Limits of a file, so that a small one cannot fill the memory: of the file, of its
// text, of its styles or comments, and how many parts it may have.
const (
	maxFile  = 64 << 20
	maxBody  = 64 << 20
	maxOther = 16 << 20
	maxParts = 10_000
)

// How files begin: a zip, as a .docx is, and an OLE file, as a .doc of before 2007 and a
// file that is locked with a password are.
const (
	zipped = "PK\x03\x04"
	ole    = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
)

// Is reports whether src begins like a Word file and not like text: [Read] then says
// what it is.
func Is(src []byte) bool {
	return bytes.HasPrefix(src, []byte(zipped)) || bytes.HasPrefix(src, []byte(ole))
}

var saveAgain = diag.Text("请在 Word 或 WPS 里打开，另存为“Word 文档 (*.docx)”，不设密码，再交这一份。", "Open it in Word or WPS, save it as a Word document (*.docx) without a password, and use that.")

// Read reads a Word file; name is for messages. The error is a [diag.Diagnostic]
// about the file as a whole (checks: too-large, format, malformed).
func Read(name string, src []byte) (*File, error) {
	refuse := func(check string, fact plan.Text) error {
		return diag.Diagnostic{Pos: diag.Pos{File: name}, Check: check, Fact: fact, Hint: saveAgain}
	}
	if len(src) > maxFile {
		return nil, refuse("too-large", diag.Text("文件超过 %d MB", "the file is over %d MB", maxFile>>20))
	}
	if bytes.HasPrefix(src, []byte(ole)) {
		return nil, refuse("format", diag.Text("这是旧的 .doc 文件，或者加了密码", "this is an old .doc file, or it has a password"))
	}
	z, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil || !bytes.HasPrefix(src, []byte(zipped)) {
		return nil, refuse("format", diag.Text("这不是 Word 文件（.docx），或者没有传完整", "this is not a Word file (.docx), or it is not complete"))
	}
	if len(z.File) > maxParts {
		return nil, refuse("too-large", diag.Text("文件由 %d 个部分组成，不会是 Word 文件", "the file has %d parts; no Word file has so many", len(z.File)))
	}
	a := archive{z}
	main, err := a.main()
	var body []byte
	if err == nil {
		body, err = a.part(main, maxBody)
	}
	var sheets, notes []byte
	if err == nil {
		sheets, err = a.optional(path.Join(path.Dir(main), "styles.xml"))
	}
	if err == nil {
		notes, err = a.optional(path.Join(path.Dir(main), "comments.xml"))
	}
	r := reader{file: &File{}}
	if err == nil {
		r.numbered, err = readStyles(sheets)
	}
	if err == nil {
		r.comments, err = readComments(notes)
	}
	if err == nil {
		err = r.read(body)
	}
	switch {
	case errors.Is(err, errLimit):
		return nil, refuse("too-large", diag.Text("文件展开后太大（超过 %d MB），或嵌套太深", "unpacked the file is too large (over %d MB), or nested too deep", maxBody>>20))
	case errors.Is(err, errKind):
		return nil, refuse("format", diag.Text("文件里没有 Word 的正文：它是另一种文件", "there is no text of a Word document in it: it is another kind of file"))
	case err != nil:
		return nil, refuse("malformed", diag.Text("文件坏了（%v）", "the file is damaged (%v)", err))
	}
	return r.file, nil
}

var (
	errLimit = errors.New("over a limit")
	errKind  = errors.New("no document")
)

type archive struct{ *zip.Reader }

// part returns a part whole, or errLimit, or errKind if there is none.
func (a archive) part(name string, limit int64) ([]byte, error) {
	for _, f := range a.File {
		if strings.TrimPrefix(f.Name, "/") != name {
			continue
		}
		if f.UncompressedSize64 > uint64(limit) {
			return nil, errLimit
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		defer r.Close()
		data, err := io.ReadAll(io.LimitReader(r, limit+1))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if int64(len(data)) > limit {
			return nil, errLimit
		}
		return data, nil
	}
	return nil, errKind
}

func (a archive) optional(name string) ([]byte, error) {
	data, err := a.part(name, maxOther)
	if errors.Is(err, errKind) {
		return nil, nil
	}
	return data, err
}

// main finds the part with the text: ECMA-376, Part 2, 8.2.
func (a archive) main() (string, error) {
	rels, err := a.part("_rels/.rels", maxOther)
	if err != nil {
		return "", err
	}
	name := ""
	err = parse(rels, func(d *decoder, root element) error {
		return d.each(func(e element) error {
			if kind := e.get("Type"); strings.HasSuffix(kind, "/officeDocument") {
				name = strings.TrimPrefix(path.Clean(e.get("Target")), "/")
			}
			return d.skip(e)
		}, nil)
	})
	if err == nil && name == "" {
		err = errKind
	}
	return name, err
}
