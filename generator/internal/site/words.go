package site

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/gohugoio/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"

	"minxi/generator/internal/plan"
)

// words are the interface texts for what Go writes itself, feeds above all: the
// same files, with the same plural forms and the same order of folders, that
// Hugo reads for templates.
type words map[plan.Lang]*i18n.Localizer

// loadWords reads the i18n folders of the themes and of the project, whose texts
// win.
func loadWords(project fs.FS) (words, error) {
	folders, _ := fs.Glob(project, "themes/*/i18n")
	folders = append(folders, "i18n")
	w := words{}
	for _, l := range plan.Langs {
		bundle := i18n.NewBundle(language.Make(string(l)))
		bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
		for _, folder := range folders {
			name := path.Join(folder, string(l)+".toml")
			data, err := fs.ReadFile(project, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err == nil {
				_, err = bundle.ParseMessageFileBytes(data, string(l)+".toml")
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		w[l] = i18n.NewLocalizer(bundle, string(l))
	}
	return w, nil
}

// say is the text of key; "" where there is none, as in a template. A count
// chooses the plural form and stands for the template's dot.
func (w words) say(l plan.Lang, key string, count ...int) string {
	c := &i18n.LocalizeConfig{MessageID: key}
	if len(count) > 0 {
		c.PluralCount, c.TemplateData = count[0], count[0]
	}
	text, _ := w[l].Localize(c) // of a text without this plural form, the general one
	return text
}
