package check

import (
	"io/fs"
	"slices"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

const historyFile, editionsFile = "content/" + content.HistoryFile, "content/" + content.EditionsFile

var history = Check{
	ID: "history",
	Doc: plan.Text{
		ZH: "句子的历史只增不改：每一行有日期、属于一个版次，校验值相符，先后有序",
		EN: "the history of sentences only grows: each row has a date and an edition, its checksum fits, and they are in order",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		t, p := in.Tree, in.Tree.Plan
		if t.Doubtful(content.HistoryFile, plan.ZH) || t.Doubtful(content.EditionsFile, plan.ZH) {
			return
		}
		restore := diag.Text("从版本记录里恢复这一行；历史只能由 editions record 等命令添加。", "Restore the row from the history of the project; only commands such as editions record add to this file.")
		known, last := map[string]bool{}, ""
		for i, e := range p.Editions {
			switch {
			case !plan.Day(e.Date):
				report(t.EditionPos(i), diag.Text("版次没有日期：“%s”", "the edition has no date: “%s”", e.Date), diag.Text("写公布的日期，如 2022-04-13。", "Write the day on which it was made public, such as 2022-04-13."))
			case e.Date <= last:
				report(t.EditionPos(i), diag.Text("版次 %[1]s 排在 %[2]s 之后", "the edition of %[1]s stands after that of %[2]s", e.Date, last), diag.Text("按日期先后排列，一个日期一行。", "Put them in the order of their dates, one row a date."))
			}
			known[e.Date], last = true, max(last, e.Date)
		}
		if len(p.History) > 0 && len(p.Editions) == 0 {
			report(diag.Pos{File: editionsFile}, diag.Text("有历史，却没有版次", "there is a history, and no edition"), diag.Text("从版本记录里恢复它。", "Restore it from the history of the project."))
			return
		}
		before := map[plan.ID]plan.Version{}
		for i, v := range p.History {
			pos, old := t.VersionPos(i), before[v.ID]
			_, _, _, err := v.ID.Parse()
			switch {
			case err != nil:
				report(pos, diag.Text("“%s”不是编号", "“%s” is not an id", v.ID), restore)
				continue
			case !plan.Day(v.Date):
				report(pos, diag.Text("%[1]s 的这一行没有日期：“%[2]s”", "this row of %[1]s has no date: “%[2]s”", v.ID, v.Date), restore)
			case !slices.Contains(plan.Changes, v.Change):
				report(pos, diag.Text("%[1]s 的改动“%[2]s”不是一种", "the change of %[1]s is “%[2]s”, which is none", v.ID, v.Change), restore)
			case !known[v.Edition]:
				report(pos, diag.Text("%[1]s 的这一行属于版次“%[2]s”，而 editions.csv 没有它", "this row of %[1]s belongs to the edition of “%[2]s”, which editions.csv does not have", v.ID, v.Edition), restore)
			case v.Date < old.Date:
				report(pos, diag.Text("%[1]s 的 %[2]s 排在 %[3]s 之后", "%[2]s of %[1]s stands after %[3]s", v.ID, v.Date, old.Date), restore)
			case v.Sum != v.Seal(old.Sum):
				report(pos, diag.Text("%[1]s 在 %[2]s 的这一行改过，或它前面少了一行：校验值不符", "this row of %[1]s, of %[2]s, was edited, or one before it is gone: its checksum does not fit", v.ID, v.Date),
					diag.Text("从版本记录里恢复；若是合并时两人都改了这一句，删去后面那行，再运行 go run ./generator editions record。",
						"Restore it from the history of the project; if two people changed the sentence and a merge has both rows, remove the later one and run go run ./generator editions record."))
			}
			before[v.ID] = v
		}
	},
}

var unrecorded = Check{
	ID: "unrecorded",
	Doc: plan.Text{
		ZH: "知道公布日期的方案有历史，现在的中文都记在里面",
		EN: "a plan whose date is known has a history, which has the Chinese as it is",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		t, p := in.Tree, in.Tree.Plan
		hint := diag.Text("请运行 go run ./generator editions record。", "Run go run ./generator editions record.")
		if t.Doubtful(content.HistoryFile, plan.ZH) || t.Doubtful(content.EditionsFile, plan.ZH) || p.Ledger == nil {
			return
		}
		published, at := publishedIn(in)
		if n := len(p.Editions); n > 0 && published != "" && p.Editions[n-1].Date != published {
			report(at, diag.Text("这里说 %[1]s 公布，最后的版次是 %[2]s", "this says that the plan was made public on %[1]s; its last edition is of %[2]s", published, p.Editions[n-1].Date),
				diag.Text("这里写最后一版的日期；有了新版，用 go run ./generator editions record --edition 记入。", "This is the day of the last edition; a new one is entered by go run ./generator editions record --edition."))
		}
		if len(p.History) == 0 {
			if len(p.Chapters) > 0 && published != "" {
				report(diag.Pos{File: historyFile}, diag.Text("方案 %s 公布，句子还没有历史", "the plan was made public on %s, and its sentences have no history", published), hint)
			}
			return
		}
		by, ledger := p.History.By(), map[plan.ID]*plan.Entry{}
		for i, e := range slices.Backward(p.Ledger) {
			ledger[e.ID] = &p.Ledger[i]
		}
		for u := range p.Units() {
			e := ledger[u.ID]
			if e == nil || e.State != plan.Live || e.Text.ZH != u.Text.ZH || in.causes().altered(u) {
				continue // that is told, and recorded when it is settled
			}
			versions := by[u.ID]
			if n := len(versions); n == 0 || versions[n-1].Text.ZH != u.Text.ZH {
				report(t.UnitPos(u.ID, plan.ZH), diag.Text("%s 的中文还没有记入历史", "the Chinese of %s is not in the history", u.ID), hint)
			}
		}
	},
}

// publishedIn is the day on which hugo.toml says that this plan was made public, and
// where it says so.
func publishedIn(in Input) (day string, pos diag.Pos) {
	data, err := fs.ReadFile(in.FS, configFile)
	if err != nil {
		return "", pos
	}
	about := ""
	for _, f := range configured(data, "params.document.") {
		switch f.name {
		case "plan":
			about = f.value
		case "published":
			day, pos = f.value, f.pos
		}
	}
	if about != in.Tree.Plan.Title.ZH || !plan.Day(day) {
		return "", pos
	}
	return day, pos
}
