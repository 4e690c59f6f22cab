package hosts

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// open opens a host of a kind for a test, with its defaults filled in.
func open(t testing.TB, kind string, options map[string]string) publish.Host {
	t.Helper()
	h, err := Open(context.Background(), kind, Values{Options: options})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// edit opens a host to change it.
func edit(t testing.TB, kind string, options map[string]string) *hosttest.Edit {
	t.Helper()
	return hosttest.NewEdit(open(t, kind, options))
}

func editOf(t testing.TB, p hosttest.Place) *hosttest.Edit {
	t.Helper()
	return hosttest.NewEdit(p.Open(t))
}

// stage has a text be put, which a store shows at once and a deployer when it settles.
func stage(t testing.TB, h *hosttest.Edit, name, text string) {
	t.Helper()
	f, body := bytesFile(name, []byte(text))
	if err := h.Put(context.Background(), f, body); err != nil {
		t.Fatalf("Put %s: %v", name, err)
	}
}

func settle(t testing.TB, h *hosttest.Edit) {
	t.Helper()
	if err := h.Settle(context.Background()); err != nil {
		t.Fatalf("Settle: %v", err)
	}
}

func TestFolder(t *testing.T) {
	hosttest.Contract(t, folderBench)
}

var folderBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
	dir := t.TempDir()
	options := map[string]string{"path": dir}
	return hosttest.Place{Kind: "folder", Options: options, Disk: dir,
		Open: func(t testing.TB) publish.Host { return open(t, "folder", options) },
		Read: func(name string) ([]byte, publish.Header, error) {
			data, err := os.ReadFile(filepath.Join(dir, "current", filepath.FromSlash(name)))
			return data, nil, err
		},
	}
}}
