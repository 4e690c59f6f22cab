package main

import "os/exec"

// endsAlone lets a program be ended, by stop.
func endsAlone(cmd *exec.Cmd) (stop func()) { return func() { _ = cmd.Process.Kill() } }
