// Package changes tells in sentences what two states of a content folder have
// different: which sentence, in which language, by how many words, and which pages. It
// is for people who would not read a difference of lines.
package changes

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/compare"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// A Change is one sentence or file that is different, and what of it.
type Change struct {
	ID   plan.ID   `json:"id,omitempty"`   // of a sentence
	File string    `json:"file,omitempty"` // of anything else
	Text plan.Text `json:"text"`           // in words
}

// Between compares an old state with a new one: first the sentences in their order, then
// the files by name. Tables that programs keep are not told: what they follow is.
func Between(old, new *content.Tree) (list []Change) {
	before := map[plan.ID]*plan.Unit{}
	for u := range old.Plan.Units() {
		before[u.ID] = u
	}
	for u := range new.Plan.Units() {
		list = append(list, sentence(before[u.ID], u)...)
		delete(before, u.ID)
	}
	for u := range old.Plan.Units() {
		if before[u.ID] != nil {
			list = append(list, Change{ID: u.ID, Text: diag.Text("%[1]s 不在方案里了：%[2]s", "%[1]s is no longer in the plan: %[2]s", u.ID, opening(u.Text.ZH))})
		}
	}
	return append(list, files(old, new)...)
}

func sentence(old, u *plan.Unit) (list []Change) {
	add := func(zh, en string, args ...any) {
		list = append(list, Change{ID: u.ID, Text: diag.Text(zh, en, append([]any{u.ID, opening(u.Text.ZH)}, args...)...)})
	}
	if old == nil {
		add("%[1]s 是新的：%[2]s", "%[1]s is new: %[2]s")
		return list
	}
	if old.Text.ZH != u.Text.ZH {
		n := changed(old.Text.ZH, u.Text.ZH, utf8.RuneCountInString)
		add("%[1]s 的中文改了 %[3]d 个字：%[2]s", "%[1]s Chinese: %[4]s changed: %[2]s", n, Count(n, "character"))
	}
	switch {
	case old.Text.EN == u.Text.EN:
	case old.Text.EN == "":
		add("%[1]s 有了英文：%[2]s", "%[1]s English: translated: %[2]s")
	case u.Text.EN == "":
		add("%[1]s 的英文没有了：%[2]s", "%[1]s English: gone: %[2]s")
	default:
		n := changed(old.Text.EN, u.Text.EN, func(s string) int { return len(strings.Fields(s)) })
		add("%[1]s 的英文改了 %[3]d 个词：%[2]s", "%[1]s English: %[4]s changed: %[2]s", n, Count(n, "word"))
	}
	var tags []string
	for _, t := range []struct{ before, now []string }{{old.Topics, u.Topics}, {old.Places, u.Places}, {old.Bodies, u.Bodies}} {
		for _, tag := range t.now {
			if !slices.Contains(t.before, tag) {
				tags = append(tags, "+"+tag)
			}
		}
		for _, tag := range t.before {
			if !slices.Contains(t.now, tag) {
				tags = append(tags, "−"+tag)
			}
		}
	}
	if len(tags) > 0 {
		add("%[1]s 的标签改了（%[3]s）：%[2]s", "%[1]s tags: %[3]s: %[2]s", strings.Join(tags, " "))
	}
	return list
}

// Count is a number of things in English, of which one is called so.
func Count(n int, one string) string {
	if n != 1 {
		one += "s"
	}
	return fmt.Sprint(n, " ", one)
}

// changed counts what is different between two texts: of what went and what came, the
// more.
func changed(old, new string, count func(string) int) int {
	gone, came := 0, 0
	for _, s := range compare.Words(old, new, nil) {
		switch s.Op {
		case compare.Gone:
			gone += count(s.Text)
		case compare.New:
			came += count(s.Text)
		}
	}
	return max(gone, came, 1)
}

// kept are tables that programs keep beside what people write.
var kept = []string{"ledger.csv", "history.csv", "editions.csv", "readings.csv"}

func files(old, new *content.Tree) (list []Change) {
	names := map[string]bool{}
	for _, tree := range []*content.Tree{old, new} {
		for _, d := range tree.Documents() {
			if !slices.Contains(kept, path.Base(d.Name)) {
				names[d.Name] = true
			}
		}
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		a, b := old.Document(name), new.Document(name)
		c := Change{File: name}
		switch {
		case a == nil && b.InPlan(), b == nil && a.InPlan():
			continue // its sentences have been told
		case a == nil:
			c.Text = diag.Text("新的%[1]s（%[3]s）", "new: %[2]s (%[3]s)", titled(b).ZH, titled(b).EN, name)
		case b == nil:
			c.Text = diag.Text("删去了%[1]s（%[3]s）", "removed: %[2]s (%[3]s)", titled(a).ZH, titled(a).EN, name)
		case bytes.Equal(a.Data, b.Data):
			continue
		case b.InPlan():
			if a.Value("title") == b.Value("title") {
				continue
			}
			c.Text = diag.Text("标题改成“%[1]s”（%[2]s）", "the heading is now “%[1]s” (%[2]s)", b.Value("title"), name)
		default:
			n := lines(a.Data, b.Data)
			c.Text = diag.Text("改了%[1]s：%[4]d 行（%[3]s）", "changed: %[2]s, %[5]s (%[3]s)", titled(b).ZH, titled(b).EN, name, n, Count(n, "line"))
		}
		list = append(list, c)
	}
	return list
}

// titled names a file for people: by its title, if it has one.
func titled(d *content.Document) plan.Text {
	if title := d.Value("title"); title != "" {
		return diag.Text("“%s”", "“%s”", title)
	}
	return diag.Text("文件", "a file")
}

// lines counts the lines that are in one of two texts alone; of both, the more.
func lines(old, new []byte) int {
	count := map[string]int{}
	for l := range bytes.Lines(old) {
		count[string(bytes.TrimRight(l, "\r\n"))]--
	}
	for l := range bytes.Lines(new) {
		count[string(bytes.TrimRight(l, "\r\n"))]++
	}
	gone, came := 0, 0
	for _, n := range count {
		gone, came = gone+max(-n, 0), came+max(n, 0)
	}
	return max(gone, came, 1)
}

// opening is how a sentence begins: enough to know it by.
func opening(s string) string {
	r := []rune(s)
	if len(r) > 18 {
		return string(r[:18]) + "…"
	}
	return s
}
