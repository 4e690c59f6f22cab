package main

import (
	"os/exec"
	"strings"
)

// systemLanguage is the language of macOS, such as zh_CN, which programs that are begun
// by a double click do not find in the environment.
func systemLanguage() string {
	out, err := exec.Command("defaults", "read", "-g", "AppleLocale").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
