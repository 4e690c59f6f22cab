package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// shelf is a ticketStore in memory.
type shelf struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (s *shelf) Put(_ context.Context, name string, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = data
	return nil
}

func (s *shelf) Get(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if data, ok := s.files[name]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func (s *shelf) List(context.Context) (names []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := range s.files {
		names = append(names, n)
	}
	return names, nil
}

func (s *shelf) Delete(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, name)
	return nil
}

// slow is a shelf on which the process stands still after it has looked for its
// ticket, as in a machine that sleeps, and another takes the ticket away meanwhile.
type slow struct{ *shelf }

func (s slow) Get(ctx context.Context, name string) ([]byte, error) {
	data, err := s.shelf.Get(ctx, name)
	if err == nil {
		_ = s.Delete(ctx, name)
		time.Sleep(30 * time.Millisecond)
	}
	return data, err
}

// A ticket that was taken away is not brought back.
func TestRenewAfterSleep(t *testing.T) {
	hurry(t, 10*time.Millisecond, time.Minute)
	s := slow{&shelf{files: map[string][]byte{"mine.json": nil}}}
	write := func(context.Context) error {
		t.Error("it was written again")
		return nil
	}
	if err := renew(context.Background(), s, "mine.json", write); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	wrote := false
	quick := &shelf{files: map[string][]byte{"mine.json": nil}}
	hurry(t, time.Minute, time.Minute)
	if err := renew(context.Background(), quick, "mine.json", func(context.Context) error { wrote = true; return nil }); err != nil || !wrote {
		t.Errorf("a ticket that is there: written %v, %v", wrote, err)
	}
}

// hurry makes the lock's times short for one test.
func hurry(t *testing.T, beat, patience time.Duration) {
	oldBeat, oldPatience := ticketBeat, ticketPatience
	ticketBeat, ticketPatience = beat, patience
	t.Cleanup(func() { ticketBeat, ticketPatience = oldBeat, oldPatience })
}

func ticketOf(t ticket) []byte {
	data, _ := json.Marshal(t)
	return data
}

// Of many that try again and again, never two hold the lock, and some do.
func TestLockExcludes(t *testing.T) {
	s := &shelf{files: map[string][]byte{}}
	var holding, most, got atomic.Int64
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			for range 25 {
				_, unlock, err := lockByTickets(context.Background(), s, "one of many")
				var busy *BusyError
				if errors.As(err, &busy) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				got.Add(1)
				if n := holding.Add(1); n > 1 {
					most.Store(n)
				}
				time.Sleep(time.Millisecond)
				holding.Add(-1)
				if err := unlock(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	crowd.Wait()
	if most.Load() > 1 || got.Load() == 0 {
		t.Errorf("%d held it at once; %d got it", most.Load(), got.Load())
	}
	if len(s.files) > 0 {
		t.Errorf("tickets are left: %v", s.files)
	}
}

// A ticket of a process of this machine that has ended is removed at once.
func TestLockOfDeadProcess(t *testing.T) {
	if thisProcess() == "" {
		t.Skip("this system does not tell processes apart")
	}
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := fmt.Sprint(cmd.Process.Pid)
	start, ok := processStart(pid)
	if !ok {
		t.Fatal("a running process is not seen")
	}
	space, _ := processSpace()
	process := strings.Join([]string{space, pid, start}, " ")
	s := &shelf{files: map[string][]byte{"00.json": ticketOf(ticket{Holder: "sleeper", Process: process, Holds: true, Beat: 1})}}
	var busy *BusyError
	if _, _, err := lockByTickets(context.Background(), s, "me"); !errors.As(err, &busy) || busy.Holder != "sleeper" {
		t.Errorf("while it runs: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	_, unlock, err := lockByTickets(context.Background(), s, "me")
	if err != nil {
		t.Fatalf("after it has ended: %v", err)
	}
	if err := unlock(); err != nil || len(s.files) > 0 {
		t.Errorf("%v, left %v", err, s.files)
	}
	// Its number, taken by a process that started at another time.
	own := thisProcess()
	here, lives := lookUp(own)
	hereToo, other := lookUp(own + "1")
	if !here || !lives || !hereToo || other {
		t.Error("this process is not told from an earlier one with its number")
	}
}

// stuck is a shelf from which nothing can be removed for a while.
type stuck struct {
	*shelf
	is bool
}

func (s *stuck) Delete(ctx context.Context, name string) error {
	if s.is {
		return errors.New("cut off")
	}
	return s.shelf.Delete(ctx, name)
}

// A ticket that this process could not remove is not in its own way.
func TestLockLeftBehind(t *testing.T) {
	hurry(t, time.Minute, time.Minute)
	s := &stuck{&shelf{files: map[string][]byte{}}, true}
	_, unlock, err := lockByTickets(context.Background(), s, "me")
	if err != nil {
		t.Fatal(err)
	}
	var busy *BusyError
	if _, _, err := lockByTickets(context.Background(), s, "me, too"); !errors.As(err, &busy) {
		t.Errorf("while it is held: %v", err)
	}
	if err := unlock(); err == nil {
		t.Error("a ticket that stays is no error")
	}
	s.is = false
	_, unlock, err = lockByTickets(context.Background(), s, "me, too")
	if err != nil {
		t.Fatalf("after that: %v", err)
	}
	if err := unlock(); err != nil || len(s.files) > 0 {
		t.Errorf("%v, left %v", err, s.files)
	}
}

// A ticket from elsewhere is watched: one that changes is alive, one that does not
// is dead after a while.
func TestLockFromElsewhere(t *testing.T) {
	hurry(t, 10*time.Millisecond, 200*time.Millisecond)
	s := &shelf{files: map[string][]byte{}}
	stop := make(chan struct{})
	var beating sync.WaitGroup
	beating.Go(func() {
		for beat := 1; ; beat++ {
			_ = s.Put(context.Background(), "ff.json", ticketOf(ticket{Holder: "colleague", Holds: true, Beat: beat}))
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	time.Sleep(20 * time.Millisecond)
	var busy *BusyError
	if _, _, err := lockByTickets(context.Background(), s, "me"); !errors.As(err, &busy) || busy.Holder != "colleague" {
		t.Errorf("a living colleague: %v", err)
	}
	close(stop)
	beating.Wait()
	if err := s.Put(context.Background(), "00.json", []byte("{torn")); err != nil {
		t.Fatal(err)
	}
	_, unlock, err := lockByTickets(context.Background(), s, "me")
	if err != nil {
		t.Fatalf("dead tickets: %v", err)
	}
	if err := unlock(); err != nil || len(s.files) > 0 {
		t.Errorf("%v, left %v", err, s.files)
	}
}

// Who was taken for dead stops working.
func TestLockLost(t *testing.T) {
	hurry(t, 5*time.Millisecond, time.Minute)
	s := &shelf{files: map[string][]byte{}}
	held, unlock, err := lockByTickets(context.Background(), s, "me")
	if err != nil {
		t.Fatal(err)
	}
	names, _ := s.List(context.Background())
	_ = s.Delete(context.Background(), names[0])
	<-held.Done()
	if cause := context.Cause(held); cause != errLockLost {
		t.Errorf("the work ends with %v", cause)
	}
	if err := unlock(); !errors.Is(err, errLockLost) {
		t.Errorf("unlock: %v", err)
	}
	// Also who has done all its work when its ticket goes hears of it; who keeps it does not.
	hurry(t, time.Minute, time.Minute)
	for _, taken := range []bool{true, false} {
		_, unlock, err := lockByTickets(context.Background(), s, "me")
		if err != nil {
			t.Fatal(err)
		}
		if names, _ := s.List(context.Background()); taken {
			_ = s.Delete(context.Background(), names[0])
		}
		if err := unlock(); errors.Is(err, errLockLost) != taken {
			t.Errorf("taken %v: unlock: %v", taken, err)
		}
	}
	hurry(t, 5*time.Millisecond, time.Minute)
	// And so does one that waits when its caller gives up.
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_ = s.Put(ctx, "00.json", ticketOf(ticket{Holder: "silent", Holds: true}))
	if _, _, err := lockByTickets(ctx, s, "me"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an ended context: %v", err)
	}
	if len(s.files) != 1 {
		t.Errorf("left %v", s.files)
	}
}
