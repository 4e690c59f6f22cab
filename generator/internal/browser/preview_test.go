package browser

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

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
