package publish

import (
	"cmp"
	"iter"
	"path"
	"slices"
	"strings"
)

// A phase is a part of a publish that must be complete before the next begins.
// New pages come before the changed ones that link to them, and what a reader
// meets first comes last. What a new page's <link> refers to is there before it:
// a new feed is of no use to anybody without its page, so it goes with the assets.
type phase int

const (
	assets phase = iota // what pages are made of, data, new feeds
	newPages
	changedPages
	entrances // home pages, feeds, site maps
	phases    // how many there are
)

// phaseOf finds the phase of a file. first says that there is no site yet.
func phaseOf(name string, isNew, first bool) phase {
	base := path.Base(name)
	home := name == "index.html" || base == "index.html" && strings.Count(name, "/") == 1
	switch {
	case base == "feed.xml" && isNew:
		return assets
	case home && isNew && !first: // of a new language, to which all pages link
		return newPages
	case home, base == "feed.xml", strings.HasPrefix(base, "sitemap"), name == "robots.txt", strings.HasPrefix(name, "_"):
		return entrances
	case path.Ext(name) != ".html":
		return assets
	case isNew:
		return newPages
	}
	return changedPages
}

// A change is one file that a publish puts or deletes.
type change struct {
	File            // as it is going to be; for a deletion, as it is
	Old       *File // as the live manifest has it; nil if it does not
	New       bool  // neither the live manifest nor a journal knows the name
	Gone      bool  // it is deleted
	Uncertain bool  // an unfinished publish may have touched it: what the host holds must be looked at
}

// changes are what leads from one release to the next. The caller closes them.
type changes struct {
	puts    [phases]*spool[change]
	drops   *spool[change]
	Same    int // files that stay as they are
	Kept    int // assets that only older releases use, and that stay
	Added   int
	Changed int
	Unsure  int   // files that should be the same, and that must be looked at
	Bytes   int64 // to be sent
	Dropped int64 // bytes of what is deleted
	live    int   // files of age 0 in the live release
	lost    int   // of these, how many go
}

func (c *changes) deleted() int { return c.drops.len() }

// put is how many files are put.
func (c *changes) put() (n int) {
	for _, s := range c.puts {
		n += s.len()
	}
	return n
}

// arriving are the files that are put, phase after phase.
func (c *changes) arriving() iter.Seq2[change, error] {
	var all []iter.Seq2[change, error]
	for _, s := range c.puts {
		all = append(all, s.all())
	}
	return inTurn(all...)
}

// all are those and then the files that are deleted.
func (c *changes) all() iter.Seq2[change, error] { return inTurn(c.arriving(), c.drops.all()) }

// none reports whether the site is the same. That assets of earlier releases are
// due to go is no reason for a new release.
func (c *changes) none() bool { return c.Added+c.Changed+c.Unsure+c.lost == 0 }

func (c *changes) close() {
	for _, s := range append(c.puts[:], c.drops) {
		s.close()
	}
}

// keepFor is for how many releases an asset stays that no page uses any more.
const keepFor = 2

// A comparison is what a publish starts from: the live release, the release to
// come, and what unfinished publishes may have touched.
type comparison struct {
	live    *Manifest // nil for none
	pending *Manifest // union of journals; nil for none
	recheck bool      // trust no manifest: every file is uncertain
	same    func(a, b File) bool
	holds   func(File) (bool, error) // asks the host
}

// compare goes through all three lists at once and gives the files of the coming
// release in order, those that are kept for a while included; what there is to do
// is gathered in c on the way.
func (q comparison) compare(next iter.Seq2[File, error], c *changes) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		for row, err := range align(next, q.live.all(), q.pending.all()) {
			var f File
			stays := false
			if err == nil {
				f, stays, err = q.one(row[0], row[1], row[2], c)
			}
			if err != nil {
				yield(File{}, err)
				return
			}
			if stays && !yield(f, nil) {
				return
			}
		}
	}
}

// one decides about one path. It reports whether the coming release has it.
func (q comparison) one(coming, old, touched *File, c *changes) (File, bool, error) {
	uncertain := touched != nil || q.recheck
	if old != nil && old.Age == 0 {
		c.live++
	}
	if coming != nil {
		switch {
		case old == nil:
			c.Added++
			c.Bytes += coming.Size
		case !q.same(*old, *coming):
			c.Changed++
			c.Bytes += coming.Size
		case uncertain:
			c.Unsure++
		default:
			c.Same++
			return *coming, true, nil
		}
		put := change{*coming, old, old == nil && touched == nil, false, uncertain}
		return *coming, true, c.puts[phaseOf(coming.Path, old == nil, q.live == nil)].add(put)
	}
	gone := cmp.Or(old, touched)
	if gone.immutable() && gone.Age < keepFor {
		held := !uncertain
		if uncertain {
			var err error
			if held, err = q.holds(*gone); err != nil {
				return File{}, false, err
			}
		}
		if held {
			c.Kept++
			kept := *gone
			kept.Age++
			return kept, true, nil
		}
	}
	if old != nil && old.Age == 0 {
		c.lost++
	}
	c.Dropped += gone.Size
	return File{}, false, c.drops.add(change{*gone, old, false, true, uncertain})
}

// align goes through lists of files, each in the order of comparePaths, at once: for
// each path it gives what each list has of it, nil if nothing.
func align(lists ...iter.Seq2[File, error]) iter.Seq2[[]*File, error] {
	return func(yield func([]*File, error) bool) {
		pulls := make([]func() (File, error, bool), len(lists))
		heads := make([]*File, len(lists)) // the next of each, nil at its end
		var broken error
		pull := func(i int) {
			heads[i] = nil
			if f, err, ok := pulls[i](); err != nil {
				broken = err
			} else if ok {
				heads[i] = &f
			}
		}
		for i, list := range lists {
			next, stop := iter.Pull2(list)
			defer stop()
			pulls[i] = next
			pull(i)
		}
		for broken == nil {
			var first *File
			for _, h := range heads {
				if h != nil && (first == nil || comparePaths(h.Path, first.Path) < 0) {
					first = h
				}
			}
			if first == nil {
				return
			}
			row := make([]*File, len(lists))
			for i, h := range heads {
				if h != nil && h.Path == first.Path {
					row[i] = h
					pull(i)
				}
			}
			if !yield(row, nil) {
				return
			}
		}
		yield(nil, broken)
	}
}

// merge goes through lists in order; of a path in several, the latest list's file
// counts.
func merge(lists ...iter.Seq2[File, error]) iter.Seq2[File, error] {
	return only(align(lists...), func(row []*File) (f File, is bool) {
		for _, has := range row {
			if has != nil {
				f = *has
			}
		}
		return f, true
	})
}

// onlyIn gives the names that are in one manifest and not in another.
func onlyIn(one, other *Manifest) (map[string]bool, error) {
	names := map[string]bool{}
	for row, err := range align(one.all(), other.all()) {
		if err != nil {
			return nil, err
		}
		if row[0] != nil && row[1] == nil {
			names[row[0].Path] = true
		}
	}
	return names, nil
}

// union makes one list of several journals, nil if there is none. The caller closes it,
// and the journals.
func union(journals []*Manifest) (*Manifest, error) {
	journals = slices.DeleteFunc(journals, func(j *Manifest) bool { return j == nil })
	if len(journals) == 0 {
		return nil, nil
	}
	var lists []iter.Seq2[File, error]
	for _, j := range journals {
		lists = append(lists, j.all())
	}
	return writeManifest(journals[0].Release, merge(lists...))
}
