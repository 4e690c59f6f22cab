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

	"github.com/lucasb-eyer/go-colorful"

	"minxi/generator/internal/plan"
)

// TestStyle wants a colour of its own for a ninth topic that names none, and for
// each further one as long as the palette has any.
func TestStyle(t *testing.T) {
	p := &plan.Plan{}
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
	if n := strings.Count(filterRules(p), ".concerns:has(#of-"); n != len(p.Topics) {
		t.Errorf("%d topics of %d can be chosen on the page of a place", n, len(p.Topics))
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

// palette reads the theme's palette: each colour light and dark, RRGGBB.
func palette(t *testing.T) map[string][2]string {
	base, err := os.ReadFile(filepath.Join("..", "..", "..", "themes", "minxi", "assets", "css", "1-base.css"))
	if err != nil {
		t.Fatal(err)
	}
	p := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);`).FindAllStringSubmatch(string(base), -1) {
		p[m[1]] = [2]string{m[2], m[3]}
	}
	return p
}

var schemes = []string{"light", "dark"}

// TestToneContrast wants every colour of text to be readable, light and dark, also
// those that no topic of the plan has yet: 7:1 on the paper, on panels and on what
// is marked, and the paper's colour 7:1 on the tone.
func TestToneContrast(t *testing.T) {
	p := palette(t)
	for mode, name := range schemes {
		for _, text := range append([]string{"ink", "ink-soft", "link"}, plan.Tones...) {
			for _, ground := range []string{"paper", "panel", "mark"} {
				if c := contrast(p[text][mode], p[ground][mode]); c < 7 {
					t.Errorf("%s on %s, %s: %.2f", text, ground, name, c)
				}
			}
		}
		if c := contrast(p["on-masthead"][mode], p["masthead"][mode]); c < 7 {
			t.Errorf("on the masthead, %s: %.2f", name, c)
		}
	}
	if c := contrast("000000", "ffffff"); c != 21 {
		t.Errorf("black on white: %v", c)
	}
	if c := contrast("777777", "ffffff"); c < 4.4 || c > 4.5 {
		t.Errorf("grey on white: %v", c)
	}
}

// TestToneDistance wants colours that readers can tell from each other: those of
// topics by a CIEDE2000 of 15 and of one lightness, so that none speaks louder; the
// neutrals by less, but by something.
func TestToneDistance(t *testing.T) {
	p := palette(t)
	parse := func(name string, mode int) colorful.Color {
		c, err := colorful.Hex("#" + p[name][mode])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return c
	}
	for mode, scheme := range schemes {
		least, most := math.Inf(1), math.Inf(-1)
		for i, a := range plan.Tones {
			if i < plan.StrongTones {
				l, _, _ := parse(a, mode).OkLch()
				least, most = min(least, l), max(most, l)
			}
			for j, b := range plan.Tones[:i] {
				want := 15.0
				if i >= plan.StrongTones || j >= plan.StrongTones {
					want = 4
				}
				if d := 100 * parse(a, mode).DistanceCIEDE2000(parse(b, mode)); d < want {
					t.Errorf("%s and %s, %s: a distance of %.1f, want %.0f", a, b, scheme, d, want)
				}
			}
		}
		if most-least > 0.03 {
			t.Errorf("%s: lightness from %.3f to %.3f", scheme, least, most)
		}
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
