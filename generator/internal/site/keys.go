package site

import (
	"path"
	"slices"
	"strings"
	"sync"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// keys knows what decides a page's bytes beside its facts: its templates and all
// that these may call, the interface texts of its language, and the
// configuration.
type keys struct {
	theme  theme
	all    string // of every file
	read   *read
	shared []byte
	words  map[plan.Lang][]byte
}

func newKeys(t theme, r *read) keys {
	k := keys{theme: t, all: r.all, read: r, words: map[plan.Lang][]byte{}}
	for _, name := range t.names() {
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
	return k
}

// of is the key of a page whose front matter and text have this hash.
func (k keys) of(layout string, lang plan.Lang, sum []byte) string {
	return cache.Entry("page", k.shared, k.words[lang], k.templates(layout), sum)
}

// templates is the closure of a layout: the templates that it may call.
func (k keys) templates(layout string) []byte {
	if c, has := k.read.closures.Load(layout); has {
		return c.([]byte)
	}
	seen := map[string]bool{}
	for file := range k.theme {
		name, is := below(file, "layouts")
		if !is || strings.HasPrefix(name, "_partials/") {
			continue
		}
		// A layout, the base that it fills, and what turns Markdown into HTML.
		if stem, _, _ := strings.Cut(path.Base(name), "."); stem == layout || stem == "baseof" || stem == "all" || strings.HasPrefix(name, "_") {
			k.read.reach(file, seen)
		}
	}
	var all []byte
	for _, name := range k.theme.names() {
		if seen[name] {
			all = add(all, name, k.theme[name])
		}
	}
	all = []byte(cache.Entry("templates", all))
	k.read.closures.Store(layout, all)
	return all
}

// read is a theme that has been read: its templates, parsed, and what is to be said of
// them. The preview builds with one theme again and again, so the last is kept.
type read struct {
	all      string // a hash of every file
	parsed   map[string]template
	partials map[string][]string // files of partials by name; "" has all of them
	found    diag.List
	closures sync.Map // hashes of the templates that a layout may call, by its name
}

var lastRead struct {
	sync.Mutex
	*read
}

// read reads the theme, or remembers what it has read.
func (t theme) read() *read {
	var all []byte
	for _, name := range t.names() {
		all = add(all, name, t[name])
	}
	hash := cache.Entry("theme", all)
	lastRead.Lock()
	defer lastRead.Unlock()
	if lastRead.read == nil || lastRead.all != hash {
		r := &read{all: hash, parsed: t.templates(), partials: map[string][]string{}}
		for file := range t {
			if layout, is := below(file, "layouts"); is {
				if name, is := strings.CutPrefix(layout, "_partials/"); is {
					r.partials[name] = append(r.partials[name], file)
					r.partials[""] = append(r.partials[""], file)
				}
			}
		}
		r.found = slices.Concat(languages(t), t.missing(r, t.words()), t.beyond(r.parsed))
		lastRead.read = r
	}
	return lastRead.read
}

// reach notes a template and all that it may call.
func (r *read) reach(file string, seen map[string]bool) {
	if seen[file] {
		return
	}
	seen[file] = true
	tree, is := r.parsed[file]
	if !is {
		return // no page is made of it
	}
	for name := range tree.partialCalls() {
		for _, other := range r.partials[name] { // of a name that is worked out, any
			r.reach(other, seen)
		}
	}
}

// add appends a file to what is hashed.
func add(all []byte, name string, data []byte) []byte {
	return append(append(append(append(all, name...), 0), []byte(cache.Entry("file", data))...), 0)
}

func isWords(file string) bool { _, is := below(file, "i18n"); return is }

func isLayout(file string) bool { _, is := below(file, "layouts"); return is }
