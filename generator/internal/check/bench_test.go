package check

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// BenchmarkRun checks plans of growing size, made of the real plan's sentences
// over and over, with its terms and places. The time for a unit should stay.
func BenchmarkRun(b *testing.B) {
	real := realContent(b)
	b.Run("real", func(b *testing.B) { benchmarkRun(b, real) })
	for _, n := range []int{1_000, 10_000, 50_000} {
		fsys := largePlan(b, real, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkRun(b, fsys) })
	}
}

func benchmarkRun(b *testing.B, fsys fstest.MapFS) {
	tree, _ := content.Load(fsys, "content")
	units := tree.Plan.Count().Units
	b.ReportAllocs()
	for b.Loop() {
		Run(Input{FS: fsys, Tree: tree})
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(units), "ns/unit")
}

// largePlan is a plan of n sentences in chapters of ten sections of a hundred.
func largePlan(tb testing.TB, real fstest.MapFS, n int) fstest.MapFS {
	tree, _ := content.Load(real, "content")
	var sentences []plan.Text
	for u := range tree.Plan.Units() {
		sentences = append(sentences, u.Text)
	}
	m := fstest.MapFS{}
	write := func(name, data string) { m["content/"+name] = &fstest.MapFile{Data: []byte(data)} }
	for name, f := range real {
		if strings.HasPrefix(name, "content/places/") || strings.HasPrefix(name, "content/topics/") || name == "content/termbase.csv" {
			m[name] = f
		}
	}
	write("plan/_index.zh.md", "---\ntitle: 方案\n---\n")
	write("plan/_index.en.md", "---\ntitle: Plan\n---\n")
	section, chapter := 0, 0
	for i := 0; i < n; {
		if section++; (section-1)%10 == 0 {
			chapter++
			head := fmt.Sprintf("number: %d\n---\n", chapter)
			write(fmt.Sprintf("plan/c%d/_index.zh.md", chapter), "---\ntitle: 章\n"+head)
			write(fmt.Sprintf("plan/c%d/_index.en.md", chapter), "---\ntitle: Chapter\n"+head)
		}
		var zh, en strings.Builder
		fmt.Fprintf(&zh, "---\ntitle: 节\nnumber: %d\n---\n", section)
		fmt.Fprintf(&en, "---\ntitle: Section\nnumber: %d\n---\n", section)
		for k := 1; k <= 100 && i < n; k++ {
			s := sentences[i%len(sentences)]
			fmt.Fprintf(&zh, "\n%s\n{#s%d-%d kind=\"context\"}\n", s.ZH, section, k)
			fmt.Fprintf(&en, "\n%s\n{#s%d-%d}\n", s.EN, section, k)
			i++
		}
		write(fmt.Sprintf("plan/c%d/s%d.zh.md", chapter, section), zh.String())
		write(fmt.Sprintf("plan/c%d/s%d.en.md", chapter, section), en.String())
	}
	if _, found := content.Load(m, "content"); found.HasErrors() {
		tb.Fatal(found[0])
	}
	return m
}
