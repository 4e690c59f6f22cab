//go:build !windows

package hosts

import "os"

// Where links can be made and replaced, there is nothing else to try.

func linkInstead(_, _, _ string, err error) error { return err }

func renameOver(_ *os.Root, _, _ string, err error) error { return err }

func linkTarget(_, to string) string { return to }
