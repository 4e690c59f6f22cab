package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gofrs/flock"
)

// publishProject makes a project with a built site and a publish.toml, and goes there.
func publishProject(t *testing.T, config string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"hugo.toml": "", "publish.toml": config, "public/index.html": "<html></html>\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := markBuilt(filepath.Join(dir, "public")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
}

// failure is what a command that failed writes as JSON.
type failure struct {
	OK          bool `json:"ok"`
	Diagnostics []struct {
		Check string `json:"check"`
		Fact  struct {
			ZH string `json:"zh"`
		} `json:"fact"`
	} `json:"diagnostics"`
}

func wantsFailure(t *testing.T, out []byte, check, zh string) {
	t.Helper()
	var f failure
	if err := json.Unmarshal(out, &f); err != nil || f.OK || len(f.Diagnostics) != 1 || f.Diagnostics[0].Check != check || !strings.Contains(f.Diagnostics[0].Fact.ZH, zh) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestPublishBusy has somebody else publish to the same target.
func TestPublishBusy(t *testing.T) {
	publishProject(t, "[targets.web]\nkind = \"folder\"\npath = \"www\"\n")
	if err := os.MkdirAll("www/releases", 0o755); err != nil {
		t.Fatal(err)
	}
	lock := flock.New("www/releases/.lock")
	if got, err := lock.TryLock(); err != nil || !got {
		t.Fatal(got, err)
	}
	var out, errs bytes.Buffer
	if status := run([]string{"publish", "web", "--json"}, &out, &errs); status != 3 {
		t.Errorf("exit status %d, want 3; %s", status, &errs)
	}
	wantsFailure(t, out.Bytes(), "busy", "有人正在往这里发布")
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if status := run([]string{"publish", "web"}, &out, &errs); status != 0 {
		t.Errorf("when the other is done: exit status %d; %s", status, &errs)
	}
}

// TestPublishInterrupted presses Ctrl-C while the host is asked.
func TestPublishInterrupted(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Error(err)
		}
		<-r.Context().Done()
	}))
	defer server.Close()
	t.Setenv("MINXI_TEST_KEY", "key-of-the-test")
	publishProject(t, fmt.Sprintf("[targets.web]\nkind = \"s3\"\nbucket = \"b\"\nendpoint = %q\naccess_key = { env = \"MINXI_TEST_KEY\" }\nsecret_key = { env = \"MINXI_TEST_KEY\" }\n", server.URL))
	for _, command := range []string{"publish web", "publish verify web", "publish releases web"} {
		var out, errs bytes.Buffer
		if status := run(append(strings.Fields(command), "--json"), &out, &errs); status != 1 || errs.Len() > 0 {
			t.Errorf("%s: exit status %d, want 1; %s", command, status, &errs)
		}
		wantsFailure(t, out.Bytes(), "interrupted", "已中断")
	}
	var out, errs bytes.Buffer
	if status := run([]string{"publish", "web", "--lang", "zh"}, &out, &errs); status != 1 || !strings.HasPrefix(errs.String(), "已中断\n    再运行一次会接着做") {
		t.Errorf("exit status %d: %s", status, &errs)
	}
}
