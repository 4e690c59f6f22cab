package plan

import "strings"

const hanDigits = "零一二三四五六七八九"

var hanUnits = []struct {
	value int
	mark  string
}{{10000, "万"}, {1000, "千"}, {100, "百"}, {10, "十"}}

// Numeral writes n (1 to 99,999,999) as a Chinese numeral as headings print it:
// 十 and not 一十 at the start, 零 once for each gap. Other numbers give "".
func Numeral(n int) string {
	if n < 1 || n > 99_999_999 {
		return ""
	}
	return trimTen(numeral(n))
}

// trimTen drops the 一 of a leading 一十, as in 十二.
func trimTen(s string) string {
	if strings.HasPrefix(s, "一十") {
		return s[len("一"):]
	}
	return s
}

func numeral(n int) string {
	var b strings.Builder
	gap := false
	for _, u := range hanUnits {
		d := n / u.value
		n %= u.value
		switch {
		case d >= 10: // only before 万
			b.WriteString(trimTen(numeral(d)) + u.mark)
		case d > 0:
			if gap {
				b.WriteString("零")
			}
			b.WriteString(hanDigit(d) + u.mark)
		}
		gap = b.Len() > 0 && d == 0 && n > 0
	}
	if n > 0 {
		if gap {
			b.WriteString("零")
		}
		b.WriteString(hanDigit(n))
	}
	return b.String()
}

func hanDigit(d int) string { return string([]rune(hanDigits)[d]) }

// ParseNumeral reads a numeral as [Numeral] writes it, reporting whether s is
// one. It is strict, so that 一十二 or 二二, which no heading prints, stay text.
func ParseNumeral(s string) (int, bool) {
	n, part, digit := 0, 0, 0
	for _, r := range s {
		if i := strings.IndexRune(hanDigits, r); i >= 0 {
			digit = i / len("零")
			continue
		}
		value := 0
		for _, u := range hanUnits {
			if u.mark == string(r) {
				value = u.value
			}
		}
		switch {
		case value == 0:
			return 0, false
		case value == 10000:
			n = (part + digit) * value
			part = 0
		case digit == 0 && value == 10 && part == 0 && n == 0: // 十二
			part = value
		default:
			part += digit * value
		}
		digit = 0
	}
	n += part + digit
	if n == 0 || Numeral(n) != s {
		return 0, false
	}
	return n, true
}
