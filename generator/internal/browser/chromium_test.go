package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// need skips a test, or fails it in CI, when a program is missing.
func need(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%v: this test must run in CI", err)
	}
	t.Skip(err)
}

var chromiumPath = sync.OnceValues(func() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if file, err := exec.LookPath(name); err == nil {
			return file, nil
		}
	}
	return "", errors.New("no Chromium: on Debian, apt install chromium fonts-noto-cjk")
})

// needChromium comes before what is built for a browser.
func needChromium(t *testing.T) (file string) {
	t.Helper()
	file, err := chromiumPath()
	need(t, err)
	return file
}

// nodePackage is a file of an npm package of .ci.
func nodePackage(t *testing.T, parts ...string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join(append([]string{projectDir, ".ci", "node_modules"}, parts...)...))
	if err == nil {
		if _, missing := os.Stat(file); missing != nil {
			err = fmt.Errorf("no %s: run npm ci --prefix .ci", parts[0])
		}
	}
	need(t, err)
	return file
}

// flags make Chromium quiet, keep it off the network and give it a mouse (hover, fine
// pointer), which it does not see on a machine without a screen.
var flags = []chromedp.ExecAllocatorOption{
	chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.Headless,
	chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
	chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
	chromedp.Flag("disable-sync", true), chromedp.Flag("blink-settings", "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-dev-shm-usage", true),
}

var (
	startBrowser sync.Once
	browserCtx   context.Context
	browserErr   error
	stopBrowser  = func() {}
)

func TestMain(m *testing.M) {
	code := m.Run()
	stopBrowser()
	os.Exit(code)
}

// tab is a page of the one browser that all tests share, with an empty profile
// of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site *website
}

func newTab(t *testing.T) *tab {
	t.Helper()
	b := emptyTab(t)
	b.site = open(t)
	return b
}

// emptyTab is a tab without the site.
func emptyTab(t *testing.T) *tab {
	t.Helper()
	file := needChromium(t)
	startBrowser.Do(func() {
		allocator, cancel := chromedp.NewExecAllocator(context.Background(), append([]chromedp.ExecAllocatorOption{chromedp.ExecPath(file)}, flags...)...)
		ctx, done := chromedp.NewContext(allocator)
		stopBrowser = func() { done(); cancel() }
		browserCtx, browserErr = ctx, chromedp.Do(ctx)
	})
	if browserErr != nil {
		t.Fatalf("Chromium does not start: %v", browserErr)
	}
	ctx, cancel := chromedp.NewContext(browserCtx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return &tab{t: t, ctx: ctx}
}

// within runs work that talks to the browser, ending the test when it fails or
// hangs.
func within[T any](b *tab, work func(context.Context) (T, error)) T {
	b.t.Helper()
	// The first run of a tab makes it, and may have no deadline.
	if err := chromedp.Do(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	result, err := work(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

// run runs an action that reads or waits. When the page is left for another one in the
// middle of it, the next page is asked.
func run[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	return within(b, func(ctx context.Context) (T, error) {
		for {
			result, err := chromedp.Run(ctx, action)
			if !left(err) || ctx.Err() != nil {
				return result, err
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}

// act sends a click or keys. They may make the browser go to another page, and the
// answer to them is lost with the page that they were sent to.
func act(b *tab, action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	within(b, func(ctx context.Context) (chromedp.Void, error) {
		result, err := chromedp.Run(ctx, action)
		if left(err) {
			err = nil
		}
		return result, err
	})
}

// left reports whether a command failed because the browser went to another page while
// it ran: one process for each site makes the old page's target go away.
func left(err error) bool {
	e, ok := errors.AsType[*cdproto.Error](err)
	return ok && slices.Contains([]string{
		"Inspected target navigated or closed",
		"Execution context was destroyed.",
		"Cannot find context with specified id",
	}, e.Message)
}

// call sends a command of the DevTools protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	return within(b, func(ctx context.Context) (R, error) { return chromedp.Call(ctx, command, params) })
}

// eval runs an expression in the page, waiting for a promise.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	return run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// goTo opens a path of the site and waits until it is loaded.
func (b *tab) goTo(path string) {
	b.t.Helper()
	run(b, chromedp.Navigate(b.site.base+path))
}

// size sets the window, in CSS pixels; below 500 it is a phone's.
func (b *tab) size(width, height int64) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500})
}

// media emulates media features such as prefers-color-scheme=dark, and no others.
func (b *tab) media(features ...string) {
	b.t.Helper()
	var list []*emulation.MediaFeature
	for _, name := range []string{"prefers-color-scheme", "forced-colors"} {
		f := &emulation.MediaFeature{Name: name}
		for _, v := range features {
			if n, value, _ := strings.Cut(v, "="); n == name {
				f.Value = value
			}
		}
		list = append(list, f)
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: list})
}

// scripts allows or forbids the page its scripts.
func (b *tab) scripts(on bool) {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}
