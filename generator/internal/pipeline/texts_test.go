package pipeline

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"minxi/generator/internal/diag"
)

// TestTables wants the columns of a table aligned by classes: the policy of the
// pages refuses style attributes.
func TestTables(t *testing.T) {
	table := "\n| A | B | C | D |\n|:--|:-:|--:|---|\n| [one](s1-2) | `two` | 3 | 4 |\n"
	dir := little(t, map[string]string{
		"content/pages/table.zh.md": "---\ntitle: 表\n---\n" + table,
		"content/pages/table.en.md": "---\ntitle: Table\n---\n" + table,
	})
	var out Memory
	if _, err := Build(context.Background(), Options{Dir: dir, NoCheck: true}, &out); err != nil {
		t.Fatal(err)
	}
	page := string(out.Files()["en/table/index.html"])
	for _, want := range []string{`<th class="left">A`, `<th class="center">B`, `<td class="right">3`, `<td>4`, `/m/s1-2/"`, `<td class="center"><code>two`} {
		if !strings.Contains(strings.NewReplacer(`class=left`, `class="left"`, `class=center`, `class="center"`, `class=right`, `class="right"`).Replace(page), want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	if strings.Contains(page, "style=") {
		t.Error("a style attribute")
	}
}

// TestLinkedFiles links files by their names, and a page with a name in Chinese is
// built like any other.
func TestLinkedFiles(t *testing.T) {
	text := "[a](../plan/c1/s1.zh.md#s1-2) [b](../plan/_index.zh.md) [c](../topics/ecology/_index) [d](about.en.md) [e](about.md) [f](../topics/ecology/) [g](中文页.md)\n"
	dir := little(t, map[string]string{
		"content/pages/links.zh.md": "---\ntitle: 链接\n---\n\n" + text,
		"content/pages/中文页.zh.md":   "---\ntitle: 页\n---\n\n页。\n",
	})
	base, _ := ParseBase("/")
	var out Memory
	if _, err := Build(context.Background(), Options{Dir: dir, NoCheck: true, Base: base}, &out); err != nil {
		t.Fatal(err)
	}
	page := string(out.Files()["zh/links/index.html"])
	for name, to := range map[string]string{"a": "../plan/s1/#s1-2", "b": "../plan/", "c": "../topics/ecology/", "d": "../../en/about/", "e": "../about/", "f": "../topics/ecology/", "g": "../%e4%b8%ad%e6%96%87%e9%a1%b5/"} {
		if m := regexp.MustCompile(`<a href="?([^">]*)"?>` + name + `</a>`).FindStringSubmatch(page); m == nil || !strings.EqualFold(m[1], to) {
			t.Errorf("%s leads to %v, want %s", name, m, to)
		}
	}
	if out.Files()["zh/中文页/index.html"] == nil {
		t.Error("the page with a Chinese name is not there")
	}
}

// TestInTheWay puts files where the site has something of its own: the file is named.
func TestInTheWay(t *testing.T) {
	for file, sound := range map[string]bool{"en/about/index.html": false, "data/measures.json": false, "en": false, "zh/m": false, "en/file.txt": true, "data/more.txt": true, "entry": true} {
		dir := little(t, map[string]string{"static/" + file: "x"})
		var out Memory
		_, err := Build(context.Background(), Options{Dir: dir, NoCheck: true}, &out)
		switch found := diag.From(err); {
		case sound && err != nil:
			t.Errorf("%s: %v", file, err)
		case !sound && (err == nil || len(found) != 1 || found[0].File != "static/"+file):
			t.Errorf("%s: %v", file, err)
		}
	}
}
