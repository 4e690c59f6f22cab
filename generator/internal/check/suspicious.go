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
		ZH: "措施写到的地方都有标签，有标签的地方都写到；第一个主题是本章的主题；句子明显属于的其他主题没有漏掉",
		EN: "the places that a measure names are tagged and no others; its first topic is its chapter's; a further topic that its words call for is there",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		p := in.Tree.Plan
		topics := map[string]bool{}
		for _, t := range p.Topics {
			topics[t.ID] = true
		}
		lex := newLexicon(p)
		english := map[string]phrase{}
		for _, pl := range p.Places {
			english[pl.ID] = newPhrase(pl.Name.EN)
		}
		above := headingsOf(p, topics)
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
					report(pos, diag.Text("%s 写到了 %s，却没有标签", "%s names %s but is not tagged with it", u.ID, id),
						diag.Text(`这条措施与它有关吗？有关就在 places="…" 里加上 %s。`, `Is the measure about it? Then add %s to places="…".`, id))
				}
			}
			for _, id := range u.Places {
				// 昌福（厦）高铁 names Xiamen to whoever can read it, as the English shows.
				if name, known := english[id]; known && !slices.Contains(may, id) && !name.in(wordsOf(u.Text.EN)) {
					report(pos, diag.Text("%s 有标签 %s，句子里却没有写到", "%s is tagged with %s but does not name it", u.ID, id),
						diag.Text(`这条措施与它有关吗？无关就从 places="…" 里删去 %s。`, `Is the measure about it? If not, take %s out of places="…".`, id))
				}
			}
			if want := above[u.ID].topic; want != "" && len(u.Topics) > 0 && u.Topics[0] != want {
				report(pos, diag.Text("%s 的第一个主题是 %s，而这一章的主题是 %s", "the first topic of %s is %s, but its chapter's is %s", u.ID, u.Topics[0], want),
					diag.Text(`topics="…" 里先写 %s。`, `Write %s first in topics="…".`, want))
			}
			for _, hint := range topicWords {
				if word := hint.words.FindString(u.Text.ZH); word != "" && topics[hint.topic] && len(u.Topics) > 0 && !slices.Contains(u.Topics, hint.topic) {
					report(pos, diag.Text("%[1]s 写到“%[2]s”，却没有主题 %[3]s", "%[1]s speaks of %[2]s but does not have the topic %[3]s", u.ID, word, hint.topic),
						diag.Text(`关心 %s 的读者会想看到这条吗？会就加上。`, `Would a reader of %s miss this measure? Then add the topic.`, hint.topic))
				}
			}
		}
	},
}

// chapterTopics tells the topic of a chapter by a word of its heading. The word
// rather than the number: another edition may number its chapters differently.
var chapterTopics = []struct{ word, topic string }{
	{"生态文明", "ecology"},
	{"创新驱动", "innovation-industry"},
	{"城乡", "urban-rural"},
	{"开放", "opening-up"},
	{"民生", "livelihood"},
	{"红色", "red-heritage"},
	{"保障措施", "governance-support"},
}

// sectionTopics are the sections that have a topic of their own.
var sectionTopics = []struct{ word, topic string }{
	{"交通", "transport"},
}

// topicWords are words that a reader of a topic looks for.
var topicWords = []struct {
	words *regexp.Regexp
	topic string
}{
	{regexp.MustCompile(`饮用水|危房|老旧小区|住房安全|公共体育设施`), "livelihood"},
	{regexp.MustCompile(`林下经济|森林康养|生态资产|能源利用效率`), "ecology"},
	{regexp.MustCompile(`红色旅游|客家土楼|传统村落|饮食文化`), "red-heritage"},
	{regexp.MustCompile(`中欧班列|联运|机场|高速公路`), "transport"},
	{regexp.MustCompile(`智能制造`), "innovation-industry"},
}

// heading is what the headings above a measure say.
type heading struct {
	title string // of its chapter and section, in Chinese
	topic string // that they announce, "" if none
}

// headingsOf gives every unit its headings.
func headingsOf(p *plan.Plan, known map[string]bool) map[plan.ID]heading {
	announced := func(table []struct{ word, topic string }, title string) string {
		for _, t := range table {
			if known[t.topic] && strings.Contains(title, t.word) {
				return t.topic
			}
		}
		return ""
	}
	of := map[plan.ID]heading{}
	for _, c := range p.Chapters {
		chapter := heading{c.Title.ZH, announced(chapterTopics, c.Title.ZH)}
		for _, u := range c.Units {
			of[u.ID] = chapter
		}
		for _, s := range c.Sections {
			section := heading{c.Title.ZH + "\n" + s.Title.ZH, cmp.Or(announced(sectionTopics, s.Title.ZH), chapter.topic)}
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
