package exchange

import (
	"bytes"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// TMX 1.4b, LISA OSCAR recommendation, 26 April 2005: a translation memory, one
// <tu> a sentence. It says nothing but that two sentences mean the same, so
// only those stand in it that do: no missing and no stale ones. The standard's
// optional dates and names are left out.
//
// The Markdown stands in the text as it is (datatype "plaintext"). A tool that
// wraps it in <bpt>, <ept>, <ph> or <it> keeps it as their content, which is
// what those elements are for (section 4, content markup), so reading the
// text through them gives it back.
const (
	tmxDoctype = `DOCTYPE tmx SYSTEM "tmx14.dtd"`
	tmxVersion = "1.4"
)

func writeTMX(b *bytes.Buffer, d Document) {
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!" + tmxDoctype + ">\n<tmx version=\"" + tmxVersion + "\">\n")
	tag(b, "header", "creationtool", "minxi", "creationtoolversion", "1", "segtype", "sentence", "o-tmf", "minxi",
		"adminlang", plan.EN.Tag(), "srclang", plan.ZH.Tag(), "datatype", "plaintext")
	b.WriteByte('\n')
	line(b, "", "note", titleLine(d.Title))
	b.WriteString("</header>\n<body>\n")
	for _, s := range d.Segments {
		if s.Target == "" || s.State != Current {
			continue
		}
		tag(b, "tu", "tuid", string(s.ID))
		b.WriteByte('\n')
		line(b, "  ", "note", s.Note)
		for _, v := range []struct {
			lang plan.Lang
			text string
		}{{plan.ZH, s.Source}, {plan.EN, s.Target}} {
			b.WriteString("  ")
			tag(b, "tuv", "xml:lang", v.lang.Tag())
			b.WriteString("<seg>")
			escapeText.WriteString(b, v.text)
			b.WriteString("</seg></tuv>\n")
		}
		b.WriteString("</tu>\n")
	}
	b.WriteString("</body>\n</tmx>\n")
}

func readTMX(t *text) (File, error) {
	f := File{Partial: true}
	err := readDocument(t, tmxDoctype, func(d *document, root element) error {
		if root.Local != "tmx" || root.Space != "" {
			return d.notThis(root, " TMX 1.4")
		}
		var units func(e element) error
		units = func(e element) error {
			switch e.Local {
			case "header":
				if got := e.get("srclang"); got != "*all*" && !isLang(got, plan.ZH) {
					return d.wrongLanguage(e.pos, "srclang", got, plan.ZH)
				}
			case "body":
				return d.each(units, nil)
			case "tu":
				u, err := readTU(d, e)
				f.Units = append(f.Units, u)
				return err
			}
			return d.skip(e)
		}
		return d.each(units, nil)
	})
	return f, err
}

// readTU reads a <tu> and its variants.
func readTU(d *document, e element) (Unit, error) {
	u := Unit{ID: plan.ID(e.get("tuid")), Pos: e.pos}
	found, variants := map[plan.Lang]int{}, 0
	err := d.each(func(e element) error {
		if e.Local != "tuv" {
			return d.skip(e)
		}
		variants++
		tag := e.in(xmlNS, "lang")
		if tag == "" {
			tag = e.get("lang") // TMX 1.1
		}
		var b strings.Builder
		if err := d.each(func(seg element) error {
			if seg.Local != "seg" {
				return d.skip(seg)
			}
			return readSeg(d, &b)
		}, nil); err != nil {
			return err
		}
		switch {
		case isLang(tag, plan.ZH):
			found[plan.ZH]++
			u.Source = b.String()
		case isLang(tag, plan.EN):
			found[plan.EN]++
			u.Target, u.TargetPos = b.String(), e.pos
		}
		return nil
	}, nil)
	if err != nil {
		return u, err
	}
	for _, l := range plan.Langs {
		if n := found[l]; n != 1 && !(l == plan.EN && variants == 1) { // Chinese alone is a sentence without translation
			u.Faults = append(u.Faults, diag.Diagnostic{Pos: u.Pos, Check: "language",
				Fact: diag.Text("%[1]s：%[2]s 的文字有 %[3]d 份", "%[1]s: there are %[3]d texts in %[2]s", u.ID, l.Tag(), n),
				Hint: diag.Text("每个 tu 要有一份中文（zh-Hans）和一份英文（en）。", "Each tu has one text in Chinese (zh-Hans) and one in English (en).")})
		}
	}
	return u, nil
}

func readSeg(d *document, b *strings.Builder) error {
	return d.each(func(element) error { return readSeg(d, b) }, func(s string) { b.WriteString(s) })
}
