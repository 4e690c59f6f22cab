package check

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"
)

// TestCommonMark puts sound Markdown into a page and a hub and wants no finding.
func TestCommonMark(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/commonmark.txtar")
	if err != nil || len(archive.Files) < 60 {
		t.Fatal("no constructions", err)
	}
	for name, body := range soundInChinese {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(body)})
	}
	for _, c := range archive.Files {
		for _, file := range []string{about, "content/topics/ecology/_index.zh.md"} {
			fsys := sound()
			fsys[file] = &fstest.MapFile{Data: []byte("---\ntitle: 生态\ndescription: 生态\n---\n\n" + string(c.Data))}
			if found := loadAndRun(fsys); len(found) > 0 {
				t.Errorf("%s in %s: %v\n%s", c.Name, file, found, c.Data)
			}
		}
	}
}

// soundInChinese are constructions that an earlier reading took for mistakes, and
// the harmless twins of mutations.
var soundInChinese = map[string]string{
	"emphasis over two quoted lines":       "> 这是*很重要的\n> 一段话*。\n",
	"strong over three items' lines":       "- **甲\n  乙\n  丙**丁\n",
	"a link in indented code":              "正文：\n\n    [甲](/zh/nowhere/) **“红”**文\n",
	"a link in a code span over two lines": "`[甲](/zh/nowhere/)\n<b>`\n",
	"brackets in a link":                   "[甲[乙[丙]]](/zh/m/s1-2/)\n",
	"a definition on three lines":          "[甲]\n\n[甲]:\n  /zh/m/s1-2/\n  '题'\n",
	"a heading's underline":                "标题\n=======\n\n正文\n",
	"a deep quotation":                     ">>>>>>> 引用的话\n",
	"merge marks that are shown":           "    <<<<<<< HEAD\n    =======\n    >>>>>>> main\n\n> <<<<<<< HEAD\n",
	"an id":                                "## 数据 {#data}\n\n见[上](#data)。\n",
	"a language":                           "English words here.\n{lang=\"en\"}\n",
	"curly brackets":                       "集合 {甲, 乙} 和 {#s1-2}\n",
	"telephone and mail":                   "[电话](tel:+86-597-0000000)、[邮箱](mailto:a@example.org?subject=%E7%94%B2)、<b@example.org>\n",
	"many addresses":                       "https://example.org/a_b_c?x=1&y=2#z，[甲](HTTPS://EXAMPLE.org/)、[乙](<https://example.org/a b>)\n",
	"an address with entities":             "[甲](https://example.org/?a=1&amp;b=2)、[乙](https://example.org/a\\_b)\n",
	"a picture of the site":                "![说明](/zh/)\n",
	"visible characters in numbers":        "&copy; &#169; &nbsp; &#x6c49; &hellip;\n",
	"a shortcode that is shown":            "{{</* youtube abc */>}} 和 `{{ .Title }}`\n",
	"double angles":                        "a << b, c >> d, {{x}}\n",
	"a table":                              "| **甲** | [乙](s1-1) |\n|---|:-:|\n| `*` | \\* 2 * 3 |\n",
	"a footnote":                           "甲[^1]。\n\n[^1]: **乙**，见[丙](s1-2)。\n",
	"terms":                                "甲\n: 乙 *丙*\n",
	"done and to do":                       "- [x] 甲\n- [ ] 乙\n",
	"struck out":                           "~~甲 **乙**~~\n",
	"typographic signs":                    "\"甲\" -- 乙 --- 丙... 'd'\n",
	"emphasis inside emphasis":             "**甲“**乙**”丙** *a [*b*](s1-1)*\n",
	"a rule":                               "甲\n\n* * *\n\n乙\n\n***\n",
}

// TestPageIDs wants every id that the theme gives in the list of those that no
// heading may have.
func TestPageIDs(t *testing.T) {
	written := regexp.MustCompile(`\bid="([^"{]*)(\{\{)?`)
	theme := os.DirFS("../../../themes/minxi/layouts")
	seen := map[string]bool{}
	err := fs.WalkDir(theme, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".html") {
			return err
		}
		data, err := fs.ReadFile(theme, name)
		for _, m := range written.FindAllStringSubmatch(string(data), -1) {
			id, made := m[1], m[2] != ""
			if seen[id] = true; id != "" && !ownID(id) && !(made && ownID(id+"1")) {
				t.Errorf("%s: add %q to pageIDs or madeIDs", name, id)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for id := range pageIDs {
		if !seen[id] {
			t.Errorf("no layout has the id %q", id)
		}
	}
}
