package exchange_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/exchange"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/word"
)

// unpacked shows the parts of a Word file one below the other.
func unpacked(t testing.TB, src []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatal(err)
	}
	var a txtar.Archive
	for _, f := range z.File {
		a.Files = append(a.Files, txtar.File{Name: f.Name, Data: part(t, src, f.Name)})
	}
	return txtar.Format(&a)
}

func part(t testing.TB, src []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// repacked is the Word file src with its text changed by edit.
func repacked(t testing.TB, src []byte, edit func(string) string) []byte {
	t.Helper()
	var parts []word.Part
	for _, f := range txtar.Parse(unpacked(t, src)).Files {
		data := string(f.Data)
		if f.Name == "word/document.xml" {
			data = edit(data)
		}
		parts = append(parts, word.Part{Name: f.Name, Data: data})
	}
	out, err := word.Pack(parts)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// office is a plan with one sentence of each kind that a Word file treats in its own way.
var office = exchange.Document{Title: plan.Text{ZH: "方案", EN: "Plan"}, Segments: []exchange.Segment{
	{ID: "p-1", Source: "好句。", Target: "A good sentence.", State: exchange.Current, Headings: []plan.Text{{ZH: "序言", EN: "Preamble"}}},
	{ID: "s3-1", Source: "加强。", Target: "Step it up.", State: exchange.Current, Headings: []plan.Text{{ZH: "三、章", EN: "Chapter"}, {ZH: "（三）节", EN: "Section"}}},
	{ID: "s3-2", Source: "新的中文。", Target: "English of the old Chinese.", State: exchange.Stale, Before: "旧的中文。", Headings: []plan.Text{{ZH: "三、章", EN: "Chapter"}, {ZH: "（三）节", EN: "Section"}}},
	{ID: "s3-3", Source: "没有译。", State: exchange.Missing, Headings: []plan.Text{{ZH: "三、章", EN: "Chapter"}, {ZH: "（三）节", EN: "Section"}}},
}}

const (
	good    = `<w:r><w:t xml:space="preserve">A good sentence.</w:t></w:r>`
	stepped = `<w:r><w:t xml:space="preserve">Step it up.</w:t></w:r>`
	missing = `<w:pStyle w:val="PortalEnglish"/></w:pPr><w:r></w:r>`
	tracked = `<w:ins w:author="张三" w:id="9"><w:r><w:t>New </w:t></w:r></w:ins><w:del w:author="李四" w:id="8"><w:r><w:delText>A </w:delText></w:r></w:del><w:r><w:t>good sentence.</w:t></w:r>`
)

// TestDocxBack says of each thing that people do to a file what becomes of it: what is
// taken ("id text"), and which check speaks where ("row:column check", with ? before a
// warning).
func TestDocxBack(t *testing.T) {
	format := format(t, "docx")
	for name, c := range map[string]struct {
		edits []string // old and new, pairwise
		today func(d *exchange.Document)
		all   bool // changes accepted
		taken []string
		found []string
	}{
		"nothing":               {},
		"a word":                {edits: []string{"good sentence", "better sentence"}, taken: []string{"p-1 A better sentence."}},
		"the first translation": {edits: []string{missing, strings.Replace(missing, "<w:r></w:r>", "<w:r><w:t>First.</w:t></w:r>", 1)}, taken: []string{"s3-3 First."}},
		"in several runs":       {edits: []string{good, `<w:r><w:t>A </w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:rPr><w:lang w:val="en-GB"/></w:rPr><w:t>fine</w:t></w:r><w:smartTag><w:r><w:t xml:space="preserve"> one.</w:t></w:r></w:smartTag>`}, taken: []string{"p-1 A fine one."}},
		"a link made by Word":   {edits: []string{good, `<w:hyperlink><w:r><w:t>A link</w:t></w:r></w:hyperlink><w:r><w:t>.</w:t></w:r>`}, taken: []string{"p-1 A link."}},
		"an empty line below":   {edits: []string{good + "</w:p>", good + "</w:p><w:p/>"}},
		"undecided":             {edits: []string{good, tracked}, found: []string{"2:3 tracked"}},
		"all accepted":          {edits: []string{good, tracked}, all: true, taken: []string{"p-1 New good sentence."}},
		"accepted before":       {edits: []string{good, `<w:r><w:rPr><w:rPrChange w:author="x" w:id="1"/></w:rPr><w:t>Taken.</w:t></w:r>`}, taken: []string{"p-1 Taken."}},
		"moved":                 {edits: []string{good, `<w:moveFrom w:id="1"><w:r><w:t>Gone</w:t></w:r></w:moveFrom><w:moveTo w:id="2"><w:r><w:t>Here.</w:t></w:r></w:moveTo>`}, all: true, taken: []string{"p-1 Here."}},
		"a break taken out":     {edits: []string{good, `<w:r><w:t xml:space="preserve">One </w:t></w:r></w:p><w:p><w:r><w:t>line.</w:t></w:r>`, `<w:p><w:pPr><w:pStyle w:val="PortalEnglish"/></w:pPr><w:r><w:t xml:space="preserve">One `, `<w:p><w:pPr><w:rPr><w:del w:id="3" w:author="a"/></w:rPr></w:pPr><w:r><w:t xml:space="preserve">One `}, all: true, taken: []string{"p-1 One line."}},
		"two paragraphs":        {edits: []string{good, good + `</w:p><w:p><w:r><w:t>Another.</w:t></w:r>`}, found: []string{"2:3 lines"}},
		"emptied":               {edits: []string{good, "<w:r/>"}, found: []string{"2:3 emptied"}},
		"emptied, a control":    {edits: []string{good, `<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click here</w:t></w:r></w:sdtContent></w:sdt>`}, found: []string{"2:3 emptied"}},
		"the Chinese":           {edits: []string{"好句", "坏句", "good", "bad"}, found: []string{"2:1 source-changed"}},
		"the Chinese alone":     {edits: []string{"好句", "坏句"}, found: []string{"2:1 ?source-changed"}},
		"an id":                 {edits: []string{">p-1<", ">p-9<"}, found: []string{"0:0 ?missing-id", "2:1 unknown-id"}},
		"a row is gone":         {edits: []string{"(?s)<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc>.{0,400}>p-1<.*?</w:tr>", ""}, found: []string{"0:0 ?missing-id"}},
		"a row marked deleted":  {edits: []string{`<w:cantSplit/></w:trPr>`, `<w:cantSplit/><w:del w:id="1" w:author="a"/></w:trPr>`}, found: []string{"2:1 tracked"}},
		"a row twice":           {edits: []string{"(?s)(<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc>.{0,400}>p-1<.*?</w:tr>)", "$1$1"}, found: []string{"3:1 id-twice"}},
		"cells merged":          {edits: []string{`<w:tcW w:w="4906" w:type="dxa"/>`, `<w:gridSpan w:val="2"/>`}, found: []string{"2:1 malformed", "4:1 malformed", "5:1 malformed", "6:1 malformed"}},
		"a picture":             {edits: []string{good, good + `<w:r><w:drawing/></w:r>`}, found: []string{"2:3 odd"}},
		"a footnote":            {edits: []string{good, good + `<w:r><w:footnoteReference w:id="1"/></w:r>`}, found: []string{"2:3 odd"}},
		"a table":               {edits: []string{good + "</w:p>", good + "</w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl><w:p/>"}, found: []string{"2:3 odd"}},
		"bold":                  {edits: []string{good, `<w:r><w:rPr><w:b/></w:rPr><w:t>Bold.</w:t></w:r>`}, taken: []string{"p-1 Bold."}, found: []string{"2:3 ?formatted"}},
		"bold switched off":     {edits: []string{good, `<w:r><w:rPr><w:b w:val="0"/></w:rPr><w:t>Plain.</w:t></w:r>`}, taken: []string{"p-1 Plain."}},
		"a heading":             {edits: []string{"A good", "# A good"}, found: []string{"2:3 block"}},
		"Chinese as English":    {edits: []string{"A good sentence.", "好句。"}, found: []string{"2:3 language"}},
		"words at the end":      {edits: []string{"<w:sectPr>", "<w:p><w:r><w:t>By the way</w:t></w:r></w:p><w:sectPr>"}, found: []string{"7:0 ?outside"}},
		"our Chinese changed":   {edits: []string{"good", "better"}, today: func(d *exchange.Document) { d.Segments[0].Source = "更好的句子。" }, found: []string{"2:1 source-changed"}},
		"our English changed":   {edits: []string{"good", "better"}, today: func(d *exchange.Document) { d.Segments[0].Target = "Quite another." }, found: []string{"2:3 target-changed"}},
		"the same change here":  {edits: []string{"good", "better"}, today: func(d *exchange.Document) { d.Segments[0].Target = "A better sentence." }},
		"ours alone changed":    {today: func(d *exchange.Document) { d.Segments[0].Target = "Quite another." }},
		"bookmarks are lost":    {edits: []string{`<w:bookmarkStart[^>]*>`, "", "good", "better"}, taken: []string{"p-1 A better sentence."}},
	} {
		t.Run(name, func(t *testing.T) {
			src := repacked(t, write(t, format, office), func(s string) string {
				for i := 0; i+1 < len(c.edits); i += 2 {
					old := regexp.QuoteMeta(c.edits[i])
					if strings.Contains(c.edits[i], "(?s)") || strings.Contains(c.edits[i], "[^>]") {
						old = c.edits[i]
					} else {
						c.edits[i+1] = strings.ReplaceAll(c.edits[i+1], "$", "$$")
					}
					edited := s
					if re := regexp.MustCompile(old); strings.Contains(name, "merged") || strings.Contains(name, "lost") && i == 0 {
						edited = re.ReplaceAllString(s, c.edits[i+1])
					} else if at := re.FindStringSubmatchIndex(s); at != nil {
						edited = s[:at[0]] + string(re.ExpandString(nil, c.edits[i+1], s, at)) + s[at[1]:]
					}
					if edited == s {
						t.Fatalf("%q is not in\n%s", c.edits[i], s)
					}
					s = edited
				}
				return s
			})
			d := office
			d.Segments = slices.Clone(office.Segments)
			if c.today != nil {
				c.today(&d)
			}
			file := read(t, format, src)
			if c.all {
				file.AcceptChanges()
			}
			taken, found := exchange.Accept(d, file)
			bilingual(t, found)
			var got []string
			for _, u := range taken {
				got = append(got, string(u.ID)+" "+u.Target)
			}
			if !slices.Equal(got, c.taken) {
				t.Errorf("taken %q, want %q", got, c.taken)
			}
			got = nil
			for _, f := range found {
				mark := ""
				if f.Severity == diag.Warning {
					mark = "?"
				}
				got = append(got, fmt.Sprintf("%d:%d %s%s", f.Line, f.Col, mark, f.Check))
			}
			slices.Sort(got)
			if !slices.Equal(got, c.found) {
				t.Errorf("found %q, want %q\n%v", got, c.found, found)
			}
		})
	}
}

// TestDocxComments passes comments on.
func TestDocxComments(t *testing.T) {
	format := format(t, "docx")
	src := repacked(t, write(t, format, office), func(s string) string {
		return strings.Replace(s, good, good+`<w:r><w:commentReference w:id="4"/></w:r>`, 1)
	})
	parts := []word.Part{{Name: "word/comments.xml", Data: `<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:comment w:id="4" w:author="张三"><w:p><w:r><w:t>请再想想</w:t></w:r></w:p></w:comment></w:comments>`}}
	for _, f := range txtar.Parse(unpacked(t, src)).Files {
		parts = append(parts, word.Part{Name: f.Name, Data: string(f.Data)})
	}
	src, err := word.Pack(parts)
	if err != nil {
		t.Fatal(err)
	}
	taken, found := exchange.Accept(office, read(t, format, src))
	bilingual(t, found)
	if len(taken) > 0 || len(found) != 1 || found[0].Check != "comment" || !strings.Contains(found[0].Fact.EN, "p-1: a comment by 张三: “请再想想”") {
		t.Errorf("taken %v, found %v", taken, found)
	}
}

// libreOffice lets LibreOffice write a file anew, in a format of its own in between.
func libreOffice(t *testing.T, src []byte, via string) []byte {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "review.docx")
	if err := os.WriteFile(name, src, 0o644); err != nil {
		t.Fatal(err)
	}
	for i, to := range strings.Fields(via + " docx") {
		out := filepath.Join(dir, fmt.Sprint(i))
		said, err := office7(t, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", to, "--outdir", out, name)
		name = filepath.Join(out, "review."+to)
		if _, missing := os.Stat(name); err != nil || missing != nil {
			t.Fatalf("soffice: %v\n%s", err, said)
		}
	}
	back, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// office7 runs LibreOffice (Debian: libreoffice-writer-nogui).
func office7(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("soffice"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("soffice is not installed; CI needs the package libreoffice-writer-nogui")
		}
		t.Skip("soffice is not installed (package libreoffice-writer-nogui)")
	}
	out, err := exec.Command("soffice", args...).CombinedOutput()
	return string(out), err
}

// TestLibreOffice sends the real plan through LibreOffice and back without a
// difference, and a translator's tracked changes with it.
func TestLibreOffice(t *testing.T) {
	format, d := format(t, "docx"), realDocument(t)
	for i := range d.Segments {
		d.Segments[i].Headings = []plan.Text{{ZH: fmt.Sprintf("第%d组", i/6), EN: "Group"}}
	}
	for _, via := range []string{"", "odt"} {
		file := read(t, format, libreOffice(t, write(t, format, d), via))
		if len(file.Units) != len(d.Segments) || len(file.Notes) > 0 {
			t.Fatalf("via %q: %d units, want %d; %v", via, len(file.Units), len(d.Segments), file.Notes)
		}
		for i, u := range file.Units {
			if s := d.Segments[i]; u.ID != s.ID || u.Source != s.Source || u.Target != s.Target || len(u.Faults) > 0 {
				t.Errorf("via %q: %+v\nwant %+v", via, u, s)
			}
		}
		if taken, refused := exchange.Accept(d, file); len(taken) > 0 || len(refused) > 0 {
			t.Errorf("via %q: taken %v\nrefused %v", via, taken, refused)
		}
	}
	src := repacked(t, write(t, format, office), func(s string) string {
		return strings.Replace(strings.Replace(s, good, tracked, 1), stepped, strings.Replace(stepped, "Step", "Do step", 1), 1)
	})
	back := libreOffice(t, src, "")
	today := office
	today.Segments = slices.Clone(office.Segments)
	today.Segments[3].Target = "Written here meanwhile." // and not in the file: no difference of the file's
	taken, refused := exchange.Accept(today, read(t, format, back))
	if len(taken) != 1 || taken[0].Target != "Do step it up." || len(refused) != 1 || refused[0].Check != "tracked" || !strings.Contains(refused[0].Fact.EN, "张三") {
		t.Errorf("taken %v, refused %v", taken, refused)
	}
}

// TestPythonDocx counts the rows with python-docx (Debian: python3-docx), and takes
// what it edits.
func TestPythonDocx(t *testing.T) {
	const script = `
import sys, docx
d = docx.Document(sys.argv[1])
rows = [r for t in d.tables for r in t.rows]
print(len(d.tables), len(rows), sum(p.style.name.startswith("Heading") for p in d.paragraphs))
cells = rows[-1].cells
cells[2].paragraphs[0].runs[0].text = "By another program."
d.save(sys.argv[2])
`
	python := "/usr/bin/python3" // Debian's, that has Debian's libraries
	if err := exec.Command(python, "-c", "import docx").Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("python-docx is not installed; CI needs the package python3-docx")
		}
		t.Skip("python-docx is not installed (package python3-docx)")
	}
	format, d := format(t, "docx"), realDocument(t)
	for i := range d.Segments {
		d.Segments[i].Headings = []plan.Text{{ZH: fmt.Sprintf("第%d组", i/6), EN: "Group"}}
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.docx"), filepath.Join(dir, "out.docx")
	if err := os.WriteFile(in, write(t, format, d), 0o644); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(python, "-c", script, in, out).CombinedOutput()
	groups := (len(d.Segments) + 5) / 6
	if want := fmt.Sprintf("%d %d %d\n", groups, len(d.Segments)+groups, groups); err != nil || string(said) != want {
		t.Fatalf("%v\n%s, want %s", err, said, want)
	}
	src, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	taken, refused := exchange.Accept(d, read(t, format, src))
	if len(taken) != 1 || taken[0].ID != d.Segments[len(d.Segments)-1].ID || taken[0].Target != "By another program." || len(refused) > 0 {
		t.Errorf("taken %v, refused %v", taken, refused)
	}
}

// FuzzDocx feeds the reader any text of a document: nothing panics, and what is read
// can be written and read again.
func FuzzDocx(f *testing.F) {
	form := exchange.Formats[slices.IndexFunc(exchange.Formats, func(f exchange.Format) bool { return f.Name == "docx" })]
	src := write(f, form, office)
	whole := string(part(f, src, "word/document.xml"))
	f.Add(whole)
	f.Add(strings.Replace(whole, good, tracked, 1))
	f.Add(strings.ReplaceAll(whole, "</w:tc>", ""))
	f.Add("")
	f.Fuzz(func(t *testing.T, body string) {
		file, err := form.Read("x", repacked(t, src, func(string) string { return body }))
		if err != nil {
			return
		}
		exchange.Accept(office, file)
		var d exchange.Document
		seen := map[plan.ID]bool{}
		for _, u := range file.Units {
			s := exchange.Segment{ID: u.ID, Source: u.Source, Target: u.Target, State: exchange.Current}
			one := exchange.Document{Segments: []exchange.Segment{s}}
			if len(u.Faults) > 0 || seen[u.ID] || u.Target == "" || form.Write(&bytes.Buffer{}, one) != nil {
				continue
			}
			seen[u.ID] = true
			d.Segments = append(d.Segments, s)
		}
		if len(d.Segments) == 0 {
			return
		}
		again := read(t, form, write(t, form, d))
		if taken, refused := exchange.Accept(d, again); len(taken) > 0 || refused.HasErrors() {
			t.Fatalf("taken %v, refused %v", taken, refused)
		}
	})
}
