package hosts

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/icholy/digest"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// webdav is a folder that a web server lets us write by WebDAV (RFC 4918).
var webdav = Kind{
	Name: "webdav",
	Doc: plan.Text{ZH: "用 WebDAV 写入的网页服务器（Apache、nginx 等）",
		EN: "A web server that is written by WebDAV (Apache, nginx and others)"},
	Options: []Option{
		{Name: "url", Required: true, Doc: plan.Text{ZH: "网站文件夹的 WebDAV 地址，不含用户名和密码", EN: "the WebDAV address of the site's folder, without user and password"}},
		{Name: "user", Doc: plan.Text{ZH: "用户名；服务器可要求 Digest 或 Basic 认证", EN: "the user; the server may ask for Digest or Basic authentication"}},
		{Name: "password", Secret: true, Doc: plan.Text{ZH: "该用户的密码", EN: "the user's password"}},
		{Name: "token", Secret: true, Doc: plan.Text{ZH: "代替用户名和密码的 Bearer 令牌", EN: "a bearer token, in place of user and password"}},
		{Name: "ca", Doc: plan.Text{ZH: "额外信任的证书颁发机构（PEM 文件）", EN: "a PEM file with certificate authorities to trust besides the system's"}},
	},
	Example: `[targets.dav]
  kind = "webdav"
  url = "https://dav.example.org/minxi/"
  user = "minxi"
  password = { env = "MINXI_DAV_PASSWORD" }
`,
	Notes: []plan.Text{
		{ZH: "响应头由网页服务器设置，WebDAV 写不了。",
			EN: "Headers are the web server's: WebDAV cannot write them."},
		{ZH: "Apache 和 nginx 换文件是一步；别的服务器上先传到旁边再移过去，而有的服务器会先删旧文件（rclone serve webdav 等用 Go 库写的，sabre/dav，因而 Nextcloud 和 ownCloud）：恰在那一刻崩溃就会缺一页，请立即再发布一次补上。",
			EN: "Apache and nginx replace a file in one step; on other servers it is sent beside its name and moved over it, and some of them delete the old file first (rclone serve webdav and others made with Go's library; sabre/dav, and so Nextcloud and ownCloud): a crash of the server in that moment leaves a page missing. Publish again at once, which puts it back."},
	},
	Open: openWebDAV,
}

func openWebDAV(_ context.Context, o Values) (publish.Host, error) {
	fail := func(zh, en string, args ...any) (publish.Host, error) {
		return nil, publish.Final(tell(zh, en, args...))
	}
	base, err := url.Parse(o.text("url"))
	switch {
	case err != nil: // the error would quote what may hold a password
		return fail("url 不是网址", "url: is not an address")
	case base.User != nil:
		return fail("url 里不能写用户名和密码，它们各有一项", "url: must not hold a user or password; they have options of their own")
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" || base.Fragment != "":
		return fail("url 不是 https://主机/文件夹/ 这样的网址", "url: is not an address like https://host/folder/")
	case o.text("token") != "" && o.text("user") != "":
		return fail("token 不能和 user 一起用", "token: cannot be used together with user")
	case o.text("password") != "" && o.text("user") == "":
		return fail("有 password 而没有 user", "user: is missing beside password")
	}
	if !strings.HasSuffix(base.Path, "/") {
		base = base.JoinPath("/")
	}
	client := newClient(o.Network)
	transport := client.Transport.(*http.Transport)
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = &tls.Config{}
	}
	transport.ExpectContinueTimeout = time.Second
	if o.text("ca") != "" {
		if transport.TLSClientConfig.RootCAs, err = authorities(o); err != nil {
			return nil, err
		}
	}
	return &davHost{
		base: base, network: o.Network, client: client, transport: transport, probing: newGate(), folders: map[string]*davFolder{}, parts: map[string]bool{},
		auth: davAuth{user: o.text("user"), password: o.text("password"), token: o.text("token"), open: isOpen(base)},
	}, nil
}

const davConcurrency = 8

// A davHost speaks WebDAV over net/http. Two things are not plain.
//
// MOVE onto a name that exists deletes it first (RFC 4918, section 9.9.3), and
// Apache does so: readers get 404 in between. PUT, on the other hand, writes
// beside the name and renames on Apache and nginx, and writes over the old bytes
// on many other servers. So the first change finds out, by cutting a PUT off
// (see replacesWhole), and either PUT is used as it is, or PUT to a name beside
// it and MOVE.
//
// A folder is looked at once, by PROPFIND, which says whether it has to be made, and
// what an earlier change has left in it, which goes then.
type davHost struct {
	base      *url.URL // ends with a slash
	network   Network
	client    *http.Client
	transport *http.Transport // of client
	auth      davAuth

	probing gate
	probed  bool // guarded by probing, as is whole
	whole   bool

	mu      sync.Mutex // guards what follows, and the maps in a davFolder
	folders map[string]*davFolder
	parts   map[string]bool // names beside others that are being written now
}

// Traits: a server's WebDAV takes no headers, its own configuration gives them.
func (h *davHost) Traits() publish.Traits {
	return publish.Traits{Concurrency: davConcurrency, NameMax: publish.MostName}
}

func (h *davHost) Close() error {
	h.client.CloseIdleConnections()
	return nil
}

func (h *davHost) Put(ctx context.Context, f publish.File, body publish.Body) error {
	whole, err := h.replacesWhole(ctx)
	if err != nil {
		return err
	}
	if _, err := h.folder(ctx, path.Dir(f.Path), true); err != nil {
		return err
	}
	if whole {
		return h.send(ctx, f.Path, f, body)
	}
	return h.beside(ctx, f.Path, func(part string) error { return h.send(ctx, part, f, body) })
}

// beside has something be made under a name beside another, and moves it there. The
// name is never the same twice: a server may still be writing what came of a request
// that was cut off. Another publisher that has just begun may take it for something
// that was left and remove it; as each looks at a folder once, it is then made again.
func (h *davHost) beside(ctx context.Context, name string, make func(part string) error) error {
	const tries = 3
	for try := 1; ; try++ {
		part := h.newPart(name)
		err := make(part)
		made := err == nil
		if made {
			err = h.ask(ctx, davCall{method: "MOVE", name: part, headers: map[string]string{"Destination": h.address(name, false).String(), "Overwrite": "T"}})
		}
		h.done(part)
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			h.forget(path.Dir(name)) // what is left there goes when it is looked at again
		}
		if err == nil || !made || try == tries {
			return err
		}
		if _, gone := h.Stat(ctx, part); !errors.Is(gone, fs.ErrNotExist) {
			return err
		}
	}
}

func (h *davHost) newPart(name string) string {
	part := strings.TrimSuffix(partName(name), tempSuffix) + "." + rand.Text()[:8] + tempSuffix
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parts[part] = true
	return part
}

func (h *davHost) done(part string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.parts, part)
}

// send puts the bytes of f under a name.
func (h *davHost) send(ctx context.Context, name string, f publish.File, body publish.Body) error {
	headers := map[string]string{"Content-Type": f.Header["Content-Type"]}
	if f.Size > 1<<20 {
		headers["Expect"] = "100-continue" // a refusal comes before the bytes are sent
	}
	err := h.ask(ctx, davCall{method: "PUT", name: name, headers: headers, file: f, body: body})
	if err != nil {
		h.forget(path.Dir(name)) // somebody may have taken the folder away
	}
	return err
}

// Copy leaves a name that exists to PUT where that is whole: COPY and MOVE onto
// it are not.
func (h *davHost) Copy(ctx context.Context, from string, to publish.File) error {
	whole, err := h.replacesWhole(ctx)
	if err != nil {
		return err
	}
	if whole {
		if _, err := h.Stat(ctx, to.Path); err == nil {
			return errors.ErrUnsupported
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if _, err := h.folder(ctx, path.Dir(to.Path), true); err != nil {
		return err
	}
	return h.beside(ctx, to.Path, func(part string) error {
		status, err := h.call(ctx, davCall{method: "COPY", name: from, headers: map[string]string{"Destination": h.address(part, false).String(), "Overwrite": "T"}})
		switch {
		case err != nil:
			return err
		case status == http.StatusNotFound:
			return &fs.PathError{Op: "COPY", Path: from, Err: fs.ErrNotExist}
		case status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented, status == http.StatusBadGateway:
			return errors.ErrUnsupported
		}
		return davOutcome("COPY", from, status)
	})
}

func (h *davHost) Delete(ctx context.Context, name string) error {
	dir, err := h.folder(ctx, path.Dir(name), false)
	if err != nil || dir == nil {
		return err
	}
	// DELETE of a folder takes everything below with it.
	h.mu.Lock()
	isFolder := dir.inside[name]
	h.mu.Unlock()
	if isFolder {
		return nil
	}
	_, err = h.remove(ctx, name)
	return err
}

func (h *davHost) remove(ctx context.Context, name string) (status int, err error) {
	status, err = h.call(ctx, davCall{method: "DELETE", name: name})
	if err != nil || status == http.StatusNotFound || status == http.StatusGone {
		return status, err
	}
	return status, davOutcome("DELETE", name, status)
}

func (h *davHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	res, err := h.do(ctx, davCall{method: "GET", name: name, headers: map[string]string{"Accept-Encoding": "identity"}})
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	discard(res)
	if res.StatusCode != http.StatusNotFound {
		// Servers say several things of a GET of a folder.
		if _, err := h.Stat(ctx, name); errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, davError("GET", name, res.StatusCode)
}

func (h *davHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	found, err := h.propfind(ctx, name, false)
	if err != nil {
		return publish.Stat{}, err
	}
	if len(found) != 1 || found[0].folder {
		return publish.Stat{}, &fs.PathError{Op: "PROPFIND", Path: name, Err: fs.ErrNotExist}
	}
	if found[0].size < 0 {
		return publish.Stat{}, tell("%s：服务器没有说它有多大", "PROPFIND %s: the server does not say how large it is", name)
	}
	return publish.Stat{Size: found[0].size}, nil
}

func (h *davHost) List(ctx context.Context, dir string) ([]string, error) {
	found, err := h.propfind(ctx, dir, true)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range found {
		if !e.folder && !strings.HasSuffix(e.name, tempSuffix) {
			names = append(names, path.Join(dir, e.name))
		}
	}
	return names, err
}

// A davFolder is what is remembered of a folder of the server.
type davFolder struct {
	looking gate
	known   bool            // it is there; guarded by looking
	made    bool            // by us, so that there is nothing in it that we have not put there
	inside  map[string]bool // the folders in it
}

// davRemembered is how many folders are remembered; then all are forgotten.
const davRemembered = 20_000

func (h *davHost) remembered(dir string) *davFolder {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.folders[dir]
	if f == nil {
		if len(h.folders) >= davRemembered {
			clear(h.folders)
		}
		f = &davFolder{looking: newGate(), inside: map[string]bool{}}
		h.folders[dir] = f
	}
	return f
}

func (h *davHost) forget(dir string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.folders, dir)
}

// folder looks at a folder, the first time that it is asked for. If there is none
// it makes it and those above, or returns nil.
func (h *davHost) folder(ctx context.Context, dir string, create bool) (*davFolder, error) {
	f := h.remembered(dir)
	if err := f.looking.enter(ctx); err != nil {
		return nil, err
	}
	defer f.looking.leave()
	if f.known {
		return f, nil
	}
	above := path.Dir(dir)
	if dir == "." || !h.isNew(above) {
		if err := h.look(ctx, dir, f); !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	if !create {
		return nil, nil
	}
	if dir == "." {
		return nil, publish.Final(publish.Because(publish.NoPlace, tell("服务器上没有文件夹 %s", "there is no folder %s on the server", h.base)))
	}
	mkcol := davCall{method: "MKCOL", name: dir, folder: true}
	status, err := h.call(ctx, mkcol)
	if status == http.StatusConflict || status == http.StatusNotFound {
		if _, err := h.folder(ctx, above, true); err != nil {
			return nil, err
		}
		status, err = h.call(ctx, mkcol)
	}
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusCreated:
		f.known = true
		in := h.remembered(above)
		h.mu.Lock()
		defer h.mu.Unlock()
		f.made = true
		in.inside[dir] = true
		return f, nil
	case status == http.StatusMethodNotAllowed: // there is something, perhaps only since we looked
		if err := h.look(ctx, dir, f); err != nil {
			return nil, publish.Final(tell("%s：服务器不能在那里建文件夹：%v", "MKCOL %s: the server cannot make a folder there: %v", dir, err))
		}
		return f, nil
	}
	h.forget(above)
	return nil, davError("MKCOL", dir, status)
}

func (h *davHost) isNew(dir string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.folders[dir] != nil && h.folders[dir].made
}

// look fills in what is known of a folder, and removes what changes that were cut off
// have left there. What the server is still writing stays until the next look. The
// error is fs.ErrNotExist if it is not there, or is a file.
func (h *davHost) look(ctx context.Context, dir string, f *davFolder) error {
	found, err := h.propfind(ctx, dir, true)
	if err != nil {
		return err
	}
	f.known = true
	for _, e := range found {
		full := path.Join(dir, e.name)
		h.mu.Lock()
		if e.folder {
			f.inside[full] = true
		}
		left := !e.folder && strings.HasSuffix(e.name, tempSuffix) && !h.parts[full]
		h.mu.Unlock()
		if !left {
			continue
		}
		if status, err := h.remove(ctx, full); status == http.StatusLocked {
			f.known = false
		} else if err != nil {
			return err
		}
	}
	return nil
}

// replacesWhole reports whether a PUT that is cut off leaves what the name held
// before. It puts a file, begins another PUT of it, closes its side of the
// connection in the middle and waits until the server has closed the other, which
// it does when it is done with the request. Where the answer leaves room for
// doubt, it is no.
func (h *davHost) replacesWhole(ctx context.Context) (bool, error) {
	if err := h.probing.enter(ctx); err != nil {
		return false, err
	}
	defer h.probing.leave()
	if h.probed {
		return h.whole, nil
	}
	if _, err := h.folder(ctx, ".", true); err != nil {
		return false, err
	}
	name := h.newPart("probe")
	defer h.done(name)
	text := []byte("a whole file\n")
	err := h.send(ctx, name, publish.File{Path: name, Size: int64(len(text))}, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil })
	if err != nil {
		return false, err
	}
	began, err := h.cutOff(ctx, name)
	if err != nil {
		return false, err
	}
	res, err := h.do(ctx, davCall{method: "GET", name: name, headers: map[string]string{"Accept-Encoding": "identity"}})
	if err != nil {
		return false, err
	}
	got, err := io.ReadAll(io.LimitReader(res.Body, int64(len(text))+1))
	discard(res)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	whole := began && err == nil && res.StatusCode == http.StatusOK && bytes.Equal(got, text)
	if status, err := h.remove(ctx, name); status == http.StatusLocked {
		h.forget(".")
	} else if err != nil {
		return false, err
	}
	h.probed, h.whole = true, whole
	return whole, nil
}

// cutOff sends half of a PUT. It reports whether the server then said what it
// says of such a request; a refusal for another reason shows nothing.
func (h *davHost) cutOff(ctx context.Context, name string) (bool, error) {
	if err := publish.Step(ctx, "PUT", name+" (half)"); err != nil {
		return false, err
	}
	const half = 128 << 10
	req, err := http.NewRequestWithContext(ctx, "PUT", h.address(name, false).String(), bytes.NewReader(make([]byte, half)))
	if err != nil {
		return false, err
	}
	req.ContentLength = 2 * half
	if err := h.auth.authorize(req); err != nil {
		return false, err
	}
	if proxy, err := h.transport.Proxy(req); err != nil || proxy != nil {
		return false, nil
	}
	port := h.base.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[h.base.Scheme]
	}
	conn, err := h.network.dial(ctx, "tcp", net.JoinHostPort(h.base.Hostname(), port))
	if err != nil {
		return false, networkError(ctx, "PUT "+name, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(h.network.connect()))
	if h.base.Scheme == "https" {
		conf := h.transport.TLSClientConfig.Clone()
		conf.ServerName = h.base.Hostname()
		conn = tls.Client(conn, conf)
	}
	_ = req.Write(conn) // fails after half
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
	said, err := io.ReadAll(io.LimitReader(conn, 1<<16))
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return false, nil
	}
	return len(said) == 0 || cutOffStatus.Match(said), nil
}

// cutOffStatus is what servers say when a request's body ends too early. 100 comes
// before it from some.
var cutOffStatus = regexp.MustCompile(`^(HTTP/1\.[01] 100 [^\r\n]*\r\n\r\n)?HTTP/1\.[01] (400|408|499) `)

// A davCall is one request.
type davCall struct {
	method  string
	name    string
	folder  bool // the name is a folder's
	headers map[string]string
	file    publish.File // what body gives
	body    publish.Body // nil if there is none
}

// call makes a request whose answer is its status.
func (h *davHost) call(ctx context.Context, c davCall) (int, error) {
	res, err := h.do(ctx, c)
	if err != nil {
		return 0, err
	}
	discard(res)
	return res.StatusCode, nil
}

// ask makes a request that has to succeed.
func (h *davHost) ask(ctx context.Context, c davCall) error {
	status, err := h.call(ctx, c)
	if err != nil {
		return err
	}
	return davOutcome(c.method, c.name, status)
}

// discard lets a connection be used again.
func discard(res *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
	res.Body.Close()
}

// do makes a request, a second time if the server asks who we are. A redirect to
// the same name with a slash is how servers say that it is a folder's; no file is
// there then, so that counts as 404.
func (h *davHost) do(ctx context.Context, c davCall) (*http.Response, error) {
	for again := false; ; again = true {
		res, err := h.once(ctx, c)
		if err != nil {
			return nil, err
		}
		if res.StatusCode == http.StatusUnauthorized {
			more, err := h.auth.asked(res)
			discard(res)
			if err == nil && more && !again {
				continue
			}
			return nil, cmp.Or(err, davError(c.method, c.name, res.StatusCode))
		}
		if res.StatusCode/100 != 3 || res.StatusCode == http.StatusNotModified {
			return res, nil
		}
		to, err := res.Location()
		discard(res)
		if err == nil && !c.folder && to.Path == res.Request.URL.Path+"/" {
			res.StatusCode = http.StatusNotFound
			return res, nil
		}
		where := "elsewhere"
		if err == nil {
			where = "to " + to.Scheme + "://" + to.Host + to.EscapedPath()
		}
		return nil, publish.Final(tell("%s %s：服务器转到 %s；url 应写文件夹真正的网址", "%s %s: the server sends us %s; url has to be the address where the folder is", c.method, c.name, where))
	}
}

// once makes a request once.
func (h *davHost) once(ctx context.Context, c davCall) (*http.Response, error) {
	r := call{op: c.method, on: c.name, method: c.method, url: h.address(c.name, c.folder).String(), header: c.headers, size: c.file.Size, authorize: h.auth.authorize}
	if c.body != nil {
		r.open = func() (io.ReadCloser, error) { return openFile(ctx, c.file, c.body) }
	}
	return once(ctx, h.client, r)
}

// address is the address of a name, with every character escaped that could mean
// something.
func (h *davHost) address(name string, folder bool) *url.URL {
	if name == "." {
		return h.base
	}
	if folder {
		name += "/"
	}
	var b strings.Builder
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	u := *h.base
	u.RawPath = h.base.EscapedPath() + b.String()
	u.Path = h.base.Path + name
	return &u
}

// davStatuses say what a status means here, and whether trying again can help.
var davStatuses = map[int]struct {
	text  string
	retry bool
}{
	400: {text: "the server does not understand the request"},
	401: {text: "the server refuses the user, password or token"},
	403: {text: "the server does not allow it"},
	405: {text: "the server does not do that here; is WebDAV switched on?"},
	408: {text: "the server waited too long", retry: true},
	409: {text: "a folder is missing", retry: true},
	412: {text: "the file was changed meanwhile", retry: true},
	413: {text: "the file is larger than the server allows"},
	423: {text: "somebody has locked the file", retry: true},
	425: {text: "the server wants it later", retry: true},
	429: {text: "the server wants fewer requests", retry: true},
	501: {text: "the server does not know the method; is WebDAV switched on?"},
	507: {text: "the server's disk or the account is full"},
}

// davError is the error of a request that was answered.
func davError(method, name string, status int) error {
	if status == http.StatusNotFound && (method == "GET" || method == "PROPFIND") {
		return &fs.PathError{Op: method, Path: name, Err: fs.ErrNotExist}
	}
	text := strings.ToLower(http.StatusText(status))
	known, ok := davStatuses[status]
	if ok {
		text = known.text
	}
	err := publish.Because(publish.StatusReason(status), fmt.Errorf("%s %s: %s (%d)", method, name, text, status))
	if known.retry || !ok && (status/100 == 5 || status == http.StatusNotFound) {
		return err
	}
	return publish.Final(err)
}

// davOutcome is the error of a change that was answered, nil if it was made. 207 tells
// of parts that failed.
func davOutcome(method, name string, status int) error {
	if status/100 == 2 && status != http.StatusMultiStatus {
		return nil
	}
	return davError(method, name, status)
}

// A davEntry is a file or folder that PROPFIND found.
type davEntry struct {
	name   string // the last part of its path
	folder bool
	size   int64 // -1 if the server does not say
}

// davAnswer bounds what is read of a PROPFIND's answer; a file takes some 400
// bytes of it.
const davAnswer = 64 << 20

const davProps = `<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>`

// davResponse is the element of RFC 4918, section 14.24.
type davResponse struct {
	Href  string     `xml:"DAV: href"`
	Props []struct { // those that were found have the status 200; a resource type is always

		Status     string    `xml:"DAV: status"`
		Collection *struct{} `xml:"DAV: prop>resourcetype>collection"`
		Size       *int64    `xml:"DAV: prop>getcontentlength"`
	} `xml:"DAV: propstat"`
}

// propfind asks for a file, or for what is directly in a folder (RFC 4918, section
// 9.1). The error is fs.ErrNotExist if there is none, or a file where a folder
// should be.
func (h *davHost) propfind(ctx context.Context, name string, folder bool) ([]davEntry, error) {
	depth := "0"
	if folder {
		depth = "1"
	}
	res, err := h.do(ctx, davCall{method: "PROPFIND", name: name, folder: folder, file: publish.File{Path: name, Size: int64(len(davProps))},
		headers: map[string]string{"Depth": depth, "Content-Type": "application/xml; charset=utf-8", "Accept-Encoding": "identity"},
		body:    func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(davProps)), nil }})
	if err != nil {
		return nil, err
	}
	defer discard(res)
	none := &fs.PathError{Op: "PROPFIND", Path: name, Err: fs.ErrNotExist}
	switch {
	case res.StatusCode == http.StatusBadRequest, res.StatusCode == http.StatusMethodNotAllowed:
		// Servers say so when a folder is asked for, or something in it, and it is a file.
		above := name
		if !folder {
			above = path.Dir(name)
		}
		if above == "." {
			return nil, davError("PROPFIND", name, res.StatusCode)
		}
		if found, err := h.propfind(ctx, above, false); err == nil && len(found) == 1 && !found[0].folder || errors.Is(err, fs.ErrNotExist) {
			return nil, none
		}
		return nil, davError("PROPFIND", name, res.StatusCode)
	case res.StatusCode != http.StatusMultiStatus:
		return nil, davError("PROPFIND", name, res.StatusCode)
	}
	found := map[string]davEntry{} // by path
	self := ""
	err = davParse(io.LimitReader(res.Body, davAnswer), func(r davResponse) error {
		u, err := url.Parse(strings.TrimSpace(r.Href))
		if err != nil || u.Path == "" {
			return fmt.Errorf("%q is no address", r.Href)
		}
		where := path.Clean(u.Path)
		e := davEntry{name: path.Base(where), size: -1}
		there := false
		for _, p := range r.Props {
			if fields := strings.Fields(p.Status); len(fields) > 1 && fields[1] == "200" {
				there = true
				e.folder = e.folder || p.Collection != nil
				if p.Size != nil {
					e.size = *p.Size
				}
			}
		}
		if !there {
			return nil
		}
		if e.folder && (self == "" || len(where) < len(self)) {
			self = where
		}
		found[where] = e
		return nil
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("PROPFIND %s: the answer is not as it should be: %w", name, err)
	}
	var entries []davEntry
	if !folder {
		for e := range maps.Values(found) {
			entries = append(entries, e)
		}
		return entries, nil
	}
	// The folder itself is among them. Its path may be another than the one that
	// we know, if there is a proxy.
	if self == "" {
		return nil, none
	}
	for where, e := range found {
		if where == self {
			continue
		}
		if path.Dir(where) != self {
			return nil, tell("%s：服务器的回答里有不属于它的 %q", "PROPFIND %s: the answer has %q, which is not in it", name, where)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// davParse reads a multistatus element to its end, one response at a time.
func davParse(r io.Reader, each func(davResponse) error) error {
	dec := xml.NewDecoder(r)
	inside := false
	for {
		token, err := dec.Token()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch {
			case !inside && t.Name == xml.Name{Space: "DAV:", Local: "multistatus"}:
				inside = true
			case !inside:
				return fmt.Errorf("its element is %s", t.Name.Local)
			case t.Name == xml.Name{Space: "DAV:", Local: "response"}:
				var one davResponse
				if err := dec.DecodeElement(&one, &t); err != nil {
					return err
				}
				if err := each(one); err != nil {
					return err
				}
			default:
				if err := dec.Skip(); err != nil {
					return err
				}
			}
		case xml.EndElement:
			return nil
		}
	}
}

// A davAuth says who we are, in the way that the server asks for.
type davAuth struct {
	user, password, token string
	open                  bool // others can listen

	mu     sync.Mutex
	basic  bool              // the server takes the password itself
	digest *digest.Challenge // or an answer to this
	count  int               // requests with its nonce
}

var errNoTLS = publish.Final(tell("url：服务器要求明文传送密码或令牌；请用 https 或 Digest 认证", "url: the server wants the password or token unencrypted; use https, or Digest authentication"))

func (a *davAuth) authorize(req *http.Request) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.token != "" && a.open:
		return errNoTLS
	case a.token != "":
		req.Header.Set("Authorization", "Bearer "+a.token)
	case a.digest != nil:
		a.count++
		answer, err := a.answer(digest.Options{Username: a.user, Password: a.password, Method: req.Method, URI: req.URL.RequestURI(), Count: a.count, Cnonce: rand.Text()})
		if err != nil {
			return publish.Final(err)
		}
		req.Header.Set("Authorization", answer.String())
	case a.basic:
		req.SetBasicAuth(a.user, a.password)
	}
	return nil
}

// plainDigest is a challenge without what the library does not know: a session key
// (RFC 7616, section 3.4.2), as IIS asks for.
func plainDigest(c digest.Challenge) (plain digest.Challenge, session func() hash.Hash) {
	name, is := strings.CutSuffix(strings.ToUpper(c.Algorithm), "-SESS")
	if is {
		c.Algorithm, session = name, map[string]func() hash.Hash{"MD5": md5.New, "SHA-256": sha256.New}[name]
	}
	return c, session
}

func (a *davAuth) answer(o digest.Options) (*digest.Credentials, error) {
	challenge, session := plainDigest(*a.digest)
	if session != nil {
		sum := func(parts ...string) string {
			h := session()
			io.WriteString(h, strings.Join(parts, ":"))
			return hex.EncodeToString(h.Sum(nil))
		}
		o.A1 = sum(sum(o.Username, challenge.Realm, o.Password), challenge.Nonce, o.Cnonce)
	}
	answer, err := digest.Digest(&challenge, o)
	if err == nil {
		answer.Algorithm = a.digest.Algorithm
	}
	return answer, err
}

// asked takes in a 401, and reports whether the request can be made again with
// more than it had.
func (a *davAuth) asked(res *http.Response) (bool, error) {
	if a.user == "" || a.token != "" {
		return false, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	basic := false
	for _, asked := range res.Header.Values("WWW-Authenticate") {
		scheme, _, _ := strings.Cut(strings.TrimSpace(asked), " ")
		basic = basic || strings.EqualFold(strings.Trim(scheme, ","), "basic")
		challenge, err := digest.ParseChallenge(asked)
		if err != nil {
			continue
		}
		// The body would have to be read for auth-int.
		for i := range challenge.QOP {
			challenge.QOP[i] = strings.TrimSpace(challenge.QOP[i])
		}
		if plain, _ := plainDigest(*challenge); digest.CanDigest(&plain) && (len(challenge.QOP) == 0 || challenge.SupportsQOP("auth")) {
			a.digest, a.count, a.basic = challenge, 0, false
			return true, nil
		}
	}
	if !basic || a.basic {
		return false, nil
	}
	if a.open {
		return false, errNoTLS
	}
	a.basic, a.digest = true, nil
	return true, nil
}
