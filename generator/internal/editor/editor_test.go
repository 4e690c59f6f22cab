package editor

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"minxi/generator/internal/check"
	"minxi/generator/internal/content"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// project is a copy of the real content with an editor.
type project struct {
	*testing.T
	dir    string
	editor *Editor
}

func open(t *testing.T) *project {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	p := &project{T: t, dir: t.TempDir()}
	for _, part := range []string{"content", "hugo.toml", "seeds"} {
		if out, err := exec.Command("cp", "-r", filepath.Join("..", "..", "..", part), p.dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	desk, err := edit.Open(p.dir, edit.Options{Who: "张三"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { desk.Close() })
	p.editor = New(Options{Dir: p.dir, Lang: plan.ZH, Desk: desk})
	return p
}

// ask sends a request, with a body if there is one, and reads the answer into v.
func (p *project) ask(path string, body, v any) int {
	p.Helper()
	method, sent := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		var err error
		if sent, err = json.Marshal(body); err != nil {
			p.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	p.editor.ServeHTTP(w, httptest.NewRequest(method, "/edit/api/"+path, bytes.NewReader(sent)))
	if v != nil {
		if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
			p.Fatalf("%s: %v: %.300s", path, err, w.Body)
		}
	}
	return w.Code
}

func (p *project) read(name string) string {
	p.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(name)))
	if err != nil {
		p.Fatal(err)
	}
	return string(data)
}

type m = map[string]any

// TestOverview lists everything that there is, with how it stands.
func TestOverview(t *testing.T) {
	p := open(t)
	p.edit("content/plan/c3/s3.en.md", "Changting in Longyan", "Longyan")
	tree, found := content.Load(os.DirFS(p.dir), "content")
	found = append(found, check.Run(check.Input{FS: os.DirFS(p.dir), Tree: tree, Drafts: true})...)
	p.editor.Built(found)
	var o struct {
		Divisions []divisionLine
		Pages     []pageLine
		Terms     struct{ Count int }
	}
	if code := p.ask("overview", nil, &o); code != 200 {
		t.Fatal(code)
	}
	if len(o.Divisions) != 1+9+22 || o.Terms.Count < 50 || len(o.Pages) < 40 {
		t.Errorf("%d divisions, %d terms, %d pages", len(o.Divisions), o.Terms.Count, len(o.Pages))
	}
	for _, d := range o.Divisions {
		if want := map[string]int{"s3": 1}[d.Name]; d.Errors != want {
			t.Errorf("%s has %d errors", d.Name, d.Errors)
		}
	}
	var d struct{ Rows []row }
	p.ask("division/s3", nil, &d)
	if len(d.Rows) != 7 || len(d.Rows[1].Findings) != 1 || len(d.Rows[0].Findings) != 0 {
		t.Errorf("%d rows", len(d.Rows))
	}
	terms := ""
	for _, term := range d.Rows[1].Terms {
		terms += term.ZH + " "
	}
	if !strings.Contains(terms, "长汀") || !strings.Contains(terms, "水土流失") {
		t.Errorf("terms of s3-2: %s", terms)
	}
	if code := p.ask("division/s99", nil, nil); code != 404 {
		t.Errorf("a section that is not there: %d", code)
	}
}

func (p *project) edit(name, old, new string) {
	p.Helper()
	text := p.read(name)
	if !strings.Contains(text, old) {
		p.Fatalf("%s has no %q", name, old)
	}
	if err := os.WriteFile(filepath.Join(p.dir, filepath.FromSlash(name)), []byte(strings.Replace(text, old, new, 1)), 0o644); err != nil {
		p.Fatal(err)
	}
}

// TestSaves changes what may be changed, refuses what may not, and tells of conflicts.
func TestSaves(t *testing.T) {
	p := open(t)
	save := func(ref edit.Ref, text, base string) outcome {
		t.Helper()
		var out []outcome
		if code := p.ask("save", m{"changes": []change{{Ref: ref, Text: text, Base: base}}}, &out); code != 200 || len(out) != 1 {
			t.Fatalf("%v: %d %v", ref, code, out)
		}
		return out[0]
	}
	version := func(ref edit.Ref) edit.Version {
		t.Helper()
		v, err := p.editor.o.Desk.Read(ref)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		ref  edit.Ref
		text string
		file string // that then has
		want string
	}{
		{edit.Ref{ID: "s3-7", Field: "en"}, "Support Longyan in applying to be a UNESCO Global Geopark.", "content/plan/c3/s3.en.md", "in applying to be a UNESCO"},
		{edit.Ref{ID: "s3-7", Field: "topics"}, "ecology livelihood", "content/plan/c3/s3.zh.md", `topics="ecology livelihood"`},
		{edit.Ref{File: "content/plan/c3/s3.en.md", Field: "title"}, "Consolidating the environment", "content/plan/c3/s3.en.md", "title: Consolidating the environment\n"},
		{edit.Ref{File: "content/topics/ecology/_index.en.md", Field: "title"}, "The ecology", "content/topics/ecology/_index.en.md", "title: The ecology\n"},
		{edit.Ref{File: "content/pages/about.zh.md", Field: "body"}, "新的正文。", "content/pages/about.zh.md", "\n新的正文。\n"},
		{edit.Ref{File: "content/termbase.csv", Row: "长汀", Field: "note"}, "a note", "content/termbase.csv", "a note"},
	} {
		if c.ref.Row != "" {
			d := p.editor.tree().Document(c.ref.File)
			c.ref.Row = d.Rows()[2].Cell("zh")
		}
		if out := save(c.ref, c.text, version(c.ref).Hash); out.Saved == nil {
			t.Errorf("%v: %+v", c.ref, out)
		}
		if got := p.read(c.file); !strings.Contains(got, c.want) {
			t.Errorf("%v: %s has no %q", c.ref, c.file, c.want)
		}
	}
	// Of another text than the one that was seen.
	if out := save(edit.Ref{ID: "s3-7", Field: "en"}, "Something else.", plan.Hash("what nobody has written")); out.Conflict == nil || !strings.Contains(out.Conflict.Theirs.Text, "applying") {
		t.Errorf("no conflict: %+v", out)
	}
	// The plan's Chinese, the ledger, files that are none of the content's.
	zh := p.read("content/plan/c3/s3.zh.md")
	for _, ref := range []edit.Ref{
		{ID: "s3-7", Field: "zh"},
		{File: "content/plan/c3/s3.zh.md", Field: "title"},
		{File: "content/plan/c3/s3.zh.md", Field: "file"},
		{File: "content/ledger.csv", Row: "s3-7", Field: "state"},
		{File: "content/history.csv", Row: "s3-7", Field: "en"},
		{File: "content/history.csv", Row: "s3-7", Field: "row"},
		{File: "content/editions.csv", Row: "2022-04-13", Field: "number"},
		{File: "content/editions.csv", Field: "file"},
		{File: "content/readings.csv", Row: "s3-7", Field: "checked"},
		{File: "hugo.toml", Field: "file"},
		{File: "content/../hugo.toml", Field: "file"},
		{File: "../outside.md", Field: "file"},
		{File: "/etc/passwd", Field: "file"},
		{File: "content/.hidden.md", Field: "file"},
	} {
		if out := save(ref, "x", ""); out.Saved != nil || len(out.Findings) == 0 && out.Conflict == nil {
			t.Errorf("%v was saved: %+v", ref, out)
		}
	}
	if p.read("content/plan/c3/s3.zh.md") != zh {
		t.Error("the plan's Chinese has changed")
	}
	// What leads out of the folder by a symbolic link.
	outside := filepath.Join(t.TempDir(), "outside.md")
	if err := os.WriteFile(outside, []byte("---\ntitle: a\n---\n\nb\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(p.dir, "content/pages/linked.zh.md")); err == nil {
		var out []outcome
		p.ask("save", m{"changes": []change{{Ref: edit.Ref{File: "content/pages/linked.zh.md", Field: "body"}, Text: "x"}}}, &out)
		if data, _ := os.ReadFile(outside); string(data) != "---\ntitle: a\n---\n\nb\n" {
			t.Errorf("a file outside was written: %s", data)
		}
	}
	if code := p.ask("save", m{"changes": []change{{Text: strings.Repeat("x", maxText)}}}, nil); code != 413 {
		t.Errorf("an oversized text: %d", code)
	}
	if code := p.ask("save", m{"chances": 1}, nil); code != 422 {
		t.Errorf("an unknown field: %d", code)
	}
}

// TestReadings signs a sentence just after its file was changed, when nothing has been
// built since: the name is for the words that the division shows.
func TestReadings(t *testing.T) {
	p := open(t)
	if err := os.WriteFile(filepath.Join(p.dir, "publish.toml"), []byte("[readings]\nsentences = [\"checked\"]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ref := edit.Ref{ID: "s3-2", Field: "checked"}
	seen := ""
	for _, words := range [][2]string{{"Disseminate", "Spread"}, {"Spread", "Make known"}} {
		p.ask("overview", nil, nil) // reads the content
		p.edit("content/plan/c3/s3.en.md", words[0], words[1])
		var d struct{ Rows []row }
		p.ask("division/s3", nil, &d)
		r := d.Rows[1]
		if !strings.HasPrefix(r.English.Text, words[1]) || r.Words == seen || r.Names["checked"].Text != "" {
			t.Fatalf("%q, words %s, checked by %q", r.English.Text, r.Words, r.Names["checked"].Text)
		}
		var out []outcome
		p.ask("save", m{"changes": []change{{Ref: ref, Text: "张三", Base: r.Names["checked"].Hash, Words: r.Words}}}, &out)
		if len(out) != 1 || out[0].Saved == nil {
			t.Errorf("%v: %+v", words, out)
		}
		seen = r.Words
	}
	// Words that were there before are not what is signed.
	p.edit("content/plan/c3/s3.en.md", "Make known", "Spread")
	var out []outcome
	p.ask("save", m{"changes": []change{{Ref: ref, Text: "李四", Words: seen}}}, &out)
	if len(out) != 1 || len(out[0].Findings) != 1 {
		t.Errorf("other words were signed: %+v", out)
	}
}

// TestJudges tells what is wrong with a text that nobody has saved.
func TestJudges(t *testing.T) {
	p := open(t)
	judged := func(ref edit.Ref, text string) string {
		t.Helper()
		var list []finding
		if code := p.ask("judge", m{"ref": ref, "text": text}, &list); code != 200 {
			t.Fatal(code)
		}
		said := ""
		for _, f := range list {
			said += f.Check + " "
		}
		return said
	}
	s := edit.Ref{ID: "s3-2", Field: "en"}
	good, err := p.editor.o.Desk.Read(s)
	if err != nil {
		t.Fatal(err)
	}
	if said := judged(s, good.Text); said != "" {
		t.Errorf("as it is: %s", said)
	}
	if said := judged(s, strings.Replace(good.Text, "Changting in ", "", 1)); !strings.Contains(said, "names") {
		t.Errorf("without Changting: %q", said)
	}
	if said := judged(s, "# A heading"); said == "" {
		t.Error("a heading is no sentence")
	}
	page := edit.Ref{File: "content/pages/about.en.md", Field: "body"}
	if said := judged(page, "See [this](s3-99)."); !strings.Contains(said, "link") {
		t.Errorf("a link to nothing: %q", said)
	}
	if said := judged(page, "See [this](s3-2)."); said != "" {
		t.Errorf("a link to a sentence: %q", said)
	}
}

// TestShow gives Markdown as readers will see it, and nothing that runs.
func TestShow(t *testing.T) {
	p := open(t)
	var out struct{ HTML string }
	p.ask("show", m{"file": "content/pages/about.zh.md", "lang": "zh", "text": "**要** [一](s3-2) [二](s3) [三](javascript:alert(1)) [四](p-1) [五](p) <script>x</script>\n\n- 甲\n"}, &out)
	for _, want := range []string{"<strong>要</strong>", `href="/zh/m/s3-2/"`, `href="/zh/plan/s3/"`, `href="/zh/m/p-1/"`, `href="p"`, "<li>甲</li>"} {
		if !strings.Contains(out.HTML, want) {
			t.Errorf("no %s in %s", want, out.HTML)
		}
	}
	if strings.Contains(out.HTML, "<script") || strings.Contains(out.HTML, "javascript:") {
		t.Errorf("what runs: %s", out.HTML)
	}
}

// TestPlace leads from pages and findings to where they are edited.
func TestPlace(t *testing.T) {
	p := open(t)
	for query, want := range map[string]string{
		"page=/zh/m/s3-2/":                      "/edit/s3-2/en",
		"page=/en/plan/s3/":                     "/edit/s3",
		"page=/zh/plan/":                        "/edit/p",
		"page=/zh/topics/ecology/":              "/edit/page/topics/ecology/_index?lang=zh",
		"page=/zh/topics/ecology/changting/":    "/edit/page/topics/ecology/_index?lang=zh",
		"page=/en/about/":                       "/edit/page/pages/about?lang=en",
		"page=/zh/":                             "/edit/page/_index?lang=zh",
		"page=/zh/glossary/3/":                  "/edit/terms",
		"page=/zh/nowhere/":                     "/edit/",
		"at=content/plan/c3/s3.en.md:9:4":       "/edit/s3-2/en",
		"at=content/pages/about.en.md:9":        "/edit/page/pages/about?lang=en",
		"at=content/termbase.csv:3:1":           "/edit/terms",
		"at=themes/minxi/layouts/baseof.html:1": "/edit/",
	} {
		var to struct{ To string }
		if p.ask("place?"+query, nil, &to); to.To != want {
			t.Errorf("%s leads to %s, not %s", query, to.To, want)
		}
	}
}

// TestEdition compares with a text and writes nothing.
func TestEdition(t *testing.T) {
	p := open(t)
	seed, err := os.ReadFile(filepath.Join(p.dir, "seeds", "minxi-2022.txt"))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(data []byte) (out struct{ Changes []editionChange }) {
		t.Helper()
		if code := p.ask("edition", m{"name": "new.txt", "data": data}, &out); code != 200 {
			t.Fatal(code)
		}
		return out
	}
	if out := ask(seed); len(out.Changes) != 0 {
		t.Errorf("the plan's own text changes %+v", out.Changes)
	}
	out := ask(bytes.Replace(seed, []byte("加强松材线虫病防治"), []byte("加强松材线虫病监测防治"), 1))
	if len(out.Changes) != 1 || out.Changes[0].ID != "s3-3" || out.Changes[0].What != "changed" {
		t.Errorf("%+v", out.Changes)
	}
	if code := p.ask("edition", m{"name": "x.txt", "data": []byte{0xb7, 0xbd, 0xb0, 0xb8}}, nil); code != 422 {
		t.Errorf("GBK: %d", code)
	}
}

// TestPictures makes pictures as large as pages show them and the right way up, and
// takes nothing else for one.
func TestPictures(t *testing.T) {
	p := open(t)
	src := image.NewNRGBA(image.Rect(0, 0, 2000, 1000))
	for x := range 2000 {
		for y := range 1000 {
			src.Set(x, y, color.NRGBA{uint8(x / 8), uint8(y / 4), 99, 255})
		}
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, src, nil); err != nil {
		t.Fatal(err)
	}
	send := func(alt string, data []byte) (code int, path, markdown string) {
		t.Helper()
		var out struct{ Path, Markdown string }
		code = p.ask("image", m{"name": "Photo of 水土.JPG", "alt": alt, "data": base64.StdEncoding.EncodeToString(data)}, &out)
		return code, out.Path, out.Markdown
	}
	code, path, markdown := send("水土 [保持]", photo.Bytes())
	if code != 200 || !strings.HasPrefix(path, "/images/photo-of-") || markdown != `![水土 \[保持\]](`+path+")" {
		t.Fatal(code, path, markdown)
	}
	made, err := jpeg.DecodeConfig(strings.NewReader(p.read("static" + path)))
	if err != nil || made.Width != widest || made.Height != widest/2 {
		t.Errorf("%v %v", made, err)
	}
	if code, _, _ := send(" ", photo.Bytes()); code != 422 {
		t.Errorf("without a text: %d", code)
	}
	for what, data := range map[string][]byte{"text": []byte("hello"), "a page": []byte("<svg onload=alert(1)>"), "half a picture": photo.Bytes()[:2000], "nothing": nil, "huge": hugePNG(t)} {
		if code, _, _ := send("x", data); code != 422 {
			t.Errorf("%s: %d", what, code)
		}
	}
	if code, _, _ := send("x", make([]byte, maxPicture+1<<20)); code != 413 {
		t.Errorf("oversized: %d", code)
	}

	// However the camera was held: the corner that was above on the left is there.
	small := image.NewNRGBA(image.Rect(3, 5, 43, 25)) // 40 by 20
	for x := range 20 {
		for y := range 10 {
			small.Set(3+x, 5+y, color.NRGBA{255, 0, 0, 255}) // a quarter is red
		}
	}
	for held, corner := range map[int][2]bool{1: {false, false}, 2: {true, false}, 3: {true, true}, 4: {false, true}, 5: {false, false}, 6: {true, false}, 7: {true, true}, 8: {false, true}} {
		got := upright(small, held, 1000)
		w, h := got.Bounds().Dx(), got.Bounds().Dy()
		if held >= 5 && (w != 20 || h != 40) || held < 5 && (w != 40 || h != 20) {
			t.Errorf("held %d: %d by %d", held, w, h)
		}
		at := func(right, below bool) color.Color {
			x, y := got.Bounds().Min.X+w/4, got.Bounds().Min.Y+h/4
			if right {
				x += w / 2
			}
			if below {
				y += h / 2
			}
			return got.At(x, y)
		}
		if r, _, _, _ := at(corner[0], corner[1]).RGBA(); r < 0xf000 {
			t.Errorf("held %d: the red quarter is not at %v", held, corner)
		}
	}
}

// hugePNG says that it has more pixels than are read.
func hugePNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	copy(data[16:24], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff})
	return data
}

// TestBegin makes both files of a new page, once.
func TestBegin(t *testing.T) {
	p := open(t)
	var out struct {
		To       string
		Findings []finding
	}
	update := m{"kind": "update", "name": "water", "title": text{"水", "Water"}, "date": "2026-11-28", "measures": []string{"s3-2"}}
	if code := p.ask("new", update, &out); code != 200 || out.To != "/edit/page/updates/2026-11-28-water?lang=zh" {
		t.Fatal(code, out)
	}
	if zh := p.read("content/updates/2026-11-28-water.zh.md"); !strings.Contains(zh, "title: 水\n") || !strings.Contains(zh, "s3-2") || !strings.Contains(zh, "draft: true") {
		t.Error(zh)
	}
	if en := p.read("content/updates/2026-11-28-water.en.md"); !strings.Contains(en, "title: Water\n") {
		t.Error(en)
	}
	var cities []hub
	if p.ask("cities", nil, &cities); len(cities) != 2 || cities[0].ID != "longyan" || cities[1].Title.ZH != "三明市" {
		t.Errorf("cities: %+v", cities)
	}
	for what, bad := range map[string]m{
		"a county of no city":    {"kind": "place", "name": "a", "title": text{"甲县", "Jia County"}, "place": "county", "parent": ""},
		"twice":                  update,
		"a name that is a path":  {"kind": "page", "name": "../x", "title": text{"x", "x"}},
		"no sentence":            {"kind": "update", "name": "a", "title": text{"x", "x"}, "date": "2026-11-28"},
		"a sentence of no plan":  {"kind": "update", "name": "a", "title": text{"x", "x"}, "date": "2026-11-28", "measures": []string{"s99-1"}},
		"no day":                 {"kind": "update", "name": "a", "title": text{"x", "x"}, "date": "yesterday", "measures": []string{"s3-2"}},
		"an address of the site": {"kind": "page", "name": "search", "title": text{"x", "x"}},
	} {
		if code := p.ask("new", bad, &out); code != 422 || len(out.Findings) == 0 {
			t.Errorf("%s: %d %+v", what, code, out)
		}
	}
	for _, kind := range []string{"page", "topic", "place", "body"} {
		if code := p.ask("new", m{"kind": kind, "name": "try-" + kind, "title": text{"试", "Try"}, "place": "outside", "body": "central"}, &out); code != 200 {
			t.Errorf("%s: %d %+v", kind, code, out)
		}
	}
}

// TestPaste takes what Word puts on the clipboard as Markdown, and out of every text what
// nobody sees; marks are suggested and not changed.
func TestPaste(t *testing.T) {
	p := open(t)
	for _, c := range []struct{ body, want m }{
		{m{"text": "a\u200bb\u00a0c", "lang": "en"}, m{"text": "ab c"}},
		{m{"text": "一\n二", "lang": "zh", "line": true}, m{"text": "一 二"}},
		{m{"html": "<p class=MsoNormal><b>要</b>点</p><h1>标题</h1><ul><li>甲</li></ul>", "text": "x", "lang": "zh"}, m{"text": "**要**点\n\n## 标题\n\n- 甲"}},
		{m{"text": "他说\"好\",走了", "lang": "zh"}, m{"text": "他说\"好\",走了", "suggested": "他说“好”，走了"}},
	} {
		var out m
		if code := p.ask("paste", c.body, &out); code != 200 {
			t.Fatal(code, out)
		}
		for k, want := range c.want {
			if out[k] != want {
				t.Errorf("%v: %s is %q, not %q", c.body, k, out[k], want)
			}
		}
	}
}

// TestConvert makes a file UTF-8 by one press, and nothing outside of the content.
func TestConvert(t *testing.T) {
	p := open(t)
	const name = "content/pages/about.zh.md"
	want := p.read(name)
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(strings.NewReplacer("–", "-", "©", "c").Replace(want))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(gbk), 0o644); err != nil {
		t.Fatal(err)
	}
	_, found := content.Load(os.DirFS(p.dir), "content")
	p.editor.Built(found)
	var o struct{ Other []finding }
	if p.ask("overview", nil, &o); len(o.Other) == 0 || o.Other[0].Check != "encoding" {
		t.Errorf("it is not told first: %+v", o.Other)
	}
	if code := p.ask("convert", m{"file": name}, nil); code != 200 {
		t.Fatal(code)
	}
	if got := p.read(name); !strings.Contains(got, "关于本站") {
		t.Errorf("%.100s", got)
	}
	for _, file := range []string{"hugo.toml", "../x.md", "/etc/passwd"} {
		if code := p.ask("convert", m{"file": file}, nil); code == 200 {
			t.Errorf("%s was converted", file)
		}
	}
}

// TestTranslators writes a Word file and takes it back: first to look at, then really;
// what cannot be taken is told.
func TestTranslators(t *testing.T) {
	p := open(t)
	for name, kind := range map[string]string{"review.docx": "wordprocessingml", "x.po": "gettext", "x.exe": ""} {
		w := httptest.NewRecorder()
		p.editor.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/edit/api/export?name="+name, nil))
		if kind == "" && w.Code != 404 || !strings.Contains(w.Header().Get("Content-Type"), kind) || kind != "" && w.Body.Len() < 1000 {
			t.Errorf("%s: %d %s, %d bytes", name, w.Code, w.Header().Get("Content-Type"), w.Body.Len())
		}
	}
	w := httptest.NewRecorder()
	p.editor.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/edit/api/export?name=x.po", nil))
	po := strings.Replace(w.Body.String(), "Support Longyan in seeking", "Support Longyan in applying for", 1)
	if po == w.Body.String() {
		t.Fatal("the file does not have s3-7")
	}
	var out struct {
		Taken   []taken
		Refused []finding
		Written bool
	}
	before := p.read("content/plan/c3/s3.en.md")
	send := func(name, text string, really bool) int {
		out.Taken, out.Refused = nil, nil
		return p.ask("translated", m{"name": name, "data": []byte(text), "really": really}, &out)
	}
	if code := send("x.po", po, false); code != 200 || len(out.Taken) != 1 || out.Taken[0].ID != "s3-7" || p.read("content/plan/c3/s3.en.md") != before {
		t.Fatal(code, out)
	}
	if code := send("x.po", po, true); code != 200 || !out.Written || !strings.Contains(p.read("content/plan/c3/s3.en.md"), "applying for") {
		t.Fatal(code, out)
	}
	if code := send("x.po", strings.Replace(po, "Support Longyan in applying for UNESCO Global Geopark status.", "支持龙岩创建世界地质公园。", 1), true); code != 200 || len(out.Taken) != 0 || len(out.Refused) == 0 {
		t.Errorf("Chinese for English: %d %+v", code, out)
	}
	if code := send("x.txt", "hello", false); code != 422 {
		t.Errorf("a text: %d", code)
	}
	if code := send("x.docx", "no Word file", false); code != 422 {
		t.Errorf("no Word file: %d", code)
	}
}
