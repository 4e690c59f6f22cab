package check

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"slices"
	"strings"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/seed"
)

var fidelity = Check{
	ID: "fidelity",
	Doc: plan.Text{
		ZH: "中文与来源文本逐字相同，来源文本未被改动",
		EN: "the Chinese equals the source text character by character, and the source text is the one that was imported",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		src := in.Tree.Source
		if src.File == "" {
			return // a plan typed in by hand has nothing to be compared with
		}
		text, err := fs.ReadFile(in.FS, src.File)
		if err != nil {
			report(src.Pos, diag.Text("找不到来源文本 %s", "the source text %s cannot be read", src.File),
				diag.Text("请恢复这个文件；文件若已改名，请改正 source。", "Restore the file; if it was renamed, correct source."))
			return
		}
		if sum := sha256.Sum256(text); src.SHA256 != hex.EncodeToString(sum[:]) {
			report(src.Pos, diag.Text("来源文本 %s 的校验值不符：文件已被改动", "the checksum of %s does not match: the file was changed", src.File),
				diag.Text("请从版本记录中恢复；如确为新版本，请重新导入。", "Restore it from the history; if it is a new edition, import it."))
			return
		}
		proof := diag.From(seed.Prove(src.File, text, in.Tree.Plan))
		if len(proof) == 0 {
			return
		}
		// The proof knows where in the source; people want to know where in
		// their own files.
		if source, _, err := seed.Read(src.File, text); err == nil {
			if diffs := in.Tree.Differences(source); len(diffs) > 0 {
				for _, d := range diffs {
					if in.causes().division(content.PartOf(strings.TrimPrefix(d.File, contentDir+"/"))) {
						continue
					}
					report(d.Pos, d.Fact, diag.Text("中文为正式文本，请改回原文（可用 import --overwrite 恢复）；如有新版，请导入新版原文。",
						"The Chinese is the official text: put the source's words back (import --overwrite does it), or import the text of the new edition."))
				}
				return
			}
		}
		if slices.ContainsFunc(headingsIn(in.Tree.Plan), func(h headingIn) bool { return h.title.ZH == "" }) {
			return // told as it is read
		}
		for _, d := range proof {
			report(d.Pos, d.Fact, d.Hint)
		}
	},
}
