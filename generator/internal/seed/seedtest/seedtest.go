// Package seedtest makes the text of a plan that no government has issued, as
// long as a test or a benchmark needs it, in the habit of our seed: cut at 28
// cells, a blank line after every line, page breaks in the middle of words.
//
// The text is the same from run to run, and no sentence occurs twice, since
// each bears its number in words. What it says means nothing.
package seedtest

import (
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/plan"
)

// Shape is how a plan is divided.
type Shape struct {
	Sections  int // of a chapter
	Sentences int // of a section, about
}

// Even is a plan of many short chapters, which is hard on lists of chapters; Long
// has longer ones, as plans of governments do.
var (
	Even = Shape{Sections: 4, Sentences: 5}
	Long = Shape{Sections: 12, Sentences: 6}
)

const (
	width       = 56 // of a line, in half cells
	firstWidth  = 52 // of a paragraph's first line, whose indent the tool dropped
	pageLines   = 22
	noLineStart = "，。、；：？！”’」』》〉）〕】"
	noLineEnd   = "“‘「『《〈（〔【"
)

// Text returns a plan with about units measures in the shape Even.
func Text(units int) []byte { return Shaped(units, Even) }

// Shaped returns a plan with about units measures.
func Shaped(units int, shape Shape) []byte {
	w := writer{shape: shape}
	w.opening()
	for w.units < units || w.chapters < 4 {
		w.chapter()
	}
	return []byte(w.out.String())
}

// Bytes returns a plan of about n bytes.
func Bytes(n int) []byte {
	w := writer{shape: Even}
	w.out.Grow(n + n/8)
	w.opening()
	for w.out.Len() < n || w.chapters < 4 {
		w.chapter()
	}
	return []byte(w.out.String())
}

// writer sets type: it is the tool whose habits the importer undoes.
type writer struct {
	shape    Shape
	out      strings.Builder
	lines    int
	chapters int
	sections int
	units    int
	random   uint32
}

// pick returns a number below n, the next of a fixed sequence.
func (w *writer) pick(n int) int {
	w.random = w.random*1664525 + 1013904223
	return int(w.random>>8) % n
}

func (w *writer) one(of []string) string { return of[w.pick(len(of))] }

var (
	verbs    = []string{"支持", "推动", "加快", "深化", "完善", "鼓励", "引导", "统筹", "健全", "探索"}
	places   = []string{"长汀", "永安", "龙岩", "三明", "上杭", "宁化", "武平", "连城", "将乐", "泰宁", "龙岩长（汀）连（城）", "示范区"}
	objects  = []string{"林业改革发展", "数字产业集群", "农产品冷链物流", "普惠性学前教育资源", "“四好农村路”建设", "5G场景应用", "公铁、公水等多式联运", "《闽西客家文化》保护传承", "抽水蓄能电站项目", "中医药服务体系", "创新中心（平台）", "“风展红旗、如画三明”品牌"}
	endings  = []string{"取得明显成效", "迈上新台阶", "形成可复制可推广的经验", "到2025年位居全国革命老区前列", "实现三、四级网络全覆盖", "按规定享受相关政策", "与粤港澳大湾区合作对接"}
	headings = []string{"提升生态环境质量", "做优做强先进制造业", "推进乡村振兴", "完善医疗卫生服务", "加强红色资源保护", "健全社会治理"}
	notes    = []string{"（省发展改革委牵头，有关部门参与）", "（各市人民政府负责。以下均需落实，不再列出）"}
)

func (w *writer) opening() {
	w.paragraph("闽西革命老区高质量发展示范区建设试验方案")
	w.paragraph("为深入贯彻落实有关部署，支持建设示范区（以下简称示范区），根据《国务院关于新时代支持革命老区振兴发展的意见》（国发〔2021〕3号），制定本方案。")
	w.paragraph("一、重要意义")
	w.paragraph("党的十八大以来，示范区扎实推动革命老区振兴发展工作，发挥了引领作用。")
	w.paragraph("二、总体要求")
	w.paragraph("（一）指导思想。完整、准确、全面贯彻新发展理念，打造新时代革命老区振兴发展的样板。")
	w.paragraph("（二）发展目标。到2025年，人均地区生产总值位居全国革命老区前列。到2035年，与全国同步基本实现社会主义现代化。")
	w.chapters, w.sections = 2, 2
}

func (w *writer) chapter() {
	w.chapters++
	w.paragraph(plan.Numeral(w.chapters) + "、" + w.one(verbs) + w.one(headings) + "，在高质量发展上发挥第" + plan.Numeral(w.chapters) + "项示范作用")
	for range w.shape.Sections {
		w.sections++
		var b strings.Builder
		b.WriteString("（" + plan.Numeral(w.sections) + "）" + w.one(headings) + "。")
		for range w.shape.Sentences - 1 + w.pick(3) {
			b.WriteString(w.sentence())
		}
		w.paragraph(b.String())
	}
}

// sentence writes 20 to 120 characters that occur nowhere else.
func (w *writer) sentence() string {
	w.units++
	var b strings.Builder
	b.WriteString(w.one(verbs) + w.one(places) + "第" + plan.Numeral(w.units) + "项" + w.one(objects))
	for range w.pick(4) {
		b.WriteString("，" + w.one(verbs) + w.one(places) + "、" + w.one(places) + w.one(objects))
	}
	b.WriteString("，" + w.one(endings) + "。")
	if w.pick(12) == 0 {
		b.WriteString(w.one(notes))
	}
	return b.String()
}

// paragraph sets a paragraph: no line begins with a closing mark or ends with
// an opening one, no number or Latin word is cut.
func (w *writer) paragraph(s string) {
	limit := firstWidth
	for s != "" {
		n := fit(s, limit)
		w.line(s[:n])
		s, limit = s[n:], width
	}
}

func fit(s string, limit int) int {
	cells, good := 0, 0
	last := rune(0)
	for i, r := range s {
		if i > 0 && !strings.ContainsRune(noLineStart, r) && !strings.ContainsRune(noLineEnd, last) &&
			!(r < utf8.RuneSelf && last < utf8.RuneSelf) {
			good = i
		}
		if r < utf8.RuneSelf {
			cells++
		} else {
			cells += 2
		}
		if cells > limit && good > 0 {
			return good
		}
		last = r
	}
	return len(s)
}

func (w *writer) line(s string) {
	if w.lines++; w.lines%pageLines == 0 {
		w.out.WriteString("\n\n")
	}
	w.out.WriteString("\n" + s + "\n")
}
