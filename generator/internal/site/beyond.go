package site

// What templates may use. A page is kept by the hash of its facts, its templates
// and the configuration, and is rendered beside any others or alone. So a template
// that asked Hugo for more than it was given would show, on a page that was kept
// or in a slice, something else than in a whole build. Such a template is refused
// before anything is rendered.
//
// Facts have names in lower case and Hugo's own methods begin with a capital: of
// these only the listed ones pass. Functions pass unless they are listed, since
// nearly all of Hugo's work on nothing but what they are given.

import (
	"strings"
	"text/template/parse"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// methods are the names with a capital that templates may use, each with why it
// tells nothing of other pages.
var methods = map[string]string{
	"Params":      "the facts of the page; of the site, what the operator has entered in hugo.toml",
	"Title":       "of the page or of a link, as it was handed over",
	"Description": "of the page, as it was handed over",
	"Content":     "the page's own text",
	"Language":    "configuration: hugo.toml",
	"Lang":        "of a language",
	"Locale":      "of a language",
	"Label":       "of a language",
	"PageInner":   "the page that a link stands on",
	"Destination": "of a link",
	"Text":        "of a link, and of a cell of a table",
	"THead":       "of a table",
	"TBody":       "of a table",
	"Alignment":   "of a cell of a table",
	"Host":        "of an address that was taken apart",
	"Format":      "of a date",
}

// refused are the functions, or whole groups of them, that know more than they are
// given, with what they would show.
var refused = map[string]plan.Text{
	"site":                ofSite,
	"hugo":                ofSite,
	"page":                ofSite,
	"ref":                 ofSite,
	"relref":              ofSite,
	"urls.Ref":            ofSite,
	"urls.RelRef":         ofSite,
	"resources":           ofFiles,
	"os":                  ofFiles,
	"data":                ofFiles,
	"images":              ofFiles,
	"css":                 ofFiles,
	"js":                  ofFiles,
	"openapi3":            ofFiles,
	"imageConfig":         ofFiles,
	"readFile":            ofFiles,
	"readDir":             ofFiles,
	"fileExists":          ofFiles,
	"getenv":              ofFiles,
	"getJSON":             ofFiles,
	"getCSV":              ofFiles,
	"templates":           ofFiles,
	"now":                 ofChance,
	"time.Now":            ofChance,
	"debug":               ofChance,
	"shuffle":             ofChance,
	"collections.Shuffle": ofChance,
	"math.Rand":           ofChance,
	"math.Counter":        ofChance,
	"apply":               unseen,
	"collections.Apply":   unseen,
}

var (
	ofSite   = diag.Text("别的页面或整个网站", "other pages or the whole site")
	ofFiles  = diag.Text("文件、环境或网络", "files, the environment or the network")
	ofChance = diag.Text("时刻或偶然", "the moment or chance")
	unseen   = diag.Text("字符串所指的函数", "a function that a string names")
)

// allowed are uses of what is refused otherwise, with the reason.
var allowed = []struct {
	use    string
	file   string // the layout that alone may have it; "" for all
	reason string
}{
	{"site.Params", "", "what the operator has entered in hugo.toml, which is in every page's key"},
	{"site.Language", "", "configuration: hugo.toml"},
	{"hugo.Sites", "", "the languages of hugo.toml; of a site nothing but its .Language passes"},
	{"os.ReadFile", "components.html", "the comments of partials that the page calls, which are in its key; in the preview only"},
}

// beyond tells where templates reach for more than a page is given.
func (t theme) beyond(parsed map[string]template) (found diag.List) {
	for file, tree := range parsed {
		layout, _ := below(file, "layouts")
		tell := func(use string, pos parse.Pos, zh, en string) {
			at := tree.at(file, pos)
			at.Col = int(pos) - strings.LastIndexByte(tree.text[:pos], '\n')
			found = append(found, diag.Diagnostic{Pos: at, Check: "theme",
				Fact: diag.Text("模板用到 %[1]s，它%[2]s", "the template uses %[1]s, which %[3]s", use, zh, en),
				Hint: diag.Text("页面按所显示的内容缓存，所以模板只能取自 .Params.facts、i18n 和 site.Params；缺什么，请在 generator/internal/site/kinds.go 里加上。",
					"Pages are kept by what they show, so templates take from .Params.facts, i18n and site.Params alone; what is missing there is added in generator/internal/site/kinds.go.")})
		}
		named := func(names []string, pos parse.Pos) {
			for _, name := range names {
				if upper := name[0] >= 'A' && name[0] <= 'Z'; upper && methods[name] == "" {
					tell("."+name, pos, "不是页面所给的内容", "is not among what a page is given")
				}
			}
		}
		called := func(name string, rest []string, pos parse.Pos) {
			use := name
			if len(rest) > 0 {
				use += "." + rest[0]
			}
			what, is := refused[name]
			if !is {
				what, is = refused[use]
			}
			for _, a := range allowed {
				is = is && (a.use != use || a.file != "" && a.file != layout)
			}
			if is {
				tell(use, pos, "取决于"+what.ZH, "depends on "+what.EN)
			}
		}
		operands(tree.root, func(n parse.Node) {
			switch n := n.(type) {
			case *parse.FieldNode:
				named(n.Ident, n.Pos)
			case *parse.VariableNode:
				named(n.Ident[1:], n.Pos)
			case *parse.IdentifierNode:
				called(n.Ident, nil, n.Pos)
			case *parse.ChainNode:
				if id, is := n.Node.(*parse.IdentifierNode); is {
					called(id.Ident, n.Field, n.Pos)
					named(n.Field[min(1, len(n.Field)):], n.Pos)
				} else {
					named(n.Field, n.Pos)
				}
			}
		})
	}
	return found.Sort()
}

// operands calls f for the operands of every command below a node: names of
// functions, fields, variables and what hangs on them.
func operands(n parse.Node, f func(parse.Node)) {
	commands(n, func(c *parse.CommandNode) {
		for _, a := range c.Args {
			f(a)
		}
	})
}
