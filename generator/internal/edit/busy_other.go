//go:build !windows

package edit

import (
	"errors"
	"syscall"
)

// busy reports whether a file could not be replaced because a program holds it open,
// which elsewhere than on Windows only some network folders do.
func busy(err error) bool { return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.ETXTBSY) }
