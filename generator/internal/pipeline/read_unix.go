//go:build linux || darwin

package pipeline

import (
	"io"
	"io/fs"

	"golang.org/x/sys/unix"
)

// readRegular reads a file that is no link and nothing else that reading could wait for,
// and tells whether it has one name only. It asks the system for less than package os,
// since a build reads every file of the tree before it.
func readRegular(name string, into *[]byte) (mode fs.FileMode, alone bool, err error) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, false, err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return 0, false, err
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG || stat.Mode&^(unix.S_IFREG|0o777) != 0 {
		return 0, false, fs.ErrInvalid
	}
	if int64(cap(*into)) < stat.Size {
		*into = make([]byte, stat.Size)
	}
	*into = (*into)[:stat.Size]
	for at := 0; at < len(*into); {
		n, err := unix.Read(fd, (*into)[at:])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, false, err
		case n == 0:
			return 0, false, io.ErrUnexpectedEOF
		default:
			at += n
		}
	}
	return fs.FileMode(stat.Mode & 0o777), stat.Nlink == 1, nil
}
