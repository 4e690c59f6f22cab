package check

import (
	"errors"
	"io/fs"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

const termbaseFile = contentDir + "/termbase.csv"

// vocabulary wants the table that the languages are compared by. While it is
// not there they are not compared, because everything found would follow from it.
var vocabulary = Check{
	ID: "termbase",
	Doc: plan.Text{
		ZH: "有英文译文的方案，有术语表 content/termbase.csv",
		EN: "where there is English, there is the termbase, content/termbase.csv",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		if in.withoutTermbase() && missing(in.FS, termbaseFile) {
			report(diag.Pos{File: termbaseFile}, diag.Text("缺少术语表，无法对照中英文", "there is no termbase, so the two languages are not compared"),
				diag.Text("请从版本记录中恢复；新方案尚无术语的，建立这个文件，第一行写 zh,en,forbidden,kind,note,source,also,pinyin。",
					"Restore it from the history; for a new plan without terms, create it with the first line zh,en,forbidden,kind,note,source,also,pinyin."))
		}
	},
}

func missing(fsys fs.FS, name string) bool {
	_, err := fs.Stat(fsys, name)
	return errors.Is(err, fs.ErrNotExist)
}

// withoutTermbase reports that there is English and that the termbase is not
// there or could not be read, which package content tells. One that has a
// heading only is there.
func (in Input) withoutTermbase() bool {
	if len(in.Tree.Plan.Terms) > 0 {
		return false
	}
	if data, err := fs.ReadFile(in.FS, termbaseFile); err == nil && onlyHeading(data) {
		return false
	}
	for u := range in.Tree.Plan.Units() {
		if u.Text.EN != "" {
			return true
		}
	}
	return false
}

// onlyHeading reports whether a table is sound and has no row below its first.
func onlyHeading(data []byte) bool {
	line, rest, _ := strings.Cut(strings.TrimPrefix(string(data), "\ufeff"), "\n")
	return strings.HasPrefix(strings.TrimSpace(line), "zh,en") && strings.TrimSpace(rest) == ""
}
