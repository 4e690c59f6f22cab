package hosts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
//	current                     -> releases/7, the link that a web server follows
//	releases/7/                 what readers are served
//	releases/8-5f0c12ab.minxi-part/ what is going to be 8: hard links to 7, and what is new
//
// Deploy completes the new folder, gives it its name and renames a new link over the
// old one, which is one step. A folder that a killed process has left is taken up when
// the same tree is published again: it bears a piece of the tree's hash.
//
// What is ours holds a folder _releases, from the moment in which it has its name.
// Nothing else is ever shown to readers, linked from or removed: other tools, too,
// keep a link current to releases/20240301120000.
type releasesHost struct {
	disk        linker
	concurrency int  // calls at once
	readBack    bool // the disk is not this machine's: what was written is read and compared
	traits      publish.Traits

	// keepOut is the lock of the kind: see publish.Deployer.
	keepOut func(ctx context.Context, holder string) (held context.Context, unlock func() error, err error)

	gate   gate // guards what follows
	live   int  // the number of the live release, 0 before the first
	looked bool // live is as this process last saw it
	locked bool // nobody else can have changed that since
}

const (
	currentLink  = "current"
	releasesDir  = "releases"
	releaseMark  = "_releases" // the folder in each release of ours
	releasesLock = ".lock"     // in releasesDir
)

func newReleases(d linker, concurrency int) *releasesHost {
	return &releasesHost{disk: d, concurrency: concurrency, gate: newGate(),
		traits: publish.Traits{Concurrency: concurrency, NameMax: publish.MostName}}
}

func (h *releasesHost) Traits() publish.Traits { return h.traits }

func (h *releasesHost) hands() hands { return make(hands, h.concurrency) }

func releaseDir(n int) string { return path.Join(releasesDir, strconv.Itoa(n)) }

// number is the number of the live release, 0 before the first.
func (h *releasesHost) number(ctx context.Context) (int, error) {
	to, err := h.disk.Readlink(ctx, currentLink)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case errors.Is(err, errNoLink):
		return 0, notOurs(currentLink)
	case err != nil:
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

// look finds out what is live, and that nothing else stands where the next release is
// going to be, or, before the first, where any is. The gate is closed.
func (h *releasesHost) look(ctx context.Context) error {
	if h.looked && h.locked {
		return nil
	}
	n, err := h.number(ctx)
	if err != nil {
		return err
	}
	entries, err := h.disk.ReadDir(ctx, releasesDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed("list", releasesDir, err)
	}
	for _, e := range entries {
		// The lock and what a system leaves in folders begin with a dot.
		if strings.HasPrefix(e.name, ".") || strings.HasSuffix(e.name, tempSuffix) || n > 0 && e.name != strconv.Itoa(n+1) {
			continue
		}
		if ok, err := h.ours(ctx, e.name); err != nil {
			return err
		} else if !ok {
			return notOurs(path.Join(releasesDir, e.name))
		}
	}
	h.live, h.looked = n, true
	return nil
}

// seen is the tree that readers are served; nothing is in that of number 0.
func (h *releasesHost) seen(ctx context.Context) (tree, error) {
	if err := h.gate.enter(ctx); err != nil {
		return tree{}, err
	}
	defer h.gate.leave()
	err := h.look(ctx)
	return tree{h.disk, releaseDir(h.live)}, err
}

// Deploy makes the next release beside the live one and switches to it, and removes
// all others but the one before: a server may still be sending files of that.
func (h *releasesHost) Deploy(ctx context.Context, d publish.Deployment) error {
	if err := h.gate.enter(ctx); err != nil {
		return err
	}
	defer h.gate.leave()
	if err := h.look(ctx); err != nil {
		return err
	}
	making := releaseDir(h.live+1) + "-" + d.Release.Tree[:min(8, len(d.Release.Tree))] + tempSuffix
	if err := h.fill(ctx, making, d); err != nil {
		return err
	}
	// Another may have taken this process for dead, and what it was making for left over.
	if is, err := h.disk.IsDir(ctx, path.Join(making, releaseMark)); err != nil || !is {
		return cmp.Or(failed("stat", making, err), error(&publish.BusyError{}))
	}
	// Numbers may be taken: by a process that was killed before it switched, or by one
	// that has switched since. Neither is touched here.
	n := h.live + 1
	for ; ; n++ {
		if taken, err := h.disk.IsDir(ctx, releaseDir(n)); err != nil {
			return failed("stat", releaseDir(n), err)
		} else if !taken {
			break
		}
	}
	next := releaseDir(n)
	if err := doing(ctx, "rename", next, func() error { return h.disk.Rename(ctx, making, next) }); err != nil {
		return err
	}
	h.disk.Settle(ctx, releasesDir)
	return h.switchTo(ctx, n)
}

// fill makes a folder hold the coming release, or what is missing of it.
func (h *releasesHost) fill(ctx context.Context, making string, d publish.Deployment) error {
	begun, err := h.sweep(ctx, making)
	if err != nil {
		return err
	}
	stage := tree{h.disk, making}
	if err := publish.Step(ctx, "stage", making); err != nil {
		return err
	}
	if err := stage.mkdirAll(ctx, path.Join(making, releaseMark)); err != nil {
		return err
	}
	if h.live > 0 {
		if err := h.linkTree(ctx, releaseDir(h.live), making, begun, h.hands()); err != nil {
			return err
		}
	}
	// First what goes: a folder may take the place of a file.
	for name, err := range d.Drops {
		if err != nil {
			return err
		}
		if err := stage.Delete(ctx, name); err != nil {
			return err
		}
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(h.concurrency)
	for p, err := range d.Puts {
		if err != nil || inner.Err() != nil {
			group.Go(func() error { return err })
			break
		}
		group.Go(func() error { return h.place(inner, stage, p, begun) })
	}
	return cmp.Or(group.Wait(), ctx.Err())
}

// place puts one file into the coming release. What a process before may have brought
// is compared.
func (h *releasesHost) place(ctx context.Context, stage tree, p publish.Placed, begun bool) error {
	if p.Live != "" {
		live := tree{h.disk, releaseDir(h.live)}
		return stage.copy(ctx, live.at(p.Live), p.File)
	}
	if begun {
		if same, err := h.same(ctx, stage, p.File); err != nil || same {
			return err
		}
	}
	if err := stage.Put(ctx, p.File, p.Open); err != nil || !h.readBack {
		return err
	}
	same, err := h.same(ctx, stage, p.File)
	if err == nil && !same {
		err = tell("%s：服务器说已收到，保存的却不一样", "%s: the server took it, and holds something else", p.Path)
	}
	return err
}

// same reports whether a file of the coming release is as it is to be.
func (h *releasesHost) same(ctx context.Context, stage tree, f publish.File) (bool, error) {
	if st, err := stage.Stat(ctx, f.Path); errors.Is(err, fs.ErrNotExist) || err == nil && st.Size != f.Size {
		return false, nil
	}
	r, err := stage.Get(ctx, f.Path)
	if err != nil {
		return false, err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, contextReader{ctx, r})
	return hex.EncodeToString(sum.Sum(nil)) == f.SHA256, errors.Join(err, r.Close())
}

// switchTo has readers be served another release.
func (h *releasesHost) switchTo(ctx context.Context, next int) error {
	switch n, err := h.number(ctx); {
	case err != nil:
		return err
	case n != h.live:
		return &publish.BusyError{} // has switched in between
	}
	to, link := releaseDir(next), tree{h.disk, "."}
	if err := link.remove(ctx, currentLink+tempSuffix); err != nil {
		return failed("remove", currentLink+tempSuffix, err)
	}
	err := doing(ctx, "symlink", to, func() error { return h.disk.Symlink(ctx, to, currentLink+tempSuffix) })
	if err != nil {
		return err
	}
	if err := doing(ctx, "switch", to, func() error { return h.disk.Rename(ctx, currentLink+tempSuffix, currentLink) }); err != nil {
		return err
	}
	h.disk.Settle(ctx, ".")
	before := h.live
	h.live = next
	h.clean(ctx, before)
	return nil
}

// linkTree makes a folder of the coming release hold every file of a folder of the live
// one; of a release that was begun, those that it does not hold.
func (h *releasesHost) linkTree(ctx context.Context, from, to string, begun bool, free hands) error {
	entries, err := h.disk.ReadDir(ctx, from)
	if err != nil {
		return failed("list", from, err)
	}
	has := map[string]bool{}
	if begun {
		there, err := h.disk.ReadDir(ctx, to)
		if err != nil {
			return failed("list", to, err)
		}
		for _, e := range there {
			has[e.name] = !e.dir
		}
	}
	return free.each(ctx, entries, func(ctx context.Context, e entry) error {
		from, to := path.Join(from, e.name), path.Join(to, e.name)
		file, there := has[e.name]
		switch {
		case there && (file || e.file):
			return nil
		case e.dir:
			err := doing(ctx, "mkdir", to, func() error { return h.disk.Mkdir(ctx, to) })
			if err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
			return h.linkTree(ctx, from, to, begun, free)
		case !e.file || strings.HasSuffix(e.name, tempSuffix):
			return nil
		}
		err := doing(ctx, "link", to, func() error { return h.disk.Link(ctx, from, to) })
		if errors.Is(err, errors.ErrUnsupported) {
			return publish.Final(tell(`服务器不能建硬链接，layout = "releases" 需要它：请改为 layout = "flat"`, `the server makes no hard links here, which layout = "releases" needs: set layout = "flat"`))
		}
		return err
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

// doing does one thing on the disk, which is heard of before and told of if it fails.
func doing(ctx context.Context, op, on string, do func() error) error {
	if err := publish.Step(ctx, op, on); err != nil {
		return err
	}
	return failed(op, on, do())
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
	t, err := h.seen(ctx)
	if err != nil {
		return publish.Stat{}, err
	}
	return t.Stat(ctx, name)
}

func (h *releasesHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	t, err := h.seen(ctx)
	if err != nil {
		return nil, err
	}
	return t.Get(ctx, name)
}

func (h *releasesHost) List(ctx context.Context, dir string) ([]string, error) {
	t, err := h.seen(ctx)
	if err != nil {
		return nil, err
	}
	return t.List(ctx, dir)
}

// sweep removes what is not complete or was being removed, but for one folder, and
// reports whether that is there.
func (h *releasesHost) sweep(ctx context.Context, but string) (there bool, err error) {
	entries, err := h.disk.ReadDir(ctx, releasesDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, failed("list", releasesDir, err)
	}
	for _, e := range entries {
		name := path.Join(releasesDir, e.name)
		number, half := strings.CutSuffix(e.name, tempSuffix)
		number, _, _ = strings.Cut(number, "-")
		if name == but {
			there = true
		} else if _, ours := releaseNumber(number); half && ours && e.dir {
			err := doing(ctx, "remove", name, func() error { return removeTree(ctx, h.disk, name, h.hands()) })
			if err != nil {
				return false, err
			}
		}
	}
	return there, nil
}

// clean removes releases older than the one before the live one. The switch is
// done: what cannot be removed now goes the next time.
func (h *releasesHost) clean(ctx context.Context, before int) {
	entries, _ := h.disk.ReadDir(ctx, releasesDir)
	for _, e := range entries {
		n, whole := releaseNumber(e.name)
		if !e.dir || !whole || n == before || n == h.live {
			continue
		}
		if ok, err := h.ours(ctx, e.name); err == nil && ok {
			// Under this name it is ours until the last of it is gone.
			name := path.Join(releasesDir, e.name)
			_ = h.disk.Rename(ctx, name, name+tempSuffix)
		}
	}
	_, _ = h.sweep(ctx, "")
}

// Lock keeps others out, and makes this host look anew at what they have done. It
// leaves nothing where somebody else's things stand.
func (h *releasesHost) Lock(ctx context.Context, holder string) (context.Context, func() error, error) {
	if _, err := h.seen(ctx); err != nil {
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
