// Package publish puts a finished site on a host so that no reader ever meets a
// page whose parts are missing, whatever fails in between, and takes it back to an
// earlier release. It knows sites as trees of files, and hosts by the interface
// [Host]; the kinds of hosts are in package hosts.
//
//	report, err := publish.Publish(ctx, host, publish.Tree{FS: os.DirFS("public"), Rules: rules}, publish.Options{})
//	report, err = publish.Rollback(ctx, host, "", publish.Options{})
//
// # One protocol for all hosts
//
// A [Manifest] lists every file with size, hash and headers. It travels with the
// site, so that what a host holds is known by reading one file.
//
//  1. The tree is compared with the manifest. Without a difference, that was all.
//  2. A lock keeps other publishers out.
//  3. A journal says which files are going to be touched (_releases/pending).
//  4. What is about to be replaced or deleted is kept under its hash
//     (_releases/objects), by the host itself where it can copy.
//  5. Files are put in phases: assets and data, new pages, changed pages, then
//     home pages, feeds and site maps. A phase is complete and looked at before
//     the next begins. So a page is there before anything links to it, and its
//     style sheet before the page.
//  6. The manifest is put: the release is live, and can be returned to.
//  7. Only then are old files deleted. Assets with a fingerprint stay for two
//     releases, for pages that readers still have open.
//  8. Releases beyond those to keep are forgotten, the journal is removed.
//
// An error ends the work where it is: no later phase, nothing deleted. The next
// publish finds the journal and looks at each file in it, so that what arrived is
// not sent again, whether it publishes the same tree or another.
//
// On an atomic host the same steps work on a stage, and a last one, Commit, shows
// all of it to readers at once. A rollback is a publish, too: the files come from
// the archive, and the result is a new release.
//
// Memory does not grow with the number of files: lists are read and compared as
// streams, in files of this machine. A host whose own protocol wants a list of
// all files at once (Git, Netlify, zip) holds that list.
package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Options say how to work. The zero value is good.
type Options struct {
	Holder      string        // who publishes, for others who find the lock
	Keep        int           // earlier releases that rollback can return to; 0 for none
	Coding      string        // content coding to keep files in: "", "br" or "gzip"
	Concurrency int           // calls at once; 0: as suits the host
	Tries       int           // how often an operation is tried; 0: three times
	Backoff     time.Duration // before the second try; 0: half a second
	DryRun      bool          // compare, and change nothing
	Recheck     bool          // look at every file of the host instead of trusting its manifest

	// Confirm is asked before more than a quarter of the live release's files are
	// deleted. Without it such a publish is refused.
	Confirm func(*Report) bool

	Now      func() time.Time                    // nil: the clock
	Log      func(op, on string)                 // hears of every operation on the host
	Notice   func(plan.Text)                     // hears what people should know while they wait; several goroutines
	Progress func(phase string, done, total int) // hears of every file that is done; several goroutines
}

func (o Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

// Report is what a publish or rollback did, or would do.
type Report struct {
	Release  string `json:"release"`            // that is live now; with DryRun, the one before
	Previous string `json:"previous,omitempty"` // that was live before
	Restores string `json:"restores,omitempty"` // for a rollback
	Atomic   bool   `json:"atomic"`             // readers saw all of it at once; else in order
	Nothing  bool   `json:"nothing"`            // there was nothing to do

	Files   int   `json:"files"` // of the release, kept assets included
	Added   int   `json:"added"`
	Changed int   `json:"changed"`
	Unsure  int   `json:"unsure"` // should be the same, and were looked at, because an unfinished publish may have touched them
	Same    int   `json:"same"`
	Kept    int   `json:"kept"` // assets of earlier releases
	Deleted int   `json:"deleted"`
	Bytes   int64 `json:"bytes"`         // of what is added and changed
	Dropped int64 `json:"bytes_deleted"` // of what is deleted

	Sent     int            `json:"sent"`       // files sent
	SentSize int64          `json:"bytes_sent"` // with manifests and retries
	Resumed  int            `json:"resumed"`    // files that an unfinished publish had already brought
	Requests map[string]int `json:"requests"`   // operations on the host, by kind; with DryRun those expected, too

	// Unkept are files whose earlier content could not be kept, because the host
	// held something else than its manifest said: rollback cannot bring it back.
	Unkept []string `json:"unkept,omitempty"`
	// Warnings are about the tidying after the release was live.
	Warnings []string      `json:"warnings,omitempty"`
	Took     time.Duration `json:"-"`
}

// work is one publish or rollback under way.
type work struct {
	*session
	report  *Report
	live    *Manifest
	journal *Manifest // what unfinished publishes may have touched
	pending []string  // their names
	next    *Manifest
	changes changes
	body    func(change) (from string, body Body) // where a file's bytes are: on the host, or here
	before  func(context.Context) error           // what must hold before anything is changed; may be nil
}

// Publish brings a host to what the tree is. The error is a diag.List or
// diag.Diagnostic where people can do something about it.
func Publish(ctx context.Context, h Host, tree Tree, o Options) (*Report, error) {
	w := &work{session: newSession(h, o), report: &Report{}}
	form := layout{coding: o.Coding, twins: !w.traits.Headers}
	if o.Coding != "" && !slices.Contains(w.traits.Encodings, o.Coding) {
		return nil, diag.Diagnostic{Check: "publish",
			Fact: diag.Text("这种主机不能保存 %s 压缩的文件", "this kind of host cannot keep files compressed with %s", o.Coding),
			Hint: diag.Text("请删掉 publish.toml 里的 encoding。", "Remove encoding from publish.toml.")}
	}
	w.body = func(c change) (string, Body) {
		return "", func() (io.ReadCloser, error) { return tree.open(localFile{c.File, c.Source}) }
	}
	return w.run(ctx, func() iter.Seq2[localFile, error] { return tree.files(form) })
}

// run does the work. files gives the files of the coming release, each time anew.
func (w *work) run(ctx context.Context, files func() iter.Seq2[localFile, error]) (*Report, error) {
	start := time.Now()
	ctx = w.listen(ctx)
	defer w.close()
	w.report.Atomic = w.traits.Atomic
	_, locks := w.Host.(Locker)
	locked := locks || w.o.DryRun
	if locks && !w.o.DryRun {
		// Such a lock costs nothing, and what is seen without it may be another's stage.
		unlock, err := w.begin(ctx, &ctx)
		if err != nil {
			return nil, err
		}
		defer w.end(unlock)
	}
	if err := w.compare(ctx, files); err != nil {
		return nil, err
	}
	if !locked && !w.nothing() {
		if err := w.confirm(); err != nil {
			return nil, err
		}
		seen := w.liveID()
		unlock, err := w.begin(ctx, &ctx)
		if err != nil {
			return nil, err
		}
		defer w.end(unlock)
		// Somebody may have published before the lock was taken.
		if again, err := w.changedSince(ctx, seen); err != nil {
			return nil, err
		} else if again {
			if err := w.compare(ctx, files); err != nil {
				return nil, err
			}
		}
	}
	if w.o.DryRun {
		w.expect()
		w.report.Took = time.Since(start)
		return w.report, nil
	}
	if err := w.confirm(); err != nil {
		return nil, err
	}
	if w.nothing() {
		w.report.Nothing = true
		w.report.Release, w.report.Previous = w.live.ID, ""
	} else {
		if w.before != nil {
			if err := w.before(ctx); err != nil {
				return nil, err
			}
		}
		if err := w.change(ctx); err != nil {
			return nil, err
		}
	}
	if c, ok := w.Host.(Committer); ok {
		// Also when nothing was to do: the process before may have come to here.
		if err := w.try(ctx, "commit", "", func() error { return c.Commit(ctx) }); err != nil {
			return nil, busy(err)
		}
	}
	w.report.Requests = w.requests
	w.report.SentSize = w.sent.Load()
	w.report.Took = time.Since(start)
	return w.report, nil
}

// begin takes the lock. The context in at becomes one that ends when it is lost.
func (w *work) begin(ctx context.Context, at *context.Context) (unlock func() error, err error) {
	held, unlock, err := w.lock(ctx)
	if err != nil {
		return nil, busy(err)
	}
	*at = held
	return unlock, nil
}

// busy tells people that somebody else publishes, if that is what err says.
func busy(err error) error {
	var b *BusyError
	if !errors.As(err, &b) {
		return err
	}
	fact := diag.Text("有人正在往这里发布", "somebody else is publishing here")
	if b.Holder != "" {
		fact = diag.Text("%s 正在往这里发布", "%s is publishing here", b.Holder)
	}
	return diag.Diagnostic{Check: "publish", Fact: fact,
		Hint: diag.Text("等对方完成后再试。这里什么也没有改动。", "Try again when they are done. Nothing was changed.")}
}

// end lets others publish. That it could not is no failure of the publish: the
// lock of a process that has ended does not hold anybody up for long.
func (w *work) end(unlock func() error) {
	if err := unlock(); err != nil {
		w.report.Warnings = append(w.report.Warnings, err.Error())
	}
}

func (w *work) liveID() string {
	if w.live == nil {
		return ""
	}
	return w.live.ID
}

func (w *work) nothing() bool {
	return w.changes.none() && w.live != nil && len(w.pending) == 0
}

// changedSince reports whether the host is no more as it was when it was compared.
func (w *work) changedSince(ctx context.Context, id string) (bool, error) {
	pending, err := w.list(ctx, pendingDir)
	if err != nil {
		return false, err
	}
	slices.Sort(pending)
	now, err := w.manifest(ctx, manifestName)
	if errors.Is(err, errDamaged) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer now.close()
	return !slices.Equal(pending, w.pending) || now == nil && id != "" || now != nil && now.ID != id, nil
}

// compare reads what the host has and works out what there is to do.
func (w *work) compare(ctx context.Context, files func() iter.Seq2[localFile, error]) error {
	w.close()
	recheck := w.o.Recheck
	var err error
	w.live, err = w.manifest(ctx, manifestName)
	if errors.Is(err, errDamaged) {
		recheck, err = true, nil
	}
	if err != nil {
		return err
	}
	if w.pending, err = w.list(ctx, pendingDir); err != nil {
		return err
	}
	slices.Sort(w.pending)
	var journals []*Manifest
	defer func() {
		for _, j := range journals {
			j.close()
		}
	}()
	for _, name := range w.pending {
		j, err := w.manifest(ctx, name)
		if errors.Is(err, errDamaged) {
			recheck, err = true, nil
		}
		if err != nil {
			return err
		}
		journals = append(journals, j)
	}
	if w.journal, err = union(journals); err != nil {
		return err
	}
	w.changes = changes{}
	for i := range w.changes.puts {
		if w.changes.puts[i], err = newSpool[change](); err != nil {
			return err
		}
	}
	if w.changes.drops, err = newSpool[change](); err != nil {
		return err
	}
	q := comparison{live: w.live, pending: w.journal, recheck: recheck,
		same: func(a, b File) bool {
			return a.SHA256 == b.SHA256 && a.Size == b.Size && w.traits.kept(a.Header).String() == w.traits.kept(b.Header).String()
		},
		holds: func(f File) (bool, error) { return w.holds(ctx, f) },
	}
	tree := sha256.New()
	listed := func(yield func(File, error) bool) {
		for f, err := range q.compare(files(), &w.changes) {
			if err == nil && f.Age == 0 {
				fmt.Fprintf(tree, "%s\n%s\n%s\n", f.Path, f.SHA256, f.Header)
			}
			if !yield(f, err) {
				return
			}
		}
	}
	r := Release{Previous: w.liveID(), Restores: w.report.Restores, Created: w.o.now().UTC().Truncate(time.Second)}
	if w.live != nil && !r.Created.After(w.live.Created) {
		r.Created = w.live.Created.Add(time.Second) // releases are in order, whatever the clock
	}
	// The id holds a piece of the hash of all files, which is known when they have
	// been read: the manifest is written with a place holder first.
	r.ID = r.Created.Format("20060102T150405Z-") + "00000000"
	draft, err := writeManifest(r, listed)
	if err != nil {
		return err
	}
	defer draft.close()
	r.Tree = hex.EncodeToString(tree.Sum(nil))
	r.ID = r.Created.Format("20060102T150405Z-") + r.Tree[:8]
	if w.next, err = writeManifest(r, draft.all()); err != nil {
		return err
	}
	c := &w.changes
	w.report.Release, w.report.Previous = w.liveID(), w.liveID()
	w.report.Files, w.report.Same, w.report.Kept = w.next.Files, c.Same, c.Kept
	w.report.Added, w.report.Changed, w.report.Deleted, w.report.Unsure = c.Added, c.Changed, c.deleted(), c.Unsure
	w.report.Bytes, w.report.Dropped = c.Bytes, c.Dropped
	if w.nothing() {
		w.report.Files, w.report.Kept, w.report.Deleted, w.report.Dropped = w.live.Files, w.live.Files-c.Same, 0, 0
	}
	return nil
}

// union makes one list of several journals.
func union(journals []*Manifest) (*Manifest, error) {
	var all *Manifest
	for _, j := range journals {
		if j == nil {
			continue
		}
		if all == nil {
			all = j
			continue
		}
		both, err := writeManifest(all.Release, merge(all.all(), j.all()))
		if err != nil {
			return nil, err
		}
		all = both // the ones before are closed by the caller, or by the collector
	}
	if all == nil {
		return nil, nil
	}
	// A copy, because the caller closes the journals.
	return writeManifest(all.Release, all.all())
}

// merge goes through two lists in order; of a path in both, the later list's file
// counts.
func merge(a, b iter.Seq2[File, error]) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		nextA, stopA := iter.Pull2(a)
		defer stopA()
		nextB, stopB := iter.Pull2(b)
		defer stopB()
		x, y := cursor[File]{pull: nextA}, cursor[File]{pull: nextB}
		for {
			if err := errors.Join(x.fill(), y.fill()); err != nil {
				yield(File{}, err)
				return
			}
			var f File
			switch {
			case !x.has && !y.has:
				return
			case !y.has || x.has && comparePaths(x.v.Path, y.v.Path) < 0:
				f, x.has = x.v, false
			default:
				f = y.v
				if x.has && x.v.Path == f.Path {
					x.has = false
				}
				y.has = false
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

// confirm asks before much is deleted.
func (w *work) confirm() error {
	c := &w.changes
	if w.o.DryRun || c.lost*4 <= c.live {
		return nil
	}
	if w.o.Confirm != nil && w.o.Confirm(w.report) {
		return nil
	}
	return diag.Diagnostic{Check: "publish",
		Fact: diag.Text("这次发布会删除网站 %d 个文件中的 %d 个，超过四分之一", "this would delete %[2]d of the site's %[1]d files, more than a quarter", c.live, c.lost),
		Hint: diag.Text("先用 --dry-run 看看；确实要删，就加上 --yes。什么也没有改动。", "Look with --dry-run first; if that is what you want, add --yes. Nothing was changed.")}
}

// expect estimates the requests of a publish that is only looked at.
func (w *work) expect() {
	c := &w.changes
	keep := 0
	if w.o.Keep > 0 {
		keep = c.Changed + c.deleted()
	}
	w.report.Requests = map[string]int{"put": c.Added + c.Changed, "keep": keep, "delete": c.deleted()}
}

// change carries out what compare has found.
func (w *work) change(ctx context.Context) error {
	w.report.Release, w.report.Previous = w.next.ID, w.liveID()
	journal, err := w.journalOf()
	if err != nil {
		return err
	}
	defer journal.close()
	name := pendingName(w.next.ID)
	if err := w.putManifest(ctx, name, journal); err != nil {
		return err
	}
	if err := w.flush(ctx); err != nil {
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
	for p := range w.changes.puts {
		if err := w.phase(ctx, phase(p)); err != nil {
			return err
		}
	}
	if err := w.putManifest(ctx, manifestName, w.next); err != nil {
		return err
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	// From here on the release is live. What is left is tidying; if it fails, the
	// journal stays, and the next publish does it.
	drops := w.changes.drops
	err = each(ctx, w.session, "delete", drops.len(), drops.all(), func(ctx context.Context, c change) error {
		return w.delete(ctx, c.Path)
	})
	if err = errors.Join(err, w.flushIf(ctx, err)); err != nil {
		return err
	}
	if err := w.forget(ctx); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w.report.Warnings = append(w.report.Warnings, err.Error())
	}
	for _, name := range w.pending {
		if err := w.delete(ctx, name); err != nil {
			return err
		}
	}
	return w.flush(ctx)
}

func (w *work) flushIf(ctx context.Context, err error) error {
	if err != nil {
		return nil
	}
	return w.flush(ctx)
}

// journalOf lists every path that is going to be touched.
func (w *work) journalOf() (*Manifest, error) {
	files := func(s *spool[change]) iter.Seq2[File, error] {
		return func(yield func(File, error) bool) {
			for c, err := range s.all() {
				if !yield(c.File, err) {
					return
				}
			}
		}
	}
	all := files(w.changes.drops)
	for _, s := range w.changes.puts {
		all = merge(all, files(s))
	}
	r := w.next.Release
	return writeManifest(r, all)
}

// keep puts the present content of what is going to be replaced or deleted into
// the archive, and the live manifest into the log, which so lists only what was
// live. It is complete before anything is touched: whatever a file holds after a
// kill, the archive has the content of the last release.
func (w *work) keep(ctx context.Context) error {
	total := w.report.Changed + w.report.Deleted
	unkept := make(chan string, 16)
	collected := make(chan struct{})
	go func() {
		for name := range unkept {
			w.report.Unkept = append(w.report.Unkept, name)
		}
		close(collected)
	}()
	type loss struct {
		change
		dropped bool
	}
	all := func(yield func(loss, error) bool) {
		for _, s := range append(w.changes.puts[:], w.changes.drops) {
			for c, err := range s.all() {
				if !yield(loss{c, s == w.changes.drops}, err) {
					return
				}
			}
		}
	}
	err := each(ctx, w.session, "keep", total, all, func(ctx context.Context, c loss) error {
		if c.Old == nil || c.Uncertain && !c.dropped && c.Old.SHA256 == c.SHA256 {
			return nil // nothing there, or what is there is not going to be replaced by anything else
		}
		kept := File{Path: objectName(c.Old.SHA256), Size: c.Old.Size, SHA256: c.Old.SHA256, Header: keptHeader}
		if c.Uncertain {
			// An unfinished publish kept it before it touched the file.
			if has, err := w.holds(ctx, kept); err != nil || has {
				return err
			}
			old := *c.Old
			d, err := w.look(ctx, old, false)
			if err != nil {
				return err
			}
			if d == isMissing || d == otherBytes {
				unkept <- c.Path
				return nil
			}
		}
		err := w.copy(ctx, c.Path, kept)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errOtherBytes) {
			unkept <- c.Path
			return nil
		}
		return err
	})
	close(unkept)
	<-collected
	slices.Sort(w.report.Unkept)
	if err == nil {
		err = w.putManifest(ctx, logName(w.live.ID), w.live)
	}
	if err != nil {
		return err
	}
	return w.flush(ctx)
}

var phaseNames = [phases]string{"assets", "new pages", "changed pages", "home pages and feeds"}

// phase puts the files of one phase and then looks at each, because a host that
// said yes may still have kept something else.
func (w *work) phase(ctx context.Context, p phase) error {
	s := w.changes.puts[p]
	if s.len() == 0 {
		return nil
	}
	sent, resumed := make(chan bool, 16), 0
	counted := make(chan struct{})
	go func() {
		for arrived := range sent {
			if arrived {
				resumed++
			} else {
				w.report.Sent++
			}
		}
		close(counted)
	}()
	err := each(ctx, w.session, phaseNames[p], s.len(), s.all(), func(ctx context.Context, c change) error {
		if c.Uncertain {
			if has, err := w.holds(ctx, c.File); err != nil {
				return err
			} else if has {
				sent <- true
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
		sent <- false
		return nil
	})
	close(sent)
	<-counted
	w.report.Resumed += resumed
	if err = errors.Join(err, w.flushIf(ctx, err)); err != nil {
		return err
	}
	return w.verifyPhase(ctx, s)
}

// verifyPhase looks at what was put. Where the service has checked the bytes
// itself, one file of each set of headers is enough: what a host does to headers
// it does to all files of a kind.
func (w *work) verifyPhase(ctx context.Context, s *spool[change]) error {
	seen := map[string]bool{}
	some := func(yield func(change, error) bool) {
		for c, err := range s.all() {
			if err == nil && w.traits.Checked {
				kind := path.Ext(c.Path) + "\n" + c.Header.String()
				if seen[kind] {
					continue
				}
				seen[kind] = true
			}
			if !yield(c, err) {
				return
			}
		}
	}
	return each(ctx, w.session, "verify", s.len(), some, func(ctx context.Context, c change) error {
		d, err := w.look(ctx, c.File, false)
		if err != nil || d == noDifference {
			return err
		}
		return diag.Diagnostic{Pos: diag.Pos{File: c.Path}, Check: "publish",
			Fact: diag.Text("主机收下了，但保存的不一样（%s）", "the host took it, but holds something else (%s)", string(d)),
			Hint: diag.Text("读者看到的仍是上一版或其中已完成的部分；请再发布一次，仍然如此就换一种主机设置。", "Nothing was deleted. Publish again; if it happens again, look at the host's settings.")}
	})
}

func (w *work) close() {
	w.live.close()
	w.journal.close()
	w.next.close()
	w.changes.close()
	w.live, w.journal, w.next, w.changes = nil, nil, nil, changes{}
}
