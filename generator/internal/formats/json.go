package formats

import (
	"slices"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// record is one unit in measures.json.
type record struct {
	ID          plan.ID          `json:"id"`
	Kind        plan.Kind        `json:"kind"`
	Chapter     *int             `json:"chapter"` // null in the preamble
	Section     *int             `json:"section"` // null outside sections
	Number      int              `json:"number"`  // within its section, chapter or preamble
	ZH          string           `json:"zh"`
	EN          string           `json:"en"` // "" while translation is missing
	Topics      []string         `json:"topics"`
	Places      []string         `json:"places"`
	Bodies      []string         `json:"bodies"` // who the sentence itself says is to act
	Status      plan.EntryState  `json:"status"`
	SHA256      pair             `json:"sha256"` // of the UTF-8 text, hexadecimal; "" where there is no text
	Translation plan.Translation `json:"translation"`
	URL         pair             `json:"url"` // root-relative
}

type pair struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

var measures = Format{Path: address.File(address.MeasuresFile), Type: "application/json", Write: measuresJSON,
	Group: ofSentences, Title: plan.Text{ZH: "全部句子（JSON）", EN: "All sentences (JSON)"},
	About: plan.Text{ZH: "每句一个对象：编号、中英文、主题、地方、单位、校验值和网址。", EN: "One object a sentence: its number, both languages, topics, places, bodies, checksums, and addresses."}}

// measuresJSON writes a JSON array (RFC 8259) with one object a unit, in
// document order, one a line.
func measuresJSON(p *plan.Plan, s Site) ([]byte, error) {
	return lines(slices.Collect(p.Units()), func(u *plan.Unit) (any, error) { return recordOf(u, s) })
}

// recordOf is what all formats of data say of a unit.
func recordOf(u *plan.Unit, s Site) (record, error) {
	_, _, n, err := u.ID.Parse()
	if err != nil {
		return record{}, err
	}
	r := record{
		ID: u.ID, Kind: u.Kind, Number: n, ZH: u.Text.ZH, EN: u.Text.EN,
		Topics: orEmpty(u.Topics), Places: orEmpty(u.Places), Bodies: orEmpty(u.Bodies), Status: plan.Live,
		SHA256:      pair{plan.Hash(u.Text.ZH), plan.Hash(u.Text.EN)},
		Translation: u.Translation,
		URL:         pair{s.BasePath + address.In(plan.ZH).Unit(u.ID), s.BasePath + address.In(plan.EN).Unit(u.ID)},
	}
	if u.Chapter > 0 {
		r.Chapter = &u.Chapter
	}
	if u.Section > 0 {
		r.Section = &u.Section
	}
	return r, nil
}

// orEmpty keeps an absent list from becoming null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
