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
	About: plan.Text{ZH: "本站是什么、依据什么、各处有什么，用一页纯文本写明；各阅读页的网址后加 index.md，就是这一页的 Markdown 文本。", EN: "What this site is, what it rests on, and what is where, on a page of plain text; the address of each reading page with index.md behind it is that page’s text in Markdown."}}

const llmsPath = "llms.txt"

// llmsLists are the lists of pages beside the plan itself.
var llmsLists = []struct {
	kind address.Kind
	name plan.Text
	has  func(*plan.Plan) bool
}{
	{address.Topics, plan.Text{ZH: "按主题读", EN: "By topic"}, func(p *plan.Plan) bool { return len(p.Topics) > 0 }},
	{address.Places, plan.Text{ZH: "按地方读", EN: "By place"}, func(p *plan.Plan) bool { return len(p.Places) > 0 }},
	{address.Bodies, plan.Text{ZH: "按谁来做读", EN: "By who acts"}, func(p *plan.Plan) bool { return len(p.Bodies) > 0 }},
}

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
	b.WriteString("\n每个阅读页旁边有同一内容的 Markdown 文本：在网址后加 index.md，如 " + root + address.MarkdownOf(address.In(plan.ZH).Plan()) + " 。以下链接都指向 Markdown。\n\n" +
		"Beside each reading page stands its text as Markdown: add index.md to the address. The links below lead to Markdown.\n")
	for _, l := range plan.Langs {
		at := address.In(l)
		fmt.Fprintf(&b, "\n## %s\n\n", map[plan.Lang]string{plan.ZH: "中文", plan.EN: "English"}[l])
		fmt.Fprintf(&b, "- [%s](%s): %s\n", map[plan.Lang]string{plan.ZH: "方案全文", plan.EN: "The whole plan"}[l], root+address.MarkdownOf(at.Plan()),
			map[plan.Lang]string{plan.ZH: "一页读完", plan.EN: "unofficial translation"}[l])
		for _, c := range p.Chapters {
			if title, _ := c.Title.Or(l); title != "" && len(p.Chapters) <= address.ChaptersInPart {
				fmt.Fprintf(&b, "- [%s](%s)\n", title, root+address.MarkdownOf(at.Division(address.ChapterID(c.Number))))
			}
		}
		for _, list := range llmsLists {
			if list.has(p) {
				fmt.Fprintf(&b, "- [%s](%s)\n", list.name.In(l), root+address.MarkdownOf(at.List(list.kind)))
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
