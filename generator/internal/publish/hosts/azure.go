package hosts

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
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
		{Name: "account", Required: true, Form: pattern(`^[a-z0-9]{3,24}$`, "%q 不是存储帐户的名称", "%q is not the name of a storage account"), Doc: plan.Text{ZH: "存储帐户名", EN: "the name of the storage account"}},
		{Name: "container", Default: "$web", Doc: plan.Text{ZH: "容器；静态网站用的是 $web", EN: "the container; static websites use $web"}},
		{Name: "prefix", Form: aFolder, Doc: plan.Text{ZH: "站点在容器里的文件夹，空为根目录", EN: "the site's folder in the container, empty for its root"}},
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
	Open: openAzure,
}

// azureVersion is the version of the service's interface that requests ask for. It
// has all that is used here; clouds other than the global one get new ones late.
const azureVersion = "2021-12-02"

// sumName is the name of the metadata that holds the SHA-256 of an object. It is
// only written together with a checksum that the service compares.
const sumName = "sha256"

// An azureHost keeps each file as a block blob. Its requests bear a shared access
// signature: the one that is given, or one made with the key, for an hour.
// https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
type azureHost struct {
	xmlStore
	key       *blob.SharedKeyCredential
	signature url.Values // if there is no key
}

func openAzure(_ context.Context, o Values) (publish.Host, error) {
	h := &azureHost{}
	account, name, endpoint := o.text("account"), o.text("container"), o.text("endpoint")
	if endpoint == "" {
		endpoint = "blob.core.windows.net"
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + account + "." + endpoint
	}
	address, err := serviceURL(endpoint)
	if err != nil {
		return nil, named("endpoint", err)
	}
	key, signature := strings.TrimSpace(o.text("key")), strings.TrimSpace(o.text("sas"))
	switch {
	case (key == "") == (signature == ""):
		return nil, publish.Final(tell("key 和 sas 必须写一个，且只写一个", "either key or sas must be given, and not both"))
	case key != "":
		if h.key, err = blob.NewSharedKeyCredential(account, key); err != nil {
			return nil, wrong("key", "不是访问密钥（应为 Base64）", "is not an access key, which is Base64")
		}
	default:
		// Signatures are copied with the question mark, or at the end of an address.
		h.signature, err = url.ParseQuery(signature[strings.Index(signature, "?")+1:])
		if err != nil || h.signature.Get("sig") == "" {
			return nil, wrong("sas", "不是共享访问签名（形如 sv=…&sig=…）", "is not a shared access signature, which has the form sv=…&sig=…")
		}
	}
	h.bucket = bucketOf(o, name, address+"/"+url.PathEscape(name))
	h.traits.Limits = azureLimits
	h.authorize, h.says, h.checks, h.source, h.sum = h.sign, h.answer, h.sums, h.copied, h.vouched
	h.keep, h.put = "X-Ms-Blob-", map[string]string{"X-Ms-Blob-Type": "BlockBlob"}
	// A blob that somebody has made a snapshot of can only go together with it.
	h.remove = map[string]string{"X-Ms-Delete-Snapshots": "include"}
	h.pages, h.mostName = url.Values{"restype": {"container"}, "comp": {"list"}}, "maxresults"
	return h, nil
}

// sign adds the signature to an address.
func (h *azureHost) sign(req *http.Request) error {
	req.Header.Set("X-Ms-Version", azureVersion)
	query, err := h.signed()
	if err != nil {
		return publish.Final(err)
	}
	if req.URL.RawQuery != "" {
		query = req.URL.RawQuery + "&" + query
	}
	req.URL.RawQuery = query
	return nil
}

// signed is a signature for the container and all that is in it.
func (h *azureHost) signed() (string, error) {
	if h.key == nil {
		return h.signature.Encode(), nil
	}
	q, err := sas.BlobSignatureValues{
		Version:       azureVersion,
		ExpiryTime:    time.Now().UTC().Add(time.Hour),
		Permissions:   "racwdl",
		ContainerName: h.name,
	}.SignWithSharedKey(h.key)
	return q.Encode(), err
}

// answer leaves out the service's own text, which repeats the signature of a request
// that it refuses.
func (h *azureHost) answer(res *http.Response) (code, text string) {
	return res.Header.Get("X-Ms-Error-Code"), ""
}

func (h *azureHost) vouched(header http.Header) string { return header.Get("X-Ms-Meta-" + sumName) }

func (h *azureHost) sums(ctx context.Context, f publish.File, body publish.Body) (map[string]string, error) {
	sum, err := bodyMD5(ctx, f, body)
	return map[string]string{"Content-Md5": base64.StdEncoding.EncodeToString(sum), "X-Ms-Meta-" + sumName: f.SHA256}, err
}

// copied has the service read the one blob and put the other, in one step and with
// the headers given: Put Blob From URL. (Copy Blob and Copy Blob From URL would keep
// the headers of the source until a second request.)
// https://learn.microsoft.com/rest/api/storageservices/put-blob-from-url
func (h *azureHost) copied(ctx context.Context, from string, to publish.File) (map[string]string, error) {
	st, old, err := h.head(ctx, from)
	if err != nil {
		return nil, err
	}
	sum := old.Get("Content-Md5")
	if st.SHA256 == "" || st.SHA256 != to.SHA256 || st.Size != to.Size || sum == "" {
		return nil, errors.ErrUnsupported // it is not known that the bytes are the same
	}
	signature, err := h.signed()
	return map[string]string{
		"X-Ms-Copy-Source":                 h.at(from) + "?" + signature,
		"X-Ms-Copy-Source-Blob-Properties": "false",
		"X-Ms-Source-Content-Md5":          sum,
		"X-Ms-Source-If-Match":             old.Get("ETag"),
		"X-Ms-Blob-Content-Md5":            sum,
		"X-Ms-Meta-" + sumName:             to.SHA256,
	}, err
}
