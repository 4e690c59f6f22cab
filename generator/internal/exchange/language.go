package exchange

import (
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// spoken lists the language tags that mean one of our languages. Tools rename
// zh-Hans to the region that they know, and en to a variety of English; neither
// changes who can read it. zh-Hant and zh-TW are another script.
var spoken = map[plan.Lang][]string{
	plan.ZH: {"zh", "zh-hans", "zh-cn", "zh-sg", "zh-hans-cn", "zh-hans-sg", "cmn", "cmn-hans", "cmn-hans-cn"},
	plan.EN: {"en"},
}

// isLang reports whether a BCP 47 tag, or a POSIX name such as en_GB, is of
// language l: one of those listed or, for English, any below it, as in the
// basic filtering of RFC 4647, section 3.3.1.
func isLang(tag string, l plan.Lang) bool {
	tag = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(tag), "_", "-"))
	for _, s := range spoken[l] {
		if tag == s || l == plan.EN && strings.HasPrefix(tag, s+"-") {
			return true
		}
	}
	return false
}

// wrongLanguage refuses a file whose header names other languages.
func (t *text) wrongLanguage(pos diag.Pos, what, got string, l plan.Lang) error {
	return t.refuse(pos, "language",
		diag.Text("文件的 %[1]s 是“%[2]s”，不是 %[3]s", "the file's %[1]s is “%[2]s”, not %[3]s", what, clip(got), l.Tag()),
		diag.Text("这里只收从中文（zh-Hans）到英文（en）的译文；请检查翻译工具的语言设置。", "Only translations from Chinese (zh-Hans) into English (en) are taken; look at the languages set in your tool."))
}
