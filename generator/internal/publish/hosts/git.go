package hosts

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// gitBranch is a branch of a Git repository that a web server takes its files
// from: GitHub Pages, Gitee Pages, GitLab, Codeberg, a server with a hook.
//
// It works through the installed git, by its commands for scripts (gitglossary(7),
// "plumbing"): git knows every server, proxy, certificate store, ssh configuration
// and credential helper that its user has set up.
var gitBranch = Kind{
	Name: "git",
	Doc: plan.Text{ZH: "Git 仓库的一个分支，如 GitHub Pages、Gitee Pages；一次发布就是一次提交",
		EN: "A branch of a Git repository, as GitHub Pages and Gitee Pages serve it; a publish is one commit"},
	Options: []Option{
		{Name: "url", Required: true, Doc: plan.Text{ZH: "仓库地址：https://…、ssh://…、git@主机:路径 或 file:///…，其中不写密码",
			EN: "the repository: https://…, ssh://…, git@host:path or file:///…, with no password in it"}},
		{Name: "branch", Default: "gh-pages", Doc: plan.Text{ZH: "分支名；还没有就新建", EN: "the branch; made if it is not there"}},
		{Name: "folder", Doc: plan.Text{ZH: "网站在分支里的文件夹，例如 docs；不填则为分支的根", EN: "the site's folder in the branch, such as docs; its root unless given"}},
		{Name: "user", Default: "git", Doc: plan.Text{ZH: "与令牌相配的用户名；GitHub 任意，Gitee 须填自己的用户名",
			EN: "the user name that goes with the token; any for GitHub, your own for Gitee"}},
		{Name: "token", Secret: true, Doc: plan.Text{ZH: "https 地址的访问令牌；不填则用 git 自己配置的凭据",
			EN: "the access token for an https address; git's own credentials unless given"}},
		{Name: "name", Default: "minxi publish", Doc: plan.Text{ZH: "提交者的名字", EN: "the committer's name"}},
		{Name: "email", Default: "publish@localhost", Doc: plan.Text{ZH: "提交者的邮箱", EN: "the committer's address"}},
		{Name: "history", Default: "keep", Choices: []string{"keep", "single"}, Doc: plan.Text{
			ZH: "keep：每次发布在分支上添一个提交；single：分支始终只有一个提交，仓库不会越来越大",
			EN: "keep adds one commit a publish; single leaves one commit in all, so that the repository does not grow"}},
	},
	Example: `[targets.pages]
  kind = "git"
  url = "https://github.com/example/minxi.git"
  token = { env = "MINXI_GIT_TOKEN" }
`,
	Notes: []plan.Text{
		{ZH: "用本机安装的 git（2.30 或更新）；ssh 的密钥和 known_hosts 按 git 平时的设置。",
			EN: "Uses the git installed here (2.30 or newer), with the ssh keys and known hosts that it is set up with."},
		{ZH: "同时发布的两人，后推送的会被拒绝，什么也不改。",
			EN: "Of two who publish at once the later push is refused and changes nothing."},
	},
	Open: openGit,
}

// A gitHost is the tip of a branch and the changes to it. The first call fetches
// the tip into a temporary repository: one commit, its folders, and no file until
// somebody asks for it. Commit makes one commit and pushes it on the condition that
// the branch is still where it was.
type gitHost struct {
	url, branch, folder string
	site                string // scheme and host of an http address: what the token is for
	user, token         string
	name, email         string
	single              bool
	patience            time.Duration // for the shortest of questions to the server

	turn      chan struct{} // holds a value while somebody uses what follows
	installed bool          // git was looked for
	work      *gitWork      // nil before the first call, and after another's push
}

var (
	gitAddress = regexp.MustCompile(`^(?:[A-Za-z0-9][\w.-]*@)?[A-Za-z0-9][\w.-]+:[^:\\].*$`) // git@host:path
	gitRefName = regexp.MustCompile(`^[^\x00-\x20\x7f~^:?*\[\\]+$`)                          // git-check-ref-format(1), in part
	gitIdent   = regexp.MustCompile(`^[^\x00-\x1f<>]*[^\x00-\x20<>.,:;"'\\][^\x00-\x1f<>]*$`)
)

func openGit(_ context.Context, o Values) (publish.Host, error) {
	h := &gitHost{
		url: o.text("url"), branch: o.text("branch"), folder: strings.TrimSuffix(o.text("folder"), "/"),
		user: o.text("user"), token: strings.TrimSpace(o.text("token")),
		name: o.text("name"), email: o.text("email"), single: o.text("history") == "single",
		patience: time.Minute, turn: make(chan struct{}, 1),
	}
	refuse := func(option, zh, en string) (publish.Host, error) {
		return nil, publish.Final(tell("%[1]s：%[2]s", "%[1]s: %[3]s", option, zh, en))
	}
	if strings.Contains(h.url, "://") {
		u, err := url.Parse(h.url)
		if err != nil {
			return refuse("url", "不是网址", "it is no address") // the error would show the address, and what is secret in it
		}
		if _, secret := u.User.Password(); secret {
			return refuse("url", "里面有密码，请写在 token 里", "it holds a password; give that as token")
		}
		switch u.Scheme {
		case "file", "ssh":
		case "https", "http":
			h.site = u.Scheme + "://" + u.Host
			if name := u.User.Username(); name != "" {
				h.user = name
			}
			if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && h.token != "" && u.Hostname() != "localhost" && !ip.IsLoopback() {
				return refuse("url", "令牌只能经 https 传送", "a token is sent over https only")
			}
		default:
			return refuse("url", "应是 https://…、ssh://…、git@主机:路径 或 file:///…", "it is none of https://…, ssh://…, git@host:path and file:///…")
		}
	} else if !gitAddress.MatchString(h.url) {
		return refuse("url", "应是 https://…、ssh://…、git@主机:路径 或 file:///…", "it is none of https://…, ssh://…, git@host:path and file:///…")
	}
	b := h.branch
	switch {
	case h.token != "" && h.site == "":
		return refuse("token", "只用于 https 地址", "it is for an https address")
	case strings.ContainsAny(h.token+h.user, "\r\n\x00"):
		return refuse("token", "不止一行", "it has more than one line")
	case !gitRefName.MatchString(b) || strings.HasPrefix(b, "-") || strings.HasPrefix(b, "refs/") || b == "HEAD" || b == "@" ||
		strings.Contains(b, "..") || strings.Contains(b, "@{") || strings.HasSuffix(b, ".") || !fs.ValidPath(b):
		return refuse("branch", fmt.Sprintf("%q 不能作分支名", b), fmt.Sprintf("%q is no branch's name", b))
	case !gitIdent.MatchString(h.name):
		return refuse("name", "提交者不能叫这个名字", "a committer cannot be called that")
	case !gitIdent.MatchString(h.email):
		return refuse("email", "不是邮箱地址", "it is no address")
	}
	for part := range strings.SplitSeq(b, "/") {
		if strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return refuse("branch", fmt.Sprintf("%q 不能作分支名", b), fmt.Sprintf("%q is no branch's name", b))
		}
	}
	if h.folder != "" {
		if !fs.ValidPath(h.folder) || h.folder == "." {
			return refuse("folder", fmt.Sprintf("%q 不是分支里的路径", h.folder), fmt.Sprintf("%q is no path inside the branch", h.folder))
		}
		if err := gitCanHold(h.folder); err != nil {
			return nil, fmt.Errorf("folder: %w", err)
		}
	}
	return h, nil
}

// gitCanHold refuses the names that git and its servers refuse, before a publish
// has come to its end.
func gitCanHold(name string) error {
	for part := range strings.SplitSeq(name, "/") {
		if strings.EqualFold(part, ".git") {
			return publish.Final(tell("%q：分支里不能有 .git 之下的文件", "%q: no branch can hold a file below .git", name))
		}
	}
	return nil
}

// Traits promises an atomic switch. .nojekyll keeps GitHub from running the files
// through Jekyll, which drops every name that begins with "_".
func (h *gitHost) Traits() publish.Traits {
	return publish.Traits{Atomic: true, Conventions: []string{".nojekyll"}, Concurrency: 4, NameMax: publish.MostName}
}

// hold waits for its turn. What it returns ends the turn.
func (h *gitHost) hold(ctx context.Context) (func(), error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	select {
	case h.turn <- struct{}{}:
		return func() { <-h.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin waits for its turn with a work that has the tip of the branch.
func (h *gitHost) begin(ctx context.Context) (*gitWork, func(), error) {
	done, err := h.hold(ctx)
	if err != nil {
		return nil, nil, err
	}
	if h.work == nil {
		if h.work, err = h.start(ctx); err != nil {
			done()
			return nil, nil, err
		}
	}
	return h.work, done, nil
}

func (h *gitHost) inside(name string) string { return path.Join(h.folder, name) }

func (h *gitHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	if err := publish.Step(ctx, "stat", name); err != nil {
		return publish.Stat{}, err
	}
	w, done, err := h.begin(ctx)
	if err != nil {
		return publish.Stat{}, err
	}
	e, err := w.file(ctx, h.inside(name))
	done()
	if err != nil {
		return publish.Stat{}, err
	}
	size, err := w.sizeOf(ctx, e)
	return publish.Stat{Size: size}, err
}

func (h *gitHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := publish.Step(ctx, "read", name); err != nil {
		return nil, err
	}
	w, done, err := h.begin(ctx)
	if err != nil {
		return nil, err
	}
	e, err := w.file(ctx, h.inside(name))
	done()
	if err != nil {
		return nil, err
	}
	if err := w.visible(e); err != nil {
		return nil, err
	}
	return w.read(ctx, e.oid)
}

func (h *gitHost) Put(ctx context.Context, f publish.File, body publish.Body) error {
	if err := gitCanHold(f.Path); err != nil {
		return err
	}
	if err := publish.Step(ctx, "write", f.Path); err != nil {
		return err
	}
	w, done, err := h.begin(ctx)
	if err != nil {
		return err
	}
	done()
	in, err := body()
	if err != nil {
		return err
	}
	defer in.Close()
	e, err := w.store(ctx, f, in)
	if err != nil {
		return err
	}
	if done, err = h.hold(ctx); err != nil {
		return err
	}
	defer done()
	if h.work != w {
		return fmt.Errorf("%s: the stage it was for is gone", f.Path)
	}
	return w.put(ctx, h.inside(f.Path), e)
}

// Copy gives a blob another name.
func (h *gitHost) Copy(ctx context.Context, from string, to publish.File) error {
	if err := gitCanHold(to.Path); err != nil {
		return err
	}
	if err := publish.Step(ctx, "copy", to.Path); err != nil {
		return err
	}
	w, done, err := h.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	e, err := w.file(ctx, h.inside(from))
	if err != nil {
		return err
	}
	if err := w.here(ctx, e); err != nil {
		return err
	}
	return w.put(ctx, h.inside(to.Path), &gitEntry{mode: gitFile, oid: e.oid, size: e.size, pack: e.pack})
}

func (h *gitHost) Delete(ctx context.Context, name string) error {
	if err := publish.Step(ctx, "remove", name); err != nil {
		return err
	}
	w, done, err := h.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	return w.remove(ctx, h.inside(name))
}

func (h *gitHost) List(ctx context.Context, dir string) ([]string, error) {
	if err := publish.Step(ctx, "list", dir); err != nil {
		return nil, err
	}
	w, done, err := h.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	t, err := w.tree(ctx, h.inside(dir))
	if err != nil || t == nil {
		return nil, err
	}
	var names []string
	for name, e := range t.entries {
		if name = path.Join(dir, name); e.isFile() && fs.ValidPath(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// Lock looks where the branch is. There is nothing on the server to hold, and no
// need: all that is read from now on is of this one commit, and Commit moves the
// branch only if it is still there. Of two publishers that begin at the same
// commit, the second to push changes nothing and gets a BusyError.
func (h *gitHost) Lock(ctx context.Context, _ string) (context.Context, func() error, error) {
	done, err := h.hold(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	if h.work != nil {
		tip, err := h.work.tip(ctx)
		if err != nil {
			return nil, nil, err
		}
		if tip != h.work.base {
			h.drop() // with its stage, which was made upon another commit
		}
	}
	if h.work == nil {
		if h.work, err = h.start(ctx); err != nil {
			return nil, nil, err
		}
	}
	return ctx, func() error { return nil }, nil
}

// Commit makes one commit of the changes, pushes it, and asks the server where the
// branch is now: a push may have arrived although its answer was lost, and the
// other way round. After a BusyError the host is as if it had just been opened.
func (h *gitHost) Commit(ctx context.Context) error {
	done, err := h.hold(ctx)
	if err != nil {
		return err
	}
	defer done()
	w := h.work
	if w == nil {
		return nil
	}
	if w.commit == "" || w.dirty {
		if w.commit, err = w.makeCommit(ctx); err != nil || w.commit == "" {
			return err
		}
		w.dirty = false
	}
	refused := w.push(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	tip, err := w.tip(ctx)
	switch {
	case err != nil:
		return cmp.Or(refused, err)
	case tip == w.commit:
		return w.arrived(ctx)
	case tip != w.base:
		h.drop()
		return &publish.BusyError{}
	case refused == nil:
		return tell("服务器收下了提交，分支 %s 却没有移动", "git push: the server took the commit, and %s has not moved", h.branch)
	}
	return refused
}

func (h *gitHost) drop() {
	if h.work != nil {
		_ = h.work.close() // what is left over goes the next time
		h.work = nil
	}
}

func (h *gitHost) Close() error {
	done, err := h.hold(context.Background())
	if err != nil {
		return err
	}
	defer done()
	if h.work == nil {
		return nil
	}
	err = h.work.close()
	h.work = nil
	return err
}

// A gitWork is a temporary repository with one commit of the branch, and the
// changes upon it.
type gitWork struct {
	*gitHost
	scratch  *scratch
	base     string    // the commit that readers have; "" if there is no branch
	baseTree string    // its tree
	root     *gitEntry // the tree with the changes
	commit   string    // what Commit has made and does not know to have arrived
	dirty    bool      // something was changed since

	objects, sizes, hashes gitServants

	importing sync.Mutex
	importer  *gitServant // git fast-import, which writes all that is small into one pack
	pack      int         // which of its packs it is writing
	lost      error       // why it is no more, and what it wrote with it

	ownSSH   bool          // the user has told git which ssh to use
	fetching chan struct{} // holds a value while somebody fetches blobs
	misses   int           // blobs that were fetched by name

	mu    sync.Mutex
	wants map[string]bool // blobs that somebody waits for
}

const gitRepository = "repository.git"

// start fetches the tip of the branch.
func (h *gitHost) start(ctx context.Context) (*gitWork, error) {
	if !h.installed {
		if err := gitInstalled(ctx); err != nil {
			return nil, err
		}
		h.installed = true
	}
	s, err := newScratch("git")
	if err != nil {
		return nil, err
	}
	w := &gitWork{gitHost: h, scratch: s, fetching: make(chan struct{}, 1), wants: map[string]bool{}}
	w.objects = gitServants{w: w, args: []string{"cat-file", "--batch"}}
	w.sizes = gitServants{w: w, args: []string{"cat-file", "--batch-check"}}
	w.hashes = gitServants{w: w, args: []string{"hash-object", "-w", "--no-filters", "--stdin-paths"}}
	if err := w.begin(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// begin makes the temporary repository and fills it.
func (w *gitWork) begin(ctx context.Context) error {
	if err := w.init(ctx, "sha1"); err != nil {
		return err
	}
	if w.site == "" && !strings.HasPrefix(w.url, "file:") {
		own, _ := w.run(ctx, nil, true, "config", "--get", "core.sshCommand") // fails if there is none
		w.ownSSH = own != ""
	}
	tip, err := w.tip(ctx)
	if err != nil {
		return err
	}
	if tip == "" {
		w.root = &gitEntry{mode: gitFolder, tree: &gitTree{map[string]*gitEntry{}, true}}
		return nil
	}
	if len(tip) == 64 {
		if err := errors.Join(os.RemoveAll(w.scratch.path(gitRepository)), w.init(ctx, "sha256")); err != nil {
			return err
		}
	}
	return w.fetchTip(ctx)
}

// fetchTip fetches the commit at the tip and its folders, and no files if the
// server can leave them out.
func (w *gitWork) fetchTip(ctx context.Context) error {
	const tip = "refs/minxi/tip"
	config := w.scratch.path(gitRepository + "/config")
	own, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	if err := publish.Step(ctx, "fetch", w.url); err != nil {
		return err
	}
	if _, err := w.run(ctx, nil, true, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1", "--filter=blob:none",
		w.url, "+refs/heads/"+w.branch+":"+tip); err != nil {
		return err
	}
	// git has noted that it may fetch what is missing whenever it likes. It would do
	// so file by file, and while it packs; this takes the note away.
	if err := os.WriteFile(config, own, 0o600); err != nil {
		return err
	}
	g, found, err := w.ask(ctx, &w.sizes, tip)
	if err != nil {
		return err
	}
	w.sizes.give(g, true)
	w.base = found.oid
	if g, found, err = w.ask(ctx, &w.sizes, tip+"^{tree}"); err != nil {
		return err
	}
	w.sizes.give(g, true)
	w.baseTree = found.oid
	w.root = &gitEntry{mode: gitFolder, oid: w.baseTree}
	_, err = w.load(ctx, w.root)
	return err
}

// gitSettings stand in the temporary repository, where they count for more than
// what the user or the machine has set. They keep out what would change the
// outcome or do more than asked: hooks, signatures, tags, housekeeping. What
// decides how a server is reached stays the user's: proxies, certificates, ssh,
// credential helpers, url.….insteadOf.
const gitSettings = `
[core]
	hooksPath = %[1]s
	bigFileThreshold = 4m
	fsync = none
	logAllRefUpdates = false
[gc]
	auto = 0
[maintenance]
	auto = false
[protocol]
	version = 2
[fetch]
	prune = false
	recurseSubmodules = false
	writeCommitGraph = false
[push]
	gpgSign = false
	followTags = false
	recurseSubmodules = no
	negotiate = false
	pushOption =
[http]
	lowSpeedLimit = 1
	lowSpeedTime = 120
`

// gitToken makes the token the only credential, and hands it to the one server
// that it is for. It stands in the environment of git and nowhere else.
const gitToken = `
[credential]
	helper =
[credential "%[1]s"]
	helper = "!f() { test \"$1\" = get || exit 0; printf 'username=%%s\\npassword=%%s\\n' \"$MINXI_GIT_USER\" \"$MINXI_GIT_TOKEN\"; }; f"
`

func (w *gitWork) init(ctx context.Context, format string) error {
	if _, err := w.run(ctx, nil, false, "init", "--quiet", "--bare", "--template=", "--object-format="+format); err != nil {
		return err
	}
	f, err := os.OpenFile(w.scratch.path(gitRepository+"/config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, gitSettings, filepath.ToSlash(os.DevNull))
	if err == nil && w.token != "" {
		_, err = fmt.Fprintf(f, gitToken, w.site)
	}
	return errors.Join(err, f.Close())
}

// tip asks the server where the branch is; "" if it is not there.
func (w *gitWork) tip(ctx context.Context) (string, error) {
	if err := publish.Step(ctx, "ls-remote", w.url); err != nil {
		return "", err
	}
	soon, cancel := context.WithTimeout(ctx, w.patience)
	defer cancel()
	ref := "refs/heads/" + w.branch
	out, err := w.run(soon, nil, true, "ls-remote", w.url, ref)
	if soon.Err() != nil && ctx.Err() == nil {
		return "", tell("git ls-remote：%v 之内没有回应", "git ls-remote: no answer within %v", w.patience)
	}
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(out) {
		// The server matches the end of a ref's name.
		if oid, name, _ := strings.Cut(strings.TrimSpace(line), "\t"); name == ref {
			return oid, nil
		}
	}
	return "", nil
}

// push moves the branch from base to commit, if it is at base.
func (w *gitWork) push(ctx context.Context) error {
	if err := publish.Step(ctx, "push", w.url); err != nil {
		return err
	}
	ref := "refs/heads/" + w.branch
	out, err := w.run(ctx, nil, true, "push", "--porcelain", "--no-verify", "--force-with-lease="+ref+":"+w.base, w.url, w.commit+":"+ref)
	if err == nil || ctx.Err() != nil {
		return err
	}
	for line := range strings.Lines(out) {
		mark, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		_, why, _ := strings.Cut(rest, "\t")
		if mark != "!" || why == "" {
			continue
		}
		err = fmt.Errorf("%w: %s", err, w.hide(gitPrintable(why)))
		passing := slices.ContainsFunc(gitPassing, func(s string) bool { return strings.Contains(why, s) })
		if strings.HasPrefix(why, "[remote rejected]") && !passing {
			return publish.Final(err)
		}
	}
	return err
}

// gitPassing are reasons of a server to reject a push that may be gone soon.
var gitPassing = []string{"failed to update ref", "failed to lock", "cannot lock ref", "unpacker error", "internal"}

// makeCommit makes a commit of the stage; "" if nothing was changed.
func (w *gitWork) makeCommit(ctx context.Context) (string, error) {
	var c gitChanges
	var was *gitEntry
	if w.baseTree != "" {
		was = &gitEntry{mode: gitFolder, oid: w.baseTree}
	}
	if err := c.compare(ctx, w, "", was, w.root); err != nil || len(c.lines) == 0 {
		return "", err
	}
	message := fmt.Sprintf("Publish: %d files added, %d changed, %d removed", c.added, c.changed, c.removed)
	w.importing.Lock()
	defer w.importing.Unlock()
	lines, err := w.tell(2, func(to *bufio.Writer) {
		// A reset without a commit makes the next one the first of its branch.
		fmt.Fprintf(to, "reset refs/minxi/next\ncommit refs/minxi/next\nmark :1\ncommitter %s <%s> %d +0000\ndata %d\n%s\n",
			w.name, w.email, time.Now().Unix(), len(message), message)
		switch {
		case w.base != "" && w.single:
			fmt.Fprintf(to, "M 040000 %s \"\"\n", w.baseTree)
		case w.base != "":
			fmt.Fprintf(to, "from %s\n", w.base)
		}
		for _, line := range c.lines {
			to.WriteString(line)
		}
		to.WriteString("\nget-mark :1\ncheckpoint\nprogress seen\n")
	})
	if err != nil {
		return "", err
	}
	w.pack++
	return lines[0], nil
}

// arrived makes the commit that was pushed the one to begin from.
func (w *gitWork) arrived(ctx context.Context) error {
	g, found, err := w.ask(ctx, &w.sizes, w.commit+"^{tree}")
	if err != nil {
		return err
	}
	w.sizes.give(g, true)
	w.base, w.baseTree, w.commit = w.commit, found.oid, ""
	w.root = &gitEntry{mode: gitFolder, oid: w.baseTree}
	return nil
}

// gitChanges say how the stage differs from the branch.
type gitChanges struct {
	lines                   []string // for git-fast-import(1)
	added, changed, removed int
}

// compare adds how a folder differs from what it was; was is nil if it is new.
func (c *gitChanges) compare(ctx context.Context, w *gitWork, dir string, was, now *gitEntry) error {
	if now.tree == nil || !now.tree.changed {
		return nil
	}
	before := &gitTree{}
	if was != nil {
		var err error
		if before, err = w.load(ctx, &gitEntry{mode: gitFolder, oid: was.oid}); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before.entries)) {
		old, e := before.entries[name], now.tree.entries[name]
		if e == nil || (e.mode == gitFolder) != (old.mode == gitFolder) {
			n, err := w.count(ctx, old)
			if err != nil {
				return err
			}
			c.removed += n
			c.lines = append(c.lines, "D "+gitQuote(path.Join(dir, name))+"\n")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now.tree.entries)) {
		e, old := now.tree.entries[name], before.entries[name]
		if old != nil && (e.mode == gitFolder) != (old.mode == gitFolder) {
			old = nil
		}
		switch {
		case e.mode == gitFolder:
			if err := c.compare(ctx, w, path.Join(dir, name), old, e); err != nil {
				return err
			}
			continue
		case old == nil:
			c.added++
		case old.oid != e.oid || old.mode != e.mode:
			c.changed++
		default:
			continue
		}
		c.lines = append(c.lines, fmt.Sprintf("M %s %s %s\n", e.mode, e.oid, gitQuote(path.Join(dir, name))))
	}
	return nil
}

// gitQuote writes a path as git-fast-import(1) reads any path.
func gitQuote(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(name) + `"`
}

// count counts the files of an entry.
func (w *gitWork) count(ctx context.Context, e *gitEntry) (int, error) {
	if e.mode != gitFolder {
		return 1, nil
	}
	t, err := w.load(ctx, e)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, sub := range t.entries {
		m, err := w.count(ctx, sub)
		if err != nil {
			return 0, err
		}
		n += m
	}
	return n, nil
}

// Modes of a tree's entries. Others are symbolic links (120000), submodules
// (160000) and programs (100755).
const (
	gitFile   = "100644"
	gitFolder = "40000"
)

// A gitEntry is a name in a folder of the branch.
type gitEntry struct {
	mode string
	oid  string   // of a folder, what it was before it was changed
	size int64    // of a file that was put, else -1
	pack int      // the pack that a file was put into, from 1; else 0
	tree *gitTree // of a folder that was looked into, else nil
}

// A gitTree is a folder of the branch.
type gitTree struct {
	entries map[string]*gitEntry
	changed bool // since it was read
}

func (e *gitEntry) isFile() bool { return e.mode == gitFile || e.mode == "100755" }

// load looks into a folder; its tree is nil if the entry is something else.
func (w *gitWork) load(ctx context.Context, e *gitEntry) (*gitTree, error) {
	if e.tree != nil || e.mode != gitFolder {
		return e.tree, nil
	}
	r, err := w.read(ctx, e.oid)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	t := &gitTree{entries: map[string]*gitEntry{}}
	for raw := len(e.oid) / 2; len(data) > 0; {
		head, rest, ok := bytes.Cut(data, []byte{0})
		mode, name, spaced := strings.Cut(string(head), " ")
		if !ok || !spaced || len(rest) < raw {
			return nil, tell("分支的目录 %s 损坏了", "tree %s of the branch is damaged", e.oid)
		}
		t.entries[name] = &gitEntry{mode: mode, oid: hex.EncodeToString(rest[:raw]), size: -1}
		data = rest[raw:]
	}
	e.tree = t
	return t, nil
}

// tree gives a folder, nil if there is none.
func (w *gitWork) tree(ctx context.Context, dir string) (*gitTree, error) {
	t, err := w.load(ctx, w.root)
	if dir == "." || dir == "" {
		return t, err
	}
	for part := range strings.SplitSeq(dir, "/") {
		if t == nil || err != nil {
			break
		}
		e := t.entries[part]
		if e == nil {
			return nil, nil
		}
		t, err = w.load(ctx, e)
	}
	return t, err
}

// file gives the entry of a file. Links and submodules are no files: what they
// lead to may be anywhere.
func (w *gitWork) file(ctx context.Context, name string) (*gitEntry, error) {
	t, err := w.tree(ctx, path.Dir(name))
	if err != nil {
		return nil, err
	}
	if t != nil {
		if e := t.entries[path.Base(name)]; e != nil && e.isFile() {
			return e, nil
		}
	}
	return nil, fs.ErrNotExist
}

// put sets an entry, and makes folders above it. A file that stands where a folder
// has to be goes, and so does a folder where the file has to be.
func (w *gitWork) put(ctx context.Context, name string, to *gitEntry) error {
	t, err := w.load(ctx, w.root)
	if err != nil {
		return err
	}
	t.changed = true
	dir, base := path.Split(name)
	for part := range strings.SplitSeq(strings.TrimSuffix(dir, "/"), "/") {
		if part == "" {
			continue
		}
		e := t.entries[part]
		if e != nil && e.mode != gitFolder && !e.isFile() {
			return publish.Final(tell("%s：分支里的 %q 是符号链接或子模块，不能经由它写入", "%s: %q in the branch is a symbolic link or a submodule, which is not followed", name, part))
		}
		if e == nil || e.isFile() {
			e = &gitEntry{mode: gitFolder, tree: &gitTree{entries: map[string]*gitEntry{}}}
			t.entries[part] = e
		}
		if t, err = w.load(ctx, e); err != nil {
			return err
		}
		t.changed = true
	}
	t.entries[base] = to
	w.dirty = true
	return nil
}

// remove removes a file, or a link or submodule; a folder stays.
func (w *gitWork) remove(ctx context.Context, name string) error {
	t, err := w.tree(ctx, path.Dir(name))
	if err != nil || t == nil {
		return err
	}
	e := t.entries[path.Base(name)]
	if e == nil || e.mode == gitFolder {
		return nil
	}
	delete(t.entries, path.Base(name))
	w.dirty = true
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if t, err = w.tree(ctx, dir); err != nil {
			return err
		}
		t.changed = true
		if dir == "." {
			return nil
		}
	}
}

// gitSmall is the size up to which a file goes through this process's memory into
// the pack of git fast-import. Larger ones have a process to themselves, which can
// be ended in the middle without anything else being lost.
const gitSmall = 1 << 20

// store writes what a reader gives as a blob, if it is of the size that it has to be.
func (w *gitWork) store(ctx context.Context, f publish.File, in io.Reader) (*gitEntry, error) {
	whole := func(to io.Writer) error {
		n, err := io.Copy(to, io.LimitReader(contextReader{ctx, in}, f.Size+1))
		if err == nil && n != f.Size {
			err = otherSize(f.Path, f.Size)
		}
		return err
	}
	if f.Size > gitSmall {
		spooled, err := w.scratch.spool(func(out *os.File) error { return whole(out) })
		if err != nil {
			return nil, err
		}
		oid, err := w.hash(ctx, spooled)
		return &gitEntry{mode: gitFile, oid: oid, size: f.Size}, errors.Join(err, os.Remove(spooled))
	}
	var data bytes.Buffer
	if err := whole(&data); err != nil {
		return nil, err
	}
	w.importing.Lock()
	defer w.importing.Unlock()
	lines, err := w.tell(1, func(to *bufio.Writer) {
		fmt.Fprintf(to, "blob\nmark :1\ndata %d\n", f.Size)
		to.Write(data.Bytes())
		to.WriteString("\nget-mark :1\n")
	})
	if err != nil {
		return nil, err
	}
	return &gitEntry{mode: gitFile, oid: lines[0], size: f.Size, pack: w.pack}, nil
}

// visible lets other processes than git fast-import read a file.
func (w *gitWork) visible(e *gitEntry) error {
	w.importing.Lock()
	defer w.importing.Unlock()
	if e.pack < w.pack || w.importer == nil {
		return nil
	}
	_, err := w.tell(1, func(to *bufio.Writer) { to.WriteString("checkpoint\nprogress seen\n") })
	w.pack++
	return err
}

// tell gives git fast-import something to do, and reads as many lines of answer.
// What it has written is lost with it, so that there is no trying again.
// w.importing is held.
func (w *gitWork) tell(lines int, write func(*bufio.Writer)) ([]string, error) {
	if w.lost != nil {
		return nil, w.lost
	}
	if w.importer == nil {
		g, err := w.servant("fast-import", "--quiet", "--force")
		if err != nil {
			return nil, err
		}
		w.importer = g
		w.pack++
	}
	to := bufio.NewWriterSize(w.importer.in, 1<<16)
	write(to)
	err := to.Flush()
	var answer []string
	for range lines {
		var line string
		if err == nil {
			line, err = w.importer.out.ReadString('\n')
		}
		answer = append(answer, strings.TrimSuffix(line, "\n"))
	}
	if err != nil {
		w.lost = publish.Final(w.importer.broken(context.Background()))
	}
	return answer, w.lost
}

// hash writes a file that was spooled as a blob, and returns the blob's name.
func (w *gitWork) hash(ctx context.Context, spooled string) (string, error) {
	g, err := w.hashes.take(ctx)
	if err != nil {
		return "", err
	}
	oid, err := g.answer(ctx, filepath.Base(spooled)+"\n")
	w.hashes.give(g, err == nil)
	return oid, err
}

// here fetches a file of the branch if it was left out so far: git fast-import does
// not take the name of a blob that it cannot find.
func (w *gitWork) here(ctx context.Context, e *gitEntry) error {
	if e.pack > 0 {
		return nil
	}
	g, _, err := w.ask(ctx, &w.sizes, e.oid)
	if err == nil {
		w.sizes.give(g, true)
	}
	return err
}

func (w *gitWork) sizeOf(ctx context.Context, e *gitEntry) (int64, error) {
	if e.size >= 0 {
		return e.size, nil
	}
	g, found, err := w.ask(ctx, &w.sizes, e.oid)
	if err != nil {
		return 0, err
	}
	w.sizes.give(g, true)
	return found.size, nil
}

// read opens an object.
func (w *gitWork) read(ctx context.Context, oid string) (io.ReadCloser, error) {
	g, found, err := w.ask(ctx, &w.objects, oid)
	if err != nil {
		return nil, err
	}
	return &gitReading{ctx, w, g, found.size}, nil
}

// A gitReading is an object that is being read.
type gitReading struct {
	ctx  context.Context
	w    *gitWork
	g    *gitServant // nil when closed
	left int64
}

func (r *gitReading) Read(p []byte) (int, error) {
	switch {
	case r.g == nil:
		return 0, fs.ErrClosed
	case r.ctx.Err() != nil:
		return 0, r.ctx.Err()
	case r.left == 0:
		return 0, io.EOF
	}
	n, err := r.g.out.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if err != nil {
		err = r.g.broken(r.ctx)
	}
	return n, err
}

// Close gives the process back to the next reading, unless too much of this one
// is still to come.
func (r *gitReading) Close() error {
	if r.g == nil {
		return fs.ErrClosed
	}
	left := r.left + 1 // a line feed ends each object
	whole := left <= 1<<16
	if whole {
		n, _ := io.CopyN(io.Discard, r.g.out, left)
		whole = n == left
	}
	r.w.objects.give(r.g, whole)
	r.g = nil
	return nil
}

// A gitFound is what git says of an object.
type gitFound struct {
	oid  string
	size int64
}

// ask asks for an object, and fetches it first if it was left out so far. The
// process that answered is for the caller to read from and to give back.
func (w *gitWork) ask(ctx context.Context, of *gitServants, name string) (*gitServant, gitFound, error) {
	for fetched := false; ; fetched = true {
		g, err := of.take(ctx)
		if err != nil {
			return nil, gitFound{}, err
		}
		line, err := g.answer(ctx, name+"\n")
		if err != nil {
			of.give(g, false)
			return nil, gitFound{}, err
		}
		if f := strings.Fields(line); len(f) == 3 {
			if size, err := strconv.ParseInt(f[2], 10, 64); err == nil {
				return g, gitFound{f[0], size}, nil
			}
		}
		missing := strings.HasSuffix(line, " missing")
		of.give(g, missing)
		if !missing || fetched {
			return nil, gitFound{}, fmt.Errorf("git cat-file: %s", gitPrintable(line))
		}
		if err := w.fetchBlob(ctx, name); err != nil {
			return nil, gitFound{}, err
		}
	}
}

// gitPatience is how many files are fetched by name. Whoever wants more is likely to
// want all.
const gitPatience = 8

// fetchBlob fetches one blob, together with those that others have come to want while
// something was fetched, or all of the branch that are not here.
func (w *gitWork) fetchBlob(ctx context.Context, oid string) error {
	w.mu.Lock()
	w.wants[oid] = true
	w.mu.Unlock()
	select {
	case w.fetching <- struct{}{}:
		defer func() { <-w.fetching }()
	case <-ctx.Done():
		return ctx.Err()
	}
	w.mu.Lock()
	oids := slices.Sorted(maps.Keys(w.wants))
	clear(w.wants)
	w.mu.Unlock()
	if !slices.Contains(oids, oid) {
		oids = append(oids, oid) // it was fetched for us, or that failed
	}
	var names strings.Builder
	for _, oid := range oids {
		g, err := w.sizes.take(ctx)
		if err != nil {
			return err
		}
		line, err := g.answer(ctx, oid+"\n")
		w.sizes.give(g, err == nil)
		if err != nil {
			return err
		}
		if strings.HasSuffix(line, " missing") {
			fmt.Fprintln(&names, oid)
			w.misses++
		}
	}
	if names.Len() == 0 {
		return nil
	}
	if err := publish.Step(ctx, "fetch", w.url); err != nil {
		return err
	}
	wanted := io.Reader(strings.NewReader(names.String()))
	if w.misses > gitPatience {
		all, err := w.scratch.spool(func(out *os.File) error { return w.missing(ctx, out) })
		if err != nil {
			return err
		}
		defer os.Remove(all)
		f, err := os.Open(all)
		if err != nil {
			return err
		}
		defer f.Close()
		wanted = io.MultiReader(wanted, f)
		w.misses = 0
	}
	cmd, said := w.command(ctx, true, "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--stdin", w.url)
	cmd.Stdin = wanted
	return w.result(ctx, "fetch", cmd.Run(), said)
}

// missing lists the blobs of the branch that are not here.
func (w *gitWork) missing(ctx context.Context, to io.Writer) error {
	r, pipe := io.Pipe()
	go func() {
		_, err := w.run(ctx, pipe, false, "rev-list", "--objects", "--missing=print", w.baseTree)
		pipe.CloseWithError(err)
	}()
	defer r.Close()
	out := bufio.NewWriter(to)
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		if oid, ok := strings.CutPrefix(line, "?"); ok {
			if _, err := out.WriteString(oid); err != nil {
				return err
			}
		}
	}
}

func (w *gitWork) close() error {
	for _, s := range []*gitServants{&w.objects, &w.sizes, &w.hashes} {
		s.close()
	}
	w.importing.Lock()
	defer w.importing.Unlock()
	if w.importer != nil {
		w.importer.bury()
	}
	w.lost = cmp.Or(w.lost, error(fs.ErrClosed))
	return w.scratch.close()
}

// gitServants are processes of one git command that answers one request after
// another. A site has thousands of files, and to start a process takes longer than
// to write one.
type gitServants struct {
	w    *gitWork
	args []string

	mu     sync.Mutex
	idle   []*gitServant
	closed bool
}

type gitServant struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	pipe *os.File
	said *gitSaid
	w    *gitWork
	stop func() bool   // ends the watch for the end of the context
	gone chan struct{} // closed when the process has ended
}

// take gives a process to one user, and ends it if the user's context ends.
func (s *gitServants) take(ctx context.Context) (*gitServant, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fs.ErrClosed
	}
	var g *gitServant
	if n := len(s.idle); n > 0 {
		g = s.idle[n-1]
		s.idle = s.idle[:n-1]
	} else {
		var err error
		if g, err = s.w.servant(s.args...); err != nil {
			return nil, err
		}
	}
	g.stop = context.AfterFunc(ctx, g.end)
	return g, nil
}

// servant starts a process that reads requests.
func (w *gitWork) servant(args ...string) (*gitServant, error) {
	cmd, said := w.command(context.Background(), false, args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	r, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = out
	err = cmd.Start()
	out.Close()
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	g := &gitServant{cmd: cmd, in: in, out: bufio.NewReaderSize(r, 1<<16), pipe: r, said: said, w: w, gone: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(g.gone)
	}()
	return g, nil
}

// give takes a process back, and ends it if it is not fit for another request.
func (s *gitServants) give(g *gitServant, fit bool) {
	fit = g.stop() && fit
	s.mu.Lock()
	if fit = fit && !s.closed; fit {
		s.idle = append(s.idle, g)
	}
	s.mu.Unlock()
	if !fit {
		g.bury()
	}
}

func (s *gitServants) close() {
	s.mu.Lock()
	s.closed = true
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, g := range idle {
		g.bury()
	}
}

// answer sends a request and reads one line.
func (g *gitServant) answer(ctx context.Context, request string) (string, error) {
	if _, err := io.WriteString(g.in, request); err != nil {
		return "", g.broken(ctx)
	}
	line, err := g.out.ReadString('\n')
	if err != nil {
		return "", g.broken(ctx)
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// broken says why a process does not answer.
func (g *gitServant) broken(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	g.end()
	<-g.gone
	return g.w.result(ctx, g.cmd.Args[2], io.ErrUnexpectedEOF, g.said)
}

func (g *gitServant) end() {
	select {
	case <-g.gone:
	default:
		_ = g.cmd.Cancel()
	}
}

// bury ends a process and waits for its end.
func (g *gitServant) bury() {
	g.in.Close()
	g.end()
	<-g.gone
	g.pipe.Close()
}

// command prepares a git that nothing of the user's or the machine's settings gets
// at, or, if it has to reach a server, nothing but what decides how. What it says
// on its standard error is kept.
func (w *gitWork) command(ctx context.Context, reach bool, args ...string) (*exec.Cmd, *gitSaid) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--git-dir=" + gitRepository}, args...)...)
	endsWithUs(cmd)
	cmd.WaitDelay = 5 * time.Second
	cmd.Dir = w.scratch.dir
	cmd.Env = w.environment(reach)
	said := &gitSaid{}
	cmd.Stderr = said
	return cmd, said
}

// gitReach are variables that tell git how to reach a server. GIT_SSL_NO_VERIFY is
// not among them, nor is anything that prints what is sent.
var gitReach = []string{"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
	"GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_PROXY_COMMAND", "GIT_PROXY_SSL_CAINFO", "GIT_HTTP_PROXY_AUTHMETHOD",
	"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"}

// environment is that of the process without what would change the outcome:
// GIT_DIR and the like, the language of messages, the time zone of commits.
func (w *gitWork) environment(reach bool) []string {
	env := []string{"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never", "GIT_ALLOW_PROTOCOL=file:http:https:ssh"}
	drop := map[string]bool{"LC_ALL": true, "LANGUAGE": true, "GCM_INTERACTIVE": true, "SSH_ASKPASS": true}
	if !reach {
		// An empty home keeps out the user's settings for every version of git.
		home := w.scratch.path("home")
		env = append(env, "HOME="+home, "XDG_CONFIG_HOME="+home, "GIT_CONFIG_NOSYSTEM=1")
		drop["HOME"], drop["XDG_CONFIG_HOME"] = true, true
	} else if w.token != "" {
		env = append(env, "MINXI_GIT_USER="+w.user, "MINXI_GIT_TOKEN="+w.token)
	}
	ownSSH := w.ownSSH
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if drop[name] || strings.HasPrefix(name, "GIT_") && name != "GIT_EXEC_PATH" && (!reach || !slices.Contains(gitReach, name)) {
			continue
		}
		ownSSH = ownSSH || name == "GIT_SSH" || name == "GIT_SSH_COMMAND"
		env = append(env, v)
	}
	if reach && !ownSSH {
		env = append(env, "GIT_SSH_COMMAND="+gitSSH)
	}
	return env
}

// gitSSH never asks, on a terminal that others use, and gives up on a server that
// has gone silent. Whoever has set another ssh for git keeps that.
const gitSSH = "ssh -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"

// run runs git to its end and returns what it prints, or writes that to a writer.
func (w *gitWork) run(ctx context.Context, to io.Writer, reach bool, args ...string) (string, error) {
	cmd, said := w.command(ctx, reach, args...)
	var out bytes.Buffer
	if cmd.Stdout = to; to == nil {
		cmd.Stdout = &out
	}
	err := cmd.Run()
	return out.String(), w.result(ctx, args[0], err, said)
}

// result makes an error of how git ended, with what it and the server said.
func (w *gitWork) result(ctx context.Context, verb string, err error, said *gitSaid) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text := w.hide(said.text())
	failed := fmt.Errorf("git %s: %s", verb, cmp.Or(text, err.Error()))
	why, final := gitMeans(text)
	failed = publish.Because(why, failed)
	if publish.ReasonOf(failed) == "" {
		// Git does not say why it could not write. If it was the disk, it is still full.
		if full := w.scratch.probe(); full != nil {
			failed = fmt.Errorf("%w: %w", failed, full)
		}
	}
	if final {
		return publish.Final(failed)
	}
	return failed
}

// gitMeans says what a text of git, ssh or a server means, and whether trying again
// cannot help.
func gitMeans(text string) (why publish.Reason, final bool) {
	for _, known := range gitSays {
		if strings.Contains(text, known.words) {
			why = cmp.Or(why, known.why)
			final = final || known.final
		}
	}
	if m := gitStatus.FindStringSubmatch(text); m != nil {
		status, _ := strconv.Atoi(m[1]) // three digits
		why = cmp.Or(why, publish.StatusReason(status))
		final = final || status < 500 && !slices.Contains(gitPassingStatus, status)
	}
	return why, final
}

// gitSays are in the order in which they count, if a text has several.
var gitSays = []struct {
	words string
	why   publish.Reason
	final bool
}{
	{"No space left on device", publish.NoRoom, false}, {"Disk quota exceeded", publish.NoRoom, false},
	{"Authentication failed", publish.BadLogin, true}, {"could not read Username", publish.BadLogin, true}, {"could not read Password", publish.BadLogin, true},
	{"Permission denied (", publish.BadLogin, true},
	{"Permission denied", publish.NotAllowed, true}, {"Permission to", publish.NotAllowed, true}, {"not allowed", publish.NotAllowed, true},
	{"dubious ownership", publish.NotAllowed, true},
	{"Host key verification failed", publish.Untrusted, true}, {"REMOTE HOST IDENTIFICATION HAS CHANGED", publish.Untrusted, true},
	{"SSL certificate", publish.Untrusted, true}, {"certificate verif", publish.Untrusted, true},
	{"does not appear to be a git repository", publish.NoPlace, true}, {"not a git repository", publish.NoPlace, true},
	{"not found", publish.NoPlace, true}, {"Not found", publish.NoPlace, false},
	{"Could not resolve host", publish.Unreachable, false}, {"Failed to connect", publish.Unreachable, false}, {"Couldn't connect", publish.Unreachable, false},
	{"Connection refused", publish.Unreachable, false}, {"No route to host", publish.Unreachable, false},
	{"timed out", publish.Silent, false},
	{"unexpected disconnect", publish.CutOff, false}, {"hung up unexpectedly", publish.CutOff, false}, {"Connection reset", publish.CutOff, false}, {"early EOF", publish.CutOff, false},
	{"does not support shallow", "", true},
}

var (
	gitStatus        = regexp.MustCompile(`returned error: ([45]\d\d)`)
	gitPassingStatus = []int{408, 409, 423, 425, 429}
)

// hide takes the token out of a text.
func (w *gitWork) hide(text string) string {
	if w.token == "" {
		return text
	}
	both := w.user + ":" + w.token
	return strings.NewReplacer(base64.StdEncoding.EncodeToString([]byte(both)), "…", w.token, "…", url.QueryEscape(w.token), "…", url.PathEscape(w.token), "…").Replace(text)
}

// A gitSaid keeps the end of what a process prints on its standard error.
type gitSaid struct {
	mu   sync.Mutex
	last []byte
}

const gitSaidMost = 4 << 10

func (s *gitSaid) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = append(s.last, p...)
	if over := len(s.last) - gitSaidMost; over > 0 {
		s.last = append(s.last[:0], s.last[over:]...)
	}
	return len(p), nil
}

// gitNoise begins lines that say nothing of what is wrong.
var gitNoise = []string{"Please make sure you have", "and the repository exists", "error: failed to push", "hint:", "To ", "From ",
	"warning:", "@@@", "fatal: Could not read from remote repository", "fatal: the remote end hung up"}

// text gives in one line what is worth reading.
func (s *gitSaid) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for line := range strings.FieldsFuncSeq(string(s.last), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = gitPrintable(line)
		if slices.ContainsFunc(gitNoise, func(n string) bool { return strings.HasPrefix(line, n) }) {
			continue
		}
		for _, who := range []string{"remote: ", "fatal: ", "error: ", "remote:"} {
			line = strings.TrimPrefix(line, who)
		}
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

// gitPrintable keeps a server from writing on the terminal as it likes.
func gitPrintable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?")))
}

// gitOldest is the oldest git that has all that is used here.
var gitOldest = [2]int{2, 30}

// gitInstalled looks for git, and at its version.
func gitInstalled(ctx context.Context) error {
	wanted := fmt.Sprintf("git %d.%d or later", gitOldest[0], gitOldest[1])
	out, err := exec.CommandContext(ctx, "git", "version").Output()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return publish.Final(publish.Because(publish.NoProgram, tell("需要安装 %s，并能在 PATH 里找到：%v", "%s has to be installed and on the PATH: %v", wanted, err)))
	}
	var has [2]int
	if _, err := fmt.Sscanf(string(out), "git version %d.%d", &has[0], &has[1]); err != nil || slices.Compare(has[:], gitOldest[:]) < 0 {
		return publish.Final(publish.Because(publish.NoProgram, tell("需要安装 %s；现有的是 %s", "%s has to be installed; this is %s", wanted, gitPrintable(string(out)))))
	}
	return nil
}
