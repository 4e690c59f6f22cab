package check

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// frontLimits reads front matter by its lines: what it looks for is meant for
// the parser, which should not have to see it.
var frontLimits = Check{
	ID: "front-matter-limits",
	Doc: plan.Text{
		ZH: "文件开头的说明不过长、不过深，不用 YAML 的锚点和引用：title 不超过 200 字，description 不超过 300 字，全部不超过 8 KiB、20 层、200 项",
		EN: "front matter is neither long nor deep and has no YAML anchors or aliases: title up to 200 characters, description up to 300, all of it up to 8 KiB, 20 levels and 200 keys",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		for _, f := range in.files().list {
			if f.isMarkdown() && f.front.end > f.front.start {
				judgeFront(f, report)
			}
		}
	},
}

const (
	maxFront = 8 << 10 // bytes
	maxDepth = 20
	maxKeys  = 200
)

// maxLength is how many characters a value may have.
var maxLength = map[string]int{"title": 200, "description": 300}

func judgeFront(f *file, report Report) {
	if n := f.front.end - f.front.start; n > maxFront {
		report(f.at(f.front.start), diag.Text("开头的说明有 %d 字节，最多 %d", "the front matter has %d bytes, and may have %d", n, maxFront),
			diag.Text("正文写在第二行 --- 之后。", "The text of the page goes below the second ---."))
		return
	}
	text := string(f.data[f.front.start:f.front.end])
	long(f, text, report)
	y := yaml{text: text}
	y.scan()
	at := func(i int) diag.Pos { return f.at(f.front.start + i) }
	if y.alias >= 0 {
		report(at(y.alias), diag.Text("开头的说明里有 YAML 的锚点或引用（%s）", "the front matter has a YAML anchor or alias (%s)", text[y.alias:y.alias+1]),
			diag.Text("把值直接写出来；以 & 或 * 开头的值要加单引号。", "Write the value out; put a value that starts with & or * in single quotes."))
	}
	if y.deep >= 0 {
		report(at(y.deep), diag.Text("开头的说明超过 %d 层", "the front matter is more than %d levels deep", maxDepth),
			diag.Text("只写“名称: 值”。", "Write “name: value” only."))
	}
	if y.many >= 0 {
		report(at(y.many), diag.Text("开头的说明超过 %d 项", "the front matter has more than %d keys", maxKeys),
			diag.Text("只写“名称: 值”。", "Write “name: value” only."))
	}
}

var topKey = regexp.MustCompile(`(?m)^([A-Za-z][A-Za-z0-9_-]*):[ \t]*`)

// long looks at the values of the keys that have a limit, each up to the next
// key at the start of a line.
func long(f *file, text string, report Report) {
	keys := topKey.FindAllStringSubmatchIndex(text, -1)
	for i, k := range keys {
		name := text[k[2]:k[3]]
		end := len(text)
		if i+1 < len(keys) {
			end = keys[i+1][0]
		}
		value := strings.Trim(strings.TrimSpace(text[k[1]:end]), `"'`)
		if n := utf8.RuneCountInString(value); maxLength[name] > 0 && n > maxLength[name] {
			report(f.at(f.front.start+k[1]), diag.Text("%s 有 %d 个字，最多 %d", "%s has %d characters, and may have %d", name, n, maxLength[name]),
				diag.Text("写短些，其余放进正文。", "Make it shorter; the rest belongs in the text."))
		}
	}
}

// yaml walks over front matter just closely enough to tell what stands in
// quotes and blocks of text from what YAML would act on.
type yaml struct {
	text string

	alias, deep, many int // offset of the first anchor or alias, level or key too many; -1 if none
}

func (y *yaml) scan() {
	y.alias, y.deep, y.many = -1, -1, -1
	first := func(at *int, i int) {
		if *at < 0 {
			*at = i
		}
	}
	var (
		indents []int // of the lines that the current one is below
		flow    int   // open brackets
		quote   byte
		block   = -1 // indent of the line whose block of text goes on
		keys    int
	)
	for i := 0; i < len(y.text); {
		end := len(y.text)
		if n := strings.IndexByte(y.text[i:], '\n'); n >= 0 {
			end = i + n
		}
		line := y.text[i:end]
		body := strings.TrimLeft(line, " ")
		indent := len(line) - len(body)
		if body == "" || quote == 0 && block >= 0 && indent > block {
			i = end + 1
			continue
		}
		if quote == 0 {
			block = -1
			if flow == 0 {
				for len(indents) > 0 && indents[len(indents)-1] >= indent {
					indents = indents[:len(indents)-1]
				}
				indents = append(indents, indent)
				if body != strings.TrimLeft(body, "- ") { // “- - - x” opens a level for each dash
					for j := 0; j+1 < len(body) && body[j] == '-' && body[j+1] == ' '; j += 2 {
						indents = append(indents, indent+j+1)
					}
				}
			}
		}
		start := true // a value or key may start here
		for j := i + indent; j < end; j++ {
			c := y.text[j]
			next := byte(' ')
			if j+1 < end {
				next = y.text[j+1]
			}
			switch {
			case quote != 0:
				if c == '\\' && quote == '"' {
					j++
				} else if c == quote {
					quote = 0
				}
				continue
			case c == '#' && (j == i || y.text[j-1] == ' '):
				j = end
			case start && (c == '"' || c == '\''):
				quote, start = c, false
			case start && (c == '&' || c == '*') && next != ' ':
				first(&y.alias, j)
				start = false
			case start && (c == '|' || c == '>') && flow == 0:
				block, j = indent, end
			case c == '[' || c == '{':
				if start || flow > 0 {
					flow++
					start = true
				}
			case flow > 0 && (c == ']' || c == '}'):
				flow--
				start = false
			case flow > 0 && c == ',', c == ':' && next == ' ', start && c == '-' && next == ' ', start && c == '?' && next == ' ':
				start = true
				if c == ':' {
					if keys++; keys > maxKeys {
						first(&y.many, j)
					}
				}
			case c != ' ':
				start = false
			}
			if flow+len(indents) > maxDepth {
				first(&y.deep, min(j, end-1))
			}
		}
		i = end + 1
	}
}
