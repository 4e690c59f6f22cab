package hosts

import (
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
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"
	dav "golang.org/x/net/webdav"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// A davServer is a WebDAV server. Anybody may read, unless readers look at the disk;
// writing takes the user alice and her password.
type davServer struct {
	*hosttest.Served
	onDisk bool
}

const davPassword = `pa"geheim\wörd`

// place is a new site, an empty folder.
func (s davServer) place(t testing.TB) hosttest.Place {
	t.Helper()
	name := fmt.Sprintf("网站 %d", nth.Add(1))
	p := hosttest.Place{Kind: "webdav", Disk: filepath.Join(s.Site, name), Options: map[string]string{
		"url": "http://" + s.Address + "/" + url.PathEscape(name), "user": "alice", "password": davPassword}}
	if s.onDisk { // it does not see at once what others change there, nor a disk mounted there
		req := must2(http.NewRequest("MKCOL", p.Options["url"], nil))
		req.SetBasicAuth("alice", davPassword)
		must2(http.DefaultClient.Do(req)).Body.Close()
		p.Read, p.Disk = hosttest.ReadDisk(p.Disk), ""
		return p
	}
	must(os.Mkdir(p.Disk, 0o755))
	owned(p.Disk)
	p.Read = hosttest.ReadWeb(p.Options["url"])
	return p
}

// owned gives a file to the user that Apache changes to.
func owned(name string) {
	if os.Getuid() == 0 {
		must(exec.Command("chown", "www-data:", name).Run())
	}
}

func davBench(name string, onDisk bool, variables ...string) hosttest.Bench {
	return hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		return davServer{hosttest.Server(t, name, append(variables, "PASSWORD="+davPassword)...), onDisk}.place(t)
	}}
}

var (
	webdavApacheBench = davBench("apache-dav", false, fmt.Sprintf("DIGEST_USER=alice:site:%x", md5.Sum([]byte("alice:site:"+davPassword))))
	webdavNginxBench  = davBench("nginx", false)
)

// inPlace is a server that writes over the old bytes, as most do that are neither.
var inPlace = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
	root := t.TempDir()
	handler := &dav.Handler{FileSystem: dav.Dir(root), LockSystem: dav.NewMemLS()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); r.Method != "GET" && (user != "alice" || password != davPassword) {
			w.Header().Set("WWW-Authenticate", `Basic realm="site"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return davServer{&hosttest.Served{Address: strings.TrimPrefix(server.URL, "http://"), Site: root}, false}.place(t)
}}

var davServers = map[string]struct {
	bench hosttest.Bench
	whole bool // a PUT that is cut off leaves the old bytes
}{
	"apache":   {webdavApacheBench, true},
	"nginx":    {webdavNginxBench, true},
	"in place": {inPlace, false},
}

func TestWebDAV(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) { hosttest.Contract(t, s.bench) })
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

// A page whose upload is cut off is as it was, whatever the server does then.
func TestWebDAVCutOff(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) {
			p := s.bench.Fresh(t)
			h := editOf(t, p)
			ctx, heard := steps(t.Context())
			old := strings.Repeat("o", 1000)
			must(h.PutText(ctx, "zh/page.html", old))
			moved := false // where a PUT is not whole
			for _, step := range heard() {
				moved = moved || strings.HasPrefix(step, "MOVE")
			}
			if moved == s.whole {
				t.Errorf("files are moved into place: %v", moved)
			}
			body, given := io.Pipe() // which then waits for more
			ending, cancel := context.WithCancel(t.Context())
			go func() {
				_, _ = given.Write(make([]byte, 1<<20))
				cancel()
			}()
			f := publish.File{Path: "zh/page.html", Size: 4 << 20}
			if err := h.Put(ending, f, func() (io.ReadCloser, error) { return body, nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("Put: %v", err)
			}
			reads(t, p, "zh/page.html", old)
			// What was left goes with the next change of the name, in another process.
			all := []string{partName("zh/other.html"), probe()}
			if moved {
				all = append(all, partName("zh/page.html"))
			}
			for _, left := range all {
				owned(write(p.Disk, left, "left"))
			}
			other := editOf(t, p)
			if names, err := other.List(t.Context(), "zh"); err != nil || len(names) != 1 {
				t.Errorf("List: %q, %v", names, err)
			}
			if err := other.Delete(t.Context(), "zh/other.html"); err != nil {
				t.Error(err)
			}
			// What the server is still writing, it holds until it sees that nothing comes.
			waitFor(t, "what was left to go", func() bool {
				must(again(func() error { return other.PutText(t.Context(), "zh/page.html", "new") }))
				reads(t, p, "zh/page.html", "new")
				return filesIn(t, p.Disk) == "zh/page.html"
			})
		})
	}
}

func TestWebDAVCopy(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) {
			p := s.bench.Fresh(t)
			h := editOf(t, p)
			show(t, h, "zh/a 一.html", "a")
			show(t, h, "zh/b.html", "b")
			copyTo := func(from, to string) error {
				f, _ := textFile(to, "a")
				return h.Copy(t.Context(), from, f)
			}
			must(copyTo("zh/a 一.html", "_releases/objects/ab/c#d"))
			reads(t, p, "_releases/objects/ab/c#d", "a")
			// Where PUT is whole, nothing else replaces a file.
			if err := copyTo("zh/a 一.html", "zh/b.html"); s.whole != errors.Is(err, errors.ErrUnsupported) || !s.whole && err != nil {
				t.Errorf("Copy over a file: %v", err)
			}
			reads(t, p, "zh/b.html", map[bool]string{true: "b", false: "a"}[s.whole])
			if err := copyTo("zh/nothing", "zh/none.html"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Copy of nothing: %v", err)
			}
			if got := filesIn(t, p.Disk); got != "_releases/objects/ab/c#d zh/a 一.html zh/b.html" {
				t.Errorf("on the server's disk are %s", got)
			}
		})
	}
}

func TestWebDAVFolders(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) {
			p := s.bench.Fresh(t)
			ctx, heard := steps(t.Context())
			h := editOf(t, p)
			for i := range 3 {
				must(h.PutText(ctx, fmt.Sprintf("zh/m/s%d/index.html", i), "a"))
			}
			made := map[string]int{}
			for _, c := range heard() {
				if strings.HasPrefix(c, "MKCOL") {
					made[c]++
				}
			}
			// Below what we have made ourselves one request a folder is enough.
			if made["MKCOL zh"] != 1 || made["MKCOL zh/m/s1"] != 1 || made["MKCOL zh/m/s2"] != 1 || len(made) != 5 {
				t.Errorf("requests: %v", made)
			}
			// A file is not a folder, and a folder is not a file.
			_, getErr := h.Get(ctx, "zh/m")
			_, statErr := h.Stat(ctx, "zh/m")
			_, below := h.Stat(ctx, "zh/m/s1/index.html/x")
			for what, err := range map[string]error{"Get of a folder": getErr, "Stat of a folder": statErr, "Stat below a file": below} {
				if !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if names, err := h.List(ctx, "zh/m/s1/index.html"); err != nil || len(names) != 0 {
				t.Errorf("List of a file: %q, %v", names, err)
			}
			other := editOf(t, p)
			for _, h := range []*hosttest.Edit{h, other} {
				if err := h.Delete(ctx, "zh/m"); err != nil {
					t.Errorf("Delete of a folder: %v", err)
				}
			}
			if got := filesIn(t, p.Disk); got != "zh/m/s0/index.html zh/m/s1/index.html zh/m/s2/index.html" {
				t.Errorf("on the server's disk are %s", got)
			}
			if err := other.PutText(ctx, "zh/m/s1/index.html/x.html", "x"); err == nil || !publish.IsFinal(err) {
				t.Errorf("Put below a file: %v", err)
			}
			// A folder that somebody took away is made again.
			must(os.RemoveAll(filepath.Join(p.Disk, "zh", "m", "s1")))
			show(t, h, "zh/m/s1/index.html", "a")
		})
	}
}

func TestWebDAVWrongPassword(t *testing.T) {
	for name, s := range davServers {
		t.Run(name, func(t *testing.T) {
			p := s.bench.Fresh(t)
			for _, wrong := range [][]string{{"password", "geheim-1"}, {"user", "", "password", "", "token", "geheim-1"}, {"user", "", "password", ""}} {
				err := edit(t, "webdav", with(p.Options, wrong...)).PutText(t.Context(), "page.html", "page")
				wants(t, err, true, "refuses the user")
				_, err = edit(t, "webdav", with(p.Options, wrong...)).List(t.Context(), ".")
				wants(t, err, true, "refuses the user")
			}
			if got := filesIn(t, p.Disk); got != "" {
				t.Errorf("on the server's disk are %s", got)
			}
		})
	}
}

// A nonce that the server does not take any more, after two seconds here, costs one more
// request.
func TestWebDAVOldNonce(t *testing.T) {
	p := webdavApacheBench.Fresh(t)
	h := editOf(t, p)
	show(t, h, "page.html", "a")
	time.Sleep(2500 * time.Millisecond)
	ctx, heard := steps(t.Context())
	large := strings.Repeat("b", 3<<20)
	must(h.PutText(ctx, "page.html", large))
	reads(t, p, "page.html", large)
	if got := heard(); len(got) != 2 {
		t.Errorf("steps %q", got)
	}
}

func TestWebDAVNoServer(t *testing.T) {
	turnsAway(t, "webdav", map[string]string{"url": fmt.Sprintf("http://127.0.0.1:%d/", hosttest.Port(t)), "token": "geheim-1"}, false, "refused")
	// A folder that is not there is not made: its address may be wrong.
	p := webdavNginxBench.Fresh(t)
	wants(t, edit(t, "webdav", with(p.Options, "url", p.Options["url"]+"/nothing")).PutText(t.Context(), "index.html", "x"), true, "there is no folder")
	plain := httptest.NewServer(http.FileServer(http.Dir(t.TempDir())))
	defer plain.Close()
	if err := edit(t, "webdav", map[string]string{"url": plain.URL}).PutText(t.Context(), "index.html", "x"); err == nil {
		t.Error("Put is content with a server without WebDAV")
	}
	silent := map[string]string{"url": "http://127.0.0.1:" + silentServer(t)}
	if _, err := editBy(t, "webdav", silent, Network{Quiet: 50 * time.Millisecond}).Stat(t.Context(), "x"); publish.ReasonOf(err) != publish.Silent {
		t.Errorf("a silent server: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := edit(t, "webdav", silent).PutText(ctx, "x", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
}

func TestWebDAVRedirect(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://alice:geheim@elsewhere.example"+r.URL.Path+"?geheim", http.StatusFound)
	}))
	defer server.Close()
	_, err := edit(t, "webdav", map[string]string{"url": server.URL}).Get(t.Context(), "x")
	wants(t, err, true, "https://elsewhere.example/x;")
}

func TestWebDAVCertificate(t *testing.T) {
	root := t.TempDir()
	server := httptest.NewUnstartedServer(&dav.Handler{FileSystem: dav.Dir(root), LockSystem: dav.NewMemLS()})
	server.Config.ErrorLog = quietLog
	server.StartTLS()
	defer server.Close()
	_, err := edit(t, "webdav", map[string]string{"url": server.URL}).Stat(t.Context(), "x")
	wants(t, err, true, "certificate")
	ca := write(t.TempDir(), "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	show(t, edit(t, "webdav", map[string]string{"url": server.URL, "ca": ca}), "zh/x", "x")
	if got := filesIn(t, root); got != "zh/x" {
		t.Errorf("on the server's disk are %s", got)
	}
}

// asks is a server that wants to know who is there, at an address that others can listen
// on the way to. What comes to it is in the end what was sent with the last request.
func asks(t *testing.T, challenge string, options ...string) (*hosttest.Edit, *string) {
	said := new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if *said = r.Header.Get("Authorization"); *said == "" {
			w.Header()["Www-Authenticate"] = strings.Split(challenge, "\n")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	n := Network{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}}
	return editBy(t, "webdav", with(map[string]string{"url": "http://example.org/", "user": "Mufasa", "password": "geheim of Life"}, options...), n), said
}

// A password or token does not travel where others can read it.
func TestWebDAVUnencrypted(t *testing.T) {
	for _, basic := range []string{`Basic realm="x"`, `basic realm="digest", Negotiate`} {
		h, said := asks(t, basic)
		_, err := h.Get(t.Context(), "x")
		if wants(t, err, true, "use https, or Digest"); *said != "" {
			t.Errorf("%s: the server was told %q", basic, *said)
		}
	}
	h, said := asks(t, "", "token", "geheim", "user", "", "password", "")
	_, err := h.Get(t.Context(), "x")
	if wants(t, err, true, "use https, or Digest"); *said != "" {
		t.Errorf("the server was told %q", *said)
	}
	h, said = asks(t, "Basic realm=\"x\"\n"+`Digest realm="a, b", nonce="n", algorithm=SHA-256, qop="auth-int, auth"`)
	if _, err := h.Get(t.Context(), "x"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(*said, `realm="a, b"`) || strings.Contains(*said, "geheim") {
		t.Errorf("digest: %v, %q", err, *said)
	}
}

// A session key, which the library does not know, is made as RFC 7616, section 3.4.2,
// says: of what the plain answer is made of, the nonces and the method.
func TestDigestSession(t *testing.T) {
	h, said := asks(t, `Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"`)
	if _, err := h.Get(t.Context(), "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	answer := must2(digest.ParseCredentials(*said))
	sum := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	want := sum(sum(sum("Mufasa:r:geheim of Life")+":n:"+answer.Cnonce) + ":n:00000001:" + answer.Cnonce + ":auth:" + sum("GET:/x"))
	if answer.Response != want || answer.Algorithm != "MD5-sess" {
		t.Errorf("%q; want the response %s", *said, want)
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
		"a page":            {`<html><body>Welcome`, "", "but have <html>"},
		"nothing":           {``, "", "unexpected EOF"},
		"from elsewhere":    {all(entry("/zh/", folder), entry("/zh/a/b", file)), "", "not in it"},
		"no address":        {all(entry("/zh/", folder), entry("/zh/%zz", file)), "", "is no address"},
		"an entity":         {`<!DOCTYPE d [<!ENTITY x "y">]>` + all(entry("/zh/&x;", folder)), "", "entity"},
		"another namespace": {`<multistatus xmlns="X:"></multistatus>`, "", "expected element <multistatus>"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusMultiStatus)
			io.WriteString(w, c.answer)
		}))
		names, err := edit(t, "webdav", map[string]string{"url": server.URL}).List(t.Context(), "zh")
		if strings.Join(names, " ") != c.names || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %q, %v", name, names, err)
		}
		server.Close()
	}
}
