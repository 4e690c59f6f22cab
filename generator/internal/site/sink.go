package site

import (
	"bytes"
	"hash/maphash"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/spf13/afero"

	"minxi/generator/internal/diag"
)

// sink is the file system that Hugo writes to. It keeps no file: when one is
// closed, its bytes go to a worker, so that pages are minified and written
// while Hugo renders the next ones. The queue is short, which holds Hugo back
// when the workers cannot keep up and bounds the memory.
type sink struct {
	afero.Fs // whatever Hugo asks about the output, it finds nothing there

	emit     func(string, []byte) error
	jobs     chan job
	seed     maphash.Seed
	workers  sync.WaitGroup
	count    atomic.Int64
	lastName atomic.Value

	mu    sync.Mutex
	seen  map[string]uint64 // a hash of what was written under each name
	found diag.List
	err   error
	done  bool
}

// A job's bytes are the worker's until the page is passed on; the next page has their
// room then.
type job struct {
	name string
	data *bytes.Buffer
}

var rooms = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func newSink(emit func(string, []byte) error) *sink {
	s := &sink{
		Fs:   afero.NewReadOnlyFs(afero.NewMemMapFs()),
		emit: emit,
		jobs: make(chan job, 16),
		seen: map[string]uint64{},
		seed: maphash.MakeSeed(),
	}
	for range runtime.GOMAXPROCS(0) {
		s.workers.Add(1)
		go s.work()
	}
	return s
}

func (s *sink) work() {
	defer s.workers.Done()
	for j := range s.jobs {
		if err := s.emit(j.name, j.data.Bytes()); err != nil {
			s.mu.Lock()
			switch list := diag.From(err); {
			case len(list) > 0 && list[0].File != "":
				s.found = append(s.found, list...)
			case s.err == nil:
				s.err = err
			}
			s.mu.Unlock()
		}
		j.data.Reset()
		rooms.Put(j.data)
		s.lastName.Store(j.name)
		s.count.Add(1)
	}
}

// file takes a closed file. Hugo writes an asset once for each language, with
// the same bytes; two different files of one name would mean that a page was
// silently lost.
func (s *sink) file(name string, data *bytes.Buffer) {
	name = slashed(name)
	sum := maphash.Bytes(s.seed, data.Bytes())
	s.mu.Lock()
	first, twice := s.seen[name]
	if twice && first != sum {
		s.found = append(s.found, diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "address",
			Fact: diag.Text("有两个页面占用同一网址", "two pages claim this address"),
			Hint: diag.Text("请改掉其中一个文件的名称或所在的文件夹。", "Change the name or folder of one of their files.")})
	}
	s.seen[name] = sum
	if !twice && !s.done {
		s.mu.Unlock()
		s.jobs <- job{name, data}
		return
	}
	s.mu.Unlock()
}

func (s *sink) last() string {
	name, _ := s.lastName.Load().(string)
	return name
}

// finish waits for the workers. After a stall Hugo may still be writing: then
// the workers are left to drain into nothing.
func (s *sink) finish(stalled bool) error {
	s.mu.Lock()
	s.done = true
	s.mu.Unlock()
	if stalled {
		return nil
	}
	close(s.jobs)
	s.workers.Wait()
	if len(s.found) > 0 {
		return s.found.Sort()
	}
	return s.err
}

// The part of afero.Fs that Hugo uses to write.

func (s *sink) Create(name string) (afero.File, error) {
	return &sinkFile{sink: s, name: name, buf: rooms.Get().(*bytes.Buffer)}, nil
}

func (s *sink) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	if flag&(os.O_WRONLY|os.O_RDWR) != 0 {
		return s.Create(name)
	}
	return s.Fs.OpenFile(name, flag, perm)
}

func (s *sink) Mkdir(string, os.FileMode) error    { return nil }
func (s *sink) MkdirAll(string, os.FileMode) error { return nil }
func (s *sink) Name() string                       { return "sink" }

type sinkFile struct {
	afero.File // nil: Hugo only writes
	sink       *sink
	name       string
	buf        *bytes.Buffer
}

func (f *sinkFile) Name() string                      { return f.name }
func (f *sinkFile) Write(p []byte) (int, error)       { return f.buf.Write(p) }
func (f *sinkFile) WriteString(p string) (int, error) { return f.buf.WriteString(p) }
func (f *sinkFile) Sync() error                       { return nil }
func (f *sinkFile) Truncate(int64) error              { f.buf.Reset(); return nil }
func (f *sinkFile) Seek(int64, int) (int64, error)    { return 0, nil }
func (f *sinkFile) Close() error {
	f.sink.file(f.name, f.buf)
	return nil
}
