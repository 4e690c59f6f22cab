package edit

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/windows"
)

// busy reports whether a file could not be replaced because a program holds it open.
// Windows says “access denied” of some of them.
func busy(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, fs.ErrPermission)
}
