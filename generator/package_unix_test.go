//go:build !windows

package main

import (
	"os/exec"
	"syscall"
)

// endsAlone lets a program and what it starts be ended together, by stop.
func endsAlone(cmd *exec.Cmd) (stop func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
