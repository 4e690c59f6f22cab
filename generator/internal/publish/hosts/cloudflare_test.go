package hosts

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestCloudflarePages(t *testing.T) {
	hosttest.Contract(t, cloudflareBench)
	// How Cloudflare obeys these is shown with them in package publish.
	if got := open(t, "cloudflare-pages", cloudflareBench.Fresh(t).Options).Traits().Conventions; !slices.Equal(got, []string{"_headers:cloudflare", "_redirects:cloudflare"}) {
		t.Errorf("it is told by %q", got)
	}
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
