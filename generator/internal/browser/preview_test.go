package browser

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/editor"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/preview"
)

// TestPreviewTabs opens more tabs of the preview than a browser opens connections to
// a server. Each loads and follows a save; one that is hidden follows when it is
// seen again, and does not keep the others from following.
func TestPreviewTabs(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "content", "x.md")
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	save := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save("one")
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &preview.Server{Dir: dir, Lang: plan.ZH, Build: func(_ context.Context, out pipeline.Output) (*pipeline.Result, error) {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		return &pipeline.Result{}, out.Write("zh/index.html", fmt.Appendf(nil, "<!doctype html><html><body><p>%s</p></body></html>", text))
	}}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := s.Serve(ctx, l); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })

	first := emptyTab(t)
	tabs := []*tab{first}
	if err := chromedp.Do(first.ctx); err != nil {
		t.Fatal(err)
	}
	for range 7 {
		ctx, cancel := chromedp.NewContext(first.ctx) // of the same profile: they share connections
		t.Cleanup(cancel)
		tabs = append(tabs, &tab{t: t, ctx: ctx})
	}
	shows := func(b *tab, text string) bool {
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if strings.Contains(eval[string](b, "document.body ? document.body.textContent : ''"), text) {
				return true
			}
		}
		return false
	}
	hide := func(b *tab, hidden bool) {
		eval[bool](b, fmt.Sprintf("Object.defineProperty(document, 'hidden', {configurable: true, value: %v}), document.dispatchEvent(new Event('visibilitychange'))", hidden))
	}
	for i, b := range tabs {
		run(b, chromedp.Navigate("http://"+l.Addr().String()+"/zh/"))
		hide(b, false) // whatever this browser holds of tabs in the background
		if !shows(b, "one") {
			t.Fatalf("tab %d does not load", i+1)
		}
	}
	save("two")
	for i, b := range tabs {
		if !shows(b, "two") {
			t.Errorf("tab %d does not follow", i+1)
		}
		hide(b, false)
	}
	hide(tabs[0], true) // the oldest, which has had the stream
	save("three")
	for i, b := range tabs[1:] {
		if !shows(b, "three") {
			t.Errorf("tab %d does not follow while the first is hidden", i+2)
		}
		hide(b, false)
	}
	if !strings.Contains(eval[string](tabs[0], "document.body.textContent"), "two") {
		t.Error("a hidden tab holds a stream")
	}
	hide(tabs[0], false)
	if !shows(tabs[0], "three") {
		t.Error("a tab that is seen again does not catch up")
	}
}

// realPreview serves a copy of the real project to the tests that look at the preview
// and the editor.
type realPreview struct {
	dir, base string
	server    *preview.Server
	addr      net.Addr

	mu    sync.Mutex
	built string // the contents that were built last, as contents has them
}

// contents is a digest of all that staff write.
func (p *realPreview) contents() (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(filepath.Join(p.dir, "content"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		data, err := os.ReadFile(name)
		fmt.Fprintf(h, "%s %d\n%s", name, len(data), data)
		return err
	})
	return string(h.Sum(nil)), err
}

var realProject = sync.OnceValues(func() (*realPreview, error) {
	dir, err := os.MkdirTemp("", "minxi-preview")
	if err != nil {
		return nil, err
	}
	if err := copyProject(dir); err != nil {
		return nil, err
	}
	// The content is the real one, in which nothing is to be mended, and an update.
	if err := addUpdate(filepath.Join(dir, "content")); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := pipeline.Options{Dir: dir, Drafts: true, Preview: true, Tolerant: true, Version: "test", Cache: cache.Store{Dir: filepath.Join(dir, ".cache")}}
	p := &realPreview{dir: dir, base: "http://" + l.Addr().String(), addr: l.Addr()}
	desk, err := edit.Open(dir, edit.Options{Who: "张三"})
	if err != nil {
		return nil, err
	}
	desktop := editor.New(editor.Options{Dir: dir, Lang: plan.ZH, Desk: desk, Publisher: &printer{}, Recorder: keeper})
	var read string // by the build in hand
	p.server = &preview.Server{Editor: desktop, Dir: dir, Lang: plan.ZH, Key: preview.NewKey(), Build: func(ctx context.Context, out pipeline.Output) (res *pipeline.Result, err error) {
		if read, err = p.contents(); err != nil {
			return nil, err
		}
		return pipeline.Build(ctx, o, out)
	}}
	headers, err := readHeaders(filepath.Join(projectDir, "netlify.toml"))
	if err != nil {
		return nil, err
	}
	for _, h := range headers {
		if v := h.Values["Content-Security-Policy"]; v != "" {
			p.server.Policy = v
		}
	}
	ready := make(chan struct{})
	p.server.Built = func(_ *pipeline.Result, found diag.List, _ time.Duration, first bool) {
		desktop.Built(found)
		p.mu.Lock()
		p.built = read
		p.mu.Unlock()
		if first {
			close(ready)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- p.server.Serve(ctx, l) }()
	stop := stopBrowser
	stopBrowser = func() {
		stop()
		cancel()
		<-stopped
		os.RemoveAll(dir)
	}
	select {
	case <-ready:
		return p, nil
	case err := <-stopped:
		return nil, err
	}
})

// openPreview is the preview at rest: what the test before has put back is built.
func openPreview(t *testing.T) *realPreview {
	t.Helper()
	needChromium(t)
	p, err := realProject()
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		now, err := p.contents()
		p.mu.Lock()
		rests := err == nil && now == p.built
		p.mu.Unlock()
		if rests {
			return p
		}
	}
	t.Fatal("the preview does not come to rest")
	return nil
}

// change edits a file of the project as an editor on the disk does.
func (p *realPreview) change(t *testing.T, name, old, new string) {
	t.Helper()
	file := filepath.Join(p.dir, filepath.FromSlash(name))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %q", name, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(data), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// restore puts a file back as it is now when the test ends.
func (p *realPreview) restore(t *testing.T, name string) {
	t.Helper()
	before := p.read(t, name)
	t.Cleanup(func() {
		if err := os.WriteFile(filepath.Join(p.dir, filepath.FromSlash(name)), []byte(before), 0o644); err != nil {
			t.Error(err)
		}
	})
}

// waitFor waits until an expression is true.
func waitFor(b *tab, what, expression string) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if eval[bool](b, "!!("+expression+")") {
			return
		}
	}
	b.t.Fatalf("%s: never; the page says\n%.2000s", what, eval[string](b, `document.body?.innerText ?? ""`))
}

// TestPreviewFollows saves a sentence of the real plan: the page shows it where one was
// reading. The time is told; on a busy machine it is no measure. A mistake stands over
// the page until it is mended, and the site's own policy is not broken by what the
// preview adds.
func TestPreviewFollows(t *testing.T) {
	p := openPreview(t)
	b := emptyTab(t)
	b.size(1280, 700)
	run(b, chromedp.Navigate(p.base+"/en/plan/s3/"))
	const file, panel = "content/plan/c3/s3.en.md", `document.getElementById("preview")?.shadowRoot.getElementById("findings")`
	waitFor(b, "the preview's script", `document.getElementById("preview")`)
	if found := eval[string](b, panel+".hidden ? '' : "+panel+".textContent"); found != "" {
		t.Fatalf("before anything was changed: %s", found)
	}
	eval[bool](b, `(scrollTo(0, 600), addEventListener("securitypolicyviolation", (e) => { document.title = "policy: " + e.blockedURI }), true)`)
	waitFor(b, "scrolled", "scrollY > 400")
	at := eval[float64](b, "scrollY")
	word := "Disseminate the"
	for n, next := range []string{"Popularize the", "Promote all the", "Disseminate all the", "Popularize all the", "Promote much of the", "Disseminate the"} {
		if n < 4 { // nothing else goes on; the others follow at once
			time.Sleep(time.Second)
		}
		start := time.Now()
		p.change(t, file, word, next)
		waitFor(b, "the change", fmt.Sprintf("document.body && document.body.textContent.includes(%q) && document.readyState === 'complete'", next))
		t.Logf("save %d: the page shows it after %d ms", n+1, time.Since(start).Milliseconds())
		word = next
	}
	waitFor(b, "the place", fmt.Sprintf("Math.abs(scrollY - %v) < 3", at))

	p.change(t, file, "Changting in Longyan", "Longyan")
	waitFor(b, "the finding", panel+` && `+panel+`.hidden === false`)
	text := eval[string](b, panel+".textContent")
	for _, want := range []string{file + ":", "s3-2", "长汀", "Longyan, and support"} {
		if !strings.Contains(text, want) {
			t.Errorf("the finding does not say %q: %s", want, text)
		}
	}
	picture(b, "preview-finding")
	p.change(t, file, "of Longyan", "of Changting in Longyan")
	waitFor(b, "mended", panel+".hidden === true && document.body.textContent.includes('of Changting in Longyan')")
	if title := eval[string](b, "document.title"); strings.HasPrefix(title, "policy") {
		t.Error(title)
	}
}

// TestPreviewViews looks at a page as on paper, on a phone, without style sheets and
// without scripts, and at a draft.
func TestPreviewViews(t *testing.T) {
	p := openPreview(t)
	b := emptyTab(t)
	b.size(1280, 900)
	doc := `document.querySelector("iframe").contentDocument`
	style := func(of, property string) string {
		return fmt.Sprintf(`document.querySelector("iframe").contentWindow.getComputedStyle(%s.querySelector(%q)).%s`, doc, of, property)
	}
	for _, v := range []struct{ as, want string }{
		{"phone", `document.querySelector("iframe").getBoundingClientRect().width === 360`},
		{"plain", style("body", "display") + ` === "block"`},
		{"noscript", doc + `.querySelector("h1") && ` + doc + `.getElementById("preview") === null`},
		{"print", style(".site-bar, .site-menu", "display") + ` === "none"`},
	} {
		run(b, chromedp.Navigate(p.base+"/__preview/view?as="+v.as+"&page=/zh/plan/s3/"))
		waitFor(b, v.as, `document.querySelector("iframe") && `+doc+` && `+doc+`.readyState === "complete" && `+doc+`.querySelector("h1") && (`+v.want+`)`)
		if bar := eval[string](b, `document.querySelector("header [aria-current]").href`); !strings.Contains(bar, "as="+v.as) {
			t.Errorf("%s: the bar shows %s", v.as, bar)
		}
		picture(b, "preview-"+v.as)
	}
	draft := filepath.Join(p.dir, "content", "updates", "2099-01-01-later.zh.md")
	if err := os.WriteFile(draft, []byte("---\ntitle: 以后的事\ndescription: 还没有发生。\ndate: 2099-01-01\nmeasures: [s3-2]\ndraft: true\n---\n\n正文。\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(draft)
	run(b, chromedp.Navigate(p.base+"/zh/updates/"))
	waitFor(b, "the mark in the list", `document.querySelector("[data-preview-mark]") && document.querySelector("[data-preview-mark]").textContent.includes("草稿") && document.querySelector("[data-preview-mark]").textContent.includes("2099-01-01")`)
	run(b, chromedp.Navigate(p.base+"/zh/updates/2099-01-01-later/"))
	waitFor(b, "the mark of the page", `document.getElementById("preview")?.shadowRoot.querySelector(".mark")`)
	picture(b, "preview-draft")
}

// picture keeps what the tab shows as an artefact.
func picture(b *tab, name string) {
	b.t.Helper()
	keep(b.t, name+".png", call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{}).Data)
}
