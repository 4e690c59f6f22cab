package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestReadme runs every command that the README shows, in a copy of the project.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	ci, err := os.ReadFile("../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	bin, dir := installed(t)
	ran := 0
	for line := range strings.Lines(string(readme)) {
		line, shown := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
		if !shown {
			continue
		}
		ran++
		args, ours := strings.CutPrefix(line, "go run ./generator")
		if !ours {
			// Not to be run from inside itself; CI runs it on a clean clone.
			if !strings.Contains(string(ci), "\n"+line+"\n") {
				t.Errorf(".ci/run does not run %q", line)
			}
			continue
		}
		cmd := exec.Command(bin, strings.Fields(args)...)
		cmd.Dir = dir
		// Not the cache of whoever runs the tests: one of the commands empties it.
		cmd.Env = append(os.Environ(), "LANG=en_US.UTF-8", "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "HOME="+dir)
		if strings.HasPrefix(args, " serve") {
			serveOnce(t, cmd)
			continue
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
	if ran < 5 {
		t.Errorf("the README shows %d commands only", ran)
	}
}

// TestChineseReadme wants the commands of the README in the Chinese one, in the same
// order, so that what is run of the one is run of the other.
func TestChineseReadme(t *testing.T) {
	commands := func(name string) (list []string) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if command, shown := strings.CutPrefix(strings.TrimRight(line, "\n"), "    "); shown {
				list = append(list, command)
			}
		}
		return list
	}
	en, zh := commands("../README.md"), commands("../README.zh.md")
	if !slices.Equal(en, zh) {
		t.Errorf("README.zh.md shows %q\nREADME.md shows %q", zh, en)
	}
}

// serveOnce waits until the preview says where it is, then ends it.
func serveOnce(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.Args = append(cmd.Args, "--port", "0") // 1313 may be taken on the machine that tests
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told := false
	for lines := bufio.NewScanner(out); !told && lines.Scan(); {
		told = strings.HasPrefix(lines.Text(), "preview: http://127.0.0.1:")
	}
	if !told {
		t.Errorf("%v does not say where the preview is", cmd.Args)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("serve, interrupted: %v", err)
	}
}

// TestAnotherPlan wants every command that docs/another-plan.md shows in the
// script that runs them.
func TestAnotherPlan(t *testing.T) {
	page, err := os.ReadFile("../docs/another-plan.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/script/another_plan.txtar")
	if err != nil {
		t.Fatal(err)
	}
	// A shell and a test script quote differently; the words are the same.
	plain := strings.NewReplacer("'", "", `"`, "")
	runs := "\n" + plain.Replace(string(script))
	shown := 0
	for line := range strings.Lines(string(page)) {
		command, is := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
		if !is {
			continue
		}
		shown++
		command = strings.Replace(strings.Replace(command, "go run ./generator", "generator", 1), "rm -r ", "rm ", 1)
		if !strings.Contains(runs, " "+plain.Replace(command)+"\n") && !strings.Contains(runs, "\n"+command+"\n") {
			t.Errorf("another_plan.txtar does not run %q", command)
		}
	}
	if shown < 6 {
		t.Errorf("the page shows %d commands only", shown)
	}
}

// TestSlices wants every command that docs/slices.md shows in the script that runs
// them.
func TestSlices(t *testing.T) {
	page, err := os.ReadFile("../docs/slices.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/script/slices.txtar")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for line := range strings.Lines(string(page)) {
		_, command, is := strings.Cut(strings.TrimRight(line, "\n"), "run: ./generator-bin ")
		if !is {
			continue
		}
		shown++
		command = strings.ReplaceAll(command, "${{ matrix.part }}", "1")
		if !strings.Contains(string(script), "exec generator "+command+"\n") {
			t.Errorf("slices.txtar does not run %q", command)
		}
	}
	if shown != 2 {
		t.Errorf("the page shows %d commands", shown)
	}
}
