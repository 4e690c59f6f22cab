package hosts

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestGit(t *testing.T) {
	t.Parallel()
	for name, bench := range gitBenches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hosttest.Contract(t, bench)
		})
	}
}

var (
	gitBench   = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return gitPlace(t, gitRepo(t), nil) }}
	gitBenches = map[string]hosttest.Bench{
		"file": gitBench,
		"http": {Fresh: func(t testing.TB) hosttest.Place {
			dir, address := gitApache(t).repository(t)
			return gitPlace(t, dir, map[string]string{"url": address, "user": "alice", "token": gitTestToken,
				"folder": "docs/网站", "history": "single", "branch": "pages/main"})
		}},
	}
)

// gitRepo makes an empty repository that anybody may fetch from in part.
func gitRepo(t testing.TB) string {
	t.Helper()
	hosttest.Program(t, "git")
	dir := filepath.Join(t.TempDir(), "仓库.git")
	gitInit(t, dir)
	return dir
}

func gitInit(t testing.TB, dir string, args ...string) {
	t.Helper()
	gitDo(t, ".", append(append([]string{"init", "-q", "--bare"}, args...), dir)...)
	gitDo(t, dir, "config", "uploadpack.allowFilter", "true")
	gitDo(t, dir, "config", "http.receivepack", "true")
}

// gitPlace is a branch of a repository on this disk, and how it is opened and read.
func gitPlace(t testing.TB, dir string, options map[string]string) hosttest.Place {
	all := map[string]string{"url": "file://" + dir}
	for name, value := range options {
		all[name] = value
	}
	branch := all["branch"]
	if branch == "" {
		branch = "gh-pages"
	}
	var mu sync.Mutex
	var in io.Writer
	var out *bufio.Reader
	return hosttest.Place{Kind: "git", Options: all, Disk: filepath.Join(dir, "objects"),
		Open: func(t testing.TB) publish.Host { return open(t, "git", all) },
		// As a server reads its repository: by the branch's name, anew each time.
		Read: func(name string) ([]byte, publish.Header, error) {
			mu.Lock()
			defer mu.Unlock()
			if in == nil {
				cmd := gitCommand(dir, "cat-file", "--batch")
				w, err := cmd.StdinPipe()
				if err != nil {
					return nil, nil, err
				}
				r, err := cmd.StdoutPipe()
				if err != nil {
					return nil, nil, err
				}
				if err := cmd.Start(); err != nil {
					return nil, nil, err
				}
				t.Cleanup(func() { w.Close(); _ = cmd.Wait() })
				in, out = w, bufio.NewReader(r)
			}
			fmt.Fprintf(in, "%s:%s\n", branch, path.Join(all["folder"], name))
			line, err := out.ReadString('\n')
			if err != nil {
				return nil, nil, err
			}
			if strings.HasSuffix(line, " missing\n") {
				return nil, nil, fs.ErrNotExist
			}
			f := strings.Fields(line)
			if len(f) != 3 || f[1] != "blob" {
				return nil, nil, errors.New(line)
			}
			size, err := strconv.Atoi(f[2])
			if err != nil {
				return nil, nil, err
			}
			data := make([]byte, size+1)
			_, err = io.ReadFull(out, data)
			return data[:size], nil, err
		},
	}
}

// gitCommand is a git that no setting of the machine gets at.
func gitCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("git", append([]string{"-c", "safe.directory=*"}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@localhost", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@localhost"}
	return cmd
}

func gitDo(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := gitCommand(dir, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// gitCommitTree puts a commit with a tree of these lines (mode, kind, object, name)
// on the branch gh-pages.
func gitCommitTree(t testing.TB, dir string, lines ...string) {
	t.Helper()
	cmd := gitCommand(dir, "mktree", "--missing")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	tree, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	gitDo(t, dir, "update-ref", "refs/heads/gh-pages", gitDo(t, dir, "commit-tree", "-m", "by hand", strings.TrimSpace(string(tree))))
}

func gitBlobOf(t testing.TB, dir, text string) string {
	t.Helper()
	cmd := gitCommand(dir, "hash-object", "-w", "--stdin")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

const gitTestToken = "tok en:geheim/+%41"

// A gitServer is an Apache that serves repositories, to whoever has the token.
type gitServer struct {
	root, address string
	ends          io.Closer // the pipe; what nobody holds is closed by the collector
	mu            sync.Mutex
	n             int
}

func (s *gitServer) repository(t testing.TB, args ...string) (dir, address string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	name := fmt.Sprintf("repo-%d.git", s.n)
	dir = filepath.Join(s.root, name)
	gitInit(t, dir, args...)
	if os.Getuid() == 0 {
		owner, err := user.Lookup("www-data")
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("chown", "-R", owner.Uid+":"+owner.Gid, dir).CombinedOutput(); err != nil {
			t.Fatalf("chown: %v: %s", err, out)
		}
	}
	return dir, s.address + "/git/" + name
}

var gitApacheStarted struct {
	sync.Mutex
	*gitServer
}

// gitApache starts git-http-backend under Apache, once. The server ends when the
// test binary does: then the pipe closes that a shell reads.
func gitApache(t testing.TB) *gitServer {
	t.Helper()
	gitApacheStarted.Lock()
	defer gitApacheStarted.Unlock()
	if gitApacheStarted.gitServer != nil {
		return gitApacheStarted.gitServer
	}
	apache, git := hosttest.Program(t, "apache2"), hosttest.Program(t, "git")
	hosttest.Program(t, "htpasswd")
	backend := filepath.Join(gitDo(t, ".", "--exec-path"), "git-http-backend")
	dir, err := os.MkdirTemp("", "minxi-test-git-*")
	if err != nil {
		t.Fatal(err)
	}
	port := hosttest.Port(t)
	root := filepath.Join(dir, "repositories")
	said := filepath.Join(dir, "said")
	if err := errors.Join(os.Chmod(dir, 0o755), os.Mkdir(root, 0o755)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("htpasswd", "-bc", filepath.Join(dir, "users"), "alice", gitTestToken).CombinedOutput(); err != nil {
		t.Fatalf("htpasswd: %v: %s", err, out)
	}
	config := fmt.Sprintf(`
ServerName localhost
ServerRoot %[1]s
Listen 127.0.0.1:%[2]d
PidFile %[1]s/pid
ErrorLog %[1]s/errors
DefaultRuntimeDir %[1]s
LogLevel warn
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authn_file_module /usr/lib/apache2/modules/mod_authn_file.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
LoadModule auth_basic_module /usr/lib/apache2/modules/mod_auth_basic.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule env_module /usr/lib/apache2/modules/mod_env.so
LoadModule cgi_module /usr/lib/apache2/modules/mod_cgi.so
SetEnv PATH %[5]s
SetEnv GIT_PROJECT_ROOT %[3]s
SetEnv GIT_HTTP_EXPORT_ALL
SetEnv GIT_CONFIG_COUNT 1
SetEnv GIT_CONFIG_KEY_0 safe.directory
SetEnv GIT_CONFIG_VALUE_0 *
ScriptAlias /git/ %[4]s/
<Location />
	AuthType Basic
	AuthName git
	AuthBasicProvider file
	AuthUserFile %[1]s/users
	Require valid-user
</Location>
`, dir, port, root, backend, filepath.Dir(git)+":/usr/bin:/bin")
	if os.Getuid() == 0 {
		config += "User www-data\nGroup www-data\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", `"$1" -X -f "$2/conf" >"$3" 2>&1 & read -r _; kill $!; wait; rm -rf "$2"`, "sh", apache, dir, said)
	ends, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	for range 3000 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			gitApacheStarted.gitServer = &gitServer{root: root, address: "http://" + address, ends: ends}
			return gitApacheStarted.gitServer
		}
		time.Sleep(20 * time.Millisecond)
	}
	out, _ := os.ReadFile(said)
	errorLog, _ := os.ReadFile(filepath.Join(dir, "errors"))
	t.Fatalf("apache2 does not listen:\n%s%s", out, errorLog)
	return nil
}

// gitSteps counts what a host does on the outside.
func gitSteps(counts map[string]int) context.Context {
	var mu sync.Mutex
	return publish.WithSteps(context.Background(), func(op, _ string) error {
		mu.Lock()
		defer mu.Unlock()
		counts[op]++
		return nil
	})
}

func gitWants(t *testing.T, err error, final bool, says ...string) {
	t.Helper()
	if err == nil {
		t.Error("there is no error")
		return
	}
	if got := errors.Is(err, publish.Final(err)) || publish.IsFinal(err); got != final {
		t.Errorf("final is %v, want %v: %v", got, final, err)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error is %q; want it to say %q", err, text)
		}
	}
	if strings.Contains(err.Error(), gitTestToken) || strings.Contains(err.Error(), "geheim") {
		t.Errorf("the error shows the token: %v", err)
	}
}

// Each publish is one commit, which says what it is and who made it; no settings
// of the machine, the user or the environment show in it.
func TestGitCommits(t *testing.T) {
	dir, address := gitApache(t).repository(t) // a server on this disk would obey the settings of the user
	home := t.TempDir()
	hooks := filepath.Join(home, "hooks")
	if err := os.Mkdir(hooks, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"pre-push", "pre-commit", "reference-transaction", "post-index-change"} {
		if err := os.WriteFile(filepath.Join(hooks, hook), []byte("#!/bin/sh\necho a hook of the user ran >&2\nexit 1\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	config := fmt.Sprintf(`
[user]
	name = 某人
	email = somebody@example.com
	signingKey = none
[commit]
	gpgSign = true
[push]
	gpgSign = true
	followTags = true
	default = nothing
[core]
	hooksPath = %s
	autocrlf = true
	attributesFile = %s/attributes
[filter "shout"]
	clean = tr a-z A-Z
	required = true
[init]
	templateDir = %s/no-such-template
	defaultObjectFormat = sha256
[i18n]
	commitEncoding = gb18030
[fetch]
	prune = true
`, hooks, home, home)
	if err := errors.Join(os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o644), os.WriteFile(filepath.Join(home, "attributes"), []byte("* filter=shout text eol=crlf\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"HOME": home, "XDG_CONFIG_HOME": home, "GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index",
		"GIT_AUTHOR_NAME": "wrong", "GIT_COMMITTER_DATE": "2001-01-01", "GIT_OBJECT_DIRECTORY": "/nowhere", "GIT_DEFAULT_HASH": "sha256",
		"GIT_TEMPLATE_DIR": "/nowhere", "GIT_TRACE": "1", "LC_ALL": "zh_CN.UTF-8", "LANGUAGE": "zh_CN", "TZ": "Asia/Shanghai"} {
		t.Setenv(name, value)
	}
	place := gitPlace(t, dir, map[string]string{"url": address, "user": "alice", "token": gitTestToken})
	h := editOf(t, place)
	defer h.Close()
	log := func() string {
		return gitDo(t, dir, "log", "--format=%an <%ae>|%cn <%ce>|%ad|%s|%G?", "--date=format:%z", "gh-pages")
	}
	const who = "minxi publish <publish@localhost>|minxi publish <publish@localhost>|+0000|"

	stage(t, h, "a/b.html", "line\r\nline\n")
	stage(t, h, "index.html", "home")
	settle(t, h)
	first := who + "Publish: 2 files added, 0 changed, 0 removed|N"
	if got := log(); got != first {
		t.Errorf("the log is\n%s\nwant\n%s", got, first)
	}
	if data, _, err := place.Read("a/b.html"); string(data) != "line\r\nline\n" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
	settle(t, h) // nothing
	stage(t, h, "index.html", "home")
	stage(t, h, "x", "for a moment")
	if err := h.Delete(context.Background(), "x"); err != nil {
		t.Fatal(err)
	}
	settle(t, h) // the same again
	if got := log(); got != first {
		t.Errorf("without a change there is a commit:\n%s", got)
	}
	stage(t, h, "index.html", "home, changed")
	if err := h.Delete(context.Background(), "a/b.html"); err != nil {
		t.Fatal(err)
	}
	settle(t, h)
	if got, want := log(), who+"Publish: 0 files added, 1 changed, 1 removed|N\n"+first; got != want {
		t.Errorf("the log is\n%s\nwant\n%s", got, want)
	}
	if got := gitDo(t, dir, "ls-tree", "-r", "-t", "--format=%(objectmode) %(path)", "gh-pages"); got != "100644 index.html" {
		t.Errorf("the tree is %q", got)
	}
	gitDo(t, dir, "fsck", "--strict", "--no-dangling")
	if got := gitDo(t, dir, "for-each-ref", "--format=%(refname)"); got != "refs/heads/gh-pages" {
		t.Errorf("the refs are %q", got)
	}
}

// With history = single the branch is one commit, whatever else was in it stays,
// and files that did not change are neither fetched nor sent.
func TestGitSingle(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t)
	var lines []string
	for i := range 50 {
		lines = append(lines, fmt.Sprintf("100644 blob %s\tpage-%d", gitBlobOf(t, dir, fmt.Sprint("old ", i)), i))
	}
	gitCommitTree(t, dir, append(lines, "100755 blob "+gitBlobOf(t, dir, "#!/bin/sh\n")+"\trun", "100644 blob "+gitBlobOf(t, dir, "www.example.org\n")+"\tCNAME")...)
	gitDo(t, dir, "repack", "-adq")
	counts := map[string]int{}
	ctx := gitSteps(counts)
	h := editOf(t, gitPlace(t, dir, map[string]string{"history": "single"}))
	defer h.Close()
	for i := range 3 {
		f, body := publish.File{Path: "index.html", Size: 1}, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(fmt.Sprint(i))), nil }
		if err := h.Put(ctx, f, body); err != nil {
			t.Fatal(err)
		}
		if err := h.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		if got := gitDo(t, dir, "rev-list", "--count", "gh-pages"); got != "1" {
			t.Errorf("after %d publishes the branch has %s commits", i+1, got)
		}
	}
	if got := gitDo(t, dir, "ls-tree", "gh-pages", "CNAME", "run"); !strings.Contains(got, "100755 blob") || !strings.Contains(got, "CNAME") {
		t.Errorf("left of what was there: %q", got)
	}
	// A blob, a tree and a commit for each publish, and nothing that was there.
	if got := gitDo(t, dir, "count-objects"); !strings.HasPrefix(got, "9 objects") {
		t.Errorf("arrived at the server: %s", got)
	}
	if counts["fetch"] != 1 {
		t.Errorf("fetched %d times", counts["fetch"])
	}
}

// The first call fetches folders and no files. Files are fetched as they are wanted,
// and all at once when many are.
func TestGitFetchesLittle(t *testing.T) {
	t.Parallel()
	for name, allowed := range map[string]string{"in part": "true", "only whole": "false"} {
		t.Run(name, func(t *testing.T) {
			dir := gitRepo(t)
			gitDo(t, dir, "config", "uploadpack.allowFilter", allowed)
			var lines []string
			for i := range 60 {
				lines = append(lines, fmt.Sprintf("100644 blob %s\t%d", gitBlobOf(t, dir, fmt.Sprint("page ", i)), i))
			}
			gitCommitTree(t, dir, lines...)
			counts := map[string]int{}
			ctx := gitSteps(counts)
			h := editOf(t, gitPlace(t, dir, nil))
			defer h.Close()
			if names, err := h.List(ctx, "."); err != nil || len(names) != 60 {
				t.Fatalf("List: %q, %v", names, err)
			}
			// A publish that changes a file and gives others a second name needs none of them.
			f, body := bytesFile("new", []byte("new"))
			if err := errors.Join(h.Put(ctx, f, body), h.Copy(ctx, "7", publish.File{Path: "twice/7"}), h.Delete(ctx, "9"), h.Settle(ctx)); err != nil {
				t.Fatal(err)
			}
			if counts["fetch"] != 1 {
				t.Errorf("fetched %d times", counts["fetch"])
			}
			for i := range 60 {
				if got, err := h.Text(fmt.Sprint(i)); i != 9 && (err != nil || got != fmt.Sprint("page ", i)) {
					t.Errorf("Get %d: %q, %v", i, got, err)
				}
			}
			if got, err := h.Text("twice/7"); err != nil || got != "page 7" {
				t.Errorf("a second name: %q, %v", got, err)
			}
			// Not more than it takes to lose patience; and none behind our back.
			if got, most := counts["fetch"], 1+map[string]int{"true": gitPatience + 1}[allowed]; got > most {
				t.Errorf("fetched %d times, want %d at most", got, most)
			}
		})
	}
}

// Links and submodules of a branch are not followed, and what is put under their
// names takes their place.
func TestGitLinks(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t)
	gitCommitTree(t, dir, "120000 blob "+gitBlobOf(t, dir, "/etc")+"\tlink", "120000 blob "+gitBlobOf(t, dir, "page")+"\tto-page",
		"160000 commit 1234567890123456789012345678901234567890\tmodule", "100644 blob "+gitBlobOf(t, dir, "page")+"\tpage")
	place := gitPlace(t, dir, nil)
	h := editOf(t, place)
	defer h.Close()
	ctx := context.Background()
	for _, name := range []string{"link", "to-page", "module", "link/passwd", "module/x", "page/x"} {
		if got, err := h.Text(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Get %s: %q, %v", name, got, err)
		}
		if _, err := h.Stat(ctx, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Stat %s: %v", name, err)
		}
	}
	if names, err := h.List(ctx, "."); err != nil || !slices.Equal(names, []string{"page"}) {
		t.Errorf("List: %q, %v", names, err)
	}
	if names, err := h.List(ctx, "link"); err != nil || len(names) != 0 {
		t.Errorf("List of a link: %q, %v", names, err)
	}
	gitWants(t, h.PutText(ctx, "link/passwd", ""), true, "symbolic link")
	h.Discard()
	gitWants(t, h.PutText(ctx, "module/a/b", ""), true, "submodule")
	h.Discard()
	gitWants(t, publish.Final(h.Traits().Limits.Takes("a/.GIT/config")), true, ".git")
	stage(t, h, "to-page", "a page of its own")
	stage(t, h, "page/x", "now a folder")
	for _, name := range []string{"module", "page"} {
		if err := h.Delete(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	settle(t, h)
	if got := gitDo(t, dir, "ls-tree", "-r", "--format=%(objectmode) %(path)", "gh-pages"); got != "120000 link\n100644 page/x\n100644 to-page" {
		t.Errorf("the tree is %q", got)
	}
	if data, _, err := place.Read("to-page"); string(data) != "a page of its own" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
}

// Of two publishers the second to push changes nothing, learns it, and can begin
// anew with what the first has made.
func TestGitTwoPublishers(t *testing.T) {
	t.Parallel()
	for name, bench := range gitBenches {
		t.Run(name, func(t *testing.T) {
			place := bench.Fresh(t)
			a, b := editOf(t, place), editOf(t, place)
			defer a.Close()
			defer b.Close()
			ctx := context.Background()
			var busy *publish.BusyError
			for round := range 2 { // a branch that is new, and one that is not
				for _, h := range []*hosttest.Edit{a, b} {
					_, unlock, err := h.Lock(ctx, "me")
					if err != nil {
						t.Fatal(err)
					}
					defer func() { _ = unlock() }()
				}
				stage(t, a, "index.html", fmt.Sprint("a", round))
				stage(t, b, "index.html", fmt.Sprint("b", round))
				stage(t, b, "other.html", "b")
				settle(t, a)
				if err := b.Settle(ctx); !errors.As(err, &busy) {
					t.Errorf("the second Commit: %v", err)
				}
				if data, _, err := place.Read("index.html"); string(data) != fmt.Sprint("a", round) {
					t.Errorf("a reader gets %q, %v", data, err)
				}
				if got, err := b.Text("index.html"); got != fmt.Sprint("a", round) {
					t.Errorf("the second sees %q, %v", got, err)
				}
				if _, err := b.Stat(ctx, "other.html"); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("the stage is still there: %v", err)
				}
			}
			// Lock sees what came meanwhile, and so does not fail later.
			stage(t, a, "index.html", "a, again")
			settle(t, a)
			if _, _, err := b.Lock(ctx, "b"); err != nil {
				t.Fatal(err)
			}
			stage(t, b, "index.html", "b, at last")
			settle(t, b)
			if data, _, err := place.Read("index.html"); string(data) != "b, at last" {
				t.Errorf("a reader gets %q, %v", data, err)
			}
		})
	}
}

// Many publishers at the same moment: each Commit is either whole or a BusyError.
func TestGitRace(t *testing.T) {
	t.Parallel()
	place := gitBench.Fresh(t)
	var mu sync.Mutex
	won := map[string]bool{}
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			h := editOf(t, place)
			defer h.Close()
			name := fmt.Sprint("publisher-", i)
			if err := h.Put(context.Background(), publish.File{Path: name, Size: 1}, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }); err != nil {
				t.Error(err)
				return
			}
			var busy *publish.BusyError
			err := h.Settle(context.Background())
			if err != nil && !errors.As(err, &busy) {
				t.Errorf("Commit: %v", err)
			}
			mu.Lock()
			won[name] = err == nil
			mu.Unlock()
		})
	}
	all.Wait()
	for name, whole := range won {
		if _, _, err := place.Read(name); whole != (err == nil) {
			t.Errorf("%s was told %v, and a reader gets %v", name, whole, err)
		}
	}
}

// What a server says when it refuses reaches the user; the branch and the stage
// stay, and the same Commit works as soon as the server agrees.
func TestGitRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hook  string
		final bool
		says  []string
	}{
		"pre-receive": {"printf 'protected branch:\\033[31m ask the web team 请联系网站组\\n' >&2; exit 1", true,
			[]string{"git push: ", "protected branch:", "ask the web team 请联系网站组", "pre-receive hook declined"}},
		"update": {"echo no update of $1 >&2; exit 1", true, []string{"no update of refs/heads/gh-pages", "hook declined"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := gitRepo(t)
			hook := filepath.Join(dir, "hooks", name)
			place := gitPlace(t, dir, nil)
			h := editOf(t, place)
			defer h.Close()
			stage(t, h, "page", "old")
			settle(t, h)
			if err := os.WriteFile(hook, []byte("#!/bin/sh\n"+c.hook+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			stage(t, h, "page", "new")
			err := h.Settle(context.Background())
			gitWants(t, err, c.final, c.says...)
			if err != nil && strings.Contains(err.Error(), "\x1b") {
				t.Errorf("the server writes on the terminal: %q", err)
			}
			if data, _, err := place.Read("page"); string(data) != "old" {
				t.Errorf("a reader gets %q, %v", data, err)
			}
			if err := os.Remove(hook); err != nil {
				t.Fatal(err)
			}
			settle(t, h)
			if data, _, err := place.Read("page"); string(data) != "new" {
				t.Errorf("then a reader gets %q, %v", data, err)
			}
		})
	}
	t.Run("no new history", func(t *testing.T) {
		dir := gitRepo(t)
		gitDo(t, dir, "config", "receive.denyNonFastForwards", "true")
		h := editOf(t, gitPlace(t, dir, map[string]string{"history": "single"}))
		defer h.Close()
		stage(t, h, "page", "old")
		settle(t, h)
		stage(t, h, "page", "new")
		gitWants(t, h.Settle(context.Background()), true, "non-fast-forward")
	})
}

// A push that has arrived counts, whatever became of its answer; and one that was
// lost is sent again as the same commit.
func TestGitLostAnswer(t *testing.T) {
	t.Parallel()
	server := gitApache(t)
	dir, address := server.repository(t)
	var cut string // "before" or "after" the push reaches the server
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		push := strings.HasSuffix(r.URL.Path, "/git-receive-pack")
		if push && cut == "before" {
			panic(http.ErrAbortHandler)
		}
		out, _ := http.NewRequest(r.Method, server.address+r.URL.RequestURI(), bytes.NewReader(data))
		out.Header = r.Header
		res, err := http.DefaultTransport.RoundTrip(out)
		if err != nil || push && cut == "after" {
			panic(http.ErrAbortHandler)
		}
		defer res.Body.Close()
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	}))
	defer proxy.Close()
	place := gitPlace(t, dir, map[string]string{"url": strings.Replace(address, server.address, proxy.URL, 1), "user": "alice", "token": gitTestToken})
	h := editOf(t, place)
	defer h.Close()
	stage(t, h, "page", "one")
	cut = "before"
	gitWants(t, h.Settle(context.Background()), false, "git push")
	if _, _, err := place.Read("page"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a reader gets %v", err)
	}
	cut = "after"
	if err := h.Settle(context.Background()); err != nil {
		t.Errorf("the push arrived, and Commit says %v", err)
	}
	if got := gitDo(t, dir, "rev-list", "--count", "gh-pages"); got != "1" {
		t.Errorf("%s commits arrived", got)
	}
	stage(t, h, "page", "two")
	cut = ""
	settle(t, h)
	if data, _, err := place.Read("page"); string(data) != "two" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
}

// A process that is killed in the middle of a push leaves the old branch and
// nothing that is in the way; its git ends with it.
func TestGitKilled(t *testing.T) {
	if options := os.Getenv("MINXI_TEST_GIT_KILLED"); options != "" {
		h := edit(t, "git", map[string]string{"url": options})
		stage(t, h, "page", "from the killed one")
		t.Log(h.Settle(context.Background()))
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends programs with those that started them")
	}
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dir := gitRepo(t)
	place := gitPlace(t, dir, nil)
	h := editOf(t, place)
	stage(t, h, "page", "old")
	settle(t, h)
	h.Close()
	// The hook says that the push is under way, waits, and lets it through.
	reached, let := filepath.Join(temp, "reached"), filepath.Join(temp, "let")
	hook := fmt.Sprintf("#!/bin/sh\ncat >/dev/null\ntouch '%s'\nwhile ! test -e '%s'; do sleep 0.02; done\n", reached, let)
	if err := os.WriteFile(filepath.Join(dir, "hooks", "pre-receive"), []byte(hook), 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	victim := exec.Command(os.Args[0], "-test.run=^TestGitKilled$")
	victim.Env = append(os.Environ(), "MINXI_TEST_GIT_KILLED="+place.Options["url"])
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	for range 3000 {
		if _, err := os.Stat(reached); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	pushes := func() (pids []string) {
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range lines {
			if line, _ := os.ReadFile(file); bytes.Contains(line, []byte("\x00push\x00")) && bytes.Contains(line, []byte(place.Options["url"])) {
				pids = append(pids, file)
			}
		}
		return pids
	}
	if len(pushes()) == 0 {
		t.Fatal("there is no git push to be seen")
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	for range 3000 {
		if len(pushes()) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if left := pushes(); len(left) != 0 {
		t.Errorf("git push goes on without its parent: %q", left)
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "minxi-git-*")); len(left) != 1 {
		t.Errorf("the killed process has left %q", left)
	}
	h = editOf(t, place)
	defer h.Close()
	if got, err := h.Text("page"); got != "old" {
		t.Errorf("the next process sees %q, %v", got, err)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, "hooks", "pre-receive")), os.WriteFile(let, nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	// The server has all of the killed push and may still let it in, late.
	for range 3 {
		stage(t, h, "page", "new")
		var busy *publish.BusyError
		if err = h.Settle(context.Background()); !errors.As(err, &busy) {
			break
		}
	}
	if err != nil {
		t.Errorf("Commit: %v", err)
	}
	if data, _, err := place.Read("page"); string(data) != "new" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "minxi-git-*")); len(left) != 1 {
		t.Errorf("temporary folders: %q; want that of this process", left)
	}
}

// gitList opens a branch and lists it.
func gitList(t *testing.T, dir string, options map[string]string) error {
	t.Helper()
	h := editOf(t, gitPlace(t, dir, options))
	defer h.Close()
	_, err := h.List(context.Background(), ".")
	return err
}

func TestGitAccess(t *testing.T) {
	server := gitApache(t)
	dir, address := server.repository(t)
	t.Run("wrong token", func(t *testing.T) {
		err := gitList(t, dir, map[string]string{"url": address, "user": "alice", "token": "geheim, but wrong"})
		gitWants(t, err, true, "git ls-remote", "Authentication failed")
	})
	t.Run("no token", func(t *testing.T) {
		gitWants(t, gitList(t, dir, map[string]string{"url": address}), true, "git ls-remote", "Username")
	})
	t.Run("a helper of the user", func(t *testing.T) {
		home := t.TempDir()
		stored := strings.Replace(server.address, "://", "://alice:tok%20en%3Ageheim%2F%2B%2541@", 1)
		if err := errors.Join(os.WriteFile(filepath.Join(home, "store"), []byte(stored+"\n"), 0o600),
			os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("[credential]\n\thelper = store --file="+home+"/store\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
		t.Setenv("HOME", home)
		if err := gitList(t, dir, map[string]string{"url": address}); err != nil {
			t.Errorf("without a token the user's helper is not asked: %v", err)
		}
		if err := gitList(t, dir, map[string]string{"url": address, "user": "alice", "token": gitTestToken}); err != nil {
			t.Error(err)
		}
		err := gitList(t, dir, map[string]string{"url": address, "user": "alice", "token": "geheim, but wrong"})
		gitWants(t, err, true, "Authentication failed")
		if left, _ := os.ReadFile(filepath.Join(home, "store")); !strings.HasPrefix(string(left), "http://alice:tok%20en") || bytes.Contains(left, []byte("wrong")) {
			t.Errorf("the user's store now holds %q", left)
		}
	})
	t.Run("the token goes nowhere else", func(t *testing.T) {
		var got []string
		thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if user, password, ok := r.BasicAuth(); ok {
				got = append(got, user+":"+password)
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="mine"`)
			w.WriteHeader(http.StatusUnauthorized)
		}))
		defer thief.Close()
		away := httptest.NewServer(http.RedirectHandler(thief.URL+"/x.git/info/refs?service=git-upload-pack", http.StatusFound))
		defer away.Close()
		gitWants(t, gitList(t, dir, map[string]string{"url": away.URL + "/x.git", "token": gitTestToken}), true)
		if len(got) != 0 {
			t.Errorf("another server was given %d tokens", len(got))
		}
	})
}

func TestGitToken(t *testing.T) {
	dir, address := gitApache(t).repository(t)
	t.Run("no trace on disk or command line", func(t *testing.T) {
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		h := editOf(t, gitPlace(t, dir, map[string]string{"url": address, "user": "alice", "token": gitTestToken}))
		defer h.Close()
		stage(t, h, "page", "page")
		settle(t, h)
		secrets := [][]byte{[]byte(gitTestToken), []byte("geheim")}
		err := filepath.WalkDir(temp, func(file string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(file)
			for _, secret := range secrets {
				if bytes.Contains(data, secret) {
					t.Errorf("%s holds the token", file)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		cmd, _ := h.Host.(*gitHost).work.command(context.Background(), true, "push", address)
		if strings.Contains(strings.Join(cmd.Args, " "), "geheim") {
			t.Error("the command line holds the token")
		}
		if cmd, _ := h.Host.(*gitHost).work.command(context.Background(), false, "mktree"); strings.Contains(strings.Join(cmd.Env, " "), "geheim") {
			t.Error("a git that reaches no server is given the token")
		}
	})
	t.Run("the token is hidden", func(t *testing.T) {
		s, err := newScratch("git")
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		w := &gitWork{gitHost: &gitHost{user: "alice", token: gitTestToken}, scratch: s}
		said := &gitSaid{}
		req, _ := http.NewRequest("GET", "http://x/", nil)
		req.SetBasicAuth("alice", gitTestToken)
		fmt.Fprintf(said, "remote: you sent %s and %s\n", gitTestToken, req.Header.Get("Authorization"))
		err = w.result(context.Background(), "push", errors.New("exit status 1"), said)
		gitWants(t, err, false, "you sent … and Basic …")
	})
}

func TestGitTrouble(t *testing.T) {
	server := gitApache(t)
	dir, _ := server.repository(t)
	t.Run("no such repository", func(t *testing.T) {
		gitWants(t, gitList(t, dir, map[string]string{"url": server.address + "/git/no-such.git", "user": "alice", "token": gitTestToken}), true, "no-such.git")
		gitWants(t, gitList(t, dir, map[string]string{"url": "file:///no/such.git"}), true, "/no/such.git")
	})
	t.Run("no server", func(t *testing.T) {
		gitWants(t, gitList(t, dir, map[string]string{"url": fmt.Sprintf("http://127.0.0.1:%d/x.git", hosttest.Port(t)), "token": gitTestToken}), false, "git ls-remote")
	})
	t.Run("a server in trouble", func(t *testing.T) {
		for status, final := range map[int]bool{500: false, 503: false, 429: false, 403: true} {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			gitWants(t, gitList(t, dir, map[string]string{"url": s.URL + "/x.git"}), final, strconv.Itoa(status))
			s.Close()
		}
	})
	t.Run("a certificate of nobody", func(t *testing.T) {
		s := httptest.NewTLSServer(http.NotFoundHandler())
		defer s.Close()
		t.Setenv("GIT_SSL_NO_VERIFY", "1")
		gitWants(t, gitList(t, dir, map[string]string{"url": s.URL + "/x.git", "token": gitTestToken}), true, "certificate")
	})
	t.Run("a server that says nothing", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		place := gitPlace(t, dir, map[string]string{"url": "http://" + l.Addr().String() + "/x.git"})
		h := editOf(t, place)
		defer h.Close()
		h.Host.(*gitHost).patience = 300 * time.Millisecond
		_, err = h.List(context.Background(), ".")
		gitWants(t, err, false, "no answer")
		ctx, cancel := context.WithCancel(context.Background())
		h.Host.(*gitHost).patience = time.Hour
		go func() {
			if c, err := l.Accept(); err == nil { // of the first
				c.Close()
			}
			if _, err := l.Accept(); err == nil {
				cancel()
			}
		}()
		if _, err = h.List(ctx, "."); !errors.Is(err, context.Canceled) {
			t.Errorf("a List that is called off: %v", err)
		}
	})
}

func TestGitOptions(t *testing.T) {
	for _, c := range []struct {
		option  string
		options map[string]string
	}{
		{"url", map[string]string{"url": "ext::sh -c id"}},
		{"url", map[string]string{"url": "ftp://example.org/x.git"}},
		{"url", map[string]string{"url": "--upload-pack=id"}},
		{"url", map[string]string{"url": "-oProxyCommand=id:x"}},
		{"url", map[string]string{"url": "relative/path"}},
		{"url", map[string]string{"url": "https://alice:geheim@example.org/x.git"}},
		{"url", map[string]string{"url": "https://exa mple.org/%zz?geheim"}},
		{"url", map[string]string{"url": "http://example.org/x.git", "token": "geheim"}},
		{"token", map[string]string{"url": "git@example.org:x.git", "token": "geheim"}},
		{"token", map[string]string{"url": "https://example.org/x.git", "token": "geheim\nhost=evil.example.org"}},
		{"branch", map[string]string{"url": "file:///x", "branch": "refs/heads/x"}},
		{"branch", map[string]string{"url": "file:///x", "branch": "-d"}},
		{"branch", map[string]string{"url": "file:///x", "branch": "a..b"}},
		{"branch", map[string]string{"url": "file:///x", "branch": "a b"}},
		{"branch", map[string]string{"url": "file:///x", "branch": "a:b"}},
		{"branch", map[string]string{"url": "file:///x", "branch": "HEAD"}},
		{"branch", map[string]string{"url": "file:///x", "branch": "a.lock"}},
		{"folder", map[string]string{"url": "file:///x", "folder": "../up"}},
		{"folder", map[string]string{"url": "file:///x", "folder": "a/.git"}},
		{"name", map[string]string{"url": "file:///x", "name": "a <b>"}},
		{"name", map[string]string{"url": "file:///x", "name": ""}},
		{"email", map[string]string{"url": "file:///x", "email": "a\nb"}},
	} {
		_, err := Open(context.Background(), "git", Values{Options: c.options})
		if err == nil || !strings.HasPrefix(err.Error(), c.option+": ") || strings.Contains(err.Error(), "geheim") || !publish.IsFinal(err) {
			t.Errorf("%v: %v; want a final error about %s", c.options, err, c.option)
		}
	}
	for _, options := range []map[string]string{
		{"url": "git@gitee.com:minxi/site.git"},
		{"url": "gitee.com:minxi/site.git"},
		{"url": "ssh://git@example.org:2222/~/site.git"},
		{"url": "https://gitee.com/minxi/site.git", "token": "geheim\n"},
		{"url": "http://localhost:3000/x.git", "token": "geheim"},
		{"url": "file:///srv/网站.git", "branch": "站点/主", "folder": "docs/", "name": "龙岩 publisher"},
	} {
		if _, err := Open(context.Background(), "git", Values{Options: options}); err != nil {
			t.Errorf("%v: %v", options, err)
		}
	}
}

// Over ssh an unknown host key is refused, and no question is asked.
func TestGitSSH(t *testing.T) {
	sshd, keygen := hosttest.Program(t, "sshd"), hosttest.Program(t, "ssh-keygen")
	hosttest.Program(t, "ssh")
	dir := t.TempDir()
	for _, key := range []string{"host", "user"} {
		if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
	}
	port := hosttest.Port(t)
	config := fmt.Sprintf("ListenAddress 127.0.0.1:%d\nHostKey %s/host\nAuthorizedKeysFile %[2]s/user.pub\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n", port, dir)
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	hosttest.Start(t, port, exec.Command(sshd, "-D", "-e", "-f", filepath.Join(dir, "config")))
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	repo := gitRepo(t)
	place := gitPlace(t, repo, map[string]string{"url": fmt.Sprintf("ssh://%s@127.0.0.1:%d%s", me.Username, port, repo)})
	known := filepath.Join(dir, "known_hosts")
	t.Setenv("GIT_SSH_COMMAND", gitSSH+" -F /dev/null -i "+filepath.Join(dir, "user")+" -o UserKnownHostsFile="+known)
	publishOne := func() error {
		h := editOf(t, place)
		defer h.Close()
		if err := h.Put(context.Background(), publish.File{Path: "page", Size: 4}, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("page")), nil }); err != nil {
			return err
		}
		return h.Settle(context.Background())
	}
	gitWants(t, publishOne(), true, "git ls-remote", "Host key verification failed")
	write := func(keyFile string) {
		key, _ := os.ReadFile(filepath.Join(dir, keyFile))
		if err := os.WriteFile(known, fmt.Appendf(nil, "[127.0.0.1]:%d %s", port, key), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("user.pub") // another key than the server's
	gitWants(t, publishOne(), true, "git ls-remote", "Host key verification failed")
	write("host.pub")
	if err := publishOne(); err != nil {
		t.Errorf("with the right host key: %v", err)
	}
	if data, _, err := place.Read("page"); string(data) != "page" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
	t.Setenv("GIT_SSH_COMMAND", gitSSH+" -F /dev/null -o IdentitiesOnly=yes -i /dev/null -o UserKnownHostsFile="+known)
	gitWants(t, publishOne(), true, "Permission denied")
}

// Names that git quotes or that end a line.
func TestGitNames(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t)
	place := gitPlace(t, dir, nil)
	h := editOf(t, place)
	defer h.Close()
	names := []string{`"quoted"`, `back\slash`, "two\nlines", " spaces ", "tab\t", `"half`, `\n`, "-option", ":(glob)*", "refs/heads/x", "@{u}", "页.html"}
	for _, folder := range []string{"", "in \"a\nfolder/"} {
		for _, name := range names {
			stage(t, h, folder+name, "text of "+name)
		}
	}
	settle(t, h)
	other := editOf(t, place)
	defer other.Close()
	for _, folder := range []string{"", "in \"a\nfolder/"} {
		for _, name := range names {
			if got, err := other.Text(folder + name); got != "text of "+name {
				t.Errorf("Get %q: %q, %v", folder+name, got, err)
			}
			if err := other.Delete(context.Background(), folder+name); err != nil {
				t.Errorf("Delete %q: %v", folder+name, err)
			}
		}
	}
	settle(t, other)
	if got := gitDo(t, dir, "ls-tree", "-r", "-t", "gh-pages"); got != "" {
		t.Errorf("left is %s", got)
	}
	if got := gitDo(t, dir, "log", "-1", "--format=%s", "gh-pages"); got != "Publish: 0 files added, 0 changed, 24 removed" {
		t.Errorf("the commit says %q", got)
	}
}

// A folder that becomes a file, and the other way round, in one publish and back.
func TestGitFileAndFolder(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t)
	h := editOf(t, gitPlace(t, dir, nil))
	defer h.Close()
	gone := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if err := h.Delete(context.Background(), name); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func(subject string, want ...string) {
		t.Helper()
		settle(t, h)
		if got := gitDo(t, dir, "ls-tree", "-r", "--name-only", "gh-pages"); got != strings.Join(want, "\n") {
			t.Errorf("the branch holds %q, want %q", got, want)
		}
		if got := gitDo(t, dir, "log", "-1", "--format=%s", "gh-pages"); got != "Publish: "+subject {
			t.Errorf("the commit says %q", got)
		}
	}
	stage(t, h, "a/b/c", "1")
	stage(t, h, "a/b/d", "2")
	stage(t, h, "z", "3")
	check("3 files added, 0 changed, 0 removed", "a/b/c", "a/b/d", "z")
	stage(t, h, "a/b", "4")
	stage(t, h, "z/y/x", "5")
	gone("a/b/c", "a/b/d", "z")
	check("2 files added, 0 changed, 3 removed", "a/b", "z/y/x")
	stage(t, h, "z/w", "7")
	gone("z/y/x")
	check("1 files added, 0 changed, 1 removed", "a/b", "z/w")
}

// A repository of the newer object format.
func TestGitSHA256(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sha256.git")
	hosttest.Program(t, "git")
	gitInit(t, dir, "--object-format=sha256")
	gitCommitTree(t, dir, "100644 blob "+gitBlobOf(t, dir, "old")+"\tpage")
	place := gitPlace(t, dir, nil)
	h := editOf(t, place)
	defer h.Close()
	if got, err := h.Text("page"); got != "old" {
		t.Fatalf("Get: %q, %v", got, err)
	}
	stage(t, h, "page", "new")
	settle(t, h)
	if data, _, err := place.Read("page"); string(data) != "new" {
		t.Errorf("a reader gets %q, %v", data, err)
	}
}

// A git that is too old or not there is named in the error.
func TestGitVersion(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	h := editOf(t, gitPlace(t, "/nowhere", nil))
	defer h.Close()
	_, err := h.List(context.Background(), ".")
	gitWants(t, err, true, "git 2.30 or later has to be installed")
	for version, fine := range map[string]bool{"2.29.9": false, "1.9": false, "2.30.0": true, "2.39.5 (Apple Git-154)": true, "2.47.1.windows.2": true, "3.0.0": true} {
		if err := os.WriteFile(filepath.Join(bin, "git"), []byte("#!/bin/sh\necho 'git version "+version+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := gitInstalled(context.Background()); fine != (err == nil) {
			t.Errorf("version %s: %v", version, err)
		}
	}
}

// Two readings at once and one that is left half read do not get into each other's
// way, and a large file passes through without being held.
func TestGitReadings(t *testing.T) {
	dir := gitRepo(t)
	h := editOf(t, gitPlace(t, dir, nil))
	defer h.Close()
	ctx := context.Background()
	const size = 96 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f := publish.File{Path: "big", Size: size}
	if err := h.Put(ctx, f, func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(gitPattern{}, size)), nil }); err != nil {
		t.Fatal(err)
	}
	stage(t, h, "small", "small")
	settle(t, h)
	if got := gitDo(t, dir, "cat-file", "-s", "gh-pages:big"); got != fmt.Sprint(size) {
		t.Errorf("the branch holds %s bytes", got)
	}
	big, err := h.Get(ctx, "big")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(big, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if got, err := h.Text("small"); got != "small" {
		t.Errorf("Get beside another: %q, %v", got, err)
	}
	if n, err := io.Copy(io.Discard, big); n != size-1000 || errors.Join(err, big.Close()) != nil {
		t.Errorf("the big file gives %d more bytes, %v", n, err)
	}
	ended, cancel := context.WithCancel(ctx)
	called, err := h.Get(ended, "big")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, called); !errors.Is(err, context.Canceled) {
		t.Errorf("a reading that is called off: %v", err)
	}
	called.Close()
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > size/4 {
		t.Errorf("%d bytes were allocated for a file of %d", after.TotalAlloc-before.TotalAlloc, size)
	}
}

// gitPattern is data that compresses well and has no end.
type gitPattern struct{}

func (gitPattern) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "plan"[i%4]
	}
	return len(p), nil
}

// 2,000 files go through a few processes, and this one holds none of them.
func TestGitManyFiles(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t)
	place := gitPlace(t, dir, nil)
	h := editOf(t, place)
	defer h.Close()
	began := time.Now()
	var all sync.WaitGroup
	names := make(chan int)
	for range h.Traits().Concurrency {
		all.Go(func() {
			for i := range names {
				name := fmt.Sprintf("zh/m/s%d-%d/index.html", i/100, i%100)
				text := strings.Repeat(name+"\n", 200)
				if err := h.Put(context.Background(), publish.File{Path: name, Size: int64(len(text))}, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 2000 {
		names <- i
	}
	close(names)
	all.Wait()
	put := time.Since(began)
	settle(t, h)
	t.Logf("2,000 files: %v to put, %v in all", put.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	if got := strings.Count(gitDo(t, dir, "ls-tree", "-r", "gh-pages"), "\n") + 1; got != 2000 {
		t.Errorf("the branch holds %d files", got)
	}
	// One page of them: a new process fetches folders, sends a page and its folders.
	before := gitDo(t, dir, "count-objects", "-v")
	again := editOf(t, place)
	defer again.Close()
	stage(t, again, "zh/m/s3-3/index.html", "edited")
	settle(t, again)
	// One page, its five folders up to the root, and a commit.
	if got, want := gitCount(t, dir, "count-objects", "-v"), gitCountOf(t, before)+6; got != want {
		t.Errorf("after an edit the server has %d objects, want %d", got, want)
	}
}

func gitCount(t testing.TB, dir string, args ...string) int {
	return gitCountOf(t, gitDo(t, dir, args...))
}

// gitCountOf adds up the objects that git-count-objects(1) -v tells of.
func gitCountOf(t testing.TB, said string) int {
	t.Helper()
	n := 0
	for line := range strings.Lines(said) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if name == "count" || name == "in-pack" {
			v, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			n += v
		}
	}
	return n
}
