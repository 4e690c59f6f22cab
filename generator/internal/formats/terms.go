package formats

import (
	"bytes"
	"encoding/json"
	"slices"

	"minxi/generator/internal/plan"
)

var terms = Format{Path: "data/terms.json", Type: "application/json", Write: termsJSON,
	Title: plan.Text{ZH: "全部术语（JSON）", EN: "All terms (JSON)"},
	About: plan.Text{ZH: "每条术语的中英文、拼音、类别和出现的句子。", EN: "Each term in both languages, its reading, kind, and the sentences that contain it."}}

// termsJSON writes the terms that the plan uses as a JSON array, one term a line,
// each with its reading and the units whose Chinese contains it. What translators
// note beside a term, and where they have it from, is for them; terms that stand in
// no sentence are, too.
func termsJSON(p *plan.Plan, _ Site) ([]byte, error) {
	type term struct {
		ZH        string    `json:"zh"`
		Pinyin    string    `json:"pinyin"`
		EN        string    `json:"en"`
		Forbidden []string  `json:"forbidden"`
		Kind      string    `json:"kind"`
		Units     []plan.ID `json:"units"`
	}
	uses := p.TermUses()
	used := slices.DeleteFunc(slices.Clone(p.Terms), func(t plan.Term) bool { return len(uses[t.ZH]) == 0 })
	return lines(used, func(t plan.Term) (any, error) {
		return term{t.ZH, t.Pinyin, t.EN, orEmpty(t.Forbidden), t.Kind, uses[t.ZH]}, nil
	})
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
