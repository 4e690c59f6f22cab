package formats

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/plan"
)

func unitOf(t testing.TB, p *plan.Plan, id plan.ID) *plan.Unit {
	t.Helper()
	for u := range p.Units() {
		if u.ID == id {
			return u
		}
	}
	t.Fatalf("the plan has no %s", id)
	return nil
}

// TestReferences holds citations against the forms of the styles' manuals, with all
// that can be known, and with nothing but a title.
func TestReferences(t *testing.T) {
	p := real(t)
	p.Title.EN = "Plan for the Zone"
	bare := &plan.Plan{Title: plan.Text{ZH: "方案"}, Preamble: []*plan.Unit{{ID: "p-1", Kind: plan.Context, Text: plan.Text{ZH: "序。"}}}}
	const romanized = "Minxi geming laoqu gao zhiliang fazhan shifanqu jianshe fang'an"
	for _, c := range []struct {
		name string
		plan *plan.Plan
		site Site
		unit plan.ID
		want []string
	}{
		{"a measure", p, realSite(), "s3-2", []string{
			"国家发展和改革委员会. 闽西革命老区高质量发展示范区建设方案: 发改振兴〔2022〕424号[EB/OL]. (2022-04-13)[访问日期]. https://example.org/a/zh/m/s3-2/. | [1]三（三）",
			"National Development and Reform Commission. " + romanized + " [Plan for the Zone]: Fagai Zhenxing [2022] No. 424[EB/OL]. (2022-04-13)[date of access]. https://example.org/a/en/m/s3-2/. | [1] sec. 3",
			"National Development and Reform Commission. (2022). " + romanized + " [Plan for the Zone] (Fagai Zhenxing [2022] No. 424). https://example.org/a/en/m/s3-2/ | (NDRC, 2022, sec. 3, measure 3-2)",
			"National Development and Reform Commission, " + romanized + " [Plan for the Zone], Fagai Zhenxing [2022] No. 424, April 13, 2022, sec. 3, measure 3-2, https://example.org/a/en/m/s3-2/. | ",
		}},
		{"the whole plan", p, realSite(), "", []string{
			"国家发展和改革委员会. 闽西革命老区高质量发展示范区建设方案: 发改振兴〔2022〕424号[EB/OL]. (2022-04-13)[访问日期]. https://example.org/a/zh/plan/. | [1]",
			"National Development and Reform Commission. " + romanized + " [Plan for the Zone]: Fagai Zhenxing [2022] No. 424[EB/OL]. (2022-04-13)[date of access]. https://example.org/a/en/plan/. | [1]",
			"National Development and Reform Commission. (2022). " + romanized + " [Plan for the Zone] (Fagai Zhenxing [2022] No. 424). https://example.org/a/en/plan/ | (NDRC, 2022)",
			"National Development and Reform Commission, " + romanized + " [Plan for the Zone], Fagai Zhenxing [2022] No. 424, April 13, 2022, https://example.org/a/en/plan/. | ",
		}},
		{"a sentence of a chapter", p, Site{}, "c1-2", []string{
			"闽西革命老区高质量发展示范区建设方案[EB/OL].[访问日期]. [永久网址]. | [1]一",
			"闽西革命老区高质量发展示范区建设方案 [Plan for the Zone][EB/OL].[date of access]. [permanent address]. | [1] chap. 1",
			"闽西革命老区高质量发展示范区建设方案 [Plan for the Zone]. [permanent address] | (chap. 1, background c1-2)",
			"闽西革命老区高质量发展示范区建设方案 [Plan for the Zone], chap. 1, background c1-2, [permanent address]. | ",
		}},
		{"nothing known", bare, Site{}, "p-1", []string{
			"方案[EB/OL].[访问日期]. [永久网址]. | [1]序言",
			"方案[EB/OL].[date of access]. [permanent address]. | [1] preamble",
			"方案. [permanent address] | (preamble, background p-1)",
			"方案, preamble, background p-1, [permanent address]. | ",
		}},
	} {
		var unit *plan.Unit
		if c.unit != "" {
			unit = unitOf(t, c.plan, c.unit)
		}
		var got []string
		for _, r := range NewCiting(c.plan, c.site.Document, c.site.Origin).References(unit) {
			got = append(got, r.Text.String()+" | "+r.InText.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestQuotations(t *testing.T) {
	p := real(t)
	c := NewCiting(p, realSite().Document, realSite().Origin)
	u := *unitOf(t, p, "s3-2")
	u.Text.EN = "English."
	for _, want := range []struct {
		lang plan.Lang
		u    plan.Unit
		text string
	}{
		{plan.ZH, u, u.Text.ZH + "\n——国家发展和改革委员会《闽西革命老区高质量发展示范区建设方案》（发改振兴〔2022〕424号，2022年4月13日公布）三（三），措施 3-2\nhttps://example.org/a/zh/m/s3-2/"},
		{plan.EN, u, "English.\n— National Development and Reform Commission, " + p.Title.EN + " (Fagai Zhenxing [2022] No. 424, made public on 13 April 2022), sec. 3, measure 3-2; unofficial translation\nhttps://example.org/a/en/m/s3-2/"},
		{plan.EN, plan.Unit{ID: "s3-2", Text: plan.Text{ZH: "甲。"}}, ""},
	} {
		if got := c.Quotation(&want.u, want.lang); got != want.text {
			t.Errorf("%q, not %q", got, want.text)
		}
	}
	u.Translation = plan.Stale
	if got := c.Quotation(&u, plan.EN); !strings.Contains(got, "unofficial translation of an earlier Chinese text") {
		t.Errorf("stale English is quoted as %q", got)
	}
}

// styles is where Debian puts those of citationstyles.org.
const styles = "/usr/share/citation-style-language"

// TestCiteproc compares our citations with what citeproc makes of our CSL-JSON in
// the published styles. Where they differ, the table says how, and why ours stays.
func TestCiteproc(t *testing.T) {
	if _, err := os.Stat(styles); err != nil {
		lacks(t, "the Debian package citation-style-language-styles")
	}
	p := real(t)
	c := NewCiting(p, realSite().Document, realSite().Origin)
	u := unitOf(t, p, "s3-2")
	type difference struct{ ours, theirs, why string }
	straight := difference{"fang'an", "fang’an", "the hyphen and apostrophe of Hanyu Pinyin are as typed: readers search for them"}
	online := difference{"[EB/OL]", "[R/OL]", "what is cited is the page, an electronic bulletin; CSL-JSON has no type for it with a number"}
	accessed := func(s string) difference {
		return difference{"[" + s + "]", "[2025-01-31]", "the day of access is the reader's"}
	}
	type job struct {
		Style   string         `json:"style"`
		Locale  string         `json:"locale"`
		Item    map[string]any `json:"item"`
		Locator map[string]any `json:"locator"`
	}
	item := func(l plan.Lang) map[string]any {
		var m map[string]any
		if err := json.Unmarshal([]byte(c.CSL(u, l)), &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	read := func(m map[string]any) map[string]any {
		m["accessed"] = map[string]any{"date-parts": [][]int{{2025, 1, 31}}}
		return m
	}
	section := map[string]any{"locator": "3", "label": "section"}
	rows := []struct {
		style  Reference
		job    job
		note   bool // compare the note, not the entry
		differ []difference
	}{
		{c.References(u)[0], job{"china-national-standard-gb-t-7714-2015-numeric", "zh-CN", read(item(plan.ZH)), nil}, false,
			[]difference{online, accessed("访问日期"), {"", "[1] ", "the number is that of the reader's list"}}},
		{c.References(u)[1], job{"china-national-standard-gb-t-7714-2015-numeric", "zh-CN", read(item(plan.EN)), nil}, false,
			[]difference{online, accessed("date of access"), straight, {"", "[1] ", "the number is that of the reader's list"},
				{"National Development and Reform Commission", "NATIONAL DEVELOPMENT AND REFORM COMMISSION", "the standard has surnames in capitals; the style has bodies in them too"}}},
		{c.References(u)[2], job{"apa", "en-US", item(plan.EN), section}, false, []difference{straight}},
		{c.References(u)[3], job{"chicago-fullnote-bibliography", "en-US", item(plan.EN), section}, true, []difference{
			{"Minxi geming laoqu gao zhiliang fazhan shifanqu jianshe fang'an", "“Minxi Geming Laoqu Gao Zhiliang Fazhan Shifanqu Jianshe Fang’an", "the manual has titles in Pinyin in sentence case, and those of documents in italics"},
			{"], Fagai Zhenxing [2022] No. 424, ", "],” ", "the style leaves the number out, by which the document is found"},
			{", measure 3-2", "", "a locator of CSL has one part"},
		}},
	}
	in := struct {
		Styles  string `json:"styles"`
		Locales string `json:"locales"`
		Jobs    []job  `json:"jobs"`
	}{Styles: filepath.Join(styles, "styles"), Locales: filepath.Join(styles, "locales")}
	for _, r := range rows {
		in.Jobs = append(in.Jobs, r.job)
	}
	input, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var made []struct{ Entry, Cited string }
	if err := json.Unmarshal(node(t, "citeproc", "citeproc.cjs", input), &made); err != nil || len(made) != len(rows) {
		t.Fatalf("%d results: %v", len(made), err)
	}
	for i, r := range rows {
		want, got := r.style.Text.String(), made[i].Entry
		if r.note {
			got = made[i].Cited
		}
		for _, d := range r.differ {
			switch {
			case d.why == "":
				t.Errorf("%s: a difference without a reason: %v", r.job.Style, d)
			case d.ours == "":
				want = d.theirs + want
			case !strings.Contains(want, d.ours):
				t.Errorf("%s: a difference that is none: %q", r.job.Style, d.ours)
			}
			if d.ours != "" {
				want = strings.Replace(want, d.ours, d.theirs, 1)
			}
		}
		if got != want {
			t.Errorf("%s:\n%s\nand ours, with the differences of the table:\n%s", r.job.Style, got, want)
		}
	}
}

// TestReferenceManagers lets programs read our BibTeX and RIS and compares what they
// understood with our CSL-JSON.
func TestReferenceManagers(t *testing.T) {
	p, s := real(t), realSite()
	var want []map[string]any
	for _, name := range written(t, cslJSON, p, s) {
		var list []map[string]any
		data, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(data, &list)
		}
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, list...)
	}
	if len(want) != 2*(1+p.Count().Units) {
		t.Fatalf("%d entries", len(want))
	}
	for _, f := range []Format{bibTeX, ris} {
		var files [][]map[string]any
		if err := json.Unmarshal(node(t, "@citation-js/core", "references.cjs", nil, written(t, f, p, s)...), &files); err != nil {
			t.Fatal(err)
		}
		got := slices.Concat(files...)
		if len(got) != len(want) {
			t.Fatalf("%s: %d entries, not %d", f.Path, len(got), len(want))
		}
		for i, w := range want {
			g := got[i]
			all := stringsIn(g)
			for _, field := range []string{"id", "title", "number", "section", "URL"} {
				if s, _ := w[field].(string); s != "" && !slices.Contains(all, s) {
					t.Errorf("%s: %s has lost its %s %q: %v", f.Path, w["id"], field, s, g)
				}
			}
			if author := stringsIn(w["author"]); !slices.Contains(stringsIn(g["author"]), author[0]) || len(g["author"].([]any)) != 1 {
				t.Errorf("%s: %s is by %v", f.Path, w["id"], g["author"])
			}
			if g["type"] != "report" {
				t.Errorf("%s: %s is a %v", f.Path, w["id"], g["type"])
			}
		}
	}
}

// stringsIn are the texts of a JSON value.
func stringsIn(v any) (list []string) {
	switch v := v.(type) {
	case string:
		list = append(list, v)
	case []any:
		for _, x := range v {
			list = append(list, stringsIn(x)...)
		}
	case map[string]any:
		for _, x := range v {
			list = append(list, stringsIn(x)...)
		}
	}
	return list
}

// TestBibutils lets bibutils read our BibTeX, with what has a meaning in TeX.
func TestBibutils(t *testing.T) {
	p := sample()
	p.Title.ZH = `方案 50% & #1_a {b} $c`
	for _, name := range written(t, bibTeX, p, about()) {
		out := run(t, "bib2xml", nil, nil, name)
		var all struct {
			Mods []struct {
				ID    string `xml:"ID,attr"`
				Title string `xml:"titleInfo>title"`
				Name  string `xml:"name>namePart"`
				Day   string `xml:"originInfo>dateIssued"`
			} `xml:"mods"`
		}
		if err := xml.Unmarshal(out, &all); err != nil {
			t.Fatal(err)
		}
		if len(all.Mods) == 0 {
			t.Errorf("%s is empty", name)
		}
		for _, m := range all.Mods {
			if !strings.HasPrefix(m.ID, "ac2022-") || m.Name == "" || m.Day != "2022-04" || !strings.HasSuffix(m.ID, "-en") && m.Title != p.Title.ZH {
				t.Errorf("%s: %+v", name, m)
			}
		}
	}
}
