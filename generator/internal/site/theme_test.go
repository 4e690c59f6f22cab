package site

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestComponents holds the theme to its order: a component is one partial and one
// block of style of the same name (or a layout, for what one kind of page has
// alone), each partial says at its top what it is for, and the page of components
// names none that is not there.
func TestComponents(t *testing.T) {
	theme := filepath.Join("..", "..", "..", "themes", "minxi")
	layouts := filepath.Join(theme, "layouts")
	exists := func(parts ...string) bool {
		_, err := os.Stat(filepath.Join(parts...))
		return err == nil
	}
	styles, err := filepath.Glob(filepath.Join(theme, "assets", "css", "2-components", "*.css"))
	if err != nil || len(styles) < 10 {
		t.Fatalf("%d style sheets of components: %v", len(styles), err)
	}
	for _, file := range styles {
		name := strings.TrimSuffix(filepath.Base(file), ".css")
		if !exists(layouts, "_partials", name+".html") && !exists(layouts, name+".html") {
			t.Errorf("%s belongs to no partial or layout", filepath.Base(file))
		}
	}
	partials, err := filepath.Glob(filepath.Join(layouts, "_partials", "*.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range partials {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(data); !strings.HasPrefix(text, "{{/*") && !strings.HasPrefix(text, "{{- /*") {
			t.Errorf("%s does not say at its top what it is for and what it takes", filepath.Base(file))
		}
	}
	page, err := os.ReadFile(filepath.Join(layouts, "components.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(page), `(dict "name" "`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if !exists(layouts, "_partials", name+".html") {
			t.Errorf("the page of components shows %s, which is no partial", name)
		}
	}
}

// spelled finds addresses of pages that a template makes up itself.
var spelled = regexp.MustCompile(`/(?:zh|en|data)/|/\{\{-? ?(?:\$lang|\$l\.Lang|site\.Language\.Lang) ?-?\}\}|"/%s|/m/|/plan/|/parallel/`)

// TestNoAddressInTemplates wants templates to take addresses from the address book:
// index $plan.at LANGUAGE ID.
func TestNoAddressInTemplates(t *testing.T) {
	n := 0
	for file, tree := range templates(filepath.Join("..", "..", "..")) {
		n++
		for i, line := range strings.Split(comments.ReplaceAllStringFunc(tree.text, blankLines), "\n") {
			if m := spelled.FindString(line); m != "" {
				t.Errorf("%s:%d: spells an address: %s", file, i+1, m)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d templates were looked at", n)
	}
	for _, bad := range []string{`<a href="/{{ $lang }}/m/{{ . }}/">`, `{{ printf "/%s/plan/" $lang }}`, `<a href="/zh/about/">`} {
		if !spelled.MatchString(bad) {
			t.Errorf("%s passes", bad)
		}
	}
}

// comments of templates may speak of addresses.
var comments = regexp.MustCompile(`(?s)\{\{-? ?/\*.*?\*/ ?-?\}\}`)

func blankLines(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) }
