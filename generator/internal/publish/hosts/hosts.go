// Package hosts knows the kinds of places that a site can be published to: one
// file a kind, each with a [Kind] value and a [publish.Store] or [publish.Deployer],
// and one list, [All]. What several share stands once: http.go, service.go, objects.go,
// body.go, tree.go, releases.go, lists.go, program.go, scratch.go, gate.go, limits.go.
//
// A host that is new takes one file and one line here. The file says which options
// the kind has in publish.toml; reading and checking them, secrets, messages and
// the page docs/publish.md come from that. Its test calls hosttest.Contract with a
// bench, against the real server, which a script in hosttest/testdata/servers runs.
package hosts

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/publish"
)

// All is every kind of host.
var All = []Kind{
	folder,
	zipFile,
	gitBranch,
	s3Kind,
	azure,
	gcs,
	sftpKind,
	ftpKind,
	webdav,
	rsync,
	netlify,
	cloudflarePages,
}

// A Kind is a kind of host.
type Kind struct {
	Name    string // as it stands in publish.toml: kind = "s3"
	Doc     plan.Text
	Options []Option
	Example string      // the lines of a target, for docs/publish.md
	Notes   []plan.Text // what people must know before they use it, a sentence or two each

	// Open makes the host of a target. It may look at what it was given, and leaves
	// the network alone until the first call. The error is a publish.Final, with
	// the option's name in its text.
	Open func(ctx context.Context, o Values) (publish.Host, error)
}

// An Option is one line of a target in publish.toml.
type Option struct {
	Name     string
	Doc      plan.Text // what it means, in half a sentence
	Required bool
	Secret   bool     // given as {env = "NAME"} or {file = "path"}, never as text
	Default  string   // as Values gives it where publish.toml has nothing
	Choices  []string // if not nil, the values there are; {"false", "true"} makes it a boolean
	Form     form     // what else a value has to be; nil: any text
}

// A form looks at what an option is given, and gives it as hosts use it. It is not asked
// about an empty value. Its error does not name the option, nor show what may be secret.
type form func(value string) (string, error)

// wrong says what is wrong with an option.
func wrong(option, zh, en string, args ...any) error {
	return named(option, tell(zh, en, args...))
}

// named says of which option an error is.
func named(option string, err error) error {
	var d diag.Diagnostic
	if errors.As(err, &d) {
		return publish.Final(tell("%[1]s：%[2]s", "%[1]s: %[3]s", option, d.Fact.ZH, d.Fact.EN))
	}
	return err
}

// pattern is the form of what a regular expression describes; the texts may show the
// value by %q.
func pattern(expression, zh, en string) form {
	is := regexp.MustCompile(expression)
	return func(value string) (string, error) {
		if is.MatchString(value) {
			return value, nil
		}
		shown := []any{value}
		if !strings.Contains(zh, "%q") {
			shown = nil
		}
		return "", tell(zh, en, shown...)
	}
}

// aToken is the form of what is sent as it is in a header. It may come with blanks
// around it.
func aToken(value string) (string, error) {
	return pattern(`^[!-~]+$`, "含有不该有的字符", "has characters that do not belong")(strings.TrimSpace(value))
}

// oneLine is the form of what could otherwise say more than it should.
func oneLine(value string) (string, error) {
	return pattern(`^[^\r\n\x00]+$`, "不止一行", "has more than one line")(strings.TrimSpace(value))
}

// aFolder is the form of a path within what the site stands in, whose root is "" and
// "/"; it may end in a slash.
func aFolder(value string) (string, error) {
	dir := strings.Trim(value, "/")
	if dir != "" && !fs.ValidPath(dir) || dir == "." || strings.Contains(dir, `\`) || gitTakes(dir) != nil {
		return "", tell("%q 不是其中的文件夹", "%q is no folder inside it", value)
	}
	return dir, nil
}

// serviceURL is the form of the address of a service. Credentials travel to it, so it
// has to be https, unless it is on this machine.
func serviceURL(value string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return "", tell("不是 https://主机 这样的网址", "not an address of the form https://host")
	}
	if isOpen(u) {
		return "", tell("必须以 https:// 开头，否则密钥会在路上被看到", "must begin with https://, or else credentials could be read on the way")
	}
	return strings.TrimRight(value, "/"), nil
}

// yesNo is the Choices of a boolean option.
var yesNo = []string{"false", "true"}

// Values are the options of one target. Every option of the kind is there, with
// its default or "" if publish.toml has nothing.
type Values struct {
	Dir     string // the project's folder, for relative paths
	Options map[string]string
	Network Network
}

// A Network is how a server is reached and how long it is waited for. The zero value
// is good.
type Network struct {
	Connect time.Duration // for a connection and what greets it; 0: half a minute
	Quiet   time.Duration // without a byte in either direction; 0: a minute
	Poll    time.Duration // between two looks at what a service is doing; 0: half a second
	Finish  time.Duration // for a service to go on with that; 0: ten minutes
	Page    int           // names in one answer to a list; 0 leaves it to the service

	Dial func(ctx context.Context, network, address string) (net.Conn, error) // nil: as the system does
	TLS  *tls.Config                                                          // nil: the system's authorities
}

func (n Network) connect() time.Duration { return cmp.Or(n.Connect, 30*time.Second) }
func (n Network) quiet() time.Duration   { return cmp.Or(n.Quiet, time.Minute) }

func (n Network) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if n.Dial != nil {
		return n.Dial(ctx, network, address)
	}
	return (&net.Dialer{Timeout: n.connect()}).DialContext(ctx, network, address)
}

func (v Values) text(name string) string { return v.Options[name] }

// local gives a path of this machine, from the project's folder.
func (v Values) local(name string) string { return onDisk(v.Dir, v.Options[name]) }

func (v Values) yes(name string) bool { return v.Options[name] == "true" }

// number gives an option whose form is a whole number, 0 where it is empty.
func (v Values) number(name string) int {
	n, _ := strconv.Atoi(v.Options[name])
	return n
}

// tell is an error in our own words, in both languages. It is what people are told,
// whatever wraps it.
func tell(zh, en string, args ...any) error {
	return diag.Diagnostic{Check: "publish", Fact: diag.Text(zh, en, args...)}
}

// otherSize says that a body did not give as many bytes as it should: somebody builds
// the site while it is published, say.
func otherSize(name string, size int64) error {
	return tell("%s：来的不是 %d 个字节，发布途中变了；请等构建完成再发布", "%s: other than %d bytes came, it has changed on the way; publish when the build is done", name, size)
}

// silent says that a server was given up.
func silent(d time.Duration) error {
	return tell("服务器已 %v 没有回应", "the server has been silent for %v", d)
}

// byName finds a kind.
func byName(name string) (Kind, bool) {
	for _, k := range All {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// Open opens a host of a kind. Options that are not there get their defaults.
func Open(ctx context.Context, kind string, v Values) (publish.Host, error) {
	k, ok := byName(kind)
	if !ok {
		return nil, publish.Final(tell("没有叫 %q 的主机种类", "there is no kind of host called %q", kind))
	}
	options := map[string]string{}
	for _, o := range k.Options {
		options[o.Name] = o.Default
	}
	for name, value := range v.Options {
		if _, ok := options[name]; !ok {
			return nil, publish.Final(tell("%s 这种主机没有 %q 这一项", "hosts of the kind %s have no option %q", kind, name))
		}
		options[name] = value
	}
	for _, o := range k.Options {
		var err error
		switch value := options[o.Name]; {
		case value == "" && (o.Required || o.Default != ""):
			err = tell("没有写", "is missing")
		case value != "" && o.Form != nil:
			options[o.Name], err = o.Form(value)
		}
		if err != nil {
			return nil, publish.Because(publish.BadSetting, named(o.Name, err))
		}
	}
	h, err := k.Open(ctx, Values{v.Dir, options, v.Network})
	if err != nil && publish.ReasonOf(err) == "" {
		err = publish.Because(publish.BadSetting, err)
	}
	return h, err
}
