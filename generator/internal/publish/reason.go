package publish

// Why a host did not do what it should, in words for the people who publish: what
// servers, libraries and this machine's system say is English and technical, and
// often one of a dozen things that staff can do something about.

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// A Reason is what was in the way of a host. "" is one that is not known.
type Reason string

const (
	NoRoom      Reason = "no room"     // a disk or an account is full
	BadLogin    Reason = "login"       // name, password, key or token are refused
	NotAllowed  Reason = "not allowed" // who logged in may not do this
	NoPlace     Reason = "no place"    // the bucket, site, folder or repository is not there
	Untrusted   Reason = "untrusted"   // a certificate or host key is not the one expected
	Unreachable Reason = "unreachable" // nobody answers under the address
	CutOff      Reason = "cut off"     // the connection ended in the middle
	Silent      Reason = "silent"      // no answer in time
	TooOften    Reason = "too often"   // the service wants fewer requests
	TooLarge    Reason = "too large"   // a file is larger than the service takes
	Faulty      Reason = "faulty"      // the service itself fails
	Refused     Reason = "refused"     // the host did not do it; what it says, if anything, is in its own words
	NoTLS       Reason = "no TLS"      // what answers does not encrypt as asked
	BadSetting  Reason = "setting"     // publish.toml
	NoProgram   Reason = "no program"  // something is not installed on this machine
)

// reasons are what people are told: what happened, and what to do.
var reasons = map[Reason]struct{ fact, hint plan.Text }{
	NoRoom: {diag.Text("空间已满", "there is no room left"),
		diag.Text("请腾出服务器、账户或本机临时文件夹的空间，", "Make room on the server, in the account or in this machine's temporary folder.")},
	BadLogin: {diag.Text("登录被拒绝", "the login was refused"),
		diag.Text("请核对用户名和保存密钥的环境变量或文件，", "Check the user name, and the environment variable or file that holds the secret.")},
	NotAllowed: {diag.Text("没有权限", "it is not allowed"),
		diag.Text("请让主机的管理员给这个账户读、写、删的权限，", "Ask whoever runs the host to let this account read, write and delete.")},
	NoPlace: {diag.Text("目的地不存在", "the place to publish to is not there"),
		diag.Text("请核对 publish.toml 里的名称，或先在主机上建好，", "Check its name in publish.toml, or create it on the host first.")},
	Untrusted: {diag.Text("无法确认对方是不是真正的主机", "it is not certain that this is the right host"),
		diag.Text("不要绕过这项检查：请向主机的管理员核对证书或密钥指纹，", "Do not work around this: ask whoever runs the host about its certificate or key.")},
	Unreachable: {diag.Text("连不上主机", "the host cannot be reached"),
		diag.Text("请检查网络和 publish.toml 里的地址，", "Check the network, and the address in publish.toml.")},
	CutOff: {diag.Text("连接中断", "the connection was cut"),
		diag.Text("请检查网络，", "Check the network.")},
	Silent: {diag.Text("主机很久没有回应", "the host has not answered for long"),
		diag.Text("请检查网络，或过一会儿，", "Check the network, or wait for a while.")},
	TooOften: {diag.Text("请求过于频繁，主机暂不接受", "the host wants fewer requests"),
		diag.Text("请过几分钟，", "Wait for some minutes.")},
	TooLarge: {diag.Text("有文件超过主机允许的大小", "a file is larger than the host takes"),
		diag.Text("请把它改小，或让主机放宽限制，", "Make it smaller, or have the host take larger ones.")},
	Faulty: {diag.Text("主机出错", "the host fails"),
		diag.Text("请告诉主机的管理员（常见原因是磁盘已满），或过一会儿，", "Tell whoever runs the host (often its disk is full), or wait for a while.")},
	Refused: {diag.Text("主机拒绝执行", "the host refused to do it"),
		diag.Text("请核对目标文件夹是否存在、账户能否写入、空间是否够用，", "Check that the target's folder is there, that the account may write to it, and that there is room.")},
	NoTLS: {diag.Text("对方不按这种方式加密", "what answers does not encrypt in this way"),
		diag.Text("请核对 publish.toml 里的端口和加密方式，", "Check the port and the kind of encryption in publish.toml.")},
	BadSetting: {diag.Text("设置不对", "a setting is wrong"),
		diag.Text("请改正 publish.toml 里的这一项，", "Correct it in publish.toml.")},
	NoProgram: {diag.Text("本机缺少程序", "a program is missing on this machine"),
		diag.Text("请先安装它，", "Install it first.")},
}

// carryOn ends each hint.
var carryOn = diag.Text("然后再运行一次就接着做；新版本传完之前，旧文件一个也不删。",
	"Then run the command again to carry on: nothing old is deleted before the new release is complete.")

// Explain says what is behind an error, and what to do; the words are general if
// nothing is known about it.
func Explain(err error) (fact, hint plan.Text) {
	why, ok := reasons[ReasonOf(err)]
	if !ok {
		why.fact, why.hint = diag.Text("没有成功", "it did not work"), diag.Text("请按上面的原因解决，", "Mend what is named above.")
	}
	return why.fact, plan.Text{ZH: why.hint.ZH + carryOn.ZH, EN: why.hint.EN + " " + carryOn.EN}
}

// Detail is what an error says beside its reason, for those who look into it: our own
// words in both languages, or else which file it was about and the host's own words.
func Detail(err error) plan.Text {
	var d diag.Diagnostic
	if errors.As(err, &d) {
		return d.Fact
	}
	var tried *triedError
	about := ""
	if errors.As(err, &tried) && tried.name != "" {
		about = tried.name + "："
	}
	last := err
	for next := last; next != nil; next = errors.Unwrap(next) {
		last = next
		if _, ok := next.(*net.OpError); ok {
			break // says where, too
		}
	}
	return plan.Text{ZH: about + strings.ReplaceAll(last.Error(), "\n", "；"), EN: strings.ReplaceAll(err.Error(), "\n", "; ")}
}

// Because says why an error came about, where the host knows better than its text.
func Because(why Reason, err error) error {
	if err == nil || why == "" {
		return err
	}
	return &reasonError{err, why}
}

type reasonError struct {
	error
	why Reason
}

func (e *reasonError) Unwrap() error { return e.error }

// ReasonOf gives the reason that the host gave by [Because], or else the one that
// the errors of Go's library and of the system show.
func ReasonOf(err error) Reason {
	var said *reasonError
	if errors.As(err, &said) {
		return said.why
	}
	for _, known := range knownErrors {
		if errors.Is(err, known.err) {
			return known.why
		}
	}
	var (
		untrusted *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		noTLS     tls.RecordHeaderError
		name      *net.DNSError
		network   net.Error
	)
	switch {
	case errors.As(err, &untrusted), errors.As(err, &authority), errors.As(err, &noTLS):
		return Untrusted
	case errors.As(err, &name):
		return Unreachable
	case errors.As(err, &network) && network.Timeout():
		return Silent
	}
	return ""
}

// knownErrors are in the order in which they count, if several are in one error.
var knownErrors = []struct {
	err error
	why Reason
}{
	{syscall.ENOSPC, NoRoom}, {syscall.EDQUOT, NoRoom}, {syscall.EFBIG, TooLarge},
	{exec.ErrNotFound, NoProgram},
	{fs.ErrPermission, NotAllowed}, {syscall.EROFS, NotAllowed},
	{http.ErrSchemeMismatch, Untrusted},
	{syscall.ECONNREFUSED, Unreachable}, {syscall.EHOSTUNREACH, Unreachable}, {syscall.ENETUNREACH, Unreachable},
	{os.ErrDeadlineExceeded, Silent}, {context.DeadlineExceeded, Silent}, {syscall.ETIMEDOUT, Silent},
	{syscall.ECONNRESET, CutOff}, {syscall.EPIPE, CutOff}, {syscall.ECONNABORTED, CutOff}, {io.ErrUnexpectedEOF, CutOff}, {io.EOF, CutOff},
}

// StatusReason is what an HTTP status other than success says of a host (RFC 9110,
// section 15; 507: RFC 4918, section 11.5).
func StatusReason(status int) Reason {
	switch why, ok := statusReasons[status]; {
	case ok:
		return why
	case status >= 500:
		return Faulty
	}
	return ""
}

var statusReasons = map[int]Reason{
	http.StatusUnauthorized:          BadLogin,
	http.StatusForbidden:             NotAllowed,
	http.StatusNotFound:              NoPlace,
	http.StatusProxyAuthRequired:     BadLogin,
	http.StatusRequestTimeout:        Silent,
	http.StatusGatewayTimeout:        Silent,
	http.StatusRequestEntityTooLarge: TooLarge,
	http.StatusTooManyRequests:       TooOften,
	http.StatusInsufficientStorage:   NoRoom,
	509:                              NoRoom, // of some hosts: the traffic that was paid for is used up
}
