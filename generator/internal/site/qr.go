package site

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// code is a QR code as the theme draws it: the dark modules as one path of lines,
// one unit wide, in a square of Size units without its quiet zone.
type code struct {
	Size int    `json:"size"`
	Path string `json:"path"`
}

// qrCode is the code of a page's address for those who hold it on paper; nil where
// nobody has said where the site stands, because a code needs the whole address.
func qrCode(origin, path string) *code {
	if origin == "" {
		return nil
	}
	c, err := qr.Encode(origin+path, qr.L) // paper is clean, and the page is to be light
	if err != nil {
		return nil // an address that no code has room for is printed in letters alone
	}
	var b strings.Builder
	for y := range c.Size {
		at := 0 // where the pen is
		for x := 0; x < c.Size; x++ {
			if !c.Black(x, y) {
				continue
			}
			from := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if at == 0 {
				fmt.Fprintf(&b, "M%d %d.5", from, y)
			} else {
				fmt.Fprintf(&b, "m%d 0", from-at)
			}
			fmt.Fprintf(&b, "h%d", x-from)
			at = x
		}
	}
	return &code{c.Size, b.String()}
}
