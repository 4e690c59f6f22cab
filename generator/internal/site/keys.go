package site

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/plan"
)

// keys knows what decides a page's bytes beside its facts: its templates and all
// that these may call, the interface texts of its language, and the
// configuration.
type keys struct {
	theme   map[string][]byte
	shared  []byte
	words   map[plan.Lang][]byte
	closure map[string][]byte // by layout
}

func newKeys(theme map[string][]byte) keys {
	k := keys{theme: theme, words: map[plan.Lang][]byte{}, closure: map[string][]byte{}}
	for _, name := range sorted(theme) {
		switch {
		case strings.Contains(name, "i18n/"):
			lang := plan.Lang(strings.TrimSuffix(path.Base(name), path.Ext(name)))
			k.words[lang] = add(k.words[lang], name, theme[name])
		case !strings.Contains(name, "layouts/"):
			k.shared = add(k.shared, name, theme[name])
		}
	}
	for lang, all := range k.words {
		k.words[lang] = []byte(cache.Entry("words", all))
	}
	k.shared = []byte(cache.Entry("shared", k.shared))
	return k
}

// of is the key of a page with this front matter and text.
func (k keys) of(layout string, lang plan.Lang, data []byte) string {
	return cache.Entry("page", k.shared, k.words[lang], k.templates(layout), data)
}

// templates is the closure of a layout: the templates that it may call, by name.
func (k keys) templates(layout string) []byte {
	if c, has := k.closure[layout]; has {
		return c
	}
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, m := range calls.FindAllSubmatch(comment.ReplaceAll(k.theme[name], nil), -1) {
			if m[1] == nil { // a name that is worked out: it may be any
				for other := range k.theme {
					if strings.Contains(other, "layouts/_partials/") {
						visit(other)
					}
				}
				continue
			}
			for other := range k.theme {
				if strings.HasSuffix(other, "layouts/_partials/"+string(m[1])) {
					visit(other)
				}
			}
		}
	}
	for name := range k.theme {
		_, file, ok := strings.Cut(name, "layouts/")
		if !ok || strings.HasPrefix(file, "_partials/") {
			continue
		}
		// A layout, the base that it fills, and what turns Markdown into HTML.
		if stem, _, _ := strings.Cut(path.Base(file), "."); stem == layout || stem == "baseof" || stem == "all" || strings.HasPrefix(file, "_") {
			visit(name)
		}
	}
	var all []byte
	for _, name := range sorted(k.theme) {
		if seen[name] {
			all = add(all, name, k.theme[name])
		}
	}
	all = []byte(cache.Entry("templates", all))
	k.closure[layout] = all
	return all
}

// calls finds the partials that a template calls, by a name in it or by one that
// is worked out.
var calls = regexp.MustCompile(`\b(?:partial(?:Cached)?|partials\.Include(?:Cached)?)\s+(?:"([^"]*)")?`)

var comment = regexp.MustCompile(`(?s)\{\{-?\s*/\*.*?\*/\s*-?\}\}`)

// add appends a file to what is hashed.
func add(all []byte, name string, data []byte) []byte {
	return append(append(append(append(all, name...), 0), []byte(cache.Entry("file", data))...), 0)
}

func sorted(files map[string][]byte) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
