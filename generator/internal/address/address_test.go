package address

import (
	"slices"
	"testing"
	"time"

	"minxi/generator/internal/plan"
)

func sample() *plan.Plan {
	return &plan.Plan{
		Preamble: []*plan.Unit{{ID: "p-1"}},
		Chapters: []*plan.Chapter{{Number: 3, Units: []*plan.Unit{{ID: "c3-1", Chapter: 3}}, Sections: []*plan.Section{{Number: 4, Chapter: 3, Units: []*plan.Unit{
			{ID: "s4-1", Chapter: 3, Section: 4, Topics: []string{"ecology", "nowhere"}, Places: []string{"longyan", "nowhere"}},
		}}}}},
		Topics:  []*plan.Topic{{ID: "ecology"}, {ID: "transport"}},
		Places:  []*plan.Place{{ID: "longyan"}},
		Terms:   []plan.Term{{Text: plan.Text{ZH: "水", EN: "Soil & water"}}, {Text: plan.Text{ZH: "土", EN: "soil, water"}}},
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
		"/zh/m/s4-1/":                    {Kind: Unit, Lang: plan.ZH, Of: "s4-1"},
		"/zh/m/s4-7/":                    {Kind: Withdrawn, Lang: plan.ZH, Of: "s4-7", Units: []string{"s4-1"}},
		"/zh/m/s4-8/":                    {Kind: Moved, Lang: plan.ZH, Of: "s4-8", Units: []string{"s4-1"}},
		"/zh/topics/ecology/":            {Kind: Topic, Lang: plan.ZH, Of: "topics/ecology", Units: []string{"s4-1"}, Fragments: []string{"more"}, Written: true},
		"/en/topics/ecology/":            {Kind: Topic, Lang: plan.EN, Of: "topics/ecology", Units: []string{"s4-1"}},
		"/en/topics/ecology/longyan/":    {Kind: Cross, Lang: plan.EN, Of: "topics/ecology/longyan", Units: []string{"s4-1"}},
		"/en/topics/transport/feed.xml":  {Kind: Feed, Lang: plan.EN, Of: "topics/transport"},
		"/zh/updates/":                   {Kind: Updates, Lang: plan.ZH, Leads: []string{"/zh/updates/one/"}},
		"/zh/updates/one/":               {Kind: Update, Lang: plan.ZH, Of: "updates/one", Units: []string{"s4-1"}},
		"/zh/glossary/":                  {Kind: Glossary, Lang: plan.ZH, Fragments: []string{"t-soil-water", "t-soil-water-2"}},
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
		"/zh/topics/transport/longyan/", "/zh/topics/nowhere/", "/zh/pages/about/", "/en/about/", "/assets/minxi.css", "/data/"} {
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
	for _, path := range []string{"/zh/topics/", "/zh/places/", "/zh/updates/", "/zh/glossary/"} {
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
		"/zh/elsewhere/":      {Name: "pages/about", Lang: plan.ZH, URL: "elsewhere/"},
		"/en/elsewhere/":      {Name: "pages/about", Lang: plan.ZH, URL: "/en/elsewhere"},
		"/zh/file.html":       {Name: "pages/about", Lang: plan.ZH, URL: "file.html"},
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
