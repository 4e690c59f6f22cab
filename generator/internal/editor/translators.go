package editor

import (
	"bytes"
	"net/http"
	"os"
	"path"
	"slices"

	"minxi/generator/internal/content"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/edit"
	"minxi/generator/internal/exchange"
	"minxi/generator/internal/plan"
)

// maxTranslation is how many bytes a translator's file may have that is taken back here.
const maxTranslation = 20 << 20

// kinds of the files that are written, for browsers.
var exportKinds = map[string]string{
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlf":  "application/xliff+xml", ".po": "text/x-gettext-translation; charset=utf-8", ".tmx": "application/xml", ".tbx": "application/x-tbx",
}

// export answers with a file for translators: ?name=review.docx, and ?open for what is
// missing or out of date alone.
func (e *Editor) export(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.FormValue("name"))
	format, known := exchange.ForFile(name)
	if !known || exportKinds[format.Ext] == "" {
		http.NotFound(w, r)
		return
	}
	tree, found := e.sound()
	var b bytes.Buffer
	err := found.Err()
	if err == nil {
		doc := exchange.Of(tree)
		if r.FormValue("open") != "" {
			doc.Segments = slices.DeleteFunc(doc.Segments, func(s exchange.Segment) bool { return s.State == exchange.Current })
		}
		err = format.Write(&b, doc)
	}
	if err != nil {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusUnprocessableEntity)
		diag.From(err).Print(w, e.lang(r))
		return
	}
	w.Header().Set("Content-Type", exportKinds[format.Ext])
	w.Header().Set("Content-Disposition", `attachment; filename="translation`+format.Ext+`"`)
	w.Write(b.Bytes())
}

// sound is the content with what is wrong with it as far as it could not be read: then
// nothing is given to translators and nothing is taken back.
func (e *Editor) sound() (*content.Tree, diag.List) {
	return content.Load(os.DirFS(e.o.Dir), "content")
}

// taken is a sentence of a translator's file that can be taken.
type taken struct {
	ID      plan.ID `json:"id"`
	Chinese string  `json:"zh"`
	Before  string  `json:"before"`
	After   string  `json:"after"`
}

// translated takes a translator's file back, sentence by sentence, with reasons for what
// is refused. Unless Really is set it tells what it would do, and writes nothing.
func (e *Editor) translated(r *http.Request) (any, error) {
	var in struct {
		Name   string `json:"name"`
		Data   []byte `json:"data"`   // base64
		Accept bool   `json:"accept"` // tracked changes that nobody has decided on are accepted
		Really bool   `json:"really"`
	}
	if err := take(r, maxTranslation*4/3+4<<10, &in); err != nil {
		return nil, err
	}
	name := path.Base(in.Name)
	format, known := exchange.ForFile(name)
	if !known || format.Terms {
		return nil, diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "translate", Fact: diag.Text("读不了这种文件", "this kind of file is not read back"),
			Hint: diag.Text("能读 .docx（Word）、.xlf、.po、.tmx。", "Files that are: .docx (Word), .xlf, .po and .tmx.")}
	}
	tree, found := e.sound()
	if err := found.Err(); err != nil {
		return nil, err
	}
	file, err := format.Read(name, in.Data)
	if err != nil {
		return nil, err
	}
	if in.Accept {
		file.AcceptChanges()
	}
	doc := exchange.Of(tree)
	inFile := map[plan.ID]bool{}
	for _, u := range file.Units {
		inFile[u.ID] = true
	}
	// A file may have been written with what was open alone.
	doc.Segments = slices.DeleteFunc(doc.Segments, func(s exchange.Segment) bool { return !inFile[s.ID] && s.State == exchange.Current })
	units, refused := exchange.Accept(doc, file)
	var changes []edit.Change
	list := []taken{}
	for _, u := range units {
		now, err := e.o.Desk.Unit(u.ID)
		if err != nil {
			return nil, err
		}
		changes = append(changes, edit.Change{Ref: now.English.Ref, Text: u.Target, Base: now.English.Hash, Accept: true, Why: "translate import " + name})
		list = append(list, taken{u.ID, now.Chinese.Text, now.English.Text, u.Target})
	}
	var outcomes []edit.Outcome
	if in.Really {
		outcomes, err = e.o.Desk.SaveAll(r.Context(), "", changes...)
		e.changed()
	} else {
		outcomes, err = e.o.Desk.Try(changes...)
	}
	if err != nil {
		return nil, err
	}
	good := list[:0]
	for i, o := range outcomes {
		if o.Err != nil {
			refused = append(refused, diag.From(o.Err)...)
		} else {
			good = append(good, list[i])
		}
	}
	return map[string]any{"taken": good, "refused": shown(refused), "written": in.Really}, nil
}
