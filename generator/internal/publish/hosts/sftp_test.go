package hosts

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestSFTP(t *testing.T)     { hosttest.Contract(t, sftpBench) }
func TestSFTPFlat(t *testing.T) { hosttest.Contract(t, sftpFlatBench) }

var (
	sftpBench     = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return sftpPlace(t, "releases", "current") }}
	sftpFlatBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return sftpPlace(t, "flat", ".") }}
)

func sftpPlace(t testing.TB, layout, root string) hosttest.Place {
	options := startSSH(t)
	options["layout"] = layout
	return hosttest.Place{Kind: "sftp", Options: options, Disk: options["path"],
		Open: func(t testing.TB) publish.Host { return open(t, "sftp", options) },
		Read: func(name string) ([]byte, publish.Header, error) {
			data, err := os.ReadFile(filepath.Join(options["path"], root, filepath.FromSlash(name)))
			return data, nil, err
		},
	}
}

// sshKeys are made once: that takes longer than all else.
var sshKeys = sync.OnceValue(func() (keys struct{ ed25519, ecdsa, rsa, user ssh.Signer }) {
	_, one, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	two, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	three, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	_, four, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	keys.ed25519, keys.ecdsa, keys.rsa, keys.user = signer{one}.ssh(), signer{two}.ssh(), signer{three}.ssh(), signer{four}.ssh()
	return keys
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// A signer is a private key that can still be written down.
type signer struct{ crypto.PrivateKey }

type sshSigner struct {
	ssh.Signer
	private crypto.PrivateKey
}

func (s signer) ssh() ssh.Signer {
	key, err := ssh.NewSignerFromKey(s.PrivateKey)
	must(err)
	return sshSigner{key, s.PrivateKey}
}

// keyText is what stands in a file with the private key.
func keyText(key ssh.Signer, passphrase string) string {
	block, err := ssh.MarshalPrivateKey(key.(sshSigner).private, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key.(sshSigner).private, "", []byte(passphrase))
	}
	must(err)
	return string(pem.EncodeToMemory(block))
}

func publicText(key ssh.Signer) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
}

// A server runs as long as the test binary, however that ends.
type server struct {
	once sync.Once
	dir  string // its own, removed at the end
	port int
	hold io.Closer // the end of the pipe: collected as garbage it would be closed
	err  error
}

// start starts the server once. command says how, and may put files into dir.
func (s *server) start(t testing.TB, command func(dir string, port int) []string) {
	t.Helper()
	s.once.Do(func() {
		if s.dir, s.err = os.MkdirTemp("", "minxi-server-*"); s.err != nil {
			return
		}
		s.port = hosttest.Port(t)
		// The shell waits for the end of its input, whose other end this process
		// holds and nobody else, and not for a signal to all of the terminal's.
		cmd := exec.Command("/bin/sh", append([]string{"-c",
			`trap "" HUP INT QUIT TERM; dir=$1; shift; "$@" >"$dir/log" 2>&1 </dev/null & read end; kill -9 $!; rm -rf "$dir"`, "sh", s.dir}, command(s.dir, s.port)...)...)
		if s.hold, s.err = cmd.StdinPipe(); s.err != nil {
			return
		}
		if s.err = cmd.Start(); s.err != nil {
			return
		}
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			c, err := net.Dial("tcp", address)
			if err == nil {
				c.Close()
				return
			}
			if time.Now().After(deadline) {
				said, _ := os.ReadFile(filepath.Join(s.dir, "log"))
				s.err = fmt.Errorf("no server at %s: %w; it said %s", address, err, said)
				return
			}
		}
	})
	if s.err != nil {
		t.Fatal(s.err)
	}
}

// write puts a file into a server's folder.
func write(dir, name, text string) string {
	file := filepath.Join(dir, name)
	must(os.WriteFile(file, []byte(text), 0o600))
	return file
}

var openSSH server

// startSSH gives a folder that is not there yet on an OpenSSH with three host keys,
// of which the options know the first.
func startSSH(t testing.TB) map[string]string {
	t.Helper()
	sshd := hosttest.Program(t, "sshd")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	keys := sshKeys()
	openSSH.start(t, func(dir string, port int) []string {
		if me.Uid == "0" {
			// As root it does not start without, and only a system manager makes it.
			must(os.MkdirAll("/run/sshd", 0o755))
		}
		config := fmt.Sprintf(`
ListenAddress 127.0.0.1:%d
HostKey %s
HostKey %s
HostKey %s
AuthorizedKeysFile %s
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
MaxStartups 100
Subsystem sftp internal-sftp
`, port, write(dir, "ed25519", keyText(keys.ed25519, "")), write(dir, "ecdsa", keyText(keys.ecdsa, "")),
			write(dir, "rsa", keyText(keys.rsa, "")), write(dir, "authorized_keys", publicText(keys.user)+"\n"))
		return []string{sshd, "-D", "-e", "-f", write(dir, "sshd_config", config)}
	})
	return map[string]string{
		"host": "127.0.0.1", "port": strconv.Itoa(openSSH.port), "user": me.Username, "path": filepath.Join(t.TempDir(), "deep", "site"),
		"key": keyText(keys.user, ""), "host_key": publicText(keys.ed25519),
	}
}

// with gives options with others in their place; an empty value takes one away.
func with(options map[string]string, others ...string) map[string]string {
	all := map[string]string{}
	for name, value := range options {
		all[name] = value
	}
	for i := 0; i < len(others); i += 2 {
		all[others[i]] = others[i+1]
		if others[i+1] == "" {
			delete(all, others[i])
		}
	}
	return all
}

// wantsFinal wants an error that says these things and none of the secrets.
func wantsFinal(t testing.TB, err error, options map[string]string, says ...string) {
	t.Helper()
	if err == nil || !publish.IsFinal(err) {
		t.Errorf("error %v; want a final one", err)
		return
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", err, s)
		}
	}
	noSecrets(t, err, options)
}

func noSecrets(t testing.TB, err error, options map[string]string) {
	t.Helper()
	for _, name := range []string{"password", "key", "passphrase"} {
		if secret := options[name]; secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("error %q holds the %s", err, name)
		}
	}
}

func bytesFile(name string, data []byte) (publish.File, publish.Body) {
	sum := sha256.Sum256(data)
	return publish.File{Path: name, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])},
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

func TestSFTPHostKey(t *testing.T) {
	keys := sshKeys()
	handlers := sftp.InMemHandler()
	options := weakSSH(t, func(c *ssh.ServerConfig) {
		c.NoClientAuth = true
		c.AddHostKey(keys.rsa.(sshSigner).Signer)
		c.AddHostKey(keys.ecdsa)
	}, func(c io.ReadWriteCloser) error { return sftp.NewRequestServer(c, handlers).Serve() })
	address := net.JoinHostPort(options["host"], options["port"])
	stranger := signer{must2(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}.ssh()
	file := func(lines ...string) string {
		name := filepath.Join(t.TempDir(), "known_hosts")
		if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	line := func(key ssh.Signer) string { return knownhosts.Line([]string{address}, key.PublicKey()) }
	hashed := func(key ssh.Signer) string {
		return knownhosts.HashHostname(knownhosts.Normalize(address)) + " " + publicText(key)
	}
	print := func(key ssh.Signer) string { return ssh.FingerprintSHA256(key.PublicKey()) }
	for name, o := range map[string]map[string]string{
		"a public key":                  with(options, "host_key", publicText(keys.ed25519)+" root@server"),
		"the third public key":          with(options, "host_key", publicText(keys.rsa)),
		"a fingerprint":                 with(options, "host_key", print(keys.ecdsa)),
		"a line of ssh-keygen -l":       with(options, "host_key", "256 "+print(keys.ecdsa)+" no comment (ECDSA)"),
		"a line of ssh-keyscan":         with(options, "host_key", "# the server\n\n"+line(keys.rsa)),
		"one of two":                    with(options, "host_key", print(stranger)+"\n"+print(keys.rsa)),
		"known_hosts":                   with(options, "host_key", "", "known_hosts", file(line(keys.ed25519))),
		"known_hosts with another kind": with(options, "host_key", "", "known_hosts", file(line(keys.rsa))),
		"known_hosts with hashed names": with(options, "host_key", "", "known_hosts", file(hashed(keys.ecdsa))),
	} {
		h := edit(t, "sftp", o)
		if err := h.PutText(t.Context(), "page.html", name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		h.Close()
	}
	const other, unknown, revoked = "is not the one expected", "is not known", "is revoked"
	for name, c := range map[string]struct {
		options map[string]string
		says    string
	}{
		"another public key":        {with(options, "host_key", publicText(stranger)), other},
		"another fingerprint":       {with(options, "host_key", print(stranger)), other},
		"another known host":        {with(options, "host_key", "", "known_hosts", file(line(stranger))), other},
		"no known_hosts":            {with(options, "host_key", "", "known_hosts", filepath.Join(t.TempDir(), "none")), unknown},
		"known_hosts of other ones": {with(options, "host_key", "", "known_hosts", file(knownhosts.Line([]string{"other.example"}, keys.ed25519.PublicKey()))), unknown},
		"a revoked key":             {with(options, "host_key", "", "known_hosts", file("@revoked * "+publicText(keys.ed25519))), revoked},
	} {
		h := edit(t, "sftp", c.options)
		err := h.PutText(t.Context(), "page.html", "secret plans")
		wantsFinal(t, err, c.options, c.says, "set host_key", print(keys.ed25519))
		if err == nil {
			t.Errorf("%s is trusted", name)
		}
		h.Close()
	}
	h := edit(t, "sftp", options)
	defer h.Close()
	if got, err := h.Text("page.html"); err != nil || got == "secret plans" {
		t.Errorf("a server that is not trusted got %q, %v", got, err)
	}

	// The same with OpenSSH, whose keys are asked for in the order of hostKeyKinds.
	options = with(startSSH(t), "layout", "flat", "host_key", print(keys.rsa))
	last := edit(t, "sftp", options)
	defer last.Close()
	if err := last.PutText(t.Context(), "page.html", "page"); err != nil {
		t.Error(err)
	}
	options["host_key"] = print(stranger)
	wrong := edit(t, "sftp", options)
	defer wrong.Close()
	wantsFinal(t, wrong.PutText(t.Context(), "page.html", "page"), options, other, print(keys.ed25519), print(keys.ecdsa), print(keys.rsa))

	_, err := Open(t.Context(), "sftp", Values{Options: with(options, "host_key", "SHA265:abc")})
	wantsFinal(t, err, options, "host_key: line 1")
}

func must2[T any](v T, err error) T {
	must(err)
	return v
}

func TestSFTPLogin(t *testing.T) {
	options := with(startSSH(t), "layout", "flat")
	encrypted := keyText(sshKeys().user, "open sesame")
	h := edit(t, "sftp", with(options, "key", encrypted, "passphrase", "open sesame"))
	if err := h.PutText(t.Context(), "page.html", "page"); err != nil {
		t.Error(err)
	}
	h.Close()

	for name, o := range map[string]map[string]string{
		"another key":  with(options, "key", keyText(sshKeys().rsa, "")),
		"a password":   with(options, "key", "", "password", "open sesame"),
		"another user": with(options, "user", "nobody-of-that-name"),
	} {
		h := edit(t, "sftp", o)
		_, err := h.Stat(t.Context(), "page.html")
		wantsFinal(t, err, o, "does not let user "+o["user"]+" in")
		if err == nil {
			t.Errorf("%s opens", name)
		}
		h.Close()
	}
	for says, o := range map[string]map[string]string{
		"passphrase: the key is encrypted": with(options, "key", encrypted),
		"key: this is no private key":      with(options, "key", encrypted, "passphrase", "open salami"),
		"that can be read":                 with(options, "key", "my dear diary"),
		"neither a key nor a password":     with(options, "key", ""),
		"port: ":                           with(options, "port", "ssh"),
	} {
		_, err := Open(t.Context(), "sftp", Values{Options: o})
		wantsFinal(t, err, o, says)
	}
}

// A weakSSH is a server that this process runs itself, for what OpenSSH cannot
// show: passwords without an account, and a server without OpenSSH's extensions.
func weakSSH(t *testing.T, configure func(*ssh.ServerConfig), serve func(io.ReadWriteCloser) error) map[string]string {
	t.Helper()
	config := &ssh.ServerConfig{}
	configure(config)
	config.AddHostKey(sshKeys().ed25519)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, channels, requests, err := ssh.NewServerConn(conn, config)
				if err != nil {
					return
				}
				go ssh.DiscardRequests(requests)
				for c := range channels {
					channel, requests, err := c.Accept()
					if err != nil {
						return
					}
					go func() {
						for r := range requests {
							_ = r.Reply(r.Type == "subsystem" && serve != nil, nil)
						}
					}()
					if serve != nil {
						go func() {
							_ = serve(channel)
							channel.Close()
						}()
					}
				}
			}()
		}
	}()
	return map[string]string{"host": "127.0.0.1", "port": strconv.Itoa(l.Addr().(*net.TCPAddr).Port), "user": "editor",
		"password": "龙岩 1929", "path": "/site", "layout": "flat", "host_key": publicText(sshKeys().ed25519)}
}

func TestSFTPPassword(t *testing.T) {
	plain := func(c *ssh.ServerConfig) {
		c.PasswordCallback = func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if string(password) != "龙岩 1929" {
				return nil, errors.New("no")
			}
			return nil, nil
		}
	}
	question := func(c *ssh.ServerConfig) {
		c.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || answers[0] != "龙岩 1929" {
				return nil, errors.New("no")
			}
			return nil, nil
		}
	}
	handlers := sftp.InMemHandler()
	serve := func(c io.ReadWriteCloser) error { return sftp.NewRequestServer(c, handlers).Serve() }
	for name, configure := range map[string]func(*ssh.ServerConfig){"plain": plain, "question": question} {
		options := weakSSH(t, configure, serve)
		h := edit(t, "sftp", options)
		if err := h.PutText(t.Context(), name, "page"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		h.Close()
		options["password"] = "三明 1929"
		h = edit(t, "sftp", options)
		wantsFinal(t, h.PutText(t.Context(), name, "page"), options, "does not let user editor in")
		h.Close()
	}
	options := weakSSH(t, plain, nil)
	h := edit(t, "sftp", options)
	defer h.Close()
	wantsFinal(t, h.PutText(t.Context(), "page.html", "page"), options, "offers no SFTP")
}

// TestSFTPWeakServer shows a server that can neither make hard links nor rename
// over a file.
func TestSFTPWeakServer(t *testing.T) {
	must(sftp.SetSFTPExtensions())
	t.Cleanup(func() {
		must(sftp.SetSFTPExtensions("hardlink@openssh.com", "posix-rename@openssh.com", "statvfs@openssh.com"))
	})
	handlers := sftp.InMemHandler()
	options := weakSSH(t, func(c *ssh.ServerConfig) { c.NoClientAuth = true },
		func(c io.ReadWriteCloser) error { return sftp.NewRequestServer(c, handlers).Serve() })
	h := edit(t, "sftp", with(options, "layout", "releases"))
	wantsFinal(t, h.PutText(t.Context(), "page.html", "page"), options, "posix-rename@openssh.com", `set layout = "flat"`)
	h.Close()

	h = edit(t, "sftp", options)
	defer h.Close()
	for _, text := range []string{"one", "two", "three"} {
		if err := h.PutText(t.Context(), "zh/page.html", text); err != nil {
			t.Fatal(err)
		}
		if got, err := h.Text("zh/page.html"); err != nil || got != text {
			t.Errorf("Get: %q, %v; want %q", got, err, text)
		}
	}
	f, _ := bytesFile("zh/copy.html", []byte("three"))
	if err := h.Copy(t.Context(), "zh/page.html", f); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Copy: %v; want errors.ErrUnsupported", err)
	}
	if names, err := h.List(t.Context(), "zh"); err != nil || len(names) != 1 {
		t.Errorf("List: %v, %v", names, err)
	}
}

// TestSFTPReleasesLock shows that a second publisher is kept out, also after the
// first has switched, and that the lock is not in the way of the site.
func TestSFTPReleasesLock(t *testing.T) { keptOut(t, sftpBench) }

func TestFolderLock(t *testing.T) { keptOut(t, folderBench) }

func keptOut(t *testing.T, bench hosttest.Bench) {
	p := bench.Fresh(t)
	one, two := editOf(t, p), editOf(t, p)
	defer one.Close()
	defer two.Close()
	_, unlock, err := one.Lock(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"before a release", "after one", "after two", "after three"} {
		var busy *publish.BusyError
		if _, _, err := two.Lock(t.Context(), "two"); !errors.As(err, &busy) {
			t.Fatalf("%s a second publisher gets the lock: %v", when, err)
		}
		if err := errors.Join(one.PutText(t.Context(), "page.html", when), one.Settle(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	_, unlock, err = two.Lock(t.Context(), "two")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := two.Text("page.html"); err != nil || got != "after three" {
		t.Errorf("the next publisher sees %q, %v", got, err)
	}
	if err := errors.Join(two.PutText(t.Context(), "page.html", "two"), two.Settle(t.Context()), unlock()); err != nil {
		t.Fatal(err)
	}
	if data, _, err := p.Read("page.html"); err != nil || string(data) != "two" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
}

// treeBenches are the hosts that keep a site in a tree.
var treeBenches = map[string]hosttest.Bench{"folder": folderBench, "sftp": sftpBench, "flat sftp": sftpFlatBench}

// TestLeftoverLink kills a Copy between its two steps. The name that is left is a
// second name of a live file: nothing may be written through it.
func TestLeftoverLink(t *testing.T) {
	for name, bench := range treeBenches {
		t.Run(name, func(t *testing.T) {
			p := bench.Fresh(t)
			h := editOf(t, p)
			defer h.Close()
			if err := h.PutText(t.Context(), "a.html", "the live page"); err != nil {
				t.Fatal(err)
			}
			killed := errors.New("killed")
			ctx := publish.WithSteps(t.Context(), func(op, _ string) error {
				if op == "rename" {
					return killed
				}
				return nil
			})
			to, _ := bytesFile("b.html", []byte("the live page"))
			for range 2 {
				if err := cmp.Or(h.Copy(ctx, "a.html", to), h.Settle(ctx)); !errors.Is(err, killed) {
					t.Fatalf("Copy: %v", err)
				}
				if err := h.PutText(t.Context(), "b.html", "new"); err != nil {
					t.Fatal(err)
				}
				if data, _, err := p.Read("a.html"); err != nil || string(data) != "the live page" {
					t.Errorf("a reader of the other file gets %q, %v", data, err)
				}
			}
			if err := cmp.Or(h.Copy(ctx, "a.html", to), h.Settle(ctx)); !errors.Is(err, killed) {
				t.Fatalf("Copy: %v", err)
			}
			if err := cmp.Or(h.Copy(t.Context(), "a.html", to), h.Settle(t.Context())); err != nil {
				t.Fatalf("Copy over what is left of one: %v", err)
			}
			if data, _, err := p.Read("b.html"); err != nil || string(data) != "the live page" {
				t.Errorf("a reader gets %q, %v", data, err)
			}
			if names, err := h.List(t.Context(), "."); err != nil || len(names) != 2 {
				t.Errorf("List: %v, %v", names, err)
			}
		})
	}
}

// TestFileAndFolder has a name turn from a file into a folder and back.
func TestFileAndFolder(t *testing.T) {
	for name, bench := range treeBenches {
		t.Run(name, func(t *testing.T) {
			h := editOf(t, bench.Fresh(t))
			defer h.Close()
			if err := h.PutText(t.Context(), "zh/a", "file"); err != nil {
				t.Fatal(err)
			}
			err := h.PutText(t.Context(), "zh/a/b/index.html", "page")
			if !h.Atomic() {
				wantsFinal(t, err, nil, "zh/a is a file on the host and should be a folder")
				if err := errors.Join(h.Delete(t.Context(), "zh/a"), h.PutText(t.Context(), "zh/a/b/index.html", "page")); err != nil {
					t.Fatal(err)
				}
				wantsFinal(t, h.PutText(t.Context(), "zh/a", "file"), nil, "zh/a is a folder on the host and should be a file")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Delete(t.Context(), "zh/a"); err != nil {
				t.Errorf("Delete of the file that was: %v", err)
			}
			if got, err := h.Text("zh/a/b/index.html"); err != nil || got != "page" {
				t.Errorf("Get: %q, %v", got, err)
			}
			for _, folder := range []string{"zh", "zh/a"} {
				if _, err := h.Text(folder); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("Get of a folder: %v", err)
				}
			}
			if names, err := h.List(t.Context(), "zh/a/b/index.html"); err != nil || len(names) > 0 {
				t.Errorf("List of a file: %v, %v", names, err)
			}
			if err := h.PutText(t.Context(), "zh/a", "file again"); err != nil {
				t.Fatal(err)
			}
			if got, err := h.Text("zh/a"); err != nil || got != "file again" {
				t.Errorf("Get: %q, %v", got, err)
			}
		})
	}
}

// TestNotOurs shows that a site that somebody else keeps there is left alone.
func TestNotOurs(t *testing.T) {
	for name, bench := range map[string]hosttest.Bench{"folder": folderBench, "sftp": sftpBench} {
		for what, make := range map[string]func(string) error{
			"a folder":   func(name string) error { return os.MkdirAll(name, 0o755) },
			"other link": func(name string) error { return os.Symlink("releases/7 old", name) },
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				p := bench.Fresh(t)
				if err := errors.Join(os.MkdirAll(p.Options["path"], 0o755), make(filepath.Join(p.Options["path"], "current"))); err != nil {
					t.Fatal(err)
				}
				h := editOf(t, p)
				defer h.Close()
				wantsFinal(t, h.PutText(t.Context(), "page.html", "page"), p.Options, "no publish has made")
			})
		}
	}
}

// A tap is a line to a server that can be disturbed.
type tap struct {
	port string

	mu     sync.Mutex
	open   []net.Conn
	up     bool          // what counts are bytes to the server, else from it
	left   int           // as many still pass
	what   string        // what happens then: "cut", "freeze", or "" for nothing
	hit    chan struct{} // closed when it has happened
	thawed chan struct{} // closed when it is over
}

func newTap(t *testing.T, port string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{port: strconv.Itoa(l.Addr().(*net.TCPAddr).Port), thawed: make(chan struct{})}
	t.Cleanup(func() {
		l.Close()
		p.repair()
	})
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
			if err != nil {
				client.Close()
				continue
			}
			p.mu.Lock()
			p.open = append(p.open, client, server)
			p.mu.Unlock()
			go p.pass(server, client, true)
			go p.pass(client, server, false)
		}
	}()
	return p
}

func (p *tap) pass(to, from net.Conn, up bool) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		if p.what != "" && p.up == up {
			p.left -= n
		}
		if p.what != "" && p.left < 0 {
			select {
			case <-p.hit:
			default:
				close(p.hit)
			}
			thawed := p.thawed
			if p.what == "cut" {
				p.closeAll()
			}
			p.mu.Unlock()
			<-thawed // nothing passes either way, and nothing is closed
			return
		}
		p.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			to.Close()
			return
		}
	}
}

// after lets n more bytes pass.
func (p *tap) after(up bool, n int, what string) (hit chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.up, p.left, p.what, p.hit = up, n, what, make(chan struct{})
	return p.hit
}

// repair ends all connections; new ones are not disturbed.
func (p *tap) repair() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeAll()
	p.what = ""
	close(p.thawed)
	p.thawed = make(chan struct{})
}

func (p *tap) closeAll() {
	for _, c := range p.open {
		c.Close()
	}
	p.open = nil
}

// again is what the protocol does about errors that are not final.
func again(work func() error) (err error) {
	for range 3 {
		if err = work(); err == nil || publish.IsFinal(err) {
			return err
		}
	}
	return err
}

// TestSFTPLost has the line break and freeze in the middle of transfers.
func TestSFTPLost(t *testing.T) {
	p := sftpFlatBench.Fresh(t)
	line := newTap(t, p.Options["port"])
	options := with(p.Options, "port", line.port)
	h := edit(t, "sftp", options)
	defer h.Close()

	old, next := strings.Repeat("old ", 200_000), strings.Repeat("new ", 250_000)
	if err := h.PutText(t.Context(), "big.html", old); err != nil {
		t.Fatal(err)
	}
	whole := func(when string) {
		t.Helper()
		if data, _, err := p.Read("big.html"); err != nil || string(data) != old {
			t.Errorf("%s a reader gets %d bytes of %d, %v", when, len(data), len(old), err)
		}
		line.repair()
		var got string
		err := again(func() (err error) {
			got, err = h.Text("big.html")
			return err
		})
		if err != nil || got != old {
			t.Errorf("%s and then: %d bytes, %v", when, len(got), err)
		}
	}

	line.after(true, 300_000, "cut")
	if err := h.PutText(t.Context(), "big.html", next); err == nil || publish.IsFinal(err) || !strings.Contains(err.Error(), "was lost") {
		t.Errorf("a Put that is cut off: %v", err)
	} else {
		noSecrets(t, err, options)
	}
	whole("after a Put that was cut off")

	line.after(false, 300_000, "cut")
	if got, err := h.Text("big.html"); err == nil || publish.IsFinal(err) || len(got) == len(old) {
		t.Errorf("a Get that is cut off: %d bytes, %v", len(got), err)
	}
	whole("after a Get that was cut off")

	for what, c := range map[string]struct {
		up   bool
		n    int
		call func(ctx context.Context) error
	}{
		"Put": {true, 300_000, func(ctx context.Context) error { return h.PutText(ctx, "big.html", next) }},
		"Get": {false, 300_000, func(ctx context.Context) error {
			r, err := h.Get(ctx, "big.html")
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(io.Discard, r)
			return err
		}},
		"List": {false, 10, func(ctx context.Context) error {
			_, err := h.List(ctx, ".")
			return err
		}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		hit, ended := line.after(c.up, c.n, "freeze"), make(chan error)
		go func() { ended <- c.call(ctx) }()
		<-hit
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("a %s on a line that is frozen: %v", what, err)
		}
		whole("after a " + what + " was given up")
	}
	if names, err := h.List(t.Context(), "."); err != nil || len(names) != 1 {
		t.Errorf("leftovers show: %q, %v", names, err)
	}
	if err := h.Delete(t.Context(), "big.html"); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(p.Options["path"]); err != nil || len(left) != 0 {
		t.Errorf("after Delete there is still %v, %v", left, err)
	}

	// And where nobody gives up.
	patience := func(connect, silence time.Duration) *hosttest.Edit {
		h := edit(t, "sftp", options)
		disk := h.Host.(sftpFlat).disk.(*sftpDisk)
		disk.connect, disk.silence = connect, silence
		t.Cleanup(func() { h.Close() })
		return h
	}
	line.after(true, 1000, "freeze")
	if err := patience(100*time.Millisecond, time.Minute).PutText(t.Context(), "page.html", "page"); err == nil || publish.IsFinal(err) || !strings.Contains(err.Error(), "did not answer within") {
		t.Errorf("a server that falls silent during the login: %v", err)
	}
	line.repair()
	line.after(true, 100_000, "freeze")
	if err := patience(time.Minute, 200*time.Millisecond).PutText(t.Context(), "page.html", next); err == nil || publish.IsFinal(err) || !strings.Contains(err.Error(), "was lost") {
		t.Errorf("a server that falls silent during a transfer: %v", err)
	}
}

// silentServer takes connections and never says a word.
func silentServer(t *testing.T) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func TestSFTPUnreachable(t *testing.T) {
	options := map[string]string{"host": "127.0.0.1", "user": "x", "path": "site", "password": "geheim-1", "host_key": publicText(sshKeys().ed25519)}
	unreachable(t, "sftp", options)
}

func unreachable(t *testing.T, kind string, options map[string]string) {
	h := edit(t, kind, with(options, "port", strconv.Itoa(hosttest.Port(t))))
	defer h.Close()
	_, err := h.Stat(t.Context(), "page.html")
	if err == nil || publish.IsFinal(err) || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("nobody there: %v", err)
	} else {
		noSecrets(t, err, options)
	}
	silent := edit(t, kind, with(options, "port", silentServer(t)))
	defer silent.Close()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := silent.List(ctx, "."); !errors.Is(err, context.Canceled) {
		t.Errorf("a silent server: %v", err)
	}
}
