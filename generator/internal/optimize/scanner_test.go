package optimize

import (
	"bytes"
	"slices"
	"testing"

	xhtml "golang.org/x/net/html"
)

// FuzzScanner holds the tokens against those of the tokenizer, and their attributes.
func FuzzScanner(f *testing.F) {
	for _, src := range []string{
		"<!doctype html><p a=b c='d>' e = \"f\" g>1 < 2</p ><br/><a href=/x/>y</a>z",
		"<script>a<b</script><style>a{b:c}</style><title>a</title><textarea><p></textarea>",
		"<script><!--<script></script>--></script><plaintext><p>", "<!-- a --!><!-->b<?c?></>d</ e></3><![CDATA[f]]>g",
		"<a =b =c><a b=><a/b/c='d'e><a\"b='c'>", "<a b='c", "<a", "<", "</", "<p></p", "</p a='>'>b", "<title></title>a<xmp>", "a\x00<b\x00>\r\n",
	} {
		f.Add([]byte(src), false)
		f.Add([]byte(src), true)
	}
	f.Fuzz(func(t *testing.T, src []byte, foreign bool) {
		z, s := xhtml.NewTokenizer(bytes.NewReader(src)), scanner{src: src}
		for at := 0; ; {
			z.AllowCDATA(foreign)
			kind := z.Next()
			got := s.next(foreign)
			twice := false
			for i, a := range s.attrs {
				twice = twice || slices.ContainsFunc(s.attrs[:i], func(b attribute) bool { return bytes.Equal(a.key, b.key) })
			}
			if kind != got && !(twice && kind == xhtml.SelfClosingTagToken && got == xhtml.StartTagToken) {
				t.Fatalf("%q: at %d %v, not %v", src, at, got, kind)
			}
			if kind == xhtml.ErrorToken {
				return
			}
			if at += len(z.Raw()); s.end != at {
				t.Fatalf("%q: %v ends at %d, not %d", src, kind, s.end, at)
			}
			if kind != xhtml.StartTagToken && kind != xhtml.SelfClosingTagToken {
				continue
			}
			name, more := z.TagName()
			s.raw = rawText[string(lower(name))]
			for n := 0; more && !twice; n++ {
				var key []byte
				if key, _, more = z.TagAttr(); n == len(s.attrs) || !bytes.Equal(key, s.attrs[n].key) && !bytes.ContainsAny(key, "\x00\ufffd\r") {
					t.Fatalf("%q: the attributes are not %q and so on", src, key)
				}
			}
		}
	})
}
