package formats

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// Citing writes how the sentences of a plan are quoted and cited. What is not known
// of the document is left out; no date is that of the day on which this runs.
type Citing struct {
	plan     *plan.Plan
	document plan.Document
	origin   string
	chapters map[int]string // the printed numeral by number
	sections map[int]*plan.Section
}

// NewCiting prepares to cite a plan whose site stands at an origin, which may be
// unknown ("").
func NewCiting(p *plan.Plan, d plan.Document, origin string) *Citing {
	c := &Citing{plan: p, document: d, origin: origin, chapters: map[int]string{}, sections: map[int]*plan.Section{}}
	for _, ch := range p.Chapters {
		c.chapters[ch.Number] = plan.Numeral(ch.Number)
	}
	for s := range p.Sections() {
		c.sections[s.Number] = s
	}
	return c
}

// Reference is a citation in one style.
type Reference struct {
	Style  plan.Text
	Lang   plan.Lang // that it is written in
	Text   Spans     // for the list of references, or the note
	InText Spans     // beside what is cited; empty where the style has none
}

// Spans are a text of pieces, which together are plain text.
type Spans []Span

// Span is a piece of text: a title, a link, or neither.
type Span struct {
	Text  string `json:"text"`
	Lang  string `json:"lang,omitempty"`  // its tag, where it is not that of the whole
	Title bool   `json:"title,omitempty"` // the title of the document, set in italics
	Href  string `json:"href,omitempty"`
}

func (s Spans) String() string {
	var b strings.Builder
	for _, span := range s {
		b.WriteString(span.Text)
	}
	return b.String()
}

// subject is what is cited: a sentence, or with none the whole plan.
type subject struct{ *plan.Unit }

// path is the permanent address of what is cited.
func (s subject) path(l plan.Lang) string {
	if s.Unit == nil {
		return address.In(l).Plan()
	}
	return address.In(l).Unit(s.ID)
}

// kinds are what a sentence of a kind is called in a citation.
var kinds = map[plan.Kind]plan.Text{
	plan.Measure:   {ZH: "措施", EN: "measure"},
	plan.Context:   {ZH: "背景", EN: "background"},
	plan.Guideline: {ZH: "要求", EN: "guideline"},
	plan.Target:    {ZH: "目标", EN: "target"},
}

// division is where a sentence stands, as the document prints it: 三（三）, sec. 3.
func (c *Citing) division(u *plan.Unit, l plan.Lang) string {
	s := c.sections[u.Section]
	switch {
	case l == plan.ZH && s != nil:
		return c.chapters[s.Chapter] + "（" + plan.Numeral(s.Label) + "）"
	case l == plan.ZH && u.Chapter > 0:
		return c.chapters[u.Chapter]
	case l == plan.ZH:
		return "序言"
	case s != nil:
		return "sec. " + strconv.Itoa(s.Number)
	case u.Chapter > 0:
		return "chap. " + strconv.Itoa(u.Chapter)
	}
	return "preamble"
}

// locator is where a sentence stands and which it is: 三（三），措施 3-2; sec. 3,
// measure 3-2.
func (c *Citing) locator(u *plan.Unit, l plan.Lang) string {
	separator := ", "
	if l == plan.ZH {
		separator = "，"
	}
	return c.division(u, l) + separator + kinds[u.Kind].In(l) + " " + strings.TrimPrefix(string(u.ID), "s")
}

// link is the permanent address, or words for it where nobody has said where the
// site stands.
func (c *Citing) link(s subject, l plan.Lang) Span {
	if c.origin != "" {
		return Span{Text: c.origin + s.path(l), Href: c.origin + s.path(l)}
	}
	if l == plan.ZH {
		return Span{Text: "[永久网址]", Href: s.path(l)}
	}
	return Span{Text: "[permanent address]", Href: s.path(l)}
}

// title is the plan's title for readers of English: in Latin letters if it is known,
// then translated in brackets.
func (c *Citing) title() Spans {
	t := Spans{{Text: c.plan.Title.ZH, Lang: plan.ZH.Tag(), Title: true}}
	if c.document.Romanized != "" {
		t = Spans{{Text: c.document.Romanized, Lang: "zh-Latn-pinyin", Title: true}}
	}
	if c.plan.Title.EN != "" {
		t = append(t, Span{Text: " [" + c.plan.Title.EN + "]"})
	}
	return t
}

// day is the date on which the document was made public, written in a layout; ""
// where it is not known.
func (c *Citing) day(layout string) string {
	t, err := time.Parse(time.DateOnly, c.document.Published)
	if err != nil {
		return ""
	}
	return t.Format(layout)
}

// References are the citations of a sentence, or of the whole plan for nil: GB/T
// 7714-2015 in both languages, APA 7 and Chicago. The day of access is the
// reader's, so a placeholder stands for it.
func (c *Citing) References(u *plan.Unit) []Reference {
	s := subject{u}
	return []Reference{c.gbt(s, plan.ZH), c.gbt(s, plan.EN), c.apa(s), c.chicago(s)}
}

// span is text, or nothing where what it says is not known.
func span(known, format string, args ...any) Spans {
	if known == "" {
		return nil
	}
	return Spans{{Text: fmt.Sprintf(format, args...)}}
}

func join(parts ...Spans) (all Spans) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func (c *Citing) gbt(s subject, l plan.Lang) Reference {
	title, access := Spans{{Text: c.plan.Title.ZH}}, "访问日期"
	r := Reference{Style: plan.Text{ZH: "GB/T 7714-2015", EN: "GB/T 7714-2015"}, Lang: l}
	if l == plan.EN {
		title, access = c.title(), "date of access"
		title[0].Title = false // the standard has no italics
		r.Style = plan.Text{ZH: "GB/T 7714-2015（英文）", EN: "GB/T 7714-2015, in English"}
	}
	issuer, number := c.document.Issuer.In(l), c.document.Number.In(l)
	r.Text = join(span(issuer, "%s. ", issuer), title, span(number, ": %s", number), Spans{{Text: "[EB/OL]."}},
		span(c.document.Published, " (%s)", c.document.Published), Spans{{Text: "[" + access + "]. "}, c.link(s, l), {Text: "."}})
	r.InText = Spans{{Text: "[1]"}}
	if s.Unit != nil && l == plan.ZH {
		r.InText[0].Text += c.division(s.Unit, l)
	} else if s.Unit != nil {
		r.InText[0].Text += " " + c.division(s.Unit, l)
	}
	return r
}

func (c *Citing) apa(s subject) Reference {
	issuer, number, year := c.document.Issuer.EN, c.document.Number.EN, c.day("2006")
	r := Reference{Style: plan.Text{ZH: "APA 7", EN: "APA 7"}, Lang: plan.EN}
	r.Text = join(span(issuer, "%s. ", issuer), span(year, "(%s). ", year), c.title(), span(number, " (%s)", number),
		Spans{{Text: ". "}, c.link(s, plan.EN)})
	var in []string
	for _, part := range []string{cmp.Or(c.document.Abbreviation, issuer), year} {
		if part != "" {
			in = append(in, part)
		}
	}
	if s.Unit != nil {
		in = append(in, c.locator(s.Unit, plan.EN))
	}
	if len(in) > 0 {
		r.InText = Spans{{Text: "(" + strings.Join(in, ", ") + ")"}}
	}
	return r
}

func (c *Citing) chicago(s subject) Reference {
	issuer, number, day := c.document.Issuer.EN, c.document.Number.EN, c.day("January 2, 2006")
	at := Spans(nil)
	if s.Unit != nil {
		at = Spans{{Text: ", " + c.locator(s.Unit, plan.EN)}}
	}
	return Reference{Style: plan.Text{ZH: "Chicago", EN: "Chicago"}, Lang: plan.EN,
		Text: join(span(issuer, "%s, ", issuer), c.title(), span(number, ", %s", number), span(day, ", %s", day), at,
			Spans{{Text: ", "}, c.link(s, plan.EN), {Text: "."}})}
}

// Quotation is a sentence in one language, exact to the character and so without
// quotation marks of ours around it, then a line that says whose it is, and a line
// with its address; "" where the sentence has no text in the language.
func (c *Citing) Quotation(u *plan.Unit, l plan.Lang) string {
	text := u.Text.In(l)
	if text == "" {
		return ""
	}
	s, d := subject{u}, c.document
	if l == plan.ZH {
		about := brackets("（", "，", "）", d.Number.ZH, suffixed(c.day("2006年1月2日"), "公布"))
		return text + "\n——" + d.Issuer.ZH + "《" + c.plan.Title.ZH + "》" + about + c.locator(u, l) + "\n" + c.link(s, l).Text
	}
	note := "unofficial translation"
	if u.Translation == plan.Stale {
		note = "unofficial translation of an earlier Chinese text"
	}
	about := brackets(" (", ", ", ")", d.Number.EN, prefixed("made public on ", c.day("2 January 2006")))
	title := cmp.Or(c.plan.Title.EN, c.plan.Title.ZH)
	return text + "\n— " + suffixed(d.Issuer.EN, ", ") + title + about + ", " + c.locator(u, l) + "; " + note + "\n" + c.link(s, l).Text
}

// brackets puts what is known into brackets, if anything is.
func brackets(open, separator, end string, parts ...string) string {
	var known []string
	for _, p := range parts {
		if p != "" {
			known = append(known, p)
		}
	}
	if len(known) == 0 {
		return ""
	}
	return open + strings.Join(known, separator) + end
}

func prefixed(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

func suffixed(s, after string) string {
	if s == "" {
		return ""
	}
	return s + after
}
