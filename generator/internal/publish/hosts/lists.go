package hosts

// What the hosts share that hold a list of all their files, because their own protocol
// wants one whole: Git, Netlify, zip. A list is by names within folder.

import (
	"fmt"
	"io/fs"
	"maps"
	"path"

	"minxi/generator/internal/publish"
)

// namesIn gives the names of the files directly in a folder of the site.
func namesIn[T any](files map[string]T, folder, dir string) (names []string) {
	for name := range files {
		if path.Dir(name) == path.Join(folder, dir) {
			names = append(names, path.Join(dir, path.Base(name)))
		}
	}
	return names
}

// coming lists the files that a deployment leads to from those that are live. added makes
// an entry of what is new.
func coming[T any](live map[string]T, folder string, d publish.Deployment, added func(publish.Placed) (T, error)) (map[string]T, error) {
	files := maps.Clone(live)
	for name, err := range d.Drops {
		if err != nil {
			return nil, err
		}
		delete(files, path.Join(folder, name))
	}
	for p, err := range d.Puts {
		f, ok := live[path.Join(folder, p.Live)]
		switch {
		case err != nil:
		case p.Live == "":
			f, err = added(p)
		case !ok:
			err = fmt.Errorf("%s: %w", p.Live, fs.ErrNotExist)
		}
		if err != nil {
			return nil, err
		}
		files[path.Join(folder, p.Path)] = f
	}
	return files, nil
}
