package check

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"minxi/generator/internal/plan"
)

// Kept keeps what is known of sentences from one run to the next.
type Kept interface {
	Get(name string) (data []byte, ok bool)
	Put(name string, data []byte)
}

// judgements are the sentences that no judgement had anything to say of. What judgements
// say depends on the sentence in both languages, its places, the terms and the names of
// places alone, so such a sentence is not judged again.
type judgements struct {
	kept   Kept
	name   string               // of what is kept, for these terms and places
	before map[sentenceKey]bool // known when the run began
	still  map[sentenceKey]bool // of these, what the plan still has
}

// sentenceKey is a hash of all that the judgements of a sentence depend on, beside terms and
// places.
type sentenceKey [16]byte

// knownToBeSound reads what is kept; nil without anything to keep it in.
func knownToBeSound(k Kept, p *plan.Plan) *judgements {
	if k == nil {
		return nil
	}
	rules, err := json.Marshal([]any{p.Terms, p.Places})
	if err != nil {
		return nil
	}
	s := &judgements{kept: k, name: fmt.Sprintf("%x", sha256.Sum256(rules)), before: map[sentenceKey]bool{}, still: map[sentenceKey]bool{}}
	data, _ := k.Get(s.name)
	for ; len(data) >= len(sentenceKey{}); data = data[len(sentenceKey{}):] {
		s.before[sentenceKey(data[:len(sentenceKey{})])] = true
	}
	return s
}

// knows reports whether a sentence need not be judged, and notes what it is known by.
func (s *judgements) knows(r *reading) bool {
	if s == nil || r.unit == nil {
		return false
	}
	sum := sha256.Sum256([]byte(strings.Join(append([]string{r.text.ZH, r.text.EN}, r.unit.Places...), "\x00")))
	r.key = sentenceKey(sum[:len(sentenceKey{})])
	if s.before[r.key] {
		s.still[r.key] = true
	}
	return s.before[r.key]
}

// keep adds the sentences that have been judged and of which nothing was told.
func (s *judgements) keep(in Input, readings []*reading) {
	if s == nil || in.withoutTermbase() {
		return
	}
	for _, r := range readings {
		spared := r.unit == nil || slices.ContainsFunc(r.unit.Places, func(id string) bool { return in.causes().hub("places/" + id) })
		if !spared && !r.told {
			s.still[r.key] = true
		}
	}
	var data []byte
	changed := len(s.still) != len(s.before)
	for j := range s.still {
		data = append(data, j[:]...)
		changed = changed || !s.before[j]
	}
	if changed {
		s.kept.Put(s.name, data)
	}
}
