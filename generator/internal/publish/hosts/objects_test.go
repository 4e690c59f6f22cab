package hosts

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// A lasting server is started by the first test that needs it, serves all others
// too, and ends with the test binary, however that ends.
type lasting struct {
	once    sync.Once
	address string // host:port, "" if it did not start
	pipe    io.Closer
}

// start gives the server's address. command says how to run it on a port, with a
// folder of its own, which is removed in the end.
func (l *lasting) start(t testing.TB, command func(port int, dir string) *exec.Cmd) string {
	t.Helper()
	l.once.Do(func() {
		port := hosttest.Port(t)
		dir, err := os.MkdirTemp("", "minxi-server")
		if err != nil {
			t.Fatal(err)
		}
		server := command(port, dir)
		// The pipe closes when the test binary ends, also when it is killed.
		sh := exec.Command("/bin/sh", append([]string{"-c",
			`dir=$1; shift; "$@" & cat >/dev/null; kill -9 $!; wait; rm -rf "$dir"`, "sh", dir}, server.Args...)...)
		sh.Env = server.Env
		out, err := os.Create(filepath.Join(dir, "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		sh.Stdout, sh.Stderr = out, out
		if l.pipe, err = sh.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := sh.Start(); err != nil {
			t.Fatal(err)
		}
		address := fmt.Sprintf("127.0.0.1:%d", port)
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if c, err := net.Dial("tcp", address); err == nil {
				c.Close()
				l.address = address
				return
			}
		}
		said, _ := os.ReadFile(out.Name())
		t.Errorf("%s does not listen on %s:\n%s", server.Path, address, said)
	})
	if l.address == "" {
		t.Fatal("the server did not start")
	}
	return l.address
}

// readAs fetches an address as a browser does: it takes gzip and Brotli.
func readAs(address string) ([]byte, publish.Header, error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip, br")
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer r.Body.Close()
	switch r.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, nil, fs.ErrNotExist
	default:
		return nil, nil, errors.New(r.Status)
	}
	header := publish.Header{}
	for name := range r.Header {
		header[name] = r.Header.Get(name)
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, nil, err
	}
	data, err = hosttest.Decode(header["Content-Encoding"], data)
	return data, header, err
}

// quietLog is for servers that are meant to fail.
var quietLog = log.New(io.Discard, "", 0)

// escaped is a name as a browser asks for it.
func escaped(name string) string { return (&url.URL{Path: name}).EscapedPath() }

// fileOf makes a file and its body.
func fileOf(name, text string, header publish.Header) (publish.File, publish.Body) {
	sum := sha256.Sum256([]byte(text))
	return publish.File{Path: name, Size: int64(len(text)), SHA256: hex.EncodeToString(sum[:]), Header: header},
		func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

// wantsNoRetry checks an error that cannot be mended by trying again: what it says,
// and that it says none of the secrets.
func wantsNoRetry(t *testing.T, err error, says string, secrets ...string) {
	t.Helper()
	if !publish.IsFinal(err) || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v, final: %v; want a final one with %q", err, publish.IsFinal(err), says)
	}
	wantsNoSecret(t, err, secrets...)
}

func wantsNoSecret(t *testing.T, err error, secrets ...string) {
	t.Helper()
	text := fmt.Sprintf("%v %+v", err, err)
	if err == nil || len(text) > 600 {
		t.Errorf("the error is %.600s", text)
	}
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			if secret != "" && strings.Contains(text, form) {
				t.Errorf("the error %q holds the secret %q", text, form)
			}
		}
	}
}

// steps counts the operations that a context hears of.
func steps(ctx context.Context) (context.Context, *[]string) {
	var mu sync.Mutex
	heard := &[]string{}
	return publish.WithSteps(ctx, func(op, on string) error {
		mu.Lock()
		defer mu.Unlock()
		*heard = append(*heard, op+" "+on)
		return nil
	}), heard
}

// objectStore checks what hosts that are object stores have in common: h is an
// empty one, paged one that sees a few names a page.
func objectStore(t *testing.T, h, paged *hosttest.Edit) {
	for name, show := range map[string]func(t *testing.T, h, paged *hosttest.Edit){
		"headers":            storeKeepsHeaders,
		"checksum":           storeChecks,
		"pages of a list":    storeLists,
		"cancelled half way": storeCancelled,
		"a step that fails":  storeStepFails,
	} {
		t.Run(name, func(t *testing.T) { show(t, h, paged) })
	}
}

func storeKeepsHeaders(t *testing.T, h, paged *hosttest.Edit) {
	ctx := context.Background()
	f, body := fileOf("kept.html", "kept", publish.Header{
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

func storeChecks(t *testing.T, h, paged *hosttest.Edit) {
	ctx := context.Background()
	f, body := fileOf("sum.txt", "checked", publish.Header{"Content-Type": "text/plain"})
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	if st, err := h.Stat(ctx, f.Path); err != nil || st.SHA256 != f.SHA256 {
		t.Errorf("Stat: %+v, %v; want %s", st, err, f.SHA256)
	}
	// A file that is not the one that was listed is not sent at all.
	listening, heard := steps(ctx)
	changed := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("CHECKED")), nil }
	wantsNoRetry(t, h.Put(listening, f, changed), "has changed since")
	// One that changes between the checksum and the sending is refused.
	opened := 0
	err := h.Put(ctx, f, func() (io.ReadCloser, error) {
		if opened++; opened > 1 {
			return changed()
		}
		return body()
	})
	if err == nil || opened < 2 {
		t.Errorf("Put of changing bytes: %v, opened %d times", err, opened)
	}
	// So is one that gets shorter, or cannot be opened any more.
	for _, again := range []publish.Body{
		func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("ch")), nil },
		func() (io.ReadCloser, error) { return nil, fs.ErrPermission },
	} {
		opened = 0
		if err := h.Put(ctx, f, func() (io.ReadCloser, error) {
			if opened++; opened > 1 {
				return again()
			}
			return body()
		}); err == nil {
			t.Error("Put is content with a second body that is broken")
		}
	}
	if len(*heard) != 0 {
		t.Errorf("a changed file made the steps %q", *heard)
	}
	r, err := h.Get(ctx, f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if data, err := io.ReadAll(r); err != nil || string(data) != "checked" {
		t.Errorf("the old bytes are %q, %v", data, err)
	}
}

func storeLists(t *testing.T, h, paged *hosttest.Edit) {
	ctx := context.Background()
	want := []string{}
	for i := range 11 {
		f, body := fileOf(fmt.Sprintf("pages/%02d", i), "x", publish.Header{"Content-Type": "text/plain"})
		want = append(want, f.Path)
		if err := h.Put(ctx, f, body); err != nil {
			t.Fatal(err)
		}
		below, body := fileOf(fmt.Sprintf("pages/below%d/x", i), "x", publish.Header{"Content-Type": "text/plain"})
		if err := h.Put(ctx, below, body); err != nil {
			t.Fatal(err)
		}
	}
	listening, heard := steps(ctx)
	names, err := paged.List(listening, "pages")
	slices.Sort(names)
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("List: %q, %v; want %q", names, err, want)
	}
	if len(*heard) < 3 {
		t.Errorf("List took %d requests; the test needs several", len(*heard))
	}
}

func storeCancelled(t *testing.T, h, paged *hosttest.Edit) {
	ctx := context.Background()
	f, body := fileOf("big.bin", strings.Repeat("0123456789abcdef", 1<<16), publish.Header{"Content-Type": "application/octet-stream"})
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	ending, cancel := context.WithCancel(ctx)
	opened := 0
	err := h.Put(ending, f, func() (io.ReadCloser, error) {
		r, err := body()
		if opened++; opened > 1 {
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

func storeStepFails(t *testing.T, h, paged *hosttest.Edit) {
	ctx := context.Background()
	broken := errors.New("this step fails")
	failing := publish.WithSteps(ctx, func(string, string) error { return broken })
	f, body := fileOf("step.txt", "step", publish.Header{"Content-Type": "text/plain"})
	_, statErr := h.Stat(failing, f.Path)
	_, getErr := h.Get(failing, f.Path)
	_, listErr := h.List(failing, ".")
	for name, err := range map[string]error{"Stat": statErr, "Get": getErr, "List": listErr, "Put": h.Put(failing, f, body),
		"Delete": h.Delete(failing, f.Path), "Copy": h.Copy(failing, f.Path, f)} {
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.Stat(ctx, f.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat after a Put that failed: %v", err)
	}
}

// cancels ends a context when it is read.
type cancels struct{ cancel context.CancelFunc }

func (c cancels) Read([]byte) (int, error) {
	c.cancel()
	return 0, io.EOF
}

// TestQuiet shows that a server that says nothing is left after a while, at every
// stage of a request.
func TestQuiet(t *testing.T) {
	hangs := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half" {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("half"))
			w.(http.Flusher).Flush()
		}
		<-hangs
	}))
	defer server.Close()
	defer close(hangs)
	deaf, err := net.Listen("tcp", "127.0.0.1:0") // connects, and does not read
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	client := newClient(200 * time.Millisecond)
	for address, size := range map[string]int{server.URL + "/never": 0, server.URL + "/half": 0, "http://" + deaf.Addr().String(): 64 << 20} {
		r, err := client.Post(address, "text/plain", bytes.NewReader(make([]byte, size)))
		if err == nil {
			_, err = io.ReadAll(r.Body)
			r.Body.Close()
		}
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %v", address, err)
		}
	}
	// An answer that leads elsewhere is an answer, not a way.
	elsewhere := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound))
	defer elsewhere.Close()
	if r, err := client.Get(elsewhere.URL); err != nil || r.StatusCode != http.StatusFound {
		t.Errorf("a redirection: %v", err)
	} else {
		r.Body.Close()
	}
}

// TestQuietConn shows that whatever moves puts the end off, in both directions.
func TestQuietConn(t *testing.T) {
	conn := &deadlines{}
	c := &quietConn{Conn: conn, limit: time.Hour}
	for i, move := range []func([]byte) (int, error){c.Read, c.Write, c.Read} {
		before := time.Now()
		if n, err := move(make([]byte, 7)); n != 7 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if len(conn.set) != i+1 || conn.set[i].Before(before.Add(time.Hour)) {
			t.Errorf("after %d calls the deadlines are %v", i+1, conn.set)
		}
	}
	conn.err = os.ErrDeadlineExceeded
	if _, err := c.Read(nil); err == nil || err.Error() != "the server has been silent for 1h0m0s" {
		t.Errorf("Read: %v", err)
	}
	conn.err = net.ErrClosed
	if _, err := c.Write(nil); err == nil || err.Error() != "the server has been silent for 1h0m0s" {
		t.Errorf("Write after Read was silent: %v", err)
	} else if d := publish.Detail(err); d.ZH != "服务器已 1h0m0s 没有回应" || d.EN != "the server has been silent for 1h0m0s" {
		t.Errorf("told: %+v", d)
	}
}

type deadlines struct {
	net.Conn
	set []time.Time
	err error
}

func (d *deadlines) SetDeadline(t time.Time) error { d.set = append(d.set, t); return nil }
func (d *deadlines) Read(p []byte) (int, error)    { return len(p), d.err }
func (d *deadlines) Write(p []byte) (int, error)   { return len(p), d.err }

// TestStoresStream shows that a file is not held in memory while it is put.
func TestStoresStream(t *testing.T) {
	const size = 64 << 20
	sum := regexp.MustCompile(`"md5Hash":"[^"]*"`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := make([]byte, 1000)
		_, _ = io.ReadFull(r.Body, head)
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"size":"%d",%s}`, size, sum.Find(head))
	}))
	defer server.Close()
	for kind, options := range map[string]map[string]string{
		"azure": {"account": "minxi", "key": "c2VjcmV0"},
		"gcs":   {"bucket": "site"},
	} {
		options["endpoint"] = server.URL
		h := edit(t, kind, options)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := h.Put(context.Background(), publish.File{Path: "big", Size: size}, func() (io.ReadCloser, error) {
			return io.NopCloser(io.LimitReader(zeros{}, size)), nil
		})
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > size/8 {
			t.Errorf("%s: %d bytes of memory were used for a file of %d", kind, used, size)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestSending(t *testing.T) {
	opened, closed := 0, 0
	s := &sending{size: 6, open: func() (io.ReadCloser, error) {
		opened++
		return counted{strings.NewReader("sixsix and more"), &closed}, nil
	}}
	for range 2 {
		if end, err := s.Seek(0, io.SeekEnd); end != 6 || err != nil {
			t.Errorf("Seek to the end: %d, %v", end, err)
		}
		if at, err := s.Seek(0, io.SeekStart); at != 0 || err != nil {
			t.Errorf("Seek to the start: %d, %v", at, err)
		}
		if data, err := io.ReadAll(s); string(data) != "sixsix" || err != nil {
			t.Errorf("read %q, %v", data, err)
		}
	}
	if _, err := s.Seek(3, io.SeekStart); err == nil {
		t.Error("Seek to the middle is content")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Read(make([]byte, 1)); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Read after Close: %v", err)
	}
	short := &sending{size: 6, open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("short")), nil }}
	if data, err := io.ReadAll(short); string(data) != "short" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a body that is too short: %q, %v", data, err)
	}
	if opened != 2 || closed != 2 {
		t.Errorf("opened %d times, closed %d times", opened, closed)
	}
}

type counted struct {
	io.Reader
	closed *int
}

func (c counted) Close() error { *c.closed++; return nil }

func TestServiceURL(t *testing.T) {
	for endpoint, ok := range map[string]bool{
		"https://storage.googleapis.com":     true,
		"https://storage.googleapis.com/":    true,
		"http://127.0.0.1:10000/account":     true,
		"http://[::1]:10000":                 true,
		"http://localhost:10000":             true,
		"http://storage.googleapis.com":      false,
		"http://127.0.0.1.example.com":       false,
		"ftp://127.0.0.1":                    false,
		"https://user:secret@example.com":    false,
		"https://example.com/?sig=secret":    false,
		"https://":                           false,
		"https://exa mple.com/?token=secret": false,
	} {
		got, err := serviceURL(endpoint)
		if (err == nil) != ok || ok && strings.HasSuffix(got, "/") {
			t.Errorf("%s: %q, %v", endpoint, got, err)
		}
		if !ok {
			wantsNoRetry(t, err, "endpoint", "secret")
		}
	}
}
