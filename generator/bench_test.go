package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"minxi/generator/internal/check"
	"minxi/generator/internal/content"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/seed"
	"minxi/generator/internal/seed/seedtest"
)

// These benchmarks time whole processes: the generator beside the plain hugo
// command of the same version, rendering the same pages with --minify. They
// report processor seconds and peak memory, which a busy machine disturbs less
// than the clock. docs/performance.md has the commands and the figures.

// syntheticProject is a project with a plan of about so many units in both
// languages, made by the real importer from a text like a PDF's.
func syntheticProject(tb testing.TB, units int) string {
	tb.Helper()
	dir := tb.TempDir()
	if err := copyProject(dir); err != nil {
		tb.Fatal(err)
	}
	for _, part := range []string{"plan", "ledger.csv"} {
		if err := os.RemoveAll(filepath.Join(dir, "content", part)); err != nil {
			tb.Fatal(err)
		}
	}
	var introductions []string
	for _, hubs := range []string{"topics", "places"} {
		found, err := filepath.Glob(filepath.Join(dir, "content", hubs, "*", "*.md"))
		if err != nil || len(found) == 0 {
			tb.Fatal("no ", hubs, err)
		}
		introductions = append(introductions, found...)
	}
	for _, name := range introductions { // they speak of the real plan: only the front matter stays
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		parts := strings.SplitAfterN(string(data), "---\n", 3)
		if err := os.WriteFile(name, []byte(strings.Join(parts[:2], "")), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	src := seedtest.Text(units)
	if err := os.WriteFile(filepath.Join(dir, "seeds", "synthetic.txt"), src, 0o644); err != nil {
		tb.Fatal(err)
	}
	generator := program(tb)
	run := func(args ...string) {
		cmd := exec.Command(generator, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			tb.Fatalf("%v: %s", err, out)
		}
	}
	run("import", "seeds/synthetic.txt", "--quiet")
	// As with the real plan, pages have the document's facts and the drawing.
	replaceIn(tb, filepath.Join(dir, "hugo.toml"), `高质量发展示范区建设方案"`, `高质量发展示范区建设试验方案"`)
	replaceIn(tb, filepath.Join(dir, "content", "plan", "_index.zh.md"), "\nsource:", "\ndrawing: tulou\nsource:")
	translate(tb, dir)
	run("translate", "accept", "--all", "--why", "synthetic", "--quiet")
	return dir
}

// translate writes an English file beside every Chinese one, and gives every
// measure a topic and the places that it names.
func translate(tb testing.TB, dir string) {
	tb.Helper()
	tree, _ := content.Load(os.DirFS(dir), "content")
	g := newGloss(tree.Plan)
	topics := []string{"red-heritage", "ecology", "livelihood", "innovation-industry", "urban-rural", "opening-up", "transport", "governance-support"}
	err := filepath.WalkDir(filepath.Join(dir, "content", "plan"), func(name string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".zh.md") {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var zh, en strings.Builder
		sentence := ""
		for line := range strings.Lines(string(data)) {
			switch {
			case strings.HasPrefix(line, "{#"):
				id, _, _ := strings.Cut(strings.Trim(line, "{#}\n"), " ")
				text, places := g.gloss(sentence)
				fmt.Fprintf(&en, "\n%s\n{#%s}\n", text, id)
				tags := fmt.Sprintf(" topics=%q", topics[len(filepath.Base(filepath.Dir(name)))%len(topics)])
				if len(places) > 0 {
					tags += fmt.Sprintf(" places=%q", strings.Join(places, " "))
				}
				line = strings.Replace(line, "}", tags+"}", 1)
			case strings.HasPrefix(line, "title: "):
				title, _ := g.gloss(strings.TrimSpace(strings.TrimPrefix(line, "title: ")))
				fmt.Fprintf(&en, "title: '%s'\n", strings.ReplaceAll(strings.TrimRight(title, "."), "'", "''"))
			case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "number: "):
				en.WriteString(line)
			}
			sentence = strings.TrimSpace(line)
			zh.WriteString(line)
		}
		if err := os.WriteFile(name, []byte(zh.String()), 0o644); err != nil {
			return err
		}
		return os.WriteFile(strings.TrimSuffix(name, ".zh.md")+".en.md", []byte(en.String()), 0o644)
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// gloss turns a synthetic sentence into something like English word by word, so
// that the checks have their whole work with it and little to find.
type gloss struct {
	words   map[string]string
	places  map[string]string // id by Chinese name
	longest int
}

func newGloss(p *plan.Plan) gloss {
	g := gloss{words: map[string]string{}, places: map[string]string{}}
	add := func(zh, en string) {
		g.words[zh] = en
		g.longest = max(g.longest, len([]rune(zh)))
	}
	for zh, en := range map[string]string{
		"支持": "support", "推动": "promote", "推进": "advance", "鼓励": "encourage", "探索": "explore", "研究": "study", "指导": "provide guidance for",
		"加快": "accelerate", "打造": "build up", "引导": "guide", "强化": "strengthen", "加强": "step up", "完善": "improve", "健全": "refine",
		"开展": "carry out", "创建": "create", "建设": "build", "深化": "deepen", "促进": "foster", "实施": "implement", "不再": "no longer", "不": "not", "未": "not", "禁止": "ban", "无": "without", "，": ",", "、": ",",
	} {
		add(zh, en)
	}
	for _, pl := range p.Places {
		add(pl.Name.ZH, pl.Name.EN)
		g.places[pl.Name.ZH] = pl.ID
		if r := []rune(pl.Name.ZH); len(r) == 2 { // 长（汀）
			short := string(r[:1]) + "（" + string(r[1:]) + "）"
			add(short, pl.Name.EN+",")
			g.places[short] = pl.ID
		}
	}
	for _, t := range p.Terms {
		add(t.ZH, t.EN)
	}
	return g
}

// numeralEnd is where the run of Chinese numerals that starts at i ends.
func numeralEnd(text []rune, i int) int {
	for i < len(text) && strings.ContainsRune("零一二三四五六七八九十百千万", text[i]) {
		i++
	}
	return i
}

func (g gloss) gloss(s string) (string, []string) {
	var out, places []string
	text := []rune(s)
	for i := 0; i < len(text); {
		n := min(g.longest, len(text)-i)
		for ; n > 0; n-- {
			if en, ok := g.words[string(text[i:i+n])]; ok {
				out = append(out, en)
				if id := g.places[string(text[i:i+n])]; id != "" && !slices.Contains(places, id) {
					places = append(places, id)
				}
				break
			}
		}
		if n == 0 {
			n = 1
			if r := text[i]; r < 0x80 && r != ' ' { // digits and letters as they are, runs together
				j := i
				for j < len(text) && text[j] < 0x80 && text[j] != ' ' {
					j++
				}
				out = append(out, string(text[i:j]))
				n = j - i
			} else if j := numeralEnd(text, i); j > i && j < len(text) && (text[j] == '项' || text[j] == '级') {
				number, _ := plan.ParseNumeral(string(text[i:j]))
				out = append(out, fmt.Sprintf("item %d", number))
				n = j - i + 1
			} else if r >= 0x4E00 {
				out = append(out, "and so")
			}
		}
		i += n
	}
	english := strings.Join(out, " ")
	for _, zh := range slices.Sorted(maps.Keys(g.places)) { // a longer word may have swallowed the name
		if strings.Contains(s, zh) {
			english += ", " + strings.Trim(g.words[zh], ",")
			if id := g.places[zh]; !slices.Contains(places, id) {
				places = append(places, id)
			}
		}
	}
	slices.Sort(places)
	return strings.ReplaceAll(english, " ,", ",") + ".", places
}

// tool builds the generator, or the plain hugo command of the version in go.mod.
func tool(tb testing.TB, name string) string {
	tb.Helper()
	bin := filepath.Join(tb.TempDir(), name)
	cmd := exec.Command("go", "build", "-o", bin, ".")
	if name == "hugo" {
		version, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "github.com/gohugoio/hugo").Output()
		if err != nil {
			tb.Fatal(err)
		}
		cmd = exec.Command("go", "install", "github.com/gohugoio/hugo@"+strings.TrimSpace(string(version)))
		cmd.Env = append(os.Environ(), "GOBIN="+filepath.Dir(bin), "GOFLAGS=")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("building %s: %v: %s", name, err, out)
	}
	return bin
}

func replaceIn(tb testing.TB, name, old, new string) {
	tb.Helper()
	data, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(data), old) {
		tb.Fatalf("%s has no %q: %v", name, old, err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(data), old, new, 1)), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// forHugo turns a project into one that the plain hugo command renders to the
// same pages: derived pages as files, the plan's own Markdown gone.
func forHugo(tb testing.TB, dir string) string {
	tb.Helper()
	out := tb.TempDir()
	for _, part := range []string{"content", "themes", "hugo.toml"} {
		if msg, err := exec.Command("cp", "-r", filepath.Join(dir, part), out).CombinedOutput(); err != nil {
			tb.Fatalf("%v: %s", err, msg)
		}
	}
	tree, found := content.Load(os.DirFS(dir), "content")
	if found.HasErrors() {
		tb.Fatal(found)
	}
	if err := os.RemoveAll(filepath.Join(out, "content")); err != nil {
		tb.Fatal(err)
	}
	s, _, _, err := pipeline.Open(pipeline.Options{Dir: dir, Base: pipeline.Base{Origin: "https://example.org"}}, tree)
	if err == nil {
		err = s.Export(out)
	}
	if err != nil {
		tb.Fatal(err)
	}
	config := filepath.Join(out, "hugo.toml")
	data, err := os.ReadFile(config)
	if err == nil { // as the generator sets it
		err = os.WriteFile(config, append([]byte("disableKinds = [\"home\", \"section\", \"taxonomy\", \"term\", \"rss\", \"404\", \"sitemap\", \"robotstxt\"]\n"), data...), 0o644)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// process times one run of a program and adds its figures to the benchmark's.
type figures struct{ cpu, rss float64 }

func (f *figures) run(b *testing.B, dir, bin string, args ...string) {
	b.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	use := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	f.cpu += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	f.rss = max(f.rss, float64(use.Maxrss)/1024)
}

func (f *figures) report(b *testing.B) {
	b.ReportMetric(f.cpu/float64(b.N), "cpu-s/op")
	b.ReportMetric(f.rss, "peak-MB")
}

func BenchmarkBuild(b *testing.B) {
	generator, hugo := "", ""
	for _, c := range []struct {
		name  string
		units int
	}{{"real", 0}, {"1000", 1000}, {"10000", 10000}} {
		b.Run(c.name, func(b *testing.B) {
			if generator == "" {
				generator, hugo = tool(b, "generator"), tool(b, "hugo")
				// The folders of sub-benchmarks go with them: keep the programs.
				keep, err := os.MkdirTemp("", "bench")
				if err != nil {
					b.Fatal(err)
				}
				for _, p := range []*string{&generator, &hugo} {
					to := filepath.Join(keep, filepath.Base(*p))
					if err := os.Rename(*p, to); err != nil {
						b.Fatal(err)
					}
					*p = to
				}
			}
			var dir string
			if c.units == 0 {
				dir = b.TempDir()
				if err := copyProject(dir); err != nil {
					b.Fatal(err)
				}
			} else {
				dir = syntheticProject(b, c.units)
			}
			plain := forHugo(b, dir)
			b.Run("generator", func(b *testing.B) {
				var f figures
				for b.Loop() {
					f.run(b, dir, generator, "--quiet", "--base-url", "https://example.org/")
				}
				f.report(b)
			})
			b.Run("hugo", func(b *testing.B) {
				var f figures
				for b.Loop() {
					f.run(b, plain, hugo, "--minify", "--quiet", "--noBuildLock", "--cleanDestinationDir", "--baseURL", "https://example.org/")
				}
				f.report(b)
			})
		})
	}
	if generator != "" {
		os.RemoveAll(filepath.Dir(generator))
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, units := range []int{0, 1000, 10000} {
		b.Run(fmt.Sprint(units), func(b *testing.B) {
			dir := ".."
			if units > 0 {
				dir = syntheticProject(b, units)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, found := content.Load(os.DirFS(dir), "content"); found.HasErrors() {
					b.Fatal(found)
				}
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, units := range []int{0, 1000, 10000} {
		b.Run(fmt.Sprint(units), func(b *testing.B) {
			dir := ".."
			if units > 0 {
				dir = syntheticProject(b, units)
			}
			fsys := os.DirFS(dir)
			tree, _ := content.Load(fsys, "content")
			for b.Loop() {
				if found := check.Run(check.Input{FS: fsys, Tree: tree}); found.HasErrors() {
					b.Fatal(found)
				}
			}
		})
	}
}

// TestSyntheticProject builds what the benchmarks measure once, small.
func TestSyntheticProject(t *testing.T) {
	dir := syntheticProject(t, 300)
	src, err := os.ReadFile(filepath.Join(dir, "seeds", "synthetic.txt"))
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := seed.Read("synthetic.txt", src)
	if err != nil {
		t.Fatal(err)
	}
	want := p.Count()
	tree, found := content.Load(os.DirFS(dir), "content")
	found = append(found, check.Run(check.Input{FS: os.DirFS(dir), Tree: tree})...)
	if found.HasErrors() {
		t.Fatal(found)
	}
	if got := tree.Plan.Count(); got != want || got.Units < 250 {
		t.Errorf("%+v, want %+v", got, want)
	}
	for u := range tree.Plan.Units() {
		if u.Text.In(plan.EN) == "" {
			t.Errorf("%s has no English", u.ID)
		}
	}
}
