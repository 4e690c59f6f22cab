package site

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cards"
	"minxi/generator/internal/plan"
)

// A sentence as a quotation in other people's pages: HTML that needs nothing of ours and
// that their editors leave as it is. WordPress keeps these elements, attributes and
// properties of everybody who may write (wp-includes/kses.php); editors of messengers
// drop classes and links to other sites, so the address also stands there in letters.

// quoted is a sentence as such HTML, with its source and its address; "" where it has no
// text in the language, or where nobody has said where the site stands.
func (l pageIn) quoted(u *plan.Unit) string {
	text := l.citing.Quotation(u, l.Lang)
	if l.in.Origin == "" || text == "" {
		return ""
	}
	lines := strings.Split(html.EscapeString(text), "\n")
	n := len(lines)
	at := l.in.Origin + l.at().Unit(u.ID)
	return fmt.Sprintf(`<blockquote cite="%[1]s" lang="%[2]s" style="margin:1em 0;padding:12px 16px;border-left:4px solid #8c1a1a;background:#f7f1e8;color:#1e1916">`+
		`<p style="margin:0">%[3]s</p><p style="margin:8px 0 0;font-size:14px">%[4]s<br><a href="%[1]s" style="color:#123a6b">%[1]s</a></p></blockquote>`,
		html.EscapeString(at), l.Lang.Tag(), strings.Join(lines[:n-2], "<br>"), lines[n-2])
}

// oEmbed is what a program needs to show a sentence where somebody has put a link to it
// (https://oembed.com, 2.3.4.4): the same quotation, and the card.
type oEmbed struct {
	Version  string `json:"version"`
	Type     string `json:"type"`
	Title    string `json:"title"`
	Provider string `json:"provider_name"`
	Site     string `json:"provider_url"`
	HTML     string `json:"html"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Card     string `json:"thumbnail_url"`
	CardW    int    `json:"thumbnail_width"`
	CardH    int    `json:"thumbnail_height"`
}

// embed writes the file at an address of that kind.
func (d *deriver) embed(a address.Address) ([]byte, error) {
	l := pageIn{d, a.Lang}
	u := l.units[plan.ID(a.Of)].Unit
	quoted := l.quoted(u)
	if quoted == "" { // a sentence that is not translated yet is quoted in Chinese
		quoted = pageIn{d, plan.ZH}.quoted(u)
	}
	name, _ := l.in.Plan.SiteName().Or(l.Lang)
	const width, letter = 600, 16
	text, in := u.Text.Or(l.Lang)
	length := utf8.RuneCountInString(text) * letter
	if in == plan.EN {
		length /= 2
	}
	return json.Marshal(oEmbed{"1.0", "rich", l.numbered(u.ID) + l.words.say(l.Lang, "colon") + l.headline(u),
		name, l.in.Origin + l.at().Home(), quoted,
		width, 160 + 26*(length/(width-3*letter)), // about: nobody's browser is asked
		l.in.Origin + address.CardOf(l.at().Unit(u.ID)), cards.Width, cards.Height})
}
