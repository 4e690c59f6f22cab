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
		wanted := v.en[:min(len(v.en), 6)]
		zh, en := strings.Join(wanted, "、"), strings.Join(wanted, ", ")
		report(r.enPos, r.about(diag.Text("“%[1]s”在英文中没有对应的词（如 %[2]s）", "the English has no “%[2]s” or the like for %[1]s", v.zh, v.en[0])),
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

// commitment is a Chinese word that says how far a measure goes, with the
// English that goes as far. The first is what the project prefers.
type commitment struct {
	zh string
	en []string // one of these, in any inflection; none means that zh is not such a word
}

// commitments is the table of strength from Chinese to English. Where two begin
// alike the longer one counts, so words that merely contain one stand here
// without English. Verbs that promise nothing by themselves are not here: 开展合作
// is cooperate, 建设 whatever the object wants.
var commitments = []commitment{
	// What the plan promises to others.
	{"支持", []string{"support", "supportive"}},
	{"研究支持", []string{"study … support", "support … studied", "consider … support", "look into … support", "examine … support"}},
	{"鼓励", []string{"encourage", "encouragement"}},
	{"引导", []string{"guide", "guidance", "steer", "channel", "direct"}},
	{"指导", []string{"guidance", "guide", "advise"}},
	{"为指导", []string{"guide", "guidance", "guided by"}},
	{"探索", []string{"explore", "exploration", "exploratory", "try out", "experiment with"}},
	{"研究", []string{"study", "research", "look into", "examine", "consider", "feasibility"}},
	{"推动", []string{"promote", "promotion", "drive", "push for", "push forward", "push ahead", "advance", "spur", "propel", "press ahead", "press forward", "move forward", "give impetus"}},
	{"推进", advancing}, {"加快推进", accelerating}, {"加快", accelerating}, {"加速", accelerating},

	// What it makes.
	{"打造", slices.Concat([]string{"build", "develop", "create"}, making)},
	{"创建", slices.Concat([]string{"create", "become", "work to become", "bid to become", "seek", "apply"}, making,
		[]string{"bid", "strive", "aim", "win", "earn", "status", "designation", "recognition"})},
	{"设立", slices.Concat([]string{"set up", "establish"}, making, []string{"open", "locate", "launch", "institute"})},
	{"建立", slices.Concat([]string{"establish", "set up", "put in place"}, making, []string{"institute"})},
	{"培育", []string{"cultivate", "cultivation", "foster", "nurture", "develop", "development", "grow", "incubate", "build"}},

	// What it makes better.
	{"完善", improving}, {"健全", slices.Concat(improving, []string{"put in place", "establish", "sound"})},
	{"提升", slices.Concat([]string{"enhance", "enhancement", "raise", "upgrade"}, improving)},
	{"强化", slices.Concat([]string{"strengthen", "reinforce"}, strengthening)},
	{"加强", slices.Concat([]string{"step up", "strengthen"}, strengthening)},
	{"加大", slices.Concat([]string{"increase", "step up"}, strengthening)},
	{"深化", []string{"deepen", "further", "in depth", "intensify", "press ahead", "push forward", "advance"}},
	{"促进", []string{"foster", "promote", "promotion", "boost", "spur", "facilitate", "stimulate", "drive", "advance", "further", "contribute to"}},
	{"坚持", []string{"uphold", "adhere", "stick", "keep", "follow", "persist", "persevere", "remain", "maintain", "commit", "commitment", "stay", "hold to", "act on", "continue"}},
	{"推广", []string{"disseminate", "dissemination", "popularize", "popularization", "promotion", "promote", "spread", "extend", "apply", "roll out", "replicate", "share", "publicize", "scale up", "wide", "widely", "wider"}},
	{"实施", []string{"implement", "implementation", "carry out", "execute", "execution", "undertake", "conduct", "launch", "deliver", "put into practice", "put into effect", "enforce", "apply", "pursue", "roll out", "run"}},
	{"试行", []string{"trial", "pilot", "tentative", "tentatively", "try out", "test"}},

	// How binding it is.
	{"要", []string{"should", "are to", "is to", "need to"}},
	{"应当", []string{"should", "shall"}},
	{"必须", []string{"must", "have to", "has to", "required to", "shall"}},
	{"可", allowing}, {"可以", allowing},
	{"确保", []string{"ensure", "guarantee", "make sure", "secure", "see to it"}},
	{"力争", striving}, {"争取", striving}, {"力求", striving},
	{"原则上", []string{"in principle", "as a rule"}},
	{"优先", []string{"priority", "prioritize", "preference", "preferential", "first"}},

	// How soon and on what condition.
	{"逐步", []string{"gradually", "gradual", "step by step", "progressively", "progressive", "in phases", "phase", "in stages", "stage", "incrementally", "over time", "steadily"}},
	{"稳步", []string{"steadily", "steady"}},
	{"有序", []string{"orderly", "in order", "order"}},
	{"适时", []string{"appropriate times", "appropriate time", "when appropriate", "as appropriate", "due course", "due time", "right time", "timely", "appropriately timed"}},
	{"尽快", []string{"as soon as possible", "soon", "promptly", "quickly", "without delay"}},
	{"按规定", []string{"in accordance with", "according to", "under", "as regulations", "as required", "as prescribed", "regulations", "rules"}},
	{"按程序", []string{"procedures", "procedural", "due process", "process"}},
	{"有条件的", []string{"conditions", "where possible", "eligible", "qualified", "in a position", "able to"}},

	// Words in which these characters are something else.
	{zh: "科研"}, {zh: "研究院"}, {zh: "研究所"}, {zh: "研究中心"}, {zh: "研究总院"}, {zh: "研究生"}, {zh: "研究机构"}, {zh: "研究基地"},
	{zh: "指导思想"}, {zh: "支持性"}, {zh: "支持力度"},
	{zh: "主要"}, {zh: "重要"}, {zh: "需要"}, {zh: "要求"}, {zh: "必要"}, {zh: "要素"}, {zh: "纲要"}, {zh: "要点"}, {zh: "摘要"}, {zh: "概要"}, {zh: "只要"},
	{zh: "要件"}, {zh: "要闻"}, {zh: "要领"}, {zh: "要道"}, {zh: "要害"}, {zh: "首要"}, {zh: "简要"}, {zh: "紧要"}, {zh: "扼要"},
	{zh: "可推广"}, {zh: "可复制"}, {zh: "可持续"}, {zh: "可支配"}, {zh: "可行"}, {zh: "可靠"}, {zh: "可再生"}, {zh: "可能"}, {zh: "可见"}, {zh: "可及"}, {zh: "可视"},
	{zh: "可控"}, {zh: "可追溯"}, {zh: "可操作"}, {zh: "可信"}, {zh: "可降解"}, {zh: "可穿戴"}, {zh: "可燃"}, {zh: "可量化"}, {zh: "可比"}, {zh: "可观"}, {zh: "可喜"},
	{zh: "许可"}, {zh: "认可"}, {zh: "不可"}, {zh: "争取到"}, {zh: "有序性"}, {zh: "程序"},
}

// Groups of English words that promise the same.
var (
	accelerating  = []string{"accelerate", "acceleration", "speed up", "expedite", "quicken", "faster", "hasten", "pick up the pace", "step up the pace", "pick up pace", "fast track"}
	advancing     = []string{"advance", "advancement", "push forward", "push ahead", "press ahead", "press forward", "move forward", "move ahead", "carry forward", "take forward", "drive forward", "push on", "make headway", "forge ahead"}
	making        = []string{"build", "built", "building up", "develop", "development", "create", "creation", "make", "turn … into", "establish", "establishment", "form", "forge", "foster", "shape", "set up", "found", "cultivate"}
	improving     = []string{"improve", "improvement", "refine", "refinement", "perfect", "enhance", "upgrade", "optimize", "strengthen", "better", "complete", "round out", "develop", "raise", "boost", "lift", "elevate", "increase", "higher"}
	strengthening = []string{"strengthen", "step up", "enhance", "intensify", "reinforce", "boost", "bolster", "increase", "scale up", "ramp up", "tighten", "expand", "greater", "closer", "more", "stronger", "improve", "redouble", "consolidate", "heighten", "raise"}
	striving      = []string{"strive", "endeavor", "work to", "work hard", "every effort", "aim", "seek", "do … utmost", "make efforts", "effort"}
	allowing      = []string{"may", "can", "could", "might", "able to", "allow", "permit", "free to", "possible", "option"}
)

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
	chinese    map[rune][]*commitment  // longest first
	renderings map[string][]*rendering // by the stem of their first word
	claims     map[string][]*rendering
}

var strengthWords = newStrengthIndex()

func newStrengthIndex() *strengthIndex {
	x := &strengthIndex{map[rune][]*commitment{}, map[string][]*rendering{}, map[string][]*rendering{}}
	known := map[string]bool{}
	for i := range commitments {
		v := &commitments[i]
		r, _ := utf8.DecodeRuneInString(v.zh)
		x.chinese[r] = append(x.chinese[r], v)
		for _, en := range v.en {
			if !known[en] {
				known[en] = true
				w := newRendering(en, nil)
				first := w.parts[0].words[0].stem
				x.renderings[first] = append(x.renderings[first], w)
			}
		}
	}
	for _, list := range x.chinese {
		slices.SortStableFunc(list, func(a, b *commitment) int { return len(b.zh) - len(a.zh) })
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
	missing []*commitment // Chinese without its English
	extra   []overclaim   // English without its Chinese
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
		c, n := utf8.DecodeRuneInString(s[i:])
		for _, v := range strengthWords.chinese[c] {
			if !strings.HasPrefix(s[i:], v.zh) {
				continue
			}
			n = len(v.zh)
			has := func(en string) bool { return english[en] }
			if len(v.en) > 0 && !r.insideTerm(i) && !slices.Contains(said.missing, v) && !slices.ContainsFunc(v.en, has) {
				said.missing = append(said.missing, v)
			}
			break
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
