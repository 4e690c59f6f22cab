package hosts

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

const (
	versityKey    = "AKIDVERSITYTESTKEY"
	versitySecret = "versity/test+secret"
)

// startVersity runs an S3 server until the test ends, and gives its endpoint. A
// bucket b is also at b.localhost, on the same port.
func startVersity(t testing.TB) (endpoint string) {
	t.Helper()
	port := hosttest.Port(t)
	cmd := exec.Command(hosttest.Program(t, "versitygw"), "--port", fmt.Sprintf("127.0.0.1:%d", port),
		"--keep-alive", "--quiet", "--iam-dir", t.TempDir(), "--virtual-domain", fmt.Sprintf("localhost:%d", port), "posix", t.TempDir())
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+versityKey, "ROOT_SECRET_KEY="+versitySecret)
	hosttest.Start(t, port, cmd)
	return fmt.Sprintf("http://127.0.0.1:%d", port)
}

// versityClient is a client with the library's own defaults.
func versityClient(endpoint string) *s3.Client {
	return s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(versityKey, versitySecret, "")})
}

var versityBuckets atomic.Int64

// makeBucket makes a bucket that everybody may read.
func makeBucket(t testing.TB, endpoint string) string {
	t.Helper()
	ctx, c := context.Background(), versityClient(endpoint)
	bucket := fmt.Sprintf("site-%d", versityBuckets.Add(1))
	if _, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + bucket + `/*"}]}`)}); err != nil {
		t.Fatal(err)
	}
	return bucket
}

// readAnonymously gets a file as a browser does, without credentials.
func readAnonymously(base, name string) ([]byte, publish.Header, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, nil, err
	}
	u.Path += "/" + name
	u.RawPath = strings.ReplaceAll(u.EscapedPath(), "+", "%2B")
	req, err := http.NewRequest("GET", u.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept-Encoding", "br, gzip")
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return nil, nil, err
	case r.StatusCode == http.StatusNotFound:
		return nil, nil, fs.ErrNotExist
	case r.StatusCode != http.StatusOK:
		return nil, nil, fmt.Errorf("%s: %s", r.Status, data)
	}
	header := publish.Header{}
	for _, h := range s3Headers {
		if v := r.Header.Get(h.name); v != "" {
			header[h.name] = v
		}
	}
	data, err = hosttest.Decode(header["Content-Encoding"], data)
	return data, header, err
}

// versityPlace is a fresh bucket on a server of its own, with options beside those
// that it needs.
func versityPlace(t testing.TB, more map[string]string) hosttest.Place {
	endpoint := startVersity(t)
	bucket := makeBucket(t, endpoint)
	options := map[string]string{"endpoint": endpoint, "bucket": bucket, "access_key": versityKey, "secret_key": versitySecret}
	for name, value := range more {
		options[name] = value
	}
	base := endpoint + "/" + bucket
	if options["prefix"] != "" {
		base += "/" + options["prefix"]
	}
	return hosttest.Place{Kind: "s3", Options: options,
		Open: func(t testing.TB) publish.Host { return open(t, "s3", options) },
		Read: func(name string) ([]byte, publish.Header, error) { return readAnonymously(base, name) },
	}
}

var s3Bench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return versityPlace(t, nil) }}

func TestS3(t *testing.T) {
	hosttest.Contract(t, s3Bench)
}

// As for AWS: SHA-256 checksums, and a folder of the bucket.
func TestS3Supported(t *testing.T) {
	hosttest.Contract(t, hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		return versityPlace(t, map[string]string{"checksums": s3Supported, "prefix": "站点/a+b"})
	}})
}

// textFile is a file of some text.
func textFile(name, text string) (publish.File, publish.Body) {
	sum := sha256.Sum256([]byte(text))
	return publish.File{Path: name, Size: int64(len(text)), SHA256: hex.EncodeToString(sum[:]),
			Header: publish.Header{"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-cache"}},
		func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

// s3At opens a store that is reached in a way of the test's.
func s3At(t testing.TB, network s3Network, options map[string]string) *s3Host {
	t.Helper()
	all := map[string]string{"bucket": "site", "access_key": versityKey, "secret_key": versitySecret}
	for name, value := range options {
		all[name] = value
	}
	network.wait, network.stall = cmp.Or(network.wait, time.Minute), cmp.Or(network.stall, time.Minute)
	h, err := openS3(context.Background(), Values{Options: all}, network)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h.(*s3Host)
}

// wantError checks an error's text, that it holds no secret, and whether it says
// that trying again is no use.
func wantError(t testing.TB, err error, final bool, texts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error; want one with %q", texts)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q lacks %q", err, text)
		}
	}
	for _, secret := range []string{versityKey, versitySecret, "WRONGKEY", "wrong/secret", "Signature="} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error %q holds the secret %q", err, secret)
		}
	}
	if marked := publish.IsFinal(err); marked != final {
		t.Errorf("error %q: final is %v, want %v", err, marked, final)
	}
}

// The bucket's name in the domain, by which AWS, Aliyun, Tencent and Huawei are
// addressed, and a domain that is the bucket's own.
func TestS3InTheDomain(t *testing.T) {
	endpoint := startVersity(t)
	there := strings.TrimPrefix(endpoint, "http://")
	_, port, _ := net.SplitHostPort(there)
	var asked sync.Map
	network := s3Network{dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		asked.Store(address, true)
		return (&net.Dialer{}).DialContext(ctx, network, there)
	}}
	for name, options := range map[string]func(bucket string) map[string]string{
		"virtual host": func(string) map[string]string {
			return map[string]string{"endpoint": "http://localhost:" + port, "path_style": "false"}
		},
		"own domain": func(bucket string) map[string]string {
			return map[string]string{"endpoint": "http://" + bucket + ".localhost:" + port, "own_domain": "true"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bucket := makeBucket(t, endpoint)
			o := options(bucket)
			o["bucket"], o["prefix"] = bucket, "a/b"
			h := s3At(t, network, o)
			ctx := context.Background()
			for _, name := range []string{"index.html", "data/50%25&a=b;c,d@e!~()'.txt", "data/名字 with space+plus.txt", "data/#hash[1]?.txt"} {
				f, body := textFile(name, "text of "+name)
				if err := h.Put(ctx, f, body); err != nil {
					t.Fatal(err)
				}
				to, _ := textFile("copies/"+name, "text of "+name)
				if err := h.Copy(ctx, name, to); err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{f.Path, to.Path} {
					if data, _, err := readAnonymously(endpoint+"/"+bucket+"/a/b", name); err != nil || string(data) != "text of "+f.Path {
						t.Errorf("a reader gets %s: %q, %v", name, data, err)
					}
				}
				if st, err := h.Stat(ctx, to.Path); err != nil || st.SHA256 != to.SHA256 {
					t.Errorf("Stat: %+v, %v", st, err)
				}
			}
			names, err := h.List(ctx, "copies/data")
			if err != nil || len(names) != 3 || !slices.Contains(names, "copies/data/名字 with space+plus.txt") {
				t.Errorf("List: %q, %v", names, err)
			}
			if err := h.Delete(ctx, "index.html"); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Get(ctx, "index.html"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Get after Delete: %v", err)
			}
			if _, ok := asked.Load(bucket + ".localhost:" + port); !ok {
				t.Errorf("the bucket's domain was not asked")
			}
		})
	}
}

func TestS3ListInPages(t *testing.T) {
	p := versityPlace(t, map[string]string{"prefix": "site"})
	h := p.Open(t).(*s3Host)
	ctx := context.Background()
	var want []string
	for i := range 20 {
		f, body := textFile(fmt.Sprintf("zh/%02d 页.html", i), "x")
		want = append(want, f.Path)
		deep, _ := textFile(fmt.Sprintf("zh/%02d/index.html", i), "x")
		for _, f := range []publish.File{f, deep} {
			if err := h.Put(ctx, f, body); err != nil {
				t.Fatal(err)
			}
		}
	}
	// What consoles make to show a folder is no file.
	if _, err := versityClient(p.Options["endpoint"]).PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(p.Options["bucket"]), Key: aws.String("site/zh/")}); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int32{1, 3, 7, 0} {
		requests := 0
		h.pageSize = size
		names, err := h.List(publish.WithSteps(ctx, func(string, string) error { requests++; return nil }), "zh")
		slices.Sort(names)
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("in pages of %d: %q, %v", size, names, err)
		}
		if size > 0 && requests < 40/int(size) {
			t.Errorf("in pages of %d: %d requests", size, requests)
		}
	}
}

// A store that takes no notice of the marker must not hold us for ever.
func TestS3ListInCircles(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a</Key></Contents><Contents><Key>b</Key></Contents></ListBucketResult>`)
	}))
	defer srv.Close()
	_, err := s3At(t, s3Network{}, map[string]string{"endpoint": srv.URL}).List(context.Background(), ".")
	wantError(t, err, true, "LIST", "does not go on")
}

// Stat gives a SHA-256 only where it is that of the bytes that the store holds.
func TestS3Sums(t *testing.T) {
	endpoint := startVersity(t)
	ctx := context.Background()
	for _, mode := range []string{s3Required, s3Supported} {
		t.Run(mode, func(t *testing.T) {
			bucket := makeBucket(t, endpoint)
			h := s3At(t, s3Network{}, map[string]string{"endpoint": endpoint, "bucket": bucket, "checksums": mode})
			f, body := textFile("page.html", "page")
			if err := h.Put(ctx, f, body); err != nil {
				t.Fatal(err)
			}
			to, _ := textFile("copy.html", "page")
			if err := h.Copy(ctx, "page.html", to); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"page.html", "copy.html"} {
				if st, err := h.Stat(ctx, name); err != nil || st.SHA256 != f.SHA256 {
					t.Errorf("Stat %s: %+v, %v", name, st, err)
				}
			}
			// Another program writes other bytes and keeps the metadata.
			c := versityClient(endpoint)
			old, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: aws.String("page.html")})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("page.html"), Metadata: old.Metadata, Body: strings.NewReader("evil")}); err != nil {
				t.Fatal(err)
			}
			if st, err := h.Stat(ctx, "page.html"); err != nil || st.SHA256 == f.SHA256 {
				t.Errorf("Stat of other bytes: %+v, %v", st, err)
			}
		})
	}
}

// A file that is not what was announced any more does not replace the old one,
// whoever checks.
func TestS3ChangedFile(t *testing.T) {
	ctx := context.Background()
	for _, mode := range []string{s3Required, s3Supported} {
		store := startFakeStore(t)
		h := s3At(t, store.network(), map[string]string{"endpoint": store.URL, "checksums": mode})
		old, body := textFile("page.html", "the old page")
		if err := h.Put(ctx, old, body); err != nil {
			t.Fatal(err)
		}
		f, _ := textFile("page.html", "the new page")
		empty, _ := textFile("page.html", "")
		for _, text := range []string{"THE new page", "the new page and more"} {
			_, other := textFile("", text)
			wantError(t, h.Put(ctx, f, other), len(text) == int(f.Size), "page.html")
			wantError(t, h.Put(ctx, empty, other), false, "page.html: other than 0 bytes")
		}
		if got := string(store.object("/site/page.html").data); got != "the old page" {
			t.Errorf("%s: the store holds %q", mode, got)
		}
	}
}

func TestS3Credentials(t *testing.T) {
	endpoint := startVersity(t)
	bucket := makeBucket(t, endpoint)
	ctx := context.Background()
	f, body := textFile("page.html", "page")
	at := func(options map[string]string) *s3Host {
		options["endpoint"] = endpoint
		if options["bucket"] == "" {
			options["bucket"] = bucket
		}
		return s3At(t, s3Network{}, options)
	}

	h := at(map[string]string{"secret_key": "wrong/secret"})
	wantError(t, h.Put(ctx, f, body), true, "PUT page.html: 403 SignatureDoesNotMatch", "secret_key does not belong to access_key")
	_, err := h.Get(ctx, "page.html")
	wantError(t, err, true, "GET page.html: 403 SignatureDoesNotMatch")
	_, err = h.Stat(ctx, "page.html")
	wantError(t, err, true, "HEAD page.html: 403")
	_, err = h.List(ctx, "zh")
	wantError(t, err, true, "LIST zh: 403")
	wantError(t, h.Delete(ctx, "page.html"), true, "DELETE page.html: 403")
	wantError(t, h.Copy(ctx, "other.html", f), true, "403")

	h = at(map[string]string{"access_key": "WRONGKEY"})
	wantError(t, h.Put(ctx, f, body), true, "PUT page.html: 403 InvalidAccessKeyId", "does not know access_key")

	h = at(map[string]string{"bucket": "nothing-here"})
	wantError(t, h.Put(ctx, f, body), true, "PUT page.html: 404 NoSuchBucket", "there is no such bucket")
	_, err = h.Get(ctx, "page.html")
	wantError(t, err, true, "404 NoSuchBucket")
	_, err = h.List(ctx, "zh")
	wantError(t, err, true, "404 NoSuchBucket")

	// The chain of the AWS tools, here with the environment and with nothing.
	for name, value := range map[string]string{"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_PROFILE": "", "AWS_ACCESS_KEY_ID": versityKey, "AWS_SECRET_ACCESS_KEY": versitySecret, "AWS_SESSION_TOKEN": ""} {
		t.Setenv(name, value)
	}
	if err := at(map[string]string{"access_key": "", "secret_key": ""}).Put(ctx, f, body); err != nil {
		t.Error(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "WRONGKEY")
	wantError(t, at(map[string]string{"access_key": "", "secret_key": ""}).Put(ctx, f, body), true, "403 InvalidAccessKeyId")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	wantError(t, at(map[string]string{"access_key": "", "secret_key": ""}).Put(ctx, f, body), true, "PUT page.html: no credentials")
}

func TestS3Options(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	t.Setenv("AWS_CONFIG_FILE", "none")
	for _, c := range []struct {
		want    string // the start of the error's text
		options map[string]string
	}{
		{"bucket: ", map[string]string{"bucket": ""}},
		{"bucket: ", map[string]string{"bucket": "a/b"}},
		{"prefix: ", map[string]string{"prefix": "a/../b"}},
		{"endpoint: ", map[string]string{"endpoint": "oss-cn-hangzhou.aliyuncs.com"}},
		{"endpoint: ", map[string]string{"endpoint": "https://" + versityKey + ":" + versitySecret + "@host"}},
		{"endpoint: ", map[string]string{"endpoint": "ftp://host"}},
		{"own_domain: ", map[string]string{"own_domain": "true"}},
		{"region: ", map[string]string{}},
		{"region: ", map[string]string{"access_key": "", "secret_key": ""}},
		{"secret_key: ", map[string]string{"region": "eu-west-1", "secret_key": ""}},
		{"access_key: ", map[string]string{"region": "eu-west-1", "access_key": ""}},
		{"secret_key: ", map[string]string{"region": "eu-west-1", "access_key": "", "secret_key": "", "session_token": "x"}},
	} {
		options := map[string]string{"bucket": "site", "access_key": versityKey, "secret_key": versitySecret}
		for name, value := range c.options {
			options[name] = value
		}
		_, err := Open(context.Background(), "s3", Values{Options: options})
		wantError(t, err, true, c.want)
	}

	for _, c := range []struct {
		endpoint, region string
		pathStyle        bool
		sha256           bool
	}{
		{"", "eu-west-1", false, true},
		{"https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", false, true},
		{"https://oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", false, false},
		{"https://s3.oss-cn-beijing-internal.aliyuncs.com", "cn-beijing", false, false},
		{"https://cos.ap-guangzhou.myqcloud.com/", "ap-guangzhou", false, false},
		{"https://obs.cn-north-4.myhuaweicloud.com", "cn-north-4", false, false},
		{"https://minio.example.gov.cn:9000", "us-east-1", true, false},
		{"https://oss-cn-hangzhou.aliyuncs.com.example.org", "us-east-1", true, false},
	} {
		options := map[string]string{"endpoint": c.endpoint}
		if c.endpoint == "" {
			options["region"] = c.region
		}
		h := s3At(t, s3Network{}, options)
		if o := h.client.Options(); o.Region != c.region || o.UsePathStyle != c.pathStyle || h.sha256 != c.sha256 {
			t.Errorf("%s: region %s, path style %v, SHA-256 %v", c.endpoint, o.Region, o.UsePathStyle, h.sha256)
		}
	}
}

// A fakeStore answers as Aliyun OSS and Tencent COS do where they differ from S3:
// aws-chunked bodies and trailing checksums are refused, checksum headers passed
// over, Content-MD5 checked, and the ETag is the MD5 in capitals.
type fakeStore struct {
	*httptest.Server
	mu       sync.Mutex
	objects  map[string]fakeObject
	requests []*http.Request
}

type fakeObject struct {
	data   []byte
	header http.Header
}

func startFakeStore(t testing.TB) *fakeStore {
	s := &fakeStore{objects: map[string]fakeObject{}}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of refused connections
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *fakeStore) network() s3Network {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s3Network{wait: time.Minute, stall: time.Minute, tls: &tls.Config{RootCAs: roots}}
}

func (s *fakeStore) object(path string) fakeObject {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects[path]
}

func s3Refusal(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, message)
}

func (s *fakeStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") || strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") || r.Header.Get("X-Amz-Trailer") != "" {
		s3Refusal(w, 400, "InvalidArgument", "aws-chunked encoding is not supported with the specified x-amz-content-sha256 value.")
		return
	}
	sum := md5.Sum(data)
	keep := http.Header{"Etag": {`"` + strings.ToUpper(hex.EncodeToString(sum[:])) + `"`}}
	for name, values := range r.Header {
		if strings.HasPrefix(name, "X-Amz-Meta-") || name == "Content-Type" || name == "Cache-Control" || name == "Content-Encoding" {
			keep[name] = values
		}
	}
	switch {
	case r.Method == "PUT" && r.Header.Get("X-Amz-Copy-Source") != "":
		from, _ := url.PathUnescape("/" + r.Header.Get("X-Amz-Copy-Source"))
		old, ok := s.objects[from]
		if !ok {
			s3Refusal(w, 404, "NoSuchKey", "The specified key does not exist.")
			return
		}
		keep["Etag"] = old.header["Etag"]
		s.objects[r.URL.Path] = fakeObject{old.data, keep}
		fmt.Fprintf(w, `<CopyObjectResult><ETag>%s</ETag></CopyObjectResult>`, keep.Get("Etag"))
	case r.Method == "PUT":
		if want := r.Header.Get("Content-Md5"); want != "" && want != base64.StdEncoding.EncodeToString(sum[:]) {
			s3Refusal(w, 400, "InvalidDigest", "The Content-MD5 you specified is not valid.")
			return
		}
		s.objects[r.URL.Path] = fakeObject{data, keep}
	case r.Method == "DELETE":
		delete(s.objects, r.URL.Path)
		w.WriteHeader(204)
	default:
		o, ok := s.objects[r.URL.Path]
		if !ok {
			s3Refusal(w, 404, "NoSuchKey", "The specified key does not exist.")
			return
		}
		maps.Copy(w.Header(), o.header)
		w.Header().Set("Content-Length", strconv.Itoa(len(o.data)))
		w.Write(o.data)
	}
}

// What the library does of itself is refused by Aliyun and Tencent; what we do is
// not, in either mode.
func TestS3RefusedTrailer(t *testing.T) {
	store := startFakeStore(t)
	ctx := context.Background()
	network := store.network()
	plain := s3.New(s3.Options{Region: "cn-hangzhou", BaseEndpoint: &store.URL, UsePathStyle: true, HTTPClient: network.client(),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, // as config.LoadDefaultConfig sets it
		Credentials:                credentials.NewStaticCredentialsProvider(versityKey, versitySecret, "")})
	_, err := plain.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("site"), Key: aws.String("page.html"), Body: strings.NewReader("page"), ContentEncoding: aws.String("gzip")})
	if err == nil {
		t.Fatal("the fake does not refuse what Aliyun refuses")
	}
	h := s3At(t, network, map[string]string{"endpoint": store.URL})
	wantError(t, h.fail(ctx, "PUT", "page.html", err), true, "PUT page.html: 400 InvalidArgument: aws-chunked encoding is not supported")

	for _, mode := range []string{"", s3Required, s3Supported} {
		h := s3At(t, network, map[string]string{"endpoint": store.URL, "checksums": mode})
		name := "page-" + mode + ".html"
		f, body := textFile(name, "page")
		f.Header = publish.Header{"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}
		if err := h.Put(ctx, f, body); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		if got := store.object("/site/" + name).header["Content-Encoding"]; !slices.Equal(got, []string{"gzip"}) {
			t.Errorf("%s: Content-Encoding is kept as %q", mode, got)
		}
		to, _ := textFile("copy-"+name, "page")
		if err := h.Copy(ctx, name, to); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{f.Path, to.Path} {
			want := f.SHA256
			if mode == s3Supported {
				want = "" // this store knows none
			}
			if st, err := h.Stat(ctx, name); err != nil || st.SHA256 != want {
				t.Errorf("%s: Stat: %+v, %v", mode, st, err)
			}
		}
	}
	for _, r := range store.requests[1:] {
		if r.Header.Get("X-Amz-Checksum-Sha256") != "" || r.Header.Get("X-Amz-Checksum-Mode") != "" || r.Header.Get("X-Amz-Checksum-Algorithm") != "" {
			if !strings.Contains(r.URL.Path, s3Supported) {
				t.Errorf("%s %s has checksum headers", r.Method, r.URL.Path)
			}
		}
		if r.Method == "PUT" && r.Header.Get("X-Amz-Content-Sha256") == "UNSIGNED-PAYLOAD" {
			t.Errorf("%s %s: the body is not signed", r.Method, r.URL.Path)
		}
	}
}

// Each request is announced by a step, and a step that fails takes its place.
func TestS3Steps(t *testing.T) {
	for _, mode := range []string{s3Required, s3Supported} {
		store := startFakeStore(t)
		h := s3At(t, store.network(), map[string]string{"endpoint": store.URL, "checksums": mode})
		f, body := textFile("page.html", "page")
		to, _ := textFile("copy.html", "page")
		all := func(ctx context.Context) []error {
			_, getErr := h.Get(ctx, "page.html")
			_, statErr := h.Stat(ctx, "page.html")
			_, listErr := h.List(ctx, "zh")
			return []error{h.Put(ctx, f, body), h.Copy(ctx, "page.html", to), h.Delete(ctx, "page.html"), getErr, statErr, listErr}
		}
		var steps []string
		all(publish.WithSteps(context.Background(), func(op, on string) error { steps = append(steps, op); return nil }))
		if len(steps) != len(store.requests) || len(steps) < 6 {
			t.Errorf("%s: %d requests for the steps %q", mode, len(store.requests), steps)
		}
		store.requests = nil
		stop := errors.New("stop")
		for i, err := range all(publish.WithSteps(context.Background(), func(op, on string) error { return stop })) {
			if err != stop {
				t.Errorf("%s: operation %d: %v", mode, i, err)
			}
		}
		if len(store.requests) != 0 {
			t.Errorf("%s: %d requests in spite of failed steps", mode, len(store.requests))
		}
	}
}

// What the store answers, and what becomes of it.
func TestS3Answers(t *testing.T) {
	for _, c := range []struct {
		name   string
		header http.Header
		status int
		body   string
		final  bool
		want   string
	}{
		{"other region", http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}, 301, "<Error><Code>PermanentRedirect</Code><Message>use the other endpoint</Message></Error>", true, "301 PermanentRedirect: use the other endpoint (the bucket is in the region eu-west-1)"},
		{"other region, signed", http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}}, 400, "<Error><Code>AuthorizationHeaderMalformed</Code><Message>expecting 'eu-west-1'</Message></Error>", true, "expecting 'eu-west-1' (the bucket is in the region eu-west-1)"},
		{"refused", nil, 403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>", true, "403 AccessDenied: no (the key lacks this right"},
		{"says the key", nil, 403, "<Error><Code>AccessDenied</Code><Message>" + versityKey + " may not use " + versitySecret + "</Message></Error>", true, "*** may not use ***"},
		{"busy", nil, 503, "<Error><Code>SlowDown</Code><Message>slow down</Message></Error>", false, "503 SlowDown: slow down"},
		{"throttled", nil, 429, "<Error><Code>TooManyRequests</Code></Error>", false, "429 TooManyRequests"},
		{"conflict", nil, 409, "<Error><Code>OperationAborted</Code></Error>", false, "409 OperationAborted"},
		{"damaged", nil, 400, "<Error><Code>BadDigest</Code></Error>", false, "400 BadDigest"},
		{"slow", nil, 400, "<Error><Code>RequestTimeout</Code></Error>", false, "400 RequestTimeout"},
		{"a proxy", nil, 502, "<html>Bad Gateway</html>", false, "502"},
		{"a proxy's 404", nil, 404, "<html>Not Found</html>", true, "404"},
		{"too large", nil, 413, "", true, "413"},
		{"a poor store", nil, 501, "<Error><Code>NotImplemented</Code></Error>", true, "501 NotImplemented"},
	} {
		t.Run(c.name, func(t *testing.T) {
			requests := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				io.Copy(io.Discard, r.Body)
				maps.Copy(w.Header(), c.header)
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))
			defer srv.Close()
			h := s3At(t, s3Network{}, map[string]string{"endpoint": srv.URL})
			f, body := textFile("zh/page.html", "page")
			err := h.Put(context.Background(), f, body)
			wantError(t, err, c.final, "PUT zh/page.html: ", c.want)
			if requests != 1 {
				t.Errorf("%d requests; the protocol is the one to try again", requests)
			}
			_, err = h.Get(context.Background(), "zh/page.html")
			wantError(t, err, c.final, "GET zh/page.html: ", c.want)
			if errors.Is(err, fs.ErrNotExist) {
				t.Errorf("taken for a missing file: %v", err)
			}
			h.sha256 = true // copies in one request
			if err := h.Copy(context.Background(), "a", f); c.status == 501 && err != errors.ErrUnsupported {
				t.Errorf("Copy: %v", err)
			}
		})
	}
}

// A clock that is wrong by an hour costs one more try.
func TestS3Clock(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		now := time.Now().Add(time.Hour).UTC()
		w.Header().Set("Date", now.Format(http.TimeFormat))
		signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if err != nil || now.Sub(signed).Abs() > 15*time.Minute {
			s3Refusal(w, 403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
		}
	}))
	defer srv.Close()
	h := s3At(t, s3Network{}, map[string]string{"endpoint": srv.URL})
	f, body := textFile("page.html", "page")
	wantError(t, h.Put(context.Background(), f, body), false, "403 RequestTimeTooSkewed")
	if err := h.Put(context.Background(), f, body); err != nil {
		t.Error(err)
	}
}

func TestS3Unreachable(t *testing.T) {
	f, body := textFile("page.html", "page")
	put := func(network s3Network, endpoint string) error {
		return s3At(t, network, map[string]string{"endpoint": endpoint}).Put(context.Background(), f, body)
	}
	wantError(t, put(s3Network{}, fmt.Sprintf("http://127.0.0.1:%d", hosttest.Port(t))), false, "PUT page.html: dial tcp", "connection refused")

	store := startFakeStore(t)
	wantError(t, put(s3Network{}, store.URL), true, "PUT page.html: ", "certificate")
	if err := put(store.network(), store.URL); err != nil {
		t.Error(err)
	}
	plain := httptest.NewServer(store)
	defer plain.Close()
	wantError(t, put(s3Network{}, strings.Replace(plain.URL, "http:", "https:", 1)), true, "PUT page.html: ")
}

// A server that falls silent, in each of the places where it can.
func TestS3Silence(t *testing.T) {
	ended := make(chan struct{})
	silent := func(w http.ResponseWriter, r *http.Request) { <-ended }
	handlers := map[string]http.HandlerFunc{
		"answer": silent,
		"upload": func(w http.ResponseWriter, r *http.Request) {
			r.Body.Read(make([]byte, 1))
			<-ended
		},
		"download": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000000")
			io.WriteString(w, "the start")
			w.(http.Flusher).Flush()
			<-ended
		},
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers[strings.TrimPrefix(r.URL.Path, "/site/")](w, r)
	}))
	defer srv.Close()
	defer close(ended)

	impatient := s3At(t, s3Network{wait: 300 * time.Millisecond, stall: 300 * time.Millisecond}, map[string]string{"endpoint": srv.URL})
	patient := s3At(t, s3Network{}, map[string]string{"endpoint": srv.URL})
	big := strings.Repeat("0123456789abcdef", 16<<20/16)
	get := func(h *s3Host, ctx context.Context) error {
		r, err := h.Get(ctx, "download")
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(io.Discard, r)
		return err
	}
	put := func(h *s3Host, ctx context.Context) error {
		f, body := textFile("upload", big)
		return h.Put(ctx, f, body)
	}
	answer := func(h *s3Host, ctx context.Context) error {
		_, err := h.Stat(ctx, "answer")
		return err
	}
	for name, do := range map[string]func(*s3Host, context.Context) error{"answer": answer, "upload": put, "download": get} {
		err := do(impatient, context.Background())
		wantError(t, err, false)
		if publish.ReasonOf(err) != publish.Silent {
			t.Errorf("%s: the reason is %q", name, publish.ReasonOf(err))
		}
		if errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(100*time.Millisecond, cancel)
		if err := do(patient, ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", name, err)
		}
	}
}

// A large file is not held in memory, and is sent without asking first.
func TestS3Large(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e := r.Header.Get("Expect"); e != "" {
			t.Errorf("Expect: %s", e)
		}
		io.Copy(io.Discard, r.Body)
	}))
	defer srv.Close()
	h := s3At(t, s3Network{}, map[string]string{"endpoint": srv.URL})
	const size = 64 << 20
	zeros := func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeroReader{}, size)), nil }
	sum := sha256.New()
	in, _ := zeros()
	io.Copy(sum, in)
	f := publish.File{Path: "big.bin", Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := h.Put(context.Background(), f, zeros); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
		t.Errorf("%d MB allocated for a file of %d MB", n>>20, size>>20)
	}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestS3Names(t *testing.T) {
	h := s3At(t, s3Network{}, map[string]string{"endpoint": "http://127.0.0.1:1"})
	f, body := textFile("zh/bell\a.html", "x")
	wantError(t, h.Put(context.Background(), f, body), true, "control characters")
	wantError(t, h.Copy(context.Background(), "a", f), true, "control characters")
}
