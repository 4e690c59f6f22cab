package hosts

import (
	"context"
	"crypto/md5"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"minxi/generator/internal/publish"
)

// This file holds what the stores of the clouds share: errors that show no secret, and
// a body that is read once before it is sent, so that the service can check it.

// objectHeaders are the headers that Azure Blob Storage and Google Cloud Storage
// have a place for. Their web servers send no others.
var objectHeaders = []string{"Content-Type", "Cache-Control", "Content-Encoding", "Content-Language", "Content-Disposition"}

// sumName is the name of the metadata that holds the SHA-256 of an object. It is
// only written together with a checksum that the service compares.
const sumName = "sha256"

// passing are the answers below 500 that may be another the next time.
var passing = map[int]bool{
	http.StatusRequestTimeout:     true,
	http.StatusConflict:           true,
	http.StatusPreconditionFailed: true,
	http.StatusTooManyRequests:    true,
}

// statusError is the error of a request that was answered with a status other than
// success. code is the service's own word for it, if it gave one.
func statusError(what string, status int, code string) error {
	if code == "" {
		code = http.StatusText(status)
	}
	err := publish.Because(publish.StatusReason(status), fmt.Errorf("%s: the service answers %d %s", what, status, code))
	if status < 500 && !passing[status] {
		return publish.Final(err)
	}
	return err
}

// notThere is the error of a name that holds nothing.
func notThere(what string) error { return fmt.Errorf("%s: %w", what, fs.ErrNotExist) }

// serviceURL checks the address of a service. Credentials travel to it, so it has
// to be https, unless it is on this machine.
func serviceURL(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return "", publish.Final(tell("endpoint 不是 https://主机 这样的网址", "endpoint is not an address of the form https://host"))
	}
	if isOpen(u) {
		return "", publish.Final(tell("endpoint 必须以 https:// 开头，否则密钥会在路上被看到", "endpoint must begin with https://, or else credentials could be read on the way"))
	}
	return strings.TrimRight(endpoint, "/"), nil
}

// folderPrefix checks the folder in a store that the site goes to, and gives it as
// names begin: "" or "folder/".
func folderPrefix(option string) (string, error) {
	dir := strings.Trim(option, "/")
	if dir == "" {
		return "", nil
	}
	if !fs.ValidPath(dir) || dir == "." {
		return "", publish.Final(tell("prefix：%q 不是文件夹", "prefix: %q is not a folder", option))
	}
	return dir + "/", nil
}

// mostKey is how many bytes the name of an object may have, its prefix included: S3
// and Google count bytes, Azure characters.
const mostKey = 1024

// listPrefix gives what the full names of a folder's files begin with.
func listPrefix(prefix, dir string) string {
	if dir == "." {
		return prefix
	}
	return prefix + dir + "/"
}

// bodyMD5 reads a body once, to the end, and gives its MD5, which the services
// compare with what arrives before they let it replace anything. As the same bytes
// are found to have f.SHA256, what the service checked was that, too.
func bodyMD5(ctx context.Context, f publish.File, body publish.Body) ([]byte, error) {
	sum := md5.New()
	err := copyBody(ctx, sum, f, body)
	return sum.Sum(nil), err
}
