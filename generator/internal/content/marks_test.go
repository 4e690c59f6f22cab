package content

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"minxi/generator/internal/plan"
)

// pageOf is a document of an ordinary page with this body.
func pageOf(body string) *Document {
	return newDocument("content/pages/x.en.md", "pages/x.en.md", []byte("---\ntitle: x\n---\n"+body))
}

// outlineOf writes every mark as its kind and the text that it covers.
func outlineOf(d *Document) string {
	names := map[MarkKind]string{Strong: "strong", Emphasis: "em", Link: "link", Image: "image", Autolink: "auto", Code: "code",
		Escape: "escape", Entity: "entity", HTML: "html", Stray: "stray", Definition: "def", Heading: "heading", Attributes: "attributes", Shortcode: "shortcode"}
	var list []string
	for _, m := range d.Marks() {
		s := names[m.Kind] + " " + string(d.Data[m.Start:m.End])
		switch m.Kind {
		case Strong, Emphasis:
			s += " > " + string(d.Data[m.Text.Start:m.Text.End])
			if m.Nested {
				s += " nested"
			}
		case Link, Image, Autolink, Definition:
			s += " > " + m.Destination
			if !m.ByName && !strings.HasPrefix(m.Destination, "mailto:") && !strings.HasPrefix(string(d.Data[m.DestinationAt:]), m.Destination) {
				s += " (which is not what stands at its place)"
			}
		case Shortcode:
			s += " > " + m.Name
		}
		for _, a := range m.Attributes {
			s += fmt.Sprintf(" %s=%s", a.Name, a.Value)
		}
		list = append(list, strings.ReplaceAll(s, "\n", "⏎"))
	}
	return strings.Join(list, "; ")
}

// TestMarks wants the exact place of every piece of Markdown.
func TestMarks(t *testing.T) {
	for body, want := range map[string]string{
		"plain words, 2 * 3, snake_case, [2021] No. 3": "",
		"*a* and **b** and ***c***":                    "em *a* > a; strong **b** > b; em ***c*** > **c**; strong **c** > c",
		"***a** b*":                                    "em ***a** b* > **a** b; strong **a** > a",
		"***a* b**":                                    "strong ***a* b** > *a* b; em *a* > a",
		"**a***b*":                                     "strong **a** > a; em *b* > b",
		"**a *b**":                                     "stray *; em *a *b** > a *b*; em *b* > b",
		"a**“b”**c":                                    "stray **; stray **",
		"[a](b)":                                       "link [a](b) > b",
		"[a](<b c> \"t\") ![d](e.png)":                 "link [a](<b c> \"t\") > b c; image ![d](e.png) > e.png",
		"[a [b] c](d(e)f)":                             "link [a [b] c](d(e)f) > d(e)f",
		"[![a](b)](c)":                                 "link [![a](b)](c) > c; image ![a](b) > b",
		"[a](b\\_c)":                                   "link [a](b\\_c) > b_c (which is not what stands at its place)",
		"[x][y] [y][] [y]\n\n[y]: /z 't'\n":            "link [x][y] > /z; link [y][] > /z; link [y] > /z; def [y]: /z 't' > /z",
		"[x]\n\n[x]:\n  /z\n  \"t\"\n":                 "link [x] > /z; def [x]:⏎  /z⏎  \"t\" > /z",
		"> [x]\n>\n> [x]:\n> /z\n":                     "link [x] > /z; def [x]:⏎> /z > /z",
		"<https://a.b/c> <a@b.cd> https://e.fg/h.":     "auto <https://a.b/c> > https://a.b/c; auto <a@b.cd> > mailto:a@b.cd; auto https://e.fg/h > https://e.fg/h",
		"`a*b` ``c`d``":                                "code `a*b`; code ``c`d``",
		`\* &amp; &#8203; &nosuch; AT&T`:               `escape \*; entity &amp;; entity &#8203;`,
		"a <b>c</b>\n\n<div>\nx\n</div>\n":             "html <b>; html </b>; html <div>⏎x⏎</div>⏎",
		"## a {#b .c}\n":                               "heading {#b .c} id=b class=c",
		"a\n=\n\n# b #\n":                              "heading a; heading b",
		"a\n{#b}\n\n- x\n{style=\"y\"}\n":              "attributes {#b} id=b; attributes {style=\"y\"} style=y",
		"```go {#a}\nx\n```\n":                         "attributes {#a} id=a",
		"{{< x \"y\" >}} {{% z %}} {{</* q */>}}":      "shortcode {{< x \"y\" >}} > x; shortcode {{% z %}} > z",
		"[a]({{< ref \"b c\" >}})":                     "link [a]({{< ref \"b c\" >}}) > xxxxxxxxxxxxxxxxx (which is not what stands at its place); shortcode {{< ref \"b c\" >}} > ref",
		"> *a\n> b*\n":                                 "em *a⏎> b* > a⏎> b",
		"    [a](b)\n":                                 "",
		"| *a* | [b](c) |\n|---|---|\n| d | `e` |\n":   "em *a* > a; link [b](c) > c; code `e`",
		"a[^1]\n\n[^1]: *b* [c](d)\n":                  "em *b* > b; link [c](d) > d",
		"**“红”**和**“绿”**":                              "strong **“红”**和**“绿”** > “红”**和**“绿”; strong **和** > 和 nested",
		"****a****":                                    "strong ****a**** > **a**; strong **a** > a",
	} {
		if got := outlineOf(pageOf(body)); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", body, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	d := pageOf("## 甲 {#a}\n\n*b* [c d](/e) `f` \\* &amp; {{< ref \"g\" >}} h\\\ni.\n\n    j\n")
	got := strings.Join(strings.Fields(string(d.Words())), " ")
	if want := "甲 b c d .. ..... h i."; got != want || len(d.Words()) != len(d.Data) || strings.Count(string(d.Words()), "\n") != strings.Count(string(d.Data), "\n") {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestStray tells asterisks that are left on the page from those that are meant.
func TestStray(t *testing.T) {
	for text, want := range map[string][]int{
		"**红色**文化":              nil,
		"**“红色”**文化":            {0, 14},
		"“**红色**”文化":            nil,
		"**“红色”** 文化":           nil,
		"2 * 3 = 6":             nil,
		"snake_case_name":       nil,
		"* item\n* item":        nil,
		"**never":               {0},
		"***":                   nil,
		"a*b*c":                 nil,
		"[x](/a*b) <https:*>":   nil,
		strings.Repeat("a*", 3): {5},
	} {
		var got []int
		d := pageOf(text)
		for _, m := range d.Marks() {
			if m.Kind == Stray {
				got = append(got, m.Start-d.Body)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestMarksOfMany would take minutes if our part of the reading looked at all
// marks for each. (goldmark does, for some texts that nobody writes.)
func TestMarksOfMany(t *testing.T) {
	for s, n := range map[string]int{"a* ": 50_000, " *a": 50_000, "*a_": 3_000, "a**b*": 50_000, "`": 50_000, "&amp;": 50_000, "<b>": 50_000, "[a](b)": 50_000} {
		start := time.Now()
		pageOf(strings.Repeat(s, n)).Marks()
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%q takes %v", s, d)
		}
	}
}

func TestUnreadable(t *testing.T) {
	sound := "---\ntitle: 关于\n---\n\n"
	for data, want := range map[string]string{
		sound + "甲\n=======\n\n>>>>>>> 引用\n":                     "",
		sound + "```\n=======\n```\n":                            "",
		sound + "甲\n\n> <<<<<<< HEAD\n\n    <<<<<<< HEAD\n":      "",
		sound + "甲\n<<<<<<< HEAD\n乙\n=======\n丙\n>>>>>>> main\n": "6:1",
		sound + "甲\r\n<<<<<<< HEAD\r\n乙\r\n":                     "6:1",
		sound + "甲\n乙\n=======\n丙\n>>>>>>> origin/main\n":        "9:1",
		sound + "甲\n\n=======\n乙\n":                              "7:1",
		sound + "甲\n>>>>>>> 0a1b2c3 (更正)\n":                      "6:1",
		"---\ntitle: 关于\n=======\n---\n":                         "3:1",
		sound + "甲\n||||||| base\n乙\n":                           "6:1",
	} {
		fsys := fstest.MapFS{"content/pages/a.zh.md": {Data: []byte(data)}}
		_, found := Load(fsys, "content")
		got := ""
		for _, f := range found {
			if f.Check == "conflict" {
				got += strings.TrimPrefix(f.Pos.String(), "content/pages/a.zh.md:")
			}
		}
		if got != want {
			t.Errorf("%q: conflict at %q, want %q", data, got, want)
		}
	}
}

// FuzzMarks wants every mark of whatever stands in a page inside of it, and every
// byte of it to have a place.
func FuzzMarks(f *testing.F) {
	for _, s := range []string{"*a **b** c*", "[a [b]](c \"d\")", "> [x]:\n> y\n\n[x]", "{{< a >}}{{%", "| a |\n|--|\n| *b* |", "a\n{#b .c}", "```x {y=1}\n", "&#8203;\\*", "<a@b.c> <b>", "# a {#b", "\t- [ ] *a\n\t  b*\r\n", "[^1]\n\n[^1]: *a*", "![a](b)![", "a\n:   b\n\n    *c*", "<<<<<<< a\n=======\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, d := range []*Document{pageOf(body), passage(plan.EN, []byte(body)), passage(plan.ZH, []byte(body))} {
			for _, m := range d.Marks() {
				for _, s := range []Span{m.Span, m.Text} {
					if s.Start < 0 || s.Start > s.End && s != m.Text || s.End > len(d.Data) {
						t.Fatalf("%+v of %d bytes: %q", m, len(d.Data), body)
					}
				}
				if m.DestinationAt < 0 || m.DestinationAt > len(d.Data) {
					t.Fatalf("%+v of %d bytes: %q", m, len(d.Data), body)
				}
			}
			if len(d.Words()) != len(d.Data) {
				t.Fatal("words have another length")
			}
			for i := range len(d.Data) + 1 {
				pos := d.At(i)
				if utf8.RuneStart(append(d.Data, 0)[i]) && d.Offset(pos) != i && !strings.HasPrefix(string(d.Data), bom) {
					t.Fatalf("byte %d is at %v, which is byte %d: %q", i, pos, d.Offset(pos), d.Data)
				}
			}
		}
	})
}
