package content

import (
	"os"
	"strings"
	"testing"

	"minxi/generator/internal/plan"
)

// seats are the counties of the zone by the longitude (east) and latitude
// (north) of their seats in degrees, which the published boundaries of Sanming
// (350400) and Longyan (350800) carry.
var seats = map[string][2]float64{
	"jianning": {116.846, 26.831}, "taining": {117.178, 26.898}, "jiangle": {117.474, 26.729},
	"ninghua": {116.660, 26.260}, "qingliu": {116.816, 26.178}, "mingxi": {117.202, 26.357},
	"sanyuan": {117.607, 26.234}, "shaxian": {117.789, 26.397}, "youxi": {118.189, 26.169},
	"yongan": {117.364, 25.974}, "datian": {117.849, 25.691}, "changting": {116.361, 25.842},
	"liancheng": {116.757, 25.709}, "zhangping": {117.421, 25.292}, "xinluo": {117.031, 25.092},
	"shanghang": {116.425, 25.050}, "wuping": {116.101, 25.089}, "yongding": {116.733, 24.720},
}

// borders are the pairs of counties that share a border, by the same boundaries.
const borders = `
jianning: taining ninghua mingxi
taining: jiangle mingxi
jiangle: mingxi shaxian
ninghua: mingxi qingliu changting
qingliu: mingxi yongan liancheng changting
mingxi: sanyuan shaxian yongan
sanyuan: shaxian yongan datian
shaxian: youxi datian
datian: youxi yongan zhangping
yongan: liancheng xinluo zhangping
changting: liancheng wuping shanghang
liancheng: shanghang xinluo
xinluo: zhangping shanghang yongding
shanghang: wuping yongding`

// apart are the neighbours that do not touch: Ninghua, Qingliu, Mingxi, Sanyuan
// and Shaxian stand in one row, and the ends of it do not reach Mingxi.
var apart = map[string]bool{"ninghua mingxi": true, "mingxi shaxian": true}

// TestRealTiles holds the schematic map against the real one: what stands
// further up is further north, what stands to the right in a row is further
// east, and neighbours touch.
func TestRealTiles(t *testing.T) {
	tree, _ := Load(os.DirFS("../../.."), "content")
	tiles := map[string]plan.Tile{}
	for _, pl := range tree.Plan.Places {
		if _, known := seats[pl.ID]; known != (pl.Tile != nil) || known != (pl.Kind == plan.County) {
			t.Errorf("%s (%s): tile %v, known to this test: %v", pl.ID, pl.Kind, pl.Tile, known)
			continue
		}
		if pl.Tile != nil {
			tiles[pl.ID] = *pl.Tile
		}
	}
	if len(tiles) != len(seats) {
		t.Fatalf("%d counties are on the map, want %d", len(tiles), len(seats))
	}
	for a, at := range tiles {
		for b, bt := range tiles {
			if at.Row < bt.Row && seats[a][1] <= seats[b][1] {
				t.Errorf("%s stands above %s and is not north of it", a, b)
			}
			if at.Row == bt.Row && at.Column < bt.Column && seats[a][0] >= seats[b][0] {
				t.Errorf("%s stands left of %s and is not west of it", a, b)
			}
		}
	}
	for line := range strings.Lines(strings.TrimSpace(borders)) {
		a, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for b := range strings.FieldsSeq(rest) {
			dx, dy := tiles[a].Column-tiles[b].Column, tiles[a].Row-tiles[b].Row
			if touch := max(dx, -dx, dy, -dy) == 1; touch == apart[a+" "+b] {
				t.Errorf("%s and %s are neighbours; they touch on the map: %v", a, b, touch)
			}
		}
	}
}
