package content

import (
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"## 二级 {#two}\n\n一段。\n{.note}\n\n又一段。\n":           "## 二级\n\n一段。\n\n又一段。\n",
		"见[这一句](s3-2)和![图](a.png \"题\")。\n":                "见[这一句](<s3-2>)和![图](<a.png> \"题\")。\n",
		"[甲][一] <https://example.org/>\n\n[一]: s3 \"节\"\n": "[甲][一] <https://example.org/>\n\n[一]: <s3> \"节\"\n",
		"`[x](s3) {#a}`\n\n    [y](s3)\n":                  "`[x](s3) {#a}`\n\n    [y](s3)\n",
		"[外](a\\_b) 与 [内]( s4 )\n":                         "[外](a\\_b) 与 [内]( <s4> )\n",
	} {
		d := newDocument("content/pages/x.zh.md", "pages/x.zh.md", []byte("---\ntitle: 一\n---\n"+in))
		if got := d.Plain(func(to string) string { return "<" + to + ">" }); strings.TrimLeft(got, "\n") != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}
