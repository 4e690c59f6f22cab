package epub

import "minxi/generator/internal/plan"

// What the book itself says.
var (
	wordCover     = plan.Text{ZH: "封面", EN: "Cover"}
	wordTitlePage = plan.Text{ZH: "书名页", EN: "Title page"}
	wordContents  = plan.Text{ZH: "目录", EN: "Contents"}
	wordLandmarks = plan.Text{ZH: "主要部分", EN: "Landmarks"}
	wordText      = plan.Text{ZH: "正文", EN: "Text"}
	wordPreamble  = plan.Text{ZH: "序言", EN: "Preamble"}
	wordAbout     = plan.Text{ZH: "关于这一版", EN: "About this edition"}
	wordByTopic   = plan.Text{ZH: "主题索引", EN: "Index of topics"}
	wordByPlace   = plan.Text{ZH: "地方索引", EN: "Index of places"}
	wordByBody    = plan.Text{ZH: "谁来做索引", EN: "Index of who acts"}
	wordIndexNote = plan.Text{ZH: "数字是句子的编号。", EN: "Numbers are those of the sentences."}
	wordNoMeasure = plan.Text{ZH: "没有句子点名", EN: "named by no sentence"}
	wordMissing   = plan.Text{ZH: "尚无译文", EN: "not yet translated"}
	wordStale     = plan.Text{ZH: "译后原文有改动", EN: "the Chinese has changed since this was translated"}

	wordIssuer    = plan.Text{ZH: "印发机关", EN: "Issued by"}
	wordNumber    = plan.Text{ZH: "文号", EN: "Document number"}
	wordPublished = plan.Text{ZH: "公布日期", EN: "Made public"}
	wordSigned    = plan.Text{ZH: "签发日期", EN: "Signed"}
	wordReply     = plan.Text{ZH: "国务院批复", EN: "The State Council’s reply"}
	wordOriginal  = plan.Text{ZH: "原文网址", EN: "Official text"}
	wordSite      = plan.Text{ZH: "网站", EN: "Website"}
	wordVersion   = plan.Text{ZH: "文本版本", EN: "Version of the text"}

	wordOfficial     = plan.Text{ZH: "中文为官方原文，分句和编号由网站添加。", EN: "The Chinese is the official text; the division into sentences and the numbers are the website’s."}
	wordUnofficial   = plan.Text{ZH: "英文译文并非官方译文，与中文不一致时以中文为准。", EN: "The English is an unofficial translation; the Chinese text prevails. The division into sentences and the numbers are the website’s."}
	wordBothStanding = plan.Text{ZH: "中文为官方原文，英文译文并非官方译文，不一致时以中文为准。分句和编号由网站添加。", EN: "The Chinese is the official text; the English is an unofficial translation, and the Chinese prevails. The division into sentences and the numbers are the website’s."}
	wordChinese      = plan.Text{ZH: "中文版", EN: "Chinese"}
	wordEnglish      = plan.Text{ZH: "英文版", EN: "English"}
	wordBilingual    = plan.Text{ZH: "中英对照版", EN: "Chinese and English"}

	wordNumbers = plan.Text{
		ZH: "方案的每一句都有永久编号，如3-2是第三节的第二句；编号以第一版为准，不改动，也不重复使用。",
		EN: "Each sentence of the plan has a permanent number: 3-2 is the second sentence of section 3. Numbers are those of the first edition; they do not change and are not used again.",
	}
	wordLinks = plan.Text{
		ZH: "点编号可到网站上这一句的固定网址；离线阅读时不需要它。",
		EN: "A number leads to the permanent address of its sentence on the website; reading offline needs none of these.",
	}
	wordLicense = plan.Text{
		ZH: "许可只涉及英文译文、编号和标签；中文是公开发布的官方文件，不在许可之内。",
		EN: "The licence is about the English translation, the numbers, and the tags; the Chinese text is a published official document, in which it claims nothing. ",
	}
	wordAccessible = plan.Text{
		ZH: "全书是文字，可以变换字体、字号、行距和颜色，也可以用语音朗读；章节有标题和目录，每种语言都有语言标记；唯一的图片是封面，有文字说明。制作时用 EPUBCheck 和 Ace by DAISY 检查；没有请人作过合规认证。",
		EN: "The whole book is text: typeface, size, spacing, and colours can be changed, and it can be read aloud. Chapters and sections have headings and are in the contents, and each language is marked as such. The only picture is the cover, which is described. It is checked with EPUBCheck and Ace by DAISY; nobody has certified its conformance.",
	}
)
