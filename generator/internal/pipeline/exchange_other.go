//go:build !linux && !darwin

package pipeline

import (
	"errors"
	"io/fs"
)

// exchange is not to be had here; the caller renames twice.
func exchange(string, string) error { return errors.ErrUnsupported }

// alone is not known here.
func alone(fs.FileInfo) bool { return false }
