package pipeline

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/content"
	"minxi/generator/internal/formats"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/site"
)

// slice is how many pages are rendered at once: enough that starting Hugo costs
// little beside them, and few enough that memory does not grow with the plan.
const slice = 4000

// all makes every file of the tree.
func (w *writer) all(ctx context.Context, o Options, tree *content.Tree) error {
	project := os.DirFS(o.Dir)
	texts, pages := ordinary(o.Dir, tree, o.Drafts)
	book := address.New(tree.Plan, address.Options{Pages: pages, Drafts: o.Drafts, Components: o.Preview})
	resolve(texts, book, tree.Plan)
	s, err := site.New(site.Input{Project: project, Plan: tree.Plan, Book: book, Texts: texts,
		Origin: o.Base.Origin, BasePath: o.Base.Path, Drafts: o.Drafts, Preview: o.Preview})
	if err != nil {
		return err
	}
	w.res.Unfilled = s.Unfilled()
	if err := w.extra(o, tree.Plan); err != nil {
		return err
	}
	for name, write := range s.Beside() {
		data, err := write()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := w.write(name, data); err != nil {
			return err
		}
	}
	var waiting []site.Page
	render := func() error {
		err := s.Render(ctx, waiting, site.Rendering{Stall: o.Stall, Emit: func(p site.Page, data []byte) error { return w.write(p.File(), data) }})
		waiting = waiting[:0]
		return err
	}
	for p, err := range s.Pages() {
		if err != nil {
			return err
		}
		if waiting = append(waiting, p); len(waiting) == slice {
			if err := render(); err != nil {
				return err
			}
		}
	}
	return render()
}

func ordinary(dir string, tree *content.Tree, drafts bool) (texts []site.Text, pages []address.Markdown) {
	root := filepath.Join(dir, "content")
	filepath.WalkDir(root, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".md" {
			return err
		}
		rel, _ := filepath.Rel(root, file)
		rel = filepath.ToSlash(rel)
		if strings.HasPrefix(rel, "plan/") {
			return nil
		}
		data, _ := os.ReadFile(file)
		parts := strings.SplitN(string(data), "---\n", 3)
		t := site.Text{File: path.Join("content", rel), Lang: plan.ZH}
		t.Name = strings.TrimSuffix(strings.TrimSuffix(rel, ".md"), ".zh")
		if strings.HasSuffix(rel, ".en.md") {
			t.Lang, t.Name = plan.EN, strings.TrimSuffix(rel, ".en.md")
		}
		for line := range strings.Lines(parts[1]) {
			k, v, _ := strings.Cut(strings.TrimSpace(line), ": ")
			v = strings.Trim(v, `"'`)
			switch k {
			case "title":
				t.Title = v
			case "description":
				t.Description = v
			case "cite":
				t.Cite = plan.ID(v)
			}
		}
		t.Body = parts[2]
		t.Line = strings.Count(parts[1], "\n") + 3
		texts = append(texts, t)
		pages = append(pages, address.Markdown{Name: t.Name, Lang: t.Lang})
		return nil
	})
	return
}

func resolve(texts []site.Text, book *address.Book, p *plan.Plan) {
	_ = formats.All
}

// staticDirs lists the folders whose files go into the site as they are, later
// ones over earlier.
func staticDirs(dir string) []string {
	dirs, _ := filepath.Glob(filepath.Join(dir, "themes", "*", "static"))
	return append(dirs, filepath.Join(dir, "static"))
}
