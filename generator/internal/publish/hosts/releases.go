package hosts

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"minxi/generator/internal/publish"
)

// A releasesHost keeps releases side by side on a disk that has links:
//
//	current     -> releases/7, the link that a web server follows
//	releases/7/ what readers are served
//	releases/8/ the stage: hard links to 7, and what was changed since
//
// Commit renames a new link over the old one, which is one step. A stage outlives
// its process and is taken up by the next.
//
// What is ours holds a folder _releases, from the moment in which it has its name.
// Nothing else is ever shown to readers, linked from or removed: other tools, too,
// keep a link current to releases/20240301120000.
type releasesHost struct {
	disk        linker
	concurrency int // calls at once, also where it stages

	// keepOut is the lock of the kind: see publish.Locker.
	keepOut func(ctx context.Context, holder string) (held context.Context, unlock func() error, err error)

	gate   gate // guards what follows
	live   int  // the number of the live release, 0 before the first
	stage  int  // live+1 if there is a stage, else 0
	looked bool // live and stage are as this process last saw them
	locked bool // nobody else can have changed that since
	served bool // only what readers are served is seen: see publish.Stager
}

const (
	currentLink  = "current"
	releasesDir  = "releases"
	releaseMark  = "_releases" // the folder in each release of ours
	releasesLock = ".lock"     // in releasesDir
)

func newReleases(d linker, concurrency int) *releasesHost {
	return &releasesHost{disk: d, concurrency: concurrency, gate: newGate()}
}

func (h *releasesHost) Traits() publish.Traits {
	return publish.Traits{Atomic: true, Concurrency: h.concurrency, NameMax: publish.MostName}
}

// Served leaves the stage out.
func (h *releasesHost) Served() publish.Host {
	return &releasesHost{disk: h.disk, concurrency: h.concurrency, gate: newGate(), served: true}
}

func (h *releasesHost) hands() hands { return make(hands, h.concurrency) }

func releaseDir(n int) string { return path.Join(releasesDir, strconv.Itoa(n)) }

// number is the number of the live release, 0 before the first.
func (h *releasesHost) number(ctx context.Context) (int, error) {
	to, err := h.disk.Readlink(ctx, currentLink)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if errors.Is(err, errNoLink) {
		return 0, notOurs(currentLink)
	}
	if err != nil {
		return 0, failed("read the link", currentLink, err)
	}
	n, ok := releaseNumber(strings.TrimPrefix(strings.ReplaceAll(to, `\`, "/"), releasesDir+"/"))
	if ok {
		ok, err = h.ours(ctx, strconv.Itoa(n))
	}
	if err == nil && !ok {
		err = notOurs(currentLink + " → " + to)
	}
	return n, err
}

func releaseNumber(name string) (int, bool) {
	n, err := strconv.Atoi(name)
	return n, err == nil && n > 0 && strconv.Itoa(n) == name
}

// ours reports whether a publish has made a release.
func (h *releasesHost) ours(ctx context.Context, name string) (bool, error) {
	mark := path.Join(releasesDir, name, releaseMark)
	is, err := h.disk.IsDir(ctx, mark)
	return is, failed("stat", mark, err)
}

// notOurs refuses to touch what no publish has made.
func notOurs(what string) error {
	return publish.Final(tell("%[1]s 不是发布时建立的，可能属于别的程序：请在 publish.toml 里换一个位置，或先把它移走",
		"no publish has made %[1]s, so it may be another tool's: name another place in publish.toml, or move it away first", what))
}

// look finds out what is live and whether there is a stage. The gate is closed.
func (h *releasesHost) look(ctx context.Context) error {
	if h.looked && h.locked {
		return nil
	}
	n, err := h.number(ctx)
	if err != nil {
		return err
	}
	h.live, h.stage = n, 0
	if h.served {
		h.looked = true
		return nil
	}
	// Before the first release nothing else may be here, and later not where the
	// next is going to be.
	next := strconv.Itoa(n + 1)
	entries := []entry{{name: next}}
	if n == 0 {
		if entries, err = h.disk.ReadDir(ctx, releasesDir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return failed("list", releasesDir, err)
		}
	} else if is, err := h.disk.IsDir(ctx, releaseDir(n+1)); err != nil {
		return failed("stat", releaseDir(n+1), err)
	} else if !is {
		entries = nil
	}
	for _, e := range entries {
		// The lock and what a system leaves in folders begin with a dot.
		if strings.HasPrefix(e.name, ".") || strings.HasSuffix(e.name, tempSuffix) {
			continue
		}
		ok, err := h.ours(ctx, e.name)
		if err != nil {
			return err
		}
		if !ok {
			return notOurs(path.Join(releasesDir, e.name))
		}
		if e.name == next {
			h.stage = n + 1
		}
	}
	h.looked = true
	return nil
}

// seen is the tree that the methods see: the stage if there is one, else the live
// release; false if there is neither.
func (h *releasesHost) seen(ctx context.Context) (tree, bool, error) {
	if err := h.gate.enter(ctx); err != nil {
		return tree{}, false, err
	}
	defer h.gate.leave()
	if err := h.look(ctx); err != nil {
		return tree{}, false, err
	}
	n := max(h.live, h.stage)
	return tree{h.disk, releaseDir(n), h.stage > 0}, n > 0, nil
}

// changing is the stage, which is made first where there is none. It is made under
// another name, so that it is never seen with files missing.
func (h *releasesHost) changing(ctx context.Context) (tree, error) {
	if err := h.gate.enter(ctx); err != nil {
		return tree{}, err
	}
	defer h.gate.leave()
	if err := h.look(ctx); err != nil {
		return tree{}, err
	}
	next := releaseDir(h.live + 1)
	stage := tree{h.disk, next, true}
	if h.stage > 0 {
		return stage, nil
	}
	making := next + tempSuffix
	if err := step(ctx, "stage", next); err != nil {
		return tree{}, err
	}
	if err := removeTree(ctx, h.disk, making, h.hands()); err != nil {
		return tree{}, failed("remove", making, err)
	}
	if err := stage.mkdirAll(ctx, making); err != nil {
		return tree{}, err
	}
	if h.live > 0 {
		if err := linkTree(ctx, h.disk, releaseDir(h.live), making, h.hands()); err != nil {
			return tree{}, err
		}
	}
	if err := stage.mkdirAll(ctx, path.Join(making, releaseMark)); err != nil {
		return tree{}, err
	}
	if err := step(ctx, "rename", next); err != nil {
		return tree{}, err
	}
	if err := h.disk.Rename(ctx, making, next); err != nil {
		return tree{}, failed("rename", next, err)
	}
	h.disk.Settle(ctx, releasesDir)
	h.stage = h.live + 1
	return stage, nil
}

// linkTree makes the folder to, which is there and empty, hold every file of from.
func linkTree(ctx context.Context, d linker, from, to string, h hands) error {
	entries, err := d.ReadDir(ctx, from)
	if err != nil {
		return failed("list", from, err)
	}
	return h.each(ctx, entries, func(ctx context.Context, e entry) error {
		from, to := path.Join(from, e.name), path.Join(to, e.name)
		switch {
		case e.dir:
			if err := step(ctx, "mkdir", to); err != nil {
				return err
			}
			if err := d.Mkdir(ctx, to); err != nil {
				return failed("mkdir", to, err)
			}
			return linkTree(ctx, d, from, to, h)
		case !e.file || strings.HasSuffix(e.name, tempSuffix):
			return nil
		}
		if err := step(ctx, "link", to); err != nil {
			return err
		}
		err := d.Link(ctx, from, to)
		if errors.Is(err, errors.ErrUnsupported) {
			err = publish.Final(tell(`服务器不能建硬链接，layout = "releases" 需要它：请改为 layout = "flat"`, `the server makes no hard links here, which layout = "releases" needs: set layout = "flat"`))
		}
		return failed("link", to, err)
	})
}

// removeTree removes a folder, if it is there, with all that is in it.
func removeTree(ctx context.Context, d disk, dir string, h hands) error {
	entries, err := d.ReadDir(ctx, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = h.each(ctx, entries, func(ctx context.Context, e entry) error {
		if e.dir {
			return removeTree(ctx, d, path.Join(dir, e.name), h)
		}
		if err := d.Remove(ctx, path.Join(dir, e.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.RemoveDir(ctx, dir)
}

// hands are how many calls may be under way besides those that wait for others.
type hands chan struct{}

// each does work for all entries, several at once, up to the first error. Where no
// hand is free the caller's own does it: to wait for one could be to wait for
// itself.
func (h hands) each(ctx context.Context, entries []entry, work func(context.Context, entry) error) error {
	group, inner := errgroup.WithContext(ctx)
	for _, e := range entries {
		if inner.Err() != nil {
			break
		}
		select {
		case h <- struct{}{}:
			group.Go(func() error {
				defer func() { <-h }()
				return work(inner, e)
			})
		default:
			if err := work(inner, e); err != nil {
				group.Go(func() error { return err })
			}
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

func (h *releasesHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	t, ok, err := h.seen(ctx)
	if err == nil && !ok {
		err = fs.ErrNotExist
	}
	if err != nil {
		return publish.Stat{}, err
	}
	return t.stat(ctx, name)
}

func (h *releasesHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	t, ok, err := h.seen(ctx)
	if err == nil && !ok {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, err
	}
	return t.get(ctx, name)
}

func (h *releasesHost) Put(ctx context.Context, f publish.File, body publish.Body) error {
	t, err := h.changing(ctx)
	if err != nil {
		return err
	}
	return t.put(ctx, f, body)
}

// Copy makes a hard link.
func (h *releasesHost) Copy(ctx context.Context, from string, to publish.File) error {
	t, err := h.changing(ctx)
	if err != nil {
		return err
	}
	return t.copy(ctx, h.disk, from, to)
}

func (h *releasesHost) Delete(ctx context.Context, name string) error {
	if _, ok, err := h.seen(ctx); err != nil || !ok {
		return err
	}
	t, err := h.changing(ctx)
	if err != nil {
		return err
	}
	return t.delete(ctx, name)
}

func (h *releasesHost) List(ctx context.Context, dir string) ([]string, error) {
	t, ok, err := h.seen(ctx)
	if err != nil || !ok {
		return nil, err
	}
	return t.list(ctx, dir)
}

// Commit makes the stage the live release and removes all others but the one
// before: a server may still be sending files of that.
func (h *releasesHost) Commit(ctx context.Context) error {
	if err := h.gate.enter(ctx); err != nil {
		return err
	}
	defer h.gate.leave()
	if err := h.look(ctx); err != nil || h.stage == 0 {
		return err
	}
	switch n, err := h.number(ctx); {
	case err != nil:
		return err
	case n != h.live:
		return &publish.BusyError{} // has switched in between
	}
	link := tree{h.disk, ".", true}
	if err := link.remove(ctx, currentLink+tempSuffix); err != nil {
		return failed("remove", currentLink+tempSuffix, err)
	}
	if err := step(ctx, "symlink", releaseDir(h.stage)); err != nil {
		return err
	}
	if err := h.disk.Symlink(ctx, releaseDir(h.stage), currentLink+tempSuffix); err != nil {
		return failed("make the link", currentLink+tempSuffix, err)
	}
	if err := step(ctx, "switch", releaseDir(h.stage)); err != nil {
		return err
	}
	if err := h.disk.Rename(ctx, currentLink+tempSuffix, currentLink); err != nil {
		return failed("switch", currentLink, err)
	}
	h.disk.Settle(ctx, ".")
	before := h.live
	h.live, h.stage = h.stage, 0
	h.clean(ctx, before)
	return nil
}

// clean removes releases older than the one before the live one. The switch is
// done: what cannot be removed now goes the next time.
func (h *releasesHost) clean(ctx context.Context, before int) {
	entries, err := h.disk.ReadDir(ctx, releasesDir)
	if err != nil {
		return
	}
	for _, e := range entries {
		name := path.Join(releasesDir, e.name)
		number, half := strings.CutSuffix(e.name, tempSuffix)
		n, ok := releaseNumber(number)
		if !ok || !e.dir || !half && (n == before || n == h.live) {
			continue
		}
		if !half {
			// Under that name it is ours until the last of it is gone.
			if ok, err := h.ours(ctx, e.name); err != nil || !ok || h.disk.Rename(ctx, name, name+tempSuffix) != nil {
				continue
			}
			name += tempSuffix
		}
		_ = removeTree(ctx, h.disk, name, h.hands())
	}
}

// Lock keeps others out, and makes this host look anew at what they have done. It
// leaves nothing where somebody else's things stand.
func (h *releasesHost) Lock(ctx context.Context, holder string) (context.Context, func() error, error) {
	if _, _, err := h.seen(ctx); err != nil {
		return nil, nil, err
	}
	held, unlock, err := h.keepOut(ctx, holder)
	if err != nil {
		return nil, nil, err
	}
	h.now(true)
	return held, func() error {
		h.now(false)
		return unlock()
	}, nil
}

func (h *releasesHost) now(locked bool) {
	_ = h.gate.enter(context.Background())
	h.looked, h.locked = false, locked
	h.gate.leave()
}

func (h *releasesHost) Close() error { return h.disk.Close() }

// A gate lets one at a time through, and nobody waits at it beyond the end of his
// context.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

func (g gate) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) leave() { <-g }
