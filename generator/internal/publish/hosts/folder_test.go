package hosts

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestFolder(t *testing.T) {
	hosttest.Contract(t, folderBench)
}

var folderBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
	dir := t.TempDir()
	return hosttest.Place{Kind: "folder", Options: map[string]string{"path": dir}, Disk: dir, Read: hosttest.ReadDisk(filepath.Join(dir, "current"))}
}}

// What somebody has changed by hand in the live release, the manifest included, a
// publish puts right: of its own accord where it can see it, else when it is told to
// look. What stood there before stays as it was, and the release is a new one.
func TestDeployerPutsRight(t *testing.T) {
	tree := siteOf("index.html", "root", "zh/index.html", "home", "zh/a.html", "a")
	for name, c := range map[string]struct {
		file, text string
		recheck    bool
	}{
		"a page":             {"zh/a.html", "by hand", true},
		"a page is gone":     {"zh/a.html", "", true},
		"half a manifest":    {"_releases/manifest.jsonl", `{"minxi":1,"rel`, false},
		"no manifest at all": {"_releases/manifest.jsonl", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			p := folderBench.Fresh(t)
			h := open(t, p.Kind, p.Options)
			first, err := publish.Publish(t.Context(), h, tree, foreignOptions)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(p.Options["path"], "current", filepath.FromSlash(c.file))
			must(os.Remove(file))
			if c.text != "" {
				write(filepath.Dir(file), filepath.Base(file), c.text)
			}
			o := foreignOptions
			o.Recheck, o.Confirm = c.recheck, yes
			o.Now = func() time.Time { return time.Now().Add(time.Minute) }
			r, err := publish.Publish(t.Context(), h, tree, o)
			if err != nil || r.Nothing || r.Release == first.Release {
				t.Fatalf("%+v, %v", r, err)
			}
			if checked, err := publish.Verify(t.Context(), h, "", o); err != nil || checked.Right != 3 || len(checked.Found) > 0 {
				t.Errorf("verify: %+v, %v", checked, err)
			}
			reads(t, p, "zh/a.html", "a")
			if again, err := publish.Publish(t.Context(), h, tree, o); err != nil || again.Sent != 0 {
				t.Errorf("again: %+v, %v", again, err)
			}
		})
	}
}
