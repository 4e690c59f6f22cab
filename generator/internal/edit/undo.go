package edit

import (
	"context"
	"slices"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// History is what the journal has of a piece, newest first; with the zero Ref, of all.
// A Ref of a file with no Field is everything in that file. The findings are warnings of
// lines that cannot be read.
func (d *Desk) History(ref Ref) ([]Entry, diag.List) {
	all, found := d.tales.all()
	slices.Reverse(all)
	return slices.DeleteFunc(all, func(e Entry) bool {
		switch {
		case ref == Ref{}:
			return false
		case ref.Field == "" && ref.ID != "":
			return e.Ref.ID != ref.ID
		case ref.Field == "":
			return e.File != ref.File
		}
		return e.Ref != ref
	}), found
}

// Undo puts back what stood there before an entry of the journal, or before all that
// was saved together with it where id is that of the set. It is a save like any other:
// a piece that has changed since is a conflict, and the undoing can be undone. In the
// outcomes the latest change comes first.
func (d *Desk) Undo(ctx context.Context, id string) ([]Outcome, error) {
	all, _ := d.tales.all()
	var changes []Change
	for _, e := range slices.Backward(all) {
		if e.ID != id && e.Set != id {
			continue
		}
		changes = append(changes, Change{Ref: e.Ref, Text: e.Before, Base: plan.Hash(e.After), Why: "undo " + e.ID})
	}
	if len(changes) == 0 {
		return nil, diag.Diagnostic{Check: "edit", Fact: diag.Text("日志里没有 %s", "the journal has no %s", id),
			Hint: diag.Text("用 history 看有哪些。", "Look them up with history.")}
	}
	return d.again(ctx, changes)
}

// AsOf is a piece as it was at a time, as far as the journal knows: the text before the
// first change after it. What was changed with another program is known only as far as
// a later change here found it.
func (d *Desk) AsOf(ref Ref, at time.Time) (Version, error) {
	now, err := d.Read(ref)
	if err != nil {
		return Version{}, err
	}
	all, _ := d.tales.all()
	return asOf(all, now, at), nil
}

// asOf is a piece as it was at a time, of which all is the journal; now is as it stands.
func asOf(all []Entry, now Version, at time.Time) Version {
	for _, e := range all {
		if e.Ref == now.Ref && e.Time.After(at) {
			now.Text, now.Hash = e.Before, plan.Hash(e.Before)
			break
		}
	}
	return now
}

// Restoring tells what [Desk.Restore] would do, and writes nothing: Before is what stands,
// After what stood there at the time. Names of readings are left out, because they belong
// to the words and come and go with them.
func (d *Desk) Restoring(at time.Time, refs ...Ref) ([]Entry, error) {
	all, _ := d.tales.all()
	if len(refs) == 0 {
		for _, e := range all {
			if e.Time.After(at) && !slices.Contains(refs, e.Ref) {
				refs = append(refs, e.Ref)
			}
		}
	}
	var list []Entry
	for _, ref := range refs {
		p, err := d.piece(ref)
		if err != nil {
			return nil, err
		}
		if p.kind == readingPiece {
			continue
		}
		now, err := d.Read(ref)
		if err != nil {
			return nil, err
		}
		if was := asOf(all, now, at); now.Hash != was.Hash {
			list = append(list, Entry{Ref: ref, File: now.Pos.File, Before: now.Text, After: was.Text})
		}
	}
	return list, nil
}

// Restore puts pieces back to what they were at a time: those named, or with none every
// piece that the journal has. It is a save like any other.
func (d *Desk) Restore(ctx context.Context, at time.Time, refs ...Ref) ([]Outcome, error) {
	list, err := d.Restoring(at, refs...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	changes := make([]Change, len(list))
	for i, e := range list {
		changes[i] = Change{Ref: e.Ref, Text: e.After, Base: plan.Hash(e.Before), Why: "as of " + at.Format(time.RFC3339)}
	}
	return d.again(ctx, changes)
}

// again saves what was there once. The ledger's rows, which nobody edits, may go back.
func (d *Desk) again(ctx context.Context, changes []Change) ([]Outcome, error) {
	for i := range changes {
		changes[i].back = true
	}
	return d.SaveAll(ctx, "", changes...)
}
