package hosttest

import (
	"io"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A Line is the way to a server, which can be disturbed.
type Line struct {
	Address string

	mu     sync.Mutex
	open   []*net.TCPConn
	how    Fault
	ways   Way // of the bytes that count
	left   int64
	hit    chan struct{} // closed when it has happened
	mended chan struct{} // closed by Repair
	resets atomic.Int64
}

// A Way is to the server, or from it.
type Way int

const (
	Up Way = 1 << iota
	Down
)

// A Fault is what happens to a line.
type Fault string

const (
	Reset  Fault = "reset"  // one connection is reset, and the others go on
	Cut    Fault = "cut"    // all connections end, and nothing passes
	Freeze Fault = "freeze" // nothing passes, and nothing ends
)

// NewLine makes a line to a server, until the test ends.
func NewLine(t testing.TB, server string) *Line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Line{Address: listener.Addr().String(), mended: make(chan struct{})}
	t.Cleanup(func() {
		listener.Close()
		l.Repair()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(client.(*net.TCPConn), server)
		}
	}()
	return l
}

// After lets n more bytes pass in these ways. What comes back is closed when the fault
// has happened.
func (l *Line) After(ways Way, n int64, how Fault) (hit chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ways, l.left, l.how, l.hit = ways, n, how, make(chan struct{})
	return l.hit
}

// Repair ends all connections; new ones are not disturbed.
func (l *Line) Repair() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closeAll()
	l.how = ""
	close(l.mended)
	l.mended = make(chan struct{})
}

func (l *Line) closeAll() {
	for _, c := range l.open {
		c.Close()
	}
	l.open = nil
}

func (l *Line) carry(client *net.TCPConn, address string) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		client.Close()
		return
	}
	server := c.(*net.TCPConn)
	l.mu.Lock()
	l.open = append(l.open, client, server)
	l.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { l.pass(server, client, Up) })
	both.Go(func() { l.pass(client, server, Down) })
	both.Wait()
	client.Close()
	server.Close()
}

func (l *Line) pass(to, from *net.TCPConn, way Way) {
	buffer := make([]byte, 2048)
	for {
		n, err := from.Read(buffer)
		if n > 0 && l.disturbed(to, from, way, n) {
			return
		}
		if _, failed := to.Write(buffer[:n]); failed != nil || err != nil && err != io.EOF {
			to.Close()
			from.Close()
			return
		}
		if err == io.EOF {
			to.CloseWrite()
			return
		}
	}
}

// disturbed reports whether n bytes do not pass any more.
func (l *Line) disturbed(to, from *net.TCPConn, way Way, n int) bool {
	l.mu.Lock()
	if l.how != "" && l.ways&way != 0 {
		l.left -= int64(n)
	}
	if l.how == "" || l.left >= 0 {
		l.mu.Unlock()
		return false
	}
	select {
	case <-l.hit:
	default:
		close(l.hit)
	}
	mended := l.mended
	switch l.how {
	case Reset:
		l.how = ""
		l.resets.Add(1)
		l.mu.Unlock()
		// Closing with unsent data and no waiting sends a reset.
		for _, c := range []*net.TCPConn{from, to} {
			_ = c.SetLinger(0)
			c.Close()
		}
		return true
	case Cut:
		l.closeAll()
	}
	l.mu.Unlock()
	<-mended
	return true
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

// Through gives the options as the place is reached by a line, which it makes.
func (p Place) Through(t testing.TB) (*Line, map[string]string) {
	t.Helper()
	l := NewLine(t, p.server())
	return l, p.via(l.Address).Options
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
