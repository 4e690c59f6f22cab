package optimize

import "testing"

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
