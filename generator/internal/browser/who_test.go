package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestWhoSupports does one of the tasks that the site is judged by, on a phone: from
// the home page to who supports opening up.
func TestWhoSupports(t *testing.T) {
	for lang, wants := range map[string][]string{
		"zh": {"福建省", "部际联席会议", "中央和国家机关有关部门要"},
		"en": {"Fujian Province", "inter-ministerial joint meeting", "central Party and state organs should"},
	} {
		task := newPhone(t)
		b := task.tab
		b.goTo("/" + lang + "/")
		onHome := task.press(`main a[href$="/opening-up/"], main a[href$="/opening-up/index.html"]`)
		run(b, chromedp.WaitReady(chromedp.CSS(`#support`)))
		onHub := task.press(`.hub a[href="#support"]`)
		eval[bool](b, `new Promise((done) => (function look() { scrollY > 0 ? done(true) : setTimeout(look, 20); })())`)
		onAnswer := 0
		for _, want := range wants {
			at := eval[float64](b, fmt.Sprintf(`(() => {
				const li = [...document.querySelectorAll("#support ~ ul li")].find((li) => li.innerText.includes(%q));
				return li ? li.getBoundingClientRect().bottom / innerHeight : -1;
			})()`, want))
			if at < 0 {
				t.Errorf("%s: who supports does not name %q: %s", lang, want, eval[string](b, `document.querySelector("#support").parentElement.innerText`))
			}
			onAnswer = max(onAnswer, int(at)+1)
		}
		t.Logf("%s: %d taps; screens gone through: %d + %d + %d", lang, task.taps, onHome, onHub, onAnswer)
		if task.taps > 2 || onHome > 3 || onHub > 1 || onAnswer > 2 {
			t.Errorf("%s: %d taps, screens %d, %d, %d", lang, task.taps, onHome, onHub, onAnswer)
		}
		if heading := eval[string](b, `document.elementFromPoint(innerWidth / 3, document.querySelector("#support").getBoundingClientRect().top + 8)?.closest("section")?.getAttribute("aria-labelledby") ?? ""`); heading != "support" {
			t.Errorf("%s: what stands there is %q", lang, heading)
		}
		// Each of them leads to its sentence, and is large enough to touch.
		for _, box := range eval[[]float64](b, `[...document.querySelectorAll(".who :is(dl, ul) a")].map((a) => a.getBoundingClientRect()).flatMap((r) => [r.width, r.height])`) {
			if box < 44 {
				t.Errorf("%s: a link is %.0f px", lang, box)
			}
		}
		if text := eval[string](b, `document.querySelector("#who").parentElement.innerText`); !strings.Contains(text, "13-1") {
			t.Errorf("%s: who acts: %q", lang, text)
		}
	}
}
