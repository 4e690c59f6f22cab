package editor

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"minxi/generator/internal/diag"
	"minxi/generator/internal/plan"
	"minxi/generator/internal/seed"
)

// maxEdition is how many bytes the text of a plan may have that is looked at here.
const maxEdition = 8 << 20

// editionChange is a sentence or heading that another edition has otherwise.
type editionChange struct {
	What   string `json:"what"` // changed, added or gone
	ID     string `json:"id"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// edition compares the content with the text of another edition, and writes nothing.
func (e *Editor) edition(r *http.Request) (any, error) {
	var in struct {
		Name string `json:"name"`
		Data []byte `json:"data"` // base64
	}
	if err := take(r, maxEdition*4/3+4<<10, &in); err != nil {
		return nil, err
	}
	name := "seeds/" + strings.ReplaceAll(in.Name, "/", "-")
	if !utf8.Valid(in.Data) {
		return nil, diag.Diagnostic{Pos: diag.Pos{File: name}, Check: "encoding",
			Fact: diag.Text("这个文件不是 UTF-8 文本", "this file is no UTF-8 text"),
			Hint: diag.Text("在记事本里“另存为”，编码选 UTF-8，再来一次。", "Save it in your editor with the encoding UTF-8, then try again.")}
	}
	other, account, err := seed.Read(name, in.Data)
	if err != nil {
		return nil, err
	}
	changes := []editionChange{}
	was := map[string]string{}
	for _, line := range textsOf(e.tree().Plan) {
		was[line[0]] = line[1]
	}
	same := 0
	for _, line := range textsOf(other) {
		before, has := was[line[0]]
		delete(was, line[0])
		switch {
		case !has:
			changes = append(changes, editionChange{"added", line[0], "", line[1]})
		case before != line[1]:
			changes = append(changes, editionChange{"changed", line[0], before, line[1]})
		default:
			same++
		}
	}
	for _, line := range textsOf(e.tree().Plan) {
		if before, left := was[line[0]]; left {
			changes = append(changes, editionChange{"gone", line[0], before, ""})
		}
	}
	return map[string]any{"changes": changes, "same": same, "counts": other.Count(), "notes": shown(account.Notes), "command": "generator import " + name + " --overwrite"}, nil
}

// textsOf lists the Chinese of a plan's headings and sentences with what they are
// called, in order.
func textsOf(p *plan.Plan) (list [][2]string) {
	add := func(name, text string) {
		if text != "" {
			list = append(list, [2]string{name, text})
		}
	}
	for _, d := range divisions(p) {
		name := d.name
		if name == "p" {
			name = "title"
		}
		add(name, d.title.ZH)
		for _, u := range d.units {
			add(string(u.ID), u.Text.ZH)
		}
	}
	return list
}
