package site

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"text/template/parse"

	"minxi/generator/internal/diag"
)

// TestTemplatesKnowTheirPageAlone holds the theme to what a page is given, and the
// lists of what may be used to what is.
func TestTemplatesKnowTheirPageAlone(t *testing.T) {
	th := themeOfProject(t)
	for _, d := range th.beyond(th.templates()) {
		t.Errorf("%s", d.Error())
	}
	used := map[string]bool{}
	n := 0
	for _, tree := range th.templates() {
		n++
		operands(tree.root, func(n parse.Node) {
			var names []string
			switch n := n.(type) {
			case *parse.FieldNode:
				names = n.Ident
			case *parse.VariableNode:
				names = n.Ident
			case *parse.ChainNode:
				names = n.Field
				used[n.Node.String()+"."+n.Field[0]] = true
			}
			for _, name := range names {
				used[name] = true
			}
		})
	}
	if n < 60 {
		t.Errorf("only %d templates were looked at", n)
	}
	for name := range methods {
		if !used[name] {
			t.Errorf("no template uses .%s: it need not be in the list", name)
		}
	}
	for _, a := range allowed {
		if !used[a.use] {
			t.Errorf("no template uses %s: it need not be in the list", a.use)
		}
	}
}

// TestBeyond changes a template in one place: what reaches beyond the page is
// found at its line, however it is written, and what does not is let be.
func TestBeyond(t *testing.T) {
	th := themeOfProject(t)
	layouts := []string{"themes/minxi/layouts/unit.html", "themes/minxi/layouts/_partials/crumbs.html", "themes/minxi/layouts/_markup/render-link.html"}
	for _, c := range []struct{ add, use string }{
		{`{{ range site.RegularPages }}{{ .title }}{{ end }}`, "site.RegularPages"},
		{`{{ range .Site.Pages }}{{ end }}`, ".Site"},
		{`{{ len .Pages }}`, ".Pages"},
		{`{{ with .GetPage "/plan" }}{{ end }}`, ".GetPage"},
		{`{{ with site.GetPage "/plan" }}{{ end }}`, "site.GetPage"},
		{`{{ index hugo.Data.plan "x" }}`, "hugo.Data"},
		{`{{ site.Data.plan }}`, "site.Data"},
		{`{{ $x := site }}{{ $x.Title }}`, "site"},
		{`{{ partial "text.html" (dict "text" site) }}`, "site"},
		{`{{ range hugo.Sites }}{{ range .RegularPages }}{{ end }}{{ end }}`, ".RegularPages"},
		{`{{ (index hugo.Sites 0).Home.title }}`, ".Home"},
		{`{{ $p := . }}{{ with $p.Parent }}{{ end }}`, ".Parent"},
		{`{{ if $.Translations }}{{ end }}`, ".Translations"},
		{`{{ (.Params).facts.Site }}`, ".Site"},
		{`{{ .File.Path }}`, ".File"},
		{`{{ .NextInSection }}`, ".NextInSection"},
		{`{{ .Lastmod }}`, ".Lastmod"},
		{`{{ page.Title }}`, "page.Title"},
		{`{{ relref . "plan" }}`, "relref"},
		{`{{ urls.Ref . "plan" }}`, "urls.Ref"},
		{`{{ os.ReadFile "hugo.toml" }}`, "os.ReadFile"},
		{`{{ "hugo.toml" | readFile }}`, "readFile"},
		{`{{ os.Getenv "HOME" }}`, "os.Getenv"},
		{`{{ (resources.Get "css/index.css").Content }}`, "resources.Get"},
		{`{{ if templates.Exists "x.html" }}{{ end }}`, "templates.Exists"},
		{`{{ now.Year }}`, "now.Year"},
		{`{{ (time.Now).Year }}`, "time.Now"},
		{`{{ with $x := (slice 1 2 | shuffle) }}{{ end }}`, "shuffle"},
		{`{{ math.Rand }}`, "math.Rand"},
		{`{{ apply (slice "hugo.toml") "os.ReadFile" "." }}`, "apply"},
		{`{{ if false }}{{ else if (gt (len site.Menus) 1) }}{{ end }}`, "site.Menus"},
		{`{{ block "more" .Ancestors }}{{ end }}`, ".Ancestors"},

		{`{{ .Params.facts.site.name.zh }}`, ""},
		{`{{ $.Title }}{{ site.Params.icp }}{{ site.Language.Lang }}`, ""},
		{`{{ range hugo.Sites }}{{ .Language.Label }}{{ end }}`, ""},
		{`{{ range .pages }}{{ .file }}{{ .parent.site.data }}{{ end }}`, ""},
		{`{{ strings.ToUpper (printf "%d.Site.Pages" 3) | markdownify }}`, ""},
		{`{{ time.Format "2006" "2022-04-13" }}{{ math.Max 1 2 }}{{ collections.Reverse (slice 1) }}`, ""},
		{`{{/* .Site.Pages, hugo.Data */}} site.RegularPages <a title=".GetPage">now</a>`, ""},
		{`{{ $site := dict "now" 1 }}{{ $site.now }}{{ i18n "page" }}`, ""},
	} {
		for _, file := range layouts {
			changed := maps.Clone(th)
			changed[file] = append([]byte(c.add+"\n"), th[file]...)
			found := changed.beyond(changed.templates())
			if c.use == "" {
				if len(found) > 0 {
					t.Errorf("%s: %v", c.add, found)
				}
				continue
			}
			says := false
			for _, d := range found {
				says = says || d.Pos.File == file && d.Pos.Line == 1 && strings.Contains(d.Fact.EN, " uses "+c.use+",") && strings.Contains(d.Fact.ZH, c.use)
			}
			if !says {
				t.Errorf("%s in %s: %v", c.add, file, found)
			}
		}
	}
	// What one layout may is not for others.
	if found := th.beyond(th.templates()); len(found) > 0 {
		t.Fatal(found)
	}
	moved := maps.Clone(th)
	moved["layouts/unit.html"] = th["themes/minxi/layouts/components.html"]
	if found := moved.beyond(moved.templates()); len(found) != 1 || found[0].Pos.File != "layouts/unit.html" {
		t.Errorf("the page of components under another name: %v", found)
	}
}

// TestBeyondIsTold wants a build to refuse such a template before it renders.
func TestBeyondIsTold(t *testing.T) {
	p := project(t, plain)
	p["layouts/unit.html"] = &fstest.MapFile{Data: []byte("unit\n{{ len site.RegularPages }}\n")}
	_, err := opened(t, p, nil)
	if list := diag.From(err); len(list) != 1 || list[0].Pos.String() != "layouts/unit.html:2:12" || !strings.Contains(list[0].Fact.EN, "site.RegularPages") {
		t.Errorf("told: %v", err)
	}
}
