package content

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// The names of the tables of editions and versions, below the content folder.
const (
	EditionsFile = "editions.csv"
	HistoryFile  = "history.csv"
)

var (
	editionColumns = []string{"date", "title_zh", "title_en", "number_zh", "number_en"}
	historyColumns = []string{"date", "id", "change", "edition", "zh", "en", "en_from_sha256", "to", "tags", "why", "sha256"}
)

// EditionPos is where the i-th of the plan's editions stands, and VersionPos the i-th
// version of its history.
func (t *Tree) EditionPos(i int) diag.Pos { return t.editionPos[i] }
func (t *Tree) VersionPos(i int) diag.Pos { return t.versionPos[i] }

// editions reads content/editions.csv.
func (l *loader) editions(d *Document) {
	rows, ok := l.table(d, "history", editionColumns[:1], strings.Join(editionColumns, ","))
	if !ok {
		l.doubt(EditionsFile, plan.ZH)
	}
	for _, r := range rows {
		l.tree.Plan.Editions = append(l.tree.Plan.Editions, plan.Edition{
			Date:   r.cell["date"],
			Title:  plan.Text{ZH: r.cell["title_zh"], EN: r.cell["title_en"]},
			Number: plan.Text{ZH: r.cell["number_zh"], EN: r.cell["number_en"]},
		})
		l.tree.editionPos = append(l.tree.editionPos, r.pos)
	}
}

// history reads content/history.csv. What is wrong with what it says is for a check.
func (l *loader) history(d *Document) {
	rows, ok := l.table(d, "history", historyColumns[:7], strings.Join(historyColumns, ","))
	if !ok {
		l.doubt(HistoryFile, plan.ZH)
	}
	for _, r := range rows {
		v := plan.Version{
			Date: r.cell["date"], ID: plan.ID(r.cell["id"]), Change: plan.Change(r.cell["change"]), Edition: r.cell["edition"],
			Text: plan.Text{ZH: r.cell["zh"], EN: r.cell["en"]}, EnglishOf: r.cell["en_from_sha256"],
			Tags: strings.Fields(r.cell["tags"]), Why: r.cell["why"], Sum: r.cell["sha256"],
		}
		for _, id := range strings.Fields(r.cell["to"]) {
			v.To = append(v.To, plan.ID(id))
		}
		l.tree.Plan.History = append(l.tree.Plan.History, v)
		l.tree.versionPos = append(l.tree.versionPos, r.pos)
	}
}

// FormatEditions writes content/editions.csv.
func FormatEditions(list []plan.Edition) []byte {
	rows := [][]string{editionColumns}
	for _, e := range list {
		rows = append(rows, []string{e.Date, e.Title.ZH, e.Title.EN, e.Number.ZH, e.Number.EN})
	}
	return csvRows(rows)
}

// AppendHistory is content/history.csv with versions added at its end; nothing before
// them changes. old is the file as it is, empty for one that is not there.
func AppendHistory(old []byte, added []plan.Version) []byte {
	out := slices.Clone(old)
	var rows [][]string
	if len(bytes.TrimSpace(bytes.TrimPrefix(out, []byte(bom)))) == 0 {
		out, rows = nil, [][]string{historyColumns}
	} else if !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, '\n')
	}
	for _, v := range added {
		to := make([]string, len(v.To))
		for i, id := range v.To {
			to[i] = string(id)
		}
		rows = append(rows, []string{v.Date, string(v.ID), string(v.Change), v.Edition, v.Text.ZH, v.Text.EN, v.EnglishOf,
			strings.Join(to, " "), strings.Join(v.Tags, " "), v.Why, v.Sum})
	}
	return append(out, csvRows(rows)...)
}

func csvRows(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows) // a bytes.Buffer takes everything
	return b.Bytes()
}
