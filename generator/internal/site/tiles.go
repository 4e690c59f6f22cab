package site

// The schematic map: a square for each county, as its front matter places it, the
// line between the cities, and each city's name in a square that no county has.

import (
	"fmt"
	"slices"
	"strings"

	"minxi/generator/internal/plan"
)

// tiles is the schematic map, in squares of width and height 1.
type tiles struct {
	Columns int     `json:"columns"`
	Rows    int     `json:"rows"`
	Topic   bool    `json:"topic,omitempty"` // numbers count the measures of the page's topic
	Here    bool    `json:"here,omitempty"`  // a place on it is the page's
	Tiles   []tile  `json:"tiles"`
	Cities  []tile  `json:"cities,omitempty"` // their names, where a square is free for them
	Border  string  `json:"border,omitempty"` // between counties of different cities: a path
	Key     []level `json:"key"`              // what the tints mean
}

type tile struct {
	Href  string    `json:"href"`
	Name  bilingual `json:"name"`
	Count int       `json:"count"`
	Level int       `json:"level"`          // its tint
	Here  string    `json:"here,omitempty"` // "page", or "true" of a city's counties
	X     int       `json:"x"`
	Y     int       `json:"y"`
}

// level is a tint, from 0 for none to mostTints, with the numbers that it stands for.
type level struct {
	Level int `json:"level"`
	From  int `json:"from"`
	To    int `json:"to"`
}

const mostTints = 4

// tiles draws the map: every place that has a square on it, with the number of
// the measures that name it or, on the page of a topic, that topic's there.
func (l pageIn) tiles(topic, here *hub) *tiles {
	m := &tiles{Topic: topic != nil}
	across := map[*hub]*hub{}
	if topic != nil {
		for _, x := range topic.acrossBy {
			across[x.placeHub] = x
		}
	}
	draw := func(h *hub, x, y int) tile {
		v := tile{Href: l.at().Hub(h.id), Name: l.only(h.place.Name), Count: h.measures, X: x, Y: y}
		if topic != nil {
			v.Count = 0
			if x := across[h]; x != nil {
				v.Href, v.Count = l.at().Hub(x.id), x.measures
			}
		}
		if h == here {
			v.Here = "page"
		} else if here != nil && h.place.Parent == here.place.ID {
			v.Here = "true"
		}
		m.Here = m.Here || v.Here != ""
		return v
	}
	at := map[[2]int]*plan.Place{}
	for _, h := range l.deriver.places {
		if t := h.place.Tile; t != nil {
			m.Columns, m.Rows = max(m.Columns, t.Column+1), max(m.Rows, t.Row+1)
			m.Tiles = append(m.Tiles, draw(h, t.Column, t.Row))
			at[[2]int{t.Column, t.Row}] = h.place
		}
	}
	if len(m.Tiles) == 0 {
		return nil
	}
	m.Key = tint(m.Tiles)
	m.Border = border(at)
	for _, h := range l.deriver.places {
		if h.place.Kind != plan.City {
			continue
		}
		if x, y, has := free(at, h.place.ID, m.Columns, m.Rows); has {
			v := draw(h, x, y)
			if l.Lang == plan.ZH {
				v.Name = l.only(h.place.Title)
			}
			m.Cities = append(m.Cities, v)
		}
	}
	return m
}

// tint gives each tile a tint by its number and returns what the tints mean: one for
// each number while there are few, otherwise one for a range of them.
func tint(list []tile) []level {
	var counts []int
	for _, t := range list {
		if t.Count > 0 {
			counts = append(counts, t.Count)
		}
	}
	slices.Sort(counts)
	counts = slices.Compact(counts)
	n := min(len(counts), mostTints)
	key := []level{{}}
	for i := range n {
		from, to := counts[i*len(counts)/n], counts[(i+1)*len(counts)/n-1]
		tint := mostTints
		if n > 1 {
			tint = 1 + i*(mostTints-1)/(n-1)
		}
		key = append(key, level{tint, from, to})
	}
	for i := range list {
		for _, k := range key {
			if list[i].Count >= k.From && list[i].Count <= k.To {
				list[i].Level = k.Level
			}
		}
	}
	if !slices.ContainsFunc(list, func(t tile) bool { return t.Count == 0 }) {
		key = key[1:]
	}
	return key
}

// border is the line between neighbours of different cities, as a path.
func border(at map[[2]int]*plan.Place) string {
	var b strings.Builder
	spots := make([][2]int, 0, len(at))
	for s := range at {
		spots = append(spots, s)
	}
	slices.SortFunc(spots, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	for _, s := range spots {
		differs := func(x, y int) bool {
			other := at[[2]int{x, y}]
			return other != nil && other.Parent != at[s].Parent
		}
		if differs(s[0]+1, s[1]) {
			fmt.Fprintf(&b, "M%d %dv1", s[0]+1, s[1])
		}
		if differs(s[0], s[1]+1) {
			fmt.Fprintf(&b, "M%d %dh1", s[0], s[1]+1)
		}
	}
	return b.String()
}

// free is the empty square of a map that has the most counties of a city around it
// and none of another.
func free(at map[[2]int]*plan.Place, city string, columns, rows int) (bx, by int, has bool) {
	best := 0
	for y := range rows {
		for x := range columns {
			if at[[2]int{x, y}] != nil {
				continue
			}
			own, others := 0, 0
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					if p := at[[2]int{x + dx, y + dy}]; p != nil && p.Parent == city {
						own++
					} else if p != nil {
						others++
					}
				}
			}
			if others == 0 && own > best {
				best, bx, by = own, x, y
			}
		}
	}
	return bx, by, best > 0
}
