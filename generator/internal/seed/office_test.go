package seed_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/seed"
	"minxi/generator/internal/seed/seedtest"
	"minxi/generator/internal/word"
)

// packed makes a Word file of the body's XML.
func packed(t testing.TB, body, styles string) []byte {
	t.Helper()
	const ns = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"`
	src, err := word.Pack([]word.Part{
		{Name: "_rels/.rels", Data: `<Relationships><Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{Name: "word/document.xml", Data: `<w:document` + ns + `><w:body>` + body + `</w:body></w:document>`},
		{Name: "word/styles.xml", Data: `<w:styles` + ns + `>` + styles + `</w:styles>`},
	})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// paragraphs writes lines as paragraphs of a Word file, each cut into two runs.
func paragraphs(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		r := []rune(l)
		fmt.Fprintf(&b, `<w:p><w:r><w:t xml:space="preserve">%s</w:t></w:r><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p>`, string(r[:len(r)/2]), string(r[len(r)/2:]))
	}
	return b.String()
}

// realPlan is our own plan and its official text, a paragraph a line.
func realPlan(t testing.TB) (*plan.Plan, []string) {
	t.Helper()
	src, err := os.ReadFile("../../../seeds/minxi-2022.txt")
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := seed.Read("minxi-2022.txt", src)
	if err != nil {
		t.Fatal(err)
	}
	return p, strings.Split(strings.TrimSpace(p.Official()), "\n")
}

// TestWordFile reads the real plan out of a Word file as out of its text.
func TestWordFile(t *testing.T) {
	want, lines := realPlan(t)
	src := packed(t, paragraphs(lines), "")
	got, _, err := seed.Read("plan.docx", src)
	if err != nil {
		t.Fatal(err)
	}
	same(t, want, got)
	if err := seed.Prove("plan.docx", src, want); err != nil {
		t.Error(err)
	}
	changed := packed(t, strings.Replace(paragraphs(lines), "长汀", "长订", 1), "")
	if err := seed.Prove("plan.docx", changed, want); err == nil {
		t.Error("a changed character is not seen")
	}
}

// TestWordFileOfLibreOffice reads the plan out of the file that LibreOffice makes of it.
func TestWordFileOfLibreOffice(t *testing.T) {
	if _, err := exec.LookPath("soffice"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("soffice is not installed; CI needs the package libreoffice-writer-nogui")
		}
		t.Skip("soffice is not installed (package libreoffice-writer-nogui)")
	}
	want, lines := realPlan(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plan.txt"), []byte("\ufeff"+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("soffice", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--infilter=Text (encoded):UTF8", "--convert-to", "docx", "--outdir", dir, filepath.Join(dir, "plan.txt")).CombinedOutput()
	src, missing := os.ReadFile(filepath.Join(dir, "plan.docx"))
	if err != nil || missing != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, _, err := seed.Read("plan.docx", src)
	if err != nil {
		t.Fatal(err)
	}
	same(t, want, got)
}

// TestWordFileRefused wants the paragraph of everything that a text would lose.
func TestWordFileRefused(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(bytes.ReplaceAll(seedtest.Text(40), []byte("\r"), nil))), "\n")
	run := func(inside string) string { return `<w:p><w:r><w:t>甲。</w:t>` + inside + `</w:r></w:p>` }
	for name, c := range map[string]struct{ insert, styles, want string }{
		"numbered":       {insert: `<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>甲。</w:t></w:r></w:p>`, want: "counts by itself"},
		"numbered style": {insert: `<w:p><w:pPr><w:pStyle w:val="a"/></w:pPr><w:r><w:t>甲。</w:t></w:r></w:p>`, styles: `<w:style w:styleId="b"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style><w:style w:styleId="a"><w:basedOn w:val="b"/></w:style>`, want: "counts by itself"},
		"table":          {insert: `<w:tbl><w:tr><w:tc><w:p><w:r><w:t>单位</w:t></w:r></w:p></w:tc></w:tr></w:tbl>`, want: "a table here; it begins “单位”"},
		"text box":       {insert: run(`<w:pict><w:txbxContent><w:p><w:r><w:t>乙</w:t></w:r></w:p></w:txbxContent></w:pict>`), want: "a text box"},
		"picture":        {insert: run(`<w:drawing/>`), want: "a picture"},
		"footnote":       {insert: run(`<w:footnoteReference w:id="1"/>`), want: "a footnote"},
		"symbol":         {insert: run(`<w:sym w:char="F0A7"/>`), want: "a symbol out of a font"},
		"formula":        {insert: `<w:p><m:oMath/></w:p>`, want: "a formula"},
		"hidden":         {insert: `<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>甲。</w:t></w:r></w:p>`, want: "hidden text"},
		"tracked":        {insert: `<w:p><w:ins w:id="1"><w:r><w:t>甲。</w:t></w:r></w:ins></w:p>`, want: "tracked changes"},
	} {
		body := paragraphs(lines[:2]) + c.insert + paragraphs(lines[2:])
		_, _, err := seed.Read("plan.docx", packed(t, body, c.styles))
		found := diag.From(err)
		if len(found) != 1 || found[0].Pos.String() != "plan.docx:3" || !strings.Contains(found[0].Fact.EN, c.want) || found[0].Hint.ZH == "" {
			t.Errorf("%s: %v", name, found)
		}
	}
	for name, src := range map[string]string{"old.doc": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "half.docx": "PK\x03\x04rest"} {
		if found := diag.From(func() error { _, _, err := seed.Read(name, []byte(src)); return err }()); len(found) != 1 || found[0].Check != "format" {
			t.Errorf("%s: %v", name, found)
		}
	}
}
