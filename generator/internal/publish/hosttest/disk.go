package hosttest

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"minxi/generator/internal/publish"
)

// Disk is the plainest ordered host: a folder in which each file begins with a
// line that holds its headers. It shows the protocol without a server, and what
// a host has to do at the least.
type Disk struct{ Dir string }

// DiskBench is a Disk under test.
var DiskBench = Bench{Fresh: func(t testing.TB) Place { return DiskPlace(t.TempDir()) }}

// DiskPlace is the place in a folder.
func DiskPlace(dir string) Place {
	return Place{Kind: "disk", Options: map[string]string{"dir": dir}, Disk: dir,
		Read: func(name string) ([]byte, publish.Header, error) {
			f, header, err := Disk{dir}.open(name)
			if err != nil {
				return nil, nil, err
			}
			defer f.Close()
			data, err := io.ReadAll(f)
			if err == nil {
				data, err = Decode(header["Content-Encoding"], data)
			}
			return data, header, err
		},
	}
}

func (d Disk) file(name string) string { return filepath.Join(d.Dir, filepath.FromSlash(name)) }

func (d Disk) Traits() publish.Traits {
	return publish.Traits{Headers: true, Encodings: []string{"br", "gzip"}, NameMax: publish.MostName - len(".part")}
}

type diskFile struct {
	*bufio.Reader
	io.Closer
}

// open opens a file behind its line of headers.
func (d Disk) open(name string) (io.ReadCloser, publish.Header, error) {
	if info, err := os.Stat(d.file(name)); err != nil || info.IsDir() {
		return nil, nil, fs.ErrNotExist
	}
	f, err := os.Open(d.file(name))
	if err != nil {
		return nil, nil, err
	}
	in := bufio.NewReader(f)
	line, err := in.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		err = fs.ErrNotExist // a half of a file would be a mistake of ours
	}
	var header publish.Header
	if err == nil {
		err = json.Unmarshal(line, &header)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return diskFile{in, f}, header, nil
}

func (d Disk) Stat(ctx context.Context, name string) (publish.Stat, error) {
	if err := publish.Step(ctx, "stat", name); err != nil {
		return publish.Stat{}, err
	}
	f, header, err := d.open(name)
	if err != nil {
		return publish.Stat{}, err
	}
	defer f.Close()
	n, err := io.Copy(io.Discard, f)
	return publish.Stat{Size: n, Header: header}, err
}

func (d Disk) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := publish.Step(ctx, "get", name); err != nil {
		return nil, err
	}
	f, _, err := d.open(name)
	return f, err
}

func (d Disk) Put(ctx context.Context, f publish.File, body publish.Body) error {
	if err := publish.Step(ctx, "put", f.Path); err != nil {
		return err
	}
	in, err := body()
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(d.file(f.Path)), 0o755); err != nil {
		return err
	}
	header, err := json.Marshal(f.Header)
	if err != nil {
		return err
	}
	part := d.file(f.Path) + ".part"
	out, err := os.Create(part)
	if err != nil {
		return err
	}
	_, err = out.Write(append(header, '\n'))
	sum := sha256.New()
	n, copyErr := io.Copy(io.MultiWriter(out, sum), in)
	if err = errors.Join(err, copyErr, out.Close()); err == nil && (n != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256) {
		err = fmt.Errorf("%d other bytes instead of %d", n, f.Size)
	}
	if err == nil {
		err = publish.Step(ctx, "rename", f.Path)
	}
	if err != nil {
		os.Remove(part)
		return err
	}
	return os.Rename(part, d.file(f.Path))
}

func (d Disk) Delete(ctx context.Context, name string) error {
	if err := publish.Step(ctx, "delete", name); err != nil {
		return err
	}
	for _, n := range []string{name, name + ".part"} {
		if err := os.Remove(d.file(n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (d Disk) List(ctx context.Context, dir string) ([]string, error) {
	if err := publish.Step(ctx, "list", dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(d.file(dir))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasSuffix(e.Name(), ".part") {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	return names, err
}

func (d Disk) Close() error { return nil }
