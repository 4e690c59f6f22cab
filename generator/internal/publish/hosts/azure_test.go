package hosts

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestAzure(t *testing.T) {
	hosttest.Contract(t, azureBench)
	objectStore(t, azureBench)
}

const azuriteAccount = "minxi"

// azuriteKey is the account's key, another in each test binary.
var azuriteKey = sync.OnceValue(func() string {
	key := make([]byte, 64)
	_, _ = rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
})

func azuriteAddress(t testing.TB) string {
	return "http://" + hosttest.Server(t, "azurite", "ACCOUNT="+azuriteAccount+":"+azuriteKey()).Address + "/" + azuriteAccount
}

func azuriteCredential() *container.SharedKeyCredential {
	return must2(container.NewSharedKeyCredential(azuriteAccount, azuriteKey()))
}

// azuriteOptions have the library ask for a version that the emulator knows.
var azuriteOptions = container.ClientOptions{ClientOptions: azcore.ClientOptions{PerCallPolicies: []policy.Policy{olderVersion{}}}}

type olderVersion struct{}

func (olderVersion) Do(req *policy.Request) (*http.Response, error) {
	req.Raw().Header["x-ms-version"] = []string{azureVersion}
	return req.Next()
}

// azureContainer makes an empty container that everybody may read from, and a site in a
// folder of it.
func azureContainer(t testing.TB, prefix string) (*container.Client, hosttest.Place) {
	t.Helper()
	name := fmt.Sprintf("site%d", nth.Add(1))
	c := must2(container.NewClientWithSharedKeyCredential(azuriteAddress(t)+"/"+name, azuriteCredential(), &azuriteOptions))
	public := container.PublicAccessTypeBlob
	if _, err := c.Create(context.Background(), &container.CreateOptions{Access: &public}); err != nil {
		t.Fatal(err)
	}
	options := map[string]string{"account": azuriteAccount, "container": name, "prefix": prefix, "endpoint": azuriteAddress(t), "key": azuriteKey()}
	return c, hosttest.Place{Kind: "azure", Options: options, Read: hosttest.ReadWeb(must2(url.JoinPath(options["endpoint"], name, prefix)))}
}

var azureBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
	_, p := azureContainer(t, "")
	return p
}}

// TestAzurePrefix shows that a site in a folder of a container is a site like any
// other, and leaves the rest of the container alone.
func TestAzurePrefix(t *testing.T) {
	c, p := azureContainer(t, "闽西/plan")
	for _, name := range []string{"other.txt", "闽西/plan2/x", "闽西/plan/zh/"} { // the last is a mark of a folder, as some tools leave them
		_, err := c.NewBlockBlobClient(name).UploadBuffer(t.Context(), []byte("not ours"), nil)
		must(err)
	}
	h := editOf(t, p)
	show(t, h, "zh/index.html", "in a folder")
	reads(t, p, "zh/index.html", "in a folder")
	for dir, want := range map[string]string{"zh": "[zh/index.html]", ".": "[]", "..": "[]"} {
		if names, err := h.List(t.Context(), dir); err != nil || fmt.Sprint(names) != want {
			t.Errorf("List %s: %v, %v; want %s", dir, names, err, want)
		}
	}
}

// TestAzureClouds asks where the service of each cloud is reached.
func TestAzureClouds(t *testing.T) {
	for want, options := range map[string][]string{
		"minxi.blob.core.windows.net:443":      nil,
		"minxi.blob.core.chinacloudapi.cn:443": {"endpoint", "blob.core.chinacloudapi.cn"},
		"storage.example.org:443":              {"endpoint", "https://storage.example.org/"},
	} {
		asked := ""
		n := Network{Dial: func(_ context.Context, _, address string) (net.Conn, error) {
			asked = address
			return nil, errors.New("nobody there")
		}}
		_, err := editBy(t, "azure", with(map[string]string{"account": "minxi", "key": azuriteKey()}, options...), n).Stat(t.Context(), "x")
		if asked != want || err == nil {
			t.Errorf("asked %s, %v; want %s", asked, err, want)
		}
	}
}

// TestAzureSignature publishes with a shared access signature, and with ones that
// allow too little, have been changed, or are over.
func TestAzureSignature(t *testing.T) {
	_, p := azureContainer(t, "")
	sign := func(may sas.ContainerPermissions, ends time.Duration) string {
		q := must2(sas.BlobSignatureValues{Version: azureVersion, ExpiryTime: time.Now().Add(ends), Permissions: may.String(),
			ContainerName: p.Options["container"]}.SignWithSharedKey(azuriteCredential()))
		return q.Encode()
	}
	good := sign(sas.ContainerPermissions{Read: true, Add: true, Create: true, Write: true, Delete: true, List: true}, time.Hour)
	for _, form := range []string{good, "?" + good, p.Options["endpoint"] + "/site?" + good + "\n"} { // as it is copied
		h := edit(t, "azure", with(p.Options, "key", "", "sas", form))
		show(t, h, "a b/一.html", "signed")
		holds(t, h, "a b/一.html", "signed")
		if names, err := h.List(t.Context(), "a b"); err != nil || len(names) != 1 || names[0] != "a b/一.html" {
			t.Errorf("List: %q, %v", names, err)
		}
	}
	weak := sign(sas.ContainerPermissions{Read: true}, time.Hour)
	for _, signature := range []string{strings.Replace(good, "sig=", "sig=AAAA", 1), sign(sas.ContainerPermissions{Read: true}, -time.Hour), weak} {
		q := must2(url.ParseQuery(signature))
		h := edit(t, "azure", with(p.Options, "key", "", "sas", signature))
		wants(t, h.PutText(t.Context(), "a b/一.html", "x"), true, "PUT a b/一.html: the service answers 403 Auth", q.Get("sig"))
		wants(t, h.Delete(t.Context(), "a b/一.html"), true, "403", q.Get("sig"))
		_, err := h.List(t.Context(), ".")
		wants(t, err, true, "403", q.Get("sig"))
	}
	// Nobody there: the address with the signature is not in the error.
	q := must2(url.ParseQuery(good))
	_, err := edit(t, "azure", with(p.Options, "endpoint", fmt.Sprintf("http://127.0.0.1:%d", hosttest.Port(t)), "key", "", "sas", good)).Stat(t.Context(), "x")
	wants(t, err, false, "refused", q.Get("sig"), url.QueryEscape(q.Get("sig")))
}

func TestAzureRefused(t *testing.T) {
	p := azureBench.Fresh(t)
	other := base64.StdEncoding.EncodeToString([]byte("another key, which is secret"))
	for says, options := range map[string]map[string]string{
		"PUT page.html: the service answers 403": with(p.Options, "key", other),
		"there is no bucket nosuch":              with(p.Options, "container", "nosuch"),
	} {
		err := edit(t, "azure", options).PutText(t.Context(), "page.html", "page")
		wants(t, err, true, says, other, azuriteKey())
		_, err = edit(t, "azure", options).List(t.Context(), ".")
		wants(t, err, true, "", other, azuriteKey())
	}
	turnsAway(t, "azure", with(p.Options, "container", "nosuch"), true, "there is no bucket nosuch")
	// A certificate that nobody vouches for.
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = quietLog
	server.StartTLS()
	defer server.Close()
	turnsAway(t, "azure", with(p.Options, "endpoint", server.URL), true, "certificate")
}

// fromURL stands in front of the emulator and does for it what it does not have,
// as https://learn.microsoft.com/rest/api/storageservices/put-blob-from-url says.
func fromURL(t *testing.T) string {
	address, err := url.Parse(azuriteAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address.Host})
	pass.Transport = newClient(Network{}).Transport
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
		to := &url.URL{Scheme: "http", Host: address.Host, Path: r.URL.Path, RawPath: r.URL.RawPath}
		c, err := blockblob.NewClientWithSharedKeyCredential(to.String(), azuriteCredential(), &blockblob.ClientOptions{ClientOptions: azuriteOptions.ClientOptions})
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

// TestAzureCopy shows that copies keep the contract where the service has Put Blob From
// URL, and that a copy is two requests there.
func TestAzureCopy(t *testing.T) {
	front := fromURL(t)
	bench := hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		p := azureBench.Fresh(t)
		p.Options["endpoint"] = front
		return p
	}}
	hosttest.Contract(t, bench)
	objectStore(t, bench)
	h := editOf(t, bench.Fresh(t))
	f, body := hosttest.Text("a", "a", publish.Header{"Content-Type": "text/html", "Content-Encoding": "gzip"})
	must(h.Put(t.Context(), f, body))
	f.Path, f.Header = "b", publish.Header{"Content-Type": "application/octet-stream"}
	ctx, heard := steps(t.Context())
	must(h.Copy(ctx, "a", f))
	if got := fmt.Sprint(heard()); got != "[HEAD a COPY b]" {
		t.Errorf("steps %s", got)
	}
	if st, err := h.Stat(t.Context(), "b"); err != nil || st.Header.String() != f.Header.String() {
		t.Errorf("Stat: %+v, %v", st, err)
	}
}

// TestAzureCannotCopy shows that the emulator itself, which has no Put Blob From
// URL, changes nothing and is asked once.
func TestAzureCannotCopy(t *testing.T) {
	h := editOf(t, azureBench.Fresh(t))
	show(t, h, "a", "a")
	show(t, h, "b", "old")
	to, _ := textFile("b", "a")
	ctx, heard := steps(t.Context())
	for range 3 {
		if err := h.Copy(ctx, "a", to); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Copy: %v", err)
		}
	}
	if got := heard(); len(got) != 2 {
		t.Errorf("steps %q", got)
	}
	holds(t, h, "b", "old")
}

// TestAzureSnapshot shows that a blob goes although somebody made a snapshot of it.
func TestAzureSnapshot(t *testing.T) {
	c, p := azureContainer(t, "")
	h := editOf(t, p)
	show(t, h, "a", "a")
	_, err := c.NewBlobClient("a").CreateSnapshot(t.Context(), nil)
	must(err)
	must(h.Delete(t.Context(), "a"))
	if _, err := h.Stat(t.Context(), "a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat: %v", err)
	}
}

// TestAzureEncodedNames lists a name that XML has no words for.
func TestAzureEncodedNames(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `<EnumerationResults><Blobs><Blob><Name>a%20b</Name></Blob><Blob><Name Encoded="true">c%EF%BF%BE</Name></Blob></Blobs><NextMarker/></EnumerationResults>`)
	}))
	defer server.Close()
	h := edit(t, "azure", map[string]string{"account": azuriteAccount, "key": azuriteKey(), "endpoint": server.URL})
	if names, err := h.List(t.Context(), "."); err != nil || fmt.Sprintf("%q", names) != `["a%20b" "c\ufffe"]` {
		t.Errorf("List: %q, %v", names, err)
	}
}
