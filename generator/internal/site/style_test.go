package site

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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
	css := toneRules(p)
	of := map[string]string{}
	for _, m := range regexp.MustCompile(`\.t-(\S+) \{ --tone: var\(--(\S+)\); \}`).FindAllStringSubmatch(css, -1) {
		of[m[1]] = m[2]
	}
	if len(of) != 12 || of["ta"] != "red" {
		t.Fatalf("%v", of)
	}
	seen := map[string]bool{}
	for i, topic := range p.Topics[:11] {
		tone := of[topic.ID]
		if seen[tone] || i >= 8 && slices.Index(plan.Tones, tone) < plan.StrongTones {
			t.Errorf("%s has the colour %s, which another has or which is strong", topic.ID, tone)
		}
		seen[tone] = true
	}
	if strong := plan.Tones[:plan.StrongTones]; slices.Contains(strong, of["twelfth"]) {
		t.Errorf("the twelfth topic has the colour %s", of["twelfth"])
	}
	css = outlineRules(p)
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

// TestToneContrast wants every tone of the palette to be readable as text, light
// and dark, also those that no topic of the plan has yet: 7:1 on the paper and on
// panels, and the paper's colour 7:1 on the tone.
func TestToneContrast(t *testing.T) {
	base, err := os.ReadFile(filepath.Join("..", "..", "..", "themes", "minxi", "assets", "css", "1-base.css"))
	if err != nil {
		t.Fatal(err)
	}
	palette := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);`).FindAllStringSubmatch(string(base), -1) {
		palette[m[1]] = [2]string{m[2], m[3]}
	}
	for _, tone := range plan.Tones {
		for mode, name := range []string{"light", "dark"} {
			for _, ground := range []string{"paper", "panel"} {
				if c := contrast(palette[tone][mode], palette[ground][mode]); c < 7 {
					t.Errorf("%s on %s, %s: %.2f", tone, ground, name, c)
				}
			}
			for _, other := range plan.Tones {
				if other != tone && palette[other][mode] == palette[tone][mode] {
					t.Errorf("%s and %s are one colour, %s", tone, other, name)
				}
			}
		}
	}
	if c := contrast("000000", "ffffff"); c != 21 {
		t.Errorf("black on white: %v", c)
	}
	if c := contrast("777777", "ffffff"); c < 4.4 || c > 4.5 {
		t.Errorf("grey on white: %v", c)
	}
}

// contrast is the ratio of WCAG 2 between two colours, RRGGBB.
func contrast(a, b string) float64 {
	luminance := func(colour string) float64 {
		n, err := strconv.ParseUint(colour, 16, 32)
		if err != nil {
			return math.NaN()
		}
		l := 0.0
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			v := float64(n>>(8*i)&0xff) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			l += weight * v
		}
		return l
	}
	x, y := luminance(a)+0.05, luminance(b)+0.05
	if math.IsNaN(x + y) {
		return 0
	}
	return max(x, y) / min(x, y)
}
