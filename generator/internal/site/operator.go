package site

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// operator is what Go needs of hugo.toml: the languages, and what the operator has
// filled in. Templates read it as Hugo gives it, site.Params and site.Language.
type operator struct {
	Languages map[plan.Lang]struct {
		Locale string
		Label  string
	}
	Params map[string]any
}

const configFile = "hugo.toml"

// loadOperator reads hugo.toml. One that is not there or does not parse is an empty
// configuration: Hugo tells what is wrong with it.
func loadOperator(project fs.FS) operator {
	var c operator
	if data, err := fs.ReadFile(project, configFile); err == nil {
		_ = toml.Unmarshal(data, &c)
	}
	return c
}

// languages compares the languages of hugo.toml with those of a plan. Of a file that
// does not parse Hugo tells.
func languages(t theme) (found diag.List) {
	var c struct{ Languages map[string]any }
	if toml.Unmarshal(t[configFile], &c) != nil {
		return nil
	}
	known := map[string]bool{}
	for _, l := range plan.Langs {
		if known[string(l)] = true; c.Languages[string(l)] == nil {
			found = append(found, noLanguage(l))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Languages)) {
		if line := tableLine(t[configFile], "languages."+name); !known[name] && len(found) == 0 {
			found = append(found, diag.Diagnostic{Pos: diag.Pos{File: configFile, Line: line}, Check: "theme",
				Fact: diag.Text("网站没有语言 %s：方案只有 zh 和 en", "the site has no language %s: a plan has zh and en", name),
				Hint: diag.Text("请删去这一段，或改正名称。", "Take this table out, or correct its name.")})
		}
	}
	return found
}

// tableLine is the line of a table in TOML, 0 if it is written in another way.
func tableLine(data []byte, name string) int {
	before, _, has := strings.Cut("\n"+string(data), "\n["+name+"]")
	if !has {
		return 0
	}
	return strings.Count(before, "\n") + 1
}

func noLanguage(l plan.Lang) diag.Diagnostic {
	return diag.Diagnostic{Pos: diag.Pos{File: configFile}, Check: "theme",
		Fact: diag.Text("语言 %s 一个页面也没有", "there is no page in the language %s", string(l)),
		Hint: diag.Text("hugo.toml 里要有 [languages.%s]，名字一字不差。", "hugo.toml needs a table [languages.%s], under this very name.", string(l))}
}

// locale is the language's tag as the site writes it.
func (c operator) locale(l plan.Lang) string {
	if s := c.Languages[l].Locale; s != "" {
		return s
	}
	return l.Tag()
}

// text is a value below [params] by its path, as in text("document", "number"); ""
// if it is not there.
func (c operator) text(path ...string) string {
	var v any = c.Params
	for _, key := range path {
		table, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = table[key]
	}
	switch v := v.(type) {
	case nil, map[string]any, []any:
		return ""
	case toml.LocalDate:
		return v.String()
	case time.Time:
		return v.Format(time.DateOnly)
	default:
		return fmt.Sprint(v)
	}
}

// document gives what is known about the plan's document: what the plan prints
// itself, and what the configuration adds if it is about this plan. Facts that
// another plan has left in hugo.toml appear nowhere; a check tells of them.
func (c operator) document(p *plan.Plan) plan.Document {
	of := p.Front.Facts()
	if c.text("document", "plan") != p.Title.ZH {
		return of
	}
	fill := func(to *string, path ...string) { *to = cmp.Or(*to, c.text(append([]string{"document"}, path...)...)) }
	of.Issuer.ZH = cmp.Or(c.text("document", "issuer", "zh"), of.Issuer.ZH) // the full name for the one that a signature shortens
	fill(&of.Issuer.EN, "issuer", "en")
	fill(&of.Number.ZH, "number", "zh")
	fill(&of.Number.EN, "number", "en")
	fill(&of.Published, "published")
	fill(&of.Signed, "signed")
	fill(&of.Reply, "reply")
	fill(&of.URL, "url")
	fill(&of.Abbreviation, "issuer", "abbreviation")
	fill(&of.Romanized, "romanized")
	return of
}

// Document is what is known about the plan's document: what the plan prints and what
// hugo.toml adds.
func (s *Site) Document() plan.Document { return s.deriver.document }

// License is the address of the licence of the data, as the operator states it; "" for
// none.
func (s *Site) License() string { return s.deriver.config.text("dataLicense") }

// Unfilled names the values below [params] in hugo.toml that are empty, in
// alphabetical order: document.signed, icp, sponsor. They are facts about the
// document and the operator that nobody has entered; pages leave them out, and a
// build says so. A file that cannot be read has none: Render tells what is wrong
// with it.
func (s *Site) Unfilled() []string { return empty("", s.deriver.config.Params) }

func empty(prefix string, table map[string]any) (names []string) {
	for _, key := range slices.Sorted(maps.Keys(table)) {
		switch v := table[key].(type) {
		case string:
			if v == "" {
				names = append(names, prefix+key)
			}
		case map[string]any:
			names = append(names, empty(prefix+key+".", v)...)
		}
	}
	return names
}

// SM3 reports whether the operator asks for hashes by SM3 beside those by SHA-256.
func SM3(project fs.FS) bool { return loadOperator(project).Params["sm3"] == true }

// DocumentOf is what is known about the document of a project's plan.
func DocumentOf(project fs.FS, p *plan.Plan) plan.Document {
	return loadOperator(project).document(p)
}

// Offline says whether the site is to be kept by browsers for reading without a network;
// and, where it is not, whether it may have been and they are to forget it.
func Offline(project fs.FS) (keep, forget bool) {
	said, is := loadOperator(project).Params["offline"].(bool)
	return said, is && !said
}
