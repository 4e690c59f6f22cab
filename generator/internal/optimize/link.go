package optimize

import (
	"bytes"
	"path"
	"strings"
)

// A place is where a file stands in the tree, as far as its links care.
type place struct {
	dirs  []string // the folders it is in, outermost first
	name  string
	index bool // name the index file of a folder

	// unpack takes links that are relative already and lead to folders, and nothing else.
	unpack bool

	// A page without a place of its own has rooted links, behind base.
	rooted bool
	base   string
}

func (o *Optimizer) place(name string) *place {
	segments := strings.Split(strings.TrimPrefix(path.Clean("/"+name), "/"), "/")
	last := len(segments) - 1
	return &place{
		dirs:   segments[:last],
		name:   segments[last],
		index:  o.opts.IndexFile,
		rooted: segments[last] == "404.html",
		base:   o.opts.BasePath,
	}
}

// appendLink appends what becomes of a URL here and reports whether it becomes
// anything: it appends nothing for a URL that is not root-relative.
//
// The URL may be written in HTML, CSS or plainly. It is compared and cut, never
// decoded, and what is put in front of it is dots and slashes, which mean the
// same in all of them. So every escape survives, and a folder that is escaped
// in the URL and not in the path costs a longer link, not a wrong one.
func (p *place) appendLink(dst, url []byte) ([]byte, bool) {
	if p.unpack {
		return appendIndex(dst, url)
	}
	if len(url) == 0 || url[0] != '/' {
		return dst, false
	}
	// "//host/" names another host; browsers read "/\host/" and "/<tab>/host/"
	// in the same way, and "/&" may be either of them in disguise.
	if len(url) > 1 && (url[1] <= ' ' || strings.IndexByte(`/\&`, url[1]) >= 0) {
		return dst, false
	}
	if p.rooted {
		if p.base == "" {
			return dst, false
		}
		return append(append(dst, p.base...), url...), true
	}

	target, tail := cutPath(url)
	rest := target[1:]
	shared := 0
	for shared < len(p.dirs) {
		dir, after, found := bytes.Cut(rest, []byte("/"))
		if !found || string(dir) != p.dirs[shared] {
			break
		}
		rest = after
		shared++
	}
	here := shared == len(p.dirs)
	self := here && (string(rest) == p.name || len(rest) == 0 && p.name == "index.html")
	if self && len(tail) > 0 && tail[0] == '#' {
		return append(dst, tail...), true
	}

	for range len(p.dirs) - shared {
		dst = append(dst, "../"...)
	}
	folder := len(rest) == 0 || rest[len(rest)-1] == '/'
	if here && !standsAlone(rest) && !(len(rest) == 0 && p.index) {
		dst = append(dst, "./"...)
	}
	dst = append(dst, rest...)
	if folder && p.index {
		dst = append(dst, "index.html"...)
	}
	return append(dst, tail...), true
}

// cutPath cuts a URL before its query or fragment. The number sign of a
// character reference in HTML, as in "&#43;", begins no fragment.
func cutPath(url []byte) (target, tail []byte) {
	for i, c := range url {
		if c == '?' || c == '#' && url[i-1] != '&' {
			return url[:i], url[i:]
		}
	}
	return url, nil
}

// standsAlone reports whether rest can begin a relative URL as it is. It cannot
// if it is empty, if a colon would make its first segment a scheme, or if its
// first character would mean something else to a URL, to an attribute without
// quotes or to srcset.
func standsAlone(rest []byte) bool {
	if len(rest) == 0 {
		return false
	}
	c := rest[0]
	if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '%' || c == '-' || c == '.' || c == '_' || c >= 0x80) {
		return false
	}
	first, _, _ := bytes.Cut(rest, []byte("/"))
	return !bytes.ContainsAny(first, `:&\`)
}

// appendIndex appends a relative URL that leads to a folder with the name of its index
// file, and reports whether it is one.
func appendIndex(dst, url []byte) ([]byte, bool) {
	if len(url) == 0 || url[0] == '/' || url[0] == '#' || url[0] == '?' {
		return dst, false
	}
	target, tail := cutPath(url)
	if first, _, _ := bytes.Cut(target, []byte("/")); bytes.IndexByte(first, ':') >= 0 {
		return dst, false // a scheme
	}
	switch last := target[bytes.LastIndexByte(target, '/')+1:]; string(last) {
	case "":
	case ".", "..":
		target = append(target[:len(target):len(target)], '/')
	default:
		return dst, false
	}
	return append(append(append(dst, target...), "index.html"...), tail...), true
}
