package hosttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Wrangler serves a folder as Cloudflare Pages would, without an account, until
// the test ends. said gives what it has printed so far: it names every line of
// _headers and _redirects that it does not take.
func Wrangler(t testing.TB, dir string) (base string, said func() string) {
	t.Helper()
	setsid, program, port, home := Program(t, "setsid"), Program(t, "wrangler"), Port(t), t.TempDir()
	log := filepath.Join(home, "said")
	said = func() string {
		text, _ := os.ReadFile(log)
		return string(text)
	}
	// It is three processes, of which the last would outlive the first: all of
	// them go when our end of the pipe is closed, be it that this process dies.
	const together = `exec 3<&0; (cat <&3; kill -9 -$$) >/dev/null & log=$1; shift; exec "$@" </dev/null >"$log" 2>&1`
	cmd := exec.Command(setsid, "sh", "-c", together, "sh", log,
		program, "pages", "dev", dir, "--ip", "127.0.0.1", "--port", strconv.Itoa(port), "--inspector-port", strconv.Itoa(Port(t)),
		"--compatibility-date", "2026-05-01", "--show-interactive-dev-session=false")
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home, "WRANGLER_SEND_METRICS=false", "CLOUDFLARE_CF_FETCH_ENABLED=false",
		"CI=true", "NO_COLOR=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("wrangler said:\n%s", said())
		}
	})
	Start(t, port, cmd)
	t.Cleanup(func() { in.Close() })
	return fmt.Sprintf("http://127.0.0.1:%d", port), said
}
