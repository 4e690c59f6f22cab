package check

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// TestCauseAlone makes one mistake at a time, such as a file saved in the wrong
// encoding, and wants its cause told and nothing that follows from it.
func TestCauseAlone(t *testing.T) {
	const ledgerCSV = "content/ledger.csv"
	untouched := realContent(t)
	edit := func(file string, change func(string) string) func(fstest.MapFS) {
		return func(m fstest.MapFS) {
			before := string(m[file].Data)
			after := change(before)
			if before == after {
				t.Errorf("%s is not changed", file)
			}
			m[file] = &fstest.MapFile{Data: []byte(after)}
		}
	}
	swap := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	without := func(prefixes ...string) func(fstest.MapFS) {
		return func(m fstest.MapFS) {
			maps.DeleteFunc(m, func(name string, _ *fstest.MapFile) bool {
				return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
			})
		}
	}
	gbk := func(s string) string {
		b, err := simplifiedchinese.GBK.NewEncoder().String(s)
		if err != nil {
			t.Error(err)
		}
		return b
	}
	utf16 := func(s string) string {
		b, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
		return b
	}
	line := func(begins, becomes string) func(string) string {
		return func(s string) string {
			return regexp.MustCompile(`(?m)^`+begins+`.*$`).ReplaceAllString(s, becomes)
		}
	}
	row := func(id, becomes string) func(string) string {
		return func(s string) string {
			return regexp.MustCompile(`(?m)^`+id+`,live`).ReplaceAllString(s, becomes)
		}
	}
	noRow := func(id string) func(string) string {
		return func(s string) string { return regexp.MustCompile(`(?m)^`+id+`,.*\n`).ReplaceAllString(s, "") }
	}
	head := func(s string) string { return s[:strings.Index(s, "\n---\n")+len("\n---\n")] }
	for _, c := range []struct {
		name string
		do   func(fstest.MapFS)
		want []string // check and place of each finding, the cause first
	}{
		{"GBK", edit(s3zh, gbk), []string{"encoding " + s3zh + ":2:8"}},
		{"GBK in English", edit(planEN, gbk), []string{"encoding " + planEN + ":11:103"}},
		{"GBK in a topic", edit(ecologyZH, gbk), []string{"encoding " + ecologyZH + ":2:8"}},
		{"GBK in a city", edit("content/places/longyan/_index.zh.md", gbk), []string{"encoding content/places/longyan/_index.zh.md:2:8"}},
		{"GBK in a page", edit(aboutZH, gbk), []string{"encoding " + aboutZH + ":2:8"}},
		{"GBK in the ledger", edit(ledgerCSV, gbk), []string{"encoding " + ledgerCSV + ":2:142"}},
		{"GBK in the plan's own file", edit(planZH, gbk), []string{"encoding " + planZH + ":2:8"}},
		{"UTF-16", edit(s3zh, utf16), []string{"encoding " + s3zh + ":1:1"}},
		{"UTF-16 in a table", edit(ledgerCSV, utf16), []string{"encoding " + ledgerCSV + ":1:1"}},
		{"NUL", edit(s3zh, swap("支持", "支\x00持")), []string{"encoding " + s3zh + ":9:17"}},
		{"a Chinese file deleted", without(s3zh), []string{"parity " + s3en + ":1"}},
		{"an English file deleted", without(s3en), []string{"parity " + s3zh + ":2:8"}},
		{"a section deleted", without(s3zh, s3en), []string{"ledger " + ledgerCSV + ":10:1"}},
		{"a chapter's file deleted", without("content/plan/c3/_index.zh.md"), []string{"structure content/plan/c3/_index.zh.md"}},
		{"a chapter's file in English deleted", without("content/plan/c3/_index.en.md"), []string{"parity content/plan/c3/_index.zh.md:2:8"}},
		{"a chapter deleted", without("content/plan/c3/"), []string{"ledger " + ledgerCSV + ":10:1", "ledger " + ledgerCSV + ":17:1", "ledger " + ledgerCSV + ":22:1", "fidelity content/plan/c3/_index.zh.md"}},
		{"a page deleted", without(aboutZH), []string{"parity " + aboutEN + ":1"}},
		{"the home page emptied", edit("content/_index.zh.md", func(string) string { return "\n" }), []string{"structure content/_index.zh.md"}},
		{"UTF-16 without a mark", edit(s3en, func(s string) string { return utf16(s)[2:] }), []string{"encoding " + s3en + ":1:2"}},
		{"the plan's own file deleted", without(planZH), []string{"parity " + planEN + ":1"}},
		{"the plan deleted", without("content/plan/"), []string{"structure content/plan"}},
		{"broken YAML", edit(s3zh, swap("title: ", "title: a: ")), []string{"front-matter " + s3zh + ":2:9"}},
		{"broken YAML in English", edit(s3en, swap("title: ", "title: a: ")), []string{"front-matter " + s3en + ":2:9"}},
		{"a key misspelt", edit(s3zh, swap("title:", "titel:")), []string{"front-matter " + s3zh + ":2:1"}},
		{"a key misspelt in English", edit(s3en, swap("title:", "titel:")), []string{"front-matter " + s3en + ":2:1"}},
		{"a number's key misspelt", edit(s3zh, swap("number:", "nubmer:")), []string{"front-matter " + s3zh + ":3:1"}},
		{"a place's key misspelt", edit("content/places/longyan/_index.zh.md", swap("place:", "plaec:")), []string{"front-matter content/places/longyan/_index.zh.md:4:1"}},
		{"a stray key in a new topic", func(m fstest.MapFS) {
			m["content/topics/new/_index.zh.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 新\ndescription: 新\n---\n")}
			m["content/topics/new/_index.en.md"] = &fstest.MapFile{Data: []byte("---\ntitle: New\ndescription: New\nweight: 3\n---\n")}
			edit(s3zh, swap("{#s3-6 topics=\"ecology\"}", "{#s3-6 topics=\"ecology new\"}"))(m)
		}, []string{"front-matter content/topics/new/_index.en.md:4:1"}},
		{"an id twice", edit(s3zh, swap("{#s3-3 ", "{#s3-2 ")), []string{"unit-id " + s3zh + ":13:1"}},
		{"an id missing", edit(s3zh, swap("{#s3-3 topics=\"ecology\"}\n", "")), []string{"unit-id " + s3zh + ":12:1"}},
		{"measures that are no list", withUpdate("measures: s3-5"), []string{"front-matter " + updateZH + ":4:11"}},
		{"an id renamed", edit(s3zh, swap("{#s3-3 ", "{#s3-30 ")), []string{"ledger " + s3zh + ":13:1"}},
		{"an id renamed in English", edit(s3en, swap("{#s3-3}", "{#s3-30}")), []string{"parity " + s3en + ":13:1"}},
		{"an id of another section", edit(s3zh, swap("{#s3-3 ", "{#s4-3 ")), []string{"unit-id " + s3zh + ":13:1"}},
		{"two ids exchanged", edit(s3zh, func(s string) string {
			return strings.NewReplacer("{#s3-3 ", "{#s3-4 ", "{#s3-4 ", "{#s3-3 ").Replace(s)
		}), []string{"ledger " + s3zh + ":13:1", "ledger " + s3zh + ":16:1"}},
		{"a character changed", edit(s3zh, swap("龙岩长汀", "龙岩长丁")), []string{"fidelity " + s3zh + ":9:1"}},
		{"a sentence rewritten", edit(s3zh, swap("推广龙岩长汀水土流失治理经验，支持长汀、宁化等国家水土保持示范县建设。", "建设港口。")), []string{"fidelity " + s3zh + ":9:1"}},
		{"a note in place of English", edit(s3en, line("Disseminate", "TODO")), []string{"unwritten " + s3en + ":9:1"}},
		{"Chinese in place of English", edit(s3en, line("Disseminate", "推广龙岩长汀水土流失治理经验，支持长汀、宁化等国家水土保持示范县建设。")), []string{"unwritten " + s3en + ":9:1"}},
		{"the ledger deleted", without(ledgerCSV), []string{"ledger " + ledgerCSV}},
		{"a row of the ledger deleted", edit(ledgerCSV, noRow("s3-3")), []string{"ledger " + s3zh + ":12:1"}},
		{"the last row of a section deleted", edit(ledgerCSV, noRow("s3-7")), []string{"ledger " + s3zh + ":24:1"}},
		{"a live row withdrawn", edit(ledgerCSV, row("s3-3", "s3-3,withdrawn")), []string{"ledger " + ledgerCSV + ":12:1"}},
		{"the termbase deleted", without(termbase), []string{"termbase " + termbase}},
		{"GBK in the termbase", edit(termbase, gbk), []string{"encoding " + termbase + ":2:1"}},
		{"a topic deleted", without("content/topics/ecology/"), []string{"tags content/topics/ecology"}},
		{"a place deleted", without("content/places/changting/"), []string{"tags content/places/changting"}},
		{"a city deleted", without("content/places/longyan/"), []string{"structure content/places/longyan"}},
		{"all topics deleted", without("content/topics/"), []string{"tags content/topics"}},
		{"a body deleted", without("content/bodies/sanming/"), []string{"tags content/bodies/sanming"}},
		{"GBK in a body", edit("content/bodies/sanming/_index.zh.md", gbk), []string{"encoding content/bodies/sanming/_index.zh.md:2:8"}},
		{"all bodies deleted", without("content/bodies/"), []string{"tags content/bodies"}},
		{"all places deleted", without("content/places/"), []string{"tags content/places"}},
		{"the seed changed", edit(seedText, swap("林长制", "林长治")), []string{"fidelity " + planZH + ":3:9"}},
		{"the seed deleted", without(seedText), []string{"fidelity " + planZH + ":3:9"}},
		{"a byte order mark", edit(s3zh, func(s string) string { return "\ufeff" + s }), nil},
		{"Windows line ends", edit(s3zh, func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }), nil},
		{"front matter without its end", edit(s3zh, swap("\n---\n\n", "\n\n")), []string{"front-matter " + s3zh + ":1:1"}},
		{"a file emptied", edit(s3zh, func(string) string { return "" }), []string{"structure " + s3zh}},
		{"all sentences of a file deleted", edit(s3zh, head), []string{"ledger " + ledgerCSV + ":10:1"}},
		{"a sentence deleted", edit(s3zh, func(s string) string {
			return regexp.MustCompile(`\n[^\n]+\n\{#s3-3[^\n]+\n`).ReplaceAllString(s, "")
		}), []string{"fidelity " + s3zh + ":2:8"}},
		{"a merge not finished", edit(s3zh, swap("支持龙岩创建", "支持\n<<<<<<< HEAD\n龙岩\n=======\n三明\n>>>>>>> main\n创建")), []string{"conflict " + s3zh + ":25:1"}},
	} {
		m := maps.Clone(untouched)
		c.do(m)
		found := loadAndRun(m)
		var got []string
		for _, d := range found {
			wellSaid(t, d)
			got = append(got, d.Check+" "+d.Pos.String())
			if harm.MatchString(d.Hint.EN) && !strings.HasPrefix(d.Hint.EN, "Restore") && d.Check != "conflict" {
				t.Errorf("%s: harmful advice: %v", c.name, d)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%v\nwant %v", c.name, found, c.want)
		}
	}
}

// harm is advice that destroys something while the cause of a finding stands.
var harm = regexp.MustCompile(`(?i)\bremove|withdrawn|renumber|\baccept\b|new number|never used`)
