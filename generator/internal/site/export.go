package site

import (
	"os"
	"path/filepath"
)

// Export writes into dir, as files, the pages and data that are otherwise only
// in memory. A copy of the project with them, and without the plan's own
// Markdown, is what the plain hugo command can render: to compare the two, and
// to look at what a template is given.
func Export(in Input, dir string) error {
	files, err := derive(in.complete())
	if err != nil {
		return err
	}
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
