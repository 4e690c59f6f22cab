package address

import (
	"slices"
	"strings"

	"minxi/generator/internal/plan"
)

// Pictures of pages: a card, which messengers and social networks show beside a link,
// and of topics and of the zone's places a long picture with their measures. They stand
// beside the tree of pages, so that one is found from the other: the card of
// /zh/m/s3-2/ is /cards/zh/m/s3-2.png.

// CardOf is the card of a page, if it has one of its own.
func CardOf(page string) string { return "/cards" + strings.TrimSuffix(page, "/") + ".png" }

// EmbedOf is what says, to programs, how to show a sentence in other pages.
func EmbedOf(page string) string { return "/cards" + strings.TrimSuffix(page, "/") + ".json" }

// PictureOf is the long picture of a page.
func PictureOf(page string) string { return "/pictures" + strings.TrimSuffix(page, "/") + ".png" }

// carded are the pages that have a card of their own. Others show that of the home page.
var carded = map[Kind]bool{Home: true, Chapter: true, Section: true, Unit: true, Topic: true, Place: true, Body: true}

// pictures adds the pictures of the pages that the book has so far.
func (b *Book) pictures(p *plan.Plan) {
	zone := map[string]bool{}
	for _, t := range p.Topics {
		zone[TopicID(t.ID)] = true
	}
	for _, pl := range p.Places {
		zone[PlaceID(pl.ID)] = pl.Kind != plan.Outside
	}
	for _, a := range slices.Clone(b.list) {
		if !carded[a.Kind] || a.Part > 1 {
			continue
		}
		b.add(Address{Path: CardOf(a.Path), Kind: Card, Lang: a.Lang, Of: a.Of})
		if a.Kind == Unit {
			b.add(Address{Path: EmbedOf(a.Path), Kind: Embed, Lang: a.Lang, Of: a.Of})
		}
		if zone[a.Of] {
			b.add(Address{Path: PictureOf(a.Path), Kind: Picture, Lang: a.Lang, Of: a.Of})
		}
	}
}
