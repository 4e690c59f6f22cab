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

	"minxi/generator/internal/address"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// asset is a file that pages load: a style sheet or a script. Its name tells its
// content, so that hosts may let browsers keep it for ever.
type asset struct {
	Path string // root-relative: /assets/minxi.0123456789ab.css
	data []byte
	from []origin // the files of the project that it is made of, one after the other
}

// origin is a file of the project and how many lines it has.
type origin struct {
	file  string
	lines int
}

// assets are what pages load: style sheets and the script, and on the search page
// its own script and what that searches.
type assets struct {
	css, js, search, large, data asset
	more                         map[string]asset // style sheets of some kinds of page, by name
	fonts                        []asset
}

// all are the assets in no particular order; one that is not there has no path.
func (a assets) all() []asset {
	list := append([]asset{a.css, a.js, a.search, a.large, a.data}, a.fonts...)
	for _, name := range slices.Sorted(maps.Keys(a.more)) {
		list = append(list, a.more[name])
	}
	return list
}

// A style sheet of the theme is what its index imports, in its order, as one file.
// Every page has the first; others have what only some kinds of page need (sheetsOf).
// Its fonts are those below fonts/, which a style sheet calls
// url(/assets/fonts/NAME.woff2). Its script is every file below js/, of which a theme
// has these two.
const (
	sheetIndex = "css/index.css"
	fontFolder = "fonts/"
)

var pageScripts = []string{"js/minxi.js", "js/tulou.js"}

// sheetsOf are the style sheets that a kind of page has beside that of every page, by
// their names below css/.
var sheetsOf = map[address.Kind][]string{
	address.Whole: {"text"}, address.Chapter: {"text"}, address.Section: {"text"}, address.Parallel: {"text"}, address.SiteMap: {"text"},
	address.Unit: {"sentence"}, address.Withdrawn: {"sentence"},
	address.Home: {"home"}, address.Topics: {"topics"}, address.Topic: {"hubs", "topics"},
	address.Places: {"hubs"}, address.Place: {"hubs"}, address.Cross: {"hubs", "topics"}, address.Bodies: {"hubs"}, address.Body: {"hubs"},
	address.Glossary: {"lookup"}, address.Terms: {"lookup"}, address.Search: {"lookup"}, address.Lost: {"lookup"},
	address.DataPage: {"record"}, address.Edition: {"record", "sentence"},
	address.Components: moreSheets,
}

// moreSheets are the names in sheetsOf.
var moreSheets = []string{"home", "hubs", "lookup", "record", "sentence", "text", "topics"}

func indexOf(sheet string) string { return "css/" + sheet + ".css" }

// The scripts of the search page are one file, and one for large plans.
var (
	searchScripts = []string{"search/search.js", "search/show.js"}
	largeScript   = "search/large.js"
)

// lostFont is a font of a style sheet that no file was found for.
var lostFont = regexp.MustCompile(`url\(["']?/assets/(fonts/[^)"']*\.woff2)["']?\)`)

var imports = regexp.MustCompile(`(?m)^@import "([^"]+)";\r?$`)

// loadAssets reads the assets folders of the themes and of the project. A file of
// the project's takes the place of a theme's of the same name. What a theme lists
// and does not have, or has and does not list, is told.
func loadAssets(project fs.FS, t theme) (a assets, lacks diag.List, err error) {
	folders, _ := fs.Glob(project, "themes/*/assets")
	themed := slices.ContainsFunc(t.names(), func(name string) bool { return strings.HasPrefix(name, "themes/") })
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
	if themed && len(files) == 0 {
		tell("", diag.Text("没有这个文件夹，每一页都要用它", "missing; every page uses it"), restore)
		return a, lacks, nil
	}
	read := func(name string) []byte {
		data, e := fs.ReadFile(project, files[name])
		err = cmp.Or(err, e)
		return data
	}
	var sheets, scripts, search, large [][]byte
	more := make([][][]byte, len(moreSheets))
	origins := map[*[][]byte][]origin{}
	add := func(to *[][]byte, name string, data []byte) {
		*to = append(*to, data)
		origins[to] = append(origins[to], origin{files[name], bytes.Count(data, []byte("\n")) + 1})
	}
	fonts := map[string]asset{} // by the name that style sheets have for them
	for name := range files {
		if stem, is := below(name, strings.TrimSuffix(fontFolder, "/")); is && path.Ext(name) == ".woff2" {
			fonts["/assets/"+name] = named(strings.TrimSuffix(stem, ".woff2"), "woff2", read(name))
		}
	}
	used := map[string]bool{}
	listed := map[string]bool{sheetIndex: true}
	list := func(to *[][]byte, index string) {
		if files[index] == "" {
			if themed {
				gone(index)
			}
			return
		}
		text := read(index)
		lacks = append(lacks, odd(files[index], string(text))...)
		for _, m := range imports.FindAllSubmatch(text, -1) {
			name := "css/" + string(m[1])
			if listed[name] = true; files[name] == "" {
				gone(name)
				continue
			}
			sheet := read(name)
			lacks = append(lacks, remote(files[name], sheet)...)
			for name, font := range fonts {
				if old := sheet; bytes.Contains(old, []byte(name)) {
					used[name], sheet = true, bytes.ReplaceAll(old, []byte(name), []byte(font.Path))
				}
			}
			for _, m := range lostFont.FindAllSubmatch(sheet, -1) {
				tell(string(m[1]), diag.Text("没有这个字体，%s 要用它", "missing; %s uses it", files[name]), restore)
			}
			add(to, name, sheet)
		}
	}
	list(&sheets, sheetIndex)
	a.more = map[string]asset{}
	for i, sheet := range moreSheets {
		listed[indexOf(sheet)] = true
		if list(&more[i], indexOf(sheet)); len(more[i]) > 0 {
			a.more[sheet] = joined(sheet, "css", more[i], origins[&more[i]])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fonts)) {
		if used[name] {
			a.fonts = append(a.fonts, fonts[name])
		} else if files[sheetIndex] != "" && len(lacks) == 0 {
			tell(strings.TrimPrefix(name, "/assets/"), diag.Text("没有样式用这个字体", "no style sheet uses this font"),
				diag.Text("请在样式里写 url(%s)，或删去文件。", "Write url(%s) in a style sheet, or remove the file.", name))
		}
	}
	sound := len(lacks) == 0 // otherwise what is not used follows from a name that is wrong
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch {
		case name == largeScript || slices.Contains(searchScripts, name):
		case path.Ext(name) == ".js":
			add(&scripts, name, read(name))
		case path.Ext(name) == ".css" && !listed[name] && files[sheetIndex] != "" && sound:
			tell(name, diag.Text("这个文件没有用上", "this file is not used"),
				diag.Text("请把它的名字加进 %[1]s（每一页都用）或同一文件夹里的 %[2]s。", "Add its name to %[1]s (for every page) or, beside it, to %[2]s.",
					path.Join(t.home(), "assets", sheetIndex), strings.Join(moreSheets, ".css / ")+".css"))
		}
	}
	for _, name := range slices.Concat(pageScripts, searchScripts, []string{largeScript}) {
		switch {
		case files[name] == "" && themed:
			gone(name)
		case files[name] == "" || slices.Contains(pageScripts, name):
		case name == largeScript:
			add(&large, name, read(name))
		default:
			add(&search, name, read(name))
		}
	}
	if len(sheets) > 0 {
		a.css = joined("minxi", "css", sheets, origins[&sheets])
	}
	if len(scripts) > 0 {
		a.js = joined("minxi", "js", scripts, origins[&scripts])
	}
	if len(search) > 0 {
		a.search = joined("search", "js", search, origins[&search])
	}
	if len(large) > 0 {
		a.large = joined("search-large", "js", large, origins[&large])
	}
	return a, lacks, err
}

// odd tells of the lines of a list of style sheets that import none.
func odd(file, list string) (found diag.List) {
	for i, line := range strings.Split(list, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "@import") && !imports.MatchString(line) {
			found = append(found, diag.Diagnostic{Pos: diag.Pos{File: file, Line: i + 1, Col: 1}, Check: "theme",
				Fact: diag.Text("这一行引入样式的写法不对", "this line imports no style sheet"),
				Hint: diag.Text(`写成 @import "文件名";，从行首写起，用直的双引号，一行一个。`, `Write @import "name"; from the start of the line, with straight double quotation marks, one a line.`)})
		}
	}
	return found
}

// remote tells what a style sheet loads from other sites.
func remote(file string, sheet []byte) (found diag.List) {
	bare := cssComment.ReplaceAllFunc(sheet, func(c []byte) []byte { return bytes.Repeat([]byte("\n"), bytes.Count(c, []byte("\n"))) })
	for _, m := range cssRemote.FindAllSubmatchIndex(bare, -1) {
		found = append(found, diag.Diagnostic{Pos: diag.Pos{File: file, Line: bytes.Count(bare[:m[2]], []byte("\n")) + 1}, Check: "theme",
			Fact: diag.Text("样式要从别的网站取文件：%s", "the style sheet loads something from another site: %s", string(bare[m[2]:m[3]])),
			Hint: diag.Text("请把文件放进 static 文件夹，写成 url(/名称)：本站不从别处取任何东西。", "Put the file into the folder static and write url(/name): this site loads nothing from other sites.")})
	}
	return found
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssRemote  = regexp.MustCompile(`(?i)(?:url\(|@import|image-set\()\s*["']?((?:https?:)?//[^\s"')]*)`)
)

// joined is an asset of several files.
func joined(name, kind string, parts [][]byte, from []origin) asset {
	a := named(name, kind, bytes.Join(parts, []byte("\n")))
	a.from = from
	return a
}

func named(name, kind string, data []byte) asset {
	sum := sha256.Sum256(data)
	return asset{Path: "/assets/" + name + "." + hex.EncodeToString(sum[:])[:12] + "." + kind, data: data}
}

// and adds what the content says to a style sheet of the theme.
func (a asset) and(name, more string) asset {
	if a.Path == "" {
		return a
	}
	joined := named(name, "css", append(append(a.data, '\n'), more...))
	joined.from = a.from
	return joined
}

// Source is where a line of a file that the site writes itself stands in the
// project, if it does.
func (s *Site) Source(name string, line int) (pos diag.Pos, has bool) {
	for _, a := range s.assets.all() {
		if a.file() != name || line < 1 {
			continue
		}
		for _, part := range a.from {
			if line <= part.lines {
				return diag.Pos{File: part.file, Line: line}, true
			}
			line -= part.lines
		}
	}
	return pos, false
}

// file is the asset's slash path in a built tree.
func (a asset) file() string { return strings.TrimPrefix(a.Path, "/") }

// toneRules writes the rules of the first style sheet that come from the content: the
// colour of each topic. A topic without a tone gets a neutral that no other has,
// as long as there are.
func toneRules(p *plan.Plan) string {
	used := map[string]bool{}
	for _, t := range p.Topics {
		used[t.Tone] = true
	}
	neutral := plan.Tones[plan.StrongTones:]
	free := slices.DeleteFunc(slices.Clone(neutral), func(tone string) bool { return used[tone] })
	if len(free) == 0 {
		free = neutral
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
	return b.String()
}

// filterRules writes those of the second: by which a topic that is chosen on the page
// of a place hides the measures without it.
func filterRules(p *plan.Plan) string {
	var b strings.Builder
	b.WriteString("@layer components {\n")
	for _, t := range p.Topics {
		fmt.Fprintf(&b, "  .concerns:has(#of-%[1]s:checked) :is(li, details, section):not(.t-%[1]s, .t-%[1]s *, :has(.t-%[1]s)) { display: none; }\n", t.ID)
	}
	b.WriteString("}\n")
	return b.String()
}
