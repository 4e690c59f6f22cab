package content

import "minxi/generator/internal/plan"

// Control reports whether r is a control character that text files do without.
func Control(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != 0 || r >= 0x7f && r < 0xa0
}

// unseenCharacters are ranges of characters without a shape of their own, in order.
var unseenCharacters = []struct {
	from, to rune
	what     plan.Text
}{
	{0x00ad, 0x00ad, plan.Text{ZH: "软连字符", EN: "soft hyphen"}},
	{0x034f, 0x034f, plan.Text{ZH: "组合字符连接符", EN: "combining grapheme joiner"}},
	{0x061c, 0x061c, plan.Text{ZH: "双向控制符", EN: "bidirectional control"}},
	{0x115f, 0x1160, plan.Text{ZH: "填充符", EN: "filler"}},
	{0x17b4, 0x17b5, plan.Text{ZH: "零宽元音", EN: "vowel without a shape"}},
	{0x180b, 0x180f, plan.Text{ZH: "变体选择符", EN: "variation selector"}},
	{0x200b, 0x200d, plan.Text{ZH: "零宽字符", EN: "zero-width character"}},
	{0x200e, 0x200f, plan.Text{ZH: "双向控制符", EN: "bidirectional control"}},
	{0x2028, 0x2029, plan.Text{ZH: "行分隔符", EN: "line separator"}},
	{0x202a, 0x202e, plan.Text{ZH: "双向控制符", EN: "bidirectional control"}},
	{0x2060, 0x2064, plan.Text{ZH: "零宽字符", EN: "zero-width character"}},
	{0x2066, 0x2069, plan.Text{ZH: "双向控制符", EN: "bidirectional control"}},
	{0x206a, 0x206f, plan.Text{ZH: "格式控制符", EN: "format control"}},
	{0x3164, 0x3164, plan.Text{ZH: "填充符", EN: "filler"}},
	{0xe000, 0xf8ff, plan.Text{ZH: "私用区字符", EN: "private use"}},
	{0xfe00, 0xfe0f, plan.Text{ZH: "变体选择符", EN: "variation selector"}},
	{0xfeff, 0xfeff, plan.Text{ZH: "文件中间的字节序标记", EN: "byte order mark inside the file"}},
	{0xffa0, 0xffa0, plan.Text{ZH: "填充符", EN: "filler"}},
	{0xfff9, 0xfffb, plan.Text{ZH: "注音控制符", EN: "interlinear control"}},
	{0xfffd, 0xfffd, plan.Text{ZH: "替换字符，原来的字已经丢失", EN: "replacement character; what stood here is lost"}},
	{0xe0000, 0xe007f, plan.Text{ZH: "标签字符", EN: "tag character"}},
	{0xe0100, 0xe01ef, plan.Text{ZH: "变体选择符", EN: "variation selector"}},
	{0xf0000, 0x10ffff, plan.Text{ZH: "私用区字符", EN: "private use"}},
}

// Unseen reports whether a character has no shape of its own, and what it is: readers do
// not see it, and it changes what they see or what a search finds.
func Unseen(r rune) (plan.Text, bool) {
	if Control(r) {
		return plan.Text{ZH: "控制字符", EN: "control character"}, true
	}
	for _, u := range unseenCharacters {
		if r < u.from {
			break
		}
		if r <= u.to {
			return u.what, true
		}
	}
	// U+FDD0–U+FDEF and the last two of each plane are never characters.
	if r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe {
		return plan.Text{ZH: "非字符", EN: "not a character"}, true
	}
	return plan.Text{}, false
}
