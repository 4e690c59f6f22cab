package check

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/seed"
)

// causes are what is wrong with the content in a way that makes other things
// look wrong. One check tells a cause; what follows from it is not told, because
// whoever acts on it does harm: a file saved in the wrong encoding would have
// its sentences withdrawn.
type causes struct {
	tree   *content.Tree
	source func() map[plan.ID]string // the sentences of the source text; nil if there is none or it is not the one that was imported

	units   map[plan.ID]*plan.Unit
	gone    map[string][]plan.Entry // divisions of which nothing is left, by the ledger
	named   map[plan.ID]plan.ID     // ids that stand under the sentence of another id of the ledger
	noTerms bool                    // the termbase is not there or cannot be read
	missing map[string]int          // hubs that are not there, by how many sentences have them as a tag
	doubted map[diag.Pos]bool       // file and line of what is told by another finding: sentences whose ids or places are in doubt, English that is none or stands beside altered Chinese
}

func findCauses(in Input) *causes {
	c := &causes{tree: in.Tree, gone: map[string][]plan.Entry{}, named: map[plan.ID]plan.ID{}, missing: map[string]int{}, doubted: map[diag.Pos]bool{}}
	if in.Tree == nil {
		return c
	}
	p := in.Tree.Plan
	c.noTerms = in.withoutTermbase()
	c.source = sync.OnceValue(func() map[plan.ID]string {
		src := in.Tree.Source
		text, err := fs.ReadFile(in.FS, src.File)
		if sum := sha256.Sum256(text); src.File == "" || err != nil || src.SHA256 != hex.EncodeToString(sum[:]) {
			return nil
		}
		source, _, err := seed.Read(src.File, text)
		if err != nil {
			return nil
		}
		sentences := map[plan.ID]string{}
		for u := range source.Units() {
			sentences[u.ID] = u.Text.ZH
		}
		return sentences
	})
	c.units = map[plan.ID]*plan.Unit{}
	kept := map[string]bool{} // divisions that have sentences
	for u := range p.Units() {
		c.units[u.ID] = u
		kept[divisionOf(string(u.ID))] = true
	}
	byText := map[string]plan.Entry{} // live rows whose sentence does not stand under its id
	for _, e := range p.Ledger {
		if e.State != plan.Live {
			continue
		}
		u := c.units[e.ID]
		if division := divisionOf(string(e.ID)); u == nil && !kept[division] && !c.tree.Doubtful(division, plan.ZH) {
			c.gone[division] = append(c.gone[division], e)
		} else if u == nil || u.Text.ZH != e.Text.ZH {
			byText[e.Text.ZH] = e
			if pos := c.tree.UnitPos(e.ID, plan.EN); u != nil && pos.Line > 0 && c.altered(u) {
				c.doubted[diag.Pos{File: pos.File, Line: pos.Line}] = true
			}
		}
	}
	for division, rows := range c.gone {
		if len(rows) < 2 {
			delete(c.gone, division) // one sentence is told by itself
		}
	}
	for u := range p.Units() {
		if pos := c.tree.UnitPos(u.ID, plan.EN); pos.Line > 0 && isUnwritten(u.Text.EN) {
			c.doubted[diag.Pos{File: pos.File, Line: pos.Line}] = true
		}
		if e, has := byText[u.Text.ZH]; has && e.ID != u.ID {
			c.named[u.ID] = e.ID
			for _, id := range []plan.ID{u.ID, e.ID} {
				for _, pos := range []diag.Pos{c.tree.UnitPos(id, plan.ZH), c.tree.UnitPos(id, plan.EN), c.tree.TagPos(id)} {
					if pos.Line > 0 {
						c.doubted[diag.Pos{File: pos.File, Line: pos.Line}] = true
					}
				}
			}
		}
	}
	c.hubs()
	return c
}

// hubs finds the hubs that several sentences are tagged with and that are not
// there: one folder is missing, and nobody mistyped a tag.
func (c *causes) hubs() {
	p := c.tree.Plan
	there := hubsOf(p)
	for u := range p.Units() {
		for kind, tags := range tagsOf(u) {
			for _, id := range tags {
				if hub := kind + "/" + id; !there[kind][id] && !c.tree.Doubtful(hub, plan.ZH) {
					c.missing[hub]++
				}
			}
		}
	}
	for hub, n := range c.missing {
		if kind, _, _ := strings.Cut(hub, "/"); n < 2 && len(there[kind]) > 0 {
			delete(c.missing, hub) // a slip of the pen
		}
	}
	// A place that nobody knows the name of cannot be found in a translation.
	for u := range p.Units() {
		for _, id := range u.Places {
			if pos := c.tree.UnitPos(u.ID, plan.EN); pos.Line > 0 && c.hub("places/"+id) {
				c.doubted[diag.Pos{File: pos.File, Line: pos.Line}] = true
			}
		}
	}
}

// unread reports whether the Chinese of any division could not be read whole.
func (c *causes) unread() bool {
	doubtful := func(part string) bool { return c.tree.Doubtful(part, plan.ZH) }
	for _, chapter := range c.tree.Plan.Chapters {
		if doubtful("c" + strconv.Itoa(chapter.Number)) {
			return true
		}
	}
	for s := range c.tree.Plan.Sections() {
		if doubtful("s" + strconv.Itoa(s.Number)) {
			return true
		}
	}
	return doubtful("p")
}

// divisionOf is the division of an id, which may be one itself: s3 of s3-2.
func divisionOf(id string) string {
	division, _, _ := strings.Cut(id, "-")
	return division
}

// division reports whether a division of the plan (p, c1, s3) is not as somebody
// wrote it.
func (c *causes) division(name string) bool {
	return c.gone[name] != nil || c.tree != nil && c.tree.Doubtful(name, plan.ZH)
}

// anyDivision reports that of any.
func (c *causes) anyDivision() bool {
	if len(c.gone) > 0 {
		return true
	}
	for _, d := range c.tree.Documents() {
		if d.InPlan() && c.division(content.PartOf(strings.TrimPrefix(d.Name, contentDir+"/"))) {
			return true
		}
	}
	for _, ch := range c.tree.Plan.Chapters {
		if ch.Title.ZH == "" {
			return true // its file is gone
		}
	}
	return false
}

// unit reports whether it is explained that the plan lacks an id.
func (c *causes) unit(id plan.ID) bool {
	for _, old := range c.named {
		if old == id {
			return true
		}
	}
	return len(c.tree.Plan.Chapters) == 0 || c.division(divisionOf(string(id)))
}

// told reports whether it is explained, or told by the ledger or the proof of
// fidelity, that the plan lacks an id.
func (c *causes) told(id plan.ID) bool {
	e, known := c.tree.Plan.Ledger.Find(id)
	return c.units[id] == nil && (c.unit(id) || known && e.State == plan.Live)
}

// hub reports whether a hub is missing, or cannot be read.
func (c *causes) hub(name string) bool {
	return c.missing[name] > 0 || c.tree.Doubtful(name, plan.ZH)
}

// fromSource reports whether the source text has an id, so that it cannot be new.
func (c *causes) fromSource(id plan.ID) bool {
	_, has := c.source()[id]
	return has
}

// altered reports whether a sentence is not what the source text has under its id,
// which fidelity tells: it is put back, not accepted.
func (c *causes) altered(u *plan.Unit) bool {
	zh, has := c.source()[u.ID]
	return has && zh != u.Text.ZH
}

// follow drops findings about sentences of which it is in doubt what they are, which
// the ledger tells, and about English that is none.
func (c *causes) follow(found diag.List) diag.List {
	if len(c.doubted) == 0 {
		return found
	}
	var kept diag.List
	for _, d := range found {
		if d.Check == ledger.ID || d.Check == unwritten.ID || !c.doubted[diag.Pos{File: d.File, Line: d.Line}] {
			kept = append(kept, d)
		}
	}
	return kept
}

// leads reports whether an address inside the site leads to something that is
// not there for a reason that is told elsewhere.
func (c *causes) leads(target, fragment string) bool {
	if len(c.tree.Plan.Chapters) == 0 {
		return true // without a plan there is nothing to lead to
	}
	parts := strings.Split(strings.Trim(target, "/"), "/")
	if len(parts) > 0 && (parts[0] == "zh" || parts[0] == "en") {
		parts = parts[1:]
	}
	if idLike.MatchString(fragment) && c.told(plan.ID(fragment)) {
		return true
	}
	if len(parts) == 0 {
		return false
	}
	last := parts[len(parts)-1]
	if last == "parallel" && len(parts) > 1 {
		last = parts[len(parts)-2]
	}
	if idLike.MatchString(last) && c.told(plan.ID(last)) || len(c.tree.Plan.Chapters) == 0 && parts[0] == "plan" {
		return true
	}
	hubs := hubsOf(c.tree.Plan)
	if all, is := hubs[parts[0]]; len(parts) == 1 && is && len(all) == 0 && len(c.missing) > 0 || parts[0] == "glossary" && c.noTerms {
		return true
	}
	for i := range parts {
		if _, is := hubs[parts[i]]; is && i+1 < len(parts) && (c.hub(parts[i]+"/"+parts[i+1]) || parts[i] == "topics" && i+2 < len(parts) && c.hub("places/"+parts[i+2])) {
			return true
		}
	}
	for _, d := range c.tree.Documents() {
		if d.InPlan() || !d.IsMarkdown() {
			continue
		}
		zh := "/zh" + strings.TrimPrefix(d.Path(), "/"+string(d.Lang))
		if d.Unread() && d.Path() == target || zh == target && c.tree.Doubtful(content.PartOf(strings.TrimPrefix(d.Name, contentDir+"/")), plan.ZH) {
			return true
		}
	}
	return false
}
