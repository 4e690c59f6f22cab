package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minxi/generator/internal/plan"
	"minxi/generator/internal/preview"
)

// TestOpens opens the browser, quiet or not, and gives it an address that works once.
func TestOpens(t *testing.T) {
	for _, quiet := range []bool{true, false} {
		dir := t.TempDir()
		asked := filepath.Join(dir, "asked")
		if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" >"+asked+".new && mv "+asked+".new "+asked+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
		var out bytes.Buffer
		a := &app{lang: plan.EN, quiet: quiet, out: &out, err: &out}
		a.started(&preview.Server{Key: preview.NewKey()}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1313}, true)
		var address []byte
		for end := time.Now().Add(10 * time.Second); len(address) == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			address, _ = os.ReadFile(asked) // not there yet
		}
		if !strings.HasPrefix(string(address), "http://127.0.0.1:1313/__preview/start?once=") {
			t.Errorf("quiet %v: the browser was given %q", quiet, address)
		}
		if said := out.String(); quiet != (said == "") {
			t.Errorf("quiet %v: it says %q", quiet, said)
		}
	}
}
