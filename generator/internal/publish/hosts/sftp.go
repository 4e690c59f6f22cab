package hosts

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// sftpKind is a folder behind an SSH server: SFTP version 3
// (draft-ietf-secsh-filexfer-02) with the extensions of OpenSSH (its PROTOCOL,
// section 4). The server's host key is always checked.
var sftpKind = Kind{
	Name: "sftp",
	Doc: plan.Text{ZH: "SSH 服务器上的文件夹（SFTP）；用符号链接一步切换版本，或逐个文件替换",
		EN: "A folder on an SSH server (SFTP); a symbolic link switches releases in one step, or files are replaced one by one"},
	Options: []Option{
		{Name: "host", Required: true, Doc: plan.Text{ZH: "服务器的名称或地址", EN: "the server's name or address"}},
		{Name: "port", Default: "22", Form: aPort, Doc: plan.Text{ZH: "端口", EN: "its port"}},
		{Name: "user", Required: true, Doc: plan.Text{ZH: "登录用户名", EN: "who logs in"}},
		{Name: "path", Required: true, Doc: plan.Text{ZH: "文件夹，绝对路径或相对于登录目录；layout 为 releases 时网页服务器的根目录设为其中的 current",
			EN: "the folder, absolute or relative to where the login lands; with layout releases the web server's root is current in it"}},
		{Name: "password", Secret: true, Doc: plan.Text{ZH: "登录密码", EN: "the user's password"}},
		{Name: "key", Secret: true, Doc: plan.Text{ZH: "私钥全文，通常取自文件", EN: "the text of a private key, normally from its file"}},
		{Name: "passphrase", Secret: true, Doc: plan.Text{ZH: "私钥的口令", EN: "what the private key is encrypted with"}},
		{Name: "host_key", Doc: plan.Text{ZH: "服务器的公钥或 SHA256 指纹，一行一个；设置后不再看 known_hosts",
			EN: "the server's public keys or SHA256 fingerprints, one a line; known_hosts is not looked at then"}},
		{Name: "known_hosts", Default: "~/.ssh/known_hosts", Doc: plan.Text{ZH: "记有服务器公钥的文件，格式同 OpenSSH", EN: "the file that knows the server's public key, as OpenSSH writes it"}},
		{Name: "layout", Default: "releases", Choices: []string{"releases", "flat"}, Doc: plan.Text{ZH: "releases：各版本并存，一步切换；flat：文件直接放在该文件夹中",
			EN: "releases keeps releases side by side and switches in one step; flat keeps the files in the folder itself"}},
	},
	Example: `[targets.server]
  kind = "sftp"
  host = "www.example.org"
  user = "minxi"
  path = "/srv/www/minxi"
  key = { file = "~/.ssh/minxi_ed25519" }
`,
	Notes: []plan.Text{
		{ZH: "服务器的密钥总是要核对，没有关掉的办法；第一次请先用 ssh 连接一次，或写明 host_key。",
			EN: "The server's key is always checked, and that cannot be switched off: connect once with ssh before, or give host_key."},
		{ZH: "layout 为 releases 时需要服务器支持硬链接、符号链接和 posix-rename（OpenSSH 都有）；只给一个网页文件夹的空间用 flat，此时靠次序保护读者。",
			EN: "The layout releases needs hard links, symbolic links and posix-rename (OpenSSH has them); web space with one folder takes flat, where the order protects readers."},
	},
	Open: openSFTP,
}

const (
	// Requests share one session, and the server answers in order: more calls at
	// once only hide the time that an answer travels.
	sftpConcurrency = 16

	// What one file may have under way, in packets. With the library's 64 OpenSSH
	// took 2.3 s for 3 MB on the loopback interface, with 8 it took 0.03 s.
	sftpPackets = 8
	sftpPacket  = 1 << 15

	sftpRename   = "posix-rename@openssh.com"
	sftpHardlink = "hardlink@openssh.com"
	sftpFsync    = "fsync@openssh.com"
	sftpStatVFS  = "statvfs@openssh.com"
)

func openSFTP(_ context.Context, o Values) (publish.Host, error) {
	trusts, err := trustedKeys(o)
	if err != nil {
		return nil, err
	}
	auth, err := sshAuth(o)
	if err != nil {
		return nil, err
	}
	d := &sftpDisk{
		address: o.address(), base: o.text("path"), gate: newGate(), trusts: trusts,
		config:  ssh.ClientConfig{User: o.text("user"), Auth: auth},
		network: o.Network, grace: time.Second,
	}
	if o.text("layout") == "flat" {
		return newFlat(d, ".", sftpConcurrency), nil
	}
	d.needs = []string{sftpRename, sftpHardlink}
	h := newReleases(d, sftpConcurrency)
	h.readBack = true
	h.keepOut = func(ctx context.Context, holder string) (context.Context, func() error, error) {
		return publish.LockIn(ctx, newFlat(d, path.Join(releasesDir, releasesLock), 1), ".", holder)
	}
	return h, nil
}

// aPort is the form of a port's number.
func aPort(value string) (string, error) {
	if n, err := strconv.ParseUint(value, 10, 16); err != nil || n == 0 {
		return "", tell("%q 不是端口", "%q is no port", value)
	}
	return value, nil
}

// address is the options host and port.
func (v Values) address() string { return net.JoinHostPort(v.text("host"), v.text("port")) }

// sshAuth is what the user logs in with.
func sshAuth(o Values) ([]ssh.AuthMethod, error) {
	var auth []ssh.AuthMethod
	if text := o.text("key"); text != "" {
		key, err := ssh.ParsePrivateKey([]byte(text))
		var locked *ssh.PassphraseMissingError
		if errors.As(err, &locked) {
			if o.text("passphrase") == "" {
				return nil, wrong("passphrase", "私钥有口令，而这里没有写", "the key is encrypted and there is none")
			}
			key, err = ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(o.text("passphrase")))
		}
		if err != nil {
			return nil, wrong("key", "这不是能读的私钥：%v", "this is no private key that can be read: %v", err)
		}
		auth = append(auth, ssh.PublicKeys(key))
	}
	if password := o.text("password"); password != "" {
		// Many servers take passwords only as the answer to a question.
		auth = append(auth, ssh.Password(password), ssh.KeyboardInteractive(
			func(_, _ string, questions []string, echoes []bool) ([]string, error) {
				answers := make([]string, len(questions))
				for i, echo := range echoes {
					if !echo {
						answers[i] = password
					}
				}
				return answers, nil
			}))
	}
	if auth == nil {
		return nil, wrong("key", "既没有密钥也没有密码，无法登录", "there is neither a key nor a password to log in with")
	}
	return auth, nil
}

// A trust says nil of a host key that is the server's, errUnknownKey if nothing is
// known of the server, and errOtherKey if other keys are.
type trust func(address string, remote net.Addr, key ssh.PublicKey) error

var (
	errUnknownKey = tell("不认识服务器的主机密钥", "the server's host key is not known")
	errOtherKey   = tell("服务器的主机密钥与预期的不同：换过了，或者中间有人", "the server's host key is not the one expected: it has changed, or somebody stands between")
	errRevokedKey = tell("服务器的主机密钥已被吊销", "the server's host key is revoked")
)

// trustedKeys reads the keys that the options name.
func trustedKeys(o Values) (trust, error) {
	if o.text("host_key") != "" {
		return namedKeys(o.text("host_key"))
	}
	known, err := knownhosts.New(o.local("known_hosts"))
	if errors.Is(err, fs.ErrNotExist) {
		return func(string, net.Addr, ssh.PublicKey) error { return errUnknownKey }, nil
	}
	if err != nil {
		return nil, publish.Final(fmt.Errorf("known_hosts: %w", err))
	}
	return func(address string, remote net.Addr, key ssh.PublicKey) error {
		err := known(address, remote, key)
		var other *knownhosts.KeyError
		var revoked *knownhosts.RevokedError
		switch {
		case errors.As(err, &revoked):
			return errRevokedKey
		case errors.As(err, &other) && len(other.Want) == 0:
			return errUnknownKey
		case errors.As(err, &other):
			return errOtherKey
		}
		return err
	}, nil
}

// namedKeys trusts public keys and fingerprints, one a line, as ssh-keygen -l,
// ssh-keyscan and the .pub files have them.
func namedKeys(text string) (trust, error) {
	known := map[string]bool{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if i := slices.IndexFunc(fields, func(f string) bool { return strings.HasPrefix(f, "SHA256:") }); i >= 0 {
			known[strings.TrimRight(fields[i], "=")] = true
			continue
		}
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			_, _, key, _, _, err = ssh.ParseKnownHosts([]byte(line))
		}
		if err != nil {
			return nil, wrong("host_key", "第 %d 行既不是公钥，也不是 SHA256:… 这样的指纹", "line %d is neither a public key nor a fingerprint like SHA256:…", n)
		}
		known[ssh.FingerprintSHA256(key)] = true
	}
	return func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if known[ssh.FingerprintSHA256(key)] {
			return nil
		}
		return errOtherKey
	}, nil
}

// hostKeyAlgorithms are in the order in which they are asked for. Signatures with SHA-1
// are not taken.
var hostKeyAlgorithms = []string{ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}

// proves reports whether a key of that kind answers an algorithm.
func proves(kind, algorithm string) bool {
	return kind == algorithm || kind == ssh.KeyAlgoRSA && strings.HasPrefix(algorithm, "rsa-")
}

// An sftpDisk is a folder on an SSH server, over one connection that is made when
// it is needed and made anew when it was lost.
type sftpDisk struct {
	address string
	base    string
	config  ssh.ClientConfig
	trusts  trust
	needs   []string // extensions without which the layout cannot be

	network Network
	grace   time.Duration // to end by itself for a call whose context has ended

	gate gate // guards link
	link *sftpLink
}

// An sftpLink is one connection.
type sftpLink struct {
	client *sftp.Client
	life   context.Context    // as long as it is there
	lose   context.CancelFunc // gives it up: the next call makes another
}

func (d *sftpDisk) at(name string) string { return path.Join(d.base, name) }

// open gives the connection that there is, or makes one.
func (d *sftpDisk) open(ctx context.Context) (*sftpLink, error) {
	if err := d.gate.enter(ctx); err != nil {
		return nil, err
	}
	defer d.gate.leave()
	if d.link != nil && d.link.life.Err() == nil {
		return d.link, nil
	}
	if err := publish.Step(ctx, "connect", d.address); err != nil {
		return nil, err
	}
	link, err := d.dial(ctx)
	if err == nil && ctx.Err() != nil {
		link.lose()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	d.link = link
	return link, nil
}

// dial connects. A server has keys of several kinds and shows one: if that is not
// trusted, it is asked for the next kind, because a trusted one may be among them.
func (d *sftpDisk) dial(ctx context.Context) (*sftpLink, error) {
	var seen []ssh.PublicKey
	var worst error
	config := d.config
	config.HostKeyAlgorithms = hostKeyAlgorithms
	for try := 0; len(config.HostKeyAlgorithms) > 0 && try < len(hostKeyAlgorithms); try++ {
		refused := ""
		config.HostKeyCallback = func(address string, remote net.Addr, key ssh.PublicKey) error {
			verdict := d.trusts(address, remote, key)
			if verdict != nil {
				refused, seen = key.Type(), append(seen, key)
				if worst == nil || worst == errUnknownKey {
					worst = verdict
				}
			}
			return verdict
		}
		link, err := d.login(ctx, &config)
		var none *ssh.AlgorithmNegotiationError
		switch {
		case refused != "":
			config.HostKeyAlgorithms = slices.DeleteFunc(slices.Clone(config.HostKeyAlgorithms), func(a string) bool { return proves(refused, a) })
			continue
		case err == nil:
			return link, nil
		case errors.As(err, &none):
			if len(seen) > 0 {
				return nil, d.untrusted(worst, seen)
			}
			err = publish.Final(err)
		case strings.Contains(err.Error(), "unable to authenticate"),
			strings.Contains(err.Error(), "unexpected message type 51"):
			// The library has no type for this. Message 51 (RFC 4252, section 6) is a
			// refusal; it does not expect one before the first question.
			err = publish.Final(publish.Because(publish.BadLogin, tell("服务器不让用户 %s 登录：密码或密钥被拒绝", "the server does not let user %s in: its password or key is refused", d.config.User)))
		}
		return nil, fmt.Errorf("connect to %s: %w", d.address, err)
	}
	return nil, d.untrusted(worst, seen)
}

// untrusted tells of keys that the server has shown and what to do about them.
func (d *sftpDisk) untrusted(why error, seen []ssh.PublicKey) error {
	var shown []string
	for _, key := range seen {
		shown = append(shown, fmt.Sprintf("%s (%s)", ssh.FingerprintSHA256(key), key.Type()))
	}
	said := publish.Detail(why)
	return publish.Final(publish.Because(publish.Untrusted, tell(
		"连接 %[1]s：%[3]s；它出示的是 %[4]s；如果服务器的管理员确认其中一个是真的，就写进 host_key",
		"connect to %[1]s: %[2]s; it shows %[4]s; if whoever runs the server confirms one of these, set host_key to it",
		d.address, said.EN, said.ZH, strings.Join(shown, ", "))))
}

func (d *sftpDisk) login(ctx context.Context, config *ssh.ClientConfig) (*sftpLink, error) {
	conn, err := d.network.dial(ctx, "tcp", d.address)
	if err != nil {
		return nil, err
	}
	link := &sftpLink{}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	late := time.AfterFunc(d.network.connect(), func() { conn.Close() })
	fail := func(err error) (*sftpLink, error) {
		conn.Close()
		if !late.Stop() {
			err = publish.Because(publish.Silent, tell("%s 在 %s 之内没有回应", "%s did not answer within %s", d.address, d.network.connect()))
		}
		return nil, err
	}
	c, channels, requests, err := ssh.NewClientConn(&quietConn{Conn: conn, limit: d.network.quiet(), asks: true}, d.address, config)
	if err != nil {
		return fail(err)
	}
	link.client, err = sftp.NewClient(ssh.NewClient(c, channels, requests))
	if err != nil {
		if strings.Contains(err.Error(), "subsystem request failed") { // the library has no type for this
			err = publish.Final(tell("服务器不提供 SFTP", "the server offers no SFTP"))
		}
		return fail(err)
	}
	for _, extension := range d.needs {
		if _, ok := link.client.HasExtension(extension); !ok {
			return fail(publish.Final(tell(`服务器没有 %s，layout = "releases" 需要它：请改为 layout = "flat"`, `the server lacks %s, which layout = "releases" needs: set layout = "flat"`, extension)))
		}
	}
	if !late.Stop() {
		return fail(net.ErrClosed)
	}
	link.life, link.lose = context.WithCancel(context.Background())
	context.AfterFunc(link.life, func() { conn.Close() })
	go func() {
		_ = link.client.Wait()
		link.lose()
	}()
	go link.ask(d.network.quiet() / 3)
	return link, nil
}

// ask has the server say something now and then: a connection on which nothing comes
// back ends. SSH's own keep-alive would be answered by a server whose disk hangs; so
// this asks the part that serves files.
func (l *sftpLink) ask(every time.Duration) {
	for {
		select {
		case <-l.life.Done():
			return
		case <-time.After(every):
			go func() { _, _ = l.client.RealPath(".") }()
		}
	}
}

// do does work with the connection. A call whose context ends is given a moment to
// stop by itself; then the connection is closed under it.
func (d *sftpDisk) do(ctx context.Context, work func(*sftp.Client) error) error {
	link, err := d.open(ctx)
	if err != nil {
		return err
	}
	err = d.with(ctx, link, func() error { return work(link.client) })
	var status *sftp.StatusError
	if errors.As(err, &status) && status.FxCode() == sftp.ErrSSHFxFailure && ctx.Err() == nil {
		// That is all it says. A full disk is the reason that can be asked for.
		if _, ok := link.client.HasExtension(sftpStatVFS); ok {
			if disk, vfsErr := link.client.StatVFS(d.at(".")); vfsErr == nil && (disk.Bavail*disk.Frsize < sftpNoRoom || disk.Files > 0 && disk.Favail == 0) {
				err = publish.Because(publish.NoRoom, fmt.Errorf("%w: the server's disk is full", err))
			}
		}
		if publish.ReasonOf(err) == "" {
			err = publish.Because(publish.Refused, err)
		}
	}
	return err
}

// sftpNoRoom is how many bytes are as good as none: what a file that did not fit
// has left.
const sftpNoRoom = 64 << 10

func (d *sftpDisk) with(ctx context.Context, link *sftpLink, work func() error) error {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(d.grace):
			link.lose()
		}
	})
	err := work()
	close(done)
	stop()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, sftp.ErrSSHFxConnectionLost), errors.Is(err, io.EOF):
		link.lose()
		return &lostError{publish.Because(publish.CutOff, tell("与 %s 的连接断了", "the connection to %s was lost", d.address))}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return err
}

// refused reports whether the server did not do what it was asked. SFTP 3 has one
// code for nearly all reasons, so the reason has to be looked for.
func refused(err error) bool {
	var status *sftp.StatusError
	return errors.As(err, &status)
}

func (d *sftpDisk) Size(ctx context.Context, name string) (int64, error) {
	return result(ctx, d.do, func(c *sftp.Client) (int64, error) {
		info, err := c.Lstat(d.at(name))
		if err != nil {
			return 0, err
		}
		return sizeOf(info)
	})
}

// sizeOf is the size of a regular file.
func sizeOf(info fs.FileInfo) (int64, error) {
	if !info.Mode().IsRegular() {
		return 0, fs.ErrNotExist
	}
	return info.Size(), nil
}

func (d *sftpDisk) IsDir(ctx context.Context, name string) (bool, error) {
	is, err := result(ctx, d.do, func(c *sftp.Client) (bool, error) {
		info, err := c.Stat(d.at(name))
		return err == nil && info.IsDir(), err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return is, err
}

func (d *sftpDisk) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	link, err := d.open(ctx)
	if err != nil {
		return nil, err
	}
	r := &sftpReader{ctx: ctx, disk: d, link: link}
	err = d.with(ctx, link, func() error {
		var err error
		if r.file, err = link.client.Open(d.at(name)); err != nil {
			return err
		}
		info, err := r.file.Stat()
		if err == nil {
			r.left, err = sizeOf(info)
		}
		if err != nil {
			return errors.Join(err, r.file.Close())
		}
		// A read that is larger than a packet is asked for in one go.
		r.buffer = bufio.NewReaderSize(r.file, int(min(max(r.left, 1), sftpPackets*sftpPacket)))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// An sftpReader reads as many bytes as the file has. The library gives the end of
// a connection as the end of the file.
type sftpReader struct {
	ctx    context.Context
	disk   *sftpDisk
	link   *sftpLink
	file   *sftp.File
	buffer *bufio.Reader
	left   int64
}

func (r *sftpReader) Read(p []byte) (n int, err error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	err = r.disk.with(r.ctx, r.link, func() error {
		n, err = r.buffer.Read(p[:min(int64(len(p)), r.left)])
		return err
	})
	r.left -= int64(n)
	return n, err
}

func (r *sftpReader) Close() error {
	if r.ctx.Err() != nil {
		// The server may not answer; its handle goes with the connection.
		go r.file.Close()
		return nil
	}
	return r.disk.with(r.ctx, r.link, r.file.Close)
}

func (d *sftpDisk) Write(ctx context.Context, name string, size int64, body publish.Body) error {
	return d.do(ctx, func(c *sftp.Client) error {
		create := func() (*sftp.File, error) { return c.OpenFile(d.at(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY) }
		out, err := create()
		if refused(err) && c.Remove(d.at(name)) == nil {
			out, err = create()
		}
		if err != nil {
			return err
		}
		in, err := body()
		if err != nil {
			return errors.Join(err, out.Close())
		}
		defer in.Close()
		// Packets may arrive in any order: what is not whole has another name.
		_, err = out.ReadFromWithConcurrency(in, int(min(size/sftpPacket+1, sftpPackets)))
		if _, ok := c.HasExtension(sftpFsync); ok && err == nil {
			err = out.Sync()
		}
		return errors.Join(err, out.Close())
	})
}

func (d *sftpDisk) Mkdir(ctx context.Context, name string) error {
	return d.do(ctx, func(c *sftp.Client) error {
		if name == "." {
			return c.MkdirAll(d.at("."))
		}
		err := c.Mkdir(d.at(name))
		if !refused(err) {
			return err
		}
		switch info, statErr := c.Stat(d.at(name)); {
		case statErr != nil:
			return err
		case info.IsDir():
			return fs.ErrExist
		}
		return errNoFolder
	})
}

func (d *sftpDisk) ReadDir(ctx context.Context, name string) ([]entry, error) {
	return result(ctx, d.do, func(c *sftp.Client) (entries []entry, err error) {
		found, err := c.ReadDirContext(ctx, d.at(name))
		for _, info := range found {
			entries = append(entries, entry{info.Name(), info.IsDir(), info.Mode().IsRegular()})
		}
		if refused(err) {
			if info, statErr := c.Stat(d.at(name)); statErr == nil && !info.IsDir() {
				return nil, fs.ErrNotExist
			}
		}
		return entries, err
	})
}

// Rename replaces what is there, in one step where the server can. Others, which
// only the flat layout accepts, remove the old file first: readers miss it for a
// moment.
func (d *sftpDisk) Rename(ctx context.Context, from, to string) error {
	return d.do(ctx, func(c *sftp.Client) error {
		if _, ok := c.HasExtension(sftpRename); ok {
			return c.PosixRename(d.at(from), d.at(to))
		}
		err := c.Rename(d.at(from), d.at(to))
		if !refused(err) {
			return err
		}
		if info, statErr := c.Lstat(d.at(to)); statErr != nil || info.IsDir() {
			return err
		}
		if err := c.Remove(d.at(to)); err != nil {
			return err
		}
		return c.Rename(d.at(from), d.at(to))
	})
}

func (d *sftpDisk) Remove(ctx context.Context, name string) error {
	return d.do(ctx, func(c *sftp.Client) error { return c.Remove(d.at(name)) })
}

func (d *sftpDisk) RemoveDir(ctx context.Context, name string) error {
	return d.do(ctx, func(c *sftp.Client) error { return c.RemoveDirectory(d.at(name)) })
}

func (d *sftpDisk) Link(ctx context.Context, from, to string) error {
	return d.do(ctx, func(c *sftp.Client) error {
		if _, ok := c.HasExtension(sftpHardlink); !ok {
			return errNoLinks
		}
		err := c.Link(d.at(from), d.at(to))
		if refused(err) {
			return errNoLinks
		}
		return err
	})
}

var errNoLinks = fmt.Errorf("the server makes no hard links here (%w)", errors.ErrUnsupported)

func (d *sftpDisk) Symlink(ctx context.Context, target, name string) error {
	return d.do(ctx, func(c *sftp.Client) error { return c.Symlink(target, d.at(name)) })
}

func (d *sftpDisk) Readlink(ctx context.Context, name string) (string, error) {
	return result(ctx, d.do, func(c *sftp.Client) (string, error) {
		to, err := c.ReadLink(d.at(name))
		if refused(err) {
			err = errNoLink
		}
		return to, err
	})
}

// Settle does nothing: SFTP cannot sync a folder.
func (d *sftpDisk) Settle(context.Context, string) {}

func (d *sftpDisk) Close() error {
	_ = d.gate.enter(context.Background())
	defer d.gate.leave()
	if d.link == nil {
		return nil
	}
	d.link.lose()
	d.link = nil
	return nil
}
