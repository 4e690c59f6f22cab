// Package publish puts a finished site on a host so that no reader ever meets a
// page whose parts are missing, whatever fails in between, and takes it back to an
// earlier release. It knows sites as trees of files, and hosts by the interface
// [Host]; the kinds of hosts are in package hosts.
//
//	report, err := publish.Publish(ctx, host, publish.Tree{FS: os.DirFS("public"), Rules: rules}, publish.Options{})
//	report, err = publish.Rollback(ctx, host, "", publish.Options{})
//
// # The protocol in eight steps
//
// A [Manifest] lists every file with size, hash and headers. It travels with the
// site, so that what a host holds is known by reading one file.
//
//  1. The tree is compared with the manifest. Without a difference, that was all.
//     Paths that are new to it are looked at: what stands there is not ours, and
//     counts as part of the release before, so that it is asked about and kept.
//  2. A lock keeps other publishers out.
//  3. A journal says which files are going to be touched (_releases/pending).
//  4. What is about to be replaced or deleted is kept under its hash
//     (_releases/objects), by the host itself where it can copy.
//  5. Files are put in phases: assets, data and new feeds, new pages, changed pages,
//     then home pages, feeds and site maps. A phase is complete and looked at before
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
// # Two kinds of hosts
//
// That is how a [Store] is published to, where every file shows at once (store.go).
// A [Deployer] shows a whole release in one step, and has no need of an order: 1 and 2
// are the same, and then it is handed at once what 4 to 8 come to, the archive
// included (deploy.go). It does that in the way of its kind: one commit, one deploy,
// one file, one folder beside the other. Readers have the old release or the new one.
//
// A rollback is a publish, too: the files come from the archive, and the result is a
// new release.
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
	// deleted, and before a file is replaced that no publish has put there. Without
	// it such a publish is refused.
	Confirm func(*Report) bool

	Now      func() time.Time                    // nil: the clock
	Log      func(op, on string)                 // hears of every operation on the host
	Notice   func(plan.Text)                     // hears what people should know while they wait; several goroutines
	Progress func(phase string, done, total int) // hears of every file that is done; several goroutines

	// Differs hears, in a dry run, of every file that would be put or deleted.
	Differs func(name string, what Difference)
}

// Difference is in what way a file of the coming release differs from the live one.
type Difference string

const (
	New     Difference = "new"
	Changed Difference = "changed"
	Gone    Difference = "gone"
)

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
	SentSize int64          `json:"bytes_sent"` // of files and manifests that arrived, each counted once
	Resumed  int            `json:"resumed"`    // files that an unfinished publish had already brought
	Requests map[string]int `json:"requests"`   // operations on the host, by kind; with DryRun those expected, too

	// Foreign are files that stand on the host under names of the site, and that no
	// publish has put there. They are among the changed: rollback brings them back.
	Foreign []string `json:"foreign,omitempty"`
	// Unkept are files whose earlier content could not be kept, because the host
	// held something else than its manifest said: rollback cannot bring it back.
	Unkept []string `json:"unkept,omitempty"`
	// Warnings are about the tidying after the release was live.
	Warnings diag.List     `json:"warnings,omitempty"`
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
	seen    string // the release that the host's manifest names; "" if there is none
	agreed  bool   // Confirm has said yes to these changes
	touched bool   // files that readers get may have been changed

	// strange are names under which an unfinished publish has found what was not ours.
	strange map[string]bool
	kept    *archive // of a Deployer, when it was worked out

	// conventions counts the files of the coming release that tell the host what to do,
	// and are none of the site to it.
	conventions int
	body        func(change) (from string, body Body) // where a file's bytes are: on the host, or here
	before      func(context.Context) error           // what must hold before anything is changed; may be nil
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
		return "", func() (io.ReadCloser, error) { return tree.open(c.File) }
	}
	r, err := w.run(ctx, func() iter.Seq2[File, error] { return tree.files(form) })
	return r, busy(err)
}

// run does the work. files gives the files of the coming release, each time anew.
func (w *work) run(ctx context.Context, files func() iter.Seq2[File, error]) (r *Report, err error) {
	start := time.Now()
	ctx = w.listen(ctx)
	defer w.close()
	deployer, deploys := w.Host.(Deployer)
	w.report.Atomic = deploys
	var unlock func() error
	defer func() {
		if unlock != nil {
			r, err = w.end(ctx, unlock, r, err)
		}
	}()
	hold := func() error {
		held, free, err := w.lock(ctx)
		if err == nil {
			ctx, unlock = held, free
		}
		return err
	}
	if deploys && !w.o.DryRun {
		if err := hold(); err != nil {
			return nil, err
		}
	}
	if err := w.compare(ctx, files); err != nil {
		return nil, err
	}
	if err := w.tooMuch(ctx); err != nil {
		return nil, err
	}
	if w.o.DryRun {
		err := w.differs()
		w.expect()
		w.report.Took = time.Since(start)
		return w.report, err
	}
	if unlock == nil && !w.nothing() {
		if err := w.confirm(); err != nil {
			return nil, err
		}
		if err := hold(); err != nil {
			return nil, err
		}
		// Somebody may have published before the lock was taken.
		again, err := w.changedSince(ctx)
		if err == nil && again {
			err = w.compare(ctx, files)
		}
		if err != nil {
			return nil, err
		}
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
		w.report.Release, w.report.Previous = w.next.ID, w.liveID()
		if deploys {
			err = w.deploy(ctx, deployer)
		} else {
			err = w.change(ctx)
		}
		if err != nil {
			return nil, err
		}
	}
	w.report.Requests = w.requests
	w.report.SentSize = w.sent.Load()
	w.report.Took = time.Since(start)
	return w.report, nil
}

// differs tells whoever wants to know what would be changed.
func (w *work) differs() error {
	if w.o.Differs == nil {
		return nil
	}
	for c, err := range w.changes.all() {
		what := Changed
		switch {
		case err != nil:
			return err
		case c.Gone:
			what = Gone
		case c.New || c.Old == nil:
			what = New
		}
		w.o.Differs(c.Path, what)
	}
	return nil
}

// Busy is the Check of the diagnostic that says that somebody else is publishing.
const Busy = "busy"

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
	return diag.Diagnostic{Check: Busy, Fact: fact,
		Hint: diag.Text("等对方完成后再试。这里什么也没有改动。", "Try again when they are done. Nothing was changed.")}
}

// end lets others publish. That it could not is no failure of the publish: the
// lock of a process that has ended does not hold anybody up for long. That the lock
// was lost is one: ctx is what was held.
func (w *work) end(ctx context.Context, unlock func() error, r *Report, err error) (*Report, error) {
	unlocked := unlock()
	if _, deploys := w.Host.(Deployer); deploys && err == nil {
		return r, nil // it is live, whole, and whoever began meanwhile finds that out
	}
	switch {
	case errors.Is(err, errLockLost), errors.Is(unlocked, errLockLost):
		return nil, w.overtaken(context.WithoutCancel(ctx))
	case unlocked != nil:
		w.warn(unlocked)
	}
	return r, err
}

// warn notes what failed in the tidying.
func (w *work) warn(err error) {
	why, _ := Explain(err)
	detail := Detail(err)
	w.report.Warnings = append(w.report.Warnings, diag.Diagnostic{Check: "publish", Severity: diag.Warning,
		Fact: diag.Text("发布完成了，清理没有：%[1]s（%[2]s）", "it is published, but the tidying failed: %[3]s (%[4]s)", why.ZH, detail.ZH, why.EN, detail.EN),
		Hint: diag.Text("下次发布时会清理。", "The next publish tidies up.")})
}

// overtaken tells that this publisher stood still for so long that another took it
// for dead. Perhaps both have written: then a journal has the next publish look at
// every file, which is needed most where the other's is done and its journal gone.
func (w *work) overtaken(ctx context.Context) error {
	if !w.touched {
		return diag.Diagnostic{Check: Busy,
			Fact: diag.Text("这次发布停顿太久，锁已被别人接管", "this publish stood still for so long that another has taken its lock"),
			Hint: diag.Text("等对方完成后再试。这里什么也没有改动。", "Try again when they are done. Nothing was changed.")}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	r := w.next.Release
	r.Mixed = true
	journal, err := w.journalOf(r)
	if err == nil {
		defer journal.close()
		// Not under the name that the other may be about to remove.
		err = w.enter(ctx, pendingName(r.ID+"-mixed"), journal)
	}
	hint := diag.Text("等对方完成后再发布一次：会逐个核对主机上的文件。", "Publish again when they are done: every file of the host will be looked at.")
	if err != nil {
		hint = diag.Text("等对方完成后，加上 --recheck 再发布一次，逐个核对主机上的文件。", "Publish again with --recheck when they are done, to look at every file of the host.")
	}
	return diag.Diagnostic{Check: "publish", Hint: hint,
		Fact: diag.Text("这次发布停顿太久，期间别人接手发布了；网站上的文件可能新旧混杂", "this publish stood still for so long that another has begun; the site may be a mixture of both")}
}

func (w *work) liveID() string {
	if w.live == nil || w.live.Foreign {
		return ""
	}
	return w.live.ID
}

func (w *work) nothing() bool {
	return w.changes.none() && w.live != nil && len(w.pending) == 0
}

// changedSince reports whether the host is no more as it was when it was compared.
func (w *work) changedSince(ctx context.Context) (bool, error) {
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
	return !slices.Equal(pending, w.pending) || now == nil && w.seen != "" || now != nil && now.ID != w.seen, nil
}

// compare reads what the host has and works out what there is to do.
func (w *work) compare(ctx context.Context, files func() iter.Seq2[File, error]) error {
	w.close()
	w.agreed, w.strange = false, nil
	recheck := w.o.Recheck
	var err error
	w.live, err = w.manifest(ctx, manifestName)
	damaged := errors.Is(err, errDamaged)
	if damaged {
		recheck, err = true, nil
	}
	if err != nil {
		return err
	}
	w.seen = w.liveID()
	if w.store != nil { // a Deployer leaves nothing unfinished
		if w.pending, err = w.list(ctx, pendingDir); err != nil {
			return err
		}
		slices.Sort(w.pending)
	}
	var journals []*Manifest
	defer func() {
		for _, j := range journals {
			j.close()
		}
	}()
	for _, name := range w.pending {
		j, err := w.manifest(ctx, name)
		if errors.Is(err, errDamaged) || j != nil && j.Mixed {
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
	if len(w.pending) > 0 {
		if err := w.asLogged(ctx); err != nil {
			return err
		}
	}
	if err := w.workOut(ctx, files, recheck); err != nil || damaged {
		return err
	}
	found, err := w.strangers(ctx)
	if err != nil || len(found) == 0 {
		return err
	}
	if err := w.adopt(found); err != nil {
		return err
	}
	if err := w.workOut(ctx, files, recheck); err != nil {
		return err
	}
	for _, f := range found {
		w.report.Foreign = append(w.report.Foreign, f.Path)
	}
	return nil
}

// asLogged takes the live release as the unfinished publish has logged it before it
// touched anything: with what it found under names that were new.
func (w *work) asLogged(ctx context.Context) error {
	name := logName(w.liveID())
	if w.live == nil {
		names, err := w.list(ctx, logDir)
		if err != nil || len(names) == 0 {
			return err
		}
		name = slices.Max(names)
	}
	logged, err := w.manifest(ctx, name)
	if errors.Is(err, errDamaged) || err == nil && logged == nil {
		return nil
	}
	if err != nil {
		return err
	}
	if w.live != nil || logged.Foreign {
		if w.strange, err = onlyIn(logged, w.live); err != nil {
			return err
		}
	}
	w.live.close()
	w.live = logged
	return nil
}

// strangers finds what stands on the host under names that neither a manifest nor a
// journal knows, in order, unless it is what is going to be put there anyway.
func (w *work) strangers(ctx context.Context) ([]File, error) {
	found, err := gather(ctx, w.session, "strangers", w.changes.put(), w.changes.arriving(), func(ctx context.Context, c change) (f File, is bool, err error) {
		if !c.New || !w.traits.fits(c.Path) {
			return f, false, nil
		}
		f, err = attempt(ctx, w.session, "look at", c.Path, func() (File, error) { return w.stands(ctx, c.File) })
		if errors.Is(err, fs.ErrNotExist) {
			return f, false, nil
		}
		return f, f.SHA256 != c.SHA256, err
	})
	slices.SortFunc(found, func(a, b File) int { return comparePaths(a.Path, b.Path) })
	return found, err
}

// adopt makes what was found part of the release before, so that all that is true of
// what is replaced is true of it, too: it is kept, and rollback brings it back.
func (w *work) adopt(found []File) error {
	sum := sha256.New()
	for _, f := range found {
		fmt.Fprintf(sum, "%s\n%s\n%s\n", f.Path, f.SHA256, f.Header)
	}
	r := Release{Created: w.o.now().UTC().Truncate(time.Second).Add(-time.Second), Tree: hex.EncodeToString(sum.Sum(nil)), Foreign: true}
	r.ID = releaseAt(r.Created, r.Tree)
	if w.live != nil {
		r = w.live.Release
	}
	m, err := writeManifest(r, merge(w.live.all(), these(found)))
	if err == nil {
		w.live.close()
		w.live = m
	}
	return err
}

// workOut compares the coming release with what the host has.
func (w *work) workOut(ctx context.Context, files func() iter.Seq2[File, error], recheck bool) (err error) {
	w.changes.close()
	w.next.close()
	w.changes, w.next, w.report.Foreign, w.conventions = changes{}, nil, nil, 0
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
	var long diag.List
	all := only(q.compare(files(), &w.changes), func(f File) (File, bool) {
		if f.Age == 0 {
			w.traits.takes(f, &long)
			if conventions[f.Path] {
				w.conventions++
			}
			fmt.Fprintf(tree, "%s\n%s\n%s\n", f.Path, f.SHA256, f.Header)
		}
		return f, true
	})
	release := func() (Release, error) {
		r := Release{Previous: w.liveID(), Restores: w.report.Restores, Created: w.o.now().UTC().Truncate(time.Second), Tree: hex.EncodeToString(tree.Sum(nil))}
		if w.live != nil && !r.Created.After(w.live.Created) {
			r.Created = w.live.Created.Add(time.Second) // releases are in order, whatever the clock
		}
		r.ID = releaseAt(r.Created, r.Tree)
		return r, long.Err()
	}
	if w.next, err = manifestOf(all, release); err != nil {
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

// releaseAt is the id of a release of that time and tree.
func releaseAt(created time.Time, tree string) string {
	return created.Format("20060102T150405Z-") + tree[:8]
}

// confirm asks before much is deleted, or what is not ours replaced.
func (w *work) confirm() error {
	c := &w.changes
	much := c.lost*4 > c.live
	if w.o.DryRun || w.agreed || !much && len(w.report.Foreign) == 0 {
		return nil
	}
	if w.o.Confirm != nil && w.o.Confirm(w.report) {
		w.agreed = true
		return nil
	}
	hint := diag.Text("先用 --dry-run 看看；确实要这样，就加上 --yes。什么也没有改动。", "Look with --dry-run first; if that is what you want, add --yes. Nothing was changed.")
	var found diag.List
	for _, name := range w.report.Foreign {
		found = append(found, diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "publish", Hint: hint,
			Fact: diag.Text("主机上已有这个文件，内容不同，也不是发布上去的；这次发布会替换它", "the host has a file of this name that no publish has put there and that is not the same; this would replace it")})
	}
	if much {
		found = append(found, diag.Diagnostic{Check: "publish", Hint: hint,
			Fact: diag.Text("这次发布会删除网站 %d 个文件中的 %d 个，超过四分之一", "this would delete %[2]d of the site's %[1]d files, more than a quarter", c.live, c.lost)})
	}
	return found
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

func (w *work) close() {
	w.live.close()
	w.journal.close()
	w.next.close()
	w.changes.close()
	w.live, w.journal, w.next, w.changes = nil, nil, nil, changes{}
}
