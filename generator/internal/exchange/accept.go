package exchange

import (
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Accept compares what a file says with the document. It returns the units
// whose English can be taken, in the order of the file and with white space
// around the English removed, and why others cannot: errors for translations
// that are refused, warnings for what their translator should know.
//
// A unit without English, and one whose English is ours, is not taken, and
// nothing is said of it; except that a unit of which the document says [Stale]
// and the file says [Current] is taken with its English unchanged: somebody has
// looked at it and lifted the mark.
//
// The checks of what it finds: not-ours for the whole file; unknown-id,
// id-twice and missing-id (a warning) for the ids; source-changed, target-changed,
// emptied, tracked, unfinished and codes for a unit beside ours; the rules of target.go
// for its English; and the faults that the reader noted (codes, half, language,
// malformed, and odd and tracked of a Word file).
func Accept(d Document, f File) (taken []Unit, refused diag.List) {
	a := acceptance{found: slices.Clone(f.Notes), file: f, ours: map[plan.ID]*Segment{}, seen: map[plan.ID]diag.Pos{}}
	for i := range d.Segments {
		a.ours[d.Segments[i].ID] = &d.Segments[i]
	}
	if !slices.ContainsFunc(f.Units, func(u Unit) bool { return a.ours[u.ID] != nil }) {
		return nil, append(a.found, a.notOurs())
	}
	twice := a.countIDs()
	for _, u := range f.Units {
		u.Target = strings.TrimSpace(u.Target)
		s := a.ours[u.ID]
		switch {
		case s == nil:
			a.unknown(u)
		case twice[u.ID]:
			a.twice(u)
		case a.take(*s, u):
			taken = append(taken, u)
		}
	}
	if !f.Partial {
		a.missing(d)
	}
	return taken, a.found.Sort()
}

type acceptance struct {
	file  File
	ours  map[plan.ID]*Segment
	seen  map[plan.ID]diag.Pos // where each id stands first
	found diag.List
}

func (a *acceptance) add(severity diag.Severity, pos diag.Pos, check string, fact, hint plan.Text) {
	a.found = append(a.found, diag.Diagnostic{Pos: pos, Check: check, Severity: severity, Fact: fact, Hint: hint})
}

func (a *acceptance) countIDs() map[plan.ID]bool {
	n, twice := map[plan.ID]bool{}, map[plan.ID]bool{}
	for _, u := range a.file.Units {
		twice[u.ID] = n[u.ID]
		if n[u.ID] {
			continue
		}
		n[u.ID] = true
		a.seen[u.ID] = u.Pos
	}
	return twice
}

// take decides about one unit that both sides know.
func (a *acceptance) take(s Segment, u Unit) bool {
	pos := u.TargetPos
	if pos.Line == 0 {
		pos = u.Pos
	}
	changed := u.Target != "" && u.Target != strings.TrimSpace(s.Target)
	confirmed := u.Target != "" && !changed && s.State == Stale && u.State == Current
	if len(u.Faults) > 0 {
		a.found = append(a.found, u.Faults...)
		return false
	}
	untouched := u.base != nil && digest(u.Target) == u.base.en
	changed = changed && !untouched
	if u.Source != s.Source {
		severity := diag.Error
		if !changed && !confirmed {
			severity = diag.Warning // nothing is lost, but the file is not that of this text
		}
		fact := diag.Text("%[1]s：文件里的中文与现在的中文不同", "%[1]s: the Chinese in the file is not the Chinese of today", u.ID)
		if u.base != nil && digest(u.Source) != u.base.zh {
			fact = diag.Text("%[1]s：文件里的中文被改了", "%[1]s: the Chinese was changed in the file", u.ID)
		} else if u.base != nil {
			fact = diag.Text("%[1]s：导出之后中文改过，这句英文译的是旧的中文", "%[1]s: the Chinese has changed since the export, and this English was made from the old one", u.ID)
		}
		a.add(severity, u.Pos, "source-changed", fact,
			diag.Text("中文在导出之后改过，或在文件里被改了；请重新导出，对照“%[1]s”再译。", "It was changed after the export, or in the file: export again and translate from “%[1]s”.", clip(s.Source)))
		return false
	}
	if fact, hint, bad := undecided(u); bad && (changed || u.base != nil && !untouched) {
		a.add(diag.Error, pos, "tracked", diag.Text("%[1]s：%[2]s", "%[1]s: %[3]s", u.ID, fact.ZH, fact.EN), hint)
		return false
	}
	if u.base != nil && !untouched && u.Target == "" {
		a.add(diag.Error, pos, "emptied", diag.Text("%[1]s：英文被删空了，没有收下", "%[1]s: the English was emptied, which was not taken", u.ID),
			diag.Text("请写上译文；要保留原来的，就写回“%[1]s”。", "Write a translation; to keep the old one, put “%[1]s” back.", clip(s.Target)))
		return false
	}
	if !changed {
		return confirmed
	}
	if u.base != nil && digest(s.Target) != u.base.en {
		a.add(diag.Error, pos, "target-changed",
			diag.Text("%[1]s：导出之后这句英文在这里也改过，现在是“%[2]s”，文件里是“%[3]s”", "%[1]s: the English has changed here, too, since the export: it is “%[2]s”, in the file “%[3]s”", u.ID, printable(s.Target), printable(u.Target)),
			diag.Text("请比较两种译法，把选定的写进 content/。", "Compare the two and write the one of your choice into content/."))
		return false
	}
	if u.Unfinished {
		a.add(diag.Error, pos, "unfinished",
			diag.Text("%s：译文改了，但仍标着 fuzzy", "%s: the English was changed but is still marked fuzzy", u.ID),
			diag.Text("译好后请去掉这一条的 fuzzy 标记。", "When it is finished, take the fuzzy mark off."))
		return false
	}
	if c, ok := foreignCode(s, u); ok {
		a.add(diag.Error, c.pos, "codes",
			diag.Text("%[1]s：行内代码 %[2]s（%[3]s）不是这一句原有的", "%[1]s: the inline code %[2]s (%[3]s) is not one of this sentence's", u.ID, clip(c.id), clip(c.text)),
			ownCodes)
		return false
	}
	good := true
	for _, rule := range targetRules {
		if fact, hint, bad := rule.find(s, u.Target); bad {
			a.add(diag.Error, pos, rule.check, diag.Text("%[1]s：%[2]s", "%[1]s: %[3]s", u.ID, fact.ZH, fact.EN), hint)
			good = false
		}
	}
	return good
}

// foreignCode finds a protected code of the file that we did not write for this
// sentence: another id, or other Markdown behind it.
func foreignCode(s Segment, u Unit) (code, bool) {
	if len(u.codes) == 0 {
		return code{}, false
	}
	ours := codesOf(s.Target)
	for _, c := range u.codes {
		if !slices.Contains(ours, code{id: c.id, role: c.role, text: c.text}) {
			return c, true
		}
	}
	return code{}, false
}

func (a *acceptance) notOurs() diag.Diagnostic {
	pos := diag.Pos{File: a.file.Name}
	if len(a.file.Units) > 0 {
		pos = a.file.Units[0].Pos
	}
	return diag.Diagnostic{Pos: pos, Check: "not-ours",
		Fact: diag.Text("文件里没有一个编号是这个方案的", "no id in the file is one of this plan's"),
		Hint: diag.Text("这大概是另一份文件；请交回从这里导出的文件。", "This is probably another document: send back the file that was exported here.")}
}

func (a *acceptance) unknown(u Unit) {
	if u.ID == "" {
		a.add(diag.Error, u.Pos, "unknown-id", diag.Text("这一条没有编号", "this entry has no id"),
			diag.Text("编号丢了就无法对应句子；请在原来导出的文件里译。", "Without its id nobody knows which sentence it is: translate in the file that was exported."))
		return
	}
	a.add(diag.Error, u.Pos, "unknown-id", diag.Text("没有编号为“%s”的句子", "there is no sentence with the id “%s”", clip(string(u.ID))),
		diag.Text("编号不可改动；如果这句已从方案中删去，就不必再译。", "An id is never changed; if the sentence was withdrawn, it needs no translation."))
}

func (a *acceptance) twice(u Unit) {
	if first := a.seen[u.ID]; first != u.Pos {
		a.add(diag.Error, u.Pos, "id-twice", diag.Text("%[1]s 已在 %[2]s 出现过，两处都不收", "%[1]s stands already at %[2]s; neither is taken", u.ID, first),
			diag.Text("请留下正确的一处，删去另一处。", "Keep the right one and remove the other."))
	}
}

// maxNamed is how many ids a message names.
const maxNamed = 10

// missing warns of units that the file has lost.
func (a *acceptance) missing(d Document) {
	var ids []string
	for _, s := range d.Segments {
		if _, ok := a.seen[s.ID]; !ok {
			ids = append(ids, string(s.ID))
		}
	}
	if len(ids) == 0 {
		return
	}
	names := strings.Join(ids[:min(len(ids), maxNamed)], " ")
	if len(ids) > maxNamed {
		names += " …"
	}
	a.add(diag.Warning, diag.Pos{File: a.file.Name}, "missing-id",
		diag.Text("文件里少了 %[1]d 句：%[2]s", "the file lacks %[1]d of our sentences: %[2]s", len(ids), names),
		diag.Text("这些句子保持原样；若是无意删去的，请重新导出。", "They stay as they are; if they were dropped by accident, export again."))
}
