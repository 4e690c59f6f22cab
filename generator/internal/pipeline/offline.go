package pipeline

// The site without a network: as one file, to be unpacked and read from a disk, and as
// what readers' browsers keep of a release.

import (
	"archive/zip"
	"crypto/sha256"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"minxi/generator/internal/address"
	"minxi/generator/internal/cache"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/offline"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/proof"
	"minxi/generator/internal/site"
)

// WriteZip writes the tree that a build has left in a folder as a zip for readers
// without a network. One that is there already of the same tree is left, and made is
// false.
func WriteZip(o Options, res *Result, dir, file string) (made bool, err error) {
	list, err := os.ReadFile(filepath.Join(dir, marker))
	if err != nil {
		return false, err
	}
	comment := fmt.Sprintf("minxi offline %x", sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", o.Version, o.Key.Public(), list)))
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
	proofs := map[string]bool{}
	for _, path := range o.proofs() {
		proofs[address.File(path)] = true
	}
	tree, hashes, files := os.DirFS(dir), proof.List{SM3: o.sm3()}, 0
	z := offline.Zip{
		Folder: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), Comment: comment, Day: res.day(),
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

// day is the day of the release, by which its archives are dated.
func (r *Result) day() time.Time {
	if day, err := time.Parse(time.DateOnly, r.Published); err == nil {
		return day
	}
	return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // the first that a zip can tell
}

// kept reports whether browsers are to keep the site, or to forget it. A preview is never
// kept: it changes with every save.
func (o Options) kept() (keep, forget bool) {
	if o.Preview {
		return false, false
	}
	return site.Offline(os.DirFS(o.Dir))
}

// register is the address of the script that has browsers keep the site; "" for none.
func (o Options) register() string {
	if keep, _ := o.kept(); !keep {
		return ""
	}
	return "/" + offline.Asset("js", offline.Register)
}

// ranks are the kinds of page that a browser keeps, those first that it keeps before the
// others where a release is too large to be kept whole. What it does not keep leads to
// what is nearest (offline/worker.js).
var ranks = [][]address.Kind{
	{address.Root, address.Home, address.Whole, address.Page, address.Search},
	{address.Topics, address.Topic, address.Places, address.Place, address.Bodies, address.Body, address.Updates, address.Update},
	{address.Unit, address.Withdrawn, address.Moved},
	{address.Chapter, address.Section, address.Glossary, address.Terms},
	{address.Cross},
	{address.Parallel, address.SiteMap, address.DataPage},
}

// kept writes what browsers need to keep the release: the service worker, the pack, and
// the script that asks for them.
func (w *writer) kept(o Options, s *site.Site, book *address.Book) error {
	keep, forget := o.kept()
	if forget {
		return w.write(address.File(address.WorkerFile), offline.Leave)
	}
	if !keep {
		return nil
	}
	if err := w.write(offline.Asset("js", offline.Register), offline.Register); err != nil {
		return err
	}
	pack, err := w.pack(o, book)
	if err != nil {
		return err
	}
	name := offline.Asset("pack", pack)
	if err := w.write(name, pack); err != nil {
		return err
	}
	kept, lost := map[plan.Lang]string{}, map[plan.Lang]string{}
	for _, l := range plan.Langs {
		kept[l], lost[l] = s.Say(l, "offlineKept"), s.Say(l, "offlineLost")
	}
	return w.write(address.File(address.WorkerFile), offline.Worker(name, kept, lost))
}

// pack is the release as browsers keep it: as many ranks of pages as go into a pack. It is
// kept in the cache by the hashes of the files.
func (w *writer) pack(o Options, book *address.Book) ([]byte, error) {
	sums, err := proof.Parse(w.hashes.SHA256())
	if err != nil {
		return nil, err
	}
	var assets []string
	for name := range sums {
		if ext := path.Ext(name); strings.HasPrefix(name, "assets/") && (ext == ".css" || ext == ".js") || name == "icon.svg" {
			assets = append(assets, name)
		}
	}
	slices.Sort(assets)
	of := map[address.Kind][]string{}
	for a := range book.All() {
		of[a.Kind] = append(of[a.Kind], a.File())
	}
	names := func(ranks [][]address.Kind) (list []string) {
		list = slices.Clone(assets)
		for _, kinds := range ranks {
			for _, k := range kinds {
				list = append(list, of[k]...)
			}
		}
		return list
	}
	var key strings.Builder
	for _, name := range names(ranks) {
		fmt.Fprintf(&key, "%s %s\n", sums[name], name)
	}
	entry := cache.Entry("pack", []byte(key.String()), []byte(o.Version))
	if pack, ok := o.Cache.Get(entry); ok {
		return pack, nil
	}
	in, can := w.out.(Reader)
	if !can {
		return nil, nil // a build that only fills a cache
	}
	for n := len(ranks); n > 0; n-- {
		var files []offline.File
		size := 0
		for _, name := range names(ranks[:n]) {
			data, err := in.Read(name)
			if err != nil {
				return nil, err
			}
			if size += len(data); size > offline.MostUnpacked {
				break
			}
			files = append(files, offline.File{Name: name, Data: data})
		}
		if size > offline.MostUnpacked {
			continue
		}
		if pack := offline.Pack(files); len(pack) <= offline.MostPacked {
			o.Cache.Put(entry, pack)
			return pack, nil
		}
	}
	return nil, diag.Diagnostic{Pos: diag.Pos{File: "hugo.toml"}, Check: "offline",
		Fact: diag.Text("网站太大，浏览器存不下：首页和方案全文就超过 %d KB", "the site is too large for browsers to keep: its home pages and the whole plan alone take more than %d KB", offline.MostPacked>>10),
		Hint: diag.Text("请删去 hugo.toml 里的 offline；可以用 --offline 另做一个 zip。", "Take offline out of hugo.toml; a zip for readers is made by --offline.")}
}
