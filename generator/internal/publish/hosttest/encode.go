package hosttest

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"github.com/andybalholm/brotli"
)

// Encode compresses data with a content coding.
func Encode(t testing.TB, coding string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "br":
		w = brotli.NewWriter(&b)
	case "gzip":
		w = gzip.NewWriter(&b)
	default:
		t.Fatalf("no coding %q", coding)
	}
	w.Write(data)
	w.Close()
	return b.Bytes()
}

// Decode undoes a content coding, for the Read of a [Place].
func Decode(coding string, data []byte) ([]byte, error) {
	switch coding {
	case "br":
		return io.ReadAll(brotli.NewReader(bytes.NewReader(data)))
	case "gzip":
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}
	return data, nil
}
