package formats

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// Entries for reference managers. A sentence has two, one a language, because no
// style writes both: the Chinese one is for lists of references in Chinese, the
// other has the title in Latin letters and translated. BibTeX and RIS follow their
// programs' manuals, CSL-JSON the schema of citationstyles.org, version 1.0.2.

// entry is a document as reference managers know one. Fields have the names of
// CSL-JSON.
type entry struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Author   []name `json:"author,omitempty"`
	Title    string `json:"title"`
	Number   string `json:"number,omitempty"`
	Section  string `json:"section,omitempty"`
	Issued   *date  `json:"issued,omitempty"`
	Language string `json:"language"`
	URL      string `json:"URL,omitempty"`

	translated string // title, of an entry in Chinese
	day        time.Time
}

type name struct {
	Literal string `json:"literal"`
}

type date struct {
	Parts [][]int `json:"date-parts"`
}

// entry describes a sentence, or with nil the plan, in one language.
func (c *Citing) entry(u *plan.Unit, l plan.Lang) entry {
	s := subject{u}
	e := entry{ID: c.key(u, l), Type: "report", Number: c.document.Number.In(l)}
	if issuer := c.document.Issuer.In(l); issuer != "" {
		e.Author = []name{{issuer}}
	}
	if l == plan.ZH {
		e.Title, e.translated, e.Language = c.plan.Title.ZH, c.plan.Title.EN, "zh-CN"
	} else {
		e.Title, e.Language = c.title().String(), "en-US"
	}
	if u != nil {
		e.Section = c.locator(u, l)
	}
	if day, err := time.Parse(time.DateOnly, c.document.Published); err == nil {
		e.day, e.Issued = day, &date{[][]int{{day.Year(), int(day.Month()), day.Day()}}}
	}
	if c.origin != "" {
		e.URL = c.origin + s.path(l)
	}
	return e
}

// key names an entry in somebody's collection of references: ndrc2022-s3-2, and
// ndrc2022-s3-2-en of the one in English.
func (c *Citing) key(u *plan.Unit, l plan.Lang) string {
	parts := make([]string, 0, 3)
	if before := strings.ToLower(c.document.Abbreviation) + c.day("2006"); before != "" {
		parts = append(parts, before)
	}
	if u != nil {
		parts = append(parts, string(u.ID))
	} else {
		parts = append(parts, wholePlan)
	}
	if l == plan.EN {
		parts = append(parts, string(l))
	}
	return strings.Join(parts, "-")
}

// CSL is the entry of a sentence in CSL-JSON; nil stands for the whole plan.
func (c *Citing) CSL(u *plan.Unit, l plan.Lang) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(c.entry(u, l)) // strings and numbers always encode
	return strings.TrimSuffix(b.String(), "\n")
}

// BibTeX is the entry of a sentence in BibTeX.
func (c *Citing) BibTeX(u *plan.Unit, l plan.Lang) string {
	e := c.entry(u, l)
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, ",\n  %s = {%s}", name, value)
		}
	}
	whole := func(s string) string { // neither taken for a person's name nor set in other letters
		if s == "" {
			return ""
		}
		return "{" + tex(s) + "}"
	}
	b.WriteString("@techreport{" + e.ID)
	if len(e.Author) > 0 {
		field("author", whole(e.Author[0].Literal))
		field("institution", whole(e.Author[0].Literal))
	}
	field("title", whole(e.Title))
	field("number", tex(e.Number))
	if !e.day.IsZero() {
		field("year", strconv.Itoa(e.day.Year()))
		b.WriteString(",\n  month = " + strings.ToLower(e.day.Format("Jan"))) // a macro of every style
		field("date", e.day.Format(time.DateOnly))
	}
	field("note", tex(e.Section))
	field("language", map[plan.Lang]string{plan.ZH: "chinese", plan.EN: "english"}[l])
	field("url", e.URL)
	b.WriteString("\n}\n")
	return b.String()
}

// tex escapes what has a meaning in TeX.
var texEscapes = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "%", `\%`, "&", `\&`, "#", `\#`, "_", `\_`, "$", `\$`, "^", `\^{}`, "~", `\~{}`)

func tex(s string) string { return texEscapes.Replace(s) }

// RIS is the entry of a sentence in RIS, a government document.
func (c *Citing) RIS(u *plan.Unit, l plan.Lang) string {
	e := c.entry(u, l)
	var b strings.Builder
	field := func(tag, value string) {
		if value != "" {
			b.WriteString(tag + "  - " + strings.Join(strings.Fields(value), " ") + "\r\n")
		}
	}
	field("TY", "GOVDOC")
	field("ID", e.ID)
	if len(e.Author) > 0 {
		field("AU", e.Author[0].Literal+",") // the comma: a body's name, which is not to be taken apart
		field("PB", e.Author[0].Literal)
	}
	field("TI", e.Title)
	field("TT", e.translated)
	if !e.day.IsZero() {
		field("PY", strconv.Itoa(e.day.Year()))
		field("DA", e.day.Format("2006/01/02"))
	}
	field("M1", e.Number)
	field("SE", e.Section)
	field("LA", e.Language)
	field("UR", e.URL)
	b.WriteString("ER  - \r\n")
	return b.String()
}

// Entry is an entry for reference managers as a text, with the file that has it.
type Entry struct {
	Name string // of the format
	Text Spans
	Path string // slash path of the file below the site's root
}

// Entries are the entries of a sentence in one language.
func (c *Citing) Entries(u *plan.Unit, l plan.Lang) []Entry {
	of := wholePlan
	if u.Section > 0 {
		of = address.SectionID(u.Section)
	}
	return []Entry{
		{"BibTeX", Spans{{Text: c.BibTeX(u, l)}}, bibTeX.at(of)},
		{"RIS", translated(strings.ReplaceAll(c.RIS(u, l), "\r\n", "\n")), ris.at(of)},
		{"CSL-JSON", Spans{{Text: c.CSL(u, l)}}, cslJSON.at(of)},
	}
}

// translated marks the translated title of an entry in RIS as English.
func translated(entry string) Spans {
	before, title, has := strings.Cut(entry, "\nTT  - ")
	if !has {
		return Spans{{Text: entry}}
	}
	title, after, _ := strings.Cut(title, "\n")
	return Spans{{Text: before + "\nTT  - "}, {Text: title, Lang: plan.EN.Tag()}, {Text: "\n" + after}}
}

// wholePlan names the files about the plan and what stands in no section.
const wholePlan = "plan"

// cited gathers what a file of citations has: with a section's id its sentences, and
// with wholePlan the plan itself (nil) and the sentences that stand in no section.
func cited(p *plan.Plan) map[string][]*plan.Unit {
	of := map[string][]*plan.Unit{wholePlan: {nil}}
	for u := range p.Units() {
		name := wholePlan
		if u.Section > 0 {
			name = address.SectionID(u.Section)
		}
		of[name] = append(of[name], u)
	}
	return of
}

// entries writes files of citations, of each sentence both languages.
func entries(before, between, after string, one func(*Citing, *plan.Unit, plan.Lang) string) func(*plan.Plan, Site) func(string) ([]byte, error) {
	return func(p *plan.Plan, s Site) func(string) ([]byte, error) {
		c, units := NewCiting(p, s.Document, s.Origin), cited(p)
		return func(of string) ([]byte, error) {
			var b strings.Builder
			b.WriteString(before)
			for i, u := range units[of] {
				for _, l := range plan.Langs {
					if i > 0 || l != plan.Langs[0] {
						b.WriteString(between)
					}
					b.WriteString(one(c, u, l))
				}
			}
			b.WriteString(after)
			return []byte(b.String()), nil
		}
	}
}

var bibTeX = Format{Path: "data/cite/*.bib", Type: "application/x-bibtex",
	Group: ofCitations, Title: plan.Text{ZH: "引文（BibTeX）", EN: "Citations (BibTeX)"},
	About: plan.Text{ZH: "供 LaTeX、JabRef 等使用；每句中英文各一条。", EN: "For LaTeX, JabRef, and others; two entries a sentence, one a language."},
	Each:  entries("", "\n", "", (*Citing).BibTeX)}

var ris = Format{Path: "data/cite/*.ris", Type: "application/x-research-info-systems",
	Group: ofCitations, Title: plan.Text{ZH: "引文（RIS）", EN: "Citations (RIS)"},
	About: plan.Text{ZH: "供 EndNote、NoteExpress、Zotero 等文献管理软件导入。", EN: "To be imported into EndNote, NoteExpress, Zotero, and other reference managers."},
	Each:  entries("", "", "", (*Citing).RIS)}

var cslJSON = Format{Path: "data/cite/*.json", Type: "application/vnd.citationstyles.csl+json",
	Group: ofCitations, Title: plan.Text{ZH: "引文（CSL-JSON）", EN: "Citations (CSL-JSON)"},
	About: plan.Text{ZH: "供 Zotero、Pandoc 和 citeproc 使用。", EN: "For Zotero, Pandoc, and citeproc."},
	Each:  entries("[\n", ",\n", "\n]\n", (*Citing).CSL)}
