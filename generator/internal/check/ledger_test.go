package check

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestLedger changes what was published, with and without a row that says so.
func TestLedger(t *testing.T) {
	edit := func(fsys fstest.MapFS, file, old, new string) {
		t.Helper()
		data := string(fsys[file].Data)
		if !strings.Contains(data, old) {
			t.Fatalf("%s has no %q in\n%s", file, old, data)
		}
		fsys[file] = &fstest.MapFile{Data: []byte(strings.Replace(data, old, new, 1))}
	}
	const s1, s1en, rows = "content/plan/c1/s1.zh.md", "content/plan/c1/s1.en.md", "content/ledger.csv"
	gone := func(fsys fstest.MapFS) {
		edit(fsys, s1, "治理水土。\n{#s1-2 topics=\"ecology\" places=\"changting\"}\n", "")
		edit(fsys, s1en, "Control erosion.\n{#s1-2}\n", "")
	}
	for _, c := range []struct {
		name   string
		change func(fstest.MapFS)
		want   []string // each in the report
		not    []string
	}{
		{"no ledger", func(f fstest.MapFS) { delete(f, rows) }, []string{"content/ledger.csv: there is no ledger"}, nil},
		{"an id disappears", gone, []string{s1 + ":2:8: s1-2 is missing: “治理水土。”"}, []string{"content/ledger.csv"}},
		{"an id disappears that no source has", func(f fstest.MapFS) {
			gone(f)
			edit(f, "content/plan/_index.zh.md", "source: seeds/x.txt\n", "")
		}, []string{"content/ledger.csv:4:1: s1-2 is missing: “治理水土。”"}, nil},
		{"an id is withdrawn", func(f fstest.MapFS) {
			gone(f)
			edit(f, rows, "s1-2,live,,", "s1-2,withdrawn,s1-1,")
			edit(f, rows, ",治理水土。,,", ",治理水土。,Control erosion.,并入第一句")
		}, nil, []string{"content/ledger.csv"}},
		{"withdrawn without a reason", func(f fstest.MapFS) {
			gone(f)
			edit(f, rows, "s1-2,live,,", "s1-2,withdrawn,,")
		}, []string{"content/ledger.csv:4:1: why s1-2 was withdrawn or moved is not said"}, nil},
		{"withdrawn for something unknown", func(f fstest.MapFS) {
			gone(f)
			edit(f, rows, "s1-2,live,,", "s1-2,withdrawn,s9-9,")
		}, []string{"s1-2 leads to s9-9, which the plan does not have"}, nil},
		{"moved to nowhere", func(f fstest.MapFS) {
			gone(f)
			edit(f, rows, "s1-2,live,,", "s1-2,moved,,")
		}, []string{"where s1-2 was moved is not said"}, nil},
		{"an id is reused", func(f fstest.MapFS) {
			edit(f, rows, "s1-2,live,,", "s1-2,withdrawn,,")
			edit(f, s1, "治理水土。", "办好学前教育。")
		}, []string{s1 + ":9:1: s1-2 was withdrawn and cannot be used again"}, nil},
		{"a live id is marked", func(f fstest.MapFS) {
			edit(f, rows, "s1-2,live,,", "s1-2,withdrawn,,")
		}, []string{rows + ":4:1: s1-2 stands in the plan, but this row says that it was withdrawn"}, []string{"never used", "is not said"}},
		{"an id changes its meaning", newEdition(s1, "seeds/x.txt", "治理水土。", "办好学前教育。"), []string{s1 + ":9:1: s1-2 used to say “治理水土。” and now says something else", s1en + ":9:1: warning: the Chinese of s1-2 has changed since it was translated"}, nil},
		{"a sentence is revised", newEdition(s1, "seeds/x.txt", "治理水土。", "治理好水土。"), []string{s1en + ":9:1: warning: the Chinese of s1-2 has changed since it was translated"}, []string{"something else"}},
		{"a new id", func(f fstest.MapFS) {
			edit(f, s1, "治理水土。", "新的一句。\n{#s1-3 topics=\"ecology\"}\n\n治理水土。")
		}, []string{s1 + ":9:1: s1-3 is a new id that the ledger does not have"}, nil},
		{"a row in two states", func(f fstest.MapFS) {
			edit(f, rows, "s1-1,live,", "s1-1,alive,")
		}, []string{"content/ledger.csv:3:1: the state of s1-1 is “alive”"}, []string{s1}},
		{"a row twice", func(f fstest.MapFS) {
			data := string(f[rows].Data)
			f[rows] = &fstest.MapFile{Data: []byte(data + strings.Split(data, "\n")[1] + "\n")}
		}, []string{"content/ledger.csv:6:1: p-1 already stands in line 2"}, nil},
		{"a row edited by hand", func(f fstest.MapFS) {
			edit(f, rows, ",治理水土。,", ",治理水士。,")
		}, []string{"content/ledger.csv:4:1: the checksum of s1-2 is not that of the Chinese in this row"}, nil},
		{"a live row with a successor", func(f fstest.MapFS) {
			edit(f, rows, "s1-2,live,,", "s1-2,live,s1-1,")
		}, []string{"s1-2 is live and has nothing in to"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := sound()
			c.change(fsys)
			got := findings(fsys)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in:\n%s", want, got)
				}
			}
			for _, not := range c.not {
				if strings.Contains(got, not) {
					t.Errorf("%q in:\n%s", not, got)
				}
			}
		})
	}
}
