package site

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/plan"
)

// knownDocument gives what is known about the plan's document: what the plan prints
// itself, and what the configuration adds if it is about this plan. Facts that
// another plan has left in hugo.toml appear nowhere; a check tells of them.
func knownDocument(dir string, p *plan.Plan) plan.Document {
	d := p.Front.Facts()
	var config struct {
		Params struct {
			Document struct {
				Plan              string
				Issuer, Number    struct{ ZH, EN string }
				Published, Signed any // a date is a text or TOML's own
				Reply, URL        string
			}
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "hugo.toml"))
	if err != nil || toml.Unmarshal(data, &config) != nil {
		return d
	}
	c := config.Params.Document
	if c.Plan != p.Title.ZH {
		return d
	}
	fill := func(to *string, s string) {
		if *to == "" {
			*to = s
		}
	}
	day := func(v any) string {
		if v == nil {
			return ""
		}
		return fmt.Sprint(v)
	}
	fill(&d.Number.ZH, c.Number.ZH)
	fill(&d.Number.EN, c.Number.EN)
	fill(&d.Signed, day(c.Signed))
	fill(&d.Published, day(c.Published))
	if c.Issuer.ZH != "" {
		d.Issuer.ZH = c.Issuer.ZH // the full name for the one that a signature shortens
	}
	fill(&d.Issuer.EN, c.Issuer.EN)
	fill(&d.Reply, c.Reply)
	fill(&d.URL, c.URL)
	return d
}

// Unfilled names the values below [params] in hugo.toml that are empty, in
// alphabetical order: document.signed, icp, sponsor. They are facts about the
// document and the operator that nobody has entered; pages leave them out, and a
// build says so. A file that cannot be read has none: Render tells what is wrong
// with it.
func Unfilled(dir string) []string {
	data, err := os.ReadFile(filepath.Join(dir, "hugo.toml"))
	if err != nil {
		return nil
	}
	var config struct{ Params map[string]any }
	if toml.Unmarshal(data, &config) != nil {
		return nil
	}
	return empty("", config.Params)
}

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
