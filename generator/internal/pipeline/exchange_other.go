//go:build !linux && !darwin

package pipeline

import (
	"errors"
	"io/fs"
	"os"
)

// exchange is not to be had here; the caller renames twice.
func exchange(string, string) error { return errors.ErrUnsupported }

// readRegular reads a file that is no link. How many names it has is not known here: 0.
func readRegular(name string, into *[]byte) (is regular, err error) {
	info, err := os.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	if err != nil {
		return is, err
	}
	*into, err = os.ReadFile(name)
	return regular{mode: info.Mode()}, err
}

// removeFiles leaves all of a folder to be removed with it.
func removeFiles(string, []string) {}

// idOf cannot tell files here.
func idOf(string) (fileID, error) { return fileID{}, errors.ErrUnsupported }
