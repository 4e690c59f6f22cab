package content

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/plan"
)

// parse reads a file of the content folder that is well.
func parse(t testing.TB, inner, src string) *Document {
	t.Helper()
	d, found := Parse("content", inner, []byte(src))
	if len(found) > 0 {
		t.Fatalf("%s: %v", inner, found)
	}
	return d
}

const section = "---\ntitle: Environment\nnumber: 3\n---\n\nOne two three.\n{#s3-1}\n\nFour five\nsix seven.\n{#s3-3}\n"

var order = []plan.ID{"s3-1", "s3-2", "s3-3", "s3-4"}

func TestSetSentence(t *testing.T) {
	for _, c := range []struct{ name, src, id, text, want string }{
		{"a word", section, "s3-1", "One 2 three.", strings.Replace(section, "two", "2", 1)},
		{"wrapped, and the words stay where they are", section, "s3-3", "Four five six seven!", strings.Replace(section, "seven.", "seven!", 1)},
		{"wrapped, the word before the break", section, "s3-3", "Four 5 six seven.", strings.Replace(section, "Four five", "Four 5", 1)},
		{"wrapped, the word after the break", section, "s3-3", "Four five 6 seven.", strings.Replace(section, "six", "6", 1)},
		{"wrapped, shorter", section, "s3-3", "Four.", strings.Replace(section, "Four five\nsix seven.", "Four.", 1)},
		{"wrapped elsewhere by hand", section, "s3-3", "Four\nfive six seven.", strings.Replace(section, "Four five\nsix", "Four\nfive\nsix", 1)},
		{"the same in other lines is the same", section, "s3-3", "Four five six seven.", section},
		{"Windows", strings.ReplaceAll(section, "\n", "\r\n"), "s3-3", "Four five\nsix, seven.", strings.ReplaceAll(strings.Replace(section, "six", "six,", 1), "\n", "\r\n")},
		{"a new one between", section, "s3-2", "New.", strings.Replace(section, "{#s3-1}\n", "{#s3-1}\n\nNew.\n{#s3-2}\n", 1)},
		{"a new one at the end", section, "s3-4", "New.", section + "\nNew.\n{#s3-4}\n"},
		{"a new one at the end of a file without one", strings.TrimSuffix(section, "\n"), "s3-4", "New.", section + "\nNew.\n{#s3-4}"},
		{"a new one at the top", strings.Replace(section, "One two three.\n{#s3-1}\n\n", "", 1), "s3-1", "One two three.", section},
		{"the first of all", "---\ntitle: E\nnumber: 3\n---\n", "s3-1", "One.", "---\ntitle: E\nnumber: 3\n---\n\nOne.\n{#s3-1}\n"},
		{"the first of all, on Windows", "---\r\ntitle: E\r\nnumber: 3\r\n---\r\n", "s3-1", "One.", "---\r\ntitle: E\r\nnumber: 3\r\n---\r\n\r\nOne.\r\n{#s3-1}\r\n"},
		{"out", section, "s3-3", "", strings.Replace(section, "\nFour five\nsix seven.\n{#s3-3}\n", "", 1)},
		{"the first out", section, "s3-1", "", strings.Replace(section, "One two three.\n{#s3-1}\n\n", "", 1)},
		{"a heading is none", section, "s3-1", "# One", ""},
		{"two are none", section, "s3-1", "One.\n\nTwo.", ""},
		{"an id is none", section, "s3-1", "One.\n{#s3-2}\n\nTwo.", ""},
		{"code is none", section, "s3-1", "<b>One.</b>", ""},
	} {
		d := parse(t, "plan/c3/s3.en.md", c.src)
		got, err := d.SetSentence(plan.ID(c.id), c.text, order)
		switch {
		case (c.want == "") != (err != nil):
			t.Errorf("%s: %v", c.name, err)
		case err == nil && string(got) != c.want:
			t.Errorf("%s:\n%q\nwant\n%q", c.name, got, c.want)
		}
	}
}

func TestSetTag(t *testing.T) {
	file := func(line string) string {
		return "---\ntitle: 环境\nnumber: 3\n---\n\n一句。\n" + line + "\n\n又一句。\n{#s3-2}\n"
	}
	for _, c := range []struct{ line, name, value, want string }{
		{`{#s3-1}`, "topics", "ecology", `{#s3-1 topics="ecology"}`},
		{`{#s3-1 }`, "topics", "ecology", `{#s3-1 topics="ecology" }`},
		{`{#s3-1 bodies="ndrc"}`, "places", "longyan sanming", `{#s3-1 places="longyan sanming" bodies="ndrc"}`},
		{`{#s3-1 kind="target" topics="a b" places="c"}`, "topics", "b", `{#s3-1 kind="target" topics="b" places="c"}`},
		{`{#s3-1 kind="target" topics="a" places="c"}`, "topics", "", `{#s3-1 kind="target" places="c"}`},
		{`{#s3-1   places="c"   topics="a"}`, "topics", "b", `{#s3-1   places="c"   topics="b"}`},
		{`{#s3-1  topics= "a"}`, "topics", "b", `{#s3-1 topics="b"}`},
		{`{#s3-1 topics="a"}`, "topics", "Ecology", ""},
		{`{#s3-1 topics="a"}`, "topics", "a a", ""},
		{`{#s3-1 topics="a"}`, "topics", `a"}`, ""},
	} {
		d := parse(t, "plan/c3/s3.zh.md", file(c.line))
		got, err := d.SetTag("s3-1", c.name, c.value)
		switch {
		case (c.want == "") != (err != nil):
			t.Errorf("%s %s: %v", c.line, c.value, err)
		case err == nil && string(got) != file(c.want):
			t.Errorf("%s %s: %q", c.line, c.value, got)
		}
	}
}

func TestSetField(t *testing.T) {
	for _, c := range []struct{ head, name, text, want string }{
		{"title: 水\ndate: 2024-05-01\nmeasures: [s3-2]\n", "title", "河", "title: 河\ndate: 2024-05-01\nmeasures: [s3-2]\n"},
		{"title: 水 # 标题\ndate: 2024-05-01\n", "title", "河", "title: 河 # 标题\ndate: 2024-05-01\n"},
		{"title: \"水\"\n", "title", "河：“江”", "title: \"河：“江”\"\n"},
		{"title: '水'   \n", "title", "a: b", "title: 'a: b'   \n"},
		{"title: 水\n", "title", "a: b", "title: 'a: b'\n"},
		{"title: 水\n", "title", "# x", "title: '# x'\n"},
		{"title: 水\n", "title", "true", "title: 'true'\n"},
		{"title: 水\ndate: 2024-05-01\n# 涉及\nmeasures: [s3-2, s3-4]\n", "measures", "s3-2\ns3-7", "title: 水\ndate: 2024-05-01\n# 涉及\nmeasures: [s3-2, s3-7]\n"},
		{"measures:\n  - s3-2 # 长汀\n  - s3-4\ntitle: 水\n", "measures", "s3-2\ns3-7\ns4-1", "measures:\n  - s3-2 # 长汀\n  - s3-7\n  - s4-1\ntitle: 水\n"},
		{"measures:\n- s3-2\n- s3-4\n\n# 标题\ntitle: 水\n", "measures", "s3-4", "measures:\n- s3-4\n\n# 标题\ntitle: 水\n"},
		{"title: 水\ndate: 2024-05-01\n", "date", "2024-06-01", "title: 水\ndate: 2024-06-01\n"},
		{"title: 水\ndraft: true\ndate: 2024-05-01\n", "draft", "", "title: 水\ndate: 2024-05-01\n"},
		{"title: 水\n# 草稿\ndraft: true\n", "draft", "false", "title: 水\n# 草稿\ndraft: false\n"},
		{"title: 水\n", "draft", "true", "title: 水\ndraft: true\n"},
		{"title: 水\n", "measures", "s3-2\ns3-4", "title: 水\nmeasures: [s3-2, s3-4]\n"},
		{"title: 水\n", "description", "x: y", "title: 水\ndescription: 'x: y'\n"},
		{"description: |\n  一\n  二\ntitle: 水\n", "description", "三", "description: |-\n  三\ntitle: 水\n"},
		{"description: 一\n  二\ntitle: 水\n", "description", "三", "description: 三\ntitle: 水\n"},
		{"title: 水\r\ndate: 2024-05-01\r\n", "title", "河", "title: 河\r\ndate: 2024-05-01\r\n"},
		{"title: 水\r\n", "draft", "true", "title: 水\r\ndraft: true\r\n"},
		{"title: 水\n", "url", "/x/", ""},
		{"title: 水\n", "drfat", "true", ""},
	} {
		const body = "---\n\n正文。\n"
		d := parse(t, "updates/2024-05-01-water.zh.md", "---\n"+c.head+body)
		got, err := d.SetField(c.name, c.text)
		switch {
		case (c.want == "") != (err != nil):
			t.Errorf("%q %s: %v", c.head, c.name, err)
		case err == nil && string(got) != "---\n"+c.want+body:
			t.Errorf("%q %s=%q: %q", c.head, c.name, c.text, got)
		}
	}
}

func TestSetProse(t *testing.T) {
	const head = "---\ntitle: 水\n---\n"
	for _, c := range []struct{ body, text, want string }{
		{"\n一。\n\n二。\n", "一。\n\n三。", "\n一。\n\n三。\n"},
		{"\n\n一。  \r\n\r\n二。\n\n\n", "一。  \n\n三。", "\n\n一。  \r\n\r\n三。\n\n\n"},
		{"\n一。\r\n二。\n三。\r\n", "一。\n2。\n三。", "\n一。\r\n2。\n三。\r\n"},
		{"\r\n一。\r\n", "一。\n\n二。", "\r\n一。\r\n\r\n二。\r\n"},
		{"", "一。", "\n一。\n"},
		{"\n一。", "一。\n二。", "\n一。\n二。"},
		{"\n一。\n", "", "\n\n"},
		{"\n一。\n", "---\n二。", "\n---\n二。\n"},
	} {
		d := parse(t, "pages/x.zh.md", head+c.body)
		got, err := d.SetProse(c.text)
		if err != nil || string(got) != head+c.want {
			t.Errorf("%q with %q: %q, %v", c.body, c.text, got, err)
		}
	}
}

func TestSetRows(t *testing.T) {
	const table = "zh,en,note\n长汀,Changting,\"a, b\"\n\n连城,\"Liancheng\",\r\n武平 , Wuping ,x"
	for _, c := range []struct {
		name   string
		change RowChange
		want   string
	}{
		{"a cell", RowChange{Key: "长汀", Values: map[string]string{"en": "Ting"}}, strings.Replace(table, "Changting", "Ting", 1)},
		{"a cell with a comma", RowChange{Key: "连城", Values: map[string]string{"note": "x, “y” \"z\""}}, strings.Replace(table, "\"Liancheng\",", "\"Liancheng\",\"x, “y” \"\"z\"\"\"", 1)},
		{"the last cell of the last row", RowChange{Key: "武平", Values: map[string]string{"note": ""}}, strings.TrimSuffix(table, "x")},
		{"what is there", RowChange{Key: "武平", Values: map[string]string{"en": "Wuping"}}, table},
		{"a new row", RowChange{Key: "上杭", Values: map[string]string{"zh": "上杭", "en": "Shanghang"}}, table + "\n上杭,Shanghang,"},
		{"a new row behind another", RowChange{Key: "上杭", Values: map[string]string{"zh": "上杭", "en": "Shanghang"}, After: "连城"}, strings.Replace(table, "\r\n", "\r\n上杭,Shanghang,\r\n", 1)},
		{"a new row on top", RowChange{Key: "上杭", Values: map[string]string{"zh": "上杭", "en": "Shanghang"}, After: "zh"}, strings.Replace(table, "note\n", "note\n上杭,Shanghang,\n", 1)},
		{"out", RowChange{Key: "长汀"}, strings.Replace(table, "长汀,Changting,\"a, b\"\n", "", 1)},
		{"the last out", RowChange{Key: "武平"}, strings.TrimSuffix(table, "\r\n武平 , Wuping ,x")},
		{"no such column", RowChange{Key: "武平", Values: map[string]string{"de": "Wuping"}}, ""},
	} {
		for _, mark := range []string{"", bom} {
			d := parse(t, "termbase.csv", mark+table)
			got, err := d.SetRows(c.change)
			switch {
			case (c.want == "") != (err != nil):
				t.Errorf("%s: %v", c.name, err)
			case err == nil && string(got) != mark+c.want:
				t.Errorf("%s:\n%q\nwant\n%q", c.name, got, mark+c.want)
			}
		}
	}
}

func TestMergeLines(t *testing.T) {
	const base = "one\n\ntwo\n\nthree\n\nfour"
	for _, c := range []struct{ mine, theirs, want string }{
		{"ONE\n\ntwo\n\nthree\n\nfour", "one\n\ntwo\n\nthree\n\nFOUR", "ONE\n\ntwo\n\nthree\n\nFOUR"},
		{"one\n\n1.5\n\ntwo\n\nthree\n\nfour", "one\n\ntwo\n\nfour", "one\n\n1.5\n\ntwo\n\nfour"},
		{base, "two", "two"},
		{"two", base, "two"},
		{"x\n" + base, base + "\ny", "x\n" + base + "\ny"},
		{"one\n\nTWO\n\nthree\n\nfour", "one\n\nTWO\n\nthree\n\nfour!", "one\n\nTWO\n\nthree\n\nfour!"},
		{"one\n\nTWO\n\nthree\n\nfour", "one\n\n2\n\nthree\n\nfour", ""},
		{"one\n\nthree\n\nfour", "one\n\n2\n\nthree\n\nfour", ""},
	} {
		if got, ok := MergeLines(base, c.mine, c.theirs); got != c.want || ok != (c.want != "") {
			t.Errorf("%q and %q: %q, %v", c.mine, c.theirs, got, ok)
		}
		if got, ok := MergeLines(base, c.theirs, c.mine); got != c.want || ok != (c.want != "") {
			t.Errorf("the other way: %q and %q: %q, %v", c.theirs, c.mine, got, ok)
		}
	}
}

// FuzzSave saves a text into any file: outside the sentence every byte stays, and what
// is read again is what was saved, word by word.
func FuzzSave(f *testing.F) {
	real, err := os.ReadFile("../../../content/plan/c3/s3.en.md")
	if err != nil {
		f.Fatal(err)
	}
	for _, src := range []string{
		section, string(real), bom + section, strings.ReplaceAll(section, "\n", "\r\n"), strings.Replace(section, "\n", "\r\n", 7),
		"---\ntitle: x\nnumber: 3\n---\n\n  indented\n   more  \n   {#s3-1}   \n\t\n[a]: b\nx\n{#s3-2}",
		"---\nnumber: 3\n---\n> {#s3-1}\n\nx\n{#s3-1}\ny\n{#s3-2}\n",
	} {
		f.Add(src, "Other words.", byte(0))
		f.Add(src, "Other\nwords, *marked*.", byte(1))
		f.Add(src, "{#s3-9}", byte(2))
	}
	f.Fuzz(func(t *testing.T, src, text string, which byte) {
		d, found := Parse("content", "plan/c3/s3.en.md", []byte(src))
		list := d.Sentences()
		if len(found) > 0 || len(list) == 0 || len(text) > 4<<10 || len(src) > 64<<10 {
			return
		}
		s := list[int(which)%len(list)]
		got, err := d.SetSentence(s.ID, text, nil)
		if err != nil || strings.TrimSpace(text) == "" {
			return
		}
		if !bytes.HasPrefix(got, []byte(src[:s.Text.Start])) || !bytes.HasSuffix(got, []byte(src[s.Text.End:])) {
			t.Fatalf("%q became %q", src, got)
		}
		again, _ := Parse("content", "plan/c3/s3.en.md", got)
		now, has := again.Sentence(s.ID)
		if want := strings.Fields(text); !has || !slices.Equal(strings.Fields(again.Said(now.Text)), want) {
			t.Fatalf("saved %q, read %q", text, again.Said(now.Text))
		}
		back, err := again.SetSentence(s.ID, d.Said(s.Text), nil)
		if err != nil {
			t.Fatalf("cannot be changed back: %v", err)
		}
		if second, _ := Parse("content", "plan/c3/s3.en.md", back); !slices.Equal(strings.Fields(second.Wording(s.ID)), strings.Fields(d.Wording(s.ID))) {
			t.Fatalf("changed back, it says %q, not %q", second.Wording(s.ID), d.Wording(s.ID))
		}
	})
}

// FuzzSaveField does the same with the front matter of a page.
func FuzzSaveField(f *testing.F) {
	f.Add("title: 水\n# 注\ndate: 2024-05-01\nmeasures: [s3-2, s3-4]\n", "title", "河: x")
	f.Add("measures:\n  - s3-2 # x\n\n  - s3-4\ntitle: |\n  a\n  b\n", "measures", "s3-2\ns3-5")
	f.Add("title: >-\n  a\n\n  b\r\ndraft: true\r\n", "title", "“x”\n\ny")
	f.Add("title: &a x\ndescription: *a\n", "title", "y")
	f.Fuzz(func(t *testing.T, head, name, text string) {
		src := "---\n" + head + "---\n\n正文。\r\n"
		d, found := Parse("content", "updates/2024-05-01-water.zh.md", []byte(src))
		if len(found) > 0 {
			return
		}
		got, err := d.SetField(name, text)
		if err != nil {
			return
		}
		again, found := Parse("content", "updates/2024-05-01-water.zh.md", got)
		if len(found) > 0 || again.Field(name) != strings.TrimSpace(lines(text)) {
			t.Fatalf("%q: %s=%q became %q: %v", src, name, text, got, found)
		}
		for _, other := range d.Fields() {
			if other != name && again.Field(other) != d.Field(other) {
				t.Fatalf("%q: with %s=%q %s became %q", src, name, text, other, again.Field(other))
			}
		}
		if !bytes.HasSuffix(got, []byte("---\n\n正文。\r\n")) && !strings.Contains(head, "---") {
			t.Fatalf("the body of %q became %q", src, got)
		}
	})
}
