package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/readings"
)

func (a *app) readingCommand() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "reading written|checked|released ID…|all",
		Short: a.say("记下谁撰稿、校对、签发了哪些句子（三审三校）", "enter who has written, checked or released sentences"),
		Long: a.say(`把名字记进 content/readings.csv，连同读的是哪些文字；句子以后再改，就要重新读。

publish.toml 的 [readings] 写明哪些名字必须有，缺了就不能发布。动态的名字写在它自己的开头。`,
			`Names are entered in content/readings.csv, with the words that were read: a sentence that is changed later is to be read again.

[readings] in publish.toml says which names there must be, and nothing is published without. Updates bear theirs at their own top.`),
		Example: "  go run ./generator reading checked s3-2 s3-4 --name 张三",
		Args:    a.args(2, 1<<20),
		RunE: func(cmd *cobra.Command, args []string) error {
			role := readings.Role(args[0])
			if !slices.Contains(readings.Roles, role) {
				return usageError{errors.New(a.say("先写 written、checked 或 released，不是“%s”", "first comes written, checked or released, not “%s”", args[0]))}
			}
			if name = strings.TrimSpace(name); name == "" {
				return usageError{errors.New(a.say("请用 --name 写明是谁", "say who it was with --name"))}
			}
			return a.enterReading(cmd.Context(), role, name, args[1:])
		},
	}
	cmd.Flags().StringVar(&name, "name", "", a.say("谁", "who"))
	return cmd
}

func (a *app) enterReading(ctx context.Context, role readings.Role, name string, args []string) error {
	_, tree, err := a.loadForTranslation()
	if err != nil {
		return err
	}
	_, desk, err := a.desk()
	if err != nil {
		return err
	}
	defer desk.Close()
	var ids []plan.ID
	for _, arg := range args {
		if arg == "all" {
			for u := range tree.Plan.Units() {
				ids = append(ids, u.ID)
			}
			continue
		}
		ids = append(ids, plan.ID(arg))
	}
	if _, err := desk.Sign(ctx, role, name, ids); err != nil {
		return err
	}
	if a.asJSON {
		a.print(map[string]any{"ok": true, "entered": len(ids)})
	} else if !a.quiet {
		fmt.Fprintln(a.out, a.say("记下 %d 句", "entered for %d sentences", len(ids)))
	}
	return nil
}

// unread reports, as an error, which updates and sentences lack the names without which
// publish.toml lets nothing be published.
func unread(dir string) error {
	project := os.DirFS(dir)
	rules, err := readings.ReadRules(project)
	if err != nil || !rules.Any() {
		return err
	}
	tree, found := content.Load(project, "content")
	if err := found.Err(); err != nil {
		return err
	}
	missing, err := readings.Missing(tree, "content", rules)
	if err != nil {
		return err
	}
	return missing.Err()
}
