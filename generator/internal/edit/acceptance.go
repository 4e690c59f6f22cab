package edit

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// acceptance is what is to be entered of a sentence.
type acceptance struct {
	id  plan.ID
	why string
}

const ledgerFile = dir + "/ledger.csv"

// Accept enters sentences in the ledger as they are: id, Chinese, and the English as
// made from it. It returns those whose row has changed. An id that the plan does not
// have, or that was withdrawn, is a finding, and nothing is written then.
func (d *Desk) Accept(ctx context.Context, ids []plan.ID, why string) ([]plan.ID, error) {
	end, err := d.alone(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	list := make([]acceptance, len(ids))
	for i, id := range ids {
		list[i] = acceptance{id: id, why: why}
	}
	at := d.now()
	return d.accept(d.name(""), newID(at), at, list)
}

// accept does it, under the lock.
func (d *Desk) accept(who, set string, at time.Time, list []acceptance) ([]plan.ID, error) {
	ledger, err := d.document(ledgerFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	texts := map[plan.ID]plan.Text{}
	documents := map[string]*content.Document{} // each file once
	for _, a := range list {
		text, err := d.wording(a.id, documents)
		if err != nil && !errors.As(err, new(diag.Diagnostic)) { // no such id is told below
			return nil, err
		}
		texts[a.id] = text
	}
	next, accepted, err := enter(ledger, texts, list)
	if err != nil {
		return nil, err
	}
	if len(accepted) == 0 {
		return nil, d.remember(at, list) // the English may be another that is as current
	}
	was, is := rowsOf(ledger), rowsOf(next)
	var tales []Entry
	for _, id := range accepted {
		tales = append(tales, Entry{ID: set + "-" + string(id), Set: set, Time: at, Who: who, File: ledgerFile,
			Ref: Ref{File: ledgerFile, Row: string(id), Field: Row}, Before: was[id], After: is[id], Why: list[0].why})
	}
	if err := d.commit([]string{ledgerFile}, map[string]*write{ledgerFile: {data: next.Data, tales: tales}}); err != nil {
		return nil, err
	}
	return accepted, d.remember(at, list)
}

// wording is the text of a sentence as it stands, in both languages without markup; of
// documents each is read once.
func (d *Desk) wording(id plan.ID, documents map[string]*content.Document) (text plan.Text, err error) {
	for _, lang := range plan.Langs {
		file, err := d.division(id, lang)
		if err != nil {
			return text, err
		}
		doc, has := documents[file]
		if !has {
			if doc, err = d.document(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return text, err
			}
			documents[file] = doc
		}
		if doc != nil {
			text.Set(lang, doc.Wording(id))
		}
	}
	return text, nil
}

// remember enters accepted sentences in the history, if the project keeps one.
func (d *Desk) remember(at time.Time, list []acceptance) error {
	if _, err := d.disk.Lstat(dir + "/" + content.HistoryFile); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	ids := make([]plan.ID, len(list))
	for i, a := range list {
		ids[i] = a.id
	}
	_, err := d.record(Recording{Today: at.In(china).Format(time.DateOnly), Why: list[0].why, Only: ids})
	return err
}

func rowsOf(ledger *content.Document) map[plan.ID]string {
	rows := map[plan.ID]string{}
	if ledger != nil {
		for _, r := range ledger.Rows() {
			rows[plan.ID(r.Cell("id"))] = ledger.Said(r.Span)
		}
	}
	return rows
}

// Enter gives the bytes of a ledger (nil for none) that has these sentences as they
// are, and those of them whose row has changed; of the others, and of cells that stay,
// every byte stays. It writes nothing, and refuses as [Desk.Accept] does.
func Enter(ledger *content.Document, p *plan.Plan, ids []plan.ID, why string) ([]byte, []plan.ID, error) {
	texts, list := map[plan.ID]plan.Text{}, make([]acceptance, len(ids))
	for u := range p.Units() {
		texts[u.ID] = u.Text
	}
	for i, id := range ids {
		list[i] = acceptance{id, why}
	}
	next, accepted, err := enter(ledger, texts, list)
	if err != nil {
		return nil, nil, err
	}
	return next.Data, accepted, nil
}

func enter(ledger *content.Document, texts map[plan.ID]plan.Text, list []acceptance) (*content.Document, []plan.ID, error) {
	if ledger == nil {
		ledger, _ = content.Parse(dir, "ledger.csv", content.FormatLedger(nil))
	}
	rows := map[plan.ID]content.Row{}
	var known []plan.ID
	for _, r := range ledger.Rows() {
		id := plan.ID(r.Cell("id"))
		rows[id] = r
		known = append(known, id)
	}
	slices.SortFunc(known, plan.ID.Compare)
	columns := ledger.Heading()
	var bad diag.List
	var accepted []plan.ID
	var changes []content.RowChange
	done := map[plan.ID]bool{}
	for _, a := range list {
		text, hash := texts[a.id], plan.Hash(texts[a.id].ZH)
		row, has := rows[a.id]
		values := map[string]string{"id": string(a.id), "state": string(plan.Live), "to": "", "zh_sha256": hash, "en_from_sha256": "", "zh": text.ZH, "en": "", "why": a.why}
		if text.EN != "" {
			values["en_from_sha256"] = hash
		}
		switch {
		case done[a.id]:
			continue
		case text.ZH == "":
			bad = append(bad, diag.Diagnostic{Check: "ledger", Fact: diag.Text("方案里没有 %s", "the plan has no %s", a.id),
				Hint: diag.Text("编号形如 s3-2；运行 translate status 看全部。", "Ids look like s3-2; translate status lists what is open.")})
		case has && row.Cell("state") != string(plan.Live):
			bad = append(bad, diag.Diagnostic{Pos: ledger.At(row.Start), Check: "ledger",
				Fact: diag.Text("%s 已经撤销或移动，不能再用", "%s was withdrawn or moved and cannot be used again", a.id),
				Hint: diag.Text("给这一句一个没有用过的编号。", "Give this sentence a number that was never used.")})
		case has && row.Cell("zh_sha256") == hash && row.Cell("en_from_sha256") == values["en_from_sha256"]:
		default:
			after := columns[0] // behind the heading
			if i, _ := slices.BinarySearchFunc(known, a.id, plan.ID.Compare); i > 0 {
				after = string(known[i-1])
			}
			maps.DeleteFunc(values, func(name, _ string) bool { return !slices.Contains(columns, name) })
			changes = append(changes, content.RowChange{Key: string(a.id), Values: values, After: after})
			accepted = append(accepted, a.id)
		}
		done[a.id] = true
	}
	if err := bad.Err(); err != nil || len(changes) == 0 {
		return ledger, nil, err
	}
	slices.SortStableFunc(changes, func(a, b content.RowChange) int { return plan.ID(a.Key).Compare(plan.ID(b.Key)) })
	data, err := ledger.SetRows(changes...)
	if err != nil {
		return nil, nil, err
	}
	next, found := content.Parse(dir, "ledger.csv", data)
	return next, accepted, found.Err()
}
