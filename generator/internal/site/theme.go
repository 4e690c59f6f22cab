package site

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"minxi/generator/internal/diag"
)

// theme is what Hugo reads of a project beside pages: its theme, its own layouts
// and interface texts, and its configuration, by their paths in the project.
type theme map[string][]byte

// hugoReads are these files. Hugo sees no Markdown of the content folder: the
// generator has read that and hands over pages.
var hugoReads = regexp.MustCompile(`^(?:hugo\.toml|(?:themes/[^/]+/)?(?:layouts|i18n)/.*|themes/[^/]+/[^/]+\.toml)$`)

// loadTheme reads them into memory.
func loadTheme(project fs.FS) (theme, error) {
	files := theme{}
	take := func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !d.IsDir() && hugoReads.MatchString(name) {
			files[name], err = fs.ReadFile(project, name)
		}
		return err
	}
	themes, err := fs.Glob(project, "themes/*")
	roots := []string{"layouts", "i18n", configFile}
	for _, dir := range themes {
		for _, part := range []string{"layouts", "i18n", "theme.toml", configFile} {
			roots = append(roots, path.Join(dir, part))
		}
	}
	for _, root := range roots {
		if err == nil {
			err = fs.WalkDir(project, root, take)
		}
	}
	return files, err
}

// names lists the files.
func (t theme) names() []string { return slices.Sorted(maps.Keys(t)) }

// home is the folder of the theme, where people look for a file that is missing.
func (t theme) home() string {
	for _, name := range t.names() {
		if parts := strings.SplitN(name, "/", 3); parts[0] == "themes" && len(parts) == 3 {
			return path.Join(parts[:2]...)
		}
	}
	return "themes/minxi"
}

// layout is where people look for a layout, and whether it is there: in the
// project's own folder or in the theme's.
func (t theme) layout(name string) (file string, has bool) {
	file = path.Join("layouts", name)
	if _, has = t[file]; !has {
		file = path.Join(t.home(), "layouts", name)
		_, has = t[file]
	}
	return file, has
}

// below cuts the folder from a file of one kind: layouts or i18n.
func below(file, folder string) (rest string, is bool) {
	if rest, is = strings.CutPrefix(file, folder+"/"); is {
		return rest, true
	}
	if parts := strings.SplitN(file, "/", 4); len(parts) == 4 && parts[0] == "themes" && parts[2] == folder {
		return parts[3], true
	}
	return "", false
}

// template is a parsed template and its text.
type template struct {
	text string
	root parse.Node
}

// templates parses every layout by itself; what cannot be parsed is left out, and
// Hugo tells of it.
func (t theme) templates() map[string]template {
	all := map[string]template{}
	for file, text := range t {
		if _, is := below(file, "layouts"); !is || !slices.Contains([]string{".html", ".xml", ".txt"}, path.Ext(file)) {
			continue
		}
		tree := parse.New(path.Base(file))
		tree.Mode = parse.SkipFuncCheck
		set := map[string]*parse.Tree{}
		if _, err := tree.Parse(string(text), "", "", set); err != nil {
			continue
		}
		list := &parse.ListNode{NodeType: parse.NodeList}
		for _, define := range slices.Sorted(maps.Keys(set)) {
			if set[define].Root != nil {
				list.Nodes = append(list.Nodes, set[define].Root)
			}
		}
		all[file] = template{string(text), list}
	}
	return all
}

// at is where a node of the template stands.
func (t template) at(file string, pos parse.Pos) diag.Pos {
	return diag.Pos{File: file, Line: strings.Count(t.text[:pos], "\n") + 1}
}

func before(a, b diag.Pos) bool {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) < 0
}

func isFunction(n parse.Node, names ...string) bool {
	id, is := n.(*parse.IdentifierNode)
	return is && slices.Contains(names, id.Ident)
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

// partialCalls yields what a template calls as partials: each name with its
// place, "" for one that is worked out while rendering.
func (t template) partialCalls() map[string]parse.Pos {
	calls := map[string]parse.Pos{}
	commands(t.root, func(c *parse.CommandNode) {
		if !isPartial(c) {
			return
		}
		name, pos := "", c.Pos
		if s, is := c.Args[1].(*parse.StringNode); is {
			name, pos = s.Text, s.Pos
		}
		if was, has := calls[name]; !has || pos < was {
			calls[name] = pos
		}
	})
	return calls
}

// isPartial reports whether a command is partial, partialCached or one of
// partials.Include and partials.IncludeCached.
func isPartial(c *parse.CommandNode) bool {
	if len(c.Args) < 2 {
		return false
	}
	if isFunction(c.Args[0], "partial", "partialCached") {
		return true
	}
	chain, is := c.Args[0].(*parse.ChainNode)
	return is && isFunction(chain.Node, "partials")
}

// missing tells what the theme lacks, as far as it shows without rendering:
// partials and interface texts that templates name, style sheets that are listed,
// and templates that cannot be parsed.
func (t theme) missing(r *read, words words) diag.List {
	have := map[string]bool{}
	for file := range t {
		if name, is := below(file, "layouts"); is {
			have[name] = true
		}
	}
	if len(have) == 0 {
		file := t.home()
		if slices.ContainsFunc(t.names(), func(name string) bool { return strings.HasPrefix(name, file+"/") }) {
			file = path.Join(file, "layouts")
		}
		return diag.List{{Pos: diag.Pos{File: file}, Check: "theme",
			Fact: diag.Text("没有这个文件夹，一个页面也做不出来", "missing; without it there are no pages"), Hint: restore}}
	}
	first := map[string]diag.Pos{}
	for file, tree := range r.parsed {
		for name, pos := range tree.partialCalls() {
			at := tree.at(file, pos)
			if was, has := first[name]; name != "" && !have["_partials/"+name] && (!has || before(at, was)) {
				first[name] = at
			}
		}
	}
	var found diag.List
	for name, pos := range first {
		found = append(found, diag.Diagnostic{Pos: diag.Pos{File: path.Join(t.home(), "layouts/_partials", name)}, Check: "theme",
			Fact: diag.Text("没有这个文件，用到它的是 %s", "missing; %s uses it", pos.String()), Hint: restore})
	}
	if found = append(found, words.missing(t, r.parsed)...); len(found) > 0 {
		found = append(found, t.mistakes()...)
	} else if t.whole() {
		found = t.unknownFacts(r)
	}
	return found.Sort()
}

// restore is what to do about a file of the theme that is gone.
var restore = diag.Text("请恢复这个文件：git checkout -- 加上文件名，或从备份取回。", "Restore the file: git checkout -- and its name, or take it from a copy.")

// mistakes parses every template by itself. Hugo stops at the first template that
// it cannot parse; people want to hear of all.
func (t theme) mistakes() (list diag.List) {
	for _, name := range t.names() {
		if _, is := below(name, "layouts"); !is {
			continue
		}
		tree := parse.New(path.Base(name))
		tree.Mode = parse.SkipFuncCheck | parse.ParseComments
		if _, err := tree.Parse(string(t[name]), "", "", map[string]*parse.Tree{}); err != nil {
			if m := templateError.FindStringSubmatch(err.Error()); m != nil {
				list = append(list, diag.Diagnostic{Pos: diag.Pos{File: name, Line: number(m[1]), Col: 1}, Check: "render",
					Fact: diag.Text("%s", "%s", m[2]), Hint: hint(m[2], name)})
			}
		}
	}
	return list
}

var templateError = regexp.MustCompile(`^template: [^:]+:(\d+): (?s:(.*))$`)
