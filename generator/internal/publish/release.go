package publish

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"path"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
)

// Releases lists the releases that a host remembers, the newest first; live is
// the id of the one that readers are served, "" before the first.
func Releases(ctx context.Context, h Host, o Options) (all []Release, live string, err error) {
	s := newSession(h, o)
	all, live, err = s.releases(s.listen(ctx))
	return all, live, busy(err)
}

func (s *session) releases(ctx context.Context) (all []Release, live string, err error) {
	now, err := s.manifest(ctx, manifestName)
	if err != nil && !errors.Is(err, errDamaged) {
		return nil, "", err
	}
	defer now.close()
	if now != nil {
		live = now.ID
		all = append(all, now.Release)
	}
	names, err := s.list(ctx, logDir)
	if err != nil {
		return nil, "", err
	}
	for _, name := range names {
		if releaseOf(name) == live {
			continue
		}
		m, err := s.manifest(ctx, name)
		if errors.Is(err, errDamaged) || err == nil && m == nil {
			continue // a kill while it was written: it was never live
		}
		if err != nil {
			return nil, "", err
		}
		all = append(all, m.Release)
		m.close()
	}
	slices.SortFunc(all, func(a, b Release) int { return strings.Compare(b.ID, a.ID) })
	return all, live, nil
}

// Rollback makes an earlier release live again, byte for byte and header for
// header, as a new release. Without an id it goes one step back: to the newest
// release before the one that is live, or, after an unfinished publish, to the
// one that it began with.
func Rollback(ctx context.Context, h Host, id string, o Options) (*Report, error) {
	r, err := rollback(ctx, h, id, o)
	return r, busy(err)
}

func rollback(ctx context.Context, h Host, id string, o Options) (*Report, error) {
	w := &work{session: newSession(h, o), report: &Report{}}
	lctx := w.listen(ctx)
	if id == "" {
		var err error
		if id, err = w.stepBack(lctx); err != nil {
			return nil, err
		}
	}
	if !validRelease(id) {
		return nil, noRelease(id)
	}
	old, err := w.manifest(lctx, logName(id))
	if err == nil && old == nil {
		// Perhaps it is the live one, and a publish was not finished.
		old, err = w.manifest(lctx, manifestName)
	}
	if errors.Is(err, errDamaged) {
		return nil, diag.Diagnostic{Check: "publish", Fact: diag.Text("版本 %s 的清单损坏了", "the manifest of release %s is damaged", id),
			Hint: diag.Text("用 releases 看有哪些版本。什么也没有改动。", "See which there are with releases. Nothing was changed.")}
	}
	if err != nil {
		return nil, err
	}
	defer func() { old.close() }()
	if old == nil || old.ID != id {
		return nil, noRelease(id)
	}
	w.report.Restores = id
	if old.Restores != "" {
		w.report.Restores = old.Restores
	}
	w.body = func(c change) (string, Body) { return objectName(c.SHA256), nil }
	// What is about to be brought back must all be there before anything changes.
	w.before = func(ctx context.Context) error { return w.allKept(ctx, id) }
	return w.run(ctx, func() iter.Seq2[File, error] {
		return only(old.all(), func(f File) (File, bool) { return f, f.Age == 0 })
	})
}

// allKept looks whether everything that a rollback is going to bring back is in
// the archive, and names every file that is not.
func (w *work) allKept(ctx context.Context, id string) error {
	missing, err := gather(ctx, w.session, "look", w.changes.put(), w.changes.arriving(), func(ctx context.Context, c change) (diag.Diagnostic, bool, error) {
		has, err := w.has(ctx, File{Path: objectName(c.SHA256), Size: c.Size, SHA256: c.SHA256})
		if err == nil && !has && c.Uncertain {
			has, err = w.holds(ctx, c.File) // it was never replaced, so it was never kept
		}
		return diag.Diagnostic{Pos: diag.Pos{File: c.Path}, Check: "publish",
			Fact: diag.Text("版本 %s 的这个文件没有留下来", "this file of release %s was not kept", id),
			Hint: diag.Text("请用当时的内容重新构建再发布。什么也没有改动。", "Build the site from the content of that day, and publish it. Nothing was changed.")}, !has, err
	})
	if err != nil {
		return err
	}
	return diag.List(missing).Sort().Err()
}

func noRelease(id string) error {
	return diag.Diagnostic{Check: "publish",
		Fact: diag.Text("主机上没有版本 %s 的记录", "the host has no record of a release %s", id),
		Hint: diag.Text("用 releases 看有哪些版本。什么也没有改动。", "See which there are with releases. Nothing was changed.")}
}

// stepBack finds the release to return to when none is named.
func (w *work) stepBack(ctx context.Context) (string, error) {
	all, live, err := w.releases(ctx)
	if err != nil {
		return "", err
	}
	pending, err := w.list(ctx, pendingDir)
	if err != nil {
		return "", err
	}
	if len(pending) > 0 && live != "" && !slices.Contains(pending, pendingName(live)) {
		return live, nil
	}
	// A rollback counts as what it restores, so that two steps back are not one
	// back and one forth.
	origin := func(r Release) string { return cmp.Or(r.Restores, r.ID) }
	var now, best Release
	for _, r := range all {
		if r.ID == live {
			now = r
		}
	}
	for _, r := range all {
		// Without a live one there is what stood there before an unfinished first publish.
		if (now.ID == "" || origin(r) < origin(now)) && origin(r) > origin(best) {
			best = r
		}
	}
	if best.ID != "" {
		return best.ID, nil
	}
	return "", diag.Diagnostic{Check: "publish",
		Fact: diag.Text("没有更早的版本可以退回", "there is no earlier release to return to"),
		Hint: diag.Text("第二次发布之后才能退回；留几个版本由 publish.toml 的 keep 决定。", "There is one after the second publish; keep in publish.toml says how many are kept.")}
}

// forget removes the releases beyond those to keep, and the content that no kept
// release needs.
func (w *work) forget(ctx context.Context) error {
	logs, err := w.list(ctx, logDir)
	if err != nil || len(logs) <= w.o.Keep {
		return err
	}
	objects, err := w.list(ctx, objectsDir)
	if err != nil {
		return err
	}
	drops, err := w.outdated(ctx, logs, objects)
	if err != nil {
		return err
	}
	for _, name := range drops {
		if err := w.delete(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// outdated are the releases beyond those to keep and then, of the content in the
// archive, what none of the others lists. The number of these grows with what was
// changed, not with the site.
func (w *work) outdated(ctx context.Context, logs, objects []string) (drops []string, err error) {
	slices.Sort(logs) // by time
	beyond := max(0, len(logs)-w.o.Keep)
	drops = append(drops, logs[:beyond]...)
	unneeded := map[string]bool{}
	for _, name := range objects {
		unneeded[path.Base(name)] = true
	}
	for _, name := range logs[beyond:] {
		if len(unneeded) == 0 {
			break
		}
		m := w.live // which need not be in the log yet
		if m == nil || name != logName(m.ID) {
			if m, err = w.manifest(ctx, name); errors.Is(err, errDamaged) {
				continue
			} else if err != nil {
				return nil, err
			}
		}
		var broken error
		for f, err := range m.all() {
			broken = err
			delete(unneeded, f.SHA256)
		}
		if m != w.live {
			m.close()
		}
		if broken != nil {
			return nil, broken
		}
	}
	for sha := range unneeded {
		drops = append(drops, objectName(sha))
	}
	return drops, nil
}
