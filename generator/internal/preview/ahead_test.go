package preview

import (
	"context"
	"errors"
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
