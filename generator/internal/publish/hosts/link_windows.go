package hosts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// linkInstead makes a junction where Windows lets only administrators make symbolic
// links, and developers who have asked for it. A junction needs no right, leads to
// folders of this computer only, and is what a web server follows just as well.
func linkInstead(dir, target, name string, err error) error {
	if !errors.Is(err, windows.ERROR_PRIVILEGE_NOT_HELD) {
		return err
	}
	said, failed := exec.Command("cmd", "/c", "mklink", "/J", filepath.Join(dir, name), filepath.Join(dir, target)).CombinedOutput()
	if failed != nil {
		return fmt.Errorf("%w (mklink: %s)", err, strings.TrimSpace(string(said)))
	}
	return nil
}

// renameOver puts a link in the place of another: where Windows does not replace one
// that is a folder to it, the old one goes first, and readers may meet a moment without.
func renameOver(r *os.Root, from, to string, err error) error {
	info, lost := r.Lstat(to)
	if lost != nil || info.Mode()&(os.ModeSymlink|os.ModeIrregular) == 0 {
		return err
	}
	if r.Remove(to) != nil {
		return err
	}
	return r.Rename(from, to)
}

// linkTarget is where a link leads, from dir: a junction has the whole path.
func linkTarget(dir, to string) string {
	if rel, err := filepath.Rel(dir, to); filepath.IsAbs(to) && err == nil {
		return rel
	}
	return to
}
