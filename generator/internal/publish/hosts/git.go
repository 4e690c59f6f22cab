package hosts

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

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
		{Name: "url", Required: true, Form: gitURL, Doc: plan.Text{ZH: "仓库地址：https://…、ssh://…、git@主机:路径 或 file:///…，其中不写密码",
			EN: "the repository: https://…, ssh://…, git@host:path or file:///…, with no password in it"}},
		{Name: "branch", Default: "gh-pages", Form: gitBranchName, Doc: plan.Text{ZH: "分支名；还没有就新建", EN: "the branch; made if it is not there"}},
		{Name: "folder", Form: aFolder, Doc: plan.Text{ZH: "网站在分支里的文件夹，例如 docs；不填则为分支的根", EN: "the site's folder in the branch, such as docs; its root unless given"}},
		{Name: "user", Default: "git", Form: oneLine, Doc: plan.Text{ZH: "与令牌相配的用户名；GitHub 任意，Gitee 须填自己的用户名",
			EN: "the user name that goes with the token; any for GitHub, your own for Gitee"}},
		{Name: "token", Secret: true, Form: oneLine, Doc: plan.Text{ZH: "https 地址的访问令牌；不填则用 git 自己配置的凭据",
			EN: "the access token for an https address; git's own credentials unless given"}},
		{Name: "name", Default: "minxi publish", Form: gitIdent, Doc: plan.Text{ZH: "提交者的名字", EN: "the committer's name"}},
		{Name: "email", Default: "publish@localhost", Form: gitIdent, Doc: plan.Text{ZH: "提交者的邮箱", EN: "the committer's address"}},
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

// A gitHost is the tip of a branch. The first call fetches it into a temporary
// repository: one commit, its folders, and no file until somebody asks for it. Deploy
// makes one commit on top and pushes it on the condition that the branch is still
// where it was. Nothing else than git's own commands for scripts touches an object.
type gitHost struct {
	url, branch, folder string
	site                string // scheme and host of an http address: what the token is for
	user, token         string
	name, email         string
	single              bool
	patience            time.Duration // for the shortest of questions to the server

	gate gate
	work *gitWork // nil before the first call, and after another's push
}

var (
	gitAddress = regexp.MustCompile(`^(?:[A-Za-z0-9][\w.-]*@)?[A-Za-z0-9][\w.-]+:[^:\\].*$`) // git@host:path

	// What git-check-ref-format(1) refuses, and what is no branch or an option.
	gitNoBranch = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(^|/)\.|\.lock(/|$)|\.$|^[-/]|/$|^refs/|^(HEAD|@)$`)

	gitIdent = pattern(`^[^\x00-\x1f<>]*[^\x00-\x20<>.,:;"'\\][^\x00-\x1f<>]*$`, "%q 不能是提交者的名字或邮箱", "%q is no name or address of a committer")
)

// gitURL is the form of a repository's address.
func gitURL(value string) (string, error) {
	none := tell("应是 https://…、ssh://…、git@主机:路径 或 file:///…", "it is none of https://…, ssh://…, git@host:path and file:///…")
	if !strings.Contains(value, "://") {
		if !gitAddress.MatchString(value) {
			return "", none
		}
		return value, nil
	}
	u, err := url.Parse(value)
	if err != nil {
		return "", tell("不是网址", "it is no address") // err would show the address, and what is secret in it
	}
	if _, secret := u.User.Password(); secret {
		return "", tell("里面有密码，请写在 token 里", "it holds a password; give that as token")
	}
	if !slices.Contains([]string{"file", "ssh", "https", "http"}, u.Scheme) {
		return "", none
	}
	return value, nil
}

func gitBranchName(value string) (string, error) {
	if gitNoBranch.MatchString(value) {
		return "", tell("%q 不能作分支名", "%q is no branch's name", value)
	}
	return value, nil
}

func openGit(_ context.Context, o Values) (publish.Host, error) {
	h := &gitHost{
		url: o.text("url"), branch: o.text("branch"), folder: o.text("folder"),
		user: o.text("user"), token: o.text("token"),
		name: o.text("name"), email: o.text("email"), single: o.text("history") == "single",
		patience: o.Network.quiet(), gate: newGate(),
	}
	if strings.HasPrefix(h.url, "http") && strings.Contains(h.url, "://") {
		u, err := url.Parse(h.url)
		if err != nil {
			return nil, err
		}
		h.site = u.Scheme + "://" + u.Host
		h.user = cmp.Or(u.User.Username(), h.user)
		if h.token != "" && isOpen(u) {
			return nil, wrong("url", "令牌只能经 https 传送", "a token is sent over https only")
		}
	}
	if h.token != "" && h.site == "" {
		return nil, wrong("token", "只用于 https 地址", "it is for an https address")
	}
	return h, nil
}

// gitTakes refuses the names that git and its servers refuse.
func gitTakes(name string) error {
	for part := range strings.SplitSeq(name, "/") {
		if strings.EqualFold(part, ".git") {
			return tell("%q：分支里不能有 .git 之下的文件", "%q: no branch can hold a file below .git", name)
		}
	}
	return nil
}

// Traits has .nojekyll keep GitHub from running the files through Jekyll, which drops
// every name that begins with "_".
func (h *gitHost) Traits() publish.Traits {
	limits := limitsOf(h.url)
	limits.Takes = gitTakes
	return publish.Traits{Checked: true, Conventions: []string{".nojekyll"}, Concurrency: 4, NameMax: publish.MostName, Limits: limits}
}

// with does something with the tip of the branch, when its turn has come.
func (h *gitHost) with(ctx context.Context, do func(*gitWork) error) error {
	if err := h.gate.enter(ctx); err != nil {
		return err
	}
	defer h.gate.leave()
	if err := h.begin(ctx); err != nil {
		return err
	}
	return do(h.work)
}

func (h *gitHost) inside(name string) string { return path.Join(h.folder, name) }

// file finds a file of the branch.
func (h *gitHost) file(ctx context.Context, op, name string, do func(w *gitWork, oid string) error) error {
	if err := publish.Step(ctx, op, name); err != nil {
		return err
	}
	return h.with(ctx, func(w *gitWork) error {
		oid := w.files[h.inside(name)]
		if oid == "" {
			return fs.ErrNotExist
		}
		return do(w, oid)
	})
}

func (h *gitHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	return publish.Stat{Size: -1}, h.file(ctx, "stat", name, func(*gitWork, string) error { return nil })
}

func (h *gitHost) Get(ctx context.Context, name string) (r io.ReadCloser, err error) {
	err = h.file(ctx, "read", name, func(w *gitWork, oid string) error {
		r, err = w.read(ctx, oid)
		return err
	})
	return r, err
}

func (h *gitHost) List(ctx context.Context, dir string) (names []string, err error) {
	if err := publish.Step(ctx, "list", dir); err != nil {
		return nil, err
	}
	err = h.with(ctx, func(w *gitWork) error {
		names = namesIn(w.files, h.folder, dir)
		return nil
	})
	return names, err
}

// Lock looks where the branch is. There is nothing on the server to hold, and no
// need: all that is read from now on is of this one commit, and Deploy moves the
// branch only if it is still there. Of two publishers that begin at the same
// commit, the second to push changes nothing and gets a BusyError.
func (h *gitHost) Lock(ctx context.Context, _ string) (context.Context, func() error, error) {
	if err := h.gate.enter(ctx); err != nil {
		return nil, nil, err
	}
	defer h.gate.leave()
	if h.work != nil {
		tip, err := h.work.tip(ctx)
		if err != nil {
			return nil, nil, err
		}
		if tip != h.work.base {
			_ = h.drop() // what is left over goes the next time
		}
	}
	return ctx, func() error { return nil }, h.begin(ctx)
}

// Deploy makes one commit, pushes it, and asks the server where the branch is now: a
// push may have arrived although its answer was lost, and the other way round.
// After a BusyError the host is as if it had just been opened.
func (h *gitHost) Deploy(ctx context.Context, d publish.Deployment) error {
	return h.with(ctx, func(w *gitWork) (err error) {
		if w.commit == "" || w.of != d.Release.ID {
			if w.commit, err = w.makeCommit(ctx, d); err != nil {
				return err
			}
			w.of = d.Release.ID
		}
		if w.commit == w.base {
			return nil // there was nothing to change
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
			return w.look(ctx, gitNext)
		case tip != w.base:
			_ = h.drop()
			return &publish.BusyError{}
		case refused == nil:
			return tell("服务器收下了提交，分支 %s 却没有移动", "git push: the server took the commit, and %s has not moved", h.branch)
		}
		return refused
	})
}

// drop has the next call fetch the branch anew.
func (h *gitHost) drop() (err error) {
	if h.work != nil {
		err = h.work.close()
		h.work = nil
	}
	return err
}

func (h *gitHost) Close() error {
	if err := h.gate.enter(context.Background()); err != nil {
		return err
	}
	defer h.gate.leave()
	return h.drop()
}

// A gitWork is a temporary repository with one commit of the branch.
type gitWork struct {
	*gitHost
	scratch *scratch
	base    string            // the commit that readers have; "" if there is no branch
	tree    string            // of it
	files   map[string]string // of it, by their objects' names
	others  map[string]bool   // of it: links and submodules, which may lead anywhere
	commit  string            // what Deploy has made and does not know to have arrived
	of      string            // the release that it is of
	cat     *gitCat           // nil until something is read
	misses  int               // files that were fetched one by one
	ownSSH  bool              // the user has told git which ssh to use
}

const gitRepository = "repository.git"

// begin fetches the tip of the branch, if it is not here.
func (h *gitHost) begin(ctx context.Context) error {
	if h.work != nil {
		return nil
	}
	if err := gitInstalled(ctx); err != nil {
		return err
	}
	s, err := newScratch("git")
	if err != nil {
		return err
	}
	w := &gitWork{gitHost: h, scratch: s}
	if err := w.fetch(ctx); err != nil {
		return errors.Join(err, w.close())
	}
	h.work = w
	return nil
}

// fetch makes the temporary repository, with the commit at the tip and its folders, and
// no files if the server can leave them out.
func (w *gitWork) fetch(ctx context.Context) error {
	if _, err := w.run(ctx, false, "init", "--quiet", "--bare", "--template="); err != nil {
		return err
	}
	if err := w.configure("sha1"); err != nil {
		return err
	}
	if w.site == "" && !strings.HasPrefix(w.url, "file:") {
		own, _ := w.run(ctx, true, "config", "--get", "core.sshCommand") // fails if there is none
		w.ownSSH = own != ""
	}
	tip, err := w.tip(ctx)
	if err != nil || tip == "" {
		return err
	}
	format := map[int]string{40: "sha1", 64: "sha256"}[len(tip)]
	if err := w.configure(format); err != nil {
		return err
	}
	if err := publish.Step(ctx, "fetch", w.url); err != nil {
		return err
	}
	const here = "refs/minxi/tip"
	if _, err := w.run(ctx, true, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1", "--filter=blob:none",
		w.url, "+refs/heads/"+w.branch+":"+here); err != nil {
		return err
	}
	// git has noted that it may fetch what is missing whenever it likes. It would do
	// so file by file, and while it packs; this takes the note away.
	return cmp.Or(w.configure(format), w.look(ctx, here))
}

// look lists what is in the commit of a ref, which readers have.
func (w *gitWork) look(ctx context.Context, ref string) (err error) {
	if w.base, w.tree, err = w.resolve(ctx, ref); err != nil {
		return err
	}
	out, err := w.run(ctx, false, "ls-tree", "-r", "-z", "--full-tree", w.base)
	w.files, w.others = map[string]string{}, map[string]bool{}
	for line := range strings.SplitSeq(out, "\x00") {
		if info, name, ok := strings.Cut(line, "\t"); ok {
			switch f := strings.Fields(info); f[0] { // mode, type, name of the object
			case "100644", "100755":
				w.files[name] = f[2]
			default:
				w.others[name] = true
			}
		}
	}
	return err
}

// resolve gives the commit of a ref, and its tree.
func (w *gitWork) resolve(ctx context.Context, ref string) (commit, tree string, err error) {
	out, err := w.run(ctx, false, "rev-parse", ref, ref+"^{tree}")
	commit, tree, _ = strings.Cut(strings.TrimSpace(out), "\n")
	return commit, strings.TrimSpace(tree), err
}

// gitSettings stand in the temporary repository, where they count for more than
// what the user or the machine has set. They keep out what would change the
// outcome or do more than asked: hooks, signatures, tags, housekeeping. What
// decides how a server is reached stays the user's: proxies, certificates, ssh,
// credential helpers, url.….insteadOf.
const gitSettings = `
[core]
	repositoryFormatVersion = 1
	bare = true
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
[pack]
	useSparse = false
[http]
	lowSpeedLimit = 1
	lowSpeedTime = 120
[extensions]
	objectFormat = %[2]s
`

// gitToken makes the token the only credential, and hands it to the one server
// that it is for. It stands in the environment of git and nowhere else.
const gitToken = `
[credential]
	helper =
[credential "%[1]s"]
	helper = "!f() { test \"$1\" = get || exit 0; printf 'username=%%s\\npassword=%%s\\n' \"$MINXI_GIT_USER\" \"$MINXI_GIT_TOKEN\"; }; f"
`

// configure writes the settings of a repository whose objects have names of a kind.
func (w *gitWork) configure(format string) error {
	settings := fmt.Sprintf(gitSettings, filepath.ToSlash(os.DevNull), format)
	if w.token != "" {
		settings += fmt.Sprintf(gitToken, w.site)
	}
	return os.WriteFile(w.scratch.path(gitRepository+"/config"), []byte(settings), 0o600)
}

// tip asks the server where the branch is; "" if it is not there.
func (w *gitWork) tip(ctx context.Context) (string, error) {
	if err := publish.Step(ctx, "ls-remote", w.url); err != nil {
		return "", err
	}
	soon, cancel := context.WithTimeout(ctx, w.patience)
	defer cancel()
	ref := "refs/heads/" + w.branch
	out, err := w.run(soon, true, "ls-remote", w.url, ref)
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
	out, err := w.run(ctx, true, "push", "--porcelain", "--no-verify", "--force-with-lease="+ref+":"+w.base, w.url, w.commit+":"+ref)
	if err == nil || ctx.Err() != nil {
		return err
	}
	for line := range strings.Lines(out) {
		mark, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		_, why, _ := strings.Cut(rest, "\t")
		if mark != "!" || why == "" {
			continue
		}
		err = fmt.Errorf("%w: %s", err, oneLineOf(w.hide(why)))
		passing := slices.ContainsFunc(gitPassing, func(s string) bool { return strings.Contains(why, s) })
		if strings.HasPrefix(why, "[remote rejected]") && !passing {
			return publish.Final(err)
		}
	}
	return err
}

// gitPassing are reasons of a server to reject a push that may be gone soon.
var gitPassing = []string{"failed to update ref", "failed to lock", "cannot lock ref", "unpacker error", "internal"}

// gitNext is the ref of a commit that is being made.
const gitNext = "refs/minxi/next"

// makeCommit makes a commit of the live one and what is to be changed. One git is told
// all of it (git-fast-import(1)); what is only given another name need not be here.
func (w *gitWork) makeCommit(ctx context.Context, d publish.Deployment) (string, error) {
	cmd, said := w.command(ctx, false, "fast-import", "--quiet", "--force", "--done")
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("git fast-import: %w", err)
	}
	to := bufio.NewWriterSize(in, 1<<16)
	failed := w.describe(ctx, to, d)
	if failed == nil {
		failed = to.Flush()
	} else {
		_ = cmd.Cancel() // it would take the end of what it reads for the end of all
	}
	in.Close()
	ended := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case failed != nil && !errors.Is(failed, syscall.EPIPE):
		return "", failed // in a body, and not because git has ended
	case ended != nil:
		return "", w.result(ctx, "fast-import", ended, said)
	}
	commit, tree, err := w.resolve(ctx, gitNext)
	if tree == w.tree {
		return w.base, err
	}
	return commit, err
}

// describe tells git-fast-import what the commit is.
func (w *gitWork) describe(ctx context.Context, to *bufio.Writer, d publish.Deployment) error {
	message := fmt.Sprintf("Publish: %d files added, %d changed, %d removed\n", d.Added, d.Changed, d.Removed)
	fmt.Fprintf(to, "commit %s\ncommitter %s <%s> %d +0000\ndata %d\n%s", gitNext, w.name, w.email, time.Now().Unix(), len(message), message)
	switch {
	case w.base == "":
	case w.single:
		fmt.Fprintf(to, "M 040000 %s \"\"\n", w.tree)
	default:
		fmt.Fprintf(to, "from %s\n", w.base)
	}
	// Second names are given first and put in their places last: what they are of may go,
	// and a folder may take the place of a file.
	kept := func(n int) string { return fmt.Sprintf("%s/%d", tempSuffix, n) }
	n := 0
	for p, err := range d.Puts {
		switch live := w.inside(p.Live); {
		case err != nil:
			return err
		case p.Live != "" && w.files[live] == "":
			return fmt.Errorf("%s: %w", p.Live, fs.ErrNotExist)
		case p.Live != "":
			fmt.Fprintf(to, "C %s %s\n", gitQuoted(live), kept(n))
			n++
		}
	}
	for name, err := range d.Drops {
		if err != nil {
			return err
		}
		fmt.Fprintf(to, "D %s\n", gitQuoted(w.inside(name)))
	}
	n = 0
	for p, err := range d.Puts {
		if err := cmp.Or(err, w.leadsOut(p.Path)); err != nil {
			return err
		}
		name := gitQuoted(w.inside(p.Path))
		if p.Live != "" {
			fmt.Fprintf(to, "R %s %s\n", kept(n), name)
			n++
			continue
		}
		fmt.Fprintf(to, "M 100644 inline %s\ndata %d\n", name, p.Size)
		if err := copyBody(ctx, to, p.File, p.Open); err != nil {
			return err
		}
		to.WriteString("\n")
	}
	_, err := to.WriteString("done\n")
	return err
}

// gitQuoted writes a path as git-fast-import reads it.
func gitQuoted(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(name) + `"`
}

// leadsOut refuses a name below a symbolic link or a submodule.
func (w *gitWork) leadsOut(name string) error {
	for dir := path.Dir(w.inside(name)); dir != "."; dir = path.Dir(dir) {
		if w.others[dir] {
			return publish.Final(tell("%s：分支里的 %q 是符号链接或子模块，不能经由它写入", "%s: %q in the branch is a symbolic link or a submodule, which is not followed", name, dir))
		}
	}
	return nil
}

// read opens a file of the branch, and fetches it first if it was left out so far.
func (w *gitWork) read(ctx context.Context, oid string) (io.ReadCloser, error) {
	for fetched := false; ; fetched = true {
		out, err := w.scratch.temporary()
		if err != nil {
			return nil, err
		}
		there, err := w.blob(ctx, oid, out)
		if there {
			_, err = out.Seek(0, io.SeekStart)
			return stopping{contextReader{ctx, out}, out}, err
		}
		out.Close()
		if err == nil && fetched {
			err = fmt.Errorf("git cat-file: %s is missing", oid)
		}
		if err == nil {
			err = w.fetchBlobs(ctx, oid)
		}
		if err != nil {
			return nil, err
		}
	}
}

// A gitCat is a git that gives the blobs it is asked for: to start one for each file
// would take longer than to read it.
type gitCat struct {
	*exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	said *said
}

// blob writes the bytes of a blob. It reports whether it is here. The gate is closed.
func (w *gitWork) blob(ctx context.Context, oid string, to io.Writer) (there bool, err error) {
	if w.cat == nil {
		cmd, said := w.command(context.WithoutCancel(ctx), false, "cat-file", "--batch")
		in, inErr := cmd.StdinPipe()
		out, outErr := cmd.StdoutPipe()
		if err := cmp.Or(inErr, outErr); err != nil {
			return false, err
		}
		if err := cmd.Start(); err != nil {
			return false, fmt.Errorf("git cat-file: %w", err)
		}
		w.cat = &gitCat{cmd, in, bufio.NewReaderSize(out, 1<<16), said}
	}
	fmt.Fprintln(w.cat.in, oid) // that it has ended shows next
	line, err := w.cat.out.ReadString('\n')
	if err == nil && strings.HasSuffix(line, " missing\n") {
		return false, nil
	}
	var size int64
	if err == nil {
		_, err = fmt.Sscanf(line, oid+" blob %d\n", &size)
	}
	if err == nil {
		_, err = io.CopyN(to, contextReader{ctx, w.cat.out}, size)
	}
	if err == nil {
		_, err = w.cat.out.Discard(1)
	}
	if err == nil {
		return true, nil
	}
	// Nobody knows what it would say next.
	said, ended := w.cat.said, w.cat.end()
	w.cat = nil
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return false, w.result(ctx, "cat-file", cmp.Or(ended, err), said)
	}
	return false, err
}

func (c *gitCat) end() error {
	c.in.Close()
	_ = c.Cancel()
	return c.Wait()
}

// gitPatience is how many files are fetched by name. Whoever wants more is likely to
// want all.
const gitPatience = 8

// fetchBlobs fetches one file, or, when many are wanted, all of the branch that are not
// here.
func (w *gitWork) fetchBlobs(ctx context.Context, oid string) error {
	wanted := []string{oid}
	if w.misses++; w.misses > gitPatience {
		out, err := w.run(ctx, false, "rev-list", "--objects", "--missing=print", w.base+"^{tree}")
		if err != nil {
			return err
		}
		for line := range strings.Lines(out) {
			if oid, missing := strings.CutPrefix(strings.TrimSpace(line), "?"); missing {
				wanted = append(wanted, oid)
			}
		}
		w.misses = 0
	}
	if err := publish.Step(ctx, "fetch", w.url); err != nil {
		return err
	}
	cmd, said := w.command(ctx, true, "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--stdin", w.url)
	cmd.Stdin = strings.NewReader(strings.Join(wanted, "\n") + "\n")
	return w.result(ctx, "fetch", cmd.Run(), said)
}

func (w *gitWork) close() error {
	if w.cat != nil {
		_ = w.cat.end()
	}
	return w.scratch.close()
}

// command prepares a git that nothing of the user's or the machine's settings gets
// at, or, if it has to reach a server, nothing but what decides how. What it says
// on its standard error is kept.
func (w *gitWork) command(ctx context.Context, reach bool, args ...string) (*exec.Cmd, *said) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--git-dir=" + gitRepository}, args...)...)
	endsWithUs(cmd, syscall.SIGTERM)
	cmd.WaitDelay = 5 * time.Second
	cmd.Dir = w.scratch.dir
	cmd.Env = w.environment(reach)
	err := &said{}
	cmd.Stderr = err
	return cmd, err
}

// gitReach are variables that tell git how to reach a server. GIT_SSL_NO_VERIFY is
// not among them, nor is anything that prints what is sent.
var gitReach = []string{"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
	"GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_PROXY_COMMAND", "GIT_PROXY_SSL_CAINFO", "GIT_HTTP_PROXY_AUTHMETHOD",
	"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"}

// environment is that of the process without what would change the outcome:
// GIT_DIR and the like, the language of messages.
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

// run runs git to its end and returns what it prints.
func (w *gitWork) run(ctx context.Context, reach bool, args ...string) (string, error) {
	cmd, said := w.command(ctx, reach, args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	return out.String(), w.result(ctx, args[0], err, said)
}

// result makes an error of how git ended, with what it and the server said.
func (w *gitWork) result(ctx context.Context, verb string, err error, said *said) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text := gitText(w.hide(said.String()))
	why, final := meaning(text)
	if m := gitStatus.FindStringSubmatch(text); m != nil {
		status, _ := strconv.Atoi(m[1]) // three digits
		why = cmp.Or(why, publish.StatusReason(status))
		final = final || status < 500 && !passing[status]
	}
	failed := publish.Because(why, fmt.Errorf("git %s: %s", verb, cmp.Or(text, err.Error())))
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

var gitStatus = regexp.MustCompile(`returned error: ([45]\d\d)`)

// hide takes the token out of a text.
func (w *gitWork) hide(text string) string {
	if w.token == "" {
		return text
	}
	return hide(text, base64.StdEncoding.EncodeToString([]byte(w.user+":"+w.token)), w.token, url.QueryEscape(w.token), url.PathEscape(w.token))
}

var (
	gitNoise = regexp.MustCompile(`^(?:Please make sure you have|and the repository exists|error: failed to push|hint:|To |From |warning:|@@@|` +
		`fatal: Could not read from remote repository|fatal: the remote end hung up)`)
	gitWho = regexp.MustCompile(`^(?:remote: ?|fatal: |error: )+`)
)

// gitSaidMost is how much is told of what a server says: its end, where the reason is.
const gitSaidMost = 4 << 10

// gitText gives in one line what is worth reading of what was said.
func gitText(all string) string {
	text := strings.Join(telling(all, gitNoise, gitWho), "; ")
	return strings.ToValidUTF8(text[max(0, len(text)-gitSaidMost):], "")
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
	var has [2]int
	_, odd := fmt.Sscanf(string(out), "git version %d.%d", &has[0], &has[1])
	if err != nil || odd != nil || slices.Compare(has[:], gitOldest[:]) < 0 {
		there := oneLineOf(string(out))
		if err != nil {
			there = err.Error()
		}
		return publish.Final(publish.Because(publish.NoProgram, tell("需要安装 %s，并能在 PATH 里找到；现在是：%s", "%s has to be installed and on the PATH; there is: %s", wanted, there)))
	}
	return nil
}
