package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/sample"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"generator": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// tests are those of this package, and what they leave behind is removed.
type tests struct{ *testing.M }

func (m tests) Run() int {
	status := m.M.Run()
	if dir, err := shared(); err == nil {
		os.RemoveAll(dir)
	}
	return status
}

// shared is the folder where builds keep what they have finished, for all tests but those
// that look at that.
var shared = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "minxi-shared-cache") })

func sharedCache(tb testing.TB) string {
	tb.Helper()
	dir, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}

// dear are the scripts that cost half of the time of all, which a laptop leaves to CI.
var dear = []string{"build_errors", "build_hangs", "build_precompress", "editions", "editions_git", "norms", "slices"}

// TestScripts tells how each command behaves, on a copy of the real project. Scripts share
// what builds have finished (SHARED), but for those that look at that: these set
// XDG_CACHE_HOME.
func TestScripts(t *testing.T) {
	sources, err := filepath.Abs("internal/seed/testdata")
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if !sample.Whole() {
		scripts = slices.DeleteFunc(scripts, func(name string) bool {
			return slices.Contains(dear, strings.TrimSuffix(filepath.Base(name), ".txtar"))
		})
	}
	cache := sharedCache(t)
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "en_US.UTF-8")
			env.Setenv("XDG_CACHE_HOME", cache)
			env.Setenv("SHARED", cache)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("SOURCES", sources)
			return copyProject(filepath.Join(env.WorkDir, "project"))
		},
		Condition: lacks,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"built":     built(t),
			"small":     small,
			"exits":     exits,
			"remember":  remember,
			"unchanged": unchanged,
			"sametree":  sameTree,
			"sub":       substitute,
			"append":    appendTo,
			"subword":   substituteInWord,
			"asword":    asWord,
			"mark":      mark,
			"noise":     noise,
		},
	})
}

// lacks is the condition [lacks:PROGRAM], by which scripts leave out what a machine cannot
// show. In CI it has to be shown.
func lacks(condition string) (bool, error) {
	program, is := strings.CutPrefix(condition, "lacks:")
	if !is {
		return false, fmt.Errorf("unknown condition %q", condition)
	}
	_, err := exec.LookPath(program)
	if err != nil && os.Getenv("CI") != "" {
		return false, fmt.Errorf("%s is not installed: this must run in CI", program)
	}
	return err != nil, nil
}

// copyProject copies what a build reads.
func copyProject(to string) error {
	for _, part := range []string{"content", "themes", "seeds", "hugo.toml", "publish.toml"} {
		err := filepath.WalkDir(filepath.Join("..", part), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel("..", name)
			if err != nil {
				return err
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			file := filepath.Join(to, rel)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return err
			}
			return os.WriteFile(file, data, 0o644)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// built puts public/ where “generator” would, and says what it says, in a project
// that nobody has touched yet. All scripts share the one build.
func built(t *testing.T) func(ts *testscript.TestScript, neg bool, args []string) {
	bin, dir := installed(t)
	var said, complained bytes.Buffer
	build := sync.OnceValue(func() error {
		cmd := exec.Command(bin)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "LANG=en_US.UTF-8", "XDG_CACHE_HOME="+sharedCache(t), "HOME="+dir)
		cmd.Stdout, cmd.Stderr = &said, &complained
		return cmd.Run()
	})
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) > 0 {
			ts.Fatalf("usage: built")
		}
		if err := build(); err != nil {
			ts.Fatalf("the shared build: %v\n%s", err, &complained)
		}
		from, to := filepath.Join(dir, "public"), ts.MkAbs("public")
		ts.Check(filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			file := filepath.Join(to, strings.TrimPrefix(name, from))
			if d.IsDir() {
				return os.MkdirAll(file, 0o755)
			}
			return os.Link(name, file) // nothing writes into a file of a finished tree
		}))
		_, err := ts.Stdout().Write(said.Bytes())
		ts.Check(err)
		_, err = ts.Stderr().Write(complained.Bytes())
		ts.Check(err)
	}
}

// small puts a short plan in place of ours, that of docs/another-plan.md: for what costs
// much and is not about the plan.
func small(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: small")
	}
	for _, dir := range []string{"content", "seeds"} {
		ts.Check(os.RemoveAll(ts.MkAbs(dir)))
	}
	const text = "xiongan-zongti-guihua-pifu.txt"
	data, err := os.ReadFile(filepath.Join(ts.Getenv("SOURCES"), text))
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs("seeds"), 0o755))
	ts.Check(os.WriteFile(ts.MkAbs("seeds/"+text), data, 0o644))
	config, err := os.ReadFile(ts.MkAbs("hugo.toml"))
	ts.Check(err)
	config = regexp.MustCompile(`(?m)^  (issuer\.zh|issuer\.en|number\.zh|number\.en|published) = .*`).ReplaceAll(config, []byte(`  $1 = ""`))
	config = bytes.Replace(config, []byte(`"闽西革命老区高质量发展示范区建设方案"`), []byte(`"国务院关于河北雄安新区总体规划（2018—2035年）的批复"`), 1)
	ts.Check(os.WriteFile(ts.MkAbs("hugo.toml"), config, 0o644))
	ts.Check(ts.Exec("generator", "import", "seeds/"+text, "--quiet"))
}

// mark DIR makes a folder one that a build has made.
func mark(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: mark DIR")
	}
	ts.Check(markBuilt(ts.MkAbs(args[0])))
}

// markBuilt puts the files of a folder there anew, as a build does.
func markBuilt(dir string) error {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".built-by-minxi" {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err == nil {
			files[filepath.ToSlash(rel)], err = os.ReadFile(name)
		}
		return err
	})
	if err == nil {
		err = os.RemoveAll(dir)
	}
	if err != nil {
		return err
	}
	folder, err := pipeline.NewFolder(dir)
	if err != nil {
		return err
	}
	for name, data := range files {
		if err := folder.Write(name, data); err != nil {
			return err
		}
	}
	return folder.Commit()
}

// remember DIR keeps a checksum of every name and byte of a folder, and unchanged
// DIR compares with it.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: remember DIR")
	}
	if info, err := os.Stat(ts.MkAbs(args[0])); err != nil || !info.IsDir() {
		ts.Fatalf("%s is no folder: %v", args[0], err)
	}
	ts.Setenv("SUM_"+args[0], treeSum(ts.MkAbs(args[0])))
}

func unchanged(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || ts.Getenv("SUM_"+args[0]) == "" {
		ts.Fatalf("usage: remember DIR, then unchanged DIR")
	}
	if same := ts.Getenv("SUM_"+args[0]) == treeSum(ts.MkAbs(args[0])); same == neg {
		ts.Fatalf("%s: unchanged is %v", args[0], same)
	}
}

// exits STATUS PROGRAM ARGS… runs a program and wants this exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// sametree A B wants two folders with the same files and bytes.
func sameTree(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sametree A B")
	}
	a, b := treeSum(ts.MkAbs(args[0])), treeSum(ts.MkAbs(args[1]))
	if (a == b) == neg {
		ts.Fatalf("%s and %s: same is %v", args[0], args[1], a == b)
	}
}

// treeSum is a checksum of every name and byte below dir.
func treeSum(dir string) string {
	h := sha256.New()
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		fmt.Fprintf(h, "%s %d %x %v\n", rel, len(data), sha256.Sum256(data), err)
		return nil
	})
	return fmt.Sprintf("%x", h.Sum(nil))
}

// sub FILE OLD NEW replaces the first OLD in a file.
func substitute(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: sub FILE OLD NEW")
	}
	name := ts.MkAbs(args[0])
	data, err := os.ReadFile(name)
	ts.Check(err)
	if !strings.Contains(string(data), args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(name, []byte(strings.Replace(string(data), args[1], args[2], 1)), 0o644))
}

// append FILE TEXT adds text and a line break to a file.
func appendTo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: append FILE TEXT")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	_, err = f.WriteString(args[1] + "\n")
	ts.Check(errors.Join(err, f.Close()))
}

// noise KIND BYTES FILE writes a file that is no plan.
func noise(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: noise KIND BYTES FILE")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 0, n+8)
	for len(data) < n {
		switch args[0] {
		case "binary":
			data = append(data, byte(random.Uint32()))
		case "gb18030": // 方案 and its like, as an old editor saves them
			data = append(data, byte(0xB0+random.IntN(0x28)), byte(0xA1+random.IntN(0x5E)))
		case "han":
			data = utf8.AppendRune(data, rune(0x4E00+random.IntN(0x5000)))
			if random.IntN(40) == 0 {
				data = append(data, '\n')
			}
		default:
			ts.Fatalf("no such noise: %s", args[0])
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data, 0o644))
}

// program gives a program that is the generator: this test's own binary, under the
// name that TestMain looks for.
func program(tb testing.TB) string {
	tb.Helper()
	own, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	bin := filepath.Join(tb.TempDir(), "generator")
	if err := os.Symlink(own, bin); err != nil {
		tb.Fatal(err)
	}
	return bin
}

// installed gives the program and a copy of the project.
func installed(tb testing.TB) (bin, dir string) {
	tb.Helper()
	dir = filepath.Join(tb.TempDir(), "project")
	if err := copyProject(dir); err != nil {
		tb.Fatal(err)
	}
	return program(tb), dir
}

// TestKilledBuild kills builds at many moments. Whatever the moment, public/ is
// a whole tree: the one before, or the new one.
func TestKilledBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the command dozens of times")
	}
	bin, dir := installed(t)
	start := func(args ...string) *exec.Cmd {
		cmd := exec.Command(bin, args...)
		cmd.Dir = dir
		return cmd
	}
	built := func(args ...string) string {
		if out, err := start(args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return treeSum(filepath.Join(dir, "public"))
	}
	took := time.Now()
	// With an address of its own, pictures are drawn as well, for most of the time.
	site := "/"
	if sample.Whole() {
		site = "https://example.org/"
	}
	old := built("--base-url", site+"old/")
	whole := time.Since(took)
	next := built("--base-url", site+"new/")
	if old == next {
		t.Fatal("both trees are the same")
	}
	kills := sample.Times(20, 8)
	if os.Getenv("MINXI_FAULTS") == "all" {
		kills = 200
	}
	states := map[string]int{}
	for i := range kills {
		cmd := start("--base-url", site+map[bool]string{true: "old/", false: "new/"}[i%2 == 0])
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(whole * time.Duration(i) / time.Duration(kills*4/5)) // the last ones are killed after they have ended
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		got := treeSum(filepath.Join(dir, "public"))
		if got != old && got != next {
			t.Fatalf("killed at moment %d of %d: public/ is neither the old tree nor the new one", i, kills)
		}
		states[got]++
	}
	if built("--base-url", site+"new/") != next {
		t.Error("the build after the kills gives another tree")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".public.stage*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	t.Logf("%d kills: old tree %d times, new tree %d times", kills, states[old], states[next])
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		args   []string
		env    map[string]string
		system string
		want   plan.Lang
	}{
		{nil, nil, "", plan.EN},
		{nil, nil, "zh-CN", plan.ZH}, // Windows
		{nil, nil, "zh_CN", plan.ZH}, // macOS
		{nil, nil, "de-DE", plan.EN},
		{nil, map[string]string{"LANG": "zh_CN.UTF-8"}, "", plan.ZH},
		{nil, map[string]string{"LANG": "en_GB.UTF-8"}, "zh-CN", plan.EN},
		{nil, map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "", plan.EN},
		{[]string{"--lang", "zh"}, map[string]string{"LANG": "en"}, "", plan.ZH},
		{[]string{"check", "--lang=en"}, map[string]string{"LANG": "zh"}, "zh-CN", plan.EN},
	} {
		if got := language(c.args, func(k string) string { return c.env[k] }, func() string { return c.system }); got != c.want {
			t.Errorf("%v %v: %s, want %s", c.args, c.env, got, c.want)
		}
	}
}

// TestHelpIsBilingual wants every command and flag described in both languages.
func TestHelpIsBilingual(t *testing.T) {
	for _, command := range []string{"", "build", "check", "import", "serve", "new", "new update", "new topic", "new place", "new page"} {
		var texts [2]string
		for i, lang := range []string{"zh", "en"} {
			var out, errw bytes.Buffer
			args := []string{"--help", "--lang", lang}
			if command != "" {
				args = append(strings.Fields(command), args...)
			}
			if status := run(args, &out, &errw); status != 0 || errw.Len() > 0 {
				t.Errorf("%v: status %d, %s", args, status, &errw)
			}
			texts[i] = out.String()
		}
		if !strings.ContainsAny(texts[0], "用法选项") || strings.ContainsFunc(texts[1], func(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF }) {
			t.Errorf("%s --help mixes languages:\n%s\n%s", command, texts[0], texts[1])
		}
	}
}
