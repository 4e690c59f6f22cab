//go:build linux || darwin

package pipeline

import (
	"io"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// readRegular reads a file that is no link and nothing else that reading could wait for. It asks the system for less than package os,
// since a build reads every file of the tree before it.
func readRegular(name string, into *[]byte) (is regular, err error) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return is, err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return is, err
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG || stat.Mode&^(unix.S_IFREG|0o777) != 0 {
		return is, fs.ErrInvalid
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
			return is, err
		case n == 0:
			return is, io.ErrUnexpectedEOF
		default:
			at += n
		}
	}
	return regular{fs.FileMode(stat.Mode & 0o777), int(stat.Nlink), fileID{uint64(stat.Dev), stat.Ino}}, nil
}

// idOf tells which file goes by a name.
func idOf(name string) (id fileID, err error) {
	var stat unix.Stat_t
	err = unix.Lstat(name, &stat)
	return fileID{uint64(stat.Dev), stat.Ino}, err
}

// removeFiles removes files below a folder, in the order of their names, and the folders
// that are empty after that. It goes through no link, and tells of nothing: whatever it
// could not remove is left to be looked for.
func removeFiles(dir string, names []string) {
	type folder struct {
		name string // below dir, with a slash at its end; "" of dir itself
		fd   int
	}
	const only = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Open(dir, only, 0)
	if err != nil {
		return
	}
	inside := []folder{{"", fd}} // each in the one before
	leave := func() {
		last := inside[len(inside)-1]
		unix.Close(last.fd)
		if inside = inside[:len(inside)-1]; len(inside) > 0 {
			unix.Unlinkat(inside[len(inside)-1].fd, path.Base(last.name), unix.AT_REMOVEDIR)
		}
	}
	for _, name := range names {
		for !strings.HasPrefix(name, inside[len(inside)-1].name) {
			leave()
		}
		for {
			in := inside[len(inside)-1]
			next, _, deeper := strings.Cut(name[len(in.name):], "/")
			if !deeper {
				unix.Unlinkat(in.fd, next, 0)
				break
			}
			if fd, err = unix.Openat(in.fd, next, only, 0); err != nil {
				break
			}
			inside = append(inside, folder{in.name + next + "/", fd})
		}
	}
	for len(inside) > 0 {
		leave()
	}
}
