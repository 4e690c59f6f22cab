package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"minxi/generator/internal/diag"
)

// A Tree is a finished site on this machine.
type Tree struct {
	FS    fs.FS
	Extra map[string][]byte // further files, such as a host's configuration; they replace the tree's own
	Rules Rules

	// Secrets must not stand in any file of the tree, and neither must a line of one
	// that is a key.
	Secrets []string
}

// codings are the content codings in which a build writes twins of its files.
var codings = map[string]string{"br": ".br", "gzip": ".gz"}

// left out of every release: what the build and the operating system leave in
// a folder.
var leftOut = map[string]bool{".built-by-minxi": true, ".DS_Store": true}

// A layout says in which form a host takes the files of a tree.
type layout struct {
	coding string // keep files in this content coding, where the tree has a twin in it; "" as they are
	twins  bool   // the web server in front of the host may look for twins itself
}

// files gives every file in the order of comparePaths, hashed.
func (t Tree) files(l layout) iter.Seq2[File, error] {
	extra := only(these(slices.SortedFunc(maps.Keys(t.Extra), comparePaths)),
		func(name string) (File, bool) { return File{Path: name}, true })
	return func(yield func(File, error) bool) {
		for f, err := range merge(t.walk(l), extra) {
			if err == nil {
				f, err = t.file(f.Path, l)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// walk goes through FS in that order.
func (t Tree) walk(l layout) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		err := fs.WalkDir(t.FS, ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case inArchive(name):
				return diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "publish",
					Fact: diag.Text("网站里不能有 %s 文件夹：发布用它记录版本", "the site may not have a folder %s: publishing keeps its releases there", archiveDir),
					Hint: diag.Text("请改掉它的名字。", "Give it another name.")}
			case d.IsDir():
				return nil
			case !d.Type().IsRegular():
				return diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "publish",
					Fact: diag.Text("这不是普通文件", "this is no ordinary file"),
					Hint: diag.Text("网站里只能有文件和文件夹；请重新构建。", "A site has files and folders only. Build it again.")}
			case leftOut[path.Base(name)], t.isTwin(name) && !l.twins:
				return nil
			case !yield(File{Path: name}, nil):
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(File{}, err)
		}
	}
}

// isTwin reports whether a file is the compressed form of another.
func (t Tree) isTwin(name string) bool {
	for _, ext := range codings {
		if plain, ok := strings.CutSuffix(name, ext); ok {
			if info, err := fs.Stat(t.FS, plain); err == nil && !info.IsDir() {
				return true
			}
		}
	}
	return false
}

// file looks at the bytes of a file, and gives it its headers: with a coding, if the tree
// has its twin.
func (t Tree) file(name string, l layout) (File, error) {
	f := File{Path: name, Header: t.Rules.For(name)}
	_, made := t.Extra[name]
	if ext := codings[l.coding]; ext != "" && !made {
		if _, err := fs.Stat(t.FS, name+ext); err == nil {
			f.Header = maps.Clone(f.Header)
			f.Header["Content-Encoding"] = l.coding
			f.Header["Vary"] = "Accept-Encoding"
		}
	}
	in, err := t.open(f)
	if err != nil {
		return f, err
	}
	defer in.Close()
	sum := sha256.New()
	search := &secretSearch{secrets: secretParts(t.Secrets)}
	f.Size, err = io.Copy(io.MultiWriter(sum, search), in)
	if err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	if search.found {
		return f, diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "publish",
			Fact: diag.Text("文件里有一个发布用的密码或密钥", "the file holds a secret that publishing uses"),
			Hint: diag.Text("请从内容里删掉它，并尽快换一个新的。", "Take it out of the content, and change it soon.")}
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// open gives the bytes of a file as they are to be kept.
func (t Tree) open(f File) (io.ReadCloser, error) {
	if data, made := t.Extra[f.Path]; made {
		return io.NopCloser(bytes.NewReader(data)), nil
	}
	return t.FS.Open(f.Path + codings[f.Header["Content-Encoding"]])
}

// keyLine is a line of key material: Base64, and long enough to be nothing else.
var keyLine = regexp.MustCompile(`^[A-Za-z0-9+/]{24,}={0,2}$`)

// sshHead begins the first line of every OpenSSH key, which tells nothing of it.
const sshHead = "b3BlbnNzaC1rZXktdjEA"

// secretParts are the secrets and, of keys that have several lines, each line: one is
// enough to do harm. In JSON lines end with a backslash and an n.
func secretParts(secrets []string) []string {
	parts := slices.Clone(secrets)
	for _, s := range secrets {
		for line := range strings.SplitSeq(strings.ReplaceAll(s, `\n`, "\n"), "\n") {
			if line = strings.TrimSpace(line); keyLine.MatchString(line) && line != s && !strings.HasPrefix(line, sshHead) {
				parts = append(parts, line)
			}
		}
	}
	return parts
}

// secretSearch looks for secrets in what is written to it.
type secretSearch struct {
	secrets []string
	tail    []byte
	found   bool
}

// shortestSecret is the length from which a secret is looked for; shorter ones
// would be found everywhere.
const shortestSecret = 8

func (s *secretSearch) Write(p []byte) (int, error) {
	longest := 0
	window := append(s.tail, p...)
	for _, secret := range s.secrets {
		if len(secret) >= shortestSecret {
			longest = max(longest, len(secret))
			s.found = s.found || bytes.Contains(window, []byte(secret))
		}
	}
	s.tail = append([]byte(nil), window[len(window)-min(len(window), max(0, longest-1)):]...)
	return len(p), nil
}
