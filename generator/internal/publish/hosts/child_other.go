//go:build !linux && !freebsd

package hosts

import (
	"os/exec"
	"syscall"
)

// endsWithUs ends a program alone when its context ends; the programs that it has
// started find their pipes closed.
func endsWithUs(cmd *exec.Cmd, _ syscall.Signal) {
	cmd.Cancel = func() error { return cmd.Process.Kill() }
}
