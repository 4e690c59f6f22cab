package hosts

// Further servers of each kind, as people run them. What the first server of a kind
// shows, in its own test, these show too: the contract, and a small sample of faults.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// rclone removes a file before it renames another to its name.
var furtherServers = []struct {
	name, kind string
	bench      hosttest.Bench
}{
	{"rclone s3", "s3", hosttest.Bench{Fresh: rcloneS3, InPlace: true}},
	{"minio", "s3", hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		return s3Place(t, hosttest.Server(t, "minio", "KEY="+s3Key, "SECRET="+s3Secret), s3Key, s3Secret, true)
	}}},
	{"s3rver", "s3", hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		return s3Place(t, hosttest.Server(t, "s3rver"), "S3RVER", "S3RVER", false)
	}, InPlace: true}},
	{"rclone webdav", "webdav", hosttest.Bench{Fresh: davBench("rclone", true, "SERVE=webdav --user alice --pass "+davPassword).Fresh, InPlace: true}},
	{"lighttpd", "webdav", hosttest.Bench{Fresh: davBench("lighttpd", false).Fresh, NameMax: 240}},
	{"rclone sftp", "sftp", hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		s := hosttest.Server(t, "rclone", "SERVE=sftp", "HOST_KEY="+keyText(sshKeys().ed25519, ""), "USER_KEY="+publicText(sshKeys().user))
		name := freshName(t, s.Site)
		return flatSFTPPlace(s, "alice", "/"+name, publicText(sshKeys().ed25519), filepath.Join(s.Site, name))
	}, InPlace: true}},
	{"dropbear", "sftp", hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		s := hosttest.Server(t, "dropbear", "USER_KEY="+publicText(sshKeys().user))
		root := filepath.Join(s.Site, freshName(t, s.Site))
		return flatSFTPPlace(s, "root", root, string(must2(os.ReadFile(filepath.Join(s.Dir, "hostkey.pub")))), root)
	}}},
	// rclone speaks TLS from the start only, and then refuses PBSZ and PROT. It does not see
	// at once what others change on its disk.
	{"rclone ftp", "ftp", hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		p := ftpPlace(t, hosttest.Server(t, "rclone", "SERVE=ftp --user minxi --pass "+ftpPassword), "minxi", "none")
		p.Disk = ""
		return p
	}, InPlace: true}},
	{"proftpd", "ftp", ftpServerBench("proftpd")},
	{"pure-ftpd", "ftp", ftpServerBench("pure-ftpd")},
}

func TestServers(t *testing.T) {
	for _, s := range furtherServers {
		t.Run(s.name, func(t *testing.T) { hosttest.Contract(t, s.bench) })
	}
}

// TestFTPBusy publishes to each FTP server with a quiet machine and with one that has
// more to do than it can: which end closes a connection first depends on that.
func TestFTPBusy(t *testing.T) {
	for _, s := range furtherServers {
		if s.kind != "ftp" {
			continue
		}
		for _, busy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s busy=%v", s.name, busy), func(t *testing.T) {
				if busy {
					keepBusy(t, runtime.NumCPU())
				}
				bench := s.bench
				bench.Second = true
				hosttest.Sample(t, bench)
			})
		}
	}
}

// keepBusy runs programs that do nothing but work.
func keepBusy(t testing.TB, n int) {
	for range n {
		cmd := exec.Command("/bin/sh", "-c", "while :; do :; done")
		must(cmd.Start())
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	}
}

// rcloneS3 lets nobody read without a key.
func rcloneS3(t testing.TB) hosttest.Place {
	s := hosttest.Server(t, "rclone", "SERVE=s3 --auth-key "+s3Key+","+s3Secret)
	p := s3Place(t, s, s3Key, s3Secret, false)
	client, bucket := s3Client(p.Options["endpoint"], s3Key, s3Secret), p.Options["bucket"]
	p.Read = func(name string) ([]byte, publish.Header, error) {
		r, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: &bucket, Key: &name})
		var none *types.NoSuchKey
		if errors.As(err, &none) {
			return nil, nil, fs.ErrNotExist
		} else if err != nil {
			return nil, nil, err
		}
		defer r.Body.Close()
		data, err := io.ReadAll(r.Body)
		if err == nil {
			data, err = hosttest.Decode(aws.ToString(r.ContentEncoding), data)
		}
		return data, publish.Header{"Content-Type": aws.ToString(r.ContentType), "Cache-Control": aws.ToString(r.CacheControl),
			"Content-Encoding": aws.ToString(r.ContentEncoding)}, err
	}
	return p
}

// flatSFTPPlace is on a server that would not see a disk mounted there.
func flatSFTPPlace(s *hosttest.Served, user, path, hostKey, root string) hosttest.Place {
	return hosttest.Place{Kind: "sftp", Read: hosttest.ReadDisk(root), Options: map[string]string{"layout": "flat", "host": "127.0.0.1",
		"port": strconv.Itoa(s.Port), "user": user, "path": path, "key": keyText(sshKeys().user, ""), "host_key": strings.TrimSpace(hostKey)}}
}

// freshName is a folder that is not there yet, and goes with the test.
func freshName(t testing.TB, home string) string {
	name := fmt.Sprintf("deep/网站 %d", nth.Add(1))
	t.Cleanup(func() { os.RemoveAll(filepath.Join(home, name)) })
	return name
}

// ftpPasswordHash is crypt(3) of ftpPassword.
const ftpPasswordHash = "$6$minxi$MXdDnxpSUpKY8NSawFabcds8Bxkv7w0srNumGmacatQfiEzQTM/c3zhgBTs0PqYBFXG0jb2DWAt3naom/0Rw2."

func ftpServerBench(name string) hosttest.Bench {
	return hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		certificate, key := ftpCertificate()
		return ftpPlace(t, hosttest.Server(t, name, "PASSWORD_HASH="+ftpPasswordHash, "CERTIFICATE="+certificate, "KEY="+key), "minxi", "explicit")
	}}
}
