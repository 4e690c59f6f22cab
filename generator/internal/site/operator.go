package site

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

// Unfilled names the values below [params] in hugo.toml that are empty, in
// alphabetical order: document.signed, icp, sponsor. They are facts about the
// document and the operator that nobody has entered; pages leave them out, and a
// build says so. A file that cannot be read has none: Render tells what is wrong
// with it.
func Unfilled(dir string) []string {
	data, err := os.ReadFile(filepath.Join(dir, "hugo.toml"))
	if err != nil {
		return nil
	}
	var config struct{ Params map[string]any }
	if toml.Unmarshal(data, &config) != nil {
		return nil
	}
	return empty("", config.Params)
}

func empty(prefix string, table map[string]any) (names []string) {
	for _, key := range slices.Sorted(maps.Keys(table)) {
		switch v := table[key].(type) {
		case string:
			if v == "" {
				names = append(names, prefix+key)
			}
		case map[string]any:
			names = append(names, empty(prefix+key+".", v)...)
		}
	}
	return names
}
