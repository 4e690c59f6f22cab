package hosts

import (
	"context"
	"crypto/md5"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

const (
	s3Key    = "GEHEIMKEYIDGEHEIM"
	s3Secret = "geheim/test+secret"
)

// s3Client is a client with the library's own defaults.
func s3Client(endpoint, key, secret string) *s3.Client {
	return s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, "")})
}

func s3Bucket(t testing.TB, c *s3.Client) string {
	t.Helper()
	bucket := fmt.Sprintf("site-%d", nth.Add(1))
	if _, err := c.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	return bucket
}

// s3Place is a new bucket, which everybody may read if that is to be asked for.
func s3Place(t testing.TB, s *hosttest.Served, key, secret string, closed bool, options ...string) hosttest.Place {
	t.Helper()
	endpoint := "http://" + s.Address
	client := s3Client(endpoint, key, secret)
	bucket := s3Bucket(t, client)
	if closed {
		if _, err := client.PutBucketPolicy(context.Background(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + bucket + `/*"}]}`)}); err != nil {
			t.Fatal(err)
		}
	}
	all := with(map[string]string{"endpoint": endpoint, "bucket": bucket, "access_key": key, "secret_key": secret}, options...)
	return hosttest.Place{Kind: "s3", Options: all, Read: hosttest.ReadWeb(must2(url.JoinPath(endpoint, bucket, all["prefix"])))}
}

func versity(t testing.TB) *hosttest.Served {
	return hosttest.Server(t, "versitygw", "KEY="+s3Key, "SECRET="+s3Secret)
}

func versityPlace(t testing.TB, options ...string) hosttest.Place {
	return s3Place(t, versity(t), s3Key, s3Secret, true, options...)
}

var s3Bench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return versityPlace(t) }}

func TestS3(t *testing.T) { hosttest.Contract(t, s3Bench) }

// As for AWS: SHA-256 checksums, and a folder of the bucket.
func TestS3Supported(t *testing.T) {
	bench := hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		return versityPlace(t, "checksums", s3Supported, "prefix", "站点/a+b")
	}}
	hosttest.Contract(t, bench)
	objectStore(t, bench)
}

func TestS3Store(t *testing.T) { objectStore(t, s3Bench) }

// s3At opens a store that is reached in a way of the test's.
func s3At(t testing.TB, n Network, options ...string) *hosttest.Edit {
	t.Helper()
	return editBy(t, "s3", with(map[string]string{"bucket": "site", "access_key": s3Key, "secret_key": s3Secret}, options...), n)
}

// The bucket's name in the domain, by which AWS, Aliyun, Tencent and Huawei are
// addressed, and a domain that is the bucket's own.
func TestS3InTheDomain(t *testing.T) {
	for name, options := range map[string]func(p hosttest.Place) []string{
		"virtual host": func(hosttest.Place) []string {
			return []string{"endpoint", fmt.Sprintf("http://localhost:%d", versity(t).Port), "path_style", "false"}
		},
		"own domain": func(p hosttest.Place) []string {
			return []string{"endpoint", fmt.Sprintf("http://%s.localhost:%d", p.Options["bucket"], versity(t).Port), "own_domain", "true"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			hosttest.Contract(t, hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
				p := versityPlace(t, "prefix", "a/b")
				p.Options = with(p.Options, options(p)...)
				return p
			}})
		})
	}
}

// TestS3Stores asks where each store is reached, how it is told the bucket, for which
// region requests are signed, and by what it checks.
func TestS3Stores(t *testing.T) {
	store := startFakeStore(t)
	for _, c := range []struct {
		endpoint, region, host, path string
		sha256                       bool
	}{
		{"", "eu-west-1", "site.s3.eu-west-1.amazonaws.com", "/x", true},
		{"", "cn-north-1", "site.s3.cn-north-1.amazonaws.com.cn", "/x", true},
		{"https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "site.s3.cn-north-1.amazonaws.com.cn", "/x", true},
		{"https://oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "site.oss-cn-hangzhou.aliyuncs.com", "/x", false},
		{"https://s3.oss-cn-beijing-internal.aliyuncs.com", "cn-beijing", "site.s3.oss-cn-beijing-internal.aliyuncs.com", "/x", false},
		{"https://cos.ap-guangzhou.myqcloud.com/", "ap-guangzhou", "site.cos.ap-guangzhou.myqcloud.com", "/x", false},
		{"https://obs.cn-north-4.myhuaweicloud.com", "cn-north-4", "site.obs.cn-north-4.myhuaweicloud.com", "/x", false},
		{"https://minio.example.gov.cn:9000", "us-east-1", "minio.example.gov.cn:9000", "/site/x", false},
		{"https://oss-cn-hangzhou.aliyuncs.com.example.org", "us-east-1", "oss-cn-hangzhou.aliyuncs.com.example.org", "/site/x", false},
	} {
		options := []string{"endpoint", c.endpoint}
		if c.endpoint == "" {
			options = append(options, "region", c.region)
		}
		n := store.network()
		n.TLS.InsecureSkipVerify = true // the store answers for all of them
		n.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, store.Listener.Addr().String())
		}
		show(t, s3At(t, n, options...), "x", "x")
		r := store.requests[len(store.requests)-1]
		if r.Host != c.host || r.URL.Path != c.path || !strings.Contains(r.Header.Get("Authorization"), "/"+c.region+"/s3/") || (r.Header.Get("X-Amz-Checksum-Sha256") != "") != c.sha256 {
			t.Errorf("%s: %s%s, %v", c.endpoint, r.Host, r.URL.Path, r.Header)
		}
	}
}

// A store that takes no notice of the marker must not hold us for ever.
func TestS3ListInCircles(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a</Key></Contents><Contents><Key>b</Key></Contents></ListBucketResult>`)
	}))
	defer srv.Close()
	_, err := s3At(t, Network{}, "endpoint", srv.URL).List(t.Context(), ".")
	wants(t, err, true, "does not go on")
}

// Stat gives a SHA-256 only where it is that of the bytes that the store holds: another
// program writes other bytes and keeps the metadata. What consoles make to show a folder
// is no file.
func TestS3OtherPrograms(t *testing.T) {
	for _, mode := range []string{s3Required, s3Supported} {
		p := versityPlace(t, "checksums", mode, "prefix", "site")
		h := editOf(t, p)
		f, _ := textFile("zh/page.html", "page")
		show(t, h, f.Path, "page")
		c, bucket := s3Client(p.Options["endpoint"], s3Key, s3Secret), aws.String(p.Options["bucket"])
		old, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("site/zh/page.html")})
		must(err)
		_, err = c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("site/zh/page.html"), Metadata: old.Metadata, Body: strings.NewReader("evil")})
		must(err)
		if st, err := h.Stat(t.Context(), f.Path); err != nil || st.SHA256 == f.SHA256 {
			t.Errorf("%s: Stat of other bytes: %+v, %v", mode, st, err)
		}
		_, err = c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("site/zh/")})
		must(err)
		if names, err := h.List(t.Context(), "zh"); err != nil || len(names) != 1 {
			t.Errorf("List: %q, %v", names, err)
		}
	}
}

func TestS3Credentials(t *testing.T) {
	p := versityPlace(t)
	turnsAway(t, "s3", with(p.Options, "secret_key", "geheim/wrong"), true, "PUT page.html: the service answers 403 SignatureDoesNotMatch: ")
	turnsAway(t, "s3", with(p.Options, "secret_key", "geheim/wrong"), true, "secret_key does not belong to access_key")
	turnsAway(t, "s3", with(p.Options, "access_key", "GEHEIMWRONG"), true, "does not know access_key")
	nowhere := edit(t, "s3", with(p.Options, "bucket", "nothing-here"))
	_, getErr := nowhere.Get(t.Context(), "page.html")
	_, listErr := nowhere.List(t.Context(), "zh")
	for _, err := range []error{nowhere.PutText(t.Context(), "page.html", "page"), getErr, listErr} {
		wants(t, err, true, "there is no bucket nothing-here")
	}
	// The chain of the AWS tools, here with the environment and with nothing.
	for name, value := range map[string]string{"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_PROFILE": "", "AWS_ACCESS_KEY_ID": s3Key, "AWS_SECRET_ACCESS_KEY": s3Secret, "AWS_SESSION_TOKEN": ""} {
		t.Setenv(name, value)
	}
	chain := with(p.Options, "access_key", "", "secret_key", "")
	show(t, edit(t, "s3", chain), "page.html", "page")
	t.Setenv("AWS_ACCESS_KEY_ID", "GEHEIMWRONG")
	turnsAway(t, "s3", chain, true, "403 InvalidAccessKeyId")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	turnsAway(t, "s3", chain, true, "PUT page.html: no credentials")
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
	s.Config.ErrorLog = quietLog // of refused connections
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *fakeStore) network() Network {
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return Network{TLS: &tls.Config{RootCAs: roots}}
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
// not, in either mode. Each request is announced by a step.
func TestS3RefusedTrailer(t *testing.T) {
	store := startFakeStore(t)
	plain := s3.New(s3.Options{Region: "cn-hangzhou", BaseEndpoint: &store.URL, UsePathStyle: true, HTTPClient: newClient(store.network()),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, // as config.LoadDefaultConfig sets it
		Credentials:                credentials.NewStaticCredentialsProvider(s3Key, s3Secret, "")})
	if _, err := plain.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("site"), Key: aws.String("page.html"), Body: strings.NewReader("page"), ContentEncoding: aws.String("gzip")}); err == nil {
		t.Fatal("the fake does not refuse what Aliyun refuses")
	}
	store.requests = nil
	ctx, heard := steps(t.Context())
	for _, mode := range []string{"", s3Required, s3Supported} {
		h := s3At(t, store.network(), "endpoint", store.URL, "checksums", mode)
		f, body := textFile("page-"+mode+".html", "page")
		f.Header = publish.Header{"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}
		to, _ := textFile("copy-"+f.Path, "page")
		must(errors.Join(h.Put(ctx, f, body), h.Copy(ctx, f.Path, to)))
		if got := store.object("/site/" + f.Path).header["Content-Encoding"]; !slices.Equal(got, []string{"gzip"}) {
			t.Errorf("%s: Content-Encoding is kept as %q", mode, got)
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
	for _, r := range store.requests {
		checks := r.Header.Get("X-Amz-Checksum-Sha256") + r.Header.Get("X-Amz-Checksum-Mode") + r.Header.Get("X-Amz-Checksum-Algorithm")
		if checks != "" && !strings.Contains(r.URL.Path, s3Supported) || r.Method == "PUT" && r.Header.Get("X-Amz-Content-Sha256") == "UNSIGNED-PAYLOAD" {
			t.Errorf("%s %s has the headers %v", r.Method, r.URL.Path, r.Header)
		}
	}
	if n := len(heard()); n != len(store.requests) {
		t.Errorf("%d requests for %d steps", len(store.requests), n)
	}
}

// A store that cannot copy says so.
func TestS3CannotCopy(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s3Refusal(w, 501, "NotImplemented", "")
	}))
	defer srv.Close()
	f, _ := textFile("b", "b")
	if err := s3At(t, Network{}, "endpoint", srv.URL, "checksums", s3Supported).Copy(t.Context(), "a", f); err != errors.ErrUnsupported {
		t.Errorf("Copy: %v", err)
	}
}

// A store may say that it copies, and then that it could not.
func TestS3CopyEndsBadly(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s3Refusal(w, 200, "InternalError", "We encountered an internal error. Please try again.")
	}))
	defer srv.Close()
	f, _ := textFile("b", "b")
	h := s3At(t, Network{}, "endpoint", srv.URL, "checksums", s3Supported)
	wants(t, h.Copy(t.Context(), "a", f), false, "COPY b: the service answers 200 InternalError: We encountered")
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
	h := s3At(t, Network{}, "endpoint", srv.URL)
	wants(t, h.PutText(t.Context(), "page.html", "page"), false, "403 RequestTimeTooSkewed")
	show(t, h, "page.html", "page")
}

func TestS3Unreachable(t *testing.T) {
	put := func(n Network, endpoint string) error {
		return s3At(t, n, "endpoint", endpoint).PutText(t.Context(), "page.html", "page")
	}
	wants(t, put(Network{}, fmt.Sprintf("http://127.0.0.1:%d", hosttest.Port(t))), false, "connection refused")
	store := startFakeStore(t)
	wants(t, put(Network{}, store.URL), true, "certificate")
	if err := put(store.network(), store.URL); err != nil {
		t.Error(err)
	}
	plain := httptest.NewServer(store)
	defer plain.Close()
	wants(t, put(Network{}, strings.Replace(plain.URL, "http:", "https:", 1)), true, "PUT page.html: ")
}

// A server that falls silent, in each of the places where it can: it is left after a
// while, in which whatever moves puts the end off.
func TestS3Silence(t *testing.T) {
	ended := make(chan struct{})
	silent := func(w http.ResponseWriter, r *http.Request) { <-ended }
	handlers := map[string]http.HandlerFunc{
		"answer": silent,
		"upload": func(w http.ResponseWriter, r *http.Request) {
			r.Body.Read(make([]byte, 1))
			<-ended
		},
		"slow": func(w http.ResponseWriter, r *http.Request) {
			for range 5 {
				time.Sleep(time.Second)
				_, _ = io.CopyN(io.Discard, r.Body, 3<<20)
			}
			_, _ = io.Copy(io.Discard, r.Body)
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

	impatient, patient := s3At(t, Network{Quiet: 300 * time.Millisecond}, "endpoint", srv.URL), s3At(t, Network{}, "endpoint", srv.URL)
	big := strings.Repeat("0123456789abcdef", 16<<20/16)
	for name, do := range map[string]func(*hosttest.Edit, context.Context) error{
		"answer": func(h *hosttest.Edit, ctx context.Context) error { _, err := h.Stat(ctx, "answer"); return err },
		"upload": func(h *hosttest.Edit, ctx context.Context) error { return h.PutText(ctx, "upload", big) },
		"download": func(h *hosttest.Edit, ctx context.Context) error {
			r, err := h.Get(ctx, "download")
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(io.Discard, r)
			return err
		},
	} {
		err := do(impatient, t.Context())
		wants(t, err, false, "")
		if publish.ReasonOf(err) != publish.Silent || errors.Is(err, context.Canceled) || name != "answer" && publish.Detail(err).ZH != "服务器已 300ms 没有回应" {
			t.Errorf("%s: the reason is %q, told as %q", name, publish.ReasonOf(err), publish.Detail(err))
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if err := do(patient, ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", name, err)
		}
	}
	if err := s3At(t, Network{Quiet: 3 * time.Second}, "endpoint", srv.URL).PutText(t.Context(), "slow", big); err != nil {
		t.Errorf("a slow server: %v", err)
	}
}

func TestS3Names(t *testing.T) {
	takes := s3At(t, Network{}, "endpoint", "http://127.0.0.1:1").Traits().Limits.Takes
	for name, says := range map[string]string{"zh/bell\a.html": "control characters", "\uFFFE": "control characters", "zh/钟 a+b.html": ""} {
		if err := takes(name); (err != nil) != (says != "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
