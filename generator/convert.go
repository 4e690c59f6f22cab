package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
)

func (a *app) convertCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "convert [FILE…]",
		Short: a.say("把用 GBK 或 UTF-16 保存的内容文件转成 UTF-8", "make content files UTF-8 that were saved as GBK or UTF-16"),
		Long: a.say(`把办公软件用 GBK（GB 18030）或 UTF-16 保存的内容文件转成 UTF-8，一个字也不变；不写文件名就看 content/ 里的全部文件。

原来的字节留在 .journal 里。`, `Make content files UTF-8 that an office program has saved as GBK (GB 18030) or UTF-16; not one character changes. Without a name it looks at all of content/.

The bytes as they were are kept in .journal.`),
		Example: "  go run ./generator convert content/plan/c3/s3.en.md",
		Args:    a.args(0, 1<<20),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, desk, err := a.desk()
			if err != nil {
				return err
			}
			defer desk.Close()
			done, found := []edit.Converted{}, diag.List{}
			if len(args) == 0 {
				all, refused, err := desk.ConvertAll(cmd.Context())
				if err != nil {
					return err
				}
				done, found = append(done, all...), append(found, refused...)
			}
			for _, name := range args {
				c, err := desk.Convert(cmd.Context(), inProject(dir, name))
				if err != nil {
					found = append(found, diag.From(err)...)
				} else if c.From != "" {
					done = append(done, c)
				}
			}
			if a.asJSON {
				a.print(map[string]any{"ok": !found.HasErrors(), "converted": done, "diagnostics": found})
			} else {
				found.Print(a.err, a.lang)
				for _, c := range done {
					fmt.Fprintln(a.out, a.say("%s：由 %s 转成 UTF-8", "%s: from %s to UTF-8", c.File, c.From))
				}
				if len(done) == 0 && !found.HasErrors() && !a.quiet {
					fmt.Fprintln(a.out, a.say("都已经是 UTF-8", "all are UTF-8 already"))
				}
			}
			if found.HasErrors() {
				return errFailed
			}
			return nil
		},
	}
}

// inProject is the path of a file below the project's folder, with slashes; name is one
// from where the command runs.
func inProject(dir, name string) string {
	if rel, is := below(dir, name); is {
		name = rel
	}
	return filepath.ToSlash(name)
}

// below is the path of a file from a folder, and whether it is in there.
func below(dir, name string) (rel string, is bool) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", false
	}
	rel, err = filepath.Rel(dir, abs)
	return rel, err == nil && filepath.IsLocal(rel)
}
