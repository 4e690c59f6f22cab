package pipeline

import "testing"

// TestEvenly: no slice is much smaller than the others, and none larger than half as
// large again as it should be.
func TestEvenly(t *testing.T) {
	for pages := range 20 * slice {
		most := evenly(pages)
		slices := (pages + most - 1) / most
		if rest := pages - (slices-1)*most; most > slice+slice/2 || pages > 0 && rest < most-slices {
			t.Fatalf("%d pages: slices of %d and one of %d", pages, most, rest)
		}
	}
	if got := evenly(970); got != 970 { // the real site
		t.Errorf("970 pages are slices of %d", got)
	}
}
