package pipeline

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minxi/generator/internal/proof"
	"minxi/generator/internal/sample"
)

// TestZip builds the real plan for a host, with and without a known address, and looks
// at its zip as somebody would who has it on a disk: every link leads to a file of it or
// to the web, every page is there and says the same, its manifest holds, and the same
// tree makes the same zip.
func TestZip(t *testing.T) {
	dir, err := filepath.Abs(projectDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range sample.Every(2, []string{"https://example.org/a/b/", "/a/b/", ""}) {
		t.Run("base "+base, func(t *testing.T) {
			b, err := ParseBase(base)
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "public")
			folder, err := NewFolder(out)
			if err != nil {
				t.Fatal(err)
			}
			o := kept(Options{Dir: dir, NoCheck: true, Base: b})
			res, err := Renew(context.Background(), o, folder)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "minxi.zip")
			if made, err := WriteZip(o, res, out, file); err != nil || !made {
				t.Fatal(made, err)
			}
			if made, err := WriteZip(o, res, out, file); err != nil || made {
				t.Errorf("a zip of the same tree is made again: %v %v", made, err)
			}
			again := filepath.Join(t.TempDir(), "minxi.zip")
			if _, err := WriteZip(o, res, out, again); err != nil {
				t.Fatal(err)
			}
			first, _ := os.ReadFile(file)
			if second, _ := os.ReadFile(again); !bytes.Equal(first, second) {
				t.Error("the same tree makes two zips")
			}
			looksUnpacked(t, os.DirFS(out), first, b)
		})
	}
}

func looksUnpacked(t *testing.T, tree fs.FS, data []byte, b Base) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(z, "minxi")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if day := f.Modified.Format("2006-01-02"); !strings.HasPrefix(f.Name, "minxi/") || day != "2022-04-13" {
			t.Fatalf("%s is of %s", f.Name, day)
		}
	}
	pages, links := 0, 0
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == marker || path.Base(name) == "404.html" {
			return err
		}
		was, _ := fs.ReadFile(tree, name)
		is, err := fs.ReadFile(files, name)
		if err != nil {
			t.Errorf("%s is not in the zip", name)
			return nil
		}
		switch {
		case path.Ext(name) == ".html":
			pages++
			before, after := linksOf(t, was), linksOf(t, is)
			if len(before.links) != len(after.links) || before.text != after.text {
				t.Errorf("%s has %d links and had %d; the same text: %v", name, len(after.links), len(before.links), before.text == after.text)
				return nil
			}
			for i, to := range after.links {
				links++
				opens(t, files, name, before.links[i], to, b)
			}
		case path.Ext(name) == ".md":
			if bytes.Contains(is, []byte("/)")) && b.Origin == "" {
				t.Errorf("%s leads to a folder", name)
			}
		case !bytes.Equal(was, is) && !strings.HasPrefix(name, "data/manifest."):
			t.Errorf("%s is another in the zip", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if pages < 700 || links < 30000 {
		t.Errorf("%d pages with %d links were looked at", pages, links)
	}
	text, err := fs.ReadFile(files, "data/manifest.sha256")
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := proof.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	report, err := proof.Check(context.Background(), files, manifest, "data/manifest.sha256")
	if err != nil || !report.OK() {
		t.Errorf("its own manifest does not hold: %+v %v", report, err)
	}
}

// opens wants a link of a page to lead, from a disk, to the file that it led to on the
// host.
func opens(t *testing.T, files fs.FS, name, was, to string, b Base) {
	t.Helper()
	here := &url.URL{Path: "/" + name}
	at, err := here.Parse(to)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if at.Scheme != "" || at.Host != "" {
		if was != to {
			t.Errorf("%s leads to %s, and led to %s", name, to, was)
		}
		return
	}
	if to == "" || strings.HasPrefix(to, "/") {
		t.Errorf("%s leads to %q", name, to)
		return
	}
	info, err := fs.Stat(files, strings.TrimPrefix(at.Path, "/"))
	if err != nil || info.IsDir() {
		t.Errorf("%s leads to %s, where no file is", name, to)
	}
	meant, err := here.Parse(was)
	if err != nil || strings.TrimSuffix(meant.Path, "index.html") != strings.TrimSuffix(at.Path, "index.html") || meant.RawQuery != at.RawQuery || meant.Fragment != at.Fragment {
		t.Errorf("%s leads to %s, and led to %s", name, to, was)
	}
}

type linked struct {
	links []string
	text  string
}

// linksOf are the addresses that a page has, in order, and its words.
func linksOf(t *testing.T, data []byte) (v linked) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			text.WriteString(n.Data)
		}
		for _, a := range n.Attr {
			switch a.Key {
			case "href", "src", "action", "cite":
				v.links = append(v.links, a.Val)
			}
		}
	}
	v.text = text.String()
	return v
}
