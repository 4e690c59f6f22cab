package main

import (
	"archive/zip"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"minxi/generator/internal/changes"
	"minxi/generator/internal/content"
	"minxi/generator/internal/held"
)

// The content as it was published from the editor last is kept beside the journal, a zip
// a target: what has changed since is told from it in sentences, with git or without.
const releasedDir = ".journal/released"

// releasedContent is such a copy.
type releasedContent struct {
	Target, Release string
	At              time.Time
	file            string
}

// nextCopy is the copy that a comparison makes, of what it has built.
func nextCopy(dir, target string) string {
	return filepath.Join(dir, releasedDir, url.QueryEscape(target)+".next")
}

// copyContent copies the content that is about to be built for a target.
func copyContent(dir, target string) error {
	next := nextCopy(dir, target)
	if err := os.MkdirAll(filepath.Dir(next), 0o755); err != nil {
		return err
	}
	file, err := os.Create(next)
	if err != nil {
		return err
	}
	w := zip.NewWriter(file)
	project := os.DirFS(dir)
	err = fs.WalkDir(project, "content", func(name string, e fs.DirEntry, err error) error {
		if ext := path.Ext(name); err != nil || !e.Type().IsRegular() || ext != ".md" && ext != ".csv" {
			return err
		}
		data, err := fs.ReadFile(project, name)
		if err != nil {
			return err
		}
		out, err := w.Create(name)
		if err != nil {
			return err
		}
		_, err = out.Write(data)
		return err
	})
	return errors.Join(err, w.Close(), file.Close())
}

// keepReleased makes the copy that was built last that of a release; without a release
// there is none any more, because readers have gone back to an earlier one.
func keepReleased(dir, target, release string) error {
	for _, c := range releasedContents(dir) {
		if c.Target == target && c.Release != release {
			if err := held.RemoveAll(c.file); err != nil {
				return err
			}
		}
	}
	if release == "" {
		return nil
	}
	next := nextCopy(dir, target)
	return held.Rename(next, filepath.Join(filepath.Dir(next), url.QueryEscape(target)+"."+release+".zip"))
}

// releasedContents lists the copies, the latest first.
func releasedContents(dir string) (list []releasedContent) {
	names, _ := filepath.Glob(filepath.Join(dir, releasedDir, "*.zip")) // the pattern is right
	for _, file := range names {
		name := strings.TrimSuffix(filepath.Base(file), ".zip")
		i := strings.LastIndex(name, ".")
		if i < 0 {
			continue
		}
		target, err := url.QueryUnescape(name[:i])
		day, _, _ := strings.Cut(name[i+1:], "-")
		at, bad := time.Parse("20060102T150405Z", day)
		if err == nil && bad == nil {
			list = append(list, releasedContent{target, name[i+1:], at, file})
		}
	}
	slices.SortFunc(list, func(a, b releasedContent) int { return b.At.Compare(a.At) })
	return list
}

// changes tells what is different in a project's content from this copy, and where the
// site has each file of both: its address, by its name.
func (c releasedContent) changes(dir string) (list []changes.Change, paths map[string]string, err error) {
	r, err := zip.OpenReader(c.file)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	old, _ := content.Load(r, "content") // it was built once
	now, found := content.Load(os.DirFS(dir), "content")
	if err := found.Err(); err != nil {
		return nil, nil, err
	}
	paths = map[string]string{}
	for _, tree := range []*content.Tree{old, now} {
		for _, d := range tree.Documents() {
			if d.IsMarkdown() {
				paths[d.Name] = d.Path()
			}
		}
	}
	return changes.Between(old, now), paths, nil
}
