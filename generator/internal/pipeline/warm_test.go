package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"minxi/generator/internal/cache"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/sample"
	"minxi/generator/internal/site"
)

// A change is one thing that somebody does to a project. It may make it unsound:
// then a warm build has to say what a cold one says.
type change struct {
	name string
	do   func(e *editor)
}

// editor changes files of a project at random.
type editor struct {
	t   *testing.T
	dir string
	r   *rand.Rand
	n   int
}

// pick is a file that matches, or "".
func (e *editor) pick(pattern string) string {
	re := regexp.MustCompile(pattern)
	var names []string
	_ = filepath.WalkDir(e.dir, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(e.dir, name)
		if err == nil && !d.IsDir() && re.MatchString(filepath.ToSlash(rel)) {
			names = append(names, name)
		}
		return nil
	})
	if len(names) == 0 {
		return ""
	}
	return names[e.r.IntN(len(names))]
}

// replace changes one match of a pattern in a file.
func (e *editor) replace(file, pattern string, with func(old string) string) {
	data, err := os.ReadFile(file)
	if err != nil {
		return
	}
	all := regexp.MustCompile(pattern).FindAllIndex(data, -1)
	if len(all) == 0 {
		return
	}
	m := all[e.r.IntN(len(all))]
	out := string(data[:m[0]]) + with(string(data[m[0]:m[1]])) + string(data[m[1]:])
	if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
		e.t.Fatal(err)
	}
}

// more is a word that has not been used before.
func (e *editor) more() string { e.n++; return strconv.Itoa(e.n) }

var changes = []change{
	{"a Chinese sentence", func(e *editor) {
		e.replace(e.pick(`^content/plan/.*\.zh\.md$`), `(?m)^[^-{\n:]+。$`, func(s string) string { return strings.TrimSuffix(s, "。") + "之" + e.more() + "。" })
	}},
	{"an English sentence", func(e *editor) {
		e.replace(e.pick(`^content/plan/.*\.en\.md$`), `(?m)^[A-Z][^:\n]*\.$`, func(s string) string { return strings.TrimSuffix(s, ".") + " " + e.more() + "." })
	}},
	{"an English sentence gone", func(e *editor) {
		e.replace(e.pick(`^content/plan/.*\.en\.md$`), `(?m)^[A-Z][^:\n]*\.\n\{#[^}]*\}\n`, func(string) string { return "" })
	}},
	{"tags", func(e *editor) {
		e.replace(e.pick(`^content/plan/.*/s\d\.zh\.md$`), `topics="[^"]*"( bodies="[^"]*")?`, func(string) string {
			return []string{`topics="ecology"`, `topics="schools"`, `topics="schools ecology"`, `topics="ecology" places="longyan"`, `topics="ecology" places="changting"`, `topics="ecology" bodies="schools county"`}[e.r.IntN(6)]
		})
	}},
	{"the kind of a sentence", func(e *editor) {
		e.replace(e.pick(`^content/plan/.*\.zh\.md$`), `\{#[^ }]+( kind="[a-z]+")?`, func(s string) string {
			s, _, _ = strings.Cut(s, " ")
			return s + []string{"", ` kind="context"`, ` kind="target"`}[e.r.IntN(3)]
		})
	}},
	{"a title", func(e *editor) {
		e.replace(e.pick(`^content/.*\.md$`), `(?m)^title: .*$`, func(s string) string { return s + " " + e.more() })
	}},
	{"a description", func(e *editor) {
		e.replace(e.pick(`^content/.*\.md$`), `(?m)^description: .*$`, func(s string) string { return s + " " + e.more() })
	}},
	{"a place", func(e *editor) {
		e.replace(e.pick(`^content/places/.*\.md$`), `(?m)^(name: .*|tile: .*|place: city)$`, func(s string) string {
			switch {
			case strings.HasPrefix(s, "name"):
				return s + e.more()
			case strings.HasPrefix(s, "tile"):
				return fmt.Sprintf("tile: [%d, %d]", e.r.IntN(4), e.r.IntN(4))
			}
			return s + "\nweight: 3"
		})
	}},
	{"a topic", func(e *editor) {
		e.replace(e.pick(`^content/topics/.*/_index\.zh\.md$`), `(?m)^description: .*$`, func(s string) string {
			return s + "\n" + []string{"weight: 1", "weight: 2", "main: true", "tone: plum", "tone: red"}[e.r.IntN(5)]
		})
	}},
	{"a new place", func(e *editor) {
		id := "p" + strings.Repeat("x", e.r.IntN(3)+1)
		write(e.t, filepath.Join(e.dir, "content/places", id, "_index.zh.md"), "---\ntitle: 某县\nname: 某\nplace: county\nparent: longyan\ntile: ["+e.more()+", 1]\n---\n")
		write(e.t, filepath.Join(e.dir, "content/places", id, "_index.en.md"), "---\ntitle: Some County\nname: Some\n---\n")
	}},
	{"a hub gone", func(e *editor) {
		if f := e.pick(`^content/(topics|places)/[a-z]+/_index\.zh\.md$`); f != "" {
			os.RemoveAll(filepath.Dir(f))
		}
	}},
	{"the text of a page", func(e *editor) {
		f := e.pick(`^content/(pages|topics|updates)/.*\.md$`)
		data, _ := os.ReadFile(f)
		write(e.t, f, string(data)+"\n见[这里](s1-2)"+e.more()+"。\n")
	}},
	{"a page", func(e *editor) {
		name := filepath.Join(e.dir, "content/pages/p"+strconv.Itoa(e.r.IntN(3)))
		write(e.t, name+".zh.md", "---\ntitle: 页 "+e.more()+"\n---\n\n文字。\n")
		write(e.t, name+".en.md", "---\ntitle: page\ndraft: "+strconv.FormatBool(e.r.IntN(2) == 0)+"\n---\n\nText.\n")
	}},
	{"an update", func(e *editor) {
		name := filepath.Join(e.dir, "content/updates/2024-0"+strconv.Itoa(e.r.IntN(3)+1)+"-01-x")
		write(e.t, name+".zh.md", "---\ntitle: 动态 "+e.more()+"\ndate: 2024-05-0"+strconv.Itoa(e.r.IntN(9)+1)+"\nmeasures: [s"+[]string{"1-2", "2-1"}[e.r.IntN(2)]+"]\n---\n\n正文。\n")
		write(e.t, name+".en.md", "---\ntitle: update\n---\n\nText.\n")
	}},
	{"a term", func(e *editor) {
		e.replace(filepath.Join(e.dir, "content/termbase.csv"), `(?m)^[^,\n]+,[^,\n]+,,[a-z-]+,,$`, func(s string) string {
			parts := strings.Split(s, ",")
			parts[1] += " " + e.more()
			parts[3] = []string{"policy-term", "place", "spirit"}[e.r.IntN(3)]
			return strings.Join(parts, ",")
		})
	}},
	{"a new term", func(e *editor) {
		f := filepath.Join(e.dir, "content/termbase.csv")
		data, _ := os.ReadFile(f)
		write(e.t, f, string(data)+[]string{"长汀", "绿色", "方案", "没有"}[e.r.IntN(4)]+e.more()+",t"+e.more()+",,place,,\n绿,green"+e.more()+",,spirit,,\n")
	}},
	{"the ledger", func(e *editor) {
		write(e.t, filepath.Join(e.dir, "content/ledger.csv"), "id,state,to,zh_sha256,en_from_sha256,zh,en,why\ns9-"+strconv.Itoa(e.r.IntN(3)+1)+","+
			[]string{"withdrawn,", "moved,s1-2", "withdrawn,s1-1 s1-2"}[e.r.IntN(3)]+",x,,旧句"+e.more()+"。,Old.,y\n")
	}},
	{"the configuration", func(e *editor) {
		e.replace(filepath.Join(e.dir, "hugo.toml"), `(?m)^  (sponsor|icp|contact|siteIDCode) = .*$`, func(s string) string {
			key, _, _ := strings.Cut(s, "=")
			return key + `= "` + e.more() + `"`
		})
	}},
	{"an interface text", func(e *editor) {
		e.replace(e.pick(`^themes/minxi/i18n/.*\.toml$`), `(?m)^[a-zA-Z-]+ = "[^"{]+"$`, func(s string) string { return strings.TrimSuffix(s, `"`) + e.more() + `"` })
	}},
	{"a layout", func(e *editor) {
		e.replace(e.pick(`^themes/minxi/layouts/[a-z-]+\.html$`), `\{\{ define "main" \}\}|</main>`, func(s string) string {
			if s == "</main>" {
				return "<p>" + e.more() + "</p>" + s
			}
			return s + "<p>" + e.more() + "</p>"
		})
	}},
	{"a partial", func(e *editor) {
		f := e.pick(`^themes/minxi/layouts/_partials/[a-z-]+\.html$`)
		data, err := os.ReadFile(f)
		if err != nil || bytes.Contains(data, []byte("return ")) {
			return
		}
		write(e.t, f, strings.TrimRight(string(data), "\n")+e.more()+"\n")
	}},
	{"a link's template", func(e *editor) {
		e.replace(filepath.Join(e.dir, "themes/minxi/layouts/_markup/render-link.html"), `</a>`, func(s string) string { return s + "<i>" + e.more() + "</i>" })
	}},
	{"a style", func(e *editor) {
		e.replace(e.pick(`^themes/minxi/assets/css/.*\.css$`), `: \d+px`, func(s string) string { return ": " + e.more() + "px" })
	}},
	{"the script", func(e *editor) {
		e.replace(filepath.Join(e.dir, "themes/minxi/assets/js/minxi.js"), `(?m)\A`, func(string) string { return "// " + e.more() + "\n" })
	}},
}

// TestWarm changes a project at random, one thing after the other, and goes back to
// earlier states now and then. After each change a build with what earlier ones have
// kept gives the same bytes, or the same findings, as one that keeps nothing.
// MINXI_WARM says how many changes.
func TestWarm(t *testing.T) {
	steps := sample.Times(60, len(changes))
	if s := os.Getenv("MINXI_WARM"); s != "" {
		var err error
		if steps, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dir := little(t, littleUpdate)
	e := &editor{t: t, dir: dir, r: rand.New(rand.NewPCG(seed, 1))}
	store := cache.Store{Dir: filepath.Join(t.TempDir(), "cache")}
	last := &Memory{} // of warm builds, as in the preview
	ahead := 0
	build := func(o Options, first ...string) (map[string][]byte, string) {
		o.Dir, o.NoCheck, o.Version = dir, true, "test"
		out := &Memory{}
		if o.Cache.Dir != "" {
			out.Before, last = last, out
			out.First, out.Ready = first, func() { ahead++ }
		}
		_, err := Build(context.Background(), o, out)
		if out.Before = nil; err != nil {
			return nil, diag.From(err).Error()
		}
		return out.Files(), ""
	}
	bases := []Base{{Files: true}, {Origin: "https://example.org/a", Path: "/a"}}
	done, kept, failed := map[string]int{}, 0, 0
	var states []map[string]string
	for step := range steps {
		c := changes[step%len(changes)]
		for range e.r.IntN(3) + 1 { // alone and several at once
			c.do(e)
			done[c.name]++
			c = changes[e.r.IntN(len(changes))]
		}
		o := Options{Base: bases[e.r.IntN(2)], Drafts: e.r.IntN(2) == 0, Preview: e.r.IntN(4) == 0}
		cold, coldErr := build(o)
		o.Cache = store
		var first []string // of pages that somebody waits for
		for name := range cold {
			if path.Ext(name) == ".html" && len(first) < e.r.IntN(3) {
				first = append(first, "/"+strings.TrimSuffix(name, "index.html"))
			}
		}
		warm, warmErr := build(o, first...)
		if coldErr != warmErr {
			t.Fatalf("step %d, %s: warm:\n%s\ncold:\n%s", step, c.name, warmErr, coldErr)
		}
		for _, name := range differ(cold, warm) {
			t.Fatalf("step %d, %s: %s is not what a cold build makes:\n%s\ncold:\n%s", step, c.name, name, warm[name], cold[name])
		}
		if coldErr != "" {
			failed++
			e.restore(states)
			continue
		}
		kept += len(warm)
		if states = append(states, e.state()); e.r.IntN(6) == 0 {
			e.restore(states)
		}
	}
	if len(done) < len(changes) && steps >= len(changes) {
		t.Errorf("only %d of %d kinds of change were tried", len(done), len(changes))
	}
	if failed*2 > steps {
		t.Errorf("%d of %d changes made an unsound project", failed, steps)
	}
	if ahead == 0 {
		t.Error("no page came first")
	}
	t.Logf("%d changes, %d of them unsound, %d files compared, %d times some came first", steps, failed, kept, ahead)
}

// differ lists the files that are not the same.
func differ(a, b map[string][]byte) (names []string) {
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, has := a[name]; !has {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// state is the project as it is.
func (e *editor) state() map[string]string {
	files := map[string]string{}
	_ = filepath.WalkDir(e.dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			data, _ := os.ReadFile(name)
			files[name] = string(data)
		}
		return nil
	})
	return files
}

// restore goes back to one of these states.
func (e *editor) restore(states []map[string]string) {
	if len(states) == 0 {
		return
	}
	to := states[e.r.IntN(len(states))]
	for name := range e.state() {
		if _, has := to[name]; !has {
			os.Remove(name)
		}
	}
	for name, text := range to {
		write(e.t, name, text)
	}
}

// TestKept spoils what was kept: it is noticed and rendered again.
func TestKept(t *testing.T) {
	dir := little(t)
	store := cache.Store{Dir: filepath.Join(t.TempDir(), "cache")}
	build := func(o Options) (*Result, map[string][]byte) {
		t.Helper()
		o.Dir, o.NoCheck, o.Cache, o.Version = dir, true, store, "test"
		var out Memory
		res, err := Build(context.Background(), o, &out)
		if err != nil {
			t.Fatal(err)
		}
		return res, out.Files()
	}
	first, want := build(Options{})
	pages := first.Pages["zh"] + first.Pages["en"] + 2
	again, got := build(Options{Verify: true})
	if first.Kept != 0 || again.Kept != pages || again.Verified < pages/verifyEvery || again.Verified == 0 {
		t.Errorf("kept %d, then %d of %d, verified %d", first.Kept, again.Kept, pages, again.Verified)
	}
	if first.Reused != 0 || again.Reused == 0 || again.Reused >= again.Written || again.Written != first.Written {
		t.Errorf("wrote %d bytes, %d of them as they were; then %d and %d", first.Written, first.Reused, again.Written, again.Reused)
	}
	if d := differ(want, got); d != nil {
		t.Errorf("%v differ", d)
	}
	pack := func() string { // that of the pages; their Markdown has another
		t.Helper()
		names, err := filepath.Glob(filepath.Join(store.Dir, "packs", "*.pack"))
		names = slices.DeleteFunc(names, func(name string) bool {
			data, err := os.ReadFile(name)
			return err == nil && !bytes.Contains(data, []byte("<title>"))
		})
		if err != nil || len(names) != 1 {
			t.Fatal(names, err)
		}
		return names[0]
	}
	whole, err := os.ReadFile(pack())
	if err != nil {
		t.Fatal(err)
	}
	flip := func(at int) []byte { b := bytes.Clone(whole); b[at] ^= 1; return b }
	for _, c := range []struct {
		name        string
		data        []byte
		least, most int // pages that are still taken
	}{
		{"emptied", nil, 0, 0},
		{"cut in its first line", whole[:20], 0, 0},
		{"cut in its list", whole[:500], 0, 0},
		{"a bit of its first line", flip(60), 0, 0},
		{"a bit of its list", flip(200), 0, 0},
		{"a bit of a page", flip(len(whole) - 1), pages - 1, pages - 1},
		{"cut short", whole[:len(whole)-1], pages - 1, pages - 1},
		{"cut in half", whole[:len(whole)/2], 1, pages - 1},
		{"somebody else's file", []byte("minxi pack 1 and something else\n"), 0, 0},
	} {
		name := pack()
		if err := os.WriteFile(name, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		spoilt, got := build(Options{})
		if spoilt.Kept < c.least || spoilt.Kept > c.most {
			t.Errorf("%s: %d of %d pages were taken, not %d to %d", c.name, spoilt.Kept, pages, c.least, c.most)
		}
		if d := differ(want, got); d != nil {
			t.Errorf("%s: %v differ", c.name, d)
		}
		if mended, _ := build(Options{}); mended.Kept != pages {
			t.Errorf("%s: after it %d of %d were kept", c.name, mended.Kept, pages)
		}
		if err := os.RemoveAll(filepath.Dir(name)); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// A page in the cache that is sound and false, which only a mistake of ours can
	// make, is found by --verify.
	tree, _ := content.Load(os.DirFS(dir), "content")
	s, _, _, err := Open(Options{Dir: dir}, tree)
	if err != nil {
		t.Fatal(err)
	}
	var bad []cache.Item
	for p, err := range s.Pages(&site.Notes{}) {
		if err != nil {
			t.Fatal(err)
		}
		b := batch{o: Options{Dir: dir, Version: "test"}}
		bad = append(bad, cache.Item{Entry: b.key(p), Data: []byte("<title>false</title>")})
	}
	store.Pack(bad)
	var out Memory
	_, err = Build(context.Background(), Options{Dir: dir, NoCheck: true, Cache: store, Version: "test", Verify: true}, &out)
	if err == nil || !strings.Contains(err.Error(), "is not what is rendered now") {
		t.Errorf("a false page passes: %v", err)
	}
}

// TestSlicesJoin renders a site in parts, as several machines would, and joins them.
func TestSlicesJoin(t *testing.T) {
	dir := little(t, littleUpdate)
	var want Memory
	whole, err := Build(context.Background(), Options{Dir: dir, NoCheck: true}, &want)
	if err != nil {
		t.Fatal(err)
	}
	const n = 3
	o := Options{Dir: dir, NoCheck: true, Version: "test"}
	pages := 0
	for i := range n {
		part := o
		part.Slice, part.Cache = Slice{i + 1, n}, cache.Store{Dir: t.TempDir()}
		var out Memory
		res, err := Build(context.Background(), part, &out)
		if err != nil {
			t.Fatal(err)
		}
		pages += len(out.Files())
		if res.Kept > 0 {
			t.Errorf("part %d has %d pages of others", i+1, res.Kept)
		}
		o.Parts = append(o.Parts, part.Cache)
	}
	var got Memory
	res, err := Build(context.Background(), o, &got)
	if err != nil {
		t.Fatal(err)
	}
	if res.Kept != pages || whole.Kept != 0 {
		t.Errorf("%d pages were rendered in parts and %d joined", pages, res.Kept)
	}
	if d := differ(want.Files(), got.Files()); d != nil {
		t.Errorf("%v differ", d)
	}
	// A part that is missing or made from other content is rendered here.
	o.Parts = o.Parts[1:]
	var less Memory
	if res, err = Build(context.Background(), o, &less); err != nil || res.Kept >= pages || res.Kept == 0 {
		t.Errorf("without one part: %v, %d kept", err, res.Kept)
	}
	if d := differ(want.Files(), less.Files()); d != nil {
		t.Errorf("%v differ", d)
	}
	for _, s := range []string{"", "1", "0/3", "4/3", "1/0", "1/3/", "a/b", "+1/3", " 1/3", "1/-3"} {
		if p, err := ParseSlice(s); err == nil {
			t.Errorf("%q is %v", s, p)
		}
	}
}
