//go:build !linux && !darwin

package pipeline

import "errors"

// exchange is not to be had here; the caller renames twice.
func exchange(string, string) error { return errors.ErrUnsupported }
