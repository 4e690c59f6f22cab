package hosttest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"sync"

	"minxi/generator/internal/publish"
)

// An Edit is a host with changes to it, so that tests can say of both kinds what they
// want: a Store has a change when the call returns, a Deployer when Settle has deployed
// all of them.
type Edit struct {
	publish.Host

	mu      sync.Mutex
	puts    map[string]publish.Placed
	drops   map[string]bool
	release publish.Release
}

// NewEdit begins to edit a host.
func NewEdit(h publish.Host) *Edit {
	e := &Edit{Host: h}
	e.Discard()
	return e
}

// Close closes the host. With no error to return an Edit is no publish.Host, so that
// nobody publishes to it by mistake.
func (e *Edit) Close() { _ = e.Host.Close() }

// Atomic reports whether changes show when they are settled, and not before.
func (e *Edit) Atomic() bool { _, is := e.Host.(publish.Deployer); return is }

// Discard drops what was not settled.
func (e *Edit) Discard() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.puts, e.drops = map[string]publish.Placed{}, map[string]bool{}
	e.changed()
}

// changed makes the next deployment a new one. e.mu is held.
func (e *Edit) changed() {
	var id [16]byte
	_, _ = rand.Read(id[:])
	e.release = publish.Release{ID: hex.EncodeToString(id[:8]), Tree: hex.EncodeToString(id[8:])}
}

func (e *Edit) note(name string, p *publish.Placed) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.puts, name)
	delete(e.drops, name)
	if p == nil {
		e.drops[name] = true
	} else {
		e.puts[name] = *p
	}
	e.changed()
}

// Put puts a file. What the host says that it cannot hold is refused, as publishing does.
func (e *Edit) Put(ctx context.Context, f publish.File, body publish.Body) error {
	if s, ok := e.Host.(publish.Store); ok {
		return s.Put(ctx, f, body)
	}
	if takes := e.Traits().Limits.Takes; takes != nil {
		if err := takes(f.Path); err != nil {
			return err
		}
	}
	e.note(f.Path, &publish.Placed{File: f, Open: body})
	return ctx.Err()
}

// PutText puts a text and shows it.
func (e *Edit) PutText(ctx context.Context, name, text string) error {
	f, body := file(name, []byte(text), publish.Header{"Content-Type": "text/plain; charset=utf-8"})
	if err := e.Put(ctx, f, body); err != nil {
		return err
	}
	return e.Settle(ctx)
}

// Text is what a file holds.
func (e *Edit) Text(name string) (string, error) { return get(e.Host, name) }

func (e *Edit) Delete(ctx context.Context, name string) error {
	if s, ok := e.Host.(publish.Store); ok {
		return s.Delete(ctx, name)
	}
	e.note(name, nil)
	return ctx.Err()
}

// Copies reports whether the host copies by itself.
func (e *Edit) Copies() bool { _, is := e.Host.(publish.Copier); return is || e.Atomic() }

// Copy has a file hold the bytes of one that is live.
func (e *Edit) Copy(ctx context.Context, from string, to publish.File) error {
	if c, ok := e.Host.(publish.Copier); ok {
		return c.Copy(ctx, from, to)
	}
	e.note(to.Path, &publish.Placed{File: to, Live: from})
	return ctx.Err()
}

// Settle has readers be served all changes. After an error it may be called again.
func (e *Edit) Settle(ctx context.Context) error {
	if f, ok := e.Host.(publish.Flusher); ok {
		return f.Flush(ctx)
	}
	d, ok := e.Host.(publish.Deployer)
	if !ok {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.puts)+len(e.drops) == 0 {
		return ctx.Err()
	}
	added, changed, removed := 0, 0, 0
	for name := range e.puts {
		if _, err := d.Stat(ctx, name); err == nil {
			changed++
		} else {
			added++
		}
	}
	for name := range e.drops {
		if _, err := d.Stat(ctx, name); err == nil {
			removed++
		}
	}
	err := d.Deploy(ctx, publish.Deployment{Release: e.release, Added: added, Changed: changed, Removed: removed,
		Puts: func(yield func(publish.Placed, error) bool) {
			for _, name := range slices.Sorted(maps.Keys(e.puts)) {
				if !yield(e.puts[name], nil) {
					return
				}
			}
		},
		Drops: func(yield func(string, error) bool) {
			for _, name := range slices.Sorted(maps.Keys(e.drops)) {
				if !yield(name, nil) {
					return
				}
			}
		},
	})
	if err == nil {
		e.puts, e.drops = map[string]publish.Placed{}, map[string]bool{}
		e.changed()
	}
	return err
}

// Lock is that of a Deployer.
func (e *Edit) Lock(ctx context.Context, holder string) (context.Context, func() error, error) {
	return e.Host.(publish.Deployer).Lock(ctx, holder)
}
