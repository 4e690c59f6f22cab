package site

// Whether templates ask for facts that there are. Facts reach a template as tables,
// and of a name that a table does not have Hugo shows nothing.

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
	"unicode"

	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/diag"
)

// whole reports whether every layout is there and can be read: what partials are
// given is known then.
func (t theme) whole() bool {
	for _, kind := range pageKinds() {
		if _, has := t.layout(kind.layout + ".html"); kind.layout != "" && !has {
			return false
		}
	}
	return len(t.mistakes()) == 0
}

// unknownFacts tells of names in templates that neither the facts of any page have
// nor a dict that a template makes.
func (t theme) unknownFacts(r *read) (found diag.List) {
	templates := r.parsed
	known := map[string]bool{}
	namesOf(reflect.TypeFor[facts](), known, map[reflect.Type]bool{})
	for _, name := range ofOperator {
		known[name] = true
	}
	var c operator
	if toml.Unmarshal(t[configFile], &c) == nil { // and what a theme of the operator's own reads
		for name := range c.Params {
			known[name] = true
		}
	}
	for _, template := range templates {
		commands(template.root, func(c *parse.CommandNode) {
			if isFunction(c.Args[0], "dict") {
				for _, arg := range c.Args[1:] {
					if s, is := arg.(*parse.StringNode); is {
						known[s.Text] = true
					}
				}
			}
		})
	}
	used := map[string]bool{} // what nobody calls shows nothing to anybody
	for file := range templates {
		if name, _ := below(file, "layouts"); !strings.HasPrefix(name, "_partials/") {
			r.reach(file, used)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(templates)) {
		if !used[file] {
			continue
		}
		template := templates[file]
		commands(template.root, func(c *parse.CommandNode) {
			for _, arg := range c.Args {
				for _, name := range asked(arg) {
					if !known[name] {
						found = append(found, diag.Diagnostic{Pos: template.at(file, arg.Position()), Check: "theme",
							Fact: diag.Text("没有哪个页面有“%s”，这里会是空的", "no page has “%s”: pages would show nothing in its place", name),
							Hint: diag.Text("请检查拼写；可用的名称见 generator/internal/site/facts.go。", "Check its spelling: generator/internal/site/facts.go has the names.")})
					}
				}
			}
		})
	}
	return found
}

// ofOperator are the names below site.Params, which need not be there.
var ofOperator = []string{"siteDomain", "siteIDCode", "icp", "publicSecurity", "sponsor", "contact", "dataLicense", "columnType"}

// asked are the names of facts in an argument. Those with a capital are Hugo's, and
// those below site.Params the operator's.
func asked(arg parse.Node) (names []string) {
	var path []string
	switch n := arg.(type) {
	case *parse.FieldNode:
		path = n.Ident
	case *parse.VariableNode:
		path = n.Ident[1:]
	case *parse.ChainNode:
		path = n.Field
	}
	if i := slices.Index(path, "Params"); i >= 0 {
		if path = path[i+1:]; len(path) == 0 || path[0] != "facts" {
			return nil
		}
		path = path[1:]
	}
	for _, name := range path {
		if unicode.IsLower(rune(name[0])) {
			names = append(names, name)
		}
	}
	return names
}

// namesOf gathers the names below a type, as templates see them.
func namesOf(t reflect.Type, known map[string]bool, seen map[reflect.Type]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		namesOf(t.Elem(), known, seen)
	case reflect.Struct:
		if seen[t] {
			return
		}
		seen[t] = true
		for field := range t.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			known[strings.ToLower(cmp.Or(name, field.Name))] = true
			namesOf(field.Type, known, seen)
		}
	}
}
