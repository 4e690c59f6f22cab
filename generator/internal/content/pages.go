package content

import (
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// page notes a file that Hugo makes a page of: a hub's text, or an ordinary page,
// in whose front matter any key may stand. What decides its address is read here.
// One that cannot be read is a page too: whoever links it is not at fault.
func (l *loader) page(name string, lang plan.Lang, kind fileKind, f *front) {
	if kind < topicKind || strings.HasPrefix(name, "plan/") {
		return
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".md"), "."+string(lang))
	p := address.Markdown{Name: name, Lang: lang, Draft: f.flag["draft"]}
	for key, value := range f.others() {
		switch key {
		case "draft":
			p.Draft = value.Value == "true"
		case "url":
			p.URL = value.Value
		case "aliases":
			for _, alias := range value.Content {
				p.Aliases = append(p.Aliases, alias.Value)
			}
		case "build", "_build", "headless", "expirydate":
			p.Optional = true
		}
	}
	l.tree.Pages = append(l.tree.Pages, p)
}

// bundled takes out the files that lie in a page's own folder: they are its parts.
func bundled(pages []address.Markdown) []address.Markdown {
	return slices.DeleteFunc(pages, func(p address.Markdown) bool {
		return slices.ContainsFunc(pages, func(q address.Markdown) bool {
			dir, is := strings.CutSuffix(q.Name, "/index")
			return is && q.Lang == p.Lang && q.Name != p.Name && strings.HasPrefix(p.Name, dir+"/")
		})
	})
}

// others yields the keys of an ordinary page in small letters, as Hugo reads them.
func (f *front) others() func(func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		for i := 0; i+1 < len(f.pairs); i += 2 {
			if !yield(strings.ToLower(f.pairs[i].Value), f.pairs[i+1]) {
				return
			}
		}
	}
}
