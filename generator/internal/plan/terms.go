package plan

// TermUses tells which units use each term, by its Chinese, in document order:
// the back-of-the-book index. Where terms overlap the longest counts, so a
// sentence about 红色旅游公路 is not listed under 红色旅游.
func (p *Plan) TermUses() map[string][]ID {
	type term struct {
		runes []rune
		zh    string
	}
	byFirst := map[rune][]term{}
	for _, t := range p.Terms {
		if r := []rune(t.ZH); len(r) > 0 {
			byFirst[r[0]] = append(byFirst[r[0]], term{r, t.ZH})
		}
	}
	uses := map[string][]ID{}
	for u := range p.Units() {
		text := []rune(u.Text.ZH)
		seen := map[string]bool{}
		for i := 0; i < len(text); {
			var best term
			for _, t := range byFirst[text[i]] {
				if len(t.runes) > len(best.runes) && hasPrefix(text[i:], t.runes) {
					best = t
				}
			}
			if best.zh == "" {
				i++
				continue
			}
			if !seen[best.zh] {
				seen[best.zh] = true
				uses[best.zh] = append(uses[best.zh], u.ID)
			}
			i += len(best.runes)
		}
	}
	return uses
}

func hasPrefix(text, prefix []rune) bool {
	if len(text) < len(prefix) {
		return false
	}
	for i, r := range prefix {
		if text[i] != r {
			return false
		}
	}
	return true
}
