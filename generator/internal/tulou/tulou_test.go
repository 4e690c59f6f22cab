package tulou

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/plan"
)

// shape makes a plan: for each chapter the numbers of units of its own text and
// of its sections.
func shape(preamble int, chapters ...[]int) *plan.Plan {
	p := &plan.Plan{}
	units := func(prefix string, n int) (list []*plan.Unit) {
		for i := range n {
			list = append(list, &plan.Unit{ID: plan.ID(fmt.Sprintf("%s-%d", prefix, i+1))})
		}
		return list
	}
	p.Preamble = units("p", preamble)
	section := 0
	for i, c := range chapters {
		chapter := &plan.Chapter{Number: i + 1, Units: units(fmt.Sprintf("c%d", i+1), c[0])}
		for _, n := range c[1:] {
			section++
			chapter.Sections = append(chapter.Sections, &plan.Section{Number: section, Chapter: i + 1, Units: units(fmt.Sprintf("s%d", section), n)})
		}
		p.Chapters = append(p.Chapters, chapter)
	}
	return p
}

// minxi has the shape of the real plan.
func minxi() *plan.Plan {
	return shape(1, []int{4}, []int{0, 1, 2}, []int{0, 7, 5, 3}, []int{0, 5, 5, 7, 3}, []int{0, 6, 9, 3},
		[]int{0, 7, 4}, []int{0, 7, 7, 7}, []int{0, 3, 7}, []int{0, 1, 8, 6})
}

// judge holds a drawing against its plan: every unit has one cell, clockwise
// from the gate in the order of the plan, no two cells overlap, and a room holds
// its own cells only.
func judge(t *testing.T, name string, p *plan.Plan) {
	t.Helper()
	d := Draw(p)
	var want []plan.ID
	for u := range p.Units() {
		if !strings.HasPrefix(string(u.ID), "p-") {
			want = append(want, u.ID)
		}
	}
	var got []plan.ID
	for _, c := range d.Cells {
		got = append(got, c.ID)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s: cells %v, want %v", name, got, want)
	}
	if len(d.Hall) != len(p.Preamble) {
		t.Errorf("%s: %d rooms in the hall, want %d", name, len(d.Hall), len(p.Preamble))
	}
	if len(d.Cells) == 0 {
		return
	}
	fromGate := func(turn float64) float64 { return math.Mod(turn-90+360, 360) }
	turns := map[int][]float64{}
	for _, c := range d.Cells {
		if c.Ring < 0 || c.Ring >= len(d.Rings) {
			t.Fatalf("%s: %s stands in ring %d of %d", name, c.ID, c.Ring, len(d.Rings))
		}
		turns[c.Ring] = append(turns[c.Ring], fromGate(c.Turn))
	}
	var rooms []room
	for i, c := range p.Chapters {
		if len(c.Units) > 0 {
			rooms = append(rooms, room{units: c.Units, chapter: i})
		}
		for _, s := range c.Sections {
			rooms = append(rooms, room{units: s.Units, chapter: i})
		}
	}
	width := 360 / columns(rooms, len(d.Rings))
	for ring, list := range turns {
		slices.Sort(list)
		for i := 1; i < len(list); i++ {
			if list[i]-list[i-1] < width-0.21 { // turns are rounded to a tenth
				t.Errorf("%s: cells at %.1f and %.1f of ring %d overlap", name, list[i-1], list[i], ring)
			}
		}
		if first, last := list[0]-width/2, list[len(list)-1]+width/2; first < gate/2*width-0.2 || last > 360-gate/2*width+0.2 {
			t.Errorf("%s: ring %d reaches from %.1f to %.1f, over the gate", name, ring, first, last)
		}
	}
	i := 0
	for n, r := range rooms {
		box := d.Rooms[n]
		for range r.units {
			turn := d.Cells[i].Turn
			for turn < box.from {
				turn += 360
			}
			if turn < box.from || turn > box.to {
				t.Errorf("%s: %s at %.1f is outside %s (%.1f to %.1f)", name, d.Cells[i].ID, turn, box.ID, box.from, box.to)
			}
			i++
		}
		if n > 0 && d.Rooms[n-1].to > box.from {
			t.Errorf("%s: rooms %s and %s overlap", name, d.Rooms[n-1].ID, box.ID)
		}
	}
	// Cells of one ring have one area; those of other rings less than twice it.
	radius := radii(len(d.Rings))
	least, most := math.Inf(1), 0.0
	for i := range d.Rings {
		area := radius[i]*radius[i] - radius[i+1]*radius[i+1]
		least, most = min(least, area), max(most, area)
	}
	if most > 2*least {
		t.Errorf("%s: the largest cells are %.1f times the smallest", name, most/least)
	}
	if !reflect.DeepEqual(d, Draw(p)) {
		t.Errorf("%s: drawn twice, it differs", name)
	}
}

func TestDraw(t *testing.T) {
	for name, p := range map[string]*plan.Plan{
		"the plan":               minxi(),
		"nothing":                shape(0),
		"a preamble alone":       shape(3),
		"one sentence":           shape(0, []int{1}),
		"chapters without text":  shape(1, []int{0}, []int{0, 1}),
		"no sections":            shape(2, []int{9}, []int{14}, []int{1}),
		"one long chapter":       shape(1, []int{60}),
		"four chapters":          shape(1, []int{0, 3, 4, 5, 2, 6}, []int{0, 4, 4, 4}, []int{2, 8, 1, 9, 3, 3, 3}, []int{0, 1, 2, 3, 4, 5}),
		"fourteen without shape": shape(0, []int{20}, []int{12}, []int{30}, []int{8}, []int{9}, []int{11}, []int{7}, []int{5}, []int{13}, []int{6}, []int{15}, []int{4}, []int{3}, []int{2}),
	} {
		judge(t, name, p)
	}
	d := Draw(minxi())
	if len(d.Rings) != 3 || len(d.Cells) != 117 || len(d.Rooms) != 23 || len(d.Chapters) != 9 {
		t.Errorf("the plan has %d rings, %d cells, %d rooms, %d sectors", len(d.Rings), len(d.Cells), len(d.Rooms), len(d.Chapters))
	}
	for _, c := range d.Chapters {
		if math.Hypot(c.X, c.Y) < eaves || c.Anchor == "start" && c.X < 0 || c.Anchor == "end" && c.X > 0 {
			t.Errorf("the name of %s stands at %v %v, anchored at its %s", c.ID, c.X, c.Y, c.Anchor)
		}
	}
	if d.Chapters[0].Y < 0 || d.Chapters[0].X > 0 || d.Chapters[8].X < 0 || d.Chapters[8].Y < 0 {
		t.Error("the plan does not start and end at the south gate, clockwise")
	}
}

// TestRandomPlans draws plans of every shape.
func TestRandomPlans(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		var chapters [][]int
		for range 1 + random.IntN(14) {
			c := []int{random.IntN(4)}
			for range random.IntN(8) {
				c = append(c, random.IntN(25))
			}
			chapters = append(chapters, c)
		}
		judge(t, fmt.Sprintf("random %d %v", i, chapters), shape(random.IntN(3), chapters...))
	}
}

func TestSegment(t *testing.T) {
	for _, tt := range []struct {
		inner, outer, from, to float64
		want                   string
	}{
		{50, 100, 0, 90, "M50 0L100 0A100 100 0 0 1 0 100L0 50A50 50 0 0 0 50 0Z"},
		{0, 10, -90, 30, "M0 0L0-10A10 10 0 0 1 8.7 5Z"},
		{0, 10, 0, 270, "M0 0L10 0A10 10 0 1 1 0-10Z"},
	} {
		if got := segment(tt.inner, tt.outer, tt.from, tt.to); got != tt.want {
			t.Errorf("segment(%v, %v, %v, %v) = %s, want %s", tt.inner, tt.outer, tt.from, tt.to, got, tt.want)
		}
	}
}
