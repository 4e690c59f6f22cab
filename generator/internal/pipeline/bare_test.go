package pipeline

import (
	"context"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bare is the least that a plan can be: an item without a heading, no section, no
// topic, no place, no English, no page of its own.
var bare = map[string]string{
	"plan/_index.zh.md":    "---\ntitle: 关于设立示范区的批复\nunder:\n  - 国函〔2018〕159号\nclosing:\n  - 国务院\n  - 2018年12月25日\n---\n\n现批复如下：\n{#p-1 kind=\"context\"}\n",
	"plan/c1/_index.zh.md": "---\ntitle: \"\"\nnumber: 1\n---\n\n同意设立示范区，到2035年建成。\n{#c1-1 kind=\"target\"}\n",
	"plan/c2/_index.zh.md": "---\ntitle: 组织实施\nnumber: 2\nstop: 。\n---\n\n要认真落实。\n{#c2-1}\n",
}

// TestBarePlan builds plans that lack what ours has, for readers and in the
// preview: every page stands, every link leads somewhere, and nothing of our
// plan's is on them.
func TestBarePlan(t *testing.T) {
	topic := map[string]string{
		"topics/work/_index.zh.md": "---\ntitle: 工作\ndescription: 落实工作的措施。\n---\n",
		"topics/work/_index.en.md": "---\ntitle: Work\ndescription: Measures on the work.\n---\n",
		"plan/c2/_index.zh.md":     strings.Replace(bare["plan/c2/_index.zh.md"], "{#c2-1}", `{#c2-1 topics="work"}`, 1),
	}
	place := map[string]string{
		"places/dian/_index.zh.md": "---\ntitle: 滇市\nname: 滇\nplace: city\n---\n",
		"places/dian/_index.en.md": "---\ntitle: Dian City\nname: Dian\n---\n",
	}
	for name, parts := range map[string][]map[string]string{
		"nothing": {bare}, "a topic": {bare, topic}, "a place": {bare, place}, "a topic and a place": {bare, topic, place},
	} {
		for _, preview := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				for _, part := range []string{"themes", "hugo.toml"} {
					if out, err := exec.Command("cp", "-r", filepath.Join(projectDir, part), dir).CombinedOutput(); err != nil {
						t.Fatalf("%v: %s", err, out)
					}
				}
				for _, files := range parts {
					for file, text := range files {
						put(t, filepath.Join(dir, "content", file), text)
					}
				}
				base, _ := ParseBase("https://example.org/a/")
				var out Memory
				if _, err := Build(context.Background(), Options{Dir: dir, Base: base, Preview: preview, NoCheck: true}, &out); err != nil {
					t.Fatal(err)
				}
				root, _ := url.Parse("https://example.org/a/")
				files, pages := out.Files(), map[string]*page{}
				for name, data := range files {
					if strings.HasSuffix(name, ".html") {
						pages[name] = parsePage(t, root, name, data)
					}
					if ext := filepath.Ext(name); ext == ".css" || ext == ".js" || strings.HasSuffix(name, "components/index.html") {
						continue // they have the theme's own words
					}
					for _, ours := range []string{"424号", "No. 424", "闽西", "龙岩", "western Fujian", "tulou"} {
						if strings.Contains(string(data), ours) {
							t.Errorf("%s says %q", name, ours)
						}
					}
				}
				checkLinks(t, root, files, pages)
				for file, want := range map[string]string{
					"zh/index.html":         "关于设立示范区的批复",
					"zh/plan/index.html":    "国函〔2018〕159号",
					"en/plan/index.html":    "25 December 2018",
					"zh/plan/c1/index.html": "同意设立示范区，到2035年建成",
					"en/m/c1-1/index.html":  "同意设立示范区，到2035年建成。",
				} {
					if !strings.Contains(string(files[file]), want) {
						t.Errorf("%s has no %q", file, want)
					}
				}
			})
		}
	}
}
