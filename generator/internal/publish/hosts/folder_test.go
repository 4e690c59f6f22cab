package hosts

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// open opens a host of a kind for a test, with its defaults filled in.
func open(t testing.TB, kind string, options map[string]string) publish.Host {
	t.Helper()
	h, err := Open(context.Background(), kind, Values{Options: options})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// edit opens a host to change it.
func edit(t testing.TB, kind string, options map[string]string) *hosttest.Edit {
	t.Helper()
	return hosttest.NewEdit(open(t, kind, options))
}

func editOf(t testing.TB, p hosttest.Place) *hosttest.Edit {
	t.Helper()
	return hosttest.NewEdit(p.Open(t))
}

// stage has a text be put, which a store shows at once and a deployer when it settles.
func stage(t testing.TB, h *hosttest.Edit, name, text string) {
	t.Helper()
	f, body := bytesFile(name, []byte(text))
	if err := h.Put(context.Background(), f, body); err != nil {
		t.Fatalf("Put %s: %v", name, err)
	}
}

func settle(t testing.TB, h *hosttest.Edit) {
	t.Helper()
	if err := h.Settle(context.Background()); err != nil {
		t.Fatalf("Settle: %v", err)
	}
}

func TestFolder(t *testing.T) {
	hosttest.Contract(t, folderBench)
}

var folderBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
	dir := t.TempDir()
	options := map[string]string{"path": dir}
	return hosttest.Place{Kind: "folder", Options: options, Disk: dir,
		Open: func(t testing.TB) publish.Host { return open(t, "folder", options) },
		Read: func(name string) ([]byte, publish.Header, error) {
			data, err := os.ReadFile(filepath.Join(dir, "current", filepath.FromSlash(name)))
			return data, nil, err
		},
	}
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
			h := p.Open(t)
			defer h.Close()
			first, err := publish.Publish(t.Context(), h, tree, foreignOptions)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(p.Options["path"], "current", filepath.FromSlash(c.file))
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
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
			if data, _, err := p.Read("zh/a.html"); err != nil || string(data) != "a" {
				t.Errorf("a reader gets %q, %v", data, err)
			}
			if again, err := publish.Publish(t.Context(), h, tree, o); err != nil || again.Sent != 0 {
				t.Errorf("again: %+v, %v", again, err)
			}
		})
	}
}
