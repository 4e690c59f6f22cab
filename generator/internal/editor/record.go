package editor

import (
	"context"
	"net/http"
	"strings"

	"minxi/generator/internal/changes"
	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
)

// Recorder knows earlier states of the content and records this one. The command has one,
// so that the editor knows nothing of git.
type Recorder interface {
	// Changed tells what is different from an earlier state ("" for the one that a person
	// would ask for first), and proposes a message in a language.
	Changed(ctx context.Context, since string, lang plan.Lang) (Record, error)
	// Record records the content, and reports whether there was anything to record.
	Record(ctx context.Context, message string) (bool, error)
	// HasGit reports whether this computer has the program that records.
	HasGit() bool
}

// Record is what is different from an earlier state.
type Record struct {
	Git     bool      // whether there is something to record with; else the journal alone keeps what was changed
	Earlier []Earlier // states that one can compare with
	Since   string    // the one of them that this is compared with; "" for none
	Changes []changes.Change
	Waiting bool   // whether there is something to record
	Message string // that is proposed for it
}

// Earlier is an earlier state of the content.
type Earlier struct {
	Name  string
	Title plan.Text
}

// changed answers with what is different from ?since=.
func (e *Editor) changedSince(r *http.Request) (any, error) {
	if e.o.Recorder == nil {
		return nil, notThere("record")
	}
	rec, err := e.o.Recorder.Changed(r.Context(), r.FormValue("since"), e.lang(r))
	if err != nil {
		return nil, err
	}
	type line struct {
		Text text   `json:"text"`
		To   string `json:"to"`
	}
	type earlier struct {
		Name  string `json:"name"`
		Title text   `json:"title"`
	}
	tree := e.tree()
	lines, states := []line{}, []earlier{}
	for _, c := range rec.Changes {
		one := line{Text: text(c.Text)}
		if c.ID != "" {
			one.To = "/edit/" + string(c.ID) + "/en"
		} else if d := tree.Document(c.File); d != nil {
			one.To = e.toFile(tree, c.File, 1)
		}
		lines = append(lines, one)
	}
	for _, s := range rec.Earlier {
		states = append(states, earlier{s.Name, text(s.Title)})
	}
	return map[string]any{"git": rec.Git, "installed": e.o.Recorder.HasGit(), "earlier": states, "since": rec.Since, "changes": lines, "waiting": rec.Waiting, "message": rec.Message, "author": thisAuthor()}, nil
}

// record records the content as it stands.
func (e *Editor) record(r *http.Request) (any, error) {
	var in struct {
		Message string `json:"message"`
	}
	if err := take(r, maxText, &in); err != nil {
		return nil, err
	}
	if e.o.Recorder == nil {
		return nil, notThere("record")
	}
	if strings.TrimSpace(in.Message) == "" {
		return nil, diag.Diagnostic{Check: "git", Fact: diag.Text("说明是空的", "the message is empty"), Hint: diag.Text("写一句话，说说改了什么。", "Write a sentence about what has changed.")}
	}
	done, err := e.o.Recorder.Record(r.Context(), in.Message)
	if err != nil {
		return nil, err
	}
	return map[string]bool{"recorded": done}, nil
}
