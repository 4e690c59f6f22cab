package pipeline

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// htmlProblems is a strict look at a page of ours, without Java: balanced tags,
// known elements, no nesting that a browser would silently repair. The Nu
// checker, in CI, knows the rest.
func htmlProblems(data []byte) []string {
	var problems []string
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if !bytes.HasPrefix(bytes.ToLower(data), []byte("<!doctype html>")) {
		bad("no doctype")
	}
	var open []string
	z := html.NewTokenizer(bytes.NewReader(data))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				bad("not closed: %v", open)
			}
			return problems
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			seen := map[string]bool{}
			for _, a := range tok.Attr {
				seen[a.Key] = true
				if a.Key == "id" && (a.Val == "" || strings.ContainsAny(a.Val, " \t\n")) {
					bad("<%s> has the id %q", tok.Data, a.Val)
				}
			}
			if tok.Data == "img" && !seen["alt"] {
				bad("an image has no alternative text")
			}
			if tok.Data == "a" && !seen["href"] {
				bad("a link leads nowhere")
			}
			parent := ""
			if len(open) > 0 {
				parent = open[len(open)-1]
			}
			if parents, ruled := parentOf[tok.Data]; ruled && !slices.Contains(parents, parent) {
				bad("<%s> stands in <%s>", tok.Data, parent)
			}
			if block[tok.Data] {
				for _, o := range open {
					if o == "p" || o == "h1" || o == "h2" || o == "h3" || o == "span" || o == "small" {
						bad("<%s> stands in <%s>", tok.Data, o)
					}
				}
			}
			if tok.Data == "a" && slices.Contains(open, "a") {
				bad("a link stands in a link")
			}
			if !void[tok.Data] && !strings.HasSuffix(string(z.Raw()), "/>") {
				open = append(open, tok.Data)
			}
		case html.EndTagToken:
			tok := z.Token()
			if len(open) == 0 || open[len(open)-1] != tok.Data {
				bad("</%s> closes %v", tok.Data, open)
				return problems
			}
			open = open[:len(open)-1]
		}
	}
}

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, n := range strings.Fields(names) {
		m[n] = true
	}
	return m
}

var (
	void     = set("area base br col embed hr img input link meta source track wbr")
	block    = set("address article aside blockquote details dialog div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table ul")
	parentOf = map[string][]string{
		"li": {"ul", "ol", "menu"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "summary": {"details"},
		"head": {"html"}, "body": {"html"}, "title": {"head", "svg", "g", "a"}, "main": {"body"}, "tr": {"tbody", "thead", "tfoot", "table"},
		"td": {"tr"}, "th": {"tr"}, "figcaption": {"figure"},
	}
)

func TestHTMLProblems(t *testing.T) {
	for page, problem := range map[string]string{
		"<!doctype html><html><head><title>x</title></head><body><p>ok</p></body></html>": "",
		"<html></html>":                               "no doctype",
		"<!doctype html><html><body><p>":              "not closed",
		"<!doctype html><html><body></p></body>":      "</p> closes",
		"<!doctype html><html><body><p><ul></ul></p>": "<ul> stands in <p>",
		"<!doctype html><img src=x>":                  "alternative text",
		"<!doctype html><div><li></li></div>":         "<li> stands in <div>",
		"<!doctype html><a href=x><a href=y></a></a>": "a link stands in a link",
		"<!doctype html><a>x</a>":                     "leads nowhere",
	} {
		got := strings.Join(htmlProblems([]byte(page)), "; ")
		if problem == "" && got != "" || !strings.Contains(got, problem) {
			t.Errorf("%s: %q, want %q", page, got, problem)
		}
	}
}
