package editor

import (
	"context"
	"errors"
	"testing"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
)

// press is a Publisher whose work ends when it is told to.
type press struct {
	end  chan error
	same bool
}

func (p press) Targets() ([]Target, error) {
	why := diag.Text("没有密钥", "no secret")
	return []Target{{Name: "web", Kind: "folder"}, {Name: "other", Why: &why}}, nil
}

func (p press) Prepare(_ context.Context, _ string, tell func(Step)) (Comparison, error) {
	tell(Step{diag.Text("生成", "building"), 3, 10})
	err := <-p.end
	return Comparison{Same: p.same, Pages: []Headline{{What: "changed", Path: "/zh/about/", Title: "关于"}}, Bytes: 5}, err
}

func (p press) Publish(context.Context, string, func(Step)) (Done, error) {
	return Done{Release: "r1", Verified: 7}, <-p.end
}

func (p press) Rollback(context.Context, string, func(Step)) (Done, error) {
	return Done{Release: "r0", Verified: 6}, <-p.end
}

// TestPublishing takes the steps in their order: nothing is published that nobody has
// seen the summary of, and one thing is done at a time.
func TestPublishing(t *testing.T) {
	p := open(t)
	if code := p.ask("targets", nil, nil); code != 404 {
		t.Errorf("where nobody publishes: %d", code)
	}
	w := press{end: make(chan error)}
	p.editor.o.Publisher = w
	var where struct {
		Targets []struct {
			Name string
			Why  *text
		}
	}
	if p.ask("targets", nil, &where); len(where.Targets) != 2 || where.Targets[0].Why != nil || where.Targets[1].Why.ZH != "没有密钥" {
		t.Fatalf("%+v", where)
	}
	press := func(what string) int { return p.ask("publish", m{"target": "web", "what": what}, nil) }
	until := func(running bool) (s status) {
		t.Helper()
		for range 500 {
			if p.ask("publish", nil, &s); s.Running == running {
				return s
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("%+v", s)
		return s
	}
	if code := press("publish"); code != 422 {
		t.Errorf("published without a comparison: %d", code)
	}
	if code := press("delete"); code != 404 {
		t.Errorf("something else: %d", code)
	}
	if code := press("prepare"); code != 200 {
		t.Fatal(code)
	}
	if code := press("rollback"); code != 422 {
		t.Errorf("two at a time: %d", code)
	}
	for s := until(true); s.Total != 10; s = until(true) {
		time.Sleep(time.Millisecond)
	}
	w.end <- nil
	if s := until(false); s.Comparison == nil || s.Comparison.Pages[0].Title != "关于" || len(s.Findings) > 0 {
		t.Fatalf("%+v", s)
	}
	if code := press("publish"); code != 200 {
		t.Fatal(code)
	}
	w.end <- nil
	if s := until(false); s.Result == nil || s.Result.Release != "r1" {
		t.Fatalf("%+v", s)
	}
	if code := press("publish"); code != 422 {
		t.Errorf("the same comparison twice: %d", code)
	}
	press("rollback")
	w.end <- errors.New("the host is gone")
	if s := until(false); len(s.Findings) != 1 || s.Result != nil {
		t.Fatalf("%+v", s)
	}
	press("prepare")
	w.end <- errors.New("a mistake")
	until(false)
	if code := press("publish"); code != 422 {
		t.Errorf("after a comparison that failed: %d", code)
	}
}

// TestHistory tells what was changed and puts it back, and who else is there.
func TestHistory(t *testing.T) {
	p := open(t)
	before := p.read("content/plan/c3/s3.en.md")
	v, err := p.editor.o.Desk.Unit("s3-7")
	if err != nil {
		t.Fatal(err)
	}
	p.ask("save", m{"changes": []change{{Ref: v.English.Ref, Text: "Support Longyan.", Base: v.English.Hash}}}, nil)
	var h struct{ Entries []entry }
	if p.ask("history", nil, &h); len(h.Entries) != 1 || h.Entries[0].To != "/edit/s3-7/en" || h.Entries[0].After != "Support Longyan." {
		t.Fatalf("%+v", h)
	}
	var out []outcome
	if code := p.ask("undo", m{"entry": h.Entries[0].ID}, &out); code != 200 || out[0].Saved == nil {
		t.Fatal(code, out)
	}
	if p.read("content/plan/c3/s3.en.md") != before {
		t.Error("not put back")
	}
	// Of one sentence, and back to a day, shown before it is done.
	edited := p.read("content/plan/c3/s3.en.md")
	v, _ = p.editor.o.Desk.Unit("s3-2")
	p.ask("save", m{"changes": []change{{Ref: v.English.Ref, Text: "Disseminate it.", Base: v.English.Hash}}}, nil)
	about := edit.Ref{File: "content/pages/about.en.md", Field: "title"}
	title, _ := p.editor.o.Desk.Read(about)
	p.ask("save", m{"changes": []change{{Ref: about, Text: "About", Base: title.Hash}}}, nil)
	p.ask("history", nil, &h)
	for i, want := range []text{{"“About”（英文）的标题", "“About” (English), title"}, {"s3-2 的英文", "s3-2, English"}, {"s3-7 的英文", "s3-7, English"}} {
		if got := h.Entries[i].What; got != want {
			t.Errorf("a change is called %+v", got)
		}
	}
	for of, want := range map[string]int{"": 4, "s3-2": 1, "s3-7": 2, "pages/about": 1, "pages/none": 0, "s3-3": 0} {
		if p.ask("history?of="+of, nil, &h); len(h.Entries) != want {
			t.Errorf("%q was changed %d times", of, len(h.Entries))
		}
	}
	var back struct {
		Entries []entry
		Done    []outcome
	}
	if code := p.ask("restore", m{"of": "", "day": "2020-01-31"}, &back); code != 200 || len(back.Entries) != 2 {
		t.Fatalf("%d %+v", code, back)
	}
	if code := p.ask("restore", m{"of": "s3-2", "day": "2020-01-31"}, &back); code != 200 || len(back.Entries) != 1 || back.Entries[0].Before != "Disseminate it." || back.Entries[0].After != v.English.Text || back.Entries[0].To != "/edit/s3-2/en" {
		t.Fatalf("%d %+v", code, back)
	}
	if p.read("content/plan/c3/s3.en.md") == edited {
		t.Error("what was shown was written")
	}
	if code := p.ask("restore", m{"of": "s3-2", "day": "2020-01-31", "really": true}, &back); code != 200 || len(back.Done) != 1 || back.Done[0].Saved == nil || p.read("content/plan/c3/s3.en.md") != edited {
		t.Errorf("%d %+v", code, back)
	}
	back.Entries = nil
	if code := p.ask("restore", m{"of": "", "day": "2999-12-31"}, &back); code != 200 || len(back.Entries) != 0 {
		t.Errorf("to a day to come: %+v", back)
	}
	if code := p.ask("restore", m{"of": "", "day": "yesterday"}, nil); code != 422 {
		t.Errorf("a day that is none: %d", code)
	}
	if code := p.ask("undo", m{"entry": "none"}, nil); code != 422 {
		t.Errorf("an entry that is not there: %d", code)
	}
	var others []struct{ Who, What string }
	if code := p.ask("here", m{"session": "a1", "what": "s3"}, &others); code != 200 || len(others) != 0 {
		t.Fatal(code, others)
	}
	if p.ask("here", m{"session": "b2", "what": "s4"}, &others); len(others) != 1 || others[0].What != "s3" {
		t.Errorf("%+v", others)
	}
	p.ask("here", m{"session": "a1", "what": ""}, nil)
	if p.ask("here", m{"session": "b2", "what": "s4"}, &others); len(others) != 0 {
		t.Errorf("after the other has left: %+v", others)
	}
	if code := p.ask("here", m{"session": "../x", "what": "s4"}, nil); code != 422 {
		t.Errorf("a session that is a path: %d", code)
	}
}
