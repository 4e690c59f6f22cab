package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/offline"
	"minxi/generator/internal/plan"
)

// TestPDF prints the real plan and has qpdf and poppler say what it is: tagged, in its
// language, with bookmarks of all chapters and sections, each sentence to the character,
// links to the site alone, the document's day, and the same bytes twice.
func TestPDF(t *testing.T) {
	for _, program := range []string{"chromium", "qpdf", "pdfinfo", "pdftotext"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is not installed: see .ci/run", program)
			}
			t.Skipf("%s is not installed: see .ci/run", program)
		}
	}
	dir, err := filepath.Abs(projectDir)
	if err != nil {
		t.Fatal(err)
	}
	tree, _ := content.Load(os.DirFS(dir), "content")
	base, err := ParseBase("https://example.org/a/")
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Dir: dir, NoCheck: true, Base: base}
	out := filepath.Join(t.TempDir(), "public")
	folder, err := NewFolder(out)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	res, err := Renew(ctx, o, folder)
	if err != nil {
		t.Fatal(err)
	}
	first, err := WritePDFs(ctx, o, res, out, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	second, err := WritePDFs(ctx, o, res, out, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range first {
		a, _ := os.ReadFile(name)
		if b, _ := os.ReadFile(second[i]); !bytes.Equal(a, b) {
			t.Errorf("%s is not the same twice", filepath.Base(name))
		}
		if bytes.Contains(a, []byte("HeadlessChrome")) || bytes.Contains(a, []byte("D:"+time.Now().Format("2006"))) {
			t.Errorf("%s says where or when it was printed", filepath.Base(name))
		}
	}
	for _, c := range []struct {
		name, lang string
		langs      []plan.Lang
	}{{first[0], "zh-Hans", []plan.Lang{plan.ZH}}, {first[1], "en", []plan.Lang{plan.EN}}, {first[2], "zh-Hans", plan.Langs}} {
		t.Run(filepath.Base(c.name), func(t *testing.T) {
			info := string(program(t, "pdfinfo", c.name))
			for _, want := range []string{"Tagged:          yes", "(A4)", "CreationDate:    Wed Apr 13 00:00:00 2022", "JavaScript:      no", "Encrypted:       no"} {
				if !strings.Contains(info, want) {
					t.Errorf("it is not %q:\n%s", want, info)
				}
			}
			type bookmark struct {
				Title string
				Kids  []json.RawMessage
			}
			var pdf struct {
				Outlines []json.RawMessage
				Qpdf     []map[string]json.RawMessage
			}
			if err := json.Unmarshal(program(t, "qpdf", "--json", "--json-key=outlines", "--json-key=qpdf", c.name), &pdf); err != nil {
				t.Fatal(err)
			}
			var titles []string
			var walk func(list []json.RawMessage)
			walk = func(list []json.RawMessage) {
				for _, raw := range list {
					var v bookmark
					if err := json.Unmarshal(raw, &v); err != nil {
						t.Fatal(err)
					}
					titles = append(titles, v.Title)
					walk(v.Kids)
				}
			}
			walk(pdf.Outlines)
			bookmarks := unspaced(strings.Join(titles, "\n")) // Chromium drops the space at which a heading is broken
			for _, ch := range tree.Plan.Chapters {
				for _, l := range c.langs {
					if !strings.Contains(bookmarks, unspaced(ch.Title.In(l))) {
						t.Errorf("no bookmark leads to %q", ch.Title.In(l))
					}
				}
				for _, s := range ch.Sections {
					if !strings.Contains(bookmarks, unspaced(s.Title.In(c.langs[0]))) {
						t.Errorf("no bookmark leads to %q", s.Title.In(c.langs[0]))
					}
				}
			}
			if objects := string(pdf.Qpdf[1]["trailer"]) + string(program(t, "qpdf", "--json", "--json-key=qpdf", c.name)); !strings.Contains(objects, `"/Lang": "u:`+c.lang+`"`) {
				t.Errorf("it does not say that it is in %s", c.lang)
			}
			links := string(program(t, "qpdf", "--qdf", "--object-streams=disable", c.name, "-"))
			for _, part := range strings.Split(links, "/URI (")[1:] {
				if !strings.HasPrefix(part, "https://example.org/a/") {
					t.Errorf("it leads to %.60s", part)
				}
			}
			text := unspaced(string(program(t, "pdftotext", "-raw", c.name, "-")))
			for u := range tree.Plan.Units() {
				for _, l := range c.langs {
					if !strings.Contains(text, unspaced(u.Text.In(l))) && !across(text, unspaced(u.Text.In(l))) {
						t.Errorf("%s is not in it as it is (%s)", u.ID, l)
					}
				}
			}
		})
	}
}

// across reports whether a sentence stands in a text with what a sheet ends and begins
// with in between.
func across(text, sentence string) bool {
	r := []rune(sentence)
	for i := 1; i < len(r); i++ {
		if strings.Contains(text, string(r[:i])) && !strings.Contains(text, string(r[:i+1])) {
			return i > 3 && strings.Contains(text, string(r[i:]))
		}
	}
	return false
}

// unspaced is a text without spaces and hyphens, which lines begin and end with.
func unspaced(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r\f\u00a0\u00ad-\u2010", r) {
			return -1
		}
		return r
	}, s)
}

func program(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// TestNoBrowser wants a PDF that cannot be made to be told.
func TestNoBrowser(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, _, err := offline.FindBrowser(context.Background()); err == nil {
		t.Skip("there is one outside of PATH")
	}
	_, err := WritePDFs(context.Background(), Options{}, &Result{}, t.TempDir(), t.TempDir())
	found := diag.From(err)
	if len(found) != 1 || found[0].Check != "pdf" || !strings.Contains(found[0].Fact.EN, "no PDF was made") {
		t.Errorf("%v", err)
	}
	_, err = WritePDFs(context.Background(), Options{}, &Result{Plan: plan.Counts{Units: 501}}, t.TempDir(), t.TempDir())
	if found := diag.From(err); len(found) != 1 || !strings.Contains(found[0].Fact.EN, "can be printed as one PDF") {
		t.Errorf("%v", err)
	}
}
