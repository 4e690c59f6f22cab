package formats

import (
	"bytes"
	"slices"

	"minxi/generator/internal/exchange"
	"minxi/generator/internal/plan"
)

// What translators' tools read, written by the package that exchanges sentences with
// translators. Texts are plain here: readers of data have no Markdown.

var memory = Format{Path: "data/measures.tmx", Type: "application/x-tmx+xml", Write: func(p *plan.Plan, _ Site) ([]byte, error) {
	d := exchange.Document{Title: p.Title}
	for u := range p.Units() {
		d.Segments = append(d.Segments, exchange.Segment{ID: u.ID, Source: u.Text.ZH, Target: u.Text.EN, State: u.Translation})
	}
	return exchanged("tmx", d)
},
	Group: ofSentences, Title: plan.Text{ZH: "翻译记忆库（TMX）", EN: "Translation memory (TMX)"},
	About: plan.Text{ZH: "中英文逐句对照，供翻译软件导入；待更新的译文不收。", EN: "Sentence pairs for translation tools; stale translations are left out."}}

var termbase = Format{Path: "data/terms.tbx", Type: "application/x-tbx+xml", Write: func(p *plan.Plan, _ Site) ([]byte, error) {
	d := exchange.Document{Title: p.Title}
	for _, t := range usedTerms(p) {
		d.Terms = append(d.Terms, plan.Term{Text: plan.Text{ZH: t.ZH, EN: t.EN}, Forbidden: t.Forbidden, Kind: t.Kind})
	}
	return exchanged("tbx", d)
},
	Group: ofTerms, Title: plan.Text{ZH: "术语库（TBX）", EN: "Termbase (TBX)"},
	About: plan.Text{ZH: "按 ISO 30042，供翻译软件导入。", EN: "ISO 30042, for translation tools."}}

func exchanged(name string, d exchange.Document) ([]byte, error) {
	i := slices.IndexFunc(exchange.Formats, func(f exchange.Format) bool { return f.Name == name })
	var b bytes.Buffer
	err := exchange.Formats[i].Write(&b, d)
	return b.Bytes(), err
}
