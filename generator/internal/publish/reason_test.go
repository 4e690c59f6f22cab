package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"minxi/generator/internal/diag"
)

// TestReasonOf takes real errors of the system and of Go's library, wrapped as
// hosts wrap them.
func TestReasonOf(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	_, refused := net.Dial("tcp", closed.Addr().String())

	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	client := http.Client{Timeout: 20 * time.Millisecond}
	_, late := client.Get("http://" + silent.Addr().String())

	_, missing := exec.LookPath(filepath.Join(t.TempDir(), "none"))
	_, noProgram := exec.LookPath("minxi-no-such-program")
	over, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()

	for _, c := range []struct {
		err  error
		want Reason
	}{
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, NoRoom},
		{refused, Unreachable},
		{late, Silent},
		{over.Err(), Silent},
		{noProgram, NoProgram},
		{missing, ""},
		{&net.DNSError{Err: "no such host", Name: "example.invalid", IsNotFound: true}, Unreachable},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, NotAllowed},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, CutOff},
		{errors.New("something else"), ""},
		{nil, ""},
		// What a host knows counts more than what is below it.
		{errors.Join(syscall.ECONNRESET, Because(NoRoom, errors.New("451"))), NoRoom},
		{Final(Because(BadLogin, syscall.ECONNRESET)), BadLogin},
		{Because("", syscall.ECONNRESET), CutOff},
		{Because(StatusReason(http.StatusInsufficientStorage), errors.New("507")), NoRoom},
		{Because(StatusReason(http.StatusBadGateway), errors.New("502")), Faulty},
		{Because(StatusReason(http.StatusTeapot), errors.New("418")), ""},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("put zh/index.html: %w", err)
		}
		if got := ReasonOf(err); got != c.want {
			t.Errorf("%v: reason %q, want %q", err, got, c.want)
		}
	}
	if Because(NoRoom, nil) != nil {
		t.Error("a reason made an error of nothing")
	}
}

// TestDetail wants our own words in both languages, and of others' errors no name of
// our operations where people read Chinese.
func TestDetail(t *testing.T) {
	for _, c := range []struct {
		err    error
		zh, en string
	}{
		{&triedError{"look at", "zh/a.html", fmt.Errorf("read zh/a.html: %w", syscall.EIO)}, "zh/a.html：input/output error", "look at zh/a.html: read zh/a.html: input/output error"},
		{&triedError{"flush", "", Because(Refused, errors.New("550 no"))}, "550 no", "flush: 550 no"},
		{&triedError{"put", "x", Final(diag.Diagnostic{Fact: diag.Text("不行", "no")})}, "不行", "no"},
		{errors.Join(errors.New("one"), errors.New("two")), "one；two", "one; two"},
		{fmt.Errorf("connect: %w", &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, Err: syscall.ECONNREFUSED}),
			"dial tcp 127.0.0.1:1: connection refused", "connect: dial tcp 127.0.0.1:1: connection refused"},
	} {
		if got := Detail(c.err); got.ZH != c.zh || got.EN != c.en {
			t.Errorf("%v: %q", c.err, got)
		}
	}
}

// TestExplain wants every reason to be told in both languages, with what to do.
func TestExplain(t *testing.T) {
	for why := range reasons {
		fact, hint := Explain(Because(why, errors.New("x")))
		for _, text := range []string{fact.ZH, fact.EN, hint.ZH, hint.EN} {
			if text == "" || strings.Contains(text, "%!") {
				t.Errorf("%s: %q, %q", why, fact, hint)
			}
		}
		if !strings.Contains(hint.ZH, "再运行一次") || !strings.Contains(hint.EN, "run the command again") {
			t.Errorf("%s does not say how to carry on: %q", why, hint)
		}
	}
	general, _ := Explain(errors.New("x"))
	if general.ZH == "" || general == reasons[NoRoom].fact {
		t.Errorf("an error nobody knows: %q", general)
	}
}
