package seed_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/seed"
)

// FuzzRead reads anything. What is accepted must be proved, must say what the
// source says by a third and simplest comparison, and must come out the same
// twice.
func FuzzRead(f *testing.F) {
	for _, file := range []string{ours, zhejiangWrapped, wufei, xiongan, huzhou} {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:min(len(b), 3000)])
	}
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		p, r, err := seed.Read("x", src)
		if err != nil {
			if p != nil || r != nil {
				t.Fatal("a plan and an error")
			}
			if strings.Contains(err.Error(), "bug") {
				t.Fatal(err)
			}
			return
		}
		if err := seed.Prove("x", src, p); err != nil {
			t.Fatal(err)
		}
		if got, want := printed(p.Official()), printed(string(src)); got != want && r.Count[seed.PageNumbers] == 0 {
			t.Fatalf("the plan says\n%s\nthe source says\n%s", got, want)
		}
		again, r2, err := seed.Read("x", src)
		if err != nil || seed.Outline(p, r, true) != seed.Outline(again, r2, true) {
			t.Fatalf("the second reading differs: %v", err)
		}
		for u := range p.Units() {
			if strings.TrimSpace(u.Text.ZH) != u.Text.ZH || u.Text.ZH == "" {
				t.Fatalf("%s is %q", u.ID, u.Text.ZH)
			}
		}
	})
}

func printed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\uFEFF' {
			return -1
		}
		return r
	}, s)
}

// choices turns fuzz bytes into decisions.
type choices []byte

func (c *choices) below(n int) int {
	if len(*c) == 0 {
		return 0
	}
	b := (*c)[0]
	*c = (*c)[1:]
	return int(b) % n
}

var clauses = []string{
	"支持龙岩、三明市振兴发展", "推动长（汀）连（城）武（平）可持续发展", "到2025年位居前列", "推进5G场景应用",
	"落实“十四五”规划《纲要》", "提升“风展红旗、如画三明”品牌", "建设创新中心（平台）和中试基地", "完善（试点先行。逐步推开）的做法",
	"三、四线城市协同发展", "健全闽江、九龙江、汀江流域生态保护补偿机制", "占比达到85.5%以上", "建设Smart City平台",
	"符合〔2021〕3号文件要求", "坚持“要发展。要改革。”的方针，讲好“故事。”", "深化改革", "一、二、三产业融合", "落实第（二）项工作",
}

// compose writes a clean plan, a paragraph a line.
func compose(c *choices) []string {
	lines := []string{"闽西示范区建设方案"}
	if c.below(2) == 1 {
		lines = append(lines, "（2022年4月13日）")
	}
	n := 0
	sentence := func() string {
		n++
		s := fmt.Sprintf("第%s句要", plan.Numeral(n))
		for range 1 + c.below(5) {
			s += clauses[c.below(len(clauses))] + "，"
		}
		return strings.TrimSuffix(s, "，") + []string{"。", "。", "。", "！", "。（省发展改革委负责）", "。”"[:3]}[c.below(6)]
	}
	paragraph := func() string {
		s := ""
		for range 1 + c.below(4) {
			s += sentence()
		}
		return s
	}
	lines = append(lines, "为加快"+paragraph())
	label := 0
	anew := c.below(2) == 1
	for chapter := range 2 + c.below(4) {
		own := plan.Numeral(chapter+1) + "、" + []string{"总体要求", "保障措施", "坚持创新驱动，发挥示范作用"}[c.below(3)]
		sections := c.below(4)
		if anew {
			label = 0
		}
		if sections == 0 && c.below(2) == 1 {
			lines = append(lines, own+"。"+paragraph())
		} else {
			lines = append(lines, own)
			if sections == 0 {
				lines = append(lines, paragraph(), paragraph())
			}
		}
		for range sections {
			label++
			head := "（" + plan.Numeral(label) + "）" + []string{"指导思想", "发展目标", "提升质量"}[c.below(3)]
			switch c.below(3) {
			case 0:
				lines = append(lines, head, "——"+paragraph(), paragraph())
			case 1:
				lines = append(lines, head+"。", paragraph())
			default:
				lines = append(lines, head+"。"+paragraph())
			}
		}
	}
	if c.below(2) == 1 {
		lines = append(lines, "国务院", "2018年12月25日", "（此件公开发布）")
	}
	return lines
}

// typeset cuts lines as a PDF-to-text tool has them.
func typeset(paragraphs []string, c *choices) string {
	var b strings.Builder
	width := 2 * (18 + c.below(26))
	indent := 4 * c.below(2)
	kept := c.below(2) == 1 // the indent is in the text
	spacing := "\n" + strings.Repeat("\n", c.below(2))
	eol := []string{"\n", "\r\n"}[c.below(2)]
	page := 10 + c.below(40)
	foot := []string{"\n\n\n", "\n\n— %d —\n\n\f\n", "\n- %d -\n", "\n%d\n\f", "\f"}[c.below(5)]
	kinsoku := c.below(4) > 0
	n := 0
	for i, s := range paragraphs {
		limit := width - indent
		for first := true; s != ""; first = false {
			cut := len(s)
			cells, good, last := 0, 0, rune(0)
			for i, r := range s {
				fits := i > 0 && !(r < utf8.RuneSelf && last < utf8.RuneSelf && r != ' ' && last != ' ') && r != ' ' && last != ' '
				if kinsoku {
					fits = fits && !strings.ContainsRune("，。、；：？！”’」』》〉）〕】%", r) && !strings.ContainsRune("“‘「『《〈（〔【", last)
				}
				if fits || r == ' ' && last < utf8.RuneSelf && i > 0 {
					good = i
				}
				cells += 2
				if r < utf8.RuneSelf {
					cells--
				}
				if cells > limit && good > 0 {
					cut = good
					break
				}
				last = r
			}
			if n++; n%page == 0 && i > 0 {
				if strings.Contains(foot, "%d") {
					fmt.Fprintf(&b, foot, n/page)
				} else {
					b.WriteString(foot)
				}
			}
			if first && kept {
				b.WriteString(strings.Repeat("　", indent/4*2))
			}
			b.WriteString(strings.TrimSpace(s[:cut]) + spacing)
			s = strings.TrimSpace(s[cut:])
			limit = width
		}
	}
	return strings.ReplaceAll(b.String(), "\n", eol)
}

// FuzzRewrap cuts a plan's lines at some width: its units must stay the same,
// unless the reader refuses the text or warns of it.
func FuzzRewrap(f *testing.F) {
	for i := range 64 {
		b := make([]byte, 200)
		for j := range b {
			b[j] = byte((i*7919 + j*104729 + j*j*31) >> 3)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := choices(data)
		paragraphs := compose(&c)
		clean := strings.Join(paragraphs, "\n")
		want, _, err := seed.Read("clean", []byte(clean))
		if err != nil {
			t.Fatalf("%v\n%s", err, clean)
		}
		wrapped := typeset(paragraphs, &c)
		got, r, err := seed.Read("wrapped", []byte(wrapped))
		if err != nil {
			if strings.Contains(err.Error(), "bug") {
				t.Fatal(err)
			}
			t.Skip(err)
		}
		if len(r.Notes) > 0 {
			t.Skip(r.Notes) // too few lines to see that they are cut, and said so
		}
		defer func() {
			if t.Failed() {
				t.Log(wrapped)
			}
		}()
		same(t, want, got)
	})
}

// TestRewrapItems is FuzzRewrap for items of one sentence, headings with a note
// only and numbered items, in a fixed number of typesettings.
func TestRewrapItems(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	read := 0
	for range 600 {
		bytes := make(choices, 400)
		for i := range bytes {
			bytes[i] = byte(random.Uint32())
		}
		c := &bytes
		n := 0
		sentence := func() string {
			n++
			s := fmt.Sprintf("第%s句要", plan.Numeral(n))
			for range 1 + c.below(6) {
				s += clauses[c.below(len(clauses))] + "，"
			}
			return strings.TrimSuffix(s, "，")
		}
		note := "（负责部门：省发展改革委、省财政厅，各市人民政府）"
		lines := []string{"关于设立示范区建设有关事项的批复", "为加快" + sentence() + "。" + sentence() + "，现批复如下：", ""}
		lines = lines[:2]
		for chapter := range 3 + c.below(4) {
			head := plan.Numeral(chapter+1) + "、"
			switch c.below(4) {
			case 0:
				lines = append(lines, head+"同意"+sentence()+"。")
			case 1:
				lines = append(lines, head+"紧扣定位。"+sentence()+"。"+note)
			case 2:
				lines = append(lines, head+"推进改革发展。"+note)
			default:
				lines = append(lines, head+"主要任务")
				for section := range 1 + c.below(3) {
					lines = append(lines, "（"+plan.Numeral(section+1)+"）"+[]string{"发展产业。" + sentence() + "。", "同意" + sentence() + "。" + note, "加强领导"}[c.below(3)])
					if strings.HasSuffix(lines[len(lines)-1], "领导") {
						for i := range 1 + c.below(3) {
							lines = append(lines, fmt.Sprintf("%d.%s。", i+1, sentence()))
						}
					}
				}
			}
		}
		if !slices.ContainsFunc(lines[2:], func(s string) bool { return strings.HasPrefix(s, "二、") }) {
			t.Fatal("one chapter")
		}
		want, _, err := seed.Read("clean", []byte(strings.Join(lines, "\n")))
		if err != nil {
			if strings.Contains(err.Error(), "number repeats") || strings.Contains(err.Error(), "gap in") {
				continue // sections began anew once and counted on another time
			}
			t.Fatalf("%v\n%s", err, strings.Join(lines, "\n"))
		}
		wrapped := typeset(lines, c)
		got, r, err := seed.Read("wrapped", []byte(wrapped))
		if err != nil && strings.Contains(err.Error(), "bug") {
			t.Fatal(err)
		}
		if err != nil || len(r.Notes) > 0 {
			continue // refused, or doubtful and said so
		}
		read++
		if same(t, want, got); t.Failed() {
			t.Fatal(wrapped)
		}
	}
	if read < 200 {
		t.Errorf("only %d typesettings were read", read)
	}
}
