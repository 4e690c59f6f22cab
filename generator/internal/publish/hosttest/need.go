package hosttest

// What the tests need from outside: programs, and servers that the scripts in
// testdata/servers run.

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// programs are the folders of programs: .ci/bin, the npm packages of .ci, .ci/root
// (packages of Debian that exclude each other), the PATH, and where servers are.
func programs() []string {
	ci := filepath.Join(root(), ".ci")
	dirs := []string{filepath.Join(ci, "bin"), filepath.Join(ci, "node_modules", ".bin"), filepath.Join(ci, "root", "usr", "sbin"), filepath.Join(ci, "root", "usr", "bin")}
	return append(append(dirs, filepath.SplitList(os.Getenv("PATH"))...), "/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/lib/openssh")
}

// Program finds a server or another program that a test needs. In CI a missing one
// fails the test; elsewhere the test is skipped and says so.
func Program(t testing.TB, name string) string {
	t.Helper()
	for _, dir := range programs() {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return file
		}
	}
	missing(t, name)
	return ""
}

// Package finds a folder of an npm package of .ci, as Program finds a program.
func Package(t testing.TB, name ...string) string {
	t.Helper()
	file := filepath.Join(append([]string{root(), ".ci", "node_modules"}, name...)...)
	if _, err := os.Stat(file); err != nil {
		missing(t, file)
	}
	return file
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed; .ci/run installs it", what)
	}
	t.Skipf("%s is not installed; .ci/run installs it", what)
}

// root is the project's folder.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "..")
}

// Port finds a TCP port on the loopback interface that is free.
func Port(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// A Served is a server that runs on the loopback interface.
type Served struct {
	Port    int
	Address string // 127.0.0.1:Port
	Dir     string // its own, which goes with it
	Site    string // the folder that it serves, if it keeps one

	hold io.Closer // what ends it; nobody holding it, the collector would close it
}

// Said is what the server has printed so far.
func (s *Served) Said() string {
	text, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
	return string(text)
}

// A slot is for one server. Where one test is skipped or fails on the way to it, the
// next tries again.
type slot struct {
	sync.Mutex
	served *Served
}

var servers sync.Map // of script and variables to *slot

// Server runs a script of testdata/servers for all tests of the binary that ask for
// the same. The script gets DIR, SITE and PORT, and the variables given, makes SITE
// and what else it wants in DIR, and becomes the server. Its first line says what it
// needs: programs, packages of Python, root's rights.
func Server(t testing.TB, name string, variables ...string) *Served {
	t.Helper()
	at, _ := servers.LoadOrStore(name+"\n"+strings.Join(variables, "\n"), new(slot))
	s := at.(*slot)
	s.Lock()
	defer s.Unlock()
	if s.served == nil {
		s.served = startServer(t, name, variables)
	}
	return s.served
}

// together runs the script in a session of its own, which no signal to the terminal's
// reaches, and ends all of it when our end of its input is closed: when this
// process ends, however it does.
const together = `sh "$1" </dev/null >"$DIR/log" 2>&1 & read -r _; kill $!; sleep 0.2; rm -rf "$DIR"; kill -9 0`

func startServer(t testing.TB, name string, variables []string) *Served {
	t.Helper()
	script := filepath.Join(root(), "generator", "internal", "publish", "hosttest", "testdata", "servers", name+".sh")
	needs(t, script)
	dir, err := os.MkdirTemp("", "minxi-server-*")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // a server's own user comes through
		t.Fatal(err)
	}
	s := &Served{Port: Port(t), Dir: dir, Site: filepath.Join(dir, "site")}
	s.Address = fmt.Sprintf("127.0.0.1:%d", s.Port)
	cmd := exec.Command(Program(t, "setsid"), "sh", "-c", together, "sh", script)
	cmd.Env = append(os.Environ(), "PATH="+strings.Join(programs(), string(os.PathListSeparator)), "DIR="+s.Dir, "SITE="+s.Site, fmt.Sprintf("PORT=%d", s.Port))
	cmd.Env = append(cmd.Env, variables...)
	if s.hold, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", s.Address); err == nil {
			c.Close()
			return s
		}
	}
	t.Fatalf("%s does not listen on %s; it said\n%s", name, s.Address, s.Said())
	return nil
}

// needs looks for what the first line of a script names.
func needs(t testing.TB, script string) {
	t.Helper()
	f, err := os.Open(script)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	line, err := bufio.NewReader(f).ReadString('\n')
	words, ok := strings.CutPrefix(line, "# needs ")
	if err != nil || !ok {
		t.Fatalf("%s does not say what it needs", script)
	}
	for _, what := range strings.Fields(words) {
		program, module, python := strings.Cut(what, ":")
		switch {
		case python: // where the packages of Debian are
			if exec.Command("/usr/bin/"+program, "-c", "import "+module).Run() != nil {
				missing(t, "python3-"+module)
			}
		case what == "root":
			if os.Getuid() != 0 {
				missing(t, "root's rights for "+filepath.Base(script))
			}
		default:
			Program(t, program)
		}
	}
}
