package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing/fstest"

	"github.com/spf13/cobra"

	"minxi/generator/internal/changes"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// recorded are the parts of a project that people change, and that a record holds.
var recorded = []string{"content", "seeds", "static", "hugo.toml", "publish.toml"}

// errUnversioned says that a project is not kept with git; the journal then has every change.
var errUnversioned = errors.New("not kept with git")

func (a *app) changesCommand() *cobra.Command {
	var since string
	cmd := &cobra.Command{
		Use:   "changes",
		Short: a.say("用句子说出自上次记录以来改了什么", "tell in sentences what has changed since the last record"),
		Long: a.say(`和 git 里上次记录的内容比较，逐句说出改了什么。--since 可以写任何版本，例如上次发布的标签。

没有 git 的话，用 history 看编辑器和命令改过什么。`,
			`Compare with the content that git has recorded last, and tell what has changed sentence by sentence. --since takes any version, such as the tag of the last release.

Without git, history tells what the editor and the commands have changed.`),
		Example: "  go run ./generator changes --since v2",
		Args:    a.args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			dir, err := a.project()
			if err != nil {
				return err
			}
			list, err := changesSince(dir, since)
			if errors.Is(err, errUnversioned) {
				return a.withoutGit(dir)
			}
			if err != nil {
				return err
			}
			if a.asJSON {
				a.print(map[string]any{"ok": true, "changes": append([]changes.Change{}, list...)})
				return nil
			}
			for _, c := range list {
				fmt.Fprintln(a.out, c.Text.In(a.lang))
			}
			if len(list) == 0 && !a.quiet {
				fmt.Fprintln(a.out, a.say("没有改动", "nothing has changed"))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&since, "since", "HEAD", a.say("与哪个版本比较", "version to compare with"))
	return cmd
}

func (a *app) recordCommand() *cobra.Command {
	var message string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "record",
		Short: a.say("用 git 记录改动，附上用句子写的说明", "record the changes with git, with a message in sentences"),
		Long: a.say(`把内容的改动记进 git，说明由程序拟好：第一行概括，下面逐句列出。--message 换掉第一行。别的文件不动。`,
			`Record changes of the content with git. The message is proposed: a summary, and below it sentence by sentence what has changed; --message takes the place of the summary. Other files are left alone.`),
		Example: `  go run ./generator record --dry-run
  go run ./generator record --message "Corrections from the county office"`,
		Args: a.args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			dir, err := a.project()
			if err != nil {
				return err
			}
			list, err := changesSince(dir, "HEAD")
			if errors.Is(err, errUnversioned) {
				return a.withoutGit(dir)
			}
			if err != nil {
				return err
			}
			text := recordMessage(a.lang, message, list)
			if dryRun {
				fmt.Fprint(a.out, text)
				return nil
			}
			done, err := commit(dir, text)
			if err != nil {
				return err
			}
			switch {
			case a.asJSON:
				a.print(map[string]any{"ok": true, "recorded": done, "message": text})
			case a.quiet:
			case done:
				fmt.Fprint(a.out, a.say("已记录：\n\n", "recorded:\n\n")+text)
			default:
				fmt.Fprintln(a.out, a.say("没有改动可记", "there is nothing to record"))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&message, "message", "", a.say("说明的第一行", "first line of the message"))
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, a.say("只显示拟好的说明", "only show the proposed message"))
	return cmd
}

// withoutGit says where changes are kept when git keeps none.
func (a *app) withoutGit(dir string) error {
	if a.asJSON {
		a.print(map[string]any{"ok": true, "git": false})
	} else if !a.quiet {
		fmt.Fprintln(a.out, a.say("这个项目没有用 git；编辑器和命令的每次改动都在 .journal 里，用 history 看，用 undo 退回", "this project is not kept with git; every change by the editor and the commands is in .journal: history lists them, undo takes them back"))
	}
	return nil
}

// recordMessage is what a record says of itself.
func recordMessage(lang plan.Lang, first string, list []changes.Change) string {
	sentences, files := map[plan.ID]bool{}, 0
	for _, c := range list {
		if c.ID != "" {
			sentences[c.ID] = true
		} else {
			files++
		}
	}
	if first == "" {
		said := diag.Text("整理内容", "The content is tidied up")
		switch {
		case len(sentences) > 0 && files > 0:
			said = diag.Text("改了 %[1]d 句和 %[2]d 个文件", "%[3]s and %[4]s changed", len(sentences), files, changes.Count(len(sentences), "sentence"), changes.Count(files, "file"))
		case len(sentences) > 0:
			said = diag.Text("改了 %[1]d 句", "%[2]s changed", len(sentences), changes.Count(len(sentences), "sentence"))
		case files > 0:
			said = diag.Text("改了 %[1]d 个文件", "%[2]s changed", files, changes.Count(files, "file"))
		}
		first = said.In(lang)
	}
	var b strings.Builder
	b.WriteString(first + "\n")
	for i, c := range list {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("- " + c.Text.In(lang) + "\n")
	}
	return b.String()
}

// git runs the installed git in the project; what it says on failure is the error.
func git(dir, stdin string, args ...string) ([]byte, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, errUnversioned
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0")
	var out, errw bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errw
	if err := cmd.Run(); err != nil {
		for len(args) > 2 && args[0] == "-c" {
			args = args[2:]
		}
		return nil, gitProblem(args[0], cmp.Or(strings.TrimSpace(errw.String()), strings.TrimSpace(out.String()), err.Error()))
	}
	return out.Bytes(), nil
}

// gitProblems are what git says, and what people can do about it.
var gitProblems = []struct {
	part       string
	fact, hint plan.Text
}{
	{"tell me who you are", diag.Text("git 还不知道你是谁", "git does not know who you are"),
		diag.Text("运行一次：git config --global user.name 张三，git config --global user.email zhang@example.org。", "Run once: git config --global user.name …, git config --global user.email ….")},
	{"index.lock", diag.Text("另一个 git 正在这里工作", "another git is at work here"), diag.Text("等它结束再试。", "Wait for it and try again.")},
	{"unmerged", diag.Text("上一次合并还没有完成", "an earlier merge is not finished"), diag.Text("请先请熟悉 git 的人完成合并。", "Have somebody who knows git finish it first.")},
	{"unknown revision", diag.Text("git 里没有这个版本", "git has no such version"), diag.Text("git tag 列出各个标签。", "git tag lists the tags.")},
	{"not a valid object name", diag.Text("git 里没有这个版本", "git has no such version"), diag.Text("git tag 列出各个标签。", "git tag lists the tags.")},
}

func gitProblem(command, said string) error {
	if strings.Contains(said, "not a git repository") {
		return errUnversioned
	}
	for _, p := range gitProblems {
		if strings.Contains(said, p.part) {
			return diag.Diagnostic{Check: "git", Fact: p.fact, Hint: p.hint}
		}
	}
	return diag.Diagnostic{Check: "git", Fact: diag.Text("git %[1]s 没有成功：%[2]s", "git %[1]s failed: %[2]s", command, said),
		Hint: diag.Text("内容没有丢；请把这句话给熟悉 git 的人看。", "Nothing is lost; show this to somebody who knows git.")}
}

// changesSince compares the content with a version in git. A repository without one yet
// has everything new.
func changesSince(dir, since string) ([]changes.Change, error) {
	if _, err := git(dir, "", "rev-parse", "--git-dir"); err != nil {
		return nil, err
	}
	old, _ := content.Load(fstest.MapFS{}, "content")
	if _, err := git(dir, "", "rev-parse", "--verify", "--quiet", "HEAD"); err == nil || since != "HEAD" {
		if strings.HasPrefix(since, "-") {
			return nil, usageError{fmt.Errorf("--since %s", since)}
		}
		if old, _, err = contentAt(dir, since); err != nil {
			return nil, err
		}
	}
	now, found := content.Load(os.DirFS(dir), "content")
	if err := found.Err(); err != nil {
		return nil, err
	}
	return changes.Between(old, now), nil
}

// contentAt reads the content as a version in git has it, or as empty where that has none.
func contentAt(dir, version string) (*content.Tree, diag.List, error) {
	data, err := git(dir, "", "archive", "--format=tar", version, "--", "content")
	if err != nil && !strings.Contains(err.Error(), "did not match any files") {
		return nil, nil, err
	}
	files, err := unpackTar(data)
	if err != nil {
		return nil, nil, err
	}
	tree, found := content.Load(files, "content")
	return tree, found, nil
}

// unpackTar is a tar as a file system in memory.
func unpackTar(data []byte) (fstest.MapFS, error) {
	files := fstest.MapFS{}
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg || !fs.ValidPath(h.Name) {
			continue
		}
		body, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		files[h.Name] = &fstest.MapFile{Data: body, Mode: 0o644}
	}
}

// unrecorded lists what git status says of the parts of the project that people change, and
// these parts.
func unrecorded(dir string) (lines, paths []string, err error) {
	for _, p := range recorded {
		if _, err := os.Stat(filepath.Join(dir, p)); err == nil {
			paths = append(paths, p)
		}
	}
	data, err := git(dir, "", append([]string{"-c", "core.quotePath=false", "status", "--porcelain", "--untracked-files=all", "--"}, paths...)...)
	for line := range strings.Lines(string(data)) {
		lines = append(lines, strings.TrimRight(line, "\n"))
	}
	return lines, paths, err
}

// commit records the parts of the project that people change, and nothing else. It
// reports whether there was anything. Options are git's own.
func commit(dir, message string, options ...string) (bool, error) {
	waiting, paths, err := unrecorded(dir)
	if err != nil || len(waiting) == 0 {
		return false, err
	}
	if _, err := git(dir, "", append([]string{"add", "-A", "--"}, paths...)...); err != nil {
		return false, err
	}
	_, err = git(dir, message, slices.Concat(options, []string{"commit", "--quiet", "--file=-", "--"}, paths)...)
	return err == nil, err
}
