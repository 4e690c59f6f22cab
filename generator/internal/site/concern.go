package site

// What concerns a place, in one list: the measures that name it; for a county those
// that name its city; and, inside the zone, those that name no city or county. Each
// group is divided by the first topic of its measures, and a filter finds by any.

import (
	"slices"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// A group with more than these is not listed on the page of a place, which would
// grow with the plan: its topics lead to where they are listed.
const (
	mostInFull = 60  // measures with their text
	mostByName = 120 // measures by number and headline
	mostBrief  = 18  // characters of such a headline: about a line on a phone
)

// concern is a group of measures that concern a place.
type concern struct {
	ID    string    `json:"id"`              // own, city or unplaced; also its fragment
	Href  string    `json:"href,omitempty"`  // where they are listed in full, if that is another page
	Name  bilingual `json:"name,omitzero"`   // of the place that they name
	Count int       `json:"count"`           // of all
	Above []unit    `json:"above,omitempty"` // those of them that the group before has already
	Brief bool      `json:"brief,omitempty"` // by number and headline
	long  bool      // too many to be listed: topics alone

	Topics []share `json:"topics,omitempty"`
}

// share is a topic's part in a group: Measures all that concern it, Mainly those that
// have it first, which are its Units.
type share struct {
	ref
	Units []unit `json:"units,omitempty"`
}

// concerns fills what concerns a place.
func (l pageIn) concerns(p *page, h *hub) {
	own := ofKind(h.units, plan.Measure)
	shown := slices.Clone(own)
	add := func(c *concern, list []*plan.Unit, most int, at *hub) {
		c.long = len(list) > most
		c.Topics = l.shares(c, list, at)
		p.facts.Concerns = append(p.facts.Concerns, *c)
	}
	c := &concern{ID: "own", Name: l.only(h.place.Name), Count: len(own)}
	if p.Parts > 0 {
		add(c, own, 0, h) // the list itself stands below, in parts
		shown = nil
	} else {
		add(c, own, len(own), h)
	}
	if h.place.Kind == plan.County {
		if city := l.hubs[address.PlaceID(h.place.Parent)]; city != nil && city.measures > 0 {
			c := &concern{ID: "city", Href: l.at().Hub(city.id), Name: l.only(city.place.Title), Count: city.measures}
			var list []*plan.Unit
			for _, u := range ofKind(city.units, plan.Measure) {
				if slices.Contains(shown, u) {
					c.Above = append(c.Above, *l.named(u))
				} else {
					list = append(list, u)
				}
			}
			if add(c, list, mostInFull, city); len(list) <= mostInFull {
				shown = append(shown, list...)
			}
		}
	}
	if n := len(l.deriver.unplaced); n > 0 && h.place.Kind != plan.Outside {
		c := &concern{ID: "unplaced", Href: l.at().List(address.Places) + "#unplaced", Count: n, Brief: true}
		if add(c, l.deriver.unplaced, mostByName, nil); n <= mostByName {
			shown = append(shown, l.deriver.unplaced...)
		}
	}
	// The filter: how many of the measures on this page concern a topic.
	on := map[*hub]int{}
	for _, u := range shown {
		topics, _ := l.tags(u)
		for _, t := range topics {
			on[t]++
		}
	}
	for _, t := range l.deriver.topics {
		r := l.name(t)
		r.Measures = on[t]
		if r.Measures > 0 && r.Measures < len(shown) {
			p.facts.ByTopic = append(p.facts.ByTopic, r)
		}
	}
	p.facts.Shown = len(shown)
}

// shares divides measures by their first topic. Of too many each topic is a link to
// the page that has those of the place at.
func (l pageIn) shares(c *concern, list []*plan.Unit, at *hub) (topics []share) {
	all, of := map[*hub]int{}, map[*hub]*share{}
	var none share // of measures that nobody has given a topic yet
	for _, u := range list {
		in, _ := l.tags(u)
		for _, t := range in {
			all[t]++
		}
		if len(in) == 0 {
			none.add(l, c, u, nil)
			continue
		}
		if of[in[0]] == nil {
			of[in[0]] = &share{}
		}
		of[in[0]].add(l, c, u, in[1:])
	}
	for _, t := range l.deriver.topics {
		s := share{ref: l.name(t)}
		if has := of[t]; has != nil {
			s.Units, s.Mainly = has.Units, has.Mainly
		}
		if c.long && at != nil {
			s.Href = l.at().Hub(address.CrossID(t.topic.ID, at.place.ID))
		}
		if s.Measures = all[t]; s.Mainly > 0 || c.long && at != nil && all[t] > 0 {
			topics = append(topics, s)
		}
	}
	if none.Mainly > 0 {
		none.Measures = none.Mainly
		topics = append(topics, none)
	}
	return topics
}

// add counts a measure that has the topic first and, unless the group is too long,
// lists it as the group does, with its further topics.
func (s *share) add(l pageIn, c *concern, u *plan.Unit, further []*hub) {
	if s.Mainly++; c.long {
		return
	}
	v := l.unit(u)
	if c.Brief {
		v = *l.titled(u)
		v.Headline = l.brief(u, mostBrief)
	}
	for _, h := range further {
		v.Also = append(v.Also, h.topic.ID)
	}
	s.Units = append(s.Units, v)
}
