package edit

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"time"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Recording says what is to be entered in the history of sentences.
type Recording struct {
	Edition *plan.Edition // a new one, to which the changes belong; nil for the last there is
	Today   string        // the day of the entry, 2026-11-28; "" for today in China
	Typing  bool          // changes of the English are corrections of typing mistakes
	Why     string
	Only    []plan.ID // nil for all sentences
}

// china is the time in which a day of an entry begins.
var china = time.FixedZone("UTC+8", 8*60*60)

// Record enters in content/history.csv what its last versions do not say, and a new
// edition in content/editions.csv. It only ever adds rows. A content that cannot be read
// is a diag.List, and nothing is written.
func (d *Desk) Record(ctx context.Context, r Recording) ([]plan.Version, error) {
	end, err := d.alone(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	return d.record(r)
}

// record does it, under the lock.
func (d *Desk) record(r Recording) ([]plan.Version, error) {
	tree, found := content.Load(reader{d.disk}, dir)
	if err := found.Err(); err != nil {
		return nil, err
	}
	p := tree.Plan
	if r.Edition != nil {
		if n := len(p.Editions); n > 0 && p.Editions[n-1].Date >= r.Edition.Date {
			return nil, diag.Diagnostic{Pos: tree.EditionPos(n - 1), Check: "history",
				Fact: diag.Text("已有 %[2]s 的版次，不能再记 %[1]s 的", "there is an edition of %[2]s already; one of %[1]s cannot come after it", r.Edition.Date, p.Editions[n-1].Date),
				Hint: diag.Text("请核对公布日期；同一版次的更正不用 --edition。", "Check the date; corrections of the same edition need no --edition.")}
		}
		p.Editions = append(p.Editions, *r.Edition)
	}
	if r.Today == "" {
		r.Today = d.now().In(china).Format(time.DateOnly)
	}
	added := p.Record(plan.Recording{Today: r.Today, Edition: r.Edition != nil, Typing: r.Typing, Why: r.Why})
	if r.Only != nil {
		added = slices.DeleteFunc(added, func(v plan.Version) bool { return !slices.Contains(r.Only, v.ID) })
	}
	if r.Edition != nil {
		if err := d.put(path.Join(dir, content.EditionsFile), content.FormatEditions(p.Editions)); err != nil {
			return nil, err
		}
	}
	if len(added) == 0 {
		return nil, nil
	}
	file := path.Join(dir, content.HistoryFile)
	old, err := d.disk.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return added, d.put(file, content.AppendHistory(old, added))
}

// reader is a disk as content reads it.
type reader struct{ disk }

func (r reader) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.ErrUnsupported}
}

func (r reader) Stat(name string) (fs.FileInfo, error) { return r.Lstat(name) }
