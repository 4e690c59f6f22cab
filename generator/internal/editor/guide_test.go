package editor

import (
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/check"
	"minxi/generator/internal/plan"
)

func guideOf(t *testing.T, l plan.Lang) string {
	t.Helper()
	text, err := guideText(l)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// shape is what a guide has in order, whatever its language: headings, steps, items, rows,
// pictures, links inside it and the checks that it explains.
func shape(text string) (list []string) {
	link := regexp.MustCompile(`\]\((#[a-z-]+)\)`)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case guideHeading.MatchString(line):
			m := guideHeading.FindStringSubmatch(line)
			list = append(list, m[1]+" "+m[3])
		case guideChecks.MatchString(line):
			list = append(list, guideChecks.FindStringSubmatch(line)[1])
		case strings.HasPrefix(line, "!["):
			_, name, _ := strings.Cut(line, "](pictures/")
			list = append(list, "picture "+name[len("zh-"):])
		case regexp.MustCompile(`^\d+\. `).MatchString(line):
			list = append(list, line[:strings.Index(line, ".")])
		case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "|"):
			list = append(list, line[:1])
		}
		for _, m := range link.FindAllStringSubmatch(line, -1) {
			list = append(list, m[1])
		}
	}
	return list
}

// TestGuideLanguages wants both guides to say the same in the same order.
func TestGuideLanguages(t *testing.T) {
	zh, en := shape(guideOf(t, plan.ZH)), shape(guideOf(t, plan.EN))
	for i := range max(len(zh), len(en)) {
		if i >= len(zh) || i >= len(en) || zh[i] != en[i] {
			t.Fatalf("they part after %v:\nzh %v\nen %v", zh[max(0, i-3):min(i, len(zh))], zh[min(i, len(zh)):min(i+3, len(zh))], en[min(i, len(en)):min(i+3, len(en))])
		}
	}
	if len(zh) < 100 {
		t.Errorf("only %d pieces were compared", len(zh))
	}
}

// TestGuideChecks wants every check of docs/checks.md explained, once, and nothing that
// is no check.
func TestGuideChecks(t *testing.T) {
	page, err := os.ReadFile("../../../docs/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, c := range check.All {
		want = append(want, c.ID)
	}
	_, reading, _ := strings.Cut(string(page), "\nReading the files has checks of its own")
	for _, m := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(reading, -1) {
		want = append(want, m[1])
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if len(want) < len(check.All)+5 {
		t.Fatalf("docs/checks.md names %d checks only", len(want))
	}
	for _, l := range plan.Langs {
		var got []string
		for _, c := range guideChapters(guideOf(t, l)) {
			for _, part := range append(c.Parts, c) {
				got = append(got, part.checks...)
			}
		}
		slices.Sort(got)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s explains\n%v\nand the checks are\n%v", l, got, want)
		}
	}
}

// TestGuidePage serves both guides: every link inside has where to lead, every picture is
// there, and nothing in the page needs more than its policy allows.
func TestGuidePage(t *testing.T) {
	e := New(Options{Lang: plan.EN})
	get := func(to string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, to, nil))
		return w
	}
	if to := get("/edit/guide/").Header().Get("Location"); to != "/edit/guide/en" {
		t.Errorf("the guide begins at %q", to)
	}
	for check, id := range map[string]string{"names": "mend-names", "encoding": "mend-encoding", "program": "mend"} {
		r := httptest.NewRequest(http.MethodGet, "/edit/guide/?check="+check, nil)
		r.Header.Set("Accept-Language", "zh")
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if to := w.Header().Get("Location"); to != "/edit/guide/zh#"+id {
			t.Errorf("%s is explained at %q", check, to)
		}
	}
	pictures := 0
	for _, l := range plan.Langs {
		w := get("/edit/guide/" + string(l))
		html := w.Body.String()
		if w.Code != http.StatusOK || !strings.Contains(html, `<html lang="`+l.Tag()+`">`) {
			t.Fatalf("%s: status %d", l, w.Code)
		}
		for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(html, -1) {
			if !strings.Contains(html, ` id="`+m[1]+`"`) {
				t.Errorf("%s: #%s leads nowhere", l, m[1])
			}
		}
		if m := regexp.MustCompile(`<script|<style| style=| on[a-z]+="|\*\*|https?://[^ <]*"`).FindString(html); m != "" {
			t.Errorf("%s: the page has %q", l, m)
		}
		for _, m := range regexp.MustCompile(`<img src="(pictures/([a-z]+)-[^"]+)"[^>]* alt="[^"]+"`).FindAllStringSubmatch(html, -1) {
			pictures++
			if m[2] != string(l) || get("/edit/guide/"+m[1]).Code != http.StatusOK {
				t.Errorf("%s: no picture %s", l, m[1])
			}
		}
		if strings.Count(html, "<img ") != strings.Count(html, ` width="`) {
			t.Errorf("%s: a picture whose size is not said", l)
		}
	}
	if pictures < 12 {
		t.Errorf("the guides have %d pictures", pictures)
	}
	if w := get("/edit/guide/pictures/none.png"); w.Code != http.StatusNotFound {
		t.Errorf("a picture that is not there: %d", w.Code)
	}
}

// TestGuideFindings leads from a finding to where the guide explains it.
func TestGuideFindings(t *testing.T) {
	p := open(t)
	var found []finding
	if status := p.ask("judge", map[string]any{"ref": map[string]string{"id": "s3-2", "field": "en"}, "text": "Nothing."}, &found); status != http.StatusOK || len(found) == 0 {
		t.Fatalf("status %d, %d findings", status, len(found))
	}
	for _, f := range found {
		if f.Guide == "" || f.Guide != explained()[f.Check] {
			t.Errorf("%s leads to %q", f.Check, f.Guide)
		}
	}
}
