package check

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var naming = Check{
	ID: "names",
	Doc: plan.Text{
		ZH: "中文提到的地方、机构和文件，英文都用术语表或地方页面的译名写出，次数不少，也不多出别的地方",
		EN: "every place, body and document that the Chinese names stands in the English, as often, by the name that the termbase or the place's hub gives, and no other place does",
	},
	Severity: diag.Error,
	Run:      sentences(judgeNames),
}

func judgeNames(in Input, r *reading, report Report) {
	misspelt := map[*entry]bool{}
	for _, m := range r.misspellings() {
		misspelt[m.of] = true
		report(in.files().locate(r.enPos, r.text.EN, m.start),
			r.about(diag.Text("“%[3]s”不是%[1]s（%[2]s）", "“%[3]s” is not %[2]s (%[1]s)", m.of.zh, m.of.forms[0].text, m.text)),
			diag.Text("请改为 %[1]s；如指其他地方，请与中文核对。", "Write %[1]s; if another place is meant, compare it with the Chinese.", m.of.forms[0].text))
	}
	exchanged := false
	for _, s := range r.strangers() {
		exchanged = true
		report(in.files().locate(r.enPos, r.text.EN, s.start),
			r.about(diag.Text("英文提到%[1]s（%[2]s），中文没有提到", "the English names %[2]s (%[1]s), and the Chinese does not", s.Name.ZH, s.Name.EN)),
			diag.Text("请与中文核对地名。", "Compare the names of places with the Chinese."))
	}
	zh, en := r.mentions()
	for _, e := range r.entries() {
		exchanged = exchanged || e.isName() && en[e.key()] > zh[e.key()] && zh[e.key()] > 0
	}
	for _, e := range r.entries() {
		if !e.isName() || len(r.forbidden(e)) > 0 || misspelt[e] {
			continue
		}
		n, m := zh[e.key()], en[e.key()]
		switch {
		case !r.found[e]:
			report(r.enPos, r.about(diag.Text("英文没有提到%[1]s（%[2]s）", "the English does not name %[2]s (%[1]s)", e.zh, e.forms[0].text)),
				diag.Text("请在英文中写出 %[2]s；译名若有误，请修改 %[1]s。", "Name it: %[2]s. If that name is wrong, correct it in %[1]s.", e.home(), e.forms[0].text))
		case m < n && m > 0 && (exchanged || len(anaphora.FindAllStringIndex(r.text.EN, n-m)) < n-m):
			report(r.enPos, r.about(diag.Text("中文 %[3]d 次提到%[1]s（%[2]s），英文只有 %[4]d 次", "the Chinese names %[2]s (%[1]s) %[3]d times, the English %[4]d", e.zh, e.forms[0].text, n, m)),
				diag.Text("请逐处核对；不致误解时可用 it、the county 等代称。", "Compare each mention; where it is clear, “it” or “the county” will do."))
			zh[e.key()] = m // told once for all names of a place
		}
	}
}

// anaphora are words that may stand for a name.
var anaphora = regexp.MustCompile(`(?i)\b(?:it|its|they|their|them|both|each|former|latter|there|where|here|(?:the|these|those|this|that|two|all) (?:two |three |four )?(?:city|cities|county|counties|district|districts|area|areas|place|places|province|provinces|region|regions|town|towns|institution|institutions|university|universities))\b`)

// key is what mentions of an entry are counted by: its place, whose names are many.
func (e *entry) key() string {
	if e.place != nil {
		return e.place.ID
	}
	return e.zh
}

// mentions counts the known entries in both texts. What is said of a place
// twice by the same verb (支持龙岩…，支持龙岩…), which stands just before it, counts
// once, because English may join the two.
func (r *reading) mentions() (zh, en map[string]int) {
	zh, en = map[string]int{}, map[string]int{}
	said := map[string]bool{}
	for _, m := range r.known {
		before := r.text.ZH[max(0, m.start-4*len("支")):m.start]
		if cut := strings.LastIndexAny(before, "，。；、：“”（）"); cut >= 0 {
			_, n := utf8.DecodeRuneInString(before[cut:])
			before = before[cut+n:]
		}
		if before != "" && said[m.key()+before] {
			continue
		}
		said[m.key()+before] = true
		zh[m.key()]++
	}
	for i, e := range r.owner {
		if e != nil && (i == 0 || r.owner[i-1] == nil || r.owner[i-1].key() != e.key()) {
			en[e.key()]++
		}
	}
	return zh, en
}

type misspelling struct {
	word
	of *entry
}

// misspellings are words that are nearly the name of a place of the Chinese and
// are the name of no place: Changding.
func (r *reading) misspellings() (found []misspelling) {
	for i, w := range r.words {
		if r.owner[i] != nil || len(w.text) < 5 || !capital(w.text) || r.beginsSentence(w) || r.lex.english[w.stem] != nil {
			continue
		}
		for _, m := range r.known {
			if m.place == nil && (m.term == nil || m.term.Kind != "place") {
				continue
			}
			near := func(name word) bool {
				return len(name.text) >= 5 && capital(name.text) && nearly(w.text, name.text)
			}
			if slices.ContainsFunc(m.forms[0].words, near) {
				found = append(found, misspelling{w, m.entry})
				break
			}
		}
	}
	return found
}

func capital(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(c)
}

func (r *reading) beginsSentence(w word) bool {
	before := strings.TrimRight(r.text.EN[:w.start], " “‘(")
	return before == "" || strings.HasSuffix(before, ".")
}

// nearly reports whether two different words differ by one letter more, less or
// other, or by two next to each other exchanged.
func nearly(a, b string) bool {
	if a == b || len(a)-len(b) > 1 || len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	switch {
	case len(a) > len(b):
		return a[1:] == b
	case len(a) < len(b):
		return a == b[1:]
	}
	return a[1:] == b[1:] || len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
}

// stranger is a place that the English names and the Chinese does not.
type stranger struct {
	*plan.Place
	start int
}

// strangers finds them. The city of a county that the Chinese names may be added.
func (r *reading) strangers() (found []stranger) {
	for i, w := range r.words {
		if r.owner[i] != nil {
			continue
		}
		for _, pl := range r.lex.english[w.stem] {
			if !pl.name.at(r.words[i:]) {
				continue
			}
			if !r.speaksOf(pl.Place) {
				found = append(found, stranger{pl.Place, w.start})
			}
			break
		}
	}
	return found
}

// speaksOf reports whether the Chinese names the place or a place in it, be it
// inside another name or by an abbreviation.
func (r *reading) speaksOf(pl *plan.Place) bool {
	if strings.Contains(r.text.ZH, pl.Name.ZH) || firstOf(pl.Abbreviations, r.text.ZH) != "" {
		return true
	}
	return slices.ContainsFunc(r.known, func(m match) bool {
		return m.place == pl || m.place != nil && m.place.Parent == pl.ID || slices.Contains(m.inside, pl)
	})
}

var terms = Check{
	ID: "terms",
	Doc: plan.Text{
		ZH: "中文的术语在英文中用术语表的译法（词形可变），不用术语表禁用的译法",
		EN: "a term of the Chinese has the termbase's English (in any inflection) and none of the renderings that it forbids",
	},
	Severity: diag.Error,
	Run:      sentences(judgeTerms),
}

func judgeTerms(in Input, r *reading, report Report) {
	for _, e := range r.entries() {
		wrong := r.forbidden(e)
		for _, w := range wrong {
			report(in.files().locate(r.enPos, r.text.EN, w.start),
				r.about(diag.Text("“%[2]s”不能用作“%[1]s”的译法", "“%[2]s” must not be used for %[1]s", e.zh, w.text)),
				diag.Text("请改为 %s。", "Write %s.", e.forms[0].text))
		}
		if !e.isName() && !r.found[e] && len(wrong) == 0 {
			report(r.enPos, r.about(diag.Text("“%[1]s”应译为“%[2]s”", "the English does not have “%[2]s” for %[1]s", e.zh, strings.Trim(e.forms[0].text, "“”"))),
				diag.Text("请用术语表的译法（引号照录）；译法若需调整，请修改 %s。", "Use the termbase's wording, quotation marks included; if that wording is wrong, correct it in %s.", e.home()))
		}
	}
}

// home is the file that says how the entry is called in English.
func (e *entry) home() string {
	if e.term == nil {
		return contentDir + "/places/" + e.place.ID + "/_index.en.md"
	}
	return contentDir + "/termbase.csv"
}

// forbidden finds the renderings in the English that the term forbids. One
// that is part of what another term demands is right where it stands.
func (r *reading) forbidden(e *entry) []word {
	var found []word
	for _, p := range e.never {
		for i := range r.words {
			if !p.anyCase(r.words[i:]) {
				continue
			}
			first, last := r.words[i], r.words[i+len(p.words)-1]
			if o := r.owner[i]; o != nil && o != e && r.owner[i+len(p.words)-1] == o {
				continue
			}
			if spellingOnly(p, e) && !strings.EqualFold(r.text.EN[first.start:last.end], p.text) {
				continue
			}
			found = append(found, word{text: r.text.EN[first.start:last.end], start: first.start, end: last.end})
		}
	}
	return found
}

// spellingOnly reports whether a forbidden rendering has the words of the
// preferred one, and differs by a hyphen or an ending only: then just the
// exact spelling is wrong.
func spellingOnly(p phrase, e *entry) bool {
	for _, f := range e.forms {
		for i := range f.words {
			if p.anyCase(f.words[i:]) {
				return true
			}
		}
	}
	return false
}
