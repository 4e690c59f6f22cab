package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/exchange"
	"minxi/generator/internal/plan"
)

// formatNames lists the formats for messages: .xlf, .po, ….
func formatNames() string {
	var names []string
	for _, f := range exchange.Formats {
		names = append(names, f.Ext)
	}
	return strings.Join(names, ", ")
}

func (a *app) translateExport() *cobra.Command {
	var open bool
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: a.say("写出给译者的文件：.docx（Word）、.xlf、.po、.tmx，或术语 .tbx", "write a file for translators: .docx (Word), .xlf, .po, .tmx, or the terms as .tbx"),
		Example: `  go run ./generator translate export review.docx
  go run ./generator translate export plan.xlf
  go run ./generator translate export plan.po --open`,
		Args: a.args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			format, ok := exchange.ForFile(args[0])
			if !ok {
				return usageError{errors.New(a.say("文件名的结尾决定格式：%s", "the file's ending decides the format: %s", formatNames()))}
			}
			_, tree, err := a.loadForTranslation()
			if err != nil {
				return err
			}
			doc := exchange.Of(tree)
			if open {
				doc.Segments = slices.DeleteFunc(doc.Segments, func(s exchange.Segment) bool { return s.State == exchange.Current })
				if len(doc.Segments) == 0 {
					if a.asJSON {
						a.print(map[string]any{"ok": true, "format": format.Name, "entries": 0})
					} else if !a.quiet {
						fmt.Fprintln(a.out, a.say("没有要翻译的句子，没有写文件", "there is nothing to translate; no file was written"))
					}
					return nil
				}
			}
			var b bytes.Buffer
			if err := format.Write(&b, doc); err != nil {
				return err
			}
			if err := replaceFile(args[0], b.Bytes()); err != nil {
				return err
			}
			n := len(doc.Segments)
			if format.Terms {
				n = len(doc.Terms)
			}
			if a.asJSON {
				a.print(map[string]any{"ok": true, "format": format.Name, "entries": n})
			} else if !a.quiet {
				fmt.Fprintln(a.out, a.say("写了 %s：%d 条", "wrote %s: %d entries", args[0], n))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&open, "open", false, a.say("只要缺译和待更新的", "only what is missing or stale"))
	return cmd
}

func (a *app) translateImport() *cobra.Command {
	var o importTranslation
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: a.say("收回译者的文件：合格的句子写进 content/，其余逐句说明理由", "take a translator's file back: good sentences go into content/, the others are told with reasons"),
		Args:  a.args(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			format, ok := exchange.ForFile(args[0])
			if !ok || format.Terms {
				return usageError{errors.New(a.say("读不了这种文件；能读 .docx、.xlf、.po、.tmx", "this kind of file is not read back; .docx, .xlf, .po and .tmx are"))}
			}
			o.name = args[0]
			return a.importTranslation(cmd.Context(), format, o)
		},
	}
	cmd.Flags().BoolVar(&o.open, "open", false, a.say("文件是用 --open 导出的，缺少其他句子不算遗漏", "the file was exported with --open: other sentences are not missed in it"))
	cmd.Flags().BoolVar(&o.acceptChanges, "accept-changes", false, a.say("Word 文件里还没有决定的修订，都当作接受", "take tracked changes in a Word file that nobody has decided on as accepted"))
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, a.say("只说会做什么", "only say what would be done"))
	return cmd
}

// importTranslation is a translator's file and how it is to be taken.
type importTranslation struct {
	name                        string
	dryRun, open, acceptChanges bool
}

func (a *app) importTranslation(ctx context.Context, format exchange.Format, in importTranslation) error {
	dir, tree, err := a.loadForTranslation()
	if err != nil {
		return err
	}
	src, err := os.ReadFile(in.name)
	if err != nil {
		return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(in.name)}, Check: "translate",
			Fact: diag.Text("读不了这个文件", "this file cannot be read"), Hint: diag.Text("请检查文件名。", "Check its name.")}
	}
	file, err := format.Read(filepath.ToSlash(in.name), src)
	if err != nil {
		return err
	}
	if in.acceptChanges {
		file.AcceptChanges()
	}
	doc := exchange.Of(tree)
	if in.open {
		inFile := map[plan.ID]bool{}
		for _, u := range file.Units {
			inFile[u.ID] = true
		}
		doc.Segments = slices.DeleteFunc(doc.Segments, func(s exchange.Segment) bool { return s.State == exchange.Current && !inFile[s.ID] })
	}
	taken, refused := exchange.Accept(doc, file)
	desk, err := edit.Open(dir, edit.Options{Who: author()})
	if err != nil {
		return err
	}
	defer desk.Close()
	var changes []edit.Change
	for _, u := range taken {
		ref := edit.Ref{ID: u.ID, Field: edit.English}
		now, err := desk.Read(ref)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		changes = append(changes, edit.Change{Ref: ref, Text: u.Target, Base: now.Hash, Accept: true, Why: "translate import " + filepath.Base(in.name)})
	}
	do := func(changes ...edit.Change) ([]edit.Outcome, error) {
		return desk.SaveAll(ctx, "", changes...)
	}
	if in.dryRun {
		do = desk.Try
	}
	outcomes, err := do(changes...)
	if err != nil {
		return err
	}
	written, files := 0, map[string]bool{}
	for _, o := range outcomes {
		if o.Err != nil {
			refused = append(refused, diag.From(o.Err)...)
			continue
		}
		written++
		if o.Changed {
			files[o.Pos.File] = true
		}
	}
	if a.asJSON {
		if refused == nil {
			refused = diag.List{}
		}
		a.print(map[string]any{"ok": !refused.HasErrors(), "taken": written, "files": len(files), "diagnostics": refused})
	} else {
		refused.Print(a.err, a.lang)
		if !a.quiet {
			fmt.Fprintln(a.out, a.say("收下 %d 句，改了 %d 个文件", "took %d sentences, changed %d files", written, len(files)))
		}
	}
	if refused.HasErrors() {
		return errFailed
	}
	return nil
}

// author is the name under which changes go into the journal.
func author() string {
	name, _ := edit.Author()
	return name
}
