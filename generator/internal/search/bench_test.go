package search

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/optimize"
	"minxi/generator/internal/plan"
)

// larger puts clauses of the real plan together anew, in sections of fifty, with its
// topics, places and terms.
func larger(tb testing.TB, units int) Input {
	tree, found := content.Load(os.DirFS("../../.."), "content")
	if found.HasErrors() {
		tb.Fatal(found)
	}
	in := Input{Plan: tree.Plan}
	for _, t := range tree.Plan.Terms {
		in.Others = append(in.Others, Other{Kind: Term, Title: t.Text})
	}
	if units <= tree.Plan.Count().Units {
		return in
	}
	var zh, en []string
	for u := range tree.Plan.Units() {
		zh = append(zh, strings.FieldsFunc(u.Text.ZH, func(r rune) bool { return r == '，' || r == '。' })...)
		en = append(en, strings.FieldsFunc(u.Text.EN, func(r rune) bool { return r == ',' || r == '.' })...)
	}
	random := rand.New(rand.NewPCG(1, 2))
	p := *tree.Plan
	p.Preamble, p.Chapters = nil, nil
	for n := range units {
		if n%1000 == 0 {
			p.Chapters = append(p.Chapters, &plan.Chapter{Number: n/1000 + 1, Title: plan.Text{ZH: zh[n%len(zh)], EN: en[n%len(en)]}})
		}
		c := p.Chapters[len(p.Chapters)-1]
		if n%50 == 0 {
			c.Sections = append(c.Sections, &plan.Section{Number: n/50 + 1, Label: n/50 + 1, Title: plan.Text{ZH: zh[n%len(zh)], EN: en[n%len(en)]}})
		}
		s := c.Sections[len(c.Sections)-1]
		u := &plan.Unit{ID: plan.ID(fmt.Sprintf("s%d-%d", s.Number, n%50+1)), Kind: plan.Measure, Chapter: c.Number, Section: s.Number, Topics: []string{p.Topics[n%len(p.Topics)].ID}}
		for range 4 {
			u.Text.ZH += zh[random.IntN(len(zh))] + "，"
			u.Text.EN += en[random.IntN(len(en))] + ", "
		}
		s.Units = append(s.Units, u)
	}
	in.Plan = &p
	return in
}

// BenchmarkBuild makes all that the search adds to a build, minified, except for
// writing it.
func BenchmarkBuild(b *testing.B) {
	for _, units := range []int{118, 10_000, 50_000} {
		b.Run(fmt.Sprint(units), func(b *testing.B) {
			in := larger(b, units)
			b.ReportAllocs()
			for b.Loop() {
				o := optimize.New(optimize.Options{Minify: true})
				s := New(in)
				data, err := s.Data()
				if err != nil {
					b.Fatal(err)
				}
				files, bytes := 1, len(data)
				for f := range s.Files() {
					data, err := f.Data()
					if err == nil {
						data, err = o.File(f.Path, data)
					}
					if err != nil {
						b.Fatal(err)
					}
					files++
					bytes += len(data)
				}
				b.ReportMetric(float64(files), "files")
				b.ReportMetric(float64(bytes), "bytes")
			}
		})
	}
}
