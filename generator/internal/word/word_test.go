package word_test

import (
	"archive/zip"
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/word"
)

const (
	rels = `<Relationships><Relationship Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="/word/document.xml"/></Relationships>`
	ns   = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"`
)

func pack(t testing.TB, parts ...word.Part) []byte {
	t.Helper()
	src, err := word.Pack(parts)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func body(t testing.TB, xml string) []byte {
	return pack(t, word.Part{Name: "_rels/.rels", Data: rels}, word.Part{Name: "word/document.xml", Data: "<w:document" + ns + "><w:body>" + xml + "</w:body></w:document>"})
}

// TestText reads what a person would read.
func TestText(t *testing.T) {
	for xml, want := range map[string]string{
		`<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:br w:type="page"/></w:r></w:p>`:                                                                  "a\tb\nc",
		`<w:p><w:r><w:t xml:space="preserve"> a</w:t><w:noBreakHyphen/><w:t>b</w:t></w:r></w:p>`:                                                                          " a\u2011b",
		`<w:p><w:r><w:fldChar/><w:instrText>PAGE</w:instrText><w:t>7</w:t></w:r></w:p>`:                                                                                   "7",
		`<w:p><w:fldSimple w:instr="x"><w:r><w:t>8</w:t></w:r></w:fldSimple></w:p>`:                                                                                       "8",
		`<w:p><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>`:                                                         "new",
		`<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:sdt><w:sdtContent><w:r><w:t>in</w:t></w:r></w:sdtContent></w:sdt></w:p></w:sdtContent></w:sdt>`:                           "in",
		`<w:p><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>click</w:t></w:r></w:sdtContent></w:sdt></w:p>`:                                         "",
		`<w:p><w:r><w:ruby><w:rt><w:r><w:t>zì</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>字</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>`:                                    "字",
		`<w:p><w:r><mc:AlternateContent><mc:Choice Requires="x"><w:t>once</w:t></mc:Choice><mc:Fallback><w:t>twice</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>`: "once",
		`<w:p><w:r><x:t xmlns:x="urn:x">foreign</x:t><w:t>ours</w:t></w:r></w:p>`:                                                                                         "ours",
		`<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>one </w:t></w:r></w:p><w:p><w:r><w:t>line</w:t></w:r></w:p>`:                                                "one line",
	} {
		f, err := word.Read("x.docx", body(t, xml))
		if err != nil || len(f.Blocks) != 1 || f.Blocks[0].Text != want {
			t.Errorf("%s: %+v, %v; want %q", xml, f, err, want)
		}
	}
}

// TestRefused refuses what is no Word file and what would fill the memory, at once and
// as a whole.
func TestRefused(t *testing.T) {
	document := func(xml string) []byte {
		return pack(t, word.Part{Name: "_rels/.rels", Data: rels}, word.Part{Name: "word/document.xml", Data: xml})
	}
	var many bytes.Buffer
	z := zip.NewWriter(&many)
	for range 10_001 {
		if _, err := z.Create("x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		src   []byte
		check string
	}{
		"empty":          {nil, "format"},
		"text":           {[]byte("一、重要意义"), "format"},
		"old":            {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "format"},
		"half":           {body(t, "")[:200], "format"},
		"another zip":    {pack(t, word.Part{Name: "a", Data: "b"}), "format"},
		"a sheet":        {document(`<worksheet/>`), "format"},
		"bomb":           {document("<w:document" + ns + ">" + strings.Repeat(" ", 65<<20)), "too-large"},
		"parts":          {many.Bytes(), "too-large"},
		"depth":          {body(t, strings.Repeat("<w:sdt><w:sdtContent>", 1<<16)), "too-large"},
		"a text":         {body(t, "<w:p><w:r><w:t>"+strings.Repeat("x", 5<<20)), "too-large"},
		"cut off":        {document("<w:document" + ns + "><w:body><w:p>"), "malformed"},
		"doctype":        {document(`<!DOCTYPE a [<!ENTITY b "c">]><w:document` + ns + `/>`), "malformed"},
		"entity":         {body(t, "<w:p><w:r><w:t>&b;</w:t></w:r></w:p>"), "malformed"},
		"another coding": {document(`<?xml version="1.0" encoding="GBK"?><w:document` + ns + `/>`), "malformed"},
	} {
		start := time.Now()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := word.Read("x.docx", c.src)
		runtime.ReadMemStats(&after)
		found := diag.From(err)
		if len(found) != 1 || found[0].Check != c.check || found[0].Hint.EN == "" || found[0].Fact.ZH == "" {
			t.Errorf("%s: %v", name, found)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 400<<20 {
			t.Errorf("%s took %d MB", name, used>>20)
		}
	}
}

// FuzzRead: whatever the bytes are, there is a file or a reason.
func FuzzRead(f *testing.F) {
	f.Add(body(f, `<w:p><w:r><w:t>a</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>`))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := word.Read("x", src)
		if (file == nil) == (err == nil) {
			t.Fatal("neither a file nor a reason, or both")
		}
	})
}
