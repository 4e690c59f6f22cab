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
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/crypto/ssh"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// rclone removes a file before it renames another to its name.
var furtherServers = []struct {
	name, kind string
	bench      hosttest.Bench
}{
	{"rclone s3", "s3", hosttest.Bench{Fresh: rcloneS3, InPlace: true}},
	{"minio", "s3", hosttest.Bench{Fresh: minio}},
	{"s3rver", "s3", hosttest.Bench{Fresh: s3rver, InPlace: true}},
	{"rclone webdav", "webdav", hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return rcloneDAV(t).place(t) }, InPlace: true}},
	{"lighttpd", "webdav", hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return lighttpd(t).place(t) }, NameMax: 240}},
	{"rclone sftp", "sftp", hosttest.Bench{Fresh: rcloneSFTP, InPlace: true}},
	{"dropbear", "sftp", hosttest.Bench{Fresh: dropbear}},
	{"rclone ftp", "ftp", hosttest.Bench{Fresh: rcloneFTP, InPlace: true}},
	{"proftpd", "ftp", hosttest.Bench{Fresh: proftpd}},
	{"pure-ftpd", "ftp", hosttest.Bench{Fresh: pureFTPd}},
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

// serverOf starts a server for all tests of the binary, with an empty folder “site”.
func serverOf(t testing.TB, s *server, program string, command func(program, dir string, port int) []string) *server {
	t.Helper()
	file := hosttest.Program(t, program) // not inside of start, which tries once
	s.start(t, func(dir string, port int) []string {
		must(os.Chmod(dir, 0o755))
		must(os.Mkdir(filepath.Join(dir, "site"), 0o755))
		return command(file, dir, port)
	})
	return s
}

// readDisk reads what a server keeps in plain files.
func readDisk(root string) func(name string) ([]byte, publish.Header, error) {
	return func(name string) ([]byte, publish.Header, error) {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		return data, nil, err
	}
}

// S3

func s3Client(endpoint, key, secret string) *s3.Client {
	return s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, "")})
}

func s3Bucket(t testing.TB, c *s3.Client) string {
	t.Helper()
	bucket := fmt.Sprintf("site-%d", versityBuckets.Add(1))
	if _, err := c.CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	return bucket
}

func s3Place(options map[string]string, read func(name string) ([]byte, publish.Header, error)) hosttest.Place {
	return hosttest.Place{Kind: "s3", Options: options,
		Open: func(t testing.TB) publish.Host { return open(t, "s3", options) }, Read: read}
}

var rcloneS3Server, minioServer, s3rverServer server

func rcloneS3(t testing.TB) hosttest.Place {
	s := serverOf(t, &rcloneS3Server, "rclone", func(rclone, dir string, port int) []string {
		return []string{rclone, "serve", "s3", "--config", "/dev/null", "--addr", fmt.Sprintf("127.0.0.1:%d", port),
			"--auth-key", versityKey + "," + versitySecret, filepath.Join(dir, "site")}
	})
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", s.port)
	client := s3Client(endpoint, versityKey, versitySecret)
	bucket := s3Bucket(t, client)
	return s3Place(map[string]string{"endpoint": endpoint, "bucket": bucket, "access_key": versityKey, "secret_key": versitySecret},
		func(name string) ([]byte, publish.Header, error) { // nobody reads without a key there
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
		})
}

func minio(t testing.TB) hosttest.Place {
	s := serverOf(t, &minioServer, "minio", func(minio, dir string, port int) []string {
		return []string{"/usr/bin/env", "MINIO_ROOT_USER=" + versityKey, "MINIO_ROOT_PASSWORD=" + versitySecret, "MINIO_UPDATE=off", "HOME=" + dir,
			minio, "server", "--quiet", "--address", fmt.Sprintf("127.0.0.1:%d", port), filepath.Join(dir, "site")}
	})
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", s.port)
	bucket := makeBucket(t, endpoint)
	return s3Place(map[string]string{"endpoint": endpoint, "bucket": bucket, "access_key": versityKey, "secret_key": versitySecret},
		func(name string) ([]byte, publish.Header, error) { return readAnonymously(endpoint+"/"+bucket, name) })
}

func s3rver(t testing.TB) hosttest.Place {
	s := serverOf(t, &s3rverServer, "s3rver", func(s3rver, dir string, port int) []string {
		return []string{s3rver, "--silent", "--no-vhost-buckets", "-a", "127.0.0.1", "-p", strconv.Itoa(port), "-d", filepath.Join(dir, "site")}
	})
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", s.port)
	bucket := s3Bucket(t, s3Client(endpoint, "S3RVER", "S3RVER"))
	return s3Place(map[string]string{"endpoint": endpoint, "bucket": bucket, "access_key": "S3RVER", "secret_key": "S3RVER"},
		func(name string) ([]byte, publish.Header, error) { return readAnonymously(endpoint+"/"+bucket, name) })
}

// WebDAV

// rcloneDAV lets nobody read without a password: what it serves is on the disk. It does
// not see at once what others change there.
var rcloneDAV = once(func(t testing.TB) *davServer {
	program := hosttest.Program(t, "rclone")
	dir, port := folderForServer(t), hosttest.Port(t)
	root := filepath.Join(dir, "site")
	must(os.Mkdir(root, 0o755))
	serve(t, dir, port, program, "serve", "webdav", "--config", "/dev/null", "--addr", fmt.Sprintf("127.0.0.1:%d", port),
		"--user", "alice", "--pass", davPassword, root)
	return &davServer{root: root, address: fmt.Sprintf("http://127.0.0.1:%d/", port), onDisk: true}
})

var lighttpd = once(func(t testing.TB) *davServer {
	program := hosttest.Program(t, "lighttpd")
	dir, port := folderForServer(t), hosttest.Port(t)
	root := filepath.Join(dir, "site")
	must(os.Mkdir(root, 0o755))
	writeText(t, filepath.Join(dir, "users"), "alice:"+davPassword+"\n")
	writeText(t, filepath.Join(dir, "conf"), fmt.Sprintf(`
server.modules = ( "mod_auth", "mod_authn_file", "mod_webdav" )
server.document-root = "%[1]s/site"
server.bind = "127.0.0.1"
server.port = %[2]d
server.errorlog = "%[1]s/errors"
server.upload-dirs = ( "%[1]s" )
mimetype.assign = ( ".html" => "text/html" )
webdav.activate = "enable"
auth.backend = "plain"
auth.backend.plain.userfile = "%[1]s/users"
$HTTP["request-method"] !~ "^(GET|HEAD)$" {
  auth.require = ( "" => ( "method" => "basic", "realm" => "site", "require" => "valid-user" ) )
}
`, dir, port))
	serve(t, dir, port, program, "-D", "-f", filepath.Join(dir, "conf"))
	return &davServer{root: root, address: fmt.Sprintf("http://127.0.0.1:%d/", port)}
})

// SFTP

func flatSFTPPlace(options map[string]string, root string) hosttest.Place {
	options["layout"] = "flat"
	return hosttest.Place{Kind: "sftp", Options: options, // neither server would see a disk mounted there
		Open: func(t testing.TB) publish.Host { return open(t, "sftp", options) }, Read: readDisk(root)}
}

var rcloneSFTPServer, dropbearServer server

func rcloneSFTP(t testing.TB) hosttest.Place {
	keys := sshKeys()
	s := serverOf(t, &rcloneSFTPServer, "rclone", func(rclone, dir string, port int) []string {
		return []string{rclone, "serve", "sftp", "--config", "/dev/null", "--addr", fmt.Sprintf("127.0.0.1:%d", port),
			"--key", write(dir, "key", keyText(keys.ed25519, "")), "--authorized-keys", write(dir, "authorized_keys", publicText(keys.user)+"\n"),
			filepath.Join(dir, "site")}
	})
	name := freshName(t, filepath.Join(s.dir, "site"))
	return flatSFTPPlace(map[string]string{"host": "127.0.0.1", "port": strconv.Itoa(s.port), "user": "alice", "path": "/" + name,
		"key": keyText(keys.user, ""), "host_key": publicText(keys.ed25519)}, filepath.Join(s.dir, "site", name))
}

// dropbear looks for keys below the home directory of the user alone: it gets a list
// of users of its own, in a mount namespace, which only root can make.
func dropbear(t testing.TB) hosttest.Place {
	if me, err := user.Current(); err != nil || me.Uid != "0" {
		hosttest.Program(t, "root's rights for dropbear") // says that they are missing
	}
	keys, keygen := sshKeys(), hosttest.Program(t, "dropbearkey")
	hosttest.Program(t, "sftp-server")
	s := serverOf(t, &dropbearServer, "dropbear", func(dropbear, dir string, port int) []string {
		home := filepath.Join(dir, "home")
		must(os.MkdirAll(filepath.Join(home, ".ssh"), 0o700))
		write(filepath.Join(home, ".ssh"), "authorized_keys", publicText(keys.user)+"\n")
		passwd := write(dir, "passwd", fmt.Sprintf("root:x:0:0:root:%s:/bin/sh\n", home))
		must(exec.Command(keygen, "-t", "ed25519", "-f", filepath.Join(dir, "hostkey")).Run())
		return []string{"unshare", "-m", "/bin/sh", "-c", `mount --bind "$1" /etc/passwd && shift && exec "$@"`, "sh", passwd,
			dropbear, "-F", "-E", "-s", "-m", "-j", "-k", "-r", filepath.Join(dir, "hostkey"), "-P", filepath.Join(dir, "pid"), "-p", fmt.Sprintf("127.0.0.1:%d", port)}
	})
	said, err := exec.Command(keygen, "-y", "-f", filepath.Join(s.dir, "hostkey")).Output()
	must(err)
	var hostKey ssh.PublicKey
	for line := range strings.Lines(string(said)) {
		if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line)); err == nil {
			hostKey = key
		}
	}
	root := filepath.Join(s.dir, "site", freshName(t, filepath.Join(s.dir, "site")))
	return flatSFTPPlace(map[string]string{"host": "127.0.0.1", "port": strconv.Itoa(s.port), "user": "root", "path": root,
		"key": keyText(keys.user, ""), "host_key": strings.TrimSpace(string(ssh.MarshalAuthorizedKey(hostKey)))}, root)
}

var fresh struct {
	sync.Mutex
	n int
}

// freshName is a folder that is not there yet, and goes with the test.
func freshName(t testing.TB, home string) string {
	fresh.Lock()
	defer fresh.Unlock()
	fresh.n++
	name := fmt.Sprintf("deep/网站 %d", fresh.n)
	t.Cleanup(func() { os.RemoveAll(filepath.Join(home, name)) })
	return name
}

// FTP

var rcloneFTPServer, proftpdServer, pureFTPdServer server

// ftpSite is a new folder on one of them. Its user is not root, and owns the home.
func ftpSite(t testing.TB, s *server, tls string) hosttest.Place {
	options, root := newFTPFolder(t, s, filepath.Join(s.dir, "site"))
	certificate, _ := ftpCertificate()
	if options["user"], options["tls"] = "minxi", tls; tls != "none" {
		options["ca"] = write(t.TempDir(), "ca.pem", certificate)
	}
	return ftpPlace(options, root)
}

// rcloneFTP is without TLS: rclone's server speaks it from the start only, and then
// refuses PBSZ and PROT.
func rcloneFTP(t testing.TB) hosttest.Place {
	p := ftpSite(t, serverOf(t, &rcloneFTPServer, "rclone", func(rclone, dir string, port int) []string {
		return []string{rclone, "serve", "ftp", "--config", "/dev/null", "--addr", fmt.Sprintf("127.0.0.1:%d", port), "--user", "minxi", "--pass", ftpPassword,
			filepath.Join(dir, "site")}
	}), "none")
	p.Disk = "" // it does not see what others do there
	return p
}

// ftpPasswordHash is crypt(3) of ftpPassword.
const ftpPasswordHash = "$6$minxi$MXdDnxpSUpKY8NSawFabcds8Bxkv7w0srNumGmacatQfiEzQTM/c3zhgBTs0PqYBFXG0jb2DWAt3naom/0Rw2."

func proftpd(t testing.TB) hosttest.Place {
	return ftpSite(t, serverOf(t, &proftpdServer, "proftpd", func(proftpd, dir string, port int) []string {
		certificate, key := ftpCertificate()
		modules, err := filepath.Abs(filepath.Join(filepath.Dir(proftpd), "..", "lib", "proftpd"))
		must(err)
		me := must2(user.Current())
		group := must2(user.LookupGroupId(me.Gid))
		config := fmt.Sprintf(`
ModulePath %[3]s
LoadModule mod_tls.c
ServerType standalone
DefaultAddress 127.0.0.1
Port %[2]d
User %[4]s
Group %[5]s
RootLogin on
RequireValidShell off
UseReverseDNS off
WtmpLog off
MaxInstances 100
PidFile %[1]s/pid
ScoreboardFile %[1]s/score
DelayTable none
SystemLog %[1]s/errors
AllowOverwrite on
Umask 022
<IfModule mod_auth_pam.c>
AuthPAM off
</IfModule>
AuthOrder mod_auth_file.c
AuthUserFile %[6]s
TLSEngine on
TLSProtocol TLSv1.2 TLSv1.3
TLSRequired on
TLSLog %[1]s/tls
TLSECCertificateFile %[7]s
TLSECCertificateKeyFile %[8]s
`, dir, port, modules, me.Username, group.Name,
			write(dir, "users", fmt.Sprintf("minxi:%s:%s:%s::%s:/bin/sh\n", ftpPasswordHash, me.Uid, me.Gid, filepath.Join(dir, "site"))),
			write(dir, "cert.pem", certificate), write(dir, "key.pem", key))
		return []string{proftpd, "-n", "-q", "-c", write(dir, "proftpd.conf", config)}
	}), "explicit")
}

// pureFTPd lets no user with root's number in.
func pureFTPd(t testing.TB) hosttest.Place {
	accounts := hosttest.Program(t, "pure-pw")
	return ftpSite(t, serverOf(t, &pureFTPdServer, "pure-ftpd", func(ftpd, dir string, port int) []string {
		certificate, key := ftpCertificate()
		site, uid, gid := filepath.Join(dir, "site"), os.Getuid(), os.Getgid()
		if uid == 0 {
			uid, gid = 65534, 65534
			must(os.Chown(site, uid, gid))
		}
		// pure-pw's own hashes take a second each to check.
		passwords := write(dir, "passwords", fmt.Sprintf("minxi:%s:%d:%d::%s/./::::::::::::\n", ftpPasswordHash, uid, gid, site))
		must(exec.Command(accounts, "mkdb", filepath.Join(dir, "users.pdb"), "-f", passwords).Run())
		return []string{ftpd, "-S", fmt.Sprintf("127.0.0.1,%d", port), "-l", "puredb:" + filepath.Join(dir, "users.pdb"), "-E", "-H", "-u", "1",
			"-c", "100", "-C", "100", "-f", "none", "-g", filepath.Join(dir, "pid"), "-Y", "2", "-2", write(dir, "both.pem", key+certificate)}
	}), "explicit")
}
