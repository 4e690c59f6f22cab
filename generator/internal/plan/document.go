package plan

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Document is what is known about a plan as a document. What is not known is
// empty.
type Document struct {
	Issuer    Text   `json:"issuer"`
	Number    Text   `json:"number"`
	Published string `json:"published,omitempty"` // made public: 2022-04-13
	Signed    string `json:"signed,omitempty"`    // the date of signature
	Reply     string `json:"reply,omitempty"`     // the State Council's approval
	URL       string `json:"url,omitempty"`       // the official text on the issuer's site

	Abbreviation string `json:"abbreviation,omitempty"` // of the issuer, in English, for citations
	Romanized    string `json:"romanized,omitempty"`    // the title in Latin letters, for citations
}

var (
	documentNumber = regexp.MustCompile(`^\p{Han}{1,10}〔\d{4}〕\s*\d{1,5}\s*号$`)
	office         = regexp.MustCompile(`^[\p{Han}\s]{2,20}[府构委局部厅院办会]$`)
	day            = regexp.MustCompile(`^[（(]?([0-9〇○零一二三四五六七八九]{4})年([0-9]{1,2}|[一二三四五六七八九十]{1,3})月([0-9]{1,2}|[一二三四五六七八九十]{1,3})日[）)]?$`)
)

// Facts reads what the document prints about itself around its text: its number,
// who signed it and when. They are in Chinese, and what it does not print is
// empty; a date that stands alone says what happened on it no more than it prints.
func (f Front) Facts() Document {
	var d Document
	first := func(to *string, s string) {
		if *to == "" {
			*to = s
		}
	}
	// The document's own signature goes before that of a notice which covers it.
	for n, lines := range [][]string{f.Under, f.Closing, f.Cover} {
		var here Document
		for i, s := range lines {
			switch {
			case n == 2 && office.MatchString(s) && (i+1 == len(lines) || parseDay(lines[i+1]) == ""):
				// Before the title stands more than a notice; its signature is dated.
			case documentNumber.MatchString(s):
				first(&here.Number.ZH, strings.Join(strings.Fields(s), ""))
			case office.MatchString(s):
				first(&here.Issuer.ZH, s)
			default:
				first(&here.Signed, parseDay(s))
			}
		}
		if here.Issuer.ZH != "" && d.Issuer.ZH == "" {
			d.Issuer, d.Signed = here.Issuer, here.Signed
		}
		first(&d.Number.ZH, here.Number.ZH)
	}
	return d
}

// parseDay reads 2018年12月29日 or 二〇一八年十二月二十九日 as 2018-12-29, and
// anything else as "".
func parseDay(s string) string {
	m := day.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	year := 0
	for _, r := range m[1] {
		switch i := strings.IndexRune(hanDigits, r); {
		case i >= 0:
			year = year*10 + i/utf8.RuneLen('零')
		case r == '〇' || r == '○':
			year *= 10
		default:
			year = year*10 + int(r-'0')
		}
	}
	number := func(s string) int {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
		n, _ := ParseNumeral(s)
		return n
	}
	month, day := number(m[2]), number(m[3])
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}
