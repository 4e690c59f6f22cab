package preview

import (
	"context"
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
const settle = 40 * time.Millisecond

// watch sends once after each burst of saves, until ctx ends.
func watch(ctx context.Context, dir string) (<-chan struct{}, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	// The folder itself is watched for hugo.toml, which editors replace.
	if err := w.Add(dir); err != nil {
		w.Close()
		return nil, err
	}
	add := func(root string) {
		_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				_ = w.Add(name) // a folder that vanished meanwhile needs no watch
			}
			return nil
		})
	}
	for _, name := range watched {
		add(filepath.Join(dir, name))
	}
	saves := make(chan struct{}, 1)
	go func() {
		defer close(saves)
		defer w.Close()
		timer := time.NewTimer(time.Hour)
		timer.Stop()
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
			case <-timer.C:
				select {
				case saves <- struct{}{}:
				default: // a build is already due
				}
			}
		}
	}()
	return saves, nil
}

// matters leaves out what editors and builds do beside saving.
func matters(dir string, e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	base := filepath.Base(e.Name)
	if strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") || strings.HasSuffix(base, ".swp") || base == "4913" {
		return false
	}
	if filepath.Dir(e.Name) != dir {
		return true
	}
	if base == "hugo.toml" {
		return true
	}
	for _, name := range watched {
		if base == name {
			return true
		}
	}
	return false
}
