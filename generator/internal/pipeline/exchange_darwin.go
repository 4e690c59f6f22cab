package pipeline

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// exchange swaps two folders in one step (renamex_np, RENAME_SWAP).
func exchange(a, b string) error {
	return unix.RenamexNp(a, b, unix.RENAME_SWAP)
}

// alone reports whether a file has one name only.
func alone(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink == 1
}
