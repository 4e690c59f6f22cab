package hosts

import (
	"bytes"
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
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestGCS(t *testing.T) {
	hosttest.Contract(t, gcsBench)
	objectStore(t, gcsBench)
}

func gcsAddress(t testing.TB) string {
	return "http://" + hosttest.Server(t, "fake-gcs-server").Address
}

func gcsPlace(t testing.TB, bucket, prefix string) hosttest.Place {
	options := map[string]string{"bucket": bucket, "prefix": prefix, "endpoint": gcsAddress(t)}
	return hosttest.Place{Kind: "gcs", Options: options, Read: hosttest.ReadWeb(must2(url.JoinPath(options["endpoint"], bucket, prefix)))}
}

func newBucket(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("site-%d", nth.Add(1))
	r := must2(http.Post(gcsAddress(t)+"/storage/v1/b", "application/json", strings.NewReader(`{"name":"`+name+`"}`)))
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Fatalf("making a bucket: %s", r.Status)
	}
	return name
}

var gcsBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return gcsPlace(t, newBucket(t), "") }}

// TestGCSPrefix shows that a site in a folder of a bucket is a site like any other,
// and leaves the rest of the bucket alone.
func TestGCSPrefix(t *testing.T) {
	bucket := newBucket(t)
	all := editOf(t, gcsPlace(t, bucket, ""))
	for _, name := range []string{"other.txt", "闽西/plan2/x", "闽西/plan/zh/"} { // the last is a mark of a folder, as some tools leave them
		show(t, all, name, "not ours")
	}
	p := gcsPlace(t, bucket, "闽西/plan")
	h := editOf(t, p)
	show(t, h, "zh/index.html", "in a folder")
	reads(t, p, "zh/index.html", "in a folder")
	for dir, want := range map[string]string{"zh": "[zh/index.html]", ".": "[]"} {
		if names, err := h.List(t.Context(), dir); err != nil || fmt.Sprint(names) != want {
			t.Errorf("List %s: %v, %v; want %s", dir, names, err, want)
		}
	}
}

// TestGCSTranscoding shows why Get says what it accepts: others get the bytes
// unpacked.
func TestGCSTranscoding(t *testing.T) {
	p := gcsBench.Fresh(t)
	h := editOf(t, p)
	packed := string(hosttest.Encode(t, "gzip", []byte("plain and plain and plain")))
	f, body := hosttest.Text("a.html", packed, publish.Header{"Content-Type": "text/html", "Content-Encoding": "gzip"})
	must(h.Put(t.Context(), f, body))
	req := must2(http.NewRequest(http.MethodGet, p.Options["endpoint"]+"/"+p.Options["bucket"]+"/a.html", nil))
	req.Header.Set("Accept-Encoding", "identity")
	r := must2(http.DefaultClient.Do(req))
	defer r.Body.Close()
	if data, err := io.ReadAll(r.Body); err != nil || string(data) != "plain and plain and plain" {
		t.Fatalf("the server does not unpack, so this test shows nothing: %q, %v", data, err)
	}
	holds(t, h, "a.html", packed)
}

// This server keeps headers of the source that a copy should not have. That is seen,
// and the protocol puts the file instead.
func TestGCSCopyHeaders(t *testing.T) {
	h := editOf(t, gcsBench.Fresh(t))
	f, body := hosttest.Text("a", "a", publish.Header{"Content-Type": "text/html", "Cache-Control": "max-age=1"})
	must(h.Put(t.Context(), f, body))
	f.Path, f.Header = "b", publish.Header{"Content-Type": "application/octet-stream"}
	ctx, heard := steps(t.Context())
	if err := h.Copy(ctx, "a", f); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Copy with a header too many: %v", err)
	}
	if got := fmt.Sprint(heard()); got != "[look at a copy to b]" {
		t.Errorf("steps %s", got)
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
	pass.Transport = newClient(Network{}).Transport
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
		fake := editOf(t, gcsPlace(t, bucket, ""))
		source, err := http.Get(address.String() + from + "?alt=media&generation=" + r.URL.Query().Get("sourceGeneration"))
		if err != nil || source.StatusCode != http.StatusOK {
			http.NotFound(w, r)
			return
		}
		defer source.Body.Close()
		data := must2(io.ReadAll(source.Body))
		var o gcsObject
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			t.Error(err)
		}
		f, body := hosttest.Text(name, string(data), o.header())
		if err := fake.Put(r.Context(), f, body); err != nil {
			t.Error(err)
		}
		made := must2(http.Get(address.String() + "/storage/v1/b/" + bucket + "/o/" + url.PathEscape(name)))
		defer made.Body.Close()
		_ = json.NewEncoder(w).Encode(map[string]any{"done": true, "resource": json.RawMessage(must2(io.ReadAll(made.Body)))})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestGCSCopyContract shows that copies keep the contract where the service copies
// as Google's does.
func TestGCSCopyContract(t *testing.T) {
	front := rewrites(t)
	bench := hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		p := gcsBench.Fresh(t)
		p.Options["endpoint"] = front
		return p
	}}
	hosttest.Contract(t, bench)
	objectStore(t, bench)
}

// TestGCSRewrite asks for a copy that the service would go on with in further requests:
// the protocol puts the file instead, and what is there is as before.
func TestGCSRewrite(t *testing.T) {
	f, _ := textFile("to", "x")
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_ = json.NewEncoder(w).Encode(gcsObject{Name: "from", Size: f.Size, Generation: 7, Metadata: map[string]string{sumName: f.SHA256}})
			return
		}
		asked = append(asked, r.URL.Query().Get("sourceGeneration"))
		fmt.Fprint(w, `{"done":false,"rewriteToken":"t"}`)
	}))
	defer server.Close()
	err := edit(t, "gcs", map[string]string{"bucket": "site", "endpoint": server.URL}).Copy(t.Context(), "from", f)
	if !errors.Is(err, errors.ErrUnsupported) || fmt.Sprint(asked) != "[7]" {
		t.Errorf("Copy: %v; asked %s", err, asked)
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
	holds(t, edit(t, "gcs", map[string]string{"bucket": "site", "endpoint": server.URL}), "x", "new")
}

// accountKey is a service account's key file, for a token service at an address.
func accountKey(t *testing.T, key *rsa.PrivateKey, tokens string) string {
	t.Helper()
	der := must2(x509.MarshalPKCS8PrivateKey(key))
	return string(must2(json.Marshal(map[string]string{
		"type": "service_account", "client_email": "publisher@minxi.iam.gserviceaccount.com", "private_key_id": "key-1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": tokens,
	})))
}

var gcsTestKey = sync.OnceValue(func() *rsa.PrivateKey {
	return must2(rsa.GenerateKey(rand.Reader, 2048))
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
	ctx := t.Context()
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
		fmt.Fprintf(w, `{"access_token":"geheim-token-%d","token_type":"Bearer","expires_in":%d}`, given.Add(1), lasts.Load())
	})
	var asked sync.Map
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Header.Get("Authorization"), true)
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
	if _, ok := asked.Load("Bearer geheim-token-1"); !ok || given.Load() != 1 || len(heard()) != 11 {
		t.Errorf("%d tokens were given", given.Load())
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

	_, err := with("credentials", accountKey(t, must2(rsa.GenerateKey(rand.Reader, 2048)), tokens.URL+"/token")).Stat(ctx, "x")
	wants(t, err, true, "get an access token: the service answers 400 invalid_grant")
	_, err = with("credentials", accountKey(t, key, fmt.Sprintf("http://127.0.0.1:%d/token", hosttest.Port(t)))).Stat(ctx, "x")
	wants(t, err, false, "refused")
	if _, err = with("token", "mine").Stat(ctx, "x"); err != nil {
		t.Error(err)
	}
	if _, ok := asked.Load("Bearer mine"); !ok {
		t.Error("the token given was not used")
	}
	_, err = with("token", "revoked").Stat(ctx, "x")
	wants(t, err, true, "look at x: the service answers 401 authError", "revoked")
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
	if _, err := h.Stat(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestGCSNoBucket(t *testing.T) {
	turnsAway(t, "gcs", gcsPlace(t, "no-such-bucket", "").Options, true, "there is no bucket no-such-bucket")
	// Where there is one, it is looked for once.
	h := editOf(t, gcsBench.Fresh(t))
	ctx, heard := steps(t.Context())
	for range 3 {
		if _, err := h.Stat(ctx, "x"); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
	if got := heard(); len(got) != 4 {
		t.Errorf("steps %q", got)
	}
}

func TestGCSChecksum(t *testing.T) {
	// The checksum is in the metadata of the upload.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		if sum := base64.StdEncoding.EncodeToString([]byte("\x9d\xd4\xe4\x61\x26\x8c\x80\x34\xf5\xc8\x56\x4e\x15\x5c\x67\xa6")); !bytes.Contains(data, []byte(`"md5Hash":"`+sum+`"`)) {
			t.Errorf("the upload is %q", data)
		}
	}))
	defer server.Close()
	_ = edit(t, "gcs", map[string]string{"bucket": "site", "endpoint": server.URL}).PutText(t.Context(), "x", "x")
}
