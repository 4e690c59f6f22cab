package site

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
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

// TestInterfaceTexts wants every text of the interface in both languages and used
// by a template or by Go, and every text that a template asks for to be there.
func TestInterfaceTexts(t *testing.T) {
	theme := filepath.Join("..", "..", "..", "themes", "minxi")
	var templates strings.Builder
	err := filepath.WalkDir(filepath.Join(theme, "layouts"), func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		templates.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text := templates.String()
	texts := map[string]map[string]any{}
	for _, lang := range []string{"zh", "en"} {
		data, err := os.ReadFile(filepath.Join(theme, "i18n", lang+".toml"))
		if err != nil {
			t.Fatal(err)
		}
		table := map[string]any{}
		if err := toml.Unmarshal(data, &table); err != nil {
			t.Fatal(err)
		}
		texts[lang] = table
	}
	// Keys are written out, or made of a beginning and a word: (printf "kind-%s" .kind).
	family := regexp.MustCompile(`\(printf "([a-z]+-)%s"`)
	var families []string
	for _, m := range family.FindAllStringSubmatch(text, -1) {
		families = append(families, m[1])
	}
	for lang, table := range texts {
		for key := range table {
			made := slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) })
			if !made && !strings.Contains(text, `"`+key+`"`) && !slices.Contains(ownWords, key) {
				t.Errorf("no template uses %s of %s.toml", key, lang)
			}
			for other := range texts {
				if _, ok := texts[other][key]; !ok {
					t.Errorf("%s.toml has no %s, which %s.toml has", other, key, lang)
				}
			}
		}
	}
	for _, m := range regexp.MustCompile(`i18n (?:\(cond \(.*?\) )?"([A-Za-z-]+)"(?: "([A-Za-z-]+)"\))?`).FindAllStringSubmatch(text, -1) {
		for _, key := range m[1:] {
			if _, ok := texts["zh"][key]; key != "" && !ok {
				t.Errorf("a template asks for %s, which the texts of the interface do not have", key)
			}
		}
	}
}

// spelled finds addresses of pages that a template makes up itself.
var spelled = regexp.MustCompile(`/(?:zh|en|data)/|/\{\{-? ?(?:\$lang|\$l\.Lang|site\.Language\.Lang) ?-?\}\}|"/%s|/m/|/plan/|/parallel/`)

// TestNoAddressInTemplates wants templates to take addresses from the address book:
// .Params.facts has them.
func TestNoAddressInTemplates(t *testing.T) {
	n := 0
	for file, tree := range themeOfProject(t).templates() {
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
