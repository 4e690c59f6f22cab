package formats

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// What we write is read by programs that are not ours. Debian and Ubuntu have
// bibutils and the styles of citationstyles.org; npm has the others, which
// .ci/package.json names and .ci/run installs.

const projectDir = "../../.."

// real is the plan that the project is about.
func real(t testing.TB) *plan.Plan {
	t.Helper()
	tree, found := content.Load(os.DirFS(projectDir), "content")
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	tree.Plan.SetTranslations()
	return tree.Plan
}

// realSite is the project's site with the document of hugo.toml.
func realSite() Site {
	return Site{BasePath: "/a", Origin: "https://example.org/a", License: "https://www.apache.org/licenses/LICENSE-2.0", Document: plan.Document{
		Issuer:    plan.Text{ZH: "国家发展和改革委员会", EN: "National Development and Reform Commission"},
		Number:    plan.Text{ZH: "发改振兴〔2022〕424号", EN: "Fagai Zhenxing [2022] No. 424"},
		Published: "2022-04-13", Abbreviation: "NDRC", Romanized: "Minxi geming laoqu gao zhiliang fazhan shifanqu jianshe fang'an",
	}}
}

// lacks ends a test for which a program is missing; where everything must hold (CI)
// that is a failure.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed: see .ci/run", what)
	}
	t.Skipf("%s is not installed: see .ci/run", what)
}

// node runs a script of testdata with the packages of .ci and returns what it printed.
func node(t *testing.T, needs, script string, input []byte, args ...string) []byte {
	t.Helper()
	modules, err := filepath.Abs(filepath.Join(projectDir, ".ci", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	folders := append([]string{modules}, filepath.SplitList(os.Getenv("NODE_PATH"))...)
	has := false
	for _, dir := range folders {
		if _, err := os.Stat(filepath.Join(dir, needs)); err == nil {
			has = true
		}
	}
	if !has {
		lacks(t, "the npm package "+needs)
	}
	return run(t, "node", input, []string{"NODE_PATH=" + strings.Join(folders, string(filepath.ListSeparator))},
		append([]string{filepath.Join("testdata", script)}, args...)...)
}

// run runs a program and returns what it printed.
func run(t *testing.T, name string, input []byte, env []string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		lacks(t, name)
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(append(os.Environ(), "LC_ALL=C.UTF-8"), env...)
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, stderr.Bytes())
	}
	return out
}

// written writes the files of a format for the real plan into a folder and returns
// their names there.
func written(t *testing.T, f Format, p *plan.Plan, s Site) (names []string) {
	t.Helper()
	dir := t.TempDir()
	for path, write := range f.Files(p, s) {
		data, err := write()
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}
