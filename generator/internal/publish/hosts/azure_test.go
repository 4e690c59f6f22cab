package hosts

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
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

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestAzure(t *testing.T) {
	hosttest.Contract(t, azureBench)
}

const azuriteAccount = "minxi"

// azuriteKey is the account's key, another in each test binary.
var azuriteKey = sync.OnceValue(func() string {
	key := make([]byte, 64)
	_, _ = rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
})

var (
	azurite   lasting
	azureSite atomic.Int64
)

func azuriteAddress(t testing.TB) string {
	program := hosttest.Program(t, "azurite-blob")
	return "http://" + azurite.start(t, func(port int, dir string) *exec.Cmd {
		cmd := exec.Command(program, "--blobPort", fmt.Sprint(port), "--location", dir, "--silent", "--disableTelemetry")
		cmd.Env = append(cmd.Environ(), "AZURITE_ACCOUNTS="+azuriteAccount+":"+azuriteKey())
		return cmd
	}) + "/" + azuriteAccount
}

// azureContainer makes an empty container that everybody may read from.
func azureContainer(t testing.TB, name string) *container.Client {
	t.Helper()
	c := privateContainer(t, name)
	public := container.PublicAccessTypeBlob
	if _, err := c.SetAccessPolicy(context.Background(), &container.SetAccessPolicyOptions{Access: &public}); err != nil {
		t.Fatal(err)
	}
	return c
}

func privateContainer(t testing.TB, name string) *container.Client {
	t.Helper()
	key, err := container.NewSharedKeyCredential(azuriteAccount, azuriteKey())
	if err != nil {
		t.Fatal(err)
	}
	c, err := container.NewClientWithSharedKeyCredential(azuriteAddress(t)+"/"+name, key, azureOptions(newClient(quietLimit)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Create(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	return c
}

func azurePlace(t testing.TB, name, prefix string) hosttest.Place {
	options := map[string]string{"account": azuriteAccount, "container": name, "prefix": prefix, "endpoint": azuriteAddress(t), "key": azuriteKey()}
	return hosttest.Place{Kind: "azure", Options: options,
		Open: func(t testing.TB) publish.Host { return open(t, "azure", options) },
		Read: func(file string) ([]byte, publish.Header, error) {
			return readAs(strings.TrimSuffix(options["endpoint"]+"/"+name+"/"+escaped(prefix), "/") + "/" + escaped(file))
		},
	}
}

var azureBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
	name := fmt.Sprintf("site%d", azureSite.Add(1))
	azureContainer(t, name)
	return azurePlace(t, name, "")
}}

func TestAzureStore(t *testing.T) {
	p := azureBench.Fresh(t)
	paged := p.Open(t).(*azureHost)
	few := int32(4)
	paged.page = &few
	objectStore(t, editOf(t, p), hosttest.NewEdit(paged))
}

// TestAzurePrefix shows that a site in a folder of a container is a site like any
// other, and leaves the rest of the container alone.
func TestAzurePrefix(t *testing.T) {
	c := azureContainer(t, "shared")
	ctx := context.Background()
	for _, name := range []string{"other.txt", "闽西/plan2/x"} {
		if _, err := c.NewBlockBlobClient(name).UploadBuffer(ctx, []byte("not ours"), nil); err != nil {
			t.Fatal(err)
		}
	}
	p := azurePlace(t, "shared", "闽西/plan")
	h := editOf(t, p)
	f, body := fileOf("zh/index.html", "in a folder", publish.Header{"Content-Type": "text/html; charset=utf-8"})
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	if data, _, err := p.Read(f.Path); err != nil || string(data) != "in a folder" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
	// A mark of a folder, as some tools leave them, is no file.
	if _, err := c.NewBlockBlobClient("闽西/plan/zh/").UploadBuffer(ctx, nil, nil); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{"zh": "[zh/index.html]", ".": "[]", "..": "[]"} {
		if names, err := h.List(ctx, dir); err != nil || fmt.Sprint(names) != want {
			t.Errorf("List %s: %v, %v; want %s", dir, names, err, want)
		}
	}
}

func TestAzureOptions(t *testing.T) {
	key := azuriteKey()
	good := map[string]string{"account": "minxi", "key": key}
	for _, c := range []struct {
		change map[string]string
		url    string // where the site is; "" if the options are refused
		says   string
	}{
		{nil, "https://minxi.blob.core.windows.net/$web/x", ""},
		{map[string]string{"endpoint": "blob.core.chinacloudapi.cn"}, "https://minxi.blob.core.chinacloudapi.cn/$web/x", ""},
		{map[string]string{"endpoint": "http://127.0.0.1:1/minxi/", "container": "site", "prefix": "/a/b/"}, "http://127.0.0.1:1/minxi/site/a%2Fb%2Fx", ""},
		{map[string]string{"key": "", "sas": "?sv=2021&sig=abc"}, "https://minxi.blob.core.windows.net/$web/x?sv=2021&sig=abc", ""},
		{map[string]string{"key": "", "sas": "https://minxi.blob.core.windows.net/$web?sv=2021&sig=abc\n"}, "https://minxi.blob.core.windows.net/$web/x?sv=2021&sig=abc", ""},
		{map[string]string{"account": "https://minxi"}, "", "account"},
		{map[string]string{"container": ""}, "", "container"},
		{map[string]string{"prefix": "a/../b"}, "", "prefix"},
		{map[string]string{"endpoint": "http://example.com"}, "", "endpoint"},
		{map[string]string{"key": ""}, "", "key or sas"},
		{map[string]string{"sas": "sv=2021&sig=abc"}, "", "key or sas"},
		{map[string]string{"key": "not base 64, but secret"}, "", "key"},
		{map[string]string{"key": "", "sas": "not-a-signature-but-secret"}, "", "sas"},
	} {
		options := map[string]string{}
		for _, from := range []map[string]string{good, c.change} {
			for name, value := range from {
				options[name] = value
			}
		}
		h, err := Open(context.Background(), "azure", Values{Options: options})
		if c.url == "" {
			wantsNoRetry(t, err, c.says, key, "not base 64, but secret", "not-a-signature-but-secret")
		} else if err != nil {
			t.Errorf("%v: %v", c.change, err)
		} else if got := h.(*azureHost).blob("x").URL(); got != c.url {
			t.Errorf("%v: %s, want %s", c.change, got, c.url)
		}
	}
}

// TestAzureSignature publishes with a shared access signature, and with ones that
// allow too little, have been changed, or are over.
func TestAzureSignature(t *testing.T) {
	ctx := context.Background()
	p := azureBench.Fresh(t)
	sign := func(may sas.ContainerPermissions, ends time.Time) string {
		key, err := container.NewSharedKeyCredential(azuriteAccount, azuriteKey())
		if err != nil {
			t.Fatal(err)
		}
		q, err := sas.BlobSignatureValues{Version: azureVersion, ExpiryTime: ends, Permissions: may.String(),
			ContainerName: p.Options["container"]}.SignWithSharedKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return q.Encode()
	}
	all := sas.ContainerPermissions{Read: true, Add: true, Create: true, Write: true, Delete: true, List: true}
	with := func(signature string) *hosttest.Edit {
		return edit(t, "azure", map[string]string{"account": azuriteAccount, "container": p.Options["container"],
			"endpoint": p.Options["endpoint"], "sas": signature})
	}
	good := sign(all, time.Now().Add(time.Hour))
	h := with(good)
	f, body := fileOf("a b/一.html", "signed", publish.Header{"Content-Type": "text/html; charset=utf-8"})
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	if names, err := h.List(ctx, "a b"); err != nil || len(names) != 1 || names[0] != f.Path {
		t.Errorf("List: %q, %v", names, err)
	}
	if st, err := h.Stat(ctx, f.Path); err != nil || st.Size != f.Size {
		t.Errorf("Stat: %+v, %v", st, err)
	}
	secret := func(signature string) string {
		q, _ := url.ParseQuery(signature)
		return q.Get("sig")
	}
	wrong := strings.Replace(good, "sig=", "sig=AAAA", 1)
	over := sign(all, time.Now().Add(-time.Hour))
	weak := sign(sas.ContainerPermissions{Read: true}, time.Now().Add(time.Hour))
	for _, signature := range []string{wrong, over, weak} {
		h := with(signature)
		wantsNoRetry(t, h.Put(ctx, f, body), "put a b/一.html: the service answers 403 Auth", secret(signature))
		wantsNoRetry(t, h.Delete(ctx, f.Path), "403", secret(signature))
		_, err := h.List(ctx, ".")
		wantsNoRetry(t, err, "403", secret(signature))
	}
	// Nobody there: the address with the signature is not in the error.
	nowhere := edit(t, "azure", map[string]string{"account": azuriteAccount, "endpoint": fmt.Sprintf("http://127.0.0.1:%d", hosttest.Port(t)), "sas": good})
	_, err := nowhere.Stat(ctx, "x")
	wantsNoSecret(t, err, secret(good))
	if publish.IsFinal(err) || !strings.Contains(err.Error(), "look at x: ") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestAzureRefused(t *testing.T) {
	ctx := context.Background()
	privateContainer(t, "private")
	p := azurePlace(t, "private", "")
	f, body := fileOf("x.html", "x", publish.Header{"Content-Type": "text/html; charset=utf-8"})
	change := func(name, value string) *hosttest.Edit {
		options := map[string]string{}
		for n, v := range p.Options {
			options[n] = v
		}
		options[name] = value
		return edit(t, "azure", options)
	}
	otherKey := base64.StdEncoding.EncodeToString([]byte("another key, which is secret"))
	h := change("key", otherKey)
	wantsNoRetry(t, h.Put(ctx, f, body), "put x.html: the service answers 403", otherKey)
	_, err := h.Stat(ctx, f.Path)
	wantsNoRetry(t, err, "403", otherKey)
	_, err = h.Get(ctx, f.Path)
	wantsNoRetry(t, err, "403", otherKey)

	h = change("container", "nosuch")
	_, statErr := h.Stat(ctx, f.Path)
	_, getErr := h.Get(ctx, f.Path)
	_, listErr := h.List(ctx, ".")
	for _, err := range []error{statErr, getErr, listErr, h.Put(ctx, f, body), h.Delete(ctx, f.Path)} {
		wantsNoRetry(t, err, "there is no container nosuch", azuriteKey())
	}

	// A certificate that nobody vouches for.
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = quietLog
	server.StartTLS()
	defer server.Close()
	_, err = change("endpoint", server.URL).Stat(ctx, f.Path)
	wantsNoRetry(t, err, "certificate", azuriteKey())
}

// TestAzureAnswers gives the answers that a real service gives and the emulator
// does not.
func TestAzureAnswers(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		status int
		code   string
		final  bool
	}{
		{http.StatusServiceUnavailable, "ServerBusy", false},
		{http.StatusInternalServerError, "OperationTimedOut", false},
		{http.StatusBadRequest, "Md5Mismatch", false},
		{http.StatusConflict, "ContainerBeingDeleted", false},
		{http.StatusTooManyRequests, "", false},
		{http.StatusForbidden, "AuthorizationFailure", true},
		{http.StatusBadRequest, "InvalidHeaderValue", true},
		{http.StatusMovedPermanently, "", true},
	} {
		requests := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			if v := r.Header.Values("x-ms-version"); len(v) != 1 || v[0] != azureVersion {
				t.Errorf("x-ms-version is %q", v)
			}
			_, _ = io.Copy(io.Discard, r.Body)
			if c.code != "" {
				w.Header().Set("x-ms-error-code", c.code)
			}
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(c.status)
			fmt.Fprintf(w, "<Error><Message>%s</Message></Error>", r.Header.Get("Authorization"))
		}))
		h := edit(t, "azure", map[string]string{"account": azuriteAccount, "endpoint": server.URL, "key": azuriteKey()})
		f, body := fileOf("x", "x", nil)
		err := h.Put(ctx, f, body)
		if err == nil || publish.IsFinal(err) != c.final || strings.Contains(err.Error(), "SharedKey") {
			t.Errorf("%d %s: %v, final: %v", c.status, c.code, err, publish.IsFinal(err))
		}
		// Trying again is the protocol's.
		if requests != 1 {
			t.Errorf("%d %s: %d requests", c.status, c.code, requests)
		}
		server.Close()
	}
}

// fromURL stands in front of the emulator and does for it what it does not have,
// as https://learn.microsoft.com/rest/api/storageservices/put-blob-from-url says.
func fromURL(t *testing.T) string {
	address, err := url.Parse(azuriteAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address.Host})
	pass.Transport = newClient(quietLimit).Transport
	put := func(r *http.Request) (int, string) {
		get, err := http.NewRequest(http.MethodGet, r.Header.Get("x-ms-copy-source"), nil)
		if err != nil {
			return http.StatusBadRequest, "InvalidHeaderValue"
		}
		get.Header.Set("If-Match", r.Header.Get("x-ms-source-if-match"))
		get.Header.Set("Accept-Encoding", "identity")
		source, err := http.DefaultClient.Do(get)
		if err != nil {
			return http.StatusBadRequest, "CannotVerifyCopySource"
		}
		defer source.Body.Close()
		data, err := io.ReadAll(source.Body)
		if err != nil || source.StatusCode != http.StatusOK {
			return source.StatusCode, "CannotVerifyCopySource"
		}
		if sum := md5.Sum(data); r.Header.Get("x-ms-source-content-md5") != base64.StdEncoding.EncodeToString(sum[:]) {
			return http.StatusBadRequest, "Md5Mismatch"
		}
		if r.Header.Get("x-ms-blob-type") != "BlockBlob" || r.Header.Get("x-ms-copy-source-blob-properties") != "false" || r.ContentLength != 0 {
			return http.StatusBadRequest, "InvalidHeaderValue"
		}
		key, err := container.NewSharedKeyCredential(azuriteAccount, azuriteKey())
		if err != nil {
			return http.StatusInternalServerError, ""
		}
		to := &url.URL{Scheme: "http", Host: address.Host, Path: r.URL.Path, RawPath: r.URL.RawPath}
		c, err := blockblob.NewClientWithSharedKeyCredential(to.String(), key, &blockblob.ClientOptions{ClientOptions: azureOptions(newClient(quietLimit)).ClientOptions})
		if err != nil {
			return http.StatusInternalServerError, ""
		}
		at := func(name string) *string {
			if v := r.Header.Get(name); v != "" {
				return &v
			}
			return nil
		}
		_, err = c.UploadBuffer(context.Background(), data, &blockblob.UploadBufferOptions{
			HTTPHeaders: &blob.HTTPHeaders{BlobContentType: at("x-ms-blob-content-type"), BlobCacheControl: at("x-ms-blob-cache-control"),
				BlobContentEncoding: at("x-ms-blob-content-encoding")},
			Metadata: map[string]*string{sumName: at("x-ms-meta-" + sumName)},
		})
		if err != nil {
			return http.StatusInternalServerError, ""
		}
		return http.StatusCreated, ""
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut || r.Header.Get("x-ms-copy-source") == "" {
			pass.ServeHTTP(w, r)
			return
		}
		status, code := put(r)
		if code != "" {
			w.Header().Set("x-ms-error-code", code)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.URL + address.Path
}

func TestAzureCopy(t *testing.T) {
	front := fromURL(t)
	bench := hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		p := azureBench.Fresh(t)
		p.Options["endpoint"] = front
		return p
	}}
	p := bench.Fresh(t)
	h := editOf(t, p)
	ctx := context.Background()
	f, body := fileOf("zh/一 b.html", "the page", publish.Header{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "max-age=1", "Content-Encoding": "gzip"})
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	to := f
	to.Path, to.Header = "_releases/objects/5f/0c", publish.Header{"Content-Type": "application/octet-stream"}
	listening, heard := steps(ctx)
	if err := h.Copy(listening, f.Path, to); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(*heard) != "[HEAD zh/一 b.html PUT from URL _releases/objects/5f/0c]" {
		t.Errorf("steps %q", *heard)
	}
	// The headers are those asked for, none of the source's.
	if st, err := h.Stat(ctx, to.Path); err != nil || st.SHA256 != f.SHA256 || st.Header.String() != to.Header.String() {
		t.Errorf("Stat: %+v, %v", st, err)
	}
	if data, header, err := p.Read(to.Path); err != nil || string(data) != "the page" || header["Content-Encoding"] != "" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
	// Bytes that are not known to be the same are not copied.
	other := to
	other.SHA256 = strings.Repeat("0", 64)
	if err := h.Copy(ctx, f.Path, other); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Copy of other bytes: %v", err)
	}
	if err := h.Copy(ctx, "nothing", to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Copy of nothing: %v", err)
	}
	if h.Host.(*azureHost).cannotCopy.Load() {
		t.Error("a service that can copy is taken for one that cannot")
	}
	t.Run("contract", func(t *testing.T) { hosttest.Contract(t, bench) })
}

// TestAzureCannotCopy shows that the emulator itself, which has no Put Blob From
// URL, changes nothing and is asked once.
func TestAzureCannotCopy(t *testing.T) {
	h := editOf(t, azureBench.Fresh(t))
	ctx := context.Background()
	f, body := fileOf("a", "a", publish.Header{"Content-Type": "text/plain"})
	old, oldBody := fileOf("b", "old", publish.Header{"Content-Type": "text/plain"})
	if err := errors.Join(h.Put(ctx, f, body), h.Put(ctx, old, oldBody)); err != nil {
		t.Fatal(err)
	}
	to := f
	to.Path = "b"
	listening, heard := steps(ctx)
	for range 3 {
		if err := h.Copy(listening, "a", to); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Copy: %v", err)
		}
	}
	if len(*heard) != 2 {
		t.Errorf("steps %q", *heard)
	}
	r, err := h.Get(ctx, "b")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if data, err := io.ReadAll(r); err != nil || !bytes.Equal(data, []byte("old")) {
		t.Errorf("b is %q, %v", data, err)
	}
}

// TestAzureSnapshot shows that a blob goes although somebody made a snapshot of it.
func TestAzureSnapshot(t *testing.T) {
	c := azureContainer(t, "snapshots")
	h := editOf(t, azurePlace(t, "snapshots", ""))
	ctx := context.Background()
	f, body := fileOf("a", "a", nil)
	if err := h.Put(ctx, f, body); err != nil {
		t.Fatal(err)
	}
	if _, err := c.NewBlobClient("a").CreateSnapshot(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if err := h.Delete(ctx, "a"); err != nil {
		t.Error(err)
	}
	if _, err := h.Stat(ctx, "a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat: %v", err)
	}
}
