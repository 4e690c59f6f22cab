package edit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// TestTogether has several desks save at the same time: each its own sentences, and all
// of them one that they share. Nothing is lost: every text that somebody saved stands
// in the file or was replaced by one whose writer had seen it.
func TestTogether(t *testing.T) {
	root := project(t)
	const desks, rounds = 4, 12
	own := []plan.ID{"s3-1", "s3-2", "s3-3", "s3-4", "s3-5", "s3-6"}
	shared := Ref{ID: "s3-7", Field: English}
	var all sync.WaitGroup
	var mu sync.Mutex
	count, conflicts := 0, 0
	for n := range desks {
		d := desk(t, root, fmt.Sprintf("第%d人", n+1))
		mine := Ref{ID: own[n], Field: English}
		all.Go(func() {
			ctx := context.Background()
			for i := range rounds {
				v, err := d.Read(mine)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := d.Save(ctx, Change{Ref: mine, Text: fmt.Sprintf("Desk %d, round %d.", n, i), Base: v.Hash}); err != nil {
					t.Errorf("its own sentence: %v", err)
				}
				for { // adds a word to what stands there
					v, err := d.Read(shared)
					if err != nil {
						t.Error(err)
						return
					}
					time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond) // thinks
					_, err = d.Save(ctx, Change{Ref: shared, Text: v.Text + fmt.Sprintf(" D%dR%d", n, i), Base: v.Hash})
					var c *Conflict
					if errors.As(err, &c) {
						mu.Lock()
						conflicts++
						mu.Unlock()
						continue
					}
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					count++
					mu.Unlock()
					break
				}
			}
		})
	}
	all.Wait()
	d := desk(t, root, "")
	v, _ := d.Read(shared)
	for n := range desks {
		for i := range rounds {
			if word := fmt.Sprintf(" D%dR%d", n, i); strings.Count(v.Text+" ", word+" ") != 1 {
				t.Errorf("%q is lost or doubled", word)
			}
		}
		last, _ := d.Read(Ref{ID: own[n], Field: English})
		if last.Text != fmt.Sprintf("Desk %d, round %d.", n, rounds-1) {
			t.Errorf("desk %d: %q", n, last.Text)
		}
	}
	tales, found := d.History(shared)
	if len(tales) != count || len(found) > 0 {
		t.Errorf("%d saves, %d in the journal, %v", count, len(tales), found)
	}
	for i, e := range tales[:len(tales)-1] {
		if e.Elsewhere || e.Before != tales[i+1].After {
			t.Errorf("the journal has a gap before %s", e.ID)
		}
	}
	if conflicts == 0 {
		t.Error("nobody met anybody")
	}
	t.Logf("%d saves of one sentence by %d desks, %d conflicts", count, desks, conflicts)
}

// dying is a disk whose machine fails at a step: that step is done by half, and none
// after it.
type dying struct {
	disk
	left *int
}

var errDead = errors.New("the power has failed")

// step reports whether this step is still done, and whether it is the last.
func (d dying) step() (whole, half bool) {
	*d.left--
	return *d.left >= 0, *d.left == -1
}

func (d dying) MkdirAll(name string, mode fs.FileMode) error {
	if whole, _ := d.step(); !whole {
		return errDead
	}
	return d.disk.MkdirAll(name, mode)
}

func (d dying) Create(name string, data []byte, mode fs.FileMode) error {
	whole, half := d.step()
	if whole {
		return d.disk.Create(name, data, mode)
	}
	if half {
		_ = d.disk.Create(name, data[:len(data)/2], mode)
	}
	return errDead
}

func (d dying) Append(name string, data []byte) error {
	whole, half := d.step()
	if whole {
		return d.disk.Append(name, data)
	}
	if half {
		_ = d.disk.Append(name, data[:len(data)*2/3])
	}
	return errDead
}

func (d dying) Rename(from, to string) error {
	if whole, _ := d.step(); !whole {
		return errDead
	}
	return d.disk.Rename(from, to)
}

func (d dying) Remove(name string) error {
	if whole, _ := d.step(); !whole {
		return errDead
	}
	return d.disk.Remove(name)
}

// TestPowerFails ends a save of two sentences in two files and the ledger after each
// step in turn. Each file is the old or the new one, the next save works, and what was
// replaced is in the journal.
func TestPowerFails(t *testing.T) {
	defer func(e time.Duration) { lockExpiry = e }(lockExpiry)
	lockExpiry = 100 * time.Millisecond // of a lock that was half written
	one, two := Ref{ID: "s3-7", Field: English}, Ref{ID: "s4-1", Field: English}
	for n := 0; ; n++ {
		root := project(t)
		d := desk(t, root, "张三")
		v1, _ := d.Read(one)
		v2, err := d.Read(two)
		if err != nil {
			t.Fatal(err)
		}
		before := map[string][]byte{}
		for _, name := range []string{v1.Pos.File, v2.Pos.File, "content/ledger.csv"} {
			before[name] = file(t, root, name)
		}
		left := n
		d.disk = dying{d.disk, &left}
		d.tales.disk, d.lock.disk = d.disk, d.disk
		_, err = d.SaveAll(context.Background(), "", Change{Ref: one, Text: "First.", Base: v1.Hash}, Change{Ref: two, Text: "Second.", Base: v2.Hash})
		_ = d.lock.system.Unlock() // as the system does

		after := desk(t, root, "李四")
		tales, _ := after.History(Ref{})
		for _, c := range []struct {
			v    Version
			text string
		}{{v1, "First."}, {v2, "Second."}} {
			now := file(t, root, c.v.Pos.File)
			read, rerr := after.Read(c.v.Ref)
			switch {
			case rerr != nil:
				t.Fatalf("after %d steps: %v", n, rerr)
			case bytes.Equal(now, before[c.v.Pos.File]):
			case read.Text != c.text || len(differing(t, now, before[c.v.Pos.File])) != 1:
				t.Fatalf("after %d steps %s is torn", n, c.v.Pos.File)
			default:
				kept := false
				for _, e := range tales {
					kept = kept || e.Ref == c.v.Ref && e.Before == c.v.Text && e.Who == "张三"
				}
				if !kept {
					t.Fatalf("after %d steps the text that was replaced in %s is lost", n, c.v.Pos.File)
				}
			}
			if s := save(t, after, c.v.Ref, "Third."); !s.Changed {
				t.Fatalf("after %d steps nothing can be saved", n)
			}
			if was, err := after.AsOf(c.v.Ref, time.Now().Add(-time.Hour)); err != nil || was.Text != c.v.Text {
				t.Fatalf("after %d steps, an hour ago it was %q, %v", n, was.Text, err)
			}
		}
		_ = filepath.WalkDir(filepath.Join(root, "content"), func(name string, _ fs.DirEntry, _ error) error {
			if strings.HasPrefix(filepath.Base(name), tmpPrefix) && n > 4 {
				t.Errorf("after %d steps %s was left, and not cleared away", n, name)
			}
			return nil
		})
		if left > 0 {
			if err != nil || n < 8 {
				t.Fatalf("%d steps: %v", n, err)
			}
			return
		}
	}
}

// TestKilled kills a program that saves without end, at random moments.
func TestKilled(t *testing.T) {
	if root := os.Getenv("EDIT_SAVES_IN"); root != "" {
		d := desk(t, root, "killed")
		for i := 0; ; i++ {
			save(t, d, Ref{ID: "s3-7", Field: English}, fmt.Sprintf("Round %d of many.", i))
		}
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root := project(t)
	before := file(t, root, s3)
	for range 8 {
		cmd := exec.Command(own, "-test.run", "^TestKilled$")
		cmd.Env = append(os.Environ(), "EDIT_SAVES_IN="+root)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		at := file(t, root, s3)
		for until := time.Now().Add(30 * time.Second); bytes.Equal(file(t, root, s3), at) && time.Now().Before(until); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(60_000)) * time.Microsecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if got := differing(t, file(t, root, s3), before); len(got) > 1 {
			t.Fatalf("lines %v differ", got)
		}
		d := desk(t, root, "after")
		save(t, d, Ref{ID: "s3-7", Field: English}, "Mended.")
		tales, _ := d.History(Ref{ID: "s3-7", Field: English})
		if len(tales) < 2 || tales[0].After != "Mended." || tales[0].Before != tales[1].After && tales[0].Before != tales[1].Before {
			t.Fatalf("the journal: %+v", tales[:min(2, len(tales))])
		}
	}
}

// TestTornJournal cuts the journal off within its last line.
func TestTornJournal(t *testing.T) {
	root := project(t)
	d := desk(t, root, "张三")
	ref := Ref{ID: "s3-7", Field: English}
	save(t, d, ref, "One.")
	save(t, d, ref, "Two.")
	names, _ := filepath.Glob(filepath.Join(root, journalDir, "*", "*.jsonl"))
	data, _ := os.ReadFile(names[0])
	if err := os.WriteFile(names[0], data[:len(data)-40], 0o644); err != nil {
		t.Fatal(err)
	}
	save(t, d, ref, "Three.")
	tales, found := d.History(ref)
	if len(tales) != 2 || tales[0].After != "Three." || !tales[0].Elsewhere || tales[1].After != "One." {
		t.Errorf("%+v", tales)
	}
	if len(found) != 1 || found[0].Line != 2 || found[0].Severity != diag.Warning {
		t.Errorf("told as %v", found)
	}
	// A synchronizer leaves a copy of the journal.
	put(t, root, strings.TrimSuffix(filepath.ToSlash(strings.TrimPrefix(names[0], root+"/")), ".jsonl")+"-DESKTOP-1.jsonl", file(t, root, strings.TrimPrefix(names[0], root+"/")))
	if again, _ := d.History(ref); len(again) != 2 {
		t.Errorf("with a copy, %d entries", len(again))
	}
}

// TestOtherMachine has a lock file of another machine in the way: one that changes is
// waited for, one that does not is taken over in time.
func TestOtherMachine(t *testing.T) {
	defer func(a, b time.Duration) { lockExpiry, lockWait = a, b }(lockExpiry, lockWait)
	lockExpiry, lockWait = time.Second, 3*time.Second // a busy machine may not beat for long
	root := project(t)
	d := desk(t, root, "张三")
	ref := Ref{ID: "s3-7", Field: English}
	held := func(beat int) {
		put(t, root, lockFile, fmt.Appendf(nil, `{"machine":"other","who":"李四","token":"x","beat":%d}`, beat))
	}
	held(0)
	start := time.Now()
	save(t, d, ref, "One.")
	if took := time.Since(start); took < lockExpiry {
		t.Errorf("a lock of another machine was not respected: %v", took)
	}
	if _, err := os.Stat(filepath.Join(root, lockFile)); err == nil {
		t.Error("the lock is still there")
	}
	held(0)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		for i := 1; ctx.Err() == nil; i++ {
			time.Sleep(100 * time.Millisecond)
			name := filepath.Join(root, filepath.FromSlash(lockFile))
			_ = os.WriteFile(name+".new", fmt.Appendf(nil, `{"machine":"other","who":"李四","token":"x","beat":%d}`, i), 0o644)
			_ = os.Rename(name+".new", name)
		}
	}()
	_, err := d.Save(context.Background(), Change{Ref: ref, Text: "Two.", Base: "x"})
	if list := diag.From(err); err == nil || !strings.Contains(list[0].Fact.ZH, "李四") {
		t.Errorf("a living lock was not respected: %v", err)
	}
}

// TestLostLock takes the lock away from a save that stands still.
func TestLostLock(t *testing.T) {
	root := project(t)
	d := desk(t, root, "张三")
	unlock, err := d.lock.take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.lock.held(); err != nil {
		t.Error(err)
	}
	d.lock.wrote = time.Now().Add(-time.Minute)
	if err := d.lock.held(); err != nil || d.lock.token.Beat != 1 || !d.lock.ours() {
		t.Error("the lock was not kept:", err)
	}
	put(t, root, lockFile, []byte(`{"machine":"other","token":"x"}`))
	if err := d.lock.held(); err == nil {
		t.Error("the lock is another's, and nobody said so")
	}
	unlock()
	if string(file(t, root, lockFile)) != `{"machine":"other","token":"x"}` {
		t.Error("the other's lock was removed")
	}
}

// TestBusyFile has a file that another program holds open: tried again, and then told.
func TestBusyFile(t *testing.T) {
	defer func(p []time.Duration) { patience = p }(patience)
	patience = []time.Duration{1, 1, 1}
	root := project(t)
	ref := Ref{ID: "s3-7", Field: English}
	for refusals := range 6 {
		d := desk(t, root, "张三")
		v, _ := d.Read(ref)
		before := file(t, root, s3)
		n := refusals
		d.disk = stubborn{d.disk, &n}
		_, err := d.Save(context.Background(), Change{Ref: ref, Text: fmt.Sprintf("Try %d.", refusals), Base: v.Hash})
		if done := refusals <= len(patience); done != (err == nil) || done == bytes.Equal(before, file(t, root, s3)) {
			t.Errorf("%d refusals: %v", refusals, err)
		} else if !done {
			if list := diag.From(err); list[0].File != s3 || !strings.Contains(list[0].Hint.ZH, "Word") {
				t.Errorf("told as %v", list)
			}
		}
	}
	left, _ := filepath.Glob(filepath.Join(root, "content/plan/c3", tmpPrefix+"*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// errBusy is what this system says of a file that is held open.
var errBusy = map[bool]error{true: syscall.EBUSY, false: syscall.Errno(32)}[busy(syscall.EBUSY)]

type stubborn struct {
	disk
	n *int
}

func (s stubborn) Rename(from, to string) error {
	if strings.HasPrefix(to, "content/") && *s.n > 0 {
		*s.n--
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: errBusy}
	}
	return s.disk.Rename(from, to)
}

// TestLinks keeps the desk in the project.
func TestLinks(t *testing.T) {
	root, outside := project(t), t.TempDir()
	put(t, outside, "x.en.md", []byte("---\ntitle: x\n---\n"))
	if err := os.Symlink(outside, filepath.Join(root, "content", "out")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("about.en.md", filepath.Join(root, "content", "pages", "link.en.md")); err != nil {
		t.Fatal(err)
	}
	d := desk(t, root, "张三")
	for _, name := range []string{"content/out/x.en.md", "content/out/new.en.md", "content/pages/link.en.md"} {
		ref := Ref{File: name, Field: Whole}
		v, _ := d.Read(ref)
		if _, err := d.Save(context.Background(), Change{Ref: ref, Text: "---\ntitle: y\n---", Base: v.Hash}); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if got, _ := os.ReadDir(outside); len(got) != 1 {
		t.Error("something was written outside")
	}
	root = project(t)
	d = desk(t, root, "张三")
	if err := os.Symlink(outside, filepath.Join(root, journalDir)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Save(context.Background(), Change{Ref: Ref{ID: "s3-7", Field: English}, Text: "x"}); err == nil {
		t.Error("saved with a journal outside")
	}
}

func TestUndo(t *testing.T) {
	root := project(t)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	d, err := Open(root, Options{Who: "张三", Now: func() time.Time { at = at.Add(time.Hour); return at }})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx := context.Background()
	ref, topic := Ref{ID: "s3-7", Field: English}, Ref{ID: "s3-7", Field: "topics"}
	start, ledger := file(t, root, s3), file(t, root, ledgerFile)
	v, _ := d.Read(ref)
	first := save(t, d, ref, "One.")
	second := save(t, d, ref, "Two.")
	save(t, d, topic, "ecology livelihood")

	if out, err := d.Undo(ctx, first.Entry); err != nil || out[0].Err == nil {
		t.Error("undone over a later change:", out, err)
	}
	if out, err := d.Undo(ctx, second.Entry); err != nil || out[0].Err != nil || out[0].Text != "One." {
		t.Error(out, err)
	}
	if was, err := d.AsOf(ref, first.Time.Add(-time.Minute)); err != nil || was.Text != v.Text {
		t.Errorf("as of then %q, %v", was.Text, err)
	}
	if was, _ := d.AsOf(ref, second.Time.Add(time.Minute)); was.Text != "Two." {
		t.Errorf("as of then %q", was.Text)
	}
	out, err := d.Restore(ctx, first.Time.Add(-time.Minute))
	if err != nil || len(out) != 2 {
		t.Fatal(out, err)
	}
	if !bytes.Equal(file(t, root, s3), start) {
		t.Error("restored, the file is not what it was")
	}
	if tales, _ := d.History(Ref{ID: "s3-7"}); len(tales) != 6 || tales[len(tales)-1].Before != v.Text {
		t.Errorf("%d entries", len(tales))
	}
	// What was entered in the ledger goes back with the sentence.
	s := save(t, d, Ref{ID: "s3-7", Field: English}, "")
	if s.Text != "" || bytes.Contains(file(t, root, s3), []byte("{#s3-7}")) {
		t.Error("not taken out")
	}
	if _, err := d.Accept(ctx, []plan.ID{"s3-7"}, "not now"); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(file(t, root, ledgerFile), ledger) {
		t.Error("the ledger does not know that the English is gone")
	}
	saved, err := d.Save(ctx, Change{Ref: ref, Text: "Again.", Accept: true, Why: "new"})
	if err != nil {
		t.Fatal(err)
	}
	set := saved.Entry[:strings.LastIndex(saved.Entry, "-")]
	if out, err := d.Undo(ctx, set); err != nil || len(out) != 2 || out[0].Err != nil || out[1].Err != nil {
		t.Error(out, err)
	}
	if !bytes.Contains(file(t, root, ledgerFile), []byte("not now")) || bytes.Contains(file(t, root, s3), []byte("Again.")) {
		t.Error("not all of it was undone")
	}
	if _, err := d.Undo(ctx, "nothing"); err == nil {
		t.Error("nothing was undone")
	}
}

func TestPresence(t *testing.T) {
	root := project(t)
	clock := time.Now()
	open := func(ahead time.Duration) *Desk {
		d, err := Open(root, Options{Now: func() time.Time { return clock.Add(ahead) }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	}
	a, b := open(0), open(5*time.Hour) // b's clock is wrong
	sees := func(d *Desk, session string, want ...Presence) {
		t.Helper()
		got, err := d.Others(session)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s sees %v, not %v; %v", session, got, want, err)
		}
	}
	here := func(d *Desk, session, who, what string) {
		t.Helper()
		if err := d.Here(session, who, what); err != nil {
			t.Fatal(err)
		}
	}
	sees(a, "a")
	here(a, "a", "张三", "s3")
	sees(a, "a")
	sees(a, "a2", Presence{"张三", "s3", true})
	sees(b, "b") // hours ago, by its clock
	clock = clock.Add(20 * time.Second)
	here(a, "a", "张三", "s4")
	sees(b, "b", Presence{"张三", "s4", false})
	here(b, "b", "李四", "content/pages/about.en.md")
	sees(a, "a")
	clock = clock.Add(20 * time.Second)
	here(b, "b", "李四", "content/pages/about.en.md")
	sees(a, "a", Presence{"李四", "content/pages/about.en.md", false})
	clock = clock.Add(80 * time.Second) // 张三 has gone without a word
	sees(b, "b")
	here(b, "b", "", "")
	sees(a, "a")
	if err := a.Here("../x", "张三", "s3"); err == nil {
		t.Error("a session may be called ../x")
	}
	clock = clock.Add(48 * time.Hour)
	sees(b, "b")
	if left, _ := os.ReadDir(filepath.Join(root, presenceDir)); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
