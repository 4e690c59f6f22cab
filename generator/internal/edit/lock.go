package edit

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"minxi/generator/internal/diag"
)

// folderLock keeps those apart who write one project folder. There are two locks, one
// inside the other. The system's keeps apart the programs of one machine, and of
// several where a network folder passes it on; it is given back when a program dies.
// The lock file keeps apart machines whose network folder knows no locks. It has an
// expiry: one that has not changed for a while, by the clock of whoever waits, is that
// of a machine that is gone. No clocks of different machines are compared.
type folderLock struct {
	disk   disk
	system *flock.Flock
	token  ticket
	wrote  time.Time
}

// ticket is what stands in the lock file.
type ticket struct {
	Machine string `json:"machine"`
	Who     string `json:"who"`
	Token   string `json:"token"`
	Beat    int    `json:"beat"`
}

const lockFile = journalDir + "/lock.json"

// How long a lock file that does not change is respected, how often its holder changes
// it, and how long anybody waits for it.
var (
	lockExpiry = 20 * time.Second
	lockBeat   = 5 * time.Second
	lockWait   = 45 * time.Second
	lockLook   = 20 * time.Millisecond
)

func newLock(root string, d disk, who string) *folderLock {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	return &folderLock{disk: d, system: flock.New(filepath.Join(root, journalDir, "lock")),
		token: ticket{Machine: machine(), Who: who, Token: hex.EncodeToString(id[:])}}
}

// take waits for both locks. unlock gives them back.
func (l *folderLock) take(ctx context.Context) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	if err := l.disk.MkdirAll(journalDir, 0o755); err != nil {
		return nil, err
	}
	if info, err := l.disk.Lstat(journalDir); err != nil || !info.IsDir() {
		return nil, errors.Join(err, diag.Diagnostic{Pos: diag.Pos{File: journalDir}, Check: "edit",
			Fact: diag.Text("这不是文件夹", "this is no folder"), Hint: diag.Text("请删去它或改名。", "Remove it, or give it another name.")})
	}
	if _, err := l.system.TryLockContext(ctx, lockLook); err != nil && ctx.Err() != nil {
		return nil, l.busy(ctx, "")
	} // other errors: a folder that knows no locks has the file alone
	if err := l.claim(ctx); err != nil {
		return nil, errors.Join(err, l.system.Unlock())
	}
	return func() {
		if l.ours() {
			_ = l.disk.Remove(lockFile)
		}
		_ = l.system.Unlock()
	}, nil
}

// claim makes the lock file.
func (l *folderLock) claim(ctx context.Context) error {
	var seen string
	var since time.Time
	for {
		l.token.Beat = 0
		err := l.disk.Create(lockFile, l.text(), 0o644)
		if err == nil {
			l.wrote = time.Now()
			return nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		held, err := l.disk.ReadFile(lockFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var other ticket
		_ = json.Unmarshal(held, &other)
		if string(held) != seen {
			seen, since = string(held), time.Now()
		}
		// A program of this machine that lives holds the system's lock, which we have.
		dead := other.Machine == l.token.Machine && l.system.Locked()
		if dead || time.Since(since) > lockExpiry {
			l.clear(seen)
			continue
		}
		select {
		case <-ctx.Done():
			return l.busy(ctx, cmp.Or(other.Who, other.Machine))
		case <-time.After(lockLook):
		}
	}
}

// clear takes away a lock whose holder is gone, and what it left half written. If
// another did so first and holds a new one, that one notices, before it writes, that it
// has lost it.
func (l *folderLock) clear(seen string) {
	aside := journalDir + "/lock." + l.token.Token
	if l.disk.Rename(lockFile, aside) != nil {
		return
	}
	mine, err := l.disk.ReadFile(aside)
	_ = l.disk.Remove(aside)
	if err == nil && string(mine) == seen {
		l.sweep(dir)
	}
}

// sweep removes files that were written beside others and never took their place.
func (l *folderLock) sweep(folder string) {
	entries, err := l.disk.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		switch name := path.Join(folder, e.Name()); {
		case e.IsDir():
			l.sweep(name)
		case strings.HasPrefix(e.Name(), tmpPrefix) && strings.HasSuffix(e.Name(), tmpSuffix):
			_ = l.disk.Remove(name)
		}
	}
}

func (l *folderLock) text() []byte {
	data, _ := json.Marshal(l.token) // texts and a number
	return data
}

func (l *folderLock) ours() bool {
	held, err := l.disk.ReadFile(lockFile)
	var t ticket
	return err == nil && json.Unmarshal(held, &t) == nil && t.Token == l.token.Token
}

// held says whether the lock is still ours, and keeps it so. It is asked before each
// file that takes the place of another.
func (l *folderLock) held() error {
	if !l.ours() {
		return diag.Diagnostic{Check: "edit",
			Fact: diag.Text("保存用了太久，另一台机器接着写了", "saving took so long that another machine went on"),
			Hint: diag.Text("请重新打开这一页，再保存一次。", "Open the page again, and save once more.")}
	}
	if time.Since(l.wrote) < lockBeat {
		return nil
	}
	l.token.Beat++
	next := journalDir + "/lock." + l.token.Token
	if err := l.disk.Create(next, l.text(), 0o644); err != nil {
		return err
	}
	l.wrote = time.Now()
	return l.disk.Rename(next, lockFile)
}

func (l *folderLock) busy(ctx context.Context, who string) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	who = cmp.Or(who, "?")
	return diag.Diagnostic{Pos: diag.Pos{File: lockFile}, Check: "edit",
		Fact: diag.Text("别人正在保存（%[1]s），等了 %[2]v", "somebody else is saving (%[1]s); waited %[2]v", who, lockWait),
		Hint: diag.Text("请过一会儿再保存。", "Save again in a while.")}
}
