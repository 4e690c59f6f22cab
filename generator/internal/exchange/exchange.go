// Package exchange gives a plan's sentences to translators in the files that
// their tools read, and takes the translations back, unit id by unit id.
//
// # The straight line
//
//	Document --Write--> a file --translator--> the file --Read--> File --Accept--> translations, and why not the others
//
// A [Document] is what there is to translate: the Chinese of every unit, the
// English as far as there is one, and the terms. [Formats] holds the ways to
// write it: XLIFF 2.1, gettext PO, TMX 1.4b and Word files carry sentences and are
// read back; TBX carries the terms and is only written. What is written is the same
// bytes for the same document: no dates, no names, no addresses.
//
// [Format.Read] understands a file or refuses it as a whole, with line and
// column. It never guesses: a file that is not well-formed, not UTF-8, or in
// other languages is not half read. [Accept] then compares the file with the
// document sentence by sentence. One mistake costs one sentence.
//
// # Text
//
// The Chinese is plain text. The English is inline Markdown on one line, in
// every format, with emphasis, strong, code and links as its only markup; what
// a translator types is therefore what stands in the content folder. XLIFF
// moreover wraps the marks in codes, so that tools protect them (xliff.go), and
// gives the same Markdown back. What is markup is what package content sees; an
// asterisk that would stay an asterisk on the page is a mistake here (inline.go).
//
// # What a state becomes
//
//	State    XLIFF                                    PO                          TMX       Word
//	Missing  state="initial", no target               empty msgstr                left out  缺译, an empty cell
//	Stale    state="initial" subState="minxi:stale"   fuzzy, #| previous Chinese  left out  待更新, previous Chinese
//	Current  state="reviewed"                         msgstr                      written   written
//
// A translation memory says that two sentences mean the same, so a stale pair
// must not stand in one. A stale sentence whose English still fits is confirmed
// by its translator, by lifting the mark and leaving the text: [Accept] takes it.
//
// # Reading order
//
// The values in this file; one file a format; markup.go, the careful XML under
// three of them; inline.go, the Markdown; accept.go and target.go, the rules.
package exchange

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/word"
)

// State says how a unit's English stands to its Chinese.
type State = plan.Translation

// The states, under the names that this package's rules use.
const (
	Missing = plan.Missing
	Stale   = plan.Stale
	Current = plan.Current
)

// Segment is one unit, for a translator.
type Segment struct {
	ID     plan.ID
	Source string // Chinese, plain text
	Target string // English, inline Markdown on one line; "" if there is none
	State  State
	Note   string // where it stands, such as chapter and section; shown to the translator
	Before string // for Stale: the Chinese that Target was made from, if known

	Headings []plan.Text // above it: of its chapter and its section
}

// Document is what there is to translate.
type Document struct {
	Title    plan.Text
	Segments []Segment
	Terms    []plan.Term
}

// File is what a translator's file says.
type File struct {
	Name    string
	Units   []Unit // in the order of the file
	Partial bool   // the format leaves out what is not translated, so absence says nothing

	Notes diag.List // what people should know of it, whatever becomes of its sentences
}

// Unit is what a file says of one unit.
type Unit struct {
	ID     plan.ID
	Source string
	Target string
	State  State // "" where the file does not say

	// Unfinished says that the file itself does not want the English to be used
	// yet. Only PO has a word for that which every tool lifts by itself; in
	// XLIFF a state left alone says nothing, because many tools ignore states.
	Unfinished bool

	Pos       diag.Pos  // of the unit
	TargetPos diag.Pos  // of its English; the zero Pos if there is none
	Faults    diag.List // what makes this unit unusable, whatever the document says

	Pending []word.Change // tracked changes in its English that nobody has decided on

	codes []code // protected codes in the target, to be compared with those that were written
	base  *base  // what the entry was made from, if the file says so
}

// Format is a kind of file that translators' tools read.
type Format struct {
	Name  string
	Ext   string // with its dot
	Terms bool   // carries the terms, not the sentences, and is not read back
	Bytes bool   // is not text

	write func(b *bytes.Buffer, d Document)
	read  func(t *text) (File, error)
}

// Formats lists every format.
var Formats = []Format{
	{Name: "xliff", Ext: ".xlf", write: writeXLIFF, read: readXLIFF},
	{Name: "po", Ext: ".po", write: writePO, read: readPO},
	{Name: "tmx", Ext: ".tmx", write: writeTMX, read: readTMX},
	{Name: "tbx", Ext: ".tbx", Terms: true, write: writeTBX},
	{Name: "docx", Ext: ".docx", Bytes: true, write: writeDocx, read: readDocx},
}

// ForFile finds the format of a file by its name, reporting whether there is one.
func ForFile(name string) (Format, bool) {
	name = strings.ToLower(name)
	if strings.HasSuffix(name, ".xliff") {
		name += Formats[0].Ext
	}
	i := slices.IndexFunc(Formats, func(f Format) bool { return strings.HasSuffix(name, f.Ext) })
	if i < 0 {
		return Format{}, false
	}
	return Formats[i], true
}

// Write writes d. It refuses a document that could not be read back: a unit
// without a proper id, an id that stands twice, a character that XML 1.0 cannot
// carry. Nothing has been written then.
func (f Format) Write(w io.Writer, d Document) error {
	if err := sound(d); err != nil {
		return err
	}
	var b bytes.Buffer
	f.write(&b, d)
	_, err := w.Write(b.Bytes())
	return err
}

// maxFile is the size of file that Read refuses to look at. A plan of a hundred
// thousand sentences is smaller.
const maxFile = 64 << 20

// Read reads a file that a translator sent back; name is for positions. The
// error is a [diag.Diagnostic] that speaks of the file as a whole; its checks
// are too-large, encoding, malformed, doctype, format and language.
func (f Format) Read(name string, src []byte) (File, error) {
	t := &text{name: name, data: src}
	if f.read == nil {
		return File{}, t.refuse(diag.Pos{File: name}, "format",
			diag.Text("%[1]s 文件只有术语，不读回", "a %[1]s file holds terms only and is not read back", f.Name),
			diag.Text("术语请在 content/termbase.csv 里修改；译文请交回 XLIFF、PO、TMX 或 Word 文件。", "Edit terms in content/termbase.csv; send translations as XLIFF, PO, TMX or Word files."))
	}
	if len(src) > maxFile {
		return File{}, t.refuse(diag.Pos{File: name}, "too-large",
			diag.Text("文件超过 %d MB", "the file is over %d MB", maxFile>>20),
			diag.Text("请交回导出的那个文件，不要附带图片或整个翻译记忆库。", "Send back the file that was exported, without pictures or a whole translation memory."))
	}
	if !f.Bytes {
		if err := t.decode(); err != nil {
			return File{}, err
		}
	}
	file, err := f.read(t)
	if err != nil {
		return File{}, err
	}
	file.Name = name
	return file, nil
}

// sound says why d cannot be written, or nil.
func sound(d Document) error {
	bad := func(fact plan.Text) error { return diag.Diagnostic{Check: "exchange", Fact: fact} }
	seen := map[plan.ID]bool{}
	whole := []string{d.Title.ZH, d.Title.EN}
	for _, t := range d.Terms {
		whole = append(whole, t.ZH, t.EN, t.Kind, t.Note, t.Source)
		whole = append(whole, t.Forbidden...)
	}
	for _, s := range whole {
		if i := unwritable(s); i >= 0 {
			return bad(diag.Text("“%q”里有不能写进文件的字符", "%q has a character that no file can carry", s))
		}
	}
	for _, s := range d.Segments {
		for _, h := range s.Headings {
			if unwritable(h.ZH) >= 0 || unwritable(h.EN) >= 0 {
				return bad(diag.Text("%s：标题里有不能写进文件的字符", "%s: a heading has a character that no file can carry", s.ID))
			}
		}
		if _, _, _, err := s.ID.Parse(); err != nil {
			return bad(diag.Text("“%s”不是编号", "“%s” is not a unit id", s.ID))
		}
		if seen[s.ID] {
			return bad(diag.Text("编号 %s 出现了两次", "the id %s stands twice", s.ID))
		}
		seen[s.ID] = true
		for _, t := range []string{s.Source, s.Target, s.Note, s.Before} {
			if unwritable(t) >= 0 {
				return bad(diag.Text("%s：有不能写进文件的字符（控制字符或坏编码）", "%s: there is a character that no file can carry (a control character, or broken UTF-8)", s.ID))
			}
		}
	}
	return nil
}

// unwritable finds the first byte of s that is not UTF-8 or not a Char of XML
// 1.0 (production 2), or -1. PO could carry a few more, but then a document
// could be written in one format and not in another.
func unwritable(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return i
		}
	}
	return -1
}

// address is the permanent address of a unit's Chinese, below the site's root.
func address(id plan.ID) string { return "zh/m/" + string(id) + "/" }

// text is a file's bytes, and where in them we are.
type text struct {
	name string
	data []byte

	// The last position told: its offset, and its line and column counted from 0.
	offset, line, col int
}

// at is the position of an offset. Asking in order costs one pass over the file,
// however long its lines are.
func (t *text) at(offset int) diag.Pos {
	offset = min(offset, len(t.data))
	if offset < t.offset {
		t.offset, t.line, t.col = 0, 0, 0
	}
	part := t.data[t.offset:offset]
	if n := bytes.Count(part, []byte("\n")); n > 0 {
		t.line += n
		t.col = 0
		part = part[bytes.LastIndexByte(part, '\n')+1:]
	}
	t.col += utf8.RuneCount(part)
	t.offset = offset
	return diag.Pos{File: t.name, Line: t.line + 1, Col: t.col + 1}
}

func (t *text) refuse(pos diag.Pos, check string, fact, hint plan.Text) error {
	return diag.Diagnostic{Pos: pos, Check: check, Fact: fact, Hint: hint}
}

var resave = diag.Text("请在翻译工具里以 UTF-8 重新导出。", "Export it again as UTF-8 from your translation tool.")

// decode takes a byte order mark off and refuses what is not UTF-8.
func (t *text) decode() error {
	for _, bom := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(t.data, []byte(bom)) {
			return t.refuse(t.at(0), "encoding", diag.Text("文件是 UTF-16 编码", "the file is UTF-16"), resave)
		}
	}
	t.data = bytes.TrimPrefix(t.data, []byte("\ufeff"))
	if utf8.Valid(t.data) {
		return nil
	}
	for i := 0; ; {
		r, n := utf8.DecodeRune(t.data[i:])
		if r == utf8.RuneError && n == 1 {
			return t.refuse(t.at(i), "encoding", diag.Text("文件不是 UTF-8 编码", "the file is not UTF-8"), resave)
		}
		i += n
	}
}
