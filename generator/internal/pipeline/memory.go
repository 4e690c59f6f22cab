package pipeline

import (
	"crypto/sha256"
	"io/fs"
	"sync"
)

// Memory is an Output that keeps the tree, for the preview and for tests.
type Memory struct {
	Before *Memory  // the tree before this one, if it is still there; its files are taken over where they are the same
	First  []string // addresses of pages that somebody waits for
	Ready  func()   // called when they are there, long before the rest; may be nil

	mu    sync.RWMutex
	files map[string][]byte
	sums  map[string][sha256.Size]byte
}

// Waits makes a Memory a Waiter.
func (m *Memory) Waits() (paths []string, ready func()) { return m.First, m.Ready }

// Write keeps one file.
func (m *Memory) Write(name string, data []byte) error {
	m.put(name, data, sha256.Sum256(data))
	return nil
}

func (m *Memory) put(name string, data []byte, sum [sha256.Size]byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files == nil {
		m.files, m.sums = map[string][]byte{}, map[string][sha256.Size]byte{}
	}
	m.files[name], m.sums[name] = data, sum
}

// Keep takes a file over from the tree before.
func (m *Memory) Keep(name string, sum [sha256.Size]byte) (size int64, ok bool) {
	if m.Before == nil {
		return 0, false
	}
	m.Before.mu.RLock()
	data, was := m.Before.files[name], m.Before.sums[name]
	m.Before.mu.RUnlock()
	if was != sum { // of a file that is not there it is zero
		return 0, false
	}
	m.put(name, data, sum)
	return int64(len(data)), true
}

// Differ lists the files that are not the same in both trees, in no order.
func (m *Memory) Differ(before *Memory) (names []string) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if before == nil {
		before = &Memory{}
	}
	before.mu.RLock()
	defer before.mu.RUnlock()
	for name, sum := range m.sums {
		if before.sums[name] != sum {
			names = append(names, name)
		}
	}
	for name := range before.sums {
		if _, has := m.sums[name]; !has {
			names = append(names, name)
		}
	}
	return names
}

// File returns a file by its slash path.
func (m *Memory) File(name string) ([]byte, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	data, ok := m.files[name]
	return data, ok
}

// Files returns every file; the caller must not change it.
func (m *Memory) Files() map[string][]byte {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.files
}

// Read is a file that was written.
func (m *Memory) Read(name string) ([]byte, error) {
	if data, has := m.File(name); has {
		return data, nil
	}
	return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
}
