package plan

import "strings"

// TermUses tells which units contain each term, by its Chinese, in document
// order: the back-of-the-book index. A term counts wherever its characters
// stand, also inside a longer term or name, and with the brackets that the plan
// puts into shortened names: 连城 stands in 长（汀）连（城）武（平）.
func (p *Plan) TermUses() map[string][]ID {
	// Terms by how they begin, so that a text is gone through once, whatever the
	// number of terms.
	const begin = 6 // bytes: two Chinese characters
	long, short := map[string][]string{}, []string{}
	for _, t := range p.Terms {
		switch {
		case t.ZH == "":
		case len(t.ZH) < begin:
			short = append(short, t.ZH)
		default:
			long[t.ZH[:begin]] = append(long[t.ZH[:begin]], t.ZH)
		}
	}
	uses := map[string][]ID{}
	for u := range p.Units() {
		seen := map[string]bool{}
		found := func(zh string) {
			if !seen[zh] {
				seen[zh] = true
				uses[zh] = append(uses[zh], u.ID)
			}
		}
		texts := []string{u.Text.ZH}
		if plain := unbracketed.Replace(u.Text.ZH); plain != u.Text.ZH {
			texts = append(texts, plain)
		}
		for _, text := range texts {
			for i := range text { // where characters begin
				if i+begin > len(text) {
					break
				}
				for _, zh := range long[text[i:i+begin]] {
					if strings.HasPrefix(text[i:], zh) {
						found(zh)
					}
				}
			}
			for _, zh := range short {
				if strings.Contains(text, zh) {
					found(zh)
				}
			}
		}
	}
	return uses
}

var unbracketed = strings.NewReplacer("（", "", "）", "")
