package exchange

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/word"
)

// A Word file for people who review in Word or WPS: below each heading a table of
// three columns, the id, the Chinese and the English.
//
// Ids and Chinese stand in content controls that Word locks (sdtContentLocked), so
// that their rows cannot be removed either. The document as a whole is not protected:
// protection would switch off tracked changes, which reviewers need. Programs that do
// not know the lock let it be edited; what was edited is found when the file comes
// back.
//
// A bookmark around the id carries what the row was made from, a few digits of the
// SHA-256 of both texts: u_s3_2_ZH_EN. Word, WPS and LibreOffice keep bookmarks. So a
// row that nobody touched does not take back what was written here meanwhile, and a
// changed Chinese is told apart from one that changed since the export. In a file that
// has lost them, rows are compared with today's texts alone.

// What stands in the file beside the sentences, and is recognised when it comes back.
const (
	docxID       = "编号 No."
	docxBefore   = "中文原为 was: "
	docxNote     = "PortalNote"
	docxBookmark = "u_"
)

// docxStyles are the styles of our paragraphs outside the tables.
var docxStyles = []string{"Title", "Heading1", "Heading2", "Heading3", docxNote}

var docxGuide = []plan.Text{
	{ZH: "编号和中文是锁定的，请不要改；只改右栏的英文。一格一句，不分段。", EN: "Numbers and Chinese are locked; edit the English at the right only, one sentence a cell, in one paragraph."},
	{ZH: "可以打开“修订”。交回前请接受或拒绝每一处修订：还没有决定的不会收下。批注会转告，不写进译文。", EN: "Track changes if you like; before you send the file back, accept or reject each one: what is undecided is not taken. Comments are passed on and not taken as text."},
	{ZH: "强调写成 *文字* 或 **文字**，链接写成 [文字](网址)；Word 里的加粗和斜体不会收下。", EN: "Write emphasis as *words* or **words** and a link as [words](address); bold and italic type of Word is not taken."},
}

// base is what a row was made from.
type base struct{ zh, en string }

func digest(s string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(s)))
	return hex.EncodeToString(sum[:5])
}

var docxBase = regexp.MustCompile(`^u_([a-z0-9_]+)_([0-9a-f]{10})_([0-9a-f]{10})$`)

func bookmark(s Segment) string {
	return docxBookmark + strings.ReplaceAll(string(s.ID), "-", "_") + "_" + digest(s.Source) + "_" + digest(s.Target)
}

// baseOf finds the bookmark of the row of id.
func baseOf(names []string, id plan.ID) *base {
	for _, name := range names {
		if m := docxBase.FindStringSubmatch(name); m != nil && strings.ReplaceAll(m[1], "_", "-") == string(id) {
			return &base{m[2], m[3]}
		}
	}
	return nil
}

func writeDocx(b *bytes.Buffer, d Document) {
	var body bytes.Buffer
	w := docxWriter{&body, 0}
	w.paragraph("Title", titleLine(d.Title))
	for _, l := range []plan.Lang{plan.ZH, plan.EN} {
		for _, t := range docxGuide {
			w.paragraph(docxNote, t.In(l))
		}
	}
	var under []plan.Text
	for i, s := range d.Segments {
		if i == 0 || !slices.Equal(s.Headings, under) {
			if i > 0 {
				w.endTable()
			}
			for j, h := range s.Headings {
				if j >= len(under) || under[j] != h || !slices.Equal(s.Headings[:j], under[:j]) {
					w.paragraph("Heading"+strconv.Itoa(min(j+1, 3)), titleLine(h))
				}
			}
			under = s.Headings
			w.beginTable()
		}
		w.row(s)
	}
	if len(d.Segments) > 0 {
		w.endTable()
	}
	data, err := word.Pack([]word.Part{
		{Name: "[Content_Types].xml", Data: docxTypes},
		{Name: "_rels/.rels", Data: docxRoot},
		{Name: "word/document.xml", Data: docxHead + body.String() + docxFoot},
		{Name: "word/_rels/document.xml.rels", Data: docxRels},
		{Name: "word/styles.xml", Data: docxStyleSheet},
	})
	if err != nil {
		panic(fmt.Sprintf("a zip in memory cannot be written: %v", err)) // only a name of our own could be wrong
	}
	b.Write(data)
}

// docxWriter writes the body. Its markup is that of ECMA-376, Part 1, 17.3 and 17.4.
type docxWriter struct {
	*bytes.Buffer
	controls int
}

// run writes text, with its tabs and line breaks as Word has them.
func (w *docxWriter) run(s string) {
	w.WriteString("<w:r>")
	for len(s) > 0 {
		i := strings.IndexAny(s, "\t\n")
		if i != 0 {
			if i < 0 {
				i = len(s)
			}
			w.WriteString(`<w:t xml:space="preserve">`)
			escapeText.WriteString(w, s[:i])
			w.WriteString("</w:t>")
			s = s[i:]
			continue
		}
		w.WriteString(map[byte]string{'\t': "<w:tab/>", '\n': "<w:br/>"}[s[0]])
		s = s[1:]
	}
	w.WriteString("</w:r>")
}

func (w *docxWriter) paragraph(style, s string) {
	w.WriteString(`<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>`)
	w.run(s)
	w.WriteString("</w:p>\n")
}

// locked writes text in a content control whose content and existence are locked
// (17.5.2.23).
func (w *docxWriter) locked(s, tag string) {
	w.controls++
	fmt.Fprintf(w, `<w:sdt><w:sdtPr><w:tag w:val="%s"/><w:id w:val="%d"/><w:lock w:val="sdtContentLocked"/></w:sdtPr><w:sdtContent>`, tag, w.controls)
	w.run(s)
	w.WriteString("</w:sdtContent></w:sdt>")
}

func (w *docxWriter) cell(width, style string, inside func()) {
	w.WriteString(`<w:tc><w:tcPr><w:tcW w:w="` + width + `" w:type="dxa"/>` + docxShade[style] + `</w:tcPr><w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>`)
	inside()
	w.WriteString("</w:tc>")
}

// docxShade is the background of the cells that are locked.
var docxShade = map[string]string{
	"PortalId": `<w:shd w:val="clear" w:color="auto" w:fill="F3F3F3"/>`, "PortalChinese": `<w:shd w:val="clear" w:color="auto" w:fill="F3F3F3"/>`,
}

// Widths of the columns, in twentieths of a point: together the text of a sheet A4.
var docxWidths = [3]string{"1000", "4000", "4906"}

func (w *docxWriter) beginTable() {
	w.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="9906" w:type="dxa"/><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		w.WriteString("<w:" + side + ` w:val="single" w:sz="4" w:space="0" w:color="A6A6A6"/>`)
	}
	w.WriteString(`</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="60" w:type="dxa"/><w:left w:w="100" w:type="dxa"/><w:bottom w:w="60" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>`)
	for _, width := range docxWidths {
		w.WriteString(`<w:gridCol w:w="` + width + `"/>`)
	}
	w.WriteString("</w:tblGrid>\n<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>")
	for i, s := range []string{docxID, "中文（正式文本，已锁定） Chinese, official, locked", "英文（在这里改） English: edit here"} {
		w.cell(docxWidths[i], docxNote, func() { w.run(s); w.WriteString("</w:p>") })
	}
	w.WriteString("</w:tr>\n")
}

func (w *docxWriter) endTable() { w.WriteString("</w:tbl>\n"); w.paragraph(docxNote, "") }

// docxStates is what stands below the id of a sentence that has something to do.
var docxStates = map[State]string{Missing: "缺译 missing", Stale: "待更新 stale"}

func (w *docxWriter) row(s Segment) {
	w.WriteString("<w:tr><w:trPr><w:cantSplit/></w:trPr>")
	w.cell(docxWidths[0], "PortalId", func() {
		fmt.Fprintf(w, `<w:bookmarkStart w:id="%d" w:name="%s"/>`, w.controls, bookmark(s))
		n := w.controls
		w.locked(string(s.ID), string(s.ID))
		fmt.Fprintf(w, `<w:bookmarkEnd w:id="%d"/></w:p>`, n)
		if state := docxStates[s.State]; state != "" {
			w.paragraph(docxNote, state)
		}
	})
	w.cell(docxWidths[1], "PortalChinese", func() {
		w.locked(s.Source, string(s.ID)+" zh")
		w.WriteString("</w:p>")
		if s.State == Stale && s.Before != "" {
			w.paragraph(docxNote, docxBefore+s.Before)
		}
	})
	w.cell(docxWidths[2], "PortalEnglish", func() { w.run(s.Target); w.WriteString("</w:p>") })
	w.WriteString("</w:tr>\n")
}

// readDocx reads a file that comes back. A place in it is a row of its tables, and the
// column there: review.docx:35:3 is the English of the 35th row.
func readDocx(t *text) (File, error) {
	doc, err := word.Read(t.name, t.data)
	if err != nil {
		return File{}, err
	}
	r := docxReader{name: t.name}
	for _, b := range doc.Blocks {
		if len(b.Rows) == 0 {
			r.outside(b.Paragraph)
		}
		for _, row := range b.Rows {
			r.row(row)
		}
	}
	if len(r.file.Units) == 0 {
		return r.file, t.refuse(diag.Pos{File: t.name}, "format",
			diag.Text("文件里没有带编号的表格", "there is no table with ids in the file"),
			diag.Text("请交回用 translate export 导出的 Word 文件；方案的原文用 import。", "Send back the Word file that translate export has written; a plan's text is for import."))
	}
	return r.file, nil
}

type docxReader struct {
	name string
	file File
	last int // the row read before, for what stands between tables
}

func (r *docxReader) note(pos diag.Pos, check string, fact, hint plan.Text) {
	r.file.Notes = append(r.file.Notes, diag.Diagnostic{Pos: pos, Check: check, Severity: diag.Warning, Fact: fact, Hint: hint})
}

// outside looks at a paragraph outside the tables: what somebody has written there is
// told, since nothing is done with it.
func (r *docxReader) outside(p word.Paragraph) {
	pos := diag.Pos{File: r.name, Line: r.last + 1}
	r.comments(pos, "", p)
	if s := strings.TrimSpace(p.Text); s != "" && !slices.Contains(docxStyles, p.Style) {
		r.note(pos, "outside", diag.Text("表格外面写了“%s”，没有收下", "“%s” stands outside the tables and was not taken", clip(s)),
			diag.Text("译文写在表格右栏；别的话请另外转告。", "English belongs into the right column; pass other words on yourself."))
	}
}

func (r *docxReader) comments(pos diag.Pos, id plan.ID, p word.Paragraph) {
	for _, c := range p.Comments {
		r.note(pos, "comment", diag.Text("%[1]s：%[2]s的批注：“%[3]s”", "%[1]s: a comment by %[4]s: “%[3]s”", cmp.Or(string(id), "—"), cmp.Or(printable(c.Author), "某人"), printable(c.Text), cmp.Or(printable(c.Author), "somebody")),
			diag.Text("批注不写进译文；要采纳就改右栏的英文。", "Comments are not taken as text; to follow one, change the English."))
	}
}

func (r *docxReader) row(row word.Row) {
	r.last = row.Number
	at := func(column int) diag.Pos { return diag.Pos{File: r.name, Line: row.Number, Col: column} }
	if len(row.Cells) == 0 || !slices.ContainsFunc(row.Cells, func(c word.Cell) bool { return strings.TrimSpace(c.Text()) != "" }) {
		return
	}
	first := row.Cells[0].Paragraphs
	u := Unit{Pos: at(1)}
	if len(first) > 0 {
		if u.ID = plan.ID(strings.TrimSpace(first[0].Text)); string(u.ID) == docxID {
			return
		}
		u.base = baseOf(first[0].Bookmarks, u.ID)
	}
	fault := func(pos diag.Pos, check string, fact, hint plan.Text) {
		u.Faults = append(u.Faults, diag.Diagnostic{Pos: pos, Check: check, Fact: fact, Hint: hint})
	}
	if len(row.Cells) != 3 || slices.ContainsFunc(row.Cells, func(c word.Cell) bool { return c.Merged }) {
		fault(at(1), "malformed", diag.Text("%[1]s：这一行不是三格，或者有合并的单元格", "%[1]s: the row has not three cells, or cells are merged", cmp.Or(clip(string(u.ID)), "?")),
			diag.Text("不要拆分或合并单元格；请从原来导出的文件重新来。", "Do not split or merge cells; begin again from the file that was exported."))
		r.file.Units = append(r.file.Units, u)
		return
	}
	chinese, english := row.Cells[1], row.Cells[2]
	for i := len(chinese.Paragraphs) - 1; i > 0 && strings.HasPrefix(chinese.Paragraphs[i].Text, docxBefore); i-- {
		chinese.Paragraphs = chinese.Paragraphs[:i]
	}
	u.Source, u.Target, u.TargetPos = chinese.Text(), english.Text(), at(3)
	for i, c := range row.Cells {
		for _, p := range c.Paragraphs {
			r.comments(at(i+1), u.ID, p)
		}
	}
	u.Pending = slices.Clone(row.Pending)
	for _, p := range english.Paragraphs {
		u.Pending = append(u.Pending, p.Pending...)
		for _, o := range p.Oddities {
			name := o.Name()
			if o == word.Formatted {
				r.note(at(3), "formatted", diag.Text("%[1]s：英文里有%[2]s，没有收下", "%[1]s: there is %[3]s in the English, which was not taken", u.ID, name.ZH, name.EN),
					diag.Text("要强调就写 **文字** 或 *文字*。", "For emphasis write **words** or *words*."))
				continue
			}
			fault(at(3), "odd", diag.Text("%[1]s：英文里有%[2]s", "%[1]s: there is %[3]s in the English", u.ID, name.ZH, name.EN),
				diag.Text("一格只写文字，一句一段；请删去它再交。", "A cell holds one sentence of text: remove it and send the file again."))
		}
	}
	for _, c := range row.Pending {
		if c.Kind == "del" {
			fault(at(1), "tracked", diag.Text("%s：这一行被标为删除", "%s: the row is marked as deleted", u.ID), diag.Text("方案的句子不能删；请拒绝这处修订。", "A sentence of the plan stays: reject this change."))
		}
	}
	r.file.Units = append(r.file.Units, u)
}

// printable makes control characters of somebody's text visible, at most so many that
// a message stays one.
func printable(s string) string {
	words := strings.Join(strings.Fields(s), " ")
	if r := []rune(words); len(r) > 200 {
		words = string(r[:200]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, words)
}

// AcceptChanges takes the tracked changes that nobody has decided on as accepted.
func (f *File) AcceptChanges() {
	for i := range f.Units {
		f.Units[i].Pending = nil
	}
}

// undecided says whose changes of a unit nobody has accepted or rejected.
func undecided(u Unit) (fact, hint plan.Text, bad bool) {
	if len(u.Pending) == 0 {
		return
	}
	var authors []string
	for _, c := range u.Pending {
		if a := printable(c.Author); a != "" && !slices.Contains(authors, a) {
			authors = append(authors, a)
		}
	}
	zh, en := strings.Join(authors, "、"), strings.Join(authors, ", ")
	return diag.Text("有 %[1]d 处修订还没有接受或拒绝（“%[2]s”）", "%[1]d tracked changes are neither accepted nor rejected (“%[3]s”)", len(u.Pending), cmp.Or(zh, "没有署名"), cmp.Or(en, "unsigned")),
		diag.Text("请在 Word 的“审阅”里逐处决定再交；全都同意的话，加 --accept-changes 导入。", "Decide on them in Word's Review tab; if you agree with all of them, import with --accept-changes."), true
}
