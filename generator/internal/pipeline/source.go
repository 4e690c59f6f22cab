package pipeline

// What a build takes from the project folder as it is, and what it must not take:
// a symbolic link that leads out of the project would publish files of the machine.

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
)

// sourceDirs are the folders of a project that a build reads.
var sourceDirs = []string{"content", "seeds", "themes", "static", "layouts", "i18n", "assets"}

// outsiders finds the links in a project's folders that leave it or lead nowhere.
func outsiders(dir string) (found diag.List) {
	for _, part := range sourceDirs {
		_, list := files(dir, filepath.Join(dir, part))
		found = append(found, list...)
	}
	return found.Sort()
}

// staticDirs lists the folders whose files go into the site as they are, later
// ones over earlier.
func staticDirs(dir string) []string {
	dirs, _ := filepath.Glob(filepath.Join(dir, "themes", "*", "static"))
	return append(dirs, filepath.Join(dir, "static"))
}

// staticFiles lists the files that go into the site as they are, by their name in
// it; the project's own win over the theme's.
func staticFiles(dir string) (map[string]string, error) {
	all := map[string]string{}
	for _, root := range staticDirs(dir) {
		names, found := files(dir, root)
		if err := found.Err(); err != nil {
			return nil, err
		}
		for _, name := range names {
			if filepath.Base(name) != ".DS_Store" {
				rel, err := filepath.Rel(root, name)
				if err != nil {
					return nil, err
				}
				all[filepath.ToSlash(rel)] = name
			}
		}
	}
	return all, nil
}

// files lists the files below root, through links that stay in the project, and
// tells of links that do not.
func files(project, root string) (names []string, found diag.List) {
	home, err := filepath.EvalSymlinks(project)
	if err != nil {
		home = project
	}
	var walk func(dir, name string, through []string)
	walk = func(dir, name string, through []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				found = append(found, diag.From(err)...)
			}
			return
		}
		for _, e := range entries {
			at, shown := filepath.Join(dir, e.Name()), filepath.Join(name, e.Name())
			if e.Type()&fs.ModeSymlink == 0 {
				if e.IsDir() {
					walk(at, shown, through)
				} else {
					names = append(names, shown)
				}
				continue
			}
			real, err := filepath.EvalSymlinks(at)
			info, statErr := os.Stat(at)
			switch {
			case err != nil || statErr != nil:
				found = append(found, badLink(project, shown, diag.Text("这个链接无处可去", "this link leads nowhere")))
			case !holds(home, real):
				found = append(found, badLink(project, shown, diag.Text("这个链接指向项目以外：%s", "this link leads out of the project: %s", filepath.ToSlash(real))))
			case !info.IsDir():
				names = append(names, shown)
			case slices.Contains(through, real):
				found = append(found, badLink(project, shown, diag.Text("这个链接绕回了自己", "this link leads round in a circle")))
			default:
				walk(real, shown, append(slices.Clone(through), real))
			}
		}
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		// Some systems cannot say where a folder really is (Windows on some network drives,
		// Wine): one that is no link itself is taken as it stands.
		if info, is := os.Lstat(root); is != nil || !info.IsDir() {
			return nil, nil
		}
		real = root
	} else if !holds(home, real) {
		return nil, diag.List{badLink(project, root, diag.Text("这个链接指向项目以外：%s", "this link leads out of the project: %s", filepath.ToSlash(real)))}
	}
	walk(real, root, []string{real})
	return names, found
}

func badLink(project, name string, fact struct{ ZH, EN string }) diag.Diagnostic {
	if rel, err := filepath.Rel(project, name); err == nil {
		name = rel
	}
	return diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(name)}, Check: "source", Fact: fact,
		Hint: diag.Text("请把要用的文件复制进来，并删去这个链接。", "Copy what is needed into the project, and remove the link.")}
}

// holds reports whether a path is a folder or something in it.
func holds(dir, name string) bool {
	rel, err := filepath.Rel(dir, name)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// ownDirs are the folders of a project that no build may write into.
var ownDirs = append([]string{"generator", "docs", ".git", ".ci"}, sourceDirs...)

// CheckTarget refuses a folder to write that is the project, holds it, or is one of
// its own folders or something in them. It changes nothing.
func CheckTarget(dir, target string) error {
	home, to := existing(dir), existing(target)
	refuse := func(fact struct{ ZH, EN string }) error {
		return diag.Diagnostic{Check: "usage", Fact: fact,
			Hint: diag.Text("请写到单独的文件夹，如 --out public。", "Write to a folder of its own, such as --out public.")}
	}
	if holds(to, home) {
		return refuse(diag.Text("--out 是项目文件夹，或包着它", "--out is the project's folder, or holds it"))
	}
	for _, own := range ownDirs {
		if part := existing(filepath.Join(dir, own)); holds(part, to) || holds(to, part) {
			return refuse(diag.Text("--out 在项目自己的文件夹 %s 里", "--out is in %s, a folder of the project itself", own))
		}
	}
	return nil
}

// existing resolves the links of a path as far as it is there.
func existing(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	parent := filepath.Dir(name)
	if parent == name {
		return name
	}
	return filepath.Join(existing(parent), filepath.Base(name))
}
