package check

import (
	"strings"
	"testing"
	"testing/fstest"

	"minxi/generator/internal/plan"
)

// TestIDs writes ids as destinations into a page and wants to be told what to
// do about those that name nothing.
func TestIDs(t *testing.T) {
	const page = "content/pages/about.zh.md"
	for _, c := range []struct{ to, want string }{
		{"s1-2", ""},
		{"p-1", ""},
		{"c2", ""},
		{"s2", ""},
		{"&#115;1-2", ""}, // the same as s1-2
		{"s1-3", "the link names an id that the plan does not have: s1-3. — Check the id: the sentences of s1 are s1-1 to s1-2."},
		{"p-2", "does not have: p-2. — Check the id: the sentences of p are p-1 to p-1."},
		{"s7-1", "does not have: s7-1. — Check the id: it stands before the sentence"},
		{"s3", "does not have: s3. — Check the id: it stands before the sentence"},
		{"c1-1", "does not have: c1-1. — Check the id: it stands before the sentence"},
		{"s1-7", "the link names s1-7, which was withdrawn and replaced by s1-1, s1-2. — Link s1-1 instead"},
		{"s1-8", "the link names s1-8, which was moved to s2-1. — Link s2-1 instead"},
		{"s1-9", "the link names s1-9, which was withdrawn and replaced by nothing. — Remove the link"},
		{"/zh/m/s1-9/", "the link names s1-9, which was withdrawn and replaced by nothing. — Remove the link"},
		{"/zh/m/s1-6/", "the link is dead: this site has no /zh/m/s1-6/"},
		{"s1-2.pdf", "the link is dead: this site has no /zh/about/s1-2.pdf"},
	} {
		fsys := sound()
		rows := string(fsys["content/ledger.csv"].Data)
		for _, row := range []string{"s1-7,withdrawn,s1-1 s1-2", "s1-8,moved,s2-1", "s1-9,withdrawn,"} {
			rows += row + "," + plan.Hash("旧句。") + ",,旧句。,,修订\n"
		}
		fsys["content/ledger.csv"] = &fstest.MapFile{Data: []byte(rows)}
		fsys[page] = &fstest.MapFile{Data: []byte("---\ntitle: 关于\n---\n\n见[这里](" + c.to + ")。\n")}
		got := findings(fsys)
		switch {
		case c.want == "" && got != "":
			t.Errorf("%s:\n%s", c.to, got)
		case c.want != "" && (!strings.HasPrefix(got, page+":5:7: ") || !strings.Contains(strings.ReplaceAll(got, "\n    ", ". — "), c.want)):
			t.Errorf("%s: no %q in\n%s", c.to, c.want, got)
		}
	}
}

// TestAddresses writes addresses of the site into a page: what is there may be
// linked, and nothing else may.
func TestAddresses(t *testing.T) {
	const page = "content/pages/about.zh.md"
	for _, c := range []struct{ to, want string }{
		{"/zh/topics/ecology/feed.xml", ""},
		{"/en/feed.xml", ""},
		{"/en/sitemap.xml", ""},
		{"/sitemap.xml", ""},
		{"/data/terms.json", ""},
		{"/zh/topics/ecology/changting/", ""},
		{"/zh/plan/parallel/#s1", ""},
		{"/zh/plan/c1/parallel/#s1-2", ""},
		{"/zh/plan/s1/index.html#s1-2", ""},
		{"#here", ""},
		{"/zh/about/#here", ""},
		{"/zh/m/s1-2/nonsense.ris", "this site has no /zh/m/s1-2/nonsense.ris"},
		{"/zh/topics/feed.xml", "this site has no /zh/topics/feed.xml"},
		{"/zh/m/s1-2/feed.xml", "this site has no /zh/m/s1-2/feed.xml"},
		{"/data/nothing.json", "this site has no /data/nothing.json"},
		{"/zh/updates/", "this site has no /zh/updates/"},
		{"/zh/components/", "this site has no /zh/components/"},
		{"/zh/draft/", "this site has no /zh/draft/"},
		{"/zh/m/", "this site has no /zh/m/"},
		{"/zh/pages/", "this site has no /zh/pages/"},
		{"/zh/plan/s1/#s2-1", "#s2-1"},
		{"/zh/about/#there", "#there"},
	} {
		fsys := sound()
		fsys["content/pages/draft.zh.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 草稿\ndraft: true\n---\n\n[自己](/zh/draft/)\n")}
		fsys[page] = &fstest.MapFile{Data: []byte("---\ntitle: 关于\n---\n\n见[这里](" + c.to + ")。\n\n## 这里 {#here}\n")}
		got := findings(fsys)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: want %q, got\n%s", c.to, c.want, got)
		}
	}
}

// TestLinkedSentences compares the two languages of a page.
func TestLinkedSentences(t *testing.T) {
	const zh, en = "content/pages/about.zh.md", "content/pages/about.en.md"
	for _, c := range []struct{ name, zh, en, want string }{
		{"the same", "[一](s1-1)，[二](s2)", "[Two](s2), [one](s1-1)", ""},
		{"the same by other addresses", "[一](s1-1)，[二](s2)", "[One](/en/plan/s1/#s1-1), [again](/en/m/s1-1/), [two](/en/plan/s2/)", ""},
		{"more often", "[一](s1-1)", "[One](s1-1) and [one](s1-1)", ""},
		{"missing in English", "[一](s1-1)，[二](s1-2)", "[One](s1-1)", zh + ":5:15: warning: this links s1-2, which the English page does not link. — Add it to " + en},
		{"missing in Chinese", "[一](s1-1)", "[One](s1-1), [two](s1-2)", en + ":5:20: warning: this links s1-2, which the Chinese page does not link. — Add it to " + zh},
		{"an address is missing", "[一](/zh/plan/s1/#s1-1)", "One", zh + ":5:5: warning: this links s1-1"},
		{"told once", "[一](s1-1)，[又](s1-1)", "One", zh + ":5:5: warning: this links s1-1"},
		{"the section is not the sentence", "[一](s1-1)", "[One](s1)", en + ":5:7: warning: this links s1,"},
		{"somebody else's page", "[一](https://example.org/zh/plan/#s1-1)", "One", ""},
		{"not about the plan", "[一](/zh/topics/ecology/)", "One", ""},
		{"no English yet", "[一](s1-1)", "", ""},
	} {
		fsys := sound()
		fsys[zh] = &fstest.MapFile{Data: []byte("---\ntitle: 关于\n---\n\n" + c.zh + "\n")}
		fsys[en] = &fstest.MapFile{Data: []byte("---\ntitle: About\n---\n\n" + c.en + "\n")}
		got := strings.ReplaceAll(findings(fsys), "\n    ", ". — ")
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || strings.Count(got, "this links s1-1") > 1 {
			t.Errorf("%s: want %q, got\n%s", c.name, c.want, got)
		}
	}
	fsys := sound()
	fsys[zh] = &fstest.MapFile{Data: []byte("---\ntitle: 关于\n---\n\n[一](s1-1)\n")}
	delete(fsys, en)
	if got := findings(fsys); strings.Contains(got, "this links") {
		t.Errorf("a page that has no English at all:\n%s", got)
	}
}
