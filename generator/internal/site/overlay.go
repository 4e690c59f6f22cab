package site

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bep/overlayfs"
	"github.com/spf13/afero"
)

// overlay is the file system that Hugo reads: derived pages in memory over the
// project folder. It is writable in memory only, so no build can change a file
// of the project.
func overlay(in Input) (afero.Fs, error) {
	memory := afero.NewMemMapFs()
	files, err := derive(in)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := afero.WriteFile(memory, filepath.Join(in.Dir, filepath.FromSlash(f.name)), f.data, 0o644); err != nil {
			return nil, err
		}
	}
	disk := &masked{Fs: afero.NewReadOnlyFs(afero.NewOsFs()), root: in.Dir + string(filepath.Separator), content: in.Content}
	return overlayfs.New(overlayfs.Options{Fss: []afero.Fs{memory, disk}, FirstWritable: true}), nil
}

// masked hides what is not Hugo's: the plan's own Markdown, which the generator
// has parsed and hands over as derived pages, the tables beside it, and every
// output or cache folder.
type masked struct {
	afero.Fs
	root    string
	content string
}

var hiddenContent = regexp.MustCompile(`^(plan(/.*)?|[^/]+\.csv|.*/\.[^/]+|\.[^/]+)$`)

func (m *masked) hidden(name string) bool {
	rel, ok := strings.CutPrefix(filepath.Clean(name), m.root)
	if !ok {
		return false
	}
	rel = filepath.ToSlash(rel)
	if rel == "resources" || strings.HasPrefix(rel, "resources/") || rel == "data" || strings.HasPrefix(rel, "data/") {
		return true
	}
	rel, ok = strings.CutPrefix(rel, m.content+"/")
	return ok && hiddenContent.MatchString(rel)
}

func (m *masked) check(op, name string) error {
	if m.hidden(name) {
		return &os.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return nil
}

func (m *masked) Open(name string) (afero.File, error) {
	if err := m.check("open", name); err != nil {
		return nil, err
	}
	f, err := m.Fs.Open(name)
	if err != nil {
		return nil, err
	}
	return &maskedDir{File: f, m: m, name: name}, nil
}

func (m *masked) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	if err := m.check("open", name); err != nil {
		return nil, err
	}
	return m.Fs.OpenFile(name, flag, perm)
}

func (m *masked) Stat(name string) (os.FileInfo, error) {
	if err := m.check("stat", name); err != nil {
		return nil, err
	}
	return m.Fs.Stat(name)
}

func (m *masked) LstatIfPossible(name string) (os.FileInfo, bool, error) {
	if err := m.check("lstat", name); err != nil {
		return nil, false, err
	}
	if l, ok := m.Fs.(afero.Lstater); ok {
		return l.LstatIfPossible(name)
	}
	info, err := m.Fs.Stat(name)
	return info, false, err
}

// maskedDir leaves hidden entries out of directory listings.
type maskedDir struct {
	afero.File
	m    *masked
	name string
}

func (d *maskedDir) keep(entry string) bool { return !d.m.hidden(filepath.Join(d.name, entry)) }

func (d *maskedDir) Readdir(n int) ([]os.FileInfo, error) {
	infos, err := d.File.Readdir(n)
	kept := infos[:0]
	for _, i := range infos {
		if d.keep(i.Name()) {
			kept = append(kept, i)
		}
	}
	return kept, err
}

func (d *maskedDir) Readdirnames(n int) ([]string, error) {
	names, err := d.File.Readdirnames(n)
	kept := names[:0]
	for _, s := range names {
		if d.keep(s) {
			kept = append(kept, s)
		}
	}
	return kept, err
}

func (d *maskedDir) ReadDir(n int) ([]fs.DirEntry, error) {
	r, ok := d.File.(fs.ReadDirFile)
	if !ok {
		infos, err := d.Readdir(n)
		entries := make([]fs.DirEntry, len(infos))
		for i, info := range infos {
			entries[i] = fs.FileInfoToDirEntry(info)
		}
		return entries, err
	}
	entries, err := r.ReadDir(n)
	kept := entries[:0]
	for _, e := range entries {
		if d.keep(e.Name()) {
			kept = append(kept, e)
		}
	}
	return kept, err
}
