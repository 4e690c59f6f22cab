package publish

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
)

// deploy hands a release to a host that shows all of it in one step. What the
// protocol keeps below _releases comes and goes with it.
func (w *work) deploy(ctx context.Context, d Deployer) error {
	if err := w.archive(ctx); err != nil {
		return err
	}
	w.report.Unkept = w.kept.unkept
	there, err := w.alreadyThere(ctx)
	if err != nil {
		return err
	}
	f, body, err := w.next.place(manifestName)
	if err != nil {
		return err
	}
	own := append(slices.Clip(w.kept.puts), Placed{f, "", body})
	total := len(own) + w.changes.put()
	arriving := only(w.changes.arriving(), func(c change) (Placed, bool) {
		from, body := w.body(c)
		return Placed{c.File, from, body}, !there[c.Path]
	})
	going := only(w.changes.drops.all(), func(c change) (string, bool) { return c.Path, true })
	deployment := Deployment{Release: w.next.Release, Added: w.changes.Added, Changed: w.changes.Changed, Removed: w.changes.deleted(),
		Puts: func(yield func(Placed, error) bool) {
			done := 0
			for p, err := range inTurn(arriving, these(own)) {
				if done++; w.o.Progress != nil {
					w.o.Progress("deploy", done, total)
				}
				if !yield(p, err) {
					return
				}
			}
		},
		Drops: inTurn(going, these(w.kept.drops)),
	}
	if err := w.try(ctx, "deploy", "", func() error { return d.Deploy(ctx, deployment) }); err != nil {
		return err
	}
	w.report.Sent = total - len(own) - len(there)
	if w.report.Restores == "" { // else the host has the bytes
		w.sent.Add(w.changes.Bytes)
	}
	for _, p := range own {
		if p.Live == "" {
			w.sent.Add(p.Size)
		}
	}
	return nil
}

// alreadyThere looks, when every file is to be looked at, which are as they should be.
func (w *work) alreadyThere(ctx context.Context) (map[string]bool, error) {
	there := map[string]bool{}
	names, err := gather(ctx, w.session, "verify", w.changes.put(), w.changes.arriving(), func(ctx context.Context, c change) (string, bool, error) {
		if !c.Uncertain {
			return "", false, nil
		}
		has, err := w.holds(ctx, c.File)
		return c.Path, has, err
	})
	for _, name := range names {
		there[name] = true
	}
	return there, err
}

// An archive is how the releases that are kept change with a deployment.
type archive struct {
	puts   []Placed
	drops  []string
	unkept []string // files whose earlier content is not there any more
	files  int      // of the archive, afterwards
	bytes  int64    // of these, as far as it is known
}

// archive works out what is kept of the live release, and what is kept no more: in
// one go what keep and forget do on a Store, because all of it comes with the release.
func (w *work) archive(ctx context.Context) error {
	if w.kept != nil {
		return nil
	}
	a := &archive{}
	logs, err := w.list(ctx, logDir)
	if err != nil {
		return err
	}
	objects, err := w.list(ctx, objectsDir)
	if err != nil {
		return err
	}
	if w.o.Keep > 0 && w.live != nil {
		if err := w.keepLive(ctx, a, objects, logs); err != nil {
			return err
		}
		if name := logName(w.live.ID); !slices.Contains(logs, name) {
			logs = append(logs, name)
		}
	}
	if a.drops, err = w.outdated(ctx, logs, objects); err != nil {
		return err
	}
	a.files += 1 + len(logs) + len(objects) - len(a.drops)
	w.kept = a
	return nil
}

// keepLive gives what is replaced or goes a second name in the archive, and so the
// manifest that lists it.
func (w *work) keepLive(ctx context.Context, a *archive, objects, logs []string) error {
	has := map[string]bool{} // content that the archive has, or is going to have
	for _, name := range objects {
		has[path.Base(name)] = true
	}
	for c, err := range w.changes.all() {
		switch {
		case err != nil:
			return err
		case c.Old == nil, !c.Gone && c.Old.SHA256 == c.SHA256, has[c.Old.SHA256]:
			continue
		}
		st, err := w.stat(ctx, c.Path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && st.Size >= 0 && st.Size != c.Old.Size {
			a.unkept = append(a.unkept, c.Path)
			continue
		}
		if err != nil {
			return err
		}
		has[c.Old.SHA256] = true
		a.files++
		a.bytes += c.Old.Size
		a.puts = append(a.puts, Placed{File{Path: objectName(c.Old.SHA256), Size: c.Old.Size, SHA256: c.Old.SHA256, Header: keptHeader}, c.Path, nil})
	}
	slices.Sort(a.unkept)
	name := logName(w.live.ID)
	if slices.Contains(logs, name) {
		return nil
	}
	f, body, err := w.live.place(name)
	a.bytes += f.Size
	from := ""
	if w.seen == w.live.ID && len(w.report.Foreign) == 0 {
		from, body = manifestName, nil
	}
	a.puts = append(a.puts, Placed{f, from, body})
	return err
}

// has reports whether the archive has content, looking at the bytes where the host
// does not answer for them.
func (w *work) has(ctx context.Context, f File) (bool, error) {
	if _, deploys := w.Host.(Deployer); !deploys || !w.traits.Checked {
		return w.holds(ctx, f)
	}
	st, err := w.stat(ctx, f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && (st.Size < 0 || st.Size == f.Size), err
}
