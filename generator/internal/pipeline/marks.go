package pipeline

import (
	"time"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

// Mark says of a page in the preview what sets it apart from what readers have.
type Mark struct {
	Draft  bool   `json:"draft,omitempty"`  // it is not published
	Future string `json:"future,omitempty"` // the day that it bears, which has not come: 2027-01-05
}

// chinaTime is where the plan's days begin.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// marks are those of the pages that have one, by path.
func marks(tree *content.Tree, now time.Time) map[string]Mark {
	updates := map[string]*plan.Update{}
	for _, u := range tree.Plan.Updates {
		updates["updates/"+u.Name] = u
	}
	today := now.In(chinaTime).Format(time.DateOnly)
	all := map[string]Mark{}
	for _, p := range tree.Pages() {
		m := Mark{Draft: p.Draft}
		if u := updates[p.Name]; u != nil {
			m.Draft = m.Draft || u.Draft
			if day := u.Date.In(chinaTime).Format(time.DateOnly); day > today {
				m.Future = day
			}
		}
		if m != (Mark{}) {
			all[p.Path()] = m
		}
	}
	return all
}
