package hosts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/gofrs/flock"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// folder is a folder on this machine that a web server serves.
var folder = Kind{
	Name: "folder",
	Doc: plan.Text{ZH: "本机的文件夹，由网页服务器直接提供；用符号链接一步切换版本",
		EN: "A folder on this machine behind a web server; a symbolic link switches releases in one step"},
	Options: []Option{
		{Name: "path", Required: true, Doc: plan.Text{ZH: "文件夹；网页服务器的根目录设为其中的 current", EN: "the folder; the web server's root is current in it"}},
	},
	Open: func(_ context.Context, o Values) (publish.Host, error) {
		dir := o.text("path")
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(o.Dir, dir)
		}
		return &folderHost{dir: dir}, nil
	},
}

// A folderHost keeps releases side by side:
//
//	current     -> releases/7, the link that a web server follows
//	releases/7/ what readers are served
//	releases/8/ the stage: hard links to 7, and what was changed since
//
// Commit renames a new link over the old one, which is one step. A stage outlives
// its process and is taken up by the next.
type folderHost struct {
	dir string

	mu    sync.Mutex
	stage *os.Root // nil until the first change or the first look at an old stage
	live  *os.Root // what current leads to, if there is no stage
}

func (h *folderHost) Traits() publish.Traits { return publish.Traits{Atomic: true} }

const (
	currentLink = "current"
	releasesDir = "releases"
	tempSuffix  = ".minxi-part"
)

// number is the number of the live release, 0 before the first.
func (h *folderHost) number() (int, error) {
	to, err := os.Readlink(filepath.Join(h.dir, currentLink))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, publish.Final(fmt.Errorf("%s is no link of ours: %w", filepath.Join(h.dir, currentLink), err))
	}
	var n int
	if _, err := fmt.Sscanf(filepath.ToSlash(to), releasesDir+"/%d", &n); err != nil || n < 1 {
		return 0, publish.Final(fmt.Errorf("%s leads to %q, which no publish has made", filepath.Join(h.dir, currentLink), to))
	}
	return n, nil
}

func (h *folderHost) releaseDir(n int) string {
	return filepath.Join(h.dir, releasesDir, fmt.Sprint(n))
}

// root opens what the methods see: the stage if there is one, else the live
// release, else nothing (nil).
func (h *folderHost) root() (*os.Root, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stage != nil {
		return h.stage, nil
	}
	n, err := h.number()
	if err != nil {
		return nil, err
	}
	stage, err := os.OpenRoot(h.releaseDir(n + 1))
	if err == nil {
		h.stage = stage
		return stage, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if n == 0 {
		return nil, nil
	}
	if h.live == nil {
		if h.live, err = os.OpenRoot(h.releaseDir(n)); err != nil {
			return nil, err
		}
	}
	return h.live, nil
}

// changing opens the stage, and makes it first where there is none. It is made
// under another name, so that it is never seen with files missing.
func (h *folderHost) changing(ctx context.Context) (*os.Root, error) {
	if r, err := h.root(); err != nil {
		return nil, err
	} else if h.staged() {
		return r, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stage != nil {
		return h.stage, nil
	}
	n, err := h.number()
	if err != nil {
		return nil, err
	}
	next := h.releaseDir(n + 1)
	making := next + tempSuffix
	if err := publish.Step(ctx, "stage", next); err != nil {
		return nil, err
	}
	if err := errors.Join(os.RemoveAll(making), os.MkdirAll(making, 0o755)); err != nil {
		return nil, err
	}
	if n > 0 {
		if err := linkTree(ctx, h.releaseDir(n), making); err != nil {
			return nil, err
		}
	}
	if err := os.Rename(making, next); err != nil {
		return nil, err
	}
	syncDir(filepath.Dir(next))
	h.stage, err = os.OpenRoot(next)
	return h.stage, err
}

func (h *folderHost) staged() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stage != nil
}

// linkTree makes to hold every file of from, as hard links where the file system
// has them.
func linkTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		rel, err := filepath.Rel(from, name)
		if err != nil || rel == "." {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.Mkdir(target, 0o755)
		case strings.HasSuffix(name, tempSuffix):
			return nil
		}
		if err := os.Link(name, target); err == nil {
			return nil
		}
		return copyFile(name, target)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func (h *folderHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	if err := publish.Step(ctx, "stat", name); err != nil {
		return publish.Stat{}, err
	}
	r, err := h.root()
	if err != nil {
		return publish.Stat{}, err
	}
	if r == nil {
		return publish.Stat{}, fs.ErrNotExist
	}
	info, err := r.Stat(name)
	if err == nil && !info.Mode().IsRegular() || isNotDir(err) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return publish.Stat{}, err
	}
	return publish.Stat{Size: info.Size()}, nil
}

func (h *folderHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := publish.Step(ctx, "read", name); err != nil {
		return nil, err
	}
	r, err := h.root()
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, fs.ErrNotExist
	}
	f, err := r.Open(name)
	if isNotDir(err) {
		err = fs.ErrNotExist
	}
	return f, err
}

func (h *folderHost) Put(ctx context.Context, f publish.File, body publish.Body) error {
	r, err := h.changing(ctx)
	if err != nil {
		return err
	}
	if err := r.MkdirAll(path.Dir(f.Path), 0o755); err != nil {
		return err
	}
	if err := publish.Step(ctx, "write", f.Path); err != nil {
		return err
	}
	in, err := body()
	if err != nil {
		return err
	}
	defer in.Close()
	part := f.Path + tempSuffix
	out, err := r.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, contextReader{ctx, in})
	if err == nil && n != f.Size {
		err = fmt.Errorf("%s: %d bytes came instead of %d", f.Path, n, f.Size)
	}
	// Without Sync a full disk or a power cut may show only later.
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(err, r.Remove(part))
	}
	if err := publish.Step(ctx, "rename", f.Path); err != nil {
		return err
	}
	return r.Rename(part, f.Path)
}

// Copy makes a hard link.
func (h *folderHost) Copy(ctx context.Context, from string, to publish.File) error {
	r, err := h.changing(ctx)
	if err != nil {
		return err
	}
	if err := publish.Step(ctx, "link", to.Path); err != nil {
		return err
	}
	if err := r.MkdirAll(path.Dir(to.Path), 0o755); err != nil {
		return err
	}
	part := to.Path + tempSuffix
	if err := r.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := r.Link(from, part); err != nil {
		return errors.ErrUnsupported
	}
	// Renaming one name of a file over another of its names does nothing.
	if err := r.Rename(part, to.Path); err != nil {
		return err
	}
	if err := r.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (h *folderHost) Delete(ctx context.Context, name string) error {
	if r, err := h.root(); err != nil || r == nil {
		return err
	}
	r, err := h.changing(ctx)
	if err != nil {
		return err
	}
	if err := publish.Step(ctx, "remove", name); err != nil {
		return err
	}
	for _, n := range []string{name, name + tempSuffix} {
		if err := r.Remove(n); err != nil && !errors.Is(err, fs.ErrNotExist) && !isNotDir(err) {
			return err
		}
	}
	// Folders that became empty go, too; the first that is not empty stays.
	for dir := path.Dir(name); dir != "." && r.Remove(dir) == nil; dir = path.Dir(dir) {
	}
	return nil
}

func (h *folderHost) List(ctx context.Context, dir string) ([]string, error) {
	if err := publish.Step(ctx, "list", dir); err != nil {
		return nil, err
	}
	r, err := h.root()
	if err != nil || r == nil {
		return nil, err
	}
	entries, err := fs.ReadDir(r.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) || isNotDir(err) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasSuffix(e.Name(), tempSuffix) {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	return names, err
}

// Commit makes the stage the live release and removes all others but the one
// before: a server may still be sending files of that.
func (h *folderHost) Commit(ctx context.Context) error {
	if _, err := h.root(); err != nil || !h.staged() {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	n, err := h.number()
	if err != nil {
		return err
	}
	link := filepath.Join(h.dir, currentLink)
	if err := os.Remove(link + tempSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(filepath.Join(releasesDir, fmt.Sprint(n+1)), link+tempSuffix); err != nil {
		return err
	}
	if err := publish.Step(ctx, "switch", link); err != nil {
		return err
	}
	if err := os.Rename(link+tempSuffix, link); err != nil {
		return err
	}
	syncDir(h.dir)
	h.close()
	entries, err := os.ReadDir(filepath.Join(h.dir, releasesDir))
	if err != nil {
		return nil // the switch is done; what is left over goes the next time
	}
	for _, e := range entries {
		if e.Name() != fmt.Sprint(n) && e.Name() != fmt.Sprint(n+1) {
			_ = os.RemoveAll(filepath.Join(h.dir, releasesDir, e.Name()))
		}
	}
	return nil
}

// Lock holds a lock of the operating system, which ends with the process.
func (h *folderHost) Lock(_ context.Context, _ string) (func() error, error) {
	if err := os.MkdirAll(filepath.Join(h.dir, releasesDir), 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(h.dir, releasesDir, ".lock"))
	got, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !got {
		return nil, &publish.BusyError{}
	}
	return lock.Unlock, nil
}

func (h *folderHost) close() {
	for _, r := range []**os.Root{&h.stage, &h.live} {
		if *r != nil {
			(*r).Close()
			*r = nil
		}
	}
}

func (h *folderHost) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.close()
	return nil
}

// syncDir makes renames in a folder last through a power cut, where the file
// system can.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// isNotDir reports whether a part of a path is a file, so that nothing can be
// below it.
func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

// contextReader stops reading when its context ends.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
