package site

// Markdown twins: what the reading pages say, as CommonMark beside them (index.md), for
// programs that read text and for people who keep it. They are written from the facts
// of the page, so that they say the same. Links are root-relative and become relative
// with those of pages; they lead from twin to twin.

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// markdown is the twin of a page.
func (d *deriver) markdown(p page) []byte {
	w := &markdownWriter{l: pageIn{d, p.Lang}, page: p}
	w.title()
	w.unit()
	w.text()
	w.hub()
	w.lists()
	w.updates()
	w.source()
	return []byte(w.b.String())
}

// twins is a hash of the addresses of all twins.
func (d *deriver) twins() []byte {
	h := sha256.New()
	for a := range d.book.All() {
		if a.Kind == address.Plain {
			fmt.Fprintln(h, a.Path)
		}
	}
	return h.Sum(nil)
}

type markdownWriter struct {
	b    strings.Builder
	l    pageIn
	page page
}

func (w *markdownWriter) say(key string, count ...int) string {
	return w.l.words.say(w.l.Lang, key, count...)
}

// block writes a paragraph, a heading or the like, of pieces that are Markdown.
func (w *markdownWriter) block(pieces ...string) {
	if w.b.Len() > 0 {
		w.b.WriteByte('\n')
	}
	for _, s := range pieces {
		w.b.WriteString(s)
	}
	w.b.WriteByte('\n')
}

func (w *markdownWriter) heading(level int, text string) {
	w.block(strings.Repeat("#", level), " ", text)
}

// list writes items that are Markdown; none of no items.
func (w *markdownWriter) list(items []string) {
	if len(items) > 0 {
		w.block("- ", strings.Join(items, "\n- "))
	}
}

// link leads to a page, by its twin where it has one.
func (w *markdownWriter) link(text, to string) string {
	return "[" + text + "](" + w.target(to) + ")"
}

func (w *markdownWriter) target(to string) string {
	path, _, _ := strings.Cut(to, "#") // twins have no fragments
	if _, has := w.l.book.Find(address.MarkdownOf(path)); has && strings.HasSuffix(path, "/") {
		return address.MarkdownOf(path)
	}
	return to
}

func (w *markdownWriter) title() {
	name, lang := escaped(w.page.title), w.l.Lang
	if u := w.page.facts.Unit; u != nil && w.page.Kind == address.Unit {
		name = u.N + " " + name
	}
	if v := w.page.facts.Division; v != nil {
		name = w.label(v)
	}
	if p := w.page; p.Part > 1 {
		name += " (" + strconv.Itoa(p.Part) + "/" + strconv.Itoa(p.Parts) + ")"
	}
	w.heading(1, name)
	if lang == plan.EN {
		w.block("*", escaped(w.say("translationNote")), "*")
	}
	var way []string
	for _, c := range w.page.facts.Crumbs {
		name := escaped(w.say(c.Word))
		if c.Division != nil {
			name = w.label(c.Division)
		} else if c.Word == "" {
			name = escaped(c.Title.in(lang))
		}
		way = append(way, w.link(name, c.Href))
	}
	if len(way) > 0 {
		w.block(strings.Join(way, " › "))
	}
	if d := w.page.description; d != "" && (w.page.Written || w.page.facts.Hub != nil) {
		w.block(escaped(d))
	}
	if body := strings.TrimSpace(w.body()); body != "" {
		w.block(body)
	}
}

// label is how a chapter or section is called: 第三章…, Section 3: ….
func (w *markdownWriter) label(v *division) string {
	number, between := "chapterLabel", "afterChapterLabel"
	if v.Section {
		number, between = "sectionLabel", "afterSectionLabel"
	}
	name := w.l.words.fill(w.l.Lang, number, map[string]any{"Numeral": v.Numeral, "Number": v.Number})
	if title := v.Title.in(w.l.Lang); title != "" {
		name += w.say(between) + title
	}
	return escaped(name)
}

// body is the page's own text, with its links led to twins.
func (w *markdownWriter) body() string {
	t, has := w.l.texts[textKey{TextOf(w.page.Address), w.l.Lang}]
	if !has || w.page.Part > 1 || t.Plain == nil {
		return ""
	}
	return t.Plain(func(to string) string { return w.target(cmp.Or(t.Links[to], to)) })
}

// unit writes what the page of a sentence says of it.
func (w *markdownWriter) unit() {
	u := w.page.facts.Unit
	switch {
	case u == nil:
		return
	case w.page.Kind == address.Withdrawn:
		w.block(escaped(w.say("withdrawnText")))
		if to := w.page.facts.To; len(to) > 0 {
			w.block(escaped(w.say("replacedBy")))
			w.list(w.named(to))
		}
		w.heading(2, escaped(w.say("whatItWas")))
		for _, s := range []string{u.Text.ZH, u.Text.EN} {
			if s != "" {
				w.block("> ", escaped(s))
			}
		}
		return
	}
	texts := []struct {
		lang plan.Lang
		html string
	}{{w.l.Lang, u.HTML}, {other(w.l.Lang), u.Other}}
	for _, t := range texts {
		w.heading(2, escaped(w.say("text-"+string(t.lang))))
		if t.html == "" {
			w.block("*", escaped(w.say("untranslated")), "*")
			continue
		}
		w.block(inline(t.html))
		if u.Stale && t.lang == plan.EN {
			w.block("*", escaped(w.say("stale")), "*")
		}
	}
	fact := func(word string, values []string) string {
		return "**" + escaped(strings.TrimSpace(w.say(word))) + "**" + escaped(w.say("colon")) + strings.Join(values, w.say("listComma"))
	}
	facts := []string{fact("kind-"+string(u.Kind), []string{u.N})}
	facts = append(facts, fact("permalink", []string{w.permalink(address.In(plan.ZH).Unit(plan.ID(u.ID))), w.permalink(address.In(plan.EN).Unit(plan.ID(u.ID)))}))
	if len(u.Topics) > 0 {
		facts = append(facts, fact("topics", w.refs(u.Topics)))
	}
	if len(u.Places) > 0 {
		facts = append(facts, fact("places", w.refs(u.Places)))
	}
	if len(u.Bodies) > 0 {
		facts = append(facts, fact("bodies", w.refs(u.Bodies)))
	}
	w.heading(2, escaped(w.say("inContext")))
	facts = append(facts, w.link(escaped(w.say("wholePlan")), w.page.facts.Site.At.Plan))
	if u.In != nil {
		facts = append(facts, w.link(w.label(u.In), u.Home))
	}
	w.list(facts)
	for _, v := range []*unit{w.page.facts.Before, w.page.facts.After} {
		if v != nil {
			w.sentence(*v)
		}
	}
	if r := w.page.facts.Related; r != nil {
		key := "relatedTopic"
		if r.Places && r.Topic {
			key = "relatedBoth"
		} else if r.Places {
			key = "relatedPlaces"
		}
		w.heading(2, escaped(w.say(key)))
		w.list(w.named(r.Units))
	}
}

// permalink is an address to be kept: absolute where the site knows where it stands.
func (w *markdownWriter) permalink(path string) string {
	if origin := w.page.facts.Site.Origin; origin != "" {
		return "<" + origin + path + ">"
	}
	return "[" + path + "](" + path + ")"
}

// sentence is a paragraph with a sentence behind its number.
func (w *markdownWriter) sentence(u unit) {
	text := inline(u.HTML)
	if u.HTML == "" {
		text = escaped(u.Headline)
	}
	if u.Missing {
		text += " *(" + escaped(w.say("untranslated")) + ")*"
	}
	if u.Stale {
		text += " *(" + escaped(w.say("stale")) + ")*"
	}
	w.block(w.link(u.N, u.Href), " ", text)
}

func (w *markdownWriter) sentences(list []unit) {
	for _, u := range list {
		w.sentence(u)
	}
}

// named are sentences by number and headline.
func (w *markdownWriter) named(list []unit) (items []string) {
	for _, u := range list {
		items = append(items, w.link(u.N, u.Href)+" "+escaped(u.Headline))
	}
	return items
}

// text writes the plan, a chapter or a section.
func (w *markdownWriter) text() {
	f := w.page.facts
	w.sentences(f.Preamble)
	switch {
	case f.Division != nil:
		w.division(*f.Division, 1)
	case w.page.Kind == address.Whole:
		for _, c := range f.Chapters {
			w.division(c, 2)
		}
	}
}

// division writes the text of a chapter or section, or leads to it where the page does.
func (w *markdownWriter) division(v division, level int) {
	if level > 1 {
		w.heading(level, w.link(w.label(&v), v.Href))
	}
	w.sentences(v.Units)
	for _, s := range v.Sections {
		w.division(s, level+1)
	}
}

// groups writes sentences under the divisions in which they stand.
func (w *markdownWriter) groups(title string, list []group, level int) {
	if len(list) == 0 {
		return
	}
	if title != "" {
		w.heading(level, title)
		level++
	}
	for _, g := range list {
		name := escaped(w.say("preamble"))
		if g.Division != nil {
			name = w.label(g.Division)
		}
		w.heading(level, w.link(name, g.Href))
		w.sentences(g.Units)
	}
}

// hub writes what a page gathers: the measures of a topic, place or body.
func (w *markdownWriter) hub() {
	f := w.page.facts
	for _, c := range f.Concerns {
		if c.ID == "unplaced" {
			w.heading(2, escaped(w.say("unplaced", c.Count)))
		} else {
			w.heading(2, escaped(w.l.words.fill(w.l.Lang, "naming", map[string]any{"Name": c.Name.in(w.l.Lang), "Count": c.Count})))
		}
		if len(c.Above) > 0 {
			var above []string
			for _, u := range c.Above {
				above = append(above, w.link(u.N, u.Href))
			}
			w.block(escaped(w.say("listedAbove", len(above))), strings.Join(above, w.say("listComma")))
		}
		for _, s := range c.Topics {
			name := escaped(w.say("noTopic"))
			if s.Href != "" {
				name = w.link(escaped(s.Title.in(w.l.Lang)), s.Href)
			}
			w.heading(3, name)
			if c.Brief {
				w.list(w.named(s.Units))
			} else {
				w.sentences(s.Units)
			}
		}
		if c.Href != "" {
			w.block(w.link(escaped(w.say("inFull")), c.Href))
		}
	}
	switch {
	case len(f.Further) > 0:
		w.groups(escaped(w.say("ownMeasures", counted(f.Groups))), f.Groups, 2)
		w.groups(escaped(w.say("otherMeasures", counted(f.Further))), f.Further, 2)
	case len(f.Groups) > 0 && w.page.Parts == 0:
		w.groups(escaped(w.say("allMeasures", counted(f.Groups))), f.Groups, 2)
	default:
		w.groups("", f.Groups, 2)
	}
	for _, o := range f.Others {
		w.groups(escaped(w.say("kind-"+string(o.Kind))), o.Groups, 2)
	}
	if s := f.Support; s != nil {
		w.heading(2, escaped(w.say("support")))
		w.list(w.named(s.Units))
	}
}

func counted(list []group) (n int) {
	for _, g := range list {
		n += len(g.Units)
	}
	return n
}

// lists writes the lists of pages that a page leads to.
func (w *markdownWriter) lists() {
	f := w.page.facts
	switch w.page.Kind {
	case address.Topics:
		for _, t := range f.Topics {
			w.heading(2, w.link(escaped(t.Title.in(w.l.Lang)), t.Href))
			if t.About != "" {
				w.block(escaped(t.About))
			}
		}
	case address.Places:
		for _, c := range f.Cities {
			w.heading(2, w.link(escaped(c.Title.in(w.l.Lang)), c.Href))
			w.list(w.refs(c.Counties))
		}
		if len(f.Outside) > 0 {
			w.heading(2, escaped(w.say("placesOutside")))
			w.list(w.refs(f.Outside))
		}
		if u := f.Unplaced; u != nil {
			w.groups(escaped(w.say("unplaced", u.Count)), u.Groups, 2)
		}
	case address.Bodies:
		kind := ""
		for _, b := range f.Bodies {
			if b.Kind != kind {
				kind = b.Kind
				w.heading(2, escaped(w.say("bodies-"+kind)))
				w.b.WriteByte('\n')
			}
			w.b.WriteString("- " + w.link(escaped(b.Title.in(w.l.Lang)), b.Href) + "\n")
		}
	case address.Place:
		w.list(w.refs(f.Places))
	}
	w.list(w.refs(f.Pages))
	if parts := f.Parts; len(parts) > 0 {
		var list []string
		for _, r := range parts {
			if !r.Here {
				list = append(list, w.link(escaped(w.say("part", r.Measures)), r.Href))
			}
		}
		w.heading(2, escaped(w.say("parts")))
		w.list(list)
	}
	for _, v := range f.Verbs {
		w.heading(2, escaped(v.ZH+" "+v.EN))
		w.block(escaped(w.say("verb-" + v.ID)))
		w.sentence(v.Example)
	}
	if c := f.Cite; c != nil && w.page.Kind == address.Page {
		w.heading(2, escaped(w.say("cite")))
		for _, r := range c.References {
			var text strings.Builder
			for _, s := range r.Text {
				text.WriteString(s.Text)
			}
			w.block("**", escaped(r.Style), "**", escaped(w.say("colon")), escaped(text.String()))
		}
	}
}

// refs are pages by their names.
func (w *markdownWriter) refs(list []ref) (items []string) {
	for _, r := range list {
		items = append(items, w.link(escaped(cmp.Or(r.Title.in(w.l.Lang), r.Name.in(w.l.Lang), r.About)), r.Href))
	}
	return items
}

// updates writes an update's facts, or lists those that the page shows.
func (w *markdownWriter) updates() {
	if u := w.page.facts.Update; u != nil {
		line := u.Date[:len("2006-01-02")]
		if u.Source != "" {
			line += w.say("listComma") + w.say("source") + u.Source
		}
		w.block(escaped(line))
		w.groups(escaped(w.say("updateMeasures")), u.Groups, 2)
	}
	list := w.page.facts.Updates
	if len(list) == 0 {
		return
	}
	if w.page.Kind != address.Updates {
		w.heading(2, escaped(w.say("menu-updates")))
	}
	var items []string
	for _, u := range list {
		item := u.Date[:len("2006-01-02")] + " " + w.link(escaped(u.Title.in(w.l.Lang)), u.Href)
		if u.Summary != "" {
			item += w.say("colon") + escaped(u.Summary)
		}
		items = append(items, item)
	}
	w.list(items)
}

// source ends a twin with what document it is about and where the page is.
func (w *markdownWriter) source() {
	doc, l := w.page.facts.Site.Document, w.l.Lang
	name, _ := w.l.in.Plan.Title.Or(l)
	if issuer := doc.Issuer.in(l); issuer != "" {
		name = issuer + w.say("listComma") + name
	}
	for _, s := range []string{doc.Number.in(l), doc.Published} {
		if s != "" {
			name += w.say("listComma") + s
		}
	}
	w.block("---")
	w.block(escaped(name+w.say("fullStop")+w.say("sourceNote")), " ", w.permalink(w.page.Path))
}

// marks are the characters that mean something to CommonMark anywhere in a line.
var marks = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "&", `\&`, "~", `\~`, "|", `\|`, "\n", " ")

// escaped is plain text as Markdown.
func escaped(s string) string {
	s = marks.Replace(s)
	if s == "" {
		return s
	}
	// What means something at the beginning of a line alone: headings, lists, numbers.
	if strings.IndexByte("#+-=", s[0]) >= 0 {
		return `\` + s
	}
	if n := strings.TrimLeft(s, "0123456789"); n != s && n != "" && (n[0] == '.' || n[0] == ')') {
		return s[:len(s)-len(n)] + `\` + n
	}
	return s
}

// inline is a sentence's HTML as Markdown.
func inline(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return escaped(s)
	}
	pairs := map[string]string{"strong": "**", "em": "*", "code": "`"}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if text := string(z.Text()); b.Len() == 0 {
				b.WriteString(escaped(html.UnescapeString(text)))
			} else {
				b.WriteString(marks.Replace(html.UnescapeString(text)))
			}
		case html.StartTagToken, html.EndTagToken:
			name, _ := z.TagName()
			b.WriteString(pairs[string(name)])
		}
	}
}
