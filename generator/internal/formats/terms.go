package formats

import (
	"bytes"
	"encoding/json"

	"minxi/generator/internal/plan"
)

// termsJSON writes the termbase as a JSON array, one term a line, each with the
// units whose Chinese contains it; a term that the plan does not use has none.
func termsJSON(p *plan.Plan, _ Site) ([]byte, error) {
	type term struct {
		ZH        string    `json:"zh"`
		EN        string    `json:"en"`
		Forbidden []string  `json:"forbidden"`
		Kind      string    `json:"kind"`
		Note      string    `json:"note"`
		Source    string    `json:"source"`
		Units     []plan.ID `json:"units"`
	}
	uses := p.TermUses()
	return lines(p.Terms, func(t plan.Term) (any, error) {
		units := uses[t.ZH]
		if units == nil {
			units = []plan.ID{}
		}
		return term{t.ZH, t.EN, orEmpty(t.Forbidden), t.Kind, t.Note, t.Source, units}, nil
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
