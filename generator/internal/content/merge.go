package content

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Merge is what importing a plan would do to a content folder.
type Merge struct {
	Create    []File    // files that do not exist yet
	Rewrite   []File    // files that differ from the source, as they would become; tags are kept
	Unchanged int       // files that already say what the source says
	Differ    diag.List // each difference, at its place in the file that people edited
}

// PlanImport compares imported with the content folder dir of fsys. Only what the
// source decides is compared: titles, numbers, ids, sentences, kinds and
// paragraphs. Tags and English are people's work, which an import neither
// judges nor changes. Files that cannot be read count as different.
func PlanImport(fsys fs.FS, dir string, imported *plan.Plan, src Source) Merge {
	var m Merge
	files := Format(imported, src)
	if _, err := fs.Stat(fsys, path.Join(dir, "plan")); err != nil {
		m.Create = files
		return m
	}
	old, found := Load(fsys, dir)
	keepTags(imported, old.Plan)
	files = Format(imported, src)
	known := map[string]bool{}
	for _, f := range files {
		full := path.Join(dir, f.Name)
		known[f.Name] = true
		have, err := fs.ReadFile(fsys, full)
		if err != nil {
			m.Create = append(m.Create, f)
			continue
		}
		if bytes.Equal(have, f.Data) {
			m.Unchanged++
			continue
		}
		diffs := differences(old, imported, src, f.Name)
		for _, d := range found {
			if d.File == full {
				diffs = append(diffs, d)
			}
		}
		if len(diffs) == 0 {
			m.Unchanged++ // only layout, or keys that the source does not decide
			continue
		}
		m.Rewrite = append(m.Rewrite, old.patched(f))
		for i := range diffs {
			if diffs[i].File == "" {
				diffs[i].Pos = diag.Pos{File: full, Line: 1}
			}
		}
		m.Differ = append(m.Differ, diffs...)
	}
	m.Differ = append(m.Differ, old.notIn(known)...)
	m.Differ = m.Differ.Sort()
	return m
}

// patched is a file as an import would write it, with as many bytes of the file that is
// there as can stay: sentences, titles and attributes that the source changes are
// changed, and nothing else. Where more than that differs, such as the order of
// sentences, the file is written anew.
func (t *Tree) patched(f File) File {
	d := t.byName[path.Join(t.dir, f.Name)]
	if d == nil || d.Unread() {
		return f
	}
	want := d.again(f.Data)
	to, _ := want.units()
	var order []plan.ID
	for _, u := range to {
		order = append(order, u.id)
	}
	var failed bool
	take := func(data []byte, err error) {
		failed = failed || err != nil
		if err == nil {
			d = d.again(data)
		}
	}
	for _, k := range keys[kindOf(f.Name)] {
		take(d.setField(k.name, want.Field(k.name)))
	}
	for _, s := range d.Sentences() {
		if !slices.Contains(order, s.ID) {
			take(d.SetSentence(s.ID, "", order))
		}
	}
	for _, u := range to {
		have := d.unit(u.id)
		if have.text != u.text {
			take(d.SetSentence(u.id, u.source, order))
		}
		for _, name := range attributeOrder {
			if have.attribute(name) != u.attribute(name) {
				take(d.SetTag(u.id, name, u.attribute(name)))
			}
		}
	}
	is, bad := d.units()
	same := func(a, b rawUnit) bool {
		return a.id == b.id && a.text == b.text && !slices.ContainsFunc(attributeOrder, func(name string) bool { return a.attribute(name) != b.attribute(name) })
	}
	for _, k := range keys[kindOf(f.Name)] {
		_, a, _ := d.pair(k.name)
		_, b, _ := want.pair(k.name)
		failed = failed || (a == nil) != (b == nil) || d.Field(k.name) != want.Field(k.name)
	}
	if failed || len(bad) > 0 || !slices.EqualFunc(is, to, same) {
		return f
	}
	return File{Name: f.Name, Data: d.Data}
}

// Differences tells, at the place in people's files, where the content says
// something else than a source that was read again: titles, sentences, their
// kinds and paragraphs, and divisions that one of them does not have.
func (t *Tree) Differences(imported *plan.Plan) diag.List {
	names := map[string]bool{}
	var out diag.List
	for _, f := range Format(imported, t.Source) {
		names[f.Name] = true
		if t.filePos[f.Name].File == "" {
			out = append(out, diag.Diagnostic{Pos: diag.Pos{File: path.Join(t.dir, f.Name)}, Check: "import",
				Fact: diag.Text("缺少这个文件，而原文有这一部分", "this file is missing, and the source has this part"),
				Hint: diag.Text("从版本记录里恢复它，或重新导入。", "Restore it from the history, or import again.")})
			continue
		}
		out = append(out, differences(t, imported, t.Source, f.Name)...)
	}
	out = append(out, t.notIn(names)...)
	return out.Sort()
}

// notIn finds the Chinese files of the plan that a source does not have.
func (t *Tree) notIn(source map[string]bool) (out diag.List) {
	for name, pos := range t.filePos {
		if strings.HasPrefix(name, "plan/") && strings.HasSuffix(name, ".zh.md") && !source[name] {
			out = append(out, diag.Diagnostic{Pos: pos, Check: "import",
				Fact: diag.Text("原文没有这一部分", "the source has no such part"),
				Hint: diag.Text("导入不会删除文件。编号是永久的：若原文确已删去，请先在台账里写明，再手工删除。", "An import never removes a file. Ids are permanent: if it was really dropped, say so in the ledger, then remove it by hand.")})
		}
	}
	return out
}

// keepTags gives each imported unit the tags that people gave the same id, and
// the plan what people wrote about it.
func keepTags(imported, old *plan.Plan) {
	imported.Name, imported.Keywords, imported.Phrases, imported.Drawing = old.Name, old.Keywords, old.Phrases, old.Drawing
	have := map[plan.ID]*plan.Unit{}
	for u := range old.Units() {
		have[u.ID] = u
	}
	for u := range imported.Units() {
		if h := have[u.ID]; h != nil {
			u.Topics, u.Places, u.Bodies = h.Topics, h.Places, h.Bodies
		}
	}
}

// differences tells how the division in the file name differs between the
// content folder and the source.
func differences(old *Tree, imported *plan.Plan, src Source, name string) diag.List {
	var out diag.List
	add := func(pos diag.Pos, fact plan.Text) {
		out = append(out, diag.Diagnostic{Pos: pos, Check: "import", Fact: fact,
			Hint: diag.Text("保留编辑就不必做什么；要换成原文，加 --overwrite 再导入（标签和英文会保留）。", "To keep the edit, do nothing; to take the source's text, import again with --overwrite (tags and English stay).")})
	}
	pos := old.filePos[name]
	value := func(key plan.Text, have, want string) {
		if have != want {
			add(pos, diag.Text("%[1]s是“%[2]s”，原文是“%[3]s”", "%[4]s is “%[2]s”, the source says “%[3]s”", key.ZH, have, want, key.EN))
		}
	}
	a, b := find(old.Plan, name), find(imported, name)
	if pos.Line > 1 { // one that is not there is told as the file is read
		value(plan.Text{ZH: "标题", EN: "the title"}, a.title, b.title)
	}
	value(plan.Text{ZH: "标题后的标点", EN: "the stop after the heading"}, a.stop, b.stop)
	value(plan.Text{ZH: "印出的序号", EN: "the printed number"}, plan.Numeral(a.label), plan.Numeral(b.label))
	if name == "plan/_index.zh.md" {
		value(plan.Text{ZH: "正文前后的文字", EN: "the text around the plan"}, frontText(old.Plan), frontText(imported))
		value(plan.Text{ZH: "原文文件", EN: "the source file"}, old.Source.File, src.File)
		value(plan.Text{ZH: "原文校验值", EN: "the source's SHA-256"}, old.Source.SHA256, src.SHA256)
	}
	for i, u := range b.units {
		j := slices.IndexFunc(a.units, func(x *plan.Unit) bool { return x.ID == u.ID })
		if j < 0 {
			add(pos, diag.Text("缺少 %s：“%s”", "%s is missing: “%s”", u.ID, u.Text.ZH))
			continue
		}
		h := a.units[j]
		at := old.UnitPos(u.ID, plan.ZH)
		if h.Text.ZH != u.Text.ZH {
			have, want := firstDifference(h.Text.ZH, u.Text.ZH)
			add(at, diag.Text("%s 的文字不同：这里是“%s”，原文是“%s”", "%s differs: here “%s”, in the source “%s”", u.ID, have, want))
		}
		if h.Kind != u.Kind || h.NewParagraph != u.NewParagraph {
			add(old.TagPos(u.ID), diag.Text("%s 的类别或分段与原文不同", "%s has another kind or paragraph start than the source", u.ID))
		}
		if i != j && len(a.units) == len(b.units) {
			add(at, diag.Text("%s 的次序与原文不同", "%s stands in another order than in the source", u.ID))
		}
	}
	for _, h := range a.units {
		if !slices.ContainsFunc(b.units, func(x *plan.Unit) bool { return x.ID == h.ID }) {
			add(old.UnitPos(h.ID, plan.ZH), diag.Text("原文没有 %s", "the source has no %s", h.ID))
		}
	}
	return out
}

func frontText(p *plan.Plan) string {
	return strings.Join(slices.Concat(p.Front.Cover, p.Front.Under, p.Front.Closing), "\n")
}

// division is what a file of the plan holds.
type division struct {
	title, stop string
	label       int
	units       []*plan.Unit
}

// find looks a division up by the name of its Chinese file.
func find(p *plan.Plan, name string) division {
	if name == "plan/_index.zh.md" {
		return division{title: p.Title.ZH, units: p.Preamble}
	}
	for _, c := range p.Chapters {
		dir := chapterDir(c.Number)
		if name == dir+"/_index.zh.md" {
			return division{title: c.Title.ZH, stop: c.Stop, label: c.Number, units: c.Units}
		}
		if !strings.HasPrefix(name, dir+"/") {
			continue
		}
		for _, s := range c.Sections {
			if name == sectionName(s)+".zh.md" {
				return division{title: s.Title.ZH, stop: s.Stop, label: s.Label, units: s.Units}
			}
		}
	}
	return division{}
}

// firstDifference cuts two texts to the neighbourhood of where they first
// differ, so that a person sees one changed character in a long sentence.
func firstDifference(a, b string) (string, string) {
	x, y := []rune(a), []rune(b)
	i := 0
	for i < len(x) && i < len(y) && x[i] == y[i] {
		i++
	}
	cut := func(r []rune) string {
		from, to := max(0, i-8), min(len(r), i+12)
		s := string(r[min(from, len(r)):to])
		if from > 0 {
			s = "…" + s
		}
		if to < len(r) {
			s += "…"
		}
		return s
	}
	return cut(x), cut(y)
}
