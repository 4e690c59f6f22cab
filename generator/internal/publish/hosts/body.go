package hosts

// What all hosts do with the bytes of a file.

import (
	"context"
	"io"

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

// An exactReader gives as many bytes as it should, or fails at its end: somebody builds
// the site while it is published, say.
type exactReader struct {
	io.ReadCloser
	name       string
	size, left int64
}

func (r *exactReader) Read(p []byte) (int, error) {
	// One byte more than there should be, to see whether there is one.
	n, err := r.ReadCloser.Read(p[:min(int64(len(p)), r.left+1)])
	if r.left -= int64(n); r.left < 0 || err == io.EOF && r.left > 0 {
		return min(n, n+int(r.left)), otherSize(r.name, r.size)
	}
	return n, err
}

// exactBody opens the bytes of a file, which have to be size; reading them ends with ctx.
func exactBody(ctx context.Context, name string, size int64, body publish.Body) (io.ReadCloser, error) {
	in, err := body()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{contextReader{ctx, &exactReader{in, name, size, size}}, in}, nil
}

// copyBody writes the bytes of a file, which have to be size.
func copyBody(ctx context.Context, out io.Writer, name string, size int64, body publish.Body) error {
	in, err := exactBody(ctx, name, size, body)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(out, in)
	return err
}
