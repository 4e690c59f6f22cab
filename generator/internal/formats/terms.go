package formats

import (
	"bytes"
	"encoding/json"

	"minxi/generator/internal/plan"
)

var terms = Format{Path: "data/terms.json", Type: "application/json", Write: termsJSON,
	Group: ofTerms, Title: plan.Text{ZH: "全部术语（JSON）", EN: "All terms (JSON)"},
	About: plan.Text{ZH: "每条术语的中英文、拼音、类别和出现的句子。", EN: "Each term in both languages, its reading, kind, and the sentences that contain it."}}

// termRecord is one term in the data. What translators note beside it, and where they
// have it from, is for them.
type termRecord struct {
	ZH        string    `json:"zh"`
	Pinyin    string    `json:"pinyin"`
	EN        string    `json:"en"`
	Forbidden []string  `json:"forbidden"`
	Kind      string    `json:"kind"`
	Units     []plan.ID `json:"units"`
}

// usedTerms are the terms that the plan uses, each with the units whose Chinese
// contains it. Terms that stand in no sentence are for translators.
func usedTerms(p *plan.Plan) (list []termRecord) {
	uses := p.TermUses()
	for _, t := range p.Terms {
		if len(uses[t.ZH]) > 0 {
			list = append(list, termRecord{t.ZH, t.Pinyin, t.EN, orEmpty(t.Forbidden), t.Kind, uses[t.ZH]})
		}
	}
	return list
}

// termsJSON writes the terms as a JSON array, one term a line.
func termsJSON(p *plan.Plan, _ Site) ([]byte, error) {
	return lines(usedTerms(p), func(t termRecord) (any, error) { return t, nil })
}

// lines writes a JSON array with one value a line, which people can read and
// version control can compare.
func lines[T any](list []T, value func(T) (any, error)) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('[')
	for i, item := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		v, err := value(item)
		if err != nil {
			return nil, err
		}
		if err := enc.Encode(v); err != nil {
			return nil, err
		}
		b.Truncate(b.Len() - 1) // Encode ends each value with a line break
	}
	b.WriteString("\n]\n")
	return b.Bytes(), nil
}
