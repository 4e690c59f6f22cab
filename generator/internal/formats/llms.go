package formats

import (
	"cmp"
	"fmt"
	"strings"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// llms.txt (llmstxt.org): for language models, in Markdown, what the site is and
// where its texts are.
var llms = Format{Path: llmsPath, Type: "text/plain", Write: llmsText,
	Group: ofAll, Title: plan.Text{ZH: "给语言模型的说明（llms.txt）", EN: "For language models (llms.txt)"},
	About: plan.Text{ZH: "本站是什么、依据什么、各处有什么，用一页纯文本写明。", EN: "What this site is, what it rests on, and what is where, on a page of plain text."}}

const llmsPath = "llms.txt"

func llmsText(p *plan.Plan, s Site) ([]byte, error) {
	var b strings.Builder
	root := cmp.Or(s.Origin, s.BasePath)
	name, _ := p.SiteName().Or(plan.ZH)
	fmt.Fprintf(&b, "# %s\n", cmp.Or(name, "plan"))
	if p.Title.EN != "" {
		fmt.Fprintf(&b, "\n> %s\n", p.Title.EN)
	}
	b.WriteString("\n每句有永久编号和固定网址。中文为官方原文；英文译文并非官方译文，不一致时以中文为准。\n\n" +
		"Every sentence has a permanent number and address. The Chinese is the official text; the English is an unofficial translation, and the Chinese prevails.\n")
	if d := s.Document; d.Issuer.ZH != "" {
		fmt.Fprintf(&b, "\n- %s%s\n", d.Issuer.ZH, brackets("（", "，", "）", d.Number.ZH, d.Published))
		if d.Issuer.EN != "" {
			fmt.Fprintf(&b, "- %s%s\n", d.Issuer.EN, brackets(" (", ", ", ")", d.Number.EN, d.Published))
		}
	}
	for _, l := range plan.Langs {
		at := address.In(l)
		fmt.Fprintf(&b, "\n## %s\n\n", map[plan.Lang]string{plan.ZH: "中文", plan.EN: "English"}[l])
		fmt.Fprintf(&b, "- [%s](%s): %s\n", map[plan.Lang]string{plan.ZH: "方案全文", plan.EN: "The whole plan"}[l], root+at.Plan(),
			map[plan.Lang]string{plan.ZH: "一页读完", plan.EN: "unofficial translation"}[l])
		for _, c := range p.Chapters {
			if title, _ := c.Title.Or(l); title != "" && len(p.Chapters) <= address.ChaptersInPart {
				fmt.Fprintf(&b, "- [%s](%s)\n", title, root+at.Division(address.ChapterID(c.Number)))
			}
		}
	}
	b.WriteString("\n## 数据 Data\n\n")
	for _, f := range s.all {
		if f.Path != llmsPath {
			fmt.Fprintf(&b, "- [%s](%s/%s): %s\n", inBoth(f.Title), root, f.Main(), inBoth(f.About))
		}
	}
	return []byte(b.String()), nil
}
