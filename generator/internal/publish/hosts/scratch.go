package hosts

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"minxi/generator/internal/publish"
)

// A scratch is a temporary folder of a host that keeps its stage on this machine.
// It lasts no longer than the process: what a killed process left behind goes when
// the next one makes a folder of the same kind.
type scratch struct {
	dir  string
	lock *flock.Flock // held as long as the process lives, and no longer
}

const scratchLock = "lock"

func newScratch(kind string) (*scratch, error) {
	prefix := "minxi-" + kind + "-"
	sweep(filepath.Join(os.TempDir(), prefix+"*"))
	for {
		dir, err := os.MkdirTemp("", prefix+"*")
		if err != nil {
			return nil, err
		}
		lock := flock.New(filepath.Join(dir, scratchLock))
		got, err := lock.TryLock()
		if got {
			if _, err = os.Lstat(lock.Path()); err == nil {
				return &scratch{dir, lock}, nil
			}
		}
		// Another process took the folder for one that was left behind.
		if err := errors.Join(lock.Close(), os.RemoveAll(dir)); err != nil {
			return nil, err
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
}

// holdLock holds a lock of the operating system in a file, which ends with the process. The
// error is a publish.BusyError if another has it.
func holdLock(file string) (unlock func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(file)
	got, err := lock.TryLock()
	if err == nil && !got {
		err = &publish.BusyError{}
	}
	return lock.Unlock, err
}

// sweep removes the folders that no living process holds.
func sweep(pattern string) {
	dirs, _ := filepath.Glob(pattern)
	for _, dir := range dirs {
		// Without O_CREATE nothing is made in folders that are not ours.
		lock := flock.New(filepath.Join(dir, scratchLock), flock.SetFlag(os.O_RDWR))
		got, err := lock.TryLock()
		switch {
		case got:
			_ = os.RemoveAll(dir)
		case errors.Is(err, fs.ErrNotExist):
			_ = os.Remove(dir) // fails if it is not empty
		}
		_ = lock.Close()
	}
}

func (s *scratch) path(name string) string { return filepath.Join(s.dir, name) }

// temporary makes a file that goes when it is closed, or with the folder where the
// system keeps files that are open.
func (s *scratch) temporary() (*os.File, error) {
	f, err := os.CreateTemp(s.dir, "spool-*")
	if err == nil {
		os.Remove(f.Name())
	}
	return f, err
}

// probe reports why nothing can be written to the folder, if that is so.
func (s *scratch) probe() error {
	f, err := s.temporary()
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 64<<10))
	return errors.Join(err, f.Close())
}

func (s *scratch) close() error {
	return errors.Join(os.RemoveAll(s.dir), s.lock.Close())
}
