package content

import (
	"fmt"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"minxi/generator/internal/plan"
)

// File is one Markdown file: its path below the content folder and its text.
type File struct {
	Name string
	Data []byte
}

// Format writes the Chinese files of a plan, in the order of the plan. The text
// that [Load] reads back from them is the text that went in.
func Format(p *plan.Plan, src Source) []File {
	var w formatter
	var files []File
	add := func(name string, head []pair, units []*plan.Unit) {
		files = append(files, File{Name: name + ".zh.md", Data: w.file(head, units)})
	}
	add("plan/_index", []pair{
		{"title", p.Title.ZH}, {"source", src.File}, {"sha256", src.SHA256},
		{"name", p.Name.ZH}, {"keywords", p.Keywords[plan.ZH]}, {"phrases", p.Phrases}, {"drawing", p.Drawing},
		{"cover", p.Front.Cover}, {"under", p.Front.Under}, {"closing", p.Front.Closing},
	}, p.Preamble)
	for _, c := range p.Chapters {
		add(chapterDir(c.Number)+"/_index", []pair{{"title", quoteEmpty(c.Title.ZH)}, {"number", c.Number}, {"stop", c.Stop}}, c.Units)
		for _, s := range c.Sections {
			head := []pair{{"title", quoteEmpty(s.Title.ZH)}, {"number", s.Number}}
			if s.Label != s.Number {
				head = append(head, pair{"label", s.Label})
			}
			if s.Stop != "。" {
				head = append(head, pair{"stop", quoted(s.Stop)})
			}
			add(sectionName(s), head, s.Units)
		}
	}
	return files
}

func chapterDir(n int) string { return "plan/c" + strconv.Itoa(n) }

func sectionName(s *plan.Section) string {
	return chapterDir(s.Chapter) + "/s" + strconv.Itoa(s.Number)
}

type pair struct {
	name  string
	value any
}

// quoted is a text in double quotes, which is also written where it is empty.
func quoted(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: s, Style: yaml.DoubleQuotedStyle}
}

// quoteEmpty writes out a title that a division does not have.
func quoteEmpty(s string) any {
	if s == "" {
		return quoted(s)
	}
	return s
}

type formatter struct{}

func (w formatter) file(head []pair, units []*plan.Unit) []byte {
	var b strings.Builder
	b.WriteString("---\n")
	for _, p := range head {
		switch v := p.value.(type) {
		case string:
			if v == "" {
				continue
			}
		case []string:
			if len(v) == 0 {
				continue
			}
		}
		line, err := yaml.Dump(map[string]any{p.name: p.value}, yaml.WithLineWidth(-1))
		if err != nil {
			panic(fmt.Sprintf("front matter of strings and numbers cannot be written: %v", err))
		}
		b.Write(line)
	}
	b.WriteString("---\n")
	for i, u := range units {
		fmt.Fprintf(&b, "\n%s\n{#%s", w.escape(u.Text.ZH), u.ID)
		if u.Kind != plan.Measure && u.Kind != "" {
			fmt.Fprintf(&b, " kind=%q", string(u.Kind))
		}
		if u.NewParagraph && i > 0 {
			b.WriteString(` paragraph="new"`)
		}
		if len(u.Topics) > 0 {
			fmt.Fprintf(&b, " topics=%q", strings.Join(u.Topics, " "))
		}
		if len(u.Places) > 0 {
			fmt.Fprintf(&b, " places=%q", strings.Join(u.Places, " "))
		}
		if len(u.Bodies) > 0 {
			fmt.Fprintf(&b, " bodies=%q", strings.Join(u.Bodies, " "))
		}
		b.WriteString("}\n")
	}
	return []byte(b.String())
}

// plainText reports that s has no character that could be Markdown anywhere,
// and does not start like a list, which is true of almost every sentence.
func plainText(s string) bool {
	if strings.ContainsAny(s, "\\`*_[]<>&!#~|{}\n\r\t") || strings.Contains(s, "  ") {
		return false
	}
	return s != "" && s[0] >= 0x80
}

// escape writes s as Markdown that reads back as s. Backslashes are only added
// where the sentence would otherwise say something else.
func (w formatter) escape(s string) string {
	if plainText(s) || w.readsAs(s, s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case strings.ContainsRune("\\`*_[]<>&!#~|{}", r),
			i == 0 && strings.ContainsRune("+-=", r),
			(r == '.' || r == ')') && digits(s) == i && i > 0:
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// readsAs reports whether the Markdown m is one paragraph that says s.
func (w formatter) readsAs(m, s string) bool {
	units, found := passage(plan.ZH, []byte(m+"\n{#p-1}\n")).units()
	return len(found) == 0 && len(units) == 1 && units[0].text == s
}
