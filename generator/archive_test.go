package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/edit"
	"minxi/generator/internal/editor"
	"minxi/generator/internal/plan"
)

// TestArchive records from the editor with the installed git: what has changed is told, the
// message is proposed and can be another, and whoever has not told git who they are is
// recorded by the name that the editor has asked for.
func TestArchive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "project")
	if err := copyProject(dir); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(t.TempDir(), "none"))
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	if err := edit.SetAuthor("张三"); err != nil {
		t.Fatal(err)
	}
	said := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	a := archive{dir}
	if r, err := a.Changed(t.Context(), "", plan.ZH); err != nil || r.Git || len(r.Earlier) > 0 || r.Since != "" {
		t.Fatalf("without a repository: %+v %v", r, err)
	}
	said("init", "-q", ".")
	first, err := a.Changed(t.Context(), "", plan.ZH)
	if err != nil || !first.Git || first.Since != sinceRecord || !first.Waiting || len(first.Changes) < 100 {
		t.Fatalf("before the first: %v, %d changes, %v", first.Earlier, len(first.Changes), err)
	}
	if done, err := a.Record(t.Context(), "收到的样子"); err != nil || !done {
		t.Fatal(done, err)
	}
	said("tag", "v1")
	none, err := a.Changed(t.Context(), "", plan.ZH)
	if err != nil || none.Waiting || len(none.Changes) > 0 {
		t.Fatalf("after it: %+v %v", none, err)
	}
	if done, err := a.Record(t.Context(), "again"); err != nil || done {
		t.Error("nothing was recorded:", done, err)
	}

	file := filepath.Join(dir, "content/plan/c3/s3.en.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		file: strings.Replace(string(text), "Support Longyan in seeking", "Support Longyan in actively seeking", 1),
		filepath.Join(dir, "static/images/水 1.png"): "a picture",
		filepath.Join(dir, "notes.txt"):             "my own",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	zh, err := a.Changed(t.Context(), "", plan.ZH)
	if err != nil || !zh.Waiting || len(zh.Changes) != 2 || !strings.Contains(zh.Changes[1].Text.ZH, "static/images/水 1.png") {
		t.Fatalf("%+v %v", zh, err)
	}
	if want := "改了 1 句和 1 个文件\n\n- s3-7 的英文改了 1 个词：支持龙岩"; !strings.HasPrefix(zh.Message, want) {
		t.Errorf("proposed is %q", zh.Message)
	}
	en, err := a.Changed(t.Context(), sinceTag+"v1", plan.EN)
	if err != nil || len(en.Changes) != 1 || en.Message != "" || !slices.ContainsFunc(en.Earlier, func(e editor.Earlier) bool { return e.Name == sinceTag+"v1" }) {
		t.Errorf("since v1: %+v %v", en, err)
	}
	if r, err := a.Changed(t.Context(), "tag/--output=x", plan.EN); err != nil || r.Since != "" || len(r.Changes) > 0 {
		t.Errorf("since what is not offered: %+v %v", r, err)
	}
	if done, err := a.Record(t.Context(), "# 县里的更正\n\n- 一处\n"); err != nil || !done {
		t.Fatal(done, err)
	}
	if got := said("log", "-1", "--format=%an <%ae>%n%B"); got != "张三 <>\n# 县里的更正\n\n- 一处\n\n" {
		t.Errorf("recorded is %q", got)
	}
	if got := said("status", "--porcelain"); strings.Contains(got, "content") || strings.Contains(got, "static") || !strings.Contains(got, "notes.txt") {
		t.Errorf("left is %q", got)
	}
	// Whoever has told git who they are is recorded so.
	said("config", "user.name", "李四")
	said("config", "user.email", "li@example.org")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if done, err := a.Record(t.Context(), "back"); err != nil || !done {
		t.Fatal(done, err)
	}
	if got := said("log", "-1", "--format=%an <%ae>"); got != "李四 <li@example.org>\n" {
		t.Errorf("recorded by %q", got)
	}
}
