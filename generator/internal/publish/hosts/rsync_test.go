package hosts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

const rsyncPassword = "geheim-1"

// A rsyncServer is a folder and the options under which rsync reaches it.
type rsyncServer struct {
	root    string
	dest    string
	options map[string]string
	port    int
}

var rsyncSites atomic.Int32

// site is a folder of the server that is not there yet.
func (s rsyncServer) site() (dir string, options map[string]string) {
	name := fmt.Sprintf("site-%d", rsyncSites.Add(1))
	options = map[string]string{"dest": s.dest + name}
	for k, v := range s.options {
		options[k] = v
	}
	return filepath.Join(s.root, name), options
}

func (s rsyncServer) place() hosttest.Place {
	dir, options := s.site()
	return hosttest.Place{Kind: "rsync", Options: options, Disk: dir,
		Open: func(t testing.TB) publish.Host { return open(t, "rsync", options) },
		Read: func(name string) ([]byte, publish.Header, error) {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			return data, nil, err
		},
	}
}

// rsyncDaemon has a module that can be written, and one that cannot.
var rsyncDaemon = onceRsync(func(t testing.TB) rsyncServer {
	program := hosttest.Program(t, "rsync")
	dir, port := folderForServer(t), hosttest.Port(t)
	root := filepath.Join(dir, "site")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	who := ""
	if os.Getuid() == 0 {
		who = "uid = 0\ngid = 0\n"
	}
	conf := fmt.Sprintf("address = 127.0.0.1\nport = %d\npid file = %s/pid\nlog file = %[2]s/log\nuse chroot = no\nmotd file = %[2]s/motd\n%s", port, dir, who)
	for _, module := range []string{"site]\nread only = no", "readonly]\nread only = yes", "full]\nmax connections = -1"} {
		conf += fmt.Sprintf("[%s\npath = %s\nauth users = alice\nsecrets file = %s/secrets\n", module, root, dir)
	}
	writeText(t, filepath.Join(dir, "conf"), conf)
	writeText(t, filepath.Join(dir, "motd"), "-rw-r--r-- 1 2026/01/01 00:00:00 welcome\n")
	if err := os.WriteFile(filepath.Join(dir, "secrets"), []byte("alice:"+rsyncPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	serve(t, dir, port, program, "--daemon", "--no-detach", "--config="+filepath.Join(dir, "conf"))
	return rsyncServer{root, fmt.Sprintf("rsync://alice@127.0.0.1:%d/site/", port), map[string]string{"password": rsyncPassword}, port}
})

// rsyncOverSSH is reached by ssh.
var rsyncOverSSH = onceRsync(func(t testing.TB) rsyncServer {
	hosttest.Program(t, "rsync")
	sshd, keygen := hosttest.Program(t, "sshd"), hosttest.Program(t, "ssh-keygen")
	dir, port := folderForServer(t), hosttest.Port(t)
	for _, key := range []string{"host", "user", "other"} {
		if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	root := filepath.Join(dir, "site")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for known, key := range map[string]string{"known": "host.pub", "wrong": "other.pub"} {
		public, err := os.ReadFile(filepath.Join(dir, key))
		if err != nil {
			t.Fatal(err)
		}
		writeText(t, filepath.Join(dir, known), fmt.Sprintf("[127.0.0.1]:%d %s", port, public))
	}
	// SHLVL keeps bash from reading what the account has for people who log in.
	writeText(t, filepath.Join(dir, "conf"), fmt.Sprintf("ListenAddress 127.0.0.1\nPort %d\nHostKey %s/host\nPidFile %[2]s/pid\nAuthorizedKeysFile %[2]s/user.pub\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nSetEnv SHLVL=2\n", port, dir))
	serve(t, dir, port, sshd, "-D", "-e", "-f", filepath.Join(dir, "conf"))
	return rsyncServer{root, "127.0.0.1:" + root + "/", map[string]string{
		"ssh": fmt.Sprintf("-p %d -F none -i %s/user -o IdentitiesOnly=yes -o UserKnownHostsFile=%[2]s/known", port, dir)}, port}
})

func rsyncHere(t testing.TB) rsyncServer {
	hosttest.Program(t, "rsync")
	dir := filepath.Join(t.TempDir(), "a: b") + "/"
	return rsyncServer{root: dir, dest: dir}
}

func onceRsync(start func(t testing.TB) rsyncServer) func(t testing.TB) rsyncServer {
	var mu sync.Mutex
	var server *rsyncServer
	return func(t testing.TB) rsyncServer {
		mu.Lock()
		defer mu.Unlock()
		if server == nil {
			s := start(t)
			server = &s
		}
		return *server
	}
}

var (
	rsyncDaemonBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return rsyncDaemon(t).place() }}
	rsyncPathBench   = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return rsyncHere(t).place() }}
)

var rsyncServers = map[string]func(t testing.TB) rsyncServer{"daemon": rsyncDaemon, "ssh": rsyncOverSSH, "path": rsyncHere}

func TestRsync(t *testing.T) {
	for name, bench := range map[string]hosttest.Bench{"daemon": rsyncDaemonBench, "path": rsyncPathBench} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait more than they work
			hosttest.Contract(t, bench)
		})
	}
}

func flushRsync(t testing.TB, h *hosttest.Edit) {
	t.Helper()
	if err := h.Settle(context.Background()); err != nil {
		t.Fatalf("Flush: %v", err)
	}
}

func rsyncGetText(t testing.TB, h *hosttest.Edit, name string) string {
	t.Helper()
	r, err := h.Get(context.Background(), name)
	if err != nil {
		t.Errorf("Get %q: %v", name, err)
		return ""
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Errorf("Get %q: %v", name, err)
	}
	return string(data)
}

// Names that rsync, a shell or a list of names could take for something else. This
// is also what shows that each operation works over ssh, where the whole contract
// would take long: a run there is a login.
func TestRsyncNames(t *testing.T) {
	for name, server := range rsyncServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, options := server(t).site()
			ctx := context.Background()
			h, other := edit(t, "rsync", options), edit(t, "rsync", options)
			defer h.Close()
			defer other.Close()
			want := map[string][]string{}
			for _, dir := range []string{".", "名 *", "-e sh"} {
				for _, base := range []string{"#comment", ";comment", "-rf", "*", "[a]", "a", "back\\#043slash", "line\nbreak", " space ", "$(x) `y` 'z'", "host:file", "中文 \u202e", "\xff"} {
					file := path.Join(dir, base)
					want[dir] = append(want[dir], file)
					f := publish.File{Path: file, Size: int64(len(file))}
					if err := h.Put(ctx, f, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(file)), nil }); err != nil {
						t.Fatal(err)
					}
				}
				slices.Sort(want[dir])
			}
			flushRsync(t, h)
			for dir, files := range want {
				names, err := other.List(ctx, dir)
				slices.Sort(names)
				if err != nil || !slices.Equal(names, files) {
					t.Errorf("List %s: %q, %v; want %q", dir, names, err, files)
				}
				var all sync.WaitGroup
				for _, file := range files {
					all.Go(func() {
						if got := rsyncGetText(t, other, file); got != file {
							t.Errorf("Get %q: %q", file, got)
						}
						if st, err := other.Stat(ctx, file); err != nil || st.Size != int64(len(file)) {
							t.Errorf("Stat %q: %v, %v", file, st, err)
						}
						if err := other.Delete(ctx, file); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
			}
			flushRsync(t, other)
			for dir := range want {
				if names, err := h.List(ctx, dir); err != nil || len(names) != 0 {
					t.Errorf("List %s after Delete: %q, %v", dir, names, err)
				}
			}
		})
	}
}

// What was gathered is seen when it is sent, and not before.
func TestRsyncGathers(t *testing.T) {
	dir, options := rsyncDaemon(t).site()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	h, other := edit(t, "rsync", options), edit(t, "rsync", options)
	defer h.Close()
	defer other.Close()
	ctx := context.Background()
	putPage(t, h, "zh/old.html", 'o', 10)
	putPage(t, h, "zh/page.html", 'o', 10)
	flushRsync(t, h)
	putPage(t, h, "zh/page.html", 'n', 20)
	putPage(t, h, "zh/new.html", 'n', 30)
	putPage(t, h, "zh/fleeting.html", 'n', 30)
	for _, name := range []string{"zh/old.html", "zh/fleeting.html", "zh/nothing.html"} {
		if err := h.Delete(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	sees := func(h *hosttest.Edit, sizes map[string]int64) {
		t.Helper()
		for _, name := range []string{"zh/old.html", "zh/page.html", "zh/new.html", "zh/fleeting.html"} {
			want, there := sizes[name]
			st, err := h.Stat(ctx, name)
			if there && (err != nil || st.Size != want || int64(len(rsyncGetText(t, h, name))) != want) || !there && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Stat %s: %v, %v; want %d", name, st, err, want)
			}
		}
		if names, err := h.List(ctx, "zh"); err != nil || len(names) != len(sizes) {
			t.Errorf("List: %q, %v", names, err)
		}
	}
	before := edit(t, "rsync", options)
	sees(before, map[string]int64{"zh/old.html": 10, "zh/page.html": 10})
	before.Close()
	flushRsync(t, h)
	after := map[string]int64{"zh/page.html": 20, "zh/new.html": 30}
	sees(h, after)
	sees(other, after)
	if got := filesIn(t, dir); got != "zh/new.html zh/page.html" {
		t.Errorf("on the server's disk are %s", got)
	}
	// The same size within the same second is still another file.
	putPage(t, h, "zh/page.html", 'm', 20)
	now := time.Now()
	spooled, _ := filepath.Glob(filepath.Join(temp, "minxi-rsync-*", "put", "zh", "page.html"))
	for _, file := range append(spooled, filepath.Join(dir, "zh/page.html")) {
		if err := os.Chtimes(file, now, now); err != nil {
			t.Fatal(err)
		}
	}
	flushRsync(t, h)
	if got := rsyncGetText(t, other, "zh/page.html"); got != strings.Repeat("m", 20) || len(spooled) != 1 {
		t.Errorf("Get: %q; spooled was %q", got, spooled)
	}
	h.Close()
	other.Close()
	if left, _ := filepath.Glob(filepath.Join(temp, "minxi-rsync-*", "put")); len(left) != 0 {
		t.Errorf("after Close there is %q", left)
	}
}

// relay passes a connection on to a port, both ways, and stops after limit bytes
// of the first direction; then it calls full.
func relay(t testing.TB, port int, limit int64, full func(c net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				s, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
				if err != nil {
					return
				}
				defer s.Close()
				go io.Copy(c, s)
				if n, _ := io.CopyN(s, c, limit); n == limit {
					full(c)
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// throughRelay is options for a daemon behind a relay.
func throughRelay(options map[string]string, from, to int) map[string]string {
	return map[string]string{"password": options["password"],
		"dest": strings.Replace(options["dest"], fmt.Sprintf(":%d/", from), fmt.Sprintf(":%d/", to), 1)}
}

// noise does not get smaller on the way, and no part of it is like another.
func putNoise(t testing.TB, h *hosttest.Edit, name string, seed uint64, size int) string {
	t.Helper()
	data := make([]byte, size)
	for i := range data {
		seed = seed*6364136223846793005 + 1442695040888963407
		data[i] = byte(seed >> 56)
	}
	f := publish.File{Path: name, Size: int64(size)}
	if err := h.Put(context.Background(), f, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(data))), nil }); err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A connection that breaks leaves the old bytes under every name. The next run of
// the same names takes away what it left.
func TestRsyncCutOff(t *testing.T) {
	s := rsyncDaemon(t)
	dir, options := s.site()
	h := edit(t, "rsync", options)
	defer h.Close()
	olds := map[string]string{}
	names := []string{"a.html", "zh/b.html", "zh/c.html"}
	for i, name := range names {
		olds[name] = putNoise(t, h, name, uint64(i), 200_000)
	}
	flushRsync(t, h)
	// Somewhere in the second file; the first has arrived and waits.
	port := relay(t, s.port, 350_000, func(c net.Conn) { c.Close() })
	cut := edit(t, "rsync", throughRelay(options, s.port, port))
	defer cut.Close()
	for i, name := range names {
		putNoise(t, cut, name, uint64(i+10), 200_000)
	}
	err := cut.Settle(context.Background())
	if err == nil || publish.IsFinal(err) || strings.Contains(err.Error(), rsyncPassword) {
		t.Errorf("Flush: %v", err)
	}
	for _, name := range names {
		if got := rsyncGetText(t, h, name); got != olds[name] {
			t.Errorf("%s does not hold the old bytes", name)
		}
	}
	waitFor(t, "a leftover", func() bool { return strings.Contains(filesIn(t, dir), rsyncPartial) })
	t.Logf("left: %s", filesIn(t, dir))
	for folder, want := range map[string]int{".": 1, "zh": 2} {
		if got, err := h.List(context.Background(), folder); err != nil || len(got) != want {
			t.Errorf("List %s: %q, %v", folder, got, err)
		}
	}
	putPage(t, h, "a.html", 'x', 10)
	if err := h.Delete(context.Background(), "zh/b.html"); err != nil {
		t.Error(err)
	}
	putPage(t, h, "zh/c.html", 'x', 10)
	flushRsync(t, h)
	if got := filesIn(t, dir); got != "a.html zh/c.html" {
		t.Errorf("on the server's disk are %s", got)
	}
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("waited for %s", what)
}

// When we are killed, the rsync that we have started does not go on, and our spool
// goes with the next process.
func TestRsyncKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a process that its parent has died")
	}
	if dest := os.Getenv("MINXI_RSYNC_KILLED"); dest != "" {
		h := edit(t, "rsync", map[string]string{"dest": dest, "password": rsyncPassword})
		putNoise(t, h, "page.html", 2, 3_000_000)
		t.Fatal(h.Settle(context.Background()))
	}
	s := rsyncDaemon(t)
	dir, options := s.site()
	h := edit(t, "rsync", options)
	defer h.Close()
	putPage(t, h, "page.html", 'o', 1000)
	flushRsync(t, h)
	midway, end := make(chan struct{}), make(chan struct{})
	port := relay(t, s.port, 1_000_000, func(net.Conn) {
		close(midway)
		<-end
	})
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	cmd := exec.Command(os.Args[0], "-test.run=^TestRsyncKilled$")
	cmd.Env = append(os.Environ(), "MINXI_RSYNC_KILLED="+throughRelay(options, s.port, port)["dest"])
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-midway:
	case <-time.After(time.Minute):
		t.Error("the transfer did not come so far")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	address := fmt.Sprintf(":%d/", port)
	waitFor(t, "the end of rsync", func() bool {
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range lines {
			if line, _ := os.ReadFile(file); strings.Contains(string(line), address) {
				return false
			}
		}
		return true
	})
	close(end) // the daemon hears of it
	if got := rsyncGetText(t, h, "page.html"); got != strings.Repeat("o", 1000) {
		t.Errorf("a reader gets %.20q (%d bytes)", got, len(got))
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "minxi-rsync-*")); len(left) != 1 {
		t.Errorf("spools: %q", left)
	}
	other, third := edit(t, "rsync", options), edit(t, "rsync", options)
	defer other.Close()
	defer third.Close()
	putPage(t, other, "page.html", 'n', 1000)
	putPage(t, third, "page.html", 'm', 1000) // takes no spool that is in use
	if left, _ := filepath.Glob(filepath.Join(temp, "minxi-rsync-*")); len(left) != 2 {
		t.Errorf("spools: %q", left)
	}
	flushRsync(t, other)
	flushRsync(t, third)
	waitFor(t, "the daemon to tidy up", func() bool { return !strings.Contains(filesIn(t, dir), ".page") })
	if got := filesIn(t, dir); got != "page.html" || rsyncGetText(t, h, "page.html") != strings.Repeat("m", 1000) {
		t.Errorf("on the server's disk are %s", got)
	}
}

func TestRsyncCancelled(t *testing.T) {
	s := rsyncDaemon(t)
	_, options := s.site()
	ctx, cancel := context.WithCancel(context.Background())
	port := relay(t, s.port, 100_000, func(net.Conn) {
		cancel()
		<-ctx.Done()
		time.Sleep(time.Hour) // a server that says nothing more
	})
	h := edit(t, "rsync", throughRelay(options, s.port, port))
	defer h.Close()
	putNoise(t, h, "page.html", 1, 3_000_000)
	if err := h.Settle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Flush: %v", err)
	}
	for _, f := range []func() error{
		func() error { _, err := h.Stat(ctx, "x"); return err },
		func() error { _, err := h.Get(ctx, "x"); return err },
		func() error { _, err := h.List(ctx, "x"); return err },
		func() error { return h.Delete(ctx, "x") },
	} {
		if err := f(); !errors.Is(err, context.Canceled) {
			t.Errorf("with an ended context: %v", err)
		}
	}
}

func TestRsyncErrors(t *testing.T) {
	daemon, overSSH := rsyncDaemon(t), rsyncOverSSH(t)
	_, options := daemon.site()
	_, sshOptions := overSSH.site()
	with := func(options map[string]string, name, old, new string) map[string]string {
		changed := map[string]string{}
		for k, v := range options {
			changed[k] = v
		}
		changed[name] = strings.Replace(changed[name], old, new, 1)
		return changed
	}
	for name, c := range map[string]struct {
		options map[string]string
		final   bool
		says    string
	}{
		"wrong password":   {with(options, "password", rsyncPassword, "geheim-2"), true, "look at user, password and module (rsync code 5): auth failed"},
		"no password":      {with(options, "password", rsyncPassword, ""), true, "auth failed"},
		"no module":        {with(options, "dest", "/site/", "/nothing/"), true, "Unknown module"},
		"read only":        {with(options, "dest", "/site/", "/readonly/"), true, "read only"},
		"too many clients": {with(options, "dest", "/site/", "/full/"), false, "max connections"},
		"no daemon":        {with(options, "dest", fmt.Sprint(daemon.port), fmt.Sprint(hosttest.Port(t))), false, "cannot connect; is the daemon running, and the address right? (rsync code 10)"},
		"no rsync":         {with(options, "dest", fmt.Sprint(daemon.port), fmt.Sprint(overSSH.port)), true, "(rsync code 5)"},
		"wrong host key":   {with(sshOptions, "ssh", "/known", "/wrong"), true, "HOST IDENTIFICATION HAS CHANGED"},
		"unknown host":     {with(sshOptions, "ssh", "/known", "/nothing"), true, "Host key verification failed"},
		"wrong key":        {with(sshOptions, "ssh", "/user", "/other"), true, "Permission denied"},
		"no ssh":           {with(sshOptions, "ssh", fmt.Sprint(overSSH.port), fmt.Sprint(hosttest.Port(t))), false, "Connection refused"},
		// Two folders too many to be made.
		"no folder": {with(options, "dest", "/site/", "/site/no/thing/"), true, "mkdir"},
	} {
		h := edit(t, "rsync", c.options)
		defer h.Close()
		putPage(t, h, "page.html", 'x', 10)
		err := h.Settle(context.Background())
		if err == nil || publish.IsFinal(err) != c.final || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v (final: %v)", name, err, publish.IsFinal(err))
		}
		if name == "read only" || name == "no folder" {
			continue // can be looked at
		}
		if _, err := h.List(context.Background(), "zh"); err == nil || publish.IsFinal(err) != c.final {
			t.Errorf("%s: List: %v", name, err)
		}
		if _, err := h.Stat(context.Background(), "zh/x"); err == nil || publish.IsFinal(err) != c.final || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: Stat: %v", name, err)
		}
	}
}

func TestRsyncOptions(t *testing.T) {
	hosttest.Program(t, "rsync")
	for _, c := range []struct {
		options map[string]string
		want    string
	}{
		{map[string]string{"dest": ""}, "dest: "},
		{map[string]string{"dest": "--rsh=x"}, "dest: "},
		{map[string]string{"dest": "rsync://alice:geheim@127.0.0.1/site"}, "dest: must not hold a password"},
		{map[string]string{"dest": "rsync:///site"}, "dest: is not an address"},
		{map[string]string{"dest": "rsync://127.0.0.1"}, "dest: is not an address"},
		{map[string]string{"dest": "alice@127.0.0.1::site"}, "dest: is written rsync://"},
		{map[string]string{"dest": "alice@127.0.0.1:"}, "dest: names no folder"},
		{map[string]string{"dest": "alice@127.0.0.1:/x", "password": "geheim"}, "password: "},
		{map[string]string{"dest": "/x", "password": "geheim"}, "password: "},
		{map[string]string{"dest": "/x", "ssh": "-p 22"}, "ssh: "},
		{map[string]string{"dest": "h:/x", "ssh": "-o StrictHostKeyChecking=no"}, "ssh: StrictHostKeyChecking=no: the host key"},
		{map[string]string{"dest": "h:/x", "ssh": "-ostricthostkeychecking=accept-new"}, "ssh: stricthost"},
		{map[string]string{"dest": "h:/x", "ssh": `-o "StrictHostKeyChecking off"`}, "ssh: StrictHost"},
		{map[string]string{"dest": "h:/x", "ssh": "-o NoHostAuthenticationForLocalhost=yes"}, "ssh: NoHost"},
	} {
		_, err := Open(context.Background(), "rsync", Values{Options: c.options})
		if err == nil || !publish.IsFinal(err) || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%v: %v, want %s", c.options, err, c.want)
		}
	}
	for _, good := range []map[string]string{
		{"dest": "h:/x", "ssh": "-p 22 -oStrictHostKeyChecking=yes"},
		{"dest": "alice@[::1]:/x"},
		{"dest": "x:y"},
	} {
		if _, err := Open(context.Background(), "rsync", Values{Options: good}); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	h, err := Open(context.Background(), "rsync", Values{Dir: "/project", Options: map[string]string{"dest": "out/site"}})
	if err != nil || h.(*rsyncHost).dest != "/project/out/site/" {
		t.Errorf("a relative path: %v, %v", h, err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(context.Background(), "rsync", Values{Options: map[string]string{"dest": "/x"}}); err == nil || !publish.IsFinal(err) || !strings.Contains(err.Error(), "rsync is not installed") {
		t.Errorf("without the program: %v", err)
	}
}

// The password is nowhere but in the environment of the program, which is free of
// what would change how it reads names.
func TestRsyncEnvironment(t *testing.T) {
	hosttest.Program(t, "rsync")
	t.Setenv("RSYNC_ICONV", "utf8,gbk")
	t.Setenv("RSYNC_PASSWORD", "another")
	t.Setenv("LC_ALL", "zh_CN.UTF-8")
	h := open(t, "rsync", map[string]string{"dest": "rsync://127.0.0.1/site", "password": rsyncPassword}).(*rsyncHost)
	env := strings.Join(h.environment(), "\n")
	if strings.Contains(env, "ICONV") || strings.Contains(env, "another") || strings.Contains(env, "zh_CN.UTF-8") || !strings.Contains(env, "RSYNC_PASSWORD="+rsyncPassword) {
		t.Error("the environment is not as it should be")
	}
	if strings.Contains(strings.Join(h.args, " "), rsyncPassword) || strings.Contains(h.dest, rsyncPassword) {
		t.Error("the password is on the command line")
	}
	if got := h.hide("no, " + rsyncPassword + " is wrong"); strings.Contains(got, rsyncPassword) {
		t.Error(got)
	}
}

// Calls that come while rsync runs share the next run; one that fails takes no
// other along.
func TestRsyncBatch(t *testing.T) {
	temp := t.TempDir()
	var runs [][]string
	first, more := make(chan struct{}), make(chan struct{})
	b := rsyncBatch{run: func(ctx context.Context, names []string) (map[string]*os.File, error, error) {
		runs = append(runs, names)
		if len(runs) == 1 {
			close(first)
			<-more
		}
		found := map[string]*os.File{}
		var unseen error
		for _, name := range names {
			switch name {
			case "none":
			case "forbidden":
				unseen = errors.New("forbidden")
			default:
				found[name], _ = os.CreateTemp(temp, name+"-*")
			}
		}
		return found, unseen, nil
	}}
	results := map[string]error{}
	var mu sync.Mutex
	var all sync.WaitGroup
	call := func(name string) {
		all.Go(func() {
			found, err := b.call(context.Background(), name)
			mu.Lock()
			defer mu.Unlock()
			results[name] = err
			if err == nil && !strings.HasPrefix(filepath.Base(found.Name()), name+"-") {
				t.Errorf("%s: %s", name, found.Name())
			}
		})
	}
	call("first")
	<-first
	for _, name := range []string{"a", "bb", "ccc", "none", "forbidden", "a"} {
		call(name)
	}
	waitFor(t, "the calls", func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.waiting) == 6 })
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.call(ended, "ended"); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	close(more)
	all.Wait()
	for name, want := range map[string]string{"first": "", "a": "", "bb": "", "ccc": "", "none": "not exist", "forbidden": "forbidden"} {
		if err := results[name]; (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The first; the others together; and the two by themselves that were not found.
	if len(runs) < 4 || len(runs) > 5 || len(runs[1]) < 5 {
		t.Errorf("runs: %q", runs)
	}
}

func TestRsyncUnescape(t *testing.T) {
	for in, want := range map[string]string{`a\#012b`: "a\nb", `a\#134#012b`: `a\#012b`, `\#999`: `\#999`, `\#777`: `\#777`, `\n`: `\n`, `\#377`: "\xff"} {
		if got := unescape(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
