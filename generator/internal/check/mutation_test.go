package check

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/sample"
)

// mutation is one way to break the real content, and what must be said of it.
// The first occurrence of old in file becomes new; without old, do does the work.
type mutation struct {
	name, file, old, new string
	do                   func(fstest.MapFS)

	check string // that must find it
	in    string // file of the finding, if it is not the broken one
	line  string // text in the line of the finding, if it is not new; "-" for a finding without a line
}

const (
	s3zh, s3en   = "content/plan/c3/s3.zh.md", "content/plan/c3/s3.en.md"
	s4zh, s4en   = "content/plan/c3/s4.zh.md", "content/plan/c3/s4.en.md"
	s8en         = "content/plan/c4/s8.en.md"
	s10zh, s10en = "content/plan/c5/s10.zh.md", "content/plan/c5/s10.en.md"
	s11zh, s11en = "content/plan/c5/s11.zh.md", "content/plan/c5/s11.en.md"
	s13zh, s13en = "content/plan/c6/s13.zh.md", "content/plan/c6/s13.en.md"
	s14zh, s14en = "content/plan/c6/s14.zh.md", "content/plan/c6/s14.en.md"
	s15zh, s15en = "content/plan/c7/s15.zh.md", "content/plan/c7/s15.en.md"
	s19en        = "content/plan/c8/s19.en.md"
	planZH       = "content/plan/_index.zh.md"
	planEN       = "content/plan/_index.en.md"
	seedText     = "seeds/minxi-2022.txt"
	termbase     = "content/termbase.csv"
	aboutZH      = "content/pages/about.zh.md"
	aboutEN      = "content/pages/about.en.md"
	ecologyZH    = "content/topics/ecology/_index.zh.md"
	s22zh        = "content/plan/c9/s22.zh.md"
	ndrcZH       = "content/bodies/ndrc/_index.zh.md"
	openingZH    = "content/topics/opening-up/_index.zh.md"
	ecologyEN    = "content/topics/ecology/_index.en.md"
)

const updateZH, updateEN = "content/updates/2024-05-01-water.zh.md", "content/updates/2024-05-01-water.en.md"

// withUpdate adds an update in both languages, with a line of front matter.
func withUpdate(line string) func(fstest.MapFS) {
	return func(m fstest.MapFS) {
		m[updateZH] = &fstest.MapFile{Data: []byte("---\ntitle: 动态\ndate: 2024-05-01\n" + line + "\n---\n\n正文。\n")}
		m[updateEN] = &fstest.MapFile{Data: []byte("---\ntitle: Update\n---\n\nText.\n")}
	}
}

// withTexts adds an update that says these in the two languages.
func withTexts(zh, en string) func(fstest.MapFS) {
	return func(m fstest.MapFS) {
		m[updateZH] = &fstest.MapFile{Data: []byte("---\ntitle: 动态\ndate: 2024-05-01\nmeasures: [s3-5]\n---\n\n" + zh + "\n")}
		m[updateEN] = &fstest.MapFile{Data: []byte("---\ntitle: Update\n---\n\n" + en + "\n")}
	}
}

// newEdition changes a sentence in the content and in the text that it was imported
// from.
func newEdition(file, source, old, becomes string) func(fstest.MapFS) {
	return func(m fstest.MapFS) {
		for _, name := range []string{file, source} {
			m[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(m[name].Data), old, becomes, 1))}
		}
		sum := sha256.Sum256(m[source].Data)
		m[planZH] = &fstest.MapFile{Data: regexp.MustCompile(`(?m)^sha256: .*$`).ReplaceAll(m[planZH].Data, []byte("sha256: "+hex.EncodeToString(sum[:])))}
	}
}

// addVersion adds a version of a sentence that only its English changed; change is what is
// wrong with it.
func addVersion(day string, change func(*plan.Version)) func(fstest.MapFS) {
	return func(m fstest.MapFS) {
		tree, _ := content.Load(m, "content")
		versions := tree.Plan.History.By()["s3-2"]
		v := versions[len(versions)-1]
		v.Date, v.Change, v.Why = day, plan.Translated, "试验"
		v.Sum = v.Seal(versions[len(versions)-1].Sum)
		change(&v)
		m[historyFile] = &fstest.MapFile{Data: content.AppendHistory(m[historyFile].Data, []plan.Version{v})}
	}
}

var mutations = []mutation{
	// The document and the translation as a whole.
	{name: "facts of another plan", file: configFile, old: `plan = "闽西`, new: `plan = "赣南`, check: "document"},
	{name: "facts of nobody knows which plan", file: configFile, old: "  plan = \"闽西革命老区高质量发展示范区建设方案\"\n", new: "", check: "document", line: "issuer.zh"},
	{name: "the plan prints another number", file: planZH, old: "\nsource:", new: "\nunder:\n  - 发改振兴〔2022〕423号\nsource:", check: "document", in: configFile, line: "number.zh"},
	{name: "no English at all", do: func(m fstest.MapFS) {
		for name := range m {
			if strings.HasPrefix(name, "content/plan/") && strings.HasSuffix(name, ".en.md") {
				delete(m, name)
			}
		}
		delete(m, "content/ledger.csv")
	}, check: "untranslated", in: planZH, line: "title:"},

	// The history of sentences.
	{name: "a version that was edited", file: historyFile, old: ",推广龙岩长汀水土流失治理经验", new: ",推广龙岩长汀水土保持治理经验", check: "history"},
	{name: "a version whose English was edited", file: historyFile, old: "Disseminate the soil", new: "Disseminate soil", check: "history"},
	{name: "a version without a date", file: historyFile, old: "2022-04-13,s3-2,", new: ",s3-2,", check: "history"},
	{name: "a version of another day", file: historyFile, old: "2022-04-13,s3-2,", new: "2022-04-14,s3-2,", check: "history"},
	{name: "a version of no edition", file: historyFile, old: "2022-04-13,s3-2,text,2022-04-13", new: "2022-04-13,s3-2,text,2021-04-13", check: "history"},
	{name: "a change of no kind", file: historyFile, old: "2022-04-13,s3-2,text,", new: "2022-04-13,s3-2,texts,", check: "history"},
	{name: "a version of nothing", file: historyFile, old: "2022-04-13,s3-2,", new: "2022-04-13,s3,", check: "history"},
	{name: "a version before the last", do: addVersion("2022-04-12", func(v *plan.Version) {}), check: "history", in: historyFile, line: "2022-04-12,s3-2"},
	{name: "a version that follows another", do: addVersion("2023-01-01", func(v *plan.Version) { v.Sum = v.Seal("") }), check: "history", in: historyFile, line: "2023-01-01,s3-2"},
	{name: "no editions", do: func(m fstest.MapFS) { delete(m, editionsFile) }, check: "history", in: editionsFile, line: "-"},
	{name: "an edition before the last", do: func(m fstest.MapFS) {
		m[editionsFile] = &fstest.MapFile{Data: append(slices.Clone(m[editionsFile].Data), "2021-01-01,方案,,,\n"...)}
	}, check: "history", in: editionsFile, line: "2021-01-01"},
	{name: "an edition without a date", file: editionsFile, old: "\n2022-04-13", new: "\n二〇二二年", check: "history", line: "二〇二二年"},
	{name: "no history", do: func(m fstest.MapFS) { delete(m, historyFile) }, check: "unrecorded", in: historyFile, line: "-"},
	{name: "a sentence without a history", do: func(m fstest.MapFS) {
		m[historyFile] = &fstest.MapFile{Data: regexp.MustCompile(`(?m)^2022-04-13,s3-2,.*\n`).ReplaceAll(m[historyFile].Data, nil)}
	}, check: "unrecorded", in: s3zh, line: "推广龙岩"},
	{name: "another day than that of the edition", file: configFile, old: `published = "2022-04-13"`, new: `published = "2022-04-15"`, check: "unrecorded"},

	// Places, bodies, documents.
	{name: "a place dropped", file: s3en, old: "counties for soil and water conservation such as Changting and Ninghua", new: "counties for soil and water conservation such as Changting", check: "names"},
	{name: "a place misspelt", file: s3en, old: "Changting and Ninghua", new: "Changting and Ninhua", check: "names"},
	{name: "a place in small letters", file: s3en, old: "Support Longyan in seeking", new: "Support longyan in seeking", check: "names"},
	{name: "a place swapped", file: s3en, old: "Support Longyan in seeking", new: "Support Sanming in seeking", check: "names"},
	{name: "an abbreviation cut short", file: s11en, old: "Changting, Liancheng, and Wuping in Longyan", new: "Changting and Wuping in Longyan", check: "names"},
	{name: "a railway's second end", file: s14en, old: "Longyan–Longchuan Railway", new: "Longyan Railway", check: "names"},
	{name: "a bracketed place", file: s14en, old: "Nanchang–Fuzhou (Xiamen)", new: "Nanchang–Fuzhou", check: "names"},
	{name: "the province", file: "content/plan/c9/s22.en.md", old: "Fujian Province should earnestly", new: "The province should earnestly", check: "names"},
	{name: "Jiangxi turned into Gansu", file: "content/plan/c1/_index.en.md", old: "in Jiangxi, Fujian, and Guangdong is to", new: "in Gansu, Fujian, and Guangdong is to", check: "terms"},
	{name: "a university", file: s11en, old: "Longyan and China Agricultural University in", new: "Longyan and an agricultural university in", check: "names"},
	{name: "a university's own name", file: s15en, old: "Longyan University and Sanming University", new: "Longyan College and Sanming University", check: "terms"},
	{name: "only the university names the city", file: s15en, old: "with Longyan on education", new: "on education", check: "names"},
	{name: "a document's title", file: planEN, old: "Opinions of the State Council on Supporting the Revitalization", new: "Document of the State Council on Supporting the Revitalization", check: "names"},
	{name: "a title removed", file: "content/plan/c1/_index.en.md", old: "The Outline of the National 14th Five-Year Plan states", new: "The 14th plan states", check: "names"},
	{name: "a quoted programme", file: s15en, old: "“Plan to Revitalize Higher Education in the Central and Western Regions”", new: "plan for higher education", check: "terms"},
	{name: "a slogan without its quotation marks", file: s19en, old: "the “Red Gutian” brand", new: "the Red Gutian brand", check: "terms"},
	{name: "a slogan lost", file: s19en, old: " and the “Red Flags Unfurled in the Wind, Picturesque Sanming” brand", new: "", line: "Step up publicity", check: "terms"},

	{name: "one of two mentions exchanged", file: s3en, old: "experience of Changting", new: "experience of Ninghua", check: "names"},
	{name: "one of two mentions misspelt", file: s3en, old: "experience of Changting", new: "experience of Changding", check: "names"},
	{name: "the other mention misspelt", file: s3en, old: "such as Changting", new: "such as Changding", check: "names"},
	{name: "one of two mentions lost", file: s3en, old: "experience of Changting in Longyan", new: "experience of Longyan", check: "names"},
	{name: "a place too many", file: s13en, old: "Support Longyan in taking part", new: "Support Longyan and Sanming in taking part", check: "names"},
	{name: "two places exchanged", file: s13en, old: "Support Longyan in taking part", new: "Support Shanghang in taking part", check: "names"},

	// Updates.
	{name: "an update whose English is empty", do: withTexts("全县新建水厂30座。", ""), check: "updates", in: updateEN, line: "title:"},
	{name: "an update whose English is Chinese", do: withTexts("全县新建水厂30座。", "全县新建水厂30座。"), check: "updates", in: updateEN, line: "全县"},
	{name: "an update whose English is half Chinese", do: withTexts("全县新建水厂30座。", "The county built 30 water plants. 已通水。"), check: "updates", in: updateEN, line: "已通水"},
	{name: "TODO as a sentence's English", file: s3en, old: "Disseminate the", new: "TODO Disseminate the", check: "unwritten"},
	{name: "an update with TODO", do: withTexts("全县新建水厂30座。", "TODO"), check: "updates", in: updateEN, line: "TODO"},
	{name: "an update with 待译", do: withTexts("全县新建水厂30座。", "（待译）"), check: "updates", in: updateEN, line: "待译"},
	{name: "an update with lorem ipsum", do: withTexts("全县新建水厂30座。", "Lorem ipsum dolor sit amet."), check: "updates", in: updateEN, line: "Lorem"},
	{name: "an update with another number", do: withTexts("全县新建水厂30座。", "The county built 300 water plants."), check: "updates", in: updateEN, line: "300"},
	{name: "an update without the number", do: withTexts("全县新建水厂30座。", "The county built water plants."), check: "updates", in: updateEN, line: "title:"},
	{name: "an update with another unit", do: withTexts("投资1.2亿元。", "Investment came to 12 million yuan."), check: "updates", in: updateEN, line: "12 million"},
	{name: "an update with another number in its title", do: func(m fstest.MapFS) {
		withTexts("正文。", "Text.")(m)
		m[updateZH] = &fstest.MapFile{Data: bytes.Replace(m[updateZH].Data, []byte("title: 动态"), []byte("title: 新建水厂30座"), 1)}
		m[updateEN] = &fstest.MapFile{Data: bytes.Replace(m[updateEN].Data, []byte("title: Update"), []byte("title: 300 new water plants"), 1)}
	}, check: "updates", in: updateEN, line: "title:"},
	{name: "an update whose Chinese is empty", do: withTexts("", "The county built 30 water plants."), check: "updates", in: updateZH, line: "title:"},
	{name: "an update about nothing", do: withUpdate("measures: []"), check: "updates", in: updateZH, line: "title:"},
	{name: "an update about an unknown sentence", do: withUpdate("measures: [s3-2, s3-99]"), check: "updates", in: updateZH, line: "s3-99"},
	{name: "an update that names a sentence twice", do: withUpdate("measures: [s3-2, s3-2]"), check: "updates", in: updateZH, line: "measures"},
	{name: "an update in one language", do: func(m fstest.MapFS) { withUpdate("measures: [s3-2]")(m); delete(m, updateEN) }, check: "updates", in: updateZH, line: "title:"},
	{name: "an update about a withdrawn sentence", do: func(m fstest.MapFS) {
		withUpdate("measures: [s3-98]")(m)
		ledger := *m["content/ledger.csv"]
		ledger.Data = append(slices.Clone(ledger.Data), "s3-98,withdrawn,s3-2,,,原来的句子。,,试验\n"...)
		m["content/ledger.csv"] = &ledger
	}, check: "updates", in: updateZH, line: "s3-98"},

	// Numbers.
	{name: "a year", file: "content/plan/c2/s2.en.md", old: "By 2025,", new: "By 2026,", check: "numbers"},
	{name: "years swapped", file: "content/plan/c2/s2.en.md", old: "By 2035,", new: "By 2025,", line: "By 2025, the old revolutionary base area of western Fujian will basically", check: "numbers"},
	{name: "a year added", file: s3en, old: "Support Longyan in seeking", new: "By 2025, support Longyan in seeking", check: "numbers"},
	{name: "a plan's number", file: "content/plan/c1/_index.en.md", old: "During the 14th Five-Year", new: "During the 13th Five-Year", check: "numbers"},
	{name: "a congress", file: "content/plan/c2/s1.en.md", old: "of the 19th CPC National Congress and", new: "of the 20th CPC National Congress and", check: "numbers"},
	{name: "a document's number", file: planEN, old: "[2021] No. 3", new: "[2021] No. 8", check: "numbers"},
	{name: "a generation", file: "content/plan/c4/s9.en.md", old: "5G scenario", new: "4G scenario", check: "numbers"},
	{name: "two cities", file: "content/plan/c9/s22.en.md", old: "between the two cities", new: "between the three cities", check: "numbers"},
	{name: "a day", file: s15en, old: "“August 1 ", new: "“August 2 ", check: "numbers"},

	// Terms and verbs.
	{name: "a term by other words", file: s3en, old: "pine wilt disease", new: "the disease of pines", check: "terms"},
	{name: "a forbidden rendering", file: s3en, old: "pine wilt disease", new: "pine nematode disease", check: "terms"},
	{name: "a forbidden rendering, inflected", file: s8en, old: "rare metals and to build", new: "rare earth metals and to build", check: "terms"},
	{name: "the old revolutionary area", file: "content/plan/c8/s18.en.md", old: "the revolutionary legacy, and advance", new: "the red gene, and advance", check: "terms"},
	{name: "a snack", file: "content/plan/c5/s12.en.md", old: "Promote the standardized production of Shaxian snacks", new: "Promote the standardized production of Sha County snacks", check: "terms"},
	{name: "paired cooperation", file: s13en, old: "Sanming in exploring paired cooperation", new: "Sanming in exploring counterpart cooperation", check: "terms"},
	{name: "a term of a heading", file: "content/plan/c8/s18.en.md", old: "title: Stepping up the protection of revolutionary heritage resources", new: "title: Stepping up the protection of red resources", check: "headings"},
	{name: "a weaker verb", file: s3en, old: "Support Longyan in seeking", new: "Encourage Longyan in seeking", check: "strength"},
	{name: "a stronger verb", file: "content/plan/c9/s21.en.md", old: "Study supporting the demonstration zone", new: "Support the demonstration zone", check: "strength"},
	{name: "explore became carry out", file: "content/plan/c9/s21.en.md", old: "in studying and exploring ways to set up", new: "in carrying out the setting up of", check: "strength"},
	{name: "should became must", file: "content/plan/c9/s22.en.md", old: "Fujian Province should earnestly", new: "Fujian Province must earnestly", check: "strength"},
	{name: "guidance became support", file: s13en, old: "Provide guidance to Mingxi", new: "Provide support to Mingxi", check: "strength"},
	{name: "accelerate became advance", file: "content/plan/c4/s7.en.md", old: "Accelerate the high-end", new: "Advance the high-end", check: "strength"},
	{name: "a clause lost", file: s10en, old: ", open up intercity express corridors, advance demonstrations in building sponge cities, and accelerate the renovation of old urban residential communities", new: "", line: "Strengthen the capacity", check: "translation-length"},
	{name: "a sentence made up", file: s3en, old: "Support Longyan in seeking UNESCO Global Geopark status.", new: "Support Longyan in seeking UNESCO Global Geopark status, with all the museums, paths and halls that visitors from near and far may wish for.", check: "translation-length"},

	{name: "ensured, not supported", file: "content/plan/c5/s11.en.md", old: "and support central state-owned enterprises in paired", new: "and ensure that central state-owned enterprises enter into paired", check: "strength"},
	{name: "supported, not encouraged", file: s10en, old: "and encourage them to step up", new: "and support them in stepping up", check: "strength"},
	{name: "a promise exchanged beside another", file: "content/plan/c9/s21.en.md", old: "Support Sanming in studying and exploring ways to", new: "Explore with Sanming", check: "strength"},
	{name: "on a trial basis lost", file: s8en, old: ", on a trial basis, a policy", new: " a policy", check: "strength"},
	{name: "a negation", file: s13en, old: "Support Longyan in taking part", new: "Do not support Longyan in taking part", check: "negation"},
	{name: "a refusal", file: s13en, old: "Support Longyan in taking part", new: "Refuse to support Longyan in taking part", check: "negation"},
	{name: "a negation lost", file: "content/plan/c9/s21.en.md", old: "are not breached", new: "are breached", check: "negation"},
	{name: "an item dropped", file: s10en, old: "finswimming, weightlifting, rugby", new: "finswimming, rugby", check: "completeness"},
	{name: "the last item dropped", file: s13en, old: "; and the development of key platforms", new: "", line: "Support Sanming in exploring", check: "completeness"},
	{name: "an item of three dropped", file: "content/plan/c9/s21.en.md", old: "land use, energy use, and water use", new: "land use and water use", check: "completeness"},
	{name: "the last clause dropped", file: "content/plan/c7/s17.en.md", old: ", and build community management and service platforms", new: "", line: "Promote the standardization", check: "completeness"},
	{name: "a clause in the middle dropped", file: s10en, old: "open up intercity express corridors, ", new: "", line: "Strengthen the capacity", check: "completeness"},

	// The plan's shape.
	{name: "a sentence gone", file: s3zh, old: "支持龙岩创建世界地质公园。\n{#s3-7 topics=\"ecology\" places=\"longyan\" bodies=\"longyan\"}\n", new: "", line: "title:", check: "fidelity"},
	{name: "an English sentence gone", file: s3en, old: "Implement projects for the comprehensive treatment of tailings ponds and the ecological restoration of abandoned mines.\n{#s3-6}\n", new: "", line: "Increase efforts to protect", check: "translation-gap"},
	{name: "a character", file: s3zh, old: "修复水源涵养林", new: "修复水源函养林", line: "坚持绿水青山", check: "fidelity"},
	{name: "a character more", file: "content/plan/c9/s20.zh.md", old: "坚持党的全面领导", new: "坚持党的全面的领导", line: "title:", check: "fidelity"},
	{name: "an id used twice", file: s3zh, old: "{#s3-3 ", new: "{#s3-2 ", check: "unit-id", line: "{#s3-2 topics=\"ecology\"}"},
	{name: "an id changed", file: s3en, old: "{#s3-7}", new: "{#s3-70}", check: "parity"},
	{name: "an id of another section", file: s3zh, old: "{#s3-3 ", new: "{#s4-3 ", check: "unit-id"},
	{name: "an id that is none", file: s3zh, old: "{#s3-3 ", new: "{#s3-03 ", check: "unit-id"},
	{name: "no id", file: s3en, old: "\n{#s3-7}", new: "", line: "Support Longyan in seeking", check: "unit-id"},
	{name: "sentences in another order", do: swapEnglish, in: s4en, line: "Continue to deepen", check: "parity"},
	{name: "a file in the wrong chapter", do: func(f fstest.MapFS) {
		f["content/plan/c4/s5.zh.md"] = f["content/plan/c3/s5.zh.md"]
		delete(f, "content/plan/c3/s5.zh.md")
	}, in: "content/plan/c3/s5.en.md", line: "---", check: "parity"},
	{name: "a file that means nothing", do: func(f fstest.MapFS) { f["content/plan/c3/notes.zh.md"] = f[s3zh] }, in: "content/plan/c3/notes.zh.md", line: "-", check: "structure"},
	{name: "a file missing", do: func(f fstest.MapFS) { delete(f, s4zh) }, in: s4en, line: "---", check: "parity"},
	{name: "an English file missing", do: func(f fstest.MapFS) { delete(f, s4en) }, in: s4zh, line: "title:", check: "parity"},
	{name: "a number", file: s4zh, old: "number: 4", new: "number: 5", check: "numbering"},

	{name: "an id for another sentence", do: newEdition(s3zh, seedText, "支持龙岩创建世界地质公园。", "办好乡村小学和幼儿园。"), in: s3zh, line: "办好乡村小学", check: "ledger"},
	{name: "an id that disappears", do: func(f fstest.MapFS) {
		retire("s3-8,live,", aboutZH, "", "")(f)
	}, in: "content/ledger.csv", line: "s3-8", check: "ledger"},
	{name: "a revised sentence", do: newEdition(s3zh, seedText, "修复水源涵养林", "修复好水源涵养林"), in: s3en, line: "Uphold the philosophy", check: "staleness"},

	// Tags.
	{name: "no topic", file: s3zh, old: "{#s3-3 topics=\"ecology\"}", new: "{#s3-3}", check: "tags"},
	{name: "an unknown topic", file: s3zh, old: "{#s3-3 topics=\"ecology\"}", new: "{#s3-3 topics=\"ecologie\"}", check: "tags"},
	{name: "an unknown place", file: s3zh, old: "longyan changting ninghua", new: "longyan changting ninhua", check: "tags"},
	{name: "a place twice", file: s3zh, old: "longyan changting ninghua", new: "longyan changting changting ninghua", check: "tags"},
	{name: "a topic without a sentence", do: func(m fstest.MapFS) {
		m["content/topics/digital/_index.zh.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 数字\ndescription: 数字\n---\n")}
		m["content/topics/digital/_index.en.md"] = &fstest.MapFile{Data: []byte("---\ntitle: Digital\ndescription: Digital\n---\n")}
	}, check: "unused-hub", in: "content/topics/digital/_index.zh.md", line: "title: 数字"},
	{name: "a place without a sentence", do: func(m fstest.MapFS) {
		m["content/places/suzhou/_index.zh.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 苏州市\nname: 苏州\nplace: outside\n---\n")}
		m["content/places/suzhou/_index.en.md"] = &fstest.MapFile{Data: []byte("---\ntitle: Suzhou\nname: Suzhou\n---\n")}
	}, check: "unused-hub", in: "content/places/suzhou/_index.zh.md", line: "title: 苏州市"},
	{name: "a page in Chinese only", do: func(m fstest.MapFS) {
		m["content/pages/team.zh.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 团队\n---\n\n正文。\n")}
	}, check: "one-language", in: "content/pages/team.zh.md", line: "title: 团队"},
	{name: "another first topic", file: s3zh, old: "topics=\"ecology livelihood\"", new: "topics=\"livelihood ecology\"", check: "suspicious-tag"},
	{name: "transport under opening-up", file: s14zh, old: "{#s14-1 topics=\"transport\"", new: "{#s14-1 topics=\"opening-up transport\"", check: "suspicious-tag"},
	{name: "a further topic lost", file: s10zh, old: "{#s10-2 topics=\"urban-rural livelihood transport\"", new: "{#s10-2 topics=\"urban-rural transport\"", check: "suspicious-tag"},
	{name: "an untagged place", file: s3zh, old: "longyan changting ninghua", new: "longyan changting", check: "suspicious-tag"},
	{name: "a place that is not named", file: s3zh, old: "longyan changting ninghua", new: "longyan changting ninghua wuping", check: "suspicious-tag"},
	{name: "a body that should act, untagged", file: s22zh, old: " bodies=\"ndrc fujian central-committee state-council\"", new: " bodies=\"fujian central-committee state-council\"", check: "suspicious-body"},
	{name: "a city that is supported, untagged", file: s3zh, old: "{#s3-7 topics=\"ecology\" places=\"longyan\" bodies=\"longyan\"}", new: "{#s3-7 topics=\"ecology\" places=\"longyan\"}", check: "suspicious-body"},
	{name: "the city with which it is done, untagged", file: s13zh, old: "bodies=\"sanming shanghai\"", new: "bodies=\"sanming\"", check: "suspicious-body"},
	{name: "the second of two cities, untagged", file: s10zh, old: "bodies=\"longyan sanming fuzhou xiamen ganzhou meizhou\"", new: "bodies=\"longyan sanming fuzhou xiamen ganzhou\"", check: "suspicious-body"},
	{name: "a body that is not named", file: s3zh, old: "places=\"longyan\" bodies=\"longyan\"", new: "places=\"longyan\" bodies=\"longyan fujian\"", check: "suspicious-body"},
	{name: "a body without a hub", file: s3zh, old: "places=\"longyan\" bodies=\"longyan\"", new: "places=\"longyan\" bodies=\"longyang\"", check: "tags"},
	{name: "a body twice", file: s22zh, old: "bodies=\"sanming longyan\"", new: "bodies=\"sanming longyan sanming\"", check: "tags"},
	{name: "a body of no kind", file: ndrcZH, old: "body: central", new: "body: centre", check: "front-matter"},
	{name: "a body of no place", file: "content/bodies/longyan/_index.zh.md", old: "place: longyan", new: "place: longyang", line: "title:", check: "tags"},
	{name: "a body without its English", do: func(m fstest.MapFS) { delete(m, "content/bodies/ndrc/_index.en.md") }, in: ndrcZH, line: "title:", check: "parity"},
	{name: "a body that nothing names", do: func(m fstest.MapFS) {
		m["content/bodies/mof/_index.zh.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 财政部\nbody: central\n---\n")}
		m["content/bodies/mof/_index.en.md"] = &fstest.MapFile{Data: []byte("---\ntitle: Ministry of Finance\n---\n")}
	}, check: "unused-hub", in: "content/bodies/mof/_index.zh.md", line: "title: 财政部"},
	{name: "support by a measure that the plan does not have", file: openingZH, old: "s22-6]", new: "s22-7]", check: "support"},
	{name: "support named twice", file: openingZH, old: "s22-5, s22-6]", new: "s22-5, s22-5]", check: "support"},
	{name: "support by a measure of another chapter", file: openingZH, old: "[s21-4,", new: "[s13-4,", check: "support"},
	{name: "support of what supports", file: "content/topics/governance-support/_index.zh.md", old: "supports: true", new: "supports: true\nsupport: [s22-2]", line: "support: [s22-2]", check: "support"},
	{name: "support by a withdrawn sentence", do: retire("s22-9,withdrawn,s22-6", openingZH, "s22-6]", "s22-9]"), in: openingZH, line: "s22-9]", check: "support"},
	{name: "an abbreviated place untagged", file: s11zh, old: "longyan changting liancheng wuping", new: "longyan changting wuping", check: "suspicious-tag"},
	{name: "a tag in the English file", file: s3en, old: "{#s3-7}", new: "{#s3-7 topics=\"ecology\"}", check: "unit-attributes"},
	{name: "an unknown attribute", file: s3zh, old: "{#s3-3 topics=", new: "{#s3-3 topic=\"ecology\" topics=", check: "unit-attributes"},
	{name: "a kind that is none", file: "content/plan/c2/s2.zh.md", old: "kind=\"target\"", new: "kind=\"goal\"", check: "unit-attributes"},

	// Characters.
	{name: "NUL", file: aboutZH, old: "供公众查阅", new: "供\x00公众查阅", check: "encoding"},
	{name: "not UTF-8", file: aboutZH, old: "供公众查阅", new: "供\xb9\xab众查阅", check: "encoding"},
	{name: "not UTF-8 in a table", file: termbase, old: "海绵城市", new: "海绵\xb3\xc7市", check: "encoding"},
	{name: "NUL in a table", file: termbase, old: "海绵城市", new: "海绵\x00城市", check: "encoding"},
	{name: "a zero-width space", file: s3zh, old: "支持龙岩创建", new: "支持\u200b龙岩创建", check: "invisible"},
	{name: "a zero-width joiner in English", file: s3en, old: "Global Geopark", new: "Global Geo\u200dpark", check: "invisible"},
	{name: "a bidirectional override", file: aboutEN, old: "to be read", new: "to be \u202eread", check: "invisible"},
	{name: "a bidirectional isolate in a table", file: termbase, old: "sponge city", new: "\u2067sponge city", check: "invisible"},
	{name: "a soft hyphen", file: aboutEN, old: "translation is unofficial", new: "transla\u00adtion is unofficial", check: "invisible"},
	{name: "a byte order mark inside", file: aboutEN, old: "to be read", new: "to be \ufeffread", check: "invisible"},
	{name: "a variation selector", file: s3zh, old: "支持龙岩创建", new: "支持龙\ufe00岩创建", check: "invisible"},
	{name: "a tag character", file: aboutEN, old: "to be read", new: "to be \U000e0041read", check: "invisible"},
	{name: "private use", file: aboutZH, old: "供公众查阅", new: "供\ue000公众查阅", check: "invisible"},
	{name: "a lost character", file: aboutZH, old: "供公众查阅", new: "供\ufffd公众查阅", check: "invisible"},
	{name: "a Cyrillic letter", file: s3en, old: "Global Geopark", new: "Global Geop\u0430rk", check: "lookalikes"},
	{name: "a Greek letter", file: aboutEN, old: "The Chinese is", new: "The C\u03bfhinese is", check: "lookalikes"},
	{name: "a radical", file: aboutZH, old: "一百一十句", new: "\u2f00百一十句", check: "lookalikes"},
	{name: "a compatibility ideograph", file: aboutZH, old: "福建省龙岩市", new: "福建省\uf9c4龙岩市", check: "lookalikes"},
	{name: "a full-width digit", file: "content/plan/c2/s2.zh.md", old: "到2025年", new: "到２025年", check: "lookalikes"},
	{name: "a full-width letter", file: termbase, old: "5G场景应用,5G", new: "5Ｇ场景应用,5G", check: "lookalikes"},

	// Punctuation and markup.
	{name: "a half-width comma in Chinese", file: s3zh, old: "治理经验，支持长汀", new: "治理经验,支持长汀", check: "punctuation"},
	{name: "half-width brackets in Chinese", file: "content/plan/c4/s6.zh.md", old: "（平台）", new: "(平台)", check: "punctuation"},
	{name: "a full-width comma in English", file: s3en, old: "of Changting in Longyan, and", new: "of Changting in Longyan， and", check: "punctuation"},
	{name: "a straight quotation mark", file: s19en, old: "the “Red Gutian” brand", new: "the \"Red Gutian\" brand", check: "punctuation"},
	{name: "a straight apostrophe", file: s10en, old: "and Yong’an, as", new: "and Yong'an, as", check: "punctuation"},
	{name: "Chinese in English", file: s3en, old: "Support Longyan in seeking", new: "Support 龙岩 Longyan in seeking", check: "script"},
	{name: "broken emphasis", file: aboutZH, old: "逐句呈现", new: "**“逐句”**呈现", check: "emphasis"},
	{name: "emphasis never closed", file: aboutEN, old: "never change", new: "**never change", check: "emphasis"},
	{name: "emphasis in the plan", file: s11zh, old: "长（汀）连（城）武（平）", new: "**长（汀）**连（城）武（平）", check: "emphasis"},
	{name: "raw HTML", file: aboutZH, old: "逐句呈现", new: "<b>逐句</b>呈现", check: "raw-html"},
	{name: "a script", file: aboutEN, old: "## Data", new: "<script>alert(1)</script>\n\n## Data", line: "<script>", check: "raw-html"},
	{name: "a film of another site", file: aboutZH, old: "## 文本", new: "{{< youtube abc >}}\n\n## 文本", line: "{{< youtube", check: "shortcode"},
	{name: "a post of another site", file: ecologyEN, old: "[abandoned mines]", new: "{{% instagram p %}} [abandoned mines]", line: "{{% instagram", check: "shortcode"},
	{name: "a shortcode in code", file: aboutEN, old: "## Data", new: "```\n{{<figure src=\"https://x.example/y.png\">}}\n```\n\n## Data", line: "{{<figure", check: "shortcode"},
	{name: "a shortcode that does not end", file: aboutEN, old: "## Data", new: "{{< ref\n\n## Data", line: "{{< ref", check: "shortcode"},
	{name: "the theme's own id", file: aboutEN, old: "## Data", new: "## Data {#main}", check: "attributes"},
	{name: "a sentence's id", file: aboutEN, old: "## Data", new: "## Data {#s3-2}", check: "attributes"},
	{name: "an id twice", file: aboutEN, old: "## Data", new: "## A {#data}\n\n## Data {#data}", line: "## Data {#data}", check: "attributes"},
	{name: "a style", file: aboutZH, old: "## 文本", new: "## 文本 {style=\"position:fixed\"}", check: "attributes"},
	{name: "a class", file: aboutZH, old: "逐句呈现", new: "逐句呈现", do: replace(aboutZH, "\n\n## 文本", "\n{.unit}\n\n## 文本"), in: aboutZH, line: "{.unit}", check: "attributes"},
	{name: "a program in curly brackets", file: aboutEN, old: "## Data", new: "## Data {onclick=\"alert(1)\"}", check: "attributes"},
	{name: "an id of a block of code", file: aboutEN, old: "## Data", new: "```text {id=\"main\"}\nx\n```\n\n## Data", line: "```text", check: "attributes"},
	{name: "raw HTML in the plan", file: s3zh, old: "支持龙岩创建", new: "支持<b>龙岩</b>创建", check: "raw-html"},
	{name: "a heading in the plan", file: s3zh, old: "支持龙岩创建", new: "## 地质公园\n\n支持龙岩创建", line: "## 地质公园", check: "structure"},
	{name: "a javascript: link", file: aboutZH, old: "(/data/measures.json)", new: "(javascript:alert%281%29)", check: "links"},
	{name: "a disguised javascript: link", file: aboutZH, old: "(/data/measures.json)", new: "(JaVa&#x73;cript:alert%281%29)", check: "links"},
	{name: "a vbscript: link", file: aboutEN, old: "(/data/measures.json)", new: "(vbscript:x)", check: "links"},
	{name: "a data: link", file: aboutEN, old: "(/data/measures.json)", new: "(data:text/html;base64,PGI+)", check: "links"},
	{name: "a data: link in brackets", file: aboutEN, old: "to be read", new: "<data:text/html,x> to be read", check: "links"},
	{name: "a mistyped scheme", file: aboutEN, old: "(/data/measures.json)", new: "(htp://example.org/)", check: "links"},
	{name: "an ftp: address in the text", file: aboutEN, old: "to be read", new: "ftp://example.org/x to be read", check: "links"},
	{name: "a link without a scheme", file: aboutEN, old: "(/data/measures.json)", new: "(//example.org/)", check: "links"},
	{name: "a link to nothing", file: aboutEN, old: "(/data/measures.json)", new: "()", check: "links"},
	{name: "a link that is no address", file: aboutZH, old: "(/data/measures.json)", new: "(http://[::1)", check: "links"},
	{name: "a link to no host", file: aboutZH, old: "(/data/measures.json)", new: "(https:///x)", check: "links"},
	{name: "a link with a broken escape", file: aboutZH, old: "(/data/measures.json)", new: "(https://example.org/%zz)", check: "links"},
	{name: "a call to no number", file: aboutZH, old: "(/data/measures.json)", new: "(tel:)", check: "links"},
	{name: "brackets in a link", file: aboutEN, old: "[s3-2](/en/m/s3-2/)", new: "[s3-2 [second [of]]](/en/m/s3-20/)", check: "links"},
	{name: "a definition on two lines", file: aboutEN, old: "## Data", new: "[geopark]:\n  /en/geopark/\n\n## Data", line: "  /en/geopark/", check: "links"},
	{name: "an image of another site", file: aboutEN, old: "## Data", new: "![A geopark](https://example.org/x.png)\n\n## Data", line: "![A geopark]", check: "links"},
	{name: "an image of another site by name", file: aboutEN, old: "## Data", new: "![A geopark][x]\n\n[x]: https://example.org/x.png\n\n## Data", line: "![A geopark]", check: "links"},
	{name: "a zero-width space in numbers", file: aboutZH, old: "供公众查阅", new: "供&#8203;公众查阅", check: "invisible"},
	{name: "an override in numbers", file: s3en, old: "Global Geopark", new: "Global &#x202e;Geopark", check: "invisible"},
	{name: "a zero-width character by name", file: aboutEN, old: "to be read", new: "to be &zwnj;read", check: "invisible"},
	{name: "a soft hyphen in an address", file: aboutEN, old: "(/data/measures.json)", new: "(https://example.org/a&shy;b)", check: "invisible"},
	{name: "a merge in a page", file: aboutZH, old: "供公众查阅", new: "供\n<<<<<<< HEAD\n公众查阅", line: "<<<<<<<", check: "conflict"},
	{name: "a merge in a sentence", file: s3zh, old: "支持龙岩创建", new: "支持\n<<<<<<< HEAD\n龙岩\n=======\n三明\n>>>>>>> main\n创建", line: "<<<<<<<", check: "conflict"},
	{name: "a merge in a table", file: termbase, old: "海绵城市", new: "<<<<<<< HEAD\n海绵城市", line: "<<<<<<<", check: "conflict"},
	{name: "half a merge", file: aboutZH, old: "供公众查阅", new: "供公\n\n=======\n众查阅", line: "=======", check: "conflict"},
	{name: "the end of a merge", file: aboutEN, old: "to be read", new: "to\n>>>>>>> origin/main\nbe read", line: ">>>>>>>", check: "conflict"},
	{name: "an image without a text", file: aboutZH, old: "## 文本", new: "![](/icon.svg)\n\n## 文本", line: "![]", check: "image-text"},
	{name: "a dead link", file: aboutZH, old: "(/zh/m/s3-2/)", new: "(/zh/m/s3-20/)", check: "links"},
	{name: "a dead link to a page", file: aboutEN, old: "(/en/m/s3-2/)", new: "(/en/abuot/)", check: "links"},
	{name: "a link without its slash", file: aboutEN, old: "(/en/m/s3-2/)", new: "(/en/m/s3-2)", check: "links"},
	{name: "a dead fragment", file: aboutEN, old: "(/en/m/s3-2/)", new: "(/en/plan/s3/#s3-20)", check: "links"},
	{name: "a fragment that will change", file: aboutEN, old: "(/en/m/s3-2/)", new: "(#data)", check: "links"},
	{name: "a file that is not there", file: aboutEN, old: "(/en/m/s3-2/)", new: "(../plan/c3/s23.en.md)", check: "links"},
	{name: "a picture beside the page", do: func(m fstest.MapFS) {
		replace(aboutEN, "## Data", "![x](hill.png)\n\n## Data")(m)
		m["content/pages/hill.png"] = &fstest.MapFile{Data: []byte("x")}
	}, in: aboutEN, line: "hill.png", check: "links"},
	{name: "a draft that is linked", file: aboutEN, old: "title: About", new: "draft: true\ntitle: About", in: "content/_index.en.md", line: "(/en/about/)", check: "links"},
	{name: "a link without words", file: aboutEN, old: "## Data", new: "See [](/en/plan/).\n\n## Data", line: "[](/en", check: "links"},
	{name: "an id that the plan does not have", file: aboutZH, old: "(/zh/m/s3-2/)", new: "(s3-20)", check: "links"},
	{name: "an id that the plan does not have, in English", file: ecologyEN, old: "(s3-2)", new: "(s3-20)", check: "links"},
	{name: "an id with a zero too many", file: ecologyZH, old: "(s3-2)", new: "(s3-02)", check: "links"},
	{name: "an id of no section", file: ecologyZH, old: "(s3)", new: "(s23)", check: "links"},
	{name: "an id in capitals", file: ecologyEN, old: "(s3-2)", new: "(S3-2)", check: "links"},
	{name: "an id in a definition", file: aboutEN, old: "## Data", new: "[geopark]: s3-70\n\n## Data", line: "[geopark]", check: "links"},
	{name: "an id for an image", file: aboutEN, old: "## Data", new: "![A geopark](s3-7)\n\n## Data", line: "![A geopark]", check: "links"},
	{name: "an id in the plan", file: s3en, old: "UNESCO Global Geopark status.", new: "[UNESCO Global Geopark](s3-2) status.", check: "links"},
	{name: "the id of a withdrawn sentence", do: retire("s3-8,withdrawn,s3-5 s3-6", aboutZH, "(/zh/m/s3-2/)", "(s3-8)"), in: aboutZH, line: "(s3-8)", check: "links"},
	{name: "the id of a moved sentence", do: retire("s3-8,moved,s3-7", ecologyEN, "(s3-2)", "(s3-8)"), in: ecologyEN, line: "(s3-8)", check: "links"},
	{name: "the address of a withdrawn sentence", do: retire("s3-8,withdrawn,", aboutEN, "(/en/m/s3-2/)", "(/en/m/s3-8/)"), in: aboutEN, line: "(/en/m/s3-8/)", check: "links"},
	{name: "a sentence linked in Chinese only", file: ecologyEN, old: "[Changting’s experience in soil erosion control](s3-2)", new: "Changting’s experience in soil erosion control", in: ecologyZH, line: "(s3-2)", check: "linked-sentences"},
	{name: "a sentence linked in English only", file: "content/topics/livelihood/_index.zh.md", old: "[个人缴费](s16-4)", new: "个人缴费", in: "content/topics/livelihood/_index.en.md", line: "(s16-4)", check: "linked-sentences"},
	{name: "another sentence linked in English", file: ecologyEN, old: "(s12-1)", new: "(s12-2)", check: "linked-sentences"},
	{name: "a paragraph left out of the English", file: "content/topics/opening-up/_index.en.md", old: "\n\nIn opening up to the world, it supports Longyan in [taking part in the development of China–Europe freight train services](s13-4)", new: "\n\nIt", in: "content/topics/opening-up/_index.zh.md", line: "(s13-4)", check: "linked-sentences"},
	{name: "an example in Chinese only", file: aboutEN, old: "[s3-2](/en/m/s3-2/)", new: "s3-2", in: aboutZH, line: "(/zh/m/s3-2/)", check: "linked-sentences"},
	{name: "a dead link in the plan", file: s3en, old: "UNESCO Global Geopark status.", new: "[UNESCO Global Geopark](/en/geopark/) status.", check: "links"},

	// Front matter.
	{name: "the home page in Chinese only", do: func(m fstest.MapFS) { delete(m, "content/_index.en.md") }, in: "content/_index.zh.md", line: "title:", check: "parity"},
	{name: "a list in Chinese only", do: func(m fstest.MapFS) { delete(m, "content/topics/_index.en.md") }, in: "content/topics/_index.zh.md", line: "title:", check: "parity"},
	{name: "a misspelt key", file: s3zh, old: "title: 巩固", new: "titel: 巩固", check: "front-matter"},
	{name: "an unknown key", file: s3zh, old: "number: 3", new: "number: 3\nauthor: x", line: "author", check: "front-matter"},
	{name: "a wrong type", file: s3zh, old: "number: 3", new: "number: three", check: "front-matter"},
	{name: "no title", file: s3zh, old: "title: 巩固提升生态环境质量\n", new: "", line: "---", check: "front-matter"},
	{name: "an empty title", file: ecologyZH, old: "title: 生态文明", new: "title: \"\"", check: "front-matter"},
	{name: "no front matter", file: s3zh, old: "---\ntitle", new: "title", check: "front-matter"},
	{name: "YAML that cannot be read", file: s3zh, old: "title: 巩固", new: "title: 巩固: 提升: ", check: "front-matter"},
	{name: "a title too long", file: aboutZH, old: "title: 关于本站", new: "title: " + strings.Repeat("关于", 101), check: "front-matter-limits"},
	{name: "a description too long", file: ecologyZH, old: "description: 巩固", new: "description: " + strings.Repeat("巩固", 151), check: "front-matter-limits"},
	{name: "an alias bomb", file: aboutZH, old: "title: 关于本站", new: "title: 关于本站\na: &a [x, x, x]\nb: [*a, *a, *a]", line: "a: &a", check: "front-matter-limits"},
	{name: "too deep", file: aboutZH, old: "title: 关于本站", new: "title: 关于本站\na: " + strings.Repeat("[", 25) + strings.Repeat("]", 25), line: "a: [[[", check: "front-matter-limits"},
	{name: "too many keys", file: aboutZH, old: "title: 关于本站", new: "title: 关于本站\n" + strings.Repeat("k: 1\n", 198) + "last: 1\nover: 1", line: "over: 1", check: "front-matter-limits"},
	{name: "too much", file: aboutZH, old: "title: 关于本站", new: "title: 关于本站\nx: " + strings.Repeat("y", 9000), line: "title: 关于本站", check: "front-matter-limits"},

	// The sources.
	{name: "the seed edited", file: seedText, old: "林长制", new: "林长治", in: planZH, line: "source:", check: "fidelity"},
	{name: "the checksum edited", file: planZH, old: "sha256: 1", new: "sha256: 2", line: "source:", check: "fidelity"},
	{name: "the seed gone", do: func(f fstest.MapFS) { delete(f, seedText) }, in: planZH, line: "source:", check: "fidelity"},
	{name: "the termbase gone", do: func(f fstest.MapFS) { delete(f, termbase) }, in: termbase, line: "-", check: "termbase"},
	{name: "a sentence with a character that cards cannot show", do: func(f fstest.MapFS) {
		const list = "themes/minxi/assets/fonts/minxi-song.txt"
		f[list] = &fstest.MapFile{Data: bytes.ReplaceAll(f[list].Data, []byte("尾"), nil)}
	}, in: s3zh, line: "尾矿库", check: "heading-characters"},
	{name: "a heading with a character that its typeface lacks", file: aboutZH, old: "title: ", new: "title: 龘", check: "heading-characters"},
	{name: "a table of the operator misspelt", file: "hugo.toml", old: "[params.document]", new: "[params.docment]", check: "configuration"},
	{name: "a name of the operator misspelt", file: "hugo.toml", old: "  icp = ", new: "  ipc = ", check: "configuration"},
	{name: "a name that the site does not read", file: "hugo.toml", old: "  icp = ", new: "  telephone = \"\"\n  icp = ", line: "telephone", check: "configuration"},
	{name: "a day in words", file: "hugo.toml", old: `published = "2022-04-13"`, new: `published = "13 April 2022"`, check: "configuration"},
	{name: "a day that is none", file: "hugo.toml", old: `signed = ""`, new: `signed = "2022-03-32"`, check: "configuration"},
	{name: "an address of the official text that is a script", file: "hugo.toml", old: `url = ""`, new: `url = "javascript:alert(1)"`, check: "configuration"},
	{name: "the operator's own table misspelt", file: "hugo.toml", old: "[params]\n  site", new: "[parms]\n  site", line: "[parms]", check: "configuration"},
	{name: "a term twice", file: termbase, old: "海绵城市,sponge city", new: "海绵城市,sponge city,,program,,x,,\n海绵城市,spongy city", line: "spongy", check: "termbase"},
	{name: "a term without Chinese", file: termbase, old: "海绵城市,sponge", new: ",sponge", check: "termbase"},
	{name: "a cell too many", file: termbase, old: "海绵城市,sponge city", new: "海绵城市,sponge city,,,,,,", check: "termbase"},
	{name: "a quotation mark in a cell", file: termbase, old: "海绵城市,sponge", new: "海绵城市,sp\"onge", check: "termbase"},
	{name: "a term without its reading", file: termbase, old: ",hǎi mián chéng shì\n", new: ",\n", line: "海绵城市,", check: "pinyin"},
	{name: "a reading of three syllables", file: termbase, old: "hǎi mián chéng shì", new: "hǎi mián chéng", line: "海绵城市,", check: "pinyin"},
	{name: "a reading of another character", file: termbase, old: "hǎi mián chéng shì", new: "hǎi mián shì chéng", check: "pinyin"},
	{name: "a reading with a letter too many", file: termbase, old: "hǎi mián chéng shì", new: "hǎi miánn chéng shì", check: "pinyin"},
	{name: "no column for English", file: termbase, old: "zh,en,", new: "zh,english,", check: "termbase"},
	{name: "a place of no city", file: "content/places/changting/_index.zh.md", old: "parent: longyan", new: "parent: longyang", in: "content/places/changting/_index.zh.md", line: "title:", check: "front-matter"},
	{name: "a square taken by two", file: "content/places/changting/_index.zh.md", old: "tile: [0, 2]", new: "tile: [0, 1]", in: "content/places/ninghua/_index.zh.md", line: "tile:", check: "front-matter"},
	{name: "a square that is none", file: "content/places/changting/_index.zh.md", old: "tile: [0, 2]", new: "tile: [0, -2]", check: "front-matter"},
	{name: "a square that is one number", file: "content/places/changting/_index.zh.md", old: "tile: [0, 2]", new: "tile: 2", check: "front-matter"},
	{name: "a county off the map", file: "content/places/changting/_index.zh.md", old: "tile: [0, 2]\n", new: "", line: "title:", check: "front-matter"},
	{name: "a square in the English file", file: "content/places/changting/_index.en.md", old: "name: Changting", new: "name: Changting\ntile: [0, 2]", line: "tile:", check: "front-matter"},
	{name: "a kind of place that is none", file: "content/places/changting/_index.zh.md", old: "place: county", new: "place: town", check: "front-matter"},
}

// replace changes a file.
func replace(file, old, new string) func(fstest.MapFS) {
	return func(f fstest.MapFS) {
		f[file] = &fstest.MapFile{Data: []byte(strings.Replace(string(f[file].Data), old, new, 1))}
	}
}

// wellSaid wants a finding to be whole in both languages.
func wellSaid(t *testing.T, d diag.Diagnostic) {
	for _, s := range []string{d.Fact.ZH, d.Fact.EN, d.Hint.ZH, d.Hint.EN} {
		if s == "" || strings.Contains(s, "%!") || strings.Contains(s, "\n") {
			t.Errorf("%s says %q in %+v", d.Check, s, d)
		}
	}
}

// retire adds a row to the ledger for an id that the plan does not have any
// more, and lets a page link it.
func retire(row, file, old, new string) func(fstest.MapFS) {
	return func(f fstest.MapFS) {
		const ledger, was = "content/ledger.csv", "这一句已不在方案中。"
		f[ledger] = &fstest.MapFile{Data: append(slices.Clone(f[ledger].Data), row+","+plan.Hash(was)+",,"+was+",,并入\n"...)}
		f[file] = &fstest.MapFile{Data: []byte(strings.Replace(string(f[file].Data), old, new, 1))}
	}
}

// swapEnglish lets two English sentences change places, ids and all.
func swapEnglish(f fstest.MapFS) {
	parts := strings.SplitN(string(f[s4en].Data), "\n\n", 4)
	parts[1], parts[2] = parts[2], parts[1]
	f[s4en] = &fstest.MapFile{Data: []byte(strings.Join(parts, "\n\n"))}
}

// realContent is the project's content, seeds and static files in memory.
func realContent(t testing.TB) fstest.MapFS {
	root := os.DirFS("../../..")
	m := fstest.MapFS{}
	for _, dir := range []string{"content", "seeds", "themes/minxi/static", "themes/minxi/assets/fonts", "hugo.toml"} {
		err := fs.WalkDir(root, dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(root, name)
			m[name] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// loadAndRun checks a project, and once more with what was kept of all that this was
// done to before: the findings have to be the same.
func loadAndRun(fsys fstest.MapFS) diag.List {
	tree, found := content.Load(fsys, "content")
	fresh := Run(Input{FS: fsys, Tree: tree})
	for range sample.Times(2, 1) { // what this run keeps counts, too
		if again := Run(Input{FS: fsys, Tree: tree, Kept: &kept}); !slices.Equal(again, fresh) {
			found = append(found, diag.Diagnostic{Check: "kept", Fact: diag.Text("与所保留的不同：%v，%v", "with what was kept:\n%v\nnot\n%v", again, fresh)})
		}
	}
	return append(found, fresh...).Sort()
}

var kept keptInMemory

type keptInMemory struct{ sync.Map }

func (k *keptInMemory) Get(name string) ([]byte, bool) {
	data, ok := k.Load(name)
	if !ok {
		return nil, false
	}
	return data.([]byte), true
}

func (k *keptInMemory) Put(name string, data []byte) { k.Store(name, data) }

// TestMutations breaks the real content in one way at a time, and wants the
// right check to say so at the right place.
func TestMutations(t *testing.T) {
	untouched := realContent(t)
	if found := loadAndRun(untouched); len(found) > 0 {
		t.Fatalf("the untouched content has findings:\n%v", found)
	}
	names := map[string]bool{}
	for _, m := range sample.Every(3, mutations) {
		if names[m.name] {
			t.Errorf("two mutations are called %q", m.name)
		}
		names[m.name] = true
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			fsys := maps.Clone(untouched)
			if m.do != nil {
				m.do(fsys)
			} else {
				before := string(fsys[m.file].Data)
				if !strings.Contains(before, m.old) {
					t.Fatalf("%s has no %q", m.file, m.old)
				}
				fsys[m.file] = &fstest.MapFile{Data: []byte(strings.Replace(before, m.old, m.new, 1))}
			}
			in, text := m.in, m.line
			if in == "" {
				in = m.file
			}
			if text == "" {
				text = m.new
			}
			line := 0
			if text != "-" {
				before, _, ok := strings.Cut(string(fsys[in].Data), text)
				if !ok {
					t.Fatalf("%s has no %q to stand at", in, text)
				}
				line = strings.Count(before, "\n") + 1
			}
			found := loadAndRun(fsys)
			for _, d := range found {
				wellSaid(t, d)
			}
			for _, d := range found {
				if d.Check == m.check && d.File == in && d.Line == line {
					return
				}
			}
			for _, d := range found {
				t.Logf("%s: %v", d.Check, d)
			}
			t.Errorf("no finding of %s at %s:%d", m.check, in, line)
		})
	}
}

// TestHarmless makes changes that a careful translator may make.
func TestHarmless(t *testing.T) {
	untouched := realContent(t)
	harmless := []mutation{
		{file: s3en, old: "Changting and Ninghua", new: "Ninghua and Changting"},
		{file: s3en, old: "UNESCO Global Geopark status", new: "the status of a UNESCO Global Geopark"},
		{file: s3en, old: "national demonstration counties", new: "a national demonstration county"},
		{file: s3en, old: "Disseminate the soil erosion control experience of Changting in Longyan", new: "Disseminate Longyan’s experience of soil erosion control in Changting"},
		{file: s3en, old: "Support Longyan in seeking UNESCO Global Geopark status.", new: "Longyan is supported in the creation of a UNESCO Global Geopark."},
		{file: s10en, old: "Support Longyan and Sanming in developing", new: "Support Sanming and Longyan in developing"},
		{file: s11en, old: "prefabricated steel structures", new: "a prefabricated steel structure"},
		{file: s13en, old: "Support Longyan in taking part", new: "Support Longyan (龙岩) in taking part"},
		{file: s14en, old: "“Four Good Rural Roads” development", new: "the development of “Four Good Rural Roads”"},
		{file: "content/plan/c2/s2.en.md", old: "By 2025, the", new: "By the year 2025, the"},
		{file: aboutZH, old: "逐句呈现", new: "“**逐句**”呈现"},
		{file: aboutEN, old: "(/en/m/s3-2/)", new: "(/en/plan/s3/#s3-2)"},
		{file: aboutEN, old: "(/en/m/s3-2/)", new: "(s3-2)"},
		{file: ecologyZH, old: "(s3-2)", new: "(/zh/m/s3-2/)"},
		{file: ecologyEN, old: "[abandoned mines](s3-6).\n", new: "[abandoned mines][mines].\n\n[mines]: s3-6\n"},
		{file: s3zh, old: "{#s3-6 topics=\"ecology\"}", new: "{#s3-6 topics=\"ecology livelihood\"}"},
		{file: s3en, old: "experience of Changting in Longyan, and support", new: "experience of Changting, a county of Longyan, and support"},
		{file: s13en, old: "Support Longyan in taking part", new: "Support Longyan City in taking part"},
		{file: s13zh, old: "bodies=\"sanming shanghai\"", new: "bodies=\"shanghai sanming\""},
		{file: "content/plan/c3/s4.zh.md", old: " bodies=\"sanming\"}", new: " bodies=\"sanming longyan\"}"}, // named, and a person may find that it acts
		{file: ndrcZH, old: "names: [国家发展改革委]", new: "names: [国家发展改革委, 发展改革部门]"},
		{file: openingZH, old: "[s21-4, s22-1,", new: "[s22-1, s21-1,"},
		{file: "hugo.toml", old: "  icp = \"\"", new: "  ICP = \"闽ICP备00000000号\""},
		{file: "hugo.toml", old: "signed = \"\"", new: "signed = 2022-03-31"},
		{file: termbase, old: "hǎi mián chéng shì", new: "hai mian cheng shi"},
		{file: termbase, old: "lǜ sè gōng chǎng", new: "lv se gong chang"},
		{name: "a version more", do: addVersion("2023-01-01", func(*plan.Version) {})},
		{file: editionsFile, old: ",Fagai Zhenxing [2022] No. 424", new: ","},
		{name: "a page that is not ready", do: func(m fstest.MapFS) {
			m["content/pages/team.zh.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 团队\ndraft: true\n---\n\n正文。\n")}
		}},
		{name: "a character in running text that the typeface of headings lacks", file: aboutZH, old: "供公众查阅", new: "供公众查阅，龘"},
		{name: "a topic with one sentence", do: func(m fstest.MapFS) {
			m["content/topics/digital/_index.zh.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 数字\ndescription: 数字\n---\n")}
			m["content/topics/digital/_index.en.md"] = &fstest.MapFile{Data: []byte("---\ntitle: Digital\ndescription: Digital\n---\n")}
			replace(s3zh, "{#s3-6 topics=\"ecology\"}", "{#s3-6 topics=\"ecology digital\"}")(m)
		}},
		{file: "hugo.toml", old: "signed = \"\"", new: "signed = \"2022-03-31\""},
		{file: "hugo.toml", old: "url = \"\"", new: "url = \"https://www.ndrc.gov.cn/xxgk/\""},
		{file: aboutEN, old: "## Data", new: "[![A drawing](/icon.svg)](/en/plan/) and [`code`](/en/plan/) and ![A drawing](/icon.svg)\n\n## Data"},
		{name: "files by their names", do: func(m fstest.MapFS) {
			replace(aboutEN, "(/en/m/s3-2/)", "(s3-2), [a](../plan/c3/s3.en.md#s3-2), [b](../plan/_index.en.md), [c](../topics/ecology/_index), [d](about.zh.md), [e](../topics/ecology/)")(m)
			replace(aboutZH, "(/zh/m/s3-2/)", "(s3-2)、[甲](../plan/c3/s3.zh.md#s3-2)、[乙](../plan/_index.zh.md)、[丙](../topics/ecology/_index.md)")(m)
		}},
		{name: "an update", do: withTexts("全县新建水厂30座，见[s3-5](/zh/m/s3-5/)和https://example.org/2024/a7.html，投资1.2亿元。", "The county built thirty water plants ([s3-5](/en/m/s3-5/)) at a cost of 120 million yuan, in Longyan (龙岩).")},
		{name: "a date in an update", do: withTexts("2024年5月1日，两县通水。", "On May 1, 2024, two counties got water.")},
		{name: "an update that is not ready", do: func(m fstest.MapFS) {
			withTexts("全县新建水厂30座。", "TODO")(m)
			m[updateEN] = &fstest.MapFile{Data: []byte("---\ntitle: Update\ndraft: true\n---\n\nTODO\n")}
		}},
		{name: "an update that is a title alone", do: withTexts("", "")},
		{name: "a termbase without terms, and no English", do: func(m fstest.MapFS) {
			delete(m, termbase)
			for name := range m {
				if strings.HasPrefix(name, "content/plan/") && strings.HasSuffix(name, ".en.md") {
					head, _, _ := strings.Cut(string(m[name].Data), "\n\n")
					m[name] = &fstest.MapFile{Data: []byte(head + "\n")}
				}
			}
			replace("content/_index.zh.md", "[术语索引](/zh/glossary/)", "术语索引")(m)
			replace("content/_index.en.md", "[index of terms](/en/glossary/)", "index of terms")(m)
		}},
	}
	for _, m := range sample.Every(3, harmless) {
		fsys := maps.Clone(untouched)
		if m.do != nil {
			m.do(fsys)
		} else {
			before := string(fsys[m.file].Data)
			if !strings.Contains(before, m.old) {
				t.Fatalf("%s has no %q", m.file, m.old)
			}
			fsys[m.file] = &fstest.MapFile{Data: []byte(strings.Replace(before, m.old, m.new, 1))}
		}
		if found := loadAndRun(fsys); len(found) > 0 {
			t.Errorf("%s%q:\n%v", m.name, m.new, found)
		}
	}
}

// TestEveryCheckIsProved wants a mutation for each check of the list.
func TestEveryCheckIsProved(t *testing.T) {
	for _, c := range All {
		if !slices.ContainsFunc(mutations, func(m mutation) bool { return m.check == c.ID }) {
			t.Errorf("no mutation breaks what %s demands", c.ID)
		}
	}
}
