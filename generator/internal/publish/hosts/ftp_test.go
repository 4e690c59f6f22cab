package hosts

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
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
// of the control connection, as vsftpd does by default, and one that has MLSD.
func TestFTP(t *testing.T) {
	for name, bench := range map[string]hosttest.Bench{"explicit": ftpBench, "implicit": vsftpdBench("implicit"), "plain": vsftpdBench("none"), "lists": pyFTPBench} {
		t.Run(name, func(t *testing.T) { hosttest.Contract(t, bench) })
	}
}

var (
	ftpBench   = vsftpdBench("explicit")
	pyFTPBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		return ftpPlace(t, hosttest.Server(t, "pyftpdlib", "PASSWORD="+ftpPassword), "anonymous", "none")
	}}
)

// vsftpdBench is a vsftpd with this kind of TLS.
func vsftpdBench(tls string) hosttest.Bench {
	return hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		certificate, key := ftpCertificate()
		return ftpPlace(t, hosttest.Server(t, "vsftpd", "PASSWORD="+ftpPassword, "TLS="+tls, "CERTIFICATE="+certificate, "KEY="+key), "anonymous", tls)
	}}
}

// ftpPlace is a folder of a server that is not there yet.
func ftpPlace(t testing.TB, s *hosttest.Served, user, tls string) hosttest.Place {
	name := freshName(t, s.Site)
	options := map[string]string{"host": "127.0.0.1", "port": strconv.Itoa(s.Port), "user": user, "password": ftpPassword, "path": name, "tls": tls}
	if tls != "none" {
		certificate, _ := ftpCertificate()
		options["ca"] = write(t.TempDir(), "ca.pem", certificate)
	}
	root := filepath.Join(s.Site, name)
	return hosttest.Place{Kind: "ftp", Options: options, Disk: root, Read: hosttest.ReadDisk(root)}
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

func TestFTPLogin(t *testing.T) {
	options, plain, implicit := ftpBench.Fresh(t).Options, vsftpdBench("none").Fresh(t).Options, vsftpdBench("implicit").Fresh(t).Options
	for says, all := range map[string][]map[string]string{
		"does not let user anonymous in (530)": {with(options, "password", "geheim, but wrong")},
		`set tls = "none"`:                     {with(plain, "tls", "explicit")},
		`set tls = "explicit"`:                 {with(options, "tls", "implicit")},
		"certificate is not trusted":           {with(options, "ca", ""), with(implicit, "ca", ""), with(options, "host", "localhost")},
	} {
		for _, o := range all {
			turnsAway(t, "ftp", o, true, says)
		}
	}
}

func TestFTPUnreachable(t *testing.T) {
	for _, kind := range []string{"explicit", "implicit", "none"} {
		unreachable(t, "ftp", map[string]string{"host": "127.0.0.1", "user": "x", "password": ftpPassword, "tls": kind})
	}
}

// TestFTPSilent has a server fall silent: people hear of it, it is given up soon, and
// then nothing waits for it any more.
func TestFTPSilent(t *testing.T) {
	options := map[string]string{"host": "127.0.0.1", "port": silentServer(t), "user": "x", "password": ftpPassword, "tls": "none"}
	h := openBy(t, "ftp", options, Network{Quiet: 600 * time.Millisecond})
	var said []plan.Text
	var mu sync.Mutex
	_, err := publish.Publish(t.Context(), h, publish.Tree{FS: fstest.MapFS{"index.html": {Data: []byte("page")}}}, publish.Options{
		Backoff: time.Millisecond, Tries: 1000, // it is not their number that ends it
		Notice: func(text plan.Text) { mu.Lock(); said = append(said, text); mu.Unlock() },
	})
	if !publish.IsFinal(err) || publish.ReasonOf(err) != publish.Silent {
		t.Errorf("a silent server: %v", err)
	}
	if d := publish.Detail(err); !strings.HasPrefix(d.ZH, "服务器已 500ms ") || !strings.HasPrefix(d.EN, "the server has been silent for 500ms") {
		t.Errorf("a silent server: %+v", d)
	}
	if len(said) != 1 || !strings.Contains(said[0].ZH, "没有回应") || !strings.Contains(said[0].EN, "silent") {
		t.Errorf("meanwhile people heard %q", said)
	}
	if _, err := h.Stat(t.Context(), "index.html"); !publish.IsFinal(err) {
		t.Errorf("after it was given up: %v", err)
	}
}

// TestFTPSlow has a server that answers late, so that people hear of it, while others
// get their answers: that is no silence.
func TestFTPSlow(t *testing.T) {
	options := vsftpdBench("none").Fresh(t).Options
	slow := int64(3)
	options = with(options, "port", newFTPLine(t, options["port"], func(command string, forward func(string) string) string {
		if strings.HasPrefix(command, "SIZE") && atomic.AddInt64(&slow, -1) >= 0 {
			time.Sleep(700 * time.Millisecond)
		}
		return ""
	}))
	h := openBy(t, "ftp", options, Network{Quiet: 3 * time.Second})
	var heard atomic.Int64
	_, err := publish.Publish(t.Context(), h, publish.Tree{FS: fstest.MapFS{"index.html": {Data: []byte("page")}}}, publish.Options{
		Notice: func(plan.Text) { heard.Add(1) }})
	if err != nil || heard.Load() == 0 {
		t.Errorf("%v, %d words", err, heard.Load())
	}
}

// unencryptedFTP are servers whose control connection can be listened to.
var unencryptedFTP = map[string]hosttest.Bench{"vsftpd": vsftpdBench("none"), "pyftpdlib": pyFTPBench}

// TestFTPResume counts what a publish costs that carries on after a kill in its
// middle: no more than the whole, and no login for each file.
func TestFTPResume(t *testing.T) {
	for name, bench := range unencryptedFTP {
		t.Run(name, func(t *testing.T) {
			options := bench.Fresh(t).Options
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
	for name, bench := range unencryptedFTP {
		t.Run(name, func(t *testing.T) {
			p := bench.Fresh(t)
			var refused atomic.Int32
			h := edit(t, "ftp", with(p.Options, "port", newFTPLine(t, p.Options["port"], func(command string, forward func(string) string) string {
				if to, ok := strings.CutPrefix(command, "RNTO "); ok && strings.HasPrefix(forward("SIZE "+to), "213") {
					refused.Add(1)
					return "550 File already exists.\r\n"
				}
				return ""
			})))
			for _, text := range []string{"one", "two", "three"} {
				show(t, h, "zh/页 1.html", text)
				reads(t, p, "zh/页 1.html", text)
			}
			if n := refused.Load(); n != 2 {
				t.Errorf("the server refused %d times, want 2", n)
			}
			// Not even then is an old file removed for a new one that is not whole.
			f, _ := textFile("zh/页 1.html", "four")
			_, short := textFile("", "fo")
			if err := h.Put(t.Context(), f, short); err == nil {
				t.Error("a body that is too short is put")
			}
			reads(t, p, "zh/页 1.html", "three")
		})
	}
}

// TestFTPAnswers has servers that answer as some do.
func TestFTPAnswers(t *testing.T) {
	p := vsftpdBench("none").Fresh(t)
	options, root := p.Options, p.Disk
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
			wants(t, h.PutText(t.Context(), "page.html", "page"), c.final, c.says)
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
		show(t, h, "zh/a b.html", "page")
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
		show(t, h, "page.html", "page")
		answer(map[string]string{"RETR": "550 Failed to open file."})
		_, err := h.Get(t.Context(), "page.html")
		if errors.Is(err, fs.ErrNotExist) {
			t.Error("it counts as not there")
		}
		wants(t, err, true, "permission denied")
	})
}

// TestFTPIdle has the server close connections that have lain idle for a while.
func TestFTPIdle(t *testing.T) {
	line, options := ftpBench.Fresh(t).Through(t)
	h := editBy(t, "ftp", options, Network{Quiet: 8 * time.Second})
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() {
			if err := h.PutText(t.Context(), fmt.Sprintf("%d.html", i), "page"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	line.Repair()
	time.Sleep(2100 * time.Millisecond)
	if err := h.PutText(t.Context(), "page.html", "page"); err != nil {
		t.Errorf("after a long pause: %v", err)
	}
}

// TestFTPLost has the control connection break and freeze. (The line does not see
// data connections.)
func TestFTPLost(t *testing.T) {
	p := ftpBench.Fresh(t)
	line, options := p.Through(t)
	h := edit(t, "ftp", options)
	show(t, h, "page.html", "old")
	for _, what := range []hosttest.Fault{hosttest.Cut, hosttest.Freeze} {
		for n := int64(0); n < 4000; n += 200 {
			if err := again(func() error { return h.PutText(t.Context(), "page.html", "old") }); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			hit, ended := line.After(hosttest.Up, n, what), make(chan error)
			go func() { ended <- h.PutText(ctx, "page.html", "new") }()
			var err error
			select {
			case err = <-ended:
			case <-hit:
				if what == hosttest.Freeze {
					cancel()
				}
				err = <-ended
				if what == hosttest.Freeze && err != nil && !errors.Is(err, context.Canceled) || publish.IsFinal(err) {
					t.Errorf("%s after %d bytes: %v", what, n, err)
				}
			}
			cancel()
			if got, readErr := os.ReadFile(filepath.Join(p.Disk, "page.html")); readErr != nil || string(got) != "old" && string(got) != "new" {
				t.Errorf("%s after %d bytes (%v): a reader gets %q, %v", what, n, err, got, readErr)
			}
			line.Repair()
		}
	}
	if err := again(func() error { return h.PutText(t.Context(), "page.html", "last") }); err != nil {
		t.Error(err)
	}
	if names, err := h.List(t.Context(), "."); err != nil || len(names) != 1 {
		t.Errorf("leftovers show: %q, %v", names, err)
	}
}
