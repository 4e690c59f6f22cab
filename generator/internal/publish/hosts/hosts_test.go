package hosts

// What the tests of all hosts share.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

// hurried asks more often than one would ask a service. What ends in localhost is here,
// whether the system knows it or not.
var hurried = Network{Poll: 4 * time.Millisecond, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
	if host, port, err := net.SplitHostPort(address); err == nil && strings.HasSuffix(host, ".localhost") {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}}

// open opens a host of a kind, with its defaults filled in.
func open(t testing.TB, kind string, options map[string]string) publish.Host {
	t.Helper()
	return openBy(t, kind, options, hurried)
}

func openBy(t testing.TB, kind string, options map[string]string, n Network) publish.Host {
	t.Helper()
	h, err := Open(context.Background(), kind, Values{Options: options, Network: n})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// edit opens a host to change it.
func edit(t testing.TB, kind string, options map[string]string) *hosttest.Edit {
	t.Helper()
	return hosttest.NewEdit(open(t, kind, options))
}

func editBy(t testing.TB, kind string, options map[string]string, n Network) *hosttest.Edit {
	t.Helper()
	return hosttest.NewEdit(openBy(t, kind, options, n))
}

func editOf(t testing.TB, p hosttest.Place) *hosttest.Edit {
	t.Helper()
	return edit(t, p.Kind, p.Options)
}

// textFile is a page of some text.
func textFile(name, text string) (publish.File, publish.Body) {
	return hosttest.Text(name, text, publish.Header{"Content-Type": "text/html; charset=utf-8"})
}

// stage has a text be put, which a store shows at once and a deployer when it settles.
func stage(t testing.TB, h *hosttest.Edit, name, text string) {
	t.Helper()
	f, body := textFile(name, text)
	if err := h.Put(context.Background(), f, body); err != nil {
		t.Fatalf("Put %s: %v", name, err)
	}
}

func settle(t testing.TB, h *hosttest.Edit) {
	t.Helper()
	if err := h.Settle(context.Background()); err != nil {
		t.Fatalf("Settle: %v", err)
	}
}

func show(t testing.TB, h *hosttest.Edit, name, text string) {
	t.Helper()
	stage(t, h, name, text)
	settle(t, h)
}

// holds wants the host to hold a text, and reads readers to get it.
func holds(t testing.TB, h *hosttest.Edit, name, want string) {
	t.Helper()
	if got, err := h.Text(name); err != nil || got != want {
		t.Errorf("Get %q: %.60q (%d bytes), %v; want %.60q", name, got, len(got), err, want)
	}
}

func reads(t testing.TB, p hosttest.Place, name, want string) {
	t.Helper()
	if data, _, err := p.Read(name); err != nil || string(data) != want {
		t.Errorf("a reader gets of %s %.60q (%d bytes), %v; want %.60q", name, data, len(data), err, want)
	}
}

// nth counts sites, buckets and repositories on servers that tests share: no two have one
// name.
var nth atomic.Int64

// secrets are what stands in no error: whatever holds "geheim", and these.
var secrets = []string{"geheim", "GEHEIM", "-----BEGIN", "SharedKey", "Signature=", "eyJ"}

// wants wants an error: whether trying again is of no use, what it says, and that it
// shows no secret, ours or the others given.
func wants(t testing.TB, err error, final bool, says string, others ...string) {
	t.Helper()
	if err == nil || publish.IsFinal(err) != final || !strings.Contains(err.Error(), says) || len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("error %v (final: %v); want one that says %q (final: %v)", err, publish.IsFinal(err), says, final)
	}
	for _, secret := range append(others, secrets...) {
		if secret != "" && strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
			t.Errorf("error %v shows the secret %q", err, secret)
		}
	}
}

// turnsAway wants each operation of a host that is opened so to be refused.
func turnsAway(t *testing.T, kind string, options map[string]string, final bool, says string) {
	t.Helper()
	h := edit(t, kind, options)
	stage := func() error {
		f, body := textFile("page.html", "page")
		return errors.Join(h.Put(t.Context(), f, body), h.Settle(t.Context()))
	}
	_, statErr := h.Stat(t.Context(), "page.html")
	_, getErr := h.Get(t.Context(), "page.html")
	_, listErr := h.List(t.Context(), ".")
	for what, err := range map[string]error{"Put": stage(), "Stat": statErr, "Get": getErr, "List": listErr} {
		if err == nil || publish.IsFinal(err) != final {
			t.Errorf("%s: %v; want an error, final: %v", what, err, final)
		} else if what == "Put" {
			wants(t, err, final, says)
		}
	}
}

// steps has a context hear of the operations on the outside.
func steps(ctx context.Context) (context.Context, func() []string) {
	heard := make(chan string, 100_000)
	return publish.WithSteps(ctx, func(op, on string) error {
			heard <- op + " " + on
			return nil
		}), func() (all []string) {
			for len(heard) > 0 {
				all = append(all, <-heard)
			}
			return all
		}
}

// with gives options with others in their place; an empty value takes one away.
func with(options map[string]string, others ...string) map[string]string {
	all := maps.Clone(options)
	for i := 0; i < len(others); i += 2 {
		all[others[i]] = others[i+1]
		if others[i+1] == "" {
			delete(all, others[i])
		}
	}
	return all
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func must2[T any](v T, err error) T {
	must(err)
	return v
}

// write puts a file into a folder.
func write(dir, name, text string) string {
	file := filepath.Join(dir, filepath.FromSlash(name))
	must(os.MkdirAll(filepath.Dir(file), 0o755))
	must(os.WriteFile(file, []byte(text), 0o644))
	return file
}

// TestOptions tries what may stand in publish.toml and what may not. Mistakes are told in
// both languages, and show no secret.
func TestOptions(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "none")
	hosttest.Program(t, "rsync")
	account := accountKey(t, gcsTestKey(), "https://oauth2.googleapis.com/token")
	replace := strings.NewReplacer("$USER_KEY", keyText(sshKeys().user, ""), "$LOCKED_KEY", keyText(sshKeys().user, "geheim sesame"),
		"$OPEN_ACCOUNT", strings.Replace(account, "https://oauth2", "http://oauth2", 1), "$ACCOUNT", account, "$EMPTY", write(t.TempDir(), "empty.pem", ""))
	var kinds map[string]struct {
		Base  map[string]string
		Right []map[string]string
		Wrong [][]any
	}
	must(toml.Unmarshal(must2(os.ReadFile("testdata/options.toml")), &kinds))
	try := func(kind string, change map[string]string) error {
		options := maps.Clone(kinds[kind].Base)
		maps.Copy(options, change)
		for name, value := range options {
			options[name] = replace.Replace(value)
		}
		h, err := Open(t.Context(), kind, Values{Dir: "/project", Options: options})
		if err == nil {
			h.Close()
		}
		return err
	}
	han := regexp.MustCompile(`\p{Han}`)
	for kind, k := range kinds {
		for _, change := range k.Right {
			if err := try(kind, change); err != nil {
				t.Errorf("%s with %q: %v", kind, change, err)
			}
		}
		for _, row := range k.Wrong {
			change := map[string]string{}
			for name, value := range row[1].(map[string]any) {
				change[name] = value.(string)
			}
			err := try(kind, change)
			wants(t, err, true, row[0].(string), strings.Split(account, "\n")...)
			why, _ := publish.Explain(err)
			if detail := publish.Detail(err); !han.MatchString(detail.ZH) || han.MatchString(detail.EN) || !han.MatchString(why.ZH) {
				t.Errorf("%s with %q: told %q", kind, change, detail)
			}
		}
	}
	for _, k := range All {
		if k.Name != "folder" && len(kinds[k.Name].Wrong) == 0 {
			t.Errorf("no options of %s are tried", k.Name)
		}
	}
	t.Setenv("PATH", t.TempDir())
	wants(t, try("rsync", nil), true, "rsync is not installed")
}

// TestAnswers has services answer what real ones do and their stand-ins do not. Trying
// again is the protocol's.
func TestAnswers(t *testing.T) {
	var kinds map[string]struct {
		URL     string
		Options map[string]string
		Answers [][]any
	}
	must(toml.Unmarshal(must2(os.ReadFile("testdata/answers.toml")), &kinds))
	for kind, k := range kinds {
		for _, row := range k.Answers {
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				_, _ = io.Copy(io.Discard, r.Body)
				if len(row) > 4 {
					for name, value := range row[4].(map[string]any) {
						w.Header().Set(name, value.(string))
					}
				}
				w.WriteHeader(int(row[0].(int64)))
				_, _ = io.WriteString(w, strings.ReplaceAll(row[3].(string), "$AUTHORIZATION", r.Header.Get("Authorization")))
			}))
			h := edit(t, kind, with(k.Options, k.URL, server.URL))
			err := h.PutText(t.Context(), "zh/page.html", "page")
			wants(t, err, row[1].(bool), row[2].(string))
			if requests != 1 || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s %v: %v, in %d requests", kind, row, err, requests)
			}
			if _, err := h.Get(t.Context(), "zh/page.html"); kind == "s3" {
				wants(t, err, row[1].(bool), row[2].(string))
			}
			server.Close()
		}
	}
}
