package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"minxi/generator/internal/check"
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
)

func (a *app) checkCommand() *cobra.Command {
	var asSARIF bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: a.say("检查全部内容，不生成网站", "check all content without building"),
		Args:  a.args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			dir, err := a.project()
			if err != nil {
				return err
			}
			tree, found := content.Load(os.DirFS(dir), "content")
			found = append(found, check.Run(check.Input{FS: os.DirFS(dir), Tree: tree})...).Sort()
			if found == nil {
				found = diag.List{}
			}
			switch {
			case asSARIF:
				if err := found.SARIF(a.out, rules(), a.lang); err != nil {
					return err
				}
			case a.asJSON, len(found) > 0:
				a.report(found)
			}
			if found.HasErrors() {
				return errFailed
			}
			if n := tree.Plan.Count(); !a.quiet && !a.asJSON && !asSARIF {
				fmt.Fprintln(a.out, a.say("检查通过：%d 章、%d 节、%d 句", "checked: %d chapters, %d sections, %d sentences", n.Chapters, n.Sections, n.Units))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asSARIF, "sarif", false, a.say("结果写成 SARIF 2.1，供代码评审工具显示", "write the findings as SARIF 2.1, for code-review tools"))
	return cmd
}

// rules describes the checks to programs.
func rules() []diag.Rule {
	var out []diag.Rule
	for _, c := range check.All {
		out = append(out, diag.Rule{ID: c.ID, Doc: c.Doc, Severity: c.Severity})
	}
	return out
}
