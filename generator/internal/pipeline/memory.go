package pipeline

import "sync"

// Memory is an Output that keeps the tree, for the preview and for tests.
type Memory struct {
	mu    sync.RWMutex
	files map[string][]byte
}

// Write keeps one file.
func (m *Memory) Write(name string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files == nil {
		m.files = map[string][]byte{}
	}
	m.files[name] = data
	return nil
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
