package optimize

import (
	"regexp"
	"testing"
)

func TestMarkdownLinks(t *testing.T) {
	const name = "zh/m/s3-2/index.md"
	for _, c := range []struct{ in, want, disk string }{
		{"[a](/zh/m/s3-3/index.md) 和 [b](/zh/data/)", "[a](../s3-3/index.md) 和 [b](../../data/)", "[a](../s3-3/index.md) 和 [b](../../data/index.html)"},
		{"[自己](/zh/m/s3-2/)", "[自己](./)", "[自己](index.html)"},
		{"[外](https://example.org/a) <https://example.org/> ![图](/icon.svg)", "[外](https://example.org/a) <https://example.org/> ![图](../../../icon.svg)", ""},
		{"[甲]: /zh/\n[乙]: //host/x\n(/zh/)", "[甲]: ../../\n[乙]: //host/x\n(/zh/)", "[甲]: ../../index.html\n[乙]: //host/x\n(/zh/)"},
		{"没有链接", "没有链接", ""},
	} {
		if c.disk == "" {
			c.disk = c.want
		}
		for want, o := range map[string]Options{c.want: {Minify: true}, c.disk: {IndexFile: true}} {
			if want == c.want && c.disk == c.want && o.IndexFile {
				continue
			}
			got, err := New(o).File(name, []byte(c.in))
			if err != nil || string(got) != want {
				t.Errorf("%q becomes %q (%v), not %q", c.in, got, err, want)
			}
		}
	}
}

// Which addresses are relinked is what these expressions say.
var (
	rootRelative = regexp.MustCompile(`(?m)(?:\]\(|^\[[^\]\n]+\]: )(/[^()\s]*)`)
	led          = regexp.MustCompile(`(?m)(?:\]\(|^\[[^\]\n]+\]: )([^()\s<]+)`)
)

func FuzzMarkdownLinks(f *testing.F) {
	for _, src := range []string{
		"[a](/zh/m/s3-3/index.md) [b](/zh/data/)\n[c]: /en/ x\n [d]: /e\n[]: /f\n[g]h]: /i", "](/a](/b)(/c", "[a](b](/x) [k]: /l\n[m]:\n/n](", "[甲](</zh/>) [乙](a/<b)",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		at := New(Options{}).place("zh/m/s3-2/index.md")
		disk := New(Options{}).place("zh/m/s3-2/index.md")
		disk.unpack = true
		made, _ := markdown(nil, at, []byte(src))
		for _, c := range []struct {
			name string
			at   *place
			got  []byte
			says *regexp.Regexp
		}{{"host", at, made, rootRelative}, {"disk", disk, unpackMarkdown(disk, []byte(src)), led}} {
			want, last := "", 0
			for _, m := range c.says.FindAllStringSubmatchIndex(src, -1) {
				to := src[m[2]:m[3]]
				if linked, ok := c.at.appendLink(nil, []byte(to)); ok {
					to = string(linked)
				}
				want += src[last:m[2]] + to
				last = m[3]
			}
			if want += src[last:]; string(c.got) != want {
				t.Errorf("%s: %q becomes %q, not %q", c.name, src, c.got, want)
			}
		}
	})
}
