package check

import (
	"strings"
	"testing"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

func TestStem(t *testing.T) {
	for _, same := range []string{
		"support supports supported supporting", "study studies studied studying", "step steps stepped stepping",
		"industry industries", "consortium consortia", "city cities", "Longyan’s Longyan", "base bases",
		"carry carries carried carrying", "advance advances advancing", "set setting", "pass passes passing", "address addresses addressing", "posting postings post",
	} {
		forms := strings.Fields(same)
		for _, f := range forms[1:] {
			if a, b := wordsOf(forms[0])[0].stem, wordsOf(f)[0].stem; a != b {
				t.Errorf("%s is %q, %s is %q", forms[0], a, f, b)
			}
		}
	}
	for _, differ := range []string{"Yong’an Yongan", "Changting Changtin", "guide guidance", "rare rate", "Ninghua Ninhua"} {
		a, b, _ := strings.Cut(differ, " ")
		if stem(a) == stem(b) {
			t.Errorf("%s and %s are both %q", a, b, stem(a))
		}
	}
}

func TestPhrase(t *testing.T) {
	for _, c := range []struct {
		phrase, text string
		want         bool
	}{
		{"light alloys", "Sanming’s light alloy industry", true},
		{"urban area of Longyan City", "Urban area of Longyan City", true},
		{"Yong’an", "Shaxian and Yong'an", true},
		{"Longyan", "support longyan", false},
		{"CPC Central Committee", "Cpc Central Committee", false},
		{"high-quality development", "development of high quality", false},
		{"development of the zone", "development of its zones", true},
	} {
		if got := newPhrase(c.phrase).in(wordsOf(c.text)); got != c.want {
			t.Errorf("%q in %q: %v", c.phrase, c.text, got)
		}
	}
}

// smallPlan has a few places and terms.
func smallPlan() *plan.Plan {
	return &plan.Plan{
		Places: []*plan.Place{
			{ID: "longyan", Name: plan.Text{ZH: "龙岩", EN: "Longyan"}, Title: plan.Text{ZH: "龙岩市", EN: "Longyan City"}},
			{ID: "sanming", Homographs: []string{"三明治"}, Name: plan.Text{ZH: "三明", EN: "Sanming"}, Title: plan.Text{ZH: "三明市", EN: "Sanming City"}},
			{ID: "sanyuan", Homographs: []string{"三元材料"}, Name: plan.Text{ZH: "三元", EN: "Sanyuan"}, Title: plan.Text{ZH: "三元区", EN: "Sanyuan District"}},
			{ID: "liancheng", Homographs: []string{"大连城", "毗连城"}, Name: plan.Text{ZH: "连城", EN: "Liancheng"}, Title: plan.Text{ZH: "连城县", EN: "Liancheng County"}},
			{ID: "changting", Parent: "longyan", Name: plan.Text{ZH: "长汀", EN: "Changting"}, Title: plan.Text{ZH: "长汀县", EN: "Changting County"}},
		},
		Terms: []plan.Term{
			{Text: plan.Text{ZH: "龙岩学院", EN: "Longyan University"}, Forbidden: []string{"Longyan College"}, Kind: "institution"},
			{Text: plan.Text{ZH: "医改", EN: "healthcare reform"}, Forbidden: []string{"medical reform"}, Kind: "policy-term"},
			{Text: plan.Text{ZH: "医疗救助", EN: "medical assistance"}, Kind: "policy-term"},
			{Text: plan.Text{ZH: "红古田", EN: "“Red Gutian”"}, Kind: "spirit"},
			{Text: plan.Text{ZH: "四好农村路", EN: "“Four Good Rural Roads”"}, Kind: "program"},
			{Text: plan.Text{ZH: "鹰厦线", EN: "Yingtan–Xiamen Railway"}, Kind: "place"},
			{Text: plan.Text{ZH: "沙县小吃", EN: "Shaxian snacks"}, Kind: "industry"},
			{Text: plan.Text{ZH: "三明医改", EN: "Sanming healthcare reform"}, Kind: "policy-term"},
		},
	}
}

// judged gives what a judgement says of a sentence of that plan, in English.
func judged(judge judgement, zh, en string) string {
	u := &plan.Unit{ID: "s1-1", Text: plan.Text{ZH: zh, EN: en}}
	r := (&reading{unit: u, label: unitLabel(u), text: u.Text}).with(newLexicon(smallPlan()))
	var said []string
	noFiles := Input{shared: &shared{files: func() *files { return &files{} }}}
	judge(noFiles, r, func(_ diag.Pos, fact, _ plan.Text) {
		said = append(said, strings.TrimPrefix(fact.EN, "s1-1: "))
	})
	return strings.Join(said, "; ")
}

// TestJudgements has sentences that are right, with "" for what is said of
// them, beside sentences that are nearly right.
func TestJudgements(t *testing.T) {
	for _, c := range []struct {
		name   string
		judge  judgement
		zh, en string
		want   string
	}{
		{"a place", judgeNames, "支持龙岩发展。", "Support Longyan.", ""},
		{"a place lost", judgeNames, "支持龙岩发展。", "Support it.", "the English does not name Longyan (龙岩)"},
		{"a title for a name", judgeNames, "支持龙岩市发展。", "Support Longyan’s development.", ""},
		{"a university is not the city", judgeNames, "支持龙岩学院与龙岩合作。", "Support Longyan University.", "the English does not name Longyan (龙岩)"},
		{"both", judgeNames, "支持龙岩学院与龙岩合作。", "Support Longyan University and Longyan.", ""},
		{"an abbreviation", judgeNames, "支持长（汀）连（城）。", "Support Changting and Liancheng.", ""},
		{"three names of one place", judgeNames, "支持长汀县、长汀和长（汀）。", "Support Changting County.", "the Chinese names Changting County (长汀县) 3 times, the English 1"},
		{"named by one verb", judgeNames, "支持长汀办学，支持长汀办医。", "Support Changting in running schools and hospitals.", ""},
		{"a pronoun for the second", judgeNames, "支持长汀办学，推动长汀办医。", "Support Changting in running schools, and promote its hospitals.", ""},
		{"the second lost", judgeNames, "支持长汀办学，推动长汀办医。", "Support Changting in running schools, and promote hospitals.", "the Chinese names Changting (长汀) 2 times, the English 1"},
		{"a name nearly right", judgeNames, "支持长汀办学。", "Support Changding in running schools.", "“Changding” is not Changting (长汀)"},
		{"its city may be added", judgeNames, "支持长汀办学。", "Support Changting, Longyan, in running schools.", ""},
		{"another city may not", judgeNames, "支持长汀办学。", "Support Changting, Sanming, in running schools.", "the English names Sanming (三明), and the Chinese does not"},
		{"not a name, nearly one", judgeNames, "支持长汀办学。", "Changing times: support Changting.", ""},
		{"half an abbreviation", judgeNames, "支持长（汀）连（城）。", "Support Changting.", "the English does not name Liancheng (连（城）)"},
		{"not the district", judgeNames, "发展三元材料和三明治，与毗连城市、大连城投合作。", "Develop ternary materials and sandwiches.", ""},
		{"forbidden counts as one finding", judgeNames, "支持龙岩学院。", "Support Longyan College.", ""},

		{"a term", judgeTerms, "推广医改经验。", "Disseminate healthcare reforms.", ""},
		{"a term lost", judgeTerms, "推广医改经验。", "Disseminate it.", "the English does not have “healthcare reform” for 医改"},
		{"forbidden", judgeTerms, "推广医改经验。", "Disseminate medical reforms.", "“medical reforms” must not be used for 医改"},
		{"forbidden beside the right one", judgeTerms, "推广医改经验。", "Healthcare reform, or medical reform.", "“medical reform” must not be used for 医改"},
		{"a longer term", judgeTerms, "推广三明医改经验。", "Disseminate the Sanming healthcare reform.", ""},
		{"quotation marks", judgeTerms, "提升“红古田”品牌。", "Enhance the “Red Gutian” brand.", ""},
		{"quotation marks lost", judgeTerms, "提升“红古田”品牌。", "Enhance the Red Gutian brand.", "the English does not have “Red Gutian” for 红古田"},

		{"a year", judgeNumbers, "到2025年。", "By 2025.", ""},
		{"another year", judgeNumbers, "到2025年。", "By 2026.", "the English has no 2025; the English has “2026”, a number that the Chinese does not have"},
		{"a five-year plan", judgeNumbers, "“十四五”时期", "During the 14th Five-Year Plan", ""},
		{"a five-year plan without quotation marks", judgeNumbers, "十四五规划", "the 14th Five-Year Plan", ""},
		{"another five-year plan", judgeNumbers, "“十五五”时期", "During the 14th Five-Year Plan", "the English has no 15 for 十五五; the English has “14th”, a number that the Chinese does not have"},
		{"a congress", judgeNumbers, "党的二十大和二十届三中全会", "the 20th Congress and the third plenary session of the 20th Central Committee", ""},
		{"a document", judgeNumbers, "（国发〔2021〕3号）", "(Guofa [2021] No. 3)", ""},
		{"a generation", judgeNumbers, "5G场景", "4G scenarios", "the English has no 5G; the English has “4G”, a number that the Chinese does not have"},
		{"units of ten thousand", judgeNumbers, "投资3.5亿元，覆盖1.2万人", "350 million yuan for 12,000 people", ""},
		{"tens and units in words", judgeNumbers, "新建35座水厂、40所学校，投资200万元", "thirty-five water plants and forty schools for two million yuan", ""},
		{"tens in words, others", judgeNumbers, "新建35座水厂", "thirty-four water plants", "the English has no 35; the English has “thirty”, a number that the Chinese does not have"},
		{"a date", judgeNumbers, "4月13日", "on 13 April", ""},
		{"a month is a verb, too", judgeNumbers, "可以进军", "it may march", ""},
		{"counted", judgeNumbers, "两市三县", "two cities and three counties", ""},
		{"counted wrong", judgeNumbers, "两市三县", "two cities and four counties", "the English has no 3 for 三县; the English has “four”, a number that the Chinese does not have"},
		{"in a name", judgeNumbers, "建设四好农村路", "“Four Good Rural Roads”", ""},
		{"in a place", judgeNumbers, "支持三明", "Support Sanming", ""},
		{"one is no number", judgeNumbers, "一批一体化项目", "a number of integrated projects, one by one", ""},
		{"thousands", judgeNumbers, "1000个", "1,000", ""},
		{"a year in characters", judgeNumbers, "二〇二五年", "2025", ""},

		{"a denial added", judgeNegation, "支持龙岩防治病虫害，不断提高水平。", "Do not support Longyan.", "the English has “not”, but nothing in the Chinese is negative"},
		{"a support withdrawn", judgeNegation, "支持龙岩。", "Withdraw support from Longyan.", "the English has “Withdraw”, but nothing in the Chinese is negative"},
		{"a denial in both", judgeNegation, "在不突破红线的前提下。", "Provided that the red line is not breached.", ""},
		{"a denial by another word", judgeNegation, "不得占用农田。", "Occupation of farmland is prohibited.", ""},
		{"a denial in a prefix", judgeNegation, "不稳定因素", "unstable factors", ""},
		{"a denial lost", judgeNegation, "不得占用农田。", "Farmland is to be occupied.", "the Chinese is negative (不得) and the English is not"},
		{"a denial of another thing", judgeNegation, "公共体育设施免费开放。", "Public sports facilities charge no fee.", ""},
		{"a number is no denial", judgeNegation, "（国发〔2021〕3号）", "(Guofa [2021] No. 3)", ""},
		{"not a denial", judgeNegation, "不断完善，面向未来，不仅保护而且利用。", "Keep improving for the future, and both protect and use.", ""},
		{"no further", judgeNegation, "不再新建。", "Build none anew.", ""},

		{"an enumeration", judgeCompleteness, "发展种植、养殖、加工等产业。", "Develop planting, breeding, and processing.", ""},
		{"an enumeration without its last comma", judgeCompleteness, "发展种植、养殖、加工等产业。", "Develop planting, breeding and processing.", ""},
		{"an enumeration before its name", judgeCompleteness, "发展种植、养殖、加工等产业。", "Develop industries such as planting, breeding, and processing.", ""},
		{"an item lost", judgeCompleteness, "发展种植、养殖、加工等产业。", "Develop planting and processing.", "the Chinese lists 3 things (…、养殖、…), and no list in the English is as long"},
		{"an enumeration that ends otherwise", judgeCompleteness, "发展种植、养殖、加工等产业。", "Develop planting, breeding, as well as processing.", ""},
		{"with for 和", judgeCompleteness, "龙岩和三明开展合作。", "Longyan cooperates with Sanming.", ""},
		{"two enumerations", judgeCompleteness, "龙岩、三明发展种植、养殖、加工等产业。", "Longyan and Sanming develop planting, breeding, and processing.", ""},
		{"a clause lost", judgeCompleteness, "修建道路，架设桥梁。", "Build roads.", "the Chinese has 2 parts and the English only 1"},
		{"two sentences for one", judgeCompleteness, "修建道路，架设桥梁。", "Build roads. Put up bridges.", ""},
		{"with for 与", judgeCompleteness, "龙岩与三明合作。", "Longyan cooperates with Sanming.", ""},

		{"a verb", judgeStrength, "支持龙岩。", "Support Longyan.", ""},
		{"weaker", judgeStrength, "支持龙岩。", "Encourage Longyan.", "the English has no “support” or the like for 支持; the English has “Encourage”, but the Chinese has no 鼓励、激励、引导"},
		{"not decided", judgeStrength, "研究支持龙岩。", "Support Longyan.", "the English has no “study … support” or the like for 研究支持"},
		{"accelerate", judgeStrength, "加快推进建设。", "Accelerate building.", ""},
		{"an institute is no study", judgeStrength, "建设研究院。", "Build an institute.", ""},
		{"after explore", judgeStrength, "探索与广州开展合作。", "Explore cooperation.", ""},
		{"a verb that promises nothing by itself", judgeStrength, "探索合作，开展试点。", "Explore cooperation; start pilots.", ""},
		{"important is no should", judgeStrength, "重要的主要要素。", "Important main factors.", ""},
		{"should", judgeStrength, "福建省要落实。", "Fujian must implement it.", "the English has no “should” or the like for 要; the English has “must”, but the Chinese has no 必须、须、务必、不得、一律"},
	} {
		if got := judged(c.judge, c.zh, c.en); got != c.want {
			t.Errorf("%s: %s / %s\n got %q\nwant %q", c.name, c.zh, c.en, got, c.want)
		}
	}
}

func TestPlacesNamed(t *testing.T) {
	for zh, want := range map[string]string{
		"支持龙岩、三明发展。":       "longyan sanming | longyan sanming",
		"支持龙岩学院。":          " | longyan",
		"支持三明医学科技职业学院。":    " | sanming",
		"支持三明建设中药研究院。":     "sanming | sanming",
		"提升“风展红旗 如画三明”品牌。": " | sanming",
		"推广三明医改经验。":        "sanming | sanming",
		"研究鹰厦线改线。":         " | ",
		"支持长（汀）连（城）。":      "changting liancheng | changting liancheng",
		"支持三明市区发展。":        "sanming | sanming",
		"融入三明都市圈。":         " | sanming",
	} {
		must, may := placesNamed(newLexicon(smallPlan()), zh)
		if got := strings.Join(must, " ") + " | " + strings.Join(may, " "); got != want {
			t.Errorf("%s: %q, want %q", zh, got, want)
		}
	}
}

func TestCommitmentsAreOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range plan.Commitments {
		if seen[v.ZH] {
			t.Errorf("%s stands twice in the table", v.ZH)
		}
		seen[v.ZH] = true
	}
}
