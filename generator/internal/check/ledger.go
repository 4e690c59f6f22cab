package check

import (
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// meaning is how much of a sentence must stay for its id to stay: below it, the
// id would be used for another sentence (see plan.Similarity).
const meaning = 0.4

const ledgerFile = "content/ledger.csv"

var ledger = Check{
	ID: "ledger",
	Doc: plan.Text{
		ZH: "发布过的编号不消失、不改作他用；撤销和移动都在台账里写明",
		EN: "a published id never disappears and never names another sentence; the ledger says what was withdrawn or moved",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		p, why := in.Tree.Plan, in.causes()
		if in.Tree.Doubtful("ledger.csv", plan.ZH) {
			return
		}
		if p.Ledger == nil {
			report(diag.Pos{File: ledgerFile}, diag.Text("缺少台账 content/ledger.csv", "there is no ledger"),
				diag.Text(`先从版本记录里恢复它；只有从未发布过的方案才新建：go run ./generator translate accept --all --why "第一版"`,
					`Restore it from the history first; only for a plan that was never published, make one: go run ./generator translate accept --all --why "first edition"`))
			return
		}
		live := map[plan.ID]*plan.Unit{}
		for u := range p.Units() {
			live[u.ID] = u
		}
		rows, last := map[plan.ID]plan.Entry{}, map[string]int{}
		for _, e := range p.Ledger {
			rows[e.ID] = e
			if _, _, n, err := e.ID.Parse(); err == nil {
				last[divisionOf(string(e.ID))] = max(last[divisionOf(string(e.ID))], n)
			}
			ledgerRow(in, report, e, live)
		}
		if len(p.Chapters) > 0 { // otherwise the whole plan is gone, which is told as it is read
			for division, entries := range why.gone {
				report(in.Tree.LedgerPos(entries[0].ID), diag.Text("%[1]s 整节（章）缺失，共 %[2]d 句", "all of %[1]s is missing: it has %[2]d sentences", division, len(entries)),
					diag.Text("从版本记录里恢复 content/plan 里的这个文件。", "Restore its file below content/plan from the history."))
			}
		}
		for u := range p.Units() {
			e, has := rows[u.ID]
			pos := in.Tree.UnitPos(u.ID, plan.ZH)
			_, _, n, _ := u.ID.Parse()
			switch old, renamed := why.named[u.ID]; {
			case renamed:
				report(in.Tree.TagPos(u.ID), diag.Text("%[1]s 写在 %[2]s 的句子下面", "%[1]s stands under the sentence that is %[2]s", u.ID, old),
					diag.Text("编号不变：改回 {#%s …}；改的若是 content/ledger.csv，就从版本记录里恢复它。", "An id stays with its sentence: write {#%s …} again; if it was content/ledger.csv that was edited, restore that from the history.", old))
			case !has && in.Tree.LedgerPos(u.ID).Line > 0: // its row is wrong, which is told as it is read
			case !has && (why.fromSource(u.ID) || n < last[divisionOf(string(u.ID))]):
				report(pos, diag.Text("台账中缺少 %s 这一行", "the ledger has lost the row of %s", u.ID),
					diag.Text("从版本记录里恢复 content/ledger.csv 的这一行。", "Restore the row of content/ledger.csv from the history."))
			case !has:
				report(pos, diag.Text("%s 是新编号，台账中尚无记录", "%s is a new id that the ledger does not have", u.ID),
					diag.Text(`确认无误后，请运行 go run ./generator translate accept %s --why "…"`, `Once it is right, run go run ./generator translate accept %s --why "…"`, u.ID))
			case e.State != plan.Live && e.Text.ZH == u.Text.ZH:
				report(in.Tree.LedgerPos(u.ID), diag.Text("%[1]s 在方案里，这一行却说已%[2]s", "%[1]s stands in the plan, but this row says that it was %[3]s", u.ID, stateNames[e.State], e.State),
					diag.Text("仍在施行就把 state 改回 live。", "If it is still in force, set state back to live."))
			case e.State != plan.Live:
				report(pos, diag.Text("%[1]s 已%[2]s，不能再次使用", "%[1]s was %[3]s and cannot be used again", u.ID, stateNames[e.State], e.State),
					diag.Text("请为这一句换用从未用过的编号。", "Give this sentence a number that was never used."))
			case e.Text.ZH != u.Text.ZH && !why.altered(u) && plan.Similarity(e.Text.ZH, u.Text.ZH) < meaning:
				report(pos, diag.Text("%[1]s 原为“%[2]s”，现已是另一句话", "%[1]s used to say “%[2]s” and now says something else", u.ID, shorten(e.Text.ZH)),
					diag.Text("编号所指不能改变：请恢复原句，新句子另用新编号；如确为同一条的修订，请运行 translate accept %s --why。", "An id keeps its meaning: restore the sentence and give the new one a new id; if it is a revision, run translate accept %s --why.", u.ID))
			}
		}
	},
}

var stateNames = map[plan.EntryState]string{plan.Withdrawn: "撤销", plan.Moved: "移动"}

// ledgerRow judges one row by itself and against the plan.
func ledgerRow(in Input, report Report, e plan.Entry, live map[plan.ID]*plan.Unit) {
	pos := in.Tree.LedgerPos(e.ID)
	_, isLive := live[e.ID]
	why := in.causes()
	switch {
	case e.State == plan.Live && !isLive && (why.unit(e.ID) || why.fromSource(e.ID)):
		return // it follows from something, or fidelity tells it where the sentence was
	case isLive && e.State != plan.Live:
		return // told with the sentence
	case e.State == plan.Live && !isLive:
		report(pos, diag.Text("缺少 %s：“%s”", "%s is missing: “%s”", e.ID, shorten(e.Text.ZH)),
			diag.Text("把这一句放回去；若确已撤销或移动，把这一行的 state 改为 withdrawn 或 moved，to 写上代替它的编号，why 写明原因。",
				"Put the sentence back; if it was withdrawn or moved, set state to withdrawn or moved in this row, name what replaces it in to, and say why."))
	case e.State == plan.Live && len(e.To) > 0:
		report(pos, diag.Text("%s 仍在使用，to 应为空", "%s is live and has nothing in to", e.ID), diag.Text("请清空 to，或改正 state。", "Empty to, or change state."))
	case e.State == plan.Moved && len(e.To) != 1:
		report(pos, diag.Text("%s 没有注明移至何处", "where %s was moved is not said", e.ID), diag.Text("请在 to 中写一个编号。", "Write one id in to."))
	case e.State != plan.Live && e.Why == "":
		report(pos, diag.Text("没有写明 %s 撤销或移动的原因", "why %s was withdrawn or moved is not said", e.ID), diag.Text("请在 why 中写明。", "Say it in why."))
	}
	for _, to := range e.To {
		if _, ok := live[to]; !ok && !why.unit(to) {
			report(pos, diag.Text("%s 指向 %s，但方案中没有这个编号", "%s leads to %s, which the plan does not have", e.ID, to), diag.Text("请检查编号。", "Check the id."))
		}
	}
}

var staleness = Check{
	ID: "staleness",
	Doc: plan.Text{
		ZH: "中文改动后，英文要重新翻译或由人确认",
		EN: "after the Chinese has changed, somebody translates anew or accepts the English",
	},
	Severity: diag.Warning,
	Run: func(in Input, report Report) {
		for u := range in.Tree.Plan.Units() {
			if u.Translation != plan.Stale || in.causes().altered(u) {
				continue
			}
			if _, has := in.Tree.Plan.Ledger.Find(u.ID); !has {
				continue // nothing is known of it
			}
			report(in.Tree.UnitPos(u.ID, plan.EN),
				diag.Text("%s 的中文在翻译之后有改动", "the Chinese of %s has changed since it was translated", u.ID),
				diag.Text(`请用 go run ./generator translate status 查看；译文仍然适用的，运行 translate accept %s --why "…"`, `See go run ./generator translate status; if the English still holds, run translate accept %s --why "…"`, u.ID))
		}
	},
}

// shorten cuts a sentence for a message.
func shorten(s string) string {
	r := []rune(s)
	if len(r) <= 24 {
		return s
	}
	return strings.TrimRight(string(r[:24]), "，、；") + "…"
}
