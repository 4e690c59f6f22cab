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
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// rsync is what the program rsync can reach: a daemon, a machine over ssh, a path.
var rsync = Kind{
	Name: "rsync",
	Doc: plan.Text{ZH: "用本机安装的 rsync 程序传送：rsync 服务、ssh 主机或本机路径",
		EN: "Sent by the rsync program installed here: to an rsync daemon, over ssh, or to a path"},
	Options: []Option{
		{Name: "dest", Required: true, Doc: plan.Text{ZH: "目的地：rsync://用户@主机:端口/模块/路径、用户@主机:路径，或本机路径", EN: "where to: rsync://user@host:port/module/path, user@host:path, or a path"}},
		{Name: "password", Secret: true, Doc: plan.Text{ZH: "rsync 服务要求的密码", EN: "the password that the rsync daemon asks for"}},
		{Name: "ssh", Doc: plan.Text{ZH: "ssh 的参数，如 -p 2222 -i 密钥文件；主机密钥必须事先已知", EN: "options for ssh, as in -p 2222 -i keyfile; the host key has to be known beforehand"}},
	},
	Example: `[targets.mirror]
  kind = "rsync"
  dest = "rsync://minxi@mirror.example.org/site"
  password = { env = "MINXI_RSYNC_PASSWORD" }
`,
	Notes: []plan.Text{
		{ZH: "两端的 rsync 须为 3.1 或更新；rsync:// 不加密，在不可信的网络上请走 ssh，用密钥登录，主机密钥须事先已知。",
			EN: "Both sides need rsync 3.1 or newer. rsync:// is not encrypted: on networks that are not yours go over ssh, with a key to log in and a host key that is known."},
		{ZH: "传送前先在本机临时文件夹里备齐，需要相应的空间。",
			EN: "What is sent is gathered in the temporary folder first, which takes its space."},
	},
	Open: openRsync,
}

func openRsync(_ context.Context, o Values) (publish.Host, error) {
	fail := func(zh, en string, args ...any) (publish.Host, error) {
		return nil, publish.Final(tell(zh, en, args...))
	}
	program, err := exec.LookPath("rsync")
	if err != nil {
		return nil, publish.Final(publish.Because(publish.NoProgram, tell("本机没有安装 rsync：%v", "the program rsync is not installed on this machine: %v", err)))
	}
	dest, ssh := o.text("dest"), o.text("ssh")
	h := &rsyncHost{program: program, password: o.text("password"), changing: newGate()}
	h.args = []string{"--8-bit-output", "--from0", "--no-human-readable", "--timeout=60"}
	host, _, _ := strings.Cut(dest, "/")
	switch {
	case dest == "" || strings.HasPrefix(dest, "-"):
		return fail("dest：%q 不是目的地", "dest: %q is no place", dest)
	case strings.HasPrefix(dest, "rsync://"):
		authority, rest, _ := strings.Cut(strings.TrimPrefix(dest, "rsync://"), "/")
		user, _, _ := strings.Cut(authority, "@")
		module, sub, _ := strings.Cut(rest, "/")
		switch {
		case strings.Contains(authority, "@") && strings.Contains(user, ":"):
			return fail("dest 里不能写密码，密码另有一项", "dest: must not hold a password; it has an option of its own")
		case authority == "" || module == "":
			return fail("dest 不是 rsync://用户@主机/模块 这样的地址", "dest: is not an address like rsync://user@host/module")
		}
		h.module = "rsync://" + authority + "/" + module + "/"
		if sub = strings.TrimPrefix(path.Clean("/"+sub), "/"); sub != "" {
			h.within = sub + "/"
		}
		h.args = append(h.args, "--contimeout=30", "--no-motd")
		h.daemon = true
	case strings.Contains(host, "::") && !strings.Contains(host, "["):
		return fail("dest：rsync 服务要写成 rsync://用户@主机/模块", "dest: is written rsync://user@host/module for a daemon")
	case strings.Contains(host, ":"):
		if strings.HasSuffix(dest, ":") {
			return fail("dest：冒号后面没有文件夹", "dest: names no folder after the colon")
		}
		if m := hostKeyOff.FindString(ssh); m != "" {
			return fail("ssh：%s：主机密钥总要核对，请写进 known_hosts", "ssh: %s: the host key is always checked; put it into known_hosts", m)
		}
		// ssh keeps the first value that it meets.
		h.args = append(h.args, "--rsh=ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o NoHostAuthenticationForLocalhost=no "+ssh+" -o ConnectTimeout=30")
	default:
		if !filepath.IsAbs(dest) {
			dest = filepath.Join(o.Dir, dest)
		}
		if dest, err = filepath.Abs(dest); err != nil {
			return fail("dest：%v", "dest: %v", err)
		}
		h.local = dest
	}
	if h.password != "" && !h.daemon {
		return fail("password 只用于 rsync://；ssh 请用密钥", "password: is only for rsync://; ssh takes a key")
	}
	if ssh != "" && (h.daemon || h.local != "") {
		return fail("ssh 只用于 用户@主机:路径", "ssh: is only for user@host:path")
	}
	h.dest = strings.TrimSuffix(dest, "/") + "/"
	if h.module == "" {
		h.module = h.dest
	}
	h.gets = rsyncBatch{run: h.getAll}
	return h, nil
}

// hostKeyOff finds what would let ssh talk to a machine that it does not know.
var hostKeyOff = regexp.MustCompile(`(?i)StrictHostKeyChecking[\s="']+(?:[^y\s"']|y[^e\s])[^\s"']*|NoHostAuthenticationForLocalhost[\s="']+y[^\s"']*`)

// A rsyncHost gathers what is put and deleted in a folder of this machine, the
// spool, and sends it with two runs of rsync a Flush:
//
//	put/NAME    to be sent
//	gone/NAME   to be deleted; the files are empty
//
// On the other side rsync writes beside the names, in a folder .minxi-part, and
// renames all at the end of a run (--delay-updates). A run that is cut off leaves
// files in those folders; they serve the next run of the same names, which takes
// them away.
//
// One process a file would be slow. All sizes are listed at once when the first is
// asked for, and again after a Flush. The calls of Get that come within a moment, or
// while rsync runs, share the next run.
type rsyncHost struct {
	program  string
	args     []string // for every run
	dest     string   // ends with a slash
	module   string   // a daemon's module, else dest
	within   string   // dest's path in the module, with a slash at the end
	local    string   // dest, if it is a path of this machine
	daemon   bool
	password string

	changing gate // for the spool and the list
	spool    *scratch
	listed   map[string]int64 // size of every file; nil if that is not known

	gets rsyncBatch
}

func (h *rsyncHost) Traits() publish.Traits {
	return publish.Traits{Concurrency: rsyncTogether, NameMax: publish.MostName}
}

const rsyncPartial = tempSuffix

// change calls f with the spool, which it makes first. Nobody else changes it
// meanwhile.
func (h *rsyncHost) change(ctx context.Context, f func(*scratch) error) (err error) {
	if err := h.changing.enter(ctx); err != nil {
		return err
	}
	defer h.changing.leave()
	if h.spool == nil {
		if h.spool, err = newScratch("rsync"); err == nil {
			err = errors.Join(os.Mkdir(h.spool.path("put"), 0o755), os.Mkdir(h.spool.path("gone"), 0o755))
		}
	}
	if err != nil {
		return err
	}
	return f(h.spool)
}

func (h *rsyncHost) Close() error {
	_ = h.changing.enter(context.Background())
	defer h.changing.leave()
	if h.spool == nil {
		return nil
	}
	err := h.spool.close()
	h.spool = nil
	return err
}

func (h *rsyncHost) Put(ctx context.Context, f publish.File, body publish.Body) error {
	if err := publish.Step(ctx, "gather", f.Path); err != nil {
		return err
	}
	var out *os.File
	err := h.change(ctx, func(spool *scratch) (err error) {
		out, err = os.CreateTemp(spool.dir, "new-*")
		return err
	})
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	if err := errors.Join(copyBody(ctx, out, f, body), out.Chmod(0o644), out.Close()); err != nil {
		return err
	}
	return h.change(ctx, func(spool *scratch) error {
		to := spool.path("put/" + f.Path)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.Rename(out.Name(), to); err != nil {
			return err
		}
		return removeFile(spool.path("gone/" + f.Path))
	})
}

func (h *rsyncHost) Delete(ctx context.Context, name string) error {
	if err := publish.Step(ctx, "gather", name); err != nil {
		return err
	}
	return h.change(ctx, func(spool *scratch) error {
		mark := spool.path("gone/" + name)
		err := os.MkdirAll(filepath.Dir(mark), 0o755)
		if err == nil {
			err = os.WriteFile(mark, nil, 0o644)
		}
		// Something above it or below it is deleted, too: then there is no such file.
		if err != nil && !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, syscall.EISDIR) {
			return err
		}
		return removeFile(spool.path("put/" + name))
	})
}

// removeFile removes a file that need not be there.
func removeFile(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return err
	}
	return nil
}

// Flush first sends, then deletes.
func (h *rsyncHost) Flush(ctx context.Context) error {
	if err := h.changing.enter(ctx); err != nil {
		return err
	}
	defer h.changing.leave()
	if h.spool == nil {
		return nil
	}
	h.listed = nil
	if h.local != "" {
		if err := os.MkdirAll(h.local, 0o755); err != nil {
			return err
		}
	}
	put, gone, list, dirs := h.spool.path("put"), h.spool.path("gone"), h.spool.path("list"), h.spool.path("dirs")
	// --ignore-times: rsync would take a file of the same size and second for the
	// same. --no-implied-dirs leaves the folders that are there as they are.
	n, err := writeList(ctx, put, list, nil)
	if err == nil && n > 0 {
		err = h.run(ctx, "send", fmt.Sprintf("%d files", n), nil, nil,
			"--ignore-times", "--no-implied-dirs", "--delay-updates", "--partial-dir="+rsyncPartial, "--files-from="+list, put+"/", h.dest)
	}
	if err == nil {
		err = errors.Join(emptied(put), os.RemoveAll(dirs))
	}
	if err != nil {
		return err
	}
	// A name is deleted by being listed and missing, in a folder that is not: dirs
	// holds the folders and no files.
	n, err = writeList(ctx, gone, list, func(name string) (string, error) {
		dir, base := path.Split(name)
		part := dir + rsyncPartial
		return part + "/" + base, os.MkdirAll(filepath.Join(dirs, filepath.FromSlash(part)), 0o755)
	})
	if err == nil && n > 0 {
		err = h.run(ctx, "delete", fmt.Sprintf("%d files", n), nil, nil,
			"--no-implied-dirs", "--delete-missing-args", "--files-from="+list, dirs+"/", h.dest)
	}
	if err == nil {
		err = emptied(gone)
	}
	return err
}

// Discard empties the spool.
func (h *rsyncHost) Discard(ctx context.Context) error {
	return h.change(ctx, func(spool *scratch) error {
		return errors.Join(emptied(spool.path("put")), emptied(spool.path("gone")))
	})
}

func emptied(dir string) error {
	return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o755))
}

// writeList writes the names of the files below dir, and the one that also gives
// for each, as rsync reads them. It returns how many files there are.
func writeList(ctx context.Context, dir, list string, also func(name string) (string, error)) (int, error) {
	out, err := os.Create(list)
	if err != nil {
		return 0, err
	}
	w, n := bufio.NewWriter(out), 0
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		n++
		name = filepath.ToSlash(name)
		w.WriteString(listed(name))
		if also != nil {
			other, err := also(name)
			if err != nil {
				return err
			}
			w.WriteString(listed(other))
		}
		return nil
	})
	return n, errors.Join(err, w.Flush(), out.Close())
}

// listed is a name as --files-from takes it: a name that begins with # or ; would
// be a comment.
func listed(name string) string { return "./" + name + "\x00" }

func (h *rsyncHost) Stat(ctx context.Context, name string) (publish.Stat, error) {
	if err := publish.Step(ctx, "stat", name); err != nil {
		return publish.Stat{}, err
	}
	if err := h.changing.enter(ctx); err != nil {
		return publish.Stat{}, err
	}
	defer h.changing.leave()
	if h.listed == nil {
		all, unseen, err := h.list(ctx, []string{""}, "--recursive")
		if err = cmp.Or(err, unseen); err != nil {
			return publish.Stat{}, err
		}
		h.listed = all
	}
	size, ok := h.listed[name]
	if !ok {
		return publish.Stat{}, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return publish.Stat{Size: size}, nil
}

func (h *rsyncHost) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := publish.Step(ctx, "get", name); err != nil {
		return nil, err
	}
	file, err := h.gets.call(ctx, name)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{contextReader{ctx, file}, file}, nil
}

func (h *rsyncHost) List(ctx context.Context, dir string) ([]string, error) {
	if err := publish.Step(ctx, "list", dir); err != nil {
		return nil, err
	}
	found, _, err := h.list(ctx, []string{dir + "/"})
	var all []string
	for name := range found {
		if path.Dir(name) == dir && !rsyncTemp.MatchString(path.Base(name)) {
			all = append(all, name)
		}
	}
	return all, err
}

// rsyncTemp are the names under which a receiving rsync writes.
var rsyncTemp = regexp.MustCompile(`^\..+\.[0-9A-Za-z]{6}$`)

// list gives the size of the files that rsync finds under names. unseen is an
// error that kept it from looking at some of them, nil if those that were not
// found are not there.
func (h *rsyncHost) list(ctx context.Context, names []string, how ...string) (sizes map[string]int64, unseen, err error) {
	var out bytes.Buffer
	unseen, err = missing(h.run(ctx, "", "", h.wanted(names), &out,
		append(how, "--list-only", "--no-implied-dirs", "--files-from=-", h.module, "nowhere/")...))
	if err != nil {
		return nil, nil, err
	}
	sizes = map[string]int64{}
	for line := range strings.Lines(out.String()) {
		m := rsyncLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			return nil, nil, tell("rsync 列出的不是文件：%.80q", "rsync lists something that is no file: %.80q", hide(line, h.password))
		}
		if m[1] != "-" {
			continue
		}
		size, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			return nil, nil, err
		}
		sizes[path.Clean(unescape(m[3]))] = size
	}
	return sizes, unseen, nil
}

// wanted lists names for a run that reads from the other side. What comes after
// /./ is the name on this side. A daemon of rsync 3.5.0 without chroot that is asked
// for a name within a folder of its module gives the file of that name that is
// directly in the module; asked from the module on it does not.
func (h *rsyncHost) wanted(names []string) io.Reader {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(h.within + listed(name))
	}
	return strings.NewReader(b.String())
}

// rsyncLine is a line of --list-only: type and permissions, size, time, name.
var rsyncLine = regexp.MustCompile(`^([-a-zA-Z])\S+ +(\d+) \S+ \S+ (.*)$`)

// unescape undoes what rsync makes of characters that a terminal would not show.
func unescape(name string) string {
	return rsyncEscape.ReplaceAllStringFunc(name, func(s string) string {
		n, err := strconv.ParseUint(s[2:], 8, 8)
		if err != nil {
			return s
		}
		return string([]byte{byte(n)})
	})
}

var rsyncEscape = regexp.MustCompile(`\\#[0-7]{3}`)

// missing takes the errors out that only say that files are not there. unseen is
// an error of some files, if there was one, and err one of the whole run.
func missing(runErr error) (unseen, err error) {
	var e *rsyncError
	// A sender that cannot change into its folder ends with 3, or breaks the
	// connection: 12.
	if !errors.As(runErr, &e) || e.code != 3 && e.code != 23 && e.code != 24 && (e.code != 12 || !rsyncNoFolder.MatchString(e.said)) {
		return nil, runErr
	}
	failed := rsyncFailed.FindAllStringSubmatch(e.said, -1)
	if len(failed) == 0 && e.code != 24 {
		return nil, runErr
	}
	for _, m := range failed {
		if errno := m[1]; errno != "2" && errno != "20" {
			return runErr, nil
		}
	}
	return nil, nil
}

// rsyncFailed is a line about one file, with the error's number.
var rsyncFailed = regexp.MustCompile(`(?m)failed(?: to open .*)?: .*\((\d+)\)$`)

var rsyncNoFolder = regexp.MustCompile(`(?m)change_dir .*failed: .*\((?:2|20)\)$`)

func (h *rsyncHost) getAll(ctx context.Context, names []string) (found map[string]*os.File, unseen, err error) {
	var dir string
	err = h.change(ctx, func(spool *scratch) (err error) {
		dir, err = os.MkdirTemp(spool.dir, "got-*")
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	unseen, err = missing(h.run(ctx, "", "", h.wanted(names), nil,
		"--no-implied-dirs", "--files-from=-", h.module, dir+"/"))
	if err != nil {
		return nil, nil, err
	}
	found = map[string]*os.File{}
	for _, name := range names {
		file, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			continue
		}
		if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
			file.Close()
			continue
		}
		found[name] = file
	}
	return found, unseen, nil
}

// A rsyncBatch lets the calls that come together, or while rsync runs, share a run.
type rsyncBatch struct {
	run func(ctx context.Context, names []string) (found map[string]*os.File, unseen, err error)

	mu      sync.Mutex
	waiting []*rsyncCall
	running bool
}

type rsyncCall struct {
	ctx   context.Context
	name  string
	found *os.File
	err   error
	done  chan struct{}
}

// rsyncMoment is how long the first call waits for others: far less than a run takes.
const rsyncMoment = 5 * time.Millisecond

// rsyncTogether is how many calls share a run at most.
const rsyncTogether = 64

func (b *rsyncBatch) call(ctx context.Context, name string) (*os.File, error) {
	c := &rsyncCall{ctx: ctx, name: name, done: make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, c)
	if !b.running {
		b.running = true
		go b.work()
	}
	b.mu.Unlock()
	select {
	case <-c.done:
		return c.found, c.err
	case <-ctx.Done():
		go func() { // nobody takes the file
			if <-c.done; c.found != nil {
				c.found.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

func (b *rsyncBatch) work() {
	for {
		time.Sleep(rsyncMoment)
		b.mu.Lock()
		n := min(len(b.waiting), rsyncTogether)
		calls := b.waiting[:n]
		b.waiting = b.waiting[n:]
		b.running = n > 0
		b.mu.Unlock()
		if n == 0 {
			return
		}
		b.serve(calls)
	}
}

// serve runs rsync for some calls, and stops it when the last of them has ended.
func (b *rsyncBatch) serve(calls []*rsyncCall) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var left sync.WaitGroup
	for _, c := range calls {
		left.Add(1)
		stop := context.AfterFunc(c.ctx, left.Done)
		defer func() {
			if stop() {
				left.Done()
			}
		}()
	}
	go func() {
		left.Wait()
		cancel()
	}()
	asked, given := map[string]bool{}, map[string]bool{}
	var names []string
	for _, c := range calls {
		if !asked[c.name] {
			asked[c.name] = true
			names = append(names, c.name)
		}
	}
	found, unseen, err := b.run(ctx, names)
	for _, c := range calls {
		f, ok := found[c.name]
		switch {
		case err != nil:
			c.err = err
		case ok && !given[c.name]:
			c.found, given[c.name] = f, true
		case len(calls) > 1 && (unseen != nil || ok):
			// Which of the names it was is found out by asking for each; a file that
			// two want is fetched twice.
			b.serve([]*rsyncCall{c})
			continue
		default:
			c.err = cmp.Or(unseen, error(&fs.PathError{Op: "rsync", Path: c.name, Err: fs.ErrNotExist}))
		}
		close(c.done)
	}
}

// A rsyncError is a run that failed.
type rsyncError struct {
	code int
	said string // its standard error
	text string
}

func (e *rsyncError) Error() string { return e.text }

// rsyncCodes say what an exit code means (rsync(1), "EXIT VALUES") and whether
// trying again can help.
var rsyncCodes = map[int]struct {
	text  string
	final bool
	why   publish.Reason
}{
	1:   {"rsync does not know what is asked of it; both sides need version 3.1 or newer", true, publish.NoProgram},
	2:   {"the two rsync programs do not understand each other; is one of them very old?", true, publish.NoProgram},
	3:   {"a folder cannot be opened or made; look at dest and its permissions", true, publish.NoPlace},
	4:   {"the other side does not allow what is asked of it", true, publish.NotAllowed},
	5:   {"the daemon refuses; look at user, password and module", true, publish.BadLogin},
	10:  {"cannot connect; is the daemon running, and the address right?", false, publish.Unreachable},
	11:  {"a file cannot be read or written; is a disk full?", false, ""},
	12:  {"the connection was lost, or something else than rsync answers", false, publish.CutOff},
	14:  {"rsync cannot start what it needs", false, ""},
	20:  {"rsync was stopped", false, ""},
	23:  {"some files were not transferred; look at their permissions", false, ""},
	24:  {"some files vanished on the way", false, ""},
	30:  {"the other side said nothing for a minute", false, publish.Silent},
	35:  {"the daemon did not answer for half a minute", false, publish.Silent},
	126: {"rsync cannot be started on the other side", true, publish.NoProgram},
	127: {"rsync is not installed on the other side", true, publish.NoProgram},
	255: {"ssh failed; look at the address and the key", false, publish.Unreachable},
}

// run runs rsync. What it does goes to out, and what it says into the error.
func (h *rsyncHost) run(ctx context.Context, op, on string, in io.Reader, out io.Writer, args ...string) error {
	if op != "" {
		if err := publish.Step(ctx, op, on); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, h.program, append(append([]string{}, h.args...), args...)...)
	stderr := &said{}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, stderr
	cmd.Env = h.environment()
	endsWithUs(cmd, syscall.SIGKILL)
	cmd.WaitDelay = 300 * time.Millisecond // it tidies up, but also waits for the other side to do so
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	e := &rsyncError{code: exit.ExitCode(), said: hide(stderr.String(), h.password)}
	known, ok := rsyncCodes[e.code]
	e.text = "rsync failed"
	if ok {
		e.text = known.text
	}
	e.text = fmt.Sprintf("%s (rsync code %d)", e.text, e.code)
	if line := mostTelling(e.said); line != "" {
		e.text += ": " + line
	}
	why, final := meaning(e.said)
	if known.final && !rushed.MatchString(e.said) {
		final = true
	}
	failed := publish.Because(cmp.Or(why, known.why), e)
	if final {
		return publish.Final(failed)
	}
	return failed
}

// environment is ours, with the password, and without what would change the names
// or the way that rsync talks.
func (h *rsyncHost) environment() []string {
	var env []string
	password := h.password
	for _, v := range os.Environ() {
		switch name, value, _ := strings.Cut(v, "="); name {
		case "RSYNC_PASSWORD":
			if password == "" {
				password = value
			}
		case "RSYNC_ICONV", "RSYNC_OLD_ARGS", "RSYNC_PROTECT_ARGS", "RSYNC_RSH", "RSYNC_PARTIAL_DIR", "LC_ALL", "LANGUAGE":
		default:
			env = append(env, v)
		}
	}
	if password == "" {
		password = "none" // else rsync would ask on the terminal, if the daemon wants one
	}
	return append(env, "LC_ALL=C", "RSYNC_PASSWORD="+password)
}

// mostTelling is the line that says why there is no hope, or else the first that
// says something, without what tells which of rsync's processes said it.
func mostTelling(said string) string {
	first := ""
	for line := range strings.Lines(said) {
		line = strings.Trim(line, "@ \t\r\n")
		if rsyncNoise.MatchString(line) {
			continue
		}
		line = rsyncPrefix.ReplaceAllString(line, "")
		line = strings.ToValidUTF8(line[:min(len(line), 200)], "")
		if _, final := meaning(line); final {
			return line
		}
		if first == "" {
			first = line
		}
	}
	return first
}

var (
	rsyncPrefix = regexp.MustCompile(`^(?:ERROR: |rsync: (?:\[\w+\] )?)`)
	rsyncNoise  = regexp.MustCompile(`^$|^rsync (?:error|warning):|read error: Connection reset`)
)
