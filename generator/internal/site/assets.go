package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"minxi/generator/internal/plan"
)

// asset is a file that pages load: a style sheet or a script. Its name tells its
// content, so that hosts may let browsers keep it for ever.
type asset struct {
	Path string // root-relative: /assets/minxi.0123456789ab.css
	data []byte
}

// assets are what pages load: every style sheet of the theme in the order of
// file names as one file, and every script as one.
type assets struct{ css, js asset }

// loadAssets reads the assets folders of the themes and of the project. A file
// of the project's takes the place of a theme's of the same name.
func loadAssets(project fs.FS) (a assets, err error) {
	folders, _ := fs.Glob(project, "themes/*/assets")
	folders = append(folders, "assets")
	if a.css, err = bundle(project, folders, "css"); err == nil {
		a.js, err = bundle(project, folders, "js")
	}
	return a, err
}

// bundle joins the files of one kind, which stand in a folder of its name.
func bundle(project fs.FS, folders []string, kind string) (asset, error) {
	files := map[string]string{} // in the project, by name below the folder
	for _, folder := range folders {
		root := path.Join(folder, kind)
		err := fs.WalkDir(project, root, func(file string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && file == root {
				return fs.SkipAll
			}
			if err == nil && !d.IsDir() && path.Ext(file) == "."+kind {
				files[strings.TrimPrefix(file, root+"/")] = file
			}
			return err
		})
		if err != nil {
			return asset{}, err
		}
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	// By whole names, not folder by folder: 2-components/… before 9-print.css.
	slices.Sort(names)
	var all [][]byte
	for _, name := range names {
		data, err := fs.ReadFile(project, files[name])
		if err != nil {
			return asset{}, err
		}
		all = append(all, data)
	}
	if len(all) == 0 {
		return asset{}, nil
	}
	return named(kind, bytes.Join(all, []byte("\n"))), nil
}

func named(kind string, data []byte) asset {
	sum := sha256.Sum256(data)
	return asset{"/assets/minxi." + hex.EncodeToString(sum[:])[:12] + "." + kind, data}
}

// and adds what the content says to a style sheet of the theme.
func (a asset) and(more string) asset {
	if a.Path == "" {
		return a
	}
	return named("css", append(append(a.data, '\n'), more...))
}

// file is the asset's slash path in a built tree.
func (a asset) file() string { return strings.TrimPrefix(a.Path, "/") }

// style writes the rules of the style sheet that come from the content: the
// colour of each topic, and which counties have a broken outline on the map. A
// topic without a tone gets a quiet one that no other has, as long as there are.
func style(p *plan.Plan) string {
	used := map[string]bool{}
	for _, t := range p.Topics {
		used[t.Tone] = true
	}
	quiet := plan.Tones[plan.StrongTones:]
	free := slices.DeleteFunc(slices.Clone(quiet), func(tone string) bool { return used[tone] })
	if len(free) == 0 {
		free = quiet
	}
	var b strings.Builder
	b.WriteString("@layer base {\n")
	next := 0
	for _, t := range p.Topics {
		tone := t.Tone
		if tone == "" {
			tone = free[next%len(free)]
			next++
		}
		fmt.Fprintf(&b, "  .t-%s { --tone: var(--%s); }\n", t.ID, tone)
	}
	b.WriteString("}\n")
	for _, pl := range p.Places {
		if pl.Broken {
			fmt.Fprintf(&b, "@layer components { .map .%s { stroke-dasharray: 3 2; } }\n", pl.ID)
		}
	}
	return b.String()
}
