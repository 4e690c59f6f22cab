package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"minxi/generator/internal/check"
	"minxi/generator/internal/content"
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
	src := seedtest.Text(units)
	if err := os.WriteFile(filepath.Join(dir, "seeds", "synthetic.txt"), src, 0o644); err != nil {
		tb.Fatal(err)
	}
	generator := tool(tb, "generator")
	run := func(args ...string) {
		cmd := exec.Command(generator, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			tb.Fatalf("%v: %s", err, out)
		}
	}
	run("import", "seeds/synthetic.txt", "--quiet")
	translate(tb, dir)
	run("translate", "accept", "--all", "--why", "synthetic", "--quiet")
	return dir
}

// translate writes an English file beside every Chinese one and gives every
// measure a topic and some of them places.
func translate(tb testing.TB, dir string) {
	tb.Helper()
	topics := []string{"red-heritage", "ecology", "livelihood", "innovation-industry", "urban-rural", "opening-up", "transport", "governance-support"}
	places := []string{"longyan", "sanming", "changting", "yongan", "shaxian", "wuping", "ninghua"}
	n := 0
	err := filepath.WalkDir(filepath.Join(dir, "content", "plan"), func(name string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".zh.md") {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var zh, en strings.Builder
		for line := range strings.Lines(string(data)) {
			switch {
			case strings.HasPrefix(line, "{#"):
				id, _, _ := strings.Cut(strings.Trim(line, "{#}\n"), " ")
				fmt.Fprintf(&en, "\nSupport the zone in carrying out item %s in accordance with the plan, promote the coordinated development of its counties, and step up the protection of the ecological environment while improving people’s well-being in towns and villages (%d).\n{#%s}\n", id, n, id)
				tags := fmt.Sprintf(" topics=%q", topics[n%len(topics)])
				if n%2 == 0 {
					tags += fmt.Sprintf(" places=%q", places[n%len(places)])
				}
				line = strings.Replace(line, "}", tags+"}", 1)
				n++
			case strings.HasPrefix(line, "title: "):
				fmt.Fprintf(&en, "title: Division %d of the synthetic plan\n", n)
			case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "number: "):
				en.WriteString(line)
			}
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
	for _, part := range []string{"plan", "termbase.csv", "ledger.csv"} {
		if err := os.RemoveAll(filepath.Join(out, "content", part)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := site.Export(site.Input{Dir: dir, Plan: tree.Plan, Origin: "https://example.org"}, out); err != nil {
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
	if testing.Short() {
		t.Skip("builds the command")
	}
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
