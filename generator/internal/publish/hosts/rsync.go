package hosts

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
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
	program, err := exec.LookPath("rsync")
	if err != nil {
		return nil, publish.Final(publish.Because(publish.NoProgram, tell("本机没有安装 rsync：%v", "the program rsync is not installed on this machine: %v", err)))
	}
	dest, ssh := o.text("dest"), o.text("ssh")
	h := &rsyncHost{program: program, password: o.text("password"), changing: newGate(), fetching: newGate(), put: map[string]bool{}, gone: map[string]bool{}}
	h.args = []string{"--8-bit-output", "--from0", "--no-human-readable", "--timeout=60"}
	host, _, _ := strings.Cut(dest, "/")
	switch {
	case strings.HasPrefix(dest, "-"):
		return nil, wrong("dest", "%q 不是目的地", "%q is no place", dest)
	case strings.HasPrefix(dest, "rsync://"):
		authority, rest, _ := strings.Cut(strings.TrimPrefix(dest, "rsync://"), "/")
		user, _, _ := strings.Cut(authority, "@")
		module, sub, _ := strings.Cut(rest, "/")
		switch {
		case strings.Contains(authority, "@") && strings.Contains(user, ":"):
			return nil, wrong("dest", "其中不能写密码，密码另有一项", "must not hold a password; it has an option of its own")
		case authority == "" || module == "":
			return nil, wrong("dest", "不是 rsync://用户@主机/模块 这样的地址", "is not an address like rsync://user@host/module")
		}
		h.module = "rsync://" + authority + "/" + module + "/"
		if sub = strings.TrimPrefix(path.Clean("/"+sub), "/"); sub != "" {
			h.within = sub + "/"
		}
		h.args = append(h.args, "--contimeout=30", "--no-motd")
		h.daemon = true
	case strings.Contains(host, "::") && !strings.Contains(host, "["):
		return nil, wrong("dest", "rsync 服务要写成 rsync://用户@主机/模块", "is written rsync://user@host/module for a daemon")
	case strings.Contains(host, ":"):
		if strings.HasSuffix(dest, ":") {
			return nil, wrong("dest", "冒号后面没有文件夹", "names no folder after the colon")
		}
		if m := hostKeyOff.FindString(ssh); m != "" {
			return nil, wrong("ssh", "%s：主机密钥总要核对，请写进 known_hosts", "%s: the host key is always checked; put it into known_hosts", m)
		}
		// ssh keeps the first value that it meets.
		h.args = append(h.args, "--rsh=ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o NoHostAuthenticationForLocalhost=no "+ssh+" -o ConnectTimeout=30")
	default:
		if dest, err = filepath.Abs(o.local("dest")); err != nil {
			return nil, wrong("dest", "%v", "%v", err)
		}
		h.local = dest
	}
	if h.password != "" && !h.daemon {
		return nil, wrong("password", "只用于 rsync://；ssh 请用密钥", "is only for rsync://; ssh takes a key")
	}
	if ssh != "" && (h.daemon || h.local != "") {
		return nil, wrong("ssh", "只用于 用户@主机:路径", "is only for user@host:path")
	}
	h.dest = strings.TrimSuffix(dest, "/") + "/"
	if h.module == "" {
		h.module = h.dest
	}
	h.life, h.end = context.WithCancel(context.Background())
	return h, nil
}

// hostKeyOff finds what would let ssh talk to a machine that it does not know.
var hostKeyOff = regexp.MustCompile(`(?i)StrictHostKeyChecking[\s="']+(?:[^y\s"']|y[^e\s])[^\s"']*|NoHostAuthenticationForLocalhost[\s="']+y[^\s"']*`)

// A rsyncHost gathers what is put in a folder of this machine, the spool, and sends
// it with one run of rsync a Flush; another deletes.
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

	changing  gate // for what follows
	spool     *scratch
	put, gone map[string]bool  // to be sent, and deleted
	listed    map[string]int64 // size of every file; nil if that is not known

	life     context.Context // until Close
	end      context.CancelFunc
	fetching gate // of those who run rsync for Get
	mu       sync.Mutex
	next     *rsyncFetch // which calls of Get can still join
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
			err = os.Mkdir(h.spool.path("put"), 0o755)
		}
	}
	if err != nil {
		return err
	}
	return f(h.spool)
}

func (h *rsyncHost) Close() (err error) {
	h.end()
	_ = h.fetching.enter(context.Background())
	defer h.fetching.leave()
	_ = h.changing.enter(context.Background())
	defer h.changing.leave()
	if h.spool != nil {
		err = h.spool.close()
	}
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
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.Rename(out.Name(), to)); err != nil {
			return err
		}
		h.put[f.Path] = true
		delete(h.gone, f.Path)
		return nil
	})
}

func (h *rsyncHost) Delete(ctx context.Context, name string) error {
	if err := publish.Step(ctx, "gather", name); err != nil {
		return err
	}
	return h.change(ctx, func(spool *scratch) error {
		h.gone[name] = true
		if !h.put[name] {
			return nil
		}
		delete(h.put, name)
		return os.Remove(spool.path("put/" + name))
	})
}

// Flush first sends, then deletes.
func (h *rsyncHost) Flush(ctx context.Context) error {
	return h.change(ctx, func(spool *scratch) error {
		h.listed = nil
		if h.local != "" {
			if err := os.MkdirAll(h.local, 0o755); err != nil {
				return err
			}
		}
		if len(h.put) > 0 {
			// --ignore-times: rsync would take a file of the same size and second for the
			// same. --no-implied-dirs leaves the folders that are there as they are.
			err := h.run(ctx, "send", fmt.Sprintf("%d files", len(h.put)), lines("", maps.Keys(h.put)), nil,
				"--ignore-times", "--no-implied-dirs", "--delay-updates", "--partial-dir="+rsyncPartial, "--files-from=-", spool.path("put")+"/", h.dest)
			if err == nil {
				err = h.emptied(spool)
			}
			if err != nil {
				return err
			}
		}
		for len(h.gone) > 0 {
			if err := h.deleteSome(ctx, spool.path("dirs")); err != nil {
				return err
			}
		}
		return nil
	})
}

// deleteSome deletes what is gone, but for names that others have for a folder: they
// are no files unless those are not there. A name is deleted by being listed and
// missing, in a folder that is not: dirs holds the folders and no files.
func (h *rsyncHost) deleteSome(ctx context.Context, dirs string) error {
	folders := map[string]bool{}
	for name := range h.gone {
		for dir := path.Dir(name); dir != "." && !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	var names, all []string
	for name := range h.gone {
		if folders[name] {
			continue
		}
		dir, base := path.Split(name)
		names, all = append(names, name), append(all, name, dir+rsyncPartial+"/"+base)
		if err := os.MkdirAll(filepath.Join(dirs, filepath.FromSlash(dir), rsyncPartial), 0o755); err != nil {
			return err
		}
	}
	err := h.run(ctx, "delete", fmt.Sprintf("%d files", len(names)), lines("", slices.Values(all)), nil,
		"--no-implied-dirs", "--delete-missing-args", "--files-from=-", dirs+"/", h.dest)
	if err == nil {
		err = os.RemoveAll(dirs)
	}
	for _, name := range names {
		if err == nil {
			delete(h.gone, name)
		}
	}
	return err
}

// Discard empties the spool.
func (h *rsyncHost) Discard(ctx context.Context) error {
	return h.change(ctx, func(spool *scratch) error {
		clear(h.gone)
		return h.emptied(spool)
	})
}

func (h *rsyncHost) emptied(spool *scratch) error {
	clear(h.put)
	return errors.Join(os.RemoveAll(spool.path("put")), os.Mkdir(spool.path("put"), 0o755))
}

// lines are names below a folder as --files-from takes them: one that begins with # or ;
// would be a comment. What comes after /./ is the name on the side that receives.
func lines(within string, names iter.Seq[string]) io.Reader {
	var b strings.Builder
	for name := range names {
		b.WriteString(within + "./" + name + "\x00")
	}
	return strings.NewReader(b.String())
}

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
	return h.fetch(ctx, name, false)
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

// wanted lists names for a run that reads from the other side. A daemon of rsync 3.5.0
// without chroot that is asked for a name within a folder of its module gives the file of
// that name that is directly in the module; asked from the module on it does not.
func (h *rsyncHost) wanted(names []string) io.Reader { return lines(h.within, slices.Values(names)) }

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

// A rsyncFetch is a run of rsync that calls of Get share.
type rsyncFetch struct {
	names  []string
	dir    string // where the files are afterwards
	unseen error  // kept rsync from looking at some of them
	err    error
	done   chan struct{}
}

// rsyncMoment is how long the first call waits for others: far less than a run takes.
const rsyncMoment = 5 * time.Millisecond

// rsyncTogether is how many calls share a run at most.
const rsyncTogether = 64

// fetch opens a file that a run of rsync has brought, which others share unless it is
// to be alone.
func (h *rsyncHost) fetch(ctx context.Context, name string, alone bool) (io.ReadCloser, error) {
	h.mu.Lock()
	r := h.next
	if r == nil || alone || len(r.names) == rsyncTogether || slices.Contains(r.names, name) {
		r = &rsyncFetch{done: make(chan struct{})}
		if !alone {
			h.next = r
		}
		go h.serve(r)
	}
	r.names = append(r.names, name)
	h.mu.Unlock()
	select {
	case <-r.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r.err != nil {
		return nil, r.err
	}
	got := filepath.Join(r.dir, filepath.FromSlash(name))
	if info, err := os.Lstat(got); err == nil && info.Mode().IsRegular() {
		file, err := os.Open(got)
		_ = os.Remove(got) // where the system keeps files that are open; else it goes with the folder
		return stopping{contextReader{ctx, file}, file}, err
	}
	if r.unseen != nil && !alone {
		return h.fetch(ctx, name, true) // which of them it was is seen by asking for each
	}
	return nil, cmp.Or(r.unseen, error(&fs.PathError{Op: "rsync", Path: name, Err: fs.ErrNotExist}))
}

// serve runs rsync for those who have come until another run has ended.
func (h *rsyncHost) serve(r *rsyncFetch) {
	defer close(r.done)
	time.Sleep(rsyncMoment)
	if r.err = h.fetching.enter(h.life); r.err != nil {
		return
	}
	defer h.fetching.leave()
	h.mu.Lock()
	if h.next == r {
		h.next = nil
	}
	h.mu.Unlock()
	r.err = h.change(h.life, func(spool *scratch) (err error) {
		r.dir, err = os.MkdirTemp(spool.dir, "got-*")
		return err
	})
	if r.err == nil {
		r.unseen, r.err = missing(h.run(h.life, "", "", h.wanted(r.names), nil,
			"--no-implied-dirs", "--files-from=-", h.module, r.dir+"/"))
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

// mostTelling is the line that says why there is no hope, or else the first.
func mostTelling(said string) string {
	lines := telling(said, rsyncNoise, rsyncWho)
	if i := slices.IndexFunc(lines, func(line string) bool { _, final := meaning(line); return final }); i >= 0 {
		return lines[i]
	}
	return append(lines, "")[0]
}

var (
	rsyncNoise = regexp.MustCompile(`^rsync (?:error|warning):|read error: Connection reset`)
	rsyncWho   = regexp.MustCompile(`^[@ ]*(?:ERROR: |rsync: (?:\[\w+\] )?)?|[@ ]+$`)
)
