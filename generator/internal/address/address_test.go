package address

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"minxi/generator/internal/plan"
)

func sample() *plan.Plan {
	return &plan.Plan{
		Preamble: []*plan.Unit{{ID: "p-1"}},
		Chapters: []*plan.Chapter{{Number: 3, Units: []*plan.Unit{{ID: "c3-1", Kind: plan.Context, Chapter: 3, Topics: []string{"transport"}, Places: []string{"longyan"}}}, Sections: []*plan.Section{{Number: 4, Chapter: 3, Units: []*plan.Unit{
			{ID: "s4-1", Kind: plan.Measure, Chapter: 3, Section: 4, Text: plan.Text{ZH: "水土。"}, Topics: []string{"ecology", "nowhere"}, Places: []string{"longyan", "nowhere"}, Bodies: []string{"fujian", "nobody"}},
		}}}}},
		Topics:  []*plan.Topic{{ID: "ecology"}, {ID: "transport"}},
		Places:  []*plan.Place{{ID: "longyan"}},
		Bodies:  []*plan.Body{{ID: "fujian"}, {ID: "ndrc"}},
		Terms:   []plan.Term{{Text: plan.Text{ZH: "水", EN: "Soil & water"}, Pinyin: "shuǐ"}, {Text: plan.Text{ZH: "土", EN: "soil, water"}, Pinyin: "tǔ"}, {Text: plan.Text{ZH: "火", EN: "fire"}}},
		Updates: []*plan.Update{{Name: "one", Date: time.Unix(0, 0), Units: []plan.ID{"s4-1", "s4-9"}}, {Name: "two", Draft: true}},
		Ledger: plan.Ledger{
			{ID: "s4-1", State: plan.Live},
			{ID: "s4-7", State: plan.Withdrawn, To: []plan.ID{"s4-1", "s4-6"}},
			{ID: "s4-8", State: plan.Moved, To: []plan.ID{"s4-1"}},
			{ID: "s4-9", State: plan.Moved, To: []plan.ID{"s4-6"}}, // to what is not there
		},
	}
}

func TestBook(t *testing.T) {
	b := New(sample(), Options{
		Data: []string{"/data/x.json"}, Static: []string{"/icon.svg"},
		Pages: []Markdown{
			{Name: "pages/about", Lang: plan.ZH, Fragments: []string{"cite"}},
			{Name: "pages/later", Lang: plan.ZH, Draft: true},
			{Name: "topics/ecology/_index", Lang: plan.ZH, Fragments: []string{"more"}},
		},
	})
	for path, want := range map[string]Address{
		"/":                              {Kind: Root, Leads: []string{"/zh/", "/en/"}},
		"/zh/":                           {Kind: Home, Lang: plan.ZH, Leads: []string{"/zh/plan/", "/zh/topics/"}},
		"/zh/index.html":                 {Kind: Home, Lang: plan.ZH, Leads: []string{"/zh/plan/", "/zh/topics/"}},
		"/zh/plan/":                      {Kind: Whole, Lang: plan.ZH, Of: "plan", Fragments: []string{"p-1", "c3", "c3-1", "s4", "s4-1"}},
		"/en/plan/c3/":                   {Kind: Chapter, Lang: plan.EN, Of: "c3", Fragments: []string{"c3-1", "s4", "s4-1"}},
		"/en/plan/s4/parallel/":          {Kind: Parallel, Lang: plan.EN, Of: "s4", Fragments: []string{"s4-1"}},
		"/zh/topics/ecology/parallel/":   {Kind: Parallel, Lang: plan.ZH, Of: "topics/ecology", Units: []string{"s4-1"}, Fragments: []string{"s4-1"}},
		"/en/places/longyan/parallel/":   {Kind: Parallel, Lang: plan.EN, Of: "places/longyan", Units: []string{"s4-1"}, Fragments: []string{"s4-1"}},
		"/zh/m/s4-1/":                    {Kind: Unit, Lang: plan.ZH, Of: "s4-1"},
		"/zh/m/s4-7/":                    {Kind: Withdrawn, Lang: plan.ZH, Of: "s4-7", Units: []string{"s4-1"}},
		"/zh/m/s4-8/":                    {Kind: Moved, Lang: plan.ZH, Of: "s4-8", Units: []string{"s4-1"}},
		"/zh/topics/ecology/":            {Kind: Topic, Lang: plan.ZH, Of: "topics/ecology", Units: []string{"s4-1"}, Fragments: []string{"more"}, Written: true},
		"/en/topics/ecology/":            {Kind: Topic, Lang: plan.EN, Of: "topics/ecology", Units: []string{"s4-1"}},
		"/en/topics/ecology/longyan/":    {Kind: Cross, Lang: plan.EN, Of: "topics/ecology/longyan", Units: []string{"s4-1"}},
		"/en/topics/transport/feed.xml":  {Kind: Feed, Lang: plan.EN, Of: "topics/transport"},
		"/zh/bodies/":                    {Kind: Bodies, Lang: plan.ZH, Leads: []string{"/zh/bodies/fujian/", "/zh/bodies/ndrc/"}},
		"/en/bodies/fujian/":             {Kind: Body, Lang: plan.EN, Of: "bodies/fujian", Units: []string{"s4-1"}},
		"/zh/bodies/ndrc/feed.xml":       {Kind: Feed, Lang: plan.ZH, Of: "bodies/ndrc"},
		"/zh/updates/":                   {Kind: Updates, Lang: plan.ZH, Leads: []string{"/zh/updates/one/"}},
		"/zh/updates/one/":               {Kind: Update, Lang: plan.ZH, Of: "updates/one", Units: []string{"s4-1"}},
		"/zh/glossary/":                  {Kind: Glossary, Lang: plan.ZH, Fragments: []string{"t-soil-water", "t-soil-water-2"}, Leads: []string{"/zh/glossary/1/"}},
		"/zh/glossary/1/":                {Kind: Terms, Lang: plan.ZH, Of: "glossary/1", Fragments: []string{"letter-s", "t-soil-water", "letter-t", "t-soil-water-2"}},
		"/en/glossary/1/":                {Kind: Terms, Lang: plan.EN, Of: "glossary/1", Fragments: []string{"letter-s", "t-soil-water-2", "t-soil-water"}},
		"/zh/about/":                     {Kind: Page, Lang: plan.ZH, Of: "pages/about", Fragments: []string{"cite"}, Written: true},
		"/data/x.json":                   {Kind: Data, Of: "x.json"},
		"/icon.svg":                      {Kind: Static},
		"/assets/minxi.0123456789ab.css": {Kind: Asset},
		"/en/404.html":                   {Kind: Lost, Lang: plan.EN, Leads: []string{"/en/"}},
		"/en/sitemap.xml":                {Kind: Index, Lang: plan.EN},
	} {
		got, has := b.Find(path)
		if !has || got.Kind != want.Kind || got.Lang != want.Lang || got.Of != want.Of || got.Written != want.Written ||
			!slices.Equal(got.Fragments, want.Fragments) || !slices.Equal(got.Units, want.Units) || !slices.Equal(got.Leads, want.Leads) {
			t.Errorf("%s: %+v", path, got)
		}
	}
	for _, path := range []string{"", "/zh", "/zh/m/", "/zh/m/s4-9/", "/zh/m/s4-2/", "/zh/updates/two/", "/zh/later/", "/zh/components/", "/zh/topics/feed.xml",
		"/zh/topics/transport/longyan/", "/zh/topics/transport/parallel/", "/zh/topics/ecology/longyan/parallel/", "/zh/topics/nowhere/", "/zh/bodies/nobody/", "/zh/pages/about/", "/en/about/", "/assets/minxi.css", "/data/"} {
		if got, has := b.Find(path); has {
			t.Errorf("%s is in the book: %+v", path, got)
		}
	}
	n, seen := 0, map[string]bool{}
	for a := range b.All() {
		n++
		if seen[a.Path] {
			t.Errorf("%s stands twice", a.Path)
		}
		seen[a.Path] = true
	}
	if n != b.Len() {
		t.Errorf("%d addresses, %d say", n, b.Len())
	}
}

func TestEmptyPlan(t *testing.T) {
	b := New(&plan.Plan{}, Options{})
	for _, path := range []string{"/zh/topics/", "/zh/places/", "/zh/bodies/", "/zh/updates/", "/zh/glossary/"} {
		if _, has := b.Find(path); has {
			t.Errorf("%s without anything on it", path)
		}
	}
	for _, path := range []string{"/", "/zh/", "/en/plan/", "/zh/plan/parallel/", "/404.html", "/robots.txt"} {
		if _, has := b.Find(path); !has {
			t.Errorf("no %s", path)
		}
	}
}

func TestMarkdownPath(t *testing.T) {
	for want, m := range map[string]Markdown{
		"/zh/about/":          {Name: "pages/about", Lang: plan.ZH},
		"/en/two-words/":      {Name: "pages/sub/Two Words", Lang: plan.EN},
		"/zh/bundle/":         {Name: "pages/bundle/index", Lang: plan.ZH},
		"/zh/":                {Name: "_index", Lang: plan.ZH},
		"/zh/topics/ecology/": {Name: "topics/ecology/_index", Lang: plan.ZH},
		"/en/news/one/":       {Name: "news/one", Lang: plan.EN},
	} {
		if got := m.Path(); got != want {
			t.Errorf("%+v: %s, want %s", m, got, want)
		}
	}
}

func TestTwin(t *testing.T) {
	for path, want := range map[string]string{"/zh/m/s1-1/": "/en/m/s1-1/", "/zh/": "/en/"} {
		if got := (Address{Path: path, Lang: plan.ZH}).Twin(); got != want {
			t.Errorf("%s: %s", path, got)
		}
		if got := (Address{Path: want, Lang: plan.EN}).Twin(); got != path {
			t.Errorf("%s: %s", want, got)
		}
	}
	if got := (Address{Path: "/robots.txt"}).Twin(); got != "" {
		t.Error(got)
	}
}

// TestParts wants long lists divided, every part in the book, and every permanent
// fragment where it was promised.
func TestParts(t *testing.T) {
	p := sample()
	const chapters = 240
	p.Chapters = nil
	for c := range chapters {
		chapter := &plan.Chapter{Number: c + 1}
		section := &plan.Section{Number: c + 1, Label: c + 1, Chapter: c + 1}
		sentences := 5
		if c == 7 {
			sentences = UnitsInPart + 1
		}
		for n := range sentences {
			section.Units = append(section.Units, &plan.Unit{ID: plan.NewID(plan.InSection, c+1, n+1), Kind: plan.Measure, Chapter: c + 1, Section: c + 1, Topics: []string{"ecology"}, Bodies: []string{"fujian"}})
		}
		chapter.Sections = append(chapter.Sections, section)
		p.Chapters = append(p.Chapters, chapter)
	}
	for n := range TermsInIndex {
		p.Preamble[0].Text.ZH += "词" + strconv.Itoa(n) + "；"
		p.Terms = append(p.Terms, plan.Term{Text: plan.Text{ZH: "词" + strconv.Itoa(n), EN: "word " + strconv.Itoa(n)}})
	}
	p.Preamble[0].Text.ZH += "水，土。"
	b := New(p, Options{})
	for path, want := range map[string]int{
		"/zh/plan/": 3, "/en/plan/parallel/": 3, "/zh/topics/ecology/": 4, "/en/topics/ecology/parallel/": 4, "/en/bodies/fujian/": 4, "/zh/bodies/ndrc/": 0, "/zh/bodies/": 0, "/zh/places/": 4, "/zh/topics/transport/": 0, "/zh/plan/c8/": 0, "/zh/plan/s8/": 0, "/en/glossary/": 0,
	} {
		first, has := b.Find(path)
		if !has || first.Parts != want || (want > 0) != (first.Part == 1) {
			t.Errorf("%s: %+v, want %d parts", path, first, want)
		}
		for n := 2; n <= want; n++ {
			a, has := b.Find(PartPath(path, n))
			if !has || a.Part != n || a.Parts != want || a.Kind != first.Kind || a.Of != first.Of || FirstPart(a.Path) != path {
				t.Errorf("%s: %+v", PartPath(path, n), a)
			}
			if twin, has := b.Find(a.Twin()); !has || twin.Part != n {
				t.Errorf("%s has no twin", a.Path)
			}
		}
		if _, has := b.Find(PartPath(path, want+2)); has {
			t.Errorf("%s has too many parts", path)
		}
	}
	for path, fragment := range map[string]string{"/zh/plan/": "p-1", "/zh/plan/s8/": "s8-501", "/zh/plan/s240/": "s240-5", "/zh/plan/c8/": "s8", "/zh/plan/c9/": "s9-1"} {
		if a, _ := b.Find(path); !slices.Contains(a.Fragments, fragment) {
			t.Errorf("%s has no #%s", path, fragment)
		}
	}
	if a, _ := b.Find("/zh/plan/c8/"); slices.Contains(a.Fragments, "s8-1") {
		t.Error("a chapter that lists its sections by name promises sentences")
	}
	// Each term has its place on a page with few of them; the start page leads to letters.
	if start, _ := b.Find("/zh/glossary/"); len(start.Fragments) > 0 || len(start.Leads) != 1 {
		t.Errorf("a glossary of many terms promises %d of them on its first page, and leads to %v", len(start.Fragments), start.Leads)
	}
	terms := 0
	for a := range b.All() {
		if a.Kind != Terms || a.Lang == plan.EN {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(a.Fragments), func(id string) bool { return !strings.HasPrefix(id, "t-") })
		if terms += len(of); len(of) > TermsInPart {
			t.Errorf("%s has %d terms", a.Path, len(of))
		}
		if _, has := b.Find(a.Twin()); !has {
			t.Errorf("%s has no twin", a.Path)
		}
	}
	if terms != TermsInIndex+2 {
		t.Errorf("%d terms have a place", terms)
	}
	if FirstPart("/zh/plan/") != "/zh/plan/" || PartPath("/zh/plan/", 1) != "/zh/plan/" {
		t.Error("the first part has another address")
	}
}
