package browser

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"minxi/generator/internal/edit"
	"minxi/generator/internal/editor"
	"minxi/generator/internal/pipeline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/preview"
)

// another is the program of somebody else on the same folder, on a computer of its own.
func (p *realPreview) another(t *testing.T, who string) *realPreview {
	t.Helper()
	desk, err := edit.Open(p.dir, edit.Options{Who: who})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &realPreview{dir: p.dir, base: "http://" + l.Addr().String(), addr: l.Addr()}
	o.server = &preview.Server{Editor: editor.New(editor.Options{Dir: p.dir, Lang: plan.ZH, Desk: desk}), Dir: p.dir, Lang: plan.ZH, Key: preview.NewKey(),
		Build: func(_ context.Context, out pipeline.Output) (*pipeline.Result, error) { // a site of one page
			text, err := os.ReadFile(filepath.Join(p.dir, s3en))
			if err != nil {
				return nil, err
			}
			return &pipeline.Result{}, out.Write("zh/index.html", text)
		}}
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if err := o.server.Serve(ctx, l); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait(); desk.Close() })
	return o
}

// TestEditorTogether has two people with a browser and a program each on one folder: each
// sees where the other is, in words and in their own language, until the other leaves; what
// one saves the other sees.
func TestEditorTogether(t *testing.T) {
	p := openPreview(t)
	before := p.read(t, s3en)
	t.Cleanup(func() {
		if err := os.WriteFile(filepath.Join(p.dir, s3en), []byte(before), 0o644); err != nil {
			t.Error(err)
		}
	})
	q := p.another(t, "李四")
	zhang, li := emptyTab(t), emptyTab(t)
	zhang.size(1280, 900)
	li.size(1280, 900)
	others := `document.getElementById("others")?.textContent`
	again := `(document.dispatchEvent(new Event("visibilitychange")), true)` // as when one comes back to a tab

	p.enter(zhang, "/edit/s3-2/en")
	q.enter(li, "/edit/s4")
	waitFor(li, "张三 is seen", others+` === "张三 正在编辑第三节"`)
	eval[bool](zhang, again)
	waitFor(zhang, "李四 is seen", others+` === "李四 正在编辑第四节"`)
	q.enter(li, "/edit/s3")
	waitFor(li, "张三 is here, too", `document.querySelector("#others .same")?.textContent === "张三 也在编辑这里"`)
	eval[bool](li, `document.querySelector(".top button").click() ?? true`)
	waitFor(li, "in English", others+` === "张三 is editing this, too"`)
	q.enter(li, "/edit/page/updates/2024-05-01-water?lang=en")
	eval[bool](zhang, again)
	title := "试验用的动态"
	waitFor(zhang, "a page by its title", others+` === "李四 正在编辑“" + `+"`"+title+"`"+` + "”"`)
	picture(zhang, "editor-together")

	// What one saves stands before the other.
	q.enter(li, "/edit/s3")
	eval[bool](zhang, `(a => { const i = a.value.indexOf("Disseminate"); a.focus(); a.setSelectionRange(i, i + 11); return true; })(`+field+`)`)
	typed(zhang, "Popularize")
	key(zhang, "s", 83)
	waitFor(zhang, "saved", `document.querySelector("#s3-2 .status").textContent.startsWith("已保存 ")`)
	waitFor(li, "the other's words", field+`.value.startsWith("Popularize")`)

	// Whoever leaves is gone.
	run(li, chromedp.Navigate("about:blank"))
	eval[bool](zhang, again)
	waitFor(zhang, "alone again", `!`+others)
	left, err := os.ReadDir(filepath.Join(p.dir, ".presence"))
	if err != nil || len(left) != 1 {
		t.Errorf("signs of presence: %v %v", left, err)
	}
}

// TestEditorLanguage chooses English in the editor of a Chinese program: what it leads to
// speaks English, too, the preview of a draft and what stands over it, with a link to where
// the guide explains a finding.
func TestEditorLanguage(t *testing.T) {
	p := openPreview(t)
	const file = "content/updates/2024-05-01-water.en.md"
	english, section := p.read(t, file), p.read(t, s3en)
	t.Cleanup(func() {
		for name, text := range map[string]string{file: english, s3en: section} {
			if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
				t.Error(err)
			}
		}
	})
	p.change(t, file, "---\n", "---\ndraft: true\n")
	p.change(t, s3en, "Changting in ", "")
	b := emptyTab(t)
	b.size(1280, 900)
	p.enter(b, "/edit/page/updates/2024-05-01-water?lang=en")
	eval[bool](b, `document.querySelector(".top button").click() ?? true`)
	waitFor(b, "English", `document.documentElement?.lang === "en" && document.body?.dataset.ready === "yes"`)
	waitFor(b, "a draft", `document.querySelector(".badge.draft:not([hidden])")`)
	pressText(b, "The whole page")
	over := `document.getElementById("preview")?.shadowRoot`
	waitFor(b, "the page", `location.pathname === "/en/updates/2024-05-01-water/" && `+over+`?.querySelector("#findings li .hint a")`)
	said := eval[string](b, over+`.querySelector("#findings").textContent + " | " + `+over+`.querySelector("#bar").textContent`)
	for _, want := range []string{"To mend: ", "the Chinese names Changting", "How?", "draft, not published", "Edit this page", "At phone width"} {
		if !strings.Contains(said, want) {
			t.Errorf("over the page it does not say %q: %s", want, said)
		}
	}
	picture(b, "preview-english")
	link := over + `.querySelector("#findings li .hint a")`
	if eval[string](b, link+".target") != "_blank" {
		t.Error("the guide takes the place of the page")
	}
	run(b, chromedp.Navigate(eval[string](b, link+".href")))
	waitFor(b, "the guide", `location.pathname + location.hash === "/edit/guide/en#mend-names"`)
	for to, words := range map[string]string{"/__preview/view?as=phone&page=/en/": "Back to the page", "/edit/nothing": "There is no such page.", "/edit/guide/": "Guide for editors"} {
		run(b, chromedp.Navigate(p.base+to))
		waitFor(b, to, `document.body?.textContent.includes("`+words+`")`)
	}
}
