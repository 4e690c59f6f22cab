package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// desk opens the project's content for changes.
func (a *app) desk() (string, *edit.Desk, error) {
	dir, err := a.project()
	if err != nil {
		return "", nil, err
	}
	desk, err := edit.Open(dir, edit.Options{Who: author()})
	return dir, desk, err
}

func (a *app) historyCommand() *cobra.Command {
	var most int
	cmd := &cobra.Command{
		Use:   "history [ID|FILE]",
		Short: a.say("列出改过什么：时间、人、改前和改后", "list what was changed: when, by whom, from what to what"),
		Long: a.say(`列出在编辑器里、由 translate 和 convert 改过什么，新的在前。记录在 .journal 里，改前的文字都在。

写编号（s3-2）只看那一句，写文件只看那个文件。要退回，用 undo 加每条前面的记号。`,
			`List what was changed in the editor and by translate and convert, newest first. It is kept in .journal, with every text as it was.

An id (s3-2) limits it to that sentence, a file to that file. To put something back, give undo the mark before it.`),
		Example: "  go run ./generator history s3-2",
		Args:    a.args(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, desk, err := a.desk()
			if err != nil {
				return err
			}
			defer desk.Close()
			var ref edit.Ref
			if len(args) > 0 {
				if _, _, _, err := plan.ID(args[0]).Parse(); err == nil {
					ref.ID = plan.ID(args[0])
				} else {
					ref.File = inProject(dir, args[0])
				}
			}
			entries, found := desk.History(ref)
			if most > 0 && len(entries) > most {
				entries = entries[:most]
			}
			if a.asJSON {
				if entries == nil {
					entries = []edit.Entry{}
				}
				a.print(map[string]any{"ok": true, "entries": entries})
				return nil
			}
			found.Print(a.err, a.lang)
			if len(entries) == 0 && !a.quiet {
				fmt.Fprintln(a.out, a.say("没有记录", "nothing is recorded"))
			}
			for _, e := range entries {
				fmt.Fprintf(a.out, "%s  %s  %s  %s  %s\n", e.ID, e.Time.Local().Format("2006-01-02 15:04"), e.Who, e.Ref, e.Why)
				if e.Elsewhere {
					fmt.Fprintf(a.out, "    %s\n", a.say("（在此之前，有人用别的程序改过）", "(before this, somebody had changed it with another program)"))
				}
				for _, line := range []struct{ name, text string }{{a.say("改前", "from"), e.Before}, {a.say("改后", "to"), e.After}} {
					fmt.Fprintf(a.out, "    %s  %s\n", line.name, line.text)
				}
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&most, "most", 20, a.say("最多列几条，0 是全部", "how many at most; 0 is all"))
	return cmd
}

func (a *app) undoCommand() *cobra.Command {
	var day string
	cmd := &cobra.Command{
		Use:   "undo MARK | undo --as-of DATE [ID…]",
		Short: a.say("退回一处改动，或退回某一天的样子", "put back a change, or what stood there on a day"),
		Long: a.say(`退回 history 列出的一处改动，或同一次保存的全部改动；又有人改过的不动，并说明。

--as-of 退回那一天（或那一刻）的样子：写编号只退那几句，不写就退日志里记着的全部。退回也是改动，照样记录，也能再退回。`,
			`Put back one change that history lists, or all that was saved with it; what somebody has changed since stays, and is told.

--as-of goes back to what stood there at the end of that day, or at that moment: with ids for these sentences, without for everything in the journal. Going back is a change like any other: it is recorded, and can be undone.`),
		Example: `  go run ./generator undo 20261128-093000.000-1a2b3c-0
  go run ./generator undo --as-of 2026-11-20 s3-2`,
		Args: a.args(0, 1<<20),
		RunE: func(cmd *cobra.Command, args []string) error {
			if day == "" && len(args) != 1 {
				return usageError{errors.New(a.say("写出 history 里的记号，或用 --as-of", "give a mark of history's, or use --as-of"))}
			}
			_, desk, err := a.desk()
			if err != nil {
				return err
			}
			defer desk.Close()
			var done []edit.Outcome
			if day == "" {
				done, err = desk.Undo(cmd.Context(), args[0])
			} else {
				var at time.Time
				if at, err = moment(day); err != nil {
					return usageError{errors.New(a.say("日期写成 2026-11-20，或 2026-11-20 09:30", "write the date as 2026-11-20, or 2026-11-20 09:30"))}
				}
				var refs []edit.Ref
				for _, arg := range args {
					ref, err := edit.ParseRef(arg)
					if err != nil {
						return err
					}
					refs = append(refs, ref)
				}
				done, err = desk.Restore(cmd.Context(), at, refs...)
			}
			if err != nil {
				return err
			}
			var found diag.List
			refs := []string{}
			for _, o := range done {
				if o.Err != nil {
					found = append(found, diag.From(o.Err)...)
				} else if o.Changed {
					refs = append(refs, o.Ref.String())
				}
			}
			if a.asJSON {
				a.print(map[string]any{"ok": !found.HasErrors(), "changed": refs, "diagnostics": found})
			} else {
				found.Print(a.err, a.lang)
				if !a.quiet {
					fmt.Fprintln(a.out, a.say("退回了 %d 处", "put back %d", len(refs)))
				}
			}
			if found.HasErrors() {
				return errFailed
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&day, "as-of", "", a.say("退回到这一天结束时，或这一刻", "go back to the end of this day, or to this moment"))
	return cmd
}

// moment reads a day, which ends at midnight, or a minute, by the clock of this place.
func moment(s string) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Nanosecond), nil
	}
	return time.ParseInLocation("2006-01-02 15:04", s, time.Local)
}
