package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/site"
)

func (a *app) editionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "editions",
		Short: a.say("句子的版本：记入改动，从 Git 补记", "the versions of sentences: enter changes, take them from Git"),
		Long: a.say(`content/history.csv 记着每一句在哪一天是怎样说的，只增不改；网站上每个版本有自己的网址，如 /zh/m/s3-2/2022-04-13/。

import、translate import 和 translate accept 自动记入；手工改过的，用 editions record 补记。`,
			`content/history.csv has what each sentence said from which day on, and only grows; each version has an address of its own on the site, such as /zh/m/s3-2/2022-04-13/.

import, translate import and translate accept enter what they change; editions record enters what was edited by hand.`),
		Args: a.args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			return usageError{errors.New(a.say("editions 后面是 record 或 from-git，没有“%s”", "editions is followed by record or from-git, not “%s”", args[0]))}
		},
	}
	cmd.AddCommand(a.editionsRecord(), a.editionsFromGit())
	return cmd
}

// recording is what the flags of commands that enter changes say.
type recording struct {
	edition, number, numberEN, date, why string
	typing                               bool
}

func (a *app) editionsRecord() *cobra.Command {
	var o recording
	cmd := &cobra.Command{
		Use:   "record",
		Short: a.say("把与上一版本不同的句子记入历史", "enter the sentences that differ from their last version"),
		Long: a.say(`把与上一版本不同的句子记入历史，分为原文改动、译文改动和错字更正；撤销和移动的也记入。

同一份文件里的中文改动是本站的错字更正；文件有了新版，用 --edition 写明它的公布日期。`,
			`Enter the sentences that differ from their last version, as changes of the text, of the translation, or of typing mistakes; and those that were withdrawn or moved.

Within one document a change of the Chinese corrects a mistake of this site; of a new edition of the document, give the day on which it was made public with --edition.`),
		Example: `  go run ./generator editions record
  go run ./generator editions record --edition 2024-05-01 --number "发改振兴〔2024〕100号"
  go run ./generator editions record --typing --why "拼写"`,
		Args: a.args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := a.project()
			if err != nil {
				return err
			}
			added, err := a.record(cmd.Context(), dir, o)
			if err != nil {
				return err
			}
			a.recorded(added)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.edition, "edition", "", a.say("新版的公布日期，如 2024-05-01", "the day on which a new edition was made public, such as 2024-05-01"))
	f.StringVar(&o.number, "number", "", a.say("新版的文号", "the document's number of the new edition"))
	f.StringVar(&o.numberEN, "number-en", "", a.say("文号的英文写法", "that number in English"))
	f.StringVar(&o.date, "date", "", a.say("改动的日期（默认今天）", "the day of the changes (default: today)"))
	f.StringVar(&o.why, "why", "", a.say("理由，记在历史里", "the reason, kept in the history"))
	f.BoolVar(&o.typing, "typing", false, a.say("英文的改动是错字更正，不是改译", "changes of the English correct typing mistakes and are no new translation"))
	return cmd
}

// record enters in the history what has changed. The first edition of a plan is the one
// of the day that hugo.toml gives; without that and without --edition nobody knows a day,
// and there is no history.
func (a *app) record(ctx context.Context, dir string, o recording) ([]plan.Version, error) {
	if err := a.days(o); err != nil {
		return nil, err
	}
	tree, found := content.Load(os.DirFS(dir), "content")
	if err := found.Err(); err != nil {
		return nil, err
	}
	r := edit.Recording{Today: o.date, Typing: o.typing, Why: o.why}
	document := site.DocumentOf(os.DirFS(dir), tree.Plan)
	if first := len(tree.Plan.Editions) == 0; first || o.edition != "" {
		date := o.edition
		if first {
			date = cmp.Or(date, document.Published)
		}
		if date == "" {
			return nil, nil
		}
		e := plan.Edition{Date: date, Title: tree.Plan.Title, Number: plan.Text{ZH: o.number, EN: o.numberEN}}
		if date == document.Published && o.number == "" {
			e.Number = document.Number
		}
		r.Edition = &e
	}
	desk, err := edit.Open(dir, edit.Options{Who: author()})
	if err != nil {
		return nil, err
	}
	defer desk.Close()
	return desk.Record(ctx, r)
}

// days refuses what is no day.
func (a *app) days(o recording) error {
	for _, flag := range [][2]string{{"--edition", o.edition}, {"--date", o.date}} {
		if flag[1] != "" && !plan.Day(flag[1]) {
			return usageError{errors.New(a.say("%s “%s”不是日期，写成 2024-05-01", "%s “%s” is no day; write 2024-05-01", flag[0], flag[1]))}
		}
	}
	return nil
}

// recorded says what was entered.
func (a *app) recorded(added []plan.Version) {
	if a.asJSON {
		type row struct {
			ID     plan.ID     `json:"id"`
			Date   string      `json:"date"`
			Change plan.Change `json:"change"`
		}
		rows := []row{}
		for _, v := range added {
			rows = append(rows, row{v.ID, v.Date, v.Change})
		}
		a.print(map[string]any{"ok": true, "recorded": rows})
		return
	}
	if a.quiet {
		return
	}
	counts := map[plan.Change]int{}
	for _, v := range added {
		counts[v.Change]++
	}
	var parts []string
	for _, c := range plan.Changes {
		if n := counts[c]; n > 0 {
			name := changeNames[c]
			parts = append(parts, fmt.Sprintf("%s %d", name.In(a.lang), n))
		}
	}
	if len(parts) == 0 {
		fmt.Fprintln(a.out, a.say("没有要记入历史的", "the history has everything already"))
		return
	}
	fmt.Fprintln(a.out, a.say("记入历史：%s", "entered in the history: %s", strings.Join(parts, a.say("，", ", "))))
}

var changeNames = map[plan.Change]plan.Text{
	plan.Revised:    {ZH: "原文", EN: "text"},
	plan.Translated: {ZH: "译文", EN: "translation"},
	plan.Erratum:    {ZH: "更正", EN: "corrections"},
	plan.Withdrew:   {ZH: "撤销", EN: "withdrawn"},
	plan.Renumbered: {ZH: "移动", EN: "moved"},
}

// keepsHistory reports whether a content folder is that of a project that has a history,
// or is about to have one.
func keepsHistory(into string) (dir string, is bool) {
	dir, base := filepath.Split(into)
	_, err := os.Stat(filepath.Join(dir, "hugo.toml"))
	return dir, base == "content" && err == nil
}

var errNoGit = diag.Diagnostic{Check: "history",
	Fact: diag.Text("这里没有 Git 的版本记录", "there is no history of Git here"),
	Hint: diag.Text("在有 .git 的项目文件夹里运行，并装好 git；没有也不要紧，历史在 content/history.csv。", "Run it in a project folder that has .git, with git installed; without it the history is in content/history.csv all the same."),
}

func (a *app) editionsFromGit() *cobra.Command {
	var since string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "from-git",
		Short: a.say("从 Git 的版本记录补记历史", "fill the history from the commits of Git"),
		Long: a.say(`逐个看改过方案的提交，把每一句在历史里还没有的版本按提交的日期记入 content/history.csv；比历史里最后一版还早的不记，因为历史只增不改。

构建只读 content/history.csv，不看 Git，所以从 zip 构建的网站与从 Git 构建的相同。`,
			`Go through the commits that changed the plan and enter in content/history.csv, under their days, the versions of each sentence that the history does not have; what is older than a sentence's last version is left out, because the history only grows.

A build reads content/history.csv and never Git, so that a site made from a zip is the same.`),
		Args: a.args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			dir, err := a.project()
			if err != nil {
				return err
			}
			added, err := fromGit(dir, since, dryRun)
			if err != nil {
				return err
			}
			a.recorded(added)
			return nil
		},
	}
	cmd.Flags().StringVar(&since, "since", "", a.say("只看这个提交之后的", "only commits after this one"))
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, a.say("只说会做什么", "only say what would be done"))
	return cmd
}

// fromGit replays the commits of a project and enters what sentences said in each.
func fromGit(dir, since string, dryRun bool) ([]plan.Version, error) {
	if _, err := git(dir, "", "rev-parse", "--git-dir"); err != nil {
		return nil, errNoGit
	}
	tree, found := content.Load(os.DirFS(dir), "content")
	if err := found.Err(); err != nil {
		return nil, err
	}
	p := tree.Plan
	if len(p.Editions) == 0 {
		return nil, diag.Diagnostic{Pos: diag.Pos{File: "content/" + content.EditionsFile}, Check: "history",
			Fact: diag.Text("还没有版次，不知道历史从哪一天开始", "there is no edition yet, so nobody knows on which day the history begins"),
			Hint: diag.Text("先运行 go run ./generator editions record。", "Run go run ./generator editions record first.")}
	}
	revisions := "HEAD"
	if since != "" {
		revisions = since + "..HEAD"
	}
	log, err := git(dir, "", "log", "--reverse", "--first-parent", "--format=%H %ct %s", "--relative", revisions, "--", "content/plan", "content/ledger.csv")
	if err != nil {
		said := diag.From(err)[0].Fact
		return nil, diag.Diagnostic{Check: "history", Fact: diag.Text("git log %[1]s：%[2]s", "git log %[1]s: %[3]s", revisions, said.ZH, said.EN), Hint: diag.Text("请检查 --since。", "Check --since.")}
	}
	var all []plan.Version
	for line := range strings.Lines(string(log)) {
		commit, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		seconds, subject, _ := strings.Cut(rest, " ")
		unix, err := strconv.ParseInt(seconds, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("git log: %q", line)
		}
		was, found, err := contentAt(dir, commit)
		if err != nil {
			return nil, err
		}
		if found.HasErrors() {
			continue // work in progress, which no site was made of
		}
		day := time.Unix(unix, 0).In(time.FixedZone("UTC+8", 8*60*60)).Format(time.DateOnly)
		was.Plan.Editions, was.Plan.History = p.Editions, p.History
		newest := map[plan.ID]string{}
		for _, v := range p.History {
			newest[v.ID] = max(newest[v.ID], v.Date)
		}
		added := was.Plan.Record(plan.Recording{Today: day, Why: subject})
		added = slices.DeleteFunc(added, func(v plan.Version) bool { return day < newest[v.ID] })
		p.History = append(p.History, added...)
		all = append(all, added...)
	}
	if dryRun || len(all) == 0 {
		return all, nil
	}
	file := filepath.Join(dir, "content", content.HistoryFile)
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return all, replaceFile(file, content.AppendHistory(old, all))
}
