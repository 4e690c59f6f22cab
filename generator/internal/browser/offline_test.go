package browser

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/offline"
	"minxi/generator/internal/pipeline"
)

// releases is a site on a host whose network can be cut, and whose releases change.
type releases struct {
	base    string // http://127.0.0.1:port/a/b
	headers []headerRule

	mu    sync.Mutex
	files map[string][]byte
	cut   bool   // connections are closed
	half  string // files that end so stop half-way
	hangs string // files that end so never come
	asked []string
}

func (r *releases) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func (r *releases) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	name := strings.TrimPrefix(req.URL.Path, "/a/b/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	data, has := r.files[name]
	cut, half := r.cut, r.half != "" && strings.HasSuffix(name, r.half)
	hangs := r.hangs != "" && strings.HasSuffix(name, r.hangs)
	r.asked = append(r.asked, name)
	r.mu.Unlock()
	switch {
	case cut:
		panic(http.ErrAbortHandler)
	case hangs:
		<-req.Context().Done()
		return
	case !has:
		http.NotFound(w, req)
		return
	}
	for _, rule := range r.headers {
		if strings.HasPrefix("/"+name, strings.TrimSuffix(rule.For, "*")) {
			for k, v := range rule.Values {
				w.Header().Set(k, v)
			}
		}
	}
	w.Header().Set("Cache-Control", "no-cache") // the browser's own cache is not what is tested
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	if half {
		_, _ = w.Write(data[:len(data)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(data)
}

// project is a copy of the project with changes: what each file has, and what it is to
// have.
func project(t *testing.T, changes map[string][2]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := copyProject(dir); err != nil {
		t.Fatal(err)
	}
	for name, c := range changes {
		file := filepath.Join(dir, filepath.FromSlash(name))
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), c[0]) {
			t.Fatalf("%s does not have %q: %v", name, c[0], err)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), c[0], c[1], 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestServiceWorker keeps a release in the browser and cuts the network: every page is
// there, of one release and no other, whatever happens while the next one arrives; and a
// site that wants to be kept no more is forgotten.
func TestServiceWorker(t *testing.T) {
	needChromium(t)
	headers, err := readHeaders(filepath.Join(projectDir, "netlify.toml"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := &releases{base: "http://" + listener.Addr().String() + "/a/b", headers: headers}
	server := &http.Server{Handler: host}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	base, err := pipeline.ParseBase(host.base + "/")
	if err != nil {
		t.Fatal(err)
	}
	store := cache.Store{Dir: t.TempDir()}
	build := func(changes map[string][2]string) map[string][]byte {
		var out pipeline.Memory
		if _, err := pipeline.Build(context.Background(), pipeline.Options{Dir: project(t, changes), Base: base, NoCheck: true, Cache: store, Version: "test"}, &out); err != nil {
			t.Fatal(err)
		}
		return out.Files()
	}
	const before, after = "Disseminate the soil erosion control experience", "Spread the soil erosion control experience"
	on := [2]string{"  # offline = true", "  offline = true"}
	edit := [2]string{before, after}
	restyle := [2]string{"--red: #8c1a1a;", "--red: #8c1a1b;"}
	first := build(map[string][2]string{"hugo.toml": on})
	second := build(map[string][2]string{"hugo.toml": on, "content/plan/c3/s3.en.md": edit, "themes/minxi/assets/css/1-base.css": restyle})
	third := build(map[string][2]string{"hugo.toml": {"  # offline = true", "  offline = false"}})

	weight := 0
	for name, data := range first {
		if strings.HasSuffix(name, ".pack") || name == "sw.js" || strings.HasPrefix(name, "assets/offline.") {
			t.Logf("%-40s %7d", name, len(data))
			if weight += len(data); !strings.HasSuffix(name, ".pack") && len(data) > 5000 {
				t.Errorf("%s has %d bytes", name, len(data))
			}
		}
	}
	if weight > offline.MostPacked+5000 {
		t.Errorf("what a browser fetches to keep the site has %d bytes", weight)
	}

	host.set(func() { host.files = first })
	b := emptyTab(t)
	b.site = &website{base: host.base}
	b.goTo("/zh/")
	eval[bool](b, `navigator.serviceWorker.ready.then(() => true)`)
	is := func(path, has, lacks, note string) {
		t.Helper()
		b.goTo(path)
		text := eval[string](b, `document.body.innerText`)
		if !strings.Contains(text, has) || lacks != "" && strings.Contains(text, lacks) {
			t.Errorf("%s does not say %q, or says %q:\n%.300s", path, has, lacks, text)
		}
		if got := eval[string](b, `document.querySelector("main > .notice[role=status]")?.innerText ?? ""`); (note == "") != (got == "") || !strings.Contains(got, note) {
			t.Errorf("%s says of itself %q, not %q", path, got, note)
		}
		if styles := eval[int](b, `[...document.styleSheets].filter(s => s.cssRules.length).length`); styles == 0 {
			t.Errorf("%s has no style", path)
		}
	}
	const kept, keptZH = "kept on this device", "整站副本"
	is("/en/m/s3-2/", before, after, "") // from the network, which says nothing of itself

	host.set(func() { host.cut = true })
	for path, has := range map[string]string{
		"/en/m/s3-2/": before, "/en/plan/": before, "/en/plan/s3/": before, "/en/plan/c3/": before, "/en/topics/ecology/": before, "/en/places/ninghua/": before,
	} {
		is(path, has, after, kept)
	}
	is("/zh/m/s3-2/", "推广龙岩长汀水土流失治理经验", "", keptZH)
	is("/zh/", "2035", "", keptZH)
	is("/zh/places/longyan/?x=1#own", "龙岩", "", keptZH)
	is("/zh/search/?q=水土流失", "推广龙岩长汀", "", keptZH)
	if got := eval[string](b, `document.querySelector("[data-unit]")?.dataset.unit ?? ""`); got != "s3-2" {
		t.Errorf("the search finds %q", got)
	}
	// What is not kept leads to what is nearest.
	for path, want := range map[string]string{
		"/zh/topics/ecology/changting/": "/zh/topics/ecology/", "/en/plan/s3/parallel/": "/en/plan/#s3", "/zh/places/changting/parallel/": "/zh/places/changting/",
	} {
		b.goTo(path)
		if at := eval[string](b, `location.href`); at != host.base+want {
			t.Errorf("%s leads to %s, not %s", path, at, want)
		}
	}
	b.goTo("/zh/nothing/")
	if text := eval[string](b, `document.body.innerText`); !strings.Contains(text, "没有这一页") {
		t.Errorf("a page that is not kept says %q", text)
	}

	// A new release arrives half-way: everything stays with the one before.
	update := func() string {
		return eval[string](b, `navigator.serviceWorker.getRegistration().then(async (r) => {
			await r.update().catch(() => {});
			const w = r.installing;
			if (w) await new Promise((done) => { w.onstatechange = () => w.state !== "installing" && done(); setTimeout(done, 10000); });
			return r.waiting ? "waiting" : r.active ? "active" : "";
		})`)
	}
	releasesKept := func() int { return eval[int](b, `caches.keys().then(k => k.length)`) }
	host.set(func() { host.cut, host.files, host.half = false, second, ".pack" })
	is("/en/m/s3-2/", after, before, "")
	if state := update(); state != "active" || releasesKept() != 1 {
		t.Errorf("after half of a release: %s, %d are kept", state, releasesKept())
	}
	host.set(func() { host.cut = true })
	is("/en/m/s3-2/", before, after, kept)
	is("/en/plan/s3/", before, after, kept)

	// It arrives as a whole, and waits until nobody has a page of the one before open.
	host.set(func() { host.cut, host.half = false, "" })
	is("/en/plan/s3/", after, before, "")
	if state := update(); state != "waiting" || releasesKept() != 2 {
		t.Errorf("after a release: %s, %d are kept", state, releasesKept())
	}
	host.set(func() { host.cut = true })
	is("/en/plan/s3/", before, after, kept)
	is("/en/m/s3-2/", before, after, kept)
	host.set(func() { host.cut = false })
	run(b, chromedp.Navigate("about:blank"))
	time.Sleep(time.Second)
	b.goTo("/en/about/")
	eval[bool](b, `navigator.serviceWorker.getRegistration().then(async (r) => { for (let i = 0; r.waiting && i < 50; i++) await new Promise((d) => setTimeout(d, 100)); return !r.waiting; })`)
	host.set(func() { host.cut = true })
	is("/en/m/s3-2/", after, before, kept)
	is("/en/plan/s3/", after, before, kept)
	if n := releasesKept(); n != 1 {
		t.Errorf("%d releases are kept", n)
	}

	// A network that does not answer is none.
	host.set(func() { host.cut, host.hangs = false, "s3-2/index.html" })
	is("/en/m/s3-2/", after, before, kept)

	// The operator wants it no more.
	host.set(func() { host.hangs, host.files = "", third })
	b.goTo("/zh/about/")
	if gone := eval[bool](b, `navigator.serviceWorker.getRegistration().then(async (r) => {
		await r.update().catch(() => {});
		for (let i = 0; i < 100 && await navigator.serviceWorker.getRegistration(); i++) await new Promise((d) => setTimeout(d, 100));
		return !await navigator.serviceWorker.getRegistration() && !(await caches.keys()).length;
	})`); !gone {
		t.Error("the site is not forgotten")
	}
}

// TestZipInBrowser opens a site from a zip on a disk, of a build for a host, and reads:
// nothing goes to the network, pages lead to each other, and the search works.
func TestZipInBrowser(t *testing.T) {
	needChromium(t)
	dir := t.TempDir()
	base, err := pipeline.ParseBase("https://minxi.invalid/a/")
	if err != nil {
		t.Fatal(err)
	}
	o := pipeline.Options{Dir: project(t, nil), Base: base, NoCheck: true}
	folder, err := pipeline.NewFolder(filepath.Join(dir, "public"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := pipeline.Renew(context.Background(), o, folder)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "离线 版.zip") // as people call it
	if _, err := pipeline.WriteZip(o, res, filepath.Join(dir, "public"), file); err != nil {
		t.Fatal(err)
	}
	extract(t, file, dir)
	b := emptyTab(t)
	b.site = &website{base: "file://" + filepath.Join(dir, "离线 版")}
	b.goTo("/index.html")
	waitFor(b, "the start leads to Chinese", `document.readyState === "complete" && location.pathname.endsWith("/zh/index.html")`)
	for _, step := range []struct{ selector, at, has string }{
		{`a[href="plan/index.html"]`, "/zh/plan/index.html", "推广龙岩长汀水土流失治理经验"},
		{`a[href*="m/s3-2/index.html"]`, "/zh/m/s3-2/index.html", "推广龙岩长汀水土流失治理经验"},
		{`a[hreflang="en"]`, "/en/m/s3-2/index.html", "Disseminate the soil erosion"},
		{`a[href*="places/changting/index.html"]`, "/en/places/changting/index.html", "Changting"},
	} {
		act(b, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void document.querySelector(%q).click()`, step.selector)))
		at := eval[string](b, fmt.Sprintf(`(async () => { for (let i = 0; i < 100 && !(decodeURI(location.href).endsWith(%q) && document.readyState === "complete"); i++) await new Promise((d) => setTimeout(d, 50)); return decodeURI(location.href); })()`, step.at))
		text := eval[string](b, `document.body.innerText`)
		if !strings.HasSuffix(at, step.at) || !strings.Contains(text, step.has) {
			t.Fatalf("%s leads to %s:\n%.200s", step.selector, at, text)
		}
		if eval[int](b, `[...document.styleSheets].length`) == 0 {
			t.Errorf("%s has no style", at)
		}
	}
	b.goTo("/zh/search/index.html?q=水土流失")
	if got := eval[string](b, `(async () => { for (let i = 0; i < 100 && !document.querySelector("[data-unit]"); i++) await new Promise((d) => setTimeout(d, 50)); const a = document.querySelector("[data-unit]"); return a.dataset.unit + " " + a.querySelector("a").getAttribute("href"); })()`); got != "s3-2 ../m/s3-2/index.html" {
		t.Errorf("the search finds %q", got)
	}
	if foreign := eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith("file:"))`); len(foreign) > 0 {
		t.Errorf("pages on a disk ask the network for %q", foreign)
	}
}

// extract unpacks a zip.
func extract(t *testing.T, file, dir string) {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, ".png") {
			continue // pictures for other sites
		}
		to := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err == nil {
			err = os.WriteFile(to, data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
