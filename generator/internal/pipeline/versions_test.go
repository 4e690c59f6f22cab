package pipeline

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// revised is the little plan with a history of two editions: a sentence whose text
// changed, one whose English did, one with a typing mistake, one that was withdrawn and
// one that was moved.
func revised(t testing.TB) string {
	t.Helper()
	dir := little(t, map[string]string{
		"content/plan/c2/s2.zh.md": "---\ntitle: 教育\nnumber: 2\n---\n\n办好教育。\n{#s2-1 topics=\"schools ecology\" bodies=\"schools\"}\n\n办好体育。\n{#s2-2 topics=\"schools\" places=\"changting\"}\n\n办好美育。\n{#s2-3 topics=\"schools\"}\n",
		"content/plan/c2/s2.en.md": "---\ntitle: Education\nnumber: 2\n---\n\nProvide good schools.\n{#s2-1}\n\nProvide good sports.\n{#s2-2}\n\nProvide good arts.\n{#s2-3}\n",
	})
	name := func(file string) string { return filepath.Join(dir, "content", filepath.FromSlash(file)) }
	edit := func(file, old, new string) {
		t.Helper()
		data, err := os.ReadFile(name(file))
		if err != nil || !strings.Contains(string(data), old) {
			t.Fatalf("%s has no %q: %v", file, old, err)
		}
		write(t, name(file), strings.Replace(string(data), old, new, 1))
	}
	record := func(r plan.Recording, edition *plan.Edition) {
		t.Helper()
		tree, found := content.Load(os.DirFS(dir), "content")
		if found.HasErrors() {
			t.Fatal(found)
		}
		if edition != nil {
			tree.Plan.Editions = append(tree.Plan.Editions, *edition)
			write(t, name(content.EditionsFile), string(content.FormatEditions(tree.Plan.Editions)))
		}
		old, _ := os.ReadFile(name(content.HistoryFile))
		write(t, name(content.HistoryFile), string(content.AppendHistory(old, tree.Plan.Record(r))))
	}
	accepted := func(retired ...plan.Entry) {
		t.Helper()
		tree, _ := content.Load(os.DirFS(dir), "content")
		rows := plan.Ledger(retired)
		for u := range tree.Plan.Units() {
			old := plan.Text{ZH: u.Text.ZH}
			if u.ID == "s1-2" {
				old.ZH = "治理长汀水土。" // whose English nobody has looked at
			}
			rows = append(rows, plan.Entry{ID: u.ID, State: plan.Live, ZH: plan.Hash(old.ZH), EnglishOf: plan.Hash(old.ZH), Text: old})
		}
		write(t, name("ledger.csv"), string(content.FormatLedger(rows)))
	}
	accepted()
	record(plan.Recording{Today: "2022-05-01", Edition: true}, &plan.Edition{Date: "2022-04-13", Title: plan.Text{ZH: "方案", EN: "Plan"}, Number: plan.Text{ZH: "方〔2022〕1号"}})
	edit("plan/c1/s1.en.md", "By 2025 it is better.", "By 2025 it is much better.")
	record(plan.Recording{Today: "2023-01-01", Why: "改译"}, nil)
	edit("plan/c2/s2.en.md", "Provide good schools.", "Provide good school.")
	record(plan.Recording{Today: "2023-02-01"}, nil)
	edit("plan/c2/s2.en.md", "Provide good school.", "Provide good schools.")
	record(plan.Recording{Today: "2023-02-01", Typing: true, Why: "<拼写>"}, nil)
	edit("plan/c1/s1.zh.md", "治理长汀水土。", "治理好长汀水土。")
	edit("plan/c2/s2.zh.md", "办好体育。\n{#s2-2 topics=\"schools\" places=\"changting\"}\n\n办好美育。\n{#s2-3 topics=\"schools\"}\n", "办好美育。\n{#s2-4 topics=\"schools\"}\n")
	edit("plan/c2/s2.en.md", "Provide good sports.\n{#s2-2}\n\nProvide good arts.\n{#s2-3}\n", "Provide good arts.\n{#s2-4}\n")
	accepted(
		plan.Entry{ID: "s2-2", State: plan.Withdrawn, To: []plan.ID{"s2-1"}, ZH: plan.Hash("办好体育。"), Text: plan.Text{ZH: "办好体育。"}, Why: "并入"},
		plan.Entry{ID: "s2-3", State: plan.Moved, To: []plan.ID{"s2-4"}, ZH: plan.Hash("办好美育。"), Text: plan.Text{ZH: "办好美育。"}, Why: "改号"})
	record(plan.Recording{Today: "2024-06-01", Edition: true, Why: "新版"}, &plan.Edition{Date: "2024-05-01", Title: plan.Text{ZH: "方案（修订）", EN: "Plan (Revised)"}})
	return dir
}

// TestVersions builds a plan with two editions and looks at every page of the history.
func TestVersions(t *testing.T) {
	dir := revised(t)
	base, _ := ParseBase("https://example.org/a/")
	var out Memory
	if _, err := Build(context.Background(), Options{Dir: dir, NoCheck: true, Base: base}, &out); err != nil {
		t.Fatal(err)
	}
	for name, wants := range map[string][]string{
		// The text of the document changed.
		"zh/m/s1-2/2022-04-13/": {"治理长汀水土。", "Control erosion", "方〔2022〕1号", "2022年4月13日", "这是以前的版本", `href="../2024-05-01/"`, plan.Hash("治理长汀水土。"), `canonical" href="https://example.org/a/zh/m/s1-2/2022-04-13/"`, `hreflang="en" href="https://example.org/a/en/m/s1-2/2022-04-13/"`, "最初的文字"},
		"zh/m/s1-2/2024-05-01/": {"治理<ins>好</ins>长汀水土。", "文件改动", "新版", "方案（修订）", "中文有改动，译文待更新", "这一句现在就是这样"},
		"en/m/s1-2/":            {`治理<ins>好</ins>长汀水土。`, "What has changed in the Chinese since", `href="2024-05-01/"`, plan.Hash("治理好长汀水土。")[:8]},
		// The English did.
		"en/m/s1-1/2022-04-13/": {"By 2025 it is better.", `href="../2023-01-01/"`},
		"en/m/s1-1/2023-01-01/": {"By 2025 it is <ins>much </ins>better.", "translation changed", "改译", "This is how the sentence stands"},
		// A typing mistake, on the day on which it was made.
		"en/m/s2-1/2023-02-01/":   {"translation changed", `href="../2023-02-01-2/"`},
		"en/m/s2-1/2023-02-01-2/": {"typing mistake corrected", "&lt;拼写", "<del>school</del><ins>schools</ins>"},
		// Withdrawn and moved.
		"zh/m/s2-2/2022-04-13/": {"办好体育。", "已于 2024-05-01 撤销", `href="../"`},
		"zh/m/s2-2/":            {`href="2022-04-13/"`},
		"en/m/s2-3/2022-04-13/": {"on 2024-05-01 the sentence got another", "Provide good arts."},
		"zh/m/s2-3/":            {`href="2022-04-13/"`},
		"zh/m/s2-4/2024-05-01/": {"办好美育。", "最初的文字"},
	} {
		data, ok := out.File(name + "index.html")
		if !ok {
			t.Errorf("no %s", name)
			continue
		}
		plain := strings.ReplaceAll(strings.ReplaceAll(string(data), "\n", " "), "=../", `="../`)
		quoted := regexp.MustCompile(`(href)=([^"\s>]+)`).ReplaceAllString(plain, `$1="$2"`)
		for _, want := range wants {
			if !strings.Contains(quoted, want) && !strings.Contains(string(data), want) {
				t.Errorf("%s: no %q in\n%s", name, want, data)
			}
		}
		for _, problem := range htmlProblems(data) {
			t.Errorf("%s: %s", name, problem)
		}
		if strings.Contains(name, "/20") && regexp.MustCompile(`<script[^>]* src`).Match(data) {
			t.Errorf("%s has a script", name)
		}
	}
	for _, name := range []string{"zh/m/s2-2/2024-05-01/index.html", "zh/m/p-1/2024-05-01/index.html"} {
		if _, there := out.File(name); there {
			t.Errorf("%s is there, and nothing was said on that day", name)
		}
	}
	if data, _ := out.File("zh/sitemap.xml"); strings.Contains(string(data), "2022-04-13") {
		t.Error("the site map lists a version")
	}
	got, _ := out.File("data/timemap/zh/s1-2.txt")
	want := `<https://example.org/a/zh/m/s1-2/>; rel="original",
<https://example.org/a/data/timemap/zh/s1-2.txt>; rel="self"; type="application/link-format"; from="Tue, 12 Apr 2022 16:00:00 GMT"; until="Tue, 30 Apr 2024 16:00:00 GMT",
<https://example.org/a/zh/m/s1-2/2022-04-13/>; rel="first memento"; datetime="Tue, 12 Apr 2022 16:00:00 GMT",
<https://example.org/a/zh/m/s1-2/2024-05-01/>; rel="last memento"; datetime="Tue, 30 Apr 2024 16:00:00 GMT"
`
	if string(got) != want {
		t.Errorf("the TimeMap is\n%s", got)
	}
	nu(t, &out)
}

// nu has the Nu checker look at all pages of a tree.
func nu(t *testing.T, out *Memory) {
	t.Helper()
	jar := os.Getenv("VNU_JAR")
	if jar == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("VNU_JAR is not set: this check must run in CI")
		}
		return
	}
	dir := t.TempDir()
	for name, data := range out.Files() {
		if strings.HasSuffix(name, ".html") {
			write(t, filepath.Join(dir, filepath.FromSlash(name)), string(data))
		}
	}
	if said, err := exec.Command("java", "-jar", jar, "--skip-non-html", "--errors-only", dir).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
