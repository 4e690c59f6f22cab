package check

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// suspiciousTag asks: tags are a person's judgement.
var suspiciousTag = Check{
	ID: "suspicious-tag",
	Doc: plan.Text{
		ZH: "措施提到的地方都有标签，有标签的地方都提到；第一个主题是本章的主题；句子明显涉及的其他主题没有漏标",
		EN: "the places that a measure names are tagged and no others; its first topic is its chapter's; a further topic that its words call for is there",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		if in.withoutTermbase() {
			return // what is part of a name could not be told from a place
		}
		p := in.Tree.Plan
		lex := newLexicon(p)
		english, abbreviations := map[string]phrase{}, map[string][]string{}
		for _, pl := range p.Places {
			english[pl.ID], abbreviations[pl.ID] = newPhrase(pl.Name.EN), pl.Abbreviations
		}
		above := headingsOf(p)
		for u := range p.Units() {
			if u.Kind != plan.Measure {
				continue
			}
			pos := in.Tree.TagPos(u.ID)
			must, may := placesNamed(lex, u.Text.ZH)
			_, heading := placesNamed(lex, above[u.ID].title) // a section about a place need not repeat it
			may = append(may, heading...)
			for _, id := range must {
				if !slices.Contains(u.Places, id) {
					report(pos, diag.Text("%s 提到 %s，但没有加这个地方标签", "%s names %s but is not tagged with it", u.ID, id),
						diag.Text(`如果这条措施与该地有关，请在 places="…" 中加上 %s。`, `Is the measure about it? Then add %s to places="…".`, id))
				}
			}
			for _, id := range u.Places {
				// 昌福（厦）高铁 names Xiamen to whoever can read it, as the English shows.
				if name, known := english[id]; known && !slices.Contains(may, id) && !name.in(wordsOf(u.Text.EN)) && firstOf(abbreviations[id], u.Text.ZH) == "" {
					report(pos, diag.Text("%s 加了地方标签 %s，句中却没有提到", "%s is tagged with %s but does not name it", u.ID, id),
						diag.Text(`如果这条措施与该地无关，请从 places="…" 中删去 %s。`, `Is the measure about it? If not, take %s out of places="…".`, id))
				}
			}
			if want := above[u.ID].topic; want != "" && len(u.Topics) > 0 && u.Topics[0] != want {
				report(pos, diag.Text("%s 的第一个主题是 %s，而本章的主题是 %s", "the first topic of %s is %s, but its chapter's is %s", u.ID, u.Topics[0], want),
					diag.Text(`请在 topics="…" 中把 %s 写在最前面。`, `Write %s first in topics="…".`, want))
			}
			for _, t := range p.Topics {
				if len(u.Topics) == 0 || slices.Contains(u.Topics, t.ID) {
					continue
				}
				if word := firstOf(t.Words, u.Text.ZH); word != "" {
					report(pos, diag.Text("%[1]s 提到“%[2]s”，但没有主题 %[3]s", "%[1]s speaks of %[2]s but does not have the topic %[3]s", u.ID, word, t.ID),
						diag.Text(`如果关注 %s 的读者需要看到这条措施，请加上这个主题。`, `Would a reader of %s miss this measure? Then add the topic.`, t.ID))
				}
			}
		}
	},
}

// heading is what the headings above a measure say.
type heading struct {
	title string // of its chapter and section, in Chinese
	topic string // that they announce, "" if none
}

// firstOf is the first of the words that s has, "" if there is none.
func firstOf(words []string, s string) string {
	for _, w := range words {
		if w != "" && strings.Contains(s, w) {
			return w
		}
	}
	return ""
}

// headingsOf gives every unit its headings. A section may have a topic of its
// own, as transport has under opening-up.
func headingsOf(p *plan.Plan) map[plan.ID]heading {
	announced := func(title string) string {
		for _, t := range p.Topics {
			if firstOf(t.Headings, title) != "" {
				return t.ID
			}
		}
		return ""
	}
	of := map[plan.ID]heading{}
	for _, c := range p.Chapters {
		chapter := heading{c.Title.ZH, announced(c.Title.ZH)}
		for _, u := range c.Units {
			of[u.ID] = chapter
		}
		for _, s := range c.Sections {
			section := heading{c.Title.ZH + "\n" + s.Title.ZH, cmp.Or(announced(s.Title.ZH), chapter.topic)}
			for _, u := range s.Units {
				of[u.ID] = section
			}
		}
	}
	return of
}

// ownNames are the kinds of terms in which a place is part of a name: a measure
// for 三明学院 is not one about 三明, though it may be.
var ownNames = map[string]bool{"institution": true, "document": true, "spirit": true, "industry": true}

// partOfName is what follows a place in the name of a school, a railway, a dish.
// A word that joins or does something ends the name.
var partOfName = regexp.MustCompile(`^[^，。、；：（）“”《》与和及在的]{0,12}?(大学|学院|学校|中学|小学|研究院|研究所|研究中心|医院|银行|公司|集团|日报|小吃|都市圈|经济圈|城市群|铁路|高铁|线)`)

var doing = regexp.MustCompile(`建设|设立|创建|打造|开展|支持|推动|推进|发展|加快|共建|至`)

// placesNamed tells which places a measure that says s must be tagged with,
// because they stand outside of other names, and with which it may be.
func placesNamed(lex *lexicon, s string) (must, may []string) {
	for _, m := range lex.find(s) {
		named := m.inside
		if m.place != nil {
			named = []*plan.Place{m.place}
		}
		for _, pl := range named {
			may = append(may, pl.ID)
			if !insideName(s, m) && !slices.Contains(must, pl.ID) {
				must = append(must, pl.ID)
			}
		}
	}
	return must, may
}

// insideName reports whether what was found is, or is part of, the name of
// something that is not a place of the zone's measures.
func insideName(s string, m match) bool {
	if m.term != nil && m.place == nil && ownNames[m.term.Kind] {
		return true
	}
	if strings.Count(s[:m.start], "“") > strings.Count(s[:m.start], "”") || strings.Count(s[:m.start], "《") > strings.Count(s[:m.start], "》") {
		return true
	}
	if m.place == nil && partOfName.MatchString(m.zh) {
		return true // 福州都市圈, 龙（岩）龙（川）铁路
	}
	rest := partOfName.FindString(s[m.end:])
	return rest != "" && !doing.MatchString(rest)
}
