//go:build !linux && !freebsd && !windows

package hosts

import (
	"os/exec"
	"syscall"
)

// endsWithUs makes a program that is going to be started a session of its own, so that
// the programs which it starts end together with it. Should this process be killed,
// they find their pipes closed.
func endsWithUs(cmd *exec.Cmd, _ syscall.Signal) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
