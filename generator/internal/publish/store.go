package publish

// How a Store is published to, where each file shows as soon as it is put: steps 3 to 8
// of the protocol.

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"path"
	"slices"
	"sync/atomic"

	"minxi/generator/internal/diag"
)

// change carries out what compare has found.
func (w *work) change(ctx context.Context) error {
	journal, err := w.journalOf(w.next.Release)
	if err != nil {
		return err
	}
	defer journal.close()
	if len(w.report.Foreign) > 0 && w.o.Keep > 0 {
		// The journal is going to make these names look like ours.
		if err := w.enter(ctx, logName(w.live.ID), w.live); err != nil {
			return err
		}
	}
	name := pendingName(w.next.ID)
	if err := w.enter(ctx, name, journal); err != nil {
		return err
	}
	if !slices.Contains(w.pending, name) {
		w.pending = append(w.pending, name)
	}
	if w.o.Keep > 0 && w.live != nil {
		if err := w.keep(ctx); err != nil {
			return err
		}
	}
	w.touched = true
	for p := range w.changes.puts {
		if err := w.phase(ctx, phase(p)); err != nil {
			return err
		}
	}
	if err := w.enter(ctx, manifestName, w.next); err != nil {
		return err
	}
	// From here on the release is live. What is left is tidying; if it fails, the
	// journal stays, and the next publish does it.
	drops := w.changes.drops
	err = each(ctx, w.session, "delete", drops.len(), drops.all(), func(ctx context.Context, c change) error {
		if w.strange[c.Path] && c.Old != nil {
			return w.giveBack(ctx, *c.Old)
		}
		return w.delete(ctx, c.Path)
	})
	if err == nil {
		err = w.flush(ctx)
	}
	if err != nil {
		return err
	}
	if err := w.forget(ctx); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w.warn(err)
	}
	for _, name := range w.pending {
		if err := w.delete(ctx, name); err != nil {
			return err
		}
	}
	return w.flush(ctx)
}

// giveBack has a name hold again what an unfinished publish has found there, because
// this one has nothing to do with it.
func (w *work) giveBack(ctx context.Context, f File) error {
	if has, err := w.holds(ctx, f); err != nil || has {
		return err
	}
	err := w.copy(ctx, objectName(f.SHA256), f)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was never kept, and so never replaced: somebody else has changed it
	}
	return err
}

// journalOf lists every path that is going to be touched.
func (w *work) journalOf(r Release) (*Manifest, error) {
	var all []iter.Seq2[File, error]
	for _, s := range append(w.changes.puts[:], w.changes.drops) {
		all = append(all, only(s.all(), func(c change) (File, bool) { return c.File, true }))
	}
	return writeManifest(r, merge(all...))
}

// keep puts the present content of what is going to be replaced or deleted into
// the archive, and the live manifest into the log, which so lists only what was
// live. It is complete before anything is touched: whatever a file holds after a
// kill, the archive has the content of the last release.
func (w *work) keep(ctx context.Context) error {
	total := w.report.Changed + w.report.Deleted
	unkept, err := gather(ctx, w.session, "keep", total, w.changes.all(), func(ctx context.Context, c change) (string, bool, error) {
		if c.Old == nil || c.Uncertain && !c.Gone && c.Old.SHA256 == c.SHA256 {
			return "", false, nil // nothing there, or what is there is not going to be replaced by anything else
		}
		kept := File{Path: objectName(c.Old.SHA256), Size: c.Old.Size, SHA256: c.Old.SHA256, Header: keptHeader}
		if c.Uncertain {
			// An unfinished publish kept it before it touched the file.
			if has, err := w.holds(ctx, kept); err != nil || has {
				return "", false, err
			}
			d, err := w.look(ctx, *c.Old, false)
			if err != nil || d == isMissing || d == otherBytes {
				return c.Path, true, err
			}
		}
		err := w.copy(ctx, c.Path, kept)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errOtherBytes) {
			return c.Path, true, nil
		}
		return "", false, err
	})
	w.report.Unkept = append(w.report.Unkept, unkept...)
	slices.Sort(w.report.Unkept)
	if err != nil {
		return err
	}
	return w.enter(ctx, logName(w.live.ID), w.live)
}

var phaseNames = [phases]string{"assets", "new pages", "changed pages", "home pages and feeds"}

// phase puts the files of one phase and then looks at each, because a host that
// said yes may still have kept something else.
func (w *work) phase(ctx context.Context, p phase) error {
	s := w.changes.puts[p]
	if s.len() == 0 {
		return nil
	}
	var sent, resumed atomic.Int64
	err := each(ctx, w.session, phaseNames[p], s.len(), s.all(), func(ctx context.Context, c change) error {
		if c.Uncertain {
			if has, err := w.holds(ctx, c.File); err != nil {
				return err
			} else if has {
				resumed.Add(1)
				return nil
			}
		}
		from, body := w.body(c)
		if from != "" {
			if err := w.copy(ctx, from, c.File); err != nil {
				return err
			}
		} else if err := w.put(ctx, c.File, body); err != nil {
			return err
		}
		sent.Add(1)
		return nil
	})
	w.report.Sent += int(sent.Load())
	w.report.Resumed += int(resumed.Load())
	if err == nil {
		err = w.flush(ctx)
	}
	if err != nil {
		return err
	}
	return w.verifyPhase(ctx, s)
}

// verifyPhase looks at what was put. Where the service has checked the bytes
// itself, one file of each set of headers is enough: what a host does to headers
// it does to all files of a kind.
func (w *work) verifyPhase(ctx context.Context, s *spool[change]) error {
	seen := map[string]bool{}
	some := only(s.all(), func(c change) (change, bool) {
		kind := path.Ext(c.Path) + "\n" + c.Header.String()
		before := seen[kind]
		if w.traits.Checked {
			seen[kind] = true
		}
		return c, !before
	})
	return each(ctx, w.session, "verify", s.len(), some, func(ctx context.Context, c change) error {
		d, err := w.look(ctx, c.File, false)
		if err != nil || d == noDifference {
			return err
		}
		return diag.Diagnostic{Pos: diag.Pos{File: c.Path}, Check: "publish",
			Fact: diag.Text("主机已接收，但保存的内容不一致：%[1]s", "the host took it, but holds something else: %[2]s", differences[d].ZH, differences[d].EN),
			Hint: diag.Text("读者看到的仍是上一版或其中已完成的部分；请再发布一次，仍然如此就换一种主机设置。", "Nothing was deleted. Publish again; if it happens again, look at the host's settings.")}
	})
}
