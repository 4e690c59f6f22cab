package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTulou uses the drawing of the plan as an instrument where there is room, and
// wants an emblem where there is none.
func TestTulou(t *testing.T) {
	b := newTab(t)
	roles := func(role string) (n int) {
		house := call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: `document.querySelector(".tulou")`}).Result
		for _, node := range call(b, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: house.ObjectID, Role: role}).Nodes {
			if !node.Ignored {
				n++
			}
		}
		return n
	}
	call(b, accessibility.Enable, cdp.Empty{})

	b.size(1023, 800)
	b.goTo("/zh/")
	if wide := eval[float64](b, `document.querySelector(".tulou").checkVisibility() ? document.querySelector(".tulou svg").getBoundingClientRect().width : 0`); wide == 0 || wide > 120 {
		t.Errorf("the emblem is %.0f px wide", wide)
	}
	for _, role := range []string{"link", "group", "image", "figure", "radio", "combobox"} {
		if n := roles(role); n > 0 {
			t.Errorf("the emblem has %d elements of the role %s", n, role)
		}
	}

	b.size(1024, 800)
	b.goTo("/zh/")
	if n := roles("link"); n < 118+9+22 {
		t.Errorf("the instrument has %d links", n)
	}
	for _, fault := range eval[[]string](b, `(() => {
		const found = [], house = document.querySelector(".tulou svg");
		const wall = house.querySelector(".wall").getBoundingClientRect().width / 394 * 412;
		if (wall < 640) found.push("the house is " + wall + " px wide");
		const scale = house.getBoundingClientRect().width / house.viewBox.baseVal.width;
		for (const text of house.querySelectorAll("text")) {
			const size = parseFloat(getComputedStyle(text).fontSize) * scale;
			if (size < 13) found.push(text.textContent + " is set in " + size + " px");
		}
		const names = [...house.querySelectorAll(".name")].map((a) => a.querySelector("text").textContent);
		if (names.length !== 9 || names.some((n) => !/^\S\s\S{4}/.test(n))) found.push("the chapters are named " + names);
		const stops = [...house.querySelectorAll("a")].filter((a) => a.tabIndex >= 0).length;
		if (stops !== 10) found.push(stops + " stops, not the preamble and nine chapters");
		return found;
	})()`) {
		t.Error(fault)
	}

	// Arrow keys lead from a chapter to its sentences; the courtyard says each.
	at := func() string {
		return eval[string](b, `document.activeElement.dataset.title ?? document.activeElement.getAttribute("aria-label") ?? ""`)
	}
	yard := func() string {
		return eval[string](b, `document.querySelector(".courtyard").innerText.replaceAll("\n", " ")`)
	}
	before := yard()
	eval[chromedp.Void](b, `document.querySelectorAll(".tulou .name")[2].focus()`)
	if got := yard(); !strings.Contains(got, "第三章") {
		t.Errorf("at a chapter the courtyard says %q", got)
	}
	for range 2 {
		act(b, chromedp.KeyEvent(kb.ArrowRight))
	}
	if got := at(); !strings.HasPrefix(got, "3-2 ") {
		t.Errorf("two arrows lead to %q", got)
	}
	if got := yard(); !strings.HasPrefix(got, "3-2 ") || !strings.Contains(got, "生态文明、龙岩、长汀、宁化") {
		t.Errorf("at 3-2 the courtyard says %q", got)
	}
	act(b, chromedp.KeyEvent(kb.Tab))
	if got := at(); !strings.Contains(got, "第四章") {
		t.Errorf("from a cell the tab key leads to %q", got)
	}
	act(b, chromedp.KeyEvent(kb.End))
	if got := at(); !strings.HasPrefix(got, "9-") {
		t.Errorf("the end of the fourth chapter is %q", got)
	}
	act(b, chromedp.KeyEvent(kb.Escape))
	if got := at(); !strings.Contains(got, "第四章") {
		t.Errorf("Escape leads to %q", got)
	}
	eval[chromedp.Void](b, `document.activeElement.blur()`)
	if got := yard(); got != before {
		t.Errorf("the courtyard says %q, and said %q", got, before)
	}

	// Choosing lights cells, without script too; arrows pass over the others.
	lit := func(b *tab) int {
		return eval[int](b, `[...document.querySelectorAll(".cells a")].filter((a) => getComputedStyle(a).fillOpacity > .5).length`)
	}
	eval[chromedp.Void](b, `document.querySelector(".tulou [value=transport]").click()`)
	if n := lit(b); n != 7 {
		t.Errorf("%d cells are lit for transport", n)
	}
	eval[chromedp.Void](b, `document.querySelectorAll(".tulou .name")[4].focus()`)
	act(b, chromedp.KeyEvent(kb.ArrowRight))
	if got := at(); !strings.HasPrefix(got, "10-2 ") {
		t.Errorf("with transport lit an arrow leads to %q", got)
	}
	plain := newTab(t)
	plain.scripts(false)
	plain.size(1280, 900)
	plain.goTo("/zh/")
	eval[chromedp.Void](plain, `document.querySelector(".tulou [value=red-heritage]").click()`)
	if n := lit(plain); n != 13 {
		t.Errorf("without script %d cells are lit for red heritage", n)
	}
	eval[chromedp.Void](plain, `document.querySelector('.tulou [value=""]').checked = true, document.querySelector(".tulou select").value = "p-changting"`)
	if n := lit(plain); n == 0 || n > 10 {
		t.Errorf("without script %d cells are lit for Changting", n)
	}
	if title := eval[string](plain, `document.querySelectorAll(".cells a title").length + ""`); title != "117" {
		t.Errorf("without script %s cells have a title", title)
	}
}
