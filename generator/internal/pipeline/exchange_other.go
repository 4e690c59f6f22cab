//go:build !linux && !darwin

package pipeline

import (
	"errors"
	"io/fs"
	"os"
)

// exchange is not to be had here; the caller renames twice.
func exchange(string, string) error { return errors.ErrUnsupported }

// readRegular reads a file that is no link. Whether it has one name only is not known here.
func readRegular(name string, into *[]byte) (mode fs.FileMode, alone bool, err error) {
	info, err := os.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	if err != nil {
		return 0, false, err
	}
	*into, err = os.ReadFile(name)
	return info.Mode(), false, err
}

// removeFiles leaves all of a folder to be removed with it.
func removeFiles(string, []string) {}
