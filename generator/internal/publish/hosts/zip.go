package hosts

import (
	"archive/zip"
	"bufio"
	"cmp"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gofrs/flock"

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
		{Name: "folder", Doc: plan.Text{ZH: "解压后得到的文件夹的名字；不填则文件直接散放",
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
		file := o.text("path")
		if !filepath.IsAbs(file) {
			file = filepath.Join(o.Dir, file)
		}
		folder := strings.TrimSuffix(o.text("folder"), "/")
		if folder != "" && (!fs.ValidPath(folder) || folder == "." || strings.Contains(folder, `\`)) {
			return nil, publish.Final(tell("folder：%q 不是压缩包里的路径", "folder: %q is no path inside the zip", folder))
		}
		return &zipHost{file: file, folder: folder, stage: map[string]zipChange{}, folders: map[string]bool{}}, nil
	},
}

// A zipHost holds changes in a temporary folder, already compressed, and Commit
// writes a new file beside the old one and renames it. Files that did not change
// are copied as they are compressed. The same site always gives the same bytes:
// entries stand in the order of their names, with one time and one mode.
type zipHost struct {
	file   string
	folder string

	mu      sync.Mutex
	old     *zipArchive // nil until something is read, or if there is no file
	scratch *scratch    // nil until the first Put
	stage   map[string]zipChange
	folders map[string]bool // above the names in stage
}

// A zipChange is what was put under a name since the last Commit.
type zipChange struct {
	deleted    bool
	spooled    string // deflated, in a file of the scratch folder
	crc        uint32
	size       int64
	compressed int64
	entry      *zip.File // of the old file, in place of all these: a copy, or no change at all
}

// What stands in an entry's header: APPNOTE.TXT of PKWARE, 4.4.2 to 4.4.6.
const (
	zipUTF8       = 1 << 11
	zipDescriptor = 1 << 3
	zipEncrypted  = 1 << 0
	zipVersion20  = 20
	zipVersion45  = 45
	zipFirstDay   = 1<<5 | 1 // 1 January 1980, the first day that the format knows
)

// A zipArchive is a zip file that is open for reading. It is closed when nobody
// reads any more: a file that is open cannot be replaced everywhere.
type zipArchive struct {
	*zip.ReadCloser
	entries map[string]*zip.File
	folders map[string]bool // above the names of entries
	info    fs.FileInfo     // of the file that it was opened from
	users   int             // guarded by zipHost.mu
}

func (h *zipHost) Traits() publish.Traits {
	return publish.Traits{Atomic: true, NameMax: publish.MostName}
}

// zipMark is the comment of a zip that Commit has written. Those without are told by
// the folder that every release has.
const zipMark = "minxi"

// openZip reads the directory of a zip file: nil, and no error, if there is no
// file. A zip that no publish has made is refused: it may be anything. Names that could lead out of the folder where somebody unpacks it, or that
// stand there twice, are refused rather than carried on.
func openZip(file, folder string) (*zipArchive, error) {
	r, err := zip.OpenReader(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if errors.Is(err, zip.ErrFormat) {
		return nil, publish.Final(tell("%[1]s 不是压缩包，或者不完整：请在 publish.toml 里换一个名字，或先把它移走",
			"%[1]s is no zip file, or only a part of one: give another name in publish.toml, or move it away first", file))
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	a := &zipArchive{ReadCloser: r, info: info, entries: map[string]*zip.File{}, folders: map[string]bool{}}
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
		case a.entries[f.Name] != nil:
			fault = "there twice"
		}
		if fault != "" {
			return nil, errors.Join(publish.Final(tell("%s 里的 %q 有问题（%s）", "%s holds %q, which is %s", file, f.Name, fault)), r.Close())
		}
		a.entries[f.Name] = f
		for dir := path.Dir(f.Name); dir != "." && !a.folders[dir]; dir = path.Dir(dir) {
			a.folders[dir] = true
		}
	}
	if len(a.entries) > 0 && r.Comment != zipMark && !a.folders[path.Join(folder, releaseMark)] {
		return nil, errors.Join(notOurs(file), r.Close())
	}
	return a, nil
}

// archive opens the zip file if that is still to do. h.mu is held.
func (h *zipHost) archive() (*zipArchive, error) {
	if h.old != nil {
		return h.old, nil
	}
	a, err := openZip(h.file, h.folder)
	if err == nil && a != nil {
		h.old = a
		a.users = 1
	}
	return a, err
}

// release lets go of an archive. h.mu is held.
func (a *zipArchive) release() error {
	if a.users--; a.users > 0 {
		return nil
	}
	return a.Close()
}

// find says what stands under a name of the zip. h.mu is held.
func (h *zipHost) find(name string) (zipChange, error) {
	if c, ok := h.stage[name]; ok {
		return c, nil
	}
	a, err := h.archive()
	if err != nil || a == nil || a.entries[name] == nil {
		return zipChange{deleted: true}, err
	}
	return zipChange{entry: a.entries[name]}, nil
}

func (h *zipHost) inside(name string) string { return path.Join(h.folder, name) }

func (h *zipHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	if err := publish.Step(ctx, "stat", name); err != nil {
		return publish.Stat{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := h.find(h.inside(name))
	switch {
	case err != nil:
		return publish.Stat{}, err
	case c.deleted:
		return publish.Stat{}, fs.ErrNotExist
	case c.entry != nil:
		return publish.Stat{Size: int64(c.entry.UncompressedSize64)}, nil
	}
	return publish.Stat{Size: c.size}, nil
}

func (h *zipHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := publish.Step(ctx, "read", name); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := h.find(h.inside(name))
	switch {
	case err != nil:
		return nil, err
	case c.deleted:
		return nil, fs.ErrNotExist
	case c.entry == nil:
		spooled, err := os.Open(c.spooled)
		if err != nil {
			return nil, err
		}
		return &zipReading{contextReader{ctx, flate.NewReader(bufio.NewReader(spooled))}, spooled.Close}, nil
	}
	r, err := c.entry.Open()
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", name, h.file, err)
	}
	a := h.old
	a.users++
	return &zipReading{contextReader{ctx, r}, func() error {
		h.mu.Lock()
		defer h.mu.Unlock()
		return errors.Join(r.Close(), a.release())
	}}, nil
}

// A zipReading is a file that is being read.
type zipReading struct {
	io.Reader
	close func() error // nil once it was called
}

func (r *zipReading) Close() error {
	if r.close == nil {
		return fs.ErrClosed
	}
	defer func() { r.close = nil }()
	return r.close()
}

func (h *zipHost) Put(ctx context.Context, f publish.File, body publish.Body) error {
	if strings.Contains(f.Path, `\`) {
		return publish.Final(tell("%q 不能放进压缩包：有的程序会把反斜杠当成斜杠", "%q cannot stand in a zip: some programs take its backslash for a slash", f.Path))
	}
	if err := publish.Step(ctx, "write", f.Path); err != nil {
		return err
	}
	h.mu.Lock()
	var err error
	if h.scratch == nil {
		h.scratch, err = newScratch("zip")
	}
	s := h.scratch
	h.mu.Unlock()
	if err != nil {
		return err
	}
	in, err := body()
	if err != nil {
		return err
	}
	defer in.Close()
	c := zipChange{size: f.Size}
	c.spooled, err = s.spool(func(out *os.File) error {
		crc := crc32.NewIEEE()
		deflated, err := flate.NewWriter(out, flate.DefaultCompression)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.MultiWriter(deflated, crc), io.LimitReader(contextReader{ctx, in}, f.Size+1))
		if err == nil && n != f.Size {
			err = otherSize(f.Path, f.Size)
		}
		if err = cmp.Or(err, deflated.Close()); err != nil {
			return err
		}
		c.crc = crc.Sum32()
		c.compressed, err = out.Seek(0, io.SeekCurrent)
		return err
	})
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.put(h.inside(f.Path), c)
}

// change notes a change, and drops what an earlier one has spooled. h.mu is held.
func (h *zipHost) change(name string, c zipChange) error {
	before := h.stage[name]
	h.stage[name] = c
	if before.spooled != "" && !h.needed(before.spooled) {
		return os.Remove(before.spooled)
	}
	return nil
}

// put notes that a name holds something new. No unpacker could make a file and a
// folder of one name, so what stands in the way goes. h.mu is held.
func (h *zipHost) put(name string, c zipChange) error {
	a, err := h.archive()
	if err != nil {
		return err
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		h.folders[dir] = true
		if over, err := h.find(dir); err != nil {
			return err
		} else if !over.deleted {
			if err := h.change(dir, zipChange{deleted: true}); err != nil {
				return err
			}
		}
	}
	if h.folders[name] || a != nil && a.folders[name] {
		all, err := h.names()
		if err != nil {
			return err
		}
		for _, other := range all {
			if strings.HasPrefix(other, name+"/") {
				if err := h.change(other, zipChange{deleted: true}); err != nil {
					return err
				}
			}
		}
	}
	return h.change(name, c)
}

// needed reports whether a change needs what was spooled: a copy may share it.
func (h *zipHost) needed(spooled string) bool {
	for _, c := range h.stage {
		if c.spooled == spooled {
			return true
		}
	}
	return false
}

func (h *zipHost) Delete(ctx context.Context, name string) error {
	if err := publish.Step(ctx, "remove", name); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if c, err := h.find(h.inside(name)); err != nil || c.deleted {
		return err
	}
	return h.change(h.inside(name), zipChange{deleted: true})
}

func (h *zipHost) List(ctx context.Context, dir string) ([]string, error) {
	if err := publish.Step(ctx, "list", dir); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	var in []string
	for _, name := range names {
		if h.folder != "" {
			var ours bool
			if name, ours = strings.CutPrefix(name, h.folder+"/"); !ours {
				continue
			}
		}
		if path.Dir(name) == dir {
			in = append(in, name)
		}
	}
	return in, nil
}

// names lists what the zip is going to hold. h.mu is held.
func (h *zipHost) names() ([]string, error) {
	a, err := h.archive()
	if err != nil {
		return nil, err
	}
	var names []string
	for name, c := range h.stage {
		if !c.deleted {
			names = append(names, name)
		}
	}
	if a != nil {
		for name := range a.entries {
			if _, changed := h.stage[name]; !changed {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// Copy takes what is compressed already.
func (h *zipHost) Copy(ctx context.Context, from string, to publish.File) error {
	if err := publish.Step(ctx, "copy", to.Path); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := h.find(h.inside(from))
	switch {
	case err != nil:
		return err
	case c.deleted:
		return fs.ErrNotExist
	}
	return h.put(h.inside(to.Path), c)
}

// Commit writes the new zip beside the old one and renames it.
func (h *zipHost) Commit(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.stage) == 0 {
		return nil
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
	if err := errors.Join(h.write(ctx, out), out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	if err := publish.Step(ctx, "rename", h.file); err != nil {
		return err
	}
	if h.old != nil {
		if err := h.old.release(); err != nil {
			return err
		}
		h.old = nil
	}
	if err := os.Rename(part, h.file); err != nil {
		return err
	}
	syncDir(dir)
	_ = h.forget() // the switch is done; the next process removes what is left
	return nil
}

// write writes the whole zip. h.mu is held.
func (h *zipHost) write(ctx context.Context, to io.Writer) error {
	names, err := h.names()
	if err != nil {
		return err
	}
	slices.Sort(names)
	buffered := bufio.NewWriterSize(to, 1<<20)
	w := zip.NewWriter(buffered)
	for _, name := range names {
		if err := h.writeEntry(ctx, w, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return cmp.Or(w.SetComment(zipMark), w.Close(), buffered.Flush())
}

// writeEntry writes one file as it is compressed already. Nothing of a header
// comes from elsewhere than the name and the bytes.
func (h *zipHost) writeEntry(ctx context.Context, w *zip.Writer, name string) error {
	c, err := h.find(name)
	if err != nil {
		return err
	}
	header := zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: c.crc,
		CompressedSize64: uint64(c.compressed), UncompressedSize64: uint64(c.size)}
	if f := c.entry; f != nil {
		header.Method, header.CRC32 = f.Method, f.CRC32
		header.CompressedSize64, header.UncompressedSize64 = f.CompressedSize64, f.UncompressedSize64
	}
	header.SetMode(0o644)
	header.Flags = zipUTF8
	header.CreatorVersion |= zipVersion20
	header.ReaderVersion = zipVersion20
	//lint:ignore SA1019 CreateRaw writes this field; Modified counts for CreateHeader alone.
	header.ModifiedDate = zipFirstDay
	if max(header.CompressedSize64, header.UncompressedSize64) >= math.MaxUint32 {
		header.Flags |= zipDescriptor // CreateRaw writes such sizes behind the data only
		header.ReaderVersion = zipVersion45
	}
	out, err := w.CreateRaw(&header)
	if err != nil {
		return err
	}
	var in io.Reader
	if c.entry != nil {
		in, err = c.entry.OpenRaw()
	} else {
		var spooled *os.File
		if spooled, err = os.Open(c.spooled); err == nil {
			defer spooled.Close()
			in = spooled
		}
	}
	if err != nil {
		return err
	}
	n, err := io.Copy(out, contextReader{ctx, in})
	if err == nil && n != int64(header.CompressedSize64) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Lock holds a lock of the operating system, which ends with the process. What
// was read of the zip before is forgotten, and the stage upon it, if another has
// replaced the zip since.
func (h *zipHost) Lock(ctx context.Context, _ string) (context.Context, func() error, error) {
	// Where something else stands, not even a lock is left.
	h.mu.Lock()
	_, err := h.archive()
	h.mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(filepath.Dir(h.file), 0o755); err != nil {
		return nil, nil, err
	}
	lock := flock.New(h.file + ".lock")
	got, err := lock.TryLock()
	if err != nil {
		return nil, nil, err
	}
	if !got {
		return nil, nil, &publish.BusyError{}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.old != nil {
		if now, err := os.Stat(h.file); err != nil || !os.SameFile(now, h.old.info) {
			if err := h.forget(); err != nil {
				return nil, nil, errors.Join(err, lock.Unlock())
			}
		}
	}
	return ctx, lock.Unlock, nil
}

// forget drops the stage and what was read. h.mu is held.
func (h *zipHost) forget() error {
	var err error
	if h.old != nil {
		err = h.old.release()
		h.old = nil
	}
	if h.scratch != nil {
		err = errors.Join(err, h.scratch.close())
		h.scratch = nil
	}
	clear(h.stage)
	clear(h.folders)
	return err
}

func (h *zipHost) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.forget()
}

// syncDir makes renames in a folder last through a power cut, where the file
// system can.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
