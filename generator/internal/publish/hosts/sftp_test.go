package hosts

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
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
	options := with(startSSH(t), "layout", layout)
	return hosttest.Place{Kind: "sftp", Options: options, Disk: options["path"], Read: hosttest.ReadDisk(filepath.Join(options["path"], root))}
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

// keyText is what stands in a file with the private key: always the same, though a part
// of it is random.
func keyText(key ssh.Signer, passphrase string) string {
	name := ssh.FingerprintSHA256(key.PublicKey()) + passphrase
	if text, ok := keyTexts.Load(name); ok {
		return text.(string)
	}
	block, err := ssh.MarshalPrivateKey(key.(sshSigner).private, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key.(sshSigner).private, "", []byte(passphrase))
	}
	must(err)
	text, _ := keyTexts.LoadOrStore(name, string(pem.EncodeToMemory(block)))
	return text.(string)
}

var keyTexts sync.Map

func publicText(key ssh.Signer) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
}

// startSSH gives a folder that is not there yet on an OpenSSH with three host keys,
// of which the options know the first.
func startSSH(t testing.TB) map[string]string {
	t.Helper()
	keys := sshKeys()
	s := hosttest.Server(t, "sshd", "ED25519="+keyText(keys.ed25519, ""), "ECDSA="+keyText(keys.ecdsa, ""), "RSA="+keyText(keys.rsa, ""), "USER_KEY="+publicText(keys.user))
	return map[string]string{
		"host": "127.0.0.1", "port": strconv.Itoa(s.Port), "user": must2(user.Current()).Username, "path": filepath.Join(t.TempDir(), "deep", "site"),
		"key": keyText(keys.user, ""), "host_key": publicText(keys.ed25519),
	}
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
		return write(t.TempDir(), "known_hosts", strings.Join(lines, "\n")+"\n")
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
		for _, says := range []string{c.says, "set host_key", print(keys.ed25519)} {
			wants(t, err, true, says)
		}
		if err == nil {
			t.Errorf("%s is trusted", name)
		}
	}
	h := edit(t, "sftp", options)
	if got, err := h.Text("page.html"); err != nil || got == "secret plans" {
		t.Errorf("a server that is not trusted got %q, %v", got, err)
	}

	// The same with OpenSSH, whose keys are asked for in the order of hostKeyKinds.
	options = with(startSSH(t), "layout", "flat", "host_key", print(keys.rsa))
	show(t, edit(t, "sftp", options), "page.html", "page")
	err := edit(t, "sftp", with(options, "host_key", print(stranger))).PutText(t.Context(), "page.html", "page")
	for _, says := range []string{other, print(keys.ed25519), print(keys.ecdsa), print(keys.rsa)} {
		wants(t, err, true, says)
	}
}

func TestSFTPLogin(t *testing.T) {
	options := with(startSSH(t), "layout", "flat")
	show(t, edit(t, "sftp", with(options, "key", keyText(sshKeys().user, "geheim sesame"), "passphrase", "geheim sesame")), "page.html", "page")
	for _, o := range []map[string]string{
		with(options, "key", keyText(sshKeys().rsa, "")),
		with(options, "key", "", "password", "geheim"),
		with(options, "user", "nobody-of-that-name"),
	} {
		turnsAway(t, "sftp", o, true, "does not let user "+o["user"]+" in")
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
		"password": "geheim 1929", "path": "/site", "layout": "flat", "host_key": publicText(sshKeys().ed25519)}
}

func TestSFTPPassword(t *testing.T) {
	plain := func(c *ssh.ServerConfig) {
		c.PasswordCallback = func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if string(password) != "geheim 1929" {
				return nil, errors.New("no")
			}
			return nil, nil
		}
	}
	question := func(c *ssh.ServerConfig) {
		c.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil || answers[0] != "geheim 1929" {
				return nil, errors.New("no")
			}
			return nil, nil
		}
	}
	handlers := sftp.InMemHandler()
	serve := func(c io.ReadWriteCloser) error { return sftp.NewRequestServer(c, handlers).Serve() }
	for name, configure := range map[string]func(*ssh.ServerConfig){"plain": plain, "question": question} {
		options := weakSSH(t, configure, serve)
		show(t, edit(t, "sftp", options), name, "page")
		turnsAway(t, "sftp", with(options, "password", "geheim 1930"), true, "does not let user editor in")
	}
	turnsAway(t, "sftp", weakSSH(t, plain, nil), true, "offers no SFTP")
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
	err := edit(t, "sftp", with(options, "layout", "releases")).PutText(t.Context(), "page.html", "page")
	wants(t, err, true, "posix-rename@openssh.com")
	wants(t, err, true, `set layout = "flat"`)
	h := edit(t, "sftp", options)
	for _, text := range []string{"one", "two", "three"} {
		show(t, h, "zh/page.html", text)
		holds(t, h, "zh/page.html", text)
	}
	f, _ := textFile("zh/copy.html", "three")
	if err := h.Copy(t.Context(), "zh/page.html", f); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Copy: %v; want errors.ErrUnsupported", err)
	}
	if names, err := h.List(t.Context(), "zh"); err != nil || len(names) != 1 {
		t.Errorf("List: %v, %v", names, err)
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
			show(t, h, "a.html", "the live page")
			killed := errors.New("killed")
			ctx := publish.WithSteps(t.Context(), func(op, _ string) error {
				if op == "rename" {
					return killed
				}
				return nil
			})
			to, _ := textFile("b.html", "the live page")
			for range 2 {
				if err := cmp.Or(h.Copy(ctx, "a.html", to), h.Settle(ctx)); !errors.Is(err, killed) {
					t.Fatalf("Copy: %v", err)
				}
				show(t, h, "b.html", "new")
				reads(t, p, "a.html", "the live page")
			}
			if err := cmp.Or(h.Copy(ctx, "a.html", to), h.Settle(ctx)); !errors.Is(err, killed) {
				t.Fatalf("Copy: %v", err)
			}
			if err := cmp.Or(h.Copy(t.Context(), "a.html", to), h.Settle(t.Context())); err != nil {
				t.Fatalf("Copy over what is left of one: %v", err)
			}
			reads(t, p, "b.html", "the live page")
			if names, err := h.List(t.Context(), "."); err != nil || len(names) != 2 {
				t.Errorf("List: %v, %v", names, err)
			}
		})
	}
}

// TestInTheWay has a folder where a file should be, and the other way round: where every
// change shows at once, neither is removed for the other.
func TestInTheWay(t *testing.T) {
	h := editOf(t, sftpFlatBench.Fresh(t))
	show(t, h, "zh/a", "file")
	wants(t, h.PutText(t.Context(), "zh/a/b/index.html", "page"), true, "zh/a is a file on the host and should be a folder")
	must(h.Delete(t.Context(), "zh/a"))
	show(t, h, "zh/a/b/index.html", "page")
	wants(t, h.PutText(t.Context(), "zh/a", "file"), true, "zh/a is a folder on the host and should be a file")
	for _, folder := range []string{"zh", "zh/a"} {
		if _, err := h.Text(folder); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Get of a folder: %v", err)
		}
	}
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
	line, options := p.Through(t)
	h := edit(t, "sftp", options)

	old, next := strings.Repeat("old ", 200_000), strings.Repeat("new ", 250_000)
	show(t, h, "big.html", old)
	whole := func(when string) {
		t.Helper()
		reads(t, p, "big.html", old)
		line.Repair()
		var got string
		err := again(func() (err error) {
			got, err = h.Text("big.html")
			return err
		})
		if err != nil || got != old {
			t.Errorf("%s and then: %d bytes, %v", when, len(got), err)
		}
	}

	line.After(hosttest.Up, 300_000, hosttest.Cut)
	wants(t, h.PutText(t.Context(), "big.html", next), false, "was lost")
	whole("after a Put that was cut off")

	line.After(hosttest.Down, 300_000, hosttest.Cut)
	if got, err := h.Text("big.html"); err == nil || publish.IsFinal(err) || len(got) == len(old) {
		t.Errorf("a Get that is cut off: %d bytes, %v", len(got), err)
	}
	whole("after a Get that was cut off")

	for what, c := range map[string]struct {
		way  hosttest.Way
		n    int64
		call func(ctx context.Context) error
	}{
		"Put": {hosttest.Up, 300_000, func(ctx context.Context) error { return h.PutText(ctx, "big.html", next) }},
		"Get": {hosttest.Down, 300_000, func(ctx context.Context) error {
			r, err := h.Get(ctx, "big.html")
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(io.Discard, r)
			return err
		}},
		"List": {hosttest.Down, 10, func(ctx context.Context) error {
			_, err := h.List(ctx, ".")
			return err
		}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		hit, ended := line.After(c.way, c.n, hosttest.Freeze), make(chan error)
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
	must(h.Delete(t.Context(), "big.html"))
	if left, err := os.ReadDir(p.Options["path"]); err != nil || len(left) != 0 {
		t.Errorf("after Delete there is still %v, %v", left, err)
	}

	// And where nobody gives up.
	line.After(hosttest.Up, 1000, hosttest.Freeze)
	wants(t, editBy(t, "sftp", options, Network{Connect: 100 * time.Millisecond}).PutText(t.Context(), "page.html", "page"), false, "did not answer within")
	line.Repair()
	line.After(hosttest.Up, 100_000, hosttest.Freeze)
	wants(t, editBy(t, "sftp", options, Network{Quiet: 3 * time.Second}).PutText(t.Context(), "page.html", next), false, "was lost")
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
	options := map[string]string{"host": "127.0.0.1", "user": "x", "path": "site", "password": "geheim", "host_key": publicText(sshKeys().ed25519)}
	unreachable(t, "sftp", options)
}

func unreachable(t *testing.T, kind string, options map[string]string) {
	turnsAway(t, kind, with(options, "port", strconv.Itoa(hosttest.Port(t))), false, "refused")
	silent := edit(t, kind, with(options, "port", silentServer(t)))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := silent.List(ctx, "."); !errors.Is(err, context.Canceled) {
		t.Errorf("a silent server: %v", err)
	}
}
