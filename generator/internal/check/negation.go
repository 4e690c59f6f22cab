package check

import (
	"regexp"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// negation is about the smallest words that turn a sentence round.
var negation = Check{
	ID: "negation",
	Doc: plan.Text{
		ZH: "中文没有否定，英文就没有（not、never、refuse 等）；中文有否定（不、未、禁止……），英文就有",
		EN: "the English is negative (not, never, refuse, …) only where the Chinese is, and wherever the Chinese is (不, 未, 禁止, …)",
	},
	Severity: diag.Error,
	Run:      sentences(judgeNegation),
}

func judgeNegation(in Input, r *reading, report Report) {
	zh := chineseDenials(r)
	var plain []*word // what denies in so many words
	denies := false
	for i, w := range r.words {
		lower := strings.ToLower(w.text)
		switch {
		case lower == "no" && i+1 < len(r.words) && r.words[i+1].text[0] >= '0' && r.words[i+1].text[0] <= '9':
			// No. 3
		case plainDenials[lower] || strings.HasSuffix(lower, "n’t") || strings.HasSuffix(lower, "n't"):
			denies = true
			if r.owner[i] == nil {
				plain = append(plain, &r.words[i])
			}
		case softDenials[w.stem]:
			denies = true
		}
	}
	if en := firstUnfounded(plain, r); en != nil {
		report(in.files().locate(r.enPos, r.text.EN, en.start),
			r.about(diag.Text("英文有否定词“%s”，中文并无否定", "the English has “%s”, but nothing in the Chinese is negative", en.text)),
			diag.Text("请删去否定词，或按中文的意思改写。", "Take the negative out, or say what the Chinese says."))
	}
	if zh != "" && !denies && !denyingPrefix.MatchString(r.text.EN) {
		report(r.enPos, r.about(diag.Text("中文有否定词“%[1]s”，英文没有", "the Chinese is negative (%[1]s) and the English is not", zh)),
			diag.Text("请在英文中写出否定，如 not、without、no。", "Say so in English: not, without, no or the like."))
	}
}

// chineseDenials is the first denial of a reading's Chinese, "" if there is none.
func chineseDenials(r *reading) string {
	s := r.text.ZH
	if !strings.ContainsAny(s, "不未禁杜没无勿非") {
		return ""
	}
	for _, m := range denial.FindAllStringIndex(s, -1) {
		found := s[m[0]:m[1]]
		affirms := func(w string) bool { return strings.HasPrefix(s[m[0]:], w) }
		if !r.insideTerm(m[0]) && !slices.ContainsFunc(affirming, affirms) {
			return found
		}
	}
	return ""
}

var denial = regexp.MustCompile(`不得|不准|不能|不可|不应|不宜|不再|严禁|禁止|杜绝|没有|无需|无须|切勿|并非|绝非|不|未`)

// affirming are words that begin with a denial and deny nothing that the
// English would have to deny, too.
var affirming = []string{
	"不断", "不少", "不仅", "不但", "不只", "不光", "不同", "不足", "不动产", "不久", "不惜", "不懈", "不朽", "不忘", "不平衡", "不充分", "不锈钢", "不等", "不论", "不管",
	"不良", "不利", "不力", "不安", "不便", "不时", "不可或缺", "不可分割", "不可多得", "不可替代", "不限", "不定期", "不已", "不凡", "不畏", "不屈", "不竭", "不愧",
	"未来", "未成年",
}

// firstUnfounded is the first of the denials in English if they are more than
// the Chinese may mean. 免费 is at no charge, which is not to deny a verb.
func firstUnfounded(plain []*word, r *reading) *word {
	zh := plainlyAffirming.Replace(r.text.ZH)
	left := len(possibleDenial.FindAllStringIndex(zh, -1))
	soft := len(softDenial.FindAllStringIndex(zh, -1))
	for _, w := range plain {
		switch no := strings.EqualFold(w.text, "no") || strings.EqualFold(w.text, "none"); {
		case no && soft > 0:
			soft--
		case left > 0:
			left--
		default:
			return plain[0]
		}
	}
	return nil
}

var (
	possibleDenial   = regexp.MustCompile(`[不无未没非勿莫否禁拒]|避免|防止|停止|制止|终止|中止|取消|撤销|撤回|废除|废止|反对|除外|以外|之外|低于|少于|以内|难以|失去`)
	softDenial       = regexp.MustCompile(`[免缺仅只绝零]`)
	plainlyAffirming = strings.NewReplacer("不断", "", "不少", "", "不锈钢", "", "不动产", "", "未来", "", "绝大", "", "非常", "", "非洲", "")
)

var (
	plainDenials  = wordSet("not no never cannot neither nor none refuse refuses refused refusing oppose opposes opposed opposing prohibit prohibits prohibited forbid forbids forbidden ban banned stop stops discourage discourages reject rejects stopped stopping cease ceases ceased ceasing halt halts suspend suspends cancel cancels abolish abolishes withdraw withdraws deny denies")
	softDenials   = stems("without avoid prevent prohibit forbid ban refrain exclude fail lack beyond unless instead rather only stop cease free cannot eliminate exceed discontinue disallow disqualify insufficient inadequate incomplete ineligible inability impossible irrespective regardless")
	denyingPrefix = regexp.MustCompile(`(?i)\bnon-|\bun(?:able|affected|altered|authorized|available|certain|changed|developed|due|even|fair|finished|harmed|impaired|intended|lawful|less|likely|limited|necessary|qualified|related|safe|settled|spoiled|stable|suitable|til|touched|used|willing)\b|less\b`)
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

func stems(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[stem(w)] = true
	}
	return set
}
