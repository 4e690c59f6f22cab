package hosttest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Program finds a server or another program that a test needs: in .ci/bin, among
// the npm packages of .ci, in .ci/root (packages of Debian that exclude each other), on
// the PATH, or where servers are (/usr/sbin). In CI a
// missing one fails the test; elsewhere the test is skipped and says so.
func Program(t testing.TB, name string) string {
	t.Helper()
	ci := filepath.Join(root(), ".ci")
	for _, dir := range append([]string{filepath.Join(ci, "bin"), filepath.Join(ci, "node_modules", ".bin"), filepath.Join(ci, "root", "usr", "sbin"), filepath.Join(ci, "root", "usr", "bin")},
		append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/lib/openssh")...) {
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

// Start runs a server until the test ends, and waits until it listens on port.
// What it printed is shown if the test fails.
func Start(t testing.TB, port int, cmd *exec.Cmd) {
	t.Helper()
	var out lockedBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", cmd.Path, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(cmd.Path), out.String())
		}
	})
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended at once:\n%s", cmd.Path, out.String())
		default:
		}
	}
	t.Fatalf("%s does not listen on %s:\n%s", cmd.Path, address, out.String())
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
