package formats

import (
	"bytes"
	"encoding/json"

	"minxi/generator/internal/plan"
)

// JSON Lines (jsonlines.org): what measures.json has, an object a line.
var measuresLines = Format{Path: "data/measures.jsonl", Type: "application/jsonl", Write: measuresJSONL,
	Group: ofSentences, Title: plan.Text{ZH: "全部句子（JSON Lines）", EN: "All sentences (JSON Lines)"},
	About: plan.Text{ZH: "内容同 JSON，一行一句，便于逐行处理和载入数据库。", EN: "The same as JSON, one sentence a line, to be read line by line or loaded into a database."}}

func measuresJSONL(p *plan.Plan, s Site) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for u := range p.Units() {
		r, err := recordOf(u, s)
		if err != nil {
			return nil, err
		}
		if err := enc.Encode(r); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
