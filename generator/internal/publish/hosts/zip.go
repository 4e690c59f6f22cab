package hosts

import (
	"archive/zip"
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// zipFile is the whole site in one .zip file, to hand on, to upload by hand, or to
// read without a server.
var zipFile = Kind{
	Name: "zip",
	Doc: plan.Text{ZH: "本机上的一个 .zip 文件，装着整个网站，可转交、可手工上传、可离线阅读",
		EN: "The whole site in one .zip file on this machine: to hand on, to upload by hand, to read offline"},
	Options: []Option{
		{Name: "path", Required: true, Doc: plan.Text{ZH: "要写的 .zip 文件，例如 dist/minxi.zip", EN: "the .zip file to write, such as dist/minxi.zip"}},
		{Name: "folder", Form: aFolder, Doc: plan.Text{ZH: "解压后得到的文件夹的名字；不填则文件直接散放",
			EN: "the name of the folder that unpacking makes; none unless given"}},
	},
	Example: `[targets.zip]
  kind = "zip"
  path = "../minxi.zip"
  folder = "minxi"
`,
	Notes: []plan.Text{
		{ZH: "给人离线阅读的，请用不带 --base-url 的构建；旧版留在包里的 _releases 中，keep = 0 则不留。",
			EN: "For reading offline, build without --base-url. Earlier releases stay inside, in _releases, unless keep = 0."},
	},
	Open: func(_ context.Context, o Values) (publish.Host, error) {
		return &zipHost{file: o.local("path"), folder: o.text("folder")}, nil
	},
}

// A zipHost writes the whole zip anew beside the old one and renames it. Files that did
// not change are copied as they are compressed. The same site always gives the same
// bytes: entries stand in the order of their names, with one time and one mode.
type zipHost struct {
	file   string
	folder string

	mu    sync.Mutex
	sizes map[string]int64 // of the entries; nil until they are asked for
}

// What stands in an entry's header: APPNOTE.TXT of PKWARE, 4.4.2 to 4.4.6.
const (
	zipUTF8       = 1 << 11
	zipDescriptor = 1 << 3
	zipEncrypted  = 1 << 0
	zipVersion20  = 20
	zipFirstDay   = 1<<5 | 1 // 1 January 1980, the first day that the format knows
)

// A zipArchive is a zip file that is open for reading. It is closed before it is
// replaced, which a file that is open cannot be everywhere.
type zipArchive struct {
	io.Closer
	entries map[string]zipEntry
}

// A zipEntry is a file of a zip: of one that is there, or one that is opened.
type zipEntry struct {
	old *zip.File
	new publish.Placed // if old is nil
}

func (h *zipHost) Traits() publish.Traits {
	return publish.Traits{Checked: true, NameMax: publish.MostName, Limits: publish.Limits{Takes: func(name string) error {
		if strings.Contains(name, `\`) {
			return tell("%q 不能放进压缩包：有的程序会把反斜杠当成斜杠", "%q cannot stand in a zip: some programs take its backslash for a slash", name)
		}
		return nil
	}}}
}

// zipMark is the comment of a zip that Deploy has written. Those without are told by
// the folder that every release has.
const zipMark = "minxi"

// open reads the directory of the zip file; of none, if there is no file. A zip that no
// publish has made is refused: it may be anything. Names that could lead out of the
// folder where somebody unpacks it, or that stand there twice, are refused rather than
// carried on.
func (h *zipHost) open() (*zipArchive, error) {
	file, folder := h.file, h.folder
	r, err := zip.OpenReader(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &zipArchive{io.NopCloser(nil), map[string]zipEntry{}}, nil
	}
	if errors.Is(err, zip.ErrFormat) {
		return nil, publish.Final(tell("%[1]s 不是压缩包，或者不完整：请在 publish.toml 里换一个名字，或先把它移走",
			"%[1]s is no zip file, or only a part of one: give another name in publish.toml, or move it away first", file))
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	a := &zipArchive{r, map[string]zipEntry{}}
	ours := len(r.File) == 0 || r.Comment == zipMark
	for _, f := range r.File {
		if fs.ValidPath(strings.TrimSuffix(f.Name, "/")) && strings.HasSuffix(f.Name, "/") {
			continue // a folder, which the names of its files imply
		}
		var fault string
		switch {
		case !fs.ValidPath(f.Name) || f.Name == "." || strings.ContainsAny(f.Name, "\\\x00"):
			fault = "an unsafe name"
		case !f.Mode().IsRegular():
			fault = "not a file (a link, say)"
		case f.Flags&zipEncrypted != 0:
			fault = "encrypted"
		case a.entries[f.Name].old != nil:
			fault = "there twice"
		}
		if fault != "" {
			return nil, errors.Join(publish.Final(tell("%s 里的 %q 有问题（%s）", "%s holds %q, which is %s", file, f.Name, fault)), r.Close())
		}
		a.entries[f.Name] = zipEntry{old: f}
		ours = ours || strings.HasPrefix(f.Name, path.Join(folder, releaseMark)+"/")
	}
	if !ours {
		return nil, errors.Join(notOurs(file), r.Close())
	}
	return a, nil
}

// look gives the sizes of the entries.
func (h *zipHost) look() (map[string]int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sizes != nil {
		return h.sizes, nil
	}
	a, err := h.open()
	if err != nil {
		return nil, err
	}
	h.sizes = map[string]int64{}
	for name, e := range a.entries {
		h.sizes[name] = int64(e.old.UncompressedSize64)
	}
	return h.sizes, a.Close()
}

func (h *zipHost) inside(name string) string { return path.Join(h.folder, name) }

func (h *zipHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	if err := publish.Step(ctx, "stat", name); err != nil {
		return publish.Stat{}, err
	}
	sizes, err := h.look()
	n, ok := sizes[h.inside(name)]
	if err == nil && !ok {
		err = fs.ErrNotExist
	}
	return publish.Stat{Size: n}, err
}

// Get opens the zip for itself, so that what is read stays what it is.
func (h *zipHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := publish.Step(ctx, "read", name); err != nil {
		return nil, err
	}
	a, err := h.open()
	if err != nil {
		return nil, err
	}
	entry := a.entries[h.inside(name)].old
	if entry == nil {
		return nil, cmp.Or(a.Close(), fs.ErrNotExist)
	}
	r, err := entry.Open()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s in %s: %w", name, h.file, err), a.Close())
	}
	return stopping{contextReader{ctx, r}, a}, nil
}

func (h *zipHost) List(ctx context.Context, dir string) ([]string, error) {
	if err := publish.Step(ctx, "list", dir); err != nil {
		return nil, err
	}
	sizes, err := h.look()
	return namesIn(sizes, h.folder, dir), err
}

// Deploy writes the new zip beside the old one and renames it.
func (h *zipHost) Deploy(ctx context.Context, d publish.Deployment) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	a, err := h.open()
	if err != nil {
		return err
	}
	defer a.Close()
	entries, err := coming(a.entries, h.folder, d, func(p publish.Placed) (zipEntry, error) { return zipEntry{new: p}, nil })
	if err != nil {
		return err
	}
	if err := publish.Step(ctx, "write", h.file); err != nil {
		return err
	}
	dir := filepath.Dir(h.file)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	part := filepath.Join(dir, partName(filepath.Base(h.file)))
	out, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	// Without Sync a full disk or a power cut may show only later.
	if err := errors.Join(h.write(ctx, out, entries), out.Sync(), out.Close(), a.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := publish.Step(ctx, "rename", h.file); err != nil {
		return err
	}
	if err := os.Rename(part, h.file); err != nil {
		return err
	}
	h.sizes = nil
	syncDir(dir)
	return nil
}

// write writes the whole zip. h.mu is held.
func (h *zipHost) write(ctx context.Context, to io.Writer, entries map[string]zipEntry) error {
	buffered := bufio.NewWriterSize(to, 1<<20)
	w := zip.NewWriter(buffered)
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if err := writeEntry(ctx, w, name, entries[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return cmp.Or(w.SetComment(zipMark), w.Close(), buffered.Flush())
}

// writeEntry writes one file. Nothing of its header comes from elsewhere than the name
// and the bytes, whether they are compressed now or were before.
func writeEntry(ctx context.Context, w *zip.Writer, name string, e zipEntry) error {
	//lint:ignore SA1019 Modified would add a second form of the time to each entry.
	header := zip.FileHeader{Name: name, Method: zip.Deflate, ModifiedDate: zipFirstDay}
	header.SetMode(0o644)
	if e.old == nil {
		out, err := w.CreateHeader(&header)
		if err != nil {
			return err
		}
		return copyBody(ctx, out, e.new.File, e.new.Open)
	}
	header.Method, header.CRC32 = e.old.Method, e.old.CRC32
	header.CompressedSize64, header.UncompressedSize64 = e.old.CompressedSize64, e.old.UncompressedSize64
	// As CreateHeader writes them: sizes behind the data, names in UTF-8.
	header.Flags, header.ReaderVersion = zipDescriptor, zipVersion20
	header.CreatorVersion |= zipVersion20
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '}' }) {
		header.Flags |= zipUTF8
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	kept := *e.old
	kept.FileHeader = header
	return w.Copy(&kept)
}

// Lock holds a lock of the operating system, which ends with the process. What
// was read of the zip before is forgotten: another may have replaced it since.
func (h *zipHost) Lock(ctx context.Context, _ string) (context.Context, func() error, error) {
	// Where something else stands, not even a lock is left.
	if _, err := h.look(); err != nil {
		return nil, nil, err
	}
	unlock, err := holdLock(h.file + ".lock")
	if err != nil {
		return nil, nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sizes = nil
	return ctx, unlock, nil
}

func (h *zipHost) Close() error { return nil }

// syncDir makes renames in a folder last through a power cut, where the file
// system can.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
