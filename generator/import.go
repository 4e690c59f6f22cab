package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing/fstest"

	"github.com/spf13/cobra"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/held"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/seed"
)

// maxSource bounds what an import reads into memory, in bytes.
const maxSource = 512 << 20

func (a *app) importCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: a.say("把方案的原文变成 content/ 里的 Markdown", "turn a plan's text as received into Markdown under content/"),
		Long: a.say(`把方案的原文（例如从 PDF 里取出的文字）变成 content/ 里的 Markdown：接好被切断的行，分出章、节、句，并证明原文每个字都在、且只出现一次。

导入不覆盖人的编辑：与原文不同之处逐一列出，加 --overwrite 才改；标签和英文总是保留。`,
			`Turn a plan's text as received, for instance out of a PDF, into Markdown under content/: join broken lines, separate chapters, sections and sentences, and prove that every character of the source is there exactly once.

An import never overwrites people's edits: every difference from the source is listed and changed only with --overwrite; tags and English always stay.`),
		Example: "  go run ./generator import seeds/minxi-2022.txt --report",
		Args:    a.args(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return a.importPlan(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.into, "into", "content", a.say("写到哪个内容文件夹", "content folder to write to"))
	f.BoolVar(&o.dryRun, "dry-run", false, a.say("只说会做什么", "only say what would be done"))
	f.BoolVar(&o.report, "report", false, a.say("列出原文每类字符的去向", "account for every kind of character in the source"))
	f.StringVar(&o.history.edition, "edition", "", a.say("这是方案的新版：它的公布日期，如 2024-05-01", "this is a new edition of the plan: the day on which it was made public, such as 2024-05-01"))
	f.StringVar(&o.history.number, "number", "", a.say("新版的文号", "the document's number of the new edition"))
	f.BoolVar(&o.same, "same-edition", false, a.say("另一个文件，但还是同一版：改动是更正", "another file of the same edition: what differs are corrections"))
	f.BoolVar(&o.overwrite, "overwrite", false, a.say("把与原文不同的句子换成原文", "replace what differs by the source's text"))
	return cmd
}

type importOptions struct {
	file, into                string
	dryRun, report, overwrite bool
	same                      bool // another source of the same edition
	history                   recording
}

// importPlan reads the source, proves the import on the very Markdown that it
// is about to write, and only then writes.
func (a *app) importPlan(ctx context.Context, o importOptions) error {
	if err := a.days(o.history); err != nil {
		return err
	}
	src, name, inside, err := a.source(o.file)
	if err != nil {
		return err
	}
	imported, account, err := seed.Read(name, src)
	if err != nil {
		return err
	}
	// A source outside the project is not remembered: nobody else has it there,
	// so the fidelity check could never be run.
	var origin content.Source
	if inside {
		sum := sha256.Sum256(src)
		origin = content.Source{File: name, SHA256: hex.EncodeToString(sum[:])}
	}

	if err := a.proveMarkdown(name, src, imported, origin); err != nil {
		return err
	}
	into, err := filepath.Abs(o.into)
	if err != nil {
		return err
	}
	parent, dir := filepath.Split(into)
	m := content.PlanImport(os.DirFS(parent), dir, imported, origin)
	for i := range m.Differ {
		m.Differ[i].File = filepath.ToSlash(relative(filepath.Join(parent, filepath.FromSlash(m.Differ[i].File))))
	}
	write := m.Create
	if o.overwrite {
		write = append(write, m.Rewrite...)
	}
	refused := len(m.Differ) > 0 && !o.overwrite
	project, keeps := keepsHistory(into)
	if keeps && !refused && !o.dryRun {
		if err := whichEdition(project, o, origin, len(m.Rewrite)); err != nil {
			return err
		}
	}
	if !o.dryRun && !refused {
		for _, f := range write {
			if err := replaceFile(filepath.Join(into, filepath.FromSlash(f.Name)), f.Data); err != nil {
				return err
			}
		}
		if err := enterNewIDs(parent, dir, filepath.Base(name)); err != nil {
			return err
		}
		if keeps {
			o.history.why = cmp.Or(o.history.why, "import "+filepath.Base(name))
			if _, err := a.record(ctx, project, o.history); err != nil {
				return err
			}
		}
	}
	a.importSummary(o, imported.Count(), account, m, len(write), refused, inside)
	if refused {
		return errFailed
	}
	return nil
}

// whichEdition refuses to take the text of another source for that of the edition in
// hand, or for a new one, without having been told.
func whichEdition(project string, o importOptions, origin content.Source, changed int) error {
	tree, _ := content.Load(os.DirFS(project), "content")
	n := len(tree.Plan.Editions)
	if n == 0 || changed == 0 || o.same || o.history.edition != "" || tree.Source.File == "" || tree.Source.File == origin.File {
		return nil
	}
	return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(o.file)}, Check: "history",
		Fact: diag.Text("方案现在取自 %[1]s（%[2]s 公布）；这个文件是新版，还是同一版的更正？", "the plan comes from %[1]s, made public on %[2]s: is this file a new edition, or a correction of that one?", tree.Source.File, tree.Plan.Editions[n-1].Date),
		Hint: diag.Text("新版加 --edition 和它的公布日期，同一版加 --same-edition；句子的历史要分清。", "Say --edition with the day of its publication, or --same-edition: the history of sentences keeps the two apart.")}
}

// enterNewIDs gives every id that the ledger does not have a row. Rows that are
// there stay: that a sentence has changed is for people to accept.
func enterNewIDs(parent, dir, source string) error {
	tree, _ := content.Load(os.DirFS(parent), dir)
	var fresh []plan.ID
	for u := range tree.Plan.Units() {
		if tree.LedgerPos(u.ID).File == "" {
			fresh = append(fresh, u.ID)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	data, _, err := edit.Enter(tree.Document(path.Join(dir, "ledger.csv")), tree.Plan, fresh, "import "+source)
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(parent, dir, "ledger.csv"), data)
}

// source reads the file. Its name is the path in the project, if it is inside.
func (a *app) source(file string) (src []byte, name string, inside bool, err error) {
	info, err := os.Stat(file)
	pos := diag.Pos{File: filepath.ToSlash(file)}
	if err != nil || info.IsDir() {
		return nil, "", false, diag.Diagnostic{Pos: pos, Check: "import",
			Fact: diag.Text("读不了这个文件", "this file cannot be read"),
			Hint: diag.Text("请检查文件名；原文放在 seeds/ 里。", "Check its name; sources belong in seeds/.")}
	}
	if info.Size() > maxSource {
		return nil, "", false, diag.Diagnostic{Pos: pos, Check: "import",
			Fact: diag.Text("文件有 %s，不会是一份方案", "the file has %s; no plan is that long", size(info.Size())),
			Hint: diag.Text("请确认给的是方案的文本。", "Make sure that this is a plan's text.")}
	}
	src, err = os.ReadFile(file)
	if err != nil {
		return nil, "", false, err
	}
	name = filepath.ToSlash(file)
	if dir, err := a.project(); err == nil {
		if rel, is := below(dir, file); is {
			name, inside = filepath.ToSlash(rel), true
		}
	}
	return src, name, inside, nil
}

// proveMarkdown reads the Markdown of the plan back and compares it with the
// source: what is proved is what will stand in the files.
func (a *app) proveMarkdown(name string, src []byte, p *plan.Plan, origin content.Source) error {
	files := fstest.MapFS{}
	for _, f := range content.Format(p, origin) {
		files[path.Join("content", f.Name)] = &fstest.MapFile{Data: f.Data, Mode: fs.ModePerm}
	}
	tree, found := content.Load(files, "content")
	if found.HasErrors() {
		return found
	}
	return seed.Prove(name, src, tree.Plan)
}

// replaceFile writes a file whole or not at all. Its errors name the file that
// people know, not the one beside it that is written first.
func replaceFile(name string, data []byte) error {
	err := replace(name, data)
	var system *fs.PathError
	if errors.As(err, &system) && filepath.Dir(system.Path) == filepath.Dir(name) {
		return &fs.PathError{Op: system.Op, Path: name, Err: system.Err}
	}
	return err
}

func replace(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".import-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(data); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Chmod(0o644); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return held.Rename(tmp.Name(), name)
}

func (a *app) importSummary(o importOptions, n plan.Counts, account *seed.Report, m content.Merge, written int, refused, inside bool) {
	if a.asJSON {
		if m.Differ == nil {
			m.Differ = diag.List{}
		}
		a.print(map[string]any{
			"ok": !refused, "plan": n, "account": account,
			"created": len(m.Create), "differing": len(m.Rewrite), "unchanged": m.Unchanged,
			"written": map[bool]int{true: 0, false: written}[o.dryRun || refused], "diagnostics": m.Differ,
		})
		return
	}
	if !o.report { // the report has them too
		account.Notes.Print(a.err, a.lang)
	}
	m.Differ.Print(a.err, a.lang)
	if a.quiet {
		return
	}
	fmt.Fprintln(a.out, a.say("%d 章、%d 节、%d 句，其中措施 %d 条", "%d chapters, %d sections, %d sentences, %d of them measures", n.Chapters, n.Sections, n.Units, n.Measures))
	if o.report {
		account.Print(a.out, a.lang)
	} else {
		for _, l := range account.Around {
			if l.What == seed.CoveringNotice {
				fmt.Fprintln(a.out, a.say("方案是附件，印发通知留在 plan/_index.zh.md 的 cover 里", "the plan is an annex; its covering notice is kept as cover in plan/_index.zh.md"))
			}
		}
	}
	switch {
	case refused:
		fmt.Fprintln(a.out, a.say("%d 个文件与原文不同，什么也没有写", "%d files differ from the source; nothing was written", len(m.Rewrite)))
	case o.dryRun:
		fmt.Fprintln(a.out, a.say("会写 %d 个文件，%d 个不变", "would write %d files, %d unchanged", written, m.Unchanged))
	default:
		fmt.Fprintln(a.out, a.say("写了 %d 个文件，%d 个不变", "wrote %d files, %d unchanged", written, m.Unchanged))
		if !inside {
			fmt.Fprintln(a.out, a.say("原文不在项目里，以后无法核对；请放进 seeds/ 再导入一次", "the source is outside the project, so it cannot be compared later; put it into seeds/ and import it again"))
		}
	}
}
