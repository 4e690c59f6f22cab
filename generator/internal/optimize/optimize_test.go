package optimize

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	xhtml "golang.org/x/net/html"
)

var update = flag.Bool("update", false, "write the golden files anew")

// pagePath is where testdata/page.html stands: a section's page of 16 KB in two
// languages with some 70 links.
const pagePath = "zh/plan/s3/index.html"

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGolden(t *testing.T) {
	src := readFile(t, "testdata/page.html")
	for _, test := range []struct {
		golden string
		path   string
		opts   Options
	}{
		{"relinked", pagePath, Options{}},
		{"minified", pagePath, Options{Minify: true}},
		{"indexed", pagePath, Options{IndexFile: true}},
		{"404", "zh/404.html", Options{BasePath: "/sites/minxi/"}},
	} {
		before := bytes.Clone(src)
		got, err := New(test.opts).File(test.path, src)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(src, before) {
			t.Fatalf("%s: the caller's bytes were written to", test.golden)
		}
		name := "testdata/page." + test.golden + ".html"
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if want := readFile(t, name); !bytes.Equal(got, want) {
			t.Errorf("%s differs; look at it with: go test -run Golden -update && git diff testdata", name)
		}
	}
}

// A minified page is the same page: same elements, same attributes, and the same
// text wherever white space is not the author's line breaks.
func TestMinifyKeepsMeaning(t *testing.T) {
	src := readFile(t, "testdata/page.html")
	plain, err := New(Options{}).File(pagePath, src)
	if err != nil {
		t.Fatal(err)
	}
	small, err := New(Options{Minify: true}).File(pagePath, src)
	if err != nil {
		t.Fatal(err)
	}
	want, got := strings.Fields(outline(t, plain)), strings.Fields(outline(t, small))
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("after %s\n got %s\nwant %s", want[max(0, i-5):i], got[i], want[i])
		}
	}
	if len(want) != len(got) {
		t.Errorf("%d words, want %d", len(got), len(want))
	}
}

// outline writes a page's elements, attributes and words. It leaves out what
// minifying changes and means to: scripts, styles, and the spelling of a path.
func outline(t *testing.T, page []byte) string {
	var b strings.Builder
	for _, n := range nodes(t, page) {
		switch {
		case n.Type == xhtml.ElementNode:
			fmt.Fprintf(&b, " <%s>", n.Data)
			for _, a := range n.Attr {
				switch {
				case a.Key == "d" || a.Key == "style" || a.Key == "value" && a.Val == "":
				case strings.HasPrefix(a.Val, "data:"):
					fmt.Fprintf(&b, " %s=%s", a.Key, strings.ReplaceAll(a.Val, " ", "%20"))
				case a.Key == "content":
					fmt.Fprintf(&b, " content=%s", strings.ReplaceAll(a.Val, ", ", ","))
				default:
					fmt.Fprintf(&b, " %s=%s", a.Key, a.Val)
				}
			}
		case n.Type == xhtml.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style":
			b.WriteString(" " + n.Data)
		}
	}
	return b.String()
}

// Minifying neither joins words nor parts them, however elements, comments,
// Chinese and white space are put together. It is tried on pages made at random,
// the same ones each time.
func TestMinifyKeepsText(t *testing.T) {
	words := []string{"a", "闽", "西 ", "\n红", " ", "\n  ", "&nbsp;", "　", "&amp;", "<!-- x -->", "<br>", "<img src=x>",
		" <wbr>", "<input>", `<svg><path d="M0 0"/></svg>`, "<script>x()</script>", "<template>t</template>"}
	// Not select, whose content has to be options and is treated so, and not
	// pre, of which a comment before its first line break moves that break.
	tags := strings.Fields("a abbr b blockquote button cite code dd del details dialog div dl dt em fieldset figcaption " +
		"figure h1 i ins label legend li mark nav noscript object output p picture rt ruby section small span strong sub summary time ul video")
	r := rand.New(rand.NewPCG(1, 2))
	var compose func(depth int) string
	compose = func(depth int) string {
		var b strings.Builder
		for range r.IntN(5) {
			if depth > 0 && r.IntN(2) == 0 {
				tag := tags[r.IntN(len(tags))]
				b.WriteString("<" + tag + ">" + compose(depth-1) + "</" + tag + ">")
			} else {
				b.WriteString(words[r.IntN(len(words))])
			}
		}
		return b.String()
	}
	o := New(Options{Minify: true})
	for range 3000 {
		src := "<body>" + compose(3) + "</body>"
		out, err := o.File("a.html", []byte(src))
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		if got, want := shown(t, out), shown(t, []byte(src)); got != want {
			t.Fatalf("%q became %q,\nwhich reads %q\n  and not   %q", src, out, got, want)
		}
	}
}

// shown returns a page's text as if all of it stood in one line.
func shown(t *testing.T, page []byte) string {
	var b strings.Builder
	for _, n := range nodes(t, page) {
		switch {
		case n.Type == xhtml.TextNode && n.Parent.Data != "script":
			b.WriteString(n.Data)
		case n.Type == xhtml.ElementNode && strings.Contains(" br img input svg wbr ", " "+n.Data+" "):
			b.WriteString("[" + n.Data + "]")
		}
	}
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r < 0x80 && isSpace(byte(r)) }), " ")
}

func TestMinify(t *testing.T) {
	o := New(Options{Minify: true})
	for _, test := range []struct{ name, path, src, want string }{
		// A line break in the source is white space in HTML, between Han
		// characters as anywhere: it neither goes nor becomes two.
		{"break between Han", "a.html", "<p>革命\n老区</p>", "<p>革命\n老区</p>"},
		{"indented break", "a.html", "<p>革命\n    老区</p>", "<p>革命\n老区</p>"},
		{"no break between Han", "a.html", "<p>革命<em>老区</em>发展</p>", "<p>革命<em>老区</em>发展</p>"},
		{"space around inline", "a.html", "<p>a  <b>b</b>  <i>c</i>\n\n<a href=\"x\">d</a> e</p>", "<p>a <b>b</b> <i>c</i>\n<a href=\"x\">d</a> e</p>"},
		{"space at a drawing", "a.html", "<p>a <svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg> b</p>", "<p>a <svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg> b</p>"},
		{"space at a comment", "a.html", "<p>a <!-- x --> b<!-- y -->c</p>", "<p>a bc</p>"},
		{"between blocks", "a.html", "<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
		{"ideographic space", "a.html", "<p>　　闽西　x</p>", "<p>　　闽西　x</p>"},
		{"pre", "a.html", "<pre>\n  a\n\n  b </pre>", "<pre>\n  a\n\n  b </pre>"},
		{"textarea", "a.html", "<textarea>\n  a\n\n  b </textarea>", "<textarea>\n  a\n\n  b </textarea>"},
		{"document tags", "a.html", "<!DOCTYPE html><html lang=\"zh\"><head><title>x</title></head><body><p>a</p></body></html>", "<!doctype html><html lang=\"zh\"><head><title>x</title></head><body><p>a</p></body></html>"},
		{"default values", "a.html", "<input type=\"text\"><td colspan=\"1\">", "<input type=\"text\"><td colspan=\"1\">"},
		{"template text", "a.html", "<p>&lt;a href=\"/x\"&gt; &amp;amp;</p>", "<p>&lt;a href=\"/x\"> &amp;amp;</p>"},
		{"JSON-LD", "a.html", "<script type=\"application/ld+json\">\n{ \"n\": 1000000.0, \"u\": \"/x\" }\n</script>", "<script type=\"application/ld+json\">{\"n\":1000000.0,\"u\":\"/x\"}</script>"},
		{"script end in a module", "a.html", `<script type="module">x = "<\/script>"</script>`, `<script type="module">x="<\/script>"</script>`},
		{"other script", "a.html", `<script type="text/x-template"> <b>  {{ a }} </script>`, `<script type="text/x-template"> <b>  {{ a }} </script>`},
		{"style", "a.html", "<style> a { color : red } </style>", "<style>a{color:red}</style>"},
		{"style attribute", "a.html", `<p style="color : red; ">x</p>`, `<p style="color:red">x</p>`},
		{"inch mark in a drawing", "a.html", `<svg><title>6" pipe</title></svg><p>a   b</p>`, `<svg><title>6" pipe</title></svg><p>a   b</p>`},

		{"JSON", "a.json", "{ \"a\": [ 1.50, 1000000 ] }\n", `{"a":[1.50,1000000]}`},
		{"manifest", "a.webmanifest", "{ }", "{}"},
		{"CSS", "a.css", "a { color : red }\n/* x */\nb { c : d }", "a{color:red}b{c:d}"},
		{"nested CSS", "a.css", "a { b: c; &:hover { d: e } }", "a{b:c;&:hover{d:e}}"},
		{"JS", "a.js", "function f ( ) { return 1 ; }", "function f(){return 1}"},
		{"old JS", "a.js", "x = a === null || a === undefined ? b : a", "x=a==null?b:a"},
		{"XML", "a.xml", "<?xml version=\"1.0\"?>\n<a>  <b>x</b>\n <c/></a>\n", "<?xml version=\"1.0\"?><a> <b>x</b>\n<c/></a>"},
		{"XML that minds", "a.xml", "<a xml:space=\"preserve\">x   y</a>", "<a xml:space=\"preserve\">x   y</a>"},
		{"feed with pre", "a.xml", "<a>&lt;pre&gt; x   y</a>", "<a>&lt;pre&gt; x   y</a>"},
		{"SVG", "a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:lang=\"zh\">\n  <path d=\"M 0.0 0.0 L 10 10\"/>\n</svg>", "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:lang=\"zh\"><path d=\"M0 0 10 10\"/></svg>"},
		{"SVG with words", "a.svg", "<svg><text>a <tspan>b</tspan> c</text></svg>", "<svg><text>a <tspan>b</tspan> c</text></svg>"},
		{"SVG with a licence", "a.svg", "<svg><metadata>CC BY</metadata></svg>", "<svg><metadata>CC BY</metadata></svg>"},
		{"other", "a.txt", " a  b ", " a  b "},
		{"upper case", "A.JSON", "{ }", "{}"},
		{"empty page", "a.html", "", ""},
		{"empty sheet", "a.css", "", ""},
	} {
		got, err := o.File(test.path, []byte(test.src))
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %v\n got %q\nwant %q", test.name, err, got, test.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ path, src, want string }{
		{"a.json", "{\"a\": 1}\n x", "a.json:2:2: JSON: invalid character 'x' after top-level value"},
		{"a.json", "{\n\"闽\": 1,}", `a.json:2:8: JSON: invalid character '}' looking for beginning of object key string`},
		{"a.json", "{\"a\": 1", "a.json:1:7: JSON: unexpected end of JSON input"},
		{"a.json", "", "a.json:1:1: JSON: unexpected end of JSON input"},
		{"a.json", "\"a\nb\"", `a.json:1:3: JSON: invalid character '\n' in string literal`},

		{"a.css", "a {\n  color: red", "a.css:1:3: CSS: nothing closes what opens here"},
		{"a.css", "a { b: c }}\n", `a.css:1:11: CSS: "}" closes nothing here`},
		{"a.css", "a { b: (c } )", `a.css:1:11: CSS: "}" closes nothing here`},
		{"a.css", "a {\n  color red;\n}", "a.css:2:3: CSS: declaration without a colon"},
		{"a.css", "a { b: c; d }", "a.css:1:11: CSS: declaration without a colon"},
		{"a.css", "a { b: \"x\n }", "a.css:1:8: CSS: string without its closing quote"},
		{"a.css", "a { b: 'x", "a.css:1:8: CSS: string without its closing quote"},
		{"a.css", "a { b: url(x y) }", "a.css:1:8: CSS: broken url()"},
		{"a.css", "a { b: url(x", "a.css:1:8: CSS: broken url()"},
		{"a.css", "a{}\n/* x", "a.css:2:1: CSS: comment without its end"},
		{"a.css", "a;", "a.css:1:1: CSS: rule without a block"},
		{"a.css", "a{b:c}\n d", "a.css:2:2: CSS: rule without a block"},

		{"a.js", "let a = 1;\nlet b = ;", "a.js:2:9: JavaScript: unexpected ; in expression"},
		{"a.mjs", "import x from", "a.mjs:1:14: JavaScript: expected String instead of EOF in import statement"},
		{"a.js", "let a; let a;", "a.js:1:12: JavaScript: identifier a has already been declared"},

		{"a.xml", "<a>\n<b></a>", "a.xml:2:8: XML: element <b> closed by </a>"},
		{"a.xml", "<a>", "a.xml:1:4: XML: unexpected EOF"},
		{"a.xml", "<a/><b/>", "a.xml:1:5: XML: a second element <b> after the document's own"},
		{"a.xml", "<a/>x", "a.xml:1:5: XML: text outside the document's element"},
		{"a.xml", " ", "a.xml:1:2: XML: no element"},
		{"a.xml", "<a b='1' b='2'/>", "a.xml:1:1: XML: attribute b twice in <a>"},
		{"a.xml", "<a>&nbsp;</a>", "a.xml:1:10: XML: invalid character entity &nbsp;"},
		{"a.svg", "<svg xmlns='http://www.w3.org/2000/svg'><use xlink:href='#a'/></svg>", "a.svg:1:41: XML: prefix of xlink:href is not declared"},
		{"a.svg", "<svg>\n<style>\n a{b:c</style></svg>", "a.svg:3:3: CSS: nothing closes what opens here"},
		{"a.svg", "<svg><style><![CDATA[a{b}]]></style></svg>", "a.svg:1:24: CSS: declaration without a colon"},

		// Inside HTML, after white space, comments and Chinese, which upset the
		// minifier's own positions.
		{"zh/a.html", "<html>\n\n\n  <p>闽\n\n   西</p>\n<!-- \n -->\n<script>\n  var =;</script>", "zh/a.html:10:7: JavaScript: unexpected = in binding"},
		{"zh/a.html", "<p>闽西</p><script>var =;</script>", "zh/a.html:1:22: JavaScript: unexpected = in binding"},
		{"zh/a.html", "<script type='application/ld+json'>\n{\"闽\": ,}</script>", "zh/a.html:2:7: JSON: invalid character ',' looking for beginning of value"},
		{"zh/a.html", "<script type=importmap></script>\n<script type=importmap> </script>", "zh/a.html:2:24: JSON: unexpected end of JSON input"},
		{"zh/a.html", "<style>\na { b: c\n</style>", "zh/a.html:2:3: CSS: nothing closes what opens here"},
		{"zh/a.html", "<p\nstyle='color red'>", "zh/a.html:2:8: CSS: declaration without a colon"},
		{"zh/a.html", "<p style='color:red}'>", `zh/a.html:1:20: CSS: "}" closes nothing here`},
		{"zh/a.html", "<p>\n<svg><g></svg>", "zh/a.html:2:9: HTML: </svg> where <g> is open"},
		{"zh/a.html", "<svg>\n<g>", "zh/a.html:2:1: HTML: <g> is not closed"},
		{"zh/a.html", "<svg><p>a</p></svg>", "zh/a.html:1:6: HTML: <p> stands in a drawing or formula, and ends it"},
		{"zh/a.html", "<head><base href='/'>", "zh/a.html:1:7: HTML: <base href> would change what relative links mean"},
	} {
		for _, small := range []bool{false, true} {
			got, err := New(Options{Minify: small}).File(test.path, []byte(test.src))
			var e *Error
			if !errors.As(err, &e) || e.Path != test.path || errors.Unwrap(err) == nil {
				t.Errorf("%q: no *Error but %v, and %q", test.src, err, got)
			} else if err.Error() != test.want {
				t.Errorf("%q, minify %v:\n got %v\nwant %s", test.src, small, err, test.want)
			}
		}
	}
}

// Modern CSS is not ours to judge.
func TestCSSNotRefused(t *testing.T) {
	o := New(Options{Minify: true})
	for _, src := range []string{
		"@layer base, theme; @layer base { a { b: c } } @layer { x { y: z } }",
		"a { color: red; &:hover { b: c } .b & { d: e } :focus { f: g } > li { h: i } li a:hover { m: n } @media (width >= 40rem) { j: k; p { l: m } } }",
		"@container card (min-width: 30em) { .a { b: c } } @scope (.a) to (.b) { p { d: e } } @starting-style { p { f: g } }",
		"@property --x { syntax: '<length>'; inherits: false; initial-value: 0px }",
		"a { --x: { a b; c }; --y:; --z: a b; width: calc(1px + (2px * 3)); --e: }",
		"@font-face { font-family: x; src: url(x) format('woff2'); unicode-range: U+4E00-9FFF, U+25?? }",
		"@font-feature-values X { @styleset { nice: 12 } } @page :first { size: A4; @bottom-center { content: 'x' } }",
		"@keyframes x { from { a: b } 50% { c: d } to { e: f; } } @supports not selector(:has(a)) { a { b: c } }",
		"@charset 'utf-8'; @namespace svg url(http://www.w3.org/2000/svg); @import url(a.css) layer(x) supports(display: grid);",
		"a[href^='/x' i]::before { content: '\\201C' attr(x) \"\\\"\" } .\\31 23 { b: c } a { b: c;; d: e }",
		"<!-- a { b: c } --> /*! keep */ ;", "\ufeffa { b: c }",
	} {
		if _, err := o.File("a.css", []byte(src)); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
}

func TestConcurrent(t *testing.T) {
	src := readFile(t, "testdata/page.html")
	o := New(Options{Minify: true})
	want, err := o.File(pagePath, src)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if got, err := o.File(pagePath, src); err != nil || !bytes.Equal(got, want) {
					t.Error("a page came out differently beside others", err)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkFile(b *testing.B) {
	src := readFile(b, "testdata/page.html")
	relinked, err := New(Options{}).File(pagePath, src)
	if err != nil {
		b.Fatal(err)
	}
	o := New(Options{Minify: true})
	for _, bench := range []struct {
		name string
		run  func() ([]byte, error)
	}{
		{"relink", func() ([]byte, error) { return New(Options{}).File(pagePath, src) }},
		{"minify", func() ([]byte, error) { return o.minify(mediaHTML, nil, relinked) }},
		{"both", func() ([]byte, error) { return o.File(pagePath, src) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bench.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
