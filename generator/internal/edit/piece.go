package edit

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/readings"
)

// piece is a Ref that was understood.
type piece struct {
	ref      Ref
	file     string
	kind     *pieceKind
	mayBegin bool   // the file need not be there
	words    string // of a reading: the sentence as it stands, as readings.Digest has it
}

// pieceKind says how a kind of piece is read from its file and changed in it. A kind
// without write is read only. write gets nil for a file that is not there.
type pieceKind struct {
	read  func(doc *content.Document, p piece) (string, diag.Pos)
	write func(d *Desk, doc *content.Document, p piece, text string) ([]byte, error)
}

var (
	chinesePiece = &pieceKind{read: sentence}
	englishPiece = &pieceKind{read: sentence, write: func(d *Desk, doc *content.Document, p piece, text string) ([]byte, error) {
		order, err := d.order(p.ref.ID)
		if err != nil {
			return nil, err
		}
		return doc.SetSentence(p.ref.ID, text, order)
	}}
	tagPiece = &pieceKind{
		read: func(doc *content.Document, p piece) (string, diag.Pos) {
			s, has := doc.Sentence(p.ref.ID)
			if !has {
				return "", diag.Pos{}
			}
			return strings.Join(strings.Fields(doc.Tag(p.ref.ID, p.ref.Field)), " "), doc.At(s.Tags.Start)
		},
		write: func(_ *Desk, doc *content.Document, p piece, text string) ([]byte, error) {
			return doc.SetTag(p.ref.ID, p.ref.Field, text)
		},
	}
	fieldPiece = &pieceKind{
		read: func(doc *content.Document, p piece) (string, diag.Pos) {
			return doc.Field(p.ref.Field), doc.ValuePos(p.ref.Field)
		},
		write: func(_ *Desk, doc *content.Document, p piece, text string) ([]byte, error) {
			return doc.SetField(p.ref.Field, text)
		},
	}
	bodyPiece = &pieceKind{
		read: func(doc *content.Document, _ piece) (string, diag.Pos) { return doc.Prose(), doc.At(doc.Body) },
		write: func(_ *Desk, doc *content.Document, p piece, text string) ([]byte, error) {
			if doc.InPlan() {
				return nil, readOnly(p)
			}
			return doc.SetProse(text)
		},
	}
	wholePiece = &pieceKind{
		read: func(doc *content.Document, _ piece) (string, diag.Pos) {
			return normal(strings.TrimPrefix(string(doc.Data), "\ufeff")), diag.Pos{Line: 1}
		},
		write: func(_ *Desk, doc *content.Document, p piece, text string) ([]byte, error) {
			switch {
			case text == "":
				return nil, diag.Diagnostic{Pos: diag.Pos{File: p.file}, Check: "edit", Fact: diag.Text("文件不能是空的", "a file cannot be empty"),
					Hint: diag.Text("要撤下一页，写 draft: true。", "To take a page down, write draft: true.")}
			case doc == nil:
				return []byte(text + "\n"), nil
			}
			return doc.SetText(text + "\n"), nil
		},
	}
	cellPiece = &pieceKind{
		read: func(doc *content.Document, p piece) (string, diag.Pos) {
			for _, r := range doc.Rows() {
				if r.Cell(r.Columns()[0]) != p.ref.Row {
					continue
				}
				if p.ref.Field == Row {
					return doc.Said(r.Span), doc.At(r.Start)
				}
				return r.Cell(p.ref.Field), doc.At(r.Start)
			}
			return "", diag.Pos{}
		},
		write: func(_ *Desk, doc *content.Document, p piece, text string) ([]byte, error) {
			switch {
			case p.ref.Field == Row && text == "":
				return doc.SetRows(content.RowChange{Key: p.ref.Row})
			case p.ref.Field == Row:
				values, err := cells(doc, text)
				if err != nil {
					return nil, err
				}
				return doc.SetRows(content.RowChange{Key: p.ref.Row, Values: values})
			}
			values := map[string]string{p.ref.Field: strings.ReplaceAll(text, "\n", " ")}
			if heading := doc.Heading(); len(heading) > 0 && p.ref.Field != heading[0] {
				values[heading[0]] = p.ref.Row
			}
			return doc.SetRows(content.RowChange{Key: p.ref.Row, Values: values})
		},
	}
)

// cells reads a row of a table as it is written there.
func cells(doc *content.Document, row string) (map[string]string, error) {
	heading := doc.Heading()
	one, _ := content.Parse(dir, "row.csv", []byte(strings.Join(heading, ",")+"\n"+row+"\n"))
	rows := one.Rows()
	if len(rows) != 1 || len(rows[0].Cells) != len(heading) {
		return nil, diag.Diagnostic{Pos: diag.Pos{File: doc.Name}, Check: "edit",
			Fact: diag.Text("这不是表格的一行", "this is not one row of the table"),
			Hint: diag.Text("每行的列数要和第一行一样；含逗号或引号的格子要加双引号。", "Each row has as many columns as the first; a cell with a comma or a quote stands in double quotes.")}
	}
	values := map[string]string{}
	for _, name := range heading {
		values[name] = rows[0].Cell(name)
	}
	return values, nil
}

func sentence(doc *content.Document, p piece) (string, diag.Pos) {
	s, has := doc.Sentence(p.ref.ID)
	if !has {
		return "", diag.Pos{}
	}
	return doc.Said(s.Text), doc.At(s.Text.Start)
}

// order is that of the sentences in the division of a unit, by its Chinese.
func (d *Desk) order(id plan.ID) ([]plan.ID, error) {
	file, err := d.division(id, plan.ZH)
	if err != nil {
		return nil, err
	}
	doc, err := d.document(file)
	if err != nil {
		return nil, err
	}
	var ids []plan.ID
	for _, s := range doc.Sentences() {
		ids = append(ids, s.ID)
	}
	if !slices.Contains(ids, id) {
		return nil, noUnit(id)
	}
	return ids, nil
}

// sealed are the tables whose rows commands make, with what to do instead of writing into
// them: the history and the editions only grow, and a row of the ledger or of the
// readings says what it was made from.
var sealed = map[string]struct{ fact, hint plan.Text }{
	"ledger.csv": {diag.Text("台账不能手工修改", "the ledger is not edited by hand"),
		diag.Text("译文用 translate accept 确认。", "Accept translations with translate accept.")},
	content.HistoryFile: {diag.Text("句子的历史只增不改：记下的版本都有自己的网址，别人可能已经引用", "the history of sentences only grows: every version in it has an address that others may have cited"),
		diag.Text("要更正，就改句子本身，再用 editions record 补记。", "To correct something, change the sentence itself, then enter it with editions record.")},
	content.EditionsFile: {diag.Text("版次只增不改：每一版都有自己的网址", "the list of editions only grows: each has addresses of its own"),
		diag.Text("新的版次用 editions record --edition 2026-01-31 记入。", "Enter a new edition with editions record --edition 2026-01-31.")},
	readings.File: {diag.Text("三审三校的名字跟所读的文字一起记，不能手工修改", "the names of readings are entered with the words that were read, not by hand"),
		diag.Text("在编辑器里写在那一句下面，或用 reading 记。", "Write them below the sentence in the editor, or enter them with reading.")},
}

// readOnly says why a piece is not written.
func readOnly(p piece) error {
	d := diag.Diagnostic{Pos: diag.Pos{File: p.file}, Check: "edit",
		Fact: diag.Text("方案的中文是正式文本，在这里只读：改一个标点就不真实了", "the plan's Chinese is the official text and read only here: one changed comma makes it false"),
		Hint: diag.Text("方案修订了，就把新的原文放进 seeds/，用 import 导入。", "If the plan was revised, put the new source into seeds/ and import it.")}
	if k, is := sealed[strings.TrimPrefix(p.file, dir+"/")]; is {
		d.Fact, d.Hint = k.fact, k.hint
	}
	return d
}

// piece understands a Ref. It looks at no more than names.
func (d *Desk) piece(ref Ref) (p piece, err error) {
	p.ref = ref
	if ref.ID != "" {
		lang := plan.ZH
		switch {
		case ref.Field == Chinese:
			p.kind = chinesePiece
		case ref.Field == English:
			p.kind, lang = englishPiece, plan.EN
		case slices.Contains(content.Tags, ref.Field):
			p.kind = tagPiece
		case slices.Contains(readings.Roles, readings.Role(ref.Field)):
			p.kind, p.file, p.mayBegin = readingPiece, readingsFile, true
			text, err := d.wording(ref.ID, map[string]*content.Document{})
			if err == nil && text.ZH == "" {
				err = noUnit(ref.ID)
			}
			p.words = readings.Digest(text)
			return p, err
		default:
			return p, diag.Diagnostic{Check: "edit", Fact: diag.Text("句子没有“%s”", "a sentence has no “%s”", ref.Field),
				Hint: diag.Text("可用的有：en、topics、places、bodies、written、checked、released。", "Use: en, topics, places, bodies, written, checked, released.")}
		}
		p.file, err = d.division(ref.ID, lang)
		return p, err
	}
	p.file = ref.File
	ext := path.Ext(ref.File)
	inner, inside := strings.CutPrefix(ref.File, dir+"/")
	if !inside || !fs.ValidPath(ref.File) || ext != ".md" && ext != ".csv" || hidden(inner) || strings.ContainsAny(inner, `\:`) {
		return p, diag.Diagnostic{Pos: diag.Pos{File: ref.File}, Check: "edit", Fact: diag.Text("这里只能改 content 里的 .md 和 .csv 文件", "only .md and .csv files in content are changed here"),
			Hint: diag.Text("请核对名字。", "Check the name.")}
	}
	if len(ref.Row) > 1000 || strings.ContainsFunc(ref.Row, unicode.IsControl) {
		return p, diag.Diagnostic{Pos: diag.Pos{File: ref.File}, Check: "edit", Fact: diag.Text("一个术语写在一行里", "a term stands on one line"),
			Hint: diag.Text("请去掉换行。", "Take the line breaks out.")}
	}
	_, isSealed := sealed[inner]
	inPlan, chinese := strings.HasPrefix(inner, "plan/"), !strings.HasSuffix(inner, ".en.md")
	switch {
	case isSealed:
		p.kind = &pieceKind{read: cellPiece.read}
		if ref.Field == Whole {
			p.kind = &pieceKind{read: wholePiece.read}
		}
	case ref.Field == Whole:
		p.kind, p.mayBegin = wholePiece, true
		if inPlan && chinese {
			p.kind, p.mayBegin = &pieceKind{read: wholePiece.read}, false
		}
	case ext == ".csv":
		p.kind = cellPiece
	case ref.Field == Body:
		p.kind = bodyPiece
	default:
		p.kind = fieldPiece
	}
	return p, nil
}

// hidden reports whether a part of a path begins with a dot.
func hidden(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(s string) bool { return strings.HasPrefix(s, ".") })
}

// missing says what to do where a file is not there.
func (d *Desk) missing(p piece, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	hint := diag.Text("从版本记录里恢复它。", "Restore it from the history.")
	if p.kind == englishPiece {
		hint = diag.Text("请先建立它，在开头写上 title 和 number。", "Create it first, with title and number at its top.")
	}
	return diag.Diagnostic{Pos: diag.Pos{File: p.file}, Check: "edit", Fact: diag.Text("缺少这个文件，无法写入", "this file is missing, so nothing can be written into it"), Hint: hint}
}
