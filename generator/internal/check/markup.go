package check

import (
	"bytes"
	"regexp"
	"strings"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

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
		for _, f := range in.files().list {
			if !f.isMarkdown() || f.isPlan() {
				continue
			}
			text := f.running()
			for _, m := range htmlCode.FindAllIndex(text[f.body:], -1) {
				start := f.body + m[0]
				if bytes.Contains(text[start:f.body+m[1]], []byte("\n\n")) {
					continue // not one tag: it would go on into the next paragraph
				}
				report(f.at(start), diag.Text("这里有 HTML 代码 %s", "HTML code here: %s", firstLine(f.data[start:f.body+m[1]])),
					diag.Text("网页上不会出现它：用 Markdown 写，或删去；要显示尖括号就在前面加反斜杠。", "It will not be on the page: write Markdown or remove it; to show an angle bracket put a backslash before it."))
			}
		}
	},
}

// htmlCode is what CommonMark takes for HTML: a tag, a comment, an instruction,
// a declaration. An address in angle brackets has a colon after its first word.
var htmlCode = regexp.MustCompile(`</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*|/)?>|<!--|<\?|<![A-Za-z\[]|<(?:script|style|iframe|object|embed|form|input|svg|pre|textarea|div|table|img|a)\s`)

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
		for _, f := range in.files().list {
			for _, l := range f.addresses() {
				if l.image && strings.TrimSpace(l.text) == "" {
					report(f.at(l.start), diag.Text("图片没有替代文字", "the image has no alternative text"),
						diag.Text("在方括号里用一句话说出图上有什么：![龙岩古田会议会址](…)。", "Say in the square brackets what the image shows: ![The Gutian Conference site in Longyan](…)."))
				}
			}
		}
	},
}
