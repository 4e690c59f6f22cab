package browser

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/editor"
)

// enter opens a page of the editor as a person does who has the start address.
func (p *realPreview) enter(b *tab, to string) {
	b.t.Helper()
	run(b, chromedp.Navigate(p.server.Start(p.addr, to)))
	waitFor(b, to, `document.body && document.body.dataset.ready === "yes"`)
}

func (p *realPreview) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// key presses a key with Ctrl.
func key(b *tab, name string, code int64, commands ...string) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		call(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Modifiers: 2, Key: name, Code: name, WindowsVirtualKeyCode: code, Commands: commands})
		commands = nil
	}
}

func typed(b *tab, text string) {
	b.t.Helper()
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

// compose types Chinese as an input method does: the composition grows letter by letter,
// then a candidate takes its place.
func compose(b *tab, letters, text string) {
	b.t.Helper()
	for i := range letters {
		call(b, input.ImeSetComposition, input.ImeSetCompositionParams{Text: letters[:i+1], SelectionStart: int64(i + 1), SelectionEnd: int64(i + 1)})
	}
	call(b, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: int64(len([]rune(text))), SelectionEnd: int64(len([]rune(text)))})
	typed(b, text)
}

const (
	s3en  = "content/plan/c3/s3.en.md"
	field = `document.querySelector("#s3-2 textarea")`
)

// TestEditorSentence edits one sentence by its direct address: a mistake is told beside
// it without a build, Ctrl+S saves one line of one file, what was typed survives a closed
// tab, and what somebody else has saved meanwhile is never overwritten.
func TestEditorSentence(t *testing.T) {
	p := openPreview(t)
	before := p.read(t, s3en)
	p.restore(t, s3en)
	b := emptyTab(t)
	b.size(1280, 900)
	p.enter(b, "/edit/s3-2/en")
	if focused := eval[string](b, `document.activeElement.closest(".unit")?.id ?? ""`); focused != "s3-2" {
		t.Fatalf("the direct address leads to %q", focused)
	}
	if eval[bool](b, `[...document.querySelectorAll(".unit .zh textarea, .unit .zh [contenteditable]")].length > 0`) {
		t.Error("the plan's Chinese can be typed in")
	}

	// A mistake, then its findings without a save.
	start := time.Now()
	eval[bool](b, `(a => { const i = a.value.indexOf("Changting in "); a.setSelectionRange(i, i + 13); return true; })(`+field+`)`)
	typed(b, " ")
	waitFor(b, "the finding", `document.querySelector("#s3-2 .findings")?.textContent.includes("长汀")`)
	t.Logf("the finding stands after %d ms, of which 250 are the pause", time.Since(start).Milliseconds())
	picture(b, "editor-finding")
	if p.read(t, s3en) != before {
		t.Error("judging has written")
	}
	// The browser's own undo takes it back.
	key(b, "z", 90, "undo")
	waitFor(b, "undone", field+`.value.includes("Changting in Longyan") && !document.querySelector("#s3-2 .findings")`)

	// A term by its chip, which undo knows, too.
	eval[bool](b, `(a => { a.setSelectionRange(a.value.length, a.value.length); return true; })(`+field+`)`)
	eval[bool](b, `[...document.querySelectorAll("#s3-2 .chips button")].find(x => x.textContent.includes("长汀")).click() ?? true`)
	waitFor(b, "the term", field+`.value.endsWith("Changting")`)
	key(b, "z", 90, "undo")
	waitFor(b, "the term undone", `!`+field+`.value.endsWith("Changting")`)

	// Text that is not saved comes back in a new tab of the same browser.
	eval[bool](b, `(a => { const i = a.value.indexOf("Disseminate"); a.setSelectionRange(i, i + 11); return true; })(`+field+`)`)
	typed(b, "Popularize")
	p.enter(b, "/edit/")
	if listed := eval[string](b, `document.querySelector("main .panel a[href^='/edit/s3-2/en']")?.textContent ?? ""`); listed != "s3-2 的英文" {
		t.Errorf("the overview lists %q as not saved", listed)
	}
	p.enter(b, "/edit/s3")
	waitFor(b, "the kept text", field+`.value.startsWith("Popularize")`)
	eval[bool](b, field+`.focus() ?? true`)
	key(b, "s", 83)
	waitFor(b, "saved", `document.querySelector("#s3-2 .status").textContent.startsWith("已保存 ")`)
	if got, want := p.read(t, s3en), strings.Replace(before, "Disseminate", "Popularize", 1); got != want {
		t.Errorf("the file is\n%s", got)
	}
	picture(b, "editor-saved")

	// Somebody else saves the same sentence while this one is being written.
	eval[bool](b, `(a => { a.focus(); a.setSelectionRange(0, 10); return true; })(`+field+`)`)
	typed(b, "Spread")
	p.change(t, s3en, "Popularize", "Promote")
	time.Sleep(500 * time.Millisecond)
	if got := eval[string](b, field+".value"); !strings.HasPrefix(got, "Spread") {
		t.Fatalf("the focused field was replaced: %s", got)
	}
	key(b, "s", 83)
	waitFor(b, "three versions", `document.querySelectorAll("#s3-2 .conflict .versions > div").length === 3`)
	versions := eval[string](b, `document.querySelector("#s3-2 .conflict").textContent`)
	for _, want := range []string{"Popularize", "Promote", "Spread"} {
		if !strings.Contains(versions, want) {
			t.Errorf("the versions lack %s: %s", want, versions)
		}
	}
	picture(b, "editor-conflict")
	if !strings.Contains(p.read(t, s3en), "Promote") {
		t.Error("what somebody else has saved is gone")
	}
	eval[bool](b, `document.querySelector("#s3-2 .conflict button").click() ?? true`)
	waitFor(b, "mine is saved", `document.querySelector("#s3-2 .status").textContent.startsWith("已保存 ")`)
	if got, want := p.read(t, s3en), strings.Replace(before, "Disseminate", "Spread", 1); got != want {
		t.Errorf("after the conflict the file is\n%s", got)
	}

	// Ctrl+Enter goes on.
	eval[bool](b, field+`.focus() ?? true`)
	key(b, "Enter", 13)
	waitFor(b, "the next sentence", `document.activeElement.closest(".unit")?.id === "s3-3"`)
	// A field without focus follows what others save.
	p.change(t, s3en, "Spread", "Disseminate")
	waitFor(b, "followed", field+`.value.startsWith("Disseminate")`)
}

// TestEditorComposition types Chinese through an input method in the text of a page:
// no character is lost or doubled, not while it is judged, shown and saved.
func TestEditorComposition(t *testing.T) {
	p := openPreview(t)
	const file = "content/updates/2024-05-01-water.zh.md"
	before := p.read(t, file)
	p.restore(t, file)
	b := emptyTab(t)
	b.size(1280, 900)
	p.enter(b, "/edit/page/updates/2024-05-01-water?lang=zh")
	const body = `[...document.querySelectorAll("textarea")].at(-1)`
	eval[bool](b, `(a => { a.focus(); a.setSelectionRange(a.value.length, a.value.length); return true; })(`+body+`)`)
	typed(b, "\n\n")
	want := ""
	for i := range 6 {
		for _, w := range [][2]string{{"changting", "长汀"}, {"shuitu", "水土"}, {"baochi", "保持"}, {"", "，"}} {
			if w[0] == "" {
				typed(b, w[1])
			} else {
				compose(b, w[0], w[1])
			}
			want += w[1]
		}
		if i == 2 {
			time.Sleep(600 * time.Millisecond) // it is judged and shown
			// Saved in the middle of a composition: the keys are the input method's.
			call(b, input.ImeSetComposition, input.ImeSetCompositionParams{Text: "long", SelectionStart: 4, SelectionEnd: 4})
			call(b, input.ImeSetComposition, input.ImeSetCompositionParams{Text: "龙岩", SelectionStart: 2, SelectionEnd: 2})
			typed(b, "龙岩")
			want += "龙岩"
		}
	}
	if got := eval[string](b, body+".value"); !strings.HasSuffix(got, "\n\n"+want) {
		t.Fatalf("typed %q, the field has %q", want, got)
	}
	waitFor(b, "shown", `document.querySelector(".shown").textContent.includes(`+fmt.Sprintf("%q", want)+`)`)
	picture(b, "editor-update")
	key(b, "s", 83)
	waitFor(b, "saved", `[...document.querySelectorAll(".status")].at(-1).textContent.startsWith("已保存 ")`)
	if got := p.read(t, file); got != strings.TrimRight(before, "\n")+"\n\n"+want+"\n" {
		t.Errorf("the file is %q", got)
	}

	// A piece of a document from Word becomes Markdown, without what nobody sees.
	eval[bool](b, `(a => {
		a.focus();
		a.setSelectionRange(a.value.length, a.value.length);
		const data = new DataTransfer();
		data.setData("text/plain", "重点");
		data.setData("text/html", "<p class=MsoNormal><b>重\u200b点</b></p>");
		return a.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) || true;
	})(`+body+`)`)
	waitFor(b, "what was pasted", body+`.value.endsWith("**重点**")`)
	key(b, "z", 90, "undo")
	waitFor(b, "undone", `!`+body+`.value.includes("**")`)

	// The four buttons.
	press := func(text string) {
		t.Helper()
		eval[bool](b, `[...document.querySelectorAll("button")].find(x => x.textContent === `+fmt.Sprintf("%q", text)+`).click() ?? true`)
	}
	eval[bool](b, `(a => { a.focus(); a.setSelectionRange(a.value.length - 4, a.value.length - 1); return true; })(`+body+`)`)
	press("加粗")
	waitFor(b, "bold", body+`.value.includes("**")`)
	eval[bool](b, `(a => { a.setSelectionRange(a.value.length, a.value.length); return true; })(`+body+`)`)
	typed(b, "\n\n甲")
	press("列表")
	waitFor(b, "a list", body+`.value.endsWith("\n- 甲")`)
	press("链接到一句")
	waitFor(b, "sentences to pick", `document.querySelectorAll("dialog .hits button").length > 5`)
	typed(b, "s3-7")
	waitFor(b, "the one", `document.querySelector("dialog .hits button")?.textContent.startsWith("s3-7")`)
	picture(b, "editor-pick")
	eval[bool](b, `document.querySelector("dialog .hits button").click() ?? true`)
	waitFor(b, "the link", body+`.value.endsWith("](s3-7)")`)
	waitFor(b, "shown with its link", `document.querySelector(".shown a[href='/zh/m/s3-7/']")`)
	press("图片")
	waitFor(b, "the dialog", `document.querySelector("dialog #alt")`)
	eval[bool](b, `(() => {
		const bytes = Uint8Array.from(atob("`+base64.StdEncoding.EncodeToString(red(t, 2000, 1000))+`"), c => c.charCodeAt(0));
		const list = new DataTransfer();
		list.items.add(new File([bytes], "Photo 水.png", {type: "image/png"}));
		document.getElementById("image").files = list.files;
		document.querySelector("dialog form").requestSubmit();
		return true;
	})()`)
	if eval[bool](b, `document.querySelector("dialog #alt").validity.valid`) {
		t.Error("a picture is taken without text in its place")
	}
	eval[bool](b, `document.getElementById("alt").focus() ?? true`)
	typed(b, "红色的图")
	press("插入")
	// It stands by itself, and can be seen before anything is saved.
	waitFor(b, "the picture", body+`.value.includes("\n\n![红色的图](/images/photo-")`)
	waitFor(b, "the picture beside the text", `document.querySelector(".shown img")?.naturalWidth > 0`)
	// So does a piece of a document with blocks, and what is wrong in the other language is
	// told beside its name.
	eval[bool](b, `(a => {
		a.focus();
		a.setSelectionRange(a.value.length, a.value.length);
		const data = new DataTransfer();
		data.setData("text/plain", "x");
		data.setData("text/html", "<h2>小标题</h2><p>新建水厂77座。</p>");
		return a.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})) || true;
	})(`+body+`)`)
	waitFor(b, "blocks", body+`.value.endsWith(")\n\n## 小标题\n\n新建水厂77座。")`)
	key(b, "s", 83)
	waitFor(b, "the other language", `document.querySelector("nav a[href='?lang=en'] + span .error")?.textContent === "1 处要改"`)
	files, err := filepath.Glob(filepath.Join(p.dir, "static", "images", "photo-*.png"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	t.Cleanup(func() { os.RemoveAll(filepath.Join(p.dir, "static")) })
}

// TestEditorPages looks at every page of the editor in light and dark, on a phone and
// with keys: rules of axe-core, no sideways scrolling, both languages.
func TestEditorPages(t *testing.T) {
	p := openPreview(t)
	source := axeCore(t)
	b := emptyTab(t)
	for _, to := range []string{"/edit/", "/edit/s3", "/edit/page/topics/ecology/_index?lang=zh", "/edit/page/updates/2024-05-01-water?lang=en", "/edit/terms", "/edit/publish", "/edit/history", "/edit/history?of=s3-2", "/edit/record", "/edit/import", "/edit/new?kind=update", "/edit/translators"} {
		name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(to), "-")
		b.size(1280, 900)
		b.media("prefers-color-scheme=light")
		p.enter(b, to)
		if to == "/edit/" {
			waitFor(b, "the preview's state", `document.querySelector(".columns a")`)
		}
		eval[bool](b, `(document.querySelectorAll("details").forEach((d, i) => { d.open = i < 3 }), true)`)
		eval[chromedp.Void](b, source)
		look := func(mode string) {
			t.Helper()
			picture(b, name+"-"+mode)
			b.fits(to + ", " + mode)
		}
		look("light")
		b.media("prefers-color-scheme=dark")
		look("dark")
		b.size(360, 740)
		b.media("prefers-color-scheme=light")
		look("phone")
	}
	// The interface in the other language, and kept.
	b.size(1280, 900)
	eval[bool](b, `document.querySelector(".top button").click() ?? true`)
	waitFor(b, "English", `document.documentElement?.lang === "en" && document.body?.dataset.ready === "yes"`)
	p.enter(b, "/edit/s3")
	if lang := eval[string](b, "document.documentElement.lang"); lang != "en" {
		t.Errorf("the language is %s again", lang)
	}
	picture(b, "editor-english")
}

// printer publishes nowhere.
type printer struct{ published int }

func (*printer) Targets() ([]editor.Target, error) {
	why := diag.Text("这台机器没有发布的密钥", "This machine does not have what is needed to publish")
	return []editor.Target{{Name: "web", Kind: "s3", Site: "https://example.org/"}, {Name: "mirror", Kind: "sftp", Why: &why}}, nil
}

func (*printer) Prepare(_ context.Context, _ string, tell func(editor.Step)) (editor.Comparison, error) {
	tell(editor.Step{Name: diag.Text("检查和生成", "checking and building"), Done: 400, Total: 1400})
	time.Sleep(500 * time.Millisecond)
	return editor.Comparison{Release: "20261128-101500", Pages: []editor.Headline{
		{What: "changed", Path: "/zh/m/s3-2/", Title: "推广龙岩长汀水土流失治理经验"}, {What: "changed", Path: "/en/m/s3-2/", Title: "Disseminate the soil erosion control experience"},
		{What: "new", Path: "/zh/updates/2024-05-01-water/", Title: "试验用的动态"}, {What: "gone", Path: "/zh/updates/2023-05-01-old/"},
		{What: "changed", Path: "/zh/m/s3-1/", Title: "坚持绿水青山就是金山银山的理念", With: true}, {What: "changed", Path: "/en/plan/s3/", Title: "Protecting the environment", With: true}}, Other: 12, Bytes: 123456}, nil
}

func (p *printer) Publish(context.Context, string, func(editor.Step)) (editor.Done, error) {
	p.published++
	return editor.Done{Release: "20261128-120000", Verified: 1466, Readers: true}, nil
}

func (*printer) Rollback(context.Context, string, func(editor.Step)) (editor.Done, error) {
	return editor.Done{Release: "20261128-120100", Verified: 1465}, nil
}

// TestEditorPublish publishes by button, after the summary was seen and confirmed.
func TestEditorPublish(t *testing.T) {
	p := openPreview(t)
	b := emptyTab(t)
	b.size(1280, 900)
	p.enter(b, "/edit/publish")
	button := func(start string) string {
		return `[...document.querySelectorAll("main button")].find(x => x.textContent.startsWith("` + start + `"))`
	}
	if eval[bool](b, `document.getElementById("target-1").disabled === false || !document.querySelector("main").textContent.includes("没有发布的密钥")`) {
		t.Error("a target without secrets does not say so")
	}
	if eval[bool](b, `!!`+button("发布")) {
		t.Error("one can publish before anything was compared")
	}
	eval[bool](b, button("检查并比较")+`.click() ?? true`)
	waitFor(b, "progress", `document.querySelector("progress")?.max === 1400`)
	picture(b, "editor-publish-progress")
	waitFor(b, "the summary", button("发布"))
	summary := eval[string](b, `document.querySelector(".publishing").textContent`)
	for _, want := range []string{"推广龙岩长汀水土流失治理经验", "试验用的动态", "改过的：2 页", "没有了的：1 页", "另有 2 页列出或链接到它们", "12 个文件", "124 KB"} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary does not say %s: %s", want, summary)
		}
	}
	picture(b, "editor-publish-summary")
	eval[bool](b, button("发布")+`.click() ?? true`)
	waitFor(b, "published", `document.querySelector(".publishing").textContent.includes("1466 个文件")`)
	eval[bool](b, button("退回上一版")+`.click() ?? true`)
	waitFor(b, "the question", `document.querySelector(".publishing button")?.textContent === "退回上一版"`)
	eval[bool](b, `document.querySelector(".publishing button").click() ?? true`)
	waitFor(b, "gone back", `document.querySelector(".publishing").textContent.includes("20261128-120100")`)
}

// red is a picture.
func red(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.RGBA{200, 20, 20, 255}})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
