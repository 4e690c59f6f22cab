package pipeline

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"minxi/generator/internal/address"
	"minxi/generator/internal/plan"
)

// ends are the last parts of the addresses of links, in order: ids of units or hubs.
func ends(links []*html.Node) (ids []string) {
	for _, a := range links {
		ids = append(ids, path.Base(strings.TrimSuffix(attribute(a, "href"), "/")))
	}
	return ids
}

// TestWho holds what pages say about who acts against the data: at the end of topics
// and places, on the pages of measures and of bodies.
func TestWho(t *testing.T) {
	f := published(t)
	nobody := map[plan.Lang]string{plan.ZH: "本句没有点名要做事的机关、单位。", plan.EN: "The sentence names no body that is to act."}
	named, silent, hubs := 0, 0, 0
	for _, lang := range plan.Langs {
		for _, r := range f.rows {
			name := fmt.Sprintf("%s/m/%s/index.html", lang, r.ID)
			main := find(f.pages[name].doc, element("main"))[0]
			var linked []string
			for _, a := range find(main, element("a")) {
				if to, _ := f.pages[name].url.Parse(attribute(a, "href")); strings.HasPrefix(to.Path, "/"+string(lang)+"/bodies/") {
					linked = append(linked, path.Base(to.Path))
				}
			}
			if !slices.Equal(linked, r.Bodies) && len(linked)+len(r.Bodies) > 0 {
				t.Errorf("%s: the bodies %v, want %v", name, linked, r.Bodies)
			}
			says := r.Kind == string(plan.Measure) && len(r.Bodies) == 0
			if strings.Contains(words(main), nobody[lang]) != says {
				t.Errorf("%s: says that it names nobody: want %v", name, says)
			}
			if says {
				silent++
			}
			named += len(linked)
		}
		for _, b := range f.plan.Bodies {
			name := fmt.Sprintf("%s/bodies/%s/index.html", lang, b.ID)
			var all []string
			for _, r := range f.rows {
				if slices.Contains(r.Bodies, b.ID) {
					all = append(all, r.ID)
				}
			}
			if got := listed(f.pages[name].doc); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(all))) {
				t.Errorf("%s lists %v, want %v", name, got, all)
			}
		}
		about := map[string][]string{}
		for _, topic := range f.plan.Topics {
			about["topics/"+topic.ID] = f.measures(topic.ID, "")
		}
		for _, place := range f.plan.Places {
			about["places/"+place.ID] = f.measures("", place.ID)
		}
		for hub, own := range about {
			name := fmt.Sprintf("%s/%s/index.html", lang, hub)
			section := under(f.pages[name], "who")
			acting := slices.ContainsFunc(f.rows, func(r row) bool { return slices.Contains(own, r.ID) && len(r.Bodies) > 0 })
			if says := acting || len(own) > 0 && strings.HasPrefix(hub, "topics/"); (section != nil) != says {
				t.Errorf("%s has %d measures, and says who acts: %v", name, len(own), section != nil)
			}
			if section == nil {
				continue
			}
			hubs++
			got := map[string][]string{}
			for _, row := range find(section, element("div")) {
				body := ends(find(find(row, element("dt"))[0], element("a")))[0]
				got[body] = ends(find(find(row, element("dd"))[0], element("a")))
			}
			unnamed := len(own)
			for _, r := range f.rows {
				if slices.Contains(own, r.ID) && len(r.Bodies) > 0 {
					unnamed--
				}
			}
			rest := 0
			if p := find(section, element("p")); len(p) > 0 {
				if rest = f.number(name, words(p[0])); rest == 0 {
					rest = 1 // “one measure”
				}
			}
			f.same(name, "measures that name nobody", rest, unnamed)
			for _, b := range f.plan.Bodies {
				var want []string
				for _, id := range f.acts(b.ID) {
					if slices.Contains(own, id) {
						want = append(want, id)
					}
				}
				if !slices.Equal(got[b.ID], want) {
					t.Errorf("%s: %s acts in %v, want %v", name, b.ID, got[b.ID], want)
				}
			}
		}
	}
	if named < 2*80 || silent < 2*50 || hubs < 2*20 {
		t.Errorf("the test looks at %d tags, %d measures that name nobody, %d hubs", named, silent, hubs)
	}
}

// TestSupport wants every topic to end with who supports it, but the one that says so
// of the others.
func TestSupport(t *testing.T) {
	f := published(t)
	for _, topic := range f.plan.Topics {
		if topic.Supports == (len(topic.Support) > 0) {
			t.Errorf("%s: supports %v, and is supported by %v", topic.ID, topic.Supports, topic.Support)
		}
		for _, lang := range plan.Langs {
			name := fmt.Sprintf("%s/topics/%s/index.html", lang, topic.ID)
			section := under(f.pages[name], "support")
			if (section != nil) == topic.Supports {
				t.Errorf("%s: says who supports it: %v", name, section != nil)
			}
			if section == nil {
				continue
			}
			var got []plan.ID
			for _, li := range find(section, element("li")) {
				got = append(got, plan.ID(ends(find(li, element("a")))[0]))
				if len(words(li)) < 20 {
					t.Errorf("%s: %q says nothing", name, words(li))
				}
			}
			if !slices.Equal(got, topic.Support) {
				t.Errorf("%s: supported by %v, want %v", name, got, topic.Support)
			}
			if of := ends(find(find(section, element("p"))[0], element("a"))); len(of) != 1 || of[0] != "governance-support" {
				t.Errorf("%s: all of it stands in %v", name, of)
			}
		}
	}
}

// TestVerbsPage holds the page about the verbs against the plan: the number of each is
// that of the measures that it lists, and each has the word.
func TestVerbsPage(t *testing.T) {
	f := published(t)
	uses := f.plan.VerbUses()
	for _, lang := range plan.Langs {
		name := string(lang) + "/verbs/index.html"
		p := f.pages[name]
		chips := find(find(p.doc, class("tags"))[0], element("a"))
		f.same(name, "verbs", len(chips), len(plan.Verbs))
		for i, v := range plan.Verbs {
			section := under(p, "v-"+v.ID)
			if section == nil {
				t.Errorf("%s does not explain %s", name, v.ZH)
				continue
			}
			f.same(name, v.ZH, f.number(name, words(chips[i])), len(uses[v.ID]))
			details := find(section, element("details"))[0]
			var got []plan.ID
			for _, id := range ends(find(details, element("a"))) {
				got = append(got, plan.ID(id))
			}
			if !slices.Equal(got, uses[v.ID]) {
				t.Errorf("%s: %s stands in %v, want %v", name, v.ZH, got, uses[v.ID])
			}
			if text := words(section); !strings.Contains(text, v.ZH) || !strings.Contains(text, v.English()) {
				t.Errorf("%s: %q does not say what %s is in English", name, text, v.ZH)
			}
			example := listed(section)
			if len(example) != 1 || !slices.Contains(got, plan.ID(example[0])) {
				t.Errorf("%s: the example of %s is %v", name, v.ZH, example)
			}
			for _, id := range got {
				at := slices.IndexFunc(f.rows, func(r row) bool { return r.ID == string(id) })
				if r := f.rows[at]; !strings.Contains(r.ZH, v.ZH) || r.Kind != string(plan.Measure) {
					t.Errorf("%s: %s does not have %s", name, id, v.ZH)
				}
			}
		}
	}
}

// TestBodyOfMany wants the page of a body with more measures than a page holds divided,
// every measure on one of its parts.
func TestBodyOfMany(t *testing.T) {
	var zh, en strings.Builder
	zh.WriteString("---\ntitle: 学校\nnumber: 3\n---\n")
	en.WriteString("---\ntitle: Schools\nnumber: 3\n---\n")
	want := []string{"s2-1"}
	for n := 1; n <= address.UnitsInPart; n++ {
		id := fmt.Sprintf("s3-%d", n)
		fmt.Fprintf(&zh, "\n办好第%d所学校。\n{#%s topics=\"schools\" bodies=\"schools\"}\n", n, id)
		fmt.Fprintf(&en, "\nRun school %d well.\n{#%s}\n", n, id)
		want = append(want, id)
	}
	var out Memory
	dir := little(t, map[string]string{"content/plan/c2/s3.zh.md": zh.String(), "content/plan/c2/s3.en.md": en.String()})
	if _, err := Build(context.Background(), Options{Dir: dir, NoCheck: true}, &out); err != nil {
		t.Fatal(err)
	}
	root, _ := url.Parse("https://example.org/")
	for _, lang := range plan.Langs {
		var got []string
		for n := 1; n <= 2; n++ {
			path := address.PartPath(address.In(lang).Hub(address.BodyID("schools")), n)
			data, there := out.File(address.File(path))
			if !there {
				t.Fatalf("%s is not there", path)
			}
			p := parsePage(t, root, address.File(path), data)
			got = append(got, listed(p.doc)...)
			if n := len(listed(p.doc)); n == 0 || n > address.UnitsInPart {
				t.Errorf("%s lists %d measures", path, n)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the parts list %d measures, want %d", lang, len(got), len(want))
		}
	}
}
