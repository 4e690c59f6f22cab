package site

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"

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
func (c operator) document(p *plan.Plan) document {
	d := p.Front.Facts()
	of := document{
		Issuer: bilingual(d.Issuer), Number: bilingual(d.Number), Published: d.Published, Signed: d.Signed, Reply: d.Reply, URL: d.URL,
	}
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
