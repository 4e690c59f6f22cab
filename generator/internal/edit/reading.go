package edit

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/readings"
)

// Who has written, checked and released a sentence (package readings) is a piece of it:
// {ID: "s3-2", Field: "checked"} is the name of who has checked the words as they stand,
// "" once they have changed. Saving it enters the words with the name.

const readingsFile = dir + "/" + readings.File

var readingPiece = &pieceKind{
	read: func(doc *content.Document, p piece) (string, diag.Pos) {
		for _, r := range doc.Rows() {
			if r.Cell("id") == string(p.ref.ID) {
				if r.Cell("text") != p.words {
					return "", doc.At(r.Start)
				}
				return strings.TrimSpace(r.Cell(p.ref.Field)), doc.At(r.Start)
			}
		}
		return "", diag.Pos{}
	},
	write: func(_ *Desk, doc *content.Document, p piece, text string) ([]byte, error) {
		name := strings.Join(strings.Fields(text), " ")
		data, _, err := readings.Enter(doc, map[plan.ID]string{p.ref.ID: p.words}, readings.Role(p.ref.Field), name)
		return data, err
	},
}

// Words are those of a sentence as it stands, as [readings.Digest] has them: what the name
// of a reading stands for.
func (d *Desk) Words(id plan.ID) (string, error) {
	p, err := d.piece(Ref{ID: id, Field: string(readings.Checked)})
	return p.words, err
}

// otherWords says that a sentence is another one than was read.
func otherWords(p piece) error {
	return diag.Diagnostic{Pos: diag.Pos{File: p.file}, Check: "readings",
		Fact: diag.Text("您读的时候，%s 还是别的文字", "%s has changed since you read it", p.ref.ID),
		Hint: diag.Text("没有记下名字。请再读一遍现在的文字，再签名。", "The name was not entered. Read it as it stands now, then sign.")}
}

// Sign enters the name of who has read sentences as they stand, all at once. It returns
// those for which something was written. An id that the plan does not have is a finding,
// and nothing is written then.
func (d *Desk) Sign(ctx context.Context, role readings.Role, name string, ids []plan.ID) ([]plan.ID, error) {
	end, err := d.alone(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	words := map[plan.ID]string{}
	documents := map[string]*content.Document{}
	var unknown diag.List
	for _, id := range ids {
		text, err := d.wording(id, documents)
		switch {
		case err != nil && !errors.As(err, new(diag.Diagnostic)):
			return nil, err
		case text.ZH == "":
			unknown = append(unknown, diag.From(noUnit(id))...)
		}
		words[id] = readings.Digest(text)
	}
	if err := unknown.Err(); err != nil {
		return nil, err
	}
	old, err := d.document(readingsFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	data, entered, err := readings.Enter(old, words, role, name)
	if err != nil || len(entered) == 0 {
		return nil, err
	}
	next, err := parse(readingsFile, data)
	if err != nil {
		return nil, err
	}
	at := d.now()
	set := newID(at)
	var tales []Entry
	for _, id := range entered {
		ref := Ref{ID: id, Field: string(role)}
		p := piece{ref: ref, file: readingsFile, kind: readingPiece, words: words[id]}
		tales = append(tales, Entry{ID: set + "-" + string(id), Set: set, Time: at, Who: d.name(""), File: readingsFile, Ref: ref,
			Before: d.version(p, old).Text, After: name, Why: "reading", New: old == nil})
	}
	return entered, d.commit([]string{readingsFile}, map[string]*write{readingsFile: {doc: next, data: data, tales: tales}})
}
