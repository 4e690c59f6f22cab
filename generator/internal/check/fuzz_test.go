package check

import (
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzFiles puts anything into a page, a hub, a sentence's file and a table. The
// checks neither panic nor point outside of a file, and say all they say in both
// languages.
func FuzzFiles(f *testing.F) {
	for _, s := range []string{page("[a](s1-9) ![](x) *b"), "---\ntitle: &a [*a]\n---\n", "\xff\xfe-\x00", "<<<<<<< HEAD\n", "---\ntitle: 环境\nnumber: 1\n---\n\n保护环境。\n{#s1-2 topics=\"x\"}\n", "id,state\n\"", "---\nurl: /x\n---\n{{< x", "\ufeff---\n- a\n---\n[a]: //b\n&#0;", "---\n---\n", "[a](http://[::1)\n{#main}"} {
		f.Add(s)
	}
	base := sound()
	f.Fuzz(func(t *testing.T, s string) {
		for _, file := range []string{about, "content/topics/ecology/_index.zh.md", "content/places/longyan/_index.en.md", "content/plan/c1/s1.zh.md", "content/plan/c1/s1.en.md", "content/plan/_index.zh.md", "content/ledger.csv", "content/termbase.csv"} {
			fsys := fstest.MapFS{}
			for name, data := range base {
				fsys[name] = data
			}
			fsys[file] = &fstest.MapFile{Data: []byte(s)}
			for _, d := range loadAndRun(fsys) {
				if d.File == file && (d.Line > strings.Count(s, "\n")+1 || d.Line < 0 || d.Col < 0) {
					t.Fatalf("%v stands outside of %q", d, s)
				}
				if d.Fact.ZH == "" || d.Fact.EN == "" || strings.Contains(d.Fact.EN+d.Hint.EN+d.Fact.ZH+d.Hint.ZH, "%!") && !strings.Contains(s, "%!") {
					t.Fatalf("badly said: %+v", d)
				}
			}
		}
	})
}
