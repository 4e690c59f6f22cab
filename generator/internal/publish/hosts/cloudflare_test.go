package hosts

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestCloudflarePages(t *testing.T) {
	hosttest.Contract(t, cloudflareBench)
}

var cloudflareBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
	dir := t.TempDir()
	return hosttest.Place{Kind: "cloudflare-pages", Options: map[string]string{"path": dir}, Disk: dir, Read: hosttest.ReadDisk(filepath.Join(dir, "current"))}
}}

// What the host cannot hold is told by a dry run, all of it, and nothing is written.
func TestCloudflareLimits(t *testing.T) {
	dir := t.TempDir()
	h := open(t, "cloudflare-pages", map[string]string{"path": dir, "files": "4"})
	refused := func(tree publish.Tree, wants ...string) {
		t.Helper()
		for _, dry := range []bool{true, false} {
			o := foreignOptions
			o.DryRun = dry
			_, err := publish.Publish(t.Context(), h, tree, o)
			var found diag.List
			if !errors.As(err, &found) || len(found) != len(wants) {
				t.Fatalf("dry %v: %v", dry, err)
			}
			for i, want := range wants {
				if got := found[i].Error(); !strings.Contains(got, want) || !strings.Contains(found[i].Hint.EN, "Nothing was changed") || found[i].Hint.ZH == "" {
					t.Errorf("dry %v: %s, want %q", dry, got, want)
				}
			}
		}
	}
	large := siteOf("index.html", "x", "functions/a.js", "x", "_worker.js", "x", "zh/node_modules/a", "x", "zh/functions/index.html", "x")
	large.FS.(fstest.MapFS)["big"] = &fstest.MapFile{Data: make([]byte, 25<<20+1)}
	refused(large, "_worker.js", "big", "functions/a.js", "zh/node_modules/a")
	refused(siteOf("a", "x", "b", "x", "c", "x", "d", "x"), "takes 4 files, and there are 5")
	if entries, err := os.ReadDir(filepath.Join(dir, "releases")); err == nil && len(entries) > 1 {
		t.Errorf("there is %v", entries)
	}
	if _, err := publish.Publish(t.Context(), h, siteOf("a", "x", "b", "x", "c", "x"), foreignOptions); err != nil {
		t.Errorf("as many as there may be: %v", err)
	}
	// What is kept of it counts, too.
	refused(siteOf("a", "y", "b", "x", "c", "x"), "takes 4 files, and there are 6")
}

// TestCloudflareServesWhatWasPublished has Cloudflare's own program serve the
// folder, with the rules of the portal.
func TestCloudflareServesWhatWasPublished(t *testing.T) {
	text, err := os.ReadFile("../../../../publish.toml")
	if err != nil {
		t.Fatal(err)
	}
	rules, found := publish.ReadRules("publish.toml", text)
	if found != nil {
		t.Fatal(found)
	}
	dir := t.TempDir()
	h := edit(t, "cloudflare-pages", map[string]string{"path": dir})
	names := []string{"index.html", "404.html", "zh/index.html", "zh/404.html", "zh/plan/index.html", "zh/名字 one.txt", "en/404.html", "assets/minxi.83ea.css", "data/measures.json"}
	for _, name := range names {
		stage(t, h, name, name)
	}
	for name, data := range rules.Files(h.Traits().Conventions) {
		stage(t, h, name, string(data))
	}
	settle(t, h)
	pages := hosttest.Server(t, "wrangler", "ROOT="+filepath.Join(dir, "current"), fmt.Sprintf("INSPECTOR=%d", hosttest.Port(t)))
	base, said := "http://"+pages.Address, pages.Said
	for _, want := range []string{"Parsed 1 valid redirect rule.", "Parsed 5 valid header rules."} {
		if !strings.Contains(said(), want) {
			t.Errorf("wrangler does not say %q", want)
		}
	}
	for _, c := range []struct {
		path   string
		status int
		body   string
		header string
	}{
		{"/zh/", 200, "zh/index.html", "Cache-Control"},
		{"/zh/plan/", 200, "zh/plan/index.html", "Content-Security-Policy"},
		{"/zh/%E5%90%8D%E5%AD%97%20one.txt", 200, "zh/名字 one.txt", "Cache-Control"},
		{"/assets/minxi.83ea.css", 200, "assets/minxi.83ea.css", "Cache-Control"},
		{"/data/measures.json", 200, "data/measures.json", "Access-Control-Allow-Origin"},
		{"/en/missing", 404, "en/404.html", "Content-Security-Policy"},
		{"/", 200, "zh/index.html", "Cache-Control"}, // led on
	} {
		res, err := http.Get(base + c.path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		want := rules.For(c.body)[c.header]
		if res.StatusCode != c.status || string(body) != c.body || res.Header.Get(c.header) != want {
			t.Errorf("%s: %s, %q, %s %q; want %d, %q, %q", c.path, res.Status, body, c.header, res.Header.Get(c.header), c.status, c.body, want)
		}
	}
}
