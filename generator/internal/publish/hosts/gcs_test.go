package hosts

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestGCS(t *testing.T) {
	hosttest.Contract(t, gcsBench)
}

var (
	fakeGCS lasting
	gcsSite atomic.Int64
)

func gcsAddress(t testing.TB) string {
	program := hosttest.Program(t, "fake-gcs-server")
	return "http://" + fakeGCS.start(t, func(port int, _ string) *exec.Cmd {
		return exec.Command(program, "-scheme", "http", "-host", "127.0.0.1", "-port", fmt.Sprint(port), "-backend", "memory",
			"-public-host", fmt.Sprintf("127.0.0.1:%d", port), "-log-level", "error")
	})
}

func gcsPlace(t testing.TB, bucket, prefix string) hosttest.Place {
	options := map[string]string{"bucket": bucket, "prefix": prefix, "endpoint": gcsAddress(t)}
	return hosttest.Place{Kind: "gcs", Options: options,
		Open: func(t testing.TB) publish.Host { return open(t, "gcs", options) },
		Read: func(file string) ([]byte, publish.Header, error) {
			return readAs(strings.TrimSuffix(options["endpoint"]+"/"+bucket+"/"+escaped(prefix), "/") + "/" + escaped(file))
		},
	}
}

func newBucket(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("site-%d", gcsSite.Add(1))
	r, err := http.Post(gcsAddress(t)+"/storage/v1/b", "application/json", strings.NewReader(`{"name":"`+name+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Fatalf("making a bucket: %s", r.Status)
	}
	return name
}

var gcsBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return gcsPlace(t, newBucket(t), "") }}

func TestGCSStore(t *testing.T) {
	p := gcsBench.Fresh(t)
	paged := p.Open(t).(*gcsHost)
	paged.page = 4
	objectStore(t, editOf(t, p), hosttest.NewEdit(paged))
}

// TestGCSPrefix shows that a site in a folder of a bucket is a site like any other,
// and leaves the rest of the bucket alone.
func TestGCSPrefix(t *testing.T) {
	bucket := newBucket(t)
	ctx := context.Background()
	all := editOf(t, gcsPlace(t, bucket, ""))
	for _, name := range []string{"other.txt", "闽西/plan2/x"} {
		f, body := fileOf(name, "not ours", nil)
		if err := all.Put(ctx, f, body); err != nil {
			t.Fatal(err)
		}
	}
	p := gcsPlace(t, bucket, "闽西/plan")
	h := editOf(t, p)
	f, body := fileOf("zh/index.html", "in a folder", publish.Header{"Content-Type": "text/html; charset=utf-8"})
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	if data, _, err := p.Read(f.Path); err != nil || string(data) != "in a folder" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
	// A mark of a folder, as some tools leave them, is no file.
	mark, none := fileOf("zh/", "", nil)
	if err := h.Put(ctx, mark, none); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{"zh": "[zh/index.html]", ".": "[]"} {
		if names, err := h.List(ctx, dir); err != nil || fmt.Sprint(names) != want {
			t.Errorf("List %s: %v, %v; want %s", dir, names, err, want)
		}
	}
}

// TestGCSTranscoding shows why Get says what it accepts: others get the bytes
// unpacked.
func TestGCSTranscoding(t *testing.T) {
	p := gcsBench.Fresh(t)
	h := editOf(t, p)
	ctx := context.Background()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("plain and plain and plain"))
	z.Close()
	f, body := fileOf("a.html", packed.String(), publish.Header{"Content-Type": "text/html", "Content-Encoding": "gzip"})
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodGet, p.Options["endpoint"]+"/"+p.Options["bucket"]+"/a.html", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if data, err := io.ReadAll(r.Body); err != nil || string(data) != "plain and plain and plain" {
		t.Fatalf("the server does not unpack, so this test shows nothing: %q, %v", data, err)
	}
	kept, err := h.Get(ctx, "a.html")
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if data, err := io.ReadAll(kept); err != nil || !bytes.Equal(data, packed.Bytes()) {
		t.Errorf("Get: %q, %v", data, err)
	}
}

func TestGCSCopy(t *testing.T) {
	h := editOf(t, gcsBench.Fresh(t))
	ctx := context.Background()
	f, body := fileOf("zh/一 b.html", "the page", publish.Header{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "max-age=1"})
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	to := f
	to.Path = "_releases/objects/5f/0c"
	to.Header = publish.Header{"Content-Type": "application/octet-stream", "Cache-Control": "no-store"}
	listening, heard := steps(ctx)
	if err := h.Copy(listening, f.Path, to); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(*heard) != "[get zh/一 b.html rewrite _releases/objects/5f/0c]" {
		t.Errorf("steps %q", *heard)
	}
	if st, err := h.Stat(ctx, to.Path); err != nil || st.SHA256 != f.SHA256 || st.Header.String() != to.Header.String() {
		t.Errorf("Stat: %+v, %v", st, err)
	}
	other := to
	other.SHA256 = strings.Repeat("0", 64)
	if err := h.Copy(ctx, f.Path, other); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Copy of other bytes: %v", err)
	}
	if err := h.Copy(ctx, "nothing", to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Copy of nothing: %v", err)
	}
	// This server keeps headers of the source that the copy should not have. That
	// is seen, and the protocol puts the file instead.
	to.Header = publish.Header{"Content-Type": "application/octet-stream"}
	if err := h.Copy(ctx, f.Path, to); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Copy with a header too many: %v", err)
	}
}

// rewrites stands in front of the stand-in and copies as Google's service does: with
// the metadata of the request, and none of the source's.
func rewrites(t *testing.T) string {
	address, err := url.Parse(gcsAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(address)
	pass.Transport = newClient(quietLimit).Transport
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, to, found := strings.Cut(r.URL.EscapedPath(), "/rewriteTo/b/")
		if !found {
			r.Host = address.Host
			pass.ServeHTTP(w, r)
			return
		}
		bucket, name, _ := strings.Cut(to, "/o/")
		name, err := url.PathUnescape(name)
		if err != nil {
			t.Error(err)
		}
		fake := gcsPlace(t, bucket, "").Open(t).(*gcsHost)
		data, _, err := readAs(address.String() + from + "?alt=media&generation=" + r.URL.Query().Get("sourceGeneration"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		var o gcsObject
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			t.Error(err)
		}
		f, body := fileOf(name, string(data), o.header())
		if err := fake.Put(r.Context(), f, body); err != nil {
			t.Error(err)
		}
		if o, err = fake.look(r.Context(), name); err != nil {
			t.Error(err)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"done": true, "resource": o})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestGCSCopyContract shows that copies keep the contract where the service copies
// as Google's does.
func TestGCSCopyContract(t *testing.T) {
	front := rewrites(t)
	hosttest.Contract(t, hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		p := gcsBench.Fresh(t)
		p.Options["endpoint"] = front
		return p
	}})
}

// TestGCSRewrite copies where the service takes several requests for it, as it does
// for large objects.
func TestGCSRewrite(t *testing.T) {
	f, _ := fileOf("to", "x", publish.Header{"Content-Type": "text/plain"})
	source := gcsObject{Name: "from", Size: f.Size, Generation: 7, MD5: "abc", ContentType: "text/html", Metadata: map[string]string{sumName: f.SHA256}}
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_ = json.NewEncoder(w).Encode(source)
			return
		}
		asked = append(asked, r.URL.Query().Get("sourceGeneration")+" "+r.URL.Query().Get("rewriteToken"))
		var o gcsObject
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			t.Error(err)
		}
		if len(asked) < 3 {
			fmt.Fprintf(w, `{"done":false,"rewriteToken":"t%d"}`, len(asked))
			return
		}
		o.MD5, o.Size = source.MD5, source.Size
		_ = json.NewEncoder(w).Encode(map[string]any{"done": true, "resource": o})
	}))
	defer server.Close()
	h := edit(t, "gcs", map[string]string{"bucket": "site", "endpoint": server.URL})
	if err := h.Copy(context.Background(), "from", f); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprintf("%q", asked); got != `["7 " "7 t1" "7 t2"]` {
		t.Errorf("asked %s", got)
	}
}

// TestGCSReplaced reads an object that is replaced between the two requests of Get.
func TestGCSReplaced(t *testing.T) {
	generation := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("alt") != "media" {
			if generation++; generation < 3 {
				defer func() { generation++ }()
			}
			_ = json.NewEncoder(w).Encode(gcsObject{Size: 3, Generation: int64(generation)})
			return
		}
		if r.URL.Query().Get("generation") != fmt.Sprint(generation) {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte("new"))
	}))
	defer server.Close()
	r, err := edit(t, "gcs", map[string]string{"bucket": "site", "endpoint": server.URL}).Get(context.Background(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if data, err := io.ReadAll(r); err != nil || string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
}

// accountKey is a service account's key file, for a token service at an address.
func accountKey(t *testing.T, key *rsa.PrivateKey, tokens string) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "publisher@minxi.iam.gserviceaccount.com", "private_key_id": "key-1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": tokens,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var gcsTestKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// statementOf checks a signed statement (RFC 7515, RS256) and gives what it says.
func statementOf(statement string, key *rsa.PublicKey) (claims map[string]any, err error) {
	signed, signature, _ := strings.Cut(statement, ".")
	payload, signature, _ := strings.Cut(signature, ".")
	mark, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(signed + "." + payload))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], mark); err != nil {
		return nil, err
	}
	data, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(data, &claims)
	return claims, err
}

// TestGCSAccount signs in as a service account does: with a signed statement, for a
// token, which then comes with each request and is renewed when it ends.
func TestGCSAccount(t *testing.T) {
	ctx := context.Background()
	key := gcsTestKey()
	var given, lasts atomic.Int64
	lasts.Store(3600)
	tokens := httptest.NewServer(nil)
	defer tokens.Close()
	tokens.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		statement := r.FormValue("assertion")
		claims, err := statementOf(statement, &key.PublicKey)
		if err != nil || claims["iss"] != "publisher@minxi.iam.gserviceaccount.com" ||
			claims["aud"] != tokens.URL+"/token" || claims["scope"] != gcsScope {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":"invalid_grant","error_description":"%s"}`, statement)
			return
		}
		fmt.Fprintf(w, `{"access_token":"secret-token-%d","token_type":"Bearer","expires_in":%d}`, given.Add(1), lasts.Load())
	})
	var wants sync.Map
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wants.Store(r.Header.Get("Authorization"), true)
		if r.Header.Get("Authorization") == "Bearer revoked" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":{"code":401,"message":"revoked","errors":[{"reason":"authError","message":"revoked"}]}}`)
			return
		}
		fmt.Fprint(w, `{"size":"1","generation":"1"}`)
	}))
	defer server.Close()
	with := func(option, value string) *hosttest.Edit {
		return edit(t, "gcs", map[string]string{"bucket": "site", "endpoint": server.URL, option: value})
	}

	h := with("credentials", accountKey(t, key, tokens.URL+"/token"))
	listening, heard := steps(ctx)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := h.Stat(listening, "x"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, ok := wants.Load("Bearer secret-token-1"); !ok || given.Load() != 1 || len(*heard) != 11 {
		t.Errorf("%d tokens were given, steps %q", given.Load(), *heard)
	}
	// A token that ends at once is not used twice.
	lasts.Store(1)
	h = with("credentials", accountKey(t, key, tokens.URL+"/token"))
	for range 2 {
		if _, err := h.Stat(ctx, "x"); err != nil {
			t.Error(err)
		}
	}
	if given.Load() != 3 {
		t.Errorf("%d tokens were given, want 3", given.Load())
	}

	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	wrong := accountKey(t, other, tokens.URL+"/token")
	_, err = with("credentials", wrong).Stat(ctx, "x")
	wantsNoRetry(t, err, "get an access token: the service answers 400 invalid_grant", wrong, "eyJ")
	nobody := accountKey(t, key, fmt.Sprintf("http://127.0.0.1:%d/token", hosttest.Port(t)))
	_, err = with("credentials", nobody).Stat(ctx, "x")
	if wantsNoSecret(t, err, nobody, "eyJ"); publish.IsFinal(err) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("nobody gives tokens: %v", err)
	}
	if _, err = with("token", "mine").Stat(ctx, "x"); err != nil {
		t.Error(err)
	}
	if _, ok := wants.Load("Bearer mine"); !ok {
		t.Error("the token given was not used")
	}
	_, err = with("token", "revoked").Stat(ctx, "x")
	wantsNoRetry(t, err, "look at x: the service answers 401 authError", "revoked")
}

// TestGCSTokenCancelled ends the wait for a token with the context.
func TestGCSTokenCancelled(t *testing.T) {
	hangs := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	tokens := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		cancel()
		<-hangs
	}))
	defer tokens.Close()
	defer close(hangs)
	h := edit(t, "gcs", map[string]string{"bucket": "site", "endpoint": "http://127.0.0.1:1", "credentials": accountKey(t, gcsTestKey(), tokens.URL)})
	done := make(chan error, 1)
	go func() {
		_, err := h.Stat(ctx, "x")
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("waiting goes on after the context has ended")
	}
}

func TestGCSOptions(t *testing.T) {
	key := accountKey(t, gcsTestKey(), "https://oauth2.googleapis.com/token")
	good := map[string]string{"bucket": "www.minxi.example", "credentials": key}
	for _, c := range []struct {
		change map[string]string
		url    string // where an object is; "" if the options are refused
		says   string
	}{
		{nil, "https://storage.googleapis.com/storage/v1/b/www.minxi.example/o/x", ""},
		{map[string]string{"prefix": "/a/b/"}, "https://storage.googleapis.com/storage/v1/b/www.minxi.example/o/a%2Fb%2Fx", ""},
		{map[string]string{"credentials": "", "token": "t"}, "https://storage.googleapis.com/storage/v1/b/www.minxi.example/o/x", ""},
		{map[string]string{"credentials": "", "endpoint": "http://127.0.0.1:1/"}, "http://127.0.0.1:1/storage/v1/b/www.minxi.example/o/x", ""},
		{map[string]string{"bucket": "gs://minxi"}, "", "bucket"},
		{map[string]string{"prefix": ".."}, "", "prefix"},
		{map[string]string{"endpoint": "http://example.com"}, "", "endpoint"},
		{map[string]string{"token": "secret-t"}, "", "both"},
		{map[string]string{"credentials": ""}, "", "credentials or token"},
		{map[string]string{"credentials": "secret, and not JSON"}, "", "credentials"},
		{map[string]string{"credentials": `{"type":"external_account","client_email":"x","private_key":"secret, and not JSON"}`}, "", "external_account"},
		{map[string]string{"credentials": `{"type":"service_account","client_email":"x","private_key":"secret, and not JSON"}`}, "", "private key"},
		{map[string]string{"credentials": strings.Replace(key, "https://oauth2", "http://oauth2", 1)}, "", "token_uri"},
	} {
		options := map[string]string{}
		for _, from := range []map[string]string{good, c.change} {
			for name, value := range from {
				options[name] = value
			}
		}
		h, err := Open(context.Background(), "gcs", Values{Options: options})
		if c.url == "" {
			wantsNoRetry(t, err, c.says, key, "secret-t", "secret, and not JSON", "PRIVATE")
		} else if err != nil {
			t.Errorf("%v: %v", c.change, err)
		} else if got := h.(*gcsHost).objects("x"); got != c.url {
			t.Errorf("%v: %s, want %s", c.change, got, c.url)
		}
	}
}

func TestGCSNoBucket(t *testing.T) {
	ctx := context.Background()
	h := editOf(t, gcsPlace(t, "no-such-bucket", ""))
	f, body := fileOf("x.html", "x", publish.Header{"Content-Type": "text/html; charset=utf-8"})
	_, statErr := h.Stat(ctx, f.Path)
	_, getErr := h.Get(ctx, f.Path)
	_, listErr := h.List(ctx, ".")
	for _, err := range []error{statErr, getErr, listErr, h.Put(ctx, f, body), h.Delete(ctx, f.Path)} {
		wantsNoRetry(t, err, "there is no bucket no-such-bucket")
	}
	// Where there is one, it is looked for once.
	h = editOf(t, gcsBench.Fresh(t))
	listening, heard := steps(ctx)
	for range 3 {
		if _, err := h.Stat(listening, "x"); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
	if len(*heard) != 4 {
		t.Errorf("steps %q", *heard)
	}
}

// TestGCSAnswers gives the answers that the real service gives and the stand-in does
// not.
func TestGCSAnswers(t *testing.T) {
	ctx := context.Background()
	f, body := fileOf("x", "x", nil)
	for _, c := range []struct {
		status int
		answer string
		says   string
		final  bool
	}{
		{503, `{"error":{"errors":[{"reason":"backendError"}]}}`, "put x: the service answers 503 backendError", false},
		{429, `{"error":{"errors":[{"reason":"rateLimitExceeded"}]}}`, "429 rateLimitExceeded", false},
		{403, `{"error":{"errors":[{"reason":"userRateLimitExceeded"}]}}`, "403 userRateLimitExceeded", false},
		{403, `{"error":{"errors":[{"reason":"forbidden","message":"secret"}]}}`, "403 forbidden", true},
		{403, `{"error":{"errors":[{"reason":"secret secret"}]}}`, "403 Forbidden", true},
		{400, "<html>secret</html>", "400 Bad Request", true},
		{302, "", "302 Found", true},
		{502, "", "502 Bad Gateway", false},
		{200, `{"size":"1","md5Hash":"other"}`, "MD5 other", false},
		{200, `{"size":"1"`, "put x: unexpected EOF", false},
	} {
		requests := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.answer)
		}))
		err := edit(t, "gcs", map[string]string{"bucket": "site", "endpoint": server.URL}).Put(ctx, f, body)
		if err == nil || publish.IsFinal(err) != c.final || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%d %s: %v, final: %v", c.status, c.answer, err, publish.IsFinal(err))
		}
		wantsNoSecret(t, err, "secret")
		if requests != 1 {
			t.Errorf("%d: %d requests", c.status, requests)
		}
		server.Close()
	}
	// The checksum is in the metadata of the upload.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		if sum := base64.StdEncoding.EncodeToString([]byte("\x9d\xd4\xe4\x61\x26\x8c\x80\x34\xf5\xc8\x56\x4e\x15\x5c\x67\xa6")); !bytes.Contains(data, []byte(`"md5Hash":"`+sum+`"`)) {
			t.Errorf("the upload is %q", data)
		}
	}))
	defer server.Close()
	_ = edit(t, "gcs", map[string]string{"bucket": "site", "endpoint": server.URL}).Put(ctx, f, body)
}
