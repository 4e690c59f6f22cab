package check

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

var updates = Check{
	ID: "updates",
	Doc: plan.Text{
		ZH: "每条动态都有中文和英文，两种语言都写了内容、数字一致，没有待译的占位文字；写明它涉及的句子，而且这些句子在方案里",
		EN: "every update exists in both languages, says something in both, with the same numbers and nothing left to fill in, and names sentences that the plan has",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		p := in.Tree.Plan
		live := map[plan.ID]bool{}
		for u := range p.Units() {
			live[u.ID] = true
		}
		gone := map[plan.ID]plan.EntryState{}
		for _, e := range p.Ledger {
			gone[e.ID] = e.State
		}
		lex := newLexicon(p)
		for _, u := range p.Updates {
			name := "updates/" + u.Name
			if !u.Draft {
				judgeUpdate(in, u, lex, report)
			}
			// A draft's English may be empty, but its file must be there.
			if u.Title.EN == "" && !(u.Draft && in.Tree.FilePos(name, plan.EN).File != "") {
				report(in.Tree.FilePos(name, plan.ZH), diag.Text("动态“%s”缺少英文", "the update “%s” has no English", u.Title.ZH),
					diag.Text("请建立 content/%s.en.md，写上 title 和正文；暂不发布的，在两个文件中都写 draft: true。",
						"Create content/%s.en.md with a title and the text; while it is not to be published, put draft: true in both.", name))
			}
			// A value that is no list is told as the file is read.
			if d := in.Tree.Document(contentDir + "/" + name + ".zh.md"); len(u.Units) == 0 && (d == nil || d.Value("measures") == "") {
				report(in.Tree.FilePos(name, plan.ZH), diag.Text("动态“%s”没有注明涉及哪些句子", "the update “%s” names no sentence", u.Title.ZH),
					diag.Text("请写上 measures: [s3-2, s3-5]，用方案中的编号。", "Add measures: [s3-2, s3-5], with the plan's ids."))
			}
			for i, id := range u.Units {
				pos := in.Tree.UpdatePos(u.Name)[i]
				switch {
				case slices.Index(u.Units, id) < i:
					report(pos, diag.Text("%s 重复", "%s is named twice", id), diag.Text("请删去重复的一个。", "Remove one."))
				case live[id], in.causes().told(id):
				case gone[id] == plan.Withdrawn || gone[id] == plan.Moved:
					report(pos, diag.Text("%s 已不在方案里", "%s is no longer in the plan", id),
						diag.Text("请改用 content/ledger.csv 的 to 栏注明的编号。", "Use the id that stands for it in content/ledger.csv, in the column to."))
				default:
					report(pos, diag.Text("方案里没有 %s", "the plan has no %s", id),
						diag.Text("编号形如 s3-2，见每句话下一行的 {#…}。", "Ids look like s3-2 and stand below each sentence, in {#…}."))
				}
			}
		}
	},
}

// judgeUpdate compares what an update says in the two languages.
func judgeUpdate(in Input, u *plan.Update, lex *lexicon, report Report) {
	name := contentDir + "/updates/" + u.Name
	zh, en := in.files().named(name+".zh.md"), in.files().named(name+".en.md")
	if zh == nil || en == nil {
		return // told by check
	}
	texts := plan.Text{ZH: visible(zh), EN: visible(en)}
	for _, one := range []struct {
		file *content.Document
		text string
	}{{zh, texts.ZH}, {en, texts.EN}} {
		if m := toFillIn.FindStringIndex(one.text); m != nil {
			report(one.file.At(m[0]), diag.Text("“%s”是占位文字，这条动态还没有写完", "“%s” is a placeholder: this update is not finished", one.text[m[0]:m[1]]),
				diag.Text("请写完；暂不发布的，在两个文件中都写 draft: true。", "Finish it; until then, put draft: true in both files."))
			return
		}
	}
	if i := strings.IndexFunc(bracketedAside(texts.EN), isHan); i >= 0 {
		report(en.At(i), diag.Text("英文动态里有中文", "there is Chinese in the English of this update"),
			diag.Text("请译成英文；名称的原文可以写在括号里。", "Translate it; a name may stand in brackets behind its English."))
		return
	}
	said := func(f *content.Document, s string) bool { return strings.IndexFunc(s[f.Body:], unicode.IsLetter) >= 0 }
	inZH, inEN := said(zh, texts.ZH), said(en, texts.EN)
	switch {
	case inZH && !inEN:
		report(in.Tree.FilePos("updates/"+u.Name, plan.EN), diag.Text("英文动态没有正文，中文有", "this update has no text in English, and has one in Chinese"),
			diag.Text("请补上英文正文；尚未译好的，在两个文件中都写 draft: true。", "Write it; until it is translated, put draft: true in both files."))
		return
	case inEN && !inZH:
		report(in.Tree.FilePos("updates/"+u.Name, plan.ZH), diag.Text("中文动态没有正文，英文有", "this update has no text in Chinese, and has one in English"),
			diag.Text("请补上中文正文。", "Write it."))
		return
	}
	r := (&reading{label: plan.Text{ZH: "动态", EN: "update"}, text: texts, enPos: in.Tree.FilePos("updates/"+u.Name, plan.EN)}).with(lex)
	compareNumbers(r, report, en.At)
}

// toFillIn is what people write where something is to be written later.
var toFillIn = regexp.MustCompile(`(?i)\b(?:TODO|TBD|FIXME|lorem ipsum|to be translated|translation to follow)\b|待译|待翻译|待撰写|此处填写|请在此`)

// visible is what readers see of a page as words: the title, the description and
// the text, all else blanked out byte by byte; also ids and addresses, which are no numbers.
func visible(f *content.Document) string {
	out := f.Words()
	for i := 0; f.Front != nil && i+1 < len(f.Front.Content); i += 2 {
		if name := f.Front.Content[i].Value; name == "title" || name == "description" {
			start := f.Offset(f.Node(f.Front.Content[i+1]))
			copy(out[start:start+lineLength(f.Data[start:])], f.Data[start:])
		}
	}
	return notWords.ReplaceAllStringFunc(string(out), func(id string) string { return strings.Repeat(" ", len(id)) })
}

// notWords are addresses that Markdown makes no link of, and ids.
var notWords = regexp.MustCompile(`(?:https?:)?//[!-~]+|\b[pcs][0-9]+(?:-[0-9]+)?\b`)

// bracketedAside blanks out what stands in brackets.
func bracketedAside(s string) string {
	return inBrackets.ReplaceAllStringFunc(s, func(b string) string { return strings.Repeat(" ", len(b)) })
}

var inBrackets = regexp.MustCompile(`[(（][^()（）\n]*[)）]`)

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
