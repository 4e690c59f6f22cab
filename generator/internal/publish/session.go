package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"minxi/generator/internal/diag"
)

// A session is the work on one host: it tries again, counts, and does things side
// by side, so that the protocol reads as what it does.
type session struct {
	Host
	store  Store // the same, if it is one
	o      Options
	traits Traits

	mu       sync.Mutex
	requests map[string]int
	sent     atomic.Int64 // bytes of what was put
}

func newSession(h Host, o Options) *session {
	if o.Tries == 0 {
		o.Tries = 3
	}
	if o.Backoff == 0 {
		o.Backoff = 500 * time.Millisecond
	}
	traits := h.Traits()
	if o.Concurrency == 0 {
		o.Concurrency = traits.Concurrency
	}
	if o.Concurrency == 0 {
		o.Concurrency = 8
	}
	store, _ := h.(Store)
	return &session{Host: h, store: store, o: o, traits: traits, requests: map[string]int{}}
}

// listen counts and logs the steps that the host takes under the context.
func (s *session) listen(ctx context.Context) context.Context {
	if s.o.Notice != nil {
		ctx = context.WithValue(ctx, sayKey{}, s.o.Notice)
	}
	return WithSteps(ctx, func(op, on string) error {
		s.mu.Lock()
		s.requests[op]++
		s.mu.Unlock()
		if s.o.Log != nil {
			s.o.Log(op, on)
		}
		return nil
	})
}

// try calls f until it succeeds, fails for good, or has been tried often enough.
func (s *session) try(ctx context.Context, what, name string, f func() error) error {
	pause := s.o.Backoff
	for attempt := 1; ; attempt++ {
		err := f()
		if err == nil {
			return nil
		}
		if attempt >= s.o.Tries || !worthRetrying(ctx, err) {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return &triedError{what, name, err}
		}
		if s.o.Log != nil {
			s.o.Log("again", fmt.Sprintf("%s %s: %v", what, name, err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause *= 4
	}
}

// attempt is try of what gives something.
func attempt[T any](ctx context.Context, s *session, what, name string, f func() (T, error)) (v T, err error) {
	err = s.try(ctx, what, name, func() error {
		v, err = f()
		return err
	})
	return v, err
}

// A triedError says what the protocol wanted of the host.
type triedError struct {
	what, name string
	err        error
}

func (e *triedError) Error() string {
	return strings.TrimSpace(e.what+" "+e.name) + ": " + e.err.Error()
}

func (e *triedError) Unwrap() error { return e.err }

func (s *session) put(ctx context.Context, f File, body Body) error {
	return s.try(ctx, "put", f.Path, func() error {
		if err := s.store.Put(ctx, f, body); err != nil {
			return err
		}
		// Counted here, because a host may read a body more than once.
		s.sent.Add(f.Size)
		return nil
	})
}

func (s *session) delete(ctx context.Context, name string) error {
	if !s.traits.fits(name) {
		return nil
	}
	return s.try(ctx, "delete", name, func() error { return s.store.Delete(ctx, name) })
}

func (s *session) list(ctx context.Context, dir string) ([]string, error) {
	return attempt(ctx, s, "list", dir, func() ([]string, error) { return s.Host.List(ctx, dir) })
}

func (s *session) flush(ctx context.Context) error {
	f, ok := s.Host.(Flusher)
	if !ok {
		return nil
	}
	return s.try(ctx, "flush", "", func() error { return f.Flush(ctx) })
}

// putData puts a small file of the protocol's own.
func (s *session) putData(ctx context.Context, name string, data []byte) error {
	sum := sha256.Sum256(data)
	return s.put(ctx, File{Path: name, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Header: keptHeader},
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
}

// enter puts a manifest under a name, for good.
func (s *session) enter(ctx context.Context, name string, m *Manifest) error {
	f, body, err := m.place(name)
	if err == nil {
		err = s.put(ctx, f, body)
	}
	if err != nil {
		return err
	}
	return s.flush(ctx)
}

// read reads what the host holds under a name, once.
func read[T any](ctx context.Context, s *session, name string, f func(io.Reader) (T, error)) (v T, err error) {
	r, err := s.Host.Get(ctx, name)
	if err != nil {
		return v, err
	}
	v, err = f(r)
	return v, errors.Join(err, r.Close())
}

// manifest reads a manifest of the host: nil if there is none, and an error that
// is errDamaged if it is not whole.
func (s *session) manifest(ctx context.Context, name string) (*Manifest, error) {
	m, err := attempt(ctx, s, "get", name, func() (*Manifest, error) {
		m, err := read(ctx, s, name, readManifest)
		if errors.Is(err, errDamaged) {
			err = Final(err)
		}
		return m, err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return m, err
}

// data reads a small file of the protocol's own.
func (s *session) data(ctx context.Context, name string) ([]byte, error) {
	return attempt(ctx, s, "get", name, func() ([]byte, error) {
		return read(ctx, s, name, func(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, 1<<20)) })
	})
}

// difference says how what a host holds differs from what it should: "" if not.
type difference string

const (
	isMissing    difference = "missing"
	otherBytes   difference = "bytes"
	otherHeaders difference = "headers"
	noDifference difference = ""
)

// look compares what the host holds with what it should, reading it if the host
// cannot tell otherwise or if asked to.
func (s *session) look(ctx context.Context, f File, read bool) (difference, error) {
	return attempt(ctx, s, "look at", f.Path, func() (difference, error) { return s.lookOnce(ctx, f, read) })
}

func (s *session) lookOnce(ctx context.Context, f File, read bool) (difference, error) {
	if !s.traits.fits(f.Path) {
		return isMissing, nil
	}
	if !s.traits.Headers {
		// All that there is to know is in the bytes.
		return s.readOnce(ctx, f)
	}
	st, err := s.Host.Stat(ctx, f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return isMissing, nil
	case err != nil:
		return "", err
	case st.Size != f.Size, st.SHA256 != "" && st.SHA256 != f.SHA256:
		return otherBytes, nil
	}
	if st.SHA256 == "" || read {
		if d, err := s.readOnce(ctx, f); err != nil || d != noDifference {
			return d, err
		}
	}
	for name, want := range s.traits.kept(f.Header) {
		if st.Header[name] != want {
			return otherHeaders, nil
		}
	}
	if st.Header["Content-Encoding"] != f.Header["Content-Encoding"] {
		return otherHeaders, nil
	}
	return noDifference, nil
}

// sum reads up to so many bytes of a file.
func (s *session) sum(ctx context.Context, name string, most int64) (n int64, sha string, err error) {
	sum := sha256.New()
	n, err = read(ctx, s, name, func(r io.Reader) (int64, error) { return io.Copy(sum, io.LimitReader(r, most)) })
	return n, hex.EncodeToString(sum.Sum(nil)), err
}

// readOnce compares the bytes, and stops where there are too many.
func (s *session) readOnce(ctx context.Context, f File) (difference, error) {
	switch _, sha, err := s.sum(ctx, f.Path, f.Size+1); {
	case errors.Is(err, fs.ErrNotExist):
		return isMissing, nil
	case err == nil && sha != f.SHA256:
		return otherBytes, nil
	default:
		return noDifference, err
	}
}

// stands is what the host holds under the name of f: fs.ErrNotExist if nothing.
func (s *session) stands(ctx context.Context, f File) (File, error) {
	// Most often there is nothing, which this tells at the least cost.
	st, err := s.Host.Stat(ctx, f.Path)
	if err != nil {
		return File{}, err
	}
	if s.traits.Headers {
		f.Header = st.Header
	}
	f.Size, f.SHA256, err = s.sum(ctx, f.Path, math.MaxInt64)
	return f, err
}

// stat tells of a file without reading it.
func (s *session) stat(ctx context.Context, name string) (Stat, error) {
	return attempt(ctx, s, "look at", name, func() (Stat, error) { return s.Host.Stat(ctx, name) })
}

// holds reports whether the host holds a file already that a publish before may have
// brought. Its size comes first, which costs far less than to read it.
func (s *session) holds(ctx context.Context, f File) (bool, error) {
	if !s.traits.Headers && s.traits.fits(f.Path) {
		st, err := s.stat(ctx, f.Path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && st.Size >= 0 && st.Size != f.Size {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	d, err := s.look(ctx, f, false)
	return d == noDifference, err
}

// copy makes to hold what from holds, on the host where that can be.
func (s *session) copy(ctx context.Context, from string, to File) error {
	if c, ok := s.Host.(Copier); ok {
		err := s.try(ctx, "copy", from, func() error { return c.Copy(ctx, from, to) })
		if !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	return s.put(ctx, to, func() (io.ReadCloser, error) {
		r, err := s.Host.Get(ctx, from)
		if err != nil {
			return nil, err
		}
		return &provenBody{ReadCloser: r, sum: sha256.New(), want: to.SHA256}, nil
	})
}

// errOtherBytes says that a file of the host is not what the manifest says.
var errOtherBytes = Final(diag.Diagnostic{Check: "publish", Fact: diag.Text("主机上保存的内容与清单不符", "the host holds other bytes than its manifest says")})

// provenBody fails at its end if the bytes were not the ones expected.
type provenBody struct {
	io.ReadCloser
	sum interface {
		io.Writer
		Sum([]byte) []byte
	}
	want string
}

func (b *provenBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.sum.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(b.sum.Sum(nil)) != b.want {
		return n, errOtherBytes
	}
	return n, err
}

// each calls f for every record, several at once, and stops at the first error.
func each[T any](ctx context.Context, s *session, what string, total int, all iter.Seq2[T, error], f func(context.Context, T) error) error {
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(s.o.Concurrency)
	done := atomic.Int64{}
	var failed error
	for v, err := range all {
		if err != nil {
			failed = err
			break
		}
		if working.Err() != nil {
			break
		}
		group.Go(func() error {
			if err := f(working, v); err != nil {
				return err
			}
			if n := done.Add(1); s.o.Progress != nil {
				s.o.Progress(what, int(n), total)
			}
			return nil
		})
	}
	if err := errors.Join(failed, group.Wait()); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// gather collects what f finds of the records that it looks at, several at once, in
// any order.
func gather[T, R any](ctx context.Context, s *session, what string, total int, all iter.Seq2[T, error], f func(context.Context, T) (R, bool, error)) (found []R, err error) {
	var mu sync.Mutex
	err = each(ctx, s, what, total, all, func(ctx context.Context, v T) error {
		r, is, err := f(ctx, v)
		if is && err == nil {
			mu.Lock()
			defer mu.Unlock()
			found = append(found, r)
		}
		return err
	})
	return found, err
}

// tickets are a lock's files in a folder of a host.
type tickets struct {
	s   *session
	dir string
}

func (t tickets) Put(ctx context.Context, name string, data []byte) error {
	if err := t.s.putData(ctx, path.Join(t.dir, name), data); err != nil {
		return err
	}
	return t.s.flush(ctx)
}

func (t tickets) Get(ctx context.Context, name string) ([]byte, error) {
	return t.s.data(ctx, path.Join(t.dir, name))
}

func (t tickets) List(ctx context.Context) ([]string, error) {
	names, err := t.s.list(ctx, t.dir)
	for i := range names {
		names[i] = path.Base(names[i])
	}
	return names, err
}

// Delete also comes after errors, when what has been gathered must not be sent along
// and may be what cannot be sent.
func (t tickets) Delete(ctx context.Context, name string) error {
	if f, ok := t.s.Host.(Flusher); ok {
		if err := f.Discard(ctx); err != nil {
			return err
		}
	}
	if err := t.s.delete(ctx, path.Join(t.dir, name)); err != nil {
		return err
	}
	return t.s.flush(ctx)
}

// lock keeps other publishers out until unlock is called.
func (s *session) lock(ctx context.Context) (held context.Context, unlock func() error, err error) {
	if l, ok := s.Host.(Deployer); ok {
		return l.Lock(ctx, s.o.Holder)
	}
	return lockByTickets(ctx, tickets{s, lockDir}, s.o.Holder)
}

// LockIn keeps publishers apart with nothing but files in a folder of a store: it is
// the lock of every store, and of a deployer that has a folder beside the site.
func LockIn(ctx context.Context, store Store, dir, holder string) (held context.Context, unlock func() error, err error) {
	return lockByTickets(ctx, tickets{newSession(store, Options{}), dir}, holder)
}
