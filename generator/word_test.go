package main

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"minxi/generator/internal/word"
)

// subword FILE OLD NEW replaces the first OLD in the text of a Word file.
func substituteInWord(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: subword FILE OLD NEW")
	}
	name := ts.MkAbs(args[0])
	src, err := os.ReadFile(name)
	ts.Check(err)
	z, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	ts.Check(err)
	var parts []word.Part
	for _, f := range z.File {
		r, err := f.Open()
		ts.Check(err)
		data, err := io.ReadAll(r)
		ts.Check(err)
		if f.Name == "word/document.xml" {
			if !bytes.Contains(data, []byte(args[1])) {
				ts.Fatalf("%s has no %q", args[0], args[1])
			}
			data = bytes.Replace(data, []byte(args[1]), []byte(args[2]), 1)
		}
		parts = append(parts, word.Part{Name: f.Name, Data: string(data)})
	}
	out, err := word.Pack(parts)
	ts.Check(err)
	ts.Check(os.WriteFile(name, out, 0o644))
}

// asword TEXT FILE makes a Word file whose paragraphs are the lines of a text.
func asWord(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: asword TEXT FILE")
	}
	var b strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		b.WriteString(`<w:p><w:r><w:t xml:space="preserve">`)
		ts.Check(xml.EscapeText(&b, []byte(strings.TrimRight(line, "\n"))))
		b.WriteString("</w:t></w:r></w:p>")
	}
	out, err := word.Pack([]word.Part{
		{Name: "_rels/.rels", Data: `<Relationships><Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{Name: "word/document.xml", Data: `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + b.String() + `</w:body></w:document>`},
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o644))
}
