package site

import (
	"bytes"
	"encoding/json"
	"path/filepath"

	"github.com/spf13/afero"
)

// root is where Hugo believes that the project stands. Nothing is there on disk.
var root, _ = filepath.Abs(string(filepath.Separator) + "project")

// source is the file system that Hugo reads: the project's theme and
// configuration, and the pages to render, all in memory.
func source(t theme, pages []Page) (afero.Fs, error) {
	memory := afero.NewMemMapFs()
	put := func(name string, data []byte) error {
		return afero.WriteFile(memory, filepath.Join(root, filepath.FromSlash(name)), data, 0o644)
	}
	for name, data := range t {
		if err := put(name, data); err != nil {
			return nil, err
		}
	}
	if err := memory.MkdirAll(filepath.Join(root, "content"), 0o755); err != nil {
		return nil, err
	}
	for _, p := range pages {
		if err := put(p.source, p.data); err != nil {
			return nil, err
		}
	}
	return memory, nil
}

// frontMatter is what Hugo is told of a page beside its text.
type frontMatter struct {
	Title       string         `json:"title"`
	Description string         `json:"description,omitempty"`
	Layout      string         `json:"layout,omitempty"`
	URL         string         `json:"url"`
	Params      map[string]any `json:"params"`
}

// encode writes a page as the Markdown file that Hugo reads: the facts as front
// matter, and the text on the lines on which it stands in the project, so that
// what Hugo says of a line is true of that file.
func (p page) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(frontMatter{p.title, p.description, p.layout, p.Path, map[string]any{"facts": p.facts}})
	for line := 2; line < p.line; line++ {
		b.WriteByte('\n')
	}
	b.WriteString(p.body)
	return b.Bytes(), err
}
