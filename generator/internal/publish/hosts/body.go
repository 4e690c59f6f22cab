package hosts

// What all hosts do with the bytes of a file.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"io/fs"
	"sync"

	"minxi/generator/internal/publish"
)

// contextReader stops reading when its context ends.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// stopping is what a contextReader reads, and how that is closed.
type stopping struct {
	contextReader
	io.Closer
}

// A fileBody gives the bytes of a file on their way to a host. It keeps the last of
// them back until all are known to be those that were announced, in number and by
// their SHA-256, so that what is sent of others is never whole.
type fileBody struct {
	ctx  context.Context
	in   io.ReadCloser
	f    publish.File
	stop func() bool

	mu   sync.Mutex // a transport may go on reading after its request has ended
	left int64
	sum  hash.Hash
	err  error
}

// openFile opens the bytes of a file. Reading them ends with ctx, also where it waits.
func openFile(ctx context.Context, f publish.File, body publish.Body) (*fileBody, error) {
	in, err := body()
	if err != nil {
		return nil, err
	}
	b := &fileBody{ctx: ctx, in: in, f: f, left: f.Size, sum: sha256.New()}
	b.stop = context.AfterFunc(ctx, func() { in.Close() })
	if f.Size == 0 { // an empty body is never read
		if err := b.end(); err != nil {
			b.Close()
			return nil, err
		}
	}
	return b, nil
}

func (b *fileBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.err != nil:
		return 0, b.err
	case b.ctx.Err() != nil:
		return 0, b.ctx.Err()
	case b.left == 0:
		return 0, io.EOF
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	b.sum.Write(p[:n])
	b.left -= int64(n)
	switch {
	case b.left == 0:
		if b.err = b.end(); b.err != nil {
			return 0, b.err
		}
	case err == io.EOF:
		b.err = otherSize(b.f.Path, b.f.Size)
	case err != nil:
		b.err = err
	}
	return n, b.err
}

// end looks for what must not come after the last byte, and at the sum.
func (b *fileBody) end() error {
	switch n, err := io.CopyN(io.Discard, b.in, 1); {
	case n > 0:
		return otherSize(b.f.Path, b.f.Size)
	case err != io.EOF:
		return err
	}
	if got := hex.EncodeToString(b.sum.Sum(nil)); b.f.SHA256 != "" && got != b.f.SHA256 {
		return publish.Final(tell("%s 在发布途中变了，请等构建完成再发布", "%s has changed since it was listed: it has other bytes", b.f.Path))
	}
	return nil
}

// Close ends reading, and gives what was wrong with the bytes.
func (b *fileBody) Close() error {
	b.stop()
	b.in.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.err
	if b.err == nil {
		b.err = fs.ErrClosed
	}
	if err == fs.ErrClosed || b.ctx.Err() != nil {
		return nil
	}
	return err
}

// copyBody writes the bytes of a file.
func copyBody(ctx context.Context, out io.Writer, f publish.File, body publish.Body) error {
	in, err := openFile(ctx, f, body)
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err = io.Copy(out, in); ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
