package pipeline

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// atomFeed is a feed as a program reads it.
type atomFeed struct {
	ID       string    `xml:"id"`
	Updated  string    `xml:"updated"`
	Complete *struct{} `xml:"http://purl.org/syndication/history/1.0 complete"`
	Archive  *struct{} `xml:"http://purl.org/syndication/history/1.0 archive"`
	Links    []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Summary string `xml:"summary"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

func (f atomFeed) link(rel string) string {
	for _, l := range f.Links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

// TestFeeds follows the feeds of a plan with two editions and many updates, as a reader's
// program does: from the newest entries back through every archive.
func TestFeeds(t *testing.T) {
	dir := revised(t)
	const updates = 120
	for i := range updates {
		day := fmt.Sprintf("2025-%02d-%02d", 1+i/28, 1+i%28)
		write(t, dir+"/content/updates/"+day+"-n.zh.md", fmt.Sprintf("---\ntitle: 动态%d\ndate: %s\nmeasures: [s1-2]\n---\n\n正文。\n", i, day))
		write(t, dir+"/content/updates/"+day+"-n.en.md", fmt.Sprintf("---\ntitle: Update %d\n---\n\nText.\n", i))
	}
	base, _ := ParseBase("https://example.org/")
	var out Memory
	if _, err := Build(context.Background(), Options{Dir: dir, NoCheck: true, Base: base}, &out); err != nil {
		t.Fatal(err)
	}
	read := func(address string) (f atomFeed) {
		t.Helper()
		u, _ := url.Parse(address)
		data, there := out.File(strings.TrimPrefix(u.Path, "/"))
		if !there {
			t.Fatalf("no %s", address)
		}
		if err := xml.Unmarshal(data, &f); err != nil {
			t.Fatal(err)
		}
		if f.link("self") != "https://example.org"+u.Path {
			t.Errorf("%s says that it is %s", address, f.link("self"))
		}
		return f
	}
	follow := func(path string) (titles []string) {
		t.Helper()
		seen := map[string]bool{}
		last, next := "9999", ""
		for at := path; at != ""; {
			f := read(at)
			if long := f.link("prev-archive") != "" || at != path; long == (f.Complete != nil) || (f.Archive != nil) != (at != path) {
				t.Errorf("%s: complete %v, archive %v", at, f.Complete, f.Archive)
			}
			if at != path && (len(f.Entries) < 50 || f.link("current") != "https://example.org"+path || f.link("next-archive") != next) {
				t.Errorf("%s: %d entries, %v", at, len(f.Entries), f.Links)
			}
			if at != path {
				next = f.link("self")
			}
			for _, e := range f.Entries {
				if seen[e.ID] || e.Updated > last {
					t.Errorf("%s: %s of %s is there twice, or out of order", at, e.Title, e.Updated)
				}
				seen[e.ID], last = true, e.Updated
				u, _ := url.Parse(e.Link.Href)
				if _, there := out.File(strings.TrimPrefix(u.Path, "/") + "index.html"); !there {
					t.Errorf("%s: %s leads to %s", at, e.Title, e.Link.Href)
				}
				titles = append(titles, e.Updated[:10]+" "+e.Title)
			}
			at = f.link("prev-archive")
		}
		return titles
	}
	if got := follow("/zh/feed.xml"); len(got) != updates+1+3+1+1 { // an edition, a text, one went, one moved, its new number, the first publication
		t.Errorf("%d entries:\n%s", len(got), strings.Join(got[120:], "\n"))
	}
	if got := follow("/zh/updates/feed.xml"); len(got) != updates+1 {
		t.Errorf("%d updates", len(got))
	}
	for path, want := range map[string][]string{
		"/zh/topics/schools/feed.xml": {"2024-05-01 2-3：改号", "2024-05-01 2-2：撤销", "2024-05-01 措施 2-4：新增", "2022-04-13 方案公布，其中 2 条措施属于这里"},
		"/en/bodies/schools/feed.xml": {"2023-02-01 Measure 2-1: typing mistake corrected", "2023-02-01 Measure 2-1: translation changed"},
		"/zh/bodies/schools/feed.xml": {},
		"/zh/places/longyan/feed.xml": {},
	} {
		got := follow(path)
		if len(got) > 0 && len(want) < 4 {
			got = got[:len(got)-1] // the publication
		}
		if len(want) == 4 { // its words are not the matter here
			got, want = got[:len(got)-1], want[:3]
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%s", path, strings.Join(got, "\n"))
		}
	}
}
