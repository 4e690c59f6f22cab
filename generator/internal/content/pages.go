package content

import (
	"slices"
	"strings"

	"minxi/generator/internal/address"
)

// pagesOf lists the files that Hugo makes pages of: hubs' texts and ordinary
// pages. One that cannot be read is a page too: whoever links it is not at fault.
func pagesOf(l *loader) []address.Markdown {
	var pages []address.Markdown
	for _, d := range l.tree.documents {
		if !d.IsMarkdown() || d.inPlan {
			continue
		}
		name := strings.TrimSuffix(strings.TrimSuffix(l.inner(d), ".md"), "."+string(d.Lang))
		p := address.Markdown{Name: name, Lang: d.Lang}
		for i := 0; d.Front != nil && i+1 < len(d.Front.Content); i += 2 {
			if strings.EqualFold(d.Front.Content[i].Value, "draft") {
				p.Draft = d.Front.Content[i+1].Value == "true"
			}
		}
		pages = append(pages, p)
	}
	return pages
}

// bundled takes out the files that lie in a page's own folder: they are its parts.
func bundled(pages []address.Markdown) []address.Markdown {
	return slices.DeleteFunc(pages, func(p address.Markdown) bool {
		return slices.ContainsFunc(pages, func(q address.Markdown) bool {
			dir, is := strings.CutSuffix(q.Name, "/index")
			return is && q.Lang == p.Lang && q.Name != p.Name && strings.HasPrefix(p.Name, dir+"/")
		})
	})
}
