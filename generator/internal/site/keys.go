package site

import (
	"path"
	"strings"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/plan"
)

// keys knows what decides a page's bytes beside its facts: its templates and all
// that these may call, the interface texts of its language, and the
// configuration.
type keys struct {
	theme   theme
	all     string // of every file
	parsed  map[string]template
	shared  []byte
	words   map[plan.Lang][]byte
	closure map[string][]byte // by layout
}

func newKeys(t theme, parsed map[string]template) keys {
	k := keys{theme: t, parsed: parsed, words: map[plan.Lang][]byte{}, closure: map[string][]byte{}}
	var all []byte
	for _, name := range t.names() {
		all = add(all, name, t[name])
		switch {
		case isWords(name):
			lang := plan.Lang(strings.TrimSuffix(path.Base(name), path.Ext(name)))
			k.words[lang] = add(k.words[lang], name, t[name])
		case !isLayout(name):
			k.shared = add(k.shared, name, t[name])
		}
	}
	for lang, all := range k.words {
		k.words[lang] = []byte(cache.Entry("words", all))
	}
	k.shared = []byte(cache.Entry("shared", k.shared))
	k.all = cache.Entry("theme", all)
	return k
}

// of is the key of a page with this front matter and text.
func (k keys) of(layout string, lang plan.Lang, data []byte) string {
	return cache.Entry("page", k.shared, k.words[lang], k.templates(layout), data)
}

// templates is the closure of a layout: the templates that it may call.
func (k keys) templates(layout string) []byte {
	if c, has := k.closure[layout]; has {
		return c
	}
	seen := map[string]bool{}
	for file := range k.theme {
		name, is := below(file, "layouts")
		if !is || strings.HasPrefix(name, "_partials/") {
			continue
		}
		// A layout, the base that it fills, and what turns Markdown into HTML.
		if stem, _, _ := strings.Cut(path.Base(name), "."); stem == layout || stem == "baseof" || stem == "all" || strings.HasPrefix(name, "_") {
			k.theme.reach(k.parsed, file, seen)
		}
	}
	var all []byte
	for _, name := range k.theme.names() {
		if seen[name] {
			all = add(all, name, k.theme[name])
		}
	}
	all = []byte(cache.Entry("templates", all))
	k.closure[layout] = all
	return all
}

// reach notes a template and all that it may call.
func (t theme) reach(parsed map[string]template, file string, seen map[string]bool) {
	if seen[file] {
		return
	}
	seen[file] = true
	tree, is := parsed[file]
	if !is {
		return // no page is made of it
	}
	for name := range tree.partialCalls() {
		for other := range t {
			// A name that is worked out may be any.
			if partial, is := below(other, "layouts"); is && (partial == "_partials/"+name || name == "" && strings.HasPrefix(partial, "_partials/")) {
				t.reach(parsed, other, seen)
			}
		}
	}
}

// add appends a file to what is hashed.
func add(all []byte, name string, data []byte) []byte {
	return append(append(append(append(all, name...), 0), []byte(cache.Entry("file", data))...), 0)
}

func isWords(file string) bool { _, is := below(file, "i18n"); return is }

func isLayout(file string) bool { _, is := below(file, "layouts"); return is }
