package check

import (
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var naming = Check{
	ID: "names",
	Doc: plan.Text{
		ZH: "中文写到的地方、机构和文件，英文都用术语表或地方页面里的名称写出",
		EN: "every place, body and document that the Chinese names stands in the English, by the name that the termbase or the place's hub gives",
	},
	Severity: diag.Error,
	Run:      sentences(judgeNames),
}

func judgeNames(_ Input, r *reading, report Report) {
	for _, e := range r.entries() {
		if e.isName() && !r.found[e] && len(r.forbidden(e)) == 0 {
			report(r.enPos, r.about(diag.Text("英文没有写出%[1]s（%[2]s）", "the English does not name %[2]s (%[1]s)", e.zh, e.forms[0].text)),
				diag.Text("在英文里写上 %[2]s；这个名称不对时改 %[1]s。", "Name it: %[2]s. If that name is wrong, mend it in %[1]s.", e.home(), e.forms[0].text))
		}
	}
}

var terms = Check{
	ID: "terms",
	Doc: plan.Text{
		ZH: "中文里的术语在英文里用术语表的译法（词形可变），不用它禁止的译法",
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
				diag.Text("改为 %s。", "Write %s.", e.forms[0].text))
		}
		if !e.isName() && !r.found[e] && len(wrong) == 0 {
			report(r.enPos, r.about(diag.Text("“%[1]s”没有译作“%[2]s”", "the English does not have “%[2]s” for %[1]s", e.zh, strings.Trim(e.forms[0].text, "“”"))),
				diag.Text("用术语表的译法，引号也照写；译法本身要改时，改 %s。", "Use the termbase's words, with its quotation marks; if they are what is wrong, mend %s.", e.home()))
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
