package hosts

import (
	"bufio"
	"bytes"
	"cmp"
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
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"minxi/generator/internal/publish"
	"minxi/generator/internal/publish/hosttest"
)

func TestGit(t *testing.T) {
	for name, bench := range gitBenches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hosttest.Contract(t, bench)
		})
	}
}

var (
	gitBench   = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place { return gitPlace(t, gitRepo(t)) }}
	gitBenches = map[string]hosttest.Bench{
		"file": gitBench,
		"http": {Fresh: func(t testing.TB) hosttest.Place {
			return gitWebPlace(t, "folder", "docs/网站", "history", "single", "branch", "pages/main")
		}},
	}
)

// gitRepo makes an empty repository that anybody may fetch from in part.
func gitRepo(t testing.TB, args ...string) string {
	t.Helper()
	hosttest.Program(t, "git")
	dir := filepath.Join(t.TempDir(), "仓库.git")
	gitInit(t, dir, args...)
	return dir
}

func gitInit(t testing.TB, dir string, args ...string) {
	t.Helper()
	gitDo(t, ".", append(append([]string{"init", "-q", "--bare"}, args...), dir)...)
	gitDo(t, dir, "config", "uploadpack.allowFilter", "true")
	gitDo(t, dir, "config", "http.receivepack", "true")
}

// gitPlace is a branch of a repository on this disk, and how it is opened and read.
func gitPlace(t testing.TB, dir string, options ...string) hosttest.Place {
	all := with(map[string]string{"url": "file://" + dir}, options...)
	branch := cmp.Or(all["branch"], "gh-pages")
	var mu sync.Mutex
	var in io.Writer
	var out *bufio.Reader
	return hosttest.Place{Kind: "git", Options: all, Disk: filepath.Join(dir, "objects"),
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

// gitWeb makes a repository on a server that lets in whoever has the token.
func gitWeb(t testing.TB) (dir, address string) {
	t.Helper()
	s := hosttest.Server(t, "apache-git", "PASSWORD="+gitTestToken)
	name := fmt.Sprintf("repo-%d.git", nth.Add(1))
	dir = filepath.Join(s.Site, name)
	gitInit(t, dir)
	if os.Getuid() == 0 {
		if out, err := exec.Command("chown", "-R", "www-data:", dir).CombinedOutput(); err != nil {
			t.Fatalf("chown: %v: %s", err, out)
		}
	}
	return dir, "http://" + s.Address + "/git/" + name
}

func gitWebPlace(t testing.TB, options ...string) hosttest.Place {
	dir, address := gitWeb(t)
	return gitPlace(t, dir, append([]string{"url", address, "user", "alice", "token", gitTestToken}, options...)...)
}

// Each publish is one commit, which says what it is and who made it; no settings
// of the machine, the user or the environment show in it.
func TestGitCommits(t *testing.T) {
	place := gitWebPlace(t) // a server on this disk would obey the settings of the user
	dir := filepath.Dir(place.Disk)
	home := t.TempDir()
	hooks := filepath.Join(home, "hooks")
	for _, hook := range []string{"pre-push", "pre-commit", "reference-transaction", "post-index-change"} {
		must(os.Chmod(write(hooks, hook, "#!/bin/sh\necho a hook of the user ran >&2\nexit 1\n"), 0o755))
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
	write(home, ".gitconfig", config)
	write(home, "attributes", "* filter=shout text eol=crlf\n")
	for name, value := range map[string]string{"HOME": home, "XDG_CONFIG_HOME": home, "GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index",
		"GIT_AUTHOR_NAME": "wrong", "GIT_COMMITTER_DATE": "2001-01-01", "GIT_OBJECT_DIRECTORY": "/nowhere", "GIT_DEFAULT_HASH": "sha256",
		"GIT_TEMPLATE_DIR": "/nowhere", "GIT_TRACE": "1", "LC_ALL": "zh_CN.UTF-8", "LANGUAGE": "zh_CN", "TZ": "Asia/Shanghai"} {
		t.Setenv(name, value)
	}
	h := editOf(t, place)
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
	reads(t, place, "a/b.html", "line\r\nline\n")
	settle(t, h) // nothing
	stage(t, h, "index.html", "home")
	stage(t, h, "x", "for a moment")
	must(h.Delete(t.Context(), "x"))
	settle(t, h) // the same again
	if got := log(); got != first {
		t.Errorf("without a change there is a commit:\n%s", got)
	}
	stage(t, h, "index.html", "home, changed")
	must(h.Delete(t.Context(), "a/b.html"))
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
	ctx, heard := steps(t.Context())
	h := editOf(t, gitPlace(t, dir, "history", "single"))
	for i := range 3 {
		must(h.PutText(ctx, "zh/m/index.html", fmt.Sprint(i)))
		if got := gitDo(t, dir, "rev-list", "--count", "gh-pages"); got != "1" {
			t.Errorf("after %d publishes the branch has %s commits", i+1, got)
		}
	}
	if got := gitDo(t, dir, "ls-tree", "gh-pages", "CNAME", "run"); !strings.Contains(got, "100755 blob") || !strings.Contains(got, "CNAME") {
		t.Errorf("left of what was there: %q", got)
	}
	// A blob, its three folders and a commit for each publish, and nothing that was there.
	if got := gitDo(t, dir, "count-objects"); !strings.HasPrefix(got, "15 objects") {
		t.Errorf("arrived at the server: %s", got)
	}
	if n := fetches(heard()); n != 1 {
		t.Errorf("fetched %d times", n)
	}
}

func fetches(heard []string) (n int) {
	for _, step := range heard {
		if strings.HasPrefix(step, "fetch ") {
			n++
		}
	}
	return n
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
			ctx, heard := steps(t.Context())
			h := editOf(t, gitPlace(t, dir))
			if names, err := h.List(ctx, "."); err != nil || len(names) != 60 {
				t.Fatalf("List: %q, %v", names, err)
			}
			// A publish that changes a file and gives others a second name needs none of them.
			must(errors.Join(h.Copy(ctx, "7", publish.File{Path: "twice/7"}), h.Delete(ctx, "9"), h.PutText(ctx, "new", "new")))
			if n := fetches(heard()); n != 1 {
				t.Errorf("fetched %d times", n)
			}
			read := func(name, want string) {
				t.Helper()
				r, err := h.Get(ctx, name)
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				if data, err := io.ReadAll(r); err != nil || string(data) != want {
					t.Errorf("Get %s: %q, %v", name, data, err)
				}
			}
			for i := range 60 {
				if i != 9 {
					read(fmt.Sprint(i), fmt.Sprint("page ", i))
				}
			}
			read("twice/7", "page 7")
			// Not more than it takes to lose patience; and none behind our back.
			if got, most := fetches(heard()), map[string]int{"true": gitPatience + 1}[allowed]; got > most {
				t.Errorf("fetched %d times, want %d at most", got, most)
			}
		})
	}
}

// TestGitTurnedInto has a folder take the place of a file and a file that of a folder,
// whose bytes come to stand elsewhere in the same commit.
func TestGitTurnedInto(t *testing.T) {
	for _, single := range []string{"keep", "single"} {
		place := gitPlace(t, gitRepo(t))
		place.Options["history"] = single
		h := editOf(t, place)
		ctx := t.Context()
		file, _ := textFile("kept/\"a\\ b\n.html", "a file")
		stage(t, h, "a", "a file")
		stage(t, h, "b/c", "in a folder")
		settle(t, h)
		must(errors.Join(h.Copy(ctx, "a", file), h.Delete(ctx, "a"), h.Copy(ctx, "b/c", publish.File{Path: "a/c"}), h.Delete(ctx, "b/c"), h.PutText(ctx, "b", "a file now")))
		settle(t, h)
		for name, want := range map[string]string{file.Path: "a file", "a/c": "in a folder", "b": "a file now"} {
			holds(t, h, name, want)
		}
		if got := gitDo(t, strings.TrimPrefix(place.Options["url"], "file://"), "ls-tree", "-r", "-z", "--name-only", "gh-pages"); got != "a/c\x00b\x00"+file.Path+"\x00" {
			t.Errorf("the branch holds %q", got)
		}
		if names, err := h.List(ctx, "."); err != nil || fmt.Sprint(names) != "[b]" {
			t.Errorf("List: %q, %v", names, err)
		}
	}
}

// Links and submodules of a branch are not followed, and what is put under their
// names takes their place.
func TestGitLinks(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t)
	gitCommitTree(t, dir, "120000 blob "+gitBlobOf(t, dir, "/etc")+"\tlink", "120000 blob "+gitBlobOf(t, dir, "page")+"\tto-page",
		"160000 commit 1234567890123456789012345678901234567890\tmodule", "100644 blob "+gitBlobOf(t, dir, "page")+"\tpage")
	place := gitPlace(t, dir)
	h := editOf(t, place)
	ctx := t.Context()
	for _, name := range []string{"link", "to-page", "module", "link/passwd", "module/x", "page/x"} {
		_, getErr := h.Text(name)
		_, statErr := h.Stat(ctx, name)
		if !errors.Is(getErr, fs.ErrNotExist) || !errors.Is(statErr, fs.ErrNotExist) {
			t.Errorf("Get and Stat %s: %v, %v", name, getErr, statErr)
		}
	}
	for folder, want := range map[string][]string{".": {"page"}, "link": nil} {
		if names, err := h.List(ctx, folder); err != nil || !slices.Equal(names, want) {
			t.Errorf("List %s: %q, %v", folder, names, err)
		}
	}
	wants(t, h.PutText(ctx, "link/passwd", ""), true, "symbolic link")
	h.Discard()
	wants(t, h.PutText(ctx, "module/a/b", ""), true, "submodule")
	h.Discard()
	wants(t, publish.Final(h.Traits().Limits.Takes("a/.GIT/config")), true, ".git")
	stage(t, h, "to-page", "a page of its own")
	stage(t, h, "page/x", "now a folder")
	must(errors.Join(h.Delete(ctx, "module"), h.Delete(ctx, "page")))
	settle(t, h)
	if got := gitDo(t, dir, "ls-tree", "-r", "--format=%(objectmode) %(path)", "gh-pages"); got != "120000 link\n100644 page/x\n100644 to-page" {
		t.Errorf("the tree is %q", got)
	}
	reads(t, place, "to-page", "a page of its own")
}

// What a server says when it refuses reaches the user; the branch stays, and the same
// deployment works as soon as the server agrees.
func TestGitRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hook string
		says []string
	}{
		"pre-receive": {"printf 'protected branch:\\033[31m ask the web team 请联系网站组\\n' >&2; exit 1",
			[]string{"git push: ", "protected branch:", "ask the web team 请联系网站组", "pre-receive hook declined"}},
		"update": {"echo no update of $1 >&2; exit 1", []string{"no update of refs/heads/gh-pages", "hook declined"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := gitRepo(t)
			place := gitPlace(t, dir)
			h := editOf(t, place)
			show(t, h, "page", "old")
			hook := write(filepath.Join(dir, "hooks"), name, "#!/bin/sh\n"+c.hook+"\n")
			must(os.Chmod(hook, 0o755))
			stage(t, h, "page", "new")
			err := h.Settle(t.Context())
			for _, says := range c.says {
				wants(t, err, true, says)
			}
			reads(t, place, "page", "old")
			must(os.Remove(hook))
			settle(t, h)
			reads(t, place, "page", "new")
		})
	}
	t.Run("no new history", func(t *testing.T) {
		dir := gitRepo(t)
		gitDo(t, dir, "config", "receive.denyNonFastForwards", "true")
		h := editOf(t, gitPlace(t, dir, "history", "single"))
		show(t, h, "page", "old")
		wants(t, h.PutText(t.Context(), "page", "new"), true, "non-fast-forward")
	})
}

// A push that has arrived counts, whatever became of its answer; and one that was
// lost is sent again as the same commit.
func TestGitLostAnswer(t *testing.T) {
	t.Parallel()
	dir, address := gitWeb(t)
	server := strings.TrimSuffix(address, "/git/"+filepath.Base(dir))
	var cut string // "before" or "after" the push reaches the server
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		push := strings.HasSuffix(r.URL.Path, "/git-receive-pack")
		if push && cut == "before" {
			panic(http.ErrAbortHandler)
		}
		out, _ := http.NewRequest(r.Method, server+r.URL.RequestURI(), bytes.NewReader(data))
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
	place := gitPlace(t, dir, "url", strings.Replace(address, server, proxy.URL, 1), "user", "alice", "token", gitTestToken)
	h := editOf(t, place)
	stage(t, h, "page", "one")
	cut = "before"
	wants(t, h.Settle(t.Context()), false, "git push")
	if _, _, err := place.Read("page"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a reader gets %v", err)
	}
	cut = "after"
	settle(t, h) // the push arrived
	if got := gitDo(t, dir, "rev-list", "--count", "gh-pages"); got != "1" {
		t.Errorf("%s commits arrived", got)
	}
	cut = ""
	show(t, h, "page", "two")
	reads(t, place, "page", "two")
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
	place := gitPlace(t, dir)
	h := editOf(t, place)
	show(t, h, "page", "old")
	h.Close()
	// The hook says that the push is under way, waits, and lets it through.
	reached, let := filepath.Join(temp, "reached"), filepath.Join(temp, "let")
	hook := fmt.Sprintf("#!/bin/sh\ncat >/dev/null\ntouch '%s'\nwhile ! test -e '%s'; do sleep 0.02; done\n", reached, let)
	must(os.Chmod(write(filepath.Join(dir, "hooks"), "pre-receive", hook), 0o755))
	var err error
	victim := exec.Command(os.Args[0], "-test.run=^TestGitKilled$")
	victim.Env = append(os.Environ(), "MINXI_TEST_GIT_KILLED="+place.Options["url"])
	must(victim.Start())
	waitFor(t, "the push", func() bool { _, err := os.Stat(reached); return err == nil })
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
	must(victim.Process.Kill())
	_ = victim.Wait()
	waitFor(t, "git push to end with its parent", func() bool { return len(pushes()) == 0 })
	if left, _ := filepath.Glob(filepath.Join(temp, "minxi-git-*")); len(left) != 1 {
		t.Errorf("the killed process has left %q", left)
	}
	h = editOf(t, place)
	holds(t, h, "page", "old")
	must(errors.Join(os.Remove(filepath.Join(dir, "hooks", "pre-receive")), os.WriteFile(let, nil, 0o644)))
	// The server has all of the killed push and may still let it in, late.
	for range 3 {
		stage(t, h, "page", "new")
		var busy *publish.BusyError
		if err = h.Settle(context.Background()); !errors.As(err, &busy) {
			break
		}
	}
	if err != nil {
		t.Errorf("Settle: %v", err)
	}
	reads(t, place, "page", "new")
	if left, _ := filepath.Glob(filepath.Join(temp, "minxi-git-*")); len(left) != 1 {
		t.Errorf("temporary folders: %q; want that of this process", left)
	}
}

// gitList opens a branch and lists it.
func gitList(t *testing.T, options ...string) error {
	t.Helper()
	_, err := editBy(t, "git", with(map[string]string{}, options...), Network{Quiet: 10 * time.Second}).List(t.Context(), ".")
	return err
}

func TestGitAccess(t *testing.T) {
	_, address := gitWeb(t)
	wants(t, gitList(t, "url", address, "user", "alice", "token", "geheim, but wrong"), true, "Authentication failed")
	wants(t, gitList(t, "url", address), true, "Username")
	t.Run("a helper of the user", func(t *testing.T) {
		home := t.TempDir()
		stored := address[:strings.Index(address, "/git/")]
		store := write(home, "store", strings.Replace(stored, "://", "://alice:tok%20en%3Ageheim%2F%2B%2541@", 1)+"\n")
		write(home, ".gitconfig", "[credential]\n\thelper = store --file="+store+"\n")
		t.Setenv("HOME", home)
		if err := gitList(t, "url", address); err != nil {
			t.Errorf("without a token the user's helper is not asked: %v", err)
		}
		if err := gitList(t, "url", address, "user", "alice", "token", gitTestToken); err != nil {
			t.Error(err)
		}
		wants(t, gitList(t, "url", address, "user", "alice", "token", "geheim, but wrong"), true, "Authentication failed")
		if left, _ := os.ReadFile(store); !strings.HasPrefix(string(left), "http://alice:tok%20en") || bytes.Contains(left, []byte("wrong")) {
			t.Errorf("the user's store now holds %q", left)
		}
	})
	t.Run("the token goes nowhere else", func(t *testing.T) {
		var got atomic.Int32
		thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, _, ok := r.BasicAuth(); ok {
				got.Add(1)
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="mine"`)
			w.WriteHeader(http.StatusUnauthorized)
		}))
		defer thief.Close()
		away := httptest.NewServer(http.RedirectHandler(thief.URL+"/x.git/info/refs?service=git-upload-pack", http.StatusFound))
		defer away.Close()
		wants(t, gitList(t, "url", away.URL+"/x.git", "token", gitTestToken), true, "git ls-remote")
		if got.Load() != 0 {
			t.Errorf("another server was given %d tokens", got.Load())
		}
	})
}

// The token stands neither on disk nor on a command line, and only those runs of git get
// it that reach the server.
func TestGitToken(t *testing.T) {
	place := gitWebPlace(t)
	temp, bin := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	log := filepath.Join(t.TempDir(), "log")
	must(os.Chmod(write(bin, "git", fmt.Sprintf("#!/bin/sh\n{ echo \"$*\"; echo \"$MINXI_GIT_TOKEN\"; } >>'%s'\nexec '%s' \"$@\"\n", log, hosttest.Program(t, "git"))), 0o755))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	h := editOf(t, place)
	show(t, h, "page", "page")
	for range 3 { // by one git, however many there are
		holds(t, h, "page", "page")
	}
	err := filepath.WalkDir(temp, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(file)
		if bytes.Contains(data, []byte("geheim")) {
			t.Errorf("%s holds the token", file)
		}
		return err
	})
	must(err)
	lines := strings.Split(strings.TrimSuffix(string(must2(os.ReadFile(log))), "\n"), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		reaches := strings.Contains(lines[i], "ls-remote ") || strings.Contains(lines[i], "fetch ") || strings.Contains(lines[i], "push ")
		if strings.Contains(lines[i], "geheim") || (lines[i+1] == gitTestToken) != reaches {
			t.Errorf("git %s, with the token: %q", lines[i], lines[i+1])
		}
	}
	if len(lines) < 10 || strings.Count(strings.Join(lines, "\n"), "cat-file") != 1 {
		t.Errorf("git was run for %q", lines)
	}
	// What a server repeats is hidden.
	parrot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="mine"`)
		if _, token, ok := r.BasicAuth(); ok {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "you sent %s and %s", token, r.Header.Get("Authorization"))
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer parrot.Close()
	wants(t, gitList(t, "url", parrot.URL+"/x.git", "user", "alice", "token", gitTestToken), true, "you sent … and Basic …")
}

func TestGitTrouble(t *testing.T) {
	_, address := gitWeb(t)
	none := strings.TrimSuffix(address, path.Base(address)) + "no-such.git"
	wants(t, gitList(t, "url", none, "user", "alice", "token", gitTestToken), true, "no-such.git")
	wants(t, gitList(t, "url", "file:///no/such.git"), true, "/no/such.git")
	wants(t, gitList(t, "url", fmt.Sprintf("http://127.0.0.1:%d/x.git", hosttest.Port(t)), "token", gitTestToken), false, "git ls-remote")
	for status, final := range map[int]bool{500: false, 503: false, 429: false, 403: true} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		wants(t, gitList(t, "url", s.URL+"/x.git"), final, strconv.Itoa(status))
		s.Close()
	}
	t.Run("a certificate of nobody", func(t *testing.T) {
		s := httptest.NewTLSServer(http.NotFoundHandler())
		defer s.Close()
		t.Setenv("GIT_SSL_NO_VERIFY", "1")
		wants(t, gitList(t, "url", s.URL+"/x.git", "token", gitTestToken), true, "certificate")
	})
	t.Run("a server that says nothing", func(t *testing.T) {
		l := must2(net.Listen("tcp", "127.0.0.1:0"))
		defer l.Close()
		options := map[string]string{"url": "http://" + l.Addr().String() + "/x.git"}
		_, err := editBy(t, "git", options, Network{Quiet: 300 * time.Millisecond}).List(t.Context(), ".")
		wants(t, err, false, "no answer")
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range 2 { // of the first, and of the second
				if c, err := l.Accept(); err == nil {
					defer c.Close()
				}
			}
			cancel()
		}()
		if _, err = edit(t, "git", options).List(ctx, "."); !errors.Is(err, context.Canceled) {
			t.Errorf("a List that is called off: %v", err)
		}
	})
}

// Over ssh an unknown host key is refused, and no question is asked.
func TestGitSSH(t *testing.T) {
	hosttest.Program(t, "ssh")
	options := startSSH(t)
	dir := t.TempDir()
	repo := gitRepo(t)
	place := gitPlace(t, repo, "url", fmt.Sprintf("ssh://%s@127.0.0.1:%s%s", options["user"], options["port"], repo))
	key, known := write(dir, "user", options["key"]), filepath.Join(dir, "known_hosts")
	must(os.Chmod(key, 0o600))
	t.Setenv("GIT_SSH_COMMAND", gitSSH+" -F /dev/null -i "+key+" -o UserKnownHostsFile="+known)
	publishOne := func() error { return editOf(t, place).PutText(t.Context(), "page", "page") }
	wants(t, publishOne(), true, "Host key verification failed")
	knows := func(key ssh.Signer) {
		write(dir, "known_hosts", fmt.Sprintf("[127.0.0.1]:%s %s\n", options["port"], publicText(key)))
	}
	knows(sshKeys().user) // another key than the server's
	wants(t, publishOne(), true, "Host key verification failed")
	knows(sshKeys().ed25519)
	if err := publishOne(); err != nil {
		t.Errorf("with the right host key: %v", err)
	}
	reads(t, place, "page", "page")
	t.Setenv("GIT_SSH_COMMAND", gitSSH+" -F /dev/null -o IdentitiesOnly=yes -i /dev/null -o UserKnownHostsFile="+known)
	wants(t, publishOne(), true, "Permission denied")
}

// Names that git quotes or that end a line.
func TestGitNames(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t)
	awkwardNames(t, gitPlace(t, dir), `"quoted"`, `back\slash`, "two\nlines", " spaces ", "tab\t", `"half`, `\n`, "-option", ":(glob)*", "refs/heads/x", "@{u}", "页.html")
	if got := gitDo(t, dir, "ls-tree", "-r", "-t", "gh-pages"); got != "" {
		t.Errorf("left is %s", got)
	}
}

// awkwardNames has one process put files of these names, in folders of some, and another
// read, list and remove them.
func awkwardNames(t *testing.T, p hosttest.Place, names ...string) {
	t.Helper()
	h, other := editOf(t, p), editOf(t, p)
	folders := []string{".", "in \"a\nfolder", "名 *", "-e sh"}
	for _, folder := range folders {
		for _, name := range names {
			stage(t, h, path.Join(folder, name), "text of "+name)
		}
	}
	settle(t, h)
	for _, folder := range folders {
		listed, err := other.List(t.Context(), folder)
		for _, name := range names {
			full := path.Join(folder, name)
			holds(t, other, full, "text of "+name)
			if strings.Contains(name, "/") == slices.Contains(listed, full) {
				t.Errorf("List %q: %q, %v; there is %q", folder, listed, err, full)
			}
			if _, err := other.Stat(t.Context(), full); err != nil {
				t.Errorf("Stat %q: %v", full, err)
			}
			if err := other.Delete(t.Context(), full); err != nil {
				t.Errorf("Delete %q: %v", full, err)
			}
		}
	}
	settle(t, other)
	for _, folder := range folders {
		if left, err := h.List(t.Context(), folder); p.Kind != "git" && (err != nil || len(left) > 0) {
			t.Errorf("List %q after Delete: %q, %v", folder, left, err)
		}
	}
}

// A repository of the newer object format.
func TestGitSHA256(t *testing.T) {
	t.Parallel()
	dir := gitRepo(t, "--object-format=sha256")
	gitCommitTree(t, dir, "100644 blob "+gitBlobOf(t, dir, "old")+"\tpage")
	place := gitPlace(t, dir)
	h := editOf(t, place)
	holds(t, h, "page", "old")
	show(t, h, "page", "new")
	reads(t, place, "page", "new")
}

// A git that is too old or not there is named in the error.
func TestGitVersion(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	const says = "git 2.30 or later has to be installed"
	wants(t, gitList(t, "url", "file:///nowhere"), true, says)
	for version, fine := range map[string]bool{"2.29.9": false, "1.9": false, "2.30.0": true, "2.39.5 (Apple Git-154)": true, "2.47.1.windows.2": true, "3.0.0": true} {
		must(os.Chmod(write(bin, "git", "#!/bin/sh\necho 'git version "+version+"'\n"), 0o755))
		if err := gitList(t, "url", "file:///nowhere"); err == nil || strings.Contains(err.Error(), says) == fine {
			t.Errorf("version %s: %v", version, err)
		}
	}
}

// Two readings at once and one that is left half read do not get into each other's
// way, and a large file passes through without being held.
func TestGitReadings(t *testing.T) {
	dir := gitRepo(t)
	h := editOf(t, gitPlace(t, dir))
	ctx := t.Context()
	const size = 96 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f := publish.File{Path: "big", Size: size}
	must(h.Put(ctx, f, func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, size)), nil }))
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
	holds(t, h, "small", "small")
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
