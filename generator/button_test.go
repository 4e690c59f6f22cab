package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/editor"
	"minxi/generator/internal/plan"
)

// TestButton publishes from the editor to a folder: what readers would see changed is
// told by headline before, a mistake in the content stops it, what was published is
// verified, and one step back brings the earlier release. A target whose secret this
// machine does not have says so.
func TestButton(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "project")
	if err := copyProject(dir); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("XDG_CACHE_HOME", sharedCache(t))
	config := "[targets.web]\nkind = \"s3\"\nbucket = \"b\"\nregion = \"r\"\naccess_key = { env = \"MINXI_TEST_NO_SUCH\" }\nsecret_key = { env = \"MINXI_TEST_NO_SUCH\" }\n\n" +
		"[targets.here]\nkind = \"folder\"\npath = \"" + filepath.ToSlash(filepath.Join(t.TempDir(), "live")) + "\"\n\n"
	rules, err := os.ReadFile("publish.toml")
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(rules), "[targets")
	if err := os.WriteFile("publish.toml", []byte(head+config), 0o644); err != nil {
		t.Fatal(err)
	}
	b := button{&app{lang: plan.ZH, out: io.Discard, err: io.Discard}, dir}
	targets, err := b.Targets()
	if err != nil || len(targets) != 2 || targets[0].Name != "here" || targets[0].Why != nil || targets[1].Why == nil || !strings.Contains(targets[1].Why.ZH, "MINXI_TEST_NO_SUCH") {
		t.Fatalf("%+v %v", targets, err)
	}
	steps := 0
	tell := func(editor.Step) { steps++ }
	prepare := func() editor.Comparison {
		t.Helper()
		c, err := b.Prepare(t.Context(), "here", tell)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	titled := func(c editor.Comparison, path, what, title string) bool {
		return slices.ContainsFunc(c.Pages, func(h editor.Headline) bool {
			return h.Path == path && h.What == what && strings.Contains(h.Title, title)
		})
	}
	first := prepare()
	if first.Same || first.Release != "" || !titled(first, "/zh/m/s3-2/", "new", "推广龙岩长汀") || first.Other == 0 || first.Bytes == 0 || steps == 0 {
		t.Fatalf("the first: %d pages, %d others, %d bytes, release %q", len(first.Pages), first.Other, first.Bytes, first.Release)
	}
	done, err := b.Publish(t.Context(), "here", tell)
	if err != nil || done.Release == "" || done.Verified == 0 {
		t.Fatalf("%+v %v", done, err)
	}

	about, err := os.ReadFile("content/pages/about.zh.md")
	if err != nil {
		t.Fatal(err)
	}
	save := func(text string) {
		t.Helper()
		if err := os.WriteFile("content/pages/about.zh.md", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save(string(about) + "\n又一段。\n")
	second := prepare()
	if len(second.Pages) != 1 || !titled(second, "/zh/about/", "changed", "关于本站") || second.Release != done.Release {
		t.Fatalf("after an edit: %+v", second)
	}
	next, err := b.Publish(t.Context(), "here", tell)
	if err != nil || next.Release == done.Release {
		t.Fatalf("%+v %v", next, err)
	}

	// A sentence: its own pages first, apart from those that only show it. What has changed
	// since the release is told in sentences, though there is no git.
	section, err := os.ReadFile("content/plan/c3/s3.en.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("content/plan/c3/s3.en.md", bytes.Replace(section, []byte("Support Longyan in seeking"), []byte("Support Longyan in actively seeking"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	third := prepare()
	var own []string
	for _, h := range third.Pages {
		if !h.With {
			own = append(own, h.Path)
		}
	}
	if !slices.Equal(own, []string{"/en/m/s3-7/", "/zh/m/s3-7/"}) || len(third.Pages) < 20 || third.Pages[2].With != true {
		t.Errorf("of what was changed are %v, of %d pages", own, len(third.Pages))
	}
	t.Setenv("PATH", t.TempDir()) // no git
	told, err := archive{dir}.Changed(t.Context(), "", plan.EN)
	if err != nil || told.Git || (archive{dir}).HasGit() || len(told.Earlier) != 1 || told.Since != sinceRelease+next.Release || len(told.Changes) != 1 || !strings.HasPrefix(told.Changes[0].Text.EN, "s3-7 English: 1 word changed: ") || told.Message != "" {
		t.Errorf("%+v %v", told, err)
	}
	if err := os.WriteFile("content/plan/c3/s3.en.md", section, 0o644); err != nil {
		t.Fatal(err)
	}
	back, err := b.Rollback(t.Context(), "here", tell)
	if err != nil || back.Verified == 0 {
		t.Fatalf("%+v %v", back, err)
	}
	if kept := releasedContents(dir); len(kept) > 0 {
		t.Errorf("readers have an earlier release, and %+v is kept as what they have", kept)
	}
	if again, err := b.Publish(t.Context(), "here", tell); err != nil || again.Nothing {
		t.Errorf("what was taken back cannot be published again: %+v %v", again, err)
	}

	// What three readings ask for is asked for here, too.
	for name, data := range map[string]string{
		"publish.toml":                           head + "[readings]\nupdates = [\"checked\"]\n\n" + config,
		"content/updates/2024-05-01-water.zh.md": "---\ntitle: 动态\ndate: 2024-05-01\nmeasures: [s3-2]\n---\n\n正文。\n",
		"content/updates/2024-05-01-water.en.md": "---\ntitle: Update\n---\n\nText.\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, do := range []func() error{
		func() error { _, err := b.Prepare(t.Context(), "here", tell); return err },
		func() error { _, err := b.Publish(t.Context(), "here", tell); return err },
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), "checked") {
			t.Errorf("an update that nobody has checked: %v", err)
		}
	}
	if err := os.WriteFile("publish.toml", []byte(head+config), 0o644); err != nil {
		t.Fatal(err)
	}

	save(string(about) + "\n[无](s3-999)\n")
	if _, err := b.Prepare(t.Context(), "here", tell); err == nil || !strings.Contains(err.Error(), "s3-999") {
		t.Errorf("with a mistake in the content: %v", err)
	}
}
