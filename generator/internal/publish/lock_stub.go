package publish

import (
	"context"
	"crypto/rand"
	"errors"
)

// A TicketStore is a folder of small files that several publishers share.
type TicketStore interface {
	Put(ctx context.Context, name string, data []byte) error
	Get(ctx context.Context, name string) ([]byte, error)
	List(ctx context.Context) ([]string, error)
	Delete(ctx context.Context, name string) error
}

// LockByTickets is replaced by the protocol's own.
func LockByTickets(ctx context.Context, store TicketStore, holder string) (lost context.Context, unlock func() error, err error) {
	mine := rand.Text() + ".json"
	if err := store.Put(ctx, mine, []byte(holder)); err != nil {
		return nil, nil, err
	}
	names, err := store.List(ctx)
	if err == nil && len(names) > 1 {
		err = &BusyError{}
	}
	unlock = func() error { return store.Delete(context.WithoutCancel(ctx), mine) }
	if err != nil {
		return nil, nil, errors.Join(err, unlock())
	}
	return ctx, unlock, nil
}
