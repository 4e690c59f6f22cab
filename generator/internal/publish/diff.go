package publish

import (
	"iter"
	"path"
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
	File             // as it is going to be; for a deletion, as it is
	Source    string // where its bytes are on this machine, see localFile
	Old       *File  // as the live manifest has it; nil if it does not
	New       bool   // neither the live manifest nor a journal knows the name
	Uncertain bool   // an unfinished publish may have touched it: what the host holds must be looked at
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
func (q comparison) compare(next iter.Seq2[localFile, error], c *changes) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		nextOf, stopNext := iter.Pull2(next)
		defer stopNext()
		liveOf, stopLive := iter.Pull2(q.live.all())
		defer stopLive()
		pendingOf, stopPending := iter.Pull2(q.pending.all())
		defer stopPending()
		n := cursor[localFile]{pull: nextOf}
		l := cursor[File]{pull: liveOf}
		p := cursor[File]{pull: pendingOf}
		for {
			for _, err := range []error{n.fill(), l.fill(), p.fill()} {
				if err != nil {
					yield(File{}, err)
					return
				}
			}
			name := ""
			for _, at := range []struct {
				has  bool
				path string
			}{{n.has, n.v.Path}, {l.has, l.v.Path}, {p.has, p.v.Path}} {
				if at.has && (name == "" || comparePaths(at.path, name) < 0) {
					name = at.path
				}
			}
			if name == "" {
				return
			}
			var coming *localFile
			var old, touched *File
			if n.has && n.v.Path == name {
				v := n.v
				coming, n.has = &v, false
			}
			if l.has && l.v.Path == name {
				v := l.v
				old, l.has = &v, false
			}
			if p.has && p.v.Path == name {
				v := p.v
				touched, p.has = &v, false
			}
			f, stays, err := q.one(coming, old, touched, c)
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
func (q comparison) one(coming *localFile, old, touched *File, c *changes) (File, bool, error) {
	uncertain := touched != nil || q.recheck
	if old != nil && old.Age == 0 {
		c.live++
	}
	if coming != nil {
		switch {
		case old == nil:
			c.Added++
			c.Bytes += coming.Size
		case !q.same(*old, coming.File):
			c.Changed++
			c.Bytes += coming.Size
		case uncertain:
			c.Unsure++
		default:
			c.Same++
			return coming.File, true, nil
		}
		return coming.File, true, c.puts[phaseOf(coming.Path, old == nil, q.live == nil)].add(change{coming.File, coming.source, old, old == nil && touched == nil, uncertain})
	}
	gone := old
	if gone == nil {
		gone = touched
	}
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
	return File{}, false, c.drops.add(change{*gone, "", old, false, uncertain})
}

// cursor is a place in a list.
type cursor[T any] struct {
	pull func() (T, error, bool)
	v    T
	has  bool // v is the next value
	done bool
}

func (c *cursor[T]) fill() error {
	if c.has || c.done {
		return nil
	}
	v, err, ok := c.pull()
	if !ok {
		c.done = true
		return nil
	}
	c.v, c.has = v, err == nil
	return err
}
