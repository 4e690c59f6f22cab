package pipeline

// The site as one file, to be unpacked and read without a network.

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/offline"
	"minxi/generator/internal/proof"
)

// WriteZip writes the tree that a build has left in a folder as a zip for readers
// without a network. One that is there already of the same tree is left, and made is
// false.
func WriteZip(o Options, res *Result, dir, file string) (made bool, err error) {
	list, err := os.ReadFile(filepath.Join(dir, marker))
	if err != nil {
		return false, err
	}
	key := ""
	if o.Key != nil {
		key = o.Key.Public()
	}
	comment := fmt.Sprintf("minxi offline %x", sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", o.Version, key, list)))
	if have, err := zip.OpenReader(file); err == nil {
		same := have.Comment == comment && o.Version != ""
		have.Close()
		if same {
			return false, nil
		}
	} else if info, e := os.Stat(file); e == nil && info.Size() > 0 {
		return false, diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(file)}, Check: "output",
			Fact: diag.Text("这里有一个不是 zip 的文件，没有动它", "there is a file here that is no zip; it was left alone"),
			Hint: diag.Text("请用 --offline 另选一个名字。", "Choose another name with --offline.")}
	}
	day, err := time.Parse(time.DateOnly, res.Published)
	if err != nil {
		day = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // the first that a zip can tell
	}
	proofs := map[string]bool{}
	for _, path := range o.proofs() {
		proofs[address.File(path)] = true
	}
	tree, hashes, files := os.DirFS(dir), proof.List{SM3: o.sm3()}, 0
	z := offline.Zip{
		Folder: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), Comment: comment, Day: day,
		Leave: func(name string) bool { return proofs[name] || offline.ForHosts(tree, name) },
		Seen:  func(name string, data []byte) { hashes.Add(name, data); files++ },
		After: func(add func(string, []byte) error) error {
			return o.prove(&hashes, res.Published, func() int { return files }, add)
		},
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return false, err
	}
	out, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.tmp")
	if err != nil {
		return false, err
	}
	defer os.Remove(out.Name()) // where it was not moved to its name
	err = z.Write(out, tree)
	if err == nil {
		err = out.Chmod(0o644)
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(out.Name(), file)
	}
	return err == nil, err
}
