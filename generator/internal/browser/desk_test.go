package browser

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"minxi/generator/internal/changes"
	"minxi/generator/internal/diag"
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
	p.restore(t, s3en)
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

// TestEditorReadings enters who has checked and released a sentence, in its row, where
// publish.toml asks for the names: they stand for the words that were read and go when
// these change.
func TestEditorReadings(t *testing.T) {
	p := openPreview(t)
	b := emptyTab(t)
	const table = "content/readings.csv"
	p.restore(t, s3en)
	t.Cleanup(func() {
		for _, name := range []string{table, "publish.toml"} {
			if err := os.Remove(filepath.Join(p.dir, name)); err != nil {
				t.Error(err)
			}
		}
	})
	t.Setenv("XDG_CONFIG_HOME", t.TempDir()) // whose name it is
	if err := edit.SetAuthor("张三"); err != nil {
		t.Fatal(err)
	}
	b.size(1280, 900)
	p.enter(b, "/edit/s3")
	if eval[bool](b, `!!document.querySelector(".names")`) {
		t.Error("names are asked for that nobody wants")
	}
	if err := os.WriteFile(filepath.Join(p.dir, "publish.toml"), []byte("[readings]\nsentences = [\"checked\", \"released\"]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.enter(b, "/edit/s3-2/en")
	name := func(n int) string { return fmt.Sprintf(`document.querySelectorAll("#s3-2 .names textarea")[%d]`, n) }
	status := func(n int, says string) string {
		return fmt.Sprintf(`document.querySelectorAll("#s3-2 .names .status")[%d].textContent.startsWith(%q)`, n, says)
	}
	if labels := eval[string](b, `[...document.querySelectorAll("#s3-2 .names label")].map(x => x.textContent).join()`); labels != "谁校对,谁签发" {
		t.Fatalf("it asks for %s", labels)
	}
	// One's own name by a press, another by hand and through an input method.
	eval[bool](b, `document.querySelector("#s3-2 .names button.me").click() ?? true`)
	key(b, "s", 83)
	waitFor(b, "checked", status(0, "已保存 "))
	eval[bool](b, name(1)+`.focus() ?? true`)
	compose(b, "lisi", "李四")
	key(b, "s", 83)
	waitFor(b, "released", status(1, "已保存 "))
	picture(b, "editor-readings")
	if got := p.read(t, table); !regexp.MustCompile(`^id,text,written,checked,released\ns3-2,[0-9a-f]{16},,张三,李四\n$`).MatchString(got) {
		t.Errorf("the table is %q", got)
	}
	p.enter(b, "/edit/s3-2/en")
	waitFor(b, "they are kept", name(0)+`.value === "张三" && `+name(1)+`.value === "李四"`)

	// Other words are to be read again; what somebody else writes meanwhile nobody signs.
	eval[bool](b, `(a => { const i = a.value.indexOf("Disseminate"); a.focus(); a.setSelectionRange(i, i + 11); return true; })(`+field+`)`)
	typed(b, "Popularize")
	key(b, "s", 83)
	waitFor(b, "the names have gone", name(0)+`.value === "" && `+name(1)+`.value === ""`)
	eval[bool](b, name(0)+`.focus() ?? true`)
	typed(b, "王五")
	eval[bool](b, `(E => { E.renew = null; return true; })(window.editor)`) // this page does not hear of it
	p.change(t, s3en, "Popularize", "Promote")
	key(b, "s", 83)
	waitFor(b, "it is refused", `document.querySelector("#s3-2 .names .findings")?.textContent.includes("您读的时候")`)
	picture(b, "editor-readings-refused")
	if got := p.read(t, table); strings.Contains(got, "王五") {
		t.Errorf("signed: %q", got)
	}
}

// secretary records nowhere, what it is told.
type secretary struct {
	git      bool
	recorded []string
}

var keeper = &secretary{git: true}

func (s *secretary) HasGit() bool { return true }

func (s *secretary) Record(_ context.Context, message string) (bool, error) {
	s.recorded = append(s.recorded, message)
	return true, nil
}

func (s *secretary) Changed(_ context.Context, since string, lang plan.Lang) (editor.Record, error) {
	r := editor.Record{Git: s.git, Since: since, Changes: []changes.Change{
		{ID: "s3-7", Text: diag.Text("s3-7 的英文改了 1 个词：支持龙岩创建世界地质公园。", "s3-7 English: 1 word changed: 支持龙岩创建世界地质公园。")},
		{File: "content/pages/about.zh.md", Text: diag.Text("改了“关于本站”：2 行（content/pages/about.zh.md）", "changed: “关于本站”, 2 lines (content/pages/about.zh.md)")},
		{File: "static/images/a.png", Text: diag.Text("另有改动的文件：static/images/a.png", "another file: static/images/a.png")}}}
	r.Earlier = []editor.Earlier{{Name: "release/1", Title: diag.Text("2026-11-28 10:15 发布到 web 的", "what was published to web on 28 November 2026, 10:15")}}
	if !s.git {
		r.Since = "release/1"
		return r, nil
	}
	r.Earlier = append([]editor.Earlier{{Name: "record", Title: diag.Text("上一次记录的", "what was recorded last")}}, r.Earlier...)
	if since == "" {
		r.Since = "record"
	}
	if r.Since == "record" {
		r.Waiting, r.Message = len(s.recorded) == 0, diag.Text("改了 1 句和 2 个文件\n", "1 sentence and 2 files changed\n").In(lang)
	}
	if len(s.recorded) > 0 {
		r.Changes = nil
	}
	return r, nil
}

// TestEditorRecord tells what has changed, records it under a message that a person has
// changed, and says without git what is kept all the same.
func TestEditorRecord(t *testing.T) {
	p := openPreview(t)
	t.Cleanup(func() { keeper.git, keeper.recorded = true, nil })
	b := emptyTab(t)
	b.size(1280, 900)
	p.enter(b, "/edit/")
	pressText(b, "逐句看改了什么")
	waitFor(b, "what has changed", `location.pathname === "/edit/record" && document.querySelectorAll(".changes li").length === 3`)
	if to := eval[string](b, `[...document.querySelectorAll(".changes a")].map(x => x.getAttribute("href")).join(" ")`); to != "/edit/s3-7/en /edit/page/pages/about?lang=zh" {
		t.Errorf("they lead to %s", to)
	}
	if got := eval[string](b, `document.getElementById("message").value`); got != "改了 1 句和 2 个文件" {
		t.Errorf("proposed is %q", got)
	}
	picture(b, "editor-record")
	// Of a release nothing is recorded.
	choose := func(name string) {
		eval[bool](b, `(s => { s.value = "`+name+`"; s.dispatchEvent(new Event("change")); return true; })(document.getElementById("since"))`)
	}
	choose("release/1")
	waitFor(b, "no form", `!document.getElementById("message") && document.querySelectorAll(".changes li").length === 3`)
	choose("record")
	waitFor(b, "the form", `document.getElementById("message")`)
	fill(b, "#message", "县里的更正")
	eval[bool](b, `(document.activeElement.blur(), document.dispatchEvent(new CustomEvent("preview-tree")), true)`) // somebody saves meanwhile
	time.Sleep(500 * time.Millisecond)
	if got := eval[string](b, `document.getElementById("message").value`); got != "县里的更正" {
		t.Errorf("what was written has become %q", got)
	}
	pressText(b, "记录")
	waitFor(b, "recorded", `document.querySelector("main").textContent.includes("已记录 ") && document.querySelector("main").textContent.includes("没有改动")`)
	if len(keeper.recorded) != 1 || keeper.recorded[0] != "县里的更正" {
		t.Errorf("recorded is %q", keeper.recorded)
	}

	keeper.git, keeper.recorded = false, nil
	p.enter(b, "/edit/record")
	waitFor(b, "the journal", `document.querySelector("main .panel a[href='/edit/history']")`)
	if said := eval[string](b, `document.querySelector("main").textContent`); !strings.Contains(said, "这个文件夹没有用 git") || !strings.Contains(said, "s3-7 的英文改了") || eval[bool](b, `!!document.getElementById("message")`) {
		t.Errorf("without git it says %s", said)
	}
	picture(b, "editor-record-without-git")
}

// TestEditorBack goes back to a day from the history of one sentence: what would be put
// back stands there first, and the list has it afterwards.
func TestEditorBack(t *testing.T) {
	p := openPreview(t)
	before := p.read(t, s3en)
	p.restore(t, s3en)
	b := emptyTab(t)
	b.size(1280, 900)
	p.enter(b, "/edit/s3-5/en")
	text := `document.querySelector("#s3-5 textarea")`
	eval[bool](b, `(a => { a.setSelectionRange(a.value.length - 1, a.value.length - 1); return true; })(`+text+`)`)
	typed(b, " again")
	key(b, "s", 83)
	waitFor(b, "saved", `document.querySelector("#s3-5 .status").textContent.startsWith("已保存 ")`)
	run(b, chromedp.Navigate(p.base+eval[string](b, `[...document.querySelectorAll("#s3-5 a")].find(x => x.textContent === "改动记录").getAttribute("href")`)))
	waitFor(b, "its history", `document.querySelectorAll("main > ul .unit").length === 1 && document.querySelector("h1").textContent === "改动记录：s3-5"`)
	pressText(b, "回到某一天的样子")
	eval[bool](b, `(d => { d.value = "2026-01-31"; return true; })(document.getElementById("day"))`)
	pressText(b, "看看会换回什么")
	waitFor(b, "what would be put back", `document.querySelector("main .panel .unit mark")`)
	picture(b, "editor-back")
	if p.read(t, s3en) == before {
		t.Error("it was put back before anybody has said so")
	}
	pressText(b, "换回这 1 处")
	waitFor(b, "it is put back", `document.querySelectorAll("main > ul .unit").length === 2 && document.querySelector("main .panel").textContent.includes("换回了 1 处")`)
	if p.read(t, s3en) != before {
		t.Error("the file is not what it was")
	}
}

// TestEditorEmptyUpdate takes the mark of a draft off an update in which nothing is written:
// that readers would see a title alone is said there and then.
func TestEditorEmptyUpdate(t *testing.T) {
	p := openPreview(t)
	b := emptyTab(t)
	b.size(1280, 900)
	t.Cleanup(func() {
		for _, l := range plan.Langs {
			if err := os.Remove(filepath.Join(p.dir, "content", "updates", "2026-11-27-empty."+string(l)+".md")); err != nil {
				t.Error(err)
			}
		}
	})
	p.enter(b, "/edit/new?kind=update")
	fill(b, "#new-zh", "一条动态")
	fill(b, "#new-en", "An Update")
	fill(b, "#new-name", "empty")
	eval[bool](b, `(d => { d.value = "2026-11-27"; return true; })(document.querySelector("#new-date"))`)
	fill(b, "#new-measure", "s3-2")
	waitFor(b, "the sentence", `document.querySelector(".hits button")`)
	eval[bool](b, `document.querySelector(".hits button").click() ?? true`)
	pressText(b, "建立，然后写正文")
	waitFor(b, "the new update", `location.pathname === "/edit/page/updates/2026-11-27-empty" && document.body?.dataset.ready === "yes"`)
	says := func(want string) {
		t.Helper()
		eval[bool](b, `document.getElementById("draft").click() ?? true`)
		waitFor(b, want, `document.getElementById("draft").closest(".field").querySelector("output").textContent`+want)
	}
	says(`.endsWith("。注意：中文和英文没有正文也没有简介，读者只会看到标题")`)
	waitFor(b, "no mark", `document.querySelector(".badge.draft").hidden`)
	says(`.startsWith("已保存 ")`) // a draft again
	fill(b, ".form > .field:last-of-type textarea", "写好了。")
	key(b, "s", 83)
	waitFor(b, "saved", `[...document.querySelectorAll(".status")].at(-1).textContent.startsWith("已保存 ")`)
	says(`.endsWith("。注意：英文没有正文也没有简介，读者只会看到标题")`)
}

// TestEditorPlace asks for a city where the new place is a county, and nowhere else.
func TestEditorPlace(t *testing.T) {
	p := openPreview(t)
	b := emptyTab(t)
	b.size(1280, 900)
	p.enter(b, "/edit/new?kind=place")
	kind := func(value string) {
		eval[bool](b, `(s => { s.value = "`+value+`"; s.dispatchEvent(new Event("change")); return true; })(document.getElementById("new-place"))`)
	}
	cities := `[...document.querySelectorAll("#new-parent option")].map(o => o.value + " " + o.textContent).join()`
	shown := `document.getElementById("new-parent").offsetParent !== null`
	for value, want := range map[string]string{"outside": "", "city": "", "county": "longyan 龙岩市,sanming 三明市"} {
		kind(value)
		if got := eval[string](b, cities); got != want || eval[bool](b, shown) != (want != "") {
			t.Errorf("%s: it offers %q", value, got)
		}
	}
	picture(b, "editor-new-place")
}
