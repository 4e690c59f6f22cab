package pipeline

// Whether there is anything to build. A build notes, in the cache, what it was made
// from and what came of it; where the next one finds the same, and the tree as it
// was left, that tree is what it would make.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"minxi/generator/internal/cache"
)

// Renew builds into a folder and puts the tree in its place. A tree that is already
// what this would give, file by file, is left standing.
func Renew(ctx context.Context, o Options, f *Folder) (*Result, error) {
	start := time.Now()
	key := inputs(o)
	if res, ok := standing(o, key, f); ok {
		f.Abort()
		res.Stages = []Stage{{Load, time.Since(start)}, {Check, 0}, {Render, 0}, {Optimize, 0}, {Write, 0}, {Swap, 0}}
		return res, nil
	}
	if o.Cache.Dir != "" && !o.Verify && o.Twins == nil {
		if err := f.beginWith(o.Cache.Tree(f.target)); err != nil {
			f.Abort()
			return nil, err
		}
	}
	res, err := Build(ctx, o, f)
	if err != nil {
		f.Abort()
		return nil, err
	}
	start = time.Now()
	if err := f.Commit(); err != nil {
		return nil, err
	}
	res.Stages = append(res.Stages, Stage{Swap, time.Since(start)})
	top, _, below := strings.Cut(res.source, "/")
	if known := !below || slices.Contains(sourceDirs, top); known && key != "" && key == inputs(o) { // nobody has saved anything meanwhile
		var b bytes.Buffer
		m := made{f.list, *res}
		m.Result.Kept, m.Result.Rendered, m.Result.Standing = res.pages, 0, true
		if gob.NewEncoder(&b).Encode(m) == nil {
			o.Cache.Put(key, b.Bytes())
		}
	}
	return res, nil
}

// made is what came of a build.
type made struct {
	List   [sha256.Size]byte // of the tree's files, as in its marker
	Result Result
}

// standing is the result of an earlier build with the same inputs, if its tree is
// still in the folder.
func standing(o Options, key string, f *Folder) (*Result, bool) {
	if key == "" {
		return nil, false
	}
	data, ok := o.Cache.Get(key)
	var m made
	if !ok || gob.NewDecoder(bytes.NewReader(data)).Decode(&m) != nil || !f.stands(m.List) {
		return nil, false
	}
	return &m.Result, true
}

// inputs is the name in the cache of what a build is made from: every file that it
// may read, the program, and what it was asked for. It is "" where that cannot be
// told: without a cache, in a project with symbolic links or with files that cannot be
// read, and for a build that is to look at what was kept.
func inputs(o Options) string {
	if o.Cache.Dir == "" || o.Verify || o.Slice.Of > 0 || len(o.Parts) > 0 {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%+v %t %t %t %q\n", o.Base, o.Drafts, o.NoCheck, o.Twins != nil, o.Key.Public())
	names, err := inputFiles(o.Dir)
	for _, name := range names {
		if err != nil {
			return ""
		}
		if strings.HasSuffix(name, "/") { // an empty folder may be told of
			fmt.Fprintf(h, "%q\n", name)
			continue
		}
		var data []byte
		data, err = os.ReadFile(filepath.Join(o.Dir, filepath.FromSlash(name)))
		fmt.Fprintf(h, "%q %x\n", name, sha256.Sum256(data))
	}
	if err != nil {
		return ""
	}
	return cache.Entry("build", []byte(o.Version), h.Sum(nil))
}

// inputFiles lists the files and, with a slash behind them, the folders that a build
// may read, in order: all below sourceDirs, and those beside them.
func inputFiles(dir string) (names []string, err error) {
	root := os.DirFS(dir)
	take := func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			names = append(names, name+"/")
		case d.Type().IsRegular():
			names = append(names, name)
		default:
			return errors.New("no file and no folder")
		}
		return nil
	}
	entries, err := fs.ReadDir(root, ".")
	for _, e := range entries {
		if err == nil && (!e.IsDir() && !strings.HasPrefix(e.Name(), ".") || slices.Contains(sourceDirs, e.Name())) {
			err = fs.WalkDir(root, e.Name(), take)
		}
	}
	return names, err
}

// stands reports whether the target holds these files, each as it was written, and
// nothing else.
func (f *Folder) stands(list [sha256.Size]byte) bool {
	text, err := os.ReadFile(filepath.Join(f.target, marker))
	if err != nil || sha256.Sum256(text) != list {
		return false
	}
	folders := map[string]bool{".": true}
	for name := range f.before {
		for dir := path.Dir(name); !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	found := 0
	err = filepath.WalkDir(f.target, func(at string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(at, f.target), string(filepath.Separator)))
		switch {
		case err != nil || name == marker || d.IsDir() && (name == "" || folders[name]):
			return err
		case d.Type().IsRegular():
			if _, _, ok := f.whole(name); ok {
				found++
				return nil
			}
		}
		return errors.New("not as it was built")
	})
	return err == nil && found == len(f.before)
}
