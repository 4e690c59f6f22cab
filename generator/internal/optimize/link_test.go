package optimize

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"
)

func TestLink(t *testing.T) {
	plain, index, based := Options{}, Options{IndexFile: true}, Options{BasePath: "/a/b/"}
	for _, test := range []struct {
		opts            Options
		page, url, want string
	}{
		{plain, "zh/plan/index.html", "/zh/plan/s3/#s3-2", "s3/#s3-2"},
		{plain, "/zh/plan/index.html", "/zh/plan/s3/", "s3/"},
		{plain, "zh/m/s3-2/index.html", "/en/m/s3-2/", "../../../en/m/s3-2/"},
		{plain, "zh/m/s3-2/index.html", "/zh/m/s3-20/", "../s3-20/"},
		{plain, "zh/plan/s3/index.html", "/zh/plan/", "../"},
		{plain, "zh/index.html", "/", "../"},
		{plain, "zh/index.html", "/zh", "../zh"},
		{plain, "zh/index.html", "/assets/main.abc.css", "../assets/main.abc.css"},
		{plain, "index.html", "/", "./"},
		{plain, "index.html", "/zh/?q=/a/#b", "zh/?q=/a/#b"},
		{plain, "zh/print.html", "/zh/", "./"},
		{plain, "zh/print.html", "/zh/print.html#a", "#a"},
		{plain, "zh/print.html", "/zh/print.html", "print.html"},

		// The page itself.
		{plain, "zh/plan/index.html", "/zh/plan/", "./"},
		{plain, "zh/plan/index.html", "/zh/plan/#p-1", "#p-1"},
		{plain, "zh/plan/index.html", "/zh/plan/index.html#p-1", "#p-1"},
		{plain, "zh/plan/index.html", "/zh/plan/?a=1#p-1", "./?a=1#p-1"},
		{plain, "zh/plan/index.html", "/zh/plan?a", "../plan?a"},

		{index, "zh/plan/index.html", "/zh/plan/s3/#s3-2", "s3/index.html#s3-2"},
		{index, "zh/plan/index.html", "/zh/plan/s3/?a=/", "s3/index.html?a=/"},
		{index, "zh/index.html", "/zh/", "index.html"},
		{index, "zh/index.html", "/zh/#a", "#a"},
		{index, "zh/index.html", "/zh/?a", "index.html?a"},
		{index, "zh/index.html", "/", "../index.html"},
		{index, "zh/index.html", "/data/measures.json", "../data/measures.json"},

		{based, "404.html", "/zh/?a#b", "/a/b/zh/?a#b"},
		{based, "zh/404.html", "/", "/a/b/"},
		{based, "zh/index.html", "/zh/a/", "a/"},
		{plain, "zh/404.html", "/zh/", ""},
		{Options{IndexFile: true, BasePath: "a"}, "404.html", "/zh/", "/a/zh/"},

		// Escapes are kept as they are.
		{plain, "zh/index.html", "/zh/a/?b=1&amp;c=2#d", "a/?b=1&amp;c=2#d"},
		{plain, "zh/index.html", "/zh/a&#43;b/#c", "./a&#43;b/#c"},
		{plain, "zh/index.html", "/zh/%E9%97%BD/", "%E9%97%BD/"},
		{plain, "闽/index.html", "/%E9%97%BD/", "../%E9%97%BD/"},

		// What would change its meaning without the slash before it.
		{plain, "index.html", "/javascript:alert(1)", "./javascript:alert(1)"},
		{plain, "index.html", "/a/b:c", "a/b:c"},
		{plain, "zh/index.html", "/zh//host/", ".//host/"},
		{plain, "zh/index.html", `/zh/\host/`, `./\host/`},
		{plain, "index.html", "/,a", "./,a"},
		{plain, "index.html", "/'a", "./'a"},

		// What is not root-relative.
		{plain, "zh/index.html", "//host/a", ""},
		{plain, "zh/index.html", `/\host/a`, ""},
		{plain, "zh/index.html", "/\thost/a", ""},
		{plain, "zh/index.html", "/&#47;host/a", ""},
		{plain, "zh/index.html", "https://host/a", ""},
		{plain, "zh/index.html", "mailto:a@b", ""},
		{plain, "zh/index.html", "data:,/a", ""},
		{plain, "zh/index.html", "s3/", ""},
		{plain, "zh/index.html", "../", ""},
		{plain, "zh/index.html", "#a", ""},
		{plain, "zh/index.html", "?a=/b", ""},
		{plain, "zh/index.html", "", ""},
	} {
		got, ok := New(test.opts).place(test.page).appendLink(nil, []byte(test.url))
		if string(got) != test.want || ok != (test.want != "") {
			t.Errorf("%+v: %s on %s is %q, %v; want %q", test.opts, test.url, test.page, got, ok, test.want)
		}
	}
}

func TestRelinkHTML(t *testing.T) {
	for _, test := range []struct{ src, want string }{ // want "": as it was
		{`<A  HREF = '/zh/plan/' x>`, `<A  HREF = 'plan/' x>`},
		{`<a href=/zh/plan/>`, `<a href=plan/>`},
		{`<a href=/zh/>`, `<a href=./>`},
		{`<a href=" /zh/plan/ ">`, `<a href="plan/">`},
		{`<a href=/zh/plan/?a=1&amp;b=2&copy=3#c>`, `<a href=plan/?a=1&amp;b=2&copy=3#c>`},
		{`<img src="/a.png" alt="/a.png"><script src="/a.js"></script>`, `<img src="../a.png" alt="/a.png"><script src="../a.js"></script>`},
		{`<form action="/zh/search/"><button formaction="/x">`, `<form action="search/"><button formaction="../x">`},
		{`<video poster="/p.jpg"><q cite="/zh/about/"><object data="/d.svg">`, `<video poster="../p.jpg"><q cite="about/"><object data="../d.svg">`},
		{`<img srcset=" /a.png,/b.png 2x, /c,d.png 3x ,https://h/e.png 4x">`, `<img srcset=" ../a.png,/b.png 2x, ../c,d.png 3x ,https://h/e.png 4x">`},
		{`<source srcset="/a.png 480w, /zh/b.png 960w">`, `<source srcset="../a.png 480w, b.png 960w">`},
		{`<img srcset="/a.png x(,/b) 1x, /c.png">`, `<img srcset="../a.png x(,/b) 1x, ../c.png">`},
		{`<meta http-equiv="Refresh" content="0; url=/zh/plan/">`, `<meta http-equiv="Refresh" content="0; url=plan/">`},
		{`<meta content="5;URL = '/en/'" http-equiv=refresh>`, `<meta content="5;URL = '../en/'" http-equiv=refresh>`},
		{`<meta http-equiv=refresh content=0,/en/>`, `<meta http-equiv=refresh content=0,../en/>`},
		{`<link rel=canonical href=/zh/><link rel=alternate href=https://h/zh/>`, `<link rel=canonical href=./><link rel=alternate href=https://h/zh/>`},
		{`<svg><a xlink:href="/x"><use href='/i.svg#a'/></a></svg>`, `<svg><a xlink:href="../x"><use href='../i.svg#a'/></a></svg>`},
		{`<svg><style>a{b:url(/x)}</style><style><![CDATA[a{b:url(/x)}]]></style></svg>`, `<svg><style>a{b:url(../x)}</style><style><![CDATA[a{b:url(../x)}]]></style></svg>`},
		{`<svg><title/><a href="/x"></a></svg><a href="/x">`, `<svg><title/><a href="../x"></a></svg><a href="../x">`},
		{`<svg><foreignObject><p><a href="/x">a</p></foreignObject></svg>`, `<svg><foreignObject><p><a href="../x">a</p></foreignObject></svg>`},
		{`<math><mtext><b>x</b></mtext><mi href="/x">y</mi></math>`, `<math><mtext><b>x</b></mtext><mi href="../x">y</mi></math>`},
		{`<p>a<svg style="b:url(/x)"><g/></svg>c`, `<p>a<svg style="b:url(../x)"><g/></svg>c`},
		{`<noscript><a href="/x">a</a></noscript><template><a href="/x">a</a></template>`, `<noscript><a href="../x">a</a></noscript><template><a href="../x">a</a></template>`},
		{`<style>a{b:url('/x')}</style><p style="b:url(/x)"><p style="b:url(&quot;/x&quot;)">`, `<style>a{b:url('../x')}</style><p style="b:url(../x)"><p style="b:url(&#34;../x&#34;)">`},
		{`<a title="<a href='/x'>" href="/x">`, `<a title="<a href='/x'>" href="../x">`},
		{`<a/href="/x"/>`, `<a/href="../x"/>`},
		{`<a ="/x" href="/x">`, `<a ="/x" href="../x">`},

		{`<a href="//h/x"><a href="https://h/x"><a href="mailto:a@b"><a href="x/"><a href>`, ""},
		{`<p data-url="/x" content="/x" title="/x" data="/x"><meta name=a content="0;url=/x">`, ""},
		{`<!-- <a href="/x"> --><p>&lt;a href="/x"&gt; href="/x"</p>`, ""},
		{`<script>x='<a href="/x">'</script><script type=text/x><a href="/x"></script>`, ""},
		{`<textarea><a href="/x"></textarea><title><a href="/x"></title><xmp><a href="/x"></xmp>`, ""},
		{`<svg><![CDATA[<a href="/x">]]></svg><iframe><a href="/x"></iframe>`, ""},
		{`<a href="/x`, ""},
	} {
		want := test.want
		if want == "" {
			want = test.src
		}
		got, err := New(Options{}).File("zh/index.html", []byte(test.src))
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n got %s\nwant %s", test.src, err, got, want)
		}
	}
}

func TestRelinkOthers(t *testing.T) {
	for _, test := range []struct{ path, src, want string }{
		{"assets/a.css", "a{b:url(/assets/x.svg) url( '/img/y z.png' ) URL(\"/x\")}", "a{b:url(x.svg) url( '../img/y z.png' ) URL(\"../x\")}"},
		{"assets/a.css", "@import '/b.css' screen; @import url(/c.css); @namespace '/d';", "@import '../b.css' screen; @import url(../c.css); @namespace '/d';"},
		{"assets/a.css", "a{b:image-set('/a.png' 1x,url(/b.png) 2x);c:'/d';--e:url(/f)}", "a{b:image-set('../a.png' 1x,url(../b.png) 2x);c:'/d';--e:url(../f)}"},
		{"assets/a.css", "/* url(/x) */ a{b:url(//h/x) url(https://h/x) url(#x) url(x) url() url('')}", ""},
		{"img/a.svg", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><title>a href="/x"</title><a href="/zh/"><image href='/img/b.png' style="a:url(/c)"/></a><style>a{b:url(/d)}</style></svg>`,
			`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><title>a href="/x"</title><a href="../zh/"><image href='b.png' style="a:url(../c)"/></a><style>a{b:url(../d)}</style></svg>`},
		{"a.json", `{"url":"/x"}`, ""},
		{"a.xml", `<a href="/x"/>`, ""},
		{"a.js", `fetch("/x")`, ""},
	} {
		want := test.want
		if want == "" {
			want = test.src
		}
		got, err := New(Options{}).File(test.path, []byte(test.src))
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n got %s\nwant %s", test.src, err, got, want)
		}
	}
}

// Relinking never panics; every link leads where it led, all else is as it was,
// and to do it again changes nothing.
func FuzzRelink(f *testing.F) {
	for _, src := range []string{
		`<a href=/a/?b#c title='/d'><img srcset="/a 1x, /b 2x"><meta http-equiv=refresh content="0;url=/a/">`,
		`<svg><title>/a</title><style>a{b:url(/c)}</style><a xlink:href="/a"/><![CDATA[<a href="/b">]]></svg>`,
		`<noscript><a href="/a"></noscript><p style="a:url('/b')"><textarea><a href="/a"></textarea>`,
		`<math><mi><a href="/a"></mi></math><svg><foreignObject><p><a href=/b></foreignObject></svg>`,
	} {
		f.Add([]byte(src), "zh/index.html", true)
	}
	f.Fuzz(func(t *testing.T, src []byte, name string, index bool) {
		// Folders that URLs would escape are fine, but then the comparison of
		// addresses below is not so simple.
		for _, c := range name {
			if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '/') {
				name = "zh/plan"
				break
			}
		}
		name += "/index.html"
		o := New(Options{IndexFile: index})
		out, err := o.File(name, src)
		if err != nil {
			return
		}
		again, err := o.File(name, out)
		if err != nil {
			t.Fatalf("%v in its own output %q", err, out)
		}
		if !bytes.Equal(out, again) {
			t.Fatalf("not the same again:\n%q\n%q\n%q", src, out, again)
		}
		was, is := nodes(t, src), nodes(t, out)
		if len(was) != len(is) {
			t.Fatalf("%d nodes, had %d: %q %q", len(is), len(was), src, out)
		}
		at := &url.URL{Scheme: "http", Host: "h", Path: pageURL(o.place(name))}
		for i, n := range was {
			m := is[i]
			if n.Type != m.Type || n.DataAtom != m.DataAtom || len(n.Attr) != len(m.Attr) {
				t.Fatalf("%+v was %+v", m, n)
			}
			if n.Data != m.Data && !(n.Type == xhtml.TextNode && n.Parent.Data == "style") {
				t.Fatalf("%q was %q", m.Data, n.Data)
			}
			for j, a := range n.Attr {
				b := m.Attr[j]
				key := a.Key
				if a.Namespace != "" {
					key = a.Namespace + ":" + key
				}
				link, isLink := links[key]
				switch {
				case a.Key != b.Key || a.Namespace != b.Namespace:
					t.Fatalf("%+v was %+v", b, a)
				case a.Val == b.Val:
				case key == "style" || isLink && (key == "srcset" || key == "content" && n.Data == "meta"):
				case !isLink || link.on != "" && link.on != n.Data:
					t.Fatalf("%+v was %+v", b, a)
				default:
					before, err := at.Parse(strings.Trim(a.Val, " \t\n\r\f"))
					if err != nil {
						continue
					}
					after, err := at.Parse(b.Val)
					if err != nil {
						t.Fatal(err)
					}
					if w, g := before.String(), strings.ReplaceAll(after.String(), "/index.html", "/"); g != strings.ReplaceAll(w, "/index.html", "/") {
						t.Fatalf("on %s %q became %q, which is %s and not %s", at, a.Val, b.Val, g, w)
					}
				}
			}
		}
	})
}

func pageURL(p *place) string {
	return "/" + strings.Join(append(slices.Clone(p.dirs), ""), "/")
}

func nodes(t *testing.T, page []byte) []*xhtml.Node {
	root, err := xhtml.ParseWithOptions(bytes.NewReader(page), xhtml.ParseOptionEnableScripting(false))
	if err != nil {
		t.Skip(err)
	}
	return slices.Collect(root.Descendants())
}

// A style sheet without links comes back as it is, and one with links is still
// one, with nothing left to relink.
func FuzzRelinkCSS(f *testing.F) {
	f.Add("a{b:url(/c)}@import '/d';", false)
	f.Add("a:url( '/b' );--c:{d:e}", true)
	f.Add("url(\" )", false)
	f.Fuzz(func(t *testing.T, src string, inline bool) {
		at := New(Options{}).place("assets/a.css")
		out, err := relinkCSS(at, []byte(src), inline)
		if err != nil {
			return
		}
		if !strings.Contains(src, "/") && string(out) != src {
			t.Fatalf("%q became %q", src, out)
		}
		again, err := relinkCSS(at, out, inline)
		if err != nil || !bytes.Equal(out, again) {
			t.Fatalf("%q became %q and then %q, %v", src, out, again, err)
		}
	})
}

// Whatever it is given, a minifier neither panics nor writes to it, and a
// positioned error lies inside the file.
func FuzzFile(f *testing.F) {
	f.Add([]byte("<p>a <b>b</b><script>c=1</script><style>d{e:f}</style><p style='g:h'>"), "a.html")
	f.Add([]byte(`{"a":[1,"b"]}`), "a.json")
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/><style>a{b:c}</style></svg>`), "a.svg")
	f.Add([]byte("a{b:c}"), "a.css")
	f.Add([]byte("a => { b ?? c }"), "a.js")
	o := New(Options{Minify: true})
	f.Fuzz(func(t *testing.T, src []byte, name string) {
		before := bytes.Clone(src)
		_, err := o.File(name, src)
		if !bytes.Equal(src, before) {
			t.Fatal("the caller's bytes were written to")
		}
		if e, ok := err.(*Error); ok && e.Line > 1+bytes.Count(src, []byte("\n")) {
			t.Fatal(err)
		}
	})
}

// TestUnpacked takes finished pages of a host to a disk: links to folders name
// index.html, and nothing else changes.
func TestUnpacked(t *testing.T) {
	o := New(Options{})
	for in, want := range map[string]string{
		`<a href="../s3-3/">x</a><a href=../../>y</a>`:                                  `<a href="../s3-3/index.html">x</a><a href=../../index.html>y</a>`,
		`<a href="./">x</a><a href="../?q=1#a">y</a><a href="./#s3-2">z</a>`:            `<a href="./index.html">x</a><a href="../index.html?q=1#a">y</a><a href="./index.html#s3-2">z</a>`,
		`<a href="#a/b/">x</a><a href="?a=/">y</a><a href="https://example.org/">z</a>`: `<a href="#a/b/">x</a><a href="?a=/">y</a><a href="https://example.org/">z</a>`,
		`<a href="//example.org/">x</a><a href="/zh/">y</a><a href="mailto:a/">z</a>`:   `<a href="//example.org/">x</a><a href="/zh/">y</a><a href="mailto:a/">z</a>`,
		`<form action="../search/"><img src="a/b.png" srcset="a/ 2x">`:                  `<form action="../search/index.html"><img src="a/b.png" srcset="a/index.html 2x">`,
		`<meta http-equiv="refresh" content="0; url=../s2-1/"><meta content="a/">`:      `<meta http-equiv="refresh" content="0; url=../s2-1/index.html"><meta content="a/">`,
		`<svg><a href="../x/"><path d="M0 0"/></a></svg><script>a="../x/"</script>`:     `<svg><a href="../x/index.html"><path d="M0 0"/></a></svg><script>a="../x/"</script>`,
		`<noscript><a href="../x/">x</a></noscript>`:                                    `<noscript><a href="../x/index.html">x</a></noscript>`,
		`<a href="../x/index.html">x</a>`:                                               `<a href="../x/index.html">x</a>`,
	} {
		got, err := o.Unpacked("zh/m/s3-2/index.html", []byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s\nbecomes %s (%v)\nnot     %s", in, got, err, want)
		}
	}
	for name, in := range map[string]string{"zh/404.html": `<a href="/a/zh/">x</a>`, "data/x.json": `{"a":"../x/"}`, "a.css": `@import "../x/"`} {
		if got, err := o.Unpacked(name, []byte(in)); err != nil || string(got) != in {
			t.Errorf("%s becomes %s (%v)", name, got, err)
		}
	}
	got, err := o.Unpacked("zh/m/s3-2/index.md", []byte("[a](../s3-3/index.md) [b](../../data/) <https://example.org/> [c](./) [d](https://example.org/)\n\n[e]: ../x/\n"))
	if want := "[a](../s3-3/index.md) [b](../../data/index.html) <https://example.org/> [c](./index.html) [d](https://example.org/)\n\n[e]: ../x/index.html\n"; err != nil || string(got) != want {
		t.Errorf("%s (%v)", got, err)
	}
}
