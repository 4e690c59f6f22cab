package check

import (
	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
)

// contentDir is where people's files are, in the project folder.
const contentDir = "content"

// files are the Markdown and CSV files of the content folder that could be read,
// in order of name. What is wrong with the others is told as they are read.
type files struct {
	list []*content.Document
	tree *content.Tree
}

func newFiles(tree *content.Tree) *files {
	all := &files{tree: tree}
	if tree == nil {
		return all
	}
	for _, d := range tree.Documents() {
		if !d.Unread() {
			all.list = append(all.list, d)
		}
	}
	return all
}

// named is the file of that name, or nil.
func (all *files) named(name string) *content.Document {
	if all.tree == nil {
		return nil // a judgement that is run alone
	}
	if d := all.tree.Document(name); d != nil && !d.Unread() {
		return d
	}
	return nil
}

// locate is the place of byte i of a text that was read at pos. What was
// written may have more than the text that it says: backslashes, quotes, line
// breaks and markup are stepped over.
func (all *files) locate(pos diag.Pos, text string, i int) diag.Pos {
	f := all.named(pos.File)
	if f == nil || pos.Line == 0 {
		return pos
	}
	start := f.Offset(pos)
	raw := start
	for j := 0; raw < len(f.Data); {
		same := f.Data[raw] == text[j] || f.Data[raw] == '\n' && text[j] == ' '
		switch {
		case same && j == i:
			return f.At(raw)
		case same:
			j++
		case raw-start > 2*i+200:
			return pos
		}
		raw++
	}
	return pos
}
