package exchange

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// XLIFF Version 2.1, OASIS Standard, 13 February 2018. One <file> holds the
// plan, one <unit> a sentence, one <segment> in it the two texts:
//
//	<unit id="s3-2">
//	  <notes>
//	    <note category="place">…</note>
//	  </notes>
//	  <originalData>
//	    <data id="d1">**</data>
//	  </originalData>
//	  <segment state="reviewed">
//	    <source>…</source>
//	    <target>… <pc id="1" dataRefStart="d1" dataRefEnd="d1" type="fmt" subType="xlf:b">…</pc> …</target>
//	  </segment>
//	</unit>
//
// The namespace of 2.1 is that of 2.0; only the version differs.
const (
	xliffNS   = "urn:oasis:names:tc:xliff:document:2.0"
	xliffNS22 = "urn:oasis:names:tc:xliff:document:2.2" // read, because tools convert without asking
	xliffNS12 = "urn:oasis:names:tc:xliff:document:1.2" // refused, with a reason
)

// staleSubState marks a stale sentence. The standard has no word for it, and
// leaves subStates with a prefix of their own to the tools (section 4.3.1,
// subState); whoever changes the state must change or drop the subState.
const staleSubState = "minxi:stale"

var xliffStates = map[State]struct{ state, sub string }{
	Missing: {"initial", ""},
	Stale:   {"initial", staleSubState},
	Current: {"reviewed", ""}, // not final: a translator may still improve it
}

func writeXLIFF(b *bytes.Buffer, d Document) {
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	tag(b, "xliff", "xmlns", xliffNS, "version", "2.1", "srcLang", plan.ZH.Tag(), "trgLang", plan.EN.Tag(), "xml:space", "preserve")
	b.WriteString("\n")
	tag(b, "file", "id", "plan", "original", "content/plan")
	b.WriteString("\n<notes>\n")
	line(b, "", "note", titleLine(d.Title), "category", "title")
	line(b, "", "note", "请只改 target；编号、source 和行内代码不要动。Edit target only; leave ids, source and inline codes alone.", "category", "instructions")
	b.WriteString("</notes>\n")
	for _, s := range d.Segments {
		pieces, _ := parseInline(s.Target)
		codes := encode(pieces)
		tag(b, "unit", "id", string(s.ID))
		b.WriteString("\n  <notes>\n")
		line(b, "    ", "note", s.Note, "category", "place")
		line(b, "    ", "note", address(s.ID), "category", "address")
		if s.State == Stale {
			line(b, "    ", "note", s.Before, "category", "previous-source", "appliesTo", "source")
		}
		b.WriteString("  </notes>\n")
		if len(codes.data) > 0 {
			b.WriteString("  <originalData>\n")
			for i, data := range codes.data {
				line(b, "    ", "data", data, "id", dataID(i))
			}
			b.WriteString("  </originalData>\n")
		}
		state := xliffStates[s.State]
		if s.Target == "" {
			state = xliffStates[Missing]
		}
		b.WriteString("  ")
		tag(b, "segment", "state", state.state, "subState", state.sub)
		b.WriteString("\n    <source>")
		escapeText.WriteString(b, s.Source)
		b.WriteString("</source>\n")
		if s.Target != "" {
			b.WriteString("    <target>")
			codes.write(b, pieces)
			b.WriteString("</target>\n")
		}
		b.WriteString("  </segment>\n</unit>\n")
	}
	b.WriteString("</file>\n</xliff>\n")
}

// code is one end of an inline code in a target, or a code that stands alone:
// the id of the element and the Markdown that it stands for.
type code struct {
	id   string
	role role
	text string
	pos  diag.Pos
}

// coding is how the markup of one sentence is written as codes: each different
// Markdown text once in <originalData>, each mark by an id.
type coding struct {
	data []string // data[i] has the id of dataID(i)
	ids  []string // of each piece; "" for words
}

func dataID(i int) string { return "d" + strconv.Itoa(i+1) }

func encode(pieces []piece) coding {
	c := coding{ids: make([]string, len(pieces))}
	pairs := map[int]string{}
	n := 0
	for i, p := range pieces {
		if p.role == words {
			continue
		}
		if id, known := pairs[p.pair]; known && p.role == closes {
			c.ids[i] = id
		} else {
			n++
			c.ids[i] = strconv.Itoa(n)
			pairs[p.pair] = c.ids[i]
		}
		if !slices.Contains(c.data, p.text) {
			c.data = append(c.data, p.text)
		}
	}
	return c
}

func (c coding) ref(data string) string { return dataID(slices.Index(c.data, data)) }

// write writes the content of <target>.
func (c coding) write(b *bytes.Buffer, pieces []piece) {
	ends := map[int]string{}
	for _, p := range pieces {
		if p.role == closes {
			ends[p.pair] = p.text
		}
	}
	for i, p := range pieces {
		k := kinds[p.kind]
		switch p.role {
		case words:
			escapeText.WriteString(b, p.text)
		case opens:
			end := ends[p.pair]
			tag(b, "pc", "id", c.ids[i], "dataRefStart", c.ref(p.text), "dataRefEnd", c.ref(end),
				"dispStart", p.text, "dispEnd", end, "type", k.typ, "subType", k.sub, "canCopy", "no")
		case closes:
			b.WriteString("</pc>")
		case single:
			tag(b, "ph", "id", c.ids[i], "dataRef", c.ref(p.text), "disp", p.text, "type", k.typ, "subType", k.sub, "canCopy", "no")
			b.Truncate(b.Len() - 1)
			b.WriteString("/>")
		}
	}
}

// codesOf lists the codes that we write for a target, as the reader reads them.
func codesOf(target string) []code {
	pieces, _ := parseInline(target)
	c := encode(pieces)
	var list []code
	for i, p := range pieces {
		if p.role != words {
			list = append(list, code{id: c.ids[i], role: p.role, text: p.text})
		}
	}
	return list
}

// readXLIFF reads what a tool made of our file. The tool may have put its own
// elements and attributes anywhere (they are in other namespaces), wrapped units
// in groups, split a unit into segments, and turned <pc> into <sc/> and <ec/>.
func readXLIFF(t *text) (File, error) {
	var f File
	err := readDocument(t, "", func(d *document, root element) error {
		if root.Local != "xliff" || root.Space == xliffNS12 || root.Space != xliffNS && root.Space != xliffNS22 {
			if root.Local == "xliff" && (root.Space == xliffNS12 || strings.HasPrefix(root.get("version"), "1.")) {
				return d.refuse(root.pos, "format", diag.Text("这是 XLIFF 1.x 文件", "this is XLIFF 1.x"),
					diag.Text("请以 XLIFF 2.1 交回；若工具只支持 1.2，请改用 PO 格式导出。", "Send it back as XLIFF 2.1; if your tool knows only 1.2, ask for the PO format."))
			}
			return d.notThis(root, " XLIFF 2.1")
		}
		for _, l := range []struct {
			attr string
			lang plan.Lang
		}{{"srcLang", plan.ZH}, {"trgLang", plan.EN}} {
			if got := root.get(l.attr); !isLang(got, l.lang) {
				return d.wrongLanguage(root.pos, l.attr, got, l.lang)
			}
		}
		x := xliffReader{document: d, ns: root.Space, file: &f}
		return d.each(x.structure, nil)
	})
	return f, err
}

type xliffReader struct {
	*document
	ns   string
	file *File
}

// structure reads <file> and <group> down to the units.
func (x xliffReader) structure(e element) error {
	switch {
	case e.Space != x.ns:
		return x.skip(e)
	case e.Local == "unit":
		return x.unit(e)
	case e.Local == "file" || e.Local == "group":
		return x.each(x.structure, nil)
	}
	return x.skip(e)
}

// part is a segment, or an ignorable between two.
type part struct {
	ignorable      bool
	source, target string
	translated     bool
	order          int // of the target among the targets; they may be in another order than the sources (section 4.3.1, order)
	state, sub     string
}

// xliffUnit is a unit while it is read.
type xliffUnit struct {
	xliffReader
	Unit
	data  map[string]string
	parts []part
	seen  map[string]bool // ids of codes in targets
}

func (x xliffReader) unit(e element) error {
	u := &xliffUnit{xliffReader: x, Unit: Unit{ID: plan.ID(e.get("id")), Pos: e.pos}, data: map[string]string{}, seen: map[string]bool{}}
	err := x.each(func(e element) error {
		switch {
		case e.Space != x.ns:
			return x.skip(e) // modules, such as mtc:matches with a <source> of its own
		case e.Local == "originalData":
			return x.each(u.originalData, nil)
		case e.Local == "segment" || e.Local == "ignorable":
			return u.part(e)
		}
		return x.skip(e)
	}, nil)
	if err != nil {
		return err
	}
	u.join()
	x.file.Units = append(x.file.Units, u.Unit)
	return nil
}

func (u *xliffUnit) originalData(e element) error {
	if e.Space != u.ns || e.Local != "data" {
		return u.skip(e)
	}
	var b strings.Builder
	err := u.each(func(inner element) error {
		u.codePoint(inner, &b)
		return u.skip(inner)
	}, func(s string) { b.WriteString(s) })
	u.data[e.get("id")] = b.String()
	return err
}

// codePoint reads <cp hex="…"/>, which stands for a character that XML cannot
// hold (section 4.2.3.1). It is kept as a character, so that the rule on
// characters finds it.
func (u *xliffUnit) codePoint(e element, b *strings.Builder) {
	if e.Space != u.ns || e.Local != "cp" {
		return
	}
	r, err := strconv.ParseUint(e.get("hex"), 16, 32)
	if err != nil || r > unicode.MaxRune {
		r = utf8.RuneError
	}
	b.WriteRune(rune(r))
}

func (u *xliffUnit) part(e element) error {
	p := part{ignorable: e.Local == "ignorable", state: e.get("state"), sub: e.get("subState")}
	err := u.each(func(e element) error {
		switch {
		case e.Space == u.ns && e.Local == "source":
			var b strings.Builder
			err := u.inline(&b, false)
			p.source = b.String()
			return err
		case e.Space == u.ns && e.Local == "target":
			if u.TargetPos.Line == 0 {
				u.TargetPos = e.pos
			}
			p.order, _ = strconv.Atoi(e.get("order"))
			var b strings.Builder
			err := u.inline(&b, true)
			p.target = b.String()
			p.translated = p.target != ""
			return err
		}
		return u.skip(e)
	}, nil)
	u.parts = append(u.parts, p)
	return err
}

// inline reads the content of a source, a target or a paired code. In a target
// codes become the Markdown that they stand for; in a source we wrote none.
func (u *xliffUnit) inline(b *strings.Builder, target bool) error {
	return u.each(func(e element) error {
		if e.Space != u.ns {
			return u.skip(e)
		}
		switch e.Local {
		case "mrk": // an annotation: its text is ours
			return u.inline(b, target)
		case "cp":
			u.codePoint(e, b)
		case "pc":
			if !target {
				return u.inline(b, target)
			}
			u.code(b, e, opens, "id", "dataRefStart")
			if err := u.inline(b, target); err != nil {
				return err
			}
			u.code(b, e, closes, "id", "dataRefEnd")
			return nil
		case "ph":
			u.codeIn(target, b, e, single, "id", "dataRef")
		case "sc":
			u.codeIn(target, b, e, opens, "id", "dataRef")
		case "ec":
			u.codeIn(target, b, e, closes, "startRef", "dataRef")
		}
		return u.skip(e)
	}, func(s string) { b.WriteString(s) })
}

func (u *xliffUnit) codeIn(target bool, b *strings.Builder, e element, r role, id, ref string) {
	if target {
		u.code(b, e, r, id, ref)
	}
}

// code writes the Markdown of a code to b.
func (u *xliffUnit) code(b *strings.Builder, e element, r role, idAttr, refAttr string) {
	c := code{id: e.get(idAttr), role: r, pos: e.pos}
	text, known := u.data[e.get(refAttr)]
	key := c.id + string(rune('0'+r)) // both ends of a pair have one id
	switch {
	case !known:
		u.fault(e.pos, "codes",
			diag.Text("%[1]s：行内代码 <%[2]s id=\"%[3]s\"> 不是这一句原有的", "%[1]s: the inline code <%[2]s id=\"%[3]s\"> is not one of this sentence's", u.ID, e.Local, clip(c.id)),
			ownCodes)
	case u.seen[key]:
		u.fault(e.pos, "codes",
			diag.Text("%[1]s：行内代码 %[2]s 用了两次", "%[1]s: the inline code %[2]s is used twice", u.ID, clip(c.id)),
			ownCodes)
	}
	u.seen[key] = true
	c.text = text
	u.codes = append(u.codes, c)
	b.WriteString(text)
}

var ownCodes = diag.Text("请只用这一句原有的代码，各用一次；要加强调，就直接写 *文字* 或 **文字**。", "Use only the codes that the sentence came with, each once; to add emphasis, write *words* or **words**.")

func (u *xliffUnit) fault(pos diag.Pos, check string, fact, hint plan.Text) {
	u.Faults = append(u.Faults, diag.Diagnostic{Pos: pos, Check: check, Fact: fact, Hint: hint})
}

// join puts the parts of a unit together again: a tool may split it into
// segments (section 4.8, Segmentation), although it was written as one.
func (u *xliffUnit) join() {
	var targets []part
	segments, translated := 0, 0
	states := map[State]int{}
	for i, p := range u.parts {
		u.Source += p.source
		if p.order == 0 {
			p.order = i + 1
		}
		if !p.ignorable {
			segments++
			states[p.says()]++
			if p.translated {
				translated++
			}
		}
		targets = append(targets, p)
	}
	for _, s := range []State{Stale, Current} { // one stale segment makes a stale sentence
		if n := states[s]; n == segments && n > 0 || s == Stale && n > 0 {
			u.State = s
			break
		}
	}
	switch {
	case segments == 0:
		u.fault(u.Pos, "malformed", diag.Text("%s：没有 segment", "%s: there is no segment", u.ID),
			diag.Text("请重新导出。", "Export it again."))
		return
	case translated == 0:
		u.State = Missing
		return
	case translated < segments:
		u.fault(u.Pos, "half",
			diag.Text("%[1]s：%[2]d 段里只译了 %[3]d 段", "%[1]s: only %[3]d of its %[2]d segments are translated", u.ID, segments, translated),
			diag.Text("请译完整句再交回。", "Translate the whole sentence and send it again."))
	}
	slices.SortStableFunc(targets, func(a, b part) int { return cmp.Compare(a.order, b.order) })
	var b strings.Builder
	for _, p := range targets {
		text := p.target
		if p.ignorable && !p.translated {
			text = p.source // white space between segments
		}
		// Chinese sentences touch and English ones do not: where a tool cut the
		// Chinese, the English needs a space.
		if s := b.String(); text != "" && s != "" && !p.ignorable && !endsBlank(s) && !startsBlank(text) {
			b.WriteByte(' ')
		}
		b.WriteString(text)
	}
	u.Target = b.String()
}

// says is the state of a segment that has a target, or "" where it says nothing.
func (p part) says() State {
	switch {
	case p.sub == staleSubState && (p.state == "" || p.state == "initial"):
		return Stale
	case p.state == "translated" || p.state == "reviewed" || p.state == "final":
		return Current
	}
	return ""
}

func startsBlank(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

func endsBlank(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsSpace(r)
}
