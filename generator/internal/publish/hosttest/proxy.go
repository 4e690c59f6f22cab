package hosttest

import (
	"io"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"minxi/generator/internal/publish"
)

// A proxy stands between a publisher and a server, and cuts connections: with a
// reset, after so many bytes have gone through it in either direction.
type proxy struct {
	address string
	left    atomic.Int64
	armed   atomic.Bool
	cuts    atomic.Int64
}

func newProxy(t testing.TB, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &proxy{address: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.carry(c.(*net.TCPConn), server)
		}
	}()
	return p
}

// cutAfter arms the proxy: one connection is cut after n more bytes; -1 disarms.
func (p *proxy) cutAfter(n int64) {
	p.left.Store(n)
	p.armed.Store(n >= 0)
}

func (p *proxy) carry(client *net.TCPConn, server string) {
	c, err := net.Dial("tcp", server)
	if err != nil {
		client.Close()
		return
	}
	up := c.(*net.TCPConn)
	both := func(to, from *net.TCPConn) {
		buf := make([]byte, 2048)
		for {
			n, err := from.Read(buf)
			if n > 0 {
				if p.armed.Load() && p.left.Add(-int64(n)) < 0 && p.armed.CompareAndSwap(true, false) {
					p.cuts.Add(1)
					// Closing with unsent data and no waiting sends a reset.
					client.SetLinger(0)
					up.SetLinger(0)
					client.Close()
					up.Close()
					return
				}
				if _, err := to.Write(buf[:n]); err != nil {
					break
				}
			}
			if err == io.EOF {
				to.CloseWrite()
				return
			}
			if err != nil {
				break
			}
		}
		client.Close()
		up.Close()
	}
	go both(up, client)
	both(client, up)
}

var loopback = regexp.MustCompile(`(127\.0\.0\.1|localhost):\d+`)

// server is the address of the place's server, as its options have it: in one of
// them, or in one called host and one called port. It is "" where there is none.
func (p Place) server() string {
	if p.Options["port"] != "" {
		return net.JoinHostPort("127.0.0.1", p.Options["port"])
	}
	for _, name := range slices.Sorted(maps.Keys(p.Options)) {
		if at := loopback.FindString(p.Options[name]); at != "" {
			return at
		}
	}
	return ""
}

// via gives the place as it is reached through another address.
func (p Place) via(address string) Place {
	_, port, _ := net.SplitHostPort(address)
	options := maps.Clone(p.Options)
	for name, value := range options {
		options[name] = strings.ReplaceAll(value, p.server(), address)
	}
	if options["port"] != "" {
		options["port"] = port
	}
	p.Options = options
	return p
}

// open opens the host from the place's kind and options alone.
func (p Place) open(t testing.TB) (publish.Host, error) { return opener(p.Kind, p.Options) }

// opener is what Main was given.
var opener Opener
