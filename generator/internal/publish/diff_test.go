package publish

import "testing"

// TestPhaseOf shows that what a page refers to is there before it, and what readers
// meet first comes last.
func TestPhaseOf(t *testing.T) {
	for _, c := range []struct {
		name         string
		isNew, first bool
		want         phase
	}{
		{"zh/topics/snacks/feed.xml", true, false, assets}, // its page refers to it
		{"zh/feed.xml", true, true, assets},
		{"zh/feed.xml", false, false, entrances}, // tells of pages that have to be there
		{"zh/topics/snacks/index.html", true, false, newPages},
		{"zh/topics/index.html", false, false, changedPages},
		{"fr/index.html", true, false, newPages}, // changed pages link to the new language
		{"fr/index.html", true, true, entrances}, // of a site that is not there yet
		{"zh/index.html", false, false, entrances},
		{"index.html", false, false, entrances},
		{"sitemap.xml", true, false, entrances},
		{"zh/plan/index.html", true, false, newPages},
		{"data/measures.json", false, false, assets},
		{"assets/minxi.0.css", true, false, assets},
	} {
		if got := phaseOf(c.name, c.isNew, c.first); got != c.want {
			t.Errorf("%s (new %v, first %v): %s, want %s", c.name, c.isNew, c.first, phaseNames[got], phaseNames[c.want])
		}
	}
}
