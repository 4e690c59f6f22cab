package edit

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
)

// Author is the name under which this person works, as [SetAuthor] has kept it on this
// machine, and whether anybody has said it; if not, it is that of the account.
func Author() (name string, said bool) {
	if file, err := authorFile(); err == nil {
		if data, err := os.ReadFile(file); err == nil && len(strings.TrimSpace(string(data))) > 0 {
			return strings.TrimSpace(string(data)), true
		}
	}
	u, err := user.Current()
	switch {
	case err != nil:
		return "", false
	case strings.TrimSpace(u.Name) != "":
		return strings.TrimSpace(u.Name), false
	}
	return u.Username, false
}

// SetAuthor keeps a name for this person on this machine, outside the project.
func SetAuthor(name string) error {
	file, err := authorFile()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	name, _ = Clean(name, "")
	return os.WriteFile(file, []byte(strings.Join(strings.Fields(name), " ")+"\n"), 0o600)
}

func authorFile() (string, error) {
	base, err := os.UserConfigDir()
	return filepath.Join(base, "minxi", "author"), err
}
