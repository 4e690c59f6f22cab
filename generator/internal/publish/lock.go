package publish

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// A ticketStore is a folder of small files that several publishers share. List
// sees every Put and Delete that has returned, whoever made it.
type ticketStore interface {
	Put(ctx context.Context, name string, data []byte) error
	Get(ctx context.Context, name string) ([]byte, error) // fs.ErrNotExist if there is nothing
	List(ctx context.Context) ([]string, error)           // plain names
	Delete(ctx context.Context, name string) error        // no error if there is nothing
}

// A ticket says that somebody publishes, or wants to.
type ticket struct {
	Holder  string `json:"holder"`            // for people
	Process string `json:"process,omitempty"` // the machine and process, as far as this system can name them
	Holds   bool   `json:"holds"`
	Beat    int    `json:"beat"` // rises for as long as the holder lives
}

// How often a ticket is written again, and how long one that does not change is
// watched before its holder counts as dead. Nothing compares clocks of different
// machines.
var (
	ticketBeat     = 5 * time.Second
	ticketPatience = 20 * time.Second
)

// lockByTickets keeps publishers apart with nothing but files. Each puts a ticket
// into the folder and then looks who else is there; who finds only its own ticket
// holds the lock. Of two that come at the same time each sees the other, because
// each looks after it has put: the one with the smaller name stays, the other goes
// away. So two never hold it, as long as nobody takes a living holder for dead.
//
// A dead holder's ticket is removed at once if it was on this machine, else after
// it has not changed for a while. A holder that finds its ticket removed, or could
// not renew it, ends the context that it works with: lost is that context. unlock,
// too, says whether the lock was lost.
func lockByTickets(ctx context.Context, store ticketStore, holder string) (lost context.Context, unlock func() error, err error) {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	mine := fmt.Sprintf("%x.json", id)
	t := ticket{Holder: holder, Process: thisProcess()}
	ticketsHere.Store(mine, true)
	write := func(ctx context.Context) error {
		t.Beat++
		data, err := json.Marshal(t)
		if err != nil {
			return err
		}
		return store.Put(ctx, mine, data)
	}
	remove := func() error {
		// Also when ctx has ended: a ticket left behind keeps others waiting.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		defer ticketsHere.Delete(mine)
		return store.Delete(ctx, mine)
	}
	if err := write(ctx); err != nil {
		// It may have arrived all the same. That it cannot be removed is no news then.
		if ticketsHere.Delete(mine); !IsFinal(err) {
			_ = remove()
		}
		return nil, nil, err
	}
	if err := waitAlone(ctx, store, mine, write); err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	t.Holds = true
	if err := write(ctx); err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	lost, lose := context.WithCancelCause(ctx)
	var beating sync.WaitGroup
	stop := make(chan struct{})
	beating.Go(func() {
		last := time.Now()
		for {
			select {
			case <-stop:
				return
			case <-lost.Done():
				return
			case <-time.After(ticketBeat):
			}
			err := renew(lost, store, mine, write)
			if errors.Is(err, fs.ErrNotExist) {
				lose(errLockLost)
				return
			}
			if err == nil {
				last = time.Now()
			}
			if time.Since(last) > ticketPatience-2*ticketBeat {
				lose(errLockLost)
				return
			}
		}
	})
	return lost, func() error {
		close(stop)
		beating.Wait()
		var gone error
		soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if _, err := store.Get(soon, mine); errors.Is(err, fs.ErrNotExist) || errors.Is(context.Cause(lost), errLockLost) {
			gone = errLockLost
		}
		lose(context.Canceled)
		return errors.Join(gone, remove())
	}, nil
}

// renew writes a ticket again that is still there. The error is fs.ErrNotExist if it
// is not. A process may stand still between looking and writing, and would bring
// back a ticket that another has removed meanwhile: so what was seen must be new.
func renew(ctx context.Context, store ticketStore, mine string, write func(context.Context) error) error {
	for range 2 {
		looked := time.Now().Round(0) // by the clock on the wall: the other stands still with the machine
		if _, err := store.Get(ctx, mine); err != nil {
			return err
		}
		if time.Now().Round(0).Sub(looked) < ticketBeat {
			return write(ctx)
		}
	}
	return errors.New("the host takes too long")
}

// errLockLost ends a publish whose lock was taken from it.
var errLockLost = errors.New("the lock was lost: another publisher took this one for dead")

// waitAlone returns when there is no ticket but mine, or with a BusyError.
func waitAlone(ctx context.Context, store ticketStore, mine string, beat func(context.Context) error) error {
	type sight struct {
		ticket
		since time.Time
		alive bool // it has changed since it was first seen
	}
	seen := map[string]sight{}
	lastBeat := time.Now()
	for {
		names, err := store.List(ctx)
		if err != nil {
			return err
		}
		others := 0
		for _, name := range names {
			if name == mine || path.Ext(name) != ".json" {
				continue
			}
			data, err := store.Get(ctx, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			var t ticket
			if json.Unmarshal(data, &t) != nil {
				t = ticket{} // half of one, or none of ours: watched like any other
			}
			old, known := seen[name]
			now := sight{t, time.Now(), false}
			if known {
				now.alive = old.alive || old.ticket != t
				if old.ticket == t {
					now.since = old.since
				}
			}
			seen[name] = now
			here, lives := lookUp(t.Process)
			if here && t.Process == thisProcess() {
				_, lives = ticketsHere.Load(name)
			}
			switch {
			case here && !lives, time.Since(now.since) > ticketPatience:
				if err := store.Delete(ctx, name); err != nil {
					return err
				}
				continue
			case here && lives, now.alive:
				if t.Holds || name < mine {
					return &BusyError{t.Holder}
				}
			}
			others++
		}
		if others == 0 {
			return nil
		}
		if time.Since(lastBeat) > ticketBeat {
			if err := beat(ctx); err != nil {
				return err
			}
			lastBeat = time.Now()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(ticketBeat / 10):
		}
	}
}

// thisProcess names this process so that another on the same machine can tell
// whether it still runs: the boot, the process namespace, the number and the time
// of its start. It is "" where the system does not tell.
func thisProcess() string {
	space, ok := processSpace()
	start, alive := processStart(fmt.Sprint(os.Getpid()))
	if !ok || !alive {
		return ""
	}
	return strings.Join([]string{space, fmt.Sprint(os.Getpid()), start}, " ")
}

func processSpace() (string, bool) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", false
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	return strings.TrimSpace(string(boot)) + " " + space, err == nil
}

// processStart gives when a process was started, in ticks since the boot.
func processStart(pid string) (string, bool) {
	stat, err := os.ReadFile(path.Join("/proc", pid, "stat"))
	if err != nil {
		return "", false
	}
	// The name in brackets may hold anything, brackets too; the state and 19 more
	// fields follow (proc_pid_stat(5)).
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return "", false
	}
	return fields[19], true
}

// ticketsHere are those of this process that are in use: another with its name could
// not be removed, and is dead although the process lives.
var ticketsHere sync.Map

// lookUp tells whether a process is one of this machine, and runs.
func lookUp(process string) (known, alive bool) {
	fields := strings.Fields(process)
	space, ok := processSpace()
	if !ok || len(fields) != 4 || strings.Join(fields[:2], " ") != space {
		return false, false
	}
	start, runs := processStart(fields[2])
	return true, runs && start == fields[3]
}
