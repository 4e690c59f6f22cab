package hosts

// What the hosts that are spoken to over HTTP share: a client that does not wait for
// ever, the rule of where secrets may travel, and errors that show none.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"minxi/generator/internal/publish"
)

// isOpen reports whether others can listen on the way to a server: what is secret is
// sent over https, or within this machine.
func isOpen(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme != "https" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}

// newClient makes an HTTP client for a host. However long a transfer takes, it
// goes on while bytes move; after a quiet without any, it fails.
func newClient(n Network) *http.Client {
	quiet := n.quiet()
	// One request a connection at a time: over HTTP/2 a quiet request would be
	// hidden by the others, and one connection would carry all uploads.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				c, err := n.dial(ctx, network, address)
				if err != nil {
					return nil, err
				}
				return &quietConn{Conn: c, limit: quiet}, nil
			},
			Protocols:             protocols,
			TLSClientConfig:       n.TLS,
			TLSHandshakeTimeout:   n.connect(),
			ResponseHeaderTimeout: quiet,
			MaxIdleConnsPerHost:   32,
			IdleConnTimeout:       quiet / 2,
			// What is kept compressed has to arrive compressed.
			DisableCompression: true,
		},
		// A password, token or signature must not go elsewhere, and a redirect that is
		// followed turns a PUT into a GET.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A quietConn fails when no byte has moved for a while. Writing counts for reading
// too: an HTTP client reads all the time, also while it is sending.
type quietConn struct {
	net.Conn
	limit time.Duration
	asks  bool // what is written are also questions whether the server lives: only what it says counts
	over  atomic.Bool
}

func (c *quietConn) Read(p []byte) (int, error) {
	return c.move(c.Conn.Read, c.SetReadDeadline, p)
}

func (c *quietConn) Write(p []byte) (int, error) {
	return c.move(c.Conn.Write, c.SetWriteDeadline, p)
}

func (c *quietConn) move(f func([]byte) (int, error), alone func(time.Time) error, p []byte) (int, error) {
	putOff := c.SetDeadline
	if c.asks {
		putOff = alone
	}
	if err := putOff(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	n, err := f(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.over.Store(true)
	}
	// Where reading fails first, writing would only say that the client hung up.
	if err != nil && c.over.Load() {
		err = quietError{silent(c.limit)}
	}
	return n, err
}

// A quietError is a network's, to those who ask whether it timed out.
type quietError struct{ error }

func (e quietError) Unwrap() error { return e.error }
func (quietError) Timeout() bool   { return true }
func (quietError) Temporary() bool { return true }

// A call is one request to a server.
type call struct {
	op, on      string // as publish.Step hears of it and errors tell of it
	method, url string
	header      map[string]string

	size int64
	open publish.Body // what is sent, size bytes of it; nil if nothing is

	authorize func(*http.Request) error // adds who we are; may be nil
}

// once makes a request once, and gives the answer whatever its status is. What was
// wrong with the bytes that were to be sent counts for more than what became of them.
func once(ctx context.Context, client *http.Client, c call) (*http.Response, error) {
	if err := publish.Step(ctx, c.op, c.on); err != nil {
		return nil, err
	}
	var in io.ReadCloser = http.NoBody
	if c.open != nil {
		var err error
		if in, err = c.open(); err != nil {
			return nil, err
		}
		defer in.Close() // where no request is made of it
	}
	var body io.Reader = http.NoBody
	if c.size > 0 {
		body = in
	}
	req, err := http.NewRequestWithContext(ctx, c.method, c.url, body)
	if err != nil {
		return nil, publish.Final(err)
	}
	req.ContentLength = c.size
	for name, value := range c.header {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if c.authorize != nil {
		if err := c.authorize(req); err != nil {
			return nil, fmt.Errorf("%s %s: %w", c.op, c.on, err)
		}
	}
	res, err := client.Do(req)
	if wrong := in.Close(); wrong != nil {
		if err == nil {
			res.Body.Close()
		}
		return nil, wrong
	}
	if err != nil {
		return nil, networkError(ctx, c.op+" "+c.on, err)
	}
	return res, nil
}

// networkError is the error of a request that got no answer. The address is left
// out of it: it may hold a signature.
func networkError(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	err = fmt.Errorf("%s: %w", what, err)
	var name *net.DNSError
	if publish.ReasonOf(err) == publish.Untrusted || errors.As(err, &name) && name.IsNotFound {
		return publish.Final(err)
	}
	return err
}
