package hosts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"minxi/generator/internal/publish/hosttest"
)

const rsyncPassword = "geheim-1"

var (
	rsyncDaemonBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		s := hosttest.Server(t, "rsyncd", "PASSWORD="+rsyncPassword)
		return rsyncPlace(s.Site, "rsync://alice@"+s.Address+"/site/", "password", rsyncPassword)
	}}
	rsyncPathBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		hosttest.Program(t, "rsync")
		dir := filepath.Join(t.TempDir(), "a: b")
		return rsyncPlace(dir, dir+"/")
	}}
	rsyncSSHBench = hosttest.Bench{Fresh: func(t testing.TB) hosttest.Place {
		hosttest.Program(t, "rsync")
		options, dir := startSSH(t), t.TempDir()
		for file, text := range map[string]string{"user": options["key"], "other": keyText(sshKeys().ed25519, ""),
			"known": fmt.Sprintf("[127.0.0.1]:%s %s\n", options["port"], options["host_key"]), "wrong": fmt.Sprintf("[127.0.0.1]:%s %s\n", options["port"], publicText(sshKeys().user))} {
			must(os.Chmod(write(dir, file, text), 0o600))
		}
		return rsyncPlace(dir, options["user"]+"@127.0.0.1:"+dir+"/",
			"ssh", fmt.Sprintf("-p %s -F none -i %s/user -o IdentitiesOnly=yes -o UserKnownHostsFile=%[2]s/known", options["port"], dir))
	}}
)

// rsyncPlace is a folder that is not there yet.
func rsyncPlace(root, dest string, options ...string) hosttest.Place {
	name := fmt.Sprintf("site-%d", nth.Add(1))
	dir := filepath.Join(root, name)
	return hosttest.Place{Kind: "rsync", Options: with(map[string]string{"dest": dest + name}, options...), Disk: dir, Read: hosttest.ReadDisk(dir)}
}

func TestRsync(t *testing.T) {
	for name, bench := range map[string]hosttest.Bench{"daemon": rsyncDaemonBench, "path": rsyncPathBench} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait more than they work
			hosttest.Contract(t, bench)
		})
	}
}

// Names that rsync, a shell or a list of names could take for something else. This
// is also what shows that each operation works over ssh, where the whole contract
// would take long: a run there is a login.
func TestRsyncNames(t *testing.T) {
	for name, bench := range map[string]hosttest.Bench{"daemon": rsyncDaemonBench, "ssh": rsyncSSHBench, "path": rsyncPathBench} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			awkwardNames(t, bench.Fresh(t), "#comment", ";comment", "-rf", "*", "[a]", "a", "back\\#043slash", "line\nbreak", " space ", "$(x) `y` 'z'", "host:file", "中文 \u202e", "\xff", `\#999`)
		})
	}
}

// What was gathered is seen when it is sent, and not before.
func TestRsyncGathers(t *testing.T) {
	p := rsyncDaemonBench.Fresh(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	h := editOf(t, p)
	stage(t, h, "zh/old.html", "old")
	show(t, h, "zh/page.html", "old")
	stage(t, h, "zh/page.html", "new page")
	stage(t, h, "zh/new.html", "new")
	stage(t, h, "zh/fleeting.html", "new")
	for _, name := range []string{"zh/old.html", "zh/fleeting.html", "zh/nothing.html"} {
		must(h.Delete(t.Context(), name))
	}
	sees := func(h *hosttest.Edit, texts map[string]string) {
		t.Helper()
		for _, name := range []string{"zh/old.html", "zh/page.html", "zh/new.html", "zh/fleeting.html"} {
			st, err := h.Stat(t.Context(), name)
			if want, there := texts[name]; !there {
				if !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("Stat %s: %v, %v", name, st, err)
				}
			} else if holds(t, h, name, want); err != nil || st.Size != int64(len(want)) {
				t.Errorf("Stat %s: %v, %v", name, st, err)
			}
		}
		if names, err := h.List(t.Context(), "zh"); err != nil || len(names) != len(texts) {
			t.Errorf("List: %q, %v", names, err)
		}
	}
	sees(editOf(t, p), map[string]string{"zh/old.html": "old", "zh/page.html": "old"})
	settle(t, h)
	for _, h := range []*hosttest.Edit{h, editOf(t, p)} {
		sees(h, map[string]string{"zh/page.html": "new page", "zh/new.html": "new"})
	}
	if got := filesIn(t, p.Disk); got != "zh/new.html zh/page.html" {
		t.Errorf("on the server's disk are %s", got)
	}
	// The same size within the same second is still another file.
	stage(t, h, "zh/page.html", "new face")
	now := time.Now()
	spooled, _ := filepath.Glob(filepath.Join(temp, "minxi-rsync-*", "put", "zh", "page.html"))
	for _, file := range append(spooled, filepath.Join(p.Disk, "zh/page.html")) {
		must(os.Chtimes(file, now, now))
	}
	settle(t, h)
	if reads(t, p, "zh/page.html", "new face"); len(spooled) != 1 {
		t.Errorf("spooled was %q", spooled)
	}
	h.Close()
	if left, _ := filepath.Glob(filepath.Join(temp, "minxi-rsync-*", "put", "zh")); len(left) != 0 {
		t.Errorf("after Close there is %q", left)
	}
}

// noise does not get smaller on the way, and no part of it is like another.
func noise(seed uint64, size int) string {
	data := make([]byte, size)
	for i := range data {
		seed = seed*6364136223846793005 + 1442695040888963407
		data[i] = byte(seed >> 56)
	}
	return string(data)
}

// A connection that breaks leaves the old bytes under every name. The next run of
// the same names takes away what it left.
func TestRsyncCutOff(t *testing.T) {
	p := rsyncDaemonBench.Fresh(t)
	h := editOf(t, p)
	names := []string{"a.html", "zh/b.html", "zh/c.html"}
	for i, name := range names {
		stage(t, h, name, noise(uint64(i), 200_000))
	}
	settle(t, h)
	// Somewhere in the second file; the first has arrived and waits.
	line, options := p.Through(t)
	line.After(hosttest.Up, 350_000, hosttest.Cut)
	cut := edit(t, "rsync", options)
	for i, name := range names {
		stage(t, cut, name, noise(uint64(i+10), 200_000))
	}
	wants(t, cut.Settle(t.Context()), false, "rsync code")
	for i, name := range names {
		reads(t, p, name, noise(uint64(i), 200_000))
	}
	waitFor(t, "a leftover", func() bool { return strings.Contains(filesIn(t, p.Disk), rsyncPartial) })
	for folder, want := range map[string]int{".": 1, "zh": 2} {
		if got, err := h.List(t.Context(), folder); err != nil || len(got) != want {
			t.Errorf("List %s: %q, %v", folder, got, err)
		}
	}
	stage(t, h, "a.html", "x")
	must(h.Delete(t.Context(), "zh/b.html"))
	show(t, h, "zh/c.html", "x")
	if got := filesIn(t, p.Disk); got != "a.html zh/c.html" {
		t.Errorf("on the server's disk are %s", got)
	}
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("waited for %s", what)
}

// When we are killed, the rsync that we have started does not go on, and our spool
// goes with the next process.
func TestRsyncKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a process that its parent has died")
	}
	if dest := os.Getenv("MINXI_RSYNC_KILLED"); dest != "" {
		h := edit(t, "rsync", map[string]string{"dest": dest, "password": rsyncPassword})
		stage(t, h, "page.html", noise(2, 3_000_000))
		t.Fatal(h.Settle(context.Background()))
	}
	p := rsyncDaemonBench.Fresh(t)
	show(t, editOf(t, p), "page.html", "old")
	line, options := p.Through(t)
	midway := line.After(hosttest.Up, 1_000_000, hosttest.Freeze)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	cmd := exec.Command(os.Args[0], "-test.run=^TestRsyncKilled$")
	cmd.Env = append(os.Environ(), "MINXI_RSYNC_KILLED="+options["dest"])
	must(cmd.Start())
	select {
	case <-midway:
	case <-time.After(time.Minute):
		t.Error("the transfer did not come so far")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	waitFor(t, "the end of rsync", func() bool {
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range lines {
			if text, _ := os.ReadFile(file); strings.Contains(string(text), line.Address) {
				return false
			}
		}
		return true
	})
	line.Repair() // the daemon hears of it
	reads(t, p, "page.html", "old")
	spools := func(want int) {
		t.Helper()
		if left, _ := filepath.Glob(filepath.Join(temp, "minxi-rsync-*")); len(left) != want {
			t.Errorf("spools: %q", left)
		}
	}
	spools(1)
	other, third := editOf(t, p), editOf(t, p)
	stage(t, other, "page.html", "new")
	stage(t, third, "page.html", "newer") // takes no spool that is in use
	spools(2)
	settle(t, other)
	settle(t, third)
	waitFor(t, "the daemon to tidy up", func() bool { return filesIn(t, p.Disk) == "page.html" })
	reads(t, p, "page.html", "newer")
}

func TestRsyncCancelled(t *testing.T) {
	line, options := rsyncDaemonBench.Fresh(t).Through(t)
	ctx, cancel := context.WithCancel(t.Context())
	hit := line.After(hosttest.Up, 100_000, hosttest.Freeze) // a server that says nothing more
	go func() {
		<-hit
		cancel()
	}()
	h := edit(t, "rsync", options)
	stage(t, h, "page.html", noise(1, 3_000_000))
	if err := h.Settle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Settle: %v", err)
	}
}

func TestRsyncErrors(t *testing.T) {
	daemon, ssh := rsyncDaemonBench.Fresh(t).Options, rsyncSSHBench.Fresh(t).Options
	port := daemon["dest"][strings.LastIndex(daemon["dest"], ":")+1 : strings.Index(daemon["dest"], "/site/")]
	change := func(options map[string]string, name, old, new string) map[string]string {
		return with(options, name, strings.Replace(options[name], old, new, 1))
	}
	nobody := strconv.Itoa(hosttest.Port(t))
	for name, c := range map[string]struct {
		options map[string]string
		final   bool
		says    string
	}{
		"wrong password":   {with(daemon, "password", "geheim-2"), true, "look at user, password and module (rsync code 5): auth failed"},
		"no password":      {with(daemon, "password", ""), true, "auth failed"},
		"no module":        {change(daemon, "dest", "/site/", "/nothing/"), true, "Unknown module"},
		"too many clients": {change(daemon, "dest", "/site/", "/full/"), false, "max connections"},
		"no daemon":        {change(daemon, "dest", port, nobody), false, "cannot connect; is the daemon running, and the address right? (rsync code 10)"},
		"no rsync":         {change(daemon, "dest", port, startSSH(t)["port"]), true, "(rsync code 5)"},
		"wrong host key":   {change(ssh, "ssh", "/known", "/wrong"), true, "HOST IDENTIFICATION HAS CHANGED"},
		"unknown host":     {change(ssh, "ssh", "/known", "/nothing"), true, "Host key verification failed"},
		"wrong key":        {change(ssh, "ssh", "/user", "/other"), true, "Permission denied"},
		"no ssh":           {change(ssh, "ssh", "-p "+startSSH(t)["port"], "-p "+nobody), false, "Connection refused"},
	} {
		t.Run(name, func(t *testing.T) { turnsAway(t, "rsync", c.options, c.final, c.says) })
	}
	// These can be looked at. Two folders are too many to be made.
	for where, says := range map[string]string{"/readonly/": "read only", "/site/no/thing/": "mkdir"} {
		wants(t, edit(t, "rsync", change(daemon, "dest", "/site/", where)).PutText(t.Context(), "page.html", "x"), true, says)
	}
}

// The password is nowhere but in the environment of the program, which is free of
// what would change how it reads names. Files that are asked for together, or while it
// runs, come by one run.
func TestRsyncRuns(t *testing.T) {
	p := rsyncDaemonBench.Fresh(t)
	bin, log := t.TempDir(), filepath.Join(t.TempDir(), "log")
	must(os.Chmod(write(bin, "rsync", fmt.Sprintf("#!/bin/sh\n{ echo \"run $*\"; env | grep -e ^RSYNC_ -e ^LC_ALL; } >>'%s'\nexec '%s' \"$@\"\n", log, hosttest.Program(t, "rsync"))), 0o755))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("RSYNC_ICONV", "utf8,gbk")
	t.Setenv("RSYNC_PASSWORD", "another")
	t.Setenv("LC_ALL", "zh_CN.UTF-8")
	h := editOf(t, p)
	for i := range 40 {
		stage(t, h, fmt.Sprintf("%d.html", i), fmt.Sprint(i))
	}
	settle(t, h)
	said := string(must2(os.ReadFile(log)))
	if n := strings.Count(said, "run "); n != 1 || strings.Contains(said, "ICONV") || strings.Contains(said, "another") || strings.Contains(said, "zh_CN") ||
		strings.Count(said, rsyncPassword) != 1 || !strings.Contains(said, "\nRSYNC_PASSWORD="+rsyncPassword) {
		t.Errorf("%d runs, %s", n, strings.ReplaceAll(said, rsyncPassword, "…"))
	}
	must(os.Remove(log))
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() { holds(t, h, fmt.Sprintf("%d.html", i), fmt.Sprint(i)) })
	}
	all.Go(func() {
		if _, err := h.Text("none.html"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Get of nothing: %v", err)
		}
	})
	must(os.Symlink("loop", filepath.Join(p.Disk, "loop")))
	all.Go(func() { // one that fails takes no other along
		if _, err := h.Text("loop/x"); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Get of what cannot be reached: %v", err)
		}
	})
	all.Wait()
	if n := strings.Count(string(must2(os.ReadFile(log))), "run "); n > 8 {
		t.Errorf("42 files took %d runs", n)
	}
}
