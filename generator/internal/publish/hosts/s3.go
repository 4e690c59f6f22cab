package hosts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// s3Kind is a bucket of Amazon S3 or of one of the many stores that speak its
// protocol.
//
// The stores agree on the protocol of ten years ago: one signed PUT with its
// length known, Content-MD5, ListObjects with markers, DELETE of one object. That
// is what is spoken here. Trailing checksums, aws-chunked bodies, ListObjectsV2 (some
// give its first page for ever) and the deletion of many objects at once are refused or
// misread by some. Signing and finding credentials are the AWS library's.
var s3Kind = Kind{
	Name: "s3",
	Doc: plan.Text{ZH: "S3 及兼容的对象存储：AWS、MinIO、阿里云 OSS、腾讯云 COS、华为云 OBS 等",
		EN: "S3 and compatible object stores: AWS, MinIO, Aliyun OSS, Tencent COS, Huawei OBS and others"},
	Options: []Option{
		{Name: "bucket", Required: true, Form: pattern(`^[^/\s]+$`, "%q 不是存储桶的名称", "%q is no name of a bucket"), Doc: plan.Text{ZH: "存储桶名称（腾讯云须带 APPID 后缀）", EN: "the bucket's name (on Tencent Cloud with its APPID)"}},
		{Name: "region", Doc: plan.Text{ZH: "地域；能从接入点看出时可不写", EN: "the region; may be left out where the endpoint tells it"}},
		{Name: "endpoint", Doc: plan.Text{ZH: "接入点网址，不含存储桶名称；留空即 AWS", EN: "the endpoint's URL, without the bucket; AWS if empty"}},
		{Name: "own_domain", Default: "false", Choices: yesNo, Doc: plan.Text{ZH: "接入点就是绑定到该存储桶的自有域名（阿里云新用户必须如此）", EN: "the endpoint is the bucket's own domain (what new users of Aliyun must have)"}},
		{Name: "prefix", Form: aFolder, Doc: plan.Text{ZH: "网站在存储桶中的文件夹；留空即整个存储桶", EN: "the folder in the bucket that the site lives in; the whole bucket if empty"}},
		{Name: "access_key", Secret: true, Doc: plan.Text{ZH: "访问密钥的标识；与 secret_key 都留空时，按 AWS 工具的惯例查找", EN: "the access key's id; if this and secret_key are empty, they are looked for where the AWS tools do"}},
		{Name: "secret_key", Secret: true, Doc: plan.Text{ZH: "访问密钥", EN: "the secret access key"}},
		{Name: "session_token", Secret: true, Doc: plan.Text{ZH: "临时密钥的令牌", EN: "the token of a temporary key"}},
		{Name: "path_style", Choices: yesNo, Doc: plan.Text{ZH: "存储桶名称写在路径中而非域名中；留空则按接入点决定", EN: "name the bucket in the path, not in the domain; decided by the endpoint if empty"}},
		{Name: "checksums", Choices: []string{s3Supported, s3Required}, Doc: plan.Text{ZH: "校验方式：when-supported 用 SHA-256（AWS 的默认值），when-required 用 MD5（其他存储的默认值）", EN: "checksums: when-supported sends SHA-256 (the default for AWS), when-required MD5 (the default elsewhere)"}},
	},
	Example: `[targets.oss]
  kind = "s3"
  endpoint = "https://oss-cn-hangzhou.aliyuncs.com"
  bucket = "minxi"
  access_key = { env = "MINXI_ACCESS_KEY" }
  secret_key = { env = "MINXI_SECRET_KEY" }
  encoding = "gzip"                # after: go run ./generator --precompress
`,
	Notes: []plan.Text{
		{ZH: "密钥须有列出、读取、写入和删除对象的权限；没有列出权限时，不存在的文件看起来像无权访问。",
			EN: "The key has to be allowed to list, read, write and delete objects; without listing, a missing file looks forbidden."},
		{ZH: "Content-Security-Policy 等其他响应头要由 CDN 加上；/zh/ 找到 /zh/index.html 也要靠静态网站托管或 CDN。",
			EN: "Other headers, such as Content-Security-Policy, have to come from a CDN; and so does /zh/ leading to /zh/index.html, or from the store's website hosting."},
		{ZH: "单个文件最大 5 GB；不支持含控制字符的文件名。",
			EN: "A file has at most 5 GB, and no control characters in its name."},
		{ZH: "腾讯云 COS 的文档说列表不一定立刻看到新写入的对象，发布锁依赖列表，请只从一处发布。",
			EN: "Tencent COS documents that lists may lag behind writes, and the lock relies on lists: publish to it from one place only."},
	},
	Open: openS3,
}

const (
	s3Supported = "when-supported"
	s3Required  = "when-required"
)

// s3Stores tells the stores that want the bucket's name in the domain by their
// endpoints, whose one group is the region. All others get it in the path.
// Sources: the stores' pages on S3 compatibility; Aliyun answers a path with
// SecondLevelDomainForbidden, Tencent for buckets made since 2024.
var s3Stores = []struct {
	endpoint *regexp.Regexp
	aws      bool
}{
	{regexp.MustCompile(`(?:^|[.])s3[.-]([a-z0-9-]+)[.]amazonaws[.]com(?:[.]cn)?$`), true},
	{regexp.MustCompile(`(?:^|[.])oss-([a-z0-9-]+?)(?:-internal)?[.]aliyuncs[.]com$`), false},
	{regexp.MustCompile(`(?:^|[.])cos[.]([a-z0-9-]+)[.]myqcloud[.]com$`), false},
	{regexp.MustCompile(`(?:^|[.])obs[.]([a-z0-9-]+)[.]myhuaweicloud[.]com$`), false},
}

// Where a store knows no SHA-256, the metadata of an object hold the one it was
// put with, beside the MD5 of the same bytes. The store's own ETag is the MD5 of
// what it holds: when that is the same, so is the SHA-256.
const (
	s3MetaSHA256 = "X-Amz-Meta-Minxi-Sha256"
	s3MetaMD5    = "X-Amz-Meta-Minxi-Md5"
)

// An s3Host is a bucket whose requests are signed.
type s3Host struct {
	xmlStore
	region      string
	credentials aws.CredentialsProvider
	signer      *v4.Signer
	late        atomic.Int64 // nanoseconds that our clock is behind the store's
	sha256      bool         // the store checks and keeps x-amz-checksum-sha256
}

func openS3(ctx context.Context, o Values) (publish.Host, error) {
	h := &s3Host{region: o.text("region"), signer: v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })}
	bucket, endpoint, own := o.text("bucket"), strings.TrimSuffix(o.text("endpoint"), "/"), o.yes("own_domain")
	if own && endpoint == "" {
		return nil, wrong("own_domain", "请把域名写在 endpoint 里", "endpoint must hold the domain")
	}
	if err := h.findCredentials(ctx, o); err != nil {
		return nil, err
	}
	if endpoint == "" {
		if h.region == "" {
			return nil, wrong("region", "没有写", "is missing")
		}
		endpoint = "https://s3." + h.region + ".amazonaws.com"
		if strings.HasPrefix(h.region, "cn-") {
			endpoint += ".cn"
		}
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, wrong("endpoint", "不是 https://oss-cn-hangzhou.aliyuncs.com 这样的网址", "not a URL like https://oss-cn-hangzhou.aliyuncs.com")
	}
	inPath, region := true, "us-east-1" // what stores that have no regions take
	for _, s := range s3Stores {
		if m := s.endpoint.FindStringSubmatch(strings.ToLower(u.Hostname())); m != nil {
			// A certificate is for names without further dots.
			inPath, h.sha256, region = strings.Contains(bucket, "."), s.aws, m[1]
		}
	}
	h.region = cmp.Or(h.region, region)
	if o.text("path_style") != "" {
		inPath = o.yes("path_style")
	}
	if o.text("checksums") != "" {
		h.sha256 = o.text("checksums") == s3Supported
	}
	switch {
	case own:
	case inPath:
		u.Path += "/" + bucket
	default:
		u.Host = bucket + "." + u.Host
	}

	h.bucket = bucketOf(o, bucket, u.String())
	h.traits.Checked, h.traits.Concurrency, h.traits.Limits = true, 16, s3Limits
	h.authorize, h.says, h.checks, h.source, h.sum = h.sign, h.answer, h.sums, h.copied, h.vouched
	h.mostName = "max-keys"
	if h.sha256 {
		h.look = map[string]string{"X-Amz-Checksum-Mode": "ENABLED"}
	}
	return h, nil
}

// findCredentials takes those of the target, or looks where the AWS tools do.
func (h *s3Host) findCredentials(ctx context.Context, o Values) error {
	key, secret, token := o.text("access_key"), o.text("secret_key"), o.text("session_token")
	switch {
	case key != "" && secret != "":
		h.credentials = credentials.NewStaticCredentialsProvider(key, secret, token)
		return nil
	case key != "" || token != "" && secret == "":
		return wrong("secret_key", "没有写", "is missing")
	case secret != "":
		return wrong("access_key", "没有写", "is missing")
	}
	found, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return wrong("access_key", "没有写，AWS 的配置也读不出来：%v", "is not given, and the AWS configuration cannot be read: %v", err)
	}
	h.credentials, h.region = found.Credentials, cmp.Or(h.region, found.Region)
	return nil
}

// sign signs a request with the SHA-256 of its body, which is known, so that the body
// need not be read for it.
func (h *s3Host) sign(req *http.Request) error {
	const name = "X-Amz-Content-Sha256"
	c, err := h.credentials.Retrieve(req.Context())
	if err != nil {
		return publish.Final(publish.Because(publish.BadLogin, tell("没有密钥：请写明 access_key 和 secret_key，或设好 AWS 工具所读的配置",
			"no credentials: give access_key and secret_key, or what the AWS tools read")))
	}
	if req.Header.Get(name) == "" {
		nothing := sha256.Sum256(nil)
		req.Header.Set(name, hex.EncodeToString(nothing[:]))
	}
	now := time.Now().Add(time.Duration(h.late.Load()))
	return h.signer.SignHTTP(req.Context(), c, req, req.Header.Get(name), "s3", h.region, now)
}

// answer reads a store's words for what went wrong, and goes by its clock from then on
// if that was it.
func (h *s3Host) answer(res *http.Response) (code, text string) {
	var said struct{ Code, Message string }
	_ = xml.NewDecoder(io.LimitReader(res.Body, 1<<16)).Decode(&said) // there is none for HEAD
	if now, err := http.ParseTime(res.Header.Get("Date")); err == nil && said.Code == "RequestTimeTooSkewed" {
		h.late.Store(int64(time.Until(now)))
	}
	// They were found when the request was signed, and are kept.
	if c, err := h.credentials.Retrieve(res.Request.Context()); err == nil {
		text = oneLineOf(hide(said.Message, c.AccessKeyID, c.SecretAccessKey, c.SessionToken))
	}
	if region := res.Header.Get("X-Amz-Bucket-Region"); region != "" && region != h.region {
		text += fmt.Sprintf(" (the bucket is in the region %s)", region)
	}
	return cmp.Or(said.Code, http.StatusText(res.StatusCode)), text
}

// vouched gives the store's own SHA-256, or the one that its MD5 stands for.
func (h *s3Host) vouched(header http.Header) string {
	// The checksum of an object that was put in parts is one of checksums, and
	// does not decode.
	if sum, err := base64.StdEncoding.DecodeString(header.Get("X-Amz-Checksum-Sha256")); err == nil && len(sum) == sha256.Size {
		return hex.EncodeToString(sum)
	}
	etag := strings.Trim(header.Get("ETag"), `"`)
	if etag != "" && strings.EqualFold(etag, header.Get(s3MetaMD5)) {
		return header.Get(s3MetaSHA256)
	}
	return ""
}

// sums has a store of AWS's kind keep the SHA-256. To the others goes the MD5, which all
// of them check.
func (h *s3Host) sums(ctx context.Context, f publish.File, body publish.Body) (map[string]string, error) {
	header := map[string]string{"X-Amz-Content-Sha256": f.SHA256}
	if h.sha256 {
		sum, err := hex.DecodeString(f.SHA256)
		header["X-Amz-Checksum-Sha256"] = base64.StdEncoding.EncodeToString(sum)
		return header, publish.Final(err)
	}
	sum, err := bodyMD5(ctx, f, body)
	header["Content-Md5"] = base64.StdEncoding.EncodeToString(sum)
	header[s3MetaSHA256], header[s3MetaMD5] = f.SHA256, hex.EncodeToString(sum)
	return header, err
}

// copied has the store copy an object, and its sum with it.
func (h *s3Host) copied(ctx context.Context, from string, to publish.File) (map[string]string, error) {
	header := map[string]string{"X-Amz-Copy-Source": httpbinding.EscapePath(h.name+"/"+h.prefix+from, false), "X-Amz-Metadata-Directive": "REPLACE"}
	if h.sha256 {
		header["X-Amz-Checksum-Algorithm"] = "SHA256"
		return header, nil
	}
	st, old, err := h.head(ctx, from)
	if err == nil && st.SHA256 != to.SHA256 {
		err = errors.ErrUnsupported
	}
	header[s3MetaSHA256], header[s3MetaMD5] = to.SHA256, old.Get(s3MetaMD5)
	return header, err
}
