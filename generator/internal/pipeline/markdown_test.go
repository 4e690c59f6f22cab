package pipeline

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	gtext "github.com/yuin/goldmark/text"

	"minxi/generator/internal/address"
	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// TestMarkdownTwins reads every Markdown twin by the rules of CommonMark and compares
// it with its page: nothing in it is HTML or left over of another dialect, its links
// lead to files of the site, and it has each sentence that the page shows in full, to
// the character.
func TestMarkdownTwins(t *testing.T) {
	real, err := filepath.Abs(projectDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		dir  string
		base string
	}{
		{"the real plan", real, ""},
		{"the real plan on its host", real, "https://example.org/a/b/"},
		{"updates and marks", little(t, littleUpdate, map[string]string{
			"content/plan/c2/s2.zh.md":  "---\ntitle: 教育\nnumber: 2\n---\n\n办好\\*乡村\\*教育 \\[注\\] &amp; &lt;br&gt; 的 x\\_y 学校 3 > 2。\n{#s2-1 topics=\"schools ecology\" bodies=\"schools\"}\n",
			"content/pages/marks.zh.md": "---\ntitle: \"1. 标题 *一*\"\n---\n\n## 二级 {#two}\n\n一段[链接][注]与[同页](#two)。\n{.note}\n\n[注]: s1-2\n",
			"content/pages/marks.en.md": "---\ntitle: Marks\n---\n\n## Two {#two}\n\n[There](s1-2).\n",
		}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, err := ParseBase(c.base)
			if err != nil {
				t.Fatal(err)
			}
			o := Options{Dir: c.dir, NoCheck: true, Base: base}
			out := &Memory{}
			if c.dir == real {
				out = &builtOnce(t, c.base).out
			} else if _, err := Build(context.Background(), o, out); err != nil {
				t.Fatal(err)
			}
			tree, _ := content.Load(os.DirFS(c.dir), "content")
			files, err := staticFiles(c.dir)
			if err != nil {
				t.Fatal(err)
			}
			book, twins := address.New(tree.Plan, addresses(o, tree, files)), 0
			for a := range book.All() {
				page, _ := out.File(a.File())
				linked := bytes.Contains(page, []byte(`type="text/markdown" href="index.md"`))
				if linked != a.Kind.HasMarkdown() {
					t.Errorf("%s (%s) names its twin: %v", a.Path, a.Kind, linked)
				}
				if !a.Kind.HasMarkdown() {
					continue
				}
				twins++
				text, _ := out.File(address.File(address.MarkdownOf(a.Path)))
				twin := readTwin(t, a, text)
				for _, to := range twin.links {
					here, _ := url.Parse("/" + address.File(address.MarkdownOf(a.Path)))
					at, err := here.Parse(to)
					if err != nil {
						t.Errorf("%s leads to %q: %v", a.Path, to, err)
						continue
					}
					if at.Host != "" {
						if rest, ours := strings.CutPrefix(to, base.Origin); !ours || rest != "" && !known(book, rest) {
							t.Errorf("%s leads to %s", a.Path, to)
						}
						continue
					}
					if _, there := out.File(address.File(at.Path)); !there || strings.HasPrefix(to, "/") {
						t.Errorf("%s leads to %s, which is not there", a.Path, to)
					}
				}
				for _, u := range shownInFull(tree.Plan, a) {
					for _, l := range plan.Langs {
						if s := u.Text.In(l); s != "" && (l == a.Lang || a.Kind == address.Unit) && !strings.Contains(twin.text, s) {
							t.Errorf("%s does not have %s as it is (%s)", a.Path, u.ID, l)
						}
					}
				}
				if a.Lang == plan.EN && !strings.Contains(twin.text, "unofficial") {
					t.Errorf("%s does not say that the English is unofficial", a.Path)
				}
				if base.Origin != "" && !bytes.Contains(text, []byte("<"+base.Origin+a.Path+">")) {
					t.Errorf("%s does not have its permanent address", a.Path)
				}
			}
			if twins < 40 {
				t.Errorf("%d twins were looked at", twins)
			}
		})
	}
}

func known(book *address.Book, path string) bool {
	_, has := book.Find(path)
	return has
}

// shownInFull are the sentences that a page has with their text.
func shownInFull(p *plan.Plan, a address.Address) (list []*plan.Unit) {
	for u := range p.Units() {
		id := string(u.ID)
		switch a.Kind {
		case address.Whole:
			list = append(list, u)
		case address.Chapter:
			if address.ChapterID(u.Chapter) == a.Of {
				list = append(list, u)
			}
		case address.Section:
			if address.SectionID(u.Section) == a.Of {
				list = append(list, u)
			}
		case address.Unit, address.Topic, address.Place, address.Body, address.Update:
			for _, of := range append(a.Units, a.Of) {
				if of == id {
					list = append(list, u)
				}
			}
		}
	}
	return list
}

// twin is a text as CommonMark has it.
type twin struct {
	text  string
	links []string
}

var dialect = regexp.MustCompile(`\{[#.%<]|^---\n`)

func readTwin(t *testing.T, a address.Address, src []byte) twin {
	t.Helper()
	if dialect.Match(src) {
		t.Errorf("%s has more than CommonMark: %s", a.Path, dialect.Find(src))
	}
	if !bytes.HasPrefix(src, []byte("# ")) || !bytes.HasSuffix(src, []byte("\n")) || bytes.Contains(src, []byte("\n\n\n")) {
		t.Errorf("%s is not laid out as the others are:\n%.200s", a.Path, src)
	}
	var v twin
	var b strings.Builder
	root := goldmark.DefaultParser().Parse(gtext.NewReader(src))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock {
				b.WriteByte('\n')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == 1 && n.PreviousSibling() != nil {
				t.Errorf("%s has two titles", a.Path)
			}
		case *ast.HTMLBlock, *ast.RawHTML:
			t.Errorf("%s has HTML", a.Path)
		case *ast.CodeBlock:
			t.Errorf("%s has an indented block", a.Path)
		case *ast.Link:
			v.links = append(v.links, string(n.Destination))
		case *ast.AutoLink:
			v.links = append(v.links, string(n.URL(src)))
		case *ast.Text:
			b.Write(unescape(n.Segment.Value(src)))
		case *ast.String:
			b.Write(n.Value)
		}
		return ast.WalkContinue, nil
	})
	v.text = b.String()
	return v
}

// unescape takes the backslashes off that goldmark leaves to its renderer.
func unescape(s []byte) []byte { return backslash.ReplaceAll(s, []byte("$1")) }

var backslash = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")
