package pipeline

import (
	"os"
	"path/filepath"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/site"
)

// TestClosed holds what pages are derived of against what they would be if they could
// ask every sentence of the plan: no page may depend on a sentence that it does not show.
func TestClosed(t *testing.T) {
	real, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"real": real, "little": little(t, littleUpdate)} {
		tree, _ := content.Load(os.DirFS(dir), "content")
		s, _, _, err := Open(Options{Dir: dir, Drafts: true, Preview: true, Base: Base{Origin: "https://example.org"}}, tree)
		if err != nil {
			t.Fatal(err)
		}
		pages := 0
		for p, err := range s.Pages(&site.Notes{}) {
			if err != nil {
				t.Fatal(err)
			}
			if open, err := s.Opened(p); err != nil || open.Key != p.Key {
				t.Errorf("%s: %s is another page when every sentence is open (%v)", name, p.Path, err)
			}
			pages++
		}
		if pages < 50 {
			t.Errorf("%s: %d pages", name, pages)
		}
	}
}
