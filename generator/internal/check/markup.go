package check

import (
	"regexp"
	"strings"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// eachMark calls judge for every mark of a kind on the pages that Hugo reads.
func eachMark(in Input, judge func(*content.Document, content.Mark), kinds ...content.MarkKind) {
	for _, f := range in.files().list {
		if f.InPlan() {
			continue
		}
		for _, m := range f.Marks() {
			for _, kind := range kinds {
				if m.Kind == kind {
					judge(f, m)
				}
			}
		}
	}
}

// rawHTML looks at the pages that Hugo reads; in the plan's files the same is
// told as they are read, under the same id.
var rawHTML = Check{
	ID: "raw-html",
	Doc: plan.Text{
		ZH: "Markdown 里没有 HTML 代码",
		EN: "there is no HTML code in Markdown",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		eachMark(in, func(f *content.Document, m content.Mark) {
			report(f.At(m.Start), diag.Text("这里有 HTML 代码 %s", "HTML code here: %s", firstLine(f.Data[m.Start:m.End])),
				diag.Text("HTML 代码不会出现在网页上，请改用 Markdown 或删去；要显示尖括号，请在前面加反斜杠。", "It will not be on the page: write Markdown or remove it; to show an angle bracket put a backslash before it."))
		}, content.HTML)
	},
}

func firstLine(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\n")
	return shorten(s)
}

var imageText = Check{
	ID: "image-text",
	Doc: plan.Text{
		ZH: "每张图片都有替代文字",
		EN: "every image has alternative text",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		eachMark(in, func(f *content.Document, m content.Mark) {
			if strings.TrimSpace(string(f.Data[m.Text.Start:m.Text.End])) == "" {
				report(f.At(m.Start), diag.Text("图片没有替代文字", "the image has no alternative text"),
					diag.Text("在方括号里用一句话说出图上有什么：![龙岩古田会议会址](…)。", "Say in the square brackets what the image shows: ![The Gutian Conference site in Longyan](…)."))
			}
		}, content.Image)
	},
}

// shortcode finds Hugo's shortcodes. They bring scripts and frames of other sites
// (youtube, x, instagram, …) or HTML past the check for it, and what they are good
// for, links that follow a page, a link by id or by file does too.
var shortcode = Check{
	ID: "shortcode",
	Doc: plan.Text{
		ZH: "页面不用 Hugo 的短代码（youtube、figure 等会引入第三方脚本和框架）",
		EN: "pages have none of Hugo’s shortcodes (youtube, figure and the like, which bring in other sites’ scripts and frames)",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		eachMark(in, func(f *content.Document, m content.Mark) {
			switch {
			case !strings.HasSuffix(string(f.Data[m.Start:m.End]), "}}"):
				report(f.At(m.Start), diag.Text("短代码没有闭合", "the shortcode is not closed"),
					diag.Text("写成 {{< %[1]s … >}}，或删去它。", "Write {{< %[1]s … >}}, or remove it.", m.Name))
			default:
				report(f.At(m.Start), diag.Text("这里有短代码 %s", "a shortcode here: %s", m.Name),
					diag.Text("请删去：其他网站的内容请写成链接 [文字](https://…)，图片请写成 ![说明](/图片.jpg)；要显示这些字就写 {{</* … */>}}。",
						"Remove it: link what is elsewhere, [text](https://…), and write pictures as ![text](/picture.jpg); to show these characters write {{</* … */>}}."))
			}
		}, content.Shortcode)
	},
}

// blockAttributes are those that may stand in curly brackets: the others change
// how the page looks or works.
var blockAttributes = map[string]bool{"id": true, "lang": true}

var attributes = Check{
	ID: "attributes",
	Doc: plan.Text{
		ZH: "花括号里只写 id（如 {#data}）和 lang；id 不与网页自身的编号重复，在一页里只用一次",
		EN: "curly brackets hold an id, as in {#data}, and lang, and nothing else; an id is none of the page’s own and stands once on a page",
	},
	Severity: diag.Error,
	Run: func(in Input, report Report) {
		seen := map[string]bool{}
		eachMark(in, func(f *content.Document, m content.Mark) {
			for _, a := range m.Attributes {
				if !blockAttributes[a.Name] {
					report(f.At(m.Start), diag.Text("花括号里不能写 %s", "%s cannot stand in curly brackets", a.Name),
						diag.Text("版式由主题统一规定，此处只写 {#编号}。", "How a page looks is for the theme to decide: write {#id} only."))
				}
				if a.Name != "id" {
					continue
				}
				switch key := f.Name + "#" + a.Value; {
				case ownID(a.Value):
					report(f.At(m.Start), diag.Text("编号 %s 已由网页占用", "the id %s is one of the page’s own", a.Value),
						diag.Text("换一个编号，如 {#about-%s}。", "Choose another, such as {#about-%s}.", a.Value))
				case seen[key]:
					report(f.At(m.Start), diag.Text("编号 %s 在这一页用了两次", "the id %s stands twice on this page", a.Value),
						diag.Text("换一个编号。", "Choose another."))
				default:
					seen[key] = true
				}
			}
		}, content.Heading, content.Attributes)
	},
}

// pageIDs are the ids that the theme gives to parts of its pages, and that its
// style sheet, its script and its links know.
var pageIDs = map[string]bool{
	"about-measures": true, "cite": true, "cite-share": true, "changes": true, "contents": true, "contents-title": true, "context": true, "elsewhere": true,
	"history": true, "hubs": true, "main": true, "measures": true, "mode-contrast": true, "mode-large": true, "places": true,
	"related": true, "search": true, "support": true, "terms": true, "timeline": true, "unplaced": true, "updates": true, "verify": true, "who": true,
}

// madeIDs are those that it makes: of groups, boxes and components, of footnotes, and of
// everything that the plan names.
var madeIDs = regexp.MustCompile(`^(?:own|city|of-.*|mode-.*|jump-.*|component-.*|v-.*|r[0-9]+|fn:.*|fnref.*)$`)

func ownID(id string) bool {
	return pageIDs[id] || madeIDs.MatchString(id) || idLike.MatchString(id)
}
