package hosts

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/textproto"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jlaffaye/ftp"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// ftpKind is a folder on an FTP server (RFC 959, with RFC 3659 where it is spoken),
// over TLS (RFC 4217) unless plain FTP is asked for. The server's certificate is
// always checked.
var ftpKind = Kind{
	Name: "ftp",
	Doc: plan.Text{ZH: "FTP 服务器上的文件夹，默认用 TLS 加密（FTPS）；逐个文件替换",
		EN: "A folder on an FTP server, over TLS (FTPS) unless told otherwise; files are replaced one by one"},
	Options: []Option{
		{Name: "host", Required: true, Doc: plan.Text{ZH: "服务器的名称或地址，须与证书一致", EN: "the server's name or address, as its certificate has it"}},
		{Name: "port", Default: "21", Form: aPort, Doc: plan.Text{ZH: "端口；implicit 方式通常为 990", EN: "its port; 990 as a rule with implicit TLS"}},
		{Name: "user", Required: true, Doc: plan.Text{ZH: "登录用户名", EN: "who logs in"}},
		{Name: "password", Required: true, Secret: true, Doc: plan.Text{ZH: "登录密码", EN: "the user's password"}},
		{Name: "path", Default: ".", Doc: plan.Text{ZH: "文件夹，绝对路径或相对于登录目录", EN: "the folder, absolute or relative to where the login lands"}},
		{Name: "tls", Default: "explicit", Choices: []string{"explicit", "implicit", "none"}, Doc: plan.Text{
			ZH: "explicit：连接后转为 TLS；implicit：一开始就用 TLS；none：不加密，密码与内容均为明文",
			EN: "explicit turns to TLS once connected, implicit speaks it from the start, none sends the password and all else in the clear"}},
		{Name: "ca", Doc: plan.Text{ZH: "PEM 文件，除系统信任的机构外另行信任其中的证书机构", EN: "a PEM file of authorities to trust besides those that the system trusts"}},
		{Name: "connections", Default: "4", Form: pattern(`^[1-9]\d{0,2}$`, "%q 不是连接数", "%q is no number of connections"), Doc: plan.Text{ZH: "同时上传的文件数，每个占一条连接，服务器端复制时占两条",
			EN: "files sent at once, each over a connection of its own, or two while a copy is made on the host"}},
	},
	Example: `[targets.space]
  kind = "ftp"
  host = "ftp.example.org"
  user = "minxi"
  password = { env = "MINXI_FTP_PASSWORD" }
  path = "htdocs"
  htaccess = true
`,
	Notes: []plan.Text{
		{ZH: "证书总是要核对；私有机构的证书用 ca 指明。",
			EN: "The certificate is always checked; ca names an authority of your own."},
		{ZH: "少数服务器不许改名覆盖旧文件，那里换文件的一瞬会缺这一个文件，且中断时要再发布一次才补上。",
			EN: "A few servers refuse to rename over a file: there a file is missing for the moment in which it is replaced, and after a kill just then until the next publish."},
	},
	Open: openFTP,
}

func openFTP(_ context.Context, o Values) (publish.Host, error) {
	connections, quiet := o.number("connections"), o.Network.quiet()
	d := &ftpDisk{
		address: o.address(), base: o.text("path"), user: o.text("user"), password: o.text("password"),
		patience: patience{notice: quiet / 6, silence: quiet * 2 / 3, dead: quiet * 5 / 6}, keep: connections, restless: quiet / 4,
	}
	if o.text("tls") != "none" {
		d.implicit = o.text("tls") == "implicit"
		d.tls = &tls.Config{ServerName: o.text("host"), MinVersion: tls.VersionTLS12}
		var err error
		if d.tls.RootCAs, err = authorities(o); err != nil {
			return nil, err
		}
	}
	return newFlat(d, ".", connections), nil
}

// authorities are those of the system and those of the option ca.
func authorities(o Values) (*x509.CertPool, error) {
	if o.text("ca") == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(o.local("ca"))
	if err != nil {
		return nil, wrong("ca", "读不到：%v", "%v", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, wrong("ca", "文件里没有证书", "there is no certificate in the file")
	}
	return pool, nil
}

// An ftpDisk is a folder on an FTP server. A connection does one thing at a time,
// so each call takes one of those that lie idle, or makes one.
type ftpDisk struct {
	address, base  string
	user, password string
	tls            *tls.Config // nil for plain FTP
	implicit       bool

	patience
	keep int // idle connections

	// How long a connection may lie idle before it is asked whether it still lives:
	// servers close idle ones, most after minutes.
	restless time.Duration

	mu   sync.Mutex
	idle []*ftpLink
}

// An ftpLink is a control connection and the data connections that it has open.
type ftpLink struct {
	*ftp.ServerConn
	base string // of the site, absolute
	mlsd bool   // lists in a form that machines can read
	used time.Time

	life   context.Context // its sockets are closed at the end, and no more are dialled
	close  context.CancelFunc
	closed func() bool // forgets the last data connection: only one is open at a time
}

// take gives a connection to the caller.
func (d *ftpDisk) take(ctx context.Context) (*ftpLink, error) {
	for {
		d.mu.Lock()
		if len(d.idle) == 0 {
			d.mu.Unlock()
			break
		}
		link := d.idle[len(d.idle)-1]
		d.idle = d.idle[:len(d.idle)-1]
		d.mu.Unlock()
		if time.Since(link.used) < d.restless {
			return link, nil
		}
		if d.with(ctx, link, link.NoOp) == nil {
			return link, nil
		}
		link.close()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if err := publish.Step(ctx, "connect", d.address); err != nil {
		return nil, err
	}
	return d.dial(ctx)
}

// give takes a connection back that has nothing under way.
func (d *ftpDisk) give(link *ftpLink) {
	link.used = time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.idle) >= d.keep || link.life.Err() != nil {
		go link.quit()
		return
	}
	d.idle = append(d.idle, link)
}

func (d *ftpDisk) dial(ctx context.Context) (*ftpLink, error) {
	link := &ftpLink{closed: func() bool { return true }}
	// Data connections are opened later, by calls with other contexts.
	link.life, link.close = context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, link.close)
	defer stop()
	config := d.tls
	if config != nil {
		config = config.Clone()
		// Data connections resume the session of their control connection: that is
		// how servers know that they come from whoever logged in (vsftpd's
		// require_ssl_reuse, on by default).
		config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	}
	say := func(text plan.Text) { publish.Say(ctx, text) }
	control := true
	dial := func(network, address string) (patientConn, error) {
		conn := patientConn{patience: &d.patience, say: say, data: !control}
		err := conn.wait(false, func(deadline time.Time) (err error) {
			dialer := net.Dialer{Deadline: deadline}
			conn.Conn, err = dialer.DialContext(link.life, network, address)
			return err
		})
		if err != nil {
			return patientConn{}, err
		}
		end := context.AfterFunc(link.life, func() { conn.Conn.Close() })
		if conn.data {
			link.closed()
			link.closed = end
		}
		return conn, nil
	}
	options := []ftp.DialOption{ftp.DialWithDialFunc(func(network, address string) (net.Conn, error) {
		conn, err := dial(network, address)
		// The library wraps only the control connection, and only if it is explicit.
		defer func() { control = false }()
		switch {
		case err != nil || config == nil || control && !d.implicit:
			return conn, err
		case control:
			return tls.Client(conn, config), nil
		}
		return &ftpData{Conn: tls.Client(conn, config), socket: conn}, nil
	})}
	switch {
	case config != nil && d.implicit:
		options = append(options, ftp.DialWithTLS(config))
	case config != nil:
		options = append(options, ftp.DialWithExplicitTLS(config))
	}
	err := link.open(d, options)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		link.close()
		return nil, fmt.Errorf("connect to %s: %w", d.address, err)
	}
	return link, nil
}

// open connects, logs in and finds its way.
func (l *ftpLink) open(d *ftpDisk, options []ftp.DialOption) (err error) {
	if l.ServerConn, err = ftp.Dial(d.address, options...); err != nil {
		if code := replyCode(err); d.tls != nil && !d.implicit && code >= 500 {
			return publish.Final(publish.Because(publish.NoTLS, tell(`服务器不支持 TLS；可以接受不加密的话，请写 tls = "none"`, `the server does not speak TLS; where that is accepted, set tls = "none"`)))
		}
		return wrongCertificate(err)
	}
	if err := l.Login(d.user, d.password); err != nil {
		switch code := replyCode(err); {
		case code == 530 || code == 332 || code == 532:
			// Its own words are left out: servers have been seen to repeat what they got.
			return publish.Final(publish.Because(publish.BadLogin, tell("服务器不让用户 %s 登录（%d）：用户名或密码被拒绝，或不许不加密的 FTP", "the server does not let user %s in (%d): its name or password is refused, or it does not want plain FTP", d.user, code)))
		case code > 0:
			return fmt.Errorf("the login failed (%d)", code)
		}
		return wrongCertificate(err)
	}
	l.mlsd = l.IsTimePreciseInList() // which is how the library says so
	l.base = path.Clean(d.base)
	if !path.IsAbs(l.base) {
		home, err := l.CurrentDir()
		if err != nil {
			return err
		}
		l.base = path.Join(home, l.base)
	}
	return nil
}

// wrongCertificate marks errors about certificates: they do not pass.
func wrongCertificate(err error) error {
	var wrong *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &wrong):
		return publish.Final(publish.Because(publish.Untrusted, tell("服务器的证书不可信：%v；私有机构的证书请写在 ca 里", "the server's certificate is not trusted: %v; for an authority of your own, set ca", wrong.Err)))
	case errors.As(err, &noTLS):
		return publish.Final(publish.Because(publish.NoTLS, tell(`对方不是一开始就用 TLS：请写 tls = "explicit"`, `what answers does not speak TLS from the start: set tls = "explicit"`)))
	}
	return err
}

// A patience is how long a server may be silent, on whatever connection: a slow
// answer on one is no silence while others get theirs.
type patience struct {
	notice  time.Duration // until people hear of it; and how often it is looked at
	silence time.Duration // until a connection is given up, and another tried
	dead    time.Duration // until the server is

	mu    sync.Mutex
	since time.Time // when it was asked, or looked for, first since it was heard; zero if not at all
	told  bool      // people have heard since then
	gone  error     // what every call gets from then on
}

// longest is how long one call waits for a server that answers others.
const longest = time.Minute

func (p *patience) heard() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since, p.told = time.Time{}, false
}

// late is nil if a call that began at start and has met a timeout waits on.
func (p *patience) late(start time.Time, timeout error, say func(plan.Text)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.since.IsZero() {
		p.since = time.Now()
	}
	quiet, waited := time.Since(p.since), time.Since(start)
	if quiet >= p.notice && !p.told {
		p.told = true
		say(diag.Text("FTP 服务器已 %[1]v 没有回应；%[2]v 仍无回应就放弃", "the FTP server has been silent for %[1]v; at %[2]v it is given up",
			quiet.Round(time.Second), p.dead))
	}
	if quiet >= p.dead && p.gone == nil {
		p.gone = publish.Final(publish.Because(publish.Silent, silent(p.dead)))
	}
	if p.gone == nil && (min(quiet, waited) >= p.silence || waited >= longest) {
		return timeout
	}
	return p.gone
}

// A patientConn waits for the server with patience.
type patientConn struct {
	net.Conn
	*patience
	say  func(plan.Text)
	data bool // that the server takes what is sent says that it lives
}

// wait calls work, which ends with a timeout at its deadline, until it is done or the
// server was silent for too long.
func (c patientConn) wait(hears bool, work func(deadline time.Time) error) error {
	start := time.Now()
	err := c.late(start, nil, c.say)
	for err == nil {
		err = work(time.Now().Add(c.notice))
		var network net.Error
		if !errors.As(err, &network) || !network.Timeout() {
			if hears {
				c.heard()
			}
			return err
		}
		err = c.late(start, err, c.say)
	}
	return err
}

func (c patientConn) Read(b []byte) (n int, err error) {
	err = c.wait(true, func(deadline time.Time) error {
		if err := c.SetReadDeadline(deadline); err != nil {
			return err
		}
		n, err = c.Conn.Read(b)
		return err
	})
	return n, err
}

func (c patientConn) Write(b []byte) (written int, err error) {
	err = c.wait(c.data, func(deadline time.Time) error {
		if err := c.SetWriteDeadline(deadline); err != nil {
			return err
		}
		n, err := c.Conn.Write(b[written:])
		written += n
		return err
	})
	return written, err
}

// An ftpData is a data connection over TLS.
type ftpData struct {
	*tls.Conn
	socket patientConn
	ended  bool // the server has sent all
}

func (c *ftpData) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.ended = c.ended || err != nil
	return n, err
}

// Close says that all is sent, and waits for the other end to close. Servers send
// session tickets that an upload never reads, and a socket that is closed with
// something unread is reset: they then lose the end of the file. Whether all has
// come is not told by how the sockets close, and the server may be first: what it
// replies on the control connection decides, and for an upload the size.
func (c *ftpData) Close() error {
	err := c.CloseWrite()
	if tcp, ok := c.socket.Conn.(*net.TCPConn); ok && err == nil && !c.ended {
		if err = tcp.CloseWrite(); err == nil {
			_, _ = io.Copy(io.Discard, c.socket)
		}
	}
	c.socket.Close()
	return nil
}

// quit says goodbye.
func (l *ftpLink) quit() {
	// Nobody waits for the answer.
	bye := time.AfterFunc(2*time.Second, l.close)
	defer bye.Stop()
	_ = l.Quit()
	l.close()
}

// with does work with a connection, which is closed under it when the context ends.
func (d *ftpDisk) with(ctx context.Context, link *ftpLink, work func() error) error {
	stop := context.AfterFunc(ctx, link.close)
	err := work()
	if !stop() {
		link.close() // it is on its way, and must have come when the link is given back
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ftp.ErrInvalidCommand):
		return publish.Final(tell("FTP 不支持含换行的名字", "FTP has no names with line breaks"))
	}
	return err
}

// do does work with a connection of its own.
func (d *ftpDisk) do(ctx context.Context, work func(*ftpLink) error) error {
	link, err := d.take(ctx)
	if err != nil {
		return err
	}
	err = d.with(ctx, link, func() error { return work(link) })
	return d.done(ctx, link, err)
}

// done takes a connection back, or closes it where nobody knows what it would say
// next: after every error but a plain refusal. It says what is final.
func (d *ftpDisk) done(ctx context.Context, link *ftpLink, err error) error {
	if why, ok := ftpReasons[replyCode(err)]; ok && err != fs.ErrPermission {
		err = publish.Because(why, err)
	}
	switch code := replyCode(err); {
	case err == nil, err == fs.ErrNotExist, err == fs.ErrExist, err == errNoFolder, err == fs.ErrPermission:
		d.give(link)
	case refusal(err):
		d.give(link)
		if publish.ReasonOf(err) == "" {
			err = publish.Because(publish.Refused, err)
		}
		return publish.Final(err)
	case code > 0 && code != ftp.StatusNotAvailable:
		d.give(link)
	default:
		link.close()
		if ctx.Err() == nil {
			return &lostError{err}
		}
	}
	return err
}

// replyCode is the server's answer if err is one, else 0.
func replyCode(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

// ftpReasons are what codes mean (RFC 959, section 4.2.1). 451 is an error of the
// server's own, with which it also answers when it cannot write to its disk.
var ftpReasons = map[int]publish.Reason{
	421: publish.TooOften, 425: publish.CutOff, 426: publish.CutOff,
	451: publish.Faulty, 452: publish.NoRoom, 552: publish.NoRoom,
	332: publish.BadLogin, 530: publish.BadLogin, 532: publish.BadLogin,
}

// refusal reports whether the server will not do it, whoever asks again: 55x
// (RFC 959, section 4.2). Missing files and missing rights have the same codes.
func refusal(err error) bool { return replyCode(err) >= 550 && replyCode(err) < 560 }

func (l *ftpLink) at(name string) string { return path.Join(l.base, name) }

// size asks for the size of a file. Servers without SIZE are asked for a listing, and
// those that say 450: that may be a file in use, and is what rclone's server says of
// one that is not there.
func (l *ftpLink) size(name string) (int64, error) {
	n, err := l.FileSize(l.at(name))
	switch code := replyCode(err); {
	case refusal(err):
		return 0, fs.ErrNotExist
	case code != 500 && code != 502 && code != ftp.StatusFileActionIgnored:
		return n, err
	}
	entries, err := l.entries(path.Dir(name))
	if refusal(err) {
		// Others may have removed the folder since it was entered.
		err = cmp.Or(l.enter(path.Dir(name)), err)
	}
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if e.Name == path.Base(name) && e.Type == ftp.EntryTypeFile {
			return int64(e.Size), nil
		}
	}
	return 0, fs.ErrNotExist
}

// enter makes a folder the current one, which is the surest way to see whether
// there is one.
func (l *ftpLink) enter(name string) error { return l.changeDir(l.at(name)) }

// changeDir returns to the root where there is no such folder: pure-ftpd has people
// wait longer with every failure, and hangs up after ten, until they succeed.
func (l *ftpLink) changeDir(dir string) error {
	err := l.ChangeDir(dir)
	if !refusal(err) {
		return err
	}
	if err := l.ChangeDir("/"); err != nil && !refusal(err) {
		return err
	}
	return fs.ErrNotExist
}

// entries lists a folder from inside: servers take names after LIST for patterns.
func (l *ftpLink) entries(name string) ([]*ftp.Entry, error) {
	if err := l.enter(name); err != nil {
		return nil, err
	}
	if l.mlsd {
		return l.List("")
	}
	// -a is not in RFC 959: it shows names with a leading dot, and where it is not
	// known it is taken for a name. Where it is known there are at least . and ..
	entries, err := l.List("-a")
	if err != nil && replyCode(err) == 0 || len(entries) > 0 {
		return entries, err
	}
	return l.List("")
}

func (d *ftpDisk) Size(ctx context.Context, name string) (int64, error) {
	return result(ctx, d.do, func(l *ftpLink) (int64, error) { return l.size(name) })
}

func (d *ftpDisk) IsDir(ctx context.Context, name string) (bool, error) {
	err := d.do(ctx, func(l *ftpLink) error { return l.enter(name) })
	if err == fs.ErrNotExist {
		return false, nil
	}
	return err == nil, err
}

func (d *ftpDisk) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	link, err := d.take(ctx)
	if err != nil {
		return nil, err
	}
	r := &ftpReader{ctx: ctx, disk: d, link: link, name: name}
	err = d.with(ctx, link, func() error {
		var err error
		if r.data, err = link.Retr(link.at(name)); !refusal(err) {
			return err
		}
		// The code is the same for a file that is not there and one that may not be
		// read. To take the second for the first would be taken for an empty site.
		if _, sizeErr := link.size(name); sizeErr == nil {
			return fs.ErrPermission
		}
		return fs.ErrNotExist
	})
	if err != nil {
		return nil, d.done(ctx, link, err)
	}
	return r, nil
}

// An ftpReader is a transfer from the server. The end of the data connection may be
// its end or a loss: what the server then says decides.
type ftpReader struct {
	ctx  context.Context
	disk *ftpDisk
	name string

	mu   sync.Mutex // whoever ends the context closes, too
	link *ftpLink   // nil once it is closed
	data *ftp.Response
	n    int64 // bytes so far
	err  error // what Read said last
}

func (r *ftpReader) Read(p []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil || r.link == nil {
		return 0, cmp.Or(r.err, fs.ErrClosed)
	}
	r.err = r.disk.with(r.ctx, r.link, func() error {
		n, err = r.data.Read(p)
		r.n += int64(n)
		// Some servers close without the last word of TLS.
		abrupt := errors.Is(err, io.ErrUnexpectedEOF)
		if err != io.EOF && !abrupt {
			return err
		}
		if err := r.data.Close(); err != nil {
			return fmt.Errorf("the transfer broke off: %w", err)
		}
		if abrupt {
			if has, err := r.link.size(r.name); err != nil || has != r.n {
				return fmt.Errorf("the transfer broke off after %d bytes of %d: %w", r.n, has, errors.Join(err, io.ErrUnexpectedEOF))
			}
		}
		return io.EOF
	})
	return n, r.err
}

// Close reads on where little can be left: to log in anew takes longer.
func (r *ftpReader) Close() error {
	if r.ctx.Err() == nil {
		_, _ = io.CopyN(io.Discard, r, 64<<10)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.link == nil:
	case r.err == io.EOF:
		r.disk.give(r.link)
	default:
		r.link.close() // in the middle there is no other way
	}
	r.link = nil
	return nil
}

func (d *ftpDisk) Write(ctx context.Context, name string, size int64, body publish.Body) error {
	return d.do(ctx, func(l *ftpLink) error {
		send := func() error {
			in, err := body()
			if err != nil {
				return err
			}
			defer in.Close()
			return l.Stor(l.at(name), in)
		}
		err := send()
		if code := replyCode(err); refusal(err) && code != ftp.StatusExceededStorage || code == ftp.StatusFileActionIgnored {
			// The reply does not say why. As a rule the folder is not there: to make it
			// says so sooner than to enter it, for which pure-ftpd has people wait.
			if err := publish.Step(ctx, "mkdir", path.Dir(name)); err != nil {
				return err
			}
			if l.MakeDir(l.at(path.Dir(name))) != nil {
				if err := l.enter(path.Dir(name)); err != nil {
					return err
				}
			}
			err = send()
		}
		if err != nil {
			return err
		}
		// 226 does not say how much has arrived.
		has, err := l.size(name)
		if err == nil && has != size {
			err = fmt.Errorf("the server holds %d bytes of %d", has, size)
		}
		return err
	})
}

func (d *ftpDisk) Mkdir(ctx context.Context, name string) error {
	return d.do(ctx, func(l *ftpLink) error {
		if name == "." {
			return l.mkdirAll(l.base)
		}
		return l.mkdir(name)
	})
}

func (l *ftpLink) mkdir(name string) error {
	for try := 0; ; try++ {
		err := l.MakeDir(l.at(name))
		if replyCode(err) < 500 {
			return err
		}
		// The reply does not say why.
		if l.enter(name) == nil {
			return fs.ErrExist
		}
		if _, sizeErr := l.size(name); sizeErr == nil {
			if l.enter(name) == nil { // rclone's server has a size for folders, and somebody was faster
				return fs.ErrExist
			}
			return errNoFolder
		}
		if enterErr := l.enter(path.Dir(name)); enterErr != nil {
			return enterErr
		}
		if try > 0 {
			return err
		}
		// Another call may just have made the folder that it is in.
	}
}

// mkdirAll makes the site's own folder, which is absolute.
func (l *ftpLink) mkdirAll(dir string) error {
	if l.changeDir(dir) == nil {
		return nil
	}
	if up := path.Dir(dir); up != dir {
		if err := l.mkdirAll(up); err != nil {
			return err
		}
	}
	err := l.MakeDir(dir)
	if err != nil && l.changeDir(dir) == nil {
		return nil // somebody else was faster
	}
	return err
}

func (d *ftpDisk) ReadDir(ctx context.Context, name string) ([]entry, error) {
	return result(ctx, d.do, func(l *ftpLink) (entries []entry, err error) {
		found, err := l.entries(name)
		for _, e := range found {
			if !slices.Contains([]string{"", ".", ".."}, e.Name) && !strings.Contains(e.Name, "/") {
				entries = append(entries, entry{e.Name, e.Type == ftp.EntryTypeFolder, e.Type == ftp.EntryTypeFile})
			}
		}
		return entries, err
	})
}

// Rename replaces what is there. Most servers do so in one step; the others refuse
// while the name is taken, so that it has to be freed first, and readers miss the
// file for a moment.
func (d *ftpDisk) Rename(ctx context.Context, from, to string) error {
	return d.do(ctx, func(l *ftpLink) error {
		err := l.ServerConn.Rename(l.at(from), l.at(to))
		if !refusal(err) {
			return err
		}
		if _, sizeErr := l.size(from); sizeErr != nil {
			return sizeErr // nothing to put in its place
		}
		if _, sizeErr := l.size(to); sizeErr != nil {
			return err
		}
		if err := publish.Step(ctx, "DELE", to); err != nil {
			return err
		}
		if err := l.Delete(l.at(to)); err != nil {
			return err
		}
		return l.ServerConn.Rename(l.at(from), l.at(to))
	})
}

func (d *ftpDisk) Remove(ctx context.Context, name string) error {
	return d.do(ctx, func(l *ftpLink) error {
		err := l.Delete(l.at(name))
		if refusal(err) {
			if _, sizeErr := l.size(name); sizeErr == fs.ErrNotExist {
				return fs.ErrNotExist
			}
		}
		return err
	})
}

func (d *ftpDisk) RemoveDir(ctx context.Context, name string) error {
	return d.do(ctx, func(l *ftpLink) error {
		// The current folder cannot be removed everywhere.
		if err := l.ChangeDir("/"); err != nil && !refusal(err) {
			return err
		}
		return l.ServerConn.RemoveDir(l.at(name))
	})
}

func (d *ftpDisk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all sync.WaitGroup
	for _, link := range d.idle {
		all.Go(link.quit)
	}
	all.Wait()
	d.idle = nil
	return nil
}
