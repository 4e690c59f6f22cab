package check

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
)

// page is a page of the sound project, with the body under its title.
func page(body string) string { return "---\ntitle: 关于\n---\n\n" + body + "\n" }

const about = "content/pages/about.zh.md"

// TestFiles writes one file into the sound project and wants a finding of the
// check at a place, or none at all.
func TestFiles(t *testing.T) {
	for _, c := range []struct{ name, file, data, check, at string }{
		{"plain", about, page("看[第二句](/zh/m/s1-2/)、[环境](/zh/plan/s1/#s1-2)、[地方](../places/changting/)和[英文](/en/plan/)。"), "", ""},
		{"outside", about, page("[a](https://example.org/x) <https://example.org/> [b](mailto:a@example.org) [c](tel:+865970000000)"), "", ""},
		{"outside without a scheme", about, page("[c](//example.org/)"), "links", "5:5"},
		{"data", about, page("[数据](/data/measures.json)"), "", ""},
		{"its own heading", about, page("## 文件 {#document}\n\n[上面](#document)、[又](/zh/about/#document)"), "", ""},
		{"another heading", about, page("## 文件\n\n[上面](#文件)"), "links", "7:6"},
		{"the other language", about, page("[英文](/en/team/)"), "links", "5:6"},
		{"a unit that is not there", about, page("[甲](/zh/m/s1-9/)"), "links", "5:5"},
		{"a unit on another page", about, page("[甲](/zh/plan/s2/#s1-2)"), "links", "5:5"},
		{"a chapter", about, page("[甲](/zh/plan/c2/)、[乙](/zh/plan/c1/#s1)、[丙](/zh/plan/#p-1)"), "", ""},
		{"a reference", about, page("[甲][x]\n\n[x]: /zh/nowhere/"), "links", "7:6"},
		{"a footnote", about, page("甲[^1]\n\n[^1]: 注"), "", ""},
		{"upward", about, page("[甲](../../../x/)"), "links", "5:5"},
		{"a link around an image", about, page("[![图](/zh/)](/zh/nowhere/)"), "links", "5:14"},
		{"in code", about, page("`[甲](/zh/nowhere/)` 和\n\n```\n<b> **“红”**文 [x](y)\n```"), "", ""},
		{"escaped", about, page(`\<b> \[甲](/zh/x) 2 \* 3`), "", ""},
		{"a file beside the page", "content/notes/about/index.zh.md", page("[表](table.csv)"), "links", "5:5"},
		{"script", about, page("[x](<javascript:alert(1)>)"), "links", "5:6"},
		{"script with a tab", about, page("[x](java&Tab;script:alert)"), "links", "5:5"},
		{"script in a reference", about, page("[x]: vbscript:x"), "links", "5:6"},
		{"data in an image", about, page("![图](data:image/png;base64,AA)"), "links", "5:6"},
		{"an image without words", about, page("前 ![ ](/zh/)"), "image-text", "5:3"},
		{"an image by name without words", about, page("![][x]\n\n[x]: /zh/"), "image-text", "5:1"},
		{"a tag", about, page("甲<br>乙"), "raw-html", "5:2"},
		{"a comment", about, page("甲\n\n<!-- 乙 -->"), "raw-html", "7:1"},
		{"less than", about, page("a < b and c > d, <3"), "", ""},
		{"a shortcode", about, page(`{{< figure src="x.png" alt="**“红”**文" >}}`), "shortcode", "5:1"},
		{"emphasis", about, page("甲**“乙”**丙"), "emphasis", "5:2"},
		{"emphasis that works", about, page("甲“**乙**”丙，*丁*。\n\n* 一\n* 二"), "", ""},
		{"emphasis in one item", about, page("- **甲\n- 乙**"), "emphasis", "5:3"},

		{"zero width", about, page("甲\u200b乙"), "invisible", "5:2"},
		{"the mark at the start", about, "\ufeff" + page("甲"), "", ""},
		{"in front matter", about, "---\ntitle: 关\u202e于\n---\n", "invisible", "2:9"},
		{"an emoji's selector", about, page("甲\ufe0f"), "invisible", "5:2"},
		{"a bell", about, page("甲\a"), "invisible", "5:2"},
		{"tabs", about, page("甲\t乙\r"), "", ""},
		{"Cyrillic in a word", about, page("C\u0430ke"), "lookalikes", "5:2"},
		{"a word of twins", about, page("\u0421\u0420\u0421"), "lookalikes", "5:1"},
		{"Russian", about, page("русский язык"), "", ""},
		{"micrometres", about, page("5 μm, α-helix, Ω"), "", ""},
		{"full width", about, page("第３章"), "lookalikes", "5:2"},
		{"a radical", about, page("第⼀章"), "lookalikes", "5:2"},
		{"an ideograph among the compatibility ones", about, page("\ufa0e"), "", ""},
		{"full-width punctuation", about, page("是吗？（是！）％"), "", ""},

		{"a table", "content/other.csv", "a,b\n龙,\xff\n", "encoding", "2:3"},
		{"NUL in a table", "content/other.csv", "a,b\n龙,\x00\n", "encoding", "2:3"},
		{"a hidden table", "content/.~other.csv", "\xff\n", "", ""},

		{"a long title", about, "---\ntitle: " + strings.Repeat("字", 201) + "\n---\n", "front-matter-limits", "2:8"},
		{"a title just short enough", about, "---\ntitle: '" + strings.Repeat("字", 200) + "'\n---\n", "", ""},
		{"a description on several lines", about, "---\ntitle: x\ndescription: >\n  " + strings.Repeat("字字字字 ", 80) + "\n---\n", "front-matter-limits", "3:14"},
		{"an anchor", about, "---\ntitle: &x 关于\n---\n", "front-matter-limits", "2:8"},
		{"an alias in a list", about, "---\ntitle: x\na: &b c\nd:\n  - *b\n---\n", "front-matter-limits", "3:4"},
		{"an alias in brackets", about, "---\ntitle: x\na: {b: [x, *c]}\nc: x\n---\n", "front-matter", "3:12"},
		{"an alias in brackets of what there is", about, "---\ntitle: x\nc: &c x\na: {b: [x, *c]}\n---\n", "front-matter-limits", "3:4"},
		{"a key twice", about, "---\ntitle: x\nk: 1\nk: 2\n---\n", "front-matter", "4:1"},
		{"a permanent address moved", about, "---\ntitle: x\nurl: /zh/elsewhere/\n---\n", "front-matter", "3:1"},
		{"an address doubled", about, "---\ntitle: x\nAliases: [/zh/old/]\n---\n", "front-matter", "3:1"},
		{"a page without an address", about, "---\ntitle: x\nbuild: {render: never}\n---\n", "front-matter", "3:1"},
		{"a key of nobody", about, "---\ntitle: x\nauthor: 某人\nkeywords: [甲]\n---\n", "", ""},
		{"a key misspelt", about, "---\ntitle: x\ndescripton: 甲\n---\n", "front-matter", "3:1"},
		{"a page that Hugo would take as it is", "content/pages/x.html", "<script src=https://x.example/></script>", "structure", ""},
		{"a program that makes pages", "content/pages/_content.gotmpl", "{{ $.AddPage (dict) }}", "structure", ""},
		{"a picture beside a page", "content/pages/about/x.png", "", "", ""},
		{"an ampersand", about, "---\ntitle: A & B *c* &d\nother: \"*x &y\"\nx: '&z'\ny: |\n  *a\n  &b\n# *c\n---\n", "", ""},
		{"deep brackets", about, "---\ntitle: x\na: " + strings.Repeat("[", 20) + strings.Repeat("]", 20) + "\n---\n", "front-matter-limits", "3:23"},
		{"deep lines", about, "---\ntitle: x\n" + steps(21) + "---\n", "front-matter-limits", "23:21"},
		{"twenty levels", about, "---\ntitle: x\n" + steps(20) + "---\n", "", ""},
		{"many keys", about, "---\ntitle: x\n" + keys(200) + "---\n", "front-matter-limits", "202:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := sound()
			fsys[c.file] = &fstest.MapFile{Data: []byte(c.data)}
			var got []string
			for _, d := range loadAndRun(fsys) {
				wellSaid(t, d)
				if d.File == c.file {
					got = append(got, strings.TrimSuffix(d.Check+" "+strconv.Itoa(d.Line)+":"+strconv.Itoa(d.Col), " 0:0"))
				}
			}
			want := c.check + " " + c.at
			if first := strings.Join(got[:min(1, len(got))], ""); first != strings.TrimSpace(want) {
				t.Errorf("%v, want %s", got, want)
			}
		})
	}
}

// steps is a mapping in a mapping, n levels deep.
func steps(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "k:\n")
	}
	return b.String()
}

// keys are n lines of front matter.
func keys(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("k" + strconv.Itoa(i) + ": 1\n")
	}
	return b.String()
}

// TestPlanFiles breaks a sentence of the sound project.
func TestPlanFiles(t *testing.T) {
	const zh, en = "content/plan/c1/s1.zh.md", "content/plan/c1/s1.en.md"
	for _, c := range []struct{ name, file, old, new, check, at string }{
		{"a half-width comma", zh, "治理水土", "治理,水土", "punctuation", "9:3"},
		{"a comma in a number", zh, "治理水土", "治理1,000处水土", "", ""},
		{"a full-width comma in English", en, "Control erosion", "Control， erosion", "punctuation", "9:8"},
		{"a straight quotation mark", en, "Control erosion", `Control "erosion"`, "punctuation", "9:9"},
		{"curly ones", en, "Control erosion", "Control the city’s “erosion”", "", ""},
		{"Chinese", en, "Control erosion", "Control 水土 erosion", "script", "9:9"},
		{"Chinese after a name", en, "Control erosion", "Control erosion (水土)", "", ""},
		{"Chinese in brackets after nothing", en, "Control erosion", "(水土) Control erosion", "script", "9:2"},
		{"after a line break", en, "Control erosion", "Control\n水土 erosion", "script", "10:1"},
		{"after markup", en, "Control erosion", `Control *all* \# 水土 erosion`, "script", "9:18"},
		{"in a heading", en, "title: Environment of Changting", "title: Environment of Changting 环境", "script", "2:33"},
		{"a heading without its name", en, "Environment of Changting", "Environment", "headings", "2:8"},
		{"a gap", en, "Control erosion.\n{#s1-2}\n", "", "translation-gap", "6:1"},
		{"no English at all", en, "\nProtect it.\n{#s1-1}\n\nControl erosion.\n{#s1-2}\n", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := sound()
			before := fsys[c.file].Data
			if !bytes.Contains(before, []byte(c.old)) {
				t.Fatalf("%s has no %q", c.file, c.old)
			}
			fsys[c.file] = &fstest.MapFile{Data: bytes.Replace(before, []byte(c.old), []byte(c.new), 1)}
			tree, found := content.Load(fsys, "content")
			found = append(found, Run(Input{FS: fsys, Tree: tree})...)
			var got diag.List
			for _, d := range found {
				if d.File == c.file && d.Check != "staleness" && d.Check != "fidelity" {
					got = append(got, d)
				}
			}
			if c.check == "" {
				if len(got) > 0 {
					t.Error(got)
				}
				return
			}
			for _, d := range got {
				if d.Check == c.check && d.Pos.String() == c.file+":"+c.at {
					return
				}
			}
			t.Errorf("no %s at %s in %v", c.check, c.at, got)
		})
	}
}
