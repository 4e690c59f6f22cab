//go:build linux || freebsd

package hosts

import (
	"os/exec"
	"syscall"
)

// endsWithUs makes a program that is going to be started a session of its own, so
// that the programs which it starts end together with it, and end by a signal when this
// process does, even by SIGKILL: a push that went on by itself would look like
// somebody else's to the next publish. (The signal comes when the thread ends that has
// started the program. Go keeps its threads.)
func endsWithUs(cmd *exec.Cmd, last syscall.Signal) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: last}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
