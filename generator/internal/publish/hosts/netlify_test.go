package hosts

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestNetlify(t *testing.T) {
	hosttest.Contract(t, netlifyBench)
}

var netlifyBench = hosttest.Bench{Refuses: func(name string) bool { return strings.ContainsAny(name, "#?") }, Fresh: func(t testing.TB) hosttest.Place {
	f, s := newFakeSite(t)
	return f.place(s)
}}

// netlifySiteWith makes a site with files, and opens it.
func netlifySiteWith(t *testing.T, files map[string]string) (*fakeNetlify, *fakeSite, *hosttest.Edit) {
	t.Helper()
	f, s := newFakeSite(t)
	d := &fakeDeploy{id: "first" + s.id, site: s, files: map[string]string{}, state: "ready"}
	for name, text := range files {
		sum := sha1.Sum([]byte(text))
		digest := hex.EncodeToString(sum[:])
		d.files["/"+name] = digest
		s.blobs[digest] = []byte(text)
	}
	f.change(func() { f.deploys[d.id], s.published = d, d })
	return f, s, editOf(t, f.place(s))
}

// TestNetlifySendsOnlyWhatIsNew also counts the requests of a publish.
func TestNetlifySendsOnlyWhatIsNew(t *testing.T) {
	old := map[string]string{}
	for i := range 250 {
		old[fmt.Sprintf("zh/m/s%d/index.html", i)] = fmt.Sprint("page ", i)
	}
	f, s, h := netlifySiteWith(t, old)
	stage(t, h, "zh/m/s7/index.html", "another page")
	stage(t, h, "zh/m/s8/index.html", "page 8")
	stage(t, h, "zh/twin.html", "another page")
	ctx := context.Background()
	if err := h.Copy(ctx, "zh/m/s9/index.html", publish.File{Path: "_releases/objects/ab/cd", Size: 6}); err != nil {
		t.Fatal(err)
	}
	if err := h.Delete(ctx, "zh/m/s10/index.html"); err != nil {
		t.Fatal(err)
	}
	settle(t, h)
	f.change(func() {
		if n := s.asked["PUT /deploys/{deploy_id}/files/{path}"]; n != 1 {
			t.Errorf("%d files were sent, want 1", n)
		}
		if n := s.asked["GET /sites/{site_id}/files"]; n != 3 {
			t.Errorf("the list of files took %d requests, want 3 pages", n)
		}
		if n := s.asked["POST /sites/{site_id}/deploys"]; n != 1 {
			t.Errorf("%d deploys were made", n)
		}
		if n := len(s.published.files); n != 251 {
			t.Errorf("the site has %d files, want 251", n)
		}
	})
	reads(t, f.place(s), "zh/twin.html", "another page")
	reads(t, f.place(s), "_releases/objects/ab/cd", "page 9")
	reads(t, f.place(s), "zh/m/s249/index.html", "page 249")
	if _, _, err := f.place(s).Read("zh/m/s10/index.html"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a deleted page: %v", err)
	}
	// Nothing has changed, so nothing is asked for.
	f.change(func() { clear(s.asked) })
	stage(t, h, "zh/twin.html", "another page")
	settle(t, h)
	f.change(func() {
		if s.asked["POST /sites/{site_id}/deploys"] != 0 {
			t.Errorf("nothing new was deployed: %v", s.asked)
		}
	})
}

// TestNetlifyConventions: what a site's rules say reaches Netlify as files.
func TestNetlifyConventions(t *testing.T) {
	rules := publish.Rules{Redirects: []publish.Redirect{{From: "/a", To: "/b", Status: 301}}}
	f, s, h := netlifySiteWith(t, nil)
	for name, data := range rules.Files(h.Traits().Conventions) {
		stage(t, h, name, string(data))
	}
	settle(t, h)
	reads(t, f.place(s), "_redirects", rules.RedirectsFile(publish.Netlify))
}

// TestNetlifyLongLists: a list that ends at the end of a page, without a link to
// the next, may not be all.
func TestNetlifyLongLists(t *testing.T) {
	for _, n := range []int{99, 100, 101, 200, 350} {
		for _, linkless := range []bool{false, true} {
			old := map[string]string{}
			for i := range n {
				old[fmt.Sprintf("f/%03d.txt", i)] = fmt.Sprint(i)
			}
			f, s, h := netlifySiteWith(t, old)
			f.change(func() { s.linkless = linkless })
			names, err := h.List(context.Background(), "f")
			if err != nil || len(names) != n {
				t.Errorf("of %d files (linkless %v), %d are seen: %v", n, linkless, len(names), err)
			}
		}
	}
}

// TestNetlifyOneFile: one file is read without the list of all.
func TestNetlifyOneFile(t *testing.T) {
	f, s, h := netlifySiteWith(t, map[string]string{"_releases/manifest.jsonl": "{}\n", "empty": ""})
	for name, want := range map[string]string{"_releases/manifest.jsonl": "{}\n", "empty": ""} {
		holds(t, h, name, want)
	}
	if _, err := h.Text("_releases/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get of nothing: %v", err)
	}
	f.change(func() {
		if s.asked["GET /sites/{site_id}/files"] != 0 {
			t.Error("all files were listed")
		}
	})
}

// TestNetlifyTrouble has each request of a deployment fail in each way, and Settle
// called again. Readers have the old until they have the new, whole, and a draft
// is gone on with.
func TestNetlifyTrouble(t *testing.T) {
	ctx := context.Background()
	for _, how := range []string{"reset", "lost", "429", "500", "502 html"} {
		for at := int64(1); ; at++ {
			f, s, h := netlifySiteWith(t, map[string]string{"index.html": "old", "b.html": "old b"})
			var n atomic.Int64
			f.change(func() {
				s.trouble = func(*http.Request) string {
					if n.Add(1) == at {
						return how
					}
					return ""
				}
			})
			for i := range 8 {
				stage(t, h, fmt.Sprintf("%d.html", i), fmt.Sprint("new ", i))
			}
			stage(t, h, "index.html", "new")
			err := h.Settle(ctx)
			if n.Load() < at {
				if at < 15 {
					t.Errorf("a deployment is only %d requests", n.Load())
				}
				break
			}
			if how == "429" && err != nil {
				t.Errorf("request %d: %v; a limit of requests is to be waited for", at, err)
			}
			if err != nil && publish.IsFinal(err) {
				t.Errorf("request %d, %s: %v is final", at, how, err)
			}
			if err != nil && strings.Contains(err.Error(), fakeToken) {
				t.Errorf("request %d, %s: the error has the token: %v", at, how, err)
			}
			if err != nil {
				data, _, err := f.place(s).Read("index.html")
				whole, _, _ := f.place(s).Read("7.html")
				if err != nil || string(data) == "new" && string(whole) != "new 7" {
					t.Errorf("request %d, %s: a reader has %q and %q", at, how, data, whole)
				}
				if err := h.Settle(ctx); err != nil {
					t.Errorf("request %d, %s: Settle again: %v", at, how, err)
				}
			}
			reads(t, f.place(s), "index.html", "new")
			reads(t, f.place(s), "7.html", "new 7")
			reads(t, f.place(s), "b.html", "old b")
			f.change(func() {
				made := -1 // the first is not ours
				for _, d := range f.deploys {
					if d.site == s {
						made++
					}
				}
				if made != 1 && how != "lost" || made > 2 {
					t.Errorf("request %d, %s: %d deploys were made", at, how, made)
				}
			})
			if t.Failed() {
				return
			}
		}
	}
}

// TestNetlifyTwoPublishers: who comes second to publish is told, and changes
// nothing.
func TestNetlifyTwoPublishers(t *testing.T) {
	ctx := context.Background()
	f, s, one := netlifySiteWith(t, map[string]string{"index.html": "old"})
	two := editOf(t, f.place(s))

	_, unlock, err := one.Lock(ctx, "Li Hua")
	must(err)
	var busy *publish.BusyError
	if _, _, err := two.Lock(ctx, "Wang"); !errors.As(err, &busy) || busy.Holder != "Li Hua" {
		t.Errorf("a second lock: %v", err)
	}
	must(unlock())

	// Two on different machines, where no lock is seen.
	holds(t, one, "index.html", "old")
	show(t, two, "index.html", "of two")
	stage(t, one, "index.html", "of one")
	if err := one.Settle(ctx); !errors.As(err, &busy) {
		t.Errorf("the second to deploy: %v", err)
	}
	reads(t, f.place(s), "index.html", "of two")

	// Somebody publishes in the moment between the comparison and the switch, and
	// somebody right after it.
	for when, step := range map[string]string{"before": "POST /sites/{site_id}/deploys/{deploy_id}/restore", "after": "GET /sites/{site_id}"} {
		f, s, h := netlifySiteWith(t, map[string]string{"index.html": "old"})
		other := &fakeDeploy{id: "other" + s.id, site: s, files: s.published.files, state: "ready"}
		stage(t, h, "index.html", "of h")
		switched := false
		f.change(func() {
			s.trouble = func(r *http.Request) string {
				restored := s.asked["POST /sites/{site_id}/deploys/{deploy_id}/restore"] > 0
				if restored && !switched && (step[:3] == "GET") == (r.Method == "GET") {
					switched, s.published = true, other
				}
				return ""
			}
		})
		err := h.Settle(ctx)
		if when == "after" && !errors.As(err, &busy) {
			t.Errorf("another publishes right after: %v", err)
		}
		if when == "before" && err != nil {
			t.Errorf("another publishes right before: %v", err)
		}
	}
}

// TestNetlifyLosesBytes: bytes that Netlify had and asks for again are fetched
// from where it serves them.
func TestNetlifyLosesBytes(t *testing.T) {
	f, s, h := netlifySiteWith(t, map[string]string{"a.html": "kept", "b.html": "other"})
	ctx := context.Background()
	stage(t, h, "c.html", "new")
	if _, err := h.List(ctx, "."); err != nil {
		t.Fatal(err)
	}
	f.change(func() { s.blobs, s.served = map[string][]byte{}, s.blobs })
	settle(t, h)
	reads(t, f.place(s), "a.html", "kept")
	reads(t, f.place(s), "c.html", "new")
}

func TestNetlifyRefusals(t *testing.T) {
	ctx := context.Background()
	f, s, h := netlifySiteWith(t, map[string]string{"index.html": "old"})
	options := f.options(s)
	turnsAway(t, "netlify", with(options, "token", "nfp_wrong-geheim"), true, "401 Access Denied")
	turnsAway(t, "netlify", with(options, "site", "no-such-site"), true, "netlify has no site no-such-site")
	turnsAway(t, "netlify", with(options, "api", fmt.Sprintf("http://127.0.0.1:%d/api/v1", hosttest.Port(t))), false, "connection refused")
	secure := httptest.NewUnstartedServer(f)
	secure.Config.ErrorLog = quietLog
	secure.StartTLS()
	defer secure.Close()
	turnsAway(t, "netlify", with(options, "api", secure.URL+"/api/v1"), true, "certificate")

	f.change(func() { s.trouble = func(*http.Request) string { return "401" } })
	turnsAway(t, "netlify", options, true, "…")
	f.change(func() { s.trouble = nil })

	for _, name := range []string{"a#b.html", "a?b.html", "a\xff.html"} {
		wants(t, publish.Final(h.Traits().Limits.Takes(name)), true, "takes no names")
	}

	// A deploy that Netlify cannot make, and a second try.
	stage(t, h, "index.html", "new")
	f.change(func() {
		s.trouble = func(r *http.Request) string {
			for _, d := range f.deploys {
				if d.site == s && d.state == "processing" {
					d.message = "Invalid _redirects\nin line 3"
				}
			}
			return ""
		}
	})
	wants(t, h.Settle(ctx), false, "netlify could not make the deploy: Invalid _redirects in line 3")
	f.change(func() { s.trouble = nil })
	reads(t, f.place(s), "index.html", "old")
	settle(t, h)
	reads(t, f.place(s), "index.html", "new")
}

// TestNetlifyStops: neither a server that says nothing nor one that never gets
// ready holds us for ever, and an end of the context ends all.
func TestNetlifyStops(t *testing.T) {
	f, s, h := netlifySiteWith(t, map[string]string{"index.html": "old"})
	stage(t, h, "index.html", "new")
	for _, method := range []string{"GET", "PUT", "POST"} {
		stalled := make(chan struct{}, 100)
		f.change(func() {
			s.trouble = func(r *http.Request) string {
				if r.Method != method {
					return ""
				}
				stalled <- struct{}{}
				return "stall"
			}
		})
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			<-stalled
			cancel()
		}()
		if err := h.Settle(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", method, err)
		}
	}

	stage(t, h, "index.html", "newer")
	f.change(func() {
		s.trouble = func(r *http.Request) string {
			for _, d := range f.deploys {
				if d.site == s && d.state == "processing" {
					d.polls = 10
				}
			}
			return ""
		}
	})
	impatient := editBy(t, "netlify", f.options(s), Network{Poll: 4 * time.Millisecond, Finish: 20 * time.Millisecond})
	stage(t, impatient, "index.html", "newest")
	wants(t, impatient.Settle(t.Context()), false, `its state has been "processing"`)
	impatient = editBy(t, "netlify", f.options(s), Network{Quiet: 20 * time.Millisecond})
	stage(t, impatient, "index.html", "newest")
	f.change(func() { s.trouble = func(*http.Request) string { return "stall" } })
	if err := impatient.Settle(context.Background()); err == nil || publish.IsFinal(err) || publish.ReasonOf(err) != publish.Silent {
		t.Errorf("a server that says nothing: %v", err)
	}
	f.change(func() { s.trouble = nil })
	settle(t, h)
	reads(t, f.place(s), "index.html", "newer")
}

func TestRetryAfter(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, c := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second},
		{"Retry-After", now.Add(9 * time.Second).UTC().Format(http.TimeFormat), 9 * time.Second},
		{"X-RateLimit-Reset", "1800000030", 30 * time.Second},
		{"X-RateLimit-Reset", "1700000000", 0},
		{"X-RateLimit-Reset", "1900000000", longestWait},
		{"X-Other", "1", -1},
	} {
		h := http.Header{}
		h.Set(c.name, c.value)
		if got, told := retryAfter(h, now); told != (c.want >= 0) || told && got != c.want {
			t.Errorf("%s: %s: %v (%v), want %v", c.name, c.value, got, told, c.want)
		}
	}
}

// TestNetlifyIsHeldToTheDescription: the check against the description finds what
// is wrong.
func TestNetlifyIsHeldToTheDescription(t *testing.T) {
	f, s := newFakeSite(t)
	request := func(method, path, kind, body string) *http.Request {
		r := must2(http.NewRequest(method, "http://"+f.address+"/api/v1/sites/"+s.id+path, strings.NewReader(body)))
		r.Header.Set("Content-Type", kind)
		return r
	}
	for what, r := range map[string]*http.Request{
		"no such operation":    request("GET", "/filez", "", ""),
		"no such method":       request("DELETE", "/files", "", ""),
		"an unknown query":     request("GET", "/files?pages=2", "", ""),
		"a query of a type":    request("GET", "/files?page=two", "", ""),
		"an unknown field":     request("POST", "/deploys", "application/json", `{"filez":{}}`),
		"a field of a type":    request("POST", "/deploys", "application/json", `{"files":[]}`),
		"a body of a type":     request("POST", "/deploys", "text/plain", `{"files":{}}`),
		"a body where is none": request("GET", "/files", "application/json", `{}`),
	} {
		res := must2(http.DefaultClient.Do(r))
		res.Body.Close()
		f.change(func() {
			if len(f.wrong) != 1 || res.StatusCode != 400 {
				t.Errorf("%s: %s, found %q", what, res.Status, f.wrong)
			}
			f.wrong = nil
		})
	}
	o, _ := f.api.request(request("GET", "/files", "", ""), nil)
	for _, answer := range []string{`{}`, `[{"path":1}]`, `[{"sha1":"x"}]`, `[{"size":1.5}]`} {
		if o.response(200, answer) == nil {
			t.Errorf("the answer %s passes", answer)
		}
	}
}
