package plan

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// What a measure promises is in its verbs. This file has the words of commitment that
// Chinese plans use, each with the English that goes as far: the checks hold a
// translation against it, and readers are told how the words differ.

// Commitment is a Chinese word that says how far a measure goes, with the
// English that goes as far. The first is what the project prefers.
type Commitment struct {
	ZH string
	EN []string // one of these, in any inflection, with up to a few words for …; none means that ZH is not such a word
}

// Commitments is the table of strength from Chinese to English. Where two begin
// alike the longer one counts, so words that merely contain one stand here
// without English. Verbs that promise nothing by themselves are not here: 开展合作
// is cooperate, 建设 whatever the object wants.
var Commitments = []Commitment{
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
	{ZH: "科研"}, {ZH: "研究院"}, {ZH: "研究所"}, {ZH: "研究中心"}, {ZH: "研究总院"}, {ZH: "研究生"}, {ZH: "研究机构"}, {ZH: "研究基地"}, {ZH: "考古研究"},
	{ZH: "指导思想"}, {ZH: "支持性"}, {ZH: "支持力度"},
	{ZH: "主要"}, {ZH: "重要"}, {ZH: "需要"}, {ZH: "要求"}, {ZH: "必要"}, {ZH: "要素"}, {ZH: "纲要"}, {ZH: "要点"}, {ZH: "摘要"}, {ZH: "概要"}, {ZH: "只要"},
	{ZH: "要件"}, {ZH: "要闻"}, {ZH: "要领"}, {ZH: "要道"}, {ZH: "要害"}, {ZH: "首要"}, {ZH: "简要"}, {ZH: "紧要"}, {ZH: "扼要"},
	{ZH: "可推广"}, {ZH: "可复制"}, {ZH: "可持续"}, {ZH: "可支配"}, {ZH: "可行"}, {ZH: "可靠"}, {ZH: "可再生"}, {ZH: "可能"}, {ZH: "可见"}, {ZH: "可及"}, {ZH: "可视"},
	{ZH: "可控"}, {ZH: "可追溯"}, {ZH: "可操作"}, {ZH: "可信"}, {ZH: "可降解"}, {ZH: "可穿戴"}, {ZH: "可燃"}, {ZH: "可量化"}, {ZH: "可比"}, {ZH: "可观"}, {ZH: "可喜"},
	{ZH: "许可"}, {ZH: "认可"}, {ZH: "不可"}, {ZH: "争取到"}, {ZH: "有序性"}, {ZH: "程序"},
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

// Verb is a word of commitment that readers are told about.
type Verb struct {
	ID string   // names it in texts of the interface and in fragments: support
	ZH string   // 支持; its English is the first of its [Commitment]
	In []string // longer words that say the same of something: 加快推进
}

// Verbs are those in order: what is done for others, what is moved on, what is looked
// into, what is demanded.
var Verbs = []Verb{
	{"support", "支持", nil}, {"encourage", "鼓励", nil}, {"guide", "引导", nil}, {"guidance", "指导", nil},
	{"promote", "推动", nil}, {"advance", "推进", nil}, {"accelerate", "加快", []string{"加快推进"}},
	{"explore", "探索", nil}, {"study", "研究", []string{"研究支持"}},
	{"should", "要", nil}, {"ensure", "确保", nil},
}

// English is how the site says it: what the translation of every measure with the
// word has, in some form.
func (v Verb) English() string {
	for _, c := range Commitments {
		if c.ZH == v.ZH {
			return c.EN[0]
		}
	}
	return ""
}

// CommitmentAt is the longest word of commitment that s begins with, or one that is
// none and merely looks like it (科研 of 研究); nil if there is none.
func CommitmentAt(s string) *Commitment {
	r, _ := utf8.DecodeRuneInString(s)
	for _, c := range byFirst[r] {
		if strings.HasPrefix(s, c.ZH) {
			return c
		}
	}
	return nil
}

// byFirst are the words by their first character, the longest first.
var byFirst = func() map[rune][]*Commitment {
	by := map[rune][]*Commitment{}
	for i := range Commitments {
		c := &Commitments[i]
		r, _ := utf8.DecodeRuneInString(c.ZH)
		by[r] = append(by[r], c)
	}
	for _, list := range by {
		slices.SortStableFunc(list, func(a, b *Commitment) int { return len(b.ZH) - len(a.ZH) })
	}
	return by
}()

// VerbUses tells which measures have each of Verbs, by its ID, in document order. A
// word counts where it stands for itself: not in a longer word (研究院) and not in a
// term or name that the termbase has (教育强国推进工程).
func (p *Plan) VerbUses() map[string][]ID {
	terms := map[rune][]string{}
	for _, t := range p.Terms {
		r, _ := utf8.DecodeRuneInString(t.ZH)
		terms[r] = append(terms[r], t.ZH)
	}
	of := map[string]string{} // verbs by word
	for _, v := range Verbs {
		of[v.ZH] = v.ID
		for _, zh := range v.In {
			of[zh] = v.ID
		}
	}
	uses := map[string][]ID{}
	for u := range p.Units() {
		if u.Kind != Measure {
			continue
		}
		for s := u.Text.ZH; s != ""; {
			r, n := utf8.DecodeRuneInString(s)
			term := 0
			for _, t := range terms[r] {
				if len(t) > term && strings.HasPrefix(s, t) {
					term = len(t)
				}
			}
			if c := CommitmentAt(s); term > 0 {
				n = term
			} else if c != nil {
				n = len(c.ZH)
				if id, is := of[c.ZH]; is && !slices.Contains(uses[id], u.ID) {
					uses[id] = append(uses[id], u.ID)
				}
			}
			s = s[n:]
		}
	}
	return uses
}
