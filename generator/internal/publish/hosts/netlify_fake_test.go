package hosts

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"minxi/generator/internal/publish/hosttest"
)

// A fakeNetlify stands in for Netlify: its deploy API, which remembers, and the
// sites that readers see. Each request and each answer is held against Netlify's
// public description of its API; what does not fit fails the test.
//
// It is the server of this test binary: processes that are killed and others that
// carry on all reach it by its address.
type fakeNetlify struct {
	address string
	api     *openAPI

	mu      sync.Mutex
	sites   map[string]*fakeSite
	deploys map[string]*fakeDeploy
	wrong   []string
	count   int
}

type fakeSite struct {
	id        string
	published *fakeDeploy
	blobs     map[string][]byte // what was ever sent, by digest
	served    map[string][]byte // what is served and has otherwise been forgotten

	// trouble, if not nil, is asked before each request. It names what happens
	// instead: "reset", "stall", "429", "500", "401", "502 html"; "lost" does what
	// was asked and loses the answer; "" is nothing.
	trouble func(r *http.Request) string
	// linkless lists come in pages without saying so.
	linkless bool
	// asked counts the operations, by method and pattern.
	asked map[string]int
}

type fakeDeploy struct {
	id, title string
	site      *fakeSite
	draft     bool
	files     map[string]string // digest by path, with the slash
	state     string
	polls     int // until the state goes on
	message   string
}

const fakeToken = "nfp_geheimEf9hIjKlMn"

// netlifyServer is the one server, started when a test first needs it.
var netlifyServer = sync.OnceValues(func() (*fakeNetlify, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &fakeNetlify{address: l.Addr().String(), sites: map[string]*fakeSite{}, deploys: map[string]*fakeDeploy{}}
	go http.Serve(l, f)
	return f, nil
})

// newFakeSite makes a site, and has the test fail if anything is wrong with what
// was said until its end.
func newFakeSite(t testing.TB) (*fakeNetlify, *fakeSite) {
	t.Helper()
	spec := hosttest.Package(t, "@netlify", "open-api", "dist", "swagger.json")
	f, err := netlifyServer()
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.api == nil {
		if f.api, err = readOpenAPI(spec); err != nil {
			t.Fatal(err)
		}
	}
	f.count++
	s := &fakeSite{id: fmt.Sprintf("3970e0fe-8564-4903-9a55-%012d", f.count), blobs: map[string][]byte{}, asked: map[string]int{}}
	f.sites[s.id] = s
	t.Cleanup(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, w := range f.wrong {
			t.Errorf("not as the API is described: %s", w)
		}
		f.wrong = nil
	})
	return f, s
}

// change does something to the fake while nobody else does.
func (f *fakeNetlify) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *fakeNetlify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if site, ok := strings.CutPrefix(r.URL.Path, "/site/"); ok {
		f.serveReader(w, site)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the connection was cut
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	o, wrong := f.api.request(r, body)
	what := r.Method + " " + r.URL.RequestURI()
	if wrong != nil {
		f.wrong = append(f.wrong, what+": "+wrong.Error())
		fakeAnswer(w, http.StatusBadRequest, map[string]any{"code": 400, "message": wrong.Error()})
		return
	}
	site := f.sites[o.PathParams["site_id"]]
	if d := f.deploys[o.PathParams["deploy_id"]]; d != nil && site == nil {
		site = d.site
	}
	trouble := ""
	if site != nil {
		site.asked[o.operation]++
		if site.trouble != nil {
			trouble = site.trouble(r)
		}
	}
	if trouble != "" && trouble != "lost" {
		f.happen(w, r, trouble)
		return
	}
	rec := httptest.NewRecorder()
	raw := f.serveAPI(rec, r, o, site, body)
	if !raw {
		if wrong := o.response(rec.Code, rec.Body.String()); wrong != nil {
			f.wrong = append(f.wrong, what+": "+wrong.Error())
		}
	}
	if trouble == "lost" {
		f.happen(w, r, "reset")
		return
	}
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	w.Write(rec.Body.Bytes())
}

// happen does what goes wrong.
func (f *fakeNetlify) happen(w http.ResponseWriter, r *http.Request, what string) {
	switch what {
	case "reset":
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
	case "stall":
		f.mu.Unlock()
		<-r.Context().Done()
		f.mu.Lock()
	case "429":
		w.Header().Set("X-RateLimit-Reset", "1372700873") // long ago
		fakeAnswer(w, http.StatusTooManyRequests, map[string]any{"code": 429, "message": "too many requests"})
	case "500":
		fakeAnswer(w, http.StatusInternalServerError, map[string]any{"code": 500, "message": "an error for " + r.Header.Get("Authorization")})
	case "401":
		fakeAnswer(w, http.StatusUnauthorized, map[string]any{"code": 401, "message": "Access Denied: " + r.Header.Get("Authorization")})
	case "502 html":
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, "<html><title>502 Bad Gateway</title>")
	default:
		panic(what)
	}
}

func fakeAnswer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func fakeRefuse(w http.ResponseWriter, status int, message string) {
	fakeAnswer(w, status, map[string]any{"code": status, "message": message})
}

// serveAPI does an operation. raw says that the answer is a file as it is, which
// the description does not have.
func (f *fakeNetlify) serveAPI(w http.ResponseWriter, r *http.Request, o *apiCall, s *fakeSite, body []byte) (raw bool) {
	if r.Header.Get("Authorization") != "Bearer "+fakeToken {
		fakeRefuse(w, http.StatusUnauthorized, "Access Denied")
		return
	}
	v := o.PathParams
	d := f.deploys[v["deploy_id"]]
	if s == nil || v["deploy_id"] != "" && (d == nil || d.site != s) {
		fakeRefuse(w, http.StatusNotFound, "Not Found")
		return
	}
	do, ok := fakeOperations[o.operation]
	if !ok {
		fakeRefuse(w, http.StatusNotImplemented, "the fake does not know "+o.operation)
		f.wrong = append(f.wrong, "the fake does not know "+o.operation)
		return false
	}
	return do(f, w, fakeCall{r, v, s, d, body})
}

// A fakeCall is what an operation is about.
type fakeCall struct {
	r      *http.Request
	values map[string]string
	site   *fakeSite
	deploy *fakeDeploy
	body   []byte
}

// fakeOperations are those of the description that the fake knows.
var fakeOperations = map[string]func(*fakeNetlify, http.ResponseWriter, fakeCall) (raw bool){
	"GET /sites/{site_id}":                              (*fakeNetlify).site,
	"GET /sites/{site_id}/files":                        (*fakeNetlify).list,
	"GET /sites/{site_id}/files/{file_path}":            (*fakeNetlify).oneFile,
	"POST /sites/{site_id}/deploys":                     (*fakeNetlify).newDeploy,
	"GET /sites/{site_id}/deploys/{deploy_id}":          (*fakeNetlify).lookAt,
	"PUT /deploys/{deploy_id}/files/{path}":             (*fakeNetlify).upload,
	"POST /sites/{site_id}/deploys/{deploy_id}/restore": (*fakeNetlify).restore,
}

func (f *fakeNetlify) site(w http.ResponseWriter, c fakeCall) bool {
	site := map[string]any{"id": c.site.id, "state": "current", "name": "minxi", "url": "http://" + f.address + "/site/" + c.site.id}
	if c.site.published != nil {
		site["published_deploy"] = c.site.published.json()
	}
	fakeAnswer(w, 200, site)
	return false
}

func (f *fakeNetlify) list(w http.ResponseWriter, c fakeCall) bool {
	if c.site.published == nil {
		fakeRefuse(w, http.StatusNotFound, "Not Found")
		return false
	}
	const size = 100
	page, _ := strconv.Atoi(c.r.URL.Query().Get("page"))
	page = max(page, 1)
	names := slices.Sorted(maps.Keys(c.site.published.files))
	from, to := min((page-1)*size, len(names)), min(page*size, len(names))
	if to < len(names) && !c.site.linkless {
		w.Header().Set("Link", fmt.Sprintf(`<http://%s/api/v1/sites/%s/files?page=%d>; rel="next", <http://%[1]s/api/v1/sites/%[2]s/files?page=%d>; rel="last"`,
			c.r.Host, c.site.id, page+1, (len(names)+size-1)/size))
	}
	list := []any{}
	for _, name := range names[from:to] {
		list = append(list, c.site.file(name))
	}
	fakeAnswer(w, 200, list)
	return false
}

func (f *fakeNetlify) oneFile(w http.ResponseWriter, c fakeCall) bool {
	name := "/" + c.values["file_path"]
	if c.site.published == nil || c.site.published.files[name] == "" {
		fakeRefuse(w, http.StatusNotFound, "Not Found")
		return false
	}
	if c.r.Header.Get("Content-Type") == "application/vnd.bitballoon.v1.raw" {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Write(c.site.bytes(name))
		return true
	}
	fakeAnswer(w, 200, c.site.file(name))
	return false
}

func (f *fakeNetlify) newDeploy(w http.ResponseWriter, c fakeCall) bool {
	var order struct {
		Files        map[string]string
		Draft, Async bool
	}
	_ = json.Unmarshal(c.body, &order) // it has been checked
	f.count++
	d := &fakeDeploy{id: fmt.Sprintf("%024x", f.count), title: c.r.URL.Query().Get("title"), site: c.site, draft: order.Draft, files: order.Files, state: "uploading"}
	for name, digest := range d.files {
		if !strings.HasPrefix(name, "/") || path.Clean(name) != name || strings.ContainsAny(name, "#?") || len(digest) != 40 {
			fakeRefuse(w, http.StatusUnprocessableEntity, "Invalid filename "+name)
			return false
		}
	}
	if order.Async {
		d.state, d.polls = "preparing", 2
	} else if len(d.missing()) == 0 {
		d.state, d.polls = "processing", 1
	}
	f.deploys[d.id] = d
	fakeAnswer(w, 200, d.json())
	return false
}

func (f *fakeNetlify) lookAt(w http.ResponseWriter, c fakeCall) bool {
	if c.deploy.polls--; c.deploy.polls <= 0 {
		switch c.deploy.state {
		case "preparing":
			c.deploy.state = "prepared"
			if len(c.deploy.missing()) == 0 {
				c.deploy.state, c.deploy.polls = "processing", 1
			}
		case "processing":
			c.deploy.state = "ready"
			if c.deploy.message != "" {
				c.deploy.state = "error"
			} else if !c.deploy.draft {
				c.site.published = c.deploy
			}
		}
	}
	fakeAnswer(w, 200, c.deploy.json())
	return false
}

func (f *fakeNetlify) upload(w http.ResponseWriter, c fakeCall) bool {
	name := "/" + c.values["path"]
	sum := sha1.Sum(c.body)
	digest := hex.EncodeToString(sum[:])
	switch {
	case c.deploy.state != "uploading" && c.deploy.state != "prepared":
		fakeRefuse(w, http.StatusUnprocessableEntity, "the deploy is "+c.deploy.state)
		return false
	case c.deploy.files[name] != digest:
		fakeRefuse(w, http.StatusUnprocessableEntity, "no file of the deploy")
		return false
	case c.r.URL.Query().Get("size") != strconv.Itoa(len(c.body)):
		fakeRefuse(w, http.StatusUnprocessableEntity, "another size")
		return false
	}
	c.site.blobs[digest] = c.body
	if len(c.deploy.missing()) == 0 {
		c.deploy.state, c.deploy.polls = "processing", 1
	}
	fakeAnswer(w, 200, c.site.fileOf(name, digest))
	return false
}

func (f *fakeNetlify) restore(w http.ResponseWriter, c fakeCall) bool {
	if c.deploy.state != "ready" {
		fakeRefuse(w, http.StatusUnprocessableEntity, "the deploy is "+c.deploy.state)
		return false
	}
	c.site.published = c.deploy
	fakeAnswer(w, 201, c.deploy.json())
	return false
}

// missing are the digests of which there are no bytes, each once.
func (d *fakeDeploy) missing() []string {
	lacks := map[string]bool{}
	for _, digest := range d.files {
		if _, ok := d.site.blobs[digest]; !ok {
			lacks[digest] = true
		}
	}
	return slices.Sorted(maps.Keys(lacks))
}

func (d *fakeDeploy) json() map[string]any {
	j := map[string]any{"id": d.id, "site_id": d.site.id, "state": d.state, "draft": d.draft, "title": d.title, "required": []string{}}
	if d.state == "uploading" || d.state == "prepared" {
		j["required"] = append([]string{}, d.missing()...)
	}
	if d.state == "error" {
		j["error_message"] = d.message
	}
	return j
}

// bytes are those that the live deploy has under a path.
func (s *fakeSite) bytes(name string) []byte {
	digest := s.published.files[name]
	if data, ok := s.blobs[digest]; ok {
		return data
	}
	return s.served[digest]
}

func (s *fakeSite) file(name string) map[string]any {
	return s.fileOf(name, s.published.files[name])
}

func (s *fakeSite) fileOf(name, digest string) map[string]any {
	kind := mime.TypeByExtension(path.Ext(name))
	return map[string]any{"id": name, "path": name, "sha": digest, "size": max(len(s.blobs[digest]), len(s.served[digest])), "mime_type": kind}
}

// serveReader gives what readers of a site get.
func (f *fakeNetlify) serveReader(w http.ResponseWriter, at string) {
	id, name, _ := strings.Cut(at, "/")
	f.mu.Lock()
	var data []byte
	ok := false
	if s := f.sites[id]; s != nil && s.published != nil {
		data, ok = s.bytes("/"+name), s.published.files["/"+name] != ""
	}
	f.mu.Unlock()
	if !ok {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	io.Copy(w, bytes.NewReader(data))
}

// options are what stands in publish.toml for a site.
func (f *fakeNetlify) options(s *fakeSite) map[string]string {
	return map[string]string{"site": s.id, "token": fakeToken, "api": "http://" + f.address + "/api/v1"}
}

// place is a site as the tests of all hosts take it.
func (f *fakeNetlify) place(s *fakeSite) hosttest.Place {
	return hosttest.Place{Kind: "netlify", Options: f.options(s), Read: hosttest.ReadWeb("http://" + f.address + "/site/" + s.id)}
}
