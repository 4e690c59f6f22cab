package edit

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"minxi/generator/internal/content"
)

var update = flag.Bool("update", false, "write testdata/paste anew")

// TestFromHTML pastes what programs put on the clipboard.
func TestFromHTML(t *testing.T) {
	names, _ := filepath.Glob("testdata/paste/*.txt")
	if len(names) < 3 {
		t.Fatal("no examples")
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := FromHTML(string(a.Files[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			a.Files[1].Data = []byte(p.Markdown + "\n")
			if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := strings.TrimRight(string(a.Files[1].Data), "\n"); p.Markdown != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, p.Markdown, want)
		}
		if has := strings.Contains(string(a.Files[0].Data), "<img"); has != (len(p.Notes) == 1) {
			t.Errorf("%s: notes %v", name, p.Notes)
		}
	}
	if _, err := FromHTML(strings.Repeat("x", largestPaste+1)); err == nil {
		t.Error("any size is taken")
	}
}

// FuzzFromHTML never brings code or an unseen character into a page.
func FuzzFromHTML(f *testing.F) {
	names, _ := filepath.Glob("testdata/paste/*.txt")
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(a.Files[0].Data))
	}
	f.Add("<table><tr><td><table><tr><td>a<td>b</table></table><p style='mso-list:l0 level3 lfo1'><span style='mso-list:Ignore'>1.</span>x")
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 4<<10 {
			return
		}
		p, err := FromHTML(src)
		if err != nil {
			return
		}
		doc, found := content.Parse("content", "pages/x.zh.md", []byte("---\ntitle: x\n---\n\n"+p.Markdown+"\n"))
		if len(found) > 0 {
			return // such as the marks of a merge, which are told
		}
		for _, m := range doc.Marks() {
			if m.Kind == content.HTML {
				t.Fatalf("%q brings code: %q", src, p.Markdown)
			}
			if m.Kind == content.Link && !strings.HasPrefix(m.Destination, "/") {
				scheme, _, _ := strings.Cut(strings.ToLower(m.Destination), ":")
				if scheme == "javascript" || scheme == "data" || scheme == "file" {
					t.Fatalf("%q brings the link %q", src, m.Destination)
				}
			}
		}
		if again, _ := Clean(p.Markdown, ""); again != p.Markdown {
			t.Fatalf("%q is not clean: %q", src, p.Markdown)
		}
	})
}
