package seed_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/seed"
	"minxi/generator/internal/seed/seedtest"
)

var update = flag.Bool("update", false, "rewrite the wanted outlines in testdata")

const ours = "../../../seeds/minxi-2022.txt"

const (
	zhejiang        = "testdata/zhejiang-gongtong-fuyu-shifanqu-yijian.txt"
	zhejiangWrapped = "testdata/zhejiang-rewrapped-pagenumbers.txt"
	wufei           = "testdata/wufei-chengshi-shidian-fangan.txt"
	xiongan         = "testdata/xiongan-zongti-guihua-pifu.txt"
	huzhou          = "testdata/huzhou-shengtai-shifanqu-tiaoli.txt"
)

func load(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, file string) (*plan.Plan, *seed.Report) {
	t.Helper()
	p, r, err := seed.Read(filepath.Base(file), load(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return p, r
}

// TestPlan checks what FACTS says about our plan, number by number.
func TestPlan(t *testing.T) {
	p, r := read(t, ours)
	if p.Title.ZH != "闽西革命老区高质量发展示范区建设方案" {
		t.Errorf("title %q", p.Title.ZH)
	}
	if got, want := p.Count(), (plan.Counts{Chapters: 9, Sections: 22, Units: 118, Measures: 110}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if len(p.Preamble) != 1 || len(p.Chapters[0].Units) != 4 {
		t.Errorf("%d units in the preamble, %d in chapter one; want 1 and 4", len(p.Preamble), len(p.Chapters[0].Units))
	}
	var perChapter, perSection []int
	for _, c := range p.Chapters {
		perChapter = append(perChapter, len(c.Sections))
		for _, s := range c.Sections {
			perSection = append(perSection, len(s.Units))
			if s.Number != s.Label || s.Stop != "。" {
				t.Errorf("section %d is printed %d%s", s.Number, s.Label, s.Stop)
			}
		}
	}
	if want := []int{0, 2, 3, 4, 3, 2, 3, 2, 3}; !slices.Equal(perChapter, want) {
		t.Errorf("sections per chapter %v, want %v", perChapter, want)
	}
	if want := []int{1, 2, 7, 5, 3, 5, 5, 7, 3, 6, 9, 3, 7, 4, 7, 7, 7, 3, 7, 1, 8, 6}; !slices.Equal(perSection, want) {
		t.Errorf("sentences per section %v, want %v", perSection, want)
	}
	if r.Count[seed.ContentSpaces] != 1 {
		t.Errorf("%d content spaces, want 1", r.Count[seed.ContentSpaces])
	}
	var paragraphs []plan.ID
	for u := range p.Units() {
		if strings.Contains(u.Text.ZH, " ") != strings.Contains(u.Text.ZH, "风展红旗 如画三明") {
			t.Errorf("%s has a space: %s", u.ID, u.Text.ZH)
		}
		if u.NewParagraph {
			paragraphs = append(paragraphs, u.ID)
		}
		want := plan.Measure
		switch _, of, _, _ := u.ID.Parse(); {
		case u.Chapter <= 1:
			want = plan.Context
		case of == 1:
			want = plan.Guideline
		case of == 2:
			want = plan.Target
		}
		if u.Kind != want {
			t.Errorf("%s is a %s, want %s", u.ID, u.Kind, want)
		}
	}
	if want := []plan.ID{"c1-2"}; !slices.Equal(paragraphs, want) {
		t.Errorf("new paragraphs at %v, want %v", paragraphs, want)
	}
}

func TestSisters(t *testing.T) {
	for _, c := range []struct {
		file       string
		perChapter []int
	}{
		{zhejiang, []int{4, 4, 5, 5, 2, 2, 2, 4}},
		{zhejiangWrapped, []int{4, 4, 5, 5, 2, 2, 2, 4}},
		{wufei, []int{5, 6, 4, 4}},
		{xiongan, make([]int, 14)},
	} {
		p, _ := read(t, c.file)
		var got []int
		for _, ch := range p.Chapters {
			got = append(got, len(ch.Sections))
		}
		if !slices.Equal(got, c.perChapter) {
			t.Errorf("%s: sections per chapter %v, want %v", c.file, got, c.perChapter)
		}
	}
	clean, _ := read(t, zhejiang)
	wrapped, _ := read(t, zhejiangWrapped)
	same(t, clean, wrapped)

	_, _, err := seed.Read("huzhou.txt", load(t, huzhou))
	if err == nil || !strings.Contains(err.Error(), "regulation in articles") {
		t.Errorf("the regulation was not refused as one: %v", err)
	}
}

// same checks that two plans differ in the starts of paragraphs at most.
func same(t testing.TB, want, got *plan.Plan) {
	t.Helper()
	list := func(p *plan.Plan) (l []string) {
		l = append(l, p.Title.ZH)
		for u := range p.Units() {
			l = append(l, string(u.ID)+" "+string(u.Kind)+" "+u.Text.ZH)
		}
		for _, c := range p.Chapters {
			l = append(l, c.Heading())
		}
		for s := range p.Sections() {
			l = append(l, s.Heading())
		}
		return append(l, slices.Concat(p.Front.Cover, p.Front.Under, p.Front.Closing)...)
	}
	w, g := list(want), list(got)
	for i := range w {
		if i >= len(g) || g[i] != w[i] {
			t.Fatalf("got  %q\nwant %q", g[min(i, len(g)-1)], w[i])
		}
	}
	if len(g) > len(w) {
		t.Fatalf("too many: %q", g[len(w)])
	}
}

func TestGolden(t *testing.T) {
	for _, file := range []string{ours, zhejiang, zhejiangWrapped, wufei, xiongan} {
		p, r := read(t, file)
		golden := filepath.Join("testdata", strings.TrimSuffix(filepath.Base(file), ".txt")+".golden")
		compare(t, golden, string(load(t, golden)), seed.Outline(p, r, false), func(s string) []byte { return []byte(s) })
	}
}

// compare checks got against want, or puts it into the file as asked.
func compare(t *testing.T, file, want, got string, format func(string) []byte) {
	t.Helper()
	if got == want {
		return
	}
	if *update {
		if err := os.WriteFile(file, format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s differs; go test -update rewrites it\ngot\n%s\nwant\n%s", file, got, want)
}

var character = regexp.MustCompile(`⟦U\+([0-9A-F]+)⟧`)

// TestArchives reads each surprise in testdata and compares what came of it.
func TestArchives(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("no archives")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a := txtar.Parse(load(t, file))
			if len(a.Files) != 2 {
				t.Fatalf("%s: want two files, input and want", file)
			}
			input := character.ReplaceAllStringFunc(string(a.Files[0].Data), func(s string) string {
				n, _ := strconv.ParseUint(character.FindStringSubmatch(s)[1], 16, 32)
				return string(rune(n))
			})
			p, r, err := seed.Read("input", []byte(input))
			var got string
			if err != nil {
				var zh, en bytes.Buffer
				diag.From(err).Print(&en, plan.EN)
				diag.From(err).Print(&zh, plan.ZH)
				got = en.String() + zh.String()
			} else {
				got = seed.Outline(p, r, true)
			}
			compare(t, file, string(a.Files[1].Data), got, func(s string) []byte {
				a.Files[1].Data = []byte(s)
				return txtar.Format(a)
			})
		})
	}
}

func TestRefusals(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 1<<20)
	for i := range noise {
		noise[i] = byte(1 + random.IntN(255))
	}
	han := func(n, every int) string {
		var b strings.Builder
		for i := range n {
			b.WriteRune(rune(0x4e00 + random.IntN(0x5000)))
			if every > 0 && i%every == 0 {
				b.WriteByte('\n')
			}
		}
		return b.String()
	}
	for _, c := range []struct{ name, src, want string }{
		{"nothing", "", "x:1:1: the file is empty"},
		{"white space", " \n\n　\f\r\n", "x:1:1: the file is empty"},
		{"only a byte order mark", "\uFEFF", "the file is empty"},
		{"binary", "%PDF-1.7\n\x00\x01", "x:2:1: this is not a text file"},
		{"UTF-16", "\xff\xfe\x2d\x4e", "not a text file"},
		{"GB18030", "\xb7\xbd\xb0\xb8\n\xd2\xbb\xa1\xa2\xd7\xdc\xcc\xe5\xd2\xaa\xc7\xf3\n", "x:1:1: the file is not UTF-8; it looks like GB18030"},
		{"a bad byte", "方案\n一、总\xff体\n", "x:2:4: from here the file is not UTF-8 text (byte 0xff)"},
		{"random bytes", string(noise), "UTF-8"},
		{"random Han", han(1<<18, 30), "no chapter heading"},
		{"one line", han(1<<18, 0), "no chapter heading"},
		{"one chapter", "方案\n一、总体要求\n甲。\n", "x:2:1: there is only one chapter"},
		{"an essay", "我的家乡\n我的家乡很美。\n", "no chapter heading"},
		{"a regulation", "条例\n第一章 总则\n第一条 为了。\n第二条 适用。\n", "x:2:1: this is a regulation"},
	} {
		p, r, err := seed.Read("x", []byte(c.src))
		if err == nil || p != nil || r != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
			continue
		}
		for _, d := range diag.From(err) {
			if d.Hint.ZH == "" || d.Hint.EN == "" || d.Fact.ZH == "" {
				t.Errorf("%s: %v lacks a hint or a language", c.name, d)
			}
		}
	}
	// Many problems must not fill the memory.
	_, _, err := seed.Read("x", []byte("方案\n一、甲\n二、乙\n"+strings.Repeat("\u200b", 1<<20)))
	if n := len(diag.From(err)); n == 0 || n > 200 {
		t.Errorf("%d findings", n)
	}
}

// TestProve breaks a plan in every way that an importer or an editor could and
// checks that the proof finds each.
func TestProve(t *testing.T) {
	for _, file := range []string{ours, wufei, xiongan, zhejiangWrapped} {
		src := load(t, file)
		p, _ := read(t, file)
		texts := []*string{&p.Title.ZH}
		for _, l := range [][]string{p.Front.Cover, p.Front.Under, p.Front.Closing} {
			for i := range l {
				texts = append(texts, &l[i])
			}
		}
		for _, c := range p.Chapters {
			texts = append(texts, &c.Title.ZH)
			if c.Stop != "" {
				texts = append(texts, &c.Stop)
			}
			for _, s := range c.Sections {
				texts = append(texts, &s.Title.ZH)
				if s.Stop != "" {
					texts = append(texts, &s.Stop)
				}
			}
		}
		for u := range p.Units() {
			texts = append(texts, &u.Text.ZH)
		}
		check := func(what string) {
			t.Helper()
			if err := seed.Prove("x", src, p); err == nil {
				t.Errorf("%s: the proof did not find %s", file, what)
			} else if d := diag.From(err); len(d) == 0 || d[0].Line == 0 || d[0].Col == 0 {
				t.Errorf("%s: no place for %s: %v", file, what, err)
			}
		}
		for _, s := range texts {
			good := *s
			runes := []rune(good)
			for i := range runes {
				if i%7 != 0 && i != len(runes)-1 { // enough of them
					continue
				}
				if *s = string(slices.Delete(slices.Clone(runes), i, i+1)); i < len(runes) {
					check("a dropped character of " + good)
				}
				*s = string(slices.Insert(slices.Clone(runes), i, runes[i]))
				if runes[i] != ' ' {
					check("a doubled character of " + good)
				}
				*s = string(slices.Insert(slices.Clone(runes), i, ' '))
				check("an added space in " + good)
				if i > 0 && runes[i] != runes[i-1] {
					swapped := slices.Clone(runes)
					swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
					*s = string(swapped)
					check("swapped characters of " + good)
				}
			}
			*s = strings.Replace(good, " ", "", 1)
			if *s != good {
				check("a lost content space of " + good)
			}
			*s = good
		}
		for _, c := range p.Chapters {
			c.Number++
			check("a chapter's number")
			c.Number--
			for _, s := range c.Sections {
				s.Label++
				check("a section's number")
				s.Label--
			}
			units := c.Units
			if len(units) > 0 {
				c.Units = units[1:]
				check("a dropped unit")
				c.Units = append(slices.Clone(units), units[len(units)-1])
				check("a doubled unit")
			}
			c.Units = units
		}
		for u := range p.Units() {
			if strings.HasSuffix(u.Text.ZH, "。") && !u.NewParagraph {
				u.NewParagraph = true
				if err := seed.Prove("x", src, p); err == nil && file == wufei {
					if _, _, n, _ := u.ID.Parse(); n > 1 {
						t.Errorf("%s: the proof did not find a paragraph that starts inside a line, at %s", file, u.ID)
					}
				}
				u.NewParagraph = false
			}
		}
		if err := seed.Prove("x", src, p); err != nil {
			t.Errorf("%s: after all that: %v", file, err)
		}
		for _, cut := range []int{1, 10, 1000} {
			runes := bytes.Runes(bytes.TrimSpace(src))
			if seed.Prove("x", []byte(string(runes[:len(runes)-cut])), p) == nil {
				t.Errorf("%s: the proof did not miss the end of the source", file)
			}
		}
		if seed.Prove("x", slices.Concat(src, []byte("\n又。\n")), p) == nil {
			t.Errorf("%s: the proof did not find an addition to the source", file)
		}
	}
}

func TestReport(t *testing.T) {
	src := load(t, zhejiangWrapped)
	_, r := read(t, zhejiangWrapped)
	sum := 0
	for _, n := range r.Count {
		sum += n
	}
	if sum != utf8.RuneCount(src) || sum != r.Characters {
		t.Errorf("the classes add up to %d of %d characters", sum, utf8.RuneCount(src))
	}
	for _, l := range plan.Langs {
		var b strings.Builder
		r.Print(&b, l)
		if !strings.Contains(b.String(), strconv.Itoa(r.Characters)) {
			t.Errorf("%s account lacks the sum:\n%s", l, &b)
		}
	}
	b, err := json.Marshal(r)
	if err != nil || !json.Valid(b) || !bytes.Contains(b, []byte(`"pageNumbers":55`)) {
		t.Errorf("%s %v", b, err)
	}
}

func TestSynthetic(t *testing.T) {
	src := seedtest.Text(500)
	if !bytes.Equal(src, seedtest.Text(500)) {
		t.Fatal("the text differs from run to run")
	}
	p, r, err := seed.Read("synthetic", src)
	if err != nil {
		t.Fatal(err)
	}
	if n := p.Count().Measures; n < 500 || n > 530 {
		t.Errorf("%d measures, want about 500", n)
	}
	seen := map[string]plan.ID{}
	for u := range p.Units() {
		if first, again := seen[u.Text.ZH]; again {
			t.Errorf("%s says the same as %s", u.ID, first)
		}
		seen[u.Text.ZH] = u.ID
		if n := utf8.RuneCountInString(u.Text.ZH); n > 160 || n < 10 {
			t.Errorf("%s has %d characters: %s", u.ID, n, u.Text.ZH)
		}
		if u.NewParagraph {
			t.Errorf("%s starts a paragraph", u.ID)
		}
	}
	for s := range p.Sections() {
		if len([]rune(s.Title.ZH)) > 12 {
			t.Errorf("section %d: %s", s.Number, s.Title.ZH)
		}
	}
	if r.HealedPages == 0 || len(r.Notes) > 0 {
		t.Errorf("%d pages healed, notes %v", r.HealedPages, r.Notes)
	}
	if n := len(seedtest.Bytes(1 << 20)); n < 1<<20 || n > 1<<20+1<<15 {
		t.Errorf("%d bytes", n)
	}
}

func TestErrorsAreLists(t *testing.T) {
	_, _, err := seed.Read("x", []byte("方案\n一、甲\n三、乙\n丙。\n"))
	var list diag.List
	if !errors.As(err, &list) || len(list) != 2 || list[0].Line != 2 || list[1].Line != 3 {
		t.Errorf("%v", err)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, mb := range []int{1, 10, 100} {
		b.Run(strconv.Itoa(mb)+"MB", func(b *testing.B) {
			src := seedtest.Bytes(mb << 20)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := seed.Read("x", src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRefuse is for noise: what is no plan must cost little.
func BenchmarkRefuse(b *testing.B) {
	for name, line := range map[string]string{"lines": "泰宁将乐\n", "line": "泰宁将乐", "breaks": "\n", "letters": "a\n"} {
		b.Run(name, func(b *testing.B) {
			src := bytes.Repeat([]byte(line), 50<<20/len(line))
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := seed.Read("x", src); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}
