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
		// https://cloud.google.com/storage/docs/buckets#naming
		{Name: "bucket", Required: true, Form: pattern(`^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$`, "%q 不是存储桶的名称", "%q is not the name of a bucket"), Doc: plan.Text{ZH: "存储桶名称", EN: "the name of the bucket"}},
		{Name: "prefix", Form: aFolder, Doc: plan.Text{ZH: "站点在存储桶里的文件夹，空为根目录", EN: "the site's folder in the bucket, empty for its root"}},
		{Name: "credentials", Secret: true, Doc: plan.Text{ZH: "服务帐号的 JSON 密钥，与 token 二选一", EN: "the JSON key of a service account, or else give token"}},
		{Name: "token", Secret: true, Form: aToken, Doc: plan.Text{ZH: "OAuth 访问令牌，如 gcloud auth print-access-token 所给，有效一小时",
			EN: "an OAuth access token, as gcloud auth print-access-token gives, good for an hour"}},
		{Name: "endpoint", Default: gcsService, Form: serviceURL, Doc: plan.Text{ZH: "另一处同样接口的服务地址", EN: "the address of another service with the same interface"}},
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
	Open: openGCS,
}

const (
	gcsService = "https://storage.googleapis.com"
	gcsTokens  = "https://oauth2.googleapis.com/token"
	gcsScope   = "https://www.googleapis.com/auth/devstorage.read_write"
)

// A gcsHost speaks JSON: what is kept of an object is one value.
type gcsHost struct {
	bucket
	base string // of all addresses

	account *jwt.Config // nil if there is a fixed token, or none
	turn    gate        // held by who looks at or renews the token
	token   *oauth2.Token

	seen atomic.Bool // the bucket is known to be there
}

func openGCS(_ context.Context, o Values) (publish.Host, error) {
	h := &gcsHost{base: o.text("endpoint"), turn: newGate()}
	name, credentials, token := o.text("bucket"), o.text("credentials"), o.text("token")
	switch {
	case credentials != "" && token != "":
		return nil, publish.Final(tell("credentials 和 token 只能写一个", "credentials and token cannot both be given"))
	case credentials != "":
		var err error
		if h.account, err = serviceAccount([]byte(credentials)); err != nil {
			return nil, err
		}
	case token != "":
		h.token = &oauth2.Token{AccessToken: token}
	case h.base == gcsService:
		return nil, publish.Final(tell("credentials 和 token 必须写一个", "either credentials or token must be given"))
	default:
		h.token = &oauth2.Token{}
	}
	h.bucket = bucketOf(o, name, h.base+"/storage/v1/b/"+url.PathEscape(name)+"/o")
	h.traits.Encodings = []string{"gzip", "br"} // the service unpacks gzip for readers who cannot
	h.authorize, h.says = h.bearer, h.answer
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
		return nil, wrong("credentials", "不是服务帐号的 JSON 密钥", "not the JSON key of a service account")
	}
	if file.Type != "service_account" || file.Email == "" {
		return nil, wrong("credentials", "类型是 %.40q，应为 service_account", "of the type %.40q, not service_account", file.Type)
	}
	block, _ := pem.Decode([]byte(file.Key))
	if block == nil {
		return nil, wrong("credentials", "没有私钥", "there is no private key in it")
	}
	_, err8 := x509.ParsePKCS8PrivateKey(block.Bytes)
	if _, err1 := x509.ParsePKCS1PrivateKey(block.Bytes); err8 != nil && err1 != nil {
		return nil, wrong("credentials", "私钥读不出来", "its private key cannot be read")
	}
	tokens, err := serviceURL(cmp.Or(file.Token, gcsTokens))
	return &jwt.Config{Email: file.Email, PrivateKey: []byte(file.Key), PrivateKeyID: file.KeyID,
		TokenURL: tokens, Scopes: []string{gcsScope}}, named("credentials: token_uri", err)
}

// bearer adds the token to a request, and gets a new one where it is about to end.
func (h *gcsHost) bearer(req *http.Request) error {
	ctx := req.Context()
	if err := h.turn.enter(ctx); err != nil {
		return err
	}
	defer h.turn.leave()
	if h.account != nil && !h.token.Valid() {
		if err := h.renew(ctx); err != nil {
			return err
		}
	}
	if h.token.AccessToken != "" {
		req.Header.Set("Authorization", "Bearer "+h.token.AccessToken)
	}
	return nil
}

// renew gets a token. h.turn is held.
func (h *gcsHost) renew(ctx context.Context) error {
	const what = "get an access token"
	if err := publish.Step(ctx, "token", h.account.TokenURL); err != nil {
		return err
	}
	client := &http.Client{Transport: inContext{ctx, h.client.Transport}, CheckRedirect: h.client.CheckRedirect}
	token, err := h.account.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, client)).Token()
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		var why struct {
			Code string `json:"error"`
		}
		_ = json.Unmarshal(refused.Body, &why)
		return statusError(what, refused.Response.StatusCode, oneLineOf(why.Code), false)
	case err != nil:
		return networkError(ctx, what, err)
	case token.AccessToken == "":
		return publish.Final(tell("没有取到访问令牌", "get an access token: the answer holds none"))
	}
	h.token = token
	return nil
}

// inContext ends requests with a context that their library does not give them.
type inContext struct {
	ctx context.Context
	http.RoundTripper
}

func (t inContext) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.RoundTripper.RoundTrip(req.WithContext(t.ctx))
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

// kept says where an object has which header.
func (o *gcsObject) kept() map[string]*string {
	return map[string]*string{
		"Content-Type":        &o.ContentType,
		"Cache-Control":       &o.CacheControl,
		"Content-Encoding":    &o.ContentEncoding,
		"Content-Language":    &o.ContentLanguage,
		"Content-Disposition": &o.ContentDisposition,
	}
}

func (o *gcsObject) header() publish.Header {
	header := publish.Header{}
	for name, value := range o.kept() {
		if *value != "" {
			header[name] = *value
		}
	}
	return header
}

// object makes the metadata that a file is put with.
func (h *gcsHost) object(f publish.File) gcsObject {
	o := gcsObject{Name: h.prefix + f.Path, Metadata: map[string]string{sumName: f.SHA256}}
	for name, value := range o.kept() {
		*value = f.Header[name]
	}
	o.ContentType = cmp.Or(o.ContentType, "application/octet-stream")
	return o
}

// at is the address of an object.
func (h *gcsHost) at(name string) string { return h.address + "/" + url.PathEscape(h.prefix+name) }

// answer gives the reason in an error.
// https://cloud.google.com/storage/docs/json_api/v1/status-codes
func (h *gcsHost) answer(res *http.Response) (code, text string) {
	var said struct {
		Error struct {
			Errors []struct {
				Reason string `json:"reason"`
			} `json:"errors"`
		} `json:"error"`
	}
	_ = json.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&said)
	if res.StatusCode == http.StatusNotFound {
		return notFound, ""
	}
	if e := said.Error.Errors; len(e) > 0 && gcsReason.MatchString(e[0].Reason) {
		return e[0].Reason, ""
	}
	return "", ""
}

// gcsReason is what a reason looks like. Anything else may quote what was sent.
var gcsReason = regexp.MustCompile(`^[A-Za-z]{1,40}$`)

// noBucket tells a bucket that is not there from an object that is not there, which
// are the same answer. It asks once, if nothing has been found in the bucket yet.
func (h *gcsHost) noBucket(ctx context.Context, err error) error {
	if errors.Is(err, fs.ErrNotExist) && !h.seen.Load() {
		if _, _, missing := h.page(ctx, ".", url.Values{"maxResults": {"1"}}); missing != nil {
			return missing
		}
		h.seen.Store(true)
	}
	return err
}

// look asks what is known of an object.
// https://cloud.google.com/storage/docs/json_api/v1/objects/get
func (h *gcsHost) look(ctx context.Context, name string) (o gcsObject, err error) {
	err = h.json(ctx, call{op: "look at", on: name, method: http.MethodGet, url: h.at(name)}, nil, &o)
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
		r, err := h.ask(ctx, call{op: "get", on: name, method: http.MethodGet,
			url: fmt.Sprintf("%s?alt=media&generation=%d", h.at(name), o.Generation),
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
	res, err := h.ask(ctx, call{op: "put", on: f.Path, method: http.MethodPost,
		url:    h.base + "/upload" + strings.TrimPrefix(h.address, h.base) + "?uploadType=multipart&fields=md5Hash,size",
		header: map[string]string{"Content-Type": "multipart/related; boundary=" + boundary},
		size:   int64(len(head)) + f.Size + int64(len(tail)),
		open: func() (io.ReadCloser, error) {
			in, err := openFile(ctx, f, body)
			return struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(head), in, bytes.NewReader(tail)), in}, err
		}})
	if errors.Is(err, fs.ErrNotExist) {
		return h.missing
	} else if err != nil {
		return err
	}
	defer res.Body.Close()
	var got gcsObject
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		return networkError(ctx, "put "+f.Path, err)
	}
	if got.MD5 != o.MD5 || got.Size != f.Size {
		return tell("%s：服务收到 %d 字节（MD5 %s），应为 %d 字节（%s）", "put %s: the service has %d bytes with MD5 %s, not %d with %s", f.Path, got.Size, got.MD5, f.Size, o.MD5)
	}
	return nil
}

// Copy has the service write the object anew from another, with the headers given. That
// is one request within a bucket, unless the object has come to be stored elsewhere.
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
	address := fmt.Sprintf("%s/rewriteTo/b/%s/o/%s?sourceGeneration=%d", h.at(from), url.PathEscape(h.name), url.PathEscape(want.Name), o.Generation)
	var answer struct {
		Done     bool      `json:"done"`
		Resource gcsObject `json:"resource"`
	}
	if err := h.json(ctx, call{op: "copy to", on: to.Path, method: http.MethodPost, url: address}, want, &answer); err != nil {
		return err
	}
	// Google's service takes the metadata as given; others lay it over the source's.
	got := answer.Resource
	if !answer.Done || got.MD5 != o.MD5 || got.Metadata[sumName] != to.SHA256 || got.header().String() != want.header().String() {
		return errors.ErrUnsupported
	}
	return nil
}

// https://cloud.google.com/storage/docs/json_api/v1/objects/delete
func (h *gcsHost) Delete(ctx context.Context, name string) error {
	err := h.do(ctx, call{op: "delete", on: name, method: http.MethodDelete, url: h.at(name)})
	if err = h.noBucket(ctx, err); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (h *gcsHost) List(ctx context.Context, dir string) ([]string, error) {
	return h.list(dir, func(folder, from string) ([]string, string, error) {
		query := url.Values{"prefix": {folder}, "delimiter": {"/"}}
		if h.most > 0 {
			query.Set("maxResults", strconv.Itoa(h.most))
		}
		if from != "" {
			query.Set("pageToken", from)
		}
		return h.page(ctx, dir, query)
	})
}

// page reads one page of a list.
// https://cloud.google.com/storage/docs/json_api/v1/objects/list
func (h *gcsHost) page(ctx context.Context, dir string, query url.Values) (names []string, next string, err error) {
	var page struct {
		Items []gcsObject `json:"items"`
		Next  string      `json:"nextPageToken"`
	}
	query.Set("fields", "items(name),nextPageToken")
	err = h.json(ctx, call{op: "list", on: dir, method: http.MethodGet, url: h.address + "?" + query.Encode()}, nil, &page)
	if errors.Is(err, fs.ErrNotExist) {
		err = h.missing
	}
	for _, item := range page.Items {
		names = append(names, item.Name)
	}
	return names, page.Next, err
}
