package hosts

// What stands at a target and is not ours, and what cannot stand there.

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// siteOf makes a tree of name, text, name, text …
func siteOf(files ...string) publish.Tree {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		m[files[i]] = &fstest.MapFile{Data: []byte(files[i+1]), Mode: 0o644}
	}
	return publish.Tree{FS: m}
}

// foreignOptions confirm nothing.
var foreignOptions = publish.Options{Keep: 3, Backoff: time.Millisecond, Tries: 1}

func yes(*publish.Report) bool { return true }

// diskSum is a sum over every name, link and byte below a folder.
func diskSum(t testing.TB, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var data []byte
		if d.Type().IsRegular() {
			data, err = os.ReadFile(name)
		}
		to, _ := os.Readlink(name)
		fmt.Fprintf(h, "%s %s %s %x\n", name, d.Type(), to, sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// refuses wants a publish and its dry run to be refused in both languages, and
// nothing to be changed below dir.
func refuses(t *testing.T, p hosttest.Place, dir string) {
	t.Helper()
	before := diskSum(t, dir)
	for _, dry := range []bool{true, false} {
		h := editOf(t, p)
		o := foreignOptions
		o.DryRun, o.Confirm = dry, yes
		_, err := publish.Publish(t.Context(), h.Host, siteOf("index.html", "ours"), o)
		var d diag.Diagnostic
		if !errors.As(err, &d) || !strings.Contains(d.Fact.EN, "no publish has made") || !strings.Contains(d.Fact.ZH, "移走") {
			t.Errorf("dry %v: %v", dry, err)
		}
	}
	if diskSum(t, dir) != before {
		t.Error("something was changed")
	}
}

// TestForeignReleases has another tool's releases where ours would be.
func TestForeignReleases(t *testing.T) {
	link := func(t *testing.T, dir, to string) {
		t.Helper()
		must(os.Symlink(to, filepath.Join(dir, currentLink)))
	}
	for name, bench := range map[string]hosttest.Bench{"folder": folderBench, "sftp": sftpBench, "cloudflare-pages": cloudflareBench} {
		for what, prepare := range map[string]func(*testing.T, string){
			"the first number": func(t *testing.T, dir string) {
				write(dir, "releases/1/index.html", "theirs")
			},
			"a year": func(t *testing.T, dir string) {
				write(dir, "releases/2023/report.html", "theirs")
			},
			"a file": func(t *testing.T, dir string) {
				write(dir, "releases/README", "theirs")
			},
			"beside what no release is called": func(t *testing.T, dir string) {
				write(dir, "releases/.DS_Store", "x")
				write(dir, "releases/old/index.html", "theirs")
			},
			"a folder in the link's place": func(t *testing.T, dir string) {
				must(os.MkdirAll(filepath.Join(dir, currentLink), 0o755))
			},
			"a link elsewhere": func(t *testing.T, dir string) {
				must(os.MkdirAll(dir, 0o755))
				link(t, dir, "releases/7 old")
			},
			"another tool's link": func(t *testing.T, dir string) {
				write(dir, "releases/20240301120000/index.html", "theirs")
				write(dir, "releases/20240201120000/index.html", "theirs before")
				link(t, dir, "releases/20240301120000")
			},
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				p := bench.Fresh(t)
				dir := p.Options["path"]
				prepare(t, dir)
				refuses(t, p, dir)
			})
		}
		t.Run(name+"/beside ours", func(t *testing.T) {
			p := bench.Fresh(t)
			dir := p.Options["path"]
			write(dir, "releases/.DS_Store", "of the system")
			for i := range 4 {
				h := editOf(t, p)
				if _, err := publish.Publish(t.Context(), h.Host, siteOf("index.html", fmt.Sprint("ours ", i)), foreignOptions); err != nil {
					t.Fatal(err)
				}
				h.Close()
				write(dir, "releases/99/index.html", "theirs")
			}
			entries, err := os.ReadDir(filepath.Join(dir, "releases"))
			var names []string
			for _, e := range entries {
				if !strings.HasPrefix(e.Name(), ".") {
					names = append(names, e.Name())
				}
			}
			if err != nil || !slices.Equal(names, []string{"3", "4", "99"}) {
				t.Errorf("after four publishes there are %q, %v", names, err)
			}
			write(dir, "releases/5/index.html", "in the way")
			refuses(t, p, dir)
		})
	}
}

// TestForeignZip has another zip under the target's name.
func TestForeignZip(t *testing.T) {
	p := zipPlace(t, "")
	file := p.Options["path"]
	makeZip(t, file, zip.FileHeader{Name: "report.txt"})
	refuses(t, p, filepath.Dir(file))
	// One of ours from before zips were marked has the folder of releases.
	makeZip(t, file, zip.FileHeader{Name: "_releases/log/x"}, zip.FileHeader{Name: "old.html"})
	h := editOf(t, p)
	if _, err := publish.Publish(t.Context(), h.Host, siteOf("index.html", "ours"), foreignOptions); err != nil {
		t.Error(err)
	}
}

// TestForeignFiles publishes over a site that somebody else has put there.
func TestForeignFiles(t *testing.T) {
	for name, bench := range map[string]hosttest.Bench{
		"sftp flat": sftpFlatBench, "rsync": rsyncPathBench, "webdav": webdavNginxBench, "ftp": ftpBench, "s3": s3Bench, "git": gitBench,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := bench.Fresh(t)
			h := editOf(t, p)
			for _, f := range []string{"index.html", "robots.txt", "about.html"} {
				stage(t, h, f, "theirs: "+f)
			}
			settle(t, h)
			tree := siteOf("index.html", "ours", "robots.txt", "theirs: robots.txt", "zh/index.html", "home")
			dry := foreignOptions
			dry.DryRun = true
			r, err := publish.Publish(t.Context(), h.Host, tree, dry)
			if err != nil || !slices.Equal(r.Foreign, []string{"index.html"}) || r.Changed != 1 || r.Added != 2 {
				t.Errorf("dry run: %+v, %v", r, err)
			}
			var found diag.List
			if _, err := publish.Publish(t.Context(), h.Host, tree, foreignOptions); !errors.As(err, &found) || len(found) != 1 || found[0].File != "index.html" {
				t.Errorf("not confirmed: %v", err)
			}
			reads(t, p, "index.html", "theirs: index.html")
			agreed := foreignOptions
			agreed.Confirm = yes
			if r, err = publish.Publish(t.Context(), h.Host, tree, agreed); err != nil || r.Sent != 3 {
				t.Fatalf("%+v, %v", r, err)
			}
			reads(t, p, "index.html", "ours")
			reads(t, p, "about.html", "theirs: about.html")
			all, live, err := publish.Releases(t.Context(), h.Host, foreignOptions)
			if err != nil || len(all) != 2 || !all[1].Foreign || all[0].ID != live {
				t.Errorf("releases: %+v, %s, %v", all, live, err)
			}
			if _, err := publish.Rollback(t.Context(), h.Host, "", agreed); err != nil {
				t.Fatal(err)
			}
			reads(t, p, "index.html", "theirs: index.html")
			reads(t, p, "about.html", "theirs: about.html")
			if _, _, err := p.Read("zh/index.html"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("after the way back our page is there: %v", err)
			}
			// And on: nothing is foreign any more, so nothing is asked.
			if r, err = publish.Publish(t.Context(), h.Host, tree, foreignOptions); err != nil || len(r.Foreign) > 0 {
				t.Errorf("again: %+v, %v", r, err)
			}
		})
	}
}

// TestTooLongIsRefused publishes such names: the first 255 bytes pass.
func TestTooLongIsRefused(t *testing.T) {
	for name, bench := range map[string]hosttest.Bench{"folder": folderBench, "zip": zipBench, "sftp flat": sftpFlatBench} {
		t.Run(name, func(t *testing.T) {
			p := bench.Fresh(t)
			h := editOf(t, p)
			fits, long := "zh/"+strings.Repeat("长", 83)+"a.html", "zh/"+strings.Repeat("长", 86)+"/index.html"
			wrote := 0
			ctx := publish.WithSteps(t.Context(), func(op, on string) error {
				if strings.Contains(on, "index.html") && (op == "write" || op == "rename") {
					wrote++
				}
				return nil
			})
			_, err := publish.Publish(ctx, h.Host, siteOf("index.html", "x", fits, "x", long, "x", long+"x", "x"), foreignOptions)
			var found diag.List
			if !errors.As(err, &found) || len(found) != 2 || found[0].File != long || !strings.Contains(found[0].Hint.ZH, "改短") || wrote > 0 {
				t.Errorf("%v; %d files were written", err, wrote)
			}
			for _, text := range []string{"one", "two"} {
				if _, err := publish.Publish(t.Context(), h.Host, siteOf("index.html", "x", fits, text), foreignOptions); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := publish.Rollback(t.Context(), h.Host, "", foreignOptions); err != nil {
				t.Fatal(err)
			}
			reads(t, p, fits, "one")
		})
	}
}

// TestServed kills publishes of hosts that switch in one step: what verify and
// releases say afterwards is what readers get.
func TestServed(t *testing.T) {
	for name, bench := range map[string]hosttest.Bench{
		"folder": folderBench, "sftp": sftpBench, "cloudflare-pages": cloudflareBench, "zip": zipBench, "git": gitBench, "netlify": netlifyBench,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := bench.Fresh(t)
			one := siteOf("index.html", "one", "zh/index.html", "home", "zh/old.html", "old")
			two := siteOf("index.html", "two", "zh/index.html", "home", "zh/new.html", "new")
			agreed := foreignOptions
			agreed.Confirm = yes
			publishing := func(ctx context.Context, tree publish.Tree) (*publish.Report, error) {
				h := editOf(t, p)
				return publish.Publish(ctx, h.Host, tree, agreed)
			}
			dead := errors.New("dead")
			// killed publishes until the switch, and has everything fail from there.
			killed := func(tree publish.Tree) {
				t.Helper()
				over := false
				_, err := publishing(publish.WithSteps(t.Context(), func(op, on string) error {
					if over && strings.Contains(on, releasesLock) {
						return nil // the lock goes with the process, and this one lives on
					}
					if over = over || op == "symlink" || op == "push" || strings.HasPrefix(on, "/deploys") && op == "POST" || op == "write" && on == p.Options["path"] || op == "POST"; over {
						return publish.Final(dead)
					}
					return nil
				}), tree)
				if err == nil || !over {
					t.Fatalf("it was not killed: %v", err)
				}
			}
			killed(one)
			if _, err := publish.Verify(t.Context(), p.Open(t), "", agreed); !strings.Contains(fmt.Sprint(err), "nothing was ever published") {
				t.Errorf("readers have nothing, and verify says %v", err)
			}
			if all, live, err := publish.Releases(t.Context(), p.Open(t), agreed); err != nil || live != "" || len(all) > 0 {
				t.Errorf("readers have nothing, and releases says %v, %q, %v", all, live, err)
			}
			r, err := publishing(t.Context(), one)
			if err != nil {
				t.Fatal(err)
			}
			killed(two)
			for name, want := range map[string]string{"index.html": "one", "zh/old.html": "old"} {
				reads(t, p, name, want)
			}
			c, err := publish.Verify(t.Context(), p.Open(t), "", agreed)
			if err != nil || c.Release != r.Release || c.Right != 3 || c.Files != 3 || c.Pending {
				t.Errorf("verify: %+v, %v; want release %s", c, err, r.Release)
			}
			all, live, err := publish.Releases(t.Context(), p.Open(t), agreed)
			if err != nil || live != r.Release || len(all) != 1 {
				t.Errorf("releases: %+v, %q, %v; want %s", all, live, err, r.Release)
			}
			// What was begun is taken up, and described when readers have it.
			r, err = publishing(t.Context(), two)
			if err != nil {
				t.Fatal(err)
			}
			c, err = publish.Verify(t.Context(), p.Open(t), "", agreed)
			if err != nil || c.Release == "" || c.Release != r.Release || c.Right != 3 || c.Pending {
				t.Errorf("after it was finished: %+v, %v; want release %s", c, err, r.Release)
			}
			reads(t, p, "index.html", "two")
		})
	}
}

// TestOvertakenSFTP takes the lock away from a publisher that stands still, publishes
// in its place, and lets it go on.
func TestOvertakenSFTP(t *testing.T) {
	for name, c := range map[string]struct {
		bench hosttest.Bench
		lock  string
	}{"releases": {sftpBench, "releases/.lock"}, "flat": {sftpFlatBench, "_releases/lock"}} {
		t.Run(name, func(t *testing.T) {
			p := c.bench.Fresh(t)
			first := []string{"index.html", "root", "zh/index.html", "home", "zh/a.html", "a", "zh/b.html", "b"}
			mine := siteOf(append(slices.Clone(first), "zh/a.html", "mine", "zh/b.html", "mine")...)
			others := siteOf(append(slices.Clone(first), "zh/a.html", "theirs", "index.html", "theirs")...)
			publishing := func(ctx context.Context, tree publish.Tree) (*publish.Report, error) {
				h := editOf(t, p)
				o := foreignOptions
				o.Concurrency = 1
				return publish.Publish(ctx, h.Host, tree, o)
			}
			if _, err := publishing(t.Context(), siteOf(first...)); err != nil {
				t.Fatal(err)
			}
			slept := false
			ctx := publish.WithSteps(t.Context(), func(op, on string) error {
				if slept || op != "write" || on != "zh/b.html" {
					return nil
				}
				slept = true
				if err := os.RemoveAll(filepath.Join(p.Options["path"], c.lock)); err != nil {
					t.Error(err)
				}
				if _, err := publishing(t.Context(), others); err != nil {
					t.Error(err)
				}
				return nil
			})
			_, err := publishing(ctx, mine)
			var d diag.Diagnostic
			says, whole := "新旧混杂", false
			if name == "releases" { // whatever happens, readers have one of them, whole
				says, whole = "被别人接管", true
			}
			if !slept || !errors.As(err, &d) || !strings.Contains(d.Fact.ZH, says) {
				t.Errorf("%v", err)
			}
			r, err := publishing(t.Context(), others)
			if err != nil || r.Nothing != whole || !whole && r.Same > 0 {
				t.Errorf("the next publish: %+v, %v", r, err)
			}
			for name, want := range map[string]string{"index.html": "theirs", "zh/a.html": "theirs", "zh/b.html": "b"} {
				reads(t, p, name, want)
			}
			if checked, err := publish.Verify(t.Context(), p.Open(t), "", foreignOptions); err != nil || checked.Right != 4 || len(checked.Found) > 0 {
				t.Errorf("verify: %+v, %v", checked, err)
			}
		})
	}
}

// TestSFTPSaysNothing has OpenSSH refuse with the one code that it has for most things.
func TestSFTPSaysNothing(t *testing.T) {
	p := sftpFlatBench.Fresh(t)
	write(p.Options["path"], "robots.txt", "x")
	if err := os.Symlink("/nonexistent/folder", filepath.Join(p.Options["path"], "zh")); err != nil {
		t.Fatal(err)
	}
	h := editOf(t, p)
	err := h.PutText(t.Context(), "zh/index.html", "home")
	why, _ := publish.Explain(err)
	if publish.ReasonOf(err) != publish.Refused || why.ZH != "主机拒绝执行" {
		t.Errorf("%v: %q", err, why)
	}
	show(t, h, "en/index.html", "home")
}
