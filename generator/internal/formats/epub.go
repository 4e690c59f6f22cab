package formats

import (
	"minxi/generator/internal/epub"
	"minxi/generator/internal/plan"
)

// EPUB: the whole plan as a book, to be read offline in apps and on e-readers.
func book(name string, title, about plan.Text, langs ...plan.Lang) Format {
	return Format{Path: "data/plan." + name + ".epub", Type: "application/epub+zip", Binary: true, Langs: langs,
		Group: ofReading, Title: title, About: about,
		Write: func(p *plan.Plan, s Site) ([]byte, error) {
			return epub.Book{Plan: p, Langs: langs, Document: s.Document, Origin: s.Origin, License: s.License, Kept: s.Books}.Bytes()
		}}
}

var (
	bookChinese = book("zh",
		plan.Text{ZH: "电子书（EPUB，中文）", EN: "E-book (EPUB, Chinese)"},
		plan.Text{ZH: "下载到手机或电子书阅读器上，没有网络也能读；可以调字号，可以听。", EN: "To be read without a network on a phone or an e-reader, in any type size, or aloud."}, plan.ZH)
	bookEnglish = book("en",
		plan.Text{ZH: "电子书（EPUB，英文，非官方译文）", EN: "E-book (EPUB, English, unofficial translation)"},
		plan.Text{ZH: "英文译文，供离线阅读。", EN: "The translation, to be read without a network."}, plan.EN)
	bookBilingual = book("zh-en",
		plan.Text{ZH: "电子书（EPUB，中英对照）", EN: "E-book (EPUB, Chinese and English)"},
		plan.Text{ZH: "一句中文、一句英文，供离线对照阅读。", EN: "Each sentence in Chinese, and below it in English, to be read without a network."}, plan.ZH, plan.EN)
)
