package formats

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"strconv"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// Akoma Ntoso 1.0 (OASIS LegalDocML, namespace akn/3.0): the whole plan, a file a
// language, the Chinese as the master expression and the English as a translation of
// it. Identifiers follow the naming convention of the standard:
//
//	eId="chp_3__sec_3__para_2"  where the sentence stands in this edition
//	wId="chp_3__sec_3__para_2"  where it stood in the first, which is what its permanent id counts
//	GUID="…/zh/m/s3-2/"         its permanent address
//
// Sentences are paragraphs of the hierarchy: the standard has nothing smaller with a
// number. The notice and the signature around a plan are not part of it.
func akomaNtoso(l plan.Lang) Format {
	name := map[plan.Lang]plan.Text{plan.ZH: {ZH: "中文", EN: "Chinese"}, plan.EN: {ZH: "英文，非官方译文", EN: "English, unofficial"}}[l]
	return Format{Path: "data/plan." + string(l) + ".akn.xml", Type: "application/akn+xml", Write: func(p *plan.Plan, s Site) ([]byte, error) {
		return newAKN(p, s, l).document(), nil
	},
		Group: ofText, Title: plan.Text{ZH: "方案全文（Akoma Ntoso，" + name.ZH + "）", EN: "The whole plan (Akoma Ntoso, " + name.EN + ")"},
		About: plan.Text{ZH: "法律文献的国际标准 XML，带章节结构和永久编号。", EN: "The international XML standard for legal documents, with structure and permanent ids."}}
}

type akn struct {
	bytes.Buffer
	plan *plan.Plan
	site Site
	lang plan.Lang
}

func newAKN(p *plan.Plan, s Site, l plan.Lang) *akn { return &akn{plan: p, site: s, lang: l} }

// open and end write tags; attributes are pairs, and one without a value is left out.
func (a *akn) open(name string, attr ...string) {
	a.WriteString("<" + name)
	for i := 0; i < len(attr); i += 2 {
		if attr[i+1] != "" {
			a.WriteString(" " + attr[i] + `="`)
			_ = xml.EscapeText(a, []byte(attr[i+1])) // a buffer takes everything
			a.WriteByte('"')
		}
	}
	a.WriteByte('>')
}

func (a *akn) end(name string) { a.WriteString("</" + name + ">\n") }

func (a *akn) empty(name string, attr ...string) {
	a.open(name, attr...)
	a.Truncate(a.Len() - 1)
	a.WriteString("/>")
}

func (a *akn) text(name, text string, attr ...string) {
	if text == "" {
		return
	}
	a.open(name, attr...)
	_ = xml.EscapeText(a, []byte(text))
	a.WriteString("</" + name + ">")
}

func (a *akn) document() []byte {
	a.WriteString(xml.Header)
	a.open("akomaNtoso", "xmlns", "http://docs.oasis-open.org/legaldocml/ns/akn/3.0")
	a.open("doc", "name", "plan", "contains", "originalVersion")
	a.WriteByte('\n')
	a.meta()
	title, lang := a.plan.Title.Or(a.lang)
	a.open("preface")
	a.open("p")
	a.text("docTitle", title, "xml:lang", a.other(lang))
	a.end("p")
	if d := a.site.Document; d.Number.In(a.lang) != "" {
		a.open("p")
		a.text("docNumber", d.Number.In(a.lang))
		a.end("p")
	}
	a.end("preface")
	if len(a.plan.Preamble) > 0 {
		a.open("preamble")
		for i, u := range a.plan.Preamble {
			a.sentence("p", u, "preamble__p_", "preamble__p_", i+1)
		}
		a.end("preamble")
	}
	a.open("mainBody")
	if len(a.plan.Chapters) == 0 {
		a.empty("p")
	}
	for _, c := range a.plan.Chapters {
		a.chapter(c)
	}
	a.end("mainBody")
	a.end("doc")
	a.end("akomaNtoso")
	return a.Bytes()
}

// chapter writes a chapter with its sections. One without any text has, as the
// standard wants, an empty content.
func (a *akn) chapter(c *plan.Chapter) {
	id := "chp_" + strconv.Itoa(c.Number)
	a.open("chapter", "eId", id, "wId", id)
	a.heading(id, plan.Numeral(c.Number)+"、", c.Title)
	a.paragraphs(c.Units, id, id)
	for _, s := range c.Sections {
		eID, wID := id+"__sec_"+strconv.Itoa(s.Label), id+"__sec_"+strconv.Itoa(s.Number)
		a.open("section", "eId", eID, "wId", wID)
		a.heading(eID, "（"+plan.Numeral(s.Label)+"）", s.Title)
		a.paragraphs(s.Units, eID, wID)
		if len(s.Units) == 0 {
			a.nothing(eID)
		}
		a.end("section")
	}
	if len(c.Units) == 0 && len(c.Sections) == 0 {
		a.nothing(id)
	}
	a.end("chapter")
}

func (a *akn) nothing(id string) {
	a.open("content", "eId", id+"__content")
	a.empty("p")
	a.end("content")
}

func (a *akn) heading(id, number string, title plan.Text) {
	a.text("num", number, "eId", id+"__num", "xml:lang", a.other(plan.ZH))
	text, lang := title.Or(a.lang)
	a.text("heading", text, "eId", id+"__heading", "xml:lang", a.other(lang))
}

// paragraphs writes the sentences of a chapter or section.
func (a *akn) paragraphs(units []*plan.Unit, eID, wID string) {
	for i, u := range units {
		a.sentence("paragraph", u, eID+"__para_", wID+"__para_", i+1)
	}
}

func (a *akn) sentence(element string, u *plan.Unit, eID, wID string, n int) {
	_, _, first, err := u.ID.Parse()
	if err != nil {
		first = n
	}
	eID, wID = eID+strconv.Itoa(n), wID+strconv.Itoa(first)
	text, lang := u.Text.Or(a.lang)
	attr := []string{"eId", eID, "wId", wID, "GUID", cmp.Or(a.site.Origin, a.site.BasePath) + address.In(a.lang).Unit(u.ID)}
	if element == "p" {
		a.text("p", text, append(attr, "xml:lang", a.other(lang))...)
		return
	}
	a.open(element, attr...)
	a.open("content", "eId", eID+"__content")
	a.text("p", text, "eId", eID+"__content__p_1", "xml:lang", a.other(lang))
	a.end("content")
	a.end(element)
}

// other is a language's tag where it is not that of the file.
func (a *akn) other(l plan.Lang) string {
	if l == a.lang {
		return ""
	}
	return l.Tag()
}

// iso are the languages' codes in ISO 639-2, which the standard wants.
var iso = map[plan.Lang]string{plan.ZH: "zho", plan.EN: "eng"}

// meta says what the document is: the work, its expression in this language, and this
// file. The only day that is known is that on which the plan was made public (or
// signed), so all three have it.
func (a *akn) meta() {
	d := a.site.Document
	day, event := cmp.Or(d.Published, d.Signed), "published"
	if d.Published == "" {
		event = "signed"
	}
	if day == "" {
		day, event = "0001-01-01", "unknown" // the standard wants a day
	}
	author := "#issuer"
	if d.Issuer.ZH == "" {
		author = "#site"
	}
	work := "/akn/cn/doc/" + day + "/" + cmp.Or(slug(d.Number.EN), "plan")
	version := work + "/" + iso[a.lang] + "@" + day
	level := func(name, uri, this, by string, more func()) {
		a.open(name)
		a.empty("FRBRthis", "value", this)
		a.empty("FRBRuri", "value", uri)
		a.empty("FRBRdate", "date", day, "name", event)
		a.empty("FRBRauthor", "href", by)
		more()
		a.end(name)
	}
	a.open("meta")
	a.open("identification", "source", "#site")
	level("FRBRWork", work, work+"/!main", author, func() {
		a.empty("FRBRcountry", "value", "cn")
		if d.Number.ZH != "" {
			a.empty("FRBRnumber", "value", d.Number.ZH)
		}
	})
	by := author
	if a.lang == plan.EN {
		by = "#site"
	}
	level("FRBRExpression", version, version+"/!main", by, func() {
		if a.lang == plan.EN {
			a.empty("FRBRmasterExpression", "href", work+"/"+iso[plan.ZH]+"@"+day+"/!main", "showAs", a.plan.Title.ZH)
		}
		a.empty("FRBRlanguage", "language", iso[a.lang])
		if a.lang == plan.EN {
			a.empty("FRBRtranslation", "href", work+"/"+iso[plan.ZH]+"@"+day+"/!main", "by", "#site", "fromLanguage", iso[plan.ZH], "authoritative", "false")
		}
	})
	level("FRBRManifestation", version+".akn", version+"/!main.akn", "#site", func() {
		a.empty("FRBRformat", "value", "application/akn+xml")
	})
	a.end("identification")
	a.open("references", "source", "#site")
	if d.Issuer.ZH != "" {
		a.empty("TLCOrganization", "eId", "issuer", "href", "/akn/ontology/organization/cn/"+cmp.Or(strings.ToLower(d.Abbreviation), "issuer"), "showAs", cmp.Or(d.Issuer.In(a.lang), d.Issuer.ZH))
	}
	name, _ := a.plan.SiteName().Or(a.lang)
	a.empty("TLCOrganization", "eId", "site", "href", cmp.Or(a.site.Origin, a.site.BasePath)+address.In(a.lang).Home(), "showAs", cmp.Or(name, "-"))
	a.end("references")
	a.end("meta")
}

// slug is a name as addresses have it: fagai-zhenxing-2022-no-424.
func slug(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), "-")
}
