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
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
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
	base, err := url.Parse(o.text("url"))
	switch {
	case err != nil: // the error would quote what may hold a password
		return nil, wrong("url", "不是网址", "is not an address")
	case base.User != nil:
		return nil, wrong("url", "其中不能写用户名和密码，它们各有一项", "must not hold a user or password; they have options of their own")
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" || base.Fragment != "":
		return nil, wrong("url", "不是 https://主机/文件夹/ 这样的网址", "is not an address like https://host/folder/")
	case o.text("token") != "" && o.text("user") != "":
		return nil, wrong("token", "不能和 user 一起用", "cannot be used together with user")
	case o.text("password") != "" && o.text("user") == "":
		return nil, wrong("user", "有 password 而没有它", "is missing beside password")
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
	if roots, err := authorities(o); err != nil {
		return nil, err
	} else if roots != nil {
		transport.TLSClientConfig.RootCAs = roots
	}
	d := &davDisk{
		base: base, network: o.Network, client: client, transport: transport, probing: newGate(),
		auth: davAuth{user: o.text("user"), password: o.text("password"), token: o.text("token"), open: isOpen(base)},
	}
	return newFlat(d, ".", davConcurrency), nil
}

const davConcurrency = 8

// A davDisk speaks WebDAV over net/http.
//
// MOVE onto a name that exists deletes it first (RFC 4918, section 9.9.3), and
// Apache does so: readers get 404 in between. PUT, on the other hand, writes
// beside the name and renames on Apache and nginx, and writes over the old bytes
// on many other servers. So the first change finds out, by cutting a PUT off
// (see Replaces), and either PUT is used as it is, or PUT to a name beside it and
// MOVE.
type davDisk struct {
	base      *url.URL // ends with a slash
	network   Network
	client    *http.Client
	transport *http.Transport // of client
	auth      davAuth
	made      sync.Map // whether we have made a folder, of those that we were to make

	probing gate
	probed  bool // guarded by probing, as is whole
	whole   bool
}

func (d *davDisk) Close() error {
	d.client.CloseIdleConnections()
	return nil
}

func (d *davDisk) Size(ctx context.Context, name string) (int64, error) {
	found, err := d.propfind(ctx, name, false)
	switch {
	case err != nil:
		return 0, err
	case len(found) != 1 || found[0].folder:
		return 0, fs.ErrNotExist
	case found[0].size < 0:
		return 0, tell("%s：服务器没有说它有多大", "PROPFIND %s: the server does not say how large it is", name)
	}
	return found[0].size, nil
}

func (d *davDisk) IsDir(ctx context.Context, name string) (bool, error) {
	found, err := d.propfind(ctx, name, false)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return len(found) == 1 && found[0].folder, err
}

func (d *davDisk) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	c := d.request("GET", name, false)
	c.header["Accept-Encoding"] = "identity"
	res, err := d.do(ctx, c)
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	discard(res)
	if res.StatusCode != http.StatusNotFound {
		// Servers say several things of a GET of a folder.
		if _, err := d.Size(ctx, name); errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, davError("GET", name, res.StatusCode)
}

func (d *davDisk) Write(ctx context.Context, name string, size int64, body publish.Body) error {
	c := d.request("PUT", name, false)
	c.size, c.open = size, body
	if size > 1<<20 {
		c.header["Expect"] = "100-continue" // a refusal comes before the bytes are sent
	}
	_, err := d.create(ctx, name, c)
	return err
}

// Link copies.
func (d *davDisk) Link(ctx context.Context, from, to string) error {
	status, err := d.create(ctx, to, d.onto("COPY", from, to))
	switch status {
	case http.StatusNotFound:
		return fs.ErrNotExist
	case http.StatusNotImplemented, http.StatusBadGateway:
		return errors.ErrUnsupported
	case http.StatusMethodNotAllowed:
		if err != fs.ErrNotExist {
			return errors.ErrUnsupported
		}
	}
	return err
}

// create makes a request of which a file comes to be. The error is fs.ErrNotExist if
// there is no folder for it, of which servers say several things.
func (d *davDisk) create(ctx context.Context, name string, c call) (status int, err error) {
	dir := path.Dir(name)
	if _, known := d.made.Load(dir); !known {
		if made, _ := d.made.Load(path.Dir(dir)); made == true {
			return 0, fs.ErrNotExist
		}
	}
	switch status, err = d.ask(ctx, c); status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusConflict, http.StatusInternalServerError:
		if is, dirErr := d.IsDir(ctx, dir); dirErr == nil && !is {
			return status, fs.ErrNotExist
		}
	}
	return status, err
}

func (d *davDisk) Rename(ctx context.Context, from, to string) error {
	_, err := d.create(ctx, to, d.onto("MOVE", from, to))
	return err
}

func (d *davDisk) onto(method, from, to string) call {
	c := d.request(method, from, false)
	c.header["Destination"], c.header["Overwrite"] = d.address(to, false).String(), "T"
	return c
}

func (d *davDisk) Mkdir(ctx context.Context, name string) error {
	status, err := 0, publish.Final(publish.Because(publish.NoPlace, tell("服务器上没有文件夹 %s", "there is no folder %s on the server", d.base)))
	if name != "." {
		status, err = d.ask(ctx, d.request("MKCOL", name, true))
	}
	switch {
	case err == nil:
		d.made.Store(name, true)
		return nil
	case status == http.StatusNotFound, status == http.StatusConflict:
		return fs.ErrNotExist
	case status == 0 && name != ".":
		return err
	}
	// There may be something, perhaps only since we asked.
	is, dirErr := d.IsDir(ctx, name)
	switch {
	case dirErr != nil:
		return dirErr
	case is:
		d.made.LoadOrStore(name, false)
		return fs.ErrExist
	case status == http.StatusMethodNotAllowed:
		return errNoFolder
	}
	return err
}

// Remove asks first: DELETE of a folder takes everything below with it.
func (d *davDisk) Remove(ctx context.Context, name string) error {
	if _, err := d.Size(ctx, name); err != nil {
		return err
	}
	status, err := d.ask(ctx, d.request("DELETE", name, false))
	if status == http.StatusNotFound || status == http.StatusGone {
		return fs.ErrNotExist
	}
	return err
}

// RemoveDir leaves folders: that one is empty may not be true any more when DELETE
// comes.
func (d *davDisk) RemoveDir(context.Context, string) error { return errors.ErrUnsupported }

func (d *davDisk) ReadDir(ctx context.Context, name string) (entries []entry, err error) {
	found, err := d.propfind(ctx, name, true)
	for _, e := range found {
		entries = append(entries, entry{path.Base(e.path), e.folder, !e.folder})
	}
	return entries, err
}

// probeName begins the names of files that Replaces and Copy make for a moment, each
// once. Those of a process that was killed go when the next begins.
const probeName = "probe-"

func probe() string { return probeName + rand.Text()[:8] + tempSuffix }

// Replaces reports whether a PUT that is cut off leaves what the name held
// before. It puts a file, begins another PUT of it, closes its side of the
// connection in the middle and waits until the server has closed the other, which
// it does when it is done with the request. Where the answer leaves room for
// doubt, it is no.
func (d *davDisk) Replaces(ctx context.Context) (bool, error) {
	if err := d.probing.enter(ctx); err != nil {
		return false, err
	}
	defer d.probing.leave()
	if d.probed {
		return d.whole, nil
	}
	all, err := d.ReadDir(ctx, ".")
	if errors.Is(err, fs.ErrNotExist) {
		err = d.Mkdir(ctx, ".")
	}
	if err != nil {
		return false, err
	}
	for _, e := range all { // a process that lives takes it for a no, or tries again
		if strings.HasPrefix(e.name, probeName) && strings.HasSuffix(e.name, tempSuffix) {
			_ = d.Remove(ctx, e.name)
		}
	}
	name, text := probe(), []byte("a whole file\n")
	err = d.Write(ctx, name, int64(len(text)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil })
	if err != nil {
		return false, err
	}
	began, err := d.cutOff(ctx, name)
	if err != nil {
		return false, err
	}
	in, err := d.Open(ctx, name)
	var got []byte
	if err == nil {
		got, err = io.ReadAll(io.LimitReader(in, int64(len(text))+1))
		in.Close()
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	_ = d.Remove(ctx, name) // while the server still writes it, it cannot go: then the next process takes it away
	d.probed, d.whole = true, began && err == nil && bytes.Equal(got, text)
	return d.whole, nil
}

// cutOff sends half of a PUT. It reports whether the server then said what it
// says of such a request; a refusal for another reason shows nothing.
func (d *davDisk) cutOff(ctx context.Context, name string) (bool, error) {
	if err := publish.Step(ctx, "PUT", name+" (half)"); err != nil {
		return false, err
	}
	const half = 128 << 10
	req, err := http.NewRequestWithContext(ctx, "PUT", d.address(name, false).String(), bytes.NewReader(make([]byte, half)))
	if err != nil {
		return false, err
	}
	req.ContentLength = 2 * half
	if err := d.auth.authorize(req); err != nil {
		return false, err
	}
	if proxy, err := d.transport.Proxy(req); err != nil || proxy != nil {
		return false, nil
	}
	port := d.base.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[d.base.Scheme]
	}
	conn, err := d.network.dial(ctx, "tcp", net.JoinHostPort(d.base.Hostname(), port))
	if err != nil {
		return false, networkError(ctx, "PUT "+name, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(d.network.connect()))
	if d.base.Scheme == "https" {
		conf := d.transport.TLSClientConfig.Clone()
		conf.ServerName = d.base.Hostname()
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

// request is one about a name, a folder's or a file's.
func (d *davDisk) request(method, name string, folder bool) call {
	return call{op: method, on: name, method: method, url: d.address(name, folder).String(), header: map[string]string{}, authorize: d.auth.authorize}
}

// davLocked is how long a server is waited for that has locked a file: it may not have
// noticed yet that an earlier request of ours was cut off.
const davLocked = 500 * time.Millisecond

// ask makes a request whose answer is its status. The error is nil if what was asked
// for is done; 207 tells of parts that failed.
func (d *davDisk) ask(ctx context.Context, c call) (status int, err error) {
	var res *http.Response
	for until := time.Now().Add(davLocked); ; time.Sleep(davLocked / 10) {
		if res, err = d.do(ctx, c); err != nil {
			return 0, err
		}
		discard(res)
		if res.StatusCode != http.StatusLocked || time.Now().After(until) {
			break
		}
	}
	if res.StatusCode/100 != 2 || res.StatusCode == http.StatusMultiStatus {
		err = davError(c.method, c.on, res.StatusCode)
	}
	return res.StatusCode, err
}

// discard lets a connection be used again.
func discard(res *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
	res.Body.Close()
}

// do makes a request, a second time if the server asks who we are. A redirect to
// the same name with a slash is how servers say that it is a folder's; no file is
// there then, so that counts as 404.
func (d *davDisk) do(ctx context.Context, c call) (*http.Response, error) {
	for again := false; ; again = true {
		res, err := once(ctx, d.client, c)
		if err != nil {
			return nil, err
		}
		if res.StatusCode == http.StatusUnauthorized {
			more, err := d.auth.asked(res)
			discard(res)
			if err == nil && more && !again {
				continue
			}
			return nil, cmp.Or(err, davError(c.method, c.on, res.StatusCode))
		}
		if res.StatusCode/100 != 3 || res.StatusCode == http.StatusNotModified {
			return res, nil
		}
		to, err := res.Location()
		discard(res)
		if err == nil && !strings.HasSuffix(c.url, "/") && to.Path == res.Request.URL.Path+"/" {
			res.StatusCode = http.StatusNotFound
			return res, nil
		}
		where := "elsewhere"
		if err == nil {
			where = "to " + to.Scheme + "://" + to.Host + to.EscapedPath()
		}
		return nil, publish.Final(tell("%s %s：服务器转到 %s；url 应写文件夹真正的网址", "%s %s: the server sends us %s; url has to be the address where the folder is", c.method, c.on, where))
	}
}

// address is the address of a name.
func (d *davDisk) address(name string, folder bool) *url.URL {
	if name == "." {
		return d.base
	}
	if folder {
		name += "/"
	}
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	u := *d.base
	u.RawPath = d.base.EscapedPath() + strings.Join(parts, "/")
	u.Path = d.base.Path + name
	return &u
}

// davHints say what can be done about an answer, where its own words do not.
var davHints = map[int]string{
	http.StatusUnauthorized:     "the server refuses the user, password or token",
	http.StatusMethodNotAllowed: "the server does not do that here; is WebDAV switched on?",
	http.StatusLocked:           "somebody has locked the file",
	http.StatusNotImplemented:   "the server does not know the method; is WebDAV switched on?",
}

// davError is the error of a request that was answered.
func davError(method, name string, status int) error {
	missing := status == http.StatusNotFound
	if missing && (method == "GET" || method == "PROPFIND") {
		return fs.ErrNotExist
	}
	return statusError(method+" "+name, status, davHints[status], missing)
}

const davProps = `<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>`

// davMost bounds what is read of a PROPFIND's answer; a file takes some 400 bytes of it.
const davMost = 64 << 20

// davAnswer is the element of RFC 4918, section 14.16.
type davAnswer struct {
	XMLName   xml.Name `xml:"DAV: multistatus"`
	Responses []struct {
		Href  string     `xml:"DAV: href"`
		Props []struct { // those that were found have the status 200; a resource type is always
			Status     string    `xml:"DAV: status"`
			Collection *struct{} `xml:"DAV: prop>resourcetype>collection"`
			Size       *int64    `xml:"DAV: prop>getcontentlength"`
		} `xml:"DAV: propstat"`
	} `xml:"DAV: response"`
}

// A davEntry is a file or folder that PROPFIND found.
type davEntry struct {
	path   string
	folder bool
	size   int64 // -1 if the server does not say
}

// entries are the files and folders that an answer tells of.
func (a davAnswer) entries() (found []davEntry, err error) {
	for _, r := range a.Responses {
		u, err := url.Parse(strings.TrimSpace(r.Href))
		if err != nil || u.Path == "" {
			return nil, fmt.Errorf("%q is no address", r.Href)
		}
		e, there := davEntry{path: path.Clean(u.Path), size: -1}, false
		for _, p := range r.Props {
			if fields := strings.Fields(p.Status); len(fields) > 1 && fields[1] == "200" {
				there = true
				e.folder = e.folder || p.Collection != nil
				if p.Size != nil {
					e.size = *p.Size
				}
			}
		}
		if there {
			found = append(found, e)
		}
	}
	return found, nil
}

// propfind asks for a file or folder, or for what is directly in a folder (RFC 4918,
// section 9.1). The error is fs.ErrNotExist if there is none, or a file where a folder
// should be.
func (d *davDisk) propfind(ctx context.Context, name string, inside bool) ([]davEntry, error) {
	c := d.request("PROPFIND", name, inside)
	c.header = map[string]string{"Depth": "0", "Content-Type": "application/xml; charset=utf-8", "Accept-Encoding": "identity"}
	if inside {
		c.header["Depth"] = "1"
	}
	c.size = int64(len(davProps))
	c.open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(davProps)), nil }
	res, err := d.do(ctx, c)
	if err != nil {
		return nil, err
	}
	defer discard(res)
	switch res.StatusCode {
	case http.StatusMultiStatus:
	case http.StatusBadRequest, http.StatusMethodNotAllowed:
		// Servers say so when a folder is asked for, or something in it, and it is a file.
		above := name
		if !inside {
			above = path.Dir(name)
		}
		if above != "." {
			if is, err := d.IsDir(ctx, above); err == nil && !is {
				return nil, fs.ErrNotExist
			}
		}
		fallthrough
	default:
		return nil, davError("PROPFIND", name, res.StatusCode)
	}
	var answer davAnswer
	var found []davEntry
	if err = xml.NewDecoder(io.LimitReader(res.Body, davMost)).Decode(&answer); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		found, err = answer.entries()
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("PROPFIND %s: the answer is not as it should be: %w", name, err)
	case !inside:
		return found, nil
	}
	// The folder itself is among them. Its path may be another than the one that
	// we know, if there is a proxy.
	self := ""
	for _, e := range found {
		if e.folder && (self == "" || len(e.path) < len(self)) {
			self = e.path
		}
	}
	if self == "" {
		return nil, fs.ErrNotExist
	}
	found = slices.DeleteFunc(found, func(e davEntry) bool { return e.path == self })
	for _, e := range found {
		if path.Dir(e.path) != self {
			return nil, tell("%s：服务器的回答里有不属于它的 %q", "PROPFIND %s: the answer has %q, which is not in it", name, e.path)
		}
	}
	return found, nil
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
