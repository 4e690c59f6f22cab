package site

import (
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

// published is the day on which the document was made public, 2006-01-02; "" if
// it is not known.
func (c operator) published() string {
	s := c.text("document", "published")
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
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
