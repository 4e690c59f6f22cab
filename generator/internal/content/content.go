// Package content is the portal's content folder: it reads the Markdown that
// staff edit into a [plan.Plan] and keeps the position of everything it read,
// so that whoever finds something wrong can say where; and it writes a plan
// that was imported back as Markdown without touching what people have added.
//
// # The format
//
// The plan lives in content/plan, both languages side by side: _index.zh.md
// (title and preamble), c3/_index.zh.md (chapter 3 and any text before its
// first section), c3/s4.zh.md (section 4), and the same names with .en.md.
// One sentence is one unit: a paragraph and, on the line under it, its id:
//
//	推广龙岩长汀水土流失治理经验，支持长汀、宁化等国家水土保持示范县建设。
//	{#s3-2 topics="ecology" places="longyan changting ninghua"}
//
// Tags (topics, places, bodies), kind="context|guideline|target" and paragraph="new"
// (the official text starts a paragraph here) stand in the Chinese file only;
// the English file has the id alone. Stock goldmark reads such a line on
// headings only, so units.go holds a small extension that reads it on
// paragraphs. content/topics, content/places and content/bodies hold a folder a hub,
// and content/termbase.csv the bilingual terms. All other Markdown is Hugo's, but it
// is read here as Hugo reads it, so that every mistake is told at once.
//
// # One reading
//
// Every file is read once, into a [Document]: its bytes with their places, its
// front matter as YAML nodes, and of its body the [Mark] of everything that is
// more than words. The checks and the translators' files work on that; goldmark
// stays in here.
//
// # Reading order
//
// [Load] in this file; documents in document.go and their marks in marks.go; why
// a file cannot be read in unread.go; the keys of each kind of file in front.go;
// units in units.go; writing in format.go; importing over people's edits in
// merge.go; changing one piece of a file in change.go, fields.go and rows.go; what is
// no content in copies.go.
package content

import (
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Tree is a content folder as read.
type Tree struct {
	Plan   *plan.Plan
	Source Source

	dir        string
	documents  []*Document
	byName     map[string]*Document
	source     map[unitKey]string
	ledgerPos  map[plan.ID]diag.Pos
	termPos    map[string]diag.Pos
	updatePos  map[string][]diag.Pos
	supportPos map[string][]diag.Pos
	editionPos []diag.Pos
	versionPos []diag.Pos

	unitPos map[unitKey]diag.Pos
	tagPos  map[plan.ID]diag.Pos
	filePos map[string]diag.Pos
	doubt   map[string]bool // see Doubtful
}

// Source names the text that the plan was imported from.
type Source struct {
	File   string // project-relative slash path, such as seeds/minxi-2022.txt; "" if the plan says none
	SHA256 string // lower-case hexadecimal, of the file's bytes
	Pos    diag.Pos
}

type unitKey struct {
	id   plan.ID
	lang plan.Lang
}

// UnitPos is where the unit's sentence stands in language l, or the zero Pos.
func (t *Tree) UnitPos(id plan.ID, l plan.Lang) diag.Pos { return t.unitPos[unitKey{id, l}] }

// TagPos is where the unit's tags stand (the attribute line in the Chinese file).
func (t *Tree) TagPos(id plan.ID) diag.Pos { return t.tagPos[id] }

// Markdown is the unit as written in language l, without its attribute line;
// "" if it is not there.
func (t *Tree) Markdown(id plan.ID, l plan.Lang) string { return t.source[unitKey{id, l}] }

// TermPos is where the row of a term stands, by its Chinese.
func (t *Tree) TermPos(zh string) diag.Pos { return t.termPos[zh] }

// LedgerPos is where the ledger's row of an id stands, or the zero Pos.
func (t *Tree) LedgerPos(id plan.ID) diag.Pos { return t.ledgerPos[id] }

// UpdatePos is where the measures that an update is about are named, one place
// for each of its Units.
func (t *Tree) UpdatePos(name string) []diag.Pos { return t.updatePos[name] }

// SupportPos is where the measures that support a topic are named, one place for
// each of its Support.
func (t *Tree) SupportPos(topic string) []diag.Pos { return t.supportPos[topic] }

// FilePos is where the front matter key of a division or hub stands: name is
// the file's path below the content folder without its language, such as
// "plan/c3/s4" or "topics/ecology/_index"; the zero Pos means no such file.
func (t *Tree) FilePos(name string, l plan.Lang) diag.Pos {
	return t.filePos[name+"."+string(l)+".md"]
}

// Documents are the Markdown files and tables of the content folder, in the
// order of their names.
func (t *Tree) Documents() []*Document { return t.documents }

// Document is the document of that name, such as content/pages/about.zh.md, or nil.
func (t *Tree) Document(name string) *Document { return t.byName[name] }

// Doubtful reports that part of the content could not be read as somebody wrote
// it, for a reason that [Load] tells: its file cannot be read or is gone while
// its counterpart is there, or its sentences cannot be told apart. What it seems
// to lack is then nobody's mistake. A part is a division of the plan ("p" for
// the preamble, "c1", "s3"), a hub or page ("topics/ecology", "pages/about") or a
// table ("ledger.csv", in Chinese).
func (t *Tree) Doubtful(part string, l plan.Lang) bool { return t.doubt[part+" "+string(l)] }

// doubt notes what Doubtful tells, by the path of a file below the content folder.
func (l *loader) doubt(name string, lang plan.Lang) {
	l.tree.doubt[PartOf(name)+" "+string(lang)] = true
}

// PartOf is what a file holds, as [Tree.Doubtful] names it: name is its path below
// the content folder, with or without language.
func PartOf(name string) string {
	name = strings.TrimSuffix(name, ".md")
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".zh"), ".en")
	dir, base := path.Split(name)
	switch {
	case name == "plan/_index":
		return "p"
	case strings.HasPrefix(name, "plan/") && base == "_index":
		return path.Base(dir)
	case strings.HasPrefix(name, "plan/"):
		return base
	case base == "_index" || base == "index":
		return path.Clean(dir)
	}
	return name
}

// loader gathers what Load reads and everything that is wrong with it.
type loader struct {
	fsys  fs.FS
	dir   string
	tree  *Tree
	found diag.List

	chapters map[int]*plan.Chapter
	sections map[int]*plan.Section
	tilePos  map[string]diag.Pos // by place
	orphans  []orphan
}

// orphan is an English sentence whose id the Chinese does not have.
type orphan struct {
	id    plan.ID
	pos   diag.Pos
	units *[]*plan.Unit // of its division
}

var (
	chapterFile = regexp.MustCompile(`^plan/c([1-9][0-9]{0,5})/_index\.(zh|en)\.md$`)
	sectionFile = regexp.MustCompile(`^plan/c([1-9][0-9]{0,5})/s([1-9][0-9]{0,5})\.(zh|en)\.md$`)
	planFile    = regexp.MustCompile(`^plan/_index\.(zh|en)\.md$`)
	hubFile     = regexp.MustCompile(`^(topics|places|bodies)/([^/]+)/_index\.(zh|en)\.md$`)
	updateFile  = regexp.MustCompile(`^updates/([^/]+)\.(zh|en)\.md$`)
	updateName  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	hubID       = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
)

// Load reads the content folder dir of fsys. It always returns a tree, as far
// as it could be read, and everything that it found wrong; a caller that needs
// a sound plan asks the list's [diag.List.Err].
func Load(fsys fs.FS, dir string) (*Tree, diag.List) {
	l := &loader{
		fsys: fsys, dir: dir,
		tree: &Tree{
			Plan:       &plan.Plan{},
			dir:        dir,
			byName:     map[string]*Document{},
			source:     map[unitKey]string{},
			ledgerPos:  map[plan.ID]diag.Pos{},
			termPos:    map[string]diag.Pos{},
			updatePos:  map[string][]diag.Pos{},
			supportPos: map[string][]diag.Pos{},
			unitPos:    map[unitKey]diag.Pos{},
			tagPos:     map[plan.ID]diag.Pos{},
			filePos:    map[string]diag.Pos{},
			doubt:      map[string]bool{},
		},
		chapters: map[int]*plan.Chapter{},
		sections: map[int]*plan.Section{},
		tilePos:  map[string]diag.Pos{},
	}
	var names []string
	err := fs.WalkDir(fsys, dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() && !strings.HasPrefix(d.Name(), ".") {
			names = append(names, strings.TrimPrefix(p, dir+"/"))
		}
		return nil
	})
	if err != nil {
		l.add(diag.Pos{File: dir}, "structure",
			diag.Text("无法读取内容文件夹：%v", "cannot read the content folder: %v", err),
			diag.Text("请在项目根目录运行，或先用 import 命令导入方案。", "Run the command in the project's folder, or import a plan first."))
		return l.tree, l.found
	}
	// Chinese before English and outer before inner, so that a unit exists
	// before its translation arrives.
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), compareNatural(a, b))
	})
	for _, name := range names {
		l.file(name)
	}
	l.finish()
	slices.SortFunc(l.tree.documents, func(a, b *Document) int { return cmp.Compare(a.Name, b.Name) })
	return l.tree, l.found.Sort()
}

// rank orders the files of the plan for reading.
func rank(name string) int {
	r := 3
	for i, re := range []*regexp.Regexp{planFile, chapterFile, sectionFile} {
		if re.MatchString(name) {
			r = i
		}
	}
	if strings.HasSuffix(name, ".en.md") {
		r += 4
	}
	return r
}

// compareNatural orders s2 before s10.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		i, j := digits(a), digits(b)
		if i > 0 && j > 0 {
			x, _ := strconv.Atoi(a[:i])
			y, _ := strconv.Atoi(b[:j])
			if x != y {
				return x - y
			}
			a, b = a[i:], b[j:]
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func digits(s string) int {
	n := 0
	for n < len(s) && n < 9 && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func (l *loader) add(pos diag.Pos, check string, fact, hint plan.Text) {
	l.found = append(l.found, diag.Diagnostic{Pos: pos, Check: check, Fact: fact, Hint: hint})
}

// file reads one file by its path below the content folder.
func (l *loader) file(name string) {
	full := path.Join(l.dir, name)
	if l.leftover(full) {
		return
	}
	if ext := path.Ext(name); ext != ".md" && ext != ".csv" {
		l.stranger(full)
		return
	}
	src, err := fs.ReadFile(l.fsys, full)
	d := newDocument(full, name, src)
	l.tree.documents = append(l.tree.documents, d)
	l.tree.byName[full] = d
	if err != nil {
		d.unread = true
		l.doubt(name, cmp.Or(d.Lang, plan.ZH))
		l.add(diag.Pos{File: full}, "structure", diag.Text("无法读取文件：%v", "cannot read the file: %v", err),
			diag.Text("请检查文件的权限。", "Look at the file's permissions."))
		return
	}
	if l.unreadable(d) {
		l.doubt(name, cmp.Or(d.Lang, plan.ZH))
		return
	}
	if read, is := tables[name]; is {
		read(l, d)
	}
	if d.IsMarkdown() {
		l.markdown(d, name)
	}
}

// markdown reads a Markdown file, by its path below the content folder.
func (l *loader) markdown(d *Document, name string) {
	full, lang := d.Name, d.Lang
	kind := kindOf(name)
	if kind == noKind {
		l.add(diag.Pos{File: full}, "structure",
			diag.Text("方案文件夹中有无法识别的文件名", "this file name means nothing in the plan's folder"),
			diag.Text("方案的文件是 plan/_index.zh.md、plan/c3/_index.zh.md、plan/c3/s4.zh.md 和对应的 .en.md；其他页面请放在 content/pages。",
				"Files of the plan are plan/_index.zh.md, plan/c3/_index.zh.md, plan/c3/s4.zh.md and the same with .en.md; put other pages under content/pages."))
		return
	}
	f := l.front(d, kind)
	l.tree.filePos[name] = diag.Pos{File: full, Line: 1}
	if f == nil {
		d.unread = true
		l.doubt(name, lang)
		return
	}
	if pos, has := f.pos["title"]; has {
		l.tree.filePos[name] = pos
	}
	m := func(re *regexp.Regexp, i int) int {
		n, _ := strconv.Atoi(re.FindStringSubmatch(name)[i])
		return n
	}
	switch kind {
	case planKind:
		l.planIndex(f, lang)
	case chapterKind:
		l.chapter(f, lang, m(chapterFile, 1))
	case sectionKind:
		l.section(f, lang, m(sectionFile, 1), m(sectionFile, 2))
	case topicKind:
		l.topic(f, lang, hubFile.FindStringSubmatch(name)[2])
	case placeKind:
		l.place(f, lang, hubFile.FindStringSubmatch(name)[2])
	case bodyKind:
		l.body(f, lang, hubFile.FindStringSubmatch(name)[2])
	case updateKind:
		l.update(f, lang, updateFile.FindStringSubmatch(name)[1])
	case pageKind:
		if lang == plan.EN {
			l.noChinese(f)
		}
	}
}

func (l *loader) planIndex(f *front, lang plan.Lang) {
	p := l.tree.Plan
	p.Title.Set(lang, f.text["title"])
	if lang == plan.EN && p.Title.ZH == "" {
		l.noChinese(f)
	}
	p.Name.Set(lang, f.text["name"])
	if words := f.list["keywords"]; len(words) > 0 {
		if p.Keywords == nil {
			p.Keywords = map[plan.Lang][]string{}
		}
		p.Keywords[lang] = words
	}
	if lang == plan.ZH {
		p.Phrases, p.Drawing = f.list["phrases"], f.text["drawing"]
		for i, s := range p.Phrases {
			if !strings.Contains(p.Title.ZH, s) {
				l.add(f.items["phrases"][i], "front-matter",
					diag.Text("标题里没有“%s”", "the title does not have “%s”", s),
					diag.Text("phrases 写标题里可以换行之处的后半段，例如“建设方案”；别的方案留下的请删去。", "phrases are parts of the title before which a line may end; remove what another plan has left here."))
			}
		}
		if p.Drawing != "" && p.Drawing != "tulou" {
			l.add(f.pos["drawing"], "front-matter",
				diag.Text("没有叫“%s”的图", "there is no drawing called “%s”", p.Drawing),
				diag.Text("写 drawing: tulou，不画图就删去这一行。", "Write drawing: tulou, or remove the line for none."))
		}
		p.Front = plan.Front{Cover: f.list["cover"], Under: f.list["under"], Closing: f.list["closing"]}
		l.tree.Source = Source{File: f.text["source"], SHA256: strings.ToLower(f.text["sha256"]), Pos: f.pos["source"]}
	}
	l.units(f, lang, plan.InPreamble, 0, 0, &p.Preamble)
}

func (l *loader) chapter(f *front, lang plan.Lang, n int) {
	l.number(f, n)
	c := l.chapters[n]
	if lang == plan.ZH {
		if c != nil {
			l.twice(f, diag.Text("第 %d 章", "chapter %d", n))
			return
		}
		c = &plan.Chapter{Number: n, Stop: f.text["stop"]}
		l.tree.Plan.Chapters = append(l.tree.Plan.Chapters, c)
		l.chapters[n] = c
	} else if c == nil {
		l.noChinese(f)
		return
	}
	c.Title.Set(lang, f.text["title"])
	l.units(f, lang, plan.InChapter, n, n, &c.Units)
	l.untitled(f, c.Title.ZH, c.Units)
}

func (l *loader) section(f *front, lang plan.Lang, chapter, n int) {
	l.number(f, n)
	c := l.chapters[chapter]
	if c == nil {
		// The sections are there all the same: one finding, not one for each.
		own := path.Join(l.dir, chapterDir(chapter), "_index.zh.md")
		if l.tree.byName[own] == nil {
			l.add(diag.Pos{File: own}, "structure",
				diag.Text("第 %d 章没有自己的文件", "chapter %d has no file of its own", chapter),
				diag.Text("从版本记录里恢复它；新的一章就建立它，写上 title 和 number。", "Restore it from the history; for a new chapter, create it with title and number."))
		}
		l.doubt(chapterDir(chapter)+"/_index", plan.ZH)
		c = &plan.Chapter{Number: chapter}
		l.chapters[chapter] = c
		l.tree.Plan.Chapters = append(l.tree.Plan.Chapters, c)
	}
	s := l.sections[n]
	if lang == plan.ZH {
		if s != nil {
			l.twice(f, diag.Text("第 %d 节", "section %d", n))
			return
		}
		s = &plan.Section{Number: n, Label: n, Chapter: chapter, Stop: "。"}
		if stop, has := f.text["stop"]; has {
			s.Stop = stop
		}
		if label, has := f.num["label"]; has {
			s.Label = label
		}
		c.Sections = append(c.Sections, s)
		l.sections[n] = s
	} else if s == nil || s.Chapter != chapter {
		l.noChinese(f)
		return
	}
	s.Title.Set(lang, f.text["title"])
	l.units(f, lang, plan.InSection, n, chapter, &s.Units)
	l.untitled(f, s.Title.ZH, s.Units)
}

// untitled looks at a division whose Chinese has no title: it is a sentence
// under its number, as in 二、同意设立示范区。, and its English has none either.
func (l *loader) untitled(f *front, zh string, units []*plan.Unit) {
	switch {
	case l.tree.Doubtful(PartOf(l.inner(f.doc)), plan.ZH): // told already
	case zh == "" && len(units) == 0:
		l.add(f.pos["title"], "front-matter",
			diag.Text("“title”是空的", "“title” is empty"),
			diag.Text("请写上 title；只有一句话、没有标题的条目才写 title: \"\"。", "Write the title; title: \"\" is for an item that is a sentence without a heading."))
	case zh == "" && f.text["title"] != "":
		l.add(f.pos["title"], "front-matter",
			diag.Text("中文没有标题，英文却有", "the Chinese has no title, and the English has one"),
			diag.Text("写成 title: \"\"。", "Write title: \"\"."))
	}
}

func (l *loader) number(f *front, want int) {
	if got, has := f.num["number"]; has && got != want {
		l.add(f.pos["number"], "numbering",
			diag.Text("number 为 %d，与文件名（%d）不符", "number is %d, but the file's name says %d", got, want),
			diag.Text("文件名决定网址，请把 number 改为 %d。", "The file name decides the address: set number to %d.", want))
	}
}

func (l *loader) twice(f *front, what plan.Text) {
	l.add(diag.Pos{File: f.doc.Name, Line: 1}, "structure",
		diag.Text("%[1]s出现了两次", "%[2]s appears twice", what.ZH, what.EN),
		diag.Text("一节只在一章里：把它留在该在的那一章。", "A section stands in one chapter: keep it in the one where it belongs."))
}

func (l *loader) noChinese(f *front) {
	if l.tree.byName[strings.TrimSuffix(f.doc.Name, ".en.md")+".zh.md"] != nil {
		return // it is there, and what is wrong with it has been told
	}
	l.doubt(l.inner(f.doc), plan.ZH)
	if l.tree.Doubtful(PartOf(l.inner(f.doc)), plan.EN) {
		return
	}
	l.add(diag.Pos{File: f.doc.Name, Line: 1}, "parity",
		diag.Text("这个英文文件没有对应的中文文件", "this English file has no Chinese counterpart"),
		diag.Text("从版本记录里恢复同名的 .zh.md；新页面先写中文。", "Restore the .zh.md of the same name from the history; for a new page, write the Chinese first."))
}

// inner is the path of a document below the content folder.
func (l *loader) inner(d *Document) string { return strings.TrimPrefix(d.Name, l.dir+"/") }

func (l *loader) hub(f *front, id string) bool {
	if hubID.MatchString(id) {
		return true
	}
	l.add(diag.Pos{File: f.doc.Name, Line: 1}, "structure",
		diag.Text("文件夹名“%s”不能用于网址", "the folder name “%s” cannot stand in an address", id),
		diag.Text("只用小写字母、数字和连字符，如 red-heritage。", "Use lower-case letters, digits and hyphens only, as in red-heritage."))
	return false
}

func (l *loader) topic(f *front, lang plan.Lang, id string) {
	if !l.hub(f, id) {
		return
	}
	p := l.tree.Plan
	i := slices.IndexFunc(p.Topics, func(t *plan.Topic) bool { return t.ID == id })
	if lang == plan.ZH {
		p.Topics = append(p.Topics, &plan.Topic{ID: id, Weight: f.num["weight"], Main: f.flag["main"], Tone: f.text["tone"], Sign: f.text["sign"]})
		if tone := f.text["tone"]; tone != "" && !slices.Contains(plan.Tones, tone) {
			l.add(f.pos["tone"], "front-matter",
				diag.Text("没有颜色“%s”", "there is no tone “%s”", tone),
				diag.Text("可用的有：%s。", "Tones: %s.", strings.Join(plan.Tones, " ")))
		}
		if fact, hint, odd := oddSign(f.text["sign"], p.Topics[:len(p.Topics)-1]); odd {
			l.add(f.pos["sign"], "front-matter", fact, hint)
		}
		i = len(p.Topics) - 1
		p.Topics[i].Headings, p.Topics[i].Words = f.list["headings"], f.list["words"]
		p.Topics[i].Supports = f.flag["supports"]
		for _, id := range f.list["support"] {
			p.Topics[i].Support = append(p.Topics[i].Support, plan.ID(id))
		}
		l.tree.supportPos[id] = f.items["support"]
	} else if i < 0 {
		l.noChinese(f)
		return
	}
	p.Topics[i].Title.Set(lang, f.text["title"])
	p.Topics[i].Summary.Set(lang, f.text["description"])
}

// oddSign says what is wrong with the sign of a topic beside these others.
func oddSign(sign string, others []*plan.Topic) (fact, hint plan.Text, odd bool) {
	if r, n := utf8.DecodeRuneInString(sign); n < len(sign) || sign != "" && !unicode.Is(unicode.Han, r) {
		return diag.Text("sign 的值“%s”不是一个汉字", "sign is “%s”, not one Chinese character", sign),
			diag.Text("写一个代表这个主题的汉字，如 sign: 绿；不写就没有字。", "Write one character for the topic, such as sign: 绿, or none."), true
	}
	for _, t := range others {
		if sign != "" && t.Sign == sign {
			return diag.Text("%[2]s 已经用了“%[1]s”字", "“%[1]s” is the sign of %[2]s", sign, t.ID),
				diag.Text("各主题的字不能相同，请换一个。", "Give each topic a character of its own."), true
		}
	}
	return fact, hint, false
}

func (l *loader) place(f *front, lang plan.Lang, id string) {
	if !l.hub(f, id) {
		return
	}
	p := l.tree.Plan
	i := slices.IndexFunc(p.Places, func(t *plan.Place) bool { return t.ID == id })
	if lang == plan.ZH {
		kind := plan.PlaceKind(f.text["place"])
		pos, has := f.pos["place"]
		sound := kind == plan.City || kind == plan.County || kind == plan.Outside
		if !sound {
			l.doubt(l.inner(f.doc), plan.ZH)
		}
		if has && !sound {
			l.add(pos, "front-matter",
				diag.Text("place 的值“%s”无效", "place is “%s”", kind),
				diag.Text("place 只能是 city、county 或 outside。", "place is one of city, county, outside."))
		}
		p.Places = append(p.Places, &plan.Place{ID: id, Kind: kind, Parent: f.text["parent"], Weight: f.num["weight"]})
		i = len(p.Places) - 1
		if pos, has := f.pos["tile"]; has {
			l.tilePos[id] = pos
		}
		p.Places[i].Abbreviations, p.Places[i].Homographs = f.list["abbreviations"], f.list["homographs"]
		if tile, has := f.tile["tile"]; has {
			p.Places[i].Tile = &tile
		}
	} else if i < 0 {
		l.noChinese(f)
		return
	}
	p.Places[i].Title.Set(lang, f.text["title"])
	p.Places[i].Name.Set(lang, f.text["name"])
}

func (l *loader) body(f *front, lang plan.Lang, id string) {
	if !l.hub(f, id) {
		return
	}
	p := l.tree.Plan
	i := slices.IndexFunc(p.Bodies, func(b *plan.Body) bool { return b.ID == id })
	if lang == plan.ZH {
		kind := plan.BodyKind(f.text["body"])
		if pos, has := f.pos["body"]; has && !slices.Contains(plan.BodyKinds, kind) {
			l.add(pos, "front-matter",
				diag.Text("body 的值“%s”无效", "body is “%s”", kind),
				diag.Text("body 只能是 central（中央）、government（地方政府及部门）、institution（院校、医院、科研单位）、enterprise（企业、金融机构）或 people（人群）。",
					"body is one of central, government, institution, enterprise, people."))
		}
		p.Bodies = append(p.Bodies, &plan.Body{ID: id, Kind: kind, Weight: f.num["weight"], Place: f.text["place"], Names: f.list["names"], Homographs: f.list["homographs"]})
		i = len(p.Bodies) - 1
	} else if i < 0 {
		l.noChinese(f)
		return
	}
	p.Bodies[i].Title.Set(lang, f.text["title"])
	p.Bodies[i].Summary.Set(lang, f.text["description"])
}

func (l *loader) update(f *front, lang plan.Lang, name string) {
	if !updateName.MatchString(name) {
		l.add(diag.Pos{File: f.doc.Name, Line: 1}, "structure",
			diag.Text("文件名“%s”不能用于网址", "the file name “%s” cannot stand in an address", name),
			diag.Text("只用小写字母、数字和连字符，如 2024-05-01-water.zh.md。", "Use lower-case letters, digits and hyphens only, as in 2024-05-01-water.zh.md."))
		return
	}
	p := l.tree.Plan
	i := slices.IndexFunc(p.Updates, func(u *plan.Update) bool { return u.Name == name })
	if lang == plan.ZH {
		u := &plan.Update{Name: name, Date: f.date["date"], Source: f.text["source"]}
		for _, id := range f.list["measures"] {
			u.Units = append(u.Units, plan.ID(id))
		}
		l.tree.updatePos[name] = f.items["measures"]
		p.Updates = append(p.Updates, u)
		i = len(p.Updates) - 1
	} else if i < 0 {
		l.noChinese(f)
		return
	}
	u := p.Updates[i]
	u.Title.Set(lang, f.text["title"])
	u.Summary.Set(lang, f.text["description"])
	u.Draft = u.Draft || f.flag["draft"]
}

// units reads the body of a division's file into list (Chinese) or matches it
// with the units already there (English).
func (l *loader) units(f *front, lang plan.Lang, d plan.Division, of, chapter int, list *[]*plan.Unit) {
	parsed, found := f.doc.units()
	name, before := l.inner(f.doc), len(l.found)
	l.found = append(l.found, found...)
	defer func() {
		if slices.ContainsFunc(l.found[before:], func(d diag.Diagnostic) bool { return d.Check != "unit-attributes" }) {
			l.doubt(name, lang)
		}
	}()
	for _, r := range parsed {
		rd, rof, _, err := r.id.Parse()
		if err != nil || rd != d || rof != of {
			l.add(r.attrPos, "unit-id",
				diag.Text("编号“%s”不属于这个文件", "the id “%s” does not belong in this file", r.id),
				diag.Text("这里的编号形如 %s。编号一经发布便不再改动；新句子用下一个未用过的号。", "Ids here look like %s. A published id never changes; a new sentence takes the next unused number.", plan.NewID(d, of, 1)))
			continue
		}
		key := unitKey{r.id, lang}
		if first, dup := l.tree.unitPos[key]; dup {
			l.add(r.attrPos, "unit-id",
				diag.Text("编号 %s 已在 %s 用过", "the id %s is already used at %s", r.id, first),
				diag.Text("每个编号只用一次：哪一句用它，台账 ledger.csv 里有；新句子用下一个未用过的号。", "An id is used once: ledger.csv says which sentence has it; a new sentence takes the next unused number."))
			continue
		}
		if lang == plan.ZH {
			u := &plan.Unit{ID: r.id, Chapter: chapter}
			if d == plan.InSection {
				u.Section = of
			}
			l.attributes(u, r)
			u.NewParagraph = u.NewParagraph && len(*list) > 0
			*list = append(*list, u)
		}
		i := slices.IndexFunc(*list, func(u *plan.Unit) bool { return u.ID == r.id })
		if i < 0 {
			l.orphans = append(l.orphans, orphan{r.id, r.attrPos, list})
			l.doubt(name, plan.EN)
			continue
		}
		if lang == plan.EN && len(r.attrs) > 0 {
			l.add(r.attrPos, "unit-attributes",
				diag.Text("%s：标签只写在中文文件里", "%s: tags are written in the Chinese file only", r.id),
				diag.Text("英文文件里只留 {#%s}。", "Leave only {#%s} in the English file.", r.id))
		}
		(*list)[i].Text.Set(lang, r.text)
		(*list)[i].HTML.Set(lang, r.html)
		l.tree.unitPos[key] = r.pos
		l.tree.source[key] = r.source
		if lang == plan.ZH {
			l.tree.tagPos[r.id] = r.attrPos
		}
	}
}

// attributes fills u from the attribute line of its Chinese sentence.
func (l *loader) attributes(u *plan.Unit, r rawUnit) {
	u.Kind = plan.Measure
	for _, a := range r.attrs {
		switch a.name {
		case "topics":
			u.Topics = strings.Fields(a.value)
		case "places":
			u.Places = strings.Fields(a.value)
		case "bodies":
			u.Bodies = strings.Fields(a.value)
		case "kind":
			u.Kind = plan.Kind(a.value)
			if !slices.Contains(plan.Kinds, u.Kind) {
				l.add(r.attrPos, "unit-attributes",
					diag.Text("%s：kind 的值“%s”无效", "%s: kind is “%s”", u.ID, a.value),
					diag.Text("kind 只能是 measure、context、guideline 或 target。", "kind is one of measure, context, guideline, target."))
			}
		case "paragraph":
			u.NewParagraph = a.value == "new"
			if a.value != "new" {
				l.add(r.attrPos, "unit-attributes",
					diag.Text("%s：paragraph 的值“%s”无效", "%s: paragraph is “%s”", u.ID, a.value),
					diag.Text(`只有 paragraph="new"，意思是正式文本从这里另起一段。`, `The only value is paragraph="new": the official text starts a paragraph here.`))
			}
		default:
			l.add(r.attrPos, "unit-attributes",
				diag.Text("%s：没有叫“%s”的属性", "%s: there is no attribute “%s”", u.ID, a.name),
				diag.Text("可用的有 topics、places、bodies、kind、paragraph。", "Attributes are topics, places, bodies, kind and paragraph."))
		}
	}
}

// adopt tells of English sentences without their Chinese, where nothing else
// explains that they have none: a Chinese file that is not as somebody wrote it,
// or an id that the ledger knows, so that it is the Chinese that lost it.
func (l *loader) adopt() {
	for _, o := range l.orphans {
		division, _, _ := strings.Cut(string(o.id), "-")
		e, known := l.tree.Plan.Ledger.Find(o.id)
		if l.tree.Doubtful(division, plan.ZH) || known && e.State == plan.Live {
			continue
		}
		hint := diag.Text("请核对它的编号，中文里要有同一编号的句子。", "Check its id: the Chinese has a sentence of the same id.")
		var without []string
		for _, u := range *o.units {
			if u.Text.EN == "" {
				without = append(without, string(u.ID))
			}
		}
		if len(without) > 0 {
			hint = diag.Text("请核对它的编号；还没有英文的是 %[1]s。", "Check its id: those that have no English yet are %[1]s.", strings.Join(without, " "))
		}
		l.add(o.pos, "parity", diag.Text("英文有 %s，中文没有", "the English has %s, the Chinese does not", o.id), hint)
	}
}

// finish puts hubs in their order and looks for a plan that is not there.
func (l *loader) finish() {
	p := l.tree.Plan
	slices.SortStableFunc(p.Topics, func(a, b *plan.Topic) int {
		return cmp.Or(cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.ID, b.ID))
	})
	slices.SortStableFunc(p.Updates, func(a, b *plan.Update) int {
		return cmp.Or(b.Date.Compare(a.Date), cmp.Compare(a.Name, b.Name))
	})
	l.sortPlaces()
	l.sortBodies()
	l.tiles()
	l.adopt()
	p.SetTranslations()
	if len(p.Chapters) == 0 {
		hint := diag.Text("先导入：go run ./generator import seeds/文件名.txt", "Import one first: go run ./generator import seeds/NAME.txt")
		if len(p.Ledger) > 0 {
			hint = diag.Text("从版本记录里恢复它，或重新导入：go run ./generator import seeds/文件名.txt", "Restore it from the history, or import it again: go run ./generator import seeds/NAME.txt")
		}
		l.add(diag.Pos{File: path.Join(l.dir, "plan")}, "structure",
			diag.Text("没有找到方案（没有任何一章）", "there is no plan: not one chapter"), hint)
	}
}

// sortPlaces lists each city with its counties, then places outside the zone.
func (l *loader) sortPlaces() {
	p := l.tree.Plan
	weight := map[string]int{}
	for _, pl := range p.Places {
		if pl.Kind == plan.City {
			weight[pl.ID] = pl.Weight
		}
	}
	orphans := map[string][]*plan.Place{}
	for _, pl := range p.Places {
		if _, ok := weight[pl.Parent]; !ok && (pl.Kind == plan.County || pl.Parent != "") && !l.tree.Doubtful("places/"+pl.ID, plan.ZH) {
			orphans[pl.Parent] = append(orphans[pl.Parent], pl)
		}
	}
	for parent, counties := range orphans {
		gone := !slices.ContainsFunc(p.Places, func(pl *plan.Place) bool { return pl.ID == parent })
		switch folder := "places/" + parent; {
		case l.tree.Doubtful(folder, plan.ZH):
		case gone && len(counties) > 1:
			l.doubt(folder, plan.ZH)
			l.add(diag.Pos{File: path.Join(l.dir, folder)}, "structure",
				diag.Text("缺少这个文件夹，而 %[1]d 个地方以它为 parent", "this folder is missing, and %[1]d places name it as their parent", len(counties)), restore)
		default:
			for _, pl := range counties {
				l.add(l.tree.FilePos("places/"+pl.ID+"/_index", plan.ZH), "front-matter",
					diag.Text("parent“%s”不是示范区的城市", "parent “%s” is not a city of the zone", parent),
					diag.Text("县区要写 parent: 所属城市的文件夹名。", "A county names its city's folder as parent."))
			}
		}
	}
	key := func(pl *plan.Place) []int {
		switch pl.Kind {
		case plan.City:
			return []int{0, pl.Weight, 0}
		case plan.County:
			return []int{0, weight[pl.Parent], 1, pl.Weight}
		}
		return []int{1, pl.Weight}
	}
	slices.SortStableFunc(p.Places, func(a, b *plan.Place) int {
		return cmp.Or(slices.Compare(key(a), key(b)), cmp.Compare(a.ID, b.ID))
	})
}

// sortBodies lists bodies by kind.
func (l *loader) sortBodies() {
	p := l.tree.Plan
	slices.SortStableFunc(p.Bodies, func(a, b *plan.Body) int {
		return cmp.Or(cmp.Compare(slices.Index(plan.BodyKinds, a.Kind), slices.Index(plan.BodyKinds, b.Kind)), cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.ID, b.ID))
	})
}

// tiles looks at the schematic map as a whole: no square holds two places, and
// where a county has one, every county of the zone has.
func (l *loader) tiles() {
	holds := map[plan.Tile]*plan.Place{}
	counties := false
	for _, pl := range l.tree.Plan.Places {
		if pl.Tile == nil {
			continue
		}
		counties = counties || pl.Kind == plan.County
		if first := holds[*pl.Tile]; first != nil {
			l.add(l.tilePos[pl.ID], "front-matter",
				diag.Text("tile [%[1]d, %[2]d] 已用于 %[3]s", "tile [%[1]d, %[2]d] is taken by %[3]s", pl.Tile.Column, pl.Tile.Row, first.ID),
				diag.Text("两个地方不能在同一格，请换一格。", "Two places cannot stand on one square: give this one another."))
			continue
		}
		holds[*pl.Tile] = pl
	}
	for _, pl := range l.tree.Plan.Places {
		if _, tried := l.tilePos[pl.ID]; counties && !tried && pl.Kind == plan.County && pl.Tile == nil {
			l.add(l.tree.FilePos("places/"+pl.ID+"/_index", plan.ZH), "front-matter",
				diag.Text("%s 缺少 tile，示意图上不会显示", "%s has no tile and would be missing from the map", pl.ID),
				diag.Text("加上 tile: [列, 行]，均从 0 起计；其他县区都有。", "Add tile: [column, row], both counted from 0; the other counties have one."))
		}
	}
}
