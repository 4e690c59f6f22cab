package publish_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/crypto/ssh"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
	"minxi/generator/internal/sample"
)

func TestMain(m *testing.M) {
	hosttest.Main(m, func(_ string, options map[string]string) (publish.Host, error) {
		return hosttest.Disk{Dir: options["dir"]}, nil
	})
}

func TestDisk(t *testing.T) {
	hosttest.Contract(t, hosttest.DiskBench)
	hosttest.Protocol(t, hosttest.DiskBench)
}

var quick = publish.Options{Keep: 3, Backoff: time.Millisecond, Tries: 1}

type pages map[string]string

func (files pages) tree() publish.Tree {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return publish.Tree{FS: m, Rules: publish.Rules{Headers: []publish.HeaderRule{
		{For: "/assets/*", Values: map[string]string{"Cache-Control": "public, max-age=31536000, immutable"}},
	}}}
}

// with gives the tree with one file changed ("" takes it away).
func (files pages) with(name, text string) pages {
	next := pages{}
	for n, s := range files {
		next[n] = s
	}
	if next[name] = text; text == "" {
		delete(next, name)
	}
	return next
}

func small() pages {
	return pages{"index.html": "root", "zh/index.html": "home", "zh/a/index.html": "a", "zh/b/index.html": "b", "zh/c/index.html": "c",
		"assets/x.1.css": "x1", "data/d.json": "[1]", "zh/feed.xml": "<feed/>"}
}

func must(t *testing.T, h publish.Host, files pages, o publish.Options) *publish.Report {
	t.Helper()
	r, err := publish.Publish(context.Background(), h, files.tree(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func back(t *testing.T, h publish.Host, o publish.Options) {
	t.Helper()
	if _, err := publish.Rollback(context.Background(), h, "", o); err != nil {
		t.Fatal(err)
	}
}

func reads(t *testing.T, p hosttest.Place, name, want string) {
	t.Helper()
	if got, _, err := p.Read(name); err != nil || string(got) != want {
		t.Errorf("%s: %q, %v; want %q", name, got, err, want)
	}
}

// byHand puts a file on the disk as somebody does who knows nothing of publishing.
func byHand(t *testing.T, p hosttest.Place, name, text string) {
	t.Helper()
	write(t, filepath.Join(p.Options["dir"], filepath.FromSlash(name)), `{"Content-Type":"text/html; charset=utf-8"}`+"\n"+text)
}

// dropLocks takes the lock away, as another does after a while from one that stands still.
func dropLocks(t *testing.T, p hosttest.Place) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(p.Options["dir"], "_releases", "lock")); err != nil {
		t.Error(err)
	}
}

func yes(*publish.Report) bool { return true }

// one publishes one file after the other, agreed without being asked.
var one, agreed = func() (publish.Options, publish.Options) {
	one := quick
	one.Concurrency = 1
	agreed := one
	agreed.Confirm = yes
	return one, agreed
}()

// exact wants the host to hold these files and, of others, only assets; and its
// manifest to say so.
func exact(t *testing.T, p hosttest.Place, files pages) {
	t.Helper()
	for name, want := range files {
		reads(t, p, name, want)
	}
	dir := p.Options["dir"]
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, file)
		name := filepath.ToSlash(rel)
		switch {
		case err != nil || d.IsDir() && name != "_releases":
			return err
		case d.IsDir():
			return fs.SkipDir
		}
		if _, ok := files[name]; !ok && !strings.HasPrefix(name, "assets/") {
			t.Errorf("%s is still there", name)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	c, err := publish.Verify(context.Background(), p.Open(t), "", quick)
	if err != nil || c.Right != c.Files || len(c.Found) > 0 {
		t.Errorf("verify: %+v, %v", c, err)
	}
}

// One edited page is all that is sent, and a publish without a change reads the
// manifest and whether anything was left unfinished, and no more.
func TestSendsWhatChanged(t *testing.T) {
	p := hosttest.DiskPlace(t.TempDir())
	h := p.Open(t)
	if r := must(t, h, small(), quick); r.Sent != 8 || r.Added != 8 || r.Atomic {
		t.Errorf("first: %+v", r)
	}
	if r := must(t, h, small(), quick); !r.Nothing || r.Requests["get"] != 1 || r.Requests["list"] != 1 || len(r.Requests) != 2 {
		t.Errorf("no change: %+v", r)
	}
	if r := must(t, h, small().with("zh/a/index.html", "edited"), quick); r.Sent != 1 || r.Changed != 1 || r.Added+r.Deleted != 0 {
		t.Errorf("one page: %+v", r)
	}
	exact(t, p, small().with("zh/a/index.html", "edited"))
}

// The order of operations, as a host sees it.
func TestOrder(t *testing.T) {
	p := hosttest.DiskPlace(t.TempDir())
	h := p.Open(t)
	must(t, h, small(), quick)
	var ops []string
	ctx := publish.WithSteps(context.Background(), func(op, on string) error {
		if op != "rename" && op != "stat" {
			ops = append(ops, op+" "+on)
		}
		return nil
	})
	next := small().with("assets/x.2.css", "x2").with("assets/x.1.css", "").with("zh/n/index.html", "new").with("zh/a/index.html", "links to n").
		with("index.html", "root 2").with("zh/b/index.html", "")
	if _, err := publish.Publish(ctx, h, next.tree(), one); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(ops, "\n")
	last := -1
	for _, step := range []string{
		"put _releases/lock/", "put _releases/pending/", "put _releases/objects/", "put _releases/log/", "put assets/x.2.css", "get assets/x.2.css", "put zh/n/index.html", "get zh/n/index.html",
		"put zh/a/index.html", "put index.html", "put _releases/manifest.jsonl", "delete zh/b/index.html", "delete _releases/pending/", "delete _releases/lock/",
	} {
		at := strings.Index(text, step)
		if at <= last {
			t.Errorf("%q is not where it should be in\n%s", step, text)
		}
		last = at
	}
	if strings.Contains(text, "delete assets/x.1.css") {
		t.Error("the style sheet of open pages was deleted")
	}
}

// dying is a context in which every step from the k-th on fails, but for those of
// the lock: this process goes on, and its lock would, too.
func dying(k int) context.Context {
	n := 0
	return publish.WithSteps(context.Background(), func(op, on string) error {
		if strings.HasPrefix(on, "_releases/lock") {
			return nil
		}
		if n++; n >= k {
			return publish.Final(errors.New("dead"))
		}
		return nil
	})
}

// A publish is killed, and another tree is published after it.
func TestOtherTreeAfterKill(t *testing.T) {
	first := small()
	second := first.with("zh/n/index.html", "new").with("zh/a/index.html", "links to n").with("assets/x.2.css", "x2").with("assets/x.1.css", "").with("zh/b/index.html", "")
	third := first.with("zh/b/index.html", "other b").with("zh/m/index.html", "m").with("zh/c/index.html", "")
	for _, next := range []pages{first, third} {
		for k := 1; ; k += sample.Times(1, 3) {
			p := hosttest.DiskPlace(t.TempDir())
			h := p.Open(t)
			must(t, h, first, quick)
			ctx := dying(k)
			_, err := publish.Publish(ctx, h, second.tree(), one)
			must(t, h, next, quick)
			exact(t, p, next)
			if r := must(t, h, next, quick); !r.Nothing {
				t.Errorf("killed at %d, then published again: %+v", k, r)
			}
			if _, err := publish.Rollback(context.Background(), h, "", quick); err != nil && k > 3 {
				var d diag.Diagnostic
				if !errors.As(err, &d) {
					t.Errorf("killed at %d: rollback: %v", k, err)
				}
			}
			if err == nil {
				if k < 20 {
					t.Errorf("a publish took only %d steps", k)
				}
				break
			}
			if t.Failed() {
				t.Fatalf("killed at step %d", k)
			}
		}
	}
}

// After a publish that was not finished, rollback returns to where it began.
func TestRollbackOfUnfinished(t *testing.T) {
	first := small()
	second := first.with("zh/a/index.html", "a2").with("zh/b/index.html", "").with("zh/n/index.html", "n")
	for k := 1; k < 60; k++ {
		p := hosttest.DiskPlace(t.TempDir())
		h := p.Open(t)
		must(t, h, first, quick)
		_, err := publish.Publish(dying(k), h, second.tree(), one)
		if err == nil {
			t.Error("it was never live before its last step")
			return
		}
		if names, err := h.List(context.Background(), "_releases/pending"); err != nil || len(names) == 0 {
			continue // nothing was touched yet, so there is nothing to return from
		}
		if all, live, _ := publish.Releases(context.Background(), h, quick); len(all) > 1 && live == all[0].ID {
			return // it was live already
		}
		if _, err := publish.Rollback(context.Background(), h, "", quick); err != nil {
			t.Fatalf("killed at step %d: %v", k, err)
		}
		exact(t, p, first)
		if t.Failed() {
			t.Fatalf("killed at step %d", k)
		}
	}
}

// A first publish over somebody else's site is killed anywhere: what was theirs is
// replaced only when it is kept, is asked about once, and can be brought back.
func TestForeignAfterKill(t *testing.T) {
	theirs := func(p hosttest.Place, files pages) {
		for name, text := range files {
			byHand(t, p, name, text)
		}
	}
	before := pages{"index.html": "their root", "zh/b/index.html": "their b", "zh/c/index.html": "c", "other/index.html": "theirs alone"}
	asked := 0
	agreed := agreed
	agreed.Confirm = func(r *publish.Report) bool {
		if len(r.Foreign) > 0 {
			asked++
		}
		return true
	}
	for k := 1; ; k += sample.Times(1, 3) {
		p := hosttest.DiskPlace(t.TempDir())
		h := p.Open(t)
		theirs(p, before)
		asked = 0
		_, err := publish.Publish(dying(k), h, small().tree(), agreed)
		first := asked
		if _, live, err := publish.Releases(context.Background(), h, quick); err != nil || live != "" {
			if k < 20 || first != 1 || err != nil {
				t.Errorf("live after %d steps, asked %d times, %v", k, first, err)
			}
			return
		}
		next := small().with("zh/n/index.html", "new")
		if first > 0 {
			theirs(p, pages{"zh/n/index.html": "their n"}) // a name that the killed publish did not know
		}
		later := agreed
		later.Now = func() time.Time { return time.Now().Add(time.Minute) }
		if _, err := publish.Publish(context.Background(), h, next.tree(), later); err != nil {
			t.Fatalf("killed at %d: %v", k, err)
		}
		if asked > first+1 {
			t.Errorf("killed at %d: asked %d times", k, asked)
		}
		for name, want := range next {
			if got, _, err := p.Read(name); err != nil || string(got) != want {
				t.Errorf("killed at %d: %s: %q, %v; want %q", k, name, got, err, want)
			}
		}
		if _, rollback := publish.Rollback(context.Background(), h, "", later); rollback != nil {
			t.Errorf("killed at %d (%v): rollback: %v", k, err, rollback)
		}
		if first > 0 {
			before := before.with("zh/n/index.html", "their n")
			for name, want := range before {
				if got, _, err := p.Read(name); (err != nil || string(got) != want) && name != "zh/c/index.html" {
					t.Errorf("killed at %d: after the way back %s: %q, %v; want %q", k, name, got, err, want)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("killed at step %d", k)
		}
	}
}

// A publish over somebody else's file is killed anywhere, and another tree is
// published that has no such file, or the way back is taken: theirs is as it was.
func TestForeignGivenBack(t *testing.T) {
	base := small().with("zh/b/index.html", "").with("zh/c/index.html", "")
	for name, c := range map[string]struct {
		before bool // there was a release before
		then   func(publish.Host) error
		ours   bool // is our root page there afterwards
	}{
		"another tree first": {false, func(h publish.Host) error {
			_, err := publish.Publish(context.Background(), h, base.tree(), agreed)
			return err
		}, true},
		"another tree later": {true, func(h publish.Host) error {
			_, err := publish.Publish(context.Background(), h, base.with("zh/a/index.html", "a2").tree(), agreed)
			return err
		}, true},
		"back": {false, func(h publish.Host) error {
			_, err := publish.Rollback(context.Background(), h, "", agreed)
			return err
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			replaced := 0
			for k := 1; ; k += sample.Times(1, 3) {
				p := hosttest.DiskPlace(t.TempDir())
				h := p.Open(t)
				live := ""
				if c.before {
					live = must(t, h, base, agreed).Release
				}
				byHand(t, p, "zh/b/index.html", "their b")
				_, _ = publish.Publish(dying(k), h, small().tree(), agreed)
				if got, _, _ := p.Read("zh/b/index.html"); string(got) == "b" {
					replaced++
				}
				if _, now, err := publish.Releases(context.Background(), h, agreed); err != nil || now != live {
					if err != nil || replaced < sample.Times(3, 1) {
						t.Errorf("replaced in %d publishes that were killed, %v", replaced, err)
					}
					return // it is live
				}
				if pending, err := h.List(context.Background(), "_releases/pending"); err != nil || !c.ours && len(pending) == 0 {
					continue // nothing was touched, so there is no way back
				}
				if err := c.then(h); err != nil {
					t.Fatalf("killed at %d: %v", k, err)
				}
				if got, _, err := p.Read("zh/b/index.html"); err != nil || string(got) != "their b" {
					t.Fatalf("killed at %d: their page is %q, %v", k, got, err)
				}
				if _, _, err := p.Read("index.html"); (err == nil) != c.ours {
					t.Fatalf("killed at %d: our page: %v", k, err)
				}
			}
		})
	}
}

// Later publishes look at names that are new, too, and at no others.
func TestForeignLater(t *testing.T) {
	p := hosttest.DiskPlace(t.TempDir())
	h := p.Open(t)
	must(t, h, small(), quick)
	byHand(t, p, "zh/n/index.html", "theirs")
	must(t, h, small().with("zh/m/index.html", "m"), quick) // nothing of theirs is in the way
	next := small().with("zh/n/index.html", "ours")
	if _, err := publish.Publish(context.Background(), h, next.tree(), quick); err == nil || !strings.Contains(err.Error(), "zh/n/index.html: the host has a file of this name") {
		t.Errorf("%v", err)
	}
	must(t, h, next, agreed)
	back(t, h, agreed)
	reads(t, p, "zh/n/index.html", "theirs")
}

// nameless takes names of any length, as the protocol once thought of all hosts.
type nameless struct{ hosttest.Disk }

func (nameless) Traits() publish.Traits { return publish.Traits{Headers: true} }

// A publish that died of a name that was too long is in nobody's way.
func TestTooLongJournal(t *testing.T) {
	p := hosttest.DiskPlace(t.TempDir())
	h := p.Open(t)
	must(t, h, small(), quick)
	long := "zh/" + strings.Repeat("长", 86) + "/index.html"
	if _, err := publish.Publish(context.Background(), nameless{h.(hosttest.Disk)}, small().with("zh/a/index.html", "a2").with(long, "x").tree(), quick); err == nil {
		t.Fatal("the disk took the name")
	}
	next := small().with("zh/b/index.html", "b2")
	must(t, h, next, quick)
	exact(t, p, next)
	back(t, h, quick)
	exact(t, p, small())
}

// A publisher stands still, another takes its lock, publishes and is done; then the
// first goes on for a moment. It says that the site may be mixed, and the next
// publish looks at every file, whatever the manifest says.
func TestOvertaken(t *testing.T) {
	first := small()
	mine, others := first.with("zh/a/index.html", "mine").with("zh/b/index.html", "mine"), first.with("zh/a/index.html", "theirs").with("zh/c/index.html", "theirs")
	for _, at := range []string{"put zh/a/index.html", "put _releases/manifest.jsonl", "delete _releases/pending/"} {
		p := hosttest.DiskPlace(t.TempDir())
		h := p.Open(t)
		must(t, h, first, quick)
		slept := false
		ctx := publish.WithSteps(context.Background(), func(op, on string) error {
			if slept || !strings.HasPrefix(op+" "+on, at) {
				return nil
			}
			slept = true
			dropLocks(t, p)
			must(t, p.Open(t), others, quick)
			return nil
		})
		_, err := publish.Publish(ctx, h, mine.tree(), one)
		var d diag.Diagnostic
		if !errors.As(err, &d) || !strings.Contains(d.Fact.EN, "a mixture of both") || !strings.Contains(d.Fact.ZH, "新旧混杂") {
			t.Errorf("%s: %v", at, err)
		}
		if c, err := publish.Verify(context.Background(), h, "", quick); err != nil || !c.Pending {
			t.Errorf("%s: verify: %+v, %v", at, c, err)
		}
		if r := must(t, h, others, quick); r.Same > 0 || r.Resumed+r.Sent != len(others) {
			t.Errorf("%s: the next publish did not look at all: %+v", at, r)
		}
		exact(t, p, others)
		if r := must(t, h, others, quick); !r.Nothing {
			t.Errorf("%s: then: %+v", at, r)
		}
	}
}

// Overtaken before anything was changed, a publisher says just that.
func TestOvertakenBefore(t *testing.T) {
	p := hosttest.DiskPlace(t.TempDir())
	ctx := publish.WithSteps(context.Background(), func(op, on string) error {
		if strings.HasPrefix(on, "_releases/pending/") && op == "put" {
			dropLocks(t, p)
			return publish.Final(errors.New("no"))
		}
		return nil
	})
	_, err := publish.Publish(ctx, p.Open(t), small().tree(), quick)
	var d diag.Diagnostic
	if !errors.As(err, &d) || d.Check != publish.Busy || !strings.Contains(d.Hint.EN, "Nothing was changed") {
		t.Errorf("%v", err)
	}
}

// twice reads every body for a checksum before it sends it, and fails now and then.
type twice struct {
	hosttest.Disk
	puts *atomic.Int64
}

func (h twice) Put(ctx context.Context, f publish.File, body publish.Body) error {
	r, err := body()
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if h.puts.Add(1)%3 == 0 {
		return errors.New("try again")
	}
	return h.Disk.Put(ctx, f, body)
}

// What is sent is counted once, however often a host reads it.
func TestSentOnce(t *testing.T) {
	var sizes []int64
	retry := quick
	retry.Tries = 3
	retry.Now = func() time.Time { return time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC) }
	for _, h := range []publish.Host{hosttest.Disk{Dir: t.TempDir()}, twice{hosttest.Disk{Dir: t.TempDir()}, new(atomic.Int64)}} {
		sizes = append(sizes, must(t, h, small(), retry).SentSize)
	}
	var bytes int64
	for _, text := range small() {
		bytes += int64(len(text))
	}
	if sizes[0] != sizes[1] || sizes[0] <= bytes {
		t.Errorf("%d bytes were counted, and %d where they were read twice; the files have %d", sizes[0], sizes[1], bytes)
	}
}

// Somebody changes files on the host by hand.
func TestTampering(t *testing.T) {
	p := hosttest.DiskPlace(t.TempDir())
	h := p.Open(t)
	must(t, h, small(), quick)
	byHand(t, p, "zh/a/index.html", "by hand")
	if err := os.Remove(filepath.Join(p.Options["dir"], "zh/b/index.html")); err != nil {
		t.Fatal(err)
	}
	c, err := publish.Verify(context.Background(), h, "", quick)
	if err != nil || c.Right != c.Files-2 || len(c.Found) != 2 || c.Found[0].File != "zh/a/index.html" || c.Found[1].File != "zh/b/index.html" {
		t.Errorf("verify: %+v, %v", c, err)
	}
	again := quick
	again.Recheck = true
	if r := must(t, h, small(), again); r.Sent != 2 || r.Resumed != 6 {
		t.Errorf("--recheck: %+v", r)
	}
	exact(t, p, small())
	// What was there cannot be brought back, and that is said.
	byHand(t, p, "zh/a/index.html", "by hand")
	if r := must(t, h, small().with("zh/a/index.html", "a2"), quick); len(r.Unkept) != 1 || r.Unkept[0] != "zh/a/index.html" {
		t.Errorf("unkept: %+v", r)
	}
	var l diag.List
	if _, err := publish.Rollback(context.Background(), h, "", quick); !errors.As(err, &l) || len(l) != 1 || l[0].File != "zh/a/index.html" {
		t.Errorf("rollback to what was not kept: %v", err)
	}
	exact(t, p, small().with("zh/a/index.html", "a2"))
}

func TestDamagedManifest(t *testing.T) {
	for _, damage := range []func([]byte) []byte{
		func(b []byte) []byte { return b[:len(b)/2] },
		func(b []byte) []byte { return b[:len(b)-len(`{"path":`)] },
		func(b []byte) []byte { return nil },
		func(b []byte) []byte { return bytes.Replace(b, []byte(`zh/a/`), []byte(`../a/`), 1) },
		func(b []byte) []byte { return bytes.Replace(b, []byte(`"minxi":1`), []byte(`"minxi":9`), 1) },
	} {
		p := hosttest.DiskPlace(t.TempDir())
		h := p.Open(t)
		must(t, h, small(), quick)
		file := filepath.Join(p.Options["dir"], "_releases", "manifest.jsonl")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := bytes.Cut(data, []byte("\n"))
		write(t, file, string(append(append(head, '\n'), damage(body)...)))
		if _, err := publish.Verify(context.Background(), h, "", quick); err == nil {
			t.Error("verify is content with a damaged manifest")
		}
		if r := must(t, h, small().with("zh/a/index.html", "a2"), quick); r.Sent != 1 || r.Resumed != 7 {
			t.Errorf("after damage: %+v", r)
		}
		exact(t, p, small().with("zh/a/index.html", "a2"))
	}
}

// A change of headers alone sends the file, and a rollback brings the old ones back.
func TestHeadersAlone(t *testing.T) {
	p := hosttest.DiskPlace(t.TempDir())
	h := p.Open(t)
	must(t, h, small(), quick)
	next := small().tree()
	next.Rules.Headers = append(next.Rules.Headers, publish.HeaderRule{For: "/zh/*", Values: map[string]string{"Cache-Control": "no-cache"}})
	r, err := publish.Publish(context.Background(), h, next, quick)
	if err != nil || r.Changed != 5 || r.Sent != 5 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, header, _ := p.Read("zh/a/index.html"); header["Cache-Control"] != "no-cache" {
		t.Errorf("header %v", header)
	}
	back(t, h, quick)
	if _, header, _ := p.Read("zh/a/index.html"); header["Cache-Control"] == "no-cache" {
		t.Errorf("after rollback: header %v", header)
	}
	exact(t, p, small())
}

// Files that the build has compressed are kept compressed, where asked for.
func TestEncoding(t *testing.T) {
	plain := strings.Repeat("页面", 500)
	files := small().with("zh/a/index.html", plain)
	m := files.tree()
	packed := hosttest.Encode(t, "br", []byte(plain))
	m.FS.(fstest.MapFS)["zh/a/index.html.br"] = &fstest.MapFile{Data: packed, Mode: 0o644}
	m.FS.(fstest.MapFS)["zh/a/index.html.gz"] = &fstest.MapFile{Data: []byte("gz"), Mode: 0o644}
	p := hosttest.DiskPlace(t.TempDir())
	o := quick
	o.Coding = "br"
	r, err := publish.Publish(context.Background(), p.Open(t), m, o)
	if err != nil || r.Files != len(files) {
		t.Fatalf("%+v, %v", r, err)
	}
	got, header, err := p.Read("zh/a/index.html")
	if err != nil || string(got) != plain || header["Content-Encoding"] != "br" || header["Vary"] != "Accept-Encoding" {
		t.Errorf("a reader gets %d bytes, %v, %v", len(got), header, err)
	}
	o.Coding = "zstd"
	if _, err := publish.Publish(context.Background(), p.Open(t), m, o); err == nil {
		t.Error("a coding that the host does not know")
	}
}

// A tree that holds a secret is not published. One line of a private key is a secret, too;
// what all keys have in common is none.
func TestSecretInTree(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(block))
	lines := strings.Split(strings.TrimSpace(text), "\n")
	account := `{
  "type": "service_account",
  "private_key": "` + strings.ReplaceAll(text, "\n", `\n`) + `",
  "token_uri": "https://oauth2.googleapis.com/token"
}`
	for _, c := range []struct {
		secret, line string
		found        bool
	}{
		{"hunter2-hunter2", strings.Repeat("x", 32*1024-10) + "hunter2-hunter2" + strings.Repeat("y", 100), true},
		{"short", "short", false},
		{text, lines[2], true},
		{text, lines[len(lines)-2], true},
		{account, lines[3], true},
		{text, lines[0], false},
		{text, lines[1], false}, // the head of every OpenSSH key without a passphrase
		{account, `"token_uri": "https://oauth2.googleapis.com/token"`, false},
		{account, `"type": "service_account",`, false},
		{"one two three four\nfive six seven eight", "five six seven eight", false},
	} {
		tree := small().with("zh/a/index.html", "<p>"+c.line+"</p>").tree()
		tree.Secrets = []string{c.secret}
		p := hosttest.DiskPlace(t.TempDir())
		_, err := publish.Publish(context.Background(), p.Open(t), tree, quick)
		found := err != nil && strings.Contains(err.Error(), "zh/a/index.html: the file holds a secret")
		if found != c.found || !found && err != nil || found && strings.Contains(err.Error(), c.line) {
			t.Errorf("%q: found %v (%v)", c.line, found, err)
		}
		if _, _, err := p.Read("index.html"); found != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: whether something was published: %v", c.line, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	p := hosttest.DiskPlace(t.TempDir())
	m := small().tree()
	m.FS.(fstest.MapFS)["_releases/manifest.jsonl"] = &fstest.MapFile{Data: []byte("mine")}
	if _, err := publish.Publish(context.Background(), p.Open(t), m, quick); err == nil {
		t.Error("a tree with a _releases of its own was published")
	}
	m = small().tree()
	m.FS.(fstest.MapFS)["zh/link.html"] = &fstest.MapFile{Data: []byte("elsewhere"), Mode: fs.ModeSymlink | 0o777}
	if _, err := publish.Publish(context.Background(), p.Open(t), m, quick); err == nil {
		t.Error("a tree with a symbolic link was published")
	}
	if _, err := publish.Rollback(context.Background(), p.Open(t), "../../etc/passwd", quick); err == nil {
		t.Error("a release with a strange name was looked up")
	}
	if _, err := publish.Verify(context.Background(), p.Open(t), "", quick); err == nil {
		t.Error("an empty host was verified")
	}
}

// many is a tree of n small files that takes no memory of its own.
type many struct{ n int }

func (m many) tree(t *testing.T, dir string) publish.Tree {
	random := mathrand.New(mathrand.NewPCG(1, uint64(m.n)))
	for i := range m.n {
		write(t, filepath.Join(dir, "zh", "m", fmt.Sprint(i/500), fmt.Sprintf("s%d.html", i)), fmt.Sprintf("page %d %d", i, random.Uint64()))
	}
	return publish.Tree{FS: os.DirFS(dir)}
}

// A site of 20,000 files takes the memory of one of 2,000, and where nothing has
// changed, the requests of one of 2.
func TestManyFiles(t *testing.T) {
	peak := func(n int) (most uint64) {
		src := t.TempDir()
		tree := many{n}.tree(t, src)
		h := hosttest.Disk{Dir: t.TempDir()}
		var steps atomic.Int64
		ctx := publish.WithSteps(context.Background(), func(op, on string) error {
			if steps.Add(1)%int64(n/4) == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
			return nil
		})
		o := quick
		o.Concurrency = 1 // so that most is written by one goroutine
		r, err := publish.Publish(ctx, h, tree, o)
		if err != nil || r.Sent != n {
			t.Fatalf("%+v, %v", r, err)
		}
		r, err = publish.Publish(context.Background(), h, tree, o)
		if err != nil || !r.Nothing || r.Requests["get"] != 1 || r.Requests["list"] != 1 || len(r.Requests) != 2 {
			t.Errorf("no change: %+v, %v", r, err)
		}
		write(t, filepath.Join(src, "zh/m/1/s700.html"), "edited")
		r, err = publish.Publish(context.Background(), h, tree, o)
		if err != nil || r.Sent != 1 || r.Same != n-1 {
			t.Errorf("one page: %+v, %v", r, err)
		}
		return most
	}
	few, lots := peak(2_000), peak(sample.Times(20_000, 8_000))
	t.Logf("heap at the most: %d kB for 2,000 files, %d kB for many more", few>>10, lots>>10)
	if lots > few+1<<20 {
		t.Errorf("memory grows with the number of files: %d and %d bytes", few, lots)
	}
}
