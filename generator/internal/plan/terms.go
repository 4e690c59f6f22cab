package plan

import "strings"

// TermUses tells which units contain each term, by its Chinese, in document
// order: the back-of-the-book index. A term counts wherever its characters
// stand, also inside a longer term or name, and with the brackets that the plan
// puts into shortened names: 连城 stands in 长（汀）连（城）武（平）.
func (p *Plan) TermUses() map[string][]ID {
	uses := map[string][]ID{}
	for u := range p.Units() {
		text, plain := u.Text.ZH, unbracketed.Replace(u.Text.ZH)
		seen := map[string]bool{"": true}
		for _, t := range p.Terms {
			if !seen[t.ZH] && (strings.Contains(text, t.ZH) || strings.Contains(plain, t.ZH)) {
				seen[t.ZH] = true
				uses[t.ZH] = append(uses[t.ZH], u.ID)
			}
		}
	}
	return uses
}

var unbracketed = strings.NewReplacer("（", "", "）", "")
