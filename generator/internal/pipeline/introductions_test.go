package pipeline

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

var idLink = regexp.MustCompile(`\[([^\]]+)\]\(((?:p|[cs][0-9]+)(-[0-9]+)?)\)`)

// TestIntroductions wants each topic hub and both cities to show an introduction
// in both languages, with the links that every statement of it carries.
func TestIntroductions(t *testing.T) {
	files, _ := build(t, "/a/b/")
	tree, _ := content.Load(os.DirFS(projectDir), "content")
	var hubs []string
	for _, topic := range tree.Plan.Topics {
		hubs = append(hubs, "topics/"+topic.ID)
	}
	for _, place := range tree.Plan.Places {
		if place.Kind == plan.City {
			hubs = append(hubs, "places/"+place.ID)
		}
	}
	for _, hub := range hubs {
		for _, lang := range plan.Langs {
			source, err := os.ReadFile(filepath.Join(projectDir, "content", hub, "_index."+string(lang)+".md"))
			if err != nil {
				t.Fatal(err)
			}
			name := string(lang) + "/" + hub + "/index.html"
			links := idLink.FindAllStringSubmatch(string(source), -1)
			if len(links) < 4 {
				t.Errorf("%s: the introduction has %d links to the plan", name, len(links))
			}
			for _, m := range links {
				want := `/plan/` + m[2] + `/>` + m[1] + `</a>`
				if m[3] != "" {
					want = `/m/` + m[2] + `/ data-sentence=` + strings.TrimPrefix(m[2], "s") + `>` + m[1] + `</a>`
				}
				if !strings.Contains(strings.ReplaceAll(string(files[name]), `"`, ""), want) {
					t.Errorf("%s: no %s", name, want)
				}
			}
		}
	}
}
