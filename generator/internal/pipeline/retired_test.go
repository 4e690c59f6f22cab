package pipeline

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// TestRetiredPages builds the real content with two ids that earlier editions
// might have had: one withdrawn, one moved.
func TestRetiredPages(t *testing.T) {
	dir := t.TempDir()
	for _, part := range []string{"content", "themes", "seeds", "hugo.toml"} {
		if out, err := exec.Command("cp", "-r", filepath.Join(projectDir, part), dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	tree, _ := content.Load(os.DirFS(dir), "content")
	const was = "这一句后来撤销了。"
	rows := append(tree.Plan.Ledger,
		plan.Entry{ID: "s3-8", State: plan.Withdrawn, To: []plan.ID{"s3-5", "s3-6"}, ZH: plan.Hash(was), Text: plan.Text{ZH: was, EN: "This was <withdrawn>."}, Why: "并入"},
		plan.Entry{ID: "s3-9", State: plan.Moved, To: []plan.ID{"s3-7"}, ZH: plan.Hash(was), Text: plan.Text{ZH: was}, Why: "改号"})
	put(t, filepath.Join(dir, "content", "ledger.csv"), string(content.FormatLedger(rows)))

	base, _ := ParseBase("https://example.org/a/")
	var out Memory
	res, err := Build(context.Background(), kept(Options{Dir: dir, Base: base}), &out)
	if err != nil || len(res.Found) > 0 {
		t.Fatal(err, res)
	}
	for name, wants := range map[string][]string{
		"en/m/s3-8/index.html": {"3-8 was withdrawn", was, "This was &lt;withdrawn>.", `href="../s3-5/"`, `href="../s3-6/"`, `hreflang="zh-Hans" href="https://example.org/a/zh/m/s3-8/"`},
		"zh/m/s3-8/index.html": {"3-8 已撤销", was},
		"zh/m/s3-9/index.html": {`http-equiv="refresh" content="0; url=../s3-7/"`, `rel="canonical" href="https://example.org/a/zh/m/s3-7/"`},
		"en/m/s3-9/index.html": {`content="0; url=../s3-7/"`},
	} {
		data, ok := out.File(name)
		if !ok {
			t.Errorf("no %s", name)
			continue
		}
		for _, want := range wants {
			if !strings.Contains(string(data), want) {
				t.Errorf("%s: no %q in\n%s", name, want, data)
			}
		}
		for _, problem := range htmlProblems(data) {
			t.Errorf("%s: %s", name, problem)
		}
	}
	if data, _ := out.File("data/measures.json"); strings.Contains(string(data), `"s3-8"`) {
		t.Error("measures.json lists a withdrawn id as a unit of the plan")
	}
	if data, _ := out.File("zh/sitemap.xml"); strings.Contains(string(data), "s3-9") {
		t.Error("the sitemap lists an address that forwards")
	}
}
