package content

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// tables are the CSV files of the content folder and how each is read.
var tables = map[string]func(*loader, *Document){
	"termbase.csv": (*loader).terms,
	"ledger.csv":   (*loader).ledger,
	EditionsFile:   (*loader).editions,
	HistoryFile:    (*loader).history,
}

// row is one line of a table after its heading.
type row struct {
	pos  diag.Pos
	cell map[string]string // by column, without white space around it
}

// table reads a CSV file (RFC 4180) whose first row names its columns. needed
// columns must be there; the hint shows all of them.
func (l *loader) table(d *Document, check string, needed []string, heading string) (rows []row, ok bool) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(d.Data, []byte(bom))))
	var columns []string
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			pos := diag.Pos{File: d.Name}
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				pos.Line, pos.Col = bad.Line, bad.Column
				err = bad.Err
			}
			l.add(pos, check,
				diag.Text("无法读取表格的这一行：%[1]s", "this row of the table cannot be read: %[2]v", inChinese(err.Error()), err),
				diag.Text("每行的列数要和第一行一样；含逗号或引号的格子要加双引号。", "Each row has as many columns as the first; a cell with a comma or a quote stands in double quotes."))
			if errors.Is(err, csv.ErrFieldCount) {
				continue
			}
			return rows, false
		}
		if columns == nil {
			columns = rec
			for _, c := range needed {
				if !slices.Contains(columns, c) {
					l.add(diag.Pos{File: d.Name, Line: 1}, check,
						diag.Text("第一行没有“%s”列", "the first row has no column “%s”", c),
						diag.Text("第一行是 %s。", "The first row is %s.", heading))
					return nil, false
				}
			}
			continue
		}
		line, _ := r.FieldPos(0)
		out := row{pos: diag.Pos{File: d.Name, Line: line, Col: 1}, cell: make(map[string]string, len(rec))}
		for i, c := range columns {
			out.cell[c] = strings.TrimSpace(rec[i])
		}
		rows = append(rows, out)
	}
	return rows, true
}

// terms reads content/termbase.csv.
func (l *loader) terms(d *Document) {
	rows, _ := l.table(d, "termbase", []string{"zh", "en"}, "zh,en,forbidden,kind,note,source,also,pinyin")
	for _, r := range rows {
		t := plan.Term{Text: plan.Text{ZH: r.cell["zh"], EN: r.cell["en"]}, Pinyin: r.cell["pinyin"], Kind: r.cell["kind"], Note: r.cell["note"], Source: r.cell["source"]}
		t.Forbidden = listed(r.cell["forbidden"])
		for _, v := range listed(r.cell["also"]) {
			word, part, cut := strings.Cut(v, "=")
			a := plan.Alias{Word: strings.TrimSpace(word), For: strings.TrimSpace(part)}
			if !cut {
				a.For = t.ZH
			}
			if a.Word == "" || a.For == "" || !strings.Contains(t.ZH, a.For) {
				l.add(r.pos, "termbase", diag.Text("also 里的“%s”不对：等号后面不是“%s”的一部分", "also has “%s”: what follows the equals sign is no part of “%s”", v, t.ZH),
					diag.Text("写成 看病=医疗（人们说的=术语里的字），指整个术语时只写 看病；几个之间用 | 隔开。", "Write 看病=医疗 (what people say=the characters of the term), or 看病 alone for the whole term, with | between several."))
				continue
			}
			t.Also = append(t.Also, a)
		}
		first, dup := l.tree.termPos[t.ZH]
		var fact plan.Text
		switch {
		case t.ZH == "":
			fact = diag.Text("这一行没有中文术语", "this row has no Chinese term")
		case t.EN == "":
			fact = diag.Text("术语“%s”没有英文", "the term “%s” has no English", t.ZH)
		case dup:
			fact = diag.Text("术语“%s”与第 %d 行重复", "the term “%s” already stands in line %d", t.ZH, first.Line)
		default:
			l.tree.termPos[t.ZH] = r.pos
			l.tree.Plan.Terms = append(l.tree.Plan.Terms, t)
			continue
		}
		l.add(r.pos, "termbase", fact, diag.Text("一个中文术语一行，写一个英文译法。", "One row for each Chinese term, with one English rendering."))
	}
}

// listed are the values of a cell that has several, with a bar between them.
func listed(cell string) (list []string) {
	for v := range strings.SplitSeq(cell, "|") {
		if v = strings.TrimSpace(v); v != "" {
			list = append(list, v)
		}
	}
	return list
}

// ledgerColumns is the heading of content/ledger.csv.
var ledgerColumns = []string{"id", "state", "to", "zh_sha256", "en_from_sha256", "zh", "en", "why"}

// ledger reads content/ledger.csv.
func (l *loader) ledger(d *Document) {
	rows, _ := l.table(d, "ledger", ledgerColumns[:6], strings.Join(ledgerColumns, ","))
	l.tree.Plan.Ledger = plan.Ledger{}
	for _, r := range rows {
		e := plan.Entry{
			ID: plan.ID(r.cell["id"]), State: plan.EntryState(r.cell["state"]),
			ZH: r.cell["zh_sha256"], EnglishOf: r.cell["en_from_sha256"],
			Text: plan.Text{ZH: r.cell["zh"], EN: r.cell["en"]}, Why: r.cell["why"],
		}
		bad := func(fact, hint plan.Text) { l.add(r.pos, "ledger", fact, hint) }
		for _, id := range strings.Fields(r.cell["to"]) {
			e.To = append(e.To, plan.ID(id))
		}
		if _, _, _, err := e.ID.Parse(); err != nil {
			bad(diag.Text("“%s”不是编号", "“%s” is not an id", e.ID), diag.Text("编号形如 p-1、c1-2、s3-2。", "Ids look like p-1, c1-2, s3-2."))
			continue
		}
		if first, dup := l.tree.ledgerPos[e.ID]; dup {
			bad(diag.Text("%s 与第 %d 行重复", "%s already stands in line %d", e.ID, first.Line), diag.Text("一个编号一行，请删去一行。", "One row for each id: remove one."))
			continue
		}
		l.tree.ledgerPos[e.ID] = r.pos
		if !slices.Contains(plan.EntryStates, e.State) {
			bad(diag.Text("%s 的状态“%s”无效", "the state of %s is “%s”", e.ID, e.State), diag.Text("状态只能是 live、withdrawn 或 moved。", "A state is live, withdrawn or moved."))
			continue
		}
		if e.ZH != plan.Hash(e.Text.ZH) {
			bad(diag.Text("%s 的校验值与这一行的中文不符", "the checksum of %s is not that of the Chinese in this row", e.ID),
				diag.Text("请从版本记录里恢复这一行，不要手工改 zh 或 zh_sha256。", "Restore the row from the history; do not edit zh or zh_sha256 by hand."))
			continue
		}
		l.tree.Plan.Ledger = append(l.tree.Plan.Ledger, e)
	}
}

// FormatLedger writes content/ledger.csv: one row an id, in the order of ids.
func FormatLedger(ledger plan.Ledger) []byte {
	rows := [][]string{ledgerColumns}
	for _, e := range ledger.Sorted() {
		to := make([]string, len(e.To))
		for i, id := range e.To {
			to[i] = string(id)
		}
		rows = append(rows, []string{string(e.ID), string(e.State), strings.Join(to, " "), e.ZH, e.EnglishOf, e.Text.ZH, e.Text.EN, e.Why})
	}
	return csvRows(rows)
}
