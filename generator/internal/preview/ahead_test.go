package preview

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"

	"minxi/generator/internal/pipeline"
)

// TestAhead looks at a page while its tree is being made: it is shown before the rest,
// it alone loads again, and it is taken back if the build fails after all.
func TestAhead(t *testing.T) {
	text, fails := "one", false
	var during func()
	s := &Server{Dir: t.TempDir(), changed: make(chan struct{})}
	s.Build = func(_ context.Context, out pipeline.Output) (*pipeline.Result, error) {
		m := out.(*pipeline.Memory)
		write := func(name, data string) {
			if err := m.Write(name, []byte(data)); err != nil {
				t.Error(err)
			}
		}
		write("zh/index.html", text+`<link href="../assets/a.css">`)
		if first, ready := m.Waits(); slices.Contains(first, "/zh/") && ready != nil {
			ready()
		}
		if during != nil {
			during()
		}
		write("zh/plan/index.html", text)
		write("assets/a.css", "")
		if fails {
			return nil, errors.New("broken")
		}
		return &pipeline.Result{}, nil
	}
	shown := func(name string) string {
		for _, m := range []*pipeline.Memory{s.ahead, s.tree} {
			if m == nil {
				continue
			}
			if data, has := m.File(name); has {
				return string(data[:3])
			}
		}
		return ""
	}
	s.rebuild(t.Context(), true)
	s.look("/zh/plan/")
	s.look("/zh/")

	before := s.number
	text = "two"
	during = func() {
		if shown("zh/index.html") != "two" || shown("zh/plan/index.html") != "one" {
			t.Errorf("during the build %s and %s are shown", shown("zh/index.html"), shown("zh/plan/index.html"))
		}
		if s.number == before || !slices.Equal(s.differ, []string{"zh/index.html"}) {
			t.Errorf("%d, %v differ", s.number, s.differ)
		}
		before = s.number
	}
	s.rebuild(t.Context(), false)
	if shown("zh/plan/index.html") != "two" || s.before != before || !slices.Equal(s.differ, []string{"zh/plan/index.html"}) || s.ahead != nil {
		t.Errorf("after the build %v differ from tree %d", s.differ, s.before)
	}

	text, fails, during = "bad", true, nil
	s.rebuild(t.Context(), false)
	if shown("zh/index.html") != "two" || s.differ != nil || len(s.found) == 0 {
		t.Errorf("after a build that failed %s is shown, and %v differ", shown("zh/index.html"), s.differ)
	}

	// A page that loads what is not there yet waits for it.
	text, fails = "new", false
	during = func() {
		if shown("zh/index.html") != "two" {
			t.Error("a page is shown without its style sheet")
		}
	}
	s.tree = &pipeline.Memory{}
	_ = s.tree.Write("zh/index.html", []byte("two"))
	s.rebuild(t.Context(), false)
	if shown("zh/index.html") != "new" {
		t.Error("the page is not shown at the end")
	}
}

// TestGivesUp saves while a tree is being made: once its pages ahead are shown it makes
// room for the next, which has the last word, also of a page that is as it was before both.
func TestGivesUp(t *testing.T) {
	text, saveNow := "one", false
	s := &Server{Dir: t.TempDir(), changed: make(chan struct{}), saves: make(chan struct{}, 1)}
	s.Build = func(ctx context.Context, out pipeline.Output) (*pipeline.Result, error) {
		m := out.(*pipeline.Memory)
		if err := m.Write("zh/index.html", []byte(text)); err != nil {
			t.Error(err)
		}
		if saveNow {
			s.saved()
			if ctx.Err() != nil {
				t.Error("given up before anything was shown")
			}
		}
		if first, ready := m.Waits(); len(first) > 0 {
			ready()
		}
		return &pipeline.Result{}, ctx.Err()
	}
	s.rebuild(t.Context(), true)
	s.look("/zh/")
	tree := s.tree

	text, saveNow = "two", true
	s.rebuild(t.Context(), false)
	if data, _ := s.file("zh/index.html"); string(data) != "two" || s.tree != tree || len(s.saves) != 1 {
		t.Errorf("given up: %s is shown, and %d saves are due", data, len(s.saves))
	}

	<-s.saves
	text, saveNow = "one", false
	number := s.number
	s.rebuild(t.Context(), false)
	if data, _ := s.file("zh/index.html"); string(data) != "one" || s.number == number || s.ahead != nil || len(s.found) > 0 {
		t.Errorf("then %s is shown as tree %d after %d: %v", data, s.number, number, s.found)
	}

	// Saves without end do not put the whole off for good.
	text, saveNow, s.whole = "three", true, s.whole.Add(-mostLate)
	s.rebuild(t.Context(), false)
	if data, _ := s.tree.File("zh/index.html"); string(data) != "three" {
		t.Errorf("never whole: %s", data)
	}
}

// TestWaitsForTab holds a build until the tab that follows has loaded the page anew, and
// no longer than a moment.
func TestWaitsForTab(t *testing.T) {
	s := &Server{Dir: t.TempDir(), changed: make(chan struct{}), tree: &pipeline.Memory{}, streams: 1}
	for _, loads := range []bool{true, false} {
		tree := &pipeline.Memory{}
		_ = tree.Write("zh/index.html", []byte(fmt.Sprint(loads)))
		told, went := s.changed, make(chan struct{})
		go func() {
			defer close(went)
			s.showAhead(t.Context(), tree)
		}()
		<-told
		if loads {
			s.tell(httptest.NewRecorder())
		}
		<-went
		if s.come != nil {
			t.Error("still waits")
		}
	}
}
