package site

// The texts of the interface: themes/*/i18n/LANGUAGE.toml, and the project's own
// i18n/ over them. Hugo shows a text that is missing as nothing at all, so what
// templates ask for is compared with what is there.

import (
	"cmp"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// words are the interface texts of each language by key.
type words map[plan.Lang]map[string]string

// readWords reads them as far as they can be read; Hugo tells where they cannot.
func readWords(dir string) words {
	w := words{}
	for _, l := range plan.Langs {
		for _, file := range wordFiles(dir, l) {
			data, err := os.ReadFile(file)
			var table map[string]any
			if err != nil || toml.Unmarshal(data, &table) != nil {
				continue
			}
			if w[l] == nil {
				w[l] = map[string]string{}
			}
			for key, value := range table {
				if forms, is := value.(map[string]any); is {
					value = forms["other"]
				}
				w[l][key], _ = value.(string)
			}
		}
	}
	return w
}

// wordFiles are the files that may have the texts of a language, later ones over
// earlier.
func wordFiles(dir string, l plan.Lang) []string {
	files, _ := filepath.Glob(filepath.Join(dir, "themes", "*", "i18n"))
	files = append(files, filepath.Join(dir, "i18n"))
	for i := range files {
		files[i] = filepath.Join(files[i], string(l)+".toml")
	}
	return files
}

func (w words) in(l plan.Lang, key string) string { return w[l][key] }

// ownWords are the keys that derived pages use.
var ownWords = []string{"colon", "components", "glossary", "menu-updates", "siteMap"}

// missing tells which texts templates ask for that a language does not have.
func (w words) missing(dir string) diag.List {
	used, patterns := wordsUsed(dir)
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
		for key := range w[l] {
			for pattern, pos := range patterns {
				if _, has := used[key]; !has && pattern.MatchString(key) {
					used[key] = pos
				}
			}
		}
	}
	var found diag.List
	for _, l := range plan.Langs {
		file := wordFile(dir, l)
		if w[l] == nil {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(file))); err != nil {
				found = append(found, diag.Diagnostic{Pos: diag.Pos{File: file}, Check: "theme",
					Fact: diag.Text("没有这个文件，页面上的 %d 处界面文字都会是空的", "missing; without it %d texts of the interface are empty", len(used)), Hint: restore})
			}
			continue // Hugo tells what is wrong with a file that cannot be read
		}
		for _, key := range slices.Sorted(maps.Keys(used)) {
			if _, has := w[l][key]; !has {
				found = append(found, missingWord(file, key, used[key]))
			}
		}
	}
	return found
}

// wordFile is where people look for a text first: the theme's file.
func wordFile(dir string, l plan.Lang) string {
	files := wordFiles(dir, l)
	for _, f := range files {
		if _, err := os.Stat(f); err == nil {
			return relative(dir, f)
		}
	}
	return relative(dir, files[0])
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

// restore is what to do about a file of the theme that is gone.
var restore = diag.Text("请恢复这个文件：git checkout -- 加上文件名，或从备份取回。", "Restore the file: git checkout -- and its name, or take it from a copy.")

// wordsUsed finds the keys that templates ask for by name, with the first place of
// each, and the patterns of those that they put together.
func wordsUsed(dir string) (map[string]diag.Pos, map[*regexp.Regexp]diag.Pos) {
	used, patterns := map[string]diag.Pos{}, map[*regexp.Regexp]diag.Pos{}
	for file, tree := range templates(dir) {
		ask := func(n *parse.StringNode, format bool) {
			pos := tree.at(file, n)
			if format {
				patterns[regexp.MustCompile("^"+strings.ReplaceAll(regexp.QuoteMeta(n.Text), "%s", ".+")+"$")] = pos
			} else if was, has := used[n.Text]; !has || before(pos, was) {
				used[n.Text] = pos
			}
		}
		commands(tree.Root, func(c *parse.CommandNode) {
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

func isFunction(n parse.Node, names ...string) bool {
	id, is := n.(*parse.IdentifierNode)
	return is && slices.Contains(names, id.Ident)
}

// source is a parsed template and its text.
type source struct {
	text string
	Root parse.Node
}

// at is where a string of the template stands.
func (s source) at(file string, n *parse.StringNode) diag.Pos {
	return diag.Pos{File: file, Line: strings.Count(s.text[:n.Pos], "\n") + 1}
}

func before(a, b diag.Pos) bool {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) < 0
}

// templates parses every layout of the project by itself, by its path from the
// project's folder; what cannot be parsed is left out, and Hugo tells of it.
func templates(dir string) map[string]source {
	all := map[string]source{}
	for _, root := range layoutDirs(dir) {
		_ = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !slices.Contains([]string{".html", ".xml", ".txt"}, path.Ext(name)) {
				return nil
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return nil
			}
			t := parse.New(filepath.Base(name))
			t.Mode = parse.SkipFuncCheck
			set := map[string]*parse.Tree{}
			if _, err := t.Parse(string(text), "", "", set); err != nil {
				return nil
			}
			file := relative(dir, name)
			list := &parse.ListNode{NodeType: parse.NodeList}
			for _, define := range slices.Sorted(maps.Keys(set)) {
				if set[define].Root != nil {
					list.Nodes = append(list.Nodes, set[define].Root)
				}
			}
			all[file] = source{string(text), list}
			return nil
		})
	}
	return all
}

// layoutDirs are the folders with templates, later ones over earlier.
func layoutDirs(dir string) []string {
	roots, _ := filepath.Glob(filepath.Join(dir, "themes", "*", "layouts"))
	return append(roots, filepath.Join(dir, "layouts"))
}

// commands calls f for each command below a node of a template.
func commands(n parse.Node, f func(*parse.CommandNode)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				commands(c, f)
			}
		}
	case *parse.ActionNode:
		commands(n.Pipe, f)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				commands(c, f)
			}
		}
	case *parse.CommandNode:
		f(n)
		for _, a := range n.Args {
			commands(a, f)
		}
	case *parse.ChainNode:
		commands(n.Node, f)
	case *parse.TemplateNode:
		commands(n.Pipe, f)
	case *parse.IfNode:
		commands(&n.BranchNode, f)
	case *parse.RangeNode:
		commands(&n.BranchNode, f)
	case *parse.WithNode:
		commands(&n.BranchNode, f)
	case *parse.BranchNode:
		commands(n.Pipe, f)
		commands(n.List, f)
		commands(n.ElseList, f)
	}
}
