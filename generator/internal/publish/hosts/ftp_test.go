package hosts

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// TestFTP runs against a server that wants data connections to resume the session
// of the control connection, as vsftpd does by default.
func TestFTP(t *testing.T)         { hosttest.Contract(t, ftpBench) }
func TestFTPImplicit(t *testing.T) { hosttest.Contract(t, ftpImplicitBench) }
func TestFTPPlain(t *testing.T)    { hosttest.Contract(t, ftpPlainBench) }

// TestFTPLists runs against a server that has MLSD.
func TestFTPLists(t *testing.T) { hosttest.Contract(t, ftpListsBench) }

var (
	ftpBench         = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return ftpPlace(startFTP(t, "explicit")) }}
	ftpImplicitBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return ftpPlace(startFTP(t, "implicit")) }}
	ftpPlainBench    = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return ftpPlace(startFTP(t, "none")) }}
	ftpListsBench    = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return ftpPlace(startPyFTP(t)) }}
)

func ftpPlace(options map[string]string, root string) hosttest.Place {
	return hosttest.Place{Kind: "ftp", Options: options, Disk: root,
		Open: func(t testing.TB) publish.Host { return open(t, "ftp", options) },
		Read: func(name string) ([]byte, publish.Header, error) {
			data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			return data, nil, err
		},
	}
}

const ftpPassword = "geheim-1929"

// ftpCertificate is one for 127.0.0.1 that nobody has signed.
var ftpCertificate = sync.OnceValues(func() (certificate, key string) {
	private := must2(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der := must2(x509.CreateCertificate(rand.Reader, template, template, private.Public(), private))
	keyDER := must2(x509.MarshalPKCS8PrivateKey(private))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
})

var vsftpd = map[string]*server{"explicit": {}, "implicit": {}, "none": {}}

// startFTP gives a new folder on a vsftpd with this kind of TLS, and where it is on
// this machine. Its anonymous users need a password from a list, which takes no
// account.
func startFTP(t testing.TB, kind string) (options map[string]string, root string) {
	t.Helper()
	program := hosttest.Program(t, "vsftpd")
	s := vsftpd[kind]
	s.start(t, func(dir string, port int) []string {
		must(os.Chmod(dir, 0o755))
		must(os.Mkdir(filepath.Join(dir, "site"), 0o755))
		certificate, key := ftpCertificate()
		tls := map[string]string{"none": "", "explicit": "implicit_ssl=NO\n", "implicit": "implicit_ssl=YES\n"}[kind]
		if tls != "" {
			tls += fmt.Sprintf(`ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=YES
ssl_ciphers=HIGH
rsa_cert_file=%s
rsa_private_key_file=%s
`, write(dir, "cert.pem", certificate), write(dir, "key.pem", key))
		}
		config := fmt.Sprintf(`listen=YES
listen_address=127.0.0.1
listen_port=%d
max_per_ip=0
background=NO
run_as_launching_user=YES
ftp_username=%s
anonymous_enable=YES
local_enable=NO
secure_email_list_enable=YES
email_password_file=%s
anon_root=%s
allow_writeable_chroot=YES
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
seccomp_sandbox=NO
xferlog_enable=NO
%s`, port, must2(user.Current()).Username, write(dir, "passwords", ftpPassword+"\n"), filepath.Join(dir, "site"), tls)
		return []string{program, write(dir, "vsftpd.conf", config)}
	})
	certificate, _ := ftpCertificate()
	options, root = newFTPFolder(t, s, filepath.Join(s.dir, "site"))
	options["tls"] = kind
	if kind != "none" {
		options["ca"] = write(t.TempDir(), "ca.pem", certificate)
	}
	return options, root
}

// newFTPFolder is a folder that is not there yet.
func newFTPFolder(t testing.TB, s *server, home string) (options map[string]string, root string) {
	name := filepath.Join("deep", fmt.Sprintf("site %x 网站", must2(rand.Int(rand.Reader, big.NewInt(1<<60)))))
	t.Cleanup(func() { os.RemoveAll(filepath.Join(home, name)) })
	return map[string]string{"host": "127.0.0.1", "port": strconv.Itoa(s.port), "user": "anonymous", "password": ftpPassword,
		"path": name, "tls": "none"}, filepath.Join(home, name)
}

var pyFTP server

// startPyFTP is the same for a server that knows the commands of RFC 3659.
func startPyFTP(t testing.TB) (options map[string]string, root string) {
	t.Helper()
	python := "/usr/bin/python3" // where the packages of Debian are
	if exec.Command(python, "-c", "import pyftpdlib").Run() != nil {
		hosttest.Program(t, "python3-pyftpdlib") // says that it is missing
	}
	pyFTP.start(t, func(dir string, port int) []string {
		must(os.Mkdir(filepath.Join(dir, "site"), 0o755))
		return []string{python, write(dir, "serve.py", fmt.Sprintf(`
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
users = DummyAuthorizer()
users.add_user("anonymous", %q, %q, perm="elradfmwMT")
FTPHandler.authorizer = users
FTPHandler.auth_failed_timeout = 0
FTPServer(("127.0.0.1", %d), FTPHandler).serve_forever()
`, ftpPassword, filepath.Join(dir, "site"), port))}
	})
	return newFTPFolder(t, &pyFTP, filepath.Join(pyFTP.dir, "site"))
}

func TestFTPLogin(t *testing.T) {
	options, _ := startFTP(t, "explicit")
	plain, _ := startFTP(t, "none")
	implicit, _ := startFTP(t, "implicit")
	for name, c := range map[string]struct {
		options map[string]string
		says    string
	}{
		"a wrong password":            {with(options, "password", "falsch-1929"), "does not let user anonymous in (530)"},
		"a server without TLS":        {with(plain, "tls", "explicit"), `set tls = "none"`},
		"explicit taken for implicit": {with(options, "tls", "implicit"), `set tls = "explicit"`},
		"an unknown authority":        {with(options, "ca", ""), "certificate is not trusted"},
		"one for implicit TLS":        {with(implicit, "ca", ""), "certificate is not trusted"},
		"another name":                {with(options, "host", "localhost"), "certificate is not trusted"},
	} {
		t.Run(name, func(t *testing.T) {
			h := edit(t, "ftp", c.options)
			defer h.Close()
			wantsFinal(t, h.PutText(t.Context(), "page.html", "page"), c.options, c.says)
		})
	}
	for says, o := range map[string]map[string]string{
		"port: ":                      with(options, "port", "0"),
		"ca: ":                        with(options, "ca", "/nowhere/ca.pem"),
		"ca: there is no certificate": with(options, "ca", write(t.TempDir(), "ca.pem", "none")),
		"is no number of connections": with(options, "connections", "0"),
	} {
		_, err := Open(t.Context(), "ftp", Values{Options: o})
		wantsFinal(t, err, o, says)
	}
}

func TestFTPUnreachable(t *testing.T) {
	for _, kind := range []string{"explicit", "implicit", "none"} {
		unreachable(t, "ftp", map[string]string{"host": "127.0.0.1", "user": "x", "password": ftpPassword, "tls": kind})
	}
	options := map[string]string{"host": "127.0.0.1", "port": silentServer(t), "user": "x", "password": ftpPassword, "tls": "none"}
	h := open(t, "ftp", options).(ftpHost)
	defer h.Close()
	h.disk.(*ftpDisk).silence = 50 * time.Millisecond
	if _, err := h.List(t.Context(), "."); err == nil || publish.IsFinal(err) || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("a silent server: %v", err)
	}
}

// TestFTPSilent has a server fall silent: people hear of it, it is given up soon, and
// then nothing waits for it any more.
func TestFTPSilent(t *testing.T) {
	options := map[string]string{"host": "127.0.0.1", "port": silentServer(t), "user": "x", "password": ftpPassword, "tls": "none"}
	h := open(t, "ftp", options).(ftpHost)
	disk := h.disk.(*ftpDisk)
	if all := disk.dead; all >= time.Minute || disk.notice >= all/2 || disk.silence >= all {
		t.Errorf("a word after %v, another try after %v, given up after %v", disk.notice, disk.silence, all)
	}
	disk.notice, disk.silence, disk.dead = 50*time.Millisecond, 150*time.Millisecond, 400*time.Millisecond
	var said []plan.Text
	var mu sync.Mutex
	_, err := publish.Publish(t.Context(), h, publish.Tree{FS: fstest.MapFS{"index.html": {Data: []byte("page")}}}, publish.Options{
		Backoff: time.Millisecond, Tries: 1000, // it is not their number that ends it
		Notice: func(text plan.Text) { mu.Lock(); said = append(said, text); mu.Unlock() },
	})
	if !publish.IsFinal(err) || publish.ReasonOf(err) != publish.Silent {
		t.Errorf("a silent server: %v", err)
	}
	if d := publish.Detail(err); !strings.HasPrefix(d.ZH, "服务器已 ") || !strings.HasPrefix(d.EN, "the server has been silent for ") {
		t.Errorf("a silent server: %+v", d)
	}
	if len(said) != 1 || !strings.Contains(said[0].ZH, "没有回应") || !strings.Contains(said[0].EN, "silent") {
		t.Errorf("meanwhile people heard %q", said)
	}
	if _, err := h.Stat(t.Context(), "index.html"); !publish.IsFinal(err) {
		t.Errorf("after it was given up: %v", err)
	}
	h.Close()
}

// TestFTPSlow has a server that answers late, and later than another connection is
// given up, while others get their answers: that is no silence.
func TestFTPSlow(t *testing.T) {
	options, _ := startFTP(t, "none")
	options = with(options, "port", newFTPLine(t, options["port"], func(command string, forward func(string) string) string {
		if strings.HasPrefix(command, "SIZE") {
			time.Sleep(100 * time.Millisecond)
		}
		return ""
	}))
	h := open(t, "ftp", options).(ftpHost)
	defer h.Close()
	h.disk.(*ftpDisk).notice, h.disk.(*ftpDisk).silence, h.disk.(*ftpDisk).dead = 30*time.Millisecond, 10*time.Second, 20*time.Second
	heard := 0
	_, err := publish.Publish(t.Context(), h, publish.Tree{FS: fstest.MapFS{"index.html": {Data: []byte("page")}}}, publish.Options{
		Notice: func(plan.Text) { heard++ }})
	if err != nil || heard == 0 {
		t.Errorf("%v, %d words", err, heard)
	}
}

// TestFTPClosedFirst has the server close the socket of a download before the client
// does, as proftpd does when the machine is busy: how sockets close says nothing.
func TestFTPClosedFirst(t *testing.T) {
	certificate, key := ftpCertificate()
	pair := must2(tls.X509KeyPair([]byte(certificate), []byte(key)))
	l := must2(tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}}))
	t.Cleanup(func() { l.Close() })
	closed := make(chan struct{})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "page")
			c.Close()
			closed <- struct{}{}
		}
	}()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(certificate))
	patience := &patience{notice: time.Minute, silence: time.Minute, dead: time.Minute}
	for range 50 {
		socket := patientConn{Conn: must2(net.Dial("tcp", l.Addr().String())), patience: patience, data: true}
		c := &ftpData{Conn: tls.Client(socket, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}), socket: socket}
		data, err := io.ReadAll(c)
		<-closed
		if string(data) != "page" || err != nil {
			t.Fatalf("%q, %v", data, err)
		}
		if err := c.Close(); err != nil {
			t.Fatalf("a download that is whole: %v", err)
		}
	}
}

// TestFTPResume counts what a publish costs that carries on after a kill in its
// middle: no more than the whole, and no login for each file.
func TestFTPResume(t *testing.T) {
	for name, start := range map[string]func(testing.TB) (map[string]string, string){
		"vsftpd": func(t testing.TB) (map[string]string, string) { return startFTP(t, "none") }, "pyftpdlib": startPyFTP,
	} {
		t.Run(name, func(t *testing.T) {
			options, _ := start(t)
			var commands, logins atomic.Int64
			options = with(options, "port", newFTPLine(t, options["port"], func(command string, _ func(string) string) string {
				commands.Add(1)
				if strings.HasPrefix(command, "USER") {
					logins.Add(1)
				}
				return ""
			}))
			tree := func(version, size int) publish.Tree {
				files := fstest.MapFS{}
				for i := range 60 {
					files[fmt.Sprintf("zh/m/s%d-1/index.html", i)] = &fstest.MapFile{Data: []byte(strings.Repeat(fmt.Sprintf("%d %d\n", version, i), size))}
				}
				return publish.Tree{FS: files}
			}
			run := func(ctx context.Context, tree publish.Tree) (int64, int64, error) {
				commands.Store(0)
				logins.Store(0)
				h := edit(t, "ftp", options)
				defer h.Close()
				_, err := publish.Publish(ctx, h.Host, tree, publish.Options{Keep: 9, Backoff: time.Millisecond}) // nothing old goes meanwhile
				return commands.Load(), logins.Load(), err
			}
			// The old pages are larger than what the server sends before anybody reads.
			if _, _, err := run(t.Context(), tree(1, 200_000)); err != nil {
				t.Fatal(err)
			}
			whole, first, err := run(t.Context(), tree(2, 100_000))
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := run(t.Context(), tree(1, 200_000)); err != nil {
				t.Fatal(err)
			}
			puts := 0
			var mu sync.Mutex
			killed := publish.WithSteps(t.Context(), func(op, on string) error {
				mu.Lock()
				defer mu.Unlock()
				if op == "write" && strings.HasPrefix(on, "zh/") {
					if puts++; puts > 30 {
						return publish.Final(errors.New("killed"))
					}
				}
				return nil
			})
			if _, _, err := run(killed, tree(2, 100_000)); err == nil {
				t.Fatal("it was not killed")
			}
			resumed, again, err := run(t.Context(), tree(2, 100_000))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("the whole takes %d commands and %d logins, half of it %d and %d", whole, first, resumed, again)
			if resumed > whole || again > 8 {
				t.Errorf("a resume takes %d commands and %d logins, the whole %d", resumed, again, whole)
			}
		})
	}
}

// newFTPLine stands between client and server on the control connection and may
// answer a command itself, or else gives "". The data connections go past it.
func newFTPLine(t *testing.T, port string, answers func(command string, forward func(string) string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	serve := func(client net.Conn) {
		defer client.Close()
		server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			return
		}
		defer server.Close()
		from := bufio.NewReader(server)
		reply := func() string { // all lines of one
			var all string
			for {
				line, err := from.ReadString('\n')
				all += line
				if err != nil || len(line) > 3 && line[3] == ' ' && line[0] >= '1' && line[0] <= '5' {
					return all
				}
			}
		}
		forward := func(command string) string {
			fmt.Fprintf(server, "%s\r\n", command)
			return reply()
		}
		fmt.Fprint(client, reply())
		for lines := bufio.NewScanner(client); lines.Scan(); {
			answer := answers(lines.Text(), forward)
			if answer == "" {
				answer = forward(lines.Text())
			}
			fmt.Fprint(client, answer)
			if strings.HasPrefix(answer, "1") { // a transfer, which has a second reply
				fmt.Fprint(client, reply())
			}
			if strings.HasPrefix(answer, "421") {
				return
			}
		}
	}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go serve(client)
		}
	}()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// TestFTPRename has a server that does not rename over a file, as IIS does not.
func TestFTPRename(t *testing.T) {
	for name, start := range map[string]func(testing.TB) (map[string]string, string){
		"vsftpd":    func(t testing.TB) (map[string]string, string) { return startFTP(t, "none") },
		"pyftpdlib": startPyFTP,
	} {
		t.Run(name, func(t *testing.T) {
			options, root := start(t)
			var refused atomic.Int32
			options = with(options, "port", newFTPLine(t, options["port"], func(command string, forward func(string) string) string {
				if to, ok := strings.CutPrefix(command, "RNTO "); ok && strings.HasPrefix(forward("SIZE "+to), "213") {
					refused.Add(1)
					return "550 File already exists.\r\n"
				}
				return ""
			}))
			h := edit(t, "ftp", options)
			defer h.Close()
			for _, text := range []string{"one", "two", "three"} {
				if err := h.PutText(t.Context(), "zh/页 1.html", text); err != nil {
					t.Fatal(err)
				}
				if got, err := os.ReadFile(filepath.Join(root, "zh/页 1.html")); err != nil || string(got) != text {
					t.Errorf("a reader gets %q, %v; want %q", got, err, text)
				}
			}
			if n := refused.Load(); n != 2 {
				t.Errorf("the server refused %d times, want 2", n)
			}
			// Not even then is an old file removed for a new one that is not whole.
			f, _ := bytesFile("zh/页 1.html", []byte("four"))
			_, short := bytesFile("", []byte("fo"))
			if err := h.Put(t.Context(), f, short); err == nil {
				t.Error("a body that is too short is put")
			}
			if got, err := os.ReadFile(filepath.Join(root, "zh/页 1.html")); err != nil || string(got) != "three" {
				t.Errorf("a reader gets %q, %v", got, err)
			}
		})
	}
}

// TestFTPAnswers has servers that answer as some do.
func TestFTPAnswers(t *testing.T) {
	options, root := startFTP(t, "none")
	var current atomic.Pointer[map[string]string]
	answer := func(answers map[string]string) { current.Store(&answers) }
	answer(nil)
	options = with(options, "port", newFTPLine(t, options["port"], func(command string, _ func(string) string) string {
		for prefix, answer := range *current.Load() {
			if strings.HasPrefix(command, prefix) {
				return answer + "\r\n"
			}
		}
		return ""
	}))
	for name, c := range map[string]struct {
		answers map[string]string
		final   bool
		says    string
	}{
		"too many users":           {map[string]string{"USER": "421 There are too many connections."}, false, "too many connections"},
		"what was sent comes back": {map[string]string{"PASS": "530 " + ftpPassword + " is wrong."}, true, "(530)"},
		"no room":                  {map[string]string{"STOR": "452 Insufficient storage space."}, false, "452"},
		"no more quota":            {map[string]string{"STOR": "552 Quota exceeded."}, true, "552"},
		"a size that is wrong":     {map[string]string{"SIZE": "213 3"}, false, "the server holds 3 bytes of 4"},
	} {
		t.Run(name, func(t *testing.T) {
			answer(c.answers)
			h := edit(t, "ftp", options)
			defer h.Close()
			err := h.PutText(t.Context(), "page.html", "page")
			if err == nil || publish.IsFinal(err) != c.final || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Put: %v; want one that says %q, final: %v", err, c.says, c.final)
			} else {
				noSecrets(t, err, options)
			}
			answer(nil)
			if err := h.PutText(t.Context(), "page.html", "page"); err != nil && !c.final {
				t.Errorf("the next Put: %v", err)
			}
			if left, err := os.ReadDir(root); err == nil && len(left) > 1 {
				t.Errorf("more is left than the one file: %v", left)
			}
		})
	}
	t.Run("no SIZE", func(t *testing.T) {
		answer(map[string]string{"SIZE": "502 Not implemented."})
		h := edit(t, "ftp", options)
		defer h.Close()
		if err := h.PutText(t.Context(), "zh/a b.html", "page"); err != nil {
			t.Fatal(err)
		}
		if st, err := h.Stat(t.Context(), "zh/a b.html"); err != nil || st.Size != 4 {
			t.Errorf("Stat: %+v, %v", st, err)
		}
		if _, err := h.Stat(t.Context(), "zh/none.html"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Stat of nothing: %v", err)
		}
	})
	t.Run("a file that may not be read", func(t *testing.T) {
		answer(nil)
		h := edit(t, "ftp", options)
		defer h.Close()
		if err := h.PutText(t.Context(), "page.html", "page"); err != nil {
			t.Fatal(err)
		}
		answer(map[string]string{"RETR": "550 Failed to open file."})
		_, err := h.Get(t.Context(), "page.html")
		if errors.Is(err, fs.ErrNotExist) {
			t.Error("it counts as not there")
		}
		wantsFinal(t, err, options, "permission denied")
	})
}

// TestFTPIdle has the server close connections that lie idle.
func TestFTPIdle(t *testing.T) {
	options, _ := startFTP(t, "explicit")
	line := newTap(t, options["port"])
	h := open(t, "ftp", with(options, "port", line.port)).(ftpHost)
	defer h.Close()
	disk := h.disk.(*ftpDisk)
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			if err := hosttest.NewEdit(h).PutText(t.Context(), fmt.Sprintf("%d.html", i), "page"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(disk.idle) == 0 {
		t.Fatal("no connection is kept")
	}
	line.repair()
	for _, link := range disk.idle {
		link.used = time.Now().Add(-time.Hour)
	}
	if err := hosttest.NewEdit(h).PutText(t.Context(), "page.html", "page"); err != nil {
		t.Errorf("after a long pause: %v", err)
	}
}

// TestFTPLost has the control connection break and freeze. (The tap does not see
// data connections.)
func TestFTPLost(t *testing.T) {
	options, root := startFTP(t, "explicit")
	line := newTap(t, options["port"])
	h := edit(t, "ftp", with(options, "port", line.port))
	defer h.Close()
	if err := h.PutText(t.Context(), "page.html", "old"); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"cut", "freeze"} {
		for n := 0; n < 4000; n += 200 {
			if err := again(func() error { return h.PutText(t.Context(), "page.html", "old") }); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			hit, ended := line.after(true, n, what), make(chan error)
			go func() { ended <- h.PutText(ctx, "page.html", "new") }()
			var err error
			select {
			case err = <-ended:
			case <-hit:
				if what == "freeze" {
					cancel()
				}
				err = <-ended
				if what == "freeze" && err != nil && !errors.Is(err, context.Canceled) || publish.IsFinal(err) {
					t.Errorf("%s after %d bytes: %v", what, n, err)
				}
			}
			cancel()
			if got, readErr := os.ReadFile(filepath.Join(root, "page.html")); readErr != nil || string(got) != "old" && string(got) != "new" {
				t.Errorf("%s after %d bytes (%v): a reader gets %q, %v", what, n, err, got, readErr)
			}
			line.repair()
		}
	}
	if err := again(func() error { return h.PutText(t.Context(), "page.html", "last") }); err != nil {
		t.Error(err)
	}
	if names, err := h.List(t.Context(), "."); err != nil || len(names) != 1 {
		t.Errorf("leftovers show: %q, %v", names, err)
	}
}
