package site

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/plan"
)

// TestStyle wants a colour of its own for a ninth topic that names none, and for
// each further one as long as the palette has any.
func TestStyle(t *testing.T) {
	p := &plan.Plan{Places: []*plan.Place{{ID: "x", Broken: true}, {ID: "y"}}}
	for i, tone := range plan.Tones[:8] {
		p.Topics = append(p.Topics, &plan.Topic{ID: "t" + string(rune('a'+i)), Tone: tone})
	}
	for _, id := range []string{"ninth", "tenth", "eleventh", "twelfth"} {
		p.Topics = append(p.Topics, &plan.Topic{ID: id})
	}
	css := style(p)
	tones := map[string]string{}
	for _, m := range regexp.MustCompile(`\.t-(\S+) \{ --tone: var\(--(\S+)\); \}`).FindAllStringSubmatch(css, -1) {
		tones[m[1]] = m[2]
	}
	if len(tones) != 12 || tones["ta"] != "red" {
		t.Fatalf("%v", tones)
	}
	seen := map[string]bool{}
	for i, topic := range p.Topics[:11] {
		tone := tones[topic.ID]
		if seen[tone] || i >= 8 && slices.Index(plan.Tones, tone) < plan.StrongTones {
			t.Errorf("%s has the colour %s, which another has or which is strong", topic.ID, tone)
		}
		seen[tone] = true
	}
	if strong := plan.Tones[:plan.StrongTones]; slices.Contains(strong, tones["twelfth"]) {
		t.Errorf("the twelfth topic has the colour %s", tones["twelfth"])
	}
	if !strings.Contains(css, ".map .x ") || strings.Contains(css, ".map .y ") {
		t.Errorf("the outlines of counties: %s", css)
	}
}

// TestTones wants every tone that content may name in the theme's palette, light
// and dark, and no name of a topic or place in the theme's styles.
func TestTones(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "themes", "minxi", "assets", "css")
	base, err := os.ReadFile(filepath.Join(dir, "1-base.css"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tone := range plan.Tones {
		if n := strings.Count(string(base), "--"+tone+":"); n != 2 {
			t.Errorf("the palette names %s %d times, not light and light-dark", tone, n)
		}
	}
	hubs, err := filepath.Glob(filepath.Join("..", "..", "..", "content", "*", "*", "_index.zh.md"))
	if err != nil || len(hubs) < 30 {
		t.Fatal(len(hubs), err)
	}
	err = filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".css" {
			return err
		}
		css, err := os.ReadFile(name)
		for _, hub := range hubs {
			id := filepath.Base(filepath.Dir(hub))
			if regexp.MustCompile(`\.(?:t-)?` + id + `\b`).Match(css) {
				t.Errorf("%s knows %s", filepath.Base(name), id)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
