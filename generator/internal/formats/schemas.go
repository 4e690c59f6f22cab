package formats

import (
	"embed"

	"minxi/generator/internal/plan"
)

// JSON Schema (draft 2020-12) of the two JSON files. They are closed: a field that
// they do not know is a mistake, so that none is added in silence.

//go:embed schema
var schemas embed.FS

func schema(name string) func(*plan.Plan, Site) ([]byte, error) {
	return func(*plan.Plan, Site) ([]byte, error) { return schemas.ReadFile("schema/" + name) }
}

var measuresSchema = Format{Path: "data/measures.schema.json", Type: "application/schema+json", Write: schema("measures.schema.json"),
	Group: ofSentences, Title: plan.Text{ZH: "句子的 JSON Schema", EN: "JSON Schema of sentences"},
	About: plan.Text{ZH: "measures.json 各字段的含义，供程序校验。", EN: "What each field of measures.json means, for programs that check it."}}

var termsSchema = Format{Path: "data/terms.schema.json", Type: "application/schema+json", Write: schema("terms.schema.json"),
	Group: ofTerms, Title: plan.Text{ZH: "术语的 JSON Schema", EN: "JSON Schema of terms"},
	About: plan.Text{ZH: "terms.json 各字段的含义，供程序校验。", EN: "What each field of terms.json means, for programs that check it."}}
