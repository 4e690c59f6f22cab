package editor

import (
	"net/http"
	"path/filepath"
	"strings"

	"minxi/generator/internal/edit"
	"minxi/generator/internal/plan"
)

// pasted is what becomes of what a person pastes.
type pasted struct {
	Text  string `json:"text"`  // without what nobody sees; of a document's HTML, as Markdown
	Notes []text `json:"notes"` // what could not be taken along

	// Suggested is the text with the marks that its language has; the same where there is
	// nothing to suggest. It is taken only if a person says so.
	Suggested string `json:"suggested"`
	Why       []text `json:"why"`
}

// maxPaste is how many bytes of a document may be pasted; Word has thirty for each
// character.
const maxPaste = 9 << 20

// paste answers with what is to be typed in place of what was pasted. Word, WPS and web
// pages put HTML on the clipboard, which becomes Markdown where the field has any.
func (e *Editor) paste(r *http.Request) (any, error) {
	var in struct {
		Text string    `json:"text"`
		HTML string    `json:"html"` // "" where only the text is wanted
		Lang plan.Lang `json:"lang"`
		Line bool      `json:"line"` // a text of one line
	}
	if err := take(r, maxPaste, &in); err != nil {
		return nil, err
	}
	out := pasted{Notes: []text{}, Why: []text{}}
	from := in.Text
	if in.HTML != "" {
		p, err := edit.FromHTML(in.HTML)
		if err != nil {
			return nil, err
		}
		from = p.Markdown
		for _, n := range p.Notes {
			out.Notes = append(out.Notes, text(n))
		}
	}
	clean, suggestions := edit.Clean(from, in.Lang)
	if in.Line {
		joined := strings.Join(strings.Fields(strings.ReplaceAll(clean, "\n", " ")), " ")
		if joined != clean {
			clean, suggestions = edit.Clean(joined, in.Lang)
		}
	}
	out.Text, out.Suggested = clean, edit.Apply(clean, suggestions)
	said := map[text]bool{}
	for _, s := range suggestions {
		if why := text(s.Why); !said[why] {
			said[why] = true
			out.Why = append(out.Why, why)
		}
	}
	return out, nil
}

// convert makes a file UTF-8 that an office program has saved in another encoding.
func (e *Editor) convert(r *http.Request) (any, error) {
	var in struct {
		File string `json:"file"`
	}
	if err := take(r, 4<<10, &in); err != nil {
		return nil, err
	}
	if !filepath.IsLocal(in.File) {
		return nil, notThere(in.File)
	}
	done, err := e.o.Desk.Convert(r.Context(), in.File)
	if err != nil {
		return nil, err
	}
	e.changed()
	return done, nil
}
