package edit

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// project is a copy of some of the portal's content in a folder of its own.
func project(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	for _, part := range []string{"plan/c3", "plan/c4", "topics/ecology", "pages"} {
		if err := os.CopyFS(filepath.Join(root, "content", part), os.DirFS("../../../content/"+part)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"content/termbase.csv", "content/ledger.csv", "content/plan/_index.zh.md", "content/plan/_index.en.md"} {
		put(t, root, name, file(t, "../../..", name))
	}
	return root
}

// desk opens a desk on a folder.
func desk(t testing.TB, root, who string) *Desk {
	t.Helper()
	d, err := Open(root, Options{Who: who})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func file(t testing.TB, root, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func put(t testing.TB, root, name string, data []byte) {
	t.Helper()
	name = filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// save reads a piece and saves another text for it.
func save(t testing.TB, d *Desk, ref Ref, text string) Saved {
	t.Helper()
	v, err := d.Read(ref)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Save(context.Background(), Change{Ref: ref, Text: text, Base: v.Hash})
	if err != nil {
		t.Fatalf("%v: %v", ref, err)
	}
	return s
}

// differing are the lines in which two texts of the same number of lines differ.
func differing(t testing.TB, a, b []byte) (lines []int) {
	t.Helper()
	x, y := bytes.SplitAfter(a, []byte("\n")), bytes.SplitAfter(b, []byte("\n"))
	if len(x) != len(y) {
		t.Fatalf("%d lines have become %d", len(x), len(y))
	}
	for i := range x {
		if !bytes.Equal(x[i], y[i]) {
			lines = append(lines, i+1)
		}
	}
	return lines
}

const s3 = "content/plan/c3/s3.en.md"

// TestOneSentence edits one sentence in files as people have them: it is one line
// that differs.
func TestOneSentence(t *testing.T) {
	for name, disguise := range map[string]func(string) string{
		"as it is": func(s string) string { return s },
		"CRLF":     func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"BOM":      func(s string) string { return "\ufeff" + s },
		"mixed":    func(s string) string { return strings.Replace(s, "\n\n", "\r\n\n", 3) },
		"no end":   func(s string) string { return strings.TrimRight(s, "\n") },
		"spaces":   func(s string) string { return strings.ReplaceAll(s, "}\n", "}  \n \n") },
		"blank":    func(s string) string { return strings.ReplaceAll(s, "\n\n", "\n\n\n\n") + "\n\n" },
	} {
		t.Run(name, func(t *testing.T) {
			root := project(t)
			put(t, root, s3, []byte(disguise(string(file(t, root, s3)))))
			before := file(t, root, s3)
			d := desk(t, root, "张三")
			ref := Ref{ID: "s3-2", Field: English}
			v, err := d.Read(ref)
			if err != nil || v.Text == "" {
				t.Fatal(v, err)
			}
			s := save(t, d, ref, strings.Replace(v.Text, "Changting", "*Changting*", 1))
			after := file(t, root, s3)
			if got := differing(t, before, after); len(got) != 1 {
				t.Errorf("lines %v differ", got)
			}
			if !s.Changed || s.Hash != plan.Hash(s.Text) || !strings.Contains(s.Text, "*Changting*") {
				t.Errorf("saved %+v", s)
			}
			save(t, d, ref, v.Text)
			if !bytes.Equal(file(t, root, s3), before) {
				t.Error("changed back, the file is not what it was")
			}
		})
	}
}

// TestConflict has two people change the same sentence and different ones.
func TestConflict(t *testing.T) {
	root := project(t)
	a, b := desk(t, root, "张三"), desk(t, root, "李四")
	ctx := context.Background()
	two, seven := Ref{ID: "s3-2", Field: English}, Ref{ID: "s3-7", Field: English}
	v2, _ := a.Read(two)
	v7, _ := b.Read(seven)
	if _, err := a.Save(ctx, Change{Ref: two, Text: "Changting one.", Base: v2.Hash}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Save(ctx, Change{Ref: seven, Text: "Geopark two.", Base: v7.Hash}); err != nil {
		t.Fatal("another sentence of the same file:", err)
	}
	_, err := b.Save(ctx, Change{Ref: two, Text: "Changting three.", Base: v2.Hash})
	var c *Conflict
	if !errors.As(err, &c) {
		t.Fatal("no conflict:", err)
	}
	if c.Base != v2.Text || c.Mine != "Changting three." || c.Theirs.Text != "Changting one." || c.Who != "张三" || !c.Known {
		t.Errorf("%+v", c)
	}
	if list := diag.From(err); len(list) != 1 || list[0].File != s3 || !strings.Contains(list[0].Fact.ZH, "张三") {
		t.Errorf("told as %v", list)
	}
	if _, err := b.Save(ctx, Change{Ref: two, Text: "Changting three.", Base: c.Theirs.Hash}); err != nil {
		t.Fatal("decided:", err)
	}
	if got := string(file(t, root, s3)); !strings.Contains(got, "Changting three.\n{#s3-2}") || !strings.Contains(got, "Geopark two.\n{#s3-7}") {
		t.Error(got)
	}
	page := Ref{File: "content/pages/about.en.md", Field: Body}
	v, _ := a.Read(page)
	if _, err := a.Save(ctx, Change{Ref: page, Text: v.Text + "\n\nA last line.", Base: v.Hash}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Save(ctx, Change{Ref: page, Text: "A first line.\n\n" + v.Text, Base: v.Hash}); !errors.As(err, &c) || c.Merged != "A first line.\n\n"+v.Text+"\n\nA last line." {
		t.Errorf("no offer to merge: %v", err)
	}
	// The same text from both is no conflict.
	if s, err := a.Save(ctx, Change{Ref: two, Text: "Changting three.", Base: v2.Hash}); err != nil || s.Changed {
		t.Error(s, err)
	}
}

// TestReadOnly tries everything that must not be changed.
func TestReadOnly(t *testing.T) {
	root := project(t)
	d := desk(t, root, "张三")
	for _, ref := range []Ref{
		{ID: "s3-2", Field: Chinese},
		{File: "content/plan/c3/s3.zh.md", Field: "title"},
		{File: "content/plan/c3/s3.zh.md", Field: Body},
		{File: "content/plan/c3/s3.zh.md", Field: Whole},
		{File: "content/plan/_index.zh.md", Field: "sha256"},
		{File: "content/ledger.csv", Row: "s3-2", Field: "why"},
		{File: "content/ledger.csv", Field: Whole},
		{File: "content/../hugo.toml", Field: Whole},
		{File: "hugo.toml", Field: Whole},
		{File: "/etc/passwd", Field: Whole},
		{File: "content/.git/x.md", Field: Whole},
		{File: `content/..\x.md`, Field: Whole},
		{ID: "s99-1", Field: English},
		{ID: "s3-99", Field: English},
		{ID: "s3-2", Field: "kind"},
	} {
		v, _ := d.Read(ref)
		_, err := d.Save(context.Background(), Change{Ref: ref, Text: "x", Base: v.Hash})
		if err == nil {
			t.Errorf("%v was saved", ref)
		} else if list := diag.From(err); list[0].Fact.ZH == "" || list[0].Hint.ZH == "" || list[0].Fact.ZH == list[0].Fact.EN {
			t.Errorf("%v: said as %v", ref, err)
		}
	}
	if _, err := os.Stat(filepath.Join(root, journalDir, "2026-11")); err == nil {
		t.Error("the journal has something")
	}
}

// TestPieces saves one piece of each kind and looks at what differs.
func TestPieces(t *testing.T) {
	for _, c := range []struct {
		ref   Ref
		text  string
		lines int // that differ
		has   string
	}{
		{Ref{ID: "s3-2", Field: "topics"}, "ecology livelihood", 1, `{#s3-2 topics="ecology livelihood" places="`},
		{Ref{ID: "s3-2", Field: "bodies"}, "fujian ndrc", 1, `bodies="fujian ndrc"}`},
		{Ref{ID: "s3-6", Field: "places"}, "longyan", 1, `{#s3-6 topics="ecology" places="longyan"}`},
		{Ref{File: "content/topics/ecology/_index.zh.md", Field: "title"}, "绿色", 1, "title: 绿色\n"},
		{Ref{File: "content/topics/ecology/_index.en.md", Field: "title"}, "Ecology: now", 1, "title: 'Ecology: now'\n"},
		{Ref{File: "content/plan/c3/s3.en.md", Field: "title"}, "Environment", 1, "title: Environment\n"},
		{Ref{File: "content/termbase.csv", Row: "国发〔2021〕3号", Field: "en"}, "Guofa [2021], No. 3", 1, `国发〔2021〕3号,"Guofa [2021], No. 3",Guo Fa|`},
	} {
		t.Run(c.ref.String(), func(t *testing.T) {
			root := project(t)
			d := desk(t, root, "张三")
			v, err := d.Read(c.ref)
			if err != nil {
				t.Fatal(err)
			}
			before := file(t, root, v.Pos.File)
			save(t, d, c.ref, c.text)
			after := file(t, root, v.Pos.File)
			if got := differing(t, before, after); len(got) != c.lines || !strings.Contains(string(after), c.has) {
				t.Errorf("lines %v differ:\n%s", got, bytes.SplitAfter(after, []byte("\n"))[got[0]-1])
			}
			save(t, d, c.ref, v.Text)
			back := bytes.ReplaceAll(file(t, root, v.Pos.File), []byte("'"), nil) // quotes stay where they were needed once
			if !bytes.Equal(back, bytes.ReplaceAll(before, []byte("'"), nil)) {
				t.Error("changed back, the file is not what it was")
			}
		})
	}
}

func TestAuthor(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("AppData", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	if _, said := Author(); said {
		t.Error("a name was said by nobody")
	}
	if err := SetAuthor(" 张\u200b三 \n"); err != nil {
		t.Fatal(err)
	}
	if name, said := Author(); name != "张三" || !said {
		t.Errorf("%q, %v", name, said)
	}
	root := project(t)
	d := desk(t, root, "")
	save(t, d, Ref{ID: "s3-7", Field: English}, "One.")
	if tales, _ := d.History(Ref{ID: "s3-7"}); tales[0].Who != "张三" {
		t.Errorf("by %q", tales[0].Who)
	}
}

// TestNewFile begins a page that was not there, which two people do not both.
func TestNewFile(t *testing.T) {
	root := project(t)
	a, b := desk(t, root, "张三"), desk(t, root, "李四")
	ref := Ref{File: "content/updates/2024-05-01-water.zh.md", Field: Whole}
	const text = "---\ntitle: 水\ndate: 2024-05-01\nmeasures: [s3-2]\n---\n\n正文。"
	if _, err := a.Save(context.Background(), Change{Ref: ref, Text: "no front matter"}); err == nil {
		t.Error("a page without front matter was begun")
	}
	if _, err := a.Save(context.Background(), Change{Ref: ref, Text: text}); err != nil {
		t.Fatal(err)
	}
	if got := string(file(t, root, ref.File)); got != text+"\n" {
		t.Errorf("%q", got)
	}
	_, err := b.Save(context.Background(), Change{Ref: ref, Text: strings.Replace(text, "水", "河", 1)})
	var c *Conflict
	if !errors.As(err, &c) {
		t.Error("written over:", err)
	}
	page, err := a.Page(ref.File)
	if err != nil || page.Values["measures"].Text != "s3-2" || page.Body.Text != "正文。" {
		t.Errorf("%+v, %v", page, err)
	}
	// A form saves several pieces of a page at once; the one that has a conflict is left.
	save(t, b, Ref{File: ref.File, Field: "title"}, "江")
	out, err := a.SaveAll(context.Background(), "王五",
		Change{Ref: Ref{File: ref.File, Field: "title"}, Text: "湖", Base: page.Values["title"].Hash},
		Change{Ref: Ref{File: ref.File, Field: "measures"}, Text: "s3-2\ns3-7", Base: page.Values["measures"].Hash},
		Change{Ref: Ref{File: ref.File, Field: Body}, Text: "正文。\n\n又一段。", Base: page.Body.Hash})
	if err != nil || !errors.As(out[0].Err, &c) || out[1].Err != nil || out[2].Err != nil {
		t.Fatal(out, err)
	}
	if got := string(file(t, root, ref.File)); got != "---\ntitle: 江\ndate: 2024-05-01\nmeasures: [s3-2, s3-7]\n---\n\n正文。\n\n又一段。\n" {
		t.Errorf("%q", got)
	}
	if tales, _ := a.History(Ref{File: ref.File}); len(tales) != 4 || tales[0].Who != "王五" || tales[0].Set != tales[1].Set || !tales[3].New {
		t.Errorf("%+v", tales)
	}
}

// TestTerms gives a term another name, adds one and takes one out.
func TestTerms(t *testing.T) {
	root := project(t)
	d := desk(t, root, "张三")
	const name = "content/termbase.csv"
	before := file(t, root, name)
	ctx := context.Background()
	s := save(t, d, Ref{File: name, Row: "长汀", Field: "zh"}, "长汀县")
	if got := differing(t, before, file(t, root, name)); len(got) != 1 || s.Ref.Row != "长汀县" || s.Text != "长汀县" {
		t.Errorf("%v %+v", got, s)
	}
	if out, err := d.Undo(ctx, s.Entry); err != nil || out[0].Err != nil || !bytes.Equal(before, file(t, root, name)) {
		t.Error(out, err)
	}
	out, err := d.SaveAll(ctx, "", Change{Ref: Ref{File: name, Row: "新词", Field: "en"}, Text: "a new\nterm"}, Change{Ref: Ref{File: name, Row: "新词", Field: "note"}, Text: "x, y"})
	if err != nil || out[0].Err != nil || out[1].Err != nil {
		t.Fatal(out, err)
	}
	if got := string(file(t, root, name)); got != string(before)+"新词,a new term,,,\"x, y\",,,\n" {
		t.Errorf("%q", got[len(before):])
	}
	save(t, d, Ref{File: name, Row: "新词", Field: Row}, "")
	if !bytes.Equal(before, file(t, root, name)) {
		t.Error("taken out, the file is not what it was")
	}
	for _, ref := range []Ref{{File: name, Row: "a\nb", Field: "en"}, {File: name, Row: "长汀", Field: "nothing"}} {
		v, _ := d.Read(ref)
		if _, err := d.Save(ctx, Change{Ref: ref, Text: "x", Base: v.Hash}); err == nil {
			t.Errorf("%v was saved", ref)
		}
	}
}

// TestKeptTables refuses to write into tables whose rows commands make, cell, row and
// whole, and says what to do instead; they can be read.
func TestKeptTables(t *testing.T) {
	root := project(t)
	put(t, root, "content/history.csv", file(t, "../../..", "content/history.csv"))
	put(t, root, "content/editions.csv", file(t, "../../..", "content/editions.csv"))
	put(t, root, "content/readings.csv", []byte("id,text,written,checked,released\ns3-2,0123456789abcdef,,张三,\n"))
	d := desk(t, root, "张三")
	for name, hint := range map[string]string{"ledger.csv": "translate accept", "history.csv": "editions record", "editions.csv": "editions record --edition", "readings.csv": "below the sentence"} {
		name = "content/" + name
		before := file(t, root, name)
		doc, err := d.document(name)
		if err != nil {
			t.Fatal(err)
		}
		key := doc.Rows()[0].Cells[0].Text
		for _, ref := range []Ref{{File: name, Row: key, Field: doc.Heading()[1]}, {File: name, Row: key, Field: Row}, {File: name, Row: "new", Field: doc.Heading()[1]}, {File: name, Field: Whole}} {
			v, err := d.Read(ref)
			if err != nil || v.Text == "" && ref.Row != "new" {
				t.Errorf("%s is not read: %v", ref, err)
			}
			for _, text := range []string{"x", ""} {
				_, err = d.Save(context.Background(), Change{Ref: ref, Text: text, Base: v.Hash})
				if found := diag.From(err); err == nil || !strings.Contains(found[0].Hint.EN, hint) || found[0].File != name {
					t.Errorf("%s: saved, or without what to do instead: %v", ref, err)
				}
			}
		}
		if !bytes.Equal(file(t, root, name), before) {
			t.Errorf("%s was written", name)
		}
	}
}

// TestReadings enters who has read a sentence with the words that were read: names go
// with words that change, another person's words are not signed, and undo puts back.
func TestReadings(t *testing.T) {
	root := project(t)
	d := desk(t, root, "张三")
	ctx := context.Background()
	checked, released := Ref{ID: "s3-2", Field: "checked"}, Ref{ID: "s3-2", Field: "released"}
	words := func() string {
		t.Helper()
		words, err := d.Words(checked.ID)
		if err != nil {
			t.Fatal(err)
		}
		return words
	}
	seen := words()
	first := save(t, d, checked, " 张三 ")
	save(t, d, released, "李四")
	save(t, d, Ref{ID: "s3-1", Field: "checked"}, "张三")
	table := string(file(t, root, readingsFile))
	if !strings.Contains(table, "id,text,written,checked,released\ns3-1,") || !strings.Contains(table, "\ns3-2,"+seen+",,张三,李四\n") || first.Text != "张三" {
		t.Fatalf("%+v\n%s", first, table)
	}
	// In a file as an office program has it, one row differs.
	put(t, root, readingsFile, []byte("\ufeff"+strings.ReplaceAll(table, "\n", "\r\n")))
	before := file(t, root, readingsFile)
	save(t, d, released, "王五")
	if got := differing(t, before, file(t, root, readingsFile)); len(got) != 1 || got[0] != 3 {
		t.Errorf("lines %v differ", got)
	}

	english := save(t, d, Ref{ID: "s3-2", Field: English}, "Other words.")
	if v, _ := d.Read(checked); v.Text != "" || words() == seen {
		t.Errorf("%q has checked words that were written later", v.Text)
	}
	if _, err := d.Save(ctx, Change{Ref: checked, Text: "赵六", Words: seen}); err == nil || !strings.Contains(err.Error(), "has changed since you read it") {
		t.Error("words were signed that nobody had read:", err)
	}
	if _, err := d.Save(ctx, Change{Ref: checked, Text: "赵六", Words: words()}); err != nil {
		t.Error(err)
	}
	if v, _ := d.Read(released); v.Text != "" {
		t.Errorf("%q has released other words", v.Text)
	}
	// Both go back: the name of the later words, then these words themselves.
	tales, _ := d.History(checked)
	for _, id := range []string{tales[0].ID, english.Entry} {
		if out, err := d.Undo(ctx, id); err != nil || out[0].Err != nil {
			t.Fatal(out, err)
		}
	}
	if words() != seen {
		t.Error("the words are not back")
	}
	for _, id := range []plan.ID{"s99-1", "s3-99"} {
		if _, err := d.Save(ctx, Change{Ref: Ref{ID: id, Field: "checked"}, Text: "张三"}); err == nil {
			t.Errorf("%s was signed", id)
		}
		if _, err := d.Sign(ctx, "checked", "张三", []plan.ID{"s3-1", id}); err == nil || !strings.Contains(err.Error(), string(id)) {
			t.Errorf("%s: %v", id, err)
		}
	}
	// Going back to a day leaves names to the words.
	save(t, d, checked, "周八")
	if list, err := d.Restoring(time.Now().Add(-time.Hour)); err != nil || len(list) != 0 {
		t.Errorf("a name would go back by itself: %+v %v", list, err)
	}
	done, err := d.Sign(ctx, "checked", "孙七", []plan.ID{"s3-7", "s3-1"})
	if err != nil || len(done) != 2 || done[0] != "s3-1" {
		t.Error(done, err)
	}
	if done, err := d.Sign(ctx, "checked", "孙七", []plan.ID{"s3-7"}); err != nil || len(done) != 0 {
		t.Error("again:", done, err)
	}
	if tales, _ := d.History(Ref{ID: "s3-1", Field: "checked"}); len(tales) != 2 || tales[0].Before != "张三" || tales[0].After != "孙七" {
		t.Errorf("%+v", tales)
	}
}
