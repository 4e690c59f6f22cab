package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/check"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/seed"
	"minxi/generator/internal/seed/seedtest"
	"minxi/generator/internal/site"
)

// These benchmarks time whole processes: the generator beside the plain hugo
// command of the same version, rendering the same pages with --minify. They
// report processor seconds and peak memory, which a busy machine disturbs less
// than the clock. docs/performance.md has the commands and the figures.

// syntheticProject is a project with a plan of about so many units in both
// languages, made by the real importer from a text like a PDF's.
func syntheticProject(tb testing.TB, units int, shape seedtest.Shape) string {
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
	for _, hubs := range []string{"topics", "places", "bodies"} {
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
		head := regexp.MustCompile(`(?m)^support: .*\n`).ReplaceAllString(parts[1], "")
		if err := os.WriteFile(name, []byte(parts[0]+head), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	src := seedtest.Shaped(units, shape)
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
	withdraw(tb, dir)
	run("translate", "accept", "--all", "--why", "synthetic", "--quiet")
	return dir
}

// translate writes an English file beside every Chinese one, and gives every
// measure a topic and the places that it names, each with its government.
func translate(tb testing.TB, dir string) {
	tb.Helper()
	tree, _ := content.Load(os.DirFS(dir), "content")
	g, governed := newGloss(tree.Plan), map[string]bool{}
	for _, b := range tree.Plan.Bodies {
		governed[b.ID] = b.ID == b.Place
	}
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
					acting := slices.DeleteFunc(slices.Clone(places), func(id string) bool { return !governed[id] })
					if len(acting) > 0 {
						tags += fmt.Sprintf(" bodies=%q", strings.Join(acting, " "))
					}
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

// withdraw takes back the few English sentences that the checks refuse: a place
// may be named five times in one that means nothing.
func withdraw(tb testing.TB, dir string) {
	tb.Helper()
	tree, _ := content.Load(os.DirFS(dir), "content")
	for _, d := range check.Run(check.Input{FS: os.DirFS(dir), Tree: tree}) {
		if d.Severity != diag.Error || !strings.HasSuffix(d.File, ".en.md") || d.Line < 6 {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(d.File))
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		lines := strings.SplitAfter(string(data), "\n")
		lines[d.Line-1], lines[d.Line] = "", "" // the sentence and its id; lines keep their numbers
		for i := range lines {
			if lines[i] == "" {
				lines[i] = "\n"
			}
		}
		if err := os.WriteFile(name, []byte(strings.Join(lines, "")), 0o644); err != nil {
			tb.Fatal(err)
		}
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
	s, _, _, err := pipeline.Open(pipeline.Options{Dir: dir}, tree)
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

// process is what one run of a program took.
type process struct{ cpu, rss float64 } // seconds, MB

func measured(b *testing.B, dir string, env []string, bin string, args ...string) process {
	b.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	use := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return process{(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), float64(use.Maxrss) / 1024}
}

// median of what f gives for each run.
func median(runs []process, f func(process) float64) float64 {
	var all []float64
	for _, r := range runs {
		all = append(all, f(r))
	}
	return middle(all)
}

func middle(all []float64) float64 {
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// htmlOf counts the pages of a built tree and their bytes.
func htmlOf(b *testing.B, dir string) (pages, size int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && filepath.Ext(name) == ".html" {
			info, e := d.Info()
			if e != nil {
				return e
			}
			pages, size = pages+1, size+info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return pages, size
}

// changeOne changes one English sentence in the middle of a plan, to another text each time,
// and gives its id.
func changeOne(b *testing.B, dir string, n int) (id string) {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "content", "plan", "c*", "s*.en.md"))
	if err != nil || len(files) == 0 {
		b.Fatal("no sections ", err)
	}
	slices.Sort(files)
	name := files[len(files)/2]
	data, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	text, again := string(data), fmt.Sprintf(", again and again%s.", strings.Repeat(" and again", n))
	end := strings.Index(text, ".\n{#")
	if end < 0 {
		b.Fatal("no sentence in ", name)
	}
	start := strings.LastIndex(text[:end], "\n") + 1
	sentence, _, _ := strings.Cut(text[start:end], ", again and again")
	if err := os.WriteFile(name, []byte(text[:start]+sentence+again+text[end+1:]), 0o644); err != nil {
		b.Fatal(err)
	}
	id, _, _ = strings.Cut(text[end+len(".\n{#"):], "}")
	return id
}

// BenchmarkBuild runs, in turn, the plain hugo command and the generator: without
// a cache, with an empty one, again with nothing changed and with one sentence
// changed. Its ratios are those of medians, of processor time. The site has no address,
// since with one it has cards and long pictures, which hugo does not draw; a build with
// these is measured by itself.
func BenchmarkBuild(b *testing.B) {
	generator, hugo := "", ""
	for _, c := range []struct {
		name  string
		units int
		shape seedtest.Shape
	}{
		{name: "real"},
		{"even-1000", 1000, seedtest.Even}, {"chapters-of-12-1000", 1000, seedtest.Long},
		{"even-10000", 10000, seedtest.Even}, {"chapters-of-12-10000", 10000, seedtest.Long},
	} {
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
				dir = syntheticProject(b, c.units, c.shape)
			}
			plain := forHugo(b, dir)
			kept := filepath.Join(b.TempDir(), "cache")
			var theirs, uncached, cold, warm, changed, pictures []process
			ours := func(more ...string) process {
				return measured(b, dir, []string{"XDG_CACHE_HOME=" + kept}, generator, append([]string{"--quiet", "--base-url", "/"}, more...)...)
			}
			for n := 0; b.Loop(); n++ {
				theirs = append(theirs, measured(b, plain, nil, hugo, "--minify", "--quiet", "--noBuildLock", "--cleanDestinationDir", "--baseURL", "/"))
				uncached = append(uncached, ours("--no-cache"))
				if err := os.RemoveAll(kept); err != nil {
					b.Fatal(err)
				}
				cold = append(cold, ours())
				warm = append(warm, ours())
				changeOne(b, dir, n)
				changed = append(changed, ours())
				if c.units < 10000 {
					pictures = append(pictures, ours("--no-cache", "--base-url", "https://example.org/"))
				}
			}
			cpu := func(r process) float64 { return r.cpu }
			rss := func(r process) float64 { return r.rss }
			pages, size := htmlOf(b, filepath.Join(dir, "public"))
			b.ReportMetric(median(theirs, cpu), "hugo-cpu-s")
			b.ReportMetric(median(theirs, rss), "hugo-MB")
			b.ReportMetric(median(uncached, cpu)/median(theirs, cpu), "no-cache/hugo")
			b.ReportMetric(median(cold, cpu)/median(theirs, cpu), "cold/hugo")
			b.ReportMetric(median(cold, rss)/median(theirs, rss), "memory/hugo")
			b.ReportMetric(median(cold, cpu), "cold-cpu-s")
			b.ReportMetric(median(cold, rss), "cold-MB")
			b.ReportMetric(median(warm, rss), "warm-MB")
			b.ReportMetric(100*median(warm, cpu)/median(cold, cpu), "warm-%")
			b.ReportMetric(100*median(changed, cpu)/median(cold, cpu), "one-sentence-%")
			if pictures != nil {
				b.ReportMetric(median(pictures, cpu), "with-pictures-cpu-s")
			}
			b.ReportMetric(float64(pages), "pages")
			b.ReportMetric(float64(size)/float64(pages)/1000, "html-kB/page")
		})
	}
	if generator != "" {
		os.RemoveAll(filepath.Dir(generator))
	}
}

// BenchmarkSave is what the preview works after a save of one sentence of the real plan:
// until the page that somebody looks at is there, and until all are.
func BenchmarkSave(b *testing.B) {
	dir := b.TempDir()
	if err := copyProject(dir); err != nil {
		b.Fatal(err)
	}
	o := pipeline.Options{Dir: dir, Drafts: true, Preview: true, Tolerant: true, Version: "bench", Cache: cache.Store{Dir: b.TempDir()}}
	tree := &pipeline.Memory{}
	build := func(first string, ready func()) { // as serve and the preview do
		next := &pipeline.Memory{Before: tree, First: []string{first}, Ready: ready}
		if _, err := pipeline.Build(b.Context(), o, next); err != nil {
			b.Fatal(err)
		}
		tree, next.Before = next, nil
	}
	spareCollector(&o)
	build("", nil)
	var all, first []float64
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		id := changeOne(b, dir, n)
		before := spentNow(b)
		b.StartTimer()
		build("/en/m/"+id+"/", func() { first = append(first, spentNow(b)-before) })
		all = append(all, spentNow(b)-before)
	}
	if len(first) != len(all) {
		b.Fatalf("%d of %d pages came first", len(first), len(all))
	}
	b.ReportMetric(1000*middle(first), "page-cpu-ms")
	b.ReportMetric(1000*middle(all), "all-cpu-ms")
}

// spentNow is the processor time of this process so far, in seconds.
func spentNow(b *testing.B) float64 {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return float64(use.Utime.Nano()+use.Stime.Nano()) / 1e9
}

func BenchmarkLoad(b *testing.B) {
	for _, units := range []int{0, 1000, 10000} {
		b.Run(fmt.Sprint(units), func(b *testing.B) {
			dir := ".."
			if units > 0 {
				dir = syntheticProject(b, units, seedtest.Long)
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
				dir = syntheticProject(b, units, seedtest.Long)
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
	dir := syntheticProject(t, 300, seedtest.Even)
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
	// What its pages are derived of is as TestClosed says of the real plan.
	s, _, _, err := pipeline.Open(pipeline.Options{Dir: dir}, tree)
	if err != nil {
		t.Fatal(err)
	}
	for p, err := range s.Pages(&site.Notes{}) {
		if open, e := s.Opened(p); err != nil || e != nil || open.Key != p.Key {
			t.Errorf("%s is another page when every sentence is open (%v, %v)", p.Path, err, e)
		}
	}
}
