package content

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
)

// Show is the Markdown of an ordinary page as HTML, for whoever is writing it. HTML in
// it is left out, and so is what is no address; lead says where a destination leads.
func Show(markdown string, lead func(destination string) string) (string, error) {
	src := []byte(markdown)
	root := parseWith(pageParser, src, src, nil).root
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, is := n.(*ast.Link); is && entering {
			link.Destination = []byte(lead(string(link.Destination)))
		}
		return ast.WalkContinue, nil
	})
	var b bytes.Buffer
	err := pageParser.Renderer().Render(&b, src, root)
	return b.String(), err
}
