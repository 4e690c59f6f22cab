package check

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// strength is a warning: a sentence may carry a verb in a noun or leave it to
// another verb, and then a person has the last word. What is asked for is how
// much is promised, not a choice of words: a translator may say 打造 as build,
// develop or create, but not 研究 as build.
var strength = Check{
	ID: "strength",
	Doc: plan.Text{
		ZH: "表示力度的词（支持、鼓励、探索、研究、逐步、力争、要、可……）在英文里有力度相当的词，不加强也不减弱",
		EN: "words of commitment (支持 support, 鼓励 encourage, 探索 explore, 研究 study, 逐步 gradually, 力争 strive, 要 should, 可 may, …) have English of the same strength, neither stronger nor weaker",
	},
	Severity: diag.Warning,
	Run:      sentences(judgeStrength),
}

func judgeStrength(in Input, r *reading, report Report) {
	said := commitmentsOf(r)
	for _, v := range said.missing {
		wanted := v.EN[:min(len(v.EN), 6)]
		zh, en := strings.Join(wanted, "、"), strings.Join(wanted, ", ")
		report(r.enPos, r.about(diag.Text("“%[1]s”在英文中没有对应的词（如 %[2]s）", "the English has no “%[2]s” or the like for %[1]s", v.ZH, v.EN[0])),
			diag.Text("请改用力度与中文相当的词，如 %[1]s。", "Use a word that promises as much as the Chinese does: %[2]s.", zh, en))
	}
	if zh, en := r.supports(); en > 0 && en < zh && len(governed.FindAllStringIndex(r.text.EN, -1)) < zh {
		report(r.enPos, r.about(diag.Text("中文有 %[1]d 处“支持”，英文只有 %[2]d 处", "the Chinese has 支持 %[1]d times, the English “support” %[2]d", zh, en)),
			diag.Text("请逐处核对；“支持建设”不是“建设”。", "Compare each: 支持建设 is to support the building, not to build."))
	}
	for _, w := range said.extra {
		report(in.files().locate(r.enPos, r.text.EN, w.start),
			r.about(diag.Text("英文有“%[1]s”，中文没有“%[2]s”", "the English has “%[1]s”, but the Chinese has no %[2]s", w.text, strings.Join(w.zh, "、"))),
			diag.Text("英文的力度应与中文相同，请改用与中文相当的词。", "The English should promise as much as the Chinese: use the word for what the Chinese says."))
	}
}

// claim is English that promises something, with the Chinese of which one must
// stand behind it.
type claim struct {
	en, zh []string
}

// claims is the table of strength from English to Chinese: what must not be
// added. Words that merely describe (build, improve) are free.
var claims = []claim{
	{[]string{"support", "supportive"}, []string{"支持", "保障", "扶持", "补助", "配套", "帮扶", "援", "支撑", "资助"}},
	{[]string{"encourage", "encouragement"}, []string{"鼓励", "激励", "引导"}},
	{[]string{"guide"}, []string{"引导", "指导", "精神", "思想", "导向"}}, // guiding principles
	{[]string{"guidance"}, []string{"指导", "引导"}},
	{[]string{"explore", "exploration"}, []string{"探索", "勘查", "勘探"}},
	{[]string{"study", "research", "consider"}, []string{"研究", "科研", "研发", "研制", "专业", "学习", "考察", "论证", "考虑", "调研"}},
	{[]string{"promote"}, []string{"推动", "推广", "促进", "推进", "弘扬", "宣传", "推介", "提升"}},
	{[]string{"advance"}, []string{"推进", "推动", "先进", "进展", "精神文明", "促进", "深化", "进步", "提前"}},
	{[]string{"accelerate", "acceleration", "speed up", "expedite"}, []string{"加快", "加速", "提速", "尽快", "迅速"}},
	{[]string{"implement", "implementation"}, []string{"实施", "落实", "贯彻", "执行", "试行", "推行"}},
	{[]string{"ensure", "guarantee", "make sure"}, []string{"确保", "保证", "保障", "保供", "保护", "始终", "保持", "维护"}},
	{[]string{"require", "oblige", "compel", "mandate", "mandatory", "demand that"}, []string{"要求", "必须", "须", "务必", "应当", "强制", "需"}},
	{[]string{"should", "ought to"}, []string{"要", "应"}},
	{[]string{"must", "have to", "has to"}, []string{"必须", "须", "务必", "不得", "一律"}},
	{[]string{"shall"}, []string{"应当", "应", "必须", "须", "不得"}},
	{[]string{"may", "might", "could"}, []string{"可", "或", "能"}},
	{[]string{"allow", "permit"}, []string{"可", "准", "允许", "让", "有条件", "许"}},
	{[]string{"strive", "endeavor", "try to", "hope", "attempt to"}, []string{"力争", "争取", "力求", "努力", "奋斗", "奋力", "创建", "希望", "尽力"}},
	{[]string{"gradually", "step by step", "eventually"}, []string{"逐步", "逐渐", "渐", "稳步", "分步", "最终"}},
	{[]string{"has become", "have become", "has been built", "have been built", "has been completed", "have been completed", "has been established", "have been established"}, []string{"已", "了", "建成", "成为", "以来"}},
}

// rendering is English that is looked for. Its parts follow each other with up
// to maxGap words between them: turn … into.
type rendering struct {
	text  string
	parts []phrase
	zh    []string // of a claim
}

const maxGap = 6

func newRendering(text string, zh []string) *rendering {
	return &rendering{text, phrases(strings.Split(text, "…")), zh}
}

// at reports how many of the words the rendering takes, 0 if they do not begin
// with it.
func (x *rendering) at(words []word) int {
	n := 0
	for i, p := range x.parts {
		gap := 0
		for !p.anyCase(words[n:]) {
			if i == 0 || gap == maxGap || n == len(words) {
				return 0
			}
			gap++
			n++
		}
		n += len(p.words)
	}
	return n
}

// strengthIndex finds the words of both tables.
type strengthIndex struct {
	renderings map[string][]*rendering // by the stem of their first word
	claims     map[string][]*rendering
}

var strengthWords = newStrengthIndex()

func newStrengthIndex() *strengthIndex {
	x := &strengthIndex{map[string][]*rendering{}, map[string][]*rendering{}}
	known := map[string]bool{}
	for _, v := range plan.Commitments {
		for _, en := range v.EN {
			if !known[en] {
				known[en] = true
				w := newRendering(en, nil)
				first := w.parts[0].words[0].stem
				x.renderings[first] = append(x.renderings[first], w)
			}
		}
	}
	for _, c := range claims {
		for _, en := range c.en {
			w := newRendering(en, c.zh)
			first := w.parts[0].words[0].stem
			x.claims[first] = append(x.claims[first], w)
		}
	}
	return x
}

// overclaim is English of a [claim] without its Chinese.
type overclaim struct {
	word
	zh []string
}

type committed struct {
	missing []*plan.Commitment // Chinese without its English
	extra   []overclaim        // English without its Chinese
}

// commitmentsOf compares the words of commitment of a reading outside of its
// terms, which have their own English.
func commitmentsOf(r *reading) (said committed) {
	english := map[string]bool{}
	for i := range r.words {
		for _, x := range strengthWords.renderings[r.words[i].stem] {
			if r.owner[i] == nil && x.at(r.words[i:]) > 0 && !isMonth(r.words[i]) {
				english[x.text] = true
			}
		}
	}
	s := r.text.ZH
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		if v := plan.CommitmentAt(s[i:]); v != nil {
			n = len(v.ZH)
			has := func(en string) bool { return english[en] }
			if len(v.EN) > 0 && !r.insideTerm(i) && !slices.Contains(said.missing, v) && !slices.ContainsFunc(v.EN, has) {
				said.missing = append(said.missing, v)
			}
		}
		i += n
	}
	for i := range r.words {
		if r.owner[i] != nil || isMonth(r.words[i]) {
			continue
		}
		for _, x := range strengthWords.claims[r.words[i].stem] {
			n := x.at(r.words[i:])
			if n == 0 || slices.ContainsFunc(x.zh, func(zh string) bool { return strings.Contains(s, zh) }) {
				continue
			}
			last := r.words[i+n-1]
			said.extra = append(said.extra, overclaim{word{text: r.text.EN[r.words[i].start:last.end], start: r.words[i].start}, x.zh})
			break
		}
	}
	said.extra = append(said.extra, exchanged(r)...)
	return said
}

// supports counts 支持 in both languages, and once where it has the same object
// (支持建设…，支持建设…), which English joins.
func (r *reading) supports() (zh, en int) {
	const support = "支持"
	said := map[string]bool{}
	for i := 0; ; {
		n := strings.Index(r.text.ZH[i:], support)
		if n < 0 {
			break
		}
		start := i + n
		i = start + len(support)
		object := r.text.ZH[i:min(i+len("建设"), len(r.text.ZH))]
		if !r.insideTerm(start) && !said[object] && object != "力度" {
			said[object] = true
			zh++
		}
	}
	for i, w := range r.words {
		if w.stem == "support" && r.owner[i] == nil {
			en++
		}
	}
	return zh, en
}

// governed is what one “support” governs: support A in doing this, and B in doing that.
var governed = regexp.MustCompile(`\bin (?:\w+ly )?\w+ing\b`)

// isMonth tells May from may.
func isMonth(w word) bool { return w.text == "May" }

// promises are the verbs that govern measures, of which one must not stand for
// another, not even where the other stands elsewhere in the sentence.
var promises = []struct{ zh, en string }{
	{"支持", "support"}, {"鼓励", "encourage"}, {"引导", "guide"}, {"探索", "explore"}, {"研究", "study"}, {"加快", "accelerate"},
}

// exchanged finds a promise that the English makes more often than the Chinese
// while it makes another one less often. Repeating or merging alone is style.
func exchanged(r *reading) (found []overclaim) {
	var less bool
	var more []overclaim
	for _, p := range promises {
		said := 0
		for i := 0; ; i += len(p.zh) {
			n := strings.Index(r.text.ZH[i:], p.zh)
			if n < 0 {
				break
			}
			if i += n; !r.insideTerm(i) && !strings.HasPrefix(r.text.ZH[i:], "支持力度") {
				said++
			}
		}
		stem, in, last := stem(p.en), 0, -1
		for i, w := range r.words {
			if w.stem == stem && r.owner[i] == nil {
				in, last = in+1, i
			}
		}
		switch {
		case in < said && in > 0:
			less = true
		case in > said && said > 0:
			more = append(more, overclaim{r.words[last], []string{p.zh}})
		}
	}
	if less {
		return more
	}
	return nil
}
