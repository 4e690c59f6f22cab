package site

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/plan"
)

// config is what Go needs of hugo.toml: the languages, and what the operator has
// filled in. Templates read it as Hugo gives it, site.Params and site.Language.
type config struct {
	Languages map[plan.Lang]struct {
		Locale string
		Label  string
	}
	Params map[string]any
}

// loadConfig reads hugo.toml. One that is not there or does not parse is an empty
// configuration: Hugo tells what is wrong with it.
func loadConfig(dir string) config {
	var c config
	if data, err := os.ReadFile(filepath.Join(dir, "hugo.toml")); err == nil {
		_ = toml.Unmarshal(data, &c)
	}
	return c
}

// locale is the language's tag as the site writes it.
func (c config) locale(l plan.Lang) string {
	if s := c.Languages[l].Locale; s != "" {
		return s
	}
	return l.Tag()
}

// text is a value below [params] by its path, as in text("document", "number"); ""
// if it is not there.
func (c config) text(path ...string) string {
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
func (c config) published() string {
	s := c.text("document", "published")
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return ""
	}
	return s
}
