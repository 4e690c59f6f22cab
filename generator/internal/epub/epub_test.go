package epub

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minxi/generator/internal/content"
	"minxi/generator/internal/plan"
)

const projectDir = "../../.."

// real is the plan that the project is about.
func real(t testing.TB) *plan.Plan {
	t.Helper()
	tree, found := content.Load(os.DirFS(projectDir), "content")
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	tree.Plan.SetTranslations()
	return tree.Plan
}

// strange is a plan with what the real one has not: a chapter without a title, sentences
// without a translation or with an old one, and marks that mean something to XML.
func strange() *plan.Plan {
	p := &plan.Plan{
		Title: plan.Text{ZH: "方案 <一> & “二”"}, Phrases: []string{"&"},
		Preamble: []*plan.Unit{{ID: "p-1", Text: plan.Text{ZH: "序“言”<&>。"}}},
		Chapters: []*plan.Chapter{
			{Number: 1, Title: plan.Text{ZH: "总"}, Units: []*plan.Unit{{ID: "c1-1", Chapter: 1, Text: plan.Text{ZH: "甲。", EN: "A “b” <&>."}}}},
			{Number: 2, Units: []*plan.Unit{{ID: "c2-1", Chapter: 2, Text: plan.Text{ZH: "同意。", EN: "Agreed."}}}},
			{Number: 3, Title: plan.Text{ZH: "分", EN: "Parts"}, Sections: []*plan.Section{
				{Number: 1, Label: 1, Chapter: 3, Title: plan.Text{ZH: "一", EN: "One"}, Units: []*plan.Unit{{ID: "s1-1", Chapter: 3, Section: 1, Kind: plan.Measure, Topics: []string{"ecology"}, Places: []string{"longyan"}, Text: plan.Text{ZH: "乙。"}}}},
				{Number: 2, Label: 2, Chapter: 3, Units: []*plan.Unit{{ID: "s2-1", Chapter: 3, Section: 2, Kind: plan.Measure, Topics: []string{"ecology"}, Text: plan.Text{ZH: "丙。", EN: "C."}, Translation: plan.Stale}}},
			}},
		},
		Topics: []*plan.Topic{{ID: "ecology", Title: plan.Text{ZH: "生态"}}, {ID: "none", Title: plan.Text{ZH: "无", EN: "None"}}},
		Places: []*plan.Place{{ID: "longyan", Kind: plan.City, Title: plan.Text{ZH: "龙岩市", EN: "Longyan City"}}},
	}
	return p
}

// large is a plan whose chapters are long.
func large() *plan.Plan {
	p := strange()
	c := p.Chapters[2]
	c.Sections = nil
	for n := 1; n <= 6; n++ {
		s := &plan.Section{Number: n, Label: n, Chapter: 3, Title: plan.Text{ZH: "节", EN: "Part"}}
		for i := range 100 {
			id := plan.ID("s" + string(rune('0'+n)) + "-" + strings.TrimLeft(string([]rune{rune('0' + (i+1)/100), rune('0' + (i+1)/10%10), rune('0' + (i+1)%10)}), "0"))
			s.Units = append(s.Units, &plan.Unit{ID: id, Chapter: 3, Section: n, Kind: plan.Measure, Topics: []string{"ecology"}, Text: plan.Text{ZH: "措施。", EN: "A measure."}})
		}
		c.Sections = append(c.Sections, s)
	}
	return p
}

var document0 = plan.Document{
	Issuer:    plan.Text{ZH: "国家发展和改革委员会", EN: "National Development and Reform Commission"},
	Number:    plan.Text{ZH: "发改振兴〔2022〕424号", EN: "Fagai Zhenxing [2022] No. 424"},
	Published: "2022-04-13",
}

// books are the editions that tests look at.
func books(t testing.TB) map[string]Book {
	r := real(t)
	list := map[string]Book{}
	for name, langs := range map[string][]plan.Lang{"zh": {plan.ZH}, "en": {plan.EN}, "zh-en": {plan.ZH, plan.EN}} {
		list["real."+name] = Book{Plan: r, Langs: langs, Document: document0, Origin: "https://example.org/a", License: "https://www.apache.org/licenses/LICENSE-2.0"}
		list["strange."+name] = Book{Plan: strange(), Langs: langs}
		list["large."+name] = Book{Plan: large(), Langs: langs, Document: document0}
	}
	list["empty"] = Book{Plan: &plan.Plan{Title: plan.Text{ZH: "空"}}, Langs: []plan.Lang{plan.ZH}}
	return list
}

// unpack reads a book's files.
func unpack(t testing.TB, data []byte) (files map[string]string, order []string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name], order = string(text), append(order, f.Name)
	}
	return files, order
}

// TestText wants each sentence once, under its id, to the character and in its
// language, and every link to lead somewhere.
func TestText(t *testing.T) {
	for name, b := range books(t) {
		t.Run(name, func(t *testing.T) {
			data, err := b.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			files, _ := unpack(t, data)
			ids, at, links := map[string]string{}, map[string]string{}, map[string][]string{}
			var inToc []string
			for file, text := range files {
				if path.Ext(file) != ".xhtml" {
					continue
				}
				doc, err := html.Parse(strings.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				for n := range doc.Descendants() {
					for _, a := range n.Attr {
						switch {
						case a.Key == "id":
							key := path.Base(file) + "#" + a.Val
							if _, twice := ids[key]; twice {
								t.Errorf("%s is there twice", key)
							}
							ids[key], at[a.Val] = words(n, ""), path.Base(file)
						case a.Key == "href" && n.Data == "a":
							links[path.Base(file)] = append(links[path.Base(file)], a.Val)
							if path.Base(file) == navigation {
								inToc = append(inToc, a.Val)
							}
						}
					}
				}
			}
			for from, list := range links {
				for _, to := range list {
					file, fragment, has := strings.Cut(to, "#")
					switch {
					case strings.HasPrefix(to, "https://"):
						if b.Origin == "" {
							t.Errorf("%s leads to %s", from, to)
						}
					case has && ids[to] == "", files[folder+file] == "":
						t.Errorf("%s leads to %s (%s), which is not there", from, to, fragment)
					}
				}
			}
			for u := range b.Plan.Units() {
				for _, l := range b.Langs {
					want := u.Text.In(l)
					if want == "" {
						want = wordMissing.In(b.Langs[0])
					}
					if got := ids[at[string(u.ID)]+"#"+string(u.ID)]; !strings.Contains(got, want) {
						t.Errorf("%s is %q in the book, without %q", u.ID, got, want)
					}
				}
			}
			for _, c := range b.Plan.Chapters {
				for _, s := range c.Sections {
					id := "s" + string(rune('0'+s.Number))
					if s.Number > 9 {
						continue
					}
					found := false
					for _, to := range inToc {
						found = found || strings.HasSuffix(to, "#"+id) || to == id+".xhtml"
					}
					if !found {
						t.Errorf("the contents do not have %s", id)
					}
				}
			}
		})
	}
}

func words(n *html.Node, s string) string {
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			s += d.Data
		}
	}
	return s
}

// TestSame wants the same bytes from the same plan, the type where programs look for
// it, and the document's day on each file.
func TestSame(t *testing.T) {
	for name, b := range books(t) {
		first, err := b.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := b.Bytes(); !bytes.Equal(first, again) {
			t.Errorf("%s is not the same twice", name)
		}
		if got := string(first[30:58]); got != "mimetypeapplication/epub+zip" {
			t.Errorf("%s begins with %q", name, got)
		}
		z, _ := zip.NewReader(bytes.NewReader(first), int64(len(first)))
		for _, f := range z.File {
			if day := f.Modified.Format("2006-01-02"); b.Document.Published != "" && day != b.Document.Published {
				t.Errorf("%s: %s is of %s", name, f.Name, day)
			}
		}
	}
}

// TestVersion wants another version of a book for every change of its text, and the same
// identifier.
func TestVersion(t *testing.T) {
	version := func(p *plan.Plan) (string, string) {
		e := &edition{Book: Book{Plan: p, Langs: []plan.Lang{plan.ZH}}}
		return e.version(), e.identifier()
	}
	a, id := version(strange())
	p := strange()
	p.Chapters[0].Units[0].Text.EN = "A, corrected."
	if b, same := version(p); a == b || id != same {
		t.Errorf("versions %s and %s, identifiers %s and %s", a, b, id, same)
	}
}

type shelf struct {
	books map[string][]byte
	put   int
}

func (s *shelf) Get(name string) ([]byte, bool) { data, ok := s.books[name]; return data, ok }
func (s *shelf) Put(name string, data []byte)   { s.books[name] = data; s.put++ }

// TestKept wants the same book whether its files were compressed before or not.
func TestKept(t *testing.T) {
	for name, b := range books(t) {
		want, err := b.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		s := &shelf{books: map[string][]byte{}}
		b.Kept = s
		for n := range 2 {
			got, err := b.Bytes()
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: another book, %v", name, err)
			}
			if s.put != len(s.books) || s.put == 0 {
				t.Errorf("%s: time %d: %d files compressed, %d kept", name, n+1, s.put, len(s.books))
			}
		}
	}
}
