package publish_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/tools/txtar"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

var update = flag.Bool("update", false, "write the files that are made from publish.toml anew")

const project = "../../.."

// rulesIn reads rules that must be sound.
func rulesIn(t testing.TB, file string) publish.Rules {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, found := readRules(t, data)
	if found != nil {
		t.Fatal(found)
	}
	return r
}

func readRules(t testing.TB, data []byte) (r publish.Rules, found diag.List) {
	t.Helper()
	if err := toml.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r.Located("publish.toml", data)
}

// ourRules are those of the portal.
func ourRules(t testing.TB) publish.Rules { return rulesIn(t, filepath.Join(project, "publish.toml")) }

// awkward are rules that say all that can be said.
func awkward(t testing.TB) publish.Rules {
	return rulesIn(t, filepath.Join("testdata", "awkward.toml"))
}

func TestRulesCheck(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range archive.Files {
		texts[f.Name] = string(f.Data)
	}
	for name, text := range texts {
		name, ok := strings.CutSuffix(name, ".toml")
		if !ok {
			continue
		}
		_, found := readRules(t, []byte(text))
		var got strings.Builder
		found.Print(&got, plan.EN)
		if got.String() != texts[name+".want"] {
			t.Errorf("%s: found\n%swant\n%s", name, got.String(), texts[name+".want"])
		}
		for _, d := range found {
			if d.Fact.ZH == "" || d.Hint.EN != "" && d.Hint.ZH == "" || strings.Contains(d.Fact.ZH+d.Hint.ZH, "%!") {
				t.Errorf("%s: in Chinese %q, %q", name, d.Fact.ZH, d.Hint.ZH)
			}
		}
	}
}

func TestRulesLimits(t *testing.T) {
	var many publish.Rules
	for i := range 101 {
		many.Headers = append(many.Headers, publish.HeaderRule{For: fmt.Sprintf("/%d", i), Values: map[string]string{"X-A": "1"}})
	}
	for i := range 2001 {
		many.Redirects = append(many.Redirects, publish.Redirect{From: fmt.Sprintf("/%d", i), To: "/", Status: 301})
	}
	long := publish.Rules{Headers: []publish.HeaderRule{{For: "/a", Values: map[string]string{"X-A": strings.Repeat("x", 2000)}}}}
	for _, c := range []struct {
		rules publish.Rules
		want  []string
	}{
		{publish.Rules{Headers: many.Headers[:100], Redirects: many.Redirects[:2000]}, nil},
		{many, []string{"101 header rules", "too many redirects: 2001"}},
		{long, []string{"longer than 2000"}},
	} {
		found := c.rules.Check()
		if len(found) != len(c.want) {
			t.Fatalf("found %v, want %q", found, c.want)
		}
		for i, d := range found {
			if !strings.Contains(d.Fact.EN, c.want[i]) {
				t.Errorf("found %q, want %q", d.Fact.EN, c.want[i])
			}
		}
	}
}

func TestRulesFor(t *testing.T) {
	r := ourRules(t)
	common := "Content-Security-Policy: default-src 'self'; script-src 'self' 'sha256-BXBO1d1Jt2D4Si2EJ9khsGGSQeoiGi2gvxeK7IKD3WM='; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'\n"
	const others = "Referrer-Policy: strict-origin-when-cross-origin\nX-Content-Type-Options: nosniff\n"
	short := "Cache-Control: public, max-age=300\n" + common
	for name, want := range map[string]string{
		"index.html":                  short + "Content-Type: text/html; charset=utf-8\n" + others,
		"zh/plan/s3/index.html":       short + "Content-Type: text/html; charset=utf-8\n" + others,
		"zh/feed.xml":                 short + "Content-Type: application/atom+xml; charset=utf-8\n" + others,
		"sitemap.xml":                 short + "Content-Type: application/xml; charset=utf-8\n" + others,
		"data/measures.json":          "Access-Control-Allow-Origin: *\n" + short + "Content-Type: application/json; charset=utf-8\n" + others,
		"assets/minxi.83ea8bb8a0.css": "Cache-Control: public, max-age=31536000, immutable\n" + common + "Content-Type: text/css; charset=utf-8\n" + others,
		"assets/minxi.83ea.css.br":    "Cache-Control: public, max-age=31536000, immutable\n" + common + "Content-Type: application/octet-stream\n" + others,
		"图/A.PNG":                     short + "Content-Type: image/png\n" + others,
		"no-extension":                short + "Content-Type: application/octet-stream\n" + others,
	} {
		if got := r.For(name).String(); got != want {
			t.Errorf("%s:\n%swant\n%s", name, got, want)
		}
	}
	exact := awkward(t)
	for name, want := range map[string]string{"zh/index.html": "yes", "zh/other.html": "", "zh/a/index.html": ""} {
		if got := exact.For(name)["X-Folder"]; got != want {
			t.Errorf("%s: X-Folder is %q, want %q", name, got, want)
		}
	}
}

// TestNetlifyConfig keeps netlify.toml as publish.toml says.
func TestNetlifyConfig(t *testing.T) {
	file := filepath.Join(project, "netlify.toml")
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := ourRules(t).NetlifyConfig(string(old))
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(old) != want {
		t.Error("netlify.toml is not what publish.toml says; run this test with -update")
	}
}

func TestRulesFiles(t *testing.T) {
	r := awkward(t)
	files := r.Files([]string{"_headers:cloudflare", "_redirects:cloudflare", ".htaccess", ".nojekyll"})
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, []string{".htaccess", ".nojekyll", "_headers", "_redirects"}) {
		t.Errorf("files %q", got)
	}
	if strings.Contains(string(files["_redirects"]), "Language") || strings.Contains(string(files["_redirects"]), "404") {
		t.Errorf("Cloudflare is told\n%s", files["_redirects"])
	}
	if files := (publish.Rules{}).Files([]string{"_headers:netlify", "_redirects:netlify"}); len(files) != 0 {
		t.Errorf("no rules make %q", files)
	}
}

// TestNetlifyParsers has Netlify's own parsers read what is written for Netlify.
// They drop what they do not like without a word, so that the whole of what they
// understood is compared with what was meant.
func TestNetlifyParsers(t *testing.T) {
	node, script := hosttest.Program(t, "node"), filepath.Join("testdata", "netlify.mjs")
	modules := filepath.Dir(filepath.Dir(hosttest.Package(t, "@netlify", "headers-parser")))
	hosttest.Package(t, "@netlify", "redirect-parser")
	hosttest.Package(t, "@netlify", "config")
	hand, err := os.ReadFile(filepath.Join(project, "netlify.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]publish.Rules{"ours": ourRules(t), "awkward": awkward(t)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, data := range r.Files([]string{"_headers:netlify", "_redirects:netlify"}) {
				write(t, filepath.Join(dir, name), string(data))
			}
			write(t, filepath.Join(dir, "netlify.toml"), r.NetlifyConfig(string(hand)))
			// _headers in a folder that is served is read as well; netlify.toml of
			// itself is to say all.
			write(t, filepath.Join(dir, "public", "index.html"), "")
			out, err := exec.Command(node, script, modules, dir).Output()
			if err != nil {
				t.Fatal(err, stderr(err))
			}
			type understood struct {
				Headers []struct {
					For    string
					Values map[string]string
				}
				Redirects []struct {
					From, To   string
					Status     int
					Force      bool
					Conditions map[string][]string
					Query      map[string]string
				}
				Errors []string
			}
			var got struct {
				Files, Toml, Config understood
				Build               string
			}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if !strings.HasPrefix(got.Build, "go run ./generator") {
				t.Errorf("the build command is %q", got.Build)
			}
			for from, g := range map[string]understood{"the files": got.Files, "netlify.toml": got.Toml, "@netlify/config": got.Config} {
				if len(g.Errors) > 0 || len(g.Headers) != len(r.Headers) || len(g.Redirects) != len(r.Redirects) {
					t.Fatalf("%s: %d headers of %d, %d redirects of %d, errors %q", from,
						len(g.Headers), len(r.Headers), len(g.Redirects), len(r.Redirects), g.Errors)
				}
				for i, want := range r.Headers {
					if got := g.Headers[i]; got.For != want.For || !maps.Equal(got.Values, want.Values) {
						t.Errorf("%s: header rule %d is %v, want %v", from, i+1, got, want)
					}
				}
				for i, want := range r.Redirects {
					got := g.Redirects[i]
					conditions := map[string][]string{}
					if want.Language != nil {
						conditions["Language"] = want.Language
					}
					if got.From != want.From || got.To != want.To || got.Status != want.Status || got.Force != (want.Status != 404) ||
						len(got.Query) != 0 || !reflect.DeepEqual(got.Conditions, conditions) {
						t.Errorf("%s: redirect %d is %+v, want %+v", from, i+1, got, want)
					}
				}
			}
		})
	}
}

// servedFiles are a small site for servers, whose texts are the files' own names.
var servedFiles = []string{"index.html", "404.html", "robots.txt", "sitemap.xml", "icon.svg",
	"zh/index.html", "zh/feed.xml", "zh/plan/index.html", "zh/404.html",
	"en/index.html", "en/404.html", "en/deep/404.html", "en/deep/index.html", "shadowed/index.html",
	"assets/minxi.83ea8bb8a0.css", "assets/minxi.9afee97c4224.js", "data/measures.json", "data/measures.csv",
	"odd~1/a.txt", "odd~1/b.nt", "odd~1/c.xlsx", "odd~1/d.css.gz", "odd~1/e.en.md"}

func writeTree(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for _, name := range servedFiles {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), name)
	}
	for name, data := range files {
		write(t, filepath.Join(dir, name), string(data))
	}
}

// served compares what a server at base says with the rules. with says which of a
// file's headers the server can have from them.
func served(t *testing.T, r publish.Rules, base string, with func(file, header string) bool, knowsLanguages bool) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(path, languages string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequest("GET", base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if languages != "" {
			req.Header.Set("Accept-Language", languages)
		}
		req.Header.Set("Accept-Encoding", "identity")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}

	for _, name := range servedFiles {
		at := strings.TrimSuffix(name, "index.html")
		if slices.ContainsFunc(r.Redirects, func(rd publish.Redirect) bool { return rd.From == "/"+at }) || path.Base(name) == "404.html" {
			continue
		}
		res, body := get("/"+at, "")
		if res.StatusCode != 200 || body != name {
			t.Errorf("%s: %s, %.60q", at, res.Status, body)
			continue
		}
		want := r.For(name)
		for _, h := range []string{"Content-Type", "Cache-Control", "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy",
			"Access-Control-Allow-Origin", "X-Odd", "X-Exact", "X-Folder"} {
			if with(name, h) && strings.Join(res.Header.Values(h), "; and again: ") != want[h] {
				t.Errorf("%s: %s is %q, want %q", at, h, res.Header.Values(h), want[h])
			}
		}
	}

	locate := func(path, languages string) string {
		t.Helper()
		res, _ := get(path, languages)
		to, err := url.Parse(base + path)
		if err != nil {
			t.Fatal(err)
		}
		if to, err = to.Parse(res.Header.Get("Location")); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(res.StatusCode, " ", strings.TrimPrefix(to.String(), base))
	}
	for _, rd := range r.Redirects {
		if rd.Status == 404 || len(rd.Language) > 0 {
			continue
		}
		from, to := strings.ReplaceAll(rd.From, "*", "a/b.html"), strings.ReplaceAll(rd.To, ":splat", "a/b.html")
		if got, want := locate(from, ""), fmt.Sprint(rd.Status, " ", to); got != want {
			t.Errorf("%s leads to %s, want %s", from, got, want)
		}
	}
	for languages, want := range map[string]string{"en-US,en;q=0.9,zh;q=0.8": "302 /en/", "EN": "302 /en/", "zh-CN,en;q=0.5": "302 /zh/", "enx": "302 /zh/", "": "302 /zh/"} {
		if !knowsLanguages {
			want = "302 /zh/"
		}
		if got := locate("/", languages); got != want {
			t.Errorf("with Accept-Language %q, / leads to %s, want %s", languages, got, want)
		}
	}

	for path, want := range map[string]string{"/missing": "404.html", "/fr/missing/": "404.html", "/assets/gone.css": "404.html",
		"/en/missing": "en/404.html", "/en/a/b/c.html": "en/404.html", "/en/deep/missing/": "en/deep/404.html"} {
		if want == "en/deep/404.html" && !slices.ContainsFunc(r.Redirects, func(rd publish.Redirect) bool { return rd.From == "/en/deep/*" }) {
			continue
		}
		res, body := get(path, "")
		if res.StatusCode != 404 || body != want {
			t.Errorf("%s: %s, %.60q; want 404 with %s", path, res.Status, body, want)
		}
		if got, want := res.Header.Get("Referrer-Policy"), r.For(path[1:])["Referrer-Policy"]; got != want {
			t.Errorf("%s: Referrer-Policy of the 404 is %q, want %q", path, got, want)
		}
		if got := res.Header.Get("Cache-Control"); strings.Contains(got, "immutable") {
			t.Errorf("%s: that there is nothing is kept for ever: Cache-Control is %q", path, got)
		}
	}
}

// TestCloudflareServes has Cloudflare's own program serve a tree.
func TestCloudflareServes(t *testing.T) {
	for name, r := range map[string]publish.Rules{"ours": ourRules(t), "awkward": awkward(t)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeTree(t, dir, r.Files([]string{"_headers:cloudflare", "_redirects:cloudflare"}))
			pages := hosttest.Server(t, "wrangler", "ROOT="+dir, fmt.Sprintf("INSPECTOR=%d", hosttest.Port(t)))
			served(t, r, "http://"+pages.Address, func(file, header string) bool {
				// What no rule sets is Cloudflare's own affair: it has its types, its
				// Cache-Control and Referrer-Policy, and lets pages of all sites read all.
				own := slices.Contains([]string{"Content-Type", "Cache-Control", "Access-Control-Allow-Origin", "Referrer-Policy"}, header)
				return !own || r.For(file)[header] != publish.Rules{}.For(file)[header]
			}, false)
			for _, want := range []string{
				fmt.Sprintf("Parsed %d valid header rule", len(r.Headers)),
				fmt.Sprintf("Parsed %d valid redirect rule", strings.Count(r.RedirectsFile(publish.Cloudflare), "\n")-1),
			} {
				if !strings.Contains(pages.Said(), want) {
					t.Errorf("wrangler does not say %q", want)
				}
			}
		})
	}
}

// TestApacheServes has Apache obey .htaccess, at the root of a host and below a
// path.
func TestApacheServes(t *testing.T) {
	for name, r := range map[string]publish.Rules{"ours": ourRules(t), "awkward": awkward(t)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeTree(t, filepath.Join(dir, "root"), r.Files([]string{".htaccess"}))
			r.Base = "/deep/minxi/"
			writeTree(t, filepath.Join(dir, "sub", "deep", "minxi"), r.Files([]string{".htaccess"}))
			all := func(string, string) bool { return true }
			served(t, r, startApache(t, filepath.Join(dir, "root")), all, true)
			servedBelow(t, r, startApache(t, filepath.Join(dir, "sub")))
		})
	}
}

// servedBelow looks at what depends on the base.
func servedBelow(t *testing.T, r publish.Rules, base string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, c := range []struct{ path, header, want, body string }{
		{"/deep/minxi/", "Location", base + "/deep/minxi/zh/", ""},
		{"/deep/minxi/en/missing", "Referrer-Policy", r.For("en/missing")["Referrer-Policy"], "en/404.html"},
		{"/deep/minxi/missing", "Referrer-Policy", r.For("missing")["Referrer-Policy"], "404.html"},
		{"/deep/minxi/assets/minxi.83ea8bb8a0.css", "Cache-Control", "public, max-age=31536000, immutable", "assets/minxi.83ea8bb8a0.css"},
		{"/deep/minxi/data/measures.json", "Access-Control-Allow-Origin", r.For("data/measures.json")["Access-Control-Allow-Origin"], "data/measures.json"},
	} {
		res, err := client.Get(base + c.path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if got := res.Header.Get(c.header); got != c.want || c.body != "" && string(body) != c.body {
			t.Errorf("%s: %s is %q, want %q; %.60q", c.path, c.header, got, c.want, body)
		}
	}
}

// startApache serves a folder that may have a .htaccess of the least rights.
func startApache(t *testing.T, dir string) (base string) {
	t.Helper()
	for d := dir; d != "/" && d != os.TempDir() && strings.HasPrefix(d, os.TempDir()); d = filepath.Dir(d) {
		_ = os.Chmod(d, 0o755) // the server's own user comes through
	}
	return "http://" + hosttest.Server(t, "apache-htaccess", "ROOT="+dir).Address
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func stderr(err error) string {
	if e, ok := err.(*exec.ExitError); ok {
		return string(e.Stderr)
	}
	return ""
}
