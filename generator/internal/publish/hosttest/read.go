package hosttest

// How tests read what was published: as a web server's disk, and as a browser does.

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"minxi/generator/internal/publish"
)

// A Reader is the Read of a [Place].
type Reader = func(name string) (data []byte, header publish.Header, err error)

// ReadDisk reads the files of a folder.
func ReadDisk(dir string) Reader {
	return func(name string) ([]byte, publish.Header, error) {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		return data, nil, err
	}
}

// ReadWeb fetches what is below an address, without credentials.
func ReadWeb(base string) Reader {
	return func(name string) ([]byte, publish.Header, error) {
		u, err := url.Parse(base)
		if err != nil {
			return nil, nil, err
		}
		u = u.JoinPath("/")
		u.Path += name
		u.RawPath = strings.ReplaceAll((&url.URL{Path: u.Path}).EscapedPath(), "+", "%2B") // some stores take + for a space
		req, err := http.NewRequest(http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, nil, err
		}
		req.Header.Set("Accept-Encoding", "gzip, br")
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, nil, err
		}
		defer r.Body.Close()
		data, err := io.ReadAll(r.Body)
		switch {
		case err != nil:
			return nil, nil, err
		case r.StatusCode == http.StatusNotFound:
			return nil, nil, fs.ErrNotExist
		case r.StatusCode != http.StatusOK:
			return nil, nil, errors.New(r.Status)
		}
		header := publish.Header{}
		for name := range r.Header {
			header[name] = r.Header.Get(name)
		}
		data, err = Decode(header["Content-Encoding"], data)
		return data, header, err
	}
}

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

// Decode undoes a content coding.
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
