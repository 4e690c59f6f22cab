package hosts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// quietLog is for servers that are meant to fail.
var quietLog = log.New(io.Discard, "", 0)

// objectStore checks what hosts that are object stores have in common.
func objectStore(t *testing.T, bench hosttest.Bench) {
	p := bench.Fresh(t)
	h := editOf(t, p)
	for name, show := range map[string]func(t *testing.T, h *hosttest.Edit){
		"headers":            storeKeepsHeaders,
		"checksum":           storeChecks,
		"cancelled half way": storeCancelled,
		"copies":             storeCopies,
	} {
		t.Run(name, func(t *testing.T) { show(t, h) })
	}
	t.Run("pages of a list", func(t *testing.T) {
		want := []string{}
		for i := range 11 {
			want = append(want, fmt.Sprintf("pages/%02d", i))
			stage(t, h, want[i], "x")
			stage(t, h, fmt.Sprintf("pages/below%d/x", i), "x")
		}
		ctx, heard := steps(t.Context())
		names, err := editBy(t, p.Kind, p.Options, Network{Page: 4}).List(ctx, "pages")
		slices.Sort(names)
		if n := len(heard()); err != nil || !slices.Equal(names, want) || n < 3 {
			t.Errorf("List, in %d requests: %q, %v; want %q", n, names, err, want)
		}
	})
}

func storeKeepsHeaders(t *testing.T, h *hosttest.Edit) {
	ctx := t.Context()
	f, body := hosttest.Text("kept.html", "kept", publish.Header{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=300",
		"Content-Language": "zh-CN", "Content-Disposition": `inline; filename="a.html"`,
		"Content-Security-Policy": "default-src 'self'", "X-Robots-Tag": "noindex",
	})
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	st, err := h.Stat(ctx, f.Path)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range f.Header {
		keeps := slices.Contains(h.Traits().Keeps, name)
		if got, ok := st.Header[name]; ok != keeps || ok && got != value {
			t.Errorf("%s is %q (there: %v), want %q (there: %v)", name, got, ok, value, keeps)
		}
	}
	for name := range st.Header {
		if !slices.Contains(h.Traits().Keeps, name) {
			t.Errorf("Stat gives %s, which is not in Keeps", name)
		}
	}
	// Headers that are gone from a file go from the host, too.
	f.Header = publish.Header{"Content-Type": "text/html; charset=utf-8"}
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	if st, err := h.Stat(ctx, f.Path); err != nil || len(st.Header) != 1 {
		t.Errorf("Stat: %v, %v; want the content type alone", st.Header, err)
	}
}

// storeChecks puts a file that is not the one that was listed, or is not any more when it
// is read again to be sent.
func storeChecks(t *testing.T, h *hosttest.Edit) {
	f, body := textFile("sum.txt", "checked")
	show(t, h, f.Path, "checked")
	if st, err := h.Stat(t.Context(), f.Path); err != nil || st.SHA256 != f.SHA256 {
		t.Errorf("Stat: %+v, %v; want %s", st, err, f.SHA256)
	}
	opened := 0
	changing := func(again publish.Body) publish.Body {
		opened = 0
		return func() (io.ReadCloser, error) {
			if opened++; opened > 1 {
				return again()
			}
			return body()
		}
	}
	must(h.Put(t.Context(), f, changing(body)))
	twice := opened > 1
	for text, says := range map[string]string{"CHECKED": "has changed since", "checked and more": "other than 7 bytes", "ch": "other than 7 bytes"} {
		_, other := textFile("", text)
		ctx, heard := steps(t.Context())
		wants(t, h.Put(ctx, f, other), text == "CHECKED", says)
		if n := len(heard()); twice && n > 0 {
			t.Errorf("a file that has changed makes %d requests", n)
		}
		if err := h.Put(t.Context(), f, changing(other)); twice && err == nil && len(text) <= len("checked") {
			t.Errorf("Put is content with %q when it reads again", text)
		}
	}
	gone := func() (io.ReadCloser, error) { return nil, fs.ErrPermission }
	if err := h.Put(t.Context(), f, changing(gone)); twice && err == nil {
		t.Error("Put is content with a second body that cannot be opened")
	}
	holds(t, h, f.Path, "checked")
}

// storeCopies has the store copy, with the headers asked for and none of the source's.
func storeCopies(t *testing.T, h *hosttest.Edit) {
	f, body := hosttest.Text("zh/一 b.html", "the page", publish.Header{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "max-age=1"})
	must(h.Put(t.Context(), f, body))
	to := f
	to.Path, to.Header = "_releases/objects/5f/0c", publish.Header{"Content-Type": "application/octet-stream", "Cache-Control": "no-store"}
	switch err := h.Copy(t.Context(), f.Path, to); {
	case errors.Is(err, errors.ErrUnsupported):
		return
	case err != nil:
		t.Fatal(err)
	}
	if st, err := h.Stat(t.Context(), to.Path); err != nil || st.SHA256 != f.SHA256 || st.Header.String() != to.Header.String() {
		t.Errorf("Stat: %+v, %v", st, err)
	}
	if err := h.Copy(t.Context(), "nothing", to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Copy of nothing: %v", err)
	}
	// Bytes that are not known to be the same are not said to have that sum.
	to.SHA256 = strings.Repeat("0", 64)
	err := h.Copy(t.Context(), f.Path, to)
	if st, statErr := h.Stat(t.Context(), to.Path); err == nil && (statErr != nil || st.SHA256 == to.SHA256) || err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Copy of other bytes: %v; Stat: %+v, %v", err, st, statErr)
	}
}

func storeCancelled(t *testing.T, h *hosttest.Edit) {
	ctx := t.Context()
	f, body := textFile("big.bin", strings.Repeat("0123456789abcdef", 1<<16))
	must(h.Put(ctx, f, body))
	ending, cancel := context.WithCancel(ctx)
	opened := 0
	err := h.Put(ending, f, func() (io.ReadCloser, error) {
		r, err := body()
		if opened++; opened > 1 || h.Traits().Checked {
			r = io.NopCloser(io.MultiReader(io.LimitReader(r, 1000), cancels{cancel}, r))
		}
		return r, err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
	ending, cancel = context.WithCancel(ctx)
	defer cancel()
	r, err := h.Get(ending, f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	cancel()
	// What has come already may still be read.
	if _, err := io.Copy(io.Discard, r); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("reading on: %v", err)
	}
	if _, err := h.Stat(ending, f.Path); !errors.Is(err, context.Canceled) {
		t.Errorf("Stat: %v", err)
	}
	if err := h.Delete(ending, f.Path); !errors.Is(err, context.Canceled) {
		t.Errorf("Delete: %v", err)
	}
	if st, err := h.Stat(ctx, f.Path); err != nil || st.Size != f.Size {
		t.Errorf("afterwards: %+v, %v", st, err)
	}
}

// cancels ends a context when it is read.
type cancels struct{ cancel context.CancelFunc }

func (c cancels) Read([]byte) (int, error) {
	c.cancel()
	return 0, io.EOF
}

// TestStoresStream shows that a file is not held in memory while it is put, and sent
// without asking first.
func TestStoresStream(t *testing.T) {
	const size = 64 << 20
	sum := regexp.MustCompile(`"md5Hash":"[^"]*"`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e := r.Header.Get("Expect"); e != "" {
			t.Errorf("Expect: %s", e)
		}
		head := make([]byte, 1000)
		_, _ = io.ReadFull(r.Body, head)
		_, _ = io.Copy(io.Discard, r.Body)
		if md5 := sum.Find(head); md5 != nil {
			fmt.Fprintf(w, `{"size":"%d",%s}`, size, md5)
		} else if v := r.Header.Values("x-ms-version"); v != nil {
			if w.WriteHeader(http.StatusCreated); len(v) != 1 || v[0] != azureVersion {
				t.Errorf("x-ms-version is %q", v)
			}
		}
	}))
	defer server.Close()
	open := func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, size)), nil }
	hash := sha256.New()
	_, _ = io.CopyN(hash, zeros{}, size)
	f := publish.File{Path: "big", Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}
	for kind, options := range map[string]map[string]string{
		"azure": {"account": "minxi", "key": "c2VjcmV0"},
		"gcs":   {"bucket": "site"},
		"s3":    {"bucket": "site", "access_key": s3Key, "secret_key": s3Secret},
	} {
		h := edit(t, kind, with(options, "endpoint", server.URL))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := h.Put(t.Context(), f, open)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; err != nil || used > size/4 {
			t.Errorf("%s: %d bytes of memory were used for a file of %d, %v", kind, used, size, err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
