package hosts

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

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
	Example: `[targets.web]
  kind = "folder"
  path = "/srv/www/minxi"          # the web server serves /srv/www/minxi/current
  address = "https://example.org/"
`,
	Notes: []plan.Text{
		{ZH: "网页服务器的根目录设为 current；它要跟随符号链接，并为带指纹的 assets/ 设长缓存。",
			EN: "Let the web server's root be current; it has to follow symbolic links, and to let assets/ be cached for long."},
		{ZH: "各版本之间用硬链接共用文件，占用很少。",
			EN: "Releases share files by hard links, so that each takes little room."},
	},
	Open: func(_ context.Context, o Values) (publish.Host, error) {
		dir := o.local("path")
		h := newReleases(localDisk(dir), 8)
		h.keepOut = func(ctx context.Context, _ string) (context.Context, func() error, error) {
			unlock, err := holdLock(filepath.Join(dir, releasesDir, releasesLock))
			return ctx, unlock, err
		}
		return h, nil
	},
}

// A localDisk is a folder on this machine. Nothing leads out of it.
type localDisk string

// in does work in the folder and tells its errors by their causes.
func in[T any](ctx context.Context, d localDisk, work func(*os.Root) (T, error)) (v T, err error) {
	if err := ctx.Err(); err != nil {
		return v, err
	}
	r, err := os.OpenRoot(string(d))
	if err == nil {
		v, err = work(r)
		r.Close()
	}
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	if errors.Is(err, syscall.ENOTDIR) {
		return v, fs.ErrNotExist // a part of the path is a file
	}
	return v, err
}

func (d localDisk) do(ctx context.Context, work func(*os.Root) error) error {
	_, err := in(ctx, d, func(r *os.Root) (struct{}, error) { return struct{}{}, work(r) })
	return err
}

func (d localDisk) Size(ctx context.Context, name string) (int64, error) {
	return in(ctx, d, func(r *os.Root) (int64, error) {
		info, err := r.Lstat(name)
		if err != nil || !info.Mode().IsRegular() {
			return 0, cmp.Or(err, fs.ErrNotExist)
		}
		return info.Size(), nil
	})
}

func (d localDisk) IsDir(ctx context.Context, name string) (bool, error) {
	is, err := in(ctx, d, func(r *os.Root) (bool, error) {
		info, err := r.Stat(name)
		return err == nil && info.IsDir(), err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return is, err
}

func (d localDisk) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	return in(ctx, d, func(r *os.Root) (io.ReadCloser, error) {
		f, err := r.Open(name)
		if err != nil {
			return nil, err
		}
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			f.Close()
			return nil, cmp.Or(err, fs.ErrNotExist)
		}
		return f, nil
	})
}

func (d localDisk) Write(ctx context.Context, name string, _ int64, body publish.Body) error {
	return d.do(ctx, func(r *os.Root) error { return writeFile(r, name, body) })
}

func writeFile(r *os.Root, name string, body publish.Body) error {
	if err := r.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	out, err := r.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	in, err := body()
	if err == nil {
		_, err = io.Copy(out, in)
		in.Close()
	}
	// Without Sync a full disk or a power cut may show only later.
	return errors.Join(err, out.Sync(), out.Close())
}

func (d localDisk) Mkdir(ctx context.Context, name string) error {
	if name == "." {
		return os.MkdirAll(string(d), 0o755)
	}
	return d.do(ctx, func(r *os.Root) error {
		err := r.Mkdir(name, 0o755)
		if errors.Is(err, fs.ErrExist) {
			if info, err := r.Stat(name); err != nil || !info.IsDir() {
				return errors.Join(err, errNoFolder)
			}
		}
		return err
	})
}

func (d localDisk) ReadDir(ctx context.Context, name string) ([]entry, error) {
	return in(ctx, d, func(r *os.Root) (entries []entry, err error) {
		found, err := fs.ReadDir(r.FS(), name)
		for _, e := range found {
			entries = append(entries, entry{e.Name(), e.IsDir(), e.Type().IsRegular()})
		}
		return entries, err
	})
}

func (d localDisk) Rename(ctx context.Context, from, to string) error {
	return d.do(ctx, func(r *os.Root) error {
		if err := r.Rename(from, to); err != nil {
			return renameOver(r, from, to, err)
		}
		return nil
	})
}

func (d localDisk) Remove(ctx context.Context, name string) error {
	return d.do(ctx, func(r *os.Root) error {
		// Root.Remove would take an empty folder, too.
		if info, err := r.Lstat(name); err != nil {
			return err
		} else if info.IsDir() {
			return syscall.EISDIR
		}
		return r.Remove(name)
	})
}

func (d localDisk) RemoveDir(ctx context.Context, name string) error {
	return d.do(ctx, func(r *os.Root) error { return r.Remove(name) })
}

// Link makes a copy where the file system has no hard links.
func (d localDisk) Link(ctx context.Context, from, to string) error {
	return d.do(ctx, func(r *os.Root) error {
		err := r.Link(from, to)
		if err == nil || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return writeFile(r, to, func() (io.ReadCloser, error) { return r.Open(from) })
	})
}

func (d localDisk) Symlink(ctx context.Context, target, name string) error {
	return d.do(ctx, func(r *os.Root) error {
		if err := r.Symlink(filepath.FromSlash(target), name); err != nil {
			return linkInstead(string(d), target, name, err)
		}
		return nil
	})
}

func (d localDisk) Readlink(ctx context.Context, name string) (string, error) {
	to, err := in(ctx, d, func(r *os.Root) (string, error) { return r.Readlink(name) })
	if errors.Is(err, syscall.EINVAL) {
		err = errNoLink
	}
	return linkTarget(string(d), to), err
}

func (d localDisk) Settle(ctx context.Context, dir string) {
	_ = d.do(ctx, func(*os.Root) error {
		syncDir(filepath.Join(string(d), dir))
		return nil
	})
}

func (d localDisk) Close() error { return nil }
