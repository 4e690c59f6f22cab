package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/net/html"
	"golang.org/x/tools/txtar"

	"minxi/generator/internal/check"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/sample"
)

// projectWith is a copy of the project with pages of these bodies,
// content/pages/NAME.zh.md.
func projectWith(t *testing.T, pages map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, part := range []string{"content", "themes", "seeds", "hugo.toml"} {
		if out, err := exec.Command("cp", "-r", filepath.Join(projectDir, part), dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	for name, body := range pages {
		put(t, filepath.Join(dir, "content/pages", name+".zh.md"), "---\ntitle: 页\n---\n\n"+body)
	}
	return dir
}

// TestPagesAsHugoSeesThem builds a page of every sound construction and wants
// Hugo to make of it what the checks saw: the same emphasis, links, images, code.
func TestPagesAsHugoSeesThem(t *testing.T) {
	archive, err := txtar.ParseFile("../check/testdata/commonmark.txtar")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{
		"c-mixed":      "甲**乙***丙*，“**丁**”、*戊\n己*。\n\n| [a](/zh/) | **b** |\n|---|---|\n| ~~c~~ | `d` |\n\n乙[^1]\n\n[^1]: *注*\n\n甲\n: *乙*\n",
		"c-telephone":  "[电话](tel:+86-597-0000000;ext=1)、[邮箱](mailto:a@example.org)、<b@example.org>、https://example.org/x、www.example.org\n",
		"c-entities":   "[甲](https://example.org/?a=1&amp;b=2)、[乙](https://example.org/a\\_b)\n",
		"c-chinese":    "甲**“乙”**丙，**“红”**和**“绿”**\n",
		"c-attributes": "## 一 {#one}\n\n二\n{#two lang=\"en\"}\n\n- 三\n{#three}\n",
		"c-shortcode":  "见[甲](about.zh.md)，{{</* youtube x */>}}\n",
	}
	for _, c := range archive.Files {
		// The rules for a page do not let these have these addresses.
		body := strings.ReplaceAll(string(c.Data), "/my uri", "/zh/")
		pages["c-"+regexp.MustCompile(`[^0-9a-z]+`).ReplaceAllString(strings.ToLower(c.Name), "-")] = body
	}
	dir := projectWith(t, pages)
	base, _ := ParseBase("https://example.org/")
	var out Memory
	if _, err := Build(context.Background(), kept(Options{Dir: dir, Base: base, NoCheck: true}), &out); err != nil {
		t.Fatal(err)
	}
	tree, _ := content.Load(os.DirFS(dir), "content")
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		data, ok := out.File("zh/" + name + "/index.html")
		if !ok {
			t.Errorf("no page %s", name)
			continue
		}
		seen := map[string]int{}
		picture := 0 // end of the last image: what stands in its text is text
		for _, m := range tree.Document("content/pages/" + name + ".zh.md").Marks() {
			if m.Start < picture {
				continue
			}
			switch m.Kind {
			case content.Strong:
				seen["strong"]++
			case content.Emphasis:
				seen["em"]++
			case content.Code:
				seen["code"]++
			case content.Image:
				seen["img"]++
				picture = m.End
			case content.Link, content.Autolink:
				seen["a"]++
			}
			for _, a := range m.Attributes {
				if a.Name == "id" {
					seen["id "+a.Value]++
				}
			}
		}
		doc, err := html.Parse(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode || !inside(n, "article") {
				continue
			}
			switch attr := attributes(n); {
			case n.Data == "a" && (attr["class"] == "footnote-ref" || attr["class"] == "footnote-backref"):
			case n.Data == "code" && inside(n.Parent, "pre"), n.Data == "img" && inside(n.Parent, "img"):
			case n.Data == "a" && attr["href"] == "#ZgotmplZ":
				t.Errorf("%s: a link became #ZgotmplZ", name)
			case slices.Contains([]string{"strong", "em", "code", "img", "a"}, n.Data):
				got[n.Data]++
			}
			if style := attributes(n)["style"]; style != "" && n.Data != "td" && n.Data != "th" {
				t.Errorf("%s: <%s style=%q>", name, n.Data, style)
			}
			if id := attributes(n)["id"]; seen["id "+id] > 0 {
				got["id "+id]++
			}
		}
		if !maps.Equal(seen, got) {
			t.Errorf("%s: the checks saw %v, Hugo made %v\n%s", name, seen, got, pages[name])
		}
	}
	for name, want := range map[string]string{
		"c-telephone": `href=tel:+86-597-0000000;ext=1`,
		"c-entities":  `href="https://example.org/?a=1&amp;b=2"`,
		"c-shortcode": `{{&lt; youtube x >}}`,
	} {
		data, _ := out.File("zh/" + name + "/index.html")
		plain := func(s string) string { return strings.NewReplacer(`"`, "", "&gt;", ">", "&#43;", "+").Replace(s) }
		if !strings.Contains(plain(string(data)), plain(want)) {
			t.Errorf("%s: no %s in\n%s", name, want, data)
		}
	}
}

func inside(n *html.Node, element string) bool {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && n.Data == element {
			return true
		}
	}
	return false
}

func attributes(n *html.Node) map[string]string {
	m := map[string]string{}
	for _, a := range n.Attr {
		m[a.Key] = a.Val
	}
	return m
}

// loads are the attributes by which an element fetches something without being
// asked; of <link>, only for some relations.
var loads = map[string][]string{
	"script": {"src"}, "img": {"src", "srcset"}, "source": {"src", "srcset"}, "iframe": {"src", "srcdoc"}, "frame": {"src"}, "embed": {"src"},
	"object": {"data"}, "video": {"src", "poster"}, "audio": {"src"}, "track": {"src"}, "input": {"src"}, "link": {"href"},
	"image": {"href", "xlink:href"}, "use": {"href", "xlink:href"}, "body": {"background"}, "form": {"action"}, "base": {"href"},
}

var passive = []string{"canonical", "alternate", "license", "next", "prev", "up", "start", "contents", "search", "help", "author"}

// foreign tells what a page fetches from elsewhere, and what could run or restyle
// the page that the theme does not have.
func foreign(host string, data []byte) []string {
	var found []string
	doc, err := html.Parse(bytes.NewReader(data))
	if err != nil {
		return []string{err.Error()}
	}
	elsewhere := func(to string) bool {
		u, err := url.Parse(strings.TrimSpace(to))
		return err != nil || u.Host != "" && u.Host != host || u.Scheme != "" && u.Scheme != "https" && u.Scheme != "data"
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := attributes(n)
		switch n.Data {
		case "iframe", "frame", "object", "embed", "applet", "portal", "fencedframe":
			found = append(found, "<"+n.Data+">")
		}
		for _, name := range loads[n.Data] {
			if n.Data == "link" && slices.Contains(passive, strings.Fields(attr["rel"] + " -")[0]) {
				continue
			}
			for part := range strings.SplitSeq(attr[name], ",") {
				if to := strings.Fields(part + " "); len(to) > 0 && elsewhere(to[0]) {
					found = append(found, fmt.Sprintf("<%s %s=%s>", n.Data, name, attr[name]))
				}
			}
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" && inside(n, "article") || a.Key == "href" && (strings.Contains(a.Val, "ZgotmplZ") || regexp.MustCompile(`(?i)^\s*(javascript|vbscript|data|file|blob):`).MatchString(a.Val)) {
				found = append(found, fmt.Sprintf("<%s %s=%s>", n.Data, a.Key, a.Val))
			}
		}
		if n.Data == "style" && n.FirstChild != nil {
			found = append(found, foreignStyles(host, []byte(n.FirstChild.Data))...)
		}
	}
	return found
}

var styleAddress = regexp.MustCompile(`(?i)url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)`)

func foreignStyles(host string, data []byte) (found []string) {
	for _, m := range styleAddress.FindAllSubmatch(data, -1) {
		u, err := url.Parse(string(m[1]) + string(m[2]))
		if err != nil || u.Host != "" && u.Host != host {
			found = append(found, string(m[0]))
		}
	}
	return found
}

// TestNothingForeign crawls the real site, and a site of hostile pages: each is
// either refused by a check, or loads nothing from anywhere.
func TestNothingForeign(t *testing.T) {
	crawl := func(files map[string][]byte) {
		n := 0
		for name, data := range files {
			var found []string
			switch path.Ext(name) {
			case ".html":
				n++
				found = foreign("example.org", data)
			case ".css", ".svg":
				found = foreignStyles("example.org", data)
			}
			if len(found) > 0 {
				t.Errorf("%s: %v", name, found)
			}
		}
		if n == 0 {
			t.Error("no page")
		}
	}
	files, _ := build(t, "https://example.org/")
	crawl(files)

	project := fstest.MapFS{}
	for _, dir := range []string{"content", "seeds", "themes/minxi/static"} {
		root := os.DirFS(projectDir)
		if err := fs.WalkDir(root, dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				data, err := fs.ReadFile(root, name)
				project[name] = &fstest.MapFile{Data: data}
				return err
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	refused, left := 0, map[string]string{}
	for i, body := range sample.Every(3, hostile) {
		const name = "content/pages/hostile.zh.md"
		project[name] = &fstest.MapFile{Data: []byte("---\ntitle: 页\n---\n\n" + body + "\n")}
		tree, found := content.Load(project, "content")
		found = append(found, check.Run(check.Input{FS: project, Tree: tree})...)
		if slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.File == name && d.Severity != diag.Warning && d.Line > 0 }) {
			refused++
		} else {
			left[fmt.Sprintf("hostile-%d", i)] = body
			t.Logf("allowed: %q", body)
		}
	}
	if len(left) > 10 {
		t.Errorf("only %d of %d hostile pages are refused", refused, len(hostile))
	}
	origin, _ := ParseBase("https://example.org/")
	var out Memory
	if _, err := Build(context.Background(), kept(Options{Dir: projectWith(t, left), Base: origin}), &out); err != nil {
		t.Fatal(err)
	}
	crawl(out.Files())
}

// hostile are ways to bring in what is not ours, one a page.
var hostile = strings.Split(strings.TrimSpace(`
<script src="https://x.example/a.js"></script>
<script>alert(1)</script>
甲<script>alert(1)</script>
<img src="https://x.example/a.png">
甲 <img src=x onerror=alert(1)> 乙
<iframe src="https://x.example/"></iframe>
<svg onload=alert(1)>
<style>@import "https://x.example/a.css";</style>
<link rel="stylesheet" href="https://x.example/a.css">
<base href="https://x.example/">
<meta http-equiv="refresh" content="0;url=https://x.example/">
<form action="https://x.example/"><input></form>
<object data="https://x.example/"></object>
<embed src="https://x.example/">
<a href="javascript:alert(1)">甲</a>
<!-- <script> -->
<?php echo 1 ?>
<![CDATA[<script>]]>
<video src="https://x.example/a.mp4"></video>
<DIV STYLE="background:url(https://x.example/a)">
{{< youtube abc >}}
{{< vimeo 1 >}}
{{< x user="a" id="1" >}}
{{< tweet 1 >}}
{{< twitter user="a" id="1" >}}
{{< twitter_simple user="a" id="1" >}}
{{< instagram abc >}}
{{< instagram_simple abc >}}
{{< gist a 1 >}}
{{< figure src="https://x.example/a.png" >}}
{{< figure src="/a.png" link="javascript:alert(1)" >}}
{{% figure src="https://x.example/a.png" %}}
{{< highlight html >}}<script>{{< /highlight >}}
{{< details summary="<b>" >}}甲{{< /details >}}
{{< qr text="https://x.example" />}}
{{< param title >}}
{{<youtube abc>}}
{{<⏎youtube abc⏎>}}
甲 `+"`{{< youtube abc >}}`"+` 乙
    {{< youtube abc >}}
> {{< youtube abc >}}
- {{< youtube abc >}}
{{< time.inline >}}{{ now }}{{< /time.inline >}}
![甲](https://x.example/a.png)
![甲](http://x.example/a.png)
![甲](//x.example/a.png)
![甲](HTTPS://x.example/a.png)
![甲](data:image/svg+xml;base64,PHN2Zz4=)
![甲][b]⏎⏎[b]: https://x.example/a.png
[![甲](https://x.example/a.png)](/zh/)
![甲](&#104;ttps://x.example/a.png)
![甲](/\x.example/a.png)
![甲](\\x.example/a.png)
[甲](javascript:alert(1))
[甲](JaVaScRiPt:alert(1))
[甲](java&Tab;script:alert(1))
[甲](java&#10;script:alert(1))
[甲](&#x6A;avascript:alert(1))
[甲](javascript&colon;alert(1))
[甲](\javascript:alert(1))
[甲](<javascript:alert(1)>)
[甲](<	javascript:alert(1)>)
[甲](vbscript:x)
[甲](data:text/html,<b>)
[甲](file:///etc/passwd)
[甲](blob:https://x.example/1)
[甲](ftp://x.example/)
[甲](htp://x.example/)
[甲](//x.example/)
[甲](/\x.example/)
[甲](http://[::1)
[甲](https://)
[甲](https:x.example)
[甲](https:///x.example)
[甲]()
[甲](<>)
[甲](#nowhere)
[甲][b]⏎⏎[b]: javascript:alert(1)
[甲][b]⏎⏎[b]:⏎  javascript:alert(1)
[甲 [乙] 丙](javascript:alert(1))
<javascript:alert(1)>
<data:text/html,x>
<ftp://x.example/>
ftp://x.example/a
## 甲 {style="background:url(https://x.example/a)"}
## 甲 {onclick="alert(1)"}
## 甲 {.site-header}
## 甲 {#main}
## 甲 {#s3-2}
## 甲 {#fn:1}
甲⏎{style="position:fixed"}
甲⏎{onmouseover="alert(1)"}
- 甲⏎{style="position:fixed"}
> 甲⏎{style="position:fixed"}
| 甲 |⏎|---|⏎| 乙 |⏎{style="position:fixed"}
甲⏎==⏎{style="position:fixed"}
## 甲 {background="https://x.example/a"}
~~~html {style="position:fixed" class="x"}⏎甲⏎~~~
~~~html {onclick="alert(1)"}⏎甲⏎~~~
甲&#8203;乙
甲&#x202e;乙
甲&#xFEFF;乙
[甲](/zh/ "题&#x202e;")
甲&zwj;乙
甲&shy;乙
&#0;
<<<<<<< HEAD
甲⏎>>>>>>> origin/main
甲{{< youtube
<https://x.example/a.js>
[甲](https://x.example/)
[甲](mailto:a@x.example)
[甲](tel:110)
{{ .Site.Title }}
&lt;script&gt;
`), "\n")

func init() {
	for i, s := range hostile {
		hostile[i] = strings.ReplaceAll(s, "⏎", "\n")
	}
}
