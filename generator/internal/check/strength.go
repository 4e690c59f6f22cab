package check

import (
	"slices"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// strength is a warning: a sentence may carry a verb in a noun or leave it to
// another verb, and then a person has the last word.
var strength = Check{
	ID: "strength",
	Doc: plan.Text{
		ZH: "表示力度的动词（支持、推动、推进、鼓励、探索、研究……）在英文里各有其词，不加强也不减弱",
		EN: "verbs of commitment (支持 support, 推动 promote, 推进 advance, 鼓励 encourage, 探索 explore, 研究 study, …) keep their own English, neither stronger nor weaker",
	},
	Severity: diag.Warning,
	Run:      sentences(judgeStrength),
}

func judgeStrength(in Input, r *reading, report Report) {
	said := verbsOf(r)
	for _, v := range said.missing {
		zh, en := strings.Join(v.en, "、"), strings.Join(v.en, ", ")
		report(r.enPos, r.about(diag.Text("“%[1]s”在英文里没有对应的 %[2]s", "the English has no “%[2]s” for %[1]s", v.zh, v.en[0])),
			diag.Text("用 %[1]s，使力度与中文相同。", "Use %[2]s, so that the commitment is as strong as in Chinese.", zh, en))
	}
	for _, w := range said.extra {
		report(in.files().locate(r.enPos, r.text.EN, w.start),
			r.about(diag.Text("英文有“%[1]s”，中文没有“%[2]s”", "the English has “%[1]s”, but the Chinese has no %[2]s", w.text, verbWords.means(w))),
			diag.Text("用与中文动词相当的词。", "Use the word that the Chinese verb has."))
	}
}

// verb is a Chinese verb of commitment with the English that is kept for it.
type verb struct {
	zh string
	en []string // one of these, in any inflection; none means that zh is not such a verb
	// also is other Chinese that asks for the same English, which is then no
	// sign of a changed commitment.
	also []string
	// with is what the verb leaves unsaid after another verb: 探索…开展 is “explore”.
	with string
}

// verbs is the table of strength. Where two begin alike the longer one counts,
// so words that merely contain a verb stand here without English.
var verbs = []verb{
	{zh: "支持", en: []string{"support", "supportive"}, also: []string{"保障", "扶持", "补助", "配套"}},
	{zh: "研究支持", en: []string{"study supporting", "support is to be studied"}}, // not decided yet: weaker than support
	{zh: "推动", en: []string{"promote", "promotion"}, also: []string{"推广", "促进"}},
	{zh: "推进", en: []string{"advance", "advancement"}, also: []string{"先进", "进展", "精神文明"}},
	{zh: "加快推进", en: []string{"accelerate", "acceleration"}},
	{zh: "加快", en: []string{"accelerate", "acceleration"}},
	{zh: "鼓励", en: []string{"encourage", "encouragement"}},
	{zh: "引导", en: []string{"guide"}, also: []string{"精神", "思想", "导向"}}, // guiding principles
	{zh: "指导", en: []string{"guidance"}},                                // a noun, so that it stays apart from 引导
	{zh: "为指导", en: []string{"guide"}},
	{zh: "探索", en: []string{"explore", "exploration"}, also: []string{"勘查", "勘探"}},
	{zh: "研究", en: []string{"study", "research"}, also: []string{"科研", "研发", "研制", "专业", "学习"}},
	{zh: "开展", en: []string{"carry out"}, with: "探索"},
	{zh: "打造", en: []string{"build up"}},
	{zh: "创建", en: []string{"create", "creation"}, also: []string{"创作", "创造", "营造"}},
	{zh: "设立", en: []string{"set up"}},
	{zh: "建立", en: []string{"establish", "establishment"}, also: []string{"成立"}},
	{zh: "完善", en: []string{"improve", "improvement"}, also: []string{"改善", "改进", "提高"}},
	{zh: "健全", en: []string{"refine", "refinement"}},
	{zh: "强化", en: []string{"strengthen"}},
	{zh: "加强", en: []string{"step up"}},
	{zh: "加大", en: []string{"increase"}, also: []string{"增加", "增长", "提高"}},
	{zh: "深化", en: []string{"deepen"}},
	{zh: "促进", en: []string{"foster"}},
	{zh: "培育", en: []string{"cultivate", "cultivation"}},
	{zh: "坚持", en: []string{"uphold"}},
	{zh: "提升", en: []string{"enhance", "enhancement", "raise", "upgrade"}, also: []string{"提高", "增强", "增进", "升级", "筹"}},
	{zh: "推广", en: []string{"disseminate", "dissemination", "popularize", "popularization", "promotion"}},
	{zh: "实施", en: []string{"implement", "implementation"}, also: []string{"落实", "贯彻", "执行", "试行"}},
	{zh: "要", en: []string{"should"}, also: []string{"应"}},
	{zh: "应当", en: []string{"should", "shall"}},
	{zh: "必须", en: []string{"must"}, also: []string{"须", "务必", "不得"}},

	// Words in which the characters of a verb are something else.
	{zh: "科研"}, {zh: "研究院"}, {zh: "研究所"}, {zh: "研究中心"}, {zh: "研究总院"}, {zh: "研究生"}, {zh: "研究机构"},
	{zh: "指导思想"}, {zh: "支持性"}, {zh: "可推广"},
	{zh: "主要"}, {zh: "重要"}, {zh: "需要"}, {zh: "要求"}, {zh: "必要"}, {zh: "要素"}, {zh: "纲要"}, {zh: "要点"}, {zh: "摘要"}, {zh: "概要"}, {zh: "只要"},
}

// verbIndex finds verbs in both languages.
type verbIndex struct {
	byFirst map[rune][]*verb // longest first
	byStem  map[string][]englishVerb
}

// englishVerb is an English verb and all Chinese that may stand behind it.
type englishVerb struct {
	phrase
	zh []string
}

var verbWords = newVerbIndex()

func newVerbIndex() *verbIndex {
	x := &verbIndex{byFirst: map[rune][]*verb{}, byStem: map[string][]englishVerb{}}
	behind := map[string][]string{}
	var order []string
	for i := range verbs {
		v := &verbs[i]
		r, _ := utf8.DecodeRuneInString(v.zh)
		x.byFirst[r] = append(x.byFirst[r], v)
		for _, en := range v.en {
			if behind[en] == nil {
				order = append(order, en)
			}
			behind[en] = append(append(behind[en], v.zh), v.also...)
		}
	}
	for _, list := range x.byFirst {
		slices.SortStableFunc(list, func(a, b *verb) int { return len(b.zh) - len(a.zh) })
	}
	for _, en := range order {
		p := newPhrase(en)
		first := p.words[0].stem
		x.byStem[first] = append(x.byStem[first], englishVerb{p, behind[en]})
	}
	return x
}

// at gives the verb that the words begin with.
func (x *verbIndex) at(words []word) (englishVerb, bool) {
	for _, v := range x.byStem[words[0].stem] {
		if v.anyCase(words) {
			return v, true
		}
	}
	return englishVerb{}, false
}

// means is the Chinese that a found English verb would need.
func (x *verbIndex) means(w word) string {
	v, _ := x.at(wordsOf(w.text))
	return strings.Join(v.zh, "、")
}

type verbsSaid struct {
	missing []*verb // Chinese verbs without their English
	extra   []word  // English verbs without their Chinese
}

// verbsOf compares the verbs of a reading outside of its terms, which have
// their own English.
func verbsOf(r *reading) (said verbsSaid) {
	s := r.text.ZH
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		for _, v := range verbWords.byFirst[c] {
			if !strings.HasPrefix(s[i:], v.zh) {
				continue
			}
			n = len(v.zh)
			clause := s[:i]
			if j := strings.LastIndexAny(clause, "，。；、"); j >= 0 {
				clause = clause[j:]
			}
			free := v.with != "" && strings.Contains(clause, v.with)
			if len(v.en) > 0 && !free && !r.insideTerm(i) && !r.saysVerb(v) && !slices.Contains(said.missing, v) {
				said.missing = append(said.missing, v)
			}
			break
		}
		i += n
	}
	for i := range r.words {
		if r.owner[i] != nil {
			continue
		}
		v, ok := verbWords.at(r.words[i:])
		if !ok || slices.ContainsFunc(v.zh, func(zh string) bool { return strings.Contains(s, zh) }) {
			continue
		}
		last := r.words[i+len(v.words)-1]
		said.extra = append(said.extra, word{text: r.text.EN[r.words[i].start:last.end], start: r.words[i].start})
	}
	return said
}

// saysVerb reports whether the English has the verb.
func (r *reading) saysVerb(v *verb) bool {
	for _, en := range v.en {
		p := newPhrase(en)
		for i := range r.words {
			if p.anyCase(r.words[i:]) {
				return true
			}
		}
	}
	return false
}
