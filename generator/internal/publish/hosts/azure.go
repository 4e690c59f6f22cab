package hosts

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// azure is a container of Azure Blob Storage, which serves it as a static website.
var azure = Kind{
	Name: "azure",
	Doc: plan.Text{ZH: "Azure Blob 存储的静态网站，也适用于世纪互联运营的 Azure",
		EN: "A static website in Azure Blob Storage, also in Azure operated by 21Vianet"},
	Options: []Option{
		{Name: "account", Required: true, Doc: plan.Text{ZH: "存储帐户名", EN: "the name of the storage account"}},
		{Name: "container", Default: "$web", Doc: plan.Text{ZH: "容器；静态网站用的是 $web", EN: "the container; static websites use $web"}},
		{Name: "prefix", Doc: plan.Text{ZH: "站点在容器里的文件夹，空为根目录", EN: "the site's folder in the container, empty for its root"}},
		{Name: "endpoint", Doc: plan.Text{ZH: "其他云的服务域名，如 blob.core.chinacloudapi.cn，或 https:// 开头的完整地址",
			EN: "the service's domain in another cloud, such as blob.core.chinacloudapi.cn, or a whole address that begins with https://"}},
		{Name: "key", Secret: true, Doc: plan.Text{ZH: "帐户访问密钥，与 sas 二选一", EN: "the account's access key, or else give sas"}},
		{Name: "sas", Secret: true, Doc: plan.Text{ZH: "容器的共享访问签名，须允许读取、添加、创建、写入、删除和列出",
			EN: "a shared access signature for the container that allows to read, add, create, write, delete and list"}},
	},
	Example: `[targets.azure]
  kind = "azure"
  account = "minxi"
  key = { env = "MINXI_AZURE_KEY" }
  encoding = "gzip"
`,
	Notes: []plan.Text{
		{ZH: "其他响应头要由 CDN 加上。",
			EN: "Other headers have to come from a CDN."},
		{ZH: "设了 encoding 后，同一份压缩文件发给所有读者；照顾老设备请用 gzip。",
			EN: "With an encoding, every reader gets the same compressed file; gzip suits old devices."},
	},
	Open: func(_ context.Context, o Values) (publish.Host, error) { return openAzure(o) },
}

// azureVersion is the version of the service's interface that requests ask for. It
// has all that is used here. The library would ask for the newest, which clouds
// other than the global one get late.
const azureVersion = "2021-12-02"

var azureAccount = regexp.MustCompile(`^[a-z0-9]{3,24}$`)

// An azureHost keeps each file as a block blob. Put Blob replaces a blob in one
// step, with its headers and metadata, once all of it has arrived and has the MD5
// that it was sent with. It leaves nothing behind if it is cut off.
type azureHost struct {
	container *container.Client
	name      string // the container's
	prefix    string // "" or "folder/"
	key       *container.SharedKeyCredential
	client    *http.Client
	page      *int32 // how many names a page of a list has; nil leaves it to the service

	cannotCopy atomic.Bool
}

func openAzure(o Values) (*azureHost, error) {
	account, endpoint := o.text("account"), o.text("endpoint")
	if !azureAccount.MatchString(account) {
		return nil, publish.Final(tell("account：%q 不是存储帐户的名称", "account %q is not the name of a storage account", account))
	}
	if endpoint == "" {
		endpoint = "blob.core.windows.net"
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + account + "." + endpoint
	}
	address, err := serviceURL(endpoint)
	if err != nil {
		return nil, err
	}
	h := &azureHost{name: o.text("container"), client: newClient(o.Network)}
	if h.prefix, err = folderPrefix(o.text("prefix")); err != nil {
		return nil, err
	}
	if h.name == "" {
		return nil, publish.Final(tell("container 是空的", "container is empty"))
	}
	if n := int32(o.Network.Page); n > 0 {
		h.page = &n
	}
	address += "/" + url.PathEscape(h.name)
	options := azureOptions(h.client)
	key, signature := o.text("key"), o.text("sas")
	switch {
	case (key == "") == (signature == ""):
		return nil, publish.Final(tell("key 和 sas 必须写一个，且只写一个", "either key or sas must be given, and not both"))
	case key != "":
		if h.key, err = container.NewSharedKeyCredential(account, strings.TrimSpace(key)); err != nil {
			return nil, publish.Final(tell("key 不是访问密钥（应为 Base64）", "key is not an access key, which is Base64"))
		}
		h.container, err = container.NewClientWithSharedKeyCredential(address, h.key, options)
	default:
		// Signatures are copied with the question mark, or at the end of an address.
		_, after, found := strings.Cut(signature, "?")
		if !found {
			after = signature
		}
		after = strings.TrimSpace(after)
		if q, err := url.ParseQuery(after); err != nil || q.Get("sig") == "" {
			return nil, publish.Final(tell("sas 不是共享访问签名（形如 sv=…&sig=…）", "sas is not a shared access signature, which has the form sv=…&sig=…"))
		}
		h.container, err = container.NewClientWithNoCredential(address+"?"+after, options)
	}
	if err != nil {
		return nil, publish.Final(tell("azure：这些设置拼不成网址", "azure: these options make no address"))
	}
	return h, nil
}

// azureOptions has the library make each request once, with our client and version.
func azureOptions(client *http.Client) *container.ClientOptions {
	return &container.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport:       client,
		Retry:           policy.RetryOptions{MaxRetries: -1},
		PerCallPolicies: []policy.Policy{oldVersion{}},
	}}
}

// oldVersion sets the version that a request asks for, before it is signed.
type oldVersion struct{}

func (oldVersion) Do(req *policy.Request) (*http.Response, error) {
	req.Raw().Header["x-ms-version"] = []string{azureVersion}
	return req.Next()
}

func (h *azureHost) Traits() publish.Traits {
	return publish.Traits{Headers: true, Keeps: objectHeaders, Encodings: []string{"br", "gzip"}, PathMax: mostKey - len(h.prefix), Limits: azureLimits}
}

func (h *azureHost) blob(name string) *blockblob.Client {
	return h.container.NewBlockBlobClient(h.prefix + name)
}

// failed makes the error of a request: short, and without the service's own text,
// which repeats the signature of a request that it refuses.
func (h *azureHost) failed(ctx context.Context, what string, err error) error {
	var answer *azcore.ResponseError
	if ctx.Err() != nil || !errors.As(err, &answer) {
		return networkError(ctx, what, err)
	}
	switch code := bloberror.Code(answer.ErrorCode); {
	case code == bloberror.ContainerNotFound:
		return publish.Final(publish.Because(publish.NoPlace, tell("%s：没有容器 %s", "%s: there is no container %s", what, h.name)))
	case code == bloberror.MD5Mismatch:
		return tell("%s：收到的与送出的不同", "%s: what arrived is not what was sent", what)
	case answer.StatusCode == http.StatusNotFound:
		return notThere(what)
	}
	return statusError(what, answer.StatusCode, answer.ErrorCode)
}

func (h *azureHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	st, _, err := h.properties(ctx, name)
	return st, err
}

// properties asks what is known of a blob. The answer itself has the MD5 and the
// ETag.
func (h *azureHost) properties(ctx context.Context, name string) (publish.Stat, blob.GetPropertiesResponse, error) {
	if err := publish.Step(ctx, "HEAD", name); err != nil {
		return publish.Stat{}, blob.GetPropertiesResponse{}, err
	}
	p, err := h.blob(name).GetProperties(ctx, nil)
	if err != nil {
		return publish.Stat{}, p, h.failed(ctx, "look at "+name, err)
	}
	st := publish.Stat{Header: publish.Header{}}
	if p.ContentLength != nil {
		st.Size = *p.ContentLength
	}
	for name, value := range map[string]*string{
		"Content-Type":        p.ContentType,
		"Cache-Control":       p.CacheControl,
		"Content-Encoding":    p.ContentEncoding,
		"Content-Language":    p.ContentLanguage,
		"Content-Disposition": p.ContentDisposition,
	} {
		if value != nil && *value != "" {
			st.Header[name] = *value
		}
	}
	for name, value := range p.Metadata {
		if strings.EqualFold(name, sumName) && value != nil {
			st.SHA256 = *value
		}
	}
	return st, p, nil
}

// https://learn.microsoft.com/rest/api/storageservices/get-blob
func (h *azureHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := publish.Step(ctx, "GET", name); err != nil {
		return nil, err
	}
	r, err := h.blob(name).DownloadStream(ctx, nil)
	if err != nil {
		return nil, h.failed(ctx, "get "+name, err)
	}
	return r.Body, nil
}

// https://learn.microsoft.com/rest/api/storageservices/put-blob
func (h *azureHost) Put(ctx context.Context, f publish.File, body publish.Body) error {
	sum, err := bodyMD5(ctx, f, body)
	if err != nil {
		return err
	}
	if err := publish.Step(ctx, "PUT", f.Path); err != nil {
		return err
	}
	in, err := openFile(ctx, f, body)
	if err != nil {
		return err
	}
	defer in.Close()
	answer, err := h.blob(f.Path).Upload(ctx, in, &blockblob.UploadOptions{
		HTTPHeaders:             azureHeaders(f, nil),
		Metadata:                azureMetadata(f),
		TransactionalValidation: blob.TransferValidationTypeMD5(sum),
	})
	if err != nil {
		return h.failed(ctx, "put "+f.Path, err)
	}
	if answer.ContentMD5 != nil && !bytes.Equal(answer.ContentMD5, sum) {
		return tell("%s：服务收到的 MD5 是 %s，应为 %s", "put %s: the service has MD5 %s, not %s", f.Path, hex.EncodeToString(answer.ContentMD5), hex.EncodeToString(sum))
	}
	return nil
}

func azureHeaders(f publish.File, sum []byte) *blob.HTTPHeaders {
	at := func(name string) *string {
		if v := f.Header[name]; v != "" {
			return &v
		}
		return nil
	}
	return &blob.HTTPHeaders{
		BlobContentType:        at("Content-Type"),
		BlobCacheControl:       at("Cache-Control"),
		BlobContentEncoding:    at("Content-Encoding"),
		BlobContentLanguage:    at("Content-Language"),
		BlobContentDisposition: at("Content-Disposition"),
		BlobContentMD5:         sum,
	}
}

func azureMetadata(f publish.File) map[string]*string {
	if f.SHA256 == "" {
		return nil
	}
	return map[string]*string{sumName: &f.SHA256}
}

// Copy has the service read the one blob and put the other, in one step and with
// the headers given: Put Blob From URL. (Copy Blob and Copy Blob From URL would keep
// the headers of the source until a second request.)
// https://learn.microsoft.com/rest/api/storageservices/put-blob-from-url
func (h *azureHost) Copy(ctx context.Context, from string, to publish.File) error {
	if h.cannotCopy.Load() {
		return errors.ErrUnsupported
	}
	st, p, err := h.properties(ctx, from)
	if err != nil {
		return err
	}
	if st.SHA256 == "" || st.SHA256 != to.SHA256 || st.Size != to.Size || len(p.ContentMD5) == 0 {
		return errors.ErrUnsupported // it is not known that the bytes are the same
	}
	source, err := h.source(from)
	if err != nil {
		return err
	}
	if err := publish.Step(ctx, "PUT from URL", to.Path); err != nil {
		return err
	}
	notHeaders := false
	_, err = h.blob(to.Path).UploadBlobFromURL(ctx, source, &blockblob.UploadBlobFromURLOptions{
		HTTPHeaders:                    azureHeaders(to, p.ContentMD5),
		Metadata:                       azureMetadata(to),
		CopySourceBlobProperties:       &notHeaders,
		SourceContentMD5:               p.ContentMD5,
		SourceModifiedAccessConditions: &blob.SourceModifiedAccessConditions{SourceIfMatch: p.ETag},
	})
	var answer *azcore.ResponseError
	if ctx.Err() == nil && errors.As(err, &answer) && cannotCopy[answer.StatusCode] && answer.ErrorCode != string(bloberror.ContainerNotFound) {
		// The service does not have the operation, or may not read the source: a
		// signature without reading, a firewall. Reading and putting says which.
		h.cannotCopy.Store(true)
		return errors.ErrUnsupported
	}
	if err != nil {
		return h.failed(ctx, "copy "+from+" to "+to.Path, err)
	}
	return nil
}

var cannotCopy = map[int]bool{
	http.StatusBadRequest:       true,
	http.StatusUnauthorized:     true,
	http.StatusForbidden:        true,
	http.StatusNotFound:         true,
	http.StatusMethodNotAllowed: true,
	http.StatusNotImplemented:   true,
}

// source is the address at which the service itself may read a blob.
func (h *azureHost) source(name string) (string, error) {
	address := h.blob(name).URL()
	if h.key == nil {
		return address, nil // with the signature that we have
	}
	q, err := sas.BlobSignatureValues{
		Version:       azureVersion,
		ExpiryTime:    time.Now().UTC().Add(time.Hour),
		Permissions:   (&sas.BlobPermissions{Read: true}).String(),
		ContainerName: h.name,
		BlobName:      h.prefix + name,
	}.SignWithSharedKey(h.key)
	if err != nil {
		return "", errors.ErrUnsupported
	}
	return address + "?" + q.Encode(), nil
}

// https://learn.microsoft.com/rest/api/storageservices/delete-blob
func (h *azureHost) Delete(ctx context.Context, name string) error {
	if err := publish.Step(ctx, "DELETE", name); err != nil {
		return err
	}
	// A blob that somebody has made a snapshot of can only go together with it.
	snapshots := blob.DeleteSnapshotsOptionTypeInclude
	_, err := h.blob(name).Delete(ctx, &blob.DeleteOptions{DeleteSnapshots: &snapshots})
	if err != nil {
		err = h.failed(ctx, "delete "+name, err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// https://learn.microsoft.com/rest/api/storageservices/list-blobs
func (h *azureHost) List(ctx context.Context, dir string) ([]string, error) {
	folder := listPrefix(h.prefix, dir)
	pages := h.container.NewListBlobsHierarchyPager("/", &container.ListBlobsHierarchyOptions{Prefix: &folder, MaxResults: h.page})
	var names []string
	for pages.More() {
		if err := publish.Step(ctx, "LIST", dir); err != nil {
			return nil, err
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, h.failed(ctx, "list "+dir, err)
		}
		if page.Segment == nil {
			continue
		}
		for _, item := range page.Segment.BlobItems {
			// A blob with the name of the folder itself is a mark that tools leave.
			if name := *item.Name; !strings.HasSuffix(name, "/") {
				names = append(names, strings.TrimPrefix(name, h.prefix))
			}
		}
	}
	return names, nil
}

func (h *azureHost) Close() error {
	h.client.CloseIdleConnections()
	return nil
}
