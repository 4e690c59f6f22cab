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

// acceptance is what the ledger is to say of a sentence.
type acceptance struct {
	id  plan.ID
	why string
}

const ledgerFile = dir + "/ledger.csv"

// Accept enters sentences in the ledger as they are: id, Chinese, and the English as
// made from it. It returns those whose row has changed. An id that the plan does not
// have, or that was withdrawn, is a finding, and nothing is written then.
func (d *Desk) Accept(ctx context.Context, ids []plan.ID, why string) ([]plan.ID, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	unlock, err := d.lock.take(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	list := make([]acceptance, len(ids))
	for i, id := range ids {
		list[i] = acceptance{id: id, why: why}
	}
	at := d.now()
	return d.accept(d.who, newID(at), at, list)
}

// accept does it, under the lock. Of the ledger only rows and cells change that have to.
func (d *Desk) accept(who, set string, at time.Time, list []acceptance) (accepted []plan.ID, err error) {
	ledger, err := d.document(ledgerFile)
	if errors.Is(err, fs.ErrNotExist) {
		ledger, _ = content.Parse(dir, "ledger.csv", content.FormatLedger(nil))
	} else if err != nil {
		return nil, err
	}
	rows := map[plan.ID]content.Row{}
	var ids []plan.ID
	for _, r := range ledger.Rows() {
		id := plan.ID(r.Cell("id"))
		rows[id] = r
		ids = append(ids, id)
	}
	slices.SortFunc(ids, plan.ID.Compare)
	var bad diag.List
	var changes []content.RowChange
	var tales []Entry
	documents := map[string]*content.Document{} // each file once
	plain := func(id plan.ID, lang plan.Lang) (string, error) {
		file, err := d.division(id, lang)
		if err != nil {
			return "", err
		}
		if documents[file] == nil {
			if documents[file], err = d.document(file); err != nil {
				return "", err
			}
		}
		return documents[file].Plain(id), nil
	}
	done := map[plan.ID]bool{}
	for _, a := range list {
		zh, err := plain(a.id, plan.ZH)
		if zh == "" {
			if found := (diag.Diagnostic{}); err != nil && !errors.As(err, &found) {
				return nil, err
			}
			bad = append(bad, diag.Diagnostic{Check: "ledger", Fact: diag.Text("方案里没有 %s", "the plan has no %s", a.id),
				Hint: diag.Text("编号形如 s3-2；运行 translate status 看全部。", "Ids look like s3-2; translate status lists what is open.")})
			continue
		}
		if done[a.id] {
			continue
		}
		done[a.id] = true
		hash := plan.Hash(zh)
		values := map[string]string{"id": string(a.id), "state": string(plan.Live), "zh_sha256": hash, "en_from_sha256": "", "zh": zh, "why": a.why}
		if en, err := plain(a.id, plan.EN); err == nil && en != "" {
			values["en_from_sha256"] = hash
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		row, has := rows[a.id]
		switch {
		case has && row.Cell("state") != string(plan.Live):
			bad = append(bad, diag.Diagnostic{Pos: ledger.At(row.Start), Check: "ledger",
				Fact: diag.Text("%s 已经撤销或移动，不能再用", "%s was withdrawn or moved and cannot be used again", a.id),
				Hint: diag.Text("给这一句一个没有用过的编号。", "Give this sentence a number that was never used.")})
			continue
		case has && row.Cell("zh_sha256") == hash && row.Cell("en_from_sha256") == values["en_from_sha256"]:
			continue
		}
		before, after := "", "id" // behind the heading
		if has {
			before, values["to"], values["en"] = ledger.Said(row.Span), "", ""
		} else if i, _ := slices.BinarySearchFunc(ids, a.id, plan.ID.Compare); i > 0 {
			after = string(ids[i-1])
		}
		columns := ledger.Heading()
		maps.DeleteFunc(values, func(name, _ string) bool { return !slices.Contains(columns, name) })
		changes = append(changes, content.RowChange{Key: string(a.id), Values: values, After: after})
		accepted = append(accepted, a.id)
		tales = append(tales, Entry{ID: set + "-" + string(a.id), Set: set, Time: at, Who: who, Before: before, Why: a.why,
			Ref: Ref{File: ledgerFile, Row: string(a.id), Field: Row}, File: ledgerFile})
	}
	slices.SortStableFunc(changes, func(a, b content.RowChange) int { return plan.ID(a.Key).Compare(plan.ID(b.Key)) })
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, nil
	}
	data, err := ledger.SetRows(changes...)
	if err != nil {
		return nil, err
	}
	next, found := content.Parse(dir, "ledger.csv", data)
	if err := found.Err(); err != nil {
		return nil, err
	}
	now := map[string]string{}
	for _, r := range next.Rows() {
		now[r.Cell("id")] = next.Said(r.Span)
	}
	for i := range tales {
		tales[i].After = now[tales[i].Ref.Row]
	}
	if err := d.tales.add(tales); err != nil {
		return nil, err
	}
	if err := d.lock.held(); err != nil {
		return nil, err
	}
	return accepted, replace(d.disk, ledgerFile, data)
}
