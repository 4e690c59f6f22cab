package hosts

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/icholy/digest"
	dav "golang.org/x/net/webdav"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// A davServer is a WebDAV server that lives as long as the test binary. Anybody
// may read; writing takes the user alice and her password.
type davServer struct {
	root    string // what it serves
	address string
	onDisk  bool // readers look at the disk, because it asks them for a password
	sites   atomic.Int32
}

const davPassword = `pa"ss\wörd`

// site makes an empty folder on the server.
func (s *davServer) site(t testing.TB) (dir, address string) {
	t.Helper()
	name := fmt.Sprintf("网站 %d", s.sites.Add(1))
	dir = filepath.Join(s.root, name)
	address = s.address + url.PathEscape(name)
	if s.onDisk {
		req := must2(http.NewRequest("MKCOL", address, nil))
		req.SetBasicAuth("alice", davPassword)
		res := must2(http.DefaultClient.Do(req))
		res.Body.Close()
		return dir, address
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ownedByServer(t, dir)
	return dir, address
}

// place is a new site, and how it is opened and read.
func (s *davServer) place(t testing.TB) hosttest.Place {
	dir, address := s.site(t)
	options := map[string]string{"url": address, "user": "alice", "password": davPassword}
	disk := dir
	if s.onDisk {
		disk = "" // the server would not see one mounted there
	}
	return hosttest.Place{Kind: "webdav", Options: options, Disk: disk,
		Open: func(t testing.TB) publish.Host { return open(t, "webdav", options) },
		Read: func(name string) ([]byte, publish.Header, error) {
			if s.onDisk {
				return readDisk(dir)(name)
			}
			return readWeb(address, name)
		},
	}
}

// readWeb reads a file as a browser does.
func readWeb(address, name string) ([]byte, publish.Header, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, nil, err
	}
	u.Path += "/" + name
	u.RawPath = ""
	res, err := http.Get(u.String())
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotFound {
		return nil, nil, fs.ErrNotExist
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, errors.New(res.Status)
	}
	data, err := io.ReadAll(res.Body)
	return data, nil, err
}

// ownedByServer gives a folder to the user that Apache changes to.
func ownedByServer(t testing.TB, dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	u, err := user.Lookup("www-data")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
}

// serve starts a server that ends, and takes its folder along, when the test
// binary does, however that ends: then the pipe is closed that a shell reads.
func serve(t testing.TB, dir string, port int, program string, args ...string) {
	t.Helper()
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	untilTheEnd(t, said, `dir=$1; shift; "$@" & read -r _; kill $!; wait; rm -rf "$dir"`, append([]string{dir, program}, args...)...)
	for range 3000 {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			c.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	out, _ := os.ReadFile(said.Name())
	t.Fatalf("%s does not listen:\n%s", program, out)
}

// untilTheEnd starts a shell whose input ends when the test binary does.
func untilTheEnd(t testing.TB, said *os.File, script string, args ...string) {
	t.Helper()
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, "sh"}, args...)...)
	if said != nil {
		cmd.Stdout, cmd.Stderr = said, said
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	serving.Lock()
	serving.pipes = append(serving.pipes, in)
	serving.Unlock()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// serving keeps the pipes open.
var serving struct {
	sync.Mutex
	pipes []io.Closer
}

// folderForServer is a folder that outlives the test.
func folderForServer(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "minxi-test-server-*")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func writeText(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// once starts a server when the first test asks for it. A test that is skipped or
// fails on the way leaves it to the next.
func once(start func(t testing.TB) *davServer) func(t testing.TB) *davServer {
	var mu sync.Mutex
	var server *davServer
	return func(t testing.TB) *davServer {
		mu.Lock()
		defer mu.Unlock()
		if server == nil {
			server = start(t)
		}
		return server
	}
}

// apache asks for Digest authentication.
var apache = once(func(t testing.TB) *davServer {
	program := hosttest.Program(t, "apache2")
	dir, port := folderForServer(t), hosttest.Port(t)
	root := filepath.Join(dir, "site")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	ownedByServer(t, dir)
	ownedByServer(t, root)
	writeText(t, filepath.Join(dir, "users"), fmt.Sprintf("alice:site:%x\n", md5.Sum([]byte("alice:site:"+davPassword))))
	writeText(t, filepath.Join(dir, "types"), "")
	var conf strings.Builder
	for _, m := range []string{"mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_digest", "dav", "dav_fs", "mime"} {
		fmt.Fprintf(&conf, "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", m, m)
	}
	fmt.Fprintf(&conf, `
ServerRoot %[1]s
ServerName localhost
Listen 127.0.0.1:%[2]d
PidFile %[1]s/pid
ErrorLog %[1]s/errors
DefaultRuntimeDir %[1]s
TypesConfig %[1]s/types
User www-data
Group www-data
DocumentRoot %[1]s/site
DavLockDB %[1]s/locks
<Directory %[1]s/site>
  Dav on
  AuthType Digest
  AuthName site
  AuthUserFile %[1]s/users
  <LimitExcept GET HEAD>
    Require valid-user
  </LimitExcept>
</Directory>
`, dir, port)
	writeText(t, filepath.Join(dir, "conf"), conf.String())
	serve(t, dir, port, program, "-f", filepath.Join(dir, "conf"), "-DFOREGROUND")
	return &davServer{root: root, address: fmt.Sprintf("http://127.0.0.1:%d/", port)}
})

// nginx asks for Basic authentication.
var nginx = once(func(t testing.TB) *davServer {
	program := hosttest.Program(t, "nginx")
	dir, port := folderForServer(t), hosttest.Port(t)
	root := filepath.Join(dir, "site")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	writeText(t, filepath.Join(dir, "users"), "alice:{PLAIN}"+davPassword+"\n")
	who := ""
	if os.Getuid() == 0 {
		who = "user root;"
	}
	writeText(t, filepath.Join(dir, "conf"), fmt.Sprintf(`
load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
daemon off; worker_processes 2; pid %[1]s/pid; error_log %[1]s/errors; %[3]s
events {}
http {
  access_log off; client_max_body_size 0;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  server {
    listen 127.0.0.1:%[2]d; root %[1]s/site;
    location / {
      dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS;
      limit_except GET { auth_basic "the site, digest qop=auth"; auth_basic_user_file %[1]s/users; }
    }
  }
}
`, dir, port, who))
	serve(t, dir, port, program, "-c", filepath.Join(dir, "conf"), "-e", filepath.Join(dir, "errors"))
	return &davServer{root: root, address: fmt.Sprintf("http://127.0.0.1:%d/", port)}
})

// inPlace is a server that writes over the old bytes, as most do that are neither.
var inPlace = once(func(t testing.TB) *davServer {
	root := folderForServer(t)
	untilTheEnd(t, nil, `read -r _; rm -rf "$1"`, root)
	handler := &dav.Handler{FileSystem: dav.Dir(root), LockSystem: dav.NewMemLS()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); r.Method != "GET" && (user != "alice" || password != davPassword) {
			w.Header().Set("WWW-Authenticate", `Basic realm="site"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	return &davServer{root: root, address: server.URL + "/"}
})

var (
	webdavApacheBench  = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return apache(t).place(t) }}
	webdavNginxBench   = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return nginx(t).place(t) }}
	webdavInPlaceBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return inPlace(t).place(t) }}
)

var davServers = map[string]struct {
	bench  hosttest.Bench
	server func(t testing.TB) *davServer
	whole  bool // a PUT that is cut off leaves the old bytes
}{
	"apache":   {webdavApacheBench, apache, true},
	"nginx":    {webdavNginxBench, nginx, true},
	"in place": {webdavInPlaceBench, inPlace, false},
}

func TestWebDAV(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) { hosttest.Contract(t, s.bench) })
	}
}

// page is a file of size bytes, all of them c.
func page(name string, c byte, size int) (publish.File, publish.Body) {
	return publish.File{Path: name, Size: int64(size), Header: publish.Header{"Content-Type": "text/html; charset=utf-8"}},
		func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(bytes.Repeat([]byte{c}, size))), nil
		}
}

func putPage(t testing.TB, h interface {
	Put(context.Context, publish.File, publish.Body) error
}, name string, c byte, size int) {
	t.Helper()
	f, body := page(name, c, size)
	if err := h.Put(context.Background(), f, body); err != nil {
		t.Fatalf("Put %s: %v", name, err)
	}
}

// filesIn lists the files on the server's own disk.
func filesIn(t testing.TB, dir string) string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".DAV" {
			rel, _ := filepath.Rel(dir, name)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// stuck is a body that gives some bytes and then no more until it is closed.
type stuck struct {
	left   int
	given  chan struct{} // closed when all were read
	closed chan struct{}
	once   sync.Once
}

func newStuck(n int) *stuck {
	return &stuck{left: n, given: make(chan struct{}), closed: make(chan struct{})}
}

func (s *stuck) Read(p []byte) (int, error) {
	if s.left == 0 {
		close(s.given)
		<-s.closed
		return 0, errors.New("closed")
	}
	n := min(len(p), s.left)
	for i := range n {
		p[i] = 'n'
	}
	s.left -= n
	return n, nil
}

func (s *stuck) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func TestWebDAVCutOff(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) {
			dir, address := s.server(t).site(t)
			options := map[string]string{"url": address, "user": "alice", "password": davPassword}
			h := open(t, "webdav", options).(*davHost)
			defer h.Close()
			putPage(t, h, "zh/page.html", 'o', 1000)
			if whole, err := h.replacesWhole(context.Background()); err != nil || whole != s.whole {
				t.Errorf("replacesWhole: %v, %v; want %v", whole, err, s.whole)
			}
			body := newStuck(1 << 20)
			ctx, cancel := context.WithCancel(context.Background())
			go func() {
				<-body.given
				cancel()
			}()
			f := publish.File{Path: "zh/page.html", Size: 4 << 20}
			if err := h.Put(ctx, f, func() (io.ReadCloser, error) { return body, nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("Put: %v", err)
			}
			if data, _, err := readWeb(address, "zh/page.html"); err != nil || string(data) != strings.Repeat("o", 1000) {
				t.Errorf("a reader gets %.20q (%d bytes), %v", data, len(data), err)
			}
			// What was left goes with the next change of the name, in another process.
			for _, left := range []string{"zh/0123.ABCDEFGH", "zh/0123.IJKLMNOP", "zh/4567.ABCDEFGH", "89ab.ABCDEFGH"} {
				left = filepath.Join(dir, left+tempSuffix)
				writeText(t, left, "left")
				ownedByServer(t, left)
			}
			other := edit(t, "webdav", options)
			defer other.Close()
			if names, err := other.List(context.Background(), "zh"); err != nil || len(names) != 1 {
				t.Errorf("List: %q, %v", names, err)
			}
			if err := other.Delete(context.Background(), "zh/other.html"); err != nil {
				t.Error(err)
			}
			// What the server is still writing, it holds until it sees that nothing comes.
			for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
				putPage(t, other, "zh/page.html", 'n', 1000)
				if got := filesIn(t, dir); got == "zh/page.html" {
					break
				} else if time.Now().After(end) {
					t.Fatalf("on the server's disk are %s", got)
				}
			}
		})
	}
}

// Readers of a page that is replaced get the old or the new. The two have one
// size, because Apache itself looks at a file's size before it opens it.
func TestWebDAVReaders(t *testing.T) {
	for _, s := range []string{"apache", "nginx"} {
		t.Run(s, func(t *testing.T) {
			_, address := davServers[s].server(t).site(t)
			h := edit(t, "webdav", map[string]string{"url": address, "user": "alice", "password": davPassword})
			defer h.Close()
			const size = 50_000
			putPage(t, h, "page.html", 'a', size)
			var reads atomic.Int32
			stop := make(chan struct{})
			var readers sync.WaitGroup
			for range 3 {
				readers.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						data, _, err := readWeb(address, "page.html")
						reads.Add(1)
						if err != nil || len(data) != size || bytes.Count(data, data[:1]) != size {
							t.Errorf("a reader gets %.20q (%d bytes), %v", data, len(data), err)
							return
						}
					}
				})
			}
			for i := 0; i < 100 || reads.Load() < 300 && !t.Failed(); i++ {
				putPage(t, h, "page.html", 'a'+byte(i%26), size)
			}
			close(stop)
			readers.Wait()
			t.Logf("%d reads", reads.Load())
		})
	}
}

func TestWebDAVCopy(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) {
			dir, address := s.server(t).site(t)
			h := open(t, "webdav", map[string]string{"url": address, "user": "alice", "password": davPassword}).(*davHost)
			defer h.Close()
			ctx := context.Background()
			putPage(t, h, "zh/a 一.html", 'a', 100)
			putPage(t, h, "zh/b.html", 'b', 100)
			to, _ := page("_releases/objects/ab/c#d", 'a', 100)
			if err := h.Copy(ctx, "zh/a 一.html", to); err != nil {
				t.Fatal(err)
			}
			if data, _, err := readWeb(address, to.Path); err != nil || string(data) != strings.Repeat("a", 100) {
				t.Errorf("a reader gets %q, %v", data, err)
			}
			// Where PUT is whole, nothing else replaces a file.
			to.Path = "zh/b.html"
			if err := h.Copy(ctx, "zh/a 一.html", to); s.whole != errors.Is(err, errors.ErrUnsupported) || !s.whole && err != nil {
				t.Errorf("Copy over a file: %v", err)
			}
			want := map[bool]string{true: "b", false: "a"}[s.whole]
			if data, _, err := readWeb(address, to.Path); err != nil || string(data) != strings.Repeat(want, 100) {
				t.Errorf("a reader gets %q, %v", data, err)
			}
			to.Path = "zh/none.html"
			if err := h.Copy(ctx, "zh/nothing", to); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Copy of nothing: %v", err)
			}
			if got, want := filesIn(t, dir), "_releases/objects/ab/c#d zh/a 一.html zh/b.html"; got != want {
				t.Errorf("on the server's disk are %s", got)
			}
		})
	}
}

func TestWebDAVFolders(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) {
			dir, address := s.server(t).site(t)
			options := map[string]string{"url": address, "user": "alice", "password": davPassword}
			var calls []string
			ctx := publish.WithSteps(context.Background(), func(op, on string) error {
				calls = append(calls, op+" "+on)
				return nil
			})
			h := edit(t, "webdav", options)
			defer h.Close()
			for i := range 3 {
				f, body := page(fmt.Sprintf("zh/m/s%d/index.html", i), 'a', 10)
				if err := h.Put(ctx, f, body); err != nil {
					t.Fatal(err)
				}
			}
			made := map[string]int{}
			for _, c := range calls {
				if strings.HasPrefix(c, "MKCOL") {
					made[c]++
				}
			}
			// Below what we have made ourselves one request a folder is enough.
			if made["MKCOL zh"] != 1 || made["MKCOL zh/m/s1"] != 1 || made["MKCOL zh/m/s2"] != 1 || len(made) != 5 {
				t.Errorf("%d requests: %s", len(calls), strings.Join(calls, ", "))
			}
			// A file is not a folder, and a folder is not a file.
			if _, err := h.Get(ctx, "zh/m"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Get of a folder: %v", err)
			}
			if _, err := h.Stat(ctx, "zh/m"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Stat of a folder: %v", err)
			}
			if names, err := h.List(ctx, "zh/m/s1/index.html"); err != nil || len(names) != 0 {
				t.Errorf("List of a file: %q, %v", names, err)
			}
			if _, err := h.Stat(ctx, "zh/m/s1/index.html/x"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Stat below a file: %v", err)
			}
			other := edit(t, "webdav", options)
			defer other.Close()
			for _, h := range []*hosttest.Edit{h, other} {
				if err := h.Delete(ctx, "zh/m"); err != nil {
					t.Errorf("Delete of a folder: %v", err)
				}
			}
			if got := filesIn(t, dir); got != "zh/m/s0/index.html zh/m/s1/index.html zh/m/s2/index.html" {
				t.Errorf("on the server's disk are %s", got)
			}
			f, body := page("zh/m/s1/index.html/x.html", 'x', 1)
			if err := other.Put(ctx, f, body); err == nil || !publish.IsFinal(err) {
				t.Errorf("Put below a file: %v", err)
			}
			// A folder that somebody took away is made again by the second try.
			if err := os.RemoveAll(filepath.Join(dir, "zh", "m", "s1")); err != nil {
				t.Fatal(err)
			}
			f, body = page("zh/m/s1/index.html", 'a', 10)
			if err := h.Put(ctx, f, body); err == nil || publish.IsFinal(err) {
				t.Errorf("Put into a folder that is gone: %v", err)
			}
			if err := h.Put(ctx, f, body); err != nil {
				t.Errorf("the second try: %v", err)
			}
		})
	}
}

func TestWebDAVWrongPassword(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) {
			dir, address := s.server(t).site(t)
			for _, options := range []map[string]string{
				{"url": address, "user": "alice", "password": "geheim-1"},
				{"url": address, "token": "geheim-1"},
				{"url": address},
			} {
				h := edit(t, "webdav", options)
				defer h.Close()
				f, body := page("page.html", 'x', 100)
				err := h.Put(context.Background(), f, body)
				if err == nil || !publish.IsFinal(err) || !strings.Contains(err.Error(), "refuses the user") || strings.Contains(err.Error(), "geheim") {
					t.Errorf("Put: %v", err)
				}
				if _, err := h.List(context.Background(), "."); err == nil || !publish.IsFinal(err) {
					t.Errorf("List: %v", err)
				}
			}
			if got := filesIn(t, dir); got != "" {
				t.Errorf("on the server's disk are %s", got)
			}
		})
	}
}

// A nonce that the server does not take any more costs one more request.
func TestWebDAVOldNonce(t *testing.T) {
	_, address := apache(t).site(t)
	h := open(t, "webdav", map[string]string{"url": address, "user": "alice", "password": davPassword}).(*davHost)
	defer h.Close()
	putPage(t, h, "page.html", 'a', 10)
	h.auth.digest.Nonce = "old"
	putPage(t, h, "page.html", 'b', 3<<20)
	if data, _, err := readWeb(address, "page.html"); err != nil || len(data) != 3<<20 || data[0] != 'b' {
		t.Errorf("a reader gets %.20q (%d bytes), %v", data, len(data), err)
	}
}

func TestWebDAVNoServer(t *testing.T) {
	h := edit(t, "webdav", map[string]string{"url": fmt.Sprintf("http://127.0.0.1:%d/", hosttest.Port(t)), "token": "geheim-1"})
	defer h.Close()
	if _, err := h.Stat(context.Background(), "index.html"); err == nil || publish.IsFinal(err) || strings.Contains(err.Error(), "geheim") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Stat: %v", err)
	}
	// A folder that is not there is not made: its address may be wrong.
	_, address := nginx(t).site(t)
	h = edit(t, "webdav", map[string]string{"url": address + "/nothing", "user": "alice", "password": davPassword})
	defer h.Close()
	f, body := page("index.html", 'x', 1)
	if err := h.Put(context.Background(), f, body); err == nil || !publish.IsFinal(err) {
		t.Errorf("Put: %v", err)
	}
	// A web server without WebDAV.
	plain := httptest.NewServer(http.FileServer(http.Dir(t.TempDir())))
	defer plain.Close()
	h = edit(t, "webdav", map[string]string{"url": plain.URL})
	defer h.Close()
	if err := h.Put(context.Background(), f, body); err == nil {
		t.Error("Put is content with a server without WebDAV")
	}
}

func TestWebDAVSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // nothing is ever accepted, so nothing answers
	h := open(t, "webdav", map[string]string{"url": "http://" + l.Addr().String()}).(*davHost)
	defer h.Close()
	h.transport.ResponseHeaderTimeout = 50 * time.Millisecond
	if _, err := h.Stat(context.Background(), "x"); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("Stat: %v", err)
	}
	h = open(t, "webdav", map[string]string{"url": "http://" + l.Addr().String()}).(*davHost)
	defer h.Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	f, body := page("x", 'x', 10)
	if err := h.Put(ctx, f, body); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
}

func TestWebDAVRedirect(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://alice:geheim@elsewhere.example"+r.URL.Path+"?geheim", http.StatusFound)
	}))
	defer server.Close()
	h := edit(t, "webdav", map[string]string{"url": server.URL})
	defer h.Close()
	if _, err := h.Get(context.Background(), "x"); err == nil || !publish.IsFinal(err) || !strings.Contains(err.Error(), "https://elsewhere.example/x;") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("Get: %v", err)
	}
}

func TestWebDAVCertificate(t *testing.T) {
	root := t.TempDir()
	server := httptest.NewTLSServer(&dav.Handler{FileSystem: dav.Dir(root), LockSystem: dav.NewMemLS()})
	defer server.Close()
	server.Config.ErrorLog = nil
	h := edit(t, "webdav", map[string]string{"url": server.URL})
	defer h.Close()
	if _, err := h.Stat(context.Background(), "x"); err == nil || !publish.IsFinal(err) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("Stat: %v", err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	writeText(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	h = edit(t, "webdav", map[string]string{"url": server.URL, "ca": ca})
	defer h.Close()
	putPage(t, h, "zh/x", 'x', 10)
	if got := filesIn(t, root); got != "zh/x" {
		t.Errorf("on the server's disk are %s", got)
	}
}

func TestWebDAVOptions(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	writeText(t, empty, "")
	for want, options := range map[string]map[string]string{
		"url: is not an address like": {"url": "ftp://example.org/"},
		"url: is not an address":      {"url": "https://example.org/%zz"},
		"url: must not hold a user":   {"url": "https://alice:geheim@example.org/"},
		"token: cannot be used":       {"url": "https://example.org/", "token": "geheim", "user": "alice"},
		"user: is missing":            {"url": "https://example.org/", "password": "geheim"},
		"ca: open":                    {"url": "https://example.org/", "ca": "/nothing"},
		"ca: there is no certificate": {"url": "https://example.org/", "ca": empty},
	} {
		_, err := Open(context.Background(), "webdav", Values{Options: options})
		if err == nil || !publish.IsFinal(err) || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A password or token does not travel where others can read it.
func TestWebDAVUnencrypted(t *testing.T) {
	req := httptest.NewRequest("PUT", "http://example.org/x", nil)
	for _, basic := range []string{`Basic realm="x"`, `basic realm="digest", Negotiate`} {
		a := davAuth{user: "alice", password: "geheim", open: isOpen(req.URL)}
		more, err := a.asked(&http.Response{Header: http.Header{"Www-Authenticate": {basic}}})
		if more || !errors.Is(err, errNoTLS) {
			t.Errorf("%s: %v, %v", basic, more, err)
		}
	}
	a := davAuth{token: "geheim", open: isOpen(req.URL)}
	if err := a.authorize(req); !errors.Is(err, errNoTLS) || req.Header.Get("Authorization") != "" {
		t.Errorf("token: %v", err)
	}
	a = davAuth{user: "alice", password: "geheim", open: isOpen(req.URL)}
	digest := []string{`Basic realm="x"`, `Digest realm="a, b", nonce="n", algorithm=SHA-256, qop="auth-int, auth"`}
	if more, err := a.asked(&http.Response{Header: http.Header{"Www-Authenticate": digest}}); !more || err != nil || a.digest.Realm != "a, b" {
		t.Errorf("digest: %v, %v, %v", more, err, a.digest)
	}
	if err := a.authorize(req); err != nil || strings.Contains(req.Header.Get("Authorization"), "geheim") {
		t.Errorf("digest: %v, %v", req.Header, err)
	}
	for address, want := range map[string]bool{"http://127.0.0.1:8080/": false, "http://[::1]/": false, "http://localhost/": false,
		"https://example.org/": false, "http://example.org/": true, "http://10.0.0.1/": true} {
		if u, _ := url.Parse(address); isOpen(u) != want {
			t.Errorf("%s: open is %v", address, !want)
		}
	}
}

// A session key, which the library does not know, is made as RFC 7616, section 3.4.2,
// says: of what the plain answer is made of, the nonces and the method.
func TestDigestSession(t *testing.T) {
	sum := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	a := davAuth{user: "Mufasa", password: "Circle of Life"}
	header := http.Header{"Www-Authenticate": {`Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"`}}
	if more, err := a.asked(&http.Response{Header: header}); !more || err != nil {
		t.Fatalf("asked: %v, %v", more, err)
	}
	answer, err := a.answer(digest.Options{Username: a.user, Password: a.password, Method: "GET", URI: "/x", Count: 1, Cnonce: "c"})
	want := sum(sum(sum("Mufasa:r:Circle of Life")+":n:c") + ":n:00000001:c:auth:" + sum("GET:/x"))
	if err != nil || answer.Response != want || answer.Algorithm != "MD5-sess" {
		t.Errorf("%+v, %v; want the response %s", answer, err, want)
	}
}

func TestWebDAVAnswers(t *testing.T) {
	entry := func(href, props string) string {
		return `<d:response><d:href>` + href + `</d:href><d:propstat><d:prop>` + props + `</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`
	}
	const folder, file = `<d:resourcetype><d:collection/></d:resourcetype>`, `<d:resourcetype/><d:getcontentlength>3</d:getcontentlength>`
	all := func(s ...string) string {
		return `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">` + strings.Join(s, "") + `</d:multistatus>`
	}
	for name, c := range map[string]struct{ answer, names, err string }{
		"good":              {all(entry("/behind/zh/a%20%E4%B8%80", file), entry("http://x/behind/zh/", folder), entry("/behind/zh/sub/", folder)), "zh/a 一", ""},
		"empty":             {all(entry("/zh", folder)), "", ""},
		"a file":            {all(entry("/zh", file)), "", ""},
		"gone meanwhile":    {all(entry("/zh", folder), `<d:response><d:href>/zh/x</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>`), "", ""},
		"cut":               {all(entry("/zh/", folder), entry("/zh/a", file))[:300], "", "unexpected EOF"},
		"a page":            {`<html><body>Welcome`, "", "its element is html"},
		"nothing":           {``, "", "unexpected EOF"},
		"from elsewhere":    {all(entry("/zh/", folder), entry("/zh/a/b", file)), "", "not in it"},
		"no address":        {all(entry("/zh/", folder), entry("/zh/%zz", file)), "", "is no address"},
		"an entity":         {`<!DOCTYPE d [<!ENTITY x "y">]>` + all(entry("/zh/&x;", folder)), "", "entity"},
		"another namespace": {`<multistatus xmlns="X:"></multistatus>`, "", "its element is"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusMultiStatus)
			io.WriteString(w, c.answer)
		}))
		h := edit(t, "webdav", map[string]string{"url": server.URL})
		names, err := h.List(context.Background(), "zh")
		if strings.Join(names, " ") != c.names || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %q, %v", name, names, err)
		}
		h.Close()
		server.Close()
	}
}

// Two publishers that begin at once each take what the other is about to move for
// something that was left. What was removed is made again.
func TestWebDAVTakenAway(t *testing.T) {
	folder := dav.NewMemFS()
	answer := &dav.Handler{FileSystem: folder, LockSystem: dav.NewMemLS()}
	for taken, want := range map[int]string{0: "", 2: "", 3: "403"} {
		moves := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if moves++; r.Method != "MOVE" {
				moves--
			} else if moves <= taken {
				_ = folder.RemoveAll(r.Context(), r.URL.Path)
				http.Error(w, "", http.StatusForbidden)
				return
			}
			answer.ServeHTTP(w, r)
		}))
		h := open(t, "webdav", map[string]string{"url": server.URL}).(*davHost)
		h.probed = true // and a PUT is not whole: files are moved into place
		f, body := bytesFile("_releases/lock/a.json", []byte("{}"))
		err := h.Put(t.Context(), f, body)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("taken away %d times: %v, want %q", taken, err, want)
		}
		h.Close()
		server.Close()
	}
}

func TestWebDAVStatuses(t *testing.T) {
	for status, final := range map[int]bool{401: true, 403: true, 413: true, 507: true, 410: true, 408: false, 409: false, 412: false, 423: false, 429: false, 500: false, 502: false, 503: false} {
		if err := davError("PUT", "x", status); publish.IsFinal(err) != final || !strings.Contains(err.Error(), strconv.Itoa(status)) {
			t.Errorf("%d: %v, final is %v", status, err, !final)
		}
	}
}

// What is sent of a body that is not as announced is never all of it.
func TestFileBody(t *testing.T) {
	broken := errors.New("the disk broke")
	f, _ := bytesFile("x", []byte("12345"))
	for name, c := range map[string]struct {
		in  io.Reader
		err string
	}{
		"as it should be": {strings.NewReader("12345"), ""},
		"too short":       {strings.NewReader("1234"), "other than 5 bytes came"},
		"too long":        {strings.NewReader("123456"), "other than 5 bytes came"},
		"others":          {strings.NewReader("12346"), "has other bytes"},
		"breaks late":     {io.MultiReader(strings.NewReader("12345"), failingReader{broken}), "the disk broke"},
	} {
		b, err := openFile(t.Context(), f, func() (io.ReadCloser, error) { return io.NopCloser(c.in), nil })
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(b)
		closed := b.Close()
		if c.err == "" && (err != nil || string(got) != "12345" || closed != nil) ||
			c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err) || len(got) == 5 || closed == nil) {
			t.Errorf("%s: %q, %v, %v", name, got, err, closed)
		}
	}
}

type failingReader struct{ error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.error }
