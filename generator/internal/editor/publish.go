package editor

import (
	"context"
	"net/http"
	"sync"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Publisher takes the site to where its readers find it. The command has one, so that
// the editor knows nothing of hosts and secrets. Each call may take minutes; tell hears
// how far it is, from any goroutine.
type Publisher interface {
	// Targets lists where one can publish to, with what this machine lacks for it.
	Targets() ([]Target, error)
	// Prepare checks the content, builds the site for a target, and compares it with
	// what readers have. It changes nothing for them.
	Prepare(ctx context.Context, target string, tell func(Step)) (Comparison, error)
	// Publish sends what Prepare has built, then fetches it as readers do and compares.
	Publish(ctx context.Context, target string, tell func(Step)) (Done, error)
	// Rollback goes back to the release before the one that is live, and verifies it.
	Rollback(ctx context.Context, target string, tell func(Step)) (Done, error)
}

// Target is a place to publish to.
type Target struct {
	Name string     `json:"name"`
	Kind string     `json:"kind"`
	Site string     `json:"site,omitempty"` // where readers find it
	Why  *plan.Text `json:"-"`              // why this machine cannot publish there; nil if it can
}

// Step is how far a part of the work is; Total is 0 where nobody knows.
type Step struct {
	Name        plan.Text
	Done, Total int
}

// Comparison is what a publish would change for readers.
type Comparison struct {
	Release string     // that readers have now; "" before the first
	Same    bool       // there is nothing to publish
	Pages   []Headline // that would be new, changed or gone
	Other   int        // files that are no pages
	Bytes   int64      // to be sent
	Foreign []string   // files that stand there, are not ours and would be replaced
}

// Headline is a page by what it is called.
type Headline struct {
	What  string `json:"what"` // new, changed or gone
	Path  string `json:"path"`
	Title string `json:"title"`
	With  bool   `json:"with,omitempty"` // changed only because it shows or links to what was changed
}

// Done is what a publish or a rollback has done.
type Done struct {
	Release  string // that readers have now
	Nothing  bool   // there was nothing to do
	Verified int    // files that were fetched and are right
	Readers  bool   // they were fetched as readers get them; else as the host holds them
}

// job is the one publish that is under way, or was last.
type job struct {
	sync.Mutex
	target, what string
	step         Step
	since        time.Time
	running      bool
	err          error
	comparison   *Comparison
	done         *Done
	ready        string // the target for which a comparison was shown and may be published
	number       int
}

// status is a job, as the script gets it.
type status struct {
	Number     int         `json:"number"`
	Target     string      `json:"target"`
	What       string      `json:"what"` // prepare, publish or rollback
	Running    bool        `json:"running"`
	Step       text        `json:"step"`
	Done       int         `json:"done"`
	Total      int         `json:"total"`
	Seconds    int         `json:"seconds"`
	Findings   []finding   `json:"findings"`
	Comparison *comparison `json:"comparison,omitempty"`
	Result     *result     `json:"result,omitempty"`
}

type comparison struct {
	Release string     `json:"release"`
	Same    bool       `json:"same"`
	Pages   []Headline `json:"pages"`
	More    int        `json:"more"` // pages beyond those
	Other   int        `json:"other"`
	Bytes   int64      `json:"bytes"`
	Foreign []string   `json:"foreign"`
}

type result struct {
	Release  string `json:"release"`
	Nothing  bool   `json:"nothing"`
	Verified int    `json:"verified"`
	Readers  bool   `json:"readers"`
}

// mostHeadlines is how many pages a summary names.
const mostHeadlines = 400

func (j *job) status() status {
	j.Lock()
	defer j.Unlock()
	s := status{Number: j.number, Target: j.target, What: j.what, Running: j.running, Step: text(j.step.Name), Done: j.step.Done, Total: j.step.Total, Findings: []finding{}}
	if j.running {
		s.Seconds = int(time.Since(j.since).Seconds())
	}
	if j.err != nil {
		s.Findings = shown(diag.From(j.err))
	}
	if c := j.comparison; c != nil {
		pages := c.Pages[:min(len(c.Pages), mostHeadlines)]
		s.Comparison = &comparison{c.Release, c.Same, append([]Headline{}, pages...), len(c.Pages) - len(pages), c.Other, c.Bytes, append([]string{}, c.Foreign...)}
	}
	if d := j.done; d != nil {
		s.Result = &result{d.Release, d.Nothing, d.Verified, d.Readers}
	}
	return s
}

// targets answers with where one can publish to, and the job that is under way.
func (e *Editor) targets(*http.Request) (any, error) {
	if e.o.Publisher == nil {
		return nil, notThere("publish")
	}
	list, err := e.o.Publisher.Targets()
	if err != nil {
		return nil, err
	}
	type line struct {
		Target
		Why *text `json:"why"`
	}
	out := []line{}
	for _, t := range list {
		out = append(out, line{t, (*text)(t.Why)})
	}
	return map[string]any{"targets": out, "job": e.job.status()}, nil
}

// publishing answers with how far the job is.
func (e *Editor) publishing(*http.Request) (any, error) { return e.job.status(), nil }

// publish begins a job: prepare, publish (of what was prepared and shown) or rollback.
// It goes on when the page is left.
func (e *Editor) publish(r *http.Request) (any, error) {
	var in struct {
		Target string `json:"target"`
		What   string `json:"what"`
	}
	if err := take(r, 4<<10, &in); err != nil {
		return nil, err
	}
	p := e.o.Publisher
	if p == nil {
		return nil, notThere("publish")
	}
	j := &e.job
	j.Lock()
	defer j.Unlock()
	work := map[string]func(context.Context) error{
		"prepare": func(ctx context.Context) error {
			c, err := p.Prepare(ctx, in.Target, j.tell)
			return j.set(err, func() {
				j.comparison = &c
				if !c.Same {
					j.ready = in.Target
				}
			})
		},
		"publish": func(ctx context.Context) error {
			d, err := p.Publish(ctx, in.Target, j.tell)
			return j.set(err, func() { j.done = &d })
		},
		"rollback": func(ctx context.Context) error {
			d, err := p.Rollback(ctx, in.Target, j.tell)
			return j.set(err, func() { j.done = &d })
		},
	}[in.What]
	switch {
	case work == nil:
		return nil, notThere(in.What)
	case j.running:
		return nil, diag.Diagnostic{Check: "publish", Fact: diag.Text("正在发布，还没有完", "a publish is under way"), Hint: diag.Text("请等它完成。", "Wait until it has ended.")}
	case in.What == "publish" && j.ready != in.Target:
		return nil, diag.Diagnostic{Check: "publish", Fact: diag.Text("还没有看过会改变什么", "nobody has looked at what would change yet"), Hint: diag.Text("请先比较，看过再发布。", "Compare first, then publish.")}
	}
	j.number++
	j.target, j.what, j.running, j.since, j.ready = in.Target, in.What, true, time.Now(), ""
	j.step, j.err, j.comparison, j.done = Step{}, nil, nil, nil
	go func() {
		// The work belongs to nobody's request: closing the tab does not end it.
		err := work(context.Background())
		j.Lock()
		defer j.Unlock()
		j.err, j.running = err, false
	}()
	return map[string]int{"number": j.number}, nil
}

func (j *job) tell(s Step) {
	j.Lock()
	defer j.Unlock()
	j.step = s
}

func (j *job) set(err error, how func()) error {
	if err == nil {
		j.Lock()
		defer j.Unlock()
		how()
	}
	return err
}
