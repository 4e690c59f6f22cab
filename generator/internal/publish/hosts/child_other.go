//go:build !linux

package hosts

import "os/exec"

// endsWithUs ends a program alone when its context ends; the programs that it has
// started find their pipes closed.
func endsWithUs(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Kill() }
}
