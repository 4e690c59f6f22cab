package content

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Beginning is a page that does not exist yet: an update, topic, place, body or page
// with what is known of it. What is empty is left for people to write.
type Beginning struct {
	Kind        string // one of [Kinds]
	Name        string // of its folder or file, and the end of its address
	Title       plan.Text
	Description plan.Text

	Date     time.Time // of an update
	Source   string
	Measures []plan.ID
	Readings []string // whose names it is to bear: written, checked, released

	Place  plan.PlaceKind // of a place
	Parent string
	Short  plan.Text // its name as the plan writes it
	Tile   *plan.Tile

	Tone string // of a topic
	Sign string

	Body  plan.BodyKind // of a body; Parent is the place that it governs
	Names []string
}

// Kinds are the pages that [Tree.New] can begin.
var Kinds = []string{"update", "topic", "place", "body", "page"}

// maxName keeps addresses short, and file names far from what systems allow.
const maxName = 60

// reserved are the last parts of addresses that the site itself has beside such
// a page.
var reserved = map[string][]string{
	"topic": {"parallel", "feed"},
	"place": {"parallel", "feed"},
	"body":  {"feed"},
	"page":  {"plan", "topics", "places", "bodies", "updates", "m", "data", "search", "sitemap", "glossary", "components", "feed", "index", "404"},
}

// aField is a line of front matter with the comment that explains it.
type aField struct {
	key     string
	value   any
	comment plan.Text
	chinese bool // in the Chinese file only
}

// New makes the two files of a page that begins, Chinese and English, with
// comments that say what belongs where. It writes nothing. What is wrong with
// the beginning (a name that cannot stand in an address, a measure that the plan
// does not have) is returned instead, with the place of what stands in the way.
func (t *Tree) New(b Beginning) ([]File, diag.List) {
	if found := t.refuse(b); len(found) > 0 {
		return nil, found
	}
	var name string
	fields := []aField{
		{"title", b.Title, plan.Text{ZH: "标题", EN: "The title"}, false},
		{"description", b.Description, plan.Text{ZH: "一两句话，用在列表和搜索结果里", EN: "A sentence or two, for lists and search engines"}, false},
	}
	draft := aField{"draft", true, plan.Text{ZH: "草稿不发布；写好以后，两个文件里都删去这一行", EN: "A draft is not published; when it is written, remove this line in both files"}, false}
	switch b.Kind {
	case "update":
		name = "updates/" + b.Name
		ids := make([]string, len(b.Measures))
		for i, id := range b.Measures {
			ids[i] = string(id)
		}
		fields = append(fields,
			aField{"date", date(b.Date), plan.Text{ZH: "公布的日期"}, true},
			aField{"measures", ids, plan.Text{ZH: "涉及哪些句子，用方案里的编号；它们的页面、主题和地方会显示这条动态"}, true},
			aField{"source", b.Source, plan.Text{ZH: "谁的说法，例如发布单位；不写就不显示"}, true})
		for _, role := range b.Readings {
			fields = append(fields, aField{role, "", readers[role], true})
		}
		fields = append(fields, draft)
	case "topic":
		name = "topics/" + b.Name + "/_index"
		weight := 0
		for _, x := range t.Plan.Topics {
			weight = max(weight, x.Weight)
		}
		fields = append(fields,
			aField{"weight", weight + 1, plan.Text{ZH: "在主题列表里排第几"}, true},
			aField{"tone", b.Tone, plan.Text{ZH: "颜色：" + strings.Join(plan.Tones, " ") + "；空着就用一种别的主题没有用的灰色"}, true},
			aField{"sign", b.Sign, plan.Text{ZH: "代表主题的一个汉字，与颜色并用，如 绿；空着就没有字"}, true})
	case "place":
		name = "places/" + b.Name + "/_index"
		weight := 0
		for _, x := range t.Plan.Places {
			if x.Kind == b.Place && x.Parent == b.Parent {
				weight = max(weight, x.Weight)
			}
		}
		fields = []aField{
			{"title", b.Title, plan.Text{ZH: "全称：长汀县", EN: "The full name: Changting County"}, false},
			{"name", b.Short, plan.Text{ZH: "方案里的写法：长汀", EN: "As the plan writes it: Changting"}, false},
			{"place", string(b.Place), plan.Text{ZH: "city（示范区的设区市）、county（县、市、区）或 outside（示范区以外）"}, true},
		}
		if b.Parent != "" {
			fields = append(fields, aField{"parent", b.Parent, plan.Text{ZH: "所属的市"}, true})
		}
		if b.Tile != nil {
			fields = append(fields, aField{"tile", []int{b.Tile.Column, b.Tile.Row}, plan.Text{ZH: "在示意图上的格子：西起第几列、北起第几行，都从 0 数起"}, true})
		}
		fields = append(fields, aField{"weight", weight + 1, plan.Text{ZH: "在同类地方里排第几"}, true})
	case "body":
		name = "bodies/" + b.Name + "/_index"
		weight := 0
		for _, x := range t.Plan.Bodies {
			if x.Kind == b.Body {
				weight = max(weight, x.Weight)
			}
		}
		fields = []aField{
			{"title", b.Title, plan.Text{ZH: "全称", EN: "The full name"}, false},
			{"body", string(b.Body), plan.Text{ZH: "central（中央）、government（地方政府及部门）、institution（院校、医院、科研单位）、enterprise（企业、金融机构）或 people（人群）"}, true},
		}
		if b.Parent != "" {
			fields = append(fields, aField{"place", b.Parent, plan.Text{ZH: "它是哪个地方的政府"}, true})
		}
		fields = append(fields,
			aField{"names", b.Names, plan.Text{ZH: "方案里的其他写法，如 [国家发展改革委]"}, true},
			aField{"weight", weight + 1, plan.Text{ZH: "在同类里排第几"}, true})
	case "page":
		name = "pages/" + b.Name
		fields = append(fields, draft)
	}
	files := make([]File, len(plan.Langs))
	for i, lang := range plan.Langs {
		files[i] = File{Name: name + "." + string(lang) + ".md", Data: begun(fields, lang)}
	}
	return files, nil
}

// readers explains the names that an update may have to bear.
var readers = map[string]plan.Text{
	"written": {ZH: "谁撰稿"}, "checked": {ZH: "谁校对"}, "released": {ZH: "谁签发；三个名字齐了才能发布"},
}

// begun writes the front matter of a page without text.
func begun(fields []aField, lang plan.Lang) []byte {
	var b bytes.Buffer
	b.WriteString("---\n")
	for _, f := range fields {
		if f.chinese && lang != plan.ZH {
			continue
		}
		value := f.value
		switch v := value.(type) {
		case plan.Text:
			value = quoteEmpty(v.In(lang))
		case string:
			value = quoteEmpty(v)
		case date:
			value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: time.Time(v).Format(time.DateOnly)}
		case []string, []int:
			value = inLine(v)
		}
		line, err := yaml.Dump(map[string]any{f.key: value}, yaml.WithLineWidth(-1))
		if err != nil {
			panic(fmt.Sprintf("front matter of texts and numbers cannot be written: %v", err))
		}
		fmt.Fprintf(&b, "# %s\n%s", f.comment.In(lang), line)
	}
	b.WriteString("---\n")
	return b.Bytes()
}

// date is a day in front matter.
type date time.Time

// inLine writes a list in one line: [s3-2, s3-4].
func inLine(list any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	add := func(s string) { n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: s}) }
	switch l := list.(type) {
	case []string:
		for _, s := range l {
			add(s)
		}
	case []int:
		for _, i := range l {
			add(strconv.Itoa(i))
		}
	}
	return n
}

// refuse tells why a page cannot begin so.
func (t *Tree) refuse(b Beginning) (found diag.List) {
	add := func(pos diag.Pos, fact, hint plan.Text) {
		found = append(found, diag.Diagnostic{Pos: pos, Check: "new", Fact: fact, Hint: hint})
	}
	folder := map[string]string{"update": "updates", "topic": "topics", "place": "places", "body": "bodies", "page": "pages"}[b.Kind]
	at := diag.Pos{File: path.Join(t.dir, folder)}
	form := map[string]*regexp.Regexp{"update": updateName, "page": updateName}[b.Kind]
	if form == nil {
		form = hubID
	}
	switch {
	case len(b.Name) > maxName:
		add(at, diag.Text("名称有 %d 个字符，最多 %d 个", "the name has %d characters, and may have %d", len(b.Name), maxName), diag.Text("它是网址的一部分，请写短些。", "It is part of the address: make it shorter."))
	case !form.MatchString(b.Name):
		add(at, diag.Text("“%s”不能作网址", "“%s” cannot stand in an address", b.Name),
			diag.Text("只用小写字母、数字和连字符，以字母开头，如 digital-fujian。", "Use lower-case letters, digits and hyphens only, a letter first, as in digital-fujian."))
	case slices.Contains(reserved[b.Kind], b.Name):
		add(at, diag.Text("“%s”是网站自己的网址", "“%s” is an address of the site's own", b.Name), diag.Text("请换一个名称。", "Choose another name."))
	}
	live := map[plan.ID]bool{}
	for u := range t.Plan.Units() {
		live[u.ID] = true
	}
	for i, id := range b.Measures {
		entry, known := t.Plan.Ledger.Find(id)
		switch {
		case slices.Index(b.Measures, id) < i:
			add(at, diag.Text("%s 写了两次", "%s is named twice", id), diag.Text("请删去一个。", "Remove one."))
		case live[id]:
		case known && entry.State != plan.Live:
			to := make([]string, len(entry.To))
			for i, id := range entry.To {
				to[i] = string(id)
			}
			add(t.LedgerPos(id), diag.Text("%s 已不在方案里", "%s is no longer in the plan", id),
				diag.Text("代替它的是：%[1]s", "It was replaced by: %[2]s", cmp.Or(strings.Join(to, "、"), "无"), cmp.Or(strings.Join(to, ", "), "nothing")))
		default:
			add(at, diag.Text("方案里没有 %s", "the plan has no %s", id),
				diag.Text("编号形如 s3-2，写在每句话下面的 {#…} 里。", "Ids look like s3-2 and stand below each sentence, in {#…}."))
		}
	}
	if b.Kind == "topic" && b.Tone != "" && !slices.Contains(plan.Tones, b.Tone) {
		add(at, diag.Text("没有颜色“%s”", "there is no tone “%s”", b.Tone), diag.Text("可用的有：%s。", "Tones: %s.", strings.Join(plan.Tones, " ")))
	}
	if fact, hint, odd := oddSign(b.Sign, t.Plan.Topics); odd {
		add(at, fact, hint)
	}
	if b.Kind == "place" {
		t.refusePlace(b, at, add)
	}
	if governs := func(pl *plan.Place) bool { return pl.ID == b.Parent }; b.Kind == "body" && b.Parent != "" && !slices.ContainsFunc(t.Plan.Places, governs) {
		add(at, diag.Text("没有地方“%s”", "there is no place “%s”", b.Parent), diag.Text("--place 写 content/places 里的文件夹名。", "--place is a folder of content/places."))
	}
	return found
}

func (t *Tree) refusePlace(b Beginning, at diag.Pos, add func(diag.Pos, plan.Text, plan.Text)) {
	var cities []string
	for _, p := range t.Plan.Places {
		if p.Kind == plan.City {
			cities = append(cities, p.ID)
		}
		if b.Tile != nil && p.Tile != nil && *p.Tile == *b.Tile {
			add(t.FilePos("places/"+p.ID+"/_index", plan.ZH), diag.Text("tile [%[1]d, %[2]d] 已用于 %[3]s", "tile [%[1]d, %[2]d] is taken by %[3]s", p.Tile.Column, p.Tile.Row, p.ID),
				diag.Text("请换一格。", "Give the new place another."))
		}
	}
	switch {
	case b.Place == plan.County && !slices.Contains(cities, b.Parent):
		add(at, diag.Text("县区要写明所属的市，不能是“%s”", "a county names its city; “%s” is none", b.Parent),
			diag.Text("加上 --parent，可用的有：%[1]s", "Add --parent; the cities are: %[2]s", cmp.Or(strings.Join(cities, "、"), "（还没有市）"), cmp.Or(strings.Join(cities, ", "), "none yet")))
	case b.Place != plan.County && b.Parent != "":
		add(at, diag.Text("只有县区写 parent", "only a county has a parent"), diag.Text("去掉 --parent。", "Leave --parent out."))
	}
}
