package hosts

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

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
		"--keep-alive", "--quiet", "--virtual-domain", fmt.Sprintf("localhost:%d", port), "posix", t.TempDir())
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
