// Package site renders the portal with Hugo, inside this process. It is the
// only package that knows Hugo: whoever calls it hands in a plan and a project
// folder and receives finished files, one call each, while later pages are
// still being rendered.
//
//	plan ──derive──▶ pages and data in memory ─┐
//	content/, themes/, hugo.toml on disk ──────┴─overlay─▶ Hugo ─▶ sink ─▶ Emit
//
// Hugo sees one source file system (overlay.go): the project folder, without
// the files that the generator reads itself, under the pages that are derived
// from the plan (derive.go): a page a unit, chapter and section. It writes into
// a file system that keeps nothing (sink.go) and passes each finished file to
// workers. What Hugo says about mistakes in templates and pages becomes
// diagnostics (errors.go).
//
// Hugo is configured from the project's hugo.toml alone: the environment, the
// clock, the user's cache and the network play no part, so the same input gives
// the same bytes. Its base URL is always "/"; the caller turns root-relative
// links into whatever the target needs.
package site

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gohugoio/hugo/common/hmaps"
	"github.com/gohugoio/hugo/common/loggers"
	"github.com/gohugoio/hugo/config"
	"github.com/gohugoio/hugo/config/allconfig"
	"github.com/gohugoio/hugo/deps"
	"github.com/gohugoio/hugo/hugofs"
	"github.com/gohugoio/hugo/hugolib"
	"github.com/spf13/afero"

	"minxi/generator/internal/address"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Input is everything that decides what the site contains.
type Input struct {
	Dir      string // the project folder, absolute
	Content  string // the content folder's name in it; "" means content
	Plan     *plan.Plan
	Book     *address.Book // the addresses to make pages for; nil: those of the plan alone
	Origin   string        // scheme, host and base path in front of every page's path, without a final slash; "" if unknown
	BasePath string        // the path alone; "" or "/a/b", also known where the host is not
	Drafts   bool          // render pages marked draft
	Preview  bool          // tell templates that this is a preview

	// Emit receives each finished file by its slash path, such as
	// zh/plan/s3/index.html. It is called from several goroutines at once, and
	// at most once for each path.
	Emit func(path string, data []byte) error

	// Stall ends a render that has produced nothing for so long; 0 means two
	// minutes. Hugo cannot be interrupted, so its goroutines are left behind.
	Stall time.Duration

	// Progress, if set, is called after each emitted file with their number.
	Progress func(files int)
}

// Render builds the whole site. An error is a diag.List with every mistake that
// Hugo found, at its place in the project's files.
func Render(ctx context.Context, in Input) error {
	if in.Stall == 0 {
		in.Stall = 2 * time.Minute
	}
	in = in.complete()
	source, err := overlay(in)
	if err != nil {
		return err
	}
	in.Plan = nil // a large plan need not stay in memory while its pages are rendered
	out := newSink(in.Emit, in.Progress)
	log := &logCapture{}
	state, err := attempt(ctx, in, source, out, log)
	emitErr := out.finish(state != finished)
	if state == stuck {
		state, log, err = again(ctx, in, source)
	}
	if state == stalled {
		return diag.List{{Check: "render", Fact: diag.Text(
			"渲染停住了：%v 内没有生成任何文件（最后一个是 %s）", "the render hangs: no file was finished for %v (the last one was %s)", in.Stall, out.last()),
			Hint: diag.Text("多半是模板里有走不完的循环；请检查最近改过的模板。", "A template probably loops without end: look at the templates changed last.")}}
	}
	if list := findings(in.Dir, err, log); len(list) > 0 {
		if list.HasErrors() {
			list = withTemplateMistakes(in.Dir, list)
		}
		return list.Sort().Err()
	}
	return emitErr
}

// complete fills in what may be left out.
func (in Input) complete() Input {
	if in.Content == "" {
		in.Content = "content"
	}
	if in.Book == nil {
		in.Book = address.New(in.Plan, address.Options{Drafts: in.Drafts, Components: in.Preview})
	}
	return in
}

// state says how an attempt to render ended.
type state int

const (
	finished state = iota // with or without an error
	stalled               // nothing was produced for too long
	stuck                 // it gave up without coming to an end
)

// attempt runs Hugo, and waits for it or for it to stand still.
func attempt(ctx context.Context, in Input, source afero.Fs, out *sink, log *logCapture) (state, error) {
	done, begun := make(chan error, 1), make(chan *hugolib.HugoSites, 1)
	go func() { done <- hugo(in, source, out, log, begun) }()
	tick := time.NewTicker(min(in.Stall/4, 500*time.Millisecond))
	defer tick.Stop()
	last, since := out.count.Load(), time.Now()
	var sites *hugolib.HugoSites
	for {
		select {
		case err := <-done:
			return finished, err
		case sites = <-begun:
		case <-ctx.Done():
			return stuck, ctx.Err()
		case <-tick.C:
			if n := out.count.Load(); n != last {
				last, since = n, time.Now()
			} else if time.Since(since) > in.Stall {
				return stalled, nil
			} else if sites != nil && time.Since(since) > 400*time.Millisecond && stopped(sites) {
				return stuck, nil
			}
		}
	}
}

// stopped reports whether Hugo has given up after errors.
func stopped(sites *hugolib.HugoSites) bool {
	select {
	case <-sites.Done():
		return true
	default:
		return false
	}
}

// manyWorkers is more than a site has pages, for most sites.
const manyWorkers = "4096"

// again renders once more, into nothing, to learn what is wrong. After ten errors
// Hugo's workers go home while it still wants to hand them pages, and it waits for
// them for ever with the errors in its hands; with a worker for every page nobody
// has to wait.
func again(ctx context.Context, in Input, source afero.Fs) (state, *logCapture, error) {
	log := &logCapture{}
	if ctx.Err() != nil {
		return finished, log, ctx.Err()
	}
	const workers = "HUGO_NUMWORKERMULTIPLIER"
	was, set := os.LookupEnv(workers)
	os.Setenv(workers, manyWorkers)
	defer func() {
		if os.Unsetenv(workers); set {
			os.Setenv(workers, was)
		}
	}()
	out := newSink(func(string, []byte) error { return nil }, nil)
	state, err := attempt(ctx, in, source, out, log)
	_ = out.finish(state != finished) // nothing is written, so nothing can fail
	if state == stuck {
		state = stalled
	}
	return state, log, err
}

// hugo runs one build to its end.
func hugo(in Input, source afero.Fs, out *sink, log *logCapture, begun chan<- *hugolib.HugoSites) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("hugo panicked: %v", r)
		}
	}()
	flags := config.New()
	flags.Set("workingDir", in.Dir)
	flags.Set("contentDir", in.Content)
	flags.Set("baseURL", "/")
	flags.Set("cacheDir", filepath.Join(in.Dir, memoryDir, "cache"))
	flags.Set("resourceDir", filepath.Join(memoryDir, "resources"))
	flags.Set("buildDrafts", in.Drafts)
	flags.Set("buildFuture", true) // what is published does not depend on the clock
	flags.Set("printI18nWarnings", true)
	flags.Set("internal", hmaps.Params{})

	// Hugo counts errors in a process-wide logger too; each build starts afresh.
	logger := log.logger()
	loggers.Log().Reset()
	configs, err := allconfig.LoadConfig(allconfig.ConfigSourceDescriptor{
		Flags: flags, Fs: source, Logger: logger,
		Environment: "production",
		Environ:     []string{"HUGO_ENVIRONMENT=production"}, // and no variable of the person who runs it
	})
	if err != nil {
		return &configError{err}
	}
	fs := hugofs.NewFrom(source, configs.LoadingInfo.BaseConfig)
	fs.PublishDir, fs.PublishDirStatic, fs.PublishDirServer = out, out, out
	sites, err := hugolib.NewHugoSites(deps.DepsCfg{Configs: configs, Fs: fs, TestLogger: logger})
	if err != nil {
		return err
	}
	defer sites.Close()
	begun <- sites
	return sites.Build(hugolib.BuildCfg{NoBuildLock: true})
}

// StaticDirs lists the folders whose files go into the site as they are, later
// ones over earlier: hugolib leaves copying them to its caller.
func StaticDirs(dir string) []string {
	dirs, _ := filepath.Glob(filepath.Join(dir, "themes", "*", "static"))
	return append(dirs, filepath.Join(dir, "static"))
}

// memoryDir is where Hugo believes that its caches are; nothing is there on disk.
const memoryDir = ".memory"

// slashed turns a name that Hugo uses into the slash path that callers see.
func slashed(name string) string {
	return strings.TrimPrefix(filepath.ToSlash(filepath.Clean(name)), "/")
}

var _ afero.Fs = (*sink)(nil)
