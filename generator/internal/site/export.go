package site

import (
	"os"
	"path/filepath"
)

// Export writes into dir, as files, the pages that are otherwise only in memory. A
// copy of the project with them, and without its own content, is what the plain
// hugo command can render: to compare the two, and to look at what a template is
// given.
func (s *Site) Export(dir string) error {
	for p, err := range s.Pages(&Notes{}) {
		if err != nil {
			return err
		}
		name := filepath.Join(dir, filepath.FromSlash(p.source))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, p.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
