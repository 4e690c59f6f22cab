//go:build !windows

package held

import "errors"

// inUse is empty: what is open can be renamed and removed.
var inUse []error

var unable = errors.ErrUnsupported

func tryAlone(string) error { return nil }

func holders(string) []string { return nil }
