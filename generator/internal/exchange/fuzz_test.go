package exchange_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"minxi/generator/internal/exchange"
	"minxi/generator/internal/plan"
)

// fuzz feeds a reader. Whatever is read can be written and read again with the
// same ids and texts, and is then written as the same bytes.
func fuzz(f *testing.F, name string) {
	form, _ := exchange.ForFile("x." + map[string]string{"xliff": "xlf", "po": "po", "tmx": "tmx"}[name])
	if form.Name != name {
		f.Fatal("no such format")
	}
	archive, err := txtar.ParseFile(filepath.Join("testdata", "refused-"+name+".txtar"))
	if err != nil {
		f.Fatal(err)
	}
	wrap := wraps[name]
	for _, c := range archive.Files {
		f.Add(c.Data)
		f.Add([]byte(wrap.head + string(c.Data) + wrap.foot))
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "sample"+form.Ext))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := form.Read("x", src)
		if err != nil {
			return
		}
		exchange.Accept(ours, file)
		var d exchange.Document
		seen := map[plan.ID]bool{}
		for _, u := range file.Units {
			if len(u.Faults) > 0 || seen[u.ID] {
				continue
			}
			s := exchange.Segment{ID: u.ID, Source: u.Source, Target: u.Target, State: exchange.Current}
			if u.Target == "" {
				s.State = exchange.Missing
			}
			one := exchange.Document{Segments: []exchange.Segment{s}}
			if form.Write(&bytes.Buffer{}, one) != nil || s.State == exchange.Missing && file.Partial {
				continue // not an id of ours, or a character that we do not write
			}
			seen[u.ID] = true
			d.Segments = append(d.Segments, s)
		}
		first := write(t, form, d)
		again := read(t, form, first)
		if len(again.Units) != len(d.Segments) {
			t.Fatalf("%d units, want %d", len(again.Units), len(d.Segments))
		}
		for i, u := range again.Units {
			s := d.Segments[i]
			if u.ID != s.ID || u.Source != s.Source || u.Target != s.Target || len(u.Faults) > 0 {
				t.Fatalf("%+v\nwant %+v", u, s)
			}
		}
		if second := write(t, form, d); !bytes.Equal(first, second) {
			t.Fatal("not the same bytes")
		}
		if taken, refused := exchange.Accept(d, again); len(taken) > 0 || refused.HasErrors() && len(d.Segments) > 0 {
			t.Fatalf("taken %v, refused %v", taken, refused)
		}
	})
}

func FuzzXLIFF(f *testing.F) { fuzz(f, "xliff") }
func FuzzPO(f *testing.F)    { fuzz(f, "po") }
func FuzzTMX(f *testing.F)   { fuzz(f, "tmx") }

// FuzzMarkdown writes any English as XLIFF codes and wants it back; and what is
// accepted is one sentence to goldmark, too, without any HTML of its own.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{"**a** *b* `c` [d](/e \"f\") \\* &amp; <b>", "***a** b*", "[[a](b)](c)", "`` ` ``", "a**b****c", "_a_b_", "![a](b)", "1. a", "*[a](b*c)*", "![[a](b)", "<https://x.y>", "a\\"} {
		f.Add(s)
	}
	xliff := exchange.Formats[0]
	f.Fuzz(func(t *testing.T, target string) {
		d := exchange.Document{Segments: []exchange.Segment{{ID: "p-1", Source: "中文。", Target: target, State: exchange.Current}}}
		if xliff.Write(&bytes.Buffer{}, d) != nil {
			return
		}
		u := read(t, xliff, write(t, xliff, d)).Units[0]
		if u.Target != target || len(u.Faults) > 0 {
			t.Fatalf("%q comes back as %q: %v", target, u.Target, u.Faults)
		}
		d.Segments[0].Target = ""
		taken, _ := exchange.Accept(d, exchange.File{Units: []exchange.Unit{{ID: "p-1", Source: "中文。", Target: target}}})
		if len(taken) == 0 {
			return
		}
		// goldmark as the content folder uses it must read the same text; anything
		// but one sentence, such as a list or HTML, is a finding there.
		if got, want := goldmark(t, taken[0].Target), exchange.PlainText(taken[0].Target); got != want {
			t.Fatalf("%q is %q to goldmark, %q to us", target, got, want)
		}
	})
}
