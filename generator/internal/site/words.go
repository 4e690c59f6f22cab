package site

// The texts of the interface: themes/*/i18n/LANGUAGE.toml, and the project's own
// i18n/ over them. Templates ask Hugo for them, and Go what it writes itself. Hugo
// shows a text that is missing as nothing at all, so what templates ask for is
// compared with what is there.

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/gohugoio/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// words are the interface texts, as far as they could be read; Hugo tells where
// they could not.
type words struct {
	texts map[plan.Lang]map[string]bool // by key; nil for a language without any
	local map[plan.Lang]*i18n.Localizer
}

func (t theme) words() words {
	w := words{texts: map[plan.Lang]map[string]bool{}, local: map[plan.Lang]*i18n.Localizer{}}
	for _, l := range plan.Langs {
		bundle := i18n.NewBundle(language.Make(string(l)))
		bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
		// The theme's before the project's own, which win.
		names := t.names()
		slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(b[:1], a[:1]) })
		for _, name := range names {
			var table map[string]any
			if !isWords(name) || path.Base(name) != string(l)+".toml" || toml.Unmarshal(t[name], &table) != nil {
				continue
			}
			if _, err := bundle.ParseMessageFileBytes(t[name], path.Base(name)); err != nil {
				continue
			}
			if w.texts[l] == nil {
				w.texts[l] = map[string]bool{}
			}
			for key := range table {
				w.texts[l][key] = true
			}
		}
		w.local[l] = i18n.NewLocalizer(bundle, string(l))
	}
	return w
}

// say is the text of key; "" where there is none, as in a template. A count
// chooses the plural form and stands for the template's dot.
func (w words) say(l plan.Lang, key string, count ...int) string {
	c := &i18n.LocalizeConfig{MessageID: key}
	if len(count) > 0 {
		c.PluralCount, c.TemplateData = count[0], count[0]
	}
	text, _ := w.local[l].Localize(c) // of a text without this plural form, the general one
	return text
}

// fill is the text of key with what its template names; Count chooses the plural form.
func (w words) fill(l plan.Lang, key string, data map[string]any) string {
	text, _ := w.local[l].Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: data["Count"]})
	return text
}

// ownWords are the keys that Go uses.
var ownWords = []string{"bodies", "cardNote", "chapterLabel", "colon", "components", "feedEdition", "feedFirst", "feedFirstSite", "glossary", "letterOther", "menu-places", "menu-topics", "menu-updates", "naming", "offlineKept", "offlineLost", "pictureLeft", "picturePlace", "pictureRest", "pictureScan", "pictureTopic", "sectionLabel", "siteMap", "versionTitle"}

// missing tells which texts templates ask for that a language does not have.
func (w words) missing(t theme, parsed map[string]template) diag.List {
	used, patterns := wordsUsed(parsed)
	if len(used) == 0 {
		return nil // a theme without interface texts
	}
	for _, key := range ownWords {
		if _, has := used[key]; !has {
			used[key] = diag.Pos{}
		}
	}
	// Of keys that are put together while rendering (kind-measure), all languages
	// must have the same.
	for _, l := range plan.Langs {
		for key := range w.texts[l] {
			for pattern, pos := range patterns {
				if _, has := used[key]; !has && pattern.MatchString(key) {
					used[key] = pos
				}
			}
		}
	}
	found := t.unsaid()
	for _, l := range plan.Langs {
		file := t.wordFile(l)
		if w.texts[l] == nil {
			if _, has := t[file]; !has {
				found = append(found, diag.Diagnostic{Pos: diag.Pos{File: file}, Check: "theme",
					Fact: diag.Text("没有这个文件，页面上的 %d 处界面文字都会是空的", "missing; without it %d texts of the interface are empty", len(used)), Hint: restore})
			}
			continue // Hugo tells what is wrong with a file that cannot be read
		}
		for _, key := range slices.Sorted(maps.Keys(used)) {
			if _, has := w.texts[l][key]; !has {
				found = append(found, missingWord(file, key, used[key]))
			}
		}
	}
	return found
}

// unsaid tells of texts with a placeholder that does not parse, which Hugo shows as
// nothing.
func (t theme) unsaid() (found diag.List) {
	for _, name := range t.names() {
		if !isWords(name) {
			continue
		}
		for i, line := range strings.Split(string(t[name]), "\n") {
			if !strings.Contains(line, "{{") {
				continue
			}
			tree := parse.New("")
			tree.Mode = parse.SkipFuncCheck
			if _, err := tree.Parse(line, "", "", map[string]*parse.Tree{}); err != nil {
				found = append(found, diag.Diagnostic{Pos: diag.Pos{File: name, Line: i + 1, Col: strings.Index(line, "{{") + 1}, Check: "theme",
					Fact: diag.Text("这句界面文字里的 {{ }} 写得不完整，页面上会是空的", "the {{ }} in this text is not complete: pages would show nothing in its place"),
					Hint: diag.Text("花括号要成对，如 {{ .Number }}；照另一种语言的同一句改正。", "Braces stand in pairs, as in {{ .Number }}: write it as the same text of the other language has it.")})
			}
		}
	}
	return found
}

// wordFile is where people look for a text first: the theme's file.
func (t theme) wordFile(l plan.Lang) string {
	own := path.Join("i18n", string(l)+".toml")
	themes := path.Join(t.home(), own)
	if _, has := t[themes]; !has {
		if _, has := t[own]; has {
			return own
		}
	}
	return themes
}

func missingWord(file, key string, used diag.Pos) diag.Diagnostic {
	d := diag.Diagnostic{Pos: diag.Pos{File: file}, Check: "theme",
		Fact: diag.Text("没有界面文字“%s”，页面上会是空的", "the interface text “%s” is missing: pages would show nothing in its place", key),
		Hint: diag.Text("加上一行：%s = \"…\"", "Add a line: %s = \"…\"", key)}
	if used.File != "" {
		d.Fact = diag.Text("没有界面文字“%s”，用到它的是 %s", "the interface text “%s” is missing, which %s uses", key, used.String())
	}
	return d
}

// wordsUsed finds the keys that templates ask for by name, with the first place of
// each, and the patterns of those that they put together.
func wordsUsed(parsed map[string]template) (map[string]diag.Pos, map[*regexp.Regexp]diag.Pos) {
	used, patterns := map[string]diag.Pos{}, map[*regexp.Regexp]diag.Pos{}
	for file, tree := range parsed {
		ask := func(n *parse.StringNode, format bool) {
			pos := tree.at(file, n.Pos)
			if format {
				patterns[regexp.MustCompile("^"+strings.ReplaceAll(regexp.QuoteMeta(n.Text), "%s", ".+")+"$")] = pos
			} else if was, has := used[n.Text]; !has || before(pos, was) {
				used[n.Text] = pos
			}
		}
		commands(tree.root, func(c *parse.CommandNode) {
			if len(c.Args) < 2 || !isFunction(c.Args[0], "i18n", "T") {
				return
			}
			switch key := c.Args[1].(type) {
			case *parse.StringNode:
				ask(key, false)
			case *parse.PipeNode:
				for _, inner := range key.Cmds {
					for i, arg := range inner.Args {
						if s, is := arg.(*parse.StringNode); is && i > 0 {
							ask(s, isFunction(inner.Args[0], "printf"))
						}
					}
				}
			}
		})
	}
	return used, patterns
}
