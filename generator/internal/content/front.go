package content

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// fileKind tells which keys a file's front matter may have.
type fileKind int

const (
	planKind fileKind = iota
	chapterKind
	sectionKind
	topicKind
	placeKind
	bodyKind
	updateKind
	pageKind
	noKind // a name that means nothing in the plan's folder
)

// kindOf tells what a Markdown file is by its path below the content folder.
func kindOf(name string) fileKind {
	switch {
	case planFile.MatchString(name):
		return planKind
	case chapterFile.MatchString(name):
		return chapterKind
	case sectionFile.MatchString(name):
		return sectionKind
	case strings.HasPrefix(name, "plan/"):
		return noKind
	case hubFile.MatchString(name):
		return map[string]fileKind{"topics": topicKind, "places": placeKind, "bodies": bodyKind}[hubFile.FindStringSubmatch(name)[1]]
	case updateFile.MatchString(name) && !strings.HasPrefix(name, "updates/_index."):
		return updateKind
	}
	return pageKind
}

type valueKind int

const (
	textValue valueKind = iota
	numberValue
	flagValue
	listValue
	dateValue
	tileValue // [column, row]
)

// key is one name that front matter may have.
type key struct {
	name     string
	value    valueKind
	required bool
	chinese  bool // in the Chinese file only, being the same fact in every language
	empty    bool // may be there and empty
}

// keys is the whole front matter of the files that the generator reads itself.
var keys = map[fileKind][]key{
	planKind: {
		{name: "title", required: true},
		{name: "name"},
		{name: "keywords", value: listValue},
		{name: "phrases", value: listValue, chinese: true},
		{name: "drawing", chinese: true},
		{name: "source", chinese: true},
		{name: "sha256", chinese: true},
		{name: "cover", value: listValue, chinese: true},
		{name: "under", value: listValue, chinese: true},
		{name: "closing", value: listValue, chinese: true},
	},
	chapterKind: {
		{name: "title", required: true, empty: true}, // empty: the division is one sentence under its number
		{name: "number", value: numberValue, required: true},
		{name: "stop", chinese: true},
	},
	sectionKind: {
		{name: "title", required: true, empty: true}, // empty: the division is one sentence under its number
		{name: "number", value: numberValue, required: true},
		{name: "label", value: numberValue, chinese: true},
		{name: "stop", chinese: true},
	},
	topicKind: {
		{name: "title", required: true},
		{name: "description", required: true},
		{name: "weight", value: numberValue, chinese: true},
		{name: "main", value: flagValue, chinese: true},
		{name: "tone", chinese: true},
		{name: "sign", chinese: true},
		{name: "headings", value: listValue, chinese: true},
		{name: "words", value: listValue, chinese: true},
		{name: "supports", value: flagValue, chinese: true},
		{name: "support", value: listValue, chinese: true},
	},
	placeKind: {
		{name: "title", required: true},
		{name: "name", required: true},
		{name: "place", required: true, chinese: true},
		{name: "parent", chinese: true},
		{name: "tile", value: tileValue, chinese: true},
		{name: "abbreviations", value: listValue, chinese: true},
		{name: "homographs", value: listValue, chinese: true},
		{name: "weight", value: numberValue, chinese: true},
	},
	bodyKind: {
		{name: "title", required: true},
		{name: "description"},
		{name: "body", required: true, chinese: true},
		{name: "place", chinese: true},
		{name: "names", value: listValue, chinese: true},
		{name: "homographs", value: listValue, chinese: true},
		{name: "weight", value: numberValue, chinese: true},
	},
	updateKind: {
		{name: "title", required: true},
		{name: "description"},
		{name: "date", value: dateValue, required: true, chinese: true},
		{name: "source", chinese: true},
		{name: "measures", value: listValue, required: true, chinese: true},
		{name: "written", chinese: true, empty: true},
		{name: "checked", chinese: true, empty: true},
		{name: "released", chinese: true, empty: true},
		{name: "draft", value: flagValue},
	},
	pageKind: {
		{name: "title", required: true},
		{name: "description"},
		{name: "date", value: dateValue},
		{name: "lastmod", value: dateValue},
		{name: "weight", value: numberValue},
		{name: "draft", value: flagValue},
		{name: "cite"},                    // a measure that the page shows how to cite
		{name: "verbs", value: flagValue}, // the page ends with the verbs of the measures
	},
}

// notOnPages are the names that Hugo or the theme obeys and that no page may
// have. Other names mean nothing to anybody and are let be.
var notOnPages = map[string]plan.Text{}

func init() {
	for _, group := range []struct {
		why   plan.Text
		names string
	}{
		{plan.Text{ZH: "网址由文件名决定，一经发布便不再改动", EN: "the file's name decides the address, which never changes once it is published"},
			"url slug aliases path permalinks kind type layout outputs translationkey headless sites lang language"},
		{plan.Text{ZH: "每个页面都要生成，而且只生成自己", EN: "every page is made, and makes itself alone"},
			"build _build cascade sitemap resources menu menus markup content params iscjklanguage"},
		{plan.Text{ZH: "页面发布与否不取决于生成那天的日期；未定稿写 draft: true", EN: "whether a page is there does not depend on the day of the build; while it is not finished, write draft: true"},
			"publishdate pubdate published expirydate unpublishdate"},
		{plan.Text{ZH: "它是生成器给自己的页面写的", EN: "the generator writes it, on pages of its own"},
			"unit units division retired topic place term"},
	} {
		for name := range strings.FieldsSeq(group.names) {
			notOnPages[name] = group.why
		}
	}
}

// front is a file's front matter, by the kind of value.
type front struct {
	doc   *Document
	pos   map[string]diag.Pos
	text  map[string]string
	num   map[string]int
	flag  map[string]bool
	list  map[string][]string
	items map[string][]diag.Pos // of the list's items
	date  map[string]time.Time
	tile  map[string]plan.Tile
}

// front sorts the front matter of a file of the given kind, telling everything
// that is wrong with it. It is nil if there is none that could be read.
func (l *loader) front(d *Document, kind fileKind) *front {
	switch {
	case !d.hasHead() && d.begun():
		l.add(diag.Pos{File: d.Name, Line: 1, Col: 1}, "front-matter",
			diag.Text("开头的说明没有收尾：少了第二行 ---", "the front matter does not end: its second line --- is missing"),
			diag.Text("在说明的最后一行下面加上一行 ---，正文写在它后面。", "Add a line --- below its last line; the text of the page follows it."))
		return nil
	case !d.hasHead():
		l.add(diag.Pos{File: d.Name, Line: 1, Col: 1}, "front-matter",
			diag.Text("文件开头没有由两行 --- 围起的说明", "the file does not begin with front matter between two --- lines"),
			diag.Text("第一行写 ---，然后 title: 标题，再写一行 ---。", "Start with ---, then title: …, then --- again."))
		return nil
	case d.frontErr != nil:
		pos, message := d.frontError()
		l.add(pos, "front-matter",
			diag.Text("无法读取文件开头的说明：%[1]s", "the front matter cannot be read: %[2]s", inChinese(message), message),
			diag.Text("每行写“名称: 值”，冒号用半角，后面空一格；值里有冒号或引号时，用单引号把整个值括起来。",
				"Write “name: value” on each line, with a space after the colon; put a value that has a colon or quotes in single quotes."))
		return nil
	case d.Front == nil:
		l.add(diag.Pos{File: d.Name, Line: 2, Col: 1}, "front-matter",
			diag.Text("开头的说明里没有“名称: 值”", "the front matter has no “name: value”"),
			diag.Text("至少要有 title: 标题。", "At least title: … is needed."))
		return nil
	}
	f := &front{
		doc: d, pos: map[string]diag.Pos{}, text: map[string]string{},
		num: map[string]int{}, flag: map[string]bool{}, list: map[string][]string{},
		items: map[string][]diag.Pos{}, date: map[string]time.Time{}, tile: map[string]plan.Tile{},
	}
	l.values(f, kind)
	return f
}

// values sorts the names and values of a file's front matter by kind.
func (l *loader) values(f *front, kind fileKind) {
	pairs, lang := f.doc.Front.Content, f.doc.Lang // name, value, name, value, …
	bad := func(n *yaml.Node, fact, hint plan.Text) { l.add(f.doc.Node(n), "front-matter", fact, hint) }
	misspelt := map[string]bool{}
	var allowed []string
	var empty []*yaml.Node // values that a person has still to write
	var unwritten []string // their names
	for _, k := range keys[kind] {
		if !k.chinese || lang == plan.ZH {
			allowed = append(allowed, k.name)
		}
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		if seen[name.Value] {
			bad(name, diag.Text("“%s”重复", "“%s” is written twice", name.Value), diag.Text("请删去一个。", "Remove one."))
			continue
		}
		seen[name.Value] = true
		j := slices.IndexFunc(keys[kind], func(k key) bool { return k.name == name.Value })
		if kind == pageKind && j < 0 {
			lower := strings.ToLower(name.Value) // as Hugo reads it
			near := diag.Nearest(lower, allowed)
			if why, has := notOnPages[lower]; has {
				bad(name, diag.Text("页面上不能写“%s”", "“%s” cannot be set on a page", name.Value),
					diag.Text("请删去它：%[1]s。", "Remove it: %[2]s.", why.ZH, why.EN))
				continue
			} else if near == "" && !slices.Contains(allowed, lower) {
				continue
			}
		}
		if j < 0 || !slices.Contains(allowed, name.Value) {
			hint := diag.Text("可用的有：%s。", "Use: %s.", strings.Join(allowed, ", "))
			near := strings.ToLower(name.Value)
			if !slices.Contains(allowed, near) {
				near = diag.Nearest(near, allowed)
			}
			if near != "" && j < 0 {
				misspelt[near] = true
				hint = diag.Text("是否应为“%[1]s”？%[2]s", "Did you mean “%[1]s”? %[3]s", near, hint.ZH, hint.EN)
			}
			bad(name, diag.Text("此处不能用“%s”", "“%s” is not used here", name.Value), hint)
			continue
		}
		f.pos[name.Value] = f.doc.Node(value)
		want := keys[kind][j].value
		if want != listValue && want != tileValue && value.Kind != yaml.ScalarNode {
			bad(value, diag.Text("“%s”应当只有一个值", "“%s” takes one value", name.Value), diag.Text("写成 %s: 值", "Write %s: value", name.Value))
			continue
		}
		switch want {
		case textValue:
			f.text[name.Value] = value.Value
			if keys[kind][j].required && !keys[kind][j].empty && strings.TrimSpace(value.Value) == "" {
				empty, unwritten = append(empty, value), append(unwritten, name.Value)
			}
		case numberValue:
			n, err := strconv.Atoi(value.Value)
			if err != nil {
				bad(value, diag.Text("“%s”应为整数，现为“%s”", "“%s” is a whole number, not “%s”", name.Value, value.Value),
					diag.Text("写成 %s: 3", "Write %s: 3", name.Value))
				continue
			}
			f.num[name.Value] = n
		case flagValue:
			if value.Value != "true" && value.Value != "false" {
				bad(value, diag.Text("“%s”只能是 true 或 false", "“%s” is true or false", name.Value), diag.Text("写成 %s: true", "Write %s: true", name.Value))
				continue
			}
			f.flag[name.Value] = value.Value == "true"
		case listValue:
			if value.Kind != yaml.SequenceNode {
				bad(value, diag.Text("“%s”应为列表", "“%s” is a list", name.Value), diag.Text("每项一行，以“- ”开头。", "One item a line, each after “- ”."))
				continue
			}
			for _, item := range value.Content {
				f.list[name.Value] = append(f.list[name.Value], item.Value)
				f.items[name.Value] = append(f.items[name.Value], f.doc.Node(item))
			}
		case dateValue:
			date, ok := parseDate(value.Value)
			if !ok {
				bad(value, diag.Text("“%s”应为日期，现为“%s”", "“%s” is a date, not “%s”", name.Value, value.Value),
					diag.Text("写成 %s: 2024-05-01 或 %[1]s: 2024-05-01 09:30:00", "Write %s: 2024-05-01 or %[1]s: 2024-05-01 09:30:00", name.Value))
				continue
			}
			f.date[name.Value] = date
		case tileValue:
			tile, fine := readTile(value)
			if !fine {
				bad(value, diag.Text("“%s”应当是两个 0 至 99 的整数", "“%s” is two whole numbers from 0 to 99", name.Value),
					diag.Text("写成 %s: [1, 0]：西起第几列，北起第几行，均从 0 起计。", "Write %s: [1, 0]: the column from the west and the row from the north, both counted from 0.", name.Value))
				continue
			}
			f.tile[name.Value] = tile
		}
	}
	for i, value := range empty {
		if !f.flag["draft"] { // a draft is being written
			bad(value, diag.Text("“%s”是空的", "“%s” is empty", unwritten[i]), diag.Text("请填写。", "Fill it in."))
		}
	}
	for _, k := range keys[kind] {
		if _, has := f.pos[k.name]; has || !k.required || !slices.Contains(allowed, k.name) {
			continue
		}
		if k.name == "title" {
			l.doubt(l.inner(f.doc), lang) // it may have one
		}
		if !misspelt[k.name] {
			l.add(diag.Pos{File: f.doc.Name, Line: 1, Col: 1}, "front-matter",
				diag.Text("缺少“%s”", "“%s” is missing", k.name),
				diag.Text("在开头两行 --- 之间加上 %s: …", "Add %s: … between the two --- lines.", k.name))
		}
	}
}

// china is the time of day that dates in the content mean.
var china = time.FixedZone("UTC+8", 8*60*60)

// dateLayouts are the ways to write a date; each is also one that Hugo reads.
var dateLayouts = []string{time.DateOnly, time.DateTime, time.RFC3339}

func parseDate(s string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if t, err := time.ParseInLocation(layout, s, china); err == nil {
			return t.In(china), t.Year() > 1900
		}
	}
	return time.Time{}, false
}

// ordinal is a whole number up to 99: more squares than any map of counties has,
// and few enough to draw.
var ordinal = regexp.MustCompile(`^(?:0|[1-9][0-9]?)$`)

// readTile reads [column, row], reporting whether it is that.
func readTile(n *yaml.Node) (plan.Tile, bool) {
	if n.Kind != yaml.SequenceNode || len(n.Content) != 2 {
		return plan.Tile{}, false
	}
	var at [2]int
	for i, item := range n.Content {
		if item.Kind != yaml.ScalarNode || !ordinal.MatchString(item.Value) {
			return plan.Tile{}, false
		}
		at[i], _ = strconv.Atoi(item.Value)
	}
	return plan.Tile{Column: at[0], Row: at[1]}, true
}

// chinese says in Chinese what the YAML and CSV libraries say in English, for
// the mistakes that people make.
var chinese = []struct{ part, zh string }{
	{"mapping values are not allowed", "这一行多了一个冒号"},
	{"unexpected end of stream", "引号或括号没有收尾"},
	{"did not find expected key", "这里应当是“名称: 值”"},
	{"could not find expected ':'", "名称后面缺冒号"},
	{"cannot start any token", "这里不能用这个符号开头（制表符也不行）"},
	{"did not find expected", "括号或逗号不配对"},
	{"already defined", "同一个名称写了两次"},
	{"wrong number of fields", "列数与第一行不同"},
	{"bare \" in non-quoted", "格子里有引号，而格子没有加双引号"},
	{"extraneous or missing \"", "双引号不配对"},
}

// inChinese translates a library's message where it is known.
func inChinese(message string) string {
	for _, c := range chinese {
		if strings.Contains(message, c.part) {
			return c.zh
		}
	}
	return message
}
