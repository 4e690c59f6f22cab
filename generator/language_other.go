//go:build !windows && !darwin

package main

// systemLanguage is in the environment here, and nowhere else.
func systemLanguage() string { return "" }
