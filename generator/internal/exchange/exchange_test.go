package exchange_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/exchange"
	"minxi/generator/internal/plan"
)

var update = flag.Bool("update", false, "write what the tests got as what they want")

// sample has everything that can go wrong in writing: markup of every kind,
// characters that a format escapes, and every state.
func sample() exchange.Document {
	return exchange.Document{
		Title: plan.Text{ZH: "示例方案", EN: "A <sample> & plan"},
		Segments: []exchange.Segment{
			{ID: "p-1", Source: "序言“甲”与《乙》。", Target: "A preamble with “quotes”, 'single' and \"double\" ones (Guofa [2021] No. 3).", State: exchange.Current, Note: "序言 / Preamble"},
			{ID: "c1-1", Source: "甲 & 乙 < 丙 > 丁 ]]> 戊。", Target: `Salt & pepper, 1 < 2 > 0, ]]> and a back\\slash.`, State: exchange.Current, Note: "第一章“<&>”"},
			{ID: "s3-1", Source: "加强。", Target: "Step **up *the* treatment** of `<code>` and see [the *plan*](https://example.org/a?b=c&d=(e) \"Title\").", State: exchange.Current, Note: "第三节"},
			{ID: "s3-2", Source: "新的中文。", Target: "English of the **old** Chinese.", State: exchange.Stale, Note: "第三节\n第二行", Before: "旧的“中文”。"},
			{ID: "s3-3", Source: "还没有译。", State: exchange.Missing, Note: "第三节"},
			{ID: "s3-4", Source: "行分隔\u2028与\t制表。", Target: "Line\u2028separator, **bold****er** \\* &amp; &copy; 2 * 3 = 6.", State: exchange.Current},
		},
		Terms: []plan.Term{
			{Text: plan.Text{ZH: "长汀", EN: "Changting"}, Kind: "place", Note: "A county & more.", Source: "proposed", Forbidden: []string{"Chang Ting", "Tingzhou <old>"}},
			{Text: plan.Text{ZH: "长汀", EN: "Changting"}, Kind: "place"},
			{Text: plan.Text{ZH: "未译"}},
		},
	}
}

// readable are the formats that come back.
func readable() []exchange.Format {
	return slices.DeleteFunc(slices.Clone(exchange.Formats), func(f exchange.Format) bool { return f.Terms })
}

// textual are those of them that are text.
func textual() []exchange.Format {
	return slices.DeleteFunc(readable(), func(f exchange.Format) bool { return f.Bytes })
}

func write(t testing.TB, f exchange.Format, d exchange.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, d); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return b.Bytes()
}

func read(t testing.TB, f exchange.Format, src []byte) exchange.File {
	t.Helper()
	file, err := f.Read("back"+f.Ext, src)
	if err != nil {
		t.Fatalf("%s: %v\n%s", f.Name, err, src)
	}
	return file
}

// realDocument makes a document of the project's own plan.
func realDocument(t testing.TB) exchange.Document {
	t.Helper()
	tree, found := content.Load(os.DirFS("../../.."), "content")
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	d := exchange.Document{Title: tree.Plan.Title, Terms: tree.Plan.Terms}
	for u := range tree.Plan.Units() {
		s := exchange.Segment{ID: u.ID, Source: u.Text.ZH, Target: u.Text.EN, State: exchange.Current, Note: fmt.Sprintf("第%d章第%d节", u.Chapter, u.Section)}
		if s.Target == "" {
			s.State = exchange.Missing
		}
		d.Segments = append(d.Segments, s)
	}
	if len(d.Segments) < 100 {
		t.Fatalf("the plan has %d units only", len(d.Segments))
	}
	return d
}

func TestGolden(t *testing.T) {
	for _, f := range exchange.Formats {
		got := write(t, f, sample())
		name := filepath.Join("testdata", "sample"+f.Ext)
		if f.Bytes {
			if again := write(t, f, sample()); !bytes.Equal(got, again) {
				t.Errorf("%s: not the same bytes", f.Name)
			}
			got, name = unpacked(t, got), name+".txtar"
		}
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s:\n%s\nwant:\n%s", f.Name, got, want)
		}
		if bytes.ContainsRune(got, '\r') {
			t.Errorf("%s: a carriage return", f.Name)
		}
	}
}

// TestRoundTrip writes, reads and compares: nothing is lost, nothing is taken.
func TestRoundTrip(t *testing.T) {
	for name, d := range map[string]exchange.Document{"sample": sample(), "real": realDocument(t)} {
		for _, f := range readable() {
			t.Run(name+"/"+f.Name, func(t *testing.T) {
				file := read(t, f, write(t, f, d))
				want := slices.Clone(d.Segments)
				if file.Partial {
					want = slices.DeleteFunc(want, func(s exchange.Segment) bool { return s.State != exchange.Current })
				}
				if len(file.Units) != len(want) {
					t.Fatalf("%d units, want %d", len(file.Units), len(want))
				}
				for i, s := range want {
					u := file.Units[i]
					if u.ID != s.ID || u.Source != s.Source || u.Target != s.Target || u.Pos.Line == 0 || len(u.Faults) > 0 {
						t.Errorf("%+v\nwant %+v", u, s)
					}
					if !file.Partial && f.Name == "po" && u.State != s.State {
						t.Errorf("%s: state %q, want %q", u.ID, u.State, s.State)
					}
				}
				if taken, refused := exchange.Accept(d, file); len(taken) > 0 || len(refused) > 0 {
					t.Errorf("taken %v\nrefused %v", taken, refused)
				}
			})
		}
	}
}

// TestEdits takes exactly the sentences that were edited, with exactly what
// they were edited to.
func TestEdits(t *testing.T) {
	d := realDocument(t)
	for _, f := range readable() {
		t.Run(f.Name, func(t *testing.T) {
			edited, want := d, map[plan.ID]string{}
			edited.Segments = slices.Clone(d.Segments)
			for i := range edited.Segments {
				if i%7 == 3 {
					s := &edited.Segments[i]
					s.Target = fmt.Sprintf("Edit *number* %d of **%s**, [linked](/en/m/%s/) & `coded` \\[1\\].", i, s.ID, s.ID)
					want[s.ID] = s.Target
				}
			}
			src := write(t, f, edited)
			if f.Name == "xliff" {
				// A translator's tool has no codes for markup that we did not write,
				// so what he adds he types: the same words, as text.
				typed := d
				typed.Segments = slices.Clone(d.Segments)
				for i := range typed.Segments {
					if s := &typed.Segments[i]; want[s.ID] != "" {
						s.Target = "@" + string(s.ID) + "@"
					}
				}
				src = write(t, f, typed)
				for id, target := range want {
					src = bytes.Replace(src, []byte("@"+id+"@"), []byte(strings.ReplaceAll(target, "&", "&amp;")), 1)
				}
			}
			if f.Bytes {
				// The file says what each row was made from, so that it is edited, not made anew.
				src = repacked(t, write(t, f, d), func(body string) string {
					for i, s := range d.Segments {
						if target := want[s.ID]; target != "" {
							body = strings.Replace(body, ">"+s.Target+"<", ">"+strings.ReplaceAll(edited.Segments[i].Target, "&", "&amp;")+"<", 1)
						}
					}
					return body
				})
			}
			taken, refused := exchange.Accept(d, read(t, f, src))
			if len(refused) > 0 {
				t.Fatal(refused)
			}
			for _, u := range taken {
				if want[u.ID] != u.Target {
					t.Errorf("%s: %q, want %q", u.ID, u.Target, want[u.ID])
				}
				delete(want, u.ID)
			}
			if len(want) > 0 {
				t.Errorf("not taken: %v", want)
			}
		})
	}
}

// TestAcceptedIsMarkdown puts sentences that are accepted into a content folder
// and sees that goldmark understands them as we do: one unit each, no finding.
func TestAcceptedIsMarkdown(t *testing.T) {
	for target, plain := range map[string]string{
		"Plain words.": "Plain words.",
		"**Strong**, *weak*, _weak_ and __strong__.":       "Strong, weak, weak and strong.",
		"***Both*** and **a *b* c**.":                      "Both and a b c.",
		"Code `a*b_c` and ``a`b``.":                        "Code a*b_c and a`b.",
		"[Link](https://example.org \"t\") to *[it](/x)*.": "Link to it.",
		"[a](<b c>).":                        "",
		"No. [2021] 3 [x] (y).":              "No. [2021] 3 [x] (y).",
		"Sum 2 * 3 < 4 & 5 > 1.":             "Sum 2 * 3 < 4 & 5 > 1.",
		`1\. \# \*x\* \[a\]\(b\) &lt;b&gt;`:  "1. # *x* [a](b) <b>",
		"snake_case and a_b_c.":              "snake_case and a_b_c.",
		"AT&T; &nosuch; &amp;.":              "AT&T; &nosuch; &.",
		"**“Red”** culture (*here*), *x*—y.": "“Red” culture (here), x—y.",
		"a**b**c and **a** ** b.":            "abc and a ** b.",
	} {
		d := exchange.Document{Segments: []exchange.Segment{{ID: "p-1", Source: "中文。", State: exchange.Missing}}}
		taken, refused := exchange.Accept(d, exchange.File{Units: []exchange.Unit{{ID: "p-1", Source: "中文。", Target: target}}})
		if plain == "" {
			if len(taken) > 0 {
				t.Errorf("%q is accepted", target)
			}
			continue
		}
		if len(taken) != 1 {
			t.Errorf("%q is refused: %v", target, refused)
			continue
		}
		if got := exchange.PlainText(target); got != plain {
			t.Errorf("%q is %q to us, want %q", target, got, plain)
		}
		if got := goldmark(t, target); got != plain {
			t.Errorf("%q becomes %q, want %q", target, got, plain)
		}
	}
}

// goldmark gives the text that the content folder reads from a sentence.
func goldmark(t *testing.T, target string) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string]string{"zh": "中文。", "en": target} {
		if err := os.MkdirAll(filepath.Join(dir, "content/plan"), 0o755); err != nil {
			t.Fatal(err)
		}
		file := "---\ntitle: T\n---\n\n" + body + "\n{#p-1}\n"
		if err := os.WriteFile(filepath.Join(dir, "content/plan/_index."+name+".md"), []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, found := content.Load(os.DirFS(dir), "content")
	for _, d := range found {
		if strings.HasSuffix(d.File, ".en.md") {
			t.Errorf("%q: %v", target, d)
		}
	}
	return tree.Plan.Preamble[0].Text.EN
}

func TestConfirm(t *testing.T) {
	d := sample()
	for name, c := range map[string]struct {
		format int
		from   string
		to     string
	}{
		"xliff": {0, `state="initial" subState="minxi:stale"`, `state="translated"`},
		"po":    {1, "#, fuzzy\n", ""},
	} {
		f := exchange.Formats[c.format]
		src := bytes.Replace(write(t, f, d), []byte(c.from), []byte(c.to), 1)
		taken, refused := exchange.Accept(d, read(t, f, src))
		if len(refused) > 0 || len(taken) != 1 || taken[0].ID != "s3-2" || taken[0].Target != "English of the **old** Chinese." {
			t.Errorf("%s: taken %v, refused %v", name, taken, refused)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	for name, d := range map[string]exchange.Document{
		"id":        {Segments: []exchange.Segment{{ID: "x"}}},
		"twice":     {Segments: []exchange.Segment{{ID: "p-1"}, {ID: "p-1"}}},
		"control":   {Segments: []exchange.Segment{{ID: "p-1", Source: "a\x01"}}},
		"utf-8":     {Segments: []exchange.Segment{{ID: "p-1", Target: "a\xff"}}},
		"term":      {Terms: []plan.Term{{Forbidden: []string{"\x00"}}}},
		"not a chr": {Title: plan.Text{EN: "\uffff"}},
	} {
		for _, f := range exchange.Formats {
			var b bytes.Buffer
			if err := f.Write(&b, d); err == nil || b.Len() > 0 {
				t.Errorf("%s, %s: %v, %d bytes", f.Name, name, err, b.Len())
			}
		}
	}
}

func TestForFile(t *testing.T) {
	for name, want := range map[string]string{"a.xlf": "xliff", "A.XLIFF": "xliff", "b.po": "po", "c.tmx": "tmx", "d.tbx": "tbx", "Review.DOCX": "docx", "e.txt": "", "f.doc": ""} {
		if f, ok := exchange.ForFile(name); f.Name != want || ok != (want != "") {
			t.Errorf("ForFile(%s) = %s, %v", name, f.Name, ok)
		}
	}
	if _, err := exchange.Formats[3].Read("d.tbx", nil); err == nil {
		t.Error("terms are read back")
	}
}

// bilingual wants every finding to speak both languages.
func bilingual(t *testing.T, l diag.List) {
	t.Helper()
	for _, d := range l {
		for _, s := range []string{d.Fact.ZH, d.Fact.EN, d.Hint.ZH, d.Hint.EN} {
			if s == "" || strings.Contains(s, "%!") {
				t.Errorf("not in both languages, or a broken format: %+v", d)
			}
		}
		if strings.ContainsFunc(d.Fact.EN, func(r rune) bool { return r >= 0x4e00 && r < 0xa000 }) && !strings.Contains(d.Fact.EN, "“") {
			t.Errorf("Chinese in the English: %+v", d)
		}
	}
}
