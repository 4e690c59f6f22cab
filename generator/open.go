package main

import (
	"fmt"
	"os/exec"
	"runtime"
)

// openers are the programs that open an address in the browser of one's choice.
var openers = map[string][]string{
	"windows": {"rundll32", "url.dll,FileProtocolHandler"},
	"darwin":  {"open"},
}

// openBrowser opens an address in the browser. That it cannot is said, with what to do.
func (a *app) openBrowser(address string) {
	command, ok := openers[runtime.GOOS]
	if !ok {
		command = []string{"xdg-open"}
	}
	cmd := exec.Command(command[0], append(command[1:], address)...)
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(a.err, a.say("打不开浏览器；请自己打开 %s", "no browser could be opened: open %s yourself", address))
		return
	}
	go func() { _ = cmd.Wait() }() // how a browser ends is its own affair
}

// welcome says what a double click has begun, to who has never seen a terminal.
func (a *app) welcome(address string) {
	fmt.Fprintln(a.out, a.say(`
  编辑器已经打开：%s
  浏览器里没有出现的话，请把这个网址抄进去。
  它只在这台电脑上运行，不需要上网；改动存在旁边的 project 文件夹里。
  用完以后关掉这个窗口。
`, `
  The editor is open: %s
  If no browser window has come up, type this address into one.
  It runs on this computer only and needs no network; changes are kept in the folder
  project beside it. Close this window when you are done.
`, address))
}
