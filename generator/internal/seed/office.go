package seed

import (
	"cmp"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/word"
)

// plain is a source as text: as it is or, of a Word file, its paragraphs, one a line, so
// that a line number counts paragraphs there. What a text would lose or would have to
// guess is refused, paragraph by paragraph: the official text is what stands in the
// file, to the character.
func plain(name string, src []byte) ([]byte, error) {
	if !word.Is(src) {
		return src, nil
	}
	f, err := word.Read(name, src)
	if err != nil {
		return nil, diag.From(err)
	}
	var b strings.Builder
	s := source{name: name}
	line := 1
	fail := func(fact, hint plan.Text) {
		if len(s.found) < maxFindings {
			s.found = append(s.found, diag.Diagnostic{Pos: diag.Pos{File: name, Line: line}, Check: check, Fact: fact, Hint: hint})
		}
	}
	for _, block := range f.Blocks {
		if len(block.Rows) > 0 {
			fail(diag.Text("这里有表格，开头是“%s”", "there is a table here; it begins “%s”", opening(firstCell(block.Rows))), asText[""])
			continue
		}
		for _, o := range block.Oddities {
			if o == word.Formatted {
				continue
			}
			fact := o.Name()
			fail(diag.Text("“%[1]s”这一段里有%[2]s", "in the paragraph “%[1]s” there is %[3]s", opening(block.Text), fact.ZH, fact.EN), cmp.Or(asText[o], asText[""]))
		}
		if len(block.Pending) > 0 {
			fail(diag.Text("“%[1]s”这一段有还没有接受或拒绝的修订", "the paragraph “%[1]s” has tracked changes that nobody has accepted or rejected", opening(block.Text)),
				diag.Text("正式文本不能有两种读法；请在 Word 的“审阅”里决定全部修订，再导入。", "An official text has one reading: decide on all changes in Word's Review tab, then import."))
		}
		b.WriteString(block.Text)
		b.WriteByte('\n')
		line += 1 + strings.Count(block.Text, "\n")
	}
	return []byte(b.String()), gather(s.found).Err()
}

// asText says what to do about what a text cannot carry.
var asText = map[word.Oddity]plan.Text{
	"": diag.Text("导入只读文字；请与发文单位的正式文本核对，去掉它，或把内容改成文字。", "An import reads text only: compare with the issuer's official text, and remove it or put it into words."),
	word.Numbered: diag.Text("“一、”“（一）”要在文字里：在 Word 里另存为“纯文本 (*.txt)”，编码选 UTF-8，再导入那个文件。",
		"Numbers such as 一、 must be in the text: save the file as plain text (*.txt) in UTF-8 from Word, and import that."),
}

// opening is how a text begins, for a message.
func opening(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 16 {
		return string(r[:16]) + "…"
	}
	return string(r)
}

func firstCell(rows []word.Row) string {
	for _, row := range rows {
		for _, c := range row.Cells {
			if s := strings.TrimSpace(c.Text()); s != "" {
				return s
			}
		}
	}
	return ""
}
