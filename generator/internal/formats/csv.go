package formats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"

	"minxi/generator/internal/plan"
)

// CSV (RFC 4180) with a byte order mark, without which spreadsheets on Chinese
// systems take UTF-8 for GBK. Lists are words with spaces between them, and what
// each column means say CSV on the Web (W3C) and Table Schema (frictionlessdata.io).

// column is a column of a table, said once for all who describe it.
type column[T any] struct {
	name  string
	about plan.Text
	kind  string // string, integer or list
	value func(T) string
	more  facets
}

// facets are what holds of every value of a column.
type facets struct {
	empty bool     // there may be none
	enum  []string // the values that there are
	match string   // a regular expression, in the syntax that XML Schema and JavaScript share
	key   bool     // names the row
}

var (
	text    = facets{}
	maybe   = facets{empty: true}
	oneKey  = facets{key: true, match: `p-[1-9]\d*|[cs][1-9]\d*-[1-9]\d*`}
	hash    = facets{match: "[0-9a-f]{64}"}
	anyHash = facets{match: "[0-9a-f]{64}", empty: true}
)

var measureColumns = []column[record]{
	{"id", plan.Text{ZH: "永久编号", EN: "permanent id"}, "string", func(r record) string { return string(r.ID) }, oneKey},
	{"kind", plan.Text{ZH: "性质：措施、背景、要求、目标", EN: "what the sentence is for"}, "string", func(r record) string { return string(r.Kind) }, facets{enum: words(plan.Kinds)}},
	{"chapter", plan.Text{ZH: "章；序言为空", EN: "chapter; empty in the preamble"}, "integer", func(r record) string { return number(r.Chapter) }, maybe},
	{"section", plan.Text{ZH: "节；不在节内为空", EN: "section; empty outside sections"}, "integer", func(r record) string { return number(r.Section) }, maybe},
	{"number", plan.Text{ZH: "节、章或序言内的句序", EN: "place within section, chapter, or preamble"}, "integer", func(r record) string { return strconv.Itoa(r.Number) }, text},
	{"zh", plan.Text{ZH: "中文原文", EN: "official Chinese text"}, "string", func(r record) string { return r.ZH }, text},
	{"en", plan.Text{ZH: "英文译文（非官方）；尚无译文为空", EN: "unofficial English translation; empty where there is none yet"}, "string", func(r record) string { return r.EN }, maybe},
	{"topics", plan.Text{ZH: "主题，以空格分隔，首个为主", EN: "topics, separated by spaces, the main one first"}, "list", func(r record) string { return strings.Join(r.Topics, " ") }, maybe},
	{"places", plan.Text{ZH: "句中提到的地方，以空格分隔", EN: "places that the sentence names, separated by spaces"}, "list", func(r record) string { return strings.Join(r.Places, " ") }, maybe},
	{"bodies", plan.Text{ZH: "句中写明由谁办理、请谁支持的单位，以空格分隔", EN: "bodies that the sentence says act or are addressed, separated by spaces"}, "list", func(r record) string { return strings.Join(r.Bodies, " ") }, maybe},
	{"status", plan.Text{ZH: "状态", EN: "state"}, "string", func(r record) string { return string(r.Status) }, facets{enum: words(plan.EntryStates)}},
	{"translation", plan.Text{ZH: "译文：最新、待更新、缺", EN: "whether the English is of the Chinese as it is"}, "string", func(r record) string { return string(r.Translation) }, facets{enum: words([]plan.Translation{plan.Current, plan.Stale, plan.Missing})}},
	{"sha256_zh", plan.Text{ZH: "中文（UTF-8）的 SHA-256", EN: "SHA-256 of the Chinese (UTF-8)"}, "string", func(r record) string { return r.SHA256.ZH }, hash},
	{"sha256_en", plan.Text{ZH: "英文（UTF-8）的 SHA-256", EN: "SHA-256 of the English (UTF-8)"}, "string", func(r record) string { return r.SHA256.EN }, anyHash},
	{"url_zh", plan.Text{ZH: "中文网页", EN: "page in Chinese"}, "string", func(r record) string { return r.URL.ZH }, text},
	{"url_en", plan.Text{ZH: "英文网页", EN: "page in English"}, "string", func(r record) string { return r.URL.EN }, text},
}

var termColumns = []column[termRecord]{
	{"zh", plan.Text{ZH: "中文", EN: "Chinese"}, "string", func(t termRecord) string { return t.ZH }, text},
	{"pinyin", plan.Text{ZH: "拼音", EN: "reading"}, "string", func(t termRecord) string { return t.Pinyin }, maybe},
	{"en", plan.Text{ZH: "英文", EN: "English"}, "string", func(t termRecord) string { return t.EN }, maybe},
	{"forbidden", plan.Text{ZH: "不用的译法，以竖线分隔", EN: "renderings not to be used, separated by bars"}, "string", func(t termRecord) string { return strings.Join(t.Forbidden, "|") }, maybe},
	{"kind", plan.Text{ZH: "类别", EN: "kind"}, "string", func(t termRecord) string { return t.Kind }, maybe},
	{"units", plan.Text{ZH: "出现的句子，以空格分隔", EN: "sentences that contain it, separated by spaces"}, "list", func(t termRecord) string { return strings.Join(words(t.Units), " ") }, text},
}

func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

var measuresCSV = Format{Path: "data/measures.csv", Type: "text/csv", Write: func(p *plan.Plan, s Site) ([]byte, error) {
	var rows []record
	for u := range p.Units() {
		r, err := recordOf(u, s)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return table(measureColumns, rows)
},
	Group: ofSentences, Title: plan.Text{ZH: "全部句子（CSV）", EN: "All sentences (CSV)"},
	About: plan.Text{ZH: "用 Excel、WPS 表格或 R 打开，一行一句。", EN: "For Excel, LibreOffice, or R: a row a sentence."}}

var termsCSV = Format{Path: "data/terms.csv", Type: "text/csv", Write: func(p *plan.Plan, _ Site) ([]byte, error) {
	return table(termColumns, usedTerms(p))
},
	Group: ofTerms, Title: plan.Text{ZH: "全部术语（CSV）", EN: "All terms (CSV)"},
	About: plan.Text{ZH: "用 Excel、WPS 表格打开，一行一条。", EN: "For Excel or LibreOffice: a row a term."}}

// table writes rows of CSV below their names.
func table[T any](columns []column[T], rows []T) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.name
	}
	_ = w.Write(line) // a buffer takes everything
	for _, r := range rows {
		for i, c := range columns {
			line[i] = c.value(r)
		}
		_ = w.Write(line)
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

var measuresCSVW = Format{Path: "data/measures.csv-metadata.json", Type: "application/csvm+json", Write: func(p *plan.Plan, s Site) ([]byte, error) {
	tables := []object{csvw(measureColumns, "measures.csv", measuresCSV.Title), csvw(termColumns, "terms.csv", termsCSV.Title)}
	return indented(object{"@context": []any{"http://www.w3.org/ns/csvw", object{"@language": "en"}}, "tables": tables})
},
	Group: ofSentences, Title: plan.Text{ZH: "CSV 说明（CSVW）", EN: "What the CSV says (CSVW)"},
	About: plan.Text{ZH: "各列的含义和类型，供程序读取 measures.csv 和 terms.csv。", EN: "What each column of measures.csv and terms.csv means, for programs."}}

// object is an object of JSON; its keys are written in alphabetical order.
type object map[string]any

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

// csvw describes a table: Metadata Vocabulary for Tabular Data, W3C, 2015.
func csvw[T any](columns []column[T], file string, title plan.Text) object {
	var list []object
	var key any
	for _, c := range columns {
		o := object{"name": c.name, "titles": c.name, "dc:description": []object{{"@value": c.about.ZH, "@language": "zh-Hans"}, {"@value": c.about.EN, "@language": "en"}}}
		datatype := object{"base": "string"}
		switch {
		case c.kind == "integer":
			datatype = object{"base": "integer"}
		case c.more.match != "":
			datatype["format"] = c.more.match
		case c.more.enum != nil:
			datatype["format"] = strings.Join(c.more.enum, "|")
		}
		o["datatype"] = datatype
		if c.kind == "list" {
			o["separator"] = " "
		}
		if !c.more.empty {
			o["required"] = true
		}
		if c.more.key {
			key = c.name
		}
		list = append(list, o)
	}
	schema := object{"columns": list}
	if key != nil {
		schema["primaryKey"] = key
	}
	return object{"url": file, "dc:title": []object{{"@value": title.ZH, "@language": "zh-Hans"}, {"@value": title.EN, "@language": "en"}}, "tableSchema": schema}
}
