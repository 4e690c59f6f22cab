package preview

import (
	"context"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watched are the parts of the project that decide what the site looks like.
var watched = []string{"content", "themes", "static", "layouts", "i18n", "assets", "seeds"}

// settle is how long after a save another one counts as the same: editors write
// a file in several steps.
const settle = 10 * time.Millisecond

// pollEvery is how often folders are looked at that send no events.
var pollEvery = 2 * time.Second

// sendsNone reports whether the system tells nothing of what others save in a folder,
// as on a network share. A variable for tests.
var sendsNone = remote

// watch calls saved after each burst of saves, until ctx ends.
func watch(ctx context.Context, dir string, saved func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	// The folder itself is watched for hugo.toml, which editors replace.
	if err := w.Add(dir); err != nil {
		w.Close()
		return err
	}
	deaf := sendsNone(dir)
	add := func(root string) {
		_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && w.Add(name) != nil {
				// Gone meanwhile, or the system watches no more folders.
				if _, err := os.Stat(name); err == nil {
					deaf = true
				}
			}
			return nil
		})
	}
	for _, name := range watched {
		root := filepath.Join(dir, name)
		add(root)
		deaf = deaf || sendsNone(root)
	}
	go func() {
		defer w.Close()
		timer := time.NewTimer(time.Hour)
		timer.Stop()
		look := time.NewTicker(pollEvery)
		defer look.Stop()
		var seen uint64
		if deaf {
			seen = snapshot(dir)
		}
		for {
			select {
			case <-ctx.Done():
				return
			case e, ok := <-w.Events:
				if !ok {
					return
				}
				if !matters(dir, e) {
					continue
				}
				if info, err := os.Stat(e.Name); err == nil && info.IsDir() && e.Has(fsnotify.Create) {
					add(e.Name)
				}
				timer.Reset(settle)
			case _, ok := <-w.Errors:
				if !ok {
					return
				}
				timer.Reset(settle) // an overflow: something was saved, nobody knows what
			case <-look.C:
				if !deaf {
					continue
				}
				if now := snapshot(dir); now != seen {
					seen = now
					saved()
				}
			case <-timer.C:
				if deaf {
					seen = snapshot(dir)
				}
				saved()
			}
		}
	}()
	return nil
}

// snapshot is a hash of the names, sizes and times of everything that is watched.
func snapshot(dir string) uint64 {
	sum := fnv.New64a()
	note := func(name string, info fs.FileInfo) {
		if info.IsDir() || beside(info.Name()) {
			return
		}
		var b [16]byte
		for i := range 8 {
			b[i], b[8+i] = byte(info.Size()>>(8*i)), byte(info.ModTime().UnixNano()>>(8*i))
		}
		sum.Write([]byte(name))
		sum.Write(b[:])
	}
	for _, name := range append([]string{configName}, watched...) {
		_ = filepath.WalkDir(filepath.Join(dir, name), func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // gone meanwhile: it is not in the sum
			}
			if info, err := d.Info(); err == nil {
				note(name, info)
			}
			return nil
		})
	}
	return sum.Sum64()
}

const configName = "hugo.toml"

// beside reports whether a file is what editors leave beside the one they save.
func beside(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") || strings.HasSuffix(base, "~") || strings.HasSuffix(base, ".swp") || base == "4913"
}

// matters leaves out what editors and builds do beside saving.
func matters(dir string, e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	base := filepath.Base(e.Name)
	if beside(base) {
		return false
	}
	if filepath.Dir(e.Name) != dir || base == configName {
		return true
	}
	for _, name := range watched {
		if base == name {
			return true
		}
	}
	return false
}
