package check

import (
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// frontLimits looks at front matter before Hugo does, which expands aliases.
var frontLimits = Check{
	ID: "front-matter-limits",
	Doc: plan.Text{
		ZH: "文件开头的说明长度、层数适当，不用 YAML 的锚点和引用：title 不超过 200 字，description 不超过 300 字，全部不超过 8 KiB、20 层、200 项",
		EN: "front matter is neither long nor deep and has no YAML anchors or aliases: title up to 200 characters, description up to 300, all of it up to 8 KiB, 20 levels and 200 keys",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		for _, f := range in.files().list {
			if f.Front != nil {
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

func judgeFront(f *content.Document, report Report) {
	if n := f.Head.End - f.Head.Start; n > maxFront {
		report(f.At(f.Head.Start), diag.Text("开头的说明有 %d 字节，最多 %d", "the front matter has %d bytes, and may have %d", n, maxFront),
			diag.Text("正文写在第二行 --- 之后。", "The text of the page goes below the second ---."))
		return
	}
	pairs := f.Front.Content // name, value, name, value, …
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i].Value, pairs[i+1]
		if n := utf8.RuneCountInString(value.Value); maxLength[name] > 0 && n > maxLength[name] {
			report(f.Node(value), diag.Text("%s 有 %d 个字，最多 %d", "%s has %d characters, and may have %d", name, n, maxLength[name]),
				diag.Text("请缩短，其余内容放在正文中。", "Make it shorter; the rest belongs in the text."))
		}
	}
	var l limits
	l.walk(f.Front, 1)
	if n := l.alias; n != nil {
		sign := "&"
		if n.Kind == yaml.AliasNode {
			sign = "*"
		}
		report(f.Node(n), diag.Text("开头的说明里有 YAML 的锚点或引用（%s）", "the front matter has a YAML anchor or alias (%s)", sign),
			diag.Text("请直接写出值；以 & 或 * 开头的值要加单引号。", "Write the value out; put a value that starts with & or * in single quotes."))
	}
	if l.deep != nil {
		report(f.Node(l.deep), diag.Text("开头的说明超过 %d 层", "the front matter is more than %d levels deep", maxDepth),
			diag.Text("每行只写“名称: 值”。", "Write “name: value” only."))
	}
	if l.many != nil {
		report(f.Node(l.many), diag.Text("开头的说明超过 %d 项", "the front matter has more than %d keys", maxKeys),
			diag.Text("每行只写“名称: 值”。", "Write “name: value” only."))
	}
}

// limits are the first node that is an anchor or alias, that is too deep, and
// that is one key too many.
type limits struct {
	alias, deep, many *yaml.Node
	keys              int
}

func (l *limits) walk(n *yaml.Node, depth int) {
	if l.alias == nil && (n.Anchor != "" || n.Kind == yaml.AliasNode) {
		l.alias = n
	}
	if depth > maxDepth {
		if l.deep == nil {
			l.deep = n
		}
		return
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if l.keys++; l.keys > maxKeys && l.many == nil {
				l.many = child
			}
		}
		if n.Kind != yaml.AliasNode && (child.Kind != yaml.ScalarNode || child.Anchor != "") {
			l.walk(child, depth+1)
		}
	}
}
