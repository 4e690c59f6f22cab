package check

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// contentDir is where people's files are, in the project folder.
const contentDir = "content"

// files are the Markdown and CSV files of the content folder as bytes.
type files struct {
	list   []*file // in order of name
	byName map[string]*file
}

// file is one file.
type file struct {
	name  string // content/pages/about.zh.md
	data  []byte
	lang  plan.Lang // "" for tables
	front span      // of the front matter, without its --- lines
	body  int       // offset of what follows the front matter

	lines []int  // offset of each line, once asked for
	prose []byte // what running returns

	linked bool
	links  []reference // once linked
}

type span struct{ start, end int }

// readFiles reads every file once. One that cannot be read is told by content.
func readFiles(fsys fs.FS) *files {
	all := &files{byName: map[string]*file{}}
	_ = fs.WalkDir(fsys, contentDir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		ext := path.Ext(name)
		if ext != ".md" && ext != ".csv" {
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil
		}
		f := &file{name: name, data: data}
		if ext == ".md" {
			f.lang = plan.ZH
			if strings.HasSuffix(name, ".en.md") {
				f.lang = plan.EN
			}
			f.split()
		}
		all.list = append(all.list, f)
		all.byName[name] = f
		return nil
	})
	return all
}

func (f *file) isMarkdown() bool { return f.lang != "" }

// isPlan reports whether the file holds sentences of the plan.
func (f *file) isPlan() bool { return strings.HasPrefix(f.name, contentDir+"/plan/") }

// split finds the front matter; a file without any is all body.
func (f *file) split() {
	bom := 0
	if bytes.HasPrefix(f.data, []byte("\ufeff")) {
		bom = len("\ufeff")
	}
	start, fence := 0, 0
	for i := bom; i < len(f.data); {
		end := len(f.data)
		if n := bytes.IndexByte(f.data[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		is := string(bytes.TrimRight(f.data[i:end], " \t\r\n")) == "---"
		switch {
		case fence == 0 && !is:
			return
		case fence == 0:
			start, fence = end, 1
		case is:
			f.front, f.body = span{start, i}, end
			return
		}
		i = end
	}
}

// at is the place of a byte.
func (f *file) at(offset int) diag.Pos {
	if f.lines == nil {
		f.lines = []int{0}
		for i, b := range f.data {
			if b == '\n' {
				f.lines = append(f.lines, i+1)
			}
		}
	}
	line := sort.SearchInts(f.lines, offset+1) // lines that start at or before offset
	start := f.lines[line-1]
	if line == 1 && bytes.HasPrefix(f.data, []byte("\ufeff")) && offset > 0 {
		start = len("\ufeff")
	}
	return diag.Pos{File: f.name, Line: line, Col: utf8.RuneCount(f.data[start:offset]) + 1}
}

// offset is the first byte of a place.
func (f *file) offset(pos diag.Pos) int {
	f.at(0)
	if pos.Line < 1 || pos.Line > len(f.lines) {
		return len(f.data)
	}
	i := f.lines[pos.Line-1]
	for n := 1; n < pos.Col && i < len(f.data); n++ {
		_, size := utf8.DecodeRune(f.data[i:])
		i += size
	}
	return i
}

// locate is the place of byte i of a text that was read at pos. What was
// written may have more than the text that it says: backslashes, quotes, line
// breaks and markup are stepped over.
func (all *files) locate(pos diag.Pos, text string, i int) diag.Pos {
	f := all.byName[pos.File]
	if f == nil || pos.Line == 0 {
		return pos
	}
	start := f.offset(pos)
	raw := start
	for j := 0; raw < len(f.data); {
		same := f.data[raw] == text[j] || f.data[raw] == '\n' && text[j] == ' '
		switch {
		case same && j == i:
			return f.at(raw)
		case same:
			j++
		case raw-start > 2*i+200:
			return pos
		}
		raw++
	}
	return pos
}

// running is the body with everything that is not running text blanked out byte
// by byte: code, attribute lines and shortcodes become spaces, an escaped
// character becomes full stops. Line breaks stay, so offsets and lines hold.
func (f *file) running() []byte {
	if f.prose != nil {
		return f.prose
	}
	out := slices.Clone(f.data)
	blank := func(start, end int) {
		for i := start; i < end; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	blank(0, f.body)
	fence := ""
	for i := f.body; i < len(out); {
		end := len(out)
		if n := bytes.IndexByte(out[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		line := string(bytes.TrimSpace(out[i:end]))
		mark := fenceOf(line)
		switch {
		case fence == "" && mark != "":
			fence = mark
			blank(i, end)
		case fence != "":
			if strings.HasPrefix(mark, fence) && mark == line {
				fence = ""
			}
			blank(i, end)
		case strings.HasPrefix(line, "{#"):
			blank(i, end)
		}
		i = end
	}
	for i := f.body; i < len(out); {
		switch c := out[i]; {
		case c == '\\' && i+1 < len(out) && isASCIIPunct(out[i+1]):
			out[i], out[i+1] = '.', '.'
			i += 2
		case c == '{' && i+2 < len(out) && out[i+1] == '{' && (out[i+2] == '<' || out[i+2] == '%'):
			end := bytes.Index(out[i:], []byte("}}"))
			if end < 0 {
				end = len(out) - i - 2
			}
			blank(i, i+end+2)
			i += end + 2
		case c == '`':
			n := runLength(out[i:], '`')
			i += n
			if end := closingTicks(out[i:], n); end >= 0 {
				blank(i-n, i+end)
				i += end
			}
		default:
			i++
		}
	}
	f.prose = out
	return out
}

// fenceOf is the run of backticks or tildes that a line of code fence starts with.
func fenceOf(line string) string {
	for _, c := range []byte("`~") {
		if n := runLength([]byte(line), c); n >= 3 && (c == '~' || !strings.Contains(line[n:], "`")) {
			return line[:n]
		}
	}
	return ""
}

func runLength(b []byte, c byte) int {
	n := 0
	for n < len(b) && b[n] == c {
		n++
	}
	return n
}

// closingTicks is the end of the next run of exactly n backticks in the same
// paragraph, or -1.
func closingTicks(b []byte, n int) int {
	if end := bytes.Index(b, []byte("\n\n")); end >= 0 {
		b = b[:end]
	}
	for i := 0; i < len(b); i++ {
		if b[i] == '`' {
			m := runLength(b[i:], '`')
			if m == n {
				return i + m
			}
			i += m
		}
	}
	return -1
}

func isASCIIPunct(c byte) bool {
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z')
}
