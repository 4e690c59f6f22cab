package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

func (a *app) translateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "translate",
		Short: a.say("译文：状态、导出、导入、确认", "the English: status, export, import, accept"),
		Long: a.say(`译文的状态记在 content/ledger.csv：每句英文是按哪一版中文译的。

中文改动后，英文就成了“待更新”，直到有人重新翻译或确认它仍然成立（accept）。`,
			`How far the English can be trusted stands in content/ledger.csv: which Chinese each sentence was made from.

When the Chinese changes, its English is stale until somebody translates anew or accepts that it still holds.`),
		Args: a.args(1, 1), // a subcommand
		RunE: func(_ *cobra.Command, args []string) error {
			return usageError{errors.New(a.say("translate 后面是 status、export、import 或 accept，没有“%s”", "translate is followed by status, export, import or accept, not “%s”", args[0]))}
		},
	}
	cmd.AddCommand(a.translateStatus(), a.translateExport(), a.translateImport(), a.translateAccept())
	return cmd
}

// loadForTranslation reads the content; a plan that cannot be read stops the work.
func (a *app) loadForTranslation() (dir string, tree *content.Tree, err error) {
	if dir, err = a.project(); err != nil {
		return "", nil, err
	}
	tree, found := content.Load(os.DirFS(dir), "content")
	return dir, tree, found.Err()
}

func (a *app) translateStatus() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: a.say("列出缺译和待更新的句子", "list the sentences that are missing or stale"),
		Args:  a.args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			_, tree, err := a.loadForTranslation()
			if err != nil {
				return err
			}
			type item struct {
				ID          plan.ID          `json:"id"`
				Translation plan.Translation `json:"translation"`
				Where       diag.Pos         `json:"where"`
				Before      string           `json:"before,omitempty"` // the Chinese that was accepted last
				After       string           `json:"after"`            // the Chinese as it is
				EN          string           `json:"en"`
			}
			items := []item{}
			counts := map[plan.Translation]int{}
			for u := range tree.Plan.Units() {
				counts[u.Translation]++
				if u.Translation == plan.Current {
					continue
				}
				it := item{ID: u.ID, Translation: u.Translation, Where: tree.UnitPos(u.ID, plan.ZH), After: u.Text.ZH, EN: u.Text.EN}
				if e, ok := tree.Plan.Ledger.Find(u.ID); ok && e.Text.ZH != u.Text.ZH {
					it.Before = e.Text.ZH
				}
				items = append(items, it)
			}
			if a.asJSON {
				a.print(map[string]any{"ok": true, "current": counts[plan.Current], "stale": counts[plan.Stale], "missing": counts[plan.Missing], "units": items})
				return nil
			}
			if !a.quiet {
				fmt.Fprintln(a.out, a.say("译文：有效 %d 句，待更新 %d 句，缺 %d 句", "English: %d current, %d stale, %d missing", counts[plan.Current], counts[plan.Stale], counts[plan.Missing]))
			}
			for _, it := range items {
				name := map[plan.Translation]plan.Text{plan.Stale: {ZH: "待更新", EN: "stale"}, plan.Missing: {ZH: "缺译", EN: "missing"}}[it.Translation]
				fmt.Fprintf(a.out, "\n%s: %s %s\n", it.Where, it.ID, name.In(a.lang))
				w := tabwriter.NewWriter(a.out, 0, 0, 1, ' ', 0)
				if it.Before != "" {
					fmt.Fprintf(w, "  %s\t%s\n", a.say("原来", "was"), it.Before)
				}
				fmt.Fprintf(w, "  %s\t%s\n", a.say("现在", "now"), it.After)
				if it.EN != "" {
					fmt.Fprintf(w, "  %s\t%s\n", a.say("英文", "English"), it.EN)
				}
				if err := w.Flush(); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (a *app) translateAccept() *cobra.Command {
	var why string
	var all bool
	cmd := &cobra.Command{
		Use:   "accept ID…",
		Short: a.say("确认句子的编号、中文和英文，记入台账", "accept sentences as they are: id, Chinese and English go into the ledger"),
		Long: a.say(`确认句子：新编号登记入台账；中文的改动算作同一句的修订；英文算作按现在的中文译成。

--why 写明理由，记在台账里。`, `Accept sentences as they are: new ids enter the ledger, a change of the Chinese counts as a revision of the same sentence, and the English counts as made from the Chinese as it now is.

--why says why; it is kept in the ledger.`),
		Example: `  go run ./generator translate accept s3-2 --why "措辞微调，译文不变"`,
		Args:    a.args(0, 1<<20),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case strings.TrimSpace(why) == "":
				return usageError{errors.New(a.say("请用 --why 写明理由", "say why with --why"))}
			case all == (len(args) > 0):
				return usageError{errors.New(a.say("写出编号，或用 --all", "name ids, or use --all"))}
			}
			dir, tree, err := a.loadForTranslation()
			if err != nil {
				return err
			}
			ids := make([]plan.ID, len(args))
			for i, arg := range args {
				ids[i] = plan.ID(arg)
			}
			if all {
				for u := range tree.Plan.Units() {
					ids = append(ids, u.ID)
				}
			}
			desk, err := edit.Open(dir, edit.Options{Who: author()})
			if err != nil {
				return err
			}
			defer desk.Close()
			accepted, err := desk.Accept(cmd.Context(), ids, why)
			if err != nil {
				return err
			}
			return a.acceptSummary(a.out, accepted)
		},
	}
	cmd.Flags().StringVar(&why, "why", "", a.say("理由，记在台账里", "the reason, kept in the ledger"))
	cmd.Flags().BoolVar(&all, "all", false, a.say("全部句子", "every sentence"))
	return cmd
}

func (a *app) acceptSummary(w io.Writer, accepted []plan.ID) error {
	if a.asJSON {
		if accepted == nil {
			accepted = []plan.ID{}
		}
		a.print(map[string]any{"ok": true, "accepted": accepted})
	} else if !a.quiet {
		fmt.Fprintln(w, a.say("记入台账 %d 句", "%d sentences entered in the ledger", len(accepted)))
	}
	return nil
}
