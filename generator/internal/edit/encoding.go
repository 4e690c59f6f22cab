package edit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"unicode/utf8"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
)

// Converted is a file that was made UTF-8.
type Converted struct {
	File string `json:"file"`
	From string `json:"from"` // UTF-16, or GBK (GB 18030)
}

// Convert makes a file of the content folder UTF-8 that an office program has saved as
// UTF-16 or GBK. The characters are the same, so the plan's Chinese is converted, too;
// its bytes as they were go into the journal. A file that is UTF-8 already stays as it
// is, and From is "" then. One that would lose a character is refused.
func (d *Desk) Convert(ctx context.Context, file string) (Converted, error) {
	p, err := d.piece(Ref{File: file, Field: Whole})
	if err != nil {
		return Converted{}, err
	}
	end, err := d.alone(ctx)
	if err != nil {
		return Converted{}, err
	}
	defer end()
	data, err := read(d.disk, p.file)
	if err != nil {
		return Converted{}, err
	}
	if isText(data) {
		return Converted{File: file}, nil
	}
	text, from, ok := content.Decode(data)
	if !ok {
		return Converted{}, diag.Diagnostic{Pos: diag.Pos{File: file}, Check: "encoding",
			Fact: diag.Text("认不出这个文件的编码，或有的字节转不了", "the encoding of this file is not known, or some of its bytes cannot be converted"),
			Hint: diag.Text("从版本记录里恢复它，或在原来的软件里另存为 UTF-8。", "Restore it from the history, or save it as UTF-8 in the program that it comes from.")}
	}
	at := d.now()
	set := newID(at)
	said := normal(string(text))
	w := &write{data: text, tales: []Entry{{ID: set + "-0", Set: set, Time: at, Who: d.name(""), Ref: p.ref, File: file,
		Before: said, After: said, Bytes: data, Why: fmt.Sprintf("%s to UTF-8", from)}}}
	return Converted{file, from}, d.commit([]string{file}, map[string]*write{file: w})
}

func isText(data []byte) bool { return utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 }

// ConvertAll does so with every file of the content folder. One that cannot be converted
// is a finding, and the others are all the same.
func (d *Desk) ConvertAll(ctx context.Context) (done []Converted, found diag.List, err error) {
	var walk func(folder string) error
	walk = func(folder string) error {
		entries, err := d.disk.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			name := path.Join(folder, e.Name())
			switch ext := path.Ext(name); {
			case hidden(e.Name()):
			case e.IsDir():
				if err := walk(name); err != nil {
					return err
				}
			case ext == ".md" || ext == ".csv":
				data, err := d.disk.ReadFile(name)
				if err != nil || isText(data) {
					continue
				}
				c, err := d.Convert(ctx, name)
				var one diag.Diagnostic
				if errors.As(err, &one) {
					found = append(found, one)
				} else if err != nil {
					return err
				} else if c.From != "" {
					done = append(done, c)
				}
			}
		}
		return nil
	}
	err = walk(dir)
	return done, found, err
}
