package hosts

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/encoding/httpbinding"
	endpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// s3Kind is a bucket of Amazon S3 or of one of the many stores that speak its
// protocol.
//
// The stores agree on the protocol of ten years ago: one signed PUT with its
// length known, Content-MD5, ListObjects with markers, DELETE of one object. That
// is what is spoken here. Trailing checksums, aws-chunked bodies, ListObjectsV2
// and the deletion of many objects at once are refused or misread by some.
var s3Kind = Kind{
	Name: "s3",
	Doc: plan.Text{ZH: "S3 及兼容的对象存储：AWS、MinIO、阿里云 OSS、腾讯云 COS、华为云 OBS 等",
		EN: "S3 and compatible object stores: AWS, MinIO, Aliyun OSS, Tencent COS, Huawei OBS and others"},
	Options: []Option{
		{Name: "bucket", Required: true, Doc: plan.Text{ZH: "存储桶名称（腾讯云须带 APPID 后缀）", EN: "the bucket's name (on Tencent Cloud with its APPID)"}},
		{Name: "region", Doc: plan.Text{ZH: "地域；能从接入点看出时可不写", EN: "the region; may be left out where the endpoint tells it"}},
		{Name: "endpoint", Doc: plan.Text{ZH: "接入点网址，不含存储桶名称；留空即 AWS", EN: "the endpoint's URL, without the bucket; AWS if empty"}},
		{Name: "own_domain", Default: "false", Choices: yesNo, Doc: plan.Text{ZH: "接入点就是绑定到该存储桶的自有域名（阿里云新用户必须如此）", EN: "the endpoint is the bucket's own domain (what new users of Aliyun must have)"}},
		{Name: "prefix", Doc: plan.Text{ZH: "网站在存储桶中的文件夹；留空即整个存储桶", EN: "the folder in the bucket that the site lives in; the whole bucket if empty"}},
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

// s3Headers are the headers that a store keeps with an object and serves. Others
// it cannot serve; they are not sent.
var s3Headers = []struct {
	name string
	put  func(*s3.PutObjectInput) **string
	copy func(*s3.CopyObjectInput) **string
	head func(*s3.HeadObjectOutput) *string
}{
	{"Cache-Control",
		func(in *s3.PutObjectInput) **string { return &in.CacheControl },
		func(in *s3.CopyObjectInput) **string { return &in.CacheControl },
		func(out *s3.HeadObjectOutput) *string { return out.CacheControl }},
	{"Content-Disposition",
		func(in *s3.PutObjectInput) **string { return &in.ContentDisposition },
		func(in *s3.CopyObjectInput) **string { return &in.ContentDisposition },
		func(out *s3.HeadObjectOutput) *string { return out.ContentDisposition }},
	{"Content-Encoding",
		func(in *s3.PutObjectInput) **string { return &in.ContentEncoding },
		func(in *s3.CopyObjectInput) **string { return &in.ContentEncoding },
		func(out *s3.HeadObjectOutput) *string { return out.ContentEncoding }},
	{"Content-Language",
		func(in *s3.PutObjectInput) **string { return &in.ContentLanguage },
		func(in *s3.CopyObjectInput) **string { return &in.ContentLanguage },
		func(out *s3.HeadObjectOutput) *string { return out.ContentLanguage }},
	{"Content-Type",
		func(in *s3.PutObjectInput) **string { return &in.ContentType },
		func(in *s3.CopyObjectInput) **string { return &in.ContentType },
		func(out *s3.HeadObjectOutput) *string { return out.ContentType }},
}

// Where a store knows no SHA-256, the metadata of an object hold the one it was
// put with, beside the MD5 of the same bytes. The store's own ETag is the MD5 of
// what it holds: when that is the same, so is the SHA-256.
const (
	s3MetaSHA256 = "minxi-sha256"
	s3MetaMD5    = "minxi-md5"
)

// An s3Host is a folder of a bucket. An object is there whole or not at all, and
// nothing else is ever left behind.
type s3Host struct {
	client *s3.Client
	http   *http.Client
	bucket string
	prefix string // "" or ending in a slash

	sha256   bool  // the store checks and keeps x-amz-checksum-sha256
	pageSize int32 // names in one answer to a list; 0 leaves it to the store
}

func openS3(ctx context.Context, o Values) (publish.Host, error) {
	wrong := func(option, zh, en string, a ...any) (publish.Host, error) {
		return nil, publish.Final(tell(option+"："+zh, option+": "+en, a...))
	}
	h := &s3Host{bucket: o.text("bucket")}
	if h.bucket == "" || strings.ContainsAny(h.bucket, "/ \t\n") {
		return wrong("bucket", "%q 不是存储桶的名称", "%q is no name of a bucket", h.bucket)
	}
	var err error
	if h.prefix, err = folderPrefix(o.text("prefix")); err != nil {
		return nil, err
	}

	options := s3.Options{
		Region:  o.text("region"),
		Retryer: aws.NopRetryer{}, // the protocol tries again, and counts

		// The library would announce large bodies with Expect: 100-continue, but
		// does not wait for the answer; some proxies refuse the header with 417.
		ContinueHeaderThresholdBytes: -1,

		DisableLogOutputChecksumValidationSkipped: true,
	}
	pathStyle, isAWS := false, true
	if endpoint := o.text("endpoint"); endpoint != "" {
		u, err := url.Parse(endpoint)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return wrong("endpoint", "不是 https://oss-cn-hangzhou.aliyuncs.com 这样的网址", "not a URL like https://oss-cn-hangzhou.aliyuncs.com")
		}
		options.BaseEndpoint = aws.String(strings.TrimSuffix(endpoint, "/"))
		pathStyle, isAWS = true, false
		region := "us-east-1" // what stores that have no regions take
		for _, s := range s3Stores {
			if m := s.endpoint.FindStringSubmatch(strings.ToLower(u.Hostname())); m != nil {
				pathStyle, isAWS, region = false, s.aws, m[1]
			}
		}
		if options.Region == "" {
			options.Region = region
		}
	}
	if o.text("path_style") != "" {
		pathStyle = o.yes("path_style")
	}
	options.UsePathStyle = pathStyle
	if o.yes("own_domain") {
		if options.BaseEndpoint == nil {
			return wrong("own_domain", "请把域名写在 endpoint 里", "endpoint must hold the domain")
		}
		options.EndpointResolverV2 = ownDomain{s3.NewDefaultEndpointResolverV2()}
	}

	h.sha256 = isAWS
	if o.text("checksums") != "" {
		h.sha256 = o.text("checksums") == s3Supported
	}
	options.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	options.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	if h.sha256 {
		options.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported
	}

	key, secret, token := o.text("access_key"), o.text("secret_key"), o.text("session_token")
	switch {
	case key != "" && secret != "":
		options.Credentials = credentials.NewStaticCredentialsProvider(key, secret, token)
	case key != "" || token != "" && secret == "":
		return wrong("secret_key", "没有写", "is missing")
	case secret != "":
		return wrong("access_key", "没有写", "is missing")
	default:
		found, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return wrong("access_key", "没有写，AWS 的配置也读不出来：%v", "is not given, and the AWS configuration cannot be read: %v", err)
		}
		options.Credentials = found.Credentials
		if options.Region == "" {
			options.Region = found.Region
		}
	}
	options.Credentials = s3Credentials{options.Credentials}
	if options.Region == "" {
		return wrong("region", "没有写", "is missing")
	}

	h.http, h.pageSize = newClient(o.Network), int32(o.Network.Page)
	options.HTTPClient = h.http
	h.client = s3.New(options)
	return h, nil
}

// ownDomain addresses a bucket by a domain that leads to it alone: neither the
// host name nor the path names it.
type ownDomain struct{ s3.EndpointResolverV2 }

func (d ownDomain) ResolveEndpoint(ctx context.Context, p s3.EndpointParameters) (endpoints.Endpoint, error) {
	p.ForcePathStyle = aws.Bool(true)
	e, err := d.EndpointResolverV2.ResolveEndpoint(ctx, p)
	if err == nil {
		bucket := "/" + aws.ToString(p.Bucket)
		e.URI.Path = strings.TrimSuffix(e.URI.Path, bucket)
		e.URI.RawPath = strings.TrimSuffix(e.URI.RawPath, bucket)
	}
	return e, err
}

// s3Credentials marks the errors of looking for credentials.
type s3Credentials struct{ aws.CredentialsProvider }

func (c s3Credentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	got, err := c.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		err = noCredentials{err}
	}
	return got, err
}

type noCredentials struct{ error }

func (e noCredentials) Unwrap() error { return e.error }

func (h *s3Host) Traits() publish.Traits {
	t := publish.Traits{Headers: true, Checked: true, Encodings: []string{"br", "gzip"}, Concurrency: 16, PathMax: mostKey - len(h.prefix), Limits: s3Limits}
	for _, header := range s3Headers {
		t.Keeps = append(t.Keeps, header.name)
	}
	return t
}

func (h *s3Host) key(name string) *string { return aws.String(h.prefix + name) }

func (h *s3Host) Stat(ctx context.Context, name string) (publish.Stat, error) {
	out, err := h.head(ctx, name)
	if err != nil {
		return publish.Stat{}, err
	}
	st := publish.Stat{Size: aws.ToInt64(out.ContentLength), SHA256: s3Sum(out), Header: publish.Header{}}
	for _, k := range s3Headers {
		if v := aws.ToString(k.head(out)); v != "" {
			st.Header[k.name] = v
		}
	}
	return st, nil
}

func (h *s3Host) head(ctx context.Context, name string) (*s3.HeadObjectOutput, error) {
	if err := publish.Step(ctx, "HEAD", name); err != nil {
		return nil, err
	}
	in := &s3.HeadObjectInput{Bucket: &h.bucket, Key: h.key(name)}
	if h.sha256 {
		in.ChecksumMode = types.ChecksumModeEnabled
	}
	out, err := h.client.HeadObject(ctx, in)
	return out, h.fail(ctx, "HEAD", name, err)
}

// s3Sum gives the SHA-256 that the store vouches for, "" if it does for none.
func s3Sum(out *s3.HeadObjectOutput) string {
	// The checksum of an object that was put in parts is one of checksums, and
	// does not decode.
	if sum, err := base64.StdEncoding.DecodeString(aws.ToString(out.ChecksumSHA256)); err == nil && len(sum) == sha256.Size {
		return hex.EncodeToString(sum)
	}
	etag := strings.Trim(aws.ToString(out.ETag), `"`)
	if etag != "" && strings.EqualFold(etag, out.Metadata[s3MetaMD5]) {
		return out.Metadata[s3MetaSHA256]
	}
	return ""
}

func (h *s3Host) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := publish.Step(ctx, "GET", name); err != nil {
		return nil, err
	}
	out, err := h.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &h.bucket, Key: h.key(name)})
	if err != nil {
		return nil, h.fail(ctx, "GET", name, err)
	}
	return &s3Reader{out.Body, func(err error) error { return h.fail(ctx, "GET", name, err) }}, nil
}

// An s3Reader says where it was when reading fails.
type s3Reader struct {
	io.ReadCloser
	fail func(error) error
}

func (r *s3Reader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = r.fail(err)
	}
	return n, err
}

// Put sends a file in one request, whatever its size: the stores' limit is 5 GB.
// Its SHA-256 is part of what is signed; a store of AWS's kind keeps it, too. To
// the others goes its MD5, which all of them check.
func (h *s3Host) Put(ctx context.Context, f publish.File, body publish.Body) error {
	sum, err := h.check(f)
	if err != nil {
		return err
	}
	in := &s3.PutObjectInput{Bucket: &h.bucket, Key: h.key(f.Path), ContentLength: &f.Size}
	for _, k := range s3Headers {
		if v := f.Header[k.name]; v != "" {
			*k.put(in) = &v
		}
	}
	if h.sha256 {
		in.ChecksumSHA256 = aws.String(base64.StdEncoding.EncodeToString(sum))
	} else {
		sum, err := bodyMD5(ctx, f, body)
		if err != nil {
			return err
		}
		in.ContentMD5 = aws.String(base64.StdEncoding.EncodeToString(sum))
		in.Metadata = map[string]string{s3MetaSHA256: f.SHA256, s3MetaMD5: hex.EncodeToString(sum)}
	}
	if err := publish.Step(ctx, "PUT", f.Path); err != nil {
		return err
	}
	sent, err := openFile(ctx, f, body)
	if err != nil {
		return err
	}
	in.Body = sent
	_, err = h.client.PutObject(ctx, in, signing(f.SHA256))
	if bad := sent.Close(); bad != nil && ctx.Err() == nil {
		return bad
	}
	return h.fail(ctx, "PUT", f.Path, err)
}

// check says whether a store can hold a file under its name, and gives its SHA-256.
func (h *s3Host) check(f publish.File) ([]byte, error) {
	// Lists are XML, which has no words for these; such a name would never be seen.
	if strings.ContainsFunc(f.Path, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFE' || r == '\uFFFF' }) {
		return nil, publish.Final(tell("%q：对象存储不能列出含控制字符的名字", "%q: a store cannot list names with control characters", f.Path))
	}
	sum, err := hex.DecodeString(f.SHA256)
	if err != nil || len(sum) != sha256.Size {
		return nil, publish.Final(fmt.Errorf("%s: %q is no SHA-256", f.Path, f.SHA256))
	}
	return sum, nil
}

// signing makes a request signed with the SHA-256 of its body, which is known, so
// that the body need not be read for it.
func signing(sum string) func(*s3.Options) {
	return func(o *s3.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("KnownPayloadHash",
				func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
					return next.HandleFinalize(v4.SetPayloadHash(ctx, sum), in)
				}), "ComputePayloadHash", middleware.Before)
		})
	}
}

// Copy has the store copy an object. Headers are those of to, not those of from.
func (h *s3Host) Copy(ctx context.Context, from string, to publish.File) error {
	if _, err := h.check(to); err != nil {
		return err
	}
	in := &s3.CopyObjectInput{
		Bucket: &h.bucket, Key: h.key(to.Path),
		CopySource:        aws.String(httpbinding.EscapePath(h.bucket+"/"+h.prefix+from, false)),
		MetadataDirective: types.MetadataDirectiveReplace,
	}
	for _, k := range s3Headers {
		if v := to.Header[k.name]; v != "" {
			*k.copy(in) = &v
		}
	}
	if h.sha256 {
		in.ChecksumAlgorithm = types.ChecksumAlgorithmSha256
	} else {
		out, err := h.head(ctx, from)
		if err != nil {
			return err
		}
		if s3Sum(out) == to.SHA256 {
			in.Metadata = map[string]string{s3MetaSHA256: to.SHA256, s3MetaMD5: out.Metadata[s3MetaMD5]}
		}
	}
	if err := publish.Step(ctx, "COPY", to.Path); err != nil {
		return err
	}
	_, err := h.client.CopyObject(ctx, in)
	if status, code, _ := s3Answer(err); code == "NotImplemented" || status == http.StatusNotImplemented {
		return errors.ErrUnsupported
	}
	return h.fail(ctx, "COPY", to.Path, err)
}

func (h *s3Host) Delete(ctx context.Context, name string) error {
	if err := publish.Step(ctx, "DELETE", name); err != nil {
		return err
	}
	_, err := h.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &h.bucket, Key: h.key(name)})
	if err = h.fail(ctx, "DELETE", name, err); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// List uses the first version of ListObjects. Some stores take the second for the
// first and give the same page for ever.
func (h *s3Host) List(ctx context.Context, dir string) ([]string, error) {
	prefix := listPrefix(h.prefix, dir)
	in := &s3.ListObjectsInput{Bucket: &h.bucket, Prefix: &prefix, Delimiter: aws.String("/")}
	if h.pageSize > 0 {
		in.MaxKeys = &h.pageSize
	}
	var names []string
	for {
		if err := publish.Step(ctx, "LIST", dir); err != nil {
			return nil, err
		}
		out, err := h.client.ListObjects(ctx, in)
		if err != nil {
			return nil, h.fail(ctx, "LIST", dir, err)
		}
		last := ""
		for _, o := range out.Contents {
			key := aws.ToString(o.Key)
			last = max(last, key)
			// Consoles make empty objects "folder/" to show folders.
			name, ok := strings.CutPrefix(key, h.prefix)
			if ok && fs.ValidPath(name) {
				names = append(names, name)
			}
		}
		for _, p := range out.CommonPrefixes {
			last = max(last, aws.ToString(p.Prefix))
		}
		if !aws.ToBool(out.IsTruncated) {
			return names, nil
		}
		next := aws.ToString(out.NextMarker)
		if next == "" {
			next = last
		}
		if next <= aws.ToString(in.Marker) {
			return nil, publish.Final(tell("列出 %s：对象存储停在 %q 不再继续", "LIST %s: the store does not go on after %q", dir, next))
		}
		in.Marker = &next
	}
}

func (h *s3Host) Close() error {
	h.http.CloseIdleConnections()
	return nil
}

// s3Answer takes the store's answer from an error: HTTP status, the error's code
// in S3's words, and the response. All are zero if there was none.
func s3Answer(err error) (status int, code string, r *smithyhttp.Response) {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		status, r = response.HTTPStatusCode(), response.Response
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	return status, code, r
}

// s3Again are the answers that look like the caller's fault and may be different
// the next time. After a RequestTimeTooSkewed, the library signs with the store's
// clock. Source: the list of error codes in the S3 API reference.
var s3Again = map[string]bool{
	"BadDigest": true, "IncompleteBody": true, "RequestTimeTooSkewed": true,
	"RequestTimeout": true, "XAmzContentSHA256Mismatch": true,
}

// s3Reason is what an answer means: an error's code, or else the status.
func s3Reason(code string, status int) publish.Reason {
	if why, ok := s3Reasons[code]; ok {
		return why
	}
	return publish.StatusReason(status)
}

var s3Reasons = map[string]publish.Reason{
	"InvalidAccessKeyId": publish.BadLogin, "SignatureDoesNotMatch": publish.BadLogin, "ExpiredToken": publish.BadLogin, "InvalidToken": publish.BadLogin,
	"NoSuchBucket": publish.NoPlace, "SlowDown": publish.TooOften, "EntityTooLarge": publish.TooLarge, "RequestTimeout": publish.Silent,
}

// s3Hints say what to do.
var s3Hints = map[string]string{
	"AccessDenied":          "the key lacks this right, or the right to list the bucket, without which the store does not tell that a name is not there",
	"Forbidden":             "the key lacks this right, or the right to list the bucket, without which the store does not tell that a name is not there",
	"InvalidAccessKeyId":    "the store does not know access_key",
	"NoSuchBucket":          "there is no such bucket",
	"SignatureDoesNotMatch": "secret_key does not belong to access_key, or the region is wrong",
}

// fail makes an error of ours of one of the library's: short, without secrets,
// final or not.
func (h *s3Host) fail(ctx context.Context, op, name string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	where := op + " " + name + ": "
	var missing noCredentials
	if errors.As(err, &missing) {
		return publish.Final(publish.Because(publish.BadLogin, &s3Error{where + "no credentials: give access_key and secret_key, or what the AWS tools read", err}))
	}
	status, code, response := s3Answer(err)
	if status == 0 {
		text := err.Error()
		var sending *url.Error
		if errors.As(err, &sending) {
			text = sending.Err.Error()
		}
		failed := &s3Error{where + h.hide(ctx, text), err}
		if publish.ReasonOf(err) == publish.Untrusted {
			return publish.Final(failed)
		}
		return failed
	}
	if code == "NoSuchKey" || op == "HEAD" && status == http.StatusNotFound {
		return &s3Error{where + "there is no such object", fs.ErrNotExist}
	}

	var api smithy.APIError
	text := fmt.Sprintf("%d %s", status, http.StatusText(status))
	if errors.As(err, &api) && code != "UnknownError" {
		text = fmt.Sprintf("%d %s", status, code)
		if m := api.ErrorMessage(); m != "" {
			text += ": " + m
		}
	}
	if hint := s3Hints[code]; hint != "" {
		text += " (" + hint + ")"
	}
	if region := response.Header.Get("X-Amz-Bucket-Region"); region != "" && (status/100 == 3 || status == http.StatusBadRequest) {
		text += fmt.Sprintf(" (the bucket is in the region %s)", region)
	}
	failed := publish.Because(s3Reason(code, status), &s3Error{where + h.hide(ctx, text), err})
	switch {
	case s3Again[code], status == http.StatusRequestTimeout, status == http.StatusConflict,
		status == http.StatusPreconditionFailed, status == http.StatusTooManyRequests,
		status >= 500 && status != http.StatusNotImplemented, status < 300:
		return failed
	}
	return publish.Final(failed)
}

// hide takes credentials out of what a store said.
func (h *s3Host) hide(ctx context.Context, text string) string {
	// They were found when the request was signed, and are kept.
	c, err := h.client.Options().Credentials.Retrieve(ctx)
	if err != nil {
		return text
	}
	for _, secret := range []string{c.AccessKeyID, c.SecretAccessKey, c.SessionToken} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}

type s3Error struct {
	text string
	err  error
}

func (e *s3Error) Error() string { return e.text }
func (e *s3Error) Unwrap() error { return e.err }
