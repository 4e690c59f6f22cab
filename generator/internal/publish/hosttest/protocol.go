package hosttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/sample"
)

// An Opener opens a host of a kind, as package hosts does.
type Opener func(kind string, options map[string]string) (publish.Host, error)

// child is what a process that is to be killed is told by its environment.
type child struct {
	Kind      string
	Options   map[string]string
	Version   int
	Pages     int
	KillStep  int   // dies before this step of the host, counted from 1; 0: does not
	KillBytes int64 // dies after so many bytes were read of the tree; 0: does not
}

// opener is what Main was given.
var opener Opener

const childVariable = "MINXI_PUBLISH_CHILD"

// Main is the TestMain of a package that runs Protocol: in a process that is to be
// killed it publishes, and never returns.
func Main(m *testing.M, open Opener) {
	opener = open
	InMemory()
	if text := os.Getenv(childVariable); text != "" {
		var c child
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		h, err := open(c.Kind, c.Options)
		if err == nil {
			var r *publish.Report
			r, err = c.publish(h)
			if err == nil {
				json.NewEncoder(os.Stdout).Encode(r)
			}
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(4)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func (c child) publish(h publish.Host) (*publish.Report, error) {
	defer h.Close()
	die := func() {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	var steps, bytes atomic.Int64
	ctx := publish.WithSteps(context.Background(), func(op, on string) error {
		if steps.Add(1) == int64(c.KillStep) {
			die()
		}
		return nil
	})
	tree := site(c.Version, c.Pages)
	tree.FS = countingFS{tree.FS, func(n int) {
		if c.KillBytes > 0 && bytes.Add(int64(n)) >= c.KillBytes {
			die()
		}
	}}
	return publish.Publish(ctx, h, tree, options())
}

// options are how the tests publish: everything is kept, and they never wait long.
func options() publish.Options {
	return publish.Options{Holder: "test", Keep: 3, Backoff: time.Millisecond, Confirm: func(*publish.Report) bool { return true }}
}

// countingFS reports every byte that is read.
type countingFS struct {
	fs.FS
	read func(int)
}

func (c countingFS) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if d, ok := f.(fs.ReadDirFile); ok {
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return d, nil
		}
	}
	return countingFile{f, c.read}, err
}

type countingFile struct {
	fs.File
	read func(int)
}

// Read gives small pieces, so that a transfer can be cut anywhere.
func (f countingFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p[:min(len(p), 4096)])
	f.read(n)
	return n, err
}

// treeSize is how many bytes are read of a tree to compare it.
func (p Place) treeSize(version int) (n int64) {
	_ = fs.WalkDir(p.site(version).FS, ".", func(name string, d fs.DirEntry, err error) error {
		if info, err := d.Info(); err == nil && !d.IsDir() {
			n += info.Size()
		}
		return nil
	})
	return n
}

// command is the publish of a child in a process of its own.
func (c child) command(t testing.TB) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	return cmd
}

// in runs the publish of a child, and reports whether it was killed.
func (c child) in(t testing.TB) (killed bool) {
	t.Helper()
	out, err := c.command(t).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
			return true
		}
	}
	if err != nil {
		t.Errorf("a publish that was not killed failed: %v\n%s", err, out)
	}
	return false
}

// bench is one place with what the tests do to it.
type bench struct {
	testing.TB
	Place
	second, inPlace bool // see Bench
	Tally
	turns int
}

func (b *bench) publish(ctx context.Context, version int) (*publish.Report, error) {
	h := b.Open(b.TB)
	defer h.Close()
	return publish.Publish(ctx, h, b.site(version), options())
}

func (b *bench) mustPublish(version int) {
	b.Helper()
	if _, err := b.publish(context.Background(), version); err != nil {
		b.Fatalf("publish of version %d: %v", version, err)
	}
}

// carryOn publishes as the next person does after a failure, and wants everything
// to be in order then. What needs many requests is done now and then.
func (b *bench) carryOn(version int, when string) {
	b.Helper()
	h := b.Open(b.TB)
	defer h.Close()
	r, err := publish.Publish(context.Background(), h, b.site(version), options())
	if err != nil {
		b.Fatalf("%s: publish of version %d: %v", when, version, err)
	}
	b.turns++
	// Who has nothing to do takes no lock, and leaves a dead one to the next.
	b.inOrder(h, version, when, b.turns%10 == 1, r.Nothing)
}

// look walks the site as a reader.
func (b *bench) look(when string) {
	b.Helper()
	v, err := walk(b.Place)
	if err != nil && !b.inPlace {
		b.Errorf("%s: a reader: %v", when, err)
	}
	b.Walks++
	b.Files += v.pages
	b.Broken += len(v.broken)
	b.Torn += len(v.torn)
	if len(v.broken)+len(v.torn) > 0 && !b.inPlace {
		b.Errorf("%s: broken %q, torn %q", when, v.broken, v.torn)
	}
}

// whole wants the host to hold a version exactly, and nothing unfinished.
func (b *bench) whole(version int, when string) {
	b.Helper()
	h := b.Open(b.TB)
	defer h.Close()
	b.inOrder(h, version, when, true, false)
}

func (b *bench) inOrder(h publish.Host, version int, when string, verify, maybeLocked bool) {
	b.Helper()
	traits := h.Traits()
	wantsVersion(b.TB, b.Place, traits.Headers, traits.Keeps, version)
	ctx := context.Background()
	if verify {
		c, err := publish.Verify(ctx, h, "", options())
		if err != nil || c.Right != c.Files || len(c.Found) > 0 {
			b.Errorf("%s: verify: %+v, %v", when, c, err)
		}
	}
	left := []string{"_releases/pending", "_releases/lock"}
	if maybeLocked {
		left = left[:1]
	}
	for _, dir := range left {
		if names, err := h.List(ctx, dir); err != nil || len(names) > 0 {
			b.Errorf("%s: left in %s: %v, %v", when, dir, names, err)
		}
	}
	r, err := publish.Publish(ctx, h, b.site(version), options())
	if err != nil || !r.Nothing || r.Sent != 0 {
		b.Errorf("%s: a second publish: %+v, %v", when, r, err)
	}
	if b.Failed() {
		b.Fatalf("%s: stopped at the first failure", when)
	}
}

// count gives how many of something to try: all of it with MINXI_FAULTS=all, else a
// sample, and less on the second and further servers of a kind and on a laptop.
func (b *bench) count(all, some, second int) int {
	switch {
	case everything():
		return all
	case b.second, !sample.Whole():
		return second
	}
	return some
}

// everything reports whether the whole matrix was asked for.
func everything() bool { return os.Getenv("MINXI_FAULTS") == "all" }

// points are the operations (counted from 1) that something happens to: one of each
// kind, and others far from those until there are n; all of them with
// MINXI_FAULTS=all.
func (b *bench) points(ops []string, n int) []int {
	if everything() {
		n = len(ops)
	}
	of := map[string][]int{}
	for i, op := range ops {
		of[op] = append(of[op], i+1)
	}
	taken := map[int]bool{}
	for _, all := range of {
		taken[all[len(all)/2]] = true
	}
	for i := 0; len(taken) < min(n, len(ops)); i++ {
		at := 1 + i*len(ops)/n // evenly, and then the next that is free
		for taken[at] {
			at = 1 + at%len(ops)
		}
		taken[at] = true
	}
	return slices.Sorted(maps.Keys(taken))
}

// parts are what Protocol does to a host.
var parts = []struct {
	name string
	run  func(*bench)
}{
	{"killed before an operation", (*bench).killedAtSteps},
	{"killed in a transfer", (*bench).killedInTransfers},
	{"failing", (*bench).failing},
	{"readers", (*bench).readers},
	{"full disk", (*bench).fullDisk},
	{"full temporary folder", (*bench).fullTemp},
	{"cut off", (*bench).cutOff},
	{"two at once", (*bench).twoAtOnce},
	{"releases", (*bench).releases},
}

// Protocol publishes to a host with everything going wrong that can. Its parts run
// side by side, each in a place of its own. What it did is known when t has ended.
func Protocol(t *testing.T, where Bench) *Tally {
	all := &Tally{inPlace: where.InPlace}
	var mu sync.Mutex
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, where)
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				all.add(b.Tally, t.Failed())
			}()
			part.run(b)
			if b.Walks > 0 {
				t.Logf("walks of a reader %d, files read %d, broken links %d, torn files %d", b.Walks, b.Files, b.Broken, b.Torn)
			}
		})
	}
	return all
}

// Sample is the parts of Protocol that end a publish before its time, one after
// another, so that nothing but the test keeps the machine busy.
func Sample(t *testing.T, where Bench) {
	for _, part := range parts[:3] {
		t.Run(part.name, func(t *testing.T) { part.run(newBench(t, where)) })
	}
}

func newBench(t testing.TB, where Bench) *bench {
	b := &bench{TB: t, Place: where.Fresh(t), second: where.Second, inPlace: where.InPlace}
	b.more = where.Pages
	return b
}

// CutOff is the part of Protocol that has the network fail, for a second way to
// reach a host that has all of the rest on the first.
func CutOff(t *testing.T, where Bench) { newBench(t, where).cutOff() }

// releases publishes, goes back and forth, and looks at what is kept.
func (b *bench) releases() {
	ctx := context.Background()
	h := b.Open(b.TB)
	defer h.Close()
	traits := h.Traits()
	var ids []string
	for v := range 3 {
		dry := options()
		dry.DryRun = true
		want, err := publish.Publish(ctx, h, b.site(v), dry)
		if err != nil {
			b.Fatal(err)
		}
		if len(ids) == 0 {
			if _, _, err := b.Read("index.html"); !errors.Is(err, fs.ErrNotExist) {
				b.Errorf("after --dry-run a reader gets %v", err)
			}
		}
		r, err := publish.Publish(ctx, h, b.site(v), options())
		again := err != nil && b.inPlace // it met a part of what it had sent, and said so
		if again {
			r, err = publish.Publish(ctx, h, b.site(v), options())
		}
		if err != nil {
			b.Fatal(err)
		}
		if again {
			b.Logf("version %d: published again", v)
		} else if r.Added != want.Added || r.Changed != want.Changed || r.Deleted != want.Deleted || r.Bytes != want.Bytes || r.Sent != r.Added+r.Changed {
			b.Errorf("version %d: %+v, but --dry-run said %+v", v, r, want)
		}
		ids = append(ids, r.Release)
		b.whole(v, fmt.Sprintf("version %d", v))
	}
	// The style sheet of the first version stays for two releases, and no longer.
	wantsAsset := func(version int, there bool) {
		b.Helper()
		for name := range b.site(version).FS.(mapFS) {
			if strings.HasPrefix(name, "assets/minxi.") {
				if _, _, err := b.Read(name); (err == nil) != there {
					b.Errorf("asset of version %d: %v", version, err)
				}
			}
		}
	}
	wantsAsset(0, true)
	all, live, err := publish.Releases(ctx, h, options())
	if err != nil || len(all) != 3 || live != ids[2] || all[0].ID != ids[2] || all[2].ID != ids[0] {
		b.Errorf("releases: %+v, %s, %v; want %v", all, live, err, ids)
	}
	back := func(id string, version int) {
		b.Helper()
		r, err := publish.Rollback(ctx, h, id, options())
		if err != nil {
			b.Fatalf("rollback %q: %v", id, err)
		}
		wantsVersion(b.TB, b.Place, traits.Headers, traits.Keeps, version)
		c, err := publish.Verify(ctx, h, "", options())
		if err != nil || c.Right != c.Files {
			b.Errorf("rollback %q: verify: %+v, %v", id, c, err)
		}
		if r.Restores != ids[version] {
			b.Errorf("rollback %q restores %s, want %s", id, r.Restores, ids[version])
		}
	}
	back("", 1)
	back("", 0)
	back(ids[2], 2)
	b.look("after three rollbacks")
	if _, err := publish.Publish(ctx, h, b.site(3), options()); err != nil {
		b.Fatal(err)
	}
	b.whole(3, "version 3 after rollbacks")
	wantsAsset(0, true) // last used two releases ago
	back("", 2)
	if _, err := publish.Rollback(ctx, h, ids[0], options()); !isDiagnostic(err) {
		b.Errorf("a rollback to a release that is no more kept: %v", err)
	}
	// Too much to delete wants to be confirmed.
	asked := options()
	asked.Confirm = nil
	if _, err := publish.Publish(ctx, h, publish.Tree{FS: mapFS{"index.html": {Data: []byte("<html></html>")}}, Rules: rules}, asked); !isDiagnostic(err) {
		b.Errorf("a publish that deletes nearly everything: %v", err)
	}
	wantsVersion(b.TB, b.Place, traits.Headers, traits.Keeps, 2)
}

func isDiagnostic(err error) bool {
	var d diag.Diagnostic
	var l diag.List
	return errors.As(err, &d) || errors.As(err, &l)
}

// killedAtSteps kills a publish before each of its operations. Each time readers
// look, and another process carries on.
func (b *bench) killedAtSteps() {
	b.twoVersions()
	ops := b.operations(0)
	points := b.points(ops, b.count(0, 8, 0))
	for i, point := range points {
		c := b.child(1 - i%2)
		c.KillStep = point
		if b.kill(c, fmt.Sprintf("killed before %s, step %d of %d", ops[point-1], point, len(ops))) {
			b.KilledBefore++
		}
	}
	b.Operations = len(ops)
	b.Logf("killed at %d different points of a publish of %d operations", b.KilledBefore, len(ops))
	if b.KilledBefore < len(points)*9/10 {
		b.Errorf("only %d of %d publishes were killed", b.KilledBefore, len(points))
	}
}

// killedInTransfers kills a publish at random moments in the middle of a transfer.
func (b *bench) killedInTransfers() {
	b.mustPublish(0)
	b.mustPublish(1)
	random := rand.New(rand.NewPCG(42, 1))
	rounds := b.count(100, 12, 4)
	for i := range rounds {
		c := b.child(1 - i%2)
		size := b.treeSize(c.Version)
		into := 1 + random.Int64N(size-10_000)
		c.KillBytes = size + into // it reads the whole tree to compare it first
		if b.kill(c, fmt.Sprintf("killed in the middle of a transfer, %d bytes in", into)) {
			b.KilledWithin++
		}
	}
	b.Logf("killed %d times in the middle of a transfer", b.KilledWithin)
	if b.KilledWithin < rounds*3/4 {
		b.Errorf("only %d of %d publishes were killed", b.KilledWithin, rounds)
	}
}

// twoVersions publishes two in turn, until the archive has both and each publish takes
// as many operations as the one before.
func (b *bench) twoVersions() {
	for n := range 4 {
		b.mustPublish(n % 2)
	}
}

func (b *bench) child(version int) child {
	return child{Kind: b.Kind, Options: b.Options, Pages: b.more, Version: version}
}

// kill has a child publish and be killed.
func (b *bench) kill(c child, when string) bool {
	b.Helper()
	killed := c.in(b)
	b.look(when)
	b.carryOn(c.Version, when)
	return killed
}

// operations are the names of those of a publish, in their order.
func (b *bench) operations(version int) (ops []string) {
	var mu sync.Mutex
	if _, err := b.publish(publish.WithSteps(context.Background(), func(op, on string) error {
		mu.Lock()
		defer mu.Unlock()
		ops = append(ops, op)
		return nil
	}), version); err != nil {
		b.Fatal(err)
	}
	return ops
}

// failing lets operations fail, as a host, a network or a disk lets them fail:
// every other one for good, and every other one once.
func (b *bench) failing() {
	b.twoVersions()
	ops := b.operations(0)
	b.mustPublish(1)
	faults := []error{errors.New("503 Service Unavailable"), syscall.ECONNRESET, os.ErrDeadlineExceeded, syscall.ENOSPC}
	points := b.points(ops, b.count(0, 10, 0))
	failed, mended := 0, 0
	for i, k := range points {
		version := i % 2
		fault := faults[i/2%len(faults)]
		once := version == 1
		if !once {
			fault = publish.Final(fault)
		}
		when := fmt.Sprintf("%s, step %d of %d, fails with %v", ops[k-1], k, len(ops), fault)
		before := b.live()
		var n, deletes atomic.Int64
		var down atomic.Bool
		_, err := b.publish(publish.WithSteps(context.Background(), func(op, on string) error {
			if n.Add(1) == int64(k) {
				down.Store(true)
				return fault
			}
			if down.Load() && isDelete(op) && strings.HasSuffix(on, ".html") {
				deletes.Add(1)
			}
			return nil
		}), version)
		b.look(when)
		if err != nil {
			failed++
			if deletes.Load() > 0 && !strings.Contains(err.Error(), "delete") {
				b.Errorf("%s: %d deletions after it (%v)", when, deletes.Load(), err)
			}
			if b.live() == before && !b.inPlace {
				b.keeps(1-version, when)
			}
		} else if once {
			mended++
		}
		b.carryOn(version, when)
	}
	b.OperationsFailed = failed + mended
	b.Logf("of %d operations that failed, %d ended the publish and %d were mended by trying again", len(points), failed, mended)
	if failed == 0 || mended == 0 {
		b.Error("no publish failed, or none was mended")
	}
}

// live is the id of the release that the host says is live.
func (b *bench) live() string {
	b.Helper()
	h := b.Open(b.TB)
	defer h.Close()
	_, live, err := publish.Releases(context.Background(), h, options())
	if err != nil {
		b.Errorf("releases: %v", err)
	}
	return live
}

// keeps wants everything of a version to be there.
func (b *bench) keeps(version int, when string) {
	b.Helper()
	for name := range b.site(version).FS.(mapFS) {
		if _, _, err := b.Read(name); err != nil {
			b.Errorf("%s: the release before is live, and its %s is not there: %v", when, name, err)
		}
	}
}

func isDelete(op string) bool {
	switch strings.ToLower(op) {
	case "delete", "remove", "dele", "rm":
		return true
	}
	return false
}

// cutOff has the network fail between the publisher and the server.
func (b *bench) cutOff() {
	server := b.server()
	if server == "" {
		b.Skip("no server")
	}
	b.mustPublish(1)
	line := NewLine(b, server)
	through := b.Place.via(line.Address)
	random := rand.New(rand.NewPCG(7, 7))
	for i := range b.count(20, 4, 2) {
		version := i % 2
		for limit := int64(1000) << (i % 8); ; limit *= 2 {
			line.After(Up|Down, random.Int64N(limit), Reset)
			h, err := opener(through.Kind, through.Options)
			if err == nil {
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
				_, err = publish.Publish(ctx, h, b.site(version), options())
				cancel()
				h.Close()
			}
			b.look("the network was cut")
			if err == nil {
				break
			}
			if limit > 1<<40 {
				b.Fatalf("it fails without being cut: %v", err)
			}
		}
		line.Repair()
		b.mustPublish(version)
		b.whole(version, "after cuts")
	}
	b.Cuts = int(line.resets.Load())
	b.Logf("%d connections were cut", b.Cuts)
	if b.Cuts == 0 {
		b.Error("nothing was cut")
	}
}

// twoAtOnce has two publishers start at the same time.
func (b *bench) twoAtOnce() {
	b.mustPublish(0)
	won, turnedAway := 0, 0
	for round := range b.count(10, 3, 1) {
		var both sync.WaitGroup
		var errs [2]error
		for i := range 2 {
			both.Go(func() { _, errs[i] = b.publish(context.Background(), 2+i) })
		}
		both.Wait()
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				turnedAway++
				if !isDiagnostic(err) && !isBusy(err) {
					b.Errorf("round %d: %v", round, err)
				}
			}
		}
		b.look("two at once")
		b.mustPublish(round % 2)
		b.whole(round%2, "after two at once")
	}
	b.Pairs = (won + turnedAway) / 2
	b.Logf("of two at once, %d came through and %d were turned away", won, turnedAway)
	if won == 0 {
		b.Error("of two publishers none ever came through")
	}
}

func isBusy(err error) bool {
	var busy *publish.BusyError
	return errors.As(err, &busy)
}

// readers has many readers at work while one release follows another.
func (b *bench) readers() {
	publishes, reads := b.count(20, 8, 4), int64(b.count(10_000, 500, 200))
	b.mustPublish(0)
	done := make(chan struct{})
	var pages, missed, stale, torn atomic.Int64
	var begun, ended atomic.Int64 // publishes
	var crowd sync.WaitGroup
	for r := range 4 {
		crowd.Go(func() {
			random := rand.New(rand.NewPCG(uint64(r), 3))
			names := []string{"index.html", "zh/index.html", "zh/plan/index.html", "zh/plan/s3/index.html", "zh/about/index.html"}
			for {
				select {
				case <-done:
					if pages.Load() >= reads {
						return
					}
				default:
				}
				// Leaves the publisher some of the machine, and most of it when enough was read.
				pause := 2 * time.Millisecond
				if pages.Load() >= reads {
					pause *= 25
				}
				time.Sleep(pause)
				name := names[random.IntN(len(names))]
				release := ended.Load() // the page is of this one or a later one
				data, _, err := b.Read(name)
				if err != nil && b.inPlace {
					missed.Add(1)
					continue
				} else if err != nil {
					b.Errorf("a reader of %s: %v", name, err)
					return
				}
				pages.Add(1)
				if !strings.HasSuffix(string(data), "</html>\n") {
					torn.Add(1)
				}
				for _, m := range link.FindAllStringSubmatch(string(data), -1) {
					_, _, err := b.Read(m[1])
					if err == nil {
						continue
					}
					// A page that is gone is broken only if the page still leads to it, and an
					// asset while it is of the release that is live or of the one before: who
					// gets no processor for so long may be later.
					late := begun.Load() > release+1
					again, _, err := b.Read(name)
					if err == nil && strings.Contains(string(again), m[0]) || strings.HasPrefix(m[1], "assets/") && !late {
						if missed.Add(1) < 5 && !b.inPlace {
							b.Errorf("%s leads to %s, which is not there", name, m[1])
						}
					} else {
						stale.Add(1)
					}
				}
			}
		})
	}
	for i := range publishes {
		begun.Add(1)
		b.mustPublish((i + 1) % versions)
		ended.Add(1)
	}
	close(done)
	crowd.Wait()
	b.Files += int(pages.Load())
	b.Broken += int(missed.Load())
	b.Torn += int(torn.Load())
	b.Logf("%d pages read during %d publishes: broken links %d, torn pages %d; links of an old page followed after a new one had come: %s",
		pages.Load(), publishes, missed.Load(), torn.Load(), strconv.FormatInt(stale.Load(), 10))
	if missed.Load()+torn.Load() > 0 && !b.inPlace {
		b.Error("readers met broken pages")
	}
}
