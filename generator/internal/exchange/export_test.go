package exchange

// PlainText is what a reader sees of inline Markdown.
func PlainText(s string) string {
	pieces, _ := parseInline(s)
	return plainText(pieces)
}
