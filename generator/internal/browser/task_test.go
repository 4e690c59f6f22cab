package browser

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// What readers came to do, on a phone of 360×740: each task with its taps and how far
// they scroll, as figures that are logged and bounds that hold.

const phoneWidth, phoneHeight = 360, 740

// at is where an element begins and ends on the page, and its size, in CSS pixels.
type at struct{ Top, Bottom, Width, Height float64 }

const place = `(e => { const r = e.getBoundingClientRect(); return {top: r.top + scrollY, bottom: r.bottom + scrollY, width: r.width, height: r.height}; })`

// screens is how many screens of the phone reach down to a place.
func screens(y float64) float64 { return y / phoneHeight }

// tap follows a link and waits for the page.
func (b *tab) tap(selector string) {
	b.t.Helper()
	was := eval[string](b, `location.pathname`)
	act(b, chromedp.Click(chromedp.CSS(selector)))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if now := eval[string](b, `document.readyState == "complete" ? location.pathname : ""`); now != "" && now != was {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s leads nowhere", selector)
		}
	}
}

// tapping is a reader with a task on a phone of that size: how often it is
// tapped, and how many screens are gone through to what is tapped or read.
type tapping struct {
	*tab
	taps    int
	screens float64
}

func newTask(t *testing.T, path string) *tapping {
	b := newTab(t)
	b.size(phoneWidth, phoneHeight)
	b.goTo(path)
	return &tapping{tab: b}
}

// find marks the first element that is seen, matches a selector and says this ("" for
// anything), and counts the screens down to it.
func (task *tapping) find(selector, says string) {
	task.t.Helper()
	top := eval[float64](task.tab, fmt.Sprintf(`(() => {
		document.querySelectorAll("[data-tapped]").forEach((e) => e.removeAttribute("data-tapped"));
		const e = [...document.querySelectorAll(%q)].find((e) => e.checkVisibility() && (%q === "" || e.textContent.trim() === %q));
		e?.setAttribute("data-tapped", "");
		return e ? Math.max(0, e.getBoundingClientRect().bottom / innerHeight) : -1;
	})()`, selector, says, says))
	if top < 0 {
		task.t.Fatalf("%s: there is no %s %q", eval[string](task.tab, "location.pathname"), selector, says)
	}
	task.screens += max(1, top)
}

func (task *tapping) tap(selector, says string) {
	task.t.Helper()
	task.find(selector, says)
	task.taps++
	leads := eval[bool](task.tab, `document.querySelector("[data-tapped]").matches("a[href]")`)
	act(task.tab, chromedp.Click(chromedp.CSS("[data-tapped]")))
	if leads {
		run(task.tab, chromedp.WaitNotPresent(chromedp.CSS("[data-tapped]")))
		run(task.tab, chromedp.WaitReady(chromedp.CSS("footer")))
	}
}

func (task *tapping) within(what string, taps int, screens float64) {
	task.t.Helper()
	task.t.Logf("%s: %d taps, %.1f screens", what, task.taps, task.screens)
	if task.taps > taps || task.screens > screens {
		task.t.Errorf("%s: %d taps and %.1f screens, want %d and %.1f at most", what, task.taps, task.screens, taps, screens)
	}
}

// newPhone is a phone that is touched, before its first page.
func newPhone(t *testing.T) *tapping {
	b := newTab(t)
	b.size(phoneWidth, phoneHeight)
	b.touch(true)
	return &tapping{tab: b}
}

// press counts a tap on an element, whatever follows, and says on which screen of the
// page the element is.
func (task *tapping) press(selector string) (screen int) {
	task.t.Helper()
	task.taps++
	screen = eval[int](task.tab, fmt.Sprintf(`Math.ceil((document.querySelector(%q).getBoundingClientRect().bottom + scrollY) / innerHeight)`, selector))
	act(task.tab, chromedp.Click(chromedp.CSS(selector)))
	return screen
}
