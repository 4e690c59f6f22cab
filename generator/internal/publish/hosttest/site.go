package hosttest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"minxi/generator/internal/publish"
)

type mapFS = fstest.MapFS

// rules are the headers of the test site.
var rules = publish.Rules{Headers: []publish.HeaderRule{
	{For: "/*", Values: map[string]string{"X-Content-Type-Options": "nosniff"}},
	{For: "/assets/*", Values: map[string]string{"Cache-Control": "public, max-age=31536000, immutable"}},
	{For: "/zh/*", Values: map[string]string{"Cache-Control": "public, max-age=300"}},
}}

// site is the test site of a place in one of its versions.
func (p Place) site(version int) publish.Tree { return site(version, p.more) }

// fewPages is how many pages of sections the site has, unless a host wants more.
const fewPages = 8

// site is a small site in one of its versions. Versions differ in what matters:
// all pages name another style sheet, one page with its feed comes and one goes, a
// large file changes, and some pages stay as they are. It is made once: nobody writes to it.
func site(version, more int) publish.Tree {
	key := [2]int{version, more}
	if made, ok := sites.Load(key); ok {
		return made.(publish.Tree)
	}
	made, _ := sites.LoadOrStore(key, makeSite(version, more))
	return made.(publish.Tree)
}

var sites sync.Map // of version and more to publish.Tree

func makeSite(version, more int) publish.Tree {
	files := mapFS{}
	add := func(name, text string) { files[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644} }
	asset := func(base, ext, text string) string {
		name := fmt.Sprintf("assets/%s.%x%s", base, sha256.Sum256([]byte(text)), ext)
		add(name, text)
		return "/" + name
	}
	style := asset("minxi", ".css", fmt.Sprintf("body { order: %d }\n%s", version, strings.Repeat("/* 样式 */\n", 200)))
	script := asset("minxi", ".js", fmt.Sprintf("// %d\n", version))
	add("assets/mark.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
	page := func(name, feed string, links ...string) {
		var b strings.Builder
		fmt.Fprintf(&b, "<!doctype html><link rel=stylesheet href=%s><script src=%s></script><title>%s</title>\n", style, script, name)
		fmt.Fprintf(&b, "<link rel=alternate type=application/atom+xml href=/%s>\n", feed)
		for _, l := range links {
			fmt.Fprintf(&b, "<a href=/%s>%s</a>\n", l, l)
		}
		b.WriteString(strings.Repeat("推广龙岩长汀水土流失治理经验。\n", 20))
		add(name, b.String()+"</html>\n")
	}
	feed := func(name string, entries ...string) {
		text := fmt.Sprintf("<feed><id>%d</id>\n", version)
		for _, e := range entries {
			text += fmt.Sprintf("<link rel=alternate href=/%s />\n", e)
		}
		add(name, text+"</feed>\n")
	}
	// The page that comes and goes has a feed of its own, as a topic has.
	topic, topicFeed := fmt.Sprintf("zh/new-in-%d/index.html", version), fmt.Sprintf("zh/new-in-%d/feed.xml", version)
	pages := []string{"zh/plan/index.html", "zh/plan/s3/index.html", topic}
	for s := range fewPages + more {
		pages = append(pages, fmt.Sprintf("zh/plan/s%d/index.html", s+4))
	}
	const homeFeed = "zh/feed.xml"
	for _, p := range pages {
		if p == topic {
			page(p, topicFeed, pages...)
		} else {
			page(p, homeFeed, pages...)
		}
	}
	add("zh/about/index.html", "<!doctype html><title>关于</title><a href=/zh/plan/index.html>方案</a></html>\n")
	add("404.html", "<!doctype html><title>404</title></html>\n")
	page("zh/index.html", homeFeed, append(pages, "zh/about/index.html")...)
	add("index.html", "<!doctype html><a href=/zh/index.html>中文</a></html>\n")
	feed(homeFeed, pages...)
	feed(topicFeed, topic)
	add("data/measures.json", fmt.Sprintf("[%d%s]\n", version, strings.Repeat(",0", 100_000)))
	return publish.Tree{FS: files, Rules: rules}
}

// versions are all that the tests publish: a file is torn if it is as in none.
const versions = 4

var link = regexp.MustCompile(`(?:href|src)=/([^\s>]+)`)

// A visit is what a reader met.
type visit struct {
	broken []string // a page and what was missing of it
	torn   []string
	pages  int
}

// walk follows every link of the site from its home page, those to feeds and of
// feeds too, as readers and their programs do.
// It is no error if there is no site yet.
func walk(p Place) (v visit, err error) {
	seen := map[string]bool{"index.html": true}
	todo := []string{"index.html"}
	from := map[string]string{}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		data, _, err := p.Read(name)
		if errors.Is(err, fs.ErrNotExist) {
			if name != "index.html" {
				v.broken = append(v.broken, from[name]+" → "+name)
			}
			continue
		}
		if err != nil {
			return v, err
		}
		v.pages++
		if !p.whole(name, data) {
			v.torn = append(v.torn, fmt.Sprintf("%s (%d bytes)", name, len(data)))
		}
		if ext := path.Ext(name); ext != ".html" && ext != ".xml" {
			continue
		}
		for _, m := range link.FindAllSubmatch(data, -1) {
			if to := string(m[1]); !seen[to] {
				seen[to] = true
				from[to] = name
				todo = append(todo, to)
			}
		}
	}
	return v, nil
}

// whole reports whether a file is as it is in one of the versions.
func (p Place) whole(name string, data []byte) bool {
	for n := range versions {
		if f := p.site(n).FS.(mapFS)[name]; f != nil && bytes.Equal(f.Data, data) {
			return true
		}
	}
	return false
}

// wantsVersion wants readers to get exactly one version of the site, bytes and
// headers, and of other versions nothing but assets.
func wantsVersion(t testing.TB, p Place, keepsHeaders bool, keeps []string, version int) {
	t.Helper()
	tree := p.site(version)
	files := tree.FS.(mapFS)
	for name, f := range files {
		data, header, err := p.Read(name)
		if err != nil || !bytes.Equal(data, f.Data) {
			t.Errorf("version %d: a reader gets %d bytes of %s, %v; want %d", version, len(data), name, err, len(f.Data))
			continue
		}
		if keepsHeaders && header != nil {
			want := tree.Rules.For(name)
			for k := range want {
				if keeps != nil && !slices.Contains(keeps, k) {
					continue
				}
				if header[k] != want[k] {
					t.Errorf("version %d: a reader gets %s with %s %q, want %q", version, name, k, header[k], want[k])
				}
			}
		}
	}
	for n := range versions {
		for name := range p.site(n).FS.(mapFS) {
			if files[name] != nil || strings.HasPrefix(name, "assets/") {
				continue
			}
			if _, _, err := p.Read(name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("version %d: a reader still gets %s of version %d (%v)", version, name, n, err)
			}
		}
	}
}
