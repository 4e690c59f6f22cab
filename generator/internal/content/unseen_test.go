package content

import "testing"

func TestUnseenCharactersAreInOrder(t *testing.T) {
	last := rune(-1)
	for _, u := range unseenCharacters {
		if u.from <= last || u.to < u.from {
			t.Errorf("U+%04X is out of order", u.from)
		}
		last = u.to
	}
}
