package site

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// asset is a file that pages load: a style sheet or a script. Its name tells its
// content, so that hosts may let browsers keep it for ever.
type asset struct {
	Path string // root-relative: /assets/minxi.0123456789ab.css
	data []byte
}

// assets are what pages load: the style sheet and the script, and on the search
// page its own script and what that searches.
type assets struct{ css, js, search, large, data asset }

// The theme's style sheet is what css/index.css imports, in its order, as one
// file; its script is every file below js/.
const (
	sheetIndex = "css/index.css"
	script     = "js/minxi.js"
)

// The scripts of the search page are one file, and one for large plans.
var (
	searchScripts = []string{"search/search.js", "search/show.js"}
	largeScript   = "search/large.js"
)

var imports = regexp.MustCompile(`(?m)^@import "([^"]+)";$`)

// loadAssets reads the assets folders of the themes and of the project. A file of
// the project's takes the place of a theme's of the same name. What a theme lists
// and does not have, or has and does not list, is told.
func loadAssets(project fs.FS, t theme) (a assets, lacks diag.List, err error) {
	folders, _ := fs.Glob(project, "themes/*/assets")
	themed := t.home() != "" && len(folders) > 0
	files := map[string]string{} // in the project, by name below the folder
	for _, folder := range append(folders, "assets") {
		err := fs.WalkDir(project, folder, func(file string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && file == folder {
				return fs.SkipAll
			}
			if err == nil && !d.IsDir() {
				files[strings.TrimPrefix(file, folder+"/")] = file
			}
			return err
		})
		if err != nil {
			return a, nil, err
		}
	}
	tell := func(name string, fact, hint plan.Text) {
		lacks = append(lacks, diag.Diagnostic{Pos: diag.Pos{File: path.Join(t.home(), "assets", name)}, Check: "theme", Fact: fact, Hint: hint})
	}
	gone := func(name string) {
		tell(name, diag.Text("没有这个文件，每一页都要用它", "missing; every page uses it"), restore)
	}
	read := func(name string) []byte {
		data, e := fs.ReadFile(project, files[name])
		err = cmp.Or(err, e)
		return data
	}
	var sheets, scripts, search [][]byte
	listed := map[string]bool{sheetIndex: true}
	if files[sheetIndex] != "" {
		for _, m := range imports.FindAllSubmatch(read(sheetIndex), -1) {
			name := "css/" + string(m[1])
			if listed[name] = true; files[name] == "" {
				gone(name)
				continue
			}
			sheets = append(sheets, read(name))
		}
	} else if themed {
		gone(sheetIndex)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch {
		case name == largeScript || slices.Contains(searchScripts, name):
		case path.Ext(name) == ".js":
			scripts = append(scripts, read(name))
		case path.Ext(name) == ".css" && !listed[name] && files[sheetIndex] != "":
			tell(name, diag.Text("这个文件没有用上", "this file is not used"),
				diag.Text("把它的名字加进 %s，或删去它。", "Add its name to %s, or remove it.", path.Join(t.home(), "assets", sheetIndex)))
		}
	}
	if len(scripts) == 0 && themed {
		gone(script)
	}
	for _, name := range append(slices.Clone(searchScripts), largeScript) {
		switch {
		case files[name] == "" && themed:
			gone(name)
		case files[name] == "":
		case name == largeScript:
			a.large = named("search-large", "js", read(name))
		default:
			search = append(search, read(name))
		}
	}
	if len(sheets) > 0 {
		a.css = named("minxi", "css", bytes.Join(sheets, []byte("\n")))
	}
	if len(scripts) > 0 {
		a.js = named("minxi", "js", bytes.Join(scripts, []byte("\n")))
	}
	if len(search) > 0 {
		a.search = named("search", "js", bytes.Join(search, []byte("\n")))
	}
	return a, lacks, err
}

func named(name, kind string, data []byte) asset {
	sum := sha256.Sum256(data)
	return asset{"/assets/" + name + "." + hex.EncodeToString(sum[:])[:12] + "." + kind, data}
}

// and adds what the content says to a style sheet of the theme.
func (a asset) and(more string) asset {
	if a.Path == "" {
		return a
	}
	return named("minxi", "css", append(append(a.data, '\n'), more...))
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
