package pipeline

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/sample"
)

// notNeeded are the files of the theme that a build can do without: nothing that
// readers get is made with them.
var notNeeded = map[string]bool{
	"theme.toml":              true, // about the theme, for people
	"layouts/components.html": true, // in the preview only
	"layouts/edition.html":    true, // of a plan whose versions are recorded: not of this one

	// Beside the typeface: its licence, what it is, and for the checks what it has.
	"assets/fonts/OFL.txt": true, "assets/fonts/README.md": true, "assets/fonts/minxi-song.txt": true,
}

// TestHarmlessThemeChanges must not be told of: a comment, a partial that nobody
// uses, a layout of the project's own over the theme's, a text that nobody asks for.
func TestHarmlessThemeChanges(t *testing.T) {
	dir := little(t, map[string]string{
		"themes/minxi/layouts/_partials/unused.html": "{{/* Nobody takes this. */}}x",
		"layouts/ordinary.html":                      "{{ define \"main\" }}<h1>{{ .Title }}</h1>{{ .Content }}{{ end }}",
		"i18n/en.toml":                               "unused = \"x\"\n",
		"layouts/_partials/own.html":                 "{{/* Takes mine. */}}<i>{{ .mine }}</i>",
		"static/fonts/x.woff2":                       "wOF2",
	})
	base := filepath.Join(dir, "themes/minxi/assets/css/1-base.css")
	sheet, err := os.ReadFile(base)
	if err != nil {
		t.Fatal(err)
	}
	write(t, base, string(sheet)+"/* url(https://example.org/x) */\n@font-face { font-family: x; src: url(/fonts/x.woff2) }\n")
	if err := os.Remove(filepath.Join(dir, "themes", "minxi", "layouts", "ordinary.html")); err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(dir, "themes", "minxi", "layouts", "unit.html")
	data, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	write(t, unit, strings.Replace(string(data), "{{ define \"main\" }}", "{{ define \"main\" }}{{/* another comment */}}{{ partial \"own.html\" (dict \"mine\" 1) }}<a href=\"https://example.org/\">x</a>", 1))
	var out Memory
	if res, err := Build(context.Background(), Options{Dir: dir, NoCheck: true}, &out); err != nil || len(res.Found) > 0 {
		t.Error(err, res)
	}
}

// TestThemeMistakes makes one mistake in the theme or its configuration at a time,
// after a build that has kept every page: its cause is told, first and alone, and as
// a cold build tells it.
func TestThemeMistakes(t *testing.T) {
	const theme, unit, index, topics = "themes/minxi/", "themes/minxi/layouts/unit.html", "themes/minxi/assets/css/index.css", "themes/minxi/assets/css/topics.css"
	store := cache.Store{Dir: filepath.Join(t.TempDir(), "cache")}
	find := func(dir string, store cache.Store) diag.List {
		var out Memory
		res, err := Build(context.Background(), Options{Dir: dir, NoCheck: true, Cache: store, Version: "test"}, &out)
		if err == nil {
			return res.Found
		}
		return diag.From(err)
	}
	if found := find(little(t), store); len(found) > 0 {
		t.Fatal(found)
	}
	for _, c := range []struct{ file, old, new, want string }{
		{theme + "layouts/components.html", "{{", "{{ if }}{{", theme + "layouts/components.html:1:1: missing value for if"},
		{theme + "layouts/components.html", "{{", "{{ nofunc }}{{", theme + "layouts/components.html:1:1: function \"nofunc\" not defined"},
		{unit, "<article", "{{ nofunc }}<article", unit + ":7:1: function \"nofunc\" not defined"},
		{unit, "<article", "{{ if }}<article", unit + ":7:1: missing value for if"},
		{unit, "$u.html)", "$u.htm)", unit + ":12: no page has “htm”"},
		{unit, "<article", "<article <i \"", unit + ":1:1: \"<\" in attribute name"},
		{unit, "<article", "{{ warnf \"careful\" }}<article", "warning: careful"},
		{unit, "<article", "{{ (resources.GetRemote \"https://example.org/\").Content }}<article", unit + ":7:"},
		{theme + "layouts/baseof.html", "</body>", "<script src=\"https://example.org/x.js\"></script></body>", theme + "layouts/baseof.html: "},
		{theme + "layouts/baseof.html", "</head>", "<link rel=\"stylesheet\" href=\"//example.org/x.css\"></head>", theme + "layouts/baseof.html: "},
		{unit, "<article", "<article style=\"color: red\"", unit + ": "},
		{theme + "i18n/en.toml", "{{ .Number }}", "{{ .Number ", theme + "i18n/en.toml:"},
		{theme + "i18n/en.toml", "colon =", "colon = \"x\"\ncolon =", theme + "i18n/en.toml:3:1: failed to load translations"},
		{theme + "static/icon.svg", "", "", theme + "static/icon.svg: missing"},
		{theme + "layouts", "", "", theme + "layouts: missing"},
		{theme + "assets", "", "", theme + "assets: missing"},
		{theme, "", "", "themes/minxi: missing"},
		{index, "@import \"2-components/cite.css\";", "@import '2-components/cite.css';", index + ":4:1: this line imports no style sheet"},
		{topics, "@import \"2-components/cards.css\";", "@import '2-components/cards.css';", topics + ":3:1: this line imports no style sheet"},
		{topics, "cards.css", "cardz.css", theme + "assets/css/2-components/cardz.css: missing"},
		{topics, "@import \"2-components/cards.css\";\n", "", theme + "assets/css/2-components/cards.css: this file is not used"},
		{theme + "assets/css/2-components/cards.css", "}", "", theme + "assets/css/2-components/cards.css:"},
		{theme + "assets/css/1-base.css", "@layer", "@font-face { src: url(https://example.org/x.woff2) }\n@layer", theme + "assets/css/1-base.css:"},
		{"hugo.toml", "[languages.en]", "[languages.eng]", "hugo.toml: there is no page in the language en"},
		{"hugo.toml", "[languages.en]", "[languages.fr]\nweight = 3\n[languages.en]", "hugo.toml:"},
	} {
		t.Run(strings.Trim(c.file+" "+c.new, " "), func(t *testing.T) {
			dir := little(t)
			file := filepath.Join(dir, c.file)
			if c.old == "" {
				if err := os.RemoveAll(file); err != nil {
					t.Fatal(err)
				}
			} else {
				data, err := os.ReadFile(file)
				if err != nil || !strings.Contains(string(data), c.old) {
					t.Fatal(err, c.old)
				}
				write(t, file, strings.Replace(string(data), c.old, c.new, 1))
			}
			warm, cold := find(dir, store), find(dir, cache.Store{})
			if warm.Error() != cold.Error() {
				t.Errorf("warm:\n%v\ncold:\n%v", warm, cold)
			}
			for _, d := range warm {
				if !strings.HasPrefix(d.Error(), c.want) || strings.Contains(d.Error(), "configuration is") || strings.Contains(d.Hint.EN, "emove") {
					t.Errorf("want %s:\n%v", c.want, warm)
				}
			}
			if len(warm) == 0 {
				t.Error("passes")
			}
		})
	}
}

// TestThemeMistakesHideNothing breaks the theme and the content at once: in the
// preview both are told.
func TestThemeMistakesHideNothing(t *testing.T) {
	dir := little(t)
	if err := os.RemoveAll(filepath.Join(dir, "content", "topics")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "themes", "minxi", "layouts", "ordinary.html"), "{{ define \"main\" }}{{ .NoSuchField }}{{ end }}")
	var out Memory
	_, err := Build(context.Background(), Options{Dir: dir, Preview: true, Tolerant: true, Drafts: true}, &out)
	found := diag.From(err)
	for _, want := range []string{"content/topics", "themes/minxi/layouts/ordinary.html:1:"} {
		if !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return strings.HasPrefix(d.Pos.String(), want) }) {
			t.Errorf("no finding at %s:\n%v", want, found)
		}
	}
}

// TestThemeFileGone deletes every file of the theme in turn. The build has to fail
// and to name the file, or the file is not needed.
func TestThemeFileGone(t *testing.T) {
	dir := little(t, littleUpdate, map[string]string{"content/pages/table.zh.md": "---\ntitle: 表\n---\n\n| 甲 | 乙 |\n|:--|--:|\n| 1 | 2 |\n"})
	tree, _ := content.Load(os.DirFS(dir), "content")
	rows := plan.Ledger{{ID: "s1-7", State: plan.Withdrawn, ZH: plan.Hash("旧。"), Text: plan.Text{ZH: "旧。"}, Why: "试"}, {ID: "s1-8", State: plan.Moved, To: []plan.ID{"s1-1"}, ZH: plan.Hash("旧。"), Text: plan.Text{ZH: "旧。"}, Why: "试"}}
	for u := range tree.Plan.Units() {
		rows = append(rows, plan.Entry{ID: u.ID, State: plan.Live, ZH: plan.Hash(u.Text.ZH), Text: plan.Text{ZH: u.Text.ZH}})
	}
	write(t, filepath.Join(dir, "content", "ledger.csv"), string(content.FormatLedger(rows)))
	// What was kept of the whole theme does not hide what is gone.
	store := cache.Store{Dir: filepath.Join(t.TempDir(), "cache")}
	build := func() (diag.List, map[string][]byte) {
		var out Memory
		_, err := Build(context.Background(), Options{Dir: dir, NoCheck: true, Cache: store, Version: "test"}, &out)
		return diag.From(err), out.Files()
	}
	found, whole := build()
	if len(found) > 0 {
		t.Fatal(found)
	}
	theme := filepath.Join(dir, "themes", "minxi")
	var files []string
	err := filepath.WalkDir(theme, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, name)
		}
		return err
	})
	if err != nil || len(files) < 90 {
		t.Fatal(len(files), err)
	}
	for _, name := range sample.Every(4, files) {
		rel, _ := filepath.Rel(dir, name)
		rel = filepath.ToSlash(rel)
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		found, files := build()
		short := strings.TrimPrefix(rel, "themes/minxi/")
		switch {
		case notNeeded[short]:
			if len(found) > 0 || len(files) != len(whole) {
				t.Errorf("without %s, which nobody needs: %v", short, found)
			}
		case len(found) == 0:
			t.Errorf("without %s: built", short)
		case !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.File == rel && d.Hint.ZH != "" }):
			t.Errorf("without %s: the file is not named:\n%v", short, found)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
