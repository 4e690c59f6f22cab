package hosts

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// gcs is a bucket of Google Cloud Storage, which serves it as a static website. It
// speaks the JSON interface, of which it needs six requests, without Google's own
// library: that is 28 MB of program and 46 modules.
// https://cloud.google.com/storage/docs/json_api/v1
var gcs = Kind{
	Name: "gcs",
	Doc:  plan.Text{ZH: "Google Cloud Storage 存储桶中的静态网站", EN: "A static website in a bucket of Google Cloud Storage"},
	Options: []Option{
		{Name: "bucket", Required: true, Doc: plan.Text{ZH: "存储桶名称", EN: "the name of the bucket"}},
		{Name: "prefix", Doc: plan.Text{ZH: "站点在存储桶里的文件夹，空为根目录", EN: "the site's folder in the bucket, empty for its root"}},
		{Name: "credentials", Secret: true, Doc: plan.Text{ZH: "服务帐号的 JSON 密钥，与 token 二选一", EN: "the JSON key of a service account, or else give token"}},
		{Name: "token", Secret: true, Doc: plan.Text{ZH: "OAuth 访问令牌，如 gcloud auth print-access-token 所给，有效一小时",
			EN: "an OAuth access token, as gcloud auth print-access-token gives, good for an hour"}},
		{Name: "endpoint", Doc: plan.Text{ZH: "另一处同样接口的服务地址，空为 Google", EN: "the address of another service with the same interface, empty for Google's"}},
	},
	Example: `[targets.gcs]
  kind = "gcs"
  bucket = "minxi"
  credentials = { file = "~/.config/minxi/service-account.json" }
`,
	Notes: []plan.Text{
		{ZH: "公开对象会按 Cache-Control 留在 Google 自己的缓存里。",
			EN: "Google caches public objects itself, for as long as Cache-Control says."},
		{ZH: "同一名称约每秒只能写一次，超过时会稍候再试。",
			EN: "The same name can be written about once a second; a write that comes too early is tried again."},
	},
	Open: func(_ context.Context, o Values) (publish.Host, error) { return openGCS(o) },
}

const (
	gcsService = "https://storage.googleapis.com"
	gcsTokens  = "https://oauth2.googleapis.com/token"
	gcsScope   = "https://www.googleapis.com/auth/devstorage.read_write"
)

// https://cloud.google.com/storage/docs/buckets#naming
var gcsBucket = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$`)

// A gcsHost keeps each file as an object. An upload replaces an object in one step,
// with its headers and metadata, once all of it has arrived and has the MD5 that it
// was sent with. It leaves nothing behind if it is cut off.
type gcsHost struct {
	client  *http.Client
	service string
	bucket  string
	prefix  string // "" or "folder/"
	page    int    // how many names a page of a list has; 0 leaves it to the service

	account *jwt.Config // nil if there is a fixed token, or none
	turn    gate        // held by who looks at or renews the token
	token   *oauth2.Token

	seen atomic.Bool // the bucket is there
}

func openGCS(o Values) (*gcsHost, error) {
	h := &gcsHost{bucket: o.text("bucket"), client: newClient(o.Network), page: o.Network.Page, turn: newGate()}
	if !gcsBucket.MatchString(h.bucket) {
		return nil, publish.Final(tell("bucket：%q 不是存储桶的名称", "bucket %q is not the name of a bucket", h.bucket))
	}
	var err error
	if h.prefix, err = folderPrefix(o.text("prefix")); err != nil {
		return nil, err
	}
	endpoint := o.text("endpoint")
	if endpoint == "" {
		endpoint = gcsService
	}
	if h.service, err = serviceURL(endpoint); err != nil {
		return nil, err
	}
	credentials, token := o.text("credentials"), strings.TrimSpace(o.text("token"))
	switch {
	case credentials != "" && token != "":
		return nil, publish.Final(tell("credentials 和 token 只能写一个", "credentials and token cannot both be given"))
	case credentials != "":
		if h.account, err = serviceAccount([]byte(credentials)); err != nil {
			return nil, err
		}
	case token != "":
		h.token = &oauth2.Token{AccessToken: token}
	case h.service == gcsService:
		return nil, publish.Final(tell("credentials 和 token 必须写一个", "either credentials or token must be given"))
	}
	return h, nil
}

// serviceAccount reads the key file of a service account. Of the kinds of
// credentials that Google has, it is the only one that names no address that the
// program would send other secrets to.
func serviceAccount(data []byte) (*jwt.Config, error) {
	var file struct {
		Type  string `json:"type"`
		Email string `json:"client_email"`
		Key   string `json:"private_key"`
		KeyID string `json:"private_key_id"`
		Token string `json:"token_uri"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, publish.Final(tell("credentials 不是服务帐号的 JSON 密钥", "credentials are not the JSON key of a service account"))
	}
	if file.Type != "service_account" || file.Email == "" {
		return nil, publish.Final(tell("credentials 的类型是 %.40q，应为 service_account", "credentials are of the type %.40q, not service_account", file.Type))
	}
	block, _ := pem.Decode([]byte(file.Key))
	if block == nil {
		return nil, publish.Final(tell("credentials 里没有私钥", "credentials hold no private key"))
	}
	if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return nil, publish.Final(tell("credentials 里的私钥读不出来", "credentials hold a private key that cannot be read"))
		}
	}
	if file.Token == "" {
		file.Token = gcsTokens
	}
	if _, err := serviceURL(file.Token); err != nil {
		return nil, publish.Final(tell("credentials 里的 token_uri 不是 https://主机/路径 这样的网址", "token_uri in the credentials is not an address of the form https://host/path"))
	}
	return &jwt.Config{Email: file.Email, PrivateKey: []byte(file.Key), PrivateKeyID: file.KeyID,
		TokenURL: file.Token, Scopes: []string{gcsScope}}, nil
}

func (h *gcsHost) Traits() publish.Traits {
	// gzip first: the service unpacks it for readers who cannot.
	return publish.Traits{Headers: true, Keeps: objectHeaders, Encodings: []string{"gzip", "br"}, PathMax: mostKey - len(h.prefix)}
}

// bearer gives the token for a request, and gets a new one where it is about to
// end. It is "" where none is needed.
func (h *gcsHost) bearer(ctx context.Context) (string, error) {
	if h.account == nil {
		if h.token == nil {
			return "", nil
		}
		return h.token.AccessToken, nil
	}
	if err := h.turn.enter(ctx); err != nil {
		return "", err
	}
	defer h.turn.leave()
	if h.token.Valid() {
		return h.token.AccessToken, nil
	}
	if err := publish.Step(ctx, "token", h.account.TokenURL); err != nil {
		return "", err
	}
	type answer struct {
		token *oauth2.Token
		err   error
	}
	answers := make(chan answer, 1)
	go func() { // the library's request does not end with our context
		token, err := h.account.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, h.client)).Token()
		answers <- answer{token, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-answers:
		var refused *oauth2.RetrieveError
		if errors.As(a.err, &refused) {
			var why struct {
				Code string `json:"error"`
			}
			_ = json.Unmarshal(refused.Body, &why)
			return "", statusError("get an access token", refused.Response.StatusCode, why.Code)
		}
		if a.err != nil {
			return "", networkError(ctx, "get an access token", a.err)
		}
		if a.token.AccessToken == "" {
			return "", publish.Final(tell("没有取到访问令牌", "get an access token: the answer holds none"))
		}
		h.token = a.token
		return a.token.AccessToken, nil
	}
}

// A gcsObject is an object's metadata.
// https://cloud.google.com/storage/docs/json_api/v1/objects#resource
type gcsObject struct {
	Name               string            `json:"name,omitempty"`
	Size               int64             `json:"size,omitempty,string"`
	Generation         int64             `json:"generation,omitempty,string"`
	MD5                string            `json:"md5Hash,omitempty"`
	ContentType        string            `json:"contentType,omitempty"`
	CacheControl       string            `json:"cacheControl,omitempty"`
	ContentEncoding    string            `json:"contentEncoding,omitempty"`
	ContentLanguage    string            `json:"contentLanguage,omitempty"`
	ContentDisposition string            `json:"contentDisposition,omitempty"`
	Metadata           map[string]string `json:"metadata,omitempty"`
}

const gcsFields = "name,size,generation,md5Hash,contentType,cacheControl,contentEncoding,contentLanguage,contentDisposition,metadata"

// object makes the metadata that a file is put with.
func (h *gcsHost) object(f publish.File) gcsObject {
	o := gcsObject{
		Name:               h.prefix + f.Path,
		ContentType:        f.Header["Content-Type"],
		CacheControl:       f.Header["Cache-Control"],
		ContentEncoding:    f.Header["Content-Encoding"],
		ContentLanguage:    f.Header["Content-Language"],
		ContentDisposition: f.Header["Content-Disposition"],
	}
	if o.ContentType == "" {
		o.ContentType = "application/octet-stream"
	}
	if f.SHA256 != "" {
		o.Metadata = map[string]string{sumName: f.SHA256}
	}
	return o
}

func (o gcsObject) header() publish.Header {
	header := publish.Header{}
	for name, value := range map[string]string{
		"Content-Type":        o.ContentType,
		"Cache-Control":       o.CacheControl,
		"Content-Encoding":    o.ContentEncoding,
		"Content-Language":    o.ContentLanguage,
		"Content-Disposition": o.ContentDisposition,
	} {
		if value != "" {
			header[name] = value
		}
	}
	return header
}

// objects is the address of the bucket's objects, or of one of them.
func (h *gcsHost) objects(name string, query url.Values) string {
	address := h.service + "/storage/v1/b/" + url.PathEscape(h.bucket) + "/o"
	if name != "" {
		address += "/" + url.PathEscape(h.prefix+name)
	}
	if query != nil {
		address += "?" + query.Encode()
	}
	return address
}

// send does one request, and gives the answer if it is a success. The caller closes
// its body.
func (h *gcsHost) send(ctx context.Context, c call) (*http.Response, error) {
	token, err := h.bearer(ctx)
	if err != nil {
		return nil, err
	}
	if token != "" {
		c.authorize = func(r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		}
	}
	what := c.op + " " + c.on
	r, err := once(ctx, h.client, c)
	if err != nil {
		return nil, err
	}
	if r.StatusCode/100 == 2 {
		h.seen.Store(true)
		return r, nil
	}
	defer r.Body.Close()
	// https://cloud.google.com/storage/docs/json_api/v1/status-codes
	var answer struct {
		Error struct {
			Errors []struct {
				Reason string `json:"reason"`
			} `json:"errors"`
		} `json:"error"`
	}
	_ = json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&answer)
	reason := ""
	if e := answer.Error.Errors; len(e) > 0 && gcsReason.MatchString(e[0].Reason) {
		reason = e[0].Reason
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case r.StatusCode == http.StatusNotFound:
		return nil, notThere(what)
	case r.StatusCode == http.StatusForbidden && strings.HasSuffix(strings.ToLower(reason), "ratelimitexceeded"):
		return nil, fmt.Errorf("%s: the service answers %d %s", what, r.StatusCode, reason)
	}
	return nil, statusError(what, r.StatusCode, reason)
}

var gcsReason = regexp.MustCompile(`^[A-Za-z]{1,40}$`)

// ask does a request whose answer is JSON.
func (h *gcsHost) ask(ctx context.Context, c call, answer any) error {
	r, err := h.send(ctx, c)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if answer == nil {
		_, err = io.Copy(io.Discard, r.Body)
	} else {
		err = json.NewDecoder(r.Body).Decode(answer)
	}
	if err != nil {
		return networkError(ctx, c.op+" "+c.on, err)
	}
	return nil
}

// noBucket tells a bucket that is not there from an object that is not there, which
// are the same answer. It asks once, if nothing has been found in the bucket yet.
func (h *gcsHost) noBucket(ctx context.Context, err error) error {
	if !errors.Is(err, fs.ErrNotExist) || h.seen.Load() {
		return err
	}
	listErr := h.ask(ctx, call{op: "list", on: h.bucket, method: http.MethodGet,
		url: h.objects("", url.Values{"maxResults": {"1"}, "fields": {"items(name)"}})}, nil)
	if listErr != nil {
		return h.missing(listErr)
	}
	return err
}

// missing is for requests that the service answers with 404 only if there is no
// bucket.
func (h *gcsHost) missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return publish.Final(publish.Because(publish.NoPlace, tell("没有存储桶 %s", "there is no bucket %s", h.bucket)))
	}
	return err
}

// https://cloud.google.com/storage/docs/json_api/v1/objects/get
func (h *gcsHost) look(ctx context.Context, name string) (o gcsObject, err error) {
	err = h.ask(ctx, call{op: "look at", on: name, method: http.MethodGet,
		url: h.objects(name, url.Values{"fields": {gcsFields}})}, &o)
	return o, h.noBucket(ctx, err)
}

func (h *gcsHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	o, err := h.look(ctx, name)
	if err != nil {
		return publish.Stat{}, err
	}
	return publish.Stat{Size: o.Size, SHA256: o.Metadata[sumName], Header: o.header()}, nil
}

// Get looks at the object first and then asks for the generation found: an object
// that everybody may read comes out of Google's cache, as old as its Cache-Control
// allows, if it is asked for by its name alone.
// https://cloud.google.com/storage/docs/consistency#caching
func (h *gcsHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	for try := 1; ; try++ {
		o, err := h.look(ctx, name)
		if err != nil {
			return nil, err
		}
		r, err := h.send(ctx, call{op: "get", on: name, method: http.MethodGet,
			url: h.objects(name, url.Values{"alt": {"media"}, "generation": {strconv.FormatInt(o.Generation, 10)}}),
			// What is kept in gzip is unpacked on the way for whoever does not take it.
			// https://cloud.google.com/storage/docs/transcoding
			header: map[string]string{"Accept-Encoding": cmp.Or(o.ContentEncoding, "identity")}})
		if errors.Is(err, fs.ErrNotExist) && try < 3 {
			continue // it was replaced between the two requests
		}
		if err != nil {
			return nil, err
		}
		if came := r.Header.Get("Content-Encoding"); came != o.ContentEncoding || r.ContentLength >= 0 && r.ContentLength != o.Size {
			r.Body.Close()
			return nil, tell("%s：取回 %d 字节（编码 %q），所存的是 %d 字节（编码 %q）", "get %s: %d bytes in the coding %q came, and %d in %q are kept", name, r.ContentLength, came, o.Size, o.ContentEncoding)
		}
		return r.Body, nil
	}
}

// Put sends metadata and bytes in one request. The service creates the object only
// if the bytes have the MD5 that the metadata states.
// https://cloud.google.com/storage/docs/uploading-objects#uploading-an-object (multipart)
func (h *gcsHost) Put(ctx context.Context, f publish.File, body publish.Body) error {
	sum, err := bodyMD5(ctx, f, body)
	if err != nil {
		return err
	}
	o := h.object(f)
	o.MD5 = base64.StdEncoding.EncodeToString(sum)
	metadata, err := json.Marshal(o)
	if err != nil {
		return publish.Final(err)
	}
	boundary := rand.Text()
	head := fmt.Appendf(nil, "--%s\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n%s\r\n--%[1]s\r\nContent-Type: %[3]s\r\n\r\n", boundary, metadata, o.ContentType)
	tail := fmt.Appendf(nil, "\r\n--%s--\r\n", boundary)
	var answer gcsObject
	err = h.ask(ctx, call{op: "put", on: f.Path, method: http.MethodPost,
		url:    h.service + "/upload/storage/v1/b/" + url.PathEscape(h.bucket) + "/o?" + url.Values{"uploadType": {"multipart"}, "fields": {gcsFields}}.Encode(),
		header: map[string]string{"Content-Type": "multipart/related; boundary=" + boundary},
		size:   int64(len(head)) + f.Size + int64(len(tail)),
		open: func() (io.ReadCloser, error) {
			in, err := openFile(ctx, f, body)
			return struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(head), in, bytes.NewReader(tail)), in}, err
		}}, &answer)
	if err != nil {
		return h.missing(err)
	}
	if answer.MD5 != o.MD5 || answer.Size != f.Size {
		return tell("%s：服务收到 %d 字节（MD5 %s），应为 %d 字节（%s）", "put %s: the service has %d bytes with MD5 %s, not %d with %s", f.Path, answer.Size, answer.MD5, f.Size, o.MD5)
	}
	return nil
}

// Copy has the service write the object anew from another, with the headers given.
// https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
func (h *gcsHost) Copy(ctx context.Context, from string, to publish.File) error {
	o, err := h.look(ctx, from)
	if err != nil {
		return err
	}
	if sum := o.Metadata[sumName]; sum == "" || sum != to.SHA256 || o.Size != to.Size {
		return errors.ErrUnsupported // it is not known that the bytes are the same
	}
	want := h.object(to)
	body, err := json.Marshal(want)
	if err != nil {
		return publish.Final(err)
	}
	query := url.Values{"sourceGeneration": {strconv.FormatInt(o.Generation, 10)}, "fields": {"done,rewriteToken,resource(" + gcsFields + ")"}}
	for {
		var answer struct {
			Done     bool      `json:"done"`
			Token    string    `json:"rewriteToken"`
			Resource gcsObject `json:"resource"`
		}
		if err := h.ask(ctx, call{op: "copy to", on: to.Path, method: http.MethodPost,
			url:    h.objects(from, nil) + "/rewriteTo/b/" + url.PathEscape(h.bucket) + "/o/" + url.PathEscape(h.prefix+to.Path) + "?" + query.Encode(),
			header: map[string]string{"Content-Type": "application/json"},
			size:   int64(len(body)), open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
		}, &answer); err != nil {
			return err
		}
		if !answer.Done {
			if answer.Token == "" {
				return tell("把 %s 复制到 %s：服务既没完成也不继续", "copy %s to %s: the service neither ends nor goes on", from, to.Path)
			}
			query.Set("rewriteToken", answer.Token)
			continue
		}
		got := answer.Resource
		if got.MD5 != o.MD5 || got.Metadata[sumName] != to.SHA256 || got.header().String() != want.header().String() {
			// Google's service takes the metadata as given; others lay it over the
			// source's.
			return errors.ErrUnsupported
		}
		return nil
	}
}

// https://cloud.google.com/storage/docs/json_api/v1/objects/delete
func (h *gcsHost) Delete(ctx context.Context, name string) error {
	err := h.noBucket(ctx, h.ask(ctx, call{op: "delete", on: name, method: http.MethodDelete, url: h.objects(name, nil)}, nil))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// https://cloud.google.com/storage/docs/json_api/v1/objects/list
func (h *gcsHost) List(ctx context.Context, dir string) ([]string, error) {
	folder := listPrefix(h.prefix, dir)
	query := url.Values{"prefix": {folder}, "delimiter": {"/"}, "fields": {"items(name),nextPageToken"}}
	if h.page > 0 {
		query.Set("maxResults", strconv.Itoa(h.page))
	}
	var names []string
	for {
		var page struct {
			Items []gcsObject `json:"items"`
			Next  string      `json:"nextPageToken"`
		}
		if err := h.ask(ctx, call{op: "list", on: dir, method: http.MethodGet, url: h.objects("", query)}, &page); err != nil {
			return nil, h.missing(err)
		}
		for _, item := range page.Items {
			// An object with the name of the folder itself is a mark that tools leave.
			if !strings.HasSuffix(item.Name, "/") {
				names = append(names, strings.TrimPrefix(item.Name, h.prefix))
			}
		}
		if page.Next == "" {
			return names, nil
		}
		query.Set("pageToken", page.Next)
	}
}

func (h *gcsHost) Close() error {
	h.client.CloseIdleConnections()
	return nil
}
