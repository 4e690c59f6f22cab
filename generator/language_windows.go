package main

import "golang.org/x/sys/windows"

// systemLanguage is the language of Windows itself, such as zh-CN: no variable of the
// environment has it there.
func systemLanguage() string {
	names, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[0]
}
